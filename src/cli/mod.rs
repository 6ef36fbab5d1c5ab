//! Subcommands and the interactive session; the only home of clap, rustyline, indicatif and ctrlc.
//!
//! Results go to stdout and everything else to stderr. The program ends with 0, with 1 after an
//! error, with 2 when the command line is wrong, and with 130 when Ctrl-C stopped the work.

mod about;
#[cfg(any(feature = "play", feature = "midi-port"))]
mod alsa;
mod args;
mod bug;
mod check;
mod clock;
mod collect;
mod convert;
mod dialogue;
mod doc;
mod editor;
mod failure;
mod fmt;
mod init;
mod interrupt;
mod jupyter;
mod keys;
mod lists;
mod measure;
mod merge;
mod music;
mod new;
mod obey;
#[cfg(feature = "jupyter")]
mod parent;
mod player;
#[cfg(feature = "midi-port")]
mod port;
mod progress;
mod repl;
mod rerun;
mod retrain;
mod run;
mod runs;
mod scripts;
mod serve;
mod show;
#[cfg(feature = "play")]
mod speaker;
mod terminal;
mod test;
mod train;
mod watch;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use args::{Arguments, Command};
use clap::error::ErrorKind;
use failure::Failure;
use interrupt::Interrupt;
use terminal::Terminal;

use crate::base::{Cancel, Seed};
use crate::model::DeviceName;
use crate::script::{Context, Host, Ports, Sandbox, Surroundings, View};

/// Runs the program with the arguments and environment of the process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os().collect::<Vec<OsString>>()) {
        Ok(arguments) => arguments,
        Err(error) => return say_usage(&error),
    };
    bug::watch();
    let cancel = Cancel::new();
    let terminal = Terminal::of(&arguments.globals, cancel.clone());
    let program = Interrupt::watch(cancel, &terminal)
        .map(|interrupt| Program { arguments, terminal: terminal.clone(), interrupt })
        .and_then(|program| bug::caught(&terminal, || program.run()));
    // A script whose reader has gone is stopped through the same flag as Ctrl-C.
    let failure = match program {
        Ok(()) => return ExitCode::SUCCESS,
        Err(_) if terminal.is_unread() => Failure::Unread,
        Err(failure) => failure,
    };
    match &failure {
        Failure::Failed(message) | Failure::Usage(message) => terminal.error(message),
        Failure::Stopped(Some(message)) => terminal.tell(message),
        Failure::Stopped(None) | Failure::Told | Failure::Unread => {}
    }
    failure.exit_code()
}

/// Limits of scripts that are not trusted.
const SANDBOX_SECONDS: u32 = 60;
const SANDBOX_OPERATIONS: u64 = 100_000_000;

/// What every command works with.
struct Program {
    arguments: Arguments,
    terminal: Terminal,
    interrupt: Interrupt,
}

impl Program {
    fn run(mut self) -> Result<(), Failure> {
        interrupt::keep_file_size_errors()?;
        let device = &self.arguments.globals.device;
        device.parse::<DeviceName>().map_err(|error| Failure::Usage(error.to_string()))?;
        if let Some(command) = self.arguments.command.take() {
            if self.arguments.code.is_some() || self.arguments.stay.is_some() {
                return Err(Failure::Usage("`-e` and `-i` stand alone, without a command or script".into()));
            }
            let done = match command {
                Command::Run(run) => run::script(&self, &run),
                Command::Check(check) => check::run(&self, &check),
                Command::Fmt(fmt) => fmt::run(&self, &fmt),
                Command::Test(test) => test::run(&self, &test),
                Command::Doc(doc) => doc::run(&self, &doc),
                Command::Watch(watch) => watch::run(&self, &watch),
                Command::Convert(convert) => convert::run(&self, &convert),
                Command::Show(show) => show::run(&self, &show),
                Command::Metrics(metrics) => measure::run(&self, &metrics),
                Command::New(new) => new::run(&self, &new),
                Command::Collect(collect) => collect::run(&self, &collect),
                Command::Train(train) => train::run(&self, &train),
                Command::Merge(merge) => merge::run(&self, &merge),
                Command::Models => lists::models(&self),
                Command::Devices => lists::list_devices(&self),
                Command::Runs(runs) => runs::run(&self, &runs),
                Command::About(asked) => about::run(&self, &asked),
                Command::Rerun(rerun) => rerun::run(&self, &rerun),
                Command::Dialogue(asked) => dialogue::run(&self, &asked),
                Command::Jupyter(asked) => jupyter::run(&self, &asked),
                Command::Serve(asked) => serve::run(&self, &asked),
                Command::Script(words) => Err(Failure::Usage(format!("no command in {words:?}"))),
            };
            return done.map_err(|failure| failure.after(self.interrupt.cancel()));
        }
        if let Some(code) = self.arguments.code.take() {
            return run::code(&self, &code);
        }
        repl::session(self)
    }

