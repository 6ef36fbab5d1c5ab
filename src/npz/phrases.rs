//! Many phrases in little memory: one bit per cell.

use std::sync::Arc;

use super::cells::bits_at;
use super::{NpzError, PhraseCells, PhraseLayout};
use crate::music::{Multitrack, Resolution};

/// Where phrases come from: an array in memory, a file, a set that changes them on the way.
pub trait PhraseSource: Sync {
    /// What all of them have in common.
    fn layout(&self) -> &PhraseLayout;

    /// How many there are.
    fn count(&self) -> usize;

    /// The cells of one.
    ///
    /// # Errors
    /// [`NpzError::NoPhrase`] when there is no such phrase, and whatever reading it meets.
    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError>;
}

/// Phrases in memory, `[phrase, bar, step, pitch, track]`, sounding cells only. A cell is one bit:
/// 10,080 bytes for the usual phrase of 4 bars of 48 steps, 84 pitches and five tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseArray {
    layout: PhraseLayout,
    phrases: usize,
    /// Per phrase a whole number of words, within it `[track, bar, step, pitch]` bit by bit.
    words: Arc<Vec<u64>>,
}

impl PhraseSource for PhraseArray {
    fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    fn count(&self) -> usize {
        self.phrases
    }

    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError> {
        let words = self.words_of(phrase);
        let words = words.ok_or(NpzError::NoPhrase { phrase, count: self.phrases })?;
        Ok(PhraseCells::unpack(&self.layout, words))
    }
}

impl PhraseArray {
    /// No phrases of the five families yet; see [`PhraseLayout::new`].
    ///
    /// # Errors
    /// Those of [`PhraseLayout::new`].
    pub fn new(bars: usize, steps_per_bar: usize, pitches: usize) -> Result<Self, NpzError> {
        Ok(Self::of_layout(PhraseLayout::new(bars, steps_per_bar, pitches)?))
    }

    /// No phrases yet, in the layout of the training data: 4 bars, 48 steps a bar, 84 pitches from C1.
    pub fn standard() -> Self {
        Self::of_layout(PhraseLayout::standard())
    }

    /// No phrases yet, to be in this layout.
    pub fn of_layout(layout: PhraseLayout) -> Self {
        Self { layout, phrases: 0, words: Arc::default() }
    }

    /// The phrases of a source, in memory.
    ///
    /// # Errors
    /// What reading them meets.
    pub fn of_source(source: &impl PhraseSource) -> Result<Self, NpzError> {
        let mut array = Self::of_layout(source.layout().clone());
        for phrase in 0..source.count() {
            array.push_cells(&source.cells_of(phrase)?);
        }
        Ok(array)
    }

