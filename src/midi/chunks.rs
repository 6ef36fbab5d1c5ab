//! The container: header and track chunks, each with its place in the file.

use super::account::Repair;
use super::error::Fault;
use super::score::Division;

/// A MIDI file taken apart into tracks, not yet into events.
#[derive(Debug)]
pub(super) struct Container<'a> {
    pub division: Division,
    pub format: u16,
    pub tracks: Vec<TrackChunk<'a>>,
    pub repairs: Vec<Repair>,
}

/// The events of a track, as bytes.
#[derive(Debug)]
pub(super) struct TrackChunk<'a> {
    /// Where the events begin in the file.
    pub byte: usize,
    pub events: &'a [u8],
}

impl<'a> Container<'a> {
    /// Takes a file apart. Foreign chunks, trailing bytes and a wrong track count are repairs; a chunk
    /// that runs past the end is a fault.
    pub fn open(file: &'a [u8]) -> Result<Self, Fault> {
        let (start, end) = song_range(file)?;
        let mut chunks = Chunks { file: &file[..end], byte: start };
        let header = match chunks.next().transpose()? {
            Some(chunk) if chunk.id == *b"MThd" => chunk.data,
            _ => return Err(not_midi(&file[start..])),
        };
        let &[f0, f1, n0, n1, d0, d1, ..] = header else {
            return Err(Fault::Header(header.len()));
        };
        let (format, promised) = (u16::from_be_bytes([f0, f1]), u16::from_be_bytes([n0, n1]));
        if format > 1 {
            return Err(Fault::Format(format));
        }
        let mut opened =
            Self { division: division(d0, d1)?, format, tracks: Vec::new(), repairs: Vec::new() };
        while let Some(chunk) = chunks.next() {
            let chunk = match chunk {
                // Some programs pad their files; a chunk that was to come would be a track.
                Err(_) if opened.tracks.len() >= usize::from(promised) => {
                    opened.repairs.push(Repair::TrailingBytes { bytes: end - chunks.byte });
                    break;
                }
                chunk => chunk?,
            };
            if chunk.id == *b"MTrk" {
                opened.tracks.push(TrackChunk { byte: chunk.byte, events: chunk.data });
            } else {
                let id = printable(&chunk.id);
                opened.repairs.push(Repair::ForeignChunk { id, bytes: chunk.data.len() });
            }
        }
        let found = opened.tracks.len();
        if found == 0 {
            return Err(Fault::NoTracks);
        }
        if found != usize::from(promised) {
            opened.repairs.push(Repair::TrackCount { promised: promised.into(), found });
        }
        Ok(opened)
    }
}

struct Chunk<'a> {
    id: [u8; 4],
    byte: usize,
    data: &'a [u8],
}

struct Chunks<'a> {
    file: &'a [u8],
    byte: usize,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.file[self.byte..];
        if rest.is_empty() {
            return None;
        }
        let cut = |byte, what: String, needed, left| Some(Err(Fault::Truncated { byte, what, needed, left }));
        let Some(([i0, i1, i2, i3, l0, l1, l2, l3], data)) = rest.split_first_chunk() else {
            return cut(self.byte, "the head of a chunk".to_owned(), 8, rest.len());
        };
        let id = [*i0, *i1, *i2, *i3];
        let length = u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize;
        let byte = self.byte + 8;
        let Some(data) = data.get(..length) else {
            return cut(byte, format!("the chunk `{}`", printable(&id)), length, data.len());
        };
        self.byte = byte + length;
        Some(Ok(Chunk { id, byte, data }))
    }
}

