//! `render --plan`: the documents of a service that a plan creates or changes. AWS is not called.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use switchyard_engine::ports::{CapacityProvider, Launch, Network};
use switchyard_engine::{
    CodeDeployHook, DesiredLoadBalancer, DesiredRevision, DesiredTaskDefinition, app_spec,
};

use super::Document;
use super::definition::definition;
use crate::console::Console;
use crate::exit::Exit;
use crate::planned::{Plan, Resource, items};
use crate::select::nearest;
use crate::trouble::Trouble;

/// Types of resources that are a service.
const SERVICES: [&str; 2] = [OURS, "aws_ecs_service"];

const OURS: &str = "switchyard_blue_green_service";

/// Type of resources that are a task definition.
const DEFINITION: &str = "aws_ecs_task_definition";

/// What AWS CodePipeline replaces by the task definition that it has registered.
const PLACEHOLDER: &str = "<TASK_DEFINITION>";

/// A plan, and which of its resources is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedDocument {
    /// What messages call the plan.
    pub name: String,
    /// The plan as JSON.
    pub text: String,
    /// Address of the resource; not needed where there is one.
    pub address: Option<String>,
}

/// Writes the document of one service of a plan as JSON, and returns what the reader should know besides, as sentences.
///
/// # Errors
/// The resource is not in the plan, or what the document needs is known only after the apply.
pub fn render_planned(
    planned: &PlannedDocument,
    wanted: Document,
    console: &mut Console<'_>,
) -> Result<(Exit, Vec<String>), Trouble> {
    let plan = Plan::read(&planned.name, &planned.text)?;
    let (document, notes) = match wanted {
        Document::AppSpec => of_service(&plan, planned)?,
        Document::TaskDefinition => (of_definition(&plan, planned)?, Vec::new()),
    };
    console.pretty(&document)?;
    Ok((Exit::Done, notes))
}

/// The resource with the address, or the only one.
fn one<'r, 'p>(
    planned: &PlannedDocument,
    what: &str,
    found: &'r [Resource<'p>],
) -> Result<&'r Resource<'p>, Trouble> {
    let name = &planned.name;
    let addresses: Vec<&str> = found.iter().map(|it| it.address).collect();
    match (&planned.address, found) {
        (Some(address), _) => found
            .iter()
            .find(|it| it.address == *address)
            .ok_or_else(|| {
                let near = match nearest(address, &addresses).as_slice() {
                    [] => match addresses.as_slice() {
                        [] => String::new(),
                        all => format!(" It has {}.", quoted(all)),
                    },
                    near => format!(" Did you mean {}?", quoted(near)),
                };
                Trouble::new(format!("{name} has no {what} `{address}`.{near}"))
            }),
        (None, [one]) => Ok(one),
        (None, []) => Err(Trouble::new(format!("{name} has no {what}."))),
        (None, _) => Err(Trouble::new(format!(
            "{name} has {} of them: {}. Name one with `--address`.",
            found.len(),
            quoted(&addresses)
        ))),
    }
}

