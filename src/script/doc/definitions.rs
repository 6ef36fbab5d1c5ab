//! Definition files in the form that rhai's language server reads: `module theory;`, then functions
//! without bodies.

use std::path::PathBuf;

use crate::script::{Entry, Form, Help};

/// Name and text of each file.
pub(super) fn files(help: &Help) -> Vec<(PathBuf, String)> {
    let mut files = vec![(PathBuf::from("ricercar.d.rhai"), file("static", "", help))];
    for (module, _) in help.modules() {
        files.push((PathBuf::from(format!("{module}.d.rhai")), file(module, module, help)));
    }
    files
}

/// The definitions of one module under the name that files call it by; `print` and `debug` are the
/// language's.
fn file(name: &str, module: &str, help: &Help) -> String {
    let about = help.modules().iter().find(|(known, _)| known == module).map(|(_, about)| about);
    let mut text = about.map(|about| format!("//! {about}\n")).unwrap_or_default();
    text += &format!("module {name};\n");
    for entry in help.entries().iter().filter(|entry| entry.own && entry.module == module) {
        text.push('\n');
        for line in entry.docs.lines() {
            text += format!("/// {line}").trim_end();
            text.push('\n');
        }
        text += &definition(entry);
        text.push('\n');
    }
    text
}

/// `fn bars(self: Multitrack, range: range) -> Multitrack;`
fn definition(entry: &Entry) -> String {
    let kind = |kind: &str| match kind {
        "any" => "?".to_owned(),
        "()" => "()".to_owned(),
        kind => kind.replace(" or ", " | "),
    };
    let named = |(index, parameter): (usize, &crate::script::Parameter)| {
        let name = match parameter.name.as_str() {
            "" => format!("argument_{index}"),
            name => name.to_owned(),
        };
        format!("{name}: {}", kind(&parameter.kind))
    };
    let parameters: Vec<String> = entry.parameters.iter().enumerate().map(named).collect();
    let kinds: Vec<String> = entry.parameters.iter().map(|parameter| kind(&parameter.kind)).collect();
    let returns = kind(&entry.returns);
    match entry.form {
        Form::Operator => format!("op {}({}) -> {returns};", entry.name, kinds.join(", ")),
        Form::Property => format!("fn get {}({}) -> {returns};", entry.name, parameters.join(", ")),
        Form::Index => format!("fn index$get$({}) -> {returns};", parameters.join(", ")),
        Form::Function | Form::Method => {
            format!("fn {}({}) -> {returns};", entry.name, parameters.join(", "))
        }
    }
}
