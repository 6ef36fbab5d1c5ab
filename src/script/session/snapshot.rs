//! A session whose state others keep and bring back.

use rhai::Dynamic;

use super::{Session, State};
use crate::script::Diagnostic;

/// All that entries have built up at some point. Costs little: values share what is in them.
#[derive(Clone)]
pub(in crate::script) struct Snapshot(State);

impl Session {
    /// Runs `text` as part of what `name` names, keeps what it did and shows nothing; what goes wrong, or is
    /// stopped, leaves everything as it was.
    pub(in crate::script) fn advance(&mut self, name: &str, text: &str) -> Result<(), Box<Diagnostic>> {
        let before = self.snapshot();
        let done = self.run(name, text, self.state.scope.clone()).map(drop);
        self.printed.take();
        // Whoever keeps snapshots needs no steps.
        self.before.clear();
        done.inspect_err(|_| self.go_to(&before))
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
