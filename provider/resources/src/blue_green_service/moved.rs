//! Taking over a service that `aws_ecs_service` of hashicorp/aws manages (`moved` blocks).
//!
//! Everything the source has is carried over; the refresh that follows takes the rest from AWS, as for an
//! import. Nothing is changed in AWS.

use std::time::Duration;

use serde_json::Value as Json;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{MoveRequest, Moved};
use tfplugin::value::{Attr, Number};

use super::identity_value;
use super::memory::Memory;
use super::model::{
    AlarmsModel, CapacityProviderModel, CircuitBreakerModel, DeploymentModel, HookModel, List,
    LoadBalancerModel, Model, NetworkModel, PartsModel, ShiftModel, list_or_null, stages, text_map,
    text_set,
};
use super::state;
use super::words::{ControllerWord, LaunchWord, PropagateWord, SchedulingWord, StrategyWord};
use crate::duration;

/// The source type.
const SOURCE_TYPE: &str = "aws_ecs_service";

/// The end of its provider's address, whatever registry it comes from.
const SOURCE_PROVIDER: &str = "/hashicorp/aws";

pub(super) fn move_state(request: &MoveRequest) -> Result<Moved<Model>, Diagnostics> {
    if request.source_type != SOURCE_TYPE || !request.source_provider.ends_with(SOURCE_PROVIDER) {
        return Err(Diagnostics::error(
            format!(
                "`{}` cannot become a `switchyard_blue_green_service`",
                request.source_type
            ),
            format!(
                "Nothing was changed. The `moved` block names an object of type `{}` of provider {}; only an \
                 `{SOURCE_TYPE}` of hashicorp/aws can be taken over.\n\nRemove the `moved` block. Take over an \
                 existing service with an `import` block (`id = \"CLUSTER/SERVICE\"`), and remove the old object \
                 from the state with a `removed` block and `destroy = false`.",
                request.source_type, request.source_provider
            ),
        ));
    }
    let source = request.source_state.json()?;
    let model = model(&source).ok_or_else(incomplete)?;
    let identity = identity_value(&model);
    let memory = Memory {
        adopted: true,
        ..Memory::default()
    };
    Ok(Moved::new(model)
        .private(memory.to_private()?)
        .identity(identity))
}

fn incomplete() -> Diagnostics {
    Diagnostics::error(
        "The service to take over has no cluster or no name",
        "Nothing was changed. The recorded state of the `aws_ecs_service` has no cluster or no name.\n\nRun \
         `terraform apply -refresh-only` with the old resource first, or remove the `moved` block and use an \
         `import` block with `id = \"CLUSTER/SERVICE\"`.",
    )
}

