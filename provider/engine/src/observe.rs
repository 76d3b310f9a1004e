//! Reads what is there: one service and the revision that has its traffic.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app_spec::short_name;
use crate::emergency::EmergencyScaling;
use crate::live::{Live, LiveRevision, OngoingDeployment, Unfinished};
use crate::lost_traffic::rule_of;
use crate::notes::{is_creating, is_note};
use crate::ports::{
    Controller, EcsStatus, HookTarget, LifecycleStage, Parts, Ports, Result, Service,
    ServiceDeployment, ServiceRef, ServiceRevision, ServiceStatus, TaskSet, WeightedTarget,
};
use crate::serving::serving_set;
use crate::watch_note::WatchNote;
use crate::{DEPLOYING_TAG, SCALING_TAG};

/// The service as AWS shows it, or `None` when it is gone (`INACTIVE` counts as gone).
///
/// Takes one DescribeServices; services of the ECS controller with a pair of target groups or with more
/// than one current revision take one DescribeServiceRevisions more, and a rollout under way one
/// DescribeServiceDeployments (and one ListServiceDeployments where the service does not name it).
///
/// # Errors
/// Whatever a port call ended with; an unknown cluster is of kind `NotFound`.
pub async fn observe(ports: &Ports, service: &ServiceRef) -> Result<Option<Live>> {
    observe_behind(ports, service, None).await
}

/// The same, where the production rule or listener is known that somebody has written down. While there are two task
/// sets, only that says which one serves; it takes one read of the rule then.
///
/// # Errors
/// As [`observe`].
pub async fn observe_behind(
    ports: &Ports,
    service: &ServiceRef,
    route: Option<&str>,
) -> Result<Option<Live>> {
    match ports.services.find_service(service).await? {
        None => Ok(None),
        Some(found) if found.status == ServiceStatus::Inactive => Ok(None),
        Some(found) => live_of(ports, found, route).await.map(Some),
    }
}

/// Adds to a described service what only its revisions say.
pub(crate) async fn live_of(ports: &Ports, service: Service, route: Option<&str>) -> Result<Live> {
    let mut revision = match serving_set(ports, &service, route).await? {
        Some(set) => of_set(&service, Some(set)),
        None => configured(&service),
    };
    let mut ongoing = None;
    let has_pair = revision.target_groups.len() > 1;
    // A first deployment begins and ends with one revision. It is news only where it may wait for somebody.
    let is_single = service.current_revisions.len() == 1;
    let may_wait = is_single && service.rolling_out && waits_for_us(&service);
    let is_moving = service.current_revisions.len() > 1 || may_wait;
    if service.controller == Controller::Ecs && (has_pair || is_moving) {
        let deployment = match is_single && !may_wait {
            true => None,
            false => current_deployment(ports, &service).await?,
        };
        let deployment = deployment.filter(|found| !is_single || found.awaiting().is_some());
        let revisions = ports
            .services
            .find_revisions(&revisions_of(&service, deployment.as_ref()))
            .await?;
        if let Some(live) = serving(&revisions, deployment.as_ref()) {
            revision = with_revision(revision, live);
        }
        if revision.live_target_group.is_none() {
            // Seldom needed: its future is not part of every other one.
            revision.live_target_group = Box::pin(by_weights(ports, &revision, route)).await?;
        }
        ongoing = deployment
            .filter(|found| found.status.is_running())
            .map(|found| ongoing_of(&service, &found, &revisions));
    }
    Ok(shown(service, revision, ongoing, ports.clock.now()))
}

