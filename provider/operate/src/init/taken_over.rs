//! `init --from ADDRESS`: an `aws_ecs_service` as a `switchyard_blue_green_service`, and the `moved` block that takes it over.
//! Nothing but the state is read.

mod deployment;

use serde_json::Value;

use super::hcl::{Item, list, map, quoted, scalar, written};
use super::state::{Resource, Resources, number, once, text};
use super::{Imports, Move, label};
use crate::console::{Console, Output};
use crate::exit::Exit;
use crate::planned::items;
use crate::select::nearest;
use crate::trouble::Trouble;
use deployment::{Controller, code_deploy, spanned};

/// The source type.
const SOURCE: &str = "aws_ecs_service";

/// Our type.
const TARGET: &str = "switchyard_blue_green_service";

/// Blocks that mean the same in both types.
const PARTS: &[&str] = &[
    "ordered_placement_strategy",
    "placement_constraints",
    "service_connect_configuration",
    "service_registries",
    "volume_configuration",
    "vpc_lattice_configurations",
];

/// Whether a text is the address of a service that can be taken over.
pub fn is_source(text: &str) -> bool {
    let own = format!("{SOURCE}.");
    let is_of_module = text.starts_with("module.") && text.contains(&format!(".{own}"));
    text.starts_with(&own) || is_of_module
}

/// Writes the resource that takes the place of `address`, and the `moved` block. `state` is what `terraform show -json` prints.
///
/// # Errors
/// It is not in the state, or the state does not say everything that the resource needs.
pub fn take_over(state: &str, address: &str, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let document: Value = serde_json::from_str(state).map_err(|error| {
        Trouble::new(format!(
            "`terraform show -json` printed no JSON ({error}). Run the command in the folder of the configuration."
        ))
    })?;
    let resources = Resources::of(&document)?;
    let service = find(&resources, address)?;
    let key = match service.index {
        Value::String(key) => format!("_{key}"),
        Value::Number(key) => format!("_{key}"),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let name = label(&format!("{}{key}", service.name));
    let to = format!("{TARGET}.{name}");
    let blocks = [
        Item::block(
            "moved",
            vec![
                Item::attribute("from", service.local()),
                Item::attribute("to", &to),
            ],
        ),
        Item::Block(
            "resource".to_owned(),
            vec![TARGET.to_owned(), name],
            resource(&resources, service)?,
        ),
    ];
    let configuration = format!("{}{}", heading(service, &to), written(&blocks));
    match console.output {
        Output::Text => console.say(&configuration)?,
        Output::Json => console.document(&Imports {
            imports: Vec::new(),
            moves: vec![Move {
                module: service.module.to_owned(),
                from: service.local().to_owned(),
                to,
            }],
            configuration: Some(configuration),
        })?,
    }
    Ok(Exit::Done)
}

fn find<'r, 's>(resources: &'r Resources<'s>, address: &str) -> Result<&'r Resource<'s>, Trouble> {
    let services: Vec<&Resource<'s>> = resources.of_kind(SOURCE).collect();
    if let Some(found) = services.iter().find(|it| it.address == address) {
        return Ok(found);
    }
    let addresses: Vec<&str> = services.iter().map(|it| it.address).collect();
    let keyed: Vec<&str> = addresses
        .iter()
        .copied()
        .filter(|it| {
            it.strip_prefix(address)
                .is_some_and(|rest| rest.starts_with('['))
        })
        .collect();
    let near = match keyed.is_empty() {
        true => nearest(address, &addresses),
        false => keyed,
    };
    let near: Vec<String> = near.iter().map(|it| format!("`{it}`")).collect();
    let next = match (near.as_slice(), addresses.as_slice()) {
        ([], []) => format!("It has no `{SOURCE}`."),
        ([], all) => format!("It has {}.", all.join(", ")),
        (near, _) => format!("Did you mean {}?", near.join(" or ")),
    };
    Err(Trouble::new(format!(
        "The state in this folder has no `{address}`. {next}"
    )))
}

/// What is to be done with it.
fn heading(service: &Resource<'_>, to: &str) -> String {
    let place = match service.module {
        "" => String::new(),
        module => format!("# This belongs in the module of `{module}`.\n"),
    };
    format!(
        "# This takes the place of `{from}`: remove its block, and let what refers to it refer to\n# `{to}`. \
         Nothing changes in AWS. Values that belong to other resources are texts\n# where the state does not show whose they \
         are.\n{place}",
        from = service.local()
    )
}

fn resource(resources: &Resources<'_>, service: &Resource<'_>) -> Result<Vec<Item>, Trouble> {
    let controller = Controller::of(service)?;
    let missing = |name: &str| {
        Trouble::new(format!(
            "`{}` has no `{name}` in the state. Run `terraform apply -refresh-only` first.",
            service.address
        ))
    };
    let name = service.text("name").ok_or_else(|| missing("name"))?;
    let cluster = cluster(service).ok_or_else(|| missing("cluster"))?;
    let definition = service
        .text("task_definition")
        .ok_or_else(|| missing("task_definition"))?;
    let module = service.module;
    let mut head = vec![
        Item::attribute("name", quoted(name)),
        Item::attribute("cluster", resources.cluster(cluster, module)),
    ];
    if let Some(region) = service.text("region") {
        head.push(Item::attribute("region", quoted(region)));
    }
    let definition = resources.expression(definition, module);
    head.push(Item::attribute("task_definition", definition));
    head.extend(numbers(resources, service, name));
    head.extend(settings(service, controller));
    let mut all = head;
    all.extend(
        service
            .once("network_configuration")
            .map(|network| of_network(resources, module, network)),
    );
    let taken = match controller {
        Controller::Ecs => None,
        Controller::CodeDeploy => Some(code_deploy(resources, service)?),
    };
    let pair = taken.as_ref().map(|it| it.pair.as_slice());
    all.extend(balancers(resources, service, pair.unwrap_or_default())?);
    for item in items(service.values, "capacity_provider_strategy") {
        let names = ["capacity_provider", "base", "weight"];
        all.push(Item::block(
            "capacity_provider_strategy",
            members(item, &names),
        ));
    }
    match taken {
        None => all.push(deployment::of_ecs(resources, service)),
        Some(taken) => all.extend(taken.blocks),
    }
    for part in PARTS {
        let blocks = items(service.values, part);
        all.extend(blocks.map(|block| Item::block(part, same(resources, module, block))));
    }
    all.extend(tags(service));
    Ok(all)
}

/// A service without a cluster is in the cluster `default`; its ARN says so, too.
fn cluster<'s>(service: &Resource<'s>) -> Option<&'s str> {
    service.text("cluster").or_else(|| {
        let arn = service.text("arn").or_else(|| service.text("id"))?;
        let (_, short) = arn.split_once(":service/")?;
        Some(
            short
                .split_once('/')
                .map_or("default", |(cluster, _)| cluster),
        )
    })
}

