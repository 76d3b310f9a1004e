//! Turns what the ports show into the rollout's own nouns.

use std::collections::BTreeMap;

use switchyard_rollout as rollout;
use switchyard_rollout::{Active, Deployment, Differences, Heading, Mark, Observed, Phase, Seen};

use super::app_spec;
use super::compare::{is_wanted, revision_difference, settings_change, tag_change};
use super::goal::Goal;
use super::health::{self, Groups, Health};
use super::hopeless::hopeless;
use super::sides;
use super::switching;
use super::translate::{code_deploy_status, ecs_status, is_failed, is_steady};
use crate::gate::SideFacts;
use crate::live::LiveRevision;
use crate::observe::{configured, live_of};
use crate::ports::{
    CodeDeployDeployment, CodeDeployStatus, CodeDeployTarget, DeploymentGroup, Error, ErrorKind,
    HookState, Result, Service, ServiceDeployment, ServiceDeploymentStatus, ServiceRevision,
    ServiceStatus, StoppedTask, TaskSetLabel,
};
use crate::wanted::{WantedController, WantedTaskDefinition};
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
    pub(crate) seen: Sighting,
}

/// Answers in a row without a service that was there before it counts as gone: right after its creation
/// some of AWS's answers do not know it yet. A deleted service shows as `DRAINING` and `INACTIVE` first.
const MISSES: u32 = 3;

/// The latest raw views.
#[derive(Debug, Default)]
pub(crate) struct Sighting {
    pub(crate) service: Option<Service>,
    /// The live revision when the apply first saw the service.
    pub(crate) before: Option<LiveRevision>,
    /// The live revision when the service was last compared.
    pub(crate) live: Option<LiveRevision>,
    pub(crate) deployment: Option<ServiceDeployment>,
    pub(crate) code_deploy: Option<CodeDeployDeployment>,
    pub(crate) target: Option<CodeDeployTarget>,
    pub(crate) group: Option<DeploymentGroup>,
    /// Target groups of the rollout that was followed last.
    pub(crate) groups: Groups,
    /// Why no task could start, when that was seen.
    pub(crate) hopeless: Option<rollout::Hopeless>,
    /// Which gates failed and why, in sentences.
    pub(crate) gates: Vec<String>,
    /// How long going back took, once it has ended.
    pub(crate) recovery: Option<std::time::Duration>,
    /// The images are to blame, or may be: they are not deployed again unasked.
    pub(crate) quarantined: bool,
    /// The sides of a service whose traffic we move.
    pub(crate) sides: Option<rollout::Sides>,
}

