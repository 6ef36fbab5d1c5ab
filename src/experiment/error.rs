//! What can be wrong with a table or a sweep.

use std::path::PathBuf;

use crate::base::{FileError, suggestion};

/// A column, a value or an axis that does not do.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    #[error("stopped")]
    Stopped,
    #[error("no column `{name}`: there are {known}{hint}")]
    Column { name: String, known: String, hint: String },
    #[error("numbers are needed, but column `{column}` holds {value} in row {row}, counted from 0")]
    NotANumber { column: String, row: usize, value: String },
    #[error("column `{name}` has {cells} values for {rows} rows: give one for each row")]
    Length { name: String, rows: usize, cells: usize },
    #[error("the table already has a column `{name}`: choose another name")]
    Clash { name: String },
    #[error(
        "both tables have a column `{name}`: rename one, select what is needed, or give `suffix`, which the \
         second table's gets"
    )]
    JoinClash { name: String },
    #[error(
        "a chart of {count} categories cannot be read, at most {most} are drawn: filter or group the rows"
    )]
    TooMany { count: usize, most: usize },
    #[error("rows are grouped by a column `{name}`, as a summary calls one of its own: `rename` it before")]
    SummaryClash { name: String },
    #[error("a table is joined by at least one column: give `on`")]
    JoinWithout,
    #[error(
        "no figure `{name}`: there are mean, low, high, sd, median, min, max, sum, q1, q3 and p0 to p100{hint}"
    )]
    Figure { name: String, hint: String },
    #[error(
        "axis `{name}` is a range of numbers: a grid needs a list of values, `sweep::random` and `sweep::sobol` do not"
    )]
    Continuous { name: String },
    #[error("axis `{name}` has no values: give at least one")]
    NoValues { name: String },
    #[error(
        "a range leads from a number up to a larger one, from above 0 on a log scale; got from {low} to {high}"
    )]
    Range { low: f64, high: f64 },
    #[error("Sobol's sequence has {most} dimensions here, and there are {axes} axes: use `sweep::random`")]
    Dimensions { axes: usize, most: usize },
    #[error("no axis `{name}`: there are {known}{hint}")]
    UnknownAxis { name: String, known: String, hint: String },
    #[error("a share of a sweep is written like 3/16, the third of sixteen; got `{given}`")]
    Shard { given: String },
    #[error(
        "a share of a sweep needs `save`, the table that `ricercar merge` will write: its rows go into a journal"
    )]
    ShardWithoutFile,
    #[error(
        "`{}` holds rows of another sweep, with other axes or options: sweep without `resume`, or save under \
         another name",
        path.display()
    )]
    Resume { path: PathBuf },
    #[error("`{}` is no journal of a sweep: {wrong}", path.display())]
    Journal { path: PathBuf, wrong: String },
    #[error(
        "`{}` is of another sweep than `{}` (other axes, options, seed or number of shares): merge the shares of \
         one sweep",
        path.display(), first.display()
    )]
    OtherSweep { path: PathBuf, first: PathBuf },
    #[error("`{}` and `{}` are both {shard}: give each share once", path.display(), twin.display())]
    TwoShards { path: PathBuf, twin: PathBuf, shard: String },
    #[error(
        "shares {missing} are missing: give their files too, such as `{}`, or run the script with `--shard {shard}`",
        example.display()
    )]
    NoShards { missing: String, example: PathBuf, shard: String },
    #[error(
        "`{}` has {done} of its {cells} cells: finish it with `resume: true`, or merge what there is with `--partial`",
        path.display()
    )]
    Unfinished { path: PathBuf, done: usize, cells: usize },
    #[error("there is nothing to merge: give the journals of a sweep's shares")]
    NothingToMerge,
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Npz(#[from] crate::npz::NpzError),
    #[error(transparent)]
    View(#[from] crate::view::ViewError),
    #[error("`{}`: a table is a .csv, .json or .parquet file", path.display())]
    Extension { path: PathBuf },
    #[error(
        "this program was built without Parquet: build it with `--features parquet`, or save as .csv or .json"
    )]
    NoParquet,
    #[cfg(feature = "parquet")]
    #[error("the table does not go into a Parquet file: {reason}")]
    Parquet { reason: String },
    #[error("`{}`, {place}: {wrong}", path.display())]
    Unreadable { path: PathBuf, place: String, wrong: String },
    #[error("no table `{name}` of the papers: there are {known}{hint}")]
    PaperTable { name: String, known: String, hint: String },
    #[error("{0}")]
    Listening(String),
    #[error("axis `{0}` is given twice: an axis has one list of values")]
    Axis(String),
    #[error("a sweep over {axes} would have {points} points, at most {most} are possible: give fewer values")]
    Points { axes: String, points: u128, most: usize },
}

impl ExperimentError {
    /// "no column called …", with the columns there are and the nearest of them.
    pub(super) fn column<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        let hint = suggestion(name, known.clone());
        let known: Vec<&str> = known.collect();
        Self::Column {
            name: name.to_owned(),
            known: if known.is_empty() { "none yet".to_owned() } else { known.join(", ") },
            hint,
        }
    }
}
