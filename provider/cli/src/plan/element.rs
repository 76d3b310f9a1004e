//! One element of `resource_drift` or `resource_changes`.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One element of `resource_drift` or `resource_changes`; fields the gate does not ask for are left out.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Element {
    /// Full address, with modules and instance keys.
    pub(crate) address: String,
    /// `managed` or `data`.
    #[serde(default)]
    pub(crate) mode: Option<String>,
    #[serde(rename = "type", default)]
    pub(crate) resource_type: String,
    /// Key of an object that a replacement left over.
    #[serde(default)]
    pub(crate) deposed: Option<String>,
    pub(crate) change: Change,
}

impl Element {
    pub(crate) fn is_data(&self) -> bool {
        self.mode.as_deref() == Some("data")
    }
}

/// The change of one element.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Change {
    pub(crate) actions: Vec<Action>,
    #[serde(default)]
    pub(crate) before: Value,
    #[serde(default)]
    pub(crate) after: Value,
    #[serde(default)]
    pub(crate) before_sensitive: Value,
    #[serde(default)]
    pub(crate) after_sensitive: Value,
    /// What apply decides only while it runs: `true` where the value is not known yet.
    #[serde(default)]
    pub(crate) after_unknown: Value,
    #[serde(default, deserialize_with = "is_present")]
    pub(crate) importing: bool,
}

fn is_present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<serde::de::IgnoredAny>::deserialize(deserializer)?.is_some())
}

/// What Terraform does, or what happened outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    NoOp,
    Create,
    Read,
    Update,
    Delete,
    Forget,
    /// A word of a later Terraform; counted as a change.
    Unknown(String),
}

impl Action {
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::NoOp => "no-op",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Forget => "forget",
            Self::Unknown(word) => word,
        }
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(match word.as_str() {
            "no-op" => Self::NoOp,
            "create" => Self::Create,
            "read" => Self::Read,
            "update" => Self::Update,
            "delete" => Self::Delete,
            "forget" => Self::Forget,
            _ => Self::Unknown(word),
        })
    }
}
