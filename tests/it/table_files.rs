//! Tables come back from files as they were.

use std::fs;

use proptest::prelude::*;
use ricercar::experiment::{Cell, Table};

use crate::program::Program;

fn cell() -> impl Strategy<Value = Cell> {
    let words =
        prop::sample::select(vec!["", "12", "1.5", "true", "NaN", " padded ", "a,b", "\"", "x\r\ny", "–"]);
    prop_oneof![
        Just(Cell::Missing),
        any::<bool>().prop_map(Cell::Bool),
        any::<i64>().prop_map(Cell::Int),
        any::<f64>().prop_map(Cell::from),
        words.prop_map(Cell::from),
        "\\PC{0,12}".prop_map(Cell::from),
    ]
}

proptest! {
    #[test]
    fn a_table_survives_csv(rows in prop::collection::vec(prop::collection::vec(cell(), 3), 0..12)) {
        let mut table = Table::new();
        for row in rows {
            table.add(["a", "b, \"c\"", "d"].into_iter().zip(row));
        }
        let text = table.to_csv();
        prop_assert_eq!(Table::from_csv(&text).unwrap(), table, "{}", text);
    }

    #[test]
    fn a_table_survives_json(rows in prop::collection::vec(prop::collection::vec(cell(), 3), 1..12)) {
        let mut table = Table::new();
        for row in rows {
            table.add(["a", "b", "d"].into_iter().zip(row));
        }
        let back = Table::from_json(&table.to_json().to_string()).unwrap();
        prop_assert_eq!(back.columns(), table.columns());
        for (a, b) in back.rows().zip(table.rows()) {
            for ((name, a), (_, b)) in a.cells().zip(b.cells()) {
                match (a, b) {
                    (Cell::Float(a), Cell::Float(b)) => prop_assert!((a - b).abs() <= (b.abs() * 8.0 * f64::EPSILON).max(1e-320), "{a} {b}"),
                    _ => prop_assert_eq!(a, b, "{}", name),
                }
            }
        }
    }
}

#[test]
fn scripts_read_what_they_saved_and_are_told_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let code = "let t = sweep::grid(#{ a: 0..3, b: [\"1\", \"x\"] }, |p| #{ c: p.a / 2.0 }); t.save(\"t.csv\"); \
                t.save(\"t.json\"); print([table::read(\"t.csv\") == t, table::read(\"t.json\") == t])";
    let printed = Program::with(&["-e", code]).within(folder.path()).run().well();
    assert_eq!(printed.trim(), "[true, true]");
    fs::write(folder.path().join("torn.csv"), "a,b\n1\n").unwrap();
    let refused = |code: &str| Program::with(&["-e", code]).within(folder.path()).run().failed(1);
    let error = refused("table::read(\"torn.csv\")");
    assert!(error.contains("`torn.csv`, line 2: 1 fields, the first line names 2"), "{error}");
    assert!(refused("table().save(\"t.xls\")").contains(".csv, .json or .parquet"));
    if cfg!(not(feature = "parquet")) {
        assert!(refused("table().save(\"t.parquet\")").contains("--features parquet"));
    }
}
