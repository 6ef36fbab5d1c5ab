//! Arrays of any numeric type, whole or streamed, as integers or as floating point numbers.

use std::io::Read;

use ndarray_npy::WritableElement;
use ndarray_npy::npy::header::{Header, Layout};

use super::NpzError;
use super::archive::write_error;
use super::error::Place;

/// Longest header that is read; NumPy itself refuses longer ones unless told otherwise.
const LONGEST_HEADER: usize = 10_000;
/// Elements decoded at a time.
const CHUNK: usize = 1 << 14;

/// Type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
}

/// Element type and byte order, from a NumPy descriptor such as `<i4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Element {
    kind: Kind,
    size: usize,
    big_endian: bool,
}

impl Element {
    fn parse(descriptor: &str) -> Option<Self> {
        let (order, name) = match descriptor.split_at_checked(1)? {
            (order @ ("<" | ">" | "|" | "="), name) => (order, name),
            _ => ("=", descriptor),
        };
        let (kind, size) = match name {
            "b1" => (Kind::Bool, 1),
            "i1" | "i2" | "i4" | "i8" => (Kind::Signed, name[1..].parse().ok()?),
            "u1" | "u2" | "u4" | "u8" => (Kind::Unsigned, name[1..].parse().ok()?),
            "f2" | "f4" | "f8" => (Kind::Float, name[1..].parse().ok()?),
            _ => return None,
        };
        let big_endian = order == ">" || order == "=" && cfg!(target_endian = "big");
        Some(Self { kind, size, big_endian })
    }

    /// Adds every element of `bytes`, turned into an integer. Floats never come here.
    fn integers(self, bytes: &[u8], sink: &mut impl Extend<i64>) {
        macro_rules! decode {
            ($t:ty) => {{
                let chunks = bytes.as_chunks().0.iter().copied();
                let whole = |x| i64::try_from(x).unwrap_or(i64::MAX);
                match self.big_endian {
                    false => sink.extend(chunks.map(|chunk| whole(<$t>::from_le_bytes(chunk)))),
                    true => sink.extend(chunks.map(|chunk| whole(<$t>::from_be_bytes(chunk)))),
                }
            }};
        }
        match (self.kind, self.size) {
            (Kind::Signed, 1) => decode!(i8),
            (Kind::Signed, 2) => decode!(i16),
            (Kind::Signed, 4) => decode!(i32),
            (Kind::Signed, _) => decode!(i64),
            (_, 1) => decode!(u8),
            (_, 2) => decode!(u16),
            (_, 4) => decode!(u32),
            (_, _) => decode!(u64),
        }
    }

    /// Adds every element of `bytes`, turned into a floating point number.
    fn floats(self, bytes: &[u8], sink: &mut Vec<f64>) {
        macro_rules! decode {
            ($t:ty, $to:expr) => {{
                let chunks = bytes.as_chunks().0.iter().copied();
                match self.big_endian {
                    false => sink.extend(chunks.map(|chunk| $to(<$t>::from_le_bytes(chunk)))),
                    true => sink.extend(chunks.map(|chunk| $to(<$t>::from_be_bytes(chunk)))),
                }
            }};
        }
        match (self.kind, self.size) {
            (Kind::Float, 2) => decode!(half::f16, half::f16::to_f64),
            (Kind::Float, 4) => decode!(f32, f64::from),
            (Kind::Float, _) => decode!(f64, f64::from),
            (_, 1) if self.kind != Kind::Signed => decode!(u8, f64::from),
            _ => {
                let mut whole = Vec::new();
                self.integers(bytes, &mut whole);
                sink.extend(whole.into_iter().map(|x| x as f64));
            }
        }
    }
}

/// Calls a function with every number that it is extended by.
struct Each<F>(F);

impl<F: FnMut(i64)> Extend<i64> for Each<F> {
    fn extend<I: IntoIterator<Item = i64>>(&mut self, numbers: I) {
        numbers.into_iter().for_each(&mut self.0);
    }
}

/// An array whose header is read and whose elements are still to come.
pub(super) struct NumberReader<'a, R> {
    place: Place<'a>,
    shape: Vec<usize>,
    element: Element,
    fortran: bool,
    /// Bytes before the data.
    header: u64,
    reader: R,
}

