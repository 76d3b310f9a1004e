//! Whether a value keeps what was promised about it while it was unknown.

use super::refinements::Facts;
use super::{Number, Refinements, Value};

impl Refinements {
    /// Whether `value` keeps every promise. A value that is still unknown breaks
    /// none.
    #[must_use]
    pub fn admit(&self, value: &Value) -> bool {
        let Some(facts) = self.0.as_deref() else {
            return true;
        };
        match value {
            Value::Null => !facts.not_null,
            Value::Unknown(_) => true,
            Value::String(text) => facts
                .prefix
                .as_ref()
                .is_none_or(|prefix| text.starts_with(prefix.as_str())),
            Value::Number(number) => facts.admit_number(number),
            Value::List(elements) | Value::Set(elements) => facts.admit_length(elements.len()),
            Value::Map(elements) => facts.admit_length(elements.len()),
            Value::Dynamic(typed) => self.admit(&typed.1),
            Value::Bool(_) | Value::Object(_) | Value::Tuple(_) => true,
        }
    }
}

impl Facts {
    fn admit_number(&self, number: &Number) -> bool {
        let above = self.lower.as_ref().is_none_or(|bound| {
            *number > bound.number || (bound.inclusive && *number == bound.number)
        });
        let below = self.upper.as_ref().is_none_or(|bound| {
            *number < bound.number || (bound.inclusive && *number == bound.number)
        });
        above && below
    }

    fn admit_length(&self, length: usize) -> bool {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.min_length.is_none_or(|least| least <= length)
            && self.max_length.is_none_or(|greatest| length <= greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_promise_is_checked() {
        let text = Refinements::none().not_null().prefix("arn:");
        assert!(text.admit(&Value::from("arn:aws")));
        assert!(!text.admit(&Value::from("aws")));
        assert!(!text.admit(&Value::Null));

        let port = Refinements::none()
            .lower_bound(Number::from(1), true)
            .upper_bound(Number::from(10), false);
        assert!(port.admit(&Value::from(1)));
        assert!(!port.admit(&Value::from(0)));
        assert!(!port.admit(&Value::from(10)));

        let pair = Refinements::none().min_length(1).max_length(2);
        assert!(!pair.admit(&Value::List(vec![])));
        assert!(pair.admit(&Value::List(vec![Value::Null])));
        assert!(!pair.admit(&Value::List(vec![Value::Null; 3])));
    }

    #[test]
    fn an_empty_prefix_promises_nothing() {
        assert_eq!(Refinements::none().prefix(""), Refinements::none());
    }
}
