//! Whole songs to phrases.

use proptest::prelude::*;

use super::fixture::{BAR, BEAT, band, beat, chords, drums, note, options, part, song};
use super::*;
use crate::midi::Instrument;
use crate::music::{Meter, Pitch, Program};

/// A band whose phrases differ: the key goes up a semitone every four bars.
fn rising(bars: u64) -> Score {
    let mut song = song();
    let (mut high, mut low) = (Vec::new(), Vec::new());
    for phrase in 0..bars.div_ceil(4) {
        let [more, lower] = chords(phrase * 4..(phrase * 4 + 4).min(bars), phrase as u8, 0);
        high.extend(more);
        low.extend(lower);
    }
    song.instruments = vec![drums(beat(0..bars, 0)), part(0, high), part(33, low)];
    song
}

fn kept() -> SongOptions {
    SongOptions { key: KeyRule::Keep, segments: Segments::Every, ..options() }
}

fn bars(song: &SongPhrases) -> Vec<usize> {
    song.phrases.iter().map(|phrase| phrase.bar).collect()
}

fn lost(song: &SongPhrases) -> Vec<(&'static str, usize, usize)> {
    song.lost.iter().map(|loss| (loss.reason.code(), loss.count, loss.bars)).collect()
}

#[test]
fn parts_are_merged_into_tracks_by_program_and_the_rest_is_told() {
    let mut song = band(4);
    song.instruments.push(part(7, vec![note(0, BAR, 84)]));
    song.instruments.push(part(125, vec![note(0, BAR, 60), note(BAR, 2 * BAR, 60)]));
    let found = phrases(&song, &kept(), None);
    let tracks: Vec<_> = found.parts.iter().map(|part| (part.program, part.track, part.notes)).collect();
    assert_eq!(
        tracks,
        [(0, Some(0), 48), (0, Some(1), 12), (33, Some(3), 12), (7, Some(1), 1), (125, None, 2)]
    );
    assert_ne!(found.phrases[0].cells[1][0] >> 60 & 1, 0, "C6 of the second piano");
}

#[test]
fn a_table_overrides_the_programs() {
    let table = |part: &PartInfo| match part.program {
        33 => Some("strings".to_owned()),
        _ if part.is_drum => Some("Percussion".to_owned()),
        _ => None,
    };
    let options = SongOptions { required_tracks: Some(Vec::new()), active_tracks: 1, ..kept() };
    let found = phrases(&band(4), &options, Some(&table));
    let tracks: Vec<_> = found.parts.iter().map(|part| part.track).collect();
    assert_eq!(tracks, [None, None, Some(4)]);
    assert_eq!(found.parts[0].unknown_track.as_deref(), Some("Percussion"));
    assert!(found.phrases[0].cells[4].iter().any(|set| *set != 0));
}

#[test]
fn only_the_sections_in_four_four_are_used_and_bars_are_counted_through() {
    let mut song = rising(16);
    song.meters = vec![
        (0, Meter::COMMON),
        (5 * BAR, Meter::new(3, 4).unwrap()),
        (5 * BAR + 4 * 3 * BEAT, Meter::COMMON),
    ];
    let found = phrases(&song, &kept(), None);
    // Five bars, four of three beats, then eight of four.
    assert_eq!((bars(&found), found.bars), (vec![0, 9, 13], 17));
    assert_eq!(lost(&found), [("meter", 1, 4), ("remainder", 1, 1)]);
}

#[test]
fn phrases_are_moved_to_c_major_by_the_key_of_their_surroundings() {
    let mut song = song();
    let [high, low] = chords(0..16, 2, 0);
    let [higher, lower] = chords(16..32, 11, 0);
    song.instruments =
        vec![drums(beat(0..32, 0)), part(0, [high, higher].concat()), part(33, [low, lower].concat())];
    let found = phrases(&song, &SongOptions { segments: Segments::Every, ..options() }, None);
    assert_eq!(found.phrases.iter().map(|phrase| phrase.transposed).collect::<Vec<_>>(), [-2, 1]);
    // The others repeat these; in the last of each key no repeated note follows.
    assert_eq!(lost(&found), [("duplicate", 4, 16), ("near_duplicate", 2, 8)]);
    let [low, high] = [0, 1].map(|phrase| found.phrases[phrase].cells[1][0].trailing_zeros() + 24);
    assert_eq!((low, high), (60, 72));
    assert!(found.phrases.iter().all(|phrase| phrase.key.unwrap().to_string() == "C major"));
}

#[test]
fn a_song_that_repeats_itself_gives_its_phrase_once() {
    let found = phrases(&band(32), &options(), None);
    // The last one differs where no note follows.
    let repeated = vec![("duplicate", 6, 24), ("near_duplicate", 1, 4)];
    assert_eq!((bars(&found), lost(&found)), (vec![0], repeated));
}

#[test]
fn bars_that_are_too_few_for_a_phrase_are_told() {
    let found = phrases(&rising(6), &kept(), None);
    assert_eq!((bars(&found), lost(&found)), (vec![0], vec![("remainder", 1, 2)]));
    let overlapping = SongOptions { hop: Some(1), ..kept() };
    assert_eq!(bars(&phrases(&rising(6), &overlapping, None)), [0, 1, 2]);
}

#[test]
fn a_song_whose_bars_begin_on_another_beat_loses_a_pickup() {
    let mut song = rising(16);
    for note in song.instruments.iter_mut().flat_map(|part| &mut part.notes) {
        (note.start, note.end) = (note.start + BEAT, note.end + BEAT);
    }
    let found = phrases(&song, &kept(), None);
    assert_eq!(found.repairs, [SongRepair::Downbeat { bar: 0, beats: 1 }]);
    assert_eq!((bars(&found), lost(&found)), (vec![0, 4, 8, 12], vec![("pickup", 1, 1)]));
    let straight = phrases(&rising(16), &kept(), None);
    let cells =
        |song: &SongPhrases| song.phrases.iter().map(|phrase| phrase.cells.clone()).collect::<Vec<_>>();
    assert_eq!(cells(&found), cells(&straight));
    let written = SongOptions { downbeat: Downbeat::Written, ..kept() };
    assert_eq!(phrases(&song, &written, None).repairs, []);
}

