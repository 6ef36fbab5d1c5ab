//! Calls: whether anything answers, and whether its options are ones that it has.

use rhai::{EvalAltResult as Error, Expr, FnCallExpr, Position};

use super::kinds::{Kind, name};
use super::walk::Walker;
use crate::base::suggestion;
use crate::script::{Entry, Form, Help, OptionKey, option_keys};

/// Functions that are part of the language and in no index.
const OF_THE_LANGUAGE: [&str; 10] =
    ["Fn", "call", "curry", "debug", "eval", "is_def_fn", "is_def_var", "is_shared", "print", "type_of"];

/// Methods of arrays that give an array of the same items.
const KEEPING: [&str; 6] = ["drain", "extract", "filter", "order", "order_by", "retain"];

impl<'a> Walker<'a> {
    /// A call without a receiver; what it gives.
    pub fn call(&mut self, call: &FnCallExpr, position: Position) -> Option<Kind> {
        let told = self.errors.len();
        let owner = match call.namespace.path.as_slice() {
            [module] if !self.modules.contains_key(module.name.as_str()) => {
                format!("{}::{}", module.name, call.name)
            }
            _ => String::new(),
        };
        let given = self.arguments(call, &owner, None);
        // What is meant to fail is no mistake.
        if call.name == "assert_error" {
            self.errors.truncate(told);
        }
        if let Some(root) = call.namespace.path.first() {
            let (root, at, depth) = (root.name.to_string(), root.pos, call.namespace.path.len());
            return self.qualified(&root, at, depth, call, &given, position);
        }
        if let Some(operator) = &call.op_token {
            return self.operator(&operator.to_string(), &given);
        }
        let (called, count) = (call.name.as_str(), given.len());
        if self.functions.contains(&(called.to_owned(), count)) || call.capture_parent_scope {
            return None;
        }
        if OF_THE_LANGUAGE.contains(&called) {
            return None;
        }
        let ways = self.ways("", called, &given, |entry| entry.form != Form::Property);
        self.answered(&ways, called, call, &given, position)
    }

    fn qualified(
        &mut self,
        module: &str,
        at: Position,
        depth: usize,
        call: &FnCallExpr,
        given: &[Option<Kind>],
        position: Position,
    ) -> Option<Kind> {
        let called = call.name.as_str();
        match self.modules.get(module) {
            None => {
                if depth > 1 || !self.module_exists(module, at) {
                    return None;
                }
                let ways = self.ways(module, called, given, |_| true);
                self.answered(&ways, &format!("{module}::{called}"), call, given, position)
            }
            Some(Some(exports)) if depth == 1 => {
                if !exports.takes(called, given.len()) {
                    let counts = exports.counts(called);
                    let message = match counts.as_slice() {
                        [] => {
                            let hint = suggestion(called, exports.functions());
                            format!("the module `{module}` has no function `{called}`{hint}")
                        }
                        counts => {
                            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
                            let counts = counts.join(" or ");
                            format!("`{module}::{called}` takes {counts} arguments, got {}", given.len())
                        }
                    };
                    self.report(Error::ErrorRuntime(message.into(), position));
                }
                None
            }
            Some(_) => None,
        }
    }

    /// Whether there is a module of that name; if not, that is told.
    pub fn module_exists(&mut self, module: &str, at: Position) -> bool {
        let known = self.kinds.help.modules().iter().any(|(known, _)| known == module);
        let exists = known || module == "global" || self.modules.contains_key(module);
        if !exists {
            self.report(Error::ErrorModuleNotFound(module.to_owned(), at));
        }
        exists
    }

    /// A call behind a dot; what it gives.
    pub fn method(&mut self, receiver: Option<Kind>, call: &FnCallExpr, position: Position) -> Option<Kind> {
        let (called, count) = (call.name.as_str(), call.args.len());
        let of_script =
            [count, count + 1].into_iter().any(|n| self.functions.contains(&(called.to_owned(), n)));
        let owner = match &receiver {
            Some(kind) if !of_script => format!("{}.{called}", kind.name),
            _ => String::new(),
        };
        let arguments = self.arguments(call, &owner, receiver.as_ref());
        if OF_THE_LANGUAGE.contains(&called) || of_script {
            return None;
        }
        let kept = receiver.clone().filter(|kind| kind.name == "array" && KEEPING.contains(&called));
        let is_certain = receiver.as_ref().is_some_and(|kind| self.kinds.is_known(kind));
        let given: Vec<Option<Kind>> = std::iter::once(receiver).chain(arguments).collect();
        let ways = self.ways("", called, &given, |entry| entry.form != Form::Property);
        if ways.is_empty() && !is_certain {
            self.unknown_receiver(called, count, &given, position);
            return None;
        }
        let result = self.answered(&ways, called, call, &given, position);
        kept.or(result)
    }

