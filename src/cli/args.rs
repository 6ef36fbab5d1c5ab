//! What may be written on the command line: the commands and the options of them all. What one command takes
//! stands beside it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::{
    about, check, collect, convert, dialogue, doc, fmt, jupyter, measure, merge, new, rerun, run, runs,
    serve, show, test, train, watch,
};
use crate::experiment::sweep::Shard;

/// Everything on one command line.
#[derive(Debug, Parser)]
#[command(
    name = "ricercar",
    version = crate::VERSION,
    about = "A scripting host for multi-track music made by generative adversarial networks",
    long_about = "A scripting host for multi-track music made by generative adversarial networks.\n\n\
                  Without a command it opens a session; with a script it runs that script.",
    override_usage = "ricercar [OPTIONS] [COMMAND]\n       ricercar [OPTIONS] SCRIPT [ARGS]...\n       ricercar [OPTIONS] -e CODE",
    max_term_width = 100
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) globals: Globals,

    /// Run CODE instead of a script, and show its value
    #[arg(short = 'e', long = "eval", value_name = "CODE", allow_hyphen_values = true)]
    pub(super) code: Option<String>,

    /// Run SCRIPT, then stay in a session that has its variables and functions
    #[arg(short = 'i', long = "interactive", value_name = "SCRIPT", conflicts_with = "code")]
    pub(super) stay: Option<PathBuf>,

    /// Open the session without running the init file
    #[arg(long)]
    pub(super) no_init: bool,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Options that every command takes, before or after its name.
#[derive(Clone, Debug, Args)]
pub(super) struct Globals {
    /// Where networks run: auto, cpu, ndarray or gpu
    #[arg(long, global = true, value_name = "NAME", default_value = "auto", help_heading = "Global options")]
    pub(super) device: String,

    /// Seed of everything random that is not given one of its own; 0 unless given
    #[arg(long, global = true, value_name = "N", help_heading = "Global options")]
    pub(super) seed: Option<u64>,

    /// Folder that relative output paths lie under
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(super) out: Option<PathBuf>,

    /// Folder of models, looked in first
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(super) models: Option<PathBuf>,

    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub(super) color: ColorChoice,

    /// Say everything in plain sentences, for a screen reader: no drawing, no colours, no progress bar
    #[arg(long, global = true, action = ArgAction::SetTrue, help_heading = "Global options")]
    pub(super) plain: bool,

    /// Say nothing but results and errors
    #[arg(long, short, global = true, action = ArgAction::SetTrue, help_heading = "Global options")]
    pub(super) quiet: bool,

    /// Do share I of N of every sweep, for `ricercar merge`
    #[arg(long, global = true, value_name = "I/N", help_heading = "Global options")]
    pub(super) shard: Option<Shard>,

    /// For scripts that are not trusted: they write under the output folder only, read only there, beside
    /// the script, in ./examples, ./models and the folders of --models and --allow-read, and have a minute
    #[arg(long, global = true, action = ArgAction::SetTrue, help_heading = "Global options")]
    pub(super) sandbox: bool,

    /// Folder that scripts in the sandbox may read (may be repeated)
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(super) allow_read: Vec<PathBuf>,

    /// Most seconds of a script or entry; 60 in the sandbox, otherwise any number
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Global options")]
    pub(super) max_seconds: Option<u32>,

    /// Most operations of a script or entry; 100 million in the sandbox, otherwise any number
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Global options")]
    pub(super) max_operations: Option<u64>,
}

/// When to colour the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Even into a pipe
    Always,
    /// In no case
    Never,
}

