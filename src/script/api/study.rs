//! `study::`: the tables of the papers.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{lift, songs};
use crate::experiment::{PaperTable, Sample, Table};
use crate::music::Family;
use crate::script::options::{Fallible, Options, refuse};
use crate::script::types::plain_name;
use crate::view::chart::Chart;

/// A row's music, from a map with `row`, `songs` and `given`.
fn sample(value: &Dynamic) -> Fallible<Sample> {
    let kind = plain_name(value.type_name());
    let map = value.clone().try_cast::<Map>();
    let map = map.ok_or_else(|| refuse(format!("a row is a map with `row` and `songs`, got {kind}")))?;
    let mut options = Options::new("study::beside", map);
    let row = options.text("row")?.ok_or_else(|| refuse("a row needs `row`: what it is called"))?;
    let phrases = match options.value("songs").filter(|value| !value.is_unit()) {
        None => None,
        Some(value) => {
            let kind = plain_name(value.type_name());
            let array = value.try_cast::<Array>();
            let array = array.ok_or_else(|| refuse(format!("`songs` is an array of pieces, got {kind}")))?;
            Some(songs("study::beside", &array)?)
        }
    };
    let given = options.text("given")?.map(|name| lift(Family::from_name(&name))).transpose()?;
    options.finish()?;
    Ok(Sample { row, phrases, given })
}

/// The tables of the papers.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod study {
    /// Names of the tables: "aaai-table1" and "aaai-table2" of MuseGAN (Dong et al. 2018), "ismir-table1"
    /// of the binary neurons (Dong and Yang 2018).
    ///
    /// ```rhai
    /// assert("aaai-table1" in study::names());
    /// ```
    pub fn names() -> Array {
        PaperTable::ALL.map(|table| Dynamic::from(table.name().to_owned())).to_vec()
    }

    /// Where a table was printed, and what its columns are.
    ///
    /// ```rhai
    /// print(study::title("aaai-table2"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn title(table: &str) -> Fallible<String> {
        Ok(lift(PaperTable::from_name(table))?.title().to_owned())
    }

    /// The rows as they were printed.
    ///
    /// ```rhai
    /// let printed = study::published("aaai-table2");
    /// assert_eq(printed.column("B-G")[0], 1.57);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn published(table: &str) -> Fallible<Table> {
        lift(lift(PaperTable::from_name(table))?.beside(&[], true))
    }

    /// A table with our rows below the printed ones of the same name. `rows` is an array of maps: `row`
    /// (the name), `songs` (an array of phrases, or `()` for a model that there is not, whose row says
    /// "not trained") and `given` (a track that was given and not made). Option `family`: "paper", what
    /// the papers' programs compute, or "exact", the definitions done right.
    ///
    /// ```rhai
    /// let songs = data::phrases("examples/data/tour_256.npz", #{ count: 8, seed: 1 });
    /// let rows = [#{ row: "training", songs: songs }, #{ row: "jamming", songs: () }];
    /// let told = study::beside("aaai-table1", rows, #{ family: "paper" });
    /// assert_eq(told.column("by").extract(0, 4), ["published", "ours", "published", "not trained"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn beside(table: &str, rows: Array, options: Map) -> Fallible<Table> {
        let table = lift(PaperTable::from_name(table))?;
        let mut options = Options::new("study::beside", options);
        let family = options.choice("family", &["paper", "exact"])?.unwrap_or("paper");
        options.finish()?;
        let samples: Vec<Sample> = rows.iter().map(sample).collect::<Fallible<_>>()?;
        lift(table.beside(&samples, family == "paper"))
    }

    /// Such a table on paper: three digits to a number, as in print, and 80 columns wide.
    ///
    /// ```rhai
    /// print(study::text("ismir-table1", study::published("ismir-table1")));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn text(table: &str, rows: Table) -> Fallible<String> {
        lift(lift(PaperTable::from_name(table))?.text(&rows))
    }

    /// How far the rows of such a table lie from the training data of the same hand, as a heat map in
    /// hundredths of each measure's range; `note` stands above.
    ///
    /// ```rhai
    /// let printed = study::published("aaai-table2");
    /// study::figure("aaai-table2", printed, "as printed").save("published.png");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn figure(table: &str, rows: Table, note: &str) -> Fallible<Chart> {
        lift(lift(PaperTable::from_name(table))?.figure(&rows, note))
    }
}
