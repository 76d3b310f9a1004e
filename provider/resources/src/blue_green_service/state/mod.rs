//! From what AWS shows to the model, keeping the user's spelling where it means the same.

mod deployment;

use std::time::Duration;

use switchyard_engine::ports::{
    CapacityProvider, ClassicBalancer, Controller, Launch, Part, Parts,
};
use switchyard_engine::{Live, LiveRevision};
use tfplugin::value::Attr;

use super::desired;
use super::memory::Memory;
use super::model::{
    CapacityProviderModel, List, LoadBalancerModel, Model, NetworkModel, PartsModel, TextSet,
    known_map, known_set, text_map, text_set,
};
use super::owner::TaskDefinitionOwner;
use super::parts;
use super::words::{ControllerWord, CountOwnerWord, LaunchWord, PropagateWord};
use crate::tags::Tagging;
use crate::{duration, names};

/// The model as AWS shows it. `base` is the state (or plan) before; what it leaves null stays null, unless
/// it is a fresh import (no ARN yet) or adoption, which takes everything.
pub(super) fn refreshed(base: &Model, memory: &Memory, live: &Live, tagging: &Tagging) -> Model {
    let import = base.arn.is_null() || memory.adopted;
    let default = Model::defaults();
    let service = &live.service;
    let revision = &live.revision;
    let own = tagging.own(&service.tags, &known_map(&base.tags).unwrap_or_default());
    Model {
        id: Attr::Known(id(&service.cluster_arn, &service.name)),
        placed: base.placed.clone(),
        arn: Attr::Known(service.arn.clone()),
        name: Attr::Known(service.name.clone()),
        cluster: kept(&base.cluster, &service.cluster_arn, names::same_cluster),
        task_definition: match &revision.task_definition {
            _ if memory.base_is_named => known_or_null(base.task_definition.clone()),
            Some(found) => kept(&base.task_definition, found, names::same_task_definition),
            None => Attr::Null,
        },
        task_definition_owner: base
            .task_definition_owner
            .clone()
            .or(default.task_definition_owner),
        images: base.images.clone(),
        snapshots: base.snapshots.clone(),
        restore_snapshot: base.restore_snapshot.clone(),
        revision_retention: base.revision_retention,
        controller: Attr::Known(ControllerWord::of(&service.controller)),
        desired_count: if service.is_daemon() {
            // Nobody decides on it: the instances do.
            base.desired_count.or(default.desired_count)
        } else {
            desired_count(base, i64::from(service.desired))
        },
        desired_count_owner: base
            .desired_count_owner
            .clone()
            .or(default.desired_count_owner),
        desired_count_bounds: base.desired_count_bounds.clone(),
        launch_type: match &revision.launch {
            Some(Launch::Type(found)) => Attr::Known(LaunchWord::of(found)),
            Some(Launch::Strategy(_)) | None => Attr::Null,
        },
        capacity_provider_strategy: capacity(&base.capacity_provider_strategy, revision, import),
        platform_version: match base.platform_version.as_deref() {
            // Task sets show the version that `LATEST` stood for when they were made.
            Attr::Known("LATEST") if service.controller == Controller::CodeDeploy => {
                base.platform_version.clone()
            }
            _ => Attr::from(revision.platform_version.clone()),
        },
        network_configuration: network(&base.network_configuration, revision, import),
        load_balancer: load_balancer(&base.load_balancer, revision, &service.controller),
        parts: parts::refreshed(
            &base.parts,
            &shown_parts(live, &base.parts),
            &revision.additional,
            import,
        ),
        deployment: deployment::of(
            &base.deployment,
            &service.controller,
            service.deployment_configuration.as_ref(),
            &desired::own_pauses(base),
            import,
        ),
        codedeploy: base.codedeploy.clone(),
        gate: base.gate.clone(),
        before_traffic: base.before_traffic.clone(),
        health_score: base.health_score.clone(),
        preflight: base.preflight.clone(),
        health_check_grace_period: duration_text(
            &base.health_check_grace_period,
            service
                .health_check_grace_seconds
                .map(|seconds| Duration::from_secs(seconds.into())),
            // AWS shows zero where nothing was set.
            import && service.health_check_grace_seconds != Some(0),
        ),
        enable_execute_command: Attr::Known(service.enable_execute_command),
        enable_ecs_managed_tags: Attr::Known(service.enable_managed_tags),
        propagate_tags: Attr::Known(PropagateWord::of(&service.propagate_tags)),
        redeploy_triggers: known_or_null(base.redeploy_triggers.clone()),
        redeploy_failed: base.redeploy_failed.or(default.redeploy_failed),
        report_path: base.report_path.clone(),
        notify: base.notify.clone(),
        on_cancel: base.on_cancel.clone().or(default.on_cancel),
        on_foreign_deployment: base
            .on_foreign_deployment
            .clone()
            .or(default.on_foreign_deployment),
        tags: if own.is_empty() && !base.tags.is_known() {
            Attr::Null
        } else {
            text_map(own)
        },
        tags_all: Attr::Known(tagging.all(&service.tags)),
        live_task_definition: Attr::from(revision.task_definition.clone()),
        live_target_group: Attr::from(revision.live_target_group.clone()),
        live_target_groups: live_groups(revision.live_target_groups.iter()),
        will_deploy: Attr::Known(*base.will_deploy.known().unwrap_or(&false)),
        deploys: known_or_null(base.deploys.clone()),
        last_deployment: known_or_null(base.last_deployment.clone()),
        last_snapshots: known_or_null(base.last_snapshots.clone()),
        quarantined_images: Attr::Known(
            base.quarantined_images.known().cloned().unwrap_or_default(),
        ),
        unfinished: Attr::Known(unfinished(base, live)),
        timeouts: base.timeouts.clone(),
    }
}

