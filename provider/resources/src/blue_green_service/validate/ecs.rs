//! Controller `ecs`.

use switchyard_engine::DesiredStep;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::balancer::is_classic;
use super::{Rule, approvals, missing, not_used};
use crate::blue_green_service::model::{DeploymentModel, Model, known_elements};
use crate::blue_green_service::strategy::{self, LEAST_SHIFT, Strategy};
use crate::blue_green_service::words::StageWord;

pub(super) fn all(
    config: &Model,
    deployment: &DeploymentModel,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    hooks(deployment, strategy, found);
    approvals::all(config, deployment, strategy, found);
    if strategy == Some(Strategy::Steps)
        && let Some(steps) = strategy::steps(deployment)
    {
        shift(&steps, found);
    }
    let (Some(load_balancer), Some(strategy)) = (config.load_balancer.known(), strategy) else {
        return;
    };
    if is_classic(config) {
        return;
    }
    let path = Path::root().attribute("load_balancer");
    let groups = load_balancer
        .target_groups
        .known()
        .map(|groups| groups.len());
    if strategy == Strategy::Rolling {
        if groups == Some(2) {
            found.push(Rule::TargetGroupCount.error(
                path.clone().attribute("target_groups"),
                "A rolling deployment uses one target group",
                "`rolling` replaces tasks inside their target groups, and `target_groups` is the pair between which \
                 deployments of other strategies alternate. Move the second target group to an \
                 `additional_load_balancer` block, so that every task is registered in both, or choose \
                 `all_at_once`, `canary` or `linear`.",
            ));
        }
        for (name, value) in [
            (
                "production_listener_rule",
                &load_balancer.production_listener_rule,
            ),
            ("test_listener_rule", &load_balancer.test_listener_rule),
            ("role_arn", &load_balancer.role_arn),
        ] {
            if value.is_known() {
                found.push(not_used(
                    path.clone().attribute(name),
                    name,
                    "a rolling deployment moves no traffic between target groups",
                ));
            }
        }
        return;
    }
    if groups == Some(1) {
        found.push(Rule::TargetGroupCount.error(
            path.clone().attribute("target_groups"),
            format!("`{}` needs two target groups", strategy.word()),
            "The new revision starts in one target group while the other one serves. Name both ARNs, or choose \
             `rolling`.",
        ));
    }
    for (name, value) in [
        (
            "production_listener_rule",
            &load_balancer.production_listener_rule,
        ),
        ("test_listener_rule", &load_balancer.test_listener_rule),
    ] {
        if value
            .known()
            .is_some_and(|arn| arn.contains(":listener/app/"))
        {
            found.push(Rule::ListenerInstead.error(
                path.clone().attribute(name),
                "This is a listener, and ECS needs one of its rules",
                "ECS moves traffic of an Application Load Balancer by the weights of a listener rule. Name the rule \
                 (`aws_lb_listener_rule.NAME.arn`). The default rule of the listener has an ARN as well: `aws elbv2 \
                 describe-rules --listener-arn ARN` shows it. Only for a Network Load Balancer, name the listener.",
            ));
        }
    }
    for (name, value) in [
        (
            "production_listener_rule",
            &load_balancer.production_listener_rule,
        ),
        ("role_arn", &load_balancer.role_arn),
    ] {
        if value.is_null() {
            found.push(missing(
                path.clone(),
                name,
                &format!("ECS moves production traffic for `{}`", strategy.word()),
            ));
        }
    }
}

/// ECS reaches the weights by equal shifts.
fn shift(steps: &[DesiredStep], found: &mut Vec<Diagnostic>) {
    let shift = strategy::common_shift(steps);
    if shift.is_none() || shift >= LEAST_SHIFT {
        return;
    }
    let weights: Vec<_> = steps.iter().map(|step| step.share.to_string()).collect();
    found.push(Rule::Steps.error(
        Path::root().attribute("deployment").attribute("step"),
        "ECS cannot reach these weights",
        format!(
            "ECS moves traffic by equal shifts of at least {LEAST_SHIFT} percent. The largest one that reaches {} is {shift} \
             percent.\n\nChoose weights that are multiples of one number of at least {LEAST_SHIFT}, such as 5, 25, 100 or 10, 50, \
             100. Or set `controller = \"external\"` for a new service: then any weights are possible, because this \
             provider moves traffic itself.",
            weights.join(", "),
        ),
    ));
}

fn hooks(deployment: &DeploymentModel, strategy: Option<Strategy>, found: &mut Vec<Diagnostic>) {
    let hooks = &deployment.lifecycle_hook;
    if !hooks.is_known() {
        return;
    }
    let path = || {
        Path::root()
            .attribute("deployment")
            .attribute("lifecycle_hook")
    };
    if strategy == Some(Strategy::Rolling) {
        found.push(not_used(
            path(),
            "lifecycle_hook",
            "ECS calls hooks only in deployments that move traffic between two target groups",
        ));
    }
    for (index, hook) in known_elements(hooks) {
        for stage in hook
            .stages
            .known()
            .into_iter()
            .flat_map(|stages| stages.iter())
        {
            let Attr::Known(StageWord::Unknown(stage)) = stage else {
                continue;
            };
            found.push(Rule::Hooks.error(
                path().index(index).attribute("stages"),
                format!("ECS calls no hook at `{stage}`"),
                format!(
                    "It calls hooks at the stages `{}`. Choose from these.",
                    StageWord::WORDS.join("`, `")
                ),
            ));
        }
    }
}
