//! A session: entries evaluated one after another, each seeing what those before it left.
//!
//! No terminal in it: the REPL is one front end, replayed transcripts are another.

mod closures;
mod colours;
mod commands;
mod complete;
mod cursor;
mod definitions;
mod describe;
mod help;
mod hint;
mod infer;
mod inspect;
mod journal;
mod obey;
mod printed;
mod record;
mod save;
mod snapshot;
mod strings;
mod transcript;

use std::collections::VecDeque;
use std::sync::Arc;

use rhai::{AST, Dynamic, EvalAltResult, Expr, Scope, Stmt};

use self::journal::Journal;
pub(super) use self::journal::SOURCE;
use self::printed::Printed;
use self::record::Record;
use super::host::on_large_stack;
use super::{Diagnostic, Host, Kind, Rich, Sources, show};

pub use colours::Paint;
pub use commands::{COMMANDS, Command, Takes, wants_more};
pub use complete::{Completion, Word};
pub use obey::{Said, seconds};
pub(super) use snapshot::Snapshot;

/// Entries that can be taken back.
const STEPS: usize = 200;
/// Answers that keep their names: `out1` goes when `out101` comes.
const ANSWERS: usize = 100;

/// Variables, functions and imports that entries share, and what has been entered.
///
/// An entry that fails assigns nothing, with one exception: changes made through a variable that a closure
/// has captured are kept, because both hold the same value. Of an entry that is stopped everything is kept
/// that it had done until then, and the rows of a sweep that was stopped are bound to `ans`.
pub struct Session {
    host: Host,
    state: State,
    /// How it was before each entry that went well, the last one at the end.
    before: Vec<Step>,
    journal: Journal,
    record: Record,
    printed: Arc<Printed>,
}

/// What entries build up.
#[derive(Clone)]
struct State {
    scope: Scope<'static>,
    functions: AST,
    imports: Vec<String>,
    /// Numbers of the entries whose answers have a name of their own.
    answers: VecDeque<usize>,
    /// Number of the next entry, from 1.
    number: usize,
}

/// What `:undo` brings back.
struct Step {
    state: State,
    entries: usize,
    texts: usize,
}

/// A value that is shown: to whoever entered it, and on paper.
struct Bound {
    value: Dynamic,
    shown: String,
    on_paper: String,
}

/// One entry and how it went.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number in its prompt.
    pub number: usize,
    /// The file it was loaded from, if it was not typed.
    pub file: Option<String>,
    /// What was entered.
    pub text: String,
    /// What it printed, without colours.
    pub printed: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How an entry went.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Well; with the text of its value, if it was shown.
    Done(Option<String>),
    /// Not at all, with the headline of what went wrong.
    Failed(String),
    /// Ctrl-C ended it.
    Stopped,
}

impl Session {
    /// A session with no variables yet.
    pub fn new(mut host: Host) -> Self {
        let printed = Arc::new(Printed::before(Arc::clone(&host.context().output)));
        host.change(|context| context.output = Arc::<Printed>::clone(&printed));
        let (before, journal, record) = Default::default();
        Self { host, state: State::default(), before, journal, record, printed }
    }

    /// Evaluates one entry and gives the text of its value, as the terminal should show it. Nothing is
    /// shown for `()` or when the entry ends in `;`. A value that is shown is also bound, to `ans` and,
    /// for entry 3, to `out3`; the last hundred keep such names.
    ///
    /// # Errors
    /// What went wrong, with variables and functions as before; or that it was stopped, with what it had done
    /// until then.
    pub fn evaluate(&mut self, text: &str) -> Result<Option<String>, Box<Diagnostic>> {
        Ok(self.enter(text)?.map(|(_, shown)| shown))
    }

