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

/// A safetensors file of the tensors and texts; the same ones give the same bytes.
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
    let mut file = safetensors::serialize(views, Some(texts)).map_err(failed)?;
    sort_texts(&mut file);
    Ok(file)
}

/// Puts the texts of a file's header in the order of their names: the library writes them in the order
/// of a hash map, which differs from run to run.
fn sort_texts(file: &mut [u8]) {
    let Some((length, rest)) = file.split_first_chunk_mut::<8>() else { return };
    let Some(header) = rest.get_mut(..u64::from_le_bytes(*length) as usize) else { return };
    let Ok(mut said) = serde_json::from_slice::<serde_json::Map<_, _>>(header) else { return };
    if let Some(serde_json::Value::Object(texts)) = said.get_mut("__metadata__") {
        texts.sort_keys();
    }
    let sorted = serde_json::Value::Object(said).to_string();
    // Another order has the same length; the padding behind it stays.
    if let Some(place) = header.get_mut(..sorted.len()) {
        place.copy_from_slice(sorted.as_bytes());
    }
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
    fn the_same_tensors_and_texts_are_the_same_bytes() {
        let tensor = HostTensor { name: "a".into(), shape: vec![2], values: vec![0.5, 1.5] };
        let tensors = [HostTensor { name: "b".into(), ..tensor.clone() }, tensor];
        let bytes = |_| {
            let texts = (0..6).map(|i| (i.to_string(), format!("line {i}\n\"ö\"")));
            encode(&tensors, texts.collect(), Precision::Single).unwrap()
        };
        let files: Vec<Vec<u8>> = (0..8).map(bytes).collect();
        assert!(files.iter().all(|file| *file == files[0]));
        let (back, texts) = decode(Path::new("x"), &files[0]).unwrap();
        assert_eq!((back.len(), texts["3"].as_str()), (2, "line 3\n\"ö\""));
    }

    #[test]
    fn anything_else_is_an_error_with_the_file_named() {
        let error = decode(Path::new("m/weights.safetensors"), b"not one").unwrap_err().to_string();
        assert!(error.contains("m/weights.safetensors"), "{error}");
    }
}
