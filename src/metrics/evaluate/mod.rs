//! The evaluator of the original programs: a matrix of measures by tracks and one of pairs, by a map of
//! what is to be measured of which track, as means or bar by bar.

mod map;

use std::fmt;

pub use map::EvalMap;
use map::{Column, MIX, unknown_track};

use super::grid::{self, cell};
use super::{Accumulator, Metrics, MetricsError, Options, TrackMetrics, measure_bars, measure_pair_bars};
use crate::music::{Multitrack, Pianoroll, Resolution, Track};

/// What is evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvalOptions {
    /// Definitions and thresholds.
    pub measures: Options,
    /// Which measure of which track.
    pub map: EvalMap,
    /// The pairs of pitched tracks whose tonal distance is taken; all if `None`.
    pub pairs: Option<Vec<(String, String)>>,
}

/// A track's name, whether it is a drum track, and its bars.
#[derive(Clone, Debug, PartialEq)]
struct Lane {
    name: String,
    is_drum: bool,
    /// One for every bar so far; undefined where a piece lacks the track.
    bars: Vec<TrackMetrics>,
}

/// The tonal distance of two lanes in every bar so far.
#[derive(Clone, Debug, PartialEq)]
struct PairLane {
    /// The places of the lanes, the smaller first.
    places: (usize, usize),
    bars: Vec<Option<f64>>,
}

/// A pair of tracks and the tonal distance in each bar.
#[derive(Clone, Debug, PartialEq)]
pub struct PairScores {
    /// The first track.
    pub first: String,
    /// The second one.
    pub second: String,
    /// The mean as the family has it; in the exact one, over the beats in which both sound.
    pub mean: Option<f64>,
    /// In each bar; `None` where it is undefined.
    pub bars: Vec<Option<f64>>,
}

/// What a measure says of a track.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The mean over the bars in which it is defined; in the last release's family the value of all bars as
    /// one batch.
    pub mean: Option<f64>,
    /// In each bar; `None` where it is undefined.
    pub bars: Vec<Option<f64>>,
}

/// The matrices.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The means of everything.
    pub metrics: Metrics,
    /// The columns of `scores`: the tracks, and `mix` if there is a pitched one.
    pub tracks: Vec<String>,
    /// `[measure][track]`, rows in the order of [`TrackMetrics::NAMES`]; `None` where the map has nothing.
    pub scores: Vec<Vec<Option<Score>>>,
    /// The pairs.
    pub pairs: Vec<PairScores>,
}

/// Evaluates pieces one after another.
#[derive(Clone, Debug)]
pub struct Evaluator {
    options: EvalOptions,
    resolution: Resolution,
    sums: Accumulator,
    pieces: usize,
    bars: usize,
    lanes: Vec<Lane>,
    mix: Lane,
    pairs: Vec<PairLane>,
}

