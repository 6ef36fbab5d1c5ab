//! What begins with `:` or `?` and is no script.

use crate::base::did_you_mean;
use crate::script::is_incomplete;

/// A request to the session itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `:help`, or `?name`, `name?`, `:help name`.
    Help(Option<String>),
    /// `??name`: the text of a function.
    Source(String),
    /// `:vars`: what is defined.
    Vars,
    /// `:fns`: functions of the session, or those of a type, a module or a word.
    Functions(Option<String>),
    /// `:modules`: the modules.
    Modules,
    /// `:time CODE`: evaluate and say how long it took.
    Time(String),
    /// `:save FILE`: the entries that went well, as a script.
    Save(String),
    /// `:transcript FILE`: entries and answers, as Markdown.
    Transcript(String),
    /// `:load FILE`: run a script in this session.
    Load(String),
    /// `:edit N`: an entry, or the last one, in the user's editor.
    Edit(Option<usize>),
    /// `:run FILE ARGS`: a script of its own, which leaves the session as it is.
    Run(Vec<String>),
    /// `:undo N`: take entries back.
    Undo(usize),
    /// `:reset`: forget everything.
    Reset,
    /// `:seed N`: the seed of whatever is drawn without one.
    Seed(Option<u64>),
    /// `:device NAME`: where models run that are loaded from now on.
    Device(Option<String>),
    /// `:out DIR`: where relative paths are written.
    Out(Option<String>),
    /// `:view NAME`: what music is drawn with.
    View(Option<String>),
    /// `:play EXPRESSION`: music to the ears.
    Play(Option<String>),
    /// `:quit`, or `:q`.
    Quit,
}

/// What a command takes, for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing, or a number.
    Nothing,
    /// A script, or an expression.
    Code,
    /// The name of a file or folder.
    File,
    /// The name of anything that can be explained.
    Topic,
    /// A type, or a module.
    Type,
    /// One of a few words.
    Words(&'static [&'static str]),
}

/// Name, argument, kind of argument and purpose of each command, for help and completion.
pub const COMMANDS: [(&str, &str, Takes, &str); 18] = [
    (
        ":help",
        "[NAME]",
        Takes::Topic,
        "what there is; `?name` and `name?` do the same, `??name` shows its text",
    ),
    (":vars", "", Takes::Nothing, "variables and functions of this session"),
    (":fns", "[TYPE|WORD]", Takes::Type, "functions of this session; of a type, of a module, or with a word"),
    (":modules", "", Takes::Nothing, "the modules"),
    (":time", "CODE", Takes::Code, "evaluate CODE and say how long it took"),
    (":save", "FILE", Takes::File, "write the entries that went well as a script"),
    (":transcript", "FILE", Takes::File, "write entries and answers as Markdown"),
    (":load", "FILE", Takes::File, "run a script in this session"),
    (":run", "FILE [ARGS]", Takes::File, "run a script by itself; the session stays as it is"),
    (":edit", "[N]", Takes::Nothing, "entry N, or the last one, in $EDITOR; it runs on return"),
    (":undo", "[N]", Takes::Nothing, "take the last entry, or the last N, back"),
    (":reset", "", Takes::Nothing, "forget variables, functions and entries"),
    (":seed", "[N]", Takes::Nothing, "the seed of what is drawn without one"),
    (
        ":device",
        "[NAME]",
        Takes::Words(&["auto", "cpu", "ndarray", "gpu"]),
        "where models run that are loaded from now on",
    ),
    (":out", "[DIR]", Takes::File, "the folder that relative paths are written below"),
    (
        ":view",
        "[NAME]",
        Takes::Words(&crate::script::View::NAMES),
        "what music is drawn with: braille, half, image or plain",
    ),
    (":play", "[MUSIC]", Takes::Code, "the sound of MUSIC, or of the last answer"),
    (":quit", "", Takes::Nothing, "end the session, as Ctrl-D does"),
];

