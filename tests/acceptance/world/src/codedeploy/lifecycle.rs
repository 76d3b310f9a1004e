//! The life cycle of a deployment: one step at a time, as far as the moment allows.

use std::time::Duration;

use super::configs::Routing;
use super::deployment::{Creator, Deployment, Event, EventStatus, Failure, Phase, Side, Status};
use super::ecs_side::{self, Place};
use super::targets::Counts;
use super::{hooks, rollback, service_role, traffic};
use crate::cloudwatch::{self, AlarmState};
use crate::state::State as World;
use crate::time::Timestamp;

/// How often a running deployment looks at ECS and its alarms.
const POLL: Duration = Duration::from_secs(5);
/// How long a deployment stays Created, and then Queued.
const CREATED: Duration = Duration::from_secs(1);
const QUEUED: Duration = Duration::from_secs(2);
/// How long the replacement task set may take to become healthy.
const INSTALL_LIMIT: Duration = Duration::from_secs(3600);
/// Steps of one deployment at one moment; more would be a circle.
const STEPS_PER_MOMENT: u32 = 64;

/// What a step comes to.
enum LifecycleStep {
    /// The phase is over; this one follows.
    Next(Phase),
    /// Nothing to do before this moment.
    Wait(Timestamp),
    Fail(Failure),
    /// Ends as Stopped, on its own account.
    Stop(Failure),
    Succeed,
}

/// How a deployment ends badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Failed,
    /// By an alarm.
    Alarm,
    /// By request or by a wait that nobody ended.
    Stopped {
        roll_back: bool,
    },
}

/// Moves a deployment as far as it goes now.
pub(super) fn advance(world: &mut World, id: &str) {
    for _ in 0..STEPS_PER_MOMENT {
        let Some(deployment) = world
            .codedeploy
            .deployment(id)
            .filter(|deployment| !deployment.status.is_final())
            .cloned()
        else {
            return;
        };
        if let Some((ending, failure)) = interruption(world, &deployment) {
            end(world, id, ending, failure);
            return;
        }
        match step(world, &deployment) {
            LifecycleStep::Next(phase) => enter(world, id, phase),
            LifecycleStep::Wait(until) => {
                // While it runs it looks around regularly; an alarm or a deleted group must not wait for a long timer.
                let next = until
                    .min(world.now.plus(POLL))
                    .max(world.now.plus(Duration::from_millis(1)));
                if let Some(deployment) = world.codedeploy.deployment_mut(id) {
                    deployment.wake = next;
                }
                return;
            }
            LifecycleStep::Fail(failure) => return end(world, id, Ending::Failed, failure),
            LifecycleStep::Stop(failure) => {
                let roll_back = deployment.auto_rollback.on_failure;
                return end(world, id, Ending::Stopped { roll_back }, failure);
            }
            LifecycleStep::Succeed => return succeed(world, id),
        }
    }
}

fn failure(code: &'static str, message: impl Into<String>) -> Failure {
    Failure {
        code,
        message: message.into(),
    }
}

/// What ends a deployment from outside: its group is gone, or an alarm fires.
fn interruption(world: &World, deployment: &Deployment) -> Option<(Ending, Failure)> {
    let key = (deployment.application.clone(), deployment.group.clone());
    if !world
        .codedeploy
        .applications
        .contains_key(&deployment.application)
    {
        return Some((
            Ending::Failed,
            failure(
                "APPLICATION_MISSING",
                "The application was deleted while the deployment ran.",
            ),
        ));
    }
    if !world.codedeploy.groups.contains_key(&key) {
        return Some((
            Ending::Failed,
            failure(
                "DEPLOYMENT_GROUP_MISSING",
                "The deployment group was deleted while the deployment ran.",
            ),
        ));
    }
    if !deployment.status.has_started() || deployment.creator != Creator::User {
        return None;
    }
    for name in &deployment.alarms.names {
        let read = service_role::may(world, deployment, "cloudwatch:DescribeAlarms", "*");
        let state = cloudwatch::alarm_state(world, name).filter(|_| read.is_ok());
        match state {
            Some(AlarmState::Alarm) => {
                let message = format!(
                    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <{name}>"
                );
                return Some((Ending::Alarm, failure("ALARM_ACTIVE", message)));
            }
            None if !deployment.alarms.ignore_unknown => {
                let message = format!(
                    "The state of the alarm <{name}> could not be read, and the group does not ignore that."
                );
                return Some((Ending::Alarm, failure("ALARM_ACTIVE", message)));
            }
            Some(AlarmState::Ok | AlarmState::InsufficientData) | None => {}
        }
    }
    None
}

