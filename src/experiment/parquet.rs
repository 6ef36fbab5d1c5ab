//! Tables as Parquet: one typed column for each, nothing as null, packed with Snappy.
//!
//! The only home of the `parquet` crate.

use std::fs::File;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::Field;
use parquet::schema::types::{Type, TypePtr};

use super::{Cell, ExperimentError, Table};

/// What all values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Float,
    Text,
}

impl Kind {
    /// The narrowest kind that holds every value: whole numbers among floats are floats, anything beside
    /// another kind a text; a column without values holds floats.
    fn of(cells: &[Cell]) -> Self {
        let kinds = cells.iter().filter_map(|cell| match cell {
            Cell::Missing => None,
            Cell::Bool(_) => Some(Self::Bool),
            Cell::Int(_) => Some(Self::Int),
            Cell::Float(_) => Some(Self::Float),
            Cell::Text(_) => Some(Self::Text),
        });
        let both = |a, b| match (a, b) {
            (a, b) if a == b => a,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        };
        kinds.reduce(both).unwrap_or(Self::Float)
    }

    fn column(self, name: &str) -> Result<TypePtr, ParquetError> {
        let physical = match self {
            Self::Bool => Physical::BOOLEAN,
            Self::Int => Physical::INT64,
            Self::Float => Physical::DOUBLE,
            Self::Text => Physical::BYTE_ARRAY,
        };
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        let column = match self {
            Self::Text => {
                column.with_logical_type(Some(LogicalType::String)).with_converted_type(ConvertedType::UTF8)
            }
            _ => column,
        };
        column.build().map(Arc::new)
    }
}

impl Table {
    /// The bytes of a Parquet file.
    ///
    /// # Errors
    /// [`ExperimentError::Parquet`].
    pub(super) fn to_parquet(&self) -> Result<Vec<u8>, ExperimentError> {
        self.written().map_err(|error| ExperimentError::Parquet { reason: error.to_string() })
    }

    fn written(&self) -> Result<Vec<u8>, ParquetError> {
        let columns: Vec<(Kind, Vec<Cell>)> = (0..self.columns().len())
            .map(|place| {
                let cells: Vec<Cell> = self.rows().map(|row| row.at(place).clone()).collect();
                (Kind::of(&cells), cells)
            })
            .collect();
        let fields = self.columns().iter().zip(&columns).map(|(name, (kind, _))| kind.column(name));
        let fields = fields.collect::<Result<Vec<TypePtr>, _>>()?;
        let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build()?);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        for (kind, cells) in &columns {
            match kind {
                Kind::Bool => write::<BoolType>(&mut group, cells, |cell| match cell {
                    Cell::Bool(value) => Some(*value),
                    _ => None,
                })?,
                Kind::Int => write::<Int64Type>(&mut group, cells, |cell| match cell {
                    Cell::Int(value) => Some(*value),
                    _ => None,
                })?,
                Kind::Float => write::<DoubleType>(&mut group, cells, Cell::number)?,
                Kind::Text => write::<ByteArrayType>(&mut group, cells, |cell| {
                    (!cell.is_missing()).then(|| ByteArray::from(cell.to_string().into_bytes()))
                })?,
            }
        }
        group.close()?;
        writer.into_inner()
    }

    /// The table in a Parquet file with plain columns.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn from_parquet(file: File) -> Result<Self, String> {
        let reader = SerializedFileReader::new(file).map_err(|e| e.to_string())?;
        let schema = reader.metadata().file_metadata().schema();
        let mut table = Self::new();
        table.declare(schema.get_fields().iter().map(|field| field.name().into()));
        for row in reader.get_row_iter(None).map_err(|e| e.to_string())? {
            let row = row.map_err(|e| e.to_string())?;
            let cells = row.get_column_iter().map(|(name, field)| {
                cell(field)
                    .ok_or_else(|| format!("column `{name}` holds more than numbers, texts and truth values"))
            });
            table.push(cells.collect::<Result<_, _>>()?);
        }
        Ok(table)
    }
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<Vec<u8>>,
    cells: &[Cell],
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let present: Vec<Option<T::T>> = cells.iter().map(value).collect();
    let levels: Vec<i16> = present.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = present.into_iter().flatten().collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn cell(field: &Field) -> Option<Cell> {
    Some(match field {
        Field::Null => Cell::Missing,
        Field::Bool(value) => Cell::Bool(*value),
        Field::Byte(value) => Cell::Int((*value).into()),
        Field::Short(value) => Cell::Int((*value).into()),
        Field::Int(value) => Cell::Int((*value).into()),
        Field::Long(value) => Cell::Int(*value),
        Field::UByte(value) => Cell::Int((*value).into()),
        Field::UShort(value) => Cell::Int((*value).into()),
        Field::UInt(value) => Cell::Int((*value).into()),
        Field::ULong(value) => i64::try_from(*value).map_or_else(|_| (*value as f64).into(), Cell::Int),
        Field::Float(value) => f64::from(*value).into(),
        Field::Double(value) => (*value).into(),
        Field::Str(text) => text.as_str().into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new();
        for i in 0..300i64 {
            table.add([
                ("seed", Cell::Int(i - 5)),
                ("rate", if i % 3 == 0 { Cell::Missing } else { Cell::Float(i as f64 / 7.0) }),
                ("model", Cell::from(["hybrid", "jämming", ""][i as usize % 3])),
                ("ok", Cell::Bool(i % 2 == 0)),
                ("never", Cell::Missing),
            ]);
        }
        table
    }

    fn read(bytes: &[u8]) -> Result<Table, String> {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        Table::from_parquet(file)
    }

    #[test]
    fn a_table_comes_back_as_it_was() {
        for table in [table(), table().head(0), Table::new()] {
            assert_eq!(read(&table.to_parquet().unwrap()).unwrap(), table);
        }
    }

    #[test]
    fn a_column_of_several_kinds_holds_what_can_hold_them_all() {
        let mut table = Table::new();
        for (a, b) in [(Cell::Int(1), Cell::Int(1)), (Cell::Float(0.5), "x".into())] {
            table.add([("a", a), ("b", b)]);
        }
        let back = read(&table.to_parquet().unwrap()).unwrap();
        assert_eq!(back.to_csv(), "a,b\r\n1.0,\"1\"\r\n0.5,x\r\n");
    }

    #[test]
    fn bytes_that_are_no_parquet_are_refused() {
        assert!(read(b"PAR1 no").is_err() && read(b"").is_err());
    }
}
