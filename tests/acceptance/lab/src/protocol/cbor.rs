//! CBOR (RFC 8949) as far as Smithy RPC v2 uses it: JSON-like trees, tag 1 for timestamps.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value};

use super::names;

/// Deepest nesting accepted; AWS inputs stay far below it.
const MAX_DEPTH: usize = 64;

/// Why bytes are not the CBOR of an operation's input.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum CborError {
    #[error("the body ends in the middle of a value")]
    Truncated,
    #[error("bytes follow the value")]
    TrailingBytes,
    #[error("values are nested too deeply")]
    TooDeep,
    #[error("a map key is not a text string")]
    KeyNotText,
    #[error("initial byte 0x{0:02x} is not allowed here")]
    Unexpected(u8),
    #[error("a text string is not UTF-8")]
    NotUtf8,
}

/// Encodes a tree. Whole numbers under a name that holds a double are written as doubles, numbers
/// under a name that holds a timestamp get tag 1.
pub(crate) fn encode(tree: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, "", tree);
    bytes
}

fn write(bytes: &mut Vec<u8>, name: &str, value: &Value) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(flag) => bytes.push(if *flag { 0xf5 } else { 0xf4 }),
        Value::Number(number) => write_number(bytes, name, number),
        Value::String(text) => {
            head(bytes, 3, text.len() as u64);
            bytes.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            head(bytes, 4, items.len() as u64);
            for item in items {
                write(bytes, name, item);
            }
        }
        Value::Object(members) => {
            // A missing member and a null are the same in Smithy, but strict decoders refuse null.
            let present: Vec<_> = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            head(bytes, 5, present.len() as u64);
            for (key, value) in present {
                head(bytes, 3, key.len() as u64);
                bytes.extend_from_slice(key.as_bytes());
                let below = if names::is_map(name) { name } else { key };
                write(bytes, below, value);
            }
        }
    }
}

fn write_number(bytes: &mut Vec<u8>, name: &str, number: &Number) {
    if names::is_timestamp(name) {
        head(bytes, 6, 1);
        double(bytes, number.as_f64().unwrap_or_default());
    } else if names::is_double(name) {
        double(bytes, number.as_f64().unwrap_or_default());
    } else if let Some(unsigned) = number.as_u64() {
        head(bytes, 0, unsigned);
    } else if let Some(signed) = number.as_i64() {
        head(bytes, 1, signed.unsigned_abs().saturating_sub(1));
    } else {
        double(bytes, number.as_f64().unwrap_or_default());
    }
}

fn double(bytes: &mut Vec<u8>, value: f64) {
    bytes.push(0xfb);
    bytes.extend_from_slice(&value.to_be_bytes());
}

fn head(bytes: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    if let Ok(byte) = u8::try_from(argument) {
        if byte < 24 {
            bytes.push(major | byte);
        } else {
            bytes.extend_from_slice(&[major | 24, byte]);
        }
    } else if let Ok(short) = u16::try_from(argument) {
        bytes.push(major | 25);
        bytes.extend_from_slice(&short.to_be_bytes());
    } else if let Ok(word) = u32::try_from(argument) {
        bytes.push(major | 26);
        bytes.extend_from_slice(&word.to_be_bytes());
    } else {
        bytes.push(major | 27);
        bytes.extend_from_slice(&argument.to_be_bytes());
    }
}

/// Decodes one value that fills `bytes`. An empty body is an empty input. Timestamps become epoch
/// seconds, byte strings base64 text.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, CborError> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(CborError::TrailingBytes)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

