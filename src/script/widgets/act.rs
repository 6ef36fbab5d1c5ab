//! What visitors do to widgets, and scripts in their place.

use std::path::Path;

use rhai::{AST, Dynamic, Engine, FnPtr, NativeCallContext};
use serde_json::Value;

use super::{Widgets, move_all, safe_name};
use crate::base::{read_file, write_atomically};
use crate::files;
use crate::music::Resolution;
use crate::page::{Change, Id, Kind, Node, PageError};
use crate::script::options::{Fallible, refuse};

/// Who has functions called back.
pub(in crate::script) enum Caller<'a, 'c> {
    /// A script that is running.
    Script(&'a NativeCallContext<'c>),
    /// A page whose script has come to its end.
    Page(&'a Engine, &'a AST),
}

impl Caller<'_, '_> {
    /// Calls a function of the script.
    pub fn call(&self, function: &FnPtr, arguments: Vec<Dynamic>) -> Fallible<Dynamic> {
        match self {
            Self::Script(context) => function.call_within_context(context, arguments),
            Self::Page(engine, ast) => function.call(engine, ast, arguments),
        }
    }
}

impl Widgets {
    /// Gives a widget another value, and calls back.
    pub(in crate::script) fn set(&self, caller: &Caller, id: Id, value: &Value) -> Fallible<()> {
        self.usable(id, |_| true)?;
        let mut stage = self.stage();
        let told = stage.tree.set(id, value).map_err(refuse)?;
        stage.tell(told);
        drop(stage);
        let value = self.value(id)?;
        self.called_back(caller, id, vec![value])
    }

    /// Presses a button or picks a roll, and calls back.
    pub(in crate::script) fn click(&self, caller: &Caller, id: Id) -> Fallible<()> {
        self.usable(id, |kind| matches!(kind, Kind::Button { .. } | Kind::Roll { .. }))?;
        self.called_back(caller, id, Vec::new())
    }

    /// Takes a file, and calls back with what is in it.
    ///
    /// # Errors
    /// Also when it is too large, of another kind, or damaged.
    pub(in crate::script) fn upload(
        &self,
        caller: &Caller,
        id: Id,
        name: &str,
        bytes: &[u8],
    ) -> Fallible<()> {
        let node = self.usable(id, |kind| matches!(kind, Kind::Upload { .. }))?;
        let safe = safe_name(name);
        check_upload(&node, &safe, bytes.len()).map_err(refuse)?;
        let aside = self.0.folder.aside()?;
        let file = aside.path().join(&safe);
        write_atomically(&file, bytes).map_err(refuse)?;
        let value = read_upload(&file, &safe, bytes)?;
        move_all(aside.path(), &self.0.folder.path()?).map_err(refuse)?;
        self.hold(id, safe, value.clone())?;
        self.called_back(caller, id, vec![value])
    }

    /// Has an upload hold the file `name` of the page's folder.
    ///
    /// # Errors
    /// That it holds neither music nor text.
    pub(super) fn hold_file(&self, id: Id, name: &str) -> Fallible<()> {
        let file = self.0.folder.path()?.join(name);
        let value = read_upload(&file, name, &read_file(&file).map_err(refuse)?)?;
        self.hold(id, name.to_owned(), value)
    }

    fn hold(&self, id: Id, name: String, content: Dynamic) -> Fallible<()> {
        self.keep(id, content);
        self.change(id, |node| {
            if let Kind::Upload { value, .. } = &mut node.kind {
                *value = Some(name);
            }
        })
    }

    /// Takes the last step of the work back that a code shows, or does it again.
    pub(in crate::script) fn step_of_code(&self, caller: &Caller, id: Id, redo: bool) -> Fallible<()> {
        let node = self.usable(id, |kind| matches!(kind, Kind::Code { .. }))?;
        let number = self.stage().codes.get(&id).copied();
        let number =
            number.ok_or_else(|| refuse(PageError::NotThisKind { label: node.called(), kind: "a code" }))?;
        self.step(caller, number, redo).map(drop)
    }

    /// The widget, if a visitor can use it and its kind is one that the act is for.
    fn usable(&self, id: Id, suits: impl Fn(&Kind) -> bool) -> Fallible<Node> {
        let node = self.node(id)?;
        if !suits(&node.kind) {
            return Err(refuse(PageError::NotThisKind { label: node.called(), kind: node.kind.name() }));
        }
        if !node.enabled {
            return Err(refuse(PageError::Disabled(node.called())));
        }
        Ok(node)
    }

    fn called_back(&self, caller: &Caller, id: Id, arguments: Vec<Dynamic>) -> Fallible<()> {
        let function = self.stage().callbacks.get(&id).cloned();
        function.map_or(Ok(()), |function| caller.call(&function, arguments).map(drop))
    }

    /// Tells that what was done to a widget went well, or not.
    pub(in crate::script) fn ended(&self, id: Id, failed: Option<(String, String)>) {
        let mut stage = self.stage();
        let had_failed = stage.failed.contains(&id);
        stage.failed.retain(|known| *known != id);
        match failed {
            Some((headline, message)) => {
                stage.failed.push(id);
                stage.tell(Some(Change::Failed { id, message, headline }));
            }
            None if had_failed => stage.tell(Some(Change::Cleared { id })),
            None => {}
        }
    }

    /// What the visitor gets who presses a download: the value of its function.
    pub(in crate::script) fn download(&self, caller: &Caller, id: Id) -> Fallible<(String, Dynamic)> {
        let node = self.usable(id, |kind| matches!(kind, Kind::Download { .. }))?;
        let Kind::Download { name } = node.kind else { return Err(refuse(PageError::NoWidget(id))) };
        let function = self.kept(id).and_then(|value| value.try_cast::<FnPtr>());
        let function = function.ok_or(PageError::NoWidget(id)).map_err(refuse)?;
        Ok((name, caller.call(&function, Vec::new())?))
    }
}

fn check_upload(node: &Node, name: &str, bytes: usize) -> Result<(), PageError> {
    let Kind::Upload { accept, most, .. } = &node.kind else { return Err(PageError::NoWidget(node.id)) };
    let (label, given) = (node.called(), name.to_owned());
    if !accept.is_empty() && !accept.iter().any(|ending| name.ends_with(&ending.to_lowercase())) {
        return Err(PageError::Ending { label, name: given, accepted: accept.join(", ") });
    }
    if bytes > *most {
        return Err(PageError::TooLarge { label, name: given, bytes, most: *most });
    }
    Ok(())
}

/// Music out of a file of music, the text of any other.
fn read_upload(file: &Path, name: &str, bytes: &[u8]) -> Fallible<Dynamic> {
    // A message names the file as the visitor knows it.
    let plain = |message: String| refuse(message.replace(&file.display().to_string(), name));
    if files::Format::read_from(file).is_ok() {
        let reading = files::read(file, Resolution::MIDI).map_err(|error| plain(error.to_string()))?;
        let piece = reading.music.into_piece(file).map_err(|error| plain(error.to_string()))?;
        return Ok(Dynamic::from(piece));
    }
    let text = String::from_utf8(bytes.to_vec());
    text.map(Dynamic::from).map_err(|_| refuse(format!("`{name}` holds neither music nor text")))
}
