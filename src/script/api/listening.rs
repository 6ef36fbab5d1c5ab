//! `study::listening_test` and what is made of its ratings.

use std::path::PathBuf;

use rhai::plugin::*;
use rhai::{Array, ImmutableString, Map};

use super::report::Report;
use super::{lift, songs};
use crate::experiment::listening::{Clip, ListeningOptions, ListeningTest, Ratings, report};
use crate::experiment::{ExperimentError, Table};
use crate::music::Tempo;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::show::count;
use crate::script::types::plain_name;

/// Beats a minute at which all clips are played.
const TEMPO: f64 = 100.0;

/// The clips of a source, from a map with `row` and `songs`.
fn clips(value: &Dynamic) -> Fallible<Vec<Clip>> {
    let kind = plain_name(value.type_name());
    let map = value.clone().try_cast::<Map>();
    let map = map.ok_or_else(|| refuse(format!("a source is a map with `row` and `songs`, got {kind}")))?;
    let mut options = Options::new("study::listening_test", map);
    let source = options.text("row")?.ok_or_else(|| refuse("a source needs `row`: what it is called"))?;
    let array = options.value("songs").and_then(|value| value.try_cast::<Array>());
    let array = array.ok_or_else(|| refuse("a source needs `songs`: an array of pieces"))?;
    options.finish()?;
    let music = songs("study::listening_test", &array)?;
    let clip = |(place, music): (usize, crate::music::Multitrack)| {
        let seed = music.origin().and_then(|origin| origin.seed);
        let piece = seed.map_or_else(|| format!("phrase {}", place + 1), |seed| format!("seed {seed}"));
        Clip { source: source.clone(), piece, music }
    };
    Ok(music.into_iter().enumerate().map(clip).collect())
}

/// The tables of ratings: tables, or names of files.
fn rated(context: &Context, ratings: &Array, key: &Dynamic) -> Fallible<Ratings> {
    let read = |value: &Dynamic| -> Fallible<Table> {
        if let Some(table) = value.read_lock::<Table>() {
            return Ok(table.clone());
        }
        match value.read_lock::<ImmutableString>() {
            Some(name) => {
                let path: PathBuf = context.input_path(name.as_str()).map_err(refuse)?;
                lift(Table::read(&path))
            }
            None => {
                let kind = plain_name(value.type_name());
                Err(refuse(format!("ratings and their key are tables or names of files, got {kind}")))
            }
        }
    };
    let tables: Vec<Table> = ratings.iter().map(read).collect::<Fallible<_>>()?;
    lift(Ratings::of(&tables, &read(key)?))
}

/// Listening tests.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod listening {
    /// Makes a blind listening test: `page`, an HTML file that works offline and on which people rate clips
    /// from 1 to 5 as in the user study of MuseGAN (harmonious, rhythmic, structured, coherent, overall), and
    /// `key`, a .csv file that tells whose each clip is and is not for them. `rows` is an array of maps: `row`
    /// (the source's name) and `songs` (an array of phrases of one length). All are played at one tempo, on
    /// the same instruments, equally loud, and in an order that every rater's browser draws. Options: `title`,
    /// `tempo` (100), `seed`.
    ///
    /// ```rhai
    /// let real = data::phrases("examples/data/tour_256.npz", #{ count: 1, seed: 1 }).map(|s| s.first_bars(1));
    /// let made = [model::load("hybrid").generate(#{ seed: 1 }).first_bars(1)];
    /// study::listening_test("listen.html", "key.csv", [#{ row: "real", songs: real }, #{ row: "hybrid", songs: made }], #{});
    /// ```
    #[rhai_fn(return_raw)]
    pub fn listening_test(
        context: NativeCallContext,
        page: &str,
        key: &str,
        rows: Array,
        options: Map,
    ) -> Fallible<()> {
        let settings = Context::of(&context);
        let mut options = Options::new("study::listening_test", options);
        let title = options.text("title")?.unwrap_or_else(|| "A listening test".to_owned());
        let tempo = lift(Tempo::new(options.float("tempo", 1.0..=2000.0)?.unwrap_or(TEMPO)))?;
        let seed = options.seed("seed")?.unwrap_or(settings.seed);
        options.finish()?;
        let clips: Vec<Vec<Clip>> = rows.iter().map(clips).collect::<Fallible<_>>()?;
        let clips = clips.concat();
        let made = ListeningTest::new(&clips, &ListeningOptions { title, tempo, seed }, &settings.cancel);
        let made = match made {
            Err(ExperimentError::Stopped) => return Err(stopped()),
            other => lift(other)?,
        };
        let [page, key] = [page, key].map(|path| settings.output_path(path).map_err(refuse));
        for path in lift(made.save(&page?, &key?))? {
            settings.note(&format!("wrote {} ({})", path.display(), count(clips.len(), "clip")));
        }
        Ok(())
    }

    /// The means of a listening test with intervals, beside those of the published study: `ratings` is an
    /// array of tables or of names of the .csv files that raters sent, `key` the test's key.
    ///
    /// ```rhai
    /// let key = table();
    /// key.add(#{ clip: "c1", source: "hybrid", piece: "seed 1" });
    /// let ratings = table();
    /// ratings.add(#{ rater: "r1", musician: true, clip: "c1", harmonious: 4, rhythmic: 3, structured: 3,
    ///     coherent: 4, overall: 5 });
    /// let told = study::ratings([ratings], key);
    /// assert_eq(told.filter(|row| row.by == "all raters").column("overall"), [5.0]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ratings(context: NativeCallContext, ratings: Array, key: Dynamic) -> Fallible<Table> {
        let settings = Context::of(&context);
        Ok(rated(&settings, &ratings, &key)?.table(settings.seed))
    }

    /// The same as a page with a chart, to be saved into a folder. Option: `title`.
    ///
    /// ```rhai
    /// let key = table();
    /// key.add(#{ clip: "c1", source: "hybrid", piece: "seed 1" });
    /// let ratings = table();
    /// ratings.add(#{ rater: "r1", musician: true, clip: "c1", harmonious: 4, rhythmic: 3, structured: 3,
    ///     coherent: 4, overall: 5 });
    /// study::rating_report([ratings], key, #{}).save("ratings");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn rating_report(
        context: NativeCallContext,
        ratings: Array,
        key: Dynamic,
        options: Map,
    ) -> Fallible<Report> {
        let settings = Context::of(&context);
        let mut options = Options::new("study::rating_report", options);
        let title = options.text("title")?.unwrap_or_else(|| "What listeners said".to_owned());
        options.finish()?;
        let ratings = rated(&settings, &ratings, &key)?;
        Ok(Report::of_page(lift(report(&ratings, &title, settings.seed, Some(settings.stamp())))?))
    }
}
