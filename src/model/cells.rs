//! Music on a model's grid: quantized, in planes, packed by octaves; and back.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::config::Grid;
use crate::music::{Family, Multitrack, Note, Pianoroll, Program, Resolution, Track, pitches_of};

/// One phrase on a grid: twelve bits for every `[track, step, octave, plane]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    words: Vec<u16>,
}

impl Cells {
    /// Silence.
    pub fn silent(grid: &Grid) -> Self {
        Self { words: vec![0; grid.track_count() * grid.rows() * grid.planes] }
    }

    /// The words, `[track, step, octave, plane]`, bit 0 for C.
    pub fn words(&self) -> &[u16] {
        &self.words
    }

    /// The words of one track.
    pub fn track(&self, grid: &Grid, track: usize) -> &[u16] {
        let size = grid.rows() * grid.planes;
        &self.words[track * size..(track + 1) * size]
    }

    /// The same phrase with the tracks of `mask` taken from `other`.
    pub fn with_tracks_of(&self, grid: &Grid, other: &Self, mask: &[bool]) -> Self {
        let size = grid.rows() * grid.planes;
        let mut words = self.words.clone();
        for (track, _) in mask.iter().enumerate().filter(|(_, taken)| **taken) {
            let range = track * size..(track + 1) * size;
            words[range.clone()].copy_from_slice(&other.words[range]);
        }
        Self { words }
    }

    /// Pitched tracks moved by `semitones`; what leaves the grid is gone, and drums stay.
    pub fn transposed(&self, grid: &Grid, semitones: i32) -> Self {
        let mut moved = self.clone();
        let size = grid.rows() * grid.planes;
        let drums = |name: &String| Family::from_name(name).is_ok_and(Family::is_drums);
        for (index, _) in grid.tracks.iter().enumerate().filter(|(_, name)| !drums(name)) {
            let words = &mut moved.words[index * size..(index + 1) * size];
            for step in words.chunks_mut(grid.octaves * grid.planes) {
                for plane in 0..grid.planes {
                    let word = |octave: usize| octave * grid.planes + plane;
                    let set =
                        (0..grid.octaves).fold(0u128, |set, o| set | u128::from(step[word(o)]) << (12 * o));
                    let by = semitones.unsigned_abs();
                    let set = if semitones < 0 { set.unbounded_shr(by) } else { set.unbounded_shl(by) };
                    for octave in 0..grid.octaves {
                        step[word(octave)] = (set >> (12 * octave)) as u16 & 0xFFF;
                    }
                }
            }
        }
        moved
    }

    /// Music quantized to the grid: tracks are found by name, a piece shorter than the grid is
    /// padded and a longer one cut, pitches outside move by octaves until they fit. A step of the
    /// grid sounds where any of its fine steps does, and is an onset where any of them is; of drums
    /// only the onsets count.
    pub fn from_music(grid: &Grid, music: &Multitrack) -> Self {
        let sub = grid.subdivisions();
        let music = match music.resolution().steps().is_multiple_of(sub) {
            true => music.clone(),
            false => music.resample(Resolution::MODEL),
        };
        let fine = music.resolution().steps() / sub;
        let mut cells = Self::silent(grid);
        for (index, name) in grid.tracks.iter().enumerate() {
            if let Ok(track) = music.track(name) {
                cells.put(grid, index, track, fine);
            }
        }
        cells
    }

    fn put(&mut self, grid: &Grid, index: usize, track: &Track, fine: usize) {
        let one_plane = grid.planes == 1 && !track.is_drum;
        let sounding = match (track.is_drum, one_plane) {
            (true, _) => track.roll.onset().to_vec(),
            (false, true) => track.roll.separated(),
            (false, false) => track.roll.sounding().to_vec(),
        };
        let onset = track.roll.onset();
        for step in 0..grid.steps() {
            let any =
                |plane: &[u128]| plane.iter().skip(step * fine).take(fine).fold(0, |all, set| all | set);
            let mut planes = vec![any(&sounding)];
            if grid.planes == 2 {
                planes.push(any(onset));
            }
            for (plane, set) in planes.into_iter().enumerate() {
                for pitch in pitches_of(set) {
                    let (octave, class) = fold(grid, pitch);
                    let row = (index * grid.steps() + step) * grid.octaves + octave;
                    self.words[row * grid.planes + plane] |= 1 << class;
                }
            }
        }
    }

