//! The page's own files, by name; there are no others.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The page that everything else is shown on.
pub(super) const INDEX: &str = "index.html";

macro_rules! assets {
    ($($name:literal: $kind:expr),+ $(,)?) => {
        /// Names, kinds and bytes.
        const ASSETS: &[(&str, &str, &[u8])] =
            &[$(($name, $kind, include_bytes!(concat!("assets/", $name)))),+];
    };
}

assets! {
    "index.html": HTML,
    "icon.svg": SVG,
    "page.css": CSS,
    "page.js": SCRIPT,
    "socket.js": SCRIPT,
    "widgets.js": SCRIPT,
    "inputs.js": SCRIPT,
    "words.js": SCRIPT,
    "roll.js": SCRIPT,
    "rollview.js": SCRIPT,
    "bars.js": SCRIPT,
    "player.js": SCRIPT,
    "pad.js": SCRIPT,
}

/// The file of that name.
pub(super) fn asset(name: &str) -> Response {
    let Some((_, kind, bytes)) = ASSETS.iter().find(|(own, ..)| *own == name) else {
        return (StatusCode::NOT_FOUND, "there is no such part of the page").into_response();
    };
    ([(CONTENT_TYPE, HeaderValue::from_static(kind))], Bytes::from_static(bytes)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_page_asks_for_anything_outside() {
        for (name, _, bytes) in ASSETS {
            let text = std::str::from_utf8(bytes).unwrap().replace("http://www.w3.org/2000/svg", "");
            for outside in ["http://", "https://", "@import", "<script>", "onclick=", "style=\"", "eval("] {
                assert!(!text.contains(outside), "{name} has {outside}");
            }
        }
    }

    #[test]
    fn every_module_that_is_imported_is_an_asset() {
        let scripts = ASSETS.iter().filter(|(_, kind, _)| *kind == SCRIPT);
        for (name, _, bytes) in scripts {
            let text = std::str::from_utf8(bytes).unwrap();
            for import in text.lines().filter_map(|line| line.split(" from \"./").nth(1)) {
                let import = import.trim_end_matches("\";");
                assert!(ASSETS.iter().any(|(other, ..)| other == &import), "{name} imports {import}");
            }
        }
    }

    #[test]
    fn no_other_name_leads_to_a_file() {
        for name in ["", ".", "..", "../assets.rs", "/etc/passwd", "INDEX.HTML", "index.html/"] {
            assert_eq!(asset(name).status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
