//! The listening test from end to end: the page for raters, the key for nobody else, and the report.

use std::fs;
use std::path::Path;

use crate::program::Program;

#[test]
fn a_script_makes_a_blind_page_and_reports_what_raters_send() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = tempfile::tempdir().unwrap();
    let out = home.path().to_str().unwrap();
    let script = root.join("scripts/listening_test.rhai");
    let run = |words: &[&str]| {
        let line = [&["--quiet", "--out", out, "run", script.to_str().unwrap()], words].concat();
        Program::with(&line).within(root).run().well()
    };
    run(&["smoke"]);
    let page = fs::read_to_string(home.path().join("out/listening/page.html")).unwrap();
    let key = fs::read_to_string(home.path().join("out/listening-key/key.csv")).unwrap();
    assert_eq!(
        fs::read_dir(home.path().join("out/listening")).unwrap().count(),
        1,
        "nothing beside the page"
    );
    let words: String = page.split('"').filter(|part| part.len() < 10_000).collect();
    for source in ["hybrid", "composer", "jamming", "seed", "ricercar"] {
        assert!(!words.contains(source), "{source}");
    }
    let rows: Vec<Vec<&str>> = key.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 4);
    // Six people who like real music best.
    let mut files = Vec::new();
    for rater in 0..6 {
        let mut csv =
            "test,rater,musician,order,clip,harmonious,rhythmic,structured,coherent,overall\r\n".to_owned();
        for (place, row) in rows.iter().enumerate() {
            let liked = if row[1] == "real" { 5 } else { 2 };
            csv += &format!("t,r{rater},{},{},{},3,3,3,3,{liked}\r\n", rater < 3, place + 1, row[0]);
        }
        let file = home.path().join(format!("ratings-{rater}.csv"));
        fs::write(&file, csv).unwrap();
        files.push(file.to_str().unwrap().to_owned());
    }
    let key = home.path().join("out/listening-key/key.csv");
    let words: Vec<&str> =
        ["report", key.to_str().unwrap()].into_iter().chain(files.iter().map(String::as_str)).collect();
    run(&words);
    let told = fs::read_to_string(home.path().join("out/listening-report/ratings.csv")).unwrap();
    let overall = |row: &str, by: &str| -> f64 {
        let at = told.lines().next().unwrap().split(',').position(|name| name == "overall").unwrap();
        let line = told.lines().find(|line| line.starts_with(&format!("{row},{by},"))).unwrap();
        line.split(',').nth(at).unwrap().parse().unwrap()
    };
    assert_eq!((overall("real", "all raters"), overall("hybrid", "musicians")), (5.0, 2.0));
    let report = fs::read_to_string(home.path().join("out/listening-report/report.md")).unwrap();
    assert!(report.contains("published") && report.contains("6 raters"), "{report}");
    assert!(fs::read(home.path().join("out/listening-report/ratings.png")).unwrap().starts_with(b"\x89PNG"));
}