impl Evaluator {
    /// An evaluator of pieces of this resolution.
    ///
    /// # Errors
    /// [`MetricsError::Measure`] or [`MetricsError::EvalMap`] when the map has a measure that there is not.
    pub fn new(options: &EvalOptions, resolution: Resolution) -> Result<Self, MetricsError> {
        options.map.check_measures()?;
        Ok(Self {
            sums: Accumulator::new(&options.measures, resolution),
            options: options.clone(),
            resolution,
            pieces: 0,
            bars: 0,
            lanes: Vec::new(),
            mix: Lane { name: MIX.to_owned(), is_drum: false, bars: Vec::new() },
            pairs: Vec::new(),
        })
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// [`MetricsError::Resolution`] when it has another resolution.
    pub fn add(&mut self, piece: &Multitrack) -> Result<(), MetricsError> {
        if piece.resolution() != self.resolution {
            return Err(MetricsError::Resolution {
                index: self.pieces,
                found: piece.resolution().steps(),
                expected: self.resolution.steps(),
            });
        }
        self.sums.add(piece)?;
        let piece = piece.with_distinct_names();
        let end = self.bars + piece.bar_count();
        let options = &self.options.measures;
        let mut places = Vec::new();
        for (track, bars) in piece.tracks().iter().zip(measure_bars(&piece, options)) {
            let known = self.lanes.iter().position(|lane| lane.name.eq_ignore_ascii_case(&track.name));
            let place = known.unwrap_or_else(|| {
                let (name, is_drum) = (track.name.to_string(), track.is_drum);
                self.lanes.push(Lane { name, is_drum, bars: Vec::new() });
                self.lanes.len() - 1
            });
            self.lanes[place].bars.resize(self.bars, TrackMetrics::default());
            self.lanes[place].bars.extend(bars);
            places.push(place);
        }
        if let Some(mix) = mix_of(&piece) {
            self.mix.bars.resize(self.bars, TrackMetrics::default());
            self.mix.bars.extend(measure_bars(&mix, options).into_iter().flatten());
        }
        for (first, a) in places.iter().enumerate() {
            for (second, b) in places.iter().enumerate().skip(first + 1) {
                if piece.tracks()[first].is_drum || piece.tracks()[second].is_drum {
                    continue;
                }
                let places = (*a.min(b), *a.max(b));
                let known = self.pairs.iter().position(|pair| pair.places == places);
                let at = known.unwrap_or_else(|| {
                    self.pairs.push(PairLane { places, bars: Vec::new() });
                    self.pairs.len() - 1
                });
                let bars = &mut self.pairs[at].bars;
                bars.resize(self.bars, None);
                bars.extend(measure_pair_bars(&piece, first, second, options));
            }
        }
        self.bars = end;
        self.pieces += 1;
        Ok(())
    }

    /// The matrices of all pieces.
    ///
    /// # Errors
    /// [`MetricsError::NoPhrases`] without a piece, [`MetricsError::Track`] or [`MetricsError::EvalMap`] when
    /// the map or the pairs have a track that no piece has, [`MetricsError::NoHarmony`] for a pair with drums.
    pub fn finish(mut self) -> Result<Evaluation, MetricsError> {
        if self.pieces == 0 {
            return Err(MetricsError::NoPhrases);
        }
        let has_mix = self.lanes.iter().any(|lane| !lane.is_drum);
        let lanes = self.lanes.iter_mut().chain([&mut self.mix]);
        lanes.for_each(|lane| lane.bars.resize(self.bars, TrackMetrics::default()));
        self.pairs.iter_mut().for_each(|pair| pair.bars.resize(self.bars, None));
        let lanes: Vec<&Lane> = self.lanes.iter().chain(has_mix.then_some(&self.mix)).collect();
        let columns: Vec<Column> =
            lanes.iter().map(|lane| Column { name: &lane.name, is_drum: lane.is_drum }).collect();
        self.options.map.check_tracks(&columns)?;
        let metrics = self.sums.finish();
        let score = |measure: usize, place: usize| {
            let lane = lanes[place];
            let means = if place < self.lanes.len() { metrics.track(&lane.name) } else { Some(&metrics.mix) };
            let is_chosen = self.options.map.has(measure, place, &columns[place]);
            is_chosen.then(|| Score {
                mean: means.and_then(|means| means.values()[measure]),
                bars: lane.bars.iter().map(|bar| bar.values()[measure]).collect(),
            })
        };
        let row = |measure: usize| (0..lanes.len()).map(|place| score(measure, place)).collect();
        let scores = (0..TrackMetrics::NAMES.len()).map(row).collect();
        let tracks = columns.iter().map(|column| column.name.to_owned()).collect();
        let pairs = self.pair_scores(&metrics)?;
        Ok(Evaluation { metrics, tracks, scores, pairs })
    }

    /// The pairs that were asked for.
    fn pair_scores(&self, metrics: &Metrics) -> Result<Vec<PairScores>, MetricsError> {
        let names: Vec<&str> = self.lanes.iter().map(|lane| lane.name.as_str()).collect();
        let place = |name: &str| {
            let found = names.iter().position(|known| known.eq_ignore_ascii_case(name));
            let place = found.ok_or_else(|| unknown_track(name, &names))?;
            match self.lanes[place].is_drum {
                true => Err(MetricsError::NoHarmony { name: names[place].to_owned() }),
                false => Ok(place),
            }
        };
        let chosen: Vec<(usize, usize)> = match &self.options.pairs {
            Some(pairs) => {
                pairs.iter().map(|(a, b)| Ok((place(a)?, place(b)?))).collect::<Result<_, MetricsError>>()?
            }
            // As the means have them: in the order of families.
            None => {
                let pair = |(a, b): (usize, usize)| format!("{}-{}", names[a], names[b]);
                let both = |(a, b)| [(a, b), (b, a)];
                let all: Vec<(usize, usize)> = self.pairs.iter().flat_map(|pair| both(pair.places)).collect();
                let named = metrics.tonal_distance.iter();
                named.filter_map(|(name, _)| all.iter().copied().find(|p| pair(*p) == *name)).collect()
            }
        };
        let score = |(a, b): (usize, usize)| {
            let named = [format!("{}-{}", names[a], names[b]), format!("{}-{}", names[b], names[a])];
            let mean = metrics.tonal_distance.iter().find(|(name, _)| named.contains(name));
            let lane = self.pairs.iter().find(|pair| pair.places == (a.min(b), a.max(b)));
            PairScores {
                first: names[a].to_owned(),
                second: names[b].to_owned(),
                mean: mean.and_then(|(_, mean)| *mean),
                bars: lane.map_or_else(|| vec![None; self.bars], |lane| lane.bars.clone()),
            }
        };
        Ok(chosen.into_iter().map(score).collect())
    }
}

/// Evaluates a set of pieces.
///
/// # Errors
/// As [`Evaluator::new`], [`Evaluator::add`] and [`Evaluator::finish`].
pub fn evaluate(pieces: &[Multitrack], options: &EvalOptions) -> Result<Evaluation, MetricsError> {
    let first = pieces.first().ok_or(MetricsError::NoPhrases)?;
    let mut evaluator = Evaluator::new(options, first.resolution())?;
    pieces.iter().try_for_each(|piece| evaluator.add(piece))?;
    evaluator.finish()
}

/// All pitched tracks in one.
fn mix_of(piece: &Multitrack) -> Option<Multitrack> {
    let mut pitched = piece.tracks().iter().filter(|track| !track.is_drum);
    let first = pitched.next()?;
    let or = |a: &[u128], b: &[u128]| a.iter().zip(b).map(|(a, b)| a | b).collect::<Vec<u128>>();
    let planes = (first.roll.sounding().to_vec(), first.roll.onset().to_vec());
    let (sounding, onset) = pitched.fold(planes, |(sounding, onset), track| {
        (or(&sounding, track.roll.sounding()), or(&onset, track.roll.onset()))
    });
    let roll = Pianoroll::from_planes(sounding, onset);
    Some(piece.with_tracks(vec![Track { name: MIX.into(), ..first.with_roll(roll) }]))
}

impl fmt::Display for Evaluation {
    /// The means: a table of measures by tracks and below it one of pairs; `–` where a value is undefined,
    /// nothing where none was asked for.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let columns: Vec<&str> = self.tracks.iter().map(String::as_str).collect();
        let title = format!("{} bars, {}", self.metrics.bars, self.metrics.family.name());
        let shown = |score: &Option<Score>| score.as_ref().map_or(String::new(), |score| cell(score.mean));
        let rows = TrackMetrics::NAMES.into_iter().zip(&self.scores);
        let asked = rows.filter(|(_, row)| row.iter().any(Option::is_some));
        grid::write(f, &title, &columns, asked.map(|(name, row)| (name, row.iter().map(shown).collect())))?;
        if self.pairs.is_empty() {
            return Ok(());
        }
        // A matrix of the tracks that stand first by those that stand second.
        let mut firsts: Vec<&str> = Vec::new();
        let mut seconds: Vec<&str> = Vec::new();
        for pair in &self.pairs {
            if !firsts.contains(&pair.first.as_str()) {
                firsts.push(&pair.first);
            }
            if !seconds.contains(&pair.second.as_str()) {
                seconds.push(&pair.second);
            }
        }
        let of = |first: &str, second: &str| {
            let pair = self.pairs.iter().find(|pair| pair.first == first && pair.second == second);
            pair.map_or(String::new(), |pair| cell(pair.mean))
        };
        f.write_str("\n\n")?;
        let rows =
            firsts.iter().map(|first| (*first, seconds.iter().map(|second| of(first, second)).collect()));
        grid::write(f, "tonal_distance", &seconds, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pitch};

