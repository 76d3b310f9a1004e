//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known. Every rule has an id with a
//! page in `docs/errors/`.

use std::time::Duration;

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Path};

use super::model::{DeploymentModel, Model};
use super::strategy::{self, Controller, Strategy};
use crate::duration;

/// A rule across attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An attribute belongs to another controller or strategy.
    NotUsedHere,
    /// An attribute that controller and strategy need is missing.
    Missing,
    /// The number of target groups does not fit the strategy.
    TargetGroupCount,
    /// A CodeDeploy configuration that does not exist, or does not fit the strategy.
    CodeDeployConfig,
    /// A time-out that is shorter than the shifts and bakes it must cover.
    TimeoutTooShort,
    /// Launch type and capacity providers exclude each other.
    LaunchConflict,
}

impl Rule {
    /// Stable id, the name of the page in `docs/errors/`.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::NotUsedHere => "SY0001",
            Self::Missing => "SY0002",
            Self::TargetGroupCount => "SY0003",
            Self::CodeDeployConfig => "SY0004",
            Self::TimeoutTooShort => "SY0005",
            Self::LaunchConflict => "SY0006",
        }
    }

    fn error(self, path: Path, summary: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        Diagnostic::error(
            summary,
            format!("{}\n\nRule {}.", detail.as_ref(), self.id()),
        )
        .at(path)
    }
}

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Vec::new();
    if config.launch_type.is_known() && config.capacity_provider_strategy.is_known() {
        found.push(Rule::LaunchConflict.error(
            Path::root().attribute("capacity_provider_strategy"),
            "Two answers to where tasks run",
            "A service has either a `launch_type` or a `capacity_provider_strategy`. Remove one of them.",
        ));
    }
    for (key, _) in config
        .tags
        .known()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_null())
    {
        found.push(Rule::Missing.error(
            Path::root().attribute("tags").key(key.clone()),
            format!("The tag `{key}` has no value"),
            "AWS has no tag without a value. Write an empty text, or leave the key out.",
        ));
    }
    let (Some(controller), Some(deployment)) = (Controller::of(config), config.deployment.known())
    else {
        return found.into_iter().collect();
    };
    let strategy = Strategy::of(deployment);
    match controller {
        Controller::Ecs => ecs(config, strategy, &mut found),
        Controller::CodeDeploy => code_deploy(config, deployment, strategy, &mut found),
    }
    if let Some(strategy) = strategy {
        strategy_settings(controller, deployment, strategy, &mut found);
        timeouts(config, deployment, strategy, &mut found);
    }
    found.into_iter().collect()
}

fn ecs(config: &Model, strategy: Option<Strategy>, found: &mut Vec<Diagnostic>) {
    if !config.codedeploy.is_null() {
        found.push(Rule::NotUsedHere.error(
            Path::root().attribute("codedeploy"),
            "`codedeploy` is not used by this controller",
            "The controller is `ecs`: ECS moves traffic itself and CodeDeploy has no part in it. Set `controller = \
             \"codedeploy\"`, or remove `codedeploy`.",
        ));
    }
    let (Some(load_balancer), Some(strategy)) = (config.load_balancer.known(), strategy) else {
        return;
    };
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
                "`rolling` replaces tasks inside one target group; a second one would never get a task. Remove one, \
                 or choose `all_at_once`, `canary` or `linear`.",
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
            if !value.is_null() {
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
            "The new revision comes up in one target group while the other one serves. Give both ARNs, or choose \
             `rolling`.",
        ));
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

