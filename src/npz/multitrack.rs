//! Reading pypianoroll files of both layouts: rolls as compressed sparse columns, a column a pitch.

use std::path::Path;

use super::NpzError;
use super::archive::Archive;
use super::error::Place;
use super::info::{Info, MEMBER, TrackInfo};
use super::numbers::{Array, Kind};
use crate::base::{Stamp, read_file};
use crate::music::{Cell, DEFAULT_VELOCITY, Meter, Multitrack, Pianoroll, Pitch, Resolution, Tempo, Track};

/// Most steps of all tracks together: about 640 MB of cells and velocities.
const MOST_STEPS: usize = 1 << 22;

/// The piece in a pypianoroll file, of the 0.x layout (as the Lakh Pianoroll Dataset has it) or 1.x.
///
/// Cells of bytes are velocities. Of other number types, 1 everywhere means no velocities, fractions
/// up to 1 are velocities over 127, and larger numbers are velocities. A note is a maximal run of
/// cells. Bar lines make the meter; a missing tempo is 120.
///
/// # Errors
/// Every [`NpzError`] but the writing ones, naming the member.
pub fn read_multitrack(path: &Path) -> Result<Multitrack, NpzError> {
    multitrack_from_bytes(&path.display().to_string(), &read_file(path)?)
}

/// The piece in the bytes of a pypianoroll file; `file` is its name in errors.
///
/// # Errors
/// As [`read_multitrack`].
pub fn multitrack_from_bytes(file: &str, bytes: &[u8]) -> Result<Multitrack, NpzError> {
    multitrack_in(Archive::new(file, bytes)?)
}

/// What made an npz, when it says so: a pypianoroll file in its text, a set of phrases in the archive's
/// comment.
///
/// # Errors
/// [`NpzError`] when it is no archive, or says nothing in the way of either.
pub fn read_stamp(path: &Path) -> Result<Option<Stamp>, NpzError> {
    let file = path.display().to_string();
    let mut archive = Archive::open_file(&file, path)?;
    match archive.stamp() {
        Some(stamp) => Ok(Some(stamp)),
        None => Ok(Info::parse(archive.place(MEMBER), &archive.text(MEMBER)?)?.stamp),
    }
}

/// The piece in an open archive.
pub(super) fn multitrack_in(mut archive: Archive) -> Result<Multitrack, NpzError> {
    let info = Info::parse(archive.place(MEMBER), &archive.text(MEMBER)?)?;
    let mut tracks = Vec::with_capacity(info.tracks.len());
    let mut steps = 0;
    for (number, track) in info.tracks.iter().enumerate() {
        let most = MOST_STEPS / info.tracks.len();
        let roll = read_roll(&mut archive, number, most)?;
        steps = steps.max(roll.steps());
        let TrackInfo { name, program, is_drum } = track;
        tracks.push(Track { name: name.as_str().into(), program: *program, is_drum: *is_drum, roll });
    }
    let piece = Multitrack::new(tracks, info.resolution)
        .with_name(info.name.as_deref())
        .with_origin(info.origin)
        .with_tempos(read_tempos(&mut archive, steps)?);
    let downbeats = read_downbeats(&mut archive, steps)?;
    Ok(piece.with_meters(meters(&downbeats, info.resolution)))
}

/// One track's roll, from its four members.
fn read_roll(archive: &mut Archive, track: usize, most_steps: usize) -> Result<Pianoroll, NpzError> {
    let columns = Columns::read(archive, track)?;
    let steps = columns.steps;
    if steps > most_steps {
        let place = archive.place(&columns.shape);
        return Err(place.unexpected(format!("at most {most_steps} steps"), steps.to_string()));
    }
    if let Some(rows) = columns.tidy_rows()? {
        let velocities = (!columns.is_plain).then_some(columns.velocities.as_slice());
        return Ok(Pianoroll::from_columns(steps, &columns.bounds, &rows, velocities));
    }
    let mut cells = Vec::with_capacity(columns.rows.len());
    for number in 0..128 {
        let pitch = Pitch::new(number as i64)?;
        columns.each(number, |step, velocity| cells.push(Cell { step: step as u32, pitch, velocity }))?;
    }
    let roll = Pianoroll::from_cells(steps, cells);
    Ok(if columns.is_plain { roll.without_velocities() } else { roll })
}

/// A roll as it is stored: the cells of each pitch, column by column.
pub(super) struct Columns {
    /// Length of the roll, as the file claims it.
    pub steps: usize,
    file: String,
    shape: String,
    indices: String,
    /// Whether the cells have no velocities; then they are all the usual one.
    is_plain: bool,
    /// 0 for a cell that does not sound.
    velocities: Vec<u8>,
    rows: Vec<i64>,
    /// Where each column begins in `velocities` and `rows`, and where the last one ends.
    bounds: Vec<usize>,
}