    /// What all phrases have in common.
    pub fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.phrases
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.phrases == 0
    }

    /// Bars of a phrase.
    pub fn bars(&self) -> usize {
        self.layout.bars()
    }

    /// Steps of a bar.
    pub fn steps_per_bar(&self) -> usize {
        self.layout.steps_per_bar()
    }

    /// Steps of a phrase.
    pub fn steps(&self) -> usize {
        self.layout.steps()
    }

    /// Number of pitches.
    pub fn pitches(&self) -> usize {
        self.layout.pitches()
    }

    /// The MIDI pitch of pitch 0.
    pub fn lowest_pitch(&self) -> u8 {
        self.layout.lowest_pitch()
    }

    /// Number of tracks.
    pub fn tracks(&self) -> usize {
        self.layout.tracks().len()
    }

    /// `[phrase, bar, step, pitch, track]`, as files have it.
    pub fn shape(&self) -> [usize; 5] {
        shape_of(self)
    }

    /// Steps per beat: a quarter of a bar.
    pub fn resolution(&self) -> Resolution {
        self.layout.resolution()
    }

    /// Pitches that sound at a step of a track: bit `p` is the MIDI pitch `lowest_pitch() + p`.
    /// Empty where there is no such phrase, track or step.
    pub fn set(&self, phrase: usize, track: usize, step: usize) -> u128 {
        match self.words_of(phrase) {
            Some(words) if track < self.tracks() && step < self.steps() => {
                bits_at(words, (track * self.steps() + step) * self.pitches()) & self.layout.mask()
            }
            _ => 0,
        }
    }

    /// The sounding sets of a track of a phrase, one per step, by MIDI pitch; empty where there is no
    /// such phrase or track.
    pub fn sounding(&self, phrase: usize, track: usize) -> Vec<u128> {
        if phrase >= self.phrases || track >= self.tracks() {
            return Vec::new();
        }
        (0..self.steps()).map(|step| self.set(phrase, track, step) << self.lowest_pitch()).collect()
    }

    /// A phrase as music, in 4/4 at 120 beats a minute; a note is a maximal run of cells. `None` where
    /// there is no such phrase.
    pub fn phrase(&self, phrase: usize) -> Option<Multitrack> {
        Some(self.cells_of(phrase).ok()?.to_music(&self.layout))
    }

    /// All phrases as music, in order.
    pub fn iter(&self) -> impl Iterator<Item = Multitrack> + '_ {
        (0..self.phrases).filter_map(|i| self.phrase(i))
    }

    /// Only the phrases with these numbers, in the order given; numbers past the end are left out.
    pub fn select(&self, phrases: impl IntoIterator<Item = usize>) -> Self {
        let words: Vec<&[u64]> = phrases.into_iter().filter_map(|phrase| self.words_of(phrase)).collect();
        Self { phrases: words.len(), words: Arc::new(words.concat()), layout: self.layout.clone() }
    }

    /// Adds a phrase of these bars at this resolution; see [`PhraseCells::from_music`]. Answers how many
    /// cells lay outside the pitch range and were left out.
    ///
    /// # Errors
    /// Those of [`PhraseCells::from_music`].
    pub fn push(&mut self, piece: &Multitrack) -> Result<usize, NpzError> {
        let (cells, outside) = PhraseCells::from_music(&self.layout, piece)?;
        self.push_cells(&cells);
        Ok(outside)
    }

    /// Adds a phrase whose cells are of this layout.
    pub(super) fn push_cells(&mut self, cells: &PhraseCells) {
        Arc::make_mut(&mut self.words).append(&mut cells.pack(&self.layout));
        self.phrases += 1;
    }

    /// Whether both are the same bits in the same place.
    pub fn shares_memory_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.words, &other.words)
    }

    /// Number of cells that sound, over all phrases.
    pub fn cells(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The same layout filled with `phrases` silent phrases, to be written through
    /// [`Self::words_mut`]; `None` when so many do not fit into memory.
    pub(super) fn silent(&self, phrases: usize) -> Option<Self> {
        let count = phrases.checked_mul(self.layout.words())?;
        let mut words = Vec::new();
        words.try_reserve_exact(count).ok()?;
        words.resize(count, 0);
        Some(Self { phrases, words: Arc::new(words), layout: self.layout.clone() })
    }

    /// The bits, to be written.
    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        Arc::make_mut(&mut self.words).as_mut_slice()
    }

    /// The bits of a phrase.
    fn words_of(&self, phrase: usize) -> Option<&[u64]> {
        let size = self.layout.words();
        (phrase < self.phrases).then(|| &self.words[phrase * size..][..size])
    }
}

