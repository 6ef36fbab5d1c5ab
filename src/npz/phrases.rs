//! Many phrases in little memory: one bit per cell.

use std::sync::Arc;

use super::NpzError;
use crate::music::{
    Family, LOWEST_PITCH, MODEL_PITCHES, Multitrack, PHRASE_BARS, Pianoroll, Resolution, Track, pitches_of,
};

/// Tracks of every phrase: the five families.
const TRACKS: usize = Family::ALL.len();

/// Phrases of the five families, `[phrase, bar, step, pitch, track]`, sounding cells only. A cell is
/// one bit: 10,080 bytes for the usual phrase of 4 bars of 48 steps and 84 pitches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseArray {
    bars: usize,
    steps_per_bar: usize,
    pitches: usize,
    phrases: usize,
    /// Per phrase a whole number of words, within it `[track, bar, step, pitch]` bit by bit.
    words: Arc<Vec<u64>>,
}

impl PhraseArray {
    /// No phrases yet, each to have `bars` bars of `steps_per_bar` steps and `pitches` pitches: from
    /// [`LOWEST_PITCH`] up, or all 128.
    ///
    /// # Errors
    /// [`NpzError::Phrase`] unless a bar is 4 beats of 1 to 960 steps, there is a bar, and the pitches
    /// lie within MIDI's 128.
    pub fn new(bars: usize, steps_per_bar: usize, pitches: usize) -> Result<Self, NpzError> {
        let steps = steps_per_bar / 4;
        let fits = pitches == 128 || (1..=128 - usize::from(LOWEST_PITCH)).contains(&pitches);
        if !(1..=1024).contains(&bars)
            || !steps_per_bar.is_multiple_of(4)
            || !(1..=960).contains(&steps)
            || !fits
        {
            return Err(NpzError::Phrase {
                expected: "1 to 1024 bars of a multiple of 4 steps (up to 3840), and 1 to 104 or 128 pitches"
                    .to_owned(),
                got: format!("{bars} bars of {steps_per_bar} steps and {pitches} pitches"),
                advice: "usual are 4 bars, 48 steps and 84 pitches",
            });
        }
        Ok(Self { bars, steps_per_bar, pitches, phrases: 0, words: Arc::default() })
    }

    /// No phrases yet, in the layout of the training data: 4 bars, 48 steps a bar, 84 pitches from C1.
    pub fn standard() -> Self {
        Self {
            bars: PHRASE_BARS,
            steps_per_bar: 4 * Resolution::MODEL.steps(),
            pitches: MODEL_PITCHES,
            phrases: 0,
            words: Arc::default(),
        }
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
        self.bars
    }

    /// Steps of a bar.
    pub fn steps_per_bar(&self) -> usize {
        self.steps_per_bar
    }

    /// Steps of a phrase.
    pub fn steps(&self) -> usize {
        self.bars * self.steps_per_bar
    }

    /// Number of pitches.
    pub fn pitches(&self) -> usize {
        self.pitches
    }

    /// The MIDI pitch of pitch 0.
    pub fn lowest_pitch(&self) -> u8 {
        if self.pitches == 128 { 0 } else { LOWEST_PITCH }
    }

    /// Number of tracks: 5, in the order of [`Family::ALL`].
    pub fn tracks(&self) -> usize {
        TRACKS
    }

    /// `[phrase, bar, step, pitch, track]`, as files have it.
    pub fn shape(&self) -> [usize; 5] {
        [self.phrases, self.bars, self.steps_per_bar, self.pitches, TRACKS]
    }

    /// Steps per beat: a quarter of a bar.
    pub fn resolution(&self) -> Resolution {
        // `new` has checked the range.
        Resolution::new((self.steps_per_bar / 4) as i64).unwrap_or(Resolution::MODEL)
    }

    /// Pitches that sound at a step of a track: bit `p` is the MIDI pitch `lowest_pitch() + p`.
    /// Empty where there is no such phrase, track or step.
    pub fn set(&self, phrase: usize, track: usize, step: usize) -> u128 {
        if phrase >= self.phrases || track >= TRACKS || step >= self.steps() {
            return 0;
        }
        let bit = (track * self.steps() + step) * self.pitches;
        let words = &self.words[phrase * self.words_per_phrase()..];
        let word = |i: usize| u128::from(words.get(i).copied().unwrap_or(0));
        let (first, shift) = (bit / 64, bit % 64);
        let low = word(first) | word(first + 1) << 64;
        let set = match shift {
            0 => low,
            _ => low >> shift | word(first + 2) << (128 - shift),
        };
        set & self.mask()
    }

