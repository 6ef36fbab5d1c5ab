//! The zip container of an npz: its members by name, in and out.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::NpzError;
use super::error::Place;
use super::numbers::{Array, NumberReader};

/// A member of text that unpacks to more is not read: it would be made to fill the memory.
const LONGEST_TEXT: u64 = 1 << 24;

/// An open archive; sizes come from the central directory, so zip64 local headers do no harm.
pub(super) struct Archive<'a> {
    file: &'a str,
    zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Archive<'a> {
    /// The archive in `bytes`; `file` is its name in errors.
    pub fn new(file: &'a str, bytes: &'a [u8]) -> Result<Self, NpzError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            let reason = match bytes {
                [] => "the file is empty".to_owned(),
                [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
                    "it is a single npy array, which has no members".to_owned()
                }
                [b'P', b'K', ..] => format!("the zip container is damaged or cut short ({error})"),
                _ => "it does not begin as a zip container does".to_owned(),
            };
            NpzError::NotZip { file: file.to_owned(), reason }
        })?;
        Ok(Self { file, zip })
    }

    /// Whether there is a member called `member`.
    pub fn has(&self, member: &str) -> bool {
        self.zip.index_for_name(member).is_some()
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

    /// A whole array.
    pub fn array(&mut self, member: &str) -> Result<Array, NpzError> {
        self.stream(member)?.array()
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
        self.zip.by_name(member).map_err(|error| place.damaged(error))
    }
}

/// An archive being written in memory, every member deflated. No clock enters it: equal members give
/// equal bytes.
pub(super) struct ArchiveWriter<'a> {
    file: &'a str,
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl<'a> ArchiveWriter<'a> {
    /// An empty archive; `file` is its name in errors.
    pub fn new(file: &'a str) -> Self {
        Self { file, zip: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    /// Adds a member with these bytes.
    pub fn bytes(&mut self, member: &str, bytes: &[u8]) -> Result<(), NpzError> {
        let writer = self.start(member)?;
        writer.write_all(bytes).map_err(|error| write_error(self.file, error))
    }

    /// Begins a member; what is written next belongs to it.
    pub fn start(&mut self, member: &str) -> Result<&mut impl Write, NpzError> {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        self.zip.start_file(member, options).map_err(|error| write_error(self.file, error))?;
        Ok(&mut self.zip)
    }

    /// The finished archive.
    pub fn finish(self) -> Result<Vec<u8>, NpzError> {
        let cursor = self.zip.finish().map_err(|error| write_error(self.file, error))?;
        Ok(cursor.into_inner())
    }
}

/// Something that could not be put into `file`.
pub(super) fn write_error(file: &str, reason: impl ToString) -> NpzError {
    NpzError::Write { file: file.to_owned(), reason: reason.to_string() }
}