#[test]
fn notes_outside_the_range_are_folded_and_counted() {
    let mut song = band(4);
    song.instruments.push(part(48, vec![note(0, BAR, 120), note(0, BAR, 12)]));
    song.instruments[0].notes.push(note(0, 60, 5));
    song.instruments[0].notes.sort();
    let found = phrases(&song, &kept(), None);
    assert_eq!(found.repairs, [SongRepair::Folded { notes: 2 }, SongRepair::Outside { notes: 1 }]);
}

#[test]
fn a_song_without_notes_says_so() {
    let empty = phrases(&song(), &options(), None);
    assert_eq!(lost(&empty), [("no_notes", 1, 0)]);
    let mut dropped = song();
    dropped.instruments = vec![part(127, vec![note(0, BAR, 60)])];
    assert_eq!(lost(&phrases(&dropped, &options(), None)), [("no_notes", 1, 0)]);
}

#[test]
fn an_endless_song_is_looked_at_up_to_some_bar() {
    let mut song = rising(8);
    song.instruments[1].notes.push(note(u64::MAX / 2, u64::MAX / 2 + BAR, 60));
    let found = phrases(&song, &options(), None);
    assert!(found.lost.iter().any(|loss| loss.reason == Reason::TooLong));
    assert!(!found.phrases.is_empty());
}

#[test]
fn reasons_have_codes_of_their_own() {
    let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    codes.dedup();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(Reason::ALL.windows(2).all(|pair| pair[0] < pair[1]));
}

/// Any song of a few parts, meters and tempos, with notes that overlap, stick and lie anywhere.
fn any_song() -> impl Strategy<Value = Score> {
    let notes = prop::collection::vec((0u64..40_000, 1u64..9_000, 0i64..128, 1u8..128), 0..120);
    let parts = prop::collection::vec((0i64..128, any::<bool>(), notes), 0..5);
    let meters = prop::collection::vec((0u64..40_000, 1u8..9, 0u32..5), 0..4);
    let tempos = prop::collection::vec((0u64..40_000, 100_000u32..2_000_000), 0..4);
    (1u16..1000, parts, meters, tempos).prop_map(|(division, parts, mut meters, mut tempos)| {
        let mut score = Score::new(division);
        for (program, is_drum, notes) in parts {
            let notes = notes.into_iter().map(|(start, length, pitch, velocity)| ScoreNote {
                start,
                pitch: Pitch::new(pitch).unwrap(),
                end: start + length,
                velocity,
            });
            let program = Program::new(program).unwrap();
            score.instruments.push(Instrument::new(program, is_drum, notes.collect()));
        }
        meters.sort_unstable();
        tempos.sort_unstable();
        score.meters = meters.iter().map(|&(at, n, d)| (at, Meter::new(n, 1 << d).unwrap())).collect();
        score.tempos.extend(tempos.iter().map(|&(tick, micros)| crate::midi::TempoChange {
            tick,
            micros,
            tempo: crate::music::Tempo::new(6e7 / f64::from(micros)).unwrap(),
        }));
        score
    })
}

fn any_options() -> impl Strategy<Value = SongOptions> {
    let grid = (1usize..6, 1usize..30, 0u8..100, 1usize..29);
    let rules = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (grid, rules, prop::option::of(1usize..5), 0usize..3, 0usize..2).prop_map(
        |((bars, resolution, lowest_pitch, pitches), rules, hop, active_tracks, empty_bars)| SongOptions {
            bars,
            resolution,
            lowest_pitch,
            pitches,
            gap: rules.0,
            drum_onsets: rules.1,
            key: if rules.2 { KeyRule::C } else { KeyRule::Keep },
            segments: if rules.3 { Segments::Structure } else { Segments::Every },
            required_tracks: rules.4.then(Vec::new),
            hop: hop.map(|hop| hop.min(bars)),
            active_tracks,
            empty_bars,
            ..SongOptions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_song_gives_only_valid_phrases_and_every_bar_is_accounted_for(
        score in any_song(),
        options in any_options(),
    ) {
        prop_assert_eq!(options.check(), Ok(()));
        let found = phrases(&score, &options, None);
        prop_assert_eq!(found.parts.len(), score.instruments.len());
        let mut last = None;
        for phrase in &found.phrases {
            prop_assert!(last < Some(phrase.bar));
            last = Some(phrase.bar);
            prop_assert!(phrase.bar + options.bars <= found.bars.max(MOST_BARS));
            prop_assert_eq!(phrase.cells.len(), 5);
            prop_assert!(phrase.cells.iter().all(|track| track.len() == options.steps()));
            prop_assert!(phrase.cells.iter().flatten().all(|set| set >> options.pitches == 0));
            prop_assert!(phrase.cells.iter().filter(|track| track.iter().any(|set| *set != 0)).count() >= options.active_tracks);
            prop_assert!((-5..=6).contains(&phrase.transposed));
            prop_assert!(phrase.tempo.is_finite() && phrase.tempo > 0.0);
        }
        let lost: usize = found.lost.iter().map(|loss| loss.bars).sum();
        if options.hop.is_none_or(|hop| hop == options.bars) {
            prop_assert_eq!(found.phrases.len() * options.bars + lost, found.bars);
        }
        prop_assert_eq!(&found, &phrases(&score, &options, None));
    }
}
