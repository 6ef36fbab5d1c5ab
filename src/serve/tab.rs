//! One browser tab's page: a running script in a thread of its own, with its mailbox. Panics of all that runs
//! there end here.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio::sync::{oneshot, watch};

use super::creator::{Act, Show};
use super::mailbox::{Full, Mailbox, Replaceable};
use super::message::Message;
use super::outlet::Outlet;
use crate::music::Multitrack;
use crate::page::{Event, Id};
use crate::script::Diagnostic;

/// The longest that somebody waits for music that a busy page has just told of.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Name and bytes of a file, or why there is none.
pub(super) type Download = Result<(String, Vec<u8>), String>;

/// A page, from outside of its thread.
pub(super) struct Tab {
    id: String,
    mailbox: Mailbox<Task>,
    outlet: Arc<Outlet>,
    /// Music by widget, with its version, as of the last task.
    music: Mutex<BTreeMap<Id, (String, Multitrack)>>,
    /// Whether the page has nothing to do; sent after every task.
    is_idle: watch::Sender<bool>,
}

/// What a page's thread does.
enum Task {
    /// Shows everything to a browser that has just connected.
    Describe,
    /// Obeys the visitor.
    Obey(Event),
    /// Makes a file.
    Save(Id, oneshot::Sender<Download>),
}

impl Replaceable for Task {
    fn sets(&self) -> Option<u64> {
        match self {
            Self::Obey(Event::Set { id, .. }) => Some(*id),
            _ => None,
        }
    }
}

impl Task {
    /// The widget that it is done for.
    fn id(&self) -> Option<Id> {
        match self {
            Self::Describe => None,
            Self::Obey(event) => event.id(),
            Self::Save(id, _) => Some(*id),
        }
    }
}

impl Tab {
    /// Opens a page in a new thread.
    ///
    /// # Errors
    /// That the system has no thread left.
    pub(super) fn open(id: String, show: Arc<dyn Show>, runtime: &Handle) -> std::io::Result<Arc<Self>> {
        let tab = Arc::new(Self {
            id,
            mailbox: Mailbox::new(),
            outlet: Arc::new(Outlet::new(runtime.clone())),
            music: Mutex::default(),
            is_idle: watch::Sender::new(false),
        });
        let (own, runtime) = (Arc::clone(&tab), runtime.clone());
        std::thread::Builder::new()
            .name("page".into())
            .spawn(move || Stage { tab: own, show, runtime }.run())?;
        Ok(tab)
    }

    /// Its id, which nobody can guess.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Connects a browser: gives its number, and what it is told from now on.
    pub(super) fn attach(&self) -> (u64, Receiver<String>) {
        let connected = self.outlet.attach();
        // One that waits already shows everything to this browser as well.
        self.mailbox.forget(|task| matches!(task, Task::Describe));
        if self.mailbox.put(Task::Describe).is_err() {
            self.outlet.close();
        }
        connected
    }

    /// Disconnects a browser; whether nobody looks any more.
    pub(super) fn detach(&self, number: u64) -> bool {
        self.outlet.detach(number)
    }

    /// Hears what the browser says.
    pub(super) fn hear(&self, text: &str) {
        let event: Event = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(error) => {
                let wrong =
                    Diagnostic::plain(format!("the browser sent what is no event of a page: {error}"));
                return self.outlet.send_now(Message::failure(None, &wrong));
            }
        };
        if event == Event::Stop {
            return self.mailbox.stop(|task| matches!(task, Task::Obey(_)));
        }
        let id = event.id();
        if let Err(Full) = self.mailbox.put(Task::Obey(event)) {
            let busy = Diagnostic::plain("the page is busy: wait until it is done, or stop it");
            self.outlet.send_now(Message::failure(id, &busy));
        }
    }

    /// The file of a download.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn file(&self, id: Id) -> Download {
        let (sender, answer) = oneshot::channel();
        let put = self.mailbox.put(Task::Save(id, sender));
        put.map_err(|Full| "the page is busy: wait until it is done, or stop it".to_owned())?;
        answer.await.unwrap_or_else(|_| Err("the page was stopped before the file was made".into()))
    }

    /// The music of a widget in that version, if it has it or is about to.
    pub(super) async fn music(&self, id: Id, version: &str) -> Option<Multitrack> {
        let mut is_idle = self.is_idle.subscribe();
        let found = async {
            loop {
                let was_idle = *is_idle.borrow_and_update();
                let known = self.known_music().get(&id).filter(|(own, _)| own == version).cloned();
                match known {
                    Some((_, music)) => return Some(music),
                    None if was_idle => return None,
                    None => is_idle.changed().await.ok()?,
                }
            }
        };
        tokio::time::timeout(LONGEST_WAIT, found).await.ok().flatten()
    }

    /// Ends the page: whatever it does is stopped, and its thread ends soon after.
    pub(super) fn end(&self) {
        self.mailbox.close();
        self.outlet.close();
    }

    fn known_music(&self) -> MutexGuard<'_, BTreeMap<Id, (String, Multitrack)>> {
        self.music.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The inside of a page's thread.
