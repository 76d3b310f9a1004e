//! One round of requests.

use std::net::IpAddr;
use std::time::Duration;

use futures::future::join_all;

use super::config::{HttpCheck, ProbeTarget};
use super::expect::unmet;
use super::means::{Means, SideFacts};
use crate::ports::{
    Error, Listener, ListenerRule, ProbeRequest, Protocol, TargetHealth, TargetState,
};

/// Whom a round asks.
pub(super) struct Address {
    url: String,
    /// `Host` header, when the rule that leads there wants a certain one.
    host: Option<String>,
    /// The load balancer finds it unhealthy: whatever it answers, it is not fit to serve.
    is_unhealthy: bool,
}

/// How many are asked at a time.
const AT_A_TIME: usize = 32;

/// Why a round was not good, in words.
#[derive(Debug)]
pub(super) enum Missed {
    /// Somebody did not answer as expected, or there is nobody to ask.
    Bad(String),
    /// AWS refuses what the gate needs: the gate fails, and this says nothing about the new side.
    Refused(String),
    /// AWS did not say whom to ask; it may the next time. This says nothing about the new side.
    Unasked(String),
}

impl From<String> for Missed {
    fn from(why: String) -> Self {
        Self::Bad(why)
    }
}

impl From<&str> for Missed {
    fn from(why: &str) -> Self {
        Self::Bad(why.to_owned())
    }
}

/// Asks everyone, [`AT_A_TIME`] side by side: `Ok` when everyone has answered as expected. Both say what was seen.
pub(super) async fn round(
    means: Means<'_>,
    facts: &SideFacts,
    check: &HttpCheck,
) -> Result<String, Missed> {
    let addresses = addresses(means, facts, check).await?;
    let mut answers = Vec::with_capacity(addresses.len());
    for some in addresses.chunks(AT_A_TIME) {
        answers.extend(join_all(some.iter().map(|address| reply(means, check, address))).await);
    }
    let (mut answered, mut refused) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer.seen {
            Ok(seen) => answered.push(seen),
            Err(seen) => refused.push(seen),
        }
    }
    match (refused.split_first(), answered.split_first()) {
        (Some((first, [])), _) if answered.is_empty() => Err(Missed::Bad(first.clone())),
        (Some((first, others)), _) => Err(Missed::Bad(format!(
            "{first}; {} of {} targets did not respond as expected",
            others.len() + 1,
            addresses.len()
        ))),
        (None, Some((only, []))) => Ok(only.clone()),
        (None, Some((_, others))) => Ok(format!(
            "all {} targets responded as expected",
            others.len() + 1
        )),
        (None, None) => Err("there was no target".into()),
    }
}

/// Everyone who is asked, at least one.
pub(super) async fn addresses(
    means: Means<'_>,
    facts: &SideFacts,
    check: &HttpCheck,
) -> Result<Vec<Address>, Missed> {
    Ok(match &check.target {
        ProbeTarget::NewTargets => of_targets(means, facts, &check.path).await?,
        ProbeTarget::TestListener => vec![of_test_listener(means, facts, &check.path).await?],
        ProbeTarget::Url(url) => vec![Address {
            url: url.clone(),
            host: None,
            is_unhealthy: false,
        }],
    })
}

/// The URL of the test listener; `None` when it is not known.
pub(super) async fn test_listener_url(
    means: Means<'_>,
    facts: &SideFacts,
    path: &str,
) -> Option<String> {
    let found = of_test_listener(means, facts, path).await.ok()?;
    Some(found.url)
}

/// What one request brought.
pub(super) struct Replied {
    /// What was seen, as expected or not.
    pub(super) seen: Result<String, String>,
    /// Time to the end of the body; none without a response.
    pub(super) latency: Option<Duration>,
}

/// Sends one request.
pub(super) async fn reply(means: Means<'_>, check: &HttpCheck, address: &Address) -> Replied {
    let mut headers = check.headers.clone();
    let has_host = headers.keys().any(|name| name.eq_ignore_ascii_case("host"));
    if let Some(host) = address.host.as_ref().filter(|_| !has_host) {
        headers.insert("host".to_owned(), host.clone());
    }
    let request = ProbeRequest {
        method: check.method.clone(),
        url: address.url.clone(),
        headers,
        body: check.body.clone(),
        timeout: check.timeout,
    };
    let shown = shown(&address.url);
    let response = means.probes.send(&request).await;
    let latency = response.as_ref().ok().map(|response| response.latency);
    let seen = match response {
        Err(failure) => Err(format!("{} {shown}: {failure}", check.method)),
        Ok(response) => match unmet(&check.expect, &response) {
            Some(what) => Err(format!("{} {shown}: {what}", check.method)),
            None if address.is_unhealthy => Err(format!(
                "{} {shown}: responded as expected, but the load balancer reports it as unhealthy",
                check.method
            )),
            None => Ok(format!(
                "{} {shown}: status {} in {} ms",
                check.method,
                response.status,
                response.latency.as_micros().div_ceil(1000)
            )),
        },
    };
    Replied { seen, latency }
}

