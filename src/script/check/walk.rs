//! The way through a script: what is declared where, and of which type each value is.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{
    AST, ASTFlags, ASTNode, BinaryExpr, Dynamic, EvalAltResult as Error, Expr, FlowControl, FnCallExpr,
    FnPtr, ImmutableString, Position, ScriptFuncDef, Stmt, StmtBlock,
};

use super::exports::Exports;
use super::kinds::{Kind, Kinds};
use super::names::Names;
use crate::base::suggestion;
use crate::script::Help;
use crate::script::callbacks::{ANY, ITEM, callback_parameters};

/// Names that every script has.
const GIVEN: [&str; 2] = ["args", "script"];

/// Goes through one script.
pub(super) struct Walker<'a> {
    pub kinds: Kinds<'a>,
    ast: &'a AST,
    /// What is imported by which name; `None` where the file cannot be known.
    pub modules: BTreeMap<String, Option<Exports>>,
    /// Functions of the script by name and number of parameters.
    pub functions: BTreeSet<(String, usize)>,
    /// Names that may change.
    pub names: Names,
    /// Variables by block, the innermost last.
    scopes: Vec<Vec<(String, Option<Kind>)>>,
    pub errors: Vec<Error>,
}

impl<'a> Walker<'a> {
    pub fn new(help: &'a Help, ast: &'a AST, text: &str, modules: BTreeMap<String, Option<Exports>>) -> Self {
        let functions = ast.iter_functions().map(|f| (f.name.to_owned(), f.params.len())).collect();
        let (kinds, names) = (Kinds::new(help), Names::of(text));
        Self { kinds, ast, modules, functions, names, scopes: Vec::new(), errors: Vec::new() }
    }

    /// Goes through the statements and then through each function, which sees none of their variables.
    pub fn script(&mut self) {
        let given = || GIVEN.map(|name| (name.to_owned(), None)).to_vec();
        self.scopes = vec![given()];
        self.statements(self.ast.statements());
        let functions: Vec<(String, usize)> = self.functions.iter().cloned().collect();
        for (name, count) in functions.iter().filter(|(name, _)| !name.starts_with("anon$")) {
            let Some(function) = self.ast.shared_lib().get_script_fn(name, *count) else { continue };
            let function = function.clone();
            self.scopes = vec![given(), parameters(&function.params)];
            self.statements(&body(self.ast, &function));
        }
    }

    pub fn report(&mut self, error: Error) {
        self.errors.push(error);
    }

    fn declare(&mut self, name: &str, kind: Option<Kind>) {
        let mut kind = kind.filter(|_| !self.names.assigned.contains(name));
        if let Some(kind) = kind.as_mut().filter(|_| self.names.refilled.contains(name)) {
            kind.item = None;
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((name.to_owned(), kind));
        }
    }

    fn lookup(&self, name: &str) -> Option<&Option<Kind>> {
        let mut all = self.scopes.iter().rev().flat_map(|scope| scope.iter().rev());
        all.find(|(known, _)| known == name).map(|(_, kind)| kind)
    }

    /// The type of a block is that of its last expression.
    fn block(&mut self, block: &StmtBlock) -> Option<Kind> {
        self.scopes.push(Vec::new());
        let kind = self.statements(block.statements());
        self.scopes.pop();
        kind
    }

    fn statements(&mut self, statements: &[Stmt]) -> Option<Kind> {
        let mut last = None;
        for statement in statements {
            last = self.statement(statement);
        }
        last
    }

