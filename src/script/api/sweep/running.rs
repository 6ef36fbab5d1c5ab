//! A sweep on its way: its options, the rows that are kept, and what is told of errors.

use std::sync::Arc;

use rhai::FnPtr;
use rhai::plugin::*;

use super::super::lift;
use super::super::table::{point_map, results};
use crate::base::Seed;
use crate::experiment::sweep::{Finished, Outcome, Plan, Point, Resume, Settings, Sweep};
use crate::experiment::{Cell, Table};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::session::SOURCE as SESSION;

/// What every sweep's options say, and whether the first failed cell ends it.
pub(super) struct Keeping {
    pub(super) settings: Settings,
    pub(super) stops: bool,
}

/// Reads `save`, `resume`, `on_error` and `columns`.
pub(super) fn keeping(context: &Context, options: &mut Options) -> Fallible<Keeping> {
    let save = options.text("save")?;
    let resume = match options.value("resume") {
        None => Resume::No,
        Some(value) => match (value.as_bool(), value.clone().into_string().as_deref()) {
            (Ok(false), _) => Resume::No,
            (Ok(true), _) => Resume::All,
            (_, Ok("failed")) => Resume::Good,
            _ => {
                return Err(refuse("`resume` is true, false, or \"failed\", which tries failed cells again"));
            }
        },
    };
    let stops = options.choice("on_error", &["row", "stop"])? == Some("stop");
    let columns = options.texts("columns")?.unwrap_or_default();
    if resume != Resume::No && save.is_none() {
        return Err(refuse("`resume` needs `save`: the rows of before are kept beside that file"));
    }
    let save = save.map(|path| context.output_path(&path)).transpose().map_err(refuse)?;
    Ok(Keeping { settings: Settings { save, resume, shard: context.shard, columns }, stops })
}

/// How a cell's work went: its row, or why there is none.
pub(super) type Work = Fallible<Vec<(String, Cell)>>;

/// A sweep that is running for a script.
pub(super) struct Running {
    pub(super) context: Arc<Context>,
    pub(super) sweep: Sweep,
    pub(super) stops: bool,
    /// Whether errors have lines that a person can find: those of a session count from elsewhere.
    has_lines: bool,
    first_error: Option<Box<EvalAltResult>>,
}

impl Running {
    pub(super) fn begin(call: &NativeCallContext, plan: Plan, keeping: Keeping) -> Fallible<Self> {
        let context = Context::of(call);
        let has_lines = call.call_source() != Some(SESSION);
        let plan = plan.of(&format!("seed {}", context.seed.0));
        let sweep = lift(Sweep::begin(plan, keeping.settings))?;
        Ok(Self { context, sweep, stops: keeping.stops, has_lines, first_error: None })
    }

    /// Keeps what a cell gave; an error ends the sweep when it is a stop, or when the first one shall.
    pub(super) fn keep(&mut self, cell: usize, work: Work) -> Fallible<()> {
        let (outcome, error) = match work {
            Ok(row) => (Outcome::Row(row), None),
            Err(error) if is_stop(&error) || self.context.cancel.is_raised() => return Err(error),
            Err(error) => (Outcome::Failed(brief(&error, self.has_lines)), Some(error)),
        };
        lift(self.sweep.keep(cell, outcome, &*self.context.output))?;
        match error {
            Some(error) if self.stops => Err(error),
            Some(error) => {
                self.first_error.get_or_insert(error);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Ends the sweep with what `work` came to; rows that were finished are kept whatever it was.
    pub(super) fn end(self, work: Fallible<()>) -> Fallible<Table> {
        let finished: Finished = lift(self.sweep.finish())?;
        let summary = finished.summary();
        // A share may have nothing but bad cells while the sweep goes well.
        let is_hopeless = self.context.shard.is_none() && finished.is_hopeless();
        match work {
            Err(error) => {
                self.context.note(&format!("the sweep ended early: {summary}"));
                self.context.kept.put(Some(finished.table).filter(|table| !table.is_empty()));
                Err(error)
            }
            Ok(()) if is_hopeless => {
                self.context.note(&format!("every cell failed: {summary}"));
                self.context.kept.put(Some(finished.table));
                let first = finished.first_error.unwrap_or_default();
                Err(self.first_error.unwrap_or_else(|| refuse(format!("every cell failed: {first}"))))
            }
            Ok(()) => {
                if finished.failed > 0 || finished.written.is_some() || finished.journal.is_some() {
                    self.context.note(&summary);
                }
                Ok(finished.table)
            }
        }
    }
}

/// Whether somebody pressed Ctrl-C.
pub(super) fn is_stop(error: &EvalAltResult) -> bool {
    matches!(innermost(error), EvalAltResult::ErrorTerminated(..))
}

pub(super) fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(.., inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            innermost(inner)
        }
        other => other,
    }
}

/// An error on one line, with the line of the script that it comes from.
pub(super) fn brief(error: &EvalAltResult, has_lines: bool) -> String {
    let inner = innermost(error);
    let message = match inner {
        EvalAltResult::ErrorRuntime(value, _) => value.to_string(),
        other => {
            let text = other.to_string();
            text.rfind(" (line ").map_or(text.clone(), |end| text[..end].to_owned())
        }
    };
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match inner.position().line().filter(|_| has_lines) {
        Some(line) => format!("{message} (line {line})"),
        None => message,
    }
}

/// Runs `work` at every cell that has no row yet.
pub(super) fn run(
    context: &NativeCallContext,
    plan: Plan,
    keeping: Keeping,
    mut work: impl FnMut(&Point) -> Fallible<Dynamic>,
) -> Fallible<Table> {
    let mut running = Running::begin(context, plan, keeping)?;
    let mut cells = || {
        for cell in running.sweep.pending() {
            if running.context.cancel.is_raised() {
                return Err(stopped());
            }
            let row = work(&running.sweep.point(cell)).and_then(|given| results(&given));
            running.keep(cell, row)?;
        }
        Ok(())
    };
    let done = cells();
    running.end(done)
}

/// A sweep over a plan with the options that are left.
pub(super) fn swept(
    context: &NativeCallContext,
    plan: Plan,
    work: &FnPtr,
    mut options: Options,
) -> Fallible<Table> {
    let keeping = keeping(&Context::of(context), &mut options)?;
    options.finish()?;
    run(context, plan, keeping, |point| work.call_within_context(context, (point_map(point.clone()),)))
}

/// How many points, and which, from `count` and `seed`.
pub(super) fn drawn(
    context: &NativeCallContext,
    owner: &str,
    options: &mut Options,
) -> Fallible<(usize, Seed)> {
    let count = options.count("count", 1..=10_000_000)?;
    let seed = options.seed("seed")?.unwrap_or_else(|| Context::of(context).seed);
    let count = count.ok_or_else(|| refuse(format!("`{owner}` needs `count`: the number of points")))?;
    Ok((count, seed))
}
