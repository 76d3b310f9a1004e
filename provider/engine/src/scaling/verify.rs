//! Checks at plan what could only fail or surprise later.

use jiff::Timestamp;

use super::observe::find_service;
use super::same::zone_of;
use super::step::tracked;
use super::{
    DesiredScaling, LiveScaling, Owned, Unmanaged, next_firing, same_alarm, same_policy,
    same_schedule,
};
use crate::failure::access_advice;
use crate::finding::{Field, Finding, FindingLevel, Rule};
use crate::ports::{
    Controller, ErrorKind, Policy, Ports, PredefinedMetric, PredictiveMetric, Service, Strategy,
    TrackedMetric,
};

/// Everything that is wrong with `wanted` or will surprise, as far as AWS can be asked without changing anything.
/// Never fails; what could not be looked at is a finding itself.
pub async fn verify_scaling(
    ports: &Ports,
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    owned: &Owned,
) -> Vec<Finding> {
    let owned = &owned.with_unfinished(live);
    let mut findings = in_the_way(wanted, live, owned);
    findings.extend(never_fires(wanted, live, ports.clock.now()));
    match find_service(ports, &wanted.service).await {
        Ok(Some(service)) => findings.extend(blind(wanted, &service)),
        Ok(None) => findings.push(no_service(wanted)),
        Err(error) => findings.push(Finding {
            rule: Rule::ChecksIncomplete,
            severity: FindingLevel::Warning,
            field: Field::Service,
            now: format!(
                "Service `{}` could not be read before the apply.",
                wanted.service.name
            ),
            why: format!(
                "It is not known whether it exists and how it is deployed: \"{}\"",
                error.message.trim()
            ),
            next: if error.kind == ErrorKind::Denied {
                access_advice(&error)
            } else {
                "Plan again. An apply makes its calls in any case and reports errors.".to_owned()
            },
        }),
    }
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
    findings
}

/// What others have made and where it collides with what is wanted.
pub(super) fn in_the_way(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    owned: &Owned,
) -> Vec<Finding> {
    let Some(live) = live else {
        return Vec::new();
    };
    let takes_over = wanted.unmanaged == Unmanaged::Adopt;
    if !owned.target && !takes_over {
        return vec![target_exists(wanted, live)];
    }
    let mut findings = other_alarms(wanted, live);
    if !takes_over {
        findings.extend(names_taken(wanted, live, owned));
    }
    findings.extend(metrics_taken(wanted, live, owned));
    findings.extend(not_ours(wanted, live, owned));
    findings
}

fn target_exists(wanted: &DesiredScaling, live: &LiveScaling) -> Finding {
    let service = &wanted.service;
    let bounds = live.target.bounds;
    let on_it = listed(
        live.policies.iter().map(|policy| policy.name.as_str()),
        live.schedules.iter().map(|action| action.name.as_str()),
    );
    let on_it = on_it.map_or_else(String::new, |names| format!(" On it: {names}."));
    Finding {
        rule: Rule::ScalingTargetExists,
        severity: FindingLevel::Error,
        field: Field::Service,
        now: format!(
            "Service `{}` is already scaled between {} and {} tasks, and that is not in the state.{on_it}",
            service.name, bounds.min, bounds.max
        ),
        why: "Somebody else registered it, or the state that contained it is lost. Two owners undo each other's \
              changes."
            .to_owned(),
        next: format!(
            "Import it with the id `{}/{}`, or set `unmanaged = \"adopt\"` to take it over at creation.",
            service.cluster_name(),
            service.name
        ),
    }
}

/// What is just as wanted is in nobody's way: an apply that was killed has made it.
fn names_taken(wanted: &DesiredScaling, live: &LiveScaling, owned: &Owned) -> Vec<Finding> {
    let policies = live
        .policies
        .iter()
        .filter(|found| {
            let wanted = wanted.policies.get(&found.name);
            wanted.is_some_and(|wanted| !same_policy(&found.policy, wanted))
                && !owned.policies.contains(&found.name)
        })
        .map(|found| format!("Policy `{}`", found.name));
    let schedules = live
        .schedules
        .iter()
        .filter(|found| {
            let wanted = wanted.schedules.get(&found.name);
            wanted.is_some_and(|wanted| !same_schedule(found, wanted))
                && !owned.schedules.contains(&found.name)
        })
        .map(|found| format!("Schedule `{}`", found.name));
    let alarms = wanted
        .alarms
        .values()
        .filter(|wanted| {
            let found = live.alarms.get(&wanted.name);
            found.is_some_and(|found| !same_alarm(found, wanted))
                && !owned.alarms.contains(&wanted.name)
        })
        .map(|wanted| format!("Alarm `{}`", wanted.name));
    policies
        .chain(schedules)
        .chain(alarms)
        .map(|what| Finding {
            rule: Rule::ScalingNameTaken,
            severity: FindingLevel::Error,
            field: Field::Policies,
            now: format!("{what} already exists, and it is not in the state."),
            why: "AWS would overwrite it without a question.".to_owned(),
            next: "Choose a different name, delete the existing one, or set `unmanaged = \"adopt\"` to take it over."
                .to_owned(),
        })
        .collect()
}