    /// Cells that a model switched on, from `[track, step, octave, pitch class, plane]`.
    pub fn from_bits(grid: &Grid, on: impl Fn(usize) -> bool) -> Self {
        let mut cells = Self::silent(grid);
        for (word, bits) in cells.words.iter_mut().enumerate() {
            let (row, plane) = (word / grid.planes, word % grid.planes);
            for class in 0..12 {
                if on((row * 12 + class) * grid.planes + plane) {
                    *bits |= 1 << class;
                }
            }
        }
        cells
    }

    /// The sounding and onset sets of every step of a track, as MIDI pitches.
    fn planes(&self, grid: &Grid, track: usize) -> (Vec<u128>, Vec<u128>) {
        let words = self.track(grid, track);
        let set = |step: usize, plane: usize| {
            (0..grid.octaves).fold(0u128, |set, octave| {
                let word = words[(step * grid.octaves + octave) * grid.planes + plane];
                set | u128::from(word) << (usize::from(grid.lowest_pitch) + 12 * octave)
            })
        };
        let plane = |plane| (0..grid.steps()).map(|step| set(step, plane)).collect();
        (plane(0), if grid.planes == 2 { plane(1) } else { Vec::new() })
    }

    /// The music: 12 steps a beat, one track a name, drums as hits of one step. A cell sounds where
    /// either plane is on; a note starts where the onset plane is on or sounding begins, and ends a
    /// fine step early where the same pitch starts again.
    pub fn to_music(&self, grid: &Grid) -> Multitrack {
        let fine = Resolution::MODEL.steps() / grid.subdivisions().min(Resolution::MODEL.steps());
        let tracks = grid.tracks.iter().enumerate().map(|(index, name)| {
            let (sounding, onset) = self.planes(grid, index);
            let coarse = Pianoroll::from_planes(sounding, onset);
            let drums = Family::from_name(name).is_ok_and(Family::is_drums);
            let stretch = |n: Note| {
                let start = n.start * fine;
                let again = coarse.onset().get(n.end).is_some_and(|set| set >> n.pitch.number() & 1 == 1);
                let gap = usize::from(again && fine > 1);
                Note { start, end: if drums { start + 1 } else { n.end * fine - gap }, ..n }
            };
            let notes: Vec<Note> = coarse.notes().into_iter().map(stretch).collect();
            let roll = Pianoroll::from_notes(grid.steps() * fine, &notes).without_velocities();
            match Family::from_name(name) {
                Ok(family) => Track::of_family(family, roll),
                Err(_) => {
                    Track { name: name.as_str().into(), program: Program::default(), is_drum: false, roll }
                }
            }
        });
        Multitrack::new(tracks.collect(), Resolution::MODEL)
    }
}

/// Octave and class of a pitch on the grid, moved by octaves until it fits.
fn fold(grid: &Grid, pitch: u8) -> (usize, u8) {
    let from_bottom = i32::from(pitch) - i32::from(grid.lowest_pitch);
    let octave = from_bottom.div_euclid(12).clamp(0, grid.octaves as i32 - 1);
    (octave as usize, from_bottom.rem_euclid(12) as u8)
}

