//! Whole comparisons of small sets.

use super::*;
use crate::base::Silent;
use crate::music::{Family, Pianoroll, Resolution, Track};
use crate::statistics::StatisticsError;

/// Phrases of a bass and a piano with random notes of one to six steps; `high` is how many pitches the
/// piano may use.
fn phrases(count: usize, high: usize, seed: u64) -> Vec<Multitrack> {
    let mut rng = Seed(seed).stream("test");
    let mut plane = |low: u32, high: usize| {
        let mut plane = vec![0u128; 96];
        let mut step = 0;
        while step < 96 {
            let length = 1 + rng.below(6);
            let pitches = 1u128 << (low + rng.below(high) as u32);
            plane[step..(step + length).min(96)].fill(pitches);
            step += length + rng.below(3);
        }
        Pianoroll::from_sounding(plane)
    };
    (0..count)
        .map(|_| {
            let (bass, piano) = (plane(30, 12), plane(60, high));
            let tracks = vec![Track::of_family(Family::Bass, bass), Track::of_family(Family::Piano, piano)];
            Multitrack::new(tracks, Resolution::MODEL)
        })
        .collect()
}

/// Phrases of which each three are of one song.
fn songs(phrases: Vec<Multitrack>) -> SongSet {
    let names: Vec<String> = (0..phrases.len()).map(|i| (i / 3).to_string()).collect();
    SongSet::with_songs(phrases, names.iter().map(|name| Some(("", name.as_str()))))
}

fn quick() -> Options {
    Options { resamples: 60, ..Options::default() }
}

fn compared(made: &SongSet, real: &SongSet, options: &Options) -> Result<Comparison, MetricsError> {
    against(made, real, Training::Unknown, options, &Silent, &Cancel::new())
}

#[test]
fn alike_sets_lie_at_the_floor_and_others_far_from_it() {
    let real = songs(phrases(120, 12, 1));
    let options = Options { features: vec!["notes".into(), "mix.pitch_class_histogram".into()], ..quick() };
    let alike = compared(&SongSet::new(phrases(60, 12, 2)), &real, &options).unwrap();
    assert_eq!((alike.made, alike.reference), ((60, 60), (60, 20)));
    let value = |comparison: &Comparison, statistic| {
        let row = comparison.row(statistic, None).unwrap();
        (row.made.clone().unwrap(), row.floor.clone().unwrap())
    };
    let (made, floor) = value(&alike, Statistic::Coverage);
    assert!((made.value - floor.value).abs() < 0.2, "{made:?} {floor:?}");
    let interval = made.interval.unwrap();
    assert!(interval.low <= made.value && made.value <= interval.high);
    let (made, floor) = value(&alike, Statistic::Classifier);
    assert!((made.value - 0.5).abs() < 0.2 && (floor.value - 0.5).abs() < 0.2, "{made:?} {floor:?}");
    let other = compared(&SongSet::new(phrases(60, 2, 3)), &real, &options).unwrap();
    let (made, _) = value(&other, Statistic::Classifier);
    assert!(made.value > 0.95 && made.p.unwrap() < 0.01, "{made:?}");
    let (made, floor) = value(&other, Statistic::Frechet);
    assert!(made.value > 3.0 * floor.value, "{made:?} {floor:?}");
    let overlap = |comparison: &Comparison| {
        let row = comparison.row(Statistic::Overlap, Some("mix.pitch_class_histogram")).unwrap();
        row.made.clone().unwrap().value
    };
    assert!(overlap(&alike) > overlap(&other) + 0.1);
    assert!(other.rows.iter().all(|row| row.statistic != Statistic::Shift || row.feature.is_some()));
    assert!(other.row(Statistic::Shift, Some("mix.pitch_class_histogram")).is_none());
}

