//! What the session's commands do.

use std::io::{Read, Write};
use std::path::Path;
use std::process;

use super::failure::Failure;
use super::repl::{Repl, seconds};
use super::run;
use crate::base::{Seed, did_you_mean, write_atomically};
use crate::experiment::run::Ledger;
use crate::model::DeviceName;
use crate::script::session::{Command, Outcome};
use crate::script::{Context, Host, View};

impl Repl {
    /// Carries out a command.
    pub(super) fn obey(&mut self, command: Command) -> Result<(), Failure> {
        let terminal = self.program.terminal.clone();
        let failed = Failure::Failed;
        match command {
            Command::Help(topic) => {
                let help = self.session.borrow().explain(topic.as_deref()).map_err(failed)?;
                terminal.line(help.trim_end())
            }
            Command::Source(name) => {
                let source = self.session.borrow().source_of(&name).map_err(failed)?;
                terminal.line(source.trim_end())
            }
            Command::Vars => terminal.line(&self.session.borrow().describe_variables()),
            Command::Functions(which) => {
                let list = self.session.borrow().describe_functions(which.as_deref()).map_err(failed)?;
                terminal.line(&list)
            }
            Command::Modules => terminal.line(&self.session.borrow().describe_modules()),
            Command::Time(code) => {
                let elapsed = self.evaluate(&code)?;
                terminal.line(&format!("  {}", seconds(elapsed)))
            }
            Command::Save(path) => self.save(&path),
            Command::Transcript(path) => self.transcript(&path),
            Command::Load(path) => self.load(Path::new(&path)),
            Command::Edit(number) => self.edit(number),
            Command::Run(words) => self.run_apart(&words),
            Command::Undo(count) => self.undo(count),
            Command::Reset => {
                self.session.borrow_mut().reset();
                terminal.note("everything is forgotten");
                Ok(())
            }
            Command::Seed(seed) => {
                if let Some(seed) = seed {
                    self.session.borrow_mut().change(|context| context.seed = Seed(seed));
                }
                terminal.line(&format!("seed {}", self.session.borrow().host().context().seed.0))
            }
            Command::Device(name) => self.device(name),
            Command::Out(folder) => {
                if let Some(folder) = folder {
                    self.session.borrow_mut().change(|context| context.out = Some(folder.into()));
                }
                let out = self.session.borrow().host().context().out.clone();
                let out = out.map_or_else(|| "the working folder".into(), |out| out.display().to_string());
                terminal.line(&format!("relative paths are written below {out}"))
            }
            Command::View(name) => self.view(name.as_deref()),
            Command::Play(music) => self.play(music.as_deref().unwrap_or("ans")),
            Command::Quit => Ok(()),
        }
    }

    /// Runs a script in the session.
    pub(super) fn load(&mut self, path: &Path) -> Result<(), Failure> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&name, &error))?;
        let done = self.session.borrow_mut().load(&name, &text, &[]);
        self.program.terminal.bar().clear();
        done.map_err(|diagnostic| run::told(&self.program.terminal, &diagnostic))
    }

    /// Writes the session as a script.
    fn save(&self, path: &str) -> Result<(), Failure> {
        let session = self.session.borrow();
        let (script, kept, left_out) = session.to_script();
        let rest = match left_out {
            0 => String::new(),
            1 => "; 1 that failed or was stopped is left out".into(),
            n => format!("; {n} that failed or were stopped are left out"),
        };
        self.write(session.host().context(), path, &script, &format!("{}{rest}", entries(kept)))
    }

    /// Writes the session as a page.
    fn transcript(&self, path: &str) -> Result<(), Failure> {
        let session = self.session.borrow();
        let page = session.to_markdown();
        self.write(session.host().context(), path, &page, &entries(session.entries().len()))
    }

    fn write(&self, context: &Context, path: &str, text: &str, what: &str) -> Result<(), Failure> {
        let target = context.output_path(path).map_err(Failure::Failed)?;
        write_atomically(&target, text.as_bytes())?;
        self.program.terminal.note(&format!("wrote {} ({what})", target.display()));
        Ok(())
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
        let Some((path, args)) = words.split_first() else { return Ok(()) };
        let context = self.session.borrow().host().context().clone();
        let output: std::sync::Arc<dyn crate::script::Output> =
            std::sync::Arc::new(self.program.terminal.clone());
        let host = Host::new(Context { ledger: Ledger::default(), output, ..context });
        let done = self.program.within_time(|| host.run_file(Path::new(path), args));
        self.program.terminal.bar().clear();
        done.map_err(|diagnostic| run::told(&self.program.terminal, &diagnostic))
    }

    fn undo(&self, count: usize) -> Result<(), Failure> {
        let taken = self.session.borrow_mut().undo(count);
        self.program.terminal.note(&match taken {
            0 => return Err(Failure::Failed("there is nothing to take back".into())),
            1 => "the last entry is taken back".to_owned(),
            many => format!("the last {many} entries are taken back"),
        });
        Ok(())
    }

    fn device(&self, name: Option<String>) -> Result<(), Failure> {
        let Some(name) = name else {
            return self
                .program
                .terminal
                .line(&format!("device {}", self.session.borrow().host().context().device));
        };
        let opened = name.parse::<DeviceName>()?.open()?;
        if let Some(remark) = opened.remark {
            self.program.terminal.note(&remark);
        }
        self.session.borrow_mut().change(|context| context.device.clone_from(&name));
        self.program.terminal.line(&format!("device {name}, for the models that are loaded from now on"))
    }

    fn view(&self, name: Option<&str>) -> Result<(), Failure> {
        let view = match name {
            None => None,
            Some("braille") => Some(View::Braille),
            Some("half") => Some(View::Half),
            Some("plain") => Some(View::Plain),
            Some("image") => Some(self.program.terminal.pictures().map(View::Image).ok_or_else(|| {
                Failure::Failed(
                    "this terminal shows no pictures: kitty, Ghostty, Konsole, iTerm2 and WezTerm do, outside of tmux"
                        .into(),
                )
            })?),
            Some(other) => {
                let hint = did_you_mean(other, View::NAMES).map(|near| format!("; did you mean `{near}`?"));
                let (names, hint) = (View::NAMES.join(", "), hint.unwrap_or_default());
                return Err(Failure::Failed(format!("no view `{other}`: there are {names}{hint}")));
            }
        };
        if let Some(view) = view {
            self.session.borrow_mut().change(|context| context.view = view);
        }
        self.program.terminal.line(&format!("view {}", self.session.borrow().host().context().view.name()))
    }

    /// Plays some music, without an entry of its own.
    fn play(&self, music: &str) -> Result<(), Failure> {
        let played = self.session.borrow_mut().try_out(":play", &format!("({music}\n).play()"));
        self.program.terminal.bar().clear();
        played.map(drop).map_err(|diagnostic| run::told(&self.program.terminal, &diagnostic))
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

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot read the script `{name}`: {error}"))
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".into() } else { format!("{count} entries") }
}
