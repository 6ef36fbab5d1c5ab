//! What a file says of itself, by what it begins with.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::About;
use crate::audio::read_comments;
use crate::base::{FileError, Stamp, read_file};
use crate::experiment::run::hash::files_in;
use crate::experiment::run::{Maker, Manifest, Past, RunError};
use crate::experiment::{Cell, Table};
use crate::midi;
use crate::model::{Library, decode};
use crate::music::{Multitrack, Origin, Resolution};
use crate::npz;
use crate::train;
use crate::view::image::{read_png_text, read_svg_metadata};
use crate::view::song_facts;

/// Bytes that tell a format.
const HEAD: usize = 512;
/// Rows of a table that are counted at most bytes.
const LARGEST_TEXT: u64 = 64 << 20;

/// What the file or folder at `path` says.
pub(super) fn of(path: &Path) -> Result<About, RunError> {
    if path.is_dir() {
        return folder(path);
    }
    let (head, length) = head(path)?;
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let starts = |magic: &[u8]| head.starts_with(magic);
    let mut about = if starts(b"MThd") {
        midi_file(path)
    } else if starts(b"\x89PNG") {
        told(
            "a PNG picture",
            read_png_text(path).map(|texts| texts.into_iter().map(|(_, text)| text).collect()),
        )
    } else if starts(b"RIFF") && head.get(8..12) == Some(b"WAVE") {
        let lines = read_comments(path).map(|comments| comments.source.into_iter().chain(comments.software));
        told("a WAV sound", lines.map(Iterator::collect))
    } else if starts(b"PK\x03\x04") && extension == "npz" {
        npz_file(path)
    } else if starts(b"\x93NUMPY") {
        npy_file(path)
    } else if extension == "safetensors" {
        tensors(path)
    } else if String::from_utf8_lossy(&head).contains("<svg") {
        told("an SVG picture", read_svg_metadata(path))
    } else {
        text_file(path, &extension, length)
    };
    about.add("bytes", length.to_string());
    Ok(about)
}

fn head(path: &Path) -> Result<(Vec<u8>, u64), RunError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
    Ok((head, length))
}

/// A file that says of itself what lines say, or that is damaged.
fn told<E: std::error::Error>(what: &str, lines: Result<Vec<String>, E>) -> About {
    let mut about = About::of(what);
    match lines {
        Ok(lines) => {
            if let Some(origin) = lines.iter().find_map(|line| line.parse::<Origin>().ok()) {
                add_origin(&mut about, &origin);
            }
            if let Some(stamp) = lines.iter().find_map(|line| line.parse::<Stamp>().ok()) {
                add_stamp(&mut about, &stamp);
            }
        }
        Err(error) => about.add("damaged", error.to_string()),
    }
    about
}

fn midi_file(path: &Path) -> About {
    let mut about = About::of("a MIDI file");
    let read = midi::read(path).and_then(|score| {
        let music = score.to_multitrack(score.resolution().unwrap_or(Resolution::MIDI))?;
        Ok((music, score.stamp))
    });
    match read {
        Ok((music, stamp)) => add_music(&mut about, &music, stamp.as_deref()),
        Err(error) => about.add("damaged", error.to_string()),
    }
    about
}

fn npz_file(path: &Path) -> About {
    if let Ok((count, layout)) = npz::phrases_stated(path) {
        let mut about = About::of("a set of phrases");
        about.add("phrases", count.to_string());
        about.add("tracks", layout.track_names().join(", "));
        about.add(
            "length",
            format!("{} bars of {} steps", layout.bars(), layout.steps() / layout.bars().max(1)),
        );
        if let Some(stamp) = npz::read_stamp(path).ok().flatten() {
            add_stamp(&mut about, &stamp);
        }
        let songs = path.with_extension("songs.tsv");
        if songs.is_file() {
            about.add("songs", format!("told in {}", songs.display()));
        }
        return about;
    }
    let mut about = About::of("a pianoroll (pypianoroll)");
    match npz::read_multitrack(path) {
        Ok(music) => add_music(&mut about, &music, npz::read_stamp(path).ok().flatten().as_ref()),
        Err(error) => {
            about.what = "a NumPy archive".to_owned();
            about.add("contents", error.to_string());
        }
    }
    about
}

fn npy_file(path: &Path) -> About {
    let mut about = About::of("a NumPy array");
    match npz::read_npy(path) {
        Ok(array) => about.add("shape", format!("{:?}", array.shape())),
        Err(error) => about.add("contents", error.to_string()),
    }
    about
}

fn add_music(about: &mut About, music: &Multitrack, stamp: Option<&Stamp>) {
    let mut facts = song_facts(music);
    facts.truncate(4);
    about.add("music", facts.join(", "));
    about.add("tracks", music.track_names().join(", "));
    if let Some(origin) = music.origin() {
        add_origin(about, origin);
    }
    if let Some(stamp) = stamp {
        add_stamp(about, stamp);
    }
}

fn add_origin(about: &mut About, origin: &Origin) {
    let seed = origin.seed.map(|seed| format!("seed {seed}"));
    let latent = Some(format!("latent {}", origin.latent)).filter(|_| !origin.latent.is_empty());
    let model = Some(format!("model {}", origin.model)).filter(|_| !origin.model.is_empty());
    about.add("made of", model.into_iter().chain(seed).chain(latent).collect::<Vec<_>>().join(", "));
    let name = origin.model.split(' ').next().filter(|name| !name.is_empty());
    if let (Some(name), Some(seed)) = (name, origin.seed) {
        about.add("its latent", format!("model::load({name:?}).latent(#{{ seed: {seed} }})"));
    }
}

