//! A script that is a page: it runs once, and what visitors do runs the functions that it left.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rhai::{AST, Dynamic};

use super::options::Fallible;
use super::widgets::Caller;
use super::{Context, Diagnostic, Files, Host, Output, Rich, Widgets};
use crate::base::{Cancel, Progress};
use crate::files::{self, WriteOptions};
use crate::model::Latent;
use crate::music::Multitrack;
use crate::page::{Change, Described, Event, Id, Sink};

/// A running page. Whoever drives it gives events one at a time, from any thread, whose stack need not be large,
/// and lowers [`Page::cancel`] before each. A panic of a native function, a mistake in this program, comes out
/// of whatever was called; the page can go on.
pub struct Page {
    host: Host,
    script: AST,
    name: String,
    sources: Files,
    stage: Arc<Stage>,
}

/// What the page's script prints and how far its work is, on its way to those who look.
struct Stage {
    sink: Arc<dyn Sink>,
    is_busy: AtomicBool,
}

impl Progress for Stage {
    fn report(&self, done: u64, total: u64, note: &str) {
        self.is_busy.store(true, Ordering::Relaxed);
        self.sink.busy(Some((done, total, note.to_owned())));
    }
}

impl Output for Stage {
    fn print(&self, text: &str) {
        self.sink.changed(Change::Printed { text: text.to_owned() });
    }

    fn note(&self, text: &str) {
        self.print(text);
    }

    fn show(&self, value: &dyn Fn() -> Rich) -> bool {
        self.print(&value().text);
        true
    }
}

impl Page {
    /// Runs the script `text`, called `name`, which sees `args`; `sink` hears of everything that happens from
    /// then on. Pages that share [`Context::loaded`] load their models once.
    ///
    /// # Errors
    /// Whatever is wrong with the script, or that it was stopped.
    pub fn open(
        context: Context,
        name: &str,
        text: &str,
        args: &[String],
        sink: Arc<dyn Sink>,
    ) -> Result<Self, Box<Diagnostic>> {
        let stage = Arc::new(Stage { sink: Arc::clone(&sink), is_busy: AtomicBool::new(false) });
        let host = Host::new(Context {
            output: Arc::<Stage>::clone(&stage),
            widgets: Widgets::heard_by(sink),
            // Pages know nothing of each other.
            ledger: Default::default(),
            kept: Default::default(),
            loaded: Some(context.loaded.clone().unwrap_or_default()),
            // What would be heard where the program runs, and not where the visitor sits.
            player: None,
            colour: false,
            ..context
        });
        let ran = host.run_script(name, text, args);
        stage.rest();
        let (_, script) = ran?;
        let sources = Files::new().with(name, text);
        let page = Self { host, script, name: name.to_owned(), sources, stage };
        // Whoever looks from now on sees the page as a whole.
        page.widgets().unsaid();
        page.refresh()?;
        Ok(page)
    }

    /// The whole page as it is.
    pub fn described(&self) -> Described {
        self.widgets().tree(crate::page::Tree::described)
    }

    /// What stops a callback that is running, or the next one; the page itself never lowers it.
    pub fn cancel(&self) -> &Cancel {
        &self.host.context().cancel
    }

    /// Does what a visitor has done. What goes wrong is told at the widget, and the page lives on.
    /// [`Event::Stop`] is none of these: it is for whoever raises [`Page::cancel`], from outside.
    pub fn event(&mut self, event: Event) {
        if let Event::Restore { state } = &event {
            self.restore(state);
            return;
        }
        let Some(id) = event.id() else { return };
        let done = self.act(|widgets, caller| match &event {
            Event::Set { value, .. } => widgets.set(caller, id, value),
            Event::Click { .. } => widgets.click(caller, id),
            Event::Undo { .. } => widgets.step_of_code(caller, id, false),
            Event::Redo { .. } => widgets.step_of_code(caller, id, true),
            Event::Upload { name, data, .. } => widgets.upload(caller, id, name, &data.0),
            Event::Stop | Event::Restore { .. } => Ok(()),
        });
        let shown = self.refresh();
        self.told(id, done.and(shown));
    }

    /// Opens the page as it was when `state`, the link of a code, was made. What is otherwise, or why it
    /// cannot be done, is told.
    pub fn restore(&mut self, state: &str) {
        let context = self.host.context().clone();
        let done = self.act(|widgets, caller| widgets.restore(&context, caller, state));
        let code = |tree: &crate::page::Tree| {
            let shown = tree.iter().find(|node| matches!(node.kind, crate::page::Kind::Code { .. }));
            shown.map_or(crate::page::ROOT, |node| node.id)
        };
        let id = self.widgets().tree(code);
        let shown = self.refresh();
        let done = done.map(|remarks| remarks.iter().for_each(|remark| self.stage.print(remark)));
        self.told(id, done.and(shown));
    }

    /// The music of a roll or a player.
    pub fn music(&self, id: Id) -> Option<Multitrack> {
        self.widgets().music(id)
    }

