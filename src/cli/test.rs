//! `ricercar test [FILES|FOLDERS]`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use super::{Program, args};
use crate::script::{Capture, Context, Diagnostic, Host, Kind};

/// Runs the tests of scripts and tells which fail.
///
/// # Errors
/// [`Failure::Told`] when one fails, [`Failure::Failed`] when there are none, [`Failure::Stopped`] after
/// Ctrl-C.
pub(super) fn run(program: &Program, test: &args::Test) -> Result<(), Failure> {
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
            match host.run_test(&name, &text, test) {
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
    let mut found = Vec::new();
    for path in if named.is_empty() { &here } else { named } {
        if path.is_dir() { of_folder(path, &mut found)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

fn of_folder(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let wrong = |error| Failure::Failed(format!("cannot read the folder `{}`: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(wrong)?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(wrong)?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.') || entry.file_name() == "target";
        // A link to a folder may lead around in a circle.
        let is_link = entry.file_type().map_err(wrong)?.is_symlink();
        if is_hidden || (is_link && entry.path().is_dir()) {
            continue;
        }
        paths.push(entry.path());
    }
    paths.sort();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_script = path.extension().is_some_and(|extension| extension == "rhai");
        if path.is_dir() {
            of_folder(&path, found)?;
        } else if is_script && (stem.starts_with("test_") || stem.ends_with("_test")) {
            found.push(path.strip_prefix("./").map_or(path.clone(), Path::to_owned));
        }
    }
    Ok(())
}
