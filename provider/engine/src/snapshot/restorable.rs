//! Whether AWS still has what a snapshot's tasks were made from.

use super::document::Snapshot;
use crate::ports::{Ports, Result, TaskDefinitionStatus};

/// What has become of a snapshot's task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restorable {
    /// It can be rolled out as it is.
    Active(String),
    /// It was deregistered: AWS still shows it, and the same can be registered again as a new revision.
    Inactive {
        /// Its ARN.
        arn: String,
    },
    /// Nothing can be made from it any more.
    Deleted {
        /// Its ARN.
        arn: String,
        /// What AWS says, as a sentence.
        reason: String,
    },
}

/// Asks for the snapshot's task definition: one call.
///
/// # Errors
/// The call failed.
pub async fn restorable(ports: &Ports, snapshot: &Snapshot) -> Result<Restorable> {
    let arn = snapshot.task_definition_arn().to_owned();
    let Some(found) = ports.services.find_task_definition(&arn).await? else {
        return Ok(Restorable::Deleted {
            arn,
            reason: "AWS no longer has this task definition: it was deregistered and then deleted."
                .to_owned(),
        });
    };
    Ok(match found.status {
        Some(TaskDefinitionStatus::Active) => Restorable::Active(arn),
        Some(TaskDefinitionStatus::Inactive) | None => Restorable::Inactive { arn },
        Some(TaskDefinitionStatus::DeleteInProgress) => Restorable::Deleted {
            arn,
            reason:
                "AWS is deleting it (status `DELETE_IN_PROGRESS`): no task can be started from it."
                    .to_owned(),
        },
        Some(TaskDefinitionStatus::Unknown(word)) => Restorable::Deleted {
            arn,
            reason: format!(
                "AWS reports it with the status `{word}`, which this version does not know."
            ),
        },
    })
}