/// The group of the pair that gets most of production by the listener's weights: a revision may not say where its tasks
/// are registered. `None` where both get the same, or neither, or the rule cannot be read.
///
/// # Errors
/// What passes: to read the state again is better than to write a wrong one.
pub(crate) async fn by_weights(
    ports: &Ports,
    revision: &LiveRevision,
    route: Option<&str>,
) -> Result<Option<String>> {
    let ours: BTreeSet<&String> = revision.target_groups.iter().collect();
    let forward = production_weights(ports, revision, route).await?;
    let weight = |group: &String| -> u32 {
        forward
            .iter()
            .filter(|target| target.target_group == *group)
            .map(|target| target.weight)
            .sum()
    };
    let most = ours.iter().map(|group| weight(group)).max().unwrap_or(0);
    let mut heaviest = ours.into_iter().filter(|group| weight(group) == most);
    Ok(match (most, heaviest.next(), heaviest.next()) {
        (1.., Some(only), None) => Some(only.clone()),
        (_, _, _) => None,
    })
}

/// Where the production rule of a service sends traffic; nothing where the rule is not known or cannot be read. `route`
/// is the rule or listener that somebody has written down, for a service that names none.
///
/// # Errors
/// What passes: to read the state again is better than to write a wrong one.
pub async fn production_weights(
    ports: &Ports,
    revision: &LiveRevision,
    route: Option<&str>,
) -> Result<Vec<WeightedTarget>> {
    let known = revision.production_rule.as_deref().or(route);
    let Some(route) = known.filter(|route| !route.is_empty()) else {
        return Ok(Vec::new());
    };
    let ours: BTreeSet<&String> = revision.target_groups.iter().collect();
    match rule_of(ports, route, &ours).await {
        Err(error) if error.kind.is_transient() => Err(error),
        Err(_) => Ok(Vec::new()),
        Ok(rule) => Ok(rule.map(|rule| rule.forward).unwrap_or_default()),
    }
}

/// Whether the service's deployments pause until an apply lets them go on; left alone, ECS rolls them back.
fn waits_for_us(service: &Service) -> bool {
    let configuration = service.deployment_configuration.as_ref();
    let hooks = configuration.and_then(|configuration| configuration.hooks.as_ref());
    hooks
        .into_iter()
        .flatten()
        .any(|hook| hook.target == HookTarget::Pause)
}

/// Whether the deployment has reached a stage after which no hook runs.
fn is_past_pauses(deployment: &OngoingDeployment) -> bool {
    matches!(
        deployment.stage,
        Some(LifecycleStage::BakeTime | LifecycleStage::CleanUp)
    )
}

/// Our own notes in the tags become words.
pub(crate) fn shown(
    mut service: Service,
    revision: LiveRevision,
    deployment: Option<OngoingDeployment>,
    now: Timestamp,
) -> Live {
    let (mut unfinished, mut others) = (Vec::new(), Vec::new());
    if let Some(found) = &deployment {
        let waits = !is_past_pauses(found) && waits_for_us(&service);
        match (found.ours, waits) {
            (true, true) => unfinished.push(Unfinished::HeldDeployment),
            (true, false) => unfinished.push(under_way(found)),
            (false, _) => others.push(under_way(found)),
        }
    }
    let replacements = replacement_task_sets(&service);
    match service.controller {
        Controller::External => unfinished.extend(replacements),
        Controller::CodeDeploy => others.extend(replacements),
        // Task sets of its own are ECS's to clear away.
        Controller::Ecs | Controller::Unknown(_) => {}
    }
    let live = revision.task_definition.as_deref().map(short_name);
    if let Some(note) = WatchNote::of(&service.tags).filter(|it| live == Some(&it.to)) {
        unfinished.push(Unfinished::Verdict { revision: note.to });
    }
    if service.tags.contains_key(SCALING_TAG) {
        unfinished.push(Unfinished::ScalingSuspended);
    }
    if is_creating(&service.tags) {
        unfinished.push(Unfinished::FirstDeployment);
    }
    let emergency = EmergencyScaling::of(&service.tags).map(Box::new);
    if let Some(emergency) = &emergency {
        service.desired = emergency.count_without(service.desired, now);
    }
    service
        .tags
        .retain(|key, _| !is_note(key) && !key.starts_with("aws:"));
    Live {
        service,
        revision,
        deployment,
        unfinished,
        others,
        emergency,
    }
}

