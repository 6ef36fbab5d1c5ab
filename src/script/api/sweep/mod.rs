//! `sweep::`: one row of a table for each of many settings.

mod axes;
pub(super) mod generating;
mod running;

use std::collections::HashMap;

use rhai::plugin::*;
use rhai::{FnPtr, Map};

use super::lift;
use super::table::point_map;
use super::values::children;
use crate::experiment::sweep::{Plan, Space, Values};
use crate::experiment::{Cell, Table};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};
use crate::script::types::plain_name;
pub(super) use axes::space;
use axes::values;
use running::{drawn, keeping, run, swept};

/// Trying many settings.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod sweeping {
    /// Runs `work` at every combination of the settings in `axes` and keeps what it gives (measures of
    /// music, or a map) as a row beside the settings. Axes are a map from names to arrays or ranges of
    /// whole numbers, or an array of pairs, whose order is kept: the last axis moves fastest. A cell whose
    /// work fails is a row with the reason in the column `error`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=2, b: [0.5, 1.0] }, |p| #{ product: p.a * p.b });
    /// assert_eq(results.len, 4);
    /// assert_eq(results.column("product"), [0.5, 1.0, 1.0, 2.0]);
    /// ```
    #[rhai_fn(name = "grid", return_raw)]
    pub fn grid(context: NativeCallContext, axes: Dynamic, work: FnPtr) -> Fallible<Table> {
        grid_with(context, axes, work, Map::new())
    }

    /// The same with options: `save` (a .csv, .json or .parquet file; each row is safe in a journal beside
    /// it as soon as it is there), `resume` (true goes on where an earlier run stopped, and keeps the
    /// journal for the next; "failed" tries failed cells again too), `on_error` ("row", or "stop", which
    /// ends the sweep), `columns` (that stand first). With `--shard 3/16` only that share is done and left
    /// as a journal, for `ricercar merge`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=3 }, |p| #{ square: p.a * p.a }, #{ save: "squares.csv" });
    /// assert_eq(results.len, 3);
    /// let ordered = sweep::grid([["b", [1, 2]], ["a", [3]]], |p| #{}, #{ columns: "a" });
    /// assert_eq(ordered.columns, ["a", "b"]);
    /// ```
    #[rhai_fn(name = "grid", return_raw)]
    pub fn grid_with(
        context: NativeCallContext,
        axes: Dynamic,
        work: FnPtr,
        options: Map,
    ) -> Fallible<Table> {
        let plan = lift(Plan::grid(space(&axes)?))?;
        swept(&context, plan, &work, Options::new("sweep::grid", options))
    }

    /// A range of numbers for an axis of `sweep::random` or `sweep::sobol`.
    ///
    /// ```rhai
    /// let axes = #{ threshold: sweep::between(0.2, 0.8) };
    /// let results = sweep::random(axes, |p| #{}, #{ count: 5 });
    /// assert(results.column("threshold").all(|t| t > 0.2 && t < 0.8));
    /// ```
    #[rhai_fn(name = "between", return_raw)]
    pub fn between(low: Dynamic, high: Dynamic) -> Fallible<Map> {
        between_on(low, high, "linear")
    }

    /// The same on a scale, "linear" or "log".
    ///
    /// ```rhai
    /// let axes = #{ rate: sweep::between(1e-4, 1e-2, "log") };
    /// assert_eq(sweep::sobol(axes, |p| #{}, #{ count: 4 }).len, 4);
    /// ```
    #[rhai_fn(name = "between", return_raw)]
    pub fn between_on(low: Dynamic, high: Dynamic, scale: &str) -> Fallible<Map> {
        let map: Map = [("low".into(), low), ("high".into(), high), ("scale".into(), scale.into())].into();
        values("between", &Dynamic::from(map.clone()))?;
        Ok(map)
    }

    /// Runs `work` at points that a seed chooses: different combinations where every axis is a list or a
    /// range of whole numbers, independent draws where one is `sweep::between(…)`. Options: `count`,
    /// `seed`, and those of `grid`.
    ///
    /// ```rhai
    /// let axes = #{ a: 0..100, b: sweep::between(0, 1) };
    /// let results = sweep::random(axes, |p| #{ sum: p.a + p.b }, #{ count: 5, seed: 1 });
    /// assert_eq(results.len, 5);
    /// ```
    #[rhai_fn(name = "random", return_raw)]
    pub fn random(context: NativeCallContext, axes: Dynamic, work: FnPtr, options: Map) -> Fallible<Table> {
        let mut options = Options::new("sweep::random", options);
        let (count, seed) = drawn(&context, "sweep::random", &mut options)?;
        swept(&context, lift(Plan::random(space(&axes)?, count, seed))?, &work, options)
    }

    /// The same without other options.
    ///
    /// ```rhai
    /// let results = sweep::random(#{ a: 0..100, b: 0..100 }, 5, 1, |p| #{ sum: p.a + p.b });
    /// assert_eq(results.len, 5);
    /// ```
    #[rhai_fn(name = "random", return_raw)]
    pub fn random_plain(
        context: NativeCallContext,
        axes: Dynamic,
        count: i64,
        seed: i64,
        work: FnPtr,
    ) -> Fallible<Table> {
        let options = [("count".into(), count.into()), ("seed".into(), seed.into())].into();
        random(context, axes, work, options)
    }

    /// Runs `work` at points of Sobol's sequence, which fill the space of all settings more evenly than
    /// random ones; best at a `count` of 16, 32, 64 …. Options as for `random`.
    ///
    /// ```rhai
    /// let axes = #{ threshold: sweep::between(0.2, 0.8), seed: 0..16 };
    /// let results = sweep::sobol(axes, |p| #{}, #{ count: 16 });
    /// assert_eq(results.unique("seed").len, 16);
    /// ```
    #[rhai_fn(name = "sobol", return_raw)]
    pub fn sobol(context: NativeCallContext, axes: Dynamic, work: FnPtr, options: Map) -> Fallible<Table> {
        let mut options = Options::new("sweep::sobol", options);
        let (count, seed) = drawn(&context, "sweep::sobol", &mut options)?;
        swept(&context, lift(Plan::sobol(space(&axes)?, count, seed))?, &work, options)
    }

    /// Runs `work` at `count` seeds, the same for every run with the same `--seed`.
    ///
    /// ```rhai
    /// let results = sweep::seeds(4, |p| #{ odd: p.seed % 2 });
    /// assert_eq(results.len, 4);
    /// ```
    #[rhai_fn(name = "seeds", return_raw)]
    pub fn seeds(context: NativeCallContext, count: i64, work: FnPtr) -> Fallible<Table> {
        let seeds = children(Context::of(&context).seed, count)?;
        grid(context, Dynamic::from(Map::from([("seed".into(), seeds.into())])), work)
    }

    /// Runs each of `makers` (a map from names to functions) at the same `count` seeds; the name is in the
    /// column `name`.
    ///
    /// ```rhai
    /// let results = sweep::compare(#{ plain: |p| #{ n: 1 }, double: |p| #{ n: 2 } }, 3);
    /// assert_eq(results.len, 6);
    /// assert_eq(results.columns, ["name", "seed", "n"]);
    /// ```
    #[rhai_fn(name = "compare", return_raw)]
    pub fn compare(context: NativeCallContext, makers: Map, count: i64) -> Fallible<Table> {
        compare_with(context, makers, count, Map::new())
    }

    /// The same with the options of `grid`.
    ///
    /// ```rhai
    /// let makers = #{ plain: |p| #{ n: 1 }, double: |p| #{ n: 2 } };
    /// assert_eq(sweep::compare(makers, 3, #{ columns: "seed" }).columns, ["seed", "name", "n"]);
    /// ```
    #[rhai_fn(name = "compare", return_raw)]
    pub fn compare_with(
        context: NativeCallContext,
        makers: Map,
        count: i64,
        options: Map,
    ) -> Fallible<Table> {
        let mut options = Options::new("sweep::compare", options);
        let keeping = keeping(&Context::of(&context), &mut options)?;
        options.finish()?;
        let functions = makers.into_iter().map(|(name, maker)| {
            let kind = plain_name(maker.type_name());
            let function = maker.try_cast::<FnPtr>();
            let function =
                function.ok_or_else(|| refuse(format!("`{name}` must be a function, got {kind}")))?;
            Ok((name.to_string(), function))
        });
        let functions: HashMap<String, FnPtr> = functions.collect::<Fallible<_>>()?;
        let mut names: Vec<&str> = functions.keys().map(String::as_str).collect();
        names.sort_unstable();
        let seeds = children(Context::of(&context).seed, count)?;
        let axes = vec![
            ("name".into(), Values::List(names.into_iter().map(Cell::from).collect())),
            ("seed".into(), values("seed", &seeds.into())?),
        ];
        let plan = lift(Plan::grid(lift(Space::new(axes))?))?;
        run(&context, plan, keeping, |point| {
            let name = point.first().map(|(_, name)| name.to_string()).unwrap_or_default();
            match functions.get(&name) {
                Some(maker) => maker.call_within_context(&context, (point_map(point.clone()),)),
                None => Err(refuse(format!("no function `{name}`"))),
            }
        })
    }

    /// Which share of every sweep is done here: a map `index` (from 1) and `count`; `()` without `--shard`.
    ///
    /// ```rhai
    /// if sweep::shard() == () { print("the whole sweep"); }
    /// ```
    pub fn shard(context: NativeCallContext) -> Dynamic {
        Context::of(&context).shard.map_or(Dynamic::UNIT, |shard| {
            let number = |number: usize| Dynamic::from(number as i64);
            Map::from([("index".into(), number(shard.index())), ("count".into(), number(shard.count()))])
                .into()
        })
    }
}
