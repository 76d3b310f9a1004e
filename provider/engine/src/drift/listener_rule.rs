//! `switchyard_listener_rule`.

use super::{Class, DriftRule, Severity, When};

pub(super) const TYPE: &str = "switchyard_listener_rule";

const CRITICAL: Class = Class::Drift(Severity::Critical);
const MAJOR: Class = Class::Drift(Severity::Major);
const MINOR: Class = Class::Drift(Severity::Minor);

const APPLY: &str = "Apply: it goes back at once, and weights stay as they are. To keep the change, write it into the configuration.";

const fn rule(
    id: &'static str,
    attribute: &'static str,
    class: Class,
    meaning: &'static str,
    remedy: &'static str,
) -> DriftRule {
    DriftRule {
        id,
        resource_type: TYPE,
        attribute,
        when: When::Always,
        class,
        meaning,
        remedy,
    }
}

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &[
    DriftRule { when: When::Gone, ..rule("rule.not-forwarding", "target_groups", CRITICAL,
        "The rule forwards to no target group: it redirects or answers by itself, and the service gets no requests.",
        "Apply: the rule forwards to the pair again, to the side with healthy targets. If somebody answers with a \
         maintenance page on purpose, wait with the apply.") },
    rule("rule.target-groups", "target_groups", CRITICAL,
        "The rule forwards to other target groups than the pair: requests go elsewhere, or the next deployment cannot \
         move them.",
        "Apply: the rule forwards to the pair again. Groups of the pair keep their weights; when they have none, the \
         side with healthy targets gets all requests."),
    rule("rule.conditions", "conditions", CRITICAL,
        "The rule takes other requests than the configuration says.", APPLY),
    rule("rule.priority", "priority", CRITICAL,
        "The rule is asked earlier or later than the configuration says: another rule may take its requests, or it may \
         take another's.", APPLY),
    rule("rule.stickiness", "stickiness", MAJOR,
        "Clients stay with a target group for another time than the configuration says: the steps of a deployment \
         reach more or fewer of them.", APPLY),
    rule("rule.tags", "tags", MINOR,
        "Nothing changes for requests. Cost reports and rules that go by tags see something else.", APPLY),
    rule("rule.tags-all", "tags_all", MINOR,
        "Nothing changes for requests. Cost reports and rules that go by tags see something else.", APPLY),
];
