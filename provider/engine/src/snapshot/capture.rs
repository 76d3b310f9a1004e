//! Reading a service as a snapshot has it.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use futures::try_join;

use super::condition::{Facts, judge};
use super::definition::{Digests, TaskDefinitionSection};
use super::document::Snapshot;
use super::id::whole_second;
use super::scaling::ScalingSection;
use super::sections::{
    LoadBalancerSection, NetworkSection, RuleSection, Serves, ServiceSection, TargetGroupSection,
    TargetsSection,
};
use crate::SCALING_TAG;
use crate::live::LiveRevision;
use crate::notes::{noted, without};
use crate::observe::{
    by_weights, configured, current_deployment, revisions_of, serving, with_revision,
};
use crate::ports::{
    Controller, Error, ErrorKind, LoadBalancer, Ports, Result, Service, ServiceDeployment,
    ServiceRef, ServiceRevision, ServiceStatus, TaskDefinition,
};
use crate::route::find_route;

/// What of a service's load balancing ECS does not know: with CodeDeploy the pair and the listeners belong to the
/// deployment group, with controller `EXTERNAL` to the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfiguredRoutes {
    /// ARNs of target groups.
    pub target_groups: BTreeSet<String>,
    /// ARNs of rules or listeners with production traffic.
    pub production_rules: BTreeSet<String>,
    /// ARNs of rules or listeners with test traffic.
    pub test_rules: BTreeSet<String>,
}

/// Reads the service and everything around it as it is now. Absent when there is no such active service, or when it
/// has no task definition yet (controller `EXTERNAL` without a task set).
///
/// # Errors
/// A read that failed: a snapshot that leaves out what could not be read would be a lie.
pub async fn capture(
    ports: &Ports,
    service: &ServiceRef,
    reason: &str,
) -> Result<Option<Snapshot>> {
    capture_with(ports, service, reason, &ConfiguredRoutes::default()).await
}

/// As [`capture`], with load balancing that ECS does not know of.
///
/// # Errors
/// As [`capture`].
pub async fn capture_with(
    ports: &Ports,
    service: &ServiceRef,
    reason: &str,
    configured: &ConfiguredRoutes,
) -> Result<Option<Snapshot>> {
    let (found, target, policies, schedules) = try_join!(
        find_service(ports, service),
        ports.scaling.find_scalable_target(service),
        ports.scaling.policies(service),
        ports.scaling.scheduled_actions(service),
    )?;
    let Some(found) = found else {
        return Ok(None);
    };
    let served = served(ports, &found).await?;
    let Some(arn) = &served.revision.task_definition else {
        return Ok(None);
    };
    let (definition, load_balancer) = try_join!(
        find_definition(ports, arn),
        load_balancing(ports, &found, &served, configured),
    )?;
    let condition = judge(&Facts {
        service: &found,
        deployment: served.deployment.as_ref(),
        load_balancer: load_balancer.as_ref(),
    });
    let note = found.tags.get(SCALING_TAG);
    let noted = note.map(|note| noted(note)).unwrap_or_default();
    let revision = &served.revision;
    Ok(Some(Snapshot {
        taken_at: whole_second(ports.clock.now()),
        reason: reason.to_owned(),
        condition,
        service: ServiceSection::of(
            &found,
            revision.launch.as_ref(),
            revision.platform_version.as_deref(),
        ),
        task_definition: TaskDefinitionSection::of(&definition, &served.digests),
        load_balancer,
        scaling: target.map(|target| {
            let suspended = without(target.suspended, noted);
            ScalingSection::of(&target, suspended, &policies, &schedules)
        }),
        network: revision.network.as_ref().map(NetworkSection::of),
    }))
}

