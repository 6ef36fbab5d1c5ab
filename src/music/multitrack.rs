//! Tracks of equal length with tempo, meter and resolution.

use std::sync::Arc;

use super::{Family, Meter, MusicError, PHRASE_BARS, Pianoroll, Program, Resolution, Tempo};

/// A pianoroll with a name and an instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// What people call it; tracks of models carry their family's name.
    pub name: Arc<str>,
    /// General MIDI program; of no meaning for drums.
    pub program: Program,
    /// Whether pitches are General MIDI percussion keys.
    pub is_drum: bool,
    /// What it plays.
    pub roll: Pianoroll,
}

impl Track {
    /// A track of a family, with that family's name and program.
    pub fn of_family(family: Family, roll: Pianoroll) -> Self {
        Self { name: family.name().into(), program: family.program(), is_drum: family.is_drums(), roll }
    }

    /// The same track playing something else.
    pub fn with_roll(&self, roll: Pianoroll) -> Self {
        Self { roll, ..self.clone() }
    }

    /// The family its program belongs to.
    pub fn family(&self) -> Option<Family> {
        Family::of_program(self.program, self.is_drum)
    }
}

/// Where a piece came from; carried into files so that it can be made again.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Origin {
    /// Model name and content hash.
    pub model: String,
    /// The seed that the latent was drawn from, when it was drawn whole from one.
    pub seed: Option<u64>,
    /// SHA-256 of the latent, first 16 hex digits.
    pub latent: String,
}

/// Tracks of equal length, with maps of tempo and meter by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Multitrack {
    name: Option<Arc<str>>,
    tracks: Arc<Vec<Track>>,
    resolution: Resolution,
    tempos: Arc<Vec<(usize, Tempo)>>,
    meters: Arc<Vec<(usize, Meter)>>,
    origin: Option<Arc<Origin>>,
}

/// What [`Multitrack::merge_to_families`] did with one track.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// The track's name.
    pub track: String,
    /// Its program.
    pub program: Program,
    /// Its notes.
    pub notes: usize,
    /// Where they went; `None` when dropped.
    pub family: Option<Family>,
}

impl Multitrack {
    /// Tracks at 120 beats a minute in 4/4; shorter ones are padded to the longest.
    pub fn new(tracks: Vec<Track>, resolution: Resolution) -> Self {
        let steps = tracks.iter().map(|t| t.roll.steps()).max().unwrap_or(0);
        let tracks = tracks.into_iter().map(|t| t.with_roll(t.roll.resized(steps))).collect();
        Self {
            name: None,
            tracks: Arc::new(tracks),
            resolution,
            tempos: Arc::new(vec![(0, Tempo::default())]),
            meters: Arc::new(vec![(0, Meter::COMMON)]),
            origin: None,
        }
    }

    /// The same piece under another name.
    pub fn with_name(&self, name: Option<&str>) -> Self {
        Self { name: name.map(Into::into), ..self.clone() }
    }

    /// The same piece at one tempo throughout.
    pub fn with_tempo(&self, tempo: Tempo) -> Self {
        self.with_tempos(vec![(0, tempo)])
    }

    /// The same piece with tempo changes `(step, tempo)`; put in order, and the first holds from 0.
    pub fn with_tempos(&self, tempos: Vec<(usize, Tempo)>) -> Self {
        Self { tempos: Arc::new(tidy_map(tempos, Tempo::default())), ..self.clone() }
    }

    /// The same piece with meter changes `(step, meter)`; put in order, and the first holds from 0.
    pub fn with_meters(&self, meters: Vec<(usize, Meter)>) -> Self {
        Self { meters: Arc::new(tidy_map(meters, Meter::COMMON)), ..self.clone() }
    }

    /// The same piece with its origin written down.
    pub fn with_origin(&self, origin: Option<Origin>) -> Self {
        Self { origin: origin.map(Arc::new), ..self.clone() }
    }

    /// The same piece with other tracks, padded to equal length.
    pub fn with_tracks(&self, tracks: Vec<Track>) -> Self {
        Self { tracks: Self::new(tracks, self.resolution).tracks, ..self.clone() }
    }

    /// The name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The tracks, in order.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// Names of the tracks, in order.
    pub fn track_names(&self) -> Vec<String> {
        self.tracks.iter().map(|t| t.name.to_string()).collect()
    }

