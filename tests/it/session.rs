//! Sessions replayed: every file of `tests/session` is a transcript whose `In [n]:` entries are fed to
//! the program and whose other lines are what it must answer. `[..]` stands for any text in a line;
//! empty lines do not count.

use std::path::Path;

use ricercar::script::session::wants_more;

use crate::program::Program;

#[test]
fn every_transcript_replays() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/session");
    let mut transcripts: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    transcripts.sort();
    assert!(!transcripts.is_empty());
    for path in transcripts {
        let (input, expected) = read(&std::fs::read_to_string(&path).unwrap());
        let outside = tempfile::tempdir().unwrap();
        let ended = Program::in_shell("exec \"$0\" 2>&1").within(outside.path()).run_with(&input);
        let answers: Vec<&str> = ended.stdout.lines().filter(|line| !line.is_empty()).collect();
        for (number, line) in expected.iter().enumerate() {
            let answer = answers.get(number).copied().unwrap_or("(nothing)");
            assert!(
                is_alike(line, answer),
                "{}, answer line {}\nexpected: {line}\nanswered: {answer}\nwhole answer:\n{}",
                path.display(),
                number + 1,
                ended.stdout
            );
        }
        assert_eq!(answers.len(), expected.len(), "{}: more was answered:\n{}", path.display(), ended.stdout);
    }
}

/// The entries, as they are typed, and the lines that should answer them.
fn read(transcript: &str) -> (String, Vec<String>) {
    let mut input = String::new();
    let mut expected = Vec::new();
    let mut lines = transcript.lines().filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        let Some(entry) = line.strip_prefix("In [").and_then(|rest| Some(rest.split_once("]: ")?.1)) else {
            expected.push(line.to_owned());
            continue;
        };
        let mut entry = entry.to_owned();
        while wants_more(&entry) {
            entry = format!("{entry}\n{}", lines.next().expect("the entry goes on").trim_start());
        }
        input += &entry;
        input.push('\n');
    }
    (input, expected)
}

/// Whether `answer` is `line`, whose `[..]` stand for anything.
fn is_alike(line: &str, answer: &str) -> bool {
    let Some((first, rest)) = line.split_once("[..]") else { return line == answer };
    let Some(mut answer) = answer.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split("[..]").collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = answer.find(part) else { return false };
        answer = &answer[at + part.len()..];
    }
    answer.ends_with(last)
}

#[test]
fn elisions_match_any_text_but_nothing_else() {
    assert!(is_alike("a[..]d", "abcd") && is_alike("[..]", "") && is_alike("a[..]b[..]c", "a1b2c"));
    assert!(!is_alike("a[..]d", "abc") && !is_alike("abc", "abcd") && !is_alike("a[..]b[..]c", "a1c"));
}

#[test]
fn a_script_can_be_stayed_in() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rhai"), "let kept = 20;\nfn twice(x) {\n    x * 2\n}\n").unwrap();
    let ended = Program::with(&["-i", "a.rhai"]).within(folder.path()).run_with("twice(kept) + 2\ntwice()\n");
    assert_eq!(ended.stdout, "42\n");
    assert!(ended.stderr.contains("In [2], line 1"), "{}", ended.stderr);
}

#[test]
fn a_saved_session_runs_and_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let entries =
        "let a = 2\na * 3\nbad +* 1\nout2 + 1\nfn f(x) {\n  x + 1\n}\nprint(f(ans))\n:save kept.rhai\n";
    let session = Program::with(&[]).within(folder.path()).run_with(entries);
    assert_eq!(session.stdout, "6\n7\n8\n");
    assert_eq!(Program::with(&["kept.rhai"]).within(folder.path()).run().well(), "8\n");
    let script = std::fs::read_to_string(folder.path().join("kept.rhai")).unwrap();
    assert!(!script.contains("bad"), "{script}");
}

