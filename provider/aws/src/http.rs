//! The HTTP client under every SDK client: two connectors, each built when first needed.
//!
//! Loading the system's certificate roots opens a hundred and more files. It happens only when an
//! `https` endpoint is really called; a plain endpoint on loopback never causes it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::byte_stream::ByteStream;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::config::AwsConfig;
use crate::problem::Problem;

/// Hosts that are never reached through a proxy.
const LOOPBACK: &str = "localhost,127.0.0.1,::1";

/// What connectors are built from.
#[derive(Clone, Debug)]
struct Transport {
    ca_bundle: Option<PathBuf>,
    /// Not shown: proxies may carry a password.
    http_proxy: crate::Redacted<Option<String>>,
    https_proxy: crate::Redacted<Option<String>>,
    no_proxy: Option<String>,
}

/// Connect and read time-outs.
type Timeouts = (Option<Duration>, Option<Duration>);

/// Hands every SDK client the same pair of connectors per time-out setting, so that connections are
/// shared between services and operations.
#[derive(Clone, Debug)]
pub(crate) struct SharedConnectors {
    transport: Arc<Transport>,
    connectors: Arc<Mutex<HashMap<Timeouts, SharedHttpConnector>>>,
}

impl SharedConnectors {
    pub(crate) fn new(config: &AwsConfig) -> Self {
        let environment = &config.environment;
        let or_environment = |given: &Option<String>, fallback: Option<&str>| {
            given
                .clone()
                .or_else(|| fallback.map(ToOwned::to_owned))
                .filter(|url| !url.is_empty())
        };
        let transport = Transport {
            ca_bundle: config
                .custom_ca_bundle
                .clone()
                .or_else(|| environment.ca_bundle()),
            http_proxy: or_environment(&config.http_proxy, environment.http_proxy()).into(),
            https_proxy: or_environment(&config.https_proxy, environment.https_proxy()).into(),
            no_proxy: or_environment(&config.no_proxy, environment.no_proxy()),
        };
        Self {
            transport: Arc::new(transport),
            connectors: Arc::default(),
        }
    }

    fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let key = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self
            .connectors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connectors
            .entry(key)
            .or_insert_with(|| {
                SharedHttpConnector::new(ByScheme {
                    transport: Arc::clone(&self.transport),
                    settings: settings.clone(),
                    plain: OnceLock::new(),
                    secure: OnceLock::new(),
                })
            })
            .clone()
    }
}

/// Gets a document with a plain GET, outside of any AWS protocol. `None` when it cannot be had, or is larger
/// than `limit` bytes.
pub(crate) async fn fetch(
    connectors: &SharedConnectors,
    url: &str,
    limit: usize,
    timeout: Duration,
) -> Option<Vec<u8>> {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(timeout)
        .read_timeout(timeout)
        .build();
    let request = HttpRequest::get(url).ok()?;
    let response = connectors.connector(&settings).call(request).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let mut body = ByteStream::new(response.into_body());
    let mut document = Vec::new();
    while let Some(piece) = body.next().await {
        document.extend_from_slice(&piece.ok()?);
        if document.len() > limit {
            return None;
        }
    }
    Some(document)
}

impl HttpClient for SharedConnectors {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector(settings)
    }
}

/// Chooses the connector by the scheme of each request.
#[derive(Debug)]
struct ByScheme {
    transport: Arc<Transport>,
    settings: HttpConnectorSettings,
    plain: OnceLock<Result<SharedHttpConnector, Problem>>,
    secure: OnceLock<Result<SharedHttpConnector, Problem>>,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = if request.uri().starts_with("http://") {
            self.plain.get_or_init(|| self.build_plain())
        } else {
            self.secure.get_or_init(|| self.build_secure())
        };
        match connector {
            Ok(connector) => {
                let origin = origin(request.uri());
                let answer = connector.call(request);
                HttpConnectorFuture::new(
                    async move { answer.await.map_err(|error| at(origin, error)) },
                )
            }
            Err(problem) => {
                HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(problem.clone()))))
            }
        }
    }
}

/// Where a request went that got no answer: scheme, host and port.
#[derive(Debug, thiserror::Error)]
#[error("{origin}")]
pub(crate) struct At {
    pub(crate) origin: String,
    source: BoxError,
}

/// A URL without its path. A user and a password in it are left out.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Says where the request went. The SDK's errors do not, and what else they are stays.
fn at(origin: String, error: ConnectorError) -> ConnectorError {
    let connection = error.connection_metadata().cloned();
    let (is_io, is_timeout, is_user) = (error.is_io(), error.is_timeout(), error.is_user());
    let kind = error.as_other();
    let source: BoxError = Box::new(At {
        origin,
        source: error.into_source(),
    });
    let error = if is_io {
        ConnectorError::io(source)
    } else if is_timeout {
        ConnectorError::timeout(source)
    } else if is_user {
        ConnectorError::user(source)
    } else {
        ConnectorError::other(source, kind)
    };
    match connection {
        Some(connection) => error.with_connection(connection),
        None => error,
    }
}

impl ByScheme {
    fn build_plain(&self) -> Result<SharedHttpConnector, Problem> {
        let mut builder = Connector::builder().connector_settings(self.settings.clone());
        builder.set_proxy_config(self.transport.proxy(
            "http",
            self.transport.http_proxy.expose(),
            ProxyConfig::http,
        )?);
        // The plain connector knows TLS, too, which it never speaks: only so does it take a resolver. Without a
        // certificate authority it has nothing to load.
        let nobody = TlsContext::builder()
            .with_trust_store(TrustStore::empty())
            .build()
            .map_err(|error| Problem::CertificateBundle {
                path: "that is empty".to_owned(),
                reason: error.to_string(),
            })?;
        let builder = builder
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(nobody);
        Ok(SharedHttpConnector::new(builder.build_with_resolver(Names)))
    }

