//! `switchyard_dashboard`.

use super::table::{MINOR, of, only, rule};
use super::{DriftCondition, DriftRule};

pub(super) const TYPE: &str = "switchyard_dashboard";

const APPLY: &str = "Apply: the dashboard is written again. To keep the change, add a `metric` to the configuration.";

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &of(TYPE, [
    only(DriftCondition::Gone, rule("dashboard.widget-gone", "widgets[*]", MINOR,
        "A widget does not exist: the dashboard does not show what it showed.", APPLY)),
    rule("dashboard.widget", "widgets[*]", MINOR,
        "A widget is not the one of the configuration: it was added, or shows something else.", APPLY),
    rule("dashboard.body", "body", MINOR,
        "The dashboard is not the one of the configuration.", APPLY),
]);
