//! Controller, strategy and hooks in AWS's terms.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use switchyard_engine::gate::{Gates, MomentKind};
use switchyard_engine::ports::{
    BreakerThreshold, CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, HookTarget,
    HookTimeoutAction, LifecycleHook, LifecycleStage, Strategy as AwsStrategy,
};
use switchyard_engine::{CodeDeployHook, DesiredController, DesiredStep};
use tfplugin::value::Attr;

use super::{own, whole};
use crate::blue_green_service::model::{
    AlarmsModel, CircuitBreakerModel, CodeDeployHooksModel, DeploymentModel, HookModel, List,
    Model, SetOf, known_set, or_default, whole_list,
};
use crate::blue_green_service::strategy::{self, ControllerChoice, Strategy};
use crate::blue_green_service::waits;
use crate::duration;

/// What a pause lasts on top of holds and gates: the time of whoever watches.
const PAUSE_ALLOWANCE: Duration = Duration::from_secs(30 * 60);

/// The shortest time-out of a pause.
const LEAST_PAUSE_MINUTES: u32 = 60;

/// The longest one (AWS: `timeoutInMinutes` of a pause hook).
const MOST_PAUSE_MINUTES: u32 = 20_160;

pub(super) fn controller(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    goes_back: bool,
) -> Option<DesiredController> {
    match ControllerChoice::of(model)? {
        ControllerChoice::Ecs => Some(DesiredController::Ecs),
        ControllerChoice::External => Some(DesiredController::External),
        ControllerChoice::CodeDeploy => {
            let code_deploy = model.codedeploy.known()?;
            let config = match code_deploy.deployment_config.as_ref() {
                Attr::Known(_) | Attr::Null if goes_back => {
                    strategy::predefined(deployment, strategy).map(str::to_owned)
                }
                Attr::Known(name) => Some(name.clone()),
                Attr::Null => strategy::predefined(deployment, strategy).map(str::to_owned),
                Attr::Unknown => return None,
            };
            Some(DesiredController::CodeDeploy {
                application: code_deploy.application.known()?.clone(),
                group: code_deploy.deployment_group.known()?.clone(),
                config,
                hooks: code_deploy
                    .hooks
                    .settled(code_deploy_hooks)?
                    .unwrap_or_default(),
                rollback_events: list(&code_deploy.rollback_on)?,
                alarms: list(&code_deploy.alarms)?,
            })
        }
    }
}

fn code_deploy_hooks(model: &CodeDeployHooksModel) -> Option<BTreeMap<CodeDeployHook, String>> {
    let mut hooks = BTreeMap::new();
    for (event, function) in [
        (CodeDeployHook::BeforeInstall, &model.before_install),
        (CodeDeployHook::AfterInstall, &model.after_install),
        (
            CodeDeployHook::AfterAllowTestTraffic,
            &model.after_allow_test_traffic,
        ),
        (
            CodeDeployHook::BeforeAllowTraffic,
            &model.before_allow_traffic,
        ),
        (
            CodeDeployHook::AfterAllowTraffic,
            &model.after_allow_traffic,
        ),
    ] {
        if let Some(function) = function.settled(own)? {
            hooks.insert(event, function);
        }
    }
    Some(hooks)
}

fn list<T: Clone + Ord + ToString>(set: &SetOf<T>) -> Option<Option<Vec<String>>> {
    match set {
        Attr::Null => Some(None),
        set => Some(Some(known_set(set)?.iter().map(T::to_string).collect())),
    }
}

fn minutes(text: impl AsRef<str>) -> Option<u32> {
    duration::parse_minutes(text.as_ref()).ok()
}

pub(super) fn configuration(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
) -> Option<DeploymentConfiguration> {
    Some(DeploymentConfiguration {
        strategy: aws_strategy(deployment, strategy)?,
        bake_minutes: deployment.bake_time.settled(minutes)?,
        maximum_percent: deployment.maximum_percent.settled(whole)?,
        minimum_healthy_percent: deployment.minimum_healthy_percent.settled(whole)?,
        circuit_breaker: deployment.circuit_breaker.settled(circuit_breaker)?,
        hooks: hooks(model, deployment, strategy, gates)?,
        alarms: deployment.alarms.settled(|alarms| {
            Some(DeploymentAlarms {
                names: known_set(&alarms.names)?,
                enable: true,
                rollback: *or_default(&alarms.rollback, &AlarmsModel::defaults().rollback)?,
            })
        })?,
    })
}

