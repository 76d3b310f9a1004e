//! Who is told of what an action has done: the receivers of the provider block.

use switchyard_notify::{Event, Kind, Outlets, Subject, tell};
use switchyard_operate::{Acted, Deed};
use tfplugin::diagnostic::Diagnostic;

use crate::client::Client;
use crate::notices::undelivered;

/// Tells them; what did not arrive is a warning at most.
pub(super) async fn told(
    client: &Client,
    acted: Vec<Acted>,
    reason: Option<&str>,
) -> Option<Diagnostic> {
    let name = acted.first()?.service.clone();
    let ports = client.ports();
    let now = ports.clock.now();
    let events = acted.into_iter().map(|acted| {
        let kind = match acted.deed {
            Deed::Approved => Kind::Approved,
            Deed::NotRolledBack => Kind::Failed,
            Deed::Raised => Kind::EmergencyScaling,
            Deed::Rejected => Kind::Rejected,
            Deed::RolledBack => Kind::RolledBack,
            Deed::Stopped => Kind::Stopped,
        };
        let reason = acted.told_reason(reason);
        let subject = Subject::Service {
            cluster: acted.cluster,
            name: acted.service,
        };
        Event {
            to: acted.to,
            reason,
            ..Event::new(kind, now, subject)
        }
    });
    let lost = tell(client.targets(), &Outlets::of(ports), events.collect()).await;
    undelivered(&name, "What was done is done.", &lost)
}
