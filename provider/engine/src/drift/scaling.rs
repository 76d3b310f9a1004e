//! `switchyard_scaling_policy_set`.

use super::{Class, DriftRule, Owner, Severity, When};

pub(super) const TYPE: &str = "switchyard_scaling_policy_set";

const CRITICAL: Class = Class::Drift(Severity::Critical);
const MAJOR: Class = Class::Drift(Severity::Major);
const MINOR: Class = Class::Drift(Severity::Minor);

const APPLY: &str =
    "Apply: it goes back at once. To keep the change, write it into the configuration.";
const NOTHING: &str = "Nothing to do.";

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

const fn only(when: When, rule: DriftRule) -> DriftRule {
    DriftRule { when, ..rule }
}

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &[
    only(When::Zero, rule("scaling.max-capacity-zero", "max_capacity", CRITICAL,
        "The service is scaled to no task, and stays there: nothing answers requests.",
        APPLY)),
    rule("scaling.min-capacity", "min_capacity", MAJOR,
        "The service keeps another number of tasks when load is low than the configuration says.",
        APPLY),
    rule("scaling.max-capacity", "max_capacity", MAJOR,
        "The service stops growing at another number of tasks than the configuration says: a peak may overload it, or \
         cost more.",
        APPLY),
    rule("scaling.suspended", "suspended", MAJOR,
        "Somebody has stopped or resumed automatic scaling: the number of tasks does not follow load as the \
         configuration says.",
        APPLY),
    only(When::Gone, rule("scaling.no-target-tracking", "target_tracking", CRITICAL,
        "All target tracking policies are deleted: the number of tasks follows no metric, and the next peak may overload \
         the service.",
        APPLY)),
    only(When::Gone, rule("scaling.target-tracking-gone", "target_tracking[*]", CRITICAL,
        "A policy is deleted: the number of tasks no longer follows its metric, and the next peak may overload the service.",
        APPLY)),
    rule("scaling.target-tracking", "target_tracking", MAJOR,
        "The number of tasks follows load in another way than the configuration says.",
        APPLY),
    only(When::Gone, rule("scaling.no-step", "step", CRITICAL,
        "All step policies are deleted: their alarms scale nothing any more, and the next peak may overload the service.",
        APPLY)),
    only(When::Gone, rule("scaling.step-gone", "step[*]", CRITICAL,
        "A policy is deleted: its alarm scales nothing any more, and the next peak may overload the service.",
        APPLY)),
    only(When::Gone, rule("scaling.alarm-gone", "step[*].alarm", CRITICAL,
        "The alarm is deleted, or does not call the policy any more: the policy scales nothing, and the next peak may \
         overload the service.",
        APPLY)),
    rule("scaling.step", "step", MAJOR,
        "An alarm adds or takes away another number of tasks than the configuration says.",
        APPLY),
    rule("scaling.predictive", "predictive", MAJOR,
        "Tasks are not started ahead of load as the configuration says.",
        APPLY),
    rule("scaling.schedules", "schedules", MAJOR,
        "The bounds change at other times, or to other numbers, than the configuration says.",
        APPLY),
    rule("scaling.bounds-now", "bounds_now", Class::Expected(Owner::Schedule),
        "A schedule has set the bounds of this hour.", NOTHING),
    rule("scaling.why-not-scaled", "why_not_scaled", Class::Expected(Owner::Autoscaler),
        "What the autoscaler last could not do, or no longer.", NOTHING),
    rule("scaling.target-arn", "arn", Class::Expected(Owner::Aws),
        "AWS names the scalable target.", NOTHING),
    rule("scaling.policy-arns", "policy_arns", Class::Expected(Owner::Aws),
        "AWS names the policies; what is different about a policy is told at the policy.", NOTHING),
    rule("scaling.alarm-names", "alarm_names", Class::Expected(Owner::Aws),
        "AWS makes and names the alarms of a policy.", NOTHING),
    rule("scaling.tags", "tags", MINOR,
        "Nothing changes for requests. Cost reports and rules that go by tags see something else.", APPLY),
    rule("scaling.tags-all", "tags_all", MINOR,
        "Nothing changes for requests. Cost reports and rules that go by tags see something else.", APPLY),
];
