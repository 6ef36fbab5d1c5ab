//! What a page's thread has yet to do, in order; of many values of one widget the last. And the flag that stops
//! what it does: nobody else lowers it, so that it is known which task somebody meant.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::base::Cancel;

/// Tasks that wait while the page is busy.
const MOST: usize = 64;

/// Something that a later one of its kind may take the place of.
pub(super) trait Replaceable {
    /// What it sets, if it is a new value for something.
    fn sets(&self) -> Option<u64>;
}

/// Tasks on their way from many threads to one.
pub(super) struct Mailbox<T> {
    inside: Mutex<Inside<T>>,
    comes: Condvar,
    /// Raised to stop the task that was taken last. Changed only by who holds `inside`, but for the clock that
    /// lets a task's time run out.
    cancel: Cancel,
}

struct Inside<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
}

/// Nothing more is taken: too much waits, or the page has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl<T: Replaceable> Mailbox<T> {
    pub(super) fn new() -> Self {
        Self {
            inside: Mutex::new(Inside { waiting: VecDeque::new(), is_closed: false }),
            comes: Condvar::new(),
            cancel: Cancel::new(),
        }
    }

    /// What stops the task that was taken last.
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Adds a task behind the others. A new value takes the place of one for the same widget, if nothing but
    /// values has come since.
    ///
    /// # Errors
    /// [`Full`].
    pub(super) fn put(&self, task: T) -> Result<(), Full> {
        let mut inside = self.inside();
        if inside.is_closed {
            return Err(Full);
        }
        if let Some(id) = task.sets() {
            let mut values = inside.waiting.iter_mut().rev().take_while(|waiting| waiting.sets().is_some());
            if let Some(earlier) = values.find(|waiting| waiting.sets() == Some(id)) {
                *earlier = task;
                return Ok(());
            }
        }
        if inside.waiting.len() >= MOST {
            return Err(Full);
        }
        inside.waiting.push_back(task);
        drop(inside);
        self.comes.notify_one();
        Ok(())
    }

    /// Waits for the next task and takes it; from then on [`Mailbox::stop`] is meant for this one. `None` when
    /// the mailbox is closed.
    pub(super) fn next(&self) -> Option<T> {
        let inside = self.inside();
        let is_idle = |inside: &mut Inside<T>| inside.waiting.is_empty() && !inside.is_closed;
        let waited = self.comes.wait_while(inside, is_idle);
        let mut inside = waited.unwrap_or_else(PoisonError::into_inner);
        if inside.is_closed {
            return None;
        }
        // While `inside` is held: who comes later stops this task, who came before did not mean it.
        self.cancel.reset();
        inside.waiting.pop_front()
    }

    /// Forgets tasks that `is_unwanted`.
    pub(super) fn forget(&self, is_unwanted: impl Fn(&T) -> bool) {
        self.inside().waiting.retain(|task| !is_unwanted(task));
    }

    /// Stops the task that was taken last, and forgets those that wait and are `meant` as well.
    pub(super) fn stop(&self, meant: impl Fn(&T) -> bool) {
        let mut inside = self.inside();
        inside.waiting.retain(|task| !meant(task));
        self.cancel.raise();
    }

    /// Takes no more tasks, forgets those that wait, and stops the one that was taken last.
    pub(super) fn close(&self) {
        let mut inside = self.inside();
        inside.is_closed = true;
        inside.waiting.clear();
        self.cancel.raise();
        drop(inside);
        self.comes.notify_all();
    }

    fn inside(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Task {
        Set(u64, i32),
        Click,
    }

    impl Replaceable for Task {
        fn sets(&self) -> Option<u64> {
            match self {
                Self::Set(id, _) => Some(*id),
                Self::Click => None,
            }
        }
    }

    fn taken(mailbox: &Mailbox<Task>) -> Vec<Task> {
        mailbox.put(Task::Click).unwrap();
        let mut all = Vec::new();
        while mailbox.inside().waiting.len() > 1 {
            all.push(mailbox.next().unwrap());
        }
        all
    }

    #[test]
    fn of_many_values_the_last_is_left() {
        let mailbox = Mailbox::new();
        for value in 0..1000 {
            mailbox.put(Task::Set(1, value)).unwrap();
            mailbox.put(Task::Set(2, -value)).unwrap();
        }
        assert_eq!(taken(&mailbox), [Task::Set(1, 999), Task::Set(2, -999)]);
    }

    #[test]
    fn a_value_does_not_overtake_a_click() {
        let mailbox = Mailbox::new();
        for task in [Task::Set(1, 1), Task::Click, Task::Set(1, 2), Task::Set(1, 3)] {
            mailbox.put(task).unwrap();
        }
        assert_eq!(taken(&mailbox), [Task::Set(1, 1), Task::Click, Task::Set(1, 3)]);
    }

    #[test]
    fn there_is_an_end_to_what_waits() {
        let mailbox = Mailbox::new();
        let taken = (0..1000).take_while(|_| mailbox.put(Task::Click).is_ok()).count();
        assert_eq!(taken, MOST);
        mailbox.close();
        assert_eq!((mailbox.put(Task::Click), mailbox.next()), (Err(Full), None));
    }

    #[test]
    fn a_stop_stops_what_was_taken_and_what_waits_and_nothing_that_comes_later() {
        let mailbox = Mailbox::new();
        mailbox.put(Task::Click).unwrap();
        // Nothing has been taken yet: what waits is not begun.
        mailbox.stop(|task| *task == Task::Click);
        mailbox.put(Task::Set(1, 1)).unwrap();
        assert_eq!(mailbox.next(), Some(Task::Set(1, 1)));
        assert!(!mailbox.cancel().is_raised());
        // It has been taken: it finds the flag raised, however late it begins.
        mailbox.put(Task::Set(1, 2)).unwrap();
        mailbox.stop(|_| false);
        assert!(mailbox.cancel().is_raised());
        assert_eq!(mailbox.next(), Some(Task::Set(1, 2)));
        assert!(!mailbox.cancel().is_raised());
    }

    #[test]
    fn what_was_taken_before_the_end_is_stopped_and_nothing_more_is_taken() {
        let mailbox = Mailbox::new();
        mailbox.put(Task::Set(1, 1)).unwrap();
        mailbox.put(Task::Click).unwrap();
        assert_eq!(mailbox.next(), Some(Task::Set(1, 1)));
        mailbox.close();
        assert_eq!((mailbox.next(), mailbox.next()), (None, None));
        assert!(mailbox.cancel().is_raised());
    }
}
