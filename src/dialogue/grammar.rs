//! The small grammar of claims: sentences to claims and back, completion, and what was meant.
//!
//! A form is a row of words and slots. Words such as "the" and "its" and the sign "%" are passed over, so
//! that "the drums' z_i.drums moves only the drums" and "z_i.drums moves only drums" say the same.

use std::sync::Arc;

use super::DialogueError;
use super::claim::{Claim, Kind};
use super::claims::{
    Better, Children, Copies, Follows, LikeReal, Moves, Novelty, Raises, Ritchie, Together, Truncation,
    Varied, Walk, Whose,
};
use super::setting::Setting;
use crate::base::suggestion;
use crate::metrics::{qualities, quality};

/// Words that say nothing.
const PASSED_OVER: [&str; 9] = ["the", "a", "an", "its", "this", "that", "their", "%", "percent"];
/// Words for the maker.
const MAKERS: [&str; 3] = ["model", "it", "music"];

/// One sentence that can be said.
struct Form {
    pattern: &'static str,
    build: fn(&[String]) -> Arc<dyn Kind>,
}

/// Every sentence that can be said.
const FORMS: [Form; 18] = [
    Form { pattern: "{whose} is novel but typical", build: |s| Arc::new(Novelty::both(whose(&s[0]))) },
    Form {
        pattern: "{whose} is more novel than {percent} % of real",
        build: |s| Arc::new(Novelty { whose: whose(&s[0]), novel: Some(share(&s[1])), typical: None }),
    },
    Form {
        pattern: "{whose} is more typical than {percent} % of real",
        build: |s| Arc::new(Novelty { whose: whose(&s[0]), novel: None, typical: Some(share(&s[1])) }),
    },
    Form {
        pattern: "{part} moves only {tracks}",
        build: |s| Arc::new(Moves { part: s[0].clone(), tracks: tracks(&s[1]) }),
    },
    Form {
        pattern: "{track} {part} moves only {tracks}",
        build: |s| Arc::new(Moves { part: s[1].clone(), tracks: tracks(&s[2]) }),
    },
    Form { pattern: "{quality} raises {quality}", build: |s| Arc::new(raises(s, true)) },
    Form { pattern: "{quality} lowers {quality}", build: |s| Arc::new(raises(s, false)) },
    Form {
        pattern: "straight path passes through better music than ends",
        build: |_| Arc::new(Better { walk: Walk::Straight }),
    },
    Form {
        pattern: "round path passes through better music than ends",
        build: |_| Arc::new(Better { walk: Walk::Round }),
    },
    Form { pattern: "answers follow {track}", build: |s| Arc::new(Follows { given: s[0].clone() }) },
    Form { pattern: "accompaniments follow {track}", build: |s| Arc::new(Follows { given: s[0].clone() }) },
    Form {
        pattern: "{track} and {track} belong together",
        build: |s| Arc::new(Together { first: s[0].clone(), second: s[1].clone() }),
    },
    Form { pattern: "{maker} copies training data", build: |_| Arc::new(Copies) },
    Form { pattern: "children are closer to parents than strangers", build: |_| Arc::new(Children) },
    Form { pattern: "{maker} is as varied as real", build: |_| Arc::new(Varied) },
    Form { pattern: "truncation trades variety for typicality", build: |_| Arc::new(Truncation) },
    Form { pattern: "{maker} meets ritchie's criteria", build: |_| Arc::new(Ritchie) },
    Form {
        pattern: "{maker} has as much {quality} as real",
        build: |s| Arc::new(LikeReal { quality: s[1].clone() }),
    },
];

fn whose(text: &str) -> Whose {
    match text.strip_prefix("phrase ").and_then(|seed| seed.parse().ok()) {
        Some(seed) => Whose::Phrase(seed),
        None if text == "song" => Whose::Song,
        None => Whose::Maker,
    }
}

fn share(percent: &str) -> f64 {
    percent.parse::<f64>().map_or(0.5, |percent| percent / 100.0)
}

fn tracks(text: &str) -> Vec<String> {
    text.split(" and ").map(str::to_owned).collect()
}

fn raises(slots: &[String], raises: bool) -> Raises {
    Raises { quality: slots[0].clone(), measured: slots[1].clone(), raises }
}

/// The words that a setting's claims are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// Parts of the latent, and their families.
    pub parts: Vec<String>,
    /// Names of tracks.
    pub tracks: Vec<String>,
    /// Qualities of phrases.
    pub qualities: Vec<String>,
}

impl Vocabulary {
    /// The words for a setting.
    pub fn of(setting: &Setting) -> Self {
        let layout = setting.maker.layout();
        let mut parts: Vec<String> = layout.parts().iter().map(|part| part.path.clone()).collect();
        let families = ["z_i", "z_it"].map(str::to_owned);
        parts.extend(families.into_iter().filter(|family| layout.find(family).is_ok()));
        parts.dedup();
        let real = setting.real.set().phrases();
        let usable =
            |name: &String| real.iter().take(8).any(|song| matches!(quality(song, name), Ok(Some(_))));
        Self {
            parts,
            tracks: setting.maker.tracks().to_vec(),
            qualities: qualities(&real[0]).into_iter().filter(usable).collect(),
        }
    }

    /// What may stand in a slot.
    fn candidates(&self, slot: &str) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match slot {
            "{part}" => self.parts.clone(),
            "{track}" | "{tracks}" => self.tracks.clone(),
            "{quality}" => self.qualities.clone(),
            "{maker}" => words(&MAKERS),
            "{whose}" => words(&["song", "phrase", "model", "it", "music"]),
            "{percent}" => words(&["50", "80", "95"]),
            word => vec![word.to_owned()],
        }
    }
}

