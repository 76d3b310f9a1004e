//! An event in the form of each receiver.

use std::collections::BTreeMap;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use switchyard_engine::ports::{BusEvent, ProbeRequest, Secret, TopicNotice};

use crate::event::{Event, Subject, cut};
use crate::kind::{Kind, Severity};
use crate::target::Receiver;

/// How long one request may take.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// `source` of events on a bus.
const SOURCE: &str = "switchyard";

/// Most characters of a mail's subject, by SNS.
const LONGEST_SUBJECT: usize = 100;

/// Most characters of a section, by Slack (3,000), with room for what escaping adds.
const LONGEST_SECTION: usize = 2500;

/// Most characters of a summary, by PagerDuty.
const LONGEST_SUMMARY: usize = 1024;

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    Bus(BusEvent),
    Post(Box<ProbeRequest>),
    Topic(TopicNotice),
}

/// The message for one receiver. `secret` is what its reference names, `at` the time of this attempt.
///
/// # Errors
/// The secret is not what this receiver needs. The sentence does not show it.
pub(crate) fn message(
    receiver: &Receiver,
    event: &Event,
    secret: Option<&Secret>,
    at: Timestamp,
) -> Result<Message, String> {
    let post = |url: &str, body: &Value| {
        Message::Post(Box::new(request(url, body.to_string(), BTreeMap::new())))
    };
    match receiver {
        Receiver::Topic { topic } => Ok(Message::Topic(topic_notice(topic, event))),
        Receiver::Bus { bus } => Ok(Message::Bus(BusEvent {
            bus: bus.clone(),
            source: SOURCE.to_owned(),
            detail_type: event.kind.title().to_owned(),
            detail: event.document().to_string(),
            at: event.at,
        })),
        Receiver::Webhook { url, .. } => {
            let body = event.document().to_string();
            let headers = signed(event, &body, text(secret)?, at)?;
            Ok(Message::Post(Box::new(request(url, body, headers))))
        }
        Receiver::Slack { .. } => Ok(post(address(secret)?, &slack(event))),
        Receiver::Teams { .. } => Ok(post(address(secret)?, &teams(event))),
        Receiver::PagerDuty { url, .. } => Ok(post(url, &pagerduty(event, text(secret)?))),
    }
}

fn request(url: &str, body: String, mut headers: BTreeMap<String, String>) -> ProbeRequest {
    headers.insert("content-type".to_owned(), "application/json".to_owned());
    ProbeRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers,
        body: Some(body),
        timeout: REQUEST_TIMEOUT,
    }
}

fn text(secret: Option<&Secret>) -> Result<&str, String> {
    let text = secret.map_or("", |secret| secret.expose().trim());
    match text.is_empty() {
        true => Err("the secret is empty".to_owned()),
        false => Ok(text),
    }
}

fn address(secret: Option<&Secret>) -> Result<&str, String> {
    let url = text(secret)?;
    match url.starts_with("https://") || url.starts_with("http://") {
        true => Ok(url),
        false => Err("the secret is not a URL".to_owned()),
    }
}

/// The headers of a webhook: `x-switchyard-signature` is `v1=` and the HMAC-SHA256 of `TIMESTAMP.BODY` in hexadecimal.
fn signed(
    event: &Event,
    body: &str,
    key: &str,
    at: Timestamp,
) -> Result<BTreeMap<String, String>, String> {
    let timestamp = at.as_second().to_string();
    // Any length is a key of an HMAC.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|_| "the secret is no key for a signature".to_owned())?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = [
        ("x-switchyard-event", event.kind.word().to_owned()),
        ("x-switchyard-delivery", event.id()),
        ("x-switchyard-timestamp", timestamp),
        ("x-switchyard-signature", format!("v1={hex}")),
    ];
    let headers = headers.into_iter();
    Ok(headers
        .map(|(name, value)| (name.to_owned(), value))
        .collect())
}

fn topic_notice(topic: &str, event: &Event) -> TopicNotice {
    // Mails take no other characters in a subject.
    let subject: String = format!("{}: {}", event.kind.title(), event.subject_text())
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .take(LONGEST_SUBJECT)
        .collect();
    TopicNotice {
        topic: topic.to_owned(),
        subject,
        message: event.document().to_string(),
        kind: event.kind.word().to_owned(),
    }
}

/// What people want to see beside the sentence.
fn facts(event: &Event) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Subject::Service { cluster, name } = &event.subject {
        facts.push(("Service", name.clone()));
        facts.push(("Cluster", cluster.clone()));
    }
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value {
            facts.push((name, value));
        }
    };
    add("New revision", event.to.clone());
    add("Revision before", event.from.clone());
    add(
        "Traffic on the new revision",
        event.traffic_percent.map(|percent| format!("{percent} %")),
    );
    if let Some(drift) = &event.drift {
        let counts = format!(
            "{} critical, {} major, {} minor",
            drift.critical, drift.major, drift.minor
        );
        add("Drift", Some(counts));
    }
    add("Time", Some(event.at.to_string()));
    facts
}