    /// A note `(start, pitch, end)`.
    type Played = (usize, i64, usize);

    fn piece(tracks: &[(Family, &[Played])]) -> Multitrack {
        let track = |(family, notes): &(Family, &[Played])| {
            let note = |&(start, pitch, end): &Played| Note {
                start,
                pitch: Pitch::new(pitch).unwrap(),
                end,
                velocity: 100,
            };
            let notes: Vec<Note> = notes.iter().map(note).collect();
            Track::of_family(*family, Pianoroll::from_notes(96, &notes).without_velocities())
        };
        Multitrack::new(tracks.iter().map(track).collect(), Resolution::MODEL)
    }

    fn set() -> [Multitrack; 2] {
        let bass: &[_] = &[(0, 36, 48), (48, 43, 96)];
        let piano: &[_] = &[(0, 60, 12), (12, 64, 24), (24, 67, 36)];
        [
            piece(&[(Family::Drums, &[(0, 36, 1)]), (Family::Bass, bass)]),
            piece(&[(Family::Bass, bass), (Family::Piano, piano)]),
        ]
    }

    #[test]
    fn bars_are_aligned_though_tracks_come_and_go_and_means_are_those_of_the_set() {
        let evaluation = evaluate(&set(), &EvalOptions::default()).unwrap();
        assert_eq!(evaluation.tracks, ["drums", "bass", "piano", "mix"]);
        let notes = &evaluation.scores[1];
        let bars = |track: usize| notes[track].as_ref().unwrap().bars.clone();
        assert_eq!(bars(0), [Some(1.0), None, None, None]);
        assert_eq!(bars(2), [None, None, Some(3.0), None]);
        assert_eq!(bars(3), [Some(1.0), Some(1.0), Some(4.0), Some(1.0)]);
        let metrics = crate::metrics::measure_phrases(&set(), &Options::default()).unwrap();
        assert_eq!(evaluation.metrics, metrics);
        assert_eq!(notes[2].as_ref().unwrap().mean, metrics.tracks[2].1.notes);
        assert_eq!((evaluation.pairs.len(), evaluation.pairs[0].bars.len()), (1, 4));
        assert_eq!(evaluation.pairs[0].bars[..2], [None, None]);
        assert_eq!(evaluation.pairs[0].mean, metrics.tonal_distance[0].1);
    }

