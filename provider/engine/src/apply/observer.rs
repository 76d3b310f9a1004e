//! Turns what the ports show into the rollout's own nouns.

mod code_deploy;
mod native;

use std::collections::{BTreeMap, BTreeSet};

use switchyard_rollout as rollout;
use switchyard_rollout::{Active, Adjusting, Differences, Mark, Next, Observed, Phase, Seen};

use super::compare::{revision_difference, settings_change};
use super::health;
use super::hopeless::hopeless;
use super::sides;
use super::switching;
use crate::app_spec::short_name;
use crate::desired::{DesiredController, DesiredTaskDefinition, Intent};
use crate::gate::{PairFacts, SideFacts};
use crate::goal::Goal;
use crate::live::LiveRevision;
use crate::lost_traffic::find_stray;
use crate::notes;
use crate::observe::{configured, live_of};
use crate::ports::{
    Error, ErrorKind, Result, Service, ServiceRevision, ServiceStatus, StoppedTask, TaskSetLabel,
};
use crate::sighting::{Groups, Sighting};
use crate::watch_note::WatchNote;
use crate::{CREATING_TAG, SCALING_TAG};

/// Observes for one apply, and remembers what it saw for the account at the end.
#[derive(Debug)]
pub(crate) struct Observer<'a> {
    goal: &'a Goal<'a>,
    /// Revisions are immutable: each is read once.
    revisions: BTreeMap<String, ServiceRevision>,
    /// How often in a row a service that was there was not shown.
    misses: u32,
    sides: sides::Cache,
    /// ARN of the load balancer in front of the service, once it was looked up.
    load_balancer: Option<String>,
    /// Load balancers of the pairs besides, by target group.
    balancers: BTreeMap<String, String>,
    pub(crate) seen: Sighting,
}

/// Answers in a row without a service that was there before it counts as gone: right after its creation
/// some of AWS's answers do not know it yet. A deleted service shows as `DRAINING` and `INACTIVE` first.
const MISSES: u32 = 3;

impl<'a> Observer<'a> {
    pub(crate) fn new(goal: &'a Goal<'a>) -> Self {
        Self {
            goal,
            revisions: BTreeMap::new(),
            misses: 0,
            sides: sides::Cache::default(),
            load_balancer: None,
            balancers: BTreeMap::new(),
            seen: Sighting::default(),
        }
    }

    /// One snapshot, with as few calls as the phase needs.
    pub(crate) async fn observe(
        &mut self,
        phase: &Phase,
        cancelled: bool,
        answer: rollout::Answer,
    ) -> Result<Observed> {
        let service = self
            .goal
            .ports
            .services
            .find_service(&self.goal.wanted.service)
            .await?;
        let mut observed = Observed {
            now: self.goal.ports.clock.now(),
            cancelled,
            service: Seen::Absent,
            followed: None,
            newest: None,
            answer,
            gate: None,
            sides: None,
        };
        self.doubt(service.as_ref())?;
        self.seen.service.clone_from(&service);
        let Some(service) = service else {
            return Ok(observed);
        };
        observed.service = match &service.status {
            ServiceStatus::Inactive => Seen::Absent,
            ServiceStatus::Draining => Seen::Draining,
            ServiceStatus::Unknown(word) => Seen::Unknown(word.clone()),
            ServiceStatus::Active => Seen::Active(self.active(phase, &service).await?),
        };
        let Seen::Active(active) = &mut observed.service else {
            return Ok(observed);
        };
        match active.controller {
            rollout::ControllerSeen::Wanted => {}
            // What runs under the present controller has to end first.
            rollout::ControllerSeen::Switchable(rollout::Engine::CodeDeploy) => {
                (observed.followed, observed.newest) =
                    self.left_to_code_deploy(phase, &service).await?;
                active.routes_prepared = switching::routes_prepared(self.goal, &service).await?;
                return Ok(observed);
            }
            rollout::ControllerSeen::Switchable(rollout::Engine::Ecs) => {
                let phase = match phase {
                    Phase::AwaitTakenBack(_) => phase,
                    _ => &Phase::AwaitTurn,
                };
                (observed.followed, observed.newest) = self.service_deployments(phase).await?;
                return Ok(observed);
            }
            // The deployments of a service under another controller are none of our business.
            rollout::ControllerSeen::Switchable(rollout::Engine::External)
            | rollout::ControllerSeen::Other => return Ok(observed),
        }
        match &self.goal.wanted.controller {
            DesiredController::External => {
                if let Some(found) = sides::observe(self.goal, &service, &mut self.sides).await? {
                    active.hopeless = found.hopeless;
                    self.seen.hopeless = found.hopeless.or(self.seen.hopeless);
                    observed.sides = Some(found.sides);
                }
                self.seen.sides.clone_from(&observed.sides);
            }
            DesiredController::Ecs => {
                (observed.followed, observed.newest) = self.service_deployments(phase).await?;
            }
            DesiredController::CodeDeploy {
                application, group, ..
            } => {
                (observed.followed, observed.newest) = self
                    .code_deploy_deployments(phase, application, group)
                    .await?;
            }
        }
        let is_running = |found: &rollout::Deployment| found.status.is_running();
        let may_return = matches!(phase, Phase::AwaitTurn | Phase::AwaitSwitched { .. });
        if may_return && !observed.newest.as_ref().is_some_and(is_running) {
            active.traffic_lost = self.is_traffic_lost(&service).await?;
        }
        if let Some(counts) = self.struggle(phase, &service) {
            let (failed, hopeless) = self.failed_tasks(&service).await;
            if counts {
                active.failed_tasks = failed;
            }
            active.hopeless = hopeless;
            self.seen.hopeless = hopeless.or(self.seen.hopeless);
        }
        Ok(observed)
    }

