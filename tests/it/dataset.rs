//! Sets in scripts, from loading to training, and phrases of any layout through every file.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use ricercar::data::{Dataset, LoadOptions, PhraseInfo, SaveAs, SaveOptions};
use ricercar::music::{Multitrack, Pianoroll};
use ricercar::npz::{PhraseArray, PhraseLayout, PhraseSource, PhraseTrack};

use crate::program::Program;

const TOUR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/tour_256.npz");

/// What a script prints, run in `folder`.
fn printed(folder: &Path, code: &str) -> String {
    Program::with(&["-e", &code.replace("TOUR", TOUR)]).within(folder).run().well()
}

fn refused(folder: &Path, code: &str) -> String {
    Program::with(&["-e", &code.replace("TOUR", TOUR)]).within(folder).run().stderr
}

#[test]
fn a_script_goes_through_all_that_sets_can_do() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..256).map(|i| format!("all\t{i}\tset {}\tsong {}\n", i / 8 % 2, i / 8)).collect();
    fs::write(folder.path().join("songs.tsv"), format!("split\tphrase\tset\tsong\n{rows}")).unwrap();
    let text = printed(
        folder.path(),
        r#"
        let set = data::load("TOUR", #{ songs: "songs.tsv", split: "all" });
        assert_eq([set.len, set.songs.len(), set.sets], [256, 32, ["set 0", "set 1"]]);
        assert_eq(set[-1], set[255]);
        assert_eq(set[250..256].len, set[250..=255].len);
        let notes = 0;
        for phrase in set[0..4] { notes += phrase.bass.note_count; }
        assert(notes > 0);
        assert_eq(set.info(9).song, "song 1");
        assert_eq(set.info(9).key, ());

        let some = set.only(#{ set: "set 1", song: ["song 1", "song 2"] });
        assert_eq(some.len, 8);
        let drums = set.filter(|phrase| !phrase.drums.is_silent);
        let kept = set.keep_if("no drums", |phrase| !phrase.drums.is_silent);
        assert_eq([drums.len, drums.rejections], [kept.len, #{}]);
        assert_eq(kept.len + (kept.rejections["no drums"] ?? 0), 256);
        assert_eq(set.filter_info(|info| info.set == "set 0").len, 128);

        let parts = set.split(#{ train: 0.75, valid: 0.25, seed: 3 });
        let held_out = parts.valid.songs;
        let learnt = parts.train.songs;
        assert(learnt.all(|song| !(song in held_out)));
        assert_eq((parts.train + parts.valid).len, 256);
        assert_eq(parts.train.concat(parts.valid).only(#{ split: "valid" }).len, parts.valid.len);

        let keys = set[0..4].transpose_each(-5..=6);
        assert_eq([keys.len, keys.info(0).transposed], [48, -5]);
        let changed = set[0..4].augment(#{ bar_permutation: 1, track_drop_out: 1, copies: 2, seed: 1 });
        assert_eq(changed.len, 8);
        assert_eq(set.sample(#{ count: 5, seed: 1 }).len, 5);
        assert_eq(set.shuffle(1).len, 256);

        assert_eq(set[0..8].metrics().bass.notes, set[0..8].phrases(#{}).metrics().bass.notes);
        print(kept);
        print(set.describe());

        parts.valid.save("out/valid.npz");
        parts.valid.save("out/valid.packed.npz", #{ format: "packed" });
        parts.valid.save("out/valid.npy");
        set[0..2].save("out/midi", #{ format: "midi" });
        set[0..16].save("out/rolls", #{ format: "pypianoroll", by: "song" });
        for name in ["valid.npz", "valid.packed.npz", "valid.npy"] {
            let back = data::load("out/" + name);
            assert_eq([back.len, back.songs, back[3]], [parts.valid.len, parts.valid.songs, parts.valid[3]]);
            assert_eq(back.is_streamed, name == "valid.packed.npz");
        }
        assert_eq(read_music("out/midi/0001.mid").bar_count, 4);
        "#,
    );
    for part in ["Dataset, ", "left out", "no drums", "phrases by set", "sounds  density  pitches"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('\x1b'), "no colours in a pipe");
    assert_eq!(fs::read_dir(folder.path().join("out/rolls")).unwrap().count(), 3);
}

#[test]
fn wrong_uses_are_told_with_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    for (code, told) in [
        (r#"data::load("TOUR")[256]"#, "numbered from 0 to 255"),
        (r#"data::load("TOUR")[-257]"#, "no phrase -257"),
        (r#"data::load("TOUR")[250..300]"#, "phrases 250..300 do not lie in a set of 256"),
        (r#"data::load("TOUR").only(#{ tag: "rock" })"#, "nothing is known of the phrases' tags"),
        (r#"data::load("TOUR").only(#{ sets: "rock" })"#, "did you mean `set`?"),
        (r#"data::load("TOUR").split(#{ train: 0.9, valid: 0.2 })"#, "add up to at most 1"),
        (r#"data::load("TOUR").augment(#{ beat_shfit: 1 })"#, "did you mean `beat_shift`?"),
        (r#"data::load("TOUR").transpose_each(3..3)"#, "-5..=6"),
        (r#"data::load("TOUR").save("x.wav")"#, "a set is saved as .npz or .npy"),
        (r#"data::load("TOUR").save("x", #{ format: "mid" })"#, "did you mean `midi`?"),
        (r#"data::load("TOUR").save("x.npy", #{ format: "packed" })"#, "a file called .npz"),
        (r#"data::load("TOUR").filter(|phrase| phrase.bass)"#, "bool"),
    ] {
        let error = refused(folder.path(), code);
        assert!(error.contains(told), "{code}\n{error}");
    }
}

#[test]
fn training_reads_sets_of_other_tracks_and_sets_that_are_streamed() {
    let folder = tempfile::tempdir().unwrap();
    let set = Dataset::load(Path::new(TOUR)).unwrap();
    let tracks = ["lead", "bass"].map(PhraseTrack::named).to_vec();
    let mut phrases = PhraseArray::of_layout(PhraseLayout::standard().with_tracks(tracks).unwrap());
    for i in 0..64 {
        let music = set.phrase(i).unwrap();
        let lead = PhraseTrack::named("lead").with_roll(music.track("strings").unwrap().roll.clone());
        let bass = music.track("bass").unwrap().clone();
        phrases.push(&music.with_tracks(vec![lead, bass])).unwrap();
    }
    Dataset::new(phrases).save(&folder.path().join("two.npz"), &SaveOptions::new(SaveAs::Packed)).unwrap();
    let text = printed(
        folder.path(),
        r#"
        let set = data::load("two.npz");
        assert_eq([set.tracks, set.is_streamed], [["lead", "bass"], true]);
        let cfg = config::named("tiny");
        cfg.data.file = "two.npz";
        cfg.model.grid.tracks = ["lead", "bass"];
        cfg.steps = 1;
        cfg.batch_size = 2;
        cfg.micro_batch = 2;
        cfg.save_samples_steps = 1;
        cfg.save_checkpoint_steps = 1;
        cfg.evaluate_steps = 0;
        cfg.sample_grid = [1, 2];
        let run = train::run(cfg, #{ folder: "run" });
        print(model::load(run.model).generate(#{ seed: 1 }).track_names);
        "#,
    );
    assert!(text.contains(r#"["lead", "bass"]"#), "{text}");
}

/// Phrases of any layout, with something known of each.
fn sets() -> impl Strategy<Value = Dataset> {
    let pitches = prop_oneof![Just(84usize), Just(128), 1usize..=104];
    let layout = (1usize..=3, 1usize..=6, pitches, prop::collection::vec("[a-z\u{e0}-\u{f6}]{1,8}", 1..=4));
    (layout, 0usize..5, any::<u64>()).prop_map(|((bars, steps, pitches, names), count, seed)| {
        let names = names.iter().enumerate().map(|(i, name)| PhraseTrack::named(&format!("{name} {i}")));
        let layout =
            PhraseLayout::new(bars, 4 * steps, pitches).unwrap().with_tracks(names.collect()).unwrap();
        let mut rng = ricercar::base::Seed(seed).stream("cells");
        let mut phrases = PhraseArray::of_layout(layout.clone());
        for _ in 0..count {
            let mut set = || (0..rng.below(4)).fold(0u128, |all, _| all | 1 << rng.below(pitches));
            let mut roll = || {
                let cells: Vec<u128> = (0..layout.steps()).map(|_| set() << layout.lowest_pitch()).collect();
                Pianoroll::from_sounding(cells)
            };
            let tracks = layout.tracks().iter().map(|track| track.with_roll(roll())).collect();
            assert_eq!(phrases.push(&Multitrack::new(tracks, layout.resolution())).unwrap(), 0);
        }
        let info = |i: usize| PhraseInfo {
            song: format!("song \u{fc} {i}"),
            tempo: Some(60.0 + i as f64 / 3.0),
            transposed: i as i32 - 2,
            ..PhraseInfo::default()
        };
        Dataset::new(phrases).with_info((0..count).map(info).collect()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_set_of_any_layout_comes_back_from_its_file(set in sets()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set.npz");
        for kind in [SaveAs::Sparse, SaveAs::Packed] {
            set.save(&path, &SaveOptions::new(kind)).unwrap();
            let small = LoadOptions { memory: 0, cache: None };
            for options in [LoadOptions::default(), small] {
                // Cells are fewer than phrases only in sets that are never laid out.
                let Ok(back) = Dataset::load_with(&path, &options) else {
                    prop_assert!(options.memory == 0);
                    continue;
                };
                prop_assert_eq!((back.len(), back.layout()), (set.len(), set.layout()));
                for i in 0..set.len() {
                    prop_assert_eq!(back.cells_of(i).unwrap(), set.cells_of(i).unwrap());
                    prop_assert_eq!(back.info(i), set.info(i));
                }
            }
            let _ = fs::remove_file(path.with_extension("packed.npz"));
        }
    }
}
