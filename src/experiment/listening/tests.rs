//! A page whose clips say nothing of where they come from, and reports on ratings made up for it.

use super::*;
use crate::experiment::Cell;
use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};

/// A bar of four notes.
fn song(pitch: i64, resolution: i64, family: Family) -> Multitrack {
    let beat = resolution as usize;
    let note = |start: usize| Note {
        start: start * beat,
        pitch: Pitch::new(pitch).unwrap(),
        end: start * beat + beat / 2,
        velocity: 100,
    };
    let roll = Pianoroll::from_notes(4 * beat, &[note(0), note(1), note(2), note(3)]);
    Multitrack::new(vec![Track::of_family(family, roll)], Resolution::new(resolution).unwrap())
}

fn clip(source: &str, piece: &str, pitch: i64) -> Clip {
    Clip { source: source.to_owned(), piece: piece.to_owned(), music: song(pitch, 12, Family::Piano) }
}

fn options(seed: u64) -> ListeningOptions {
    ListeningOptions { title: "Rate these".into(), tempo: Tempo::new(120.0).unwrap(), seed: Seed(seed) }
}

fn made(clips: &[Clip], seed: u64) -> ListeningTest {
    ListeningTest::new(clips, &options(seed), &Cancel::new()).unwrap()
}

fn column(table: &Table, name: &str) -> Vec<String> {
    table.column(name).unwrap().iter().map(Cell::to_string).collect()
}

fn four() -> Vec<Clip> {
    vec![
        clip("hybrid", "seed 27", 60),
        clip("hybrid", "seed 28", 62),
        clip("real", "phrase 1", 64),
        clip("real", "phrase 2", 65),
    ]
}

#[test]
fn the_page_holds_every_clip_and_nothing_of_whose_it_is() {
    let test = made(&four(), 3);
    let names = column(&test.key, "clip");
    assert!(names.iter().all(|name| test.page.matches(&format!("[\"{name}\",")).count() == 1), "{names:?}");
    // The sounds are letters at random, in which any short word may come.
    let words: String = test.page.split('"').filter(|part| part.len() < 10_000).collect();
    for word in ["hybrid", "seed", "phrase", "ricercar"] {
        assert!(!words.contains(word), "{word}");
    }
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!words.contains(outside), "{outside}");
    }
    assert!(test.page.contains("localStorage") && test.page.contains("crypto.getRandomValues"));
    assert!(!test.page.contains("{clips}") && !test.page.contains("{script}"));
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "the order in the file tells nothing");
    assert_eq!(column(&test.key, "source").iter().filter(|source| *source == "hybrid").count(), 2);
}

#[test]
fn names_follow_the_seed_and_not_the_sources() {
    let (a, b) = (made(&four(), 3), made(&four(), 4));
    assert_ne!(column(&a.key, "clip"), column(&b.key, "clip"));
    assert!(made(&four(), 3).page == a.page);
}

/// The samples of the clips in a page.
fn sounds(page: &str) -> Vec<Vec<f64>> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let parts =
        page.split("[\"c").skip(1).filter_map(|part| part.split('"').nth(2)).filter(|data| data.len() > 100);
    let samples = |bytes: Vec<u8>| {
        let pairs = bytes[44..].chunks_exact(2);
        pairs.map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0).collect()
    };
    parts.map(|data| samples(engine.decode(data).unwrap())).collect()
}

#[test]
fn clips_are_equally_loud_equally_long_and_on_the_same_instruments() {
    let mut loud = four();
    loud[0].music = Multitrack::new(
        [Family::Piano, Family::Bass, Family::Strings]
            .map(|family| song(60, 12, family).tracks()[0].clone())
            .to_vec(),
        Resolution::MODEL,
    )
    .with_tempo(Tempo::new(77.0).unwrap());
    let sounds = sounds(&made(&loud, 1).page);
    assert_eq!(sounds.len(), 4);
    let loudness = |sound: &Vec<f64>| {
        let samples: Vec<f32> = sound.iter().map(|x| *x as f32).collect();
        crate::audio::loudness(&[&samples], 16_000, &Cancel::new()).unwrap().unwrap()
    };
    let first = loudness(&sounds[0]);
    assert!(
        sounds.iter().all(|sound| (loudness(sound) - first).abs() < 0.02 && sound.len() == sounds[0].len())
    );
    assert!(sounds.iter().flatten().all(|sample| sample.abs() < 0.9));
    // The tempo and the instrument that a piece came with make no difference.
    let organ = |track: &Track| Track { program: crate::music::Program::new(19).unwrap(), ..track.clone() };
    let mut other = four();
    other[0].music = other[0].music.with_tracks(other[0].music.tracks().iter().map(organ).collect());
    other[1].music = other[1].music.with_tempo(Tempo::new(60.0).unwrap()).with_name(Some("hybrid 28"));
    assert!(made(&other, 1).page == made(&four(), 1).page);
}

