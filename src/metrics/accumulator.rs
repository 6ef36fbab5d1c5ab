//! Sums over bars, which add up over pieces and over threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bar::Rule;
use super::batch::BatchSums;
use super::tonal::{self, Point};
use super::{MetricFamily, Metrics, MetricsError, Options, TrackMetrics};
use crate::music::{Cells, Family, Multitrack, Resolution, Track};

/// A mean in the making: values that are undefined do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    pub(super) fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    pub(super) fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// The means of the eight values of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct TrackSums([Mean; TrackMetrics::NAMES.len()]);

impl TrackSums {
    fn add(&mut self, bar: &TrackMetrics) {
        for (mean, value) in self.0.iter_mut().zip(bar.values()) {
            if let Some(value) = value {
                mean.add(value);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (mean, other) in self.0.iter_mut().zip(other.0) {
            mean.merge(other);
        }
    }

    fn finish(&self) -> TrackMetrics {
        TrackMetrics::from_values(self.0.map(Mean::value))
    }
}

/// One track as the accumulator knows it.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: Arc<str>,
    /// The first one seen says what the tracks of this name are.
    is_drum: bool,
    /// Place in the order of families.
    rank: usize,
    sums: TrackSums,
    /// In the family that measures whole batches, what `sums` is in the others.
    batch: BatchSums,
}

/// The tonal distances of two tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct PairSums {
    mean: Mean,
    /// Whether a beat is silent, which in the last release leaves the pair without a distance.
    has_silent_beat: bool,
}

impl PairSums {
    fn merge(&mut self, other: Self) {
        self.mean.merge(other.mean);
        self.has_silent_beat |= other.has_silent_beat;
    }
}

/// Sums over any number of pieces of one resolution; tracks are pooled by name.
///
/// Counting pieces in several accumulators and merging them gives what one of them would have.
#[derive(Clone, Debug, PartialEq)]
pub struct Accumulator {
    rule: Rule,
    /// Steps per beat of the pieces, before they are brought to the rule's.
    resolution: Resolution,
    bars: usize,
    tracks: Vec<Entry>,
    mix: TrackSums,
    mix_batch: BatchSums,
    /// By the places of the two tracks in `tracks`, the smaller one first.
    pairs: BTreeMap<(usize, usize), PairSums>,
}

impl Accumulator {
    /// Sums over nothing yet, for pieces of this resolution.
    pub fn new(options: &Options, resolution: Resolution) -> Self {
        Self {
            rule: Rule::new(options, resolution),
            resolution,
            bars: 0,
            tracks: Vec::new(),
            mix: TrackSums::default(),
            mix_batch: BatchSums::default(),
            pairs: BTreeMap::new(),
        }
    }

    /// Adds every bar of a piece.
    ///
    /// # Errors
    /// [`MetricsError::Resolution`] when the piece has another resolution.
    pub fn add(&mut self, piece: &Multitrack) -> Result<(), MetricsError> {
        self.check(piece.resolution())?;
        self.count(piece);
        Ok(())
    }

    /// Adds what another accumulator counted.
    ///
    /// # Errors
    /// [`MetricsError::Resolution`] when it counted pieces of another resolution.
    pub fn merge(&mut self, other: Self) -> Result<(), MetricsError> {
        self.check(other.resolution)?;
        self.bars += other.bars;
        self.mix.merge(&other.mix);
        self.mix_batch.merge(&other.mix_batch);
        let places: Vec<usize> =
            other.tracks.iter().map(|t| self.place(&t.name, t.is_drum, t.rank)).collect();
        for (entry, place) in other.tracks.iter().zip(&places) {
            self.tracks[*place].sums.merge(&entry.sums);
            self.tracks[*place].batch.merge(&entry.batch);
        }
        for ((a, b), sums) in other.pairs {
            self.pair(places[a], places[b]).merge(sums);
        }
        Ok(())
    }

    /// The means.
    pub fn finish(&self) -> Metrics {
        let mut pitched: Vec<usize> = (0..self.tracks.len()).filter(|i| !self.tracks[*i].is_drum).collect();
        pitched.sort_by_key(|i| self.tracks[*i].rank);
        let mut tonal_distance = Vec::new();
        for (at, a) in pitched.iter().enumerate() {
            for b in &pitched[at + 1..] {
                let name = format!("{}-{}", self.tracks[*a].name, self.tracks[*b].name);
                let sums = self.pairs.get(&(*a.min(b), *a.max(b))).copied().unwrap_or_default();
                let is_undefined = self.is_batch() && sums.has_silent_beat;
                tonal_distance.push((name, sums.mean.value().filter(|_| !is_undefined)));
            }
        }
        let finish = |sums: &TrackSums, batch: &BatchSums, is_drum: bool| match self.is_batch() {
            true => batch.finish(&self.rule, is_drum),
            false => sums.finish(),
        };
        let of_track =
            |track: &Entry| (track.name.to_string(), finish(&track.sums, &track.batch, track.is_drum));
        Metrics {
            family: self.rule.family,
            bars: self.bars,
            resolution: self.rule.resolution,
            tracks: self.tracks.iter().map(of_track).collect(),
            mix: finish(&self.mix, &self.mix_batch, false),
            tonal_distance,
        }
    }

