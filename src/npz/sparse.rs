//! The sparse training layout: `shape`, five numbers `[phrase, bar, step, pitch, track]`, and
//! `nonzero`, `[5, cells]`, a row of indices per axis; beside them the tracks by name.

use std::io::{Cursor, Read, Seek, Write};
use std::path::Path;

use super::archive::{Archive, ArchiveWriter, write_error};
use super::names::{read_tracks, write_tracks};
use super::numbers::{NumberReader, header};
use super::phrases::shape_of;
use super::{NpzError, PhraseArray, PhraseCells, PhraseLayout, PhraseSource};
use crate::base::{Stamp, read_file, write_atomically_with};
use crate::music::pitches_of;

/// Name of the member with the shape.
pub(super) const SHAPE: &str = "shape.npy";
/// Name of the member with the indices.
pub(super) const NONZERO: &str = "nonzero.npy";
/// The axes, in the order of both members.
const AXES: [&str; 5] = ["phrase", "bar", "step", "pitch", "track"];
/// Most memory that an array may ask for, in 64-bit words: 8 GiB.
const MOST_WORDS: usize = 1 << 30;
/// Memory that an array may ask for without having a cell for every phrase, in words: 64 MiB.
const UNQUESTIONED_WORDS: usize = 1 << 23;

/// The phrases of a sparse training file, in memory; indices of any integer type.
///
/// # Errors
/// Every [`NpzError`] but the writing ones: not an archive, a member missing, of wrong type or shape,
/// or an index outside its axis.
pub fn read_phrases(path: &Path) -> Result<PhraseArray, NpzError> {
    phrases_from_bytes(&path.display().to_string(), &read_file(path)?)
}

/// The phrases in the bytes of a sparse training file; `file` is its name in errors.
///
/// # Errors
/// As [`read_phrases`].
pub fn phrases_from_bytes(file: &str, bytes: &[u8]) -> Result<PhraseArray, NpzError> {
    phrases_in(Archive::new(file, bytes)?)
}

/// The phrases in an open archive, in memory.
pub(super) fn phrases_in(mut archive: Archive) -> Result<PhraseArray, NpzError> {
    if archive.has(super::packed::PACKED) {
        return super::packed::packed_in(archive);
    }
    let (phrases, layout) = read_shape(&mut archive)?;
    let shape_place = archive.place(SHAPE);
    let place = archive.place(NONZERO);
    let mut reader = archive.stream(NONZERO)?.in_c_order()?.of_integers()?;
    let cells = cell_count(&reader, place)?;
    let empty = PhraseArray::of_layout(layout);
    let words = phrases.checked_mul(empty.layout().words());
    let fits = words.is_some_and(|n| n <= if phrases > cells { UNQUESTIONED_WORDS } else { MOST_WORDS });
    let array = if fits { empty.silent(phrases) } else { None };
    let mut array = array.ok_or_else(|| {
        let got = format!("{phrases} phrases with {cells} cells");
        shape_place
            .unexpected("phrases that fit into memory (8 GiB of bits, and 64 MiB if most are silent)", got)
    })?;
    let [phrases, bars, steps, pitches, tracks] = array.shape();

    // Row by row, so that the indices are never in memory at once: first the phrase of each cell, as
    // runs because files list cells in order, then the cell's bit within its phrase, summed up axis
    // by axis.
    let mut outside = None;
    let mut check = |axis: usize, index: i64, size: usize| match usize::try_from(index) {
        Ok(i) if i < size => i,
        _ => {
            outside.get_or_insert((AXES[axis], index, size));
            0
        }
    };
    let mut runs: Vec<(usize, usize)> = Vec::new();
    reader.each_integer(cells, |index| {
        let phrase = check(0, index, phrases);
        match runs.last_mut() {
            Some((last, count)) if *last == phrase => *count += 1,
            _ => runs.push((phrase, 1)),
        }
    })?;
    let mut bits: Vec<u32> = Vec::new();
    let strides = [steps * pitches, pitches, 1, bars * steps * pitches];
    for (axis, (stride, size)) in strides.into_iter().zip([bars, steps, pitches, tracks]).enumerate() {
        let mut cell = 0;
        reader.each_integer(cells, |index| {
            let offset = (check(axis + 1, index, size) * stride) as u32;
            match bits.get_mut(cell) {
                Some(bit) => *bit += offset,
                None => bits.push(offset),
            }
            cell += 1;
        })?;
    }
    if let Some((axis, index, size)) = outside {
        return Err(place.index(axis, index, size));
    }

    let words_per_phrase = array.layout().words();
    let words = array.words_mut();
    let mut bits = bits.into_iter();
    for (phrase, count) in runs {
        let words = &mut words[phrase * words_per_phrase..][..words_per_phrase];
        for bit in bits.by_ref().take(count) {
            words[bit as usize / 64] |= 1 << (bit % 64);
        }
    }
    Ok(array)
}

