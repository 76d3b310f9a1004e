//! Who is told, and of what.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use switchyard_engine::ports::SecretSource;

use crate::kind::Kind;

/// Where PagerDuty takes events; accounts in Europe have another address.
pub const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// The bus that every account has.
const DEFAULT_BUS: &str = "default";

/// Words of receivers, as configurations write them.
pub const RECEIVERS: &[&str] = &[
    "sns",
    "eventbridge",
    "webhook",
    "slack",
    "teams",
    "pagerduty",
];

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A bus of Amazon EventBridge.
    Bus {
        /// Name or ARN.
        bus: String,
    },
    /// PagerDuty's Events API, version 2.
    PagerDuty {
        /// Where events are sent.
        url: String,
        /// Where the routing key is kept.
        key: SecretSource,
    },
    /// A channel of Slack.
    Slack {
        /// Where the URL is kept, which is a secret.
        url: SecretSource,
    },
    /// A channel of Microsoft Teams, through a workflow.
    Teams {
        /// Where the URL is kept, which is a secret.
        url: SecretSource,
    },
    /// A topic of Amazon SNS.
    Topic {
        /// ARN.
        topic: String,
    },
    /// Any server, which gets the event as JSON with a signature.
    Webhook {
        /// Where it is sent.
        url: String,
        /// Where the key of the signature is kept.
        key: SecretSource,
    },
}

/// Names the receiver without its secrets.
impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus { bus } => write!(f, "EventBridge bus `{bus}`"),
            Self::PagerDuty { key, .. } => write!(f, "PagerDuty (`{key}`)"),
            Self::Slack { url } => write!(f, "Slack (`{url}`)"),
            Self::Teams { url } => write!(f, "Teams (`{url}`)"),
            Self::Topic { topic } => write!(f, "SNS topic `{topic}`"),
            Self::Webhook { url, .. } => write!(f, "webhook `{}`", without_query(url)),
        }
    }
}

/// A URL as it may be shown: what follows `?` may be a secret.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// A receiver, and the kinds of events that it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Who.
    pub receiver: Receiver,
    /// Of what.
    pub kinds: BTreeSet<Kind>,
}

/// A target as somebody has written it: in a block `notify`, or in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// One of [`RECEIVERS`].
    pub to: String,
    /// ARN of a topic; name or ARN of a bus.
    #[serde(default)]
    pub arn: Option<String>,
    /// URL of a webhook, or of PagerDuty's API.
    #[serde(default)]
    pub url: Option<String>,
    /// Where the secret is kept.
    #[serde(default)]
    pub secret: Option<String>,
    /// Kinds of events.
    #[serde(default)]
    pub events: Option<BTreeSet<String>>,
}

/// What is wrong with a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{summary}. {detail}")]
pub struct Wrong {
    /// The member it is about.
    pub member: &'static str,
    /// One line without its full stop.
    pub summary: String,
    /// Why, and what to do.
    pub detail: String,
}

impl Wrong {
    fn new(member: &'static str, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            member,
            summary: summary.into(),
            detail: detail.into(),
        }
    }
}

impl Given {
    /// The target.
    ///
    /// # Errors
    /// A member is missing, wrong, or has no effect for this receiver.
    pub fn target(&self) -> Result<Target, Wrong> {
        let receiver = match self.to.as_str() {
            "sns" => {
                self.unused("url", &self.url)?;
                self.unused("secret", &self.secret)?;
                Receiver::Topic {
                    topic: self.topic()?,
                }
            }
            "eventbridge" => {
                self.unused("url", &self.url)?;
                self.unused("secret", &self.secret)?;
                Receiver::Bus { bus: self.bus()? }
            }
            "webhook" => {
                self.unused("arn", &self.arn)?;
                let url = self.url("a webhook is sent to a URL")?;
                Receiver::Webhook {
                    url,
                    key: self.secret("the key with which each message is signed")?,
                }
            }
            "slack" => Receiver::Slack {
                url: self.address()?,
            },
            "teams" => Receiver::Teams {
                url: self.address()?,
            },
            "pagerduty" => {
                self.unused("arn", &self.arn)?;
                let url = match &self.url {
                    Some(_) => self.url("events are sent to a URL")?,
                    None => PAGERDUTY.to_owned(),
                };
                Receiver::PagerDuty {
                    url,
                    key: self.secret("the routing key (integration key) of the service")?,
                }
            }
            other => {
                return Err(Wrong::new(
                    "to",
                    format!("`{other}` is not a receiver of notifications"),
                    format!("Use one of {}.", RECEIVERS.join(", ")),
                ));
            }
        };
        let kinds = match &self.events {
            None => kinds_by_default(&receiver),
            Some(words) => kinds(words)?,
        };
        Ok(Target { receiver, kinds })
    }

