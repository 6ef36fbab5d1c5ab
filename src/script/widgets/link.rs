//! Works of a page: making them, taking steps, and all that is needed to open a page again as it was.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::FnPtr;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Caller, Files, Widgets, Work, files_in, move_all, safe_name};
use crate::base::{read_file, write_atomically};
use crate::page::{Bytes, Id, Kind, pack, unpack};
use crate::script::options::{Fallible, refuse, stopped};
use crate::script::{Context, Diagnostic, Kind as What};

/// Bytes of a state, unpacked.
const MOST: usize = 64 << 20;
/// Letters of a link that browsers keep.
const LONGEST_LINK: usize = 16 << 10;
/// Most works of a page.
const MOST_WORKS: usize = 64;
/// What is written now.
const VERSION: u32 = 1;

/// What a link or a file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    version: u32,
    program: String,
    /// SHA-256 of the page's script.
    script: Option<String>,
    /// The seed of what is drawn without one.
    seed: u64,
    /// Which work of the page it is.
    work: usize,
    setup: String,
    steps: Vec<(String, Option<String>)>,
    /// Content hashes of the models in variables.
    models: BTreeMap<String, String>,
    /// The numbers of the latents in variables, as little-endian 32-bit floats.
    latents: BTreeMap<String, Bytes>,
    /// Files of visitors that setup or steps mention.
    files: BTreeMap<String, Bytes>,
    /// What the widgets have been set to, by their numbers.
    values: BTreeMap<Id, Value>,
    /// Uploads and the names of those of `files` that they hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    uploads: BTreeMap<Id, String>,
}

impl Widgets {
    /// Makes a work; its number.
    pub(in crate::script) fn add_work(&self, context: &Context, setup: &str) -> Fallible<usize> {
        self.open()?;
        if self.stage().works.len() >= MOST_WORKS {
            return Err(refuse(format!("a page has {MOST_WORKS} works and no more")));
        }
        let folder = self.0.folder.path()?;
        let work = Work::new(context, &folder, &folder, setup);
        let work = work.map_err(|wrong| told("the work's setup", &wrong))?;
        let mut stage = self.stage();
        stage.works.push((Arc::new(Mutex::new(work)), None));
        Ok(stage.works.len() - 1)
    }

    /// Looks at a work, or does something to it.
    pub(in crate::script) fn work<R>(&self, number: usize, look: impl FnOnce(&mut Work) -> R) -> Fallible<R> {
        let work = self.stage().works.get(number).map(|(work, _)| Arc::clone(work));
        let work = work.ok_or_else(|| refuse("the work belongs to another page"))?;
        let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(look(&mut work))
    }

    /// What is called when a work has changed.
    pub(in crate::script) fn when_work_changes(&self, number: usize, function: FnPtr) {
        if let Some((_, changed)) = self.stage().works.get_mut(number) {
            *changed = Some(function);
        }
    }

    /// Does a step of a work and tells whoever waits for it.
    pub(in crate::script) fn run_step(
        &self,
        caller: &Caller,
        number: usize,
        line: &str,
        key: Option<&str>,
    ) -> Fallible<()> {
        let files = self.files();
        let done = self.work(number, |work| {
            know(work, &files);
            work.run(line, key)
        })?;
        done.map_err(|wrong| told(&format!("`{}`", line.trim()), &wrong))?;
        self.work_changed(caller, number)
    }

    /// Takes a step back or does it again; whether there was one.
    pub(in crate::script) fn step(&self, caller: &Caller, number: usize, redo: bool) -> Fallible<bool> {
        let moved = self.work(number, |work| if redo { work.redo() } else { work.undo() })?;
        if moved {
            self.work_changed(caller, number)?;
        }
        Ok(moved)
    }

    /// Shows a work in a code.
    pub(in crate::script) fn show_work(&self, id: Id, number: usize) -> Fallible<()> {
        self.stage().codes.insert(id, number);
        self.refresh_code(None, id, number)
    }

