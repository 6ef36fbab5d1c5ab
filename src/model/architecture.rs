//! The architecture of a model: a grid, latent parts, and one of the family's networks.

use serde::{Deserialize, Serialize};

use super::ModelError;
use super::config::{
    BarGenerators, ConvolutionalWidths, EncoderWidths, GeneratorWidths, Grid, LatentWidths, RefinerWidths,
};

/// Everything that decides the shapes of a model's networks.
///
/// In a file it is a section `grid`, a section `latent`, and either `generator` (may be left out:
/// the small hybrid's widths) and perhaps `encoder`, or `convolutional`; and perhaps `refiner`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Sections", into = "Sections")]
pub struct Architecture {
    /// The grid.
    pub grid: Grid,
    /// The latent parts.
    pub latent: LatentWidths,
    /// The network.
    pub network: Network,
    /// The refiner that goes over the network's logits; absent where they are taken as they are.
    pub refiner: Option<RefinerWidths>,
}

/// The networks of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Hybrid, jamming and composer: temporal generators, then bar generators.
    Bars {
        /// The generator.
        generator: GeneratorWidths,
        /// The encoder of an accompanying model; absent when it composes from scratch.
        encoder: Option<EncoderWidths>,
    },
    /// The later network: one latent vector grown by transposed convolutions.
    Convolutional(ConvolutionalWidths),
}

/// An architecture as it is written down.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    grid: Grid,
    latent: LatentWidths,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generator: Option<GeneratorWidths>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    convolutional: Option<ConvolutionalWidths>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoder: Option<EncoderWidths>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refiner: Option<RefinerWidths>,
}

impl TryFrom<Sections> for Architecture {
    type Error = ModelError;

    fn try_from(said: Sections) -> Result<Self, ModelError> {
        let network = match (said.convolutional, said.generator, said.encoder) {
            (None, generator, encoder) => Network::Bars { generator: generator.unwrap_or_default(), encoder },
            (Some(widths), None, None) => Network::Convolutional(widths),
            (Some(_), Some(_), _) => {
                return wrong(
                    "a model has a section `generator` or a section `convolutional`, not both".into(),
                );
            }
            (Some(_), None, Some(_)) => {
                return wrong(
                    "a section `encoder` belongs to `generator`: the encoder of a model with a section \
                     `convolutional` is `convolutional.encoder`"
                        .into(),
                );
            }
        };
        Ok(Self { grid: said.grid, latent: said.latent, network, refiner: said.refiner })
    }
}

impl From<Architecture> for Sections {
    fn from(a: Architecture) -> Self {
        let sections = |generator, convolutional, encoder| Self {
            grid: a.grid,
            latent: a.latent,
            generator,
            convolutional,
            encoder,
            refiner: a.refiner,
        };
        match a.network {
            Network::Bars { generator, encoder } => sections(Some(generator), None, encoder),
            Network::Convolutional(widths) => sections(None, Some(widths), None),
        }
    }
}

fn wrong<T>(what: String) -> Result<T, ModelError> {
    Err(ModelError::Config(what))
}

impl Architecture {
    /// Whether it answers to given tracks.
    pub fn accompanies(&self) -> bool {
        match &self.network {
            Network::Bars { encoder, .. } => encoder.is_some(),
            Network::Convolutional(widths) => widths.encoder.is_some(),
        }
    }

    /// Checks that networks of these shapes can be built.
    ///
    /// # Errors
    /// [`ModelError::Config`] naming the key, and the one it does not go with.
    pub fn check(&self) -> Result<(), ModelError> {
        self.grid.check()?;
        let LatentWidths { z, z_t, z_i, z_it } = self.latent;
        if z + z_t + z_i + z_it == 0 {
            return wrong("`latent` needs at least one part wider than 0".into());
        }
        if self.accompanies() && self.grid.track_count() < 2 {
            let text = "`encoder` needs two tracks at least: one that is given, one that answers";
            return wrong(text.into());
        }
        if let Some(RefinerWidths { channels, units }) = self.refiner {
            positive("refiner", &[("channels", channels), ("units", units)])?;
        }
        match &self.network {
            Network::Bars { generator, encoder } => {
                self.check_bars(generator)?;
                encoder.as_ref().map_or(Ok(()), check_encoder)
            }
            Network::Convolutional(widths) => self.check_convolutional(widths),
        }
    }

