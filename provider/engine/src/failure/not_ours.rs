//! Services that an apply has no say over: they exist already, are of another kind, or are gone.

use super::account::Account;
use super::{Failure, FailureKind};

impl Account<'_> {
    pub(super) fn already_exists(self) -> Failure {
        let summary = format!(
            "Service `{}` already exists, and was not created by this apply",
            self.name()
        );
        let now = format!("{} It was not changed.", self.now());
        let why =
            vec!["A create never takes over a service that somebody else may own.".to_owned()];
        let next = format!(
            "If it is not in the state, import it (id `{}/{}`), or choose a different name. If it is in the state and \
             Terraform replaces it with `create_before_destroy`, the new service needs a different name: a cluster \
             has one service of a name. Change `name` as well, or remove `create_before_destroy`.",
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
            "Service `{}` has a different deployment controller; nothing was changed",
            self.name()
        );
        let now = match &self.live {
            Some(live) => format!(
                "Its controller is `{}`. {}",
                live.service.controller,
                self.now()
            ),
            None => self.now(),
        };
        let why =
            vec!["A deployment under one controller cannot be followed under another.".to_owned()];
        let next = "Set `controller` to that of the service. A running service can move between `ecs` and \
                    `codedeploy`; to move from or to `external`, delete it and create it again."
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
        let summary = format!("Service `{}` was deleted during the apply", self.name());
        let now = "The service no longer exists, or is draining.".to_owned();
        let next = "Find out who deleted it. Apply again to create it.".to_owned();
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
