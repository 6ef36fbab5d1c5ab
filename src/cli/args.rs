//! What may be written on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

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
    Run(Run),
    /// Find what is wrong with scripts, without running them
    ///
    /// Tells variables, functions, modules, methods and options that do not exist, and calls with too many
    /// or too few arguments, in all files and in those that they import. Exit code 1 if there are any.
    Check(Check),
    /// Lay scripts out: indentation, blanks, empty lines
    ///
    /// Breaks and joins no lines, leaves comments and strings as they are, and writes nothing of a script
    /// whose meaning would change.
    Fmt(Fmt),
    /// Run the tests of scripts
    ///
    /// A test is a function without parameters whose name begins with `test_`. Each runs in a scope of its
    /// own, after the statements of its script. Exit code 1 if one fails.
    Test(Test),
    /// Run a script again whenever it, or a file that it imports, has changed
    ///
    /// Models stay loaded. A text that is wrong is not run, and what the last good one made stays. Ctrl-C
    /// ends it.
    Watch(Watch),
    /// Show the reference of everything that scripts can call, or write it
    ///
    /// Shows it as Markdown; with `--out DIR`, writes DIR/reference.md and DIR/reference.html.
    Doc(Doc),
    /// Convert between MIDI, pianoroll arrays, pictures and sound
    Convert(Convert),
    /// Draw a file of music in the terminal
    Show(Show),
    /// Measure files of music
    Metrics(Metrics),
    /// Turn songs into phrases to train on
    ///
    /// Reads every MIDI file and pianoroll (.npz) in folders, and in zip, tar and tar.gz archives, as they
    /// lie there. Writes OUT.npz (with --split OUT_train.npz, OUT_test.npz), the song of each phrase as
    /// OUT.songs.tsv, and what became of each file, and why, as OUT.account.csv.
    Collect(Collect),
    /// Write a config to train by, with every key explained
    New(New),
    /// Train a model
    ///
    /// The run's folder is runs/NAME after the config's `name`, or the one that `--out` names.
    Train(Train),
    /// Tell what is known of files: what they are, what made them, and which runs know them
    About(About),
    /// List past runs, of scripts and of training, and compare them
    Runs(Runs),
    /// Repeat a run from its record
    ///
    /// Runs the script and modules that the record has kept, with the same arguments, seed and device, in a
    /// folder of its own. Models and data must still be what they were.
    Rerun(Rerun),
    /// Put the shares of a sweep together
    ///
    /// Reads the journals that runs with --shard have left, such as sweep.shard-3-of-16.journal, and writes
    /// the table that the sweep would have given undivided.
    Merge(Merge),
    /// Talk about what a model makes: claims are proposed, tested, and supported or refuted with figures
    ///
    /// Lines are read from the terminal, from a pipe, or from the file of --script; `help` lists what can be
    /// said.
    Dialogue(Dialogue),
    /// Run the language in Jupyter's notebooks
    ///
    /// `install` makes the kernel known to Jupyter, which then offers it for new notebooks and starts it by
    /// itself.
    Jupyter(Jupyter),
    /// Show a script as a page in the browser
    ///
    /// Without a script it is the creator that comes with the program: music to vary, to accompany, to listen
    /// to and to take home. Only browsers on this machine can open the page; every tab has its own. Ctrl-C
    /// ends it.
    Serve(Serve),
    /// List the models that can be loaded by name
    Models,
    /// List the devices that models run on
    Devices,
    #[command(external_subcommand)]
    Script(Vec<OsString>),
}

/// Run a script.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The script (rhai)
    pub(super) script: PathBuf,
    /// What the script finds in `args`; after `--`, options of its own
    pub(super) args: Vec<String>,
    /// Record all that the script uses and makes in FILE, for `ricercar rerun`
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
}

/// Talk about what a model makes.
#[derive(Debug, Args)]
pub(super) struct Dialogue {
    /// Name or folder of the model
    #[arg(default_value = "hybrid")]
    pub(super) model: String,
    /// Keep the conversation with its figures as FILE.md and FILE.html
    #[arg(long, value_name = "FILE")]
    pub(super) notebook: Option<PathBuf>,
    /// Read the person's lines from FILE
    #[arg(long, value_name = "FILE")]
    pub(super) script: Option<PathBuf>,
    /// Repeat the conversation of a notebook and compare its figures
    #[arg(long, value_name = "NOTEBOOK", conflicts_with_all = ["script", "model", "real", "training", "phrases", "count"])]
    pub(super) replay: Option<PathBuf>,
    /// Real phrases that the model did not learn from
    #[arg(long, value_name = "FILE", default_value = "examples/held_out/phrases.npz")]
    pub(super) real: String,
    /// Phrases that it learnt from; `examples/data/tour_256.npz` for the models that come with the program
    #[arg(long, value_name = "FILE")]
    pub(super) training: Option<String>,
    /// Most phrases of either that are looked at
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(8..=100_000))]
    pub(super) phrases: usize,
    /// Phrases, pairs or walks of an experiment
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(2..=100_000))]
    pub(super) count: usize,
}