/// How many tasks, and who says so.
fn numbers(resources: &Resources<'_>, service: &Resource<'_>, name: &str) -> Vec<Item> {
    if service.text("scheduling_strategy") == Some("DAEMON") {
        return vec![Item::attribute("scheduling_strategy", quoted("DAEMON"))];
    }
    let mut items = Vec::new();
    let count = service.values.get("desired_count").and_then(scalar);
    items.extend(count.map(|count| Item::attribute("desired_count", count)));
    let of_cluster = cluster(service).map(|it| it.rsplit('/').next().unwrap_or(it));
    let id = format!("service/{}/{name}", of_cluster.unwrap_or_default());
    let is_scaled = resources
        .of_kind("aws_appautoscaling_target")
        .any(|it| it.text("resource_id") == Some(id.as_str()));
    if is_scaled {
        items.push(Item::attribute("desired_count_owner", quoted("autoscaler")));
    }
    items
}

/// Attributes with a name and meaning of their own, as far as they say something else than the default.
fn settings(service: &Resource<'_>, controller: Controller) -> Vec<Item> {
    let mut items = Vec::new();
    items.extend(
        controller
            .word()
            .map(|it| Item::attribute("controller", quoted(it))),
    );
    let mut providers = service.values.get("capacity_provider_strategy").into_iter();
    let has_providers = providers.any(|it| it.as_array().is_some_and(|it| !it.is_empty()));
    for (name, default) in [
        ("launch_type", ""),
        ("platform_version", "LATEST"),
        ("availability_zone_rebalancing", "DISABLED"),
        ("propagate_tags", "NONE"),
    ] {
        let is_kept = match name {
            "launch_type" => !has_providers,
            "availability_zone_rebalancing" => controller == Controller::Ecs,
            _ => true,
        };
        let word = service.text(name).filter(|it| *it != default && is_kept);
        items.extend(word.map(|word| Item::attribute(name, quoted(word))));
    }
    let grace = number(service.values, "health_check_grace_period_seconds");
    let grace = grace.and_then(|it| it.parse().ok()).map(spanned);
    items.extend(grace.map(|it| Item::attribute("health_check_grace_period", quoted(&it))));
    for name in ["enable_execute_command", "enable_ecs_managed_tags"] {
        let is_on = service.values.get(name) == Some(&Value::Bool(true));
        items.extend(is_on.then(|| Item::attribute(name, "true")));
    }
    items
}

