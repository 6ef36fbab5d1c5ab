//! Ctrl-C: whatever runs ends, and what was there before stays.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ricercar::base::{Cancel, Progress};
use ricercar::script::{Context, Host, Kind, Output, Session};

/// Output that presses Ctrl-C as soon as the script prints.
struct Impatient(Cancel);

impl Progress for Impatient {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}

impl Output for Impatient {
    fn print(&self, _text: &str) {
        self.0.raise();
    }

    fn note(&self, _text: &str) {}
}

fn impatient_host() -> (Host, Cancel) {
    let cancel = Cancel::new();
    let output = Arc::new(Impatient(cancel.clone()));
    (Host::new(Context { cancel: cancel.clone(), output, ..Context::default() }), cancel)
}

#[test]
fn no_catch_holds_a_stop() {
    let (host, _) = impatient_host();
    let text = "print(1); try { loop { } } catch { }";
    assert_eq!(host.run_text("test", text, &[]).unwrap_err().kind, Kind::Stopped);
}

#[test]
fn a_native_that_takes_long_is_stopped_inside() {
    let (host, _) = impatient_host();
    let text = r#"
        let g = model::load("hybrid");
        print(1);
        try { g.generate(#{ count: 100000 }); } catch { }
    "#;
    assert_eq!(host.run_text("test", text, &[]).unwrap_err().kind, Kind::Stopped);
}

#[test]
fn a_stopped_entry_keeps_what_it_had_done() {
    let (host, cancel) = impatient_host();
    let mut session = Session::new(host);
    session.evaluate("let takes = [1, 2]; let x = 5; fn double(n) { n * 2 }").unwrap();
    let entry =
        "takes.push(3); let late = |n| double(n); print(takes); for x in 0..9 { let takes = []; loop { } }";
    let stopped = session.evaluate(entry).unwrap_err();
    assert_eq!(stopped.kind, Kind::Stopped);
    cancel.reset();
    assert_eq!(session.evaluate("takes").unwrap().as_deref(), Some("[1, 2, 3]"));
    assert_eq!(session.evaluate("late.call(x)").unwrap().as_deref(), Some("10"));
    assert_eq!(session.undo(3), 3);
    assert_eq!(session.evaluate("takes").unwrap().as_deref(), Some("[1, 2]"));
}

#[test]
fn a_stopped_training_ends_the_script_and_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let cancel = Cancel::new();
    let output = Arc::new(Impatient(cancel.clone()));
    let out = Some(folder.path().into());
    let host = Host::new(Context { cancel: cancel.clone(), output, out, ..Context::default() });
    let train = r#"train::run("scripts/tiny.yaml", #{ folder: "tiny", steps: 2, on_step: |at| if at.step == 1 { print("one"); } });"#;
    let ended = host.run_text("test", &format!("{train} throw \"it went on\";"), &[]);
    assert_eq!(ended.unwrap_err().kind, Kind::Stopped);
    cancel.reset();
    let train = r#"train::run("scripts/tiny.yaml", #{ folder: "tiny", steps: 2, resume: true })"#;
    let check = format!("let end = {train}; assert_eq([end.step, end.finished], [2, true]);");
    assert!(host.run_text("test", &check, &[]).is_ok());
}

/// Output that presses Ctrl-C a moment after the script prints, while the next native is at work.
struct Late {
    cancel: Cancel,
    pressed: Arc<Mutex<Option<Instant>>>,
    printed: Mutex<Vec<String>>,
}

impl Progress for Late {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}

impl Output for Late {
    fn print(&self, text: &str) {
        self.printed.lock().unwrap().push(text.to_owned());
        let (cancel, pressed) = (self.cancel.clone(), Arc::clone(&self.pressed));
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            *pressed.lock().unwrap() = Some(Instant::now());
            cancel.raise();
        });
    }

    fn note(&self, _text: &str) {}
}

/// Work that would take many seconds, with what must be there before it begins.
const LONG_WORK: [(&str, &str, &str); 18] = [
    ("a loop", "", "loop { }"),
    ("a closure", "let a = []; a.pad(1000000, 1);", "loop { a.map(|x| x + 1); }"),
    ("generating", "let g = model::load(\"hybrid\");", "g.generate(#{ count: 100000 })"),
    (
        "encoding",
        "let g = model::load(\"hybrid\"); let song = g.generate(#{ seed: 1 });",
        "g.encode(song, #{ steps: 100000, candidates: 1000, climb: 100000 })",
    ),
    ("a sweep", "let g = model::load(\"hybrid\");", "sweep::generate(g, #{ seed: 0..100000 })"),
    ("sound", "let song = music::line(\"bass\", \"C2 - E2 -\").to_song() * 5000;", "song.save(\"long.wav\")"),
    ("measuring a set", "let set = SET;", "set.metrics()"),
    ("features of a set", "let set = SET;", "set.features()"),
    ("describing a set", "let set = SET;", "set.describe()"),
    ("saving a set", "let set = SET;", "set.save(\"phrases\", #{ format: \"midi\" })"),
    ("near copies in a set", "let set = SET;", "set.dedupe(#{ near: 0.5 })"),
    ("evaluating a set", "let set = SET;", "metrics::evaluate(set, #{ quiet: true })"),
    ("comparing sets", "let set = SET;", "compare::sets(set, set, #{})"),
    (
        "measuring songs",
        "let songs = data::phrases(\"examples/data/tour_256.npz\", #{}); for i in 0..7 { songs += songs; }",
        "songs.metrics()",
    ),
    (
        "features of songs",
        "let songs = data::phrases(\"examples/data/tour_256.npz\", #{}); for i in 0..7 { songs += songs; }",
        "songs.features()",
    ),
    (
        "features of a long song",
        "let song = model::load(\"hybrid\").generate(#{ seed: 1 }) * 1000;",
        "loop { song.features() }",
    ),
    ("a report", "let set = SET;", "report::against_training_set(set, set, #{ out: \"report\" })"),
    (
        "resampling a table",
        "let rows = table(); for i in 0..20000 { rows.add(#{ song: i, notes: i }); }",
        "rows.summary(#{ of: \"notes\", cluster: \"song\", resamples: 100000 })",
    ),
];

#[test]
fn whatever_takes_long_is_stopped_while_it_is_at_work() {
    const SET: &str = "data::load(\"examples/data/tour_256.npz\").augment(#{ copies: 400, transpose: 0.5 })";
    for (what, before, work) in LONG_WORK {
        let folder = tempfile::tempdir().unwrap();
        let cancel = Cancel::new();
        let output =
            Arc::new(Late { cancel: cancel.clone(), pressed: Arc::default(), printed: Mutex::default() });
        let host = Host::new(Context {
            cancel,
            output: output.clone(),
            out: Some(folder.path().into()),
            ..Context::default()
        });
        let text = format!("{} print(1); {work}; print(2);", before.replace("SET", SET));
        let ended = host.run_text("test", &text, &[]).map(drop);
        let after = output.pressed.lock().unwrap().map(|pressed| pressed.elapsed());
        println!("{what}: stopped after {after:?}");
        assert_eq!(ended.unwrap_err().kind, Kind::Stopped, "{what}");
        assert_eq!(*output.printed.lock().unwrap(), ["1"], "{what} came to its end");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{what} left something behind");
    }
}
