//! The account of a rollout as data, whatever its end.

use jiff::Timestamp;
use switchyard_rollout::{Cause, Hopeless, Outcome, Reason};

use super::Run;
use crate::desired::DesiredController;
use crate::failure::Failure;
use crate::ports::{CodeDeployErrorCode, ImageFound, ServiceDeployment};
use crate::report::{
    DeployedImage, DeploymentRecord, RecordController, RecordEvent, RecordOutcome,
};
use crate::sighting::Sighting;

impl Run<'_> {
    /// `None` when no rollout was begun, found or followed.
    pub(super) async fn record(
        &self,
        settled: &Result<Outcome, Box<Failure>>,
    ) -> Option<DeploymentRecord> {
        let outcome = self.record_outcome(settled.as_ref().ok())?;
        let goal = self.goal;
        let now = goal.ports.clock.now();
        let (started_at, finished_at) = (whole(goal.started_at), whole(now));
        let between = |from: Timestamp, to: Timestamp| {
            u64::try_from(to.duration_since(from).as_secs()).unwrap_or_default()
        };
        let recovery_seconds = match settled {
            Ok(Outcome::RolledBack { .. }) => {
                let given_up = self.given_up.as_ref();
                // One that was over when it was first seen began after the look before.
                let from = given_up.map_or(self.looked_before, |(at, _)| *at);
                Some(between(from, self.returned_at.unwrap_or(now)))
            }
            Ok(_) | Err(_) => None,
        };
        let mut timeline = self.timeline.clone();
        for entry in &mut timeline {
            entry.at = whole(entry.at);
        }
        let mut gates = self.gates.results().to_vec();
        for gate in &mut gates {
            gate.at = whole(gate.at);
        }
        let mut readings = self.gates.readings().to_vec();
        for reading in &mut readings {
            reading.at = whole(reading.at);
        }
        Some(DeploymentRecord {
            id: self.deployed.clone().or_else(|| self.followed.clone()),
            outcome,
            reason: self.why(),
            from_task_definition: if self.created { None } else { self.from() },
            to_task_definition: goal.task_definition.clone(),
            started_at,
            finished_at,
            duration_seconds: between(started_at, finished_at),
            recovery_seconds,
            controller: Some(match &goal.wanted.controller {
                DesiredController::CodeDeploy { .. } => RecordController::CodeDeploy,
                DesiredController::Ecs => RecordController::Ecs,
                DesiredController::External => RecordController::External,
            }),
            new_target_group: self.observer.seen.groups.new.clone(),
            old_target_group: self.observer.seen.groups.old.clone(),
            timeline,
            gates,
            readings,
            events: self.events(started_at),
            alarms: self
                .observer
                .seen
                .deployment
                .as_ref()
                .map(|found| found.triggered_alarms.clone())
                .unwrap_or_default(),
            failure: None,
            score: self.gates.score(),
            images: self.images().await,
            quarantine: settled
                .as_ref()
                .is_ok_and(|outcome| self.blames_images(outcome)),
        })
    }

    /// What ECS said of the service meanwhile, as it was seen last.
    fn events(&self, since: Timestamp) -> Vec<RecordEvent> {
        let service = self.observer.seen.service.as_ref();
        let mut events: Vec<RecordEvent> = service
            .map(|service| service.events.as_slice())
            .unwrap_or_default()
            .iter()
            .filter(|event| event.at >= since)
            .map(|event| RecordEvent {
                at: whole(event.at),
                message: event.message.clone(),
            })
            .collect();
        events.sort_by_key(|event| event.at);
        events
    }

    fn record_outcome(&self, outcome: Option<&Outcome>) -> Option<RecordOutcome> {
        if !self.rolled {
            return None;
        }
        let is_live = self.deployed.is_some();
        Some(match outcome {
            Some(
                Outcome::AlreadyExists
                | Outcome::ControllerDiffers
                | Outcome::HeldBack
                | Outcome::InTheWay { .. },
            ) => return None,
            Some(Outcome::LiveButUnhealthy { .. }) => RecordOutcome::Unhealthy,
            Some(Outcome::Succeeded { .. }) => RecordOutcome::Succeeded,
            // It has succeeded before; what came after did not.
            Some(Outcome::Cancelled { .. } | Outcome::TimedOut { .. }) | None if is_live => {
                RecordOutcome::Succeeded
            }
            Some(
                Outcome::Cancelled {
                    left_running: Some(_),
                }
                | Outcome::TimedOut {
                    left_running: Some(_),
                },
            ) => RecordOutcome::LeftRunning,
            Some(Outcome::NotUndone { .. }) => RecordOutcome::LeftRunning,
            None if self.followed.is_some() => RecordOutcome::LeftRunning,
            Some(
                Outcome::RolledBack {
                    cause: Cause::Cancelled,
                    ..
                }
                | Outcome::Stopped {
                    cause: Cause::Cancelled,
                    ..
                }
                | Outcome::Cancelled { left_running: None },
            ) => RecordOutcome::Cancelled,
            Some(Outcome::RolledBack { .. }) => RecordOutcome::RolledBack,
            Some(
                Outcome::DeploymentFailed { .. }
                | Outcome::FirstRolloutFailed { .. }
                | Outcome::RollbackFailed { .. }
                | Outcome::Stopped { .. }
                | Outcome::Superseded { .. }
                | Outcome::NotListed
                | Outcome::TimedOut { left_running: None }
                | Outcome::Vanished,
            )
            | None => RecordOutcome::Failed,
        })
    }

    /// Whether the images are to blame, or may be.
    fn blames_images(&self, outcome: &Outcome) -> bool {
        let seen = &self.observer.seen;
        match outcome {
            Outcome::LiveButUnhealthy { .. } => self.gates.blames_new_side(),
            Outcome::RolledBack { cause, .. }
            | Outcome::NotUndone { cause, .. }
            | Outcome::RollbackFailed { cause, .. }
            | Outcome::Stopped { cause, .. } => match cause {
                Cause::Gate => self.gates.blames_new_side(),
                Cause::Unavailable => true,
                Cause::Hopeless => has_run(seen),
                Cause::Aws => aws_blames(seen),
                Cause::Cancelled | Cause::Deadline => false,
            },
            Outcome::FirstRolloutFailed { .. } => {
                let told = self.told_reason();
                let given_up = self.given_up.as_ref().map(|(_, reason)| reason);
                match given_up.or(told) {
                    Some(Reason::GatesFailed(_)) => self.gates.blames_new_side(),
                    Some(reason) => is_of_tasks(reason) && has_run(seen),
                    None => false,
                }
            }
            Outcome::DeploymentFailed { .. } => aws_blames(seen),
            Outcome::AlreadyExists
            | Outcome::Cancelled { .. }
            | Outcome::ControllerDiffers
            | Outcome::HeldBack
            | Outcome::InTheWay { .. }
            | Outcome::NotListed
            | Outcome::Succeeded { .. }
            | Outcome::Superseded { .. }
            | Outcome::TimedOut { .. }
            | Outcome::Vanished => false,
        }
    }

    /// Images of the new revision, with the digests that AWS resolved.
    async fn images(&self) -> Vec<DeployedImage> {
        let services = &self.goal.ports.services;
        let target = self.observer.seen.deployment.as_ref();
        let target = target.and_then(|found| found.target.as_ref());
        if let (DesiredController::Ecs, Some(target)) = (&self.goal.wanted.controller, target) {
            // Read again: digests are resolved when the first task starts.
            let found = services
                .find_revisions(std::slice::from_ref(&target.arn))
                .await;
            let revision = found.ok().and_then(|found| found.into_iter().next());
            if let Some(revision) = revision.filter(|revision| !revision.images.is_empty()) {
                let images = revision.images.into_iter();
                return images
                    .map(|(container, (image, digest))| DeployedImage {
                        container,
                        digest: digest.or_else(|| digest_of(&image)),
                        image,
                    })
                    .collect();
            }
        }
        let found = services
            .find_task_definition(&self.goal.task_definition)
            .await;
        let definition = found.ok().flatten();
        let mut images = Vec::new();
        for container in definition.map(|found| found.containers).unwrap_or_default() {
            images.push(DeployedImage {
                digest: self.digest(&container.image).await,
                container: container.name,
                image: container.image,
            });
        }
        images
    }

    async fn digest(&self, image: &str) -> Option<String> {
        if let Some(digest) = digest_of(image) {
            return Some(digest);
        }
        match self.goal.ports.prerequisites.find_image(image).await {
            Ok(ImageFound::Present { digest, .. }) => Some(digest),
            Ok(ImageFound::Elsewhere { .. } | ImageFound::Missing) | Err(_) => None,
        }
    }
}

