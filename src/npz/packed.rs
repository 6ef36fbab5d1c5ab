//! Phrases bit by bit in a file, read one at a time where they stand: for sets that do not fit into
//! memory, and to open any set at once.
//!
//! It is an npz whose members NumPy reads: `shape` and the tracks as in the sparse layout, and `packed`,
//! bytes `[phrase, bytes of a phrase]`, not compressed. The cells of phrase `i` are
//! `np.unpackbits(packed[i], bitorder="little")[:n].reshape(tracks, bars, steps, pitches)`, where `n` is
//! the product of these sizes; what is left of the last 64-bit word is 0.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::archive::{Archive, ArchiveWriter, write_error};
use super::names::write_tracks;
use super::numbers::header;
use super::sparse::{SHAPE, each_phrase, read_shape, write_shape};
use super::{NpzError, PhraseArray, PhraseCells, PhraseLayout, PhraseSource};
use crate::base::{FileError, Stamp, write_atomically_with};

/// Name of the member with the bits.
pub(super) const PACKED: &str = "packed.npy";

/// A file of bit-packed phrases, open for reading one at a time from any thread; clones share the file.
#[derive(Clone, Debug)]
pub struct PackedFile {
    path: PathBuf,
    layout: PhraseLayout,
    phrases: usize,
    /// Where the bits of the first phrase begin.
    start: u64,
    file: Arc<Mutex<File>>,
}

