//! Reading music for commands, with the account of repairs on stderr.

use std::path::Path;

use super::Program;
use super::failure::Failure;
use crate::files::{self, Music};
use crate::music::Resolution;

/// Steps per beat that MIDI is put on when a person has not said.
pub(super) const MIDI_RESOLUTION: Resolution = Resolution::MIDI;

/// The music in a file at `resolution`; MIDI is put on that grid at once, or on `midi_resolution`.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn read(
    program: &Program,
    path: &Path,
    resolution: Option<Resolution>,
    midi_resolution: Resolution,
) -> Result<Music, Failure> {
    let reading = files::read(path, resolution.unwrap_or(midi_resolution))?;
    for repair in &reading.repairs {
        program.terminal.warn(&format!("`{}`: {repair}", path.display()));
    }
    Ok(reading.music.at(path, resolution)?)
}

/// A resolution as it was given on the command line.
///
/// # Errors
/// [`Failure::Failed`] when music cannot have it.
pub(super) fn resolution(given: Option<i64>) -> Result<Option<Resolution>, Failure> {
    Ok(given.map(Resolution::new).transpose()?)
}
