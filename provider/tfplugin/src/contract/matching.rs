//! When two values count as the same.

use crate::value::{Refinements, Value, nfc};

/// Whether two values are the same value to Terraform, whatever is promised
/// about their unknown parts: a provider may forget promises.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    left == right || canonical(left) == canonical(right)
}

/// The value with its texts in NFC and without promises.
fn canonical(value: &Value) -> Value {
    value.clone().transform(&mut |_, part| match part {
        Value::Unknown(_) => Value::Unknown(Refinements::none()),
        Value::String(text) => Value::String(nfc(&text).into_owned()),
        other => other,
    })
}

/// Which elements of two sets have no counterpart on the other side.
pub(super) struct Unmatched {
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
}

/// Pairs the elements of two sets by `fits(left, right)`. An element may be the
/// counterpart of several: elements have no identity.
pub(super) fn correlate(
    left: &[Value],
    right: &[Value],
    fits: &dyn Fn(&Value, &Value) -> bool,
) -> Unmatched {
    // Equal elements first: that is the common case, and comparing each with
    // each would take minutes on sets of ten thousand.
    let known = |element: &&Value| element.is_wholly_known();
    let lefts: std::collections::BTreeSet<&Value> = left.iter().filter(known).collect();
    let rights: std::collections::BTreeSet<&Value> = right.iter().filter(known).collect();
    let alone = |element: &Value,
                 others: &[Value],
                 equal: &std::collections::BTreeSet<&Value>,
                 fits: &dyn Fn(&Value) -> bool| {
        !equal.contains(element) && !others.iter().any(fits)
    };
    let positions = |elements: &[Value], is_alone: &dyn Fn(&Value) -> bool| {
        elements
            .iter()
            .enumerate()
            .filter(|(_, element)| is_alone(element))
            .map(|(index, _)| index)
            .collect()
    };
    Unmatched {
        left: positions(left, &|element| {
            alone(element, right, &rights, &|other| fits(element, other))
        }),
        right: positions(right, &|element| {
            alone(element, left, &lefts, &|other| fits(other, element))
        }),
    }
}
