//! The widgets of a page and where they stand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Change, Described, Id, Kind, Node, PageError, ROOT};

/// Most widgets of a page.
const MOST: usize = 10_000;
/// Most containers within each other.
const DEEPEST: usize = 64;

/// All widgets that have been made, whether they stand on the page or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Each without its children.
    nodes: BTreeMap<Id, Node>,
    children: BTreeMap<Id, Vec<Id>>,
    /// Whether somebody has said what stands on the page; otherwise it is all that stands nowhere else.
    is_laid_out: bool,
}

impl Default for Tree {
    fn default() -> Self {
        let root = node(ROOT, Kind::Column, "");
        Self { nodes: [(ROOT, root)].into(), children: BTreeMap::new(), is_laid_out: false }
    }
}

impl Tree {
    /// Makes a widget.
    ///
    /// # Errors
    /// That there are too many.
    pub fn add(&mut self, kind: Kind, label: &str, hint: &str) -> Result<Id, PageError> {
        if self.nodes.len() > MOST {
            return Err(PageError::TooMany(MOST));
        }
        let id = self.nodes.last_key_value().map_or(ROOT, |(last, _)| last + 1);
        self.nodes.insert(id, Node { hint: hint.to_owned(), ..node(id, kind, label) });
        Ok(id)
    }

    /// Whether somebody has said what stands on the page.
    pub fn is_laid_out(&self) -> bool {
        self.is_laid_out
    }