    /// The first track called `name`, in any case.
    ///
    /// # Errors
    /// [`MusicError::Track`] naming the tracks there are.
    pub fn track(&self, name: &str) -> Result<&Track, MusicError> {
        self.tracks
            .iter()
            .find(|t| t.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| MusicError::track(name, &self.track_names()))
    }

    /// Steps per beat.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Length in steps.
    pub fn steps(&self) -> usize {
        self.tracks.first().map_or(0, |t| t.roll.steps())
    }

    /// Tempo changes `(step, tempo)`; the first is at step 0.
    pub fn tempos(&self) -> &[(usize, Tempo)] {
        &self.tempos
    }

    /// Meter changes `(step, meter)`; the first is at step 0.
    pub fn meters(&self) -> &[(usize, Meter)] {
        &self.meters
    }

    /// Tempo at the start.
    pub fn tempo(&self) -> Tempo {
        self.tempos.first().map_or_else(Tempo::default, |(_, tempo)| *tempo)
    }

    /// Where it came from, when a model made it.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// Whether no track has a note.
    pub fn is_silent(&self) -> bool {
        self.tracks.iter().all(|t| t.roll.is_silent())
    }

    /// Step at which each bar begins, and the end of the last bar; bars follow the meter, a change
    /// of meter begins a new bar, and a started last bar counts whole.
    pub fn bar_lines(&self) -> Vec<usize> {
        self.bar_lines_to(self.steps())
    }

    /// The same as if the piece had `steps` steps.
    pub(crate) fn bar_lines_to(&self, steps: usize) -> Vec<usize> {
        let mut lines = vec![0];
        let mut line = 0.0_f64;
        let mut at = 0;
        while at < steps {
            let index = self.meters.partition_point(|(step, _)| *step <= at).max(1) - 1;
            let meter = self.meters.get(index).map_or(Meter::COMMON, |(_, m)| *m);
            let next_change = self.meters.get(index + 1).map_or(usize::MAX, |(step, _)| *step);
            line += meter.quarters() * self.resolution.steps() as f64;
            at = (line.round() as usize).max(at + 1).min(next_change);
            if at == next_change {
                line = at as f64;
            }
            lines.push(at);
        }
        lines
    }

    /// Number of bars.
    pub fn bar_count(&self) -> usize {
        self.bar_lines().len() - 1
    }

    /// Meter of each bar's first step.
    pub fn meter_at(&self, step: usize) -> Meter {
        let index = self.meters.partition_point(|(at, _)| *at <= step).max(1) - 1;
        self.meters.get(index).map_or(Meter::COMMON, |(_, m)| *m)
    }

    /// Length in seconds at its tempos.
    pub fn seconds(&self) -> f64 {
        self.seconds_at(self.steps())
    }

    /// Time of a step in seconds from the start.
    pub fn seconds_at(&self, step: usize) -> f64 {
        let ends = self.tempos.iter().skip(1).map(|(at, _)| *at).chain([usize::MAX]);
        let lasts = |((from, tempo), to): (&(usize, Tempo), usize)| {
            let steps = to.min(step).saturating_sub(*from) as f64;
            steps * 60.0 / tempo.bpm() / self.resolution.steps() as f64
        };
        self.tempos.iter().zip(ends).map(lasts).sum()
    }

    /// The piece with its tracks merged into the five families, all five present and in order, and
    /// the account of what went where.
    pub fn merge_to_families(&self) -> (Self, Vec<Merge>) {
        self.merge_by(Track::family)
    }

    /// The same by a rule of the caller's; `None` drops a track.
    pub fn merge_by(&self, rule: impl Fn(&Track) -> Option<Family>) -> (Self, Vec<Merge>) {
        let mut rolls = Family::ALL.map(|_| Pianoroll::silent(self.steps()));
        let mut account = Vec::with_capacity(self.tracks.len());
        for track in self.tracks.iter() {
            let family = rule(track);
            if let Some(family) = family {
                let roll = &mut rolls[family.index()];
                *roll = if roll.is_silent() { track.roll.clone() } else { roll.union(&track.roll) };
            }
            account.push(Merge {
                track: track.name.to_string(),
                program: track.program,
                notes: track.roll.note_count(),
                family,
            });
        }
        let tracks = Family::ALL.into_iter().zip(rolls).map(|(f, r)| Track::of_family(f, r));
        (self.with_tracks(tracks.collect()), account)
    }

