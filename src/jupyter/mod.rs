//! The session as a Jupyter kernel: notebooks run the language, with pictures, sound and tables.
//!
//! [`serve`] answers a front end over the five ZeroMQ sockets that its connection file names;
//! [`kernelspec`] makes the kernel known to Jupyter. Sockets, heartbeat, interrupts and the end are the
//! business of a small asynchronous runtime (`sockets`); entries are run one after the other in the thread
//! that called [`serve`] (`kernel`), by the [`Session`](crate::script::Session) of the terminal. The
//! messages are those of the Jupyter messaging protocol 5.3. The only home of zeromq, tokio, hmac and
//! jupyter-protocol; depends on everything but `cli`, and, as a front end, looks at the clock.

mod cell;
mod display;
mod error;
mod kernel;
pub mod kernelspec;
mod positions;
mod replies;
mod sockets;
mod stage;
mod wire;

pub use error::KernelError;
pub use kernel::{Process, serve};
