//! What a listener would notice: loudness, clicks, drums told apart, tempo, stereo, repeatability.

use super::*;
use crate::music::{Family, Note, Pianoroll, Pitch, Program, Resolution, Track};

/// Notes (start, pitch, end) in steps, 12 a beat, at 120 beats a minute.
fn roll(steps: usize, notes: &[(usize, i64, usize)]) -> Pianoroll {
    let note = |&(start, pitch, end): &(usize, i64, usize)| Note {
        start,
        pitch: Pitch::new(pitch).unwrap(),
        end,
        velocity: 100,
    };
    Pianoroll::from_notes(steps, &notes.iter().map(note).collect::<Vec<_>>())
}

fn track(program: i64, is_drum: bool, roll: Pianoroll) -> Track {
    Track { name: "track".into(), program: Program::new(program).unwrap(), is_drum, roll }
}

fn piece(tracks: Vec<Track>) -> Multitrack {
    Multitrack::new(tracks, Resolution::MODEL)
}

fn played(music: &Multitrack) -> Audio {
    render(music, &RenderOptions::default(), &Cancel::new()).unwrap()
}

/// One drum struck once.
fn drum(key: i64) -> Audio {
    played(&piece(vec![track(0, true, roll(24, &[(0, key, 1)]))]))
}

/// A bar of a five-track band.
fn band() -> Multitrack {
    let drums = roll(48, &[(0, 36, 1), (6, 42, 7), (12, 38, 13), (18, 46, 19), (24, 36, 25), (36, 38, 37)]);
    let chord = [(0, 60, 24), (0, 64, 24), (0, 67, 24), (24, 65, 48), (24, 69, 48), (24, 72, 48)];
    let parts = [
        (Family::Drums, drums),
        (Family::Piano, roll(48, &chord)),
        (Family::Guitar, roll(48, &[(0, 52, 12), (12, 55, 24), (24, 57, 36), (36, 60, 48)])),
        (Family::Bass, roll(48, &[(0, 36, 12), (24, 41, 36)])),
        (Family::Strings, roll(48, &[(0, 72, 48)])),
    ];
    piece(parts.into_iter().map(|(family, roll)| Track::of_family(family, roll)).collect())
}

/// Mean frequency of the spectrum, weighted by power, from counts of zero crossings of the signal's
/// power: the root of the mean squared slope over the mean square (Rice 1944).
fn brightness(audio: &Audio) -> f32 {
    let slope: f32 = audio.left.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
    let power: f32 = audio.left.iter().map(|x| x * x).sum();
    (slope / power).sqrt() * SAMPLE_RATE as f32 / std::f32::consts::TAU
}

#[test]
fn a_band_is_nearly_as_loud_as_streamed_music() {
    let loudness = played(&band()).loudness(&Cancel::new()).unwrap().unwrap();
    assert!((loudness + 16.0).abs() < 2.0, "{loudness} LUFS");
}

#[test]
fn silence_in_is_silence_out() {
    let audio = played(&piece(vec![Track::of_family(Family::Piano, Pianoroll::silent(48))]));
    assert_eq!(audio.left.len(), (3.5 * 44_100.0) as usize);
    assert_eq!(audio.peak(), 0.0);
    assert_eq!(played(&piece(vec![])).peak(), 0.0);
}

#[test]
fn the_peak_stays_under_minus_one_decibel_however_dense_the_music() {
    let everything: Vec<(usize, i64, usize)> =
        (0..8).flat_map(|i| (24..108).map(move |pitch| (i * 6, pitch, i * 6 + 5))).collect();
    let tracks = vec![
        track(0, true, roll(48, &everything)),
        track(30, false, roll(48, &everything)),
        track(62, false, roll(48, &everything)),
    ];
    for music in [piece(tracks), band()] {
        let audio = played(&music);
        assert!(audio.peak() <= PEAK, "{}", audio.peak());
        assert!(audio.peak() > 0.2, "{}", audio.peak());
    }
}

#[test]
fn notes_end_without_a_click() {
    // A click is energy far above the note: the slope around the end must not exceed the slope of
    // the sounding note itself.
    for program in 0..112 {
        let audio = played(&piece(vec![track(program, false, roll(96, &[(0, 57, 31)]))]));
        let slope = |from: f64, to: f64| {
            let at = |seconds: f64| (seconds * 44_100.0) as usize;
            audio.left[at(from)..at(to)].windows(2).fold(0.0f32, |most, w| most.max((w[1] - w[0]).abs()))
        };
        let end = 31.0 / 24.0;
        let (before, after) = (slope(end - 0.4, end - 0.01), slope(end - 0.01, audio.seconds() - 0.001));
        assert!(after <= before * 1.1 + 1e-4, "program {program}: {after} after {before}");
    }
}

#[test]
fn kick_snare_and_hat_are_told_apart_by_brightness() {
    let [kick, tom, snare, hat] = [36, 45, 38, 42].map(|key| brightness(&drum(key)));
    assert!(kick < tom && tom * 2.0 < snare && snare * 1.5 < hat, "{kick} {tom} {snare} {hat}");
}

#[test]
fn toms_rise_in_pitch_with_their_keys() {
    let toms = [41, 43, 45, 47, 48, 50].map(|key| brightness(&drum(key)));
    assert!(toms.is_sorted(), "{toms:?}");
}

