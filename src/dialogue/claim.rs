//! A claim: what is said of whom, by which measure, what would refute it, and the experiment.

use std::sync::Arc;

use super::DialogueError;
use super::evidence::{Evidence, Sample};
use super::finding::{Finding, Part, Rule};
use super::setting::Setting;
use crate::base::{Seed, suggestion};
use crate::metrics::quality;
use crate::view::chart::Chart;

/// A kind of claim with what it is about.
pub trait Kind: std::fmt::Debug + Send + Sync {
    /// The sentence of the grammar that says it; equal claims have equal sentences.
    fn sentence(&self) -> String;

    /// What it says, for people, without a full stop.
    fn statement(&self) -> String;

    /// Names and meanings of the measures it can be tested by; the first unless another is asked for.
    fn measures(&self) -> Vec<(&'static str, &'static str)>;

    /// Whether any quality of music ("mix.notes", "denser") is a measure as well.
    fn takes_qualities(&self) -> bool {
        false
    }

    /// The effects that it is about, and on which side of which bound it says they lie. Fixed before any
    /// experiment.
    fn rules(&self, measure: &str) -> Vec<(String, Rule)>;

    /// Why it is tested in this way, with sources.
    fn why(&self) -> &'static str;

    /// The experiment: a sample for each rule, a picture, and what else was seen.
    ///
    /// # Errors
    /// [`DialogueError::Untestable`] when the setting lacks what it needs, and what the maker refuses.
    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError>;
}

/// What an experiment measured.
pub struct Trial {
    /// A sample for each rule of the claim.
    pub compared: Vec<Compared>,
    /// The picture.
    pub chart: Chart,
    /// What else was seen, a sentence each.
    pub remarks: Vec<String>,
}

/// Numbers whose mean an effect is.
pub enum Compared {
    /// The mean of one sample.
    One(Sample),
    /// The mean of the first less that of the second.
    Two(Sample, Sample),
}

/// What a person or the system says of the music, and how it is measured.
#[derive(Clone, Debug)]
pub struct Claim {
    kind: Arc<dyn Kind>,
    measure: String,
}

impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.sentence() == other.sentence() && self.measure == other.measure
    }
}

impl Claim {
    /// A claim with its first measure.
    pub fn new(kind: Arc<dyn Kind>) -> Self {
        let measure = kind.measures().first().map_or("", |(name, _)| name).to_owned();
        Self { kind, measure }
    }

    /// The same by another measure.
    ///
    /// # Errors
    /// [`DialogueError::Measure`] when it has no such measure.
    pub fn by(&self, measure: &str, setting: &Setting) -> Result<Self, DialogueError> {
        let known: Vec<&str> = self.kind.measures().into_iter().map(|(name, _)| name).collect();
        let is_quality =
            || self.kind.takes_qualities() && quality(&setting.real.set().phrases()[0], measure).is_ok();
        if known.contains(&measure) || is_quality() {
            return Ok(Self { kind: Arc::clone(&self.kind), measure: measure.to_owned() });
        }
        let hint = suggestion(measure, known.iter().copied());
        let more = if self.kind.takes_qualities() {
            ", and every quality of the music such as `mix.notes`"
        } else {
            ""
        };
        Err(DialogueError::Measure { name: measure.to_owned(), hint, known: known.join(", ") + more })
    }

    /// The sentence of the grammar that says it.
    pub fn sentence(&self) -> String {
        self.kind.sentence()
    }

    /// What it says, for people.
    pub fn statement(&self) -> String {
        self.kind.statement()
    }

    /// The measure it is tested by.
    pub fn measure(&self) -> &str {
        &self.measure
    }

    /// Names and meanings of the measures it can be tested by.
    pub fn measures(&self) -> Vec<(&'static str, &'static str)> {
        self.kind.measures()
    }

    /// What its measure means.
    pub fn about_measure(&self) -> String {
        let known = self.kind.measures().into_iter().find(|(name, _)| *name == self.measure);
        known.map_or_else(
            || format!("the quality `{}` of a phrase", self.measure),
            |(_, about)| about.to_owned(),
        )
    }

    /// Why it is tested in this way.
    pub fn why(&self) -> &'static str {
        self.kind.why()
    }

    /// What has to be found for it to be supported.
    pub fn supported_if(&self) -> String {
        let rules: Vec<String> =
            self.kind.rules(&self.measure).iter().map(|(what, rule)| format!("{what} is {rule}")).collect();
        rules.join(", and ")
    }

    /// What would refute it.
    pub fn refuted_if(&self) -> String {
        let other = |(what, rule): &(String, Rule)| match rule {
            Rule::Above(bound) => format!("{what} is {}", Rule::Below(*bound)),
            Rule::Below(bound) => format!("{what} is {}", Rule::Above(*bound)),
        };
        self.kind.rules(&self.measure).iter().map(other).collect::<Vec<_>>().join(", or ")
    }

    /// Runs the experiment. The same claim in the same setting draws the same music, whatever was tested
    /// before and by whichever measure.
    ///
    /// # Errors
    /// [`DialogueError::Untestable`] when the setting lacks what it needs, and what the maker refuses.
    pub fn test(&self, setting: &Setting) -> Result<Finding, DialogueError> {
        setting.check()?;
        let seed = setting.seed.child(&format!("dialogue/{}", self.sentence()), 0);
        let trial = self.kind.experiment(setting, &self.measure, seed)?;
        let judge = |(place, ((what, rule), compared)): (usize, ((String, Rule), Compared))| {
            let seed = seed.child("evidence", place as u64);
            let evidence: Evidence = match &compared {
                Compared::One(sample) => sample.against(rule.bound(), seed),
                Compared::Two(made, real) => made.less(real, rule.bound(), seed),
            };
            if evidence.units == 0 {
                let reason = format!("nothing can be measured by `{}` here", self.measure);
                return Err(DialogueError::Untestable(reason));
            }
            Ok(Part { what, rule, evidence })
        };
        let rules = self.kind.rules(&self.measure).into_iter().zip(trial.compared);
        let parts = rules.enumerate().map(judge).collect::<Result<_, _>>()?;
        setting.check()?;
        Ok(Finding { parts, remarks: trial.remarks, chart: trial.chart })
    }
}
