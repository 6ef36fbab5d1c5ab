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
