//! What is wrong with scripts, found without running anything: variables, functions, modules, methods and
//! options that do not exist, and calls with too many or too few arguments, in all files and all at once.
//!
//! A type is believed only where nothing in the text can change it, so that what is found is wrong indeed;
//! what depends on values that only running would show is let through.

mod calls;
mod exports;
mod kinds;
mod names;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rhai::{AST, Engine, EvalAltResult as Error, OptimizationLevel, Position};
use serde_json::{Value, json};

use self::exports::{Exports, imports};
use self::walk::Walker;
use super::host::{EXPRESSION_DEPTH, EXPRESSION_DEPTH_IN_FUNCTIONS, on_large_stack};
use super::{Context, Diagnostic, Files, Host, stdlib};

/// Reads scripts without running them. Costs as much to build as a [`Host`], and serves for any number of
/// files.
pub struct Checker {
    host: Host,
    /// Leaves the text as it is written: no constant is folded, and no variable refused.
    parser: Engine,
}

/// What reading some files has brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// What is wrong, file by file, from the first line of each to the last.
    pub findings: Vec<Diagnostic>,
    /// Every file that was read, imported ones included.
    pub files: BTreeSet<PathBuf>,
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}

impl Checker {
    /// A checker that knows all that scripts can call, of files that may be read.
    pub fn new() -> Self {
        Self::within(Context::default())
    }

    /// A checker that reads imported files where scripts of that context may import them.
    pub fn within(context: Context) -> Self {
        let mut parser = Engine::new_raw();
        parser
            .set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH_IN_FUNCTIONS)
            .set_optimization_level(OptimizationLevel::None)
            .disable_symbol("eval");
        Self { host: Host::new(context), parser }
    }

    /// Checks files and what they import, each once.
    pub fn files<P: AsRef<Path>>(&self, paths: impl IntoIterator<Item = P>) -> Checked {
        let mut checked = Checked::default();
        let mut waiting: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        waiting.reverse();
        while let Some(path) = waiting.pop() {
            if !checked.files.insert(path.clone()) {
                continue;
            }
            let name = path.display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    checked.findings.extend(self.text(&name, &text));
                    waiting.extend(self.imported(&name, &text).into_iter().filter(|file| file.is_file()));
                }
                Err(error) => {
                    let headline = format!("cannot read the script `{name}`: {error}");
                    checked.findings.push(Diagnostic::plain(headline));
                }
            }
        }
        checked
    }

    /// Checks one text, which is called `name`; imports are looked for beside it.
    pub fn text(&self, name: &str, text: &str) -> Vec<Diagnostic> {
        on_large_stack(|| self.findings(name, text))
            .unwrap_or_else(|panic| vec![Diagnostic::of_panic(&*panic, name)])
    }

    /// Reads one text as a script: its syntax, and nothing of what its names mean.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn parse(&self, name: &str, text: &str) -> Result<(), Box<Diagnostic>> {
        let sources = Files::new().with(name, text);
        on_large_stack(|| {
            let parsed = self.parser.compile(text).map(drop);
            parsed.map_err(|error| Box::new(self.host.diagnose(&error.into(), name, &sources)))
        })
        .unwrap_or_else(|panic| Err(Box::new(Diagnostic::of_panic(&*panic, name))))
    }

    /// The files that `text` imports by name and may import, whether they exist or not.
    pub(super) fn imported(&self, name: &str, text: &str) -> Vec<PathBuf> {
        let Ok(ast) = self.parser.compile(text) else { return Vec::new() };
        let paths = imports(&ast).into_iter().filter_map(|import| import.path);
        let files = paths.filter(|path| stdlib::text(path).is_none()).map(|path| file_of(name, &path));
        files.filter(|file| self.host.context().check_read(file).is_ok()).collect()
    }

    fn findings(&self, name: &str, text: &str) -> Vec<Diagnostic> {
        let sources = Files::new().with(name, text);
        let told = |error: &Error| self.host.diagnose(error, name, &sources);
        let ast = match self.parser.compile(text) {
            Ok(ast) => ast,
            Err(error) => return vec![told(&error.into())],
        };
        let mut errors = Vec::new();
        let mut modules = BTreeMap::new();
        for import in imports(&ast) {
            let exports = match &import.path {
                Some(path) => self.exports(name, path, import.position).map_err(|error| errors.push(error)),
                None => Ok(None),
            };
            modules.insert(import.alias, exports.ok().flatten());
        }
        let mut walker = Walker::new(self.host.help(), &ast, text, modules);
        walker.script();
        errors.extend(walker.errors);
        // rhai's own word on variables counts; it stops at the first.
        let strict = self.host.compile_check(name, text);
        if strict.is_ok() {
            errors.retain(|error| !matches!(error, Error::ErrorVariableNotFound(..)));
        }
        errors.sort_by_key(|error| (error.position().line(), error.position().position()));
        let mut found: Vec<Diagnostic> = errors.iter().map(told).collect();
        if let Err(first) = strict {
            let place = |found: &Diagnostic| found.excerpt.as_ref().map(|e| (e.line, e.column));
            if !found.iter().any(|known| place(known) == place(&first)) {
                found.insert(0, *first);
            }
        }
        found.dedup();
        found
    }

    /// What an imported file offers; `None` if it cannot be read as a script, which is told where it is
    /// checked itself.
    fn exports(&self, importer: &str, path: &str, at: Position) -> Result<Option<Exports>, Error> {
        let file = file_of(importer, path);
        let text = match stdlib::text(path) {
            Some(text) => text.to_owned(),
            None => {
                let refused =
                    |why: String| Error::ErrorRuntime(format!("cannot import `{path}`: {why}").into(), at);
                self.host.context().check_read(&file).map_err(refused)?;
                let text = std::fs::read_to_string(&file);
                text.map_err(|error| refused(format!("`{}`: {error}", file.display())))?
            }
        };
        Ok(self.parser.compile(&text).ok().map(|ast: AST| Exports::of(&ast)))
    }
}

/// The file that `import "path"` in `importer` means.
fn file_of(importer: &str, path: &str) -> PathBuf {
    let folder = Path::new(importer).parent().unwrap_or(Path::new(""));
    let mut file = folder.join(path);
    if file.extension().is_none() {
        file.set_extension("rhai");
    }
    file
}

impl Checked {
    /// What both have brought; a mistake in a file that both have read is told once.
    pub fn merge(&mut self, other: Self) {
        let new = other.findings.into_iter().filter(|finding| !self.findings.contains(finding));
        let new: Vec<Diagnostic> = new.collect();
        self.findings.extend(new);
        self.files.extend(other.files);
    }

    /// What is wrong as an array of objects, for editors: `file`, `line`, `column` and `end_column` (from
    /// 1, in characters), `severity`, `message`, `label`, `notes` and `help`.
    pub fn json(&self) -> Value {
        self.findings.iter().map(as_json).collect()
    }
}

fn as_json(finding: &Diagnostic) -> Value {
    let excerpt = finding.excerpt.as_ref();
    json!({
        "file": excerpt.map(|excerpt| &excerpt.source),
        "line": excerpt.map(|excerpt| excerpt.line),
        "column": excerpt.map(|excerpt| excerpt.column + 1),
        "end_column": excerpt.map(|excerpt| excerpt.column + 1 + excerpt.length),
        "severity": "error",
        "message": finding.headline,
        "label": excerpt.map(|excerpt| &excerpt.label).filter(|label| !label.is_empty()),
        "notes": finding.notes,
        "help": finding.help,
    })
}
