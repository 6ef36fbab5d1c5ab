//! From YAML values to settings, with errors that know where they are and how to say it.

use std::fmt::{self, Display};

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde_yaml::Value;

use crate::base::suggestion;

/// One step on the way to a place in a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a map.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl From<&str> for Step {
    /// A number is an index, everything else is a key.
    fn from(step: &str) -> Self {
        step.parse().map_or_else(|_| Self::Key(step.to_owned()), Self::Index)
    }
}

/// The place as people write it: `model.grid.tracks.0`.
pub fn dotted(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    };
    path.iter().map(step).collect::<Vec<_>>().join(".")
}

/// A value that does not fit, and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// The steps down to it.
    pub path: Vec<Step>,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// The value at the path is wrong: "must be …".
    Value(String),
    /// What the type itself says of the value at the path.
    Own(String),
    /// The last step of the path is a key that does not exist.
    Unknown(Vec<&'static str>),
    /// The map at the path lacks a key.
    Missing(&'static str),
    /// Whole sentence that names its places itself.
    Said(String),
}

impl Misfit {
    /// A complaint in words of its own about the value at `path`.
    pub fn said(path: Vec<Step>, sentence: impl Into<String>) -> Self {
        Self { path, what: What::Said(sentence.into()) }
    }

    /// A key that does not exist; `known` are those that do.
    pub fn unknown(path: Vec<Step>, known: &[&'static str]) -> Self {
        Self { path, what: What::Unknown(known.to_vec()) }
    }

    fn new(what: What) -> Self {
        Self { path: Vec::new(), what }
    }

    /// The same in a config that has the value at `path`.
    pub fn below(mut self, path: &[Step]) -> Self {
        self.path.splice(0..0, path.iter().cloned());
        self
    }

    fn within(mut self, step: Step) -> Self {
        self.path.insert(0, step);
        self
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let place = dotted(&self.path);
        match &self.what {
            What::Said(sentence) => f.write_str(sentence),
            What::Own(message) if place.is_empty() => f.write_str(message),
            What::Own(message) => write!(f, "`{place}`: {message}"),
            What::Value(reason) if place.is_empty() => write!(f, "the config {reason}"),
            What::Value(reason) => write!(f, "`{place}` {reason}"),
            What::Missing(key) if place.is_empty() => write!(f, "`{key}` is missing"),
            What::Missing(key) => write!(f, "`{place}` needs `{key}`"),
            What::Unknown(known) => {
                let (key, parents) = match self.path.split_last() {
                    Some((Step::Key(key), parents)) => (key.as_str(), parents),
                    _ => ("", &self.path[..]),
                };
                let hint = suggestion(key, known.iter().copied());
                match dotted(parents) {
                    // Too many to list.
                    parent if parent.is_empty() => write!(f, "there is no key `{key}`{hint}"),
                    parent => {
                        write!(f, "`{parent}` has no key `{key}`, only `{}`{hint}", known.join("`, `"))
                    }
                }
            }
        }
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(What::Own(message.to_string()))
    }

    fn invalid_type(got: Unexpected, expected: &dyn Expected) -> Self {
        Self::new(What::Value(format!("must be {}, got {}", wanted(expected), shown(got))))
    }

    fn invalid_value(got: Unexpected, expected: &dyn Expected) -> Self {
        Self::invalid_type(got, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(What::Value(format!("must be {}, got {length} values", wanted(expected))))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let hint = suggestion(variant, expected.iter().copied());
        Self::new(What::Value(format!("must be one of {}, got `{variant}`{hint}", expected.join(", "))))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(vec![Step::Key(field.to_owned())], expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Missing(field))
    }
}

/// Serde's name of a type in words.
fn wanted(expected: &dyn Expected) -> String {
    let name = expected.to_string();
    match name.as_str() {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a string" | "path string" | "a borrowed string" => "text".into(),
        "a sequence" => "a list".into(),
        "a map" => "a map of keys".into(),
        _ if name.starts_with("struct ") => "a map of keys".into(),
        _ if name.starts_with("an array of length ") => format!("a list of {}", &name[19..]),
        _ => name,
    }
}

fn shown(got: Unexpected) -> String {
    match got {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        Unexpected::Float(value) => format!("{value:?}"),
        Unexpected::Str(text) => format!("`{text}`"),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a map of keys".into(),
        Unexpected::Unit | Unexpected::Option => "nothing".into(),
        other => other.to_string(),
    }
}

/// Reads settings from a value.
///
/// # Errors
/// [`Misfit`] with the place of the first thing that does not fit.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    T::deserialize(Reader(value))
}

#[derive(Clone, Copy)]
struct Reader<'v>(&'v Value);

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Sequence(items) => visitor.visit_seq(Items { rest: items.iter().enumerate() }),
            Value::Mapping(map) => visitor.visit_map(Entries { rest: map.iter(), open: None }),
            Value::Tagged(tagged) => Err(de::Error::custom(format!("`{}` is not known here", tagged.tag))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            // Serde itself only notices when there are too few.
            Value::Sequence(items) if items.len() != length => {
                Err(de::Error::invalid_length(items.len(), &visitor))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
            Value::Mapping(map) if map.len() == 1 => match map.iter().next() {
                Some((Value::String(variant), content)) => visitor.visit_enum(Variant { variant, content }),
                _ => Err(de::Error::invalid_type(Unexpected::Map, &visitor)),
            },
            other => {
                let choices = variants.join(", ");
                let got = match other {
                    Value::Mapping(_) => "a map of keys".to_owned(),
                    Value::Sequence(_) => "a list".to_owned(),
                    Value::Null => "nothing".to_owned(),
                    plain => serde_yaml::to_string(plain).unwrap_or_default().trim().to_owned(),
                };
                Err(Misfit::new(What::Value(format!("must be one of {choices}, got {got}"))))
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            // Serde would take its values for the keys in order.
            Value::Sequence(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple_struct map identifier ignored_any
    }
}

struct Items<'v> {
    rest: std::iter::Enumerate<std::slice::Iter<'v, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some((index, item)) = self.rest.next() else { return Ok(None) };
        seed.deserialize(Reader(item)).map(Some).map_err(|misfit| misfit.within(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Entries<'v> {
    rest: serde_yaml::mapping::Iter<'v>,
    open: Option<(String, &'v Value)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        let name = key_name(key);
        let result = seed.deserialize(StrDeserializer::new(&name)).map(Some);
        self.open = Some((name, value));
        result
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (key, value) = self.open.take().unwrap_or((String::new(), &Value::Null));
        seed.deserialize(Reader(value)).map_err(|misfit| misfit.within(Step::Key(key)))
    }
}

/// A key as text; YAML also knows numbers and yes as keys.
pub fn key_name(key: &Value) -> String {
    match key {
        Value::String(key) => key.clone(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim().to_owned(),
    }
}

/// An enum's variant with something in it: `{ variant: content }`.
struct Variant<'v> {
    variant: &'v str,
    content: &'v Value,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        Ok((seed.deserialize(StrDeserializer::new(self.variant))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Err(Misfit::new(What::Value(format!("must be plain `{}`, got a map of keys", self.variant))))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let step = Step::Key(self.variant.to_owned());
        seed.deserialize(Reader(self.content)).map_err(|misfit| misfit.within(step))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.struct_variant(&[], visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let step = Step::Key(self.variant.to_owned());
        Reader(self.content).deserialize_any(visitor).map_err(|misfit| misfit.within(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        count: usize,
        pair: [f32; 2],
        inner: Option<Inner>,
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        path: std::path::PathBuf,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "lowercase")]
    enum Inner {
        Plain,
        Wide { width: usize },
        Named(Vec<bool>),
    }

    fn read(text: &str) -> Result<Outer, String> {
        from_value(&serde_yaml::from_str(text).unwrap()).map_err(|misfit| misfit.to_string())
    }

    #[test]
    fn what_fits_is_read() {
        let read =
            |inner: &str| read(&format!("{{ count: 3, pair: [1, 0.5], inner: {inner} }}")).unwrap().inner;
        assert_eq!(read("null"), None);
        assert_eq!(read("plain"), Some(Inner::Plain));
        assert_eq!(read("{ wide: { width: 2 } }"), Some(Inner::Wide { width: 2 }));
        assert_eq!(read("{ named: [true] }"), Some(Inner::Named(vec![true])));
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let cases = [
            ("{ count: -1, pair: [1, 2] }", "`count` must be a whole number of 0 or more, got -1"),
            ("{ count: 1.5, pair: [1, 2] }", "`count` must be a whole number of 0 or more, got 1.5"),
            ("{ count: four, pair: [1, 2] }", "`count` must be a whole number of 0 or more, got `four`"),
            ("{ count: 1 }", "`pair` is missing"),
            ("{ count: 1, pair: [1] }", "`pair` must be a list of 2, got 1 values"),
            ("{ count: 1, pair: [1, 2, 3] }", "`pair` must be a list of 2, got 3 values"),
            ("{ count: 1, pair: [1, yes] }", "`pair.1` must be a number, got `yes`"),
            ("{ count: 1, pair: [1, 2], names: x }", "`names` must be a list, got `x`"),
            ("{ count: 1, pair: [1, 2], names: [3] }", "`names.0` must be text, got 3"),
            ("{ count: 1, pair: [1, 2], path: 3 }", "`path` must be text, got 3"),
            ("{ cuont: 1, pair: [1, 2] }", "there is no key `cuont`; did you mean `count`?"),
            (
                "{ count: 1, pair: [1, 2], inner: plian }",
                "`inner` must be one of plain, wide, named, got `plian`; did you mean `plain`?",
            ),
            ("{ count: 1, pair: [1, 2], inner: 7 }", "`inner` must be one of plain, wide, named, got 7"),
            (
                "{ count: 1, pair: [1, 2], inner: { wide: { widht: 1 } } }",
                "`inner.wide` has no key `widht`, only `width`; did you mean `width`?",
            ),
            ("{ count: 1, pair: [1, 2], inner: { wide: {} } }", "`inner.wide` needs `width`"),
            ("[1]", "the config must be a map of keys, got a list"),
        ];
        for (text, message) in cases {
            assert_eq!(read(text).unwrap_err(), message);
        }
    }
}