impl PackedFile {
    /// Opens a file that [`write_packed`] or [`pack`] wrote; `None` when it is an npz of another kind, or
    /// its bits are compressed.
    ///
    /// # Errors
    /// [`NpzError`] when it is no archive, or is damaged or cut short.
    pub fn open(path: &Path) -> Result<Option<Self>, NpzError> {
        let name = path.display().to_string();
        let mut archive = Archive::open_file(&name, path)?;
        if !archive.has(PACKED) {
            return Ok(None);
        }
        let Some(data) = archive.stored_at(PACKED) else { return Ok(None) };
        let (phrases, layout) = read_shape(&mut archive)?;
        let place = archive.place(PACKED);
        let reader = archive.stream(PACKED)?.in_c_order()?.of_bytes()?;
        check_shape(reader.shape(), phrases, &layout, place)?;
        let start = data + reader.header_bytes();
        drop(reader);
        let failed = |source| FileError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let needed = (phrases as u64).checked_mul(layout.bytes() as u64).and_then(|n| n.checked_add(start));
        if needed.is_none_or(|needed| needed > length) {
            return Err(place.damaged(format!("it ends before the last of its {phrases} phrases")));
        }
        let file = Arc::new(Mutex::new(file));
        Ok(Some(Self { path: path.to_owned(), layout, phrases, start, file }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl PhraseSource for PackedFile {
    fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    fn count(&self) -> usize {
        self.phrases
    }

    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError> {
        if phrase >= self.phrases {
            return Err(NpzError::NoPhrase { phrase, count: self.phrases });
        }
        let mut bytes = vec![0; self.layout.bytes()];
        {
            // A thread that panicked while it read leaves the file as usable as before.
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let at = self.start + phrase as u64 * bytes.len() as u64;
            file.seek(SeekFrom::Start(at))
                .and_then(|_| file.read_exact(&mut bytes))
                .map_err(|source| FileError::Read { path: self.path.clone(), source })?;
        }
        Ok(PhraseCells::unpack(&self.layout, &words_of(&bytes)))
    }
}

fn words_of(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

fn check_shape(
    shape: &[usize],
    phrases: usize,
    layout: &PhraseLayout,
    place: super::error::Place,
) -> Result<(), NpzError> {
    let wanted = [phrases, layout.bytes()];
    match shape == wanted {
        true => Ok(()),
        false => Err(place.unexpected(format!("shape {wanted:?}, as `{SHAPE}` says"), format!("{shape:?}"))),
    }
}

/// The phrases of an archive with packed bits, compressed or not, in memory.
pub(super) fn packed_in(mut archive: Archive) -> Result<PhraseArray, NpzError> {
    let (phrases, layout) = read_shape(&mut archive)?;
    let place = archive.place(PACKED);
    let mut reader = archive.stream(PACKED)?.in_c_order()?.of_bytes()?;
    check_shape(reader.shape(), phrases, &layout, place)?;
    let mut array = PhraseArray::of_layout(layout);
    let mut bytes = Vec::with_capacity(array.layout().bytes());
    for _ in 0..phrases {
        bytes.clear();
        reader.each_byte(array.layout().bytes(), |chunk| bytes.extend_from_slice(chunk))?;
        let cells = PhraseCells::unpack(array.layout(), &words_of(&bytes));
        array.push_cells(&cells);
    }
    Ok(array)
}

/// Writes phrases bit by bit, a phrase at a time, and what made them as the archive's comment.
///
/// # Errors
/// [`NpzError::File`] when the file cannot be written; nothing is left half-written.
pub fn write_packed(path: &Path, phrases: &impl PhraseSource, stamp: Option<&Stamp>) -> Result<(), NpzError> {
    let file = path.display().to_string();
    write_atomically_with(path, |writer| {
        let mut bits = Packer::begin(&file, writer, phrases)?;
        bits.archive.stamp(stamp)?;
        (0..phrases.count()).try_for_each(|phrase| bits.add(&phrases.cells_of(phrase)?))?;
        bits.archive.close().map(drop)
    })
}

/// Turns a sparse file of any size into one of bit-packed phrases, in little memory.
///
/// # Errors
/// [`NpzError`] when the sparse file cannot be read, lists its cells in another order than by phrases,
/// or the other cannot be written; nothing is left half-written.
pub fn pack(sparse: &Path, packed: &Path) -> Result<(), NpzError> {
    let file = packed.display().to_string();
    let name = sparse.display().to_string();
    let (phrases, layout) = read_shape(&mut Archive::open_file(&name, sparse)?)?;
    let stated = Stated { layout, phrases };
    write_atomically_with(packed, |writer| {
        let mut bits = Packer::begin(&file, writer, &stated)?;
        each_phrase(sparse, |cells| bits.add(cells))?;
        bits.archive.close().map(drop)
    })
}

/// Shape and tracks alone.
struct Stated {
    layout: PhraseLayout,
    phrases: usize,
}

impl PhraseSource for Stated {
    fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    fn count(&self) -> usize {
        self.phrases
    }

    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError> {
        Err(NpzError::NoPhrase { phrase, count: 0 })
    }
}

/// A packed file that is being written.
struct Packer<'a, W: Write + Seek> {
    file: &'a str,
    layout: PhraseLayout,
    archive: ArchiveWriter<'a, W>,
}

impl<'a, W: Write + Seek> Packer<'a, W> {
    /// Everything but the bits of the phrases.
    fn begin(file: &'a str, writer: W, phrases: &impl PhraseSource) -> Result<Self, NpzError> {
        let layout = phrases.layout().clone();
        let mut archive = ArchiveWriter::into(file, writer);
        write_shape(&mut archive, file, phrases)?;
        write_tracks(&mut archive, file, layout.tracks())?;
        let head = header::<u8>(file, &[phrases.count(), layout.bytes()])?;
        archive.start_stored(PACKED)?;
        let mut packer = Self { file, layout, archive };
        packer.write(&head)?;
        Ok(packer)
    }

    fn add(&mut self, cells: &PhraseCells) -> Result<(), NpzError> {
        let words = cells.pack(&self.layout);
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), NpzError> {
        self.archive.go_on().write_all(bytes).map_err(|error| write_error(self.file, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::npz::{PhraseTrack, phrases_to_bytes, read_phrases, write_phrases};

    /// Random phrases of a random layout.
    fn random(seed: u64) -> PhraseArray {
        let mut rng = Seed(seed).stream("packed");
        let tracks = (0..1 + rng.below(6)).map(|i| PhraseTrack::named(&format!("p\u{ef}ste {i}"))).collect();
        let pitches = [84, 128, 61][rng.below(3)];
        let layout = PhraseLayout::new(1 + rng.below(4), 4 * (1 + rng.below(12)), pitches).unwrap();
        let mut array = PhraseArray::of_layout(layout.with_tracks(tracks).unwrap());
        for _ in 0..1 + rng.below(9) {
            let mut cells = PhraseCells::silent(array.layout());
            for track in 0..array.tracks() {
                for set in cells.track_mut(track) {
                    *set = 1 << rng.below(pitches) | 1 << rng.below(pitches);
                }
            }
            array.push_cells(&cells);
        }
        array
    }

    #[test]
    fn packed_and_sparse_files_give_the_same_bits_and_names() {
        let folder = tempfile::tempdir().unwrap();
        let [sparse, packed, again] = ["a.npz", "b.npz", "c.npz"].map(|name| folder.path().join(name));
        for seed in 0..40 {
            let array = random(seed);
            write_phrases(&sparse, &array, None).unwrap();
            assert_eq!(read_phrases(&sparse).unwrap(), array);
            assert_eq!(std::fs::read(&sparse).unwrap(), phrases_to_bytes(&array).unwrap());
            assert!(PackedFile::open(&sparse).unwrap().is_none());
            write_packed(&packed, &array, None).unwrap();
            assert_eq!(read_phrases(&packed).unwrap(), array);
            pack(&sparse, &again).unwrap();
            assert_eq!(std::fs::read(&packed).unwrap(), std::fs::read(&again).unwrap());
            let file = PackedFile::open(&again).unwrap().unwrap();
            assert_eq!((file.layout(), file.count()), (array.layout(), array.len()));
            for phrase in (0..array.len()).rev() {
                assert_eq!(file.cells_of(phrase).unwrap(), array.cells_of(phrase).unwrap());
            }
            let error = file.cells_of(array.len()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("there is no phrase {}", array.len())), "{error}");
        }
    }

    #[test]
    fn a_packed_file_that_is_cut_short_or_misshaped_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        write_packed(&path, &random(3), None).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(PackedFile::open(&path).is_err());
        let mut archive = ArchiveWriter::new("a.npz");
        write_shape(&mut archive, "a.npz", &random(3)).unwrap();
        write_tracks(&mut archive, "a.npz", random(3).layout().tracks()).unwrap();
        archive.start_stored(PACKED).unwrap();
        archive.go_on().write_all(&header::<u8>("a.npz", &[9, 9]).unwrap()).unwrap();
        let bytes = archive.finish().unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let error = PackedFile::open(&path).unwrap_err().to_string();
        assert!(error.contains("`packed.npy`: expected shape ["), "{error}");
        assert!(crate::npz::phrases_from_bytes("a.npz", &bytes).unwrap_err().to_string().contains("shape"));
    }

    #[test]
    fn a_large_sparse_file_has_its_cells_in_order_and_no_more_phrases_than_cells() {
        let folder = tempfile::tempdir().unwrap();
        let [sparse, packed] = ["a.npz", "b.npz"].map(|name| folder.path().join(name));
        let write = |phrases: i64, cells: [[i64; 2]; 5]| {
            let mut archive = ArchiveWriter::new("a.npz");
            let integers = |shape: &[usize], values: &[i64]| {
                let data: Vec<u8> = values.iter().flat_map(|n| n.to_le_bytes()).collect();
                [header::<i64>("a.npz", shape).unwrap(), data].concat()
            };
            archive.bytes(SHAPE, &integers(&[5], &[phrases, 4, 48, 84, 5])).unwrap();
            archive.bytes("nonzero.npy", &integers(&[5, 2], cells.as_flattened())).unwrap();
            std::fs::write(&sparse, archive.finish().unwrap()).unwrap();
            pack(&sparse, &packed).map_err(|error| error.to_string())
        };
        write(2, [[0, 1], [0, 3], [0, 47], [0, 83], [0, 4]]).unwrap();
        let error = write(2, [[1, 0], [0, 3], [0, 47], [0, 83], [0, 4]]).unwrap_err();
        assert!(error.contains("got a cell of phrase 0 after one of phrase 1"), "{error}");
        let error = write(3, [[0, 1], [0, 3], [0, 47], [0, 83], [0, 4]]).unwrap_err();
        assert!(error.contains("got 3 phrases with 2 cells"), "{error}");
        let error = write(2, [[0, 1], [0, 4], [0, 47], [0, 83], [0, 4]]).unwrap_err();
        assert!(error.contains("bar 4 does not lie below 4"), "{error}");
    }
}
