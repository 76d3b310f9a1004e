//! The JSON form of values: the state file, and answers to upgrades.
//!
//! Numbers are read from their own text, so that no digit is lost on the way
//! through a float.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::tree::distinct;
use super::{
    DecodeError, EncodeError, MAX_DEPTH, MAX_VALUES, Number, NumberError, PathStep, Type, Value,
    nfc,
};

impl Value {
    /// Reads a value of type `ty` from JSON text.
    ///
    /// As Terraform does it: an attribute the object does not mention is null,
    /// one the type does not know is an error; `"true"` is a bool where one is
    /// expected, and a number or bool is a string where one is expected.
    ///
    /// # Errors
    /// When the text is not JSON, of another type, or beyond the limits of this
    /// module.
    pub fn decode_json(text: &[u8], ty: &Type) -> Result<Self, DecodeError> {
        let raw: &RawValue = serde_json::from_slice(text).map_err(|error| not_json(&error))?;
        Decoder {
            values_left: MAX_VALUES,
        }
        .value(raw, ty, MAX_DEPTH)
    }

    /// Writes the value as compact JSON of type `ty`.
    ///
    /// # Errors
    /// When the value does not have the type, or a part of it is unknown: JSON
    /// has no form for that.
    pub fn encode_json(&self, ty: &Type) -> Result<Vec<u8>, EncodeError> {
        let mut text = String::new();
        write(self, ty, &mut text)?;
        Ok(text.into_bytes())
    }
}

fn not_json(error: &serde_json::Error) -> DecodeError {
    DecodeError::new(format!("the text is not valid JSON: {error}"))
}

/// What kind of JSON this is, by its first byte (raw values begin without
/// white space).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    fn of(raw: &RawValue) -> Self {
        match raw.get().as_bytes().first() {
            Some(b'n') | None => Self::Null,
            Some(b't' | b'f') => Self::Bool,
            Some(b'"') => Self::String,
            Some(b'[') => Self::Array,
            Some(b'{') => Self::Object,
            Some(_) => Self::Number,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a bool",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

fn wanted(wanted: &str, found: Kind) -> DecodeError {
    DecodeError::new(format!(
        "{wanted} is required, but {} was sent",
        found.name()
    ))
}

fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, DecodeError> {
    serde_json::from_str(raw.get()).map_err(|error| not_json(&error))
}

fn number(text: &str) -> Result<Number, DecodeError> {
    text.parse()
        .map_err(|error: NumberError| DecodeError::new(error.to_string()))
}

struct Decoder {
    values_left: usize,
}

impl Decoder {
    /// Counts one value against the limit.
    fn count(&mut self) -> Result<(), DecodeError> {
        self.values_left = self.values_left.checked_sub(1).ok_or_else(|| {
            DecodeError::new(format!("the value has more than {MAX_VALUES} parts"))
        })?;
        Ok(())
    }

    fn value(&mut self, raw: &RawValue, ty: &Type, levels: usize) -> Result<Value, DecodeError> {
        let levels = levels.checked_sub(1).ok_or_else(|| {
            DecodeError::new(format!("the value nests deeper than {MAX_DEPTH} levels"))
        })?;
        self.count()?;
        match (ty, Kind::of(raw)) {
            (_, Kind::Null) => Ok(Value::Null),
            (Type::String, Kind::String) => {
                Ok(Value::String(nfc(&parse::<String>(raw)?).into_owned()))
            }
            (Type::String, Kind::Number) => {
                number(raw.get()).map(|number| Value::String(number.to_string()))
            }
            (Type::String, Kind::Bool) => Ok(Value::from(raw.get())),
            (Type::String, other) => Err(wanted("a string", other)),
            (Type::Number, Kind::Number) => number(raw.get()).map(Value::Number),
            (Type::Number, Kind::String) => number(&parse::<String>(raw)?).map(Value::Number),
            (Type::Number, other) => Err(wanted("a number", other)),
            (Type::Bool, Kind::Bool) => parse(raw).map(Value::Bool),
            (Type::Bool, Kind::String) => match parse::<String>(raw)?.as_str() {
                "true" | "1" => Ok(Value::Bool(true)),
                "false" | "0" => Ok(Value::Bool(false)),
                _ => Err(DecodeError::new("a bool is required: true or false")),
            },
            (Type::Bool, other) => Err(wanted("a bool", other)),
            (Type::List(element), Kind::Array) => self.row(raw, element, levels).map(Value::List),
            (Type::List(_), other) => Err(wanted("a list", other)),
            (Type::Set(element), Kind::Array) => self
                .row(raw, element, levels)
                .map(|elements| Value::Set(distinct(elements))),
            (Type::Set(_), other) => Err(wanted("a set", other)),
            (Type::Tuple(types), Kind::Array) => self.tuple(raw, types, levels).map(Value::Tuple),
            (Type::Tuple(_), other) => Err(wanted("a tuple", other)),
            (Type::Map(element), Kind::Object) => self.map(raw, element, levels).map(Value::Map),
            (Type::Map(_), other) => Err(wanted("a map", other)),
            (Type::Object(types), Kind::Object) => {
                self.object(raw, types, levels).map(Value::Object)
            }
            (Type::Object(_), other) => Err(wanted("an object", other)),
            (Type::Dynamic, Kind::Object) => self.dynamic(raw, levels),
            (Type::Dynamic, other) => Err(wanted("an object with value and type", other)),
        }
    }

    fn row(
        &mut self,
        raw: &RawValue,
        element: &Type,
        levels: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        (0..)
            .zip(parse::<Vec<&RawValue>>(raw)?)
            .map(|(index, part)| {
                self.value(part, element, levels)
                    .map_err(|error| error.within(PathStep::Index(index)))
            })
            .collect()
    }

    fn tuple(
        &mut self,
        raw: &RawValue,
        types: &[Type],
        levels: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        let parts: Vec<&RawValue> = parse(raw)?;
        if parts.len() != types.len() {
            let (wanted, given) = (types.len(), parts.len());
            return Err(DecodeError::new(format!(
                "a tuple of {wanted} elements is required ({given} given)"
            )));
        }
        (0..)
            .zip(parts.into_iter().zip(types))
            .map(|(index, (part, ty))| {
                self.value(part, ty, levels)
                    .map_err(|error| error.within(PathStep::Index(index)))
            })
            .collect()
    }

    fn map(
        &mut self,
        raw: &RawValue,
        element: &Type,
        levels: usize,
    ) -> Result<BTreeMap<String, Value>, DecodeError> {
        parse::<BTreeMap<String, &RawValue>>(raw)?
            .into_iter()
            .map(|(name, part)| match self.value(part, element, levels) {
                Ok(value) => Ok((nfc(&name).into_owned(), value)),
                Err(error) => Err(error.within(PathStep::Key(name))),
            })
            .collect()
    }

    fn object(
        &mut self,
        raw: &RawValue,
        types: &BTreeMap<String, Type>,
        levels: usize,
    ) -> Result<BTreeMap<String, Value>, DecodeError> {
        let mut parts: BTreeMap<String, &RawValue> = parse(raw)?;
        let attributes = types
            .iter()
            .map(|(name, ty)| {
                let value = match parts.remove(name) {
                    Some(part) => self.value(part, ty, levels),
                    None => self.count().map(|()| Value::Null),
                };
                match value {
                    Ok(value) => Ok((name.clone(), value)),
                    Err(error) => Err(error.within(PathStep::Attribute(name.clone()))),
                }
            })
            .collect::<Result<_, DecodeError>>()?;
        match parts.into_keys().next() {
            Some(name) => Err(DecodeError::new(format!("unsupported attribute {name:?}"))),
            None => Ok(attributes),
        }
    }

    fn dynamic(&mut self, raw: &RawValue, levels: usize) -> Result<Value, DecodeError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Typed<'a> {
            #[serde(borrow)]
            value: &'a RawValue,
            #[serde(borrow, rename = "type")]
            ty: &'a RawValue,
        }

        let typed: Typed<'_> = parse(raw)?;
        match Type::from_signature(typed.ty.get().as_bytes())? {
            Type::Dynamic => Err(DecodeError::new(
                "a value of any type must bring a particular type",
            )),
            ty => Ok(Value::dynamic(
                ty.clone(),
                self.value(typed.value, &ty, levels)?,
            )),
        }
    }
}

