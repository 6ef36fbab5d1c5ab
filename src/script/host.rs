//! The engine with everything registered, and the ways to run a script on it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rhai::{AST, Array, Dynamic, Engine, EvalAltResult, OptimizationLevel, Scope};

use super::imports::Imports;
use super::{Context, Diagnostic, Files, Help, Kind, Sources, api, handles, stdlib};
use crate::experiment::run::{Manifest, Status};

/// Bytes of stack that deep scripts need: 128 nested calls of expressions 128 deep.
const STACK_BYTES: usize = 64 << 20;
pub(super) const CALL_LEVELS: usize = 128;
pub(super) const EXPRESSION_DEPTH: usize = 128;
pub(super) const EXPRESSION_DEPTH_IN_FUNCTIONS: usize = 64;
/// Limits that stop a runaway script before it takes all memory.
pub(super) const STRING_BYTES: usize = 64 << 20;
pub(super) const ARRAY_ITEMS: usize = 10_000_000;
pub(super) const MAP_ENTRIES: usize = 1_000_000;

/// Scripts run here. Costs a few milliseconds to build; may be used any number of times.
pub struct Host {
    engine: Engine,
    /// The same for scripts that hold widgets; made when there is one.
    lending: OnceLock<Engine>,
    context: Arc<Context>,
    help: OnceLock<Help>,
}

impl Host {
    /// A host with all modules registered.
    pub fn new(context: Context) -> Self {
        let context = Arc::new(context);
        let engine = engine(&context);
        Self { engine, lending: OnceLock::new(), context, help: OnceLock::new() }
    }

    /// Changes the settings; what runs from now on sees the new ones.
    pub fn change(&mut self, change: impl FnOnce(&mut Context)) {
        let mut context = Context::clone(&self.context);
        change(&mut context);
        self.context = Arc::new(context);
        connect(&mut self.engine, &self.context);
        if let Some(lending) = self.lending.get_mut() {
            connect(lending, &self.context);
        }
    }

    /// The settings that natives read.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The index of everything that scripts can call; read at the first use.
    pub fn help(&self) -> &Help {
        self.help.get_or_init(|| Help::new(&self.engine, stdlib::descriptions()))
    }

    /// Gives scripts a function that only a test has.
    #[cfg(test)]
    pub(super) fn register_for_test(&mut self, name: &str, function: fn() -> i64) {
        for engine in [Some(&mut self.engine), self.lending.get_mut()].into_iter().flatten() {
            engine.register_fn(name, function);
        }
    }

    /// The engine itself, which compiles.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine that `script`, or what it has left, is to run on.
    pub(super) fn engine_for(&self, script: &AST) -> &Engine {
        if !self.context.widgets.in_use() && !handles::may_make(script) {
            return &self.engine;
        }
        self.lending.get_or_init(|| {
            let mut engine = engine(&self.context);
            handles::lend(&mut engine);
            engine
        })
    }

