//! `Chart`: what tables look like.

use rhai::Map;
use rhai::plugin::*;

use super::lift;
use crate::experiment::Table;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};
use crate::view::chart::{Chart, Plot, Spread};

/// A text that must be given.
fn needed(options: &mut Options, owner: &str, key: &'static str) -> Fallible<String> {
    options.text(key)?.ok_or_else(|| refuse(format!("`{owner}` needs `{key}`: the name of a column")))
}

/// What every chart may be told: `title`, `x_label`, `y_label`, `log` and `size`.
struct Look {
    title: Option<String>,
    x_label: Option<String>,
    y_label: Option<String>,
    log: Vec<String>,
    size: Option<(u32, u32)>,
}

impl Look {
    /// Takes these options, and refuses all that are left.
    fn last_of(mut options: Options) -> Fallible<Self> {
        let (title, x_label) = (options.text("title")?, options.text("x_label")?);
        let y_label = options.text("y_label")?;
        let log = options.texts("log")?.unwrap_or_default();
        let size = options.value("size").map(size).transpose()?;
        options.finish()?;
        match log.iter().find(|axis| !["x", "y"].contains(&axis.as_str())) {
            Some(other) => Err(refuse(format!("`log` names axes, \"x\", \"y\" or both, got \"{other}\""))),
            None => Ok(Self { title, x_label, y_label, log, size }),
        }
    }

    fn of(self, chart: Chart) -> Chart {
        let is_log = |axis: &str| self.log.iter().any(|name| name == axis);
        Chart {
            x_log: is_log("x"),
            y_log: is_log("y"),
            title: self.title.unwrap_or(chart.title),
            x_label: self.x_label.unwrap_or(chart.x_label),
            y_label: self.y_label.unwrap_or(chart.y_label),
            size: self.size.unwrap_or(chart.size),
            plot: chart.plot,
        }
    }
}

/// Width and height in pixels.
fn size(value: Dynamic) -> Fallible<(u32, u32)> {
    let pair = value.into_typed_array::<i64>().ok().filter(|pair| pair.len() == 2);
    let sides = pair.filter(|pair| pair.iter().all(|side| (400..=8000).contains(side)));
    let sides = sides.ok_or_else(|| refuse("`size` is [width, height] in pixels, from 400 to 8000"))?;
    let side = |place: usize| u32::try_from(sides[place]).unwrap_or(400);
    Ok((side(0), side(1)))
}

