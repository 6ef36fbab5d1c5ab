//! What the networks start with and what pulls at them: loss, optimizer, who learns.

use serde::{Deserialize, Serialize};

/// How the critic and the generator pull at each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    /// Goodfellow et al. 2014, the generator minimizing the discriminator's own gain.
    Classic,
    /// Goodfellow et al. 2014, section 3: the generator maximizes log D(fake).
    Nonsaturating,
    /// Arjovsky et al. 2017.
    Wasserstein,
    /// Lim and Ye 2017.
    Hinge,
}

/// Adam's decay rates (Kingma and Ba 2015).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adam {
    /// Decay of the mean.
    pub beta1: f64,
    /// Decay of the square.
    pub beta2: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.5, beta2: 0.9 }
    }
}

/// Which numbers the weight matrices start with; biases start at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitKind {
    /// Normal, with a variance of one by the number of inputs, twice that before a ReLU (He et al.
    /// 2015).
    #[default]
    ScaledNormal,
    /// Normal with a deviation of `std`, redrawn beyond twice that, as in MuseGAN.
    TruncatedNormal,
}

/// How both networks start.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Initialization {
    /// The distribution.
    pub kind: InitKind,
    /// Deviation of `truncated_normal`: 0.02 when absent, as in MuseGAN's first releases; the later
    /// one has 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std: Option<f64>,
}

/// How an accompanying model learns to follow what it is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accompany {
    /// Weight of the cross-entropy to the true tracks beside the adversarial loss; 0 turns it off.
    pub reconstruction: f64,
    /// The tracks that are given in every phrase; any subset, drawn for each, when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
}

/// Which networks learn when there is a refiner (Dong and Yang 2018, section 3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefinerTraining {
    /// The refiner of a trained generator, which stays as it is.
    #[default]
    TwoStage,
    /// The refiner and a trained generator.
    Joint,
    /// The refiner and the generator, both from scratch.
    EndToEnd,
}
