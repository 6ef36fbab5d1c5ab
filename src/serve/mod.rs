//! Scripts as pages in a browser: a small server on this machine, for the person in front of it.
//!
//! A [`Server`] listens on 127.0.0.1 alone and turns away whoever asks by another name or comes from another
//! site (`guard`). Every browser tab has a script of its own in a thread of its own (`tab`), which outlives
//! reloads and lost connections for a while (`tabs`) and talks to the browser through a WebSocket
//! (`socket`). Music is rendered to sound on demand (`sound`). What the browser shows is hand-written and
//! inside the binary (`assets`): no file of the machine can be asked for.
//!
//! The only home of axum and, beside `jupyter`, of tokio. Depends on `script`, `page`, `audio`, `music` and
//! `base`.

mod assets;
mod creator;
mod error;
mod guard;
mod mailbox;
mod message;
mod outlet;
mod server;
mod socket;
mod sound;
mod tab;
mod tabs;

pub use creator::Creator;
pub use error::ServeError;
pub use server::Server;
pub use tabs::Limits;

/// Where pages are served unless somebody asks for another place.
pub const PORT: u16 = 8077;
/// Bytes of a file that a page takes from its browser.
pub const LARGEST_UPLOAD: usize = 2 << 20;

#[cfg(test)]
mod tests;
