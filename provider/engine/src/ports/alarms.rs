//! CloudWatch alarms, as far as rollouts look at them and step scaling needs them.

use std::collections::BTreeMap;

use super::{CustomMetric, Result};

open_words::words! {
    /// State of a CloudWatch alarm.
    pub enum AlarmState {
        Firing = "ALARM",
        Ok = "OK",
        InsufficientData = "INSUFFICIENT_DATA",
    }
}

/// `ComparisonOperator`, as far as step scaling uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `GreaterThanOrEqualToThreshold`.
    AtLeast,
    /// `GreaterThanThreshold`.
    Above,
    /// `LessThanOrEqualToThreshold`.
    AtMost,
    /// `LessThanThreshold`.
    Below,
}

impl Comparison {
    /// Reads AWS's word; `None` for a comparison with a band.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "GreaterThanOrEqualToThreshold" => Some(Self::AtLeast),
            "GreaterThanThreshold" => Some(Self::Above),
            "LessThanOrEqualToThreshold" => Some(Self::AtMost),
            "LessThanThreshold" => Some(Self::Below),
            _ => None,
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AtLeast => "GreaterThanOrEqualToThreshold",
            Self::Above => "GreaterThanThreshold",
            Self::AtMost => "LessThanOrEqualToThreshold",
            Self::Below => "LessThanThreshold",
        }
    }
}

/// A metric alarm on one metric that calls actions when it fires.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmDefinition {
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Metric; its `statistic` may also be a percentile such as `p99`.
    pub metric: CustomMetric,
    /// Seconds of one period.
    pub period_seconds: u32,
    /// Periods looked at.
    pub evaluation_periods: u32,
    /// Of those, how many have to breach; all when absent.
    pub datapoints_to_alarm: Option<u32>,
    /// How value and threshold are compared.
    pub comparison: Comparison,
    /// Threshold.
    pub threshold: f64,
    /// ARNs called on ALARM.
    pub actions: Vec<String>,
    /// Tags of a new alarm.
    pub tags: BTreeMap<String, String>,
}

impl AlarmDefinition {
    /// Whether the statistic is a percentile or a trimmed one, which AWS takes as `ExtendedStatistic`.
    #[must_use]
    pub fn has_extended_statistic(&self) -> bool {
        let plain = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
        !plain.contains(&self.metric.statistic.as_str())
    }
}

/// Reads alarm states; writes the alarms that belong to step policies.
#[async_trait::async_trait]
pub trait Alarms: Send + Sync + 'static {
    /// The states of the named alarms; names that do not exist are absent from the answer.
    /// (DescribeAlarms, at most 100 a call; the adapter pages.)
    async fn alarm_states(&self, names: &[String]) -> Result<BTreeMap<String, AlarmState>>;
    /// The definitions of the named alarms, as far as they can be expressed here; an alarm on metric math, a
    /// composite one or one with another comparison is absent. Tags are not read.
    async fn alarm_definitions(
        &self,
        names: &[String],
    ) -> Result<BTreeMap<String, AlarmDefinition>>;
    /// Puts an alarm (an upsert by name; missing data counts as `missing`).
    async fn put_alarm(&self, alarm: &AlarmDefinition) -> Result<()>;
    /// Deletes alarms; absent ones are fine.
    async fn delete_alarms(&self, names: &[String]) -> Result<()>;
}
