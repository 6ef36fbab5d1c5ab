//! The kernel itself: requests one after the other, in the thread that runs scripts.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use jupyter_protocol::{
    ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest, ExecutionCount, ExpressionResult,
    JupyterMessage, JupyterMessageContent as Content, Media, MediaType, ReplyError, ReplyStatus, Status,
};

use super::cell::Cell;
use super::sockets::{Channel, Outbox, Request, Sockets};
use super::stage::{PERIOD, Stage};
use super::{KernelError, replies};
use crate::script::{Context, Diagnostic, Host, Session, View, summary};

/// Columns of text in a notebook.
const WIDTH: usize = 100;

/// What only the process around the kernel can do.
pub trait Process {
    /// Writes a line to the log of whoever started the kernel.
    fn log(&self, text: &str);
    /// Runs `wait`, which waits for requests and does no work.
    fn waiting(&self, wait: &mut dyn FnMut());
    /// Runs `work`, which may take as long as the process allows.
    fn within_time(&self, work: &mut dyn FnMut());
    /// Adds to the diagnostic of a panic what the process knows of it.
    fn told(&self, diagnostic: Diagnostic) -> Diagnostic;
}

/// Answers the front end that the connection file at `path` names, until it ends the kernel. Scripts run
/// with the settings of `context`; its output, its player and its size are the notebook's.
///
/// # Errors
/// [`KernelError`] when the file is none, or when the sockets that it names cannot be opened.
pub fn serve(path: &Path, context: Context, process: &dyn Process) -> Result<(), KernelError> {
    let cancel = context.cancel.clone();
    let sockets = Sockets::open(path, &cancel)?;
    let stage = Arc::new(Stage::new(sockets.outbox().clone(), cancel));
    let flushed = Arc::clone(&stage);
    sockets.every(PERIOD, move || flushed.flush());
    let (output, player) = (Arc::clone(&stage), Arc::clone(&stage));
    // Browsers have no dots of braille that are as wide as letters.
    let view = if context.view == View::Braille { View::Half } else { context.view };
    let context = Context { output, player: Some(player), colour: true, width: WIDTH, view, ..context };
    let session = Session::new(Host::new(context));
    let outbox = sockets.outbox().clone();
    let mut kernel = Kernel { session, stage, outbox, process, aborted: VecDeque::new() };
    kernel.run(&sockets);
    // Runs that the session has started end with it; there is nobody left who could be told.
    if let Err(diagnostic) = kernel.session.host().end_runs(None) {
        process.log(&diagnostic.headline);
    }
    sockets.close();
    Ok(())
}

/// A session and whoever talks to it.
struct Kernel<'a> {
    session: Session,
    stage: Arc<Stage>,
    outbox: Outbox,
    process: &'a dyn Process,
    /// Requests that had come when a cell failed, with whether they are to be answered all the same.
    aborted: VecDeque<(Box<JupyterMessage>, bool)>,
}

impl Kernel<'_> {
    /// Answers requests until the end.
    fn run(&mut self, sockets: &Sockets) {
        while !sockets.is_closing() {
            if let Some((message, is_wanted)) = self.aborted.pop_front() {
                self.answer(&message, is_wanted, sockets);
                continue;
            }
            let mut next = None;
            self.process.waiting(&mut || next = sockets.requests.recv().ok());
            match next {
                Some(Request::Shell(message)) => self.answer(&message, true, sockets),
                Some(Request::Ignored(why)) => self.process.log(&why.to_string()),
                Some(Request::End) | None => return,
            }
        }
    }

    /// Answers one request; a cell that is not wanted any more is not run.
    fn answer(&mut self, message: &JupyterMessage, is_wanted: bool, sockets: &Sockets) {
        self.outbox.publish(Status::busy(), message);
        let reply: Option<Content> = match &message.content {
            Content::ExecuteRequest(request) if is_wanted => {
                let reply = self.execute(request, message);
                if reply.status == ReplyStatus::Error && request.stop_on_error {
                    self.abort(sockets);
                }
                Some(reply.into())
            }
            Content::ExecuteRequest(_) => {
                Some(ExecuteReply { status: ReplyStatus::Aborted, ..self.reply() }.into())
            }
            Content::KernelInfoRequest(_) => Some(replies::kernel_info().into()),
            Content::CompleteRequest(request) => Some(replies::complete(&self.session, request).into()),
            Content::InspectRequest(request) => Some(replies::inspect(&self.session, request).into()),
            Content::IsCompleteRequest(request) => Some(replies::is_complete(&request.code).into()),
            Content::HistoryRequest(request) => Some(replies::history(&self.session, request).into()),
            Content::CommInfoRequest(_) => Some(replies::comms().into()),
            Content::CommOpen(open) => {
                self.outbox.publish(replies::closed(open), message);
                None
            }
            _ => replies::unsupported(message),
        };
        if let Some(reply) = reply {
            self.outbox.send(Channel::Shell, JupyterMessage::new(reply, Some(message)));
        }
        self.outbox.publish(Status::idle(), message);
    }

    fn execute(&mut self, request: &ExecuteRequest, message: &JupyterMessage) -> ExecuteReply {
        let context = self.session.host().context();
        context.cancel.reset();
        let count = ExecutionCount::new(self.session.number());
        self.stage.begin(message, request.silent);
        let done = match request.silent {
            true => self.cell().run_silently(&request.code),
            false => {
                let input = ExecuteInput { code: request.code.clone(), execution_count: count };
                self.stage.publish(input);
                self.cell().run(&request.code)
            }
        };
        self.stage.end();
        let reply = ExecuteReply { execution_count: count, ..self.reply() };
        match done {
            Ok(()) => {
                let asked = request.user_expressions.iter().flatten();
                let values = asked.map(|(name, code)| (name.clone(), self.value_of(code))).collect();
                ExecuteReply { user_expressions: Some(values), ..reply }
            }
            Err(error) => {
                let ReplyError { ename, evalue, traceback } = (*error).clone();
                self.stage.publish(ErrorOutput { ename, evalue, traceback });
                ExecuteReply { status: ReplyStatus::Error, error: Some(error), ..reply }
            }
        }
    }

    /// The value of an expression that a front end wants to know besides.
    fn value_of(&mut self, code: &str) -> ExpressionResult {
        match self.session.try_out("user expression", code) {
            Ok(value) => ExpressionResult::Ok {
                data: Media::new(vec![MediaType::Plain(summary(&value))]),
                metadata: serde_json::Map::new(),
            },
            Err(diagnostic) => ExpressionResult::Error {
                ename: "Error".into(),
                evalue: diagnostic.headline.clone(),
                traceback: diagnostic.render(true).lines().map(str::to_owned).collect(),
            },
        }
    }

    /// A cell failed: those that are waiting behind it are not run.
    fn abort(&mut self, sockets: &Sockets) {
        for request in sockets.requests.try_iter() {
            match request {
                Request::Shell(message) => {
                    let is_wanted = !matches!(message.content, Content::ExecuteRequest(_));
                    self.aborted.push_back((message, is_wanted));
                }
                Request::Ignored(why) => self.process.log(&why.to_string()),
                // The flag that goes with it is looked at before the next request.
                Request::End => {}
            }
        }
    }

    fn cell(&mut self) -> Cell<'_> {
        Cell { session: &mut self.session, stage: &self.stage, process: self.process }
    }

    fn reply(&self) -> ExecuteReply {
        ExecuteReply {
            execution_count: ExecutionCount::new(self.session.number()),
            user_expressions: Some(HashMap::new()),
            ..ExecuteReply::default()
        }
    }
}
