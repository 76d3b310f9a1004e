//! A listener: finds the rule, the target group and the target, and answers as a load balancer
//! would when one of them is missing.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use switchyard_world::data_plane::{Action, Listener, Target, TargetGroup};

use super::{Plane, ProxyBody, Snapshot, choose, rules};
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
        match rules::action(listener, &parts, peer.ip()) {
            Some(Action::Forward {
                groups,
                stickiness_seconds,
            }) => {
                self.extend_forwarding_headers(&mut parts, peer, listener);
                let request = Request::from_parts(parts, body);
                Ok(self
                    .forward(&snapshot, groups, *stickiness_seconds, request)
                    .await)
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
                let whole = redirect([protocol, host, port, path, query], listener, &parts);
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
    ) -> Response<ProxyBody> {
        let number = self.next_request();
        let remembered =
            stickiness_seconds.and_then(|_| self.remembered(request.headers(), groups));
        let chosen = match &remembered {
            Some(arn) => Some(arn),
            None => choose::weighted(number, groups),
        };
        let Some(group) = chosen.and_then(|arn| snapshot.groups.get(arn)) else {
            return plain(503, "no target group has weight".to_owned());
        };
        let mut response = match target(group, number) {
            Some(target) => self.to_target(snapshot, target, request).await,
            None => plain(503, "the target group has no targets".to_owned()),
        };
        if let Ok(name) = HeaderValue::from_str(&group.name) {
            response.headers_mut().insert(GROUP_HEADER, name);
        }
        if let (None, Some(seconds)) = (remembered, stickiness_seconds) {
            self.remember(response.headers_mut(), &group.arn, seconds);
        }
        response
    }

    async fn to_target(
        self: &Arc<Self>,
        snapshot: &Snapshot,
        target: &Target,
        request: Request<Incoming>,
    ) -> Response<ProxyBody> {
        let Some((task, container)) = snapshot.container(&target.id, target.port) else {
            return plain(502, "nothing listens at the target".to_owned());
        };
        let Ok(address) = self.task_socket(task, container, target.port) else {
            return plain(502, "the target's socket could not be opened".to_owned());
        };
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = format!("http://{address}{path}").parse::<Uri>() else {
            return plain(400, "the path is malformed".to_owned());
        };
        parts.uri = uri;
        parts.headers.remove(header::CONNECTION);
        match self.client.request(Request::from_parts(parts, body)).await {
            Ok(mut response) => {
                response.headers_mut().remove(header::CONNECTION);
                response.map(Either::Right)
            }
            Err(_) => plain(502, "the target closed the connection".to_owned()),
        }
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

/// A healthy target; when none is, any that is registered and not leaving (a load balancer fails
/// open).
fn target(group: &TargetGroup, number: u64) -> Option<&Target> {
    let pick = |wanted: &dyn Fn(&Target) -> bool| {
        let fit: Vec<&Target> = group
            .targets
            .iter()
            .filter(|target| wanted(target))
            .collect();
        let count = u64::try_from(fit.len()).ok().filter(|count| *count > 0)?;
        fit.get(usize::try_from(number % count).ok()?).copied()
    };
    pick(&|target| target.health == "healthy")
        .or_else(|| pick(&|target| matches!(target.health.as_str(), "initial" | "unhealthy")))
}

/// The address of a redirect, with AWS's placeholders filled in from the request.
fn redirect(pieces: [&String; 5], listener: &Listener, parts: &Parts) -> String {
    let fill = |text: &str| {
        text.replace("#{protocol}", &listener.protocol.to_ascii_lowercase())
            .replace("#{host}", rules::host(parts).unwrap_or_default())
            .replace("#{port}", &listener.port.to_string())
            .replace("#{path}", parts.uri.path().trim_start_matches('/'))
            .replace("#{query}", parts.uri.query().unwrap_or_default())
    };
    let [protocol, host, port, path, query] = pieces.map(|piece| fill(piece));
    let query = if query.is_empty() {
        query
    } else {
        format!("?{query}")
    };
    format!(
        "{}://{host}:{port}{path}{query}",
        protocol.to_ascii_lowercase()
    )
}

fn plain(status: u16, text: String) -> Response<ProxyBody> {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(text))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
