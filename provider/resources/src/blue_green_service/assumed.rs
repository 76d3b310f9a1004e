//! Checks of a plan that does not know the task definition yet, because the same apply creates it: everything else is
//! checked as it is, and what depends on the task definition is checked with the live one.

use switchyard_engine::{Field, Finding, FindingLevel, Rule};
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::Model;
use super::owner::TaskDefinitionOwner;
use super::words::OwnerWord;
use crate::names;

/// The plan as if the tasks ran what is live, when the task definition is all that is not known. `None` when it is known.
pub(super) fn running_what_is_live(planned: &Model, named: &Attr<String>) -> Option<Model> {
    let owner = match TaskDefinitionOwner::of(planned)? {
        TaskDefinitionOwner::Terraform if planned.task_definition.is_unknown() => {
            OwnerWord::External
        }
        TaskDefinitionOwner::External if named.is_unknown() => OwnerWord::External,
        TaskDefinitionOwner::Images if named.is_unknown() => OwnerWord::Images,
        TaskDefinitionOwner::Terraform
        | TaskDefinitionOwner::External
        | TaskDefinitionOwner::Images
        | TaskDefinitionOwner::Snapshot => return None,
    };
    Some(Model {
        task_definition_owner: Attr::Known(owner),
        ..planned.clone()
    })
}

/// What a finding stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// Nothing but what the plan knows.
    Certain,
    /// The new task definition is like the live one, which is likely.
    Assumed,
    /// What is likely to be new in the new task definition, or depends on which one it is.
    Void,
}

fn basis(finding: &Finding) -> Basis {
    match finding.rule {
        Rule::ContainerMissing | Rule::PortNotExposed | Rule::TargetTypeMismatch => Basis::Assumed,
        // These images are in the configuration.
        Rule::ImageMissing if finding.field == Field::Images => Basis::Certain,
        Rule::ExecutionRoleMissing
        | Rule::ImageArchitecture
        | Rule::ImageMissing
        | Rule::LogGroupMissing
        | Rule::RolloutRunning
        | Rule::SecretMissing
        | Rule::TaskRoleMissing
        | Rule::TaskDefinitionMissing => Basis::Void,
        _ if finding.field == Field::TaskDefinition => Basis::Void,
        _ => Basis::Certain,
    }
}

/// A finding that was made with the live task definition, as this plan can report it.
pub(super) fn reported(
    finding: Finding,
    memory: &Memory,
    prior: Option<&Model>,
) -> Option<Finding> {
    match basis(&finding) {
        Basis::Certain => Some(finding),
        Basis::Void => None,
        Basis::Assumed => {
            let live = memory.live_task_definition(prior?);
            let live = names::task_definition_name(live.known()?).to_owned();
            Some(Finding {
                severity: FindingLevel::Warning,
                why: format!(
                    "The new task definition is known only during the apply, so the live one, {live}, was checked. If the \
                     new one is the same in this, the apply fails: {}",
                    finding.why
                ),
                next: format!(
                    "{} If the same apply changes it in the task definition, there is nothing to do. \
                     `provider::switchyard::check_task` checks the new container definitions at plan.",
                    finding.next
                ),
                ..finding
            })
        }
    }
}
