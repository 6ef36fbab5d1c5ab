//! Real music on a model's grid, and how dense it is: what a calibration aims at.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::TrainError;
use crate::data::{DataError, Dataset};
use crate::model::config::Grid;
use crate::model::{Cells, Density};
use crate::music::Family;

/// Bytes of cells that are held in memory: 1 GiB, some 120,000 phrases of the usual grid.
const MEMORY: usize = 1 << 30;
/// Phrases of a larger set that stay in memory for what is counted over all of them.
const COUNTED: usize = 16_384;

/// Every phrase of a set on the model's grid, ready to be put on a device. The cells are in memory, or
/// quantized as they are asked for when they are too many; then densities are those of 16,384 phrases
/// from all over the set.
#[derive(Clone, Debug)]
pub struct Corpus {
    grid: Grid,
    cells: Vec<Cells>,
    /// Where phrases are read from when not all are in `cells`.
    set: Option<Dataset>,
    /// What met the first phrase that could not be read.
    failure: Arc<OnceLock<String>>,
}

impl Corpus {
    /// Quantizes a set to a grid.
    ///
    /// # Errors
    /// [`DataError`] when a phrase cannot be read.
    pub fn new(grid: &Grid, set: &Dataset) -> Result<Self, DataError> {
        Self::within(MEMORY, grid, set)
    }

    /// The same with so many bytes for cells.
    fn within(memory: usize, grid: &Grid, set: &Dataset) -> Result<Self, DataError> {
        let size = std::mem::size_of_val(Cells::silent(grid).words());
        let held = match set.len().saturating_mul(size) <= memory {
            true => set.len(),
            false => COUNTED.min(memory / size).clamp(1, set.len().max(1)),
        };
        let place = |i: usize| (i as u128 * set.len() as u128 / held.max(1) as u128) as usize;
        let cells = |i| Ok(Cells::from_music(grid, &set.phrase(place(i))?));
        let cells = (0..held).into_par_iter().map(cells).collect::<Result<_, DataError>>()?;
        let set = (held < set.len()).then(|| set.clone());
        Ok(Self { grid: grid.clone(), cells, set, failure: Arc::default() })
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.set.as_ref().map_or(self.cells.len(), Dataset::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A phrase. One that cannot be read from its file is silent, and [`Self::check`] says so.
    pub fn cells(&self, index: usize) -> Cow<'_, Cells> {
        let Some(set) = &self.set else { return Cow::Borrowed(&self.cells[index]) };
        Cow::Owned(match set.phrase(index) {
            Ok(phrase) => Cells::from_music(&self.grid, &phrase),
            Err(error) => {
                self.failure.get_or_init(|| error.to_string());
                Cells::silent(&self.grid)
            }
        })
    }

    /// Whether all phrases that were asked for could be read.
    ///
    /// # Errors
    /// [`TrainError::Unread`] with the first failure.
    pub fn check(&self) -> Result<(), TrainError> {
        self.failure.get().map_or(Ok(()), |reason| Err(TrainError::Unread { reason: reason.clone() }))
    }

    /// Share of phrases' cells that are on, by `[track, octave, pitch class, plane]`.
    pub fn density(&self) -> Vec<f64> {
        let grid = &self.grid;
        let per_track = grid.octaves * grid.cell_features();
        let mut counts = vec![0u64; grid.track_count() * per_track];
        for cells in &self.cells {
            for track in 0..grid.track_count() {
                for (i, word) in cells.track(grid, track).iter().enumerate() {
                    let (octave, plane) = (i / grid.planes % grid.octaves, i % grid.planes);
                    let base = track * per_track + octave * grid.cell_features() + plane;
                    for class in 0..12 {
                        counts[base + class * grid.planes] += u64::from(word >> class & 1);
                    }
                }
            }
        }
        let total = (self.cells.len() * grid.steps()).max(1) as f64;
        counts.into_iter().map(|count| count as f64 / total).collect()
    }
}

impl Corpus {
    /// How dense the music is, as a calibration sees it.
    pub fn densities(&self) -> Density {
        let grid = &self.grid;
        let density = self.density();
        let per_track = grid.octaves * grid.cell_features();
        let share = |track: usize, plane: usize| {
            let of_track = &density[track * per_track..(track + 1) * per_track];
            of_track.iter().skip(plane).step_by(grid.planes).sum::<f64>() / (12 * grid.octaves) as f64
        };
        let planes = |track| (0..grid.planes).map(|plane| share(track, plane)).collect();
        Density {
            cells: (0..grid.track_count()).map(planes).collect(),
            empty_bars: (0..grid.track_count()).map(|track| self.silent_bars(track)).collect(),
            pitches: (0..grid.track_count()).map(|track| self.pitches_per_bar(track)).collect(),
            voices: (0..grid.track_count()).map(|track| self.voices(track)).collect(),
            registers: density.chunks(per_track).map(|of_track| register(grid, of_track)).collect(),
            chords: (0..grid.track_count()).map(|track| self.chords(track)).collect(),
            positions: (0..grid.track_count()).map(|track| self.positions(track)).collect(),
        }
    }

    /// The most pitches at once, but for one sounding step in fifty.
    fn voices(&self, track: usize) -> usize {
        let steps_with = self.steps_with(track);
        let mut more: usize = steps_with[1..].iter().sum();
        let few = more / 50;
        let most = (1..steps_with.len()).find(|voices| {
            more -= steps_with[*voices];
            more <= few
        });
        most.unwrap_or(1)
    }

    /// Share of steps at which two pitches or more sound.
    fn chords(&self, track: usize) -> f64 {
        let steps_with = self.steps_with(track);
        let all: usize = steps_with.iter().sum();
        steps_with[2..].iter().sum::<usize>() as f64 / all.max(1) as f64
    }

