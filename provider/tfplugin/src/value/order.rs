//! Equality and order of values.

use std::cmp::Ordering;

use super::Value;

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    /// An order without meaning, for sorting and for ordered collections.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Unknown(left), Self::Unknown(right)) => left.cmp(right),
            (Self::String(left), Self::String(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => left.cmp(right),
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::List(left), Self::List(right)) | (Self::Tuple(left), Self::Tuple(right)) => {
                left.cmp(right)
            }
            (Self::Set(left), Self::Set(right)) => left
                .len()
                .cmp(&right.len())
                .then_with(|| sorted(left).cmp(&sorted(right))),
            (Self::Map(left), Self::Map(right)) | (Self::Object(left), Self::Object(right)) => {
                left.cmp(right)
            }
            (Self::Dynamic(left), Self::Dynamic(right)) => left.cmp(right),
            (left, right) => left.rank().cmp(&right.rank()),
        }
    }
}

fn sorted(elements: &[Value]) -> Vec<&Value> {
    let mut elements: Vec<&Value> = elements.iter().collect();
    elements.sort_unstable();
    elements
}

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Unknown(_) => 1,
            Self::String(_) => 2,
            Self::Number(_) => 3,
            Self::Bool(_) => 4,
            Self::List(_) => 5,
            Self::Set(_) => 6,
            Self::Map(_) => 7,
            Self::Object(_) => 8,
            Self::Tuple(_) => 9,
            Self::Dynamic(_) => 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_equal_as_multisets() {
        let set =
            |elements: &[i32]| Value::Set(elements.iter().copied().map(Value::from).collect());
        assert_eq!(set(&[1, 2, 2]), set(&[2, 1, 2]));
        assert_ne!(set(&[1, 2, 2]), set(&[1, 1, 2]));
        assert_ne!(set(&[1]), set(&[1, 1]));
        assert_eq!(Value::set([1, 2, 2]), set(&[2, 1]));
    }

    #[test]
    fn nested_sets_ignore_order_too() {
        let one = Value::list([Value::set([1, 2]), Value::set([3])]);
        let two = Value::list([Value::set([2, 1]), Value::set([3])]);
        assert_eq!(one, two);
    }

    #[test]
    fn unknown_elements_of_a_set_stay_apart() {
        let set = Value::set([
            Value::unknown(),
            Value::unknown(),
            Value::from("a"),
            Value::from("a"),
        ]);
        assert_eq!(set.elements().map(<[Value]>::len), Some(3));
    }

    #[test]
    fn null_empty_text_and_empty_list_differ() {
        let values = [
            Value::Null,
            Value::from(""),
            Value::List(vec![]),
            Value::Set(vec![]),
        ];
        for (left, one) in values.iter().enumerate() {
            for (right, other) in values.iter().enumerate() {
                assert_eq!(one == other, left == right);
            }
        }
    }
}