    fn unused(&self, member: &'static str, value: &Option<String>) -> Result<(), Wrong> {
        match value {
            None => Ok(()),
            Some(_) => Err(Wrong::new(
                member,
                format!("`{member}` has no effect for `{}`", self.to),
                "Remove it.",
            )),
        }
    }

    fn topic(&self) -> Result<String, Wrong> {
        let is_topic = |arn: &&String| {
            let parts: Vec<_> = arn.split(':').collect();
            matches!(parts.as_slice(), ["arn", _, "sns", _, _, name] if !name.is_empty())
        };
        self.arn.as_ref().filter(is_topic).cloned().ok_or_else(|| {
            Wrong::new(
                "arn",
                "`arn` does not name a topic",
                "Set it to the ARN of an SNS topic, such as `arn:aws:sns:eu-west-1:123456789012:deployments`.",
            )
        })
    }

    fn bus(&self) -> Result<String, Wrong> {
        let Some(bus) = &self.arn else {
            return Ok(DEFAULT_BUS.to_owned());
        };
        let is_name = |name: &str| {
            (1..=256).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
        };
        let parts: Vec<_> = bus.splitn(6, ':').collect();
        let is_bus = match parts.as_slice() {
            ["arn", _, "events", _, _, rest] => {
                rest.strip_prefix("event-bus/").is_some_and(is_name)
            }
            [name] => is_name(name),
            _ => false,
        };
        match is_bus {
            true => Ok(bus.clone()),
            false => Err(Wrong::new(
                "arn",
                "`arn` does not name an event bus",
                "Set it to the name or ARN of a bus of EventBridge, or remove it for the default bus.",
            )),
        }
    }

    fn url(&self, why: &str) -> Result<String, Wrong> {
        let is_url = |url: &&String| {
            let rest = url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://"));
            rest.is_some_and(|rest| {
                !rest.is_empty()
                    && !rest.starts_with('/')
                    && !rest.contains('@')
                    && rest.bytes().all(|byte| byte.is_ascii_graphic())
            })
        };
        self.url.as_ref().filter(is_url).cloned().ok_or_else(|| {
            Wrong::new(
                "url",
                "`url` is missing or is not a URL",
                format!("It is required because {why}. Set it to `https://HOST/PATH`, without user and password."),
            )
        })
    }

    /// A URL that is a secret.
    fn address(&self) -> Result<SecretSource, Wrong> {
        self.unused("arn", &self.arn)?;
        if self.url.is_some() {
            return Err(Wrong::new(
                "url",
                format!("The URL of `{}` is a secret", self.to),
                "Whoever has it can write to the channel. Keep it in a secret, a parameter or an environment variable, \
                 and name that in `secret`.",
            ));
        }
        self.secret("the URL of the channel")
    }

    fn secret(&self, what: &str) -> Result<SecretSource, Wrong> {
        let wrong = |summary: &str| {
            Wrong::new(
                "secret",
                summary,
                format!(
                    "It says where {what} is kept: the ARN of a secret of Secrets Manager, the ARN or the name \
                     (`/…`) of a parameter of Systems Manager, or `env:NAME` for an environment variable. It is never \
                     the secret itself."
                ),
            )
        };
        let Some(text) = &self.secret else {
            return Err(wrong(&format!("`secret` is missing for `{}`", self.to)));
        };
        SecretSource::parse(text)
            .ok_or_else(|| wrong("`secret` does not say where a secret is kept"))
    }
}

/// What a receiver is told when nobody has said: everything but steps, of which there are many; and whom PagerDuty wakes,
/// only what needs somebody, and the success that resolves it.
fn kinds_by_default(receiver: &Receiver) -> BTreeSet<Kind> {
    match receiver {
        Receiver::PagerDuty { .. } => [
            Kind::Failed,
            Kind::RolledBack,
            Kind::DriftCritical,
            Kind::Succeeded,
        ]
        .into(),
        Receiver::Bus { .. } => Kind::ALL.iter().copied().collect(),
        Receiver::Slack { .. }
        | Receiver::Teams { .. }
        | Receiver::Topic { .. }
        | Receiver::Webhook { .. } => {
            let all = Kind::ALL.iter().copied();
            all.filter(|kind| *kind != Kind::Step).collect()
        }
    }
}

fn kinds(words: &BTreeSet<String>) -> Result<BTreeSet<Kind>, Wrong> {
    if words.is_empty() {
        return Err(Wrong::new(
            "events",
            "`events` is empty",
            "Nothing would be sent. Name events, or remove the block.",
        ));
    }
    let read = words.iter().map(|word| {
        Kind::parse(word).ok_or_else(|| {
            Wrong::new(
                "events",
                format!("`{word}` is not an event"),
                format!("Use some of {}.", Kind::WORDS.join(", ")),
            )
        })
    });
    read.collect()
}

