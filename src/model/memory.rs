//! How layers are computed in a processor's memory: in pieces that stay in a core's own cache, and with one
//! pass for what takes several operations. Depends on `device`.
//!
//! What a layer gives for one phrase is larger than that cache, and Burn makes three passes of the three
//! operations; clearing and moving memory then costs more than the products do.

use std::ops::Range;

use burn::tensor::{Tensor, TensorData, activation};
use pulp::NullaryFnOnce;
use rayon::prelude::*;

use super::is_processor;

/// Numbers of the widest layer in a piece: 512 KiB.
const PIECE: usize = 1 << 17;

/// Whether `x` lies in main memory and nobody will ask for its gradient, so that what follows can be used.
pub fn in_memory(x: &Tensor<3>) -> bool {
    !x.is_autodiff() && is_processor(&x.device())
}

/// A network of whose groups and rows each is computed by itself, in pieces over threads.
///
/// The rows of every layer are those of `units`, one after the other; a unit has `width` numbers in its widest
/// layer of one group. `play` gives some units of one group, `[1, row, feature]`, of which
/// `[groups, row, feature]` is made.
pub fn in_pieces(
    [groups, units, width]: [usize; 3],
    play: impl Fn(usize, Range<usize>) -> Tensor<3> + Sync,
) -> Tensor<3> {
    let count = (units * width).div_ceil(PIECE).clamp(1, units.max(1));
    let bounds = |piece: usize| piece * units / count..(piece + 1) * units / count;
    let pieces = (0..groups * count).into_par_iter();
    let pieces: Vec<_> = pieces.map(|piece| play(piece / count, bounds(piece % count))).collect();
    let whole = Tensor::cat(pieces, 1);
    let [_, rows, features] = whole.dims();
    whole.reshape([groups, rows / groups, features])
}

/// Rows of some of `units`: `[group, row, feature]`.
pub fn rows_of(x: &Tensor<3>, units: usize, some: &Range<usize>) -> Tensor<3> {
    let rows = x.dims()[1] / units;
    x.clone().slice_dim(1, some.start * rows..some.end * rows)
}

/// `change` of every number of a tensor that is [`in_memory`], in one pass.
pub fn mapped(x: Tensor<3>, change: impl Fn(f32) -> f32 + Copy + Sync) -> Tensor<3> {
    let (shape, device) = (x.dims(), x.device());
    let mut data = x.into_data();
    if let Ok(values) = data.as_mut_slice::<f32>() {
        values.par_chunks_mut(PIECE).for_each(|values| widely(Map { values, change }));
    } else {
        data = TensorData::new(data.iter::<f32>().map(change).collect::<Vec<_>>(), shape);
    }
    Tensor::from_data(data, &device)
}

/// [`mapped`] in memory.
struct Map<'a, F> {
    values: &'a mut [f32],
    change: F,
}

impl<F: Fn(f32) -> f32> NullaryFnOnce for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for value in self.values {
            *value = (self.change)(*value);
        }
    }
}

/// `relu(y · factor + offset)`, the same numbers as by three operations of Burn, to the last bit.
///
/// # Shapes
/// `y` is `[group, place, channel]`; factor and offset are `[group, 1, channel]`.
pub fn rectify(y: Tensor<3>, factor: Tensor<3>, offset: Tensor<3>) -> Tensor<3> {
    let ([_, places, channels], device) = (y.dims(), y.device());
    let read = |x: &Tensor<3>| x.to_data();
    let (factors, offsets) = (read(&factor), read(&offset));
    // The tensor's own memory, unless it is shared.
    let mut data = y.into_data();
    let views = (data.as_mut_slice::<f32>(), factors.as_slice::<f32>(), offsets.as_slice::<f32>());
    let (Ok(values), Ok(factors), Ok(offsets)) = views else {
        return activation::relu(Tensor::from_data(data, &device) * factor + offset);
    };
    let groups = values.chunks_exact_mut((places * channels).max(1));
    for ((values, factors), offsets) in groups.zip(factors.chunks(channels)).zip(offsets.chunks(channels)) {
        widely(Rectify { values, factors, offsets });
    }
    Tensor::from_data(data, &device)
}

/// [`rectify`] of one group: places of as many channels as there are factors and offsets.
struct Rectify<'a> {
    values: &'a mut [f32],
    factors: &'a [f32],
    offsets: &'a [f32],
}

impl NullaryFnOnce for Rectify<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for place in self.values.chunks_exact_mut(self.factors.len()) {
            for ((value, factor), offset) in place.iter_mut().zip(self.factors).zip(self.offsets) {
                let x = *value * factor + offset;
                // Not `max`, which would make a number of what is none.
                *value = if x <= 0.0 { 0.0 } else { x };
            }
        }
    }
}

/// Compiles `work` for eight numbers at a time, and runs it so where the processor can.
fn widely<W: NullaryFnOnce>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(eight) = pulp::x86::V3::try_new() {
        return eight.vectorize(work);
    }
    work.call()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn tensor(values: &[f32], shape: [usize; 3]) -> Tensor<3> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    fn bits(x: Tensor<3>) -> Vec<u32> {
        x.try_to_vec_as::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn one_pass_gives_the_bits_of_three() {
        for channels in [1, 5, 16, 40] {
            let shape = [2, 3, channels];
            let mut values: Vec<f32> = (0..6 * channels).map(|i| (i as f32 * 0.7).sin()).collect();
            values[..5].copy_from_slice(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0]);
            let y = tensor(&values, shape);
            let numbers: Vec<f32> = (0..2 * channels).map(|i| (i as f32).cos()).collect();
            let [factor, offset] = [&numbers, &values].map(|n| tensor(&n[..2 * channels], [2, 1, channels]));
            let three = activation::relu(y.clone() * factor.clone() + offset.clone());
            assert_eq!(bits(rectify(y.clone(), factor, offset)), bits(three));
            assert_eq!(bits(y), values.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), "y is shared");
        }
    }

    #[test]
    fn every_number_is_changed_and_a_shared_tensor_stays() {
        let values: Vec<f32> = (0..PIECE + 3).map(|i| i as f32 - 9.0).collect();
        let x = tensor(&values, [1, PIECE + 3, 1]);
        let changed = mapped(x.clone(), |x| 2.0 * x);
        assert_eq!(bits(changed), values.iter().map(|x| (2.0 * x).to_bits()).collect::<Vec<_>>());
        assert_eq!(bits(x), values.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
    }

    #[test]
    fn pieces_lie_in_the_order_of_groups_and_rows() {
        let [groups, units, rows] = [3, 10, 2];
        let values: Vec<f32> = (0..groups * units * rows).map(|i| i as f32).collect();
        let x = tensor(&values, [groups, units * rows, 1]);
        let pieces = std::sync::Mutex::new(Vec::new());
        for width in [1, PIECE / 3, PIECE, 2 * PIECE] {
            let whole = in_pieces([groups, units, width], |group, some| {
                pieces.lock().unwrap().push(some.len());
                rows_of(&x.clone().slice_dim(0, group..group + 1), units, &some)
            });
            assert_eq!(whole.dims(), [groups, units * rows, 1]);
            assert_eq!(bits(whole), bits(x.clone()));
            let longest = pieces.lock().unwrap().drain(..).max().unwrap();
            assert_eq!(longest, (PIECE / width).clamp(1, units), "{width}");
        }
    }
}