    /// Shows all works anew, with links that hold what the widgets of the page are set to.
    pub(in crate::script) fn refresh_codes(&self, context: Option<&Context>) -> Fallible<()> {
        let codes = self.stage().codes.clone();
        codes.into_iter().try_for_each(|(id, number)| self.refresh_code(context, id, number))
    }

    fn work_changed(&self, caller: &Caller, number: usize) -> Fallible<()> {
        self.refresh_codes(None)?;
        let mut stage = self.stage();
        let function = stage.works.get(number).and_then(|(_, changed)| changed.clone());
        // A function that changes the work itself sees what comes of it without being called again.
        let Some(function) = function.filter(|_| !stage.changing.contains(&number)) else { return Ok(()) };
        stage.changing.push(number);
        drop(stage);
        let _told = Told(self, number);
        caller.call(&function, Vec::new()).map(drop)
    }

    /// Without a `context` the link stays as it is.
    fn refresh_code(&self, context: Option<&Context>, id: Id, number: usize) -> Fallible<()> {
        let fresh =
            self.work(number, |work| (work.lines(), work.can_undo(), work.can_redo(), work.script()))?;
        let link = context.map(|context| self.state(context, number)).transpose()?;
        let link = link.map(|link| if link.len() > LONGEST_LINK { String::new() } else { link });
        self.change(id, |node| {
            if let Kind::Code { lines, can_undo, can_redo, script, link: shown } = &mut node.kind {
                (*lines, *can_undo, *can_redo, *script) = fresh;
                if let Some(link) = link {
                    *shown = link;
                }
            }
        })
    }

    /// All that is needed to open the page again as it is, as letters that fit into an address.
    pub(in crate::script) fn state(&self, context: &Context, number: usize) -> Fallible<String> {
        let values = self.tree(|tree| {
            let set = tree.iter().filter_map(|node| Some((node.id, node.kind.value()?)));
            set.collect::<BTreeMap<_, _>>()
        });
        let held = self.tree(|tree| {
            let held = tree.iter().filter_map(|node| match &node.kind {
                Kind::Upload { value, .. } => Some((node.id, value.clone()?)),
                _ => None,
            });
            held.collect::<BTreeMap<_, _>>()
        });
        let given = self.files();
        let state = self.work(number, |work| -> Fallible<State> {
            let text = work.script();
            let used = given.iter().filter(|(name, _)| text.contains(&format!("\"{name}\"")));
            let file = |(name, path): (&String, &PathBuf)| {
                read_file(path).map(|bytes| (name.clone(), Bytes(bytes))).map_err(refuse)
            };
            let files: BTreeMap<_, _> = used.map(file).collect::<Fallible<_>>()?;
            Ok(State {
                version: VERSION,
                program: crate::VERSION.to_owned(),
                script: context.ledger.script_sha256(),
                seed: work.host().context().seed.0,
                work: number,
                setup: work.setup().to_owned(),
                steps: work.steps().iter().map(|step| (step.line.clone(), step.key.clone())).collect(),
                models: work.models().map(|(name, model)| (name, model.hash().to_owned())).collect(),
                latents: work
                    .latents()
                    .map(|(name, latent)| (name, Bytes(bytes_of(latent.values()))))
                    .collect(),
                uploads: held.into_iter().filter(|(_, name)| files.contains_key(name)).collect(),
                files,
                values,
            })
        })??;
        Ok(pack(&serde_json::to_string(&state).map_err(refuse)?))
    }

