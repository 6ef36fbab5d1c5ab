//! What functions of a script are called with, by the functions that they are given to: for the checker.
//! A test has each of them called and compares.

/// What an item of the receiver's array is called.
pub(super) const ITEM: &str = "item";
/// What is called a value that may be of any type.
pub(super) const ANY: &str = "any";

const OF_ITEM: &[&str] = &[ITEM, "int"];
const OF_TWO: &[&str] = &[ITEM, ITEM];
const OF_ROW: &[&str] = &["map"];
const OF_SONG: &[&str] = &["Multitrack"];

/// Names of functions as help writes them, the option that the function is given as (none where it is an
/// argument), and the types of its parameters.
const KNOWN: &[(&str, &str, &[&str])] = &[
    ("Dataset.filter", "", OF_SONG),
    ("Dataset.filter_info", "", &["map"]),
    ("Dataset.keep_if", "", OF_SONG),
    ("Groups.map", "", &["Table"]),
    ("Model.direction", "", OF_SONG),
    ("Multitrack.map_track", "", &["Track"]),
    ("Table.derive", "", OF_ROW),
    ("Table.filter", "", OF_ROW),
    ("Table.map", "", OF_ROW),
    ("Widget.on_change", "", &[ANY]),
    ("Widget.on_click", "", &[]),
    ("Work.on_change", "", &[]),
    ("array.all", "", OF_ITEM),
    ("array.dedup", "", OF_TWO),
    ("array.drain", "", OF_ITEM),
    ("array.filter", "", OF_ITEM),
    ("array.find", "", OF_ITEM),
    ("array.find_map", "", OF_ITEM),
    ("array.for_each", "", &["int"]),
    ("array.index_of", "", OF_ITEM),
    ("array.map", "", OF_ITEM),
    ("array.order", "", OF_TWO),
    ("array.order_by", "", OF_TWO),
    ("array.reduce", "", &[ANY, ITEM, "int"]),
    ("array.reduce_rev", "", &[ANY, ITEM, "int"]),
    ("array.retain", "", OF_ITEM),
    ("array.some", "", OF_ITEM),
    ("array.sort", "", OF_TWO),
    ("array.sort_by", "", OF_TWO),
    ("array.zip", "", &[ITEM, ANY, "int"]),
    ("data::collect", "track", &["map"]),
    ("sweep::compare", "work", &["Multitrack", "map"]),
    ("sweep::generate", "work", &["Multitrack", "map"]),
    ("sweep::grid", "", OF_ROW),
    ("sweep::random", "", OF_ROW),
    ("sweep::seeds", "", OF_ROW),
    ("sweep::sobol", "", OF_ROW),
    ("train::run", "on_step", &["map"]),
    ("ui::download", "", &[]),
];

/// What the function is called with that is given to `function`, as help calls it, as `option`, which is
/// empty where it is an argument: the types of its parameters, with `item` for what the receiver holds and
/// `any` for what may be anything. `None` where that is not known.
pub fn callback_parameters(function: &str, option: &str) -> Option<&'static [&'static str]> {
    KNOWN.iter().find(|(name, key, _)| *name == function && *key == option).map(|(_, _, kinds)| *kinds)
}

/// All functions that call one of the script's, with the option that it is given as and what it is called
/// with.
pub fn functions_with_callbacks()
-> impl Iterator<Item = (&'static str, &'static str, &'static [&'static str])> {
    KNOWN.iter().copied()
}