/// Alarms in the way that are of another kind: they cannot be taken over, only lost.
fn other_alarms(wanted: &DesiredScaling, live: &LiveScaling) -> Vec<Finding> {
    let alarms = wanted.alarms.values().map(|alarm| &alarm.name);
    alarms
        .filter(|name| live.other_alarms.contains(*name))
        .map(|name| Finding {
            rule: Rule::ScalingNameTaken,
            severity: FindingLevel::Error,
            field: Field::Policies,
            now: format!("Alarm `{name}` already exists, and it does not belong to this resource."),
            why: "It is a composite alarm, or it uses metric math or a band. AWS would overwrite it without a \
                  question."
                .to_owned(),
            next: "Rename the policy, which gives its alarm a different name, or delete the existing alarm.".to_owned(),
        })
        .collect()
}

/// Whether a policy is somebody else's and stays so.
fn is_foreign(wanted: &DesiredScaling, owned: &Owned, name: &str) -> bool {
    !owned.policies.contains(name) && !wanted.policies.contains_key(name)
}

fn metrics_taken(wanted: &DesiredScaling, live: &LiveScaling, owned: &Owned) -> Vec<Finding> {
    if wanted.unmanaged == Unmanaged::Remove {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (name, policy) in &wanted.policies {
        let Some(metric) = tracked(policy) else {
            continue;
        };
        let foreign = live
            .policies
            .iter()
            .filter(|found| is_foreign(wanted, owned, &found.name));
        let same = foreign.filter(|found| tracked(&found.policy) == Some(metric));
        findings.extend(same.map(|found| Finding {
            rule: Rule::ScalingMetricTaken,
            severity: FindingLevel::Error,
            field: Field::Policies,
            now: format!(
                "Policy `{}`, which is not in the state, already tracks the metric of `{name}`.",
                found.name
            ),
            why: "AWS accepts one target tracking policy per metric.".to_owned(),
            next: format!(
                "Rename `{name}` to `{}` with `unmanaged = \"adopt\"`, delete that policy, or set `unmanaged = \
                 \"remove\"` to delete everything that is not in the state.",
                found.name
            ),
        }));
    }
    findings
}

fn not_ours(wanted: &DesiredScaling, live: &LiveScaling, owned: &Owned) -> Option<Finding> {
    let policies = live.policies.iter().map(|policy| policy.name.as_str());
    let schedules = live.schedules.iter().map(|action| action.name.as_str());
    let names = listed(
        policies.filter(|name| is_foreign(wanted, owned, name)),
        schedules.filter(|name| {
            !owned.schedules.contains(*name) && !wanted.schedules.contains_key(*name)
        }),
    )?;
    let (why, next) = match wanted.unmanaged {
        Unmanaged::Remove => (
            "`unmanaged` is \"remove\": the apply deletes them.",
            "To keep them, add them to the configuration, or set `unmanaged = \"report\"`.",
        ),
        Unmanaged::Report | Unmanaged::Adopt => (
            "They scale the service as well: of several policies, the one with the highest number of tasks wins. \
             They stay as they are.",
            "Add them to the configuration with `unmanaged = \"adopt\"` to take them over, delete them, or set \
             `unmanaged = \"remove\"` to let the apply delete them.",
        ),
    };
    Some(Finding {
        rule: Rule::ScalingNotOurs,
        severity: FindingLevel::Warning,
        field: Field::Unmanaged,
        now: format!(
            "Service `{}` has scaling that is not in the state: {names}.",
            wanted.service.name
        ),
        why: why.to_owned(),
        next: next.to_owned(),
    })
}

/// `policies a, b; schedules c`; absent when there are none.
fn listed<'a>(
    policies: impl Iterator<Item = &'a str>,
    schedules: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let part = |what: &str, names: Vec<String>| {
        (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
    };
    let quoted = |name: &str| format!("`{name}`");
    let parts: Vec<String> = [
        part("policies", policies.map(quoted).collect()),
        part("schedules", schedules.map(quoted).collect()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Schedules that would be put and never fire. One that is there as it is wanted may have done its work.
fn never_fires(
    wanted: &DesiredScaling,
    live: Option<&LiveScaling>,
    now: Timestamp,
) -> Vec<Finding> {
    let found = |name: &String| {
        let mut all = live.into_iter().flat_map(|live| &live.schedules);
        all.find(|found| found.name == *name)
    };
    wanted
        .schedules
        .iter()
        .filter(|(name, action)| {
            let found = found(name);
            !found.is_some_and(|found| same_schedule(found, action))
                && next_firing(action, now, found.and_then(|found| found.created)).is_none()
        })
        .map(|(name, action)| {
            let until = match action.end {
                Some(end) => format!("between now and its end, {end}"),
                None => "from now on".to_owned(),
            };
            Finding {
                rule: Rule::ScalingScheduleNeverFires,
                severity: FindingLevel::Error,
                field: Field::Policies,
                now: format!("Schedule `{name}` never fires."),
                why: format!(
                    "`{}` in {} does not fire {until}. The bounds would never change.",
                    action.schedule,
                    zone_of(action)
                ),
                next: format!("Change the times of `{name}`, or remove it."),
            }
        })
        .collect()
}

fn no_service(wanted: &DesiredScaling) -> Finding {
    let service = &wanted.service;
    Finding {
        rule: Rule::ScalingServiceMissing,
        severity: FindingLevel::Warning,
        field: Field::Service,
        now: format!(
            "Cluster `{}` has no active service `{}`.",
            service.cluster_name(),
            service.name
        ),
        why: "AWS scales existing services; the apply fails unless it creates the service first.".to_owned(),
        next: "Refer to the attributes of the service's resource, so that Terraform creates it first, or correct \
               `cluster` and `service`."
            .to_owned(),
    }
}

/// How the service moves between two target groups, in words; absent when it stays in one.
fn moves(service: &Service) -> Option<&'static str> {
    match &service.controller {
        Controller::CodeDeploy => return Some("CodeDeploy moves it"),
        Controller::External => return Some("its task sets move it"),
        Controller::Ecs | Controller::Unknown(_) => {}
    }
    let strategy = &service.deployment_configuration.as_ref()?.strategy;
    let mut balancers = service.load_balancers.iter();
    if !balancers.any(|balancer| balancer.alternate.is_some()) {
        return None;
    }
    match strategy {
        Strategy::BlueGreen => Some("its strategy is blue/green and moves it"),
        Strategy::Canary { .. } => Some("its strategy is canary and moves it"),
        Strategy::Linear { .. } => Some("its strategy is linear and moves it"),
        Strategy::Rolling | Strategy::Unknown(_) => None,
    }
}

fn counts_requests(policy: &Policy) -> bool {
    match policy {
        Policy::TargetTracking(tracking) => match &tracking.metric {
            TrackedMetric::Predefined { metric, .. } => match metric {
                PredefinedMetric::RequestsPerTarget => true,
                PredefinedMetric::Cpu
                | PredefinedMetric::Memory
                | PredefinedMetric::CpuHighResolution
                | PredefinedMetric::MemoryHighResolution
                | PredefinedMetric::Unknown(_) => false,
            },
            TrackedMetric::Custom(_) | TrackedMetric::Math(_) => false,
        },
        Policy::Predictive(predictive) => match &predictive.metric {
            PredictiveMetric::Requests { .. } => true,
            PredictiveMetric::Cpu | PredictiveMetric::Memory | PredictiveMetric::Unknown(_) => {
                false
            }
        },
        Policy::Step(_) | Policy::Unknown(_) => false,
    }
}

fn blind(wanted: &DesiredScaling, service: &Service) -> Vec<Finding> {
    let Some(how) = moves(service) else {
        return Vec::new();
    };
    let policies = wanted.policies.iter();
    policies
        .filter(|(_, policy)| counts_requests(policy))
        .map(|(name, _)| Finding {
            rule: Rule::ScalingMetricBlind,
            severity: FindingLevel::Error,
            field: Field::Policies,
            now: format!(
                "Policy `{name}` counts the requests of one target group, and service `{}` moves between two: {how}.",
                wanted.service.name
            ),
            why: "After the next deployment the tasks are in the other target group. The policy then sees no requests \
                  and scales the service in under full load."
                .to_owned(),
            next: "Use `cpu` or `memory`, or `metric_math` that adds the requests of both target groups and divides \
                   them by the running tasks."
                .to_owned(),
        })
        .collect()
}
