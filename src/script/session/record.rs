//! What was entered and answered. Entries stay; of their answers, which are a thousand times as long, so many
//! that a session does not grow by them.

use super::{Entry, Outcome};

/// Letters of answers that are kept: about five thousand phrases.
const MOST: usize = 16 << 20;
/// What stands in the place of an older answer.
const GONE: &str = "(an answer this old is not kept)";

/// The entries of a session.
pub(super) struct Record {
    entries: Vec<Entry>,
    /// The first entry whose answer is kept.
    first: usize,
    /// Letters of the answers from there on.
    letters: usize,
    most: usize,
}

impl Record {
    fn keeping(most: usize) -> Self {
        Self { entries: Vec::new(), first: 0, letters: 0, most }
    }

    /// All entries, in order.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds an entry, whose own answer is kept in any case.
    pub(super) fn push(&mut self, entry: Entry) {
        self.letters += letters(&entry);
        self.entries.push(entry);
        while self.letters > self.most && self.first + 1 < self.entries.len() {
            let oldest = &mut self.entries[self.first];
            self.letters -= letters(oldest);
            forget_answer(oldest);
            self.first += 1;
        }
    }

    /// Leaves out all entries but the first `count`.
    pub(super) fn truncate(&mut self, count: usize) {
        let gone = self.entries.iter().skip(count.max(self.first));
        self.letters -= gone.map(letters).sum::<usize>();
        self.entries.truncate(count);
        self.first = self.first.min(count);
    }
}

impl Default for Record {
    fn default() -> Self {
        Self::keeping(MOST)
    }
}

fn letters(entry: &Entry) -> usize {
    let shown = match &entry.outcome {
        Outcome::Done(Some(text)) | Outcome::Failed(text) => text.len(),
        Outcome::Done(None) | Outcome::Stopped => 0,
    };
    entry.printed.len() + shown
}

/// Whether the entry went well, and whether it had a value, remains known.
fn forget_answer(entry: &mut Entry) {
    match &mut entry.outcome {
        Outcome::Done(Some(text)) | Outcome::Failed(text) => GONE.clone_into(text),
        Outcome::Done(None) | Outcome::Stopped if !entry.printed.is_empty() => {
            GONE.clone_into(&mut entry.printed);
            return;
        }
        Outcome::Done(None) | Outcome::Stopped => {}
    }
    entry.printed = String::new();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize, printed: &str, shown: Option<&str>) -> Entry {
        let outcome = Outcome::Done(shown.map(str::to_owned));
        Entry { number, file: None, text: "x".into(), printed: printed.into(), outcome }
    }

    #[test]
    fn the_oldest_answers_go_first_and_entries_stay() {
        let mut record = Record::keeping(10);
        record.push(entry(1, "", Some("1234")));
        record.push(entry(2, "1234", None));
        record.push(entry(3, "", None));
        record.push(entry(4, "", Some("12345")));
        let shown = |record: &Record| record.entries.iter().map(|e| e.outcome.clone()).collect::<Vec<_>>();
        assert_eq!(shown(&record)[0], Outcome::Done(Some(GONE.into())));
        assert_eq!((record.entries[1].printed.as_str(), record.letters), ("1234", 9));
        record.push(entry(5, "longer than all that", Some("may be kept")));
        assert_eq!((record.entries[1].printed.as_str(), record.entries.len()), (GONE, 5));
        assert_eq!(shown(&record)[4], Outcome::Done(Some("may be kept".into())));
    }

    #[test]
    fn what_is_taken_back_makes_room() {
        let mut record = Record::keeping(10);
        (1..=4).for_each(|number| record.push(entry(number, "", Some("1234"))));
        assert_eq!((record.first, record.letters), (2, 8));
        record.truncate(3);
        assert_eq!((record.first, record.letters), (2, 4));
        record.truncate(1);
        assert_eq!((record.first, record.letters), (1, 0));
        record.push(entry(2, "", Some("1234567890")));
        assert_eq!(record.entries[1].outcome, Outcome::Done(Some("1234567890".into())));
    }
}
