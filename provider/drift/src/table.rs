//! How a table of rules is built: the same for every resource type.

use super::{Class, DriftCondition, DriftRule, Severity};

pub(super) const CRITICAL: Class = Class::Drift(Severity::Critical);
pub(super) const MAJOR: Class = Class::Drift(Severity::Major);
pub(super) const MINOR: Class = Class::Drift(Severity::Minor);

/// The remedy of what its owner changes.
pub(super) const NOTHING: &str = "Nothing to do.";

/// What other tags mean for traffic.
pub(super) const TAGS: &str =
    "Nothing changes for requests. Cost reports and policies that use tags see different values.";

/// The table of a resource type. The first rule that applies counts.
pub(super) const fn of<const N: usize>(
    resource_type: &'static str,
    mut rules: [DriftRule; N],
) -> [DriftRule; N] {
    let mut at = 0;
    while at < N {
        rules[at].resource_type = resource_type;
        at += 1;
    }
    rules
}

/// One row, which applies whatever else is true.
pub(super) const fn rule(
    id: &'static str,
    attribute: &'static str,
    class: Class,
    meaning: &'static str,
    remedy: &'static str,
) -> DriftRule {
    DriftRule {
        id,
        // Said once, for the whole table.
        resource_type: "",
        attribute,
        when: DriftCondition::Always,
        class,
        meaning,
        remedy,
    }
}

/// The same row, where something else is true as well.
pub(super) const fn only(when: DriftCondition, rule: DriftRule) -> DriftRule {
    DriftRule { when, ..rule }
}