/// What is bad is marked by a word, not by color alone.
fn mark(kind: Kind) -> &'static str {
    match kind.severity() {
        Severity::Critical | Severity::Error => "🔴",
        Severity::Warning => "🟡",
        Severity::Info if kind == Kind::Succeeded => "🟢",
        Severity::Info => "🔵",
    }
}

/// The reason, and the resources that drifted.
fn details(event: &Event) -> Vec<String> {
    let drifted = event.drift.as_ref().map(|drift| {
        let more = drift.critical.saturating_sub(drift.addresses.len().min(10));
        let mut lines: Vec<String> = drift.addresses.iter().take(10).cloned().collect();
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines.join("\n")
    });
    let details = event.told_reason().into_iter().chain(drifted);
    details.filter(|text| !text.is_empty()).collect()
}

/// Slack's incoming webhooks: blocks, and the sentence for notifications.
fn slack(event: &Event) -> Value {
    let escaped = |text: &str| {
        let text = cut(text, LONGEST_SECTION);
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let section =
        |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    let headline = event.headline();
    let mut blocks = vec![section(format!(
        "{} *{}*",
        mark(event.kind),
        escaped(&headline)
    ))];
    for text in details(event) {
        // Plain text: what AWS and people write is no markup.
        blocks.push(json!({
            "type": "section",
            "text": { "type": "plain_text", "text": cut(&text, LONGEST_SECTION), "emoji": false },
        }));
    }
    let facts: Vec<String> = facts(event)
        .into_iter()
        .map(|(name, value)| format!("{name}: {}", escaped(&value)))
        .collect();
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "mrkdwn", "text": facts.join(" · ") }],
    }));
    json!({ "text": escaped(&headline), "blocks": blocks })
}

/// A workflow of Teams: one message with an adaptive card.
fn teams(event: &Event) -> Value {
    let block = |text: String| json!({ "type": "TextBlock", "text": text, "wrap": true });
    let mut body = vec![json!({
        "type": "TextBlock",
        "text": format!("{} {}", mark(event.kind), plain(&event.headline())),
        "weight": "Bolder",
        "wrap": true,
    })];
    body.extend(details(event).into_iter().map(|text| block(plain(&text))));
    let facts: Vec<Value> = facts(event)
        .into_iter()
        .map(|(name, value)| json!({ "title": name, "value": plain(&value) }))
        .collect();
    body.push(json!({ "type": "FactSet", "facts": facts }));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
            },
        }],
    })
}

/// Text of a card is a kind of Markdown: what would be markup is escaped.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*_[]()#~`".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// PagerDuty's Events API, version 2: an incident for each service, which a success resolves.
fn pagerduty(event: &Event, key: &str) -> Value {
    let subject = event.subject_text();
    let about = match event.kind {
        Kind::DriftCritical => "drift",
        Kind::Started
        | Kind::WaitingForApproval
        | Kind::Step
        | Kind::Succeeded
        | Kind::RolledBack
        | Kind::Failed
        | Kind::Approved
        | Kind::Rejected
        | Kind::Stopped
        | Kind::EmergencyScaling => "deployment",
    };
    let dedup_key = cut(&format!("switchyard/{about}/{subject}"), 255);
    if event.kind == Kind::Succeeded {
        return json!({
            "routing_key": key,
            "event_action": "resolve",
            "dedup_key": dedup_key,
        });
    }
    let summary = match event.told_reason() {
        Some(reason) => format!("{}: {reason}", event.headline()),
        None => event.headline(),
    };
    json!({
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "client": "Switchyard",
        "payload": {
            "summary": cut(&summary, LONGEST_SUMMARY),
            "source": subject,
            "severity": event.kind.severity().word(),
            "timestamp": event.at,
            "component": match &event.subject {
                Subject::Service { name, .. } => Some(name),
                Subject::Plans(_) => None,
            },
            "class": event.kind.word(),
            "custom_details": event.document(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_rfc() {
        // RFC 4231, test case 2, with our form of the message left out.
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let hex: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_secret_of_another_kind_is_refused_without_showing_it() {
        let secret = Secret::new("hunter2");
        assert!(!address(Some(&secret)).unwrap_err().contains("hunter2"));
        assert!(text(Some(&Secret::new(" "))).is_err());
        assert!(text(None).is_err());
    }
}
