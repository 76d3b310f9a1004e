//! Requests and connections to the service itself, and to what it depends on.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

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

/// A connection that is opened and closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectRequest {
    /// Name or IP address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// For a TLS handshake: whom the certificate must be for. Without it, TCP alone.
    pub server_name: Option<String>,
    /// How long all of it may take, in real time.
    pub timeout: Duration,
}

/// A connection was open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Time until it was, in real time.
    pub latency: Duration,
    /// When the server's certificate expires; after a TLS handshake only.
    pub expires_at: Option<Timestamp>,
}

/// Sends requests and opens connections. Redirects are not followed.
#[async_trait::async_trait]
pub trait Probes: Send + Sync + 'static {
    /// Sends one request.
    async fn send(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure>;
    /// Opens a connection, and shakes hands when a server name is given. The certificate must be valid now, for that name,
    /// and from an authority that the machine trusts.
    async fn connect(&self, request: &ConnectRequest) -> Result<Connected, ProbeFailure>;
}