/// One subcommand and its options.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a script
    Run(run::Run),
    /// Find what is wrong with scripts, without running them
    ///
    /// Tells variables, functions, modules, methods and options that do not exist, and calls with too many
    /// or too few arguments, in all files and in those that they import. Exit code 1 if there are any.
    Check(check::Check),
    /// Lay scripts out: indentation, blanks, empty lines
    ///
    /// Breaks and joins no lines, leaves comments and strings as they are, and writes nothing of a script
    /// whose meaning would change.
    Fmt(fmt::Fmt),
    /// Run the tests of scripts
    ///
    /// A test is a function without parameters whose name begins with `test_`. Each runs in a scope of its
    /// own, after the statements of its script. Exit code 1 if one fails.
    Test(test::Test),
    /// Run a script again whenever it, or a file that it imports, has changed
    ///
    /// Models stay loaded. A text that is wrong is not run, and what the last good one made stays. Ctrl-C
    /// ends it.
    Watch(watch::Watch),
    /// Show the reference of everything that scripts can call, or write it
    ///
    /// Shows it as Markdown; with `--out DIR`, writes DIR/reference.md and DIR/reference.html.
    Doc(doc::Doc),
    /// Convert between MIDI, pianoroll arrays, pictures and sound
    Convert(convert::Convert),
    /// Draw a file of music in the terminal
    Show(show::Show),
    /// Measure files of music
    Metrics(measure::Measure),
    /// Turn songs into phrases to train on
    ///
    /// Reads every MIDI file and pianoroll (.npz) in folders, and in zip, tar and tar.gz archives, as they
    /// lie there. Writes OUT.npz (with --split OUT_train.npz, OUT_test.npz), the song of each phrase as
    /// OUT.songs.tsv, and what became of each file, and why, as OUT.account.csv.
    Collect(collect::Collect),
    /// Write a config to train by, with every key explained
    New(new::New),
    /// Train a model
    ///
    /// The run's folder is runs/NAME after the config's `name`, or the one that `--out` names.
    Train(train::Train),
    /// Tell what is known of files: what they are, what made them, and which runs know them
    About(about::About),
    /// List past runs, of scripts and of training, and compare them
    Runs(runs::Runs),
    /// Repeat a run from its record
    ///
    /// Runs the script and modules that the record has kept, with the same arguments, seed and device, in a
    /// folder of its own. Models and data must still be what they were.
    Rerun(rerun::Rerun),
    /// Put the shares of a sweep together
    ///
    /// Reads the journals that runs with --shard have left, such as sweep.shard-3-of-16.journal, and writes
    /// the table that the sweep would have given undivided.
    Merge(merge::Merge),
    /// Talk about what a model makes: claims are proposed, tested, and supported or refuted with figures
    ///
    /// Lines are read from the terminal, from a pipe, or from the file of --script; `help` lists what can be
    /// said.
    Dialogue(dialogue::Dialogue),
    /// Run the language in Jupyter's notebooks
    ///
    /// `install` makes the kernel known to Jupyter, which then offers it for new notebooks and starts it by
    /// itself.
    Jupyter(jupyter::Jupyter),
    /// Show a script as a page in the browser
    ///
    /// Without a script it is the creator that comes with the program: music to vary, to accompany, to listen
    /// to and to take home. Only browsers on this machine can open the page; every tab has its own. Ctrl-C
    /// ends it.
    Serve(serve::Serve),
    /// List the models that can be loaded by name
    Models,
    /// List the devices that models run on
    Devices,
    #[command(external_subcommand)]
    Script(Vec<OsString>),
}

impl Arguments {
    /// Reads a command line; a script in the place of a command is the command `run`.
    ///
    /// # Errors
    /// What clap has to say, which may also be the help that was asked for.
    pub(super) fn read(line: Vec<OsString>) -> Result<Self, clap::Error> {
        let arguments = Self::try_parse_from(&line)?;
        let Some(Command::Script(words)) = &arguments.command else {
            return Ok(arguments);
        };
        let at = line.len() - words.len();
        let mut line = line.clone();
        line.insert(at, "run".into());
        Self::try_parse_from(line)
    }
}

/// Names of the commands, for suggestions.
pub(super) fn command_names() -> Vec<String> {
    use clap::CommandFactory;
    let names = Arguments::command();
    names.get_subcommands().map(|c| c.get_name().to_owned()).chain(["help".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Arguments {
        let line = std::iter::once("ricercar").chain(words.iter().copied()).map(OsString::from);
        Arguments::read(line.collect()).unwrap()
    }

    #[test]
    fn the_definition_holds_together() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_script_may_stand_where_a_command_stands() {
        let arguments = read(&["--seed", "3", "a.rhai", "x", "--quiet", "--", "--own"]);
        assert_eq!((arguments.globals.seed, arguments.globals.quiet), (Some(3), true));
        match arguments.command {
            Some(Command::Run(run)) => {
                assert_eq!(run.script, PathBuf::from("a.rhai"));
                assert_eq!(run.args, ["x", "--own"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_starting_point_is_named_in_the_help() {
        use clap::CommandFactory;
        let mut command = Arguments::command();
        let help = command.find_subcommand_mut("new").unwrap().render_long_help().to_string();
        for name in crate::train::starting::starting_names() {
            assert!(help.contains(name), "{name}: {help}");
        }
    }

    #[test]
    fn globals_may_follow_the_command() {
        assert_eq!(read(&["run", "a.rhai", "--color", "never"]).globals.color, ColorChoice::Never);
    }

    #[test]
    fn code_may_begin_with_a_minus() {
        assert_eq!(read(&["-e", "-1 + 2"]).code.as_deref(), Some("-1 + 2"));
    }
}
