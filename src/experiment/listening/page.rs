//! The page that raters see: one HTML file that plays, asks, remembers and hands out the ratings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::QUESTIONS;
use crate::experiment::page::escaped;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("../report/page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page for named sounds.
pub(super) fn written(title: &str, sounds: &[(&str, &[u8])]) -> String {
    let mut hash = Sha256::new();
    sounds.iter().for_each(|(name, _)| hash.update(name.as_bytes()));
    let test: String = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let clips: Vec<String> =
        sounds.iter().map(|(name, wav)| format!("[\"{name}\",\"{}\"]", STANDARD.encode(wav))).collect();
    let questions: Vec<String> =
        QUESTIONS.iter().map(|(name, asked)| format!("[\"{name}\",\"{asked}\"]")).collect();
    PAGE.replace("{title}", &escaped(title))
        .replace("{style}", STYLE)
        .replace("{script}", SCRIPT)
        .replace("{test}", &format!("t{test}"))
        .replace("{questions}", &questions.join(","))
        .replace("{clips}", &clips.join(",\n"))
}
