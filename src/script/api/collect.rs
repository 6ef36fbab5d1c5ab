//! `data::collect`: heaps of songs to sets.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rhai::plugin::*;
use rhai::{FnPtr, Map};
use serde_yaml::Mapping;

use super::config::to_value;
use super::{Names, lift};
use crate::base::{Cancel, Progress};
use crate::data::Dataset;
use crate::data::collect::song::{PartInfo, PartTable};
use crate::data::collect::{Account, CollectConfig, Collection};
use crate::experiment::{Cell, Table};
use crate::script::Context;
use crate::script::options::{Fallible, refuse, texts};
use crate::script::types::plain_name;

/// Collecting sets.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod collecting {
    /// The phrases of all songs in a folder, an archive (zip, tar, tar.gz), a file, or an array of these:
    /// MIDI files and pianorolls, in the tracks of LPD-5, moved to C major or A minor, none twice.
    ///
    /// ```rhai
    /// let set = data::collect("examples/data");
    /// print(set);
    /// assert_eq(set.account.len, 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn collect(context: NativeCallContext, from: Names) -> Fallible<Dataset> {
        collected(&context, &from, Map::new())
    }

    /// The same with options: all keys of `scripts/collect.yaml`, such as `tracks`, `bars`, `key`,
    /// `segments`, `active_tracks`, `ids`, `labels`, `tags`, `split` and `seed`; `config` (a file with such
    /// keys, which the others go before); and `track`, a function that says to which track a part goes.
    /// It gets a map (`name`, `program`, `is_drum`, `channel`, `notes`) and gives a track's name, or `()`
    /// to leave the part out.
    ///
    /// ```rhai
    /// let set = data::collect("examples/data/bass.mid", #{
    ///     key: "keep", segments: "every", active_tracks: 1,
    ///     track: |part| if part.is_drum { () } else { "bass" },
    /// });
    /// assert_eq(set.account.column("status"), ["used"]);
    /// ```
    #[rhai_fn(name = "collect", return_raw)]
    pub fn collect_with(context: NativeCallContext, from: Names, options: Map) -> Fallible<Dataset> {
        collected(&context, &from, options)
    }
}

/// What sets that were collected can tell.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod accounts {
    /// What became of every file: a table with a row for each (`file`, `status`, `reason`, `sentence`,
    /// `phrases`, `split`, `set`, `song`, `group`, `tags`, `bars`, `key`, `tempo`, `parts`, `repairs`,
    /// `lost`), in the set that `data::collect` gave and in sets chosen from it.
    ///
    /// ```rhai
    /// let set = data::collect("examples/data");
    /// print(set.account.filter(|row| row.status == "dropped"));
    /// ```
    #[rhai_fn(get = "account", pure, return_raw)]
    pub fn account(set: &mut Dataset) -> Fallible<Table> {
        match set.account() {
            Some(account) => Ok(table(account)),
            None => Err(refuse("the set was not collected from files: only those have an account")),
        }
    }
}

fn collected(context: &NativeCallContext, from: &Names, mut options: Map) -> Fallible<Dataset> {
    let settings = Context::of(context);
    let roots = texts("data::collect", from)?.into_iter();
    let roots: Vec<PathBuf> =
        roots.map(|root| settings.input_path(root)).collect::<Result<_, _>>().map_err(refuse)?;
    let function = match options.remove("track") {
        None => None,
        Some(value) => {
            let kind = plain_name(value.type_name());
            let wrong = || refuse(format!("`track` must be a function of a part, got {kind}"));
            Some(value.try_cast::<FnPtr>().ok_or_else(wrong)?)
        }
    };
    let mut keys = match options.remove("config") {
        None => Mapping::new(),
        Some(path) => {
            let path = path.into_string().map_err(|kind| {
                refuse(format!("`config` must be the name of a file, got {}", plain_name(kind)))
            })?;
            lift(CollectConfig::read(&settings.input_path(path).map_err(refuse)?))?.to_keys()
        }
    };
    let has_seed = options.contains_key("seed") || keys.contains_key("seed");
    for (key, value) in options {
        keys.insert(key.to_string().into(), to_value(&key, value)?);
    }
    let mut config = lift(CollectConfig::from_keys(keys))?;
    if !has_seed {
        config.set.seed = settings.seed.0;
    }
    let collect = |table: Option<&PartTable>, progress: &dyn Progress, cancel: &Cancel| {
        Collection::of(&roots, &[], &config, table, progress, cancel)
    };
    let collected = match function {
        None => collect(None, &*settings.output, &settings.cancel),
        Some(function) => {
            let asked = Asked { context, function, failed: Mutex::default(), stop: Cancel::new() };
            let table = |part: &PartInfo| asked.track(part);
            let told = Told { settings: &settings, stop: &asked.stop };
            let collected = collect(Some(&table), &told, &asked.stop);
            if let Some(error) = asked.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
                return Err(error);
            }
            collected
        }
    };
    Ok(lift(lift(collected)?.to_dataset())?.watching(&settings.cancel))
}

/// A script's function, asked where parts go.
struct Asked<'a, 'c> {
    context: &'a NativeCallContext<'c>,
    function: FnPtr,
    /// What went wrong in it first.
    failed: Mutex<Option<Box<EvalAltResult>>>,
    stop: Cancel,
}

impl Asked<'_, '_> {
    fn track(&self, part: &PartInfo) -> Option<String> {
        if self.stop.is_raised() {
            return None;
        }
        self.ask(part).unwrap_or_else(|error| {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            self.stop.raise();
            None
        })
    }

    fn ask(&self, part: &PartInfo) -> Fallible<Option<String>> {
        let told: Map = [
            ("name", Dynamic::from(part.name.clone())),
            ("program", Dynamic::from(i64::from(part.program))),
            ("is_drum", Dynamic::from(part.is_drum)),
            ("channel", Dynamic::from(i64::from(part.channel))),
            ("notes", Dynamic::from(part.notes as i64)),
        ]
        .map(|(name, value)| (name.into(), value))
        .into();
        let answer: Dynamic = self.function.call_within_context(self.context, (told,))?;
        if answer.is_unit() {
            return Ok(None);
        }
        let wrong =
            |kind| refuse(format!("`track` must give a track's name or `()`, it gave {}", plain_name(kind)));
        answer.into_string().map(Some).map_err(wrong)
    }
}

/// Progress that also hands on that the script is to stop.
struct Told<'a> {
    settings: &'a Context,
    stop: &'a Cancel,
}

impl Progress for Told<'_> {
    fn report(&self, done: u64, total: u64, note: &str) {
        if self.settings.cancel.is_raised() {
            self.stop.raise();
        }
        self.settings.output.report(done, total, note);
    }
}

/// The rows of an account.
fn table(account: &Account) -> Table {
    let mut table = Table::new();
    for row in &account.rows {
        table.add(row.cells().map(|(name, cell)| {
            let cell = match name {
                "phrases" | "bars" => Cell::from(cell.parse::<i64>().unwrap_or_default()),
                "tempo" => cell.parse::<f64>().map_or(Cell::Missing, Cell::from),
                _ => Cell::from(cell),
            };
            (name, cell)
        }));
    }
    table
}
