//! Whatever README.md tells a newcomer to type works, in the order it stands there.

use std::path::Path;

use crate::program::Program;

/// The fenced blocks of a page with their languages, in order.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (None, Some((_, text))) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// A folder with what the README refers to; the training run is shortened, since it is about minutes.
fn newcomer() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["examples", "examples/data", "examples/held_out", "scripts"] {
        std::fs::create_dir_all(home.path().join(folder)).unwrap();
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, home.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    let tiny = home.path().join("scripts/tiny.yaml");
    let mut text = std::fs::read_to_string(&tiny).unwrap();
    for (key, value) in
        [("steps", "4"), ("save_samples_steps", "2"), ("evaluate_steps", "4"), ("batch_size", "8")]
    {
        let line = text.lines().find(|line| line.starts_with(&format!("{key}:"))).unwrap().to_owned();
        text = text.replace(&line, &format!("{key}: {value}"));
    }
    std::fs::write(&tiny, text).unwrap();
    home
}

/// The words of a shell line, single quotes respected.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in line.split('\'').enumerate() {
        match i % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

#[test]
fn everything_the_readme_shows_works() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let home = newcomer();
    let mut commands = 0;
    for (language, text) in blocks(&page) {
        let lines: Vec<&str> = match language.as_str() {
            "sh" => text.lines().filter(|line| line.starts_with("ricercar ")).collect(),
            "rhai" => vec![],
            other => panic!("the README has a block of `{other}` that nothing runs"),
        };
        for line in lines {
            let words = words(line);
            let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let ended = Program::with(&arguments).within(home.path()).run();
            assert_eq!(ended.code, Some(0), "{line}\n{}", ended.stderr);
            commands += 1;
        }
        if language == "rhai" {
            let ended = Program::with(&["-e", &text]).within(home.path()).run();
            assert_eq!(ended.code, Some(0), "{text}\n{}", ended.stderr);
        }
    }
    assert!(commands >= 10, "the tour has lost its commands");
    for file in
        ["hello.mid", "hello.png", "hello.wav", "walk.wav", "calm.mid", "take-3.mid", "song.npz", "tiny.mid"]
    {
        let size = std::fs::metadata(home.path().join("out").join(file)).map(|m| m.len()).unwrap_or(0);
        assert!(size > 100, "out/{file} has {size} bytes");
    }
}

#[test]
fn the_readme_points_only_at_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("README.md")).unwrap();
    let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let missing: Vec<&str> =
        links.filter(|link| !link.starts_with("http") && !root.join(link).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
