//! What begins with `:` or `?` and is no script.

use super::Session;
use crate::base::did_you_mean;
use crate::script::is_incomplete;

/// A request to the session itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `:help`, or `?name`, `name?`, `:help name`.
    Help(Option<String>),
    /// `:vars`: what is defined.
    Vars,
    /// `:time CODE`: evaluate and say how long it took.
    Time(String),
    /// `:save FILE`: the entries that went well, as a script.
    Save(String),
    /// `:load FILE`: run a script in this session.
    Load(String),
    /// `:undo`: take the last entry back.
    Undo,
    /// `:reset`: forget everything.
    Reset,
    /// `:quit`, or `:q`.
    Quit,
}

/// Name, argument and purpose of each command, for help and completion.
pub const COMMANDS: [(&str, &str, &str); 8] = [
    (":help", "[NAME]", "what there is; `?name` and `name?` do the same"),
    (":vars", "", "variables and functions of this session"),
    (":time", "CODE", "evaluate CODE and say how long it took"),
    (":save", "FILE", "write the entries that went well as a script"),
    (":load", "FILE", "run a script in this session"),
    (":undo", "", "take the last entry back (once)"),
    (":reset", "", "forget variables, functions and entries"),
    (":quit", "", "end the session, as Ctrl-D does"),
];

impl Command {
    /// Reads a line as a command; `None` if it is a script.
    ///
    /// # Errors
    /// What is wrong with a line that begins as a command does.
    pub fn read(line: &str) -> Option<Result<Self, String>> {
        let line = line.trim();
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
        let required = |argument: &str, make: fn(String) -> Self| match rest {
            "" => Err(format!("`:{name}` needs {argument}, as in `:{name} {}`", example(name))),
            rest => Ok(make(rest.to_owned())),
        };
        Some(match name {
            "help" | "h" | "?" => Ok(Self::Help((!rest.is_empty()).then(|| rest.to_owned()))),
            "vars" => Ok(Self::Vars),
            "time" => required("code", Self::Time),
            "save" => required("a file name", Self::Save),
            "load" => required("a file name", Self::Load),
            "undo" => Ok(Self::Undo),
            "reset" => Ok(Self::Reset),
            "quit" | "q" | "exit" => Ok(Self::Quit),
            _ => Err(unknown(name)),
        })
    }
}

/// Whether a person who has typed `text` at a session's prompt wants to go on with it.
pub fn wants_more(text: &str) -> bool {
    match Command::read(text) {
        None => is_incomplete(text),
        Some(Ok(Command::Time(code))) => is_incomplete(&code) && !text.ends_with("\n\n"),
        Some(_) => false,
    }
}

impl Session {
    /// The variables and functions of the session, one a line.
    pub fn describe_variables(&self) -> String {
        let row = |(name, kind, value): (&str, String, String)| [name.to_owned(), kind, brief(&value)];
        let mut rows: Vec<[String; 3]> = self.variables().into_iter().map(row).collect();
        for (name, parameters) in self.functions() {
            rows.push([format!("{name}({})", parameters.join(", ")), "function".into(), String::new()]);
        }
        if rows.is_empty() {
            return "nothing is defined yet".into();
        }
        let widest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (names, kinds) = (widest(0), widest(1));
        let line = |row: &[String; 3]| format!("{:names$}  {:kinds$}  {}", row[0], row[1], row[2]);
        rows.iter().map(|row| line(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// The list of commands.
pub(super) fn list() -> String {
    let left = |name: &str, argument: &str| format!("{name} {argument}");
    let rows = COMMANDS.iter().map(|(name, argument, what)| format!("  {:14}{what}", left(name, argument)));
    rows.collect::<Vec<_>>().join("\n")
}

/// The first line of a value's text, cut to fit beside name and type.
fn brief(text: &str) -> String {
    const WIDTH: usize = 48;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn example(command: &str) -> &'static str {
    match command {
        "time" => "(1..=1000).len()",
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
        assert_eq!(Command::read(":time  1 + 1 "), Some(Ok(Command::Time("1 + 1".into()))));
        assert_eq!(Command::read(":q"), Some(Ok(Command::Quit)));
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
