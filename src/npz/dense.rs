//! Plain arrays in `.npy` files.

use std::io::Write;
use std::path::Path;

use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::{WritableElement, WriteNpyExt};

use super::archive::write_error;
use super::error::Place;
use super::numbers::{Kind, NumberReader, header};
use super::phrases::shape_of;
use super::{NpzError, PhraseArray, PhraseSource};
use crate::base::{read_file, write_atomically, write_atomically_with};

/// An array of numbers in C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    shape: Vec<usize>,
    values: Values,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// NumPy's `bool`.
    Bool(Vec<bool>),
    /// `uint8`.
    Bytes(Vec<u8>),
    /// `float32`; other number types are read as this.
    Floats(Vec<f32>),
}

impl Values {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::Bytes(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Dense {
    /// An array of this shape with these elements in C order (the last axis runs fastest).
    ///
    /// # Errors
    /// [`NpzError::Elements`] when they are not as many as the shape has.
    pub fn new(shape: &[usize], values: Values) -> Result<Self, NpzError> {
        match shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n)) {
            Some(count) if count == values.len() => Ok(Self { shape: shape.to_vec(), values }),
            _ => Err(NpzError::Elements { shape: shape.to_vec(), got: values.len() }),
        }
    }

    /// Length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements in C order.
    pub fn values(&self) -> &Values {
        &self.values
    }
}

/// The array in an `.npy` file: booleans and bytes as they are, all other numbers as `f32`.
///
/// # Errors
/// [`NpzError`] when it cannot be read, is no npy file or holds no numbers.
pub fn read_npy(path: &Path) -> Result<Dense, NpzError> {
    npy_from_bytes(&path.display().to_string(), &read_file(path)?)
}

/// The array in the bytes of an `.npy` file; `file` is its name in errors.
///
/// # Errors
/// As [`read_npy`].
pub fn npy_from_bytes(file: &str, bytes: &[u8]) -> Result<Dense, NpzError> {
    let reader = NumberReader::new(Place { file, member: "" }, bytes)?;
    let fortran = reader.is_fortran();
    let array = reader.array()?;
    let values = if fortran { in_c_order(&array.shape, array.values) } else { array.values };
    let values = match (array.kind, array.size) {
        (Kind::Bool, _) => Values::Bool(values.iter().map(|x| *x != 0.0).collect()),
        (Kind::Unsigned, 1) => Values::Bytes(values.iter().map(|x| *x as u8).collect()),
        _ => Values::Floats(values.iter().map(|x| *x as f32).collect()),
    };
    Dense::new(&array.shape, values)
}

/// Elements that lie in Fortran order (the first axis fastest), put in C order.
fn in_c_order(shape: &[usize], values: Vec<f64>) -> Vec<f64> {
    // The reader has counted the elements, so the shape fits them.
    ArrayD::from_shape_vec(IxDyn(shape).f(), values)
        .map(|array| array.iter().copied().collect())
        .unwrap_or_default()
}

/// Writes an array as an `.npy` file.
///
/// # Errors
/// [`NpzError::File`] when the file cannot be written; nothing is left half-written.
pub fn write_npy(path: &Path, array: &Dense) -> Result<(), NpzError> {
    Ok(write_atomically(path, &npy_to_bytes(array)?)?)
}

/// The bytes of an `.npy` file with this array.
///
/// # Errors
/// [`NpzError::Write`] when the shape is too large for the format.
pub fn npy_to_bytes(array: &Dense) -> Result<Vec<u8>, NpzError> {
    match &array.values {
        Values::Bool(values) => encode(&array.shape, values),
        Values::Bytes(values) => encode(&array.shape, values),
        Values::Floats(values) => encode(&array.shape, values),
    }
}

fn encode<T: WritableElement + Clone>(shape: &[usize], values: &[T]) -> Result<Vec<u8>, NpzError> {
    let failed = |error: String| write_error("array.npy", error);
    let array = ndarray::ArrayViewD::from_shape(IxDyn(shape), values).map_err(|e| failed(e.to_string()))?;
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).map_err(|e| failed(e.to_string()))?;
    Ok(bytes)
}

/// Writes phrases as a dense array of booleans, `[phrase, bar, step, pitch, track]`, a phrase at a time.
///
/// # Errors
/// [`NpzError::File`] when the file cannot be written; nothing is left half-written.
pub fn write_dense(path: &Path, phrases: &impl PhraseSource) -> Result<(), NpzError> {
    let file = path.display().to_string();
    let head = header::<bool>(&file, &shape_of(phrases))?;
    write_atomically_with(path, |writer| {
        writer.write_all(&head).map_err(|error| write_error(&file, error))?;
        for phrase in 0..phrases.count() {
            let cells = dense_cells(phrases, phrase)?;
            let bytes: Vec<u8> = cells.into_iter().map(u8::from).collect();
            writer.write_all(&bytes).map_err(|error| write_error(&file, error))?;
        }
        Ok(())
    })
}