    /// The same for a front end that shows more than text.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn evaluate_richly(&mut self, text: &str) -> Result<Option<Rich>, Box<Diagnostic>> {
        let value = self.enter(text)?.map(|(value, _)| value);
        Ok(value.map(|value| Rich::of(&value, &self.host.context().look())))
    }

    /// Evaluates one entry and gives its value, if it is to be shown, with its text.
    fn enter(&mut self, text: &str) -> Result<Option<(Dynamic, String)>, Box<Diagnostic>> {
        let number = self.state.number;
        let entries = self.entries().len();
        self.host.context().kept.put(None);
        let result = self.run(&format!("In [{number}]"), text, self.state.scope.clone());
        let result = result.map_err(|diagnostic| self.with_kept(diagnostic));
        let result = result.map(|value| self.bind(number, text, value));
        let (shown, outcome) = match result {
            Ok(Some(Bound { value, shown, on_paper })) => {
                (Ok(Some((value, shown))), Outcome::Done(Some(on_paper)))
            }
            Ok(None) => (Ok(None), Outcome::Done(None)),
            Err(diagnostic) => {
                let outcome = Outcome::of(&diagnostic);
                (Err(diagnostic), outcome)
            }
        };
        self.remember(
            entries,
            Entry { number, file: None, text: text.to_owned(), printed: String::new(), outcome },
        );
        shown
    }

    /// Runs a whole script, whose variables and functions then belong to the session; it sees `args`
    /// and its own path as `script`.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn load(&mut self, path: &str, text: &str, args: &[String]) -> Result<(), Box<Diagnostic>> {
        let mut scope = self.state.scope.clone();
        let args: rhai::Array = args.iter().map(|arg| Dynamic::from(arg.clone())).collect();
        scope.push_constant("args", args);
        scope.push_constant("script", path.to_owned());
        let entries = self.entries().len();
        let result = self.run(path, text, scope).map(drop);
        let outcome = result.as_ref().err().map_or(Outcome::Done(None), |diagnostic| Outcome::of(diagnostic));
        let (number, file) = (self.state.number, Some(path.to_owned()));
        self.remember(
            entries,
            Entry { number, file, text: text.to_owned(), printed: String::new(), outcome },
        );
        result
    }

    /// Evaluates `text` without keeping anything of it but what it did to the world.
    ///
    /// # Errors
    /// What went wrong, or that it was stopped.
    pub fn try_out(&mut self, name: &str, text: &str) -> Result<Dynamic, Box<Diagnostic>> {
        let (state, steps) = (self.state.clone(), self.before.len());
        let result = self.run(name, text, self.state.scope.clone());
        self.state = state;
        self.before.truncate(steps);
        self.printed.take();
        result
    }

    /// Runs `text` and keeps what it did, but neither shows its value nor counts it as an entry.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn run_silently(&mut self, text: &str) -> Result<(), Box<Diagnostic>> {
        let done = self.run("silent entry", text, self.state.scope.clone()).map(drop);
        self.printed.take();
        done
    }

    /// Changes settings such as the seed.
    pub fn change(&mut self, change: impl FnOnce(&mut super::Context)) {
        self.host.change(change);
    }

    /// The host that evaluates.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What has been entered so far, failures included.
    pub fn entries(&self) -> &[Entry] {
        self.record.entries()
    }

    /// The number of the next entry; entries that fail do not use one up.
    pub fn number(&self) -> usize {
        self.state.number
    }

    /// Takes the last `count` entries back that went well; says how many there were.
    pub fn undo(&mut self, count: usize) -> usize {
        let taken = count.min(self.before.len());
        for _ in 0..taken {
            if let Some(Step { state, entries, texts }) = self.before.pop() {
                self.state = state;
                self.journal.forget_from(texts);
                self.record.truncate(entries);
            }
        }
        taken
    }

    /// Forgets variables, functions, imports and entries.
    pub fn reset(&mut self) {
        self.state = State::default();
        self.before.clear();
        self.journal = Journal::default();
        self.record = Record::default();
    }

    /// Adds an entry with what it printed, and notes that what it did began with entry `before`.
    fn remember(&mut self, before: usize, entry: Entry) {
        let kept = matches!(entry.outcome, Outcome::Done(_) | Outcome::Stopped);
        if let Some(step) = self.before.last_mut().filter(|_| kept) {
            step.entries = before;
        }
        let printed = self.printed.take();
        self.record.push(Entry { printed, ..entry });
    }

    /// Compiles and runs `text` in `scope`; keeps what it did if it went well, and what it had done until
    /// then if it was stopped.
    fn run(&mut self, name: &str, text: &str, mut scope: Scope<'static>) -> Result<Dynamic, Box<Diagnostic>> {
        let texts = self.journal.len();
        let program = self.journal.enter(name, text, &self.state.imports);
        self.host.context().ledger.enter(text);
        let functions = &self.state.functions;
        let host = &self.host;
        let evaluated = on_large_stack(|| {
            let mut ast = host.engine().compile_with_scope(&scope, &program)?;
            ast.set_source(SOURCE);
            let mut all = functions.merge(&ast);
            all.set_source(SOURCE);
            let value = host.engine_for(&all).eval_ast_with_scope::<Dynamic>(&mut scope, &all);
            Ok::<_, Box<EvalAltResult>>((value, ast, all))
        });
        let (value, ast, all) = match evaluated {
            Ok(Ok(evaluated)) => evaluated,
            Ok(Err(error)) => return Err(self.diagnose(&error)),
            Err(panic) => return Err(Box::new(Diagnostic::of_panic(&*panic, text))),
        };
        let value = value.map_err(|error| self.diagnose(&error));
        if value.as_ref().err().is_none_or(|diagnostic| diagnostic.kind == Kind::Stopped) {
            self.keep(&scope, &ast, all, texts);
        }
        value
    }

    fn diagnose(&self, error: &EvalAltResult) -> Box<Diagnostic> {
        let sources: &dyn Sources = &self.journal;
        Box::new(self.host.diagnose(error, SOURCE, sources))
    }

    /// Takes over what an entry left, `texts` texts after the first; [`Session::undo`] takes it back.
    fn keep(&mut self, scope: &Scope<'static>, ast: &AST, mut functions: AST, texts: usize) {
        let mut imports = self.state.imports.clone();
        self.keep_imports(ast, &mut imports);
        let scope = last_values(scope);
        if ast.has_functions() {
            functions.clear_statements();
            closures::forget_unreachable(&mut functions, &scope, self.host.context().widgets.callbacks());
        } else {
            // The same ones, shared with the states before.
            functions = self.state.functions.clone();
        }
        let (answers, number) = (self.state.answers.clone(), self.state.number);
        let state = State { scope, functions, imports, answers, number };
        let state = std::mem::replace(&mut self.state, state);
        let entries = self.entries().len();
        self.before.push(Step { state, entries, texts });
        if self.before.len() > STEPS {
            self.before.remove(0);
        }
    }

    /// Remembers the imports at the top level of an entry. One whose path is computed cannot be
    /// repeated and holds for its entry only.
    fn keep_imports(&self, ast: &AST, imports: &mut Vec<String>) {
        for statement in ast.statements() {
            if let Stmt::Import(import, position) = statement
                && let (Expr::StringConstant(path, ..), name) = &**import
                && position.line().and_then(|line| self.journal.in_last(line)).is_some()
            {
                journal::keep_import(imports, path, name.as_str());
            }
        }
    }

    /// Binds the value of entry `number` and gives it with its texts, if it is to be shown.
    fn bind(&mut self, number: usize, text: &str, value: Dynamic) -> Option<Bound> {
        self.state.number += 1;
        if value.is_unit() || text.trim_end().ends_with(';') {
            return None;
        }
        let look = self.host.context().look();
        let shown = show(&value, &look);
        let on_paper = if look.on_paper() == look { shown.clone() } else { show(&value, &look.on_paper()) };
        for name in ["ans".to_owned(), out(number)] {
            self.state.scope.push_dynamic(name, value.clone());
        }
        self.state.answers.push_back(number);
        if self.state.answers.len() > ANSWERS
            && let Some(oldest) = self.state.answers.pop_front()
        {
            let _ = self.state.scope.remove::<Dynamic>(&out(oldest));
        }
        self.state.scope = last_values(&self.state.scope);
        Some(Bound { value, shown, on_paper })
    }

    /// Binds the rows of a sweep that did not come to its end to `ans`, and says so.
    fn with_kept(&mut self, mut diagnostic: Box<Diagnostic>) -> Box<Diagnostic> {
        if let Some(table) = self.host.context().kept.take() {
            let rows =
                if table.len() == 1 { "row is".to_owned() } else { format!("{} rows are", table.len()) };
            diagnostic.notes.push(format!("the finished {rows} kept in `ans`"));
            self.state.scope.push_dynamic("ans".to_owned(), Dynamic::from(table));
            self.state.scope = last_values(&self.state.scope);
        }
        diagnostic
    }
}

