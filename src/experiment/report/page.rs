//! A page: what stands on it, whatever it is written as.

use std::path::{Path, PathBuf};

use super::{html, markdown};
use crate::base::{FileError, Stamp, write_atomically};
use crate::experiment::Table;

/// A page of text, figures, tables and pictures.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What it says, in a sentence or two.
    pub lead: String,
    /// What follows, in order.
    pub blocks: Vec<Block>,
    /// What made it, said where readers do not see it.
    pub stamp: Option<Stamp>,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// The title of what follows.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Headline figures side by side.
    Cards(Vec<Card>),
    /// A table.
    Table(Table),
    /// A long table that is folded up, under this line.
    Folded(String, Table),
    /// A picture.
    Picture(Picture),
}

/// A headline figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What it is of.
    pub name: String,
    /// The figure.
    pub figure: String,
    /// What it is to be seen beside.
    pub beside: String,
    /// What it is and what is good.
    pub about: String,
}

/// A picture on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Name of its file.
    pub file: String,
    /// The PNG file's bytes.
    pub png: Vec<u8>,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// What is to be seen in it, below it.
    pub caption: String,
}

impl Page {
    /// The page as Markdown; pictures are files beside it.
    pub fn markdown(&self) -> String {
        markdown::written(self)
    }

    /// The page as one HTML file, pictures and style inside.
    pub fn html(&self) -> String {
        html::written(self)
    }

    /// The pictures, in order.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Picture(picture) => Some(picture),
            _ => None,
        })
    }

    /// Writes `report.md`, the pictures it shows, and `report.html` into a folder; gives their paths.
    ///
    /// # Errors
    /// [`FileError::Write`] when one cannot be written.
    pub fn save(&self, folder: &Path) -> Result<Vec<PathBuf>, FileError> {
        let mut written = Vec::new();
        let mut write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            write_atomically(&path, bytes)?;
            written.push(path);
            Ok::<_, FileError>(())
        };
        write("report.html", self.html().as_bytes())?;
        write("report.md", self.markdown().as_bytes())?;
        for picture in self.pictures() {
            write(&picture.file, &picture.png)?;
        }
        Ok(written)
    }
}

/// The names of a table's columns and its rows as texts; a dash where there is nothing.
pub(super) fn texts(table: &Table) -> (Vec<String>, Vec<Vec<String>>) {
    let names = table.columns().iter().map(|name| name.trim_end().to_owned()).collect();
    let rows = table.rows().map(|row| {
        let text = |cell: &crate::experiment::Cell| match cell.is_missing() {
            true => "–".to_owned(),
            false => cell.to_string(),
        };
        row.cells().map(|(_, cell)| text(cell)).collect()
    });
    (names, rows.collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::experiment::report) fn page() -> Page {
        let mut table = Table::new();
        table.add([("a | b", "1 < 2"), ("c", "x")]);
        table.add([("a | b", "3")]);
        let card = Card {
            name: "coverage".into(),
            figure: "0.9".into(),
            beside: "real music 0.95".into(),
            about: "High is good.".into(),
        };
        let picture = Picture {
            file: "one.png".into(),
            png: vec![1, 2, 3],
            alt: "1 & 2".into(),
            caption: "One & two".into(),
        };
        Page {
            title: "A <title>".into(),
            lead: "A lead.".into(),
            stamp: Some(Stamp { program: "ricercar 0.1.0".into(), ..Stamp::default() }),
            blocks: vec![
                Block::Heading("First".into()),
                Block::Text("Some text.".into()),
                Block::Cards(vec![card]),
                Block::Table(table.clone()),
                Block::Folded("More".into(), table),
                Block::Picture(picture),
            ],
        }
    }

    #[test]
    fn a_page_is_two_files_and_its_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = page()
            .save(&folder.path().join("out"))
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["report.html", "report.md", "one.png"]);
        assert_eq!(std::fs::read(folder.path().join("out/one.png")).unwrap(), [1, 2, 3]);
    }
}