impl Columns {
    /// The cells of the track of this number; the steps of cells are not yet looked at.
    pub fn read(archive: &mut Archive, track: usize) -> Result<Self, NpzError> {
        let [data, indices, indptr, shape] =
            ["data", "indices", "indptr", "shape"].map(|part| format!("pianoroll_{track}_csc_{part}.npy"));
        let size = archive.integers(&shape)?;
        let place = archive.place(&shape);
        let steps = match size.as_slice() {
            &[steps, 128] => usize::try_from(steps).ok(),
            _ => None,
        };
        let steps = steps.ok_or_else(|| place.unexpected("[steps, 128]", format!("{size:?}")))?;
        let file = place.file.to_owned();
        let (is_plain, velocities) = read_velocities(archive, &data)?;
        let rows = archive.integers(&indices)?;
        let columns = archive.integers(&indptr)?;
        let place = archive.place(&indptr);
        let cells = velocities.len();
        let in_order = columns.is_sorted() && columns.first() == Some(&0);
        if columns.len() != 129 || !in_order || columns.last() != Some(&(cells as i64)) {
            let expected = format!("129 numbers rising from 0 to {cells}, the number of cells");
            let (first, last) = (columns.first().unwrap_or(&0), columns.last().unwrap_or(&0));
            return Err(place.unexpected(expected, format!("{} from {first} to {last}", columns.len())));
        }
        let place = archive.place(&indices);
        if rows.len() != cells {
            return Err(place.unexpected(format!("{cells} steps, one a cell"), rows.len().to_string()));
        }
        let bounds = columns.into_iter().map(|bound| bound as usize).collect();
        Ok(Self { steps, file, shape, indices, is_plain, velocities, rows, bounds })
    }

    /// The steps of all cells, if every cell sounds and those of a pitch come in order, each once, as
    /// NumPy's writers have them.
    fn tidy_rows(&self) -> Result<Option<Vec<u32>>, NpzError> {
        let steps = self.steps as u64;
        // Whole columns are compared, without an early end, which takes a fraction of the time.
        if self.rows.iter().fold(0, |most, row| most.max(*row as u64)) >= steps {
            let outside = self.rows.iter().find(|row| **row as u64 >= steps);
            let place = Place { file: &self.file, member: &self.indices };
            return outside.map_or(Ok(None), |row| Err(place.index("step", *row, self.steps)));
        }
        let rises = |rows: &[i64]| rows.windows(2).fold(true, |rises, pair| rises & (pair[0] < pair[1]));
        let is_tidy = !self.velocities.contains(&0)
            && u32::try_from(steps).is_ok()
            && self.bounds.windows(2).all(|bounds| rises(&self.rows[bounds[0]..bounds[1]]));
        Ok(is_tidy.then(|| self.rows.iter().map(|row| *row as u32).collect()))
    }

    /// Hands over step and velocity of every sounding cell of a pitch, 0 to 127; without velocities it is
    /// the usual one.
    pub fn each(&self, pitch: usize, mut cell: impl FnMut(usize, u8)) -> Result<(), NpzError> {
        let column = self.bounds[pitch]..self.bounds[pitch + 1];
        for (row, velocity) in self.rows[column.clone()].iter().zip(&self.velocities[column]) {
            let step = usize::try_from(*row).ok().filter(|step| *step < self.steps);
            let place = || Place { file: &self.file, member: &self.indices };
            let step = step.ok_or_else(|| place().index("step", *row, self.steps))?;
            if *velocity > 0 {
                cell(step, *velocity);
            }
        }
        Ok(())
    }
}

/// Whether the cells of a roll have no velocities of their own, and the velocity of each.
fn read_velocities(archive: &mut Archive, member: &str) -> Result<(bool, Vec<u8>), NpzError> {
    let values = match archive.bytes_or_array(member)? {
        Ok(mut velocities) => {
            velocities.iter_mut().for_each(|velocity| *velocity = (*velocity).min(127));
            return Ok((false, velocities));
        }
        Err(values) => values,
    };
    let scale = Scale::of(&values);
    let velocity = |value: &f64| match (*value > 0.0, scale) {
        (false, _) => 0,
        (true, Scale::Plain) => DEFAULT_VELOCITY,
        (true, _) => scale.velocity(*value),
    };
    Ok((scale == Scale::Plain, values.values.iter().map(velocity).collect()))
}

/// What the values of cells mean.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// On or off.
    Plain,
    /// 1 to 127.
    Velocity,
    /// 0 to 1, for 0 to 127.
    Fraction,
}

impl Scale {
    fn of(array: &Array) -> Self {
        let largest = || array.values.iter().copied().fold(0.0, f64::max);
        match array.kind {
            Kind::Bool => Self::Plain,
            Kind::Unsigned if array.size == 1 => Self::Velocity,
            _ if array.values.iter().all(|value| *value <= 0.0 || *value == 1.0) => Self::Plain,
            _ if largest() <= 1.0 => Self::Fraction,
            _ => Self::Velocity,
        }
    }

