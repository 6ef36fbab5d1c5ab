//! Sets of music beside each other: what each goal notices, and that real music reaches them all.

use std::path::Path;

use ricercar::base::Seed;
use ricercar::data::Dataset;
use ricercar::metrics::TrackMetrics;
use ricercar::model::config::Grid;
use ricercar::music::{Multitrack, Pianoroll};
use ricercar::train::config::Data;
use ricercar::train::{Comparison, Goal, Reference, share_near};

fn tour() -> Dataset {
    Dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz")).unwrap()
}

/// Forty real phrases in two halves, and others that a model might have been trained on.
fn reference() -> Reference {
    let set = tour();
    let phrases = set.select(&(0..40).collect::<Vec<_>>()).music().unwrap();
    let halves = [0, 1].map(|odd| (0..40).filter(|i| i % 2 == odd).collect());
    let training = Some(set.select(&(100..200).collect::<Vec<_>>()));
    Reference { phrases, halves: Some(halves), training }
}

fn beside(made: &[Multitrack], given: &[String]) -> Comparison {
    Comparison::of_music(made, &reference(), &Grid::small(), given, Seed(1)).unwrap()
}

/// Real music with one of its tracks changed.
fn changed(track: &str, change: impl Fn(&Pianoroll) -> Pianoroll) -> Vec<Multitrack> {
    let changed = |song: &Multitrack| song.map_track(track, |t| t.with_roll(change(&t.roll))).unwrap();
    reference().phrases.iter().map(changed).collect()
}

fn goal(comparison: &Comparison, name: &str) -> Goal {
    comparison.goals().into_iter().find(|goal| goal.name.starts_with(name)).unwrap()
}

fn missed(comparison: &Comparison) -> Vec<String> {
    let goals = comparison.goals().into_iter().filter(|goal| !goal.is_met());
    goals.map(|goal| goal.name.split([' ', ',']).next().unwrap().to_owned()).collect()
}

#[test]
fn real_music_beside_itself_reaches_every_goal() {
    let comparison = beside(&reference().phrases, &[]);
    let goals = comparison.goals();
    assert_eq!(goals.len(), 6);
    assert_eq!(missed(&comparison), [""; 0]);
    assert!(comparison.cells.iter().all(|cell| cell.distance == 0.0));
    // Four tracks without a drum pattern, drums with.
    assert_eq!(comparison.cells.len(), 5 * TrackMetrics::NAMES.len() - 4);
    assert_eq!(goal(&comparison, "diversity").made, 0.0);
    assert_eq!(comparison.pairs.len(), 6);
    // The halves are different music.
    assert!(comparison.cells.iter().any(|cell| cell.floor.unwrap() > 0.0));
}

#[test]
fn a_set_without_a_song_table_has_no_halves_and_no_floor() {
    let real = Reference { halves: None, training: None, ..reference() };
    let comparison = Comparison::of_music(&real.phrases, &real, &Grid::small(), &[], Seed(1)).unwrap();
    assert_eq!(comparison.goals().len(), 5);
    assert!(comparison.goals().iter().all(|goal| goal.is_met() && goal.floor.is_none()));
    assert!(!comparison.to_markdown().contains("first half"));
}

#[test]
fn a_silent_bass_misses_empty_bars_and_every_measure_of_the_bass() {
    let made = changed("bass", |roll| Pianoroll::silent(roll.steps()));
    let comparison = beside(&made, &[]);
    let real = comparison.metrics.real.track("bass").unwrap().empty_bar_rate.unwrap();
    assert!((goal(&comparison, "empty").made - 100.0 * (1.0 - real)).abs() < 1e-9);
    let far: Vec<_> = comparison.cells.iter().filter(|cell| cell.distance > 0.25).collect();
    assert!(far.iter().all(|cell| cell.track == "bass"));
    assert_eq!(far.len(), 7);
    assert_eq!(share_near(&comparison.cells, |cell| cell.distance), 29.0 / 36.0);
}

