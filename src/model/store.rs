//! Models on disk and inside the program.
//!
//! A model is a folder: `weights.safetensors` (half precision, normalization folded in),
//! `model.yaml` (shapes, calibration, how it was trained) and `card.md` for people.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::calibration::Calibration;
use super::config::Architecture;
use super::inverse::{InverseDescription, inverse_file};
use super::tensors::{HostTensor, Precision, decode, encode};
use super::trained::{Instrument, InverseBytes, Model, Parts};
use super::{Generator, ModelError, Neurons};
use crate::base::{read_file, suggestion, write_atomically};
use crate::music::Tempo;

const WEIGHTS: &str = "weights.safetensors";
const INVERSE: &str = "inverse.safetensors";
const DESCRIPTION: &str = "model.yaml";

/// What `model.yaml` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this layout.
    pub format: u32,
    /// The model's name.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// Shapes of its networks.
    pub architecture: Architecture,
    /// What makes its music as dense as real music, fitted on held-out songs.
    pub calibration: Calibration,
    /// The binary neurons at its end, where it was trained with some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neurons: Option<Neurons>,
    /// Beats a minute of what it plays.
    pub tempo: f64,
    /// What plays each track; what the families play when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instruments: Vec<Instrument>,
    /// How it was trained.
    pub training: Training,
    /// The network that leads from music back to latents, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<InverseDescription>,
}

/// How a model was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Generator steps.
    pub steps: u64,
    /// Phrases in a step.
    pub batch_size: usize,
    /// Phrases it learnt from.
    pub phrases: usize,
    /// Seed of the run.
    pub seed: u64,
}

/// A model that this program carries inside.
struct Embedded {
    name: &'static str,
    description: &'static str,
    weights: &'static [u8],
    inverse: &'static [u8],
}

const EMBEDDED: [Embedded; 2] = [
    Embedded {
        name: "hybrid",
        description: include_str!("../../models/hybrid/model.yaml"),
        weights: include_bytes!("../../models/hybrid/weights.safetensors"),
        inverse: include_bytes!("../../models/hybrid/inverse.safetensors"),
    },
    Embedded {
        name: "accompany",
        description: include_str!("../../models/accompany/model.yaml"),
        weights: include_bytes!("../../models/accompany/weights.safetensors"),
        inverse: include_bytes!("../../models/accompany/inverse.safetensors"),
    },
];

/// Where models are looked for: a path, then folders in order, then inside the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    /// Folders of model folders.
    pub folders: Vec<PathBuf>,
}

/// A model that a library has.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Its name.
    pub name: String,
    /// Its folder; `None` inside the program.
    pub folder: Option<PathBuf>,
    /// First 12 hex digits of the SHA-256 of its weights file.
    pub hash: String,
    /// What its `model.yaml` says.
    pub description: Description,
}

impl Library {
    /// Loads a model by name or by the path of its folder.
    ///
    /// # Errors
    /// [`ModelError::Missing`] naming the models there are, [`ModelError::Broken`] naming the file.
    pub fn load(&self, name: &str, device: &Device, on_cpu: bool) -> Result<Model, ModelError> {
        let files = self.find(name)?;
        let (parts, current) = assemble(&files)?;
        let model = Model::new(parts, device, on_cpu)?;
        Ok(match current {
            Some(description) => model.with_inverse(files.inverse, description),
            None => model,
        })
    }

    /// The architecture of a model by name or by the path of its folder, and its weights in the order of
    /// the generator's layout, normalization folded in.
    ///
    /// # Errors
    /// As [`Library::load`].
    pub fn weights(&self, name: &str) -> Result<(Architecture, Vec<f32>), ModelError> {
        let (parts, _) = assemble(&self.find(name)?)?;
        Ok((parts.architecture, parts.values))
    }

    /// First 12 hex digits of the SHA-256 of the weights file of a model by name or by the path of its
    /// folder.
    ///
    /// # Errors
    /// As [`Library::load`].
    pub fn hash(&self, name: &str) -> Result<String, ModelError> {
        Ok(hash(&self.find(name)?.weights))
    }

    /// Files of a model on disk beside its weights, by name or by the path of its folder: they too decide
    /// what it plays. None for one inside the program.
    pub fn files_beside(&self, name: &str) -> Vec<PathBuf> {
        let folder = self.folder_of(name);
        let files = folder.iter().flat_map(|folder| [folder.join(DESCRIPTION), folder.join(INVERSE)]);
        files.filter(|file| file.is_file()).collect()
    }

