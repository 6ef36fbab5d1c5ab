//! Every function that scripts can call is documented, its example runs, and its name is legal
//! wherever a name can stand.

use std::collections::BTreeSet;

use ricercar::script::{Context, Entry, Form, Host};

fn own(host: &Host) -> Vec<&Entry> {
    let own: Vec<&Entry> = host.help().entries().iter().filter(|entry| entry.own).collect();
    assert!(own.len() > 80, "the index has {} functions", own.len());
    own
}

#[test]
fn every_function_has_documentation_named_parameters_and_an_example() {
    let host = Host::new(Context::default());
    let lacking: Vec<String> = own(&host)
        .into_iter()
        .filter(|entry| {
            entry.summary().is_empty()
                || entry.examples().is_empty()
                || entry.parameters.iter().any(|parameter| parameter.name.is_empty())
        })
        .map(Entry::signature)
        .collect();
    assert!(lacking.is_empty(), "without documentation, parameter names or example:\n{}", lacking.join("\n"));
}

#[test]
fn every_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let context = Context { out: Some(folder.path().to_owned()), ..Context::default() };
    let host = Host::new(context);
    let mut failures = Vec::new();
    let examples: BTreeSet<(String, String)> = own(&host)
        .into_iter()
        .flat_map(|entry| entry.examples().into_iter().map(|example| (entry.signature(), example)))
        .collect();
    for (signature, example) in examples {
        if let Err(diagnostic) = host.run_text("example", &example, &[]) {
            failures.push(format!("{signature}\n{}", diagnostic.render(false)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_name_is_a_reserved_word_in_any_position() {
    let host = Host::new(Context::default());
    let named = own(&host).into_iter().filter(|entry| !matches!(entry.form, Form::Operator | Form::Index));
    let mut names: BTreeSet<String> = named.map(|entry| entry.name.clone()).collect();
    names.extend(host.help().modules().iter().map(|(name, _)| name.clone()));
    // rhai's own, which are only called as `print(value)`.
    names.retain(|name| name != "print" && name != "debug");
    for name in names {
        for text in [
            format!("{name}(1)"),
            format!("let a = 1; a.{name}(1)"),
            format!("music::{name}(1)"),
            format!("#{{ {name}: 1 }}"),
        ] {
            let result = host.compile_check("name", &text);
            assert!(result.is_ok(), "{}", result.unwrap_err().render(false));
        }
    }
}

#[test]
fn a_name_is_found_with_its_type_its_module_or_alone() {
    let host = Host::new(Context::default());
    let signatures =
        |name: &str| -> Vec<String> { host.help().lookup(name).into_iter().map(Entry::signature).collect() };
    assert_eq!(signatures("theory::note"), ["theory::note(name: string) -> int"]);
    assert_eq!(signatures("Multitrack.first_bars"), ["Multitrack.first_bars(count: int) -> Multitrack"]);
    assert!(signatures("bars").contains(&"Track.bars(range: range) -> Track".to_owned()));
    assert!(signatures("no_such_thing").is_empty());
    assert!(host.help().search("nearest scale").iter().any(|entry| entry.name == "snap"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let host = Host::new(Context::default());
    let described: BTreeSet<&str> = host.help().modules().iter().map(|(name, _)| name.as_str()).collect();
    let existing = own(&host).into_iter().map(|entry| entry.module.as_str()).filter(|name| !name.is_empty());
    assert_eq!(existing.collect::<BTreeSet<_>>(), described);
}

#[test]
fn the_reference_has_a_section_for_each_type_and_module() {
    let text = Host::new(Context::default()).help().markdown();
    for heading in ["## Multitrack", "## Track", "## theory::", "### `theory::note(name: string) -> int`"] {
        assert!(text.contains(heading), "{heading} is missing");
    }
}
