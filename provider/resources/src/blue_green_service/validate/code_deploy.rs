//! Controller `codedeploy`.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::balancer::is_classic;
use super::{Rule, missing, not_used};
use crate::blue_green_service::model::{DeploymentModel, Model};
use crate::blue_green_service::strategy::{self, Strategy};

pub(super) fn all(
    config: &Model,
    deployment: &DeploymentModel,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    if config.codedeploy.is_null() {
        found.push(missing(
            Path::root(),
            "codedeploy",
            "the controller is `codedeploy`",
        ));
    }
    if strategy == Some(Strategy::Rolling) {
        found.push(Rule::NotUsedHere.error(
            Path::root().attribute("deployment").attribute("strategy"),
            "CodeDeploy has no rolling deployments",
            "CodeDeploy deploys ECS services blue/green only: `all_at_once`, `canary` or `linear`. For rolling \
             deployments set `controller = \"ecs\"`.",
        ));
    }
    if strategy == Some(Strategy::Steps) {
        found.push(Rule::Steps.error(
            Path::root().attribute("deployment").attribute("strategy"),
            "CodeDeploy has no steps",
            "CodeDeploy moves traffic at once, in two shifts, or in equal ones. Choose `all_at_once`, `canary` or \
             `linear`, or set `controller = \"ecs\"`, to which the service can move in place.",
        ));
    }
    for (name, is_set, instead) in [
        (
            "bake_time",
            deployment.bake_time.is_known(),
            "the deployment group's termination wait time keeps the old side running",
        ),
        (
            "alarms",
            deployment.alarms.is_known(),
            "under CodeDeploy the deployment group, or `codedeploy.alarms`, has the alarms that stop a deployment",
        ),
        (
            "circuit_breaker",
            deployment.circuit_breaker.is_known(),
            "AWS has the circuit breaker only for rolling deployments of the `ecs` controller",
        ),
        (
            "lifecycle_hook",
            deployment.lifecycle_hook.is_known(),
            "CodeDeploy calls the functions in `codedeploy.hooks`",
        ),
        (
            "approval",
            deployment.approval.is_known(),
            "ECS pauses only deployments of the `ecs` controller; CodeDeploy waits for a person when its deployment group \
             stops before traffic moves",
        ),
    ] {
        if is_set {
            found.push(not_used(
                Path::root().attribute("deployment").attribute(name),
                name,
                instead,
            ));
        }
    }
    match config.load_balancer.as_ref() {
        Attr::Null => found.push(missing(
            Path::root(),
            "load_balancer",
            "CodeDeploy shifts traffic at a load balancer",
        )),
        Attr::Unknown => {}
        Attr::Known(_) if is_classic(config) => {}
        Attr::Known(load_balancer) => {
            let path = Path::root().attribute("load_balancer");
            if load_balancer
                .target_groups
                .known()
                .is_some_and(|groups| groups.len() == 1)
            {
                found.push(Rule::TargetGroupCount.error(
                    path.clone().attribute("target_groups"),
                    "CodeDeploy needs two target groups",
                    "Name the ARNs of both target groups of the deployment group's pair.",
                ));
            }
            for (name, value) in [
                ("test_listener_rule", &load_balancer.test_listener_rule),
                ("role_arn", &load_balancer.role_arn),
            ] {
                if value.is_known() {
                    found.push(not_used(
                        path.clone().attribute(name),
                        name,
                        "the deployment group names the listeners and the role",
                    ));
                }
            }
        }
    }
    if let (Some(code_deploy), Some(strategy)) = (config.codedeploy.known(), strategy) {
        code_deploy_config(
            code_deploy.deployment_config.as_deref(),
            deployment,
            strategy,
            found,
        );
    }
}

fn code_deploy_config(
    config: Attr<&str>,
    deployment: &DeploymentModel,
    strategy: Strategy,
    found: &mut Vec<Diagnostic>,
) {
    match config {
        Attr::Unknown => {}
        Attr::Known(name) => {
            if name.starts_with("CodeDeployDefault.")
                && !strategy::PREDEFINED.iter().any(|known| known.name == name)
            {
                let likely = strategy::nearest_predefined(name);
                found.push(Rule::CodeDeployConfig.error(
                    Path::root().attribute("codedeploy").attribute("deployment_config"),
                    format!("There is no deployment configuration `{name}`"),
                    format!(
                        "CodeDeploy's predefined configurations for ECS are {}. You probably mean `{likely}`.",
                        strategy::predefined_names(),
                    ),
                ));
            } else if let Some(known) = strategy::PREDEFINED.iter().find(|known| known.name == name)
                && known.strategy != strategy
            {
                found.push(Rule::CodeDeployConfig.error(
                    Path::root().attribute("codedeploy").attribute("deployment_config"),
                    "Deployment configuration and strategy disagree",
                    format!(
                        "`{name}` shifts traffic `{}`, but `deployment.strategy` is `{}`. Change one of them.",
                        known.strategy.word(),
                        strategy.word(),
                    ),
                ));
            }
        }
        Attr::Null => {
            if strategy::shift_is_known(deployment, strategy)
                && strategy::predefined(deployment, strategy).is_none()
                && !matches!(strategy, Strategy::Rolling | Strategy::Steps)
            {
                found.push(Rule::CodeDeployConfig.error(
                    Path::root().attribute("codedeploy"),
                    "No predefined deployment configuration shifts traffic like this",
                    format!(
                        "The predefined ones for ECS are {}. Use percent and interval of one of them, or create a \
                         configuration with `aws_codedeploy_deployment_config` and name it in \
                         `codedeploy.deployment_config`.",
                        strategy::predefined_names(),
                    ),
                ));
            }
        }
    }
}
