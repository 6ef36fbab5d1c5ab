//! A set without phrases that it has already.

use super::Dataset;
use crate::data::DataError;
use crate::data::collect::dedupe::{Print, Verdict, duplicates};
use crate::data::collect::song::{Sixteenths, SongOptions};
use crate::npz::{NpzError, PhraseSource};

impl Dataset {
    /// The set without phrases that are equal to an earlier one, or nearly: that share more than `near`
    /// (0 to 1) of the cells that sound at their sixteenths, in either, with it; 1 for equal ones only.
    /// How many were left out is written down for [`Self::rejections`]. Phrases are compared as they are
    /// seen, so that a copy in another key is no duplicate.
    ///
    /// # Errors
    /// [`DataError::Npz`] when a phrase cannot be read from its file.
    pub fn dedupe(&self, near: f64) -> Result<Self, DataError> {
        let options = SongOptions {
            bars: self.layout.bars(),
            resolution: self.layout.resolution().steps(),
            ..SongOptions::default()
        };
        let tracks = self.layout.tracks().len();
        let read = |place: usize| -> Result<(Vec<Vec<u128>>, Sixteenths), NpzError> {
            let cells = self.cells_of(place)?;
            let cells: Vec<Vec<u128>> = (0..tracks).map(|track| cells.track(track).to_vec()).collect();
            let sixteenths = Sixteenths::of(&cells, &options);
            Ok((cells, sixteenths))
        };
        let print = |place| read(place).map(|(cells, sixteenths)| Print::of(&cells, &sixteenths));
        let prints: Vec<Print> = (0..self.len()).map(print).collect::<Result<_, _>>()?;

        // What goes wrong while pairs are compared is told once all are.
        let mut failed = None;
        let share = |a, b| match (read(a), read(b)) {
            (Ok((_, a)), Ok((_, b))) => a.share(&b),
            (Err(error), _) | (_, Err(error)) => {
                failed = Some(error);
                0.0
            }
        };
        let found = duplicates(&prints, &vec![0; prints.len()], 1, near, share);
        if let Some(error) = failed {
            return Err(error.into());
        }
        let is = |verdict: fn(&Verdict) -> bool| found.verdicts.iter().filter(|v| verdict(v)).count();
        let equal = is(|verdict| matches!(verdict, Verdict::Equal(_)));
        let alike = is(|verdict| matches!(verdict, Verdict::Near(_)));
        let unique = (0..self.len()).filter(|place| found.verdicts[*place] == Verdict::Unique);
        let kept = self.select(&unique.collect::<Vec<_>>());
        Ok(kept.with_rejected("equal to another", equal).with_rejected("nearly equal to another", alike))
    }
}
