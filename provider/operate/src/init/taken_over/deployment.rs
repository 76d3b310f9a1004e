//! How traffic moves: what ECS knows of the service itself, and what a CodeDeploy deployment group says.

use serde_json::Value;

use super::super::hcl::{Item, list, quoted};
use super::super::state::{Resource, Resources, number, once, text};
use crate::planned::items;
use crate::trouble::Trouble;

/// Who moves traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    Ecs,
    CodeDeploy,
}

impl Controller {
    pub(super) fn of(service: &Resource<'_>) -> Result<Self, Trouble> {
        let controller = service.once("deployment_controller");
        match controller.and_then(|it| text(it, "type")) {
            None | Some("ECS") => Ok(Self::Ecs),
            Some("CODE_DEPLOY") => Ok(Self::CodeDeploy),
            Some(other) => Err(Trouble::new(format!(
                "`{}` has the controller {other}: what its tasks run is in its task sets, which the state of the service does \
                 not show. {}",
                service.address,
                instead(service)
            ))),
        }
    }

    /// The word of the attribute `controller`; absent for the default.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Ecs => None,
            Self::CodeDeploy => Some("codedeploy"),
        }
    }
}

/// What helps where a state does not.
fn instead(service: &Resource<'_>) -> String {
    let cluster = service.text("cluster").unwrap_or("CLUSTER");
    format!(
        "`switchyard init {} --cluster {}` reads AWS instead and writes an import block.",
        service.text("name").unwrap_or("SERVICE"),
        cluster.rsplit('/').next().unwrap_or(cluster)
    )
}

/// The block `deployment` of a service that ECS moves.
pub(super) fn of_ecs(resources: &Resources<'_>, service: &Resource<'_>) -> Item {
    let configuration = service
        .once("deployment_configuration")
        .unwrap_or(&Value::Null);
    let shifts = |kind: &str, name: &str, members| {
        let block = once(configuration, name)?;
        shift(kind, block, members)
    };
    let canary = || {
        let members = ("canary_percent", "canary_bake_time_in_minutes");
        shifts("canary", "canary_configuration", members)
    };
    let linear = || {
        let members = ("step_percent", "step_bake_time_in_minutes");
        shifts("linear", "linear_configuration", members)
    };
    let (strategy, shift) = match text(configuration, "strategy") {
        Some("BLUE_GREEN") => ("all_at_once", None),
        Some("CANARY") => ("canary", canary()),
        Some("LINEAR") => ("linear", linear()),
        Some(_) | None => ("rolling", None),
    };
    let mut block = vec![Item::attribute("strategy", quoted(strategy))];
    let mut blocks: Vec<Item> = shift.into_iter().collect();
    match strategy {
        "rolling" => {
            for (from, to) in [
                ("deployment_maximum_percent", "maximum_percent"),
                (
                    "deployment_minimum_healthy_percent",
                    "minimum_healthy_percent",
                ),
            ] {
                let percent = service.values.get(from).and_then(Value::as_i64);
                block.extend(percent.map(|it| Item::attribute(to, it.to_string())));
            }
            let breaker = service.once("deployment_circuit_breaker");
            blocks.extend(breaker.and_then(circuit_breaker));
        }
        _ => {
            let minutes = number(configuration, "bake_time_in_minutes");
            let bake = minutes.and_then(minutes_text);
            block.extend(bake.map(|it| Item::attribute("bake_time", quoted(&it))));
        }
    }
    blocks.extend(service.once("alarms").and_then(alarms));
    for hook in items(configuration, "lifecycle_hook") {
        blocks.extend(lifecycle_hook(resources, service.module, hook));
    }
    block.extend(blocks);
    Item::block("deployment", block)
}

fn circuit_breaker(breaker: &Value) -> Option<Item> {
    if breaker.get("enable") != Some(&Value::Bool(true)) {
        return None;
    }
    let rollback = breaker.get("rollback") == Some(&Value::Bool(true));
    Some(Item::block(
        "circuit_breaker",
        vec![
            Item::attribute("enable", "true"),
            Item::attribute("rollback", rollback.to_string()),
        ],
    ))
}

fn alarms(alarms: &Value) -> Option<Item> {
    if alarms.get("enable") != Some(&Value::Bool(true)) {
        return None;
    }
    let names = items(alarms, "alarm_names").filter_map(Value::as_str);
    let rollback = alarms.get("rollback") == Some(&Value::Bool(true));
    Some(Item::block(
        "alarms",
        vec![
            Item::attribute("names", list(names.map(quoted))),
            Item::attribute("rollback", rollback.to_string()),
        ],
    ))
}

fn lifecycle_hook(resources: &Resources<'_>, module: &str, hook: &Value) -> Option<Item> {
    let function = text(hook, "hook_target_arn")?;
    let stages = items(hook, "lifecycle_stages").filter_map(Value::as_str);
    let mut block = vec![
        Item::attribute("stages", list(stages.map(quoted))),
        Item::attribute("function_arn", resources.expression(function, module)),
    ];
    let role = text(hook, "role_arn").map(|it| resources.expression(it, module));
    block.extend(role.map(|it| Item::attribute("role_arn", it)));
    let details = text(hook, "hook_details");
    block.extend(details.map(|it| Item::attribute("details", quoted(it))));
    Some(Item::block("lifecycle_hook", block))
}

/// What a CodeDeploy deployment group says of its service.
pub(super) struct OfGroup {
    /// ARNs of its target groups.
    pub(super) pair: Vec<String>,
    /// `deployment` and `codedeploy`.
    pub(super) blocks: Vec<Item>,
}

