//! What a service has for which there is no attribute, and what a replacement would lose: named, so that nothing goes in
//! silence.

use std::collections::BTreeSet;

use switchyard_engine::ports::members::TASK_SETS;
use switchyard_engine::ports::{Error, ErrorKind, Part, Ports, ServiceRef, Strategy};
use switchyard_engine::{Live, access_advice, beyond};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path, ToValue};

use super::model::Model;
use super::strategy::ControllerChoice;
use super::{desired, parts};
use crate::{called, names};

const UNREAD: &str = "SY0155";
const NOT_OFFERED: &str = "SY0156";
const LOST: &str = "SY0157";
const FIXED: &str = "SY0158";

/// After an import or a move: what the state does not hold.
pub(super) async fn of_adopted(ports: &Ports, live: &Live) -> Option<Diagnostic> {
    let name = &live.service.name;
    match beyond(ports, live).await {
        Ok(found) => not_offered(
            name,
            &found,
            "It is not in the state, and no plan shows it. Applies leave it as it is; an apply that changes the part it \
             belongs to says before whether it stays. A replacement makes a service without it.",
        ),
        Err(error) => Some(unread(name, &error)),
    }
}

/// Before a change, and before a replacement.
pub(super) async fn announcement(
    ports: &Ports,
    prior: &Model,
    planned: &Model,
) -> Option<Diagnostic> {
    let service = desired::service_ref(prior)?;
    let replaced = is_replaced(prior, planned);
    let deploys = planned.will_deploy != Attr::Known(false);
    let rewritten = rewritten(prior, planned);
    if !replaced && !deploys && rewritten.is_empty() {
        return None;
    }
    let found = match read(ports, &service).await {
        Ok(found) => found?,
        Err(error) => return Some(unread(&service.name, &error)),
    };
    if replaced {
        return lost(prior, planned, &found);
    }
    let (goes, stays): (BTreeSet<_>, BTreeSet<_>) = found
        .into_iter()
        .partition(|member| rewritten.iter().any(|part| is_part_of(member, part)));
    if goes.is_empty() {
        // A change of settings that touches none of it has nothing to say about it.
        let stays = stays.into_iter().filter(|_| deploys).collect();
        return not_offered(&service.name, &stays, "The apply leaves it as it is.");
    }
    let stays = match stays.is_empty() {
        true => String::new(),
        false => format!(" The apply leaves {} as it is.", listed(&stays)),
    };
    Some(Diagnostic::warning(
        format!(
            "The apply removes {} of service `{}`, for which there is no attribute",
            listed(&goes),
            service.name
        ),
        format!(
            "It belongs to a part of the service that this plan changes or removes, and AWS takes such a part as a \
             whole.{stays}\n\nIf the service needs it, do not change that part here. The reference of the service's \
             members says what has an attribute.\n\nRule {NOT_OFFERED}."
        ),
    ))
}

/// What a service has that there is no attribute for; `None` when it is gone.
async fn read(ports: &Ports, service: &ServiceRef) -> Result<Option<BTreeSet<String>>, Error> {
    match switchyard_engine::observe(ports, service).await? {
        Some(live) => beyond(ports, &live).await.map(Some),
        None => Ok(None),
    }
}

fn unread(name: &str, error: &Error) -> Diagnostic {
    let next = match error.kind {
        ErrorKind::Denied => access_advice(error),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Throttled
        | ErrorKind::Timeout
        | ErrorKind::Unavailable
        | ErrorKind::Unexpected => "Plan again.".to_owned(),
    };
    let text = called::detail(
        "AWS did not show everything that the service has. If it has settings without an attribute, this run does not \
         list them, and does not say which of them an apply removes.",
        error,
        &next,
    );
    Diagnostic::warning(
        format!("Settings of service `{name}` without an attribute could not be read"),
        format!("{text}\n\nRule {UNREAD}."),
    )
}

fn not_offered(name: &str, found: &BTreeSet<String>, what: &str) -> Option<Diagnostic> {
    (!found.is_empty()).then(|| {
        Diagnostic::warning(
            format!("Service `{name}` has settings for which there is no attribute"),
            format!(
                "AWS shows {}. {what}\n\nManage it where it was set. The reference of the service's members says what \
                 has an attribute.\n\nRule {NOT_OFFERED}.",
                listed(found)
            ),
        )
    })
}

/// What the new service will not have: members without an attribute, and attributes that the configuration leaves out.
fn lost(prior: &Model, planned: &Model, found: &BTreeSet<String>) -> Option<Diagnostic> {
    let name = prior.name.known()?;
    let (before, after) = (prior.to_value(), planned.to_value());
    let is_set = |value: &tfplugin::value::Value| {
        !value.is_null() && value.elements().is_none_or(|elements| !elements.is_empty())
    };
    let mut all = found.clone();
    let left_out = CARRIED
        .into_iter()
        .filter(|name| is_set(before.attribute(name)) && !is_set(after.attribute(name)));
    all.extend(left_out.map(str::to_owned));
    (!all.is_empty()).then(|| {
        Diagnostic::warning(
            format!("The replacement of service `{name}` will not have everything it has now"),
            format!(
                "The plan deletes the service and creates another one. The new one will not have {}: the \
                 configuration does not set it.\n\nAdd what has an attribute to the configuration. Set the rest again \
                 after the apply.\n\nRule {LOST}.",
                listed(&all)
            ),
        )
    })
}

