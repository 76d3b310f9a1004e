//! CloudWatch alarms and dashboards, for who owns them.

use std::collections::{BTreeMap, BTreeSet};

use super::{MetricQuery, Result};

open_words::words! {
    /// `ComparisonOperator` of an alarm.
    pub enum AlarmComparison {
        AtLeast = "GreaterThanOrEqualToThreshold",
        Above = "GreaterThanThreshold",
        AtMost = "LessThanOrEqualToThreshold",
        Below = "LessThanThreshold",
        AboveBand = "GreaterThanUpperThreshold",
        BelowBand = "LessThanLowerThreshold",
        OutsideBand = "LessThanLowerOrGreaterThanUpperThreshold",
    }

    /// `TreatMissingData`: what a minute without data counts as.
    pub enum MissingData {
        Missing = "missing",
        Ignore = "ignore",
        Breaching = "breaching",
        NotBreaching = "notBreaching",
    }
}

/// What an alarm compares a value with.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmLimit {
    /// A number.
    Threshold(f64),
    /// The band that the query of this id computes (anomaly detection).
    Band(String),
}

/// When a metric alarm fires.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricCondition {
    /// Metrics and metric math. One query returns the value; with a band, a second one returns the band.
    pub queries: Vec<MetricQuery>,
    /// How value and limit are compared.
    pub comparison: AlarmComparison,
    /// The limit.
    pub limit: AlarmLimit,
    /// Periods looked at.
    pub evaluation_periods: u32,
    /// Of those, how many have to breach.
    pub datapoints_to_alarm: u32,
    /// What a period without data counts as.
    pub missing: MissingData,
}

/// What an alarm looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmCondition {
    /// Metrics.
    Metric(MetricCondition),
    /// Other alarms: the rule of a composite alarm.
    Composite(String),
}

/// An alarm, with everything that belongs to whoever owns it, except its tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Name, unique among metric and composite alarms of a region.
    pub name: String,
    /// Description.
    pub description: String,
    /// When it fires.
    pub condition: AlarmCondition,
    /// Whether it calls anything at all (`ActionsEnabled`).
    pub calls: bool,
    /// ARNs called when it fires.
    pub actions: Vec<String>,
    /// ARNs called when it is over.
    pub ok_actions: Vec<String>,
}

impl Alarm {
    /// Whether it is an alarm on other alarms.
    #[must_use]
    pub fn is_composite(&self) -> bool {
        match self.condition {
            AlarmCondition::Metric(_) => false,
            AlarmCondition::Composite(_) => true,
        }
    }
}

/// An alarm as AWS has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveAlarm {
    /// ARN.
    pub arn: String,
    /// What it is.
    pub alarm: Alarm,
}

/// A dashboard as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveDashboard {
    /// ARN.
    pub arn: String,
    /// Its body, a JSON document.
    pub body: String,
}

/// Reads and writes the alarms and dashboards that belong to a configuration.
#[async_trait::async_trait]
pub trait Monitoring: Send + Sync + 'static {
    /// The named alarms, of whatever kind, by name; names that do not exist are absent. (DescribeAlarms, at most 100 a
    /// call; reads that come close together share a call.)
    async fn alarms(&self, names: &[String]) -> Result<BTreeMap<String, LiveAlarm>>;
    /// All alarms whose names begin so, for an import.
    async fn alarms_beginning(&self, prefix: &str) -> Result<Vec<LiveAlarm>>;
    /// Puts an alarm (an upsert by name). AWS takes the tags for a new alarm only.
    async fn put(&self, alarm: &Alarm, tags: &BTreeMap<String, String>) -> Result<()>;
    /// Deletes alarms that exist: up to 100 metric alarms, or one composite alarm (a rule of DeleteAlarms). Those that
    /// somebody else has deleted are fine.
    async fn delete(&self, names: &[String]) -> Result<()>;
    /// The tags of an alarm.
    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>>;
    /// Sets and removes tags of an alarm.
    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()>;
    /// The dashboard of this name.
    async fn find_dashboard(&self, name: &str) -> Result<Option<LiveDashboard>>;
    /// Puts a dashboard (an upsert by name). AWS's remarks about its body: CloudWatch shows what it understood.
    async fn put_dashboard(&self, name: &str, body: &str) -> Result<Vec<String>>;
    /// Deletes a dashboard; an absent one is fine.
    async fn delete_dashboard(&self, name: &str) -> Result<()>;
}
