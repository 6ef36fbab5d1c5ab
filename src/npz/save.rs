//! Writing pypianoroll files, in the layout of version 1.

use std::path::Path;

use ndarray_npy::WritableElement;

use super::NpzError;
use super::archive::{ArchiveWriter, write_error};
use super::info::{Info, MEMBER};
use super::numbers::header;
use crate::base::{Stamp, write_atomically};
use crate::music::{Multitrack, Pianoroll, pitches_of};

/// The archive in memory.
type Memory<'a> = ArchiveWriter<'a, std::io::Cursor<Vec<u8>>>;

/// Writes a piece as pypianoroll 1.0 does, so that it loads it: velocities as bytes where a track has
/// them, else booleans. A roll of one plane cannot tell a repeated note from a held one, so a note that
/// another follows at once loses its last step; apart from that and from tempo or meter changes after
/// the end, [`read_multitrack`](super::read_multitrack) gives back an equal piece when its bar lines
/// are those of its meters. Where the piece came from is an extra key in `info.json`.
///
/// # Errors
/// [`NpzError::File`] when the file cannot be written; nothing is left half-written.
pub fn write_multitrack(path: &Path, piece: &Multitrack) -> Result<(), NpzError> {
    write_stamped_multitrack(path, piece, None)
}

/// The same with what makes the file said in it, as one more key in `info.json`.
///
/// # Errors
/// As [`write_multitrack`].
pub fn write_stamped_multitrack(
    path: &Path,
    piece: &Multitrack,
    stamp: Option<&Stamp>,
) -> Result<(), NpzError> {
    Ok(write_atomically(path, &to_bytes(piece, stamp)?)?)
}

/// The bytes of the file that [`write_multitrack`] makes.
///
/// # Errors
/// [`NpzError::Write`] when a number is too large for the format.
pub fn multitrack_to_bytes(piece: &Multitrack) -> Result<Vec<u8>, NpzError> {
    to_bytes(piece, None)
}

fn to_bytes(piece: &Multitrack, stamp: Option<&Stamp>) -> Result<Vec<u8>, NpzError> {
    let mut archive = ArchiveWriter::new("piece.npz");
    let steps = piece.steps();
    let mut tempo = Vec::with_capacity(steps);
    for (at, change) in piece.tempos() {
        tempo.resize((*at).min(steps), tempo.last().copied().unwrap_or_default());
        tempo.push(change.bpm());
    }
    tempo.resize(steps.max(1), tempo.last().copied().unwrap_or_default());
    add(&mut archive, "tempo.npy", &tempo)?;
    let mut downbeat = vec![false; steps];
    for line in piece.bar_lines() {
        if let Some(mark) = downbeat.get_mut(line) {
            *mark = true;
        }
    }
    add(&mut archive, "downbeat.npy", &downbeat)?;
    for (number, track) in piece.tracks().iter().enumerate() {
        add_roll(&mut archive, number, &track.roll)?;
    }
    archive.bytes(MEMBER, &Info::to_json(piece, stamp))?;
    archive.finish()
}

/// The four members of a roll: compressed sparse columns, a column a pitch.
fn add_roll(archive: &mut Memory, track: usize, roll: &Pianoroll) -> Result<(), NpzError> {
    let mut columns: Vec<Vec<i32>> = vec![Vec::new(); 128];
    for (step, set) in roll.separated().into_iter().enumerate() {
        let step = i32::try_from(step).map_err(|error| write_error("piece.npz", error))?;
        for pitch in pitches_of(set) {
            columns[usize::from(pitch)].push(step);
        }
    }
    let indices = columns.concat();
    let ends = columns.iter().scan(0, |end, column| {
        *end += column.len() as i32;
        Some(*end)
    });
    let indptr: Vec<i32> = std::iter::once(0).chain(ends).collect();
    let member = |part: &str| format!("pianoroll_{track}_csc_{part}.npy");
    match roll.velocities() {
        None => add(archive, &member("data"), &vec![true; indices.len()])?,
        Some(_) => {
            let cells = columns.iter().zip(0..).flat_map(|(column, pitch)| {
                column.iter().map(move |step| roll.velocity(*step as usize, pitch))
            });
            add(archive, &member("data"), &cells.collect::<Vec<u8>>())?;
        }
    }
    add(archive, &member("indices"), &indices)?;
    add(archive, &member("indptr"), &indptr)?;
    add(archive, &member("shape"), &[roll.steps() as i64, 128])
}

/// Adds a one-dimensional array.
fn add<T: WritableElement>(archive: &mut Memory, member: &str, values: &[T]) -> Result<(), NpzError> {
    let mut bytes = header::<T>(member, &[values.len()])?;
    T::write_slice(values, &mut bytes).map_err(|error| write_error(member, error))?;
    archive.bytes(member, &bytes)
}
