//! The five sockets of a kernel, served by an asynchronous runtime while scripts run elsewhere.
//!
//! Requests of the shell go to the thread that runs scripts, one after the other. What must not wait for
//! a script is answered here: heartbeats, and on the control socket interrupts, the end, and who we are.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use jupyter_protocol::{
    ConnectionInfo, InterruptReply, JupyterMessage, JupyterMessageContent as Content, ShutdownReply, Status,
    Transport,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use zeromq::{
    PubSocket, RepSocket, RouterRecvHalf, RouterSendHalf, RouterSocket, Socket, SocketRecv, SocketSend,
};

use super::wire::{Refused, Signer};
use super::{KernelError, replies};
use crate::base::{Cancel, read_file};

/// What a connection file must name.
const SCHEME: &str = "hmac-sha256";
/// Threads of the runtime: one would do, the other is for the heartbeat while a large picture is packed.
const THREADS: usize = 2;
/// Given to the last messages to leave the process.
const FAREWELL: Duration = Duration::from_millis(200);

/// What comes from the front end to the thread that runs scripts.
pub(super) enum Request {
    /// A message to answer on the shell socket.
    Shell(Box<JupyterMessage>),
    /// Something that was ignored, for the log.
    Ignored(Refused),
    /// The kernel is to end.
    End,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// To whoever asked on the shell socket.
    Shell,
    /// To whoever asked on the control socket.
    Control,
    /// To everybody who listens (`iopub`).
    Public,
}

/// The way out; clones are the same way, and messages keep their order.
#[derive(Clone, Debug)]
pub(super) struct Outbox(UnboundedSender<Option<(Channel, JupyterMessage)>>);

impl Outbox {
    /// Sends a message.
    pub(super) fn send(&self, channel: Channel, message: JupyterMessage) {
        // Nobody is left to be told when the runtime has gone.
        let _ = self.0.send(Some((channel, message)));
    }

    /// Publishes what belongs to `parent`.
    pub(super) fn publish(&self, content: impl Into<Content>, parent: &JupyterMessage) {
        self.send(Channel::Public, JupyterMessage::new(content, Some(parent)));
    }

    #[cfg(test)]
    pub(super) fn for_test() -> (Self, impl FnMut() -> Option<(Channel, JupyterMessage)>) {
        let (sender, mut receiver) = unbounded_channel();
        (Self(sender), move || receiver.try_recv().ok().flatten())
    }
}

/// The open sockets.
pub(super) struct Sockets {
    runtime: Runtime,
    outbox: Outbox,
    writer: JoinHandle<()>,
    /// What the front end asks for.
    pub(super) requests: Receiver<Request>,
    closing: Arc<AtomicBool>,
}

impl Sockets {
    /// Opens the sockets that the connection file at `path` names; `cancel` is raised by interrupts.
    pub(super) fn open(path: &Path, cancel: &Cancel) -> Result<Self, KernelError> {
        let info = connection(path)?;
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("jupyter").enable_all().build();
        let runtime = runtime.map_err(KernelError::Threads)?;
        let signer = Signer::new(&info.key);
        let (sender, requests) = mpsc::channel();
        let (outgoing, outgoing_receiver) = unbounded_channel();
        let outbox = Outbox(outgoing);
        let closing = Arc::new(AtomicBool::new(false));
        let writer = runtime.block_on(async {
            let mut heartbeat = RepSocket::new();
            bind(&mut heartbeat, &info.hb_url()).await?;
            let (mut shell, mut control, mut stdin) =
                (RouterSocket::new(), RouterSocket::new(), RouterSocket::new());
            bind(&mut shell, &info.shell_url()).await?;
            bind(&mut control, &info.control_url()).await?;
            bind(&mut stdin, &info.stdin_url()).await?;
            let mut public = PubSocket::new();
            bind(&mut public, &info.iopub_url()).await?;

            let ((shell_out, shell), (control_out, control)) = (shell.split(), control.split());
            tokio::spawn(beat(heartbeat));
            tokio::spawn(ignore(stdin));
            let reader = Reader {
                signer: signer.clone(),
                outbox: outbox.clone(),
                requests: sender,
                cancel: cancel.clone(),
                closing: Arc::clone(&closing),
            };
            tokio::spawn(reader.clone().read(shell, Channel::Shell));
            tokio::spawn(reader.read(control, Channel::Control));
            Ok::<_, KernelError>(tokio::spawn(write(
                outgoing_receiver,
                signer,
                shell_out,
                control_out,
                public,
            )))
        })?;
        Ok(Self { runtime, outbox, writer, requests, closing })
    }

