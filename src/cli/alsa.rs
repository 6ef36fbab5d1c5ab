//! What ALSA would write to stderr by itself.

/// Keeps it from this thread's stderr: what fails is told by our own errors.
#[cfg(target_os = "linux")]
pub(super) fn mute() {
    // What it writes stays in a buffer of the thread that nobody reads.
    drop(alsa::Output::local_error_handler());
}

/// Other systems write nothing.
#[cfg(not(target_os = "linux"))]
pub(super) fn mute() {}
