//! What AWS shows of the sides.

use std::collections::BTreeMap;

use switchyard_rollout as rollout;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{Heading, Side, Sides, TaskSetStatus, TestRoute};

use super::super::compare::{launch_differs, network_differs};
use super::super::hopeless::hopeless;
use super::routes::forward_of;
use crate::gate::SideFacts;
use crate::goal::Goal;
use crate::ports::{
    Result, Service, StoppedTask, TargetState, TaskSet, WeightedTarget, parts_differ, share_of,
};

/// What stays the same during one apply, and is read once.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    drain_seconds: Option<u32>,
    load_balancer: Option<String>,
}

/// The sides, and why no task of the wanted one can ever start, when its tasks have shown that.
pub(crate) struct SeenSides {
    pub(crate) sides: Sides,
    pub(crate) hopeless: Option<rollout::Hopeless>,
}

/// The sides of an active service; `None` when the weights cannot be told.
///
/// Costs one rule, one target health per side that has a group, the test rule if there is one, and, while
/// tasks are missing, the list of stopped tasks.
pub(crate) async fn observe(
    goal: &Goal<'_>,
    service: &Service,
    cache: &mut Cache,
) -> Result<Option<SeenSides>> {
    let balancer = goal.wanted.revision.load_balancer.as_ref();
    let forward = match balancer.and_then(|balancer| balancer.production_rule.as_ref()) {
        None => Vec::new(),
        Some(rule) => match forward_of(goal.ports, rule).await? {
            Some(forward) => forward,
            None => return Ok(None),
        },
    };
    let (mut failed, mut no_hope) = (None, None);
    let mut all = Vec::new();
    for set in &service.task_sets {
        let mut side = side_of(goal, service, set, &forward).await;
        if side.running < side.desired {
            let by_set = match &failed {
                Some(by_set) => by_set,
                None => failed.insert(failed_tasks(goal).await),
            };
            let its = by_set.get(&set.id).map(Vec::as_slice).unwrap_or_default();
            side.failed_tasks = u32::try_from(its.len()).unwrap_or(u32::MAX);
            if side.heading == Heading::Wanted {
                no_hope = hopeless(its, side.desired).or(no_hope);
            }
        }
        all.push(side);
    }
    let sides = Sides {
        headless: balancer.is_none_or(|it| it.production_rule.is_none()),
        drain_seconds: drain_seconds(goal, cache).await?,
        test: test_route(goal, service).await?,
        all,
    };
    Ok(Some(SeenSides {
        sides,
        hopeless: no_hope,
    }))
}

async fn side_of(
    goal: &Goal<'_>,
    service: &Service,
    set: &TaskSet,
    forward: &[WeightedTarget],
) -> Side {
    let group = group_of(set);
    let healthy = match group {
        Some(group) => healthy_targets(goal, group).await,
        None => None,
    };
    let share = match group {
        Some(group) => share_of(forward, group),
        None if set.status == TaskSetStatus::Primary => Share::WHOLE,
        None => Share::NONE,
    };
    let desired = desired_of(service, set);
    let running = match is_counted(set) {
        true => set.running,
        // Healthy targets are tasks that run.
        false => healthy.unwrap_or_default(),
    };
    Side {
        id: set.id.clone(),
        heading: if is_wanted(goal, set) {
            Heading::Wanted
        } else {
            Heading::Elsewhere
        },
        status: set.status.clone(),
        desired,
        running,
        steady: set.is_stable()
            && running >= desired
            && set.scale_percent >= whole_scale(service) - 0.05,
        healthy,
        share,
        failed_tasks: 0,
    }
}

/// The scale of a side that carries production: that of the primary set, which somebody may have chosen.
pub(super) fn whole_scale(service: &Service) -> f64 {
    let chosen = service.primary().map(|set| set.scale_percent);
    chosen.filter(|scale| *scale > 0.0).unwrap_or(100.0)
}

/// Tasks a task set is to have. AWS computes that from what the service is to have, rounded up; before it has, and where
/// an endpoint never does, the task set says none, which is no reason to wait for nothing.
fn desired_of(service: &Service, set: &TaskSet) -> u32 {
    let share = (f64::from(service.desired) * set.scale_percent / 100.0).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what the service is to have"
    )]
    let share = share.clamp(0.0, f64::from(service.desired)) as u32;
    match set.status {
        // On its way out it is to have none, whatever its scale.
        TaskSetStatus::Draining => set.computed_desired,
        TaskSetStatus::Active | TaskSetStatus::Primary | TaskSetStatus::Unknown(_) => {
            set.computed_desired.max(share)
        }
    }
}

/// Whether a task set says anything about its tasks.
fn is_counted(set: &TaskSet) -> bool {
    set.computed_desired > 0 || set.running > 0 || set.pending > 0
}

