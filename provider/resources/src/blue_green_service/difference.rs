//! Whether two values differ, as far as that can be told while parts of one are unknown.

use tfplugin::value::{Attr, Value};

/// Whether `planned` differs from `prior`: unknown when that depends on what is not known yet.
pub(super) fn differs(prior: &Value, planned: &Value) -> Attr<bool> {
    match (prior.inner(), planned.inner()) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => Attr::Unknown,
        (Value::Object(prior), Value::Object(planned))
        | (Value::Map(prior), Value::Map(planned))
            if prior.keys().eq(planned.keys()) =>
        {
            any(prior.values().zip(planned.values()))
        }
        (Value::List(prior), Value::List(planned)) if prior.len() == planned.len() => {
            any(prior.iter().zip(planned))
        }
        (Value::Set(prior), Value::Set(planned)) if !planned.iter().all(Value::is_wholly_known) => {
            // Elements that are unknown may turn out to be equal to each other, but never to be none.
            let is_new = |element: &&Value| element.is_wholly_known() && !prior.contains(element);
            let is_certain = planned.iter().any(|element| is_new(&element))
                || planned.len() < prior.len()
                || prior.is_empty();
            if is_certain {
                Attr::Known(true)
            } else {
                Attr::Unknown
            }
        }
        (prior, planned) => Attr::Known(prior != planned),
    }
}

/// Whether any of several things is the case.
pub(super) fn either(answers: impl IntoIterator<Item = Attr<bool>>) -> Attr<bool> {
    let mut found = Attr::Known(false);
    for answer in answers {
        match answer {
            Attr::Known(true) => return Attr::Known(true),
            Attr::Unknown => found = Attr::Unknown,
            Attr::Known(false) | Attr::Null => {}
        }
    }
    found
}

fn any<'a>(pairs: impl IntoIterator<Item = (&'a Value, &'a Value)>) -> Attr<bool> {
    either(
        pairs
            .into_iter()
            .map(|(prior, planned)| differs(prior, planned)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(elements: &[&str], unknown: usize) -> Value {
        let known = elements.iter().map(|element| Value::from(*element));
        Value::Set(
            known
                .chain((0..unknown).map(|_| Value::unknown()))
                .collect(),
        )
    }

    #[test]
    fn known_values_differ_or_do_not() {
        let one = Value::object([("a", Value::from("x")), ("b", set(&["1", "2"], 0))]);
        assert_eq!(differs(&one, &one), Attr::Known(false));
        let other = one.clone().with_attribute("a", Value::Null);
        assert_eq!(differs(&one, &other), Attr::Known(true));
        assert_eq!(differs(&Value::Null, &one), Attr::Known(true));
    }

    #[test]
    fn an_unknown_part_decides_only_when_nothing_else_differs() {
        let one = Value::object([("a", "x"), ("b", "y")]);
        let open = one.clone().with_attribute("b", Value::unknown());
        assert_eq!(differs(&one, &open), Attr::Unknown);
        assert_eq!(
            differs(&one, &open.with_attribute("a", "z")),
            Attr::Known(true)
        );
        assert_eq!(differs(&one, &Value::unknown()), Attr::Unknown);
    }

    #[test]
    fn sets_with_unknown_elements_may_be_the_same() {
        let pair = set(&["1", "2"], 0);
        let table = [
            (set(&["1"], 1), Attr::Unknown),
            (set(&[], 2), Attr::Unknown),
            (set(&["1", "2"], 1), Attr::Unknown),
            (set(&["3"], 1), Attr::Known(true)),
            (set(&[], 1), Attr::Known(true)),
        ];
        for (planned, expected) in table {
            assert_eq!(differs(&pair, &planned), expected, "{planned:?}");
        }
    }
}
