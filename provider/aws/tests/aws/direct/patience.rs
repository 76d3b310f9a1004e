//! Calls without a client crate that are refused, cut into pages, throttled or lost.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use switchyard_engine::ports::{Database, Result};

use super::wire::Model;
use crate::documented::{Documents, Operation, of};
use crate::fake::{Fake, Reply, json, json_error, xml, xml_error};

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// Asks for something by each of these operations.
async fn ask(fake: &Fake, operation: &str) -> Result<()> {
    let (ports, inspection) = (fake.ports(), fake.inspection());
    let user = "arn:aws:iam::123456789012:user/me";
    let database = Database::Instance("shop".to_owned());
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf";
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v1";
    match operation {
        "DescribeSubnets" => ports
            .prerequisites
            .free_addresses(&set(&["subnet-1"]))
            .await
            .map(drop),
        "DescribeSecurityGroups" => inspection.openings(&set(&["sg-1"])).await.map(drop),
        "DescribeVpcEndpoints" => inspection.endpoints("vpc-1").await.map(drop),
        "SimulatePrincipalPolicy" => {
            let actions = ["ecs:ListClusters".to_owned()];
            inspection.denied_actions(user, &actions).await.map(drop)
        }
        "CreateDBSnapshot" => ports
            .databases
            .create_snapshot(&database, "a", &BTreeMap::new())
            .await
            .map(drop),
        "DescribeDBSnapshots" => ports
            .databases
            .find_snapshot(&database, "a")
            .await
            .map(drop),
        "BatchGetImage" => ports.prerequisites.find_image(image).await.map(drop),
        "DescribeSecret" => ports.prerequisites.secret_exists(secret).await.map(drop),
        "DescribeParameters" => ports.prerequisites.secret_exists("/a").await.map(drop),
        "Invoke" => {
            let event = json!({});
            let limit = Duration::from_secs(5);
            ports
                .functions
                .invoke("judge", &event, limit)
                .await
                .map(drop)
        }
        other => panic!("nobody asks {other}"),
    }
}

/// Absent objects are an answer and no error for those who ask whether they are there.
fn is_an_answer(code: &str) -> bool {
    code.contains("NotFound")
}

#[tokio::test]
async fn every_declared_error_keeps_its_code_and_its_message() {
    let documents = Documents::installed().await;
    let operations: [Operation; 6] = [
        of("iam", "2010-05-08", "SimulatePrincipalPolicy"),
        of("rds", "2014-10-31", "CreateDBSnapshot"),
        of("ecr", "2015-09-21", "BatchGetImage"),
        of("secretsmanager", "2017-10-17", "DescribeSecret"),
        of("ssm", "2014-11-06", "DescribeParameters"),
        of("lambda", "2015-03-31", "Invoke"),
    ];
    for operation in operations {
        let model = Model::new(documents.model(operation), operation.name);
        let codes = model.errors();
        assert!(!codes.is_empty(), "{}", operation.name);
        for code in codes {
            let reply = match model.is_json() {
                true => json_error(400, &code, "so it is"),
                false => xml_error(&code, "so it is"),
            };
            let fake = Fake::script([reply]).await;
            match ask(&fake, operation.name).await {
                Ok(()) => assert!(is_an_answer(&code), "{}: {code}", operation.name),
                Err(error) => {
                    assert_eq!(
                        (error.code.as_str(), error.message.as_str()),
                        (&*code, "so it is")
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn pages_of_ec2_are_read_to_the_last() {
    let page = |id: &str, token: &str| {
        xml(&format!(
            "<DescribeSubnetsResponse><subnetSet><item><subnetId>{id}</subnetId><availableIpAddressCount>7\
             </availableIpAddressCount></item></subnetSet>{token}</DescribeSubnetsResponse>"
        ))
    };
    let fake = Fake::script([
        page("subnet-1", "<nextToken>more</nextToken>"),
        page("subnet-2", ""),
    ])
    .await;
    let ids = set(&["subnet-1", "subnet-2"]);
    let found = fake
        .ports()
        .prerequisites
        .free_addresses(&ids)
        .await
        .unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    let documents = Documents::installed().await;
    let operation = of("ec2", "2016-11-15", "DescribeSubnets");
    let model = Model::new(documents.model(operation), operation.name);
    let seen = fake.seen();
    let tokens: Vec<_> = seen
        .iter()
        .map(|seen| model.read(seen)["NextToken"].clone())
        .collect();
    assert_eq!(tokens, [json!(null), json!("more")]);
}

#[tokio::test]
async fn pages_of_others_are_read_to_the_last() {
    let entry = |action: &str| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalDecision>implicitDeny</EvalDecision></member>"
        )
    };
    let page = |action: &str, rest: &str| {
        xml(&format!(
            "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{}</EvaluationResults>{rest}\
             </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>",
            entry(action)
        ))
    };
    let fake = Fake::script([
        page("ecs:A", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
        page("ecs:B", "<IsTruncated>false</IsTruncated>"),
    ])
    .await;
    let user = "arn:aws:iam::123456789012:user/me";
    let actions = ["ecs:A".to_owned(), "ecs:B".to_owned()];
    let denied = fake.inspection().denied_actions(user, &actions).await;
    assert_eq!(denied.unwrap(), set(&["ecs:A", "ecs:B"]));

    // A page may be empty and still not be the last one.
    let fake = Fake::script([
        json(json!({ "Parameters": [], "NextToken": "more" })),
        json(json!({ "Parameters": [{ "Name": "/a" }] })),
    ])
    .await;
    assert!(
        fake.ports()
            .prerequisites
            .secret_exists("/a")
            .await
            .unwrap()
    );
    let documents = Documents::installed().await;
    let operation = of("ssm", "2014-11-06", "DescribeParameters");
    let model = Model::new(documents.model(operation), operation.name);
    assert_eq!(model.read(&fake.seen()[1])["NextToken"], "more");
}

#[tokio::test]
async fn throttled_and_lost_reads_are_repeated() {
    let answer = || json(json!({ "Name": "a" }));
    for trouble in [
        json_error(400, "ThrottlingException", "slow down"),
        json_error(500, "InternalServiceError", "oh"),
        Reply::HangUp,
    ] {
        let fake = Fake::script([trouble, answer()]).await;
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf";
        let found = fake
            .patient_ports()
            .prerequisites
            .secret_exists(secret)
            .await;
        assert!(found.unwrap());
        assert_eq!(fake.seen().len(), 2);
    }
}

/// What was received may have been done.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_repeated_and_a_throttled_one_is() {
    let event = json!({});
    let limit = Duration::from_secs(5);
    let fake = Fake::script([Reply::HangUp, json(json!({}))]).await;
    let functions = fake.patient_ports().functions;
    let lost = functions.invoke("judge", &event, limit).await.unwrap_err();
    assert!(lost.kind.is_transient(), "{lost:?}");
    assert_eq!(fake.seen().len(), 1);

    let throttled = json_error(429, "TooManyRequestsException", "slow down");
    let fake = Fake::script([throttled, json(json!({}))]).await;
    let functions = fake.patient_ports().functions;
    functions.invoke("judge", &event, limit).await.unwrap();
    assert_eq!(fake.seen().len(), 2);
}
