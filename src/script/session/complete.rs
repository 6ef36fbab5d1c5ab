//! What could follow the cursor: commands, names, members of the value before a dot, options, words and
//! paths in strings. Nothing is run for it.

use super::cursor::{Cursor, Spot};
use super::infer::Inference;
use super::strings::{in_string, paths};
use super::{COMMANDS, Session, Takes};
use crate::script::{Entry, Form, option_keys};

/// What could stand in place of the text from `start` to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where what it replaces begins, in bytes.
    pub start: usize,
    /// The ways to go on, in order.
    pub words: Vec<Word>,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// What the list shows.
    pub shown: String,
    /// What is put into the text.
    pub inserted: String,
}

/// Words of the language that begin something.
pub(super) const KEYWORDS: [&str; 18] = [
    "break", "const", "continue", "else", "false", "fn", "for", "if", "import", "in", "let", "loop",
    "return", "switch", "throw", "true", "try", "while",
];

/// Functions of every value, which nobody writes behind a dot.
pub(super) const OF_ANYTHING: [&str; 5] = ["debug", "print", "to_debug", "to_string", "type_of"];

/// Names of rhai's types, which have methods to read about.
const PLAIN_TYPES: [&str; 8] = ["array", "bool", "char", "float", "function", "int", "map", "string"];

impl Session {
    /// What could follow `text`, which ends at the cursor.
    pub fn complete(&self, text: &str) -> Completion {
        if let Some(topic) = text.strip_prefix("??").or_else(|| text.strip_prefix('?')) {
            return self.topic(text.len() - topic.len(), topic);
        }
        if text.starts_with(':') {
            return self.command(text);
        }
        self.code(text)
    }

    fn code(&self, text: &str) -> Completion {
        let cursor = Cursor::new(text);
        let inference = Inference::new(self, &cursor);
        let start = cursor.name_start();
        let typed = &text[start..];
        let words = match cursor.spot() {
            Spot::Nothing => Vec::new(),
            Spot::Text(start) => return in_string(self, &cursor, start),
            Spot::InModule(module) => self.in_module(&module),
            Spot::Member(left) => self.members(&inference, cursor.words(left.clone()), left),
            Spot::Key(call) => {
                let given = call.options.map(|open| cursor.keys(open)).unwrap_or_default();
                let ways = self.ways(&inference, &call);
                let keys = ways.iter().flat_map(|way| option_keys(&way.full_name()));
                let keys: Vec<Word> =
                    keys.filter(|key| !given.contains(&key.name)).map(|key| Word::option(key.name)).collect();
                if keys.is_empty() { self.names(&inference) } else { keys }
            }
            Spot::Name => self.names(&inference),
        };
        completion(start, typed, words)
    }

    fn command(&self, text: &str) -> Completion {
        let Some((name, argument)) = text.split_once(' ') else {
            let word = |(name, argument, ..): (&str, &str, Takes, &str)| Word {
                shown: format!("{name} {argument}").trim_end().to_owned(),
                inserted: if argument.is_empty() { name.to_owned() } else { format!("{name} ") },
            };
            return completion(0, text, COMMANDS.map(word).to_vec());
        };
        let start = text.len() - argument.len();
        let known = COMMANDS.iter().find(|(known, ..)| *known == name);
        match known.map_or(Takes::Nothing, |(_, _, takes, _)| *takes) {
            Takes::Nothing => Completion::default(),
            Takes::File => paths(start, argument),
            Takes::Topic => self.topic(start, argument),
            Takes::Type => completion(start, argument, self.types()),
            Takes::Words(words) => {
                completion(start, argument, words.iter().map(|word| Word::plain(word)).collect())
            }
            Takes::Code => {
                let inner = self.code(argument);
                Completion { start: start + inner.start, ..inner }
            }
        }
    }

    /// What can be explained: variables, functions, modules, types, commands.
    fn topic(&self, start: usize, typed: &str) -> Completion {
        let help = self.host().help();
        let mut words = self.types();
        words.extend(self.variable_names().map(Word::plain));
        words.extend(self.functions().iter().map(|(name, _)| Word::plain(name)));
        for entry in help.entries().iter().filter(|entry| entry.own) {
            match entry.form {
                Form::Function => words.push(Word::plain(&entry.path())),
                Form::Method | Form::Property => {
                    words.push(Word::plain(&entry.full_name()));
                    words.push(Word::plain(&entry.name));
                }
                Form::Index | Form::Operator => {}
            }
        }
        completion(start, typed, words)
    }

