//! Sets as a whole.

use super::*;
use crate::base::Seed;
use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};

fn three() -> Dataset {
    Dataset::new(array())
}

fn array() -> PhraseArray {
    let mut phrases = PhraseArray::standard();
    for start in 0..3 {
        let note = Note { start, pitch: Pitch::new(40).unwrap(), end: start + 4, velocity: 100 };
        let roll = Pianoroll::from_notes(192, &[note]).without_velocities();
        let song = Multitrack::new(vec![Track::of_family(Family::Bass, roll)], Resolution::MODEL);
        phrases.push(&song).unwrap();
    }
    phrases
}

#[test]
fn a_song_table_filters_by_set() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("songs.tsv");
    let rows = "split\tphrase\tset\tsong\ntrain\t0\ta\tx\ntest\t9\tb\ty\ntrain\t1\tb\ty\ntrain\t2\ta\tz\n";
    std::fs::write(&path, rows).unwrap();
    let set = three().with_songs(&path, "train").unwrap();
    let kept = set.without_sets(&["b".into()]);
    assert_eq!((kept.len(), kept.info(1).unwrap().song.as_str()), (2, "z"));
    assert_eq!(kept.phrase(1).unwrap(), set.phrase(2).unwrap());
    std::fs::write(&path, rows.replace("test", "train")).unwrap();
    let error = three().with_songs(&path, "train").unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("`9`"), "{error}");
}

#[test]
fn a_song_table_without_a_column_or_a_line_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("songs.tsv");
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        three().with_songs(&path, "train").unwrap_err().to_string()
    };
    let error = refused("split\tphrase\tset\n");
    assert!(error.contains("songs.tsv`, line 1: there is no column `song`"), "{error}");
    assert!(refused("").contains("the table is empty"));
    let error = refused("split\tphrase\tset\tsong\ntrain\tfirst\ta\tx\n");
    assert!(error.contains("line 2: `first` is not the number of a phrase"), "{error}");
    let error = three().with_songs(&folder.path().join("none.tsv"), "train").unwrap_err().to_string();
    assert!(error.contains("none.tsv"), "{error}");
}

#[test]
fn a_selection_keeps_order_and_phrases_of_no_table_belong_to_no_set() {
    let set = three();
    let picked = set.select(&[2, 0]);
    let same = |a: usize, b: usize| picked.phrase(a).unwrap() == set.phrase(b).unwrap();
    assert!(same(0, 2) && same(1, 0));
    assert!(picked.phrase(2).is_err());
    assert_eq!(set.without_sets(&["a".into()]).len(), 3);
    assert_eq!(set.info(0), None);
    assert_eq!(set.sample(99, Seed(2)).len(), 3);
    assert!(set.select(&[]).is_empty());
}

#[test]
fn halves_have_no_song_in_common_and_as_many_phrases_of_each_set() {
    let mut phrases = PhraseArray::standard();
    let silence =
        Multitrack::new(vec![Track::of_family(Family::Bass, Pianoroll::silent(192))], Resolution::MODEL);
    // Songs of two phrases in set a, of one and three in set b.
    let named = |i: usize| match i {
        0..8 => ("a", format!("song {}", i / 2)),
        _ => ("b", format!("song {}", if i == 8 { 4 } else { 5 })),
    };
    (0..12).for_each(|_| assert_eq!(phrases.push(&silence).unwrap(), 0));
    let info = (0..12).map(named).map(|(set, song)| PhraseInfo {
        set: set.to_owned(),
        song,
        ..PhraseInfo::default()
    });
    let set = Dataset::new(phrases).with_info(info.collect()).unwrap();
    for seed in 0..5 {
        let halves = set.halves(Seed(seed)).unwrap();
        let songs = |half: &[usize]| -> Vec<String> {
            half.iter().map(|i| set.info(*i).unwrap().song.clone()).collect()
        };
        let [left, right] = [songs(&halves[0]), songs(&halves[1])];
        assert!(left.iter().all(|song| !right.contains(song)));
        assert_eq!(halves[0].iter().filter(|i| **i < 8).count(), 4);
        assert_eq!(halves[0].len() + halves[1].len(), 12);
    }
    assert_eq!(three().halves(Seed(0)), None);
}