    /// Where the type is not known, a method that no type has is wrong all the same, unless a map may hold
    /// it or another file may define it.
    fn unknown_receiver(&mut self, called: &str, count: usize, given: &[Option<Kind>], position: Position) {
        if self.names.keys.contains(called) || !self.modules.is_empty() {
            return;
        }
        let callable = |entry: &&&Entry| entry.module.is_empty() && entry.form != Form::Property;
        let named = self.kinds.help.lookup(called);
        let named: Vec<&&Entry> = named.iter().filter(callable).collect();
        if named.is_empty() {
            let nearest = self.kinds.help.nearest(called, |entry| entry.module.is_empty() && entry.own);
            let hint = nearest.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("nothing has a method `{called}`{hint}");
            self.report(Error::ErrorRuntime(message.into(), position));
        } else if given.first().is_some_and(Option::is_none)
            && named.iter().all(|entry| entry.parameters.len() != count + 1)
        {
            let kinds: Vec<&str> = given.iter().map(|kind| name(kind.as_ref())).collect();
            self.report(Error::ErrorFunctionNotFound(format!("{called} ({})", kinds.join(", ")), position));
        }
    }

    /// Ways to call that fit what is known of the arguments.
    fn ways(
        &self,
        module: &str,
        called: &str,
        given: &[Option<Kind>],
        may: impl Fn(&Entry) -> bool,
    ) -> Vec<&'a Entry> {
        let fits = |entry: &&Entry| {
            entry.module == module
                && entry.name == called
                && may(entry)
                && entry.parameters.len() == given.len()
                && (0..given.len()).all(|at| self.kinds.accepts(entry, at, given[at].as_ref()))
        };
        let help: &'a Help = self.kinds.help;
        help.entries().iter().filter(fits).collect()
    }

    /// Tells if nothing answers; otherwise checks the options. What the call gives.
    fn answered(
        &mut self,
        ways: &[&Entry],
        called: &str,
        call: &FnCallExpr,
        given: &[Option<Kind>],
        position: Position,
    ) -> Option<Kind> {
        if ways.is_empty() {
            let kinds: Vec<&str> = given.iter().map(|kind| name(kind.as_ref())).collect();
            self.report(Error::ErrorFunctionNotFound(format!("{called} ({})", kinds.join(", ")), position));
            return None;
        }
        let result = self.kinds.result(ways, counted(call));
        let keys: Option<Vec<Vec<OptionKey>>> = ways
            .iter()
            .filter(|way| way.parameters.last().is_some_and(|last| last.name == "options"))
            .map(|way| Some(option_keys(&way.full_name())).filter(|keys| !keys.is_empty()))
            .collect();
        if let (Some(keys), Some(Expr::Map(map, _))) =
            (keys.filter(|keys| !keys.is_empty()), call.args.last())
        {
            let keys: Vec<OptionKey> = keys.into_iter().flatten().collect();
            let owner = ways[0].name.clone();
            for (key, value) in &map.0 {
                self.option(&owner, &keys, (&key.name, key.pos), value);
            }
        }
        result
    }

    /// One option of a call.
    fn option(&mut self, owner: &str, keys: &[OptionKey], (key, at): (&str, Position), value: &Expr) {
        let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
        let Some(known_key) = keys.iter().find(|known| known.name == key) else {
            let hint = suggestion(key, known.iter().copied());
            let message = format!("no option `{key}`: `{owner}` has {}{hint}", known.join(", "));
            return self.report(Error::ErrorRuntime(message.into(), at));
        };
        let choices: Vec<&str> = known_key.choices().collect();
        if let (Expr::StringConstant(text, at), false) = (value, choices.is_empty())
            && !choices.contains(&text.as_str())
        {
            let hint = suggestion(text, choices.iter().copied());
            let message = format!("`{key}` has no choice `{text}`: there are {}{hint}", choices.join(", "));
            self.report(Error::ErrorRuntime(message.into(), *at));
        }
    }

    /// What an operator gives, where both sides are certain.
    fn operator(&self, operator: &str, given: &[Option<Kind>]) -> Option<Kind> {
        if matches!(operator, "==" | "!=" | "<" | "<=" | ">" | ">=" | "!" | "in" | "!in") {
            return Kind::of("bool");
        }
        let [Some(left), Some(right)] = given else { return None };
        match (left.name.as_str(), operator, right.name.as_str()) {
            (_, ".." | "..=", _) => Kind::of("range"),
            ("int", "+" | "-" | "*" | "/" | "%", "int") => Kind::of("int"),
            ("float", "+" | "-" | "*" | "/" | "%", "int" | "float") => Kind::of("float"),
            ("int", "+" | "-" | "*" | "/" | "%", "float") => Kind::of("float"),
            ("string", "+", _) => Kind::of("string"),
            _ => {
                let ways = self.ways("", operator, given, |entry| entry.own);
                self.kinds.result(&ways, false)
            }
        }
    }
}

/// Whether a call is given the option `count`.
fn counted(call: &FnCallExpr) -> bool {
    match call.args.last() {
        Some(Expr::Map(map, _)) => map.0.iter().any(|(key, _)| key.name == "count"),
        _ => false,
    }
}
