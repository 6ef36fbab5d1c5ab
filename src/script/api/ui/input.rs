//! Widgets that visitors set: sliders, numbers, menus, buttons, check boxes, texts, uploads, pads.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::super::Number;
use super::{Widget, make, texts_of, widgets_of};
use crate::page::{Kind, PageError};
use crate::script::options::{Fallible, Options, number, refuse};
use crate::script::widgets::to_json;

/// Bytes of an upload, unless the script says otherwise.
const UPLOAD_BYTES: usize = 4 << 20;
/// Bytes of the largest upload there can be.
const MOST_BYTES: usize = 64 << 20;
/// Steps of a slider between numbers that are not whole.
const FINE: f64 = 100.0;

fn needs(label: &str, expected: &'static str) -> Box<EvalAltResult> {
    refuse(PageError::Needs { label: label.to_owned(), expected })
}

/// Sets a widget that was just made to the value that its options name.
fn preset(context: &NativeCallContext, widget: Widget, value: Option<&Dynamic>) -> Fallible<Widget> {
    if let Some(value) = value {
        let (widgets, value) = (widgets_of(context), to_json(value)?);
        let node = widgets.node(widget.id)?;
        let kind = node.kind.with_value(&node.label, &value).map_err(refuse)?;
        widgets.change(widget.id, |node| node.kind = kind)?;
    }
    Ok(widget)
}