#[test]
fn drawn_phrases_have_the_given_track() {
    let bass = ["bass".to_owned()];
    let set = three();
    assert_eq!(set.draw(&[], 2, Seed(1)).unwrap().len(), 2);
    assert_eq!(set.draw(&bass, 9, Seed(1)).unwrap().len(), 3);
    assert!(set.draw(&["piano".to_owned()], 9, Seed(1)).unwrap().is_empty());
    assert_eq!(set.draw(&[], 2, Seed(1)).unwrap(), set.draw(&bass, 2, Seed(1)).unwrap());
}

#[test]
fn a_part_is_split_off_without_cutting_a_song() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("songs.tsv");
    let rows = "split\tphrase\tset\tsong\ntrain\t0\ta\tx\ntrain\t1\ta\ty\ntrain\t2\ta\ty\n";
    std::fs::write(&path, rows).unwrap();
    let lengths = |set: &Dataset, share| {
        let (first, last) = set.split_off(share);
        (first.len(), last.len())
    };
    let named = three().with_songs(&path, "train").unwrap();
    assert_eq!([0.0, 0.3, 0.9].map(|share| lengths(&named, share)), [(3, 0), (1, 2), (0, 3)]);
    assert_eq!(lengths(&three(), 0.3), (2, 1));
    assert_eq!(three().split_off(0.3).1.phrase(0).unwrap(), three().phrase(2).unwrap());
}

#[test]
fn a_dense_array_is_read_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phrases.npy");
    crate::npz::write_npy(&path, &array().to_dense()).unwrap();
    assert_eq!(Dataset::load(&path).unwrap().music().unwrap(), three().music().unwrap());
}

#[test]
fn a_sample_has_no_phrase_twice() {
    let drawn = three().sample(2, Seed(1));
    assert_eq!(drawn.len(), 2);
    assert_ne!(drawn.phrase(0).unwrap(), drawn.phrase(1).unwrap());
}

/// `count` phrases, each one bass note as high as its number says, of songs of three in two sets.
fn known(count: usize) -> Dataset {
    let mut phrases = PhraseArray::standard();
    for i in 0..count {
        let note = Note {
            start: i % 192,
            pitch: Pitch::new(30 + (i % 50) as i64).unwrap(),
            end: i % 192 + 1,
            velocity: 100,
        };
        let roll = Pianoroll::from_notes(192, &[note]).without_velocities();
        let song = Multitrack::new(vec![Track::of_family(Family::Bass, roll)], Resolution::MODEL);
        phrases.push(&song).unwrap();
    }
    let info = |i: usize| PhraseInfo {
        set: if i % 6 < 3 { "a" } else { "b" }.to_owned(),
        song: format!("song {}", i / 3),
        first_bar: Some(8 * (i % 3)),
        key: "C major".to_owned(),
        tempo: Some(90.5 + i as f64),
        tags: if i.is_multiple_of(2) { vec!["rock".to_owned(), "slow".to_owned()] } else { Vec::new() },
        ..PhraseInfo::default()
    };
    Dataset::new(phrases).with_info((0..count).map(info).collect()).unwrap()
}

fn same(a: &Dataset, b: &Dataset) {
    assert_eq!((a.len(), a.layout()), (b.len(), b.layout()));
    for i in 0..a.len() {
        assert_eq!(a.phrase(i).unwrap(), b.phrase(i).unwrap(), "phrase {i}");
        assert_eq!(a.info(i), b.info(i), "phrase {i}");
    }
}

fn shares(of: &[(&str, f64)]) -> Vec<(String, f64)> {
    of.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect()
}

#[test]
fn numbers_count_from_either_end() {
    let set = known(7);
    assert_eq!([0, 6, -1, -7].map(|n| set.place(n).unwrap()), [0, 6, 6, 0]);
    let error = set.place(-8).unwrap_err().to_string();
    assert_eq!(error, "there is no phrase -8: the set's are numbered from 0 to 6");
    assert!(set.place(i64::MIN).is_err() && set.place(7).is_err());
    assert!(set.select(&[]).phrase(0).unwrap_err().to_string().contains("the set is empty"));
}

