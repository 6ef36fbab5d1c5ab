//! `experiment::`: runs, which keep what a script makes together with all that is needed to repeat it.

use rhai::Map;
use std::path::Path;

use rhai::plugin::*;
use serde_yaml::{Mapping, Value};

use super::config::{from_value, to_value};
use super::table::results;
use super::{Names, lift};
use crate::base::{Seed, write_atomically};
use crate::experiment::Table;
use crate::experiment::run::{Run, Status, list_runs, runs_folder, table_of_runs};
use crate::script::Context;
use crate::script::options::{Fallible, refuse, texts};
use crate::script::types::plain_name;

/// Extensions of files that are no text.
const BINARY: [&str; 7] = ["mid", "midi", "npz", "npy", "png", "wav", "safetensors"];

/// Begins a run with a config as YAML has it.
fn begin(context: &NativeCallContext, name: &str, config: Mapping) -> Fallible<Run> {
    let settings = Context::of(context);
    settings.check_run(name).map_err(refuse)?;
    let run = lift(Run::start(&settings.ledger, &settings.facts(), name, config))?;
    settings.note(&format!("run {}", run.folder().display()));
    Ok(run)
}

/// A value as a text that the extension names: data as YAML or JSON, texts as they are. `None` for what
/// is saved by a function of its own.
fn text_of(value: &Dynamic, extension: &str) -> Fallible<Option<String>> {
    let is_data = value.is_map() || value.is_array() || value.is_int() || value.is_float() || value.is_bool();
    match extension {
        "yaml" | "yml" if is_data || value.is_string() => {
            let value = to_value("value", value.clone())?;
            serde_yaml::to_string(&value).map(Some).map_err(refuse)
        }
        "json" if is_data || value.is_string() => {
            let value = to_value("value", value.clone())?;
            let json: serde_json::Value = serde_yaml::from_value(value).map_err(refuse)?;
            Ok(Some(format!("{json:#}\n")))
        }
        _ if value.is_string() && !BINARY.contains(&extension) => {
            Ok(Some(value.clone().into_string().map_err(refuse)?))
        }
        _ => Ok(None),
    }
}

/// Runs.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod experiment {
    /// Begins a run: a folder `runs/NAME/ID` below the output folder, with a copy of the script and a
    /// record, `manifest.yaml`, that says by itself what was used and made. It ends with the script.
    /// `ricercar rerun` repeats it, `ricercar runs` lists it.
    ///
    /// ```rhai
    /// let run = experiment::start("first-steps");
    /// run.keep(music::line("bass", "C2 G2").to_song(), "bass.mid");
    /// ```
    #[rhai_fn(name = "start", return_raw)]
    pub fn start(context: NativeCallContext, name: &str) -> Fallible<Run> {
        begin(&context, name, Mapping::new())
    }

    /// The same with a config: a map of settings, kept in the run's folder before anything else happens.
    ///
    /// ```rhai
    /// let run = experiment::start("thresholds", #{ threshold: 0.5, seeds: [1, 2, 3] });
    /// assert_eq(run.config.threshold, 0.5);
    /// ```
    #[rhai_fn(name = "start", return_raw)]
    pub fn start_with(context: NativeCallContext, name: &str, config: Map) -> Fallible<Run> {
        let Value::Mapping(config) = to_value("config", config.into())? else {
            return Err(refuse("a config is a map of settings"));
        };
        begin(&context, name, config)
    }

    /// The same with a config in a YAML file.
    ///
    /// ```rhai
    /// let run = experiment::start("tiny", "scripts/tiny.yaml");
    /// assert_eq(run.config.name, "tiny");
    /// ```
    #[rhai_fn(name = "start", return_raw)]
    pub fn start_from(context: NativeCallContext, name: &str, config: &str) -> Fallible<Run> {
        let path = Context::of(&context).input_path(config).map_err(refuse)?;
        let text = lift(crate::settings::read_text(&path))?;
        let config = serde_yaml::from_str(&text)
            .map_err(|error| refuse(format!("`{}`: {error}; expected a map of settings", path.display())))?;
        begin(&context, name, config)
    }

    /// Past runs, of scripts and of training, below the folder `runs` of the output folder, as a table:
    /// `run` (the path), `name`, `started`, `status`, `hash` (of the config), `outputs`, every setting as
    /// `config.…` and what was logged last as `metrics.…`. The record of a run does not say what was listed.
    ///
    /// ```rhai
    /// for notes in 1..=3 { experiment::start("listing", #{ notes: notes }).finish(); }
    /// let runs = experiment::list().filter(|run| run.name == "listing");
    /// assert_eq(runs.column("config.notes"), [1, 2, 3]);
    /// ```
    #[rhai_fn(name = "list", return_raw)]
    pub fn list(context: NativeCallContext) -> Fallible<Table> {
        let out = Context::of(&context).out.clone().unwrap_or_default();
        listed(&context, &runs_folder(&out))
    }

    /// The same for another folder.
    ///
    /// ```rhai
    /// assert_error(|| experiment::list("no-such-folder"), "no-such-folder");
    /// ```
    #[rhai_fn(name = "list", return_raw)]
    pub fn list_in(context: NativeCallContext, folder: &str) -> Fallible<Table> {
        listed(&context, Path::new(folder))
    }
}