    /// The sounding sets of a track of a phrase, one per step, by MIDI pitch; empty where there is no
    /// such phrase or track.
    pub fn sounding(&self, phrase: usize, track: usize) -> Vec<u128> {
        if phrase >= self.phrases || track >= TRACKS {
            return Vec::new();
        }
        (0..self.steps()).map(|step| self.set(phrase, track, step) << self.lowest_pitch()).collect()
    }

    /// A phrase as music: the five families in 4/4 at 120 beats a minute; a note is a maximal run of
    /// cells. `None` where there is no such phrase.
    pub fn phrase(&self, phrase: usize) -> Option<Multitrack> {
        (phrase < self.phrases).then(|| {
            let track =
                |f: Family| Track::of_family(f, Pianoroll::from_sounding(self.sounding(phrase, f.index())));
            Multitrack::new(Family::ALL.map(track).to_vec(), self.resolution())
        })
    }

    /// All phrases as music, in order.
    pub fn iter(&self) -> impl Iterator<Item = Multitrack> + '_ {
        (0..self.phrases).filter_map(|i| self.phrase(i))
    }

    /// Only the phrases with these numbers, in the order given; numbers past the end are left out.
    pub fn select(&self, phrases: impl IntoIterator<Item = usize>) -> Self {
        let size = self.words_per_phrase();
        let mut words = Vec::new();
        for phrase in phrases.into_iter().filter(|p| *p < self.phrases) {
            words.extend_from_slice(&self.words[phrase * size..][..size]);
        }
        Self { phrases: words.len() / size, words: Arc::new(words), ..self.clone() }
    }

    /// Adds a phrase of these bars at this resolution: tracks are merged into families, and a
    /// repeated note is set off by one silent step. Answers how many cells lay outside the pitch range
    /// and were left out.
    ///
    /// # Errors
    /// [`NpzError::Phrase`] when resolution or length differ; [`NpzError::Music`] when it is not in
    /// 4/4.
    pub fn push(&mut self, piece: &Multitrack) -> Result<usize, NpzError> {
        let refuse = |expected: String, got: String, advice| NpzError::Phrase { expected, got, advice };
        if piece.resolution() != self.resolution() {
            let said = |r: Resolution| format!("{} steps a beat", r.steps());
            let (expected, got) = (said(self.resolution()), said(piece.resolution()));
            return Err(refuse(expected, got, "resample it first"));
        }
        if piece.steps() != self.steps() {
            let (expected, got) = (format!("{} steps", self.steps()), format!("{} steps", piece.steps()));
            return Err(refuse(expected, got, "cut or pad it to whole bars first"));
        }
        if self.bars <= PHRASE_BARS {
            piece.check_phrase()?;
        }
        let mut words = vec![0u64; self.words_per_phrase()];
        let mut outside = 0;
        for (track, merged) in piece.merge_to_families().0.tracks().iter().enumerate() {
            for (step, set) in merged.roll.separated().into_iter().enumerate() {
                let kept = set >> self.lowest_pitch() & self.mask();
                outside += (set.count_ones() - kept.count_ones()) as usize;
                let bit = (track * self.steps() + step) * self.pitches;
                for pitch in pitches_of(kept) {
                    let bit = bit + usize::from(pitch);
                    words[bit / 64] |= 1 << (bit % 64);
                }
            }
        }
        Arc::make_mut(&mut self.words).append(&mut words);
        self.phrases += 1;
        Ok(outside)
    }

    /// Number of cells that sound, over all phrases.
    pub fn cells(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The same layout filled with `phrases` silent phrases, to be written through
    /// [`Self::words_mut`]; `None` when so many do not fit into memory.
    pub(super) fn silent(&self, phrases: usize) -> Option<Self> {
        let count = phrases.checked_mul(self.words_per_phrase())?;
        let mut words = Vec::new();
        words.try_reserve_exact(count).ok()?;
        words.resize(count, 0);
        Some(Self { phrases, words: Arc::new(words), ..self.clone() })
    }

    /// The bits, to be written.
    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        Arc::make_mut(&mut self.words).as_mut_slice()
    }

    /// 64-bit words of one phrase.
    pub(super) fn words_per_phrase(&self) -> usize {
        (TRACKS * self.steps() * self.pitches).div_ceil(64)
    }

    fn mask(&self) -> u128 {
        u128::MAX >> (128 - self.pitches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Note, Pitch};

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
        assert!(PhraseArray::new(4, 50, 84).is_err() && PhraseArray::new(4, 48, 129).is_err());
        assert!(PhraseArray::new(0, 48, 84).is_err() && PhraseArray::new(4, 48, 110).is_err());
        assert!(array.is_empty());
    }
}