#[test]
fn a_split_keeps_songs_whole_and_shares_of_every_set() {
    let set = known(240);
    for seed in 0..4 {
        let split = set.split(&shares(&[("train", 0.75), ("valid", 0.25)]), Seed(seed)).unwrap();
        assert_eq!(split.by, SplitBy::Song);
        let [train, valid] = [0, 1].map(|i| &split.parts[i].1);
        assert_eq!((train.len(), valid.len()), (180, 60));
        assert!(train.songs().iter().all(|song| !valid.songs().contains(song)));
        let of_a = valid.only(&Wanted { sets: vec!["a".into()], ..Wanted::default() }).unwrap().len();
        assert_eq!(of_a, 30);
        assert_eq!(
            (train.splits(), valid.info(0).unwrap().split),
            (vec!["train".to_owned()], "valid".to_owned())
        );
    }
    let draw = |seed| {
        let split = set.split(&shares(&[("train", 0.5), ("valid", 0.25)]), Seed(seed)).unwrap();
        split.parts.iter().map(|(_, part)| part.songs()).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_eq!(draw(1).concat().len(), 60, "a quarter of the songs is left out");
}

#[test]
fn groups_go_before_songs_and_copies_stay_together() {
    let set = known(60);
    let mut info: Vec<PhraseInfo> = (0..60).map(|i| set.info(i).unwrap()).collect();
    info.iter_mut().enumerate().for_each(|(i, info)| info.group = format!("group {}", i / 12));
    let halves = shares(&[("left", 0.5), ("right", 0.5)]);
    let split = set.clone().with_info(info).unwrap().split(&halves, Seed(1)).unwrap();
    assert_eq!(split.by, SplitBy::Group);
    let groups =
        |part: &Dataset| -> Vec<String> { (0..part.len()).map(|i| part.info(i).unwrap().group).collect() };
    let [left, right] = [0, 1].map(|i| groups(&split.parts[i].1));
    assert_eq!(left.len() + right.len(), 60);
    assert!(left.iter().all(|group| !right.contains(group)));

    let nameless = Dataset::new(array()).transpose_each(0..4);
    let split = nameless.split(&halves, Seed(1)).unwrap();
    assert_eq!(split.by, SplitBy::Phrase);
    assert!(split.parts.iter().all(|(_, part)| part.len() % 4 == 0));
}

#[test]
fn shares_that_make_no_split_are_refused() {
    let refused = |of: &[(&str, f64)]| known(6).split(&shares(of), Seed(0)).unwrap_err().to_string();
    assert!(refused(&[("a", 0.9), ("b", 0.2)]).contains("got a: 0.9, b: 0.2"));
    assert!(refused(&[("a", 0.0)]).contains("above 0") && refused(&[]).contains("got none"));
    assert!(refused(&[("a", f64::NAN)]).contains("above 0"));
    assert_eq!(
        refused(&[("a", 0.99), ("b", 0.01)]),
        "no song is left for `b`: the set has too few, or its share is too small"
    );
}

#[test]
fn phrases_are_chosen_by_set_song_and_tag() {
    let set = known(24);
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let wanted = |sets, songs, tags| {
        set.only(&Wanted { sets: names(sets), songs: names(songs), tags: names(tags), splits: Vec::new() })
    };
    assert_eq!(wanted(&["a"], &[], &[]).unwrap().len(), 12);
    assert_eq!(wanted(&["a", "b"], &["song 1", "song 2"], &["rock"]).unwrap().len(), 3);
    assert_eq!(wanted(&[], &[], &[]).unwrap().len(), 24);
    let error = wanted(&[], &["song 11"], &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "no song `song 11`: there are song 0, song 1, song 2, song 3, song 4, song 5, song 6, song 7; did you mean `song 1`?"
    );
    let error =
        three().only(&Wanted { tags: names(&["rock"]), ..Wanted::default() }).unwrap_err().to_string();
    assert_eq!(error, "nothing is known of the phrases' tags: load the set with a song table");
}

#[test]
fn what_is_left_out_is_counted_by_reason_and_survives_joining() {
    let set = known(12);
    let yes = |keep: fn(usize) -> bool| move |i: usize| Ok::<_, DataError>(keep(i));
    let kept = set.keep_if("odd", yes(|i| i % 2 == 0)).unwrap().keep_if("late", yes(|i| i < 4)).unwrap();
    assert_eq!(kept.len(), 4);
    let twice = kept.concat(&kept).unwrap();
    assert_eq!((twice.len(), twice.stores.len()), (8, 1));
    let expected = "\
Dataset, 8 phrases of 4 bars, 12 steps a beat, 84 pitches from C1; drums, piano, guitar, bass, strings
  from 3 songs of 2 sets
  left out: 16 phrases
    12  odd
     4  late";
    assert_eq!(twice.summary(), expected);
    assert_eq!(set.filter(|i| Ok::<_, DataError>(i > 3)).unwrap().rejections(), []);
}

#[test]
fn copies_in_other_keys_are_transposed_music_and_say_so() {
    let set = known(4);
    let keys = set.transpose_each(-5..=6);
    assert_eq!(keys.len(), 48);
    for (i, semitones) in (-5..=6).enumerate() {
        assert_eq!(keys.phrase(12 + i).unwrap(), set.phrase(1).unwrap().transpose(semitones));
        assert_eq!(keys.info(12 + i).unwrap().transposed, semitones);
    }
    assert_eq!(keys.info(0).unwrap().key, "G major");
    let back = keys.select(&[12]).transpose_each([5]);
    same(&back, &set.select(&[1]));
}

#[test]
fn augmentation_is_seeded_and_keeps_what_it_is_asked_to() {
    let set = known(20);
    let chances = crate::data::Augmentation { beat_shift: 1.0, transpose: 1.0, ..Default::default() };
    let more = set.augment(&chances, 2, true, Seed(3)).unwrap();
    assert_eq!(more.len(), 60);
    same(&more.select(&(0..20).map(|i| 3 * i).collect::<Vec<_>>()), &set);
    same(&more, &set.augment(&chances, 2, true, Seed(3)).unwrap());
    let moved =
        (0..60).filter(|i| i % 3 > 0 && more.phrase(*i).unwrap() != set.phrase(i / 3).unwrap()).count();
    assert!(moved > 35, "{moved}");
    let cells = |set: &Dataset, i: usize| set.cells_of(i).unwrap().count();
    assert!((0..60).all(|i| cells(&more, i) <= cells(&set, i / 3)));
    let wrong = crate::data::Augmentation { transpose: 2.0, ..Default::default() };
    assert!(set.augment(&wrong, 1, false, Seed(3)).unwrap_err().to_string().contains("probability"));
}

#[test]
fn sets_of_other_phrases_are_not_joined() {
    let other = Dataset::new(PhraseArray::new(2, 48, 84).unwrap());
    let error = known(1).concat(&other).unwrap_err().to_string();
    assert!(error.contains("4 bars, 12 steps") && error.contains("2 bars, 12 steps"), "{error}");
    assert!(matches!(known(2).with_info(Vec::new()), Err(DataError::Described { phrases: 2, described: 0 })));
}

#[test]
fn measures_are_those_of_the_phrases() {
    let set = known(130);
    let options = crate::metrics::Options::default();
    let expected = crate::metrics::measure_phrases(&set.music().unwrap(), &options).unwrap();
    assert_eq!(set.metrics(&options, &Cancel::new()).unwrap(), expected);
    assert!(set.select(&[]).metrics(&options, &Cancel::new()).is_err());
}

#[test]
fn a_description_counts_and_draws() {
    let set = known(24);
    let portrait = set.portrait().unwrap();
    assert_eq!(portrait.sets, [("a".to_owned(), 12), ("b".to_owned(), 12)]);
    assert_eq!((portrait.songs, portrait.active_tracks), (8, vec![0, 24, 0, 0, 0, 0]));
    assert_eq!(portrait.tracks[3].range().map(|(low, high)| (low.number(), high.number())), Some((30, 53)));
    assert_eq!(portrait.tracks[3].density(), 24.0 / (24.0 * 192.0 * 84.0));
    assert_eq!(portrait.tracks[0].range(), None);
    let text = set.describe(80).unwrap();
    for part in
        ["phrases by set", "phrases by key", "C major", "tempo  90 to 114", "bass     100.0%", "F#1–F3"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains('\x1b'));
    assert!(set.select(&[]).describe(80).unwrap().starts_with("Dataset, 0 phrases"));
}

#[test]
fn what_is_saved_loads_with_what_is_known_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let set = known(9).transpose_each([0, 2]);
    for (name, kind) in [("x.npz", SaveAs::Sparse), ("y.npz", SaveAs::Packed), ("z.npy", SaveAs::Dense)] {
        let path = folder.path().join(name);
        let table = set.save(&path, &SaveOptions::new(kind)).unwrap().unwrap();
        assert_eq!(table, path.with_extension("songs.tsv"));
        let loaded = Dataset::load(&path).unwrap();
        same(&loaded, &set);
        assert_eq!(loaded.is_streamed(), kind == SaveAs::Packed);
        // A set of which nothing is known leaves no table of other phrases behind.
        Dataset::new(array()).save(&path, &SaveOptions::new(kind)).unwrap();
        assert!(!table.exists());
        assert!(!Dataset::load(&path).unwrap().has_info());
    }
}

