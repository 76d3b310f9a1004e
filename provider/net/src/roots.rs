//! Which certificate authorities are trusted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// The certificate authorities of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`; where there are none, as
/// in an empty container image, those of Mozilla's list that this program was built with.
///
/// Reads a hundred and more files: not for the async threads, and not before a connection needs it.
#[must_use]
pub fn roots() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates());
    store
}

/// The same as [`roots`], as one PEM text. Certificates that rustls cannot use are left out.
#[must_use]
pub fn roots_as_pem() -> Vec<u8> {
    let usable = certificates()
        .into_iter()
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    let mut pem = Vec::new();
    for certificate in usable {
        pem.extend_from_slice(b"-----BEGIN CERTIFICATE-----\n");
        pem.extend_from_slice(STANDARD.encode(&certificate).as_bytes());
        pem.extend_from_slice(b"\n-----END CERTIFICATE-----\n");
    }
    pem
}

fn certificates() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec();
    }
    found
}
