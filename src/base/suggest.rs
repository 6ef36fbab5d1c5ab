//! "Did you mean …": the nearest of the names that would have been right.

/// The known name nearest to `word`, if one is near enough to be meant.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| {
            let lower = name.to_lowercase();
            let distance = if word.len() >= 3 && lower.starts_with(&word) {
                1
            } else {
                strsim::damerau_levenshtein(&word, &lower)
            };
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// What an error says of the known name nearest to `word`: "; did you mean `name`?", or nothing.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(word, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, suggestion};

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let tracks = ["drums", "piano", "guitar", "bass", "strings"];
        assert_eq!(did_you_mean("guitars", tracks), Some("guitar"));
        assert_eq!(did_you_mean("paino", tracks), Some("piano"));
        assert_eq!(did_you_mean("Bass", tracks), Some("bass"));
        assert_eq!(did_you_mean("trumpet", tracks), None);
        assert_eq!(did_you_mean("thresh", ["threshold", "seed"]), Some("threshold"));
    }

    #[test]
    fn an_error_goes_on_with_the_nearest_name_or_ends() {
        assert_eq!(suggestion("paino", ["drums", "piano"]), "; did you mean `piano`?");
        assert_eq!(suggestion("trumpet", ["drums", "piano"]), "");
    }
}
