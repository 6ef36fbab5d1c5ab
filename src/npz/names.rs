//! The tracks of phrases as members of an npz: `tracks`, their names as NumPy text, `programs` and
//! `is_drum`. Programs of NumPy that only know `shape` and `nonzero` pass over them.

use std::io::{Read, Seek, Write};

use ndarray_npy::npy::header::Header;

use super::archive::{Archive, ArchiveWriter};
use super::layout::{LONGEST_NAME, MOST_TRACKS};
use super::numbers::{header, header_bytes};
use super::{NpzError, PhraseTrack};
use crate::music::{Family, Program};

/// Name of the member with the names.
const NAMES: &str = "tracks.npy";
/// Name of the member with the General MIDI programs.
const PROGRAMS: &str = "programs.npy";
/// Name of the member that says which tracks are drums.
const IS_DRUM: &str = "is_drum.npy";

/// The `count` tracks that an archive names; the five families when it names none.
pub(super) fn read_tracks(archive: &mut Archive, count: usize) -> Result<Vec<PhraseTrack>, NpzError> {
    let place = archive.place(NAMES);
    if !archive.has(NAMES) {
        return match count {
            5 => Ok(Family::ALL.map(PhraseTrack::from).to_vec()),
            _ => Err(archive.place(super::sparse::SHAPE).unexpected(
                "5 tracks (drums, piano, guitar, bass, strings), or their names as the member `tracks.npy`",
                format!("{count} tracks"),
            )),
        };
    }
    let bytes = archive.text(NAMES)?;
    let names = parse(&bytes).map_err(|reason| place.damaged(reason))?;
    if names.len() != count {
        return Err(place.unexpected(format!("{count} names"), format!("{}", names.len())));
    }
    let mut tracks: Vec<PhraseTrack> = names.iter().map(|name| PhraseTrack::named(name)).collect();
    for (track, program) in tracks.iter_mut().zip(integers(archive, PROGRAMS, count)?) {
        let wrong = |_| archive.place(PROGRAMS).unexpected("programs of 0 to 127", program.to_string());
        track.program = Program::new(program).map_err(wrong)?;
    }
    for (track, flag) in tracks.iter_mut().zip(integers(archive, IS_DRUM, count)?) {
        track.is_drum = flag != 0;
    }
    Ok(tracks)
}

/// `count` integers, or nothing when there is no such member.
fn integers(archive: &mut Archive, member: &str, count: usize) -> Result<Vec<i64>, NpzError> {
    if !archive.has(member) {
        return Ok(Vec::new());
    }
    let place = archive.place(member);
    let mut reader = archive.stream(member)?.of_integers()?;
    if reader.shape() != [count] {
        return Err(place.unexpected(format!("{count} numbers"), format!("shape {:?}", reader.shape())));
    }
    let mut values = Vec::with_capacity(count);
    reader.each_integer(count, |value| values.push(value))?;
    Ok(values)
}

/// Adds the members that [`read_tracks`] reads.
pub(super) fn write_tracks<W: Write + Seek>(
    archive: &mut ArchiveWriter<W>,
    file: &str,
    tracks: &[PhraseTrack],
) -> Result<(), NpzError> {
    archive.bytes(NAMES, &encode(tracks.iter().map(|track| &*track.name)))?;
    let programs: Vec<u8> = tracks.iter().map(|track| track.program.number()).collect();
    archive.bytes(PROGRAMS, &[header::<u8>(file, &[tracks.len()])?, programs].concat())?;
    let drums: Vec<u8> = tracks.iter().map(|track| u8::from(track.is_drum)).collect();
    archive.bytes(IS_DRUM, &[header::<bool>(file, &[tracks.len()])?, drums].concat())
}

/// A one-dimensional NumPy array of text: UTF-32, every element as long as the longest.
fn encode<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let names: Vec<Vec<char>> = names.map(|name| name.chars().collect()).collect();
    let longest = names.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let mut text =
        format!("{{'descr': '<U{longest}', 'fortran_order': False, 'shape': ({},), }}", names.len());
    // Magic, version, length, text and a line end fill whole blocks of 64 bytes.
    while (text.len() + 11) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    for name in names {
        let padded = name.into_iter().map(u32::from).chain(std::iter::repeat(0)).take(longest);
        bytes.extend(padded.flat_map(u32::to_le_bytes));
    }
    bytes
}

/// Undoes [`encode`]; text of either byte order.
fn parse(bytes: &[u8]) -> Result<Vec<String>, String> {
    let mut rest = bytes;
    let head = header_bytes(&mut rest)?;
    let head = Header::from_reader(&mut head.as_slice())
        .map_err(|error| format!("not a readable npy header ({error})"))?;
    let descriptor = head.type_descriptor.to_string();
    let descriptor = descriptor.trim_matches('\'');
    let is_big = descriptor.starts_with('>');
    let length = descriptor.trim_start_matches(['<', '>', '=']).strip_prefix('U');
    let length = length.and_then(|n| n.parse::<usize>().ok()).filter(|n| (1..=LONGEST_NAME).contains(n));
    let (Some(length), &[count @ 0..=MOST_TRACKS]) = (length, head.shape.as_slice()) else {
        return Err(format!("it must be up to {MOST_TRACKS} texts, not {:?} of {descriptor}", head.shape));
    };
    let mut words = vec![0; count * length * 4];
    rest.read_exact(&mut words).map_err(|_| "the data end before the last name".to_owned())?;
    let number = |word: &[u8; 4]| if is_big { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
    let name = |word: &[u8]| -> Option<String> {
        word.as_chunks().0.iter().map(number).take_while(|n| *n != 0).map(char::from_u32).collect()
    };
    let names: Option<Vec<String>> = words.chunks(length * 4).map(name).collect();
    names.ok_or_else(|| "a name is not text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_in_any_script() {
        for names in [&["drums", "p\u{ef}ano", "\u{1d11e}"][..], &[""], &[]] {
            assert_eq!(parse(&encode(names.iter().copied())).unwrap(), names);
        }
        let bytes = encode(["bass"].into_iter());
        assert_eq!(bytes.len() % 64, 16, "the data begin at a whole block");
        assert!(parse(&bytes[..bytes.len() - 1]).unwrap_err().contains("before the last name"));
    }

    #[test]
    fn what_is_no_list_of_names_is_refused() {
        let numbers = header::<i64>("x", &[5]).unwrap();
        assert!(parse(&numbers).unwrap_err().contains("i8"));
        let many = encode(std::iter::repeat_n("a", 65));
        assert!(parse(&many).unwrap_err().contains("[65]"));
        let mut bytes = encode(["bass"].into_iter());
        let at = bytes.len() - 13;
        bytes[at] = 0xff;
        assert_eq!(parse(&bytes).unwrap_err(), "a name is not text");
    }
}
