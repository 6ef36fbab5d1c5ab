//! Pages: what goes over the wire, and scripts that are pages.

use std::sync::{Arc, Mutex};

use ricercar::base::Seed;
use ricercar::music::{Family, Multitrack, Note, Pianoroll, Pitch, Resolution, Track};
use ricercar::page::{Bytes, Change, Event, Id, Kind, Music, Node, ROOT, Sink, Tree};
use ricercar::script::{Context, Host, Loaded, Page};
use serde_json::{Value, json};

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
    assert_eq!(described, include_str!("../golden/page/described.json"));
}

/// Keeps what it hears.
#[derive(Default)]
struct Ears(Mutex<Vec<Change>>);

impl Sink for Ears {
    fn changed(&self, change: Change) {
        self.0.lock().unwrap().push(change);
    }

    fn busy(&self, _: Option<(u64, u64, String)>) {}
}

/// A page that somebody looks at.
struct Visit {
    page: Page,
    ears: Arc<Ears>,
}

impl Visit {
    fn to(name: &str, script: &str, context: Context) -> Self {
        let ears = Arc::new(Ears::default());
        let page = Page::open(context, name, script, &[], Arc::<Ears>::clone(&ears));
        Self { page: page.unwrap_or_else(|wrong| panic!("{}", wrong.render(false))), ears }
    }

    fn script(script: &str) -> Self {
        Self::to("page.rhai", script, Context::default())
    }

    /// What has been heard since the last time.
    fn heard(&self) -> Vec<Change> {
        std::mem::take(&mut *self.ears.0.lock().unwrap())
    }

    /// The last failure since then, in one line.
    fn failure(&self) -> Option<(Id, String)> {
        self.heard().into_iter().rev().find_map(|change| match change {
            Change::Failed { id, headline, .. } => Some((id, headline)),
            _ => None,
        })
    }

    fn nodes(&self) -> Vec<Node> {
        fn all(node: Node, found: &mut Vec<Node>) {
            found.push(node.clone());
            node.children.into_iter().for_each(|child| all(child, found));
        }
        let mut found = Vec::new();
        all(self.page.described().root, &mut found);
        found
    }

    /// The first widget with this label, or of this kind.
    fn find(&self, name: &str) -> Node {
        let nodes = self.nodes();
        let found = nodes.into_iter().find(|node| node.label == name || node.kind.name() == name);
        found.unwrap_or_else(|| panic!("no widget `{name}`"))
    }

    /// The widget with this label in the row of this player.
    fn of_player(&self, player: &str, label: &str) -> Id {
        let words = format!("**{player}**");
        let is_name = |node: &Node| matches!(&node.kind, Kind::Label { text } if *text == words);
        let rows = self.nodes().into_iter().filter(|node| node.children.iter().any(is_name));
        rows.last().unwrap().children.into_iter().find(|node| node.label == label).unwrap().id
    }

    fn set(&mut self, id: Id, value: Value) {
        self.page.event(Event::Set { id, value });
    }

    fn click(&mut self, id: Id) {
        self.page.event(Event::Click { id });
    }

    /// The same, of something that must go well.
    fn well(&mut self, act: impl FnOnce(&mut Self)) {
        self.heard();
        act(self);
        assert_eq!(self.failure(), None);
    }

    /// What the page's roll shows.
    fn song(&self) -> Multitrack {
        self.page.music(self.find("The phrase").id).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        match self.find("a code").kind {
            Kind::Code { lines, .. } => lines,
            other => panic!("{other:?}"),
        }
    }

    fn code(&self) -> (String, String) {
        match self.find("a code").kind {
            Kind::Code { script, link, .. } => (script, link),
            other => panic!("{other:?}"),
        }
    }

    fn download(&mut self, label: &str) -> Vec<u8> {
        let id = self.find(label).id;
        self.page.file(id).unwrap_or_else(|wrong| panic!("{}", wrong.render(false))).1
    }
}

#[test]
fn a_page_can_be_driven_from_any_thread() {
    fn is_send<T: Send>() {}
    is_send::<Page>();
}