    /// Where a relative output path lies.
    fn output_path(&self, path: &Path) -> PathBuf {
        self.arguments.globals.out.as_deref().unwrap_or(Path::new("")).join(path)
    }

    /// A host for the script in a file, if it is one, that obeys the global options.
    fn host(&self, script: Option<&Path>) -> Host {
        Host::new(self.context(script))
    }

    /// Where scripts that are not trusted may read: beside themselves, what comes with the program, and
    /// what the command line names.
    fn sandbox(&self, script: Option<&Path>) -> Sandbox {
        let globals = &self.arguments.globals;
        let beside = script.and_then(Path::parent).map(|folder| match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.to_owned(),
        });
        let shipped = ["examples", "models"].map(PathBuf::from);
        Sandbox::new(
            beside.into_iter().chain(shipped).chain(globals.models.clone()).chain(globals.allow_read.clone()),
        )
    }

    /// Does `work`, which may take as long as the global options say.
    fn within_time<R>(&self, work: impl FnOnce() -> R) -> R {
        let globals = &self.arguments.globals;
        let most = globals.max_seconds.or(globals.sandbox.then_some(SANDBOX_SECONDS));
        match most {
            Some(most) => self.interrupt.within(Duration::from_secs(most.into()), work),
            None => work(),
        }
    }

    /// What scripts of such a host know.
    fn context(&self, script: Option<&Path>) -> Context {
        let globals = &self.arguments.globals;
        Context {
            seed: Seed(globals.seed.unwrap_or(0)),
            out: globals.out.clone(),
            device: globals.device.clone(),
            models: globals.models.clone(),
            cancel: self.interrupt.cancel().clone(),
            sandbox: globals.sandbox.then(|| self.sandbox(script)),
            operations: globals.max_operations.or(globals.sandbox.then_some(SANDBOX_OPERATIONS)),
            quiet: globals.quiet,
            colour: self.terminal.is_colored(),
            width: self.terminal.width(),
            view: if self.terminal.is_plain() { View::Plain } else { View::default() },
            output: Arc::new(self.terminal.clone()),
            player: player::of_environment(),
            ports: ports(),
            surroundings: Surroundings {
                started: Some(clock::now()),
                directory: std::env::current_dir().ok(),
                threads: Some(rayon::current_num_threads()),
            },
            shard: globals.shard,
            ..Context::default()
        }
    }
}

/// The system's MIDI ports, in a program that was built with them.
fn ports() -> Option<Arc<dyn Ports>> {
    #[cfg(feature = "midi-port")]
    return Some(Arc::new(port::SystemPorts));
    #[cfg(not(feature = "midi-port"))]
    None
}

/// Help and version go to stdout, mistakes to stderr; both as clap words them.
fn say_usage(error: &clap::Error) -> ExitCode {
    let unread = error.print().is_err();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ if unread => ExitCode::SUCCESS,
        _ => Failure::Usage(String::new()).exit_code(),
    }
}
