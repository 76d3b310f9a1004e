//! TLS with the certificate authorities that this machine trusts.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::words;

/// Built at the first use.
#[derive(Default)]
pub(crate) struct Tls {
    connector: OnceCell<TlsConnector>,
}

impl Tls {
    /// Trusts these authorities alone.
    #[cfg(test)]
    pub(crate) fn trusting(roots: RootCertStore) -> Self {
        Self {
            connector: OnceCell::new_with(connector(roots).ok()),
        }
    }

    /// Shakes hands over `stream` with the server of this name.
    pub(crate) async fn over(
        &self,
        stream: TcpStream,
        name: &str,
    ) -> Result<TlsStream<TcpStream>, String> {
        let connector = self.connector.get_or_try_init(of_the_system).await?;
        let server = ServerName::try_from(name.to_owned())
            .map_err(|_| format!("`{name}` cannot be the name of a TLS server"))?;
        connector
            .connect(server, stream)
            .await
            .map_err(|error| words::handshake(&error, name))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Reads a hundred and more files, which must not hold up others.
async fn of_the_system() -> Result<TlsConnector, String> {
    tokio::task::spawn_blocking(|| connector(switchyard_net::roots()))
        .await
        .map_err(|error| format!("the certificate authorities could not be read: {error}"))?
}

fn connector(roots: RootCertStore) -> Result<TlsConnector, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
