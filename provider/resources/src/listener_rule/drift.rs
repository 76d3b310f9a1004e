//! What somebody else has changed on a rule since the state was written: one warning.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::ToValue;

use super::memory::Memory;
use super::model::Model;
use crate::drift::{self, CONFIGURATION, Difference, Frame, TagsBefore};

pub(super) const TYPE: &str = "switchyard_listener_rule";

/// The tags: the plan reports those that the apply puts back.
const REPEATED: [&str; 2] = ["tags", "tags_all"];

/// The same, and the place that nobody has asked for.
const REPEATED_WITHOUT_PRIORITY: [&str; 3] = ["tags", "tags_all", "priority"];

/// The warning about what differs between the state and what was read.
pub(super) fn warning(prior: &Model, memory: &Memory, found: &Model) -> Option<Diagnostic> {
    if !is_comparable(prior, memory) || prior == found {
        return None;
    }
    let repeated: &[&str] = if memory.any_priority {
        &REPEATED_WITHOUT_PRIORITY
    } else {
        &REPEATED
    };
    let differences = drift::differences(TYPE, repeated, &prior.to_value(), &found.to_value());
    warn_of(found, &differences)
}

/// An import has left nothing to compare with, and a failed apply may have left more or less than the state says.
fn is_comparable(prior: &Model, memory: &Memory) -> bool {
    !prior.listener_arn.is_null() && !memory.unseen
}

/// The tags that somebody else has changed, for the plan.
pub(super) fn tags_before(prior: &Model, memory: &Memory, found: &Model) -> TagsBefore {
    if is_comparable(prior, memory) {
        drift::tags_before(&prior.tags_all, &found.tags_all)
    } else {
        TagsBefore::new()
    }
}

/// The warning about tags that somebody else has changed and the apply puts back.
pub(super) fn tags_warning(memory: &Memory, prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let prior_value = prior.to_value();
    let back = drift::tags_put_back(TYPE, &memory.tags_before, &prior_value, &planned.tags_all);
    warn_of(prior, &back)
}

fn warn_of(found: &Model, differences: &[Difference]) -> Option<Diagnostic> {
    let arn = found.arn.known().map_or("", String::as_str);
    let frame = Frame {
        subject: format!("Listener rule `{}`", short(arn)),
        owner: &|_| CONFIGURATION.to_owned(),
        since: &|_| None,
        advice: None,
    };
    drift::warning(&frame, differences)
}

/// `LB/…/RULE` of an ARN, which is long.
fn short(arn: &str) -> &str {
    arn.split_once(":listener-rule/app/")
        .map_or(arn, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;
    use switchyard_drift::Change;
    use tfplugin::resource::Resource;

    use super::super::ListenerRule;
    use super::*;

    /// What a rule never changes.
    const FIXED: [&str; 3] = ["arn", "id", "listener_arn"];

    #[test]
    fn every_attribute_has_a_rule_or_never_changes() {
        for attribute in ListenerRule.schema().block.attributes {
            let path = attribute.name.to_string();
            let change = Change {
                resource_type: TYPE,
                path: &path,
                from: &Json::from(1),
                to: &Json::from(2),
                object: &Json::Null,
            };
            let has_rule = change.classified().rule.is_some();
            assert_eq!(has_rule, !FIXED.contains(&path.as_str()), "{path}");
        }
    }
}
