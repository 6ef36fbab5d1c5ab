//! The notebook: the whole conversation with its figures, as Markdown and as one HTML file, and the record
//! in it from which it can be repeated.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::DialogueError;
use super::conversation::{Conversation, Outcome};
use super::opening::Opening;
use crate::base::{Stamp, read_file, write_atomically};
use crate::experiment::report::{Block, Page, Picture};
use crate::view::image::Format;

/// What begins and ends the record in a notebook.
const BEGIN: &str = "<!-- ricercar-dialogue ";
const END: &str = " -->";
const FORMAT: u32 = 1;

/// What a conversation can be repeated from, and the figures it should give then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: u32,
    /// What it began with.
    pub opening: Opening,
    /// What the person said.
    pub lines: Vec<String>,
    /// Every figure, as text: claim, measure, model with its hash, verdict, effects with intervals, p.
    pub figures: Vec<String>,
}

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it was, if there was one.
    pub was: Option<String>,
    /// What it is, if there is one.
    pub is: Option<String>,
}

impl Record {
    /// The record in a notebook, of either format.
    ///
    /// # Errors
    /// [`DialogueError::File`] when it cannot be read, [`DialogueError::Notebook`] when it is not one.
    pub fn read(path: &Path) -> Result<Self, DialogueError> {
        let wrong =
            |reason: &str| DialogueError::Notebook { path: path.to_owned(), reason: reason.to_owned() };
        let text = String::from_utf8_lossy(&read_file(path)?).into_owned();
        let begin = text.rfind(BEGIN).ok_or_else(|| wrong("it has no record"))? + BEGIN.len();
        let end = text[begin..].find(END).ok_or_else(|| wrong("its record has no end"))?;
        let record: Self =
            serde_json::from_str(&text[begin..begin + end]).map_err(|error| wrong(&error.to_string()))?;
        match record.format {
            FORMAT => Ok(record),
            other => Err(wrong(&format!("its record has format {other}, expected {FORMAT}"))),
        }
    }

    /// Where a repetition differs.
    pub fn differences(&self, again: &Conversation) -> Vec<Difference> {
        let now: Vec<String> = again.outcomes().iter().map(figure).collect();
        let count = self.figures.len().max(now.len());
        let of =
            |place: usize| Difference { was: self.figures.get(place).cloned(), is: now.get(place).cloned() };
        (0..count).map(of).filter(|figure| figure.was != figure.is).collect()
    }

    fn of(conversation: &Conversation) -> Self {
        Self {
            format: FORMAT,
            opening: conversation.opening().clone(),
            lines: conversation.turns().iter().filter_map(|turn| turn.line.clone()).collect(),
            figures: conversation.outcomes().iter().map(figure).collect(),
        }
    }

    /// As a comment of HTML, which neither Markdown nor HTML shows.
    fn comment(&self) -> Result<String, DialogueError> {
        let json =
            serde_json::to_string(self).map_err(|error| DialogueError::Untestable(error.to_string()))?;
        // Nothing in it may end the comment.
        Ok(format!("{BEGIN}{}{END}\n", json.replace('>', "\\u003e").replace("--", "-\\u002d")))
    }
}

/// All figures of an outcome to nine digits.
fn figure(outcome: &Outcome) -> String {
    let (name, hash) = &outcome.maker;
    let parts = outcome.finding.parts.iter().map(|part| {
        let evidence = part.evidence;
        let (low, high) = evidence.interval.map_or((f64::NAN, f64::NAN), |i| (i.low, i.high));
        format!("{:.9} [{low:.9}, {high:.9}] p {:.9} n {}", evidence.effect, evidence.p, evidence.units)
    });
    format!(
        "{} | {} | {name} {hash} | {} | p {:.9} | {}",
        outcome.claim.sentence(),
        outcome.claim.measure(),
        outcome.verdict,
        outcome.p_corrected,
        parts.collect::<Vec<_>>().join("; ")
    )
}

impl Conversation {
    /// The notebook as a page; its pictures are called after `stem`.
    ///
    /// # Errors
    /// [`DialogueError::View`] when a picture cannot be drawn.
    pub fn page(&self, stem: &str, stamp: Option<Stamp>) -> Result<Page, DialogueError> {
        let mut blocks = Vec::new();
        let mut drawn = Vec::new();
        for turn in self.turns() {
            match &turn.line {
                Some(line) => blocks.push(Block::Heading(line.clone())),
                None => blocks.push(Block::Heading("The opening".to_owned())),
            }
            blocks.extend(
                turn.says.iter().flat_map(|text| text.lines()).map(|line| Block::Text(line.to_owned())),
            );
            let Some(place) = turn.outcome.filter(|place| !drawn.contains(place)) else { continue };
            drawn.push(place);
            let outcome = &self.outcomes()[place];
            let chart = &outcome.finding.chart;
            blocks.push(Block::Picture(Picture {
                file: format!("{stem}-{}.png", place + 1),
                png: chart.render_stamped(Format::Png, stamp.as_ref())?,
                alt: chart.title.clone(),
                caption: format!(
                    "{} ({}): {}",
                    outcome.claim.sentence(),
                    outcome.claim.measure(),
                    outcome.verdict
                ),
            }));
        }
        if !self.outcomes().is_empty() {
            blocks.push(Block::Heading("All verdicts".to_owned()));
            blocks.push(Block::Text(
                "As they stand at the end, with p corrected for all claims of the conversation (Holm 1979). A verdict \
                 given on the way may have been taken back since."
                    .to_owned(),
            ));
            blocks.push(Block::Table(self.table()));
        }
        Ok(Page {
            title: format!("A conversation about {}", self.opening().model),
            lead:
                "Claims about what a model makes, each tested by an experiment whose rule was stated before."
                    .to_owned(),
            blocks,
            stamp,
        })
    }

    /// Writes the notebook: `STEM.md`, `STEM.html`, and a picture for each outcome beside them; gives their
    /// paths. `path` may end in either extension or in none.
    ///
    /// # Errors
    /// [`DialogueError::View`] and [`DialogueError::File`].
    pub fn save(&self, path: &Path, stamp: Option<Stamp>) -> Result<Vec<PathBuf>, DialogueError> {
        let is_page = path.extension().is_some_and(|extension| extension == "md" || extension == "html");
        let base = if is_page { path.with_extension("") } else { path.to_owned() };
        let stem = base.file_name().map_or("dialogue".into(), |name| name.to_string_lossy());
        let page = self.page(&stem, stamp)?;
        let comment = Record::of(self).comment()?;
        let beside = |name: &str| base.with_file_name(name);
        let html = page.html().replacen("</body>", &format!("{comment}</body>"), 1);
        let mut files = vec![
            (beside(&format!("{stem}.md")), format!("{}\n{comment}", page.markdown()).into_bytes()),
            (beside(&format!("{stem}.html")), html.into_bytes()),
        ];
        files.extend(page.pictures().map(|picture| (beside(&picture.file), picture.png.clone())));
        for (path, bytes) in &files {
            write_atomically(path, bytes)?;
        }
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }
}