/// Reads leniently: what is missing or has another form is null, and the refresh fills it in.
fn model(source: &Json) -> Option<Model> {
    let name = text(&source["name"])?;
    let arn =
        text(&source["arn"]).or_else(|| text(&source["id"]).filter(|id| id.starts_with("arn:")));
    // A service without a cluster is in the cluster `default`; its ARN says so, too.
    let cluster = text(&source["cluster"])
        .or_else(|| cluster_of(arn.as_deref()?))
        .unwrap_or_else(|| "default".to_owned());
    let controller = match source["deployment_controller"][0]["type"].as_str() {
        None | Some("" | "ECS") => ControllerWord::Ecs,
        Some("CODE_DEPLOY") => ControllerWord::CodeDeploy,
        Some("EXTERNAL") => ControllerWord::External,
        Some(other) => ControllerWord::Unknown(other.to_owned()),
    };
    // Elsewhere the service does not say how traffic moves. A record that does not say who moves it leaves that to AWS.
    let is_said = !source["deployment_controller"].is_null();
    let rollouts = match &controller {
        ControllerWord::Ecs if is_said => Attr::Known(deployment(source)),
        ControllerWord::Ecs
        | ControllerWord::CodeDeploy
        | ControllerWord::External
        | ControllerWord::Unknown(_) => Attr::Null,
    };
    let default = Model::defaults();
    Some(Model {
        id: Attr::Known(state::id(&cluster, &name)),
        arn: Attr::from(arn),
        name: Attr::Known(name),
        cluster: Attr::Known(cluster),
        task_definition: known_text(&source["task_definition"]),
        task_definition_owner: default.task_definition_owner,
        controller: Attr::Known(controller),
        desired_count: Attr::from(source["desired_count"].as_i64()),
        desired_count_owner: default.desired_count_owner,
        launch_type: known_text(&source["launch_type"]).map(|word| LaunchWord::parse(&word)),
        capacity_provider_strategy: capacity(&source["capacity_provider_strategy"]),
        platform_version: known_text(&source["platform_version"]),
        network_configuration: network(&source["network_configuration"][0]),
        load_balancer: load_balancer(&source["load_balancer"][0]),
        deployment: rollouts,
        // The read that follows takes the others from AWS.
        parts: PartsModel {
            scheduling_strategy: known_text(&source["scheduling_strategy"])
                .map(|word| SchedulingWord::parse(&word))
                .or(default.parts.scheduling_strategy),
            ..PartsModel::default()
        },
        health_check_grace_period: match source["health_check_grace_period_seconds"].as_u64() {
            None | Some(0) => Attr::Null,
            Some(seconds) => Attr::Known(duration::format(Duration::from_secs(seconds))),
        },
        enable_execute_command: flag(&source["enable_execute_command"]),
        enable_ecs_managed_tags: flag(&source["enable_ecs_managed_tags"]),
        propagate_tags: known_text(&source["propagate_tags"])
            .map(|word| PropagateWord::parse(&word))
            .or(default.propagate_tags),
        redeploy_failed: default.redeploy_failed,
        on_cancel: default.on_cancel,
        on_foreign_deployment: default.on_foreign_deployment,
        tags: match texts_by_key(&source["tags"]) {
            tags if tags.is_empty() => Attr::Null,
            tags => text_map(tags),
        },
        tags_all: Attr::Known(texts_by_key(&source["tags_all"])),
        will_deploy: Attr::Known(false),
        quarantined_images: Attr::Known(Vec::new()),
        unfinished: Attr::Known(Vec::new()),
        ..Model::default()
    })
}

/// `CLUSTER` of `arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE`.
fn cluster_of(arn: &str) -> Option<String> {
    let (_, short) = arn.split_once(":service/")?;
    let (cluster, _) = short.split_once('/')?;
    Some(cluster.to_owned())
}

/// A text that says something.
fn text(value: &Json) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn known_text(value: &Json) -> Attr<String> {
    Attr::from(text(value))
}

fn flag(value: &Json) -> Attr<bool> {
    Attr::Known(value.as_bool().unwrap_or(false))
}

/// A number that may be written as a text, which depends on the version of the source.
fn whole(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn texts(value: &Json) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(text)
        .collect()
}

fn texts_by_key(value: &Json) -> std::collections::BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn capacity(value: &Json) -> List<CapacityProviderModel> {
    let items = value.as_array().into_iter().flatten();
    list_or_null(items.map(|item| CapacityProviderModel {
        capacity_provider: known_text(&item["capacity_provider"]),
        base: Attr::Known(item["base"].as_i64().unwrap_or(0)),
        weight: Attr::Known(item["weight"].as_i64().unwrap_or(0)),
    }))
}

fn network(value: &Json) -> Attr<NetworkModel> {
    if value.is_null() {
        return Attr::Null;
    }
    let groups = texts(&value["security_groups"]);
    Attr::Known(NetworkModel {
        subnets: text_set(&texts(&value["subnets"])),
        security_groups: if groups.is_empty() {
            Attr::Null
        } else {
            text_set(&groups)
        },
        assign_public_ip: flag(&value["assign_public_ip"]),
    })
}

fn load_balancer(value: &Json) -> Attr<LoadBalancerModel> {
    if let (Some(name), Some(port)) = (text(&value["elb_name"]), value["container_port"].as_i64()) {
        return Attr::Known(LoadBalancerModel {
            container_name: known_text(&value["container_name"]),
            container_port: Attr::Known(port),
            elb_name: Attr::Known(name),
            ..LoadBalancerModel::default()
        });
    }
    let (Some(group), Some(port)) = (
        text(&value["target_group_arn"]),
        value["container_port"].as_i64(),
    ) else {
        return Attr::Null;
    };
    let advanced = &value["advanced_configuration"][0];
    let mut groups = vec![group];
    groups.extend(text(&advanced["alternate_target_group_arn"]));
    Attr::Known(LoadBalancerModel {
        container_name: known_text(&value["container_name"]),
        container_port: Attr::Known(port),
        target_groups: text_set(&groups),
        elb_name: Attr::Null,
        production_listener_rule: known_text(&advanced["production_listener_rule"]),
        test_listener_rule: known_text(&advanced["test_listener_rule"]),
        role_arn: known_text(&advanced["role_arn"]),
    })
}

