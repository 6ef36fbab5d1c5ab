//! `ricercar serve`, asked by clients of HTTP and WebSockets. What the server takes and refuses is tested
//! beside it, in `src/serve/tests`; here it is the program, with scripts.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::program::Program;

const SCRIPT: &str = r#"
let speed = ui::slider("Speed", 60, 200, #{ value: 120, unit: "bpm" });
let told = ui::label("at first");
speed.on_change(|v| { told.value = `speed ${v}`; print(`set to ${v}`) });
let wrong = ui::button("Wrong");
wrong.on_click(|| throw "a planted mistake");
let endless = ui::button("Endless");
endless.on_click(|| loop {});
let file = ui::upload("Your file", #{ accept: [".mid"] });
let roll = ui::roll(());
file.on_change(|song| roll.value = song);
let take = ui::download("Take it home", "song.mid", || roll.value);
ui::page("A test", [speed, told, wrong, endless, file, roll, take]);
"#;

/// The program serving a script until it is dropped.
struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Served {
    fn script(text: &str) -> (Self, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("page.rhai"), text).unwrap();
        (Self::with(&["page.rhai"], folder.path()), folder)
    }

    fn with(arguments: &[&str], folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ricercar"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Self { child, stdout, address: line.trim().to_owned() }
    }

    fn connect(&self) -> Browser {
        let mut request =
            format!("{}socket", self.address.replace("http", "ws")).into_client_request().unwrap();
        let origin = self.address.trim_end_matches('/');
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let (socket, _) = tungstenite::connect(request).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        }
        let mut browser = Browser { socket, page: Value::Null };
        browser.page = browser.until("page");
        browser
    }

    /// Status and body.
    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.get(format!("{}{path}", self.address)).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client in the place of a browser, with its page.
struct Browser {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    page: Value,
}

impl Browser {
    fn until(&mut self, kind: &str) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["kind"] == kind {
                    return message;
                }
                assert_ne!(message["kind"], "failed", "{message}");
            }
        }
    }

    fn say(&mut self, message: &Value) {
        self.socket.send(Message::Text(message.to_string().into())).unwrap();
    }

    /// The id of the widget with that label.
    fn id(&self, label: &str) -> u64 {
        let widgets = self.page["root"]["children"].as_array().unwrap();
        widgets.iter().find(|widget| widget["label"] == label).unwrap()["id"].as_u64().unwrap()
    }

    fn click(&mut self, label: &str) {
        self.say(&json!({"kind": "click", "id": self.id(label)}));
    }

    fn upload(&mut self, name: &str, bytes: &[u8]) {
        use base64::Engine;
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        self.say(&json!({"kind": "upload", "id": self.id("Your file"), "name": name, "data": data}));
    }
}

#[test]
fn a_script_is_a_page_whose_gestures_run_its_functions() {
    let (served, _folder) = Served::script(SCRIPT);
    assert!(served.address.starts_with("http://127.0.0.1:"), "{}", served.address);
    let (status, body) = served.get("");
    assert!(status == 200 && body.starts_with(b"<!doctype html>"));
    let mut browser = served.connect();
    assert_eq!(browser.page["title"], "A test");
    browser.say(&json!({"kind": "set", "id": browser.id("Speed"), "value": 90}));
    assert_eq!(browser.until("printed")["text"], "set to 90");
    let again = served.connect();
    assert_eq!(again.page["root"]["children"][0]["value"], 120.0, "pages share something");
}

#[test]
fn mistakes_are_told_at_their_widgets_and_the_page_lives_on() {
    let (served, _folder) = Served::script(SCRIPT);
    let mut browser = served.connect();
    browser.click("Wrong");
    let failed = browser.until("failed");
    assert_eq!(failed["id"], browser.id("Wrong"));
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains("a planted mistake") && message.contains("page.rhai, line 6"), "{message}");
    browser.click("Endless");
    assert_eq!(browser.until("busy")["id"], browser.id("Endless"));
    browser.say(&json!({"kind": "stop"}));
    browser.until("failed");
    browser.say(&json!({"kind": "set", "id": browser.id("Speed"), "value": 90}));
    browser.until("printed");
}

#[test]
fn a_hostile_file_is_an_error_message_and_a_good_one_is_music() {
    let (served, _folder) = Served::script(SCRIPT);
    let mut browser = served.connect();
    for (name, bytes) in [
        ("bad.mid", b"MThd\0\0\0\x06\0\x01\xff\xff\xff\xff".as_slice()),
        ("bad.mid", b"".as_slice()),
        ("../../bad.mid", b"RIFF".as_slice()),
        ("good.exe", b"MThd".as_slice()),
    ] {
        browser.upload(name, bytes);
        let failed = browser.until("failed");
        assert_eq!(failed["id"], browser.id("Your file"), "{name}: {failed}");
    }
    let page = browser.page["page"].as_str().unwrap().to_owned();
    let file = format!("file/{page}/{}", browser.id("Take it home"));
    browser.upload("good.mid", include_bytes!("../golden/serve/two_notes.mid"));
    let roll = browser.page["root"]["children"][5]["id"].clone();
    let music = loop {
        let change = browser.until("change");
        if change["id"] == roll {
            break change["set"]["music"].clone();
        }
    };
    let notes: usize = music["tracks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|track| track["notes"].as_array().unwrap().len())
        .sum();
    assert_eq!(notes, 2);
    let sound = format!("sound/{page}/{roll}/{}.wav", music["version"].as_str().unwrap());
    let (status, wav) = served.get(&sound);
    assert!(status == 200 && wav.starts_with(b"RIFF"));
    let (status, midi) = served.get(&file);
    assert!(status == 200 && midi.starts_with(b"MThd"), "{status}");
}

#[test]
fn a_script_that_fails_is_told_on_the_page() {
    let (served, _folder) = Served::script("let x = 1;\nthrow \"no page today\";");
    let mut request =
        format!("{}socket", served.address.replace("http", "ws")).into_client_request().unwrap();
    let origin = served.address.trim_end_matches('/');
    request.headers_mut().insert("origin", origin.parse().unwrap());
    let (socket, _) = tungstenite::connect(request).unwrap();
    let mut browser = Browser { socket, page: Value::Null };
    let failed = browser.until("failed");
    assert_eq!(failed["id"], Value::Null);
    assert!(failed["message"].as_str().unwrap().contains("page.rhai, line 2"), "{failed}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well_whatever_a_page_does() {
    let (mut served, _folder) = Served::script(SCRIPT);
    let mut browser = served.connect();
    browser.click("Endless");
    browser.until("busy");
    let interrupted = Command::new("kill").args(["-INT", &served.child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    served.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn what_cannot_be_served_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |words: &[&str]| Program::with(&[&["serve"], words].concat()).within(folder.path()).run();
    let missing = serve(&["nothing.rhai"]).failed(1);
    assert!(missing.contains("nothing.rhai"), "{missing}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let taken = serve(&["--port", &port]).failed(1);
    assert!(taken.contains(&format!("port {port} of this machine is taken")), "{taken}");
    assert!(serve(&["--port", "70000"]).failed(2).contains("70000"));
}
