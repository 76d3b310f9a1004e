//! When nothing is deployed.

use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{each, items_at_least, not_empty};
use tfplugin::value::Attr;

use super::TextSet;
use crate::blue_green_service::rules;

/// One `freeze`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct FreezeModel {
    /// Why nothing is deployed, as every message about it says.
    #[attr(required, validate(not_empty()))]
    pub reason: Attr<String>,
    /// When a window begins: `cron(minute hour day-of-month month day-of-week year)` with `?` in one of the two fields for
    /// days, such as `cron(0 18 ? * FRI *)`, or `at(yyyy-mm-ddThh:mm:ss)`. Either `schedule` or `dates` is required.
    #[attr(optional, validate(rules::window_begin()))]
    pub schedule: Attr<String>,
    /// How long each window of `schedule` lasts, such as `"62h"`; at most 366 days.
    #[attr(optional, validate(rules::duration_text(), rules::some_time()))]
    pub duration: Attr<String>,
    /// Whole days: one, such as `2026-12-24`, or the first and the last, such as `2026-12-24/2026-12-26`.
    #[attr(optional, validate(items_at_least(1), each(rules::days())))]
    pub dates: TextSet,
    /// Time zone of `schedule` and `dates`, such as `Europe/Berlin`.
    #[attr(default = "UTC", validate(rules::time_zone()))]
    pub timezone: Attr<String>,
}