/// Number and layout of the phrases that a sparse or packed file states; nothing else of it is read.
///
/// # Errors
/// As [`read_phrases`].
pub fn phrases_stated(path: &Path) -> Result<(usize, PhraseLayout), NpzError> {
    read_shape(&mut Archive::open_file(&path.display().to_string(), path)?)
}

/// How many columns of indices there are.
fn cell_count<R: Read>(reader: &NumberReader<R>, place: super::error::Place) -> Result<usize, NpzError> {
    match reader.shape() {
        [5, cells] => Ok(*cells),
        other => Err(place.unexpected("shape [5, cells], a row per axis", format!("{other:?}"))),
    }
}

/// Number and layout of the phrases that the file states.
pub(super) fn read_shape(archive: &mut Archive) -> Result<(usize, PhraseLayout), NpzError> {
    let place = archive.place(SHAPE);
    let mut reader = archive.stream(SHAPE)?.of_integers()?;
    let expected = "5 integers, [phrase, bar, step, pitch, track]";
    if reader.shape() != [5] {
        let got = format!("an array of shape {:?}", reader.shape());
        return Err(place.unexpected(expected, got));
    }
    let mut shape = Vec::with_capacity(5);
    reader.each_integer(5, |n| shape.push(n))?;
    drop(reader);
    let got = format!("{shape:?}");
    let sizes: Vec<usize> = shape.iter().filter_map(|n| usize::try_from(*n).ok()).collect();
    let &[phrases, bars, steps, pitches, tracks] = sizes.as_slice() else {
        return Err(place.unexpected(expected, got));
    };
    let tracks = read_tracks(archive, tracks)?;
    let layout = PhraseLayout::new(bars, steps, pitches).and_then(|layout| layout.with_tracks(tracks));
    let layout = layout.map_err(|error| match error {
        NpzError::Phrase { expected, got: other, .. } => {
            let got = if expected.contains("name") { other } else { got.clone() };
            place.unexpected(expected, got)
        }
        other => other,
    })?;
    // Bits of a phrase are counted in 32 bits.
    if layout.bytes() > 1 << 28 {
        return Err(place.unexpected("phrases of at most 256 MiB of bits", got));
    }
    Ok((phrases, layout))
}

/// Goes through a sparse file phrase by phrase, in little memory: the five rows of indices are read side
/// by side. `each` is called with every phrase, silent ones too.
///
/// # Errors
/// As [`read_phrases`], those of `each`, and [`NpzError::Unexpected`] when cells are not in order of
/// phrases or there are fewer cells than phrases.
pub(super) fn each_phrase(
    path: &Path,
    mut each: impl FnMut(&PhraseCells) -> Result<(), NpzError>,
) -> Result<(), NpzError> {
    /// Cells read at a time.
    const WINDOW: usize = 1 << 16;
    let file = path.display().to_string();
    let open = |_| Archive::open_file(&file, path);
    let mut archives = (0..5).map(open).collect::<Result<Vec<_>, _>>()?;
    let (phrases, layout) = read_shape(&mut archives[0])?;
    let place = archives[0].place(NONZERO);
    let mut rows = Vec::with_capacity(5);
    let mut cells = 0;
    for (row, archive) in archives.iter_mut().enumerate() {
        let mut reader = archive.stream(NONZERO)?.in_c_order()?.of_integers()?;
        cells = cell_count(&reader, place)?;
        let before = row.checked_mul(cells).ok_or_else(|| place.damaged("impossibly many cells"))?;
        reader.skip(before)?;
        rows.push(reader);
    }
    if phrases > cells {
        let got = format!("{phrases} phrases with {cells} cells");
        return Err(place.unexpected("a cell or more for each phrase", got));
    }
    let sizes = [phrases, layout.bars(), layout.steps_per_bar(), layout.pitches(), layout.tracks().len()];
    let mut current = PhraseCells::silent(&layout);
    let mut at = 0;
    let mut window: [Vec<i64>; 5] = Default::default();
    let mut left = cells;
    while left > 0 {
        let count = left.min(WINDOW);
        for (row, indices) in rows.iter_mut().zip(&mut window) {
            indices.clear();
            row.each_integer(count, |index| indices.push(index))?;
        }
        let [phrase_at, bar_at, step_at, pitch_at, track_at] = &window;
        for ((((phrase, bar), step), pitch), track) in
            phrase_at.iter().zip(bar_at).zip(step_at).zip(pitch_at).zip(track_at)
        {
            let checked = |axis: usize, given: i64| {
                let size = sizes[axis];
                let index = usize::try_from(given).ok().filter(|index| *index < size);
                index.ok_or_else(|| place.index(AXES[axis], given, size))
            };
            let (phrase, bar) = (checked(0, *phrase)?, checked(1, *bar)?);
            let (step, pitch, track) = (checked(2, *step)?, checked(3, *pitch)?, checked(4, *track)?);
            if phrase < at {
                let got = format!("a cell of phrase {phrase} after one of phrase {at}");
                return Err(place.unexpected("cells in order of phrases, as so large a file needs", got));
            }
            while at < phrase {
                each(&current)?;
                current = PhraseCells::silent(&layout);
                at += 1;
            }
            current.track_mut(track)[bar * layout.steps_per_bar() + step] |= 1 << pitch;
        }
        left -= count;
    }
    for _ in at..phrases {
        each(&current)?;
        current = PhraseCells::silent(&layout);
    }
    Ok(())
}

