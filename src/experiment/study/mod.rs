//! The tables of the two papers of 2018, to be filled with other music beside the printed rows.

mod figure;
mod published;
mod text;

use super::{Cell, ExperimentError, Table};
use crate::base::suggestion;
use crate::metrics::{MetricFamily, Metrics, MetricsError, Options, measure_phrases};
use crate::music::{Family, Multitrack, Resolution};

/// A printed table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperTable {
    /// Table 1 of Dong, Hsiao, Yang and Yang, *MuseGAN* (AAAI 2018): empty bars, pitch classes,
    /// qualified notes and drum patterns, by track.
    Aaai1,
    /// Table 2 of the same: tonal distances.
    Aaai2,
    /// Table 1 of Dong and Yang, *Convolutional generative adversarial networks with binary neurons*
    /// (ISMIR 2018): qualified notes, polyphony and tonal distance.
    Ismir1,
}

/// Music for a row of a table.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What the row is called; a row of the same name in the paper stands above it.
    pub row: String,
    /// The phrases to measure; `None` for a model that there is not, which gets a row that says so.
    pub phrases: Option<Vec<Multitrack>>,
    /// The track that was given and not made, whose own values are left out.
    pub given: Option<Family>,
}

/// What a column holds, and in what unit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    /// A measure of a track by its place in [`TrackMetrics::NAMES`](crate::metrics::TrackMetrics::NAMES).
    OfTrack(Family, usize),
    /// The mean of such a measure over the pitched tracks.
    OfPitched(usize),
    /// Tonal distance.
    Distance(Family, Family),
}

// Places in `TrackMetrics::NAMES`.
const EMPTY_BARS: usize = 0;
const PITCH_CLASSES: usize = 3;
const QUALIFIED_NOTES: usize = 4;
const POLYPHONY: usize = 5;
const DRUM_PATTERN: usize = 7;

