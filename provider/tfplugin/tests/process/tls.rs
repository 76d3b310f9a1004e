//! Who may connect.

use rustls::SupportedProtocolVersion;
use tokio::io::AsyncReadExt;

use crate::{
    client::{Client, Identity, Tls},
    plugin::{Handshake, Setup, soon},
};

/// Whether a gRPC call gets through. With TLS 1.3 the client learns of its refusal only on use.
async fn served(tls: &Tls<'_>, handshake: &Handshake) -> bool {
    let Ok(stream) = tls.connect(handshake).await else {
        return false;
    };
    match Client::try_over(stream).await {
        Ok(client) => client.schema().await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test]
async fn only_the_pinned_certificate_is_served_in_both_versions() {
    let (own, other) = (Identity::new(), Identity::new());
    let mut plugin = Setup::new().identity(&own).spawn();
    let handshake = plugin.handshake().await;
    const OLD: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    const NEW: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
    for versions in [OLD, NEW] {
        let with = |identity, certificate_of| Tls {
            identity,
            certificate_of,
            versions,
        };
        assert!(served(&with(Some(&own), None), &handshake).await);
        assert!(
            !served(&with(None, None), &handshake).await,
            "no certificate"
        );
        assert!(
            !served(&with(Some(&other), None), &handshake).await,
            "another certificate"
        );
        assert!(
            !served(&with(Some(&other), Some(&own)), &handshake).await,
            "right certificate, wrong key"
        );
    }
    assert!(
        served(&Tls::with(&own), &handshake).await,
        "refusals leave the server working"
    );
}

#[tokio::test]
async fn http2_is_selected() {
    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    let stream = Tls::with(&identity).connect(&handshake).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
}

#[tokio::test]
async fn a_silent_connection_holds_up_nobody() {
    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(handshake.target().connect().await.unwrap());
    }
    Client::tls(&identity, &handshake)
        .await
        .schema()
        .await
        .unwrap();
}

#[tokio::test]
async fn plain_text_is_not_answered_when_tls_is_on() {
    use tokio::io::AsyncWriteExt;

    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    let mut stream = handshake.target().connect().await.unwrap();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    soon("the connection is closed", stream.read_to_end(&mut answer))
        .await
        .ok();
    // At most a TLS alert record.
    assert!(
        answer.first().is_none_or(|kind| *kind == 0x15),
        "{answer:?}"
    );
}
