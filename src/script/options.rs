//! Reading the map of options that comes last: `#{ seed: 7, threshold: 0.4 }`.
//!
//! Whole numbers are accepted where fractions are meant, values are checked against their range, and a
//! key that nobody asked for is refused with a suggestion.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use rhai::{Dynamic, EvalAltResult, FnPtr, Map, Position};

use crate::base::{Seed, suggestion};

/// What natives give back.
pub(super) type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// An error that says `message`; rhai fills in the place of the call.
pub(super) fn refuse(message: impl ToString) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(message.to_string().into(), Position::NONE))
}

/// The end of a script that somebody stopped; no `catch` can hold it.
pub(super) fn stopped() -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorTerminated("stopped".into(), Position::NONE))
}

/// A whole or fractional number as a float; `name` is what the message calls it.
///
/// # Errors
/// When `value` is no number.
pub(super) fn number(name: &str, value: &Dynamic) -> Fallible<f64> {
    let int = value.as_int().map(|n| n as f64);
    int.or_else(|_| value.as_float()).map_err(|kind| refuse(wrong(name, "a number", kind)))
}

/// One text or an array of texts.
///
/// # Errors
/// When `value` is neither.
pub(super) fn texts(name: &str, value: &Dynamic) -> Fallible<Vec<String>> {
    if let Ok(text) = value.clone().into_string() {
        return Ok(vec![text]);
    }
    let items = value.clone().into_typed_array::<String>();
    items.map_err(|_| refuse(wrong(name, "a string or an array of strings", value.type_name())))
}

/// A function's options on their way out of the map.
pub(super) struct Options {
    owner: String,
    given: Map,
    known: Vec<Cow<'static, str>>,
}

impl Options {
    /// The options given to the function that people call `owner`.
    pub fn new(owner: &'static str, given: Map) -> Self {
        Self { owner: owner.to_owned(), given, known: Vec::new() }
    }

    /// Options of a function that is written in rhai, which only needs its keys checked.
    pub fn of_script(owner: &str, given: Map, known: Vec<String>) -> Self {
        let unknown =
            |(key, _): &(_, _)| !known.iter().any(|name| name.as_str() == AsRef::<str>::as_ref(key));
        let given = given.into_iter().filter(unknown).collect();
        Self { owner: owner.to_owned(), given, known: known.into_iter().map(Cow::Owned).collect() }
    }

    /// The value under `key`, if there is one.
    pub fn value(&mut self, key: &'static str) -> Option<Dynamic> {
        self.known.push(key.into());
        self.given.remove(key)
    }

    /// A number within `range`.
    pub fn float(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Fallible<Option<f64>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number = number(key, &value)?;
        if range.contains(&number) {
            return Ok(Some(number));
        }
        Err(refuse(outside(key, number, *range.start(), *range.end())))
    }

    /// A whole number within `range`.
    pub fn int(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Fallible<Option<i64>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number = value.as_int().map_err(|kind| refuse(wrong(key, "a whole number", kind)))?;
        if range.contains(&number) {
            return Ok(Some(number));
        }
        Err(refuse(outside(key, number as f64, *range.start() as f64, *range.end() as f64)))
    }

    /// A count within `range`.
    pub fn count(&mut self, key: &'static str, range: RangeInclusive<usize>) -> Fallible<Option<usize>> {
        let bound = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let number = self.int(key, bound(*range.start())..=bound(*range.end()))?;
        Ok(number.and_then(|n| usize::try_from(n).ok()))
    }

    /// A seed: any whole number; negative ones count as the 64 bits that they are.
    pub fn seed(&mut self, key: &'static str) -> Fallible<Option<Seed>> {
        Ok(self.int(key, i64::MIN..=i64::MAX)?.map(|n| Seed(n.cast_unsigned())))
    }

    /// Yes or no.
    pub fn flag(&mut self, key: &'static str) -> Fallible<Option<bool>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        value.as_bool().map(Some).map_err(|kind| refuse(wrong(key, "true or false", kind)))
    }

    /// A function of the script.
    pub fn function(&mut self, key: &'static str) -> Fallible<Option<FnPtr>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let kind = value.type_name();
        value.try_cast::<FnPtr>().map(Some).ok_or_else(|| refuse(wrong(key, "a function", kind)))
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Fallible<Option<String>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        value.into_string().map(Some).map_err(|kind| refuse(wrong(key, "a string", kind)))
    }

