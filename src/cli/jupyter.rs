//! `ricercar jupyter`: notebooks that run the language.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Program;
use super::failure::Failure;

/// Run the language in notebooks.
#[derive(Debug, Args)]
pub(super) struct Jupyter {
    #[command(subcommand)]
    action: JupyterAction,
}

/// What to do about notebooks.
#[derive(Debug, Subcommand)]
enum JupyterAction {
    /// Make the kernel known to Jupyter
    Install(Kernelspec),
    /// Make the kernel unknown again
    Uninstall(Kernelspec),
    /// Be the kernel: what Jupyter calls
    Kernel {
        /// The file in which Jupyter says where it waits
        #[arg(value_name = "CONNECTION_FILE")]
        connection: PathBuf,
    },
}

/// Where Jupyter looks for a kernel.
#[derive(Debug, Args)]
struct Kernelspec {
    /// For this user: in the data folder of Jupyter, which JUPYTER_DATA_DIR may name. So it is without
    /// --prefix
    #[arg(long, conflicts_with = "prefix")]
    user: bool,
    /// For an environment such as one of venv or conda: in DIR/share/jupyter
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
    /// The kernel's name
    #[arg(long, value_name = "NAME", default_value = "ricercar")]
    name: String,
}

#[cfg(not(feature = "jupyter"))]
pub(super) fn run(_: &Program, _: &Jupyter) -> Result<(), Failure> {
    Err(Failure::Failed(
        "this program was built without the kernel for notebooks: \
         `cargo install --path . --features jupyter` builds it in"
            .into(),
    ))
}

#[cfg(feature = "jupyter")]
pub(super) use with::run;

#[cfg(feature = "jupyter")]
mod with {
    use std::path::PathBuf;

    use super::{Failure, Jupyter, JupyterAction, Kernelspec, Program};
    use crate::cli::args::Globals;
    use crate::cli::{bug, parent};
    use crate::jupyter::{Process, kernelspec, serve};
    use crate::script::Diagnostic;

    /// Installs, removes or is the kernel.
    ///
    /// # Errors
    /// What cannot be written, or that there is no front end to talk to.
    pub(in crate::cli) fn run(program: &Program, asked: &Jupyter) -> Result<(), Failure> {
        match &asked.action {
            JupyterAction::Install(wanted) => {
                let mut command = vec![std::env::current_exe()?.display().to_string()];
                command.extend(options(&program.arguments.globals)?);
                let folder = kernelspec::install(&data_folder(wanted)?, &wanted.name, &command)?;
                program.terminal.note(&format!("installed the kernel in {}", folder.display()));
                Ok(())
            }
            JupyterAction::Uninstall(wanted) => {
                let folder = kernelspec::uninstall(&data_folder(wanted)?, &wanted.name)?;
                program.terminal.note(&format!("removed {}", folder.display()));
                Ok(())
            }
            JupyterAction::Kernel { connection } => {
                parent::end_with_it();
                Ok(serve(connection, program.context(None), program)?)
            }
        }
    }

    /// The options that the kernel is started with: those that the installation was given and that are about
    /// scripts. Folders to read are as seen from here, as notebooks lie elsewhere.
    fn options(globals: &Globals) -> Result<Vec<String>, Failure> {
        let mut options = Vec::new();
        let mut add = |name: &str, value: String| options.extend([name.to_owned(), value]);
        add("--device", globals.device.clone());
        globals.seed.iter().for_each(|seed| add("--seed", seed.to_string()));
        globals.out.iter().for_each(|out| add("--out", out.display().to_string()));
        let folders = globals.models.iter().map(|folder| ("--models", folder));
        for (name, folder) in folders.chain(globals.allow_read.iter().map(|folder| ("--allow-read", folder)))
        {
            add(name, std::path::absolute(folder)?.display().to_string());
        }
        globals.max_seconds.iter().for_each(|most| add("--max-seconds", most.to_string()));
        globals.max_operations.iter().for_each(|most| add("--max-operations", most.to_string()));
        if globals.sandbox {
            options.push("--sandbox".to_owned());
        }
        Ok(options)
    }

    /// Jupyter's folder of data, as its `jupyter_core` finds it.
    fn data_folder(wanted: &Kernelspec) -> Result<PathBuf, Failure> {
        if let Some(prefix) = &wanted.prefix {
            return Ok(prefix.join("share").join("jupyter"));
        }
        let folder = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
        if let Some(named) = folder("JUPYTER_DATA_DIR") {
            return Ok(named);
        }
        let found = if cfg!(windows) {
            folder("APPDATA").map(|data| data.join("jupyter"))
        } else if cfg!(target_os = "macos") {
            folder("HOME").map(|home| home.join("Library").join("Jupyter"))
        } else {
            let data = folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local").join("share")));
            data.map(|data| data.join("jupyter"))
        };
        found.ok_or_else(|| {
            Failure::Failed("there is no home folder: --prefix or JUPYTER_DATA_DIR names a place".into())
        })
    }

    impl Process for Program {
        fn log(&self, text: &str) {
            self.terminal.warn(text);
        }

        fn waiting(&self, wait: &mut dyn FnMut()) {
            self.interrupt.while_waiting(wait);
        }

        fn within_time(&self, work: &mut dyn FnMut()) {
            Program::within_time(self, work);
        }

        fn told(&self, diagnostic: Diagnostic) -> Diagnostic {
            bug::told(diagnostic)
        }
    }
}