    /// How many steps have 0, 1, 2… pitches.
    fn steps_with(&self, track: usize) -> Vec<usize> {
        let mut steps_with = vec![0; 12 * self.grid.octaves + 1];
        for step in self.cells.iter().flat_map(|cells| self.steps_of(cells, track)) {
            steps_with[step] += 1;
        }
        steps_with
    }

    /// How many pitches sound at each step of a phrase.
    fn steps_of<'a>(&'a self, cells: &'a Cells, track: usize) -> impl Iterator<Item = usize> + 'a {
        let steps = cells.track(&self.grid, track).chunks(self.grid.octaves * self.grid.planes);
        let planes = self.grid.planes;
        steps.map(move |step| step.iter().step_by(planes).map(|word| word.count_ones() as usize).sum())
    }

    /// Share of the cells of each step of a bar that sound, for drums; nothing for other tracks, whose
    /// notes go on over many steps.
    fn positions(&self, track: usize) -> Vec<f64> {
        let grid = &self.grid;
        if !Family::from_name(&grid.tracks[track]).is_ok_and(Family::is_drums) {
            return Vec::new();
        }
        let mut sounding = vec![0; grid.steps_per_bar];
        for (step, count) in self.cells.iter().flat_map(|cells| self.steps_of(cells, track).enumerate()) {
            sounding[step % grid.steps_per_bar] += count;
        }
        let all = (self.cells.len() * grid.bars * 12 * grid.octaves).max(1) as f64;
        sounding.into_iter().map(|count| count as f64 / all).collect()
    }

    /// Share of a bar's pitches that sound in it.
    fn pitches_per_bar(&self, track: usize) -> f64 {
        let grid = &self.grid;
        let per_bar = grid.rows() / grid.bars * grid.planes;
        let used = |bar: &[u16]| -> u32 {
            let octave = |octave: usize| {
                let steps = bar.iter().skip(octave * grid.planes).step_by(grid.octaves * grid.planes);
                steps.fold(0, |all, word| all | word).count_ones()
            };
            (0..grid.octaves).map(octave).sum()
        };
        let of_phrase = |cells: &Cells| cells.track(grid, track).chunks(per_bar).map(used).sum::<u32>();
        let count: u64 = self.cells.iter().map(|cells| u64::from(of_phrase(cells))).sum();
        count as f64 / (self.cells.len() * grid.bars * 12 * grid.octaves).max(1) as f64
    }

    fn silent_bars(&self, track: usize) -> f64 {
        let grid = &self.grid;
        let per_bar = grid.rows() / grid.bars * grid.planes;
        let silent = |cells: &Cells| {
            cells.track(grid, track).chunks(per_bar).filter(|bar| bar.iter().all(|w| *w == 0)).count()
        };
        let count: usize = self.cells.iter().map(silent).sum();
        count as f64 / (self.cells.len() * grid.bars).max(1) as f64
    }
}

/// The pitches that a track sounds, but for one cell in a thousand at either end; of a silent track all.
/// `of_track` is the track's part of [`Corpus::density`].
fn register(grid: &Grid, of_track: &[f64]) -> [u8; 2] {
    const STRAY: f64 = 0.001;
    let pitches: Vec<f64> = of_track.iter().step_by(grid.planes).copied().collect();
    let stray = STRAY * pitches.iter().sum::<f64>();
    // The first pitch with which more has sounded than may be left out.
    let end = |shares: &[f64]| {
        let mut sum = 0.0;
        shares.iter().position(|share| {
            sum += share;
            sum > stray
        })
    };
    let falling: Vec<f64> = pitches.iter().rev().copied().collect();
    let low = end(&pitches).unwrap_or(0);
    let high = pitches.len() - 1 - end(&falling).unwrap_or(0);
    [low, high].map(|pitch| grid.lowest_pitch + pitch as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fixture;

    #[test]
    fn a_register_leaves_out_one_cell_in_a_thousand_at_either_end() {
        let grid = Grid { octaves: 1, planes: 1, lowest_pitch: 24, ..fixture::config(&[]).model.grid };
        let register = |shares: &[(usize, f64)]| {
            let mut pitches = [0.0; 12];
            shares.iter().for_each(|(pitch, share)| pitches[*pitch] = *share);
            register(&grid, &pitches)
        };
        assert_eq!(register(&[(0, 0.0005), (3, 0.5), (5, 0.499), (9, 0.0005)]), [27, 29]);
        assert_eq!(register(&[(0, 0.002), (3, 0.996), (9, 0.002)]), [24, 33]);
        assert_eq!(register(&[]), [24, 35]);
    }

    #[test]
    fn a_set_too_large_for_memory_is_quantized_as_it_is_asked_for() {
        let config = fixture::config(&[]);
        let grid = &config.model.grid;
        let set = Dataset::load(&config.data.file).unwrap().select(&(0..40).collect::<Vec<_>>());
        let whole = Corpus::new(grid, &set).unwrap();
        let size = std::mem::size_of_val(whole.cells(0).words());
        let part = Corpus::within(10 * size, grid, &set).unwrap();
        assert_eq!((part.len(), part.cells.len(), whole.cells.len()), (40, 10, 40));
        for index in 0..40 {
            assert_eq!(part.cells(index), whole.cells(index));
        }
        let every_fourth = set.select(&(0..10).map(|i| 4 * i).collect::<Vec<_>>());
        assert_eq!(part.density(), Corpus::new(grid, &every_fourth).unwrap().density());
        part.check().unwrap();
        assert!(part.cells(40).words().iter().all(|word| *word == 0));
        assert!(part.check().unwrap_err().to_string().contains("no phrase 40"));
    }
}
