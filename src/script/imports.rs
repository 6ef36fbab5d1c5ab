//! `import "path" as name`: a user's own files, relative to the script that imports them.

use std::path::Path;
use std::sync::Arc;

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope};

use super::context::neighbour;
use super::{Context, stdlib};

/// Finds `std/NAME` in the binary and everything else on disk, or in the record of the run that is being
/// repeated; never keeps a copy, so that an edited file counts at the next run.
pub(super) struct Imports(pub Arc<Context>);

impl ModuleResolver for Imports {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Arc<Module>, Box<EvalAltResult>> {
        let inside = |error| EvalAltResult::ErrorInModule(path.to_owned(), error, position);
        if let Some(text) = stdlib::text(path) {
            let name = path.trim_start_matches("std/");
            return stdlib::compile(engine, name, text).map(Arc::new).map_err(|e| inside(e).into());
        }
        let folder = source.map(Path::new).and_then(Path::parent).unwrap_or(Path::new(""));
        let mut file = folder.join(path);
        if file.extension().is_none() {
            file.set_extension("rhai");
        }
        let source = file.display().to_string();
        let refused = |message: String| EvalAltResult::ErrorRuntime(message.into(), position);
        let recorded = self.0.replay.as_ref().and_then(|replay| replay.modules.get(&source).cloned());
        let text = match recorded {
            Some(text) => text,
            None => {
                self.0.check_read(&file).map_err(|why| refused(format!("cannot import `{path}`: {why}")))?;
                std::fs::read_to_string(&file).map_err(|error| {
                    let near = neighbour(&file).map(|near| near.with_extension("").display().to_string());
                    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    refused(format!("cannot import `{path}`: `{source}`: {error}{hint}"))
                })?
            }
        };
        self.0.ledger.imported(&source, &text);
        // The module's own name must be known before it can fail, or the error would point into
        // the importing script.
        let failed = |error: Box<EvalAltResult>| {
            EvalAltResult::ErrorInFunctionCall(String::new(), source.clone(), error, position)
        };
        let mut ast = engine.compile(text).map_err(|e| inside(failed(e.into()).into()))?;
        ast.set_source(source.clone());
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine);
        module.map(Arc::new).map_err(|error| inside(failed(error).into()).into())
    }
}
