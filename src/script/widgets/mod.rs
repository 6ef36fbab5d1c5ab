//! The widgets that a host's scripts have made, with what belongs to them and only a script has: functions
//! that are called back, music, works. What [`crate::page`] knows of them is in its tree.
//!
//! Values of scripts hold numbers of widgets and of works and never the things themselves, so that a function
//! that is called back and mentions its own widget keeps nothing alive.

mod act;
mod folder;
mod link;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Dynamic, FnPtr};
use serde_json::Value;

use super::options::{Fallible, number, refuse};
use super::types::plain_name;
use crate::music::Multitrack;
use crate::page::{Change, Id, Kind, Music, Node, PageError, Sink, Tree, Unheard};

pub(super) use act::Caller;
pub(super) use folder::safe_name;
use folder::{Files, Folder, files_in, move_all};
pub(super) use work::Work;

/// The widgets of a host; clones share them.
#[derive(Clone)]
pub struct Widgets(Arc<Shared>);

struct Shared {
    /// Whether there is a widget or a work at all.
    in_use: AtomicBool,
    /// Whether widgets can be made here.
    is_open: bool,
    stage: Mutex<Stage>,
    folder: Folder,
}

/// What there is on a page and behind it.
struct Stage {
    tree: Tree,
    sink: Arc<dyn Sink>,
    callbacks: BTreeMap<Id, FnPtr>,
    /// What a script sees as a widget's value, where the tree has only its picture.
    values: BTreeMap<Id, Dynamic>,
    /// Works, and what is called when they change, by number.
    works: Vec<(Arc<Mutex<Work>>, Option<FnPtr>)>,
    /// Code widgets and the numbers of the works that they show.
    codes: BTreeMap<Id, usize>,
    /// Works whose change is being told.
    changing: Vec<usize>,
    /// Whether widgets have been made that stand on the page without anybody having been told.
    has_more: bool,
    /// Widgets whose callback failed last time.
    failed: Vec<Id>,
}

impl Default for Widgets {
    /// Nobody looks.
    fn default() -> Self {
        Self::with(Arc::new(Unheard), true)
    }
}

impl Widgets {
    /// Widgets whose changes `sink` hears of.
    pub(super) fn heard_by(sink: Arc<dyn Sink>) -> Self {
        Self::with(sink, true)
    }

    /// For scripts that have no page and make none: the steps of a work.
    pub(super) fn closed() -> Self {
        Self::with(Arc::new(Unheard), false)
    }

    fn with(sink: Arc<dyn Sink>, is_open: bool) -> Self {
        Self(Arc::new(Shared {
            in_use: AtomicBool::new(false),
            is_open,
            stage: Mutex::new(Stage::empty(sink)),
            folder: Folder::default(),
        }))
    }

    /// Begins anew, without any widget.
    pub(super) fn clear(&self) {
        let mut stage = self.stage();
        *stage = Stage::empty(Arc::clone(&stage.sink));
        self.0.in_use.store(false, Ordering::Relaxed);
    }

    /// Whether some widget or work has been made.
    pub(super) fn in_use(&self) -> bool {
        self.0.in_use.load(Ordering::Relaxed)
    }

    /// Never held while a script runs.
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the tree.
    pub(super) fn tree<R>(&self, look: impl FnOnce(&Tree) -> R) -> R {
        look(&self.stage().tree)
    }

    /// Makes a widget.
    ///
    /// # Errors
    /// That there are too many, or that this is no place for widgets.
    pub(super) fn add(&self, kind: Kind, label: &str, hint: &str) -> Fallible<Id> {
        self.open()?;
        let mut stage = self.stage();
        let id = stage.tree.add(kind, label, hint).map_err(refuse)?;
        stage.has_more |= !stage.tree.is_laid_out();
        Ok(id)
    }

    /// Which widgets stand on the page, if that has changed without a word.
    pub(super) fn unsaid(&self) -> Option<Change> {
        let mut stage = self.stage();
        std::mem::take(&mut stage.has_more).then(|| stage.tree.on_the_page())
    }

