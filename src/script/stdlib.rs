//! The part of the library that is written in rhai itself, inside the binary.

use rhai::{Engine, EvalAltResult, Module, Scope};

/// Name and text of each module; a name may also have a native half.
pub(super) const MODULES: [(&str, &str); 7] = [
    ("arrange", include_str!("../../stdlib/arrange.rhai")),
    ("check", include_str!("../../stdlib/check.rhai")),
    ("interp", include_str!("../../stdlib/interp.rhai")),
    ("latent", include_str!("../../stdlib/latent.rhai")),
    ("pick", include_str!("../../stdlib/pick.rhai")),
    ("report", include_str!("../../stdlib/report.rhai")),
    ("study", include_str!("../../stdlib/study.rhai")),
];

/// The text of `std/NAME`.
pub(super) fn text(source: &str) -> Option<&'static str> {
    let name = source.strip_prefix("std/")?;
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Compiles the module called `name`; errors inside it will name the source `std/NAME`.
pub(super) fn compile(engine: &Engine, name: &str, text: &str) -> Result<Module, Box<EvalAltResult>> {
    let mut ast = engine.compile(text)?;
    ast.set_source(format!("std/{name}"));
    Module::eval_ast_as_new(Scope::new(), &ast, engine)
}

/// Every module, compiled.
///
/// # Panics
/// When one does not compile, which the tests would have shown.
pub(super) fn modules(engine: &Engine) -> Vec<(&'static str, Module)> {
    let compiled = |(name, text)| (name, compile(engine, name, text).expect("the standard library compiles"));
    MODULES.into_iter().map(compiled).collect()
}

/// Every module's name and the first line of what it says about itself, native halves included.
pub(super) fn descriptions() -> Vec<(String, String)> {
    let native = super::api::NATIVES.map(|(name, about)| (name.to_owned(), about.to_owned()));
    let mut all = Vec::from(native);
    for (name, text) in MODULES {
        let about = text.lines().next().unwrap_or_default().trim_start_matches("//!").trim();
        if name != "check" && !all.iter().any(|(known, _)| known == name) {
            all.push((name.to_owned(), about.to_owned()));
        }
    }
    all.sort();
    all
}
