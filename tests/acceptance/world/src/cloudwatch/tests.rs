//! Stories through the door, with time moved by hand.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Service, World, WorldConfig};

fn world() -> World {
    World::new(WorldConfig::default())
}

fn call(world: &World, operation: &str, input: Value) -> Value {
    world
        .call(Service::CloudWatch, "eu-west-1", operation, input)
        .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
}

fn refused(world: &World, operation: &str, input: Value) -> String {
    world
        .call(Service::CloudWatch, "eu-west-1", operation, input)
        .unwrap_err()
        .code
}

fn put(world: &World, value: f64) {
    let datum = json!({"MetricName": "Errors", "Value": value, "Dimensions": [{"Name": "Side", "Value": "green"}]});
    call(
        world,
        "PutMetricData",
        json!({"Namespace": "Shop", "MetricData": [datum]}),
    );
}

fn alarm(extra: Value) -> Value {
    let mut alarm = json!({
        "AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": "60",
        "Dimensions": [{"Name": "Side", "Value": "green"}], "EvaluationPeriods": "1", "Threshold": "5",
        "ComparisonOperator": "GreaterThanThreshold",
    });
    for (name, value) in extra.as_object().unwrap() {
        alarm[name] = value.clone();
    }
    alarm
}

fn state(world: &World, name: &str) -> String {
    let types = json!(["MetricAlarm", "CompositeAlarm"]);
    let found = call(
        world,
        "DescribeAlarms",
        json!({"AlarmNames": [name], "AlarmTypes": types}),
    );
    let mut all = found["MetricAlarms"]
        .as_array()
        .unwrap()
        .iter()
        .chain(found["CompositeAlarms"].as_array().unwrap());
    all.next().unwrap()["StateValue"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn minutes(world: &World, count: u64) {
    world.advance(Duration::from_secs(60 * count));
}

#[test]
fn an_alarm_starts_without_data_then_follows_its_metric() {
    let world = world();
    call(&world, "PutMetricAlarm", alarm(json!({})));
    assert_eq!(state(&world, "errors"), "INSUFFICIENT_DATA");
    put(&world, 9.0);
    minutes(&world, 1);
    assert_eq!(state(&world, "errors"), "ALARM");
    put(&world, 1.0);
    minutes(&world, 1);
    assert_eq!(state(&world, "errors"), "OK");
    minutes(&world, 10);
    assert_eq!(state(&world, "errors"), "INSUFFICIENT_DATA");
    let history = call(
        &world,
        "DescribeAlarmHistory",
        json!({"AlarmName": "errors", "HistoryItemType": "StateUpdate"}),
    );
    assert_eq!(history["AlarmHistoryItems"].as_array().unwrap().len(), 3);
    assert_eq!(
        history["AlarmHistoryItems"][0]["HistorySummary"],
        "Alarm updated from OK to INSUFFICIENT_DATA"
    );
}

#[test]
fn missing_data_counts_as_the_alarm_says() {
    for (word, expected) in [
        ("breaching", "ALARM"),
        ("notBreaching", "OK"),
        ("ignore", "INSUFFICIENT_DATA"),
        ("missing", "INSUFFICIENT_DATA"),
    ] {
        let world = world();
        call(
            &world,
            "PutMetricAlarm",
            alarm(json!({"TreatMissingData": word})),
        );
        minutes(&world, 2);
        assert_eq!(state(&world, "errors"), expected, "{word}");
    }
}

#[test]
fn m_of_n_needs_m_breaching_periods() {
    let world = world();
    call(
        &world,
        "PutMetricAlarm",
        alarm(
            json!({"EvaluationPeriods": 3, "DatapointsToAlarm": 2, "TreatMissingData": "notBreaching"}),
        ),
    );
    for (value, expected) in [(9.0, "OK"), (1.0, "OK"), (9.0, "ALARM"), (1.0, "OK")] {
        put(&world, value);
        minutes(&world, 1);
        assert_eq!(state(&world, "errors"), expected);
    }
}

#[test]
fn a_state_set_by_hand_lasts_until_data_says_otherwise() {
    let world = world();
    call(&world, "PutMetricAlarm", alarm(json!({})));
    call(
        &world,
        "SetAlarmState",
        json!({"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "drill"}),
    );
    minutes(&world, 5);
    assert_eq!(state(&world, "errors"), "ALARM");
    put(&world, 0.0);
    minutes(&world, 1);
    assert_eq!(state(&world, "errors"), "OK");
    assert_eq!(
        refused(
            &world,
            "SetAlarmState",
            json!({"AlarmName": "nope", "StateValue": "OK", "StateReason": ""})
        ),
        "ResourceNotFound"
    );
}

#[test]
fn an_alarm_on_metric_math_is_evaluated() {
    let world = world();
    let metric = |id: &str, name: &str| {
        let metric = json!({"Namespace": "Shop", "MetricName": name});
        json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": false})
    };
    let rate = json!({"Id": "rate", "Expression": "100*errors/all", "Label": "error rate", "ReturnData": true});
    let queries = json!([metric("errors", "E"), metric("all", "A"), rate]);
    call(
        &world,
        "PutMetricAlarm",
        json!({"AlarmName": "rate", "Metrics": queries, "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}),
    );
    call(
        &world,
        "PutMetricData",
        json!({"Namespace": "Shop", "MetricData": [{"MetricName": "E", "Value": 2}, {"MetricName": "A", "Value": 100}]}),
    );
    minutes(&world, 1);
    assert_eq!(state(&world, "rate"), "ALARM");
    let shown = call(&world, "DescribeAlarms", json!({"AlarmNames": ["rate"]}));
    assert_eq!(shown["MetricAlarms"][0]["Metrics"][2], rate);
}

#[test]
fn a_composite_alarm_follows_its_children() {
    let world = world();
    call(&world, "PutMetricAlarm", alarm(json!({})));
    assert_eq!(
        refused(
            &world,
            "PutCompositeAlarm",
            json!({"AlarmName": "any", "AlarmRule": "ALARM(nope)"})
        ),
        "ValidationError"
    );
    call(
        &world,
        "PutCompositeAlarm",
        json!({"AlarmName": "any", "AlarmRule": "ALARM(\"errors\")", "ActionsEnabled": "true"}),
    );
    assert_eq!(state(&world, "any"), "OK");
    put(&world, 9.0);
    minutes(&world, 1);
    assert_eq!(state(&world, "any"), "ALARM");
    let only_metric = call(&world, "DescribeAlarms", json!({}));
    assert_eq!(only_metric["CompositeAlarms"], json!([]));
}

#[test]
fn an_alarm_is_shown_as_it_was_put_and_an_update_keeps_state_and_tags() {
    let world = world();
    call(
        &world,
        "PutMetricAlarm",
        alarm(
            json!({"AlarmDescription": "too many", "OKActions": "", "Tags": [{"Key": "a", "Value": "b"}]}),
        ),
    );
    put(&world, 9.0);
    minutes(&world, 1);
    call(&world, "PutMetricAlarm", alarm(json!({"Threshold": "7.5"})));
    let shown = call(&world, "DescribeAlarms", json!({"AlarmNames": ["errors"]}))["MetricAlarms"]
        [0]
    .clone();
    assert_eq!(shown["StateValue"], "ALARM");
    assert_eq!(shown["Threshold"], 7.5);
    assert_eq!(shown["Period"], 60);
    assert_eq!(shown["OKActions"], json!([]));
    assert!(shown.get("DatapointsToAlarm").is_none());
    let arn = shown["AlarmArn"].clone();
    assert_eq!(
        call(&world, "ListTagsForResource", json!({"ResourceARN": arn}))["Tags"],
        json!([{"Key": "a", "Value": "b"}])
    );
    call(
        &world,
        "TagResource",
        json!({"ResourceARN": arn, "Tags": [{"Key": "c", "Value": "d"}]}),
    );
    call(
        &world,
        "UntagResource",
        json!({"ResourceARN": arn, "TagKeys": ["a"]}),
    );
    assert_eq!(
        call(&world, "ListTagsForResource", json!({"ResourceARN": arn}))["Tags"],
        json!([{"Key": "c", "Value": "d"}])
    );
    call(&world, "DeleteAlarms", json!({"AlarmNames": ["errors"]}));
    assert_eq!(
        call(&world, "DescribeAlarms", json!({"AlarmNames": ["errors"]}))["MetricAlarms"],
        json!([])
    );
}

#[test]
fn wrong_alarms_are_refused() {
    let world = world();
    assert_eq!(
        refused(
            &world,
            "PutMetricAlarm",
            alarm(json!({"ComparisonOperator": "Bigger"}))
        ),
        "ValidationError"
    );
    assert_eq!(
        refused(&world, "PutMetricAlarm", alarm(json!({"Period": 45}))),
        "ValidationError"
    );
    assert_eq!(
        refused(
            &world,
            "PutMetricAlarm",
            alarm(json!({"DatapointsToAlarm": 2}))
        ),
        "ValidationError"
    );
    assert_eq!(
        refused(
            &world,
            "PutMetricAlarm",
            alarm(json!({"ExtendedStatistic": "p99"}))
        ),
        "InvalidParameterCombination"
    );
    assert_eq!(
        refused(&world, "DeleteAlarms", json!({"AlarmNames": ["nope"]})),
        "ResourceNotFound"
    );
    assert_eq!(
        refused(&world, "PutMetricStream", json!({})),
        "InvalidAction"
    );
}

#[test]
fn metric_data_answers_statistics_percentiles_and_math() {
    let world = world();
    let start = world.now();
    for value in [1.0, 2.0, 9.0] {
        put(&world, value);
    }
    minutes(&world, 1);
    put(&world, 4.0);
    let end = world.now().plus(Duration::from_secs(60));
    let stat = |id: &str, stat: &str| {
        let metric = json!({"Namespace": "Shop", "MetricName": "Errors", "Dimensions": [{"Name": "Side", "Value": "green"}]});
        json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}})
    };
    let queries = json!([stat("total", "Sum"), stat("worst", "p99"), {"Id": "twice", "Expression": "total*2"}]);
    let span = json!({"StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending", "MetricDataQueries": queries});
    let results = call(&world, "GetMetricData", span)["MetricDataResults"].clone();
    assert_eq!(results[0]["Values"], json!([12.0, 4.0]));
    assert_eq!(results[1]["Values"], json!([9.0, 4.0]));
    assert_eq!(results[2]["Values"], json!([24.0, 8.0]));
    assert_eq!(results[0]["Timestamps"][0], json!(start));
    let question = json!({
        "Namespace": "Shop", "MetricName": "Errors", "Dimensions": [{"Name": "Side", "Value": "green"}], "Period": 300,
        "StartTime": "2025-11-21T00:00:00Z", "EndTime": "2025-11-21T00:05:00Z", "Statistics": ["Average", "SampleCount"], "ExtendedStatistics": ["p50"],
    });
    let point = call(&world, "GetMetricStatistics", question)["Datapoints"][0].clone();
    assert_eq!(
        (
            &point["Average"],
            &point["SampleCount"],
            &point["ExtendedStatistics"]["p50"]
        ),
        (&json!(4.0), &json!(4.0), &json!(2.0))
    );
    let listed = call(
        &world,
        "ListMetrics",
        json!({"Namespace": "Shop", "Dimensions": [{"Name": "Side"}]}),
    );
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), 1);
}

#[test]
fn dashboards_are_kept_by_name() {
    let world = world();
    let body = r#"{"widgets":[]}"#;
    call(
        &world,
        "PutDashboard",
        json!({"DashboardName": "main", "DashboardBody": body}),
    );
    let shown = call(&world, "GetDashboard", json!({"DashboardName": "main"}));
    assert_eq!(shown["DashboardBody"], body);
    assert_eq!(
        shown["DashboardArn"],
        "arn:aws:cloudwatch::123456789012:dashboard/main"
    );
    assert_eq!(
        refused(
            &world,
            "PutDashboard",
            json!({"DashboardName": "x", "DashboardBody": "{"})
        ),
        "InvalidParameterInput"
    );
    call(
        &world,
        "DeleteDashboards",
        json!({"DashboardNames": ["main"]}),
    );
    assert_eq!(
        refused(&world, "GetDashboard", json!({"DashboardName": "main"})),
        "ResourceNotFound"
    );
}

#[test]
fn pages_have_tokens_and_wrong_tokens_are_refused() {
    let world = world();
    for name in ["a", "b", "c"] {
        call(&world, "PutMetricAlarm", alarm(json!({"AlarmName": name})));
    }
    let first = call(&world, "DescribeAlarms", json!({"MaxRecords": "2"}));
    assert_eq!(first["MetricAlarms"].as_array().unwrap().len(), 2);
    let second = call(
        &world,
        "DescribeAlarms",
        json!({"MaxRecords": "2", "NextToken": first["NextToken"]}),
    );
    assert_eq!(second["MetricAlarms"][0]["AlarmName"], "c");
    assert!(second.get("NextToken").is_none());
    assert_eq!(
        refused(&world, "DescribeAlarms", json!({"NextToken": "x"})),
        "InvalidNextToken"
    );
}

#[test]
fn absurd_periods_and_spans_are_survived() {
    let world = world();
    put(&world, 1.0);
    let metric = json!({"Namespace": "Shop", "MetricName": "Errors", "Dimensions": [{"Name": "Side", "Value": "green"}]});
    let stat = |period: i64| json!({"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}});
    let ask = |period: i64, end: i64| json!({"StartTime": 0, "EndTime": end, "MetricDataQueries": [stat(period), {"Id": "f", "Expression": "FILL(m,0)"}]});
    assert_eq!(
        refused(&world, "GetMetricData", ask(i64::MAX, 9_000_000_000)),
        "MissingParameter"
    );
    let filled = call(&world, "GetMetricData", ask(1, 9_000_000_000));
    let values: usize = filled["MetricDataResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["Values"].as_array().unwrap().len())
        .sum();
    assert_eq!(values, 100_800, "the grid is cut, and so is the page");
    assert!(filled["NextToken"].is_string());
}

#[test]
fn many_values_come_in_pages_and_the_span_begins_at_a_whole_minute() {
    let world = world();
    world.advance(Duration::from_secs(30));
    for minute in 0..5 {
        put(&world, f64::from(minute));
        world.advance(Duration::from_secs(60));
    }
    let start = WorldConfig::default().start.epoch_seconds() + 45.0;
    let metric = json!({"Namespace": "Shop", "MetricName": "Errors", "Dimensions": [{"Name": "Side", "Value": "green"}]});
    let mut request = json!({
        "StartTime": start, "EndTime": start + 600.0, "ScanBy": "TimestampAscending", "MaxDatapoints": 2,
        "MetricDataQueries": [
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": true},
            {"Id": "twice", "Expression": "m * 2"},
        ],
    });
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = call(&world, "GetMetricData", request.clone());
        pages += 1;
        for result in page["MetricDataResults"].as_array().unwrap() {
            for value in result["Values"].as_array().unwrap() {
                seen.push((
                    result["Id"].as_str().unwrap().to_owned(),
                    value.as_f64().unwrap(),
                ));
            }
        }
        match page.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!((pages, seen.len()), (5, 10));
    assert_eq!(
        seen[0],
        ("m".to_owned(), 0.0),
        "the first minute counts whole"
    );
    assert_eq!(seen[9], ("twice".to_owned(), 8.0));
    request["NextToken"] = json!("elsewhere");
    assert_eq!(
        refused(&world, "GetMetricData", request),
        "InvalidNextToken"
    );
}
