//! Any piece comes back from MIDI equal, and no bytes make the reader panic.

use proptest::prelude::*;
use ricercar::midi::{self, WriteOptions};
use ricercar::music::{Meter, Multitrack, Note, Origin, Pianoroll, Pitch, Program, Resolution, Tempo, Track};

const MOST_STEPS: usize = 200;

fn roll() -> impl Strategy<Value = Pianoroll> {
    let note =
        (0..MOST_STEPS, 0i64..128, 1usize..60, 1u8..128).prop_map(|(start, pitch, length, velocity)| Note {
            start,
            pitch: Pitch::new(pitch).unwrap(),
            end: start + length,
            velocity,
        });
    (0..=MOST_STEPS, prop::collection::vec(note, 0..40), any::<bool>()).prop_map(
        |(steps, mut notes, has_velocities)| {
            // MIDI has one velocity for a note, so overlaps of one pitch must not mix two.
            notes.sort();
            let plain = Pianoroll::from_notes(steps, &notes).without_velocities();
            if !has_velocities {
                return plain;
            }
            let loud = |n: Note| Note { velocity: 1 + (n.start * 7 + n.end) as u8 % 127, ..n };
            let notes: Vec<Note> = plain.notes().into_iter().map(loud).collect();
            Pianoroll::from_notes(steps, &notes)
        },
    )
}

fn track() -> impl Strategy<Value = Track> {
    (".{0,12}", 0i64..128, any::<bool>(), roll()).prop_map(|(name, program, is_drum, roll)| Track {
        name: name.as_str().into(),
        program: Program::new(program).unwrap(),
        is_drum,
        roll,
    })
}

fn meter() -> impl Strategy<Value = Meter> {
    (1u8..=255, 0u32..=6).prop_map(|(numerator, power)| Meter::new(numerator, 1 << power).unwrap())
}

fn origin() -> impl Strategy<Value = Origin> {
    (".{0,20}", any::<Option<u64>>(), "[0-9a-f]{16}").prop_map(|(model, seed, latent)| Origin {
        model,
        seed,
        latent,
    })
}

fn piece() -> impl Strategy<Value = Multitrack> {
    let tempo = (0..MOST_STEPS, 1.0f64..2000.0).prop_map(|(at, bpm)| (at, Tempo::new(bpm).unwrap()));
    (
        prop::collection::vec(track(), 0..20),
        1i64..=960,
        prop::option::of(".{0,12}"),
        prop::collection::vec(tempo, 0..4),
        prop::collection::vec((0..MOST_STEPS, meter()), 0..4),
        prop::option::of(origin()),
    )
        .prop_map(|(tracks, resolution, name, mut tempos, mut meters, origin)| {
            let piece = Multitrack::new(tracks, Resolution::new(resolution).unwrap());
            // What changes after the end is not written.
            tempos.retain(|(at, _)| *at == 0 || *at < piece.steps());
            meters.retain(|(at, _)| *at == 0 || *at < piece.steps());
            piece.with_name(name.as_deref()).with_tempos(tempos).with_meters(meters).with_origin(origin)
        })
}

fn read_back(piece: &Multitrack) -> Multitrack {
    let score = midi::parse(&midi::to_bytes(piece, &WriteOptions::default()).unwrap()).unwrap();
    assert_eq!(score.account, [], "nothing to repair in what we wrote");
    assert_eq!(score.resolution(), Some(piece.resolution()));
    score.to_multitrack(piece.resolution()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_piece_reads_back_equal(piece in piece()) {
        prop_assert_eq!(read_back(&piece), piece);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = midi::parse(&bytes);
        let mut file = b"MThd\0\0\0\x06\0\x01\0\x01\0\x60MTrk".to_vec();
        file.extend((bytes.len() as u32).to_be_bytes());
        file.extend(&bytes);
        let score = midi::parse(&file).unwrap();
        let _ = score.to_multitrack(Resolution::MODEL);
    }

    #[test]
    fn no_damage_to_a_good_file_makes_the_reader_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut files: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/midi"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "mid"))
            .collect();
        files.sort();
        let mut bytes = std::fs::read(which.get(&files)).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(score) = midi::parse(&bytes) {
            let _ = score.seconds(score.end);
            let _ = score.to_multitrack(Resolution::MODEL);
        }
    }
}

#[test]
fn a_phrase_of_four_bars_reads_back_as_four_bars_at_any_resolution() {
    let note = Note { start: 0, pitch: Pitch::new(60).unwrap(), end: 192, velocity: 90 };
    let roll = Pianoroll::from_notes(192, &[note]);
    let phrase =
        Multitrack::new(vec![Track::of_family(ricercar::music::Family::Piano, roll)], Resolution::MODEL);
    let bytes = midi::to_bytes(&phrase, &WriteOptions::default()).unwrap();
    for steps in [1, 4, 12, 24, 480] {
        let resolution = Resolution::new(steps).unwrap();
        let back = midi::parse(&bytes).unwrap().to_multitrack(resolution).unwrap();
        assert_eq!((back.bar_count(), back.steps()), (4, 16 * steps as usize));
        assert_eq!(back, phrase.resample(resolution));
    }
}

#[test]
fn silent_bars_come_between_phrases_only_when_asked() {
    let note = |start| Note { start, pitch: Pitch::new(60).unwrap(), end: start + 48, velocity: 90 };
    let roll = Pianoroll::from_notes(384, &(0..8).map(|bar| note(bar * 48)).collect::<Vec<_>>());
    let track = Track::of_family(ricercar::music::Family::Piano, roll);
    let piece = Multitrack::new(vec![track], Resolution::MODEL).with_name(Some("two phrases"));
    let bars = |silent_bars| {
        let bytes = midi::to_bytes(&piece, &WriteOptions { silent_bars, stamp: None }).unwrap();
        midi::parse(&bytes).unwrap().to_multitrack(Resolution::MODEL).unwrap()
    };
    assert_eq!(bars(0), piece);
    let spaced = bars(1);
    assert_eq!(spaced.bar_count(), 9);
    assert!(spaced.bars(4, 5).unwrap().is_silent());
    assert_eq!(spaced.bars(5, 9).unwrap(), piece.bars(4, 8).unwrap());
    assert_eq!(spaced.name(), Some("two phrases"));
}
