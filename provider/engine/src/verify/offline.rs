//! Rules that need no call.

use super::{roles, thresholds, time_limit};
use crate::desired::{DesiredController, DesiredCount, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::fingerprint::controller_of;
use crate::live::Live;
use crate::ports::Strategy;

/// Every rule of this file.
pub(super) fn all(wanted: &DesiredService, live: Option<&Live>) -> Vec<Finding> {
    let mut findings = of_guards(wanted, live);
    findings.extend(live.and_then(|live| no_tasks(wanted, live)));
    findings.extend(of_controller(wanted, live));
    findings.extend(of_pair(wanted));
    // What the others wait for is known only after AWS was asked.
    if wanted.controller == DesiredController::Ecs {
        findings.extend(time_limit::of(
            wanted,
            time_limit::Known::of_strategy(wanted),
        ));
    }
    findings.extend(roles::of_wanted(wanted));
    findings.extend(thresholds::of_gates(wanted));
    findings
}

/// The service has the wanted controller, or one it can be moved from.
fn of_controller(wanted: &DesiredService, live: Option<&Live>) -> Option<Finding> {
    let live = live?;
    let is_fit = live.service.controller == controller_of(&wanted.controller)
        || wanted.controller.takes_over(&live.service.controller);
    (!is_fit).then(|| {
        finding(
            Rule::ControllerDiffers,
            FindingLevel::Error,
            Field::Controller,
            format!(
                "Service `{}` has the controller `{}`.",
                live.service.name,
                live.service.controller
            ),
            "A deployment under one controller cannot be followed under another.",
            "Set the controller to that of the service. A running service can move between `ecs` and `codedeploy`; \
             to move from or to `external`, delete it and create it again.",
        )
    })
}

/// Blue/green strategies behind a load balancer, and CodeDeploy, need their pair.
fn of_pair(wanted: &DesiredService) -> Option<Finding> {
    let balancer = wanted.revision.load_balancer.as_ref();
    let pair = balancer.map_or(0, |balancer| balancer.target_groups.len());
    let error = |field, now: String, why, next| {
        Some(finding(
            Rule::PairIncomplete,
            FindingLevel::Error,
            field,
            now,
            why,
            next,
        ))
    };
    match (&wanted.controller, balancer) {
        (DesiredController::CodeDeploy { .. }, None) => error(
            Field::TargetGroups,
            "There is no load balancer.".to_owned(),
            "CodeDeploy deploys to ECS only by moving a listener between two target groups.",
            "Add the load balancer, or use the `ecs` controller.",
        ),
        (DesiredController::CodeDeploy { .. }, Some(_)) if pair != 2 => error(
            Field::TargetGroups,
            format!("There are {pair} target groups."),
            "CodeDeploy moves a listener between exactly two target groups.",
            "Name the two target groups of the deployment group.",
        ),
        (DesiredController::Ecs, Some(balancer)) if is_blue_green(wanted) => {
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
                    "There is no role for the listener rules.".to_owned(),
                    "ECS edits the listener rules with that role.",
                    "Name a role that ecs.amazonaws.com may assume, with AmazonECSInfrastructureRolePolicyForLoadBalancers.",
                );
            }
            None
        }
        (DesiredController::External, Some(_)) if pair != 2 => error(
            Field::TargetGroups,
            format!("There are {pair} target groups."),
            "Under `external` traffic moves between exactly two target groups, one for each side.",
            "Name two target groups.",
        ),
        (DesiredController::External, Some(balancer)) if balancer.production_rule.is_none() => {
            error(
                Field::ProductionRule,
                "There is no production rule.".to_owned(),
                "Under `external` traffic moves by editing that rule.",
                "Name the production listener rule (its listener, for a Network Load Balancer).",
            )
        }
        (DesiredController::Ecs, Some(_)) if pair > 1 => error(
            Field::TargetGroups,
            format!("There are {pair} target groups, and the strategy is rolling."),
            "A rolling deployment uses one target group.",
            "Name one target group, or use a blue/green strategy.",
        ),
        (
            DesiredController::Ecs
            | DesiredController::CodeDeploy { .. }
            | DesiredController::External,
            _,
        ) => None,
    }
}

fn is_blue_green(wanted: &DesiredService) -> bool {
    match wanted.rollout_configuration().strategy {
        Strategy::BlueGreen | Strategy::Canary { .. } | Strategy::Linear { .. } => true,
        Strategy::Rolling | Strategy::Unknown(_) => false,
    }
}

/// A service that answers stops doing so.
fn no_tasks(wanted: &DesiredService, live: &Live) -> Option<Finding> {
    let service = &live.service;
    let target = match wanted.desired {
        DesiredCount::Fixed(count) => count,
        DesiredCount::Bounded { min, max, .. } => service.desired.clamp(min, max.max(min)),
        DesiredCount::Initial(_) => return None,
    };
    (target == 0 && service.desired > 0).then(|| {
        let (why, next) = match wanted.revision.load_balancer {
            Some(_) => (
                "No task answers requests then, and the load balancer answers them with 503.",
                "To keep the service running, set `desired_count` to at least 1.",
            ),
            None => (
                "Nothing of the service runs then.",
                "To keep it running, set `desired_count` to at least 1.",
            ),
        };
        finding(
            Rule::NoTasks,
            FindingLevel::Warning,
            Field::Desired,
            format!(
                "The number of tasks of service `{}` changes from {} to 0.",
                service.name, service.desired
            ),
            why,
            next,
        )
    })
}

/// Circuit breaker and alarms where they work.
fn of_guards(wanted: &DesiredService, live: Option<&Live>) -> Vec<Finding> {
    let configuration = &wanted.settings.deployment_configuration;
    let mut findings = Vec::new();
    let is_code_deploy = matches!(wanted.controller, DesiredController::CodeDeploy { .. });
    let has_breaker = configuration
        .circuit_breaker
        .as_ref()
        .is_some_and(|breaker| breaker.enable);
    if has_breaker && !is_code_deploy && is_blue_green(wanted) && has_breaker_now(live) {
        findings.push(finding(
            Rule::CircuitBreakerUnsupported,
            FindingLevel::Warning,
            Field::CircuitBreaker,
            "The service has a circuit breaker, which stays on.".to_owned(),
            "AWS documents it for rolling deployments only. With this strategy it may have no effect; do not rely \
             on it.",
            "Guard the deployment with alarms, hooks or gates. To turn the circuit breaker off, remove \
             `circuit_breaker`.",
        ));
    } else if has_breaker && (is_code_deploy || is_blue_green(wanted)) {
        findings.push(finding(
            Rule::CircuitBreakerUnsupported,
            FindingLevel::Error,
            Field::CircuitBreaker,
            "The circuit breaker is on.".to_owned(),
            "It works only with the rolling strategy of the `ecs` controller.",
            "Turn it off; guard the deployment with alarms, hooks or CodeDeploy's automatic rollback.",
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
            FindingLevel::Error,
            Field::Alarms,
            "The service has deployment alarms.".to_owned(),
            "ECS's deployment alarms have no effect under CodeDeploy.",
            "Move the alarms to the deployment group.",
        ));
    }
    findings
}

/// Whether the service has a breaker that is on already.
fn has_breaker_now(live: Option<&Live>) -> bool {
    let configuration = live.and_then(|live| live.service.deployment_configuration.as_ref());
    let breaker = configuration.and_then(|found| found.circuit_breaker.as_ref());
    breaker.is_some_and(|breaker| breaker.enable)
}
