//! `switchyard_alarm_set`.

use super::{Class, DriftCondition, DriftRule, Severity};

pub(super) const TYPE: &str = "switchyard_alarm_set";

const MAJOR: Class = Class::Drift(Severity::Major);
const MINOR: Class = Class::Drift(Severity::Minor);

const APPLY: &str =
    "Apply: the alarm is written again. To keep the change, add it to the configuration.";

const fn rule(
    id: &'static str,
    attribute: &'static str,
    class: Class,
    meaning: &'static str,
) -> DriftRule {
    DriftRule {
        id,
        resource_type: TYPE,
        attribute,
        when: DriftCondition::Always,
        class,
        meaning,
        remedy: APPLY,
    }
}

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &[
    DriftRule { when: DriftCondition::Gone, ..rule("alarms.gone", "alarms[*]", MAJOR,
        "The alarm does not exist: what it watches for is not reported, and a deployment that names it fails or is not \
         rolled back by it.") },
    rule("alarms.enabled", "alarms[*].enabled", MAJOR,
        "The alarm calls nothing, or calls its topics although it should not."),
    rule("alarms.threshold", "alarms[*].threshold", MAJOR,
        "The alarm fires earlier or later than configured; a critical one also rolls back deployments earlier or later."),
    rule("alarms.comparison", "alarms[*].comparison", MAJOR,
        "The alarm compares differently than configured: it may fire in sound operation, or never."),
    rule("alarms.measures", "alarms[*].measures", MAJOR,
        "The alarm measures something else than configured, such as one side of the service instead of both."),
    rule("alarms.minutes", "alarms[*].minutes", MAJOR,
        "The alarm looks at more or fewer minutes than configured."),
    rule("alarms.datapoints", "alarms[*].datapoints", MAJOR,
        "The alarm needs more or fewer minutes above the threshold than configured."),
    rule("alarms.missing-data", "alarms[*].missing_data", MAJOR,
        "Minutes without data count differently than configured: the alarm may fire without load, or stay silent when \
         nothing runs."),
    rule("alarms.actions", "alarms[*].actions", MAJOR,
        "The alarm calls other topics than configured: it may reach nobody."),
    rule("alarms.ok-actions", "alarms[*].ok_actions", MINOR,
        "The end of the alarm is reported to other topics than configured."),
    rule("alarms.description", "alarms[*].description", MINOR,
        "Messages of the alarm say something else than configured."),
    rule("alarms.other", "alarms", MAJOR,
        "The alarms are not those of the configuration."),
];