/// Writes phrases in the sparse training layout, a phrase at a time, and what made them as the archive's
/// comment.
///
/// # Errors
/// [`NpzError::File`] when the file cannot be written; nothing is left half-written.
pub fn write_phrases(
    path: &Path,
    phrases: &impl PhraseSource,
    stamp: Option<&Stamp>,
) -> Result<(), NpzError> {
    let file = path.display().to_string();
    write_atomically_with(path, |writer| write_into(&file, writer, phrases, stamp).map(drop))
}

/// The bytes of a file in the sparse training layout: `shape` as 64-bit and `nonzero` as 32-bit
/// integers, cells in C order; then the names, programs and kinds of the tracks.
///
/// # Errors
/// [`NpzError::Write`] when there are more phrases than 32-bit indices.
pub fn phrases_to_bytes(phrases: &impl PhraseSource) -> Result<Vec<u8>, NpzError> {
    Ok(write_into("phrases.npz", Cursor::new(Vec::new()), phrases, None)?.into_inner())
}

fn write_into<W: Write + Seek>(
    file: &str,
    writer: W,
    phrases: &impl PhraseSource,
    stamp: Option<&Stamp>,
) -> Result<W, NpzError> {
    let failed = |error: std::io::Error| write_error(file, error);
    let count = phrases.count();
    if i32::try_from(count).is_err() {
        return Err(write_error(file, format!("{count} phrases are too many for 32-bit indices")));
    }
    let mut archive = ArchiveWriter::into(file, writer);
    archive.stamp(stamp)?;
    write_shape(&mut archive, file, phrases)?;
    let cells = (0..count).try_fold(0, |sum, i| Ok::<_, NpzError>(sum + phrases.cells_of(i)?.count()))?;
    let nonzero = archive.start(NONZERO)?;
    nonzero.write_all(&header::<i32>(file, &[5, cells])?).map_err(failed)?;
    let mut row = Vec::new();
    for axis in 0..AXES.len() {
        for phrase in 0..count {
            row.clear();
            let cells = phrases.cells_of(phrase)?;
            each_cell_in_c_order(phrases.layout(), &cells, phrase, |cell| {
                row.extend_from_slice(&(cell[axis] as i32).to_le_bytes());
            });
            nonzero.write_all(&row).map_err(failed)?;
        }
    }
    write_tracks(&mut archive, file, phrases.layout().tracks())?;
    archive.close()
}

/// Adds the member with the shape.
pub(super) fn write_shape<W: Write + Seek>(
    archive: &mut ArchiveWriter<W>,
    file: &str,
    phrases: &impl PhraseSource,
) -> Result<(), NpzError> {
    let shape = shape_of(phrases).map(|n| n as i64);
    archive.bytes(SHAPE, &[header::<i64>(file, &[5])?, shape.map(i64::to_le_bytes).concat()].concat())
}

