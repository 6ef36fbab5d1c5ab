//! Numbers on disk: safetensors files, in half or full precision.

use std::collections::HashMap;
use std::path::Path;

use half::f16;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::ModelError;

/// A tensor on the host: name, shape, numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, last axis fastest.
    pub values: Vec<f32>,
}

/// How numbers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 16 bits, about three decimal digits.
    Half,
    /// 32 bits, exact.
    Single,
}

/// A safetensors file of the tensors and texts.
///
/// # Errors
/// [`ModelError::Config`] when the library refuses a shape.
pub fn encode(
    tensors: &[HostTensor],
    texts: HashMap<String, String>,
    precision: Precision,
) -> Result<Vec<u8>, ModelError> {
    let bytes = |values: &[f32]| -> Vec<u8> {
        match precision {
            Precision::Half => values.iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()).collect(),
            Precision::Single => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        }
    };
    let kind = if precision == Precision::Half { Dtype::F16 } else { Dtype::F32 };
    let data: Vec<Vec<u8>> = tensors.iter().map(|t| bytes(&t.values)).collect();
    let failed = |error: safetensors::SafeTensorError| ModelError::Config(error.to_string());
    let views = tensors
        .iter()
        .zip(&data)
        .map(|(t, data)| Ok((t.name.clone(), TensorView::new(kind, t.shape.clone(), data)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    safetensors::serialize(views, Some(texts)).map_err(failed)
}

/// The tensors and texts of a safetensors file; `path` names it in errors.
///
/// # Errors
/// [`ModelError::Broken`] when the bytes are not such a file, or hold other kinds of number.
pub fn decode(path: &Path, bytes: &[u8]) -> Result<(Vec<HostTensor>, HashMap<String, String>), ModelError> {
    let broken = |reason: String| ModelError::Broken { path: path.to_owned(), reason };
    let file = SafeTensors::deserialize(bytes).map_err(|e| broken(e.to_string()))?;
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| broken(e.to_string()))?;
    let texts = metadata.metadata().clone().unwrap_or_default();
    let mut tensors = Vec::new();
    for (name, view) in file.tensors() {
        let values = match view.dtype() {
            Dtype::F16 => {
                let pairs = view.data().as_chunks::<2>().0;
                pairs.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect()
            }
            Dtype::F32 => {
                view.data().as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
            }
            other => return Err(broken(format!("`{name}` holds {other:?}; F16 or F32 is read"))),
        };
        tensors.push(HostTensor { name, shape: view.shape().to_vec(), values });
    }
    Ok((tensors, texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_precision_is_exact_and_half_is_near() {
        let tensor = HostTensor { name: "a".into(), shape: vec![1, 1, 3], values: vec![0.1, -2.0, 1e-3] };
        let texts = HashMap::from([("step".to_owned(), "7".to_owned())]);
        let there = |precision| {
            let bytes = encode(std::slice::from_ref(&tensor), texts.clone(), precision).unwrap();
            decode(Path::new("x"), &bytes).unwrap()
        };
        assert_eq!(there(Precision::Single), (vec![tensor.clone()], texts.clone()));
        let (half, _) = there(Precision::Half);
        for (a, b) in half[0].values.iter().zip(&tensor.values) {
            assert!((a - b).abs() <= b.abs() * 1e-3);
        }
    }

    #[test]
    fn anything_else_is_an_error_with_the_file_named() {
        let error = decode(Path::new("m/weights.safetensors"), b"not one").unwrap_err().to_string();
        assert!(error.contains("m/weights.safetensors"), "{error}");
    }
}
