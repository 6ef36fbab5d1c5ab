//! The sparse training layout: `shape`, five numbers `[phrase, bar, step, pitch, track]`, and
//! `nonzero`, `[5, cells]`, a row of indices per axis.

use std::io::Write;
use std::path::Path;

use super::archive::{Archive, ArchiveWriter, write_error};
use super::numbers::header;
use super::{NpzError, PhraseArray};
use crate::base::{read_file, write_atomically};
use crate::music::pitches_of;

/// Name of the member with the shape.
pub(super) const SHAPE: &str = "shape.npy";
/// Name of the member with the indices.
pub(super) const NONZERO: &str = "nonzero.npy";
/// The axes, in the order of both members.
const AXES: [&str; 5] = ["phrase", "bar", "step", "pitch", "track"];
/// Most memory that an array may ask for, in 64-bit words: 8 GiB.
const MOST_WORDS: usize = 1 << 30;

/// The phrases of a sparse training file; indices of any integer type.
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

/// The phrases in an open archive.
pub(super) fn phrases_in(mut archive: Archive) -> Result<PhraseArray, NpzError> {
    let empty = read_shape(&mut archive)?;
    let place = archive.place(NONZERO);
    let mut reader = archive.stream(NONZERO)?.in_c_order()?.of_integers()?;
    let &[5, cells] = reader.shape() else {
        let got = format!("{:?}", reader.shape());
        return Err(place.unexpected("shape [5, cells], a row per axis", got));
    };
    let [phrases, bars, steps, pitches, tracks] = empty.shape();

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

    let mut array = empty;
    let words_per_phrase = array.words_per_phrase();
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

/// Silent phrases of the shape that the file states.
fn read_shape(archive: &mut Archive) -> Result<PhraseArray, NpzError> {
    let place = archive.place(SHAPE);
    let mut reader = archive.stream(SHAPE)?.of_integers()?;
    let expected = "5 integers, [phrase, bar, step, pitch, track]";
    if reader.shape() != [5] {
        let got = format!("an array of shape {:?}", reader.shape());
        return Err(place.unexpected(expected, got));
    }
    let mut shape = Vec::with_capacity(5);
    reader.each_integer(5, |n| shape.push(n))?;
    let got = format!("{shape:?}");
    let sizes: Vec<usize> = shape.iter().filter_map(|n| usize::try_from(*n).ok()).collect();
    let &[phrases, bars, steps, pitches, tracks] = sizes.as_slice() else {
        return Err(place.unexpected(expected, got));
    };
    if tracks != 5 {
        return Err(place.unexpected("5 tracks (drums, piano, guitar, bass, strings)", got));
    }
    let layout = PhraseArray::new(bars, steps, pitches).map_err(|error| match error {
        NpzError::Phrase { expected, .. } => place.unexpected(expected, &got),
        other => other,
    })?;
    let fits = phrases.checked_mul(layout.words_per_phrase()).is_some_and(|n| n <= MOST_WORDS);
    let array = if fits { layout.silent(phrases) } else { None };
    array.ok_or_else(|| place.unexpected("phrases that fit into memory (8 GiB of bits)", got))
}

/// Writes phrases in the sparse training layout.
///
/// # Errors
/// [`NpzError::File`] when the file cannot be written; nothing is left half-written.
pub fn write_phrases(path: &Path, phrases: &PhraseArray) -> Result<(), NpzError> {
    let bytes = phrases_to_bytes(phrases)?;
    Ok(write_atomically(path, &bytes)?)
}

/// The bytes of a file in the sparse training layout: `shape` as 64-bit and `nonzero` as 32-bit
/// integers, cells in C order.
///
/// # Errors
/// [`NpzError::Write`] when there are more phrases than 32-bit indices.
pub fn phrases_to_bytes(phrases: &PhraseArray) -> Result<Vec<u8>, NpzError> {
    let file = "phrases.npz";
    let failed = |error: std::io::Error| write_error(file, error);
    if i32::try_from(phrases.len()).is_err() {
        return Err(write_error(file, format!("{} phrases are too many for 32-bit indices", phrases.len())));
    }
    let mut archive = ArchiveWriter::new(file);
    let shape = phrases.shape().map(|n| n as i64);
    archive.bytes(SHAPE, &[header::<i64>(file, &[5])?, shape.map(i64::to_le_bytes).concat()].concat())?;

    let writer = archive.start(NONZERO)?;
    writer.write_all(&header::<i32>(file, &[5, phrases.cells()])?).map_err(failed)?;
    for axis in 0..AXES.len() {
        for phrase in 0..phrases.len() {
            let row: Vec<u8> =
                cells_in_c_order(phrases, phrase).flat_map(|cell| cell[axis].to_le_bytes()).collect();
            writer.write_all(&row).map_err(failed)?;
        }
    }
    archive.finish()
}

/// Indices of the sounding cells of one phrase, `[phrase, bar, step, pitch, track]`.
fn cells_in_c_order(phrases: &PhraseArray, phrase: usize) -> impl Iterator<Item = [i32; 5]> + '_ {
    (0..phrases.steps()).flat_map(move |step| {
        let sets: [u128; 5] = std::array::from_fn(|track| phrases.set(phrase, track, step));
        let any = sets.iter().fold(0, |all, set| all | set);
        pitches_of(any).flat_map(move |pitch| {
            let bar = (step / phrases.steps_per_bar()) as i32;
            let step = (step % phrases.steps_per_bar()) as i32;
            (0..5)
                .filter(move |track| sets[*track] >> pitch & 1 == 1)
                .map(move |track| [phrase as i32, bar, step, i32::from(pitch), track as i32])
        })
    })
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
        assert!(error.contains("expected 5 tracks") && error.contains("84, 3]"), "{error}");
        let error = refusal(&archive(integers(&[5], &[2, 4, 47, 84, 5]), cells()));
        assert!(error.contains("multiple of 4 steps") && error.contains("47"), "{error}");
        let error = refusal(&archive(integers(&[5], &[i64::MAX, 4, 48, 84, 5]), cells()));
        assert!(error.contains("fit into memory"), "{error}");
        let error = refusal(&archive(integers(&[5], &[2, 4, 48, 84, 5]), integers(&[3, 5], &[0; 15])));
        assert!(error.contains("expected shape [5, cells]") && error.contains("[3, 5]"), "{error}");
    }
}
