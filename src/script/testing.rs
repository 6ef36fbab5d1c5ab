//! Tests that are written in the language: functions called `test_…` without parameters. Each runs in a
//! scope of its own, after the statements of its script, which import and declare what it needs.

use std::sync::{Mutex, PoisonError};

use rhai::{CallFnOptions, Dynamic};

use super::host::{on_large_stack, script_scope};
use super::{Diagnostic, Files, Host, Output};
use crate::base::Progress;

/// How the names of tests begin.
const PREFIX: &str = "test_";

impl Host {
    /// Names of the tests of a script, from its first line to its last.
    ///
    /// # Errors
    /// That the text cannot be read as a script.
    pub fn tests_in(&self, name: &str, text: &str) -> Result<Vec<String>, Box<Diagnostic>> {
        self.compile_check(name, text)?;
        let sources = Files::new().with(name, text);
        on_large_stack(|| {
            let ast = self.engine().compile_with_scope(&script_scope(name, &[]), text);
            let ast = ast.map_err(|error| Box::new(self.diagnose(&error.into(), name, &sources)))?;
            let tests = ast.iter_functions().filter(|f| f.name.starts_with(PREFIX) && f.params.is_empty());
            let mut tests: Vec<String> = tests.map(|test| test.name.to_owned()).collect();
            tests.sort_by_key(|test| text.find(&format!("fn {test}(")));
            Ok(tests)
        })
        .unwrap_or_else(|panic| Err(Box::new(Diagnostic::of_panic(&*panic, name))))
    }

    /// Runs the test called `test` of a script, whose statements run before it.
    ///
    /// # Errors
    /// What went wrong, in the statements or in the test.
    pub fn run_test(&self, name: &str, text: &str, test: &str) -> Result<(), Box<Diagnostic>> {
        let sources = Files::new().with(name, text);
        self.context().ledger.begin(name, text, &[]);
        let done = on_large_stack(|| {
            let mut scope = script_scope(name, &[]);
            let mut run = || {
                let mut ast = self.engine().compile_with_scope(&scope, text)?;
                ast.set_source(name);
                let options = CallFnOptions::new().eval_ast(true).rewind_scope(true);
                self.engine_for(&ast).call_fn_with_options::<Dynamic>(options, &mut scope, &ast, test, ())
            };
            run().map(drop).map_err(|error| Box::new(self.diagnose(&error, name, &sources)))
        })
        .unwrap_or_else(|panic| Err(Box::new(Diagnostic::of_panic(&*panic, name))));
        let ended = self.end_runs(done.as_ref().err().map(|diagnostic| &**diagnostic));
        done.and(ended)
    }
}

/// Output that is kept until somebody asks, as nobody wants to read what tests print that pass.
#[derive(Debug, Default)]
pub struct Capture(Mutex<String>);

impl Capture {
    /// What was printed since it was last asked.
    pub fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Capture {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}

impl Output for Capture {
    fn print(&self, text: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_str(text);
        kept.push('\n');
    }

    fn note(&self, _text: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Context;

    const TEXT: &str = "import \"std/pick\" as p;\nlet outer = [1];\n\nfn test_b() { assert(true) }\n\
                        fn test_a() { assert_eq(1, 2) }\nfn helper() {}\nfn test_of(x) {}";

    #[test]
    fn tests_are_functions_without_parameters_in_the_order_of_the_text() {
        let host = Host::new(Context::default());
        assert_eq!(host.tests_in("t", TEXT).unwrap(), ["test_b", "test_a"]);
        assert!(host.run_test("t", TEXT, "test_b").is_ok());
        let failed = host.run_test("t", TEXT, "test_a").unwrap_err();
        assert!(failed.headline.starts_with("expected both to be equal"), "{}", failed.headline);
        assert_eq!(failed.excerpt.map(|excerpt| excerpt.line), Some(5));
    }

    #[test]
    fn the_statements_of_the_script_run_first_and_their_failure_is_the_tests() {
        let host = Host::new(Context::default());
        let failed = host.run_test("t", "throw \"no data\"; fn test_a() {}", "test_a").unwrap_err();
        assert_eq!(failed.headline, "no data");
    }
}