struct Stage {
    tab: Arc<Tab>,
    show: Arc<dyn Show>,
    runtime: Handle,
}

impl Stage {
    /// Opens the page, then does what comes, until the end.
    fn run(&self) {
        let mut page = self.work(None, || self.open());
        if let Ok(page) = &page {
            self.gather(&**page);
        }
        self.tab.is_idle.send_replace(true);
        while let Some(task) = self.tab.mailbox.next() {
            self.tab.is_idle.send_replace(false);
            match &mut page {
                Ok(page) => self.perform(&mut **page, task),
                // A script that did not come to its end has no page; why is told to whoever asks.
                Err(diagnostic) => self.tab.outlet.send(Message::failure(None, diagnostic)),
            }
            self.tab.is_idle.send_replace(true);
        }
    }

    fn open(&self) -> Result<Box<dyn Act>, Box<Diagnostic>> {
        let page = self.caught("opening the page", || {
            let page = self.show.open(self.tab.mailbox.cancel().clone(), self.tab.outlet.clone())?;
            self.tab.outlet.note_music(&page.described().root);
            Ok(page)
        });
        page.unwrap_or_else(Err)
    }

    /// Does one task. A panic in it is told where it belongs, and the page lives on.
    fn perform(&self, page: &mut dyn Act, task: Task) {
        let (id, outlet) = (task.id(), &self.tab.outlet);
        match task {
            Task::Describe => {
                let described = self.caught("showing the page", || page.described());
                outlet.send(match &described {
                    Ok(described) => Message::Page { page: &self.tab.id, described }.json(),
                    Err(bug) => Message::failure(None, bug),
                });
            }
            Task::Obey(event) => {
                let done = self.work(id, || self.caught("a gesture on the page", || page.event(event)));
                if let Err(bug) = done {
                    outlet.send(Message::failure(id, &bug));
                }
                self.gather(page);
            }
            Task::Save(wanted, sender) => {
                let made = self.work(id, || self.caught("a download", || page.file(wanted)));
                let made = made.unwrap_or_else(Err);
                // Whoever asked may have gone.
                let _ =
                    sender.send(made.map_err(|diagnostic| diagnostic.render(false).trim_end().to_owned()));
                self.gather(page);
            }
        }
    }

    /// Does what may take long: it is told when it does, and is stopped when it takes too long.
    fn work<R>(&self, id: Option<Id>, work: impl FnOnce() -> R) -> R {
        self.tab.outlet.begin(id);
        let clock = self.show.longest().map(|longest| {
            let cancel = self.tab.mailbox.cancel().clone();
            self.runtime.spawn(async move {
                tokio::time::sleep(longest).await;
                cancel.expire();
            })
        });
        let result = work();
        clock.inspect(|clock| clock.abort());
        self.tab.outlet.end();
        result
    }

    /// Runs `work`; a panic in it is a diagnostic.
    fn caught<R>(&self, what: &str, work: impl FnOnce() -> R) -> Result<R, Box<Diagnostic>> {
        let done = catch_unwind(AssertUnwindSafe(work));
        done.map_err(|panic| Box::new(self.show.told(Diagnostic::of_panic(&*panic, what))))
    }

    /// Keeps the music that has changed, for those who ask for its sound while the page is busy.
    fn gather(&self, page: &dyn Act) {
        for (id, version) in self.tab.outlet.new_music() {
            let music = version.and_then(|version| Some((version, page.music(id)?)));
            match music {
                Some(music) => self.tab.known_music().insert(id, music),
                None => self.tab.known_music().remove(&id),
            };
        }
    }
}
