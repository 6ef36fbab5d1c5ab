//! Where text goes: results to stdout, everything else to stderr, coloured or not.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use console::{Style, Term};

use super::args::{ColorChoice, Globals};
use super::failure::Failure;
use super::progress::Bar;
use crate::base::Cancel;
use crate::view::terminal::Inline;

/// The two streams of the process; clones are the same streams.
#[derive(Clone, Debug)]
pub(super) struct Terminal {
    color_out: bool,
    color_err: bool,
    quiet: bool,
    plain: bool,
    unread: Arc<AtomicBool>,
    cancel: Cancel,
    bar: Bar,
}

impl Terminal {
    /// Streams that obey the options and `NO_COLOR`; `cancel` is raised when nobody reads stdout.
    pub(super) fn of(globals: &Globals, cancel: Cancel) -> Self {
        let plain = globals.plain
            || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
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
            plain: globals.plain,
            unread: Arc::default(),
            cancel,
            bar: Bar::new(globals.quiet || globals.plain),
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

    /// Whether everything is said in sentences, for ears.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// How pictures can be shown, if they can.
    pub(super) fn pictures(&self) -> Option<Inline> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if io::stdout().is_terminal() && !self.plain { pictures(variable) } else { None }
    }

    /// The progress bar.
    pub(super) fn bar(&self) -> &Bar {
        &self.bar
    }

    /// Columns that results may take: the terminal's, or those of `COLUMNS`, or 80.
    pub(super) fn width(&self) -> usize {
        let asked = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let known = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        // A terminal without a window says 0.
        let width = known.filter(|columns| *columns > 0).or_else(asked);
        width.unwrap_or(80).max(20)
    }

    /// `style` where stderr is coloured, no style elsewhere.
    fn style(&self, style: Style) -> Style {
        style.force_styling(self.color_err)
    }
}

/// What a terminal with these environment variables does with pictures. Asking the terminal itself would
/// fight with the line editor for its answer; tmux lets no picture through.
fn pictures(variable: impl Fn(&str) -> Option<String>) -> Option<Inline> {
    let kind = variable("TERM").unwrap_or_default();
    if variable("TMUX").is_some()
        || variable("STY").is_some()
        || kind.starts_with("screen")
        || kind.starts_with("tmux")
    {
        return None;
    }
    match variable("TERM_PROGRAM").as_deref() {
        Some("iTerm.app" | "WezTerm") => return Some(Inline::Iterm),
        Some("ghostty") => return Some(Inline::Kitty),
        _ => {}
    }
    let is_kitty = ["KITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "KONSOLE_VERSION"];
    let is_kitty = is_kitty.into_iter().any(|name| variable(name).is_some()) || kind == "xterm-kitty";
    is_kitty.then_some(Inline::Kitty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_shown_where_the_terminal_has_them() {
        let shown = |set: &'static [(&str, &str)]| {
            pictures(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(shown(&[("TERM", "xterm-256color")]), None);
        assert_eq!(shown(&[("TERM", "xterm-kitty")]), Some(Inline::Kitty));
        assert_eq!(shown(&[("KONSOLE_VERSION", "230800")]), Some(Inline::Kitty));
        assert_eq!(shown(&[("TERM_PROGRAM", "WezTerm")]), Some(Inline::Iterm));
        assert_eq!(shown(&[("TERM_PROGRAM", "WezTerm"), ("TMUX", "/tmp/tmux-0,1,0")]), None);
    }
}
