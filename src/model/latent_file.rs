//! Latents on disk: a safetensors file with a tensor for each part, under its path, in single precision.
//!
//! Exact, readable by every framework, and it says of itself which parts there are, from which seed they
//! were drawn and what made it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::tensors::{HostTensor, Precision, decode, encode};
use super::{Latent, LatentLayout, ModelError};
use crate::base::{Seed, Stamp, read_file, write_atomically};

/// The text that names the parts in order.
const PARTS: &str = "latent";
/// The text of the seed.
const SEED: &str = "seed";
/// The text that says what made it.
const MADE: &str = "made";

impl Latent {
    /// Writes the latent as `.safetensors`.
    ///
    /// # Errors
    /// [`ModelError::Extension`] for another file name, [`ModelError::File`] when the disk refuses.
    pub fn save(&self, path: &Path, stamp: Option<&Stamp>) -> Result<(), ModelError> {
        if path.extension().is_none_or(|extension| extension != "safetensors") {
            return Err(ModelError::Extension { path: path.to_owned() });
        }
        let parts = self.layout().parts();
        let tensor = |part: &super::Part| HostTensor {
            name: part.path.clone(),
            shape: vec![part.size],
            values: self.values()[part.offset..part.offset + part.size].to_vec(),
        };
        let tensors: Vec<HostTensor> = parts.iter().map(tensor).collect();
        let paths: Vec<&str> = parts.iter().map(|part| part.path.as_str()).collect();
        let mut texts = HashMap::from([(PARTS.to_owned(), paths.join(" "))]);
        texts.extend(self.seed().map(|seed| (SEED.to_owned(), seed.to_string())));
        texts.extend(stamp.map(|stamp| (MADE.to_owned(), stamp.to_string())));
        Ok(write_atomically(path, &encode(&tensors, texts, Precision::Single)?)?)
    }

    /// The latent in a file that [`Latent::save`] wrote.
    ///
    /// # Errors
    /// [`ModelError::File`] when it cannot be read, [`ModelError::NoLatent`] when it holds something else.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let broken = |reason: String| ModelError::NoLatent { path: path.to_owned(), reason };
        let (tensors, texts) = decode(path, &read_file(path)?).map_err(|error| match error {
            ModelError::Broken { reason, .. } => broken(reason),
            other => other,
        })?;
        let paths = texts
            .get(PARTS)
            .ok_or_else(|| broken(format!("the text `{PARTS}`, which names the parts, is missing")))?;
        let mut parts = Vec::new();
        let mut values = Vec::new();
        for path in paths.split(' ') {
            let tensor = tensors.iter().find(|tensor| tensor.name == path && tensor.shape.len() == 1);
            let tensor = tensor.ok_or_else(|| broken(format!("the part `{path}` is missing")))?;
            if let Some(value) = tensor.values.iter().find(|value| !value.is_finite()) {
                return Err(broken(format!("the part `{path}` holds {value}")));
            }
            parts.push((path.to_owned(), tensor.values.len()));
            values.extend(&tensor.values);
        }
        let layout = Arc::new(LatentLayout::of_parts(parts));
        // A seed is told only where it still gives these very numbers.
        let drawn =
            texts.get(SEED).and_then(|seed| seed.parse().ok()).map(|seed| Self::draw(&layout, Seed(seed)));
        match drawn.filter(|drawn| drawn.values() == values) {
            Some(drawn) => Ok(drawn),
            None => Self::from_values(&layout, values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Arc<LatentLayout> {
        let parts = [("z", 3), ("z_t", 2), ("z_i.drums", 4), ("z_it.bass", 1)];
        Arc::new(LatentLayout::of_parts(parts.map(|(path, size)| (path.to_owned(), size))))
    }

    #[test]
    fn a_latent_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.safetensors");
        let drawn = Latent::draw(&layout(), Seed(7));
        let moved = drawn.map(|x| x * 1.5 + 0.1);
        for latent in [drawn, moved] {
            latent.save(&path, Some(&Stamp::of_program())).unwrap();
            let back = Latent::load(&path).unwrap();
            assert_eq!(back, latent);
            assert_eq!((back.seed(), back.digest()), (latent.seed(), latent.digest()));
        }
    }

    #[test]
    fn other_files_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let latent = Latent::draw(&layout(), Seed(7));
        let error = latent.save(&folder.path().join("a.npz"), None).unwrap_err().to_string();
        assert!(error.contains("a.npz") && error.contains(".safetensors"), "{error}");
        let path = folder.path().join("b.safetensors");
        let write = |texts: &[(&str, &str)], values: Vec<f32>| {
            let tensor = HostTensor { name: "z".into(), shape: vec![values.len()], values };
            let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            write_atomically(&path, &encode(&[tensor], texts, Precision::Single).unwrap()).unwrap();
            Latent::load(&path).unwrap_err().to_string()
        };
        for (error, reason) in [
            (write(&[], vec![1.0]), "the text `latent`"),
            (write(&[(PARTS, "z z_t")], vec![1.0]), "the part `z_t` is missing"),
            (write(&[(PARTS, "z")], vec![f32::NAN]), "holds NaN"),
        ] {
            assert!(error.contains("b.safetensors") && error.contains(reason), "{error}");
        }
    }
}
