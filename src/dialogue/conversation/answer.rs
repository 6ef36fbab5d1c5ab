//! What each command is answered with. Works with the conversation's claims and outcomes.

use super::Conversation;
use super::command::{self, Command};
use super::words::{reasons, summary, tell, within};
use crate::dialogue::DialogueError;
use crate::dialogue::claim::Claim;
use crate::dialogue::finding::Verdict;
use crate::dialogue::grammar;

/// What the system says, and the number of the outcome that it tells of.
pub(super) type Answer = (Vec<String>, Option<usize>);

impl Conversation {
    /// Does what a line asks for.
    ///
    /// # Errors
    /// That it cannot be done, which is no more than an answer, and [`DialogueError::Stopped`].
    pub(super) fn obey(&mut self, command: Command) -> Result<Answer, DialogueError> {
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
                let name = name.map_or_else(|| self.another(), Ok)?;
                self.change_maker(&name)?;
                let mut says = vec![format!("Now we talk about {}.", self.setting.describe())];
                says.extend(self.propose());
                told(says)
            }
            Command::Verdicts => told(vec![summary(&self.outcomes)]),
            Command::Script => told(vec![self.script()]),
            Command::Notebook => told(vec![
                "The notebook is everything that we say; `--notebook FILE` (or `save` in a script) keeps it."
                    .into(),
            ]),
            Command::Help => told(command::help(self.known.parts.first().map_or("z", String::as_str))),
            Command::Quit => {
                self.is_over = true;
                told(vec![summary(&self.outcomes)])
            }
        }
    }

    /// Name of the model after the one that is talked about; after the last comes the first.
    fn another(&self) -> Result<String, DialogueError> {
        let (names, now) = (self.makers.names(), self.setting.maker.name());
        let place = names.iter().position(|name| name == now).map_or(0, |place| place + 1);
        let mut after = names.iter().cycle().skip(place).take(names.len());
        after
            .find(|name| name.as_str() != now)
            .cloned()
            .ok_or_else(|| DialogueError::Untestable("there is no other model".into()))
    }

    /// Puts the next claim of the agenda on the table.
    pub(super) fn propose(&mut self) -> Vec<String> {
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
}
