//! What people see when a script is wrong: each `tests/errors/NAME.rhai` against `NAME.txt` beside it.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --release --test it script_errors` writes the texts anew.

use std::fs;
use std::path::Path;

use ricercar::script::{Context, Host};

#[test]
fn every_wrong_script_gets_the_message_on_file() {
    let host = Host::new(Context::default());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut differing = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let script = entry.unwrap().path();
        if script.extension().is_none_or(|extension| extension != "rhai") {
            continue;
        }
        count += 1;
        let name = script.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&script).unwrap();
        let shown = match host.run_text(name, &text, &[]) {
            Ok(_) => "no error\n".to_owned(),
            Err(diagnostic) => diagnostic.render(false),
        };
        let expected = script.with_extension("txt");
        if update {
            fs::write(&expected, &shown).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != shown {
            differing.push(format!("{name}:\n{shown}"));
        }
    }
    assert!(count >= 90, "{count} scripts");
    assert!(differing.is_empty(), "not what is on file:\n\n{}", differing.join("\n"));
}