    /// What gates need to know about both sides in this phase.
    pub(crate) async fn facts(&mut self, phase: &Phase) -> SideFacts {
        let deployment = match phase {
            Phase::AwaitVerdict(asking) => asking.deployment.as_deref(),
            Phase::AwaitGo(_) => return self.running().await,
            Phase::Sides(phase) => phase.side(),
            Phase::AwaitAdjusted(_)
            | Phase::AwaitCreated(_)
            | Phase::AwaitDeployment(_)
            | Phase::AwaitOutcome(_)
            | Phase::AwaitRollback(_)
            | Phase::AwaitScalingResumed(_)
            | Phase::AwaitScalingSuspended(_)
            | Phase::AwaitSteady
            | Phase::AwaitSwitched(_)
            | Phase::AwaitTakenBack(_)
            | Phase::AwaitTurn
            | Phase::Settled(_) => phase.followed(),
        };
        SideFacts {
            task_definition: Some(self.goal.task_definition.clone()),
            deployment: deployment.map(str::to_owned),
            ..self.sides_of(phase).await
        }
    }

    /// What gates need to know about the revision that runs, while nothing of a rollout has begun.
    async fn running(&mut self) -> SideFacts {
        let live = self.seen.live.clone().unwrap_or_default();
        let groups = Groups {
            new: live.live_target_group,
            old: None,
        };
        let balancer = self.goal.wanted.revision.load_balancer.as_ref();
        let facts = health::facts(self.goal.ports, &groups, balancer, &mut self.load_balancer);
        SideFacts {
            task_definition: live.task_definition,
            test_route: None,
            ..facts.await
        }
    }

    async fn sides_of(&mut self, phase: &Phase) -> SideFacts {
        let goal = self.goal;
        let balancer = goal.wanted.revision.load_balancer.as_ref();
        let Some(service) = self.seen.service.clone() else {
            return SideFacts::default();
        };
        match &goal.wanted.controller {
            DesiredController::External => {
                let new = match phase {
                    Phase::Sides(phase) => phase.side(),
                    Phase::AwaitAdjusted { .. }
                    | Phase::AwaitCreated { .. }
                    | Phase::AwaitDeployment { .. }
                    | Phase::AwaitGo { .. }
                    | Phase::AwaitOutcome { .. }
                    | Phase::AwaitRollback { .. }
                    | Phase::AwaitScalingResumed { .. }
                    | Phase::AwaitScalingSuspended { .. }
                    | Phase::AwaitSteady
                    | Phase::AwaitSwitched { .. }
                    | Phase::AwaitTakenBack { .. }
                    | Phase::AwaitTurn
                    | Phase::AwaitVerdict { .. }
                    | Phase::Settled(_) => None,
                };
                let primary = service.primary();
                let new = new.or(primary.map(|set| set.id.as_str()));
                sides::facts(goal, &service, new, &mut self.sides).await
            }
            DesiredController::CodeDeploy { .. } | DesiredController::Ecs => {
                let mut groups = self.seen.groups.clone();
                // While a rollout runs between two groups, the configured one may be the old side's.
                let has_pair = balancer.is_some_and(|balancer| balancer.target_groups.len() > 1);
                let is_clear = !has_pair || matches!(phase, Phase::AwaitVerdict { .. });
                if groups.new.is_none() && is_clear {
                    groups.new = configured(&service).live_target_group;
                }
                let mut facts =
                    health::facts(goal.ports, &groups, balancer, &mut self.load_balancer).await;
                // Under CodeDeploy the group names the test listener, and the service names none.
                if let Some(group) = &self.seen.group {
                    facts.test_route = group.test_listeners.first().cloned();
                }
                facts.pairs = self.pairs().await;
                facts
            }
        }
    }

