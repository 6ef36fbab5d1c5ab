//! `config::`: what a training run does, as a map that scripts change.

use rhai::plugin::*;
use rhai::{Array, Map};
use serde_yaml::{Mapping, Value};

use super::lift;
use crate::experiment::{Cell, Table};
use crate::script::Context;
use crate::script::options::{Fallible, refuse};
use crate::train::TrainConfig;
use crate::train::starting::{config_keys, documented, starting_config};

/// Configs of training runs.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod configs {
    /// A config from a YAML file (or the `config.yaml` of a folder, with MuseGAN's `params.yaml` beside
    /// it) as a map with every key that counts, to be changed and given to `train::run`. Paths in it
    /// are taken from the file's folder.
    ///
    /// ```rhai
    /// let cfg = config::read("scripts/tiny.yaml");
    /// cfg.batch_size = 8;
    /// assert_eq(cfg.model.grid.bars, 4);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read(context: NativeCallContext, path: &str) -> Fallible<Map> {
        to_map(&lift(TrainConfig::read(&Context::of(&context).input_path(path).map_err(refuse)?))?)
    }

    /// The config that `ricercar new` writes: the hybrid, on phrases of one's own in `phrases.npz`.
    ///
    /// ```rhai
    /// let cfg = config::defaults();
    /// cfg.data.file = "examples/data/tour_256.npz";
    /// cfg.steps = 100;
    /// assert_eq(config::check(cfg).steps, 100);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn defaults() -> Fallible<Map> {
        named("hybrid")
    }

    /// The config of a model that ships, on phrases of one's own in `phrases.npz`: hybrid, jamming,
    /// composer, convolutional, convolutional_published, accompany, binary or tiny.
    ///
    /// ```rhai
    /// let cfg = config::named("jamming");
    /// assert_eq(cfg.model.latent.z, 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn named(name: &str) -> Fallible<Map> {
        to_map(&lift(starting_config(name))?)
    }

    /// A config with whatever it leaves out filled in. Keys that do not exist, values of a wrong kind and
    /// what cannot be together are errors.
    ///
    /// ```rhai
    /// let cfg = config::named("tiny");
    /// cfg.remove("seed");
    /// assert_eq(config::check(cfg).seed, 0);
    /// cfg.batch_sise = 8;
    /// try { config::check(cfg); } catch (error) { print(error); }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn check(config: Map) -> Fallible<Map> {
        to_map(&to_config(config)?)
    }

    /// The config as YAML, every key with its explanation.
    ///
    /// ```rhai
    /// let text = config::to_yaml(config::named("composer"));
    /// assert(text.contains("batch_size: 16"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn to_yaml(config: Map) -> Fallible<String> {
        lift(documented(&to_config(config)?, ""))
    }

    /// Writes the config as YAML, every key with its explanation, for `ricercar train`. Paths in it are
    /// written in full.
    ///
    /// ```rhai
    /// let cfg = config::named("tiny");
    /// cfg.steps = 50;
    /// config::save(cfg, "quick.yaml");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn save(context: NativeCallContext, config: Map, path: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let mut config = to_config(config)?;
        config.place_in(&lift(std::path::absolute("."))?);
        let text = lift(documented(&config, ""))?;
        let path = settings.output_path(path).map_err(refuse)?;
        lift(crate::base::write_atomically(&path, text.as_bytes()))?;
        settings.note(&format!("wrote {}", path.display()));
        Ok(())
    }

    /// Every key that a config can have: a table of `key`, what it `takes`, and what it is `for`.
    ///
    /// ```rhai
    /// print(config::keys());
    /// ```
    pub fn keys() -> Table {
        let mut table = Table::new();
        for key in config_keys() {
            table.add([
                ("key", Cell::from(key.name)),
                ("takes", Cell::from(key.takes)),
                ("for", Cell::from(key.about.to_owned())),
            ]);
        }
        table
    }
}

/// The config that a map describes.
pub(super) fn to_config(map: Map) -> Fallible<TrainConfig> {
    let entries = map.into_iter().map(|(key, value)| Ok((key.to_string().into(), to_value(&key, value)?)));
    lift(TrainConfig::from_keys(entries.collect::<Fallible<Mapping>>()?))
}

fn to_map(config: &TrainConfig) -> Fallible<Map> {
    let value = serde_yaml::to_value(config).map_err(refuse)?;
    from_value(&value).try_cast::<Map>().ok_or_else(|| refuse("a config is a map of keys"))
}

pub(super) fn from_value(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(value) => Dynamic::from(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Dynamic::from(whole),
            None => Dynamic::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => text.clone().into(),
        Value::Sequence(items) => Dynamic::from_array(items.iter().map(from_value).collect::<Array>()),
        Value::Mapping(map) => {
            let entry = |(key, value): (&Value, &Value)| Some((key.as_str()?.into(), from_value(value)));
            Dynamic::from_map(map.iter().filter_map(entry).collect::<Map>())
        }
        Value::Tagged(tagged) => from_value(&tagged.value),
    }
}

/// `place` is the dotted key, for the message.
pub(super) fn to_value(place: &str, value: Dynamic) -> Fallible<Value> {
    let kind = value.type_name();
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(value) = value.as_bool() {
        return Ok(value.into());
    }
    if let Ok(value) = value.as_int() {
        return Ok(value.into());
    }
    if let Ok(value) = value.as_float() {
        return Ok(value.into());
    }
    if value.is_string() {
        return Ok(value.into_string().map_err(refuse)?.into());
    }
    if value.is_array() {
        let items = value.into_array().map_err(refuse)?.into_iter().enumerate();
        let items = items.map(|(i, item)| to_value(&format!("{place}.{i}"), item));
        return Ok(Value::Sequence(items.collect::<Fallible<_>>()?));
    }
    let kind = crate::script::types::plain_name(kind);
    let Some(map) = value.try_cast::<Map>() else {
        return Err(refuse(format!(
            "`{place}` cannot be a {kind} in a config: numbers, text, lists and maps can"
        )));
    };
    let entries = map.into_iter();
    let entries =
        entries.map(|(key, value)| Ok((key.to_string().into(), to_value(&format!("{place}.{key}"), value)?)));
    Ok(Value::Mapping(entries.collect::<Fallible<Mapping>>()?))
}