fn add_stamp(about: &mut About, stamp: &Stamp) {
    let run = match (&stamp.run, &stamp.config) {
        (Some(run), Some(config)) => Some(format!("run {run}, config {config}")),
        (run, _) => run.as_ref().map(|run| format!("run {run}")),
    };
    let script = stamp.script.as_ref().map(|script| format!("script {script}"));
    let all = std::iter::once(stamp.program.clone()).chain(script).chain(run);
    about.add("made by", all.collect::<Vec<_>>().join(", "));
}

/// A latent, a model's weights, a checkpoint, or somebody else's tensors.
fn tensors(path: &Path) -> About {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut about = About::of("tensors (safetensors)");
    match read_file(path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| decode(path, &bytes).map_err(|error| error.to_string()))
    {
        Ok((tensors, texts)) => {
            if let Some(parts) = texts.get("latent") {
                about.what = "a latent".to_owned();
                about.add("parts", parts.clone());
            }
            if let Some(stamp) = texts.get("made").and_then(|line| line.parse().ok()) {
                add_stamp(&mut about, &stamp);
            }
            let numbers: usize = tensors.iter().map(|tensor| tensor.values.len()).sum();
            about.add("tensors", format!("{} of {numbers} numbers", tensors.len()));
            let mut short: Vec<_> = texts
                .into_iter()
                .filter(|(name, text)| text.len() <= 80 && !matches!(name.as_str(), "latent" | "made"))
                .collect();
            short.sort();
            short
                .into_iter()
                .for_each(|(name, text)| about.add(&name, text.lines().collect::<Vec<_>>().join(" ")));
        }
        Err(error) => about.add("damaged", error),
    }
    if let Some(listing) = Library::listing(folder) {
        about.add(
            "part of",
            format!("model {} {} in {}", listing.description.name, listing.hash, folder.display()),
        );
    }
    about
}

fn folder(path: &Path) -> Result<About, RunError> {
    if let Some(listing) = Library::listing(path) {
        let mut about = About::of("a model");
        let description = listing.description;
        about.add("model", format!("{} {}", description.name, listing.hash));
        about.add("about", description.about);
        let training = description.training;
        about.add(
            "trained",
            format!(
                "{} steps of {} phrases each, on {} phrases, seed {}",
                training.steps, training.batch_size, training.phrases, training.seed
            ),
        );
        about.add("encodes", if description.inverse.is_some() { "yes" } else { "no inverse network" });
        return Ok(about);
    }
    match Past::read(path, "") {
        Ok(run) => return Ok(past(&run)),
        Err(RunError::NoRun(_)) => {}
        Err(error) => return Ok(broken(error)),
    }
    let mut about = About::of("a folder");
    about.add("files", files_in(path)?.len().to_string());
    if path.join("songs.tsv").is_file() {
        about.add("songs", "songs.tsv tells of them: a set of phrases in files of their own");
    }
    Ok(about)
}

fn broken(error: RunError) -> About {
    let mut about = About::of("a run's folder");
    about.add("damaged", error.to_string());
    about
}

/// A run as its record tells.
fn past(run: &Past) -> About {
    let mut about = About::of(match run.maker {
        Maker::Script => "a script's run",
        Maker::Training => "a training run",
    });
    about.add("name", run.name.clone());
    about.add("status", run.status.clone());
    if let Some(started) = &run.started {
        about.add("started", started.clone());
    }
    let line = |cells: &mut dyn Iterator<Item = (&str, &Cell)>| -> String {
        cells.map(|(name, cell)| format!("{name} {cell}")).collect::<Vec<_>>().join(", ")
    };
    for (name, cell) in run.facts.iter().filter(|(_, cell)| !cell.to_string().is_empty()) {
        about.add(name, cell.to_string());
    }
    for (name, cells) in [("config", &run.config), ("metrics", &run.metrics)] {
        let told = line(&mut cells.iter().map(|(name, cell)| (name.as_str(), cell)));
        if !told.is_empty() {
            about.add(name, told);
        }
    }
    about.add("files", run.outputs.to_string());
    about
}

/// Records, configs, tables and other texts.
fn text_file(path: &Path, extension: &str, length: u64) -> About {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new(""));
    if matches!(extension, "yaml" | "yml") {
        if let Ok(manifest) = Manifest::read(path) {
            let mut about = About::of("the record of a run");
            about.add("status", manifest.status.to_string());
            about.add("script", manifest.script.file);
            about.add("made by", manifest.program);
            about.add("files", (manifest.outputs.len() + manifest.elsewhere.len()).to_string());
            return about;
        }
        if name == train::MANIFEST
            && let Ok(run) = Past::read(folder, "")
        {
            return past(&run);
        }
        if name == "model.yaml"
            && let Some(listing) = Library::listing(folder)
        {
            let mut about = About::of("the description of a model");
            about.add("part of", format!("model {} {}", listing.description.name, listing.hash));
            return about;
        }
        if let Ok(config) = train::TrainConfig::read(path) {
            let mut about = About::of("the config of a training run");
            about.add("name", config.name);
            about.add("steps", config.steps.to_string());
            return about;
        }
    }
    let text = if length <= LARGEST_TEXT { std::fs::read_to_string(path).ok() } else { None };
    match (extension, text) {
        ("rhai", Some(text)) => {
            let mut about = About::of("a script");
            about.add("sha256", super::super::hash::of_bytes(text.as_bytes()));
            about
        }
        ("csv", Some(text)) => {
            let mut about = About::of("a table (CSV)");
            if let Ok(table) = Table::from_csv(&text) {
                about.add("rows", table.len().to_string());
                about.add("columns", table.columns().join(", "));
            }
            about
        }
        ("json", Some(_)) => About::of("data (JSON)"),
        (_, Some(_)) => About::of("a text"),
        (_, None) => About::of("a file of a kind that this program does not know"),
    }
}
