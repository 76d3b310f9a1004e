//! CloudWatch alarms (Smithy RPC v2, CBOR).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchyard_engine::ports::{AlarmDefinition, AlarmState, Comparison, CustomMetric, ErrorKind};

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

#[tokio::test]
async fn alarm_states_are_read_for_metric_and_composite_alarms() {
    let alarm = |name: &str, state: &str| json!({"AlarmName": name, "StateValue": state});
    let fake = Fake::script([cbor(
        200,
        &json!({"MetricAlarms": [alarm("five-xx", "ALARM"), alarm("cpu", "OK")],
            "CompositeAlarms": [alarm("any", "SLEEPING")]}),
    )])
    .await;
    let asked = names(&["five-xx", "cpu", "any", "gone"]);
    let states = fake.ports().alarms.alarm_states(&asked).await.unwrap();
    assert_eq!(states["five-xx"], AlarmState::Firing);
    assert_eq!(states["cpu"], AlarmState::Ok);
    assert_eq!(states["any"], AlarmState::Unknown("SLEEPING".to_owned()));
    assert!(!states.contains_key("gone"));
    assert_eq!(fake.seen()[0].headers["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(
        calls(&fake),
        [(
            "DescribeAlarms".to_owned(),
            json!({"AlarmNames": asked, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100})
        )]
    );
}

fn busy() -> AlarmDefinition {
    AlarmDefinition {
        name: "busy".to_owned(),
        description: "scales out".to_owned(),
        metric: CustomMetric {
            namespace: "App".to_owned(),
            name: "Busy".to_owned(),
            dimensions: BTreeMap::from([("Service".to_owned(), "web".to_owned())]),
            statistic: "Average".to_owned(),
            unit: Some("Percent".to_owned()),
        },
        period_seconds: 60,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        comparison: Comparison::AtLeast,
        threshold: 80.5,
        actions: names(&["arn:policy"]),
        tags: BTreeMap::new(),
    }
}

/// As AWS spells it, apart from tags and what is done when data is missing.
fn spelled() -> Value {
    json!({"AlarmName": "busy", "AlarmDescription": "scales out", "AlarmActions": ["arn:policy"],
        "Namespace": "App", "MetricName": "Busy", "Dimensions": [{"Name": "Service", "Value": "web"}],
        "Statistic": "Average", "Unit": "Percent", "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 80.5})
}

/// `alarm` with the members of `more`; a null takes one away.
fn changed(mut alarm: Value, more: Value) -> Value {
    let members = alarm.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap().clone() {
        match value {
            Value::Null => members.remove(&name),
            value => members.insert(name, value),
        };
    }
    alarm
}

fn done() -> Reply {
    cbor(200, &json!({}))
}

#[tokio::test]
async fn alarms_are_put_with_plain_and_with_extended_statistics() {
    let fake = Fake::start(|_| done()).await;
    let alarms = fake.ports().alarms;
    alarms.put_alarm(&busy()).await.unwrap();
    let mut slow = busy();
    slow.metric.statistic = "p99".to_owned();
    slow.metric.unit = None;
    slow.datapoints_to_alarm = None;
    slow.tags = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    alarms.put_alarm(&slow).await.unwrap();
    let put = |input| ("PutMetricAlarm".to_owned(), input);
    let plain = changed(spelled(), json!({"TreatMissingData": "missing"}));
    let extended = changed(
        plain.clone(),
        json!({"Statistic": null, "ExtendedStatistic": "p99", "Unit": null, "DatapointsToAlarm": null,
            "Tags": [{"Key": "team", "Value": "shop"}]}),
    );
    assert_eq!(calls(&fake), [put(plain), put(extended)]);
}

#[tokio::test]
async fn definitions_are_read_over_pages_and_what_cannot_be_expressed_is_absent() {
    let named = |name: &str, more| changed(changed(spelled(), json!({"AlarmName": name})), more);
    let fake = Fake::script([
        cbor(
            200,
            &json!({"MetricAlarms": [
                named("busy", json!({})),
                named("band", json!({"ComparisonOperator": "LessThanLowerThreshold"})),
            ], "NextToken": "more"}),
        ),
        cbor(
            200,
            &json!({"MetricAlarms": [
                named("slow", json!({"Statistic": null, "ExtendedStatistic": "p99", "AlarmDescription": null})),
                named("math", json!({"Namespace": null, "MetricName": null, "Statistic": null, "Period": null})),
            ]}),
        ),
    ])
    .await;
    let asked = names(&["busy", "band", "slow", "math", "gone"]);
    let found = fake.ports().alarms.alarm_definitions(&asked).await.unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), ["busy", "slow"]);
    assert_eq!(found["busy"], busy());
    assert_eq!(found["slow"].metric.statistic, "p99");
    assert_eq!(found["slow"].description, "");
    let asked = json!({"AlarmNames": asked, "AlarmTypes": ["MetricAlarm"], "MaxRecords": 100});
    let describe = |input| ("DescribeAlarms".to_owned(), input);
    assert_eq!(
        calls(&fake),
        [
            describe(asked.clone()),
            describe(changed(asked, json!({"NextToken": "more"}))),
        ]
    );
}

#[tokio::test]
async fn alarms_are_deleted_where_they_are() {
    let there = json!({"MetricAlarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]});
    let fake = Fake::script([cbor(200, &there), done()]).await;
    let asked = names(&["a", "b", "gone"]);
    fake.ports().alarms.delete_alarms(&asked).await.unwrap();
    assert_eq!(
        calls(&fake)[1],
        ("DeleteAlarms".to_owned(), json!({"AlarmNames": ["a", "b"]}))
    );
    // Nothing is there, nothing is asked for.
    let fake = Fake::script([cbor(200, &json!({"MetricAlarms": []}))]).await;
    fake.ports().alarms.delete_alarms(&asked).await.unwrap();
    fake.ports().alarms.delete_alarms(&[]).await.unwrap();
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn an_alarm_that_somebody_deletes_meanwhile_does_not_keep_the_others() {
    let there = json!({"MetricAlarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]});
    let gone = || {
        let body = json!({"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "no such alarm"});
        cbor(404, &body)
    };
    let fake = Fake::script([cbor(200, &there), gone(), gone(), done()]).await;
    let asked = names(&["a", "b"]);
    fake.ports().alarms.delete_alarms(&asked).await.unwrap();
    let deleted: Vec<_> = calls(&fake)
        .into_iter()
        .skip(1)
        .map(|(_, input)| input["AlarmNames"].clone())
        .collect();
    assert_eq!(deleted, [json!(["a", "b"]), json!(["a"]), json!(["b"])]);

    let denied = cbor(403, &json!({"__type": "AccessDenied", "message": "no"}));
    let fake = Fake::script([cbor(200, &there), denied]).await;
    let error = fake.ports().alarms.delete_alarms(&asked).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
}

#[tokio::test]
async fn a_hundred_names_go_into_one_call() {
    let fake = Fake::start(|seen| match seen.path.ends_with("DescribeAlarms") {
        true => {
            let input = decoded(&seen.body);
            let alarms = input["AlarmNames"].as_array().unwrap().iter();
            let alarms: Vec<_> = alarms.map(|name| json!({"AlarmName": name})).collect();
            cbor(200, &json!({"MetricAlarms": alarms}))
        }
        false => done(),
    })
    .await;
    let asked: Vec<_> = (0..101).map(|number| format!("a{number}")).collect();
    fake.ports().alarms.delete_alarms(&asked).await.unwrap();
    let counts: Vec<_> = calls(&fake)
        .into_iter()
        .map(|(operation, input)| (operation, input["AlarmNames"].as_array().unwrap().len()))
        .collect();
    let call = |operation: &str, count| (operation.to_owned(), count);
    assert_eq!(
        counts,
        [
            call("DescribeAlarms", 100),
            call("DeleteAlarms", 100),
            call("DescribeAlarms", 1),
            call("DeleteAlarms", 1),
        ]
    );
}
