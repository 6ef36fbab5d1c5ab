//! Two tables beside one another.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::Key;
use super::{ExperimentError, Table};

/// Which rows a join keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Join {
    /// Those with a partner.
    #[default]
    Inner,
    /// All of the first table; without a partner, nothing stands in the second one's columns.
    Left,
}

impl Table {
    /// Each row beside the rows of `other` that agree with it in the columns `on`, in the order of the
    /// rows here and then there. A row with several partners comes as often; a row without a value in
    /// `on` has none. `suffix` is put behind the names of `other`'s columns that are also here.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when a column of `on` is missing in either table,
    /// [`ExperimentError::JoinClash`] when another column is in both and there is no `suffix` (or it makes
    /// a name that is taken), [`ExperimentError::JoinWithout`] when `on` is empty.
    pub fn join<S: AsRef<str>>(
        &self,
        other: &Self,
        on: &[S],
        join: Join,
        suffix: Option<&str>,
    ) -> Result<Self, ExperimentError> {
        if on.is_empty() {
            return Err(ExperimentError::JoinWithout);
        }
        let (here, there) = (self.places(on)?, other.places(on)?);
        let added = self.added_columns(other, &there, suffix)?;
        let mut partners: HashMap<Vec<Key>, Vec<usize>> = HashMap::new();
        for (index, row) in other.rows().enumerate() {
            let key: Vec<Key> = there.iter().map(|place| row.at(*place).key()).collect();
            if !key.contains(&Key::Missing) {
                partners.entry(key).or_default().push(index);
            }
        }
        let mut joined = Self::new();
        joined.declare(self.columns().iter().chain(added.iter().map(|(_, name)| name)).cloned());
        for row in self.rows() {
            let key: Vec<Key> = here.iter().map(|place| row.at(*place).key()).collect();
            let own = || row.cells().map(|(_, cell)| cell.clone());
            match partners.get(&key) {
                Some(places) => {
                    for partner in places.iter().filter_map(|place| other.row(*place)) {
                        let theirs = added.iter().map(|(place, _)| partner.at(*place).clone());
                        joined.push(own().chain(theirs).collect());
                    }
                }
                None if join == Join::Left => joined.push(own().collect()),
                None => {}
            }
        }
        Ok(joined)
    }

    /// Columns of the other table that a join adds, and what they are called.
    fn added_columns(
        &self,
        other: &Self,
        on: &[usize],
        suffix: Option<&str>,
    ) -> Result<Vec<(usize, Arc<str>)>, ExperimentError> {
        let mut added: Vec<(usize, Arc<str>)> = Vec::new();
        for (place, name) in other.columns().iter().enumerate().filter(|(place, _)| !on.contains(place)) {
            let is_taken = |name: &Arc<str>| self.place(name).is_ok();
            let called = match suffix {
                Some(suffix) if is_taken(name) => format!("{name}{suffix}").into(),
                _ => name.clone(),
            };
            if is_taken(&called) || added.iter().any(|(_, known)| *known == called) {
                return Err(ExperimentError::JoinClash { name: called.to_string() });
            }
            added.push((place, called));
        }
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Cell;

    fn table(columns: [&str; 2], rows: &[(i64, &str)]) -> Table {
        let mut table = Table::new();
        for (number, text) in rows {
            table.add([(columns[0], Cell::Int(*number)), (columns[1], Cell::from(*text))]);
        }
        table
    }

    fn notes() -> Table {
        table(["seed", "note"], &[(1, "one"), (2, "two"), (3, "three")])
    }

    #[test]
    fn rows_meet_all_their_partners() {
        let marks = table(["seed", "mark"], &[(2, "a"), (1, "b"), (2, "c"), (9, "d")]);
        let inner = notes().join(&marks, &["seed"], Join::Inner, None).unwrap();
        assert_eq!(inner.to_csv(), "seed,note,mark\r\n1,one,b\r\n2,two,a\r\n2,two,c\r\n");
        let left = notes().join(&marks, &["seed"], Join::Left, None).unwrap();
        assert_eq!(left.to_csv(), "seed,note,mark\r\n1,one,b\r\n2,two,a\r\n2,two,c\r\n3,three,\r\n");
    }

    #[test]
    fn columns_of_one_name_are_refused_or_told_apart() {
        let other = table(["seed", "note"], &[(1, "eins")]);
        let error = notes().join(&other, &["seed"], Join::Inner, None).unwrap_err().to_string();
        assert!(error.starts_with("both tables have a column `note`"), "{error}");
        let told = notes().join(&other, &["seed"], Join::Inner, Some(" (de)")).unwrap();
        assert_eq!(told.to_csv(), "seed,note,note (de)\r\n1,one,eins\r\n");
        assert!(notes().join(&other, &["sede"], Join::Inner, None).is_err());
        assert!(notes().join::<&str>(&other, &[], Join::Inner, None).is_err());
    }

    #[test]
    fn nothing_is_no_partner_of_nothing() {
        let mut a = notes();
        a.add([("note", "none")]);
        let mut b = table(["seed", "mark"], &[]);
        b.add([("seed", Cell::Missing), ("mark", "x".into())]);
        assert_eq!(a.join(&b, &["seed"], Join::Inner, None).unwrap().len(), 0);
        assert_eq!(a.join(&b, &["seed"], Join::Left, None).unwrap().len(), 4);
    }
}
