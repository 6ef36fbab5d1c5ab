//! Verdicts and figures in words.

use super::Outcome;
use crate::dialogue::LEVEL;
use crate::dialogue::finding::{Verdict, number, p_text};

/// An outcome in words and figures.
pub(super) fn tell(outcome: &Outcome, claims: usize) -> Vec<String> {
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
pub(super) fn reasons(outcome: &Outcome, claims: usize) -> String {
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
            number(LEVEL)
        ),
        Verdict::Supported => {
            "Supported, as every interval lies wholly on the side claimed and p is small.".to_owned()
        }
        Verdict::Refuted => {
            "Refuted, as an interval lies wholly on the other side and p is small.".to_owned()
        }
    }
}

/// All verdicts, one line each.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    if outcomes.is_empty() {
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
    outcomes.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// "x is above 1" as what an interval has to do.
pub(super) fn within(rules: &str) -> String {
    rules.replace(" is above ", " lies above ").replace(" is below ", " lies below ")
}

/// An error message as a sentence.
pub(super) fn sentence(message: &str) -> String {
    let end = if message.ends_with('?') { "" } else { "." };
    capital(message) + end
}

/// A text with its first letter in upper case.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_as_a_sentence() {
        assert_eq!(sentence("no claim goes on with `x`"), "No claim goes on with `x`.");
        assert_eq!(sentence("no part `z_x`; did you mean `z_t`?"), "No part `z_x`; did you mean `z_t`?");
        assert_eq!(sentence("über"), "Über.");
    }

    #[test]
    fn rules_become_what_an_interval_has_to_do() {
        assert_eq!(
            within("the ratio is above 1, and x is below 2"),
            "the ratio lies above 1, and x lies below 2"
        );
    }
}