/// The service, as long as it is there. A cluster that is gone took its services along.
async fn find_service(ports: &Ports, service: &ServiceRef) -> Result<Option<Service>> {
    match ports.services.find_service(service).await {
        Ok(found) => Ok(found.filter(|found| match found.status {
            ServiceStatus::Active | ServiceStatus::Unknown(_) => true,
            ServiceStatus::Draining | ServiceStatus::Inactive => false,
        })),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn find_definition(ports: &Ports, arn: &str) -> Result<TaskDefinition> {
    let found = ports.services.find_task_definition(arn).await?;
    found.ok_or_else(|| Error {
        operation: "ecs:DescribeTaskDefinition",
        target: arn.to_owned(),
        kind: ErrorKind::NotFound,
        code: String::new(),
        message: "AWS no longer has the task definition that the service runs".to_owned(),
        request_id: None,
    })
}

/// What has production traffic.
struct Served {
    revision: LiveRevision,
    /// Target groups its tasks are registered in, where ECS says so.
    resolved: BTreeSet<String>,
    digests: Digests,
    /// The deployment AWS calls current, or the newest one where several revisions are.
    deployment: Option<ServiceDeployment>,
}

async fn served(ports: &Ports, service: &Service) -> Result<Served> {
    let configured = configured(service);
    if service.controller != Controller::Ecs {
        return Ok(Served {
            revision: configured,
            resolved: BTreeSet::new(),
            digests: Digests::new(),
            deployment: None,
        });
    }
    let one_revision = service.current_revisions.len() == 1;
    let deployment = match &service.current_deployment {
        None if one_revision => None,
        None | Some(_) => current_deployment(ports, service).await?,
    };
    // With one revision there is nothing to choose from.
    let choosing = deployment.as_ref().filter(|_| !one_revision);
    let arns = revisions_of(service, choosing);
    let revisions = match arns.as_slice() {
        [] => Vec::new(),
        arns => ports.services.find_revisions(arns).await?,
    };
    let serving = serving(&revisions, choosing);
    let mut resolved: BTreeSet<String> = serving
        .map(|serving| serving.resolved_target_groups.iter().cloned().collect())
        .unwrap_or_default();
    let revision = match serving {
        Some(serving) => with_revision(configured, serving),
        None => configured,
    };
    if resolved.is_empty() && revision.target_groups.len() > 1 {
        resolved.extend(Box::pin(by_weights(ports, &revision, None)).await?);
    }
    Ok(Served {
        revision,
        resolved,
        digests: serving.map(digests).unwrap_or_default(),
        deployment,
    })
}

fn digests(revision: &ServiceRevision) -> Digests {
    let images = revision.images.iter();
    images
        .filter_map(|(container, (_, digest))| Some((container.clone(), digest.clone()?)))
        .collect()
}

async fn load_balancing(
    ports: &Ports,
    service: &Service,
    served: &Served,
    configured: &ConfiguredRoutes,
) -> Result<Option<LoadBalancerSection>> {
    let balancers = attached(service);
    let mut section = LoadBalancerSection {
        target_groups: target_groups(balancers, configured),
        live_target_groups: live(balancers, &served.resolved),
        ..LoadBalancerSection::default()
    };
    let routes = routes(balancers, configured);
    if section.target_groups.is_empty() && routes.is_empty() {
        return Ok(None);
    }
    let alternates = balancers
        .iter()
        .filter_map(|found| found.alternate.as_ref());
    section.role = alternates.map(|alternate| alternate.role.clone()).next();
    let arns: Vec<String> = section.target_groups.keys().cloned().collect();
    let (groups, targets, rules) = try_join!(
        ports.routing.find_target_groups(&arns),
        try_join_all(arns.iter().map(|arn| targets(ports, arn))),
        try_join_all(routes.iter().map(|(arn, serves)| rule(ports, arn, *serves))),
    )?;
    for (arn, targets) in arns.iter().zip(targets) {
        if let Some(group) = section.target_groups.get_mut(arn) {
            let named = groups.iter().find(|found| found.arn == *arn);
            group.name = named.map(|found| found.name.clone());
            group.targets = targets;
        }
    }
    section.rules = rules.into_iter().flatten().collect();
    Ok(Some(section))
}

/// Attachments of the revision with production traffic.
fn attached(service: &Service) -> &[LoadBalancer] {
    match service.primary() {
        Some(set) if !set.load_balancers.is_empty() => &set.load_balancers,
        Some(_) | None => &service.load_balancers,
    }
}

fn target_groups(
    balancers: &[LoadBalancer],
    configured: &ConfiguredRoutes,
) -> BTreeMap<String, TargetGroupSection> {
    let mut groups = BTreeMap::new();
    for arn in &configured.target_groups {
        groups.insert(arn.clone(), TargetGroupSection::default());
    }
    for balancer in balancers {
        let group = TargetGroupSection {
            container: Some(balancer.container.clone()),
            port: Some(balancer.port),
            ..TargetGroupSection::default()
        };
        if let Some(alternate) = &balancer.alternate {
            groups.insert(alternate.target_group.clone(), group.clone());
        }
        groups.insert(balancer.target_group.clone(), group);
    }
    groups
}

/// A group without a partner is live; of a pair, the one the revision's tasks are registered in.
fn live(balancers: &[LoadBalancer], resolved: &BTreeSet<String>) -> BTreeSet<String> {
    let mut live = BTreeSet::new();
    for balancer in balancers {
        let own = &balancer.target_group;
        match &balancer.alternate {
            None => live.extend([own.clone()]),
            Some(alternate) => {
                let pair = [own, &alternate.target_group].into_iter();
                live.extend(pair.filter(|arn| resolved.contains(*arn)).cloned());
            }
        }
    }
    live
}

/// ARN of a rule or listener → whose requests it gets.
fn routes(balancers: &[LoadBalancer], configured: &ConfiguredRoutes) -> BTreeMap<String, Serves> {
    let alternates = balancers
        .iter()
        .filter_map(|found| found.alternate.as_ref());
    let test = alternates
        .clone()
        .filter_map(|alternate| alternate.test_rule.as_ref())
        .chain(&configured.test_rules)
        .map(|arn| (arn.clone(), Serves::Test));
    let production = alternates
        .map(|alternate| &alternate.production_rule)
        .chain(&configured.production_rules)
        .map(|arn| (arn.clone(), Serves::Production));
    test.chain(production)
        .filter(|(arn, _)| !arn.is_empty())
        .collect()
}

async fn targets(ports: &Ports, target_group: &str) -> Result<TargetsSection> {
    match ports.routing.target_health(target_group).await {
        Ok(targets) => Ok(TargetsSection::of(&targets)),
        // The group is gone; that it has no name tells so.
        Err(error) if error.kind == ErrorKind::NotFound => Ok(TargetsSection::default()),
        Err(error) => Err(error),
    }
}

async fn rule(ports: &Ports, arn: &str, serves: Serves) -> Result<Option<(String, RuleSection)>> {
    let found = match find_route(ports, arn).await {
        Err(error) if error.kind == ErrorKind::NotFound => None,
        found => found?,
    };
    Ok(found.map(|found| {
        let weights = found.forward.into_iter();
        let section = RuleSection {
            serves,
            weights: weights
                .map(|target| (target.target_group, target.weight))
                .collect(),
            stickiness_seconds: found.stickiness_seconds,
        };
        (arn.to_owned(), section)
    }))
}
