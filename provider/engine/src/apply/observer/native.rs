//! Service deployments as the rollout sees them.

use switchyard_rollout as rollout;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{BegunBy, Deployment, Heading, Phase};

use super::super::compare::is_wanted;
use super::super::health::{self, Health};
use super::Observer;
use crate::DEPLOYING_TAG;
use crate::app_spec::short_name;
use crate::notes::is_creating;
use crate::ports::{EcsStatus, Result, ServiceDeployment};
use crate::sighting::Groups;

impl Observer<'_> {
    pub(super) async fn service_deployments(
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
                let is_stopped = found.status == EcsStatus::Stopped;
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
        self.seen.paused = newest.clone().filter(|found| found.awaiting().is_some());
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
            .is_some_and(|service| is_creating(&service.tags));
        let is_young = found.status == EcsStatus::Pending && !is_new;
        let target = found.target.as_ref();
        let begun_by = self.begun_by(target.map(|target| target.arn.as_str()));
        Ok(Deployment {
            paused: paused(&found),
            breaker_triggered: found.breaker_triggered(),
            tasks: target.map(|target| rollout::Tasks {
                running: target.running,
                desired: target.requested,
            }),
            healthy_new: health.new,
            healthy_old: health.old,
            weight: weight(&found),
            id: found.arn,
            status: rollout::Status::Ecs(found.status),
            heading,
            begun_by,
            can_roll_back: !found.sources.is_empty() || is_young,
            stage: found.stage.map(rollout::Stage::Ecs),
            rollback: None,
            rollback_expected: false,
            finished_at: found.finished_at,
        })
    }

    /// Ours when it goes where our note says.
    fn begun_by(&self, target: Option<&str>) -> BegunBy {
        let service = self.seen.service.as_ref();
        if service.is_some_and(|service| is_creating(&service.tags)) {
            return BegunBy::Us;
        }
        let note = service.and_then(|service| service.tags.get(DEPLOYING_TAG));
        let target = target.and_then(|arn| self.revisions.get(arn));
        match (note, target) {
            (Some(note), Some(target)) if note == short_name(&target.task_definition) => {
                BegunBy::Us
            }
            (_, _) => BegunBy::Other,
        }
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
}

/// Production traffic on the new revision. At a pause before a shift AWS may show only what the old
/// one has.
fn weight(found: &ServiceDeployment) -> Option<Share> {
    let shown = found
        .target
        .as_ref()
        .and_then(|target| target.production_weight);
    let rest = || {
        found.awaiting()?;
        let [source] = found.sources.as_slice() else {
            return None;
        };
        Some((100.0 - source.production_weight?).clamp(0.0, 100.0))
    };
    shown.or_else(rest).and_then(Share::of_percent)
}

/// The pause hook at which a deployment waits.
fn paused(found: &ServiceDeployment) -> Option<rollout::Paused> {
    let hook = found.awaiting()?;
    Some(rollout::Paused {
        id: hook.id.clone(),
        expires_at: hook.expires_at,
    })
}