    /// Opens the page as it was when `state` was made; what is otherwise than it was then, a line each.
    ///
    /// # Errors
    /// That the state is damaged, needs another model, or has a line that fails; works, widgets and files stay as
    /// they are then. Otherwise the files of the state, and those that its lines have written, take the place of
    /// those of the same name.
    pub(in crate::script) fn restore(
        &self,
        context: &Context,
        caller: &Caller,
        packed: &str,
    ) -> Fallible<Vec<String>> {
        let text = unpack(packed, MOST).map_err(refuse)?;
        let state: State = serde_json::from_str(&text)
            .map_err(|_| refuse("the link is not one of a page, or of a newer program"))?;
        if state.version != VERSION {
            return Err(refuse(format!(
                "the link is of kind {}, this program reads kind {VERSION}",
                state.version
            )));
        }
        let number = state.work;
        self.work(number, |_| ())?;
        let mut remarks = Vec::new();
        let same_script = state.script == context.ledger.script_sha256();
        if !same_script {
            remarks.push("the page's script has changed since the link was made".to_owned());
        }
        let (folder, aside) = (self.0.folder.path()?, self.0.folder.aside()?);
        for (name, Bytes(bytes)) in &state.files {
            write_atomically(&aside.path().join(safe_name(name)), bytes).map_err(refuse)?;
        }
        let mut files = self.files();
        files.extend(files_in(aside.path()));
        let context = Context { seed: crate::base::Seed(state.seed), ..context.clone() };
        let mut fresh = Work::new(&context, &folder, aside.path(), &state.setup)
            .map_err(|wrong| told("the link's setup", &wrong))?;
        know(&fresh, &files);
        replay(&mut fresh, &state, &mut remarks)?;
        // From here on the link is accepted.
        let moved = move_all(aside.path(), &folder).map_err(refuse)?;
        fresh.write_to(&folder);
        know(&fresh, &moved);
        self.work(number, |work| *work = fresh)?;
        if same_script {
            for (id, name) in &state.uploads {
                // As with values, below: the upload may not be there yet, and then holds nothing.
                if self.node(*id).is_ok_and(|node| matches!(node.kind, Kind::Upload { .. })) {
                    let _ = self.hold_file(*id, &safe_name(name));
                }
            }
            let mut stage = self.stage();
            for (id, value) in &state.values {
                // The same script makes the same widgets; one that was made by a gesture is not there yet.
                if let Ok(told) = stage.tree.set(*id, value) {
                    stage.tell(told);
                }
            }
        }
        self.work_changed(caller, number)?;
        Ok(remarks)
    }

    /// The files that visitors have given.
    fn files(&self) -> Files {
        self.0.folder.made().map(files_in).unwrap_or_default()
    }
}

/// The change of a work is being told until this is dropped, in a panic as well.
struct Told<'a>(&'a Widgets, usize);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.stage().changing.retain(|known| *known != self.1);
    }
}

/// Has steps find visitors' files by their names.
fn know(work: &Work, files: &Files) {
    for (name, path) in files {
        work.host().context().ledger.writes(name, path);
    }
}

/// Does the steps of a state in a work that has its setup, and compares what comes of it.
fn replay(work: &mut Work, state: &State, remarks: &mut Vec<String>) -> Fallible<()> {
    for (line, key) in &state.steps {
        work.run(line, key.as_deref()).map_err(|wrong| told(&format!("the link's line `{line}`"), &wrong))?;
    }
    for (name, model) in work.models() {
        if let Some(hash) = state.models.get(&name).filter(|hash| *hash != model.hash()) {
            return Err(refuse(format!(
                "the link was made with the model {hash}, here `{}` is {}: it would make other music",
                model.name(),
                model.hash()
            )));
        }
    }
    for (name, latent) in work.latents() {
        if state.latents.get(&name).is_some_and(|Bytes(bytes)| *bytes != bytes_of(latent.values())) {
            remarks.push(format!("the latent `{name}` is not the one that the link holds, to the last bit"));
        }
    }
    Ok(())
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// What went wrong in a step, as an error of the script that wanted it.
fn told(what: &str, wrong: &Diagnostic) -> Box<rhai::EvalAltResult> {
    match wrong.kind {
        What::Stopped => stopped(),
        What::Bug => refuse(format!("{what} met a bug in ricercar: {}", wrong.headline)),
        What::Error => {
            let label = wrong.excerpt.as_ref().map(|excerpt| excerpt.label.as_str());
            let more = label.filter(|label| !label.is_empty()).or(wrong.help.as_deref());
            let more = more.map(|more| format!(" ({more})")).unwrap_or_default();
            refuse(format!("{what} failed: {}{more}", wrong.headline))
        }
    }
}
