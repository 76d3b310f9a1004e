//! Controller `external`.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::balancer::is_classic;
use super::{Rule, approvals, missing, not_used};
use crate::blue_green_service::model::{DeploymentModel, Model};
use crate::blue_green_service::strategy::Strategy;

pub(super) fn all(
    config: &Model,
    deployment: &DeploymentModel,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    let path = || Path::root().attribute("deployment");
    match strategy {
        Some(Strategy::Steps) | None => {}
        Some(Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear) => {
            found.push(Rule::Steps.error(
                path().attribute("strategy"),
                "Under `external` traffic moves by steps",
                "This provider moves traffic itself, weight by weight. Set `strategy = \"steps\"` with a `step` block for \
                 each weight: one with `percent = 100` and `hold = \"10m\"` moves everything at once, and two are a \
                 canary. For ECS's own strategies use `controller = \"ecs\"`.",
            ));
        }
    }
    for (name, is_set, instead) in [
        (
            "bake_time",
            deployment.bake_time.is_known(),
            "the hold of the last step says how long both revisions keep running",
        ),
        (
            "alarms",
            deployment.alarms.is_known(),
            "AWS has deployment alarms only for the `ecs` controller; use a `gate` with a metric here",
        ),
        (
            "circuit_breaker",
            deployment.circuit_breaker.is_known(),
            "AWS has the circuit breaker only for rolling deployments of the `ecs` controller; here tasks that keep \
             failing end a deployment without it",
        ),
        (
            "lifecycle_hook",
            deployment.lifecycle_hook.is_known(),
            "ECS calls hooks only under the `ecs` controller; use gates",
        ),
        (
            "approval",
            deployment.approval.is_known(),
            "ECS pauses only deployments of the `ecs` controller; here the apply moves traffic, and gates decide",
        ),
    ] {
        if is_set {
            found.push(not_used(path().attribute(name), name, instead));
        }
    }
    if let Some(index) = approvals::of_a_step(deployment) {
        found.push(Rule::Steps.error(
            path().attribute("step").index(index).attribute("hold"),
            "No person can be asked under `external`",
            "`hold = \"approval\"` is a pause of ECS, which only deployments of the `ecs` controller have. Use a time, \
             and gates that decide.",
        ));
    }
    load_balancer(config, found);
}

fn load_balancer(config: &Model, found: &mut Vec<Diagnostic>) {
    let path = || Path::root().attribute("load_balancer");
    let balancer = match &config.load_balancer {
        Attr::Unknown => return,
        Attr::Null => {
            found.push(missing(
                Path::root(),
                "load_balancer",
                "under `external` traffic moves by the weights of a listener rule",
            ));
            return;
        }
        Attr::Known(_) if is_classic(config) => return,
        Attr::Known(balancer) => balancer,
    };
    if balancer
        .target_groups
        .known()
        .is_some_and(|groups| groups.len() == 1)
    {
        found.push(Rule::TargetGroupCount.error(
            path().attribute("target_groups"),
            "`external` needs two target groups",
            "The new task set starts in one target group while the other one serves. Name both ARNs.",
        ));
    }
    if balancer.production_listener_rule.is_null() {
        found.push(missing(
            path(),
            "production_listener_rule",
            "its weights move production traffic",
        ));
    }
    if balancer.role_arn.is_known() {
        found.push(not_used(
            path().attribute("role_arn"),
            "role_arn",
            "this provider edits the rule itself, with its own credentials",
        ));
    }
}
