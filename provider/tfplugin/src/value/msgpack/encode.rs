//! Values to bytes, directed by the type.

use super::{MAX_REFINEMENTS, REFINED_UNKNOWN, key, writer};
use crate::value::{Bound, EncodeError, Number, PathStep, Refinements, Type, Value};

/// How much of a promised text beginning is sent; Terraform cuts it too.
const MAX_PREFIX: usize = 256;

pub(super) fn value(value: &Value, ty: &Type, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    match (value, ty) {
        (Value::Null, _) => writer::nil(bytes),
        (Value::Unknown(refinements), _) => unknown(refinements, ty, bytes)?,
        (Value::String(text), Type::String) => writer::str(text, bytes)?,
        (Value::Bool(truth), Type::Bool) => writer::bool(*truth, bytes),
        (Value::Number(decimal), Type::Number) => number(decimal, bytes)?,
        (Value::List(elements), Type::List(element))
        | (Value::Set(elements), Type::Set(element)) => {
            writer::array(elements.len(), bytes)?;
            for (index, part) in (0..).zip(elements) {
                self::value(part, element, bytes)
                    .map_err(|error| error.within(PathStep::Index(index)))?;
            }
        }
        (Value::Map(elements), Type::Map(element)) => {
            writer::map(elements.len(), bytes)?;
            for (name, part) in elements {
                writer::str(name, bytes)?;
                self::value(part, element, bytes)
                    .map_err(|error| error.within(PathStep::Key(name.clone())))?;
            }
        }
        (Value::Object(attributes), Type::Object(types)) => {
            if let Some(name) = attributes.keys().find(|name| !types.contains_key(*name)) {
                return Err(EncodeError::unsupported(name));
            }
            writer::map(types.len(), bytes)?;
            for (name, ty) in types {
                let part = attributes
                    .get(name)
                    .ok_or_else(|| EncodeError::missing(name))?;
                writer::str(name, bytes)?;
                self::value(part, ty, bytes)
                    .map_err(|error| error.within(PathStep::Attribute(name.clone())))?;
            }
        }
        (Value::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            writer::array(elements.len(), bytes)?;
            for (index, (part, ty)) in (0..).zip(elements.iter().zip(types)) {
                self::value(part, ty, bytes)
                    .map_err(|error| error.within(PathStep::Index(index)))?;
            }
        }
        (Value::Dynamic(typed), Type::Dynamic) if typed.0 != Type::Dynamic => {
            writer::array(2, bytes)?;
            writer::bin(typed.0.to_signature().as_bytes(), bytes)?;
            self::value(&typed.1, &typed.0, bytes)?;
        }
        (value, ty) => return Err(EncodeError::mismatch(value, ty)),
    }
    Ok(())
}

fn number(number: &Number, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    if let Ok(integer) = i64::try_from(number) {
        writer::integer(integer, bytes);
    } else if let (false, Some(float)) = (number.is_whole(), number.to_f64_exact()) {
        writer::float(float, bytes);
    } else {
        writer::str(&number.to_string(), bytes)?;
    }
    Ok(())
}

fn unknown(refinements: &Refinements, ty: &Type, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    let payload = promises(refinements, ty)?;
    // Without a fitting promise the plain form is the only one: Terraform reads
    // any payload of one byte as "no promise" whatever its type.
    if payload.len() <= 1 || payload.len() > MAX_REFINEMENTS {
        writer::unknown(bytes);
        return Ok(());
    }
    writer::extension(REFINED_UNKNOWN, &payload, bytes)
}

/// The promises that fit `ty`, as a map. Terraform refuses a promise about
/// another kind of value, and any promise about a value of unknown type.
fn promises(refinements: &Refinements, ty: &Type) -> Result<Vec<u8>, EncodeError> {
    if *ty == Type::Dynamic {
        return Ok(Vec::new());
    }
    let mut count = 0;
    let mut entries = Vec::new();
    let mut entry = |key: u64, entries: &mut Vec<u8>| {
        count += 1;
        writer::unsigned(key, entries);
    };
    if refinements.is_not_null() {
        entry(key::NULLNESS, &mut entries);
        writer::bool(false, &mut entries);
    }
    if let (Some(prefix), Type::String) = (refinements.known_prefix(), ty) {
        entry(key::PREFIX, &mut entries);
        let kept = prefix
            .get(..prefix.floor_char_boundary(MAX_PREFIX))
            .unwrap_or_default();
        writer::str(kept, &mut entries)?;
    }
    if *ty == Type::Number {
        for (key, end) in [
            (key::LOWER, refinements.lower()),
            (key::UPPER, refinements.upper()),
        ] {
            if let Some(Bound {
                number: end,
                inclusive,
            }) = end
            {
                entry(key, &mut entries);
                writer::array(2, &mut entries)?;
                number(end, &mut entries)?;
                writer::bool(*inclusive, &mut entries);
            }
        }
    }
    if matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_)) {
        let lengths = [
            (key::MIN_LENGTH, refinements.least_length()),
            (key::MAX_LENGTH, refinements.greatest_length()),
        ];
        for (key, length) in lengths {
            if let Some(length) = length {
                entry(key, &mut entries);
                writer::unsigned(length, &mut entries);
            }
        }
    }
    let mut payload = Vec::new();
    writer::map(count, &mut payload)?;
    payload.extend(entries);
    Ok(payload)
}
