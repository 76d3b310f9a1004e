//! Pauses for a person.

use std::collections::BTreeSet;

use switchyard_engine::ports::LifecycleStage;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::{Rule, not_used};
use crate::blue_green_service::model::{DeploymentModel, Model, known_elements, known_set};
use crate::blue_green_service::strategy::Strategy;
use crate::blue_green_service::{desired, rules};

pub(super) fn all(
    config: &Model,
    deployment: &DeploymentModel,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    if !deployment.approval.is_known() {
        return;
    }
    let path = || Path::root().attribute("deployment").attribute("approval");
    if strategy == Some(Strategy::Rolling) {
        found.push(not_used(
            path(),
            "approval",
            "ECS pauses only in deployments that move traffic between two target groups",
        ));
        return;
    }
    let own: BTreeSet<LifecycleStage> = desired::own_pauses(config)
        .into_iter()
        .flat_map(|hook| hook.stages)
        .collect();
    let mut taken = BTreeSet::new();
    for (index, approval) in known_elements(&deployment.approval) {
        let path = || path().index(index).attribute("stages");
        for word in known_set(&approval.stages).unwrap_or_default() {
            let stage = LifecycleStage::parse(word.word());
            if !word.can_pause() {
                found.push(Rule::Hooks.error(
                    path(),
                    format!("No deployment can wait at `{word}`"),
                    format!(
                        "ECS pauses at the stages `{}`. Choose from these.",
                        rules::pauses().join("`, `")
                    ),
                ));
            } else if own.contains(&stage) {
                found.push(Rule::Approval.error(
                    path(),
                    format!("The apply ends the pause at `{word}` itself"),
                    "The steps or gates of this configuration make the deployment wait at that stage until the \
                     apply continues it, so no person can be asked there. Choose a different stage, or set `hold = \
                     \"approval\"` in the step whose weight a person has to approve.",
                ));
            } else if !taken.insert(stage) {
                found.push(Rule::Approval.error(
                    path(),
                    format!("Two `approval` blocks wait at `{word}`"),
                    "One approval is enough for a stage. Remove the stage from one of the blocks.",
                ));
            }
        }
    }
}

/// Whether a step is held until a person approves.
pub(super) fn of_a_step(deployment: &DeploymentModel) -> Option<i64> {
    let is_asked = |hold: &Attr<String>| {
        hold.known().map(String::as_str) == Some(crate::blue_green_service::parse::APPROVAL)
    };
    let mut steps = known_elements(&deployment.step);
    steps
        .find(|(_, step)| is_asked(&step.hold))
        .map(|(index, _)| index)
}
