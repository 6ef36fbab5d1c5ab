//! What a person may say.

use crate::base::suggestion;
use crate::dialogue::DialogueError;
use crate::dialogue::grammar::{self, Vocabulary};

/// A line that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Agree,
    Object(Option<String>),
    Measure(Option<String>),
    Why,
    Test,
    Claim(String),
    Next,
    Another(Option<String>),
    Verdicts,
    Script,
    Notebook,
    Help,
    Quit,
}

/// The first words of lines, and what they do.
const WORDS: [(&str, &str); 15] = [
    ("test", "run the experiment (also `run`)"),
    ("run", ""),
    ("agree", "agree: with an untested claim it is tested, with a verdict we go on"),
    ("object", "object: test by another measure; `object because measure NAME` names it"),
    ("measure", "choose a measure by name, or list them"),
    ("why", "why it is tested in this way, and why the verdict is what it is"),
    ("claim", "claim something yourself (also `propose`)"),
    ("propose", ""),
    ("next", "go on to another claim"),
    ("another", "`another model NAME`: talk about another model"),
    ("verdicts", "all verdicts so far"),
    ("script", "the conversation's tests as a script"),
    ("notebook", "where all this is kept"),
    ("help", "this"),
    ("quit", "end the conversation"),
];

impl Command {
    /// Understands a line.
    ///
    /// # Errors
    /// [`DialogueError::Sentence`] with what was probably meant.
    pub fn read(line: &str) -> Result<Self, DialogueError> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let named = |text: &str| (!text.is_empty()).then(|| text.trim_matches(['`', '"', '.']).to_owned());
        let alone = |command: Self| match rest {
            "" => Ok(command),
            _ => Err(DialogueError::Sentence(format!("`{word}` stands alone, got `{rest}` after it"))),
        };
        match word.to_lowercase().as_str() {
            "agree" | "yes" => alone(Self::Agree),
            "test" | "run" => alone(Self::Test),
            "why" => alone(Self::Why),
            "next" => alone(Self::Next),
            "verdicts" => alone(Self::Verdicts),
            "script" => alone(Self::Script),
            "notebook" => alone(Self::Notebook),
            "help" => alone(Self::Help),
            "quit" | "exit" | "bye" => alone(Self::Quit),
            "measure" => Ok(Self::Measure(named(rest))),
            "object" => {
                let because = rest.strip_prefix("because").unwrap_or(rest).trim();
                let measure = because.strip_prefix("measure").unwrap_or(because).trim();
                if measure.contains(char::is_whitespace) {
                    return Err(DialogueError::Sentence(format!(
                        "an objection names a measure, as in `object because measure notes`; got `{rest}`"
                    )));
                }
                Ok(Self::Object(named(measure)))
            }
            "claim" | "propose" if rest.is_empty() => Err(DialogueError::Sentence(
                "say what you claim: `help` lists the sentences, Tab completes them".into(),
            )),
            "claim" | "propose" => Ok(Self::Claim(rest.to_owned())),
            "another" => {
                let name = rest.strip_prefix("model").unwrap_or(rest).trim();
                Ok(Self::Another(named(name)))
            }
            other => {
                let near = suggestion(other, WORDS.iter().map(|(word, _)| *word));
                Err(DialogueError::Sentence(format!(
                    "I do not understand `{other}`{near} (`help` lists what can be said)"
                )))
            }
        }
    }
}

/// What can be said, and the sentences of claims with the first part of a latent in their place.
pub(super) fn help(part: &str) -> Vec<String> {
    let words = WORDS.iter().filter(|(_, about)| !about.is_empty());
    let commands: Vec<String> = words.map(|(word, about)| format!("`{word}`: {about}")).collect();
    let claims: Vec<String> = grammar::patterns().map(|pattern| format!("`{pattern}`")).collect();
    vec![
        commands.join("\n"),
        format!(
            "Claims, with a word of yours for what stands in braces, such as `{part}` for {{part}}, `song` or \
             `phrase 7` for {{whose}}, `denser` or `mix.notes` for {{quality}}:\n{}",
            claims.join("\n")
        ),
    ]
}

/// What may follow at the end of a line: where the word begins, and the words.
pub(super) fn complete(
    line: &str,
    known: &Vocabulary,
    measures: &[&str],
    makers: &[String],
) -> (usize, Vec<String>) {
    let start = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let prefix = &line[start..];
    let of = |words: &mut dyn Iterator<Item = &str>| {
        (start, words.filter(|word| word.starts_with(prefix)).map(str::to_owned).collect())
    };
    let said: Vec<&str> = line[..start].split_whitespace().collect();
    match said.as_slice() {
        [] => of(&mut WORDS.iter().map(|(word, _)| *word)),
        ["claim" | "propose", ..] => {
            let begin = line.find(char::is_whitespace).map_or(line.len(), |at| at + 1);
            let (at, words) = grammar::complete(&line[begin..], known);
            (begin + at, words)
        }
        ["measure"] | ["object", "because", "measure"] => of(&mut measures.iter().copied()),
        ["object"] => of(&mut ["because"].into_iter()),
        ["object", "because"] => of(&mut ["measure"].into_iter()),
        ["another"] => of(&mut ["model"].into_iter()),
        ["another", "model"] => of(&mut makers.iter().map(String::as_str)),
        _ => (line.len(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood_in_their_variants() {
        let read = |line: &str| Command::read(line).unwrap();
        assert_eq!(read("object because measure notes"), Command::Object(Some("notes".into())));
        assert_eq!(read("object"), Command::Object(None));
        assert_eq!(read("measure cells"), Command::Measure(Some("cells".into())));
        assert_eq!(
            read("propose song is novel but typical"),
            Command::Claim("song is novel but typical".into())
        );
        assert_eq!(read("another model accompany"), Command::Another(Some("accompany".into())));
        assert_eq!(read("run"), Command::Test);
    }

    #[test]
    fn what_is_not_understood_is_met_with_what_was_meant() {
        let wrong = |line: &str| Command::read(line).unwrap_err().to_string();
        assert!(wrong("agre").contains("did you mean `agree`?"));
        assert!(wrong("test it").contains("stands alone"));
        assert!(wrong("claim").contains("say what you claim"));
        assert!(wrong("object because I do not like it").contains("names a measure"));
    }
}
