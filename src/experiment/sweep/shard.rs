//! A share of a sweep, for one of several machines.

use std::fmt;
use std::str::FromStr;

use crate::experiment::ExperimentError;

/// Share `index` of `count`, counted from 1: every `count`-th cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// Share `index` of `count`.
    ///
    /// # Errors
    /// [`ExperimentError::Shard`] unless `index` lies in `1..=count`.
    pub fn new(index: usize, count: usize) -> Result<Self, ExperimentError> {
        match (1..=count).contains(&index) {
            true => Ok(Self { index, count }),
            false => Err(ExperimentError::Shard { given: format!("{index}/{count}") }),
        }
    }

    /// Which share, from 1.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }
}

impl FromStr for Shard {
    type Err = ExperimentError;

    fn from_str(text: &str) -> Result<Self, ExperimentError> {
        let parts =
            text.split_once('/').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        let (index, count) = parts.ok_or_else(|| ExperimentError::Shard { given: text.to_owned() })?;
        Self::new(index, count)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_from_one() {
        let shard: Shard = "3/16".parse().unwrap();
        assert_eq!((shard.index(), shard.count(), shard.to_string()), (3, 16, "3/16".to_owned()));
        for wrong in ["0/4", "5/4", "3", "a/b", "1/0", "-1/2"] {
            let error = wrong.parse::<Shard>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{wrong}`")) && error.contains("3/16"), "{error}");
        }
    }
}