impl PaperTable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Aaai1, Self::Aaai2, Self::Ismir1];

    /// What scripts call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aaai1 => "aaai-table1",
            Self::Aaai2 => "aaai-table2",
            Self::Ismir1 => "ismir-table1",
        }
    }

    /// The table called `name`.
    ///
    /// # Errors
    /// [`ExperimentError::PaperTable`] when there is none.
    pub fn from_name(name: &str) -> Result<Self, ExperimentError> {
        Self::ALL.into_iter().find(|table| table.name() == name).ok_or_else(|| {
            let hint = suggestion(name, Self::ALL.map(Self::name));
            ExperimentError::PaperTable {
                name: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
                hint,
            }
        })
    }

    /// Where it was printed, and what it holds.
    pub fn title(self) -> &'static str {
        match self {
            Self::Aaai1 => {
                "Dong et al. 2018 (AAAI), Table 1: empty bars %, pitch classes, qualified notes %, drum pattern %"
            }
            Self::Aaai2 => "Dong et al. 2018 (AAAI), Table 2: tonal distance",
            Self::Ismir1 => {
                "Dong and Yang 2018 (ISMIR), Table 1: qualified notes, polyphony (3+), tonal distance piano-guitar"
            }
        }
    }

    /// Names of the columns of numbers, as printed.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Aaai1 => &published::AAAI_1_COLUMNS,
            Self::Aaai2 => &published::AAAI_2_COLUMNS,
            Self::Ismir1 => &published::ISMIR_1_COLUMNS,
        }
    }

    /// The printed rows: name, and a number for each column.
    pub fn published(self) -> Vec<(&'static str, Vec<Option<f64>>)> {
        fn rows<const N: usize>(rows: &[published::Printed<N>]) -> Vec<(&'static str, Vec<Option<f64>>)> {
            rows.iter().map(|(name, numbers)| (*name, numbers.to_vec())).collect()
        }
        match self {
            Self::Aaai1 => rows(&published::AAAI_1),
            Self::Aaai2 => rows(&published::AAAI_2),
            Self::Ismir1 => rows(&published::ISMIR_1),
        }
    }

    /// The table with a row for each sample below the printed row of its name, as `row`, `by`
    /// ("published", "ours", or "not trained" where there is no music) and the columns of numbers.
    /// Printed rows without a sample come last.
    ///
    /// Measured are the definitions done right, or with `as_published` what the paper's program
    /// computes ([`MetricFamily`]). Either way a qualified note is a thirty-second and longer, as both
    /// texts say.
    ///
    /// # Errors
    /// [`MetricsError`] when phrases cannot be measured together.
    pub fn beside(self, samples: &[Sample], as_published: bool) -> Result<Table, MetricsError> {
        let mut table = Table::new();
        let mut add = |row: &str, by: &str, numbers: &[Option<f64>]| {
            let head = [("row", Cell::from(row)), ("by", Cell::from(by))];
            table.add(
                head.into_iter()
                    .chain(self.columns().iter().copied().zip(numbers.iter().map(|n| Cell::from(*n)))),
            );
        };
        let mut printed = self.published();
        for sample in samples {
            if let Some(place) = printed.iter().position(|(name, _)| *name == sample.row) {
                let (name, numbers) = printed.remove(place);
                add(name, "published", &numbers);
            }
            match &sample.phrases {
                Some(phrases) => {
                    add(&sample.row, "ours", &self.measured(phrases, sample.given, as_published)?)
                }
                None => add(&sample.row, "not trained", &[]),
            }
        }
        for (name, numbers) in printed {
            add(name, "published", &numbers);
        }
        Ok(table)
    }

    /// A number for each column.
    fn measured(
        self,
        phrases: &[Multitrack],
        given: Option<Family>,
        as_published: bool,
    ) -> Result<Vec<Option<f64>>, MetricsError> {
        let resolution = phrases.first().ok_or(MetricsError::NoPhrases)?.resolution();
        let metrics = measure_phrases(phrases, &self.options(resolution, as_published))?;
        let number = |column: &&str| {
            let measure = self.measure(column);
            let is_given = matches!(measure, Measure::OfTrack(family, _) if Some(family) == given);
            measure.of(&metrics).filter(|_| !is_given).map(|value| value * self.unit(column))
        };
        Ok(self.columns().iter().map(number).collect())
    }

    fn options(self, resolution: Resolution, as_published: bool) -> Options {
        let family = match (as_published, self) {
            (false, _) => MetricFamily::Exact,
            (true, Self::Ismir1) => MetricFamily::PaperIsmir,
            (true, _) => MetricFamily::Paper,
        };
        let steps = if as_published { Resolution::MIDI } else { resolution }.steps();
        let min_pitches = if self == Self::Ismir1 { 3 } else { 2 };
        // A thirty-second is an eighth of a beat.
        Options { min_note: steps.div_ceil(8), min_pitches, ..Options::of(family) }
    }

    /// What a column holds.
    fn measure(self, column: &str) -> Measure {
        let family = |letter: &str| match letter {
            "B" => Family::Bass,
            "D" => Family::Drums,
            "G" => Family::Guitar,
            "P" => Family::Piano,
            _ => Family::Strings,
        };
        let place = |name: &str| match name {
            "EB" => EMPTY_BARS,
            "UPC" => PITCH_CLASSES,
            "QN" => QUALIFIED_NOTES,
            "PP" => POLYPHONY,
            _ => DRUM_PATTERN,
        };
        match (self, column.split_once([' ', '-'])) {
            (Self::Aaai1, Some((name, track))) => Measure::OfTrack(family(track), place(name)),
            (Self::Aaai2, Some((a, b))) => Measure::Distance(family(a), family(b)),
            (_, None) if column == "TD" => Measure::Distance(Family::Piano, Family::Guitar),
            _ => Measure::OfPitched(place(column)),
        }
    }

    /// What a measured number is multiplied with to be printed.
    fn unit(self, column: &str) -> f64 {
        if self == Self::Aaai1 && !column.starts_with("UPC") { 100.0 } else { 1.0 }
    }
}

