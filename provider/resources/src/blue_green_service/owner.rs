//! Who decides what tasks run.

use tfplugin::value::Attr;

use super::model::{Model, or_default};
use super::words::OwnerWord;

/// `task_definition_owner`, and what takes its place for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskDefinitionOwner {
    /// Somebody else deploys; the state follows.
    External,
    /// The configuration says the images.
    Images,
    /// A snapshot, as long as `restore_snapshot` names one.
    Snapshot,
    /// The configuration names the task definition.
    Terraform,
}

impl TaskDefinitionOwner {
    /// Who decides now, if it is known.
    pub(super) fn of(model: &Model) -> Option<Self> {
        match model.restore_snapshot {
            Attr::Known(_) => Some(Self::Snapshot),
            Attr::Null => Self::written(model),
            Attr::Unknown => None,
        }
    }

    /// The owner that is written, if it is known.
    pub(super) fn written(model: &Model) -> Option<Self> {
        let default = Model::defaults().task_definition_owner;
        match or_default(&model.task_definition_owner, &default)? {
            OwnerWord::Terraform => Some(Self::Terraform),
            OwnerWord::Images => Some(Self::Images),
            OwnerWord::External => Some(Self::External),
            OwnerWord::Unknown(_) => None,
        }
    }
}
