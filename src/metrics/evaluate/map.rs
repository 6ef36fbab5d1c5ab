//! Which measure is taken of which track.

use crate::base::suggestion;
use crate::metrics::{MetricsError, TrackMetrics, catalogue};

/// The column of all pitched tracks in one.
pub(super) const MIX: &str = "mix";

/// A choice of measures and tracks, as the `eval_map` of the original: of each bar-level measure, the
/// tracks that it is taken of.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum EvalMap {
    /// Of all tracks and the mix what is defined for them: of drums not what is about pitch, of others
    /// not the drum pattern.
    #[default]
    Usual,
    /// Named tracks (or `mix`) for named measures, and no others.
    Named(Vec<(String, Vec<String>)>),
    /// A row for each of [`TrackMetrics::NAMES`], in it a cell for each track in the music's order.
    Matrix(Vec<Vec<bool>>),
}

/// A track's column in an evaluation: its name, and whether it is a drum track.
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) is_drum: bool,
}

impl EvalMap {
    /// Refuses names of measures, or a number of rows, that there are not.
    pub(super) fn check_measures(&self) -> Result<(), MetricsError> {
        match self {
            Self::Usual => Ok(()),
            Self::Named(rows) => rows
                .iter()
                .find(|(name, _)| !TrackMetrics::NAMES.contains(&name.as_str()))
                .map_or(Ok(()), |(name, _)| Err(catalogue::unknown(name, &TrackMetrics::NAMES))),
            Self::Matrix(rows) if rows.len() == TrackMetrics::NAMES.len() => Ok(()),
            Self::Matrix(rows) => Err(MetricsError::EvalMap {
                what: "rows",
                given: rows.len(),
                expected: TrackMetrics::NAMES.len(),
                names: TrackMetrics::NAMES.join(", "),
            }),
        }
    }

    /// Refuses names of tracks, or a number of columns, that the music has not.
    pub(super) fn check_tracks(&self, columns: &[Column]) -> Result<(), MetricsError> {
        let tracks: Vec<&str> = columns.iter().map(|column| column.name).collect();
        match self {
            Self::Usual => Ok(()),
            Self::Named(rows) => {
                let mut named = rows.iter().flat_map(|(_, tracks)| tracks);
                let is_known = |name: &str| tracks.iter().any(|track| track.eq_ignore_ascii_case(name));
                named.find(|name| !is_known(name)).map_or(Ok(()), |name| Err(unknown_track(name, &tracks)))
            }
            Self::Matrix(rows) => {
                let expected = columns.iter().filter(|column| column.name != MIX).count();
                let wrong = rows.iter().find(|row| row.len() != expected);
                wrong.map_or(Ok(()), |row| {
                    Err(MetricsError::EvalMap {
                        what: "columns",
                        given: row.len(),
                        expected,
                        names: tracks[..expected].join(", "),
                    })
                })
            }
        }
    }

    /// Whether a measure is taken of a track.
    pub(super) fn has(&self, measure: usize, track: usize, column: &Column) -> bool {
        let name = TrackMetrics::NAMES[measure];
        match self {
            Self::Usual if column.is_drum => {
                matches!(name, "empty_bar_rate" | "notes" | "pitches" | "drum_pattern_rate")
            }
            Self::Usual => name != "drum_pattern_rate",
            Self::Named(rows) => rows.iter().any(|(row, tracks)| {
                row == name && tracks.iter().any(|track| track.eq_ignore_ascii_case(column.name))
            }),
            Self::Matrix(rows) => {
                rows.get(measure).and_then(|row| row.get(track)).is_some_and(|chosen| *chosen)
            }
        }
    }
}

/// The error that there is no such track.
pub(super) fn unknown_track(name: &str, tracks: &[&str]) -> MetricsError {
    let hint = suggestion(name, tracks.iter().copied());
    MetricsError::Track { name: name.to_owned(), known: tracks.join(", "), hint }
}