/// Healthy targets of a group; `None` when that could not be read.
async fn healthy_targets(goal: &Goal<'_>, group: &str) -> Option<u32> {
    let targets = goal.ports.routing.target_health(group).await.ok()?;
    let healthy = targets
        .iter()
        .filter(|target| target.state == TargetState::Healthy);
    u32::try_from(healthy.count()).ok()
}

/// The one target group of a task set.
pub(super) fn group_of(set: &TaskSet) -> Option<&str> {
    let balancer = set.load_balancers.first()?;
    Some(balancer.target_group.as_str())
}

/// Whether a task set is exactly what is wanted, whichever group of the pair it is in.
fn is_wanted(goal: &Goal<'_>, set: &TaskSet) -> bool {
    let wanted = &goal.wanted.revision;
    let balancer = match (&wanted.load_balancer, set.load_balancers.first()) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some(wanted), Some(found)) => {
            wanted.container == found.container
                && wanted.port == found.port
                && wanted.target_groups.contains(&found.target_group)
        }
    };
    // Task sets show the version that `LATEST` stood for when they were made.
    let platform = match wanted.platform_version.as_deref() {
        None | Some("LATEST") => true,
        Some(version) => set.platform_version.as_deref() == Some(version),
    };
    set.task_definition == goal.task_definition
        && !parts_differ(&wanted.parts, &set.parts)
        && balancer
        && platform
        && !launch_differs(wanted.launch.as_ref(), set.launch.as_ref())
        && !network_differs(wanted.network.as_ref(), set.network.as_ref())
}

/// Tasks that ended badly since the apply began, by the task set that started them. Only detail is lost when
/// this cannot be read.
async fn failed_tasks(goal: &Goal<'_>) -> BTreeMap<String, Vec<StoppedTask>> {
    let stopped = goal
        .ports
        .services
        .stopped_tasks(&goal.wanted.service)
        .await;
    let mut by_set: BTreeMap<String, Vec<StoppedTask>> = BTreeMap::new();
    for task in stopped.unwrap_or_default() {
        let is_recent = task.stopped_at.is_none_or(|at| at >= goal.started_at);
        if let (Some(set), true) = (task.started_by.clone(), is_recent && task.has_failed()) {
            by_set.entry(set).or_default().push(task);
        }
    }
    by_set
}

async fn drain_seconds(goal: &Goal<'_>, cache: &mut Cache) -> Result<u32> {
    if let Some(seconds) = cache.drain_seconds {
        return Ok(seconds);
    }
    let mut longest = 0;
    for group in goal
        .wanted
        .revision
        .load_balancer
        .iter()
        .flat_map(|it| &it.target_groups)
    {
        longest = longest.max(goal.ports.routing.deregistration_delay(group).await?);
    }
    cache.drain_seconds = Some(longest);
    Ok(longest)
}

/// Which side the test rule points at.
async fn test_route(goal: &Goal<'_>, service: &Service) -> Result<TestRoute> {
    let balancer = goal.wanted.revision.load_balancer.as_ref();
    let Some(route) = balancer.and_then(|balancer| balancer.test_rule.as_ref()) else {
        return Ok(TestRoute::Absent);
    };
    let forward = forward_of(goal.ports, route).await?.unwrap_or_default();
    let mut sets = service.task_sets.iter();
    let found = sets.find(|set| {
        !set.is_leaving() && group_of(set).is_some_and(|group| share_of(&forward, group).is_whole())
    });
    Ok(match found {
        Some(set) => TestRoute::Side(set.id.clone()),
        None => TestRoute::Elsewhere,
    })
}

/// What gates need to know about the side `new`.
pub(crate) async fn facts(
    goal: &Goal<'_>,
    service: &Service,
    new: Option<&str>,
    cache: &mut Cache,
) -> SideFacts {
    let group = |is_new: bool| {
        let mut sets = service.task_sets.iter();
        sets.find(|set| !set.is_leaving() && (Some(set.id.as_str()) == new) == is_new)
            .and_then(group_of)
            .map(str::to_owned)
    };
    let new_target_group = group(true);
    if let (None, Some(arn)) = (&cache.load_balancer, &new_target_group) {
        let arns = [arn.clone()];
        let found = goal.ports.routing.find_target_groups(&arns).await;
        cache.load_balancer = found
            .ok()
            .and_then(|groups| groups.into_iter().next())
            .and_then(|group| group.load_balancers.into_iter().next());
    }
    let balancer = goal.wanted.revision.load_balancer.as_ref();
    SideFacts {
        new_target_group,
        old_target_group: group(false),
        load_balancer: cache.load_balancer.clone(),
        test_route: balancer.and_then(|balancer| balancer.test_rule.clone()),
        ..SideFacts::default()
    }
}
