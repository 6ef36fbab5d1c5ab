//! `report::`: pages on made against real music.

use rhai::Map;
use rhai::plugin::*;

use super::compare::{Learnt, answer, choices, set};
use super::lift;
use crate::data::Dataset;
use crate::experiment::report::{self as pages, Copied, Page};
use crate::metrics::against::{Comparison, SongSet, against};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};

/// A page and the comparison it tells of.
#[derive(Clone, Debug)]
pub(in crate::script) struct Report {
    page: Page,
    comparison: Comparison,
}

impl Report {
    /// One line: what it is called and of what.
    pub fn line(&self) -> String {
        format!("Report {:?}, {} pictures", self.page.title, self.page.pictures().count())
    }
}

/// The made phrase nearest to what was learnt from.
fn nearest(
    learnt: &Learnt,
    training: Option<&Dynamic>,
    made: &SongSet,
    real: &SongSet,
) -> Fallible<Option<Copied>> {
    let phrase = |set: &SongSet, index: usize| -> Fallible<_> {
        set.phrases().get(index).cloned().ok_or_else(|| refuse(format!("there is no phrase {index}")))
    };
    match (learnt, training) {
        (Learnt::Unknown, _) => Ok(None),
        (Learnt::Real, _) => Copied::find(made, &real.to_cell_set(), |index| phrase(real, index)),
        (Learnt::Other(cells), Some(training)) => match training.read_lock::<Dataset>() {
            Some(set) => Copied::find(made, cells, |index| lift(set.phrase(index))),
            None => {
                let others = set("report::compare", "`training`", training)?;
                Copied::find(made, cells, |index| phrase(&others, index))
            }
        },
        (Learnt::Other(_), None) => Ok(None),
    }
}

/// Making pages.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod report {
    /// A page that compares made phrases with real ones (sets or arrays of pieces): headline figures beside
    /// those of other real music, tables, charts and pianorolls. Options: `title`, and those of
    /// `compare::sets`.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 20, seed: 1 });
    /// let page = report::compare(made, real[0..60], #{ statistics: "coverage", resamples: 20 });
    /// assert(page.markdown().contains("coverage"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn compare(
        context: NativeCallContext,
        made: Dynamic,
        real: Dynamic,
        options: Map,
    ) -> Fallible<Report> {
        const OWNER: &str = "report::compare";
        let settings = Context::of(&context);
        let training = options.get("training").cloned();
        let mut options = Options::new(OWNER, options);
        let title = options.text("title")?.unwrap_or_else(|| "Made against real music".to_owned());
        let choices = choices(&context, &mut options)?;
        let learnt = Learnt::of(OWNER, &mut options)?;
        options.finish()?;
        let (made, real) = (set(OWNER, "`made`", &made)?, set(OWNER, "`real`", &real)?);
        let found = against(&made, &real, learnt.training(), &choices, &*settings.output, &settings.cancel);
        let comparison = answer(found)?;
        let copied = nearest(&learnt, training.as_ref(), &made, &real)?;
        let report = pages::Report { title, made, real, comparison, copied, stamp: Some(settings.stamp()) };
        let page = lift(report.page(&choices))?;
        Ok(Report { page, comparison: report.comparison })
    }
}

/// What a page holds.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod reports {
    /// Writes the page into a folder: `report.html`, which holds everything, and `report.md` with its
    /// pictures beside it.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 12, seed: 1 });
    /// report::compare(made, real[0..40], #{ statistics: "coverage", resamples: 20 }).save("page");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save(context: NativeCallContext, report: &mut Report, folder: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let folder = settings.output_path(folder).map_err(refuse)?;
        for path in lift(report.page.save(&folder))? {
            settings.note(&format!("wrote {}", path.display()));
        }
        Ok(())
    }

    /// The page as Markdown.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 12, seed: 1 });
    /// let page = report::compare(made, real[0..40], #{ statistics: "coverage", resamples: 20, title: "Tour" });
    /// assert(page.markdown().starts_with("# Tour"));
    /// ```
    #[rhai_fn(pure)]
    pub fn markdown(report: &mut Report) -> String {
        report.page.markdown()
    }

    /// The page as HTML, everything in one file.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 12, seed: 1 });
    /// let page = report::compare(made, real[0..40], #{ statistics: "coverage", resamples: 20 });
    /// assert(page.html().starts_with("<!DOCTYPE html>"));
    /// ```
    #[rhai_fn(pure)]
    pub fn html(report: &mut Report) -> String {
        report.page.html()
    }

    /// The comparison that the page tells of.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 12, seed: 1 });
    /// let page = report::compare(made, real[0..40], #{ statistics: "coverage", resamples: 20 });
    /// assert_eq(page.comparison.table().len, 1);
    /// ```
    #[rhai_fn(get = "comparison", pure)]
    pub fn comparison(report: &mut Report) -> Comparison {
        report.comparison.clone()
    }
}
