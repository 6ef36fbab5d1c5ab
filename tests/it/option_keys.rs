//! The table of options, which completion and hints read, holds what the functions themselves take: each
//! is called with an option that nobody has, and answers with those that there are.

use ricercar::script::{Context, Form, Host, functions_with_options, option_keys};

/// Function, what is needed before, and a call with an unknown option `zzz`.
const CALLS: [(&str, &str, &str); 98] = [
    ("Dataset.augment", SET, "set.augment(#{ zzz: 1 })"),
    ("Dataset.dedupe", SET, "set.dedupe(#{ zzz: 1 })"),
    ("Dataset.features", SET, "set.features(#{ zzz: 1 })"),
    ("Dataset.metrics", SET, "set.metrics(#{ zzz: 1 })"),
    ("Dataset.only", SET, "set.only(#{ zzz: 1 })"),
    ("Dataset.phrases", SET, "set.phrases(#{ zzz: 1 })"),
    ("Dataset.sample", SET, "set.sample(#{ zzz: 1 })"),
    ("Dataset.save", SET, "set.save(\"x.npz\", #{ zzz: 1 })"),
    ("Groups.summary", ROWS, "rows.group(\"a\").summary(#{ zzz: 1 })"),
    ("Latent.redraw", LATENT, "z.redraw(\"z\", #{ zzz: 1 })"),
    ("Latent.vary", LATENT, "z.vary(#{ zzz: 1 })"),
    ("Model.accompany", MODEL, "g.accompany(song, #{ zzz: 1 })"),
    (
        "Dialogue.test",
        "let real = \"examples/data/tour_256.npz\"; let talk = dialogue::open(\"hybrid\", #{ real: real, phrases: 8 });",
        "talk.test(\"song is novel but typical\", #{ zzz: 1 })",
    ),
    ("Model.decode", MODEL, "g.decode(g.latent(#{}), #{ zzz: 1 })"),
    ("Model.direction", MODEL, "g.direction(\"denser\", #{ zzz: 1 })"),
    ("Model.encode", MODEL, "g.encode(song, #{ zzz: 1 })"),
    ("Model.generate", MODEL, "g.generate(#{ zzz: 1 })"),
    ("Model.latent", MODEL, "g.latent(#{ zzz: 1 })"),
    ("Multitrack.features", SONG, "song.features(#{ zzz: 1 })"),
    ("Multitrack.loudness", SONG, "song.loudness(#{ zzz: 1 })"),
    ("Multitrack.metrics", SONG, "song.metrics(#{ zzz: 1 })"),
    ("Multitrack.play", SONG, "song.play(#{ zzz: 1 })"),
    ("Multitrack.play_midi", SONG, "song.play_midi(\"x\", #{ zzz: 1 })"),
    ("Multitrack.quantize", SONG, "song.quantize(#{ zzz: 1 })"),
    ("Multitrack.save", SONG, "song.save(\"x.mid\", #{ zzz: 1 })"),
    ("Sheet.save", SONG, "sheet([[song]]).save(\"x.png\", #{ zzz: 1 })"),
    ("Table.bars", ROWS, "rows.bars(#{ x: \"a\", y: \"b\", zzz: 1 })"),
    ("Table.heat", ROWS, "rows.heat(#{ x: \"a\", y: \"b\", of: \"b\", zzz: 1 })"),
    ("Table.matrix", ROWS, "rows.matrix(#{ rows: \"a\", zzz: 1 })"),
    ("Table.scatter", ROWS, "rows.scatter(#{ x: \"a\", y: \"b\", zzz: 1 })"),
    ("Table.box_plot", ROWS, "rows.box_plot(#{ x: \"a\", y: \"b\", zzz: 1 })"),
    ("Table.histogram", ROWS, "rows.histogram(#{ of: \"a\", zzz: 1 })"),
    ("Table.join", ROWS, "rows.join(rows, #{ zzz: 1 })"),
    ("Table.pivot", ROWS, "rows.pivot(#{ rows: \"a\", columns: \"b\", of: \"b\", zzz: 1 })"),
    ("Table.plot", ROWS, "rows.plot(#{ x: \"a\", y: \"b\", zzz: 1 })"),
    ("Table.sort_by", ROWS, "rows.sort_by(\"a\", #{ zzz: 1 })"),
    ("Table.summary", ROWS, "rows.summary(#{ zzz: 1 })"),
    ("Track.play", SONG, "song.bass.play(#{ zzz: 1 })"),
    ("Track.play_midi", SONG, "song.bass.play_midi(\"x\", #{ zzz: 1 })"),
    ("Track.quantize", SONG, "song.bass.quantize(#{ zzz: 1 })"),
    ("Track.save", SONG, "song.bass.save(\"x.mid\", #{ zzz: 1 })"),
    ("array.features", SONG, "[song].features(#{ zzz: 1 })"),
    ("array.metrics", SONG, "[song].metrics(#{ zzz: 1 })"),
    ("arrange::form", MODEL, "arrange::form(g, [], #{ zzz: 1 })"),
    ("arrange::intro_verse_chorus", MODEL, "arrange::intro_verse_chorus(g, #{ zzz: 1 })"),
    ("compare::closer", SONG, "compare::closer([song], [song], [song], #{ zzz: 1 })"),
    ("compare::sets", SONG, "compare::sets([song], [song], #{ zzz: 1 })"),
    ("data::load", "", "data::load(\"examples/data/tour_256.npz\", #{ zzz: 1 })"),
    ("data::phrases", "", "data::phrases(\"examples/data/tour_256.npz\", #{ zzz: 1 })"),
    ("dialogue::open", "", "dialogue::open(\"hybrid\", #{ zzz: 1 })"),
    ("drums::fill", BEAT, "drums::fill(beat, #{ zzz: 1 })"),
    ("drums::humanize", BEAT, "drums::humanize(beat, #{ zzz: 1 })"),
    ("drums::pattern", "", "drums::pattern(#{ kick: \"x\" }, #{ zzz: 1 })"),
    ("drums::swing", BEAT, "drums::swing(beat, #{ zzz: 1 })"),
    ("interp::around", LATENT, "interp::around(z, #{ zzz: 1 })"),
    ("interp::line", LATENT, "interp::line(z, z, #{ zzz: 1 })"),
    ("interp::loop_through", LATENT, "interp::loop_through([z, z], #{ zzz: 1 })"),
    ("interp::sheet", LATENT, "interp::sheet(z, z, z, #{ zzz: 1 })"),
    ("latent::direction", MODEL, "latent::direction(g, #{ zzz: 1 }, |s| true)"),
    ("latent::mean_where", MODEL, "latent::mean_where(g, #{ zzz: 1 }, |s| true)"),
    ("latent::normal", "", "latent::normal(#{ zzz: 1 })"),
    ("latent::sensitivity", MODEL, "latent::sensitivity(g, g.latent(#{}), #{ zzz: 1 })"),
    ("latent::walk_part", LATENT, "latent::walk_part(z, \"z\", #{ zzz: 1 })"),
    ("metrics::evaluate", SONG, "metrics::evaluate([song], #{ zzz: 1 })"),
    ("midi::read", "", "midi::read(\"x.mid\", #{ zzz: 1 })"),
    ("music::line", "", "music::line(\"bass\", \"C2\", #{ zzz: 1 })"),
    ("read_music", "", "read_music(\"x.mid\", #{ zzz: 1 })"),
    ("study::ablation", "", "study::ablation(#{}, #{ zzz: 1 })"),
    ("study::accompaniment_by_track", MODEL, "study::accompaniment_by_track(g, \"x.npz\", #{ zzz: 1 })"),
    ("study::listening_test", "", "study::listening_test(\"a.html\", \"b.csv\", [], #{ zzz: 1 })"),
    ("study::rating_report", "", "study::rating_report([], table(), #{ zzz: 1 })"),
    ("study::beside", "", "study::beside(\"ismir-table1\", [], #{ zzz: 1 })"),
    ("study::binary_neurons", "", "study::binary_neurons((), (), #{ zzz: 1 })"),
    ("report::against_training_set", MODEL, "report::against_training_set(g, song, #{ zzz: 1 })"),
    ("report::compare", SONG, "report::compare([song], [song], #{ zzz: 1 })"),
    ("sweep::compare", "", "sweep::compare(#{ a: |p| #{ n: 1 } }, 3, #{ zzz: 1 })"),
    ("sweep::generate", MODEL, "sweep::generate(g, #{ seed: [1] }, #{ zzz: 1 })"),
    ("sweep::random", "", "sweep::random(#{ a: [1] }, |p| #{ b: 1 }, #{ count: 1, zzz: 1 })"),
    ("sweep::sobol", "", "sweep::sobol(#{ a: [1] }, |p| #{ b: 1 }, #{ count: 1, zzz: 1 })"),
    ("sweep::grid", "", "sweep::grid(#{ a: [1] }, |p| #{ b: 1 }, #{ zzz: 1 })"),
    ("train::compare", MODEL, "train::compare(g, \"examples/data/tour_256.npz\", #{ zzz: 1 })"),
    ("train::inverse", "", "train::inverse(\"x\", #{ zzz: 1 })"),
    ("train::phrases", "", "train::phrases(\"examples/data/tour_256.npz\", #{ zzz: 1 })"),
    ("train::run", "", "train::run(\"scripts/tiny.yaml\", #{ zzz: 1 })"),
    ("Work.run", "", "ui::work(\"let n = 1;\").run(\"n = 2;\", #{ zzz: 1 })"),
    ("ui::button", "", "ui::button(\"x\", #{ zzz: 1 })"),
    ("ui::check_box", "", "ui::check_box(\"x\", #{ zzz: 1 })"),
    ("ui::drawer", "", "ui::drawer(\"x\", [], #{ zzz: 1 })"),
    ("ui::grid", "", "ui::grid([], #{ zzz: 1 })"),
    ("ui::menu", "", "ui::menu(\"x\", [\"a\"], #{ zzz: 1 })"),
    ("ui::number", "", "ui::number(\"x\", #{ zzz: 1 })"),
    ("ui::pad", "", "ui::pad(\"x\", [\"a\", \"b\", \"c\", \"d\"], #{ zzz: 1 })"),
    ("ui::picture", "", "ui::picture((), #{ zzz: 1 })"),
    ("ui::player", "", "ui::player((), #{ zzz: 1 })"),
    ("ui::roll", "", "ui::roll((), #{ zzz: 1 })"),
    ("ui::slider", "", "ui::slider(\"x\", 0, 1, #{ zzz: 1 })"),
    ("ui::text", "", "ui::text(\"x\", #{ zzz: 1 })"),
    ("ui::upload", "", "ui::upload(\"x\", #{ zzz: 1 })"),
];

