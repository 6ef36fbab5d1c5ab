//! Who may ask: browsers on this machine that mean this server, and pages that it has served itself.
//!
//! Any site that a person visits can send requests to 127.0.0.1, and can have its own name lead there (DNS
//! rebinding). So requests must call this machine by one of its own names, and what could change something
//! must come from a page of this server.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What every answer says besides.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The names that this server goes by.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    hosts: Arc<[String]>,
}

impl Guard {
    /// For a server on that port.
    pub(super) fn of(port: u16) -> Self {
        Self { hosts: ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}")).into() }
    }

    /// Why a request is turned away, if it is.
    fn refusal(&self, method: &Method, is_page: bool, headers: &HeaderMap) -> Option<&'static str> {
        let one = |name: HeaderName| {
            let mut all = headers.get_all(name).iter();
            (all.next().map(|value| value.to_str().unwrap_or_default()), all.next().is_some())
        };
        let (host, is_twice) = one(header::HOST);
        let Some(host) = host.filter(|host| !is_twice && self.hosts.iter().any(|own| own == host)) else {
            return Some("this server answers to 127.0.0.1 and localhost only");
        };
        let (origin, is_twice) = one(header::ORIGIN);
        let needs_origin =
            headers.contains_key(header::UPGRADE) || !matches!(*method, Method::GET | Method::HEAD);
        let is_own = match origin {
            Some(origin) => !is_twice && origin.strip_prefix("http://") == Some(host),
            None => !needs_origin,
        };
        if !is_own {
            return Some("this server answers to its own pages only");
        }
        // Browsers say where a request comes from; a link on another site may lead to the page itself.
        let (site, _) = one(HeaderName::from_static("sec-fetch-site"));
        let is_near = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
        (!is_near && !is_page).then_some("this server answers to its own pages only")
    }
}

/// Turns away who may not ask, and adds to every answer what browsers are to make sure of.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let is_page = request.uri().path() == "/" && !request.headers().contains_key(header::UPGRADE);
    let mut response = match guard.refusal(request.method(), is_page, request.headers()) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: Method, page: bool, headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers.iter();
        let headers = pairs.map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
        Guard::of(8077).refusal(&method, page, &headers).is_some()
    }

    #[test]
    fn only_the_names_of_this_machine_and_port_are_answered() {
        for host in ["127.0.0.1:8077", "localhost:8077", "[::1]:8077"] {
            assert!(!refused(Method::GET, true, &[("host", host)]), "{host}");
        }
        for host in ["evil.example:8077", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8077", ""] {
            assert!(refused(Method::GET, true, &[("host", host)]), "{host}");
        }
        assert!(refused(Method::GET, true, &[]));
    }

    #[test]
    fn sockets_and_changes_need_the_origin_of_the_server_itself() {
        let host = ("host", "localhost:8077");
        let socket = [host, ("upgrade", "websocket")];
        assert!(refused(Method::GET, false, &socket));
        assert!(refused(Method::POST, false, &[host]));
        for (origin, is_refused) in [
            ("http://localhost:8077", false),
            ("http://127.0.0.1:8077", true),
            ("http://localhost:8078", true),
            ("https://localhost:8077", true),
            ("http://evil.example", true),
            ("null", true),
        ] {
            assert_eq!(
                refused(Method::GET, false, &[host, ("upgrade", "websocket"), ("origin", origin)]),
                is_refused,
                "{origin}"
            );
            assert_eq!(refused(Method::POST, false, &[host, ("origin", origin)]), is_refused, "{origin}");
        }
    }

    #[test]
    fn another_site_may_link_to_the_page_and_to_nothing_else() {
        let from = |site| [("host", "localhost:8077"), ("sec-fetch-site", site)];
        assert!(!refused(Method::GET, true, &from("cross-site")));
        assert!(refused(Method::GET, false, &from("cross-site")));
        assert!(refused(Method::GET, false, &from("same-site")));
        assert!(!refused(Method::GET, false, &from("same-origin")));
    }
}
