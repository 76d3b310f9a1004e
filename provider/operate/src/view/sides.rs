//! Who has the traffic: the sides of a service, their tasks and their targets.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use switchyard_engine::ports::{
    CodeDeployTaskSet, Controller, Ports, Result, RevisionSummary, Service, ServiceDeployment,
    ServiceRevision, TargetHealth, TargetState, TaskSet, TaskSetStatus, share_of,
};
use switchyard_engine::{Live, UnderWay, production_weights};

use super::{Role, SideView, TargetsView, TaskCounts};
use crate::words::{group_name, short};

/// A side, with the ARN of its target group.
struct Side {
    view: SideView,
    group: Option<String>,
}

/// The sides of a service, the live one first. `desired` is what ECS shows: during emergency scaling, what is live has
/// the number of the configuration.
pub(super) async fn sides(
    ports: &Ports,
    live: &Live,
    desired: u32,
    under_way: Option<&UnderWay>,
    route: Option<&str>,
) -> Result<Vec<SideView>> {
    let mut sides = match (&live.service.controller, under_way) {
        (Controller::Ecs | Controller::Unknown(_), Some(UnderWay::Native(deployment))) => {
            of_revisions(ports, live, deployment).await?
        }
        (Controller::CodeDeploy | Controller::External, _)
            if live.service.task_sets.iter().any(|set| !set.is_leaving()) =>
        {
            of_task_sets(ports, &live.service, under_way).await?
        }
        (
            Controller::Ecs
            | Controller::Unknown(_)
            | Controller::CodeDeploy
            | Controller::External,
            _,
        ) => vec![of_service(ports, live, desired).await?],
    };
    let groups: Vec<&String> = sides
        .iter()
        .filter_map(|side| side.group.as_ref())
        .collect();
    let each: BTreeSet<&String> = groups.iter().copied().collect();
    // Where both sides are in one group, the group's weight says nothing about either.
    if each.len() == groups.len() {
        weigh(ports, live, route, &mut sides).await?;
    } else {
        for side in sides.iter_mut().skip(1) {
            side.group = None;
        }
    }
    with_targets(ports, &mut sides).await?;
    sides.sort_by_key(|side| side.view.role);
    Ok(sides.into_iter().map(|side| side.view).collect())
}

fn side(role: Role, task_definition: Option<&str>, group: Option<&String>) -> Side {
    Side {
        view: SideView {
            role,
            revision: task_definition.map(|arn| short(arn).to_owned()),
            task_definition: task_definition.map(str::to_owned),
            images: BTreeMap::new(),
            traffic_percent: None,
            tasks: None,
            target_group: group.map(|arn| group_name(arn).to_owned()),
            targets: None,
        },
        group: group.cloned(),
    }
}

/// A service whose deployments have ended.
async fn of_service(ports: &Ports, live: &Live, desired: u32) -> Result<Side> {
    let (service, revision) = (&live.service, &live.revision);
    let group = revision.live_target_group.as_ref();
    let mut side = side(Role::Live, revision.task_definition.as_deref(), group);
    side.view.tasks = Some(TaskCounts {
        desired,
        running: service.running,
        pending: service.pending,
    });
    if let Some(arn) = &revision.task_definition {
        side.view.images = images_of_definition(ports, arn).await?;
    }
    Ok(side)
}

async fn images_of_definition(ports: &Ports, arn: &str) -> Result<BTreeMap<String, String>> {
    let found = ports.services.find_task_definition(arn).await?;
    let containers = found.into_iter().flat_map(|found| found.containers);
    Ok(containers.map(|it| (it.name, it.image)).collect())
}