    /// One text or several.
    pub fn texts(&mut self, key: &'static str) -> Fallible<Option<Vec<String>>> {
        self.value(key).map(|value| texts(key, &value)).transpose()
    }

    /// One of `choices`.
    pub fn choice<'a>(&mut self, key: &'static str, choices: &[&'a str]) -> Fallible<Option<&'a str>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if let Some(choice) = choices.iter().find(|choice| **choice == text) {
            return Ok(Some(choice));
        }
        let hint = suggestion(&text, choices.iter().copied());
        Err(refuse(format!("`{key}` has no choice `{text}`: there are {}{hint}", choices.join(", "))))
    }

    /// Refuses whatever was not asked for.
    ///
    /// # Errors
    /// Naming the first such key, the nearest right one, and all right ones.
    pub fn finish(self) -> Fallible<()> {
        let Some(key) = self.given.keys().next() else { return Ok(()) };
        let known: Vec<&str> = self.known.iter().map(AsRef::as_ref).collect();
        let hint = suggestion(key, known.iter().copied());
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Err(refuse(format!("no option `{key}`: `{}` has {known}{hint}", self.owner)))
    }
}

fn wrong(name: &str, expected: &str, got: &str) -> String {
    format!("`{name}` must be {expected}, got {}", super::types::plain_name(got))
}

fn outside(name: &str, got: f64, low: f64, high: f64) -> String {
    let shown = |bound: f64| bound.to_string();
    match (low.is_finite() && low > i64::MIN as f64, high.is_finite() && high < i64::MAX as f64) {
        (true, true) => format!("`{name}` must lie in {}..={}, got {got}", shown(low), shown(high)),
        (true, false) => format!("`{name}` must be at least {}, got {got}", shown(low)),
        _ => format!("`{name}` must be at most {}, got {got}", shown(high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(entries: &[(&str, Dynamic)]) -> Options {
        let map = entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect();
        Options::new("generate", map)
    }

    fn message<T>(result: Fallible<T>) -> String {
        match result {
            Ok(_) => "no error".into(),
            Err(error) => error.to_string().trim_start_matches("Runtime error: ").to_owned(),
        }
    }

    #[test]
    fn a_whole_number_serves_where_a_fraction_is_meant() {
        let mut options = options(&[("tempo", Dynamic::from(96_i64))]);
        assert_eq!(options.float("tempo", 1.0..=2000.0).unwrap(), Some(96.0));
        options.finish().unwrap();
    }

    #[test]
    fn a_fraction_is_not_taken_for_a_whole_number() {
        let mut options = options(&[("steps", Dynamic::from(2.5_f64))]);
        assert_eq!(message(options.int("steps", 1..=9)), "`steps` must be a whole number, got float");
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range() {
        let mut options = options(&[("threshold", Dynamic::from(1.7_f64)), ("count", Dynamic::from(0_i64))]);
        assert_eq!(message(options.float("threshold", 0.0..=1.0)), "`threshold` must lie in 0..=1, got 1.7");
        assert_eq!(message(options.count("count", 1..=usize::MAX)), "`count` must be at least 1, got 0");
    }

    #[test]
    fn a_leftover_key_is_refused_with_the_nearest_right_one() {
        let mut options = options(&[("sede", Dynamic::from(7_i64))]);
        options.seed("seed").unwrap();
        options.float("threshold", 0.0..=1.0).unwrap();
        assert_eq!(
            message(options.finish()),
            "no option `sede`: `generate` has seed, threshold; did you mean `seed`?"
        );
    }

    #[test]
    fn a_choice_is_one_of_the_list() {
        let mut options = options(&[("mode", Dynamic::from("slrep"))]);
        assert_eq!(
            message(options.choice("mode", &["lerp", "slerp"])),
            "`mode` has no choice `slrep`: there are lerp, slerp; did you mean `slerp`?"
        );
    }

    #[test]
    fn negative_seeds_keep_their_bits() {
        let mut options = options(&[("seed", Dynamic::from(-1_i64))]);
        assert_eq!(options.seed("seed").unwrap(), Some(Seed(u64::MAX)));
    }
}
