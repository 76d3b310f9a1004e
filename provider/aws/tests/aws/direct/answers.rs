//! Every operation that is called without a client crate: the request is as AWS's model has it, and the answers that the AWS
//! command line documents are understood.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::{
    BusEvent, Database, DatabaseSnapshotStatus, ImageFound, SecretSource, TopicNotice,
};

use super::wire::Model;
use crate::documented::{Documents, Operation, elb, of};
use crate::fake::{Fake, Reply, Seen, json};

const EC2: &str = "2016-11-15";
const RDS: &str = "2014-10-31";
const SSM: &str = "2014-11-06";
const SECRETS: &str = "2017-10-17";
const ECR: &str = "2015-09-21";
const QUOTAS: &str = "2019-06-24";

/// What was asked for an operation, by its model.
#[track_caller]
fn asked(documents: &Documents, operation: Operation, seen: &[Seen]) -> Vec<Value> {
    let model = Model::new(documents.model(operation), operation.name);
    let of_it = seen
        .iter()
        .filter(|seen| crate::documented::asked(seen) == operation.name);
    let read: Vec<Value> = of_it.map(|seen| model.read(seen)).collect();
    assert!(!read.is_empty(), "{} was not called", operation.name);
    read
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let texts = values.into_iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[tokio::test]
async fn subnets_and_their_free_addresses() {
    let documents = Documents::installed().await;
    let operation = of("ec2", EC2, "DescribeSubnets");
    for answer in documents.answers(operation) {
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let subnets = answer["Subnets"].as_array().unwrap();
        let ids = texts(subnets.iter().map(|subnet| &subnet["SubnetId"]));
        let found = fake.ports().prerequisites.free_addresses(&ids).await;
        let found = found.unwrap();
        for subnet in subnets {
            let free = found[subnet["SubnetId"].as_str().unwrap()];
            assert_eq!(u64::from(free), subnet["AvailableIpAddressCount"]);
        }
        let input = &asked(&documents, operation, &fake.seen())[0];
        assert_eq!(input["Filters"][0]["Name"], "subnet-id");
        assert_eq!(
            texts(input["Filters"][0]["Values"].as_array().unwrap()),
            ids
        );
    }
}

#[tokio::test]
async fn routes_of_subnets() {
    let documents = Documents::installed().await;
    let routes = of("ec2", EC2, "DescribeRouteTables");
    let subnets = of("ec2", EC2, "DescribeSubnets");
    for answer in documents.answers(routes) {
        let vpc = answer["RouteTables"][0]["VpcId"].clone();
        let of_vpc = json!({ "Subnets": [{ "SubnetId": "subnet-1", "VpcId": vpc }] });
        let fake = documents
            .replayed(&[(routes, answer), (subnets, of_vpc)])
            .await;
        let found = fake.inspection().subnets(&set(&["subnet-1"])).await;
        let found = found.unwrap();
        assert_eq!(
            (found.len(), &found[0].vpc),
            (1, &vpc.as_str().unwrap().to_owned())
        );
        let input = &asked(&documents, routes, &fake.seen())[0];
        assert_eq!(
            input["Filters"],
            json!([{ "Name": "vpc-id", "Values": [vpc] }])
        );
    }
}

#[tokio::test]
async fn endpoints_of_networks() {
    let documents = Documents::installed().await;
    let operation = of("ec2", EC2, "DescribeVpcEndpoints");
    for answer in documents.answers(operation) {
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let found = fake.inspection().endpoints("vpc-1").await.unwrap();
        let all = answer["VpcEndpoints"].as_array().unwrap().iter();
        let available = all.filter(|endpoint| endpoint["State"] == "available");
        assert_eq!(
            found,
            texts(available.map(|endpoint| &endpoint["ServiceName"]))
        );
        asked(&documents, operation, &fake.seen());
    }
}

#[tokio::test]
async fn openings_of_security_groups() {
    let documents = Documents::installed().await;
    let operation = of("ec2", EC2, "DescribeSecurityGroups");
    let mut rules = 0;
    for answer in documents.repaired_answers(operation) {
        let Some(groups) = answer["SecurityGroups"].as_array() else {
            continue;
        };
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let found = fake.inspection().openings(&set(&["sg-1"])).await.unwrap();
        let permissions: Vec<&Value> = groups
            .iter()
            .flat_map(|group| group["IpPermissions"].as_array().into_iter().flatten())
            .collect();
        assert_eq!(found.len(), permissions.len());
        for (opening, permission) in found.iter().zip(permissions) {
            assert_eq!(opening.protocol, permission["IpProtocol"]);
            let pairs = permission["UserIdGroupPairs"]
                .as_array()
                .into_iter()
                .flatten();
            assert_eq!(opening.groups, texts(pairs.map(|pair| &pair["GroupId"])));
            rules += 1;
        }
        asked(&documents, operation, &fake.seen());
    }
    assert!(rules > 0);
}

#[tokio::test]
async fn simulated_policies_and_who_calls() {
    let documents = Documents::installed().await;
    let operation = of("iam", "2010-05-08", "SimulatePrincipalPolicy");
    let caller = "arn:aws:iam::123456789012:user/alejandro";
    for answer in documents.answers(operation) {
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let results = answer["EvaluationResults"].as_array().unwrap();
        let denied = results.iter().filter(|it| it["EvalDecision"] != "allowed");
        let actions = ["codecommit:ListRepositories".to_owned()];
        let found = fake.inspection().denied_actions(caller, &actions).await;
        assert_eq!(
            found.unwrap(),
            texts(denied.map(|it| &it["EvalActionName"]))
        );
        let input = &asked(&documents, operation, &fake.seen())[0];
        assert_eq!(input["PolicySourceArn"], caller);
        assert_eq!(input["ActionNames"], json!(actions));
    }
    let operation = of("sts", "2011-06-15", "GetCallerIdentity");
    for answer in documents.answers(operation) {
        let fake = documents.replayed(&[(operation, answer.clone())]).await;
        let found = fake.inspection().caller().await.unwrap();
        assert_eq!(
            (json!(found.account), json!(found.arn)),
            (answer["Account"].clone(), answer["Arn"].clone())
        );
        asked(&documents, operation, &fake.seen());
    }
}

#[tokio::test]
async fn snapshots_of_databases() {
    let documents = Documents::installed().await;
    let tags = BTreeMap::from([
        ("b".to_owned(), "2".to_owned()),
        ("a".to_owned(), "1".to_owned()),
    ]);
    for (create, describe, of_what, member) in [
        (
            "CreateDBSnapshot",
            "DescribeDBSnapshots",
            Database::Instance("shop".to_owned()),
            "DBSnapshot",
        ),
        (
            "CreateDBClusterSnapshot",
            "DescribeDBClusterSnapshots",
            Database::Cluster("shop".to_owned()),
            "DBClusterSnapshot",
        ),
    ] {
        let operation = of("rds", RDS, create);
        for answer in documents.answers(operation) {
            let fake = documents.replayed(&[(operation, answer.clone())]).await;
            let databases = fake.ports().databases;
            let made = databases
                .create_snapshot(&of_what, "shop-1", &tags)
                .await
                .unwrap();
            let shown = &answer[member];
            assert_eq!(made.arn, shown[format!("{member}Arn")]);
            assert_eq!(
                made.status,
                DatabaseSnapshotStatus::parse(shown["Status"].as_str().unwrap())
            );
            let input = &asked(&documents, operation, &fake.seen())[0];
            assert_eq!(input[format!("{member}Identifier")], "shop-1");
            assert_eq!(
                input["Tags"],
                json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }])
            );
        }
        let operation = of("rds", RDS, describe);
        let list = format!("{member}s");
        for answer in documents.answers(operation) {
            let fake = documents.replayed(&[(operation, answer.clone())]).await;
            let found = fake
                .ports()
                .databases
                .find_snapshot(&of_what, "shop-1")
                .await;
            let found = found.unwrap().unwrap();
            assert_eq!(found.arn, answer[&list][0][format!("{member}Arn")]);
            asked(&documents, operation, &fake.seen());
        }
    }
}

