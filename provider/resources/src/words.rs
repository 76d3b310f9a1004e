//! Words of configurations, and what the engine calls them.

/// Declares what the engine calls each word, in both directions.
///
/// - `Word == Engine { … }`: the engine knows these and no others. A word of another version means nothing to it.
/// - `Word <=> Engine { … }`: both keep words that this build does not know.
/// - `Word => Engine { … }`: the engine keeps words of AWS that a configuration cannot write.
macro_rules! counterparts {
    ($($word:ident == $engine:ident { $($here:ident = $there:ident),+ $(,)? })+) => {
        $(impl $word {
            /// What the engine calls it; nothing for a word of another version.
            #[allow(dead_code, reason = "not every word is read in both directions")]
            pub(crate) fn engine(&self) -> Option<$engine> {
                match self {
                    $(Self::$here => Some($engine::$there),)+
                    Self::Unknown(_) => None,
                }
            }

            /// The word for it.
            #[allow(dead_code, reason = "not every word is read in both directions")]
            pub(crate) fn of(found: $engine) -> Self {
                match found {
                    $($engine::$there => Self::$here,)+
                }
            }
        })+
    };
    ($($word:ident <=> $engine:ident { $($here:ident = $there:ident),+ $(,)? })+) => {
        $(impl $word {
            /// What the engine calls it.
            #[allow(dead_code, reason = "not every word is read in both directions")]
            pub(crate) fn engine(&self) -> $engine {
                match self {
                    $(Self::$here => $engine::$there,)+
                    Self::Unknown(word) => $engine::Unknown(word.clone()),
                }
            }

            /// The word for it.
            pub(crate) fn of(found: &$engine) -> Self {
                match found {
                    $($engine::$there => Self::$here,)+
                    $engine::Unknown(word) => Self::Unknown(word.clone()),
                }
            }
        })+
    };
    ($($word:ident => $engine:ident { $($here:ident = $there:ident),+ $(,)? })+) => {
        $(impl $word {
            /// What the engine calls it; nothing for a word of another version.
            pub(crate) fn engine(&self) -> Option<$engine> {
                match self {
                    $(Self::$here => Some($engine::$there),)+
                    Self::Unknown(_) => None,
                }
            }

            /// The word for it; nothing for what a configuration cannot write.
            pub(crate) fn of(found: &$engine) -> Option<Self> {
                // Some of the engine's are closed, others keep AWS's unknown words.
                #[allow(unreachable_patterns, reason = "closed enums have nothing else")]
                match found {
                    $($engine::$there => Some(Self::$here),)+
                    _ => None,
                }
            }
        })+
    };
}

pub(crate) use counterparts;