/// Drawing tables.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod charts {
    /// Means of one column over another, as lines with 95 % intervals. Options: `x`, `y`; `by`, a column
    /// with a line for each of its values, or "track" for a line for each track's `y`; `spread`, how the
    /// intervals are shown: "band", "bars" or "none"; and those of every chart: `title`, `x_label` and
    /// `y_label` (the column and its unit, where it holds a measure), `log` ("x", "y" or both: powers of
    /// ten), `size` ([1200, 750] pixels).
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..4, t: [0, 1] }, |p| #{ y: p.seed + p.t });
    /// results.plot(#{ x: "t", y: "y" }).save("plot.png");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn plot(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("plot", options);
        let (x, y) = (needed(&mut options, "plot", "x")?, needed(&mut options, "plot", "y")?);
        let by = options.text("by")?;
        let shown = options.choice("spread", &["band", "bars", "none"])?;
        let look = Look::last_of(options)?;
        let mut chart = lift(table.plot(&x, &y, by.as_deref()))?;
        if let Plot::Lines { spread, .. } = &mut chart.plot {
            *spread = match shown {
                Some("bars") => Spread::Bars,
                Some("none") => Spread::None,
                _ => Spread::Band,
            };
        }
        Ok(look.of(chart))
    }

    /// The spread of column `y` at each value of column `x`, as boxes. Options: `x`, `y`, and those of
    /// every chart.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..9, t: ["a", "b"] }, |p| #{ y: p.seed });
    /// results.box_plot(#{ x: "t", y: "y" }).save("boxes.svg");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn box_plot(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("box_plot", options);
        let (x, y) = (needed(&mut options, "box_plot", "x")?, needed(&mut options, "box_plot", "y")?);
        let look = Look::last_of(options)?;
        Ok(look.of(lift(table.box_plot(&x, &y))?))
    }

    /// How often values lie in each of equal bins. Options: `of` (one column or several), `bins` (20),
    /// and those of every chart.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..40 }, |p| #{ y: p.seed % 7 });
    /// results.histogram(#{ of: "y", bins: 7 }).save("histogram.png");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn histogram(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("histogram", options);
        let of = options.texts("of")?;
        let bins = options.count("bins", 1..=1000)?.unwrap_or(20);
        let look = Look::last_of(options)?;
        let of = of.ok_or_else(|| refuse("`histogram` needs `of`: one column or several"))?;
        Ok(look.of(lift(table.histogram(&of, bins))?))
    }

    /// Means of one column at each value of another, as bars with 95 % intervals. Options: `x`, `y`; `by`, a
    /// column with a bar for each of its values, or "track" for a bar for each track's `y`; and those of
    /// every chart.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..4, model: ["a", "b"] }, |p| #{ y: p.seed });
    /// results.bars(#{ x: "model", y: "y" }).save("bars.png");
    /// ```
    #[rhai_fn(name = "bars", pure, return_raw)]
    pub fn bar_chart(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("bars", options);
        let (x, y) = (needed(&mut options, "bars", "x")?, needed(&mut options, "bars", "y")?);
        let by = options.text("by")?;
        let look = Look::last_of(options)?;
        Ok(look.of(lift(table.bars(&x, &y, by.as_deref()))?))
    }

    /// A dot for each row. Options: `x`, `y`; `by`, a column with a colour for each of its values; and
    /// those of every chart.
    ///
    /// ```rhai
    /// let results = sweep::random(#{ a: sweep::between(0, 1) }, |p| #{ b: p.a * p.a }, #{ count: 50 });
    /// results.scatter(#{ x: "a", y: "b" }).save("dots.png");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn scatter(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("scatter", options);
        let (x, y) = (needed(&mut options, "scatter", "x")?, needed(&mut options, "scatter", "y")?);
        let by = options.text("by")?;
        let look = Look::last_of(options)?;
        Ok(look.of(lift(table.scatter(&x, &y, by.as_deref()))?))
    }

    /// A column at each pair of values of two others, as a heat map. Options: `x`, `y`, `of`; `figure`
    /// ("mean", or another of `summary`'s); and those of every chart.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 0..4, b: 0..3, seed: 0..2 }, |p| #{ product: p.a * p.b });
    /// results.heat(#{ x: "a", y: "b", of: "product" }).save("heat.png");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn heat(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("heat", options);
        let (x, y) = (needed(&mut options, "heat", "x")?, needed(&mut options, "heat", "y")?);
        let of = needed(&mut options, "heat", "of")?;
        let figure = options.text("figure")?;
        let look = Look::last_of(options)?;
        let figure = figure.map(|name| lift(name.parse())).transpose()?.unwrap_or_default();
        Ok(look.of(lift(table.heat(&x, &y, &of, figure))?))
    }

    /// The numbers of a table as a heat map, row by row. Options: `rows` (the column that names them), `of`
    /// (columns; all that hold numbers unless given), and those of every chart.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..4, t: [1, 2], m: ["a", "b"] }, |p| #{ y: p.seed * p.t });
    /// let wide = results.pivot(#{ rows: "t", columns: "m", of: "y" });
    /// wide.matrix(#{ rows: "t" }).save("matrix.png");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn matrix(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("matrix", options);
        let rows = needed(&mut options, "matrix", "rows")?;
        let of = options.texts("of")?;
        let look = Look::last_of(options)?;
        let of = of.unwrap_or_else(|| {
            let others = table.columns().iter().filter(|name| ***name != *rows);
            others.filter(|name| table.numbers(name).is_ok()).map(ToString::to_string).collect()
        });
        Ok(look.of(lift(table.matrix(&rows, &of))?))
    }

    /// Writes the chart; .png or .svg.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ t: 0..4 }, |p| #{ y: p.t * p.t });
    /// results.plot(#{ x: "t", y: "y" }).save("squares.svg");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save(context: NativeCallContext, chart: &mut Chart, path: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let file = settings.output_path(path).map_err(refuse)?;
        lift(chart.save_stamped(&file, Some(&settings.stamp())))?;
        settings.note(&format!("wrote {}", file.display()));
        Ok(())
    }
}
