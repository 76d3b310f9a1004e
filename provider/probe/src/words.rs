//! What went wrong, in plain words.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

/// Nothing came back in time.
pub(crate) fn no_answer(timeout: Duration) -> String {
    if timeout.subsec_millis() == 0 {
        format!("no response within {} s", timeout.as_secs())
    } else {
        format!("no response within {} ms", timeout.as_millis())
    }
}

/// No connection to `whom`.
pub(crate) fn connecting(error: &io::Error, whom: &str) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("connection refused by {whom}"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("there is no route to {whom} from here")
        }
        io::ErrorKind::TimedOut => format!("no connection to {whom}: it does not respond"),
        _ => format!("no connection to {whom}: {error}"),
    }
}

/// The TLS handshake with the server called `name` has failed.
pub(crate) fn handshake(error: &io::Error, name: &str) -> String {
    let cause = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(problem)) => certificate(problem, name),
        Some(rustls::Error::InvalidMessage(_)) => {
            "the response is not TLS: the port may serve plain HTTP".to_owned()
        }
        Some(other) => format!("TLS failed: {other}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection was closed during the TLS handshake".to_owned()
        }
        None => format!("TLS failed: {error}"),
    }
}

fn certificate(problem: &CertificateError, name: &str) -> String {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate is not valid for the name `{name}`")
        }
        // A bad signature is another authority by the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the certificate comes from an authority that this system does not trust".to_owned()
        }
        other => format!("the certificate is not accepted: {other}"),
    }
}

/// The exchange over an open connection has failed.
pub(crate) fn exchanging(error: &hyper::Error) -> String {
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return "the connection was closed before the response was complete".to_owned();
    }
    if error.is_parse() {
        return "the response is not HTTP".to_owned();
    }
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        Some(io::ErrorKind::UnexpectedEof) => {
            "the connection was closed before the response was complete".to_owned()
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            "the connection was reset before the response was complete".to_owned()
        }
        Some(_) | None => format!("the exchange failed: {error}"),
    }
}