/// The cells of a phrase, `[bar, step, pitch, track]`.
fn dense_cells(phrases: &impl PhraseSource, phrase: usize) -> Result<Vec<bool>, NpzError> {
    let (layout, cells) = (phrases.layout(), phrases.cells_of(phrase)?);
    let tracks = layout.tracks().len();
    let mut dense = Vec::with_capacity(layout.steps() * layout.pitches() * tracks);
    for step in 0..layout.steps() {
        for pitch in 0..layout.pitches() {
            dense.extend((0..tracks).map(|track| cells.set(track, step) >> pitch & 1 == 1));
        }
    }
    Ok(dense)
}

impl PhraseArray {
    /// The phrases as a dense array of booleans, `[phrase, bar, step, pitch, track]`.
    pub fn to_dense(&self) -> Dense {
        // Every number below the count is that of a phrase.
        let cells = (0..self.len()).flat_map(|phrase| dense_cells(self, phrase).unwrap_or_default());
        Dense { shape: self.shape().to_vec(), values: Values::Bool(cells.collect()) }
    }

    /// Phrases of the five families from a dense array `[phrase, bar, step, pitch, track]` of any number
    /// type: a cell above zero sounds. `file` is its name in errors.
    ///
    /// # Errors
    /// [`NpzError::Array`] when the shape is another.
    pub fn from_dense(file: &str, array: &Dense) -> Result<Self, NpzError> {
        let refuse = || NpzError::Array {
            file: file.to_owned(),
            expected: "phrases [phrase, bar, step, pitch, 5 tracks]".to_owned(),
            got: format!("an array of shape {:?}", array.shape),
        };
        let &[phrases, bars, steps, pitches, 5] = array.shape.as_slice() else {
            return Err(refuse());
        };
        let layout = Self::new(bars, steps, pitches).map_err(|_| refuse())?;
        let mut filled = layout.silent(phrases).ok_or_else(refuse)?;
        let words_per_phrase = filled.layout().words();
        let words = filled.words_mut();
        let per_phrase = bars * steps * pitches * 5;
        let mut sound = |cell: usize| {
            let (phrase, cell) = (cell / per_phrase, cell % per_phrase);
            let (step, rest) = (cell / (pitches * 5), cell % (pitches * 5));
            let (pitch, track) = (rest / 5, rest % 5);
            let bit = (track * bars * steps + step) * pitches + pitch;
            words[phrase * words_per_phrase + bit / 64] |= 1 << (bit % 64);
        };
        match &array.values {
            Values::Bool(values) => (0..values.len()).filter(|i| values[*i]).for_each(&mut sound),
            Values::Bytes(values) => (0..values.len()).filter(|i| values[*i] > 0).for_each(&mut sound),
            Values::Floats(values) => (0..values.len()).filter(|i| values[*i] > 0.0).for_each(&mut sound),
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_read_back_equal() {
        for values in [
            Values::Bool(vec![true, false, true, true, false, false]),
            Values::Bytes(vec![0, 1, 2, 253, 254, 255]),
            Values::Floats(vec![0.0, -1.5, 0.1, f32::MAX, f32::MIN_POSITIVE, 7.0]),
        ] {
            let array = Dense::new(&[2, 3], values).unwrap();
            assert_eq!(npy_from_bytes("x.npy", &npy_to_bytes(&array).unwrap()).unwrap(), array);
        }
        let scalar = Dense::new(&[], Values::Floats(vec![2.0])).unwrap();
        assert_eq!(npy_from_bytes("x.npy", &npy_to_bytes(&scalar).unwrap()).unwrap(), scalar);
    }

    #[test]
    fn fortran_order_is_put_right() {
        let mut bytes = Vec::new();
        let array = ndarray::arr2(&[[1.0f64, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        array.reversed_axes().write_npy(&mut bytes).unwrap();
        let wanted = Dense::new(&[3, 2], Values::Floats(vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0])).unwrap();
        assert_eq!(npy_from_bytes("x.npy", &bytes).unwrap(), wanted);
    }

    #[test]
    fn a_shape_that_does_not_fit_is_refused() {
        let error = Dense::new(&[2, 2], Values::Bytes(vec![0; 5])).unwrap_err().to_string();
        assert_eq!(error, "an array of shape [2, 2] cannot have 5 elements");
        let array = Dense::new(&[5], Values::Bytes(vec![0; 5])).unwrap();
        let error = PhraseArray::from_dense("x.npy", &array).unwrap_err().to_string();
        assert!(error.starts_with("`x.npy`: expected phrases") && error.contains("[5]"), "{error}");
    }
}
