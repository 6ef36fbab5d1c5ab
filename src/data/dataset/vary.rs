//! More phrases out of those there are.

use std::sync::Arc;

use super::view::View;
use super::{Dataset, Entry};
use crate::base::Seed;
use crate::data::DataError;
use crate::data::augment::{Augmentation, Change};

impl Dataset {
    /// Every phrase once for each of these numbers of semitones, moved up by it; drums stay, and what
    /// leaves the pitch range is gone. The copies of a phrase follow each other and take no memory but
    /// for their entries.
    pub fn transpose_each(&self, semitones: impl IntoIterator<Item = i32>) -> Self {
        let views: Vec<View> = semitones.into_iter().map(View::transposed).collect();
        let copies = |entry: &Entry| -> Vec<Entry> { views.iter().map(|view| entry.seen(view)).collect() };
        self.with_entries(self.entries.iter().flat_map(copies).collect())
    }

    /// `copies` of every phrase, each changed as `chances` and `seed` have it, after the phrase itself if
    /// it is to be kept.
    ///
    /// # Errors
    /// [`DataError::Augmentation`] when the chances are no probabilities, or the only track would be
    /// dropped.
    pub fn augment(
        &self,
        chances: &Augmentation,
        copies: usize,
        keeps: bool,
        seed: Seed,
    ) -> Result<Self, DataError> {
        let tracks = self.layout.tracks().len();
        chances.check(tracks).map_err(DataError::Augmentation)?;
        let mut rng = seed.stream("dataset/augment");
        let mut entries = Vec::with_capacity(self.len() * (copies + usize::from(keeps)));
        for entry in self.entries.iter() {
            entries.extend(keeps.then(|| entry.clone()));
            for _ in 0..copies {
                let change = Change::draw(chances, self.layout.bars(), tracks, &mut rng);
                entries.push(entry.seen(&View::of(&change, &self.layout)));
            }
        }
        Ok(self.with_entries(entries))
    }
}

impl Entry {
    /// The same phrase, what is seen of it now seen through `view`.
    fn seen(&self, view: &View) -> Self {
        let view = self.view.as_deref().map_or_else(|| view.clone(), |own| own.then(view));
        Self { view: (!view.is_plain()).then(|| Arc::new(view)), ..self.clone() }
    }
}