/// The runs below a folder as a table; records that cannot be read are told of on the side.
fn listed(context: &NativeCallContext, folder: &Path) -> Fallible<Table> {
    Context::of(context).check_read(folder).map_err(refuse)?;
    let (runs, broken) = lift(list_runs(folder))?;
    for error in broken {
        Context::of(context).note(&error.to_string());
    }
    Ok(table_of_runs(&runs))
}

/// What a run can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod runs {
    /// Saves a value in the run's folder; the format follows the extension. Whatever has a `save` can be
    /// kept (pieces, tracks, latents, tables, charts, sheets, sets, models), data as .yaml and .json, and texts as
    /// they are; models and some sets are folders.
    ///
    /// ```rhai
    /// let run = experiment::start("keeping");
    /// run.keep(music::line("bass", "C2 G2"), "takes/bass.mid");
    /// run.keep(#{ threshold: 0.5, tracks: ["bass"] }, "settings.json");
    /// run.keep("A first try.", "README.txt");
    /// let g = model::load("hybrid");
    /// run.keep(g.latent(#{ seed: 11 }), "start.safetensors");
    /// run.keep(g, "model");
    /// ```
    #[rhai_fn(name = "keep", return_raw)]
    pub fn keep(context: NativeCallContext, run: &mut Run, value: Dynamic, path: &str) -> Fallible<()> {
        keep_as(&context, run, value, path, None)
    }

    /// The same with the options that `save` takes.
    ///
    /// ```rhai
    /// let run = experiment::start("keeping");
    /// run.keep(music::line("bass", "C2 G2").to_song(), "bass.mid", #{ tempo: 96 });
    /// ```
    #[rhai_fn(name = "keep", return_raw)]
    pub fn keep_with(
        context: NativeCallContext,
        run: &mut Run,
        value: Dynamic,
        path: &str,
        options: Map,
    ) -> Fallible<()> {
        keep_as(&context, run, value, path, Some(options))
    }

    /// The path of a file in the run's folder, for functions that save by themselves.
    ///
    /// ```rhai
    /// let run = experiment::start("paths");
    /// let results = sweep::grid(#{ a: 0..2 }, |p| #{});
    /// results.save(run.path("results.csv"));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn path(run: &mut Run, inside: &str) -> Fallible<String> {
        lift(run.path(inside))
    }

    /// Adds a row of measures to the run's `metrics.csv`: a map, or the measures of a piece. The last value
    /// of each column is what `ricercar runs` shows.
    ///
    /// ```rhai
    /// let run = experiment::start("logging");
    /// for step in 1..=3 { run.log(#{ step: step, notes: 2.5 * step }); }
    /// run.log(music::line("bass", "C2 G2").to_song().metrics());
    /// ```
    #[rhai_fn(name = "log", return_raw)]
    pub fn log(run: &mut Run, row: Dynamic) -> Fallible<()> {
        lift(run.log(results(&row)?))
    }

    /// Adds remarks to the run's record.
    ///
    /// ```rhai
    /// experiment::start("noting").note("the bass is too loud");
    /// ```
    #[rhai_fn(name = "note", pure, return_raw)]
    pub fn note(run: &mut Run, remarks: Names) -> Fallible<()> {
        texts("remarks", &remarks)?.iter().try_for_each(|remark| lift(run.note(remark)))
    }

    /// Ends the run before the script ends.
    ///
    /// ```rhai
    /// let run = experiment::start("short");
    /// run.finish();
    /// assert_error(|| run.note("too late"), "finished");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn finish(context: NativeCallContext, run: &mut Run) -> Fallible<()> {
        let settings = Context::of(&context);
        lift(run.finish(&settings.ledger, &settings.facts(), Status::Finished, None))
    }

    /// The run's folder, as a script writes it: below the output folder.
    ///
    /// ```rhai
    /// assert(experiment::start("where").folder.starts_with("runs/where/0"));
    /// ```
    #[rhai_fn(get = "folder", pure)]
    pub fn folder(run: &mut Run) -> String {
        run.given().to_owned()
    }

    /// The run's name.
    ///
    /// ```rhai
    /// assert_eq(experiment::start("who").name, "who");
    /// ```
    #[rhai_fn(get = "name", pure)]
    pub fn name(run: &mut Run) -> String {
        run.name().name.clone()
    }

    /// What tells the run from others of its name: a running number and the hash of its config.
    ///
    /// ```rhai
    /// let run = experiment::start("which");
    /// assert_eq(run.folder, `runs/which/${run.id}`);
    /// ```
    #[rhai_fn(get = "id", pure)]
    pub fn id(run: &mut Run) -> String {
        run.name().id.clone()
    }

    /// The config that the run was started with.
    ///
    /// ```rhai
    /// assert_eq(experiment::start("settings", #{ steps: 8 }).config.steps, 8);
    /// ```
    #[rhai_fn(get = "config", pure)]
    pub fn config(run: &mut Run) -> Dynamic {
        from_value(&Value::Mapping(run.config().clone()))
    }

    /// The seed of whatever is drawn without naming one (`--seed`).
    ///
    /// ```rhai
    /// assert_eq(experiment::start("luck").seed, 0);
    /// ```
    #[rhai_fn(get = "seed", pure)]
    pub fn seed(context: NativeCallContext, run: &mut Run) -> i64 {
        let _ = run;
        Context::of(&context).seed.0.cast_signed()
    }

    /// `count` different seeds that follow from the `seed` of the run's config, or from `--seed` when it
    /// has none.
    ///
    /// ```rhai
    /// let run = experiment::start("luck", #{ seed: 2018 });
    /// assert_eq(run.seeds(3), seeds(3, 2018));
    /// assert_eq(experiment::start("chance").seeds(3), seeds(3));
    /// ```
    #[rhai_fn(name = "seeds", pure, return_raw)]
    pub fn seeds(context: NativeCallContext, run: &mut Run, count: i64) -> Fallible<rhai::Array> {
        let settings = Context::of(&context);
        let named = run.config().get("seed").and_then(Value::as_i64).map(|seed| Seed(seed.cast_unsigned()));
        let seed = named.inspect(|seed| settings.ledger.seeded(seed.0)).unwrap_or(settings.seed);
        super::super::values::children(seed, count)
    }
}

fn keep_as(
    context: &NativeCallContext,
    run: &Run,
    mut value: Dynamic,
    path: &str,
    options: Option<Map>,
) -> Fallible<()> {
    let settings = Context::of(context);
    let given = lift(run.path(path))?;
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let text = if options.is_none() { text_of(&value, &extension.unwrap_or_default())? } else { None };
    if let Some(text) = text {
        let place = settings.output_path(&given).map_err(refuse)?;
        lift(write_atomically(&place, text.as_bytes()))?;
        settings.note(&format!("wrote {}", place.display()));
        return Ok(());
    }
    let kind = plain_name(value.type_name());
    let (mut given, mut options) = (Dynamic::from(given), options.map(Dynamic::from_map));
    let mut arguments = vec![&mut value, &mut given];
    arguments.extend(options.as_mut());
    context.call_native_fn_raw("save", true, &mut arguments).map(drop).map_err(|error| match *error {
        EvalAltResult::ErrorFunctionNotFound(..) => refuse(format!(
            "`keep` has no way to write a {kind} to `{path}`: pieces, tracks, latents, tables, charts, sheets, \
             sets and models are kept, maps and arrays as .yaml or .json, and texts"
        )),
        other => Box::new(other),
    })
}
