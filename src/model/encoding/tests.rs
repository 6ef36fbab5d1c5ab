//! Encoding on an untrained model of two bars.

use super::judge::Place;
use super::*;
use crate::base::Silent;
use crate::metrics::Sixteenths;
use crate::model::config::{Architecture, GeneratorWidths, Grid, LatentWidths, Network};
use crate::model::{
    Calibration, DecodeOptions, Generator, LatentLayout, NeuronKind, Neurons, Parts, Training,
};
use crate::music::{Tempo, Track};

/// An untrained model of two bars whose cells sound about a third of the time.
fn tiny(latent: LatentWidths) -> Model {
    tiny_with(latent, None)
}

/// The same with binary neurons at its end.
fn tiny_with(latent: LatentWidths, neurons: Option<Neurons>) -> Model {
    let grid = Grid {
        tracks: vec!["piano".into(), "bass".into()],
        bars: 2,
        steps_per_bar: 4,
        octaves: 2,
        ..Grid::small()
    };
    let harmony = if latent.z + latent.z_t > 0 { 3 } else { 0 };
    let generator = GeneratorWidths {
        temporal: 6,
        harmony,
        beat: 8,
        step: 8,
        octave: 6,
        cell: 6,
        ..GeneratorWidths::default()
    };
    let network = Network::Bars { generator, encoder: None };
    let architecture = Architecture { grid: grid.clone(), latent, network, refiner: None };
    let layout = Generator::new(&architecture).layout().clone();
    let mut values = layout.initial(Seed(3));
    for entry in layout.entries().iter().filter(|entry| entry.name.ends_with("out/bias")) {
        let size = entry.shape.iter().product::<usize>();
        values[entry.offset..entry.offset + size].fill(-0.5);
    }
    let parts = Parts {
        name: "tiny".into(),
        about: String::new(),
        hash: "0".into(),
        calibration: Calibration::neutral(&grid),
        architecture,
        values,
        neurons,
        tempo: Tempo::new(100.0).unwrap(),
        instruments: Vec::new(),
        training: Training::default(),
    };
    Model::new(parts, &burn::tensor::Device::flex(), true).unwrap()
}

const FOUR: LatentWidths = LatentWidths { z: 3, z_t: 3, z_i: 3, z_it: 3 };

fn quick() -> EncodeOptions {
    let options =
        EncodeOptions { steps: 60, candidates: 8, starts: 2, climb: 40, ..EncodeOptions::default() };
    EncodeOptions { seed: Seed(5), ..options }
}

fn encode(model: &Model, song: &Multitrack, options: &EncodeOptions) -> Result<Encoding, ModelError> {
    model.encode(song, options, &Silent, &Cancel::new())
}

fn music_of(model: &Model, seed: u64) -> Multitrack {
    let latent = model.latent(Seed(seed));
    model.decode(&[latent], &DecodeOptions::default(), &Cancel::new()).unwrap().remove(0)
}

/// Note F1 of a song with what `model` makes of the seeds that are encoding's own candidates.
fn best_candidate(model: &Model, song: &Multitrack, options: &EncodeOptions) -> f64 {
    let latents: Vec<Latent> = (0..options.candidates as u64)
        .map(|index| model.latent(options.seed.child("encode", index)))
        .collect();
    let made = model.decode(&latents, &DecodeOptions::default(), &Cancel::new()).unwrap();
    let f1 = |made: &Multitrack| Sixteenths::of(song).overall(&Sixteenths::of(made)).note_f1().unwrap();
    made.iter().map(f1).fold(0.0, f64::max)
}

#[test]
fn what_is_found_is_never_worse_than_the_best_random_latent_with_or_without_neurons() {
    let neurons = [NeuronKind::Deterministic, NeuronKind::Stochastic];
    let kinds = neurons.map(|kind| Some(Neurons { kind, slope: 2.0 }));
    for neurons in [None].into_iter().chain(kinds) {
        let model = tiny_with(FOUR, neurons);
        let song = music_of(&tiny(LatentWidths { z: 7, ..FOUR }), 1);
        let only = EncodeOptions { candidates: 30, starts: 1, steps: 0, climb: 0, ..quick() };
        let best = best_candidate(&model, &song, &only);
        let f1 = |options: &EncodeOptions| encode(&model, &song, options).unwrap().overall().note_f1();
        assert_eq!(f1(&only), Some(best));
        // However few are followed and wherever steps that are far too long lead.
        let wild = EncodeOptions { starts: 2, steps: 5, rate: 10.0, ..only.clone() };
        assert!(f1(&wild) >= Some(best));
        assert!(f1(&EncodeOptions { climb: 100, ..wild }) > Some(best), "{neurons:?}");
    }
}

