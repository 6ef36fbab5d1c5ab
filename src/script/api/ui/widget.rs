//! What every widget can do.

use rhai::plugin::*;
use rhai::{Array, FnPtr};

use super::{Widget, ids, texts_of, widgets_of};
use crate::experiment::Table;
use crate::page::{Kind, PageError, data_address};
use crate::script::options::{Fallible, refuse};
use crate::script::types::plain_name;
use crate::script::widgets::{Caller, to_json};
use crate::script::{Context, explain, look};

/// Shows a value in a widget, as a script does that assigns it: nothing is called back.
pub(super) fn show_value(context: &NativeCallContext, widget: Widget, value: Dynamic) -> Fallible<()> {
    let widgets = widgets_of(context);
    let node = widgets.node(widget.id)?;
    let kind = match &node.kind {
        Kind::Roll { .. } | Kind::Player { .. } => return widgets.show_music(widget.id, value),
        Kind::Label { .. } => Kind::Label { text: crate::script::summary(&value) },
        Kind::Table { .. } => {
            let table = value.read_lock::<Table>().map(|table| table.clone());
            let kind = plain_name(value.type_name());
            let table =
                table.ok_or_else(|| refuse(format!("a table is shown, got {}", explain::article(&kind))))?;
            let columns = table.columns().iter().map(ToString::to_string).collect();
            let cells = |row: crate::experiment::Row| row.cells().map(|(_, cell)| cell.to_string()).collect();
            widgets.keep(widget.id, value);
            Kind::Table { columns, rows: table.rows().map(cells).collect() }
        }
        Kind::Picture { alt, .. } => {
            let kind = plain_name(value.type_name());
            let png = look::png(&value);
            let png = png
                .ok_or_else(|| refuse(format!("{} cannot be drawn as a picture", explain::article(&kind))))?;
            let kind = Kind::Picture { image: data_address(&png), alt: alt.clone() };
            widgets.keep(widget.id, value);
            kind
        }
        settable => settable.with_value(&node.label, &to_json(&value)?).map_err(refuse)?,
    };
    widgets.change(widget.id, |node| node.kind = kind)
}

