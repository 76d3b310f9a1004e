//! The engine's `Probes` port over HTTP/1.1: requests of gates to the service itself.
//!
//! Every request has a connection of its own, so that a name is resolved anew, a target that has gone is
//! noticed, and the time measured is what a new client would wait.
//!
//! **Invariants.** Nothing is built, read or opened before the first request; the certificate authorities of
//! the system are read at the first `https` request. Redirects are not followed. A proxy's password, a URL's
//! query and headers never appear in a message or a `Debug` output.

mod address;
mod certificate;
mod connect;
mod environment;
mod exchange;
mod proxy;
mod tls;
mod words;

#[cfg(test)]
mod tests;

use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use switchyard_engine::ports::{
    ConnectRequest, Connected, ProbeFailure, ProbeRequest, ProbeResponse, Probes,
};

use address::{Address, Scheme};
use connect::Connection;
use environment::OfEnvironment;
use proxy::Proxy;
use tls::Tls;

pub use proxy::ProxyInvalid;

/// Sends the requests of gates, and those to receivers of notifications.
#[derive(Debug, Default)]
pub struct HttpProbes {
    way: Way,
    tls: Tls,
}

/// What is in between.
#[derive(Debug, Default)]
enum Way {
    /// Nothing.
    #[default]
    Direct,
    /// One proxy for all.
    Through(Proxy),
    /// What the environment says.
    OfEnvironment(OfEnvironment),
}

impl Way {
    fn to(&self, address: &Address) -> Result<Option<&Proxy>, String> {
        match self {
            Self::Direct => Ok(None),
            Self::Through(proxy) => Ok(Some(proxy)),
            Self::OfEnvironment(of) => of.to(address),
        }
    }
}

impl HttpProbes {
    /// Through the HTTP proxy at this URL, such as `http://user:password@10.0.0.1:3128`, or directly.
    ///
    /// # Errors
    ///
    /// When the URL is not one of an HTTP proxy.
    pub fn new(proxy: Option<&str>) -> Result<Self, ProxyInvalid> {
        Ok(Self {
            way: match proxy {
                Some(url) => Way::Through(Proxy::parse(url)?),
                None => Way::Direct,
            },
            tls: Tls::default(),
        })
    }

    /// Through the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, as calls to AWS go. A variable that names none is
    /// told by the request that needs it.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            way: Way::OfEnvironment(OfEnvironment::read(variable)),
            tls: Tls::default(),
        }
    }

    async fn exchange(&self, request: &ProbeRequest) -> Result<(u16, Vec<u8>), String> {
        let address = Address::parse(&request.url)?;
        let call = exchange::Call::new(request, &address)?;
        let connection = connect::open(
            &address,
            call.server_name(),
            self.way.to(&address)?,
            &self.tls,
            request.timeout,
        )
        .await?;
        call.send(connection).await
    }

    /// Opens a connection and closes it; when the certificate expires, if there was a handshake.
    async fn open(&self, request: &ConnectRequest) -> Result<Option<Timestamp>, String> {
        let scheme = match request.server_name {
            Some(_) => Scheme::Https,
            None => Scheme::Http,
        };
        let address = Address::of(scheme, &request.host, request.port)?;
        let server_name = request.server_name.as_deref().unwrap_or(&request.host);
        let proxy = self.way.to(&address)?;
        let connection = match request.server_name {
            Some(_) => {
                connect::open(&address, server_name, proxy, &self.tls, request.timeout).await?
            }
            None => connect::through(&address, proxy, request.timeout).await?,
        };
        match connection {
            Connection::Secure(stream) => {
                let (_, session) = stream.get_ref();
                let own = session.peer_certificates().and_then(|chain| chain.first());
                Ok(own.and_then(|own| certificate::expires_at(own)))
            }
            Connection::Plain(_) | Connection::Proxied(..) => Ok(None),
        }
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

    #[expect(
        clippy::disallowed_methods,
        reason = "the port wants the real time a connection takes"
    )]
    async fn connect(&self, request: &ConnectRequest) -> Result<Connected, ProbeFailure> {
        let began = Instant::now();
        let opened = tokio::time::timeout(request.timeout, self.open(request)).await;
        let latency = began.elapsed();
        match opened {
            Err(_) => Err(ProbeFailure(words::no_answer(request.timeout))),
            Ok(Err(failure)) => Err(ProbeFailure(failure)),
            Ok(Ok(expires_at)) => Ok(Connected {
                latency,
                expires_at,
            }),
        }
    }
}