#[test]
fn a_longer_climb_never_ends_lower_and_keeps_the_length() {
    for latent in [FOUR, LatentWidths { z: 10, z_t: 0, z_i: 0, z_it: 0 }] {
        let model = tiny(latent);
        let song = music_of(&tiny(LatentWidths { z: 7, ..FOUR }), 2);
        let start = Start::Latent(model.latent(Seed(3)));
        let climbed = |climb| {
            let options = EncodeOptions { start: start.clone(), steps: 0, climb, ..quick() };
            let found = encode(&model, &song, &options).unwrap();
            (found.overall().note_f1().unwrap(), found.length())
        };
        let ends: Vec<(f64, f64)> = [0, 17, 34, 68, 136].into_iter().map(climbed).collect();
        assert!(ends.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{ends:?}");
        assert!(ends[4].0 > ends[0].0 && (ends[4].1 - ends[0].1).abs() < 1e-3, "{ends:?}");
    }
}

#[test]
fn every_track_takes_its_own_parts_from_the_neighbour_that_does_most_for_it() {
    let grid = Grid { tracks: vec!["piano".into(), "bass".into()], ..Grid::small() };
    let latent = LatentWidths { z: 1, z_t: 0, z_i: 1, z_it: 1 };
    let layout =
        std::sync::Arc::new(LatentLayout::of(&Architecture { grid, latent, ..Architecture::hybrid_small() }));
    let place = |value: f32, met: [u64; 2], made: [u64; 2]| {
        let track = |name: &str, i: usize| {
            (name.to_owned(), Agreement { wanted: 10, made: made[i], met: met[i], both: 0, either: 1 })
        };
        Place { values: vec![value; 5], met: Met(vec![track("piano", 0), track("bass", 1)]) }
    };
    let here = place(0.0, [2, 2], [10, 10]);
    let from = Latent::from_values(&layout, here.values.clone()).unwrap();
    let neighbours =
        [place(1.0, [5, 1], [10, 10]), place(2.0, [1, 2], [10, 4]), place(3.0, [2, 1], [20, 10])];
    // The first has the better piano, the second a bass of fewer wrong notes; what they share stays.
    assert_eq!(climb::each_tracks_best(&from, &here, &neighbours), [0.0, 1.0, 2.0, 1.0, 2.0]);
    assert_eq!(climb::each_tracks_best(&from, &here, &neighbours[2..]), [0.0; 5]);
}

/// Raises a flag as soon as a stage is told of, and remembers what was told.
struct StopAt(&'static str, Cancel, std::sync::Mutex<Vec<(u64, u64, String)>>);

impl Progress for StopAt {
    fn report(&self, done: u64, total: u64, note: &str) {
        if note.starts_with(self.0) {
            self.1.raise();
        }
        self.2.lock().unwrap().push((done, total, note.to_owned()));
    }
}

#[test]
fn every_stage_is_told_and_can_be_stopped() {
    let model = tiny(FOUR);
    let song = music_of(&tiny(LatentWidths { z: 7, ..FOUR }), 1);
    for stage in ["encoding: random latents", "encoding: loss", "encoding: note F1"] {
        let stop = StopAt(stage, Cancel::new(), Default::default());
        let end = model.encode(&song, &quick(), &stop, &stop.1);
        assert!(matches!(end, Err(ModelError::Stopped)), "{stage}: {end:?}");
        let told = stop.2.into_inner().unwrap();
        assert!(told.iter().all(|(done, total, _)| done <= total), "{told:?}");
    }
    let watch = StopAt("never", Cancel::new(), Default::default());
    model.encode(&song, &quick(), &watch, &watch.1).unwrap();
    let told = watch.2.into_inner().unwrap();
    assert!(told.iter().any(|(done, total, _)| done == total), "{told:?}");
}

#[test]
fn a_model_s_own_music_is_met_better_than_by_random_latents_whatever_its_layout() {
    let none = LatentWidths { z: 0, z_t: 0, z_i: 0, z_it: 0 };
    let jamming = LatentWidths { z_i: 5, z_it: 5, ..none };
    let composer = LatentWidths { z: 5, z_t: 5, ..none };
    for latent in [FOUR, jamming, composer, LatentWidths { z: 10, ..none }] {
        let model = tiny(latent);
        let (mut encoded, mut random) = (0.0, 0.0);
        for seed in 0..3u64 {
            let song = music_of(&model, seed);
            let found = encode(&model, &song, &quick()).unwrap();
            assert!(found.losses.last() < found.losses.first(), "{:?}", found.losses);
            encoded += found.overall().note_f1().unwrap();
            let other = |other: u64| {
                let other = Sixteenths::of(&music_of(&model, 100 + other));
                Sixteenths::of(&song).overall(&other).note_f1().unwrap()
            };
            random += (0..20).map(other).fold(0.0, f64::max);
        }
        assert!(encoded > random, "{latent:?}: {encoded} {random}");
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let model = tiny(FOUR);
    let target = Target {
        generator: model.generator(),
        matrices: model.matrices().on_tape(),
        cells: Cells::from_music(&model.architecture().grid, &music_of(&model, 1)),
        given: None,
        prior: 0.7,
        device: model.device(),
    };
    let at = [2, 3].map(|seed| model.latent(Seed(seed)).values().to_vec());
    let slope = target.slope(&at).unwrap();
    let close = |a: f32, b: f32| (a - b).abs() <= 1e-4 * a.abs();
    assert!(target.loss(&at).unwrap().iter().zip(&slope.losses).all(|(a, b)| close(*a, *b)));
    let width = at[0].len();
    for place in [0, 4, width + 1, 2 * width - 1] {
        let moved = |by: f32| {
            let mut at = at.clone();
            at[place / width][place % width] += by;
            f64::from(target.loss(&at).unwrap()[place / width])
        };
        let slope = f64::from(slope.gradient[place]);
        // Short enough that no ReLU switches sides, long enough to stand out of the rounding.
        let found = [1e-2, 3e-3, 1e-3].map(|by| (moved(by) - moved(-by)) / (2.0 * f64::from(by)));
        let off = found.iter().map(|f| (f - slope).abs()).fold(f64::INFINITY, f64::min);
        assert!(off < 0.03 * slope.abs().max(1.0), "{place}: {slope} {found:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_latent_and_no_steps_leave_a_start_where_it_is() {
    let model = tiny(FOUR);
    let song = music_of(&model, 1);
    let (a, b) = (encode(&model, &song, &quick()).unwrap(), encode(&model, &song, &quick()).unwrap());
    assert_eq!((a.latent.digest(), a.losses), (b.latent.digest(), b.losses));
    let other = encode(&model, &song, &EncodeOptions { seed: Seed(6), ..quick() }).unwrap();
    assert_ne!(other.latent, b.latent);
    let start = Start::Latent(model.latent(Seed(1)));
    let there = encode(&model, &song, &EncodeOptions { start, steps: 0, ..quick() }).unwrap();
    assert_eq!(there.latent.values(), model.latent(Seed(1)).values());
    assert_eq!(there.overall().note_f1(), Some(1.0));
}

#[test]
fn a_later_phrase_of_a_song_is_found_by_its_bar() {
    let model = tiny(FOUR);
    let song = music_of(&model, 1).concat(&music_of(&model, 2)).unwrap();
    let start = Start::Latent(model.latent(Seed(2)));
    let options = EncodeOptions { start, steps: 0, bar: 2, ..quick() };
    let found = encode(&model, &song, &options).unwrap();
    assert_eq!((found.phrase.bar_count(), found.overall().note_f1()), (2, Some(1.0)));
}

#[test]
fn what_cannot_be_encoded_is_refused_with_the_reason() {
    let model = tiny(FOUR);
    let song = music_of(&model, 1);
    let refused =
        |song: &Multitrack, options: &EncodeOptions| encode(&model, song, options).unwrap_err().to_string();
    let silent = song.mute("piano").unwrap().mute("bass").unwrap();
    assert_eq!(
        refused(&silent, &quick()),
        "model `tiny` finds nothing to encode: its tracks are silent in bars 0..2 of the song"
    );
    let named = |track: &Track| Track { name: "kazoo".into(), ..track.clone() };
    let kazoo = song.with_tracks(song.tracks()[..1].iter().map(named).collect());
    let error = refused(&kazoo, &quick());
    assert!(error.contains("has piano, bass; the song has kazoo"), "{error}");
    let waltz = song.with_meters(vec![(0, Meter::new(3, 4).unwrap())]);
    assert!(refused(&waltz, &quick()).contains("bar 0 of the song (from 0) is in 3/4"));
    let start = Start::Latent(tiny(LatentWidths { z: 10, z_t: 0, z_i: 0, z_it: 0 }).latent(Seed(1)));
    let error = refused(&song, &EncodeOptions { start, ..quick() });
    assert!(error.contains("z 10") && error.contains("z_t 3"), "{error}");
    let given = EncodeOptions { given: vec!["bass".into()], ..quick() };
    assert!(refused(&song, &given).contains("composes from scratch"));
    assert!(refused(&song, &EncodeOptions { bar: 9, ..quick() }).contains('9'));
    let stopped = Cancel::new();
    stopped.raise();
    let error = model.encode(&song, &quick(), &Silent, &stopped).unwrap_err();
    assert!(matches!(error, ModelError::Stopped));
}