impl<'a> Observer<'a> {
    pub(crate) fn new(goal: &'a Goal<'a>) -> Self {
        Self {
            goal,
            revisions: BTreeMap::new(),
            misses: 0,
            sides: sides::Cache::default(),
            load_balancer: None,
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
                observed.newest = switching::code_deploy_running(&service);
                active.routes_prepared = switching::routes_prepared(self.goal, &service).await?;
                return Ok(observed);
            }
            rollout::ControllerSeen::Switchable(rollout::Engine::Ecs) => {
                (_, observed.newest) = self.service_deployments(&Phase::AwaitTurn).await?;
                return Ok(observed);
            }
            // The deployments of a service under another controller are none of our business.
            rollout::ControllerSeen::Switchable(rollout::Engine::External)
            | rollout::ControllerSeen::Other => return Ok(observed),
        }
        match &self.goal.wanted.controller {
            WantedController::External => {
                observed.sides = sides::observe(self.goal, &service, &mut self.sides).await?;
                self.seen.sides.clone_from(&observed.sides);
            }
            WantedController::Ecs => {
                (observed.followed, observed.newest) = self.service_deployments(phase).await?;
            }
            WantedController::CodeDeploy {
                application, group, ..
            } => {
                (observed.followed, observed.newest) = self
                    .code_deploy_deployments(phase, application, group)
                    .await?;
            }
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
        let goal = self.goal;
        let balancer = goal.wanted.revision.load_balancer.as_ref();
        let Some(service) = self.seen.service.clone() else {
            return SideFacts::default();
        };
        match &goal.wanted.controller {
            WantedController::External => {
                let new = match phase {
                    Phase::Sides(phase) => phase.side(),
                    Phase::AwaitAdjusted { .. }
                    | Phase::AwaitCreated { .. }
                    | Phase::AwaitDeployment { .. }
                    | Phase::AwaitOutcome { .. }
                    | Phase::AwaitRollback { .. }
                    | Phase::AwaitScalingResumed { .. }
                    | Phase::AwaitScalingSuspended { .. }
                    | Phase::AwaitSteady
                    | Phase::AwaitSwitched { .. }
                    | Phase::AwaitTurn
                    | Phase::AwaitVerdict { .. }
                    | Phase::Settled(_) => None,
                };
                let mut sets = service.task_sets.iter();
                let primary = sets.find(|set| set.status == "PRIMARY");
                let new = new.or(primary.map(|set| set.id.as_str()));
                sides::facts(goal, &service, new, &mut self.sides).await
            }
            WantedController::CodeDeploy { .. } | WantedController::Ecs => {
                let mut groups = self.seen.groups.clone();
                if groups.new.is_none() {
                    groups.new = configured(&service).live_target_group;
                }
                health::facts(goal.ports, &groups, balancer, &mut self.load_balancer).await
            }
        }
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
            message: "AWS does not show the service, which it showed a moment ago".to_owned(),
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
                WantedController::Ecs => {
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
                WantedController::External => None,
                WantedController::CodeDeploy { .. } => {
                    let target = self.seen.target.as_ref()?;
                    let green = health::side(target, &TaskSetLabel::Green)?;
                    (green.running < green.desired).then_some(true)
                }
            },
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitRollback { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTurn
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_)
            | Phase::Sides(_) => None,
        }
    }

    async fn active(&mut self, phase: &Phase, service: &Service) -> Result<Active> {
        let goal = self.goal;
        let mark = match service.tags.get(CREATING_TAG) {
            None => Mark::Absent,
            Some(value) if *value == goal.fingerprint => Mark::Ours,
            Some(_) => Mark::Other,
        };
        let mut differs = Differences {
            revision: false,
            settings: settings_change(goal.wanted, service).is_some()
                || tag_change(&goal.wanted.settings, service).is_some(),
        };
        if is_open(phase) || self.seen.before.is_none() {
            let live = live_of(goal.ports, service.clone()).await?.revision;
            let platform = service.platform_version.as_deref();
            let is_followed = matches!(
                goal.wanted.revision.task_definition,
                WantedTaskDefinition::Live { .. }
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
            differs,
            steady: is_steady(service),
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

    async fn service_deployments(
        &mut self,
        phase: &Phase,
    ) -> Result<(Option<Deployment>, Option<Deployment>)> {
        if matches!(
            phase,
            Phase::AwaitAdjusted { .. }
                | Phase::AwaitScalingResumed { .. }
                | Phase::AwaitSteady
                | Phase::AwaitVerdict { .. }
                | Phase::Settled(_)
        ) {
            return Ok((None, None));
        }
        let services = &self.goal.ports.services;
        let mut followed = None;
        if let Some(id) = phase.followed() {
            followed = services.find_deployment(id).await?;
            if let Some(found) = &followed {
                self.seen.deployment = Some(found.clone());
                let is_stopped = found.status == ServiceDeploymentStatus::Stopped;
                if !is_stopped {
                    let found = found.clone();
                    let health = self.native_health(&found).await;
                    return Ok((Some(self.service_deployment(found, health).await?), None));
                }
            }
        }
        let newest = services
            .list_deployments(&self.goal.wanted.service, 1)
            .await?
            .into_iter()
            .next();
        Ok((
            match followed {
                Some(found) => Some(self.service_deployment(found, Health::default()).await?),
                None => None,
            },
            match newest {
                Some(found) => Some(self.service_deployment(found, Health::default()).await?),
                None => None,
            },
        ))
    }

    async fn service_deployment(
        &mut self,
        found: ServiceDeployment,
        health: Health,
    ) -> Result<Deployment> {
        let heading = match &found.target {
            Some(target) => self.heading(&target.arn).await?,
            None => Heading::Unknown,
        };
        // A pending deployment may not show yet where it comes from. Only a service that is being
        // created has nothing to go back to.
        let is_new = self
            .seen
            .service
            .as_ref()
            .is_some_and(|service| service.tags.contains_key(CREATING_TAG));
        let is_young = found.status == ServiceDeploymentStatus::Pending && !is_new;
        let target = found.target.as_ref();
        Ok(Deployment {
            held: held(&found),
            tasks: target.map(|target| rollout::Tasks {
                running: target.running,
                desired: target.requested,
            }),
            healthy_new: health.new,
            healthy_old: health.old,
            id: found.arn,
            status: rollout::Status::Ecs(ecs_status(found.status)),
            heading,
            can_roll_back: !found.sources.is_empty() || is_young,
            stage: found.stage,
            weight: found.target.and_then(|target| target.production_weight),
            breaker_triggered: found.breaker_triggered,
            rollback: None,
            rollback_expected: false,
            finished_at: found.finished_at,
        })
    }

    /// Health of both sides while traffic moves between them. Only detail is lost when it cannot be read.
    async fn native_health(&mut self, found: &ServiceDeployment) -> Health {
        let goal = self.goal;
        let Some(balancer) = &goal.wanted.revision.load_balancer else {
            return Health::default();
        };
        if balancer.target_groups.len() < 2 {
            return Health::default();
        }
        let target = found.target.as_ref().map(|target| target.arn.clone());
        let source = found.sources.first().map(|source| source.arn.clone());
        for arn in target.iter().chain(&source) {
            // A young revision does not say yet where its tasks are registered.
            let is_open = self
                .revisions
                .get(arn)
                .is_none_or(|revision| revision.resolved_target_groups.is_empty());
            if !is_open {
                continue;
            }
            let read = goal
                .ports
                .services
                .find_revisions(std::slice::from_ref(arn))
                .await;
            for revision in read.unwrap_or_default() {
                self.revisions.insert(revision.arn.clone(), revision);
            }
        }
        let known = |arn: &Option<String>| self.revisions.get(arn.as_deref()?);
        let (target, source) = (known(&target), known(&source));
        self.seen.groups = Groups::of_revisions(target, source, &balancer.target_groups);
        if health::counts(found) {
            self.seen.groups.health(goal.ports).await
        } else {
            Health::default()
        }
    }

    async fn heading(&mut self, revision: &str) -> Result<Heading> {
        if !self.revisions.contains_key(revision) {
            let found = self
                .goal
                .ports
                .services
                .find_revisions(&[revision.to_owned()])
                .await?;
            self.revisions
                .extend(found.into_iter().map(|found| (found.arn.clone(), found)));
        }
        let wanted = &self.goal.wanted.revision;
        Ok(match self.revisions.get(revision) {
            // A young revision may not be readable yet.
            None => Heading::Unknown,
            Some(found) if is_wanted(found, wanted, &self.goal.task_definition) => Heading::Wanted,
            Some(_) => Heading::Elsewhere,
        })
    }

    async fn code_deploy_deployments(
        &mut self,
        phase: &Phase,
        application: &str,
        group: &str,
    ) -> Result<(Option<Deployment>, Option<Deployment>)> {
        let code_deploy = &self.goal.ports.code_deploy;
        if let Some(id) = phase.followed() {
            let Some(found) = code_deploy.find_deployment(id).await? else {
                return Ok((None, None));
            };
            let service = &self.goal.wanted.service;
            // The target only adds detail: without it the deployment is followed just the same.
            let target = code_deploy
                .find_target(id, service.cluster_name(), &service.name)
                .await
                .ok()
                .flatten();
            if self.seen.group.is_none() {
                self.seen.group = code_deploy
                    .find_group(application, group)
                    .await
                    .ok()
                    .flatten();
            }
            let health = self.code_deploy_health(&found, target.as_ref()).await;
            let mut deployment = self.code_deploy_deployment(found.clone(), target.as_ref());
            deployment.healthy_new = health.new;
            deployment.healthy_old = health.old;
            // The rollback deployment must not hide why ours failed.
            if found.rolls_back.is_none() {
                self.seen.code_deploy = Some(found);
                self.seen.target = target.or(self.seen.target.take());
            }
            return Ok((Some(deployment), None));
        }
        match phase {
            Phase::AwaitDeployment { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTurn => {}
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitOutcome { .. }
            | Phase::AwaitRollback { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitSteady
            | Phase::AwaitVerdict { .. }
            | Phase::Settled(_)
            | Phase::Sides(_) => return Ok((None, None)),
        }
        let ids = match code_deploy.running_deployments(application, group).await {
            Ok(ids) => ids,
            // A new service has no deployment group yet: the group refers to the service.
            Err(error) if error.kind == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut newest: Option<Deployment> = None;
        for id in ids {
            if let Some(found) = code_deploy.find_deployment(&id).await? {
                let found = self.code_deploy_deployment(found, None);
                if newest.is_none() || found.heading == Heading::Wanted {
                    newest = Some(found);
                }
            }
        }
        Ok((None, newest))
    }

    /// Health of both sides while CodeDeploy moves traffic between them.
    async fn code_deploy_health(
        &mut self,
        found: &CodeDeployDeployment,
        target: Option<&CodeDeployTarget>,
    ) -> Health {
        let goal = self.goal;
        let (Some(target), Some(balancer)) = (target, &goal.wanted.revision.load_balancer) else {
            return Health::default();
        };
        let status = rollout::Status::CodeDeploy(code_deploy_status(found.status.clone()));
        if found.rolls_back.is_some() || !status.is_running() {
            return Health::default();
        }
        self.seen.groups = Groups::of_target(target, &balancer.target_groups);
        // A blue side that is on its way out serves nobody, and is not meant to.
        let has_blue = health::side(target, &TaskSetLabel::Blue)
            .is_some_and(|blue| blue.status != "DRAINING" && blue.desired > 0);
        if has_blue {
            self.seen.groups.health(goal.ports).await
        } else {
            Health::default()
        }
    }

    fn code_deploy_deployment(
        &self,
        found: CodeDeployDeployment,
        target: Option<&CodeDeployTarget>,
    ) -> Deployment {
        let ours = app_spec::app_spec(
            &self.goal.wanted.revision,
            &self.goal.task_definition,
            &BTreeMap::new(),
        );
        let green = target.and_then(|target| health::side(target, &TaskSetLabel::Green));
        let is_ready = found.status == CodeDeployStatus::Ready && self.goal.spec.holds;
        let stage = target.and_then(|target| {
            let running = target
                .events
                .iter()
                .find(|event| event.status == "InProgress");
            running.or_else(|| {
                target
                    .events
                    .iter()
                    .rev()
                    .find(|event| event.status == "Succeeded")
            })
        });
        Deployment {
            heading: match (&found.rolls_back, &found.app_spec) {
                (Some(_), _) => Heading::Elsewhere,
                (None, None) => Heading::Unknown,
                (None, Some(theirs)) if app_spec::same(&ours, theirs) => Heading::Wanted,
                (None, Some(_)) => Heading::Elsewhere,
            },
            id: found.id,
            status: rollout::Status::CodeDeploy(code_deploy_status(found.status)),
            can_roll_back: true,
            stage: stage.map(|event| event.name.clone()),
            weight: green.map(|set| set.traffic_weight),
            held: is_ready.then(|| rollout::Held {
                id: READY_WAIT.to_owned(),
                expires_at: None,
            }),
            tasks: green.map(|set| rollout::Tasks {
                running: set.running,
                desired: set.desired,
            }),
            healthy_new: None,
            healthy_old: None,
            breaker_triggered: false,
            rollback: found.rollback_deployment,
            rollback_expected: self.rolls_back(),
            finished_at: found.completed_at,
        }
    }

    /// Whether CodeDeploy rolls a failed deployment of ours back: the deployment's own events, else the group's.
    fn rolls_back(&self) -> bool {
        if let WantedController::CodeDeploy {
            rollback_events: Some(events),
            ..
        } = &self.goal.wanted.controller
        {
            return !events.is_empty();
        }
        let group = self.seen.group.as_ref();
        group.is_none_or(|group| !group.rollback_events.is_empty())
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
            .filter(|task| is_failed(task) && task.stopped_at >= since)
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
        Phase::AwaitCreated { .. }
        | Phase::AwaitScalingSuspended { .. }
        | Phase::AwaitSwitched { .. }
        | Phase::AwaitTurn => true,
        Phase::AwaitAdjusted { .. }
        | Phase::AwaitDeployment { .. }
        | Phase::AwaitOutcome { .. }
        | Phase::AwaitRollback { .. }
        | Phase::AwaitScalingResumed { .. }
        | Phase::AwaitSteady
        | Phase::AwaitVerdict { .. }
        | Phase::Settled(_)
        | Phase::Sides(_) => false,
    }
}

/// CodeDeploy's wait before production traffic moves.
pub(crate) const READY_WAIT: &str = "READY_WAIT";

/// The pause hook at which a deployment waits.
fn held(found: &ServiceDeployment) -> Option<rollout::Held> {
    let hook = awaiting(found)?;
    Some(rollout::Held {
        id: hook.id.clone(),
        expires_at: hook.expires_at,
    })
}

/// The hook that waits for ContinueServiceDeployment.
pub(crate) fn awaiting(found: &ServiceDeployment) -> Option<&HookState> {
    let mut hooks = found.hooks.iter();
    hooks.find(|hook| hook.target_type == "PAUSE" && hook.status == "AWAITING_ACTION")
}
