//! CloudWatch metrics (Smithy RPC v2, CBOR).

use std::collections::BTreeMap;

use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::json;
use switchyard_engine::ports::{ErrorKind, MetricDatum, MetricQuery, MetricSource};

use crate::fake::{Fake, Reply, decoded};

fn queries() -> Vec<MetricQuery> {
    vec![
        MetricQuery {
            id: "errors".to_owned(),
            source: MetricSource::Metric {
                namespace: "AWS/ApplicationELB".to_owned(),
                name: "HTTPCode_Target_5XX_Count".to_owned(),
                dimensions: BTreeMap::from([
                    ("LoadBalancer".to_owned(), "app/lb/1".to_owned()),
                    ("TargetGroup".to_owned(), "targetgroup/green/1".to_owned()),
                ]),
                statistic: "Sum".to_owned(),
                period_seconds: 60,
            },
            returned: false,
        },
        MetricQuery {
            id: "rate".to_owned(),
            source: MetricSource::Expression("errors / 60".to_owned()),
            returned: true,
        },
    ]
}

/// Id, status, values by second.
type Series<'a> = (&'a str, &'a str, &'a [(i64, f64)]);

/// One page of series, and the token of the next one.
fn page(series: &[Series<'_>], next: Option<&str>) -> Reply {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(1 + usize::from(next.is_some()));
    encoder.str("MetricDataResults").array(series.len());
    for (id, status, values) in series {
        encoder
            .map(4)
            .str("Id")
            .str(id)
            .str("StatusCode")
            .str(status);
        encoder.str("Timestamps").array(values.len());
        for (at, _) in *values {
            encoder.timestamp(&DateTime::from_secs(*at));
        }
        encoder.str("Values").array(values.len());
        for (_, value) in *values {
            encoder.double(*value);
        }
    }
    if let Some(next) = next {
        encoder.str("NextToken").str(next);
    }
    Reply::Http(200, "application/cbor", encoder.into_writer())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[tokio::test]
async fn series_are_gathered_over_pages_oldest_first() {
    let fake = Fake::script([
        page(
            &[("rate", "PartialData", &[(60, 9.0), (120, 1.0)])],
            Some("more"),
        ),
        page(
            &[("rate", "Complete", &[(180, f64::NAN), (240, 2.5)])],
            None,
        ),
    ])
    .await;
    let metrics = fake.ports().metrics;
    let found = metrics.query(&queries(), at(90), at(240)).await.unwrap();
    // What begins before the range or at its end is not in it.
    let values = &found["rate"].values;
    assert_eq!(values.len(), 2);
    assert_eq!(values[0], (at(120), 1.0));
    assert!(values[1].0 == at(180) && values[1].1.is_nan());
    assert_eq!(found["rate"].problem, None);

    let seen = fake.seen();
    assert_eq!(
        seen[0].path,
        "/service/GraniteServiceVersion20100801/operation/GetMetricData"
    );
    assert_eq!(
        decoded(&seen[0].body),
        json!({
            "StartTime": 90, "EndTime": 240, "ScanBy": "TimestampAscending",
            "MetricDataQueries": [
                {"Id": "errors", "ReturnData": false, "MetricStat": {
                    "Stat": "Sum", "Period": 60, "Metric": {
                        "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
                        "Dimensions": [
                            {"Name": "LoadBalancer", "Value": "app/lb/1"},
                            {"Name": "TargetGroup", "Value": "targetgroup/green/1"}]}}},
                {"Id": "rate", "ReturnData": true, "Expression": "errors / 60"}]
        })
    );
    assert_eq!(decoded(&seen[1].body)["NextToken"], "more");
}

#[tokio::test]
async fn a_series_without_values_is_no_gap_of_its_own() {
    let fake = Fake::script([page(
        &[
            ("rate", "Complete", &[]),
            ("odd", "Forbidden", &[(60, 1.0)]),
        ],
        None,
    )])
    .await;
    let metrics = fake.ports().metrics;
    let found = metrics.query(&queries(), at(0), at(240)).await.unwrap();
    assert_eq!(found["rate"].values, []);
    assert_eq!(found["rate"].problem, None);
    assert_eq!(found["odd"].problem.as_deref(), Some("Forbidden"));
    assert_eq!(found["odd"].values, [(at(60), 1.0)]);
}

#[tokio::test]
async fn data_cut_short_is_a_problem_in_words() {
    let fake = Fake::script([page(&[("rate", "PartialData", &[(60, 1.0)])], None)]).await;
    let metrics = fake.ports().metrics;
    let found = metrics.query(&queries(), at(0), at(240)).await.unwrap();
    assert_eq!(found["rate"].problem.as_deref(), Some("PartialData"));
}

#[tokio::test]
async fn a_refused_query_is_an_error_of_its_kind() {
    let mut encoder = Encoder::new(Vec::new());
    encoder
        .map(2)
        .str("__type")
        .str("com.amazonaws.cloudwatch#AccessDenied");
    encoder.str("message").str("not allowed");
    let refused = Reply::Http(403, "application/cbor", encoder.into_writer());
    let fake = Fake::script([refused]).await;
    let metrics = fake.ports().metrics;
    let error = metrics.query(&queries(), at(0), at(60)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert_eq!(error.operation, "cloudwatch:GetMetricData");
}

fn datum(value: f64) -> MetricDatum {
    MetricDatum {
        name: "Drift".to_owned(),
        dimensions: BTreeMap::from([("Severity".to_owned(), "critical".to_owned())]),
        value,
        unit: "Count".to_owned(),
        at: at(60),
    }
}

fn stored() -> Reply {
    Reply::Http(200, "application/cbor", vec![0xa0])
}

#[tokio::test]
async fn values_are_put_with_their_unit_and_time() {
    let fake = Fake::script([stored()]).await;
    let metrics = fake.ports().metrics;
    metrics.put("Switchyard", &[datum(2.5)]).await.unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].path,
        "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    );
    assert_eq!(
        decoded(&seen[0].body),
        json!({"Namespace": "Switchyard", "MetricData": [{
            "MetricName": "Drift", "Dimensions": [{"Name": "Severity", "Value": "critical"}],
            "Timestamp": 60, "Value": 2.5, "Unit": "Count"}]})
    );
}

#[tokio::test]
async fn more_values_than_a_call_takes_are_several_calls_and_none_is_no_call() {
    let fake = Fake::start(|_| stored()).await;
    let metrics = fake.ports().metrics;
    metrics.put("Switchyard", &[]).await.unwrap();
    assert_eq!(fake.seen().len(), 0);
    let values = vec![datum(1.0); 1001];
    metrics.put("Switchyard", &values).await.unwrap();
    let seen = fake.seen();
    assert_eq!(seen.len(), 2);
    // The large one is compressed.
    assert_eq!(seen[0].headers["content-encoding"], "gzip");
    let last = decoded(&seen[1].body);
    assert_eq!(last["MetricData"].as_array().unwrap().len(), 1);
}
