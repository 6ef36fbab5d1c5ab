//! The command line: exit codes, streams, messages.

use crate::program::Program;

#[test]
fn help_names_every_command_and_goes_to_stdout() {
    let help = Program::with(&["--help"]).run().well();
    for word in ["run", "SCRIPT", "--device", "--seed", "--sandbox"] {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
    assert!(Program::with(&["help", "run"]).run().well().contains("SCRIPT"));
    let version = Program::with(&["--version"]).run().well();
    assert_eq!(version.trim(), format!("ricercar {}", ricercar::VERSION));
    assert!(version.starts_with(concat!("ricercar ", env!("CARGO_PKG_VERSION"))), "{version}");
}

#[test]
fn the_value_of_code_is_shown_unless_a_semicolon_ends_it() {
    assert_eq!(Program::with(&["-e", "6 * 7"]).run().well(), "42\n");
    assert_eq!(Program::with(&["-e", "6 * 7;"]).run().well(), "");
    assert_eq!(Program::with(&["-e", "print(\"a\"); ()"]).run().well(), "a\n");
}

#[test]
fn a_script_sees_its_arguments_with_or_without_the_word_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rhai"), "for arg in args { print(arg) } print(script);").unwrap();
    for words in [&["a.rhai", "x", "--", "--own"][..], &["run", "a.rhai", "x", "--", "--own"]] {
        let output = Program::with(words).within(folder.path()).run().well();
        assert_eq!(output, "x\n--own\na.rhai\n");
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error_with_a_suggestion() {
    let message = Program::with(&["--sed", "3"]).run().failed(2);
    assert!(message.contains("--seed"), "{message}");
    let message = Program::with(&["rnu", "x"]).run().failed(2);
    assert!(message.contains("did you mean `run`?"), "{message}");
    let message = Program::with(&["--seed", "many", "-e", "1"]).run().failed(2);
    assert!(message.contains("many"), "{message}");
    Program::with(&["-e", "1", "run", "x.rhai"]).run().failed(2);
}

#[test]
fn a_script_that_is_not_there_is_an_error() {
    let message = Program::with(&["missing.rhai"]).run().failed(1);
    assert_eq!(message, "error: no script `missing.rhai`: the file does not exist\n");
}

#[test]
fn a_syntax_error_shows_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rhai"), "let a = 1;\nlet b = [1, 2;\n").unwrap();
    let message = Program::with(&["a.rhai"]).within(folder.path()).run().failed(1);
    assert!(message.starts_with("error: "), "{message}");
    assert!(message.contains("a.rhai, line 2") && message.contains("let b = [1, 2;"), "{message}");
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let has_colour = |words: &[&str]| Program::with(words).run().stderr.contains('\x1b');
    assert!(!has_colour(&["-e", "let"]));
    assert!(has_colour(&["-e", "let", "--color", "always"]));
    assert!(!has_colour(&["-e", "let", "--color", "never"]));
}

#[test]
fn quiet_leaves_out_remarks_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let input = "1 + 1\n:save a.rhai\n";
    let loud = Program::with(&[]).within(folder.path()).run_with(input);
    let quiet = Program::with(&["--quiet"]).within(folder.path()).run_with(input);
    assert_eq!((loud.stdout.as_str(), loud.stderr.as_str()), ("2\n", "wrote a.rhai (1 entry)\n"));
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("2\n", ""));
}

#[cfg(unix)]
mod unix {
    use crate::program::Program;

    #[test]
    fn a_reader_who_leaves_ends_the_program_quietly() {
        let line = "\"$0\" -e 'loop { print(\"la\") }' | head -n 2; echo \"${PIPESTATUS[0]}\"";
        let ended = Program::in_shell(line).run();
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("la\nla\n0\n", ""));
    }

    #[test]
    fn ctrl_c_stops_a_script_with_130() {
        let line = "(sleep 0.5; kill -INT $$) & exec \"$0\" -e 'print(\"on\"); loop { }'";
        let ended = Program::in_shell(line).run();
        assert_eq!((ended.stdout.as_str(), ended.code), ("on\n", Some(130)));
        assert!(ended.stderr.starts_with("stopped"), "{}", ended.stderr);
    }

    #[test]
    fn a_full_disk_is_an_error_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let line = "ulimit -f 1; exec \"$0\"";
        let long = format!("let text = \"{}\";\n:save big.rhai\n", "x".repeat(4000));
        let ended = Program::in_shell(line).within(folder.path()).run_with(&long);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.starts_with("error: cannot write `big.rhai`"), "{}", ended.stderr);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_shipped_models_and_every_processor_device_are_listed() {
    let elsewhere = tempfile::tempdir().unwrap();
    let models = Program::with(&["models"]).within(elsewhere.path()).run().well();
    for name in ["hybrid", "accompany"] {
        assert!(
            models.lines().any(|line| line.starts_with(name) && line.contains("this program")),
            "{models}"
        );
    }
    let devices = Program::with(&["devices"]).run().well();
    for name in if cfg!(feature = "ndarray") { &["cpu", "ndarray"][..] } else { &["cpu"] } {
        assert!(devices.lines().any(|line| line.starts_with(name) && line.contains("  yes  ")), "{devices}");
    }
    let message = Program::with(&["--device", "gpuu", "devices"]).run().failed(2);
    assert!(message.contains("did you mean `gpu`?"), "{message}");
    let message = Program::with(&["--models", "nowhere", "models"]).run().failed(1);
    assert!(message.contains("nowhere"), "{message}");
}

#[cfg(not(feature = "jupyter"))]
#[test]
fn a_program_without_the_kernel_says_how_it_is_built_in() {
    let ended = Program::with(&["jupyter", "install"]).run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("--features jupyter"), "{}", ended.stderr);
}
