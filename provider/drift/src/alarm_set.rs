//! `switchyard_alarm_set`.

use super::table::{MAJOR, MINOR, of, only, rule};
use super::{DriftCondition, DriftRule, region};

pub(super) const TYPE: &str = "switchyard_alarm_set";

const APPLY: &str =
    "Apply: the alarm is written again. To keep the change, add it to the configuration.";

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &of(TYPE, [
    only(DriftCondition::Gone, rule("alarm-set.gone", "alarms[*]", MAJOR,
        "The alarm does not exist: what it watches for is not reported, and a deployment that names it fails or is not \
         rolled back by it.", APPLY)),
    rule("alarm-set.enabled", "alarms[*].enabled", MAJOR,
        "The alarm calls nothing, or calls its topics although it should not.", APPLY),
    rule("alarm-set.threshold", "alarms[*].threshold", MAJOR,
        "The alarm fires earlier or later than configured; a critical one also rolls back deployments earlier or later.", APPLY),
    rule("alarm-set.comparison", "alarms[*].comparison", MAJOR,
        "The alarm compares differently than configured: it may fire in sound operation, or never.", APPLY),
    rule("alarm-set.measures", "alarms[*].measures", MAJOR,
        "The alarm measures something else than configured, such as one side of the service instead of both.", APPLY),
    rule("alarm-set.minutes", "alarms[*].minutes", MAJOR,
        "The alarm looks at more or fewer minutes than configured.", APPLY),
    rule("alarm-set.datapoints", "alarms[*].datapoints", MAJOR,
        "The alarm needs more or fewer minutes above the threshold than configured.", APPLY),
    rule("alarm-set.missing-data", "alarms[*].missing_data", MAJOR,
        "Minutes without data count differently than configured: the alarm may fire without load, or stay silent when \
         nothing runs.", APPLY),
    rule("alarm-set.actions", "alarms[*].actions", MAJOR,
        "The alarm calls other topics than configured: it may reach nobody.", APPLY),
    rule("alarm-set.ok-actions", "alarms[*].ok_actions", MINOR,
        "The end of the alarm is reported to other topics than configured.", APPLY),
    rule("alarm-set.description", "alarms[*].description", MINOR,
        "Messages of the alarm say something else than configured.", APPLY),
    rule("alarm-set.other", "alarms", MAJOR,
        "The alarms are not those of the configuration.", APPLY),
    region::named("alarm-set.region", TYPE),
]);
