//! A trained model: its networks, its numbers on a device, and what is known of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::config::Architecture;
use super::inverse::{Inverse, InverseDescription};
use super::{Generator, LatentLayout, Matrices, ModelError, Neurons, Training, Weights};
use crate::base::read_file;
use crate::music::Tempo;

/// A generator with its trained numbers on a device; clones share them.
#[derive(Clone)]
pub struct Model {
    inner: Arc<Inner>,
    inverse: Option<Arc<OnDemand>>,
}

/// Where the numbers of an inverse network are.
pub(super) enum InverseBytes {
    /// In a file.
    File(PathBuf),
    /// Inside the program.
    Embedded(&'static [u8]),
}

impl InverseBytes {
    fn get(&self) -> Result<Cow<'static, [u8]>, ModelError> {
        Ok(match self {
            Self::File(path) => read_file(path)?.into(),
            Self::Embedded(bytes) => (*bytes).into(),
        })
    }
}

/// An inverse network that is read when it is first needed.
struct OnDemand {
    bytes: InverseBytes,
    description: InverseDescription,
    read: OnceLock<Inverse>,
}

struct Inner {
    name: String,
    about: String,
    hash: String,
    generator: Generator,
    weights: Weights,
    matrices: Matrices,
    layout: Arc<LatentLayout>,
    calibration: Calibration,
    neurons: Option<Neurons>,
    tempo: Tempo,
    instruments: Vec<Instrument>,
    training: Training,
    device: Device,
    on_cpu: bool,
}

/// What a model is made of, before it is on a device.
pub struct Parts {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// Hash of its numbers.
    pub hash: String,
    /// Its shapes.
    pub architecture: Architecture,
    /// Its numbers, normalization folded in.
    pub values: Vec<f32>,
    /// What makes its music as dense as real music.
    pub calibration: Calibration,
    /// The binary neurons at its end, where it was trained with some.
    pub neurons: Option<Neurons>,
    /// Tempo of what it plays.
    pub tempo: Tempo,
    /// What plays each track; what the families play when there are none.
    pub instruments: Vec<Instrument>,
    /// How it was trained.
    pub training: Training,
}

/// What plays a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// General MIDI program, 0..=127.
    pub program: u8,
    /// Whether it is played on the drum channel.
    pub is_drum: bool,
}

impl Model {
    /// Puts a model on a device; `on_cpu` says that the device computes on this machine's processor.
    ///
    /// # Errors
    /// [`ModelError`] when the numbers do not fit the shapes.
    pub fn new(parts: Parts, device: &Device, on_cpu: bool) -> Result<Self, ModelError> {
        parts.architecture.check()?;
        let (tracks, players) = (parts.architecture.grid.track_count(), parts.instruments.len());
        if players != 0 && players != tracks {
            return Err(ModelError::Config(format!(
                "`instruments` has {players} entries for {tracks} tracks"
            )));
        }
        let generator = Generator::new(&parts.architecture);
        let weights = Weights::new(Arc::new(generator.layout().clone()), parts.values, device)?;
        let inner = Inner {
            name: parts.name,
            about: parts.about,
            hash: parts.hash,
            matrices: weights.matrices(),
            weights,
            layout: Arc::new(LatentLayout::of(&parts.architecture)),
            calibration: parts.calibration,
            neurons: parts.neurons,
            tempo: parts.tempo,
            instruments: parts.instruments,
            training: parts.training,
            device: device.clone(),
            on_cpu,
            generator,
        };
        Ok(Self { inner: Arc::new(inner), inverse: None })
    }

    /// The model with a network that leads back from its music to its latents.
    pub(super) fn with_inverse(self, bytes: InverseBytes, description: InverseDescription) -> Self {
        let inverse = OnDemand { bytes, description, read: OnceLock::new() };
        Self { inverse: Some(Arc::new(inverse)), ..self }
    }

    /// Its inverse network, if it has one for these weights.
    ///
    /// # Errors
    /// [`ModelError`] when the network's file cannot be read.
    pub fn inverse(&self) -> Result<Option<&Inverse>, ModelError> {
        let Some(inverse) = &self.inverse else { return Ok(None) };
        if let Some(read) = inverse.read.get() {
            return Ok(Some(read));
        }
        let widths = inverse.description.widths;
        let place = match &inverse.bytes {
            InverseBytes::File(path) => path,
            InverseBytes::Embedded(_) => Path::new(self.name()),
        };
        let bytes = inverse.bytes.get()?;
        let network = Inverse::read(place, &bytes, self.architecture(), widths, self.device())?;
        Ok(Some(inverse.read.get_or_init(|| network)))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// One line for people.
    pub fn about(&self) -> &str {
        &self.inner.about
    }

    /// First 12 hex digits of the SHA-256 of its weights file.
    pub fn hash(&self) -> &str {
        &self.inner.hash
    }

    /// Its shapes.
    pub fn architecture(&self) -> &Architecture {
        self.inner.generator.architecture()
    }

    /// Number of trained numbers.
    pub fn parameter_count(&self) -> usize {
        self.inner.weights.layout().size()
    }

    /// How it was trained.
    pub fn training(&self) -> &Training {
        &self.inner.training
    }

    /// The layout of its latents.
    pub fn layout(&self) -> &Arc<LatentLayout> {
        &self.inner.layout
    }

    /// What makes its music as dense as real music.
    pub fn calibration(&self) -> &Calibration {
        &self.inner.calibration
    }

    /// Its networks.
    pub fn generator(&self) -> &Generator {
        &self.inner.generator
    }

    /// Its numbers, to compute with.
    pub fn matrices(&self) -> &Matrices {
        &self.inner.matrices
    }

    /// Its numbers as they are kept.
    pub(super) fn weights(&self) -> &Weights {
        &self.inner.weights
    }

    /// Tempo of what it plays.
    pub fn tempo(&self) -> Tempo {
        self.inner.tempo
    }

    /// What plays each track; empty where the families do.
    pub fn instruments(&self) -> &[Instrument] {
        &self.inner.instruments
    }

    /// What is known of its inverse network.
    pub(super) fn inverse_description(&self) -> Option<&InverseDescription> {
        self.inverse.as_ref().map(|inverse| &inverse.description)
    }

    /// The file of its inverse network.
    pub(super) fn inverse_bytes(&self) -> Result<Option<Cow<'static, [u8]>>, ModelError> {
        self.inverse.as_ref().map(|inverse| inverse.bytes.get()).transpose()
    }

    /// Where it is.
    pub(super) fn device(&self) -> &Device {
        &self.inner.device
    }

    /// Whether that is this machine's processor.
    pub(super) fn on_cpu(&self) -> bool {
        self.inner.on_cpu
    }

    /// The binary neurons at its end, where it was trained with some.
    pub fn neurons(&self) -> Option<Neurons> {
        self.inner.neurons
    }

    /// Whether it answers to given tracks.
    pub fn accompanies(&self) -> bool {
        self.architecture().accompanies()
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Model({} {})", self.name(), self.hash())
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        self.hash() == other.hash() && self.architecture() == other.architecture()
    }
}
