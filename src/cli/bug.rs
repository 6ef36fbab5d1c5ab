//! Panics: mistakes of this program. They are told in a few lines, and not dumped.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use super::terminal::Terminal;
use crate::script::Diagnostic;

/// Where the last panic happened.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Notes where panics happen instead of writing about them; with `RUST_BACKTRACE` they are written as well.
pub(super) fn watch() {
    let is_traced = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic: &PanicHookInfo| {
        *place() = panic.location().map(ToString::to_string);
        if is_traced {
            usual(panic);
        }
    }));
}

/// Runs `work`; a panic in it ends as a message.
///
/// # Errors
/// Those of `work`, and that it panicked.
pub(super) fn caught(terminal: &Terminal, work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        terminal.bar().clear();
        terminal.tell(told(Diagnostic::of_panic(&*panic, "the command line")).render(false).trim_end());
        Err(Failure::Told)
    })
}

/// The same with the place of the last panic.
pub(super) fn told(mut diagnostic: Diagnostic) -> Diagnostic {
    if let Some(place) = place().take() {
        diagnostic.notes.insert(0, format!("it broke at {place}"));
    }
    diagnostic
}

fn place() -> MutexGuard<'static, Option<String>> {
    PLACE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::any::Any;

    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        let bug: Box<dyn Any + Send> = Box::new("boom");
        *place() = Some("src/model/play.rs:12:3".into());
        let text = told(Diagnostic::of_panic(&*bug, "g.generate()")).render(false);
        assert!(
            text.starts_with("bug in ricercar: boom\n  = it broke at src/model/play.rs:12:3\n"),
            "{text}"
        );
        assert!(text.contains("g.generate()"), "{text}");
    }
}
