//! Reading and writing whole files; a write is finished or leaves nothing behind.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that could not be read or written.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused the read.
    #[error("cannot read `{path}`: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    /// The operating system refused the write; nothing was left half-written.
    #[error("cannot write `{path}`: {source}; nothing was written")]
    Write { path: PathBuf, source: std::io::Error },
}

/// The bytes of `path`.
///
/// # Errors
/// [`FileError::Read`] with the path and the reason.
pub fn read_file(path: &Path) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// Writes `bytes` to a temporary name beside `path`, then renames; missing folders are made.
///
/// # Errors
/// [`FileError::Write`]; an existing file at `path` is then still whole.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError::Write { path: path.to_owned(), source };
    write_atomically_with(path, |file| file.write_all(bytes).map_err(failed))
}

/// The same for what is written piece by piece, by `write`.
///
/// # Errors
/// [`FileError::Write`] and those of `write`; an existing file at `path` is then still whole.
pub fn write_atomically_with<E: From<FileError>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |source| FileError::Write { path: path.to_owned(), source };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    write(&mut writer)?;
    writer.flush().map_err(failed)?;
    drop(writer);
    make_readable(file.path()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Temporary files are private to their owner; a result should have the usual mode.
#[cfg(unix)]
fn make_readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_makes_its_folders_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c.txt");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(read_file(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read_file(Path::new("no/such.mid")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read `no/such.mid`"), "{error}");
    }
}
