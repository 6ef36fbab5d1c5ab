//! The commands that read and write music: `convert`, `show`, `metrics`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::Program;

fn golden(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path).display().to_string()
}

const SONG: &str = "midi/format1_five_families.mid";

/// A folder with files made from a golden song by `convert`, in order, each from the one before.
fn converted(steps: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let mut from = golden(SONG);
    let mut made = Vec::new();
    for step in steps {
        let ended = Program::with(&["convert", &from, step]).within(folder.path()).run();
        assert!(ended.stderr.starts_with(&format!("wrote {step} (4 bars, 5 tracks)")), "{ended:?}");
        ended.well();
        from = folder.path().join(step).display().to_string();
        made.push(PathBuf::from(&from));
    }
    (folder, made)
}

fn metrics(arguments: &[&str]) -> Value {
    let line = [&["metrics", "--json"], arguments].concat();
    serde_json::from_str(&Program::with(&line).run().well()).unwrap()
}

#[test]
fn midi_goes_through_every_format_and_back() {
    let (_folder, made) = converted(&["a.mid", "b.npz", "c.midi", "d.npy", "e.mid"]);
    let bytes = |index: usize| std::fs::read(&made[index]).unwrap();
    assert_ne!(bytes(0), bytes(4), "an npy array has no tempo");
    // An npz file has what one plane holds, and so has what was read from it.
    let measured =
        |index: usize| metrics(&[made[index].to_str().unwrap(), "--resolution", "12"])[0]["tracks"].clone();
    assert_eq!(measured(1), measured(2));
    assert_eq!(measured(3), measured(4));
}

#[test]
fn pictures_and_sound_are_what_their_names_say() {
    let (_folder, made) = converted(&["a.mid"]);
    let song = made[0].to_str().unwrap();
    for (name, start) in [("a.png", &b"\x89PNG\r\n"[..]), ("a.svg", b"<svg"), ("a.wav", b"RIFF")] {
        let path = made[0].with_file_name(name);
        Program::with(&["--quiet", "convert", song, path.to_str().unwrap()]).run().well();
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.starts_with(start), "{name}: {:?}", &bytes[..8]);
    }
}

#[test]
fn convert_takes_resolution_tempo_and_an_output_folder() {
    let folder = tempfile::tempdir().unwrap();
    let line =
        ["convert", &golden(SONG), "kept/a.npz", "--resolution", "8", "--tempo", "90", "--out", "takes"];
    Program::with(&line).within(folder.path()).run().well();
    let shown = Program::with(&["show", "takes/kept/a.npz"]).within(folder.path()).run().well();
    assert!(shown.contains("90 bpm") && shown.contains("8 steps/beat"), "{shown}");
}

#[test]
fn show_draws_within_the_width_and_without_colour_in_a_pipe() {
    let shown = Program::with(&["show", &golden(SONG), "--width", "60"]).run().well();
    assert!(shown.starts_with("Multitrack  \"five\", 4 bars, 4/4"), "{shown}");
    assert!(shown.lines().skip(1).all(|line| line.chars().count() <= 60), "{shown}");
    assert!(shown.contains('│') && !shown.contains('\x1b'), "{shown}");
    let coloured = Program::with(&["show", &golden(SONG), "--color", "always"]).run().well();
    assert!(coloured.contains("\x1b[38;5;"), "{coloured}");
    let phrases = Program::with(&["show", &golden("npz/train_sparse.npz")]).run().well();
    assert!(phrases.contains("phrases, the first:"), "{phrases}");
}

#[test]
fn metrics_as_json_has_one_object_per_file() {
    let all = metrics(&[&golden(SONG), &golden("npz/train_sparse.npz")]);
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 2);
    let song = all[0].as_object().unwrap();
    assert_eq!(
        song.keys().collect::<Vec<_>>(),
        ["file", "family", "bars", "resolution", "tracks", "tonal_distance"]
    );
    assert_eq!(song["family"], "exact");
    assert_eq!(
        (&song["file"], &song["bars"], &song["resolution"]),
        (&golden(SONG).into(), &4.into(), &12.into())
    );
    let tracks = song["tracks"].as_object().unwrap();
    assert_eq!(tracks.keys().collect::<Vec<_>>(), ["drums", "piano", "guitar", "bass", "strings"]);
    for values in tracks.values() {
        let names: Vec<_> = values.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            [
                "empty_bar_rate",
                "notes",
                "pitches",
                "pitch_classes",
                "qualified_note_rate",
                "polyphonic_rate",
                "in_scale_rate",
                "drum_pattern_rate"
            ]
        );
    }
    assert!(tracks["drums"]["drum_pattern_rate"].is_f64() && tracks["bass"]["drum_pattern_rate"].is_null());
    let pairs: Vec<_> = song["tonal_distance"].as_object().unwrap().keys().collect();
    assert_eq!(
        pairs,
        ["piano-guitar", "piano-bass", "piano-strings", "guitar-bass", "guitar-strings", "bass-strings"]
    );
}

