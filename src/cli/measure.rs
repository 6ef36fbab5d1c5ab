//! `ricercar metrics FILE…`: what music measures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::{Program, music};
use crate::files::Music;
use crate::metrics::{self, MetricFamily, Metrics, Options};
use crate::music::{Multitrack, Resolution, Scale, Track};

/// Measure music.
#[derive(Debug, Args)]
pub(super) struct Measure {
    /// Files to measure: .mid, .midi or .npz
    #[arg(required_unless_present = "list", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say what every measure means instead, as Markdown
    #[arg(long, conflicts_with = "files")]
    list: bool,
    /// One JSON array with an object per file instead of tables
    #[arg(long)]
    json: bool,
    /// Whose definitions: "exact", or those of the 2018 programs: "paper" (MuseGAN), "paper-ismir"
    /// (BinaryMuseGAN), both at 24 steps a beat, and "paper-src" (the last release) at 12
    #[arg(long, value_name = "FAMILY", default_value = "exact")]
    family: String,
    /// Steps that a note lasts at least to be a qualified note
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    min_note: u32,
    /// Pitches that sound at once at least for a step to be polyphonic (2, and 3 for "paper-src")
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    min_pitches: Option<u32>,
    /// Scale of the in-scale rate, such as "A minor"
    #[arg(long, value_name = "SCALE", default_value = "C major")]
    scale: String,
    /// Steps per beat to measure at; MIDI is read at 12 unless this says otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=960))]
    resolution: Option<i64>,
    /// Which tracks to measure
    #[arg(long, value_name = "WHICH", default_value = "families")]
    tracks: TrackChoice,
}

/// Which tracks to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TrackChoice {
    /// All tracks merged into drums, piano, guitar, bass and strings
    Families,
    /// The file's own tracks; equal names are numbered
    AsIs,
}

/// Measures every file, as one JSON array or as a table each.
///
/// # Errors
/// What is wrong with the first file that cannot be measured; nothing is written to stdout then.
pub(super) fn run(program: &Program, given: &Measure) -> Result<(), Failure> {
    if given.list {
        return program.terminal.line(metrics::catalogue::page().trim_end());
    }
    let family = Options::of(MetricFamily::from_name(&given.family)?);
    let options = Options {
        min_note: given.min_note as usize,
        min_pitches: given.min_pitches.unwrap_or(family.min_pitches),
        scale: Scale::from_name(&given.scale)?,
        ..family
    };
    let measured: Vec<(String, Metrics)> = given
        .files
        .iter()
        .map(|path| Ok((path.display().to_string(), measure(program, path, given, &options)?)))
        .collect::<Result<_, Failure>>()?;
    if given.json {
        let values = measured.iter().map(|(file, metrics)| metrics.to_json(file)).collect();
        return program.terminal.line(&format!("{:#}", serde_json::Value::Array(values)));
    }
    for (number, (file, metrics)) in measured.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        program.terminal.line(&format!("{gap}{file}\n{}", metrics.to_string().trim_end()))?;
    }
    Ok(())
}

fn measure(program: &Program, path: &Path, given: &Measure, options: &Options) -> Result<Metrics, Failure> {
    let resolution = music::resolution(given.resolution)?;
    match music::read(program, path, resolution, Resolution::MODEL)? {
        Music::Piece(piece) => {
            let piece = match given.tracks {
                TrackChoice::Families => merged(program, path, &piece),
                TrackChoice::AsIs => numbered(&piece),
            };
            Ok(metrics::measure(&piece, options))
        }
        Music::Phrases(phrases) => {
            let phrases: Vec<Multitrack> = phrases.iter().collect();
            metrics::measure_phrases(&phrases, options)
                .map_err(|error| Failure::Failed(format!("`{}`: {error}", path.display())))
        }
    }
}

/// The piece in the five families; says which notes belong to none.
fn merged(program: &Program, path: &Path, piece: &Multitrack) -> Multitrack {
    let (merged, account) = piece.merge_to_families();
    for track in account.iter().filter(|track| track.family.is_none() && track.notes > 0) {
        program.terminal.warn(&format!(
            "`{}`: the {} notes of track `{}` (program {}) belong to no family and are left out; \
             `--tracks as-is` keeps them",
            path.display(),
            track.notes,
            track.track,
            track.program.number()
        ));
    }
    merged
}

/// The piece with `piano`, `piano 2`, `piano 3` for tracks that are all called `piano`.
fn numbered(piece: &Multitrack) -> Multitrack {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut taken = piece.track_names();
    let name = |track: &Track| {
        let count = seen.entry(track.name.to_string()).or_default();
        *count += 1;
        if *count == 1 {
            return track.clone();
        }
        let mut name = format!("{} {count}", track.name);
        while taken.contains(&name) {
            *count += 1;
            name = format!("{} {count}", track.name);
        }
        taken.push(name.clone());
        Track { name: name.into(), ..track.clone() }
    };
    piece.with_tracks(piece.tracks().iter().map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll};

    #[test]
    fn equal_names_are_numbered_without_meeting_others() {
        let names = ["piano", "piano", "piano 2", "piano"];
        let track = |name: &&str| Track {
            name: (*name).into(),
            ..Track::of_family(Family::Piano, Pianoroll::silent(48))
        };
        let piece = Multitrack::new(names.iter().map(track).collect(), Resolution::MODEL);
        assert_eq!(numbered(&piece).track_names(), ["piano", "piano 3", "piano 2", "piano 4"]);
    }
}
