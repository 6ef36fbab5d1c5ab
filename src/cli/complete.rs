//! What Tab offers: commands, names, members of the value before a dot, words and paths in strings.

use std::path::Path;

use crate::music::Family;
use crate::script::session::COMMANDS;
use crate::script::{Entry, Form, Session};

/// What could stand in place of the text from `start` to the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Completion {
    pub(super) start: usize,
    pub(super) words: Vec<Word>,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    /// What the list shows.
    pub(super) shown: String,
    /// What is put into the line.
    pub(super) inserted: String,
}

/// Words of the language that begin something.
const KEYWORDS: [&str; 18] = [
    "break", "const", "continue", "else", "false", "fn", "for", "if", "import", "in", "let", "loop",
    "return", "switch", "throw", "true", "try", "while",
];

/// Functions of every value, which nobody writes behind a dot.
const OF_ANYTHING: [&str; 3] = ["debug", "print", "type_of"];

/// What could follow `text`, which ends at the cursor.
pub(super) fn complete(session: &Session, text: &str) -> Completion {
    if let Some(quote) = open_string(text) {
        return in_string(session, text, quote);
    }
    if text.starts_with(':') {
        return command(text);
    }
    let start =
        text.len() - text.chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let (before, typed) = text.split_at(start);
    let words = if let Some(module) = before.strip_suffix("::") {
        let module = &module[module.trim_end_matches(is_word).len()..];
        functions(session.host().help().entries().iter().filter(|entry| entry.module == module))
    } else if let Some(left) = before.strip_suffix('.').filter(|left| !left.ends_with('.')) {
        members(session, left)
    } else {
        everything(session)
    };
    completion(start, typed, words)
}

/// The words that begin with what is typed, in order and once each.
fn completion(start: usize, typed: &str, mut words: Vec<Word>) -> Completion {
    words.retain(|word| word.inserted.starts_with(typed));
    words.sort();
    words.dedup();
    Completion { start, words }
}

fn command(text: &str) -> Completion {
    match text.split_once(' ') {
        Some((":load" | ":save", path)) => paths(text.len() - path.len(), path),
        Some((":help", topic)) => Completion { start: text.len() - topic.len(), words: Vec::new() },
        Some(_) => Completion::default(),
        None => {
            let word = |(name, argument, ..): (&str, &str, crate::script::session::Takes, &str)| Word {
                shown: format!("{name} {argument}").trim_end().to_owned(),
                inserted: if argument.is_empty() { name.to_owned() } else { format!("{name} ") },
            };
            completion(0, text, COMMANDS.map(word).to_vec())
        }
    }
}

/// Variables, functions, modules and keywords.
fn everything(session: &Session) -> Vec<Word> {
    let help = session.host().help();
    let mut words: Vec<Word> = KEYWORDS.into_iter().map(plain).collect();
    words.extend(session.variables().into_iter().map(|(name, ..)| plain(name)));
    for (name, parameters) in session.functions() {
        words.push(call(&name, format!("{name}({})", parameters.join(", ")), parameters.is_empty()));
    }
    words.extend(help.modules().iter().map(|(name, _)| plain(&format!("{name}::"))));
    let is_global = |entry: &&Entry| entry.module.is_empty() && entry.form == Form::Function;
    words.extend(functions(help.entries().iter().filter(is_global).filter(|entry| entry.own)));
    words.extend(OF_ANYTHING.map(|name| call(name, format!("{name}(value)"), false)));
    words
}

/// Members of the value that `left` stands for; of ricercar's own types when it cannot be told.
fn members(session: &Session, left: &str) -> Vec<Word> {
    let path = &left[left.trim_end_matches(|c| is_word(c) || c == '.').len()..];
    let help = session.host().help();
    match session.kind_of(path) {
        Some(kind) => {
            let keys = session.keys_of(path);
            let members = help.members(&kind).filter(|entry| !OF_ANYTHING.contains(&entry.name.as_str()));
            functions(members).into_iter().chain(keys.iter().map(|key| plain(key))).collect()
        }
        None => {
            let is_member = |entry: &&Entry| matches!(entry.form, Form::Method | Form::Property);
            functions(help.entries().iter().filter(is_member).filter(|entry| entry.own))
        }
    }
}

