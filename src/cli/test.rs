//! `ricercar test [FILES|FOLDERS]`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::scripts::scripts;
use crate::script::{Capture, Context, Diagnostic, Host, Kind};

/// Run the tests of scripts.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Scripts, and folders whose NAME_test.rhai and test_NAME.rhai count; the working directory otherwise
    #[arg(value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
    /// Run only tests that have WORD in their names
    #[arg(long, value_name = "WORD")]
    filter: Option<String>,
}

/// Runs the tests of scripts and tells which fail; each may take as long as the global options say.
///
/// # Errors
/// [`Failure::Told`] when one fails, [`Failure::Failed`] when there are none, [`Failure::Stopped`] after
/// Ctrl-C.
pub(super) fn run(program: &Program, test: &Test) -> Result<(), Failure> {
    let printed = Arc::new(Capture::default());
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for file in &files(&test.files)? {
        let host = Host::new(Context { output: printed.clone(), ..program.context(Some(file)) });
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::Failed(format!("cannot read the script `{name}`: {error}")))?;
        let tests = match host.tests_in(&name, &text) {
            Ok(tests) => tests,
            Err(diagnostic) => {
                failed += 1;
                report(program, &name, &diagnostic, "")?;
                continue;
            }
        };
        let wanted = |name: &&String| test.filter.as_ref().is_none_or(|word| name.contains(word));
        for test in tests.iter().filter(wanted) {
            let done = program.within_time(|| host.run_test(&name, &text, test));
            program.interrupt.forget_time();
            match done {
                Ok(()) => passed += 1,
                Err(diagnostic) if diagnostic.kind == Kind::Stopped => {
                    return Err(Failure::Stopped(Some(format!(
                        "stopped in {name}: {test}; {passed} passed, {failed} failed before"
                    ))));
                }
                Err(diagnostic) => {
                    failed += 1;
                    report(program, &format!("{name}: {test}"), &diagnostic, &printed.take())?;
                }
            }
            printed.take();
        }
    }
    if passed + failed == 0 {
        let which = test.filter.as_ref().map(|word| format!(" with `{word}` in its name"));
        return Err(Failure::Failed(format!(
            "no test{}: tests are functions such as `fn test_norm() {{ … }}`, in files called NAME_test.rhai \
             or test_NAME.rhai unless files are named",
            which.unwrap_or_default()
        )));
    }
    program.terminal.line(&format!("{passed} passed, {failed} failed"))?;
    if failed == 0 { Ok(()) } else { Err(Failure::Told) }
}

/// One failure: which test, why, and what it had printed.
fn report(program: &Program, test: &str, why: &Diagnostic, printed: &str) -> Result<(), Failure> {
    let told = match program.terminal.is_plain() {
        true => why.render_spoken(),
        false => why.render(program.terminal.is_colored()),
    };
    let printed: String = printed.lines().map(|line| format!("  printed: {line}\n")).collect();
    program.terminal.line(&format!("FAILED {test}\n{told}{printed}"))
}

/// The scripts that are named, and those of folders whose names say that they are tests.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let here = [PathBuf::from(".")];
    let is_test = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.starts_with("test_") || stem.ends_with("_test")
    };
    scripts(if named.is_empty() { &here } else { named }, &is_test)
}
