//! Lenient reading of request members: the query protocol sends every value as text, CBOR and JSON send typed ones.

use serde_json::Value;

/// The members of a request, or of a structure inside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Value);

impl<'a> Fields<'a> {
    /// The member itself, when sent and not null.
    pub(crate) fn value(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the member was sent.
    pub(crate) fn has(self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A text member, when sent.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Value::as_str)
    }

    /// A text member that is sent and not empty.
    pub(crate) fn filled(self, name: &str) -> Option<&'a str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A number, sent as number or as text.
    pub(crate) fn float(self, name: &str) -> Option<f64> {
        number(self.value(name)?)
    }

    /// A whole number, sent as number or as text.
    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        let value = self.value(name)?;
        value
            .as_i64()
            .or_else(|| value.as_str()?.trim().parse().ok())
            .or_else(|| whole(number(value)?))
    }

    /// A boolean, sent as such or as `true`/`false`.
    pub(crate) fn boolean(self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        value.as_bool().or_else(|| match value.as_str()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// The items of a list; none when the member is absent (or an empty text, as the query protocol writes it).
    pub(crate) fn list(self, name: &str) -> &'a [Value] {
        self.value(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The structures of a list.
    pub(crate) fn structures(self, name: &str) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        self.list(name).iter().map(Fields)
    }

    /// The texts of a list.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        self.list(name)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// A structure inside this one.
    pub(crate) fn structure(self, name: &str) -> Option<Fields<'a>> {
        self.value(name)
            .filter(|value| value.is_object())
            .map(Fields)
    }

    /// A moment in epoch milliseconds: sent as epoch seconds, or as the ISO 8601 text of the query protocol.
    pub(crate) fn moment(self, name: &str) -> Option<i64> {
        let value = self.value(name)?;
        match number(value) {
            Some(seconds) => whole(seconds * 1000.0),
            None => value
                .as_str()?
                .parse::<jiff::Timestamp>()
                .ok()
                .map(jiff::Timestamp::as_millisecond),
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// The nearest whole number; `None` outside what a time or a count can be.
pub(crate) fn whole(value: f64) -> Option<i64> {
    const LARGEST: f64 = 9.0e15;
    if value.is_finite() && value.abs() <= LARGEST {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range was checked on the line above"
        )]
        Some(value.round() as i64)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_and_typed_values_read_alike() {
        let value = json!({"a": "80", "b": 80, "c": "true", "d": true, "e": "2025-11-21T00:00:00Z", "f": 1_763_683_200.5, "g": ""});
        let fields = Fields(&value);
        assert_eq!(fields.integer("a"), Some(80));
        assert_eq!(fields.integer("b"), Some(80));
        assert_eq!(fields.boolean("c"), Some(true));
        assert_eq!(fields.boolean("d"), Some(true));
        assert_eq!(fields.moment("e"), Some(1_763_683_200_000));
        assert_eq!(fields.moment("f"), Some(1_763_683_200_500));
        assert!(fields.list("g").is_empty());
        assert_eq!(fields.filled("g"), None);
    }
}
