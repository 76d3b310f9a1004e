//! What is remembered beside the state.

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;

const NAME: &str = "snapshot";

/// What is remembered beside the state. The default is what an object has that an apply has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// The object was imported and not applied since: nobody knows which `triggers` it was taken for, so having some
    /// is no reason for a new one.
    pub(super) imported: bool,
}

impl Memory {
    pub(super) fn of(private: &Private) -> Result<Self, Diagnostics> {
        Ok(private.read(NAME)?.unwrap_or_default())
    }

    pub(super) fn to_private(self) -> Result<Private, Diagnostics> {
        let mut private = Private::new();
        if self != Self::default() {
            private.write(NAME, &self)?;
        }
        Ok(private)
    }
}
