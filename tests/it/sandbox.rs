//! Scripts that nobody trusts: each `tests/hostile/NAME.rhai` is run in the sandbox, and what it printed and how
//! it ended is `NAME.txt` beside it. `ROOT` stands for a folder of its own, which the script finds in `args`:
//!
//! ```text
//! script/          the script, beside a link to a secret
//! secret/          what it may neither read nor change
//! out/             where it may write, with a link to the secrets
//! ```
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --release --test it sandbox` writes the texts anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ricercar::base::Progress;
use ricercar::script::{Context, Form, Host, Output, Sandbox};

/// What a script prints.
#[derive(Default)]
struct Printed(Mutex<String>);

impl Progress for Printed {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}

impl Output for Printed {
    fn print(&self, text: &str) {
        *self.0.lock().unwrap() += &format!("{text}\n");
    }

    fn note(&self, _text: &str) {}
}

fn hostile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

/// The folders that a hostile script finds; everything in `secret` can be read by those who may.
#[cfg(unix)]
fn lay_out(root: &Path) {
    use std::os::unix::fs::symlink;
    for folder in ["script", "secret", "out"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    let secret = root.join("secret");
    let host = Host::new(Context { out: Some(secret.clone()), ..Context::default() });
    let text = r#"
        music::line("bass", "C2").save("song.mid");
        let results = table(); results.add(#{ a: 1 }); results.save("table.csv");
        data::load("examples/data/tour_256.npz")[0..4].save("set.npz");
        config::save(config::named("tiny"), "config.yaml");
    "#;
    host.run_text("secrets", text, &[]).map(drop).unwrap();
    fs::write(secret.join("module.rhai"), "fn answer() { 42 }").unwrap();
    fs::write(secret.join("facts.yaml"), "a: 1").unwrap();
    fs::write(secret.join("font.sf2"), "").unwrap();
    fs::create_dir(secret.join("model")).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/hybrid");
    for file in ["model.yaml", "weights.safetensors"] {
        fs::copy(model.join(file), secret.join("model").join(file)).unwrap();
    }
    symlink(secret.join("song.mid"), root.join("script/link.mid")).unwrap();
    symlink(secret.join("set.npz"), root.join("script/link.npz")).unwrap();
    symlink(&secret, root.join("script/door")).unwrap();
    symlink(&secret, root.join("out/door")).unwrap();
}

/// Every file outside of `out`, with what is in it.
fn outside(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && path != root.join("out") {
                folders.push(path);
            } else if kind.is_file() {
                files.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    files
}

#[cfg(unix)]
#[test]
fn every_hostile_script_is_refused_and_changes_nothing() {
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut differing = Vec::new();
    for entry in fs::read_dir(hostile()).unwrap() {
        let script = entry.unwrap().path();
        if script.extension().is_none_or(|extension| extension != "rhai") {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        lay_out(&root);
        let copy = root.join("script").join(script.file_name().unwrap());
        fs::copy(&script, &copy).unwrap();
        let before = outside(&root);
        let output = Arc::new(Printed::default());
        let reads = [root.join("script"), "examples".into(), "models".into()];
        let host = Host::new(Context {
            out: Some(root.join("out")),
            sandbox: Some(Sandbox::new(reads)),
            operations: Some(1_000_000),
            output: output.clone(),
            ..Context::default()
        });
        let ended = host.run_file(&copy, &[root.display().to_string()]);
        let end = ended.map_or_else(|diagnostic| diagnostic.render(false), |()| "no error\n".into());
        let here = format!("{}/", env!("CARGO_MANIFEST_DIR"));
        let printed = output.0.lock().unwrap().clone();
        let shown = format!("{printed}{end}").replace(root.to_str().unwrap(), "ROOT").replace(&here, "");
        let expected = script.with_extension("txt");
        if update {
            fs::write(&expected, &shown).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != shown {
            differing.push(format!("{}:\n{shown}", script.display()));
        }
        assert!(before == outside(&root), "{} changed what it may not", script.display());
    }
    assert!(differing.is_empty(), "not what is on file:\n\n{}", differing.join("\n"));
}

#[cfg(unix)]
#[test]
fn a_run_does_not_follow_a_link_out_of_the_output_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (out, other) = (folder.path().join("out"), folder.path().join("other"));
    fs::create_dir(&out).unwrap();
    fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink(&other, out.join("runs")).unwrap();
    let context = Context { out: Some(out), sandbox: Some(Sandbox::default()), ..Context::default() };
    let refused = Host::new(context).run_text("test", "experiment::start(\"take\")", &[]).unwrap_err();
    assert!(refused.headline.contains("leads out of the output folder"), "{}", refused.headline);
    assert_eq!(fs::read_dir(other).unwrap().count(), 0);
}

#[test]
fn every_function_that_takes_a_path_is_tried_by_a_hostile_script() {
    const PATHS: [&str; 6] = ["path", "file", "folder", "config", "from", "inside"];
    let tried =
        ["reading", "writing"].map(|name| fs::read_to_string(hostile().join(name).with_extension("rhai")));
    let tried = tried.map(Result::unwrap).concat();
    let host = Host::new(Context::default());
    // Parts of latents have paths, and columns are renamed from one name.
    let is_file = |entry: &ricercar::script::Entry| {
        entry
            .parameters
            .first()
            .is_some_and(|first| !["Latent", "Table"].contains(&&*first.kind) || entry.name == "save")
    };
    let takes_path = |entry: &&ricercar::script::Entry| {
        entry.own
            && is_file(entry)
            && entry.form != Form::Operator
            && entry.parameters.iter().any(|p| p.kind != "map" && PATHS.contains(&p.name.as_str()))
    };
    let takers: Vec<_> = host.help().entries().iter().filter(takes_path).collect();
    assert!(takers.len() > 20, "{}", takers.len());
    for entry in takers {
        let call = match entry.module.as_str() {
            "" => format!("{}(", entry.name),
            module => format!("{module}::{}(", entry.name),
        };
        assert!(tried.contains(&call), "no hostile script tries `{}`", entry.signature());
    }
}

/// Natives reach the disk by the paths that the settings allow, and nothing else of the machine.
#[test]
fn no_native_goes_around_the_settings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/script/api");
    let mut folders = vec![folder];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).unwrap();
            for word in
                ["std::fs", "fs::", "File::", "read_dir", "std::env", "env::", "std::net", "TcpStream"]
            {
                assert!(!text.contains(word), "{} uses `{word}`", path.display());
            }
        }
    }
    assert!(files > 25, "{files}");
}
