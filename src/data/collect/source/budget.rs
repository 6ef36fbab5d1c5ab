//! Readers that stop before they have unpacked too much.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Refusal;
use crate::base::Cancel;

/// Bytes that may still be unpacked from an archive and everything in it; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// `None` once it was not enough.
    left: Rc<Cell<Option<u64>>>,
    cancel: Cancel,
}

impl Budget {
    /// So many bytes; none once `cancel` is raised.
    pub fn new(bytes: u64, cancel: &Cancel) -> Self {
        Self { left: Rc::new(Cell::new(Some(bytes))), cancel: cancel.clone() }
    }

    /// Makes it so many bytes again.
    pub fn refill(&self, bytes: u64) {
        self.left.set(Some(bytes));
    }

    /// Whether more was asked for than there was.
    pub fn is_spent(&self) -> bool {
        self.left.get().is_none()
    }

    /// A reader that draws on the budget.
    pub fn of<R>(&self, reader: R) -> Metered<R> {
        Metered { reader, budget: self.clone() }
    }
}

/// A reader whose bytes are paid from a budget.
#[derive(Debug)]
pub(super) struct Metered<R> {
    reader: R,
    budget: Budget,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.cancel.is_raised() {
            return Err(io::Error::other("stopped"));
        }
        let count = self.reader.read(buffer)?;
        let left = self.budget.left.get().and_then(|left| left.checked_sub(count as u64));
        self.budget.left.set(left);
        if left.is_some() { Ok(count) } else { Err(io::Error::other(Bomb)) }
    }
}

/// More came out than any archive of songs holds.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to far more than its size: not read any further")]
struct Bomb;

/// The refusal that a reader's error stands for, when it is one of ours.
pub(super) fn refusal_in(error: &io::Error) -> Option<Refusal> {
    let bomb = std::iter::successors(error.get_ref().map(|e| e as &dyn std::error::Error), |e| e.source())
        .find_map(|e| e.downcast_ref::<Bomb>());
    // Some readers put the errors of those below into words.
    let bomb = bomb.is_some() || error.to_string().contains(&Bomb.to_string());
    bomb.then(|| Refusal::new("zip_bomb", Bomb.to_string()))
}

/// A reader that has to give so many bytes: an earlier end is an error.
#[derive(Debug)]
pub(super) struct Whole<R> {
    pub reader: R,
    pub left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut short"));
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// Reads all of `reader`, or refuses it when it has more than `most` bytes; `start` is what has been
/// read of it already.
pub(super) fn read_all(start: Vec<u8>, reader: &mut dyn Read, most: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = start;
    let allowed = (most + 1).saturating_sub(bytes.len() as u64);
    reader.take(allowed).read_to_end(&mut bytes).map_err(|error| match refusal_in(&error) {
        Some(refusal) => refusal,
        None => Refusal::new("damaged_member", format!("it cannot be unpacked: {error}")),
    })?;
    match bytes.len() as u64 > most {
        true => Err(too_large(most)),
        false => Ok(bytes),
    }
}

/// A song that is larger than songs are.
pub(super) fn too_large(most: u64) -> Refusal {
    let most = if most >= 1 << 20 { format!("{} MiB", most >> 20) } else { format!("{most} bytes") };
    Refusal::new("too_large", format!("it has more than {most}, the most that is read"))
}
