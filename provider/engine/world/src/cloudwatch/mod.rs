//! CloudWatch.

use serde_json::Value;

use crate::error::ApiError;
use crate::state::State as World;
use crate::time::Timestamp;

/// What CloudWatch holds in one region.
#[derive(Debug, Default)]
pub(crate) struct State {}

/// Answers one call.
pub(crate) fn call(_state: &mut World, operation: &str, _input: Value) -> Result<Value, ApiError> {
    Err(ApiError::new(
        "InvalidAction",
        format!("The action {operation} is not valid for this web service."),
    ))
}

/// The earliest moment at which something here changes by itself.
pub(crate) fn next_event(_state: &World) -> Option<Timestamp> {
    None
}

/// Does everything that is due at `state.now`.
pub(crate) fn tick(_state: &mut World) {}

/// Whether the named alarm is in state ALARM now; an alarm that does not exist is not.
pub(crate) fn is_firing(_state: &World, _alarm: &str) -> bool {
    false
}