fn enter(world: &mut World, id: &str, phase: Phase) {
    let now = world.now;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    if let Some(event) = event_of(deployment.phase).filter(|event| event_of(phase) != Some(*event))
    {
        close(deployment, event, now);
    }
    deployment.phase = phase;
    deployment.proceed = false;
    deployment.updated = now;
    // The shifts of one traffic phase are counted from its beginning.
    if !matches!(phase, Phase::Traffic { shifts } if shifts > 0) {
        deployment.entered = now;
    }
    deployment.status = match phase {
        Phase::Created => Status::Created,
        Phase::Queued => Status::Queued,
        Phase::Ready => Status::Ready,
        Phase::TerminationWait | Phase::Cleanup => Status::Baking,
        Phase::Hook(_)
        | Phase::Install
        | Phase::TestTraffic
        | Phase::Traffic { .. }
        | Phase::Undo => Status::InProgress,
    };
    if deployment.status.has_started() && deployment.started.is_none() {
        deployment.started = Some(now);
    }
    if let Some(event) = event_of(phase) {
        let record = deployment.events.entry(event).or_default();
        if record.status == EventStatus::Pending {
            (record.status, record.started) = (EventStatus::InProgress, Some(now));
        }
    }
}

fn close(deployment: &mut Deployment, event: Event, now: Timestamp) {
    let skipped = event == Event::AllowTestTraffic && deployment.ecs.test_listener.is_none();
    let record = deployment.events.entry(event).or_default();
    if record.status == EventStatus::InProgress {
        record.status = if skipped {
            EventStatus::Skipped
        } else {
            EventStatus::Succeeded
        };
        record.ended = Some(now);
    }
}

/// The event a phase carries out.
fn event_of(phase: Phase) -> Option<Event> {
    match phase {
        Phase::Hook(event) => Some(event),
        Phase::Install => Some(Event::Install),
        Phase::TestTraffic => Some(Event::AllowTestTraffic),
        Phase::Traffic { .. } => Some(Event::AllowTraffic),
        Phase::Created
        | Phase::Queued
        | Phase::Ready
        | Phase::TerminationWait
        | Phase::Cleanup
        | Phase::Undo => None,
    }
}

fn step(world: &mut World, deployment: &Deployment) -> LifecycleStep {
    match deployment.phase {
        Phase::Created => after(world, deployment, CREATED, Phase::Queued),
        Phase::Queued => queued(world, deployment),
        Phase::Hook(event) => match hooks::invoked(world, deployment, event) {
            Err(failure) => LifecycleStep::Fail(failure),
            Ok(()) => hook_step(deployment, event, world.now),
        },
        Phase::Install => install(world, deployment),
        Phase::TestTraffic => {
            if let (Some(listener), Some((blue, green))) =
                (&deployment.ecs.test_listener, groups(deployment))
            {
                let moved = traffic::shift(world, deployment, listener, (&blue, &green), 100);
                if let Err(failure) = moved {
                    return LifecycleStep::Fail(failure);
                }
            }
            LifecycleStep::Next(Phase::Hook(Event::AfterAllowTestTraffic))
        }
        Phase::Ready => ready(world, deployment),
        Phase::Traffic { shifts } => shift(world, deployment, shifts),
        Phase::TerminationWait => {
            if deployment.proceed {
                return LifecycleStep::Next(Phase::Cleanup);
            }
            after(
                world,
                deployment,
                minutes(deployment.ecs.termination_wait),
                Phase::Cleanup,
            )
        }
        Phase::Cleanup => cleanup(world, deployment),
        Phase::Undo => match rollback::undo(world, deployment) {
            Ok(Some(until)) => LifecycleStep::Wait(until),
            Ok(None) => LifecycleStep::Succeed,
            Err(failure) => LifecycleStep::Fail(failure),
        },
    }
}

fn hook_step(deployment: &Deployment, event: Event, now: Timestamp) -> LifecycleStep {
    match hooks::outcome(deployment, event, now) {
        hooks::Answer::Passed => LifecycleStep::Next(after_hook(event)),
        hooks::Answer::Waits(until) => LifecycleStep::Wait(until),
        hooks::Answer::Failed(_) => {
            let message = format!(
                "One or more of the lifecycle event hooks failed: {}.",
                event.word()
            );
            LifecycleStep::Fail(failure("HOOK_EXECUTION_FAILURE", message))
        }
    }
}

