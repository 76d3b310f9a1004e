//! Service events, in AWS's wording.

use serde_json::json;

use super::service::Service;
use crate::state::State as World;

/// How many events a service keeps.
const KEPT: usize = 100;

/// Adds an event: the text after `(service NAME) `.
pub(super) fn push(state: &mut World, service: &mut Service, text: &str) {
    let event = json!({
        "id": state.ids.uuid(),
        "createdAt": state.now,
        "message": format!("(service {}) {text}", service.name),
    });
    service.events.push_front(event);
    service.events.truncate(KEPT);
}

/// A task of the service joined a group.
pub(super) fn registered(state: &mut World, service: &str, group: &str) {
    say(
        state,
        service,
        &format!("registered 1 targets in (target-group {group})"),
    );
}

/// Adds an event to the service with this ARN.
pub(super) fn say(state: &mut World, service: &str, text: &str) {
    let Some(mut owner) = state.ecs.services.remove(service) else {
        return;
    };
    push(state, &mut owner, text);
    state.ecs.services.insert(service.to_owned(), owner);
}

/// `(task a) (task b)`.
pub(super) fn task_list(arns: &[String]) -> String {
    arns.iter()
        .map(|arn| format!("(task {})", arn.rsplit('/').next().unwrap_or(arn)))
        .collect::<Vec<_>>()
        .join(" ")
}
