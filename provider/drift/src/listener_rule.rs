//! `switchyard_listener_rule`.

use super::table::{CRITICAL, MAJOR, MINOR, TAGS, of, only, rule};
use super::{DriftCondition, DriftRule, region};

pub(super) const TYPE: &str = "switchyard_listener_rule";

const APPLY: &str = "Apply: the change is reverted at once, and weights stay as they are. To keep the change, add \
                     it to the configuration.";

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &of(TYPE, [
    only(DriftCondition::Gone, rule("rule.not-forwarding", "target_groups", CRITICAL,
        "The rule forwards to no target group: it redirects or returns a fixed response, and the service gets no \
         requests.",
        "Apply: the rule forwards to the pair again, to the side with healthy targets. If a maintenance page is \
         intended, wait with the apply.")),
    rule("rule.target-groups", "target_groups", CRITICAL,
        "The rule forwards to target groups other than the pair: requests go elsewhere, or the next deployment \
         cannot move them.",
        "Apply: the rule forwards to the pair again. Target groups of the pair keep their weights; if they have \
         none, the side with healthy targets gets all requests."),
    rule("rule.conditions", "condition", CRITICAL,
        "The rule matches different requests than configured.", APPLY),
    rule("rule.priority", "priority", CRITICAL,
        "The rule is evaluated earlier or later than configured: a different rule may match its requests, or it may \
         match those of a different rule.", APPLY),
    rule("rule.stickiness", "stickiness", MAJOR,
        "Clients stay with a target group for a different time than configured: the steps of a deployment reach \
         more or fewer of them.", APPLY),
    rule("rule.tags", "tags", MINOR,
        TAGS, APPLY),
    rule("rule.tags-all", "tags_all", MINOR,
        TAGS, APPLY),
    region::named("rule.region", TYPE),
]);
