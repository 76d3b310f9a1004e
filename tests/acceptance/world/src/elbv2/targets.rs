//! Targets: who is registered, and how they are.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::health::{Answering, Checks, HealthCheckResult};
use super::target_groups::TargetGroup;
use super::{done, target_group_not_found};
use crate::ecs;
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// How long a new registration takes before checks begin to show.
const REGISTRATION: Duration = Duration::from_secs(2);

/// A registered target.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) port: u16,
    zone: Option<String>,
    registered: Timestamp,
    deregistered: Option<Timestamp>,
}

/// A target's state, with AWS's words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TargetState {
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining`.
    pub(crate) state: &'static str,
    /// `Elb.…` or `Target.…`; healthy targets have none.
    pub(crate) reason: Option<&'static str>,
    /// For people.
    pub(crate) description: Option<String>,
    /// When it will change by itself, as far as is known.
    pub(crate) next_change: Option<Timestamp>,
}

impl TargetState {
    fn new(
        state: &'static str,
        reason: Option<(&'static str, &str)>,
        next_change: Option<Timestamp>,
    ) -> Self {
        Self {
            state,
            reason: reason.map(|(code, _)| code),
            description: reason.map(|(_, text)| text.to_owned()),
            next_change,
        }
    }

    /// Whether traffic may go there.
    pub(crate) fn is_healthy(&self) -> bool {
        self.state == "healthy"
    }

    /// Whether the checks have given it up.
    pub(crate) fn is_unhealthy(&self) -> bool {
        self.state == "unhealthy"
    }
}

fn not_registered() -> TargetState {
    TargetState::new(
        "unused",
        Some((
            "Target.NotRegistered",
            "Target is not registered to the target group",
        )),
        None,
    )
}

/// Registers a target; registering a draining one again ends the draining.
pub(crate) fn register(state: &mut World, group: &str, id: &str, port: u16, zone: Option<String>) {
    let now = state.now;
    let Some(group) = state.elbv2.target_groups.get_mut(group) else {
        return;
    };
    let delay = group.deregistration_delay();
    group.targets.retain(|target| {
        let gone = target
            .deregistered
            .is_some_and(|since| since.plus(delay) <= now);
        let comes_back = target.id == id && target.port == port && target.deregistered.is_some();
        !(gone || comes_back)
    });
    if !group
        .targets
        .iter()
        .any(|target| target.id == id && target.port == port)
    {
        group.targets.push(Target {
            id: id.to_owned(),
            port,
            zone,
            registered: now,
            deregistered: None,
        });
    }
}

/// Starts draining a target.
pub(crate) fn deregister(state: &mut World, group: &str, id: &str, port: u16) {
    let now = state.now;
    let Some(group) = state.elbv2.target_groups.get_mut(group) else {
        return;
    };
    let delay = group.deregistration_delay();
    let used = group.load_balancer.is_some();
    for target in &mut group.targets {
        if target.id == id && target.port == port && target.deregistered.is_none() {
            target.deregistered = Some(now);
        }
    }
    group.targets.retain(|target| {
        target
            .deregistered
            .is_none_or(|since| used && since.plus(delay) > now)
    });
}

/// How long a target of this group drains; zero when no load balancer uses the group.
pub(crate) fn deregistration_delay(state: &World, group: &str) -> Duration {
    state
        .elbv2
        .target_groups
        .get(group)
        .filter(|group| group.load_balancer.is_some())
        .map(TargetGroup::deregistration_delay)
        .unwrap_or_default()
}

/// How a target of a group is now; one that is not registered is `unused`.
pub(crate) fn target_health(state: &World, group: &str, id: &str, port: u16) -> TargetState {
    state
        .elbv2
        .target_groups
        .get(group)
        .and_then(|group| {
            let target = group
                .targets
                .iter()
                .find(|target| target.id == id && target.port == port)?;
            Some(health(state, group, target))
        })
        .unwrap_or_else(not_registered)
}

/// How a registered target is now.
pub(super) fn health(state: &World, group: &TargetGroup, target: &Target) -> TargetState {
    let now = state.now;
    if let Some(since) = target.deregistered {
        let gone = since.plus(group.deregistration_delay());
        if gone <= now {
            return not_registered();
        }
        return TargetState::new(
            "draining",
            Some((
                "Target.DeregistrationInProgress",
                "Target deregistration is in progress",
            )),
            Some(gone),
        );
    }
    let Some(used_since) = group.used_since else {
        return TargetState::new(
            "unused",
            Some((
                "Target.NotInUse",
                "Target group is not configured to receive traffic from the load balancer",
            )),
            None,
        );
    };
    let begin = used_since.max(target.registered);
    let shown = begin.plus(REGISTRATION);
    if now < shown {
        return TargetState::new(
            "initial",
            Some((
                "Elb.RegistrationInProgress",
                "Target registration is in progress",
            )),
            Some(shown),
        );
    }
    if !group.health_check.enabled {
        return TargetState::new("healthy", None, None);
    }
    let check = &group.health_check;
    let checks = Checks {
        begin,
        interval: Duration::from_secs(u64::from(check.interval)),
        healthy: check.healthy_threshold,
        unhealthy: check.unhealthy_threshold,
    };
    let (verdict, next) = checks.verdict(answering(state, group, target), now);
    match verdict {
        HealthCheckResult::Initial => TargetState::new(
            "initial",
            Some((
                "Elb.InitialHealthChecking",
                "Initial health checks in progress",
            )),
            next,
        ),
        HealthCheckResult::Healthy => TargetState::new("healthy", None, next),
        HealthCheckResult::Unhealthy => unhealthy(state, group, target, next),
    }
}

/// A running task that answers badly gives a code, anything else gives no answer at all.
fn unhealthy(
    state: &World,
    group: &TargetGroup,
    target: &Target,
    next: Option<Timestamp>,
) -> TargetState {
    let web = group
        .health_check
        .protocol
        .as_deref()
        .is_some_and(|protocol| protocol.starts_with("HTTP"));
    let reason = if web && ecs::answers_badly(state, &target.id) {
        (
            "Target.ResponseCodeMismatch",
            "Health checks failed with these codes: [503]",
        )
    } else if web {
        ("Target.Timeout", "Request timed out")
    } else {
        ("Target.FailedHealthChecks", "Health checks failed")
    };
    TargetState::new("unhealthy", Some(reason), next)
}

/// Tasks answer as their image says; instances belong to EC2 and are taken to be well.
fn answering(state: &World, group: &TargetGroup, target: &Target) -> Answering {
    if group.target_type == "ip" {
        ecs::answering(state, &target.id, target.port)
    } else {
        Answering {
            from: Some(target.registered),
            until: None,
        }
    }
}

/// Id, port and zone of a target as a call gives it.
type GivenTarget = (String, u16, Option<String>);

fn given_targets(state: &World, input: &Input) -> Result<(String, Vec<GivenTarget>), ApiError> {
    let arn = input.required("TargetGroupArn")?;
    let group = state
        .elbv2
        .target_groups
        .get(&arn)
        .ok_or_else(target_group_not_found)?;
    let targets = input
        .objects("Targets")?
        .iter()
        .map(|target| {
            let port = target
                .number_in("Port", 1, 65_535)?
                .and_then(|port| u16::try_from(port).ok())
                .or(group.port)
                .unwrap_or_default();
            Ok((
                target.required("Id")?,
                port,
                target.text("AvailabilityZone")?,
            ))
        })
        .collect::<Result<_, ApiError>>()?;
    Ok((arn, targets))
}

pub(super) fn register_targets(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let (group, targets) = given_targets(state, input)?;
    for (id, port, zone) in targets {
        register(state, &group, &id, port, zone);
    }
    done()
}

pub(super) fn deregister_targets(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let (group, targets) = given_targets(state, input)?;
    for (id, port, _) in targets {
        deregister(state, &group, &id, port);
    }
    done()
}

pub(super) fn describe_health(state: &World, input: &Input) -> Result<Value, ApiError> {
    let (arn, asked) = given_targets(state, input)?;
    let group = state
        .elbv2
        .target_groups
        .get(&arn)
        .ok_or_else(target_group_not_found)?;
    let described: Vec<Value> = if asked.is_empty() {
        group
            .targets
            .iter()
            .map(|target| (target, health(state, group, target)))
            .filter(|(_, health)| health.reason != Some("Target.NotRegistered"))
            .map(|(target, health)| {
                render(
                    group,
                    &target.id,
                    target.port,
                    target.zone.as_deref(),
                    &health,
                )
            })
            .collect()
    } else {
        asked
            .iter()
            .map(|(id, port, zone)| {
                render(
                    group,
                    id,
                    *port,
                    zone.as_deref(),
                    &target_health(state, &arn, id, *port),
                )
            })
            .collect()
    };
    Ok(json!({ "TargetHealthDescriptions": described }))
}

fn render(
    group: &TargetGroup,
    id: &str,
    port: u16,
    zone: Option<&str>,
    health: &TargetState,
) -> Value {
    let mut target = Map::from_iter([
        ("Id".to_owned(), json!(id)),
        ("Port".to_owned(), json!(port)),
    ]);
    if let Some(zone) = zone {
        target.insert("AvailabilityZone".to_owned(), json!(zone));
    }
    let mut target_health = Map::from_iter([("State".to_owned(), json!(health.state))]);
    if let Some(reason) = health.reason {
        target_health.insert("Reason".to_owned(), json!(reason));
    }
    if let Some(description) = &health.description {
        target_health.insert("Description".to_owned(), json!(description));
    }
    let check_port = if group.health_check.port == "traffic-port" {
        port.to_string()
    } else {
        group.health_check.port.clone()
    };
    json!({ "Target": target, "HealthCheckPort": check_port, "TargetHealth": target_health })
}
