//! Sobol's sequence: points that fill a cube evenly from the first on (Sobol' 1967).

/// Degree, coefficients and initial direction numbers of each dimension after the first: the table
/// `new-joe-kuo-6` of Joe and Kuo (2008), "Constructing Sobol sequences with better two-dimensional
/// projections".
const DIRECTIONS: [(u32, u32, &[u32]); 20] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// Most dimensions.
pub const DIMENSIONS: usize = DIRECTIONS.len() + 1;

const BITS: u32 = 32;

/// Coordinate `dimension` (from 0, below [`DIMENSIONS`]) of point `index`, with its 32 bits changed by
/// exclusive or with `shift`, which keeps the points as even (Cranley and Patterson 1976, in base 2).
pub fn coordinate(index: u32, dimension: usize, shift: u32) -> f64 {
    let gray = index ^ (index >> 1);
    let directions = directions(dimension);
    let bits = (0..BITS).filter(|bit| gray >> bit & 1 == 1);
    let value = bits.fold(shift, |value, bit| value ^ directions[bit as usize]);
    f64::from(value) / f64::from(1u32 << 31) / 2.0
}

fn directions(dimension: usize) -> [u32; BITS as usize] {
    let mut directions = [0; BITS as usize];
    let Some((degree, coefficients, initial)) = dimension.checked_sub(1).and_then(|d| DIRECTIONS.get(d))
    else {
        return std::array::from_fn(|bit| 1 << (BITS - 1 - bit as u32));
    };
    let degree = *degree as usize;
    for bit in 0..BITS as usize {
        directions[bit] = match initial.get(bit) {
            Some(first) => first << (BITS as usize - 1 - bit),
            None => {
                let mut value = directions[bit - degree] ^ (directions[bit - degree] >> degree);
                for k in 1..degree {
                    if coefficients >> (degree - 1 - k) & 1 == 1 {
                        value ^= directions[bit - k];
                    }
                }
                value
            }
        };
    }
    directions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_points_are_those_of_the_literature() {
        let point = |index| [0, 1, 2, 3, 4, 5, 20].map(|dimension| coordinate(index, dimension, 0));
        assert_eq!(point(0), [0.0; 7]);
        assert_eq!(point(1), [0.5; 7]);
        assert_eq!(point(2), [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25]);
        assert_eq!(point(4), [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.125]);
        assert_eq!(point(7), [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.875]);
    }

    #[test]
    fn a_late_point_is_that_of_scipy() {
        // scipy 1.17: qmc.Sobol(21, scramble=False).random(1000)[999]
        let expected = [
            0.157_226_562_5,
            0.909_179_687_5,
            0.081_054_687_5,
            0.989_257_812_5,
            0.967_773_437_5,
            0.844_726_562_5,
            0.858_398_437_5,
            0.711_914_062_5,
            0.813_476_562_5,
            0.631_835_937_5,
            0.022_460_937_5,
            0.442_382_812_5,
            0.473_632_812_5,
            0.946_289_062_5,
            0.831_054_687_5,
            0.557_617_187_5,
            0.282_226_562_5,
            0.657_226_562_5,
            0.678_710_937_5,
            0.038_085_937_5,
            0.334_960_937_5,
        ];
        let point: Vec<f64> = (0..DIMENSIONS).map(|dimension| coordinate(999, dimension, 0)).collect();
        assert_eq!(point, expected);
    }

    #[test]
    fn every_stretch_of_a_power_of_two_has_one_point_in_each_part() {
        for (dimension, shift) in [(0, 0), (3, 0x9e37_79b9), (20, 77)] {
            let mut parts: Vec<usize> =
                (0..64).map(|index| (coordinate(index, dimension, shift) * 64.0) as usize).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..64).collect::<Vec<_>>());
        }
    }
}