impl Measure {
    fn of(self, metrics: &Metrics) -> Option<f64> {
        match self {
            Self::OfTrack(family, place) => metrics.track(family.name())?.values()[place],
            Self::OfPitched(place) => {
                let pitched = Family::ALL.into_iter().filter(|family| !family.is_drums());
                let values: Vec<f64> =
                    pitched.filter_map(|family| metrics.track(family.name())?.values()[place]).collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            }
            Self::Distance(a, b) => {
                let names = [(a, b), (b, a)].map(|(a, b)| format!("{}-{}", a.name(), b.name()));
                metrics.tonal_distance.iter().find(|(pair, _)| names.contains(pair))?.1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::TrackMetrics;
    use crate::music::{Note, Pianoroll, Pitch, Track};

    /// A bar: bass and guitar play, piano and strings rest, drums beat on the quarters.
    fn phrase() -> Multitrack {
        let track = |family: Family, notes: &[(usize, i64, usize)]| {
            let note = |&(start, pitch, end): &(usize, i64, usize)| Note {
                start,
                pitch: Pitch::new(pitch).unwrap(),
                end,
                velocity: 100,
            };
            let notes: Vec<Note> = notes.iter().map(note).collect();
            Track::of_family(family, Pianoroll::from_notes(48, &notes).without_velocities())
        };
        let tracks = vec![
            track(Family::Drums, &[(0, 36, 1), (12, 38, 13), (24, 36, 25), (36, 38, 37)]),
            track(Family::Piano, &[]),
            track(Family::Guitar, &[(0, 60, 48), (0, 62, 48), (0, 64, 48), (0, 65, 1)]),
            track(Family::Bass, &[(0, 36, 24), (24, 43, 48)]),
            track(Family::Strings, &[]),
        ];
        Multitrack::new(tracks, Resolution::MODEL)
    }

    fn sample(row: &str, given: Option<Family>) -> Sample {
        Sample { row: row.to_owned(), phrases: Some(vec![phrase()]), given }
    }

    fn numbers(table: &Table, by: &str) -> Vec<(String, Option<f64>)> {
        let row = table.rows().find(|row| row.get("by") == Some(&by.into())).unwrap();
        row.cells().skip(2).map(|(name, cell)| (name.to_owned(), cell.number())).collect()
    }

    fn number(table: &Table, column: &str) -> Option<f64> {
        numbers(table, "ours").into_iter().find(|(name, _)| name == column).unwrap().1
    }

    #[test]
    fn places_are_those_of_the_measures() {
        let named = [EMPTY_BARS, PITCH_CLASSES, QUALIFIED_NOTES, POLYPHONY, DRUM_PATTERN]
            .map(|place| TrackMetrics::NAMES[place]);
        let expected = [
            "empty_bar_rate",
            "pitch_classes",
            "qualified_note_rate",
            "polyphonic_rate",
            "drum_pattern_rate",
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn the_first_table_has_a_column_for_each_measure_and_track() {
        let exact = PaperTable::Aaai1.beside(&[sample("hybrid", None)], false).unwrap();
        let expected = [
            ("EB B", Some(0.0)),
            ("EB P", Some(100.0)),
            ("UPC B", Some(2.0)),
            ("UPC G", Some(4.0)),
            ("UPC P", None),
            ("QN B", Some(100.0)),
            ("QN G", Some(75.0)),
            ("DP D", Some(100.0)),
        ];
        for (column, value) in expected {
            assert_eq!(number(&exact, column), value, "{column}");
        }
        // C and D share a band of seven pitches from C on, and so do E and F with them.
        let paper = PaperTable::Aaai1.beside(&[sample("hybrid", None)], true).unwrap();
        assert_eq!(number(&paper, "UPC G"), Some(1.0));
        assert_eq!(number(&paper, "QN G"), Some(75.0));
    }

    #[test]
    fn what_was_given_is_not_judged() {
        let table = PaperTable::Aaai1.beside(&[sample("x", Some(Family::Guitar))], false).unwrap();
        assert_eq!(number(&table, "UPC G"), None);
        assert_eq!(number(&table, "UPC B"), Some(2.0));
        let pairs = PaperTable::Aaai2.beside(&[sample("x", Some(Family::Guitar))], false).unwrap();
        assert!(number(&pairs, "B-G").is_some() && number(&pairs, "G-P").is_none());
    }

    #[test]
    fn the_third_table_is_over_the_pitched_tracks() {
        let table = PaperTable::Ismir1.beside(&[sample("training", None)], false).unwrap();
        assert_eq!(number(&table, "QN"), Some((0.75 + 1.0) / 2.0));
        assert_eq!(number(&table, "PP"), Some(0.5));
        assert_eq!(number(&table, "TD"), None);
    }

    #[test]
    fn a_row_stands_below_the_printed_one_of_its_name() {
        let absent = Sample { row: "jamming".into(), phrases: None, given: None };
        let table =
            PaperTable::Aaai2.beside(&[sample("training", None), absent, sample("ours alone", None)], true);
        let table = table.unwrap();
        let heads: Vec<String> = table
            .rows()
            .map(|row| format!("{}: {}", row.get("row").unwrap(), row.get("by").unwrap()))
            .collect();
        let first = [
            "training: published",
            "training: ours",
            "jamming: published",
            "jamming: not trained",
            "ours alone: ours",
            "training, shuffled: published",
        ];
        assert_eq!(heads[..6], first);
        assert_eq!(heads.len(), 8 + 3);
        assert_eq!(numbers(&table, "published")[0], ("B-G".to_owned(), Some(1.57)));
    }

    #[test]
    fn tables_are_found_by_name_and_need_music() {
        for table in PaperTable::ALL {
            assert_eq!(PaperTable::from_name(table.name()).unwrap(), table);
            assert!(table.published().iter().all(|(_, row)| row.len() == table.columns().len()));
        }
        let error = PaperTable::from_name("aaai-table3").unwrap_err().to_string();
        assert!(error.contains("did you mean `aaai-table"), "{error}");
        let nothing = Sample { row: "x".into(), phrases: Some(Vec::new()), given: None };
        assert_eq!(PaperTable::Aaai1.beside(&[nothing], true), Err(MetricsError::NoPhrases));
    }
}
