//! Why there is no kernel.

use std::path::PathBuf;

use crate::base::FileError;

/// Why a kernel cannot be served, installed or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is not the connection file of a front end.
    #[error("`{path}` is no connection file of Jupyter: {reason}", path = path.display())]
    Connection {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A front end asks for something that this kernel does not do.
    #[error("the connection file asks for {asked}: this kernel only does {done}")]
    Unsupported {
        /// What it asks for.
        asked: String,
        /// What there is.
        done: &'static str,
    },
    /// A socket cannot be opened.
    #[error("cannot listen at {address}: {reason}")]
    Socket {
        /// Where.
        address: String,
        /// Why not.
        reason: String,
    },
    /// The system has no thread left.
    #[error("cannot start the threads that talk to the front end: {0}")]
    Threads(std::io::Error),
    /// A kernel cannot have this name.
    #[error("`{0}` is no name for a kernel: letters, digits, `-`, `.` and `_` make one")]
    Name(String),
    /// There is no such kernel.
    #[error("there is no kernel at `{path}`", path = .0.display())]
    NotInstalled(PathBuf),
    /// A kernel cannot be removed.
    #[error("cannot remove `{path}`: {source}", path = path.display())]
    Remove {
        /// Its folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A kernel is another program's.
    #[error("`{path}` is the kernel of another program and stays", path = .0.display())]
    Foreign(PathBuf),
}
