//! Topics and buses that are told of a deployment, and where the secrets for other receivers are kept.

use std::fmt;

use super::Result;

/// A message for the subscribers of a topic of Amazon SNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicNotice {
    /// ARN of the topic.
    pub topic: String,
    /// Subject of mails: at most 100 ASCII characters.
    pub subject: String,
    /// The message.
    pub message: String,
    /// Attribute `type`, for filter policies of subscriptions.
    pub kind: String,
}

/// An event for a bus of Amazon EventBridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    /// Name or ARN of the bus.
    pub bus: String,
    /// `source`.
    pub source: String,
    /// `detail-type`.
    pub detail_type: String,
    /// `detail`: a JSON object.
    pub detail: String,
    /// `time`.
    pub at: jiff::Timestamp,
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretSource {
    /// In AWS, as `valueFrom` of a container names it: ARN of a secret (with `:KEY::` for one key of its JSON), ARN or
    /// name of a parameter.
    Aws(String),
    /// In an environment variable of this process.
    Variable(String),
}

impl SecretSource {
    /// `env:NAME`, or a reference to AWS; nothing when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("env:") {
            Some(name) => is_variable(name).then(|| Self::Variable(name.to_owned())),
            None => is_reference(text).then(|| Self::Aws(text.to_owned())),
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(reference) => f.write_str(reference),
            Self::Variable(name) => write!(f, "env:{name}"),
        }
    }
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Neither a URL nor a secret itself, which somebody has written here by mistake.
fn is_reference(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "secretsmanager", _, _, rest] => rest.starts_with("secret:"),
        ["arn", _, "ssm", _, _, rest] => rest.starts_with("parameter/"),
        _ => {
            text.starts_with('/')
                && text.len() > 1
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
        }
    }
}

/// A secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, to be used and never to be shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Tells topics and buses, and reads secrets. Nothing is repeated: whoever tells decides how often it is tried.
#[async_trait::async_trait]
pub trait Notices: Send + Sync + 'static {
    /// Sends a message to a topic (SNS Publish).
    async fn publish(&self, notice: &TopicNotice) -> Result<()>;
    /// Puts an event on a bus (EventBridge PutEvents).
    async fn put_event(&self, event: &BusEvent) -> Result<()>;
    /// Reads a secret (Secrets Manager GetSecretValue, Systems Manager GetParameter with decryption). A variable that is
    /// not set is `NotFound`.
    async fn reveal(&self, source: &SecretSource) -> Result<Secret>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_and_never_written_down() {
        for good in [
            "env:SLACK_URL",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:slack-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:chat-AbCdEf:slack::",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/chat/slack",
            "/chat/slack",
        ] {
            let source = SecretSource::parse(good);
            assert_eq!(source.map(|it| it.to_string()).as_deref(), Some(good));
        }
        for wrong in [
            "",
            "env:",
            "env:1X",
            "env:A-B",
            "https://hooks.slack.com/services/T0/B0/x",
            "xoxb-1-2",
            "/",
            "arn:aws:sns:eu-west-1:123456789012:topic",
        ] {
            assert_eq!(SecretSource::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", Secret::new("x")), "Secret(redacted)");
    }
}