#[tokio::test]
async fn notices_for_topics_and_buses() {
    let documents = Documents::installed().await;
    let publish = of("sns", "2010-03-31", "Publish");
    let notice = TopicNotice {
        topic: "arn:aws:sns:eu-west-1:123456789012:releases".to_owned(),
        subject: "web is live".to_owned(),
        message: "{\"a\": \"1&2\"}".to_owned(),
        kind: "succeeded".to_owned(),
    };
    for answer in documents.answers(publish) {
        let fake = documents.replayed(&[(publish, answer)]).await;
        fake.ports().notices.publish(&notice).await.unwrap();
        let input = &asked(&documents, publish, &fake.seen())[0];
        assert_eq!(input["Message"], notice.message);
        let attribute =
            json!({ "key": "type", "value": { "DataType": "String", "StringValue": "succeeded" } });
        assert_eq!(input["MessageAttributes"], json!([attribute]));
    }
    let put = of("events", "2015-10-07", "PutEvents");
    let fake = documents
        .replayed(&[(
            put,
            json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] }),
        )])
        .await;
    let event = BusEvent {
        bus: "ops".to_owned(),
        source: "switchyard".to_owned(),
        detail_type: "deployment".to_owned(),
        detail: "{}".to_owned(),
        at: "2026-03-02T10:00:00Z".parse().unwrap(),
    };
    fake.ports().notices.put_event(&event).await.unwrap();
    let input = &asked(&documents, put, &fake.seen())[0];
    assert_eq!(input["Entries"][0]["Time"], event.at.as_second());
}

