//! Configs from files and from scripts: one file, or MuseGAN's pair of `config.yaml` and `params.yaml`,
//! with errors that name file, line and the nearest right key.

mod original;

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::{TrainConfig, TrainError};
use crate::settings::{self, Document, Misfit, Step, from_value, names_of};

/// What a folder's config is called.
pub const FILE: &str = "config.yaml";
/// The original's second file, beside the first.
const PARAMS: &str = "params.yaml";

/// Reads the config at `path`, a file or a folder with a `config.yaml`; paths in it are taken relative
/// to its folder.
///
/// # Errors
/// [`TrainError::Config`] naming file and line, [`TrainError::File`] when it cannot be read.
pub fn read(path: &Path) -> Result<TrainConfig, TrainError> {
    let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut document = Document::default();
    document.add(&path, &settings::read_text(&path)?)?;
    let params = folder.join(PARAMS);
    let is_half = path.file_name().is_some_and(|name| name == FILE) && !document.has(&[Step::from("model")]);
    if is_half && params.is_file() {
        document.add(&params, &settings::read_text(&params)?)?;
    }
    let mut config = settle(document, &default_name(&path))?;
    config.place_in(folder);
    Ok(config)
}

/// Reads a config from YAML text; paths in it stay as they are.
///
/// # Errors
/// [`TrainError::Config`] naming the line.
pub fn read_text(text: &str) -> Result<TrainConfig, TrainError> {
    let mut document = Document::default();
    document.add(Path::new(""), text)?;
    settle(document, "model")
}

/// Reads a config from keys that are in no file; paths in it stay as they are.
///
/// # Errors
/// [`TrainError::Config`] naming the key.
pub fn read_keys(root: Mapping) -> Result<TrainConfig, TrainError> {
    settle(Document::of_values(root), "model")
}

/// A run is called after its config, or after the folder of a `config.yaml`.
fn default_name(path: &Path) -> String {
    let folder =
        || std::path::absolute(path).ok().and_then(|path| Some(path.parent()?.file_name()?.to_owned()));
    let named = match path.file_name() {
        Some(name) if name == FILE => folder(),
        _ => path.file_stem().map(Into::into),
    };
    let plain = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' };
    let name: String = named.unwrap_or_default().to_string_lossy().chars().map(plain).collect();
    if name.is_empty() { "model".into() } else { name }
}

fn settle(mut document: Document, name: &str) -> Result<TrainConfig, TrainError> {
    known(&document)?;
    original::translate(&mut document).map_err(|misfit| document.error(&misfit))?;
    let mut value = document.value();
    if let Value::Mapping(map) = &mut value
        && !map.contains_key("name")
    {
        map.insert("name".into(), name.into());
    }
    let config: TrainConfig = from_value(&value).map_err(|misfit| document.error(&misfit))?;
    config.check().map_err(|reason| document.error_naming(reason))?;
    Ok(config)
}

/// Refuses outermost keys that neither we nor the original have.
fn known(document: &Document) -> Result<(), TrainError> {
    let mut known = names_of::<TrainConfig>();
    known.extend(original::names());
    let unknown = document.names().into_iter().find(|name| !known.contains(&name.as_str()));
    match unknown {
        Some(name) => Err(document.error(&Misfit::unknown(vec![Step::Key(name)], &known)).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
