//! Which key notes are in, by how long each pitch class sounds.

use std::fmt;

use super::SongOptions;
use super::grid::Grid;
use crate::midi::ScoreNote;

/// A major or minor key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Pitch class of the tonic, 0 for C to 11 for B.
    pub tonic: u8,
    /// Whether it is minor.
    pub is_minor: bool,
}

/// Number of keys.
const KEYS: usize = 24;
/// How well each pitch class fits a key with the tonic C, major and minor: the probe-tone ratings of
/// Krumhansl and Kessler 1982.
const PROFILES: [[f64; 12]; 2] = [
    [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
    [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
];

/// How well each of the 24 keys fits durations by pitch class: Pearson's correlation with the key's
/// profile (Krumhansl 1990). `[major or minor][tonic]`; `None` when nothing or everything sounds alike.
pub(super) fn fits(durations: &[f64; 12]) -> Option<[[f64; 12]; 2]> {
    let centred = |values: &[f64; 12]| {
        let mean = values.iter().sum::<f64>() / 12.0;
        values.map(|value| value - mean)
    };
    let norm = |values: &[f64; 12]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
    // Compressed, so that one held note does not outweigh many that move.
    let heard = centred(&durations.map(|duration| duration.powf(0.7)));
    let loudness = norm(&heard);
    if loudness <= 1e-9 {
        return None;
    }
    Some(PROFILES.map(|profile| {
        let profile = centred(&profile);
        let scale = loudness * norm(&profile);
        std::array::from_fn(|tonic| {
            (0..12).map(|class| heard[(class + tonic) % 12] * profile[class]).sum::<f64>() / scale
        })
    }))
}

/// For how many steps each pitch class sounds in the pitched tracks of the phrase that begins at `bar`
/// of a section.
pub(super) fn durations(grid: &Grid, bar: usize, options: &SongOptions) -> [f64; 12] {
    let start = bar as u32 * grid.bar();
    let end = start + options.steps() as u32;
    let mut durations = [0.0; 12];
    for (_, notes) in options.tracks.iter().zip(&grid.tracks).filter(|(rule, _)| !rule.is_drums()) {
        let last = notes.partition_point(|note| note.start < end);
        for note in notes[..last].iter().filter(|note| note.end > start) {
            durations[usize::from(note.pitch % 12)] += f64::from(note.end.min(end) - note.start.max(start));
        }
    }
    durations
}

/// For how many ticks each pitch class sounds in the pitched tracks of a song.
pub(super) fn durations_in_ticks(tracks: &[Vec<ScoreNote>], options: &SongOptions) -> [f64; 12] {
    let mut durations = [0.0; 12];
    let pitched = options.tracks.iter().zip(tracks).filter(|(rule, _)| !rule.is_drums());
    for note in pitched.flat_map(|(_, notes)| notes) {
        durations[usize::from(note.pitch.class())] += note.end.saturating_sub(note.start) as f64;
    }
    durations
}

/// The keys of consecutive phrases: those that fit best together, where a phrase in another key than
/// the one before has to fit that much better. A phrase without pitched notes has none. `durations` as
/// in [`durations`].
pub(super) fn path(durations: &[[f64; 12]]) -> Vec<Option<Key>> {
    let fits: Vec<_> = durations.iter().map(fits).collect();
    // Forwards: the best sum of fits of a path that ends in each key, and the key before that.
    let mut sums = [0.0; KEYS];
    let mut befores: Vec<[usize; KEYS]> = Vec::with_capacity(fits.len());
    for fits in &fits {
        let mut next = [0.0; KEYS];
        let mut before = [0; KEYS];
        for to in 0..KEYS {
            let arrive = |from: usize| sums[from] - change(Key::numbered(from), Key::numbered(to));
            // Staying is first, so that it wins where nothing is gained.
            let from = (0..KEYS).fold(to, |best, from| if arrive(from) > arrive(best) { from } else { best });
            next[to] = arrive(from) + fits.as_ref().map_or(0.0, |fits| Key::numbered(to).fit(fits));
            before[to] = from;
        }
        sums = next;
        befores.push(before);
    }
    // Backwards along the best path.
    let mut key = (0..KEYS).fold(0, |best, key| if sums[key] > sums[best] { key } else { best });
    let mut keys = Vec::with_capacity(fits.len());
    for (fits, before) in fits.iter().zip(&befores).rev() {
        keys.push(fits.is_some().then(|| Key::numbered(key)));
        key = before[key];
    }
    keys.reverse();
    keys
}

/// What a change of key has to gain, in correlation: less between relative keys, whose notes are the
/// same.
fn change(from: Key, to: Key) -> f64 {
    match from {
        _ if from == to => 0.0,
        _ if from.to_c() == to.to_c() => 0.3,
        _ => 1.0,
    }
}

impl Key {
    /// Majors from C to B, then minors.
    fn numbered(number: usize) -> Self {
        Self { tonic: (number % 12) as u8, is_minor: number >= 12 }
    }

    /// The key that fits durations by pitch class best; `None` when nothing sounds.
    pub(super) fn of(durations: &[f64; 12]) -> Option<Self> {
        let fits = fits(durations)?;
        let all = (0..24u8).map(|i| Self { tonic: i % 12, is_minor: i >= 12 });
        // The first of several that fit as well, major before minor.
        all.rev().max_by(|a, b| a.fit(&fits).total_cmp(&b.fit(&fits)))
    }

    /// How well it fits.
    pub(super) fn fit(self, fits: &[[f64; 12]; 2]) -> f64 {
        fits[usize::from(self.is_minor)][usize::from(self.tonic % 12)]
    }

    /// The key so many semitones higher.
    pub fn moved(self, semitones: i8) -> Self {
        Self { tonic: (i16::from(self.tonic) + i16::from(semitones)).rem_euclid(12) as u8, ..self }
    }

    /// Semitones, -5 to 6, by which it has to be moved to be C major or A minor.
    pub fn to_c(self) -> i8 {
        let home = if self.is_minor { 9 } else { 0 };
        let up = (home - i16::from(self.tonic)).rem_euclid(12) as i8;
        if up > 6 { up - 12 } else { up }
    }
}

impl fmt::Display for Key {
    /// `C major`, `F# minor`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
        let mode = if self.is_minor { "minor" } else { "major" };
        write!(f, "{} {mode}", NAMES[usize::from(self.tonic % 12)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn durations(classes: &[(usize, f64)]) -> [f64; 12] {
        let mut durations = [0.0; 12];
        for (class, length) in classes {
            durations[class % 12] += length;
        }
        durations
    }

    #[test]
    fn a_scale_with_a_long_tonic_chord_is_in_its_key_wherever_it_lies() {
        let major = [(0, 4.0), (2, 1.0), (4, 2.0), (5, 1.0), (7, 3.0), (9, 1.0), (11, 1.0)];
        let minor = [(0, 4.0), (2, 1.0), (3, 2.0), (5, 1.0), (7, 3.0), (8, 1.0), (10, 1.0)];
        for (scale, is_minor) in [(major, false), (minor, true)] {
            for tonic in 0..12u8 {
                let moved = scale.map(|(class, length)| (class + usize::from(tonic), length));
                assert_eq!(Key::of(&durations(&moved)), Some(Key { tonic, is_minor }));
            }
        }
    }

    #[test]
    fn a_profile_fits_itself_perfectly() {
        let fits = fits(&PROFILES[1].map(|rating| rating.powf(1.0 / 0.7))).unwrap();
        assert!((Key { tonic: 0, is_minor: true }.fit(&fits) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_passing_chord_changes_no_key_and_a_modulation_does() {
        let scale = |tonic: usize| {
            let scale = [(0, 4.0), (2, 1.0), (4, 2.0), (5, 1.0), (7, 3.0), (9, 1.0), (11, 1.0)];
            durations(&scale.map(|(class, length)| (class + tonic, length)))
        };
        let tonics = |path: &[[f64; 12]]| -> Vec<Option<u8>> {
            super::path(path).into_iter().map(|key| key.map(|key| key.tonic)).collect()
        };
        assert_eq!(tonics(&[scale(0), scale(7), scale(0), scale(0)]), [Some(0); 4]);
        let modulated = [scale(0), scale(0), [0.0; 12], scale(2), scale(2)];
        assert_eq!(tonics(&modulated), [Some(0), Some(0), None, Some(2), Some(2)]);
        assert_eq!(tonics(&[]), []);
    }

    #[test]
    fn silence_and_all_notes_alike_have_no_key() {
        assert_eq!(Key::of(&[0.0; 12]), None);
        assert_eq!(Key::of(&[3.0; 12]), None);
    }

    #[test]
    fn keys_move_to_c_major_and_a_minor_by_the_shorter_way() {
        let to_c = |tonic, is_minor| Key { tonic, is_minor }.to_c();
        assert_eq!([to_c(0, false), to_c(7, false), to_c(6, false), to_c(5, false)], [0, 5, 6, -5]);
        assert_eq!([to_c(9, true), to_c(4, true), to_c(10, true), to_c(3, true)], [0, 5, -1, 6]);
        for (tonic, is_minor) in (0..12).flat_map(|tonic| [(tonic, false), (tonic, true)]) {
            let key = Key { tonic, is_minor };
            let home = key.moved(key.to_c()).to_string();
            assert_eq!(home, if is_minor { "A minor" } else { "C major" });
        }
    }
}
