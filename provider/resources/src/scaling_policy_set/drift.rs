//! What somebody else has changed on the scaling since the state was written: one warning.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::ToValue;

use super::memory::Memory;
use super::model::Model;
use crate::drift::{self, CONFIGURATION, Difference, Frame, TagsBefore};

const TYPE: &str = "switchyard_scaling_policy_set";

/// The tags: the plan reports those that the apply puts back.
const REPEATED: [&str; 2] = ["tags", "tags_all"];

/// After an import nobody has said which bounds hold without schedules, so none can differ.
const REPEATED_IN_AN_IMPORT: [&str; 4] = ["tags", "tags_all", "min_capacity", "max_capacity"];

/// The warning about what differs between the state and what was read; nothing when all differences are expected.
/// Bounds that an emergency has left over have a message of their own.
pub(super) fn warning(
    prior: &Model,
    memory: &Memory,
    found: &Model,
    left_over: bool,
) -> Option<Diagnostic> {
    if !is_comparable(prior, memory) || prior == found {
        return None;
    }
    let repeated: &[&str] = if memory.imported {
        &REPEATED_IN_AN_IMPORT
    } else {
        &REPEATED
    };
    let mut differences = drift::differences(TYPE, repeated, &prior.to_value(), &found.to_value());
    let is_bound = |name: &str| ["min_capacity", "max_capacity"].contains(&name);
    differences.retain(|it| !left_over || !is_bound(it.attribute()));
    warn_of(found, &differences)
}

/// An import has left nothing to compare with, and a failed apply may have left more or less than the state says.
fn is_comparable(prior: &Model, memory: &Memory) -> bool {
    !prior.min_capacity.is_null() && !memory.unseen
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
    let name = found.service.known().map_or("", String::as_str);
    let frame = Frame {
        subject: format!("The scaling of service `{name}`"),
        owner: &|_| CONFIGURATION.to_owned(),
        since: &|_| None,
        advice: None,
    };
    drift::warning(&frame, differences)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;
    use switchyard_drift::Change;
    use tfplugin::resource::Resource;

    use super::super::ScalingPolicySet;
    use super::*;

    /// What a read never takes from AWS.
    const OURS: [&str; 4] = ["cluster", "id", "service", "unmanaged"];

    #[test]
    fn every_attribute_has_a_rule_or_is_never_read() {
        for attribute in ScalingPolicySet.schema().block.attributes {
            let path = attribute.name.to_string();
            let change = Change {
                resource_type: TYPE,
                path: &path,
                from: &Json::from(1),
                to: &Json::from(2),
                object: &Json::Null,
            };
            let has_rule = change.classified().rule.is_some();
            assert_eq!(has_rule, !OURS.contains(&path.as_str()), "{path}");
        }
    }
}
