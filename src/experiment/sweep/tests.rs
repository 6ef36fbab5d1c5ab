//! Sweeps of every kind: cells in order, kept as they finish, the same however they are divided.

use super::*;
use crate::base::Silent;

fn plan(count: usize) -> Plan {
    let axes = vec![
        ("a".into(), Values::Ints { first: 0, count }),
        ("b".into(), Values::List(vec!["x".into(), "y, z".into()])),
    ];
    Plan::grid(Space::new(axes).unwrap()).unwrap()
}

/// What a cell gives: every fourth fails, and every third has a column of its own.
fn outcome(cell: usize) -> Outcome {
    if cell % 4 == 1 {
        return Outcome::Failed(format!("cell {cell}\r\nwent \"wrong\""));
    }
    let mut row = vec![("value".to_owned(), Cell::from(cell as f64 / 3.0)), ("text".to_owned(), "7".into())];
    if cell % 3 == 2 {
        row.insert(0, ("rare".to_owned(), Cell::Missing));
    }
    Outcome::Row(row)
}

/// Runs the cells that are left, at most so many.
fn run(settings: &Settings, most: usize) -> Finished {
    let mut sweep = Sweep::begin(plan(10), settings.clone()).unwrap();
    for cell in sweep.pending().into_iter().take(most) {
        sweep.keep(cell, outcome(cell), &Silent).unwrap();
    }
    sweep.finish().unwrap()
}

fn bytes(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn rows_stand_in_the_order_of_the_cells_with_errors_last() {
    let finished = run(&Settings::default(), 99);
    let names: Vec<&str> = finished.table.columns().iter().map(AsRef::as_ref).collect();
    assert_eq!(names, ["a", "b", "value", "text", "rare", "error"]);
    assert_eq!((finished.cells, finished.failed, finished.table.len()), (20, 5, 20));
    assert_eq!(finished.first_error.as_deref(), Some("cell 1\r\nwent \"wrong\""));
    assert!(
        finished.summary().starts_with("20 cells, 5 failed (the first: cell 1"),
        "{}",
        finished.summary()
    );
}

#[test]
fn a_stopped_sweep_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, halves) = (folder.path().join("whole.csv"), folder.path().join("halves.csv"));
    let settings = |path: &Path, resume| Settings { save: Some(path.into()), resume, ..Settings::default() };
    run(&settings(&whole, Resume::No), 99);
    assert!(!folder.path().join("whole.journal").exists());
    let stopped = run(&settings(&halves, Resume::No), 7);
    assert_eq!((stopped.table.len(), bytes(&halves).lines().count() > 7), (7, true));
    // The process died while it wrote: half a record is at the end.
    let journal = folder.path().join("halves.journal");
    std::fs::write(&journal, bytes(&journal) + "row,7,0,1,\"y, z\r\n").unwrap();
    let mut sweep = Sweep::begin(plan(10), settings(&halves, Resume::All)).unwrap();
    assert_eq!(sweep.pending(), (7..20).collect::<Vec<_>>());
    sweep.keep(19, outcome(19), &Silent).unwrap();
    sweep.finish().unwrap();
    run(&settings(&halves, Resume::All), 99);
    assert_eq!(bytes(&whole), bytes(&halves));
    assert_eq!(run(&settings(&halves, Resume::All), 0).table.len(), 20);
    let again = Sweep::begin(plan(10), settings(&halves, Resume::Good)).unwrap();
    assert_eq!(again.pending(), [1, 5, 9, 13, 17]);
    let other = Sweep::begin(plan(11), settings(&halves, Resume::All)).unwrap_err().to_string();
    assert!(other.contains("rows of another sweep") && other.contains("halves.journal"), "{other}");
}

#[test]
fn shares_merge_into_the_bytes_of_the_undivided_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.csv");
    run(&Settings { save: Some(whole.clone()), ..Settings::default() }, 99);
    for count in [1, 2, 3, 7, 20, 25] {
        let out = folder.path().join(format!("of{count}.csv"));
        let shards = (1..=count).map(|index| Shard::new(index, count).unwrap());
        let shares: Vec<PathBuf> = shards
            .map(|shard| {
                let settings =
                    Settings { save: Some(out.clone()), shard: Some(shard), ..Settings::default() };
                run(&settings, 99).journal.unwrap()
            })
            .collect();
        assert!(!out.exists());
        let merged = merge(&out, &shares, false).unwrap();
        merged.table.save(&out).unwrap();
        assert_eq!(bytes(&out), bytes(&whole), "{count}");
        assert_eq!((merged.cells, merged.failed), (20, 5));
    }
}

#[test]
fn shares_that_do_not_belong_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let share = |name: &str, shard: &str, most| {
        let save = Some(folder.path().join(format!("{name}.csv")));
        let settings = Settings { save, shard: Some(shard.parse().unwrap()), ..Settings::default() };
        run(&settings, most).journal.unwrap()
    };
    let (one, two, unfinished) = (share("a", "1/3", 99), share("a", "2/3", 99), share("b", "3/3", 2));
    let out = folder.path().join("a.csv");
    let told = |shares: &[&PathBuf]| {
        let shares: Vec<PathBuf> = shares.iter().map(|path| (*path).clone()).collect();
        merge(&out, &shares, false).unwrap_err().to_string()
    };
    let error = told(&[&one]);
    assert!(
        error.contains("shares 2/3, 3/3 are missing") && error.contains("a.shard-2-of-3.journal"),
        "{error}"
    );
    assert!(told(&[&one, &two, &one]).contains("are both shard 1/3"));
    let error = told(&[&one, &two, &unfinished]);
    assert!(error.contains("b.shard-3-of-3.journal` has 2 of its 6 cells"), "{error}");
    assert!(told(&[&one, &share("c", "2/4", 99)]).contains("of another sweep"));
    let partial = merge(&out, &[one.clone(), unfinished], true).unwrap();
    assert_eq!((partial.table.len(), partial.cells), (9, 20));
    std::fs::write(&one, "seed,notes\r\n1,2\r\n").unwrap();
    assert!(told(&[&one]).contains("a.shard-1-of-3.journal` is no journal"));
    assert!(told(&[]).contains("nothing to merge"));
}

#[test]
fn a_share_needs_a_file_and_a_file_a_known_extension() {
    let shard = Some("1/2".parse().unwrap());
    let told = |settings| Sweep::begin(plan(1), settings).unwrap_err().to_string();
    assert!(told(Settings { shard, ..Settings::default() }).contains("needs `save`"));
    assert!(told(Settings { save: Some("x.txt".into()), ..Settings::default() }).contains(".csv"));
}

#[test]
fn chosen_columns_stand_first_and_must_be_there() {
    let columns = |names: &[&str]| Settings {
        columns: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Settings::default()
    };
    let table = run(&columns(&["value", "b"]), 99).table;
    let names: Vec<&str> = table.columns().iter().map(AsRef::as_ref).collect();
    assert_eq!(names, ["value", "b", "a", "text", "rare", "error"]);
    let mut sweep = Sweep::begin(plan(1), columns(&["vaule"])).unwrap();
    let error = sweep.keep(0, outcome(0), &Silent).unwrap_err().to_string();
    assert!(error.contains("did you mean `value`?"), "{error}");
}

#[test]
fn a_result_cannot_be_called_like_the_column_of_errors() {
    let mut sweep = Sweep::begin(plan(1), Settings::default()).unwrap();
    sweep.keep(0, Outcome::Row(vec![(ERROR.to_owned(), Cell::Int(1))]), &Silent).unwrap();
    assert_eq!(sweep.finish().unwrap().failed, 1);
}
