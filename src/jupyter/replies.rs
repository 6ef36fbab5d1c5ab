//! Answers to whatever does not run anything: who we are, completion, help, history.

use jupyter_protocol::{
    CodeMirrorMode, CommClose, CommInfoReply, CommOpen, CompleteReply, CompleteRequest, HelpLink,
    HistoryEntry, HistoryReply, HistoryRequest, InspectReply, InspectRequest, IsCompleteReply,
    JupyterMessage, JupyterMessageContent as Content, KernelInfoReply, LanguageInfo, Media, MediaType,
    ReplyStatus, UnknownMessage,
};
use serde_json::json;

use super::positions::{byte_at, letters_before};
use crate::script::Session;
use crate::script::session::{Outcome, Word, wants_more};

/// Version of the messaging protocol.
const PROTOCOL: &str = "5.3";
/// What one open bracket indents by.
const INDENT: &str = "    ";

/// Who answers here.
pub(super) fn kernel_info() -> KernelInfoReply {
    let language = LanguageInfo {
        name: "rhai".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        mimetype: Some("text/x-rhai".into()),
        file_extension: Some(".rhai".into()),
        // What highlights rhai best among that which front ends have.
        pygments_lexer: Some("rust".into()),
        codemirror_mode: Some(CodeMirrorMode::Simple("rust".into())),
        nbconvert_exporter: None,
    };
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: PROTOCOL.into(),
        implementation: "ricercar".into(),
        implementation_version: env!("CARGO_PKG_VERSION").into(),
        language_info: language,
        banner: format!(
            "ricercar {}: music made by generative adversarial networks. `?name` explains, `:help` lists",
            crate::VERSION
        ),
        help_links: vec![HelpLink {
            text: "The language (Rhai)".into(),
            url: "https://rhai.rs/book/language/".into(),
        }],
        debugger: false,
        error: None,
    }
}

/// What could follow the cursor.
pub(super) fn complete(session: &Session, request: &CompleteRequest) -> CompleteReply {
    let at = byte_at(&request.code, request.cursor_pos);
    // Commands have lines of their own.
    let line = request.code[..at].rfind('\n').map_or(0, |end| end + 1);
    let is_command = request.code[line..at].starts_with([':', '?']);
    let start = if is_command { line } else { 0 };
    let completion = session.complete(&request.code[start..at]);
    let (from, to) =
        (letters_before(&request.code, start + completion.start), letters_before(&request.code, at));
    // JupyterLab lists these with the signatures.
    let described = |word: &Word| {
        let kind = if word.inserted.ends_with(['(', ')']) { "function" } else { "" };
        json!({ "text": word.inserted, "type": kind, "signature": word.shown, "start": from, "end": to })
    };
    let described: Vec<_> = completion.words.iter().map(described).collect();
    CompleteReply {
        cursor_start: from,
        cursor_end: to,
        metadata: [("_jupyter_types_experimental".to_owned(), described.into())].into_iter().collect(),
        matches: completion.words.into_iter().map(|word| word.inserted).collect(),
        ..CompleteReply::default()
    }
}

/// Help on what is at the cursor.
pub(super) fn inspect(session: &Session, request: &InspectRequest) -> InspectReply {
    let at = byte_at(&request.code, request.cursor_pos);
    let with_source = request.detail_level.is_some_and(|level| level > 0);
    match session.inspect(&request.code, at, with_source) {
        Some(help) => InspectReply {
            found: true,
            data: Media::new(vec![MediaType::Plain(help)]),
            ..InspectReply::default()
        },
        None => InspectReply::default(),
    }
}

/// Whether `code` can be run, or wants another line and how that is indented.
pub(super) fn is_complete(code: &str) -> IsCompleteReply {
    if !wants_more(code) {
        return IsCompleteReply::complete();
    }
    let line = code.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let deeper = if line.trim_end().ends_with(['{', '[', '(']) { INDENT } else { "" };
    IsCompleteReply::incomplete(format!("{indent}{deeper}"))
}

/// Entries of this session; of others nothing is kept.
pub(super) fn history(session: &Session, request: &HistoryRequest) -> HistoryReply {
    let typed: Vec<_> = session.entries().iter().filter(|entry| entry.file.is_none()).collect();
    let (chosen, output) = match request {
        HistoryRequest::Tail { n, output, .. } => (last(&typed, *n), output),
        HistoryRequest::Range { start, stop, output, .. } => {
            let within = |number: usize| {
                i32::try_from(number).is_ok_and(|number| number >= *start && (number < *stop || *stop <= 0))
            };
            (typed.iter().filter(|entry| within(entry.number)).copied().collect(), output)
        }
        HistoryRequest::Search { pattern, unique, output, n, .. } => {
            let mut found: Vec<_> = typed.into_iter().filter(|entry| matches(pattern, &entry.text)).collect();
            if *unique {
                let mut seen = std::collections::HashSet::new();
                found.reverse();
                found.retain(|entry| seen.insert(&entry.text));
                found.reverse();
            }
            (last(&found, *n), output)
        }
    };
    let entry = |entry: &crate::script::session::Entry| {
        let (number, text) = (entry.number, entry.text.clone());
        match (output, &entry.outcome) {
            (false, _) => HistoryEntry::Input(0, number, text),
            (true, Outcome::Done(Some(shown))) => HistoryEntry::InputOutput(0, number, (text, shown.clone())),
            (true, _) => HistoryEntry::InputOutput(0, number, (text, String::new())),
        }
    };
    HistoryReply::new(chosen.into_iter().map(entry).collect())
}

