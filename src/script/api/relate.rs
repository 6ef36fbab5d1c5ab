//! `Table`: columns out of rows, groups of rows, tables beside one another, tables out of files.

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::table::{cell, results, row_map, summary_options, value};
use super::{Names, lift};
use crate::experiment::{Cell, Figure, Groups, Join, Table};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, texts};

/// Calls `work` with each row as a map.
fn each_row(
    context: &NativeCallContext,
    table: &Table,
    work: &FnPtr,
    mut take: impl FnMut(Dynamic) -> Fallible<()>,
) -> Fallible<()> {
    table.rows().try_for_each(|row| take(work.call_within_context(context, (row_map(row),))?))
}

/// The number of rows to take.
fn count(count: i64) -> Fallible<usize> {
    usize::try_from(count).map_err(|_| refuse(format!("the number of rows must be at least 0, got {count}")))
}

/// Tables out of files.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod reading {
    /// The table in a file: .csv, .json, or .parquet where the program was built with it. In a CSV file
    /// what stands in quotes is a string, and an empty field is `()`.
    ///
    /// ```rhai
    /// assert_error(|| table::read("results.tsv"), ".csv");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read(context: NativeCallContext, path: &str) -> Fallible<Table> {
        lift(Table::read(&Context::of(&context).input_path(path).map_err(refuse)?))
    }
}

