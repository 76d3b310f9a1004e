//! Alarms and dashboards, for who owns them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    Alarm, AlarmComparison, AlarmCondition, AlarmLimit, ErrorKind, LiveAlarm, LiveDashboard,
    MetricCondition, MetricQuery, MetricSource, MissingData, Monitoring, Result,
};

use super::Face;
use super::read::{count, flag, float, list, number, text, texts, word};
use crate::Service::CloudWatch;

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";
/// CloudWatch takes no more names in one call.
const NAMES_A_CALL: usize = 100;

fn dimensions(value: &Value) -> BTreeMap<String, String> {
    let dimensions = list(value, "Dimensions").iter();
    dimensions
        .map(|each| (word(each, "Name"), word(each, "Value")))
        .collect()
}

fn pairs(map: &BTreeMap<String, String>, name: &str) -> Vec<Value> {
    map.iter()
        .map(|(key, value)| json!({ name: key, "Value": value }))
        .collect()
}

fn query(found: &Value) -> Option<MetricQuery> {
    let stat = &found["MetricStat"];
    let source = match text(found, "Expression") {
        Some(expression) => MetricSource::Expression(expression),
        None => MetricSource::Metric {
            namespace: text(&stat["Metric"], "Namespace")?,
            name: text(&stat["Metric"], "MetricName")?,
            dimensions: dimensions(&stat["Metric"]),
            statistic: text(stat, "Stat")?,
            period_seconds: number(stat, "Period")?,
        },
    };
    Some(MetricQuery {
        id: word(found, "Id"),
        source,
        returned: found["ReturnData"].as_bool().unwrap_or(true),
    })
}

/// An alarm on one metric, which names it outside of `Metrics`, as a query without an id.
fn plain(found: &Value) -> Option<MetricQuery> {
    let statistic = text(found, "Statistic").or_else(|| text(found, "ExtendedStatistic"))?;
    Some(MetricQuery {
        id: String::new(),
        source: MetricSource::Metric {
            namespace: text(found, "Namespace")?,
            name: text(found, "MetricName")?,
            dimensions: dimensions(found),
            statistic,
            period_seconds: number(found, "Period")?,
        },
        returned: true,
    })
}

fn condition(found: &Value) -> AlarmCondition {
    if let Some(rule) = text(found, "AlarmRule") {
        return AlarmCondition::Composite(rule);
    }
    let mut queries: Vec<MetricQuery> = list(found, "Metrics").iter().filter_map(query).collect();
    queries.extend(plain(found));
    let evaluation_periods = count(found, "EvaluationPeriods");
    let missing = text(found, "TreatMissingData").unwrap_or_else(|| "missing".to_owned());
    AlarmCondition::Metric(MetricCondition {
        queries,
        comparison: AlarmComparison::parse(&word(found, "ComparisonOperator")),
        limit: text(found, "ThresholdMetricId").map_or_else(
            || AlarmLimit::Threshold(float(found, "Threshold").unwrap_or_default()),
            AlarmLimit::Band,
        ),
        evaluation_periods,
        datapoints_to_alarm: number(found, "DatapointsToAlarm").unwrap_or(evaluation_periods),
        missing: MissingData::parse(&missing),
    })
}

fn live(found: &Value) -> LiveAlarm {
    LiveAlarm {
        arn: word(found, "AlarmArn"),
        alarm: Alarm {
            name: word(found, "AlarmName"),
            description: word(found, "AlarmDescription"),
            condition: condition(found),
            calls: flag(found, "ActionsEnabled"),
            actions: texts(found, "AlarmActions"),
            ok_actions: texts(found, "OKActions"),
        },
    }
}

fn written_query(query: &MetricQuery) -> Value {
    match &query.source {
        MetricSource::Expression(expression) => {
            json!({ "Id": query.id, "Expression": expression, "ReturnData": query.returned })
        }
        MetricSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds,
        } => json!({ "Id": query.id, "ReturnData": query.returned, "MetricStat": {
            "Metric": {
                "Namespace": namespace, "MetricName": name, "Dimensions": pairs(dimensions, "Name"),
            },
            "Stat": statistic, "Period": period_seconds,
        } }),
    }
}