    /// What gates need to know of the pairs that they name.
    async fn pairs(&mut self) -> Vec<PairFacts> {
        let deployment = self.seen.deployment.as_ref();
        let target = deployment.and_then(|found| found.target.as_ref());
        let source = deployment.and_then(|found| found.sources.first());
        let revisions = (
            target.and_then(|it| self.revisions.get(&it.arn)),
            source.and_then(|it| self.revisions.get(&it.arn)),
        );
        let nothing = BTreeSet::new();
        let live = self.seen.live.as_ref();
        let live = live.map_or(&nothing, |live| &live.live_target_groups);
        health::pairs(self.goal, revisions, live, &mut self.balancers).await
    }

    /// A service that was active and is not shown all of a sudden is asked for again.
    fn doubt(&mut self, found: Option<&Service>) -> Result<()> {
        let was_active = self
            .seen
            .service
            .as_ref()
            .is_some_and(|seen| seen.status == ServiceStatus::Active);
        if found.is_some() || !was_active {
            self.misses = 0;
            return Ok(());
        }
        self.misses += 1;
        if self.misses >= MISSES {
            return Ok(());
        }
        Err(Error {
            operation: "ecs:DescribeServices",
            target: self.goal.wanted.service.name.clone(),
            kind: ErrorKind::Unavailable,
            code: "MISSING".to_owned(),
            message: "AWS no longer shows the service, which it showed a moment ago".to_owned(),
            request_id: None,
        })
    }

    /// Whether tasks of the new revision are missing, so that it is worth two calls to look at those that
    /// stopped; and if so, whether their number counts. A circuit breaker that is on counts by itself, with
    /// the user's threshold.
    fn struggle(&self, phase: &Phase, service: &Service) -> Option<bool> {
        match phase {
            Phase::AwaitSteady => (service.running < service.desired).then_some(true),
            Phase::AwaitOutcome { .. } => match &self.goal.wanted.controller {
                DesiredController::Ecs => {
                    let configuration = &self.goal.wanted.settings.deployment_configuration;
                    let breaker = configuration
                        .circuit_breaker
                        .as_ref()
                        .is_some_and(|it| it.enable);
                    let found = self.seen.deployment.as_ref()?;
                    let is_first = found.sources.is_empty() && service.running < service.desired;
                    let target = found.target.as_ref();
                    let missing = target.is_some_and(|it| it.running < it.requested);
                    (is_first || missing).then_some(is_first || !breaker)
                }
                DesiredController::External => None,
                DesiredController::CodeDeploy { .. } => {
                    let target = self.seen.target.as_ref()?;
                    let green = health::side(target, &TaskSetLabel::Green)?;
                    (green.running < green.desired).then_some(true)
                }
            },
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitGo { .. }
            | Phase::AwaitRollback { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTakenBack { .. }
            | Phase::AwaitTurn
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_)
            | Phase::Sides(_) => None,
        }
    }

    async fn active(&mut self, phase: &Phase, service: &Service) -> Result<Active> {
        let goal = self.goal;
        let is_update = goal.wanted.intent == Intent::Update;
        let mark = match service.tags.contains_key(CREATING_TAG) {
            false => Mark::Absent,
            // A creation that has ended means something only to who asks for it once more.
            true if is_update && !notes::is_creating(&service.tags) => Mark::Absent,
            true if notes::is_created_from(&service.tags, &goal.fingerprint, goal.started_at) => {
                Mark::Ours
            }
            true => Mark::Other,
        };
        let mut differs = Differences {
            revision: false,
            settings: settings_change(goal.wanted, service, goal.started_at).is_some()
                || !goal.wanted.settings.tags.change(&service.tags).is_empty(),
        };
        if is_open(phase) || self.seen.before.is_none() {
            let live = live_of(goal.ports, service.clone(), goal.wanted.production_route())
                .await?
                .revision;
            let platform = service.platform_version.as_deref();
            let is_followed = matches!(
                goal.wanted.revision.task_definition,
                DesiredTaskDefinition::Live { .. }
            );
            let unlike = |found: &LiveRevision| {
                let mut difference =
                    revision_difference(goal.wanted, &goal.task_definition, found, platform);
                // Whatever somebody else has deployed is right.
                difference.task_definition &= !is_followed;
                difference.any()
            };
            differs.revision = unlike(&live) || unlike(&configured(service));
            self.seen.before.get_or_insert_with(|| live.clone());
            self.seen.live = Some(live);
        }
        Ok(Active {
            mark,
            controller: switching::controller_seen(&goal.wanted.controller, &service.controller),
            routes_prepared: false,
            traffic_lost: false,
            awaits_verdict: self.awaits_verdict(service),
            differs,
            steady: service.is_steady(),
            desired: service.desired,
            failed_tasks: 0,
            hopeless: None,
            scaling: if service.tags.contains_key(SCALING_TAG) {
                rollout::ScalingSeen::Suspended
            } else {
                rollout::ScalingSeen::Free
            },
        })
    }

