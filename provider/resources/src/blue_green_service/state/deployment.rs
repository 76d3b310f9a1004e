//! How a new revision takes over, as AWS shows it.

use std::time::Duration;

use switchyard_engine::ports::{
    CircuitBreaker, Controller, DeploymentConfiguration, HookTarget, HookTimeoutAction,
    LifecycleHook, Strategy as AwsStrategy,
};
use tfplugin::value::{Attr, Number};

use super::duration_text;
use crate::blue_green_service::model::{
    AlarmsModel, ApprovalModel, CircuitBreakerModel, DeploymentModel, HookModel, List, ShiftModel,
    StepModel, ThresholdModel, list_or_null, stages, text_set,
};
use crate::blue_green_service::words::{OnTimeoutWord, StrategyWord, ThresholdWord};
use crate::blue_green_service::{desired, strategy};
use crate::duration;

/// `deployment` as the service has it; what AWS does not know is kept as it is recorded.
pub(super) fn of(
    base: &Attr<DeploymentModel>,
    controller: &Controller,
    found: Option<&DeploymentConfiguration>,
    own_pauses: &[LifecycleHook],
    import: bool,
) -> Attr<DeploymentModel> {
    let default = DeploymentModel::defaults();
    let (Controller::Ecs, Some(found)) = (controller, found) else {
        // Elsewhere the deployment group, or the steps that are written, say how traffic moves, not the service. An
        // import has to begin with something that can be written.
        if import && base.is_null() {
            return assumed(controller);
        }
        return base.clone().map(|recorded| DeploymentModel {
            autoscaling: recorded.autoscaling.clone().or(default.autoscaling),
            recovery_objective: recorded
                .recovery_objective
                .clone()
                .or(default.recovery_objective),
            rollback_strategy: recorded
                .rollback_strategy
                .clone()
                .or(default.rollback_strategy),
            ..recorded
        });
    };
    let nothing = DeploymentModel::default();
    let recorded = base.known().unwrap_or(&nothing);
    let (word, canary, linear) = match &found.strategy {
        shown if is_by_steps(recorded, shown) => (StrategyWord::Steps, Attr::Null, Attr::Null),
        AwsStrategy::Rolling => (StrategyWord::Rolling, Attr::Null, Attr::Null),
        AwsStrategy::BlueGreen => (StrategyWord::AllAtOnce, Attr::Null, Attr::Null),
        AwsStrategy::Canary {
            percent,
            bake_minutes,
        } => {
            let shift = shift(
                written(&recorded.canary, import),
                (*percent, *bake_minutes),
                strategy::ECS_CANARY,
            );
            (StrategyWord::Canary, shift, Attr::Null)
        }
        AwsStrategy::Linear {
            percent,
            bake_minutes,
        } => {
            let shift = shift(
                written(&recorded.linear, import),
                (*percent, *bake_minutes),
                strategy::ECS_LINEAR,
            );
            (StrategyWord::Linear, Attr::Null, shift)
        }
        AwsStrategy::Unknown(word) => (StrategyWord::Unknown(word.clone()), Attr::Null, Attr::Null),
    };
    let rolling = found.strategy == AwsStrategy::Rolling;
    // What is recorded by another resource type may be of a strategy that it does not know.
    let is_shown = |recorded: Attr<i64>| if import { rolling } else { recorded.is_known() };
    let percent = |recorded: Attr<i64>, found: Option<u32>| match found {
        Some(found) if is_shown(recorded) => Attr::Known(i64::from(found)),
        Some(_) | None => Attr::Null,
    };
    let by_steps = word == StrategyWord::Steps;
    Attr::Known(DeploymentModel {
        strategy: Attr::Known(word),
        canary,
        linear,
        step: if by_steps {
            recorded.step.clone()
        } else {
            Attr::Null
        },
        bake_time: duration_text(
            &recorded.bake_time,
            found
                .bake_minutes
                .map(|minutes| Duration::from_secs(u64::from(minutes) * 60)),
            import && found.bake_minutes.is_some_and(|minutes| minutes > 0),
        ),
        maximum_percent: percent(recorded.maximum_percent, found.maximum_percent),
        minimum_healthy_percent: percent(
            recorded.minimum_healthy_percent,
            found.minimum_healthy_percent,
        ),
        circuit_breaker: match &found.circuit_breaker {
            Some(found) if recorded.circuit_breaker.is_known() || found.enable => {
                Attr::Known(circuit_breaker(recorded.circuit_breaker.known(), found))
            }
            Some(_) | None => Attr::Null,
        },
        lifecycle_hook: lifecycle_hook(&recorded.lifecycle_hook, found.hooks.as_deref()),
        approval: approval(&recorded.approval, own_pauses, found.hooks.as_deref()),
        alarms: match &found.alarms {
            Some(alarms) if alarms.enable => Attr::Known(AlarmsModel {
                names: text_set(&alarms.names),
                rollback: Attr::Known(alarms.rollback),
            }),
            Some(_) | None => Attr::Null,
        },
        autoscaling: recorded.autoscaling.clone().or(default.autoscaling),
        freeze: recorded.freeze.clone(),
        recovery_objective: recorded
            .recovery_objective
            .clone()
            .or(default.recovery_objective),
        rollback_strategy: recorded
            .rollback_strategy
            .clone()
            .or(default.rollback_strategy),
    })
}

