//! The tools around scripts: `check`, `fmt`, `test`, `watch` and `doc`.

use std::fs;
use std::path::{Path, PathBuf};

use ricercar::script::{Checker, Context, Host};

use crate::program::Program;

/// Every script of the repository, those that are wrong on purpose aside.
fn scripts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["examples", "scripts", "stdlib"].map(|folder| root.join(folder));
    let mut waiting = Vec::from(folders);
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rhai") {
                found.push(path);
            }
        }
    }
    assert!(found.len() >= 20, "{found:?}");
    found
}

#[test]
fn nothing_is_wrong_with_scripts_that_run() {
    let checker = Checker::new();
    let mut found = checker.files(scripts()).findings;
    let host = Host::new(Context::default());
    let examples = host.help().entries().iter().filter(|entry| entry.own);
    for (path, example) in examples.flat_map(|entry| entry.examples().into_iter().map(|e| (entry.path(), e)))
    {
        found.extend(checker.text(&path, &example));
    }
    let told: Vec<String> = found.iter().map(|finding| finding.render(false)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn shipped_scripts_are_laid_out_as_the_formatter_lays_them_out() {
    let checker = Checker::new();
    for path in scripts() {
        let text = fs::read_to_string(&path).unwrap();
        let formatted = checker.format(&path.display().to_string(), &text);
        let formatted = formatted.unwrap_or_else(|error| panic!("{}", error.render(false)));
        assert!(formatted == text, "`ricercar fmt` would change {}", path.display());
        // However its lines begin, what comes out is the same.
        let ragged = text.lines().map(|line| line.trim_start().to_owned() + " \n\n\n").collect::<String>();
        let is_moved = !text.contains('`') && !text.contains("/*");
        if is_moved {
            let once = checker.format("ragged", &ragged).unwrap();
            let lines =
                |text: &str| text.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(lines(&once), lines(&text), "{}", path.display());
            assert_eq!(checker.format("ragged", &once).unwrap(), once);
        }
    }
}

#[test]
fn scripts_are_laid_out_in_place_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| Program::with(arguments).within(folder.path()).run();
    fs::create_dir(path("more")).unwrap();
    fs::write(path("a.rhai"), "let a=[1,\n2];\n").unwrap();
    fs::write(path("more/b.rhai"), "let b = 1;\n").unwrap();
    fs::write(path("more/text.txt"), "let b=1;").unwrap();
    let ended = run(&["fmt", "--check", "a.rhai", "more"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "a.rhai\n"), "{}", ended.stderr);
    assert_eq!(ended.stderr, "1 of 2 scripts would change\n");
    assert_eq!(fs::read_to_string(path("a.rhai")).unwrap(), "let a=[1,\n2];\n");
    let ended = run(&["fmt", "."]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "laid out a.rhai\n"));
    assert_eq!(fs::read_to_string(path("a.rhai")).unwrap(), "let a = [1,\n    2];\n");
    assert_eq!(run(&["fmt", "--check", "."]).code, Some(0));

    fs::write(path("c.rhai"), "let = 1;\n").unwrap();
    let ended = run(&["fmt", "c.rhai", "a.rhai"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.starts_with("error: ") && ended.stderr.contains("c.rhai, line 1"),
        "{}",
        ended.stderr
    );
    assert_eq!(fs::read_to_string(path("c.rhai")).unwrap(), "let = 1;\n");
}

#[test]
fn a_script_on_stdin_is_laid_out_to_stdout() {
    let ended = Program::with(&["fmt", "-"]).run_with("f( 1,2 )");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "f(1, 2)\n"), "{}", ended.stderr);
}

