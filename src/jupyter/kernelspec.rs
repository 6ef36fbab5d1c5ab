//! Making the kernel known to Jupyter, and unknown again.
//!
//! Jupyter looks for kernels in folders `kernels/NAME` of its data folders; each has a `kernel.json` that
//! says how to start it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jupyter_protocol::JupyterKernelspec;

use super::KernelError;
use crate::base::{read_file, write_atomically};

/// The usual name of the kernel.
pub const NAME: &str = "ricercar";
/// The language of its notebooks.
const LANGUAGE: &str = "rhai";
/// Drawn beside the kernel's name.
const LOGO: &str = include_str!("logo.svg");

/// Writes what starts `program`, a path and options for every command, as the kernel `name` below Jupyter's
/// data folder `data`, and gives the folder.
///
/// # Errors
/// [`KernelError::Name`], [`KernelError::Foreign`] when another program's kernel has the name, and
/// [`KernelError::File`].
pub fn install(data: &Path, name: &str, program: &[String]) -> Result<PathBuf, KernelError> {
    let folder = folder(data, name)?;
    match ours(&folder) {
        Ok(()) | Err(KernelError::NotInstalled(_)) => {}
        Err(other) => return Err(other),
    }
    let words = ["jupyter", "kernel", "{connection_file}"].map(str::to_owned);
    let spec = JupyterKernelspec {
        argv: program.iter().cloned().chain(words).collect(),
        display_name: if name == NAME { "Ricercar".into() } else { format!("Ricercar ({name})") },
        language: LANGUAGE.into(),
        metadata: Some(HashMap::new()),
        // Ctrl-C of a terminal is none of the kernel's business; a message reaches it on every system.
        interrupt_mode: Some("message".into()),
        env: Some(HashMap::new()),
    };
    let file = folder.join("kernel.json");
    let json = serde_json::to_string_pretty(&spec)
        .map_err(|error| KernelError::Connection { path: file.clone(), reason: error.to_string() })?;
    write_atomically(&folder.join("logo-svg.svg"), LOGO.as_bytes())?;
    write_atomically(&file, format!("{json}\n").as_bytes())?;
    Ok(folder)
}

/// Removes the kernel `name` below the data folder `data`, and gives the folder that is gone.
///
/// # Errors
/// [`KernelError::NotInstalled`], [`KernelError::Foreign`] when it is another program's, and
/// [`KernelError::File`].
pub fn uninstall(data: &Path, name: &str) -> Result<PathBuf, KernelError> {
    let folder = folder(data, name)?;
    ours(&folder)?;
    match std::fs::remove_dir_all(&folder) {
        Ok(()) => Ok(folder),
        Err(source) => Err(KernelError::Remove { path: folder, source }),
    }
}

/// Where Jupyter keeps a kernel, whose name may hold nothing that leads elsewhere.
fn folder(data: &Path, name: &str) -> Result<PathBuf, KernelError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let is_name = !name.is_empty() && name.chars().all(is_plain) && !name.starts_with('.');
    if !is_name {
        return Err(KernelError::Name(name.to_owned()));
    }
    // Jupyter finds no capitals.
    Ok(data.join("kernels").join(name.to_lowercase()))
}

/// Whether the kernel in a folder is one that [`install`] has written.
fn ours(folder: &Path) -> Result<(), KernelError> {
    let file = folder.join("kernel.json");
    if !file.exists() {
        return Err(KernelError::NotInstalled(folder.to_owned()));
    }
    let spec: Result<JupyterKernelspec, _> = serde_json::from_slice(&read_file(&file)?);
    match spec {
        Ok(spec) if spec.language == LANGUAGE && spec.argv.iter().any(|word| word == "jupyter") => Ok(()),
        _ => Err(KernelError::Foreign(folder.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_is_installed_found_again_and_removed() {
        let data = tempfile::tempdir().unwrap();
        let folder = install(data.path(), NAME, &["/usr/bin/ricercar".into()]).unwrap();
        let text = std::fs::read_to_string(folder.join("kernel.json")).unwrap();
        let spec: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            spec["argv"],
            serde_json::json!(["/usr/bin/ricercar", "jupyter", "kernel", "{connection_file}"])
        );
        assert_eq!((&spec["interrupt_mode"], &spec["language"]), (&"message".into(), &"rhai".into()));
        // A newer program takes the place of an older one.
        install(data.path(), NAME, &["/opt/ricercar".into()]).unwrap();
        assert_eq!(uninstall(data.path(), NAME).unwrap(), folder);
        assert!(!folder.exists());
        assert!(matches!(uninstall(data.path(), NAME), Err(KernelError::NotInstalled(_))));
    }

    #[test]
    fn kernels_of_other_programs_stay() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("kernels/python3");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join("kernel.json"),
            r#"{"argv": ["python"], "display_name": "Python", "language": "python"}"#,
        )
        .unwrap();
        for done in [uninstall(data.path(), "python3"), install(data.path(), "python3", &[])] {
            assert!(matches!(done, Err(KernelError::Foreign(_))), "{done:?}");
        }
        assert!(folder.join("kernel.json").exists());
    }

    #[test]
    fn names_lead_nowhere_else() {
        for name in ["", "..", "a/b", "a b", ".hidden"] {
            assert!(matches!(uninstall(Path::new("/nowhere"), name), Err(KernelError::Name(_))), "{name}");
        }
        assert_eq!(folder(Path::new("/d"), "Mine").unwrap(), Path::new("/d/kernels/mine"));
    }
}