#[tokio::test]
async fn certificates_of_listeners() {
    let documents = Documents::installed().await;
    let operation = of("acm", "2015-12-08", "DescribeCertificate");
    for answer in documents.answers(operation) {
        let arn = answer["Certificate"]["CertificateArn"].clone();
        let listeners = json!({ "Listeners": [{ "Certificates": [{ "CertificateArn": arn }] }] });
        let fake = documents
            .replayed(&[
                (operation, answer.clone()),
                (elb("DescribeListeners"), listeners),
            ])
            .await;
        let found = fake
            .inspection()
            .certificates("arn:balancer")
            .await
            .unwrap();
        assert_eq!(found[0].domain, answer["Certificate"]["DomainName"]);
        assert_eq!(
            asked(&documents, operation, &fake.seen())[0]["CertificateArn"],
            arn
        );
    }
}

#[tokio::test]
async fn images_in_registries() {
    let documents = Documents::installed().await;
    let (get, url) = (
        of("ecr", ECR, "BatchGetImage"),
        of("ecr", ECR, "GetDownloadUrlForLayer"),
    );
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:v1";
    let mut found_any = false;
    for answer in documents.answers(get) {
        // Where the configuration is would be an address outside of this machine: nobody answers that.
        let fake = documents.replayed(&[(get, answer.clone())]).await;
        let found = fake.ports().prerequisites.find_image(image).await.unwrap();
        let ImageFound::Present { digest, .. } = found else {
            panic!("{found:?}");
        };
        assert_eq!(digest, answer["images"][0]["imageId"]["imageDigest"]);
        found_any = true;
        let input = &asked(&documents, get, &fake.seen())[0];
        assert_eq!(input["imageIds"], json!([{ "imageTag": "v1" }]));
        let model = Model::new(documents.model(url), url.name);
        for seen in fake
            .seen()
            .iter()
            .filter(|seen| seen.target().ends_with(url.name))
        {
            model.read(seen);
        }
    }
    assert!(found_any);
}

