//! Random types and values for property tests.

use proptest::prelude::*;

use super::{Number, Refinements, Type, Value, nfc};

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{0,8}", "\\PC{0,12}"].prop_map(|text| nfc(&text).into_owned())
}

pub(crate) fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (-300_i64..300).prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", |float| Number::from_f64_bits(float).ok()),
        "-?[0-9]{1,30}\\.[0-9]{1,30}".prop_map(|digits| digits.parse().unwrap()),
        "-?[1-9][0-9]{0,3}e-?[0-9]{1,2}".prop_map(|digits| digits.parse().unwrap()),
    ]
}

pub(crate) fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::String),
        Just(Type::Number),
        Just(Type::Bool),
        Just(Type::Dynamic)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::btree_map(text(), inner.clone(), 0..4).prop_map(Type::Object),
            prop::collection::vec(inner, 0..4).prop_map(Type::Tuple),
        ]
    })
}

fn refinements(ty: &Type) -> BoxedStrategy<Refinements> {
    let general = any::<bool>().prop_map(|sure| {
        if sure {
            Refinements::none().not_null()
        } else {
            Refinements::none()
        }
    });
    match ty {
        Type::String => (general, text())
            .prop_map(|(known, prefix)| known.prefix(prefix))
            .boxed(),
        Type::Number => (
            general,
            prop::option::of((-9_i64..9, any::<bool>())),
            prop::option::of((-9_i64..9, any::<bool>())),
        )
            .prop_map(|(known, lower, upper)| {
                let known = match lower {
                    Some((end, inclusive)) => known.lower_bound(Number::from(end), inclusive),
                    None => known,
                };
                match upper {
                    Some((end, inclusive)) => known.upper_bound(Number::from(end), inclusive),
                    None => known,
                }
            })
            .boxed(),
        Type::List(_) | Type::Set(_) | Type::Map(_) => (general, any::<u32>())
            .prop_map(|(known, most)| known.min_length(1).max_length(u64::from(most)))
            .boxed(),
        Type::Dynamic => Just(Refinements::none()).boxed(),
        Type::Bool | Type::Object(_) | Type::Tuple(_) => general.boxed(),
    }
}

/// Any value of type `of`; with unknown parts if `unknowns`.
pub(crate) fn value(of: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    let known: BoxedStrategy<Value> = match of {
        Type::String => text().prop_map(Value::from).boxed(),
        Type::Number => number().prop_map(Value::from).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Dynamic => prop_oneof![
            Just(Type::String),
            Just(Type::list(Type::Number)),
            Just(Type::tuple([Type::Bool]))
        ]
        .prop_flat_map(move |ty| {
            value(&ty, unknowns).prop_map(move |inner| Value::dynamic(ty.clone(), inner))
        })
        .boxed(),
        Type::List(element) => prop::collection::vec(value(element, unknowns), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(element) => prop::collection::vec(value(element, unknowns), 0..4)
            .prop_map(Value::set)
            .boxed(),
        Type::Map(element) => prop::collection::btree_map(text(), value(element, unknowns), 0..4)
            .prop_map(Value::Map)
            .boxed(),
        Type::Object(types) => {
            let names: Vec<String> = types.keys().cloned().collect();
            let parts: Vec<_> = types.values().map(|ty| value(ty, unknowns)).collect();
            parts
                .prop_map(move |parts| Value::Object(names.iter().cloned().zip(parts).collect()))
                .boxed()
        }
        Type::Tuple(types) => {
            let parts: Vec<_> = types.iter().map(|ty| value(ty, unknowns)).collect();
            parts.prop_map(Value::Tuple).boxed()
        }
    };
    if unknowns {
        prop_oneof![1 => Just(Value::Null), 1 => refinements(of).prop_map(Value::Unknown), 8 => known].boxed()
    } else {
        prop_oneof![1 => Just(Value::Null), 8 => known].boxed()
    }
}

/// A type and a value of it.
pub(crate) fn typed(unknowns: bool) -> impl Strategy<Value = (Type, Value)> {
    ty().prop_flat_map(move |ty| value(&ty, unknowns).prop_map(move |value| (ty.clone(), value)))
}