    fn check_bars(&self, wide: &GeneratorWidths) -> Result<(), ModelError> {
        let LatentWidths { z, z_t, z_i, z_it } = self.latent;
        if wide.bar_generators == BarGenerators::One && z_i + z_it > 0 {
            let part = if z_i > 0 { "latent.z_i" } else { "latent.z_it" };
            return wrong(format!(
                "`generator.bar_generators: one` has no track of its own to give `{part}` to: set it to 0, or \
                 `bar_generators` to per_track"
            ));
        }
        if wide.harmony > 0 && z + z_t == 0 {
            return wrong(
                "`generator.harmony` is made from the shared parts: set it to 0 or widen `z` or `z_t`".into(),
            );
        }
        let needs_time = z_t + z_it + wide.harmony > 0;
        positive(
            "generator",
            &[
                ("temporal", if needs_time { wide.temporal } else { 1 }),
                ("beat", wide.beat),
                ("step", wide.step),
                ("octave", wide.octave),
                ("cell", wide.cell),
            ],
        )
    }

    fn check_convolutional(&self, wide: &ConvolutionalWidths) -> Result<(), ModelError> {
        let LatentWidths { z, z_t, z_i, z_it } = self.latent;
        let others = [("z_t", z_t), ("z_i", z_i), ("z_it", z_it)];
        if let Some((part, _)) = others.iter().find(|(_, width)| *width > 0) {
            return wrong(format!(
                "`convolutional` has one latent part, `latent.z`: set `latent.{part}` to 0"
            ));
        }
        if z == 0 {
            return wrong("`convolutional` needs `latent.z` wider than 0".into());
        }
        positive(
            "convolutional",
            &[
                ("bar", wide.bar),
                ("beat", wide.beat),
                ("step", wide.step),
                ("shared_steps", wide.shared_steps),
                ("branch", wide.branch),
                ("cell", wide.cell),
            ],
        )?;
        let (shared, own) = (wide.shared_steps, self.grid.subdivisions());
        if !own.is_multiple_of(shared) {
            return wrong(format!(
                "`convolutional.shared_steps` must divide the {own} steps of a beat that \
                 `grid.steps_per_bar` {} has, got {shared}",
                self.grid.steps_per_bar
            ));
        }
        let Some(e) = wide.encoder else { return Ok(()) };
        positive(
            "convolutional.encoder",
            &[("phrase", e.phrase), ("bar", e.bar), ("beat", e.beat), ("branch", e.branch), ("cell", e.cell)],
        )
    }
}

fn check_encoder(e: &EncoderWidths) -> Result<(), ModelError> {
    positive("encoder", &[("bar", e.bar), ("beat", e.beat), ("step", e.step), ("octave", e.octave)])
}

