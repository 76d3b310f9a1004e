//! CloudWatch.

use serde_json::{Value, json};
use switchyard_world::Service::CloudWatch;

use super::{Site, with};

fn alarm(over: &Value) -> Value {
    with(
        json!({
            "AlarmName": "a", "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
        }),
        over,
    )
}

#[test]
fn an_alarm_calls_arns() {
    let site = Site::new();
    for member in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
        for other in [
            "topic",
            "arn:aws:sns",
            "arn:aws::eu-west-1:1:a",
            "arn:aws:sns:eu-west-1:1:",
        ] {
            let input = alarm(&json!({ (member): [other] }));
            site.refused(
                CloudWatch,
                "PutMetricAlarm",
                input,
                ("ValidationError", "Invalid arn syntax"),
            );
        }
        let six = vec!["arn:aws:sns:eu-west-1:123456789012:a"; 6];
        let input = alarm(&json!({ (member): six }));
        site.refused(
            CloudWatch,
            "PutMetricAlarm",
            input,
            ("ValidationError", "at most 5"),
        );
    }
    site.taken(
        CloudWatch,
        "PutMetricAlarm",
        alarm(&json!({"AlarmActions": [
            "arn:aws:sns:eu-west-1:123456789012:topic",
            "arn:aws:automate:eu-west-1:ec2:stop",
        ]})),
    );
    let composite = json!({"AlarmName": "b", "AlarmRule": "ALARM(a)", "OKActions": ["topic"]});
    site.refused(
        CloudWatch,
        "PutCompositeAlarm",
        composite,
        ("ValidationError", "Invalid arn syntax"),
    );
}

#[test]
fn data_say_one_thing_each_and_not_too_much() {
    let site = Site::new();
    let put = |data: Value| json!({"Namespace": "N", "MetricData": data});
    let set = json!({"Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0, "SampleCount": 1.0});
    for datum in [
        json!({"MetricName": "m", "Value": 1.0, "Values": [1.0]}),
        json!({"MetricName": "m", "Value": 1.0, "StatisticValues": set}),
        json!({"MetricName": "m", "Values": [1.0], "StatisticValues": set}),
    ] {
        let refusal = ("InvalidParameterCombination", "mutually exclusive");
        site.refused(CloudWatch, "PutMetricData", put(json!([datum])), refusal);
    }
    let many = |count: usize| vec![json!({"MetricName": "m", "Value": 1.0}); count];
    let refusal = ("InvalidParameterValue", "greater than 1000");
    site.refused(CloudWatch, "PutMetricData", put(json!(many(1001))), refusal);
    site.taken(CloudWatch, "PutMetricData", put(json!(many(1000))));
    let values = |count: usize| json!([{"MetricName": "m", "Values": vec![1.0; count]}]);
    let refusal = ("InvalidParameterValue", "greater than 150");
    site.refused(CloudWatch, "PutMetricData", put(values(151)), refusal);
    site.taken(CloudWatch, "PutMetricData", put(values(150)));
}
