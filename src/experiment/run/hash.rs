//! SHA-256 of texts, files and folders, in hexadecimal.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::base::FileError;

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// The digest of some bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes))
}

/// The digest of a file and its length in bytes, read piece by piece. That of a folder is the digest of its
/// list of files: for each, in the order of their names, its digest and its path in the folder.
///
/// # Errors
/// [`FileError::Read`] naming the file.
pub fn of_path(path: &Path) -> Result<(String, u64), FileError> {
    if !path.is_dir() {
        return of_file(path);
    }
    let (mut list, mut bytes) = (String::new(), 0);
    for file in files_in(path)? {
        let (sha256, length) = of_file(&path.join(&file))?;
        list += &format!("{sha256}  {}\n", file.display());
        bytes += length;
    }
    Ok((of_bytes(list.as_bytes()), bytes))
}

fn of_file(path: &Path) -> Result<(String, u64), FileError> {
    let failed = |source: io::Error| FileError::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let (mut hasher, mut length, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk).map_err(failed)? {
            0 => return Ok((hexadecimal(hasher.finalize()), length)),
            read => {
                hasher.update(&chunk[..read]);
                length += read as u64;
            }
        }
    }
}

/// Every file below `folder`, as paths in it, in the order of their names.
///
/// # Errors
/// [`FileError::Read`] naming the folder that cannot be listed.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let (mut found, mut left) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inside) = left.pop() {
        let path = folder.join(&inside);
        let failed = |source| FileError::Read { path: path.clone(), source };
        for entry in std::fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = inside.join(entry.file_name());
            match entry.path().is_dir() {
                true => left.push(name),
                false => found.push(name),
            }
        }
    }
    found.sort();
    Ok(found)
}

pub(super) fn hexadecimal(digest: impl IntoIterator<Item = u8>) -> String {
    digest.into_iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_text_has_the_digest_that_the_standard_gives() {
        assert!(of_bytes(b"").starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
        assert!(of_bytes(b"abc").starts_with("ba7816bf8f01cfea414140de5dae2223"));
    }

    #[test]
    fn a_folder_s_digest_changes_with_a_name_and_with_a_byte() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let digest = || of_path(folder.path()).unwrap();
        write("a/b.txt", "one");
        write("c.txt", "two");
        let first = digest();
        assert_eq!(first.1, 6);
        write("c.txt", "2");
        let second = digest();
        std::fs::rename(folder.path().join("c.txt"), folder.path().join("d.txt")).unwrap();
        assert!(first.0 != second.0 && second.0 != digest().0);
    }
}
