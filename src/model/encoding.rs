//! From music to a latent: a start, then gradient steps on the latent with the generator standing still.

use rayon::prelude::*;

use super::target::{Slope, Target};
use super::{Cells, DecodeOptions, Latent, Model, ModelError};
use crate::base::{Cancel, Progress, Seed};
use crate::metrics::{Agreement, Sixteenths};
use crate::music::{Meter, Multitrack};

/// Where the search for a latent begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// At what the model's inverse network says, if it has one, and at the best of many random latents.
    #[default]
    Any,
    /// At what the model's inverse network says.
    Network,
    /// At the best of many random latents.
    Random,
    /// At a latent of one's own.
    Latent(Latent),
}

/// How to look for the latent of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodeOptions {
    /// Gradient steps.
    pub steps: usize,
    /// Length of a step (Adam's rate), falling to a tenth at the last one.
    pub rate: f64,
    /// Weight of half the squared length of the latent: how much it should look like one that was
    /// drawn.
    pub prior: f64,
    /// Where to begin.
    pub start: Start,
    /// Random latents to choose from.
    pub candidates: usize,
    /// Starts that are followed side by side; the best end counts.
    pub starts: usize,
    /// What random latents come from.
    pub seed: Seed,
    /// Tracks that are given to an accompanying model; the latent then answers for the others.
    pub given: Vec<String>,
    /// First bar of the phrase in the song, from 0.
    pub bar: usize,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            steps: 200,
            rate: 0.1,
            prior: 1.0,
            start: Start::default(),
            candidates: 64,
            starts: 4,
            seed: Seed(0),
            given: Vec::new(),
            bar: 0,
        }
    }
}

/// The latent of a phrase, and how well it was met.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    /// The latent.
    pub latent: Latent,
    /// What it decodes to.
    pub music: Multitrack,
    /// The phrase that was asked for.
    pub phrase: Multitrack,
    /// The loss (nats) at the start and after every step of the way that ended best.
    pub losses: Vec<f32>,
    /// What phrase and music share, by track that was asked for.
    pub tracks: Vec<(String, Agreement)>,
}

impl Encoding {
    /// What phrase and music share in all tracks that were asked for.
    pub fn overall(&self) -> Agreement {
        self.tracks.iter().map(|(_, agreement)| *agreement).sum()
    }
}