    fn statement(&mut self, statement: &Stmt) -> Option<Kind> {
        match statement {
            Stmt::If(flow, _) => return self.choice(flow),
            Stmt::Switch(switch, _) => {
                self.expression(&switch.0);
                for case in &switch.1.expressions {
                    self.expression(&case.lhs);
                    self.expression(&case.rhs);
                }
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.expression(&flow.expr);
                self.block(&flow.body);
            }
            Stmt::For(parts, _) => {
                let (item, counter, flow) = &**parts;
                let over = self.expression(&flow.expr);
                self.scopes.push(Vec::new());
                self.declare(&item.name, over.and_then(|kind| kind.item()));
                if let Some(counter) = counter {
                    self.declare(&counter.name, Kind::of("int"));
                }
                self.block(&flow.body);
                self.scopes.pop();
            }
            Stmt::Var(var, ..) => {
                let kind = self.expression(&var.1);
                self.declare(&var.0.name, kind);
            }
            Stmt::Assignment(parts) => {
                self.expression(&parts.1.lhs);
                self.expression(&parts.1.rhs);
            }
            Stmt::FnCall(call, position) => return self.call(call, *position),
            Stmt::Block(block) => return self.block(block),
            Stmt::TryCatch(flow, _) => {
                self.block(&flow.body);
                self.scopes.push(Vec::new());
                if let Expr::Variable(caught, ..) = &flow.expr {
                    self.declare(&caught.1, None);
                }
                self.block(&flow.branch);
                self.scopes.pop();
            }
            Stmt::Expr(expression) => return self.expression(expression),
            Stmt::BreakLoop(value, ..) | Stmt::Return(value, ..) => {
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            Stmt::Import(import, _) => _ = self.expression(&import.0),
            _ => {}
        }
        None
    }

    fn choice(&mut self, flow: &FlowControl) -> Option<Kind> {
        self.expression(&flow.expr);
        let (one, other) = (self.block(&flow.body), self.block(&flow.branch));
        one.filter(|one| other.as_ref() == Some(one))
    }

    /// Goes through an expression; its type, where that is certain.
    pub fn expression(&mut self, expression: &Expr) -> Option<Kind> {
        match expression {
            Expr::DynamicConstant(..) => {
                let (function, captured) = closure_in(expression)?;
                return self.closure(function, captured, &[]);
            }
            Expr::BoolConstant(..) => return Kind::of("bool"),
            Expr::IntegerConstant(..) => return Kind::of("int"),
            Expr::FloatConstant(..) => return Kind::of("float"),
            Expr::CharConstant(..) => return Kind::of("char"),
            Expr::StringConstant(..) => return Kind::of("string"),
            Expr::InterpolatedString(parts, _) => {
                parts.iter().for_each(|part| _ = self.expression(part));
                return Kind::of("string");
            }
            Expr::Array(items, _) => {
                let kinds: Vec<Option<Kind>> = items.iter().map(|item| self.expression(item)).collect();
                return Some(Kind::array_of(&kinds));
            }
            Expr::Map(map, _) => {
                map.0.iter().for_each(|(_, value)| _ = self.expression(value));
                return Kind::of("map");
            }
            Expr::Variable(variable, _, position) => {
                return self.variable(&variable.1, &variable.2, *position);
            }
            Expr::Stmt(block) => {
                return match closure_in(expression) {
                    Some((function, captured)) => self.closure(function, captured, &[]),
                    None => self.block(block),
                };
            }
            Expr::FnCall(call, position) => return self.call(call, *position),
            Expr::Dot(link, ..) => {
                let kind = self.expression(&link.lhs);
                return self.member(kind, &link.rhs);
            }
            Expr::Index(link, flags, _) => {
                let kind = self.expression(&link.lhs);
                return self.indexed(kind, link, *flags);
            }
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                parts.iter().for_each(|part| _ = self.expression(part));
                return Kind::of("bool");
            }
            Expr::Coalesce(parts, _) => parts.iter().for_each(|part| _ = self.expression(part)),
            _ => {}
        }
        None
    }

    fn variable(
        &mut self,
        name: &ImmutableString,
        space: &rhai::Namespace,
        position: Position,
    ) -> Option<Kind> {
        if let Some(root) = space.path.first() {
            if let Some(Some(exports)) = self.modules.get(root.name.as_str())
                && space.path.len() == 1
                && !exports.variables().any(|known| known == name.as_str())
            {
                let hint = suggestion(name, exports.variables());
                let message = format!("the module `{}` exports no `{name}`{hint}", root.name);
                self.report(Error::ErrorRuntime(message.into(), position));
            } else {
                self.module_exists(&root.name, root.pos);
            }
            return None;
        }
        match self.lookup(name) {
            Some(kind) => kind.clone(),
            None if self.functions.iter().any(|(known, _)| known == name.as_str()) => Kind::of("function"),
            None => {
                self.report(Error::ErrorVariableNotFound(name.to_string(), position));
                None
            }
        }
    }

    /// Goes through a closure, whose first `captured` parameters are variables from around it; `given` are
    /// the types of what it will be called with, as far as they are known.
    fn closure(&mut self, function: &Dynamic, captured: usize, given: &[Option<Kind>]) -> Option<Kind> {
        let pointer = function.read_lock::<FnPtr>()?;
        let count = self.functions.iter().find(|(known, _)| known == pointer.fn_name())?.1;
        let function = self.ast.shared_lib().get_script_fn(pointer.fn_name(), count)?.clone();
        let mut own = parameters(&function.params[captured.min(count)..]);
        for ((name, kind), given) in own.iter_mut().zip(given) {
            *kind = given.clone().filter(|_| !self.names.assigned.contains(name));
        }
        self.scopes.push(own);
        self.statements(&body(self.ast, &function));
        self.scopes.pop();
        Kind::of("function")
    }

