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

fn titled(chart: Chart, title: Option<String>) -> Chart {
    match title {
        Some(title) => Chart { title, ..chart },
        None => chart,
    }
}

/// Drawing tables.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod charts {
    /// Means of one column over another, as lines with 95 % intervals. Options: `x`, `y`; `by`, a column
    /// with a line for each of its values, or "track" for a line for each track's `y`; `spread`, how the
    /// intervals are shown: "band", "bars" or "none"; `title`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..4, t: [0, 1] }, |p| #{ y: p.seed + p.t });
    /// results.plot(#{ x: "t", y: "y" }).save("plot.png");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn plot(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("plot", options);
        let (x, y) = (needed(&mut options, "plot", "x")?, needed(&mut options, "plot", "y")?);
        let (by, title) = (options.text("by")?, options.text("title")?);
        let shown = options.choice("spread", &["band", "bars", "none"])?;
        options.finish()?;
        let mut chart = lift(table.plot(&x, &y, by.as_deref()))?;
        if let Plot::Lines { spread, .. } = &mut chart.plot {
            *spread = match shown {
                Some("bars") => Spread::Bars,
                Some("none") => Spread::None,
                _ => Spread::Band,
            };
        }
        Ok(titled(chart, title))
    }

    /// The spread of column `y` at each value of column `x`, as boxes. Options: `x`, `y`, `title`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ seed: 0..9, t: ["a", "b"] }, |p| #{ y: p.seed });
    /// results.box_plot(#{ x: "t", y: "y" }).save("boxes.svg");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn box_plot(table: &mut Table, options: Map) -> Fallible<Chart> {
        let mut options = Options::new("box_plot", options);
        let (x, y) = (needed(&mut options, "box_plot", "x")?, needed(&mut options, "box_plot", "y")?);
        let title = options.text("title")?;
        options.finish()?;
        Ok(titled(lift(table.box_plot(&x, &y))?, title))
    }

    /// How often values lie in each of equal bins. Options: `of` (one column or several), `bins` (20),
    /// `title`.
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
        let title = options.text("title")?;
        options.finish()?;
        let of = of.ok_or_else(|| refuse("`histogram` needs `of`: one column or several"))?;
        Ok(titled(lift(table.histogram(&of, bins))?, title))
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
