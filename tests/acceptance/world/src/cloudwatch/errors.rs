//! CloudWatch's errors, by the codes its query protocol answers with.

use crate::ApiError;

/// A required member was not sent.
pub(crate) fn missing(member: &str) -> ApiError {
    ApiError::new(
        "MissingParameter",
        format!("The parameter {member} is required."),
    )
}

/// A member has a value CloudWatch refuses.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// Members that do not go together.
pub(crate) fn combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

/// A request its model refuses.
pub(crate) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// The thing asked for does not exist (alarms and dashboards; HTTP 404).
pub(crate) fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFound", message).with_status(404)
}

/// The ARN of a tag call names nothing (HTTP 404).
pub(crate) fn no_such_arn(arn: &str) -> ApiError {
    no_resource(format!("Unknown resource {arn}"))
}

/// The thing asked for does not exist, where it is neither an alarm nor a dashboard (HTTP 404).
pub(crate) fn no_resource(message: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFoundException", message).with_status(404)
}

/// A page token that was never given.
pub(crate) fn invalid_token() -> ApiError {
    ApiError::new("InvalidNextToken", "The next token is invalid.")
}

/// The same of operations that have no error of their own for it.
pub(crate) fn undeclared_token() -> ApiError {
    invalid("The value of the parameter NextToken is invalid.")
}
