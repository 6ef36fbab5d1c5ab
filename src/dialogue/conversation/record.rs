//! What was found, to take home: as a table, and as a script that finds it again.

use super::Conversation;
use crate::base::script_text;
use crate::dialogue::Opening;
use crate::experiment::{Cell, Table};

impl Conversation {
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
                    ("n", Cell::from(evidence.units as i64)),
                ]);
            }
        }
        table
    }

    /// A script that repeats the experiments and holds the figures to what they were.
    pub fn script(&self) -> String {
        let Opening { model, real, phrases, training, count, seed } = &self.opening;
        let training = training.as_ref().map_or("()".to_owned(), |file| script_text(file));
        let mut script = format!(
            "// The claims of a conversation, tested again, and the figures that they had.\n\
             let talk = dialogue::open({}, #{{\n    seed: {seed}, count: {count},\n    real: {}, phrases: {phrases}, \
             training: {training},\n}});\n",
            script_text(model),
            script_text(real)
        );
        let mut maker = model.as_str();
        for outcome in &self.outcomes {
            if outcome.maker.0 != maker {
                maker = &outcome.maker.0;
                script += &format!("talk.another({});\n", script_text(maker));
            }
            script += &format!(
                "talk.test({}, #{{ measure: {} }});\n",
                script_text(&outcome.claim.sentence()),
                script_text(outcome.claim.measure())
            );
        }
        script += "let found = talk.table();\nprint(found);\n";
        let parts = self.outcomes.iter().flat_map(|o| o.finding.parts.iter().map(move |part| (o, part)));
        for (row, (outcome, part)) in parts.enumerate() {
            script += &format!(
                "assert_eq(found.column(\"verdict\")[{row}], {});\n\
                 assert_near(found.column(\"effect\")[{row}], {:?}, 1e-9);\n",
                script_text(outcome.verdict.name()),
                part.evidence.effect
            );
        }
        script
    }
}
