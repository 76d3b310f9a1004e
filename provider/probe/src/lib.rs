//! The engine's `Probes` port over HTTP/1.1: requests of gates to the service itself.
//!
//! Every request has a connection of its own, so that a name is resolved anew, a target that has gone is
//! noticed, and the time measured is what a new client would wait.
//!
//! **Invariants.** Nothing is built, read or opened before the first request; the certificate authorities of
//! the system are read at the first `https` request. Redirects are not followed. A proxy's password, a URL's
//! query and headers never appear in a message or a `Debug` output.

mod address;
mod connect;
mod exchange;
mod proxy;
mod tls;
mod words;

#[cfg(test)]
mod tests;

use std::time::Instant;

use async_trait::async_trait;
use switchyard_engine::ports::{ProbeFailure, ProbeRequest, ProbeResponse, Probes};

use address::Address;
use proxy::Proxy;
use tls::Tls;

pub use proxy::ProxyInvalid;

/// Sends the requests of gates.
#[derive(Debug, Default)]
pub struct HttpProbes {
    proxy: Option<Proxy>,
    tls: Tls,
}

impl HttpProbes {
    /// Through the HTTP proxy at this URL, such as `http://user:password@10.0.0.1:3128`, or directly.
    ///
    /// # Errors
    ///
    /// When the URL is not one of an HTTP proxy.
    pub fn new(proxy: Option<&str>) -> Result<Self, ProxyInvalid> {
        Ok(Self {
            proxy: proxy.map(Proxy::parse).transpose()?,
            tls: Tls::default(),
        })
    }

    async fn exchange(&self, request: &ProbeRequest) -> Result<(u16, Vec<u8>), String> {
        let address = Address::parse(&request.url)?;
        let call = exchange::Call::new(request, &address)?;
        let connection = connect::open(
            &address,
            call.server_name(),
            self.proxy.as_ref(),
            &self.tls,
            request.timeout,
        )
        .await?;
        call.send(connection).await
    }
}

#[async_trait]
impl Probes for HttpProbes {
    #[expect(
        clippy::disallowed_methods,
        reason = "the port wants the real time a request takes"
    )]
    async fn send(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
        let began = Instant::now();
        let answer = tokio::time::timeout(request.timeout, self.exchange(request)).await;
        let latency = began.elapsed();
        match answer {
            Err(_) => Err(ProbeFailure(words::no_answer(request.timeout))),
            Ok(Err(failure)) => Err(ProbeFailure(failure)),
            Ok(Ok((status, body))) => Ok(ProbeResponse {
                status,
                body: String::from_utf8_lossy(&body).into_owned(),
                latency,
            }),
        }
    }
}
