//! What an evaluation leaves in a folder: its matrices as arrays, and a picture of each measure.

use std::path::{Path, PathBuf};

use super::{Cell, ExperimentError, Table};
use crate::metrics::TrackMetrics;
use crate::metrics::catalogue;
use crate::metrics::evaluate::{Evaluation, Score};
use crate::npz::{Dense, Values, write_npy};
use crate::view::chart::{CellTexts, Chart, Plot, Sample};

/// Bars of a histogram's axis at most.
const BINS: usize = 24;

/// The means as a table: a column `measure`, and one for each track. Measures that were asked of no track
/// are left out.
pub fn score_table(evaluation: &Evaluation) -> Table {
    let mut table = Table::new();
    for (name, row) in TrackMetrics::NAMES.iter().zip(&evaluation.scores) {
        if row.iter().all(Option::is_none) {
            continue;
        }
        let number =
            |score: &Option<Score>| score.as_ref().and_then(|s| s.mean).map_or(Cell::Missing, Cell::from);
        let cells = evaluation.tracks.iter().zip(row).map(|(track, score)| (track.as_str(), number(score)));
        table.add([("measure", Cell::Text((*name).into()))].into_iter().chain(cells));
    }
    table
}

/// The mean tonal distances as a table of `first`, `second` and `tonal_distance`.
pub fn pair_table(evaluation: &Evaluation) -> Table {
    let mut table = Table::new();
    for pair in &evaluation.pairs {
        table.add([
            ("first", Cell::Text(pair.first.as_str().into())),
            ("second", Cell::Text(pair.second.as_str().into())),
            ("tonal_distance", pair.mean.map_or(Cell::Missing, Cell::from)),
        ]);
    }
    table
}

/// Writes the matrices and pictures of an evaluation into a folder and says which files these are:
///
/// * `score_matrix_mean.npy` `[measure, track]` and `score_pair_matrix_mean.npy` `[pair]`, as the original
///   does, not-a-number where a value is undefined or was not asked for; rows are those of
///   [`TrackMetrics::NAMES`], and the last column is the mix, if there is a pitched track;
/// * if `bars`, the values of each bar too: `score_matrix.npy` `[measure, track, bar]` and
///   `score_pair_matrix.npy` `[pair, bar]`;
/// * `score_matrix.png` and `score_pair_matrix.png`, the means, and for each measure and for the tonal
///   distance a histogram of the bars.
///
/// # Errors
/// [`ExperimentError::Npz`] or [`ExperimentError::View`] when a file cannot be written.
pub fn save_evaluation(
    evaluation: &Evaluation,
    folder: &Path,
    bars: bool,
) -> Result<Vec<PathBuf>, ExperimentError> {
    let mut files = Vec::new();
    for (name, array) in arrays(evaluation, bars) {
        let file = folder.join(format!("{name}.npy"));
        write_npy(&file, &array?)?;
        files.push(file);
    }
    for (name, chart) in charts(evaluation) {
        let file = folder.join(format!("{name}.png"));
        chart.save(&file)?;
        files.push(file);
    }
    Ok(files)
}

type Named<T> = Vec<(String, T)>;

