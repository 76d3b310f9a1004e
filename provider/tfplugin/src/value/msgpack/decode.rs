//! Bytes to values, directed by the type.

use std::collections::BTreeMap;

use super::reader::{Reader, Token};
use super::{MAX_REFINEMENTS, REFINED_UNKNOWN, key};
use crate::value::tree::distinct;
use crate::value::{
    DecodeError, MAX_DEPTH, MAX_VALUES, Number, PathStep, Refinements, Type, Value, nfc,
};

/// How many elements are reserved ahead of reading them. Beyond it, memory grows
/// with the elements that really arrive.
const RESERVE: usize = 1024;

pub(super) struct Decoder<'a> {
    reader: Reader<'a>,
    values_left: usize,
}

fn wanted(wanted: &str, found: &Token<'_>) -> DecodeError {
    DecodeError::new(format!(
        "{wanted} is required, but {} was sent",
        found.kind()
    ))
}

fn text(bytes: &[u8]) -> Result<String, DecodeError> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| DecodeError::new("the text is not valid UTF-8"))?;
    Ok(nfc(text).into_owned())
}

fn number(token: &Token<'_>) -> Result<Number, DecodeError> {
    match *token {
        Token::Signed(integer) => Ok(Number::from(integer)),
        Token::Unsigned(integer) => Ok(Number::from(integer)),
        Token::Float(float) => {
            Number::from_f64_bits(float).map_err(|error| DecodeError::new(error.to_string()))
        }
        Token::Str(digits) => {
            let digits = std::str::from_utf8(digits)
                .map_err(|_| DecodeError::new("the number is not valid UTF-8"))?;
            digits
                .parse()
                .map_err(|error: crate::value::NumberError| DecodeError::new(error.to_string()))
        }
        _ => Err(wanted("a number", token)),
    }
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(bytes),
            values_left: MAX_VALUES,
        }
    }

    /// The one value that all the bytes make up.
    pub(super) fn whole(mut self, ty: &Type) -> Result<Value, DecodeError> {
        let value = self.value(ty, MAX_DEPTH)?;
        match self.reader.remaining() {
            0 => Ok(value),
            count => Err(DecodeError::new(format!(
                "{count} more bytes follow the value"
            ))),
        }
    }

    fn value(&mut self, ty: &Type, levels: usize) -> Result<Value, DecodeError> {
        let levels = levels.checked_sub(1).ok_or_else(|| {
            DecodeError::new(format!("the value nests deeper than {MAX_DEPTH} levels"))
        })?;
        self.values_left = self.values_left.checked_sub(1).ok_or_else(|| {
            DecodeError::new(format!("the value has more than {MAX_VALUES} parts"))
        })?;
        let token = self.reader.token()?;
        match (ty, token) {
            (_, Token::Nil) => Ok(Value::Null),
            (_, Token::Extension(kind, payload)) => {
                Ok(Value::Unknown(refinements(kind, payload, ty)))
            }
            (Type::String, Token::Str(bytes) | Token::Bin(bytes)) => text(bytes).map(Value::String),
            (Type::String, other) => Err(wanted("a string", &other)),
            (Type::Bool, Token::Bool(truth)) => Ok(Value::Bool(truth)),
            (Type::Bool, other) => Err(wanted("a bool", &other)),
            (Type::Number, token) => number(&token).map(Value::Number),
            (Type::List(element), Token::Array(count)) => {
                self.row(count, element, levels).map(Value::List)
            }
            (Type::List(_), other) => Err(wanted("a list", &other)),
            (Type::Set(element), Token::Array(count)) => self
                .row(count, element, levels)
                .map(|elements| Value::Set(distinct(elements))),
            (Type::Set(_), other) => Err(wanted("a set", &other)),
            (Type::Map(element), Token::Map(count)) => {
                self.map(count, element, levels).map(Value::Map)
            }
            (Type::Map(_), other) => Err(wanted("a map", &other)),
            (Type::Object(types), Token::Map(count)) => {
                self.object(count, types, levels).map(Value::Object)
            }
            (Type::Object(_), other) => Err(wanted("an object", &other)),
            (Type::Tuple(types), Token::Array(count)) => {
                self.tuple(count, types, levels).map(Value::Tuple)
            }
            (Type::Tuple(_), other) => Err(wanted("a tuple", &other)),
            (Type::Dynamic, Token::Array(2)) => self.dynamic(levels),
            (Type::Dynamic, other) => Err(wanted("a value with its type", &other)),
        }
    }

    fn row(
        &mut self,
        count: usize,
        element: &Type,
        levels: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        let mut elements = Vec::with_capacity(count.min(RESERVE));
        for index in (0..).take(count) {
            elements.push(
                self.value(element, levels)
                    .map_err(|error| error.within(PathStep::Index(index)))?,
            );
        }
        Ok(elements)
    }

    fn tuple(
        &mut self,
        count: usize,
        types: &[Type],
        levels: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        if count != types.len() {
            return Err(DecodeError::new(format!(
                "a tuple of {} elements is required ({count} given)",
                types.len()
            )));
        }
        (0..)
            .zip(types)
            .map(|(index, ty)| {
                self.value(ty, levels)
                    .map_err(|error| error.within(PathStep::Index(index)))
            })
            .collect()
    }

    fn name(&mut self) -> Result<String, DecodeError> {
        match self.reader.token()? {
            Token::Str(bytes) | Token::Bin(bytes) => text(bytes),
            other => Err(wanted("a text key", &other)),
        }
    }

    fn map(
        &mut self,
        count: usize,
        element: &Type,
        levels: usize,
    ) -> Result<BTreeMap<String, Value>, DecodeError> {
        let mut elements = BTreeMap::new();
        for _ in 0..count {
            let name = self.name()?;
            if elements.contains_key(&name) {
                return Err(DecodeError::new(format!("the key {name:?} occurs twice")));
            }
            let value = self
                .value(element, levels)
                .map_err(|error| error.within(PathStep::Key(name.clone())))?;
            elements.insert(name, value);
        }
        Ok(elements)
    }

    fn object(
        &mut self,
        count: usize,
        types: &BTreeMap<String, Type>,
        levels: usize,
    ) -> Result<BTreeMap<String, Value>, DecodeError> {
        if count != types.len() {
            let wanted = types.len();
            return Err(DecodeError::new(format!(
                "an object with {wanted} attributes is required ({count} given)"
            )));
        }
        let mut attributes = BTreeMap::new();
        for _ in 0..count {
            let name = self.name()?;
            let Some(ty) = types.get(&name) else {
                return Err(DecodeError::new(format!("unsupported attribute {name:?}")));
            };
            if attributes.contains_key(&name) {
                return Err(DecodeError::new(format!(
                    "the attribute {name:?} occurs twice"
                )));
            }
            let value = self
                .value(ty, levels)
                .map_err(|error| error.within(PathStep::Attribute(name.clone())))?;
            attributes.insert(name, value);
        }
        Ok(attributes)
    }

    fn dynamic(&mut self, levels: usize) -> Result<Value, DecodeError> {
        let signature = match self.reader.token()? {
            Token::Str(bytes) | Token::Bin(bytes) => bytes,
            other => return Err(wanted("a type signature", &other)),
        };
        match Type::from_signature(signature)? {
            Type::Dynamic => Err(DecodeError::new(
                "a value of any type must bring a particular type",
            )),
            ty => Ok(Value::dynamic(ty.clone(), self.value(&ty, levels)?)),
        }
    }
}