impl<'a, R: Read> NumberReader<'a, R> {
    /// Reads the header of the npy file behind `reader`.
    pub fn new(place: Place<'a>, mut reader: R) -> Result<Self, NpzError> {
        let bytes = header_bytes(&mut reader).map_err(|reason| place.damaged(reason))?;
        let header_length = bytes.len() as u64;
        if let Some((element, shape)) = plain_header(&bytes) {
            return Ok(Self { place, shape, element, fortran: false, header: header_length, reader });
        }
        let header = Header::from_reader(&mut bytes.as_slice())
            .map_err(|error| place.damaged(format!("not a readable npy header ({error})")))?;
        let descriptor = header.type_descriptor.to_string();
        let element = Element::parse(descriptor.trim_matches('\'')).ok_or_else(|| {
            place.unexpected("an array of numbers", format!("elements of type {descriptor}"))
        })?;
        let fortran = header.layout == Layout::Fortran;
        Ok(Self { place, shape: header.shape, element, fortran, header: header_length, reader })
    }

    /// The array's shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the elements come in Fortran order, the first axis fastest.
    pub fn is_fortran(&self) -> bool {
        self.fortran
    }

    /// Refuses an array that is not in C order; NumPy writes the other order for transposed ones.
    pub fn in_c_order(self) -> Result<Self, NpzError> {
        match self.fortran && self.shape.iter().filter(|n| **n > 1).count() > 1 {
            true => Err(self.place.unexpected("an array in C order", "one in Fortran order")),
            false => Ok(self),
        }
    }

    /// Refuses an array of more than `most` elements.
    pub fn at_most(self, most: usize) -> Result<Self, NpzError> {
        match self.shape.iter().try_fold(1usize, |product, n| product.checked_mul(*n)) {
            Some(count) if count <= most => Ok(self),
            _ => Err(self
                .place
                .unexpected(format!("at most {most} elements"), format!("shape {:?}", self.shape))),
        }
    }

    /// Refuses an array of floating point numbers.
    pub fn of_integers(self) -> Result<Self, NpzError> {
        match self.element.kind {
            Kind::Float => Err(self.place.unexpected("integers", "floating point numbers")),
            _ => Ok(self),
        }
    }

    /// The next `count` elements as integers; call [`Self::of_integers`] before.
    pub fn each_integer(&mut self, count: usize, each: impl FnMut(i64)) -> Result<(), NpzError> {
        self.add_integers(count, &mut Each(each))
    }

    /// The next `count` elements as integers, added to `sink`; call [`Self::of_integers`] before.
    pub fn add_integers(&mut self, count: usize, sink: &mut impl Extend<i64>) -> Result<(), NpzError> {
        let element = self.element;
        self.chunks(count, |bytes| element.integers(bytes, sink))
    }

    /// Passes over the next `count` elements.
    pub fn skip(&mut self, count: usize) -> Result<(), NpzError> {
        self.chunks(count, |_| {})
    }

    /// The next `count` elements of bytes, as they are; after [`Self::of_bytes`].
    pub fn each_byte(&mut self, count: usize, mut each: impl FnMut(&[u8])) -> Result<(), NpzError> {
        self.chunks(count, |bytes| each(bytes))
    }

    /// Refuses an array of anything but `uint8`.
    pub fn of_bytes(self) -> Result<Self, NpzError> {
        match (self.element.kind, self.element.size) {
            (Kind::Unsigned, 1) => Ok(self),
            _ => Err(self.place.unexpected("an array of bytes (uint8)", "elements of another type")),
        }
    }

    /// Bytes of the file before the first element.
    pub fn header_bytes(&self) -> u64 {
        self.header
    }

    /// How many elements there are.
    fn count(&self) -> Result<usize, NpzError> {
        let count = self.shape.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        count.ok_or_else(|| self.place.damaged("the shape in the header is impossibly large"))
    }

    /// The whole array; bytes (`uint8`) as they are.
    pub fn bytes_or_array(mut self) -> Result<Result<Vec<u8>, Array>, NpzError> {
        if (self.element.kind, self.element.size) != (Kind::Unsigned, 1) {
            return self.array().map(Err);
        }
        let mut values = Vec::new();
        self.chunks(self.count()?, |bytes| values.extend_from_slice(bytes))?;
        Ok(Ok(values))
    }