async fn of_targets(
    means: Means<'_>,
    facts: &SideFacts,
    path: &str,
) -> Result<Vec<Address>, Missed> {
    let group = facts.new_target_group.as_deref().ok_or_else(|| {
        Missed::Unasked("it is not known which target group belongs to the new side".to_owned())
    })?;
    let targets = means
        .routing
        .target_health(group)
        .await
        .map_err(|error| not_read("the targets of the new side", &error))?;
    let addresses = targets
        .iter()
        .filter(|target| is_asked(&target.state))
        .map(|target| of_target(target, path))
        .collect::<Result<Vec<_>, _>>()?;
    if addresses.is_empty() {
        return Err("no target is registered on the new side".into());
    }
    Ok(addresses)
}

/// Whether a target in this state is one that gets traffic, or is to get some.
fn is_asked(state: &TargetState) -> bool {
    match state {
        TargetState::Healthy | TargetState::Initial | TargetState::Unhealthy => true,
        TargetState::Draining
        | TargetState::Unavailable
        | TargetState::Unused
        | TargetState::Unknown(_) => false,
    }
}

fn of_target(target: &TargetHealth, path: &str) -> Result<Address, String> {
    let address: IpAddr = target.target.parse().map_err(|_| {
        format!(
            "target {} is not an IP address, so it cannot be reached: use a target group of type `ip`, or the test \
             listener",
            target.target
        )
    })?;
    let port = target
        .port
        .ok_or_else(|| format!("target {address} has no port"))?;
    let host = match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    Ok(Address {
        url: format!("http://{host}:{port}{}", rooted(path)),
        host: None,
        is_unhealthy: target.state == TargetState::Unhealthy,
    })
}

async fn of_test_listener(
    means: Means<'_>,
    facts: &SideFacts,
    path: &str,
) -> Result<Address, Missed> {
    let route = facts
        .test_route
        .as_deref()
        .ok_or("the service has no test listener")?;
    let rule = if route.contains(":listener-rule/") {
        Some(find_rule(means, route).await?)
    } else {
        None
    };
    let listener = find_listener(means, rule.as_ref().map_or(route, |rule| &rule.listener)).await?;
    let name = means
        .routing
        .find_dns_name(&listener.load_balancer)
        .await
        .map_err(|error| not_read("the load balancer's name", &error))?
        .ok_or("the load balancer of the test listener does not exist")?;
    let scheme = match &listener.protocol {
        Protocol::Https | Protocol::Tls => "https",
        Protocol::Http | Protocol::Tcp | Protocol::TcpUdp | Protocol::Udp => "http",
        Protocol::Unknown(word) => {
            let unknown =
                format!("the test listener speaks {word:?}, which this version does not know");
            return Err(unknown.into());
        }
    };
    Ok(Address {
        url: format!("{scheme}://{name}:{}{}", listener.port, rooted(path)),
        host: rule.and_then(|rule| only_name(&rule.hosts)),
        is_unhealthy: false,
    })
}

async fn find_rule(means: Means<'_>, arn: &str) -> Result<ListenerRule, Missed> {
    means
        .routing
        .find_rule(arn)
        .await
        .map_err(|error| not_read("the test rule", &error))?
        .ok_or_else(|| "the test rule does not exist".into())
}

async fn find_listener(means: Means<'_>, arn: &str) -> Result<Listener, Missed> {
    means
        .routing
        .find_listener(arn)
        .await
        .map_err(|error| not_read("the test listener", &error))?
        .ok_or_else(|| "the test listener does not exist".into())
}

/// The host name a rule waits for, when it is exactly one and holds no pattern.
fn only_name(hosts: &[String]) -> Option<String> {
    match hosts {
        [name] if !name.contains(['*', '?']) => Some(name.clone()),
        _ => None,
    }
}

/// A path as it stands in a URL.
fn rooted(path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    }
}

/// A URL without what may be secret: user, password, query.
pub(super) fn shown(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let plain = url.get(..end).unwrap_or(url);
    let Some((scheme, rest)) = plain.split_once("://") else {
        return plain.to_owned();
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(path)),
        None => (rest, None),
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match path {
        Some(path) => format!("{scheme}://{host}/{path}"),
        None => format!("{scheme}://{host}"),
    }
}

fn not_read(what: &str, error: &Error) -> Missed {
    let why = format!("{what} could not be read: {error}");
    if error.kind.is_transient() {
        Missed::Unasked(why)
    } else {
        Missed::Bad(why)
    }
}