/// Inside a string: names of tracks, and files.
fn in_string(session: &Session, text: &str, quote: usize) -> Completion {
    let typed = &text[quote + 1..];
    let mut found = paths(quote + 1, typed);
    let mut names: Vec<Word> = Family::ALL.into_iter().map(|family| plain(family.name())).collect();
    names.extend(session.track_names("").iter().map(|name| plain(name)));
    names.retain(|word| word.inserted.starts_with(typed));
    if typed.is_empty() || found.words.is_empty() {
        names.append(&mut found.words);
        return completion(quote + 1, typed, names);
    }
    found.words.extend(names);
    found
}

/// Files and folders whose path begins with `typed`.
fn paths(start: usize, typed: &str) -> Completion {
    let folder_end = typed.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = typed.split_at(folder_end);
    let entries = std::fs::read_dir(if folder.is_empty() { Path::new(".") } else { Path::new(folder) });
    let mut words = Vec::new();
    for entry in entries.into_iter().flatten().flatten() {
        let Ok(found) = entry.file_name().into_string() else { continue };
        if found.starts_with(name) && (name.starts_with('.') || !found.starts_with('.')) {
            let slash = if entry.path().is_dir() { "/" } else { "" };
            words
                .push(Word { shown: format!("{found}{slash}"), inserted: format!("{folder}{found}{slash}") });
        }
    }
    words.sort();
    Completion { start, words }
}

fn functions<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Word> {
    let word = |entry: &Entry| {
        if entry.form == Form::Property {
            return plain(&entry.name);
        }
        // The receiver stands before the dot.
        let given = usize::from(entry.form == Form::Method || (entry.module.is_empty() && !entry.own));
        let names: Vec<&str> = entry.parameters.iter().skip(given).map(|p| p.name.as_str()).collect();
        call(&entry.name, format!("{}({})", entry.name, names.join(", ")), names.is_empty())
    };
    entries.filter(|entry| !matches!(entry.form, Form::Operator | Form::Index)).map(word).collect()
}

fn plain(word: &str) -> Word {
    Word { shown: word.to_owned(), inserted: word.to_owned() }
}

fn call(name: &str, shown: String, takes_nothing: bool) -> Word {
    Word { shown, inserted: format!("{name}{}", if takes_nothing { "()" } else { "(" }) }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the string begins that `text` ends in, if it ends in one.
fn open_string(text: &str) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match (open, letter) {
            (Some((_, '"')), '\\') => _ = letters.next(),
            (Some((_, quote)), letter) if letter == quote => open = None,
            (Some(_), _) => {}
            (None, '"' | '`') => open = Some((at, letter)),
            (None, '/') if letters.peek().is_some_and(|(_, next)| *next == '/') => {
                while letters.next_if(|(_, letter)| *letter != '\n').is_some() {}
            }
            (None, _) => {}
        }
    }
    open.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Context, Host};

    fn session() -> Session {
        let mut session = Session::new(Host::new(Context::default()));
        session.evaluate("let song_map = #{ tempo: 1, inner: #{ deep: 2 } };").unwrap();
        session.evaluate("let takes = [1, 2];").unwrap();
        session.evaluate("fn thicker(song, by) { song }").unwrap();
        session
    }

    fn offered(text: &str) -> Vec<String> {
        complete(&session(), text).words.into_iter().map(|word| word.inserted).collect()
    }

    #[test]
    fn names_of_the_session_are_offered() {
        assert_eq!(offered("let a = song_"), ["song_map"]);
        assert_eq!(offered("thi"), ["thicker("]);
        assert_eq!(offered("whi"), ["while"]);
    }

    #[test]
    fn after_a_dot_come_the_members_of_the_value() {
        assert_eq!(offered("song_map.te"), ["tempo"]);
        assert_eq!(offered("1 + song_map.inner.de"), ["deep"]);
        assert!(offered("takes.le").contains(&"len".to_owned()), "{:?}", offered("takes.le"));
        assert_eq!(offered("takes.rever"), ["reverse()"]);
        assert_eq!(offered("1..take"), ["takes"]);
    }

    #[test]
    fn commands_and_strings_have_words_of_their_own() {
        assert_eq!(offered(":va"), [":vars"]);
        assert_eq!(offered(":sa"), [":save "]);
        assert_eq!(offered("song.mute(\"gui"), ["guitar"]);
        assert_eq!(offered("load(\"src/cli/comp"), ["src/cli/complete.rs"]);
        assert_eq!(offered("let a = \"done\"; thi"), ["thicker("]);
    }

    #[test]
    fn the_string_at_the_end_is_found() {
        assert_eq!(open_string("a(\"b"), Some(2));
        assert_eq!(open_string(r#"a("b\"c"#), Some(2));
        assert_eq!(open_string("\"a\" // it's \"b"), None);
    }
}
