//! What a run looks at: the version, the alias, the alarms.

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::alias::{AlarmSeen, AliasPhase, Cause, Goal};
use switchyard_rollout::{PATIENCE_SECONDS, ROLLBACK_ALLOWANCE_SECONDS};

use super::run::Run;
use super::{AliasCall, AliasFailure};
use crate::ports::{AlarmState, Error, VersionState};

impl Run<'_> {
    /// Waits until the version can be called.
    pub(super) async fn await_version(&mut self) -> Result<(), AliasFailure> {
        let version = self.wanted.version.to_string();
        loop {
            let aliases = &self.ports.function_aliases;
            match aliases.find_version(&self.wanted.function, &version).await {
                Ok(None) => return Err(AliasFailure::VersionMissing),
                Ok(Some(found)) => match found.state {
                    // An inactive one wakes up with its first call.
                    VersionState::Active | VersionState::Inactive => return Ok(()),
                    VersionState::Failed => {
                        return Err(AliasFailure::VersionFailed(found.reason));
                    }
                    // What a word means that nobody knows is waited for.
                    VersionState::Pending | VersionState::Unknown(_) => {}
                },
                Err(error) => self.tolerate(AliasCall::Version, error)?,
            }
            if self.cancel.is_cancelled() {
                return Err(not_begun(Cause::Cancelled));
            }
            if self.ports.clock.now() >= self.spec.deadline {
                return Err(AliasFailure::VersionPending);
            }
            self.rest(None).await;
        }
    }

    /// Looks at the alias; `false` when AWS did not say.
    pub(super) async fn look(&mut self) -> Result<bool, AliasFailure> {
        let aliases = &self.ports.function_aliases;
        let found = aliases
            .find_alias(&self.wanted.function, &self.wanted.name)
            .await;
        match found {
            Ok(found) => {
                if self.phase == AliasPhase::AwaitSight {
                    self.before = self.before.or(found.as_ref().map(|alias| alias.routing));
                }
                self.alias = found;
                self.is_seen = true;
                Ok(true)
            }
            Err(error) => {
                self.tolerate(AliasCall::Find, error)?;
                Ok(false)
            }
        }
    }

    /// What the alarms say, where that matters.
    pub(super) async fn alarms(&mut self) -> Result<AlarmSeen, AliasFailure> {
        let matters = match self.phase {
            AliasPhase::AwaitSight | AliasPhase::AwaitTested(_) | AliasPhase::AwaitHeld(_) => true,
            AliasPhase::AwaitPut { .. } | AliasPhase::Settled(_) => false,
        };
        if self.wanted.alarms.is_empty() || !matters {
            return Ok(AlarmSeen::Quiet);
        }
        let states = match self.ports.alarms.alarm_states(&self.wanted.alarms).await {
            Ok(states) => states,
            Err(error) if self.phase == AliasPhase::AwaitSight && !error.kind.is_transient() => {
                let call = AliasCall::Alarms;
                return Err(AliasFailure::Call {
                    call,
                    error: Box::new(error),
                });
            }
            Err(error) => {
                tracing::debug!(error = %error, "the alarms could not be read");
                return Ok(AlarmSeen::Unread);
            }
        };
        self.firing = states
            .iter()
            .filter(|(_, state)| **state == AlarmState::Firing)
            .map(|(name, _)| name.clone())
            .collect();
        let is_read = |name: &String| match states.get(name) {
            Some(AlarmState::Firing | AlarmState::Ok | AlarmState::InsufficientData) => true,
            Some(AlarmState::Unknown(_)) | None => false,
        };
        Ok(match self.firing.is_empty() {
            false => AlarmSeen::Firing,
            true if self.wanted.alarms.iter().all(is_read) => AlarmSeen::Quiet,
            true => AlarmSeen::Unread,
        })
    }

    /// Errors that pass are waited out, up to the deadline, and longer while something is taken back.
    fn tolerate(&self, call: AliasCall, error: Error) -> Result<(), AliasFailure> {
        let now = self.ports.clock.now();
        let until = match self.phase {
            AliasPhase::AwaitPut { goal, since, .. } => {
                let seconds = match goal {
                    Goal::Back(_) => ROLLBACK_ALLOWANCE_SECONDS,
                    Goal::Clear | Goal::Create | Goal::Promote | Goal::Shift(_) => PATIENCE_SECONDS,
                };
                let allowed = since.saturating_add(SignedDuration::from_secs(seconds));
                allowed.unwrap_or(Timestamp::MAX)
            }
            AliasPhase::AwaitHeld(_) | AliasPhase::AwaitSight | AliasPhase::AwaitTested(_)
                if !self.cancel.is_cancelled() =>
            {
                self.spec.deadline
            }
            AliasPhase::AwaitHeld(_)
            | AliasPhase::AwaitSight
            | AliasPhase::AwaitTested(_)
            | AliasPhase::Settled(_) => now,
        };
        match error.kind.is_transient() && now < until {
            true => Ok(()),
            false => Err(AliasFailure::Call {
                call,
                error: Box::new(error),
            }),
        }
    }
}

fn not_begun(cause: Cause) -> AliasFailure {
    AliasFailure::Refused {
        cause,
        had_traffic: false,
        evidence: Vec::new(),
    }
}
