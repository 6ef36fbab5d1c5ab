//! A config with every key, each explained: set ones as they are, the others as comments.

use std::fmt::Write as _;

use serde_yaml::Value;

use super::keys::{TITLES, doc};
use crate::settings::{Key, Kind, keys_of};
use crate::train::{TrainConfig, TrainError};

/// A config as YAML with a comment for every key and `note` on top. Keys that the config leaves out
/// stand there as comments, with an example.
///
/// # Errors
/// [`TrainError::Encode`] when it cannot be written as YAML.
pub fn documented(config: &TrainConfig, note: &str) -> Result<String, TrainError> {
    let values = serde_yaml::to_value(config).map_err(|error| TrainError::Encode(error.to_string()))?;
    let mut text = String::new();
    for line in note.lines() {
        let _ = writeln!(text, "# {line}");
    }
    for key in keys_of::<TrainConfig>() {
        if let Some((_, title)) = TITLES.iter().find(|(first, _)| *first == key.name) {
            let _ = write!(text, "\n# --- {title} ---\n");
        }
        entry(&mut text, &key, values.get(key.name), key.name, 0)?;
    }
    Ok(text.trim_start().to_owned())
}

/// Column at which the explanation of a short line stands.
const ABOUT: usize = 40;

/// A key, and what is below it; without a value as a comment.
fn entry(
    text: &mut String,
    key: &Key,
    value: Option<&Value>,
    place: &str,
    depth: usize,
) -> Result<(), TrainError> {
    let value = value.filter(|value| !value.is_null());
    let (about, example) = doc(place);
    let off = if value.is_none() { "#" } else { "" };
    let indent = "  ".repeat(depth);
    let shown = match (&key.kind, value) {
        (Kind::Keys(_), _) => String::new(),
        (_, Some(value)) => format!(" {}", flow(value)?),
        (_, None) => format!(" {example}"),
    };
    let line = format!("{off}{indent}{}:{shown}", key.name);
    let _ = match line.chars().count() < ABOUT {
        true => writeln!(text, "{line:ABOUT$}# {about}"),
        false => writeln!(text, "{off}{indent}# {about}\n{line}"),
    };
    if let Kind::Keys(keys) = &key.kind {
        for inner in keys {
            entry(
                text,
                inner,
                value.and_then(|value| value.get(inner.name)),
                &format!("{place}.{}", inner.name),
                depth + 1,
            )?;
        }
    }
    Ok(())
}

/// A value on one line.
fn flow(value: &Value) -> Result<String, TrainError> {
    match value {
        Value::Sequence(items) => {
            Ok(format!("[{}]", items.iter().map(flow).collect::<Result<Vec<_>, _>>()?.join(", ")))
        }
        plain => {
            let text = serde_yaml::to_string(plain).map_err(|error| TrainError::Encode(error.to_string()))?;
            Ok(text.trim().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::starting::{config_keys, starting_config, starting_names};

    #[test]
    fn a_documented_config_has_every_key_and_reads_as_the_same() {
        for name in starting_names() {
            let config = starting_config(name).unwrap();
            let text = documented(&config, "two\nlines").unwrap();
            assert!(text.starts_with("# two\n# lines\n"), "{text}");
            assert_eq!(TrainConfig::from_yaml(&text).unwrap(), config, "{text}");
            for key in config_keys() {
                let last = key.name.rsplit('.').next().unwrap_or_default();
                assert!(text.contains(&format!("{last}:")), "{} is missing", key.name);
            }
        }
    }

    #[test]
    fn what_is_left_out_works_when_its_comment_sign_is_taken_away() {
        let text = documented(&starting_config("hybrid").unwrap(), "").unwrap();
        for (from, to) in [
            ("#warm_start:", "warm_start:"),
            ("#slope_annealing_rate:", "slope_annealing_rate:"),
            ("#colormap:", "colormap:"),
            ("#  std:", "  std:"),
            ("#  programs:", "  programs:"),
        ] {
            assert!(text.contains(from), "{text}");
            let changed = text.replace(from, to).replace("kind: scaled_normal", "kind: truncated_normal");
            TrainConfig::from_yaml(&changed).unwrap_or_else(|error| panic!("{error}\n{changed}"));
        }
    }
}