    /// Notes that a script makes widgets.
    fn open(&self) -> Fallible<()> {
        if !self.0.is_open {
            return Err(refuse("a step of a work has no page: call `ui::` outside of it"));
        }
        self.0.in_use.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// A widget as it is, without its children.
    pub(super) fn node(&self, id: Id) -> Fallible<Node> {
        self.stage().tree.get(id).cloned().map_err(refuse)
    }

    /// Changes a widget as the script wants it, and tells what is different.
    pub(super) fn change(&self, id: Id, change: impl FnOnce(&mut Node)) -> Fallible<()> {
        let mut stage = self.stage();
        let told = stage.tree.change(id, change).map_err(refuse)?;
        stage.tell(told);
        Ok(())
    }

    /// Places widgets in a container.
    pub(super) fn fill(&self, id: Id, children: Vec<Id>) -> Fallible<()> {
        let mut stage = self.stage();
        let told = stage.tree.fill(id, children).map_err(refuse)?;
        stage.tell(Some(told));
        Ok(())
    }

    /// What is called when something is done to a widget.
    pub(super) fn call_back(&self, id: Id, function: FnPtr) {
        self.stage().callbacks.insert(id, function);
    }

    /// All functions that may yet be called back.
    pub(super) fn callbacks(&self) -> Vec<FnPtr> {
        let stage = self.stage();
        let of_works = stage.works.iter().filter_map(|(_, changed)| changed.clone());
        let of_downloads = stage.values.values().filter_map(|value| value.clone().try_cast::<FnPtr>());
        stage.callbacks.values().cloned().chain(of_works).chain(of_downloads).collect()
    }

    /// Keeps what a script sees as the value of a widget.
    pub(super) fn keep(&self, id: Id, value: Dynamic) {
        self.stage().values.insert(id, value);
    }

    /// What was kept.
    pub(super) fn kept(&self, id: Id) -> Option<Dynamic> {
        self.stage().values.get(&id).cloned()
    }

    /// The value of a widget as scripts see it.
    pub(super) fn value(&self, id: Id) -> Fallible<Dynamic> {
        let node = self.node(id)?;
        Ok(match &node.kind {
            Kind::Slider { value, whole, .. } | Kind::Number { value, whole, .. } => {
                of_number(*value, *whole)
            }
            Kind::Menu { value, .. } | Kind::Text { value, .. } => value.clone().into(),
            Kind::Label { text } => text.clone().into(),
            Kind::CheckBox { value } | Kind::Drawer { open: value } => (*value).into(),
            Kind::Pad { value, .. } => {
                value.iter().map(|n| Dynamic::from(*n)).collect::<rhai::Array>().into()
            }
            Kind::Upload { .. }
            | Kind::Roll { .. }
            | Kind::Player { .. }
            | Kind::Table { .. }
            | Kind::Picture { .. } => self.kept(id).unwrap_or(Dynamic::UNIT),
            _ => return Err(refuse(PageError::NotThisKind { label: node.called(), kind: node.kind.name() })),
        })
    }

    /// Shows music in a roll or a player; none if it is `()`.
    pub(super) fn show_music(&self, id: Id, value: Dynamic) -> Fallible<()> {
        let shown = match value.is_unit() {
            true => None,
            false => Some(Arc::new(Music::of(&as_music(&value)?))),
        };
        self.keep(id, value);
        self.change(id, |node| {
            if let Kind::Roll { music, .. } | Kind::Player { music } = &mut node.kind {
                *music = shown;
            }
        })
    }

    /// The music of a roll or a player.
    pub(super) fn music(&self, id: Id) -> Option<Multitrack> {
        let is_music = matches!(self.node(id).ok()?.kind, Kind::Roll { .. } | Kind::Player { .. });
        self.kept(id).filter(|_| is_music).and_then(|value| as_music(&value).ok())
    }
}

impl Stage {
    fn empty(sink: Arc<dyn Sink>) -> Self {
        Self {
            tree: Tree::default(),
            sink,
            callbacks: BTreeMap::new(),
            values: BTreeMap::new(),
            works: Vec::new(),
            codes: BTreeMap::new(),
            changing: Vec::new(),
            has_more: false,
            failed: Vec::new(),
        }
    }

    fn tell(&self, change: Option<Change>) {
        if let Some(change) = change {
            self.sink.changed(change);
        }
    }
}

/// The piece that a value is.
pub(super) fn as_music(value: &Dynamic) -> Fallible<Multitrack> {
    if let Some(track) = value.read_lock::<super::api::Track>() {
        return Ok(track.piece().clone());
    }
    let kind = plain_name(value.type_name());
    value.clone().try_cast::<Multitrack>().ok_or_else(|| refuse(format!("music is shown, got {kind}")))
}

/// A value of a script as a visitor's browser would send it.
pub(super) fn to_json(value: &Dynamic) -> Fallible<Value> {
    if let Ok(truth) = value.as_bool() {
        return Ok(truth.into());
    }
    if let Ok(text) = value.clone().into_string() {
        return Ok(text.into());
    }
    if let Ok(items) = value.clone().into_array() {
        return items.iter().map(to_json).collect::<Fallible<Vec<_>>>().map(Value::from);
    }
    number("value", value).map(Value::from)
}

fn of_number(value: f64, whole: bool) -> Dynamic {
    // Beyond this a float does not tell whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if whole && value.fract() == 0.0 && value.abs() <= EXACT { (value as i64).into() } else { value.into() }
}