#[test]
fn drums_a_sixteenth_late_miss_the_onsets_of_the_bar_alone() {
    let made = changed("drums", |roll| {
        let late = |plane: &[u128]| {
            let mut plane = plane.to_vec();
            plane.rotate_right(3);
            plane
        };
        Pianoroll::from_planes(late(roll.sounding()), late(roll.onset()))
    });
    let comparison = beside(&made, &[]);
    assert_eq!(missed(&comparison), ["drum"]);
    assert!(goal(&comparison, "drum").made > 0.5);
}

#[test]
fn a_bass_in_another_key_misses_the_tonal_distances() {
    let made = changed("bass", |roll| {
        Pianoroll::from_sounding(roll.sounding().iter().map(|set| set << 6).collect())
    });
    let comparison = beside(&made, &[]);
    let far: Vec<&str> = comparison
        .pairs
        .iter()
        .filter(|pair| !pair.agrees(pair.distance.made, pair.distance.real))
        .map(|pair| pair.pair.as_str())
        .collect();
    assert_eq!(far, ["piano-bass", "guitar-bass", "bass-strings"]);
    assert_eq!(goal(&comparison, "pairs").made, 50.0);
    assert!(missed(&comparison).contains(&"pairs".to_owned()));
}

#[test]
fn copies_of_training_phrases_are_found_and_repeating_oneself_too() {
    let copied: Vec<Multitrack> = tour().select(&[100, 101, 102, 103]).music().unwrap();
    let comparison = beside(&copied, &[]);
    assert_eq!(comparison.copies.unwrap().made, 1.0);
    assert!(comparison.copies.unwrap().real < 0.05);
    assert!(missed(&comparison).contains(&"near".to_owned()));
    let again = vec![reference().phrases[7].clone(); 10];
    let comparison = beside(&again, &[]);
    assert_eq!(goal(&comparison, "diversity").made, 100.0);
    assert!(missed(&comparison).contains(&"diversity".to_owned()));
}

#[test]
fn given_tracks_are_not_judged() {
    let given = ["bass".to_owned(), "drums".to_owned()];
    let comparison = beside(&reference().phrases, &given);
    assert!(comparison.cells.iter().all(|cell| !given.contains(&cell.track)));
    assert_eq!((comparison.onsets, comparison.pairs.len()), (None, 6));
    let follows: Vec<String> = comparison.follows().into_iter().map(|(name, _)| name).collect();
    assert_eq!(follows, ["piano", "guitar", "strings"]);
    assert_eq!(missed(&comparison), [""; 0]);
    assert!(comparison.to_markdown().contains("strings follows the given track: p = "));
}

#[test]
fn a_reference_is_read_in_halves_of_songs_and_by_what_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let songs = folder.path().join("songs.tsv");
    let row = |i: usize| format!("\ntest\t{i}\t{}\tsong {}", if i < 40 { "a" } else { "b" }, i / 8);
    let rows: String = (0..256).map(row).collect();
    std::fs::write(&songs, format!("split\tphrase\tset\tsong{rows}\n")).unwrap();
    let data = Data {
        file: Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz"),
        songs: Some(songs),
        split: Some("test".into()),
        exclude_sets: vec!["b".into()],
    };
    let given = ["strings".to_owned()];
    let real = Reference::load(&data, &given, Some(&data), Seed(1)).unwrap();
    let sounds = |song: &Multitrack| !song.track("strings").unwrap().roll.is_silent();
    assert!(real.phrases.iter().all(sounds));
    assert_eq!(real.phrases.len(), tour().iter().take(40).map(Result::unwrap).filter(sounds).count());
    assert_eq!(real.training.unwrap().len(), 40);
    let halves = real.halves.unwrap();
    assert_eq!(halves[0].len() + halves[1].len(), real.phrases.len());
    // Five songs of up to eight phrases.
    assert!(halves[0].len().abs_diff(halves[1].len()) <= 8, "{halves:?}");
    let error = Reference::load(&data, &["oboe".to_owned()], None, Seed(1)).unwrap_err().to_string();
    assert!(error.contains("oboe"), "{error}");
}
