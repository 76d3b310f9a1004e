//! CodeDeploy's deployments as the rollout sees them.

use std::collections::BTreeMap;

use switchyard_rollout as rollout;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{Adjusting, BegunBy, Deployment, Heading, Next, Phase};

use super::super::health::{self, Health};
use super::super::switching;
use super::Observer;
use crate::app_spec;
use crate::desired::DesiredController;
use crate::ports::{
    CodeDeployDeployment, CodeDeployStatus, CodeDeployTarget, ErrorKind, EventStatus, Result,
    Service, TaskSetLabel, TaskSetStatus,
};
use crate::sighting::Groups;

/// CodeDeploy's wait before production traffic moves.
const READY_WAIT: &str = "READY_WAIT";

impl Observer<'_> {
    pub(super) async fn code_deploy_deployments(
        &mut self,
        phase: &Phase,
        application: &str,
        group: &str,
    ) -> Result<(Option<Deployment>, Option<Deployment>)> {
        let code_deploy = &self.goal.ports.code_deploy;
        if let Some(id) = phase.followed() {
            if self.seen.group.is_none() {
                self.seen.group = code_deploy
                    .find_group(application, group)
                    .await
                    .ok()
                    .flatten();
            }
            return Ok((self.followed_by_code_deploy(id).await?, None));
        }
        match phase {
            Phase::AwaitAdjusted(Adjusting {
                next: Next::Rollout,
                ..
            })
            | Phase::AwaitDeployment { .. }
            | Phase::AwaitGo { .. }
            | Phase::AwaitScalingSuspended { .. }
            | Phase::AwaitSwitched { .. }
            | Phase::AwaitTurn => {}
            Phase::AwaitAdjusted(Adjusting {
                next: Next::End(_) | Next::Over { .. },
                ..
            })
            | Phase::AwaitCreated { .. }
            | Phase::AwaitOutcome { .. }
            | Phase::AwaitRollback { .. }
            | Phase::AwaitScalingResumed { .. }
            | Phase::AwaitSteady
            | Phase::AwaitTakenBack { .. }
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

    /// The deployment that the phase follows.
    async fn followed_by_code_deploy(&mut self, id: &str) -> Result<Option<Deployment>> {
        let code_deploy = &self.goal.ports.code_deploy;
        let Some(found) = code_deploy.find_deployment(id).await? else {
            return Ok(None);
        };
        let service = &self.goal.wanted.service;
        // The target only adds detail: without it the deployment is followed just the same.
        let target = code_deploy
            .find_target(id, service.cluster_name(), &service.name)
            .await
            .ok()
            .flatten();
        let health = self.code_deploy_health(&found, target.as_ref()).await;
        let mut deployment = self.code_deploy_deployment(found.clone(), target.as_ref());
        deployment.healthy_new = health.new;
        deployment.healthy_old = health.old;
        // The rollback deployment must not hide why ours failed.
        if found.rolls_back.is_none() {
            self.seen.code_deploy = Some(found);
            self.seen.target = target.or(self.seen.target.take());
        }
        Ok(Some(deployment))
    }

    /// What CodeDeploy runs on a service that is about to be taken from it: followed, and newest. The wish names
    /// no deployment group any more, but task sets carry the ids of the deployments that made them.
    pub(super) async fn left_to_code_deploy(
        &mut self,
        phase: &Phase,
        service: &Service,
    ) -> Result<(Option<Deployment>, Option<Deployment>)> {
        if let Phase::AwaitTakenBack(taking) = phase {
            let deployment = &taking.deployment;
            return Ok((self.followed_by_code_deploy(deployment).await?, None));
        }
        let replacement = switching::replacement_task_set(service);
        let mut ids: Vec<&String> = service
            .task_sets
            .iter()
            .filter_map(|set| set.external_id.as_ref())
            .collect();
        ids.dedup();
        // One set, and nothing before it that could still run.
        if replacement.is_none() && ids.is_empty() {
            return Ok((None, None));
        }
        for id in ids {
            let found = self.made_by(id).await?;
            let rollback = found
                .as_ref()
                .and_then(|found| found.rollback_deployment.clone());
            let undoing = match rollback {
                Some(id) => self.made_by(&id).await?,
                None => None,
            };
            for found in [found, undoing].into_iter().flatten() {
                let shown = self.code_deploy_deployment(found, None);
                if shown.status.is_running() {
                    return Ok((None, Some(shown)));
                }
            }
        }
        Ok((None, replacement.map(switching::unnamed)))
    }

    /// The deployment with this id. Who may not read it knows only that its task set exists.
    async fn made_by(&self, id: &str) -> Result<Option<CodeDeployDeployment>> {
        match self.goal.ports.code_deploy.find_deployment(id).await {
            Err(error) if error.kind.is_transient() => Err(error),
            found => Ok(found.unwrap_or_default()),
        }
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
        let status = rollout::Status::CodeDeploy(found.status.clone());
        if found.rolls_back.is_some() || !status.is_running() {
            return Health::default();
        }
        self.seen.groups = Groups::of_target(target, &balancer.target_groups);
        let Some(blue) = health::side(target, &TaskSetLabel::Blue) else {
            return Health::default();
        };
        // A blue side that is on its way out serves nobody, and is not meant to.
        if blue.status != TaskSetStatus::Draining && blue.desired > 0 {
            return self.seen.groups.health(goal.ports).await;
        }
        if blue.running > 0 {
            return Health::default();
        }
        // Without tasks there is nothing to go back to, as long as the new side serves.
        let seen = self.seen.groups.health(goal.ports).await;
        Health {
            new: seen.new.filter(|healthy| *healthy > 0),
            old: Some(0),
        }
    }

    fn code_deploy_deployment(
        &self,
        found: CodeDeployDeployment,
        target: Option<&CodeDeployTarget>,
    ) -> Deployment {
        let ours = app_spec(
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
                .find(|event| event.status == EventStatus::InProgress);
            running.or_else(|| {
                target
                    .events
                    .iter()
                    .rev()
                    .find(|event| event.status == EventStatus::Succeeded)
            })
        });
        Deployment {
            heading: match (&found.rolls_back, &found.app_spec) {
                (Some(_), _) => Heading::Elsewhere,
                (None, None) => Heading::Unknown,
                (None, Some(theirs)) if app_spec::same(&ours, theirs) => Heading::Wanted,
                (None, Some(_)) => Heading::Elsewhere,
            },
            begun_by: match (&found.rolls_back, &found.description) {
                (Some(_), _) => BegunBy::Aws,
                (None, Some(text)) if text.starts_with(app_spec::SIGNED) => BegunBy::Us,
                (None, Some(_) | None) => BegunBy::Other,
            },
            id: found.id,
            status: rollout::Status::CodeDeploy(found.status),
            can_roll_back: true,
            stage: stage.map(|event| rollout::Stage::CodeDeploy(event.name.clone())),
            weight: green.and_then(|set| Share::of_percent(set.traffic_weight)),
            paused: is_ready.then(|| rollout::Paused {
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
        if let DesiredController::CodeDeploy {
            rollback_events: Some(events),
            ..
        } = &self.goal.wanted.controller
        {
            return !events.is_empty();
        }
        let group = self.seen.group.as_ref();
        group.is_none_or(|group| !group.rollback_events.is_empty())
    }
}
