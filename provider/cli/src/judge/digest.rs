//! Values that are compared after they are gone.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

/// Both values of a difference, short enough to be kept and without saying what they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Digest {
    from: u64,
    to: u64,
}

impl Digest {
    pub(super) fn of(raw: &crate::plan::Raw) -> Self {
        let of = |value: &Value| {
            let mut hasher = DefaultHasher::new();
            crate::plan::canonical(value).hash(&mut hasher);
            hasher.finish()
        };
        Self {
            from: of(&raw.from),
            to: of(&raw.to),
        }
    }

    /// Whether `other` leads back to where this came from.
    pub(super) fn is_undone_by(self, other: Self) -> bool {
        self.from == other.to
    }
}
