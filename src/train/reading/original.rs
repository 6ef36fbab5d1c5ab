//! Keys of MuseGAN's `config.yaml` and `params.yaml` that have other names here, and what they mean.
//!
//! Most keys of the original are keys of [`TrainConfig`](crate::train::TrainConfig) under the same
//! names. These are the rest: where the data are, and the networks, which the original describes by
//! the shape of a phrase and the names of two presets (Dong et al. 2018).

use std::path::PathBuf;

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use crate::base::suggestion;
use crate::model::CriticConfig;
use crate::model::config::Grid;
use crate::music::{Family, LOWEST_PITCH};
use crate::settings::{Document, Misfit, Step, from_value, names_of};

/// Keys that are only the original's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Original {
    data_source: Option<DataSource>,
    data_root: Option<PathBuf>,
    data_filename: Option<PathBuf>,
    data_shape: Option<[usize; 4]>,
    tracks: Option<Vec<String>>,
    track_names: Option<Vec<String>>,
    beat_resolution: Option<usize>,
    latent_dim: Option<usize>,
    is_conditional: Option<bool>,
    is_accompaniment: Option<bool>,
    condition_track_idx: Option<usize>,
    nets: Nets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DataSource {
    Sa,
    Npy,
    Npz,
    Filenames,
    Dir,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nets {
    generator: Option<String>,
    discriminator: Option<String>,
}

/// Names of the original's presets of the generator.
const GENERATORS: [&str; 4] = ["default", "accompaniment", "dbn", "sbn"];

/// Names of the keys.
pub fn names() -> Vec<&'static str> {
    names_of::<Original>()
}

/// Puts the keys of a document that are only the original's into ours.
///
/// # Errors
/// [`Misfit`] for what cannot be done, and for keys that say what one of ours says already.
pub fn translate(document: &mut Document) -> Result<(), Misfit> {
    let original: Original = from_value(&document.value())?;
    for name in names() {
        // Still in `original`; what is left in the document is ours.
        if document.has(&at(name)) && matches!(document.get(&at(name)), Some(Value::Null)) {
            document.take(&at(name));
        }
    }
    data(document, &original)?;
    networks(document, &original)?;
    lowest_pitch(document)?;
    if let Some(preset) = &original.nets.discriminator {
        critic(document, preset)?;
    }
    for name in names() {
        document.take(&at(name));
    }
    Ok(())
}

fn at(place: &str) -> Vec<Step> {
    place.split('.').map(Step::from).collect()
}

fn wrong<T>(place: &str, sentence: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit::said(at(place), sentence))
}

/// `data_source`, `data_root` and `data_filename`: the file of `data`.
fn data(document: &mut Document, original: &Original) -> Result<(), Misfit> {
    match original.data_source {
        Some(DataSource::Sa) => {
            return wrong(
                "data_source",
                "`data_source: sa` is the shared memory of another process: save that array as a file, and name \
                 it under `data_filename`, with `data_source: npy` or npz",
            );
        }
        Some(DataSource::Filenames | DataSource::Dir) => {
            return wrong(
                "data_source",
                "`data_source` must be npy or npz: all phrases are in one file here, which `data_filename` names",
            );
        }
        Some(DataSource::Npy | DataSource::Npz) | None => {}
    }
    let Some(name) = &original.data_filename else {
        return match (&original.data_root, original.data_source) {
            (Some(_), _) => wrong("data_root", "`data_root` needs `data_filename`: the file in it"),
            (_, Some(_)) if !document.has(&at("data")) => {
                wrong("data_source", "`data_source` needs `data_filename`: the file of phrases")
            }
            _ => Ok(()),
        };
    };
    let mut file = original.data_root.clone().unwrap_or_default().join(name);
    if file.extension().is_none() {
        match original.data_source {
            Some(DataSource::Npy) => file.set_extension("npy"),
            _ => file.set_extension("npz"),
        };
    }
    if document.has(&at("data")) {
        return wrong("data_filename", "`data_filename` and `data` say the same: keep one of them");
    }
    let file = file.to_string_lossy().into_owned();
    document.set(&at("data.file"), file.into(), &at("data_filename"))
}

