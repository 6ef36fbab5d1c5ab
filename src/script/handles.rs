//! Scripts that hold handles, values that stand for widgets or works, and what their engine does about them.
//!
//! Rhai keeps a variable that a closure has captured locked while one of its methods runs. The methods of
//! handles call back, and what they call may well mention the same variable. So the engine looks at every
//! variable that is used, which costs a script of short loops a tenth of its time: an engine of its own, for
//! scripts that need it.

use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Stmt};

use super::api;

/// The native module whose functions make handles.
const MODULE: &str = "ui";

/// Whether running `script` may bring handles into a scope that has none: it calls the module that makes them,
/// or imports somebody's file, which may.
pub(super) fn may_make(script: &AST) -> bool {
    // A walk goes on for as long as it is told that it may.
    !script.walk(&mut |path: &[ASTNode]| match path.last() {
        Some(ASTNode::Stmt(Stmt::FnCall(call, _)) | ASTNode::Expr(Expr::FnCall(call, _))) => {
            call.namespace.path.first().is_none_or(|root| root.name != MODULE)
        }
        Some(ASTNode::Stmt(Stmt::Import(import, _))) => {
            matches!(&import.0, Expr::StringConstant(path, _) if path.starts_with("std/"))
        }
        _ => true,
    })
}

/// Gives a copy wherever a variable holds a handle that some closure shares.
pub(super) fn lend(engine: &mut Engine) {
    // The mark says that rhai may change how variables are looked up, which the pinned version does not.
    #[allow(deprecated)]
    engine.on_var(|name, index, context| {
        let scope = context.scope();
        let value = match index.checked_sub(1) {
            Some(from_the_end) => scope.iter_raw().nth(from_the_end).map(|(_, _, value)| value),
            None => scope.get(name),
        };
        let shared = value.filter(|value| value.is_shared());
        Ok(shared.filter(|value| api::is_handle(value)).map(Dynamic::flatten_clone))
    });
}

#[cfg(test)]
mod tests {
    use crate::script::{Context, Host};

    /// Whether the engine that runs `text` looks at every variable.
    fn lends(host: &Host, text: &str) -> bool {
        let script = host.engine().compile(text).unwrap();
        format!("{:?}", host.engine_for(&script)).contains("resolve_var: true")
    }

    #[test]
    fn scripts_without_widgets_run_on_an_engine_that_looks_at_no_variable() {
        let host = Host::new(Context::default());
        let texts = [
            "let n = 0; for i in 0..9 { n += i; } n",
            "import \"std/arrange\" as arrange; let f = || music::line(\"bass\", \"C2\"); f.call()",
            "let ui = 1; ui += 1; // ui::button(\"B\")",
        ];
        for text in texts {
            drop(host.run_text("test", text, &[]).unwrap());
            assert!(!lends(&host, text), "{text}");
        }
    }

    #[test]
    fn scripts_that_may_make_widgets_run_on_one_that_does() {
        let host = Host::new(Context::default());
        let texts = [
            "ui::button(\"B\");",
            "if seeds(1)[0] > 2 { [#{ b: ui::button(\"B\").label }] }",
            "fn made() { || ui::work(\"let n = 1;\") }",
            "import \"mine\" as mine;",
            "let name = \"mine\"; import name as mine;",
        ];
        for text in texts {
            assert!(lends(&host, text), "{text}");
        }
    }

    #[test]
    fn what_a_module_has_made_may_be_mentioned_by_what_it_calls_back() {
        let folder = tempfile::tempdir().unwrap();
        let module = "fn pressed() { ui::button(\"B\") }";
        std::fs::write(folder.path().join("mine.rhai"), module).unwrap();
        let script = folder.path().join("test.rhai").display().to_string();
        let text = "import \"mine\" as mine; let b = mine::pressed(); let n = 0;
                    b.on_click(|| { n += 1; b.label = `${b.label}${n}`; }); b.click(); b.click(); b.label";
        let label = Host::new(Context::default()).run_text(&script, text, &[]).unwrap();
        assert_eq!(label.into_string().as_deref(), Ok("B12"));
    }

    #[test]
    fn what_runs_after_a_widget_was_made_may_hold_it() {
        let mut session = crate::script::Session::new(Host::new(Context::default()));
        session.evaluate("let b = ui::button(\"B\"); b.on_click(|| b.label = \"pressed\");").unwrap();
        session.evaluate("b.click();").unwrap();
        assert_eq!(session.evaluate("b.label").unwrap().as_deref(), Some("pressed"));
        assert!(lends(session.host(), "let n = 1;"));
    }
}
