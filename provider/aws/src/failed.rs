//! What a failed call becomes: an error of the ports, in words.

mod foreign;

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use switchyard_engine::ports::{Error, ErrorKind};

pub(crate) use foreign::foreign;

use crate::classify::{classify, shown};
use crate::http::At;
use crate::problem::Problem;

/// The answer lacks something AWS always sends.
pub(crate) fn incomplete(operation: &'static str, target: &str, field: &str) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message: format!(
            "the response has no `{field}`, which AWS always sends. Check what responds at the endpoint"
        ),
        request_id: None,
    }
}

/// The answer is not what AWS documents.
pub(crate) fn unreadable(operation: &'static str, target: &str, error: &dyn StdError) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message: format!(
            "the response cannot be read ({error}). Check what responds at the endpoint"
        ),
        request_id: None,
    }
}

/// The service has no endpoint there.
pub(crate) fn nowhere(
    operation: &'static str,
    target: &str,
    region: &str,
    error: &dyn StdError,
) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message: format!("no endpoint is known for region `{region}` ({error}). Check the region"),
        request_id: None,
    }
}

/// The request could not even be put together.
pub(crate) fn unbuildable(operation: &'static str, target: &str, error: &dyn StdError) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message: format!(
            "the request could not be built ({error}). This is a bug in the provider; please report it"
        ),
        request_id: None,
    }
}

/// A failed SDK call as a port error. `looked_at` lists the sources of credentials.
pub(crate) fn failure<E>(
    operation: &'static str,
    target: &str,
    error: &SdkError<E, HttpResponse>,
    looked_at: &str,
) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let unanswered = |kind: ErrorKind, message: String| Error {
        operation,
        target: target.to_owned(),
        kind,
        code: String::new(),
        message,
        request_id: None,
    };
    match error {
        SdkError::ServiceError(answered) if !answered.raw().status().is_success() => {
            let meta = answered.err().meta();
            let status = answered.raw().status().as_u16();
            let code = meta.code().unwrap_or_default();
            let message = match meta.message().map(shown) {
                Some(message) if !message.is_empty() => message.to_owned(),
                _ => format!("AWS returned HTTP {status} without a reason"),
            };
            let message = match elsewhere(answered.raw(), code) {
                Some(region) => format!(
                    "{}. The bucket is in region {region}: set that region where the bucket is configured",
                    message.trim_end_matches('.')
                ),
                None => message,
            };
            Error {
                operation,
                target: target.to_owned(),
                kind: classify(operation, code, &message, status),
                code: code.to_owned(),
                message,
                request_id: request_id(answered.raw())
                    .or_else(|| meta.extra("aws_request_id").map(ToOwned::to_owned)),
            }
        }
        SdkError::ServiceError(answered) => garbled(answered.raw(), error, unanswered),
        SdkError::ResponseError(answered) => garbled(answered.raw(), error, unanswered),
        SdkError::TimeoutError(_) => unanswered(
            ErrorKind::Timeout,
            "There was no response within the time limit.".to_owned(),
        ),
        other => match cause::<Problem>(other) {
            Some(problem) => problem.clone().into_error(operation, target),
            None => match cause::<CredentialsError>(other) {
                Some(credentials) => {
                    no_credentials(credentials, looked_at).into_error(operation, target)
                }
                None => unsent(other, unanswered),
            },
        },
    }
}

/// An answer was there, and could not be read.
fn garbled<E>(
    response: &HttpResponse,
    error: &SdkError<E, HttpResponse>,
    unanswered: impl FnOnce(ErrorKind, String) -> Error,
) -> Error
where
    E: StdError + Send + Sync + 'static,
{
    let status = response.status().as_u16();
    let kind = if status >= 500 {
        ErrorKind::Unavailable
    } else {
        ErrorKind::Unexpected
    };
    let message = format!(
        "The response (HTTP {status}) could not be understood: {}",
        chain(error)
    );
    Error {
        request_id: request_id(response),
        ..unanswered(kind, message)
    }
}

fn unsent<E>(
    error: &SdkError<E, HttpResponse>,
    unanswered: impl FnOnce(ErrorKind, String) -> Error,
) -> Error
where
    E: StdError + Send + Sync + 'static,
{
    let said = chain(error);
    match error {
        SdkError::DispatchFailure(failure) if failure.is_timeout() => unanswered(
            ErrorKind::Timeout,
            match cause::<At>(error) {
                Some(at) => format!(
                    "There was no response within the time limit from {}",
                    at.origin
                ),
                None => "There was no response within the time limit.".to_owned(),
            },
        ),
        SdkError::DispatchFailure(_) if never_connected(error) => unanswered(
            ErrorKind::Unavailable,
            match cause::<At>(error) {
                Some(at) => format!("The endpoint cannot be reached: {}: {said}", at.origin),
                None => format!("The endpoint cannot be reached: {said}"),
            },
        ),
        SdkError::DispatchFailure(_) if broke_off(error) => unanswered(
            ErrorKind::Timeout,
            format!("The connection was lost before the response: {said}"),
        ),
        _ => unanswered(
            ErrorKind::Unexpected,
            format!("the request could not be sent: {said}"),
        ),
    }
}

/// Whether a connection was there and ended early. Such errors come from the HTTP client in several
/// forms; all of them leave open whether the request arrived.
fn broke_off<E: StdError + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    let SdkError::DispatchFailure(failure) = error else {
        return false;
    };
    let from_client = cause::<hyper_util::client::legacy::Error>(error).is_some();
    !failure.is_user() && (failure.is_io() || failure.as_other().is_some() || from_client)
}

/// Whether the request certainly never left: no connection was made.
pub(crate) fn never_connected(error: &(dyn StdError + 'static)) -> bool {
    cause::<hyper_util::client::legacy::Error>(error)
        .is_some_and(hyper_util::client::legacy::Error::is_connect)
}

fn no_credentials(error: &CredentialsError, looked_at: &str) -> Problem {
    let reason = match error {
        CredentialsError::CredentialsNotLoaded(_) => String::new(),
        other => format!("{}. ", shown(&chain(other)).trim_end_matches('.')),
    };
    Problem::MissingCredentials {
        looked_at: looked_at.to_owned(),
        reason,
    }
}

/// The region a bucket is in, when S3 refuses a call because it was sent to another one.
fn elsewhere<'a>(response: &'a HttpResponse, code: &str) -> Option<&'a str> {
    let is_refusal = matches!(
        code,
        "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
            | "PermanentRedirect"
            | "TemporaryRedirect"
    );
    is_refusal
        .then(|| response.headers().get("x-amz-bucket-region"))
        .flatten()
}

fn request_id(response: &HttpResponse) -> Option<String> {
    ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"]
        .iter()
        .find_map(|name| response.headers().get(*name))
        .map(ToOwned::to_owned)
}

/// The first error of type `T` in the chain.
pub(crate) fn cause<'a, T: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a T> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref::<T>())
}

/// The causes in their own words, outermost first, without repetitions.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in std::iter::successors(error.source(), |&error| error.source()) {
        if cause.is::<At>() {
            continue;
        }
        let words = cause.to_string();
        if !said.iter().any(|before| before.contains(&words)) {
            said.push(words);
        }
    }
    match said.is_empty() {
        true => error.to_string(),
        false => said.join(": "),
    }
}
