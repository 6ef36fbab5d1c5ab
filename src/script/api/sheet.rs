//! `Sheet`: values in rows and columns, such as the latents between three points and their music.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Map};

use crate::model::Latent;
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::explain::article;
use crate::script::options::{Fallible, Options, refuse};
use crate::script::show::count;
use crate::script::types::plain_name;
use crate::view::image::{SheetOptions, save_sheet};

/// Rows of equal length.
#[derive(Clone, Debug)]
pub(in crate::script) struct Sheet {
    columns: usize,
    cells: Arc<Vec<Dynamic>>,
}

impl Sheet {
    /// The values, row by row.
    pub fn cells(&self) -> &[Dynamic] {
        &self.cells
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.cells.len() / self.columns.max(1)
    }

    /// A sheet of the same shape with other values.
    pub fn with_cells(&self, cells: Vec<Dynamic>) -> Self {
        Self { columns: self.columns, cells: Arc::new(cells) }
    }

    /// The cell at a place as scripts see it.
    fn cell(&self, index: usize) -> Dynamic {
        let value = &self.cells[index];
        let row = (index / self.columns) as i64;
        let column = (index % self.columns) as i64;
        let mut map = Map::new();
        map.insert("row".into(), row.into());
        map.insert("col".into(), column.into());
        if value.is::<Multitrack>() {
            map.insert("song".into(), value.clone());
        } else if value.is::<Latent>() {
            map.insert("latent".into(), value.clone());
        }
        map.insert("value".into(), value.clone());
        map.into()
    }
}

/// What a sheet can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod sheets {
    /// A sheet from an array of rows of equal length.
    ///
    /// ```rhai
    /// let s = sheet([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq(s.at(1, 2), 6);
    /// ```
    #[rhai_fn(name = "sheet", name = "to_sheet", return_raw)]
    pub fn sheet(rows: Array) -> Fallible<Sheet> {
        let mut cells = Vec::new();
        let mut columns = 0;
        for (index, row) in rows.into_iter().enumerate() {
            let row = row.into_array().map_err(|_| refuse("a sheet is an array of arrays"))?;
            if index > 0 && row.len() != columns {
                let found = row.len();
                return Err(refuse(format!(
                    "row {index} of the sheet has {found} cells, row 0 has {columns}"
                )));
            }
            columns = row.len();
            cells.extend(row);
        }
        Ok(Sheet { columns, cells: Arc::new(cells) })
    }

    /// The value in a row and a column, both counted from 0.
    ///
    /// ```rhai
    /// assert_eq(sheet([[1, 2], [3, 4]]).at(0, 1), 2);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn at(sheet: &mut Sheet, row: i64, column: i64) -> Fallible<Dynamic> {
        let (rows, columns) = (sheet.rows(), sheet.columns());
        let place = usize::try_from(row).ok().zip(usize::try_from(column).ok());
        let place = place.filter(|(row, column)| *row < rows && *column < columns);
        let cell = place.map(|(row, column)| sheet.cells()[row * columns + column].clone());
        cell.ok_or_else(|| refuse(format!("no cell {row}, {column} in a sheet of {rows} x {columns}")))
    }

    /// Number of rows.
    ///
    /// ```rhai
    /// assert_eq(sheet([[1, 2], [3, 4]]).rows, 2);
    /// ```
    #[rhai_fn(get = "rows", pure)]
    pub fn rows(sheet: &mut Sheet) -> i64 {
        sheet.rows() as i64
    }

    /// Number of columns.
    ///
    /// ```rhai
    /// assert_eq(sheet([[1, 2, 3]]).cols, 3);
    /// ```
    #[rhai_fn(get = "cols", pure)]
    pub fn cols(sheet: &mut Sheet) -> i64 {
        sheet.columns() as i64
    }

    /// Every cell, row by row, as a map with `row`, `col` and `value`; music is also there as `song` and
    /// a latent as `latent`. `for cell in sheet` gives the same.
    ///
    /// ```rhai
    /// let sum = 0;
    /// for cell in sheet([[1, 2], [3, 4]]) { sum += cell.value * cell.row; }
    /// assert_eq(sum, 7);
    /// ```
    #[rhai_fn(pure)]
    pub fn cells(sheet: &mut Sheet) -> Array {
        (0..sheet.cells().len()).map(|index| sheet.cell(index)).collect()
    }
}

/// Saving sheets of music.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod pictures {
    /// Draws a sheet of music, a tile for each piece; .png or .svg.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 E2 G2 C3").to_song();
    /// sheet([[song, song.transpose(5)]]).save("sheet.png");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save(context: NativeCallContext, sheet: &mut Sheet, path: &str) -> Fallible<()> {
        save_with(context, sheet, path, Map::new())
    }

    /// The same with options: `title`, `rows` and `cols` (arrays of names beside and above the tiles).
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 E2 G2 C3").to_song();
    /// sheet([[song, song.transpose(5)]]).save("sheet.png", #{ title: "Two", cols: ["first", "second"] });
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save_with(
        context: NativeCallContext,
        sheet: &mut Sheet,
        path: &str,
        options: Map,
    ) -> Fallible<()> {
        let settings = Context::of(&context);
        let mut options = Options::new("save", options);
        let labels = SheetOptions {
            title: options.text("title")?.unwrap_or_default(),
            rows: options.texts("rows")?.unwrap_or_default(),
            columns: options.texts("cols")?.unwrap_or_default(),
            stamp: Some(settings.stamp()),
            ..SheetOptions::default()
        };
        options.finish()?;
        let song = |cell: &Dynamic| {
            let kind = plain_name(cell.type_name());
            let wrong = || refuse(format!("a sheet of music is drawn, this one holds {}", article(&kind)));
            cell.clone().try_cast::<Multitrack>().ok_or_else(wrong)
        };
        let songs = sheet.cells().iter().map(song).collect::<Fallible<Vec<_>>>()?;
        let rows: Vec<Vec<Multitrack>> = songs.chunks(sheet.columns().max(1)).map(<[_]>::to_vec).collect();
        let file = settings.output_path(path).map_err(refuse)?;
        super::super::lift(save_sheet(&file, &rows, &labels))?;
        settings.note(&format!("wrote {} ({})", file.display(), count(songs.len(), "piece")));
        Ok(())
    }
}

/// Lets `for` go through a sheet.
pub(super) fn iterate(engine: &mut rhai::Engine) {
    engine.register_iterator::<Sheet>();
}

impl IntoIterator for Sheet {
    type Item = Dynamic;
    type IntoIter = std::vec::IntoIter<Dynamic>;

    fn into_iter(mut self) -> Self::IntoIter {
        sheets::cells(&mut self).into_iter()
    }
}
