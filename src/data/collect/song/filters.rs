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
        Some(required) => required.iter().any(|one| one.eq_ignore_ascii_case(name)),
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

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::fixture::options;
    use super::*;

    /// A phrase in which tracks have one note at each of the given bars.
    fn phrase(tracks: [&[usize]; 5]) -> Vec<Vec<u128>> {
        let mut cells = vec![vec![0u128; 192]; 5];
        for (track, bars) in tracks.iter().enumerate() {
            bars.iter().for_each(|bar| cells[track][bar * 48] = 1 << 30);
        }
        cells
    }

    const ALL: &[usize] = &[0, 1, 2, 3];

    fn why(tracks: [&[usize]; 5], change: impl FnOnce(&mut SongOptions)) -> Option<Reason> {
        let mut options = options();
        change(&mut options);
        refuse(&phrase(tracks), 120.0, &options)
    }

    #[test]
    fn a_phrase_with_two_tracks_one_of_them_drums_or_bass_is_used() {
        assert_eq!(why([ALL, &[1], &[], &[], &[]], |_| ()), None);
        assert_eq!(why([&[], ALL, &[], &[3], &[]], |_| ()), None);
        assert_eq!(why([ALL, &[], &[], &[], &[]], |_| ()), Some(Reason::FewTracks));
        assert_eq!(why([&[], ALL, ALL, &[], ALL], |_| ()), Some(Reason::NoRequiredTrack));
    }

    #[test]
    fn required_tracks_can_be_others_or_none() {
        let melodic: [&[usize]; 5] = [&[], ALL, ALL, &[], &[]];
        assert_eq!(why(melodic, |o| o.required_tracks = Some(vec!["guitar".into()])), None);
        assert_eq!(why(melodic, |o| o.required_tracks = Some(Vec::new())), None);
        let strings = |o: &mut SongOptions| o.required_tracks = Some(vec!["strings".into()]);
        assert_eq!(why(melodic, strings), Some(Reason::NoRequiredTrack));
    }

    #[test]
    fn bars_in_which_all_are_silent_are_counted() {
        let gap: [&[usize]; 5] = [&[0, 1], &[3], &[], &[], &[]];
        assert_eq!(why(gap, |_| ()), Some(Reason::SilentBars));
        assert_eq!(why(gap, |o| o.empty_bars = 1), None);
    }

    #[test]
    fn density_and_tempo_have_limits() {
        let eight: [&[usize]; 5] = [ALL, ALL, &[], &[], &[]];
        let limits = |min, max| Limits { min, max };
        assert_eq!(why(eight, |o| o.notes_per_bar = limits(Some(2.0), Some(2.0))), None);
        assert_eq!(why(eight, |o| o.notes_per_bar = limits(Some(2.1), None)), Some(Reason::TooSparse));
        assert_eq!(why(eight, |o| o.notes_per_bar = limits(None, Some(1.9))), Some(Reason::TooDense));
        assert_eq!(why(eight, |o| o.tempo = limits(Some(121.0), None)), Some(Reason::Tempo));
        assert_eq!(why(eight, |o| o.tempo = limits(Some(120.0), Some(120.0))), None);
    }
}