    /// The name and the bytes of a download.
    ///
    /// # Errors
    /// What went wrong in its function, or that its value cannot be such a file.
    pub fn file(&mut self, id: Id) -> Result<(String, Vec<u8>), Box<Diagnostic>> {
        let got = self.act(|widgets, caller| widgets.download(caller, id));
        let got = got.and_then(|(name, value)| {
            let bytes = self.bytes(&name, &value);
            bytes.map(|bytes| (name, bytes)).map_err(|why| Box::new(Diagnostic::plain(why)))
        });
        let told = got.as_ref().map(drop).map_err(Clone::clone);
        self.told(id, told);
        got
    }

    fn widgets(&self) -> &Widgets {
        &self.host.context().widgets
    }

    /// Runs what belongs to an act of a visitor.
    fn act<R: Send>(
        &self,
        act: impl FnOnce(&Widgets, &Caller) -> Fallible<R> + Send,
    ) -> Result<R, Box<Diagnostic>> {
        let script = &self.script;
        let done = super::host::on_large_stack(|| {
            let engine = self.host.engine_for(script);
            let done = act(self.widgets(), &Caller::Page(engine, script));
            done.map_err(|error| Box::new(self.host.diagnose(&error, &self.name, &self.sources)))
        });
        self.stage.rest();
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Brings links up to date, and tells of new widgets.
    fn refresh(&self) -> Result<(), Box<Diagnostic>> {
        let context = self.host.context();
        if let Some(change) = context.widgets.unsaid() {
            self.stage.sink.changed(change);
        }
        let done = context.widgets.refresh_codes(Some(context));
        done.map_err(|error| Box::new(self.host.diagnose(&error, &self.name, &self.sources)))
    }

    fn told(&self, id: Id, done: Result<(), Box<Diagnostic>>) {
        let failed = done.err();
        self.widgets().ended(id, failed.map(|wrong| (wrong.headline.clone(), wrong.render(false))));
    }

    /// `value` as the file `name`.
    fn bytes(&self, name: &str, value: &Dynamic) -> Result<Vec<u8>, String> {
        if let Ok(text) = value.clone().into_string() {
            return Ok(text.into_bytes());
        }
        if let Ok(bytes) = value.clone().into_blob() {
            return Ok(bytes);
        }
        let context = self.host.context();
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let file = folder.path().join(Path::new(name).file_name().unwrap_or(name.as_ref()));
        let written = if let Some(latent) = value.read_lock::<Latent>() {
            latent.save(&file, Some(&context.stamp())).map_err(|error| error.to_string())
        } else {
            let piece = super::widgets::as_music(value);
            let piece = piece.map_err(|_| format!("`{name}` is made of music, a latent or text"))?;
            let options = WriteOptions { stamp: Some(context.stamp()), ..WriteOptions::default() };
            files::write(&file, &piece, &options, &context.cancel).map_err(|error| error.to_string())
        };
        // The visitor knows no folder of this machine.
        let plain = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
        written.map_err(plain)?;
        crate::base::read_file(&file).map_err(|error| plain(error.to_string()))
    }
}

impl Stage {
    /// Says that nothing is running any more, to those who were told that something is.
    fn rest(&self) {
        if self.is_busy.swap(false, Ordering::Relaxed) {
            self.sink.busy(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Ears(Mutex<Vec<Change>>);

    impl Sink for Ears {
        fn changed(&self, change: Change) {
            self.0.lock().unwrap().push(change);
        }

        fn busy(&self, _: Option<(u64, u64, String)>) {}
    }

    /// A page whose scripts can panic.
    fn explosive(text: &str) -> (Page, Arc<Ears>) {
        let ears = Arc::new(Ears::default());
        let sink = Arc::<Ears>::clone(&ears);
        let mut page = Page::open(Context::default(), "page.rhai", text, &[], sink).unwrap();
        page.host.register_for_test("explode", || -> i64 { panic!("boom") });
        (page, ears)
    }

    #[test]
    fn a_page_goes_on_after_a_panic() {
        let text = "let work = ui::work(\"let n = 0;\");
            let shown = ui::label(\"\");
            work.on_change(|| { if work.n == 1 { explode() } shown.value = `${work.n}`; });
            ui::button(\"Up\").on_click(|| work.run(\"n += 1;\"));";
        let (mut page, ears) = explosive(text);
        let up = Event::Click { id: 2 };
        let panic = catch_unwind(AssertUnwindSafe(|| page.event(up.clone()))).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"boom"));
        page.event(up);
        let heard = ears.0.lock().unwrap();
        let set = [("text".to_owned(), "2".into())].into_iter().collect();
        assert_eq!(*heard, [Change::Set { id: 1, set }]);
    }

    #[test]
    fn what_is_stopped_before_it_begins_does_not_begin() {
        let (mut page, ears) = explosive("ui::button(\"B\").on_click(|| print(\"begun\"));");
        page.cancel().raise();
        page.event(Event::Click { id: 1 });
        page.cancel().reset();
        page.event(Event::Click { id: 1 });
        let heard = ears.0.lock().unwrap();
        assert!(matches!(&heard[0], Change::Failed { id: 1, headline, .. } if headline == "stopped"));
        assert_eq!(heard[1..], [Change::Printed { text: "begun".into() }, Change::Cleared { id: 1 }]);
    }
}
