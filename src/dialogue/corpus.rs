//! Real music that made music is judged beside.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::DialogueError;
use super::distance::{Distance, Sketch};
use super::rating::Strangeness;
use crate::base::Cancel;
use crate::metrics::Options;
use crate::metrics::against::{Features, SongSet, Space};
use crate::music::Multitrack;

/// Fewest real phrases, and songs of them.
const LEAST: usize = 8;
/// Kinds of distance.
const KINDS: usize = Distance::ALL.len();

/// Real phrases, and what is known of them once it is asked for.
#[derive(Debug)]
pub struct Corpus {
    name: String,
    set: SongSet,
    space: Space,
    sketches: Vec<Sketch>,
    /// Of each phrase the distance to the nearest of another song, by kind.
    apart: [OnceLock<Vec<f64>>; KINDS],
    strange: [OnceLock<Vec<f64>>; Strangeness::ALL.len()],
}

impl Corpus {
    /// The corpus of a set; `name` is what people call it.
    ///
    /// # Errors
    /// [`DialogueError::FewReal`] below eight phrases of eight songs, [`DialogueError::Stopped`] when `cancel`
    /// is raised.
    pub fn new(name: &str, set: SongSet, cancel: &Cancel) -> Result<Self, DialogueError> {
        let (phrases, songs) = (set.len(), set.song_count());
        if songs < LEAST {
            return Err(DialogueError::FewReal { least: LEAST, phrases, songs });
        }
        let features = Features::of(set.phrases(), &Options::default(), cancel)?;
        let space = Space::of(&features);
        let points = space.points(&features).0;
        let sketches = set.phrases().iter().zip(points).map(|(phrase, point)| Sketch::of(phrase, point));
        Ok(Self {
            name: name.to_owned(),
            sketches: sketches.collect(),
            space,
            set,
            apart: Default::default(),
            strange: Default::default(),
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its phrases.
    pub fn set(&self) -> &SongSet {
        &self.set
    }

    /// The features by which phrases are points.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// Its phrases, ready to be compared.
    pub(super) fn sketches(&self) -> &[Sketch] {
        &self.sketches
    }

    /// Other phrases, ready to be compared with these.
    pub(super) fn sketch(
        &self,
        phrases: &[Multitrack],
        cancel: &Cancel,
    ) -> Result<Vec<Sketch>, DialogueError> {
        let (points, _) = self.space.points(&Features::of(phrases, &Options::default(), cancel)?);
        Ok(phrases.iter().zip(points).map(|(phrase, point)| Sketch::of(phrase, point)).collect())
    }

    /// Distance of a phrase to the nearest one here; not a number for silence.
    pub(super) fn nearest(&self, distance: Distance, sketch: &Sketch) -> f64 {
        nearest(self.sketches.iter().filter_map(|other| distance.between(sketch, other)))
    }

    /// Of each phrase here the distance to the nearest one of another song.
    pub(super) fn apart(&self, distance: Distance) -> &[f64] {
        self.apart[distance as usize].get_or_init(|| {
            let songs = self.set.songs();
            let of = |(own, sketch): (usize, &Sketch)| {
                let others = self.sketches.iter().zip(songs).filter(|(_, song)| **song != songs[own]);
                nearest(others.filter_map(|(other, _)| distance.between(sketch, other)))
            };
            self.sketches.par_iter().enumerate().map(of).collect()
        })
    }

    /// Of each phrase here how strange it is beside the other songs.
    pub(super) fn strange(&self, strangeness: Strangeness) -> &[f64] {
        self.strange[strangeness as usize].get_or_init(|| {
            let songs = self.set.songs();
            let of = |(own, sketch): (usize, &Sketch)| strangeness.of(sketch, self, Some(songs[own]));
            self.sketches.par_iter().enumerate().map(of).collect()
        })
    }
}

fn nearest(distances: impl Iterator<Item = f64>) -> f64 {
    distances.fold(f64::NAN, f64::min)
}
