//! A small room: a feedback delay network of eight lines (Jot and Chaigne 1991).

use super::{AudioError, SAMPLE_RATE, check};
use crate::base::Cancel;

/// Seconds until the sound in the room has fallen by 60 dB.
const DECAY: f32 = 1.1;
/// Lengths of the lines in samples: 25 to 60 ms, without common factors, so that echoes do not meet.
const LENGTHS: [usize; 8] = [1123, 1279, 1447, 1621, 1811, 2039, 2269, 2503];
/// Share of each line's last sample kept by its low-pass: walls swallow high tones first.
const DAMPING: f32 = 0.35;
/// Samples before the first reflection.
const PREDELAY: usize = 400;

/// Adds the room's answer to `send` to both channels.
pub(super) fn add_room(
    send: &[f32],
    left: &mut [f32],
    right: &mut [f32],
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let mut lines = LENGTHS.map(|length| vec![0.0f32; length]);
    let gains = LENGTHS.map(|length| 0.001f32.powf(length as f32 / SAMPLE_RATE as f32 / DECAY));
    let mut at = [0usize; 8];
    let mut kept = [0.0f32; 8];
    for i in PREDELAY..send.len() {
        if i % 65_536 == 0 {
            check(cancel)?;
        }
        let mut taps = [0.0f32; 8];
        for k in 0..8 {
            taps[k] = lines[k][at[k]];
        }
        left[i] += taps[0] - taps[2] + taps[4] - taps[6];
        right[i] += taps[1] - taps[3] + taps[5] - taps[7];
        for k in 0..8 {
            kept[k] = taps[k] * gains[k] * (1.0 - DAMPING) + kept[k] * DAMPING;
        }
        let mixed = hadamard(kept);
        for k in 0..8 {
            lines[k][at[k]] = mixed[k] + send[i - PREDELAY];
            at[k] = if at[k] + 1 == LENGTHS[k] { 0 } else { at[k] + 1 };
        }
    }
    Ok(())
}

/// The orthonormal Hadamard transform of eight values: it mixes the lines and keeps their energy.
fn hadamard(mut x: [f32; 8]) -> [f32; 8] {
    for width in [1, 2, 4] {
        for start in (0..8).step_by(2 * width) {
            for k in start..start + width {
                (x[k], x[k + width]) = (x[k] + x[k + width], x[k] - x[k + width]);
            }
        }
    }
    x.map(|value| value * 0.353_553_4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_dies_away_and_differs_left_and_right() {
        let mut send = vec![0.0; 3 * SAMPLE_RATE as usize];
        send[0] = 1.0;
        let (mut left, mut right) = (vec![0.0; send.len()], vec![0.0; send.len()]);
        add_room(&send, &mut left, &mut right, &Cancel::new()).unwrap();
        let energy = |x: &[f32]| x.iter().map(|v| v * v).sum::<f32>();
        let (early, late) = (energy(&left[..22_050]), energy(&left[88_200..]));
        assert!(early > 0.0 && late < early * 1e-6, "{early} {late}");
        assert_ne!(left, right);
    }
}
