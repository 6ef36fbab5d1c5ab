//! What a phrase has to be like to be used.

use super::cells::note_count;
use super::{Reason, SongOptions};

/// Why a phrase with these cells and this tempo is not used; `None` when it is.
pub(super) fn refuse(cells: &[Vec<u128>], tempo: f64, options: &SongOptions) -> Option<Reason> {
    let bar = options.steps_per_bar();
    let is_silent = |index: &usize| {
        let steps = index * bar..(index + 1) * bar;
        cells.iter().all(|track| track[steps.clone()].iter().all(|set| *set == 0))
    };
    if (0..options.bars).filter(is_silent).count() > options.empty_bars {
        return Some(Reason::SilentBars);
    }
    let sounds: Vec<bool> = cells.iter().map(|track| track.iter().any(|set| *set != 0)).collect();
    if sounds.iter().filter(|sounds| **sounds).count() < options.active_tracks {
        return Some(Reason::FewTracks);
    }
    let is_required = |name: &str| match &options.required_tracks {
        Some(required) => required.iter().any(|one| one == name),
        None => ["drums", "bass"].iter().any(|one| name.eq_ignore_ascii_case(one)),
    };
    let required: Vec<usize> = (0..cells.len()).filter(|i| is_required(&options.tracks[*i].name)).collect();
    if !required.is_empty() && !required.iter().any(|track| sounds[*track]) {
        return Some(Reason::NoRequiredTrack);
    }
    let notes = note_count(cells) as f64 / options.bars as f64;
    if options.notes_per_bar.min.is_some_and(|min| notes < min) {
        return Some(Reason::TooSparse);
    }
    if options.notes_per_bar.max.is_some_and(|max| notes > max) {
        return Some(Reason::TooDense);
    }
    (!options.tempo.allow(tempo)).then_some(Reason::Tempo)
}