/// The argument of an initial byte.
enum Argument {
    Value(u64),
    Indefinite,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, CborError> {
        let (first, rest) = self.rest.split_first().ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], CborError> {
        let count = usize::try_from(count).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn big_endian(&mut self, count: u64) -> Result<u64, CborError> {
        Ok(self
            .take(count)?
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn argument(&mut self, initial: u8) -> Result<Argument, CborError> {
        match initial & 0x1f {
            small @ 0..=23 => Ok(Argument::Value(u64::from(small))),
            24 => self.big_endian(1).map(Argument::Value),
            25 => self.big_endian(2).map(Argument::Value),
            26 => self.big_endian(4).map(Argument::Value),
            27 => self.big_endian(8).map(Argument::Value),
            31 => Ok(Argument::Indefinite),
            _ => Err(CborError::Unexpected(initial)),
        }
    }

    fn at_break(&mut self) -> Result<bool, CborError> {
        match self.rest.first() {
            None => Err(CborError::Truncated),
            Some(0xff) => {
                self.byte()?;
                Ok(true)
            }
            Some(_) => Ok(false),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, CborError> {
        if depth > MAX_DEPTH {
            return Err(CborError::TooDeep);
        }
        let initial = self.byte()?;
        match initial >> 5 {
            0 => match self.argument(initial)? {
                Argument::Value(value) => Ok(Value::from(value)),
                Argument::Indefinite => Err(CborError::Unexpected(initial)),
            },
            1 => match self.argument(initial)? {
                Argument::Value(value) => Ok(negative(value)),
                Argument::Indefinite => Err(CborError::Unexpected(initial)),
            },
            2 => self
                .string(initial)
                .map(|bytes| Value::from(STANDARD.encode(bytes))),
            3 => self.text(initial).map(Value::from),
            4 => self.array(initial, depth),
            5 => self.map(initial, depth),
            6 => {
                self.argument(initial)?;
                self.value(depth + 1)
            }
            _ => self.simple(initial),
        }
    }

    fn string(&mut self, initial: u8) -> Result<Vec<u8>, CborError> {
        match self.argument(initial)? {
            Argument::Value(length) => self.take(length).map(<[u8]>::to_vec),
            Argument::Indefinite => {
                let mut whole = Vec::new();
                while !self.at_break()? {
                    let chunk = self.byte()?;
                    match (chunk >> 5 == initial >> 5, self.argument(chunk)?) {
                        (true, Argument::Value(length)) => {
                            whole.extend_from_slice(self.take(length)?);
                        }
                        _ => return Err(CborError::Unexpected(chunk)),
                    }
                }
                Ok(whole)
            }
        }
    }

    fn text(&mut self, initial: u8) -> Result<String, CborError> {
        String::from_utf8(self.string(initial)?).map_err(|_| CborError::NotUtf8)
    }

    fn array(&mut self, initial: u8, depth: usize) -> Result<Value, CborError> {
        let mut items = Vec::new();
        match self.argument(initial)? {
            Argument::Value(length) => {
                for _ in 0..length {
                    items.push(self.value(depth + 1)?);
                }
            }
            Argument::Indefinite => {
                while !self.at_break()? {
                    items.push(self.value(depth + 1)?);
                }
            }
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, initial: u8, depth: usize) -> Result<Value, CborError> {
        let mut members = Map::new();
        match self.argument(initial)? {
            Argument::Value(length) => {
                for _ in 0..length {
                    self.member(&mut members, depth)?;
                }
            }
            Argument::Indefinite => {
                while !self.at_break()? {
                    self.member(&mut members, depth)?;
                }
            }
        }
        Ok(Value::Object(members))
    }

    fn member(&mut self, members: &mut Map<String, Value>, depth: usize) -> Result<(), CborError> {
        let key = self.byte()?;
        if key >> 5 != 3 {
            return Err(CborError::KeyNotText);
        }
        let key = self.text(key)?;
        let value = self.value(depth + 1)?;
        members.insert(key, value);
        Ok(())
    }

    fn simple(&mut self, initial: u8) -> Result<Value, CborError> {
        match initial {
            0xf4 => Ok(Value::Bool(false)),
            0xf5 => Ok(Value::Bool(true)),
            0xf6 | 0xf7 => Ok(Value::Null),
            0xf9 => self.big_endian(2).map(|bits| float(half(bits))),
            0xfa => {
                let bits = u32::try_from(self.big_endian(4)?).map_err(|_| CborError::Truncated)?;
                Ok(float(f64::from(f32::from_bits(bits))))
            }
            0xfb => self.big_endian(8).map(|bits| float(f64::from_bits(bits))),
            other => Err(CborError::Unexpected(other)),
        }
    }
}

/// `-1 - argument`; below the range of i64 a double is the nearest JSON number.
fn negative(argument: u64) -> Value {
    match i64::try_from(argument) {
        Ok(argument) => Value::from(-1 - argument),
        #[expect(
            clippy::cast_precision_loss,
            reason = "outside i64 there is no exact JSON number"
        )]
        Err(_) => float(-1.0 - argument as f64),
    }
}

/// JSON has no NaN or infinity; Smithy inputs use neither.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// IEEE 754 half precision from its 16 bits.
fn half(bits: u64) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    #[expect(clippy::cast_precision_loss, reason = "ten bits fit a double")]
    let fraction = (bits & 0x3ff) as f64 / 1024.0;
    match (bits >> 10) & 0x1f {
        0 => sign * fraction * 2f64.powi(-14),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        exponent => {
            let exponent = i32::try_from(exponent).unwrap_or_default() - 15;
            sign * (1.0 + fraction) * 2f64.powi(exponent)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trees_survive_a_round_trip() {
        let tree = json!({
            "MetricAlarms": [{"AlarmName": "é", "Period": 60, "Big": 5_000_000_000_u64, "Minus": -500, "ActionsEnabled": true, "Ratio": 0.25}],
        });
        assert_eq!(decode(&encode(&tree)), Ok(tree));
    }

    #[test]
    fn timestamps_have_tag_one_and_whole_doubles_stay_doubles() {
        assert_eq!(
            encode(&json!({"Timestamp": 1})),
            [b"\xa1\x69Timestamp\xc1\xfb".as_slice(), &1f64.to_be_bytes()].concat()
        );
        assert_eq!(
            encode(&json!({"Values": [2]})),
            [b"\xa1\x66Values\x81\xfb".as_slice(), &2f64.to_be_bytes()].concat()
        );
    }

    #[test]
    fn indefinite_lengths_and_half_floats_are_read() {
        // {_ "a": [_ 1, 1.5 (half)], (_ "b", "c"): -1}
        let bytes = b"\xbf\x61a\x9f\x01\xf9\x3e\x00\xff\x7f\x61b\x61c\xff\x20\xff";
        assert_eq!(decode(bytes), Ok(json!({"a": [1, 1.5], "bc": -1})));
    }

    #[test]
    fn truncated_and_absurd_input_is_refused_without_panic() {
        let whole = encode(&json!({"a": [1, 2, {"b": "text", "c": 1.5}]}));
        for end in 1..whole.len() {
            assert!(decode(&whole[..end]).is_err(), "cut at {end}");
        }
        assert_eq!(
            decode(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
            Err(CborError::Truncated)
        );
        assert_eq!(decode(&[0x81; 100]), Err(CborError::TooDeep));
        assert_eq!(decode(b"\xa1\x01\x01"), Err(CborError::KeyNotText));
    }
}