/// Takes the pauses out of the state that the former configuration had for its applies: a change that failed may have
/// left them.
pub(super) fn without_pauses_of(prior: &Model, state: &mut Model) {
    let own = desired::own_pauses(prior);
    if let Attr::Known(deployment) = &mut state.deployment {
        deployment.approval = deployment::without_own(&deployment.approval, &own);
    }
}

/// The parts of the live revision, and those of the service that revisions do not have. Elsewhere than under ECS, zone
/// rebalancing is not to be set, whatever AWS shows of it.
fn shown_parts(live: &Live, base: &PartsModel) -> Parts {
    let mut parts = live.service.parts.clone();
    let is_recorded = base.availability_zone_rebalancing.is_known();
    if !is_recorded && live.service.controller != Controller::Ecs {
        parts.remove(&Part::ZoneRebalancing);
    }
    parts.retain(|part, _| !part.is_of_revision());
    parts.extend(live.revision.parts.clone());
    parts
}

/// What is left unfinished. Where somebody else deploys as they like, what they have under way is no business of
/// an apply.
fn unfinished(base: &Model, live: &Live) -> Vec<String> {
    let deploys = TaskDefinitionOwner::of(base) == Some(TaskDefinitionOwner::External);
    let others = live.others.iter().filter(|_| !deploys);
    let all = live.unfinished.iter().chain(others);
    all.map(ToString::to_string).collect()
}

/// The number of tasks, as far as it is Terraform's to know.
fn desired_count(base: &Model, found: i64) -> Attr<i64> {
    let Attr::Known(recorded) = base.desired_count else {
        return Attr::Known(found);
    };
    let bounds = base.desired_count_bounds.known();
    let is_right = match base.desired_count_owner.known() {
        Some(CountOwnerWord::Autoscaler) => true,
        Some(CountOwnerWord::Bounded) => bounds.is_some_and(|bounds| {
            let (min, max) = (bounds.min.known(), bounds.max.known());
            min.is_none_or(|min| found >= *min) && max.is_none_or(|max| found <= *max)
        }),
        Some(CountOwnerWord::Terraform | CountOwnerWord::Unknown(_)) | None => false,
    };
    Attr::Known(if is_right { recorded } else { found })
}

/// `CLUSTER/SERVICE`, as used by import.
pub(super) fn id(cluster: &str, name: &str) -> String {
    format!("{}/{name}", names::cluster_name(cluster))
}

/// What an apply that worked returns: the plan, with everything it left open filled from AWS.
pub(super) fn completed(planned: &Model, memory: &Memory, live: &Live, tagging: &Tagging) -> Model {
    let shown = refreshed(planned, memory, live, tagging);
    let mut state = planned.clone();
    fill(&mut state.task_definition, shown.task_definition);
    fill(&mut state.id, shown.id);
    fill(&mut state.arn, shown.arn);
    fill(&mut state.launch_type, shown.launch_type);
    fill(&mut state.platform_version, shown.platform_version);
    fill(&mut state.live_task_definition, shown.live_task_definition);
    fill(&mut state.live_target_group, shown.live_target_group);
    fill(&mut state.live_target_groups, shown.live_target_groups);
    fill(&mut state.tags_all, shown.tags_all);
    fill(
        &mut state.parts.availability_zone_rebalancing,
        shown.parts.availability_zone_rebalancing,
    );
    if let (Attr::Known(network), Attr::Known(found)) = (
        &mut state.network_configuration,
        shown.network_configuration,
    ) {
        fill(&mut network.security_groups, found.security_groups);
    }
    state
}

