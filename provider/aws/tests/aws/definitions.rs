//! Task definitions: what goes over the wire is what was given, member for member.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchyard_aws::Aws;
use switchyard_engine::ports::{CpuArchitecture, ErrorKind, LogGroupReference, SecretReference};

use crate::fake::{Fake, NoProbes, RealClock, Reply, Seen, json as reply, json_error};

const PREFIX: &str = "AmazonEC2ContainerServiceV20141113.";
const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7";

/// A definition with members no build of this provider knows.
fn document() -> Value {
    json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:role/execution", "taskRoleArn": "arn:role/task",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "requiresCompatibilities": ["FARGATE"],
        "gravity": {"factor": 9.81, "inverted": false, "axes": ["x", "y"]},
        "containerDefinitions": [
            {
                "name": "web", "image": "web:1", "portMappings": [{"containerPort": 8080}],
                "environment": [{"name": "GREETING", "value": "gr\u{fc}ezi \u{2713}"}],
                "antimatter": "contained",
                "secrets": [{"name": "DB", "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:user::"}],
                "repositoryCredentials": {"credentialsParameter": "arn:aws:secretsmanager:eu-west-1:1:secret:hub"},
                "logConfiguration": {"logDriver": "awslogs",
                    "options": {"awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1",
                        "awslogs-stream-prefix": "web", "awslogs-create-group": "true"},
                    "secretOptions": [{"name": "key", "valueFrom": "/shop/key"}]}
            },
            {"name": "side", "image": "side:1", "logConfiguration": {"logDriver": "splunk"}}
        ]
    })
}

fn described() -> Value {
    let mut definition = document();
    definition["taskDefinitionArn"] = json!(ARN);
    definition["revision"] = json!(7);
    definition["status"] = json!("ACTIVE");
    definition
}

fn answer(definition: Value) -> Reply {
    reply(json!({"taskDefinition": definition, "tags": [{"key": "team", "value": "shop"}]}))
}

#[tokio::test]
async fn a_definition_is_read_with_everything_tasks_need() {
    let fake = Fake::script([answer(described())]).await;
    let services = fake.ports().services;
    let found = services.find_task_definition(ARN).await.unwrap().unwrap();
    assert_eq!(found.document, described());
    assert_eq!(
        (found.cpu.as_deref(), found.memory.as_deref()),
        (Some("256"), Some("512"))
    );
    assert_eq!(found.cpu_architecture, Some(CpuArchitecture::Arm64));
    assert_eq!(found.execution_role.as_deref(), Some("arn:role/execution"));
    assert_eq!(found.task_role.as_deref(), Some("arn:role/task"));
    assert_eq!(found.tags["team"], "shop");
    let secret = |from: &str| SecretReference {
        container: "web".to_owned(),
        from: from.to_owned(),
    };
    assert_eq!(
        found.secrets,
        [
            secret("arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:user::"),
            secret("/shop/key"),
            secret("arn:aws:secretsmanager:eu-west-1:1:secret:hub"),
        ]
    );
    assert_eq!(
        found.log_groups,
        [LogGroupReference {
            container: "web".to_owned(),
            group: "/ecs/web".to_owned(),
            region: Some("eu-west-1".to_owned()),
            stream_prefix: Some("web".to_owned()),
            creates_group: true,
        }]
    );
    assert_eq!(
        fake.seen()[0].json(),
        json!({"taskDefinition": ARN, "include": ["TAGS"]})
    );
}

#[tokio::test]
async fn members_this_build_does_not_know_survive_the_way_through() {
    let fake = Fake::script([answer(described()), answer(described())]).await;
    let services = fake.ports().services;
    let found = services.find_task_definition(ARN).await.unwrap().unwrap();
    let mut input = found.document;
    for output_only in ["taskDefinitionArn", "revision", "status"] {
        input.as_object_mut().unwrap().remove(output_only);
    }
    let tags = BTreeMap::from([("team".to_owned(), "shop".to_owned())]);
    let registered = services
        .register_task_definition(&input, &tags)
        .await
        .unwrap();
    assert_eq!((registered.arn.as_str(), registered.revision), (ARN, 7));
    assert_eq!(registered.document["gravity"]["factor"], 9.81);

    let seen = fake.seen().remove(1);
    assert_eq!(seen.target(), format!("{PREFIX}RegisterTaskDefinition"));
    let mut expected = document();
    expected["tags"] = json!([{"key": "team", "value": "shop"}]);
    assert_eq!(seen.json(), expected);
    assert_eq!(seen.headers["content-length"], seen.body.len().to_string());
    assert_eq!(
        signature(&seen, "secret-key"),
        seen.headers["authorization"].rsplit_once('=').unwrap().1
    );
}