/// Members of widgets.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in super::super) mod widgets {
    /// What the widget is set to, or shows: a number, a text, true or false, music, a table.
    ///
    /// ```rhai
    /// assert_eq(ui::slider("Tempo", 60, 200, #{ value: 96 }).value, 96);
    /// ```
    #[rhai_fn(get = "value", pure, return_raw)]
    pub fn value(context: NativeCallContext, widget: &mut Widget) -> Fallible<Dynamic> {
        widgets_of(&context).value(widget.id)
    }

    /// Shows another value; nothing is called back.
    ///
    /// ```rhai
    /// let tempo = ui::slider("Tempo", 60, 200);
    /// tempo.on_change(|bpm| throw "not called");
    /// tempo.value = 96;
    /// assert_eq(tempo.value, 96);
    /// ```
    #[rhai_fn(set = "value", pure, return_raw)]
    pub fn set_value(context: NativeCallContext, widget: &mut Widget, value: Dynamic) -> Fallible<()> {
        show_value(&context, *widget, value)
    }

    /// Does what a visitor does who sets the widget: it gets the value, and the function of `on_change` is
    /// called. An upload is given the path of a file.
    ///
    /// ```rhai
    /// let doubled = 0;
    /// let n = ui::number("n");
    /// n.on_change(|v| doubled = 2 * v);
    /// n.set(21);
    /// assert_eq(doubled, 42);
    /// ```
    #[rhai_fn(name = "set", pure, return_raw)]
    pub fn set(context: NativeCallContext, widget: &mut Widget, value: Dynamic) -> Fallible<()> {
        let widgets = widgets_of(&context);
        let caller = Caller::Script(&context);
        if matches!(widgets.node(widget.id)?.kind, Kind::Upload { .. }) {
            let path = value.into_string().map_err(|_| refuse("an upload is given the path of a file"))?;
            let file = Context::of(&context).input_path(&path).map_err(refuse)?;
            let bytes = crate::base::read_file(&file).map_err(refuse)?;
            return widgets.upload(&caller, widget.id, &path, &bytes);
        }
        widgets.set(&caller, widget.id, &to_json(&value)?)
    }

    /// Does what a visitor does who presses the button or picks the roll.
    ///
    /// ```rhai
    /// let more = ui::button("More");
    /// more.on_click(|| print("pressed"));
    /// more.click();
    /// ```
    #[rhai_fn(name = "click", pure, return_raw)]
    pub fn click(context: NativeCallContext, widget: &mut Widget) -> Fallible<()> {
        widgets_of(&context).click(&Caller::Script(&context), widget.id)
    }

    /// Has `function` called with the new value whenever a visitor sets the widget.
    ///
    /// ```rhai
    /// let tempo = ui::slider("Tempo", 60, 200);
    /// tempo.on_change(|bpm| print(`${bpm} beats a minute`));
    /// ```
    #[rhai_fn(name = "on_change", pure, return_raw)]
    pub fn on_change(context: NativeCallContext, widget: &mut Widget, function: FnPtr) -> Fallible<()> {
        let widgets = widgets_of(&context);
        let node = widgets.node(widget.id)?;
        if node.kind.value().is_none() && !matches!(node.kind, Kind::Upload { .. }) {
            return Err(refuse(PageError::NotThisKind { label: node.called(), kind: node.kind.name() }));
        }
        widgets.call_back(widget.id, function);
        Ok(())
    }

    /// Has `function` called whenever a visitor presses the button or picks the roll.
    ///
    /// ```rhai
    /// ui::button("More").on_click(|| print("pressed"));
    /// ```
    #[rhai_fn(name = "on_click", pure, return_raw)]
    pub fn on_click(context: NativeCallContext, widget: &mut Widget, function: FnPtr) -> Fallible<()> {
        let widgets = widgets_of(&context);
        let node = widgets.node(widget.id)?;
        if !matches!(node.kind, Kind::Button { .. } | Kind::Roll { .. }) {
            return Err(refuse(PageError::NotThisKind { label: node.called(), kind: node.kind.name() }));
        }
        widgets.call_back(widget.id, function);
        Ok(())
    }

    /// What is written beside the widget.
    ///
    /// ```rhai
    /// assert_eq(ui::button("More").label, "More");
    /// ```
    #[rhai_fn(get = "label", pure, return_raw)]
    pub fn label(context: NativeCallContext, widget: &mut Widget) -> Fallible<String> {
        Ok(widgets_of(&context).node(widget.id)?.label)
    }

    /// Writes something else beside it.
    ///
    /// ```rhai
    /// let play = ui::button("Play");
    /// play.label = "Pause";
    /// ```
    #[rhai_fn(set = "label", pure, return_raw)]
    pub fn set_label(context: NativeCallContext, widget: &mut Widget, label: &str) -> Fallible<()> {
        widgets_of(&context).change(widget.id, |node| node.label = label.to_owned())
    }

    /// What is told to those who linger over it.
    ///
    /// ```rhai
    /// assert_eq(ui::button("More", #{ hint: "eight others" }).hint, "eight others");
    /// ```
    #[rhai_fn(get = "hint", pure, return_raw)]
    pub fn hint(context: NativeCallContext, widget: &mut Widget) -> Fallible<String> {
        Ok(widgets_of(&context).node(widget.id)?.hint)
    }

    /// Tells them something else.
    ///
    /// ```rhai
    /// let more = ui::button("More");
    /// more.hint = "eight others";
    /// ```
    #[rhai_fn(set = "hint", pure, return_raw)]
    pub fn set_hint(context: NativeCallContext, widget: &mut Widget, hint: &str) -> Fallible<()> {
        widgets_of(&context).change(widget.id, |node| node.hint = hint.to_owned())
    }

    /// Whether it can be used.
    ///
    /// ```rhai
    /// assert(ui::button("More").enabled);
    /// ```
    #[rhai_fn(get = "enabled", pure, return_raw)]
    pub fn enabled(context: NativeCallContext, widget: &mut Widget) -> Fallible<bool> {
        Ok(widgets_of(&context).node(widget.id)?.enabled)
    }

    /// Switches it on or off.
    ///
    /// ```rhai
    /// let more = ui::button("More");
    /// more.enabled = false;
    /// assert_error(|| more.click(), "switched off");
    /// ```
    #[rhai_fn(set = "enabled", pure, return_raw)]
    pub fn set_enabled(context: NativeCallContext, widget: &mut Widget, enabled: bool) -> Fallible<()> {
        widgets_of(&context).change(widget.id, |node| node.enabled = enabled)
    }

    /// Whether it is seen.
    ///
    /// ```rhai
    /// assert(ui::button("More").visible);
    /// ```
    #[rhai_fn(get = "visible", pure, return_raw)]
    pub fn visible(context: NativeCallContext, widget: &mut Widget) -> Fallible<bool> {
        Ok(widgets_of(&context).node(widget.id)?.visible)
    }

    /// Shows or hides it.
    ///
    /// ```rhai
    /// let more = ui::button("More");
    /// more.visible = false;
    /// ```
    #[rhai_fn(set = "visible", pure, return_raw)]
    pub fn set_visible(context: NativeCallContext, widget: &mut Widget, visible: bool) -> Fallible<()> {
        widgets_of(&context).change(widget.id, |node| node.visible = visible)
    }

    /// Whether a roll is marked as the chosen one.
    ///
    /// ```rhai
    /// assert(!ui::roll(()).selected);
    /// ```
    #[rhai_fn(get = "selected", pure, return_raw)]
    pub fn selected(context: NativeCallContext, widget: &mut Widget) -> Fallible<bool> {
        let node = widgets_of(&context).node(widget.id)?;
        Ok(matches!(node.kind, Kind::Roll { selected: true, .. }))
    }

    /// Marks a roll as the chosen one, or no longer.
    ///
    /// ```rhai
    /// let one = ui::roll(());
    /// one.selected = true;
    /// ```
    #[rhai_fn(set = "selected", pure, return_raw)]
    pub fn set_selected(context: NativeCallContext, widget: &mut Widget, mark: bool) -> Fallible<()> {
        let (widgets, id) = (widgets_of(&context), widget.id);
        let node = widgets.node(id)?;
        if !matches!(node.kind, Kind::Roll { .. }) {
            return Err(refuse(PageError::NotThisKind { label: node.called(), kind: node.kind.name() }));
        }
        widgets.change(id, |node| {
            if let Kind::Roll { selected, .. } = &mut node.kind {
                *selected = mark;
            }
        })
    }

    /// The choices of a menu.
    ///
    /// ```rhai
    /// assert_eq(ui::menu("Mood", ["calm", "wild"]).items, ["calm", "wild"]);
    /// ```
    #[rhai_fn(get = "items", pure, return_raw)]
    pub fn items(context: NativeCallContext, widget: &mut Widget) -> Fallible<Array> {
        let node = widgets_of(&context).node(widget.id)?;
        match node.kind {
            Kind::Menu { items, .. } => Ok(items.into_iter().map(Dynamic::from).collect()),
            other => Err(refuse(PageError::NotThisKind { label: node.label, kind: other.name() })),
        }
    }

    /// Gives a menu other choices; what was chosen stays if it is among them.
    ///
    /// ```rhai
    /// let given = ui::menu("Given", ["piano", "bass"]);
    /// given.items = ["guitar", "bass"];
    /// assert_eq(given.value, "guitar");
    /// ```
    #[rhai_fn(set = "items", pure, return_raw)]
    pub fn set_items(context: NativeCallContext, widget: &mut Widget, items: Array) -> Fallible<()> {
        let (widgets, texts) = (widgets_of(&context), texts_of("items", &items)?);
        let node = widgets.node(widget.id)?;
        let Kind::Menu { value, .. } = node.kind else {
            return Err(refuse(PageError::NotThisKind { label: node.called(), kind: node.kind.name() }));
        };
        let first = texts.first().cloned();
        let first = first.ok_or(PageError::Needs { label: node.label, expected: "at least one item" });
        let first = first.map_err(refuse)?;
        let value = if texts.contains(&value) { value } else { first };
        widgets.change(widget.id, |node| node.kind = Kind::Menu { items: texts, value })
    }

    /// The name of the file that an upload took last; empty before there is one.
    ///
    /// ```rhai
    /// assert_eq(ui::upload("Your melody").file, "");
    /// ```
    #[rhai_fn(get = "file", pure, return_raw)]
    pub fn file(context: NativeCallContext, widget: &mut Widget) -> Fallible<String> {
        let node = widgets_of(&context).node(widget.id)?;
        match node.kind {
            Kind::Upload { value, .. } => Ok(value.unwrap_or_default()),
            other => Err(refuse(PageError::NotThisKind { label: node.label, kind: other.name() })),
        }
    }

    /// Places other widgets in a row, a column, a grid or a drawer.
    ///
    /// ```rhai
    /// let tracks = ui::column([]);
    /// tracks.fill([ui::button("Drums"), ui::button("Bass")]);
    /// ```
    #[rhai_fn(name = "fill", pure, return_raw)]
    pub fn fill(context: NativeCallContext, widget: &mut Widget, items: Array) -> Fallible<()> {
        widgets_of(&context).fill(widget.id, ids("fill", &items)?)
    }
}
