//! `ui::work`: a piece in the making as the lines of script that make it.

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::{WorkHandle, widgets_of};
use crate::base::suggestion;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};
use crate::script::widgets::Caller;

/// Making works.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in super::super) mod working {
    /// A piece in the making. `setup` is a script of its own that sees nothing of this one; its variables, and
    /// those that steps add, are read as properties of the work. The steps run in a sandbox: they read the
    /// models and the visitor's files, and write among these.
    ///
    /// ```rhai
    /// let work = ui::work("let song = music::line(\"bass\", \"C2 G2\").to_song();");
    /// work.run("song = song.transpose(12);");
    /// assert_eq(work.song, music::line("bass", "C3 G3").to_song());
    /// work.undo();
    /// assert_eq(work.song, music::line("bass", "C2 G2").to_song());
    /// ```
    #[rhai_fn(name = "work", return_raw)]
    pub fn work(context: NativeCallContext, setup: &str) -> Fallible<WorkHandle> {
        widgets_of(&context).add_work(&Context::of(&context), setup).map(WorkHandle)
    }
}

/// Members of works.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in super::super) mod works {
    /// Does one more step: a line of script, which is really run, kept and shown. What goes wrong leaves the
    /// work as it was.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// work.run("n += 1;");
    /// assert_error(|| work.run("n = nowhere;"), "nowhere");
    /// assert_eq(work.n, 2);
    /// ```
    #[rhai_fn(name = "run", pure, return_raw)]
    pub fn run(context: NativeCallContext, work: &mut WorkHandle, line: &str) -> Fallible<()> {
        run_with(context, work, line, Map::new())
    }

    /// The same with options: `key`, a name for the gesture. A step with the same key as the last one takes its
    /// place, so that a slider that is being dragged is one line and not fifty.
    ///
    /// ```rhai
    /// let work = ui::work("let amount = 0.0;");
    /// for tenth in 1..=5 { work.run(`amount = ${tenth / 10.0};`, #{ key: "amount" }); }
    /// assert_eq(work.steps, ["amount = 0.5;"]);
    /// ```
    #[rhai_fn(name = "run", pure, return_raw)]
    pub fn run_with(
        context: NativeCallContext,
        work: &mut WorkHandle,
        line: &str,
        options: Map,
    ) -> Fallible<()> {
        let mut options = Options::new("run", options);
        let key = options.text("key")?;
        options.finish()?;
        widgets_of(&context).run_step(&Caller::Script(&context), work.0, line, key.as_deref())
    }

    /// Takes the last step back; whether there was one.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// work.run("n = 2;");
    /// assert(work.undo() && work.n == 1 && !work.undo());
    /// ```
    #[rhai_fn(name = "undo", pure, return_raw)]
    pub fn undo(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<bool> {
        widgets_of(&context).step(&Caller::Script(&context), work.0, false)
    }

    /// Does the step again that was taken back last; whether there was one.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// work.run("n = 2;");
    /// work.undo();
    /// assert(work.redo() && work.n == 2);
    /// ```
    #[rhai_fn(name = "redo", pure, return_raw)]
    pub fn redo(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<bool> {
        widgets_of(&context).step(&Caller::Script(&context), work.0, true)
    }

    /// Whether a step can be taken back.
    ///
    /// ```rhai
    /// assert(!ui::work("let n = 1;").can_undo);
    /// ```
    #[rhai_fn(get = "can_undo", pure, return_raw)]
    pub fn can_undo(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<bool> {
        widgets_of(&context).work(work.0, |work| work.can_undo())
    }

    /// Whether a step has been taken back and can be done again.
    ///
    /// ```rhai
    /// assert(!ui::work("let n = 1;").can_redo);
    /// ```
    #[rhai_fn(get = "can_redo", pure, return_raw)]
    pub fn can_redo(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<bool> {
        widgets_of(&context).work(work.0, |work| work.can_redo())
    }

    /// The steps that are done, as lines of script.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// work.run("n = 2");
    /// assert_eq(work.steps, ["n = 2;"]);
    /// ```
    #[rhai_fn(get = "steps", pure, return_raw)]
    pub fn steps(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<Array> {
        let lines = widgets_of(&context).work(work.0, |work| work.lines())?;
        Ok(lines.into_iter().map(Dynamic::from).collect())
    }

    /// A whole script that makes what the work is now.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// work.run("n = 2;");
    /// assert_eq(work.script(), "let n = 1;\nn = 2;\n");
    /// ```
    #[rhai_fn(name = "script", pure, return_raw)]
    pub fn script(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<String> {
        widgets_of(&context).work(work.0, |work| work.script())
    }

    /// All that is needed to open the page again as it is now: steps, seed, latents, the models' hashes, the
    /// visitor's files, what the widgets are set to. Fits into a link unless the files are large.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// work.run("n = 2;");
    /// let saved = work.state();
    /// work.run("n = 3;");
    /// work.restore(saved);
    /// assert_eq(work.n, 2);
    /// ```
    #[rhai_fn(name = "state", pure, return_raw)]
    pub fn state(context: NativeCallContext, work: &mut WorkHandle) -> Fallible<String> {
        widgets_of(&context).state(&Context::of(&context), work.0)
    }

    /// Opens the page as it was when `state` was made; what is otherwise than it was is told on the side. The
    /// same music is made, or it is an error.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// assert_error(|| work.restore("nonsense"), "not one of a page");
    /// ```
    #[rhai_fn(name = "restore", pure, return_raw)]
    pub fn restore(context: NativeCallContext, work: &mut WorkHandle, state: &str) -> Fallible<()> {
        let (settings, caller) = (Context::of(&context), Caller::Script(&context));
        widgets_of(&context).work(work.0, |_| ())?;
        let remarks = widgets_of(&context).restore(&settings, &caller, state)?;
        remarks.iter().for_each(|remark| settings.note(remark));
        Ok(())
    }

    /// Has `function` called whenever the work has changed: after a step, and when one was taken back.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// let shown = ui::label("");
    /// work.on_change(|| shown.value = `n is ${work.n}`);
    /// work.run("n = 2;");
    /// assert_eq(shown.value, "n is 2");
    /// ```
    #[rhai_fn(name = "on_change", pure, return_raw)]
    pub fn on_change(context: NativeCallContext, work: &mut WorkHandle, function: FnPtr) -> Fallible<()> {
        let widgets = widgets_of(&context);
        widgets.work(work.0, |_| ())?;
        widgets.when_work_changes(work.0, function);
        Ok(())
    }

    /// The variable of that name, as setup and steps have left it; `work.song` is `work["song"]`.
    ///
    /// ```rhai
    /// let work = ui::work("let n = 1;");
    /// assert_eq(work["n"], work.n);
    /// assert_error(|| work.m, "no variable `m`");
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn variable(context: NativeCallContext, work: &mut WorkHandle, name: &str) -> Fallible<Dynamic> {
        let found = widgets_of(&context).work(work.0, |work| (work.variable(name), work.names()))?;
        let (value, names) = found;
        value.ok_or_else(|| {
            let hint = suggestion(name, names.iter().map(String::as_str));
            refuse(format!("the work has no variable `{name}`: there are {}{hint}", names.join(", ")))
        })
    }
}