const WRONG: &str = r#"import "band" as band;
let g = model::load("hybrid");
let song = g.generate(#{ sede: 1 });
song.tranpose(2);
for take in g.generate(#{ count: 3 }) { take.sav("x.mid"); }
print(sogn);
theory::nte("C4");
thery::note("C4");
fn thicker(song) { song + g }
thicker(1, 2);
let up = |t| t.transpose(1, 2, 3);
interp::line(g.latent(#{}), 1, #{ mode: "slrep" });
band::solo(1);
"#;

#[test]
fn all_that_is_wrong_is_told_at_once_in_imported_files_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("piece.rhai"), WRONG).unwrap();
    fs::write(folder.path().join("band.rhai"), "fn solo() { theory::note() }\n").unwrap();
    let told = Program::with(&["check", "piece.rhai"]).within(folder.path()).run().failed(1);
    let headlines: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    assert_eq!(
        headlines,
        [
            "no option `sede`: `generate` has seed, count, truncate, threshold, temperature, tempo",
            "a Multitrack has no method `tranpose`",
            "a Multitrack has no method `sav`",
            "no variable `sogn`",
            "the module `theory` has no function `nte`",
            "no module `thery`",
            "the function `thicker` does not see `g`",
            "`thicker` takes 1 argument",
            "`mode` has no choice `slrep`: there are lerp, slerp",
            "`band::solo` takes 0 arguments, got 1",
            "`theory::note` does not take ()",
        ],
        "{told}"
    );
    assert!(told.contains("did you mean `transpose`?") && told.ends_with("11 wrong in 2 files\n"), "{told}");
}

#[test]
fn an_import_that_the_sandbox_refuses_is_told_without_running() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("scripts")).unwrap();
    fs::create_dir(path("out")).unwrap();
    fs::write(path("secret.rhai"), "fn answer() { no_such_thing }\n").unwrap();
    let text = "import \"../secret\" as secret;\nprint(secret::answer());\n";
    fs::write(path("scripts/piece.rhai"), text).unwrap();
    let line = ["check", "--sandbox", "--out", "out", "scripts/piece.rhai"];
    let told = Program::with(&line).within(folder.path()).run().failed(1);
    assert!(told.starts_with("error: cannot import `../secret`: "), "{told}");
    assert!(told.contains("outside the folders") && told.contains("line 1"), "{told}");
    assert!(!told.contains("no_such_thing"), "what may not be read is not read: {told}");
    let ran =
        Program::with(&["run", line[1], line[2], line[3], line[4]]).within(folder.path()).run().failed(1);
    assert_eq!(ran.lines().next(), told.lines().next(), "the same words as when it runs");
    let told = Program::with(&["check", "scripts/piece.rhai"]).within(folder.path()).run().failed(1);
    assert!(told.contains("no_such_thing"), "{told}");
}

#[test]
fn tests_have_the_time_and_the_operations_that_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let text = "fn test_short() { assert(true) }\nfn test_endless() { loop { } }\n\
                fn test_after() { assert_eq(1, 1) }\n";
    fs::write(folder.path().join("a_test.rhai"), text).unwrap();
    for (limit, why) in [
        (["--max-seconds", "1"], "the script ran longer than it may"),
        (["--max-operations", "10000"], "the script did more than it may"),
    ] {
        let ended = Program::with(&["test", limit[0], limit[1]]).within(folder.path()).run();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.stdout.contains(why) && ended.stdout.contains("FAILED a_test.rhai: test_endless"),
            "{ended:?}"
        );
        assert!(ended.stdout.ends_with("2 passed, 1 failed\n"), "what follows has its own time: {ended:?}");
    }
}

#[test]
fn editors_get_places_as_json() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rhai"), "let a = 1;\nprint(aa);\n").unwrap();
    fs::write(folder.path().join("b.rhai"), "let a = ;\n").unwrap();
    let ended = Program::with(&["check", "--json", "a.rhai", "b.rhai"]).within(folder.path()).run();
    assert_eq!(ended.code, Some(1));
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
    let place = ["file", "line", "column", "end_column"].map(|key| found[0][key].to_string());
    assert_eq!(place, ["\"a.rhai\"", "2", "7", "9"]);
    assert_eq!(found[0]["message"], "no variable `aa`");
    assert_eq!(found[1]["file"], "b.rhai");
}