/// What visitors set.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in super::super) mod inputs {
    /// A number from `min` to `max`, by dragging; it begins at `min`. Whole ends make whole numbers.
    ///
    /// ```rhai
    /// let bars = ui::slider("Bars", 1, 16);
    /// assert_eq(bars.value, 1);
    /// ```
    #[rhai_fn(name = "slider", return_raw)]
    pub fn slider(context: NativeCallContext, label: &str, min: Number, max: Number) -> Fallible<Widget> {
        slider_with(context, label, min, max, Map::new())
    }

    /// The same with options: `value`, `step` (1, or a hundredth of the way if an end is not whole), `unit`
    /// (what stands behind the number), `hint`.
    ///
    /// ```rhai
    /// let tempo = ui::slider("Tempo", 60, 200, #{ value: 120, step: 5, unit: "bpm" });
    /// let heard = [];
    /// tempo.on_change(|bpm| heard.push(bpm));
    /// tempo.set(91);
    /// assert_eq(heard, [90]);
    /// ```
    #[rhai_fn(name = "slider", return_raw)]
    pub fn slider_with(
        context: NativeCallContext,
        label: &str,
        min: Number,
        max: Number,
        options: Map,
    ) -> Fallible<Widget> {
        let mut options = Options::new("ui::slider", options);
        let (low, high) = (number("min", &min)?, number("max", &max)?);
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(refuse(PageError::Range { label: label.to_owned(), low, high }));
        }
        let value = options.value("value");
        let step = options.value("step");
        let whole = [Some(&min), Some(&max), step.as_ref(), value.as_ref()]
            .into_iter()
            .flatten()
            .all(Dynamic::is_int);
        let step = match step {
            Some(step) => number("step", &step)?,
            None if whole => 1.0,
            None => (high - low) / FINE,
        };
        if !(step > 0.0 && step <= high - low) {
            return Err(needs(label, "a step above 0 and no longer than its range"));
        }
        let unit = options.text("unit")?.unwrap_or_default();
        let kind = Kind::Slider { min: low, max: high, step, value: low, unit, whole };
        preset(&context, make(&context, label, kind, options)?, value.as_ref())
    }

    /// A whole number, by typing; it begins at 0.
    ///
    /// ```rhai
    /// let seed = ui::number("Seed");
    /// seed.set(27);
    /// assert_eq(seed.value, 27);
    /// ```
    #[rhai_fn(name = "number", return_raw)]
    pub fn number_of(context: NativeCallContext, label: &str) -> Fallible<Widget> {
        number_with(context, label, Map::new())
    }

    /// The same with options: `min`, `max`, `step` (1), `value` (0, or `min` above it), `hint`. If one of
    /// them is not whole, the number need not be.
    ///
    /// ```rhai
    /// let amount = ui::number("Amount", #{ min: 0, max: 1, step: 0.1, value: 0.3 });
    /// assert_eq(amount.value, 0.3);
    /// assert_error(|| amount.set(2), "from 0 to 1");
    /// ```
    #[rhai_fn(name = "number", return_raw)]
    pub fn number_with(context: NativeCallContext, label: &str, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::number", options);
        let given = ["min", "max", "step", "value"].map(|key| options.value(key));
        let whole = given.iter().flatten().all(Dynamic::is_int);
        let finite = |value: &Option<Dynamic>| -> Fallible<Option<f64>> {
            let number = value.as_ref().map(|value| number("a number's option", value)).transpose()?;
            match number.is_none_or(f64::is_finite) {
                true => Ok(number),
                false => Err(needs(label, "finite numbers")),
            }
        };
        let (min, max) = (finite(&given[0])?, finite(&given[1])?);
        if let (Some(low), Some(high)) = (min, max)
            && low > high
        {
            return Err(refuse(PageError::Range { label: label.to_owned(), low, high }));
        }
        let step = finite(&given[2])?.unwrap_or(1.0);
        if step <= 0.0 {
            return Err(needs(label, "a step above 0"));
        }
        let value = 0.0_f64.max(min.unwrap_or(0.0)).min(max.unwrap_or(f64::INFINITY));
        let kind = Kind::Number { min, max, step, value, whole };
        preset(&context, make(&context, label, kind, options)?, given[3].as_ref())
    }

    /// One of several texts; it begins with the first.
    ///
    /// ```rhai
    /// let mood = ui::menu("Mood", ["calm", "wild"]);
    /// mood.set("wild");
    /// assert_eq(mood.value, "wild");
    /// ```
    #[rhai_fn(name = "menu", return_raw)]
    pub fn menu(context: NativeCallContext, label: &str, items: Array) -> Fallible<Widget> {
        menu_with(context, label, items, Map::new())
    }

    /// The same with options: `value`, `hint`.
    ///
    /// ```rhai
    /// let mood = ui::menu("Mood", ["calm", "wild"], #{ value: "wild" });
    /// assert_error(|| mood.set("wlid"), "did you mean `wild`?");
    /// ```
    #[rhai_fn(name = "menu", return_raw)]
    pub fn menu_with(
        context: NativeCallContext,
        label: &str,
        items: Array,
        options: Map,
    ) -> Fallible<Widget> {
        let mut options = Options::new("ui::menu", options);
        let value = options.value("value");
        let items = texts_of("items", &items)?;
        let first = items.first().cloned().ok_or_else(|| needs(label, "at least one item"))?;
        let kind = Kind::Menu { items, value: first };
        preset(&context, make(&context, label, kind, options)?, value.as_ref())
    }

    /// Something to press.
    ///
    /// ```rhai
    /// let pressed = 0;
    /// let more = ui::button("More");
    /// more.on_click(|| pressed += 1);
    /// more.click();
    /// assert_eq(pressed, 1);
    /// ```
    #[rhai_fn(name = "button", return_raw)]
    pub fn button(context: NativeCallContext, label: &str) -> Fallible<Widget> {
        button_with(context, label, Map::new())
    }

    /// The same with options: `primary` (what most people want most of the time), `hint`.
    ///
    /// ```rhai
    /// let again = ui::button("Again", #{ primary: true, hint: "another phrase" });
    /// assert_eq(again.hint, "another phrase");
    /// ```
    #[rhai_fn(name = "button", return_raw)]
    pub fn button_with(context: NativeCallContext, label: &str, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::button", options);
        let primary = options.flag("primary")?.unwrap_or(false);
        make(&context, label, Kind::Button { primary }, options)
    }

    /// Yes or no; it begins with no.
    ///
    /// ```rhai
    /// let lock = ui::check_box("Lock");
    /// lock.set(true);
    /// assert(lock.value);
    /// ```
    #[rhai_fn(name = "check_box", return_raw)]
    pub fn check_box(context: NativeCallContext, label: &str) -> Fallible<Widget> {
        check_box_with(context, label, Map::new())
    }

    /// The same with options: `value`, `hint`.
    ///
    /// ```rhai
    /// assert(ui::check_box("Lock", #{ value: true }).value);
    /// ```
    #[rhai_fn(name = "check_box", return_raw)]
    pub fn check_box_with(context: NativeCallContext, label: &str, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::check_box", options);
        let value = options.flag("value")?.unwrap_or(false);
        make(&context, label, Kind::CheckBox { value }, options)
    }

    /// A field to write in.
    ///
    /// ```rhai
    /// let name = ui::text("Name");
    /// name.set("Nocturne");
    /// assert_eq(name.value, "Nocturne");
    /// ```
    #[rhai_fn(name = "text", return_raw)]
    pub fn text(context: NativeCallContext, label: &str) -> Fallible<Widget> {
        text_with(context, label, Map::new())
    }

    /// The same with options: `value`, `placeholder` (shown while nothing is written), `lines` (1), `hint`.
    ///
    /// ```rhai
    /// let chords = ui::text("Chords", #{ value: "Am F C G", lines: 3 });
    /// assert_eq(chords.value, "Am F C G");
    /// ```
    #[rhai_fn(name = "text", return_raw)]
    pub fn text_with(context: NativeCallContext, label: &str, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::text", options);
        let value = options.text("value")?.unwrap_or_default();
        let placeholder = options.text("placeholder")?.unwrap_or_default();
        let lines = options.count("lines", 1..=100)?.unwrap_or(1);
        make(&context, label, Kind::Text { value, placeholder, lines }, options)
    }

    /// A MIDI file of the visitor's, of at most 4 MiB. Its `value` is the piece in it, or `()` before there is
    /// one, and `file` is its name, by which the steps of a work find it. A script gives a file by its path.
    ///
    /// ```rhai
    /// let given = ui::upload("Your melody");
    /// given.on_change(|song| print(song.track_names));
    /// assert_eq(given.value, ());
    /// ```
    #[rhai_fn(name = "upload", return_raw)]
    pub fn upload(context: NativeCallContext, label: &str) -> Fallible<Widget> {
        upload_with(context, label, Map::new())
    }

    /// The same with options: `accept` (endings; of others than .mid, .npz and .npy the value is the text),
    /// `most` (bytes), `hint`.
    ///
    /// ```rhai
    /// let saved = ui::upload("Open", #{ accept: [".ricercar"], most: 1_000_000 });
    /// assert_error(|| saved.set("song.mp3"), "song.mp3");
    /// ```
    #[rhai_fn(name = "upload", return_raw)]
    pub fn upload_with(context: NativeCallContext, label: &str, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::upload", options);
        let accept = options.texts("accept")?.unwrap_or_else(|| vec![".mid".into(), ".midi".into()]);
        let most = options.count("most", 1..=MOST_BYTES)?.unwrap_or(UPLOAD_BYTES);
        make(&context, label, Kind::Upload { accept, most, value: None }, options)
    }

    /// A point in a square between four things, whose names are given from left to right and top to bottom.
    /// Its value is the way from the left and from the top, each from 0 to 1; it begins in the middle.
    ///
    /// ```rhai
    /// let pad = ui::pad("Between", ["A", "B", "C", "D"]);
    /// pad.on_change(|at| print(`${at[0]} from the left`));
    /// pad.set([0.25, 1]);
    /// assert_eq(pad.value, [0.25, 1.0]);
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad(context: NativeCallContext, label: &str, corners: Array) -> Fallible<Widget> {
        pad_with(context, label, corners, Map::new())
    }

    /// The same with options: `value`, `hint`.
    ///
    /// ```rhai
    /// assert_eq(ui::pad("Between", ["A", "B", "C", "D"], #{ value: [0, 0] }).value, [0.0, 0.0]);
    /// ```
    #[rhai_fn(name = "pad", return_raw)]
    pub fn pad_with(
        context: NativeCallContext,
        label: &str,
        corners: Array,
        options: Map,
    ) -> Fallible<Widget> {
        let mut options = Options::new("ui::pad", options);
        let value = options.value("value");
        let corners = texts_of("corners", &corners)?.try_into();
        let corners = corners.map_err(|_| needs(label, "the names of four corners"))?;
        let kind = Kind::Pad { corners, value: [0.5, 0.5] };
        preset(&context, make(&context, label, kind, options)?, value.as_ref())
    }
}
