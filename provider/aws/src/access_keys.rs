//! An access key pair.

use crate::redacted::Redacted;

/// An access key pair, with a session token when it is temporary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKeys {
    /// Access key id; not a secret.
    pub id: String,
    /// Secret access key.
    pub secret: Redacted<String>,
    /// Session token of temporary credentials.
    pub session_token: Option<Redacted<String>>,
}