/// How ECS deploys what was live before: all at once, and done when traffic has moved.
pub(super) fn short_way(
    model: &Model,
    deployment: &DeploymentModel,
    gates: &Gates,
) -> Option<DeploymentConfiguration> {
    let configured = configuration(model, deployment, Strategy::AllAtOnce, gates)?;
    Some(DeploymentConfiguration {
        bake_minutes: Some(0),
        ..configured
    })
}

fn aws_strategy(deployment: &DeploymentModel, strategy: Strategy) -> Option<AwsStrategy> {
    Some(match strategy {
        Strategy::Rolling => AwsStrategy::Rolling,
        Strategy::AllAtOnce => AwsStrategy::BlueGreen,
        Strategy::Canary => {
            let (percent, bake_minutes) =
                strategy::ecs_shift(&deployment.canary, strategy::ECS_CANARY)?;
            AwsStrategy::Canary {
                percent,
                bake_minutes,
            }
        }
        Strategy::Linear => {
            let (percent, bake_minutes) =
                strategy::ecs_shift(&deployment.linear, strategy::ECS_LINEAR)?;
            AwsStrategy::Linear {
                percent,
                bake_minutes,
            }
        }
        Strategy::Steps => steps_strategy(&strategy::steps(deployment)?),
    })
}

/// ECS's way through the weights: equal shifts that reach all of them, and no wait of its own in between.
pub(in crate::blue_green_service) fn steps_strategy(steps: &[DesiredStep]) -> AwsStrategy {
    AwsStrategy::Linear {
        percent: f64::from(strategy::common_shift(steps)) / 10.0,
        bake_minutes: 0,
    }
}

fn circuit_breaker(model: &CircuitBreakerModel) -> Option<CircuitBreaker> {
    let default = CircuitBreakerModel::defaults();
    Some(CircuitBreaker {
        enable: *or_default(&model.enable, &default.enable)?,
        rollback: *or_default(&model.rollback, &default.rollback)?,
        threshold: model.threshold.settled(|threshold| {
            Some(BreakerThreshold {
                unit: threshold.r#type.known()?.engine(),
                value: whole(threshold.value.known()?)?,
            })
        })?,
        reset_on_healthy_task: model.reset_on_healthy_task.settled(own)?,
    })
}

/// All hooks of the service, so that those that were removed go away. Only native deployments that move
/// traffic have any.
fn hooks(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
) -> Option<Option<Vec<LifecycleHook>>> {
    if ControllerChoice::of(model)? != ControllerChoice::Ecs || strategy == Strategy::Rolling {
        return Some(None);
    }
    let mut hooks = lambda_hooks(&deployment.lifecycle_hook)?;
    let test_rule = model
        .load_balancer
        .settled(|balancer| balancer.test_listener_rule.settled(own))?;
    let has_test_rule = test_rule.flatten().is_some();
    let steps = match strategy {
        Strategy::Steps => strategy::steps(deployment)?,
        Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear => Vec::new(),
    };
    hooks.extend(pause(&steps, gates, has_test_rule));
    Some(Some(hooks))
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
    })
}

/// Where ECS waits for us. Should nobody come, it rolls back.
fn pause(steps: &[DesiredStep], gates: &Gates, has_test_rule: bool) -> Option<LifecycleHook> {
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
    let last_hold = steps.last().map_or(Duration::ZERO, |step| step.hold);
    if !last_hold.is_zero() || asked(MomentKind::Bake) {
        stages.insert(LifecycleStage::PostProductionTrafficShift);
    }
    if stages.is_empty() {
        return None;
    }
    let longest_hold = steps.iter().map(|step| step.hold).max().unwrap_or_default();
    let needed = longest_hold + waits::longest(gates, |_| true) + PAUSE_ALLOWANCE;
    let minutes = u32::try_from(needed.as_secs().div_ceil(60)).unwrap_or(MOST_PAUSE_MINUTES);
    Some(LifecycleHook {
        target: HookTarget::Pause,
        stages,
        details: None,
        timeout_minutes: Some(minutes.clamp(LEAST_PAUSE_MINUTES, MOST_PAUSE_MINUTES)),
        on_timeout: Some(HookTimeoutAction::Rollback),
    })
}