/// Find what is wrong with scripts.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Scripts (rhai)
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// One JSON array with an object for each mistake, for editors
    #[arg(long)]
    pub(super) json: bool,
}

/// Lay scripts out.
#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Scripts, folders of scripts (.rhai), or `-` for stdin, which is laid out to stdout
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(super) files: Vec<PathBuf>,
    /// Write nothing; name the scripts that would change, with exit code 1
    #[arg(long)]
    pub(super) check: bool,
}

/// Run the tests of scripts.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Scripts, and folders whose NAME_test.rhai and test_NAME.rhai count; the working directory otherwise
    #[arg(value_name = "FILE|FOLDER")]
    pub(super) files: Vec<PathBuf>,
    /// Run only tests that have WORD in their names
    #[arg(long, value_name = "WORD")]
    pub(super) filter: Option<String>,
}

/// Show or write the reference.
#[derive(Debug, Args)]
pub(super) struct Doc {
    /// Write definition files (.d.rhai) for editors into DIR instead
    #[arg(long, value_name = "DIR")]
    pub(super) definitions: Option<PathBuf>,
}

/// Run a script whenever it has changed.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// The script (rhai)
    pub(super) script: PathBuf,
    /// What the script finds in `args`; after `--`, options of its own
    pub(super) args: Vec<String>,
}

/// Tell what is known of files.
#[derive(Debug, Args)]
pub(super) struct About {
    /// Music, pictures, sounds, tables, sets of phrases, models, runs
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(super) files: Vec<PathBuf>,
    /// One JSON array with an object for each
    #[arg(long)]
    pub(super) json: bool,
}

/// List past runs.
#[derive(Debug, Args)]
pub(super) struct Runs {
    /// Folder to look in; `runs` otherwise
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// Two runs side by side: settings and facts that differ, and all metrics. A run is a path, or the
    /// beginning of one in DIR that is enough to know it by
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(super) compare: Vec<String>,
    /// Show this metric only, and list the runs with the largest values first
    #[arg(long, value_name = "NAME")]
    pub(super) metric: Option<String>,
    /// All that is known, as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Put the shares of a sweep together.
#[derive(Debug, Args)]
pub(super) struct Merge {
    /// The table to write: .csv, .json or .parquet
    #[arg(value_name = "TABLE")]
    pub(super) table: PathBuf,
    /// The journals of all shares
    #[arg(required = true, value_name = "SHARE")]
    pub(super) shares: Vec<PathBuf>,
    /// Write the rows that there are, even if shares or cells are missing
    #[arg(long)]
    pub(super) partial: bool,
}

/// Repeat a run.
#[derive(Debug, Args)]
pub(super) struct Rerun {
    /// The run's folder or its manifest, or the beginning of its path below `runs`
    #[arg(value_name = "FOLDER|MANIFEST")]
    pub(super) record: PathBuf,
    /// Compare what comes out with what came out then, by hashes; exit code 1 if anything differs. Nothing
    /// is left behind if all agrees, unless --out names a folder
    #[arg(long)]
    pub(super) verify: bool,
    /// Go on although models or data have changed, or the run was stopped
    #[arg(long)]
    pub(super) anyway: bool,
}

/// Show a script as a page.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The script (rhai), which makes its page with the functions of `ui`
    pub(super) script: Option<PathBuf>,
    /// What the script finds in `args`; after `--`, options of its own
    #[arg(requires = "script")]
    pub(super) args: Vec<String>,
    /// Port of this machine that the page is served on; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 8077)]
    pub(super) port: u16,
    /// Open the page in the browser
    #[arg(long)]
    pub(super) open: bool,
}

/// Run the language in notebooks.
#[derive(Debug, Args)]
pub(super) struct Jupyter {
    #[command(subcommand)]
    pub(super) action: JupyterAction,
}

/// What to do about notebooks.
#[derive(Debug, Subcommand)]
pub(super) enum JupyterAction {
    /// Make the kernel known to Jupyter
    Install(Kernelspec),
    /// Make the kernel unknown again
    Uninstall(Kernelspec),
    /// Be the kernel: what Jupyter calls
    Kernel {
        /// The file in which Jupyter says where it waits
        #[arg(value_name = "CONNECTION_FILE")]
        connection: PathBuf,
    },
}

/// Where Jupyter looks for a kernel.
#[derive(Debug, Args)]
pub(super) struct Kernelspec {
    /// For this user: in the data folder of Jupyter, which JUPYTER_DATA_DIR may name. So it is without
    /// --prefix
    #[arg(long, conflicts_with = "prefix")]
    pub(super) user: bool,
    /// For an environment such as one of venv or conda: in DIR/share/jupyter
    #[arg(long, value_name = "DIR")]
    pub(super) prefix: Option<PathBuf>,
    /// The kernel's name
    #[arg(long, value_name = "NAME", default_value = "ricercar")]
    pub(super) name: String,
}