impl Command {
    /// Reads a line as a command; `None` if it is a script.
    ///
    /// # Errors
    /// What is wrong with a line that begins as a command does.
    pub fn read(line: &str) -> Option<Result<Self, String>> {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("??") {
            return Some(match name.trim() {
                "" => Err("`??` needs the name of a function, as in `??interp::line`".into()),
                name => Ok(Self::Source(name.into())),
            });
        }
        if let Some(name) = line.strip_prefix('?').or_else(|| line.strip_suffix('?')) {
            // `a ?? b` and `a?.b` are script; a topic is one path of names.
            let name = name.trim();
            let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
            return name
                .chars()
                .all(is_path)
                .then(|| Ok(Self::Help((!name.is_empty()).then(|| name.into()))));
        }
        let words = line.strip_prefix(':')?;
        let (name, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let rest = rest.trim();
        let asked = || (!rest.is_empty()).then(|| rest.to_owned());
        let needed = |argument: &str| {
            asked().ok_or_else(|| format!("`:{name}` needs {argument}, as in `:{name} {}`", example(name)))
        };
        let file = |make: fn(String) -> Self| needed("a file name").map(|path| make(unquoted(&path)));
        Some(match name {
            "help" | "h" => Ok(Self::Help(asked())),
            "vars" => Ok(Self::Vars),
            "fns" => Ok(Self::Functions(asked())),
            "modules" => Ok(Self::Modules),
            "time" => needed("code").map(Self::Time),
            "save" => file(Self::Save),
            "transcript" => file(Self::Transcript),
            "load" => file(Self::Load),
            "run" => needed("a file name").map(|words| Self::Run(words_of(&words))),
            "edit" => number(name, rest, "the number of an entry").map(Self::Edit),
            "undo" => number(name, rest, "how many entries").map(|n| Self::Undo(n.unwrap_or(1))),
            "reset" => Ok(Self::Reset),
            "seed" => number(name, rest, "a whole number from 0 on").map(Self::Seed),
            "device" => Ok(Self::Device(asked())),
            "out" => Ok(Self::Out(asked().map(|path| unquoted(&path)))),
            "view" => Ok(Self::View(asked())),
            "play" => Ok(Self::Play(asked())),
            "quit" | "q" | "exit" => Ok(Self::Quit),
            _ => Err(unknown(name)),
        })
    }
}

/// Whether a person who has typed `text` at a session's prompt wants to go on with it.
pub fn wants_more(text: &str) -> bool {
    match Command::read(text) {
        None => is_incomplete(text),
        Some(Ok(Command::Time(code) | Command::Play(Some(code)))) => {
            is_incomplete(&code) && !text.ends_with("\n\n")
        }
        Some(_) => false,
    }
}

/// The list of commands.
pub(super) fn list() -> String {
    let rows = COMMANDS
        .iter()
        .map(|(name, argument, _, what)| format!("  {:20}{what}", format!("{name} {argument}")));
    rows.collect::<Vec<_>>().join("\n")
}

fn number<N: std::str::FromStr>(name: &str, text: &str, what: &str) -> Result<Option<N>, String> {
    let wrong = |_| format!("`:{name}` takes {what}, got `{text}`");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// A file name as people write it, with or without quotes.
fn unquoted(path: &str) -> String {
    let inner = path.strip_prefix('"').and_then(|path| path.strip_suffix('"'));
    inner.unwrap_or(path).to_owned()
}

/// Words with blanks between them; blanks inside quotes belong to a word.
fn words_of(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut quoted, mut fresh) = (false, true);
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => fresh = true,
            letter => {
                if std::mem::take(&mut fresh) {
                    words.push(String::new());
                }
                words.last_mut().map(|word| word.push(letter)).unwrap_or_default();
            }
        }
    }
    words
}

fn example(command: &str) -> &'static str {
    match command {
        "time" => "(1..=1000).len()",
        "transcript" => "takes.md",
        _ => "takes.rhai",
    }
}

fn unknown(name: &str) -> String {
    let known = COMMANDS.map(|(name, ..)| &name[1..]);
    let hint = match did_you_mean(name, known) {
        Some(near) => format!("did you mean `:{near}`?"),
        None => format!("there are {}", COMMANDS.map(|(name, ..)| name).join(", ")),
    };
    format!("no command `:{name}`: {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_scripts() {
        assert_eq!(Command::read("let a = 1"), None);
        assert_eq!(Command::read("a?.b ?? c"), None);
        assert_eq!(Command::read("?interp::line"), Some(Ok(Command::Help(Some("interp::line".into())))));
        assert_eq!(Command::read("slerp?"), Some(Ok(Command::Help(Some("slerp".into())))));
        assert_eq!(Command::read("??interp::line"), Some(Ok(Command::Source("interp::line".into()))));
        assert_eq!(Command::read(":time  1 + 1 "), Some(Ok(Command::Time("1 + 1".into()))));
        assert_eq!(Command::read(":q"), Some(Ok(Command::Quit)));
    }

    #[test]
    fn every_listed_command_is_read() {
        for (name, argument, ..) in COMMANDS {
            let given = if argument.starts_with(char::is_alphabetic) { "a.rhai" } else { "" };
            let read = Command::read(&format!("{name} {given}"));
            assert!(matches!(read, Some(Ok(_))), "{name}: {read:?}");
        }
    }

    #[test]
    fn arguments_are_read_as_people_write_them() {
        let read = |line| Command::read(line).unwrap();
        assert_eq!(read(":save \"my takes.rhai\""), Ok(Command::Save("my takes.rhai".into())));
        assert_eq!(
            read(":run a.rhai x \"y z\""),
            Ok(Command::Run(vec!["a.rhai".into(), "x".into(), "y z".into()]))
        );
        assert_eq!((read(":undo"), read(":undo 3")), (Ok(Command::Undo(1)), Ok(Command::Undo(3))));
        assert_eq!(read(":seed seven").unwrap_err(), "`:seed` takes a whole number from 0 on, got `seven`");
    }

    #[test]
    fn a_command_is_one_line_unless_it_holds_code() {
        assert!(wants_more(":time f(1,") && !wants_more(":time f(1,\n\n") && !wants_more(":time f(1)"));
        assert!(!wants_more(":save (") && !wants_more("f?") && wants_more("f("));
    }

    #[test]
    fn a_misspelt_command_gets_a_suggestion_and_a_bare_one_an_example() {
        let message = |line| Command::read(line).unwrap().unwrap_err();
        assert_eq!(message(":vasr"), "no command `:vasr`: did you mean `:vars`?");
        assert_eq!(message(":save"), "`:save` needs a file name, as in `:save takes.rhai`");
    }
}
