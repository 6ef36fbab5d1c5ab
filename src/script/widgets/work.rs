//! A work: a piece in the making, as the lines of script that make it.

use std::path::Path;

use rhai::Dynamic;

use crate::model::{Latent, Model};
use crate::script::session::{Session, Snapshot};
use crate::script::{Context, Diagnostic, Host, Sandbox, Widgets, api};

/// Most operations of one step.
const OPERATIONS: u64 = 100_000_000;
/// Steps that can be taken back.
const KEPT: usize = 500;
/// Most steps.
const MOST: usize = 10_000;

/// A setup, steps, and every state on the way: taking a step back is taking up the state before it.
///
/// Steps run in a host of their own, in a sandbox that reads the models and the page's own files and writes
/// among these.
pub(in crate::script) struct Work {
    session: Session,
    setup: String,
    /// How it all began.
    start: Snapshot,
    /// The steps, with those that have been taken back at the end.
    steps: Vec<Step>,
    /// How many of them are done.
    done: usize,
}

/// One gesture.
#[derive(Clone)]
pub(super) struct Step {
    /// What it was, as script.
    pub line: String,
    /// Neighbours with the same key are one gesture that has not come to its end.
    pub key: Option<String>,
    /// What it led to; `None` when that is too long ago.
    after: Option<Snapshot>,
}

impl Work {
    /// Runs the `setup` of a work whose page has its files in the folder `given`; it writes to `out`.
    ///
    /// # Errors
    /// What is wrong with the setup.
    pub fn new(context: &Context, given: &Path, out: &Path, setup: &str) -> Result<Self, Box<Diagnostic>> {
        let readable = api::library(context).folders.into_iter().chain([given.to_owned()]);
        let most = context.operations.unwrap_or(OPERATIONS).min(OPERATIONS);
        let host = Host::new(Context {
            out: Some(out.to_owned()),
            sandbox: Some(Sandbox::new(readable)),
            operations: Some(most),
            ledger: Default::default(),
            widgets: Widgets::closed(),
            kept: Default::default(),
            replay: None,
            player: None,
            ports: None,
            ..context.clone()
        });
        let mut session = Session::new(host);
        let setup = closed(&session, setup);
        session.advance("the work's setup", &setup)?;
        let start = session.snapshot();
        Ok(Self { session, setup, start, steps: Vec::new(), done: 0 })
    }

    /// Has steps write elsewhere from now on.
    pub(super) fn write_to(&mut self, out: &Path) {
        self.session.change(|context| context.out = Some(out.to_owned()));
    }

    /// Does one more step; those that had been taken back are forgotten. With a `key` that the last step has
    /// as well, it takes the place of that one.
    ///
    /// # Errors
    /// What is wrong with it; everything stays as it was.
    pub fn run(&mut self, line: &str, key: Option<&str>) -> Result<(), Box<Diagnostic>> {
        let last = self.done.checked_sub(1).and_then(|last| self.steps.get(last));
        let goes_on = key.is_some() && last.is_some_and(|last| last.key.as_deref() == key);
        let (was, from) = (self.session.snapshot(), if goes_on { self.done - 1 } else { self.done });
        if from >= MOST {
            return Err(Box::new(Diagnostic::plain(format!("a work has {MOST} steps and no more"))));
        }
        if goes_on && !self.go_to(from) {
            self.session.go_to(&was);
        }
        let line = closed(&self.session, line);
        if let Err(diagnostic) = self.session.advance(&format!("step {}", from + 1), &line) {
            self.session.go_to(&was);
            return Err(diagnostic);
        }
        self.steps.truncate(from);
        let after = Some(self.session.snapshot());
        self.steps.push(Step { line, key: key.map(str::to_owned), after });
        self.done = self.steps.len();
        if let Some(old) = self.done.checked_sub(KEPT + 1).and_then(|old| self.steps.get_mut(old)) {
            old.after = None;
        }
        Ok(())
    }

    /// Takes the last step back; whether there was one.
    pub fn undo(&mut self) -> bool {
        let can = self.can_undo();
        if can && self.go_to(self.done - 1) {
            self.done -= 1;
        }
        can
    }

    /// Does the step again that was taken back last; whether there was one.
    pub fn redo(&mut self) -> bool {
        let can = self.can_redo() && self.go_to(self.done + 1);
        self.done += usize::from(can);
        can
    }

    /// Whether a step can be taken back.
    pub fn can_undo(&self) -> bool {
        self.done == 1 || self.done > 1 && self.steps[self.done - 2].after.is_some()
    }

    /// Whether a step has been taken back.
    pub fn can_redo(&self) -> bool {
        self.done < self.steps.len()
    }

    /// Takes up the state after so many steps; whether it is still known.
    fn go_to(&mut self, done: usize) -> bool {
        let state = match done.checked_sub(1) {
            None => Some(&self.start),
            Some(last) => self.steps.get(last).and_then(|step| step.after.as_ref()),
        };
        state.map(|state| self.session.go_to(state)).is_some()
    }