#[test]
fn what_is_right_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rhai"), "import \"b\" as b;\nprint(b::two(1));\n").unwrap();
    fs::write(folder.path().join("b.rhai"), "fn two(n) { n + 1 }\n").unwrap();
    let ended = Program::with(&["check", "a.rhai"]).within(folder.path()).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "nothing wrong in 2 files\n"));
}

#[test]
fn tests_are_counted_and_failures_are_told_with_what_they_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("more")).unwrap();
    fs::write(path("more/norm_test.rhai"), "fn test_norm() { assert_eq(1 + 1, 2) }\n").unwrap();
    fs::write(
        path("test_sum.rhai"),
        "print(\"set up\");\nimport \"std/pick\" as pick;\nfn two() { 2 }\n\
         fn test_right() { assert_eq(two(), 2) }\nfn test_wrong() { assert_eq(two(), 3) }\n",
    )
    .unwrap();
    fs::write(path("piece.rhai"), "fn test_not_by_default() { throw \"named only\" }\n").unwrap();

    let ended = Program::with(&["test"]).within(folder.path()).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""));
    assert_eq!(
        ended.stdout,
        "FAILED test_sum.rhai: test_wrong\n\
         error: expected both to be equal: the first is 2, the second is 3\n\
         \x20 ┌ test_sum.rhai, line 5\n\
         5 │ fn test_wrong() { assert_eq(two(), 3) }\n\
         \x20 │                   ^^^^^^^^^\n\
         \x20 printed: set up\n\n\
         2 passed, 1 failed\n"
    );
    let filtered = Program::with(&["test", "--filter", "right"]).within(folder.path()).run().well();
    assert_eq!(filtered, "1 passed, 0 failed\n");
    let named = Program::with(&["test", "piece.rhai", "more"]).within(folder.path()).run();
    assert!(
        named.stdout.contains("named only") && named.stdout.ends_with("1 passed, 1 failed\n"),
        "{named:?}"
    );
    let none = Program::with(&["test", "--filter", "nothing"]).within(folder.path()).run().failed(1);
    assert!(none.starts_with("error: no test with `nothing` in its name: "), "{none}");
}