#[test]
fn every_drum_key_sounds_and_no_two_sound_alike() {
    let mut hats: Vec<(i64, Vec<f32>)> = Vec::new();
    for key in 27..=87 {
        let audio = drum(key);
        assert!(audio.left.iter().chain(&audio.right).all(|x| x.is_finite()), "key {key}");
        assert!(audio.peak() > 0.02, "key {key} is too quiet: {}", audio.peak());
        let alike = hats.iter().find(|(_, other)| *other == audio.left);
        assert!(alike.is_none(), "keys {key} and {:?} sound alike", alike.map(|(key, _)| key));
        hats.push((key, audio.left));
    }
}

#[test]
fn every_program_sounds_in_low_middle_and_high_register() {
    for program in 0..128 {
        for pitch in [0, 36, 60, 96, 127] {
            let music = piece(vec![track(program, false, roll(12, &[(0, pitch, 6)]))]);
            let options = RenderOptions { tail: 0.1, ..RenderOptions::default() };
            let audio = render(&music, &options, &Cancel::new()).unwrap();
            assert!(audio.left.iter().chain(&audio.right).all(|x| x.is_finite()), "{program} at {pitch}");
            assert!(audio.peak() > 0.01, "program {program} at {pitch} is too quiet: {}", audio.peak());
        }
    }
}

#[test]
fn a_closed_hat_chokes_an_open_one() {
    let open = drum(46);
    let choked = played(&piece(vec![track(0, true, roll(24, &[(0, 46, 1), (6, 42, 7)]))]));
    let tail = |audio: &Audio| audio.left[18_000..22_000].iter().map(|x| x * x).sum::<f32>();
    assert!(tail(&choked) < tail(&open) * 0.2, "{} {}", tail(&choked), tail(&open));
}

#[test]
fn twice_the_tempo_is_half_the_length() {
    let options = |bpm: f64| RenderOptions {
        tempo: Some(Tempo::new(bpm).unwrap()),
        tail: 0.0,
        ..RenderOptions::default()
    };
    let length = |bpm| render(&band(), &options(bpm), &Cancel::new()).unwrap().left.len();
    assert_eq!(length(120.0), 2 * 44_100);
    assert_eq!(length(60.0), 2 * length(120.0));
}

#[test]
fn the_tempo_map_places_the_notes() {
    let tempo = |bpm| Tempo::new(bpm).unwrap();
    let clicks = piece(vec![track(0, true, roll(48, &[(0, 75, 1), (12, 75, 13), (24, 75, 25)]))]);
    let audio = played(&clicks.with_tempos(vec![(0, tempo(120.0)), (12, tempo(60.0))]));
    let loud = |seconds: f64| {
        let at = (seconds * 44_100.0) as usize;
        audio.left[at..at + 400].iter().fold(0.0f32, |most, x| most.max(x.abs()))
    };
    assert!(loud(0.5) > 0.1 && loud(1.5) > 0.1);
    assert!(loud(1.0) < 0.05, "the third click waits for the slower tempo");
}

#[test]
fn left_and_right_differ() {
    let audio = played(&band());
    let difference: f32 = audio.left.iter().zip(&audio.right).map(|(l, r)| (l - r).powi(2)).sum();
    let power: f32 = audio.left.iter().map(|x| x * x).sum();
    assert!(difference > power * 0.02, "{difference} of {power}");
}

#[test]
fn the_same_music_gives_the_same_samples() {
    assert_eq!(played(&band()), played(&band()));
}

#[test]
fn louder_notes_are_louder() {
    let at = |velocity: u8| {
        let quiet = vec![[velocity; 128]; 48];
        let soft = roll(48, &[(24, 60, 36)]).with_velocities(quiet);
        // The loud first note fixes the level of the whole.
        let loud = track(0, true, roll(48, &[(0, 36, 1)]));
        let audio = played(&piece(vec![loud, track(0, false, soft)]));
        audio.left[44_100..60_000].iter().map(|x| x * x).sum::<f32>()
    };
    assert!(at(30) * 2.0 < at(70) && at(70) * 1.5 < at(120));
}

#[test]
fn a_raised_flag_stops_the_work() {
    let cancel = Cancel::new();
    cancel.raise();
    let error = render(&band(), &RenderOptions::default(), &cancel).unwrap_err();
    assert!(matches!(error, AudioError::Cancelled));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    assert!(write(&path, &band(), &RenderOptions::default(), &cancel).is_err());
    assert!(!path.exists(), "nothing was written");
}

#[test]
fn a_piece_longer_than_an_hour_and_an_endless_tail_are_refused() {
    let slow = RenderOptions { tempo: Some(Tempo::new(1.0).unwrap()), ..RenderOptions::default() };
    let long = piece(vec![track(0, false, roll(12 * 61, &[(0, 60, 1)]))]);
    let error = render(&long, &slow, &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("3660 seconds") && error.contains("tempo"), "{error}");
    let endless = RenderOptions { tail: f64::INFINITY, ..RenderOptions::default() };
    assert!(matches!(render(&band(), &endless, &Cancel::new()), Err(AudioError::Tail(_))));
}
