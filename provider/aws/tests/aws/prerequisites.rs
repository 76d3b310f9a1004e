//! Secrets, parameters, log groups and quota (JSON 1.1).

use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use serde_json::json;
use switchyard_engine::ports::{ErrorKind, Quota};

use crate::fake::{Fake, Reply, json as reply, json_error};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

#[tokio::test]
async fn a_secret_is_described_never_read() {
    let described = json!({"ARN": SECRET, "Name": "db"});
    let deleted = json!({"ARN": SECRET, "Name": "db", "DeletedDate": 1_700_000_000.0});
    let gone = json_error(400, "ResourceNotFoundException", "can't find the secret");
    let denied = json_error(400, "AccessDeniedException", "not allowed");
    let fake = Fake::script([reply(described), reply(deleted), gone, denied]).await;
    let prerequisites = fake.ports().prerequisites;
    let reference = format!("{SECRET}:password::");
    for exists in [true, false, false] {
        assert_eq!(
            prerequisites.secret_exists(&reference).await.unwrap(),
            exists
        );
    }
    let error = prerequisites.secret_exists(&reference).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    for seen in fake.seen() {
        assert_eq!(seen.target(), "secretsmanager.DescribeSecret");
        assert_eq!(seen.json(), json!({"SecretId": SECRET}));
        assert!(seen.headers["authorization"].contains("/us-east-1/secretsmanager/"));
    }
}

fn parameters(names: &[&str], next: Option<&str>) -> Reply {
    let list = names.iter().map(|name| {
        json!({"Name": name, "ARN": format!("arn:aws:ssm:us-east-1:123456789012:parameter/{name}")})
    });
    let mut answer = json!({"Parameters": list.collect::<Vec<_>>()});
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    reply(answer)
}

#[tokio::test]
async fn a_parameter_is_looked_for_by_name_over_empty_pages() {
    let fake = Fake::script([
        parameters(&[], Some("more")),
        parameters(&["/shop/db"], None),
    ])
    .await;
    let prerequisites = fake.ports().prerequisites;
    assert!(prerequisites.secret_exists("/shop/db").await.unwrap());
    let seen = fake.seen();
    assert_eq!(seen[0].target(), "AmazonSSM.DescribeParameters");
    assert_eq!(
        seen[0].json(),
        json!({"MaxResults": 50,
            "ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": ["/shop/db"]}]})
    );
    assert_eq!(seen[1].json()["NextToken"], "more");
    assert!(seen[0].headers["authorization"].contains("/eu-west-1/ssm/"));
}

#[tokio::test]
async fn a_parameter_named_by_arn_is_asked_for_in_its_region_with_and_without_slash() {
    let fake = Fake::script([parameters(&["db"], None)]).await;
    let prerequisites = fake.ports().prerequisites;
    let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/db:3";
    assert!(prerequisites.secret_exists(arn).await.unwrap());
    let seen = fake.seen();
    assert_eq!(
        seen[0].json()["ParameterFilters"][0]["Values"],
        json!(["/db", "db"])
    );
    assert!(seen[0].headers["authorization"].contains("/us-east-1/ssm/"));
}

