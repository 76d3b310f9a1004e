//! Alarms of a set and dashboards (Smithy RPC v2, CBOR).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchyard_engine::ports::{
    Alarm, AlarmComparison, AlarmCondition, AlarmLimit, ErrorKind, MetricCondition, MetricQuery,
    MetricSource, MissingData,
};

use crate::fake::{Fake, Reply, Seen, cbor, decoded};

/// Operation and input of each call.
fn calls(fake: &Fake) -> Vec<(String, Value)> {
    let call = |seen: Seen| {
        let operation = seen.path.rsplit('/').next().unwrap().to_owned();
        (operation, decoded(&seen.body))
    };
    fake.seen().into_iter().map(call).collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn done() -> Reply {
    cbor(200, &json!({}))
}

fn metric(id: &str, returned: bool) -> MetricQuery {
    MetricQuery {
        id: id.to_owned(),
        source: MetricSource::Metric {
            namespace: "App".to_owned(),
            name: "Busy".to_owned(),
            dimensions: BTreeMap::from([("Service".to_owned(), "web".to_owned())]),
            statistic: "p99".to_owned(),
            period_seconds: 60,
        },
        returned,
    }
}

fn expression(id: &str, text: &str) -> MetricQuery {
    MetricQuery {
        id: id.to_owned(),
        source: MetricSource::Expression(text.to_owned()),
        returned: true,
    }
}

fn alarm(name: &str, condition: AlarmCondition) -> Alarm {
    Alarm {
        name: name.to_owned(),
        description: "d".to_owned(),
        condition,
        calls: true,
        actions: names(&["arn:aws:sns:eu-west-1:1:page"]),
        ok_actions: Vec::new(),
    }
}

fn errors() -> Alarm {
    let condition = MetricCondition {
        queries: vec![expression("value", "100*busy"), metric("busy", false)],
        comparison: AlarmComparison::Above,
        limit: AlarmLimit::Threshold(7.5),
        evaluation_periods: 5,
        datapoints_to_alarm: 5,
        missing: MissingData::NotBreaching,
    };
    alarm("errors", AlarmCondition::Metric(condition))
}

fn anomaly() -> Alarm {
    let condition = MetricCondition {
        queries: vec![
            metric("value", true),
            expression("band", "ANOMALY_DETECTION_BAND(value, 2)"),
        ],
        comparison: AlarmComparison::OutsideBand,
        limit: AlarmLimit::Band("band".to_owned()),
        evaluation_periods: 5,
        datapoints_to_alarm: 5,
        missing: MissingData::Ignore,
    };
    alarm("anomaly", AlarmCondition::Metric(condition))
}

fn unhealthy() -> Alarm {
    alarm(
        "unhealthy",
        AlarmCondition::Composite("ALARM(\"errors\")".to_owned()),
    )
}

fn stat() -> Value {
    json!({"Metric": {"Namespace": "App", "MetricName": "Busy", "Dimensions": [{"Name": "Service", "Value": "web"}]},
        "Period": 60, "Stat": "p99"})
}

/// As AWS spells them.
fn spelled() -> [Value; 3] {
    let common = |name: &str, more: Value| {
        let mut all = json!({"AlarmName": name, "AlarmDescription": "d", "ActionsEnabled": true,
            "AlarmActions": ["arn:aws:sns:eu-west-1:1:page"], "OKActions": []});
        let members = all.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        all
    };
    [
        common(
            "errors",
            json!({"Metrics": [
                {"Id": "value", "Expression": "100*busy", "ReturnData": true},
                {"Id": "busy", "MetricStat": stat(), "ReturnData": false},
            ], "ComparisonOperator": "GreaterThanThreshold", "Threshold": 7.5, "EvaluationPeriods": 5,
                "DatapointsToAlarm": 5, "TreatMissingData": "notBreaching"}),
        ),
        common(
            "anomaly",
            json!({"Metrics": [
                {"Id": "value", "MetricStat": stat(), "ReturnData": true},
                {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(value, 2)", "ReturnData": true},
            ], "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold", "ThresholdMetricId": "band",
                "EvaluationPeriods": 5, "DatapointsToAlarm": 5, "TreatMissingData": "ignore"}),
        ),
        common("unhealthy", json!({"AlarmRule": "ALARM(\"errors\")"})),
    ]
}

#[tokio::test]
async fn alarms_of_every_kind_are_put() {
    let fake = Fake::start(|_| done()).await;
    let monitoring = fake.ports().monitoring;
    let tags = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    for alarm in [errors(), anomaly(), unhealthy()] {
        monitoring.put(&alarm, &BTreeMap::new()).await.unwrap();
        monitoring.put(&alarm, &tags).await.unwrap();
    }
    let operations = ["PutMetricAlarm", "PutMetricAlarm", "PutCompositeAlarm"];
    let expected: Vec<(String, Value)> = operations
        .into_iter()
        .zip(spelled())
        .flat_map(|(operation, plain)| {
            let mut tagged = plain.clone();
            tagged["Tags"] = json!([{"Key": "team", "Value": "shop"}]);
            [
                (operation.to_owned(), plain),
                (operation.to_owned(), tagged),
            ]
        })
        .collect();
    assert_eq!(calls(&fake), expected);
}

#[tokio::test]
async fn alarms_of_several_sets_are_read_with_one_call() {
    let with_arn = |mut alarm: Value| {
        let name = alarm["AlarmName"].as_str().unwrap().to_owned();
        alarm["AlarmArn"] = json!(format!("arn:{name}"));
        alarm
    };
    let [errors_, anomaly_, unhealthy_] = spelled().map(with_arn);
    let fake = Fake::start(move |_| {
        cbor(
            200,
            &json!({"MetricAlarms": [errors_, anomaly_], "CompositeAlarms": [unhealthy_]}),
        )
    })
    .await;
    let monitoring = fake.ports().monitoring;
    let (one, other) = (names(&["errors", "unhealthy"]), names(&["anomaly", "gone"]));
    let (one, other) = tokio::join!(monitoring.alarms(&one), monitoring.alarms(&other));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one["errors"].alarm, errors());
    assert_eq!(one["unhealthy"].alarm, unhealthy());
    assert_eq!(one["unhealthy"].arn, "arn:unhealthy");
    assert_eq!(other["anomaly"].alarm, anomaly());
    assert!(!other.contains_key("gone"));
    assert_eq!(fake.seen().len(), 1);
}

/// The console writes alarms on one metric without `Metrics`.
#[tokio::test]
async fn an_alarm_on_one_metric_is_one_query() {
    let plain = json!({"AlarmName": "plain", "AlarmArn": "arn:plain", "Namespace": "App", "MetricName": "Busy",
        "Dimensions": [{"Name": "Service", "Value": "web"}], "ExtendedStatistic": "p99", "Period": 60,
        "EvaluationPeriods": 3, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0, "ActionsEnabled": false});
    let more = json!({"MetricAlarms": [plain], "NextToken": "more"});
    let fake = Fake::script([cbor(200, &more), cbor(200, &json!({"MetricAlarms": []}))]).await;
    let found = fake
        .ports()
        .monitoring
        .alarms_beginning("pl")
        .await
        .unwrap();
    let [live] = found.as_slice() else {
        panic!("{found:?}");
    };
    let AlarmCondition::Metric(condition) = &live.alarm.condition else {
        panic!("{live:?}");
    };
    assert_eq!(condition.queries, [metric("", true)]);
    assert_eq!(condition.datapoints_to_alarm, 3);
    assert_eq!(condition.missing, MissingData::Missing);
    assert!(!live.alarm.calls);
    assert_eq!(calls(&fake)[1].1["NextToken"], "more");
}

#[tokio::test]
async fn tags_are_read_set_and_removed() {
    let fake = Fake::script([
        cbor(200, &json!({"Tags": [{"Key": "team", "Value": "shop"}]})),
        done(),
        done(),
    ])
    .await;
    let monitoring = fake.ports().monitoring;
    let tags = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    assert_eq!(monitoring.tags("arn:a").await.unwrap(), tags);
    let remove = BTreeSet::from(["old".to_owned()]);
    monitoring
        .change_tags("arn:a", &tags, &remove)
        .await
        .unwrap();
    let call = |operation: &str, input| (operation.to_owned(), input);
    assert_eq!(
        calls(&fake),
        [
            call("ListTagsForResource", json!({"ResourceARN": "arn:a"})),
            call(
                "TagResource",
                json!({"ResourceARN": "arn:a", "Tags": [{"Key": "team", "Value": "shop"}]})
            ),
            call(
                "UntagResource",
                json!({"ResourceARN": "arn:a", "TagKeys": ["old"]})
            ),
        ]
    );
}

#[tokio::test]
async fn dashboards_are_put_read_and_deleted() {
    let fake = Fake::script([
        cbor(
            200,
            &json!({"DashboardValidationMessages": [{"DataPath": "/widgets/0", "Message": "odd"}]}),
        ),
        cbor(
            200,
            &json!({"DashboardArn": "arn:d", "DashboardBody": "{}", "DashboardName": "d"}),
        ),
        done(),
    ])
    .await;
    let monitoring = fake.ports().monitoring;
    assert_eq!(
        monitoring.put_dashboard("d", "{}").await.unwrap(),
        ["/widgets/0: odd"]
    );
    let found = monitoring.find_dashboard("d").await.unwrap().unwrap();
    assert_eq!((found.arn.as_str(), found.body.as_str()), ("arn:d", "{}"));
    monitoring.delete_dashboard("d").await.unwrap();
    let call = |operation: &str, input| (operation.to_owned(), input);
    assert_eq!(
        calls(&fake),
        [
            call(
                "PutDashboard",
                json!({"DashboardName": "d", "DashboardBody": "{}"})
            ),
            call("GetDashboard", json!({"DashboardName": "d"})),
            call("DeleteDashboards", json!({"DashboardNames": ["d"]})),
        ]
    );
}

#[tokio::test]
async fn an_absent_dashboard_is_no_error() {
    let absent = || {
        let error =
            json!({"__type": "com.amazonaws.cloudwatch#DashboardNotFoundError", "message": "none"});
        cbor(404, &error)
    };
    let fake = Fake::start(move |_| absent()).await;
    let monitoring = fake.ports().monitoring;
    assert_eq!(monitoring.find_dashboard("d").await.unwrap(), None);
    monitoring.delete_dashboard("d").await.unwrap();
}

#[tokio::test]
async fn a_body_that_cloudwatch_refuses_is_refused() {
    let refused = json!({"__type": "com.amazonaws.cloudwatch#DashboardInvalidInputError", "message": "no widgets"});
    let fake = Fake::start(move |_| cbor(400, &refused)).await;
    let error = fake
        .ports()
        .monitoring
        .put_dashboard("d", "{}")
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert_eq!(error.message, "no widgets");
}