/// A batch of phrases as a tensor: packed words travel to the device and unfold there, each by a look
/// into a table of all 4096 octaves.
///
/// # Shapes
/// `[track, batch·step·octave, 12·plane]`, values 0 and 1.
pub fn to_tensor(grid: &Grid, batch: &[&Cells], device: &Device) -> Tensor<3> {
    let (tracks, rows, planes) = (grid.track_count(), grid.rows() * batch.len(), grid.planes);
    let mut words = Vec::with_capacity(tracks * rows * planes);
    for track in 0..tracks {
        for cells in batch {
            words.extend(cells.track(grid, track).iter().map(|word| i32::from(*word)));
        }
    }
    let words: Tensor<1, Int> = Tensor::from_data(TensorData::new(words, [tracks * rows * planes]), device);
    let table: Vec<f32> =
        (0..4096u16).flat_map(|w| (0..12).map(move |bit| f32::from(w >> bit & 1))).collect();
    let table: Tensor<2> = Tensor::from_data(TensorData::new(table, [4096, 12]), device);
    let unfolded = table.select(0, words).reshape([tracks, rows, planes, 12]);
    unfolded.swap_dims(2, 3).reshape([tracks, rows, 12 * planes])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Pitch;

    fn song() -> Multitrack {
        let note = |start, pitch, end| Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity: 100 };
        let piano = Pianoroll::from_notes(192, &[note(0, 60, 11), note(12, 60, 24), note(24, 64, 27)]);
        let drums = Pianoroll::from_notes(192, &[note(0, 36, 1), note(6, 42, 7)]);
        Multitrack::new(
            vec![
                Track::of_family(Family::Drums, drums.without_velocities()),
                Track::of_family(Family::Piano, piano.without_velocities()),
            ],
            Resolution::MODEL,
        )
    }

    #[test]
    fn sixteenths_survive_the_grid_and_back() {
        let grid = Grid::small();
        let back = Cells::from_music(&grid, &song()).to_music(&grid);
        assert_eq!(back.track_names(), ["drums", "piano", "guitar", "bass", "strings"]);
        for name in ["drums", "piano"] {
            assert_eq!(back.track(name).unwrap().roll, song().track(name).unwrap().roll, "{name}");
        }
    }

    #[test]
    fn forty_eight_steps_in_one_plane_work_from_the_same_code() {
        let grid = Grid { steps_per_bar: 48, planes: 1, ..Grid::small() };
        let back = Cells::from_music(&grid, &song()).to_music(&grid);
        let piano = &back.track("piano").unwrap().roll;
        assert_eq!(piano.sounding(), song().track("piano").unwrap().roll.separated());
        assert_eq!(back.track("drums").unwrap().roll, song().track("drums").unwrap().roll);
    }

    #[test]
    fn transposed_cells_are_the_transposed_music() {
        for grid in [Grid::small(), Grid { steps_per_bar: 48, planes: 1, ..Grid::small() }] {
            let cells = Cells::from_music(&grid, &song());
            for semitones in [-5, 0, 6, 13] {
                let expected = Cells::from_music(&grid, &song().transpose(semitones));
                assert_eq!(cells.transposed(&grid, semitones), expected, "{semitones}");
            }
            let drums = |cells: &Cells| cells.track(&grid, 0).to_vec();
            let gone = cells.transposed(&grid, 60);
            assert_eq!((drums(&gone), gone.track(&grid, 1).iter().max()), (drums(&cells), Some(&0)));
        }
    }

    #[test]
    fn the_tensor_has_a_one_for_every_cell() {
        let grid = Grid::small();
        let cells = Cells::from_music(&grid, &song());
        let silent = Cells::silent(&grid);
        let tensor = to_tensor(&grid, &[&silent, &cells], &Device::flex());
        assert_eq!(tensor.dims(), [5, 2 * grid.rows(), 24]);
        let values = tensor.try_to_vec_as::<f32>().unwrap();
        let on: u32 = cells.words().iter().map(|w| w.count_ones()).sum();
        assert_eq!(values.iter().filter(|v| **v == 1.0).count() as u32, on);
        assert_eq!(values.iter().filter(|v| **v == 0.0).count() + on as usize, values.len());
        // Track 1, phrase 1, step 0: C4 is octave 3 class 0, in both planes.
        let row = (grid.rows() * 2 + grid.rows() + 3) * 24;
        assert_eq!(values[row..row + 4], [1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn pitches_outside_the_grid_move_by_octaves() {
        let grid = Grid::small();
        assert_eq!(fold(&grid, 12), (0, 0));
        assert_eq!(fold(&grid, 127), (6, 7));
        assert_eq!(fold(&grid, 24 + 25), (2, 1));
    }
}
