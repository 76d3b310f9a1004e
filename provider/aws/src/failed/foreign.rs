//! Answers that do not come from AWS: an emulator without the service or with errors of its own, a proxy's page, a web
//! server.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;
use switchyard_engine::ports::{Error, ErrorKind};

use crate::service::Service;

/// Most characters of somebody's words that are shown.
const SHOWN: usize = 200;

/// Codes of an endpoint that does not know the operation. AWS knows all that the SDK can send.
const UNKNOWN_OPERATION: [&str; 4] = [
    "InvalidAction",
    "NotImplemented",
    "UnknownOperation",
    "UnknownOperationException",
];

/// How emulators say in words that they do not have something.
const LACKING: [&str; 8] = [
    "not been implemented",
    "not implemented",
    "notimplemented",
    "unknown action",
    "unknown operation",
    "unknown service",
    "unsupported operation",
    "unsupported service",
];

/// The error for an answer that AWS does not give. `endpoint` is the URL that was configured; AWS itself has every
/// service, so that without one only a page in its place is foreign.
pub(crate) fn foreign<E>(
    operation: &'static str,
    target: &str,
    error: &SdkError<E, HttpResponse>,
    endpoint: Option<&str>,
) -> Option<Error>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let response = error.raw_response()?;
    let status = response.status().as_u16();
    let code = error.code().unwrap_or_default();
    let is_coded = !code.is_empty() || response.status().is_success();
    let body = response.body().bytes();
    let stranger = body.and_then(|body| match Stranger::page(body) {
        Some(page) => Some(page),
        // Errors of AWS have a code.
        None if is_coded || endpoint.is_none() => None,
        None => Stranger::words(body),
    });
    let said = match (&stranger, error.message()) {
        (Some(stranger), _) => stranger.describe(),
        (None, Some(words)) => format!(": {}", quoted(words)),
        (None, None) => String::new(),
    };
    let (name, key) = Service::of(operation)?.names();
    let lacks = status == 501
        || UNKNOWN_OPERATION.contains(&code)
        || stranger
            .as_ref()
            .is_some_and(|stranger| matches!(status, 404 | 405) || stranger.lacks());
    let (kind, message) = match (endpoint, &stranger) {
        (Some(url), _) if lacks => (
            ErrorKind::Rejected,
            format!(
                "The endpoint URL {url} does not offer {name}, or not this operation of it. It returned HTTP \
                 {status}{said}. Use an endpoint that does, or set a different one for {name} only with `endpoints \
                 = {{ {key} = \"URL\" }}` in the provider block"
            ),
        ),
        (Some(url), Some(_)) => (
            kind_of_stranger(status),
            format!(
                "The endpoint URL {url} is not {name}: it returned HTTP {status}{said}. Check the URL, and any \
                 proxy in between"
            ),
        ),
        (None, Some(_)) => (
            kind_of_stranger(status),
            format!(
                "The response did not come from {name}: HTTP {status}{said}. Check the proxy and the network \
                 between this machine and AWS"
            ),
        ),
        (Some(_) | None, None) => return None,
    };
    Some(Error {
        operation,
        target: target.to_owned(),
        kind,
        code: code.to_owned(),
        message,
        request_id: None,
    })
}

/// Somebody else's answer: what it means for the call is as open as its status.
fn kind_of_stranger(status: u16) -> ErrorKind {
    match status {
        401 | 403 | 407 => ErrorKind::Denied,
        408 | 504 => ErrorKind::Timeout,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Unexpected,
    }
}

/// What stands in the place of an answer of AWS.
enum Stranger {
    /// A web page, with its title.
    Page(String),
    /// An error in words of its own, without the code that errors of AWS have.
    Words(String),
}

impl Stranger {
    fn page(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let start: String = text.trim_start().chars().take(14).collect();
        let start = start.to_ascii_lowercase();
        if !(start.starts_with("<!doctype html") || start.starts_with("<html")) {
            return None;
        }
        let title = text
            .split_once("<title>")
            .and_then(|(_, rest)| rest.split_once("</title>"))
            .and_then(|(title, _)| title.trim().lines().next())
            .unwrap_or_default();
        Some(Self::Page(title.trim().to_owned()))
    }

    /// Its sentence, where it is JSON with one; else all of it. Nothing says nothing.
    fn words(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?.trim();
        let sentence = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|json| sentence(&json));
        let words = sentence.unwrap_or_else(|| text.to_owned());
        (!words.is_empty()).then_some(Self::Words(words))
    }

    fn describe(&self) -> String {
        match self {
            Self::Page(title) if title.is_empty() => " with a web page".to_owned(),
            Self::Page(title) => format!(" with a web page titled {}", quoted(title)),
            Self::Words(words) => format!(": {}", quoted(words)),
        }
    }

    /// Whether it says that it does not have the service or the operation.
    fn lacks(&self) -> bool {
        let (Self::Page(words) | Self::Words(words)) = self;
        let words = words.to_ascii_lowercase();
        LACKING.iter().any(|lacking| words.contains(lacking))
    }
}

/// What an error in JSON says, under the names that are used for it.
fn sentence(json: &Value) -> Option<String> {
    const NAMES: [&str; 5] = ["error", "message", "Message", "detail", "errorMessage"];
    let found = NAMES.iter().find_map(|name| json.get(name))?;
    match found {
        Value::String(words) => Some(words.clone()),
        Value::Object(_) => sentence(found),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Somebody's words on one line, not too many of them.
fn quoted(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(SHOWN).collect();
    let dots = if short.len() < line.len() { "…" } else { "" };
    format!("\"{}{dots}\"", short.trim_end_matches('.'))
}
