//! `scripts/reproduce_tables.rhai` fills the papers' tables.

use std::fs;
use std::path::Path;

use crate::program::Program;

/// The lines of a CSV file as fields, quotes taken off.
fn read(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let fields = |line: &str| {
        let (mut fields, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                c => fields.last_mut().unwrap().push(c),
            }
        }
        fields
    };
    text.lines().map(fields).collect()
}

/// The numbers of the row called `row` by `hand`.
fn row<'a>(table: &'a [Vec<String>], row: &str, hand: &str) -> &'a [String] {
    let found = table.iter().find(|line| line[0] == row && line[1] == hand);
    &found.unwrap_or_else(|| panic!("no row `{row}` by `{hand}` in {table:?}"))[2..]
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("`{cell}` is no number"))
}

#[test]
fn the_tables_of_2018_are_filled_with_our_data_and_models() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let data = root.join("examples/data/tour_256.npz").display().to_string();
    let script = root.join("scripts/reproduce_tables.rhai").display().to_string();
    let songs: Vec<String> =
        (0..256).map(|i| format!("all\t{i}\t{}\tsong {i}", ["even", "odd"][i % 2])).collect();
    let songs = format!("split\tphrase\tset\tsong\n{}\n", songs.join("\n"));
    fs::write(folder.path().join("songs.tsv"), songs).unwrap();
    // One model of the study as it is shipped, another as its run leaves it, the others nowhere.
    for place in ["models/study/no-streams", "runs/no-split/model"] {
        let place = folder.path().join(place);
        fs::create_dir_all(&place).unwrap();
        for file in ["model.yaml", "weights.safetensors"] {
            fs::copy(root.join("models/composer").join(file), place.join(file)).unwrap();
        }
    }
    let line = ["run", &script, &data, "4", "songs.tsv", "all", "odd"];
    let printed = Program::with(&line).within(folder.path()).run().well();
    let out = folder.path().join("out/tables");
    for (name, columns, published) in [("aaai-table1", 14, 8), ("aaai-table2", 6, 8), ("ismir-table1", 3, 13)]
    {
        let [paper, exact] = ["paper", "exact"].map(|family| read(&out.join(format!("{name}-{family}.csv"))));
        for (family, table) in [("paper", &paper), ("exact", &exact)] {
            assert_eq!(table[0][..2], ["row", "by"]);
            assert!(table.iter().all(|line| line.len() == 2 + columns), "{name}: {table:?}");
            let by = |hand: &str| table.iter().filter(|line| line[1] == hand).count();
            let rows = if name == "ismir-table1" { 16 } else { 9 };
            assert_eq!((by("published"), by("ours") + by("not trained")), (published, rows), "{name}");
            assert!(row(table, "training", "ours").iter().all(|cell| cell.parse::<f64>().is_ok()));
            let picture = fs::read(out.join(format!("{name}-{family}.png"))).unwrap();
            assert!(picture.starts_with(b"\x89PNG") && picture.len() > 10_000);
        }
        assert_ne!(row(&paper, "training", "ours"), row(&exact, "training", "ours"), "{name}");
    }

    let first = read(&out.join("aaai-table1-paper.csv"));
    let (head, hybrid) = (&first[0][2..], row(&first, "hybrid", "published"));
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    assert_eq!([number(&hybrid[at("EB B")]), number(&hybrid[at("DP D")])], [2.14, 71.3]);
    assert_eq!(number(&row(&first, "ablated", "published")[at("EB D")]), 100.0);
    let answers = row(&first, "hybrid, piano given", "ours");
    assert!(answers[at("UPC P")].is_empty() && !answers[at("UPC G")].is_empty());
    // Shuffling leaves every track as it is, and changes what sounds together.
    let same = |table: &[Vec<String>]| {
        let [own, shuffled] = ["training", "training, shuffled"].map(|name| row(table, name, "ours"));
        own.iter().zip(shuffled).all(|(a, b)| (number(a) - number(b)).abs() < 1e-9)
    };
    assert!(same(&first));
    let second = read(&out.join("aaai-table2-paper.csv"));
    assert!(!same(&second));
    assert_eq!(number(&row(&second, "training, shuffled", "published")[4]), 1.12);
    let third = read(&out.join("ismir-table1-exact.csv"));
    assert_eq!(row(&third, "refined, deterministic", "published"), ["0.78", "0.45", "0.87"]);
    assert_eq!(row(&third, "ablated 1, threshold", "ours"), row(&third, "ablated 2, threshold", "ours"));
    assert_ne!(row(&third, "ablated 1, threshold", "ours"), row(&third, "ablated 1, Bernoulli", "ours"));
    assert_eq!(row(&third, "joint, stochastic", "not trained"), ["", "", ""]);
    let brief = |line: &&Vec<String>| line[0].starts_with("pretrained briefly");
    assert!(third.iter().filter(brief).all(|line| line[1] == "not trained"));
    assert_eq!(third.iter().filter(brief).count(), 2);

    assert!(printed.contains("ours: 4 phrases of") && printed.contains("exact measures"), "{printed}");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = printed.lines().map(words).collect();
    assert!(lines.contains(&"hybrid published 2.14 29.7 11.7 17.8 6.04".to_owned()), "{printed}");
    assert!(lines.contains(&"jamming not trained – – – – –".to_owned()), "{printed}");
    for origin in [
        "ablated 1, threshold study/no-streams, 8000 steps of 16 phrases",
        "ablated 2, threshold runs/no-split/model, 8000 steps of 16 phrases",
        "joint, stochastic not trained: ricercar train scripts/study/joint-stochastic.yaml",
        "jamming not trained: ricercar train scripts/jamming.yaml",
    ] {
        assert!(lines.contains(&origin.to_owned()), "{origin}: {printed}");
    }
    assert!(printed.lines().all(|line| line.chars().count() <= 110), "{printed}");
}

