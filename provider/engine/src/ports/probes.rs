//! HTTP requests to the service itself.

use std::collections::BTreeMap;
use std::time::Duration;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Absolute URL, `http://` or `https://`.
    pub url: String,
    /// Headers; `host` overrides the URL's.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Option<String>,
    /// How long the whole request may take, in real time.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeResponse {
    /// Status code.
    pub status: u16,
    /// Body, cut off at one mebibyte, invalid UTF-8 replaced.
    pub body: String,
    /// Time to the end of the body, in real time.
    pub latency: Duration,
}

/// Nothing came back: what went wrong, in words (connection refused, timed out after 10 s, …).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProbeFailure(pub String);

/// Sends requests. Redirects are not followed.
#[async_trait::async_trait]
pub trait Probes: Send + Sync + 'static {
    /// Sends one request.
    async fn send(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure>;
}
