//! The zip container of an npz: its members by name, in and out.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, Write};
use std::path::Path;

use libdeflater::Decompressor;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::NpzError;
use super::error::Place;
use super::numbers::{Array, NumberReader};
use crate::base::{FileError, Stamp};

/// A member of text that unpacks to more is not read: it would be made to fill the memory.
const LONGEST_TEXT: u64 = 1 << 24;

/// What an archive is read from: bytes in memory, or a file.
trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// Most elements of an array that is read whole: far more than any song has cells in one track. Packed, a
/// thousand of them take a byte.
const MOST_ELEMENTS: usize = 1 << 22;

/// Members that say they unpack to no more are unpacked at once, which is quicker than piece by piece.
const MOST_AT_ONCE: u64 = 1 << 20;

/// An open archive; sizes come from the central directory, so zip64 local headers do no harm.
pub(super) struct Archive<'a> {
    file: &'a str,
    zip: ZipArchive<Box<dyn Bytes + 'a>>,
    /// The whole file, where it is in memory.
    bytes: &'a [u8],
    inflater: Decompressor,
    /// Holds the member that was unpacked at once last, and what is left of longer ones before it.
    unpacked: Vec<u8>,
}

/// A member being read.
enum Member<'m, R> {
    /// Its bytes, checked against their checksum.
    Whole(&'m [u8]),
    Streamed(Streamed<R>),
}

/// A member that is unpacked as it is read, and no further than it says: one that unpacks to more would
/// fill the memory. Zip compares checksums at the end of the data, so that is asked for with the last byte.
struct Streamed<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Streamed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let count = self.reader.read(&mut buffer[..most])?;
        self.left -= count as u64;
        if self.left == 0 && self.reader.read(&mut [0])? > 0 {
            return Err(std::io::Error::other("it unpacks to more than it says"));
        }
        Ok(count)
    }
}

impl<R: Read> Read for Member<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Whole(bytes) => bytes.read(buffer),
            Self::Streamed(reader) => reader.read(buffer),
        }
    }
}

impl<'a> Archive<'a> {
    /// The archive in `bytes`; `file` is its name in errors.
    pub fn new(file: &'a str, bytes: &'a [u8]) -> Result<Self, NpzError> {
        Ok(Self { bytes, ..Self::of(file, Box::new(Cursor::new(bytes)), bytes)? })
    }

    /// The archive at `path`, of which only what is asked for is read; `file` is its name in errors.
    pub fn open_file(file: &'a str, path: &Path) -> Result<Self, NpzError> {
        let failed = |source| FileError::Read { path: path.to_owned(), source };
        let mut opened = File::open(path).map_err(failed)?;
        let mut start = Vec::new();
        (&mut opened).take(8).read_to_end(&mut start).map_err(failed)?;
        Self::of(file, Box::new(BufReader::new(opened)), &start)
    }

    /// An archive that begins with the bytes `start`.
    fn of(file: &'a str, bytes: Box<dyn Bytes + 'a>, start: &[u8]) -> Result<Self, NpzError> {
        let zip = ZipArchive::new(bytes).map_err(|error| {
            let reason = match start {
                [] => "the file is empty".to_owned(),
                [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
                    "it is a single npy array, which has no members".to_owned()
                }
                [b'P', b'K', ..] => format!("the zip container is damaged or cut short ({error})"),
                _ => "it does not begin as a zip container does".to_owned(),
            };
            NpzError::NotZip { file: file.to_owned(), reason }
        })?;
        Ok(Self { file, zip, bytes: &[], inflater: Decompressor::new(), unpacked: Vec::new() })
    }

    /// Whether there is a member called `member`.
    pub fn has(&self, member: &str) -> bool {
        self.zip.index_for_name(member).is_some()
    }

    /// What made the archive, if its comment says so.
    pub fn stamp(&self) -> Option<Stamp> {
        std::str::from_utf8(self.zip.comment()).ok()?.parse().ok()
    }

    /// The members' names, for messages.
    pub fn members(&self) -> String {
        const SHOWN: usize = 8;
        let names: Vec<String> = self.zip.file_names().flatten().map(|n| format!("`{n}`")).collect();
        match names.len() {
            0 => "nothing".to_owned(),
            1..=SHOWN => names.join(", "),
            n => format!("{} and {} more", names[..SHOWN].join(", "), n - SHOWN),
        }
    }

