//! Runs the built program as a person would.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A run of `ricercar`, in a folder of its own if need be.
pub struct Program(Command);

/// What a run wrote and how it ended.
#[derive(Debug)]
pub struct Ended {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Program {
    pub fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ricercar"));
        command
            .args(arguments)
            .env_remove("NO_COLOR")
            .env("RICERCAR_HISTORY", "")
            .env("RICERCAR_INIT", "")
            .env("RICERCAR_PLAYER", "")
            .env("COLUMNS", "80");
        Self(command)
    }

    /// `ricercar` in a shell: `$0` is the program.
    #[cfg(unix)]
    pub fn in_shell(line: &str) -> Self {
        let mut command = Command::new("bash");
        command
            .args(["-c", line, env!("CARGO_BIN_EXE_ricercar")])
            .env("RICERCAR_HISTORY", "")
            .env("RICERCAR_INIT", "")
            .env("RICERCAR_PLAYER", "");
        Self(command)
    }

    pub fn within(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    pub fn run(self) -> Ended {
        self.run_with("")
    }

    pub fn run_with(mut self, input: &str) -> Ended {
        self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A program that does not read its input closes the pipe.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("the program ends").into()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
    }
}

impl Ended {
    /// The output of a run that went well.
    #[track_caller]
    pub fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The message of a run that failed with `code`, all of whose output is on stderr.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        self.stderr
    }
}