/// The plainest deployment of a controller that does not show any.
fn assumed(controller: &Controller) -> Attr<DeploymentModel> {
    let with = |strategy, step| {
        Attr::Known(DeploymentModel {
            strategy: Attr::Known(strategy),
            step,
            ..DeploymentModel::defaults()
        })
    };
    match controller {
        Controller::CodeDeploy => with(StrategyWord::AllAtOnce, Attr::Null),
        Controller::External => {
            let whole = StepModel {
                percent: Attr::Known(Number::from(100)),
                ..StepModel::defaults()
            };
            with(StrategyWord::Steps, list_or_null([whole]))
        }
        Controller::Ecs | Controller::Unknown(_) => Attr::Null,
    }
}

/// Whether ECS carries out the steps that are recorded.
fn is_by_steps(recorded: &DeploymentModel, found: &AwsStrategy) -> bool {
    recorded.strategy == Attr::Known(StrategyWord::Steps)
        && strategy::steps(recorded).is_some_and(|steps| {
            match (desired::steps_strategy(&steps), found) {
                (
                    AwsStrategy::Linear { percent, .. },
                    AwsStrategy::Linear {
                        percent: shown,
                        bake_minutes,
                    },
                ) => (percent - shown).abs() < 0.05 && *bake_minutes == 0,
                _ => false,
            }
        })
}

/// The breaker as AWS shows it. AWS fills in what is not written; that stays unwritten while it is AWS's own.
fn circuit_breaker(
    recorded: Option<&CircuitBreakerModel>,
    found: &CircuitBreaker,
) -> CircuitBreakerModel {
    let own = CircuitBreaker {
        threshold: None,
        reset_on_healthy_task: None,
        ..found.clone()
    };
    let writes_threshold = recorded.is_some_and(|breaker| breaker.threshold.is_known());
    let threshold = found.threshold_in_force();
    let writes_reset = recorded.is_some_and(|breaker| breaker.reset_on_healthy_task.is_known());
    CircuitBreakerModel {
        enable: Attr::Known(found.enable),
        rollback: Attr::Known(found.rollback),
        threshold: if writes_threshold || threshold != own.threshold_in_force() {
            Attr::Known(ThresholdModel {
                r#type: Attr::Known(ThresholdWord::of(&threshold.unit)),
                value: Attr::Known(threshold.value.into()),
            })
        } else {
            Attr::Null
        },
        reset_on_healthy_task: if writes_reset || found.resets() != own.resets() {
            Attr::Known(found.resets())
        } else {
            Attr::Null
        },
    }
}

/// The pauses among the hooks that are not those of an apply, whoever has set them. They are kept as written when they
/// mean the same.
fn approval(
    recorded: &List<ApprovalModel>,
    own: &[LifecycleHook],
    found: Option<&[LifecycleHook]>,
) -> List<ApprovalModel> {
    let Some(found) = found else {
        return recorded.clone();
    };
    let meant = desired::approvals(recorded).unwrap_or_default();
    let pauses: Vec<_> = found
        .iter()
        .filter(|hook| hook.target == HookTarget::Pause)
        .filter(|hook| meant.iter().any(|meant| is_same(meant, hook)) || !is_own(own, hook))
        .collect();
    let same = meant.len() == pauses.len()
        && pauses
            .iter()
            .all(|shown| meant.iter().any(|meant| is_same(meant, shown)));
    if same {
        return recorded.clone();
    }
    list_or_null(pauses.into_iter().map(approval_model))
}