fn last<T: Copy>(items: &[T], count: i32) -> Vec<T> {
    let count = usize::try_from(count).unwrap_or(0);
    items[items.len().saturating_sub(count)..].to_vec()
}

/// Whether `text` is as `pattern` says, in which `*` stands for any text and `?` for any letter.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // `met[i]`: the pattern so far matches the first `i` letters.
    let mut met = vec![false; text.len() + 1];
    met[0] = true;
    for symbol in pattern {
        if symbol == '*' {
            let first = met.iter().position(|met| *met).unwrap_or(met.len());
            met[first..].fill(true);
        } else {
            for i in (1..met.len()).rev() {
                met[i] = met[i - 1] && (symbol == '?' || symbol == text[i - 1]);
            }
            met[0] = false;
        }
    }
    met[text.len()]
}

/// There are no channels for widgets here, so none is open.
pub(super) fn comms() -> CommInfoReply {
    CommInfoReply::default()
}

/// Nor can one be opened.
pub(super) fn closed(open: &CommOpen) -> CommClose {
    CommClose { comm_id: open.comm_id.clone(), ..CommClose::default() }
}

/// The answer to a request that this kernel does not know; `None` if it is no request.
pub(super) fn unsupported(message: &JupyterMessage) -> Option<Content> {
    let name = message.header.msg_type.strip_suffix("_request")?;
    let reply = UnknownMessage {
        msg_type: format!("{name}_reply"),
        content: json!({
            "status": "error",
            "ename": "Unsupported",
            "evalue": format!("the kernel of ricercar has no answer to this `{name}_request`"),
            "traceback": [],
        }),
    };
    Some(reply.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Context, Host};

    fn session() -> Session {
        let mut session = Session::new(Host::new(Context::default()));
        for entry in ["let song_map = #{ tempo: 1 };", "nope", "1 + 1", "1 + 1"] {
            let _ = session.evaluate(entry);
        }
        session
    }

    #[test]
    fn completion_counts_letters_and_knows_commands_on_lines_of_their_own() {
        let complete = |code: &str| {
            let reply = complete(
                &session(),
                &CompleteRequest { code: code.into(), cursor_pos: code.chars().count() },
            );
            (reply.matches, reply.cursor_start, reply.cursor_end)
        };
        assert_eq!(complete("\"ü\"; song_"), (vec!["song_map".into()], 5, 10));
        assert_eq!(complete("let a = 1;\n:va"), (vec![":vars".into()], 11, 14));
    }

    #[test]
    fn help_is_found_or_not() {
        let ask = |code: &str| {
            inspect(&session(), &InspectRequest { code: code.into(), cursor_pos: 3, detail_level: Some(0) })
        };
        let help = ask("theory::note(\"C4\")");
        assert!(help.found && help.data.content.len() == 1);
        assert!(!ask("zzzzz").found && ask("zzzzz").data.content.is_empty());
    }

    #[test]
    fn an_open_bracket_wants_an_indented_line() {
        let incomplete = is_complete("for i in 0..4 {\n    if i > 1 {");
        assert_eq!(incomplete.indent, "        ");
        assert_eq!(is_complete("1 + 1").status, jupyter_protocol::IsCompleteReplyStatus::Complete);
    }

    #[test]
    fn the_history_is_that_of_the_session() {
        let tail = HistoryRequest::Tail { n: 2, output: true, raw: true };
        let both = serde_json::to_value(history(&session(), &tail).history).unwrap();
        assert_eq!(both, json!([[0, 2, ["1 + 1", "2"]], [0, 3, ["1 + 1", "2"]]]));
        let search = |pattern: &str| HistoryRequest::Search {
            pattern: pattern.into(),
            unique: true,
            output: false,
            raw: true,
            n: 9,
        };
        let found = serde_json::to_value(history(&session(), &search("1*")).history).unwrap();
        assert_eq!(found, json!([[0, 3, "1 + 1"]]));
        assert!(history(&session(), &search("x")).history.is_empty());
        let range = HistoryRequest::Range { session: None, start: 1, stop: 2, output: false, raw: true };
        assert_eq!(history(&session(), &range).history.len(), 1);
    }

    #[test]
    fn patterns_are_globs() {
        assert!(matches("a*c", "abbc") && matches("*", "") && matches("a?c", "abc") && matches("", ""));
        assert!(!matches("a*c", "abb") && !matches("?", "") && !matches("a", "ab") && !matches("b", "ab"));
    }
}
