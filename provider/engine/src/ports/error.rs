//! The one error type of the ports.

/// Result of a port call.
pub type Result<T> = std::result::Result<T, Error>;

/// A call to the outside failed.
///
/// `Display` says this layer only; the cause chain is walked once, by the printer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation} on {target} failed: {message}")]
#[expect(
    clippy::error_impl_error,
    reason = "the one error of its module, always named with it"
)]
pub struct Error {
    /// AWS operation in `service:Operation` form, such as `ecs:UpdateService`.
    pub operation: &'static str,
    /// The object that was meant: a name or an ARN.
    pub target: String,
    /// What kind of failure it is; decisions look only at this.
    pub kind: ErrorKind,
    /// AWS error code, such as `ClusterNotFoundException`; empty when the call never got an answer.
    pub code: String,
    /// What AWS (or the transport) said.
    pub message: String,
    /// AWS request id, for support cases.
    pub request_id: Option<String>,
}

/// Kinds of port failures. Produced only by the adapter's classification table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The same name exists already.
    AlreadyExists,
    /// Another operation is under way on the object (a deployment is running, a resource is in use).
    Conflict,
    /// Credentials are missing, wrong, or not allowed to do this.
    Denied,
    /// The object does not exist.
    NotFound,
    /// AWS says the request itself is wrong.
    Rejected,
    /// Too many calls; the adapter's own retries are used up.
    Throttled,
    /// No answer within the transport's limits. The call may or may not have taken effect.
    Timeout,
    /// The endpoint cannot be reached, or answered 5xx to the end of the retries.
    Unavailable,
    /// None of the above: the answer could not be understood.
    Unexpected,
}

impl ErrorKind {
    /// Whether trying again later, without changing anything, can help.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Timeout | Self::Unavailable)
    }
}
