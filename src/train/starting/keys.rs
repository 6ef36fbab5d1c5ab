//! What every key of a config is for: the text behind `ricercar new`, `config::keys` and the tests that
//! no key goes without one.

use crate::settings::{Key, Kind, keys_of};
use crate::train::TrainConfig;

/// Dotted key, what it says, and an example for keys that may be left out.
type Doc = (&'static str, &'static str, &'static str);

/// Titles, each above the key that its group begins with.
pub(super) const TITLES: [(&str, &str); 9] = [
    ("name", "The run"),
    ("data", "The phrases"),
    ("model", "The networks"),
    ("steps", "Training"),
    ("gan_loss_type", "Losses and penalties"),
    ("use_binary_neurons", "Binary neurons"),
    ("augmentation", "Variety, given tracks, averaging"),
    ("log_loss_steps", "What the run writes, in generator steps; 0 turns each off"),
    ("midi", "How the music is played and drawn"),
];

#[rustfmt::skip]
const DOCS: &[Doc] = &[
    ("name", "Name of the model and of its run folder: letters, digits, `-` and `_`.", ""),
    ("seed", "Seed of everything that is drawn.", ""),
    ("n_jobs", "Threads that gradients are computed on; 0 for as many as the processor has.", ""),
    ("data", "What is learnt from.", ""),
    ("data.file", "Training array: sparse (.npz) or dense (.npy); relative to this file.", ""),
    ("data.songs", "Table with a row for each phrase: columns split, phrase, set, song.", "songs.tsv"),
    ("data.split", "The split that the file's phrases have in the table.", "train"),
    ("data.exclude_sets", "Sets of the table to leave out.", "[pop909]"),
    ("held_out", "Phrases of other songs, which the model is measured beside and fitted to.", ""),
    ("held_out.file", "As in `data`.", "held-out.npz"),
    ("held_out.songs", "As in `data`.", "songs.tsv"),
    ("held_out.split", "As in `data`.", "test"),
    ("held_out.exclude_sets", "As in `data`.", "[pop909]"),
    ("use_train_test_split", "Keep the last tenth of the phrases from training, as `held_out`.", ""),
    ("model", "Shapes of the generator and of what hears given tracks.", ""),
    ("model.grid", "What the networks see of music.", ""),
    ("model.grid.tracks", "Names of the tracks.", ""),
    ("model.grid.bars", "Bars of a phrase, at most the data's.", ""),
    ("model.grid.steps_per_bar", "4, 8, 16 (sixteenths), 24, 48 or 96.", ""),
    ("model.grid.planes", "1: what sounds. 2: what sounds, and where notes begin.", ""),
    ("model.grid.lowest_pitch", "MIDI number of the lowest pitch, a C: 24 is C1.", ""),
    ("model.grid.octaves", "Octaves above it; pitches outside move by octaves.", ""),
    ("model.latent", "Widths of the latent parts; 0 leaves a part out.", ""),
    ("model.latent.z", "All tracks, the whole phrase.", ""),
    ("model.latent.z_t", "All tracks, moving with the bars.", ""),
    ("model.latent.z_i", "One for each track, the whole phrase.", ""),
    ("model.latent.z_it", "One for each track, moving with the bars.", ""),
    ("model.generator", "The network of hybrid, jamming and composer: widths of its layers.", ""),
    ("model.generator.bar_generators", "per_track, or one that plays all tracks (composer; then `z_i` and `z_it` are 0).", "per_track"),
    ("model.generator.temporal", "What moves latents through the bars.", "128"),
    ("model.generator.harmony", "What all tracks share in each beat; 0 leaves it out (jamming).", "48"),
    ("model.generator.beat", "A beat.", "96"),
    ("model.generator.step", "A step.", "64"),
    ("model.generator.octave", "An octave of a step.", "32"),
    ("model.generator.cell", "The layer before the cells.", "32"),
    (
        "model.generator.batch_normalization",
        "Whether hidden layers are normalized by the batch.",
        "true",
    ),
    ("model.convolutional", "Instead of `generator`: the convolutional network, with `z` alone. Published widths unless given.", ""),
    ("model.convolutional.bar", "All tracks: a bar.", "512"),
    ("model.convolutional.beat", "All tracks: a window of octaves of a beat.", "256"),
    ("model.convolutional.step", "All tracks: an octave of a shared step.", "128"),
    ("model.convolutional.shared_steps", "Steps of a beat that tracks share; divides those of the grid.", "4"),
    ("model.convolutional.branch", "Per track: the first layer of both branches.", "32"),
    ("model.convolutional.cell", "Per track: the second.", "16"),
    ("model.convolutional.pitch_bias", "Whether each pitch of a track starts at how often it sounds.", "true"),
    ("model.convolutional.encoder", "Makes it accompany: hears the given tracks.", ""),
    ("model.convolutional.encoder.phrase", "A phrase.", "256"),
    ("model.convolutional.encoder.bar", "A bar.", "128"),
    ("model.convolutional.encoder.beat", "A window of octaves of a beat.", "64"),
    ("model.convolutional.encoder.branch", "An octave of a shared step.", "32"),
    ("model.convolutional.encoder.cell", "An octave of a step, a pitch of a shared step.", "16"),
    ("model.encoder", "Makes a model with `generator` accompany: hears the given tracks.", ""),
    ("model.encoder.bar", "A bar.", "64"),
    ("model.encoder.beat", "A beat.", "64"),
    ("model.encoder.step", "A step.", "32"),
    ("model.encoder.octave", "An octave of a step.", "12"),
    ("model.refiner", "Refines a generator's output for binary neurons.", ""),
    ("model.refiner.channels", "Channels of its units (64 as published).", "8"),
    ("model.refiner.units", "Residual units.", "2"),
    ("critic", "The critic; absent widths are those of its kind.", ""),
    ("critic.kind", "streams (small), published (the multi-stream one), baseline (no streams), bar_phrase (2018).", ""),
    ("critic.per_track", "A critic for each track alone, as the jamming model was described.", ""),
    ("critic.private", "Per track: an octave of a place in time.", "32"),
    ("critic.merged", "Per track: both private streams merged.", "32"),
    ("critic.window", "All tracks: a window of octaves.", "96"),
    ("critic.shared", "All tracks: a bar.", "160"),
    ("critic.chroma", "The chroma stream; 0 leaves it out.", "96"),
    ("critic.onset", "The onset stream; 0 leaves it out.", "48"),
    ("critic.register", "The register stream; 0 leaves it out.", "48"),
    ("critic.join", "The join of neighbouring bars.", "160"),
    ("warm_start", "A checkpoint, model folder or model's name: its weights are the start, wherever shapes agree.", "runs/hybrid/checkpoint.safetensors"),
    ("steps", "Generator steps.", ""),
    ("batch_size", "Phrases in a step.", ""),
    ("micro_batch", "Phrases computed together, a divisor of `batch_size`; 0 for all. Parts run on several threads.", ""),
    ("n_dis_updates_per_gen_update", "Critic updates before each generator update.", ""),
    ("n_dis_updates_warmup", "More of them at the start, and now and then.", ""),
    ("n_dis_updates_warmup.updates", "So many updates ...", "50"),
    ("n_dis_updates_warmup.steps", "... in so many first generator steps,", "10"),
    ("n_dis_updates_warmup.every", "and in every so many later; 0 for none.", "0"),
    ("initialization", "How the weights start.", ""),
    ("initialization.kind", "scaled_normal (by the width of each layer) or truncated_normal (MuseGAN's).", ""),
    ("initialization.std", "Deviation of truncated_normal.", "0.02"),
    ("initial_learning_rate", "Learning rate of both networks, above 0 and below 1.", ""),
    ("use_learning_rate_decay", "Whether it falls, linearly.", ""),
    ("learning_rate_schedule", "The way it falls.", ""),
    ("learning_rate_schedule.start", "Last step at the initial rate; a tenth before the end unless given.", "9000"),
    ("learning_rate_schedule.end", "Step of `end_value`; the last one unless given.", "10000"),
    ("learning_rate_schedule.end_value", "The rate at the end.", ""),
    ("adam", "The optimizer (Kingma and Ba 2015).", ""),
    ("adam.beta1", "Decay of the mean, 0 to below 1.", ""),
    ("adam.beta2", "Decay of the square, 0 to below 1.", ""),
    ("gan_loss_type", "classic, nonsaturating, wasserstein or hinge.", ""),
    ("use_gradient_penalties", "The critic pays for gradients not of length one; wasserstein needs this or spectral norm.", ""),
    ("gradient_penalty_weight", "Weight of that penalty, 0 or more.", ""),
    ("use_spectral_norm", "The critic's matrices are divided by their largest singular value.", ""),
    ("mismatch_weight", "Share (0 to below 1) of fakes that are real tracks of different phrases put together.", ""),
    ("use_binary_neurons", "The critic sees zeros and ones instead of probabilities.", ""),
    ("binary_neurons", "deterministic (a threshold) or stochastic (a draw).", ""),
    ("use_slope_annealing", "Whether their slope grows from 1.", ""),
    ("slope_schedule", "The way it grows.", ""),
    ("slope_schedule.start", "Last step with a slope of 1; after a fifth of the run unless given.", "2000"),
    ("slope_schedule.end", "Step of `end_value`; the last one unless given.", "10000"),
    ("slope_schedule.end_value", "The slope at the end, 0.1 to 100.", ""),
    ("slope_annealing_rate", "Instead: growth with every pass over the phrases, 1 to 2.", "1.1"),
    ("augmentation", "Changes of real and made phrases alike, each a probability from 0 to 1.", ""),
    ("augmentation.beat_shift", "All tracks moved by whole beats, the end coming round.", ""),
    ("augmentation.bar_permutation", "The bars in another order.", ""),
    ("augmentation.track_drop_out", "One track silent.", ""),
    ("augmentation.transpose", "Pitched tracks moved by -5 to +6 semitones.", ""),
    ("use_random_transpose", "Real phrases in random keys, so that the model composes in all of them.", ""),
    ("refiner_training", "two_stage, joint or end_to_end, for models with a refiner.", "two_stage"),
    ("accompany", "For models with an encoder.", ""),
    ("accompany.reconstruction", "Weight of the cross-entropy to the true tracks; 0 turns it off.", ""),
    ("accompany.given", "The tracks that are always given; any subset, drawn anew, unless there are some.", "[bass]"),
    ("ema_decay", "Decay of the average of weights that is played and kept, 0 to below 1.", ""),
    ("log_loss_steps", "Steps between lines of the log.", ""),
    ("save_samples_steps", "Steps between samples.", ""),
    ("save_checkpoint_steps", "Steps between checkpoints; a stop keeps one too.", ""),
    ("keep_checkpoints", "Checkpoints of single steps beside the newest and the best.", ""),
    ("evaluate_steps", "Steps between measures of samples beside real music.", ""),
    ("stop_on_collapse", "Whether signs of collapse in an evaluation end the run.", ""),
    ("save_summaries_steps", "Steps between summaries: a line of the log, losses and measures drawn; 0 for none.", "500"),
    ("save_plots", "Draw losses and measures: at summaries, or else at checkpoints and evaluations.", ""),
    ("sample_grid", "Rows and columns of a sample picture.", ""),
    ("save_array_samples", "Samples as arrays of probabilities (.npy).", ""),
    ("save_image_samples", "Samples as pictures (.png), and evolution.png.", ""),
    ("save_pianoroll_samples", "Samples as pianorolls (.npz).", ""),
    ("midi", "Of each track in order, those of its family unless given.", ""),
    ("midi.lowest_pitch", "Another name of `model.grid.lowest_pitch`.", "24"),
    ("midi.programs", "General MIDI programs, 0 to 127.", "[0, 0, 25, 33, 48]"),
    ("midi.is_drums", "Whether it plays on the drum channel.", "[true, false, false, false, false]"),
    ("midi.tempo", "Beats a minute.", ""),
    ("colormap", "Red, green and blue, 0 to 1, of each track in pictures; the usual ones unless given.", "[[1, 0, 0], [1, 0.5, 0], [0, 1, 0], [0, 0, 1], [0, 0.5, 1]]"),
];

/// What is written of `key`: its text, and an example where it may be left out.
pub(super) fn doc(key: &str) -> (&'static str, &'static str) {
    DOCS.iter().find(|(known, ..)| *known == key).map_or(("", ""), |(_, text, example)| (text, example))
}

/// A key of a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigKey {
    /// Its dotted name: `model.grid.bars`.
    pub name: String,
    /// What it takes: "a whole number", "one of classic, hinge".
    pub takes: String,
    /// What it is for.
    pub about: &'static str,
}