#[cfg(unix)]
#[test]
fn a_watched_script_runs_again_when_a_file_of_it_changes_and_not_when_it_is_wrong() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("piece.rhai", "import \"part\" as part;\nprint(`${part::name()} ${args[0]}`);\n");
    write("part.rhai", "fn name() { \"first\" }\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_ricercar"))
        .args(["watch", "piece.rhai", "yes"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(printed.next().as_deref(), Some("first yes"));
    let status = told.next().unwrap();
    assert!(status.starts_with("watch: piece.rhai ran in ") && status.ends_with(" s"), "{status}");

    write("part.rhai", "fn nam() { \"second one\" }\n");
    let said: Vec<String> = told.by_ref().take_while(|line| !line.starts_with("watch:")).collect();
    assert!(said[0].contains("the module `part` has no function `name`"), "{said:?}");
    write("part.rhai", "fn name() { \"third time\" }\n");
    assert_eq!(printed.next().as_deref(), Some("third time yes"));
    assert!(told.next().unwrap().starts_with("watch: piece.rhai ran in "));

    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(printed.next(), None, "nothing ran in between");
}

#[cfg(unix)]
#[test]
fn a_watched_script_that_is_not_trusted_may_neither_run_for_ever_nor_leave_its_folders() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| fs::write(folder.path().join("piece.rhai"), text).unwrap();
    write("loop { }");
    let mut child = Command::new(env!("CARGO_BIN_EXE_ricercar"))
        .args(["watch", "--sandbox", "--max-seconds", "1", "--max-operations", "1000000000000"])
        .args(["--out", "out", "piece.rhai"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut until_it_waits = || -> String {
        told.by_ref().take_while(|line| !line.starts_with("watch:")).collect::<Vec<_>>().join("\n")
    };
    let endless = until_it_waits();
    write("data::load(\"/etc/passwd\")");
    let curious = until_it_waits();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(endless.contains("the script ran longer than it may"), "{endless}");
    assert!(curious.contains("outside the folders that the sandbox lets scripts read"), "{curious}");
}

#[test]
fn the_reference_is_written_as_markdown_and_html() {
    let folder = tempfile::tempdir().unwrap();
    Program::with(&["doc", "--out", "pages"]).within(folder.path()).run().well();
    let read = |name: &str| fs::read_to_string(folder.path().join("pages").join(name)).unwrap();
    let (markdown, html) = (read("reference.md"), read("reference.html"));
    assert!(Program::with(&["doc"]).run().well().trim_end() == markdown.trim_end(), "two runs differ");
    assert!(markdown.contains("Keys: `steps`, `mode` (lerp, slerp).\n"), "options are listed");
    assert!(html.contains("<h2 id=\"module-theory\">theory::</h2>"));
    assert!(html.contains("<code>theory::note(name: string) -&gt; int</code>"));
    for tag in ["section", "p", "ul", "li", "pre", "code", "dl", "h2", "h3"] {
        let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn definitions_hold_every_function_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    Program::with(&["doc", "--definitions", "d"]).within(folder.path()).run().well();
    let host = Host::new(Context::default());
    let mut count = 0;
    for (name, text) in host.help().definitions() {
        let written = fs::read_to_string(folder.path().join("d").join(&name)).unwrap();
        assert!(written == text, "{} differs from run to run", name.display());
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
        for line in lines.filter(|line| !line.starts_with("module ")) {
            count += 1;
            let (head, returns) = line.rsplit_once(") -> ").unwrap_or_else(|| panic!("{line}"));
            assert!(returns.ends_with(';') && !returns.contains("EvalAltResult"), "{line}");
            let (called, parameters) = head.split_once('(').unwrap();
            if called.starts_with("op ") || called.contains('$') {
                continue;
            }
            // The head of a definition is that of a function, but for its types.
            let names =
                parameters.split(", ").filter(|p| !p.is_empty()).map(|p| p.split_once(':').unwrap().0);
            let names: Vec<&str> = names.collect();
            let function = format!("{}({}) {{ }}", called.replace("fn get ", "fn "), names.join(", "));
            let read = host.compile_check("definition", &function);
            let reserved = ["fn print(", "fn debug("].iter().any(|name| function.starts_with(name));
            assert!(reserved || read.is_ok(), "{line}: {:?}", read.map_err(|error| error.headline));
        }
    }
    assert_eq!(count, host.help().entries().iter().filter(|entry| entry.own).count());
}

#[test]
fn the_editor_folder_says_what_the_program_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode");
    let json = |name: &str| -> serde_json::Value {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let package = json("package.json");
    for part in ["/contributes/grammars/0/path", "/contributes/languages/0/configuration"] {
        json(package.pointer(part).unwrap().as_str().unwrap());
    }

    let host = Host::new(Context::default());
    let modules: Vec<&str> = host.help().modules().iter().map(|(name, _)| name.as_str()).collect();
    let grammar = json("syntaxes/rhai.tmLanguage.json");
    assert_eq!(grammar["repository"]["modules"]["match"], format!("\\b({})(::)", modules.join("|")));

    let checker = Checker::new();
    let snippets = json("snippets/ricercar.json");
    for (name, snippet) in snippets.as_object().unwrap() {
        let lines = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        let script = filled_in(&lines.collect::<Vec<_>>().join("\n"));
        let found: Vec<String> = checker.text(name, &script).iter().map(|f| f.render(false)).collect();
        assert!(found.is_empty(), "{script}\n{}", found.join("\n"));
    }

    let tasks = json("tasks.json");
    for task in tasks["tasks"].as_array().unwrap() {
        let command = task["args"][0].as_str().unwrap();
        Program::with(&[command, "--help"]).run().well();
    }
}

/// A snippet as it is when nothing is changed: of `${1:text}` stays `text`.
fn filled_in(body: &str) -> String {
    let mut script = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("${") {
        let (place, after) = after.split_once('}').unwrap();
        script += before;
        script += place.split_once(':').unwrap().1;
        rest = after;
    }
    script + rest
}
