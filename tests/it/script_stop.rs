//! Ctrl-C: whatever runs ends, and what was there before stays.

use std::sync::Arc;

use ricercar::base::{Cancel, Progress};
use ricercar::script::{Context, Host, Kind, Output, Session};

/// Output that presses Ctrl-C as soon as the script prints.
struct Impatient(Cancel);

impl Progress for Impatient {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}

impl Output for Impatient {
    fn print(&self, _text: &str) {
        self.0.raise();
    }

    fn note(&self, _text: &str) {}
}

fn impatient_host() -> (Host, Cancel) {
    let cancel = Cancel::new();
    let output = Arc::new(Impatient(cancel.clone()));
    (Host::new(Context { cancel: cancel.clone(), output, ..Context::default() }), cancel)
}

#[test]
fn no_catch_holds_a_stop() {
    let (host, _) = impatient_host();
    let text = "print(1); try { loop { } } catch { }";
    assert_eq!(host.run_text("test", text, &[]).unwrap_err().kind, Kind::Stopped);
}

#[test]
fn a_native_that_takes_long_is_stopped_inside() {
    let (host, _) = impatient_host();
    let text = r#"
        let g = model::load("hybrid");
        print(1);
        try { g.generate(#{ count: 100000 }); } catch { }
    "#;
    assert_eq!(host.run_text("test", text, &[]).unwrap_err().kind, Kind::Stopped);
}

#[test]
fn a_stopped_entry_leaves_the_session_as_it_was() {
    let (host, cancel) = impatient_host();
    let mut session = Session::new(host);
    session.evaluate("let takes = [1, 2]; fn double(n) { n * 2 }").unwrap();
    let stopped = session.evaluate("takes.push(3); print(takes); loop { }").unwrap_err();
    assert_eq!(stopped.kind, Kind::Stopped);
    cancel.reset();
    assert_eq!(session.evaluate("takes").unwrap().as_deref(), Some("[1, 2]"));
    assert_eq!(session.evaluate("double(21)").unwrap().as_deref(), Some("42"));
}
