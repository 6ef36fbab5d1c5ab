//! One line on stderr that says how far long work is, while a person watches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::base::Progress;

/// A bar that appears with the first report and goes when the work is done; clones are the same bar.
/// It shows nothing when stderr is no terminal.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    is_quiet: bool,
    shown: Arc<Mutex<Option<ProgressBar>>>,
}

/// Drawings per second.
const RATE: u8 = 10;

impl Bar {
    /// A bar that never shows anything if `is_quiet`.
    pub(super) fn new(is_quiet: bool) -> Self {
        Self { is_quiet, shown: Arc::default() }
    }

    /// Runs `write`, which writes to the terminal, with the bar out of the way.
    pub(super) fn hidden_during<R>(&self, write: impl FnOnce() -> R) -> R {
        match self.lock().as_ref() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bar {
    fn report(&self, done: u64, total: u64, note: &str) {
        if self.is_quiet {
            return;
        }
        if done >= total {
            return self.clear();
        }
        let mut shown = self.lock();
        let bar = shown.get_or_insert_with(|| {
            let target = ProgressDrawTarget::stderr_with_hz(RATE);
            let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style());
            // What was done before the first report, in a run that goes on, tells nothing of the pace.
            bar.set_position(done);
            bar.tick();
            bar.reset_eta();
            bar
        });
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(note.to_owned());
    }
}

/// Bar, counts, rate, time left, and what is being done.
fn style() -> ProgressStyle {
    const TEMPLATE: &str = "{bar:24} {pos}/{len}  {per_sec}  {eta} left  {wide_msg}";
    ProgressStyle::with_template(TEMPLATE)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_comes_with_a_report_and_goes_with_the_last() {
        let bar = Bar::new(false);
        assert!(bar.lock().is_none());
        bar.report(1, 3, "one");
        assert_eq!(bar.lock().as_ref().map(|b| (b.position(), b.message())), Some((1, "one".into())));
        bar.report(3, 3, "all");
        assert!(bar.lock().is_none());
    }

    #[test]
    fn what_was_done_before_is_no_pace() {
        let bar = Bar::new(false);
        bar.report(5_000, 10_000, "resumed");
        let pace = bar.lock().as_ref().map(ProgressBar::per_sec);
        assert!(pace.is_some_and(|pace| pace.is_nan() || pace == 0.0), "{pace:?}");
    }

    #[test]
    fn a_quiet_bar_never_comes() {
        let bar = Bar::new(true);
        bar.report(1, 3, "one");
        assert!(bar.lock().is_none());
    }
}
