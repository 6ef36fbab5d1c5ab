//! Sweeps: the same rows however they are computed, stopped or divided.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ricercar::base::{Cancel, Progress};
use ricercar::script::{Context, Host, Kind, Output, Session};

use crate::program::Program;

/// Presses Ctrl-C when so many rows are done.
struct Impatient {
    cancel: Cancel,
    rows: u64,
    seen: AtomicU64,
}

impl Progress for Impatient {
    fn report(&self, done: u64, _total: u64, _note: &str) {
        self.seen.store(done, Ordering::SeqCst);
        if done >= self.rows {
            self.cancel.raise();
        }
    }
}

impl Output for Impatient {
    fn print(&self, _text: &str) {}
    fn note(&self, _text: &str) {}
}

fn impatient(rows: u64, out: &Path) -> Host {
    let cancel = Cancel::new();
    let output = Impatient { cancel: cancel.clone(), rows, seen: AtomicU64::new(0) };
    let out = Some(out.to_owned());
    Host::new(Context { cancel, out, output: Arc::new(output), ..Context::default() })
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    Program::with(arguments).within(folder).run().well()
}

/// What goes wrong in a folder.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    Program::with(arguments).within(folder).run().failed(1)
}

#[test]
fn batches_give_the_rows_of_one_phrase_after_another() {
    let host = Host::new(Context::default());
    let text = r#"
        let g = model::load(NAME);
        let axes = [["temperature", [0.5, 1.0]], ["seed", [3, -1, 3]], ["threshold", ["bernoulli"]],
                    ["truncate", [0.7, 2.0]]];
        let batched = sweep::generate(g, axes);
        let single = sweep::grid(axes, |p| g.generate(p).metrics());
        let plain = sweep::generate(g, #{ seed: 0..3, tempo: 90 }, #{ work: |song, p| #{ same: song == g.generate(p) } });
        batched == single && plain.column("same") == [true, true, true]
    "#;
    for name in ["hybrid", "binary"] {
        let text = text.replace("NAME", &format!("{name:?}"));
        if host.run_text("test", &format!("model::has({name:?})"), &[]).unwrap().as_bool() == Ok(true) {
            assert_eq!(host.run_text("test", &text, &[]).unwrap().as_bool(), Ok(true), "{name}");
        }
    }
}

#[test]
fn several_models_meet_at_the_same_settings() {
    let text = r#"
        let both = sweep::compare(["hybrid", "composer"], #{ seed: 0..3 });
        let alone = sweep::generate(model::load("composer"), #{ seed: 0..3 });
        both.filter(|row| row.model == "composer").without("model") == alone
    "#;
    let host = Host::new(Context::default());
    assert_eq!(host.run_text("test", text, &[]).unwrap().as_bool(), Ok(true));
    let error = |text: &str| host.run_text("test", text, &[]).unwrap_err().headline;
    assert!(error(r#"sweep::compare(["hybrid", "hybrid"], #{})"#).contains("comes twice"));
    assert!(error(r#"sweep::compare(["hybrid"], #{ threshold: 1.5 })"#).contains("0..=1"));
}

#[test]
fn a_stop_keeps_the_finished_rows_in_the_session_and_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::new(impatient(5, folder.path()));
    let sweep = r#"sweep::grid(#{ a: 0..100 }, |p| #{ b: p.a * 2 }, #{ save: "rows.csv" })"#;
    let stopped = session.evaluate(sweep).unwrap_err();
    assert_eq!(stopped.kind, Kind::Stopped);
    assert!(stopped.notes.iter().any(|note| note.contains("5 rows are kept in `ans`")), "{stopped:?}");
    session.host().context().cancel.reset();
    assert_eq!(session.evaluate("ans.column(\"b\")").unwrap().as_deref(), Some("[0, 2, 4, 6, 8]"));
    let csv = fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    assert_eq!(csv.lines().count(), 6);
    assert!(folder.path().join("rows.journal").exists());
    let resumed = sweep.replace("\"rows.csv\"", "\"rows.csv\", resume: true");
    let host = Host::new(Context { out: Some(folder.path().to_owned()), ..Context::default() });
    // The rows that were there are not computed again.
    let text = resumed.replace("p.a * 2", "if p.a < 5 { throw \"again\" } else { p.a * 2 }") + ".len";
    assert_eq!(host.run_text("test", &text, &[]).unwrap().as_int(), Ok(100));
    assert!(!fs::read_to_string(folder.path().join("rows.csv")).unwrap().contains("again"));
}

#[test]
fn a_failed_cell_is_a_row_and_the_first_one_stops_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let sweep = "sweep::grid(#{ a: 0..4 }, |p| { if p.a == 2 { throw \"two,\\nand no more\" } #{ b: p.a } }, OPTIONS)";
    let code = format!("print({}.to_csv());", sweep.replace("OPTIONS", "#{ save: \"t.csv\" }"));
    let code = code.replace(".to_csv()", "");
    let ended = Program::with(&["-e", &code]).within(folder.path()).run();
    assert!(ended.stderr.contains("4 cells, 1 failed (the first: two, and no more)"), "{}", ended.stderr);
    let csv = fs::read_to_string(folder.path().join("t.csv")).unwrap();
    assert_eq!(csv, "a,b,error\r\n0,0,\r\n1,1,\r\n2,,\"two, and no more\"\r\n3,3,\r\n");
    let error = refused(folder.path(), &["-e", &sweep.replace("OPTIONS", "#{ on_error: \"stop\" }")]);
    assert!(error.contains("two,") && error.contains("the finished 3 rows are kept in `ans`"), "{error}");
    let all = refused(folder.path(), &["-e", "sweep::grid(#{ a: 0..4 }, |p| p.b)"]);
    assert!(all.contains("every cell failed") && all.contains("the map has no `b`"), "{all}");
}

#[test]
fn what_is_asked_for_wrongly_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let told = |code: &str| refused(folder.path(), &["-e", code]);
    let generate = "sweep::generate(model::load(\"hybrid\"), AXES)";
    let axes = |axes: &str| told(&generate.replace("AXES", axes));
    assert!(axes("#{ treshold: [0.4] }").contains("did you mean `threshold`?"));
    assert!(axes("#{ threshold: [0.4, 1.4] }").contains("0..=1"));
    assert!(axes("#{ seed: 0..4 }, #{ sav: \"x.csv\" }").contains("did you mean `save`?"));
    assert!(told("sweep::grid([[\"a\", 0..3], [\"a\", 0..3]], |p| #{})").contains("axis `a` is given twice"));
    assert!(told("sweep::grid([\"a\"], |p| #{})").contains("axis 0 is a pair"));
    assert!(told("sweep::grid(#{ a: sweep::between(0, 1) }, |p| #{})").contains("axis `a` is a range"));
    assert!(told("sweep::between(1, 0)").contains("from 1 to 0"));
    assert!(told("sweep::random(#{ a: 0..3 }, |p| #{}, #{})").contains("needs `count`"));
    assert!(told("sweep::grid(#{ a: 0..3 }, |p| #{}, #{ resume: true })").contains("needs `save`"));
    assert!(told("sweep::grid(#{ a: 0..3 }, |p| #{}, #{ save: \"x.txt\" })").contains(".csv, .json or"));
    assert!(told("sweep::grid(#{ a: 0..3 }, |p| #{}, #{ columns: [\"b\"] })").contains("no column `b`"));
    let shared = Program::with(&["--shard", "1/2", "-e", "sweep::grid(#{ a: 0..3 }, |p| #{})"]);
    assert!(shared.within(folder.path()).run().failed(1).contains("needs `save`"));
    assert!(Program::with(&["--shard", "3/2", "-e", "1"]).run().failed(2).contains("3/16"));
}

#[test]
fn shares_of_several_processes_merge_into_the_bytes_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let script = "let g = model::load(\"hybrid\"); \
        sweep::generate(g, [[\"seed\", 0..7], [\"threshold\", [0.3, 0.6]]], #{ save: args[0], work: |song, p| { \
            if p.seed == 4 { throw \"no four\" } \
            let row = #{ notes: song.metrics().mix.notes }; \
            if p.seed == 5 { row.five = p.threshold; } \
            row } });";
    fs::write(folder.path().join("sweep.rhai"), script).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    run(folder.path(), &["run", "sweep.rhai", "whole.csv"]);
    for count in [2, 3, 16] {
        let name = format!("of{count}.csv");
        let shares: Vec<String> = (1..=count)
            .map(|index| {
                run(folder.path(), &["--shard", &format!("{index}/{count}"), "run", "sweep.rhai", &name]);
                format!("of{count}.shard-{index}-of-{count}.journal")
            })
            .collect();
        // In any order.
        let shares = shares.iter().rev().map(String::as_str);
        let line: Vec<&str> = ["merge", &name].into_iter().chain(shares).collect();
        run(folder.path(), &line);
        assert_eq!(read(&name), read("whole.csv"), "{count}");
    }
    let error = refused(folder.path(), &["merge", "x.csv", "of2.shard-1-of-2.journal"]);
    assert!(
        error.contains("shares 2/2 are missing") && error.contains("`x.shard-2-of-2.journal`"),
        "{error}"
    );
    assert!(!folder.path().join("x.csv").exists());
    run(folder.path(), &["merge", "--partial", "x.csv", "of2.shard-1-of-2.journal"]);
    assert_eq!(String::from_utf8(read("x.csv")).unwrap().lines().count(), 8);
    run(folder.path(), &["--seed", "9", "--shard", "2/2", "run", "sweep.rhai", "other.csv"]);
    let line = ["merge", "x.csv", "of2.shard-1-of-2.journal", "other.shard-2-of-2.journal"];
    assert!(refused(folder.path(), &line).contains("`other.shard-2-of-2.journal` is of another sweep"));
}

#[cfg(unix)]
#[test]
fn the_script_for_gnu_parallel_gives_the_table_of_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/cluster");
    let sweep = scripts.join("sweep.rhai").display().to_string();
    let printed = run(folder.path(), &["run", &sweep, "hybrid", "3"]);
    assert!(printed.contains("mix.polyphonic_rate"), "{printed}");
    let whole = fs::read(folder.path().join("out/threshold.csv")).unwrap();
    fs::remove_file(folder.path().join("out/threshold.csv")).unwrap();
    let line = format!("RICERCAR=$0 bash {} 4 {sweep} hybrid 3", scripts.join("parallel.sh").display());
    Program::in_shell(&line).within(folder.path()).run().well();
    assert_eq!(fs::read(folder.path().join("out/threshold.csv")).unwrap(), whole);
}

#[cfg(unix)]
#[test]
fn the_script_for_slurm_merges_when_the_last_share_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/cluster");
    let sweep = scripts.join("sweep.rhai").display().to_string();
    let job = |share: usize| {
        let line = format!(
            "RICERCAR=$0 SLURM_ARRAY_TASK_ID={share} SLURM_ARRAY_TASK_COUNT=2 SLURM_CPUS_PER_TASK=1 bash {} {sweep} hybrid 2",
            scripts.join("slurm.sh").display()
        );
        Program::in_shell(&line).within(folder.path()).run().well();
        folder.path().join("out/threshold.csv").exists()
    };
    assert_eq!([2, 1].map(job), [false, true]);
}

#[test]
fn the_study_of_thresholds_leaves_tables_and_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(folder.path().join("examples/held_out")).unwrap();
    let phrases = "examples/held_out/phrases.npz";
    fs::copy(root.join(phrases), folder.path().join(phrases)).unwrap();
    let script = root.join("scripts/threshold_sweep.rhai").display().to_string();
    let printed = run(folder.path(), &["run", &script, "smoke"]);
    assert!(
        printed.contains("hybrid is nearest to real music") && printed.contains("mix.notes"),
        "{printed}"
    );
    let read = |name: &str| fs::read(folder.path().join("out").join(name)).unwrap();
    assert_eq!(String::from_utf8(read("threshold_sweep.csv")).unwrap().lines().count(), 1 + 4 * 11);
    let means = String::from_utf8(read("threshold_sweep_means.csv")).unwrap();
    assert!(means.starts_with("of,threshold,n,mean,low,high,undefined\r\n"), "{means}");
    assert!(read("threshold_sweep.png").starts_with(b"\x89PNG"));
}