fn code_deploy(
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
            "CodeDeploy cannot roll",
            "CodeDeploy deploys ECS services blue/green only: `all_at_once`, `canary` or `linear`. For rolling \
             deployments set `controller = \"ecs\"`.",
        ));
    }
    for (name, is_set, instead) in [
        (
            "bake_time",
            !deployment.bake_time.is_null(),
            "the deployment group's termination wait time keeps the old side running",
        ),
        (
            "alarms",
            !deployment.alarms.is_null(),
            "the deployment group has the alarms that stop a deployment",
        ),
        (
            "circuit_breaker",
            !deployment.circuit_breaker.is_null(),
            "AWS has the circuit breaker only for rolling deployments of the `ecs` controller",
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
                    "Give the ARNs of both groups of the deployment group's pair.",
                ));
            }
            for (name, value) in [
                ("test_listener_rule", &load_balancer.test_listener_rule),
                ("role_arn", &load_balancer.role_arn),
            ] {
                if !value.is_null() {
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
                        "CodeDeploy's predefined configurations for ECS are {}. You probably want `{likely}`.",
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
                && strategy != Strategy::Rolling
            {
                found.push(Rule::CodeDeployConfig.error(
                    Path::root().attribute("codedeploy"),
                    "No predefined deployment configuration shifts traffic like this",
                    format!(
                        "The predefined ones for ECS are {}. Choose percent and interval of one of them, or create a \
                         configuration with `aws_codedeploy_deployment_config` and name it in \
                         `codedeploy.deployment_config`.",
                        strategy::predefined_names(),
                    ),
                ));
            }
        }
    }
}

fn strategy_settings(
    controller: Controller,
    deployment: &DeploymentModel,
    strategy: Strategy,
    found: &mut Vec<Diagnostic>,
) {
    let path = Path::root().attribute("deployment");
    for (name, is_set, owner) in [
        ("canary", !deployment.canary.is_null(), Strategy::Canary),
        ("linear", !deployment.linear.is_null(), Strategy::Linear),
        (
            "maximum_percent",
            !deployment.maximum_percent.is_null(),
            Strategy::Rolling,
        ),
        (
            "minimum_healthy_percent",
            !deployment.minimum_healthy_percent.is_null(),
            Strategy::Rolling,
        ),
        (
            "circuit_breaker",
            !deployment.circuit_breaker.is_null(),
            Strategy::Rolling,
        ),
    ] {
        let said_already = name == "circuit_breaker" && controller == Controller::CodeDeploy;
        if is_set && owner != strategy && !said_already {
            found.push(not_used(
                path.clone().attribute(name),
                name,
                &format!(
                    "it belongs to the strategy `{}`, and the strategy is `{}`",
                    owner.word(),
                    strategy.word()
                ),
            ));
        }
    }
    if strategy == Strategy::Rolling && !deployment.bake_time.is_null() {
        found.push(not_used(
            path.attribute("bake_time"),
            "bake_time",
            "a rolling deployment keeps no second side to bake",
        ));
    }
}

fn timeouts(
    config: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    found: &mut Vec<Diagnostic>,
) {
    let Some(timeouts) = config.timeouts.known() else {
        return;
    };
    let Some(needed) = strategy::planned_waits(deployment, strategy) else {
        return;
    };
    for (name, value) in [("create", &timeouts.create), ("update", &timeouts.update)] {
        let Some(limit) = value.known().and_then(|text| duration::parse(text).ok()) else {
            continue;
        };
        if limit <= needed + MARGIN {
            found.push(Rule::TimeoutTooShort.error(
                Path::root().attribute("timeouts").attribute(name),
                "The time-out is shorter than the deployment",
                format!(
                    "Shifts and bakes of this deployment take {} by themselves, and tasks need time to start and \
                     drain. A time-out of {} would roll back every deployment. Use at least {}.",
                    duration::format(needed),
                    duration::format(limit),
                    duration::format(needed + strategy::DEFAULT_ALLOWANCE),
                ),
            ));
        }
    }
}

/// The least time tasks need on top of shifts and bakes.
const MARGIN: Duration = Duration::from_secs(120);

fn not_used(path: Path, name: &str, why: &str) -> Diagnostic {
    Rule::NotUsedHere.error(
        path,
        format!("`{name}` has no effect here"),
        format!("Not used: {why}. Remove it."),
    )
}

fn missing(path: Path, name: &str, why: &str) -> Diagnostic {
    Rule::Missing.error(
        path,
        format!("`{name}` is missing"),
        format!("It is needed because {why}. Add it."),
    )
}
