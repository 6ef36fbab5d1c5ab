//! What the commands do that need the terminal, or another program.

use std::io::{Read, Write};
use std::path::Path;
use std::process;
use std::sync::Arc;

use super::failure::Failure;
use super::repl::Repl;
use super::run;
use crate::script::session::{Command, Outcome, seconds};
use crate::script::{Diagnostic, View};

impl Repl {
    /// Carries out a command.
    pub(super) fn obey(&mut self, command: Command) -> Result<(), Failure> {
        let terminal = self.program.terminal.clone();
        let said = self.session.borrow_mut().obey(&command);
        if let Some(said) = said {
            let said = said.map_err(Failure::Failed)?;
            said.note.iter().for_each(|note| terminal.note(note));
            return said.answer.map_or(Ok(()), |answer| terminal.line(answer.trim_end()));
        }
        match command {
            Command::Time(code) => {
                let elapsed = self.evaluate(&code)?;
                terminal.line(&format!("  {}", seconds(elapsed)))
            }
            Command::Load(path) => self.load(Path::new(&path)),
            Command::Edit(number) => self.edit(number),
            Command::Run(words) => self.run_apart(&words),
            Command::Play(music) => self.play(music.as_deref().unwrap_or("ans")),
            // What is left of `:view` asks for pictures.
            Command::View(_) => self.view_pictures(),
            // `:quit` is for who reads entries; all others are the session's.
            _ => Ok(()),
        }
    }

    /// Runs a script in the session.
    pub(super) fn load(&mut self, path: &Path) -> Result<(), Failure> {
        let done = self.session.borrow_mut().load_file(path);
        self.told(done)
    }

    /// Clears the progress bar, and writes what went wrong.
    fn told(&self, done: Result<(), Box<Diagnostic>>) -> Result<(), Failure> {
        self.program.terminal.bar().clear();
        done.map_err(|diagnostic| run::told(&self.program.terminal, &diagnostic))
    }

    /// Opens an entry in the user's editor and runs what comes back.
    fn edit(&mut self, number: Option<usize>) -> Result<(), Failure> {
        let text = {
            let session = self.session.borrow();
            let is_asked = |entry: &&crate::script::session::Entry| match number {
                Some(number) => entry.number == number && matches!(entry.outcome, Outcome::Done(_)),
                None => true,
            };
            let mut typed = session.entries().iter().rev().filter(|entry| entry.file.is_none());
            match (typed.find(is_asked), number) {
                (Some(entry), _) => entry.text.clone(),
                (None, Some(number)) => return Err(Failure::Failed(format!("there is no entry {number}"))),
                (None, None) => String::new(),
            }
        };
        let mut file = tempfile::Builder::new().prefix("entry-").suffix(".rhai").tempfile()?;
        file.write_all(text.as_bytes())?;
        call_editor(file.path())?;
        // An editor may have put another file in its place.
        let mut edited = String::new();
        std::fs::File::open(file.path())?.read_to_string(&mut edited)?;
        let edited = edited.trim_end();
        if edited.trim().is_empty() {
            self.program.terminal.note("nothing to run");
            return Ok(());
        }
        self.program.terminal.note(edited);
        self.recalled.push(edited.to_owned());
        self.evaluate(edited).map(drop)
    }

    /// Runs a script that neither sees the session nor leaves anything in it.
    fn run_apart(&self, words: &[String]) -> Result<(), Failure> {
        let output = Arc::new(self.program.terminal.clone());
        let done = self.program.within_time(|| self.session.borrow().run_apart(words, output));
        self.told(done)
    }

    /// Draws music as pictures from now on, where the terminal has them.
    fn view_pictures(&self) -> Result<(), Failure> {
        let inline = self.program.terminal.pictures().ok_or_else(|| {
            Failure::Failed(
                "this terminal shows no pictures: kitty, Ghostty, Konsole, iTerm2 and WezTerm do, outside of tmux"
                    .into(),
            )
        })?;
        self.session.borrow_mut().change(|context| context.view = View::Image(inline));
        self.program.terminal.line("view image")
    }

    /// Plays some music, without an entry of its own.
    fn play(&self, music: &str) -> Result<(), Failure> {
        let played = self.session.borrow_mut().play(music);
        self.told(played)
    }
}

/// Runs the user's editor on a file and waits for it.
fn call_editor(file: &Path) -> Result<(), Failure> {
    let named = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| std::env::var(name).ok());
    let usual = if cfg!(windows) { "notepad" } else { "vi" };
    let command = named.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_else(|| usual.into());
    let mut words = command.split_whitespace();
    let status = process::Command::new(words.next().unwrap_or(usual)).args(words).arg(file).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            Err(Failure::Failed(format!("the editor `{command}` ended with {status}: nothing was run")))
        }
        Err(error) => {
            Err(Failure::Failed(format!("cannot start the editor `{command}`: {error}; set EDITOR to yours")))
        }
    }
}
