//! The server, asked by clients of HTTP and WebSockets.

mod demo;

use std::net::TcpStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Error, Message, WebSocket};

use self::demo::{DOWNLOAD, Demo, FLOOD, NAP, PANIC, ROLL, SLIDER, SLOW, UPLOAD};
use super::{LARGEST_UPLOAD, Limits, Server};
use crate::base::Cancel;
use crate::page::Music;

/// A server that runs until it is dropped.
struct Running {
    address: String,
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn of(demo: Demo, limits: Limits) -> Self {
        let server = Server::showing(Arc::new(demo), 0, limits).unwrap();
        let (address, cancel) = (server.address(), Cancel::new());
        let raised = cancel.clone();
        let thread = std::thread::spawn(move || server.run(&raised).unwrap());
        Self { address, cancel, thread: Some(thread) }
    }

    fn new() -> Self {
        Self::of(Demo::default(), Limits::default())
    }

    /// The answer to a request: status, headers as one text, body.
    fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String, Vec<u8>) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.get(format!("{}{path}", self.address.trim_end_matches('/')));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request.call().unwrap();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        (response.status().as_u16(), headers, body)
    }

    fn connect(&self, page: &str) -> Browser {
        let origin = self.address.trim_end_matches('/').to_owned();
        Browser(self.try_connect(page, &origin).unwrap())
    }

    fn try_connect(&self, page: &str, origin: &str) -> Result<WebSocket<MaybeTlsStream<TcpStream>>, Error> {
        let address = format!("{}socket{page}", self.address.replace("http", "ws"));
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let (socket, _) = tungstenite::connect(request)?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        }
        Ok(socket)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.raise();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A client in the place of a browser.
struct Browser(WebSocket<MaybeTlsStream<TcpStream>>);

