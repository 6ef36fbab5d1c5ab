//! Where text goes: results to stdout, everything else to stderr, coloured or not.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use console::{Style, Term};

use super::args::{ColorChoice, Globals};
use super::failure::Failure;
use super::progress::Bar;
use crate::base::Cancel;

/// The two streams of the process; clones are the same streams.
#[derive(Clone, Debug)]
pub(super) struct Terminal {
    color_out: bool,
    color_err: bool,
    quiet: bool,
    unread: Arc<AtomicBool>,
    cancel: Cancel,
    bar: Bar,
}

impl Terminal {
    /// Streams that obey the options and `NO_COLOR`; `cancel` is raised when nobody reads stdout.
    pub(super) fn of(globals: &Globals, cancel: Cancel) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let color = |is_terminal: bool| match globals.color {
            ColorChoice::Auto => is_terminal && !plain,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Self {
            color_out: color(io::stdout().is_terminal()),
            color_err: color(io::stderr().is_terminal()),
            quiet: globals.quiet,
            unread: Arc::default(),
            cancel,
            bar: Bar::new(globals.quiet),
        }
    }

    /// Writes a result and a line end to stdout.
    ///
    /// # Errors
    /// [`Failure::Unread`] when the reader has gone, [`Failure::Failed`] when stdout cannot be written.
    pub(super) fn line(&self, text: &str) -> Result<(), Failure> {
        let write = || {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.write_all(b"\n")?;
            out.flush()
        };
        match self.bar.hidden_during(write) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.unread.store(true, Ordering::SeqCst);
                self.cancel.raise();
                Err(Failure::Unread)
            }
            Err(error) => Err(Failure::Failed(format!("cannot write to stdout: {error}"))),
        }
    }

    /// Whether a write found that nobody reads stdout.
    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::SeqCst)
    }

    /// Says what was done, on stderr, unless it should be quiet.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.tell(text);
        }
    }

    /// Warns on stderr.
    pub(super) fn warn(&self, text: &str) {
        if !self.quiet {
            self.tell(&format!("{} {text}", self.style(Style::new().yellow().bold()).apply_to("warning:")));
        }
    }

    /// Reports a failure on stderr, `error:` in front.
    pub(super) fn error(&self, text: &str) {
        self.tell(&format!("{} {text}", self.style(Style::new().red().bold()).apply_to("error:")));
    }

    /// Writes a line to stderr. A stderr that cannot be written leaves nobody to be told.
    pub(super) fn tell(&self, text: &str) {
        let _ = self.bar.hidden_during(|| writeln!(io::stderr().lock(), "{text}"));
    }

    /// Whether results are coloured.
    pub(super) fn is_colored(&self) -> bool {
        self.color_out
    }

    /// Whether messages on stderr are coloured.
    pub(super) fn is_stderr_colored(&self) -> bool {
        self.color_err
    }

    /// The progress bar.
    pub(super) fn bar(&self) -> &Bar {
        &self.bar
    }

    /// Columns that results may take: the terminal's, or those of `COLUMNS`, or 80.
    pub(super) fn width(&self) -> usize {
        let asked = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)).or_else(asked);
        width.unwrap_or(80).max(20)
    }

    /// `style` where stderr is coloured, no style elsewhere.
    fn style(&self, style: Style) -> Style {
        style.force_styling(self.color_err)
    }
}
