//! `ricercar about FILE…`: all that is known of files.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::Program;
use super::failure::Failure;
use crate::experiment::run::{About as Known, about};

/// Tell what is known of files.
#[derive(Debug, Args)]
pub(super) struct About {
    /// Music, pictures, sounds, tables, sets of phrases, models, runs
    #[arg(required = true, value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
    /// One JSON array with an object for each
    #[arg(long)]
    json: bool,
}

/// Tells of each file what it is, what it says of itself and which runs know it.
///
/// # Errors
/// That a file cannot be read.
pub(super) fn run(program: &Program, asked: &About) -> Result<(), Failure> {
    let mut told = Vec::new();
    for file in &asked.files {
        told.push((file.display().to_string(), about(file)?));
    }
    if asked.json {
        let all: Vec<Value> = told.iter().map(|(name, about)| to_json(name, about)).collect();
        return program.terminal.line(&format!("{:#}", Value::Array(all)));
    }
    let texts: Vec<String> = told.iter().map(|(name, about)| text(name, about)).collect();
    program.terminal.line(&texts.join("\n\n"))
}

fn text(name: &str, about: &Known) -> String {
    let width = about.facts.iter().map(|(fact, _)| fact.chars().count()).max().unwrap_or(0);
    let facts = about.facts.iter().map(|(fact, value)| format!("\n  {fact:width$}  {value}"));
    format!("{name}: {}{}", about.what, facts.collect::<String>())
}

fn to_json(name: &str, about: &Known) -> Value {
    let mut object = Map::new();
    object.insert("file".to_owned(), name.into());
    object.insert("what".to_owned(), about.what.as_str().into());
    for (fact, value) in &about.facts {
        object.entry(fact.clone()).or_insert_with(|| value.as_str().into());
    }
    Value::Object(object)
}