    /// Runs the script at `path`; it sees `args` and its own path as `script`.
    ///
    /// # Errors
    /// Whatever went wrong, with the place in the script; [`super::Kind::Stopped`] when cancelled.
    pub fn run_file(&self, path: &Path, args: &[String]) -> Result<(), Box<Diagnostic>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Diagnostic::plain(format!("cannot read the script `{name}`: {error}")))?;
        self.run_text(&name, &text, args).map(drop)
    }

    /// Runs `text` under the name `name` and gives its last value.
    ///
    /// # Errors
    /// See [`Host::run_file`].
    pub fn run_text(&self, name: &str, text: &str, args: &[String]) -> Result<Dynamic, Box<Diagnostic>> {
        self.run_script(name, text, args).map(|(value, _)| value)
    }

    /// The same, with the script itself, in which functions that it left can be called.
    pub(super) fn run_script(
        &self,
        name: &str,
        text: &str,
        args: &[String],
    ) -> Result<(Dynamic, AST), Box<Diagnostic>> {
        let sources = Files::new().with(name, text);
        self.context.ledger.begin(name, text, args);
        self.context.widgets.clear();
        let done = on_large_stack(|| {
            let mut scope = script_scope(name, args);
            let ast = self.compile(name, text, &scope);
            ast.and_then(|ast| Ok((self.engine_for(&ast).eval_ast_with_scope(&mut scope, &ast)?, ast)))
                .map_err(|error| Box::new(self.diagnose(&error, name, &sources)))
        })
        .unwrap_or_else(|panic| Err(Box::new(Diagnostic::of_panic(&*panic, name))));
        let ended = self.end_runs(done.as_ref().err().map(|diagnostic| &**diagnostic));
        done.and_then(|ran| ended.map(|()| ran))
    }

    /// Ends the runs that scripts have started and not finished, as failed or stopped if there is an
    /// `error`.
    ///
    /// # Errors
    /// That a record cannot be written.
    pub fn end_runs(&self, error: Option<&Diagnostic>) -> Result<(), Box<Diagnostic>> {
        let (status, headline) = how_it_ended(error);
        let ended = self.context.ledger.end(&self.context.facts(), status, headline);
        ended.map_err(|error| Box::new(Diagnostic::plain(error.to_string())))
    }

    /// Writes the record of the script that has just run to `path`: all that it used and made, outside
    /// of the folders of its runs.
    ///
    /// # Errors
    /// That something cannot be read or written.
    pub fn record(&self, path: &Path, error: Option<&Diagnostic>) -> Result<Manifest, Box<Diagnostic>> {
        let (status, headline) = how_it_ended(error);
        let recorded = self.context.ledger.record(&self.context.facts(), path, status, headline);
        recorded.map_err(|error| Box::new(Diagnostic::plain(error.to_string())))
    }

    /// Reads `text` without running it: syntax, and variables that do not exist.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn compile_check(&self, name: &str, text: &str) -> Result<(), Box<Diagnostic>> {
        let sources = Files::new().with(name, text);
        on_large_stack(|| {
            let scope = script_scope(name, &[]);
            let compiled = self.compile(name, text, &scope);
            compiled.map(drop).map_err(|error| Box::new(self.diagnose(&error, name, &sources)))
        })
        .unwrap_or_else(|panic| Err(Box::new(Diagnostic::of_panic(&*panic, name))))
    }

    /// What a person should be told about `error`, raised by the text that `sources` calls `main`.
    pub fn diagnose(&self, error: &EvalAltResult, main: &str, sources: &dyn Sources) -> Diagnostic {
        // What was stopped needs no explanation, and the index takes a while to read.
        let (none, is_stopped) =
            (Help::default(), matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..)));
        let help = if is_stopped { &none } else { self.help() };
        let told = Diagnostic::from_error(error, main, sources, help, &self.engine);
        // What gave up because the flag was raised has nothing to say of its own.
        let told = match self.context.cancel.is_raised() && told.kind == Kind::Error {
            true => Diagnostic { kind: Kind::Stopped, headline: "stopped".into(), help: None, ..told },
            false => told,
        };
        match told.kind {
            Kind::Stopped if self.context.cancel.has_expired() => Diagnostic {
                kind: Kind::Error,
                headline: "the script ran longer than it may".into(),
                help: Some("`--max-seconds N` gives it more time".into()),
                ..told
            },
            _ => told,
        }
    }

    fn compile(&self, name: &str, text: &str, scope: &Scope) -> Result<AST, Box<EvalAltResult>> {
        let mut ast = self.engine.compile_with_scope(scope, text)?;
        ast.set_source(name);
        Ok(ast)
    }
}

fn how_it_ended(error: Option<&Diagnostic>) -> (Status, Option<&str>) {
    match error {
        None => (Status::Finished, None),
        Some(Diagnostic { kind: Kind::Stopped, .. }) => (Status::Stopped, None),
        Some(error) => (Status::Failed, Some(&error.headline)),
    }
}

/// Runs `work` on a thread whose stack holds the deepest script that the limits allow; a panic in it ends
/// there and is given back.
///
/// # Panics
/// When the system has no thread left.
pub(super) fn on_large_stack<R: Send>(work: impl FnOnce() -> R + Send) -> std::thread::Result<R> {
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new()
            .name("script".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(threads, work)
            .expect("the system has a thread for the script");
        thread.join()
    })
}