#[tokio::test]
async fn without_tags_exactly_the_document_is_sent() {
    let fake = Fake::script([answer(described())]).await;
    let services = fake.ports().services;
    let none = BTreeMap::new();
    services
        .register_task_definition(&document(), &none)
        .await
        .unwrap();
    assert_eq!(fake.seen()[0].json(), document());
    let error = services
        .register_task_definition(&json!("text"), &none)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_registration_is_repeated_only_when_aws_certainly_refused_it() {
    let throttled = json_error(400, "ThrottlingException", "Rate exceeded");
    for (first, expected, calls) in [
        (throttled, None, 2),
        (Reply::HangUp, Some(ErrorKind::Timeout), 1),
    ] {
        let fake = Fake::script([first, answer(described())]).await;
        let mut config = fake.config();
        config.max_retries = Some(2);
        let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
        let answer = ports
            .services
            .register_task_definition(&document(), &BTreeMap::new())
            .await;
        assert_eq!(answer.err().map(|error| error.kind), expected);
        let seen = fake.seen();
        assert_eq!(seen.len(), calls);
        // What is sent again is the document, too, and signed again.
        for seen in seen {
            assert_eq!(seen.json(), document());
            assert!(seen.headers["authorization"].ends_with(&signature(&seen, "secret-key")));
        }
    }
}

#[tokio::test]
async fn a_refused_document_says_what_aws_said() {
    let refused = json_error(400, "ClientException", "Invalid 'cpu' setting for task.");
    let fake = Fake::script([refused]).await;
    let error = fake
        .ports()
        .services
        .register_task_definition(&document(), &BTreeMap::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert_eq!(
        error.to_string(),
        "ecs:RegisterTaskDefinition on web failed: Invalid 'cpu' setting for task."
    );
}

#[tokio::test]
async fn active_revisions_are_listed_newest_first_over_all_pages() {
    let fake = Fake::script([
        reply(json!({"taskDefinitionArns": ["arn:web:9", "arn:web:8"], "nextToken": "more"})),
        reply(json!({"taskDefinitionArns": ["arn:web:7"]})),
    ])
    .await;
    let found = fake.ports().services.list_task_definitions("web").await;
    assert_eq!(found.unwrap(), ["arn:web:9", "arn:web:8", "arn:web:7"]);
    let seen = fake.seen();
    assert_eq!(
        seen[0].json(),
        json!({"familyPrefix": "web", "status": "ACTIVE", "sort": "DESC", "maxResults": 100})
    );
    assert_eq!(seen[1].json()["nextToken"], "more");
}

#[tokio::test]
async fn deregistering_is_done_when_it_was_done_before() {
    let mut inactive = described();
    inactive["status"] = json!("INACTIVE");
    let fake = Fake::script([
        answer(described()),
        answer(inactive.clone()),
        json_error(
            400,
            "ClientException",
            "Unable to describe task definition.",
        ),
        json_error(400, "InvalidParameterException", "It is not active."),
        answer(inactive),
    ])
    .await;
    let services = fake.ports().services;
    assert!(
        services
            .find_task_definition(ARN)
            .await
            .unwrap()
            .unwrap()
            .is_active()
    );
    for _ in 0..3 {
        services.deregister_task_definition(ARN).await.unwrap();
    }
    assert_eq!(fake.seen()[1].json(), json!({"taskDefinition": ARN}));
    // What was remembered from before is forgotten.
    assert!(
        !services
            .find_task_definition(ARN)
            .await
            .unwrap()
            .unwrap()
            .is_active()
    );
}

#[tokio::test]
async fn a_revision_that_stays_active_was_not_deregistered() {
    let fake = Fake::script([
        json_error(400, "InvalidParameterException", "No."),
        answer(described()),
    ])
    .await;
    let error = fake
        .ports()
        .services
        .deregister_task_definition(ARN)
        .await
        .unwrap_err();
    assert_eq!(error.message, "No.");
}

#[tokio::test]
async fn changed_tags_of_a_definition_are_read_again() {
    let fake = Fake::script([answer(described()), reply(json!({})), answer(described())]).await;
    let services = fake.ports().services;
    services.find_task_definition(ARN).await.unwrap();
    let set = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
    let none = std::collections::BTreeSet::new();
    services.change_tags(ARN, &set, &none).await.unwrap();
    services.find_task_definition(ARN).await.unwrap();
    assert_eq!(fake.seen().len(), 3);
}

/// Signature version 4 of the request as it arrived.
fn signature(seen: &Seen, secret: &str) -> String {
    let authorization = &seen.headers["authorization"];
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(name).unwrap();
        rest.split(',').next().unwrap().to_owned()
    };
    let credential = part("Credential=");
    let (_, scope) = credential.split_once('/').unwrap();
    let signed = part("SignedHeaders=");
    let headers = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", seen.headers[name].trim()))
        .collect::<String>();
    let canonical = format!(
        "{}\n{}\n\n{headers}\n{signed}\n{}",
        seen.method,
        seen.path,
        hex(&Sha256::digest(&seen.body))
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        seen.headers["x-amz-date"],
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let key = scope
        .split('/')
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            hmac(&key, part.as_bytes())
        });
    hex(&hmac(&key, to_sign.as_bytes()))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = block.map(|byte| byte ^ 0x36);
    let outer = block.map(|byte| byte ^ 0x5c);
    let inside = Sha256::digest([&inner, message].concat());
    Sha256::digest([outer.as_slice(), inside.as_slice()].concat()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
