//! Songs that belong together.

use std::collections::HashMap;
use std::hash::Hash;

/// Which of `0..n` belong together: a partition that gets coarser.
#[derive(Clone, Debug)]
pub struct Groups {
    /// For each member another of its group, itself for the one that stands for it.
    parents: Vec<usize>,
}

impl Groups {
    /// `n` members, each on its own.
    pub fn new(n: usize) -> Self {
        Self { parents: (0..n).collect() }
    }

    /// The groups of members with equal labels; a member without a label is on its own.
    pub fn by_label<L: Hash + Eq>(labels: impl IntoIterator<Item = Option<L>>) -> Self {
        let mut first: HashMap<L, usize> = HashMap::new();
        let mut parents = Vec::new();
        for (member, label) in labels.into_iter().enumerate() {
            parents.push(label.map_or(member, |label| *first.entry(label).or_insert(member)));
        }
        Self { parents }
    }

    /// Puts the groups of `a` and `b` together; both must be less than `n`.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        // The smaller number stands for the group, so that the order of joining does not matter.
        self.parents[a.max(b)] = a.min(b);
    }

    /// Puts together what belongs together in `other`, of as many members.
    pub fn join_all(&mut self, mut other: Self) {
        for member in 0..other.parents.len().min(self.parents.len()) {
            let first = other.find(member);
            self.join(member, first);
        }
    }

    /// For each member the lowest member of its group.
    pub fn ids(mut self) -> Vec<usize> {
        (0..self.parents.len()).map(|member| self.find(member)).collect()
    }

    fn find(&mut self, mut member: usize) -> usize {
        while self.parents[member] != member {
            self.parents[member] = self.parents[self.parents[member]];
            member = self.parents[member];
        }
        member
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_is_transitive_and_in_any_order() {
        let joined = |pairs: &[(usize, usize)]| {
            let mut groups = Groups::new(6);
            pairs.iter().for_each(|(a, b)| groups.join(*a, *b));
            groups.ids()
        };
        assert_eq!(joined(&[(4, 2), (2, 5), (0, 1)]), [0, 0, 2, 3, 2, 2]);
        assert_eq!(joined(&[(0, 1), (5, 2), (4, 5)]), [0, 0, 2, 3, 2, 2]);
    }

    #[test]
    fn labels_and_pairs_make_groups_together() {
        let mut groups = Groups::by_label([Some("a"), None, Some("b"), Some("a"), None]);
        let mut pairs = Groups::new(5);
        pairs.join(3, 4);
        groups.join_all(pairs);
        assert_eq!(groups.ids(), [0, 1, 2, 0, 0]);
    }
}