    /// The whole array.
    pub fn array(mut self) -> Result<Array, NpzError> {
        let count = self.count()?;
        let mut values = Vec::new();
        let element = self.element;
        self.chunks(count, |bytes| element.floats(bytes, &mut values))?;
        Ok(Array { shape: self.shape, kind: element.kind, size: element.size, values })
    }

    /// Reads `count` elements, a buffer at a time, so that a false count costs no memory.
    fn chunks(&mut self, count: usize, mut each: impl FnMut(&[u8])) -> Result<(), NpzError> {
        let mut buffer = vec![0; CHUNK.min(count) * self.element.size];
        let mut left = count;
        while left > 0 {
            let bytes = &mut buffer[..left.min(CHUNK) * self.element.size];
            self.reader.read_exact(bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => self
                    .place
                    .unexpected(format!("{count} more elements, as the header says"), "the end of the data"),
                _ => self.place.damaged(error),
            })?;
            each(bytes);
            left -= left.min(CHUNK);
        }
        Ok(())
    }
}

/// An array of any numeric type. Integers beyond 2^53 are rounded.
#[derive(Debug)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub kind: Kind,
    /// Bytes per element in the file.
    pub size: usize,
    /// The elements, in the file's order.
    pub values: Vec<f64>,
}

/// Header of an npy file of `T` in C order.
pub(super) fn header<T: WritableElement>(file: &str, shape: &[usize]) -> Result<Vec<u8>, NpzError> {
    let header =
        Header { type_descriptor: T::type_descriptor(), layout: Layout::Standard, shape: shape.to_vec() };
    header.to_bytes().map_err(|error| write_error(file, error))
}

/// Element and shape in a header of version 1 in C order, exactly as NumPy writes it; others go the long
/// way, which takes longer than most small arrays do.
fn plain_header(bytes: &[u8]) -> Option<(Element, Vec<usize>)> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\x93NUMPY\x01\x00")?.get(2..)?).ok()?;
    let (descriptor, text) =
        text.strip_prefix("{'descr': '")?.split_once("', 'fortran_order': False, 'shape': (")?;
    let (shape, end) = text.split_once("), }")?;
    let shape = match shape.strip_suffix(',') {
        Some(length) => vec![length.parse().ok()?],
        None if shape.is_empty() => Vec::new(),
        None if !shape.contains(", ") => return None,
        None => shape.split(", ").map(|length| length.parse().ok()).collect::<Option<_>>()?,
    };
    let is_number =
        !text.contains('+') && end.ends_with('\n') && end.trim_end_matches([' ', '\n']).is_empty();
    is_number.then_some((Element::parse(descriptor)?, shape))
}