impl Browser {
    /// The next message.
    fn hear(&mut self) -> Value {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next message of that kind.
    fn until(&mut self, kind: &str) -> Value {
        loop {
            let message = self.hear();
            if message["kind"] == kind {
                return message;
            }
        }
    }

    /// The code with which the server closes the connection.
    fn closed(&mut self) -> u16 {
        loop {
            match self.0.read() {
                Ok(Message::Close(frame)) => return frame.unwrap().code.into(),
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn say(&mut self, message: &Value) {
        self.0.send(Message::Text(message.to_string().into())).unwrap();
    }

    fn click(&mut self, id: u64) {
        self.say(&json!({"kind": "click", "id": id}));
    }

    fn set(&mut self, id: u64, value: i32) {
        self.say(&json!({"kind": "set", "id": id, "value": value}));
    }

    /// The whole page, with its id.
    fn page(&mut self) -> (String, Value) {
        let page = self.until("page");
        (page["page"].as_str().unwrap().to_owned(), page["root"]["children"].clone())
    }
}

#[test]
fn every_answer_keeps_other_sites_out() {
    let server = Running::new();
    for path in ["/", "/assets/page.js", "/assets/nothing", "/nothing", "/sound/a/1/b.wav", "/file/a/1"] {
        let (_, headers, _) = server.get(path, &[]);
        for header in ["default-src 'self'", "frame-ancestors 'none'", "nosniff", "no-store", "no-referrer"] {
            assert!(headers.contains(header), "{path}: {headers}");
        }
    }
}

#[test]
fn other_names_and_other_origins_are_refused() {
    let server = Running::new();
    assert_eq!(server.get("/", &[]).0, 200);
    for header in [("host", "evil.example"), ("host", "evil.example:80"), ("origin", "http://evil.example")] {
        let (status, headers, _) = server.get("/", &[header]);
        assert_eq!(status, 403, "{header:?}");
        assert!(headers.contains("nosniff"));
    }
    let origin = server.address.trim_end_matches('/').replace("127.0.0.1", "evil.example");
    for origin in [origin.as_str(), "null", "http://127.0.0.1:1"] {
        match server.try_connect("", origin) {
            Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), 403, "{origin}"),
            other => panic!("{origin}: {other:?}"),
        }
    }
}

#[test]
fn no_file_of_the_machine_can_be_asked_for() {
    let server = Running::new();
    for path in [
        "/assets/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%2fetc%2fpasswd",
        "/etc/passwd",
        "//etc/passwd",
        "/assets/",
        "/assets",
        "/sound/../../etc/passwd",
        "/file/..%2f..%2fetc/1",
    ] {
        let (status, _, body) = server.get(path, &[]);
        assert!((400..500).contains(&status) && !body.starts_with(b"root"), "{path}: {status}");
    }
}

#[test]
fn a_page_is_shown_and_changed() {
    let server = Running::new();
    let mut browser = server.connect("");
    let (id, widgets) = browser.page();
    assert_eq!((id.len(), &widgets[0]["kind"], &widgets[0]["value"]), (32, &json!("slider"), &json!(50.0)));
    browser.set(SLIDER, 70);
    let change = browser.until("change");
    assert_eq!(change, json!({"kind": "change", "id": SLIDER, "set": {"value": 70.0}}));
}

#[test]
fn a_browser_that_comes_back_finds_its_page_as_it_was() {
    let server = Running::new();
    let mut browser = server.connect("");
    let (id, _) = browser.page();
    browser.set(SLIDER, 70);
    browser.until("change");
    drop(browser);
    let (again, widgets) = server.connect(&format!("?page={id}")).page();
    assert_eq!((again, &widgets[0]["value"]), (id, &json!(70.0)));
}

#[test]
fn two_browsers_have_pages_of_their_own() {
    let server = Running::new();
    let (mut one, mut other) = (server.connect(""), server.connect(""));
    let (first, _) = one.page();
    let (second, _) = other.page();
    assert_ne!(first, second);
    one.click(SLOW);
    one.until("busy");
    // While one works the other answers.
    other.set(SLIDER, 3);
    assert_eq!(other.until("change")["set"]["value"], 3.0);
    one.say(&json!({"kind": "stop"}));
    assert_eq!(one.until("failed")["message"], "stopped");
}

#[test]
fn a_page_that_is_opened_elsewhere_moves_there() {
    let server = Running::new();
    let mut browser = server.connect("");
    let (id, _) = browser.page();
    let mut other = server.connect(&format!("?page={id}"));
    assert_eq!(browser.closed(), 4001);
    drop(browser);
    assert_eq!(other.page().0, id);
    other.set(SLIDER, 3);
    other.until("change");
}

#[test]
fn an_id_that_nobody_was_given_is_a_new_page() {
    let server = Running::new();
    let wanted = "0".repeat(32);
    assert_ne!(server.connect(&format!("?page={wanted}")).page().0, wanted);
}

#[test]
fn of_many_values_the_last_wins_and_few_are_tried() {
    let server = Running::new();
    let mut browser = server.connect("");
    browser.page();
    browser.click(NAP);
    (0..=90).for_each(|value| browser.set(SLIDER, value));
    while browser.until("change")["set"]["value"] != 90.0 {}
    let count = browser.until("printed")["text"].as_str().unwrap().to_owned();
    let count: u64 = count.strip_suffix(" sets").unwrap().parse().unwrap();
    assert!(count < 91, "{count}");
}

#[test]
fn a_panic_is_told_at_its_widget_and_the_page_lives_on() {
    let server = Running::new();
    let mut browser = server.connect("");
    browser.page();
    browser.click(PANIC);
    let failed = browser.until("failed");
    assert_eq!((&failed["id"], &failed["headline"]), (&json!(PANIC), &json!("bug in ricercar: planted")));
    browser.set(SLIDER, 3);
    assert_eq!(browser.until("change")["set"]["value"], 3.0);
}

#[test]
fn a_page_that_cannot_be_opened_says_why() {
    let server = Running::of(Demo { is_broken: true, ..Demo::default() }, Limits::default());
    let mut browser = server.connect("");
    let failed = browser.until("failed");
    assert_eq!((&failed["id"], &failed["headline"]), (&Value::Null, &json!("bug in ricercar: planted")));
}

#[test]
fn slow_work_is_told_and_ends_when_its_time_is_over() {
    let server =
        Running::of(Demo { longest: Some(Duration::from_millis(600)), ..Demo::default() }, Limits::default());
    let mut browser = server.connect("");
    browser.page();
    browser.click(SLOW);
    let busy = browser.until("busy");
    assert_eq!((&busy["id"], &busy["note"]), (&json!(SLOW), &json!("working")));
    assert_eq!(browser.until("failed")["message"], "out of time");
    browser.until("idle");
}

#[test]
fn a_page_that_tells_without_end_is_stopped() {
    let server = Running::new();
    let mut browser = server.connect("");
    browser.page();
    browser.click(FLOOD);
    browser.until("printed");
    browser.say(&json!({"kind": "stop"}));
    browser.set(SLIDER, 3);
    browser.until("change");
}

#[test]
fn uploads_have_a_limit() {
    let server = Running::new();
    let upload = |bytes: usize| {
        let data = base64::engine::general_purpose::STANDARD.encode(vec![7; bytes]);
        json!({"kind": "upload", "id": UPLOAD, "name": "my.mid", "data": data})
    };
    let mut browser = server.connect("");
    let (id, _) = browser.page();
    browser.say(&upload(LARGEST_UPLOAD));
    assert_eq!(browser.until("failed")["message"], format!("my.mid: {LARGEST_UPLOAD} bytes"));
    // The server hangs up, if need be before it has been told everything.
    let large = upload(LARGEST_UPLOAD + (256 << 10)).to_string();
    let sent = browser.0.send(Message::Text(large.into()));
    while sent.is_ok() {
        match browser.0.read() {
            Ok(Message::Close(frame)) => {
                assert_eq!(u16::from(frame.unwrap().code), 1009);
                break;
            }
            Ok(Message::Text(text)) => panic!("{text}"),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    // The page is as it was, and has not heard of it.
    assert_eq!(server.connect(&format!("?page={id}")).page().0, id);
}

#[test]
fn what_is_no_event_is_answered_and_forgotten() {
    let server = Running::new();
    let mut browser = server.connect("");
    browser.page();
    for wrong in [json!(7), json!({"kind": "eval", "code": "1"}), json!({"kind": "click"}), json!([[[[]]]])] {
        browser.say(&wrong);
        let failed = browser.until("failed");
        assert_eq!(failed["id"], Value::Null, "{wrong}: {failed}");
    }
    browser.set(SLIDER, 3);
    browser.until("change");
}

#[test]
fn there_is_an_end_to_pages() {
    let server = Running::of(Demo::default(), Limits { pages: 2, ..Limits::default() });
    let mut first = server.connect("");
    let (id, _) = first.page();
    let mut second = server.connect("");
    second.page();
    let mut third = server.connect("");
    assert!(third.until("refused")["message"].as_str().unwrap().starts_with("2 pages are open"));
    assert_eq!(third.closed(), 4002);
    // One that nobody looks at makes room.
    first.0.close(None).unwrap();
    while first.0.read().is_ok() {}
    let mut fourth = server.connect("");
    let (new, _) = fourth.page();
    assert_ne!(new, id);
    second.set(SLIDER, 3);
    second.until("change");
}

#[test]
fn a_page_whose_browser_stays_away_ends() {
    let server =
        Running::of(Demo::default(), Limits { absence: Duration::from_millis(1), ..Limits::default() });
    let mut browser = server.connect("");
    let (id, _) = browser.page();
    let file = format!("/file/{id}/{DOWNLOAD}");
    assert_eq!(server.get(&file, &[]).0, 200);
    drop(browser);
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        server.get(&file, &[]).0 == 404
    });
    assert!(gone);
}

#[test]
fn sound_is_that_of_the_music_that_is_shown() {
    let server = Running::new();
    let mut browser = server.connect("");
    let (id, widgets) = browser.page();
    let version = widgets[3]["music"]["version"].as_str().unwrap().to_owned();
    assert_eq!(version, Music::of(&demo::music(0)).version);
    let (status, headers, wav) = server.get(&format!("/sound/{id}/{ROLL}/{version}.wav"), &[]);
    assert!(status == 200 && headers.contains("audio/wav") && wav.starts_with(b"RIFF"), "{headers}");
    browser.click(ROLL);
    let new = browser.until("change")["set"]["music"]["version"].as_str().unwrap().to_owned();
    let (status, _, other) = server.get(&format!("/sound/{id}/{ROLL}/{new}.wav"), &[]);
    assert!(status == 200 && other != wav);
    for wrong in [
        format!("/sound/{id}/{ROLL}/0123456789abcdef.wav"),
        format!("/sound/{id}/99/{}.wav", "f".repeat(16)),
        format!("/sound/{}/{ROLL}/{new}.wav", "0".repeat(32)),
        format!("/sound/{id}/{ROLL}/{new}"),
    ] {
        assert_eq!(server.get(&wrong, &[]).0, 404, "{wrong}");
    }
}

#[test]
fn downloads_come_with_their_names_and_failures_with_their_reasons() {
    let server = Running::new();
    let mut browser = server.connect("");
    let (id, _) = browser.page();
    let (status, headers, body) = server.get(&format!("/file/{id}/{DOWNLOAD}"), &[]);
    assert_eq!((status, body.as_slice()), (200, b"la la".as_slice()));
    assert!(headers.contains("attachment; filename=\"my piece.txt\""), "{headers}");
    let (status, _, body) = server.get(&format!("/file/{id}/{SLIDER}"), &[]);
    assert!(status == 422 && String::from_utf8(body).unwrap().contains("nothing to take home"));
}

#[test]
fn the_server_ends_while_a_page_works() {
    let server = Running::new();
    let mut browser = server.connect("");
    browser.page();
    browser.click(SLOW);
    browser.until("busy");
    drop(server);
}
