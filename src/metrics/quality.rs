//! One figure of a piece by name: what a direction in latent space can be fitted to.

use super::{MetricsError, Options, measure};
use crate::base::suggestion;
use crate::music::{Multitrack, Track};

/// Everyday words for qualities.
pub(super) const WORDS: [(&str, &str); 5] = [
    ("denser", "mix.notes"),
    ("higher", "mix.pitch"),
    ("fuller", "mix.polyphonic_rate"),
    ("busier", "drums.notes"),
    ("syncopated", "mix.off_beat_rate"),
];

/// What is measured here, of a track's notes or of those of all pitched tracks (`mix`).
const OWN: [&str; 2] = ["pitch", "off_beat_rate"];

/// The names of all figures of a piece: words, then paths.
pub fn qualities(piece: &Multitrack) -> Vec<String> {
    let tracks = piece.tracks().iter().map(|track| track.name.to_string()).chain(["mix".to_owned()]);
    let own = tracks.flat_map(|track| OWN.map(|own| format!("{track}.{own}")));
    let paths = measure(piece, &Options::default()).figures().into_iter().map(|(path, _)| path);
    WORDS.iter().map(|(word, _)| (*word).to_owned()).chain(paths).chain(own).collect()
}

/// The figure called `name` of a piece: a measure by its path, such as `piano.notes`,
/// `mix.polyphonic_rate` or `tonal_distance.piano-bass`; `<track>.pitch` or `mix.pitch`, the mean pitch
/// of the notes; `<track>.off_beat_rate`, the share of notes that start between beats; or a word for one
/// of these: `denser` (`mix.notes`), `higher` (`mix.pitch`), `fuller` (`mix.polyphonic_rate`), `busier`
/// (`drums.notes`), `syncopated` (`mix.off_beat_rate`). `None` where it is undefined.
///
/// # Errors
/// [`MetricsError::Quality`] when there is no such figure of this piece.
pub fn quality(piece: &Multitrack, name: &str) -> Result<Option<f64>, MetricsError> {
    let name = WORDS.iter().find(|(word, _)| *word == name).map_or(name, |(_, path)| path);
    if let Some((track, own)) = name.split_once('.').filter(|(_, own)| OWN.contains(own)) {
        let mix = track == "mix";
        let meant = |t: &&Track| if mix { !t.is_drum } else { t.name.eq_ignore_ascii_case(track) };
        let tracks: Vec<&Track> = piece.tracks().iter().filter(meant).collect();
        if mix || !tracks.is_empty() {
            return Ok(of_notes(&tracks, own, piece.resolution().steps()));
        }
    }
    let figures = measure(piece, &Options::default()).figures();
    if let Some((_, value)) = figures.iter().find(|(path, _)| path == name) {
        return Ok(*value);
    }
    let words = WORDS.iter().map(|(word, _)| *word);
    let hint = suggestion(name, words.clone().chain(figures.iter().map(|(path, _)| path.as_str())));
    Err(MetricsError::Quality { name: name.to_owned(), words: words.collect::<Vec<_>>().join(", "), hint })
}

/// The figure that an everyday word means, of a piece whose measures are `figures`; `None` where it is undefined.
pub(super) fn of_measured(piece: &Multitrack, word: &str, figures: &[(String, Option<f64>)]) -> Option<f64> {
    let (_, path) = WORDS.iter().find(|(known, _)| *known == word)?;
    match path.split_once('.').filter(|(_, own)| OWN.contains(own)) {
        Some((_, own)) => {
            let pitched: Vec<&Track> = piece.tracks().iter().filter(|track| !track.is_drum).collect();
            of_notes(&pitched, own, piece.resolution().steps())
        }
        None => figures.iter().find(|(known, _)| known == path).and_then(|(_, value)| *value),
    }
}

fn of_notes(tracks: &[&Track], own: &str, beat: usize) -> Option<f64> {
    let notes = tracks.iter().flat_map(|track| track.roll.notes());
    let value = |note: crate::music::Note| match own {
        "pitch" => f64::from(note.pitch.number()),
        _ => f64::from(u8::from(!note.start.is_multiple_of(beat))),
    };
    let values: Vec<f64> = notes.map(value).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution};

    fn piece() -> Multitrack {
        let note =
            |start, pitch| Note { start, pitch: Pitch::new(pitch).unwrap(), end: start + 6, velocity: 100 };
        let track = |family, notes: &[Note]| {
            Track::of_family(family, Pianoroll::from_notes(48, notes).without_velocities())
        };
        let drums = track(Family::Drums, &[note(0, 36), note(3, 42), note(6, 42), note(12, 36)]);
        let piano = track(Family::Piano, &[note(0, 60), note(18, 64)]);
        Multitrack::new(vec![drums, piano, track(Family::Bass, &[])], Resolution::MODEL)
    }

    #[test]
    fn figures_are_found_by_path_and_by_word() {
        let of = |name: &str| quality(&piece(), name).unwrap();
        assert_eq!(of("drums.notes"), Some(4.0));
        assert_eq!(of("busier"), Some(4.0));
        assert_eq!((of("higher"), of("piano.pitch")), (Some(62.0), Some(62.0)));
        assert_eq!((of("drums.off_beat_rate"), of("syncopated")), (Some(0.5), Some(0.5)));
        assert_eq!(of("bass.pitch"), None);
    }

    #[test]
    fn every_name_names_a_figure() {
        let names = qualities(&piece());
        assert!(names.len() > 20 && names.iter().all(|name| quality(&piece(), name).is_ok()), "{names:?}");
    }

    #[test]
    fn an_unknown_figure_is_met_with_the_nearest() {
        let error = |name: &str| quality(&piece(), name).unwrap_err().to_string();
        assert!(error("dense").contains("did you mean `denser`?"), "{}", error("dense"));
        assert!(error("piano.note").contains("did you mean `piano.notes`?"), "{}", error("piano.note"));
        assert!(error("kazoo.pitch").contains("no quality `kazoo.pitch`:"));
    }
}