    /// Names of types and modules.
    fn types(&self) -> Vec<Word> {
        let help = self.host().help();
        let mut words: Vec<Word> = help.modules().iter().map(|(name, _)| Word::plain(name)).collect();
        let kinds = help.entries().iter().filter(|entry| matches!(entry.form, Form::Method | Form::Property));
        let kinds = kinds.filter_map(|entry| entry.parameters.first()).map(|first| first.kind.as_str());
        words.extend(kinds.filter(|kind| *kind != "any").map(Word::plain));
        words.extend(PLAIN_TYPES.map(Word::plain));
        words
    }

    /// Variables, functions, modules and keywords.
    fn names(&self, inference: &Inference) -> Vec<Word> {
        let help = self.host().help();
        let mut words: Vec<Word> = KEYWORDS.into_iter().map(Word::plain).collect();
        words.extend(inference.names().into_iter().map(Word::plain));
        words.extend(self.variable_names().map(Word::plain));
        for (name, parameters) in self.functions() {
            words.push(Word::call(
                &name,
                format!("{name}({})", parameters.join(", ")),
                parameters.is_empty(),
            ));
        }
        words.extend(help.modules().iter().map(|(name, _)| Word::plain(&format!("{name}::"))));
        let is_global = |entry: &&Entry| entry.module.is_empty() && entry.form == Form::Function && entry.own;
        words.extend(functions(help.entries().iter().filter(is_global), 0));
        words.extend(OF_ANYTHING.map(|name| Word::call(name, format!("{name}(value)"), false)));
        words
    }

    fn in_module(&self, module: &str) -> Vec<Word> {
        functions(self.host().help().entries().iter().filter(|entry| entry.module == module), 0)
    }

    /// Members of the value that `path` stands for; of ricercar's own types when it cannot be told.
    fn members(&self, inference: &Inference, path: &str, left: std::ops::Range<usize>) -> Vec<Word> {
        let help = self.host().help();
        let Some(kind) = inference.kind(left) else {
            let is_member = |entry: &&Entry| matches!(entry.form, Form::Method | Form::Property) && entry.own;
            let mut all = functions(help.entries().iter().filter(is_member).filter(is_specific), 1);
            // Of many types at once, every name is enough.
            all.sort();
            all.dedup_by(|next, first| {
                next.inserted.trim_end_matches(['(', ')']) == first.inserted.trim_end_matches(['(', ')'])
            });
            return all;
        };
        let mut words = functions(help.members(&kind).filter(is_specific), 1);
        if kind == "map" {
            words.extend(self.keys_of(path).iter().map(|key| Word::plain(key)));
        }
        if kind == "Multitrack" {
            let names = self.track_names(path);
            words.extend(
                names.iter().filter(|name| rhai::is_valid_identifier(name)).map(|name| Word::plain(name)),
            );
        }
        words
    }
}

fn is_specific(entry: &&Entry) -> bool {
    !OF_ANYTHING.contains(&entry.name.as_str())
}

/// The words that begin with what is typed, in order and once each.
pub(super) fn completion(start: usize, typed: &str, mut words: Vec<Word>) -> Completion {
    words.retain(|word| word.inserted.starts_with(typed));
    words.sort();
    words.dedup();
    Completion { start, words }
}

/// Functions as words, without the first `given` of their parameters.
fn functions<'a>(entries: impl Iterator<Item = &'a Entry>, given: usize) -> Vec<Word> {
    let word = |entry: &Entry| {
        if entry.form == Form::Property {
            return Word::plain(&entry.name);
        }
        let names: Vec<&str> = entry.parameters.iter().skip(given).map(|p| p.name.as_str()).collect();
        Word::call(&entry.name, format!("{}({})", entry.name, names.join(", ")), names.is_empty())
    };
    entries.filter(|entry| !matches!(entry.form, Form::Operator | Form::Index)).map(word).collect()
}

impl Word {
    /// One that is shown as it is written.
    pub(super) fn plain(word: &str) -> Self {
        Self { shown: word.to_owned(), inserted: word.to_owned() }
    }

    fn option(key: &str) -> Self {
        Self { shown: key.to_owned(), inserted: format!("{key}: ") }
    }