fn string(text: &str, into: &mut String) {
    into.push_str(&serde_json::Value::from(text).to_string());
}

fn write(value: &Value, ty: &Type, text: &mut String) -> Result<(), EncodeError> {
    match (value, ty) {
        (Value::Null, _) => text.push_str("null"),
        (Value::Unknown(_), _) => {
            return Err(EncodeError::new(
                "an unknown value cannot be written as JSON",
            ));
        }
        (Value::String(content), Type::String) => string(content, text),
        (Value::Number(number), Type::Number) => text.push_str(&number.to_string()),
        (Value::Bool(truth), Type::Bool) => text.push_str(if *truth { "true" } else { "false" }),
        (Value::List(elements), Type::List(element))
        | (Value::Set(elements), Type::Set(element)) => {
            write_row(elements.iter().map(|part| (part, &**element)), text)?;
        }
        (Value::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            write_row(elements.iter().zip(types), text)?;
        }
        (Value::Map(elements), Type::Map(element)) => {
            write_entries(
                elements.iter().map(|(name, part)| (name, part, &**element)),
                PathStep::Key,
                text,
            )?;
        }
        (Value::Object(attributes), Type::Object(types)) => {
            if let Some(name) = attributes.keys().find(|name| !types.contains_key(*name)) {
                return Err(EncodeError::unsupported(name));
            }
            let parts = types
                .iter()
                .map(|(name, ty)| {
                    attributes
                        .get(name)
                        .map(|part| (name, part, ty))
                        .ok_or_else(|| EncodeError::missing(name))
                })
                .collect::<Result<Vec<_>, _>>()?;
            write_entries(parts.into_iter(), PathStep::Attribute, text)?;
        }
        (Value::Dynamic(typed), Type::Dynamic) if typed.0 != Type::Dynamic => {
            text.push_str("{\"value\":");
            write(&typed.1, &typed.0, text)?;
            text.push_str(",\"type\":");
            text.push_str(&typed.0.to_signature());
            text.push('}');
        }
        (value, ty) => return Err(EncodeError::mismatch(value, ty)),
    }
    Ok(())
}

fn write_row<'a>(
    parts: impl Iterator<Item = (&'a Value, &'a Type)>,
    text: &mut String,
) -> Result<(), EncodeError> {
    text.push('[');
    for (index, (part, ty)) in (0..).zip(parts) {
        if index > 0 {
            text.push(',');
        }
        write(part, ty, text).map_err(|error| error.within(PathStep::Index(index)))?;
    }
    text.push(']');
    Ok(())
}

fn write_entries<'a>(
    parts: impl Iterator<Item = (&'a String, &'a Value, &'a Type)>,
    step: fn(String) -> PathStep,
    text: &mut String,
) -> Result<(), EncodeError> {
    text.push('{');
    for (index, (name, part, ty)) in parts.enumerate() {
        if index > 0 {
            text.push(',');
        }
        string(name, text);
        text.push(':');
        write(part, ty, text).map_err(|error| error.within(step(name.clone())))?;
    }
    text.push('}');
    Ok(())
}