    /// What a model's folder says; `None` when it is not one.
    pub fn listing(folder: &Path) -> Option<Listing> {
        listing_of(folder)
    }

    fn find(&self, name: &str) -> Result<Files, ModelError> {
        if let Some(folder) = self.folder_of(name) {
            let description = read_file(&folder.join(DESCRIPTION))?;
            return Ok(Files {
                description: String::from_utf8_lossy(&description).into_owned().into(),
                weights: read_file(&folder.join(WEIGHTS))?.into(),
                inverse: InverseBytes::File(folder.join(INVERSE)),
                folder,
            });
        }
        if let Some(model) = embedded(name) {
            return Ok(Files {
                folder: name.into(),
                description: model.description.into(),
                weights: model.weights.into(),
                inverse: InverseBytes::Embedded(model.inverse),
            });
        }
        let names: Vec<String> = self.list().into_iter().map(|listing| listing.name).collect();
        let hint = suggestion(name, names.iter().map(String::as_str));
        Err(ModelError::Missing {
            name: name.to_owned(),
            hint,
            known: format!("there are {}", names.join(", ")),
        })
    }

    /// Whether there is a model of that name, or in that folder; [`Library::load`] may still find it broken.
    pub fn has(&self, name: &str) -> bool {
        self.folder_of(name).is_some() || embedded(name).is_some()
    }

    /// The folder that a name or a path leads to: `study/joint` is the folder of that path in one of the
    /// library's.
    pub fn folder_of(&self, name: &str) -> Option<PathBuf> {
        let folders = self.folders.iter().map(|folder| folder.join(name));
        std::iter::once(PathBuf::from(name)).chain(folders).find(|f| f.join(DESCRIPTION).is_file())
    }

    /// Names of the models that [`Library::list`] describes, without reading them.
    pub fn names(&self) -> Vec<String> {
        let folders = self.folders.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten());
        let models = folders.flatten().filter(|entry| entry.path().join(DESCRIPTION).is_file());
        let mut names: Vec<String> =
            models.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.extend(EMBEDDED.iter().map(|model| model.name.to_owned()));
        names.sort();
        names.dedup();
        names
    }

    /// Every model that stands in one of the folders itself or inside the program; a folder's model hides
    /// one of its name inside the program. Those in folders deeper down are loaded by their path only.
    pub fn list(&self) -> Vec<Listing> {
        let mut list: Vec<Listing> = Vec::new();
        let mut add = |listing: Option<Listing>| {
            list.extend(listing.filter(|l| list.iter().all(|other| other.name != l.name)));
        };
        for folder in &self.folders {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            for path in paths {
                add(listing_of(&path));
            }
        }
        for model in &EMBEDDED {
            let description = serde_yaml::from_str(model.description).ok();
            add(description.map(|description| Listing {
                name: model.name.to_owned(),
                folder: None,
                hash: hash(model.weights),
                description,
            }));
        }
        list
    }
}

fn embedded(name: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|model| model.name == name)
}

fn listing_of(folder: &Path) -> Option<Listing> {
    let description = read_file(&folder.join(DESCRIPTION)).ok()?;
    Some(Listing {
        name: folder.file_name()?.to_str()?.to_owned(),
        hash: hash(&read_file(&folder.join(WEIGHTS)).ok()?),
        description: serde_yaml::from_str(&String::from_utf8_lossy(&description)).ok()?,
        folder: Some(folder.to_owned()),
    })
}

/// First 12 hex digits of the SHA-256.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// What a model consists of, from its folder or from inside the program.
struct Files {
    folder: PathBuf,
    description: Cow<'static, str>,
    weights: Cow<'static, [u8]>,
    inverse: InverseBytes,
}

