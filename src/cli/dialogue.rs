//! `ricercar dialogue`: a conversation about what a model makes, at a terminal, from a pipe or a file.

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, stdin};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use clap::Args;
use rustyline::Helper;
use rustyline::completion::Pair;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;

use super::Program;
use super::editor::editing;
use super::failure::Failure;
use super::lists::library;
use crate::base::{Stamp, read_file, wrapped};
use crate::dialogue::{Conversation, DialogueError, Maker, Makers, Opening, Record, Turn};
use crate::model::{DeviceName, Library};

/// Talk about what a model makes.
#[derive(Debug, Args)]
pub(super) struct Dialogue {
    /// Name or folder of the model
    #[arg(default_value = "hybrid")]
    model: String,
    /// Keep the conversation with its figures as FILE.md and FILE.html
    #[arg(long, value_name = "FILE")]
    notebook: Option<PathBuf>,
    /// Read the person's lines from FILE
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Repeat the conversation of a notebook and compare its figures
    #[arg(long, value_name = "NOTEBOOK", conflicts_with_all = ["script", "model", "real", "training", "phrases", "count"])]
    replay: Option<PathBuf>,
    /// Real phrases that the model did not learn from
    #[arg(long, value_name = "FILE", default_value = "examples/held_out/phrases.npz")]
    real: String,
    /// Phrases that it learnt from; `examples/data/tour_256.npz` for the models that come with the program
    #[arg(long, value_name = "FILE")]
    training: Option<String>,
    /// Most phrases of either that are looked at
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(8..=100_000))]
    phrases: usize,
    /// Phrases, pairs or walks of an experiment
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(2..=100_000))]
    count: usize,
}

/// Training phrases of the models that come with the program.
const TRAINING: &str = "examples/data/tour_256.npz";

/// Holds the conversation to its end, then keeps its notebook.
///
/// # Errors
/// What is wrong with the model, the music or the files; that a repetition gave other figures.
pub(super) fn run(program: &Program, asked: &Dialogue) -> Result<(), Failure> {
    let record = asked.replay.as_deref().map(Record::read).transpose()?;
    let opening = match &record {
        Some(record) => record.opening.clone(),
        None => Opening {
            model: asked.model.clone(),
            real: asked.real.clone(),
            phrases: asked.phrases,
            training: asked.training.clone().or_else(|| training(&asked.model)),
            count: asked.count,
            seed: program.arguments.globals.seed.unwrap_or(0),
        },
    };
    let device = program.arguments.globals.device.parse::<DeviceName>()?;
    let makers: Arc<dyn Makers> = Arc::new(Models { library: library(program), device });
    let place = |name: &str| Ok(PathBuf::from(name));
    let setting = opening.setting(makers.as_ref(), place, program.interrupt.cancel())?;
    let talk = Conversation::open(opening, setting, makers);
    say(program, &talk.turns()[0])?;
    let talk = match (&record, &asked.script) {
        (Some(record), _) => said(program, talk, record.lines.iter().map(|line| Ok(line.clone())))?,
        (None, Some(file)) => {
            let text = String::from_utf8_lossy(&read_file(file)?).into_owned();
            said(program, talk, text.lines().map(|line| Ok(line.to_owned())))?
        }
        (None, None) if stdin().is_terminal() => converse(program, talk)?,
        (None, None) => said(program, talk, stdin().lock().lines())?,
    };
    if let Some(path) = &asked.notebook {
        let written = talk.save(&program.output_path(path), Some(Stamp::of_program()))?;
        written.iter().for_each(|path| program.terminal.note(&format!("wrote {}", path.display())));
    }
    match record.map(|record| record.differences(&talk)) {
        None => Ok(()),
        Some(differences) if differences.is_empty() => {
            let count = talk.outcomes().len();
            program.terminal.line(&format!("The same figures in all {count} outcomes."))
        }
        Some(differences) => {
            for difference in &differences {
                let shown = |figure: &Option<String>| figure.clone().unwrap_or_else(|| "nothing".to_owned());
                program.terminal.line(&format!(
                    "was {}\nis  {}",
                    shown(&difference.was),
                    shown(&difference.is)
                ))?;
            }
            Err(Failure::Failed(format!("{} outcomes are not what they were", differences.len())))
        }
    }
}

/// What a model that comes with the program learnt from, where it is at hand.
fn training(model: &str) -> Option<String> {
    let comes_with = Library::default().names().iter().any(|name| name == model);
    (comes_with && PathBuf::from(TRAINING).is_file()).then(|| TRAINING.to_owned())
}

/// Models by name, on a device.
struct Models {
    library: Library,
    device: DeviceName,
}

impl Makers for Models {
    fn names(&self) -> Vec<String> {
        self.library.names()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Maker>, DialogueError> {
        let opened = self.device.open()?;
        Ok(Arc::new(self.library.load(name, &opened.device, opened.is_cpu)?))
    }
}

/// Answers lines that nobody types, each shown before its answer.
fn said(
    program: &Program,
    mut talk: Conversation,
    lines: impl Iterator<Item = std::io::Result<String>>,
) -> Result<Conversation, Failure> {
    for line in lines {
        let line = line.map_err(|error| Failure::Failed(format!("cannot read the lines: {error}")))?;
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        program.terminal.line(&format!("> {}\n", line.trim()))?;
        say(program, talk.hear(&line)?)?;
        if talk.is_over() {
            break;
        }
    }
    Ok(talk)
}

/// Answers a person, until Ctrl-D or `quit`.
fn converse(program: &Program, talk: Conversation) -> Result<Conversation, Failure> {
    let mut editor =
        rustyline::Editor::<Listener, rustyline::history::DefaultHistory>::with_config(editing()?)?;
    let talk = Rc::new(RefCell::new(talk));
    editor.set_helper(Some(Listener(Rc::clone(&talk))));
    let interrupt = program.interrupt.clone();
    loop {
        match interrupt.while_waiting(|| editor.readline("> ")) {
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(Failure::Failed(format!("cannot read from the terminal: {error}"))),
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => {
                let _ = editor.add_history_entry(&line);
                program.interrupt.cancel().reset();
                let mut talk = talk.borrow_mut();
                match talk.hear(&line) {
                    Ok(turn) => say(program, turn)?,
                    Err(error) => program.terminal.tell(&format!("{error}: nothing was found")),
                }
                if talk.is_over() {
                    break;
                }
            }
        }
    }
    // The editor holds the other one.
    drop(editor);
    Rc::try_unwrap(talk)
        .map(RefCell::into_inner)
        .map_err(|_| Failure::Failed("the conversation is still being held".to_owned()))
}

/// Shows what was said, folded to the terminal.
fn say(program: &Program, turn: &Turn) -> Result<(), Failure> {
    let width = program.terminal.width().clamp(40, 100);
    for text in turn.says.iter().flat_map(|text| text.lines()) {
        // What begins with blanks is drawn, not written.
        let is_drawn = text.starts_with(' ');
        let shown = if is_drawn { text.to_owned() } else { wrapped(text, width, "", "") };
        program.terminal.line(&shown)?;
    }
    program.terminal.line("")
}

/// Completes what a person types.
struct Listener(Rc<RefCell<Conversation>>);

impl rustyline::completion::Completer for Listener {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, words) = self.0.borrow().complete(&line[..position]);
        let pair = |word: String| Pair { display: word.clone(), replacement: word + " " };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

impl Helper for Listener {}
impl Validator for Listener {}
impl Highlighter for Listener {}

impl Hinter for Listener {
    type Hint = String;
}
