//! Tests of claims against makers whose truth is known.

use std::sync::Arc;

use super::*;
use crate::base::{Cancel, Seed};
use crate::metrics::against::SongSet;
use crate::model::config::Architecture;
use crate::model::{Latent, LatentLayout};
use crate::music::{Family, Multitrack, Note, Pianoroll, Pitch, Resolution, Track};

/// How a toy departs from one in which every part moves its own track.
#[derive(Clone, Debug, PartialEq)]
enum Trick {
    None,
    /// The drums' own part moves the bass as well.
    Leaks,
    /// It knows few phrases and plays them again and again.
    Copies(Vec<Multitrack>),
    /// It plays one phrase.
    Collapsed,
    /// Its answers are transpositions of what they are given.
    Attentive,
    /// Its answers have nothing to do with it.
    Deaf,
}

/// A maker of quarter notes: the pitches of a track follow its own parts and the shared ones.
struct Toy {
    layout: Arc<LatentLayout>,
    tracks: Vec<String>,
    trick: Trick,
}

const BEATS: usize = 16;

impl Toy {
    fn new(trick: Trick) -> Self {
        let tracks = Family::ALL.map(|family| family.name().to_owned()).to_vec();
        Self { layout: Arc::new(LatentLayout::of(&Architecture::hybrid_small())), tracks, trick }
    }

    fn track(&self, family: Family, latent: &Latent) -> Track {
        let part = |path: String| latent.part(&path).expect("the layout has it");
        let name = family.name();
        let mut parts = vec![part("z".into()), part(format!("z_i.{name}")), part(format!("z_it.{name}"))];
        if self.trick == Trick::Leaks && family == Family::Bass {
            parts.push(part("z_i.drums".into()));
        }
        let note = |beat: usize| {
            let sum: f32 = parts.iter().map(|part| part[beat]).sum();
            let (lowest, keys) = if family == Family::Drums { (36, 12) } else { (48, 24) };
            let pitch = lowest + (f64::from(sum) * 5.0).round().rem_euclid(f64::from(keys)) as i64;
            let (start, pitch) = (beat * 12, Pitch::new(pitch).expect("inside MIDI"));
            Note { start, pitch, end: start + 9, velocity: 100 }
        };
        let notes: Vec<Note> = (0..BEATS).map(note).collect();
        Track::of_family(family, Pianoroll::from_notes(BEATS * 12, &notes).without_velocities())
    }

    fn phrase(&self, latent: &Latent) -> Multitrack {
        match &self.trick {
            Trick::Copies(known) => {
                let place = latent.values()[0].to_bits() as usize % known.len();
                return known[place].clone();
            }
            Trick::Collapsed => {
                let still = Latent::draw(&self.layout, Seed(0));
                return Toy::new(Trick::None).phrase(&still);
            }
            _ => {}
        }
        let tracks = Family::ALL.map(|family| self.track(family, latent)).to_vec();
        Multitrack::new(tracks, Resolution::MODEL)
    }
}

impl Maker for Toy {
    fn name(&self) -> &str {
        "toy"
    }

    fn hash(&self) -> &str {
        "0123456789ab"
    }

    fn layout(&self) -> &Arc<LatentLayout> {
        &self.layout
    }

    fn tracks(&self) -> &[String] {
        &self.tracks
    }

    fn accompanies(&self) -> bool {
        matches!(self.trick, Trick::Attentive | Trick::Deaf)
    }

    fn decode(&self, latents: &[Latent], cancel: &Cancel) -> Result<Vec<Multitrack>, DialogueError> {
        if cancel.is_raised() {
            return Err(DialogueError::Stopped);
        }
        Ok(latents.iter().map(|latent| self.phrase(latent)).collect())
    }

    fn accompany(
        &self,
        given: &Multitrack,
        latent: &Latent,
        _: &Cancel,
    ) -> Result<Multitrack, DialogueError> {
        let answer = self.phrase(latent);
        let heard = &given.tracks()[0];
        let follow = |track: &Track| match self.trick {
            Trick::Attentive if track.name == heard.name => heard.clone(),
            Trick::Attentive if !track.is_drum => track.with_roll(heard.roll.transpose(12)),
            _ => track.clone(),
        };
        Ok(answer.with_tracks(answer.tracks().iter().map(follow).collect()))
    }
}

