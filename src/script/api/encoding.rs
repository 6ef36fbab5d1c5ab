//! From music to a latent: `g.encode(song)`, and what it gives.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::latent::seed_or;
use super::model::lift;
use crate::data::{DataError, Dataset};
use crate::experiment::{Cell, Table};
use crate::metrics::{Agreement, CellSet, Sixteenths};
use crate::model::{self, EncodeOptions, Latent, Model, Start};
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};
use crate::script::types::plain_name;

/// What scripts call an encoding: the latent of a phrase, and the phrase of a set that lies nearest.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::script) struct Encoding {
    /// The latent, its music and how well the phrase was met.
    pub found: model::Encoding,
    /// Of the set that was named to compare with.
    pub nearest: Option<Neighbour>,
}

/// The piece of a set that lies nearest to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::script) struct Neighbour {
    /// Which of the set it is.
    pub index: usize,
    /// Jaccard distance of the cells at sixteenths.
    pub distance: f64,
    /// How well it meets the other's notes.
    pub note_f1: Option<f64>,
}

/// The nearest of `count` pieces to each of `wanted`, looking at the tracks called `tracks`; `None` for
/// the silent ones, and when there are no pieces.
fn neighbours(
    wanted: &[Multitrack],
    tracks: &[String],
    count: usize,
    piece: impl Fn(usize) -> Result<Multitrack, DataError> + Sync,
) -> Result<Vec<Option<Neighbour>>, DataError> {
    let beats = |song: &Multitrack| song.steps().div_ceil(song.resolution().steps());
    let beats = wanted.iter().map(beats).max().unwrap_or(0);
    let mut set = CellSet::new(tracks, beats, 4);
    set.extend(count, &piece)?;
    let nearest = CellSet::new(tracks, beats, 4).with(wanted).nearest_in(&set);
    let told = |(wanted, nearest): (&Multitrack, Option<crate::metrics::Nearest>)| {
        let Some(nearest) = nearest else { return Ok(None) };
        let other = piece(nearest.index)?;
        let note_f1 = Sixteenths::of(wanted).overall(&Sixteenths::of(&other)).note_f1();
        Ok(Some(Neighbour { index: nearest.index, distance: nearest.distance, note_f1 }))
    };
    wanted.iter().zip(nearest).map(told).collect()
}

/// A share as scripts see it: `()` where it is undefined.
fn share(value: Option<f64>) -> Dynamic {
    value.map_or(Dynamic::UNIT, Dynamic::from)
}

fn neighbour_map(neighbour: &Neighbour) -> Map {
    let mut map = Map::new();
    map.insert("index".into(), Dynamic::from(neighbour.index as i64));
    map.insert("distance".into(), neighbour.distance.into());
    map.insert("note_f1".into(), share(neighbour.note_f1));
    map
}

/// Where to start, from `start`: a name, or a latent.
fn start(value: Option<Dynamic>) -> Fallible<Start> {
    let Some(value) = value else { return Ok(Start::default()) };
    let kind = plain_name(value.type_name());
    let wrong =
        |got: &str| refuse(format!("`start` is \"any\", \"network\", \"random\" or a latent, got {got}"));
    match value.clone().into_string() {
        Ok(name) => match name.as_str() {
            "any" => Ok(Start::Any),
            "network" => Ok(Start::Network),
            "random" => Ok(Start::Random),
            other => Err(wrong(&format!("\"{other}\""))),
        },
        Err(_) => value.try_cast::<Latent>().map(Start::Latent).ok_or_else(|| wrong(&kind)),
    }
}

/// The encodings of songs, in order.
fn encode_all(
    context: &NativeCallContext,
    model: &Model,
    songs: &[Multitrack],
    options: Map,
) -> Fallible<Vec<Encoding>> {
    let settings = Context::of(context);
    let mut options = Options::new("encode", options);
    let defaults = EncodeOptions::default();
    let bar = options.count("bar", 0..=1_000_000)?;
    let asked = EncodeOptions {
        steps: options.count("steps", 0..=100_000)?.unwrap_or(defaults.steps),
        rate: options.float("rate", 1e-6..=10.0)?.unwrap_or(defaults.rate),
        prior: options.float("prior", 0.0..=1e6)?.unwrap_or(defaults.prior),
        candidates: options.count("candidates", 1..=100_000)?.unwrap_or(defaults.candidates),
        starts: options.count("starts", 1..=1000)?.unwrap_or(defaults.starts),
        climb: options.count("climb", 0..=100_000)?.unwrap_or(defaults.climb),
        start: start(options.value("start"))?,
        given: options.texts("given")?.unwrap_or_default(),
        seed: seed_or(context, &mut options)?,
        bar: bar.unwrap_or(0),
    };
    let compare = options.text("compare")?;
    options.finish()?;
    let bars = model.architecture().grid.bars;
    let long = songs.iter().map(Multitrack::bar_count).max().unwrap_or(0);
    if bar.is_none() && long > bars {
        settings.note(&format!(
            "encodes the first {bars} of {long} bars; `bar: {bars}` is the phrase after them"
        ));
    }
    let output: &dyn crate::base::Progress = &*settings.output;
    let one = |song: &Multitrack| lift(model.encode(song, &asked, output, &settings.cancel));
    let found: Vec<model::Encoding> = songs.iter().map(one).collect::<Fallible<_>>()?;
    let nearest = match compare {
        Some(file) => {
            let set = super::lift(Dataset::load(&settings.input_path(file).map_err(refuse)?))?;
            let wanted: Vec<Multitrack> = found.iter().map(|one| one.phrase.clone()).collect();
            let tracks = &model.architecture().grid.tracks;
            super::lift(neighbours(&wanted, tracks, set.len(), |i| set.phrase(i)))?
        }
        None => vec![None; found.len()],
    };
    Ok(found.into_iter().zip(nearest).map(|(found, nearest)| Encoding { found, nearest }).collect())
}