impl Model {
    /// The latent whose music comes nearest to a phrase of `song`: as many bars as the model has from
    /// [`EncodeOptions::bar`] on, quantized to its grid. Tracks are found by name; those that the song
    /// lacks should be silent.
    ///
    /// # Errors
    /// [`ModelError::Unsupported`] when the model and the song have no track in common, or nothing sounds
    /// in these bars; [`ModelError::Music`] when they are not there or not in 4/4;
    /// [`ModelError::Layouts`] for a start of another model; [`ModelError::Stopped`].
    pub fn encode(
        &self,
        song: &Multitrack,
        options: &EncodeOptions,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Encoding, ModelError> {
        let phrase = self.phrase_of(song, options.bar)?;
        let given = self.given_of(&phrase, &options.given)?;
        let grid = &self.architecture().grid;
        let target = Target {
            generator: self.generator(),
            matrices: self.matrices().on_tape(),
            cells: Cells::from_music(grid, &phrase),
            given: given.clone(),
            prior: options.prior,
            device: self.device(),
        };
        let starts = self.starts(&target, options, cancel)?;
        let done = std::sync::atomic::AtomicU64::new(0);
        let tell = || {
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress.report(done, (starts.len() * options.steps) as u64, "encoding");
        };
        let walks = self.in_parts(&starts, |part| walk(&target, part, options, &tell, cancel))?;
        let best = walks.into_iter().min_by(|a, b| a.best.total_cmp(&b.best));
        let best = best.ok_or_else(|| ModelError::Config("`starts` must be at least 1".into()))?;
        let latent = Latent::from_values(self.layout(), best.values)?;
        let decoding = DecodeOptions { tempo: Some(phrase.tempo()), ..DecodeOptions::default() };
        let one = std::slice::from_ref(&latent);
        let music = match given {
            Some(_) => self.accompany(&phrase.only(&options.given)?, one, &decoding, cancel)?,
            None => self.decode(one, &decoding, cancel)?,
        };
        let music = music.into_iter().next().ok_or(ModelError::Stopped)?;
        let mut tracks = Sixteenths::of(&phrase).against(&Sixteenths::of(&music));
        let asked = |name: &str| {
            grid.tracks.iter().any(|track| track.eq_ignore_ascii_case(name))
                && !options.given.iter().any(|track| track.eq_ignore_ascii_case(name))
        };
        tracks.retain(|(name, _)| asked(name));
        Ok(Encoding { latent, music, phrase, losses: best.losses, tracks })
    }

    /// The bars of a song that a phrase of this model is, checked.
    fn phrase_of(&self, song: &Multitrack, bar: usize) -> Result<Multitrack, ModelError> {
        let grid = &self.architecture().grid;
        let unsupported = |reason: String| ModelError::Unsupported { model: self.name().to_owned(), reason };
        let last = (bar + grid.bars).min(song.bar_count().max(bar + 1));
        let phrase = song.bars(bar as i64, last as i64)?;
        let lines = phrase.bar_lines();
        if let Some(odd) =
            lines[..lines.len() - 1].iter().position(|line| phrase.meter_at(*line) != Meter::COMMON)
        {
            let meter = phrase.meter_at(lines[odd]);
            return Err(unsupported(format!(
                "plays 4/4 only; bar {} of the song (from 0) is in {meter}: choose other bars with `bar`",
                bar + odd
            )));
        }
        let known = |name: &String| grid.tracks.iter().any(|track| track.eq_ignore_ascii_case(name));
        let names = phrase.track_names();
        if !names.iter().any(known) {
            return Err(unsupported(format!(
                "has {}; the song has {}: rename its tracks, or merge them to families",
                grid.tracks.join(", "),
                if names.is_empty() { "no track".into() } else { names.join(", ") }
            )));
        }
        let sounds = |track: &crate::music::Track| known(&track.name.to_string()) && !track.roll.is_silent();
        if !phrase.tracks().iter().any(sounds) {
            return Err(unsupported(format!(
                "finds nothing to encode: its tracks are silent in bars {bar}..{last} of the song"
            )));
        }
        Ok(phrase)
    }

    /// Which tracks are given, when some are.
    fn given_of(&self, phrase: &Multitrack, names: &[String]) -> Result<Option<Vec<bool>>, ModelError> {
        if names.is_empty() {
            return Ok(None);
        }
        self.given_tracks(&phrase.only(names)?).map(Some)
    }

    /// Where the walks begin.
    fn starts(
        &self,
        target: &Target,
        options: &EncodeOptions,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        if let Start::Latent(latent) = &options.start {
            self.check_layout(latent)?;
            return Ok(vec![latent.values().to_vec()]);
        }
        let mut starts = Vec::new();
        if options.start != Start::Random {
            match self.inverse()? {
                Some(inverse) => {
                    let none = vec![false; self.architecture().grid.track_count()];
                    let given = target.given.as_ref().unwrap_or(&none);
                    starts.push(inverse.guess(&target.cells, given, self.device())?);
                }
                None if options.start == Start::Network => {
                    return Err(ModelError::Unsupported {
                        model: self.name().to_owned(),
                        reason: "has no inverse network for its weights; train one with \
                                 `scripts/train_inverse.rhai`, or start at \"random\""
                            .into(),
                    });
                }
                None => {}
            }
        }
        if options.start != Start::Network {
            let left = options.starts.max(1) - starts.len();
            starts.extend(self.random_starts(target, options, left, cancel)?);
        }
        Ok(starts)
    }

    /// The best of many random latents, best first.
    fn random_starts(
        &self,
        target: &Target,
        options: &EncodeOptions,
        count: usize,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let draw = |index| self.latent(options.seed.child("encode", index)).values().to_vec();
        let candidates = if count == 0 { 0 } else { options.candidates.max(count) as u64 };
        let drawn: Vec<Vec<f32>> = (0..candidates).map(draw).collect();
        let losses = self.in_parts(&drawn, |part| match cancel.is_raised() {
            true => Err(ModelError::Stopped),
            false => target.loss(part),
        })?;
        let mut order: Vec<usize> = (0..drawn.len()).collect();
        order.sort_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        Ok(order.into_iter().take(count).map(|i| drawn[i].clone()).collect())
    }

    /// Work on latents, one at a time on the processor's threads, or all at once on a graphics card.
    fn in_parts<T: Send>(
        &self,
        latents: &[Vec<f32>],
        work: impl Fn(&[Vec<f32>]) -> Result<Vec<T>, ModelError> + Sync + Send,
    ) -> Result<Vec<T>, ModelError> {
        let size = if self.on_cpu() { 1 } else { latents.len().max(1) };
        let parts: Vec<Vec<T>> = latents.par_chunks(size).map(work).collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }
}

/// One way from a start.
struct Walk {
    values: Vec<f32>,
    best: f32,
    losses: Vec<f32>,
}

/// Gradient steps from each start; a walk keeps the best place it came by.
fn walk(
    target: &Target,
    starts: &[Vec<f32>],
    options: &EncodeOptions,
    tell: &(dyn Fn() + Sync),
    cancel: &Cancel,
) -> Result<Vec<Walk>, ModelError> {
    let start = |values: &Vec<f32>| Walk { values: values.clone(), best: f32::INFINITY, losses: Vec::new() };
    let mut walks: Vec<Walk> = starts.iter().map(start).collect();
    let mut at = starts.to_vec();
    let mut adam = Adam::new(at.concat().len());
    for step in 0..=options.steps {
        if cancel.is_raised() {
            return Err(ModelError::Stopped);
        }
        let Slope { losses, gradient } = target.slope(&at)?;
        for ((walk, loss), values) in walks.iter_mut().zip(losses).zip(&at) {
            walk.losses.push(loss);
            if loss < walk.best {
                walk.best = loss;
                walk.values = values.clone();
            }
        }
        if step < options.steps {
            let left = 1.0 - 0.9 * step as f64 / options.steps as f64;
            adam.step(options.rate * left, &mut at, &gradient);
            starts.iter().for_each(|_| tell());
        }
    }
    Ok(walks)
}

/// Adam (Kingma and Ba 2015) over a few hundred numbers on the host, betas 0.9 and 0.999.
struct Adam {
    time: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

impl Adam {
    fn new(size: usize) -> Self {
        Self { time: 0, mean: vec![0.0; size], square: vec![0.0; size] }
    }