    /// Where the data of a member begin in the file, if they are stored as they are.
    pub fn stored_at(&mut self, member: &str) -> Option<u64> {
        let member = self.zip.by_name(member).ok()?;
        let is_stored = member.compression() == CompressionMethod::Stored && !member.encrypted();
        member.data_start().filter(|_| is_stored)
    }

    /// Refuses an archive whose members say that they unpack to more than `most` bytes together.
    pub fn check_unpacked(&self, most: u64) -> Result<(), NpzError> {
        let unpacked = self.zip.decompressed_size().unwrap_or(u128::MAX);
        match unpacked <= u128::from(most) {
            true => Ok(()),
            false => {
                let place = Place { file: self.file, member: "" };
                Err(place.damaged(format!("it unpacks to {unpacked} bytes, at most {most} are read")))
            }
        }
    }

    /// Where a member is, for errors.
    pub fn place<'m>(&self, member: &'m str) -> Place<'m>
    where
        'a: 'm,
    {
        Place { file: self.file, member }
    }

    /// The bytes of a member that holds text.
    pub fn text(&mut self, member: &str) -> Result<Vec<u8>, NpzError> {
        let place = Place { file: self.file, member };
        let mut bytes = Vec::new();
        let mut reader = self.open(member)?.take(LONGEST_TEXT);
        reader.read_to_end(&mut bytes).map_err(|error| place.damaged(error))?;
        match bytes.len() as u64 {
            LONGEST_TEXT => Err(place.damaged("longer than any description of a piece")),
            _ => Ok(bytes),
        }
    }

    /// A whole array, unless it is one to fill the memory.
    pub fn array(&mut self, member: &str) -> Result<Array, NpzError> {
        self.stream(member)?.at_most(MOST_ELEMENTS)?.array()
    }

    /// As [`Self::array`]; an array of bytes (`uint8`) as it is.
    pub fn bytes_or_array(&mut self, member: &str) -> Result<Result<Vec<u8>, Array>, NpzError> {
        self.stream(member)?.at_most(MOST_ELEMENTS)?.bytes_or_array()
    }

    /// A whole array of integers of one dimension, unless it is one to fill the memory.
    pub fn integers(&mut self, member: &str) -> Result<Vec<i64>, NpzError> {
        let place = Place { file: self.file, member };
        let mut reader = self.stream(member)?.of_integers()?.at_most(MOST_ELEMENTS)?;
        let &[count] = reader.shape() else {
            return Err(place.unexpected("one dimension", format!("shape {:?}", reader.shape())));
        };
        let mut values = Vec::new();
        reader.add_integers(count, &mut values)?;
        Ok(values)
    }

    /// An array read piece by piece.
    pub fn stream<'m>(&'m mut self, member: &'m str) -> Result<NumberReader<'m, impl Read>, NpzError> {
        let place = Place { file: self.file, member };
        NumberReader::new(place, self.open(member)?)
    }

    fn open(&mut self, member: &str) -> Result<impl Read, NpzError> {
        let place = Place { file: self.file, member };
        if !self.has(member) {
            return Err(NpzError::Missing {
                file: self.file.to_owned(),
                member: member.to_owned(),
                known: self.members(),
            });
        }
        if let Some((size, checksum)) = self.unpack(member) {
            let bytes = &self.unpacked[..size];
            return match libdeflater::crc32(bytes) == checksum {
                true => Ok(Member::Whole(bytes)),
                false => Err(place.damaged("its checksum is wrong, so its bytes are not those written")),
            };
        }
        let reader = self.zip.by_name(member).map_err(|error| place.damaged(error))?;
        Ok(Member::Streamed(Streamed { left: reader.size(), reader }))
    }

    /// Unpacks a member of a file in memory at once; its length, and what its checksum should be. `None`
    /// when it is not of that kind, or not of the length that it says: streaming it tells what is wrong.
    fn unpack(&mut self, member: &str) -> Option<(usize, u32)> {
        let index = self.zip.index_for_name(member).filter(|_| !self.bytes.is_empty())?;
        let member = self.zip.by_index_raw(index).ok()?;
        let is_deflated = member.compression() == CompressionMethod::Deflated;
        if !is_deflated || member.encrypted() || member.size() > MOST_AT_ONCE {
            return None;
        }
        let start = usize::try_from(member.data_start()?).ok()?;
        let end = start.checked_add(usize::try_from(member.compressed_size()).ok()?)?;
        let packed = self.bytes.get(start..end)?;
        let size = member.size() as usize;
        if self.unpacked.len() < size {
            self.unpacked.resize(size, 0);
        }
        let length = self.inflater.deflate_decompress(packed, &mut self.unpacked[..size]).ok()?;
        (length == size).then_some((size, member.crc32()))
    }
}

