//! What came back: an answer, or a refusal in the words of whichever protocol the service speaks.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use serde_json::Value;

use super::xml::Element;

/// An answer with a status of success.
#[derive(Clone)]
pub(crate) struct Answer {
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header; names are compared without case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// Without the body: it may hold what nobody should read in a log.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A refusal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(ErrorMetadata);

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Reads what came back.
pub(super) fn read(response: &HttpResponse) -> Result<Answer, OrchestratorError<Refusal>> {
    let body = response.body().bytes().unwrap_or_default().to_vec();
    let pairs = response.headers().iter();
    let headers = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let answer = Answer { headers, body };
    match response.status().is_success() {
        true => Ok(answer),
        false => Err(OrchestratorError::operation(Refusal(refusal(&answer)))),
    }
}

fn refusal(answer: &Answer) -> ErrorMetadata {
    let (code, message) = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(body) => in_json(&body),
        Err(_) => in_xml(&answer.body),
    };
    let typed = answer.header("x-amzn-errortype").map(ToOwned::to_owned);
    let mut refusal = ErrorMetadata::builder();
    if let Some(code) = typed.or(code) {
        refusal = refusal.code(plain(&code));
    }
    if let Some(message) = message {
        refusal = refusal.message(message);
    }
    refusal.build()
}

/// A code may have a namespace before `#` and a link behind `:`.
fn plain(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code)
}

fn in_json(body: &Value) -> (Option<String>, Option<String>) {
    let text = |names: [&str; 3]| {
        let mut found = names.iter().filter_map(|name| body.get(*name)?.as_str());
        found.next().map(ToOwned::to_owned)
    };
    (
        text(["__type", "code", "Code"]),
        text(["message", "Message", "errorMessage"]),
    )
}

/// `Error` lies at different depths: EC2 has it in `Response/Errors`, the others in `ErrorResponse`.
fn in_xml(body: &[u8]) -> (Option<String>, Option<String>) {
    let root = Element::read(body);
    let error = root.as_ref().and_then(|root| root.anywhere("Error"));
    let text = |name: &str| {
        error
            .and_then(|error| error.text_of(name))
            .map(ToOwned::to_owned)
    };
    (text("Code"), text("Message"))
}
