//! The measures of a set, a few phrases in memory at a time.

use rayon::prelude::*;

use super::Dataset;
use crate::data::DataError;
use crate::metrics::{Accumulator, Metrics, MetricsError, Options};

impl Dataset {
    /// The measures of all phrases together, as [`crate::metrics::measure_phrases`] has them.
    ///
    /// # Errors
    /// [`MetricsError::NoPhrases`] of an empty set, and [`DataError::Npz`] when a phrase cannot be read
    /// from its file.
    pub fn metrics(&self, options: &Options) -> Result<Metrics, DataError> {
        /// Phrases a thread takes at once. Fixed, so that sums are rounded alike on every machine.
        const CHUNK: usize = 64;
        if self.is_empty() {
            return Err(MetricsError::NoPhrases.into());
        }
        let resolution = self.layout().resolution();
        let chunk = |first: usize| -> Result<Accumulator, DataError> {
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
}