#[tokio::test]
async fn a_parameter_of_another_account_is_found_among_the_shared_ones() {
    let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/shared/db";
    for (shared, exists) in [(&["other", "shared/db"][..], true), (&["other"], false)] {
        let fake = Fake::script([parameters(&[], None), parameters(shared, None)]).await;
        let prerequisites = fake.ports().prerequisites;
        assert_eq!(prerequisites.secret_exists(arn).await.unwrap(), exists);
        assert_eq!(
            fake.seen()[1].json(),
            json!({"MaxResults": 50, "Shared": true})
        );
    }
    let fake = Fake::script([parameters(&[], None)]).await;
    assert!(
        !fake
            .ports()
            .prerequisites
            .secret_exists("/db")
            .await
            .unwrap()
    );
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_log_group_is_found_by_its_whole_name() {
    let groups = |names: &[&str], next: Option<&str>| {
        let list: Vec<_> = names
            .iter()
            .map(|name| json!({"logGroupName": name}))
            .collect();
        match next {
            Some(next) => reply(json!({"logGroups": list, "nextToken": next})),
            None => reply(json!({"logGroups": list})),
        }
    };
    let fake = Fake::script([
        groups(&["/ecs/web-old"], Some("more")),
        groups(&["/ecs/web"], None),
        groups(&["/ecs/web-old"], None),
    ])
    .await;
    let prerequisites = fake.ports().prerequisites;
    assert!(prerequisites.log_group_exists("/ecs/web").await.unwrap());
    let far = "arn:aws:logs:us-east-1::log-group:/ecs/web";
    assert!(!prerequisites.log_group_exists(far).await.unwrap());
    let seen = fake.seen();
    assert_eq!(seen[0].target(), "Logs_20140328.DescribeLogGroups");
    assert_eq!(seen[0].json(), json!({"logGroupNamePrefix": "/ecs/web"}));
    assert_eq!(
        seen[1].json(),
        json!({"logGroupNamePrefix": "/ecs/web", "nextToken": "more"})
    );
    assert_eq!(seen[2].json(), json!({"logGroupNamePrefix": "/ecs/web"}));
    assert!(seen[2].headers["authorization"].contains("/us-east-1/logs/"));
}

#[tokio::test]
async fn the_last_lines_of_a_stream_come_oldest_first() {
    let empty = json!({"events": [], "nextBackwardToken": "b/1", "nextForwardToken": "f/1"});
    let lines = json!({"events": [{"message": "one", "timestamp": 1}, {"message": "two", "timestamp": 2}],
        "nextBackwardToken": "b/2"});
    let fake = Fake::script([reply(empty), reply(lines)]).await;
    let prerequisites = fake.ports().prerequisites;
    let found = prerequisites
        .last_log_lines("/ecs/web", "web/web/1", 2)
        .await;
    assert_eq!(found.unwrap(), ["one", "two"]);
    let seen = fake.seen();
    assert_eq!(seen[0].target(), "Logs_20140328.GetLogEvents");
    assert_eq!(
        seen[0].json(),
        json!({"logGroupName": "/ecs/web", "logStreamName": "web/web/1", "startFromHead": false, "limit": 2})
    );
    assert_eq!(seen[1].json()["nextToken"], "b/1");
}

#[tokio::test]
async fn a_stream_that_does_not_exist_or_is_empty_has_no_lines() {
    let empty = || reply(json!({"events": [], "nextBackwardToken": "b/1"}));
    let gone = json_error(
        400,
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    );
    let fake = Fake::script([gone, empty(), empty()]).await;
    let prerequisites = fake.ports().prerequisites;
    for _ in 0..2 {
        let found = prerequisites
            .last_log_lines("/ecs/web", "web/web/1", 2)
            .await;
        assert_eq!(found.unwrap(), Vec::<String>::new());
    }
    assert_eq!(fake.seen().len(), 3);
}

fn quota() -> Reply {
    reply(
        json!({"Quota": {"ServiceCode": "fargate", "QuotaCode": "L-3032A538", "Value": 140.0, "UsageMetric": {
        "MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount",
        "MetricDimensions": {"Class": "Standard/OnDemand", "Resource": "vCPU", "Service": "Fargate", "Type": "Resource"},
        "MetricStatisticRecommendation": "Maximum"}}}),
    )
}

fn usage(values: &[f64]) -> Reply {
    let now = jiff::Timestamp::now().as_second();
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(1).str("MetricDataResults").array(1);
    encoder.map(3).str("Id").str("used");
    encoder.str("Timestamps").array(values.len());
    for (age, _) in (1_i64..).zip(values).collect::<Vec<_>>().into_iter().rev() {
        encoder.timestamp(&DateTime::from_secs(now - 60 * age));
    }
    encoder.str("Values").array(values.len());
    for value in values {
        encoder.double(*value);
    }
    Reply::Http(200, "application/cbor", encoder.into_writer())
}

#[tokio::test]
async fn fargate_has_a_quota_and_its_latest_use() {
    let fake = Fake::script([quota(), usage(&[12.0, 14.5])]).await;
    let found = fake.ports().prerequisites.fargate_vcpus().await.unwrap();
    assert_eq!(
        found,
        Some(Quota {
            limit: 140.0,
            used: Some(14.5)
        })
    );
    let seen = fake.seen();
    assert_eq!(seen[0].target(), "ServiceQuotasV20190624.GetServiceQuota");
    assert_eq!(
        seen[0].json(),
        json!({"ServiceCode": "fargate", "QuotaCode": "L-3032A538"})
    );
}

#[tokio::test]
async fn a_quota_that_was_never_changed_is_the_default() {
    let none = || json_error(400, "NoSuchResourceException", "no applied value");
    let fake = Fake::script([none(), quota(), usage(&[]), none(), none()]).await;
    let prerequisites = fake.ports().prerequisites;
    assert_eq!(
        prerequisites.fargate_vcpus().await.unwrap(),
        Some(Quota {
            limit: 140.0,
            used: None
        })
    );
    assert_eq!(
        fake.seen()[1].target(),
        "ServiceQuotasV20190624.GetAWSDefaultServiceQuota"
    );
    assert_eq!(prerequisites.fargate_vcpus().await.unwrap(), None);
}

#[tokio::test]
async fn without_the_right_to_read_metrics_the_use_is_not_known() {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(1).str("__type").str("AccessDenied");
    let denied = Reply::Http(403, "application/cbor", encoder.into_writer());
    let fake = Fake::script([quota(), denied]).await;
    let found = fake.ports().prerequisites.fargate_vcpus().await.unwrap();
    assert_eq!(found.unwrap().used, None);
}

/// A warning about room is not worth waiting for.
#[tokio::test]
async fn a_quota_that_aws_does_not_tell_is_asked_for_once() {
    for (status, code) in [(500, "ServiceException"), (429, "TooManyRequestsException")] {
        let fake = Fake::start(move |_| json_error(status, code, "not now")).await;
        let error = fake.patient_ports().prerequisites.fargate_vcpus().await;
        assert!(error.unwrap_err().kind.is_transient(), "{code}");
        assert_eq!(fake.seen().len(), 1, "{code}");
    }
    let fake = Fake::script([quota(), Reply::Http(500, "application/cbor", Vec::new())]).await;
    let prerequisites = fake.patient_ports().prerequisites;
    let found = prerequisites.fargate_vcpus().await.unwrap();
    assert_eq!(found.unwrap().used, None);
    assert_eq!(fake.seen().len(), 2);
}