fn after(world: &World, deployment: &Deployment, wait: Duration, next: Phase) -> LifecycleStep {
    let until = deployment.entered.plus(wait);
    if world.now >= until {
        LifecycleStep::Next(next)
    } else {
        LifecycleStep::Wait(until)
    }
}

fn minutes(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or_default().saturating_mul(60))
}

fn after_hook(event: Event) -> Phase {
    match event {
        Event::BeforeInstall => Phase::Install,
        Event::AfterInstall => Phase::TestTraffic,
        Event::AfterAllowTestTraffic => Phase::Ready,
        Event::BeforeAllowTraffic => Phase::Traffic { shifts: 0 },
        Event::AfterAllowTraffic
        | Event::Install
        | Event::AllowTestTraffic
        | Event::AllowTraffic => Phase::TerminationWait,
    }
}

/// Leaves the queue: the two sides are found and checked first.
fn queued(world: &mut World, deployment: &Deployment) -> LifecycleStep {
    let until = deployment.entered.plus(QUEUED);
    if world.now < until {
        return LifecycleStep::Wait(until);
    }
    if deployment.creator != Creator::User {
        return LifecycleStep::Next(Phase::Undo);
    }
    match blue_side(world, deployment) {
        Ok(blue) => {
            if let Some(deployment) = world.codedeploy.deployment_mut(&deployment.id) {
                deployment.blue = Some(blue);
                deployment.started = Some(until);
            }
            LifecycleStep::Next(Phase::Hook(Event::BeforeInstall))
        }
        Err(failure) => LifecycleStep::Fail(failure),
    }
}

fn blue_side(world: &mut World, deployment: &Deployment) -> Result<Side, Failure> {
    service_role::look(world, deployment)?;
    let ecs = &deployment.ecs;
    let service = ecs_side::service(world, &ecs.cluster, &ecs.service)
        .filter(|service| service.controller == "CODE_DEPLOY")
        .ok_or_else(|| failure("INVALID_ECS_SERVICE", format!("The ECS service {} in cluster {} does not exist or is not configured for a CODE_DEPLOY deployment controller.", ecs.service, ecs.cluster)))?;
    let primary = service.primary().ok_or_else(|| {
        failure(
            "INVALID_ECS_SERVICE",
            format!("The ECS service {} has no primary task set.", ecs.service),
        )
    })?;
    let elb = |message: String| failure("ELASTIC_LOAD_BALANCING_INVALID", message);
    let pair: Vec<String> = ecs
        .pair
        .iter()
        .filter_map(|name| traffic::group_arn(world, name))
        .collect();
    if pair.len() < 2 {
        return Err(elb(format!(
            "A target group of the pair {} and {} does not exist.",
            ecs.pair.join(" and "),
            ecs.service
        )));
    }
    let listener = &ecs.production_listener;
    let group = primary
        .target_group
        .clone()
        .filter(|group| pair.contains(group));
    let behind = group.filter(|group| traffic::is_behind(world, listener, group));
    let group = behind.ok_or_else(|| {
        elb(format!("The ELB could not be updated due to the following error: Primary taskset target group must be behind listener {listener}"))
    })?;
    if listener.contains("listener/net/") && deployment.routing != Routing::AllAtOnce {
        return Err(elb(
            "A Network Load Balancer supports the AllAtOnce configuration only.".to_owned(),
        ));
    }
    Ok(Side {
        task_set: primary.id.clone(),
        target_group: group,
        last: Counts::of(primary),
    })
}

/// The ARNs of the blue and the green target group.
fn groups(deployment: &Deployment) -> Option<(String, String)> {
    let blue = deployment.blue.as_ref()?.target_group.clone();
    Some((blue, deployment.green.as_ref()?.target_group.clone()))
}