    /// Checks that this is what a phrase model reads: at least one bar and at most four, all in 4/4.
    ///
    /// # Errors
    /// [`MusicError::Phrase`] saying which bar is wrong and what to do.
    pub fn check_phrase(&self) -> Result<(), MusicError> {
        let lines = self.bar_lines();
        let bars = lines.len() - 1;
        let odd = lines[..bars].iter().position(|line| self.meter_at(*line) != Meter::COMMON);
        let refuse = |bar: usize, advice: &str| {
            let meter = self.meter_at(lines[bar]).to_string();
            Err(MusicError::Phrase { bars, meter, bar: bar + 1, advice: advice.to_owned() })
        };
        match odd {
            Some(bar) => refuse(bar, "the models play 4/4 only; cut out a 4/4 section with `.bars(a..b)`"),
            None if bars > PHRASE_BARS => refuse(0, "take four bars with `.first_bars(4)` or `.bars(a..b)`"),
            None if bars == 0 => Err(MusicError::Empty),
            None => Ok(()),
        }
    }
}

/// Changes in order of step, one a step, none that changes nothing, the first at step 0.
fn tidy_map<T: PartialEq + Copy>(mut changes: Vec<(usize, T)>, first: T) -> Vec<(usize, T)> {
    changes.sort_by_key(|(step, _)| *step);
    let mut tidy: Vec<(usize, T)> = Vec::with_capacity(changes.len().max(1));
    for (step, value) in changes {
        match tidy.last_mut() {
            Some(last) if last.0 == step => last.1 = value,
            Some(last) if last.1 == value => {}
            None if step > 0 => tidy.extend([(0, first), (step, value)]),
            _ => tidy.push((step, value)),
        }
    }
    tidy.dedup_by(|b, a| a.1 == b.1);
    if tidy.is_empty() {
        tidy.push((0, first));
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Note;
    use crate::music::Pitch;

    fn piece(steps: usize) -> Multitrack {
        let note = Note { start: 0, pitch: Pitch::new(60).unwrap(), end: steps, velocity: 100 };
        let roll = Pianoroll::from_notes(steps, &[note]);
        Multitrack::new(vec![Track::of_family(Family::Piano, roll)], Resolution::MODEL)
    }

    #[test]
    fn bars_follow_the_meter_and_a_change_begins_a_bar() {
        let three = Meter::new(3, 4).unwrap();
        let song = piece(48 + 36 * 2).with_meters(vec![(0, Meter::COMMON), (48, three)]);
        assert_eq!(song.bar_lines(), [0, 48, 84, 120]);
        assert_eq!(song.bar_count(), 3);
        assert_eq!(piece(49).bar_lines(), [0, 48, 96]);
    }

    #[test]
    fn seconds_follow_the_tempo_map() {
        let song =
            piece(96).with_tempos(vec![(48, Tempo::new(60.0).unwrap()), (0, Tempo::new(120.0).unwrap())]);
        assert_eq!(song.seconds(), 2.0 + 4.0);
    }

    #[test]
    fn maps_are_tidied() {
        assert_eq!(tidy_map(vec![(5, 1), (5, 2), (9, 2)], 0), [(0, 0), (5, 2)]);
        assert_eq!(tidy_map(vec![(4, 0)], 0), [(0, 0)]);
    }

    #[test]
    fn merging_accounts_for_every_track() {
        let mut effects = piece(48).tracks()[0].clone();
        effects.program = Program::new(100).unwrap();
        let song = piece(48).with_tracks(vec![piece(48).tracks()[0].clone(), effects]);
        let (merged, account) = song.merge_to_families();
        assert_eq!(merged.track_names(), ["drums", "piano", "guitar", "bass", "strings"]);
        assert_eq!(account[0].family, Some(Family::Piano));
        assert_eq!((account[1].family, account[1].notes), (None, 1));
    }

    #[test]
    fn a_waltz_is_refused_with_the_bar_named() {
        let waltz = piece(72).with_meters(vec![(0, Meter::new(3, 4).unwrap())]);
        let error = waltz.check_phrase().unwrap_err().to_string();
        assert!(error.contains("3/4 in bar 1") && error.contains("4/4 only"), "{error}");
        assert!(piece(48 * 5).check_phrase().unwrap_err().to_string().contains("first_bars"));
        piece(48 * 4).check_phrase().unwrap();
    }
}
