//! Enums of words that others may add to.
//!
//! AWS adds statuses to its answers without a new version of its API, and a state may have been written by a newer
//! provider. An enum of [`words!`] has room for such a word, so nothing is lost and nobody guesses.

/// Declares enums of words. A word that is not in the list is kept as it came, in `Unknown`: whoever decides on it has to
/// say what an unknown word means.
///
/// ```
/// open_words::words! {
///     /// Color of a traffic light.
///     pub enum Light {
///         Green = "GREEN",
///         Red = "RED",
///     }
/// }
///
/// assert_eq!(Light::parse("RED"), Light::Red);
/// assert_eq!(Light::Red.to_string(), "RED");
/// assert_eq!(Light::parse("BLUE"), Light::Unknown("BLUE".to_owned()));
/// assert_eq!(Light::parse("BLUE").word(), "BLUE");
/// assert_eq!(Light::WORDS, ["GREEN", "RED"]);
/// ```
#[macro_export]
macro_rules! words {
    ($(
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    )+) => {$(
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name {
            $(
                $(#[$variant_attribute])*
                #[doc = ::core::concat!("`", $word, "`.")]
                $variant,
            )+
            /// A word this build does not know, as it came.
            Unknown(::std::string::String),
        }

        impl $name {
            /// The words this build knows.
            $visibility const WORDS: &'static [&'static str] = &[$($word),+];

            /// Reads a word.
            #[must_use]
            $visibility fn parse(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unknown(::std::borrow::ToOwned::to_owned(other)),
                }
            }

            /// The word.
            #[must_use]
            $visibility fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        /// In the order of the words.
        impl ::core::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.word().cmp(other.word())
            }
        }

        impl ::core::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}
