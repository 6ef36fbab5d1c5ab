//! The part of the library that is written in rhai itself, inside the binary.

use rhai::{Engine, Module, Scope};

/// Name and text of each module; a name may also have a native half.
pub(super) const MODULES: [(&str, &str); 4] = [
    ("check", include_str!("../../stdlib/check.rhai")),
    ("interp", include_str!("../../stdlib/interp.rhai")),
    ("pick", include_str!("../../stdlib/pick.rhai")),
    ("sweep", include_str!("../../stdlib/sweep.rhai")),
];

/// The text of `std/NAME`.
pub(super) fn text(source: &str) -> Option<&'static str> {
    let name = source.strip_prefix("std/")?;
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Compiles the module called `name`; errors inside it will name the source `std/NAME`.
pub(super) fn compile(engine: &Engine, name: &str, text: &str) -> Result<Module, Box<rhai::EvalAltResult>> {
    let mut ast = engine.compile(text)?;
    ast.set_source(format!("std/{name}"));
    Module::eval_ast_as_new(Scope::new(), &ast, engine)
}