impl Default for State {
    fn default() -> Self {
        let (imports, answers) = Default::default();
        Self { scope: Scope::new(), functions: AST::empty(), imports, answers, number: 1 }
    }
}

impl Outcome {
    fn of(diagnostic: &Diagnostic) -> Self {
        match diagnostic.kind {
            Kind::Stopped => Self::Stopped,
            Kind::Error | Kind::Bug => Self::Failed(diagnostic.headline.clone()),
        }
    }
}

/// What the answer of entry `number` is called.
fn out(number: usize) -> String {
    format!("out{number}")
}

/// The last value of each name, in order of definition: `let z = ..` again leaves the old value in a
/// scope, where it would keep its tensors alive.
fn last_values(scope: &Scope<'static>) -> Scope<'static> {
    let mut seen = std::collections::BTreeSet::new();
    let visible: Vec<_> = scope.iter_raw().filter(|(name, ..)| seen.insert(name.to_owned())).collect();
    let mut fresh = Scope::new();
    for (name, is_constant, value) in visible.into_iter().rev() {
        match is_constant {
            true => fresh.push_constant_dynamic(name, value.clone()),
            false => fresh.push_dynamic(name, value.clone()),
        };
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Context;

    fn session() -> Session {
        Session::new(Host::new(Context::default()))
    }

    #[test]
    fn entries_are_taken_back_one_by_one() {
        let mut session = session();
        for entry in ["let a = 1;", "let b = 2;", "nope", "fn f() { 7 }"] {
            let _ = session.evaluate(entry);
        }
        assert_eq!((session.undo(2), session.number()), (2, 2));
        assert!(session.evaluate("a").is_ok() && session.evaluate("b").is_err());
        assert_eq!((session.undo(9), session.number(), session.entries().len()), (2, 1, 0));
    }

    #[test]
    fn the_last_hundred_answers_keep_their_names() {
        let mut session = session();
        for number in 1..=100 {
            session.evaluate(&format!("{number} * 2")).unwrap();
        }
        assert_eq!(session.evaluate("out1 + out100").unwrap().as_deref(), Some("202"));
        assert!(session.evaluate("out1").is_err());
        assert_eq!(session.evaluate("out2 + out101").unwrap().as_deref(), Some("206"));
        session.undo(2);
        assert_eq!(session.evaluate("out1").unwrap().as_deref(), Some("2"));
    }

    #[test]
    fn a_panic_costs_its_entry_and_nothing_else() {
        let mut session = session();
        session.host.register_for_test("explode", || -> i64 { panic!("boom") });
        session.evaluate("let a = 40;").unwrap();
        let bug = session.evaluate("a = 1; a + explode()").unwrap_err();
        assert_eq!((bug.kind, bug.headline.as_str()), (Kind::Bug, "boom"));
        let told = bug.render(false);
        assert!(told.contains("a + explode()") && told.contains(crate::VERSION), "{told}");
        assert_eq!(session.evaluate("a + 2").unwrap().as_deref(), Some("42"));
    }

    #[test]
    fn trying_something_out_leaves_no_trace() {
        let mut session = session();
        session.evaluate("let a = 1;").unwrap();
        assert_eq!(session.try_out("test", "let b = a + 1; a = 5; b").unwrap().as_int(), Ok(2));
        assert_eq!(session.evaluate("a").unwrap().as_deref(), Some("1"));
        assert!(session.evaluate("b").is_err());
        assert_eq!(session.undo(9), 2);
    }
}
