//! go-plugin's connection: mutual TLS over a unix socket, gRPC with messages as bytes.
//!
//! Bytes rather than generated types, so that both providers are asked by the same code although they
//! speak different versions of the protocol, and nothing of an answer's decoding is in the figures.

use std::io;
use std::sync::Arc;

use bytes::{Buf as _, BufMut as _, Bytes};
use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P521_SHA512,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
    verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::unmeasured::{Attempt as _, Unmeasured};

/// A client certificate as Terraform makes one: P-521, and its own certificate authority.
#[derive(Debug)]
pub(crate) struct Identity {
    /// As `PLUGIN_CLIENT_CERT` wants it.
    pub(crate) pem: String,
    /// Read once: what a client knows before it starts a provider is not the provider's time.
    certified: CertifiedKey,
}

impl Identity {
    pub(crate) fn new() -> Result<Self, Unmeasured> {
        Self::generate().attempt("making a client certificate")
    }

    fn generate() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512)?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
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
        let certificate = params.self_signed(&key)?;
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = aws_lc_rs::sign::any_supported_type(&der)?;
        Ok(Self {
            pem: certificate.pem(),
            certified: CertifiedKey::new(vec![certificate.der().clone()], signing),
        })
    }

    /// Connects to a provider that shows exactly `server`.
    pub(crate) async fn connect(
        &self,
        socket: &str,
        server: CertificateDer<'static>,
    ) -> Result<Channel, Unmeasured> {
        let config = self
            .configuration(server)
            .attempt("setting up TLS to the provider")?;
        let stream = UnixStream::connect(socket)
            .await
            .attempt("connecting to the provider's socket")?;
        let name = ServerName::try_from("localhost").attempt("naming the provider")?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .attempt("TLS with the provider")?;
        let mut once = Some(TokioIo::new(stream));
        let connector = tower::service_fn(move |_| {
            let stream = once.take();
            std::future::ready(stream.ok_or_else(|| io::Error::other("one connection only")))
        });
        Endpoint::from_static("http://localhost")
            .connect_with_connector(connector)
            .await
            .attempt("HTTP/2 with the provider")
    }

    fn configuration(
        &self,
        server: CertificateDer<'static>,
    ) -> Result<ClientConfig, rustls::Error> {
        let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
        let pinned = Pinned {
            certificate: server,
            algorithms: provider.signature_verification_algorithms,
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pinned))
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(self.certified.clone())));
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}

/// Trusts the handshake line's certificate and no other. A provider's certificate may be its own
/// authority, which the usual path building refuses.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::UnknownIssuer.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Calls `method` with the bytes of a message; the answer's bytes.
pub(crate) async fn call(
    channel: &Channel,
    method: &'static str,
    message: Vec<u8>,
) -> Result<Bytes, Unmeasured> {
    let mut client =
        tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(usize::MAX);
    client.ready().await.attempt(method)?;
    let answer = client
        .unary(
            Request::new(Bytes::from(message)),
            PathAndQuery::from_static(method),
            Verbatim,
        )
        .await
        .attempt(method)?;
    Ok(answer.into_inner())
}

/// Messages as they are on the wire.
#[derive(Clone, Copy, Debug)]
struct Verbatim;

impl Codec for Verbatim {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Verbatim {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put(item);
        Ok(())
    }
}

impl Decoder for Verbatim {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(source.copy_to_bytes(source.remaining())))
    }
}
