//! What the server tells a browser, beside the changes of `page`.

use serde::Serialize;

use crate::page::{Described, Id};
use crate::script::{Diagnostic, Kind};

/// One message, as JSON.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Message<'a> {
    /// The whole page, at first and after every new connection.
    Page {
        /// Its id, with which the browser comes back.
        page: &'a str,
        /// Its title and widgets.
        #[serde(flatten)]
        described: &'a Described,
    },
    /// The page works on something, and has for a while.
    Busy {
        /// What it works for; nothing while it opens.
        id: Option<Id>,
        /// How far it is.
        done: u64,
        /// Of how much; 0 when nobody knows.
        total: u64,
        /// What it does.
        note: &'a str,
    },
    /// It does not any more.
    Idle,
    /// Something went wrong that belongs to a widget, or to the page as a whole.
    Failed {
        /// The widget.
        id: Option<Id>,
        /// Lines of plain text.
        message: &'a str,
        /// The first of them.
        headline: &'a str,
    },
    /// There is no page for this browser.
    Refused {
        /// Why, and what to do.
        message: &'a str,
    },
}

impl Message<'_> {
    /// The text that goes over the wire.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).expect("messages have text keys and numbers that JSON knows")
    }

    /// That something went wrong.
    pub(super) fn failure(id: Option<Id>, diagnostic: &Diagnostic) -> String {
        let message = diagnostic.render(false);
        let message = message.trim_end();
        let headline = match diagnostic.kind {
            // Its first line says that it is one.
            Kind::Bug => message.lines().next().unwrap_or_default(),
            Kind::Error | Kind::Stopped => &diagnostic.headline,
        };
        Message::Failed { id, message, headline }.json()
    }
}