#[test]
fn folders_hold_a_file_for_each_phrase_or_song() {
    let folder = tempfile::tempdir().unwrap();
    let set = known(6);
    let path = folder.path().join("new/phrases");
    set.save(&path, &SaveOptions::new(SaveAs::Pypianoroll)).unwrap();
    let third = crate::npz::read_multitrack(&path.join("0003.npz")).unwrap();
    assert_eq!(third, set.phrase(3).unwrap());
    set.save(&path, &SaveOptions { by: SaveBy::Song, ..SaveOptions::new(SaveAs::Midi) }).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["a song 0.mid", "b song 1.mid", "songs.tsv"]);
    let song =
        crate::midi::read(&path.join("b song 1.mid")).unwrap().to_multitrack(Resolution::MODEL).unwrap();
    assert_eq!((song.bar_count(), song.name(), song.tempos().len()), (12, Some("song 1"), 3));
    std::fs::write(path.join("mine.txt"), "x").unwrap();
    let error = set.save(&path, &SaveOptions::new(SaveAs::Midi)).unwrap_err().to_string();
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 1, "nothing temporary is left");
}

#[test]
fn a_set_too_large_for_memory_is_laid_out_once_and_read_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let [path, cache] = ["x.npz", "x.packed.npz"].map(|name| folder.path().join(name));
    let set = known(9);
    set.save(&path, &SaveOptions::new(SaveAs::Sparse)).unwrap();
    let options = LoadOptions { memory: 9 * 10_080 - 1, cache: None };
    let streamed = Dataset::load_with(&path, &options).unwrap();
    assert!(streamed.is_streamed());
    same(&streamed, &set);
    same(&streamed.shuffle(Seed(1)), &set.shuffle(Seed(1)));
    let written = || std::fs::metadata(&cache).unwrap().modified().unwrap();
    let first = written();
    Dataset::load_with(&path, &options).unwrap();
    assert_eq!(written(), first, "it is made once");
    assert!(
        !Dataset::load_with(&path, &LoadOptions { memory: 9 * 10_080, cache: None }).unwrap().is_streamed()
    );
    let elsewhere = LoadOptions { cache: Some(folder.path().join("no\0where/c.npz")), ..options };
    let error = Dataset::load_with(&path, &elsewhere).unwrap_err().to_string();
    assert!(error.contains("9 phrases") && error.contains("as `cache`"), "{error}");
}