    /// The way out.
    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Whether the kernel is to end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Does `work` again and again, every `period`, beside everything else.
    pub(super) fn every(&self, period: Duration, work: impl Fn() + Send + 'static) {
        self.runtime.spawn(async move {
            let mut clock = tokio::time::interval(period);
            loop {
                clock.tick().await;
                work();
            }
        });
    }

    /// Closes everything, once what is on its way has left.
    pub(super) fn close(self) {
        let _ = self.outbox.0.send(None);
        self.runtime.block_on(async {
            let _ = tokio::time::timeout(FAREWELL, self.writer).await;
            // The sockets have queues of their own, which cannot be asked whether they are empty.
            tokio::time::sleep(FAREWELL).await;
        });
        self.runtime.shutdown_background();
    }
}

/// Reads a connection file.
fn connection(path: &Path) -> Result<ConnectionInfo, KernelError> {
    let refused = |error: serde_json::Error| KernelError::Connection {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let info: ConnectionInfo = serde_json::from_slice(&read_file(path)?).map_err(refused)?;
    if info.signature_scheme != SCHEME && !info.key.is_empty() {
        let asked = format!("signatures by `{}`", info.signature_scheme);
        return Err(KernelError::Unsupported { asked, done: SCHEME });
    }
    match info.transport {
        Transport::TCP => Ok(info),
        Transport::IPC => {
            let asked = "the transport `ipc`".to_owned();
            Err(KernelError::Unsupported { asked, done: "`tcp`" })
        }
    }
}

async fn bind(socket: &mut impl Socket, address: &str) -> Result<(), KernelError> {
    let failed = |error: zeromq::ZmqError| KernelError::Socket {
        address: address.to_owned(),
        reason: error.to_string(),
    };
    socket.bind(address).await.map(drop).map_err(failed)
}

/// Gives heartbeats back.
async fn beat(mut heart: RepSocket) {
    loop {
        match heart.recv().await {
            Ok(beat) => _ = heart.send(beat).await,
            // A front end that has gone; others may come.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Takes messages that nobody asked for: this kernel never asks for input.
async fn ignore(mut stdin: RouterSocket) {
    while stdin.recv().await.is_ok() {}
}

/// Signs and sends messages in their order.
async fn write(
    mut messages: UnboundedReceiver<Option<(Channel, JupyterMessage)>>,
    signer: Signer,
    mut shell: RouterSendHalf,
    mut control: RouterSendHalf,
    mut public: PubSocket,
) {
    while let Some(Some((channel, mut message))) = messages.recv().await {
        if channel == Channel::Public {
            message.zmq_identities = vec![message.message_type().as_bytes().to_vec().into()];
        }
        let frames = signer.sealed(&message);
        // A front end that has gone needs no answer.
        let _ = match channel {
            Channel::Shell => shell.send(frames).await,
            Channel::Control => control.send(frames).await,
            Channel::Public => public.send(frames).await,
        };
    }
}

/// What reads a socket.
#[derive(Clone)]
struct Reader {
    signer: Signer,
    outbox: Outbox,
    requests: Sender<Request>,
    cancel: Cancel,
    closing: Arc<AtomicBool>,
}

impl Reader {
    async fn read(self, mut socket: RouterRecvHalf, channel: Channel) {
        while let Ok(frames) = socket.recv().await {
            let request = match self.signer.opened(frames) {
                Ok(message) => self.at_once(message, channel),
                Err(refused) => Some(Request::Ignored(refused)),
            };
            // The thread that runs scripts has gone: so will this.
            if request.is_some_and(|request| self.requests.send(request).is_err()) {
                return;
            }
        }
    }

    /// Answers what cannot wait; gives back what can, or what has to be done besides.
    fn at_once(&self, message: JupyterMessage, channel: Channel) -> Option<Request> {
        let (reply, request): (Content, _) = match &message.content {
            Content::InterruptRequest(_) => {
                self.cancel.raise();
                (InterruptReply::new().into(), None)
            }
            Content::ShutdownRequest(asked) => {
                self.closing.store(true, Ordering::SeqCst);
                self.cancel.raise();
                (ShutdownReply { restart: asked.restart, ..Default::default() }.into(), Some(Request::End))
            }
            _ if channel == Channel::Shell => return Some(Request::Shell(Box::new(message))),
            Content::KernelInfoRequest(_) => (replies::kernel_info().into(), None),
            _ => (replies::unsupported(&message)?, None),
        };
        self.outbox.publish(Status::busy(), &message);
        self.outbox.send(channel, JupyterMessage::new(reply, Some(&message)));
        self.outbox.publish(Status::idle(), &message);
        request
    }
}

#[cfg(test)]
mod tests {
    use jupyter_protocol::{InterruptRequest, ShutdownRequest, UnknownMessage};

    use super::*;

    fn connection_of(text: &str) -> Result<ConnectionInfo, KernelError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        connection(file.path())
    }

    const GOOD: &str = r#"{"ip": "127.0.0.1", "transport": "tcp", "shell_port": 1, "iopub_port": 2,
        "stdin_port": 3, "control_port": 4, "hb_port": 5, "key": "k", "signature_scheme": "hmac-sha256"}"#;

    #[test]
    fn a_connection_file_is_read_or_refused_with_the_reason() {
        assert_eq!(connection_of(GOOD).unwrap().shell_url(), "tcp://127.0.0.1:1");
        let message = |text: &str| connection_of(text).unwrap_err().to_string();
        assert!(message("{}").contains("missing field"), "{}", message("{}"));
        assert!(message(&GOOD.replace("sha256", "md5")).contains("only does hmac-sha256"));
        assert!(message(&GOOD.replace("tcp", "ipc")).contains("only does `tcp`"));
    }

    fn reader() -> (Reader, impl FnMut() -> Option<(Channel, JupyterMessage)>) {
        let (outbox, sent) = Outbox::for_test();
        let (cancel, closing) = (Cancel::new(), Arc::default());
        (Reader { signer: Signer::new(""), outbox, requests: mpsc::channel().0, cancel, closing }, sent)
    }

    /// The types of the messages that leave, with their channels.
    fn types(sent: &mut impl FnMut() -> Option<(Channel, JupyterMessage)>) -> Vec<(Channel, String)> {
        std::iter::from_fn(sent).map(|(channel, m)| (channel, m.message_type().to_owned())).collect()
    }

    #[test]
    fn an_interrupt_raises_the_flag_and_is_answered_at_once() {
        let (reader, mut sent) = reader();
        let asked = JupyterMessage::new(InterruptRequest {}, None);
        assert!(reader.at_once(asked, Channel::Control).is_none() && reader.cancel.is_raised());
        let expected = [(Channel::Public, "status"), (Channel::Control, "interrupt_reply")];
        let all = types(&mut sent);
        assert_eq!(all[..2], expected.map(|(channel, name)| (channel, name.to_owned())));
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn the_end_is_told_to_the_thread_that_runs_scripts() {
        let (reader, mut sent) = reader();
        let asked = JupyterMessage::new(ShutdownRequest { restart: true }, None);
        assert!(matches!(reader.at_once(asked, Channel::Control), Some(Request::End)));
        assert!(reader.closing.load(Ordering::SeqCst) && reader.cancel.is_raised());
        assert!(types(&mut sent).contains(&(Channel::Control, "shutdown_reply".into())));
    }

    #[test]
    fn what_the_control_socket_cannot_do_is_answered_as_such() {
        let (reader, mut sent) = reader();
        let content = serde_json::json!({});
        let ask = |name: &str| UnknownMessage { msg_type: name.into(), content: content.clone() };
        assert!(reader.at_once(JupyterMessage::new(ask("usage_request"), None), Channel::Control).is_none());
        assert!(types(&mut sent).contains(&(Channel::Control, "usage_reply".into())));
        // What asks for nothing gets no answer.
        assert!(reader.at_once(JupyterMessage::new(ask("odd"), None), Channel::Control).is_none());
        assert!(types(&mut sent).is_empty());
    }
}
