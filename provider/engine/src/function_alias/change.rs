//! What a run changes: the alias as it was seen.

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::PATIENCE_SECONDS;
use switchyard_rollout::alias::Put;

use super::run::Run;
use super::{AliasCall, AliasFailure};
use crate::ports::{AliasChange, AliasRouting, ErrorKind, LiveAlias, NewAlias};

impl Run<'_> {
    /// Changes the alias as it was seen. What AWS did not do now, or others were faster with, is seen with the next look.
    pub(super) async fn put(&mut self, put: Put) -> Result<(), AliasFailure> {
        self.is_seen = false;
        self.pace.quicken();
        let aliases = &self.ports.function_aliases;
        let (call, done) = match (&self.alias, put.from) {
            (Some(alias), Some(_)) => {
                // The description is that of the version which stays.
                let stays = put.to == AliasRouting::only(self.wanted.version);
                let differs = alias.description != self.wanted.description;
                let change = AliasChange {
                    routing: Some(put.to),
                    description: (stays && differs).then(|| self.wanted.description.clone()),
                };
                let done = aliases.change_alias(alias, &change).await;
                (AliasCall::Change, done)
            }
            (None, _) | (_, None) => {
                let new = NewAlias {
                    function: self.wanted.function.clone(),
                    name: self.wanted.name.clone(),
                    version: put.to.settled,
                    description: self.wanted.description.clone(),
                };
                let done = aliases.create_alias(&new).await;
                (AliasCall::Create, done)
            }
        };
        let Err(error) = done else {
            tracing::info!(
                alias = self.wanted.qualified(),
                settled = %put.to.settled,
                additional = put.to.guest.map(|guest| guest.version.to_string()),
                percent = put.to.guest.map(|guest| guest.share.percent()),
                "the traffic of the alias was changed"
            );
            return Ok(());
        };
        let may_pass = match error.kind {
            ErrorKind::AlreadyExists
            | ErrorKind::Conflict
            | ErrorKind::Throttled
            | ErrorKind::Timeout
            | ErrorKind::Unavailable => true,
            // The alias is gone, which the next look shows; without a function there is nothing to look for.
            ErrorKind::NotFound => call == AliasCall::Change,
            ErrorKind::Denied | ErrorKind::Rejected | ErrorKind::Unexpected => false,
        };
        match may_pass {
            true => Ok(()),
            false => Err(AliasFailure::Call {
                call,
                error: Box::new(error),
            }),
        }
    }

    /// The description, once the traffic is as it is wanted. The alias as it is then.
    pub(super) async fn describe(&mut self) -> Result<LiveAlias, AliasFailure> {
        let begun = self.ports.clock.now();
        let until = begun.saturating_add(SignedDuration::from_secs(PATIENCE_SECONDS));
        let until = until.unwrap_or(Timestamp::MAX);
        loop {
            let Some(alias) = self.alias.clone() else {
                return Err(AliasFailure::Superseded);
            };
            if alias.description == self.wanted.description {
                return Ok(alias);
            }
            let change = AliasChange {
                routing: None,
                description: Some(self.wanted.description.clone()),
            };
            let changed = self.ports.function_aliases.change_alias(&alias, &change);
            if let Err(error) = changed.await {
                let may_pass = error.kind.is_transient() || error.kind == ErrorKind::Conflict;
                if !may_pass || self.ports.clock.now() >= until {
                    return Err(AliasFailure::Call {
                        call: AliasCall::Change,
                        error: Box::new(error),
                    });
                }
            }
            if self.ports.clock.now() >= until {
                return Err(AliasFailure::Unfinished);
            }
            // It is there once it is seen.
            self.rest(None).await;
            let settled = alias.routing;
            while !self.look().await? {
                self.rest(None).await;
            }
            if self
                .alias
                .as_ref()
                .is_some_and(|alias| alias.routing != settled)
            {
                return Err(AliasFailure::Superseded);
            }
        }
    }
}