pub(super) fn script_scope(name: &str, args: &[String]) -> Scope<'static> {
    let args: Array = args.iter().map(|arg| Dynamic::from(arg.clone())).collect();
    let mut scope = Scope::new();
    scope.push_constant("args", args);
    scope.push_constant("script", name.to_owned());
    scope
}

/// The same limits in debug and release builds, so that a script that runs in one runs in the other.
fn set_limits(engine: &mut Engine) {
    engine
        .set_max_call_levels(CALL_LEVELS)
        .set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH_IN_FUNCTIONS)
        .set_max_string_size(STRING_BYTES)
        .set_max_array_size(ARRAY_ITEMS)
        .set_max_map_size(MAP_ENTRIES)
        .set_optimization_level(OptimizationLevel::Simple)
        .set_fail_on_invalid_map_property(true)
        .set_strict_variables(true);
}

/// An engine with everything registered.
fn engine(context: &Arc<Context>) -> Engine {
    let mut engine = Engine::new();
    set_limits(&mut engine);
    engine.disable_symbol("eval");
    connect(&mut engine, context);
    api::register(&mut engine);
    engine
}

/// Has an engine run under these settings.
fn connect(engine: &mut Engine, context: &Arc<Context>) {
    engine.set_module_resolver(Imports(Arc::clone(context)));
    context.attach(engine);
    engine.set_max_operations(context.operations.unwrap_or(0));
    let cancel = context.cancel.clone();
    engine.on_progress(move |_| cancel.is_raised().then(|| Dynamic::from("stopped")));
    let (output, ledger) = (Arc::clone(&context.output), context.ledger.clone());
    engine.on_print(move |text| {
        ledger.printed(text);
        output.print(text);
    });
    let output = Arc::clone(&context.output);
    engine.on_debug(move |text, source, position| {
        let line = position.line().map(|line| format!(":{line}")).unwrap_or_default();
        output.note(&format!("{}{line}: {text}", source.unwrap_or("script")));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Kind;

    #[test]
    fn a_text_gives_its_last_value_and_sees_its_arguments() {
        let host = Host::new(Context::default());
        let value = host.run_text("test", "args.len() + 40", &["a".into(), "b".into()]).unwrap();
        assert_eq!(value.as_int(), Ok(42));
    }

    #[test]
    fn a_panic_in_a_native_function_is_told_as_a_bug() {
        let mut host = Host::new(Context::default());
        host.register_for_test("explode", || -> i64 { panic!("boom {}", 1) });
        let bug = host.run_text("piece.rhai", "1 + explode()", &[]).unwrap_err();
        assert_eq!((bug.kind, bug.headline.as_str()), (Kind::Bug, "boom 1"));
        let text = bug.render(false);
        assert!(text.starts_with("bug in ricercar: boom 1\n") && text.contains("piece.rhai"), "{text}");
        assert_eq!(host.run_text("after", "40 + 2", &[]).unwrap().as_int(), Ok(42));
    }

    #[test]
    fn changed_settings_count_from_then_on() {
        let mut host = Host::new(Context::default());
        let draw = |host: &Host| host.run_text("test", "seeds(1)[0]", &[]).unwrap().as_int().unwrap();
        let before = draw(&host);
        host.change(|context| context.seed = crate::base::Seed(9));
        assert_ne!(draw(&host), before);
        host.change(|context| context.seed = crate::base::Seed(0));
        assert_eq!(draw(&host), before);
    }

    #[test]
    fn deep_recursion_within_the_limits_runs_and_beyond_them_is_an_error() {
        let host = Host::new(Context::default());
        let text = |n| format!("fn down(n) {{ if n == 0 {{ 0 }} else {{ 1 + down(n - 1) }} }} down({n})");
        assert_eq!(host.run_text("test", &text(120), &[]).unwrap().as_int(), Ok(120));
        assert!(host.run_text("test", &text(200), &[]).is_err());
    }

    #[test]
    fn a_raised_flag_stops_a_loop_that_never_ends() {
        let context = Context::default();
        let cancel = context.cancel.clone();
        let host = Host::new(context);
        let stopped = std::thread::scope(|threads| {
            threads.spawn(|| cancel.raise());
            host.run_text("test", "try { loop { } } catch { 1 }", &[])
        });
        assert_eq!(stopped.unwrap_err().kind, Kind::Stopped);
    }
}