/// `[phrase, bar, step, pitch, track]`, as files have it.
pub(super) fn shape_of(source: &impl PhraseSource) -> [usize; 5] {
    let layout = source.layout();
    [source.count(), layout.bars(), layout.steps_per_bar(), layout.pitches(), layout.tracks().len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Track};
    use crate::npz::PhraseTrack;

    fn piece(pitch: i64) -> Multitrack {
        let notes: Vec<Note> = (0..16)
            .map(|beat| Note {
                start: beat * 12,
                pitch: Pitch::new(pitch).unwrap(),
                end: beat * 12 + 12,
                velocity: 100,
            })
            .collect();
        let roll = Pianoroll::from_notes(192, &notes).without_velocities();
        let tracks = Family::ALL.map(|f| Track::of_family(f, roll.transpose(f.index() as i32)));
        Multitrack::new(tracks.to_vec(), Resolution::MODEL)
    }

    #[test]
    fn phrases_come_back_with_every_note() {
        let mut array = PhraseArray::standard();
        for pitch in [24, 60, 103] {
            assert_eq!(array.push(&piece(pitch)).unwrap(), 0);
        }
        assert_eq!(array.shape(), [3, 4, 48, 84, 5]);
        assert_eq!(array.words.len() * 8, 3 * 10_080);
        for (phrase, pitch) in array.iter().zip([24, 60, 103]) {
            let wanted = piece(pitch);
            for (got, want) in phrase.tracks().iter().zip(wanted.tracks()) {
                assert_eq!(got.roll.onset(), want.roll.onset(), "repeated notes are set apart");
                assert_eq!(got.roll.sounding(), want.roll.separated());
            }
        }
        assert_eq!(array.phrase(3), None);
    }

    #[test]
    fn cells_outside_the_range_are_counted() {
        let mut array = PhraseArray::standard();
        assert_eq!(array.push(&piece(106)).unwrap(), 3 * (15 * 11 + 12));
        assert_eq!(array.cells(), 2 * (15 * 11 + 12));
    }

    #[test]
    fn all_128_pitches_fit_too() {
        let mut array = PhraseArray::new(4, 48, 128).unwrap();
        assert_eq!(array.push(&piece(0)).unwrap(), 0);
        assert_eq!(array.push(&piece(123)).unwrap(), 0);
        assert_eq!(array.set(1, 4, 0), 1 << 127);
        assert_eq!(array.sounding(0, 0)[0], 1);
    }

    #[test]
    fn a_selection_keeps_order_and_leaves_out_what_is_not_there() {
        let mut array = PhraseArray::standard();
        for pitch in [30, 40, 50] {
            array.push(&piece(pitch)).unwrap();
        }
        let some = array.select([2, 7, 0]);
        assert_eq!(some.len(), 2);
        assert_eq!(some.phrase(0), array.phrase(2));
        assert_eq!(some.phrase(1), array.phrase(0));
    }

    #[test]
    fn what_is_not_such_a_phrase_is_refused() {
        let mut array = PhraseArray::standard();
        let error = array.push(&piece(60).resample(Resolution::MIDI)).unwrap_err().to_string();
        assert_eq!(
            error,
            "a phrase here has 12 steps a beat, this piece has 24 steps a beat: resample it first"
        );
        let error = array.push(&piece(60).padded_to(96)).unwrap_err().to_string();
        assert!(error.contains("192 steps") && error.contains("96 steps"), "{error}");
        assert!(array.is_empty());
    }

    #[test]
    fn tracks_of_other_names_are_found_by_name_and_no_other_may_sound() {
        let tracks = vec![PhraseTrack::named("Bass"), PhraseTrack::named("lead")];
        let mut array = PhraseArray::of_layout(PhraseLayout::standard().with_tracks(tracks).unwrap());
        let roll = piece(60).tracks()[0].roll.clone();
        let track = |name: &str, roll: &Pianoroll| PhraseTrack::named(name).with_roll(roll.clone());
        let of = |tracks| Multitrack::new(tracks, Resolution::MODEL);
        let silence = Pianoroll::silent(192);
        let song =
            of(vec![track("lead", &roll), track("bass", &roll.transpose(-12)), track("pad", &silence)]);
        assert_eq!(array.push(&song).unwrap(), 0);
        let phrase = array.phrase(0).unwrap();
        assert_eq!(phrase.track_names(), ["Bass", "lead"]);
        assert_eq!(phrase.track("bass").unwrap().roll.onset(), roll.transpose(-12).onset());
        let error = array.push(&of(vec![track("pad", &roll)])).unwrap_err().to_string();
        assert_eq!(
            error,
            "a phrase here has the tracks Bass, lead, this piece has `pad`: rename it or leave it out"
        );
    }
}
