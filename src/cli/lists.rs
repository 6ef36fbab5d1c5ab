//! `ricercar models` and `ricercar devices`: what there is to choose from.

use super::Program;
use super::failure::Failure;
use crate::model::{Library, Listing, devices};

/// Folder of models in the working directory.
const MODELS: &str = "models";

/// The models that can be loaded by name: those of `--models`, of `./models`, and inside the program.
///
/// # Errors
/// Only that stdout cannot be written, or that `--models` is no folder.
pub(super) fn models(program: &Program) -> Result<(), Failure> {
    let folders = &program.arguments.globals.models;
    if let Some(folder) = folders.iter().find(|folder| !folder.is_dir()) {
        return Err(Failure::Failed(format!("`{}` is no folder: `--models` names one", folder.display())));
    }
    let list = library(program).list();
    let rows: Vec<[String; 4]> = list.iter().map(model_row).collect();
    program.terminal.line(&table(["model", "hash", "from", "what it does"], &rows))
}

/// Where models are found by name.
pub(super) fn library(program: &Program) -> Library {
    let folders = program.arguments.globals.models.iter().cloned().chain([MODELS.into()]);
    Library { folders: folders.collect() }
}

fn model_row(model: &Listing) -> [String; 4] {
    let from = model.folder.as_ref().map_or("this program".into(), |folder| folder.display().to_string());
    let about = &model.description.about;
    [model.name.clone(), model.hash.clone(), from, about.clone()]
}

/// The devices that models run on, and why those that cannot be used cannot.
///
/// # Errors
/// Only that stdout cannot be written.
pub(super) fn list_devices(program: &Program) -> Result<(), Failure> {
    let rows: Vec<[String; 3]> = devices()
        .into_iter()
        .map(|device| [device.name, if device.usable { "yes" } else { "no" }.to_owned(), device.about])
        .collect();
    program.terminal.line(&table(["device", "usable", "what it is"], &rows))
}

/// Rows under their headings, in columns.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let lines = || std::iter::once(&headings).chain(rows);
    let width = |column: usize| lines().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let line = |row: &[String; N]| {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:0$}", width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["hybrid".to_owned(), "x".to_owned()], ["a".to_owned(), "yz".to_owned()]];
        assert_eq!(table(["name", "b"], &rows), "name    b\nhybrid  x\na       yz");
    }
}