/// Everything about the generator: `model`, and which tracks are given.
fn networks(document: &mut Document, original: &Original) -> Result<(), Misfit> {
    if original.is_conditional == Some(true) {
        return wrong(
            "is_conditional",
            "`is_conditional: true` (labels) is not supported, as in the original: set it to false; \
             `is_accompaniment` is what gives a track",
        );
    }
    let accompanies = original.is_accompaniment == Some(true);
    let generator = original.nets.generator.as_deref();
    let shapes = [
        ("data_shape", original.data_shape.is_some()),
        ("beat_resolution", original.beat_resolution.is_some()),
        ("latent_dim", original.latent_dim.is_some()),
        ("nets.generator", generator.is_some()),
        ("is_accompaniment", accompanies),
    ];
    if let Some(track) = original.condition_track_idx
        && !accompanies
    {
        return wrong(
            "condition_track_idx",
            format!("`condition_track_idx: {track}` needs `is_accompaniment: true`"),
        );
    }
    let Some((first, _)) = shapes.iter().find(|(_, is_given)| *is_given) else {
        let named = [("track_names", &original.track_names), ("tracks", &original.tracks)];
        return match named.iter().find(|(_, names)| names.is_some()) {
            Some((key, _)) => wrong(
                key,
                format!(
                    "`{key}` names the tracks of `data_shape`, which is missing: name those of `model` in `model.grid.tracks`"
                ),
            ),
            None => Ok(()),
        };
    };
    if document.has(&at("model")) {
        return wrong(first, format!("`{first}` and `model` both describe the networks: keep one of them"));
    }
    let [bars, steps, pitches, tracks] = original.data_shape.unwrap_or([4, 48, 84, 5]);
    if original.beat_resolution.is_some_and(|resolution| resolution * 4 != steps) {
        let resolution = original.beat_resolution.unwrap_or_default();
        return wrong(
            "beat_resolution",
            format!(
                "`beat_resolution: {resolution}` and the {steps} steps of `data_shape` disagree: a bar has four beats"
            ),
        );
    }
    let names = track_names(original, tracks)?;
    if !pitches.is_multiple_of(12) {
        return wrong(
            "data_shape",
            format!("`data_shape` has {pitches} pitches: networks need whole octaves, such as 84"),
        );
    }
    let mut grid = Mapping::new();
    grid.insert("tracks".into(), names.iter().map(|name| Value::from(name.as_str())).collect());
    for (key, value) in [("bars", bars), ("steps_per_bar", steps), ("planes", 1), ("octaves", pitches / 12)] {
        grid.insert(key.into(), value.into());
    }
    let shape = if original.data_shape.is_some() { "data_shape" } else { first };
    document.set(&at("model.grid"), grid.into(), &at(shape))?;
    let latent = original.latent_dim.unwrap_or(128);
    let from = if original.latent_dim.is_some() { "latent_dim" } else { first };
    let mut parts = Mapping::new();
    for (part, width) in [("z", latent), ("z_t", 0), ("z_i", 0), ("z_it", 0)] {
        parts.insert(part.into(), width.into());
    }
    document.set(&at("model.latent"), parts.into(), &at(from))?;
    preset(document, generator.unwrap_or("default"), accompanies)?;
    if accompanies {
        given(document, original.condition_track_idx, &names)?;
    }
    Ok(())
}

/// Names of the tracks of a phrase, of which there are `count`: those that the config has, or the usual
/// ones of five.
fn track_names(original: &Original, count: usize) -> Result<Vec<String>, Misfit> {
    let (place, names) = match (&original.track_names, &original.tracks) {
        (Some(_), Some(_)) => {
            return wrong("tracks", "`tracks` and `track_names` say the same: keep one of them");
        }
        (Some(names), None) => ("track_names", names),
        (None, Some(names)) => ("tracks", names),
        (None, None) if count == Family::ALL.len() => {
            return Ok(Family::ALL.map(|family| family.name().to_owned()).to_vec());
        }
        (None, None) => {
            let usual = Family::ALL.map(Family::name).join(", ");
            return wrong(
                "data_shape",
                format!(
                    "`data_shape` has {count} tracks and nothing names them (only five are {usual}): add \
                     `track_names` with {count} of the names that the data has"
                ),
            );
        }
    };
    match names.len() == count {
        true => Ok(names.clone()),
        false => wrong(
            place,
            format!(
                "`{place}` has {} names ({}), `data_shape` {count} tracks",
                names.len(),
                names.join(", ")
            ),
        ),
    }
}

