//! What is remembered alongside the state, of alarms and of a dashboard.

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;

const NAME: &str = "monitoring";

/// What is remembered alongside the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// The last apply failed, and what it left could not be read: the state may say more or less than there is.
    pub(crate) unseen: bool,
}

impl Memory {
    pub(crate) fn of(private: &Private) -> Result<Self, Diagnostics> {
        Ok(private.read(NAME)?.unwrap_or_default())
    }

    pub(crate) fn to_private(self) -> Result<Private, Diagnostics> {
        let mut private = Private::new();
        if self != Self::default() {
            private.write(NAME, &self)?;
        }
        Ok(private)
    }
}
