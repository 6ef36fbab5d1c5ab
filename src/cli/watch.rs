//! `ricercar watch SCRIPT [ARGS]`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::run::told;
use crate::script::{Checker, Context, Host, Loaded, Watched};

/// Run a script whenever it has changed.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// The script (rhai)
    script: PathBuf,
    /// What the script finds in `args`; after `--`, options of its own
    args: Vec<String>,
}

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs a script, and again whenever it or a file that it imports has changed, until Ctrl-C. Models stay
/// loaded; a text that is wrong is not run, so that what the last good one made stays.
///
/// # Errors
/// [`Failure::Failed`] when there is no such script, [`Failure::Stopped`] when Ctrl-C stopped a run.
pub(super) fn run(program: &Program, watch: &Watch) -> Result<(), Failure> {
    let script = &watch.script;
    if !script.is_file() {
        return Err(Failure::Failed(format!("no script `{}`: the file does not exist", script.display())));
    }
    let terminal = &program.terminal;
    let (checker, loaded) = (Checker::within(program.context(Some(script))), Loaded::default());
    let mut watched = Watched::of(script, &checker);
    let mut good = 0_usize;
    loop {
        let start = Instant::now();
        let checked = checker.files([script]);
        // Every run is a host of its own: nothing of the last but its models is left.
        let done = if checked.findings.is_empty() {
            let host = Host::new(Context { loaded: Some(loaded.clone()), ..program.context(Some(script)) });
            let done = program.within_time(|| host.run_file(script, &watch.args));
            terminal.bar().clear();
            program.interrupt.forget_time();
            done.map_err(|diagnostic| told(terminal, &diagnostic))
        } else {
            checked.findings.iter().for_each(|finding| _ = told(terminal, finding));
            Err(Failure::Told)
        };
        let seconds = start.elapsed().as_secs_f64();
        let stays = if good > 0 { "; what the last good run made stays" } else { "" };
        match done {
            Ok(()) => {
                good += 1;
                terminal.note(&format!("watch: {} ran in {seconds:.2} s", script.display()));
            }
            Err(Failure::Told) if checked.findings.is_empty() => {
                terminal.note(&format!("watch: {} failed after {seconds:.2} s", script.display()));
            }
            Err(Failure::Told) => {
                terminal.note(&format!("watch: {} was not run{stays}", script.display()));
            }
            Err(failure) => return Err(failure),
        }
        // Waiting is no work that could be stopped: Ctrl-C then ends well.
        while !watched.has_changed(&checker) {
            if program.interrupt.cancel().is_raised() {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
    }
}