/// The revisions of a deployment of ECS.
async fn of_revisions(
    ports: &Ports,
    live: &Live,
    deployment: &ServiceDeployment,
) -> Result<Vec<Side>> {
    let summaries: Vec<&RevisionSummary> = deployment
        .sources
        .iter()
        .chain(&deployment.target)
        .collect();
    let arns: Vec<String> = summaries
        .iter()
        .map(|summary| summary.arn.clone())
        .collect();
    let revisions = ports.services.find_revisions(&arns).await?;
    let has_source = !deployment.sources.is_empty();
    let of_summary = |summary: &&RevisionSummary| {
        let mut revisions = revisions.iter();
        let revision = revisions.find(|revision| revision.arn == summary.arn);
        let is_target = deployment
            .target
            .as_ref()
            .is_some_and(|it| it.arn == summary.arn);
        let is_live = match &live.revision.revision_arn {
            Some(arn) => *arn == summary.arn,
            None => !is_target || !has_source,
        };
        let role = match (is_live && (has_source || !is_target), is_target) {
            (true, _) => Role::Live,
            (false, true) => Role::New,
            (false, false) => Role::Old,
        };
        let group = revision.and_then(group_of);
        let mut side = side(role, revision.map(|it| it.task_definition.as_str()), group);
        side.view.traffic_percent = summary.production_weight;
        side.view.images = revision.map(images_of).unwrap_or_default();
        side.view.tasks = Some(TaskCounts {
            desired: summary.requested,
            running: summary.running,
            pending: summary.pending,
        });
        side
    };
    Ok(summaries.iter().map(of_summary).collect())
}

fn group_of(revision: &ServiceRevision) -> Option<&String> {
    let resolved = revision.resolved_target_groups.first();
    resolved.or_else(|| {
        let balancer = revision.load_balancers.first()?;
        // Of a pair, only what is resolved says which one it is.
        balancer
            .alternate
            .is_none()
            .then_some(&balancer.target_group)
    })
}

fn images_of(revision: &ServiceRevision) -> BTreeMap<String, String> {
    let images = revision.images.iter();
    images
        .map(|(name, (image, _))| (name.clone(), image.clone()))
        .collect()
}

/// The task sets of CodeDeploy, or of an apply.
async fn of_task_sets(
    ports: &Ports,
    service: &Service,
    under_way: Option<&UnderWay>,
) -> Result<Vec<Side>> {
    let sets: Vec<&TaskSet> = service
        .task_sets
        .iter()
        .filter(|set| !set.is_leaving())
        .collect();
    let shares = shares(ports, service, under_way, &sets).await?;
    let share = |set: &TaskSet| {
        let mut shares = shares.iter();
        shares
            .find(|known| known.id == set.id)
            .map(|known| known.traffic_weight)
    };
    let is_primary = |set: &TaskSet| set.status == TaskSetStatus::Primary;
    let serving = sets.iter().max_by(|one, other| {
        let by_share = share(one)
            .unwrap_or_default()
            .total_cmp(&share(other).unwrap_or_default());
        by_share.then(is_primary(one).cmp(&is_primary(other)))
    });
    let serving = serving.map(|set| set.id.clone());
    let of_set = |set: &&TaskSet| {
        let role = match (serving.as_ref() == Some(&set.id), is_primary(set)) {
            (true, _) => Role::Live,
            (false, true) => Role::Old,
            (false, false) => Role::New,
        };
        let group = set
            .load_balancers
            .first()
            .map(|balancer| &balancer.target_group);
        let mut side = side(role, Some(&set.task_definition), group);
        side.view.traffic_percent = share(set);
        side.view.tasks = Some(TaskCounts {
            desired: set.computed_desired,
            running: set.running,
            pending: set.pending,
        });
        side
    };
    let mut sides: Vec<Side> = sets.iter().map(of_set).collect();
    for side in &mut sides {
        if let Some(arn) = side.view.task_definition.clone() {
            side.view.images = images_of_definition(ports, &arn).await?;
        }
    }
    Ok(sides)
}

