//! What became of a song: phrases, parts, repairs and losses.

use std::fmt;

use super::key::Key;

/// What became of a song.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SongPhrases {
    /// The phrases, by first bar.
    pub phrases: Vec<Candidate>,
    /// Where each part went, in the score's order.
    pub parts: Vec<PartUse>,
    /// What was put right.
    pub repairs: Vec<SongRepair>,
    /// What was not used, one entry for each reason. Unless phrases overlap, every bar of the song is
    /// in a phrase or here.
    pub lost: Vec<Loss>,
    /// Bars of the song in all meters, up to the last note's end.
    pub bars: usize,
    /// The song's key before it was moved; `None` without a pitched note.
    pub key: Option<Key>,
    /// The song's tempo in beats per minute: the one that lasts longest.
    pub tempo: f64,
}

impl SongPhrases {
    /// Writes down that so many bars were not used for some reason; none is no loss.
    pub(super) fn lose(&mut self, reason: Reason, bars: usize) {
        if bars == 0 {
            return;
        }
        match self.lost.iter_mut().find(|loss| loss.reason == reason) {
            Some(loss) => (loss.count, loss.bars) = (loss.count + 1, loss.bars + bars),
            None => self.lost.push(Loss { reason, count: 1, bars }),
        }
    }
}

/// A phrase of a song.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// For each track a set for each step: bit `p` is the MIDI pitch `lowest_pitch + p`.
    pub cells: Vec<Vec<u128>>,
    /// Its first bar in the song, from 0.
    pub bar: usize,
    /// The key after it was moved; `None` without a pitched note.
    pub key: Option<Key>,
    /// By how many semitones the pitched tracks were moved, -5 to 6.
    pub transposed: i8,
    /// Beats per minute, on average over the phrase.
    pub tempo: f64,
}

/// Where a part went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartUse {
    /// The part's name in the file; often empty.
    pub name: String,
    /// General MIDI program.
    pub program: u8,
    /// Whether it is on the drum channel.
    pub is_drum: bool,
    /// Number of notes.
    pub notes: usize,
    /// Index of the track it was merged into; `None` when it was dropped.
    pub track: Option<usize>,
    /// A name from the table that no track has; the part is dropped then.
    pub unknown_track: Option<String>,
}

/// Something that was put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SongRepair {
    /// Bars begin on another beat than was written: `beats` (1 to 3) later, from bar `bar` on.
    Downbeat {
        /// The section's first bar as written.
        bar: usize,
        /// How many beats later bars begin.
        beats: usize,
    },
    /// Notes of phrases were moved by octaves to fit the range of pitches.
    Folded {
        /// How many.
        notes: usize,
    },
    /// Notes of phrases were left out: drums outside the range of pitches, and pitched notes when the
    /// range is too small to have an octave of them.
    Outside {
        /// How many.
        notes: usize,
    },
}

/// Bars or phrases that were not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Why.
    pub reason: Reason,
    /// How many times: phrases for a reason that is about phrases, otherwise places in the song.
    pub count: usize,
    /// How many bars together.
    pub bars: usize,
}

/// Why bars are in no phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The song has no notes that go to a track.
    NoNotes,
    /// The song has more bars than can be looked at.
    TooLong,
    /// The bars are not in 4/4.
    Meter,
    /// Beats before the first downbeat that was found.
    Pickup,
    /// Bars between two boundaries that are too few for a phrase.
    Remainder,
    /// A phrase with too many silent bars.
    SilentBars,
    /// A phrase with too few tracks.
    FewTracks,
    /// A phrase without any of the required tracks.
    NoRequiredTrack,
    /// A phrase with too few notes a bar.
    TooSparse,
    /// A phrase with too many notes a bar.
    TooDense,
    /// A phrase outside the tempo limits.
    Tempo,
    /// A phrase equal to an earlier one of the song.
    Duplicate,
    /// A phrase nearly equal to an earlier one of the song.
    NearDuplicate,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::NoNotes,
        Self::TooLong,
        Self::Meter,
        Self::Pickup,
        Self::Remainder,
        Self::SilentBars,
        Self::FewTracks,
        Self::NoRequiredTrack,
        Self::TooSparse,
        Self::TooDense,
        Self::Tempo,
        Self::Duplicate,
        Self::NearDuplicate,
    ];

    /// A name for tables, which stays the same: `few_tracks`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoNotes => "no_notes",
            Self::TooLong => "too_long",
            Self::Meter => "meter",
            Self::Pickup => "pickup",
            Self::Remainder => "remainder",
            Self::SilentBars => "silent_bars",
            Self::FewTracks => "few_tracks",
            Self::NoRequiredTrack => "no_required_track",
            Self::TooSparse => "too_sparse",
            Self::TooDense => "too_dense",
            Self::Tempo => "tempo",
            Self::Duplicate => "duplicate",
            Self::NearDuplicate => "near_duplicate",
        }
    }
}

impl fmt::Display for Reason {
    /// What a person is told: `too few tracks have notes`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::NoNotes => "no notes for any track",
            Self::TooLong => "beyond the longest song that is looked at",
            Self::Meter => "not in 4/4",
            Self::Pickup => "beats before the first downbeat",
            Self::Remainder => "too few bars before the next boundary for a phrase",
            Self::SilentBars => "too many silent bars",
            Self::FewTracks => "too few tracks have notes",
            Self::NoRequiredTrack => "none of the required tracks has notes",
            Self::TooSparse => "too few notes a bar",
            Self::TooDense => "too many notes a bar",
            Self::Tempo => "outside the tempo limits",
            Self::Duplicate => "equal to an earlier phrase of the song",
            Self::NearDuplicate => "nearly equal to an earlier phrase of the song",
        })
    }
}