#[test]
fn every_model_of_the_study_has_a_config_of_its_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = fs::read_to_string(root.join("scripts/reproduce_tables.rhai")).unwrap();
    let mut named: Vec<&str> =
        script.split('"').filter_map(|text| text.strip_prefix("study/")).filter(|n| !n.is_empty()).collect();
    named.sort_unstable();
    named.dedup();
    let files = fs::read_dir(root.join("scripts/study")).unwrap().map(|entry| entry.unwrap().path());
    let mut configs: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let config = ricercar::train::TrainConfig::read(&path).unwrap();
            assert_eq!(Some(config.name.as_str()), path.file_stem().and_then(|stem| stem.to_str()));
            config.name
        })
        .collect();
    configs.sort_unstable();
    assert_eq!(named, configs);
}

#[test]
fn what_cannot_be_a_row_is_refused() {
    let refused = |code: &str| Program::with(&["-e", code]).run().stderr;
    let error = refused("study::beside(\"aaai-table1\", [1], #{})");
    assert!(error.contains("a row is a map with `row` and `songs`, got int"), "{error}");
    let error =
        refused("study::beside(\"aaai-table1\", [#{ row: \"x\", songs: [] }], #{ family: \"paper\" })");
    assert!(error.contains("there are no phrases to measure"), "{error}");
    let error = refused("study::beside(\"aaai-table1\", [#{ row: \"x\", song: [] }], #{})");
    assert!(error.contains("did you mean `songs`?"), "{error}");
    let error = refused("study::published(\"aaai-table3\")");
    assert!(error.contains("no table `aaai-table3` of the papers"), "{error}");
}

#[test]
fn phrases_are_loaded_and_drawn_from_scripts() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz").display().to_string();
    let run = |code: &str| Program::with(&["-e", &code.replace("FILE", &data)]).run();
    let code = "let set = data::load(\"FILE\"); let some = set.phrases(#{ count: 5, seed: 3, given: \"strings\" }); \
                print([set.len, some.len(), some.all(|s| !s.strings.is_silent), \
                some[0] == data::phrases(\"FILE\", #{ count: 1, seed: 3, given: \"strings\" })[0]])";
    assert_eq!(run(code).well().trim(), "[256, 5, true, true]");
    assert!(run("data::load(\"FILE\")[256]").stderr.contains("numbered from 0 to 255"));
    assert!(run("data::load(\"FILE\", #{ split: \"test\" })").stderr.contains("need `songs`"));
    assert!(run("data::phrases(\"FILE\", #{ given: \"flute\" })").stderr.contains("flute"));
    assert!(run("data::load(\"none.npz\")").stderr.contains("none.npz"));
}
