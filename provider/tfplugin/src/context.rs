//! What every operation is given besides its request.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::diagnostic::Diagnostics;
use crate::value::Path;

/// The surroundings of one operation: the provider's client, the stop signal, the request's identifier.
#[derive(Debug)]
pub struct Context<C> {
    client: ClientState<C>,
    cancel: CancellationToken,
    request_id: String,
}

/// What became of the provider configuration.
#[derive(Debug)]
pub(crate) enum ClientState<C> {
    /// Terraform has not configured the provider (validation, functions, moves).
    Unconfigured,
    /// The configuration depends on values that are not known yet.
    Waiting(Vec<Path>),
    /// Configuring failed; Terraform was told then.
    Failed(Diagnostics),
    /// Ready for use.
    Ready(Arc<C>),
}

impl<C> Clone for ClientState<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Unconfigured => Self::Unconfigured,
            Self::Waiting(paths) => Self::Waiting(paths.clone()),
            Self::Failed(diagnostics) => Self::Failed(diagnostics.clone()),
            Self::Ready(client) => Self::Ready(Arc::clone(client)),
        }
    }
}

impl<C> Clone for Context<C> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            cancel: self.cancel.clone(),
            request_id: self.request_id.clone(),
        }
    }
}

impl<C> Context<C> {
    /// A context with a client, for tests of a resource's methods.
    #[must_use]
    pub fn with_client(client: C) -> Self {
        Self::new(
            ClientState::Ready(Arc::new(client)),
            CancellationToken::new(),
            String::new(),
        )
    }

    pub(crate) fn new(
        client: ClientState<C>,
        cancel: CancellationToken,
        request_id: String,
    ) -> Self {
        Self {
            client,
            cancel,
            request_id,
        }
    }

    /// The same operation with another client, such as one of another region.
    #[must_use]
    pub fn of(&self, client: C) -> Self {
        Self {
            client: ClientState::Ready(Arc::new(client)),
            ..self.clone()
        }
    }

    /// The same operation while these values, which decide on the client, are not known yet.
    #[must_use]
    pub fn waiting_for(&self, unknown: Vec<Path>) -> Self {
        Self {
            client: ClientState::Waiting(unknown),
            ..self.clone()
        }
    }

    /// What [`Provider::configure`](crate::provider::Provider::configure) made.
    ///
    /// # Errors
    ///
    /// When the provider is not configured, when its configuration is not known yet, or when configuring it
    /// failed. The message says which, so it can be passed on as it is.
    pub fn client(&self) -> Result<&C, Diagnostics> {
        match &self.client {
            ClientState::Ready(client) => Ok(client),
            ClientState::Failed(diagnostics) => Err(diagnostics.clone()),
            ClientState::Unconfigured => Err(Diagnostics::bug(
                "using the provider's client",
                "the provider has not been configured before this request",
            )),
            ClientState::Waiting(paths) => Err(waiting(paths)),
        }
    }

    /// The same client, to be moved into a task.
    ///
    /// # Errors
    ///
    /// As for [`client`](Self::client).
    pub fn shared_client(&self) -> Result<Arc<C>, Diagnostics> {
        match &self.client {
            ClientState::Ready(client) => Ok(Arc::clone(client)),
            ClientState::Unconfigured | ClientState::Waiting(_) | ClientState::Failed(_) => {
                Err(self.client().err().unwrap_or_default())
            }
        }
    }

    /// Whether there is a client: false while the provider configuration is not known yet.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        matches!(self.client, ClientState::Ready(_))
    }

    /// The parts of the provider configuration that are not known yet, when that is why there is no client.
    pub(crate) fn waits_for(&self) -> Option<&[Path]> {
        match &self.client {
            ClientState::Waiting(paths) => Some(paths),
            ClientState::Unconfigured | ClientState::Failed(_) | ClientState::Ready(_) => None,
        }
    }

    /// Cancelled when the user interrupts Terraform. The operation should bring the object to a state that
    /// can be recorded and return it soon.
    #[must_use]
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Names the request in the log (`tf_req_id`).
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

fn waiting(paths: &[Path]) -> Diagnostics {
    let names = unknown_names(paths);
    Diagnostics::error(
        "Provider configuration is not known yet",
        format!(
            "{names} depends on values that are only known after apply, and this operation has to ask the remote \
             system now.\n\nApply the objects the provider configuration depends on first, for example with \
             `terraform apply -target=ADDRESS`, then run the command again."
        ),
    )
}

/// The unknown parts of the provider configuration, for a message.
pub(crate) fn unknown_names(paths: &[Path]) -> String {
    match paths {
        [] => "Part of the provider configuration".to_owned(),
        paths => paths
            .iter()
            .map(|path| format!("`{path}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(client: ClientState<u8>) -> Context<u8> {
        Context::new(client, CancellationToken::new(), "1".to_owned())
    }

    #[test]
    fn each_missing_client_says_why() {
        let unknown = context(ClientState::Waiting(vec![Path::from("region")]))
            .client()
            .unwrap_err()
            .to_string();
        assert!(unknown.contains("`region` depends on values"), "{unknown}");
        let unconfigured = context(ClientState::Unconfigured)
            .client()
            .unwrap_err()
            .to_string();
        assert!(
            unconfigured.contains("has not been configured"),
            "{unconfigured}"
        );
        let failed = context(ClientState::Failed(Diagnostics::error("no token", "")))
            .shared_client()
            .unwrap_err();
        assert!(failed.to_string().contains("no token"));
    }

    #[test]
    fn a_ready_client_is_shared() {
        let context = Context::with_client(7_u8);
        assert_eq!(context.client(), Ok(&7));
        assert_eq!(*context.shared_client().unwrap(), 7);
        assert!(context.is_configured());
    }
}