/// Tables out of tables.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod relating {
    /// The table with a column that a function of a row, as a map, computes; one of that name is replaced.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=3 }, |p| #{ b: p.a * 2 });
    /// assert_eq(results.derive("sum", |row| row.a + row.b).column("sum"), [3, 6, 9]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn derive(context: NativeCallContext, table: &mut Table, name: &str, work: FnPtr) -> Fallible<Table> {
        let mut cells = Vec::with_capacity(table.len());
        each_row(&context, table, &work, |given| {
            cells.push(cell(name, &given)?);
            Ok(())
        })?;
        lift(table.with_column(name, cells))
    }

    /// A table of what a function of a row gives: a map, or the measures of a piece.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=3 }, |p| #{ b: p.a * 2 });
    /// assert_eq(results.map(|row| #{ c: row.a + row.b }).columns, ["c"]);
    /// ```
    #[rhai_fn(name = "map", pure, return_raw)]
    pub fn map_rows(context: NativeCallContext, table: &mut Table, work: FnPtr) -> Fallible<Table> {
        let mut mapped = Table::new();
        each_row(&context, table, &work, |given| {
            mapped.add(results(&given)?);
            Ok(())
        })?;
        Ok(mapped)
    }

    /// Row `index` as a map, counted from 0; negative ones count from the end.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=3 }, |p| #{});
    /// assert_eq(results.row(0).a, 1);
    /// assert_eq(results.row(-1).a, 3);
    /// ```
    #[rhai_fn(name = "row", pure, return_raw)]
    pub fn row(table: &mut Table, index: i64) -> Fallible<Map> {
        let len = table.len() as i64;
        let place = usize::try_from(if index < 0 { len + index } else { index }).ok();
        let row = place.and_then(|place| table.row(place));
        row.map(row_map).ok_or_else(|| refuse(format!("no row {index}: the table has {len} rows")))
    }

    /// The first rows.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..9 }, |p| #{});
    /// assert_eq(results.head(2).column("a"), [0, 1]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn head(table: &mut Table, rows: i64) -> Fallible<Table> {
        Ok(table.head(count(rows)?))
    }

    /// The last rows.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..9 }, |p| #{});
    /// assert_eq(results.tail(2).column("a"), [7, 8]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn tail(table: &mut Table, rows: i64) -> Fallible<Table> {
        Ok(table.tail(count(rows)?))
    }

    /// Each combination of values of the named columns once, without the other columns.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..9 }, |p| #{ odd: p.a % 2 == 1 });
    /// assert_eq(results.unique("odd").column("odd"), [false, true]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn unique(table: &mut Table, names: Names) -> Fallible<Table> {
        lift(table.unique(&texts("names", &names)?))
    }

    /// The table with a column called otherwise.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..2 }, |p| #{});
    /// assert_eq(results.rename("a", "take").columns, ["take"]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn rename(table: &mut Table, from: &str, to: &str) -> Fallible<Table> {
        lift(table.rename(from, to))
    }

    /// All columns but the named ones.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..2 }, |p| #{ b: 1, c: 2 });
    /// assert_eq(results.without("b").columns, ["a", "c"]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn without(table: &mut Table, names: Names) -> Fallible<Table> {
        lift(table.without(&texts("names", &names)?))
    }

    /// The rows in groups that agree in one or several columns.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..6 }, |p| #{ third: p.a % 3 });
    /// let groups = results.group("third");
    /// assert_eq(groups.len, 3);
    /// assert_eq(groups.count().column("n"), [2, 2, 2]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn group(table: &mut Table, by: Names) -> Fallible<Groups> {
        lift(table.group(&texts("by", &by)?))
    }

    /// Number of groups.
    ///
    /// ```rhai
    /// assert_eq(sweep::grid(#{ a: 0..6 }, |p| #{}).group("a").len, 6);
    /// ```
    #[rhai_fn(name = "len", get = "len", pure)]
    pub fn group_count(groups: &mut Groups) -> i64 {
        groups.len() as i64
    }

    /// How many rows each group has: a table with the columns that make the groups, and n.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..5 }, |p| #{ odd: p.a % 2 == 1 });
    /// assert_eq(results.group("odd").count().column("n"), [3, 2]);
    /// ```
    #[rhai_fn(name = "count", pure)]
    pub fn count_rows(groups: &mut Groups) -> Table {
        groups.count()
    }

    /// Figures of some columns in each group; the options of a table's `summary`, without `by`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..6 }, |p| #{ third: p.a % 3 });
    /// assert_eq(results.group("third").summary(#{ of: "a" }).column("mean"), [1.5, 2.5, 3.5]);
    /// ```
    #[rhai_fn(name = "summary", pure, return_raw)]
    pub fn summary_of_groups(
        context: NativeCallContext,
        groups: &mut Groups,
        options: Map,
    ) -> Fallible<Table> {
        let (of, summary) = summary_options(&context, Options::new("summary", options))?;
        lift(groups.summary_until(&Context::of(&context).cancel, &of, &summary))
    }

    /// The rows of each group as a table of their own.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..6 }, |p| #{ third: p.a % 3 });
    /// assert_eq(results.group("third").tables[1].column("a"), [1, 4]);
    /// ```
    #[rhai_fn(get = "tables", pure)]
    pub fn tables(groups: &mut Groups) -> Array {
        groups.tables().map(|(_, table)| Dynamic::from(table)).collect()
    }

    /// A row for each group: the columns that make it, and what a function of its table gives, a map.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..6 }, |p| #{ third: p.a % 3 });
    /// let most = results.group("third").map(|rows| #{ most: rows.column("a").reduce(|m, x| max(m ?? x, x)) });
    /// assert_eq(most.column("most"), [3, 4, 5]);
    /// ```
    #[rhai_fn(name = "map", pure, return_raw)]
    pub fn map_groups(context: NativeCallContext, groups: &mut Groups, work: FnPtr) -> Fallible<Table> {
        let mut mapped = Table::new();
        for (key, table) in groups.tables() {
            let given: Dynamic = work.call_within_context(&context, (table,))?;
            let key = key.into_iter().map(|(name, cell)| (name.to_string(), cell));
            mapped.add(key.chain(results(&given)?));
        }
        Ok(mapped)
    }

    /// A table with a row for each value of one column and a column for each value of another. Options:
    /// `rows` and `columns` (names of columns), `of` (the column that fills it), `figure` ("mean", or
    /// another of `summary`'s).
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..4, t: [1, 2], m: ["a", "b"] }, |p| #{ y: p.seed * p.t });
    /// let wide = results.pivot(#{ rows: "t", columns: "m", of: "y" });
    /// assert_eq(wide.columns, ["t", "a", "b"]);
    /// assert_eq(wide.column("b"), [1.5, 3.0]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn pivot(table: &mut Table, options: Map) -> Fallible<Table> {
        let mut options = Options::new("pivot", options);
        let mut needed = |key: &'static str| {
            let text = options.text(key)?;
            text.ok_or_else(|| refuse(format!("`pivot` needs `{key}`: the name of a column")))
        };
        let (rows, columns, of) = (needed("rows")?, needed("columns")?, needed("of")?);
        let figure = options.text("figure")?;
        options.finish()?;
        let figure = figure.map(|name| lift(name.parse())).transpose()?.unwrap_or(Figure::Mean);
        lift(table.pivot(&rows, &columns, &of, figure))
    }

    /// Each row beside the rows of another table that agree with it in one or several columns.
    ///
    /// ```rhai
    /// let a = sweep::grid(#{ seed: 0..3 }, |p| #{ notes: p.seed });
    /// let b = sweep::grid(#{ seed: 1..9 }, |p| #{ bars: 4 });
    /// assert_eq(a.join(b, "seed").columns, ["seed", "notes", "bars"]);
    /// assert_eq(a.join(b, "seed").len, 2);
    /// ```
    #[rhai_fn(name = "join", pure, return_raw)]
    pub fn join(table: &mut Table, other: Table, on: &str) -> Fallible<Table> {
        lift(table.join(&other, &[on], Join::Inner, None))
    }

    /// The same with options: `on` (one column or several), `how` ("inner", or "left", which keeps rows
    /// without a partner), `suffix` (stands behind the names of the second table's columns that the first
    /// one has too; without it they are an error).
    ///
    /// ```rhai
    /// let a = sweep::grid(#{ seed: 0..3 }, |p| #{ notes: p.seed });
    /// let b = sweep::grid(#{ seed: 1..9 }, |p| #{ notes: 4 });
    /// let both = a.join(b, #{ on: "seed", how: "left", suffix: " of b" });
    /// assert_eq(both.column("notes of b"), [(), 4, 4]);
    /// ```
    #[rhai_fn(name = "join", pure, return_raw)]
    pub fn join_with(table: &mut Table, other: Table, options: Map) -> Fallible<Table> {
        let mut options = Options::new("join", options);
        let on = options.texts("on")?.unwrap_or_default();
        let how = options.choice("how", &["inner", "left"])?;
        let suffix = options.text("suffix")?;
        options.finish()?;
        let how = if how == Some("left") { Join::Left } else { Join::Inner };
        lift(table.join(&other, &on, how, suffix.as_deref()))
    }

    /// The mean of a column's numbers; `()` when there are none.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=3 }, |p| #{});
    /// assert_eq(results.mean("a"), 2.0);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn mean(table: &mut Table, column: &str) -> Fallible<Dynamic> {
        let numbers: Vec<f64> = lift(table.numbers(column))?.into_iter().flatten().collect();
        Ok(value(&Cell::from(Figure::Mean.of(&numbers))))
    }
}
