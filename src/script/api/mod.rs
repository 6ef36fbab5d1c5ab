//! The native modules: thin skins over the library, one file per topic.
//!
//! Every public function has a doc comment with an example in a `rhai` fence; the tests run them all.

mod bounds;
mod chart;
mod collect;
mod compare;
mod config;
mod data;
mod dialogue;
mod difference;
mod direction;
mod drums;
mod edit;
mod encoding;
mod evaluate;
mod experiment;
mod features;
mod latent;
mod listening;
mod make;
mod measure;
mod model;
mod placed;
mod play;
mod port;
mod relate;
mod report;
mod roll;
mod save;
mod sheet;
mod study;
mod sweep;
mod table;
mod theory;
mod track;
mod train;
mod ui;
mod values;

use std::sync::Arc;

use rhai::plugin::{exported_manifest, exported_module};
use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, Module, NativeCallContext};

use super::options::{Fallible, refuse};
use super::stdlib;
use crate::music::Multitrack;
pub(super) use dialogue::Dialogue;
pub(super) use difference::Difference;
pub(super) use encoding::{Encoding, table as encoding_table};
pub(super) use model::library;
use placed::placed;
pub(super) use report::Report;
pub(super) use sheet::Sheet;
pub(super) use track::Track;
pub(super) use ui::{Widget, WorkHandle, is_handle};

/// A whole or fractional number; see [`super::options::number`].
pub(super) type Number = Dynamic;
/// One name or an array of names; see [`super::options::texts`].
pub(super) type Names = Dynamic;
/// A piece, or with the option `count` an array of pieces.
pub(super) type Songs = Dynamic;

/// Registers every native module.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<crate::music::Multitrack>("Multitrack");
    engine.register_type_with_name::<Track>("Track");
    engine.register_type_with_name::<crate::music::Pianoroll>("Pianoroll");
    engine.register_type_with_name::<crate::music::Scale>("Scale");
    engine.register_type_with_name::<Difference>("Difference");
    engine.register_type_with_name::<crate::model::Latent>("Latent");
    engine.register_type_with_name::<crate::model::Model>("Model");
    engine.register_type_with_name::<Encoding>("Encoding");
    engine.register_type_with_name::<crate::view::chart::Chart>("Chart");
    engine.register_type_with_name::<crate::data::Dataset>("Dataset");
    data::iterate(engine);
    engine.register_type_with_name::<Sheet>("Sheet");
    sheet::iterate(engine);
    engine.register_type_with_name::<crate::experiment::Table>("Table");
    engine.register_type_with_name::<crate::experiment::run::Run>("Run");
    engine.register_type_with_name::<crate::experiment::Groups>("Groups");
    engine.register_type_with_name::<crate::metrics::Metrics>("Metrics");
    engine.register_type_with_name::<crate::metrics::TrackMetrics>("TrackMetrics");
    engine.register_type_with_name::<crate::metrics::against::Comparison>("Comparison");
    engine.register_type_with_name::<crate::metrics::PieceMetrics>("PieceMetrics");
    engine.register_type_with_name::<crate::metrics::Features>("Features");
    engine.register_type_with_name::<Report>("Report");
    engine.register_type_with_name::<Widget>("Widget");
    engine.register_type_with_name::<WorkHandle>("Work");
    engine.register_type_with_name::<Dialogue>("Dialogue");
    for global in [
        exported_module!(edit::edit),
        exported_module!(difference::difference),
        exported_module!(track::track),
        exported_module!(roll::roll),
        exported_module!(theory::scales),
        exported_module!(measure::metrics),
        exported_module!(features::features),
        exported_module!(latent::latents),
        exported_module!(sheet::sheets),
        exported_module!(sheet::pictures),
        exported_module!(table::tables),
        exported_module!(relate::relating),
        exported_module!(chart::charts),
        exported_module!(compare::comparisons),
        exported_module!(report::reports),
        exported_module!(dialogue::talking),
        exported_module!(collect::accounts),
        exported_module!(data::holding),
        exported_module!(data::choosing),
        exported_module!(data::varying),
        exported_module!(data::looking),
        exported_module!(model::playing),
        exported_module!(encoding::encoding),
        exported_module!(direction::directions),
        exported_module!(save::saving),
        exported_module!(play::play),
        exported_module!(port::playing),
        exported_module!(experiment::runs),
        exported_module!(ui::widgets),
        exported_module!(ui::works),
    ] {
        engine.register_global_module(Arc::new(global));
    }
    for module in values::modules() {
        engine.register_global_module(module);
    }
    let mut named = natives();
    // The standard library may call what is native, of its own module too.
    for (name, module) in &named {
        engine.register_static_module(*name, Arc::new(module.clone()));
    }
    for (name, module) in stdlib::modules(engine) {
        if name == "check" {
            engine.register_global_module(Arc::new(module));
        } else if let Some((_, native)) = named.iter_mut().find(|(known, _)| *known == name) {
            native.combine(module);
        } else {
            named.push((name, module));
        }
    }
    for (name, module) in named {
        engine.register_static_module(name, Arc::new(module));
    }
}

