//! Tests over loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use switchyard_engine::ports::{ProbeFailure, ProbeRequest, ProbeResponse, Probes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::exchange::BODY_LIMIT;
use crate::tls::Tls;
use crate::{HttpProbes, ProxyInvalid};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What a server was sent, one entry per connection.
type Seen = Arc<Mutex<Vec<String>>>;

fn get(url: impl Into<String>) -> ProbeRequest {
    ProbeRequest {
        method: "GET".to_owned(),
        url: url.into(),
        headers: BTreeMap::new(),
        body: None,
        timeout: Duration::from_secs(30),
    }
}

fn headers<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn send(probes: &HttpProbes, request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
    probes.send(request).await
}

async fn directly(request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
    send(&HttpProbes::default(), request).await
}

fn words(answer: Result<ProbeResponse, ProbeFailure>) -> String {
    answer.unwrap_err().to_string()
}

/// The head of a request, and as much of its body as its length says.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    loop {
        let head = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = head.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .next()
                .unwrap_or(0_usize);
            if body.len() >= length {
                return String::from_utf8(text).unwrap();
            }
        }
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.unwrap();
        assert_ne!(read, 0, "the request ends early");
        text.extend_from_slice(&piece[..read]);
    }
}

async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), seen: &Seen, answer: &[u8]) {
    let request = read_request(stream).await;
    seen.lock().unwrap().push(request);
    // The other side may have read enough and gone.
    let _gone = stream.write_all(answer).await;
    let _gone = stream.shutdown().await;
}

/// Gives everyone this answer.
async fn server(text: impl Into<Vec<u8>>) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let (kept, text) = (Arc::clone(&seen), text.into());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, &kept, &text).await;
        }
    });
    (address, seen)
}

