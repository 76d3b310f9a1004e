//! Reads everything the checks look at, side by side. What cannot be read keeps nothing else from being read.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use futures::join;
use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::{
    CertificateFacts, Error, ErrorKind, Inspection, LogLine, LogQuery, MetricQuery, MetricSeries,
    MetricSource, Ports, Quota, Result as PortResult, Service, ServiceDeployment, TargetGroup,
    WeightedTarget,
};
use switchyard_engine::{Live, observe_behind, production_weights};

use super::evidence::{Evidence, Group, Reading, ScalingSeen};
use super::network::is_suspect;
use super::patterns::{ERRORS, grouped};
use super::seen::{Hours, NetworkSeen, Pattern, Usage};
use super::trends::{DAYS, GroupSeries, PERIOD, hours};
use crate::select::Chosen;
use crate::trouble::Trouble;
use crate::view::{Carrier, ServiceView, look};

/// How far back logs are searched.
const LOGS: SignedDuration = SignedDuration::from_mins(30);
/// Lines that are grouped of one log group.
const LINES: usize = 2000;

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
        stopped: read(stopped),
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

/// Load balancers in front of the groups.
fn balancers<'g>(groups: impl IntoIterator<Item = &'g TargetGroup>) -> BTreeSet<&'g String> {
    groups
        .into_iter()
        .flat_map(|group| &group.load_balancers)
        .collect()
}

async fn certificates(
    inspection: &dyn Inspection,
    groups: &[&TargetGroup],
) -> Reading<Vec<CertificateFacts>> {
    let mut found = Vec::new();
    for balancer in balancers(groups.iter().copied()) {
        match inspection.certificates(balancer).await {
            Ok(some) => found.extend(some),
            Err(error) => return unread(&error),
        }
    }
    match found.is_empty() {
        true => Reading::Nothing,
        false => Reading::Seen(found),
    }
}

/// Subnets, security groups and endpoints of tasks with a network of their own.
async fn network(
    inspection: &dyn Inspection,
    evidence: &Evidence,
    live: &Live,
) -> Reading<NetworkSeen> {
    let Some(network) = live
        .service
        .network
        .as_ref()
        .or(live.revision.network.as_ref())
    else {
        return Reading::Nothing;
    };
    let groups = evidence.groups.seen().into_iter().flatten();
    let balancers = balancers(groups.map(|group| &group.group));
    let images = evidence
        .view
        .sides
        .iter()
        .flat_map(|side| side.images.values());
    let seen = async {
        let subnets = inspection.subnets(&network.subnets).await?;
        let vpcs: BTreeSet<&String> = subnets.iter().map(|subnet| &subnet.vpc).collect();
        let mut endpoints = BTreeSet::new();
        for vpc in vpcs {
            endpoints.extend(inspection.endpoints(vpc).await?);
        }
        let mut balancer_groups = BTreeSet::new();
        for balancer in balancers {
            balancer_groups.extend(inspection.balancer_groups(balancer).await?);
        }
        Ok(NetworkSeen {
            openings: inspection.openings(&network.security_groups).await?,
            subnets,
            public_ip: network.assign_public_ip,
            endpoints,
            groups: network.security_groups.clone(),
            balancer_groups,
            ports: live.revision.port.into_iter().collect(),
            is_ecr: images.into_iter().all(|image| image.contains(".dkr.ecr")),
        })
    };
    read(seen.await)
}

fn gone(chosen: &Chosen) -> Trouble {
    Trouble::new(format!(
        "Service `{}` no longer exists in cluster `{}`.",
        chosen.service.name,
        chosen.service.cluster_name()
    ))
}

