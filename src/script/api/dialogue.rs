//! `dialogue::`: claims about what a model makes, and their tests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::plugin::*;
use rhai::{Array, Map};

use super::model::{library, load_in};
use crate::dialogue::{Conversation, DialogueError, Maker, Makers, Opening, Outcome, grammar};
use crate::experiment::Table;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::show::count;

/// A conversation that a script holds; copies are the same conversation.
#[derive(Clone)]
pub(in crate::script) struct Dialogue(Arc<Mutex<Conversation>>);

impl Dialogue {
    fn hold(&self) -> MutexGuard<'_, Conversation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line: about what, and how far it has come.
    pub fn line(&self) -> String {
        let talk = self.hold();
        format!(
            "Dialogue about {}, {}",
            talk.setting().maker.name(),
            count(talk.outcomes().len(), "tested claim")
        )
    }
}

/// Models as scripts find them.
struct Models(Arc<Context>);

impl Makers for Models {
    fn names(&self) -> Vec<String> {
        library(&self.0).names()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Maker>, DialogueError> {
        match load_in(&self.0, name) {
            Ok(model) => Ok(Arc::new(model)),
            Err(_) if self.0.cancel.is_raised() => Err(DialogueError::Stopped),
            Err(error) => match *error {
                EvalAltResult::ErrorRuntime(message, _) => {
                    Err(DialogueError::Untestable(message.to_string()))
                }
                other => Err(DialogueError::Untestable(other.to_string())),
            },
        }
    }
}

/// An error of the dialogue as one that scripts can catch; a stop ends them.
fn lift<T>(result: Result<T, DialogueError>) -> Fallible<T> {
    result.map_err(|error| match error {
        DialogueError::Stopped => stopped(),
        other => refuse(other),
    })
}

fn opened(context: &NativeCallContext, model: &str, options: Map) -> Fallible<Dialogue> {
    let settings = Context::of(context);
    let usual = Opening::default();
    let mut options = Options::new("dialogue::open", options);
    let training = match options.value("training") {
        None => usual.training,
        Some(value) if value.is_unit() => None,
        Some(value) => Some(value.into_string().map_err(|kind| {
            refuse(format!(
                "`training` is the name of a file or `()`, got {}",
                super::super::types::plain_name(kind)
            ))
        })?),
    };
    let opening = Opening {
        model: model.to_owned(),
        real: options.text("real")?.unwrap_or(usual.real),
        phrases: options.count("phrases", 8..=100_000)?.unwrap_or(usual.phrases),
        training,
        count: options.count("count", 2..=100_000)?.unwrap_or(usual.count),
        seed: options.seed("seed")?.unwrap_or(settings.seed).0,
    };
    options.finish()?;
    let makers: Arc<dyn Makers> = Arc::new(Models(Arc::clone(&settings)));
    let place = |name: &str| settings.input_path(name);
    let setting = lift(opening.setting(makers.as_ref(), place, &settings.cancel))?;
    Ok(Dialogue(Arc::new(Mutex::new(Conversation::open(opening, setting, makers)))))
}

/// What was found of a claim, for scripts.
fn found(outcome: &Outcome) -> Map {
    let mut map = Map::new();
    let mut put = |key: &str, value: Dynamic| drop(map.insert(key.into(), value));
    put("claim", outcome.claim.sentence().into());
    put("measure", outcome.claim.measure().to_owned().into());
    put("verdict", outcome.verdict.name().to_owned().into());
    put("p", outcome.finding.p().into());
    put("p_holm", outcome.p_corrected.into());
    let part = |part: &crate::dialogue::Part| {
        let evidence = part.evidence;
        let end = |value: Option<f64>| value.map_or(Dynamic::UNIT, Dynamic::from);
        let mut map = Map::new();
        map.insert("what".into(), part.what.clone().into());
        map.insert("effect".into(), evidence.effect.into());
        map.insert("low".into(), end(evidence.interval.map(|interval| interval.low)));
        map.insert("high".into(), end(evidence.interval.map(|interval| interval.high)));
        map.insert("bound".into(), part.rule.bound().into());
        map.insert("n".into(), (evidence.units as i64).into());
        Dynamic::from(map)
    };
    put("parts", outcome.finding.parts.iter().map(part).collect::<Array>().into());
    put("chart", Dynamic::from(outcome.finding.chart.clone()));
    map
}

fn tested(dialogue: &Dialogue, claim: &str, measure: Option<&str>) -> Fallible<Map> {
    let mut talk = dialogue.hold();
    let place = lift(talk.test(claim, measure))?;
    Ok(found(&talk.outcomes()[place]))
}

/// Claims about what a model makes.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod dialogue {
    /// A conversation about a model, by name: claims are tested beside real phrases that it did not learn
    /// from. Options: `real` (their file, "examples/held_out/phrases.npz"), `training` (a file of what it
    /// learnt from, "examples/data/tour_256.npz", or `()`), `phrases` (most of either that are looked at,
    /// 300), `count` (phrases, pairs or walks of an experiment, 100), `seed`.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ seed: 7, count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// let found = talk.test("z_i.drums moves only bass");
    /// assert(found.verdict in ["refuted", "undecided"]);
    /// ```
    #[rhai_fn(name = "open", return_raw)]
    pub fn open_with(context: NativeCallContext, model: &str, options: Map) -> Fallible<Dialogue> {
        opened(&context, model, options)
    }

