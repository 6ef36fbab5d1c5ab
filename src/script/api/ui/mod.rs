//! `ui::`: a script as a page of widgets. Without a page everything works as well, on the widgets' defaults.

mod input;
mod layout;
mod shown;
mod widget;
mod work;

use rhai::{Array, Dynamic};

pub(super) use input::inputs;
pub(super) use layout::laying_out;
pub(super) use shown::showing;
pub(super) use widget::widgets;
pub(super) use work::{working, works};

use crate::page::{Id, Kind};
use crate::script::options::{Fallible, Options, refuse};
use crate::script::types::plain_name;
use crate::script::{Context, Widgets};

/// A widget of a page, by its number there.
#[derive(Clone, Copy, Debug)]
pub(in crate::script) struct Widget {
    id: Id,
    kind: &'static str,
}

/// A work of a page, by its number there.
#[derive(Clone, Copy, Debug)]
pub(in crate::script) struct WorkHandle(usize);

impl Widget {
    /// What it is, for a person.
    pub fn line(&self) -> String {
        format!("Widget {}, {}", self.id, self.kind)
    }
}

impl WorkHandle {
    /// What it is, for a person.
    pub fn line(&self) -> String {
        format!("Work {}", self.0 + 1)
    }
}

/// Whether a value stands for something that a page holds.
pub(in crate::script) fn is_handle(value: &Dynamic) -> bool {
    value.read_lock::<Widget>().is_some() || value.read_lock::<WorkHandle>().is_some()
}

fn widgets_of(context: &rhai::NativeCallContext) -> Widgets {
    Context::of(context).widgets.clone()
}

/// Makes a widget, with the option that all have.
fn make(
    context: &rhai::NativeCallContext,
    label: &str,
    kind: Kind,
    mut options: Options,
) -> Fallible<Widget> {
    let hint = options.text("hint")?.unwrap_or_default();
    options.finish()?;
    let name = kind.name();
    Ok(Widget { id: widgets_of(context).add(kind, label, &hint)?, kind: name })
}

/// The widgets of an array; `owner` is the function that they were given to.
fn ids(owner: &str, items: &[Dynamic]) -> Fallible<Vec<Id>> {
    let id = |(index, item): (usize, &Dynamic)| {
        let item = item.flatten_clone();
        let kind = plain_name(item.type_name());
        let wrong = || {
            refuse(format!(
                "`{owner}` takes widgets, item {index} is {}",
                crate::script::explain::article(&kind)
            ))
        };
        item.try_cast::<Widget>().map(|widget| widget.id).ok_or_else(wrong)
    };
    items.iter().enumerate().map(id).collect()
}

/// The texts of an array; `owner` is what they are for.
fn texts_of(owner: &str, items: &Array) -> Fallible<Vec<String>> {
    crate::script::options::texts(owner, &Dynamic::from(items.clone()))
}
