//! The measures of a set, a few phrases in memory at a time, and the set as others compare it.

use rayon::prelude::*;

use super::{Dataset, PhraseInfo};
use crate::base::Cancel;
use crate::data::DataError;
use crate::metrics::against::SongSet;
use crate::metrics::{
    Accumulator, CellSet, FeatureSums, Metrics, MetricsError, Options, PieceMetrics, features_until,
};
use crate::music::Scale;

impl Dataset {
    /// The measures of all phrases together, as [`crate::metrics::measure_phrases`] has them.
    ///
    /// # Errors
    /// [`MetricsError::NoPhrases`] of an empty set, [`MetricsError::Stopped`] when `cancel` is raised
    /// before it is done, and [`DataError::Npz`] when a phrase cannot be read from its file.
    pub fn metrics(&self, options: &Options, cancel: &Cancel) -> Result<Metrics, DataError> {
        /// Phrases a thread takes at once. Fixed, so that sums are rounded alike on every machine.
        const CHUNK: usize = 64;
        if self.is_empty() {
            return Err(MetricsError::NoPhrases.into());
        }
        let resolution = self.layout().resolution();
        let chunk = |first: usize| -> Result<Accumulator, DataError> {
            if cancel.is_raised() {
                return Err(MetricsError::Stopped.into());
            }
            let mut sums = Accumulator::new(options, resolution);
            for index in first..(first + CHUNK).min(self.len()) {
                sums.add(&self.phrase(index)?)?;
            }
            Ok(sums)
        };
        let starts: Vec<usize> = (0..self.len()).step_by(CHUNK).collect();
        let parts: Vec<Accumulator> = starts.into_par_iter().map(chunk).collect::<Result<_, _>>()?;
        let mut sums = Accumulator::new(options, resolution);
        for part in parts {
            sums.merge(part)?;
        }
        Ok(sums.finish())
    }

    /// All phrases as music with the song of each (or the group of songs), for comparisons. A phrase of
    /// which nothing is known counts as a song of its own.
    ///
    /// # Errors
    /// [`DataError::Npz`] when a phrase cannot be read from its file.
    pub fn to_song_set(&self) -> Result<SongSet, DataError> {
        let songs = (0..self.len()).map(|index| self.known(index).and_then(PhraseInfo::unit));
        Ok(SongSet::with_songs(self.music()?, songs))
    }

    /// All phrases as bits, four to a beat, for finding which is nearest to another.
    ///
    /// # Errors
    /// [`DataError::Npz`] when a phrase cannot be read from its file.
    pub fn to_cell_set(&self) -> Result<CellSet, DataError> {
        /// As fine as music is usually written: sixteenths.
        const STEPS_PER_BEAT: usize = 4;
        let layout = self.layout();
        let beats = layout.steps().div_ceil(layout.resolution().steps().max(1));
        let mut cells = CellSet::new(&layout.track_names(), beats, STEPS_PER_BEAT);
        cells.extend(self.len(), |index| self.phrase(index))?;
        Ok(cells)
    }

    /// The means of the features of the phrases, as [`crate::metrics::mean_features`] has them.
    ///
    /// # Errors
    /// As [`Dataset::metrics`].
    pub fn features(&self, scale: &Scale, cancel: &Cancel) -> Result<PieceMetrics, DataError> {
        /// Phrases in memory at once.
        const CHUNK: usize = 256;
        if self.is_empty() {
            return Err(MetricsError::NoPhrases.into());
        }
        let mut sums = FeatureSums::new(self.layout().resolution());
        for first in (0..self.len()).step_by(CHUNK) {
            let measured = |index: usize| Ok(features_until(cancel, &self.phrase(index)?, scale)?);
            let indices = first..(first + CHUNK).min(self.len());
            let chunk: Vec<PieceMetrics> =
                indices.into_par_iter().map(measured).collect::<Result<_, DataError>>()?;
            chunk.iter().try_for_each(|features| sums.add(features))?;
        }
        Ok(sums.finish())
    }
}
