//! The losses of a run as `log.csv`, its pace as `speed.csv`, and a picture of the losses.
//!
//! What a clock says differs from run to run, so it is kept out of `log.csv`: that file is the same to
//! the byte whether a run was stopped or not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::TrainError;
use crate::base::{Stamp, read_file, write_atomically};
use crate::view::chart::{Chart, Plot, Point, Series, Spread};

const LOG_HEAD: &str = "step,critic_loss,generator_loss,gradient_penalty,learning_rate";
const SPEED_HEAD: &str = "step,steps_per_second";
/// Points of a line of the picture: each is the mean of so many lines of the log as it takes, with a
/// band from the lowest to the highest.
const POINTS: usize = 200;

/// One line of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogLine {
    /// Generator steps taken.
    pub step: u64,
    /// The critic's loss, without the penalty.
    pub critic: f32,
    /// The generator's loss.
    pub generator: f32,
    /// The gradient penalty, unweighted.
    pub penalty: f32,
    /// The learning rate.
    pub learning_rate: f64,
    /// Generator steps a second since the line before, when somebody measures the time.
    pub steps_per_second: Option<f64>,
}

/// Both files, written whole with every checkpoint so that all tell of the same steps.
pub struct Log {
    folder: PathBuf,
    lines: Vec<(u64, String)>,
    speeds: Vec<(u64, String)>,
    /// Step and time of the line before.
    last: Option<(u64, f64)>,
}

impl Log {
    /// The log of the run in `folder`, without lines.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), lines: Vec::new(), speeds: Vec::new(), last: None }
    }

    /// Takes up the lines up to `step` that an earlier part of the run kept.
    ///
    /// # Errors
    /// [`TrainError::File`] when they cannot be read.
    pub fn resume(&mut self, step: u64) -> Result<(), TrainError> {
        self.lines = rows(&self.folder.join("log.csv"), step)?;
        self.speeds = rows(&self.folder.join("speed.csv"), step)?;
        Ok(())
    }

    /// Starts the clock: `step` steps are taken at `seconds`.
    pub fn start(&mut self, step: u64, seconds: Option<f64>) {
        self.last = seconds.map(|seconds| (step, seconds));
    }

    /// Adds the line of `step`, at `seconds` of any clock.
    pub fn add(&mut self, step: u64, losses: [f32; 3], learning_rate: f64, seconds: Option<f64>) -> LogLine {
        let [critic, generator, penalty] = losses;
        self.lines.push((step, format!("{step},{critic},{generator},{penalty},{learning_rate}")));
        let pace = |((before, then), now): ((u64, f64), f64)| {
            (now > then && step > before).then(|| (step - before) as f64 / (now - then))
        };
        let steps_per_second = self.last.zip(seconds).and_then(pace);
        if let Some(pace) = steps_per_second {
            self.speeds.push((step, format!("{step},{pace:.4}")));
        }
        self.start(step, seconds);
        LogLine { step, critic, generator, penalty, learning_rate, steps_per_second }
    }

    /// Writes the files.
    ///
    /// # Errors
    /// [`TrainError::File`] when the disk fails.
    pub fn write(&self) -> Result<(), TrainError> {
        write_rows(&self.folder.join("log.csv"), LOG_HEAD, &self.lines)?;
        if !self.speeds.is_empty() {
            write_rows(&self.folder.join("speed.csv"), SPEED_HEAD, &self.speeds)?;
        }
        Ok(())
    }

    /// Draws `losses.png`.
    ///
    /// # Errors
    /// [`TrainError::Samples`] when it cannot be drawn or written.
    pub fn draw(&self, title: &str, stamp: &Stamp) -> Result<PathBuf, TrainError> {
        let number = |line: &str, column: usize| line.split(',').nth(column)?.parse::<f64>().ok();
        let series = |(name, column): (&str, usize)| Series {
            name: name.to_owned(),
            points: binned(
                &self
                    .lines
                    .iter()
                    .filter_map(|(step, line)| Some((*step, number(line, column)?)))
                    .collect::<Vec<_>>(),
            ),
        };
        let series = [("critic", 1), ("generator", 2), ("gradient penalty", 3)].map(series).to_vec();
        let plot = Plot::Lines { series, categories: Vec::new(), spread: Spread::Band };
        let path = self.folder.join("losses.png");
        let chart = Chart::new(&format!("losses of {title}"), "generator steps", "loss", plot);
        chart.save_stamped(&path, Some(stamp)).map_err(|error| TrainError::Samples(error.to_string()))?;
        Ok(path)
    }
}

