//! One request and its answer over an open connection.

use bytes::Bytes;
use http::header::{HOST, HeaderName, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use switchyard_engine::ports::ProbeRequest;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::address::{Address, bare};
use crate::connect::Connection;
use crate::words;

/// How much of a body is read.
pub(crate) const BODY_LIMIT: usize = 1 << 20;

/// A request, checked before anything is opened.
pub(crate) struct Call<'a> {
    method: Method,
    headers: HeaderMap,
    body: Bytes,
    address: &'a Address,
    /// Whom the certificate must be for.
    server_name: String,
}

impl<'a> Call<'a> {
    pub(crate) fn new(request: &ProbeRequest, address: &'a Address) -> Result<Self, String> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| format!("`{}` is not an HTTP method", request.method))?;
        let mut headers = HeaderMap::new();
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("switchyard/", env!("CARGO_PKG_VERSION"))),
        );
        for (name, value) in &request.headers {
            let name = HeaderName::try_from(name)
                .map_err(|_| format!("`{name}` is not the name of a header"))?;
            let value = HeaderValue::try_from(value)
                .map_err(|_| format!("the value of the header `{name}` is not allowed in HTTP"))?;
            headers.insert(name, value);
        }
        let mut server_name = address.host.clone();
        match headers.get(HOST).map(HeaderValue::to_str) {
            Some(Ok(host)) => host_of(host).clone_into(&mut server_name),
            Some(Err(_)) => return Err("the `host` header is not a host".to_owned()),
            None => {
                let host = HeaderValue::try_from(&address.authority)
                    .map_err(|error| format!("the URL cannot be read: {error}"))?;
                headers.insert(HOST, host);
            }
        }
        Ok(Self {
            method,
            headers,
            body: request.body.clone().unwrap_or_default().into(),
            address,
            server_name,
        })
    }

    /// Whom a certificate must be for: the `host` header when one is written, else the URL's host.
    pub(crate) fn server_name(&self) -> &str {
        &self.server_name
    }

    /// Sends the request and reads the answer: status, and the body up to [`BODY_LIMIT`].
    pub(crate) async fn send(self, connection: Connection) -> Result<(u16, Vec<u8>), String> {
        let path = self.address.path.clone();
        match connection {
            Connection::Plain(stream) => self.over(stream, path.into()).await,
            Connection::Secure(stream) => self.over(*stream, path.into()).await,
            Connection::Proxied(stream, authorization) => {
                let whole = format!("http://{}{path}", self.address.authority)
                    .parse()
                    .map_err(|error| format!("the URL cannot be read: {error}"))?;
                let mut call = self;
                if let Some(authorization) = authorization {
                    call.headers.insert(PROXY_AUTHORIZATION, authorization);
                }
                call.over(stream, whole).await
            }
        }
    }

    async fn over<S>(self, stream: S, target: Uri) -> Result<(u16, Vec<u8>), String>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = target;
        *request.headers_mut() = self.headers;
        let failed = |error: hyper::Error| words::exchanging(&error);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(failed)?;
        // Ends with this function, however it ends.
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(connection);
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let mut incoming = response.into_body();
        let mut body = Vec::new();
        while body.len() < BODY_LIMIT
            && let Some(frame) = incoming.frame().await
        {
            if let Ok(data) = frame.map_err(failed)?.into_data() {
                body.extend_from_slice(&data);
            }
        }
        body.truncate(BODY_LIMIT);
        Ok((status, body))
    }
}

/// A `host` header without its port.
fn host_of(header: &str) -> &str {
    match header.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => bare(host),
        Some(_) | None => bare(header),
    }
}
