//! CloudWatch alarms, as far as rollouts look at them.

use std::collections::BTreeMap;

use super::Result;

/// State of a CloudWatch alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// `ALARM`.
    Firing,
    /// `OK`.
    Ok,
    /// `INSUFFICIENT_DATA`.
    InsufficientData,
    /// A word this build does not know.
    Unknown(String),
}

/// Reads alarm states.
#[async_trait::async_trait]
pub trait Alarms: Send + Sync + 'static {
    /// The states of the named alarms; names that do not exist are absent from the answer.
    /// (DescribeAlarms, at most 100 a call; the adapter pages.)
    async fn alarm_states(&self, names: &[String]) -> Result<BTreeMap<String, AlarmState>>;
}