#[test]
fn what_would_give_a_clip_away_is_refused() {
    let refused =
        |clips: &[Clip]| ListeningTest::new(clips, &options(0), &Cancel::new()).unwrap_err().to_string();
    assert!(refused(&four()[..1]).contains("at least two clips"));
    let mut long = four();
    long[3].music = song(60, 24, Family::Piano);
    assert_eq!(
        ListeningTest::new(&long, &options(0), &Cancel::new()).unwrap().key.len(),
        4,
        "finer, but as long"
    );
    long[3].music = Multitrack::new(
        vec![long[3].music.tracks()[0].with_roll(long[3].music.tracks()[0].roll.resized(200))],
        Resolution::new(24).unwrap(),
    );
    assert!(refused(&long).contains("real phrase 2 has 4.17 seconds"), "{}", refused(&long));
    let mut silent = four();
    silent[2].music =
        Multitrack::new(vec![Track::of_family(Family::Bass, Pianoroll::silent(48))], Resolution::MODEL);
    assert!(refused(&silent).contains("real phrase 1 is silent"), "{}", refused(&silent));
}

#[test]
fn page_and_key_are_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let test = made(&four(), 1);
    let (page, key) = (folder.path().join("page.html"), folder.path().join("away/key.csv"));
    test.save(&page, &key).unwrap();
    assert_eq!(Table::read(&key).unwrap().len(), 4);
    assert!(!std::fs::read_to_string(&page).unwrap().contains("hybrid"));
    assert!(test.save(&key, &key).unwrap_err().to_string().contains("kept apart"));
}

/// What raters would download who like `hybrid` by `better` more than `real`, each in their own way.
fn simulated(test: &ListeningTest, raters: usize, better: f64) -> Vec<Table> {
    let (clips, sources) = (column(&test.key, "clip"), column(&test.key, "source"));
    let rater = |number: usize| {
        let mut csv = String::from(
            "test,rater,musician,order,clip,harmonious,rhythmic,structured,coherent,overall\r\n",
        );
        for (place, (clip, source)) in clips.iter().zip(&sources).enumerate() {
            let base = 2.0 + (number % 2) as f64 + if source == "hybrid" { better } else { 0.0 };
            csv += &format!(
                "t1,r{number},{},{},{clip},{base},3,3,3,{base}\r\n",
                number.is_multiple_of(2),
                place + 1
            );
        }
        Table::from_csv(&csv).unwrap()
    };
    (0..raters).map(rater).collect()
}

#[test]
fn ratings_and_key_together_give_the_means_and_their_intervals() {
    let clips: Vec<Clip> = (0..12)
        .map(|n| clip(if n % 2 == 0 { "hybrid" } else { "real" }, &format!("piece {n}"), 60 + n))
        .collect();
    let test = made(&clips, 1);
    let ratings = Ratings::of(&simulated(&test, 10, 1.0), &test.key).unwrap();
    assert_eq!(ratings.raters(), 10);
    let table = ratings.table(Seed(0));
    let ours = |by: &str, row: &str| -> (f64, Option<f64>, Option<f64>) {
        let found = table
            .filter(|r| r.get("row").unwrap().to_string() == row && r.get("by").unwrap().to_string() == by);
        let number = |name: &str| found.numbers(name).unwrap()[0];
        (number("overall").unwrap(), number("overall_low"), number("overall_high"))
    };
    let (hybrid, low, high) = ours("all raters", "hybrid");
    assert_eq!(hybrid, 3.5);
    // Half of the raters say 3 and half 4: the mean of ten has a standard error of about 0.16.
    assert!((3.0..3.35).contains(&low.unwrap()) && (3.65..4.0).contains(&high.unwrap()), "{low:?} {high:?}");
    assert_eq!(ours("all raters", "real").0, 2.5);
    assert_eq!((ours("musicians", "hybrid").0, ours("others", "hybrid").0), (3.0, 4.0));
    assert_eq!(ours("published, others", "hybrid"), (3.16, None, None));
    assert_eq!(column(&table, "by").iter().filter(|by| by.starts_with("published")).count(), 12);
    let page = report(&ratings, "Ratings", Seed(0), None).unwrap();
    assert!(page.markdown().contains("10 raters, 120 ratings") && page.pictures().count() == 1);
}

#[test]
fn four_raters_have_no_interval_and_wrong_files_are_refused() {
    let test = made(&four(), 1);
    let few = Ratings::of(&simulated(&test, 4, 0.0), &test.key).unwrap().table(Seed(0));
    let of_hybrid = few.filter(|row| row.get("by").unwrap().to_string() == "all raters");
    assert_eq!(of_hybrid.numbers("overall_low").unwrap(), [None, None]);
    let tables = simulated(&test, 1, 0.0);
    let refused = |tables: &[Table], key: &Table| Ratings::of(tables, key).unwrap_err().to_string();
    assert!(refused(&[tables[0].clone(), tables[0].clone()], &test.key).contains("twice"));
    assert!(refused(&tables, &made(&four(), 2).key).contains("which the key does not have"));
    assert!(refused(&simulated(&test, 1, 7.0), &test.key).contains("a number from 1 to 5"));
    assert!(refused(&[], &test.key).contains("there are no ratings"));
}
