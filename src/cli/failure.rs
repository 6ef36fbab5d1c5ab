//! How a command can end other than well, and the exit code of each way.

use std::process::ExitCode;

use crate::base::Cancel;

/// Why a command gives up. Every library error becomes [`Failure::Failed`] by `?`.
#[derive(Debug)]
pub(super) enum Failure {
    /// It cannot be done; the message says what, where and what to do.
    Failed(String),
    /// The command line itself is wrong.
    Usage(String),
    /// The person stopped it; the message says what is kept, if that has not been said yet.
    Stopped(Option<String>),
    /// The message has been written already; only the exit code is left.
    Told,
    /// Nobody reads the output any more, as in `ricercar … | head -1`.
    Unread,
}

impl Failure {
    /// The same, but stopped if Ctrl-C raised `cancel`: then the error is that the work gave up.
    pub(super) fn after(self, cancel: &Cancel) -> Self {
        match self {
            Self::Failed(message) if cancel.is_raised() => Self::Stopped(Some(message)),
            other => other,
        }
    }

    /// 1 for errors, 2 for usage, 130 for stopped work (128 + SIGINT); an unread rest is no failure.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed(_) | Self::Told => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::Stopped(_) => ExitCode::from(STOPPED),
            Self::Unread => ExitCode::SUCCESS,
        }
    }
}

/// Exit code of work that Ctrl-C stopped.
pub(super) const STOPPED: u8 = 130;

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}