    /// The steps that are done.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps[..self.done]
    }

    /// The same as lines of script.
    pub fn lines(&self) -> Vec<String> {
        self.steps().iter().map(|step| step.line.clone()).collect()
    }

    /// What ran before all steps.
    pub fn setup(&self) -> &str {
        &self.setup
    }

    /// A whole script that makes what the work is now.
    pub fn script(&self) -> String {
        let lines = self.steps().iter().map(|step| step.line.as_str());
        std::iter::once(self.setup.as_str()).chain(lines).flat_map(|text| [text, "\n"]).collect()
    }

    /// The host that runs the steps.
    pub(super) fn host(&self) -> &Host {
        self.session.host()
    }

    /// The variable of that name.
    pub fn variable(&self, name: &str) -> Option<Dynamic> {
        self.session.values().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names of all variables, in order of definition.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.session.values().map(|(name, _)| name.to_owned()).collect();
        names.reverse();
        names
    }

    /// All latents by the names of the variables that hold them.
    pub(super) fn latents(&self) -> impl Iterator<Item = (String, Latent)> {
        let latent = |(name, value): (&str, Dynamic)| Some((name.to_owned(), value.try_cast::<Latent>()?));
        self.session.values().filter_map(latent)
    }

    /// All models, in the same way.
    pub(super) fn models(&self) -> impl Iterator<Item = (String, Model)> {
        let model = |(name, value): (&str, Dynamic)| Some((name.to_owned(), value.try_cast::<Model>()?));
        self.session.values().filter_map(model)
    }
}

/// `text` so that more script may follow it: with a `;` at its end if it needs one.
fn closed(session: &Session, text: &str) -> String {
    let text = text.trim_end();
    let ended = format!("{text};");
    let is_whole = |text: &str| session.compiles(&format!("{text}\n()"));
    if is_whole(text) || !is_whole(&ended) { text.to_owned() } else { ended }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(setup: &str) -> (Work, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::new(&Context::default(), folder.path(), folder.path(), setup).unwrap();
        (work, folder)
    }

    fn int(work: &Work, name: &str) -> i64 {
        work.variable(name).unwrap().as_int().unwrap()
    }

    #[test]
    fn steps_are_taken_back_and_done_again() {
        let (mut work, _folder) = work("let a = 1\n");
        assert!(!work.undo() && !work.redo());
        work.run("a += 1", None).unwrap();
        work.run("let b = a * 10; // ten times", None).unwrap();
        assert_eq!((int(&work, "a"), int(&work, "b")), (2, 20));
        assert!(work.undo() && work.variable("b").is_none() && work.can_redo());
        assert!(work.undo() && int(&work, "a") == 1 && !work.can_undo());
        assert!(work.redo() && work.redo() && int(&work, "b") == 20 && !work.redo());
        work.undo();
        work.run("a = 7;", None).unwrap();
        assert!(!work.can_redo());
        assert_eq!(work.lines(), ["a += 1;", "a = 7;"]);
    }

    #[test]
    fn the_script_makes_the_same() {
        let (mut work, _folder) = work("fn twice(n) { 2 * n }\nlet a = 1");
        for line in ["a = twice(a)", "for n in 0..3 { a += n }", "if a > 3 { a = -a }\n// remark"] {
            work.run(line, None).unwrap();
        }
        let script = work.script() + "a";
        let value = Host::new(Context::default()).run_text("copy", &script, &[]);
        assert_eq!(value.unwrap().as_int(), Ok(int(&work, "a")));
    }

    #[test]
    fn a_gesture_that_goes_on_stays_one_line() {
        let (mut work, _folder) = work("let a = 1;");
        for n in 2..6 {
            work.run(&format!("a = a + {n};"), Some("slider")).unwrap();
        }
        assert_eq!((work.lines(), int(&work, "a")), (vec!["a = a + 5;".to_owned()], 6));
        work.run("a = 0;", Some("other")).unwrap();
        work.run("a = 9;", Some("slider")).unwrap();
        assert_eq!(work.lines().len(), 3);
    }

    #[test]
    fn what_fails_leaves_everything_as_it_was() {
        let (mut work, _folder) = work("let a = 1;");
        work.run("a = 2;", Some("k")).unwrap();
        work.undo();
        work.redo();
        for line in ["a = 5; throw \"no\";", "let", "nothing = 3", "a = 3; ui::button(\"x\")"] {
            work.run(line, Some("k")).unwrap_err();
            assert_eq!((int(&work, "a"), work.lines().len()), (2, 1), "{line}");
        }
    }

    #[test]
    fn what_a_closure_has_shared_is_parted_again() {
        let (mut work, _folder) = work("let how = #{ n: 1 }; let a = [0].map(|x| x + how.n)[0];");
        work.run("how.n = 5; a = [0].map(|x| x + how.n)[0];", None).unwrap();
        work.undo();
        work.run("a = how.n", None).unwrap();
        assert_eq!(int(&work, "a"), 1);
        let refused = work.run("let f = || how.n;", None).unwrap_err();
        assert!(refused.headline.contains("`f` keeps a closure"), "{}", refused.headline);
    }

    #[test]
    fn a_step_without_an_end_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let context = Context { operations: Some(1000), ..Context::default() };
        let mut work = Work::new(&context, folder.path(), folder.path(), "let n = 1;").unwrap();
        let ended = work.run("loop { n += 1; }", None).unwrap_err();
        assert_eq!((ended.headline.as_str(), int(&work, "n")), ("the script did more than it may", 1));
    }

    #[test]
    fn nothing_of_the_machine_is_read_and_nothing_outside_is_written() {
        let (mut work, folder) = work("let a = music::line(\"bass\", \"C2\").to_song();");
        for line in ["midi::read(\"/etc/passwd\")", "a.save(\"../b.mid\")", "a.save(\"/tmp/b.mid\")"] {
            work.run(line, None).unwrap_err();
        }
        work.run("a.save(\"b.mid\")", None).unwrap();
        work.run("let b = midi::read(\"b.mid\");", None).unwrap();
        assert!(folder.path().join("b.mid").exists());
    }
}
