//! A session in a real terminal, or what takes itself for one: `tests/interop/terminal.py` types into it,
//! a scenario for each test, at 80 and at 200 columns. Without Python the tests say so and pass.

use std::path::Path;
use std::process::Command;

fn scenario(name: &str) {
    let Some(python) = crate::interop::python_with("fcntl, pty, termios") else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/terminal.py");
    for columns in ["80", "200"] {
        let arguments = [env!("CARGO_BIN_EXE_ricercar"), name, columns];
        let ended = Command::new(&python).arg(&script).args(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{name}, {columns} columns: {told}");
    }
}

#[test]
fn values_fit_the_terminal_and_answers_have_numbers() {
    scenario("values");
}

#[test]
fn tab_knows_members_options_and_what_they_are() {
    scenario("completion");
}

#[test]
fn ctrl_c_stops_work_and_keeps_the_session() {
    scenario("interrupt");
}

#[test]
fn earlier_entries_come_back_by_arrow_and_by_search() {
    scenario("history");
}
