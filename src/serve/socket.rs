//! The connection between a page and its browser.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::mpsc::Receiver;

use super::LARGEST_UPLOAD;
use super::message::Message;
use super::tabs::{Tabs, Visit};

/// Bytes of a message: a file of the largest size in base64, and what stands around it.
const LARGEST_MESSAGE: usize = LARGEST_UPLOAD / 3 * 4 + (64 << 10);
/// The page is open elsewhere, or has ended; the browser does not come back by itself.
const TAKEN: u16 = 4001;
/// There is no page for the browser, which was told why.
const REFUSED: u16 = 4002;
/// The message was larger than the server takes.
const TOO_LARGE: u16 = 1009;

/// What a browser asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The page that it comes back to.
    page: Option<String>,
}

/// Connects a browser with its page.
pub(super) async fn connect(
    upgrade: WebSocketUpgrade,
    Query(asked): Query<Asked>,
    State(tabs): State<Arc<Tabs>>,
) -> Response {
    let upgrade = upgrade.max_message_size(LARGEST_MESSAGE).max_frame_size(LARGEST_MESSAGE);
    upgrade.on_upgrade(async move |mut socket| match tabs.enter(asked.page.as_deref()) {
        Ok(mut visit) => {
            let farewell = converse(&mut socket, &mut visit).await;
            tabs.leave(&visit.tab, visit.number);
            close(&mut socket, farewell).await;
        }
        Err(message) => {
            let _ = socket.send(Frame::Text(Message::Refused { message: &message }.json().into())).await;
            close(&mut socket, Some((REFUSED, "refused"))).await;
        }
    })
}

/// Carries messages both ways until one side has gone; gives how to part, if the browser is still there.
async fn converse(socket: &mut WebSocket, visit: &mut Visit) -> Option<(u16, &'static str)> {
    loop {
        match next(socket, &mut visit.told).await {
            Next::Heard(Some(Ok(Frame::Text(text)))) => visit.tab.hear(&text),
            Next::Heard(Some(Ok(Frame::Ping(_) | Frame::Pong(_)))) => {}
            Next::Heard(Some(Ok(Frame::Binary(_)))) => return Some((1003, "text is expected")),
            Next::Heard(Some(Ok(Frame::Close(_))) | None) => return None,
            // What the browser has sent is no message, or one that is too large.
            Next::Heard(Some(Err(_))) => return Some((TOO_LARGE, "the message is too large")),
            Next::Told(Some(text)) => socket.send(Frame::Text(text.into())).await.ok()?,
            Next::Told(None) => return Some((TAKEN, "the page is open elsewhere")),
        }
    }
}

async fn close(socket: &mut WebSocket, farewell: Option<(u16, &'static str)>) {
    if let Some((code, reason)) = farewell {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // A browser that has gone needs no farewell.
        let _ = socket.send(Frame::Close(Some(frame))).await;
    }
}

/// What comes first.
enum Next {
    /// From the browser; nothing when it has gone.
    Heard(Option<Result<Frame, axum::Error>>),
    /// From the page; nothing when it tells this browser no more.
    Told(Option<String>),
}

/// Waits for either side.
async fn next(socket: &mut WebSocket, told: &mut Receiver<String>) -> Next {
    std::future::poll_fn(|context| {
        // The browser first, so that a page that tells without end can be stopped.
        if let Poll::Ready(heard) = pin!(socket.recv()).poll(context) {
            return Poll::Ready(Next::Heard(heard));
        }
        told.poll_recv(context).map(Next::Told)
    })
    .await
}