#[test]
fn what_visitors_do_is_called_back_and_what_changes_is_told() {
    let mut visit = Visit::script(
        "let tempo = ui::slider(\"Tempo\", 60, 200, #{ value: 120 });
         let shown = ui::roll(music::line(\"bass\", \"C2 G2\").to_song(), #{ label: \"Roll\" });
         tempo.on_change(|bpm| { shown.value = shown.value.with_tempo(bpm); print(type_of(bpm)); });
         ui::page(\"Beats\", [shown, tempo]);",
    );
    assert_eq!(visit.page.described().title, "Beats");
    let (tempo, roll) = (visit.find("Tempo").id, visit.find("Roll").id);
    let before = visit.page.music(roll).unwrap();
    visit.heard();
    let tempo = visit
        .nodes()
        .into_iter()
        .find(|node| node.label == "Tempo" && node.id != ROOT)
        .map_or(tempo, |n| n.id);
    visit.set(tempo, json!(90));
    let heard: Vec<Value> =
        visit.heard().iter().map(|change| serde_json::to_value(change).unwrap()).collect();
    assert_eq!(heard[0], json!({ "kind": "change", "id": tempo, "set": { "value": 90.0 } }));
    assert_eq!((&heard[1]["id"], &heard[1]["set"]["music"]["tempo"]), (&json!(roll), &json!(90.0)));
    assert_eq!(heard[2], json!({ "kind": "printed", "text": "i64" }));
    assert_eq!(visit.page.music(roll).unwrap().tracks(), before.tracks());
}

#[test]
fn a_callback_that_fails_is_told_at_its_widget_and_the_page_lives_on() {
    let mut visit = Visit::script(
        "let good = ui::button(\"Good\");
         let bad = ui::button(\"Bad\");
         let count = ui::label(\"0\");
         good.on_click(|| count.value = (count.value.parse_int() + 1).to_string());
         bad.on_click(|| { if count.value == \"0\" { nowhere(1); } });",
    );
    let (good, bad) = (visit.find("Good").id, visit.find("Bad").id);
    visit.click(bad);
    let failed = visit.heard();
    let Some(Change::Failed { id, message, headline }) = failed.last() else { panic!("{failed:?}") };
    assert_eq!((*id, headline.as_str()), (bad, "no function `nowhere`"));
    assert!(message.contains("page.rhai, line 5"), "{message}");
    visit.well(|visit| visit.click(good));
    assert_eq!(visit.find("a label").kind, Kind::Label { text: "1".into() });
    visit.heard();
    visit.click(bad);
    assert_eq!(visit.heard(), [Change::Cleared { id: bad }]);
}

#[test]
fn what_no_page_sends_is_refused() {
    let mut visit = Visit::script(
        "ui::slider(\"Tempo\", 60, 200); let off = ui::button(\"Off\"); off.enabled = false; ui::menu(\"Mood\", [\"calm\"]);",
    );
    let (tempo, off, mood) = (visit.find("Tempo").id, visit.find("Off").id, visit.find("Mood").id);
    let events = [
        (Event::Set { id: tempo, value: json!("fast") }, "a number from 60 to 200"),
        (Event::Set { id: tempo, value: json!(null) }, "a number from 60 to 200"),
        (Event::Click { id: tempo }, "is a slider"),
        (Event::Click { id: off }, "switched off"),
        (Event::Set { id: mood, value: json!("wild") }, "has no `wild`"),
        (Event::Set { id: 999, value: json!(1) }, "no widget 999"),
        (Event::Undo { id: off }, "is a button"),
        (Event::Upload { id: mood, name: "a.mid".into(), data: Bytes(vec![0]) }, "is a menu"),
        (Event::Restore { state: "nonsense".into() }, "not one of a page"),
    ];
    for (event, expected) in events {
        visit.page.event(event.clone());
        let (_, headline) = visit.failure().unwrap_or_else(|| panic!("{event:?} went well"));
        assert!(headline.contains(expected), "{event:?}: {headline}");
    }
}

#[test]
fn a_hostile_file_is_an_error_at_its_upload() {
    let mut visit = Visit::script(
        "let song = ui::upload(\"Song\", #{ most: 1000 }); song.on_change(|s| print(s.track_names));",
    );
    let id = visit.find("Song").id;
    let mut endless = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\xff\xff\xff\xff".to_vec();
    endless.extend([0xff; 64]);
    let files = [
        ("a.mid", b"MThd".to_vec(), "a.mid"),
        ("b.mid", endless, "b.mid"),
        ("c.exe", vec![0; 10], ".mid"),
        ("d.mid", vec![0; 2000], "takes 1000"),
        ("../../e.mid", vec![0; 10], "e.mid"),
    ];
    for (name, data, expected) in files {
        visit.page.event(Event::Upload { id, name: name.into(), data: Bytes(data) });
        let (at, headline) = visit.failure().unwrap_or_else(|| panic!("{name} went well"));
        assert!(at == id && headline.contains(expected) && !headline.contains("/tmp"), "{name}: {headline}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("good.mid");
    ricercar::midi::write(&file, &two_notes(), &Default::default()).unwrap();
    visit.well(|visit| {
        let data = Bytes(std::fs::read(&file).unwrap());
        visit.page.event(Event::Upload { id, name: "good.mid".into(), data });
    });
    assert_eq!(visit.find("Song").kind.name(), "an upload");
}

#[test]
fn a_callback_that_never_ends_can_be_stopped() {
    let mut visit = Visit::script("let b = ui::button(\"B\"); b.on_click(|| loop {}); ui::button(\"C\");");
    let cancel = visit.page.cancel().clone();
    let id = visit.find("B").id;
    std::thread::scope(|threads| {
        let click = threads.spawn(|| {
            visit.click(id);
            visit
        });
        cancel.raise();
        visit_after(click.join().unwrap());
    });

    fn visit_after(mut visit: Visit) {
        assert!(visit.failure().is_some_and(|(_, headline)| headline == "stopped"));
        let other = visit.find("C").id;
        visit.page.cancel().reset();
        visit.well(|visit| visit.click(other));
    }
}

fn creator(loaded: &Loaded) -> Visit {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/creator.rhai");
    let context = Context { loaded: Some(loaded.clone()), ..Context::default() };
    Visit::to("creator.rhai", &std::fs::read_to_string(path).unwrap(), context)
}

fn track(song: &Multitrack, name: &str) -> Pianoroll {
    song.track(name).unwrap().roll.clone()
}

#[test]
fn the_creator_opens_with_a_phrase_and_draws_others() {
    let mut visit = creator(&Loaded::default());
    let first = visit.song();
    assert_eq!((first.bar_count(), first.is_silent(), visit.lines().len()), (4, false, 0));
    let new = visit.find("New phrase").id;
    visit.well(|visit| visit.click(new));
    let second = visit.song();
    assert_ne!(second, first);
    visit.well(|visit| visit.click(new));
    assert_ne!(visit.song(), second);
    let code = visit.find("a code").id;
    visit.page.event(Event::Undo { id: code });
    assert_eq!(visit.song(), second);
    visit.page.event(Event::Undo { id: code });
    assert_eq!((visit.song(), visit.lines().len()), (first, 0));
    visit.page.event(Event::Redo { id: code });
    assert_eq!(visit.song(), second);
}

#[test]
fn the_creator_breeds() {
    let mut visit = creator(&Loaded::default());
    let (vary, main) = (visit.find("Eight variations").id, visit.song());
    visit.well(|visit| visit.click(vary));
    let litter: Vec<Multitrack> =
        (1..=8).map(|n| visit.page.music(visit.find(&n.to_string()).id).unwrap()).collect();
    assert_eq!(visit.song(), main);
    assert!(litter.iter().all(|child| *child != main) && litter[0] != litter[7]);
    let third = visit.find("3").id;
    visit.well(|visit| visit.click(third));
    assert_eq!(visit.song(), litter[2]);
    assert_ne!(visit.page.music(visit.find("1").id).unwrap(), litter[0]);
}

#[test]
fn the_creators_players_are_locked_muted_soloed_redrawn_and_dressed() {
    let mut visit = creator(&Loaded::default());
    let first = visit.song();
    let redraw = visit.of_player("drums", "Re-draw");
    visit.well(|visit| visit.click(redraw));
    let drums = visit.song();
    assert_ne!(track(&drums, "drums"), track(&first, "drums"));
    for other in ["piano", "guitar", "bass", "strings"] {
        assert_eq!(track(&drums, other), track(&first, other), "{other}");
    }

    let (lock, new) = (visit.of_player("piano", "Lock"), visit.find("New phrase").id);
    visit.well(|visit| visit.set(lock, json!(true)));
    visit.well(|visit| visit.click(new));
    assert_eq!(track(&visit.song(), "piano"), track(&first, "piano"));
    assert_ne!(track(&visit.song(), "bass"), track(&first, "bass"));

    let (mute, solo) = (visit.of_player("drums", "Mute"), visit.of_player("bass", "Solo"));
    visit.well(|visit| visit.set(mute, json!(true)));
    assert!(track(&visit.song(), "drums").is_silent() && !track(&visit.song(), "piano").is_silent());
    visit.well(|visit| visit.set(solo, json!(true)));
    let silent = |name: &str| track(&visit.song(), name).is_silent();
    assert!(silent("drums") && silent("piano") && !silent("bass"));
    let code = visit.find("a code").id;
    visit.page.event(Event::Undo { id: code });
    let is_ticked = |label: &str, player: &str| {
        let id = visit.of_player(player, label);
        visit.nodes().iter().any(|node| node.id == id && node.kind == Kind::CheckBox { value: true })
    };
    assert!(!is_ticked("Solo", "bass") && is_ticked("Mute", "drums") && is_ticked("Lock", "piano"));
    assert!(!track(&visit.song(), "piano").is_silent());

    let menu = visit.of_player("guitar", "Instrument");
    visit.well(|visit| visit.set(menu, json!("Church Organ")));
    assert_eq!(visit.song().track("guitar").unwrap().program.name(), "Church Organ");
    visit.well(|visit| visit.click(new));
    assert_eq!(visit.song().track("guitar").unwrap().program.name(), "Church Organ");
}

#[test]
fn the_creators_sliders_do_what_they_are_called() {
    let mut visit = creator(&Loaded::default());
    let notes = |song: &Multitrack| {
        song.tracks().iter().filter(|t| !t.is_drum).map(|t| t.roll.note_count()).sum::<usize>()
    };
    let height = |song: &Multitrack| {
        let pitched = song.tracks().iter().filter(|t| !t.is_drum).flat_map(|t| t.roll.notes());
        let pitches: Vec<f64> = pitched.map(|note| f64::from(note.pitch.number())).collect();
        pitches.iter().sum::<f64>() / pitches.len() as f64
    };
    let off_beat = |song: &Multitrack| ricercar::metrics::quality(song, "syncopated").unwrap().unwrap();
    let mut ends = |name: &str| {
        let id = visit.find(name).id;
        let mut at = |value: f64| {
            visit.well(|visit| visit.set(id, json!(value)));
            visit.song()
        };
        let ends = (at(-8.0), at(8.0));
        at(0.0);
        ends
    };
    let (sparse, dense) = ends("Denser");
    assert!(notes(&sparse) < notes(&dense), "{} {}", notes(&sparse), notes(&dense));
    let (low, high) = ends("Higher");
    assert!(height(&low) < height(&high), "{} {}", height(&low), height(&high));
    let (straight, syncopated) = ends("More syncopated");
    assert!(off_beat(&straight) < off_beat(&syncopated));
    // Dragging is one line for each slider.
    assert_eq!(visit.lines().len(), 3);

    let (tempo, before) = (visit.find("Tempo").id, visit.song());
    visit.well(|visit| visit.set(tempo, json!(90)));
    assert_eq!((visit.song().tempo().bpm(), visit.song().tracks()), (90.0, before.tracks()));

    let pad = visit.find("Between four phrases").id;
    visit.well(|visit| visit.set(pad, json!([1, 0])));
    let right = visit.song();
    visit.well(|visit| visit.set(pad, json!([0.5, 0.5])));
    assert_ne!(visit.song(), right);
    let place = visit.find("Four others").id;
    visit.well(|visit| visit.click(place));

    let part = visit.find("z_it.bass").id;
    let before = visit.song();
    visit.well(|visit| visit.set(part, json!(0.8)));
    assert_ne!(track(&visit.song(), "bass"), track(&before, "bass"));
    assert_eq!(track(&visit.song(), "piano"), track(&before, "piano"));

    let (decision, level) = (visit.find("Decision").id, visit.find("Threshold").id);
    visit.well(|visit| visit.set(decision, json!("threshold")));
    visit.well(|visit| visit.set(level, json!(0.1)));
    let many = notes(&visit.song());
    visit.well(|visit| visit.set(level, json!(0.9)));
    assert!(notes(&visit.song()) < many);
    visit.well(|visit| visit.set(decision, json!("by chance")));
    let temperature = visit.find("Temperature").id;
    visit.well(|visit| visit.set(temperature, json!(2.0)));
}

#[test]
fn the_creator_answers_a_melody() {
    let mut visit = creator(&Loaded::default());
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/bass.mid");
    let data = Bytes(std::fs::read(file).unwrap());
    let id = visit.find("Your MIDI file").id;
    visit.well(|visit| visit.page.event(Event::Upload { id, name: "my bass.mid".into(), data }));
    let song = visit.song();
    let given = ricercar::midi::read(file.as_ref()).unwrap().to_multitrack(Resolution::MODEL).unwrap();
    let (given, _) = given.merge_to_families();
    assert_eq!(track(&song, "bass").sounding()[..96], track(&given, "bass").sounding()[..96]);
    assert!(!track(&song, "piano").is_silent() || !track(&song, "guitar").is_silent());
    assert!(visit.lines()[0].contains("midi::read(\"my_bass.mid\")"), "{:?}", visit.lines());
    // The other gestures go on from there.
    let redraw = visit.of_player("drums", "Re-draw");
    visit.well(|visit| visit.click(redraw));
    assert_eq!(track(&visit.song(), "bass"), track(&song, "bass"));
    let vary = visit.find("Eight variations").id;
    visit.well(|visit| visit.click(vary));
    // What was uploaded travels with the state.
    let saved = String::from_utf8(visit.download("Save all")).unwrap();
    let mut other = creator(&Loaded::default());
    let open = other.find("Open what you saved").id;
    let data = Bytes(saved.into_bytes());
    other.well(|other| other.page.event(Event::Upload { id: open, name: "piece.ricercar".into(), data }));
    assert_eq!(other.song(), visit.song());
    // The file is there as if it had been given here.
    let (file, around) = (other.find("Your MIDI file"), other.find("Play around it"));
    assert!(matches!(file.kind, Kind::Upload { value: Some(name), .. } if name == "my_bass.mid"));
    assert!(around.enabled);
    let (bass, drums) = (other.find("bass"), other.find("drums"));
    assert!(bass.enabled && bass.kind == Kind::CheckBox { value: true } && !drums.enabled);
    let before = other.song();
    other.well(|other| other.click(around.id));
    assert_ne!(other.song(), before);
    assert_eq!(track(&other.song(), "bass"), track(&before, "bass"));
    let alone = visit.find("Compose without it").id;
    visit.well(|visit| visit.click(alone));
    assert_ne!(track(&visit.song(), "bass"), track(&song, "bass"));
}

#[test]
fn the_creators_piece_is_made_again_by_its_script_its_link_and_its_files() {
    let loaded = Loaded::default();
    let mut visit = creator(&loaded);
    let gestures =
        [visit.find("New phrase").id, visit.of_player("bass", "Re-draw"), visit.find("Eight variations").id];
    for id in gestures {
        visit.well(|visit| visit.click(id));
    }
    let (tempo, denser) = (visit.find("Tempo").id, visit.find("Denser").id);
    visit.well(|visit| visit.set(tempo, json!(93)));
    visit.well(|visit| visit.set(denser, json!(3)));
    let song = visit.song();
    let (script, link) = visit.code();

    // A fresh host with another seed makes the same bytes.
    let folder = tempfile::tempdir().unwrap();
    let context = Context { out: Some(folder.path().to_owned()), seed: Seed(5), ..Context::default() };
    let host = Host::new(context);
    drop(host.run_text("copy.rhai", &format!("{script}song.save(\"copy.mid\");"), &[]).unwrap());
    // The page's files say which script made them, the copy's another; the music is the same.
    let copy = ricercar::midi::read(&folder.path().join("copy.mid")).unwrap();
    let ours = ricercar::midi::parse(&visit.download("MIDI")).unwrap();
    assert_eq!(
        copy.to_multitrack(Resolution::MODEL).unwrap(),
        ours.to_multitrack(Resolution::MODEL).unwrap()
    );

    let mut other = creator(&loaded);
    assert_ne!(other.song(), song);
    other.well(|other| other.page.restore(&link));
    assert_eq!((other.song(), other.lines()), (song, visit.lines()));
    assert_eq!(other.find("Tempo").kind, visit.find("Tempo").kind);
    assert_eq!(other.code().1, link);

    for (label, head) in [("WAV", &b"RIFF"[..]), ("PNG", b"\x89PNG"), ("npz", b"PK"), ("MIDI", b"MThd")] {
        assert!(visit.download(label).starts_with(head), "{label}");
    }
}

#[test]
fn a_refused_link_leaves_files_as_they_were_and_an_accepted_one_brings_its_own() {
    let script =
        "let work = ui::work(\"let g = model::load(\\\"hybrid\\\"); let song = ();\"); ui::code(work);
        let file = ui::upload(\"Song\");
        file.on_change(|song| work.run(\"song = midi::read(\\\"a.mid\\\"); song.save(\\\"b.mid\\\");\"));
        ui::button(\"Read\").on_click(|| work.run(\"song = midi::read(\\\"a.mid\\\");\"));
        ui::button(\"Copy\").on_click(|| work.run(\"song = midi::read(\\\"b.mid\\\");\"));
        ui::download(\"Take\", \"song.mid\", || work.song);";
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = [("one.mid", two_notes()), ("two.mid", two_notes().transpose(5))].map(|(name, song)| {
        let file = folder.path().join(name);
        ricercar::midi::write(&file, &song, &Default::default()).unwrap();
        std::fs::read(file).unwrap()
    });
    let given = |bytes: &[u8]| {
        let mut visit = Visit::script(script);
        let (id, name, data) = (visit.find("Song").id, "a.mid".into(), Bytes(bytes.to_vec()));
        visit.well(|visit| visit.page.event(Event::Upload { id, name, data }));
        visit
    };
    let pressed = |visit: &mut Visit, label: &str| {
        let id = visit.find(label).id;
        visit.well(|visit| visit.click(id));
        ricercar::midi::parse(&visit.download("Take")).unwrap().to_multitrack(Resolution::MODEL).unwrap()
    };
    let (mut visit, mut other) = (given(&one), given(&two));
    let (own, others) = (pressed(&mut visit, "Read"), pressed(&mut other, "Read"));
    assert_ne!(own, others);
    let link = other.code().1;
    let mut state: Value = serde_json::from_str(&ricercar::page::unpack(&link, 1 << 20).unwrap()).unwrap();
    state["models"]["g"] = json!("000000000000");
    visit.page.restore(&ricercar::page::pack(&state.to_string()));
    assert!(visit.failure().is_some());
    assert_eq!((pressed(&mut visit, "Read"), pressed(&mut visit, "Copy")), (own.clone(), own));
    visit.well(|visit| visit.page.restore(&link));
    assert_eq!((pressed(&mut visit, "Read"), pressed(&mut visit, "Copy")), (others.clone(), others.clone()));
    // A file that cannot be read does not take the place of one that can.
    let (id, name) = (visit.find("Song").id, "a.mid".into());
    visit.page.event(Event::Upload { id, name, data: Bytes(b"MThd".to_vec()) });
    assert!(visit.failure().is_some());
    assert_eq!(pressed(&mut visit, "Read"), others);
}

#[test]
fn a_link_to_another_model_is_refused_and_nothing_changes() {
    let script = "let work = ui::work(\"let g = model::load(\\\"hybrid\\\"); let n = 1;\"); ui::code(work);
        ui::button(\"Up\").on_click(|| work.run(\"n += 1;\"));";
    let mut visit = Visit::script(script);
    let link = visit.code().1;
    let text = ricercar::page::unpack(&link, 1 << 20).unwrap();
    let mut state: Value = serde_json::from_str(&text).unwrap();
    state["models"]["g"] = json!("000000000000");
    let up = visit.find("Up").id;
    visit.well(|visit| visit.click(up));
    visit.page.restore(&ricercar::page::pack(&state.to_string()));
    let (_, headline) = visit.failure().unwrap();
    assert!(headline.contains("000000000000") && headline.contains("hybrid"), "{headline}");
    assert_eq!(visit.lines(), ["n += 1;"]);
    state["models"] = json!({});
    state["script"] = json!("another");
    visit.page.restore(&ricercar::page::pack(&state.to_string()));
    let told = visit.heard();
    assert!(
        told.iter().any(|change| matches!(change, Change::Printed { text } if text.contains("has changed"))),
        "{told:?}"
    );
    assert!(visit.lines().is_empty());
}
