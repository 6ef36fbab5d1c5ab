use super::*;

const OWN: &str = "\
# line 1
name: test
data:
  file: phrases.npz
model:
  grid:
    tracks: [piano, bass]
    bars: 4
    steps_per_bar: 16
    planes: 2
    lowest_pitch: 24
    octaves: 7
  latent: { z: 4, z_t: 4, z_i: 4,
            z_it: 4 }
critic: { window: 48 }
steps: 100
batch_size: 8
initial_learning_rate: 0.001
gan_loss_type: wasserstein
adam:
  beta1: 0.5
";

/// The message for [`OWN`] with one text replaced, without the words that all have in common.
fn message(from: &str, to: &str) -> String {
    assert!(OWN.contains(from), "{from}");
    let error = read_text(&OWN.replace(from, to)).unwrap_err().to_string();
    error.trim_start_matches("config, ").to_owned()
}

#[test]
fn mistakes_are_told_with_their_line_and_what_would_be_right() {
    let cases = [
        ("batch_size: 8", "batchsize: 8", "line 17: there is no key `batchsize`; did you mean `batch_size`?"),
        (
            "batch_size: 8",
            "data_fliename: x\nbatch_size: 8",
            "line 17: there is no key `data_fliename`; did you mean `data_filename`?",
        ),
        (
            "bars: 4",
            "bar: 4",
            "line 8: `model.grid` has no key `bar`, only `tracks`, `bars`, `steps_per_bar`, `planes`, `lowest_pitch`, `octaves`; did you mean `bars`?",
        ),
        (
            "            z_it: 4",
            "            z_ti: 4",
            "line 14: `model.latent` has no key `z_ti`, only `z`, `z_t`, `z_i`, `z_it`; did you mean `z_i`?",
        ),
        ("    bars: 4\n", "", "line 6: `model.grid` needs `bars`"),
        ("steps: 100\n", "", "`steps` is missing"),
        ("steps: 100", "steps: many", "line 16: `steps` must be a whole number of 0 or more, got `many`"),
        ("steps: 100", "steps: 0.5", "line 16: `steps` must be a whole number of 0 or more, got 0.5"),
        ("steps: 100", "steps: -3", "line 16: `steps` must be a whole number of 0 or more, got -3"),
        ("beta1: 0.5", "beta1: high", "line 21: `adam.beta1` must be a number, got `high`"),
        ("beta1: 0.5", "beta1: 1.5", "line 21: `adam.beta1` must lie in 0..1, got 1.5"),
        ("tracks: [piano, bass]", "tracks: [piano, 7]", "line 7: `model.grid.tracks.1` must be text, got 7"),
        ("tracks: [piano, bass]", "tracks: piano", "line 7: `model.grid.tracks` must be a list, got `piano`"),
        (
            "octaves: 7",
            "octaves: 9",
            "line 11: `lowest_pitch` must be a C and 9 octaves above it must end by 127, got 24",
        ),
        (
            "steps_per_bar: 16",
            "steps_per_bar: 17",
            "line 9: `steps_per_bar` must be 4, 8, 16, 24, 48 or 96, got 17",
        ),
        (
            "wasserstein",
            "waserstein",
            "line 19: `gan_loss_type` must be one of classic, nonsaturating, wasserstein, hinge, got `waserstein`; did you mean `wasserstein`?",
        ),
        ("adam:\n  beta1: 0.5", "adam: 0.5", "line 20: `adam` must be a map of keys, got 0.5"),
        (
            "batch_size: 8",
            "batch_size: 8\nsample_grid: [4, 4, 4]",
            "line 18: `sample_grid` must be a list of 2, got 3 values",
        ),
        ("batch_size: 8", "batch_size: 8\nbatch_size: 9", "duplicate entry with key \"batch_size\""),
        (
            "batch_size: 8",
            "batch_size: 8\ndata_filename: x",
            "line 18: `data_filename` and `data` say the same: keep one of them",
        ),
        (
            "batch_size: 8",
            "batch_size: 8\nlatent_dim: 64",
            "line 18: `latent_dim` and `model` both describe the networks: keep one of them",
        ),
        (
            "batch_size: 8",
            "batch_size: 8\nmidi: { lowest_pitch: 36 }",
            "line 18: `midi.lowest_pitch` and `model.grid.lowest_pitch` say the same: keep one of them",
        ),
    ];
    for (from, to, expected) in cases {
        let said = message(from, to);
        assert!(said.ends_with(expected), "{said}\n{expected}");
    }
}
