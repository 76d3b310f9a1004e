//! A client like go-plugin's.

use std::{io, sync::Arc};

use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P521_SHA512,
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
};
use tfplugin_proto::{
    plugin::{Empty, grpc_controller_client::GrpcControllerClient},
    tfplugin6::{
        DynamicValue, get_provider_schema, provider_client::ProviderClient, read_resource,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};

use crate::plugin::{Handshake, soon};

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Where a provider listens.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) network: String,
    pub(crate) address: String,
}

impl Target {
    pub(crate) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match self.network.as_str() {
            "unix" => Ok(Box::new(UnixStream::connect(&self.address).await?)),
            "tcp" => Ok(Box::new(TcpStream::connect(&self.address).await?)),
            other => panic!("unknown network {other}"),
        }
    }

    pub(crate) async fn plain(&self) -> Client {
        Client::over(self.connect().await.unwrap()).await
    }
}

/// A client certificate as Terraform makes one: P-521, and its own certificate authority.
pub(crate) struct Identity {
    pub(crate) pem: String,
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, "HashiCorp");
        name.push(DnType::CommonName, "localhost");
        params.distinguished_name = name;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        let certificate = params.self_signed(&key).unwrap();
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key: der,
        }
    }
}

/// How to speak TLS to a provider.
pub(crate) struct Tls<'a> {
    pub(crate) identity: Option<&'a Identity>,
    /// The certificate shown instead of the identity's own, with the identity's key.
    pub(crate) certificate_of: Option<&'a Identity>,
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
}

impl<'a> Tls<'a> {
    pub(crate) fn with(identity: &'a Identity) -> Self {
        Self {
            identity: Some(identity),
            certificate_of: None,
            versions: rustls::ALL_VERSIONS,
        }
    }

    /// Trusts exactly the handshake's certificate, for `localhost`.
    pub(crate) async fn connect(
        &self,
        handshake: &Handshake,
    ) -> io::Result<TlsStream<Box<dyn Stream>>> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(handshake.certificate()))
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.identity {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let shown = self.certificate_of.unwrap_or(own);
                let key = aws_lc_rs::sign::any_supported_type(&own.key).unwrap();
                let certified = rustls::sign::CertifiedKey::new(vec![shown.der.clone()], key);
                builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
                    certified,
                )))
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = handshake.target().connect().await?;
        let name = ServerName::try_from("localhost").unwrap();
        soon(
            "TLS",
            TlsConnector::from(Arc::new(config)).connect(name, stream),
        )
        .await
    }
}

/// gRPC clients on one connection.
pub(crate) struct Client {
    pub(crate) channel: Channel,
    pub(crate) provider: ProviderClient<Channel>,
}

impl Client {
    pub(crate) async fn over(stream: impl Stream + 'static) -> Self {
        Self::try_over(stream).await.unwrap()
    }

    pub(crate) async fn try_over(
        stream: impl Stream + 'static,
    ) -> Result<Self, tonic::transport::Error> {
        let mut once = Some(TokioIo::new(stream));
        let connector = tower::service_fn(move |_| {
            let stream = once
                .take()
                .ok_or_else(|| io::Error::other("one connection only"));
            std::future::ready(stream)
        });
        let channel = Endpoint::from_static("http://localhost")
            .connect_with_connector(connector)
            .await?;
        let provider = ProviderClient::new(channel.clone()).max_decoding_message_size(usize::MAX);
        Ok(Self { channel, provider })
    }

    pub(crate) async fn tls(identity: &Identity, handshake: &Handshake) -> Self {
        Self::over(Tls::with(identity).connect(handshake).await.unwrap()).await
    }

    pub(crate) async fn schema(&self) -> Result<get_provider_schema::Response, Status> {
        let mut provider = self.provider.clone();
        let call = provider.get_provider_schema(get_provider_schema::Request {});
        Ok(soon("GetProviderSchema", call).await?.into_inner())
    }

    /// `behaviour` is one the probe knows.
    pub(crate) fn request(behaviour: &str, state: Vec<u8>) -> read_resource::Request {
        read_resource::Request {
            type_name: behaviour.to_owned(),
            current_state: Some(DynamicValue {
                msgpack: state,
                json: Vec::new(),
            }),
            ..Default::default()
        }
    }

    pub(crate) async fn read(&self, behaviour: &str, state: Vec<u8>) -> Result<Vec<u8>, Status> {
        let request = Self::request(behaviour, state);
        let answer = self
            .provider
            .clone()
            .read_resource(request)
            .await?
            .into_inner();
        Ok(answer.new_state.unwrap_or_default().msgpack)
    }

    pub(crate) async fn shutdown(&self) {
        let mut controller = GrpcControllerClient::new(self.channel.clone());
        soon("Shutdown", controller.shutdown(Empty {}))
            .await
            .unwrap();
    }
}
