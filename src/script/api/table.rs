//! `Table`: rows of results with named columns.

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::bounds::ITEMS;
use super::latent::seed_or;
use super::sweep::space;
use super::{Names, lift};
use crate::base::Seed;
use crate::experiment::sweep::{Plan, Point};
use crate::experiment::{Cell, Interval, Row, Summary, Table};
use crate::metrics::{Metrics, PieceMetrics, TrackMetrics};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, texts};
use crate::script::types::plain_name;

/// A value as a cell.
pub(super) fn cell(name: &str, value: &Dynamic) -> Fallible<Cell> {
    if value.is_unit() {
        return Ok(Cell::Missing);
    }
    let plain = value.as_bool().map(Cell::Bool).or_else(|_| value.as_int().map(Cell::Int));
    let plain = plain.or_else(|_| value.as_float().map(Cell::from));
    plain.or_else(|_| value.clone().into_string().map(|text| Cell::Text(text.into()))).map_err(|kind| {
        refuse(format!(
            "a cell is a number, a string, true, false or `()`, `{name}` is a {}",
            plain_name(kind)
        ))
    })
}

/// A cell as a value.
pub(super) fn value(cell: &Cell) -> Dynamic {
    match cell {
        Cell::Missing => Dynamic::UNIT,
        Cell::Bool(value) => (*value).into(),
        Cell::Int(value) => (*value).into(),
        Cell::Float(value) => (*value).into(),
        Cell::Text(text) => text.to_string().into(),
    }
}

pub(super) fn row_map(row: Row) -> Map {
    row.cells().map(|(name, cell)| (name.into(), value(cell))).collect()
}

/// The settings of a cell as a map.
pub(super) fn point_map(point: Point) -> Map {
    point.iter().map(|(name, cell)| (name.as_ref().into(), value(cell))).collect()
}

/// What a sweep's function gave, as named cells.
pub(super) fn results(given: &Dynamic) -> Fallible<Vec<(String, Cell)>> {
    let figure = |(name, value): (String, Option<f64>)| (name, value.map_or(Cell::Missing, Cell::from));
    if let Some(metrics) = given.read_lock::<Metrics>() {
        return Ok(metrics.figures().into_iter().map(figure).collect());
    }
    if let Some(features) = given.read_lock::<PieceMetrics>() {
        return Ok(features.figures().into_iter().map(figure).collect());
    }
    if let Some(track) = given.read_lock::<TrackMetrics>() {
        let named = TrackMetrics::NAMES.iter().map(|name| (*name).to_owned());
        return Ok(named.zip(track.values()).map(figure).collect());
    }
    let Some(map) = given.read_lock::<Map>() else {
        return Err(refuse(format!(
            "a row is a map or measures of music, got {}",
            plain_name(given.type_name())
        )));
    };
    map.iter().map(|(name, value)| Ok((name.to_string(), cell(name, value)?))).collect()
}

/// What a summary is of, and how, from `of`, `figures`, `cluster`, `resamples` and `seed`.
pub(super) fn summary_options(
    context: &NativeCallContext,
    mut options: Options,
) -> Fallible<(Vec<String>, Summary)> {
    let of = options.texts("of")?;
    let figures = options.texts("figures")?;
    let cluster = options.text("cluster")?;
    let resamples = options.count("resamples", 100..=100_000)?;
    let seed = seed_or(context, &mut options)?;
    options.finish()?;
    let mut summary = Summary::default();
    if let Some(names) = figures {
        let figure = |name: &String| Ok((name.as_str().into(), lift(name.parse())?));
        summary.figures = names.iter().map(figure).collect::<Fallible<_>>()?;
    }
    match cluster {
        Some(column) => {
            let resamples = resamples.unwrap_or(2000);
            summary.interval = Interval::Clusters { column, resamples, seed };
        }
        None if resamples.is_some() => {
            return Err(refuse("`resamples` goes with `cluster`, the column whose values are resampled"));
        }
        None => {}
    }
    let of = of.ok_or_else(|| refuse("`summary` needs `of`: the columns to average"))?;
    Ok((of, summary))
}

