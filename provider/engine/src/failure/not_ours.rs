//! Services that an apply has no say over: they exist already, are of another kind, or are gone.

use super::account::Account;
use super::{Failure, FailureKind};
use crate::fingerprint::word_of;

impl Account<'_> {
    pub(super) fn already_exists(self) -> Failure {
        let summary = format!(
            "Service `{}` exists already and is not in the state",
            self.name()
        );
        let now = format!("{} It was left alone.", self.now());
        let why = vec![
            "A service that somebody else may own is never taken over by creating it.".to_owned(),
        ];
        let next = format!(
            "Import it (id `{}/{}`), or choose another name.",
            self.wanted.service.cluster_name(),
            self.name()
        );
        Failure {
            kind: FailureKind::AlreadyExists,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }

    pub(super) fn controller_differs(self) -> Failure {
        let summary = format!(
            "Service `{}` has another deployment controller; nothing was changed",
            self.name()
        );
        let now = match &self.live {
            Some(live) => format!(
                "Its controller is `{}`. {}",
                word_of(&live.service.controller),
                self.now()
            ),
            None => self.now(),
        };
        let why =
            vec!["A rollout under one controller cannot be followed under another.".to_owned()];
        let next = "Set `controller` to the service's own. A running service can be moved between `ecs` and `codedeploy`; \
                    from and to `external` it has to be created anew."
            .to_owned();
        Failure {
            kind: FailureKind::ControllerDiffers,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }

    pub(super) fn vanished(self) -> Failure {
        let summary = format!("Service `{}` was deleted while it was applied", self.name());
        let now = "The service does not exist any more, or is draining.".to_owned();
        let next = "Find out who deleted it. Apply again to create it anew.".to_owned();
        let why = vec!["Somebody deleted it; this apply did not.".to_owned()];
        Failure {
            kind: FailureKind::Vanished,
            summary,
            now,
            why,
            next,
            technical: self.technical,
        }
    }
}
