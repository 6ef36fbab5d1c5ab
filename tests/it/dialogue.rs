//! Conversations at the command line: what is said, kept, repeated, and turned into scripts.

use std::path::{Path, PathBuf};

use crate::program::{Ended, Program};

/// A conversation with few phrases, so that it is quick.
fn talk(folder: &Path, lines: &str, more: &[&str]) -> Ended {
    let file = folder.join("lines.txt");
    std::fs::write(&file, lines).unwrap();
    let words = ["dialogue", "hybrid", "--seed", "7", "--count", "12", "--phrases", "24", "--script"];
    Program::with(&[&words[..], &[file.to_str().unwrap()], more].concat()).within(&root()).run()
}

/// Where the music that comes with the program is.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_conversation_says_what_it_always_says() {
    let folder = tempfile::tempdir().unwrap();
    let said = talk(
        folder.path(),
        "# planted: the drums' own part does not move the bass\n\
         claim drums z_i.drums moves only bass\ntest\nwhy\nobject because measure cells\n\
         claim denser rises onsets\nagre\nverdicts\nquit\nnever said\n",
        &[],
    )
    .well();
    let expected = include_str!("../golden/dialogue/planted.txt");
    if std::env::var_os("RICERCAR_BLESS").is_some() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/dialogue/planted.txt");
        std::fs::write(golden, &said).unwrap();
    }
    assert_eq!(said, expected);
}

#[test]
fn a_notebook_gives_the_same_figures_again_and_its_script_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "test\nclaim z_i.bass moves only bass\ntest\nobject\nscript\nquit\n";
    let out = folder.path().to_str().unwrap();
    let said = talk(folder.path(), lines, &["--notebook", "talk", "--out", out]).well();
    for file in ["talk.md", "talk.html", "talk-1.png", "talk-2.png", "talk-3.png"] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    let replayed = |file: &str| {
        let file = folder.path().join(file);
        Program::with(&["dialogue", "--replay", file.to_str().unwrap()]).within(&root()).run()
    };
    let again = replayed("talk.html").well();
    assert!(again.ends_with("The same figures in all 3 outcomes.\n"), "{again}");
    let script = &said[said.find("// The claims").unwrap()..said.find("> quit").unwrap()];
    let file = folder.path().join("again.rhai");
    std::fs::write(&file, script).unwrap();
    let table = Program::with(&["run", file.to_str().unwrap()]).within(&root()).run().well();
    assert!(table.contains("z_i.bass moves only bass"), "{table}");
    let text = std::fs::read_to_string(folder.path().join("talk.md")).unwrap();
    // A figure that is changed is found out.
    let begin = text.find("\"figures\":[\"").unwrap();
    let changed = format!("{}{}", &text[..begin], text[begin..].replacen("| hybrid", "| hybird", 1));
    std::fs::write(folder.path().join("changed.md"), changed).unwrap();
    let other = replayed("changed.md");
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stderr.contains("1 outcomes are not what they were"), "{}", other.stderr);
}

#[test]
fn what_is_missing_is_told_before_anything_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let message = Program::with(&["dialogue", "hybird"]).within(folder.path()).run().failed(1);
    assert!(message.contains("did you mean `hybrid`?"), "{message}");
    let message = Program::with(&["dialogue"]).within(folder.path()).run().failed(1);
    assert!(message.contains("examples/held_out/phrases.npz"), "{message}");
    let message = Program::with(&["dialogue", "--replay", "no.md"]).within(folder.path()).run().failed(1);
    assert!(message.contains("no.md"), "{message}");
    Program::with(&["dialogue", "--count", "1"]).within(folder.path()).run().failed(2);
}

#[test]
fn a_pipe_is_a_person_too() {
    let folder = tempfile::tempdir().unwrap();
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/held_out/phrases.npz");
    let words = ["dialogue", "--phrases", "24", "--count", "6", "--real", real, "--quiet"];
    let said = Program::with(&words).within(folder.path()).run_with("help\nmeasure\n").well();
    assert!(said.contains("{part} moves only {tracks}") && said.contains("Measures of this claim"), "{said}");
}
