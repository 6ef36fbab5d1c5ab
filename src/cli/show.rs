//! `ricercar show FILE`: music drawn in the terminal.

use std::path::PathBuf;

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::music::{MIDI_RESOLUTION, read};
use crate::files::Music;
use crate::view::terminal::{Style, render};

/// Draw music in the terminal.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The file to draw: .mid, .midi or .npz
    file: PathBuf,
    /// Columns to draw in; the terminal's width otherwise
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..))]
    width: Option<u16>,
}

/// Draws a file; of several phrases, the first.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn run(program: &Program, show: &Show) -> Result<(), Failure> {
    let terminal = &program.terminal;
    let width = show.width.map_or_else(|| terminal.width(), usize::from);
    let style = Style { width, colour: terminal.is_colored(), ..Style::default() };
    let piece = match read(program, &show.file, None, MIDI_RESOLUTION)? {
        Music::Piece(piece) => piece,
        Music::Phrases(phrases) => {
            let Some(first) = phrases.phrase(0) else {
                return Err(Failure::Failed(format!("`{}` holds no phrases", show.file.display())));
            };
            let s = if phrases.len() == 1 { "" } else { "s" };
            terminal.line(&format!("{} phrase{s}, the first:", phrases.len()))?;
            first
        }
    };
    terminal.line(render(&piece, &style).trim_end())
}