#[test]
fn every_command_is_on_its_page() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/session.md")).unwrap();
    for (name, argument, ..) in ricercar::script::session::COMMANDS {
        let call = format!("{name} {argument}").trim_end().replace('|', "\\|");
        assert!(page.contains(&format!("`{call}`")), "{call}");
    }
}

#[cfg(unix)]
#[test]
fn an_entry_is_edited_in_the_users_editor_and_run() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::in_shell("EDITOR='sed -i s/1/41/' exec \"$0\" 2>&1").within(folder.path());
    assert_eq!(ended.run_with("let a = 0;\na + 1\n:edit\nans + out2\n").stdout, "1\na + 41\n41\n42\n");
    let ended =
        Program::in_shell("EDITOR=false exec \"$0\" 2>&1").within(folder.path()).run_with("1;\n:edit 1\n2\n");
    assert!(ended.stdout.contains("nothing was run") && ended.stdout.ends_with("\n2\n"), "{}", ended.stdout);
}

#[cfg(unix)]
#[test]
fn the_init_file_is_run_first_and_belongs_to_what_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.rhai"), "fn third(x) { x / 3 }\nlet start = 126;\n").unwrap();
    let run = |options: &str, input: &str| {
        let line = format!("RICERCAR_INIT=mine.rhai exec \"$0\" {options} 2>&1");
        Program::in_shell(&line).within(folder.path()).run_with(input).stdout
    };
    assert_eq!(run("", "third(start)\n"), "42\n");
    assert!(
        run("--no-init", "third(start)\n").contains("no function `third`")
            || run("--no-init", "start\n").contains("start")
    );
    run("", "print(third(start))\n:save kept.rhai\n");
    assert_eq!(Program::with(&["kept.rhai"]).within(folder.path()).run().well(), "42\n");
    std::fs::write(folder.path().join("mine.rhai"), "let broken = ;").unwrap();
    let answer = run("", "1 + 1\n");
    assert!(answer.contains("mine.rhai, line 1") && answer.ends_with("2\n"), "{answer}");
}

#[test]
fn plain_answers_have_no_frames_no_drawing_and_no_colours() {
    let input = "music::line(\"bass\", \"C2 - G2 -\")\nlatent::normal(#{ size: 4 })\ntheory::note(1)\nlet x = 1\nx.nope()\n";
    let ended = Program::with(&["--plain", "--color", "always"]).run_with(input);
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert!(all.contains("bar 1: C2 on 1 for 2, G2 on 3 for 2"), "{all}");
    let drawn = |c: char| ('\u{2500}'..='\u{28ff}').contains(&c) || c == '\x1b' || c == '^';
    assert!(!all.contains(drawn), "{all}");
    assert!(all.contains("in In [3], line 1, at note"), "{all}");
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let colours = |options: &[&str]| {
        Program::with(options).run_with("music::line(\"bass\", \"C2\")\n").stdout.contains('\x1b')
    };
    assert!(!colours(&[]) && !colours(&["--color", "never"]) && colours(&["--color", "always"]));
}

