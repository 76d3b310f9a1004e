//! What is remembered beside the state.

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;
use tfplugin::value::Attr;

use super::model::Model;
use super::owner::Owner;

const NAME: &str = "service";

/// What is remembered beside the state. The default is what an object has that is new or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// `task_definition` in the state is the base that the configuration names, not what is live.
    pub(super) base_is_named: bool,
    /// The live task definition, when it is not in the state.
    pub(super) live: Option<String>,
    /// The object was taken over from another resource type and not read since: everything AWS shows is its
    /// state.
    pub(super) adopted: bool,
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

    /// After an apply or a plan of this configuration.
    pub(super) fn for_plan(&self, config: &Model, planned: &Model) -> Self {
        let base_is_named =
            Owner::of(planned) == Some(Owner::Images) && !config.task_definition.is_null();
        Self {
            base_is_named,
            live: self.live.clone().filter(|_| base_is_named),
            adopted: false,
        }
    }

    /// With what is live now.
    pub(super) fn seeing(&self, live: Option<&String>) -> Self {
        Self {
            base_is_named: self.base_is_named,
            live: live.cloned().filter(|_| self.base_is_named),
            adopted: false,
        }
    }

    /// The task definition that was live when the state was read.
    pub(super) fn live_task_definition(&self, prior: &Model) -> Attr<String> {
        if self.base_is_named {
            Attr::from(self.live.clone())
        } else {
            prior.task_definition.clone()
        }
    }
}
