//! Reads everything the checks look at, side by side. What cannot be read keeps nothing else from being read.

mod logs;
mod metrics;
mod network;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use futures::join;
use switchyard_engine::ports::{
    AlarmState, Inspection, Launch, LaunchType, Ports, ProviderName, Quota, Service,
    ServiceDeployment, TargetGroup, share_of,
};
use switchyard_engine::{Live, observe_behind, production_weights};

use self::logs::patterns;
use self::metrics::{trends, usage};
use self::network::{certificates, network};
use super::evidence::{Evidence, Group, Reading, ScalingSeen};
use super::network::is_suspect;
use crate::select::Chosen;
use crate::trouble::Trouble;
use crate::view::{Carrier, ServiceView, look};

/// Everything about one service.
///
/// # Errors
/// The service itself cannot be read.
pub(super) async fn gather(
    ports: &Ports,
    inspection: &dyn Inspection,
    chosen: &Chosen,
) -> Result<Evidence, Trouble> {
    let route = chosen.route.as_deref();
    let (seen, live) = join!(
        look(ports, std::slice::from_ref(chosen), true),
        observe_behind(ports, &chosen.service, route)
    );
    let view = seen
        .into_iter()
        .next()
        .unwrap_or_else(|| Err(gone(chosen)))?;
    let live = live.map_err(|error| Trouble::reading(&error))?;
    let live = live.ok_or_else(|| gone(chosen))?;
    let service = &live.service;
    let (weights, groups) = groups(ports, &live, route).await;
    let metered: Vec<&TargetGroup> = groups
        .seen()
        .into_iter()
        .flatten()
        .map(|it| &it.group)
        .collect();
    let now = ports.clock.now();
    let (deployment, stopped, scaling, alarms, hours, usage, patterns, quota, certificates) = join!(
        deployment(ports, &view),
        ports.services.stopped_tasks(&chosen.service),
        scaling(ports, chosen),
        alarms(ports, service),
        trends(ports, &metered, now),
        usage(ports, &view, now),
        patterns(ports, inspection, &view, now),
        quota(ports, service),
        certificates(inspection, &metered),
    );
    let mut evidence = Evidence {
        now,
        deployment,
        stopped: Reading::of(stopped),
        groups,
        has_rule: weights,
        scaling,
        alarms,
        hours,
        usage,
        patterns,
        quota,
        certificates,
        network: Reading::Nothing,
        service: service.clone(),
        view,
    };
    if is_suspect(&evidence) {
        evidence.network = network(inspection, &evidence, &live).await;
    }
    Ok(evidence)
}

fn gone(chosen: &Chosen) -> Trouble {
    Trouble::new(format!(
        "Service `{}` no longer exists in cluster `{}`.",
        chosen.service.name,
        chosen.service.cluster_name()
    ))
}

async fn deployment(ports: &Ports, view: &ServiceView) -> Reading<ServiceDeployment> {
    let native = view
        .deployment
        .as_ref()
        .filter(|it| it.carried_out_by == Carrier::Ecs);
    let Some(deployment) = native else {
        return Reading::Nothing;
    };
    match ports.services.find_deployment(&deployment.id).await {
        Ok(Some(found)) => Reading::Seen(found),
        Ok(None) => Reading::Nothing,
        Err(error) => Reading::unread(&error),
    }
}

/// Whether a rule is known, and the groups that the service or its rule names.
async fn groups(ports: &Ports, live: &Live, route: Option<&str>) -> (bool, Reading<Vec<Group>>) {
    let forward = match production_weights(ports, &live.revision, route).await {
        Ok(forward) => forward,
        Err(error) => return (false, Reading::unread(&error)),
    };
    let has_rule = route.is_some() || live.revision.production_rule.is_some();
    let sets = live
        .service
        .task_sets
        .iter()
        .flat_map(|set| &set.load_balancers);
    let named = live.service.load_balancers.iter().chain(sets);
    let arns: BTreeSet<String> = named
        .map(|balancer| balancer.target_group.clone())
        .chain(live.revision.target_groups.iter().cloned())
        .chain(forward.iter().map(|target| target.target_group.clone()))
        .collect();
    if arns.is_empty() {
        return (false, Reading::Nothing);
    }
    let arns: Vec<String> = arns.into_iter().collect();
    let found = match ports.routing.find_target_groups(&arns).await {
        Ok(found) => found,
        Err(error) => return (has_rule, Reading::unread(&error)),
    };
    let health = found
        .iter()
        .map(|group| ports.routing.target_health(&group.arn));
    let mut groups = Vec::new();
    for (group, targets) in found.iter().zip(join_all(health).await) {
        match targets {
            Ok(targets) => groups.push(Group {
                percent: has_rule.then(|| share_of(&forward, &group.arn).percent()),
                group: group.clone(),
                targets,
            }),
            Err(error) => return (has_rule, Reading::unread(&error)),
        }
    }
    (has_rule, Reading::Seen(groups))
}

async fn scaling(ports: &Ports, chosen: &Chosen) -> Reading<ScalingSeen> {
    let target = match ports.scaling.find_scalable_target(&chosen.service).await {
        Ok(Some(target)) => target,
        Ok(None) => return Reading::Nothing,
        Err(error) => return Reading::unread(&error),
    };
    let (policies, activities) = join!(
        ports.scaling.policies(&chosen.service),
        ports.scaling.activities(&chosen.service)
    );
    match (policies, activities) {
        (Ok(policies), Ok(activities)) => Reading::Seen(ScalingSeen {
            target,
            policies: policies.len(),
            activities,
        }),
        (Err(error), _) | (_, Err(error)) => Reading::unread(&error),
    }
}

async fn alarms(ports: &Ports, service: &Service) -> Reading<BTreeMap<String, Option<AlarmState>>> {
    let configuration = service.deployment_configuration.as_ref();
    let alarms = configuration.and_then(|it| it.alarms.as_ref());
    let names: Vec<String> = alarms
        .filter(|alarms| alarms.enable)
        .map(|alarms| alarms.names.iter().cloned().collect())
        .unwrap_or_default();
    if names.is_empty() {
        return Reading::Nothing;
    }
    match ports.alarms.alarm_states(&names).await {
        Ok(mut states) => Reading::Seen(
            names
                .into_iter()
                .map(|name| {
                    let state = states.remove(&name);
                    (name, state)
                })
                .collect(),
        ),
        Err(error) => Reading::unread(&error),
    }
}

async fn quota(ports: &Ports, service: &Service) -> Reading<Quota> {
    let is_fargate = match &service.launch {
        Some(Launch::Type(LaunchType::Fargate)) => true,
        Some(Launch::Strategy(items)) => items
            .iter()
            .any(|item| item.provider() == ProviderName::Fargate),
        Some(Launch::Type(LaunchType::Ec2 | LaunchType::External | LaunchType::Unknown(_)))
        | None => false,
    };
    if !is_fargate {
        return Reading::Nothing;
    }
    match ports.prerequisites.fargate_vcpus().await {
        Ok(Some(quota)) => Reading::Seen(quota),
        Ok(None) => Reading::Unread("AWS does not say how many vCPUs Fargate may run.".to_owned()),
        Err(error) => Reading::unread(&error),
    }
}