/// What an extension promises about the unknown value. Anything unexpected is
/// read as no promise: that is always safe, and Terraform may add promises.
fn refinements(kind: i8, payload: &[u8], ty: &Type) -> Refinements {
    if kind != REFINED_UNKNOWN || payload.len() <= 1 || payload.len() > MAX_REFINEMENTS {
        return Refinements::none();
    }
    refined(payload, ty).unwrap_or_default()
}

fn refined(payload: &[u8], ty: &Type) -> Result<Refinements, DecodeError> {
    let mut reader = Reader::new(payload);
    let Token::Map(count) = reader.token()? else {
        return Ok(Refinements::none());
    };
    let mut known = Refinements::none();
    for _ in 0..count {
        let Token::Unsigned(key) = reader.token()? else {
            return Ok(Refinements::none());
        };
        known = match (key, ty) {
            (key::NULLNESS, _) => match reader.token()? {
                Token::Bool(false) => known.not_null(),
                _ => known,
            },
            (key::PREFIX, Type::String) => match reader.token()? {
                Token::Str(prefix) => known.prefix(text(prefix)?),
                other => return Err(wanted("a string", &other)),
            },
            (key::LOWER, Type::Number) => {
                let (number, inclusive) = bound(&mut reader)?;
                known.lower_bound(number, inclusive)
            }
            (key::UPPER, Type::Number) => {
                let (number, inclusive) = bound(&mut reader)?;
                known.upper_bound(number, inclusive)
            }
            (key::MIN_LENGTH, Type::List(_) | Type::Set(_) | Type::Map(_)) => {
                known.min_length(length(&mut reader)?)
            }
            (key::MAX_LENGTH, Type::List(_) | Type::Set(_) | Type::Map(_)) => {
                known.max_length(length(&mut reader)?)
            }
            _ => {
                reader.skip()?;
                known
            }
        };
    }
    Ok(known)
}

fn bound(reader: &mut Reader<'_>) -> Result<(Number, bool), DecodeError> {
    match (reader.token()?, reader.token()?, reader.token()?) {
        (Token::Array(2), end, Token::Bool(inclusive)) => Ok((number(&end)?, inclusive)),
        (other, ..) => Err(wanted("a bound", &other)),
    }
}

fn length(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let token = reader.token()?;
    u64::try_from(number(&token)?).map_err(|error| DecodeError::new(error.to_string()))
}
