//! The kernel for notebooks, asked by Jupyter's own client: `tests/interop/jupyter_kernel.py`, a scenario
//! for each test. Without Python or a package the tests say so and pass, as those of `interop` do.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::program::Program;

/// The interpreter that has the packages.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(|| crate::interop::python_with("jupyter_client, nbclient, nbformat")).as_deref()
}

fn scenario(name: &str) {
    let Some(python) = python() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/jupyter_kernel.py");
    let program = env!("CARGO_BIN_EXE_ricercar");
    let ended = Command::new(python).args(["-W", "ignore"]).arg(script).args([program, name]).output();
    let ended = ended.unwrap();
    assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn values_come_with_their_numbers_and_state_lasts_from_cell_to_cell() {
    scenario("execute");
}

#[test]
fn what_is_printed_comes_while_the_cell_runs() {
    scenario("stream");
}

#[test]
fn music_tables_and_charts_are_pictures_tables_and_players() {
    scenario("display");
}

#[test]
fn the_cursor_is_completed_by_letters() {
    scenario("complete");
}

#[test]
fn what_is_at_the_cursor_is_explained() {
    scenario("inspect");
}

#[test]
fn open_brackets_want_another_line() {
    scenario("is_complete");
}

#[test]
fn errors_are_shown_in_full_and_stop_the_cells_behind_them() {
    scenario("error");
}

#[test]
fn entries_are_remembered() {
    scenario("history");
}

#[test]
fn the_kernel_says_what_it_is_and_what_it_cannot_do() {
    scenario("info");
}

#[test]
fn an_endless_loop_and_a_training_run_are_interrupted() {
    scenario("interrupt");
}

#[test]
fn a_restart_begins_anew() {
    scenario("restart");
}

#[test]
fn the_end_is_obeyed_in_the_middle_of_a_script() {
    scenario("shutdown");
}

#[cfg(target_os = "linux")]
#[test]
fn a_kernel_does_not_outlive_its_server() {
    scenario("orphan");
}

#[test]
fn messages_that_others_have_signed_are_ignored() {
    scenario("signature");
}

#[test]
fn the_example_notebook_runs() {
    scenario("book");
}

#[test]
fn the_kernel_is_installed_and_removed_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| Program::with(words).within(folder.path()).run();
    let installed =
        run(&["jupyter", "install", "--prefix", "env", "--name", "mine", "--seed", "7", "--sandbox"]);
    let place = Path::new("env/share/jupyter/kernels/mine");
    assert_eq!(installed.code, Some(0), "{}", installed.stderr);
    assert!(installed.stderr.contains(place.to_str().unwrap()), "{}", installed.stderr);
    let spec = std::fs::read(folder.path().join(place).join("kernel.json")).unwrap();
    let spec: serde_json::Value = serde_json::from_slice(&spec).unwrap();
    assert!(Path::new(spec["argv"][0].as_str().unwrap()).is_absolute(), "{spec}");
    let options = ["--device", "auto", "--seed", "7", "--sandbox", "jupyter", "kernel", "{connection_file}"];
    assert_eq!(spec["argv"].as_array().unwrap()[1..], options.map(serde_json::Value::from));
    assert_eq!(spec["display_name"], "Ricercar (mine)");
    let removed = run(&["jupyter", "uninstall", "--prefix", "env", "--name", "mine"]);
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    let again = run(&["jupyter", "uninstall", "--prefix", "env", "--name", "mine"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("there is no kernel at"), "{}", again.stderr);
}

#[test]
fn a_connection_file_that_is_none_is_refused() {
    let ended = Program::with(&["jupyter", "kernel", "nowhere.json"]).run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("cannot read `nowhere.json`"), "{}", ended.stderr);
}