/// The same without the pauses of applies.
pub(super) fn without_own(
    blocks: &List<ApprovalModel>,
    own: &[LifecycleHook],
) -> List<ApprovalModel> {
    let (Attr::Known(recorded), Some(hooks)) = (blocks, desired::approvals(blocks)) else {
        return blocks.clone();
    };
    let left: Vec<_> = recorded
        .iter()
        .zip(hooks)
        .filter(|(_, hook)| !is_own(own, hook))
        .map(|(block, _)| block.clone())
        .collect();
    if left.is_empty() {
        Attr::Null
    } else {
        Attr::Known(left)
    }
}

/// Whether a pause is one that an apply ends. How long it lasts follows from holds and gates, and may have been another
/// time before.
fn is_own(own: &[LifecycleHook], hook: &LifecycleHook) -> bool {
    let ends = matches!(hook.on_timeout, None | Some(HookTimeoutAction::Rollback));
    ends && own.iter().any(|own| own.stages == hook.stages)
}

fn approval_model(hook: &LifecycleHook) -> ApprovalModel {
    let default = ApprovalModel::defaults();
    ApprovalModel {
        stages: stages(&hook.stages),
        time_limit: hook_time(hook).or(default.time_limit),
        on_timeout: Attr::from(hook.on_timeout.as_ref().map(OnTimeoutWord::of))
            .or(default.on_timeout),
    }
}

fn hook_time(hook: &LifecycleHook) -> Attr<String> {
    let time = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    Attr::from(
        hook.timeout_minutes
            .map(|minutes| duration::format(time(minutes))),
    )
}

/// The functions among the hooks. They are kept as written when they mean the same.
fn lifecycle_hook(recorded: &List<HookModel>, found: Option<&[LifecycleHook]>) -> List<HookModel> {
    let Some(found) = found else {
        return recorded.clone();
    };
    let functions: Vec<_> = found
        .iter()
        .filter(|hook| matches!(hook.target, HookTarget::Lambda { .. }))
        .collect();
    let meant = desired::lambda_hooks(recorded).unwrap_or_default();
    let same = meant.len() == functions.len()
        && functions
            .iter()
            .all(|shown| meant.iter().any(|meant| is_same(meant, shown)));
    if same {
        return recorded.clone();
    }
    list_or_null(functions.into_iter().map(hook_model))
}

/// Whether a hook is what is written; AWS fills in what is not.
fn is_same(meant: &LifecycleHook, shown: &LifecycleHook) -> bool {
    meant.target == shown.target
        && meant.stages == shown.stages
        && same_json(meant.details.as_deref(), shown.details.as_deref())
        && meant.limit_minutes() == shown.limit_minutes()
        && meant.at_timeout() == shown.at_timeout()
}

fn same_json(left: Option<&str>, right: Option<&str>) -> bool {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match (left, right) {
        (Some(left), Some(right)) => {
            left == right || (parsed(left).is_some() && parsed(left) == parsed(right))
        }
        (left, right) => left == right,
    }
}

fn hook_model(hook: &LifecycleHook) -> HookModel {
    let (function, role) = match &hook.target {
        HookTarget::Lambda { function, role } => {
            (Attr::Known(function.clone()), Attr::Known(role.clone()))
        }
        HookTarget::Pause | HookTarget::Unknown { .. } => (Attr::Null, Attr::Null),
    };
    HookModel {
        stages: stages(&hook.stages),
        function_arn: function,
        role_arn: role,
        details: Attr::from(hook.details.clone()),
        timeout: hook_time(hook),
        on_timeout: Attr::from(hook.on_timeout.as_ref().map(OnTimeoutWord::of))
            .or(HookModel::defaults().on_timeout),
    }
}

/// What somebody has written. What another resource type has recorded may be AWS's own.
fn written(recorded: &Attr<ShiftModel>, import: bool) -> &Attr<ShiftModel> {
    match import {
        true => &Attr::Null,
        false => recorded,
    }
}

/// The shift as recorded when it means the same; nothing when nothing is recorded and AWS has its default.
fn shift(recorded: &Attr<ShiftModel>, found: (f64, u32), default: (f64, u32)) -> Attr<ShiftModel> {
    let same =
        |left: (f64, u32), right: (f64, u32)| (left.0 - right.0).abs() < 0.05 && left.1 == right.1;
    match strategy::ecs_shift(recorded, default) {
        Some(meant) if same(meant, found) => recorded.clone(),
        Some(_) | None => Attr::Known(ShiftModel {
            percent: found
                .0
                .to_string()
                .parse::<Number>()
                .map_or(Attr::Null, Attr::Known),
            interval: Attr::Known(duration::format(Duration::from_secs(
                u64::from(found.1) * 60,
            ))),
        }),
    }
}
