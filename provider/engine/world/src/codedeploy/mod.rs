//! Work in progress.
use serde_json::Value;

use crate::state::State as World;
use crate::{ApiError, Timestamp};

/// State.
#[derive(Debug, Default)]
pub(crate) struct State {}

pub(crate) fn call(_world: &mut World, operation: &str, _input: Value) -> Result<Value, ApiError> {
    Err(ApiError::new("UnknownOperationException", operation))
}

pub(crate) fn tick(_world: &mut World) {}

pub(crate) fn next_event(_world: &World) -> Option<Timestamp> {
    None
}