/// Tables of results.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod tables {
    /// A table without rows.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ seed: 1, notes: 12.5 });
    /// print(results);
    /// ```
    pub fn table() -> Table {
        Table::new()
    }

    /// Adds a row: a map from columns to numbers, strings, truth values or `()`, or the measures of a
    /// piece (columns such as `drums.notes`). This changes the table.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ seed: 1, model: "hybrid" });
    /// assert_eq(results.columns, ["model", "seed"]);
    /// ```
    #[rhai_fn(name = "add", return_raw)]
    pub fn add(table: &mut Table, row: Dynamic) -> Fallible<()> {
        table.add(results(&row)?);
        Ok(())
    }

    /// Adds a row of settings and what came of them: two maps, or a map and the measures of a piece.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ seed: 1 }, music::line("bass", "C2 G2").to_song().metrics());
    /// assert_eq(results.column("bass.notes"), [2.0]);
    /// ```
    #[rhai_fn(name = "add", return_raw)]
    pub fn add_results(table: &mut Table, settings: Map, row: Dynamic) -> Fallible<()> {
        let mut cells = results(&settings.into())?;
        cells.extend(results(&row)?);
        table.add(cells);
        Ok(())
    }

    /// Number of rows.
    ///
    /// ```rhai
    /// assert_eq(table().len, 0);
    /// ```
    #[rhai_fn(get = "len", pure)]
    pub fn len(table: &mut Table) -> i64 {
        table.len() as i64
    }

    /// Names of the columns, in order.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ b: 1 }, #{ a: 2 });
    /// assert_eq(results.columns, ["b", "a"]);
    /// ```
    #[rhai_fn(get = "columns", pure)]
    pub fn columns(table: &mut Table) -> Array {
        table.columns().iter().map(|name| Dynamic::from(name.to_string())).collect()
    }

    /// Every row as a map.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ seed: 1, notes: 12 });
    /// for row in results.rows() { assert_eq(row.notes, 12); }
    /// ```
    #[rhai_fn(pure)]
    pub fn rows(table: &mut Table) -> Array {
        table.rows().map(|row| Dynamic::from(row_map(row))).collect()
    }

    /// A row by number, from 0, as a map; negative ones count from the end.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ seed: 1 });
    /// results.add(#{ seed: 2 });
    /// assert_eq([results[0].seed, results[-1].seed], [1, 2]);
    /// assert_error(|| results[2], "2 rows");
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn row(table: &mut Table, number: i64) -> Fallible<Map> {
        let count = table.len();
        let place = if number < 0 { number.checked_add(count as i64) } else { Some(number) };
        let row =
            place.and_then(|place| usize::try_from(place).ok()).and_then(|place| table.rows().nth(place));
        row.map(row_map).ok_or_else(|| refuse(format!("no row {number}: the table has {count} rows, from 0")))
    }

    /// The values of a column; `()` where there is none.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ seed: 1 });
    /// results.add(#{ seed: 2 });
    /// assert_eq(results.column("seed"), [1, 2]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn column(table: &mut Table, name: &str) -> Fallible<Array> {
        Ok(lift(table.column(name))?.iter().map(value).collect())
    }

    /// Means with 95 % intervals in each group of rows: options `of` (columns to average) and `by`
    /// (columns whose values make the groups; none for all rows together). The result is a table with
    /// the columns of `by`, then measure, n, mean, low, high, undefined. Option `figures` puts others in
    /// the place of mean, low and high: "sd", "median", "q1", "q3", "min", "max", "sum", "p5" to "p95".
    /// The interval is Student's, the rows taken as independent; where several rows come from one song
    /// or seed, `cluster` names that column, and whole clusters are resampled (`resamples`, 2000; `seed`).
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..4, t: [0, 1] }, |p| #{ y: p.seed + p.t });
    /// let means = results.summary(#{ by: "t", of: "y" });
    /// assert_eq(means.column("mean"), [1.5, 2.5]);
    /// assert_eq(results.summary(#{ of: "y", figures: ["median", "max"] }).column("max"), [4.0]);
    /// print(results.summary(#{ of: "y", cluster: "seed" }));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn summary(context: NativeCallContext, table: &mut Table, options: Map) -> Fallible<Table> {
        let mut options = Options::new("summary", options);
        let by = options.texts("by")?.unwrap_or_default();
        let (of, summary) = summary_options(&context, options)?;
        lift(lift(table.group(&by))?.summary_until(&Context::of(&context).cancel, &of, &summary))
    }

    /// Only the named columns, in the given order.
    ///
    /// ```rhai
    /// let results = table();
    /// results.add(#{ a: 1, b: 2, c: 3 });
    /// assert_eq(results.select(["c", "a"]).columns, ["c", "a"]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn select(table: &mut Table, names: Names) -> Fallible<Table> {
        lift(table.select(&texts("names", &names)?))
    }

    /// The rows in rising order of a column, or of several: rows that agree in the first are ordered by
    /// the second. Rows without a value come last.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: [3, 1, 2], b: [1, 0] }, |p| #{});
    /// assert_eq(results.sort_by("a").column("a"), [1, 1, 2, 2, 3, 3]);
    /// assert_eq(results.sort_by(["b", "a"]).column("a"), [1, 2, 3, 1, 2, 3]);
    /// ```
    #[rhai_fn(name = "sort_by", pure, return_raw)]
    pub fn sort_by(table: &mut Table, columns: Names) -> Fallible<Table> {
        lift(table.sort_by(&texts("columns", &columns)?, false))
    }

    /// The same from the largest with the option `descending`: true, or the columns of which that is so.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: [3, 1, 2] }, |p| #{});
    /// assert_eq(results.sort_by("a", #{ descending: true }).column("a"), [3, 2, 1]);
    /// ```
    #[rhai_fn(name = "sort_by", pure, return_raw)]
    pub fn sort_by_with(table: &mut Table, columns: Names, options: Map) -> Fallible<Table> {
        let columns = texts("columns", &columns)?;
        let mut options = Options::new("sort_by", options);
        let descending = options.value("descending").unwrap_or(Dynamic::FALSE);
        options.finish()?;
        if let Ok(descending) = descending.as_bool() {
            return lift(table.sort_by(&columns, descending));
        }
        let falling = texts("descending", &descending)?;
        if let Some(other) = falling.iter().find(|name| !columns.contains(name)) {
            return Err(refuse(format!("`descending` names `{other}`, which the rows are not sorted by")));
        }
        let by: Vec<(&str, bool)> =
            columns.iter().map(|name| (name.as_str(), falling.contains(name))).collect();
        lift(table.sort_by_each(&by))
    }

    /// The rows that `keep`, a function of a row as a map, says true of.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..10 }, |p| #{});
    /// assert_eq(results.filter(|row| row.a > 6).len, 3);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn filter(context: NativeCallContext, table: &mut Table, keep: FnPtr) -> Fallible<Table> {
        table.try_filter(|row| super::super::call::<bool>(&context, &keep, row_map(row), "bool"))
    }

    /// The rows of both tables; columns are matched by name.
    ///
    /// ```rhai
    /// let a = sweep::grid(#{ a: 0..2 }, |p| #{});
    /// assert_eq((a + a).len, 4);
    /// ```
    #[rhai_fn(name = "+", pure)]
    pub fn concat(table: &mut Table, next: Table) -> Table {
        table.concat(&next)
    }

    /// Adds the rows of another table; this changes the table.
    ///
    /// ```rhai
    /// let a = table();
    /// a += sweep::grid(#{ a: 0..2 }, |p| #{});
    /// assert_eq(a.len, 2);
    /// ```
    #[rhai_fn(name = "+=")]
    pub fn extend(table: &mut Table, next: Table) {
        table.extend(&next);
    }

    /// Whether both have the same columns and cells.
    ///
    /// ```rhai
    /// assert(table() == table());
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(table: &mut Table, other: Table) -> bool {
        *table == other
    }

    /// Writes the table; the format follows the extension: csv, json, or parquet where the program
    /// was built with it.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..2 }, |p| #{});
    /// results.save("results.csv");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn save(context: NativeCallContext, table: &mut Table, path: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let file = settings.output_path(path).map_err(refuse)?;
        lift(table.save(&file))
    }

    /// Every combination of the settings in `axes` (a map from names to arrays or ranges, or an array of
    /// pairs, whose order is kept), as maps.
    ///
    /// ```rhai
    /// let all = points(#{ a: 1..=2, b: ["x", "y"] });
    /// assert_eq(all.len(), 4);
    /// assert_eq(all[0], #{ a: 1, b: "x" });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn points(axes: Dynamic) -> Fallible<Array> {
        let plan = lift(Plan::grid(space(&axes)?))?;
        if plan.len() > ITEMS {
            return Err(refuse(format!(
                "{} points are too many for an array, at most {ITEMS}: `sweep::grid` goes through more without \
                 holding them",
                plan.len()
            )));
        }
        Ok((0..plan.len()).map(|cell| Dynamic::from(point_map(plan.point(cell)))).collect())
    }

    /// The items in an order that `seed` chooses.
    ///
    /// ```rhai
    /// assert_eq(shuffled([1, 2, 3], 7), shuffled([1, 2, 3], 7));
    /// ```
    pub fn shuffled(mut items: Array, seed: i64) -> Array {
        Seed(seed.cast_unsigned()).stream("shuffled").shuffle(&mut items);
        items
    }
}
