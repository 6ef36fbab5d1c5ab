//! `report::`: pages on made against real music.

use rhai::plugin::*;
use rhai::{Array, ImmutableString, Map};

use super::compare::{Learnt, answer, choices, set};
use super::lift;
use crate::base::Cancel;
use crate::data::Dataset;
use crate::experiment::report::{self as pages, Block, Copied, Page, Picture};
use crate::metrics::against::{Comparison, SongSet, against};
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::{Context, Look, Rich};

/// A page, and the comparison it tells of.
#[derive(Clone, Debug)]
pub(in crate::script) struct Report {
    page: Page,
    /// What it tells of, where it tells of one.
    comparison: Option<Comparison>,
}

impl Report {
    /// A page that tells of no comparison.
    pub(super) fn of_page(page: Page) -> Self {
        Self { page, comparison: None }
    }

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
    cancel: &Cancel,
) -> Fallible<Option<Copied>> {
    let phrase = |set: &SongSet, index: usize| -> Fallible<_> {
        set.phrases().get(index).cloned().ok_or_else(|| refuse(format!("there is no phrase {index}")))
    };
    match (learnt, training) {
        (Learnt::Unknown, _) => Ok(None),
        (Learnt::Real, _) => Copied::find(made, &real.to_cell_set(), |index| phrase(real, index), cancel),
        (Learnt::Other(cells), Some(training)) => match training.read_lock::<Dataset>() {
            Some(set) => Copied::find(made, cells, |index| lift(set.phrase(index)), cancel),
            None => {
                let others = set("report::compare", "`training`", training)?;
                Copied::find(made, cells, |index| phrase(&others, index), cancel)
            }
        },
        (Learnt::Other(_), None) => Ok(None),
    }
}

/// One part of a page that a script lays out; a picture is the file `picture-NUMBER.png`.
fn block(part: &Dynamic, number: usize) -> Fallible<Block> {
    let (value, caption) = match part.read_lock::<Map>() {
        None => (part.clone(), String::new()),
        Some(map) => {
            let known = |key: &str| matches!(key, "show" | "caption");
            if let Some(other) = map.keys().find(|key| !known(key.as_str())) {
                return Err(refuse(format!("a part of a page has `show` and `caption`, got `{other}`")));
            }
            let value = map
                .get("show")
                .ok_or_else(|| refuse("a part of a page needs `show`, the value that it shows"))?;
            (value.clone(), map.get("caption").map(ToString::to_string).unwrap_or_default())
        }
    };
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(match text.strip_prefix("## ") {
            Some(heading) => Block::Heading(heading.to_owned()),
            None => Block::Text(text.to_string()),
        });
    }
    let shown = Rich::of(&value, &Look::default());
    Ok(match (shown.table, shown.picture) {
        (Some(table), _) => Block::Table(table),
        (None, Some(png)) => {
            // What is heard by those who do not see it.
            let alt = match caption.as_str() {
                "" => shown.text.lines().next().unwrap_or_default().to_owned(),
                caption => caption.to_owned(),
            };
            Block::Picture(Picture { file: format!("picture-{number}.png"), png, alt, caption })
        }
        (None, None) => Block::Text(shown.text),
    })
}

/// A page of many pictures takes a while.
fn check(context: &Context) -> Fallible<()> {
    if context.cancel.is_raised() { Err(stopped()) } else { Ok(()) }
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
        let copied = nearest(&learnt, training.as_ref(), &made, &real, &settings.cancel)?;
        super::check(&settings)?;
        let report = pages::Report { title, made, real, comparison, copied, stamp: Some(settings.stamp()) };
        let page = lift(report.page(&choices, &settings.cancel))?;
        Ok(Report { page, comparison: Some(report.comparison) })
    }

    /// A page of one's own: the parts one below the other, each what it is. A text is a paragraph, or a
    /// heading when it begins with `## `; tables are tables; charts, pieces, tracks, arrays of pieces and
    /// everything else that can be drawn are pictures, with words below as `#{ show: chart, caption: "…" }`;
    /// of other values the text is shown. A text that comes first says what the page is about.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// let results = table();
    /// results.add(#{ track: "bass", notes: song.metrics().bass.notes });
    /// let page = report::page("A bass line", [
    ///     "Two notes and what they amount to.",
    ///     "## Music", #{ show: song, caption: "the line" },
    ///     "## Measures", results,
    /// ]);
    /// assert(page.markdown().contains("| 2.0 | bass |"));
    /// page.save("bass-line");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn page(context: NativeCallContext, title: &str, parts: Array) -> Fallible<Report> {
        let settings = Context::of(&context);
        let mut page = Page {
            title: title.to_owned(),
            lead: String::new(),
            blocks: Vec::new(),
            stamp: Some(settings.stamp()),
        };
        for (index, part) in parts.iter().enumerate() {
            super::check(&settings)?;
            match part.read_lock::<ImmutableString>() {
                Some(text) if index == 0 && !text.starts_with("## ") => page.lead = text.to_string(),
                _ => page.blocks.push(super::block(part, page.pictures().count() + 1)?),
            }
        }
        Ok(Report { page, comparison: None })
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
    #[rhai_fn(get = "comparison", pure, return_raw)]
    pub fn comparison(report: &mut Report) -> Fallible<Comparison> {
        report.comparison.clone().ok_or_else(|| refuse("this page tells of no comparison"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Host;

    fn run(text: &str) -> Result<Dynamic, String> {
        let host = Host::new(Context::default());
        host.run_text("test", text, &[]).map_err(|error| error.headline)
    }

    #[test]
    fn a_page_holds_its_parts_in_order_as_what_they_are() {
        let text = r###"
            let song = music::line("bass", "C2 G2").to_song();
            let rows = table(); rows.add(#{ seed: 1 });
            let chart = rows.bars(#{ x: "seed", y: "seed", title: "seeds" });
            report::page("Mine", ["About.", "## One", "Text.", rows, #{ show: song, caption: "a line" },
                chart, [song, song], 42])
        "###;
        let page = run(text).unwrap().cast::<Report>().page;
        assert_eq!((page.title.as_str(), page.lead.as_str()), ("Mine", "About."));
        let kinds: Vec<String> = page
            .blocks
            .iter()
            .map(|block| match block {
                Block::Heading(text) => format!("## {text}"),
                Block::Text(text) => text.clone(),
                Block::Table(table) => format!("{} row", table.len()),
                Block::Picture(picture) => {
                    assert!(picture.png.starts_with(b"\x89PNG") && !picture.alt.is_empty());
                    format!("{} {}", picture.file, picture.caption)
                }
                other => format!("{other:?}"),
            })
            .collect();
        let expected =
            ["## One", "Text.", "1 row", "picture-1.png a line", "picture-2.png ", "picture-3.png ", "42"];
        assert_eq!(kinds, expected);
        assert!(page.stamp.is_some());
    }

    #[test]
    fn what_is_no_part_is_told() {
        let told = run("report::page(\"x\", [#{ shwo: 1 }])").unwrap_err();
        assert_eq!(told, "a part of a page has `show` and `caption`, got `shwo`");
        let told = run("report::page(\"x\", [#{ caption: \"a\" }])").unwrap_err();
        assert!(told.contains("needs `show`"), "{told}");
        let told = run("report::page(\"x\", []).comparison").unwrap_err();
        assert_eq!(told, "this page tells of no comparison");
        let told = run("report::table_by_track(music::line(\"a\", \"C2\").to_song(), \
                        music::line(\"b\", \"C2\").to_song())");
        assert!(told.unwrap_err().contains("no track of the same name"));
    }
}