/// What CodeDeploy says about the traffic of its task sets.
async fn shares(
    ports: &Ports,
    service: &Service,
    under_way: Option<&UnderWay>,
    sets: &[&TaskSet],
) -> Result<Vec<CodeDeployTaskSet>> {
    if service.controller != Controller::CodeDeploy {
        return Ok(Vec::new());
    }
    let of_sets = sets
        .iter()
        .rev()
        .filter_map(|set| set.external_id.as_deref());
    let ids = under_way.map(UnderWay::id).into_iter().chain(of_sets);
    let cluster = short(&service.cluster_arn);
    for id in ids {
        let target = ports.code_deploy.find_target(id, cluster, &service.name);
        let target = match target.await {
            Err(error) if error.kind.is_transient() => return Err(error),
            Err(_) | Ok(None) => continue,
            Ok(Some(target)) => target,
        };
        if sets
            .iter()
            .all(|set| target.task_sets.iter().any(|it| it.id == set.id))
        {
            return Ok(target.task_sets);
        }
    }
    Ok(Vec::new())
}

/// The weights of the production rule are what decides, where they can be read.
async fn weigh(
    ports: &Ports,
    live: &Live,
    route: Option<&str>,
    sides: &mut Vec<Side>,
) -> Result<()> {
    let forward = production_weights(ports, &live.revision, route).await?;
    if forward.iter().all(|target| target.weight == 0) {
        return Ok(());
    }
    let share = |group: &str| Some(share_of(&forward, group).percent());
    for target in &forward {
        let mut known = sides.iter_mut();
        let found = known.find(|side| side.group.as_ref() == Some(&target.target_group));
        match found {
            Some(side) => side.view.traffic_percent = share(&target.target_group),
            None if target.weight > 0 => {
                let mut other = side(Role::Other, None, Some(&target.target_group));
                other.view.traffic_percent = share(&target.target_group);
                sides.push(other);
            }
            None => {}
        }
    }
    Ok(())
}

/// Asks each group for its targets at once. What may not be read is left out.
async fn with_targets(ports: &Ports, sides: &mut [Side]) -> Result<()> {
    let asked = sides.iter().map(|side| async {
        let Some(group) = &side.group else {
            return Ok(None);
        };
        match ports.routing.target_health(group).await {
            Ok(found) => Ok(Some(targets(&found))),
            Err(error) if error.kind.is_transient() => Err(error),
            Err(_) => Ok(None),
        }
    });
    let found = try_join_all(asked).await?;
    for (side, targets) in sides.iter_mut().zip(found) {
        side.view.targets = targets;
    }
    Ok(())
}

fn targets(found: &[TargetHealth]) -> TargetsView {
    let mut view = TargetsView::default();
    for target in found {
        match target.state {
            TargetState::Draining => continue,
            TargetState::Healthy => view.healthy += 1,
            // A group that no rule forwards to is not checked: nothing speaks against its targets.
            TargetState::Unused
            | TargetState::Initial
            | TargetState::Unavailable
            | TargetState::Unhealthy
            | TargetState::Unknown(_) => {
                let state = || target.state.word().to_owned();
                let reason = target.reason.clone().unwrap_or_else(state);
                *view.reasons.entry(reason).or_default() += 1;
            }
        }
        view.total += 1;
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draining_targets_do_not_count() {
        let target = |state, reason: Option<&str>| TargetHealth {
            target: "10.0.0.1".to_owned(),
            port: None,
            state,
            reason: reason.map(str::to_owned),
            description: None,
        };
        let found = targets(&[
            target(TargetState::Healthy, None),
            target(
                TargetState::Draining,
                Some("Target.DeregistrationInProgress"),
            ),
            target(TargetState::Unhealthy, Some("Target.Timeout")),
            target(TargetState::Initial, None),
        ]);
        assert_eq!((found.healthy, found.total), (1, 3));
        let reasons: Vec<_> = found.reasons.into_iter().collect();
        assert_eq!(
            reasons,
            [("Target.Timeout".to_owned(), 1), ("initial".to_owned(), 1)]
        );
    }
}