/// A deployment that is under way.
fn under_way(deployment: &OngoingDeployment) -> Unfinished {
    let target = deployment.target_task_definition.as_deref();
    Unfinished::Deployment {
        id: deployment.id.clone(),
        revision: target.map(|target| short_name(target).to_owned()),
        paused: deployment.paused,
    }
}

/// Task sets beside the primary one.
fn replacement_task_sets(service: &Service) -> Vec<Unfinished> {
    let sets = service.task_sets.iter();
    sets.filter(|set| set.is_beside())
        .map(|set| Unfinished::TaskSet {
            id: set.id.clone(),
            revision: short_name(&set.task_definition).to_owned(),
        })
        .collect()
}

/// The deployment that says which of several revisions serves. DescribeServices may leave it out, or name
/// one that cannot be read yet; the newest one listed is it then.
pub(crate) async fn current_deployment(
    ports: &Ports,
    service: &Service,
) -> Result<Option<ServiceDeployment>> {
    if let Some(arn) = &service.current_deployment
        && let Some(found) = ports.services.find_deployment(arn).await?
    {
        return Ok(Some(found));
    }
    let named = ServiceRef {
        cluster: service.cluster_arn.clone(),
        name: service.name.clone(),
    };
    let newest = ports.services.list_deployments(&named, 1).await?;
    Ok(newest.into_iter().next())
}

/// ARNs of all revisions that may serve, each once.
pub(crate) fn revisions_of(
    service: &Service,
    deployment: Option<&ServiceDeployment>,
) -> Vec<String> {
    let mut arns = service.current_revisions.clone();
    let named = deployment.into_iter().flat_map(|found| {
        let summaries = found.sources.iter().chain(&found.target);
        let summaries = summaries.map(|summary| &summary.arn);
        summaries.chain(&found.rollback_revision)
    });
    for arn in named {
        if !arns.contains(arn) {
            arns.push(arn.clone());
        }
    }
    arns
}

/// What DescribeServices alone says about the revision.
pub(crate) fn configured(service: &Service) -> LiveRevision {
    of_set(service, service.primary())
}

/// The revision of a task set, or of a service without any.
fn of_set(service: &Service, primary: Option<&TaskSet>) -> LiveRevision {
    let balancers = match primary {
        Some(set) if !set.load_balancers.is_empty() => &set.load_balancers,
        Some(_) | None => &service.load_balancers,
    };
    let balancer = balancers.first();
    let alternate = balancer.and_then(|found| found.alternate.as_ref());
    let mut target_groups = BTreeSet::new();
    target_groups.extend(balancer.map(|found| found.target_group.clone()));
    target_groups.extend(alternate.map(|found| found.target_group.clone()));
    let live_target_group = match alternate {
        Some(_) => None,
        None => balancer.map(|found| found.target_group.clone()),
    };
    LiveRevision {
        task_definition: primary
            .map(|set| set.task_definition.clone())
            .or_else(|| service.task_definition.clone()),
        revision_arn: service.current_revisions.first().cloned(),
        launch: primary
            .and_then(|set| set.launch.clone())
            .or_else(|| service.launch.clone()),
        platform_version: primary
            .and_then(|set| set.platform_version.clone())
            .or_else(|| service.platform_version.clone()),
        network: primary
            .and_then(|set| set.network.clone())
            .or_else(|| service.network.clone()),
        container: balancer.map(|found| found.container.clone()),
        port: balancer.map(|found| found.port),
        target_groups,
        live_target_groups: live_target_group.iter().cloned().collect(),
        live_target_group,
        production_rule: alternate.map(|found| found.production_rule.clone()),
        test_rule: alternate.and_then(|found| found.test_rule.clone()),
        role: alternate.map(|found| found.role.clone()),
        additional: balancers.iter().skip(1).cloned().collect(),
        parts: of_revisions(match primary {
            // Elsewhere a task set has what the service was created with.
            Some(set) if service.controller == Controller::External => &set.parts,
            Some(_) | None => &service.parts,
        }),
    }
}