fn unread<T>(error: &Error) -> Reading<T> {
    // Nothing is changed by any of it, which needs no word here.
    let said = Trouble::of(error, "").to_string();
    Reading::Unread(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn read<T>(answer: PortResult<T>) -> Reading<T> {
    match answer {
        Ok(seen) => Reading::Seen(seen),
        Err(error) => unread(&error),
    }
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
        Err(error) => unread(&error),
    }
}

/// Whether a rule is known, and the groups that the service or its rule names.
async fn groups(ports: &Ports, live: &Live, route: Option<&str>) -> (bool, Reading<Vec<Group>>) {
    let forward = match production_weights(ports, &live.revision, route).await {
        Ok(forward) => forward,
        Err(error) => return (false, unread(&error)),
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
        Err(error) => return (has_rule, unread(&error)),
    };
    let health = found
        .iter()
        .map(|group| ports.routing.target_health(&group.arn));
    let mut groups = Vec::new();
    for (group, targets) in found.iter().zip(join_all(health).await) {
        match targets {
            Ok(targets) => groups.push(Group {
                percent: has_rule.then(|| share(&forward, &group.arn)),
                group: group.clone(),
                targets,
            }),
            Err(error) => return (has_rule, unread(&error)),
        }
    }
    (has_rule, Reading::Seen(groups))
}

/// Percent of the rule's traffic that a group gets.
fn share(forward: &[WeightedTarget], arn: &str) -> f64 {
    let weight = |of: &dyn Fn(&&WeightedTarget) -> bool| -> f64 {
        let targets = forward.iter().filter(of);
        targets.map(|target| f64::from(target.weight)).sum()
    };
    let all = weight(&|_| true);
    match all > 0.0 {
        true => weight(&|target| target.target_group == arn) / all * 100.0,
        false => 0.0,
    }
}

async fn scaling(ports: &Ports, chosen: &Chosen) -> Reading<ScalingSeen> {
    let target = match ports.scaling.find_scalable_target(&chosen.service).await {
        Ok(Some(target)) => target,
        Ok(None) => return Reading::Nothing,
        Err(error) => return unread(&error),
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
        (Err(error), _) | (_, Err(error)) => unread(&error),
    }
}

async fn alarms(
    ports: &Ports,
    service: &Service,
) -> Reading<BTreeMap<String, Option<switchyard_engine::ports::AlarmState>>> {
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
        Err(error) => unread(&error),
    }
}

/// The part of an ARN that CloudWatch's dimensions are made of.
fn dimension(arn: &str, from: &str) -> Option<String> {
    let (_, rest) = arn.split_once(from)?;
    Some(match from {
        ":loadbalancer/" => rest.to_owned(),
        _ => format!("targetgroup/{rest}"),
    })
}

async fn trends(ports: &Ports, groups: &[&TargetGroup], now: Timestamp) -> Reading<Hours> {
    let mut queries = Vec::new();
    let mut index = 0_usize;
    for group in groups {
        // Only Application Load Balancers count requests.
        for balancer in group
            .load_balancers
            .iter()
            .filter(|arn| arn.contains("/app/"))
        {
            let (Some(balancer), Some(target)) = (
                dimension(balancer, ":loadbalancer/"),
                dimension(&group.arn, ":targetgroup/"),
            ) else {
                continue;
            };
            let dimensions = BTreeMap::from([
                ("LoadBalancer".to_owned(), balancer),
                ("TargetGroup".to_owned(), target),
            ]);
            for (kind, name, statistic) in [
                ("requests", "RequestCount", "Sum"),
                ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
                ("latency", "TargetResponseTime", "p95"),
            ] {
                queries.push(query(
                    format!("{kind}_{index}"),
                    "AWS/ApplicationELB",
                    name,
                    &dimensions,
                    (statistic, PERIOD),
                ));
            }
            index += 1;
        }
    }
    if queries.is_empty() {
        return Reading::Nothing;
    }
    let to = whole(now, PERIOD);
    let from = to - SignedDuration::from_hours(24 * DAYS + 1);
    let found = match ports.metrics.query(&queries, from, to).await {
        Ok(found) => found,
        Err(error) => return unread(&error),
    };
    let nothing = MetricSeries::default();
    let series =
        |kind: &str, index: usize| found.get(&format!("{kind}_{index}")).unwrap_or(&nothing);
    let groups: Vec<GroupSeries<'_>> = (0..index)
        .map(|index| GroupSeries {
            requests: series("requests", index),
            errors: series("errors", index),
            latency: series("latency", index),
        })
        .collect();
    Reading::Seen(hours(&groups, to))
}