/// The generator that a preset names.
fn preset(document: &mut Document, name: &str, accompanies: bool) -> Result<(), Misfit> {
    let place = "nets.generator";
    match (name, accompanies) {
        ("accompaniment", false) => {
            return wrong(place, "`nets.generator: accompaniment` needs `is_accompaniment: true`");
        }
        ("default" | "accompaniment", _) => {}
        ("dbn" | "sbn", _) => {
            let uses = document.get(&at("use_binary_neurons")) == Some(&Value::Bool(true));
            if !uses {
                return wrong(place, format!("`nets.generator: {name}` needs `use_binary_neurons: true`"));
            }
            let kind = if name == "dbn" { "deterministic" } else { "stochastic" };
            document.set(&at("binary_neurons"), kind.into(), &at(place))?;
        }
        ("bad_pitch_order" | "bad_temp_order", _) => {
            return wrong(
                place,
                format!(
                    "`nets.generator: {name}` was the original's example of a worse network and is not built: use default"
                ),
            );
        }
        _ => return wrong(place, unknown_preset(place, name, &GENERATORS)),
    }
    let written = at(if document.has(&at(place)) { place } else { "data_shape" });
    document.set(&at("model.convolutional"), Mapping::new().into(), &written)?;
    if accompanies {
        document.set(&at("model.convolutional.encoder"), Mapping::new().into(), &at("is_accompaniment"))?;
    }
    for (key, value) in [
        ("initialization", "{ kind: truncated_normal, std: 0.05 }"),
        ("n_dis_updates_warmup", "{ updates: 50, steps: 10 }"),
    ] {
        // What the original does without saying so in its configs.
        let value =
            serde_yaml::from_str(value).map_err(|error| Misfit::said(at(place), error.to_string()))?;
        if !document.has(&at(key)) {
            document.set(&at(key), value, &written)?;
        }
    }
    Ok(())
}

/// The critic that a preset names.
fn critic(document: &mut Document, name: &str) -> Result<(), Misfit> {
    let place = "nets.discriminator";
    let Some(grid) = document.get(&at("model.grid")) else { return Ok(()) };
    let grid: Grid = from_value(grid).map_err(|misfit| misfit.below(&at("model.grid")))?;
    let Some(critic) = CriticConfig::preset(name, &grid) else {
        return wrong(place, unknown_preset(place, name, &CriticConfig::PRESETS));
    };
    let critic = serde_yaml::to_value(critic).map_err(|error| Misfit::said(at(place), error.to_string()))?;
    document.set(&at("critic"), critic, &at(place))
}

fn unknown_preset(place: &str, name: &str, known: &[&str]) -> String {
    let hint = suggestion(name, known.iter().copied());
    format!("`{place}` must be one of {}, got `{name}`{hint}", known.join(", "))
}

/// The one track that is given in every phrase.
fn given(document: &mut Document, track: Option<usize>, names: &[String]) -> Result<(), Misfit> {
    let listed = || {
        let numbered = names.iter().enumerate().map(|(i, name)| format!("{i} {name}"));
        numbered.collect::<Vec<_>>().join(", ")
    };
    let Some(index) = track else {
        return wrong(
            "is_accompaniment",
            format!(
                "`is_accompaniment: true` needs `condition_track_idx`: the track that is given, of {}",
                listed()
            ),
        );
    };
    let Some(name) = names.get(index) else {
        return wrong(
            "condition_track_idx",
            format!("`condition_track_idx` must be one of {}, got {index}", listed()),
        );
    };
    document.set(&at("accompany.given"), vec![Value::from(name.as_str())].into(), &at("condition_track_idx"))
}

/// `midi.lowest_pitch` is a matter of the grid here.
fn lowest_pitch(document: &mut Document) -> Result<(), Misfit> {
    let written = at("midi.lowest_pitch");
    let place = at("model.grid.lowest_pitch");
    match document.take(&written) {
        Some(Value::Null) | None => {
            let derived = document.has(&at("model.grid")) && document.has(&at("data_shape"));
            match derived && !document.has(&place) {
                true => document.set(&place, LOWEST_PITCH.into(), &at("data_shape")),
                false => Ok(()),
            }
        }
        Some(value) => document.set(&place, value, &written),
    }
}
