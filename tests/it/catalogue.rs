//! `docs/metrics.md` is what the catalogue of measures says.

use std::path::Path;

use ricercar::metrics::catalogue;

use crate::program::Program;

#[test]
fn the_page_of_measures_is_rendered_from_the_catalogue() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let written = std::fs::read_to_string(file).unwrap();
    assert_eq!(written, catalogue::page(), "write it anew: ricercar metrics --list > docs/metrics.md");
}

#[test]
fn the_program_lists_what_measures_mean() {
    let listed = Program::with(&["metrics", "--list"]).run();
    assert_eq!(listed.stdout.trim_end(), catalogue::page().trim_end());
}

#[test]
fn the_evaluator_prints_its_matrices_unless_it_is_quiet() {
    let song = r#"let song = music::song([music::line("bass", "C2 G2"), music::line("piano", "C4+E4 G4")]);"#;
    let run = |options: &str| {
        let script = format!("{song} let told = metrics::evaluate(song, #{{ {options} }}); told.bars");
        Program::with(&["-e", &script]).run()
    };
    let loud = run("map: #{ notes: [\"bass\", \"piano\"] }").stdout;
    let lines: Vec<&str> = loud.lines().collect();
    assert_eq!(lines[0], "1 bars, exact     bass    piano      mix");
    assert_eq!(lines[1].trim_end(), "notes            2.000    3.000");
    assert_eq!(lines[3], "tonal_distance     bass");
    assert!(!run("quiet: true").stdout.contains("tonal_distance"));
    let refused = run("output: \"lists\"");
    assert!(refused.code == Some(1) && refused.stderr.contains("did you mean `list`?"), "{refused:?}");
}
