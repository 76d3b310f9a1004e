//! Versions, and where an alias sends its traffic.

use std::fmt;

use crate::weights::Share;

/// A version of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `$LATEST`: what changes with every upload. It never shares an alias.
    Latest,
    /// A published one.
    Published(u64),
}

impl Version {
    /// Reads AWS's word; `None` for what is neither a number nor `$LATEST`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "$LATEST" => Some(Self::Latest),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.parse().ok().map(Self::Published)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("$LATEST"),
            Self::Published(number) => write!(f, "{number}"),
        }
    }
}

/// Where an alias sends its traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AliasRouting {
    /// The main version (`FunctionVersion`): it gets what is left.
    pub settled: Version,
    /// The additional version (`AdditionalVersionWeights`).
    pub guest: Option<Guest>,
}

/// The additional version of an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guest {
    /// Which one.
    pub version: Version,
    /// Its share of the traffic.
    pub share: Share,
}

impl AliasRouting {
    /// One version gets everything.
    #[must_use]
    pub const fn only(version: Version) -> Self {
        Self {
            settled: version,
            guest: None,
        }
    }

    /// Two versions share.
    #[must_use]
    pub const fn shared(settled: Version, version: Version, share: Share) -> Self {
        Self {
            settled,
            guest: Some(Guest { version, share }),
        }
    }

    /// The share of a version.
    #[must_use]
    pub fn share_of(&self, version: Version) -> Share {
        let rest = self.guest.map_or(Share::WHOLE, |guest| guest.share.rest());
        let guest = self.guest.filter(|guest| guest.version == version);
        let settled = (self.settled == version).then_some(rest);
        guest
            .map(|guest| guest.share)
            .or(settled)
            .unwrap_or_default()
    }
}

/// The one effect: the alias is created, or changed where it still is as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Put {
    /// As it was seen; `None` when it is created.
    pub from: Option<AliasRouting>,
    /// What it becomes.
    pub to: AliasRouting,
}