fn arrays(evaluation: &Evaluation, bars: bool) -> Named<Result<Dense, crate::npz::NpzError>> {
    let number = |value: Option<f64>| value.map_or(f32::NAN, |value| value as f32);
    let (measures, tracks) = (evaluation.scores.len(), evaluation.tracks.len());
    let scores = || evaluation.scores.iter().flatten();
    let means = scores().map(|score| number(score.as_ref().and_then(|score| score.mean))).collect();
    let pair_means = evaluation.pairs.iter().map(|pair| number(pair.mean)).collect();
    let mut arrays = vec![
        ("score_matrix_mean".to_owned(), Dense::new(&[measures, tracks], Values::Floats(means))),
        (
            "score_pair_matrix_mean".to_owned(),
            Dense::new(&[evaluation.pairs.len()], Values::Floats(pair_means)),
        ),
    ];
    if bars {
        let count = evaluation.metrics.bars;
        let of_score = |score: &Option<Score>| match score {
            Some(score) => score.bars.iter().map(|value| number(*value)).collect(),
            None => vec![f32::NAN; count],
        };
        let all = scores().flat_map(of_score).collect();
        let pairs = evaluation.pairs.iter().flat_map(|pair| pair.bars.iter().map(|value| number(*value)));
        arrays.push(("score_matrix".to_owned(), Dense::new(&[measures, tracks, count], Values::Floats(all))));
        arrays.push((
            "score_pair_matrix".to_owned(),
            Dense::new(&[evaluation.pairs.len(), count], Values::Floats(pairs.collect())),
        ));
    }
    arrays
}

fn charts(evaluation: &Evaluation) -> Named<Chart> {
    let mut charts = vec![("score_matrix".to_owned(), score_chart(evaluation))];
    if !evaluation.pairs.is_empty() {
        charts.push(("score_pair_matrix".to_owned(), pair_chart(evaluation)));
    }
    for (name, row) in TrackMetrics::NAMES.iter().zip(&evaluation.scores) {
        let sample = |(track, score): (&String, &Option<Score>)| {
            let values = score.as_ref()?.bars.iter().flatten().copied().collect();
            Some(Sample { name: track.clone(), values })
        };
        let samples: Vec<Sample> = evaluation.tracks.iter().zip(row).filter_map(sample).collect();
        if !samples.is_empty() {
            charts.push(((*name).to_owned(), histogram(name, samples)));
        }
    }
    if !evaluation.pairs.is_empty() {
        let sample = |pair: &crate::metrics::evaluate::PairScores| Sample {
            name: format!("{}-{}", pair.first, pair.second),
            values: pair.bars.iter().flatten().copied().collect(),
        };
        let samples = evaluation.pairs.iter().map(sample).collect();
        charts.push(("tonal_distance".to_owned(), histogram("tonal_distance", samples)));
    }
    charts
}

/// How the values of the bars are spread.
fn histogram(measure: &str, samples: Vec<Sample>) -> Chart {
    let unit = catalogue::about(measure).map_or("", |measure| measure.unit);
    let across = format!("{measure} ({unit})");
    // Counts stand in bins of their own.
    let values = || samples.iter().flat_map(|sample| &sample.values).copied();
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let is_count = values().all(|value| value.fract() == 0.0) && high - low >= 1.0;
    let bins = if is_count { ((high - low) as usize).clamp(1, BINS) } else { BINS };
    let title = format!("{measure} in each bar");
    Chart::new(&title, &across, "share of the bars that have a value", Plot::Histogram { samples, bins })
}

/// The means; colours tell how large a value is in its row.
fn score_chart(evaluation: &Evaluation) -> Chart {
    let rows = || {
        TrackMetrics::NAMES.iter().zip(&evaluation.scores).filter(|(_, row)| row.iter().any(Option::is_some))
    };
    let mean = |score: &Option<Score>| score.as_ref().and_then(|score| score.mean);
    let shade = |row: &Vec<Option<Score>>| {
        let most = row.iter().filter_map(mean).fold(0.0, f64::max);
        row.iter().map(|score| mean(score).map(|x| if most > 0.0 { x / most } else { 0.0 })).collect()
    };
    let text = |score: &Option<Score>| match (score, mean(score)) {
        (None, _) => String::new(),
        (_, None) => "–".to_owned(),
        (_, Some(mean)) => format!("{mean:.3}"),
    };
    let plot = Plot::Heat {
        rows: rows().map(|(name, _)| (*name).to_owned()).collect(),
        columns: evaluation.tracks.clone(),
        cells: rows().map(|(_, row)| shade(row)).collect(),
        texts: Some(CellTexts {
            colours: "share of the row's largest".to_owned(),
            texts: rows().map(|(_, row)| row.iter().map(text).collect()).collect(),
        }),
    };
    let (family, bars) = (evaluation.metrics.family.name(), evaluation.metrics.bars);
    Chart::new(&format!("Means over {bars} bars, {family}"), "track", "measure", plot)
}

