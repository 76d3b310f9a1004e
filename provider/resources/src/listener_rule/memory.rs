//! What is remembered beside the state.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;

use super::desired;
use super::model::Model;
use crate::drift::TagsBefore;

const NAME: &str = "rule";

/// What is remembered beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// The pair as an apply wrote it last; the state has what the last refresh found. Empty when no apply did.
    pair: BTreeSet<String>,
    /// The configuration had no priority at the last apply: whatever the rule has is right.
    pub(super) any_priority: bool,
    /// The last apply failed, and what it left could not be read: the state may say more or less than there is.
    pub(super) unseen: bool,
    /// Tags that somebody else has changed since the state was written, until the next apply.
    pub(super) tags_before: TagsBefore,
}

impl Memory {
    pub(super) fn of(private: &Private) -> Result<Self, Diagnostics> {
        Ok(private.read(NAME)?.unwrap_or_default())
    }

    /// After an apply of this configuration that wrote this pair.
    pub(super) fn written(config: &Model, pair: &[String; 2]) -> Self {
        Self {
            pair: pair.iter().cloned().collect(),
            any_priority: config.priority.is_null(),
            unseen: false,
            tags_before: TagsBefore::new(),
        }
    }

    /// After an apply that failed.
    pub(super) fn failed(self, unseen: bool) -> Self {
        Self {
            unseen,
            tags_before: TagsBefore::new(),
            ..self
        }
    }

    /// After a read: the state says what there is, and these tags are not as it was.
    pub(super) fn seen(self, tags_before: TagsBefore) -> Self {
        Self {
            unseen: false,
            tags_before,
            ..self
        }
    }

    /// The pair that belongs to the configuration: none of it that gets requests may be dropped.
    pub(super) fn pair(&self, state: &Model) -> BTreeSet<String> {
        if self.pair.is_empty() {
            desired::groups(state)
        } else {
            self.pair.clone()
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

/// Rules that this process has made: they are not what an earlier one has left.
#[derive(Debug, Default)]
pub(crate) struct MadeRules(Mutex<BTreeSet<String>>);

impl MadeRules {
    pub(super) fn all(&self) -> BTreeSet<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn add(&self, arn: &str) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(arn.to_owned());
    }
}