/// The parts of a model, and its inverse network if it is one of these weights.
fn assemble(files: &Files) -> Result<(Parts, Option<InverseDescription>), ModelError> {
    let Files { folder, description, weights, .. } = files;
    let broken = |file: &str, reason: String| ModelError::Broken { path: folder.join(file), reason };
    let said: Description =
        serde_yaml::from_str(description).map_err(|error| broken(DESCRIPTION, error.to_string()))?;
    said.architecture.check().map_err(|error| broken(DESCRIPTION, error.to_string()))?;
    if said.format != 1 {
        return Err(broken(DESCRIPTION, format!("it has format {}, this program reads 1", said.format)));
    }
    if !said.calibration.fits(&said.architecture.grid) {
        let (tracks, planes) = (said.architecture.grid.track_count(), said.architecture.grid.planes);
        let expected = format!("`calibration` must have {tracks} tracks of {planes} planes");
        return Err(broken(DESCRIPTION, expected));
    }
    if let Some(slope) =
        said.neurons.map(|neurons| neurons.slope).filter(|slope| !(*slope > 0.0 && slope.is_finite()))
    {
        return Err(broken(DESCRIPTION, format!("`neurons.slope` must be above 0, got {slope}")));
    }
    let tempo = Tempo::new(said.tempo).map_err(|error| broken(DESCRIPTION, error.to_string()))?;
    let (tensors, _) = decode(&folder.join(WEIGHTS), weights)?;
    let by_name: HashMap<&str, &HostTensor> = tensors.iter().map(|t| (t.name.as_str(), t)).collect();
    let generator = Generator::new(&said.architecture);
    let mut values = Vec::with_capacity(generator.layout().size());
    for entry in generator.layout().entries() {
        let name = &entry.name;
        let tensor = by_name.get(name.as_str());
        let tensor = tensor.ok_or_else(|| broken(WEIGHTS, format!("the matrix `{name}` is missing")))?;
        if tensor.shape != entry.shape {
            let (got, expected) = (&tensor.shape, entry.shape);
            let reason =
                format!("the matrix `{name}` has shape {got:?}, the architecture needs {expected:?}");
            return Err(broken(WEIGHTS, reason));
        }
        values.extend(&tensor.values);
    }
    let parts = Parts {
        name: said.name,
        about: said.about,
        hash: hash(weights),
        architecture: said.architecture,
        values,
        calibration: said.calibration,
        neurons: said.neurons,
        tempo,
        instruments: said.instruments,
        training: said.training,
    };
    let current = said.inverse.filter(|inverse| inverse.weights == parts.hash);
    Ok((parts, current))
}

/// Writes the inverse network of the model in `folder` beside its weights.
///
/// # Errors
/// [`ModelError`] when `model.yaml` cannot be read or the disk refuses.
pub fn save_inverse(
    folder: &Path,
    description: InverseDescription,
    weights: &super::Weights,
) -> Result<(), ModelError> {
    let path = folder.join(DESCRIPTION);
    let broken =
        |error: serde_yaml::Error| ModelError::Broken { path: path.clone(), reason: error.to_string() };
    let bytes = read_file(&path)?;
    let said: Description = serde_yaml::from_str(&String::from_utf8_lossy(&bytes)).map_err(broken)?;
    let said = Description { inverse: Some(description), ..said };
    let yaml = serde_yaml::to_string(&said).map_err(|error| ModelError::Config(error.to_string()))?;
    write_atomically(&folder.join(INVERSE), &inverse_file(weights)?)?;
    write_atomically(&path, yaml.as_bytes())?;
    Ok(())
}

impl Model {
    /// Writes the model into a folder of its own, with its inverse network if it has one:
    /// [`Library::load`] reads it, and its hash is the same.
    ///
    /// # Errors
    /// [`ModelError`] when the numbers cannot be had from the device or from a file, or the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        let description = Description {
            format: 1,
            name: self.name().to_owned(),
            about: self.about().to_owned(),
            architecture: self.architecture().clone(),
            calibration: self.calibration().clone(),
            neurons: self.neurons(),
            tempo: self.tempo().bpm(),
            instruments: self.instruments().to_vec(),
            training: self.training().clone(),
            inverse: self.inverse_description().cloned(),
        };
        if let Some(bytes) = self.inverse_bytes()? {
            write_atomically(&folder.join(INVERSE), &bytes)?;
        }
        save_model(folder, &description, &self.weights().values()?)
    }
}

/// Writes a model folder; `values` are in the order of the generator's layout, normalization folded
/// in.
///
/// # Errors
/// [`ModelError`] when the disk refuses.
pub fn save_model(folder: &Path, description: &Description, values: &[f32]) -> Result<(), ModelError> {
    let generator = Generator::new(&description.architecture);
    let matrix = |entry: &super::Entry| HostTensor {
        name: entry.name.clone(),
        shape: entry.shape.to_vec(),
        values: values[entry.offset..entry.offset + entry.shape.iter().product::<usize>()].to_vec(),
    };
    let tensors: Vec<HostTensor> = generator.layout().entries().iter().map(matrix).collect();
    let texts = HashMap::from([("name".to_owned(), description.name.clone())]);
    let yaml = serde_yaml::to_string(description).map_err(|error| ModelError::Config(error.to_string()))?;
    write_atomically(&folder.join(WEIGHTS), &encode(&tensors, texts, Precision::Half)?)?;
    write_atomically(&folder.join(DESCRIPTION), yaml.as_bytes())?;
    Ok(())
}