/// How hard deflating tries, 1 to 9. A sparse array of 19,000 phrases is written in less than half the
/// time that the usual 6 takes, and a fifth larger.
const LEVEL: i64 = 4;

/// An archive being written. No clock enters it: equal members give equal bytes.
pub(super) struct ArchiveWriter<'a, W: Write + Seek> {
    file: &'a str,
    zip: ZipWriter<W>,
}

impl<'a> ArchiveWriter<'a, Cursor<Vec<u8>>> {
    /// An empty archive in memory; `file` is its name in errors.
    pub fn new(file: &'a str) -> Self {
        Self::into(file, Cursor::new(Vec::new()))
    }
}

impl<'a, W: Write + Seek> ArchiveWriter<'a, W> {
    /// An empty archive that is written to `writer`; `file` is its name in errors.
    pub fn into(file: &'a str, writer: W) -> Self {
        Self { file, zip: ZipWriter::new(writer) }
    }

    /// Adds a member with these bytes, deflated.
    pub fn bytes(&mut self, member: &str, bytes: &[u8]) -> Result<(), NpzError> {
        let writer = self.start(member)?;
        writer.write_all(bytes).map_err(|error| write_error(self.file, error))
    }

    /// Begins a deflated member; what is written next belongs to it.
    pub fn start(&mut self, member: &str) -> Result<&mut impl Write, NpzError> {
        self.start_with(member, CompressionMethod::Deflated)
    }

    /// Begins a member whose bytes stand in the file as they are.
    pub fn start_stored(&mut self, member: &str) -> Result<&mut impl Write, NpzError> {
        self.start_with(member, CompressionMethod::Stored)
    }

    fn start_with(&mut self, member: &str, method: CompressionMethod) -> Result<&mut ZipWriter<W>, NpzError> {
        let level = (method == CompressionMethod::Deflated).then_some(LEVEL);
        let options =
            SimpleFileOptions::default().compression_method(method).compression_level(level).large_file(true);
        self.zip.start_file(member, options).map_err(|error| write_error(self.file, error))?;
        Ok(&mut self.zip)
    }

    /// Says in the archive's comment, which readers of arrays pass over, what made it.
    pub fn stamp(&mut self, stamp: Option<&Stamp>) -> Result<(), NpzError> {
        let Some(stamp) = stamp else { return Ok(()) };
        self.zip.set_comment(stamp.to_string()).map_err(|error| write_error(self.file, error))
    }

    /// Where more of the member that was begun last is written.
    pub fn go_on(&mut self) -> &mut impl Write {
        &mut self.zip
    }

    /// Ends the archive; gives back what it was written to.
    pub fn close(self) -> Result<W, NpzError> {
        self.zip.finish().map_err(|error| write_error(self.file, error))
    }
}

impl ArchiveWriter<'_, Cursor<Vec<u8>>> {
    /// The finished archive.
    pub fn finish(self) -> Result<Vec<u8>, NpzError> {
        Ok(self.close()?.into_inner())
    }
}

/// Something that could not be put into `file`.
pub(super) fn write_error(file: &str, reason: impl ToString) -> NpzError {
    NpzError::Write { file: file.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_must_fit_its_checksum() {
        let mut writer = ArchiveWriter::new("x.npz");
        writer.bytes("a.json", b"abcabcabcabcabc").unwrap();
        let bytes = writer.finish().unwrap();
        let text = |bytes: &[u8]| Archive::new("x.npz", bytes).unwrap().text("a.json");
        assert_eq!(text(&bytes).unwrap(), b"abcabcabcabcabc");
        let entry = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        let mut damaged = bytes.clone();
        damaged[entry + 16] ^= 1;
        let error = text(&damaged).unwrap_err().to_string();
        assert!(error.starts_with("`x.npz`, member `a.json`: its checksum is wrong"), "{error}");
    }
}
