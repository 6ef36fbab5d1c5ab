//! A session whose state others keep and bring back.

use rhai::{Array, Dynamic, FnPtr, Map, Scope};

use super::{Session, State};
use crate::script::Diagnostic;

/// All that entries have built up at some point. Costs little: values share what is in them.
#[derive(Clone)]
pub(in crate::script) struct Snapshot(State);

impl Session {
    /// Runs `text` as part of what `name` names, keeps what it did and shows nothing; what goes wrong, or is
    /// stopped, leaves everything as it was. No variable may hold a closure that shares others: these would
    /// change in snapshots that were taken before.
    pub(in crate::script) fn advance(&mut self, name: &str, text: &str) -> Result<(), Box<Diagnostic>> {
        let before = self.snapshot();
        let done = self.run(name, text, self.state.scope.clone()).and_then(|_| self.part());
        self.printed.take();
        // Whoever keeps snapshots needs no steps.
        self.before.clear();
        done.inspect_err(|_| self.go_to(&before))
    }

    /// Gives every variable a value of its own again that a closure has shared which is gone by now.
    fn part(&mut self) -> Result<(), Box<Diagnostic>> {
        let mut fresh = Scope::new();
        for (name, is_constant, value) in self.state.scope.iter() {
            if shares(&value) {
                return Err(Box::new(Diagnostic {
                    help: Some("write a function with `fn`, and give it what it needs".into()),
                    ..Diagnostic::plain(format!("`{name}` keeps a closure that shares variables with others"))
                }));
            }
            match is_constant {
                true => fresh.push_constant_dynamic(name, value),
                false => fresh.push_dynamic(name, value),
            };
        }
        self.state.scope = fresh;
        Ok(())
    }

    /// Whether `text` could be run, as far as its grammar and its variables go.
    pub(in crate::script) fn compiles(&self, text: &str) -> bool {
        self.host.engine().compile_with_scope(&self.state.scope, text).is_ok()
    }

    /// The state as it is.
    pub(in crate::script) fn snapshot(&self) -> Snapshot {
        Snapshot(self.state.clone())
    }

    /// Back, or forward, to a state that was.
    pub(in crate::script) fn go_to(&mut self, snapshot: &Snapshot) {
        self.state = snapshot.0.clone();
    }

    /// All variables by name, the newest first.
    pub(in crate::script) fn values(&self) -> impl Iterator<Item = (&str, Dynamic)> {
        self.state.scope.iter_raw().map(|(name, _, value)| (name, value.flatten_clone()))
    }
}

/// Whether there is a closure in `value` that shares variables.
fn shares(value: &Dynamic) -> bool {
    if let Some(closure) = value.read_lock::<FnPtr>() {
        return closure.iter_curry().any(|held| held.is_shared() || shares(held));
    }
    if let Some(items) = value.read_lock::<Array>() {
        return items.iter().any(shares);
    }
    value.read_lock::<Map>().is_some_and(|items| items.values().any(shares))
}