#[tokio::test]
async fn a_request_arrives_as_written_and_its_answer_comes_back() {
    let (address, seen) =
        server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy").await;
    let request = ProbeRequest {
        method: "POST".to_owned(),
        headers: headers([("X-Token", "abc"), ("host", "shop.example.com")]),
        body: Some("{}".to_owned()),
        ..get(format!("http://{address}/check?deep=1"))
    };
    let response = directly(&request).await.unwrap();
    assert_eq!((response.status, response.body.as_str()), (503, "busy"));
    let seen = seen.lock().unwrap()[0].to_lowercase();
    assert!(
        seen.starts_with("post /check?deep=1 http/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("\r\nhost: shop.example.com\r\n"), "{seen}");
    assert_eq!(seen.matches("host:").count(), 1, "{seen}");
    assert!(seen.contains("\r\nx-token: abc\r\n"), "{seen}");
    assert!(seen.contains("\r\nuser-agent: switchyard/"), "{seen}");
    assert!(seen.ends_with("\r\n\r\n{}"), "{seen}");
}

#[tokio::test]
async fn without_a_host_header_the_host_is_the_one_of_the_url() {
    let (address, seen) = server(OK).await;
    directly(&get(format!("http://localhost:{}", address.port())))
        .await
        .unwrap();
    let seen = seen.lock().unwrap()[0].to_lowercase();
    assert!(seen.starts_with("get / http/1.1\r\n"), "{seen}");
    assert!(
        seen.contains(&format!("host: localhost:{}\r\n", address.port())),
        "{seen}"
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let (address, seen) = server(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let response = directly(&get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn every_request_has_a_connection_of_its_own() {
    let (address, seen) = server(OK).await;
    let probes = HttpProbes::default();
    for _ in 0..3 {
        send(&probes, &get(format!("http://{address}/")))
            .await
            .unwrap();
    }
    // The server serves one request per connection.
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_body_is_cut_off_at_one_mebibyte() {
    let body = "x".repeat(3 * BODY_LIMIT);
    let (address, _) = server(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
    .await;
    let response = directly(&get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(response.body.len(), BODY_LIMIT);
}

#[tokio::test]
async fn bytes_that_are_not_text_are_replaced() {
    let (address, _) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\xffb".to_vec()).await;
    let response = directly(&get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(response.body, "a\u{fffd}b");
}

#[tokio::test]
async fn a_port_nobody_listens_on_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = words(directly(&get(format!("http://{address}/"))).await);
    assert_eq!(failure, format!("connection refused by {address}"));
}

#[tokio::test]
async fn a_server_that_does_not_answer_runs_out_of_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let request = ProbeRequest {
        timeout: Duration::from_millis(20),
        ..get(format!("http://{address}/"))
    };
    assert_eq!(words(directly(&request).await), "no response within 20 ms");
    drop(listener);
}

#[tokio::test]
async fn a_body_that_does_not_end_runs_out_of_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            .await
            .unwrap();
        // Held open for as long as the other side waits.
        let mut rest = Vec::new();
        let _closed = stream.read_to_end(&mut rest).await;
    });
    let request = ProbeRequest {
        timeout: Duration::from_millis(100),
        ..get(format!("http://{address}/"))
    };
    assert_eq!(words(directly(&request).await), "no response within 100 ms");
}

#[test]
fn whole_seconds_are_told_as_seconds() {
    assert_eq!(
        crate::words::no_answer(Duration::from_secs(10)),
        "no response within 10 s"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told() {
    let (address, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await;
    let failure = words(directly(&get(format!("http://{address}/"))).await);
    assert_eq!(
        failure,
        "the connection was closed before the response was complete"
    );
}

#[tokio::test]
async fn what_is_not_http_is_told() {
    let (address, _) = server("SSH-2.0-whatever\r\n\r\n").await;
    let failure = words(directly(&get(format!("http://{address}/"))).await);
    assert_eq!(failure, "the response is not HTTP");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_opened() {
    let ok = get("http://127.0.0.1:1/");
    for (request, expected) in [
        (get("/health"), "the URL must begin with"),
        (get("ftp://127.0.0.1/"), "the URL must begin with"),
        (get("http://a b/"), "the URL cannot be read"),
        (get("http://me:secret@127.0.0.1:1/"), "authorization"),
        (
            ProbeRequest {
                method: "NOT A METHOD".to_owned(),
                ..ok.clone()
            },
            "`NOT A METHOD` is not an HTTP method",
        ),
        (
            ProbeRequest {
                headers: headers([("a b", "c")]),
                ..ok.clone()
            },
            "`a b` is not the name of a header",
        ),
        (
            ProbeRequest {
                headers: headers([("x-token", "secret\n")]),
                ..ok
            },
            "the value of the header `x-token` is not allowed",
        ),
    ] {
        let failure = words(directly(&request).await);
        assert!(failure.contains(expected), "{failure}");
        assert!(!failure.contains("secret"), "{failure}");
    }
}

#[tokio::test]
async fn a_plain_request_through_a_proxy_names_the_whole_url() {
    let (proxy, seen) = server(OK).await;
    let probes = HttpProbes::new(Some(&format!("http://me:p%40ss@{proxy}"))).unwrap();
    let response = send(&probes, &get("http://target.invalid:8080/health?a=1"))
        .await
        .unwrap();
    assert_eq!(response.body, "ok");
    let seen = seen.lock().unwrap()[0].clone();
    assert!(
        seen.starts_with("GET http://target.invalid:8080/health?a=1 HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("host: target.invalid:8080\r\n"), "{seen}");
    // me:p@ss
    assert!(
        seen.contains("proxy-authorization: Basic bWU6cEBzcw==\r\n"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_request_takes_the_proxy_of_the_environment_unless_its_host_is_excepted() {
    let (proxy, through) = server(OK).await;
    let (target, direct) = server(OK).await;
    let probes = HttpProbes::of_environment(|name| match name {
        "HTTP_PROXY" => Some(format!("http://{proxy}")),
        "NO_PROXY" => Some("direct.invalid".to_owned()),
        _ => None,
    });
    send(&probes, &get("http://hooks.invalid/a")).await.unwrap();
    assert!(through.lock().unwrap()[0].starts_with("GET http://hooks.invalid/a HTTP/1.1\r\n"));
    // Loopback is always direct.
    send(&probes, &get(format!("http://{target}/b")))
        .await
        .unwrap();
    assert!(direct.lock().unwrap()[0].starts_with("GET /b HTTP/1.1\r\n"));
    let failure = words(send(&probes, &get("http://direct.invalid/")).await);
    assert!(failure.contains("direct.invalid"), "{failure}");
    assert_eq!(through.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    drop(listener);
    let probes = HttpProbes::new(Some(&format!("http://{proxy}"))).unwrap();
    for url in ["http://10.0.0.1:8080/", "https://10.0.0.1:8080/"] {
        assert_eq!(
            words(send(&probes, &get(url)).await),
            format!("connection refused by the proxy {proxy}")
        );
    }
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_told_with_its_status() {
    for (status, expected) in [
        ("403 Forbidden", "does not reach 10.0.0.1:443 (status 403)"),
        ("407 Authenticate", "requires a user and a password"),
    ] {
        let (proxy, seen) = server(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;
        let probes = HttpProbes::new(Some(&format!("http://{proxy}"))).unwrap();
        let failure = words(send(&probes, &get("https://10.0.0.1/")).await);
        assert!(failure.contains(expected), "{failure}");
        assert!(seen.lock().unwrap()[0].starts_with("CONNECT 10.0.0.1:443 HTTP/1.1\r\n"));
    }
}

#[test]
fn what_is_no_proxy_is_refused_and_never_shown() {
    for text in [
        "",
        "10.0.0.1:3128",
        "https://10.0.0.1:3128",
        "socks5://me:secret@10.0.0.1",
        "http://10.0.0.1:3128/path",
        "http://me:%zz@10.0.0.1",
        "http://",
    ] {
        assert_eq!(
            HttpProbes::new(Some(text)).unwrap_err(),
            ProxyInvalid,
            "{text}"
        );
    }
    let probes = HttpProbes::new(Some("http://me:secret@10.0.0.1:3128")).unwrap();
    assert!(!format!("{probes:?}").contains("secret"));
}

/// A certificate authority and what it has signed for `name`.
struct Signed {
    roots: RootCertStore,
    acceptor: TlsAcceptor,
}

fn signed_for(name: &str, years: std::ops::RangeInclusive<i32>) -> Signed {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, format!("CA {years:?}"));
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);

    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(*years.start(), 1, 1);
    params.not_after = rcgen::date_time_ymd(*years.end(), 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Signed {
        roots,
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

async fn tls_server(acceptor: TlsAcceptor) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                answer(&mut stream, &kept, OK.as_bytes()).await;
            }
        }
    });
    (address, seen)
}

fn trusting(roots: RootCertStore) -> HttpProbes {
    HttpProbes {
        tls: Tls::trusting(roots),
        ..HttpProbes::default()
    }
}

#[tokio::test]
async fn a_trusted_server_is_asked_over_tls() {
    let signed = signed_for("localhost", 2020..=4000);
    let (address, seen) = tls_server(signed.acceptor).await;
    let url = format!("https://localhost:{}/health", address.port());
    let response = send(&trusting(signed.roots), &get(url)).await.unwrap();
    assert_eq!(response.body, "ok");
    assert!(seen.lock().unwrap()[0].starts_with("GET /health HTTP/1.1\r\n"));
}

#[tokio::test]
async fn the_certificate_must_be_for_the_host_header_when_one_is_written() {
    let signed = signed_for("shop.example.com", 2020..=4000);
    let (address, _) = tls_server(signed.acceptor).await;
    let probes = trusting(signed.roots);
    let mut request = get(format!("https://localhost:{}/", address.port()));
    assert_eq!(
        words(send(&probes, &request).await),
        "the certificate is not valid for the name `localhost`"
    );
    request.headers = headers([("Host", "shop.example.com:443")]);
    assert_eq!(send(&probes, &request).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_certificate_that_is_not_good_is_told_in_words() {
    let ours = signed_for("localhost", 2020..=4000);
    let theirs = signed_for("localhost", 2020..=4000);
    let same_name = signed_for("localhost", 2020..=4000);
    let other_name = signed_for("localhost", 2020..=3999);
    let untrusted = "the certificate comes from an authority that this system does not trust";
    let expired = signed_for("localhost", 2020..=2021);
    let early = signed_for("localhost", 3999..=4000);
    for (roots, acceptor, expected) in [
        (ours.roots, other_name.acceptor, untrusted),
        (theirs.roots, same_name.acceptor, untrusted),
        (
            expired.roots,
            expired.acceptor,
            "the certificate has expired",
        ),
        (
            early.roots,
            early.acceptor,
            "the certificate is not valid yet",
        ),
    ] {
        let (address, _) = tls_server(acceptor).await;
        let url = format!("https://localhost:{}/", address.port());
        assert_eq!(words(send(&trusting(roots), &get(url)).await), expected);
    }
}

#[tokio::test]
async fn a_plain_port_asked_over_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        let mut rest = Vec::new();
        let _closed = stream.read_to_end(&mut rest).await;
    });
    let probes = trusting(signed_for("localhost", 2020..=4000).roots);
    let url = format!("https://localhost:{}/", address.port());
    let failure = words(send(&probes, &get(url)).await);
    assert!(failure.starts_with("the response is not TLS"), "{failure}");
}

/// A proxy that opens one tunnel.
async fn tunnel_to(target: SocketAddr) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let request = read_request(&mut near).await;
        kept.lock().unwrap().push(request);
        near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .unwrap();
        let mut far = TcpStream::connect(target).await.unwrap();
        let _closed = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    });
    (address, seen)
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_of_the_proxy() {
    let signed = signed_for("shop.example.com", 2020..=4000);
    let (target, seen) = tls_server(signed.acceptor).await;
    let (proxy, asked) = tunnel_to(target).await;
    let probes = HttpProbes {
        tls: Tls::trusting(signed.roots),
        ..HttpProbes::new(Some(&format!("http://{proxy}"))).unwrap()
    };
    let response = send(&probes, &get("https://shop.example.com/health"))
        .await
        .unwrap();
    assert_eq!(response.status, 200);
    assert!(asked.lock().unwrap()[0].starts_with("CONNECT shop.example.com:443 HTTP/1.1\r\n"));
    assert!(seen.lock().unwrap()[0].starts_with("GET /health HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_told() {
    // Too long for a name, so that no resolver is asked.
    let name = "a".repeat(64);
    let failure = words(directly(&get(format!("http://{name}/"))).await);
    assert_eq!(failure, format!("the name `{name}` does not resolve"));
    let probes = HttpProbes::new(Some(&format!("http://{name}:3128"))).unwrap();
    let failure = words(send(&probes, &get("http://10.0.0.1/")).await);
    assert_eq!(
        failure,
        format!("the name of the proxy, `{name}`, does not resolve")
    );
}
