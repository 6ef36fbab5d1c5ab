//! Ctrl-C, and the signals that would end the process where an error message is wanted.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::failure::{Failure, STOPPED};
use super::terminal::Terminal;
use crate::base::Cancel;

/// Presses further apart than this have nothing to do with each other.
const PATIENCE: Duration = Duration::from_secs(2);

/// The flag that Ctrl-C raises.
#[derive(Clone, Debug)]
pub(super) struct Interrupt {
    cancel: Cancel,
    waiting: Arc<AtomicBool>,
}

impl Interrupt {
    /// Turns Ctrl-C into a raised `cancel`: the first press asks the work to stop, a second one within
    /// two seconds says that it is stopping, a third one ends the process with 130.
    ///
    /// # Errors
    /// [`Failure::Failed`] if the operating system refuses the handler.
    pub(super) fn watch(cancel: Cancel, terminal: &Terminal) -> Result<Self, Failure> {
        let interrupt = Self { cancel, waiting: Arc::default() };
        let (mine, terminal, mut presses) = (interrupt.clone(), terminal.clone(), Presses::default());
        ctrlc::set_handler(move || {
            if mine.waiting.load(Ordering::SeqCst) {
                process::exit(i32::from(STOPPED));
            }
            mine.cancel.raise();
            match presses.press(Instant::now()) {
                1 => {}
                2 => terminal.tell("stopping at the next safe point; once more ends the program"),
                _ => process::exit(i32::from(STOPPED)),
            }
        })?;
        Ok(interrupt)
    }

    /// The flag, for the work to look at.
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Does `work` and stops it when it has taken longer than `most`.
    pub(super) fn within<R>(&self, most: Duration, work: impl FnOnce() -> R) -> R {
        let (done, watched) = mpsc::channel::<()>();
        let cancel = self.cancel.clone();
        std::thread::scope(|threads| {
            threads.spawn(move || {
                if watched.recv_timeout(most) == Err(RecvTimeoutError::Timeout) {
                    cancel.expire();
                }
            });
            let result = work();
            drop(done);
            result
        })
    }

    /// Lowers the flag for the next piece of work if it was raised because a time was over, and not by
    /// somebody.
    pub(super) fn forget_time(&self) {
        if self.cancel.has_expired() {
            self.cancel.reset();
        }
    }

    /// Runs `wait`, which waits for a person and does no work: a signal then ends the program at once.
    pub(super) fn while_waiting<R>(&self, wait: impl FnOnce() -> R) -> R {
        self.waiting.store(true, Ordering::SeqCst);
        let result = wait();
        self.waiting.store(false, Ordering::SeqCst);
        result
    }
}

/// Presses of Ctrl-C that followed each other closely.
#[derive(Debug, Default)]
struct Presses {
    count: u32,
    last: Option<Instant>,
}

impl Presses {
    /// Counts one more press at `now`; a late one counts from 1 again.
    fn press(&mut self, now: Instant) -> u32 {
        let follows = self.last.is_some_and(|last| now.duration_since(last) <= PATIENCE);
        self.count = if follows { self.count + 1 } else { 1 };
        self.last = Some(now);
        self.count
    }
}

/// Makes a write past the file-size limit an error like any other: SIGXFSZ, which would end the
/// process and leave a half-written file, is blocked in this thread and those it starts.
///
/// # Errors
/// [`Failure::Failed`] if the operating system refuses the mask.
#[cfg(unix)]
pub(super) fn keep_file_size_errors() -> Result<(), Failure> {
    use nix::sys::signal::{SigSet, Signal};
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGXFSZ);
    signals.thread_block()?;
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn keep_file_size_errors() -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presses_count_while_they_follow_closely() {
        let start = Instant::now();
        let mut presses = Presses::default();
        let after = |tenths: u64| start + Duration::from_millis(100 * tenths);
        assert_eq!([0, 10, 25, 60, 61].map(|t| presses.press(after(t))), [1, 2, 3, 1, 2]);
    }
}
