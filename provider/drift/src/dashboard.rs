//! `switchyard_dashboard`.

use super::{Class, DriftCondition, DriftRule, Severity};

pub(super) const TYPE: &str = "switchyard_dashboard";

const MINOR: Class = Class::Drift(Severity::Minor);

const fn rule(id: &'static str, attribute: &'static str, meaning: &'static str) -> DriftRule {
    DriftRule {
        id,
        resource_type: TYPE,
        attribute,
        when: DriftCondition::Always,
        class: MINOR,
        meaning,
        remedy: "Apply: the dashboard is written again. To keep the change, add a `metric` to the configuration.",
    }
}

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &[
    DriftRule { when: DriftCondition::Gone, ..rule("dashboard.widget-gone", "widgets[*]",
        "A widget does not exist: the dashboard does not show what it showed.") },
    rule("dashboard.widget", "widgets[*]",
        "A widget is not the one of the configuration: it was added, or shows something else."),
    rule("dashboard.body", "body",
        "The dashboard is not the one of the configuration."),
];
