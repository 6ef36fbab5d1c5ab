//! Pages: what goes over the wire, and scripts that are pages.

use std::sync::Arc;

use ricercar::music::{Family, Multitrack, Note, Pianoroll, Pitch, Resolution, Track};
use ricercar::page::{Kind, Music, ROOT, Tree};

fn text(words: &str) -> String {
    words.to_owned()
}

fn two_notes() -> Multitrack {
    let note =
        |start, pitch| Note { start, end: start + 4, pitch: Pitch::new(pitch).unwrap(), velocity: 100 };
    let track = |family, pitch| {
        Track::of_family(family, Pianoroll::from_notes(16, &[note(0, pitch), note(8, pitch + 2)]))
    };
    let tracks = vec![track(Family::Drums, 36), track(Family::Bass, 40)];
    Multitrack::new(tracks, Resolution::new(4).unwrap())
}

/// One widget of each kind.
fn every_kind() -> Vec<(Kind, &'static str)> {
    let music = Arc::new(Music::of(&two_notes()));
    vec![
        (
            Kind::Slider { min: 60.0, max: 200.0, step: 1.0, value: 120.0, unit: text("bpm"), whole: true },
            "Tempo",
        ),
        (Kind::Number { min: Some(0.0), max: None, step: 1.0, value: 27.0, whole: true }, "Seed"),
        (Kind::Menu { items: vec![text("Piano"), text("Organ")], value: text("Organ") }, "Instrument"),
        (Kind::Button { primary: true }, "New"),
        (Kind::CheckBox { value: true }, "Lock"),
        (Kind::Text { value: text(""), placeholder: text("a name"), lines: 1 }, "Name"),
        (Kind::Label { text: text("**Bold** and `code`") }, ""),
        (Kind::Upload { accept: vec![text(".mid")], most: 1 << 20, value: None }, "Your file"),
        (
            Kind::Roll {
                music: Some(Arc::clone(&music)),
                small: false,
                play: true,
                height: 320,
                selected: false,
            },
            "",
        ),
        (Kind::Player { music: Some(music) }, ""),
        (Kind::Table { columns: vec![text("a")], rows: vec![vec![text("1")]] }, ""),
        (Kind::Picture { image: text("data:image/png;base64,AA=="), alt: text("a chart") }, ""),
        (Kind::Grid { columns: 4 }, ""),
        (Kind::Row, ""),
        (Kind::Column, ""),
        (Kind::Drawer { open: false }, "More"),
        (Kind::Pad { corners: ["A", "B", "C", "D"].map(text), value: [0.5, 0.25] }, "Between"),
        (
            Kind::Code {
                lines: vec![text("z = 1;")],
                can_undo: true,
                can_redo: false,
                script: text("let z = 0;\nz = 1;\n"),
                link: text("abc"),
            },
            "Script",
        ),
        (Kind::Download { name: text("piece.mid") }, "MIDI"),
    ]
}

#[test]
fn a_page_reads_in_the_browser_as_it_always_did() {
    let mut tree = Tree::default();
    tree.change(ROOT, |root| root.label = text("All kinds")).unwrap();
    let ids: Vec<_> =
        every_kind().into_iter().map(|(kind, label)| tree.add(kind, label, "").unwrap()).collect();
    tree.fill(14, vec![ids[3], ids[4]]).unwrap();
    let described = serde_json::to_string_pretty(&tree.described()).unwrap() + "\n";
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/page/described.json");
    if std::env::var_os("RICERCAR_BLESS").is_some() {
        std::fs::write(golden, &described).unwrap();
    }
    assert_eq!(described, std::fs::read_to_string(golden).unwrap(), "see {golden}");
}
