//! ECS.

use serde_json::Value;

use crate::error::ApiError;
use crate::state::State as World;
use crate::time::Timestamp;

/// What ECS holds in one region.
#[derive(Debug, Default)]
pub(crate) struct State {}

/// Answers one call.
pub(crate) fn call(_state: &mut World, operation: &str, _input: Value) -> Result<Value, ApiError> {
    Err(ApiError::new(
        "UnknownOperationException",
        format!("The action {operation} is not valid for this web service."),
    ))
}

/// The earliest moment at which something here changes by itself.
pub(crate) fn next_event(_state: &World) -> Option<Timestamp> {
    None
}

/// Does everything that is due at `state.now`.
pub(crate) fn tick(_state: &mut World) {}

/// All running tasks.
pub(crate) fn tasks_on_the_wire(_state: &World) -> Vec<crate::data_plane::Task> {
    Vec::new()
}

/// A group came into use or went out of it, or is checked otherwise: its services must look again.
pub(crate) fn wake_users_of(_state: &mut World, _group: &str) {}

/// From when until when the task with this address answers on this port.
pub(crate) fn answering(_state: &World, _ip: &str, _port: u16) -> crate::elbv2::Answering {
    crate::elbv2::Answering { from: None, until: None }
}

/// Whether the task with this address runs but fails its health check.
pub(crate) fn answers_badly(_state: &World, _ip: &str) -> bool {
    false
}