fn quoted(addresses: &[&str]) -> String {
    let quoted: Vec<String> = addresses.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

/// An attribute that a document needs is known only after the apply.
fn later(resource: &Resource<'_>, names: &[&str]) -> Trouble {
    let (first, is) = match names {
        [one] => (format!("`{one}`"), "is"),
        several => (quoted(several), "are"),
    };
    Trouble::new(format!(
        "{first} of `{}` {is} known only after the apply, and the document needs it. Apply first, then render the live \
         service without `--plan`.",
        resource.address
    ))
}

fn of_service(plan: &Plan, planned: &PlannedDocument) -> Result<(Value, Vec<String>), Trouble> {
    let services = plan.resources(&SERVICES);
    let what = "service (`switchyard_blue_green_service` or `aws_ecs_service`)";
    let service = one(planned, what, &services)?;
    let mut awaited = Vec::new();
    for name in [
        "network_configuration",
        "capacity_provider_strategy",
        "platform_version",
    ] {
        awaited.extend(service.awaits(name).then_some(name));
    }
    for (name, members) in [
        (
            "load_balancer",
            ["container_name", "container_port"].as_slice(),
        ),
        ("codedeploy", &["hooks"]),
    ] {
        awaited.extend(service.awaits_in(name, members).then_some(name));
    }
    if !awaited.is_empty() {
        return Err(later(service, &awaited));
    }
    let mut notes = Vec::new();
    let definition = match service.text("task_definition") {
        Some(arn) if arn.starts_with("arn:") => arn,
        Some(name) => {
            return Err(Trouble::new(format!(
                "`task_definition` of `{}` is `{name}`. An AppSpec needs the ARN: use the `arn` of the task definition.",
                service.address
            )));
        }
        None => {
            notes.push(format!(
                "The task definition of `{}` is known only after the apply: `{PLACEHOLDER}` stands in its place, which AWS \
                 CodePipeline replaces. Anybody else has to.",
                service.address
            ));
            PLACEHOLDER
        }
    };
    let revision = revision(service, definition).ok_or_else(|| {
        Trouble::new(format!(
            "`load_balancer` of `{}` has no `container_name` or no `container_port`; an AppSpec needs both.",
            service.address
        ))
    })?;
    let text = app_spec(&revision, definition, &hooks(service));
    let document = serde_json::from_str(&text)
        .map_err(|error| Trouble::new(format!("The AppSpec cannot be written ({error}).")))?;
    Ok((document, notes))
}

/// What an AppSpec says of a service. Blocks are objects in our resource, and lists of one in that of hashicorp/aws.
fn revision(service: &Resource<'_>, definition: &str) -> Option<DesiredRevision> {
    let load_balancer = match block(service, "load_balancer") {
        None => None,
        Some(balancer) => Some(DesiredLoadBalancer {
            container: text(balancer, "container_name")?.to_owned(),
            port: number(balancer, "container_port")?,
            // An AppSpec does not name them.
            target_groups: BTreeSet::new(),
            production_rule: None,
            test_rule: None,
            role: None,
        }),
    };
    let providers: Vec<CapacityProvider> = items(service.values, "capacity_provider_strategy")
        .filter_map(|item| {
            Some(CapacityProvider {
                name: text(item, "capacity_provider")?.to_owned(),
                base: number(item, "base").unwrap_or_default(),
                weight: number(item, "weight").unwrap_or_default(),
            })
        })
        .collect();
    Some(DesiredRevision {
        task_definition: DesiredTaskDefinition::Named(definition.to_owned()),
        launch: (!providers.is_empty()).then_some(Launch::Strategy(providers)),
        platform_version: service.text("platform_version").map(str::to_owned),
        network: block(service, "network_configuration").map(|network| Network {
            subnets: texts(network, "subnets"),
            security_groups: texts(network, "security_groups"),
            assign_public_ip: network.get("assign_public_ip") == Some(&Value::Bool(true)),
        }),
        load_balancer,
        additional: Vec::new(),
        parts: BTreeMap::new(),
    })
}

/// The functions that run during a deployment of ours.
fn hooks(service: &Resource<'_>) -> BTreeMap<CodeDeployHook, String> {
    let named = [
        (CodeDeployHook::BeforeInstall, "before_install"),
        (CodeDeployHook::AfterInstall, "after_install"),
        (
            CodeDeployHook::AfterAllowTestTraffic,
            "after_allow_test_traffic",
        ),
        (CodeDeployHook::BeforeAllowTraffic, "before_allow_traffic"),
        (CodeDeployHook::AfterAllowTraffic, "after_allow_traffic"),
    ];
    let written = block(service, "codedeploy").and_then(|it| it.get("hooks"));
    let hooks = named.into_iter().filter_map(|(hook, name)| {
        let function = text(written?, name)?;
        Some((hook, function.to_owned()))
    });
    hooks.collect()
}

fn of_definition(plan: &Plan, planned: &PlannedDocument) -> Result<Value, Trouble> {
    let definitions = plan.resources(&[DEFINITION]);
    let services = plan.resources(&SERVICES);
    let mut named = services.iter();
    let named = named.find(|it| Some(it.address) == planned.address.as_deref());
    let (found, images) = match named {
        None => {
            let what = "task definition (`aws_ecs_task_definition`)";
            (one(planned, what, &definitions)?, None)
        }
        Some(service) => {
            let referred = service.referred("task_definition", DEFINITION, &definitions);
            let referred = referred.or_else(|| {
                let arn = service.text("task_definition")?;
                definitions.iter().find(|it| it.text("arn") == Some(arn))
            });
            let found = referred.ok_or_else(|| {
                Trouble::new(format!(
                    "`task_definition` of `{}` refers to no `{DEFINITION}` of its module in {}. Name the task definition \
                     with `--address`, or render the live one without `--plan`.",
                    service.address, planned.name
                ))
            })?;
            (found, images_of(service)?)
        }
    };
    let document = definition(found).map_err(|awaited| later(found, &awaited))?;
    let document = document.ok_or_else(|| {
        Trouble::new(format!(
            "`container_definitions` of `{}` is not a JSON list of containers.",
            found.address
        ))
    })?;
    Ok(match images {
        None => document,
        Some(images) => with_images(document, images),
    })
}

/// The images that the provider puts into the task definition of a service.
fn images_of<'p>(service: &Resource<'p>) -> Result<Option<&'p Value>, Trouble> {
    if service.kind != OURS || service.text("task_definition_owner") != Some("images") {
        return Ok(None);
    }
    match service.awaits("images") {
        true => Err(later(service, &["images"])),
        false => Ok(service.value("images")),
    }
}

fn with_images(mut document: Value, images: &Value) -> Value {
    let containers = document.get_mut("containerDefinitions");
    for container in containers
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let name = container.get("name").and_then(Value::as_str);
        let image = name.and_then(|name| images.get(name)).cloned();
        if let (Some(image), Some(members)) = (image, container.as_object_mut()) {
            members.insert("image".to_owned(), image);
        }
    }
    document
}

fn block<'p>(service: &Resource<'p>, name: &str) -> Option<&'p Value> {
    let value = service.value(name)?;
    match value.as_array() {
        Some(items) => items.first(),
        None => Some(value),
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

fn number(value: &Value, name: &str) -> Option<u32> {
    u32::try_from(value.get(name)?.as_u64()?).ok()
}

fn texts(value: &Value, name: &str) -> BTreeSet<String> {
    let texts = items(value, name).filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
