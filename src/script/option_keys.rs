//! The options that each function takes, for completion and hints: a test asks every function and
//! compares.

/// An option, with the words that its value may be when there are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionKey {
    /// Its key in the map.
    pub name: &'static str,
    /// Texts that it may be, separated by `|`; empty where it is something else.
    choices: &'static str,
}

impl OptionKey {
    /// The texts that its value may be.
    pub fn choices(&self) -> impl Iterator<Item = &'static str> {
        self.choices.split('|').filter(|choice| !choice.is_empty())
    }
}

const DECODING: &str = "threshold=calibrated|bernoulli temperature tempo";
const THRESHOLDS: &str = "family=exact|paper|paper-ismir min_note min_pitches scale drum_tolerance";
const COMPARING: &str = "features statistics neighbours resamples seed metrics";
const DRAWING: &str = "title x_label y_label log size";
const GRID: &str = "columns on_error resume save";
const SUMMARY: &str = "of figures cluster resamples seed";
const REAL: &str = "songs split exclude_sets";

/// Names of functions as help writes them, and their options: `key`, or `key=choice|choice`.
const KNOWN: &[(&str, &[&str])] = &[
    ("Dataset.augment", &["beat_shift bar_permutation track_drop_out transpose copies keep seed"]),
    ("Dataset.dedupe", &["near"]),
    ("Dataset.features", &["scale"]),
    ("Dataset.metrics", &[THRESHOLDS]),
    ("Dataset.only", &["set song tag split"]),
    ("Dataset.phrases", &["count seed given"]),
    ("Dataset.sample", &["count seed"]),
    ("Dataset.save", &["format=sparse|packed|dense|pypianoroll|midi by=phrase|song"]),
    ("Dialogue.test", &["measure"]),
    ("Groups.summary", &[SUMMARY]),
    ("Latent.redraw", &["seed"]),
    ("Latent.vary", &["amount parts seed"]),
    ("Model.accompany", &["seed count latent", DECODING]),
    ("Model.decode", &["seed", DECODING]),
    ("Model.direction", &["samples parts seed"]),
    (
        "Model.encode",
        &["bar steps rate prior candidates starts climb start=any|network|random given seed compare"],
    ),
    ("Model.generate", &["seed count truncate", DECODING]),
    ("Model.latent", &["seed truncate"]),
    ("Multitrack.features", &["scale"]),
    ("Multitrack.loudness", &["tempo soundfont"]),
    ("Multitrack.metrics", &[THRESHOLDS]),
    ("Multitrack.play", &["tempo soundfont"]),
    ("Multitrack.play_midi", &["tempo"]),
    ("Multitrack.quantize", &["resolution"]),
    ("Multitrack.save", &["tempo silent_bars soundfont rate mono"]),
    ("Sheet.save", &["title rows cols"]),
    ("Table.bars", &["x y by", DRAWING]),
    ("Table.box_plot", &["x y", DRAWING]),
    ("Table.heat", &["x y of figure", DRAWING]),
    ("Table.histogram", &["of bins", DRAWING]),
    ("Table.join", &["on how=inner|left suffix"]),
    ("Table.pivot", &["rows columns of figure"]),
    ("Table.matrix", &["rows of", DRAWING]),
    ("Table.plot", &["x y by spread=band|bars|none", DRAWING]),
    ("Table.scatter", &["x y by", DRAWING]),
    ("Table.sort_by", &["descending"]),
    ("Table.summary", &["by", SUMMARY]),
    ("Track.play", &["tempo soundfont"]),
    ("Track.play_midi", &["tempo"]),
    ("Track.quantize", &["resolution"]),
    ("Track.save", &["tempo silent_bars soundfont rate mono"]),
    ("Work.run", &["key"]),
    ("array.features", &["scale"]),
    ("array.metrics", &[THRESHOLDS]),
    ("arrange::form", &["seed tries variation"]),
    ("arrange::intro_verse_chorus", &["seed tries variation"]),
    ("compare::closer", &[COMPARING]),
    ("compare::sets", &["training", COMPARING]),
    ("data::load", &["memory cache", REAL]),
    ("data::phrases", &["memory cache count seed given", REAL]),
    ("dialogue::open", &["training real phrases count seed"]),
    ("drums::fill", &["beats density seed"]),
    ("drums::humanize", &["loudness timing seed"]),
    ("drums::pattern", &["step resolution"]),
    ("drums::swing", &["ratio unit"]),
    ("interp::around", &["count distance seed"]),
    ("interp::line", &["steps mode=lerp|slerp"]),
    ("interp::loop_through", &["steps mode=lerp|slerp"]),
    ("interp::sheet", &["rows cols mode=lerp|slerp"]),
    ("latent::direction", &["samples seed"]),
    ("latent::mean_where", &["samples seed"]),
    ("latent::normal", &["size seed"]),
    ("latent::sensitivity", &["count seed"]),
    ("latent::walk_part", &["steps mode=lerp|slerp seed"]),
    ("metrics::evaluate", &["output=mean|list figures quiet map pairs measures"]),
    ("midi::read", &["resolution"]),
    ("music::line", &["step resolution program tempo"]),
    ("read_music", &["resolution"]),
    ("study::ablation", &["count seed family=paper|exact threshold"]),
    ("study::accompaniment_by_track", &["count seed", REAL]),
    ("study::beside", &["family=paper|exact"]),
    ("study::binary_neurons", &["count seed family=paper|exact"]),
    ("study::listening_test", &["title tempo seed"]),
    ("study::rating_report", &["title"]),
    ("report::against_training_set", &["count out threshold title training", COMPARING]),
    ("report::compare", &["title training", COMPARING]),
    ("sweep::compare", &[GRID]),
    ("sweep::generate", &["work metrics", GRID]),
    ("sweep::grid", &[GRID]),
    ("sweep::random", &["count seed", GRID]),
    ("sweep::sobol", &["count seed", GRID]),
    ("train::compare", &["given count seed training training_split", REAL, DECODING]),
    ("train::inverse", &["steps batch_size fresh learning_rate mixed regression seed"]),
    ("train::phrases", &["count seed", REAL]),
    ("train::run", &["folder resume steps seed on_step"]),
    ("ui::button", &["primary hint"]),
    ("ui::check_box", &["value hint"]),
    ("ui::drawer", &["open hint"]),
    ("ui::grid", &["columns hint"]),
    ("ui::menu", &["value hint"]),
    ("ui::number", &["min max step value hint"]),
    ("ui::pad", &["value hint"]),
    ("ui::picture", &["alt hint"]),
    ("ui::player", &["label hint"]),
    ("ui::roll", &["small play height label hint"]),
    ("ui::slider", &["value step unit hint"]),
    ("ui::text", &["value placeholder lines hint"]),
    ("ui::upload", &["accept most hint"]),
];

/// The options of the function that help calls `name`, such as `Model.generate` or `interp::line`.
pub fn option_keys(name: &str) -> Vec<OptionKey> {
    let known = KNOWN.iter().find(|(function, _)| *function == name).map_or(&[][..], |(_, keys)| keys);
    let key = |word: &'static str| {
        let (name, choices) = word.split_once('=').unwrap_or((word, ""));
        OptionKey { name, choices }
    };
    known.iter().flat_map(|keys| keys.split(' ')).map(key).collect()
}

/// Names of all functions whose options are known.
pub fn functions_with_options() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, _)| *name)
}
