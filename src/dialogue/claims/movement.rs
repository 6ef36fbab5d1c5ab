//! A part of the latent moves some tracks and no others.

use super::super::claim::{Compared, Kind, Trial};
use super::super::distance::Sketch;
use super::super::evidence::Sample;
use super::super::finding::Rule;
use super::super::setting::Setting;
use super::super::{DialogueError, Distance, pictures};
use crate::base::Seed;
use crate::music::Multitrack;

/// A track moves when more than one note in fifty is another, and stays when fewer are.
const MATTERS: f64 = 0.02;

/// `part` drawn anew moves `tracks` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moves {
    pub part: String,
    pub tracks: Vec<String>,
}

impl Kind for Moves {
    fn sentence(&self) -> String {
        format!("{} moves only {}", self.part, self.tracks.join(" and "))
    }

    fn statement(&self) -> String {
        format!("`{}` moves nothing but the {}", self.part, self.tracks.join(" and the "))
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        Distance::MEASURES[..3].to_vec()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let tracks = self.tracks.join(" and ");
        vec![
            (format!("change of the {tracks} by {measure}"), Rule::Above(MATTERS)),
            (format!("change of all other tracks by {measure}"), Rule::Below(MATTERS)),
        ]
    }

    fn why(&self) -> &'static str {
        "MuseGAN's latent has parts that all tracks share (z, z_t) and parts of single tracks (z_i, z_it); Dong et \
         al. (2018) mean the latter to let a track vary by itself. So the part is drawn anew, all others stay, and \
         what changes is counted: the tracks it is said to move have to change by more than a fiftieth, the others by \
         less, a bound that allows for the rare note whose threshold depends on the others."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let distance = super::distance(measure)?;
        let before = setting.latents(seed, "phrase", setting.count);
        let redraw = |(index, latent): (usize, &crate::model::Latent)| {
            latent.redraw(std::slice::from_ref(&self.part), seed.child("redraw", index as u64))
        };
        let after = before.iter().enumerate().map(redraw).collect::<Result<Vec<_>, _>>()?;
        let (before, after) = (setting.decode(&before)?, setting.decode(&after)?);
        let is_meant = |name: &str| self.tracks.iter().any(|track| track.eq_ignore_ascii_case(name));
        let changes = |keep: &dyn Fn(&str) -> bool| {
            Sample::each(before.iter().zip(&after).map(|(a, b)| {
                let [a, b] = [a, b].map(|song| Sketch::of(&only(song, keep), Vec::new()));
                // Silence that stays silent has not changed.
                distance.between(&a, &b).unwrap_or(0.0)
            }))
        };
        let names = setting.maker.tracks();
        let each: Vec<(String, Sample)> = names
            .iter()
            .map(|name| (name.clone(), changes(&|track| track.eq_ignore_ascii_case(name))))
            .collect();
        let chart = pictures::bars(
            &format!("What changes when {} is drawn anew", self.part),
            "track",
            &format!("change ({measure})"),
            &self.part,
            &each,
            seed,
        );
        let compared =
            vec![Compared::One(changes(&is_meant)), Compared::One(changes(&|track| !is_meant(track)))];
        Ok(Trial { compared, chart, remarks: Vec::new() })
    }
}

/// The piece with some of its tracks.
fn only(song: &Multitrack, keep: &dyn Fn(&str) -> bool) -> Multitrack {
    song.with_tracks(song.tracks().iter().filter(|track| keep(&track.name)).cloned().collect())
}
