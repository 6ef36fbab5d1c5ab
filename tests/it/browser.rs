//! Pages in a real browser: headless Chromium, driven by `tests/interop/browser.py`, a scenario for each
//! test. Without Python's selenium, Chromium or its driver the tests say so and pass, unless
//! `RICERCAR_REQUIRE_BROWSER` is set. `RICERCAR_SCREENSHOTS` names a folder that pictures are kept in.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The interpreter, where everything else is there as well.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(find).as_deref()
}

fn find() -> Option<String> {
    let is_missing = |program: &&str| Command::new(program).arg("--version").output().is_err();
    let missing: Vec<&str> = ["chromium", "chromedriver"].into_iter().filter(is_missing).collect();
    let python = crate::interop::python_with("selenium");
    let found = python.filter(|_| missing.is_empty());
    if found.is_none() {
        let told = format!(
            "no browser to look at pages with (missing: {}): Debian's packages chromium and chromium-driver, \
             and the Python packages of tests/interop/requirements.txt",
            if missing.is_empty() { "selenium".to_owned() } else { missing.join(", ") }
        );
        assert!(std::env::var_os("RICERCAR_REQUIRE_BROWSER").is_none(), "{told}");
        eprintln!("skipped: {told}");
    }
    found
}

fn scenario(name: &str) {
    // One browser at a time: two would be slow rather than at once.
    static TURN: Mutex<()> = Mutex::new(());
    let Some(python) = python() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/browser.py");
    let program = env!("CARGO_BIN_EXE_ricercar");
    let ended = Command::new(python).args(["-W", "ignore"]).arg(script).args([program, name]).output();
    let ended = ended.unwrap();
    assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn sliders_pads_and_menus_move_what_they_are_bound_to() {
    scenario("gestures");
}

#[test]
fn everything_can_be_done_by_keys() {
    scenario("keys");
}

#[test]
fn music_is_played_from_where_somebody_wants_it_and_loops() {
    scenario("play");
}

#[test]
fn who_presses_play_before_the_music_changes_hears_what_it_has_become() {
    scenario("hasty");
}

#[test]
fn bars_are_chosen_by_pointer_and_by_keys_and_nothing_else_is_played() {
    scenario("bars");
}

#[test]
fn gestures_are_taken_back_by_keys_and_a_link_opens_the_page_as_it_was() {
    scenario("retraced");
}

#[test]
fn files_are_taken_in_and_given_out() {
    scenario("files");
}

#[test]
fn mistakes_slow_work_and_lost_connections_are_shown() {
    scenario("troubles");
}

#[test]
fn tabs_do_not_disturb_each_other_and_a_reload_keeps_the_page() {
    scenario("tabs");
}

#[test]
fn words_of_a_script_never_become_markup() {
    scenario("markup");
}

#[test]
fn the_creator_fits_every_window_and_asks_for_nothing_outside() {
    scenario("creator");
}