fn install(world: &mut World, deployment: &Deployment) -> LifecycleStep {
    let Some(green) = &deployment.green else {
        return match create_green(world, deployment) {
            Ok(side) => {
                if let Some(deployment) = world.codedeploy.deployment_mut(&deployment.id) {
                    deployment.green = Some(side);
                }
                LifecycleStep::Wait(world.now.plus(POLL))
            }
            Err(failure) => LifecycleStep::Fail(failure),
        };
    };
    let ecs = &deployment.ecs;
    let service = ecs_side::service(world, &ecs.cluster, &ecs.service);
    let Some(set) = service
        .as_ref()
        .and_then(|service| service.task_set(&green.task_set))
    else {
        return LifecycleStep::Fail(failure(
            "ECS_UPDATE_ERROR",
            "The replacement task set was deleted while the deployment waited for it.",
        ));
    };
    let complete = set.steady && set.running == set.desired && set.pending == 0;
    if complete && !traffic::has_unready_targets(world, &green.target_group) {
        return LifecycleStep::Next(Phase::Hook(Event::AfterInstall));
    }
    if world.now >= deployment.entered.plus(INSTALL_LIMIT) {
        return LifecycleStep::Fail(failure(
            "TIMEOUT",
            "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.",
        ));
    }
    LifecycleStep::Wait(world.now.plus(POLL))
}

/// Makes the replacement task set; what an earlier failed deployment left behind goes first.
fn create_green(world: &mut World, deployment: &Deployment) -> Result<Side, Failure> {
    let ecs = &deployment.ecs;
    let refused = |reason: String| {
        failure(
            "ECS_UPDATE_ERROR",
            format!("The ECS service cannot be updated due to the following error: {reason}"),
        )
    };
    let service = ecs_side::service(world, &ecs.cluster, &ecs.service)
        .ok_or_else(|| failure("INVALID_ECS_SERVICE", "The ECS service does not exist."))?;
    let blue = deployment
        .blue
        .as_ref()
        .and_then(|blue| service.task_set(&blue.task_set));
    let blue = blue
        .ok_or_else(|| refused("the original task set is gone".to_owned()))?
        .clone();
    for left in service
        .task_sets
        .iter()
        .filter(|set| set.status == "ACTIVE" && set.id != blue.id)
    {
        service_role::delete_task_set(world, deployment, &left.id)?;
        ecs_side::delete_task_set(world, &ecs.cluster, &ecs.service, &left.id)
            .map_err(|error| refused(error.message))?;
    }
    let mut arns = ecs
        .pair
        .iter()
        .filter_map(|name| traffic::group_arn(world, name));
    let target_group = arns.rfind(|arn| blue.target_group.as_ref() != Some(arn));
    let target_group = target_group
        .ok_or_else(|| refused("the replacement's target group does not exist".to_owned()))?;
    // On the listener with weight 0 the group is in use, so its targets are checked before any traffic comes.
    let live = blue.target_group.clone().unwrap_or_default();
    let sides = (live.as_str(), target_group.as_str());
    traffic::shift(world, deployment, &ecs.production_listener, sides, 0)?;
    service_role::create_task_set(world, deployment)?;
    let place = Place {
        cluster: &ecs.cluster,
        service: &ecs.service,
        target_group: &target_group,
        like: &blue,
        deployment: &deployment.id,
    };
    let task_set = ecs_side::create_task_set(world, &place, &deployment.spec)
        .map_err(|error| refused(error.message))?;
    Ok(Side {
        task_set,
        target_group,
        last: Counts::default(),
    })
}

fn ready(world: &World, deployment: &Deployment) -> LifecycleStep {
    let Some(wait) = deployment.ecs.ready_wait else {
        return LifecycleStep::Next(Phase::Hook(Event::BeforeAllowTraffic));
    };
    if deployment.proceed {
        return LifecycleStep::Next(Phase::Hook(Event::BeforeAllowTraffic));
    }
    let until = deployment.entered.plus(minutes(wait));
    if world.now >= until {
        let message =
            format!("The deployment was not continued within {wait} minutes and was stopped.");
        return LifecycleStep::Stop(failure("TIMEOUT", message));
    }
    LifecycleStep::Wait(until)
}

/// Makes the next shift when it is due; the last one makes the replacement primary.
fn shift(world: &mut World, deployment: &Deployment, shifts: u32) -> LifecycleStep {
    let (percent, offset) = plan(deployment.routing, shifts);
    let due = deployment.entered.plus(offset);
    if world.now < due {
        return LifecycleStep::Wait(due);
    }
    let Some((blue, green)) = groups(deployment) else {
        return LifecycleStep::Fail(failure(
            "INTERNAL_ERROR",
            "The deployment has no replacement task set to give traffic to.",
        ));
    };
    let listener = &deployment.ecs.production_listener;
    let moved = traffic::shift(world, deployment, listener, (&blue, &green), percent);
    if let Err(failure) = moved {
        return LifecycleStep::Fail(failure);
    }
    if let Some(deployment) = world.codedeploy.deployment_mut(&deployment.id) {
        deployment.green_percent = percent;
    }
    if percent < 100 {
        return LifecycleStep::Next(Phase::Traffic { shifts: shifts + 1 });
    }
    if let Err(failure) = service_role::make_primary(world, deployment) {
        return LifecycleStep::Fail(failure);
    }
    let ecs = &deployment.ecs;
    let id = deployment
        .green
        .as_ref()
        .map(|green| green.task_set.as_str())
        .unwrap_or_default();
    match ecs_side::make_primary(world, &ecs.cluster, &ecs.service, id) {
        Ok(()) => LifecycleStep::Next(Phase::Hook(Event::AfterAllowTraffic)),
        Err(error) => LifecycleStep::Fail(failure(
            "ECS_UPDATE_ERROR",
            format!(
                "The ECS service cannot be updated due to the following error: {}",
                error.message
            ),
        )),
    }
}