    fn call(name: &str, shown: String, takes_nothing: bool) -> Self {
        Self { shown, inserted: format!("{name}{}", if takes_nothing { "()" } else { "(" }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Context, Host};

    fn session() -> Session {
        let mut session = Session::new(Host::new(Context::default()));
        for entry in [
            "let song_map = #{ tempo: 1, inner: #{ deep: 2 } };",
            "let takes = [1, 2];",
            "fn thicker(song, by) { song }",
            "let bass = music::line(\"bass\", \"C2 G2\");",
            "let song = music::song([bass, music::line(\"piano\", \"C4\")]);",
            "let songs = [song];",
            "let z = latent::normal(#{ size: 4 });",
            "let rows = table(); rows.add(#{ seed: 1, notes: 2 });",
        ] {
            session.evaluate(entry).unwrap_or_else(|error| panic!("{entry}: {}", error.render(false)));
        }
        session
    }

    fn offered(text: &str) -> Vec<String> {
        session().complete(text).words.into_iter().map(|word| word.inserted).collect()
    }

    fn offers(text: &str, word: &str) -> bool {
        offered(text).iter().any(|found| found == word)
    }

    #[test]
    fn names_of_the_session_and_of_the_text_are_offered() {
        assert_eq!(offered("let a = song_"), ["song_map"]);
        assert_eq!(offered("thi"), ["thicker("]);
        assert_eq!(offered("whi"), ["while"]);
        assert_eq!(offered("let melody = 1;\nmel"), ["melody"]);
        assert_eq!(offered("fn f(first_one) {\n    fir"), ["first_one"]);
        assert_eq!(offered("takes.map(|one_take| one_"), ["one_take"]);
        assert_eq!(offered("theory::pitch_c"), ["pitch_class("]);
    }

    #[test]
    fn after_a_dot_come_the_members_of_the_value() {
        assert_eq!(offered("song_map.te"), ["tempo"]);
        assert_eq!(offered("1 + song_map.inner.de"), ["deep"]);
        assert!(offers("takes.le", "len"), "{:?}", offered("takes.le"));
        assert_eq!(offered("takes.rever"), ["reverse()"]);
        assert_eq!(offered("1..take"), ["takes"]);
        assert_eq!(offered("song.pia"), ["piano"]);
    }

    #[test]
    fn members_are_known_of_values_that_are_yet_to_come() {
        for text in [
            "bass.to_song().",
            "song.transpose(2).mute(\"bass\").",
            "let s = bass.to_song();\ns.",
            "songs.map(|s| s.",
            "for s in songs {\n    s.",
            "songs[0].",
            "model::load(\"hybrid\").generate(#{ seed: 1 }).",
            "model::load(\"hybrid\").decode(z, #{}).",
            "(song).",
        ] {
            assert!(offers(&format!("{text}bar_c"), "bar_count"), "{text}");
            assert!(!offers(&format!("{text}redr"), "redraw("), "{text}");
        }
        assert!(offers("song.bass.no", "note_count") && offers("song[\"bass\"].no", "note_count"));
        assert!(offers("\"text\".to_up", "to_upper()") && offers("(1..4).to_a", "to_array()"));
        assert!(!offers("model::load(\"hybrid\").generate(#{ count: 2 }).bar_", "bar_count"));
    }

    #[test]
    fn options_are_offered_once_and_with_what_they_may_be() {
        assert_eq!(offered("z.vary(#{ a"), ["amount: "]);
        assert!(
            !offers("z.vary(#{ amount: 0.1, ", "amount: ") && offers("z.vary(#{ amount: 0.1, ", "seed: ")
        );
        assert_eq!(offered("interp::line(z, z, #{ mode: \"s"), ["slerp"]);
        assert!(offers("model::load(\"hybrid\").generate(#{\n    cou", "count: "));
    }

    #[test]
    fn strings_are_completed_by_what_they_mean() {
        assert_eq!(offered("song.track(\"p"), ["piano"]);
        assert_eq!(offered("song.only([\"bass\", \"p"), ["piano"]);
        assert_eq!(offered("song[\"b"), ["bass"]);
        assert_eq!(offered("z.redraw([\""), ["z"]);
        assert!(offers("model::load(\"hyb", "hybrid"), "{:?}", offered("model::load(\"hyb"));
        assert_eq!(offered("data::load(\"src/script/session/comp"), ["src/script/session/complete.rs"]);
        assert_eq!(offered("rows.column(\"se"), ["seed"]);
        assert_eq!(offered("song_map[\"te"), ["tempo"]);
        assert_eq!(offered("let a = \"done\"; thi"), ["thicker("]);
        assert_eq!(offered("\"just te"), Vec::<String>::new());
    }

    #[test]
    fn commands_have_words_of_their_own() {
        assert_eq!(offered(":va"), [":vars"]);
        assert_eq!(offered(":sa"), [":save "]);
        assert_eq!(offered(":view ha"), ["half"]);
        assert_eq!(offered(":load src/script/session/comp"), ["src/script/session/complete.rs"]);
        assert_eq!(offered(":time song.bar_c"), ["bar_count"]);
        assert_eq!(session().complete(":time song.bar_c").start, 11);
        assert!(
            offers(":help interp::li", "interp::line") && offers("?Multitrack.bar_c", "Multitrack.bar_count")
        );
        assert_eq!(offered(":fns Multi"), ["Multitrack"]);
    }
}