/// Convert between formats, which the extensions name.
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// The file to read: .mid, .midi or .npz
    #[arg(value_name = "IN")]
    pub(super) input: PathBuf,
    /// The file to write: .mid, .midi, .npz, .npy, .png, .svg or .wav
    #[arg(value_name = "OUT")]
    pub(super) output: PathBuf,
    /// Steps per beat of the result; MIDI is read at 24 unless this says otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=960))]
    pub(super) resolution: Option<i64>,
    /// SoundFont (.sf2) that plays a .wav; the built-in voices otherwise
    #[arg(long, value_name = "FILE")]
    pub(super) soundfont: Option<PathBuf>,
    /// Tempo of the result in beats per minute
    #[arg(long, value_name = "BPM")]
    pub(super) tempo: Option<f64>,
}

/// Draw music in the terminal.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The file to draw: .mid, .midi or .npz
    pub(super) file: PathBuf,
    /// Columns to draw in; the terminal's width otherwise
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..))]
    pub(super) width: Option<u16>,
}

/// Measure music.
#[derive(Debug, Args)]
pub(super) struct Metrics {
    /// Files to measure: .mid, .midi or .npz
    #[arg(required_unless_present = "list", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Say what every measure means instead, as Markdown
    #[arg(long, conflicts_with = "files")]
    pub(super) list: bool,
    /// One JSON array with an object per file instead of tables
    #[arg(long)]
    pub(super) json: bool,
    /// Whose definitions: "exact", or those of the 2018 programs: "paper" (MuseGAN), "paper-ismir"
    /// (BinaryMuseGAN), both at 24 steps a beat, and "paper-src" (the last release) at 12
    #[arg(long, value_name = "FAMILY", default_value = "exact")]
    pub(super) family: String,
    /// Steps that a note lasts at least to be a qualified note
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) min_note: u32,
    /// Pitches that sound at once at least for a step to be polyphonic (2, and 3 for "paper-src")
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) min_pitches: Option<u32>,
    /// Scale of the in-scale rate, such as "A minor"
    #[arg(long, value_name = "SCALE", default_value = "C major")]
    pub(super) scale: String,
    /// Steps per beat to measure at; MIDI is read at 12 unless this says otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=960))]
    pub(super) resolution: Option<i64>,
    /// Which tracks to measure
    #[arg(long, value_name = "WHICH", default_value = "families")]
    pub(super) tracks: TrackChoice,
}

/// Turn songs into phrases.
#[derive(Debug, Args)]
pub(super) struct Collect {
    /// Folders, archives or files to read, then the set to write (.npz)
    #[arg(required = true, num_args = 1.., value_names = ["FOLDER", "OUT.npz"])]
    pub(super) paths: Vec<PathBuf>,
    /// YAML file with any of the keys of scripts/collect.yaml; what else is said here goes first
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Take only the songs of this list: names or ids, or LPD's cleansed_ids.txt (may be repeated)
    #[arg(long, value_name = "FILE")]
    pub(super) ids: Vec<PathBuf>,
    /// Where tags are looked up, to be kept with the phrases: folder or archive of id_list_TAG.txt files, or
    /// a table of ids and labels (may be repeated)
    #[arg(long, value_name = "PATH", num_args = 1.., value_delimiter = ',')]
    pub(super) labels: Vec<PathBuf>,
    /// Take only songs with this tag, or with one of these (may be repeated)
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(super) tag: Vec<String>,
    /// Share of a test set without a song of the other, or sets and shares: train=0.8,valid=0.1,test=0.1
    #[arg(long, value_name = "SHARES")]
    pub(super) split: Option<String>,
    /// Keep songs in one set whose file names are the same up to this text
    #[arg(long, value_name = "TEXT")]
    pub(super) group_before: Option<String>,
    /// Most phrases of a song, drawn at random
    #[arg(long, value_name = "N")]
    pub(super) per_song: Option<usize>,
    /// Leave songs in their keys instead of moving them to C major or A minor
    #[arg(long)]
    pub(super) keep_key: bool,
    /// Cut every four bars instead of where the music changes
    #[arg(long)]
    pub(super) every: bool,
    /// Threads that read songs; as many as the processor has otherwise
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// Write nothing, only say what would become of the files
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Write a config to train by.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Folder of the config, made as needed
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// What the run is for; stands at the top of the config
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) note: String,
    /// The model to start from: hybrid, jamming, composer, convolutional, convolutional_published,
    /// accompany, binary or tiny
    #[arg(long, value_name = "NAME", default_value = "hybrid")]
    pub(super) model: String,
    /// Training array to learn from (.npz or .npy); phrases.npz in the folder otherwise
    #[arg(long, value_name = "FILE")]
    pub(super) data: Option<PathBuf>,
}

/// Train a model.
#[derive(Debug, Args)]
pub(super) struct Train {
    /// What to train, and on what: a YAML file, or a folder with config.yaml (and params.yaml); it is
    /// never written to, the run's folder has all keys as resolved.yaml
    pub(super) config: PathBuf,
    /// Go on from the checkpoint of a run that was stopped
    #[arg(long)]
    pub(super) resume: bool,
}

/// Which tracks to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TrackChoice {
    /// All tracks merged into drums, piano, guitar, bass and strings
    Families,
    /// The file's own tracks; equal names are numbered
    AsIs,
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
