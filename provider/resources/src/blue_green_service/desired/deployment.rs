//! Controller and strategy in AWS's terms.

use std::collections::BTreeMap;

use switchyard_engine::gate::Gates;
use switchyard_engine::ports::{
    BreakerThreshold, CircuitBreaker, DeploymentAlarms, DeploymentConfiguration,
    Strategy as AwsStrategy,
};
use switchyard_engine::{CodeDeployHook, DesiredController, DesiredStep};
use tfplugin::value::Attr;

use super::hooks;
use super::values::{minutes, own, whole};
use crate::blue_green_service::model::{
    AlarmsModel, CircuitBreakerModel, CodeDeployHooksModel, DeploymentModel, Model, SetOf,
    known_set, or_default,
};
use crate::blue_green_service::strategy::{self, ControllerChoice, Strategy};

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

pub(in crate::blue_green_service) fn code_deploy_hooks(
    model: &CodeDeployHooksModel,
) -> Option<BTreeMap<CodeDeployHook, String>> {
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
        hooks: hooks::hooks(model, deployment, strategy, gates)?,
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
        // Nobody is asked whether to go back.
        hooks: Some(hooks::unattended(
            model,
            deployment,
            Strategy::AllAtOnce,
            gates,
        )?),
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
        percent: strategy::common_shift(steps).percent(),
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
