//! What functions of a script are called with: the table that the checker reads holds what is really given, and
//! mistakes inside such functions are found.

use std::sync::Arc;

use ricercar::script::{
    Capture, Checker, Context, Form, Host, callback_parameters, functions_with_callbacks,
};

const SONG: &str = "let song = music::song([music::line(\"bass\", \"C2 G2\")]); ";
const SET: &str = "let set = data::load(\"examples/data/tour_256.npz\")[0..2]; ";
const AB: &str = "let ab = [\"a\", \"b\"]; ";
const ROWS: &str = "let rows = table(); rows.add(#{ a: 1, b: 2 }); ";

/// Function, option, what is needed before, a call with a function as `F`, and what that has to give. Items
/// are texts.
const CALLS: [(&str, &str, &str, &str, &str); 39] = [
    ("Dataset.filter", "", SET, "set.filter(F)", "true"),
    ("Dataset.filter_info", "", SET, "set.filter_info(F)", "true"),
    ("Dataset.keep_if", "", SET, "set.keep_if(\"why\", F)", "true"),
    ("Groups.map", "", ROWS, "rows.group(\"a\").map(F)", "#{ c: 1 }"),
    (
        "Model.direction",
        "",
        "let g = model::load(\"hybrid\"); ",
        "g.direction(F, #{ samples: 3 })",
        "x.metrics().mix.notes",
    ),
    ("Multitrack.map_track", "", SONG, "song.map_track(\"bass\", F)", "x"),
    ("Table.derive", "", ROWS, "rows.derive(\"c\", F)", "1"),
    ("Table.filter", "", ROWS, "rows.filter(F)", "true"),
    ("Table.map", "", ROWS, "rows.map(F)", "#{ c: 1 }"),
    ("Widget.on_change", "", "let s = ui::slider(\"x\", 0, 1); ", "s.on_change(F); s.set(1)", "()"),
    ("Widget.on_click", "", "let b = ui::button(\"x\"); ", "b.on_click(F); b.click()", "()"),
    ("Work.on_change", "", "let w = ui::work(\"let n = 1;\"); ", "w.on_change(F); w.run(\"n = 2;\")", "()"),
    ("array.all", "", AB, "ab.all(F)", "true"),
    ("array.dedup", "", AB, "ab.dedup(F)", "true"),
    ("array.drain", "", AB, "ab.drain(F)", "true"),
    ("array.filter", "", AB, "ab.filter(F)", "true"),
    ("array.find", "", AB, "ab.find(F)", "true"),
    ("array.find_map", "", AB, "ab.find_map(F)", "1"),
    ("array.for_each", "", AB, "ab.for_each(F)", "()"),
    ("array.index_of", "", AB, "ab.index_of(F)", "true"),
    ("array.map", "", AB, "ab.map(F)", "1"),
    ("array.order", "", AB, "ab.order(F)", "0"),
    ("array.order_by", "", AB, "ab.order_by(F)", "0"),
    ("array.reduce", "", AB, "ab.reduce(F)", "1"),
    ("array.reduce_rev", "", AB, "ab.reduce_rev(F)", "1"),
    ("array.retain", "", AB, "ab.retain(F)", "true"),
    ("array.some", "", AB, "ab.some(F)", "true"),
    ("array.sort", "", AB, "ab.sort(F)", "0"),
    ("array.sort_by", "", AB, "ab.sort_by(F)", "0"),
    ("array.zip", "", AB, "ab.zip([1, 2], F)", "1"),
    (
        "data::collect",
        "track",
        "",
        "data::collect(\"examples/data/bass.mid\", #{ segments: \"every\", active_tracks: 1, track: F })",
        "\"bass\"",
    ),
    ("sweep::compare", "work", "", "sweep::compare([\"hybrid\"], #{ seed: [1] }, #{ work: F })", "#{ n: 1 }"),
    (
        "sweep::generate",
        "work",
        "let g = model::load(\"hybrid\"); ",
        "sweep::generate(g, #{ seed: [1] }, #{ work: F })",
        "#{ n: 1 }",
    ),
    ("sweep::grid", "", "", "sweep::grid(#{ a: [1] }, F)", "#{ n: 1 }"),
    ("sweep::random", "", "", "sweep::random(#{ a: [1] }, F, #{ count: 1 })", "#{ n: 1 }"),
    ("sweep::seeds", "", "", "sweep::seeds(1, F)", "#{ n: 1 }"),
    ("sweep::sobol", "", "", "sweep::sobol(#{ a: [1] }, F, #{ count: 1 })", "#{ n: 1 }"),
    (
        "train::run",
        "on_step",
        "",
        "train::run(\"scripts/tiny.yaml\", #{ folder: \"tiny\", on_step: F })",
        "false",
    ),
    ("ui::download", "", "", "ui::download(\"x\", \"x.txt\", F)", "\"x\""),
];

/// What it is given is called when somebody presses it in a browser.
const OF_VISITORS: &str = "ui::download";

