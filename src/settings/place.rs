//! On which line of a YAML text a key stands.
//!
//! The parser tells lines only with its errors, so one is provoked: a reader walks down to the key and
//! gives up there.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::values::Step;

/// The line of the last step of `path`, counted from 1; `None` where the text has no such place.
pub fn line_of(text: &str, path: &[Step]) -> Option<usize> {
    let found = Walk(path).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    found.to_string().contains(HERE).then(|| found.location().map(|at| at.line())).flatten()
}

/// What the provoked error says.
const HERE: &str = "the place that was looked for";

/// Walks down the rest of a path.
struct Walk<'p>(&'p [Step]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            [] => Err(D::Error::custom(HERE)),
            [Step::Key(_), ..] => deserializer.deserialize_map(self),
            [Step::Index(_), ..] => deserializer.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a map or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Step::Key(key), rest)) = self.0.split_first() else { return Ok(()) };
        while let Some(found) = map.next_key_seed(Key { wanted: key, is_last: rest.is_empty() })? {
            match found {
                true => map.next_value_seed(Walk(rest))?,
                false => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((Step::Index(index), rest)) = self.0.split_first() else { return Ok(()) };
        for _ in 0..*index {
            seq.next_element::<IgnoredAny>()?;
        }
        if rest.is_empty() {
            return seq.next_element_seed(Element).map(drop);
        }
        seq.next_element_seed(Walk(rest)).map(drop)
    }
}

/// Gives up at whatever stands there.
struct Element;

impl<'de> DeserializeSeed<'de> for Element {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Element {
    type Value = ();

    // Nothing is ever it.
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(HERE)
    }
}

/// Compares a key; gives up at the last one of a path.
struct Key<'p> {
    wanted: &'p str,
    is_last: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(HERE)
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        match key == self.wanted {
            true if self.is_last => Err(E::custom(HERE)),
            is_wanted => Ok(is_wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# a comment\nname: x\nmodel:\n  grid: { bars: 4,\n    planes: 2 }\n  latent:\n    \
                        z: 3\nsample_grid:\n  - 4\n  - [5]\nlast: 1\n";

    #[test]
    fn keys_are_found_at_any_depth_and_in_either_style() {
        let line = |path: &str| {
            let steps: Vec<Step> = path.split('.').map(Step::from).collect();
            line_of(TEXT, &steps)
        };
        let found = ["name", "model", "model.grid.bars", "model.grid.planes", "model.latent.z", "last"];
        assert_eq!(found.map(line), [Some(2), Some(3), Some(4), Some(5), Some(7), Some(11)]);
        assert_eq!(["sample_grid.0", "sample_grid.1"].map(line), [Some(9), Some(10)]);
        assert_eq!(["none", "name.x", "model.grid.octaves", "sample_grid.7"].map(line), [None; 4]);
    }
}
