//! What is remembered beside the state.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;

use crate::drift::TagsBefore;

const NAME: &str = "scaling";

/// What is remembered beside the state. The default is what an object has that an apply has written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// The object was imported and not applied since: nobody has said yet which bounds hold without schedules, so
    /// the state has those in force.
    pub(super) imported: bool,
    /// The last apply failed, and what it left could not be read: the state may say more or less than there is.
    pub(super) unseen: bool,
    /// Policies that such an apply may have made, by name.
    pub(super) policies: BTreeSet<String>,
    /// Schedules that such an apply may have made, by name.
    pub(super) schedules: BTreeSet<String>,
    /// Alarms that we have made, by name. The state forgets one that does not call its policy any more.
    pub(super) alarms: BTreeSet<String>,
    /// Tags that somebody else has changed since the state was written, until the next apply.
    pub(super) tags_before: TagsBefore,
}

impl Memory {
    pub(super) fn of(private: &Private) -> Result<Self, Diagnostics> {
        Ok(private.read(NAME)?.unwrap_or_default())
    }

    /// After a read: the state says what there is, and these tags are not as it was.
    pub(super) fn seen(self, tags_before: TagsBefore) -> Self {
        Self {
            imported: self.imported,
            alarms: self.alarms,
            tags_before,
            ..Self::default()
        }
    }

    pub(super) fn to_private(&self) -> Result<Private, Diagnostics> {
        let mut private = Private::new();
        if *self != Self::default() {
            private.write(NAME, self)?;
        }
        Ok(private)
    }
}