    /// What follows a dot.
    fn member(&mut self, kind: Option<Kind>, right: &Expr) -> Option<Kind> {
        match right {
            Expr::Property(property, position) => self.property(kind, &property.2, *position),
            Expr::MethodCall(call, position) => self.method(kind, call, *position),
            Expr::Dot(link, ..) => {
                let kind = self.member(kind, &link.lhs);
                self.member(kind, &link.rhs)
            }
            Expr::Index(link, flags, _) => {
                let kind = self.member(kind, &link.lhs);
                self.indexed(kind, link, *flags)
            }
            _ => None,
        }
    }

    fn property(&mut self, kind: Option<Kind>, name: &str, position: Position) -> Option<Kind> {
        let kind = kind?;
        match self.kinds.property(&kind, name) {
            Ok(kind) => kind,
            Err(()) => {
                let message = format!(
                    "Unknown property '{name}' - a getter is not registered for type '{}'",
                    kind.name
                );
                self.report(Error::ErrorDotExpr(message, position));
                None
            }
        }
    }

    /// What follows a `[`, up to the end of the chain.
    fn indexed(&mut self, kind: Option<Kind>, link: &BinaryExpr, flags: ASTFlags) -> Option<Kind> {
        let (index, rest) = match &link.rhs {
            Expr::Dot(rest, _, _) if !flags.intersects(ASTFlags::BREAK) => (&rest.lhs, Some((rest, None))),
            Expr::Index(rest, flags_of_rest, _) if !flags.intersects(ASTFlags::BREAK) => {
                (&rest.lhs, Some((rest, Some(*flags_of_rest))))
            }
            index => (index, None),
        };
        let by = self.expression(index);
        let item = kind.and_then(|kind| self.item(&kind, by.as_ref()));
        match rest {
            None => item,
            Some((rest, None)) => self.member(item, &rest.rhs),
            Some((rest, Some(flags))) => self.indexed(item, rest, flags),
        }
    }

    fn item(&self, kind: &Kind, by: Option<&Kind>) -> Option<Kind> {
        match (kind.name.as_str(), by?.name.as_str()) {
            ("array", "int") => kind.item(),
            (_, by) => self.kinds.result(&[self.kinds.index(kind, by)?], false),
        }
    }

    /// Goes through the arguments of a call of `owner`, as help calls it; their types. Closures among them,
    /// and among the options, are called with what the table says.
    pub fn arguments(
        &mut self,
        call: &FnCallExpr,
        owner: &str,
        receiver: Option<&Kind>,
    ) -> Vec<Option<Kind>> {
        let last = call.args.len();
        let argument = |(place, argument): (usize, &Expr)| match argument {
            Expr::Map(options, _) if place + 1 == last => {
                for (key, value) in &options.0 {
                    self.argument(value, owner, &key.name, receiver);
                }
                Kind::of("map")
            }
            _ => self.argument(argument, owner, "", receiver),
        };
        call.args.iter().enumerate().map(argument).collect()
    }

    fn argument(
        &mut self,
        argument: &Expr,
        owner: &str,
        option: &str,
        receiver: Option<&Kind>,
    ) -> Option<Kind> {
        let Some((function, captured)) = closure_in(argument) else { return self.expression(argument) };
        let kind = |kind: &&str| match *kind {
            ITEM => receiver.and_then(Kind::item),
            ANY => None,
            known => Kind::of(known),
        };
        let given = callback_parameters(owner, option).unwrap_or_default().iter().map(kind);
        self.closure(function, captured, &given.collect::<Vec<_>>())
    }
}

/// The function of a closure, and how many variables from around it are given to it first.
fn closure_in(expression: &Expr) -> Option<(&Dynamic, usize)> {
    match expression {
        Expr::DynamicConstant(value, _) => value.is_fnptr().then_some((value, 0)),
        Expr::Stmt(block) => {
            let [Stmt::Share(_), Stmt::Expr(curried)] = block.statements() else { return None };
            let Expr::FnCall(call, _) = &**curried else { return None };
            match call.args.first() {
                Some(Expr::DynamicConstant(function, _)) => Some((function, call.args.len() - 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn parameters(names: &[ImmutableString]) -> Vec<(String, Option<Kind>)> {
    names.iter().map(|name| (name.to_string(), None)).collect()
}

/// The statements of a function. rhai shows the inside of a function only to those who walk a whole script.
fn body(ast: &AST, function: &ScriptFuncDef) -> Vec<Stmt> {
    let (wanted, count) = (function.name.as_str(), function.params.len());
    let mut alone = ast.clone();
    alone.clear_statements().retain_functions(|_, _, name, params| name == wanted && params == count);
    let mut statements = Vec::new();
    alone.walk(&mut |path| {
        if let [ASTNode::Stmt(statement)] = path {
            statements.push(Stmt::clone(statement));
        }
        true
    });
    statements
}
