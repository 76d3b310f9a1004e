//! The macro that declares typed models.

/// The attribute name of a Rust field name: `r#type` is `type`.
#[doc(hidden)]
#[must_use]
pub const fn attribute_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Declares a model: a struct whose fields are the attributes of an object, with
/// [`FromValue`](crate::value::FromValue) and [`ToValue`](crate::value::ToValue),
/// and the names in `ATTRIBUTES`, in the order of the fields, so that a test can compare model and schema.
///
/// A field must be able to hold what can arrive: [`Attr<T>`](crate::value::Attr) for null, unknown
/// or known, `Option<T>` where nothing is ever unknown, `T` for attributes that
/// are always set and known. A Rust keyword is written `r#type`.
///
/// ```
/// use tfplugin::value::{Attr, FromValue, ToValue, Value};
///
/// tfplugin::object! {
///     /// How long to watch the new version.
///     #[derive(Debug, Clone, PartialEq)]
///     pub struct Bake {
///         /// Share of traffic, in percent.
///         pub percent: Attr<i64>,
///         pub r#type: Attr<String>,
///     }
/// }
///
/// let value = Value::object([("percent", Value::from(10)), ("type", Value::unknown())]);
/// let bake = Bake::from_value(&value)?;
/// assert_eq!(bake, Bake { percent: Attr::Known(10), r#type: Attr::Unknown });
/// assert_eq!(bake.to_value(), value);
/// assert_eq!(Bake::ATTRIBUTES, ["percent", "type"]);
///
/// let error = Bake::from_value(&Value::object([("percent", "ten")])).unwrap_err();
/// assert_eq!(error.to_string(), "percent: a number is required, but this is a string");
/// # Ok::<(), tfplugin::value::ModelError>(())
/// ```
#[macro_export]
macro_rules! object {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[$field_attribute:meta])*
                $field_visibility:vis $field:ident : $type:ty
            ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $(
                $(#[$field_attribute])*
                $field_visibility $field : $type,
            )*
        }

        impl $name {
            /// The attribute names, in the order of the fields.
            $visibility const ATTRIBUTES: &'static [&'static str] =
                &[$($crate::value::attribute_name(::core::stringify!($field))),*];
        }

        impl $crate::value::FromValue for $name {
            fn from_value(value: &$crate::value::Value) -> ::core::result::Result<Self, $crate::value::ModelError> {
                let object = $crate::value::model_object(value, |name| Self::ATTRIBUTES.contains(&name))?;
                // A model without fields would leave it unused.
                let _ = object;
                ::core::result::Result::Ok(Self {
                    $(
                        $field: $crate::value::model_field(
                            object,
                            $crate::value::attribute_name(::core::stringify!($field)),
                        )?,
                    )*
                })
            }
        }

        impl $crate::value::ToValue for $name {
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::object::<&str, $crate::value::Value>([
                    $(
                        (
                            $crate::value::attribute_name(::core::stringify!($field)),
                            $crate::value::ToValue::to_value(&self.$field),
                        ),
                    )*
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::value::{Attr, FromValue, ModelError, Path, Set, ToValue, Type, Value};

    object! {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        struct Rule {
            port: i64,
            tags: Attr<BTreeMap<String, String>>,
        }
    }

    object! {
        #[derive(Debug, PartialEq)]
        struct Service {
            rules: Vec<Rule>,
            names: BTreeSet<String>,
            main: Attr<Rule>,
            note: Option<String>,
            anything: Value,
        }
    }

    object! {
        #[derive(Debug, PartialEq)]
        struct Empty {}
    }

    fn service() -> Service {
        Service {
            rules: vec![Rule {
                port: 80,
                tags: Attr::Known(BTreeMap::from([("a".to_owned(), "b".to_owned())])),
            }],
            names: BTreeSet::from(["x".to_owned()]),
            main: Attr::Unknown,
            note: None,
            anything: Value::dynamic(Type::Bool, Value::from(true)),
        }
    }

    #[test]
    fn models_are_written_and_read_back() {
        assert_eq!(Service::from_value(&service().to_value()), Ok(service()));
        assert_eq!(Empty::from_value(&Empty {}.to_value()), Ok(Empty {}));
    }

    #[test]
    fn errors_carry_the_path() {
        let value = service().to_value().with_attribute(
            "rules",
            Value::list([Value::object([(
                "port",
                Value::Number("0.5".parse().unwrap()),
            )])]),
        );
        let error = Service::from_value(&value).unwrap_err();
        assert_eq!(error.path, Path::from("rules").index(0).attribute("port"));
        assert_eq!(error.reason, "a whole number is required");
    }

    #[test]
    fn null_and_unknown_need_a_place() {
        assert!(String::from_value(&Value::Null).is_err());
        assert!(Option::<String>::from_value(&Value::unknown()).is_err());
        assert_eq!(
            Attr::<String>::from_value(&Value::unknown()),
            Ok(Attr::Unknown)
        );
        assert!(Rule::from_value(&Value::Null).is_err());
    }

    #[test]
    fn an_attribute_the_model_does_not_know_is_an_error() {
        let error = Empty::from_value(&Value::object([("new", 1)])).unwrap_err();
        assert_eq!(error.reason, "the model has no attribute \"new\"");
    }

    #[test]
    fn a_missing_attribute_is_null() {
        assert_eq!(
            Attr::<Rule>::from_value(&Value::object([("port", 1)])),
            Ok(Attr::Known(Rule {
                port: 1,
                tags: Attr::Null
            }))
        );
    }

    #[test]
    fn a_set_keeps_unknown_elements_apart() {
        let value = Value::set([
            Value::unknown(),
            Value::from("b"),
            Value::unknown(),
            Value::from("a"),
        ]);
        let set = Set::<Attr<String>>::from_value(&value).unwrap();
        assert_eq!(set.len(), 4);
        assert_eq!(set.to_value(), value);
        assert_eq!(
            BTreeSet::<Attr<String>>::from_value(&value).map(|set| set.len()),
            Ok(3)
        );
    }

    #[test]
    fn errors_name_the_wanted_kind() {
        let error: ModelError = BTreeMap::<String, bool>::from_value(&Value::from(1)).unwrap_err();
        assert_eq!(error.to_string(), "a map is required, but this is a number");
    }
}
