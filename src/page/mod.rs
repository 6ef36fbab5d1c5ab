//! What a page of widgets is: kinds and their checked values, the tree, and what goes over the wire. Knows
//! neither scripts nor HTTP; whoever runs a page keeps a [`Tree`] and tells a [`Sink`] what changes.
//!
//! The JSON of [`Described`], [`Change`] and [`Event`] is what the page in the browser reads and writes.

mod error;
mod kind;
mod message;
mod music;
mod node;
mod packed;
mod tree;
mod value;

pub use error::PageError;
pub use kind::Kind;
pub use message::{Bytes, Change, Event, Sink, Unheard, data_address};
pub use music::{Music, MusicTrack};
pub use node::{Described, Id, Node, ROOT};
pub use packed::{pack, unpack};
pub use tree::Tree;
