//! The conversation: lines in, turns out.

mod agenda;
mod command;

use std::collections::VecDeque;
use std::sync::Arc;

use command::Command;
pub use command::complete;

use super::DialogueError;
use super::claim::Claim;
use super::finding::{Finding, Verdict, number, p_text};
use super::grammar::{self, Vocabulary};
use super::maker::Makers;
use super::opening::Opening;
use super::setting::Setting;
use crate::experiment::Table;
use crate::statistics::holm;

/// What was said at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// What the person said; nothing at the opening.
    pub line: Option<String>,
    /// What the system says to it, in paragraphs.
    pub says: Vec<String>,
    /// The number of the outcome that it tells of.
    pub outcome: Option<usize>,
}

/// A claim that was tested, with the verdict as it stands by now.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The claim.
    pub claim: Claim,
    /// Name and hash of the maker.
    pub maker: (String, String),
    /// What was found.
    pub finding: Finding,
    /// p, corrected for all claims that have been tested (Holm 1979).
    pub p_corrected: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// A conversation about a setting.
pub struct Conversation {
    opening: Opening,
    setting: Setting,
    makers: Arc<dyn Makers>,
    known: Vocabulary,
    agenda: VecDeque<Claim>,
    current: Option<Claim>,
    outcomes: Vec<Outcome>,
    turns: Vec<Turn>,
    is_over: bool,
}

impl Conversation {
    /// Opens a conversation with a first proposal. `setting` is what `opening` says.
    pub fn open(opening: Opening, setting: Setting, makers: Arc<dyn Makers>) -> Self {
        let known = Vocabulary::of(&setting);
        let agenda = agenda::of(&setting, &known);
        let mut conversation = Self {
            opening,
            setting,
            makers,
            known,
            agenda,
            current: None,
            outcomes: Vec::new(),
            turns: Vec::new(),
            is_over: false,
        };
        let mut says = vec![format!(
            "We talk about {}. I propose claims; say `test`, `agree`, `object`, `why`, `measure …`, `next`, \
             `claim …` for one of your own, or `help`.",
            conversation.setting.describe()
        )];
        says.extend(conversation.propose());
        conversation.turns.push(Turn { line: None, says, outcome: None });
        conversation
    }

    /// What has been said, the opening first.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// The claims that have been tested, each once.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What it began with.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// What it is about.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The claim that is on the table.
    pub fn current(&self) -> Option<&Claim> {
        self.current.as_ref()
    }

