//! `switchyard_scaling_policy_set`.

use super::table::{CRITICAL, MAJOR, MINOR, NOTHING, TAGS, of, only, rule};
use super::{Class, DriftCondition, DriftRule, ExpectedBy, region};

pub(super) const TYPE: &str = "switchyard_scaling_policy_set";

const APPLY: &str =
    "Apply: the change is reverted at once. To keep the change, add it to the configuration.";

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &of(TYPE, [
    only(DriftCondition::Zero, rule("scaling.max-capacity-zero", "max_capacity", CRITICAL,
        "The service is scaled to zero tasks, and stays there: nothing answers requests.",
        APPLY)),
    rule("scaling.min-capacity", "min_capacity", MAJOR,
        "At low load the service keeps a different number of tasks than configured.",
        APPLY),
    rule("scaling.max-capacity", "max_capacity", MAJOR,
        "The service scales out to a different maximum than configured: a peak may overload it, or cost more.",
        APPLY),
    rule("scaling.suspended", "suspended", MAJOR,
        "Automatic scaling was suspended or resumed: the number of tasks does not follow load as configured.",
        APPLY),
    only(DriftCondition::Gone, rule("scaling.no-target-tracking", "target_tracking", CRITICAL,
        "All target tracking policies are deleted: the number of tasks follows no metric, and the next peak may overload \
         the service.",
        APPLY)),
    only(DriftCondition::Gone, rule("scaling.target-tracking-gone", "target_tracking[*]", CRITICAL,
        "A policy is deleted: the number of tasks no longer follows its metric, and the next peak may overload the service.",
        APPLY)),
    rule("scaling.target-tracking", "target_tracking", MAJOR,
        "The number of tasks follows load differently than configured.",
        APPLY),
    only(DriftCondition::Gone, rule("scaling.no-step", "step", CRITICAL,
        "All step policies are deleted: their alarms no longer scale the service, and the next peak may overload it.",
        APPLY)),
    only(DriftCondition::Gone, rule("scaling.step-gone", "step[*]", CRITICAL,
        "A policy is deleted: its alarm no longer scales the service, and the next peak may overload it.",
        APPLY)),
    only(DriftCondition::Gone, rule("scaling.alarm-gone", "step[*].alarm", CRITICAL,
        "The alarm is deleted, or no longer calls the policy: the policy scales nothing, and the next peak may \
         overload the service.",
        APPLY)),
    rule("scaling.step", "step", MAJOR,
        "An alarm adds or removes a different number of tasks than configured.",
        APPLY),
    rule("scaling.predictive", "predictive", MAJOR,
        "Tasks are not started ahead of load as configured.",
        APPLY),
    rule("scaling.schedules", "scheduled_action", MAJOR,
        "The bounds change at different times, or to different numbers, than configured.",
        APPLY),
    rule("scaling.bounds-now", "bounds_now", Class::Expected(ExpectedBy::Schedule),
        "A schedule has set the current bounds.", NOTHING),
    rule("scaling.why-not-scaled", "why_not_scaled", Class::Expected(ExpectedBy::Autoscaler),
        "The reason why the autoscaler last did not scale has changed.", NOTHING),
    rule("scaling.target-arn", "arn", Class::Expected(ExpectedBy::Aws),
        "AWS names the scalable target.", NOTHING),
    rule("scaling.policy-arns", "policy_arns", Class::Expected(ExpectedBy::Aws),
        "AWS names the policies; differences of a policy are reported at the policy.", NOTHING),
    rule("scaling.alarm-names", "alarm_names", Class::Expected(ExpectedBy::Aws),
        "AWS creates and names the alarms of a policy.", NOTHING),
    rule("scaling.tags", "tags", MINOR,
        TAGS, APPLY),
    rule("scaling.tags-all", "tags_all", MINOR,
        TAGS, APPLY),
    region::named("scaling.region", TYPE),
]);
