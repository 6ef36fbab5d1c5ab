//! What is served: one script, run anew for every page.

use std::sync::Arc;
use std::time::Duration;

use crate::base::Cancel;
use crate::music::Multitrack;
use crate::page::{Described, Event, Id, Sink};
use crate::script::{Context, Diagnostic, Kind, Page};

/// A script that is shown as pages.
pub struct Creator {
    /// The script's name, which imports are relative to and messages name.
    pub name: String,
    /// Reads the script's text, anew for every page, so that an author sees changes in a new tab.
    pub text: Box<Read>,
    /// What the script is given as `args`.
    pub args: Vec<String>,
    /// Makes the settings of a page; its cancellation is the page's own.
    pub context: Box<dyn Fn() -> Context + Send + Sync>,
    /// The longest that opening a page and each gesture may take.
    pub longest: Option<Duration>,
    /// Adds to the diagnostic of a panic what the process knows of it.
    pub told: fn(Diagnostic) -> Diagnostic,
}

/// Reads a text, or says why it cannot be read.
pub type Read = dyn Fn() -> Result<String, String> + Send + Sync;

/// Makes pages.
pub(super) trait Show: Send + Sync {
    /// Opens a page that tells `sink` what changes and stops when `cancel` is raised.
    ///
    /// # Errors
    /// What the script did wrong.
    fn open(&self, cancel: Cancel, sink: Arc<dyn Sink>) -> Result<Box<dyn Act>, Box<Diagnostic>>;

    /// The longest that a page may work on one thing.
    fn longest(&self) -> Option<Duration> {
        None
    }

    /// What is told of a panic.
    fn told(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic
    }
}

/// A page that is open: a running script, of which this is all that the server needs. It stays in one thread.
/// Whoever drives it lowers the flag before each thing that it is to do, and survives its panics.
pub(super) trait Act {
    /// The whole page.
    fn described(&self) -> Described;
    /// Something that the visitor has done; what goes wrong is told to the sink.
    fn event(&mut self, event: Event);
    /// The music of a roll or player.
    fn music(&self, id: Id) -> Option<Multitrack>;
    /// Name and bytes of a download.
    ///
    /// # Errors
    /// What the script did wrong.
    fn file(&mut self, id: Id) -> Result<(String, Vec<u8>), Box<Diagnostic>>;
}

impl Show for Creator {
    fn open(&self, cancel: Cancel, sink: Arc<dyn Sink>) -> Result<Box<dyn Act>, Box<Diagnostic>> {
        let text = (self.text)().map_err(Diagnostic::plain)?;
        let context = Context { cancel, ..(self.context)() };
        match Page::open(context, &self.name, &text, &self.args, sink) {
            Ok(page) => Ok(Box::new(page)),
            // A panic while the script ran.
            Err(bug) if bug.kind == Kind::Bug => Err(Box::new(self.told(*bug))),
            Err(wrong) => Err(wrong),
        }
    }

    fn longest(&self) -> Option<Duration> {
        self.longest
    }

    fn told(&self, diagnostic: Diagnostic) -> Diagnostic {
        (self.told)(diagnostic)
    }
}

impl Act for Page {
    fn described(&self) -> Described {
        Page::described(self)
    }

    fn event(&mut self, event: Event) {
        Page::event(self, event);
    }

    fn music(&self, id: Id) -> Option<Multitrack> {
        Page::music(self, id)
    }

    fn file(&mut self, id: Id) -> Result<(String, Vec<u8>), Box<Diagnostic>> {
        Page::file(self, id)
    }
}