    fn step(&mut self, rate: f64, values: &mut [Vec<f32>], gradient: &[f32]) {
        const BETAS: [f64; 2] = [0.9, 0.999];
        self.time += 1;
        let [mean_bias, square_bias] = BETAS.map(|beta| 1.0 - beta.powi(self.time));
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((value, slope), (mean, square)) in values.iter_mut().flatten().zip(gradient).zip(moments) {
            let slope = f64::from(*slope);
            *mean += (1.0 - BETAS[0]) * (slope - *mean);
            *square += (1.0 - BETAS[1]) * (slope * slope - *square);
            let step = *mean / mean_bias / ((*square / square_bias).sqrt() + 1e-8);
            *value = (f64::from(*value) - rate * step) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::model::config::{Architecture, GeneratorWidths, Grid, LatentWidths, Network};
    use crate::model::{Calibration, Generator, Parts, Training};
    use crate::music::{Tempo, Track};

    /// An untrained model of two bars whose cells sound about a third of the time.
    fn tiny(latent: LatentWidths) -> Model {
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
            hash: "0".into(),
            calibration: Calibration::neutral(&grid),
            architecture,
            values,
            neurons: None,
            tempo: Tempo::new(100.0).unwrap(),
            instruments: Vec::new(),
            training: Training::default(),
        };
        Model::new(parts, &burn::tensor::Device::flex(), true).unwrap()
    }

    const FOUR: LatentWidths = LatentWidths { z: 3, z_t: 3, z_i: 3, z_it: 3 };

    fn quick() -> EncodeOptions {
        EncodeOptions { steps: 60, candidates: 8, starts: 2, seed: Seed(5), ..EncodeOptions::default() }
    }

    fn encode(model: &Model, song: &Multitrack, options: &EncodeOptions) -> Result<Encoding, ModelError> {
        model.encode(song, options, &Silent, &Cancel::new())
    }

    fn music_of(model: &Model, seed: u64) -> Multitrack {
        let latent = model.latent(Seed(seed));
        model.decode(&[latent], &DecodeOptions::default(), &Cancel::new()).unwrap().remove(0)
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
        let refused = |song: &Multitrack, options: &EncodeOptions| {
            encode(&model, song, options).unwrap_err().to_string()
        };
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
}
