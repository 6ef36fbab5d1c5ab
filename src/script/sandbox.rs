//! Where scripts that nobody trusts may read and write. Depends on nothing but the file system.
//!
//! Paths are judged by where they really lead, with every link followed; what does not exist yet is judged by
//! the nearest folder above it that does. A folder may be used only if no link in it leads out.

use std::path::{Component, Path, PathBuf};

/// The folders that a script may read; it writes below the output folder only, and may read there as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    reads: Vec<PathBuf>,
}

impl Sandbox {
    /// A sandbox that lets scripts read `folders` and all below them; those that do not exist add nothing.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut reads: Vec<PathBuf> = Vec::new();
        for folder in folders.into_iter().filter_map(|folder| folder.canonicalize().ok()) {
            if !reads.contains(&folder) {
                reads.push(folder);
            }
        }
        Self { reads }
    }

    /// Checks that `path` may be read, by a script whose output folder is `out`.
    ///
    /// # Errors
    /// A message naming the path and the folders there are.
    pub fn check_read(&self, path: &Path, out: &Path) -> Result<(), String> {
        let out = real(out);
        let allowed = |place: &Path| self.reads.iter().chain(&out).any(|folder| place.starts_with(folder));
        let shown = path.display();
        match real(path) {
            Some(place) if allowed(&place) => match leak(&place, &allowed) {
                None => Ok(()),
                Some(link) => Err(format!(
                    "`{shown}` holds the link `{}`, which leads out of the folders that the sandbox lets scripts read",
                    link.display()
                )),
            },
            _ => {
                let folders = self.reads.iter().chain(&out);
                let folders: Vec<String> = folders.map(|folder| format!("`{}`", folder.display())).collect();
                Err(format!(
                    "`{shown}` lies outside the folders that the sandbox lets scripts read, {}: `--allow-read DIR` \
                     adds one",
                    folders.join(", ")
                ))
            }
        }
    }

    /// Checks that `place`, which a script calls `given`, lies below `out`.
    ///
    /// # Errors
    /// A message naming the path.
    pub fn check_write(&self, given: &str, place: &Path, out: &Path) -> Result<(), String> {
        let Some(out) = real(out) else {
            return Err(format!("the output folder `{}` cannot be used in a sandbox", out.display()));
        };
        let inside = |place: &Path| place.starts_with(&out);
        match real(place) {
            Some(place) if inside(&place) => match leak(&place, &inside) {
                None => Ok(()),
                Some(link) => Err(format!(
                    "`{given}` holds the link `{}`, which leads out of the output folder, and the sandbox is on",
                    link.display()
                )),
            },
            _ => Err(format!("`{given}` leads out of the output folder, and the sandbox is on")),
        }
    }
}

/// Whether a path could leave the folder that it is joined to.
pub(super) fn leaves(path: &Path) -> bool {
    path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Where a path leads, with every link followed; `None` for a link to nothing, and for `..` behind what
/// does not exist.
fn real(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    let (mut at, mut missing) = (absolute.as_path(), Vec::new());
    while at.symlink_metadata().is_err() {
        missing.push(at.file_name()?);
        at = at.parent()?;
    }
    let mut place = at.canonicalize().ok()?;
    place.extend(missing.into_iter().rev());
    Some(place)
}

/// A link somewhere below `folder` that leads to where it may not.
fn leak(folder: &Path, allowed: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() && !real(&path).is_some_and(|place| allowed(&place)) {
                return Some(path);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_folder_may_be_read_and_what_lies_beside_it_may_not() {
        let root = tempfile::tempdir().unwrap();
        let (inside, out) = (root.path().join("inside"), root.path().join("out"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(root.path().join("secret.mid"), "").unwrap();
        let sandbox = Sandbox::new([inside.clone(), root.path().join("of-tomorrow")]);
        let read = |path: &Path| sandbox.check_read(path, &out);
        read(&inside.join("a.mid")).unwrap();
        read(&inside.join("new/../a.mid")).unwrap_err();
        read(&out.join("a.mid")).unwrap();
        read(&inside.join("../secret.mid")).unwrap_err();
        read(&inside.join("../inside/a.mid")).unwrap();
        let message = read(&root.path().join("secret.mid")).unwrap_err();
        assert!(message.contains("secret.mid") && message.contains("--allow-read"), "{message}");
        let write = |path: &Path| sandbox.check_write("it", path, &out);
        write(&out.join("new/a.mid")).unwrap();
        write(&inside.join("a.mid")).unwrap_err();
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let (inside, out, other) =
            (root.path().join("inside"), root.path().join("out"), root.path().join("other"));
        for folder in [&inside, &out, &other] {
            std::fs::create_dir(folder).unwrap();
        }
        symlink(&other, out.join("door")).unwrap();
        symlink(other.join("nothing"), out.join("dangling.mid")).unwrap();
        symlink(&inside, inside.join("itself")).unwrap();
        let sandbox = Sandbox::new([inside.clone()]);
        sandbox.check_read(&inside, &out).unwrap();
        sandbox.check_read(&inside.join("itself/a.mid"), &out).unwrap();
        for path in ["door", "door/a.mid", "door/../a.mid", "dangling.mid"] {
            sandbox.check_write(path, &out.join(path), &out).unwrap_err();
            sandbox.check_read(&out.join(path), &out).unwrap_err();
        }
        let message = sandbox.check_write(".", &out, &out).unwrap_err();
        assert!(message.contains("holds the link"), "{message}");
    }
}
