//! `ricercar convert IN OUT`: from one format to another.

use std::path::PathBuf;

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::music::{MIDI_RESOLUTION, read, resolution};
use crate::base::Stamp;
use crate::files::{self, Format, WriteOptions};
use crate::music::Tempo;

/// Convert between formats, which the extensions name.
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// The file to read: .mid, .midi or .npz
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The file to write: .mid, .midi, .npz, .npy, .png, .svg or .wav
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Steps per beat of the result; MIDI is read at 24 unless this says otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=960))]
    resolution: Option<i64>,
    /// SoundFont (.sf2) that plays a .wav; the built-in voices otherwise
    #[arg(long, value_name = "FILE")]
    soundfont: Option<PathBuf>,
    /// Tempo of the result in beats per minute
    #[arg(long, value_name = "BPM")]
    tempo: Option<f64>,
}

/// Reads one file and writes the other.
///
/// # Errors
/// What is wrong with either; then nothing is written.
pub(super) fn run(program: &Program, convert: &Convert) -> Result<(), Failure> {
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
