//! What a service has for which there is no attribute, and what a replacement would lose: named, so that nothing goes in
//! silence.

use std::collections::BTreeSet;

use switchyard_engine::ports::{Part, Ports};
use switchyard_engine::{Live, beyond};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path, ToValue};

use super::model::Model;
use super::strategy::ControllerChoice;
use super::{desired, parts};
use crate::names;

const NOT_OFFERED: &str = "SY0156";
const LOST: &str = "SY0157";
const FIXED: &str = "SY0158";

/// After an import or a move: what the state does not hold.
pub(super) async fn of_adopted(ports: &Ports, live: &Live) -> Option<Diagnostic> {
    let found = beyond(ports, live).await;
    not_offered(
        &live.service.name,
        &found,
        "It is not in the state, and no plan shows it. Applies leave it as it is, because AWS keeps what an update \
         does not mention. A replacement makes a service without it.",
    )
}

/// Before a change, and before a replacement.
pub(super) async fn announcement(
    ports: &Ports,
    prior: &Model,
    planned: &Model,
) -> Option<Diagnostic> {
    let service = desired::service_ref(prior)?;
    let replaced = is_replaced(prior, planned);
    if !replaced && planned.will_deploy == Attr::Known(false) {
        return None;
    }
    // What cannot be read is reported by the apply, which reads again.
    let live = switchyard_engine::observe(ports, &service).await.ok()??;
    let found = beyond(ports, &live).await;
    if replaced {
        return lost(prior, planned, &found);
    }
    let (goes, stays): (BTreeSet<_>, BTreeSet<_>) = found
        .into_iter()
        .partition(|member| is_rewritten(member, prior, planned));
    if goes.is_empty() {
        return not_offered(
            &service.name,
            &stays,
            "The apply leaves it as it is, because AWS keeps what an update does not mention.",
        );
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
            "It belongs to a part of the service that this plan changes, and AWS takes such a part as a whole.{stays}\n\n\
             If the service needs it, do not change that part here. The reference of the service's members says what \
             has an attribute.\n\nRule {NOT_OFFERED}."
        ),
    ))
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

/// Whether the plan changes the part that a member belongs to.
fn is_rewritten(member: &str, prior: &Model, planned: &Model) -> bool {
    let top = member.split('.').next().unwrap_or(member);
    if top == "loadBalancers" {
        return prior.load_balancer != planned.load_balancer;
    }
    let part = Part::ALL.into_iter().find(|part| part.member() == top);
    part.is_some_and(|part| {
        let attribute = parts::attribute(part);
        let (prior, planned) = (prior.parts.to_value(), planned.parts.to_value());
        prior.attribute(attribute) != planned.attribute(attribute)
    })
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
