//! What was written where: the keys of one or more YAML texts as one map, each with its place.

use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use super::SettingsError;
use super::place::line_of;
use super::values::{Misfit, Step, dotted, key_name};

/// A text that keys come from.
#[derive(Clone, Debug)]
struct Source {
    path: PathBuf,
    text: String,
}

/// A key of the document that was written somewhere, perhaps under another name.
#[derive(Clone, Debug)]
struct Origin {
    place: Vec<Step>,
    source: usize,
    written: Vec<Step>,
}

/// The keys of a config as one map.
#[derive(Clone, Debug, Default)]
pub struct Document {
    root: Mapping,
    sources: Vec<Source>,
    origins: Vec<Origin>,
}

impl Document {
    /// A document of keys that are in no file.
    pub fn of_values(root: Mapping) -> Self {
        Self { root, ..Self::default() }
    }

    /// Adds the keys of a YAML text.
    ///
    /// # Errors
    /// [`SettingsError`] when it is not YAML, not a map, or repeats a key of an earlier text.
    pub fn add(&mut self, path: &Path, text: &str) -> Result<(), SettingsError> {
        let source = self.sources.len();
        self.sources.push(Source { path: path.to_owned(), text: text.to_owned() });
        let value: Value = serde_yaml::from_str(text).map_err(|error| {
            let line = error.location().map(|at| at.line());
            let message = error.to_string();
            let reason = message.split(" at line ").next().unwrap_or_default().to_owned();
            SettingsError { path: Some(path.to_owned()), line, reason }
        })?;
        let map = match value {
            Value::Mapping(map) => map,
            Value::Null => Mapping::new(),
            _ => {
                let reason = "a config is a map of keys, such as `steps: 1000`".into();
                return Err(SettingsError { path: Some(path.to_owned()), line: None, reason });
            }
        };
        for (key, value) in map {
            let place = vec![Step::Key(key_name(&key))];
            if self.has(&place) {
                let earlier = self.origin(&place).map(|origin| self.sources[origin.source].path.clone());
                let reason = format!(
                    "`{}` is already set in `{}`: keep one of them",
                    dotted(&place),
                    earlier.unwrap_or_default().display()
                );
                let line = line_of(text, &place);
                return Err(SettingsError { path: Some(path.to_owned()), line, reason });
            }
            self.origins.push(Origin { place: place.clone(), source, written: place });
            self.root.insert(key, value);
        }
        Ok(())
    }

    /// All keys as one value.
    pub fn value(&self) -> Value {
        Value::Mapping(self.root.clone())
    }

    /// Names of the outermost keys.
    pub fn names(&self) -> Vec<String> {
        self.root.keys().map(key_name).collect()
    }

    /// The value at a place.
    pub fn get(&self, place: &[Step]) -> Option<&Value> {
        let (first, rest) = place.split_first()?;
        let Step::Key(first) = first else { return None };
        rest.iter().try_fold(self.root.get(first.as_str())?, |value, step| match step {
            Step::Key(key) => value.get(key.as_str()),
            Step::Index(index) => value.get(*index),
        })
    }

    /// Whether something stands at a place.
    pub fn has(&self, place: &[Step]) -> bool {
        self.get(place).is_some()
    }

    /// Takes the value out of a place, map by map.
    pub fn take(&mut self, place: &[Step]) -> Option<Value> {
        let (Step::Key(last), parents) = place.split_last()? else { return None };
        let mut map = &mut self.root;
        for step in parents {
            let Step::Key(key) = step else { return None };
            map = map.get_mut(key.as_str())?.as_mapping_mut()?;
        }
        map.remove(last.as_str())
    }

    /// Sets what `written`, a key of the original, means here.
    ///
    /// # Errors
    /// [`Misfit`] naming both keys when the place is taken.
    pub fn set(&mut self, place: &[Step], value: Value, written: &[Step]) -> Result<(), Misfit> {
        if self.has(place) {
            let (own, original) = (dotted(place), dotted(written));
            let sentence = format!("`{original}` and `{own}` say the same: keep one of them");
            return Err(Misfit::said(written.to_vec(), sentence));
        }
        let source = self.origin(&written[..1]).map(|origin| origin.source);
        if let Some(source) = source {
            self.origins.push(Origin { place: place.to_vec(), source, written: written.to_vec() });
        }
        let Some((Step::Key(last), parents)) = place.split_last() else { return Ok(()) };
        let mut map = &mut self.root;
        for (depth, step) in parents.iter().enumerate() {
            let Step::Key(key) = step else { return Ok(()) };
            let inner = map.entry(key.as_str().into()).or_insert_with(|| Value::Mapping(Mapping::new()));
            let Value::Mapping(inner) = inner else {
                let sentence = format!("`{}` must be a map of keys", dotted(&place[..=depth]));
                return Err(Misfit::said(place[..=depth].to_vec(), sentence));
            };
            map = inner;
        }
        map.insert(last.as_str().into(), value);
        Ok(())
    }

    /// The nearest enclosing key of a place that was written somewhere.
    fn origin(&self, place: &[Step]) -> Option<&Origin> {
        let enclosing = self.origins.iter().filter(|origin| place.starts_with(&origin.place));
        enclosing.max_by_key(|origin| origin.place.len())
    }

    /// The error that tells of a misfit, with file and line where they are known.
    pub fn error(&self, misfit: &Misfit) -> SettingsError {
        let reason = misfit.to_string();
        let Some(origin) = self.origin(&misfit.path) else {
            let path = self.sources.first().map(|source| source.path.clone());
            return SettingsError { path, line: None, reason };
        };
        let source = &self.sources[origin.source];
        let mut written = origin.written.clone();
        let reason = if origin.written == origin.place {
            written.extend_from_slice(&misfit.path[origin.place.len()..]);
            reason
        } else if reason.contains(&format!("`{}`", dotted(&written))) {
            reason
        } else {
            format!("{reason} (from `{}`)", dotted(&written))
        };
        let lines = (1..=written.len()).rev().map(|length| line_of(&source.text, &written[..length]));
        SettingsError { path: Some(source.path.clone()), line: lines.flatten().next(), reason }
    }

    /// The error for a reason that names keys in backquotes; the first of them that can be found gives
    /// the line.
    pub fn error_naming(&self, reason: String) -> SettingsError {
        let quoted = reason.split('`').skip(1).step_by(2);
        let names = quoted.filter_map(|text| text.split([':', ' ']).next());
        let place = names.filter(|name| !name.is_empty()).find_map(|name| {
            let wanted: Vec<Step> = name.split('.').map(Step::from).collect();
            ending(&self.root, &wanted, &mut Vec::new())
        });
        self.error(&Misfit::said(place.unwrap_or_default(), reason))
    }
}

/// The first place in a map that ends in `wanted`: checks name keys by as much as tells them apart.
fn ending(map: &Mapping, wanted: &[Step], above: &mut Vec<Step>) -> Option<Vec<Step>> {
    for (key, value) in map {
        above.push(Step::Key(key_name(key)));
        let found = match above.ends_with(wanted) {
            true => Some(above.clone()),
            false => value.as_mapping().and_then(|inner| ending(inner, wanted, above)),
        };
        if found.is_some() {
            return found;
        }
        above.pop();
    }
    None
}
