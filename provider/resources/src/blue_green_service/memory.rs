//! What is remembered beside the state.

use std::ops::Not;

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;
use tfplugin::value::Attr;

use super::model::Model;
use super::owner::TaskDefinitionOwner;
use crate::drift::TagsBefore;

const NAME: &str = "service";

/// What is remembered beside the state. The default is what an object has that is new or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// `task_definition` in the state is the base that the configuration names, not what is live.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) base_is_named: bool,
    /// The live task definition, when it is not in the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) live: Option<String>,
    /// What `restore_snapshot` stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) restored: Option<Restored>,
    /// Task definitions that were live, newest first, as `family:revision` (ARNs before version 1 of the schema). The
    /// one that `last_deployment` says succeeded is not repeated here; see `back`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) was_live: Vec<String>,
    /// The object was taken over from another resource type and not read since: everything AWS shows is its
    /// state.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) adopted: bool,
    /// Tags that somebody else has changed since the state was written, until the next apply.
    #[serde(skip_serializing_if = "TagsBefore::is_empty")]
    pub(super) tags_before: TagsBefore,
    /// The configuration does not say how many tasks there are: whatever is there is right.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) any_count: bool,
    /// An import has found an autoscaler that has the number of tasks.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) scaled: bool,
}

/// A snapshot that is gone back to. Snapshots never change, so it is read once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Restored {
    /// Its id.
    pub(super) snapshot: String,
    /// ARN of the task definition its tasks ran.
    pub(super) task_definition: String,
    /// ARN it was rolled out as, when it had to be registered again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) runs_as: Option<String>,
}

impl Memory {
    pub(super) fn of(private: &Private) -> Result<Self, Diagnostics> {
        Ok(private.read(NAME)?.unwrap_or_default())
    }

    pub(super) fn to_private(&self) -> Result<Private, Diagnostics> {
        let mut private = Private::new();
        if *self != Self::default() {
            private.write(NAME, self)?;
        }
        Ok(private)
    }

    /// After an apply or a plan of this configuration, which goes back to this. The apply needs to know what was live
    /// when it was planned, also where the state says it no more, or not any longer.
    pub(super) fn for_plan(
        &self,
        prior: Option<&Model>,
        config: &Model,
        planned: &Model,
        restored: Option<Restored>,
    ) -> Self {
        let base_is_named = match TaskDefinitionOwner::of(planned) {
            Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot) => {
                !config.task_definition.is_null()
            }
            // Terraform plans again before it applies.
            Some(TaskDefinitionOwner::External | TaskDefinitionOwner::Terraform) | None => false,
        };
        Self {
            base_is_named,
            live: prior
                .filter(|_| base_is_named || self.base_is_named)
                .and_then(|prior| self.live_task_definition(prior).into_known()),
            restored,
            was_live: self.was_live.clone(),
            adopted: false,
            tags_before: TagsBefore::new(),
            any_count: config.desired_count.is_null(),
            scaled: false,
        }
    }

    /// With what is live now.
    pub(super) fn seeing(&self, live: Option<&String>) -> Self {
        Self {
            base_is_named: self.base_is_named,
            live: live.cloned().filter(|_| self.base_is_named),
            restored: self.restored.clone(),
            was_live: self.was_live.clone(),
            adopted: false,
            tags_before: TagsBefore::new(),
            any_count: self.any_count,
            scaled: false,
        }
    }

    /// The task definition that was live when the state was read.
    pub(super) fn live_task_definition(&self, prior: &Model) -> Attr<String> {
        match &self.live {
            Some(live) => Attr::Known(live.clone()),
            None if self.base_is_named => Attr::Null,
            None => prior.task_definition.clone(),
        }
    }
}
