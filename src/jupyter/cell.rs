//! One cell of a notebook: commands on lines of their own, then a script.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jupyter_protocol::ReplyError;

use super::Process;
use super::stage::Stage;
use crate::script::session::{Command, seconds};
use crate::script::{Diagnostic, Kind, Session};

/// What runs a cell.
pub(super) struct Cell<'a> {
    pub(super) session: &'a mut Session,
    pub(super) stage: &'a Arc<Stage>,
    pub(super) process: &'a dyn Process,
}

impl Cell<'_> {
    /// Runs the commands that a cell begins with, a line each, and the script behind them. `:time` and
    /// `:play` take all that follows.
    ///
    /// # Errors
    /// What went wrong, as the front end shows it; what comes after it is not run.
    pub(super) fn run(&mut self, code: &str) -> Result<(), Box<ReplyError>> {
        self.caught(code, |cell| cell.lines(code))
    }

    /// Runs a script of which nothing is shown or counted.
    ///
    /// # Errors
    /// What went wrong.
    pub(super) fn run_silently(&mut self, code: &str) -> Result<(), Box<ReplyError>> {
        self.caught(code, |cell| cell.within_time(|session| session.run_silently(code)))
    }

    /// Does `work`; a panic of it, such as one while a value is drawn, costs the cell and not the kernel.
    fn caught(
        &mut self,
        code: &str,
        work: impl FnOnce(&mut Self) -> Result<(), Box<ReplyError>>,
    ) -> Result<(), Box<ReplyError>> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        done.unwrap_or_else(|panic| Err(self.trouble(Diagnostic::of_panic(&*panic, code))))
    }

    fn lines(&mut self, code: &str) -> Result<(), Box<ReplyError>> {
        let mut passed = 0;
        let mut rest = code;
        while !rest.trim().is_empty() {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let command = match Command::read(line) {
                _ if line.trim().is_empty() => None,
                None => {
                    // Empty lines in front keep the numbers of the others.
                    return self.script(&format!("{}{rest}", "\n".repeat(passed)));
                }
                Some(Ok(Command::Time(_) | Command::Play(Some(_)))) => {
                    return Command::read(rest).map_or(Ok(()), |command| self.command(command));
                }
                command => command,
            };
            command.map_or(Ok(()), |command| self.command(command))?;
            (passed, rest) = (passed + 1, after);
        }
        Ok(())
    }

    fn script(&mut self, code: &str) -> Result<(), Box<ReplyError>> {
        let number = self.session.number();
        let rich = self.within_time(|session| session.evaluate_richly(code))?;
        if let Some(rich) = rich {
            self.stage.result(number, &rich);
        }
        Ok(())
    }

    fn command(&mut self, command: Result<Command, String>) -> Result<(), Box<ReplyError>> {
        let refused = |message: String| self.trouble(Diagnostic::plain(message));
        let command = command.map_err(refused)?;
        if let Some(said) = self.session.obey(&command) {
            let said = said.map_err(|message| self.trouble(Diagnostic::plain(message)))?;
            for text in [said.note, said.answer].iter().flatten() {
                self.stage.line(text.trim_end());
            }
            return Ok(());
        }
        match command {
            Command::Time(code) => {
                let start = Instant::now();
                self.script(&code)?;
                self.stage.line(&format!("  {}", seconds(start.elapsed())));
                Ok(())
            }
            Command::Load(path) => self.within_time(|session| session.load_file(Path::new(&path))),
            Command::Run(words) => {
                let stage = Arc::clone(self.stage);
                self.within_time(|session| session.run_apart(&words, stage))
            }
            Command::Play(music) => {
                let music = music.unwrap_or_else(|| "ans".into());
                self.within_time(|session| session.play(&music))
            }
            other => Err(self.trouble(Diagnostic::plain(not_here(&other)))),
        }
    }

    /// Does `work` in the time that it may take.
    fn within_time<R>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<R, Box<Diagnostic>>,
    ) -> Result<R, Box<ReplyError>> {
        let (mut work, mut done) = (Some(work), None);
        let session = &mut *self.session;
        self.process.within_time(&mut || done = work.take().map(|work| work(session)));
        match done {
            Some(done) => done.map_err(|diagnostic| self.trouble(*diagnostic)),
            None => Err(self.trouble(Diagnostic::plain("the cell was not run"))),
        }
    }

    /// An error as front ends show it.
    fn trouble(&self, diagnostic: Diagnostic) -> Box<ReplyError> {
        let (name, diagnostic) = match diagnostic.kind {
            Kind::Error => ("Error", diagnostic),
            Kind::Stopped => ("Interrupted", diagnostic),
            Kind::Bug => ("Bug", self.process.told(diagnostic)),
        };
        let traceback = diagnostic.render(true).trim_end().lines().map(str::to_owned).collect();
        Box::new(ReplyError { ename: name.into(), evalue: diagnostic.headline, traceback })
    }
}

