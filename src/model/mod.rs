//! Latents, networks, and the models that turn one into music with the other.
//!
//! Burn lives here and in `train`. Depends on `base`, `music` and `metrics`.

mod architecture;
mod binarize;
mod calibration;
mod cells;
pub mod config;
mod critic;
mod device;
mod direction;
mod encoding;
mod error;
mod generator;
mod inverse;
mod latent;
mod latent_file;
pub mod layers;
mod memory;
pub mod neurons;
mod play;
mod presets;
mod refiner;
mod store;
mod target;
mod tensors;
mod trained;
mod weights;

pub use binarize::Binarization;
pub use calibration::{Calibration, Density, calibrate};
pub use cells::{Cells, to_tensor};
pub use critic::{Critic, CriticConfig, CriticKind, CriticWidths};
pub use device::{DeviceInfo, DeviceName, Opened, devices, is_processor};
pub use direction::direction;
pub use encoding::{EncodeOptions, Encoding, Start};
pub use error::ModelError;
pub use generator::{Generator, Given, Heard, Norm, Statistics};
pub use inverse::{Inverse, InverseDescription, InverseNetwork, InverseWidths, given_tensor, inverse_file};
pub use latent::{Latent, LatentLayout, Part};
pub use neurons::{NeuronKind, Neurons};
pub use play::{DecodeOptions, by_phrase};
pub use store::{Description, Library, Listing, Training, save_inverse, save_model};
pub use target::Wanted;
pub use tensors::{HostTensor, Precision, decode, encode};
pub use trained::{Instrument, Model, Parts};
pub use weights::{Entry, Init, Layout, Matrices, Weights};