#[test]
fn training_data_that_was_copied_is_seen() {
    let training = CellSet::new(&["bass".into(), "piano".into()], 8, 4).with(&phrases(50, 12, 9));
    let real = songs(phrases(220, 12, 1));
    let made = [phrases(50, 12, 9)[..25].to_vec(), phrases(25, 12, 4)].concat();
    let options = Options { statistics: vec![Statistic::Copies], ..quick() };
    let copies = |made: Vec<Multitrack>| {
        against(&SongSet::new(made), &real, Training::Other(&training), &options, &Silent, &Cancel::new())
            .unwrap()
    };
    let found = copies(made);
    assert_eq!(found.rows.len(), 1);
    let estimate = found.rows[0].made.clone().unwrap();
    assert!((0.5..0.6).contains(&estimate.value), "{estimate:?}");
    assert!(copies(phrases(50, 12, 5)).rows[0].made.clone().unwrap().value < 0.1);
    // Of the real phrases themselves each is a copy, but of another song only one in a hundred is near.
    let own = SongSet::new(real.phrases()[..60].to_vec());
    let found = against(&own, &real, Training::Real, &options, &Silent, &Cancel::new()).unwrap();
    let [made, floor] = [&found.rows[0].made, &found.rows[0].floor].map(|side| side.clone().unwrap().value);
    assert!(made == 1.0 && floor < 0.1, "{made} {floor}");
}

#[test]
fn equal_seeds_give_equal_comparisons() {
    let real = songs(phrases(60, 12, 1));
    let options = Options { features: vec!["bass.notes".into()], ..quick() };
    let of = |seed: u64| {
        let options = Options { seed: Seed(seed), ..options.clone() };
        compared(&SongSet::new(phrases(40, 12, 2)), &real, &options).unwrap()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn sets_too_small_for_a_statistic_say_so_in_its_row() {
    let real = songs(phrases(24, 12, 1));
    let options = Options { features: vec!["bass.notes".into()], ..quick() };
    let found = compared(&SongSet::new(phrases(8, 12, 2)), &real, &options).unwrap();
    let refused = |statistic, feature| match found.row(statistic, feature).map(|row| row.made.clone()) {
        Some(Err(StatisticsError::TooFew { given, minimum, .. })) => (given, minimum),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Statistic::Overlap, Some("bass.notes")), (8, 10));
    assert_eq!(refused(Statistic::Classifier, None), (8, 20));
    assert!(refused(Statistic::FrechetExtrapolated, None).1 >= 50);
    assert!(found.row(Statistic::Shift, Some("bass.notes")).unwrap().made.is_ok());
}

#[test]
fn sets_that_cannot_be_compared_are_refused() {
    let (set, some) = (SongSet::new, phrases(6, 12, 1));
    let error = |made: Vec<Multitrack>, real: SongSet| compared(&set(made), &real, &quick()).unwrap_err();
    let finer: Vec<Multitrack> = some.iter().map(|phrase| phrase.resample(Resolution::MIDI)).collect();
    assert_eq!(
        error(finer, set(some.clone())).to_string(),
        "the made phrases have 24 steps per beat and the real ones 12: bring all to one resolution with \
         `.quantize(#{ resolution: 24 })`"
    );
    assert_eq!(error(Vec::new(), set(some.clone())), MetricsError::NoPhrases);
    let one = SongSet::with_songs(some.clone(), vec![Some(("", "a")); 6]);
    assert_eq!(error(some.clone(), one), MetricsError::OneSong);
    let cancel = Cancel::new();
    cancel.raise();
    let stopped = against(&set(some.clone()), &set(some), Training::Unknown, &quick(), &Silent, &cancel);
    assert_eq!(stopped, Err(MetricsError::Stopped));
}

#[test]
fn the_closer_of_two_sets_is_told_feature_by_feature() {
    let real = songs(phrases(60, 12, 1));
    let (near, far) = (set_of(30, 12, 2), set_of(30, 2, 3));
    let options = Options { features: vec!["piano".into()], resamples: 199, ..Options::default() };
    let rows = closer([&near, &far], &real, &options, &Silent, &Cancel::new()).unwrap();
    let row = |name: &str| rows.iter().find(|row| row.feature == name).unwrap();
    let pitches = row("piano.pitches");
    assert!(pitches.a < pitches.b && pitches.p == 0.005, "{pitches:?}");
    assert!(rows.iter().all(|row| row.corrected >= row.p && row.corrected <= 1.0));
    assert!(!rows.iter().any(|row| row.feature.ends_with("histogram")));
    let few = SongSet::new(phrases(3, 12, 2));
    let error = closer([&few, &far], &real, &options, &Silent, &Cancel::new()).unwrap_err().to_string();
    assert_eq!(error, "a test of which is closer needs at least 4 songs in each set, got 3");
}

fn set_of(count: usize, high: usize, seed: u64) -> SongSet {
    SongSet::new(phrases(count, high, seed))
}