    #[test]
    fn the_usual_map_has_what_is_defined() {
        let evaluation = evaluate(&set(), &EvalOptions::default()).unwrap();
        let asked = |measure: usize| -> Vec<bool> {
            evaluation.scores[measure].iter().map(Option::is_some).collect()
        };
        assert_eq!(asked(0), [true; 4]);
        assert_eq!(asked(3), [false, true, true, true]);
        assert_eq!(asked(7), [true, false, false, false]);
    }

    #[test]
    fn maps_choose_cells_by_name_and_by_matrix() {
        let named = EvalMap::Named(vec![("notes".into(), vec!["Piano".into(), "mix".into()])]);
        let mut matrix = vec![vec![false; 3]; 8];
        matrix[1][2] = true;
        for (map, expected) in [(named, vec![(1, 2), (1, 3)]), (EvalMap::Matrix(matrix), vec![(1, 2)])] {
            let options = EvalOptions { map, pairs: Some(Vec::new()), ..EvalOptions::default() };
            let evaluation = evaluate(&set(), &options).unwrap();
            let cells = evaluation.scores.iter().enumerate().flat_map(|(measure, row)| {
                let asked = row.iter().enumerate().filter(|(_, score)| score.is_some());
                asked.map(move |(track, _)| (measure, track))
            });
            assert_eq!(cells.collect::<Vec<_>>(), expected);
            assert!(evaluation.pairs.is_empty());
            let lines = evaluation.to_string();
            assert_eq!(lines.lines().count(), 2, "{lines}");
        }
    }

    #[test]
    fn the_tables_are_aligned_with_gaps_where_nothing_was_asked() {
        let text = evaluate(&set(), &EvalOptions::default()).unwrap().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "4 bars, exact          drums     bass    piano      mix");
        assert_eq!(lines[4], "pitch_classes                   1.000    3.000    1.500");
        assert_eq!(lines[9..11], ["", "tonal_distance     bass"]);
        assert!(lines[11].starts_with("piano  ") && lines[11].len() == lines[10].len(), "{text}");
    }

    #[test]
    fn what_is_not_there_is_met_with_the_nearest() {
        let error = |map: EvalMap, pairs: Option<(&str, &str)>| {
            let pairs = pairs.map(|(a, b)| vec![(a.to_owned(), b.to_owned())]);
            evaluate(&set(), &EvalOptions { map, pairs, ..EvalOptions::default() }).unwrap_err().to_string()
        };
        let named = |measure: &str, track: &str| EvalMap::Named(vec![(measure.into(), vec![track.into()])]);
        assert!(error(named("note", "piano"), None).ends_with("did you mean `notes`?"));
        assert!(error(named("notes", "pinao"), None).ends_with("did you mean `piano`?"));
        assert!(error(named("polyphony_rate", "piano"), None).contains("`features()`"));
        assert!(error(EvalMap::Usual, Some(("bass", "drums"))).contains("`drums` is a drum track"));
        assert!(error(EvalMap::Usual, Some(("bas", "piano"))).ends_with("did you mean `bass`?"));
        assert!(error(EvalMap::Matrix(vec![vec![true; 3]; 7]), None).contains("7 rows"));
        assert!(error(EvalMap::Matrix(vec![vec![true; 5]; 8]), None).contains("5 columns"));
        let mixed = [set()[0].clone(), set()[0].resample(Resolution::MIDI)];
        let error = evaluate(&mixed, &EvalOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with("phrase 1 has 24 steps per beat where 12 were expected"), "{error}");
        assert_eq!(evaluate(&[], &EvalOptions::default()), Err(MetricsError::NoPhrases));
    }
}
