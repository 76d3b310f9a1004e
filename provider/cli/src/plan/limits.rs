//! What a plan says about its own limits: what it leaves out, leaves for later, or found failing.

use serde_json::Value;

/// What a plan does not cover, and what it says beside its changes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// Terraform says that applying this plan does not reach the whole configuration, as after `-target`.
    pub incomplete: bool,
    /// What Terraform leaves for a later plan.
    pub deferred: Vec<Deferred>,
    /// Checks that failed, or could not be evaluated.
    pub checks: Vec<Check>,
    /// Addresses of actions that an apply would invoke.
    pub actions: Vec<String>,
    /// Lines of the wrapper of hashicorp/setup-terraform stood around the document.
    pub wrapped: bool,
}

impl Limits {
    /// Whether a part of the configuration is not in the plan.
    pub fn is_partial(&self) -> bool {
        self.incomplete || !self.deferred.is_empty()
    }
}

/// A change that Terraform leaves for a later plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deferred {
    /// Of the resource or the action.
    pub address: String,
    /// Terraform's word, such as `provider_config_unknown`.
    pub reason: String,
}

/// A `check` block, or a condition of an object, that does not pass.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// As Terraform displays it, such as `check.health`.
    pub name: String,
    /// Terraform's word: `fail` or `error`.
    pub status: String,
    /// Messages of its conditions.
    pub problems: Vec<String>,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Elements of `deferred_changes` or `deferred_action_invocations`.
pub(super) fn deferred(value: &Value, of: &str) -> Vec<Deferred> {
    list(value)
        .iter()
        .map(|change| Deferred {
            address: text(change, &format!("/{of}/address")),
            reason: text(change, "/reason"),
        })
        .collect()
}

/// Addresses in `action_invocations`.
pub(super) fn actions(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|action| text(action, "/address"))
        .collect()
}

/// What does not pass in `checks`. A check with the status `unknown` is evaluated by the apply.
pub(super) fn checks(value: &Value) -> Vec<Check> {
    list(value)
        .iter()
        .filter(|check| {
            let status = check.get("status").and_then(Value::as_str);
            !matches!(status, Some("pass" | "unknown") | None)
        })
        .map(|check| Check {
            name: text(check, "/address/to_display"),
            status: text(check, "/status"),
            problems: check
                .get("instances")
                .map(list)
                .unwrap_or_default()
                .iter()
                .flat_map(|instance| instance.get("problems").map(list).unwrap_or_default())
                .map(|problem| text(problem, "/message"))
                .collect(),
        })
        .collect()
}