/// The sentences that can be said, with slots in braces.
pub fn patterns() -> impl Iterator<Item = &'static str> {
    FORMS.iter().map(|form| form.pattern)
}

/// How far a sentence agrees with a form.
enum Match {
    /// To its end; what stands in its slots.
    Whole(Vec<String>),
    /// Up to this word of the sentence, where one of these was expected.
    Until(usize, Vec<String>),
}

/// The words of a sentence that count, and where each begins.
fn words(sentence: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut start = None;
    let ends = sentence.char_indices().chain([(sentence.len(), ' ')]);
    for (at, letter) in ends {
        match (letter.is_whitespace() || letter == '`' || letter == ',' || letter == '%', start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                found.push((from, sentence[from..at].to_lowercase()));
                start = None;
            }
            _ => {}
        }
    }
    found.retain(|(_, word)| !word.is_empty() && !PASSED_OVER.contains(&word.as_str()));
    found
}

/// Lays a sentence beside a pattern.
fn lay(pattern: &str, words: &[String], known: &Vocabulary) -> Match {
    let mut slots = Vec::new();
    let mut at = 0;
    for item in pattern.split(' ').filter(|item| !PASSED_OVER.contains(item)) {
        let expected = || known.candidates(item);
        let Some(word) = words.get(at) else { return Match::Until(at, expected()) };
        let known_word =
            |list: &[String], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
        match item {
            "{percent}" => match word.parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => slots.push(word.clone()),
                _ => return Match::Until(at, expected()),
            },
            "{whose}" if word == "phrase" => {
                match words.get(at + 1).map(|seed| seed.parse::<u64>()) {
                    Some(Ok(seed)) => slots.push(format!("phrase {seed}")),
                    Some(Err(_)) | None => return Match::Until(at + 1, vec!["7".to_owned()]),
                }
                at += 1;
            }
            "{tracks}" => {
                let mut named: Vec<String> = Vec::new();
                loop {
                    match words.get(at) {
                        Some(word) if known_word(&known.tracks, word) => named.push(word.clone()),
                        _ => return Match::Until(at, expected()),
                    }
                    if words.get(at + 1).map(String::as_str) != Some("and") {
                        break;
                    }
                    at += 2;
                }
                slots.push(named.join(" and "));
            }
            // What people say for the notes of a bar.
            "{quality}" if word == "onsets" && known_word(&known.qualities, "mix.notes") => {
                slots.push("mix.notes".to_owned());
            }
            slot if slot.starts_with('{') => match known_word(&expected(), word) {
                true => slots.push(word.clone()),
                false => return Match::Until(at, expected()),
            },
            fixed if fixed == word => {}
            _ => return Match::Until(at, expected()),
        }
        at += 1;
    }
    match at == words.len() {
        true => Match::Whole(slots),
        false => Match::Until(at, Vec::new()),
    }
}

/// The claim that a sentence says.
///
/// # Errors
/// [`DialogueError::Sentence`] saying where it leaves the grammar, and what was probably meant.
pub fn claim(sentence: &str, known: &Vocabulary) -> Result<Claim, DialogueError> {
    let sentence = sentence.trim_end().trim_end_matches(['.', '!', '?']);
    let words: Vec<String> = words(sentence).into_iter().map(|(_, word)| word).collect();
    let mut farthest = 0;
    let mut expected: Vec<String> = Vec::new();
    for form in &FORMS {
        match lay(form.pattern, &words, known) {
            Match::Whole(slots) => return Ok(Claim::new((form.build)(&slots))),
            Match::Until(at, candidates) if at >= farthest => {
                if at > farthest {
                    expected.clear();
                }
                farthest = at;
                expected.extend(candidates);
            }
            Match::Until(..) => {}
        }
    }
    expected.sort();
    expected.dedup();
    Err(DialogueError::Sentence(complaint(&words, farthest, &expected)))
}

/// What to say of a sentence that leaves the grammar at a word.
fn complaint(words: &[String], at: usize, expected: &[String]) -> String {
    const SHOWN: usize = 8;
    let before = words[..at.min(words.len())].join(" ");
    let more = if expected.len() > SHOWN { ", …" } else { "" };
    let list = expected.iter().take(SHOWN).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let after =
        if before.is_empty() { "a claim begins with".to_owned() } else { format!("after `{before}` comes") };
    match words.get(at) {
        Some(word) => {
            let near = suggestion(word, expected.iter().map(String::as_str));
            let rest = match (near.is_empty(), expected.is_empty()) {
                (false, _) => String::new(),
                (true, true) => format!("; the claim ends after `{before}`"),
                (true, false) => format!("; {after} {list}{more}"),
            };
            format!("no claim goes on with `{word}`{near}{rest}")
        }
        None => format!("the claim is not finished; {after} {list}{more}"),
    }
}

/// What may follow at the end of an unfinished sentence: where the word begins, and the words.
pub fn complete(line: &str, known: &Vocabulary) -> (usize, Vec<String>) {
    let mut words = words(line);
    let begun = !line.ends_with(char::is_whitespace) && !line.is_empty();
    let (start, prefix) = match words.pop() {
        Some((start, word)) if begun && start + word.len() == line.len() => (start, word),
        Some(other) => {
            words.push(other);
            (line.len(), String::new())
        }
        None => (line.len(), String::new()),
    };
    let words: Vec<String> = words.into_iter().map(|(_, word)| word).collect();
    let mut found: Vec<String> = Vec::new();
    for form in &FORMS {
        if let Match::Until(at, candidates) = lay(form.pattern, &words, known)
            && at == words.len()
        {
            found.extend(candidates.into_iter().filter(|word| word.starts_with(&prefix)));
        }
    }
    found.sort();
    found.dedup();
    (start, found)
}

#[cfg(test)]
mod tests;
