//! From evidence to a verdict, by rules that are stated before the experiment.
//!
//! A claim says on which side of a *bound* an effect lies, and the bound is the smallest effect that
//! would matter. It is *supported* when the whole 95 % interval lies on the side claimed, *refuted* when it
//! lies wholly on the other, and *undecided* otherwise; and only where p, corrected for all claims of the
//! conversation, is below 0.05. A claim of several parts is supported when each of them is (Berger 1982)
//! and refuted when any of them is, with p times the number of parts.

use std::fmt;

use super::evidence::Evidence;
use crate::statistics::Interval;
use crate::view::chart::Chart;

/// The chance of a wrong verdict in a conversation that is taken.
pub const LEVEL: f64 = 0.05;

/// What an experiment says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The figures bear the claim out.
    Supported,
    /// The figures speak against it.
    Refuted,
    /// The figures do not tell.
    Undecided,
}

impl Verdict {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// On which side of a bound a claim says that an effect lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Above it.
    Above(f64),
    /// Below it.
    Below(f64),
}

impl Rule {
    /// The bound.
    pub fn bound(self) -> f64 {
        match self {
            Self::Above(bound) | Self::Below(bound) => bound,
        }
    }

    fn holds(self, value: f64) -> bool {
        match self {
            Self::Above(bound) => value > bound,
            Self::Below(bound) => value < bound,
        }
    }

    /// Whether the whole interval lies on the side claimed, or wholly on the other; `None` when the bound
    /// lies in it.
    fn side(self, interval: Interval) -> Option<bool> {
        let ends = [interval.low, interval.high];
        let on_the_other = |end: &f64| !self.holds(*end) && *end != self.bound();
        if ends.iter().all(|end| self.holds(*end)) {
            Some(true)
        } else {
            ends.iter().all(on_the_other).then_some(false)
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let side = if matches!(self, Self::Above(_)) { "above" } else { "below" };
        write!(f, "{side} {}", number(self.bound()))
    }
}

/// One effect that a claim is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What the effect is, with its unit.
    pub what: String,
    /// What the claim says of it.
    pub rule: Rule,
    /// What was found.
    pub evidence: Evidence,
}

impl Part {
    /// What the interval says: `Some(true)` for the claim, `Some(false)` against it.
    pub fn side(&self) -> Option<bool> {
        self.rule.side(self.evidence.interval?)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Evidence { effect, interval, p, units } = self.evidence;
        write!(f, "{}: {}", self.what, number(effect))?;
        match interval {
            Some(Interval { low, high }) => write!(f, " (95 %: {} to {})", number(low), number(high))?,
            None => write!(f, " (no interval below five units)")?,
        }
        write!(f, ", claimed {}, {}, n = {units}", self.rule, p_text(p))
    }
}

/// What an experiment found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The effects that the claim is about.
    pub parts: Vec<Part>,
    /// What else was seen, one sentence each.
    pub remarks: Vec<String>,
    /// The picture.
    pub chart: Chart,
}

impl Finding {
    /// p of the side on which the effects lie, before the correction for several claims.
    pub fn p(&self) -> f64 {
        let p = |part: &Part| part.evidence.p;
        let against = self.parts.iter().filter(|part| !part.rule.holds(part.evidence.effect));
        match against.map(p).reduce(f64::min) {
            Some(least) => (least * self.parts.len() as f64).min(1.0),
            None => self.parts.iter().map(p).fold(0.0, f64::max),
        }
    }

    /// The verdict, with p as it is after the correction for several claims.
    pub fn verdict(&self, corrected: f64) -> Verdict {
        let sides: Vec<Option<bool>> = self.parts.iter().map(Part::side).collect();
        if corrected >= LEVEL || sides.is_empty() {
            Verdict::Undecided
        } else if sides.contains(&Some(false)) {
            Verdict::Refuted
        } else if sides.iter().all(|side| *side == Some(true)) {
            Verdict::Supported
        } else {
            Verdict::Undecided
        }
    }
}

/// Three digits that count, without an exponent.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    // No minus before nothing.
    match text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.')) {
        true => text.trim_start_matches('-').to_owned(),
        false => text,
    }
}

/// "p = 0.0123": four digits, as 5,000 rounds tell no more.
pub(super) fn p_text(p: f64) -> String {
    if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::chart::Plot;

    fn part(rule: Rule, effect: f64, half: f64, p: f64) -> Part {
        let interval = Some(Interval { low: effect - half, high: effect + half });
        Part { what: "x".into(), rule, evidence: Evidence { effect, interval, p, units: 9 } }
    }

    fn finding(parts: &[Part]) -> Finding {
        let chart = Chart::new("", "", "", Plot::Boxes { samples: Vec::new() });
        Finding { parts: parts.to_vec(), remarks: Vec::new(), chart }
    }

    fn verdict(parts: &[Part]) -> Verdict {
        let found = finding(parts);
        found.verdict(found.p())
    }

    #[test]
    fn a_verdict_needs_the_whole_interval_on_one_side_and_a_small_p() {
        assert_eq!(verdict(&[part(Rule::Above(1.0), 2.0, 0.5, 0.01)]), Verdict::Supported);
        assert_eq!(verdict(&[part(Rule::Above(1.0), 2.0, 1.5, 0.01)]), Verdict::Undecided);
        assert_eq!(verdict(&[part(Rule::Above(1.0), 2.0, 0.5, 0.06)]), Verdict::Undecided);
        assert_eq!(verdict(&[part(Rule::Below(1.0), 2.0, 0.5, 0.01)]), Verdict::Refuted);
        let unsure = Part {
            evidence: Evidence { interval: None, ..part(Rule::Above(0.0), 1.0, 0.0, 0.0).evidence },
            ..part(Rule::Above(0.0), 1.0, 0.0, 0.0)
        };
        assert_eq!(verdict(&[unsure]), Verdict::Undecided);
    }

    #[test]
    fn all_parts_support_a_claim_and_any_refutes_it() {
        let holds = part(Rule::Above(1.0), 2.0, 0.5, 0.01);
        let fails = part(Rule::Below(1.0), 2.0, 0.5, 0.02);
        let open = part(Rule::Above(1.0), 2.0, 5.0, 0.3);
        assert_eq!(verdict(&[holds.clone(), holds.clone()]), Verdict::Supported);
        assert_eq!(verdict(&[holds.clone(), fails.clone()]), Verdict::Refuted);
        assert_eq!(verdict(&[holds.clone(), open.clone()]), Verdict::Undecided);
        assert_eq!(finding(&[holds.clone(), open]).p(), 0.3);
        assert_eq!(finding(&[holds, fails]).p(), 0.04);
    }

    #[test]
    fn numbers_have_three_digits_that_count() {
        assert_eq!(
            [123.4, 12.34, -1.234, 0.1234, -0.0001].map(number),
            ["123", "12.3", "-1.23", "0.123", "0.000"]
        );
        assert_eq!(
            part(Rule::Above(0.5), 0.75, 0.125, 0.01).to_string(),
            "x: 0.750 (95 %: 0.625 to 0.875), claimed above 0.500, p = 0.0100, n = 9"
        );
    }
}