const SET: &str = "let set = data::load(\"examples/data/tour_256.npz\");";
const ROWS: &str = "let rows = table(); rows.add(#{ a: 1, b: 2 });";
const LATENT: &str = "let z = latent::normal(#{ size: 4 });";
const BEAT: &str = "let beat = drums::pattern(\"x.x.\");";
const SONG: &str = "let song = music::song([music::line(\"bass\", \"C2 G2\")]);";
const MODEL: &str =
    "let song = music::song([music::line(\"bass\", \"C2 G2\")]); let g = model::load(\"hybrid\");";

/// Functions whose options are those of something else: a config, the shares of a split, any `save`.
const OTHERS: [&str; 3] = ["Dataset.split", "Run.keep", "data::collect"];

#[test]
fn the_table_of_options_is_what_the_functions_say() {
    let host = Host::new(Context::default());
    let mut wrong = Vec::new();
    for (function, before, call) in CALLS {
        let error = host.run_text("ask", &format!("{before} {call}"), &[]).unwrap_err().headline;
        let told = error
            .strip_prefix("no option `zzz`: ")
            .and_then(|rest| rest.split_once(" has "))
            .map(|(_, keys)| keys);
        let Some(told) = told else {
            wrong.push(format!("{function}: {error}"));
            continue;
        };
        let told = told.split(';').next().unwrap_or_default();
        let mut told: Vec<&str> = told.split(", ").collect();
        let keys = option_keys(function);
        let mut known: Vec<&str> = keys.iter().map(|key| key.name).collect();
        told.sort_unstable();
        known.sort_unstable();
        if told != known {
            wrong.push(format!("{function} says {told:?}, the table {known:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_choices_of_the_table_are_what_the_functions_say() {
    let host = Host::new(Context::default());
    for (function, before, call) in CALLS {
        for key in option_keys(function) {
            let choices: Vec<&str> = key.choices().collect();
            if choices.is_empty() {
                continue;
            }
            let call = call.replace("zzz: 1", &format!("{}: \"zzz\"", key.name));
            let error = host.run_text("ask", &format!("{before} {call}"), &[]).unwrap_err();
            let told = error.render(false);
            let missing: Vec<&&str> = choices.iter().filter(|choice| !told.contains(**choice)).collect();
            assert!(missing.is_empty(), "{function} {}: {missing:?} not in\n{told}", key.name);
        }
    }
}

#[test]
fn every_function_with_options_is_in_the_table() {
    let host = Host::new(Context::default());
    let asked: Vec<&str> = CALLS.iter().map(|(function, ..)| *function).collect();
    assert_eq!(functions_with_options().filter(|name| !asked.contains(name)).collect::<Vec<_>>(), [""; 0]);
    let has_options = |entry: &&ricercar::script::Entry| {
        entry.own
            && matches!(entry.form, Form::Method | Form::Function)
            && entry.name != "check_options"
            && entry.parameters.iter().any(|parameter| parameter.name == "options")
    };
    let mut missing: Vec<String> =
        host.help().entries().iter().filter(has_options).map(|entry| entry.full_name()).collect();
    missing.retain(|name| !asked.contains(&name.as_str()) && !OTHERS.contains(&name.as_str()));
    missing.dedup();
    assert!(missing.is_empty(), "functions with options that completion does not know: {missing:?}");
}
