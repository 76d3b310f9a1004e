//! Rules that need no call.

use switchyard_rollout::weights::{Shape, least_minutes};

use super::finding;
use crate::finding::{Field, Finding, Rule, Severity};
use crate::fingerprint::{controller_of, word_of};
use crate::live::Live;
use crate::ports::Strategy;
use crate::wanted::{Wanted, WantedController};

/// Every rule of this file.
pub(super) fn all(wanted: &Wanted, live: Option<&Live>) -> Vec<Finding> {
    let mut findings = of_guards(wanted);
    findings.extend(of_controller(wanted, live));
    findings.extend(of_pair(wanted));
    findings.extend(of_time_limit(wanted));
    findings
}

/// The service has the wanted controller.
fn of_controller(wanted: &Wanted, live: Option<&Live>) -> Option<Finding> {
    let live = live?;
    (live.service.controller != controller_of(&wanted.controller)).then(|| {
        finding(
            Rule::ControllerDiffers,
            Severity::Error,
            Field::Controller,
            format!(
                "Service `{}` has the controller `{}`.",
                live.service.name,
                word_of(&live.service.controller)
            ),
            "A rollout under one controller cannot be followed under another.",
            "Set the controller to the service's own, or move the service first.",
        )
    })
}

/// Blue/green strategies behind a load balancer, and CodeDeploy, need their pair.
fn of_pair(wanted: &Wanted) -> Option<Finding> {
    let balancer = wanted.revision.load_balancer.as_ref();
    let pair = balancer.map_or(0, |balancer| balancer.target_groups.len());
    let error = |field, now: String, why, next| {
        Some(finding(
            Rule::PairIncomplete,
            Severity::Error,
            field,
            now,
            why,
            next,
        ))
    };
    match (&wanted.controller, balancer) {
        (WantedController::CodeDeploy { .. }, None) => error(
            Field::TargetGroups,
            "There is no load balancer.".to_owned(),
            "CodeDeploy deploys to ECS only by moving a listener between two target groups.",
            "Add the load balancer, or use the `ecs` controller.",
        ),
        (WantedController::CodeDeploy { .. }, Some(_)) if pair != 2 => error(
            Field::TargetGroups,
            format!("There are {pair} target groups."),
            "CodeDeploy moves a listener between exactly two target groups.",
            "Name the two target groups of the deployment group.",
        ),
        (WantedController::Ecs, Some(balancer)) if is_blue_green(wanted) => {
            if pair != 2 {
                return error(
                    Field::TargetGroups,
                    format!("There are {pair} target groups."),
                    "A blue/green strategy moves traffic between exactly two target groups.",
                    "Name two target groups, or use the rolling strategy.",
                );
            }
            if balancer.production_rule.is_none() {
                return error(
                    Field::ProductionRule,
                    "There is no production rule.".to_owned(),
                    "A blue/green strategy moves traffic by editing that rule.",
                    "Name the production listener rule (its listener, for a Network Load Balancer).",
                );
            }
            if balancer.role.is_none() {
                return error(
                    Field::Role,
                    "There is no role for the rules.".to_owned(),
                    "ECS edits the listener rules with that role.",
                    "Name a role that ecs.amazonaws.com may assume, with AmazonECSInfrastructureRolePolicyForLoadBalancers.",
                );
            }
            None
        }
        (WantedController::Ecs, Some(_)) if pair > 1 => error(
            Field::TargetGroups,
            format!("There are {pair} target groups, and the strategy is rolling."),
            "A rolling deployment keeps its one target group.",
            "Name one target group, or use a blue/green strategy.",
        ),
        (
            WantedController::Ecs
            | WantedController::CodeDeploy { .. }
            | WantedController::External,
            _,
        ) => None,
    }
}

fn is_blue_green(wanted: &Wanted) -> bool {
    match wanted.settings.deployment_configuration.strategy {
        Strategy::BlueGreen | Strategy::Canary { .. } | Strategy::Linear { .. } => true,
        Strategy::Rolling | Strategy::Unknown(_) => false,
    }
}

/// Circuit breaker and alarms where they work.
fn of_guards(wanted: &Wanted) -> Vec<Finding> {
    let configuration = &wanted.settings.deployment_configuration;
    let mut findings = Vec::new();
    let is_code_deploy = matches!(wanted.controller, WantedController::CodeDeploy { .. });
    let has_breaker = configuration
        .circuit_breaker
        .as_ref()
        .is_some_and(|breaker| breaker.enable);
    if has_breaker && (is_code_deploy || is_blue_green(wanted)) {
        findings.push(finding(
            Rule::CircuitBreakerUnsupported,
            Severity::Error,
            Field::CircuitBreaker,
            "The circuit breaker is on.".to_owned(),
            "It works only with the rolling strategy of the `ecs` controller.",
            "Turn it off; let alarms, hooks or CodeDeploy's automatic rollback guard the rollout.",
        ));
    }
    if is_code_deploy
        && configuration
            .alarms
            .as_ref()
            .is_some_and(|alarms| alarms.enable)
    {
        findings.push(finding(
            Rule::AlarmsUnsupported,
            Severity::Error,
            Field::Alarms,
            "The service has deployment alarms.".to_owned(),
            "ECS's deployment alarms do nothing under CodeDeploy.",
            "Put the alarms into the deployment group.",
        ));
    }
    findings
}

/// Minutes that tasks get to start and drain, on top of what the strategy waits.
const START_AND_DRAIN_MINUTES: u64 = 10;

/// The time limit covers the shifts and bakes of ECS's strategies.
fn of_time_limit(wanted: &Wanted) -> Option<Finding> {
    let WantedController::Ecs = wanted.controller else {
        return None;
    };
    let configuration = &wanted.settings.deployment_configuration;
    let shape = match configuration.strategy {
        Strategy::BlueGreen => Shape::AllAtOnce,
        Strategy::Canary {
            percent,
            bake_minutes,
        } => Shape::Canary {
            tenths: tenths(percent),
            minutes: bake_minutes,
        },
        Strategy::Linear {
            percent,
            bake_minutes,
        } => Shape::Linear {
            tenths: tenths(percent),
            minutes: bake_minutes,
        },
        Strategy::Rolling | Strategy::Unknown(_) => return None,
    };
    let minutes = least_minutes(shape) + u64::from(configuration.bake_minutes.unwrap_or(0));
    too_short(wanted, minutes)
}

/// The finding for a strategy that waits `minutes` by itself. Less than that cannot work; less than that
/// and the time tasks need probably does not.
pub(super) fn too_short(wanted: &Wanted, minutes: u64) -> Option<Finding> {
    let limit = wanted.time_limit.as_secs() / 60;
    let advised = minutes + START_AND_DRAIN_MINUTES;
    if minutes == 0 || limit >= advised {
        return None;
    }
    Some(finding(
        Rule::TimeLimitTooSmall,
        if limit <= minutes {
            Severity::Error
        } else {
            Severity::Warning
        },
        Field::TimeLimit,
        format!("The time-out is {limit} minutes; shifts and bakes alone take {minutes}."),
        "A rollout that has not ended by then counts as failed.",
        &format!("Set the time-out to at least {advised} minutes."),
    ))
}

/// Percent, 0–100, in tenths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 1..=1000 before"
)]
fn tenths(percent: f64) -> u32 {
    (percent * 10.0).round().clamp(1.0, 1000.0) as u32
}