/// The targets of a file: `{"notify": [{"to": "slack", "secret": "env:SLACK_URL"}]}`.
///
/// # Errors
/// What is wrong with it, as sentences.
pub fn targets_of(text: &str) -> Result<Vec<Target>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        notify: Vec<Given>,
    }
    // What serde says may quote values, and somebody may have written a secret here by mistake.
    let file: File = serde_json::from_str(text).map_err(|error| {
        format!(
            "line {}, column {} is not as expected. It is an object with the list `notify`, whose elements have `to`, and \
             where needed `arn`, `url`, `secret` and `events`",
            error.line(),
            error.column()
        )
    })?;
    if file.notify.is_empty() {
        return Err("the list `notify` is empty".to_owned());
    }
    let read = (1..).zip(&file.notify).map(|(number, given)| {
        given
            .target()
            .map_err(|wrong| format!("element {number} of `notify`: {wrong}"))
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(to: &str, arn: Option<&str>, url: Option<&str>, secret: Option<&str>) -> Given {
        Given {
            to: to.to_owned(),
            arn: arn.map(str::to_owned),
            url: url.map(str::to_owned),
            secret: secret.map(str::to_owned),
            events: None,
        }
    }

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:deployments";
    const BUS: &str = "arn:aws:events:eu-west-1:123456789012:event-bus/ops";

    #[test]
    fn every_receiver_takes_what_it_needs_and_nothing_else() {
        let (url, env) = (Some("https://example.com/x"), Some("env:KEY"));
        for good in [
            given("sns", Some(TOPIC), None, None),
            given("eventbridge", None, None, None),
            given("eventbridge", Some("ops"), None, None),
            given("eventbridge", Some(BUS), None, None),
            given("webhook", None, url, env),
            given("slack", None, None, env),
            given("teams", None, None, env),
            given("pagerduty", None, None, env),
            given("pagerduty", None, url, env),
        ] {
            assert!(good.target().is_ok(), "{good:?}");
        }
        for (wrong, member) in [
            (given("mail", None, None, None), "to"),
            (given("sns", None, None, None), "arn"),
            (given("sns", Some(BUS), None, None), "arn"),
            (given("sns", Some(TOPIC), url, None), "url"),
            (given("sns", Some(TOPIC), None, env), "secret"),
            (given("eventbridge", Some("a:b"), None, None), "arn"),
            (given("webhook", None, None, env), "url"),
            (given("webhook", None, Some("ftp://x"), env), "url"),
            (given("webhook", None, Some("https://me:x@h/"), env), "url"),
            (given("webhook", None, url, None), "secret"),
            (given("slack", None, url, env), "url"),
            (given("slack", None, None, None), "secret"),
            (given("teams", None, None, Some("https://x/y")), "secret"),
            (given("pagerduty", Some(TOPIC), None, env), "arn"),
        ] {
            assert_eq!(wrong.target().unwrap_err().member, member, "{wrong:?}");
        }
    }

    #[test]
    fn events_are_words_and_steps_are_told_where_somebody_asks() {
        let mut slack = given("slack", None, None, Some("env:URL"));
        let told = slack.target().unwrap().kinds;
        assert!(!told.contains(&Kind::Step) && told.contains(&Kind::Started));
        slack.events = Some(["step".to_owned(), "failed".to_owned()].into());
        let told = slack.target().unwrap().kinds;
        assert_eq!(told, [Kind::Step, Kind::Failed].into());
        for wrong in [vec![], vec!["exploded".to_owned()]] {
            slack.events = Some(wrong.into_iter().collect());
            assert_eq!(slack.target().unwrap_err().member, "events");
        }
    }

    #[test]
    fn a_file_says_where_it_is_wrong_and_never_what_is_in_it() {
        let good = r#"{"notify": [{"to": "slack", "secret": "env:URL"}, {"to": "eventbridge"}]}"#;
        assert_eq!(targets_of(good).unwrap().len(), 2);
        for (wrong, part) in [
            ("", "line 1"),
            (r#"{"notify": []}"#, "empty"),
            (
                r#"{"notify": [{"to": "slack", "webhook_url": "hunter2"}]}"#,
                "column",
            ),
            (
                r#"{"notify": [{"to": "slack", "secret": "hunter2"}]}"#,
                "element 1",
            ),
        ] {
            let said = targets_of(wrong).unwrap_err();
            assert!(said.contains(part) && !said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_receiver_is_named_without_its_secrets() {
        let hook = given(
            "webhook",
            None,
            Some("https://h/x?sig=hunter2"),
            Some("env:K"),
        );
        assert_eq!(
            hook.target().unwrap().receiver.to_string(),
            "webhook `https://h/x`"
        );
    }
}
