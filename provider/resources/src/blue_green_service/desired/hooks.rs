//! Hooks in AWS's terms: functions, pauses for a person, and the pause at which ECS waits for an apply.

use std::collections::BTreeSet;
use std::time::Duration;

use switchyard_engine::DesiredStep;
use switchyard_engine::gate::{Gates, MomentKind};
use switchyard_engine::ports::{HookTarget, HookTimeoutAction, LifecycleHook, LifecycleStage};

use super::approvals::approvals;
use super::values::{minutes, own, short_way};
use crate::blue_green_service::model::{
    DeploymentModel, HookModel, List, Model, known_set, or_default, whole_list,
};
use crate::blue_green_service::parse::MOST_PAUSE_MINUTES;
use crate::blue_green_service::strategy::{self, ControllerChoice, Strategy};
use crate::blue_green_service::{gates, parts, waits};

/// What a pause lasts on top of holds and gates: the time of whoever watches.
const PAUSE_ALLOWANCE: Duration = Duration::from_secs(30 * 60);

/// The shortest time-out of a pause.
const LEAST_PAUSE_MINUTES: u32 = 60;

/// All hooks of the service, so that those that were removed go away: AWS keeps what it is not told about. Only native
/// deployments that move traffic have any; a service that is deployed otherwise keeps none.
pub(super) fn hooks(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
) -> Option<Option<Vec<LifecycleHook>>> {
    if ControllerChoice::of(model)? != ControllerChoice::Ecs {
        return Some(None);
    }
    if strategy == Strategy::Rolling {
        return Some(Some(Vec::new()));
    }
    let mut hooks = unattended(model, deployment, strategy, gates)?;
    hooks.extend(approvals(&deployment.approval)?);
    Some(Some(hooks))
}

/// Those at which nobody is asked.
pub(super) fn unattended(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
) -> Option<Vec<LifecycleHook>> {
    let mut hooks = lambda_hooks(&deployment.lifecycle_hook)?;
    hooks.extend(own_pause(model, deployment, strategy, gates)?);
    Some(hooks)
}

/// The pauses that an apply ends: in deployments as configured, and on the short way back to an earlier revision.
pub(in crate::blue_green_service) fn own_pauses(model: &Model) -> Vec<LifecycleHook> {
    let known = || {
        let deployment = model.deployment.known()?;
        let (strategy, gates) = (Strategy::of(deployment)?, gates::gates(model)?);
        if ControllerChoice::of(model)? != ControllerChoice::Ecs || strategy == Strategy::Rolling {
            return None;
        }
        let configured = own_pause(model, deployment, strategy, &gates)?;
        let short = short_way(gates);
        let back = own_pause(model, deployment, Strategy::AllAtOnce, &short)?;
        Some(configured.into_iter().chain(back))
    };
    known().into_iter().flatten().collect()
}

fn own_pause(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
) -> Option<Option<LifecycleHook>> {
    let test_rule = model
        .load_balancer
        .settled(|balancer| balancer.test_listener_rule.settled(own))?;
    let besides = parts::additional(&model.parts)?;
    let mut besides = besides.iter().filter_map(|it| it.alternate.as_ref());
    let has_test_rule =
        test_rule.flatten().is_some() || besides.any(|pair| pair.test_rule.is_some());
    let steps = match strategy {
        Strategy::Steps => strategy::steps(deployment)?,
        Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear => Vec::new(),
    };
    Some(pause(&steps, gates, has_test_rule))
}

/// The stages at which a person is asked.
pub(in crate::blue_green_service) fn approval_stages(
    deployment: &DeploymentModel,
    strategy: Strategy,
) -> Option<BTreeSet<LifecycleStage>> {
    if strategy == Strategy::Rolling {
        return Some(BTreeSet::new());
    }
    let hooks = approvals(&deployment.approval)?;
    Some(hooks.into_iter().flat_map(|hook| hook.stages).collect())
}

/// The functions among the hooks.
pub(in crate::blue_green_service) fn lambda_hooks(
    hooks: &List<HookModel>,
) -> Option<Vec<LifecycleHook>> {
    whole_list(hooks)?.into_iter().map(lambda_hook).collect()
}

fn lambda_hook(model: &HookModel) -> Option<LifecycleHook> {
    Some(LifecycleHook {
        target: HookTarget::Lambda {
            function: model.function_arn.known()?.clone(),
            role: model.role_arn.known()?.clone(),
        },
        stages: known_set(&model.stages)?
            .iter()
            .map(|word| LifecycleStage::parse(word.word()))
            .collect(),
        details: model.details.settled(own)?,
        timeout_minutes: model.timeout.settled(minutes)?,
        on_timeout: Some(
            or_default(&model.on_timeout, &HookModel::defaults().on_timeout)?.engine(),
        ),
        more: String::new(),
    })
}

/// Where ECS waits for us. Should nobody come, it rolls back.
fn pause(steps: &[DesiredStep], gates: &Gates, has_test_rule: bool) -> Option<LifecycleHook> {
    let stages = pause_stages(steps, gates, has_test_rule);
    if stages.is_empty() {
        return None;
    }
    let hold = |step: &DesiredStep| match step.approval {
        true => waits::APPROVAL,
        false => step.hold,
    };
    let longest_hold = steps.iter().map(hold).max().unwrap_or_default();
    let needed = longest_hold + waits::longest(gates, |_| true) + PAUSE_ALLOWANCE;
    let minutes = u32::try_from(needed.as_secs().div_ceil(60)).unwrap_or(MOST_PAUSE_MINUTES);
    Some(LifecycleHook {
        target: HookTarget::Pause,
        stages,
        details: None,
        timeout_minutes: Some(minutes.clamp(LEAST_PAUSE_MINUTES, MOST_PAUSE_MINUTES)),
        on_timeout: Some(HookTimeoutAction::Rollback),
        more: String::new(),
    })
}

fn pause_stages(
    steps: &[DesiredStep],
    gates: &Gates,
    has_test_rule: bool,
) -> BTreeSet<LifecycleStage> {
    let asked = |when| gates.list.iter().any(|gate| gate.when.contains(&when));
    let mut stages = BTreeSet::new();
    if !steps.is_empty() || asked(MomentKind::Step) {
        // It comes before every shift: the first one is the moment before traffic.
        stages.insert(LifecycleStage::PreProductionTrafficShift);
    } else if asked(MomentKind::BeforeTraffic) {
        stages.insert(if has_test_rule {
            LifecycleStage::PostTestTrafficShift
        } else {
            LifecycleStage::PostScaleUp
        });
    }
    let is_held = |step: &DesiredStep| step.approval || !step.hold.is_zero();
    if steps.last().is_some_and(is_held) || asked(MomentKind::Bake) {
        stages.insert(LifecycleStage::PostProductionTrafficShift);
    }
    stages
}