/// The parts of which every revision has its own.
fn of_revisions(parts: &Parts) -> Parts {
    let of_revision = parts.iter().filter(|(part, _)| part.is_of_revision());
    of_revision
        .map(|(part, value)| (*part, value.clone()))
        .collect()
}

/// The revision with more production traffic; without weights, the one the rollout comes from.
pub(crate) fn serving<'a>(
    revisions: &'a [ServiceRevision],
    deployment: Option<&ServiceDeployment>,
) -> Option<&'a ServiceRevision> {
    let Some(deployment) = deployment else {
        return revisions.first();
    };
    let arn = serving_arn(deployment)?;
    revisions.iter().find(|revision| revision.arn == arn)
}

/// ARN of the revision that serves production during (or after) a deployment.
pub(crate) fn serving_arn(deployment: &ServiceDeployment) -> Option<&str> {
    let target = deployment.target.as_ref();
    let source = deployment.sources.first();
    let on_target = match &deployment.status {
        EcsStatus::Successful => true,
        EcsStatus::RollbackSuccessful => {
            return deployment.rollback_revision.as_deref();
        }
        EcsStatus::Pending
        | EcsStatus::InProgress
        | EcsStatus::StopRequested
        | EcsStatus::RollbackRequested
        | EcsStatus::RollbackInProgress
        | EcsStatus::Stopped
        | EcsStatus::RollbackFailed
        | EcsStatus::Unknown(_) => {
            source.is_none()
                || target
                    .and_then(|found| found.production_weight)
                    .is_some_and(|weight| weight > 50.0)
        }
    };
    if on_target { target } else { source }.map(|found| found.arn.as_str())
}

/// Of the groups that a revision was resolved to, that of the first pair. A service may have several.
fn resolved(groups: &BTreeSet<String>, all: &[String]) -> Option<String> {
    let ours = all.iter().find(|group| groups.contains(*group));
    ours.or(all.first()).cloned()
}

/// Lets the immutable revision correct what the service says.
pub(crate) fn with_revision(configured: LiveRevision, revision: &ServiceRevision) -> LiveRevision {
    let groups = match revision.load_balancers.first() {
        Some(balancer) => balancer.groups().into_iter().map(str::to_owned).collect(),
        None => configured.target_groups.clone(),
    };
    LiveRevision {
        task_definition: Some(revision.task_definition.clone()),
        revision_arn: Some(revision.arn.clone()),
        launch: revision.launch.clone().or(configured.launch),
        platform_version: revision
            .platform_version
            .clone()
            .or(configured.platform_version),
        network: revision.network.clone().or(configured.network),
        live_target_group: resolved(&groups, &revision.resolved_target_groups)
            .or(configured.live_target_group),
        live_target_groups: revision.resolved_target_groups.iter().cloned().collect(),
        target_groups: groups,
        additional: revision.load_balancers.iter().skip(1).cloned().collect(),
        parts: revision.parts.clone(),
        ..configured
    }
}

fn ongoing_of(
    service: &Service,
    deployment: &ServiceDeployment,
    revisions: &[ServiceRevision],
) -> OngoingDeployment {
    let target = deployment.target.as_ref().map(|target| target.arn.as_str());
    let target_task_definition = revisions
        .iter()
        .find(|revision| Some(revision.arn.as_str()) == target)
        .map(|revision| revision.task_definition.clone());
    let note = service.tags.get(DEPLOYING_TAG).map(String::as_str);
    OngoingDeployment {
        id: deployment.arn.clone(),
        status: deployment.status.clone(),
        stage: deployment.stage.clone(),
        ours: note.is_some() && note == target_task_definition.as_deref().map(short_name)
            || is_creating(&service.tags),
        paused: deployment.awaiting().is_some(),
        target_task_definition,
        started_at: deployment.created_at,
    }
}
