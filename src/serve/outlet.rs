//! The way from a page's thread to whoever looks at it just now, if anybody does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::message::Message;
use crate::page::{Change, Id, Kind, Node, Sink};

/// Messages that wait for the browser; a page that tells more waits for it.
const WAITING: usize = 256;
/// Work that is done sooner is not told.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two states of the same work.
const STRIDE: Duration = Duration::from_millis(100);

/// Sends what a page tells to the browser that is connected last.
pub(super) struct Outlet {
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    browser: Option<(u64, Sender<String>)>,
    /// How many have connected so far.
    connected: u64,
    work: Option<Work>,
    /// How many pieces of work have begun so far.
    begun: u64,
    /// Widgets whose music is new, with its version; none where there is none any more.
    music: BTreeMap<Id, Option<String>>,
}

/// What the page works on.
struct Work {
    number: u64,
    id: Option<Id>,
    /// Done, total, note.
    progress: (u64, u64, String),
    began: Instant,
    /// When it was last told, if it has been.
    told: Option<Instant>,
}

impl Work {
    fn message(&self) -> String {
        let (done, total, note) = &self.progress;
        Message::Busy { id: self.id, done: *done, total: *total, note }.json()
    }
}

impl Outlet {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, state: Mutex::default() }
    }

    /// Connects a browser, in the place of an earlier one, whose messages end. Gives its number.
    pub(super) fn attach(&self) -> (u64, Receiver<String>) {
        let (sender, receiver) = channel(WAITING);
        let mut state = self.state();
        state.connected += 1;
        if let Some(work) = state.work.as_ref().filter(|work| work.told.is_some()) {
            let _ = sender.try_send(work.message());
        }
        state.browser = Some((state.connected, sender));
        (state.connected, receiver)
    }

    /// Disconnects a browser; whether it was the one that is connected.
    pub(super) fn detach(&self, number: u64) -> bool {
        self.state().browser.take_if(|(own, _)| *own == number).is_some()
    }

    /// Disconnects whoever is connected.
    pub(super) fn close(&self) {
        self.state().browser = None;
    }

    /// Work begins, for that widget; after a while it is told.
    pub(super) fn begin(self: &Arc<Self>, id: Option<Id>) {
        let mut state = self.state();
        state.begun += 1;
        let number = state.begun;
        let progress = (0, 0, String::new());
        state.work = Some(Work { number, id, progress, began: Instant::now(), told: None });
        drop(state);
        let outlet = Arc::downgrade(self);
        self.runtime.spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            if let Some(outlet) = outlet.upgrade() {
                outlet.remind(number);
            }
        });
    }

    /// Tells that work goes on, if it does.
    fn remind(&self, number: u64) {
        let mut state = self.state();
        let Some(work) = state.work.as_mut().filter(|work| work.number == number && work.told.is_none())
        else {
            return;
        };
        work.told = Some(Instant::now());
        let message = work.message();
        state.send_now(message);
    }

    /// The work has come to its end.
    pub(super) fn end(&self) {
        if self.state().work.take().is_some_and(|work| work.told.is_some()) {
            self.send(Message::Idle.json());
        }
    }

    /// Sends a message from a thread that may wait for the browser.
    pub(super) fn send(&self, message: String) {
        let browser = self.state().browser.as_ref().map(|(_, sender)| sender.clone());
        if let Some(browser) = browser {
            // A browser that has gone is told everything when it comes back.
            let _ = browser.blocking_send(message);
        }
    }

    /// Sends a message from one that may not.
    pub(super) fn send_now(&self, message: String) {
        self.state().send_now(message);
    }

    /// Notes the music of all widgets below a node.
    pub(super) fn note_music(&self, node: &Node) {
        let (Kind::Roll { music, .. } | Kind::Player { music }) = &node.kind else {
            return node.children.iter().for_each(|child| self.note_music(child));
        };
        self.state().music.insert(node.id, music.as_ref().map(|music| music.version.clone()));
    }

    /// Widgets whose music has changed since it was last asked.
    pub(super) fn new_music(&self) -> BTreeMap<Id, Option<String>> {
        std::mem::take(&mut self.state().music)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn send_now(&self, message: String) {
        if let Some((_, sender)) = &self.browser {
            let _ = sender.try_send(message);
        }
    }
}

impl Sink for Outlet {
    fn changed(&self, change: Change) {
        match &change {
            Change::Set { id, set } => {
                if let Some(music) = set.get("music") {
                    let version = music.get("version").and_then(|version| version.as_str());
                    self.state().music.insert(*id, version.map(str::to_owned));
                }
            }
            Change::Children { children, .. } => children.iter().for_each(|child| self.note_music(child)),
            Change::Failed { .. } | Change::Cleared { .. } | Change::Printed { .. } => {}
        }
        if let Ok(message) = serde_json::to_string(&change) {
            self.send(message);
        }
    }

    fn busy(&self, progress: Option<(u64, u64, String)>) {
        let mut state = self.state();
        let Some(work) = &mut state.work else { return };
        work.progress = progress.unwrap_or_default();
        let now = Instant::now();
        let is_due = match work.told {
            None => now - work.began >= PATIENCE,
            Some(told) => now - told >= STRIDE,
        };
        if is_due {
            work.told = Some(now);
            let message = work.message();
            // Progress may be lost; it must not wait.
            state.send_now(message);
        }
    }
}
