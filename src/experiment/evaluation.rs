//! What an evaluation leaves in a folder: its matrices as arrays, and a picture of each measure.

use std::path::{Path, PathBuf};

use super::{Cell, ExperimentError, Table};
use crate::base::Stamp;
use crate::metrics::TrackMetrics;
use crate::metrics::catalogue;
use crate::metrics::evaluate::{Evaluation, Score};
use crate::npz::{Dense, Values, write_npy};
use crate::view::chart::{CellTexts, Chart, Plot, Sample};

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
///   distance a histogram of the bars; they carry `stamp`, which arrays cannot.
///
/// # Errors
/// [`ExperimentError::Npz`] or [`ExperimentError::View`] when a file cannot be written.
pub fn save_evaluation(
    evaluation: &Evaluation,
    folder: &Path,
    bars: bool,
    stamp: Option<&Stamp>,
) -> Result<Vec<PathBuf>, ExperimentError> {
    let mut files = Vec::new();
    for (name, array) in arrays(evaluation, bars) {
        let file = folder.join(format!("{name}.npy"));
        write_npy(&file, &array?)?;
        files.push(file);
    }
    for (name, chart) in charts(evaluation) {
        let file = folder.join(format!("{name}.png"));
        chart.save_stamped(&file, stamp)?;
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
            charts.push(((*name).to_owned(), histogram(name, &samples)));
        }
    }
    if !evaluation.pairs.is_empty() {
        let sample = |pair: &crate::metrics::evaluate::PairScores| Sample {
            name: format!("{}-{}", pair.first, pair.second),
            values: pair.bars.iter().flatten().copied().collect(),
        };
        let samples: Vec<Sample> = evaluation.pairs.iter().map(sample).collect();
        charts.push(("tonal_distance".to_owned(), histogram("tonal_distance", &samples)));
    }
    charts
}

/// How the values of the bars are spread: a row for each sample, a column for each bin, in it the share of
/// the sample's values in per cent.
fn histogram(measure: &str, samples: &[Sample]) -> Chart {
    let unit = catalogue::about(measure).map_or("", |measure| measure.unit);
    let bins = Bins::of(measure, samples);
    let shares = |sample: &Sample| -> Vec<Option<f64>> {
        let total = sample.values.len() as f64;
        let inside = |bin: usize| sample.values.iter().filter(|value| bins.place(**value) == bin).count();
        (0..bins.count).map(|bin| (total > 0.0).then(|| inside(bin) as f64 / total)).collect()
    };
    let cells: Vec<Vec<Option<f64>>> = samples.iter().map(shares).collect();
    let text = |share: &Option<f64>| match share {
        Some(share) if *share >= 0.005 => format!("{:.0}", share * 100.0),
        Some(share) if *share > 0.0 => "<1".to_owned(),
        _ => String::new(),
    };
    let texts = cells.iter().map(|row| row.iter().map(text).collect()).collect();
    let plot = Plot::Heat {
        rows: samples.iter().map(|sample| sample.name.clone()).collect(),
        columns: (0..bins.count).map(|bin| bins.name(bin)).collect(),
        cells,
        texts: Some(CellTexts { colours: "share of the bars that have a value".to_owned(), texts }),
    };
    let rows = if measure == "tonal_distance" { "pair" } else { "track" };
    let title = format!("{measure}: bars with each value, in per cent");
    let across = if measure == unit { format!("{measure} in a bar") } else { format!("{measure} ({unit})") };
    Chart::new(&title, &across, rows, plot)
}

/// Equal parts of a range of values.
struct Bins {
    low: f64,
    width: f64,
    count: usize,
    /// Whether the values are whole numbers.
    is_whole: bool,
}

impl Bins {
    /// Most bins, so that each has room for its name.
    const MOST: usize = 12;

    fn of(measure: &str, samples: &[Sample]) -> Self {
        let values = || samples.iter().flat_map(|sample| &sample.values).copied();
        let low = values().fold(f64::INFINITY, f64::min).min(values().next().unwrap_or(0.0));
        let high = values().fold(low, f64::max);
        let is_share = catalogue::about(measure).is_ok_and(|measure| measure.unit == "share");
        if values().all(|value| value.fract() == 0.0) && (high > 1.0 || measure == "empty_bar_rate") {
            let width = ((high - low + 1.0) / Self::MOST as f64).ceil();
            let count = ((high - low + 1.0) / width).ceil() as usize;
            return Self { low, width, count, is_whole: true };
        }
        if is_share && low >= 0.0 && high <= 1.0 {
            return Self { low: 0.0, width: 0.1, count: 10, is_whole: false };
        }
        let (low, high) = (low.min(0.0), high.max(low + 1e-9));
        // Widths that are quickly read: tenths and their fives.
        let width = (((high - low) / Self::MOST as f64 / 0.05).ceil() * 0.05).max(0.05);
        Self { low, width, count: ((high - low) / width).ceil().max(1.0) as usize, is_whole: false }
    }

    /// The bin of a value; the highest lies in the last.
    fn place(&self, value: f64) -> usize {
        (((value - self.low) / self.width + 1e-9) as usize).min(self.count - 1)
    }

    /// `3`, `4–6`, `0.20–0.30`.
    fn name(&self, bin: usize) -> String {
        let from = self.low + bin as f64 * self.width;
        match (self.is_whole, self.width) {
            (true, 1.0) => format!("{from:.0}"),
            (true, width) => format!("{from:.0}–{:.0}", from + width - 1.0),
            (false, width) if (width * 10.0).fract().abs() < 1e-9 => format!("{from:.1}–{:.1}", from + width),
            (false, width) => format!("{from:.2}–{:.2}", from + width),
        }
    }
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
    fn every_value_lies_in_a_bin_that_is_named_after_it() {
        let of = |measure: &str, values: &[f64]| {
            Bins::of(measure, &[Sample { name: "piano".into(), values: values.to_vec() }])
        };
        let notes = of("notes", &[1.0, 4.0, 5.0]);
        assert_eq!((notes.count, notes.place(4.0), notes.name(3).as_str()), (5, 3, "4"));
        let many = of("notes", &[1.0, 77.0]);
        assert_eq!((many.count, many.name(0).as_str(), many.place(7.0), many.place(8.0)), (11, "1–7", 0, 1));
        let shares = of("in_scale_rate", &[0.3, 1.0]);
        assert_eq!((shares.name(3).as_str(), shares.place(0.3), shares.place(1.0)), ("0.3–0.4", 3, 9));
        let empty = of("empty_bar_rate", &[0.0, 1.0]);
        assert_eq!((empty.count, empty.name(1).as_str()), (2, "1"));
        let distance = of("tonal_distance", &[0.2, 2.5]);
        assert!(distance.count <= Bins::MOST && distance.place(2.5) == distance.count - 1);
        assert_eq!(of("notes", &[]).count, 1);
        assert_eq!(of("tonal_distance", &[0.0, 0.0]).place(0.0), 0);
    }

    #[test]
    fn a_folder_gets_the_arrays_and_a_picture_of_each_measure() {
        let folder = tempfile::tempdir().unwrap();
        let files = save_evaluation(&evaluation(), &folder.path().join("new"), true, None).unwrap();
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
        assert_eq!(save_evaluation(&evaluation(), folder.path(), false, None).unwrap().len(), 13);
    }
}
