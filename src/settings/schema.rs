//! The keys that a type reads, learnt from its own deserializer: nothing to keep in step by hand.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// What a key takes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// Anything, as far as is known.
    #[default]
    Any,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A map of these keys, in the order of the type.
    Keys(Vec<Key>),
}

/// A key and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it may be `null`.
    pub is_optional: bool,
}

/// The keys of a type that is read from a map, in order; none for other types.
pub fn keys_of<T: DeserializeOwned>() -> Vec<Key> {
    let look = |within: Option<usize>| {
        let seen = RefCell::default();
        // The dummy values may well be refused in the end; what was asked is known by then.
        let _ = T::deserialize(Probe { seen: &seen, looks: Looks::OnlyInto(within) });
        match seen.into_inner().kind {
            Kind::Keys(keys) => keys,
            _ => Vec::new(),
        }
    };
    // Optional parts may exclude one another, so they are looked into key by key.
    let count = look(None).len();
    (0..count).filter_map(|key| look(Some(key)).into_iter().nth(key)).collect()
}

/// Names of the keys of a type.
pub fn names_of<T: DeserializeOwned>() -> Vec<&'static str> {
    keys_of::<T>().into_iter().map(|key| key.name).collect()
}

/// Answers every question of a type with some value, and notes what was asked.
#[derive(Clone, Copy)]
struct Probe<'s> {
    seen: &'s RefCell<Key>,
    looks: Looks,
}

/// Which optional parts are there.
#[derive(Clone, Copy)]
enum Looks {
    /// Those in the key of this number, counted at the outermost map.
    OnlyInto(Option<usize>),
    /// All, or none.
    Everywhere(bool),
}

type Refused = serde::de::value::Error;

macro_rules! answer {
    ($($ask:ident => $kind:expr, $visit:ident($($value:expr)?);)*) => {
        $(fn $ask<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.seen.borrow_mut().kind = $kind;
            visitor.$visit($($value)?)
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Refused;

    answer! {
        deserialize_bool => Kind::Flag, visit_bool(false);
        deserialize_i8 => Kind::Whole, visit_u64(0);
        deserialize_i16 => Kind::Whole, visit_u64(0);
        deserialize_i32 => Kind::Whole, visit_u64(0);
        deserialize_i64 => Kind::Whole, visit_u64(0);
        deserialize_u8 => Kind::Whole, visit_u64(0);
        deserialize_u16 => Kind::Whole, visit_u64(0);
        deserialize_u32 => Kind::Whole, visit_u64(0);
        deserialize_u64 => Kind::Whole, visit_u64(0);
        deserialize_f32 => Kind::Number, visit_f64(0.0);
        deserialize_f64 => Kind::Number, visit_f64(0.0);
        deserialize_char => Kind::Text, visit_char('x');
        deserialize_str => Kind::Text, visit_str("x");
        deserialize_string => Kind::Text, visit_str("x");
        deserialize_bytes => Kind::Any, visit_bytes(&[]);
        deserialize_byte_buf => Kind::Any, visit_bytes(&[]);
        deserialize_unit => Kind::Any, visit_unit();
        deserialize_any => Kind::Any, visit_unit();
        deserialize_ignored_any => Kind::Any, visit_unit();
        deserialize_identifier => Kind::Text, visit_str("x");
        deserialize_map => Kind::Keys(Vec::new()), visit_map(Fields { rest: &[], seen: &RefCell::default(), looks: Looks::Everywhere(false) });
        deserialize_seq => Kind::List, visit_seq(Several(0));
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.seen.borrow_mut().is_optional = true;
        match self.looks {
            Looks::Everywhere(false) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refused> {
        self.seen.borrow_mut().kind = Kind::List;
        visitor.visit_seq(Several(length))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let seen = RefCell::default();
        let result = visitor.visit_map(Fields { rest: fields, seen: &seen, looks: self.looks });
        let mut keys: Vec<Key> = seen.into_inner();
        let unasked = fields[keys.len()..].iter().map(|name| Key { name, ..Key::default() });
        keys.extend(unasked);
        self.seen.borrow_mut().kind = Kind::Keys(keys);
        result
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.seen.borrow_mut().kind = Kind::Choice(variants);
        visitor.visit_enum(First(variants))
    }
}

/// Every field of a struct, each answered by a probe of its own.
struct Fields<'s> {
    rest: &'static [&'static str],
    seen: &'s RefCell<Vec<Key>>,
    looks: Looks,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        self.rest.first().map(|name| seed.deserialize(StrDeserializer::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let Some((name, rest)) = self.rest.split_first() else {
            return Err(Refused::custom("no more fields"));
        };
        self.rest = rest;
        let seen = RefCell::new(Key { name, ..Key::default() });
        let number = self.seen.borrow().len();
        let looks = match self.looks {
            Looks::OnlyInto(key) => Looks::Everywhere(key == Some(number)),
            everywhere => everywhere,
        };
        let result = seed.deserialize(Probe { seen: &seen, looks });
        self.seen.borrow_mut().push(seen.into_inner());
        result
    }
}

/// Some elements of a list, of which nothing is noted.
struct Several(usize);

impl<'de> SeqAccess<'de> for Several {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        let Some(left) = self.0.checked_sub(1) else { return Ok(None) };
        self.0 = left;
        seed.deserialize(Probe { seen: &RefCell::default(), looks: Looks::Everywhere(false) }).map(Some)
    }
}

/// The first choice of an enum.
struct First(&'static [&'static str]);

impl<'de> EnumAccess<'de> for First {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Refused> {
        let first = self.0.first().copied().unwrap_or_default();
        Ok((seed.deserialize(StrDeserializer::new(first))?, self))
    }
}

impl<'de> VariantAccess<'de> for First {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        seed.deserialize(Probe { seen: &RefCell::default(), looks: Looks::Everywhere(false) })
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(Several(length))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_map(Fields { rest: fields, seen: &RefCell::default(), looks: Looks::Everywhere(false) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only its shape matters")]
    struct Outer {
        count: u8,
        inner: Option<Inner>,
        loss: Loss,
        grid: [usize; 2],
        path: std::path::PathBuf,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only its shape matters")]
    struct Inner {
        weight: f32,
        names: Vec<String>,
        flag: bool,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Loss {
        Hinge,
        Classic,
    }

    #[test]
    fn keys_come_with_their_order_kinds_and_depth() {
        let key = |name, kind| Key { name, kind, is_optional: false };
        let inner = vec![key("weight", Kind::Number), key("names", Kind::List), key("flag", Kind::Flag)];
        let expected = vec![
            key("count", Kind::Whole),
            Key { name: "inner", kind: Kind::Keys(inner), is_optional: true },
            key("loss", Kind::Choice(&["hinge", "classic"])),
            key("grid", Kind::List),
            key("path", Kind::Text),
        ];
        assert_eq!(keys_of::<Outer>(), expected);
        assert_eq!(names_of::<Loss>(), Vec::<&str>::new());
    }
}