    /// The number of widgets, the root not counted.
    pub fn len(&self) -> usize {
        self.nodes.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A widget, without its children.
    ///
    /// # Errors
    /// That there is no such widget.
    pub fn get(&self, id: Id) -> Result<&Node, PageError> {
        self.nodes.get(&id).ok_or(PageError::NoWidget(id))
    }

    /// All widgets in the order in which they were made, without their children.
    pub fn iter(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(|node| node.id != ROOT)
    }

    /// Changes a widget and gives what is different then, if anything is.
    ///
    /// # Errors
    /// That there is no such widget.
    pub fn change(&mut self, id: Id, change: impl FnOnce(&mut Node)) -> Result<Option<Change>, PageError> {
        let node = self.nodes.get_mut(&id).ok_or(PageError::NoWidget(id))?;
        let before = node.clone();
        change(node);
        let set = if *node == before { Map::new() } else { difference(&before, node) };
        Ok((!set.is_empty()).then_some(Change::Set { id, set }))
    }

    /// Gives a widget the value that a visitor or a script has chosen.
    ///
    /// # Errors
    /// What it takes instead.
    pub fn set(&mut self, id: Id, value: &Value) -> Result<Option<Change>, PageError> {
        let node = self.get(id)?;
        let kind = node.kind.with_value(&node.label, value)?;
        self.change(id, |node| node.kind = kind)
    }

    /// Places widgets in a container, or on the page itself, in place of those that stood there.
    ///
    /// # Errors
    /// That it holds none, or that one of them stands elsewhere, too deep, or would stand within itself.
    pub fn fill(&mut self, id: Id, children: Vec<Id>) -> Result<Change, PageError> {
        let container = self.get(id)?;
        if !container.kind.holds_children() {
            let (label, kind) = (container.label.clone(), container.kind.name());
            return Err(PageError::NotThisKind { label, kind });
        }
        let mut placed = self.placed(Some(id));
        for child in &children {
            let label = self.get(*child)?.called();
            if !placed.insert(*child) {
                return Err(PageError::TwoPlaces(label));
            }
            if *child == ROOT || self.holds(*child, id) {
                return Err(PageError::WithinItself(label));
            }
        }
        let height = children.iter().map(|child| self.height(*child) + 1).max();
        if self.depth(id) + height.unwrap_or(0) > DEEPEST {
            return Err(PageError::TooDeep(DEEPEST));
        }
        self.is_laid_out |= id == ROOT;
        self.children.insert(id, children);
        Ok(Change::Children { id, children: self.below(id) })
    }

    /// What stands on the page, as a change of it.
    pub fn on_the_page(&self) -> Change {
        Change::Children { id: ROOT, children: self.below(ROOT) }
    }

    /// The page as a whole.
    pub fn described(&self) -> Described {
        let root = self.whole(ROOT).unwrap_or_else(|| node(ROOT, Kind::Column, ""));
        Described { title: root.label.clone(), root }
    }

    /// All widgets that stand in a container, other than this one.
    fn placed(&self, other_than: Option<Id>) -> BTreeSet<Id> {
        let others = self.children.iter().filter(|(container, _)| Some(**container) != other_than);
        others.flat_map(|(_, held)| held.iter().copied()).collect()
    }

    /// Whether `inner` is `outer` or stands within it.
    fn holds(&self, outer: Id, inner: Id) -> bool {
        let mut below = self.children.get(&outer).into_iter().flatten();
        outer == inner || below.any(|child| self.holds(*child, inner))
    }

    /// How many containers stand around a widget.
    fn depth(&self, id: Id) -> usize {
        let around = self.children.iter().find(|(_, held)| held.contains(&id));
        around.map_or(0, |(container, _)| self.depth(*container) + 1)
    }

    /// How many levels of widgets stand within one.
    fn height(&self, id: Id) -> usize {
        let held = self.children.get(&id).into_iter().flatten();
        held.map(|child| self.height(*child) + 1).max().unwrap_or(0)
    }

    fn below(&self, id: Id) -> Vec<Node> {
        if id == ROOT && !self.is_laid_out {
            let placed = self.placed(None);
            let loose = self.nodes.keys().filter(|id| **id != ROOT && !placed.contains(id));
            return loose.filter_map(|id| self.whole(*id)).collect();
        }
        self.children.get(&id).into_iter().flatten().filter_map(|child| self.whole(*child)).collect()
    }

    fn whole(&self, id: Id) -> Option<Node> {
        Some(Node { children: self.below(id), ..self.nodes.get(&id)?.clone() })
    }
}

impl Node {
    /// Its label or, without one, what it is.
    pub fn called(&self) -> String {
        if self.label.is_empty() { self.kind.name().to_owned() } else { self.label.clone() }
    }
}

fn node(id: Id, kind: Kind, label: &str) -> Node {
    let (label, hint) = (label.to_owned(), String::new());
    Node { id, kind, label, enabled: true, visible: true, hint, children: Vec::new() }
}

/// The properties of `after` that differ; what `before` had and `after` lacks becomes null.
fn difference(before: &Node, after: &Node) -> Map<String, Value> {
    let properties = |node: &Node| match serde_json::to_value(node) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let (before, mut after) = (properties(before), properties(after));
    for key in before.keys() {
        after.entry(key.clone()).or_insert(Value::Null);
    }
    after.into_iter().filter(|(key, value)| before.get(key) != Some(value)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn button(tree: &mut Tree, label: &str) -> Id {
        tree.add(Kind::Button { primary: false }, label, "").unwrap()
    }

    fn labels(nodes: &[Node]) -> Vec<&str> {
        nodes.iter().map(|node| node.label.as_str()).collect()
    }

    #[test]
    fn without_a_layout_widgets_stand_in_the_order_in_which_they_were_made() {
        let mut tree = Tree::default();
        let a = button(&mut tree, "a");
        button(&mut tree, "b");
        let c = button(&mut tree, "c");
        let row = tree.add(Kind::Row, "row", "").unwrap();
        tree.fill(row, vec![c, a]).unwrap();
        let root = tree.described().root;
        assert_eq!(labels(&root.children), ["b", "row"]);
        assert_eq!(labels(&root.children[1].children), ["c", "a"]);
        tree.fill(ROOT, vec![row]).unwrap();
        assert_eq!(labels(&tree.described().root.children), ["row"]);
    }

    #[test]
    fn a_widget_has_one_place_and_none_within_itself() {
        let mut tree = Tree::default();
        let a = button(&mut tree, "a");
        let outer = tree.add(Kind::Row, "outer", "").unwrap();
        let inner = tree.add(Kind::Column, "inner", "").unwrap();
        tree.fill(outer, vec![inner]).unwrap();
        assert_eq!(tree.fill(inner, vec![outer]), Err(PageError::WithinItself("outer".into())));
        assert_eq!(tree.fill(inner, vec![inner]), Err(PageError::TwoPlaces("inner".into())));
        tree.fill(inner, vec![a]).unwrap();
        assert_eq!(tree.fill(outer, vec![inner, a]), Err(PageError::TwoPlaces("a".into())));
        tree.fill(inner, vec![]).unwrap();
        tree.fill(outer, vec![inner, a]).unwrap();
        let no_container = PageError::NotThisKind { label: "a".into(), kind: "a button" };
        assert_eq!(tree.fill(a, vec![]), Err(no_container));
        assert_eq!(tree.fill(outer, vec![99]), Err(PageError::NoWidget(99)));
    }

    #[test]
    fn containers_stand_so_deep_within_each_other_and_no_deeper() {
        let mut tree = Tree::default();
        let mut row = || tree.add(Kind::Row, "", "").unwrap();
        let rows: Vec<Id> = (0..DEEPEST + 1).map(|_| row()).collect();
        // Half from the outside inwards, half the other way, then both together.
        let (outer, inner) = rows.split_at(DEEPEST / 2);
        let pairs = outer.windows(2).chain(inner.windows(2).rev());
        pairs.for_each(|pair| drop(tree.fill(pair[0], vec![pair[1]]).unwrap()));
        drop(tree.fill(outer[outer.len() - 1], vec![inner[0]]).unwrap());
        assert_eq!(tree.fill(ROOT, vec![rows[0]]), Err(PageError::TooDeep(DEEPEST)));
        tree.fill(ROOT, vec![rows[1]]).unwrap_err();
        drop(tree.fill(rows[0], vec![]).unwrap());
        drop(tree.fill(ROOT, vec![rows[1]]).unwrap());
        let last = rows[rows.len() - 1];
        let more = tree.add(Kind::Row, "", "").unwrap();
        assert_eq!(tree.fill(last, vec![more]), Err(PageError::TooDeep(DEEPEST)));
    }

    #[test]
    fn only_what_changed_is_told() {
        let mut tree = Tree::default();
        let id = tree.add(Kind::CheckBox { value: false }, "Lock", "").unwrap();
        assert_eq!(tree.set(id, &json!(false)), Ok(None));
        let told = tree.change(id, |node| {
            node.kind = Kind::CheckBox { value: true };
            node.enabled = false;
        });
        let set = Map::from_iter([("value".into(), json!(true)), ("enabled".into(), json!(false))]);
        assert_eq!(told, Ok(Some(Change::Set { id, set })));
        let number = Kind::Number { min: Some(0.0), max: None, step: 1.0, value: 1.0, whole: true };
        let id = tree.add(number.clone(), "n", "").unwrap();
        let Kind::Number { step, value, whole, .. } = number else { unreachable!() };
        let told =
            tree.change(id, |node| node.kind = Kind::Number { min: None, max: None, step, value, whole });
        assert_eq!(told, Ok(Some(Change::Set { id, set: Map::from_iter([("min".into(), Value::Null)]) })));
    }
}
