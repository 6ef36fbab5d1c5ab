//! A SoundFont of one looped sine, built here, and what is made of damaged ones.

use super::*;
use crate::audio::{PEAK, RenderOptions, render};
use crate::music::{Multitrack, Note, Pianoroll, Pitch, Program, Resolution, Track};

fn chunk(id: &[u8; 4], body: Vec<u8>) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    [id.to_vec(), size.to_vec(), body].concat()
}

fn list(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", [kind.to_vec(), chunks.concat()].concat())
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn name(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(20, 0);
    bytes
}

/// A preset header: name, program, bank, first bag, and three unused numbers.
fn preset(text: &str, program: u16, bank: u16, bag: u16) -> Vec<u8> {
    [name(text), words(&[program, bank, bag]), vec![0; 12]].concat()
}

/// One instrument for program 0 and for the drums: a sine of 441 Hz at 44.1 kHz, looped, which key
/// 69 plays as it is. Layout of SoundFont 2.01, sections 4 to 7.
fn sine_font() -> Vec<u8> {
    let wave: Vec<u16> = (0..1100)
        .map(|i| ((f64::from(i) * std::f64::consts::TAU / 100.0).sin() * 20_000.0) as i16 as u16)
        .collect();
    let silence = vec![0; 2 * 46];
    let numbers = |values: [u32; 5]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let sample = [name("sine"), numbers([0, 1000, 100, 900, 44_100]), vec![69, 0], words(&[0, 1])];
    let info = [
        chunk(b"ifil", words(&[2, 1])),
        chunk(b"isng", b"EMU8000\0".to_vec()),
        chunk(b"INAM", b"One sine\0\0".to_vec()),
    ];
    let tables = [
        chunk(
            b"phdr",
            [preset("sine", 0, 0, 0), preset("drums", 0, 128, 1), preset("EOP", 0, 0, 2)].concat(),
        ),
        chunk(b"pbag", words(&[0, 0, 1, 0, 2, 0])),
        chunk(b"pmod", vec![0; 10]),
        // Generator 41 names the instrument.
        chunk(b"pgen", words(&[41, 0, 41, 0, 0, 0])),
        chunk(b"inst", [name("sine"), words(&[0]), name("EOI"), words(&[1])].concat()),
        chunk(b"ibag", words(&[0, 0, 2, 0])),
        chunk(b"imod", vec![0; 10]),
        // Generator 54 loops the sample, 53 names it.
        chunk(b"igen", words(&[54, 1, 53, 0, 0, 0])),
        chunk(b"shdr", [sample.concat(), vec![0; 46]].concat()),
    ];
    let body = [
        list(b"INFO", &info),
        list(b"sdta", &[chunk(b"smpl", [words(&wave), silence].concat())]),
        list(b"pdta", &tables),
    ];
    chunk(b"RIFF", [b"sfbk".to_vec(), body.concat()].concat())
}

/// The font at a path that lives as long as the folder.
fn load(bytes: &[u8]) -> (tempfile::TempDir, Result<SoundFont, AudioError>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.sf2");
    std::fs::write(&path, bytes).unwrap();
    let font = SoundFont::load(&path);
    (folder, font)
}

fn track(is_drum: bool, start: usize, pitch: i64, end: usize) -> Track {
    let note = Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity: 100 };
    let roll = Pianoroll::from_notes(end + 12, &[note]);
    Track { name: "track".into(), program: Program::default(), is_drum, roll }
}

fn played(tracks: Vec<Track>) -> Audio {
    let (_folder, font) = load(&sine_font());
    let options = RenderOptions { soundfont: Some(font.unwrap()), ..RenderOptions::default() };
    render(&Multitrack::new(tracks, Resolution::MODEL), &options, &Cancel::new()).unwrap()
}

fn power(audio: &Audio, from: f64, to: f64) -> f32 {
    let at = |seconds: f64| (seconds * f64::from(SAMPLE_RATE)) as usize;
    audio.left[at(from)..at(to)].iter().map(|x| x * x).sum::<f32>() / (at(to) - at(from)) as f32
}

#[test]
fn a_note_has_its_pitch_and_ends_when_it_is_let_go() {
    let audio = played(vec![track(false, 0, 57, 24)]);
    let second = &audio.left[11_025..33_075];
    let crossings = second.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
    assert!((109..=112).contains(&crossings), "half a second of 220.5 Hz, crossed {crossings} times");
    assert!(power(&audio, 0.2, 0.9) > 1e-3 && power(&audio, 1.5, 2.0) < 1e-6);
    assert!(audio.peak() <= PEAK);
}

#[test]
fn drums_play_on_their_own_channel() {
    assert!(power(&played(vec![track(true, 0, 69, 24)]), 0.2, 0.9) > 1e-3);
}

#[test]
fn more_pitched_tracks_than_channels_all_sound() {
    let tracks = (0..20).map(|i| track(false, i * 24, 69, i * 24 + 18)).chain([track(true, 480, 60, 498)]);
    let audio = played(tracks.collect());
    for i in 0..21 {
        let start = i as f64;
        let sounding = power(&audio, start + 0.1, start + 0.6);
        assert!(sounding > 1e-3, "track {i} is mute");
        assert!(power(&audio, start + 0.95, start + 0.99) < sounding * 0.1, "track {i} hangs");
    }
}

#[test]
fn a_missing_font_a_cut_off_one_and_another_file_are_named() {
    let error = SoundFont::load(Path::new("no/such.sf2")).unwrap_err().to_string();
    assert!(error.contains("no/such.sf2"), "{error}");
    let whole = sine_font();
    let of = |bytes: &[u8]| load(bytes).1.unwrap_err().to_string();
    let error = of(&whole[..whole.len() / 2]);
    assert!(error.contains("one.sf2") && error.contains("cut off"), "{error}");
    assert!(of(b"MThd").contains("RIFF"));
    assert!(of(&[]).contains("RIFF"));
}

#[test]
fn a_damaged_font_is_an_error_or_plays_but_never_panics() {
    let whole = sine_font();
    let music = Multitrack::new(vec![track(false, 0, 69, 6), track(true, 0, 36, 6)], Resolution::MODEL);
    let mut refused = 0;
    for at in (0..whole.len()).filter(|at| *at < 120 || *at > 2_300) {
        let mut bytes = whole.clone();
        bytes[at] = !bytes[at];
        match load(&bytes).1 {
            Err(_) => refused += 1,
            Ok(font) => {
                let options = RenderOptions { soundfont: Some(font), tail: 0.0, ..RenderOptions::default() };
                let _ = render(&music, &options, &Cancel::new());
            }
        }
    }
    assert!(refused > 50, "{refused}");
    // The number of the first preset's bag, made too large.
    let mut bytes = whole.clone();
    let header = whole.windows(4).position(|id| id == b"phdr").unwrap() + 8;
    bytes[header + 24] = 9;
    let error = load(&bytes).1.unwrap_err().to_string();
    assert!(error.contains("row 0 of `phdr` points to row 9 of `pbag`, which has 3"), "{error}");
}