    /// Whether a whole batch is measured at once.
    fn is_batch(&self) -> bool {
        self.rule.family == MetricFamily::PaperSrc
    }

    /// Adds a piece that has the right resolution.
    pub(super) fn count(&mut self, piece: &Multitrack) {
        let family = self.rule.family;
        let piece = family.view(piece).with_distinct_names();
        let lines = piece.bar_lines();
        self.bars += lines.len() - 1;
        let mut places = Vec::with_capacity(piece.tracks().len());
        for track in piece.tracks() {
            let place = self.place(&track.name, track.is_drum, rank(track));
            let (rule, entry) = (&self.rule, &mut self.tracks[place]);
            count_bars(rule, track.roll.cells(), &lines, track.is_drum, &mut entry.sums, &mut entry.batch);
            places.push(place);
        }
        let pitched: Vec<(usize, &Track)> =
            places.into_iter().zip(piece.tracks()).filter(|(_, track)| !track.is_drum).collect();
        self.count_mix(&pitched, &lines);
        self.count_pairs(&pitched, &lines);
    }

    /// All pitched tracks in one: a pitch begins wherever it begins in any of them.
    fn count_mix(&mut self, pitched: &[(usize, &Track)], lines: &[usize]) {
        let Some((_, first)) = pitched.first() else { return };
        let mut sounding = first.roll.sounding().to_vec();
        let mut onset = first.roll.onset().to_vec();
        for (_, track) in &pitched[1..] {
            for (set, more) in sounding.iter_mut().zip(track.roll.sounding()) {
                *set |= more;
            }
            for (set, more) in onset.iter_mut().zip(track.roll.onset()) {
                *set |= more;
            }
        }
        let cells = Cells { sounding: &sounding, onset: &onset };
        count_bars(&self.rule, cells, lines, false, &mut self.mix, &mut self.mix_batch);
    }

    fn count_pairs(&mut self, pitched: &[(usize, &Track)], lines: &[usize]) {
        // Beats are counted from each bar line, so a bar of three and a half quarters ends in a half.
        // Of each bar the end of its points.
        let mut ends = Vec::with_capacity(lines.len());
        let mut points: Vec<Vec<Option<Point>>> = Vec::with_capacity(pitched.len());
        for (_, track) in pitched {
            let sounding = track.roll.sounding();
            let mut of_track = Vec::new();
            ends.clear();
            for line in lines.windows(2) {
                let bar = &sounding[line[0].min(sounding.len())..line[1].min(sounding.len())];
                tonal::extend_beats(&mut of_track, bar, self.rule.resolution, &self.rule.fold);
                ends.push(of_track.len());
            }
            points.push(of_track);
        }
        let family = self.rule.family;
        for (i, (a, _)) in pitched.iter().enumerate() {
            for (j, (b, _)) in pitched.iter().enumerate().skip(i + 1) {
                let mut mean = Mean::default();
                let (of_a, of_b) = (&points[i], &points[j]);
                let mut start = 0;
                for end in &ends {
                    let (a, b) = (&of_a[start..*end], &of_b[start..*end]);
                    start = *end;
                    match family {
                        MetricFamily::Paper | MetricFamily::PaperIsmir => {
                            tonal::bar_distance(a, b).into_iter().for_each(|bar| mean.add(bar));
                        }
                        MetricFamily::Exact | MetricFamily::PaperSrc => {
                            mean.merge(tonal::mean_distance(a, b))
                        }
                    }
                }
                let has_silent_beat = of_a.iter().chain(of_b).any(Option::is_none);
                self.pair(*a, *b).merge(PairSums { mean, has_silent_beat });
            }
        }
    }

    fn pair(&mut self, a: usize, b: usize) -> &mut PairSums {
        self.pairs.entry((a.min(b), a.max(b))).or_default()
    }