fn query(
    id: String,
    namespace: &str,
    name: &str,
    dimensions: &BTreeMap<String, String>,
    (statistic, period_seconds): (&str, u32),
) -> MetricQuery {
    MetricQuery {
        id,
        source: MetricSource::Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.clone(),
            statistic: statistic.to_owned(),
            period_seconds,
        },
        returned: true,
    }
}

/// The begin of the period, which has not ended.
fn whole(at: Timestamp, period: u32) -> Timestamp {
    let period = i64::from(period);
    let second = at.as_second() - at.as_second().rem_euclid(period);
    Timestamp::from_second(second).unwrap_or(at)
}

async fn usage(ports: &Ports, view: &ServiceView, now: Timestamp) -> Reading<Usage> {
    let dimensions = BTreeMap::from([
        ("ClusterName".to_owned(), view.cluster.clone()),
        ("ServiceName".to_owned(), view.service.clone()),
    ]);
    let of = |id: &str, name: &str, statistic| {
        query(id.to_owned(), "AWS/ECS", name, &dimensions, (statistic, 60))
    };
    let queries = [
        of("cpu", "CPUUtilization", "Average"),
        of("memory", "MemoryUtilization", "Maximum"),
    ];
    let to = whole(now, 60);
    let from = to - SignedDuration::from_hours(1);
    let found = match ports.metrics.query(&queries, from, to).await {
        Ok(found) => found,
        Err(error) => return unread(&error),
    };
    let values = |id: &str| -> Vec<f64> {
        let series = found.get(id).into_iter().flat_map(|series| &series.values);
        series
            .map(|(_, value)| *value)
            .filter(|value| value.is_finite())
            .collect()
    };
    let (cpu, memory) = (values("cpu"), values("memory"));
    if cpu.is_empty() && memory.is_empty() {
        return Reading::Nothing;
    }
    let number = u32::try_from(cpu.len()).unwrap_or(u32::MAX);
    Reading::Seen(Usage {
        cpu_mean: (number > 0).then(|| cpu.iter().sum::<f64>() / f64::from(number)),
        memory_most: memory.into_iter().max_by(f64::total_cmp),
    })
}

async fn quota(ports: &Ports, service: &Service) -> Reading<Quota> {
    use switchyard_engine::ports::{Launch, LaunchType};
    let is_fargate = match &service.launch {
        Some(Launch::Type(LaunchType::Fargate)) => true,
        Some(Launch::Strategy(items)) => items.iter().any(|item| item.name == "FARGATE"),
        Some(Launch::Type(LaunchType::Ec2 | LaunchType::External | LaunchType::Unknown(_)))
        | None => false,
    };
    if !is_fargate {
        return Reading::Nothing;
    }
    match ports.prerequisites.fargate_vcpus().await {
        Ok(Some(quota)) => Reading::Seen(quota),
        Ok(None) => Reading::Unread("AWS does not say how many vCPUs Fargate may run.".to_owned()),
        Err(error) => unread(&error),
    }
}

/// Errors in the log groups of all sides.
async fn patterns(
    ports: &Ports,
    inspection: &dyn Inspection,
    view: &ServiceView,
    now: Timestamp,
) -> Reading<Vec<Pattern>> {
    let names: BTreeSet<&String> = view
        .sides
        .iter()
        .filter_map(|side| side.task_definition.as_ref())
        .collect();
    let mut groups = BTreeSet::new();
    for name in names {
        match ports.services.find_task_definition(name).await {
            Ok(found) => {
                for log in found.into_iter().flat_map(|found| found.log_groups) {
                    groups.insert((log.group, log.region));
                }
            }
            Err(error) => return unread(&error),
        }
    }
    if groups.is_empty() {
        return Reading::Nothing;
    }
    let mut lines: Vec<LogLine> = Vec::new();
    for (group, region) in groups {
        let wanted = LogQuery {
            group,
            region,
            stream_prefix: None,
            since: now - LOGS,
            pattern: Some(ERRORS.to_owned()),
            limit: LINES,
        };
        match inspection.log_lines(&wanted).await {
            Ok(found) => lines.extend(found.lines),
            // ECS creates it with the first task.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return unread(&error),
        }
    }
    Reading::Seen(grouped(&lines))
}