struct Toys;

impl Makers for Toys {
    fn names(&self) -> Vec<String> {
        vec!["leaking".into(), "toy".into()]
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Maker>, DialogueError> {
        match name {
            "toy" => Ok(Arc::new(Toy::new(Trick::None))),
            "leaking" => Ok(Arc::new(Toy::new(Trick::Leaks))),
            other => Err(DialogueError::Untestable(format!("no toy `{other}`"))),
        }
    }
}

/// Phrases of a toy, from other seeds than experiments draw.
fn phrases(count: u64, from: u64) -> Vec<Multitrack> {
    let toy = Toy::new(Trick::None);
    (from..from + count).map(|seed| toy.phrase(&Latent::draw(&toy.layout, Seed(seed)))).collect()
}

fn corpus(count: u64, from: u64) -> Arc<Corpus> {
    Arc::new(Corpus::new("toys", SongSet::new(phrases(count, from)), &Cancel::new()).unwrap())
}

fn setting(trick: Trick, count: usize) -> Setting {
    Setting {
        maker: Arc::new(Toy::new(trick)),
        real: corpus(24, 10_000),
        training: Some(corpus(24, 20_000)),
        count,
        seed: Seed(5),
        cancel: Cancel::new(),
    }
}

fn claim(sentence: &str, setting: &Setting) -> Claim {
    grammar::claim(sentence, &grammar::Vocabulary::of(setting)).unwrap()
}

fn verdict(sentence: &str, setting: &Setting) -> Verdict {
    let finding = claim(sentence, setting).test(setting).unwrap();
    finding.verdict(finding.p())
}

fn conversation(count: usize) -> Conversation {
    seeded(count, 5)
}

fn seeded(count: usize, seed: u64) -> Conversation {
    let opening = Opening { model: "toy".into(), count, seed, ..Opening::default() };
    let setting = Setting { seed: Seed(seed), ..setting(Trick::None, count) };
    Conversation::open(opening, setting, Arc::new(Toys))
}

#[test]
fn what_a_part_moves_is_told_from_what_it_does_not() {
    let (honest, leaking) = (setting(Trick::None, 20), setting(Trick::Leaks, 20));
    assert_eq!(verdict("z_i.drums moves only drums", &honest), Verdict::Supported);
    assert_eq!(verdict("z_i.drums moves only bass", &honest), Verdict::Refuted);
    assert_eq!(verdict("z_i.drums moves only drums", &leaking), Verdict::Refuted);
    assert_eq!(verdict("z_i.drums moves only drums and bass", &leaking), Verdict::Supported);
    assert_eq!(verdict("z moves only drums", &honest), Verdict::Refuted);
}

#[test]
fn few_units_decide_nothing() {
    for count in [2, 4] {
        let few = setting(Trick::None, count);
        assert_eq!(verdict("z_i.drums moves only drums", &few), Verdict::Undecided);
        assert_eq!(verdict("z_i.drums moves only bass", &few), Verdict::Undecided);
    }
}

#[test]
fn a_maker_that_copies_is_found_and_one_that_does_not_is_cleared() {
    let copying = setting(Trick::Copies(phrases(24, 20_000)), 30);
    assert_eq!(verdict("it copies its training data", &copying), Verdict::Supported);
    // Which real phrase is the nearest in a hundred is known of many only.
    let honest = Setting { real: corpus(200, 30_000), ..setting(Trick::None, 200) };
    assert_eq!(verdict("it copies its training data", &honest), Verdict::Refuted);
    let unknown = Setting { training: None, ..setting(Trick::None, 8) };
    let error = claim("it copies its training data", &unknown).test(&unknown).unwrap_err().to_string();
    assert!(error.contains("--training"), "{error}");
}

#[test]
fn answers_that_follow_are_told_from_answers_that_do_not() {
    assert_eq!(verdict("answers follow bass", &setting(Trick::Attentive, 24)), Verdict::Supported);
    let deaf = (0..12).map(|seed| Setting { seed: Seed(seed), ..setting(Trick::Deaf, 24) });
    let wrong = deaf.filter(|deaf| verdict("answers follow bass", deaf) == Verdict::Supported).count();
    assert!(wrong <= 1, "{wrong} of 12 deaf makers were taken to follow");
    let solo = setting(Trick::None, 8);
    let error = claim("answers follow bass", &solo).test(&solo).unwrap_err().to_string();
    assert!(error.contains("composes from scratch"), "{error}");
}

#[test]
fn tracks_that_have_nothing_in_common_do_not_belong_together() {
    // All toys share their rhythm, so only by harmony can anything be seen.
    let wrong = (0..12)
        .map(|seed| Setting { seed: Seed(seed), ..setting(Trick::None, 30) })
        .filter(|setting| verdict("piano and bass belong together", setting) == Verdict::Refuted)
        .count();
    // The shared part makes them belong together a little.
    assert!(wrong <= 1, "{wrong} of 12");
}

#[test]
fn a_maker_of_one_phrase_is_not_varied() {
    assert_eq!(verdict("model is as varied as real", &setting(Trick::Collapsed, 20)), Verdict::Refuted);
    assert_eq!(verdict("model is as varied as real", &setting(Trick::None, 40)), Verdict::Supported);
    assert_eq!(
        verdict("children are closer to parents than strangers", &setting(Trick::None, 30)),
        Verdict::Supported
    );
}

#[test]
fn a_copy_of_a_real_phrase_is_not_novel() {
    let real = phrases(24, 10_000);
    let copy =
        Setting { maker: Arc::new(Toy::new(Trick::Copies(real[..1].to_vec()))), ..setting(Trick::None, 10) };
    assert_eq!(verdict("song is more novel than 50 % of real", &copy), Verdict::Refuted);
    assert_eq!(verdict("phrase 3 is novel but typical", &copy), Verdict::Refuted);
}

#[test]
fn a_direction_is_tried_on_other_latents_than_it_was_fitted_on() {
    let setting = setting(Trick::None, 12);
    let finding = claim("higher raises mix.pitch", &setting).test(&setting).unwrap();
    assert!(finding.remarks[0].contains("60 latents and tried on 12 others"), "{:?}", finding.remarks);
    assert_ne!(finding.verdict(finding.p()), Verdict::Refuted);
}

#[test]
fn every_proposal_can_be_tested_by_each_of_its_measures() {
    let mut talk = conversation(6);
    let mut seen = 0;
    while let Some(claim) = talk.current().cloned() {
        // Of the many that only name other parts and directions the first are enough.
        if seen == 14 {
            break;
        }
        seen += 1;
        for (measure, _) in claim.measures() {
            let by = claim.by(measure, talk.setting()).unwrap();
            let finding = by.test(talk.setting());
            // With six units no phrase may be atypical.
            match finding {
                Ok(finding) => assert!(!finding.parts.is_empty() && finding.p() > 0.0, "{by:?}"),
                Err(error) => {
                    assert!(error.to_string().contains("nothing can be measured"), "{by:?}: {error}")
                }
            }
        }
        talk.hear("next").unwrap();
    }
    assert_eq!(seen, 14);
}

#[test]
fn an_objection_tests_by_another_measure_and_says_whether_the_verdict_stood() {
    let mut talk = conversation(20);
    talk.hear("claim z_i.drums moves only drums").unwrap();
    let said = talk.hear("object because measure rhythm").unwrap().says.join("\n");
    // Toys never change their rhythm, so by rhythm nothing moves.
    assert!(said.contains("The verdict did not stand: by `notes` it is supported."), "{said}");
    assert_eq!(talk.outcomes().len(), 2);
    assert_eq!(talk.outcomes()[1].verdict, Verdict::Refuted);
    let said = talk.hear("object because measure notse").unwrap().says.join("\n");
    assert!(said.contains("did you mean `notes`?"), "{said}");
    let said = talk.hear("object because measure cells").unwrap().says.join("\n");
    assert!(said.contains("did not stand") || said.contains("stood"), "{said}");
    let said = talk.hear("object").unwrap().says.join("\n");
    assert!(said.contains("Every measure"), "{said}");
}

#[test]
fn a_claim_is_tested_once_and_every_test_counts_in_the_correction() {
    let mut talk = conversation(20);
    talk.hear("claim z_i.drums moves only drums").unwrap();
    talk.hear("test").unwrap();
    let alone = talk.outcomes()[0].p_corrected;
    assert!(talk.hear("test").unwrap().says[0].contains("nothing new was drawn"));
    assert_eq!(talk.outcomes().len(), 1);
    for part in ["z_i.piano", "z_i.guitar", "z_i.bass"] {
        talk.hear(&format!("claim {part} moves only {}", &part[4..])).unwrap();
        talk.hear("test").unwrap();
    }
    assert!(talk.outcomes()[0].p_corrected >= 3.9 * alone, "{}", talk.outcomes()[0].p_corrected);
    assert!(talk.hear("verdicts").unwrap().says[0].lines().count() == 4);
}

#[test]
fn agreement_is_no_evidence_and_what_is_not_understood_ends_nothing() {
    let mut talk = conversation(6);
    let said = talk.hear("agree").unwrap();
    assert!(said.says[0].contains("no evidence") && said.outcome == Some(0));
    assert!(talk.hear("agree").unwrap().says[0].contains("Noted"));
    assert!(talk.hear("hmm").unwrap().says[0].contains("`hmm`"));
    assert!(
        talk.hear("claim z_i.drum moves only drums").unwrap().says[0].contains("did you mean `z_i.drums`?")
    );
    assert!(talk.hear("why").unwrap().says[0].len() > 80);
    let said = talk.hear("another model leaking").unwrap().says.join("\n");
    assert!(said.contains("I claim"), "{said}");
    assert!(!talk.is_over());
    talk.hear("quit").unwrap();
    assert!(talk.is_over());
}

#[test]
fn stopped_work_leaves_no_trace() {
    let mut talk = conversation(6);
    let before = talk.turns().len();
    talk.setting().cancel.raise();
    assert!(matches!(talk.hear("test"), Err(DialogueError::Stopped)));
    assert_eq!((talk.turns().len(), talk.outcomes().len()), (before, 0));
}

fn say<S: AsRef<str>>(talk: &mut Conversation, lines: impl IntoIterator<Item = S>) {
    for line in lines {
        talk.hear(line.as_ref()).unwrap();
    }
}

#[test]
fn a_notebook_is_repeated_to_the_last_figure_and_another_seed_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let lines = [
        "test",
        "object",
        "claim z_i.bass moves only bass --> \"x\"",
        "claim z_i.bass moves only bass",
        "test",
    ];
    let mut talk = conversation(8);
    say(&mut talk, lines.iter());
    let written = talk.save(&folder.path().join("talk.md"), None).unwrap();
    let names: Vec<String> =
        written.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["talk.md", "talk.html", "talk-1.png", "talk-2.png", "talk-3.png"]);
    for file in ["talk.md", "talk.html"] {
        let record = Record::read(&folder.path().join(file)).unwrap();
        assert_eq!(record.lines, lines);
        let mut again = conversation(8);
        say(&mut again, record.lines.iter());
        assert_eq!(record.differences(&again), []);
        let mut other = seeded(8, 6);
        say(&mut other, record.lines.iter());
        assert_eq!(record.differences(&other).len(), 3);
    }
    let page = std::fs::read_to_string(folder.path().join("talk.md")).unwrap();
    assert!(page.contains("![") && page.contains("talk-1.png") && page.contains("All verdicts"));
    std::fs::write(folder.path().join("no.md"), "# nothing").unwrap();
    let error = Record::read(&folder.path().join("no.md")).unwrap_err().to_string();
    assert!(error.contains("no notebook of a dialogue: it has no record"), "{error}");
}

#[test]
fn the_script_names_every_test_and_its_figures() {
    let mut talk = conversation(8);
    talk.hear("claim z_i.bass moves only bass").unwrap();
    talk.hear("test").unwrap();
    let script = &talk.hear("script").unwrap().says[0];
    assert!(script.contains("talk.test(\"z_i.bass moves only bass\", #{ measure: \"notes\" });"), "{script}");
    assert_eq!(script.matches("assert_near(").count(), 2, "{script}");
}
