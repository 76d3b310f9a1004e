//! Alarms and dashboards of CloudWatch that belong to a configuration.
//!
//! **Invariants.** An alarm or dashboard that was there before and is not what is desired is never overwritten unless it
//! is recorded as ours: names are all that CloudWatch tells objects apart by, and a put replaces whatever has the name. A
//! composite alarm never names an alarm that does not exist: its members are put before it, and deleted after it.

mod alarms;
mod dashboards;
#[cfg(test)]
mod tests;

pub use alarms::{
    AlarmCall, AlarmsApplied, AlarmsFailed, DesiredAlarms, RecordedAlarms, apply_alarms,
    delete_alarms, find_alarms, taken_names,
};
pub use dashboards::{
    DashboardCall, DashboardFailed, apply_dashboard, is_same_body, taken_dashboard,
};