/// Refuses a section's first width of 0.
fn positive(section: &str, widths: &[(&str, usize)]) -> Result<(), ModelError> {
    match widths.iter().find(|(_, width)| *width == 0) {
        Some((key, _)) => wrong(format!("`{section}.{key}` must be at least 1, got 0")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::ConvolutionalEncoderWidths;

    /// The error of a hybrid after a change.
    fn refused(change: impl Fn(&mut Architecture)) -> String {
        let mut changed = Architecture::hybrid_small();
        change(&mut changed);
        changed.check().unwrap_err().to_string()
    }

    fn assert_names(error: &str, keys: &[&str]) {
        assert!(keys.iter().all(|key| error.contains(&format!("`{key}"))), "{error}");
    }

    const ONE: GeneratorWidths = GeneratorWidths {
        bar_generators: BarGenerators::One,
        temporal: 4,
        harmony: 0,
        beat: 4,
        step: 4,
        octave: 4,
        cell: 4,
        batch_normalization: true,
    };

    fn bars(generator: GeneratorWidths) -> Network {
        Network::Bars { generator, encoder: None }
    }

    #[test]
    fn impossible_shapes_are_refused_by_name() {
        assert_names(&refused(|a| a.grid.steps_per_bar = 17), &["steps_per_bar`"]);
        assert_names(&refused(|a| a.latent = LatentWidths::default()), &["latent`"]);
        let lonely = |a: &mut Architecture| {
            a.grid.tracks.truncate(1);
            let generator = GeneratorWidths::default();
            a.network = Network::Bars { generator, encoder: Some(EncoderWidths::default()) };
        };
        assert_names(&refused(lonely), &["encoder`"]);
        assert_names(&refused(|a| a.network = bars(ONE)), &["generator.bar_generators: one`", "latent.z_i`"]);
        let no_shared = |a: &mut Architecture| a.latent = LatentWidths { z_i: 4, ..Default::default() };
        assert_names(&refused(no_shared), &["generator.harmony`", "z`", "z_t`"]);
        let narrow = |a: &mut Architecture| {
            a.network = bars(GeneratorWidths { octave: 0, ..Default::default() });
        };
        assert_names(&refused(narrow), &["generator.octave`"]);
        let no_units = |a: &mut Architecture| a.refiner = Some(RefinerWidths { channels: 8, units: 0 });
        assert_names(&refused(no_units), &["refiner.units`"]);
    }

    #[test]
    fn impossible_convolutions_are_refused_by_both_names() {
        let convolutional = |a: &mut Architecture, widths: ConvolutionalWidths| {
            a.latent = LatentWidths { z: 8, ..Default::default() };
            a.network = Network::Convolutional(widths);
        };
        let mut a = Architecture::hybrid_small();
        convolutional(&mut a, ConvolutionalWidths::default());
        a.check().unwrap();
        let private = |a: &mut Architecture| {
            convolutional(a, ConvolutionalWidths::default());
            a.latent.z_it = 3;
        };
        assert_names(&refused(private), &["convolutional`", "latent.z`", "latent.z_it`"]);
        let odd = ConvolutionalWidths { shared_steps: 3, ..Default::default() };
        let error = refused(|a| convolutional(a, odd));
        assert_names(&error, &["convolutional.shared_steps`", "grid.steps_per_bar`"]);
        let encoder = ConvolutionalEncoderWidths { cell: 0, ..Default::default() };
        let deaf = ConvolutionalWidths { encoder: Some(encoder), ..Default::default() };
        assert_names(&refused(|a| convolutional(a, deaf)), &["convolutional.encoder.cell`"]);
    }

    const GRID: &str = "grid: { tracks: [lead, pad], bars: 2, steps_per_bar: 16, planes: 1, \
                        lowest_pitch: 24, octaves: 7 }\n";

    #[test]
    fn sections_are_read_and_written_back() {
        let read = |text: &str| serde_yaml::from_str::<Architecture>(&format!("{GRID}{text}"));
        let plain = read("latent: { z: 8, z_t: 8, z_i: 0, z_it: 0 }").unwrap();
        assert_eq!(plain.network, bars(GeneratorWidths::default()));
        let text = "latent: { z: 8 }\nconvolutional: { bar: 9, encoder: { cell: 3 } }";
        let network = read(text).unwrap();
        assert!(network.accompanies() && !plain.accompanies());
        let refined = read("latent: { z: 8 }\nrefiner: { channels: 4 }").unwrap();
        assert_eq!(refined.refiner, Some(RefinerWidths { channels: 4, units: 2 }));
        for architecture in [plain, network, refined] {
            let text = serde_yaml::to_string(&architecture).unwrap();
            assert_eq!(serde_yaml::from_str::<Architecture>(&text).unwrap(), architecture);
        }
        let error = |text: &str| read(text).unwrap_err().to_string();
        let both = error("latent: { z: 8 }\ngenerator: {}\nconvolutional: {}");
        assert_names(&both, &["generator`", "convolutional`"]);
        let encoder = error("latent: { z: 8 }\nencoder: {}\nconvolutional: {}");
        assert_names(&encoder, &["encoder`", "convolutional.encoder`"]);
        let unknown = error("latent: { z: 8 }\nconvolutional: { bars: 9 }");
        assert!(unknown.contains("bars") && unknown.contains("line"), "{unknown}");
    }

    #[test]
    fn one_bar_generator_is_written_down_and_several_are_taken_as_said() {
        let said = |bars: &str| format!("{{ temporal: 128, {bars} cell: 32 }}");
        let one: GeneratorWidths = serde_yaml::from_str(&said("bar_generators: one,")).unwrap();
        assert_eq!(one.bar_generators, BarGenerators::One);
        assert!(serde_yaml::to_string(&one).unwrap().contains("bar_generators: one"));
        let several: GeneratorWidths = serde_yaml::from_str(&said("")).unwrap();
        assert_eq!(several, GeneratorWidths::default());
        assert!(!serde_yaml::to_string(&several).unwrap().contains("bar_generators"));
    }
}