fn fill<T>(planned: &mut Attr<T>, found: Attr<T>) {
    if planned.is_unknown() {
        *planned = found;
    }
}

fn known_or_null<T>(value: Attr<T>) -> Attr<T> {
    match value {
        Attr::Unknown => Attr::Null,
        Attr::Null | Attr::Known(_) => value,
    }
}

fn kept(recorded: &Attr<String>, found: &str, same: impl Fn(&str, &str) -> bool) -> Attr<String> {
    match recorded.known() {
        Some(recorded) if same(recorded, found) => Attr::Known(recorded.clone()),
        Some(_) | None => Attr::Known(found.to_owned()),
    }
}

fn capacity(
    base: &List<CapacityProviderModel>,
    revision: &LiveRevision,
    import: bool,
) -> List<CapacityProviderModel> {
    let Some(Launch::Strategy(found)) = &revision.launch else {
        return Attr::Null;
    };
    let model = |item: &CapacityProvider| {
        Attr::Known(CapacityProviderModel {
            capacity_provider: Attr::Known(item.name.clone()),
            base: Attr::Known(item.base.into()),
            weight: Attr::Known(item.weight.into()),
        })
    };
    let found: Vec<_> = found.iter().map(model).collect();
    match base.known() {
        // AWS may answer in another order; the order means nothing.
        Some(recorded)
            if recorded.len() == found.len()
                && recorded.iter().all(|item| found.contains(item)) =>
        {
            Attr::Known(recorded.clone())
        }
        Some(_) => Attr::Known(found),
        // Without one in the configuration it is the cluster's default strategy.
        None if import => Attr::Known(found),
        None => Attr::Null,
    }
}

fn network(base: &Attr<NetworkModel>, revision: &LiveRevision, import: bool) -> Attr<NetworkModel> {
    match &revision.network {
        Some(found) if base.is_known() || import => Attr::Known(NetworkModel {
            subnets: text_set(&found.subnets),
            security_groups: if found.security_groups.is_empty() {
                Attr::Null
            } else {
                text_set(&found.security_groups)
            },
            assign_public_ip: Attr::Known(found.assign_public_ip),
        }),
        Some(_) | None => Attr::Null,
    }
}

/// Target groups that serve; null when there is none.
pub(super) fn live_groups<'a>(groups: impl Iterator<Item = &'a String>) -> TextSet {
    let mut groups = groups.peekable();
    match groups.peek() {
        None => Attr::Null,
        Some(_) => text_set(groups),
    }
}

fn load_balancer(
    base: &Attr<LoadBalancerModel>,
    revision: &LiveRevision,
    controller: &Controller,
) -> Attr<LoadBalancerModel> {
    let (Some(container), Some(port)) = (&revision.container, revision.port) else {
        return Attr::from(ClassicBalancer::of(&revision.parts).map(classic));
    };
    let recorded = base.known();
    let groups = recorded.and_then(|model| known_set(&model.target_groups));
    let target_groups = match groups {
        // ECS names only the live group of a CodeDeploy service; the pair is still the pair.
        Some(pair) if *controller != Controller::Ecs && revision.target_groups.is_subset(&pair) => {
            pair
        }
        Some(_) | None => revision.target_groups.clone(),
    };
    Attr::Known(LoadBalancerModel {
        container_name: Attr::Known(container.clone()),
        container_port: Attr::Known(port.into()),
        target_groups: text_set(&target_groups),
        elb_name: Attr::Null,
        production_listener_rule: match recorded {
            // Only ECS deployments keep the rule at the service; elsewhere it is the user's word.
            Some(model) if *controller != Controller::Ecs => model.production_listener_rule.clone(),
            Some(_) | None => Attr::from(revision.production_rule.clone()),
        },
        test_listener_rule: match (controller, recorded) {
            (Controller::External, Some(model)) => model.test_listener_rule.clone(),
            _ => Attr::from(revision.test_rule.clone()),
        },
        role_arn: Attr::from(revision.role.clone()),
    })
}

fn classic(found: ClassicBalancer) -> LoadBalancerModel {
    LoadBalancerModel {
        container_name: Attr::Known(found.container),
        container_port: Attr::Known(found.port.into()),
        elb_name: Attr::Known(found.name),
        ..LoadBalancerModel::default()
    }
}

pub(super) fn duration_text(
    recorded: &Attr<String>,
    found: Option<Duration>,
    import: bool,
) -> Attr<String> {
    let Some(found) = found else {
        return Attr::Null;
    };
    match recorded.known() {
        Some(text) if duration::parse(text) == Ok(found) => Attr::Known(text.clone()),
        Some(_) => Attr::Known(duration::format(found)),
        None if import => Attr::Known(duration::format(found)),
        None => Attr::Null,
    }
}
