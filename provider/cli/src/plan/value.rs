//! Values of a document whose syntax the scanner has passed.

use serde::de::Error as _;
use serde_json::{Error, Map, Value};
use whole_json::plain_length;

use super::number;

/// How deep values may lie in each other, as in `serde_json`.
const DEEPEST: usize = 128;

/// Reads one value.
///
/// # Errors
///
/// When it is no JSON, no UTF-8 or nested too deep.
pub(super) fn parse(text: &[u8]) -> Result<Value, Error> {
    let mut parser = Parser { rest: text };
    let value = parser.value(DEEPEST)?;
    match parser.next() {
        None => Ok(value),
        Some(_) => Err(Error::custom("trailing characters")),
    }
}

struct Parser<'t> {
    rest: &'t [u8],
}

impl<'t> Parser<'t> {
    /// The next byte behind white space.
    fn next(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    /// The next `length` bytes, which are passed.
    fn take(&mut self, length: usize) -> &'t [u8] {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        if depth == 0 {
            return Err(Error::custom("recursion limit exceeded"));
        }
        match self.next() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.object(depth).map(Value::Object),
            Some(b'[') => self.list(depth).map(Value::Array),
            Some(b't') => self.word(b"true", Value::Bool(true)),
            Some(b'f') => self.word(b"false", Value::Bool(false)),
            Some(b'n') => self.word(b"null", Value::Null),
            Some(b'-' | b'0'..=b'9') => {
                let length = self
                    .rest
                    .iter()
                    .take_while(|b| b.is_ascii_digit() || b"+-.eE".contains(b))
                    .count();
                let text = str::from_utf8(self.take(length)).map_err(Error::custom)?;
                Ok(number::value(text))
            }
            Some(_) => Err(Error::custom("expected value")),
            None => Err(Error::custom("unexpected end")),
        }
    }

    fn word(&mut self, word: &[u8], value: Value) -> Result<Value, Error> {
        if self.take(word.len()) == word {
            Ok(value)
        } else {
            Err(Error::custom("expected value"))
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        let mut escaped = false;
        let mut length = 1;
        loop {
            let rest = self.rest.get(length..).unwrap_or_default();
            let Some(plain) = plain_length(rest) else {
                return Err(Error::custom("unexpected end of a string"));
            };
            length += plain;
            match self.rest.get(length) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    length += 2;
                }
                Some(_) | None => return Err(Error::custom("control character in a string")),
            }
        }
        let text = self.take(length + 1);
        if escaped {
            return serde_json::from_slice(text);
        }
        let inner = text.get(1..length).unwrap_or_default();
        String::from_utf8(inner.to_vec()).map_err(Error::custom)
    }

    fn object(&mut self, depth: usize) -> Result<Map<String, Value>, Error> {
        let mut object = Map::new();
        self.take(1);
        if self.next() == Some(b'}') {
            self.take(1);
            return Ok(object);
        }
        loop {
            if self.next() != Some(b'"') {
                return Err(Error::custom("expected a key"));
            }
            let key = self.string()?;
            if self.next() != Some(b':') {
                return Err(Error::custom("expected `:`"));
            }
            self.take(1);
            object.insert(key, self.value(depth - 1)?);
            match self.next() {
                Some(b',') => self.take(1),
                Some(b'}') => break,
                Some(_) | None => return Err(Error::custom("expected `,` or `}`")),
            };
        }
        self.take(1);
        Ok(object)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>, Error> {
        let mut list = Vec::new();
        self.take(1);
        if self.next() == Some(b']') {
            self.take(1);
            return Ok(list);
        }
        loop {
            list.push(self.value(depth - 1)?);
            match self.next() {
                Some(b',') => self.take(1),
                Some(b']') => break,
                Some(_) | None => return Err(Error::custom("expected `,` or `]`")),
            };
        }
        self.take(1);
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_those_of_serde() {
        let text = r#" { "a" : [ 1 , -2.5, true, false, null, {} , [] ] , "b\n\u00e4" : "x\"y" , "a2": "" } "#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes()).unwrap(), expected);
        assert_eq!(parse(b"1e400").unwrap(), json!("1e400"));
    }

    #[test]
    fn what_is_nested_too_deep_or_no_text_is_an_error() {
        let deep = [b"[".repeat(200), b"]".repeat(200)].concat();
        assert!(parse(&deep).is_err());
        assert!(parse(b"\"\xff\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_reads_it(text in "[\\[\\]{}:,\"a1.e\\\\ n]{0,16}") {
            if let Ok(expected) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(parse(text.as_bytes()).unwrap(), expected);
            }
        }
    }
}