/// Rows of an encoding's table.
pub(in crate::script) fn table(found: &model::Encoding) -> Table {
    let mut table = Table::new();
    let overall = ("all".to_owned(), found.overall());
    for (track, shared) in found.tracks.iter().chain([&overall]) {
        let Agreement { wanted, made, met, .. } = *shared;
        let count = |n: u64| Cell::Int(n.cast_signed());
        let figure = |x: Option<f64>| x.map_or(Cell::Missing, Cell::from);
        table.add([
            ("track", Cell::from(track.clone())),
            ("note_f1", figure(shared.note_f1())),
            ("overlap", figure(shared.jaccard())),
            ("wanted", count(wanted)),
            ("made", count(made)),
            ("met", count(met)),
        ]);
    }
    table
}

/// Encoding.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod encoding {
    /// The latent whose music comes nearest to a song: the way back from music. `candidates` (400)
    /// random latents are decoded and set against the song; the best of them, and what the model's
    /// inverse network says if it has one, are the `starts` (4) of walks of `steps` (150) gradient steps
    /// of `rate` (0.1); and `climb` (600) neighbours of the best place so far are tried at the end. What
    /// counts throughout is the note F1 of the decoded music, so the end is never worse than the best
    /// random latent that was looked at. `start` is "any", "network" or "random" (that kind of start
    /// alone), or a latent of one's own.
    ///
    /// A greater `prior` (0.25) keeps the latent closer to those that are drawn, which makes it a better
    /// base for variations, and meets the song less well; `latent_length` tells how that went. Other options:
    /// `seed`, `bar` (first bar of the phrase, 0), `given` (tracks that an accompanying model is given;
    /// the latent then answers for the others), `compare` (a sparse training array: its nearest phrase
    /// is then told). Tracks are found by name; the song may be of any resolution.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 2, candidates: 4, climb: 8 });
    /// print(e);
    /// assert_eq(g.decode(e.latent).drums, e.song.drums);
    /// ```
    #[rhai_fn(name = "encode", pure, return_raw)]
    pub fn encode(
        context: NativeCallContext,
        model: &mut Model,
        song: Multitrack,
        options: Map,
    ) -> Fallible<Encoding> {
        let all = encode_all(&context, model, &[song], options)?;
        all.into_iter().next().ok_or_else(|| refuse("the model encoded nothing"))
    }

    /// The encodings of an array of songs, with options; files that are compared with are read once.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let songs = [g.generate(#{ seed: 7 })];
    /// assert_eq(g.encode(songs, #{ steps: 1, candidates: 1, climb: 0 }).len(), 1);
    /// ```
    #[rhai_fn(name = "encode", pure, return_raw)]
    pub fn encode_array(
        context: NativeCallContext,
        model: &mut Model,
        songs: Array,
        options: Map,
    ) -> Fallible<Array> {
        let all = encode_all(&context, model, &super::super::songs("encode", &songs)?, options)?;
        Ok(all.into_iter().map(Dynamic::from).collect())
    }

    /// The latent that was found.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 0, start: g.latent(#{ seed: 7 }) });
    /// assert_eq(e.latent, g.latent(#{ seed: 7 }));
    /// ```
    #[rhai_fn(get = "latent", pure)]
    pub fn latent(encoding: &mut Encoding) -> Latent {
        encoding.found.latent.clone()
    }

    /// The music that the latent decodes to, in the tempo of the phrase.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 0, start: g.latent(#{ seed: 7 }) });
    /// assert_eq(e.song.bar_count, 4);
    /// ```
    #[rhai_fn(get = "song", pure)]
    pub fn song(encoding: &mut Encoding) -> Multitrack {
        encoding.found.music.clone()
    }

    /// The phrase that was asked for, as it stands in the song.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let bass = music::line("bass", "C2 G2 | A1 E2").to_song();
    /// assert_eq(g.encode(bass, #{ steps: 0, candidates: 1, climb: 0 }).phrase, bass);
    /// ```
    #[rhai_fn(get = "phrase", pure)]
    pub fn phrase(encoding: &mut Encoding) -> Multitrack {
        encoding.found.phrase.clone()
    }

    /// How well the notes were met, over all tracks: the harmonic mean of the shares of wanted notes that
    /// were made and of made notes that were wanted; a note is met when one of its pitch starts at the
    /// same sixteenth in the same track.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 0, start: g.latent(#{ seed: 7 }) });
    /// assert_eq(e.note_f1, 1.0);
    /// ```
    #[rhai_fn(get = "note_f1", pure)]
    pub fn note_f1(encoding: &mut Encoding) -> Dynamic {
        share(encoding.found.overall().note_f1())
    }

    /// Cells (pitches at sixteenths) that sound in phrase and music, of those that sound in either.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 0, start: g.latent(#{ seed: 7 }) });
    /// assert_eq(e.overlap, 1.0);
    /// ```
    #[rhai_fn(get = "overlap", pure)]
    pub fn overlap(encoding: &mut Encoding) -> Dynamic {
        share(encoding.found.overall().jaccard())
    }

    /// Length of the latent as a share of the length that drawn ones have. Far from 1 it is a worse base
    /// for variations: the model has seldom seen latents of that length.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 0, start: g.latent(#{ seed: 7 }) });
    /// assert(e.latent_length > 0.8 && e.latent_length < 1.2);
    /// ```
    #[rhai_fn(get = "latent_length", pure)]
    pub fn latent_length(encoding: &mut Encoding) -> f64 {
        encoding.found.length()
    }

    /// How well each track was met, as a table: `track`, `note_f1`, `overlap`, and notes `wanted`, `made`
    /// and `met`; the last row is all tracks.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 0, candidates: 1, climb: 0 });
    /// assert_eq(e.tracks.column("track").len(), 6);
    /// ```
    #[rhai_fn(get = "tracks", pure)]
    pub fn tracks(encoding: &mut Encoding) -> Table {
        table(&encoding.found)
    }

    /// The loss at the start and after each step of the walk that led to the best place: wanted cells that
    /// are missed, softly counted, and the prior.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let e = g.encode(g.generate(#{ seed: 7 }), #{ steps: 3, start: "random", candidates: 1, climb: 0 });
    /// assert_eq(e.losses.len(), 4);
    /// assert(e.losses[3] < e.losses[0]);
    /// ```
    #[rhai_fn(get = "losses", pure)]
    pub fn losses(encoding: &mut Encoding) -> Array {
        encoding.found.losses.iter().map(|loss| Dynamic::from(f64::from(*loss))).collect()
    }

    /// The nearest phrase of the set that was named with `compare`, as `song.nearest` gives it; `()` when
    /// none was named.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let options = #{ steps: 0, candidates: 1, climb: 0, compare: "examples/data/tour_256.npz" };
    /// let e = g.encode(g.generate(#{ seed: 7 }), options);
    /// assert(e.nearest.distance > 0.0);
    /// ```
    #[rhai_fn(get = "nearest", pure)]
    pub fn nearest_phrase(encoding: &mut Encoding) -> Dynamic {
        encoding.nearest.as_ref().map_or(Dynamic::UNIT, |nearest| neighbour_map(nearest).into())
    }

    /// How well another piece meets the notes of this one, over all tracks, 0 to 1: the harmonic mean of
    /// the shares of notes that it has of this piece's and of its own that are this piece's. A note is met
    /// when one of its pitch starts at the same sixteenth in the track of the same name. `()` when
    /// neither has a note.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// assert_eq(song.note_f1(music::line("bass", "C2 A2").to_song()), 0.5);
    /// ```
    #[rhai_fn(name = "note_f1", pure)]
    pub fn note_f1_of(song: &mut Multitrack, made: Multitrack) -> Dynamic {
        share(Sixteenths::of(song).overall(&Sixteenths::of(&made)).note_f1())
    }

    /// The one of an array of songs that shares the largest part of its cells (pitches at sixteenths) with
    /// this one, as a map: `index`, `distance` (one minus that part) and `note_f1`.
    ///
    /// ```rhai
    /// let lines = ["C2 A2", "C2 G2", "D2 G2"].map(|line| music::line("bass", line).to_song());
    /// assert_eq(lines[1].nearest(lines).distance, 0.0);
    /// ```
    #[rhai_fn(name = "nearest", pure, return_raw)]
    pub fn nearest_of(song: &mut Multitrack, songs: Array) -> Fallible<Map> {
        let songs = super::super::songs("nearest", &songs)?;
        let one = std::slice::from_ref(&*song);
        // Only numbers below the length are asked for.
        let same = |i: usize| Ok(songs[i].clone());
        let found = super::super::lift(neighbours(one, &song.track_names(), songs.len(), same))?;
        let found = found.first().and_then(Option::as_ref);
        found
            .map(neighbour_map)
            .ok_or_else(|| refuse("`nearest` needs music and at least one song to look at"))
    }
}
