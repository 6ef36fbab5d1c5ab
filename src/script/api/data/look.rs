//! Looking at sets and keeping them.

use std::path::Path;

use rhai::Map;
use rhai::plugin::*;

use crate::data::{Dataset, SaveAs, SaveBy, SaveOptions};
use crate::metrics::Metrics;
use crate::script::Context;
use crate::script::api::lift;
use crate::script::api::measure::thresholds;
use crate::script::options::{Fallible, Options, refuse};
use crate::script::show::count;

/// Writes a set below the output folder.
fn write(context: &NativeCallContext, set: &Dataset, path: &str, options: Map) -> Fallible<()> {
    let settings = Context::of(context);
    let mut options = Options::new("save", options);
    let kind = options.choice("format", &SaveAs::ALL.map(|(name, _)| name))?;
    let by = options.choice("by", &["phrase", "song"])?;
    options.finish()?;
    let file = settings.output_path(path).map_err(refuse)?;
    let songs = Path::new(path).with_extension("songs.tsv");
    settings.output_path(&songs.to_string_lossy()).map_err(refuse)?;
    let of_path = SaveAs::of_path(Path::new(path));
    let kind = match kind {
        Some(name) => SaveAs::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind),
        None => of_path,
    };
    let kind = kind.ok_or_else(|| {
        refuse(format!(
            "a set is saved as .npz or .npy, or in a folder with `format: \"pypianoroll\"` or `format: \"midi\"`, \
             not as `{path}`"
        ))
    })?;
    let fits = match kind {
        SaveAs::Sparse | SaveAs::Packed => of_path == Some(SaveAs::Sparse),
        SaveAs::Dense => of_path == Some(SaveAs::Dense),
        SaveAs::Pypianoroll | SaveAs::Midi => of_path.is_none(),
    };
    if !fits {
        let wanted = match kind {
            SaveAs::Sparse | SaveAs::Packed => "a file called .npz",
            SaveAs::Dense => "a file called .npy",
            SaveAs::Pypianoroll | SaveAs::Midi => "a folder",
        };
        return Err(refuse(format!("this way of saving makes {wanted}, not `{path}`")));
    }
    if by.is_some() && !kind.is_folder() {
        return Err(refuse("`by` is for folders: with `format: \"pypianoroll\"` or `format: \"midi\"`"));
    }
    let by = if by == Some("song") { SaveBy::Song } else { SaveBy::Phrase };
    let table = lift(set.save(&file, &SaveOptions { kind, by, stamp: Some(settings.stamp()) }))?;
    let table = table.map(|table| format!(", and {}", table.display())).unwrap_or_default();
    settings.note(&format!("wrote {} ({}){table}", file.display(), count(set.len(), "phrase")));
    Ok(())
}

/// Measuring, describing and saving.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in crate::script::api) mod looking {
    /// The measures of all phrases together, track by track, as for an array of pieces.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// assert_eq(set.metrics().bass.notes, set.phrases(#{}).metrics().bass.notes);
    /// ```
    #[rhai_fn(name = "metrics", pure, return_raw)]
    pub fn metrics_of_set(context: NativeCallContext, set: &mut Dataset) -> Fallible<Metrics> {
        metrics_of_set_with(context, set, Map::new())
    }

    /// The same with thresholds and `family`, as for a piece.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// assert_eq(set.metrics(#{ family: "paper" }).bars, 32);
    /// ```
    #[rhai_fn(name = "metrics", pure, return_raw)]
    pub fn metrics_of_set_with(
        context: NativeCallContext,
        set: &mut Dataset,
        options: Map,
    ) -> Fallible<Metrics> {
        lift(set.metrics(&thresholds(options)?, &Context::of(&context).cancel))
    }

    /// What the set looks like, as text: phrases by set, key, tag and tempo where these are known, how many
    /// tracks sound, and for each track how often, how densely and at which pitches.
    ///
    /// ```rhai
    /// print(data::load("examples/data/tour_256.npz").describe());
    /// ```
    #[rhai_fn(name = "describe", pure, return_raw)]
    pub fn describe_set(context: NativeCallContext, set: &mut Dataset) -> Fallible<String> {
        lift(set.describe(Context::of(&context).width))
    }

    /// Writes the set in the format that the extension names: npz (the sparse training layout) or npy
    /// (dense). What is known of the phrases goes to a song table beside it, `NAME.songs.tsv`.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// set.save("eight.npz");
    /// set.save("eight.npy");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save_set(context: NativeCallContext, set: &mut Dataset, path: &str) -> Fallible<()> {
        write(&context, set, path, Map::new())
    }

    /// The same with options: `format`, which is "sparse", "packed" (npz: a bit a cell, opened at once and read
    /// a phrase at a time), "dense" (npy), or for a new folder "pypianoroll" or "midi"; and for a folder
    /// `by`, whether each file holds a "phrase" or a "song".
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// set.save("eight.packed.npz", #{ format: "packed" });
    /// set.save("eight-phrases", #{ format: "midi" });
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save_set_with(
        context: NativeCallContext,
        set: &mut Dataset,
        path: &str,
        options: Map,
    ) -> Fallible<()> {
        write(&context, set, path, options)
    }
}
