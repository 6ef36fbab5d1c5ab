//! The conversation: lines in, turns out.

mod agenda;
mod answer;
mod command;
mod record;
mod words;

use std::collections::VecDeque;
use std::sync::Arc;

use command::Command;
use words::sentence;

use super::DialogueError;
use super::claim::Claim;
use super::finding::{Finding, Verdict};
use super::grammar::{self, Vocabulary};
use super::maker::Makers;
use super::opening::Opening;
use super::setting::Setting;
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
        command::complete(line, &self.known, &measures, &self.makers.names())
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
}