#[test]
fn measures_follow_the_family_that_is_asked_for() {
    let song = golden(SONG);
    let paper = metrics(&[&song, "--family", "paper"]);
    assert_eq!((&paper[0]["family"], &paper[0]["resolution"]), (&"paper".into(), &24.into()));
    assert!(paper[0]["tracks"]["drums"]["polyphonic_rate"].is_null());
    let table = Program::with(&["metrics", &song, "--family", "paper-ismir"]).run().well();
    assert!(table.contains("4 bars, paper-ismir "), "{table}");
    let refused = Program::with(&["metrics", &song, "--family", "papr"]).run();
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("did you mean `paper`?"), "{}", refused.stderr);
}

#[test]
fn thresholds_scale_and_resolution_change_the_measures() {
    let song = golden(SONG);
    let of = |more: &[&str], name: &str| {
        let line = [&[song.as_str()], more].concat();
        metrics(&line)[0]["tracks"]["piano"][name].as_f64().unwrap()
    };
    assert!(of(&["--min-pitches", "3"], "polyphonic_rate") < of(&[], "polyphonic_rate"));
    assert!(of(&["--min-note", "9"], "qualified_note_rate") < of(&[], "qualified_note_rate"));
    assert_ne!(of(&["--scale", "F# major"], "in_scale_rate"), of(&[], "in_scale_rate"));
    let odd = metrics(&[&song, "--resolution", "7"]);
    assert_eq!(odd[0]["resolution"], 7);
    assert!(odd[0]["tracks"]["drums"]["drum_pattern_rate"].is_null());
}

#[test]
fn tracks_as_they_are_keep_their_names_and_equal_ones_are_numbered() {
    let all = metrics(&[&golden("midi/program_changes.mid"), "--tracks", "as-is"]);
    let names: Vec<_> = all[0]["tracks"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["multi", "multi 2", "multi 3", "multi 4", "multi 5"]);
}

#[test]
fn metrics_for_people_are_a_table_for_each_file() {
    let song = golden(SONG);
    let table = Program::with(&["metrics", &song, &song]).run().well();
    assert_eq!(table.matches(&format!("{song}\n4 bars ")).count(), 2, "{table}");
}

/// Runs a command that must fail with 1 and leave the folder as it was, and gives its message.
fn refused(folder: &Path, line: &[&str]) -> String {
    let names =
        || std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = names();
    let message = Program::with(line).within(folder).run().failed(1);
    assert_eq!(names(), before, "{line:?} left something behind");
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "{message}");
    message
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(golden(SONG)).unwrap();
    std::fs::write(folder.path().join("cut.mid"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.path().join("text.mid"), "a song").unwrap();
    std::fs::write(folder.path().join("empty.npz"), "").unwrap();
    std::fs::write(folder.path().join("file"), "no folder").unwrap();
    let array = golden("npz/v1x_no_tracks.npz");
    let wrong = std::fs::read(&array).unwrap();
    std::fs::write(folder.path().join("cut.npz"), &wrong[..wrong.len() - 30]).unwrap();
    let song = golden(SONG);
    let cases: &[(&[&str], &[&str])] = &[
        (&["convert", "none.mid", "a.npz"], &["none.mid"]),
        (&["convert", "cut.mid", "a.npz"], &["cut.mid", "cut short at byte"]),
        (&["convert", "text.mid", "a.npz"], &["text.mid", "not a MIDI file"]),
        (&["metrics", "empty.npz", "--json"], &["empty.npz"]),
        (&["show", "cut.npz"], &["cut.npz"]),
        (&["convert", &song, "a.mp3"], &["a.mp3", ".mid", ".wav"]),
        (&["convert", "a.xyz", "a.mid"], &["a.xyz", ".mid", ".npz"]),
        (&["convert", &song, "file/a.mid"], &["file/a.mid"]),
        (&["convert", &song, "a.wav", "--soundfont", "none.sf2"], &["none.sf2"]),
        (&["convert", &song, "a.mid", "--tempo", "0"], &["tempo", "0"]),
        (&["metrics", &song, "--scale", "H major"], &["H major", "C major"]),
    ];
    for (line, words) in cases {
        let message = refused(folder.path(), line);
        for word in *words {
            assert!(message.contains(word), "{line:?} does not say `{word}`: {message}");
        }
    }
}

#[test]
fn a_waltz_is_no_array_of_four_four_phrases() {
    let folder = tempfile::tempdir().unwrap();
    let message = refused(folder.path(), &["convert", &golden("midi/six_eight.mid"), "a.npy"]);
    assert!(message.contains("6/8"), "{message}");
}

#[test]
fn damage_that_was_got_over_is_a_warning() {
    let ended = Program::with(&["show", &golden("midi/missing_note_off.mid")]).run();
    assert!(
        ended.stderr.starts_with("warning: `") && ended.stderr.contains("missing_note_off.mid"),
        "{ended:?}"
    );
    ended.well();
    let quiet = Program::with(&["show", "--quiet", &golden("midi/missing_note_off.mid")]).run();
    assert_eq!(quiet.stderr, "");
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_leaves_no_half_of_any_format() {
    for name in ["a.wav", "a.png", "a.npy", "a.mid"] {
        let folder = tempfile::tempdir().unwrap();
        let line = format!("ulimit -f 1; exec \"$0\" convert '{}' {name}", golden(SONG));
        let message = Program::in_shell(&line).within(folder.path()).run().failed(1);
        assert!(message.starts_with("error: ") && message.contains("File too large"), "{message}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{name}");
    }
}
