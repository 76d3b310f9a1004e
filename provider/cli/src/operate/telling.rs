//! `--notify`: tells others what a command has changed. It changes neither the result nor the exit code.

use std::path::Path;

use switchyard_engine::ports::Ports;
use switchyard_notify::{Event, Kind, Outlets, Subject, Target, tell};
use switchyard_operate::{Acted, Deed, Trouble};

use crate::notify::read_targets;

/// Who is told, and why it was done.
pub(super) struct Telling {
    targets: Vec<Target>,
    reason: Option<String>,
}

impl Telling {
    /// As a file says.
    ///
    /// # Errors
    /// It cannot be read, or is wrong.
    pub(super) fn of(file: &Path, reason: Option<&str>) -> Result<Self, Trouble> {
        let targets = read_targets(file)
            .map_err(|why| Trouble::new(format!("Nothing was changed. {why}")))?;
        Ok(Self {
            targets,
            reason: reason.map(str::to_owned),
        })
    }

    /// Tells what was changed; the sentences are about those who did not hear it.
    pub(super) async fn tell(self, ports: &Ports, acted: Vec<Acted>) -> Vec<String> {
        let now = ports.clock.now();
        let event = |acted: Acted| {
            let kind = match acted.deed {
                Deed::Approved => Kind::Approved,
                Deed::NotRolledBack => Kind::Failed,
                Deed::Raised => Kind::EmergencyScaling,
                Deed::Rejected => Kind::Rejected,
                Deed::RolledBack => Kind::RolledBack,
                Deed::Stopped => Kind::Stopped,
            };
            let reason = acted.told_reason(self.reason.as_deref());
            let subject = Subject::Service {
                cluster: acted.cluster,
                name: acted.service,
            };
            Event {
                to: acted.to,
                reason,
                ..Event::new(kind, now, subject)
            }
        };
        let events = acted.into_iter().map(event).collect();
        let lost = tell(&self.targets, &Outlets::of(ports), events).await;
        lost.iter().map(ToString::to_string).collect()
    }
}
