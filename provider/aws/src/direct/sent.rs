//! What is sent, and what it does at AWS.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::http::HttpError;
use aws_smithy_types::body::SdkBody;

/// Whether a call changes something at AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is sent once: what asks can do without it, or repeats it itself.
    Tries,
    /// It only reads. It may be sent again after a lost answer.
    Reads,
    /// It changes something each time it is received: it is not sent again when its answer was lost.
    WritesOnce,
}

/// What is sent: everything but the host, which the region decides, and the signature.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// How long an attempt may take, where that is not what the connection says.
    pub(super) limit: Option<Duration>,
}

/// The request without host and signature.
pub(super) fn request(sent: &Sent) -> Result<HttpRequest, HttpError> {
    let mut request = HttpRequest::new(SdkBody::from(sent.body.clone()));
    request.set_method(sent.method)?;
    request.set_uri(sent.path.clone())?;
    for (name, value) in &sent.headers {
        request.headers_mut().try_insert(*name, value.clone())?;
    }
    Ok(request)
}
