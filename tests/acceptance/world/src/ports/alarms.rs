//! Alarms.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    AlarmDefinition, AlarmState, Alarms, Comparison, CustomMetric, Result,
};

use super::Face;
use super::read::{count, float, list, number, text, texts, word};
use crate::Service::CloudWatch;

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";
/// CloudWatch takes no more names in one call.
const NAMES_A_CALL: usize = 100;

impl Face {
    /// The named metric alarms.
    fn metric_alarms(&self, names: &[String]) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        for some in names.chunks(NAMES_A_CALL) {
            let input = json!({ "AlarmNames": some, "AlarmTypes": ["MetricAlarm"] });
            let answer = self.call(CloudWatch, DESCRIBE, "alarms", input)?;
            found.extend(list(&answer, "MetricAlarms").iter().cloned());
        }
        Ok(found)
    }
}

/// `None` for an alarm that cannot be expressed: metric math, or a comparison with a band.
fn definition(alarm: &Value) -> Option<AlarmDefinition> {
    let dimensions = list(alarm, "Dimensions").iter();
    Some(AlarmDefinition {
        name: word(alarm, "AlarmName"),
        description: word(alarm, "AlarmDescription"),
        metric: CustomMetric {
            namespace: text(alarm, "Namespace")?,
            name: text(alarm, "MetricName")?,
            dimensions: dimensions
                .map(|dimension| (word(dimension, "Name"), word(dimension, "Value")))
                .collect(),
            statistic: text(alarm, "Statistic").or_else(|| text(alarm, "ExtendedStatistic"))?,
            unit: text(alarm, "Unit"),
        },
        period_seconds: number(alarm, "Period")?,
        evaluation_periods: count(alarm, "EvaluationPeriods"),
        datapoints_to_alarm: number(alarm, "DatapointsToAlarm"),
        comparison: Comparison::parse(&word(alarm, "ComparisonOperator"))?,
        threshold: float(alarm, "Threshold")?,
        actions: texts(alarm, "AlarmActions"),
        tags: BTreeMap::new(),
    })
}

fn written(alarm: &AlarmDefinition) -> Value {
    let pairs = |map: &BTreeMap<String, String>, name: &str| -> Vec<Value> {
        map.iter()
            .map(|(key, value)| json!({ name: key, "Value": value }))
            .collect()
    };
    let statistic = if alarm.has_extended_statistic() {
        "ExtendedStatistic"
    } else {
        "Statistic"
    };
    let mut input = json!({
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "Namespace": alarm.metric.namespace,
        "MetricName": alarm.metric.name,
        "Dimensions": pairs(&alarm.metric.dimensions, "Name"),
        statistic: alarm.metric.statistic,
        "Period": alarm.period_seconds,
        "EvaluationPeriods": alarm.evaluation_periods,
        "ComparisonOperator": alarm.comparison.word(),
        "Threshold": alarm.threshold,
        "TreatMissingData": "missing",
        "AlarmActions": alarm.actions,
        "Tags": pairs(&alarm.tags, "Key"),
    });
    if let Some(members) = input.as_object_mut() {
        if let Some(unit) = &alarm.metric.unit {
            members.insert("Unit".to_owned(), json!(unit));
        }
        if let Some(datapoints) = alarm.datapoints_to_alarm {
            members.insert("DatapointsToAlarm".to_owned(), json!(datapoints));
        }
    }
    input
}

#[async_trait]
impl Alarms for Face {
    async fn alarm_states(&self, names: &[String]) -> Result<BTreeMap<String, AlarmState>> {
        let input = json!({ "AlarmNames": names, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        let answer = self.call(CloudWatch, DESCRIBE, "alarms", input)?;
        let found = list(&answer, "MetricAlarms")
            .iter()
            .chain(list(&answer, "CompositeAlarms"));
        Ok(found
            .map(|alarm| {
                let state = AlarmState::parse(&word(alarm, "StateValue"));
                (word(alarm, "AlarmName"), state)
            })
            .collect())
    }

    async fn alarm_definitions(
        &self,
        names: &[String],
    ) -> Result<BTreeMap<String, AlarmDefinition>> {
        let found = self.metric_alarms(names)?;
        Ok(found
            .iter()
            .filter_map(definition)
            .map(|alarm| (alarm.name.clone(), alarm))
            .collect())
    }

    async fn put_alarm(&self, alarm: &AlarmDefinition) -> Result<()> {
        let operation = "cloudwatch:PutMetricAlarm";
        self.call(CloudWatch, operation, &alarm.name, written(alarm))
            .map(|_| ())
    }

    async fn delete_alarms(&self, names: &[String]) -> Result<()> {
        // One absent name would refuse the whole call.
        let found = self.metric_alarms(names)?;
        let there: Vec<String> = found.iter().map(|alarm| word(alarm, "AlarmName")).collect();
        for some in there.chunks(NAMES_A_CALL) {
            let target = some.join(", ");
            let input = json!({ "AlarmNames": some });
            self.call(CloudWatch, "cloudwatch:DeleteAlarms", &target, input)?;
        }
        Ok(())
    }
}
