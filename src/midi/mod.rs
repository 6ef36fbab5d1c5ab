//! MIDI files to multitracks and back, with an account of every repair.
//!
//! Reading goes in two steps: bytes to a [`Score`], whose notes are in ticks and are those that
//! pretty_midi reads, then a score to a [`Multitrack`](crate::music::Multitrack) on a grid. Deliberate
//! differences from pretty_midi 0.2:
//!
//! - A note that is never ended ends with its track, and is reported; pretty_midi drops it.
//! - Tempo, meter and key count from every track, not only the first.
//! - Names are UTF-8 where the bytes are; pretty_midi reads Latin-1.
//! - A track is named by its name event even if that comes after its notes.
//! - Damage inside a track costs the rest of that track, and is reported; pretty_midi refuses the file.
//!   Foreign chunks, a wrong track count and RIFF wrapping are got over. A file that is cut short is an
//!   error in both.
//! - Timing by SMPTE frames gives 120 beats a minute.
//! - Tempos above 2000 beats a minute are dropped and reported.
//! - On the grid, a file without notes is an empty piece, and time begins at tick 0 whatever the first
//!   meter event says: nothing is lost before a late one.
//!
//! The only home of midly. Depends on `base` and `music`.

mod account;
mod chunks;
mod error;
mod events;
mod marker;
mod notes;
mod perform;
mod reader;
mod roll;
mod score;
mod write;

use std::path::Path;

pub use account::Repair;
pub use error::{Fault, MidiError};
pub use perform::{Message, Performed, messages, perform};
pub use score::{Division, Instrument, Key, Score, ScoreNote, TempoChange};
pub use write::{WriteOptions, to_bytes, write};

use crate::base::read_file;

/// The score in a MIDI file of format 0 or 1.
///
/// # Errors
/// [`MidiError::File`] when it cannot be read, [`MidiError::Fault`] when it is not a whole MIDI file.
pub fn read(path: &Path) -> Result<Score, MidiError> {
    let bytes = read_file(path)?;
    parse(&bytes).map_err(|fault| MidiError::Fault { file: path.display().to_string(), fault })
}

/// The score in the bytes of a MIDI file of format 0 or 1.
///
/// # Errors
/// A [`Fault`] saying what is wrong and at which byte. Never panics.
pub fn parse(bytes: &[u8]) -> Result<Score, Fault> {
    reader::read_score(chunks::Container::open(bytes)?)
}