    /// Whether somebody has ended it.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What may follow at the end of a line: where the word begins, and the words.
    pub fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let measures = self.current.as_ref().map(Claim::measures).unwrap_or_default();
        let measures: Vec<&str> = measures.into_iter().map(|(name, _)| name).collect();
        complete(line, &self.known, &measures, &self.makers.names())
    }

    /// Answers a line. What cannot be done is said in the answer.
    ///
    /// # Errors
    /// [`DialogueError::Stopped`] when an experiment was stopped; the line is then forgotten.
    pub fn hear(&mut self, line: &str) -> Result<&Turn, DialogueError> {
        let line = line.trim();
        let answered = Command::read(line).and_then(|command| self.obey(command));
        let (says, outcome) = match answered {
            Err(DialogueError::Stopped) => return Err(DialogueError::Stopped),
            Err(error) => (vec![sentence(&error.to_string())], None),
            Ok(answer) => answer,
        };
        let place = self.turns.len();
        self.turns.push(Turn { line: Some(line.to_owned()), says, outcome });
        Ok(&self.turns[place])
    }

    /// Tests a claim of the grammar, by a measure or its first one; a claim that has been tested is not
    /// tested again. Gives the outcome's number.
    ///
    /// # Errors
    /// Of the sentence, the measure, and the experiment.
    pub fn test(&mut self, sentence: &str, measure: Option<&str>) -> Result<usize, DialogueError> {
        let claim = grammar::claim(sentence, &self.known)?;
        let claim = match measure {
            Some(measure) => claim.by(measure, &self.setting)?,
            None => claim,
        };
        self.current = Some(claim);
        self.run()
    }

    /// Goes on about another maker.
    ///
    /// # Errors
    /// That there is none of the name.
    pub fn change_maker(&mut self, name: &str) -> Result<(), DialogueError> {
        self.setting.maker = self.makers.load(name)?;
        self.known = Vocabulary::of(&self.setting);
        self.agenda = agenda::of(&self.setting, &self.known);
        self.current = None;
        Ok(())
    }

    /// Every outcome as a table: one row for each effect.
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        for outcome in &self.outcomes {
            for part in &outcome.finding.parts {
                let evidence = part.evidence;
                let (low, high) =
                    evidence.interval.map_or((f64::NAN, f64::NAN), |interval| (interval.low, interval.high));
                table.add([
                    ("claim", outcome.claim.sentence().into()),
                    ("model", outcome.maker.0.clone().into()),
                    ("measure", outcome.claim.measure().to_owned().into()),
                    ("verdict", outcome.verdict.name().to_owned().into()),
                    ("effect", evidence.effect.into()),
                    ("low", low.into()),
                    ("high", high.into()),
                    ("bound", part.rule.bound().into()),
                    ("p", outcome.finding.p().into()),
                    ("p_holm", outcome.p_corrected.into()),
                    ("n", crate::experiment::Cell::from(evidence.units as i64)),
                ]);
            }
        }
        table
    }

    fn obey(&mut self, command: Command) -> Result<Answer, DialogueError> {
        let told = |says: Vec<String>| Ok((says, None));
        match command {
            Command::Test => self.tested(Vec::new()),
            Command::Agree => match self.is_tested() {
                None => told(self.propose()),
                Some(false) => self.tested(vec!["That we agree is no evidence; I test it.".into()]),
                Some(true) => {
                    let mut says = vec!["Noted: you agree with the verdict.".to_owned()];
                    says.extend(self.propose());
                    told(says)
                }
            },
            Command::Object(measure) => self.object(measure),
            Command::Measure(None) => told(vec![self.list_measures()?]),
            Command::Measure(Some(measure)) => {
                let was_tested = self.is_tested() == Some(true);
                let before = self.on_the_table()?.clone();
                self.current = Some(before.by(&measure, &self.setting)?);
                if was_tested { self.compared(&before) } else { told(self.state()) }
            }
            Command::Why => told(self.explain()?),
            Command::Claim(sentence) => {
                self.current = Some(grammar::claim(&sentence, &self.known)?);
                told(self.state())
            }
            Command::Next => told(self.propose()),
            Command::Another(name) => {
                let names = self.makers.names();
                let name = match name {
                    Some(name) => name,
                    None => {
                        let other = |name: &&String| name.as_str() != self.setting.maker.name();
                        let place = names.iter().position(|name| name == self.setting.maker.name());
                        let after =
                            names.iter().cycle().skip(place.map_or(0, |place| place + 1)).take(names.len());
                        after
                            .into_iter()
                            .find(other)
                            .cloned()
                            .ok_or_else(|| DialogueError::Untestable("there is no other model".into()))?
                    }
                };
                self.change_maker(&name)?;
                let mut says = vec![format!("Now we talk about {}.", self.setting.describe())];
                says.extend(self.propose());
                told(says)
            }
            Command::Verdicts => told(vec![self.summary()]),
            Command::Script => told(vec![self.script()]),
            Command::Notebook => told(vec![
                "The notebook is everything that we say; `--notebook FILE` (or `save` in a script) keeps it."
                    .into(),
            ]),
            Command::Help => told(command::help(self.known.parts.first().map_or("z", String::as_str))),
            Command::Quit => {
                self.is_over = true;
                told(vec![self.summary()])
            }
        }
    }

    fn on_the_table(&self) -> Result<&Claim, DialogueError> {
        self.current.as_ref().ok_or_else(|| {
            DialogueError::Untestable("there is no claim on the table: say `next`, or `claim …`".into())
        })
    }

    /// Whether the claim on the table has been tested; `None` without one.
    fn is_tested(&self) -> Option<bool> {
        self.current.as_ref().map(|claim| self.place_of(claim).is_some())
    }

    fn place_of(&self, claim: &Claim) -> Option<usize> {
        let hash = self.setting.maker.hash();
        self.outcomes.iter().position(|outcome| outcome.claim == *claim && outcome.maker.1 == hash)
    }

    /// Puts the next claim of the agenda on the table.
    fn propose(&mut self) -> Vec<String> {
        while let Some(claim) = self.agenda.pop_front() {
            if self.place_of(&claim).is_none() {
                self.current = Some(claim);
                return self.state();
            }
        }
        self.current = None;
        vec!["I have nothing more to propose: say `claim …`, `another model` or `quit`.".to_owned()]
    }

    /// States the claim on the table, how it is measured, and what would decide it.
    fn state(&self) -> Vec<String> {
        let Some(claim) = &self.current else { return Vec::new() };
        vec![
            format!("I claim: {}. (`{}`)", claim.statement(), claim.sentence()),
            format!("Measure: `{}`, {}.", claim.measure(), claim.about_measure()),
            format!("Supported if the whole 95 % interval of {}.", within(&claim.supported_if())),
            format!("Refuted if it lies wholly on the other side: {}.", claim.refuted_if()),
        ]
    }

    fn list_measures(&self) -> Result<String, DialogueError> {
        let claim = self.on_the_table()?;
        let list: Vec<String> =
            claim.measures().iter().map(|(name, about)| format!("`{name}`: {about}")).collect();
        Ok(format!("Measures of this claim: {}. Now: `{}`.", list.join("; "), claim.measure()))
    }

    fn explain(&self) -> Result<Vec<String>, DialogueError> {
        let claim = self.on_the_table()?;
        let mut says = vec![claim.why().to_owned()];
        if let Some(outcome) = self.place_of(claim).map(|place| &self.outcomes[place]) {
            says.push(reasons(outcome, self.outcomes.len()));
        }
        Ok(says)
    }

    /// Tests the claim on the table unless it has been tested; gives the outcome's number.
    fn run(&mut self) -> Result<usize, DialogueError> {
        let claim = self.on_the_table()?.clone();
        if let Some(known) = self.place_of(&claim) {
            return Ok(known);
        }
        let finding = claim.test(&self.setting)?;
        let maker = (self.setting.maker.name().to_owned(), self.setting.maker.hash().to_owned());
        let (p_corrected, verdict) = (1.0, Verdict::Undecided);
        self.outcomes.push(Outcome { claim, maker, finding, p_corrected, verdict });
        let corrected = holm(&self.outcomes.iter().map(|outcome| outcome.finding.p()).collect::<Vec<_>>());
        for (outcome, p) in self.outcomes.iter_mut().zip(corrected) {
            outcome.p_corrected = p;
            outcome.verdict = outcome.finding.verdict(p);
        }
        Ok(self.outcomes.len() - 1)
    }

    /// Tests the claim on the table and tells of it after `says`.
    fn tested(&mut self, mut says: Vec<String>) -> Result<Answer, DialogueError> {
        let before: Vec<Verdict> = self.outcomes.iter().map(|outcome| outcome.verdict).collect();
        let known = self.is_tested() == Some(true);
        let place = self.run()?;
        if known {
            says.push("That has been tested; nothing new was drawn.".to_owned());
        }
        says.extend(tell(&self.outcomes[place], self.outcomes.len()));
        for (earlier, (was, outcome)) in before.iter().zip(&self.outcomes).enumerate() {
            if *was != outcome.verdict {
                says.push(format!(
                    "One claim more makes every p count for less: \"{}\" (number {}) was {was} and is {} now.",
                    outcome.claim.sentence(),
                    earlier + 1,
                    outcome.verdict
                ));
            }
        }
        Ok((says, Some(place)))
    }

    /// Tests by another measure and says whether the verdict stood.
    fn object(&mut self, measure: Option<String>) -> Result<Answer, DialogueError> {
        let before = self.on_the_table()?.clone();
        let other = match measure {
            Some(measure) => before.by(&measure, &self.setting)?,
            None => {
                let untried = before.measures().into_iter().find_map(|(name, _)| {
                    let other = before.by(name, &self.setting).ok()?;
                    self.place_of(&other).is_none().then_some(other).filter(|other| *other != before)
                });
                match untried {
                    Some(other) => other,
                    None => {
                        let said =
                            "Every measure that I have for this claim has been tried: `verdicts` shows them.";
                        return Ok((vec![said.to_owned()], None));
                    }
                }
            }
        };
        if self.is_tested() == Some(false) {
            // What is objected to has to have a verdict first.
            self.run()?;
        }
        self.current = Some(other);
        self.compared(&before)
    }

    /// Tests the claim on the table and sets the verdict beside that of `before`.
    fn compared(&mut self, before: &Claim) -> Result<Answer, DialogueError> {
        let claim = self.on_the_table()?;
        let says = vec![format!(
            "Then by `{}` ({}), on the same music, under a rule stated before looking: the whole 95 % interval of {}.",
            claim.measure(),
            claim.about_measure(),
            within(&claim.supported_if())
        )];
        let (mut says, place) = self.tested(says)?;
        let first = self.place_of(before).map(|place| &self.outcomes[place]);
        if let Some((first, now)) = first.zip(place.map(|place| &self.outcomes[place])) {
            let by = format!("by `{}` it is {}", before.measure(), first.verdict);
            says.push(match first.verdict == now.verdict {
                true => format!("The verdict stood: {by} as well."),
                false => format!("The verdict did not stand: {by}. It depends on what is measured."),
            });
        }
        Ok((says, place))
    }

    /// All verdicts, one line each.
    fn summary(&self) -> String {
        if self.outcomes.is_empty() {
            return "Nothing has been tested.".to_owned();
        }
        let line = |(place, outcome): (usize, &Outcome)| {
            format!(
                "{}. {} (`{}`, {}): {}, {} after correction",
                place + 1,
                outcome.claim.sentence(),
                outcome.claim.measure(),
                outcome.maker.0,
                outcome.verdict,
                p_text(outcome.p_corrected)
            )
        };
        self.outcomes.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }

    /// A script that repeats the experiments and holds the figures to what they were.
    pub fn script(&self) -> String {
        let Opening { model, real, phrases, training, count, seed } = &self.opening;
        let training = training.as_ref().map_or("()".to_owned(), |file| quoted(file));
        let mut script = format!(
            "// The claims of a conversation, tested again, and the figures that they had.\n\
             let talk = dialogue::open({}, #{{\n    seed: {seed}, count: {count},\n    real: {}, phrases: {phrases}, \
             training: {training},\n}});\n",
            quoted(model),
            quoted(real)
        );
        let mut maker = model.as_str();
        for outcome in &self.outcomes {
            if outcome.maker.0 != maker {
                maker = &outcome.maker.0;
                script += &format!("talk.another({});\n", quoted(maker));
            }
            script += &format!(
                "talk.test({}, #{{ measure: {} }});\n",
                quoted(&outcome.claim.sentence()),
                quoted(outcome.claim.measure())
            );
        }
        script += "let found = talk.table();\nprint(found);\n";
        let parts = self.outcomes.iter().flat_map(|o| o.finding.parts.iter().map(move |part| (o, part)));
        for (row, (outcome, part)) in parts.enumerate() {
            script += &format!(
                "assert_eq(found.column(\"verdict\")[{row}], {});\n\
                 assert_near(found.column(\"effect\")[{row}], {:?}, 1e-9);\n",
                quoted(outcome.verdict.name()),
                part.evidence.effect
            );
        }
        script
    }
}