    fn build_secure(&self) -> Result<SharedHttpConnector, Problem> {
        let mut builder = Connector::builder().connector_settings(self.settings.clone());
        builder.set_proxy_config(self.transport.proxy(
            "https",
            self.transport.https_proxy.expose(),
            ProxyConfig::https,
        )?);
        let builder = builder
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(self.transport.trust()?);
        Ok(SharedHttpConnector::new(builder.build_with_resolver(Names)))
    }
}

/// Names resolve as everywhere in the provider.
#[derive(Clone, Copy, Debug)]
struct Names;

impl ResolveDns for Names {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            switchyard_net::resolve(name)
                .await
                .map_err(ResolveDnsError::new)
        })
    }
}

impl Transport {
    fn proxy<E>(
        &self,
        scheme: &'static str,
        url: &Option<String>,
        build: impl FnOnce(String) -> Result<ProxyConfig, E>,
    ) -> Result<Option<ProxyConfig>, Problem> {
        let Some(url) = url else { return Ok(None) };
        let proxy = build(url.clone()).map_err(|_| Problem::InvalidProxy { scheme })?;
        let no_proxy = match &self.no_proxy {
            Some(hosts) => format!("{hosts},{LOOPBACK}"),
            None => LOOPBACK.to_owned(),
        };
        Ok(Some(proxy.no_proxy(no_proxy)))
    }

    /// Whom to trust: the named bundle alone, or the authorities of this machine.
    fn trust(&self) -> Result<TlsContext, Problem> {
        let pem = match &self.ca_bundle {
            Some(path) => checked_bundle(path)?,
            None => switchyard_net::roots_as_pem(),
        };
        let store = TrustStore::empty().with_pem_certificate(pem);
        TlsContext::builder()
            .with_trust_store(store)
            .build()
            .map_err(|error| Problem::CertificateBundle {
                path: self
                    .ca_bundle
                    .as_deref()
                    .unwrap_or(Path::new("of the system"))
                    .display()
                    .to_string(),
                reason: error.to_string(),
            })
    }
}

/// The SDK panics on a bundle it cannot parse, so the bundle is checked before.
fn checked_bundle(path: &Path) -> Result<Vec<u8>, Problem> {
    let unusable = |reason: String| Problem::CertificateBundle {
        path: path.display().to_string(),
        reason,
    };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("it contains no certificate".to_owned()));
    }
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    fn transport(config: &AwsConfig) -> Arc<Transport> {
        SharedConnectors::new(config).transport
    }

    #[test]
    fn an_unreadable_certificate_bundle_is_a_problem_not_a_panic() {
        let directory = tempfile::tempdir().unwrap();
        let empty = directory.path().join("empty.pem");
        std::fs::write(&empty, "no certificate here").unwrap();
        let broken = directory.path().join("broken.pem");
        std::fs::write(
            &broken,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        for path in [directory.path().join("absent.pem"), empty, broken] {
            let mut config = AwsConfig::new(Environment::default());
            config.custom_ca_bundle = Some(path);
            let problem = transport(&config).trust().unwrap_err();
            assert_eq!(problem.code(), "CertificateBundle");
        }
    }

    #[test]
    fn an_origin_has_neither_path_nor_password() {
        for (url, short) in [
            (
                "https://ecs.eu-west-1.amazonaws.com/",
                "https://ecs.eu-west-1.amazonaws.com",
            ),
            (
                "http://me:secret@127.0.0.1:1/a/b?c=@d",
                "http://127.0.0.1:1",
            ),
            ("http://[::1]:4566", "http://[::1]:4566"),
        ] {
            assert_eq!(origin(url), short);
        }
    }

    #[test]
    fn a_failure_keeps_what_it_is_when_it_learns_its_origin() {
        let source = || -> BoxError { "words".into() };
        let kinds = |error: &ConnectorError| {
            let kind = error.as_other();
            (error.is_io(), error.is_timeout(), error.is_user(), kind)
        };
        for make in [
            ConnectorError::io,
            ConnectorError::timeout,
            ConnectorError::user,
            |source| ConnectorError::other(source, None),
            |source| {
                let kind = aws_smithy_types::retry::ErrorKind::TransientError;
                ConnectorError::other(source, Some(kind))
            },
        ] {
            let before = make(source());
            let after = at("https://host".to_owned(), make(source()));
            assert_eq!(kinds(&before), kinds(&after));
            let found = std::error::Error::source(&after).unwrap();
            assert_eq!(found.to_string(), "https://host");
            assert_eq!(found.source().unwrap().to_string(), "words");
        }
    }

    #[test]
    fn a_bad_proxy_is_reported_without_its_value() {
        let mut config = AwsConfig::new(Environment::default());
        config.https_proxy = Some("user:pass word@nowhere".to_owned());
        let transport = transport(&config);
        let problem = transport
            .proxy("https", transport.https_proxy.expose(), ProxyConfig::https)
            .unwrap_err();
        assert_eq!(problem, Problem::InvalidProxy { scheme: "https" });
        assert!(!format!("{transport:?} {problem}").contains("pass"));
    }
}
