//! The macro that declares the words an attribute takes.

/// Declares an enum of words that a configuration may write: what a schema offers, what a model reads, and what code
/// matches are one list.
///
/// A word that is not in the list is kept as it came, in `Unknown`: the rule that a schema gets from the enum refuses it
/// in a configuration, and in a state from a newer version it is not lost.
///
/// ```
/// use tfplugin::schema::Shape;
/// use tfplugin::value::{FromValue, ToValue, Value};
///
/// tfplugin::words! {
///     /// What happens to what nobody manages.
///     pub enum Unmanaged {
///         Report = "report",
///         Remove = "remove",
///     }
/// }
///
/// assert_eq!(Unmanaged::from_value(&Value::from("remove"))?, Unmanaged::Remove);
/// assert_eq!(Unmanaged::Report.to_value(), Value::from("report"));
/// assert_eq!(Unmanaged::parse("burn"), Unmanaged::Unknown("burn".to_owned()));
/// assert_eq!(Unmanaged::rules()[0].describe(), "must be one of `report`, `remove`");
/// # Ok::<(), tfplugin::value::ModelError>(())
/// ```
#[macro_export]
macro_rules! words {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $crate::open_words::words! {
            $(#[$attribute])*
            $visibility enum $name {
                $($(#[$variant_attribute])* $variant = $word),+
            }
        }

        impl $crate::value::FromValue for $name {
            fn from_value(
                value: &$crate::value::Value,
            ) -> ::core::result::Result<Self, $crate::value::ModelError> {
                let word: ::std::string::String = $crate::value::FromValue::from_value(value)?;
                ::core::result::Result::Ok(Self::parse(&word))
            }
        }

        impl $crate::value::ToValue for $name {
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::ToValue::to_value(self.word())
            }
        }

        impl $crate::schema::Shape for $name {
            fn kind() -> $crate::schema::AttributeKind {
                <::std::string::String as $crate::schema::Shape>::kind()
            }

            fn rules() -> ::std::vec::Vec<::std::sync::Arc<dyn $crate::schema::Validator>> {
                let words = Self::WORDS.iter().copied();
                ::std::vec![::std::sync::Arc::new($crate::schema::validators::one_of(words))]
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::schema::{Attributes, Shape as _};
    use crate::value::{Attr, FromValue as _, ToValue as _, Value};

    words! {
        /// A color.
        enum Color {
            Red = "red",
            /// Of the sky.
            Blue = "blue",
        }
    }

    #[derive(Attributes, Clone, Debug, Default, PartialEq)]
    struct Paint {
        #[attr(default = Color::Blue)]
        color: Attr<Color>,
    }

    #[test]
    fn each_word_is_read_and_written() {
        for &word in Color::WORDS {
            let color = Color::from_value(&Value::from(word)).unwrap();
            assert!(!matches!(color, Color::Unknown(_)), "{word}");
            assert_eq!(color.to_value(), Value::from(word));
            assert_eq!(color.to_string(), word);
        }
        assert!(Color::from_value(&Value::from(1)).is_err());
    }

    #[test]
    fn another_word_is_kept_and_refused() {
        let value = Value::from("green");
        assert_eq!(Color::from_value(&value).unwrap().to_value(), value);
        let [rule] = Color::rules().try_into().unwrap();
        assert!(rule.check(&value).is_err());
        assert!(rule.check(&Value::from("red")).is_ok());
    }

    #[test]
    fn an_attribute_takes_its_words_from_the_enum() {
        let [color] = Paint::attributes().try_into().unwrap();
        assert_eq!(color.default, Some(Value::from("blue")));
        assert_eq!(color.validators.len(), 1);
    }
}