    /// The place of the track called `name`, which is made when there is none.
    fn place(&mut self, name: &Arc<str>, is_drum: bool, rank: usize) -> usize {
        self.tracks.iter().position(|t| t.name.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
            let (sums, batch) = (TrackSums::default(), BatchSums::default());
            self.tracks.push(Entry { name: name.clone(), is_drum, rank, sums, batch });
            self.tracks.len() - 1
        })
    }

    fn check(&self, found: Resolution) -> Result<(), MetricsError> {
        match found == self.resolution {
            true => Ok(()),
            false => Err(MetricsError::Resolution {
                index: 0,
                found: found.steps(),
                expected: self.resolution.steps(),
            }),
        }
    }
}

/// Counts the bars between `lines`, one by one or all at once, as the rule's family has it.
fn count_bars(
    rule: &Rule,
    cells: Cells,
    lines: &[usize],
    is_drum: bool,
    sums: &mut TrackSums,
    batch: &mut BatchSums,
) {
    if rule.family == MetricFamily::PaperSrc {
        batch.merge(&BatchSums::of(rule, cells, lines));
        return;
    }
    for bar in lines.windows(2) {
        sums.add(&rule.measure(cells, bar[0]..bar[1], is_drum));
    }
}

/// A track's place in the order of families: by its name if that is a family's, else by its program.
fn rank(track: &Track) -> usize {
    let family = Family::from_name(&track.name).ok().or_else(|| track.family());
    family.map_or(Family::ALL.len(), Family::index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Pianoroll;

    fn phrase(rolls: &[(Family, u128)]) -> Multitrack {
        let track = |(family, set): &(Family, u128)| {
            Track::of_family(*family, Pianoroll::from_sounding([vec![*set; 6], vec![0; 42]].concat()))
        };
        Multitrack::new(rolls.iter().map(track).collect(), Resolution::MODEL)
    }

    fn sums(pieces: &[Multitrack]) -> Accumulator {
        let mut sums = Accumulator::new(&Options::default(), Resolution::MODEL);
        pieces.iter().for_each(|piece| sums.add(piece).unwrap());
        sums
    }

    #[test]
    fn merging_two_halves_equals_counting_the_whole() {
        let a = phrase(&[(Family::Bass, 1 << 36), (Family::Piano, 1 << 60), (Family::Drums, 1 << 38)]);
        let b = phrase(&[(Family::Piano, 1 << 64), (Family::Strings, 1 << 67)]);
        let c = phrase(&[(Family::Strings, 0), (Family::Bass, 1 << 43)]);
        let mut merged = sums(&[a.clone(), b.clone()]);
        merged.merge(sums(std::slice::from_ref(&c))).unwrap();
        assert_eq!(merged, sums(&[a, b, c]));
    }

    #[test]
    fn pairs_come_in_the_order_of_families() {
        let song = phrase(&[(Family::Strings, 1 << 60), (Family::Bass, 1 << 36), (Family::Piano, 1 << 64)]);
        let pairs: Vec<String> = sums(&[song]).finish().tonal_distance.into_iter().map(|(n, _)| n).collect();
        assert_eq!(pairs, ["piano-bass", "piano-strings", "bass-strings"]);
    }

    #[test]
    fn the_mix_is_all_pitched_tracks_in_one() {
        let song = phrase(&[(Family::Drums, 1 << 38), (Family::Piano, 1 << 60), (Family::Bass, 1 << 36)]);
        let metrics = sums(&[song]).finish();
        assert_eq!(metrics.mix.notes, Some(2.0));
        assert_eq!(metrics.mix.pitch_classes, Some(1.0));
        assert_eq!(metrics.mix.polyphonic_rate, Some(6.0 / 48.0));
        let drums = sums(&[phrase(&[(Family::Drums, 1 << 38)])]).finish();
        assert_eq!(drums.mix, TrackMetrics::default());
    }

    #[test]
    fn tracks_of_equal_names_stay_apart() {
        let song = phrase(&[(Family::Piano, 1 << 60), (Family::Piano, 0)]);
        let metrics = sums(&[song]).finish();
        assert_eq!(metrics.tracks[1].0, "piano 2");
        assert_eq!(metrics.tracks[1].1.empty_bar_rate, Some(1.0));
        assert_eq!(metrics.tonal_distance, [("piano-piano 2".to_owned(), None)]);
    }

    #[test]
    fn another_resolution_is_refused() {
        let other = phrase(&[(Family::Piano, 1)]).resample(Resolution::MIDI);
        let error = sums(&[]).add(&other).unwrap_err().to_string();
        assert!(error.contains("24 steps per beat") && error.contains("resolution: 12"), "{error}");
    }
}