#[test]
fn a_phrase_that_is_there_already_is_left_out_and_counted_and_its_copy_in_another_key_is_not() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz");
    let set = Dataset::load(&file).unwrap().select(&(0..24).collect::<Vec<_>>()).dedupe(0.92).unwrap();
    let mut twice = set.concat(&set).unwrap();
    // One more of which a hundredth part is missing.
    let layout = set.layout().clone();
    let mut cells = set.cells_of(3).unwrap();
    let track = (0..5).max_by_key(|track| cells.track(*track).iter().filter(|set| **set != 0).count());
    let silenced = cells.track_mut(track.unwrap()).iter_mut().step_by(3).find(|set| **set != 0);
    *silenced.unwrap() = 0;
    let mut array = PhraseArray::of_layout(layout.clone());
    array.push(&cells.to_music(&layout)).unwrap();
    twice = twice.concat(&Dataset::new(array)).unwrap();

    let equal_only = twice.dedupe(1.0).unwrap();
    assert_eq!(equal_only.len(), set.len() + 1);
    let near = twice.dedupe(0.92).unwrap();
    assert_eq!(near.len(), set.len());
    let count = |reason: &str| near.rejections().iter().find(|r| r.reason == reason).unwrap().count;
    assert_eq!((count("equal to another"), count("nearly equal to another")), (set.len(), 1));

    let moved = set.transpose_each(1..=2);
    assert_eq!(moved.dedupe(1.0).unwrap().len(), moved.len());
}
