//! ECS's refusals, in its own words.

use serde_json::{Value, json};

use crate::error::ApiError;

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(super::INVALID, message)
}

pub(super) fn client(message: impl Into<String>) -> ApiError {
    ApiError::new("ClientException", message)
}

/// A page token that was never given.
pub(super) fn invalid_token() -> ApiError {
    invalid("Invalid token.")
}

pub(super) fn cluster_not_found() -> ApiError {
    ApiError::new("ClusterNotFoundException", "Cluster not found.")
}

/// A number of tasks for a service that has one on each instance.
pub(super) fn daemon_has_no_count() -> ApiError {
    invalid(
        "The daemon scheduling strategy does not support a desired count. Remove the desired count value and try again.",
    )
}

pub(super) fn service_not_found() -> ApiError {
    ApiError::new("ServiceNotFoundException", "Service not found.")
}

pub(super) fn service_not_active() -> ApiError {
    ApiError::new("ServiceNotActiveException", "Service was not ACTIVE.")
}

/// An entry of a `failures` list.
pub(super) fn missing(arn: &str) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}