fn of_network(resources: &Resources<'_>, module: &str, network: &Value) -> Item {
    let texts = |name: &str| {
        let texts = items(network, name).filter_map(Value::as_str);
        texts
            .map(|it| resources.expression(it, module))
            .collect::<Vec<_>>()
    };
    let mut block = vec![Item::attribute("subnets", list(texts("subnets")))];
    let groups = texts("security_groups");
    if !groups.is_empty() {
        block.push(Item::attribute("security_groups", list(groups)));
    }
    if network.get("assign_public_ip") == Some(&Value::Bool(true)) {
        block.push(Item::attribute("assign_public_ip", "true"));
    }
    Item::block("network_configuration", block)
}

/// The target groups: the first block is the one whose traffic moves. `pair` are the groups of a CodeDeploy deployment
/// group.
fn balancers(
    resources: &Resources<'_>,
    service: &Resource<'_>,
    pair: &[String],
) -> Result<Vec<Item>, Trouble> {
    let module = service.module;
    let mut blocks = Vec::new();
    for (index, balancer) in items(service.values, "load_balancer").enumerate() {
        let group = text(balancer, "target_group_arn").ok_or_else(|| {
            Trouble::new(format!(
                "`{}` is behind a Classic Load Balancer, which has no target groups. Nothing can take it over; use an \
                 Application or Network Load Balancer.",
                service.address
            ))
        })?;
        let advanced = once(balancer, "advanced_configuration").unwrap_or(&Value::Null);
        let other = text(advanced, "alternate_target_group_arn");
        let mut block = members(balancer, &["container_name", "container_port"]);
        if index == 0 {
            let groups: Vec<String> = match pair {
                [] => std::iter::once(group)
                    .chain(other)
                    .map(str::to_owned)
                    .collect(),
                pair => pair.to_vec(),
            };
            let groups = groups.iter().map(|it| resources.expression(it, module));
            block.push(Item::attribute("target_groups", list(groups)));
        } else {
            let named = [
                ("target_group_arn", Some(group)),
                ("alternate_target_group_arn", other),
            ];
            for (name, arn) in named {
                let arn = arn.map(|arn| resources.expression(arn, module));
                block.extend(arn.map(|arn| Item::attribute(name, arn)));
            }
        }
        for name in ["production_listener_rule", "test_listener_rule", "role_arn"] {
            let arn = text(advanced, name).map(|arn| resources.expression(arn, module));
            block.extend(arn.map(|arn| Item::attribute(name, arn)));
        }
        let name = match index {
            0 => "load_balancer",
            _ => "additional_load_balancer",
        };
        blocks.push(Item::block(name, block));
    }
    Ok(blocks)
}

/// These attributes, as far as they are set.
fn members(value: &Value, names: &[&str]) -> Vec<Item> {
    let set = names.iter().filter_map(|name| {
        let written = value.get(*name).and_then(scalar)?;
        Some(Item::attribute(name, written))
    });
    set.collect()
}

/// A block whose attributes and blocks have the same names in both types. hashicorp/aws writes empty texts, zeros and empty
/// collections for what is not set.
fn same(resources: &Resources<'_>, module: &str, block: &Value) -> Vec<Item> {
    let mut attributes = Vec::new();
    let mut maps = Vec::new();
    let mut blocks = Vec::new();
    for (name, value) in block.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => {
                attributes.push(Item::attribute(name, resources.expression(text, module)));
            }
            Value::Number(number) if number.as_f64() == Some(0.0) => {}
            Value::Bool(_) | Value::Number(_) => {
                attributes.extend(scalar(value).map(|it| Item::attribute(name, it)));
            }
            Value::Array(items) if items.iter().all(Value::is_object) => blocks.extend(
                items
                    .iter()
                    .map(|item| Item::block(name, same(resources, module, item))),
            ),
            Value::Array(items) => {
                let items = items.iter().filter_map(scalar);
                attributes.push(Item::attribute(name, list(items)));
            }
            Value::Object(_) => maps.extend(text_map(name, value)),
        }
    }
    attributes.into_iter().chain(maps).chain(blocks).collect()
}

fn tags(service: &Resource<'_>) -> Option<Item> {
    text_map("tags", service.values.get("tags")?)
}

/// A map of texts; nothing when it is empty.
fn text_map(name: &str, value: &Value) -> Option<Item> {
    let members = value.as_object().into_iter().flatten();
    let members: Vec<(String, String)> = members
        .filter_map(|(name, value)| Some((name.clone(), scalar(value)?)))
        .collect();
    (!members.is_empty()).then(|| Item::attribute(name, map(&members)))
}

#[cfg(test)]
mod tests;