/// Calls `each` with the indices of every sounding cell of a phrase, `[phrase, bar, step, pitch, track]`.
fn each_cell_in_c_order(
    layout: &PhraseLayout,
    cells: &PhraseCells,
    phrase: usize,
    mut each: impl FnMut([usize; 5]),
) {
    let tracks: Vec<&[u128]> = (0..layout.tracks().len()).map(|track| cells.track(track)).collect();
    for step in 0..layout.steps() {
        let (bar, place) = (step / layout.steps_per_bar(), step % layout.steps_per_bar());
        let any = tracks.iter().fold(0, |all, track| all | track[step]);
        for pitch in pitches_of(any) {
            for (number, _) in tracks.iter().enumerate().filter(|(_, track)| track[step] >> pitch & 1 == 1) {
                each([phrase, bar, place, usize::from(pitch), number]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::music::{Family, Multitrack, Pianoroll, Resolution, Track};

    /// A phrase of random cells; drums are not silent, so that nothing is empty.
    fn random_phrase(seed: u64) -> Multitrack {
        let mut rng = Seed(seed).stream("cells");
        let tracks = Family::ALL.map(|family| {
            let sounding = (0..192)
                .map(|_| {
                    let pitches = (0..rng.below(3)).map(|_| 1u128 << (24 + rng.below(84)));
                    pitches.fold(0, |all, pitch| all | pitch)
                })
                .collect();
            Track::of_family(family, Pianoroll::from_sounding(sounding))
        });
        Multitrack::new(tracks.to_vec(), Resolution::MODEL)
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let mut array = PhraseArray::standard();
        for seed in 0..3 {
            array.push(&random_phrase(seed)).unwrap();
        }
        let bytes = phrases_to_bytes(&array).unwrap();
        assert_eq!(phrases_from_bytes("x.npz", &bytes).unwrap(), array);
        assert_eq!(array.phrase(1).unwrap().tracks()[2].roll, random_phrase(1).tracks()[2].roll);
    }

    #[test]
    fn no_phrases_are_a_file_too() {
        let array = PhraseArray::standard();
        let bytes = phrases_to_bytes(&array).unwrap();
        assert_eq!(phrases_from_bytes("x.npz", &bytes).unwrap(), array);
    }

    fn archive(shape: Vec<u8>, nonzero: Vec<u8>) -> Vec<u8> {
        let mut writer = ArchiveWriter::new("x.npz");
        writer.bytes(SHAPE, &shape).unwrap();
        writer.bytes(NONZERO, &nonzero).unwrap();
        writer.finish().unwrap()
    }

    fn integers(shape: &[usize], values: &[i64]) -> Vec<u8> {
        let data: Vec<u8> = values.iter().flat_map(|n| n.to_le_bytes()).collect();
        [header::<i64>("x.npz", shape).unwrap(), data].concat()
    }

    fn refusal(bytes: &[u8]) -> String {
        phrases_from_bytes("x.npz", bytes).unwrap_err().to_string()
    }

    #[test]
    fn an_index_outside_its_axis_is_named() {
        let shape = integers(&[5], &[2, 4, 48, 84, 5]);
        let bytes = archive(shape.clone(), integers(&[5, 2], &[0, 1, 0, 3, 0, 47, 0, 84, 0, 4]));
        assert_eq!(refusal(&bytes), "`x.npz`, member `nonzero.npy`: pitch 84 does not lie below 84");
        let bytes = archive(shape, integers(&[5, 1], &[-1, 0, 0, 0, 0]));
        assert_eq!(refusal(&bytes), "`x.npz`, member `nonzero.npy`: phrase -1 does not lie below 2");
    }

    #[test]
    fn unordered_and_repeated_cells_are_read() {
        let shape = integers(&[5], &[2, 4, 48, 84, 5]);
        let cells = integers(&[5, 3], &[1, 0, 1, 3, 0, 3, 47, 0, 47, 83, 0, 83, 4, 0, 4]);
        let array = phrases_from_bytes("x.npz", &archive(shape, cells)).unwrap();
        assert_eq!(array.cells(), 2);
        assert_eq!((array.set(1, 4, 191), array.set(0, 0, 0)), (1 << 83, 1));
    }

    #[test]
    fn wrong_shapes_are_refused() {
        let cells = || integers(&[5, 0], &[]);
        let error = refusal(&archive(integers(&[4], &[2, 4, 48, 84]), cells()));
        assert!(error.contains("expected 5 integers") && error.contains("shape [4]"), "{error}");
        let error = refusal(&archive(integers(&[5], &[2, 4, 48, 84, 3]), cells()));
        assert!(error.contains("expected 5 tracks") && error.contains("got 3 tracks"), "{error}");
        let error = refusal(&archive(integers(&[5], &[2, 4, 47, 84, 5]), cells()));
        assert!(error.contains("multiple of 4 steps") && error.contains("47"), "{error}");
        let error = refusal(&archive(integers(&[5], &[i64::MAX, 4, 48, 84, 5]), cells()));
        assert!(error.contains("fit into memory"), "{error}");
        let error = refusal(&archive(integers(&[5], &[2, 4, 48, 84, 5]), integers(&[3, 5], &[0; 15])));
        assert!(error.contains("expected shape [5, cells]") && error.contains("[3, 5]"), "{error}");
    }
}