/// Without the part of a second: nobody reads it, and it would be in every state.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// `REPOSITORY@sha256:…` names its digest.
fn digest_of(image: &str) -> Option<String> {
    let (_, digest) = image.split_once('@')?;
    Some(digest.to_owned())
}

/// Whether it is not for a missing image or a denied secret that tasks failed.
fn has_run(seen: &Sighting) -> bool {
    match seen.hopeless {
        Some(Hopeless::Image | Hopeless::Secret) => false,
        Some(Hopeless::Architecture) | None => true,
    }
}

/// AWS rolled back over tasks that fail, or over an alarm.
fn aws_blames(seen: &Sighting) -> bool {
    let native = seen.deployment.as_ref();
    let alarm = native.is_some_and(|found| !found.triggered_alarms.is_empty())
        || seen
            .code_deploy
            .as_ref()
            .and_then(|found| found.error.as_ref())
            .is_some_and(|error| error.code == CodeDeployErrorCode::AlarmActive);
    let breaker = native.is_some_and(ServiceDeployment::breaker_triggered);
    alarm || breaker && has_run(seen)
}

/// Whether a rollout was given up over what its tasks did.
fn is_of_tasks(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::TasksFail { .. } | Reason::Unavailable | Reason::Hopeless(Hopeless::Architecture)
    )
}
