use proptest::prelude::*;

use crate::value::arbitrary::{ty, typed};
use crate::value::{Type, Value};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_survives_msgpack((ty, value) in typed(true)) {
        prop_assert_eq!(value.conforms(&ty), Ok(()));
        let bytes = value.encode_msgpack(&ty).unwrap();
        prop_assert_eq!(Value::decode_msgpack(&bytes, &ty), Ok(value));
    }

    #[test]
    fn any_known_value_survives_json((ty, value) in typed(false)) {
        let text = value.encode_json(&ty).unwrap();
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok());
        prop_assert_eq!(Value::decode_json(&text, &ty), Ok(value));
    }

    #[test]
    fn any_type_survives_its_signature(ty in ty()) {
        prop_assert_eq!(Type::from_signature(ty.to_signature().as_bytes()), Ok(ty));
    }

    #[test]
    fn random_bytes_never_panic(ty in ty(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        drop(Value::decode_msgpack(&bytes, &ty));
        drop(Value::decode_json(&bytes, &ty));
        drop(Type::from_signature(&bytes));
    }

    #[test]
    fn cut_or_damaged_bytes_never_panic((ty, value) in typed(true), cut in any::<prop::sample::Index>(), damage in any::<u8>()) {
        let mut bytes = value.encode_msgpack(&ty).unwrap();
        let at = cut.index(bytes.len());
        prop_assert!(Value::decode_msgpack(&bytes[..at], &ty).is_err());
        bytes[at] = damage;
        drop(Value::decode_msgpack(&bytes, &ty));
    }

    #[test]
    fn cut_json_never_panics((ty, value) in typed(false), cut in any::<prop::sample::Index>()) {
        let text = value.encode_json(&ty).unwrap();
        drop(Value::decode_json(&text[..cut.index(text.len())], &ty));
    }

    #[test]
    fn the_order_of_values_is_total(((_, a), (_, b), (_, c)) in (typed(true), typed(true), typed(true))) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }
}