/// Magic, version, length and dictionary of an npy file: all that comes before the data.
pub(super) fn header_bytes(reader: &mut impl Read) -> Result<Vec<u8>, String> {
    let cut = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the data ends inside the npy header".to_owned(),
        _ => error.to_string(),
    };
    let mut bytes = vec![0; 8];
    reader.read_exact(&mut bytes).map_err(cut)?;
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err("it is not an npy array".to_owned());
    }
    let length_bytes = if bytes[6] == 1 { 2 } else { 4 };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..length_bytes]).map_err(cut)?;
    bytes.extend_from_slice(&length[..length_bytes]);
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST_HEADER {
        return Err(format!("its npy header claims {length} bytes, more than the {LONGEST_HEADER} allowed"));
    }
    let start = bytes.len();
    bytes.resize(start + length, 0);
    reader.read_exact(&mut bytes[start..]).map_err(cut)?;
    // The parser of the dictionary recurses, so nesting has to end somewhere.
    if bytes[start..].iter().filter(|b| b"([{".contains(b)).count() > 32 {
        return Err("its npy header is nested too deeply".to_owned());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, arr2};
    use ndarray_npy::WriteNpyExt;

    const PLACE: Place = Place { file: "x.npz", member: "a.npy" };

    fn npy<A: ndarray_npy::WritableElement>(values: Vec<A>) -> Vec<u8> {
        let mut bytes = Vec::new();
        Array1::from(values).write_npy(&mut bytes).unwrap();
        bytes
    }

    fn values(bytes: &[u8]) -> Vec<f64> {
        NumberReader::new(PLACE, bytes).unwrap().array().unwrap().values
    }

    #[test]
    fn every_numeric_type_is_read() {
        assert_eq!(values(&npy(vec![true, false])), [1.0, 0.0]);
        assert_eq!(values(&npy(vec![-1i8, 7])), [-1.0, 7.0]);
        assert_eq!(values(&npy(vec![300u16, 7])), [300.0, 7.0]);
        assert_eq!(values(&npy(vec![-70_000i32, 7])), [-70_000.0, 7.0]);
        assert_eq!(values(&npy(vec![1u64 << 40, 7])), [(1u64 << 40) as f64, 7.0]);
        assert_eq!(values(&npy(vec![0.5f32, -7.25])), [0.5, -7.25]);
        assert_eq!(values(&npy(vec![0.1f64])), [0.1]);
    }

    #[test]
    fn big_endian_and_half_precision_are_read() {
        let swap = |bytes: Vec<u8>, from: &str, to: &str, data: &[u8]| {
            let text = String::from_utf8_lossy(&bytes).replacen(from, to, 1).len();
            assert_eq!(text, String::from_utf8_lossy(&bytes).len());
            let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
            let mut out = bytes[..bytes.len() - data.len()].to_vec();
            out[at..at + to.len()].copy_from_slice(to.as_bytes());
            out.extend_from_slice(data);
            out
        };
        assert_eq!(values(&swap(npy(vec![0i16, 0]), "<i2", ">i2", &[1, 2, 0xff, 0xff])), [258.0, -1.0]);
        assert_eq!(values(&swap(npy(vec![0i16]), "<i2", "<f2", &[0x00, 0x3e])), [1.5]);
    }

    #[test]
    fn a_header_longer_than_the_data_is_an_error_and_costs_no_memory() {
        let mut bytes = npy(vec![1i32; 6]);
        let at = bytes.windows(4).position(|w| w == b"(6,)").unwrap();
        let line = bytes.windows(8).position(|w| w == b"        ").unwrap();
        let huge = b"(123456789012,), }";
        bytes[at..at + huge.len()].copy_from_slice(huge);
        assert!(at + huge.len() < line + 40);
        let error = NumberReader::new(PLACE, bytes.as_slice()).unwrap().array().unwrap_err().to_string();
        assert!(error.starts_with("`x.npz`, member `a.npy`: expected 123456789012 more elements"), "{error}");
    }

    #[test]
    fn fortran_order_is_refused_where_order_matters() {
        let mut bytes = Vec::new();
        arr2(&[[1, 2], [3, 4]]).reversed_axes().write_npy(&mut bytes).unwrap();
        let reader = NumberReader::new(PLACE, bytes.as_slice()).unwrap();
        assert!(reader.in_c_order().err().unwrap().to_string().contains("Fortran"));
    }

    /// The beginning of a file whose header is `dict`.
    fn headed(dict: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((dict.len() as u16 + 1).to_le_bytes());
        bytes.extend(dict.as_bytes());
        bytes.push(b'\n');
        bytes
    }

    #[test]
    fn plain_headers_are_read_as_all_others_are() {
        let dict = |shape: &str| {
            headed(&format!("{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}, }}   "))
        };
        for (shape, wanted) in [("()", &[][..]), ("(7,)", &[7]), ("(2, 3)", &[2, 3])] {
            let bytes = dict(shape);
            let (element, plain) = plain_header(&bytes).unwrap();
            let long = Header::from_reader(&mut bytes.as_slice()).unwrap();
            assert_eq!((plain.as_slice(), long.shape.as_slice()), (wanted, wanted));
            assert_eq!(element, Element::parse("<i4").unwrap());
        }
        for shape in ["(7)", "(+7,)", "(-7,)", "7", "(2, 3,)", "(2,, 3)", "(a, 3)"] {
            assert_eq!(plain_header(&dict(shape)), None, "{shape}");
        }
        assert_eq!(plain_header(&headed("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }")), None);
    }

    #[test]
    fn text_elements_and_deep_headers_are_refused() {
        let text = headed("{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }");
        let error = NumberReader::new(PLACE, text.as_slice()).err().unwrap().to_string();
        assert!(error.contains("an array of numbers") && error.contains("<U5"), "{error}");
        let deep = headed(&"(".repeat(5000));
        let error = NumberReader::new(PLACE, deep.as_slice()).err().unwrap().to_string();
        assert!(error.contains("nested too deeply"), "{error}");
    }
}
