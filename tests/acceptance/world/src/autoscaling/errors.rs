//! Application Auto Scaling's errors.

use super::target::Key;
use crate::ApiError;

/// A request its model or its rules refuse.
pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// A required member was not sent.
pub(super) fn missing(member: &str) -> ApiError {
    let member = {
        let mut letters = member.chars();
        letters
            .next()
            .map(|first| first.to_ascii_lowercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// What is asked for does not exist.
pub(super) fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new("ObjectNotFoundException", message)
}

/// The target is not registered.
pub(super) fn no_target(key: &Key) -> ApiError {
    not_found(format!(
        "No scalable target registered for service namespace: {}, resource ID: {}, scalable dimension: {}",
        key.namespace, key.resource_id, key.dimension
    ))
}

/// A quota is used up.
pub(super) fn limit(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", message)
}

/// A page token that was never given.
pub(super) fn invalid_token() -> ApiError {
    ApiError::new("InvalidNextTokenException", "The next token is invalid.")
}

/// The ARN of a tag call names nothing.
pub(super) fn no_such_arn(arn: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("The scalable target {arn} does not exist."),
    )
    .with_field("ResourceName", arn)
}
