//! Calls that must not be repeated when it is unknown whether they took effect, and refusals that pass.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

use serde_json::Value;

use crate::failed::never_connected;

/// Forbids repeating a call whose answer was lost. CreateDeployment has no idempotency token; UpdateService
/// with `forceNewDeployment` starts a rollout and RegisterTaskDefinition makes a revision each time they are
/// received; a wait that was ended is no longer there to be ended. The engine looks at AWS instead. A refused
/// call (throttled, never connected) is repeated as usual.
#[derive(Debug)]
pub(crate) struct NeverRepeatUnanswered;

impl ClassifyRetry for NeverRepeatUnanswered {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let lost = if error.is_timeout_error() || error.is_response_error() {
            true
        } else if let Some(connector) = error.as_connector_error() {
            let connector: &(dyn StdError + 'static) = connector;
            !never_connected(connector)
        } else {
            // 503 says that nothing was done; other server errors leave it open.
            context
                .response()
                .is_some_and(|response| matches!(response.status().as_u16(), 500..=502 | 504..=599))
        };
        if lost {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "never repeat unanswered"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Repeats a write that Application Auto Scaling refused because another one to the same target was under way.
/// The SDK takes that refusal for a final one.
#[derive(Debug)]
pub(crate) struct RetryConcurrentUpdate;

impl ClassifyRetry for RetryConcurrentUpdate {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        again_if(context, |body| {
            let answer: Value = serde_json::from_slice(body).unwrap_or_default();
            // Both spellings of the type, with and without a namespace, end with it.
            let code = answer.get("__type").and_then(Value::as_str);
            code.is_some_and(|code| code.ends_with("ConcurrentUpdateException"))
        })
    }

    fn name(&self) -> &'static str {
        "retry concurrent update"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Repeats a conditional write that S3 could not decide because another write or deletion of the same object was
/// under way. The SDK takes that refusal for a final one.
#[derive(Debug)]
pub(crate) struct RetryConditionalConflict;

impl ClassifyRetry for RetryConditionalConflict {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        again_if(context, |body| {
            let code = b"<Code>ConditionalRequestConflict</Code>";
            body.windows(code.len()).any(|part| part == code)
        })
    }

    fn name(&self) -> &'static str {
        "retry conditional conflict"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Asks for a repetition of a refusal by its body: the SDK does not show these codes elsewhere.
fn again_if(context: &InterceptorContext, refused: impl Fn(&[u8]) -> bool) -> RetryAction {
    let is_refused = context
        .response()
        .filter(|response| !response.status().is_success())
        .and_then(|response| response.body().bytes())
        .is_some_and(refused);
    if is_refused {
        RetryAction::server_error()
    } else {
        RetryAction::NoActionIndicated
    }
}