/// A function of as many parameters as are known that prints their types.
fn asking(kinds: &[&str], gives: &str) -> String {
    let names = &["x", "y", "z"][..kinds.len()];
    let shown: Vec<String> = names.iter().map(|name| format!("${{type_of({name})}}")).collect();
    format!("|{}| {{ print(`called with ${{\"\"}}{}`); {gives} }}", names.join(", "), shown.join(" "))
}

#[test]
fn the_table_of_callbacks_is_what_functions_are_called_with() {
    let folder = tempfile::tempdir().unwrap();
    let output = Arc::new(Capture::default());
    let context =
        Context { output: output.clone(), out: Some(folder.path().to_owned()), ..Context::default() };
    let host = Host::new(context);
    let mut wrong = Vec::new();
    for (function, option, before, call, gives) in CALLS {
        let kinds = callback_parameters(function, option).unwrap();
        let script = format!("{before}{}", call.replace('F', &asking(kinds, gives)));
        if let Err(error) = host.run_text("ask", &script, &[]) {
            wrong.push(format!("{script}\n{}", error.render(false)));
        }
        if function == OF_VISITORS {
            continue;
        }
        let printed = output.take();
        let called = printed.lines().find_map(|line| line.strip_prefix("called with "));
        let got: Vec<&str> = called.unwrap_or("nothing").split(' ').filter(|kind| !kind.is_empty()).collect();
        let fits = |(kind, got): (&&str, &&str)| match *kind {
            "any" => true,
            "item" => *got == "string",
            "int" => *got == "i64",
            kind => kind == *got,
        };
        if got.len() != kinds.len() || !kinds.iter().zip(&got).all(fits) {
            wrong.push(format!("{function} {option} is called with {got:?}, the table says {kinds:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_function_that_calls_one_of_the_scripts_is_in_the_table() {
    let host = Host::new(Context::default());
    let called: Vec<(&str, &str)> = CALLS.iter().map(|(name, option, ..)| (*name, *option)).collect();
    let known: Vec<(&str, &str)> =
        functions_with_callbacks().map(|(name, option, _)| (name, option)).collect();
    assert_eq!(called, known);
    for entry in host.help().entries().iter().filter(|entry| entry.own && entry.form != Form::Operator) {
        let name = entry.full_name();
        let takes = entry.parameters.iter().any(|parameter| parameter.kind == "function");
        // Calls it without anything.
        assert!(!takes || name == "assert_error" || callback_parameters(&name, "").is_some(), "{name}");
    }
}

/// The headlines of what is wrong with a script.
fn wrong(script: &str) -> Vec<String> {
    Checker::new().text("piece", script).into_iter().map(|found| found.headline).collect()
}

#[test]
fn mistakes_inside_of_callbacks_are_found() {
    for (script, expected) in [
        (
            "let g = model::load(\"hybrid\"); g.direction(|song| song.tranpose(1).metrics().mix.notes, #{});",
            "a Multitrack has no method `tranpose`",
        ),
        (
            "let g = model::load(\"hybrid\"); sweep::generate(g, #{ seed: 0..2 }, #{ work: |song, p| song.sav(p) });",
            "a Multitrack has no method `sav`",
        ),
        (
            "let set = data::load(\"x.npz\"); set.keep_if(\"empty\", |phrase| phrase.is_emty());",
            "a Multitrack has no method `is_emty`",
        ),
        (
            "let a = music::line(\"bass\", \"C2\"); [a, a].map(|t| t.tranpose(1));",
            "a Track has no method `tranpose`",
        ),
        (
            "let a = music::line(\"bass\", \"C2\"); let all = [a, a]; all.filter(|t| true).sort(|x, y| y.nots());",
            "a Track has no method `nots`",
        ),
        (
            "let n = 1; let s = music::song([music::line(\"bass\", \"C2\")]); s.map_track(\"bass\", |t| t.nots(n));",
            "a Track has no method `nots`",
        ),
        (
            "let rows = table(); rows.group(\"a\").map(|part| #{ n: part.lenght() });",
            "a Table has no method `lenght`",
        ),
    ] {
        assert_eq!(wrong(script), [expected], "{script}");
    }
}

#[test]
fn what_may_be_right_inside_of_callbacks_is_let_through() {
    for script in [
        "let set = data::load(\"x.npz\"); set.filter_info(|info| info.tags.contains(\"rock\"));",
        "let names = [\"a\", \"b\"]; names.push(music::line(\"bass\", \"C2\")); names.map(|n| n.transpose(1));",
        "let all = [1, 2]; all[0] = music::line(\"bass\", \"C2\"); all.map(|n| n.transpose(1));",
        "let a = music::line(\"bass\", \"C2\"); [a, a].reduce(|sum, t| sum + t.notes().len(), 0);",
        "let a = music::line(\"bass\", \"C2\"); [a, a].reduce(|most, t| max(most ?? 0, t.notes().len()));",
        "fn grow() { this.push(table()); } let all = [1]; all.grow(); all.map(|n| n.transpose(1));",
        "[1, 2.5, \"x\"].map(|x| x.transpose(1));",
        "let a = music::line(\"bass\", \"C2\"); [a, a].map(|t| { t = 1; t.to_float() });",
    ] {
        assert_eq!(wrong(script), [""; 0], "{script}");
    }
}
