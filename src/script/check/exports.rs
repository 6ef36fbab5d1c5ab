//! What a file imports, and what it offers to those who import it.

use std::collections::BTreeSet;

use rhai::{AST, ASTFlags, ASTNode, Expr, FnAccess, Position, Stmt};

/// One `import`.
pub(super) struct Import {
    /// What is imported; `None` where only running would show it.
    pub path: Option<String>,
    /// The name that it is called by here.
    pub alias: String,
    /// Where it is written.
    pub position: Position,
}

/// All imports of a script, wherever they stand.
pub(super) fn imports(ast: &AST) -> Vec<Import> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last() {
            let path = match &import.0 {
                Expr::StringConstant(path, _) => Some(path.to_string()),
                _ => None,
            };
            found.push(Import { path, alias: import.1.name.to_string(), position: *position });
        }
        true
    });
    found
}

/// What a module has.
pub(super) struct Exports {
    /// Names of functions and how many arguments they take.
    functions: BTreeSet<(String, usize)>,
    variables: BTreeSet<String>,
}

impl Exports {
    /// What the module has that is made of a script.
    pub fn of(ast: &AST) -> Self {
        let functions = ast.iter_functions().filter(|f| f.access == FnAccess::Public);
        let functions = functions.map(|f| (f.name.to_owned(), f.params.len())).collect();
        let mut variables = BTreeSet::new();
        for statement in ast.statements() {
            match statement {
                Stmt::Var(var, flags, _) if flags.intersects(ASTFlags::EXPORTED) => {
                    variables.insert(var.0.name.to_string());
                }
                Stmt::Export(names, _) => {
                    let name = if names.1.name.is_empty() { &names.0.name } else { &names.1.name };
                    variables.insert(name.to_string());
                }
                _ => {}
            }
        }
        Self { functions, variables }
    }

    /// Whether there is such a function for so many arguments.
    pub fn takes(&self, name: &str, count: usize) -> bool {
        self.functions.contains(&(name.to_owned(), count))
    }

    /// How many arguments the functions of that name take.
    pub fn counts(&self, name: &str) -> Vec<usize> {
        self.functions.iter().filter(|(known, _)| known == name).map(|(_, count)| *count).collect()
    }

    /// Names of the functions.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|(name, _)| name.as_str()).filter(|name| !name.starts_with("anon$"))
    }

    /// Names of the variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }
}