    /// The same beside the held-out phrases that come with the program.
    ///
    /// ```rhai
    /// assert_error(|| dialogue::open("hybird"), "hybrid");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn open(context: NativeCallContext, model: &str) -> Fallible<Dialogue> {
        opened(&context, model, Map::new())
    }

    /// The sentences that can be claimed, with what is to be filled in in braces.
    ///
    /// ```rhai
    /// assert("{part} moves only {tracks}" in dialogue::claims());
    /// ```
    pub fn claims() -> Array {
        grammar::patterns().map(|pattern| Dynamic::from(pattern.to_owned())).collect()
    }
}

/// What can be done in a conversation.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod talking {
    /// Answers a line as `ricercar dialogue` does: "test", "object because measure cells", "claim …".
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// assert(talk.say("why").contains("Ritchie"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn say(dialogue: &mut Dialogue, line: &str) -> Fallible<String> {
        let mut talk = dialogue.hold();
        Ok(super::lift(talk.hear(line))?.says.join("\n"))
    }

    /// Tests a claim by its first measure: a map with `verdict`, `p`, `p_holm` (corrected for all claims so
    /// far), `parts` (each `what`, `effect`, `low`, `high`, `bound`, `n`) and `chart`.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// let found = talk.test("song is more novel than 5 % of real");
    /// found.chart.save("novelty.png");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn test(dialogue: &mut Dialogue, claim: &str) -> Fallible<Map> {
        tested(dialogue, claim, None)
    }

    /// The same with options: `measure`, by its name.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// let found = talk.test("song is more novel than 5 % of real", #{ measure: "rhythm" });
    /// assert_eq(found.measure, "rhythm");
    /// ```
    #[rhai_fn(name = "test", return_raw)]
    pub fn test_by(dialogue: &mut Dialogue, claim: &str, options: Map) -> Fallible<Map> {
        let mut options = Options::new("test", options);
        let measure = options.text("measure")?;
        options.finish()?;
        tested(dialogue, claim, measure.as_deref())
    }

    /// Goes on about another model; what has been tested stays.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// talk.another("jamming");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn another(dialogue: &mut Dialogue, model: &str) -> Fallible<()> {
        super::lift(dialogue.hold().change_maker(model))
    }

    /// Every tested claim as a table, a row for each effect: `claim`, `model`, `measure`, `verdict`, `effect`,
    /// `low`, `high`, `bound`, `p`, `p_holm`, `n`.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// talk.test("song is more novel than 5 % of real");
    /// assert_eq(talk.table().len, 1);
    /// ```
    #[rhai_fn(name = "table")]
    pub fn table(dialogue: &mut Dialogue) -> Table {
        dialogue.hold().table()
    }

    /// A script that repeats the tests and holds their figures to what they were.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// assert(talk.script().contains("dialogue::open"));
    /// ```
    pub fn script(dialogue: &mut Dialogue) -> String {
        dialogue.hold().script()
    }

    /// Keeps the notebook: `path` with .md and .html, and pictures beside them.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// talk.save("talk.md");
    /// ```
    #[rhai_fn(name = "save", return_raw)]
    pub fn save(context: NativeCallContext, dialogue: &mut Dialogue, path: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let place = settings.output_path(path).map_err(refuse)?;
        for path in super::lift(dialogue.hold().save(&place, Some(settings.stamp())))? {
            settings.note(&format!("wrote {}", path.display()));
        }
        Ok(())
    }

    /// The sentence of the claim that is on the table, or `()`.
    ///
    /// ```rhai
    /// let talk = dialogue::open("hybrid", #{ count: 6, phrases: 20, real: "examples/data/tour_256.npz" });
    /// assert_eq(talk.claim, "song is novel but typical");
    /// ```
    #[rhai_fn(get = "claim")]
    pub fn claim(dialogue: &mut Dialogue) -> Dynamic {
        dialogue.hold().current().map_or(Dynamic::UNIT, |claim| claim.sentence().into())
    }
}
