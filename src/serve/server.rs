//! The server itself: where it listens, what it answers, and how it ends.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::runtime::{Builder, Runtime};

use super::assets::{INDEX, asset};
use super::creator::{Creator, Show};
use super::guard::{Guard, guard};
use super::tabs::{Limits, Tabs};
use super::{ServeError, socket};
use crate::base::Cancel;
use crate::page::Id;

/// Threads that carry messages; scripts and sounds have their own.
const THREADS: usize = 2;
/// Between two looks at whether the server is to end.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two looks at pages that nobody comes back to.
const ROUND: Duration = Duration::from_secs(5);
/// Given to the last messages to leave the process.
const FAREWELL: Duration = Duration::from_millis(200);

/// A server of pages that listens.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    port: u16,
    tabs: Arc<Tabs>,
}

impl Server {
    /// Listens on `port` of 127.0.0.1, or on any that is free if it is 0.
    ///
    /// # Errors
    /// [`ServeError::Taken`] and [`ServeError::Port`] when nobody can listen there, [`ServeError::System`]
    /// when the system has no threads or sockets left.
    pub fn open(creator: Creator, port: u16, limits: Limits) -> Result<Self, ServeError> {
        Self::showing(Arc::new(creator), port, limits)
    }

    /// The same for whatever makes pages.
    pub(super) fn showing(show: Arc<dyn Show>, port: u16, limits: Limits) -> Result<Self, ServeError> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|source| match source.kind() {
                std::io::ErrorKind::AddrInUse => ServeError::Taken(port),
                _ => ServeError::Port { port, source },
            })?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
        let tabs = Arc::new(Tabs::new(show, limits, runtime.handle().clone()));
        Ok(Self { runtime, listener, port, tabs })
    }

    /// The page's address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Serves until `cancel` is raised; then all pages end.
    ///
    /// # Errors
    /// [`ServeError::System`] when the system takes the socket away.
    pub fn run(self, cancel: &Cancel) -> Result<(), ServeError> {
        let Self { runtime, listener, port, tabs } = self;
        let routes = routes(Arc::clone(&tabs), port);
        let served: std::io::Result<()> = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let serving = tokio::spawn(async { axum::serve(listener, routes).await });
            let mut swept = Instant::now();
            while !cancel.is_raised() && !serving.is_finished() {
                tokio::time::sleep(PAUSE).await;
                if swept.elapsed() >= ROUND.min(tabs.patience()) {
                    swept = Instant::now();
                    tabs.sweep(swept);
                }
            }
            serving.abort();
            Ok(())
        });
        tabs.end();
        runtime.shutdown_timeout(FAREWELL);
        Ok(served?)
    }
}

/// Everything that can be asked for.
fn routes(tabs: Arc<Tabs>, port: u16) -> Router {
    Router::new()
        .route("/", get(async || asset(INDEX)))
        .route("/assets/{name}", get(async |Path(name): Path<String>| asset(&name)))
        .route("/socket", get(socket::connect))
        .route("/sound/{page}/{id}/{file}", get(sound))
        .route("/file/{page}/{id}", get(file))
        .fallback(async || (StatusCode::NOT_FOUND, "there is nothing here: the page is at /"))
        .layer(middleware::from_fn_with_state(Guard::of(port), guard))
        .with_state(tabs)
}

/// The sound of a widget's music, in a version.
async fn sound(
    Path((page, id, file)): Path<(String, Id, String)>,
    State(tabs): State<Arc<Tabs>>,
) -> Response {
    let (Some(tab), Some(version)) = (tabs.find(&page), file.strip_suffix(".wav")) else {
        return missing("there is no such page");
    };
    let sound = match tabs.sounds.known(version).await {
        Some(sound) => sound,
        None => match tab.music(id, version).await {
            Some(music) => tabs.sounds.of(version, music).await,
            None => return missing("the page has no such music any more"),
        },
    };
    match sound {
        Ok(bytes) => ([(CONTENT_TYPE, HeaderValue::from_static("audio/wav"))], bytes).into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
    }
}

/// The file of a download.
async fn file(Path((page, id)): Path<(String, Id)>, State(tabs): State<Arc<Tabs>>) -> Response {
    let Some(tab) = tabs.find(&page) else { return missing("there is no such page") };
    match tab.file(id).await {
        Ok((name, bytes)) => {
            let mut response = Body::from(bytes).into_response();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            if let Ok(named) = HeaderValue::from_str(&attachment(&name)) {
                headers.insert(CONTENT_DISPOSITION, named);
            }
            response
        }
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
    }
}

fn missing(why: &'static str) -> Response {
    (StatusCode::NOT_FOUND, why).into_response()
}

/// That a body is a file of that name (RFC 6266): once for those who know ASCII only, once in UTF-8.
fn attachment(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let encode = |byte: u8| if is_kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded: String = name.bytes().map(encode).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_cannot_break_out_of_their_header() {
        assert_eq!(
            attachment("my piece.mid"),
            "attachment; filename=\"my piece.mid\"; filename*=UTF-8''my%20piece.mid"
        );
        let hostile = attachment("a\"\r\nX: y/é");
        assert_eq!(
            hostile,
            "attachment; filename=\"a___X_ y__\"; filename*=UTF-8''a%22%0D%0AX%3A%20y%2F%C3%A9"
        );
        HeaderValue::from_str(&hostile).unwrap();
    }
}