fn deployment(source: &Json) -> DeploymentModel {
    let configuration = &source["deployment_configuration"][0];
    let canary = &configuration["canary_configuration"][0];
    let linear = &configuration["linear_configuration"][0];
    let (strategy, canary, linear) = match configuration["strategy"].as_str() {
        Some("BLUE_GREEN") => (StrategyWord::AllAtOnce, Attr::Null, Attr::Null),
        Some("CANARY") => (
            StrategyWord::Canary,
            shift(
                &canary["canary_percent"],
                &canary["canary_bake_time_in_minutes"],
            ),
            Attr::Null,
        ),
        Some("LINEAR") => (
            StrategyWord::Linear,
            Attr::Null,
            shift(
                &linear["step_percent"],
                &linear["step_bake_time_in_minutes"],
            ),
        ),
        Some(_) | None => (StrategyWord::Rolling, Attr::Null, Attr::Null),
    };
    let rolls = strategy == StrategyWord::Rolling;
    let percent = |name: &str| match source[name].as_i64() {
        Some(percent) if rolls => Attr::Known(percent),
        Some(_) | None => Attr::Null,
    };
    let breaker = &source["deployment_circuit_breaker"][0];
    let alarms = &source["alarms"][0];
    DeploymentModel {
        strategy: Attr::Known(strategy),
        canary,
        linear,
        bake_time: match whole(&configuration["bake_time_in_minutes"]) {
            Some(minutes) if minutes > 0 && !rolls => minutes_text(minutes),
            Some(_) | None => Attr::Null,
        },
        maximum_percent: percent("deployment_maximum_percent"),
        minimum_healthy_percent: percent("deployment_minimum_healthy_percent"),
        circuit_breaker: if breaker["enable"] == true {
            Attr::Known(CircuitBreakerModel {
                enable: Attr::Known(true),
                rollback: flag(&breaker["rollback"]),
                ..CircuitBreakerModel::default()
            })
        } else {
            Attr::Null
        },
        lifecycle_hook: hooks(&configuration["lifecycle_hook"]),
        alarms: if alarms["enable"] == true {
            Attr::Known(AlarmsModel {
                names: text_set(&texts(&alarms["alarm_names"])),
                rollback: flag(&alarms["rollback"]),
            })
        } else {
            Attr::Null
        },
        ..DeploymentModel::defaults()
    }
}

fn minutes_text(minutes: u64) -> Attr<String> {
    Attr::Known(duration::format(Duration::from_secs(
        minutes.saturating_mul(60),
    )))
}

fn shift(percent: &Json, minutes: &Json) -> Attr<ShiftModel> {
    let percent = match percent {
        Json::Number(number) => number.to_string().parse::<Number>().ok(),
        Json::String(text) => text.parse().ok(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    match (percent, whole(minutes)) {
        (Some(percent), Some(minutes)) => Attr::Known(ShiftModel {
            percent: Attr::Known(percent),
            interval: minutes_text(minutes),
        }),
        _ => Attr::Null,
    }
}

fn hooks(value: &Json) -> List<HookModel> {
    let hooks = value.as_array().into_iter().flatten();
    // A pause calls nothing: it is taken from AWS, like everything that this resource does not know yet.
    let functions = hooks.filter(|hook| {
        let target = hook["hook_target_arn"].as_str();
        target.is_some_and(|arn| !arn.is_empty())
    });
    list_or_null(functions.map(|hook| HookModel {
        stages: stages(texts(&hook["lifecycle_stages"])),
        function_arn: known_text(&hook["hook_target_arn"]),
        role_arn: known_text(&hook["role_arn"]),
        details: known_text(&hook["hook_details"]),
        ..HookModel::defaults()
    }))
}
