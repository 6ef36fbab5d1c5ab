//! Where widgets stand.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{Widget, ids, make, widgets_of};
use crate::page::{Kind, ROOT};
use crate::script::options::{Fallible, Options};

/// A container with its children.
fn hold(
    context: &NativeCallContext,
    owner: &str,
    label: &str,
    kind: Kind,
    items: &[Dynamic],
    options: Options,
) -> Fallible<Widget> {
    let children = ids(owner, items)?;
    let widget = make(context, label, kind, options)?;
    widgets_of(context).fill(widget.id, children)?;
    Ok(widget)
}

/// Layout.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in super::super) mod laying_out {
    /// Widgets side by side.
    ///
    /// ```rhai
    /// ui::row([ui::button("Back"), ui::button("On")]);
    /// assert_error(|| ui::row([1]), "widgets");
    /// ```
    #[rhai_fn(name = "row", return_raw)]
    pub fn row(context: NativeCallContext, items: Array) -> Fallible<Widget> {
        hold(&context, "ui::row", "", Kind::Row, &items, Options::new("ui::row", Map::new()))
    }

    /// Widgets below one another.
    ///
    /// ```rhai
    /// ui::column([ui::label("# Drums"), ui::slider("Density", 0, 10)]);
    /// ```
    #[rhai_fn(name = "column", return_raw)]
    pub fn column(context: NativeCallContext, items: Array) -> Fallible<Widget> {
        hold(&context, "ui::column", "", Kind::Column, &items, Options::new("ui::column", Map::new()))
    }

    /// Widgets in rows of four.
    ///
    /// ```rhai
    /// ui::grid(["1", "2", "3", "4", "5", "6", "7", "8"].map(|name| ui::button(name)));
    /// ```
    #[rhai_fn(name = "grid", return_raw)]
    pub fn grid(context: NativeCallContext, items: Array) -> Fallible<Widget> {
        grid_with(context, items, Map::new())
    }

    /// The same with options: `columns` (cells of a row; narrow screens show fewer), `hint`.
    ///
    /// ```rhai
    /// ui::grid([ui::button("A"), ui::button("B")], #{ columns: 2 });
    /// ```
    #[rhai_fn(name = "grid", return_raw)]
    pub fn grid_with(context: NativeCallContext, items: Array, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::grid", options);
        let columns = options.count("columns", 1..=24)?.unwrap_or(4);
        hold(&context, "ui::grid", "", Kind::Grid { columns }, &items, options)
    }

    /// Widgets that are seen when the visitor opens the drawer.
    ///
    /// ```rhai
    /// ui::drawer("More", [ui::slider("Temperature", 0.1, 2.0)]);
    /// ```
    #[rhai_fn(name = "drawer", return_raw)]
    pub fn drawer(context: NativeCallContext, label: &str, items: Array) -> Fallible<Widget> {
        drawer_with(context, label, items, Map::new())
    }

    /// The same with options: `open` (false), `hint`.
    ///
    /// ```rhai
    /// assert(ui::drawer("More", [], #{ open: true }).value);
    /// ```
    #[rhai_fn(name = "drawer", return_raw)]
    pub fn drawer_with(
        context: NativeCallContext,
        label: &str,
        items: Array,
        options: Map,
    ) -> Fallible<Widget> {
        let mut options = Options::new("ui::drawer", options);
        let open = options.flag("open")?.unwrap_or(false);
        hold(&context, "ui::drawer", label, Kind::Drawer { open }, &items, options)
    }

    /// The page: its title, and the widgets that stand on it from top to bottom. Without it all widgets do, in
    /// the order in which they were made.
    ///
    /// ```rhai
    /// let again = ui::button("Again");
    /// let shown = ui::roll(());
    /// ui::page("Phrases", [shown, again]);
    /// ```
    #[rhai_fn(name = "page", return_raw)]
    pub fn page(context: NativeCallContext, title: &str, items: Array) -> Fallible<()> {
        let widgets = widgets_of(&context);
        let children = ids("ui::page", &items)?;
        widgets.change(ROOT, |root| root.label = title.to_owned())?;
        widgets.fill(ROOT, children)
    }
}
