//! Longer music from every kind of model: the parts that a latent lacks are passed over.

use std::fs;

use ricercar::base::Seed;
use ricercar::model::config::{Architecture, Grid};
use ricercar::model::{Calibration, Description, Generator, Training, save_model};

use crate::program::Program;

#[test]
fn every_kind_of_model_plays_a_form() {
    let folder = tempfile::tempdir().unwrap();
    let kinds = [
        ("hybrid", Architecture::hybrid_small()),
        ("jamming", Architecture::jamming()),
        ("composer", Architecture::composer()),
        ("convolutional", Architecture::convolutional_small()),
    ];
    let mut names = Vec::new();
    for (name, architecture) in kinds {
        // Weights that nothing has trained are good enough to play with.
        let values = Generator::new(&architecture).layout().initial(Seed(1));
        let description = Description {
            format: 1,
            name: name.to_owned(),
            about: "untrained".to_owned(),
            calibration: Calibration::neutral(&architecture.grid),
            neurons: None,
            tempo: 100.0,
            instruments: Vec::new(),
            training: Training::default(),
            inverse: None,
            architecture,
        };
        save_model(&folder.path().join("raw").join(name), &description, &values).unwrap();
        names.push(name);
    }
    assert_eq!(Grid::small().bars, 4);
    let script = "
let sections = [#{ name: \"a\", bars: 4 }, #{ name: \"b\", bars: 2, without: [\"drums\", \"oboe\"] }, #{ name: \"a\", bars: 4 }];
for name in [\"hybrid\", \"jamming\", \"composer\", \"convolutional\"] {
    let g = model::load(`raw/${name}`);
    let play = |seed| arrange::form(g, sections, #{ seed: seed, tries: 2, variation: 0.1 });
    let song = play.call(3);
    assert_eq(song.bar_count, 10);
    assert_eq(song, play.call(3));
    assert(song != play.call(4), `${name} heeds the seed`);
    assert(song.bars(4..6).drums.is_silent);
    let z = g.latent(#{ seed: 1 });
    let next = arrange::moved(z, 2);
    let again = arrange::varied(z, 2, 0.1);
    assert(again != z && next != z, name);
    assert(again.distance(z) < next.distance(z), name);
    print(`${name} plays`);
}
let twice = #{ name: \"a\", bar: 4 };
try { arrange::form(model::load(\"raw/hybrid\"), [twice]); } catch (error) { print(error); }
";
    fs::write(folder.path().join("forms.rhai"), script).unwrap();
    let printed = Program::with(&["run", "forms.rhai"]).within(folder.path()).run().well();
    for name in names {
        assert!(printed.contains(&format!("{name} plays")), "{printed}");
    }
    assert!(printed.contains("no option `bar`") && printed.contains("section 1"), "{printed}");
}