/// The call that puts an alarm, and its input.
fn written(alarm: &Alarm, tags: &BTreeMap<String, String>) -> (&'static str, Value) {
    let mut input = json!({
        "AlarmName": alarm.name, "AlarmDescription": alarm.description, "ActionsEnabled": alarm.calls,
        "AlarmActions": alarm.actions, "OKActions": alarm.ok_actions,
    });
    let (operation, more) = match &alarm.condition {
        AlarmCondition::Composite(rule) => {
            ("cloudwatch:PutCompositeAlarm", json!({ "AlarmRule": rule }))
        }
        AlarmCondition::Metric(condition) => {
            let queries: Vec<Value> = condition.queries.iter().map(written_query).collect();
            let (member, limit) = match &condition.limit {
                AlarmLimit::Threshold(threshold) => ("Threshold", json!(threshold)),
                AlarmLimit::Band(id) => ("ThresholdMetricId", json!(id)),
            };
            let more = json!({
                "Metrics": queries, "ComparisonOperator": condition.comparison.word(), member: limit,
                "EvaluationPeriods": condition.evaluation_periods,
                "DatapointsToAlarm": condition.datapoints_to_alarm,
                "TreatMissingData": condition.missing.word(),
            });
            ("cloudwatch:PutMetricAlarm", more)
        }
    };
    if let (Some(members), Value::Object(more)) = (input.as_object_mut(), more) {
        members.extend(more);
        if !tags.is_empty() {
            members.insert("Tags".to_owned(), json!(pairs(tags, "Key")));
        }
    }
    (operation, input)
}

impl Face {
    fn described(&self, target: &str, mut input: Value) -> Result<Vec<LiveAlarm>> {
        let mut found = Vec::new();
        input["AlarmTypes"] = json!(["MetricAlarm", "CompositeAlarm"]);
        loop {
            let answer = self.call(CloudWatch, DESCRIBE, target, input.clone())?;
            found.extend(list(&answer, "MetricAlarms").iter().map(live));
            found.extend(list(&answer, "CompositeAlarms").iter().map(live));
            match text(&answer, "NextToken") {
                Some(next) => input["NextToken"] = json!(next),
                None => return Ok(found),
            }
        }
    }
}

#[async_trait]
impl Monitoring for Face {
    async fn alarms(&self, names: &[String]) -> Result<BTreeMap<String, LiveAlarm>> {
        let mut found = BTreeMap::new();
        for some in names.chunks(NAMES_A_CALL) {
            let alarms = self.described("alarms", json!({ "AlarmNames": some }))?;
            found.extend(alarms.into_iter().map(|it| (it.alarm.name.clone(), it)));
        }
        Ok(found)
    }

    async fn alarms_beginning(&self, prefix: &str) -> Result<Vec<LiveAlarm>> {
        self.described(prefix, json!({ "AlarmNamePrefix": prefix }))
    }

    async fn put(&self, alarm: &Alarm, tags: &BTreeMap<String, String>) -> Result<()> {
        let (operation, input) = written(alarm, tags);
        self.call(CloudWatch, operation, &alarm.name, input)
            .map(|_| ())
    }

    async fn delete(&self, names: &[String]) -> Result<()> {
        let target = names.join(", ");
        let input = json!({ "AlarmNames": names });
        self.call(CloudWatch, "cloudwatch:DeleteAlarms", &target, input)
            .map(|_| ())
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>> {
        let input = json!({ "ResourceARN": arn });
        let answer = self.call(CloudWatch, "cloudwatch:ListTagsForResource", arn, input)?;
        let tags = list(&answer, "Tags").iter();
        Ok(tags
            .map(|tag| (word(tag, "Key"), word(tag, "Value")))
            .collect())
    }

    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        if !set.is_empty() {
            let input = json!({ "ResourceARN": arn, "Tags": pairs(set, "Key") });
            self.call(CloudWatch, "cloudwatch:TagResource", arn, input)?;
        }
        if !remove.is_empty() {
            let input = json!({ "ResourceARN": arn, "TagKeys": remove });
            self.call(CloudWatch, "cloudwatch:UntagResource", arn, input)?;
        }
        Ok(())
    }

    async fn find_dashboard(&self, name: &str) -> Result<Option<LiveDashboard>> {
        let input = json!({ "DashboardName": name });
        match self.call(CloudWatch, "cloudwatch:GetDashboard", name, input) {
            Ok(answer) => Ok(Some(LiveDashboard {
                arn: word(&answer, "DashboardArn"),
                body: word(&answer, "DashboardBody"),
            })),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_dashboard(&self, name: &str, body: &str) -> Result<Vec<String>> {
        let input = json!({ "DashboardName": name, "DashboardBody": body });
        let answer = self.call(CloudWatch, "cloudwatch:PutDashboard", name, input)?;
        let remarks = list(&answer, "DashboardValidationMessages").iter();
        Ok(remarks.map(|it| word(it, "Message")).collect())
    }

    async fn delete_dashboard(&self, name: &str) -> Result<()> {
        let input = json!({ "DashboardNames": [name] });
        match self.call(CloudWatch, "cloudwatch:DeleteDashboards", name, input) {
            Err(error) if error.kind != ErrorKind::NotFound => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
