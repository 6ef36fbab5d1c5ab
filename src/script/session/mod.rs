//! A session: entries evaluated one after another, each seeing what those before it left.
//!
//! No terminal in it: the REPL is one front end, replayed transcripts are another.

mod commands;
mod help;
mod journal;
mod save;

use rhai::{AST, Dynamic, EvalAltResult, Expr, Scope, Stmt};

use self::journal::{Journal, SOURCE};
use super::types::plain_name;
use super::{Diagnostic, Host, Kind, Sources, on_large_stack, show, summary};
use crate::music::Multitrack;

pub use commands::{COMMANDS, Command, wants_more};

/// Variables, functions and imports that entries share, and what has been entered.
///
/// An entry that fails or is stopped assigns nothing, with one exception: changes made through a
/// variable that a closure has captured are kept, because both hold the same value.
pub struct Session {
    host: Host,
    state: State,
    before: Option<State>,
    journal: Journal,
    entries: Vec<Entry>,
}

/// What `:undo` brings back.
#[derive(Clone)]
struct State {
    scope: Scope<'static>,
    functions: AST,
    /// Number of the next entry, from 1.
    number: usize,
}

/// One entry and how it went.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number in its prompt.
    pub number: usize,
    /// What was entered.
    pub text: String,
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
    pub fn new(host: Host) -> Self {
        let state = State { scope: Scope::new(), functions: AST::empty(), number: 1 };
        Self { host, state, before: None, journal: Journal::default(), entries: Vec::new() }
    }

    /// Evaluates one entry and gives the text of its value, as the terminal should show it. Nothing is
    /// shown for `()` or when the entry ends in `;`. A value that is shown is also bound, to `ans` and,
    /// for entry 3, to `out3`.
    ///
    /// # Errors
    /// What went wrong, or that it was stopped; variables and functions are then as before.
    pub fn evaluate(&mut self, text: &str) -> Result<Option<String>, Box<Diagnostic>> {
        let number = self.state.number;
        let result = self.run(&format!("In [{number}]"), text, self.state.scope.clone());
        let result = result.map(|value| self.bind(number, text, value));
        let outcome = match &result {
            Ok(shown) => Outcome::Done(shown.clone()),
            Err(diagnostic) if diagnostic.kind == Kind::Stopped => Outcome::Stopped,
            Err(diagnostic) => Outcome::Failed(diagnostic.headline.clone()),
        };
        self.entries.push(Entry { number, text: text.to_owned(), outcome });
        result
    }

    /// Runs a whole script, whose variables and functions then belong to the session; it sees `args`
    /// and its own path as `script`.
    ///
    /// # Errors
    /// What went wrong in it; the session is then as before.
    pub fn load(&mut self, path: &str, text: &str, args: &[String]) -> Result<(), Box<Diagnostic>> {
        let mut scope = self.state.scope.clone();
        let args: rhai::Array = args.iter().map(|arg| Dynamic::from(arg.clone())).collect();
        scope.push_constant("args", args);
        scope.push_constant("script", path.to_owned());
        self.run(path, text, scope).map(drop)
    }

    /// The host that evaluates.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What has been entered so far, failures included.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The number of the next entry; entries that fail do not use one up.
    pub fn number(&self) -> usize {
        self.state.number
    }

    /// Name, type and one line of the value of each variable, by name.
    pub fn variables(&self) -> Vec<(&str, String, String)> {
        let describe = |(name, _, value)| (name, self.kind(value), summary(value));
        let mut variables: Vec<_> = self.state.scope.iter_raw().map(describe).collect();
        variables.sort();
        variables
    }

    /// Names and parameters of the functions that entries have defined.
    pub fn functions(&self) -> Vec<(String, Vec<String>)> {
        let mut functions: Vec<_> = self
            .state
            .functions
            .iter_functions()
            .map(|f| (f.name.to_owned(), f.params.iter().map(|p| (*p).to_owned()).collect()))
            .collect();
        functions.sort();
        functions
    }

    /// What scripts call the type of `path`, a variable or a chain of its fields such as `song.drums`;
    /// `None` if there is no such thing, or if `path` is more than that.
    pub fn kind_of(&self, path: &str) -> Option<String> {
        Some(self.kind(&self.peek(path)?))
    }

    /// The keys of `path`, if it is a map.
    pub fn keys_of(&self, path: &str) -> Vec<String> {
        let value = self.peek(path);
        let map = value.as_ref().and_then(|value| value.read_lock::<rhai::Map>());
        map.map(|map| map.keys().map(ToString::to_string).collect()).unwrap_or_default()
    }

    /// Names of the tracks of all pieces in the session.
    pub fn track_names(&self) -> Vec<String> {
        let pieces = self.state.scope.iter_raw().filter_map(|(.., value)| value.read_lock::<Multitrack>());
        let mut names: Vec<String> = pieces.flat_map(|piece| piece.track_names()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Takes the last entry that went well back, once; says whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(state) = self.before.take() else { return false };
        self.state = state;
        if let Some(last) = self.entries.iter().rposition(|e| matches!(e.outcome, Outcome::Done(_))) {
            self.entries.truncate(last);
        }
        true
    }

    /// Forgets variables, functions, imports and entries.
    pub fn reset(&mut self) {
        self.state = State { scope: Scope::new(), functions: AST::empty(), number: 1 };
        self.before = None;
        self.journal = Journal::default();
        self.entries.clear();
    }

    /// Compiles and runs `text` in `scope`; keeps what it did only if it went well.
    fn run(&mut self, name: &str, text: &str, mut scope: Scope<'static>) -> Result<Dynamic, Box<Diagnostic>> {
        let program = self.journal.enter(name, text);
        self.host.context().ledger.enter(text);
        let functions = &self.state.functions;
        let engine = self.host.engine();
        let evaluated = on_large_stack(|| {
            let mut ast = engine.compile_with_scope(&scope, &program)?;
            ast.set_source(SOURCE);
            let mut all = functions.merge(&ast);
            all.set_source(SOURCE);
            let value = engine.eval_ast_with_scope::<Dynamic>(&mut scope, &all)?;
            Ok::<_, Box<EvalAltResult>>((value, ast, all))
        });
        match evaluated {
            Ok((value, ast, mut all)) => {
                self.keep_imports(&ast);
                all.clear_statements();
                let number = self.state.number;
                let state = State { scope: last_values(&scope), functions: all, number };
                self.before = Some(std::mem::replace(&mut self.state, state));
                Ok(value)
            }
            Err(error) => {
                let sources: &dyn Sources = &self.journal;
                Err(Box::new(self.host.diagnose(&error, SOURCE, sources)))
            }
        }
    }

    /// Remembers the imports at the top level of an entry. One whose path is computed cannot be
    /// repeated and holds for its entry only.
    fn keep_imports(&mut self, ast: &AST) {
        for statement in ast.statements() {
            if let Stmt::Import(import, position) = statement
                && let (Expr::StringConstant(path, ..), name) = &**import
                && position.line().and_then(|line| self.journal.in_last(line)).is_some()
            {
                self.journal.keep_import(path, name.as_str());
            }
        }
    }

    /// Binds the value of entry `number` and gives its text, if it has one to show.
    fn bind(&mut self, number: usize, text: &str, value: Dynamic) -> Option<String> {
        self.state.number += 1;
        if value.is_unit() || text.trim_end().ends_with(';') {
            return None;
        }
        let shown = self.shown(&value);
        for name in ["ans".to_owned(), format!("out{number}")] {
            self.state.scope.push_dynamic(name, value.clone());
        }
        self.state.scope = last_values(&self.state.scope);
        Some(shown)
    }

    /// The text of a value for the terminal.
    fn shown(&self, value: &Dynamic) -> String {
        let context = self.host.context();
        show(value, context.width, context.colour)
    }

    /// What scripts call a value's type.
    fn kind(&self, value: &Dynamic) -> String {
        plain_name(self.host.engine().map_type_name(value.type_name()))
    }

    /// The value of a variable or of a chain of fields. Fields have no effects, so looking is free.
    fn peek(&self, path: &str) -> Option<Dynamic> {
        if !path.split('.').all(rhai::is_valid_identifier) {
            return None;
        }
        let mut scope = self.state.scope.clone();
        self.host.engine().eval_expression_with_scope(&mut scope, path).ok()
    }
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