/// Percent after the shift of that number (from 0), and how long after the beginning it happens.
fn plan(routing: Routing, shift: u32) -> (u32, Duration) {
    match routing {
        Routing::AllAtOnce => (100, Duration::ZERO),
        Routing::Canary { percent, .. } if shift == 0 => (percent, Duration::ZERO),
        Routing::Canary { minutes: wait, .. } => (100, minutes(i64::from(wait))),
        Routing::Linear {
            percent,
            minutes: wait,
        } => {
            let reached = percent.saturating_mul(shift.saturating_add(1)).min(100);
            (reached, minutes(i64::from(wait) * i64::from(shift)))
        }
    }
}

fn cleanup(world: &mut World, deployment: &Deployment) -> LifecycleStep {
    let ecs = &deployment.ecs;
    let Some(blue) = &deployment.blue else {
        return LifecycleStep::Succeed;
    };
    let service = ecs_side::service(world, &ecs.cluster, &ecs.service);
    let status = service
        .as_ref()
        .and_then(|service| service.task_set(&blue.task_set))
        .map(|set| set.status.clone());
    if status.as_deref() != Some("ACTIVE") {
        return LifecycleStep::Succeed;
    }
    if let Err(failure) = service_role::delete_task_set(world, deployment, &blue.task_set) {
        return LifecycleStep::Fail(failure);
    }
    match ecs_side::delete_task_set(world, &ecs.cluster, &ecs.service, &blue.task_set) {
        Ok(()) => LifecycleStep::Wait(world.now.plus(POLL)),
        Err(error) => LifecycleStep::Fail(failure(
            "ECS_UPDATE_ERROR",
            format!(
                "The original task set cannot be deleted due to the following error: {}",
                error.message
            ),
        )),
    }
}

fn succeed(world: &mut World, id: &str) {
    let now = world.now;
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        (deployment.status, deployment.completed, deployment.updated) =
            (Status::Succeeded, Some(now), now);
    }
}

/// Ends a deployment badly, and starts its rollback when its configuration (or the request) says so.
pub(super) fn end(world: &mut World, id: &str, ending: Ending, failure: Failure) {
    let now = world.now;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    let diagnosis = match deployment.phase {
        Phase::Hook(event) => match hooks::outcome(deployment, event, now) {
            hooks::Answer::Failed(message) => {
                Some((deployment.spec.hooks.get(event.word()).cloned(), message))
            }
            hooks::Answer::Passed | hooks::Answer::Waits(_) => None,
        },
        _ => None,
    };
    let (script, message) = diagnosis.unwrap_or_else(|| (None, failure.message.clone()));
    for record in deployment.events.values_mut() {
        match record.status {
            EventStatus::InProgress => {
                let script = script.clone().unwrap_or_default();
                record.status = EventStatus::Failed {
                    script,
                    message: message.clone(),
                };
                record.ended = Some(now);
            }
            EventStatus::Pending => record.status = EventStatus::Skipped,
            EventStatus::Succeeded | EventStatus::Skipped | EventStatus::Failed { .. } => {}
        }
    }
    deployment.status = if ending == Ending::Failed {
        Status::Failed
    } else {
        Status::Stopped
    };
    (deployment.completed, deployment.updated) = (Some(now), now);
    deployment.failure = Some(failure);
    let wanted = match ending {
        Ending::Failed => deployment.auto_rollback.on_failure,
        Ending::Alarm => deployment.auto_rollback.on_alarm,
        Ending::Stopped { roll_back } => roll_back,
    };
    if wanted && deployment.creator == Creator::User {
        rollback::start(world, id);
    }
}
