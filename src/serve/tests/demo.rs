//! A page without a script: a tree of widgets that do what tests want.

use std::sync::Arc;
use std::time::Duration;

use crate::base::Cancel;
use crate::music::{Family, Multitrack, Note, Pianoroll, Pitch, Resolution, Track};
use crate::page::{Change, Described, Event, Id, Kind, Music, ROOT, Sink, Tree};
use crate::script::Diagnostic;
use crate::serve::creator::{Act, Show};

pub const SLIDER: Id = 1;
pub const SLOW: Id = 2;
pub const PANIC: Id = 3;
pub const ROLL: Id = 4;
pub const DOWNLOAD: Id = 5;
pub const UPLOAD: Id = 6;
pub const FLOOD: Id = 7;
pub const NAP: Id = 8;

/// Makes such pages.
#[derive(Default)]
pub struct Demo {
    pub longest: Option<Duration>,
    /// Opening panics.
    pub is_broken: bool,
}

struct Acting {
    tree: Tree,
    music: Multitrack,
    cancel: Cancel,
    sink: Arc<dyn Sink>,
    /// How often a value has been set.
    sets: u64,
}

/// Four bars for five players.
pub fn music(shift: i64) -> Multitrack {
    let steps = 64;
    let note = |start: usize, length: usize, pitch: i64| Note {
        start,
        end: (start + length).min(steps),
        pitch: Pitch::new(pitch + shift).unwrap(),
        velocity: 90,
    };
    let every = |step: usize, make: &dyn Fn(usize) -> Vec<Note>| -> Pianoroll {
        Pianoroll::from_notes(steps, &(0..steps).step_by(step).flat_map(make).collect::<Vec<_>>())
    };
    let root = |at: usize| [48, 45, 41, 43][at / 16];
    let tracks = vec![
        Track::of_family(Family::Drums, every(2, &|at| vec![note(at, 1, if at % 8 == 4 { 38 } else { 42 })])),
        Track::of_family(
            Family::Piano,
            every(4, &|at| [12, 16, 19].map(|up| note(at, 3, root(at) + up)).to_vec()),
        ),
        Track::of_family(
            Family::Guitar,
            every(2, &|at| vec![note(at, 2, root(at) + 24 + [0, 4, 7][at / 2 % 3])]),
        ),
        Track::of_family(Family::Bass, every(4, &|at| vec![note(at, 3, root(at) - 12)])),
        Track::of_family(
            Family::Strings,
            every(16, &|at| vec![note(at, 16, root(at) + 19), note(at, 16, root(at) + 28)]),
        ),
    ];
    Multitrack::new(tracks, Resolution::new(4).unwrap())
}

impl Show for Demo {
    fn open(&self, cancel: Cancel, sink: Arc<dyn Sink>) -> Result<Box<dyn Act>, Box<Diagnostic>> {
        assert!(!self.is_broken, "planted");
        let music = music(0);
        let mut tree = Tree::default();
        let roll = Kind::Roll {
            music: Some(Arc::new(Music::of(&music))),
            small: false,
            play: true,
            height: 220,
            selected: false,
        };
        let kinds = [
            (
                Kind::Slider { min: 0.0, max: 100.0, step: 1.0, value: 50.0, unit: "%".into(), whole: true },
                "Amount",
            ),
            (Kind::Button { primary: false }, "Slow"),
            (Kind::Button { primary: false }, "Panic"),
            (roll, "Music"),
            (Kind::Download { name: "piece.txt".into() }, "Save"),
            (Kind::Upload { accept: vec![".mid".into()], most: 2 << 20, value: None }, "File"),
            (Kind::Button { primary: false }, "Flood"),
            (Kind::Button { primary: false }, "Nap"),
        ];
        for (kind, label) in kinds {
            tree.add(kind, label, "").unwrap();
        }
        Ok(Box::new(Acting { tree, music, cancel, sink, sets: 0 }))
    }

    fn longest(&self) -> Option<Duration> {
        self.longest
    }
}

impl Acting {
    fn told(&self, change: Option<Change>) {
        change.into_iter().for_each(|change| self.sink.changed(change));
    }

    /// Works until it is stopped.
    fn work(&self, id: Id) {
        for done in 0.. {
            if self.cancel.is_raised() {
                let why = if self.cancel.has_expired() { "out of time" } else { "stopped" };
                return self.sink.changed(Change::Failed { id, message: why.into(), headline: why.into() });
            }
            self.sink.busy(Some((done, 0, "working".into())));
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Act for Acting {
    fn described(&self) -> Described {
        self.tree.described()
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Set { id, value } => {
                self.sets += 1;
                let change = self.tree.set(id, &value).unwrap();
                self.told(change);
                self.sink.changed(Change::Printed { text: format!("{} sets", self.sets) });
            }
            Event::Click { id: SLOW } => self.work(SLOW),
            Event::Click { id: NAP } => std::thread::sleep(Duration::from_millis(500)),
            Event::Click { id: PANIC } => panic!("planted"),
            Event::Click { id: FLOOD } => {
                for number in 0_u64.. {
                    if self.cancel.is_raised() {
                        return;
                    }
                    self.sink.changed(Change::Printed { text: number.to_string() });
                }
            }
            Event::Click { id: ROLL } => {
                self.music = music(1);
                let new = Arc::new(Music::of(&self.music));
                let change = self.tree.change(ROLL, |node| {
                    if let Kind::Roll { music, .. } = &mut node.kind {
                        *music = Some(new);
                    }
                });
                self.told(change.unwrap());
            }
            Event::Upload { id, name, data } => {
                let text = format!("{name}: {} bytes", data.0.len());
                self.sink.changed(Change::Failed { id, message: text.clone(), headline: text });
            }
            _ => self.sink.changed(Change::Cleared { id: ROOT }),
        }
    }

    fn music(&self, id: Id) -> Option<Multitrack> {
        (id == ROLL).then(|| self.music.clone())
    }

    fn file(&mut self, id: Id) -> Result<(String, Vec<u8>), Box<Diagnostic>> {
        match id {
            DOWNLOAD => Ok(("my piece.txt".into(), b"la la".to_vec())),
            _ => Err(Box::new(Diagnostic::plain("nothing to take home"))),
        }
    }
}