/// Every key of a config, in order, each section before its keys.
pub fn config_keys() -> Vec<ConfigKey> {
    let mut all = Vec::new();
    list(&keys_of::<TrainConfig>(), "", &mut all);
    all
}

fn list(keys: &[Key], above: &str, all: &mut Vec<ConfigKey>) {
    for key in keys {
        let name = format!("{above}{}", key.name);
        let inner = format!("{name}.");
        all.push(ConfigKey { takes: takes(&key.kind), about: doc(&name).0, name });
        if let Kind::Keys(keys) = &key.kind {
            list(keys, &inner, all);
        }
    }
}

fn takes(kind: &Kind) -> String {
    match kind {
        Kind::Any => "a value".into(),
        Kind::Flag => "true or false".into(),
        Kind::Whole => "a whole number".into(),
        Kind::Number => "a number".into(),
        Kind::Text => "text".into(),
        Kind::List => "a list".into(),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Keys(_) => "keys".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_text_and_every_text_a_key() {
        let keys: Vec<String> = config_keys().into_iter().map(|key| key.name).collect();
        let texts: Vec<&str> = DOCS.iter().map(|(key, ..)| *key).collect();
        assert_eq!(keys, texts);
        assert!(TITLES.iter().all(|(key, _)| texts.contains(key)));
    }
}
