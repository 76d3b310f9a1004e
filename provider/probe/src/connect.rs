//! From an address to an open connection.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::address::{Address, Scheme, host_and_port};
use crate::proxy::Proxy;
use crate::tls::Tls;
use crate::words;

/// An open connection.
pub(crate) enum Connection {
    /// To the server itself, or through a tunnel to it.
    Plain(TcpStream),
    /// To a proxy that is told the whole URL, and what it wants to be told besides.
    Proxied(TcpStream, Option<HeaderValue>),
    /// Encrypted to the server itself.
    Secure(Box<TlsStream<TcpStream>>),
}

/// Opens a connection for one request. `timeout` is shared out between the addresses of a name, so that one
/// that does not answer leaves time for the others.
pub(crate) async fn open(
    address: &Address,
    server_name: &str,
    proxy: Option<&Proxy>,
    tls: &Tls,
    timeout: Duration,
) -> Result<Connection, String> {
    match (proxy, address.scheme) {
        (None, Scheme::Http) => {
            let stream = reach(&address.host, address.port, "", timeout).await?;
            Ok(Connection::Plain(stream))
        }
        (None, Scheme::Https) => {
            let stream = reach(&address.host, address.port, "", timeout).await?;
            secure(tls, stream, server_name).await
        }
        (Some(proxy), Scheme::Http) => {
            let stream = reach(&proxy.host, proxy.port, "the proxy ", timeout).await?;
            Ok(Connection::Proxied(stream, proxy.authorization.clone()))
        }
        (Some(proxy), Scheme::Https) => {
            let stream = reach(&proxy.host, proxy.port, "the proxy ", timeout).await?;
            let stream = tunnel(stream, proxy, address).await?;
            secure(tls, stream, server_name).await
        }
    }
}

/// Opens a connection that any bytes can go through: directly, or through a tunnel of the proxy.
pub(crate) async fn through(
    address: &Address,
    proxy: Option<&Proxy>,
    timeout: Duration,
) -> Result<Connection, String> {
    let Some(proxy) = proxy else {
        let stream = reach(&address.host, address.port, "", timeout).await?;
        return Ok(Connection::Plain(stream));
    };
    let stream = reach(&proxy.host, proxy.port, "the proxy ", timeout).await?;
    let stream = tunnel(stream, proxy, address).await?;
    Ok(Connection::Plain(stream))
}

async fn secure(tls: &Tls, stream: TcpStream, server_name: &str) -> Result<Connection, String> {
    let stream = tls.over(stream, server_name).await?;
    Ok(Connection::Secure(Box::new(stream)))
}

/// A connection to the first address of a name that takes one.
async fn reach(host: &str, port: u16, what: &str, timeout: Duration) -> Result<TcpStream, String> {
    let addresses = switchyard_net::resolve(host).await.unwrap_or_default();
    let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let Some(share) = timeout.checked_div(count) else {
        return Err(if what.is_empty() {
            format!("the name `{host}` does not resolve")
        } else {
            format!("the name of the proxy, `{host}`, does not resolve")
        });
    };
    let mut failures = Vec::new();
    for ip in addresses {
        let address = SocketAddr::new(ip, port);
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => {
                failures.push(words::connecting(&error, &format!("{what}{address}")));
            }
            Err(_) => failures.push(format!("{what}{address}: {}", words::no_answer(share))),
        }
    }
    Err(failures.join("; "))
}

/// Asks the proxy to let bytes through to `address`.
async fn tunnel(stream: TcpStream, proxy: &Proxy, address: &Address) -> Result<TcpStream, String> {
    let whom = host_and_port(&address.host, address.port);
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(&whom)
        .header(HOST, &whom);
    if let Some(authorization) = &proxy.authorization {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("the URL cannot be requested through a proxy: {error}"))?;
    let through = |error: hyper::Error| format!("{}: {}", proxy.shown(), words::exchanging(&error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(through)?;
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(connection.with_upgrades());
    let response = sender.send_request(request).await.map_err(through)?;
    let status = response.status();
    if !status.is_success() {
        return Err(refused(proxy, status, &whom));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(through)?;
    let parts = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .map_err(|_| format!("{} gave no tunnel; this is a bug", proxy.shown()))?;
    if !parts.read_buf.is_empty() {
        return Err(format!("{} sent unexpected bytes", proxy.shown()));
    }
    Ok(parts.io.into_inner())
}

fn refused(proxy: &Proxy, status: StatusCode, whom: &str) -> String {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            format!(
                "{} requires a user and a password (status 407)",
                proxy.shown()
            )
        }
        _ => format!(
            "{} does not reach {whom} (status {})",
            proxy.shown(),
            status.as_u16()
        ),
    }
}