/// What the system says, and the number of the outcome that it tells of.
type Answer = (Vec<String>, Option<usize>);

/// "x is above 1" as what an interval has to do.
fn within(rules: &str) -> String {
    rules.replace(" is above ", " lies above ").replace(" is below ", " lies below ")
}

/// An error message as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>());
    let end = if message.ends_with('?') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

/// A text as rhai writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// An outcome in words and figures.
fn tell(outcome: &Outcome, claims: usize) -> Vec<String> {
    let Outcome { claim, finding, verdict, p_corrected, .. } = outcome;
    let mut says = vec![format!("{}: {}.", capital(verdict.name()), claim.statement())];
    says.extend(finding.parts.iter().map(|part| format!("{part}.")));
    let of = if claims == 1 { "one claim".to_owned() } else { format!("{claims} claims (Holm)") };
    says.push(format!("{}, {} after correction for {of}.", p_text(finding.p()), p_text(*p_corrected)));
    if *verdict == Verdict::Undecided {
        says.push(reasons(outcome, claims));
    }
    says.extend(finding.remarks.iter().cloned());
    says
}

/// Why the verdict is what it is.
fn reasons(outcome: &Outcome, claims: usize) -> String {
    let Outcome { finding, verdict, p_corrected, .. } = outcome;
    let straddles: Vec<&str> =
        finding.parts.iter().filter(|part| part.side().is_none()).map(|part| part.what.as_str()).collect();
    match verdict {
        Verdict::Undecided if !straddles.is_empty() => {
            format!(
                "Undecided, as the interval of {} holds the bound, or there is none.",
                straddles.join(" and of ")
            )
        }
        Verdict::Undecided => format!(
            "Undecided, as {} after correction for {claims} claims is not below {}.",
            p_text(*p_corrected),
            number(super::LEVEL)
        ),
        Verdict::Supported => {
            "Supported, as every interval lies wholly on the side claimed and p is small.".to_owned()
        }
        Verdict::Refuted => {
            "Refuted, as an interval lies wholly on the other side and p is small.".to_owned()
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