/// The mean tonal distances, each pair on both sides of the diagonal.
fn pair_chart(evaluation: &Evaluation) -> Chart {
    let mut tracks: Vec<String> = Vec::new();
    for name in evaluation.pairs.iter().flat_map(|pair| [&pair.first, &pair.second]) {
        if !tracks.contains(name) {
            tracks.push(name.clone());
        }
    }
    let cell = |a: &String, b: &String| {
        let is_it = |first: &String, second: &String| (first, second) == (a, b) || (first, second) == (b, a);
        evaluation.pairs.iter().find(|pair| is_it(&pair.first, &pair.second)).and_then(|pair| pair.mean)
    };
    let cells = tracks.iter().map(|a| tracks.iter().map(|b| cell(a, b)).collect()).collect();
    let plot = Plot::Heat { rows: tracks.clone(), columns: tracks, cells, texts: None };
    Chart::new("Tonal distance, mean (0 to 3, small is close)", "track", "track", plot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::evaluate::{EvalOptions, evaluate};
    use crate::music::{Family, Multitrack, Pianoroll, Resolution, Track};
    use crate::npz::read_npy;

    fn evaluation() -> Evaluation {
        let roll = |pitch: u32, bar: usize| {
            let cells = [vec![0; 48 * bar], vec![1u128 << pitch; 24], vec![0; 48 * (2 - bar) - 24]];
            Pianoroll::from_sounding(cells.concat())
        };
        let track = |family, pitch, bar| Track::of_family(family, roll(pitch, bar));
        let tracks =
            vec![track(Family::Drums, 36, 0), track(Family::Piano, 60, 0), track(Family::Bass, 36, 0)];
        let piece = Multitrack::new(tracks, Resolution::MODEL);
        evaluate(&[piece.clone(), piece], &EvalOptions::default()).unwrap()
    }

    #[test]
    fn tables_have_a_row_for_each_measure_and_each_pair() {
        let table = score_table(&evaluation());
        assert_eq!(table.len(), 8);
        assert_eq!(table.columns().len(), 5);
        assert_eq!(table.numbers("piano").unwrap()[..2], [Some(0.5), Some(1.0)]);
        assert_eq!(table.numbers("drums").unwrap()[3], None);
        let pairs = pair_table(&evaluation());
        assert_eq!(pairs.numbers("tonal_distance").unwrap(), [Some(0.0)]);
    }

    #[test]
    fn a_folder_gets_the_arrays_and_a_picture_of_each_measure() {
        let folder = tempfile::tempdir().unwrap();
        let files = save_evaluation(&evaluation(), &folder.path().join("new"), true).unwrap();
        let names: Vec<_> = files.iter().map(|f| f.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(
            names[..4],
            [
                "score_matrix_mean.npy",
                "score_pair_matrix_mean.npy",
                "score_matrix.npy",
                "score_pair_matrix.npy"
            ]
        );
        assert_eq!(names.len(), 4 + 2 + 8 + 1);
        assert!(files.iter().all(|file| file.is_file()));
        let means = read_npy(&files[0]).unwrap();
        let Values::Floats(values) = means.values() else { panic!("{means:?}") };
        assert_eq!(means.shape(), [8, 4]);
        // Notes: drums, piano, bass, mix; and the pitch classes of drums.
        assert_eq!(values[4..8], [1.0, 1.0, 1.0, 2.0]);
        assert!(values[12].is_nan());
        assert_eq!(read_npy(&files[2]).unwrap().shape(), [8, 4, 4]);
        assert_eq!(save_evaluation(&evaluation(), folder.path(), false).unwrap().len(), 13);
    }
}
