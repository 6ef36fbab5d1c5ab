//! Latents, networks, and the models that turn one into music with the other.
//!
//! Burn lives here and in `train`. Depends on `base` and `music`.

mod cells;
pub mod config;
mod critic;
mod encoder;
mod error;
mod generator;
mod latent;
pub mod layers;
mod tensors;
mod weights;

pub use cells::{Cells, to_tensor};
pub use critic::Critic;
pub use error::ModelError;
pub use generator::{Generator, Given, Norm};
pub use latent::{Latent, LatentLayout, Part};
pub use tensors::{HostTensor, Precision, decode, encode};
pub use weights::{Entry, Init, Layout, Matrices, Weights};