pub(super) fn code_deploy(
    resources: &Resources<'_>,
    service: &Resource<'_>,
) -> Result<OfGroup, Trouble> {
    let lacks = |what: &str| {
        Trouble::new(format!(
            "CodeDeploy deploys `{}`, and the state has no {what}. {}",
            service.address,
            instead(service)
        ))
    };
    let name = service.text("name");
    let mut groups = resources.of_kind("aws_codedeploy_deployment_group");
    let group = groups.find(|group| {
        let of = group.once("ecs_service");
        of.is_some_and(|of| text(of, "service_name") == name)
    });
    let group = group.ok_or_else(|| lacks("`aws_codedeploy_deployment_group` of it"))?;
    let (Some(application), Some(own)) =
        (group.text("app_name"), group.text("deployment_group_name"))
    else {
        return Err(lacks("name of its application"));
    };
    let pair =
        pair(resources, group).ok_or_else(|| lacks("target groups of its deployment group"))?;
    let config = group
        .text("deployment_config_name")
        .unwrap_or("CodeDeployDefault.ECSAllAtOnce");
    let (deployment, is_custom) = strategy(resources, config).ok_or_else(|| {
        lacks(&format!(
            "`aws_codedeploy_deployment_config` with the name `{config}`"
        ))
    })?;
    let mut block = vec![
        Item::attribute("application", quoted(application)),
        Item::attribute("deployment_group", quoted(own)),
    ];
    if is_custom {
        block.push(Item::attribute("deployment_config", quoted(config)));
    }
    Ok(OfGroup {
        pair,
        blocks: vec![deployment, Item::block("codedeploy", block)],
    })
}

/// The ARNs of the target groups that a deployment group names.
fn pair(resources: &Resources<'_>, group: &Resource<'_>) -> Option<Vec<String>> {
    let info = group.once("load_balancer_info")?;
    let info = once(info, "target_group_pair_info")?;
    let names: Vec<&str> = items(info, "target_group")
        .filter_map(|it| text(it, "name"))
        .collect();
    let arn = |name: &&str| {
        let mut all = resources.all().iter();
        let is_it = |it: &&Resource<'_>| {
            it.kind.ends_with("lb_target_group") && it.text("name") == Some(*name)
        };
        Some(all.find(is_it)?.text("arn")?.to_owned())
    };
    let arns: Option<Vec<String>> = names.iter().map(arn).collect();
    arns.filter(|it| !it.is_empty())
}

/// The block `deployment` of a deployment configuration, and whether it has to be named.
fn strategy(resources: &Resources<'_>, config: &str) -> Option<(Item, bool)> {
    let known = |strategy: &str, shift: Option<Item>| {
        let mut block = vec![Item::attribute("strategy", quoted(strategy))];
        block.extend(shift);
        Item::block("deployment", block)
    };
    let predefined = match config.strip_prefix("CodeDeployDefault.") {
        Some("ECSAllAtOnce") => Some(("all_at_once", None)),
        Some("ECSCanary10Percent5Minutes") => Some(("canary", Some(("10", "5")))),
        Some("ECSCanary10Percent15Minutes") => Some(("canary", Some(("10", "15")))),
        Some("ECSLinear10PercentEvery1Minutes") => Some(("linear", Some(("10", "1")))),
        Some("ECSLinear10PercentEvery3Minutes") => Some(("linear", Some(("10", "3")))),
        Some(_) | None => None,
    };
    if let Some((strategy, shift)) = predefined {
        let shift = shift.and_then(|(percent, minutes)| {
            shifted(strategy, percent.to_owned(), minutes.to_owned())
        });
        return Some((known(strategy, shift), false));
    }
    let mut configs = resources.of_kind("aws_codedeploy_deployment_config");
    let custom = configs.find(|it| it.text("deployment_config_name") == Some(config))?;
    let routing = custom.once("traffic_routing_config")?;
    let members = ("percentage", "interval");
    let (strategy, shift) = match text(routing, "type")? {
        "AllAtOnce" => ("all_at_once", None),
        "TimeBasedCanary" => {
            let shift = shift("canary", once(routing, "time_based_canary")?, members)?;
            ("canary", Some(shift))
        }
        "TimeBasedLinear" => {
            let shift = shift("linear", once(routing, "time_based_linear")?, members)?;
            ("linear", Some(shift))
        }
        _ => return None,
    };
    Some((known(strategy, shift), true))
}

/// `shift` of a strategy: percent and interval.
fn shift(name: &str, block: &Value, (percent, minutes): (&str, &str)) -> Option<Item> {
    shifted(name, number(block, percent)?, number(block, minutes)?)
}

/// `canary` or `linear`.
fn shifted(name: &str, percent: String, minutes: String) -> Option<Item> {
    Some(Item::block(
        name,
        vec![
            Item::attribute("percent", percent),
            Item::attribute("interval", quoted(&minutes_text(minutes)?)),
        ],
    ))
}

fn minutes_text(minutes: String) -> Option<String> {
    let minutes: u64 = minutes.parse().ok()?;
    Some(spanned(minutes.saturating_mul(60)))
}

/// Seconds as the resource writes durations.
pub(super) fn spanned(seconds: u64) -> String {
    let parts = [
        (seconds / 3600, 'h'),
        (seconds % 3600 / 60, 'm'),
        (seconds % 60, 's'),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}
