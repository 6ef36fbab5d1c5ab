//! Which values a widget takes.

use serde_json::Value;

use super::{Kind, PageError};
use crate::base::suggestion;

/// Bytes of a text that somebody writes into a field.
const TEXT_BYTES: usize = 1 << 20;

impl Kind {
    /// What it has been set to, for the kinds that visitors set.
    pub fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Slider { value, .. } | Self::Number { value, .. } => (*value).into(),
            Self::Menu { value, .. } | Self::Text { value, .. } => value.clone().into(),
            Self::CheckBox { value } => (*value).into(),
            Self::Pad { value, .. } => value.to_vec().into(),
            Self::Drawer { open } => (*open).into(),
            _ => return None,
        })
    }

    /// The same with another value: a slider's is moved to the nearest that it has.
    ///
    /// # Errors
    /// What the widget called `label` takes instead.
    pub fn with_value(&self, label: &str, given: &Value) -> Result<Self, PageError> {
        let wrong =
            |expected: String| PageError::Value { label: label.to_owned(), expected, got: shortened(given) };
        let mut kind = self.clone();
        match &mut kind {
            Self::Slider { min, max, step, value, .. } => {
                let number = given.as_f64().filter(|n| n.is_finite());
                let number = number.ok_or_else(|| wrong(format!("a number from {min} to {max}")))?;
                *value = on_step(number, *min, *max, *step);
            }
            Self::Number { min, max, value, whole, .. } => {
                let (low, high) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
                let fits =
                    |n: &f64| n.is_finite() && (low..=high).contains(n) && !(*whole && n.fract() != 0.0);
                let number = given.as_f64().filter(fits);
                *value = number.ok_or_else(|| wrong(expected_number(*min, *max, *whole)))?;
            }
            Self::Menu { items, value } => {
                let text = given.as_str().ok_or_else(|| wrong("one of its texts".into()))?;
                if !items.iter().any(|item| item == text) {
                    return Err(no_choice(label, text, items));
                }
                *value = text.to_owned();
            }
            Self::CheckBox { value } | Self::Drawer { open: value } => {
                *value = given.as_bool().ok_or_else(|| wrong("true or false".into()))?;
            }
            Self::Text { value, .. } => {
                let text = given.as_str().filter(|text| text.len() <= TEXT_BYTES);
                *value = text.ok_or_else(|| wrong("a text of at most a mebibyte".into()))?.to_owned();
            }
            Self::Pad { value, .. } => {
                let point = given.as_array().and_then(|point| match point.as_slice() {
                    [x, y] => x.as_f64().zip(y.as_f64()),
                    _ => None,
                });
                let inside = |(x, y): &(f64, f64)| (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y);
                let (x, y) = point.filter(inside).ok_or_else(|| wrong("two numbers from 0 to 1".into()))?;
                *value = [x, y];
            }
            other => return Err(PageError::NotThisKind { label: label.to_owned(), kind: other.name() }),
        }
        Ok(kind)
    }
}

/// The value of a slider that is nearest to `number`.
fn on_step(number: f64, min: f64, max: f64, step: f64) -> f64 {
    // Both ends can be reached, wherever the last step falls.
    if number >= max {
        return max;
    }
    let steps = ((number.max(min) - min) / step).round();
    // Without the noise of `0.1 * 3`.
    let value = ((min + steps * step) * 1e9).round() / 1e9;
    value.clamp(min, max)
}

fn expected_number(min: Option<f64>, max: Option<f64>, whole: bool) -> String {
    let what = if whole { "a whole number" } else { "a number" };
    match (min, max) {
        (Some(min), Some(max)) => format!("{what} from {min} to {max}"),
        (Some(min), None) => format!("{what} from {min} on"),
        (None, Some(max)) => format!("{what} up to {max}"),
        (None, None) => what.to_owned(),
    }
}

fn no_choice(label: &str, got: &str, items: &[String]) -> PageError {
    const LISTED: usize = 8;
    let hint = suggestion(got, items.iter().map(String::as_str));
    let mut known = items.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > LISTED {
        known.push_str(", …");
    }
    PageError::Choice { label: label.to_owned(), got: got.chars().take(80).collect(), known, hint }
}

fn shortened(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn slider(min: f64, max: f64, step: f64) -> Kind {
        Kind::Slider { min, max, step, value: min, unit: String::new(), whole: false }
    }

    fn set(kind: &Kind, value: &Value) -> Result<Value, String> {
        let kind = kind.with_value("it", value).map_err(|error| error.to_string())?;
        Ok(kind.value().unwrap())
    }

    #[test]
    fn a_slider_keeps_to_its_steps_and_ends() {
        let slider = slider(0.0, 1.0, 0.3);
        for (given, kept) in [(-5.0, 0.0), (0.1, 0.0), (0.2, 0.3), (0.59, 0.6), (1.0, 1.0), (7.0, 1.0)] {
            assert_eq!(set(&slider, &json!(given)), Ok(json!(kept)), "{given}");
        }
        assert_eq!(set(&slider, &json!("x")).unwrap_err(), "`it` takes a number from 0 to 1, got \"x\"");
    }

    #[test]
    fn a_number_keeps_to_its_bounds() {
        let number = Kind::Number { min: Some(1.0), max: None, step: 1.0, value: 3.0, whole: true };
        assert_eq!(set(&number, &json!(7)), Ok(json!(7.0)));
        for wrong in [json!(0), json!(1.5), json!(null)] {
            assert!(set(&number, &wrong).unwrap_err().contains("a whole number from 1 on"), "{wrong}");
        }
    }

    #[test]
    fn a_menu_suggests_what_it_has() {
        let menu = Kind::Menu { items: vec!["piano".into(), "guitar".into()], value: "piano".into() };
        assert_eq!(set(&menu, &json!("guitar")), Ok(json!("guitar")));
        let message = set(&menu, &json!("guitra")).unwrap_err();
        assert_eq!(message, "`it` has no `guitra`: there are piano, guitar; did you mean `guitar`?");
    }

    #[test]
    fn a_pad_is_a_square() {
        let pad = Kind::Pad { corners: Default::default(), value: [0.0; 2] };
        assert_eq!(set(&pad, &json!([0.25, 1])), Ok(json!([0.25, 1.0])));
        for wrong in [json!([0.5]), json!([0.5, 1.5]), json!([0, 0, 0]), json!("x")] {
            set(&pad, &wrong).unwrap_err();
        }
    }

    #[test]
    fn what_has_no_value_cannot_be_set() {
        assert_eq!(set(&Kind::Row, &json!(1)).unwrap_err(), "`it` is a row and cannot do that");
    }
}