/// Means of neighbouring values, with their lowest and highest.
fn binned(values: &[(u64, f64)]) -> Vec<Point> {
    let bin = |values: &[(u64, f64)]| {
        let count = values.len() as f64;
        let mean = values.iter().map(|(_, value)| value).sum::<f64>() / count;
        let fold = |pick: fn(f64, f64) -> f64| values.iter().map(|(_, value)| *value).fold(mean, pick);
        let x = values.iter().map(|(step, _)| *step as f64).sum::<f64>() / count;
        Point { x, mean, low: fold(f64::min), high: fold(f64::max) }
    };
    values.chunks(values.len().div_ceil(POINTS).max(1)).map(bin).collect()
}

/// Lines of a CSV file up to `step`, by the number in their first column; none when there is no file.
pub fn rows(path: &Path, step: u64) -> Result<Vec<(u64, String)>, TrainError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = read_file(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let row = |row: &str| Some((row.split(',').next()?.parse().ok()?, row.to_owned()));
    Ok(text.lines().skip(1).filter_map(row).filter(|(at, _)| *at <= step).collect())
}

fn write_rows(path: &Path, head: &str, rows: &[(u64, String)]) -> Result<(), TrainError> {
    let mut text = format!("{head}\n");
    for (_, row) in rows {
        let _ = writeln!(text, "{row}");
    }
    Ok(write_atomically(path, text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_steps_by_seconds_since_the_line_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path());
        log.start(100, Some(7.0));
        let pace = |line: LogLine| line.steps_per_second;
        assert_eq!(pace(log.add(110, [0.0; 3], 0.1, Some(9.0))), Some(5.0));
        assert_eq!(pace(log.add(130, [0.0; 3], 0.1, Some(10.0))), Some(20.0));
        assert_eq!(pace(log.add(131, [0.0; 3], 0.1, Some(10.0))), None);
        assert_eq!(pace(log.add(140, [0.0; 3], 0.1, None)), None);
        log.write().unwrap();
        let speeds = std::fs::read_to_string(folder.path().join("speed.csv")).unwrap();
        assert_eq!(speeds, "step,steps_per_second\n110,5.0000\n130,20.0000\n");
    }

    #[test]
    fn a_resumed_log_forgets_what_came_after_the_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path());
        for step in 1..=4 {
            log.add(step, [step as f32, 0.5, 0.25], 1e-3, None);
        }
        log.write().unwrap();
        let mut again = Log::new(folder.path());
        again.resume(2).unwrap();
        again.write().unwrap();
        let text = std::fs::read_to_string(folder.path().join("log.csv")).unwrap();
        assert_eq!(text, format!("{LOG_HEAD}\n1,1,0.5,0.25,0.001\n2,2,0.5,0.25,0.001\n"));
        assert!(!folder.path().join("speed.csv").exists());
    }

    #[test]
    fn a_long_log_is_drawn_by_means_with_their_bands() {
        let values: Vec<(u64, f64)> = (0..1000).map(|step| (step, (step % 2) as f64)).collect();
        let points = binned(&values);
        assert_eq!(points.len(), POINTS);
        assert_eq!(points[0], Point { x: 2.0, mean: 0.4, low: 0.0, high: 1.0 });
        assert_eq!(binned(&values[..3])[1], Point::new(1.0, 1.0));
        assert!(binned(&[]).is_empty());
    }
}
