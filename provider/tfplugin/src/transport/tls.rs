//! Mutual TLS with exactly one peer.
//!
//! The client's certificate is its own certificate authority and carries a P-521 key. Chain building
//! rejects such a certificate as an end entity, so it is not a trust root here: it is pinned. The bytes
//! must be equal, and the handshake signature must verify against its key, which only aws-lc can do for
//! P-521. The crypto provider is passed explicitly, because another library in the same binary may have
//! installed a different default.

use std::sync::Arc;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    CertificateError as Rejection, DigitallySignedStruct, DistinguishedName as CaName,
    Error as TlsError, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{
        WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
    },
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime, pem::PemObject},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use thiserror::Error;

#[derive(Debug, Error)]
pub(super) enum CertificateError {
    #[error("PLUGIN_CLIENT_CERT does not hold a PEM certificate: {0}")]
    Client(rustls::pki_types::pem::Error),
    #[error("the server certificate could not be made: {0}")]
    Server(#[from] rcgen::Error),
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] TlsError),
}

/// Both ends of the connection; ours is made afresh in every process.
#[derive(Debug)]
pub(super) struct Certificates {
    /// DER of the certificate the client will trust.
    pub(super) server: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    pinned: CertificateDer<'static>,
}

impl Certificates {
    /// `client` is the PEM of the one certificate to accept.
    pub(super) fn new(client: &str) -> Result<Self, CertificateError> {
        let pinned =
            CertificateDer::from_pem_slice(client.as_bytes()).map_err(CertificateError::Client)?;
        let (server, key) = server_certificate()?;
        Ok(Self {
            server,
            key,
            pinned,
        })
    }

    /// What TLS needs. Not part of [`Self::new`]: Terraform waits for the certificate, and while it reads
    /// that and connects there is time for the rest.
    pub(super) fn into_config(self) -> Result<Arc<ServerConfig>, CertificateError> {
        let crypto = Arc::new(aws_lc_rs::default_provider());
        let verifier = PinnedClient {
            pinned: self.pinned,
            algorithms: crypto.signature_verification_algorithms,
        };
        let mut config = ServerConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(vec![self.server], self.key)?;
        // grpc-go refuses a server that does not select HTTP/2 here.
        config.alpn_protocols = vec![b"h2".to_vec()];
        // One client, one connection: nothing to resume.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }
}

/// Self-signed for `localhost`, the name the client checks. P-256 is the cheapest key to make and for Go
/// to verify. The validity is rcgen's default, 1975 to 4096: the certificate lives as long as the
/// process, and no clock has to agree with another.
fn server_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "localhost");
    params.distinguished_name = name;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((certificate.der().clone(), key))
}

/// Accepts one certificate, byte for byte, from the holder of its key.
#[derive(Debug)]
struct PinnedClient {
    pinned: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[CaName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        if end_entity.as_ref() == self.pinned.as_ref() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(TlsError::InvalidCertificate(
                Rejection::ApplicationVerificationFailure,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_certificate_is_refused() {
        assert!(matches!(
            Certificates::new("not a certificate"),
            Err(CertificateError::Client(_))
        ));
    }

    #[test]
    fn every_process_makes_its_own_certificate() {
        let client = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let first = Certificates::new(&client.cert.pem()).unwrap();
        let second = Certificates::new(&client.cert.pem()).unwrap();
        assert_ne!(first.server, second.server);
        // Clients ignore a certificate of fifty base64 characters or fewer.
        assert!(first.server.len() > 50);
    }

    #[test]
    fn p521_is_among_the_schemes_offered_to_the_client() {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        let verifier = PinnedClient {
            pinned: CertificateDer::from(vec![]),
            algorithms,
        };
        assert!(
            verifier
                .supported_verify_schemes()
                .contains(&SignatureScheme::ECDSA_NISTP521_SHA512)
        );
    }
}