#[tokio::test]
async fn secrets_and_parameters() {
    let documents = Documents::installed().await;
    let secret = "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestSecret-a1b2c3";
    let (describe, get) = (
        of("secretsmanager", SECRETS, "DescribeSecret"),
        of("secretsmanager", SECRETS, "GetSecretValue"),
    );
    for answer in documents.answers(describe) {
        let fake = documents.replayed(&[(describe, answer)]).await;
        assert!(
            fake.ports()
                .prerequisites
                .secret_exists(secret)
                .await
                .unwrap()
        );
        assert_eq!(
            asked(&documents, describe, &fake.seen())[0]["SecretId"],
            secret
        );
    }
    for answer in documents.answers(get) {
        let fake = documents.replayed(&[(get, answer)]).await;
        let source = SecretSource::Aws(secret.to_owned());
        fake.ports().notices.reveal(&source).await.unwrap();
        asked(&documents, get, &fake.seen());
        // A secret is in the region that its ARN names, which need not be ours.
        let signature = &fake.seen()[0].headers["authorization"];
        assert!(
            signature.contains("/us-west-2/secretsmanager/"),
            "{signature}"
        );
    }
    let (list, get) = (
        of("ssm", SSM, "DescribeParameters"),
        of("ssm", SSM, "GetParameter"),
    );
    for answer in documents.answers(list) {
        let fake = documents.replayed(&[(list, answer)]).await;
        assert!(
            fake.ports()
                .prerequisites
                .secret_exists("/shop/token")
                .await
                .unwrap()
        );
        asked(&documents, list, &fake.seen());
    }
    for answer in documents.answers(get) {
        let fake = documents.replayed(&[(get, answer)]).await;
        let source =
            SecretSource::Aws("arn:aws:ssm:us-west-2:123456789012:parameter/token".to_owned());
        fake.ports().notices.reveal(&source).await.unwrap();
        asked(&documents, get, &fake.seen());
        let signature = &fake.seen()[0].headers["authorization"];
        assert!(signature.contains("/us-west-2/ssm/"), "{signature}");
    }
}

#[tokio::test]
async fn quotas() {
    let documents = Documents::installed().await;
    for name in ["GetServiceQuota", "GetAWSDefaultServiceQuota"] {
        let operation = of("service-quotas", QUOTAS, name);
        for mut answer in documents.answers(operation) {
            // Its metric would be asked for its use.
            answer["Quota"]
                .as_object_mut()
                .unwrap()
                .remove("UsageMetric");
            let missing = of("service-quotas", QUOTAS, "GetServiceQuota");
            let mut answers = vec![(operation, answer.clone())];
            if operation.name != missing.name {
                answers.push((missing, json!({})));
            }
            let fake = documents.replayed(&answers).await;
            let found = fake.ports().prerequisites.fargate_vcpus().await;
            assert_eq!(
                found.unwrap().unwrap().limit,
                answer["Quota"]["Value"].as_f64().unwrap()
            );
            asked(&documents, operation, &fake.seen());
        }
    }
}

#[tokio::test]
async fn functions_are_invoked() {
    let documents = Documents::installed().await;
    let operation = of("lambda", "2015-03-31", "Invoke");
    let event = json!({ "revision": "web:2" });
    let fake = Fake::script([
        json(json!({ "status": "Succeeded" })),
        Reply::With(
            200,
            ("x-amz-function-error", "Unhandled".to_owned()),
            b"{}".to_vec(),
        ),
    ])
    .await;
    let functions = fake.ports().functions;
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:judge:live";
    let limit = Duration::from_secs(10);
    let good = functions.invoke(function, &event, limit).await.unwrap();
    assert_eq!(
        (good.error, good.payload.as_str()),
        (None, "{\"status\":\"Succeeded\"}")
    );
    let bad = functions.invoke("judge", &event, limit).await.unwrap();
    assert_eq!(bad.error.as_deref(), Some("Unhandled"));
    let model = Model::new(documents.model(operation), operation.name);
    let seen = fake.seen();
    let inputs = [model.read(&seen[0]), model.read(&seen[1])];
    assert_eq!(
        inputs.each_ref().map(|it| it["FunctionName"].clone()),
        [json!(function), json!("judge")]
    );
    assert_eq!(inputs[0]["Payload"], event.to_string());
}
