//! Looks at one rule.

use super::LiveRule;
use crate::CREATING_TAG;
use crate::notes::is_note;
use crate::ports::{ErrorKind, Ports, Result, RuleDetail};

/// The rule with its tags; `None` when it does not exist.
///
/// # Errors
/// Whatever a read ended with. A rule that vanishes between the two reads does not exist.
pub async fn observe_rule(ports: &Ports, arn: &str) -> Result<Option<LiveRule>> {
    match ports.listener_rules.find_detail(arn).await? {
        Some(detail) => with_tags(ports, detail).await,
        None => Ok(None),
    }
}

pub(super) async fn with_tags(ports: &Ports, detail: RuleDetail) -> Result<Option<LiveRule>> {
    let mut tags = match ports.listener_rules.rule_tags(&detail.rule.arn).await {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let note = tags.get(CREATING_TAG).cloned();
    tags.retain(|key, _| !is_note(key));
    Ok(Some(LiveRule { detail, tags, note }))
}
