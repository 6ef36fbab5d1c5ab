//! What entries print, kept for the transcript on its way to the terminal.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::Progress;
use crate::script::{Output, Rich};

/// Letters of one entry that are kept.
const MOST: usize = 1 << 20;

/// Passes everything on, and keeps what was printed.
pub(super) struct Printed {
    output: Arc<dyn Output>,
    kept: Mutex<String>,
}

impl Printed {
    /// Keeps what goes to `output`.
    pub(super) fn before(output: Arc<dyn Output>) -> Self {
        Self { output, kept: Mutex::default() }
    }

    /// What was printed since it was last asked, without colours.
    pub(super) fn take(&self) -> String {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Printed {
    fn report(&self, done: u64, total: u64, note: &str) {
        self.output.report(done, total, note);
    }
}

impl Output for Printed {
    fn print(&self, text: &str) {
        self.keep(text);
        self.output.print(text);
    }

    fn note(&self, text: &str) {
        self.output.note(text);
    }

    fn show(&self, value: &dyn Fn() -> Rich) -> bool {
        self.output.show(&|| {
            let rich = value();
            self.keep(&rich.text);
            rich
        })
    }
}

impl Printed {
    fn keep(&self, text: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + text.len() < MOST {
            kept.push_str(&bare(text));
            kept.push('\n');
        }
    }
}

/// `text` without the escape sequences of terminals: colours (`ESC [ … letter`), and what ends with BEL
/// or `ESC \`.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('\x1b');
    out.push_str(parts.next().unwrap_or_default());
    let mut inside = false;
    for part in parts {
        let rest = match part.chars().next() {
            Some('[') => part.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, rest)| rest),
            Some('\\') => {
                inside = false;
                &part[1..]
            }
            _ => {
                let ended = part.split_once('\x07').map(|(_, rest)| rest);
                inside = ended.is_none();
                ended.unwrap_or_default()
            }
        };
        if !inside {
            out.push_str(rest);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_left_out() {
        assert_eq!(bare("a \x1b[1;31mred\x1b[0m b"), "a red b");
        assert_eq!(bare("x\x1b_Gf=100;AAAA\x1b\\y\x1b]1337;File=z:AA\x07."), "xy.");
        assert_eq!(bare("plain"), "plain");
    }
}
