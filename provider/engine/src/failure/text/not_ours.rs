//! Services that an apply has no say over: they exist already, are of another kind, or are gone.

use super::FailureText;
use super::end::End;

impl End<'_> {
    pub(super) fn already_exists(&self) -> FailureText {
        let (name, cluster) = (self.name, &self.facts.cluster);
        Self::plain(
            format!("Service `{name}` already exists, and was not created by this apply"),
            format!("{} It was not changed.", self.now()),
            "A create never takes over a service that somebody else may own.",
            format!(
                "If it is not in the state, import it (id `{cluster}/{name}`), or choose a different name. If it is in \
                 the state and Terraform replaces it with `create_before_destroy`, the new service needs a different \
                 name: a cluster has one service of a name. Change `name` as well, or remove `create_before_destroy`."
            ),
        )
    }

    pub(super) fn controller_differs(&self) -> FailureText {
        let now = match &self.facts.live {
            Some(live) => format!("Its controller is `{}`. {}", live.controller, self.now()),
            None => self.now(),
        };
        Self::plain(
            format!(
                "Service `{}` has a different deployment controller; nothing was changed",
                self.name
            ),
            now,
            "A deployment under one controller cannot be followed under another.",
            "Set `controller` to that of the service. A running service can move between `ecs` and `codedeploy`; to \
             move from or to `external`, delete it and create it again."
                .to_owned(),
        )
    }

    pub(super) fn vanished(&self) -> FailureText {
        Self::plain(
            format!("Service `{}` was deleted during the apply", self.name),
            "The service no longer exists, or is draining.".to_owned(),
            "Somebody deleted it; this apply did not.",
            "Find out who deleted it. Apply again to create it.".to_owned(),
        )
    }
}
