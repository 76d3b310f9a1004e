//! What one apply is about: the wish, with everything resolved that stays the same until its end.

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout as rollout;

use crate::fingerprint::fingerprint;
use crate::ports::Ports;
use crate::wanted::{Intent, OnCancel, Wanted, WantedController};

/// One apply's wish.
#[derive(Debug)]
pub(crate) struct Goal<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) wanted: &'a Wanted,
    /// Resolved ARN, with revision.
    pub(crate) task_definition: String,
    /// Value of the mark.
    pub(crate) fingerprint: String,
    /// Idempotency token of CreateService: the same for every attempt of this apply, new for the next.
    pub(crate) client_token: String,
    pub(crate) started_at: Timestamp,
    pub(crate) spec: rollout::Spec,
}

impl<'a> Goal<'a> {
    pub(crate) fn new(
        ports: &'a Ports,
        wanted: &'a Wanted,
        task_definition: String,
        started_at: Timestamp,
    ) -> Self {
        let fingerprint = fingerprint(wanted);
        let limit = SignedDuration::try_from(wanted.time_limit).unwrap_or(SignedDuration::MAX);
        Self {
            ports,
            wanted,
            task_definition,
            client_token: format!("{fingerprint}-{:x}", started_at.as_millisecond()),
            fingerprint,
            started_at,
            spec: rollout::Spec {
                engine: match wanted.controller {
                    WantedController::CodeDeploy { .. } => rollout::Engine::CodeDeploy,
                    WantedController::Ecs => rollout::Engine::Ecs,
                },
                intent: match wanted.intent {
                    Intent::Create => rollout::Intent::Create,
                    Intent::Update => rollout::Intent::Update,
                },
                force: wanted.force,
                deadline: started_at.saturating_add(limit).unwrap_or(Timestamp::MAX),
                on_cancel: match wanted.on_cancel {
                    OnCancel::Leave => rollout::OnCancel::Leave,
                    OnCancel::Rollback => rollout::OnCancel::Rollback,
                },
                desired: wanted.desired.at_creation(),
            },
        }
    }
}
