//! The formatter on scripts of all sorts: what it changes, and that it changes nothing that runs.

use super::*;
use crate::script::{Context, Host};

fn formatted(text: &str) -> String {
    Checker::new().format("test", text).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

/// The first text becomes the second, which stays as it is.
fn becomes(text: &str, expected: &str) {
    assert_eq!(formatted(text), expected);
    assert_eq!(formatted(expected), expected, "laid out twice");
}

#[test]
fn blanks_stand_around_operators_and_after_commas() {
    becomes("let a=1+2*-3 ;", "let a = 1 + 2 * -3;\n");
    becomes("f ( a,b , [1,2 ] )", "f(a, b, [1, 2])\n");
    becomes("#{a:1,b : #{ } }", "#{ a: 1, b: #{} }\n");
    becomes("a . b( ) ?. c [ 0 ]", "a.b()?.c[0]\n");
}

#[test]
fn ranges_and_signs_before_one_operand_are_tight() {
    becomes("for i in 0 .. n-1 { f( - i, ! ok ) }", "for i in 0..n - 1 { f(-i, !ok) }\n");
    becomes("x..=  -5", "x..=-5\n");
    becomes("a&&! b||c ?? -d", "a && !b || c ?? -d\n");
}

#[test]
fn closures_and_bits_are_told_apart() {
    becomes("let f=| a,b |a|b;", "let f = |a, b| a | b;\n");
    becomes("let f=||a||b;", "let f = || a || b;\n");
    becomes("x.map(|| 1).filter( |n|n>1 )", "x.map(|| 1).filter(|n| n > 1)\n");
}

#[test]
fn calls_that_lend_and_operators_that_deny_keep_their_sense() {
    becomes("let r = f !( a ); x !in y", "let r = f!(a); x !in y\n");
}

#[test]
fn lines_stand_as_deep_as_their_brackets() {
    becomes(
        "fn f(a)\n{\nif a {\nreturn [\n1,\n2\n];\n}\nelse if b {\n3\n} else {\n4\n}\n}",
        "fn f(a)\n{\n    if a {\n        return [\n            1,\n            2\n        ];\n    }\n    \
         else if b {\n        3\n    } else {\n        4\n    }\n}\n",
    );
    becomes(
        "let r = sweep::grid(\n#{ seed: 0..64 },\n  |p| {\ng.generate(p)\n},\n);",
        "let r = sweep::grid(\n    #{ seed: 0..64 },\n    |p| {\n        g.generate(p)\n    },\n);\n",
    );
    becomes("f(#{\na: 1,\n});", "f(#{\n    a: 1,\n});\n");
}

#[test]
fn lines_that_go_on_with_a_statement_stand_one_level_deeper() {
    becomes(
        "let song = g.generate()\n.map(|t| {\nt.snap(scale)\n})\n.mute(\"bass\");\nlet b =\n1\n+ 2;\nc",
        "let song = g.generate()\n    .map(|t| {\n        t.snap(scale)\n    })\n    .mute(\"bass\");\n\
         let b =\n    1\n    + 2;\nc\n",
    );
    becomes("if a\n&& b {\nc()\n}\nd", "if a\n    && b {\n    c()\n}\nd\n");
    becomes(
        "switch a {\n1 => { b() }\n2 => c()\n.d(),\n_ => ()\n}",
        "switch a {\n    1 => { b() }\n    2 => c()\n        .d(),\n    _ => ()\n}\n",
    );
}

#[test]
fn empty_lines_become_one_and_blanks_at_ends_go() {
    becomes("\n\n//! x  \n\n\n\nlet a = 1;\t \n// b\n\n", "//! x\n\nlet a = 1;\n// b\n");
    becomes("let a = 1;\r\n\r\nlet b = 2;\r\n", "let a = 1;\n\nlet b = 2;\n");
    assert_eq!(formatted(""), "");
    assert_eq!(formatted(" \n\n"), "");
}

#[test]
fn comments_and_strings_stay_as_they_are() {
    becomes(
        "let a = 1;     // one\nlet bcd = 2;   // two\n/*  x\n y */ f( /*z*/ 1 )",
        "let a = 1;     // one\nlet bcd = 2;   // two\n/*  x\n y */ f( /*z*/ 1)\n",
    );
    becomes(
        "print(`a  ${ x+1 }\n  b`  );\nprint( \"c  d\" )",
        "print(`a  ${ x+1 }\n  b`);\nprint(\"c  d\")\n",
    );
}

#[test]
fn a_text_that_is_no_script_is_refused_with_its_mistake() {
    let error = Checker::new().format("a.rhai", "let = 1;").unwrap_err();
    assert_eq!((error.kind, error.excerpt.map(|e| e.source)), (Kind::Error, Some("a.rhai".to_owned())));
}

#[test]
fn every_example_of_the_reference_keeps_its_tokens_and_is_laid_out_once() {
    let checker = Checker::new();
    let host = Host::new(Context::default());
    let examples = host.help().entries().iter().filter(|entry| entry.own);
    let examples: Vec<String> = examples.flat_map(|entry| entry.examples()).collect();
    assert!(examples.len() > 100);
    for example in examples {
        let once = checker.format("example", &example).unwrap_or_else(|e| panic!("{}", e.render(false)));
        assert_eq!(checker.format("example", &once).unwrap(), once);
    }
}

proptest::proptest! {
    /// Pieces of the language thrown together: most are no scripts, those that are must keep their tokens.
    #[test]
    fn whatever_is_a_script_stays_the_same_script(
        words in proptest::collection::vec(0..WORDS.len(), 1..14),
        gaps in proptest::collection::vec(0..3_usize, 14),
    ) {
        let text: String = words.iter().zip(&gaps).flat_map(|(w, g)| [WORDS[*w], ["", " ", "\n"][*g]]).collect();
        CHECKER.with(|checker| match checker.format("t", &text) {
            Ok(once) => assert_eq!(checker.format("t", &once).unwrap(), once, "{text:?}"),
            Err(error) => assert_eq!(error.kind, Kind::Error, "{text:?}: {}", error.headline),
        });
    }
}

const WORDS: [&str; 34] = [
    "a", "b", "1", "2.5", "\"s\"", "`t ${a}`", "-", "+", "!", "(", ")", "[", "]", "{", "}", "#{", ":", ",",
    ";", ".", "..", "|", "||", "&", "=", "==", "<", "let ", "if ", "in ", "fn ", "// c\n", "/* d */", "?.",
];

thread_local! {
    static CHECKER: Checker = Checker::new();
}
