//! `ricercar convert IN OUT`: from one format to another.

use super::failure::Failure;
use super::music::{MIDI_RESOLUTION, read, resolution};
use super::{Program, args};
use crate::base::Stamp;
use crate::files::{self, Format, WriteOptions};
use crate::music::Tempo;

/// Reads one file and writes the other.
///
/// # Errors
/// What is wrong with either; then nothing is written.
pub(super) fn run(program: &Program, convert: &args::Convert) -> Result<(), Failure> {
    let output = program.output_path(&convert.output);
    // Before reading, so that a slip at the end of the line is told at once.
    let format = Format::written_to(&output)?;
    if convert.soundfont.is_some() && format != Format::Wav {
        return Err(Failure::Usage("`--soundfont` plays .wav files only".into()));
    }
    let tempo = convert.tempo.map(Tempo::new).transpose()?;
    let music = read(program, &convert.input, resolution(convert.resolution)?, MIDI_RESOLUTION)?;
    let piece = music.into_piece(&convert.input)?;
    let piece = tempo.map_or_else(|| piece.clone(), |tempo| piece.with_tempo(tempo));
    let stamp = Some(Stamp::of_program());
    let options = WriteOptions { soundfont: convert.soundfont.clone(), stamp, ..WriteOptions::default() };
    files::write(&output, &piece, &options, program.interrupt.cancel())?;
    let (bars, tracks) = (piece.bar_count(), piece.tracks().len());
    let s = |count: usize| if count == 1 { "" } else { "s" };
    program.terminal.note(&format!(
        "wrote {} ({bars} bar{}, {tracks} track{})",
        output.display(),
        s(bars),
        s(tracks)
    ));
    Ok(())
}
