//! A listener: finds the rule, the target group and the target, and answers as a load balancer
//! would when one of them is missing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use switchyard_world::data_plane::{Action, Listener, Target};
use switchyard_world::traffic::{self, Outcome};

use super::{Plane, ProxyBody, Snapshot};
use crate::clock::Stopwatch;
use crate::front::Hangup;

/// Name of the header that says which target group answered.
const GROUP_HEADER: &str = "x-switchyard-target-group";

/// The cookie in which an application load balancer remembers a client's target group.
const STICKINESS_COOKIE: &str = "AWSALBTG";

impl Plane {
    /// Answers a request that came to a listener.
    pub(super) async fn through_listener(
        self: &Arc<Self>,
        arn: &str,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> Result<Response<ProxyBody>, Hangup> {
        let snapshot = self.snapshot();
        // The listener was deleted since the connection opened.
        let listener = snapshot.listeners.get(arn).ok_or(Hangup)?;
        let (mut parts, body) = request.into_parts();
        let seen = seen(&parts, peer.ip());
        match traffic::action(listener, &seen) {
            Some(Action::Forward {
                groups,
                stickiness_seconds,
            }) => {
                self.extend_forwarding_headers(&mut parts, peer, listener);
                let request = Request::from_parts(parts, body);
                let (response, outcome) = self
                    .forward(&snapshot, groups, *stickiness_seconds, request)
                    .await;
                self.world
                    .record_request(&listener.load_balancer_arn, &outcome);
                Ok(response)
            }
            Some(Action::FixedResponse {
                status_code,
                content_type,
                body,
            }) => {
                let mut response = plain(*status_code, body.clone());
                if let Ok(content_type) = HeaderValue::from_str(content_type) {
                    response
                        .headers_mut()
                        .insert(header::CONTENT_TYPE, content_type);
                }
                Ok(response)
            }
            Some(Action::Redirect {
                status_code,
                protocol,
                host,
                port,
                path,
                query,
            }) => {
                let whole = traffic::redirect([protocol, host, port, path, query], listener, &seen);
                let status = status_code
                    .trim_start_matches("HTTP_")
                    .parse()
                    .unwrap_or(302);
                let mut response = plain(status, String::new());
                if let Ok(location) = HeaderValue::from_str(&whole) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                Ok(response)
            }
            Some(Action::Other(action)) => Ok(plain(
                501,
                format!("the lab's listeners do not carry out the action `{action}`"),
            )),
            None => Ok(plain(503, "no rule matches".to_owned())),
        }
    }

    fn extend_forwarding_headers(&self, parts: &mut Parts, peer: SocketAddr, listener: &Listener) {
        let headers = &mut parts.headers;
        let scheme = if listener.protocol == "HTTPS" {
            "https"
        } else {
            "http"
        };
        let client = match headers
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok())
        {
            Some(before) => format!("{before}, {}", peer.ip()),
            None => peer.ip().to_string(),
        };
        for (name, value) in [
            ("x-forwarded-for", client),
            ("x-forwarded-proto", scheme.to_owned()),
            ("x-forwarded-port", listener.port.to_string()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }

    async fn forward(
        self: &Arc<Self>,
        snapshot: &Snapshot,
        groups: &[(String, u32)],
        stickiness_seconds: Option<u32>,
        request: Request<Incoming>,
    ) -> (Response<ProxyBody>, Outcome) {
        let number = self.next_request();
        let remembered =
            stickiness_seconds.and_then(|_| self.remembered(request.headers(), groups));
        let chosen = match &remembered {
            Some(arn) => Some(arn),
            None => traffic::weighted(number, groups),
        };
        let Some(group) = chosen.and_then(|arn| snapshot.groups.get(arn)) else {
            let response = plain(503, "no target group has weight".to_owned());
            return (response, Outcome::NoTarget);
        };
        let target_group = group.arn.clone();
        let clock = Stopwatch::start();
        let (mut response, outcome) = match traffic::target(group, number) {
            Some(target) => match self.to_target(snapshot, target, request).await {
                Ok(response) => {
                    let outcome = Outcome::Answered {
                        target_group,
                        status: response.status().as_u16(),
                        latency: clock.elapsed(),
                    };
                    (response, outcome)
                }
                Err(response) => (response, Outcome::Failed { target_group }),
            },
            None => {
                let response = plain(503, "the target group has no targets".to_owned());
                (response, Outcome::NoTarget)
            }
        };
        if let Ok(name) = HeaderValue::from_str(&group.name) {
            response.headers_mut().insert(GROUP_HEADER, name);
        }
        if let (None, Some(seconds)) = (remembered, stickiness_seconds) {
            self.remember(response.headers_mut(), &group.arn, seconds);
        }
        (response, outcome)
    }

    /// The target's answer; the load balancer's own when the target gives none.
    async fn to_target(
        self: &Arc<Self>,
        snapshot: &Snapshot,
        target: &Target,
        request: Request<Incoming>,
    ) -> Result<Response<ProxyBody>, Response<ProxyBody>> {
        let Some((task, container)) = snapshot.container(&target.id, target.port) else {
            return Err(plain(502, "nothing listens at the target".to_owned()));
        };
        let address = self
            .task_socket(task, container, target.port)
            .map_err(|_| plain(502, "the target's socket could not be opened".to_owned()))?;
        self.to_socket(address, request)
            .await
            .ok_or_else(|| plain(502, "the target closed the connection".to_owned()))
    }

    /// What a task's socket answers, if anything.
    pub(super) async fn to_socket(
        &self,
        address: SocketAddr,
        request: Request<Incoming>,
    ) -> Option<Response<ProxyBody>> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = format!("http://{address}{path}").parse::<Uri>() else {
            return Some(plain(400, "the path is malformed".to_owned()));
        };
        parts.uri = uri;
        parts.headers.remove(header::CONNECTION);
        let request = Request::from_parts(parts, body);
        let mut response = self.client.request(request).await.ok()?;
        response.headers_mut().remove(header::CONNECTION);
        Some(response.map(Either::Right))
    }

    /// The group a client's cookie names, while it is valid and the rule still has that group.
    fn remembered(&self, headers: &HeaderMap, groups: &[(String, u32)]) -> Option<String> {
        let cookie = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| {
                pair.trim()
                    .strip_prefix(STICKINESS_COOKIE)?
                    .strip_prefix('=')
            })?;
        let cookie = String::from_utf8(URL_SAFE_NO_PAD.decode(cookie).ok()?).ok()?;
        let (expiry, arn) = cookie.split_once(' ')?;
        let fresh = self.world.now().millis() < expiry.parse::<i64>().ok()?;
        (fresh && groups.iter().any(|(group, _)| group == arn)).then(|| arn.to_owned())
    }

    /// Stickiness lasts in world time; the browser keeps the cookie for its session.
    fn remember(&self, headers: &mut HeaderMap, arn: &str, seconds: u32) {
        let expiry = self
            .world
            .now()
            .millis()
            .saturating_add(i64::from(seconds) * 1000);
        let cookie = URL_SAFE_NO_PAD.encode(format!("{expiry} {arn}"));
        if let Ok(value) = HeaderValue::from_str(&format!("{STICKINESS_COOKIE}={cookie}; Path=/")) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// A request as the world's rules see it.
pub(super) fn seen(parts: &Parts, client: IpAddr) -> traffic::Request {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let named = parts.headers.get(header::HOST).and_then(text);
    let host = named.or_else(|| parts.uri.host().map(str::to_owned));
    let mut request = traffic::Request {
        method: parts.method.to_string(),
        address: String::new(),
        port: 0,
        host: String::new(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: Vec::new(),
        client,
    };
    for (name, value) in &parts.headers {
        if let (true, Some(value)) = (name != header::HOST, text(value)) {
            request.set_header(name.as_str(), &value);
        }
    }
    request.set_header("host", &host.unwrap_or_default());
    request
}

pub(super) fn plain(status: u16, text: String) -> Response<ProxyBody> {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(text))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