/// Where the song lies in the file: all of it, or the data chunk of a RIFF (`.rmi`) file.
fn song_range(file: &[u8]) -> Result<(usize, usize), Fault> {
    match file {
        [] => return Err(Fault::Empty),
        [b'M', b'T', b'h', b'd', ..] => return Ok((0, file.len())),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'R', b'M', b'I', b'D', ..] => {}
        _ => return Err(not_midi(file)),
    }
    let mut byte = 12;
    while let Some(([i0, i1, i2, i3, l0, l1, l2, l3], _)) = file[byte..].split_first_chunk() {
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
        let (start, left) = (byte + 8, file.len() - byte - 8);
        if length > left {
            let what = format!("the chunk `{}`", printable(&[*i0, *i1, *i2, *i3]));
            return Err(Fault::Truncated { byte: start, what, needed: length, left });
        }
        if [*i0, *i1, *i2, *i3] == *b"data" {
            return Ok((start, start + length));
        }
        byte = (start + length + length % 2).min(file.len());
    }
    Err(Fault::NotMidi { found: "a RIFF container without a song".to_owned() })
}

/// Ticks per beat, or SMPTE frames per second (negative) and ticks per frame.
fn division(high: u8, low: u8) -> Result<Division, Fault> {
    let fault = Fault::Division(u16::from_be_bytes([high, low]));
    let frames_per_second = match high {
        0..=127 => {
            let ticks = u16::from_be_bytes([high, low]);
            return if ticks > 0 { Ok(Division::TicksPerBeat(ticks)) } else { Err(fault) };
        }
        232 => 24.0,
        231 => 25.0,
        227 => 30.0 / 1.001,
        226 => 30.0,
        _ => return Err(fault),
    };
    match low {
        0 => Err(fault),
        ticks_per_frame => Ok(Division::Timecode { frames_per_second, ticks_per_frame }),
    }
}

fn not_midi(file: &[u8]) -> Fault {
    Fault::NotMidi { found: format!("`{}`", printable(&file[..file.len().min(4)])) }
}

fn printable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(promised: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0\x01\0".to_vec();
        bytes.extend([promised, 1, 0xe0]);
        for (id, data) in chunks {
            bytes.extend_from_slice(*id);
            bytes.extend((data.len() as u32).to_be_bytes());
            bytes.extend_from_slice(data);
        }
        bytes
    }

    #[test]
    fn every_cut_is_a_fault_or_a_repair() {
        let whole = file(2, &[(b"MTrk", b"\0\xff\x2f\0"), (b"MTrk", b"\0\xff\x2f\0")]);
        assert!(Container::open(&whole).unwrap().repairs.is_empty());
        for length in 0..whole.len() {
            let told = match Container::open(&whole[..length]) {
                Err(_) => true,
                Ok(container) => !container.repairs.is_empty(),
            };
            assert!(told, "a cut at byte {length} went unnoticed");
        }
    }

    #[test]
    fn foreign_chunks_and_padding_are_got_over() {
        let mut bytes = file(1, &[(b"XFIH", b"abc"), (b"MTrk", b"")]);
        bytes.extend([0; 5]);
        let container = Container::open(&bytes).unwrap();
        assert_eq!(container.tracks.len(), 1);
        assert_eq!(
            container.repairs,
            [Repair::ForeignChunk { id: "XFIH".to_owned(), bytes: 3 }, Repair::TrailingBytes { bytes: 5 }]
        );
    }

    #[test]
    fn a_riff_wrapper_is_taken_off() {
        let song = file(1, &[(b"MTrk", b"")]);
        let mut bytes = b"RIFF\0\0\0\0RMIDINFO\x01\0\0\0x\0data".to_vec();
        bytes.extend((song.len() as u32).to_le_bytes());
        bytes.extend(&song);
        assert_eq!(Container::open(&bytes).unwrap().tracks[0].byte, bytes.len());
        assert!(Container::open(&bytes[..30]).is_err());
    }

    #[test]
    fn the_division_is_ticks_or_frames() {
        assert_eq!(division(1, 0xe0).unwrap(), Division::TicksPerBeat(480));
        let film = Division::Timecode { frames_per_second: 25.0, ticks_per_frame: 40 };
        assert_eq!(division(0xe7, 40).unwrap(), film);
        for (high, low) in [(0, 0), (0x80, 1), (0xe7, 0), (0xff, 1)] {
            assert!(division(high, low).is_err());
        }
    }
}
