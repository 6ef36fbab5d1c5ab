//! Which beat the bars of a section begin on.

use super::SongOptions;
use super::grid::Grid;

/// How many beats later than written bars begin, 0 to 3.
pub(super) fn phase(grid: &Grid, options: &SongOptions) -> usize {
    let _ = (grid, options);
    0
}
