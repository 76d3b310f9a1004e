//! Alarms and metric values, put and read back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use switchyard_engine::ports::{
    AlarmDefinition, AlarmState, Comparison, CustomMetric, MetricDatum, MetricQuery, MetricSource,
};
use switchyard_world::Service;

use crate::site::{REGION, Site};

fn one(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

fn alarm(name: &str, statistic: &str) -> AlarmDefinition {
    AlarmDefinition {
        name: name.to_owned(),
        description: "Too busy.".to_owned(),
        metric: CustomMetric {
            namespace: "App".to_owned(),
            name: "Busy".to_owned(),
            dimensions: one("Pool", "a"),
            statistic: statistic.to_owned(),
            unit: Some("Percent".to_owned()),
        },
        period_seconds: 60,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        comparison: Comparison::AtLeast,
        threshold: 80.0,
        actions: vec!["arn:aws:sns:eu-west-1:123456789012:pager".to_owned()],
        tags: BTreeMap::new(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn alarms_are_read_as_they_were_put() {
    let site = Site::new();
    let alarms = &site.ports.alarms;
    let (plain, tail) = (alarm("plain", "Average"), alarm("tail", "p99"));
    for alarm in [&plain, &tail] {
        alarms.put_alarm(alarm).await.unwrap();
    }
    let asked = names(&["plain", "tail", "gone"]);
    let found = alarms.alarm_definitions(&asked).await.unwrap();
    let put = [plain, tail].map(|alarm| (alarm.name.clone(), alarm));
    assert_eq!(found, BTreeMap::from(put));

    // One absent name does not keep the others.
    let some = names(&["plain", "gone"]);
    alarms.delete_alarms(&some).await.unwrap();
    let left = alarms.alarm_definitions(&asked).await.unwrap();
    assert_eq!(left.into_keys().collect::<Vec<_>>(), ["tail"]);
}

#[tokio::test]
async fn an_alarm_that_cannot_be_expressed_is_absent() {
    let site = Site::new();
    let math = json!({
        "AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [
            {"Id": "e", "Expression": "m * 2", "ReturnData": true},
            {"Id": "m", "ReturnData": false, "MetricStat": {
                "Metric": {"Namespace": "App", "MetricName": "Busy"}, "Period": 60, "Stat": "Sum"}}],
    });
    let put = site
        .world
        .call(Service::CloudWatch, REGION, "PutMetricAlarm", math);
    put.unwrap();
    let asked = names(&["math"]);
    let states = site.ports.alarms.alarm_states(&asked).await.unwrap();
    assert_eq!(states.get("math"), Some(&AlarmState::InsufficientData));
    let found = site.ports.alarms.alarm_definitions(&asked).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn every_value_of_a_long_list_is_stored() {
    let site = Site::new();
    let now = site.ports.clock.now();
    let value = MetricDatum {
        name: "Jobs".to_owned(),
        dimensions: one("Pool", "a"),
        value: 2.0,
        unit: "Count".to_owned(),
        at: now,
    };
    let metrics = &site.ports.metrics;
    metrics.put("App", &vec![value; 1500]).await.unwrap();
    let query = MetricQuery {
        id: "jobs".to_owned(),
        source: MetricSource::Metric {
            namespace: "App".to_owned(),
            name: "Jobs".to_owned(),
            dimensions: one("Pool", "a"),
            statistic: "Sum".to_owned(),
            period_seconds: 60,
        },
        returned: true,
    };
    site.ports.clock.sleep(Duration::from_secs(120)).await;
    let to = site.ports.clock.now();
    let from = now - jiff::SignedDuration::from_secs(60);
    let found = metrics.query(&[query], from, to).await.unwrap();
    let sum: f64 = found["jobs"].values.iter().map(|(_, value)| value).sum();
    assert!((sum - 3000.0).abs() < 1e-9, "{found:?}");
}