/// Attributes of what a service has: those that are missing from a configuration are lost with a replacement.
const CARRIED: [&str; 15] = [
    "additional_load_balancer",
    "availability_zone_rebalancing",
    "capacity_provider_strategy",
    "health_check_grace_period",
    "load_balancer",
    "network_configuration",
    "ordered_placement_strategy",
    "placement_constraints",
    "platform_version",
    "scheduling_strategy",
    "service_connect_configuration",
    "service_registries",
    "tags",
    "volume_configuration",
    "vpc_lattice_configurations",
];

/// Whether the plan makes another service.
fn is_replaced(prior: &Model, planned: &Model) -> bool {
    let other_cluster = match (&prior.cluster, &planned.cluster) {
        (Attr::Known(prior), Attr::Known(planned)) => !names::same_cluster(prior, planned),
        (_, planned) => planned.is_unknown(),
    };
    // From a capacity provider strategy a service goes back to a launch type in place.
    let other_launch = prior.launch_type.is_known()
        && planned.launch_type.is_known()
        && planned.launch_type != prior.launch_type;
    let other_scheduling = prior.parts.scheduling_strategy.is_known()
        && prior.parts.scheduling_strategy != planned.parts.scheduling_strategy;
    other_cluster || prior.name != planned.name || other_launch || other_scheduling
}

/// What the plan writes as a whole, in AWS's names: of these parts AWS keeps nothing that is not written.
fn rewritten(prior: &Model, planned: &Model) -> Vec<&'static str> {
    let deploys = planned.will_deploy != Attr::Known(false);
    let changed = parts::changed(&prior.parts, &planned.parts);
    let mut all: Vec<_> = changed.into_iter().map(Part::member).collect();
    let balancers = prior.load_balancer != planned.load_balancer
        || prior.parts.additional_load_balancer != planned.parts.additional_load_balancer;
    let external = ControllerChoice::of(planned) == Some(ControllerChoice::External);
    for (member, is_written) in [
        ("loadBalancers", balancers),
        (
            "networkConfiguration",
            prior.network_configuration != planned.network_configuration,
        ),
        (
            "capacityProviderStrategy",
            prior.capacity_provider_strategy != planned.capacity_provider_strategy,
        ),
        // An apply makes the next task set from what it knows.
        (TASK_SETS, deploys && external),
    ] {
        all.extend(is_written.then_some(member));
    }
    all.extend(of_configuration(prior, planned));
    all
}

/// The same of the deployment configuration, whose members AWS keeps one by one.
fn of_configuration(prior: &Model, planned: &Model) -> Vec<&'static str> {
    let controllers = (ControllerChoice::of(prior), ControllerChoice::of(planned));
    match controllers {
        (Some(ControllerChoice::Ecs), Some(ControllerChoice::Ecs)) => {}
        (Some(ControllerChoice::Ecs), Some(ControllerChoice::CodeDeploy)) => {
            return vec![HOOKS, STRANGE_HOOKS];
        }
        _ => return Vec::new(),
    }
    let (Some(before), Some(after)) = (
        desired::deployment_configuration(prior),
        desired::deployment_configuration(planned),
    ) else {
        return Vec::new();
    };
    if before == after {
        return Vec::new();
    }
    let after_hooks = after.hooks.as_deref().unwrap_or_default();
    let mut before_hooks = before.hooks.iter().flatten();
    // One that stays is written with whatever AWS shows of it.
    let goes = before_hooks.any(|hook| !after_hooks.contains(hook));
    let is_rolling = |strategy: &Strategy| *strategy == Strategy::Rolling;
    let mut all = vec![
        "deploymentConfiguration.canaryConfiguration",
        "deploymentConfiguration.linearConfiguration",
    ];
    for (member, is_written) in [
        (
            "deploymentConfiguration.alarms",
            after.alarms.is_some() && before.alarms != after.alarms,
        ),
        (
            "deploymentConfiguration.deploymentCircuitBreaker",
            before.circuit_breaker.is_some() || after.circuit_breaker.is_some(),
        ),
        (HOOKS, goes),
        (
            STRANGE_HOOKS,
            is_rolling(&after.strategy) && !is_rolling(&before.strategy),
        ),
    ] {
        all.extend(is_written.then_some(member));
    }
    all
}

/// Hooks that the configuration can say.
const HOOKS: &str = "deploymentConfiguration.lifecycleHooks";

/// Hooks of a kind that it cannot say.
const STRANGE_HOOKS: &str = "deploymentConfiguration.lifecycleHooks[";

/// Whether a member belongs to a part.
fn is_part_of(member: &str, part: &str) -> bool {
    member
        .strip_prefix(part)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || part.ends_with(['.', '[']))
}

fn listed(members: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = members.iter().map(|member| format!("`{member}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// What CodeDeploy keeps from the creation of a service.
pub(super) fn refusal(prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let is_code_deploy = |model| ControllerChoice::of(model) == Some(ControllerChoice::CodeDeploy);
    let (before, after) = (
        &prior.parts.service_registries,
        &planned.parts.service_registries,
    );
    let is_changed = before != after && !after.is_unknown();
    (is_code_deploy(prior) && is_code_deploy(planned) && is_changed && !is_replaced(prior, planned))
        .then(|| {
            Diagnostic::error(
                "`service_registries` cannot be changed under CodeDeploy",
                format!(
                    "Nothing was changed. A service whose controller is CodeDeploy keeps the service registries it \
                     was created with: ECS refuses the change, and a deployment of CodeDeploy cannot name \
                     them.\n\nWrite the registries that the service has, or replace the service with `terraform \
                     apply -replace=ADDRESS`, or move it to `controller = \"ecs\"`.\n\nRule {FIXED}."
                ),
            )
            .at(Path::root().attribute("service_registries"))
        })
}
