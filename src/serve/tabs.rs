//! All pages that are open: how many there may be, and how long they wait for a browser that has gone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;

use super::creator::Show;
use super::sound::Sounds;
use super::tab::Tab;

/// How much a server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most pages at once. When there are as many, the one that has been without a browser for longest ends.
    pub pages: usize,
    /// How long a page without a browser waits for it to come back.
    pub absence: Duration,
}

impl Default for Limits {
    /// 24 pages, 10 minutes.
    fn default() -> Self {
        Self { pages: 24, absence: Duration::from_secs(600) }
    }
}

/// The pages of a server.
pub(super) struct Tabs {
    show: Arc<dyn Show>,
    limits: Limits,
    runtime: Handle,
    open: Mutex<BTreeMap<String, Open>>,
    /// The sound of their music, which pages share.
    pub(super) sounds: Sounds,
}

struct Open {
    tab: Arc<Tab>,
    /// Since when it is without a browser, if it is.
    left: Option<Instant>,
}

/// A browser's connection to its page.
pub(super) struct Visit {
    pub(super) tab: Arc<Tab>,
    /// Which of the page's connections it is.
    pub(super) number: u64,
    /// What the page tells.
    pub(super) told: Receiver<String>,
}

impl Tabs {
    pub(super) fn new(show: Arc<dyn Show>, limits: Limits, runtime: Handle) -> Self {
        Self { show, limits, runtime, open: Mutex::default(), sounds: Sounds::default() }
    }

    /// Connects a browser to its page, or to a new one if there is none of that id.
    ///
    /// # Errors
    /// Why there can be no new page.
    pub(super) fn enter(&self, id: Option<&str>) -> Result<Visit, String> {
        let mut open = self.open();
        let known = id.filter(|id| open.contains_key(*id)).map(str::to_owned);
        let id = match known {
            Some(id) => id,
            None => {
                self.make_room(&mut open)?;
                let id = new_id()?;
                let tab = Tab::open(id.clone(), Arc::clone(&self.show), &self.runtime);
                let tab =
                    tab.map_err(|error| format!("this machine has no thread left for a page: {error}"))?;
                open.insert(id.clone(), Open { tab, left: None });
                id
            }
        };
        let Some(entry) = open.get_mut(&id) else { return Err("the page has just ended: reload".into()) };
        entry.left = None;
        let tab = Arc::clone(&entry.tab);
        let (number, told) = tab.attach();
        Ok(Visit { tab, number, told })
    }

    /// A browser has gone; its page waits for it, unless another browser has taken the page over.
    pub(super) fn leave(&self, tab: &Tab, number: u64) {
        let mut open = self.open();
        if tab.detach(number)
            && let Some(entry) = open.get_mut(tab.id())
        {
            entry.left = Some(Instant::now());
        }
    }

    /// The page of that id.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Tab>> {
        self.open().get(id).map(|entry| Arc::clone(&entry.tab))
    }

    /// Ends pages that have waited for long enough at `now`.
    pub(super) fn sweep(&self, now: Instant) {
        let has_gone = |_: &String, entry: &mut Open| {
            entry.left.is_some_and(|left| now.saturating_duration_since(left) > self.limits.absence)
        };
        self.open().extract_if(.., has_gone).for_each(|(_, entry)| entry.tab.end());
    }

    /// How long a page waits for its browser.
    pub(super) fn patience(&self) -> Duration {
        self.limits.absence
    }

    /// Ends all pages.
    pub(super) fn end(&self) {
        std::mem::take(&mut *self.open()).into_values().for_each(|entry| entry.tab.end());
    }

    /// Ends the page that has waited for longest if there are too many.
    fn make_room(&self, open: &mut BTreeMap<String, Open>) -> Result<(), String> {
        if open.len() < self.limits.pages {
            return Ok(());
        }
        let waiting = open.iter().filter_map(|(id, entry)| Some((entry.left?, id)));
        let longest = waiting.min().map(|(_, id)| id.clone());
        match longest.and_then(|id| open.remove(&id)) {
            Some(entry) => {
                entry.tab.end();
                Ok(())
            }
            None => Err(format!(
                "{} pages are open, and there may be no more: close the tab of another one, then reload",
                open.len()
            )),
        }
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 128 bits of the system's randomness, in hex.
fn new_id() -> Result<String, String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| format!("the system has no randomness: {error}"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}
