//! The process that started this one: a kernel does not outlive its server.

use std::process;
use std::thread::{sleep, spawn};
use std::time::Duration;

use super::failure::STOPPED;

/// Set by Jupyter to the number of the process that starts kernels.
const VARIABLE: &str = "JPY_PARENT_PID";
/// Between two looks.
const TICK: Duration = Duration::from_secs(1);

/// Ends this process once the server that started it has gone without saying so.
#[cfg(unix)]
pub(super) fn end_with_it() {
    use std::os::unix::process::parent_id;
    let named = std::env::var(VARIABLE).ok().and_then(|number| number.parse::<u32>().ok());
    // Whoever starts kernels through another process has to end them.
    if named.is_none_or(|server| server != parent_id()) {
        return;
    }
    let server = parent_id();
    spawn(move || {
        while parent_id() == server {
            sleep(TICK);
        }
        process::exit(i32::from(STOPPED));
    });
}

#[cfg(not(unix))]
pub(super) fn end_with_it() {}
