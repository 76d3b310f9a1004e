//! Turns what the ports show into the rollout's own nouns.

use std::collections::BTreeMap;

use switchyard_rollout as rollout;
use switchyard_rollout::{Active, Deployment, Differences, Heading, Mark, Observed, Phase, Seen};

use super::app_spec;
use super::compare::{is_wanted, revision_difference, settings_change, tag_change};
use super::goal::Goal;
use super::sides;
use super::translate::{code_deploy_status, ecs_status, is_failed, is_steady};
use crate::CREATING_TAG;
use crate::fingerprint::controller_of;
use crate::live::LiveRevision;
use crate::observe::{configured, live_of};
use crate::ports::{
    CodeDeployDeployment, CodeDeployTarget, DeploymentGroup, Error, ErrorKind, Result, Service,
    ServiceDeployment, ServiceDeploymentStatus, ServiceRevision, ServiceStatus, TaskSetLabel,
};
use crate::wanted::WantedController;

/// Observes for one apply, and remembers what it saw for the account at the end.
#[derive(Debug)]
pub(crate) struct Observer<'a> {
    goal: &'a Goal<'a>,
    /// Revisions are immutable: each is read once.
    revisions: BTreeMap<String, ServiceRevision>,
    /// How often in a row a service that was there was not shown.
    misses: u32,
    sides: sides::Cache,
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
}

impl<'a> Observer<'a> {
    pub(crate) fn new(goal: &'a Goal<'a>) -> Self {
        Self {
            goal,
            revisions: BTreeMap::new(),
            misses: 0,
            sides: sides::Cache::default(),
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
        // The deployments of a service under another controller are none of our business.
        if active.controller != rollout::ControllerSeen::Wanted {
            return Ok(observed);
        }
        match &self.goal.wanted.controller {
            WantedController::External => {
                observed.sides = sides::observe(self.goal, &service, &mut self.sides).await?;
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
        if self.is_struggling(phase, &service) {
            active.failed_tasks = self.failed_tasks(&service).await;
        }
        Ok(observed)
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

    /// Whether tasks of the new revision are missing, so that it is worth two calls to count failed ones.
    /// A circuit breaker that is on counts by itself, with the user's threshold.
    fn is_struggling(&self, phase: &Phase, service: &Service) -> bool {
        match phase {
            Phase::AwaitSteady => service.running < service.desired,
            Phase::AwaitOutcome { .. } => match &self.goal.wanted.controller {
                WantedController::Ecs => {
                    let configuration = &self.goal.wanted.settings.deployment_configuration;
                    let breaker = configuration
                        .circuit_breaker
                        .as_ref()
                        .is_some_and(|it| it.enable);
                    self.seen.deployment.as_ref().is_some_and(|found| {
                        let is_first = found.sources.is_empty();
                        let target = found.target.as_ref();
                        let missing = target.is_some_and(|it| it.running < it.requested);
                        (is_first && service.running < service.desired) || (missing && !breaker)
                    })
                }
                WantedController::External => false,
                WantedController::CodeDeploy { .. } => {
                    self.seen.target.as_ref().is_some_and(|target| {
                        let mut sets = target.task_sets.iter();
                        sets.any(|set| {
                            set.label == TaskSetLabel::Green && set.running < set.desired
                        })
                    })
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
            | Phase::Sides(_) => false,
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
        if matches!(phase, Phase::AwaitTurn) || self.seen.before.is_none() {
            let live = live_of(goal.ports, service.clone()).await?.revision;
            let platform = service.platform_version.as_deref();
            let unlike = |found: &LiveRevision| {
                revision_difference(goal.wanted, &goal.task_definition, found, platform).any()
            };
            differs.revision = unlike(&live) || unlike(&configured(service));
            self.seen.before.get_or_insert_with(|| live.clone());
            self.seen.live = Some(live);
        }
        Ok(Active {
            mark,
            controller: if service.controller == controller_of(&goal.wanted.controller) {
                rollout::ControllerSeen::Wanted
            } else {
                rollout::ControllerSeen::Other
            },
            routes_prepared: false,
            differs,
            steady: is_steady(service),
            desired: service.desired,
            failed_tasks: 0,
            hopeless: None,
            scaling: rollout::ScalingSeen::Free,
        })
    }

    async fn service_deployments(
        &mut self,
        phase: &Phase,
    ) -> Result<(Option<Deployment>, Option<Deployment>)> {
        if matches!(
            phase,
            Phase::AwaitAdjusted { .. } | Phase::AwaitSteady | Phase::Settled(_)
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
                    return Ok((Some(self.service_deployment(found.clone()).await?), None));
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
                Some(found) => Some(self.service_deployment(found).await?),
                None => None,
            },
            match newest {
                Some(found) => Some(self.service_deployment(found).await?),
                None => None,
            },
        ))
    }

    async fn service_deployment(&mut self, found: ServiceDeployment) -> Result<Deployment> {
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
        Ok(Deployment {
            id: found.arn,
            status: rollout::Status::Ecs(ecs_status(found.status)),
            heading,
            can_roll_back: !found.sources.is_empty() || is_young,
            stage: found.stage,
            weight: found.target.and_then(|target| target.production_weight),
            held: None,
            tasks: None,
            healthy_new: None,
            healthy_old: None,
            breaker_triggered: found.breaker_triggered,
            rollback: None,
            rollback_expected: false,
            finished_at: found.finished_at,
        })
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
            let deployment = self.code_deploy_deployment(found.clone(), target.as_ref());
            // The rollback deployment must not hide why ours failed.
            if found.rolls_back.is_none() {
                self.seen.code_deploy = Some(found);
                self.seen.target = target.or(self.seen.target.take());
            }
            return Ok((Some(deployment), None));
        }
        match phase {
            Phase::AwaitTurn | Phase::AwaitDeployment { .. } => {}
            Phase::AwaitAdjusted { .. }
            | Phase::AwaitCreated { .. }
            | Phase::AwaitOutcome { .. }
            | Phase::AwaitRollback { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSteady
            | Phase::AwaitSwitched { .. }
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

    fn code_deploy_deployment(
        &self,
        found: CodeDeployDeployment,
        target: Option<&CodeDeployTarget>,
    ) -> Deployment {
        let ours = app_spec::app_spec(&self.goal.wanted.revision, &self.goal.task_definition);
        let green = target.and_then(|target| {
            target
                .task_sets
                .iter()
                .find(|set| set.label == TaskSetLabel::Green)
        });
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
            held: None,
            tasks: None,
            healthy_new: None,
            healthy_old: None,
            breaker_triggered: false,
            rollback: found.rollback_deployment,
            rollback_expected: self
                .seen
                .group
                .as_ref()
                .is_none_or(|group| !group.rollback_events.is_empty()),
            finished_at: found.completed_at,
        }
    }

    /// Tasks of the wanted revision that ended badly since the rollout began. Costs two calls, and only
    /// detail is lost when they fail.
    async fn failed_tasks(&self, service: &Service) -> u32 {
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
        let failed = stopped
            .iter()
            .filter(|task| is_failed(task) && task.stopped_at >= since)
            .filter(|task| task.task_definition == self.goal.task_definition)
            .count();
        let counted = self
            .seen
            .deployment
            .as_ref()
            .map_or(0, |found| found.failed_tasks);
        u32::try_from(failed).unwrap_or(u32::MAX).max(counted)
    }
}