/// A real terminal, where there is a `script` command to make one.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_entries_are_prompted_edited_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("kept/history");
    let Some(mut terminal) = Terminal::open(&history) else { return };
    terminal.type_after("In [1]: ", "let a = 20\r");
    // Up brings the first entry back; Ctrl-C throws it away.
    terminal.type_after("In [2]: ", "\x1b[A + 1\x03");
    terminal.type_after("In [2]: ", "a + 22\r");
    terminal.type_after("\r\n42\r\n", "");
    // A block is indented, and its end is not.
    terminal.type_after("In [3]: ", "fn f() {\r7\r}\r");
    terminal.type_after("In [4]: ", "f(\t)\r");
    terminal.type_after("\r\n7\r\n", "");
    // Ctrl-C stops what runs, and the session goes on with what it had.
    terminal.type_after("In [5]: ", "print(\"on\"); loop { }\r");
    terminal.type_after("\r\non\r\n", "\x03");
    terminal.type_after("stopped", "");
    terminal.type_after("In [5]: ", "a + 1\r");
    terminal.type_after("\r\n21\r\n", "");
    terminal.type_after("In [6]: ", "\x04");
    terminal.ends_well();
    let history = std::fs::read_to_string(history).unwrap();
    assert!(history.contains("a + 22") && history.contains("fn f()"), "{history}");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_names_are_completed_and_calls_are_explained_while_typing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut terminal) = Terminal::open(&folder.path().join("history")) else { return };
    terminal.type_after("In [1]: ", "theory::not\t");
    terminal.type_after("theory::note( // note(name: string) -> int", "\"C4\")\r");
    terminal.type_after("\r\n60\r\n", "");
    terminal.type_after("In [2]: ", "let other = 1\r");
    // Up finds the entry that begins with what is typed.
    terminal.type_after("In [3]: ", "the\x1b[A");
    terminal.type_after("theory::note(\"C4\")", "\r");
    terminal.type_after("\r\n60\r\n", "");
    // Two ways to go on are listed at once; what is a dot behind a value knows the value.
    terminal.type_after("In [4]: ", "music::line(\"bass\", \"C2\").to_song().bar_\t");
    terminal.type_after("bar_count", "\r");
    terminal.type_after("\r\n1\r\n", "");
    // Ctrl-R searches.
    terminal.type_after("In [5]: ", "\x12other");
    terminal.type_after("let other = 1", "\r");
    // A block comes back as a whole; Enter inside of it begins a line, at its end runs it.
    terminal.type_after("In [6]: ", "if true {\r20\r}\r");
    terminal.type_after("\r\n20\r\n", "");
    terminal.type_after("In [7]: ", "\x1b[A");
    terminal.type_after("}", "\r");
    terminal.type_after("\r\n20\r\n", "");
    // What is typed behind a closing bracket stands behind it.
    terminal.type_after("In [8]: ", "if false {\r1\r} else {\r30 + 3\r}\r");
    terminal.type_after("\r\n33\r\n", "");
    terminal.type_after("In [9]: ", ":q\r");
    terminal.ends_well();
}

/// The program on a pseudo-terminal.
#[cfg(target_os = "linux")]
struct Terminal(std::process::Child);

#[cfg(target_os = "linux")]
impl Terminal {
    fn open(history: &Path) -> Option<Self> {
        use std::process::{Command, Stdio};
        // `exec`: where the shell stayed between the two, Ctrl-C would end it.
        let line = format!("exec {} --no-init --color never", env!("CARGO_BIN_EXE_ricercar"));
        Command::new("script").arg("--version").stdout(Stdio::null()).status().ok()?;
        // What never comes is an end, not a wait.
        let mut command = Command::new("timeout");
        command
            .args(["--foreground", "60", "script", "-qec", &line, "/dev/null"])
            .env("TERM", "xterm")
            .env("RICERCAR_HISTORY", history);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok().map(Self)
    }

    /// Waits until the program has written `text`, then types `keys`.
    fn type_after(&mut self, text: &str, keys: &str) {
        use std::io::{Read, Write};
        let mut seen = Vec::new();
        let mut byte = [0];
        while !String::from_utf8_lossy(&seen).contains(text) {
            let read = self.0.stdout.as_mut().unwrap().read(&mut byte).unwrap();
            assert!(read > 0, "ended before {text:?}: {}", String::from_utf8_lossy(&seen));
            seen.push(byte[0]);
        }
        self.0.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end as a terminal does: it stays open, and is read, until the program is gone.
    /// (`script` answers an end of its own input with keys that the program may still see.)
    fn ends_well(mut self) {
        use std::io::Read;
        let open = self.0.stdin.take();
        let mut rest = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}, after {rest:?}");
        drop(open);
    }
}

#[cfg(target_os = "linux")]
impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}
