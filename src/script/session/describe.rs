//! What a session has: variables, functions, and what they are.

use rhai::Dynamic;

use super::Session;
use crate::model::{Latent, Model};
use crate::music::Multitrack;
use crate::script::api::library;
use crate::script::summary;
use crate::script::types::plain_name;

impl Session {
    /// Name, type and one line of the value of each variable, by name.
    pub fn variables(&self) -> Vec<(&str, String, String)> {
        let describe = |(name, _, value)| (name, self.kind(value), summary(value));
        let mut variables: Vec<_> = self.state.scope.iter_raw().map(describe).collect();
        variables.sort();
        variables
    }

    /// Names of the variables.
    pub fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.state.scope.iter_raw().map(|(name, ..)| name)
    }

    /// Names and parameters of the functions that entries have defined.
    pub fn functions(&self) -> Vec<(String, Vec<String>)> {
        let mut functions: Vec<_> = self
            .state
            .functions
            .iter_functions()
            .map(|f| (f.name.to_owned(), f.params.iter().map(|p| (*p).to_owned()).collect()))
            .collect();
        functions.sort();
        functions
    }

    /// The variables and functions of the session, one a line.
    pub fn describe_variables(&self) -> String {
        let width = self.host.context().width;
        let mut rows: Vec<[String; 3]> =
            self.variables().into_iter().map(|(name, kind, value)| [name.to_owned(), kind, value]).collect();
        for (name, parameters) in self.functions() {
            rows.push([format!("{name}({})", parameters.join(", ")), "function".into(), String::new()]);
        }
        if rows.is_empty() {
            return "nothing is defined yet".into();
        }
        let widest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (names, kinds) = (widest(0), widest(1));
        let room = width.saturating_sub(names + kinds + 4).max(16);
        let line =
            |row: &[String; 3]| format!("{:names$}  {:kinds$}  {}", row[0], row[1], brief(&row[2], room));
        rows.iter().map(|row| line(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// What scripts call the type of `path`, a variable or a chain of its fields such as `song.drums`;
    /// `None` if there is no such thing, or if `path` is more than that.
    pub fn kind_of(&self, path: &str) -> Option<String> {
        Some(self.kind(&self.peek(path)?))
    }

    /// The keys of `path`, if it is a map.
    pub fn keys_of(&self, path: &str) -> Vec<String> {
        let value = self.peek(path);
        let map = value.as_ref().and_then(|value| value.read_lock::<rhai::Map>());
        map.map(|map| map.keys().map(ToString::to_string).collect()).unwrap_or_default()
    }

    /// The type of the items of `path`, if it is an array with any.
    pub(super) fn item_kind_of(&self, path: &str) -> Option<String> {
        let value = self.peek(path)?;
        let items = value.read_lock::<rhai::Array>()?;
        Some(self.kind(items.first()?))
    }

    /// Names of the tracks of `path`; of all pieces in the session if it is none.
    pub(super) fn track_names(&self, path: &str) -> Vec<String> {
        if let Some(value) = self.peek(path)
            && let Some(song) = value.read_lock::<Multitrack>()
        {
            return song.track_names();
        }
        let pieces = self.state.scope.iter_raw().filter_map(|(.., value)| value.read_lock::<Multitrack>());
        pieces.flat_map(|piece| piece.track_names()).collect()
    }

    /// Paths of the parts of `path`, a latent or a model; of all of them in the session if it is none.
    pub(super) fn part_names(&self, path: &str) -> Vec<String> {
        let one = |value: &Dynamic| {
            let latent = value.read_lock::<Latent>().map(|latent| latent.layout().clone());
            let layout = latent.or_else(|| value.read_lock::<Model>().map(|model| model.layout().clone()))?;
            Some(layout.parts().iter().map(|part| part.path.to_string()).collect::<Vec<_>>())
        };
        let own = self.peek(path).as_ref().and_then(one);
        own.unwrap_or_else(|| {
            self.state.scope.iter_raw().filter_map(|(.., value)| one(value)).flatten().collect()
        })
    }

    /// Names of the models that can be loaded.
    pub(super) fn model_names(&self) -> Vec<String> {
        library(self.host.context()).names()
    }

    /// What scripts call a value's type.
    pub(super) fn kind(&self, value: &Dynamic) -> String {
        plain_name(self.host.engine().map_type_name(value.type_name()))
    }

    /// The value of a variable or of a chain of fields. Fields have no effects, so looking is free.
    pub(super) fn peek(&self, path: &str) -> Option<Dynamic> {
        let mut names = path.split('.');
        let first = names.next()?;
        if !path.split('.').all(rhai::is_valid_identifier) || !self.state.scope.contains(first) {
            return None;
        }
        let mut scope = self.state.scope.clone();
        self.host.engine().eval_expression_with_scope(&mut scope, path).ok()
    }
}

/// The first line of a value's text, cut to fit beside name and type.
fn brief(text: &str, width: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(width) {
        Some(_) => format!("{}…", line.chars().take(width.saturating_sub(1)).collect::<String>()),
        None => line.to_owned(),
    }
}
