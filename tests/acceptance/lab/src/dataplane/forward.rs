//! The lab's endpoint as an HTTP proxy: requests for addresses that exist in the world only.

use std::net::SocketAddr;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, Uri, header};
use hyper::body::Incoming;
use switchyard_world::data_plane::{ConnectName, TestHeader};
use switchyard_world::traffic;

use super::proxy::plain;
use super::{Plane, ProxyBody, Snapshot};
use crate::front::Hangup;

/// Whether the request is one for a proxy: a tunnel, or an absolute URL that is not an AWS call.
pub(crate) fn is_for_a_proxy<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let is_aws_call =
        headers.contains_key(header::AUTHORIZATION) && headers.contains_key("x-amz-date");
    let is_absolute = request.uri().scheme().is_some();
    let is_own = request
        .uri()
        .host()
        .is_some_and(|host| host == "127.0.0.1" || host == "localhost");
    request.method() == Method::CONNECT || (is_absolute && !is_aws_call && !is_own)
}

impl Plane {
    /// Carries a request to the load balancer or the task that its URL names.
    pub(crate) async fn through_proxy(
        self: &Arc<Self>,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> Result<Response<ProxyBody>, Hangup> {
        if request.method() == Method::CONNECT || request.uri().scheme_str() == Some("https") {
            let text = "The lab has no certificates and opens no tunnels: ask for an http:// URL.";
            return Ok(plain(501, text.to_owned()));
        }
        self.time.catch_up();
        let snapshot = self.snapshot();
        let host = request.uri().host().unwrap_or_default().to_owned();
        let port = request.uri().port_u16().unwrap_or(80);
        if snapshot.tasks_by_ip.contains_key(&host) {
            let Some((task, container)) = snapshot.container(&host, port) else {
                return Ok(plain(502, format!("connection refused by {host}:{port}")));
            };
            let address = self
                .task_socket(task, container, port)
                .map_err(|_| Hangup)?;
            return self.to_socket(address, within(request)).await.ok_or(Hangup);
        }
        if let Some(name) = snapshot
            .names
            .iter()
            .find(|name| name.dns_name.eq_ignore_ascii_case(&host))
        {
            return self.through_name(&snapshot, name, port, request).await;
        }
        let mut is_known = false;
        let mut arn = None;
        for listener in snapshot.listeners.values() {
            if listener.dns_name.eq_ignore_ascii_case(&host) {
                is_known = true;
                if listener.port == port {
                    arn = Some(listener.arn.clone());
                }
            }
        }
        match arn {
            Some(arn) => self.through_listener(&arn, peer, within(request)).await,
            None if is_known => Ok(plain(502, format!("connection refused by {host}:{port}"))),
            None => {
                let text = format!("nothing in the lab's network is called {host}");
                Ok(plain(502, text))
            }
        }
    }
}

impl Plane {
    /// Carries a request to a task behind a name, as the proxies of Service Connect do.
    async fn through_name(
        self: &Arc<Self>,
        snapshot: &Snapshot,
        name: &ConnectName,
        port: u16,
        request: Request<Incoming>,
    ) -> Result<Response<ProxyBody>, Hangup> {
        let host = &name.dns_name;
        if port != name.port {
            return Ok(plain(502, format!("connection refused by {host}:{port}")));
        }
        let is_test = |header: &TestHeader| {
            let given = request.headers().get(&header.name);
            given.is_some_and(|given| {
                let value = header.value.as_deref();
                value.is_none_or(|value| given.as_bytes() == value.as_bytes())
            })
        };
        let tests = name.test.as_ref().filter(|(header, _)| is_test(header));
        let targets = match tests {
            Some((_, targets)) => targets.iter().map(|target| (target.clone(), 1)).collect(),
            None => name.targets.clone(),
        };
        let found = traffic::weighted(self.next_request(), &targets)
            .and_then(|target| Some((target.port, snapshot.container(&target.id, target.port)?)));
        let Some((port, (task, container))) = found else {
            return Ok(plain(503, format!("no task answers for {host}")));
        };
        let address = self
            .task_socket(task, container, port)
            .map_err(|_| Hangup)?;
        self.to_socket(address, within(request)).await.ok_or(Hangup)
    }
}

/// The request as its destination sees it: a path instead of a URL, and the host in its header.
fn within(request: Request<Incoming>) -> Request<Incoming> {
    let (mut parts, body) = request.into_parts();
    if !parts.headers.contains_key(header::HOST)
        && let Some(host) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(host.as_str())
    {
        parts.headers.insert(header::HOST, host);
    }
    parts.headers.remove("proxy-connection");
    parts.headers.remove(header::PROXY_AUTHORIZATION);
    let path = parts.uri.path_and_query().cloned();
    parts.uri = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    Request::from_parts(parts, body)
}