    /// Whether the gates after the rollout to what is live are open, because an earlier apply was killed.
    fn awaits_verdict(&self, service: &Service) -> bool {
        let live = self.seen.live.as_ref();
        let live = live.and_then(|live| live.task_definition.as_deref());
        let to = short_name(&self.goal.task_definition);
        live.map(short_name) == Some(to)
            && WatchNote::of(&service.tags).is_some_and(|note| note.to == to)
    }

    /// Whether production goes to a side without targets. Who may not read the rule rolls out all the same.
    async fn is_traffic_lost(&mut self, service: &Service) -> Result<bool> {
        self.seen.lost = None;
        let balancer = self.goal.wanted.revision.load_balancer.as_ref();
        let (Some(live), Some(balancer)) = (&self.seen.live, balancer) else {
            return Ok(false);
        };
        let none_wanted = service.desired == 0;
        if service.running == 0 && !none_wanted {
            return Ok(false);
        }
        let group = self.seen.group.as_ref();
        let listener = group.and_then(|group| group.production_listeners.first());
        let written = balancer.production_rule.as_ref().or(listener);
        let written = written.map(String::as_str);
        let groups = &balancer.target_groups;
        let found = match find_stray(self.goal.ports, live, written, groups).await {
            Err(error) if error.kind.is_transient() => return Err(error),
            Err(_) => return Ok(false),
            Ok(found) => found,
        };
        self.seen.lost = found.filter(|stray| stray.may_return(none_wanted));
        Ok(self.seen.lost.is_some())
    }

    /// Tasks of the wanted revision that ended badly since the rollout began, and what they say about those
    /// to come. Costs two calls, and only detail is lost when they fail.
    async fn failed_tasks(&self, service: &Service) -> (u32, Option<rollout::Hopeless>) {
        let native = self.seen.deployment.as_ref();
        let since = native
            .and_then(|found| found.created_at)
            .or(self
                .seen
                .code_deploy
                .as_ref()
                .and_then(|found| found.created_at))
            .or(service.created_at);
        let stopped = self
            .goal
            .ports
            .services
            .stopped_tasks(&self.goal.wanted.service)
            .await
            .unwrap_or_default();
        let failed: Vec<&StoppedTask> = stopped
            .iter()
            .filter(|task| task.has_failed() && task.stopped_at >= since)
            .filter(|task| task.task_definition == self.goal.task_definition)
            .collect();
        let counted = native.map_or(0, |found| found.failed_tasks);
        let number = u32::try_from(failed.len()).unwrap_or(u32::MAX);
        (number.max(counted), hopeless(failed, service.desired))
    }
}

/// Whether it may be decided in this phase that a rollout has to begin, so that what is live is compared.
fn is_open(phase: &Phase) -> bool {
    match phase {
        Phase::AwaitAdjusted(Adjusting {
            next: Next::Rollout,
            ..
        })
        | Phase::AwaitCreated { .. }
        | Phase::AwaitGo { .. }
        | Phase::AwaitScalingSuspended { .. }
        | Phase::AwaitSwitched { .. }
        | Phase::AwaitTurn => true,
        Phase::AwaitAdjusted(Adjusting {
            next: Next::End(_) | Next::Over { .. },
            ..
        })
        | Phase::AwaitDeployment { .. }
        | Phase::AwaitOutcome { .. }
        | Phase::AwaitRollback { .. }
        | Phase::AwaitScalingResumed { .. }
        | Phase::AwaitSteady
        | Phase::AwaitTakenBack { .. }
        | Phase::AwaitVerdict { .. }
        | Phase::Settled(_)
        | Phase::Sides(_) => false,
    }
}
