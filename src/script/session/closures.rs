//! Closures that nothing can call any more. rhai keeps every `|x| ..` of a session among its functions, so
//! that a day of them would fill the memory.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Array, Dynamic, Expr, FnPtr, Map, Scope};

/// What rhai calls closures begins like this.
const CLOSURE: &str = "anon$";

/// Leaves the closures out of `functions` that are in no value of `scope`, not among those that widgets
/// `call_back`, and in no other function.
pub(super) fn forget_unreachable(functions: &mut AST, scope: &Scope, call_back: Vec<FnPtr>) {
    let closures =
        |functions: &AST| functions.iter_functions().filter(|f| f.name.starts_with(CLOSURE)).count();
    let mut before = closures(functions);
    if before == 0 {
        return;
    }
    let mut held = BTreeSet::new();
    scope.iter_raw().for_each(|(.., value)| find(value, &mut held));
    call_back.into_iter().for_each(|function| find(&function.into(), &mut held));
    loop {
        let mut called = held.clone();
        functions.walk(&mut |path| {
            if let Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) = path.last() {
                find(value, &mut called);
            }
            true
        });
        functions.retain_functions(|_, _, name, _| !name.starts_with(CLOSURE) || called.contains(name));
        // A closure that is gone may have been the last to mention another.
        let after = closures(functions);
        if after == before {
            return;
        }
        before = after;
    }
}

/// Adds the closures in `value` to `found`, and those that wait in their arguments.
fn find(value: &Dynamic, found: &mut BTreeSet<String>) {
    if let Some(pointer) = value.read_lock::<FnPtr>() {
        if pointer.is_anonymous() {
            found.insert(pointer.fn_name().to_owned());
        }
        pointer.iter_curry().for_each(|argument| find(argument, found));
    } else if let Some(items) = value.read_lock::<Array>() {
        items.iter().for_each(|item| find(item, found));
    } else if let Some(items) = value.read_lock::<Map>() {
        items.values().for_each(|item| find(item, found));
    }
}

#[cfg(test)]
mod tests {
    use crate::script::{Context, Host, Session};

    fn closures(session: &Session) -> usize {
        session.state.functions.iter_functions().filter(|f| f.name.starts_with(super::CLOSURE)).count()
    }

    #[test]
    fn a_closure_goes_with_its_last_value() {
        let mut session = Session::new(Host::new(Context::default()));
        for number in 0..20 {
            session.evaluate(&format!("let f = |x| x + {number};")).unwrap();
            session.evaluate(&format!("[1].map(|x| [x].map(|y| y + {number}));")).unwrap();
        }
        assert_eq!(closures(&session), 1);
        assert_eq!(session.evaluate("f.call(1)").unwrap().as_deref(), Some("20"));
    }

    #[test]
    fn a_closure_that_can_still_be_called_stays() {
        let mut session = Session::new(Host::new(Context::default()));
        let entries = [
            "fn twice(a) { a.map(|x| x * 2) }",
            "let made = #{ add: |x| x + 1, all: [|x| [x].map(|y| y + 7)] };",
            "let n = 3; let capture = |x| x + n;",
            "let outer = |f| (|x| f.call(x)); let curried = outer.call(|x| x - 1);",
            "0",
        ];
        entries.into_iter().for_each(|entry| drop(session.evaluate(entry).unwrap()));
        let calls =
            "[twice([1])[0], made.add.call(1), made.all[0].call(1)[0], capture.call(1), curried.call(1)]";
        assert_eq!(session.evaluate(calls).unwrap().as_deref(), Some("[2, 2, 8, 4, 0]"));
    }
}
