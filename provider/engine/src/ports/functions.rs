//! Functions of AWS Lambda.

use std::time::Duration;

use serde_json::Value;

use super::Result;

/// What a function has answered.
#[derive(Clone, PartialEq, Eq)]
pub struct FunctionAnswer {
    /// `X-Amz-Function-Error`, such as `Unhandled`: the function itself has failed.
    pub error: Option<String>,
    /// Its answer, JSON as a rule; what the failure was when it has failed.
    pub payload: String,
}

/// Without the payload: it may hold what nobody should read in a log.
impl std::fmt::Debug for FunctionAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionAnswer")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Runs functions and waits for their answers.
#[async_trait::async_trait]
pub trait Functions: Send + Sync + 'static {
    /// Runs the function (name, alias or ARN) with this event and waits for its answer (Invoke, `RequestResponse`), at most
    /// for `time_limit` of real time. Never sent twice: a function may do something.
    ///
    /// # Errors
    /// When the function was not run, or did not answer in time.
    async fn invoke(
        &self,
        function: &str,
        event: &Value,
        time_limit: Duration,
    ) -> Result<FunctionAnswer>;
}