/// Names of the native modules, and what each is for.
pub(super) const NATIVES: [(&str, &str); 18] = [
    ("compare", "Sets of phrases against each other, beside a floor of real ones."),
    ("config", "What a training run does, as a map to change."),
    ("data", "Sets of real phrases."),
    ("dialogue", "Claims about what a model makes, tested."),
    ("drums", "Rhythms from text, fills, swing and human hands."),
    ("experiment", "Runs that keep what a script makes and can be repeated."),
    ("latent", "Points in a model's space of music."),
    ("metrics", "What measures mean, and evaluating music by them."),
    ("midi", "Reading MIDI files."),
    ("model", "Trained models."),
    ("music", "Making music from nothing."),
    ("report", "Pages of results: made against real music, or of one's own."),
    (
        "study",
        "The tables of the papers of 2018 with other music beside the printed rows, and listening tests.",
    ),
    ("sweep", "Trying many settings: one row of a table for each."),
    ("table", "Tables out of files."),
    ("theory", "Note names, pitch classes and scales."),
    ("train", "Training models from configs."),
    ("ui", "A script as a page: sliders, buttons, rolls, and works whose every step is a line of script."),
];

/// The native half of each named module.
fn natives() -> Vec<(&'static str, Module)> {
    vec![
        ("compare", placed(exported_manifest!(compare::compare))),
        ("config", placed(exported_manifest!(config::configs))),
        ("data", {
            let mut module = placed(exported_manifest!(data::data));
            module.combine(placed(exported_manifest!(collect::collecting)));
            module
        }),
        ("dialogue", placed(exported_manifest!(dialogue::dialogue))),
        ("drums", placed(exported_manifest!(drums::drums))),
        ("experiment", placed(exported_manifest!(experiment::experiment))),
        ("latent", placed(exported_manifest!(latent::latent))),
        ("metrics", {
            let mut module = placed(exported_manifest!(features::explaining));
            module.combine(placed(exported_manifest!(evaluate::evaluating)));
            module
        }),
        ("midi", placed(exported_manifest!(save::midi))),
        ("model", placed(exported_manifest!(model::models))),
        ("music", placed(exported_manifest!(make::music))),
        ("report", placed(exported_manifest!(report::report))),
        ("study", {
            let mut module = placed(exported_manifest!(study::study));
            module.combine(placed(exported_manifest!(listening::listening)));
            module
        }),
        ("sweep", {
            let mut module = placed(exported_manifest!(sweep::sweeping));
            module.combine(placed(exported_manifest!(sweep::generating::generating)));
            module
        }),
        ("table", placed(exported_manifest!(relate::reading))),
        ("theory", placed(exported_manifest!(theory::theory))),
        ("train", placed(exported_manifest!(train::training))),
        ("ui", {
            let mut module = placed(exported_manifest!(ui::inputs));
            module.combine(placed(exported_manifest!(ui::showing)));
            module.combine(placed(exported_manifest!(ui::laying_out)));
            module.combine(placed(exported_manifest!(ui::working)));
            module
        }),
    ]
}

/// Calls the script's function; an error inside it keeps its own place.
fn call<T: Clone + Send + Sync + 'static>(
    context: &NativeCallContext,
    function: &FnPtr,
    argument: impl Into<Dynamic>,
    expected: &str,
) -> Fallible<T> {
    let value: Dynamic = function.call_within_context(context, (argument.into(),))?;
    let got = context.engine().map_type_name(value.type_name()).to_owned();
    value.try_cast::<T>().ok_or_else(|| {
        refuse(format!("the function must give a {expected}, it gave {}", super::types::plain_name(&got)))
    })
}

/// The pieces of an array; `owner` is the function they were given to.
fn songs(owner: &str, items: &[Dynamic]) -> Fallible<Vec<Multitrack>> {
    let song = |(index, item): (usize, &Dynamic)| {
        let kind = super::types::plain_name(item.type_name());
        let wrong = || refuse(format!("`{owner}` takes pieces of music, item {index} is a {kind}"));
        item.clone().try_cast::<Multitrack>().ok_or_else(wrong)
    };
    items.iter().enumerate().map(song).collect()
}

/// A library error as one that scripts can catch.
fn lift<T, E: std::error::Error>(result: Result<T, E>) -> Result<T, Box<EvalAltResult>> {
    result.map_err(refuse)
}
