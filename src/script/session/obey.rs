//! What the commands do that need nothing but the session; every front end has them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Command, Session};
use crate::base::{Seed, suggestion, write_atomically};
use crate::experiment::run::Ledger;
use crate::model::DeviceName;
use crate::script::{Context, Diagnostic, Host, Output, View};

/// What is said after a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// A remark on what was done.
    pub note: Option<String>,
    /// The answer.
    pub answer: Option<String>,
}

impl Session {
    /// Carries out a command. `None` for those that are a front end's own: `:time`, `:load`, `:run`,
    /// `:edit`, `:play`, `:quit` and `:view image`.
    pub fn obey(&mut self, command: &Command) -> Option<Result<Said, String>> {
        Some(match command {
            Command::Help(topic) => self.explain(topic.as_deref()).map(Said::answer),
            Command::Source(name) => self.source_of(name).map(Said::answer),
            Command::Vars => Ok(Said::answer(self.describe_variables())),
            Command::Functions(which) => self.describe_functions(which.as_deref()).map(Said::answer),
            Command::Modules => Ok(Said::answer(self.describe_modules())),
            Command::Save(path) => self.save(path),
            Command::Transcript(path) => {
                self.write(path, &self.to_markdown(), &entries(self.entries().len()))
            }
            Command::Undo(count) => match self.undo(*count) {
                0 => Err("there is nothing to take back".into()),
                1 => Ok(Said::note("the last entry is taken back")),
                many => Ok(Said::note(format!("the last {many} entries are taken back"))),
            },
            Command::Reset => {
                self.reset();
                Ok(Said::note("everything is forgotten"))
            }
            Command::Seed(seed) => {
                if let Some(seed) = seed {
                    self.change(|context| context.seed = Seed(*seed));
                }
                Ok(Said::answer(format!("seed {}", self.host().context().seed.0)))
            }
            Command::Device(name) => self.device(name.as_deref()),
            Command::Out(folder) => {
                if let Some(folder) = folder {
                    self.change(|context| context.out = Some(folder.into()));
                }
                let out = self.host().context().out.clone();
                let out = out.map_or_else(|| "the working folder".into(), |out| out.display().to_string());
                Ok(Said::answer(format!("relative paths are written below {out}")))
            }
            Command::View(name) if name.as_deref() != Some("image") => self.view(name.as_deref()),
            Command::View(_)
            | Command::Time(_)
            | Command::Load(_)
            | Command::Run(_)
            | Command::Edit(_)
            | Command::Play(_)
            | Command::Quit => return None,
        })
    }

    /// Runs the script at `path` in the session, as [`Session::load`] does.
    ///
    /// # Errors
    /// That it cannot be read, and those of [`Session::load`].
    pub fn load_file(&mut self, path: &Path) -> Result<(), Box<Diagnostic>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Diagnostic::plain(format!("cannot read the script `{name}`: {error}")))?;
        self.load(&name, &text, &[])
    }

    /// Runs a script, whose path and arguments `words` are, that neither sees the session nor leaves
    /// anything in it; it prints to `output`.
    ///
    /// # Errors
    /// What went wrong in it.
    pub fn run_apart(&self, words: &[String], output: Arc<dyn Output>) -> Result<(), Box<Diagnostic>> {
        let Some((path, args)) = words.split_first() else { return Ok(()) };
        let context = Context { ledger: Ledger::default(), output, ..self.host().context().clone() };
        Host::new(context).run_file(Path::new(path), args)
    }

    /// Plays what the expression `music` gives, without an entry of its own.
    ///
    /// # Errors
    /// What went wrong, or that it was stopped.
    pub fn play(&mut self, music: &str) -> Result<(), Box<Diagnostic>> {
        self.try_out(":play", &format!("({music}\n).play()")).map(drop)
    }

    /// Writes the session as a script.
    fn save(&self, path: &str) -> Result<Said, String> {
        let (script, kept, left_out) = self.to_script();
        let rest = match left_out {
            0 => String::new(),
            1 => "; 1 that failed or was stopped is left out".into(),
            n => format!("; {n} that failed or were stopped are left out"),
        };
        self.write(path, &script, &format!("{}{rest}", entries(kept)))
    }

    fn write(&self, path: &str, text: &str, what: &str) -> Result<Said, String> {
        let target = self.host().context().output_path(path)?;
        write_atomically(&target, text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(Said::note(format!("wrote {} ({what})", target.display())))
    }

    fn device(&mut self, name: Option<&str>) -> Result<Said, String> {
        let Some(name) = name else {
            return Ok(Said::answer(format!("device {}", self.host().context().device)));
        };
        let opened = name.parse::<DeviceName>().and_then(|name| name.open());
        let note = opened.map_err(|error| error.to_string())?.remark;
        self.change(|context| name.clone_into(&mut context.device));
        Ok(Said {
            note,
            ..Said::answer(format!("device {name}, for the models that are loaded from now on"))
        })
    }

    fn view(&mut self, name: Option<&str>) -> Result<Said, String> {
        let view = match name {
            None => None,
            Some("braille") => Some(View::Braille),
            Some("half") => Some(View::Half),
            Some("plain") => Some(View::Plain),
            Some(other) => {
                let hint = suggestion(other, View::NAMES);
                let names = View::NAMES.join(", ");
                return Err(format!("no view `{other}`: there are {names}{hint}"));
            }
        };
        if let Some(view) = view {
            self.change(|context| context.view = view);
        }
        Ok(Said::answer(format!("view {}", self.host().context().view.name())))
    }
}

impl Said {
    fn answer(text: impl Into<String>) -> Self {
        Self { note: None, answer: Some(text.into()) }
    }

    fn note(text: impl Into<String>) -> Self {
        Self { note: Some(text.into()), answer: None }
    }
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".into() } else { format!("{count} entries") }
}

/// A time for a person, with three digits that matter.
pub fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 60.0 => format!("{s:.2} s"),
        s => format!("{:.0} min {:02.0} s", (s / 60.0).floor(), s % 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        let text = |micros| seconds(Duration::from_micros(micros));
        assert_eq!(
            [250, 12_340, 3_100_000, 125_000_000].map(text),
            ["250 µs", "12.3 ms", "3.10 s", "2 min 05 s"]
        );
    }

    #[test]
    fn commands_of_the_session_are_carried_out_and_those_of_a_front_end_are_not() {
        let mut session = Session::new(Host::new(Context::default()));
        let mut obey = |line: &str| session.obey(&Command::read(line).unwrap().unwrap());
        assert_eq!(obey(":seed 7"), Some(Ok(Said::answer("seed 7"))));
        assert_eq!(obey(":view half"), Some(Ok(Said::answer("view half"))));
        assert_eq!(obey(":undo"), Some(Err("there is nothing to take back".into())));
        assert!(obey(":view hlaf").is_some_and(|said| said.unwrap_err().contains("did you mean `half`?")));
        for line in [":time 1", ":load a.rhai", ":run a.rhai", ":edit", ":play", ":quit", ":view image"] {
            assert_eq!(obey(line), None, "{line}");
        }
    }
}