/// Why a command of the terminal's session is none of a notebook's.
fn not_here(command: &Command) -> String {
    match command {
        Command::Edit(_) => "`:edit` is for terminals: the cells of a notebook are edited where they stand",
        Command::Quit => "`:quit` is for terminals: the notebook's own menu shuts its kernel down",
        Command::View(_) => {
            "`:view image` is for terminals: a notebook shows pictures anyway, and `:view braille`, `half` or \
             `plain` chooses the text beside them"
        }
        _ => "a notebook has no such command",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use jupyter_protocol::{ExecuteRequest, JupyterMessage, JupyterMessageContent as Content, MediaType};

    use super::*;
    use crate::base::Cancel;
    use crate::jupyter::sockets::Outbox;
    use crate::script::{Context, Host};

    struct Test;

    impl Process for Test {
        fn log(&self, _: &str) {}

        fn waiting(&self, wait: &mut dyn FnMut()) {
            wait();
        }

        fn within_time(&self, work: &mut dyn FnMut()) {
            work();
        }

        fn told(&self, diagnostic: Diagnostic) -> Diagnostic {
            diagnostic
        }
    }

    /// What a notebook shows of some cells, and the last one's error.
    fn run(cells: &[&str]) -> (Vec<String>, Option<ReplyError>) {
        let (outbox, sent) = Outbox::for_test();
        let stage = Arc::new(Stage::new(outbox, Cancel::new()));
        let context = Context { output: stage.clone(), player: Some(stage.clone()), ..Context::default() };
        let mut session = Session::new(Host::new(context));
        let mut error = None;
        for cell in cells {
            stage.begin(&JupyterMessage::new(ExecuteRequest::new((*cell).into()), None), false);
            let mut cell_runner = Cell { session: &mut session, stage: &stage, process: &Test };
            error = cell_runner.run(cell).err().map(|error| *error);
            stage.end();
        }
        let types = |media: &[MediaType]| media.iter().map(|m| m.mime_type().to_owned()).collect::<Vec<_>>();
        let shown = std::iter::from_fn(sent).map(|(_, message)| match message.content {
            Content::StreamContent(stream) => stream.text,
            Content::ExecuteResult(result) => match &result.data.content[..] {
                [MediaType::Plain(text)] => format!("Out[{}] {text}", result.execution_count.0),
                several => format!("Out[{}] {}", result.execution_count.0, types(several).join(" ")),
            },
            Content::DisplayData(shown) => types(&shown.data.content).join(" "),
            other => format!("{other:?}"),
        });
        (shown.collect(), error)
    }

    #[test]
    fn values_are_shown_with_the_number_of_their_entry() {
        let (shown, error) = run(&["let a = 6;", "a * 7", "a + 1;", "nope", "out2 + ans"]);
        assert_eq!(shown, ["Out[2] 42", "Out[4] 84"]);
        assert!(error.is_none());
    }

    #[test]
    fn music_is_drawn_and_has_a_player() {
        let (shown, _) = run(&["let a = music::line(\"bass\", \"C2\"); a", "a.play()"]);
        let player = "text/plain text/html";
        assert_eq!(shown, ["Out[1] text/plain image/png", player, player]);
        let (shown, _) =
            run(&["for pitch in [\"C2\", \"G2\"] { show(music::line(\"bass\", pitch)); }\nshow(2);"]);
        let drawing = "text/plain image/png";
        assert_eq!(shown, [drawing, player, drawing, player, "text/plain"]);
    }

    #[test]
    fn commands_stand_on_lines_before_a_script() {
        let (shown, error) = run(&[":seed 3\n\n:view half\nprint(\"x\");\n1"]);
        assert_eq!(shown.concat(), "seed 3\nview half\nx\nOut[1] 1");
        assert!(error.is_none());
        let (shown, _) = run(&[":time\n  1 +\n  1"]);
        assert!(shown.is_empty(), "{shown:?}");
        let (shown, _) = run(&[":time 1 +\n  1"]);
        assert!(shown[0] == "Out[1] 2" && shown[1].starts_with("  "), "{shown:?}");
    }

    #[test]
    fn an_error_names_line_and_remedy_and_ends_the_cell() {
        let (shown, error) = run(&[":seed 3\nlet song = 1;\nprint(sogn)"]);
        let error = error.unwrap();
        assert_eq!((shown.concat().as_str(), error.ename.as_str()), ("seed 3\n", "Error"));
        let told = error.traceback.join("\n");
        assert!(told.contains("In [1]") && told.contains("song") && told.contains('\x1b'), "{told}");
        assert!(told.contains("3"), "the third line of the cell: {told}");
    }

    #[test]
    fn a_mistake_of_the_program_costs_the_cell_and_not_the_kernel() {
        struct Broken;

        impl Process for Broken {
            fn log(&self, _: &str) {}

            fn waiting(&self, _: &mut dyn FnMut()) {}

            fn within_time(&self, _: &mut dyn FnMut()) {
                panic!("boom");
            }

            fn told(&self, diagnostic: Diagnostic) -> Diagnostic {
                diagnostic
            }
        }

        let stage = Arc::new(Stage::new(Outbox::for_test().0, Cancel::new()));
        let mut session = Session::new(Host::new(Context::default()));
        let mut cell = Cell { session: &mut session, stage: &stage, process: &Broken };
        let bug = cell.run("1 + 1").unwrap_err();
        assert_eq!((bug.ename.as_str(), bug.evalue.as_str()), ("Bug", "boom"));
    }

    #[test]
    fn commands_of_terminals_say_what_to_do_instead() {
        for (cell, word) in [
            (":edit", "edited where they stand"),
            (":quit", "menu"),
            (":view image", "pictures anyway"),
            (":vasr", "did you mean `:vars`?"),
            (":load nowhere.rhai", "cannot read the script `nowhere.rhai`"),
        ] {
            let error = run(&[cell]).1.unwrap();
            assert!(error.evalue.contains(word), "{cell}: {}", error.evalue);
        }
    }
}