    fn velocity(self, value: f64) -> u8 {
        let velocity = if self == Self::Fraction { value * 127.0 } else { value };
        ((velocity + 0.5) as u8).clamp(1, 127)
    }
}

/// One number per step, or a single one; `None` when there is no such member.
fn per_step(archive: &mut Archive, member: &str) -> Result<Option<Vec<f64>>, NpzError> {
    if !archive.has(member) {
        return Ok(None);
    }
    let place = archive.place(member);
    let array = archive.array(member)?;
    match array.shape.as_slice() {
        [] | [_] | [_, 1] => Ok(Some(array.values)),
        shape => Err(place.unexpected("a number for each step, or one", format!("shape {shape:?}"))),
    }
}

/// Tempo changes within `steps`, out of a tempo for each step.
pub(super) fn read_tempos(archive: &mut Archive, steps: usize) -> Result<Vec<(usize, Tempo)>, NpzError> {
    let place = archive.place("tempo.npy");
    let mut changes: Vec<(usize, Tempo)> = Vec::new();
    for (step, bpm) in per_step(archive, "tempo.npy")?.into_iter().flatten().take(steps.max(1)).enumerate() {
        if changes.last().is_some_and(|(_, tempo)| tempo.bpm() == bpm) {
            continue;
        }
        let tempo = Tempo::new(bpm).map_err(|_| {
            place.unexpected("tempos of 1 to 2000 beats per minute", format!("{bpm} at step {step}"))
        })?;
        changes.push((step, tempo));
    }
    Ok(changes)
}

/// Steps within `steps` at which a bar begins.
pub(super) fn read_downbeats(archive: &mut Archive, steps: usize) -> Result<Vec<usize>, NpzError> {
    let marks = per_step(archive, "downbeat.npy")?.unwrap_or_default();
    let marked = marks.iter().take(steps).enumerate().filter(|(_, mark)| **mark > 0.0);
    Ok(marked.map(|(step, _)| step).collect())
}

/// The meters that put bar lines at these steps. The last bar keeps the meter before it; a bar that
/// no meter fits leaves everything in 4/4.
pub(super) fn meters(downbeats: &[usize], resolution: Resolution) -> Vec<(usize, Meter)> {
    let pickup = downbeats.first().filter(|step| **step > 0).map(|_| 0);
    let lines: Vec<usize> = pickup.into_iter().chain(downbeats.iter().copied()).collect();
    let bars = lines.windows(2);
    bars.map(|bar| Some((bar[0], meter_of(bar[1] - bar[0], resolution)?)))
        .collect::<Option<_>>()
        .unwrap_or_default()
}

/// The meter with the fewest subdivisions in which a bar has `steps` steps: quarters if they fit.
fn meter_of(steps: usize, resolution: Resolution) -> Option<Meter> {
    [4u8, 8, 16, 32, 64].into_iter().find_map(|denominator| {
        let parts = steps * usize::from(denominator);
        let whole = resolution.steps() * 4;
        let numerator = u8::try_from(parts / whole).ok().filter(|_| parts.is_multiple_of(whole))?;
        Meter::new(numerator, denominator).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_lines_make_the_meter() {
        let meter = |n, d| Meter::new(n, d).unwrap();
        let of = |lines: &[usize]| meters(lines, Resolution::MIDI);
        assert_eq!(of(&[0, 96, 192]), [(0, Meter::COMMON), (96, Meter::COMMON)]);
        assert_eq!(of(&[0, 72, 144, 180]), [(0, meter(3, 4)), (72, meter(3, 4)), (144, meter(3, 8))]);
        assert_eq!(of(&[24, 120]), [(0, meter(1, 4)), (24, Meter::COMMON)], "a pickup beat");
        assert_eq!(of(&[0]), []);
        assert_eq!(of(&[0, 97]), [], "no meter has such a bar");
    }

    #[test]
    fn values_are_velocities_fractions_or_marks() {
        let scale = |kind, size, values: &[f64]| {
            Scale::of(&Array { shape: vec![values.len()], kind, size, values: values.to_vec() })
        };
        assert!(scale(Kind::Unsigned, 1, &[1.0]) == Scale::Velocity, "bytes are what they say");
        assert!(scale(Kind::Float, 8, &[1.0, 0.0]) == Scale::Plain);
        assert!(scale(Kind::Float, 8, &[1.0, 0.5]) == Scale::Fraction);
        assert!(scale(Kind::Signed, 8, &[1.0, 90.0]) == Scale::Velocity);
        assert_eq!(Scale::Fraction.velocity(64.0 / 127.0), 64);
        assert_eq!(Scale::Velocity.velocity(4699.0), 127);
    }
}
