//! Many phrases at once: cells that share a latent share its way through the networks.

use rayon::prelude::*;

use crate::base::Cancel;
use crate::experiment::Cell;
use crate::metrics::{Options, measure};
use crate::model::{DecodeOptions, Latent, Model, ModelError};
use crate::music::Multitrack;

/// The phrases of a latent that are wanted.
#[derive(Clone, Debug)]
pub struct Take {
    /// Which of the models.
    pub model: usize,
    /// The latent.
    pub latent: Latent,
    /// How it is decoded, once for each phrase.
    pub options: Vec<DecodeOptions>,
}

/// The phrases of every take, in order; each is what [`Model::decode`] gives for it alone.
///
/// # Errors
/// Those of [`Model::decode`].
pub fn decode_takes(
    models: &[Model],
    takes: &[Take],
    cancel: &Cancel,
) -> Result<Vec<Vec<Multitrack>>, ModelError> {
    let mut songs: Vec<Vec<Multitrack>> = vec![Vec::new(); takes.len()];
    for (index, model) in models.iter().enumerate() {
        let of_model = || takes.iter().enumerate().filter(|(_, take)| take.model == index);
        let given: Vec<(Latent, &[DecodeOptions])> =
            of_model().map(|(_, take)| (take.latent.clone(), take.options.as_slice())).collect();
        let decoded = model.decode_variants(&given, cancel)?;
        for ((place, _), phrases) in of_model().zip(decoded) {
            songs[place] = phrases;
        }
    }
    Ok(songs)
}

/// The figures of each piece, by their paths.
pub fn measured(songs: &[Multitrack], options: &Options) -> Vec<Vec<(String, Cell)>> {
    let figures = |song: &Multitrack| {
        let figures = measure(song, options).figures().into_iter();
        figures.map(|(name, value)| (name, value.into())).collect()
    };
    songs.par_iter().map(figures).collect()
}
