//! ECS: JSON 1.1.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use switchyard_aws::Aws;
use switchyard_engine::ports::{
    Alternate, CapacityProvider, CircuitBreaker, Controller, DeploymentAlarms,
    DeploymentConfiguration, EcsStatus, ErrorKind, Launch, LaunchType, LoadBalancer, Network,
    NewService, Part, PropagateTags, ServiceChange, ServiceRef, StopType, Strategy,
};

use crate::fake::{Fake, NoProbes, RealClock, Reply, json as reply, json_error};

pub(crate) const PREFIX: &str = "AmazonEC2ContainerServiceV20141113.";

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

pub(crate) fn service(name: &str) -> Value {
    json!({
        "serviceArn": format!("arn:aws:ecs:eu-west-1:123456789012:service/main/{name}"),
        "serviceName": name,
        "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
        "status": "ACTIVE",
        "desiredCount": 3, "runningCount": 2, "pendingCount": 1,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7",
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {
            "strategy": "CANARY", "bakeTimeInMinutes": 5, "maximumPercent": 200, "minimumHealthyPercent": 100,
            "canaryConfiguration": {"canaryPercent": 12.5, "canaryBakeTimeInMinutes": 3},
            "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            "alarms": {"alarmNames": ["five-xx"], "enable": true, "rollback": true}
        },
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}},
        "loadBalancers": [{
            "targetGroupArn": "arn:tg/blue", "containerName": "web", "containerPort": 8080,
            "advancedConfiguration": {
                "alternateTargetGroupArn": "arn:tg/green", "productionListenerRule": "arn:rule/prod",
                "testListenerRule": "arn:rule/test", "roleArn": "arn:role"}}],
        "healthCheckGracePeriodSeconds": 60,
        "enableExecuteCommand": true, "enableECSManagedTags": true, "propagateTags": "SERVICE",
        "currentServiceDeployment": "arn:deployment/1",
        "currentServiceRevisions": [{"arn": "arn:revision/1", "runningTaskCount": 2}],
        "events": [{"id": "e-1", "createdAt": 1_700_000_000.5, "message": "steady"}],
        "tags": [{"key": "team", "value": "shop"}],
        "createdAt": 1_700_000_000.25
    })
}

#[tokio::test]
async fn finds_a_service_with_everything_it_shows() {
    let fake = Fake::script([reply(json!({"services": [service("web")], "failures": []}))]).await;
    let found = fake
        .ports()
        .services
        .find_service(&web())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.desired, found.running, found.pending), (3, 2, 1));
    assert_eq!(found.launch, Some(Launch::Type(LaunchType::Fargate)));
    let configuration = found.deployment_configuration.unwrap();
    assert_eq!(
        configuration.strategy,
        Strategy::Canary {
            percent: 12.5,
            bake_minutes: 3
        }
    );
    assert_eq!(
        found.load_balancers[0]
            .alternate
            .as_ref()
            .unwrap()
            .target_group,
        "arn:tg/green"
    );
    assert_eq!(found.events[0].at.as_millisecond(), 1_700_000_000_500);
    assert_eq!(
        found.tags,
        BTreeMap::from([("team".to_owned(), "shop".to_owned())])
    );
    assert_eq!(found.current_revisions, ["arn:revision/1"]);
    assert_eq!(found.propagate_tags, PropagateTags::Service);

    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}DescribeServices"));
    assert_eq!(
        seen[0].json(),
        json!({"cluster": "main", "services": ["web"], "include": ["TAGS"]})
    );
    assert!(
        seen[0].headers["user-agent"].contains("app/terraform-provider-switchyard-"),
        "{:?}",
        seen[0].headers
    );
    assert!(seen[0].headers["authorization"].contains("/eu-west-1/ecs/aws4_request"));
}

#[tokio::test]
async fn a_missing_service_is_none_and_a_missing_cluster_is_not_found() {
    let missing = json!({"services": [], "failures": [{"arn": "arn:web", "reason": "MISSING"}]});
    let no_cluster = json_error(
        400,
        "com.amazonaws.ecs#ClusterNotFoundException",
        "Cluster not found.",
    );
    let fake = Fake::script([reply(missing), no_cluster]).await;
    let ports = fake.ports();
    assert_eq!(ports.services.find_service(&web()).await.unwrap(), None);
    let error = ports.services.find_service(&web()).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::NotFound, "ClusterNotFoundException")
    );
    assert_eq!(error.request_id.as_deref(), Some("r-1"));
    assert_eq!(
        error.to_string(),
        "ecs:DescribeServices on web failed: Cluster not found."
    );
}

#[tokio::test]
async fn ten_concurrent_finds_in_one_cluster_are_one_call() {
    let fake = Fake::start(|seen| {
        let names = seen.json()["services"].as_array().unwrap().clone();
        reply(json!({"services": names.iter().map(|name| service(name.as_str().unwrap())).collect::<Vec<_>>()}))
    })
    .await;
    let ports = fake.ports();
    let names: Vec<String> = (0..10).map(|number| format!("web-{number}")).collect();
    let finds = names.iter().map(|name| {
        let (ports, service) = (
            ports.clone(),
            ServiceRef {
                cluster: "main".to_owned(),
                name: name.clone(),
            },
        );
        tokio::spawn(async move { ports.services.find_service(&service).await })
    });
    for (find, name) in futures::future::join_all(finds)
        .await
        .into_iter()
        .zip(&names)
    {
        assert_eq!(find.unwrap().unwrap().unwrap().name, *name);
    }
    assert_eq!(fake.seen().len(), 1);
}

const MAIN: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";

async fn described(fake: &Fake, clusters: [&str; 2]) -> Vec<Option<String>> {
    let ports = fake.ports();
    let finds = clusters.into_iter().zip(["web", "api"]);
    let finds = finds.map(|(cluster, name)| {
        let ports = ports.clone();
        let service = ServiceRef {
            cluster: cluster.to_owned(),
            name: name.to_owned(),
        };
        async move { ports.services.find_service(&service).await.unwrap() }
    });
    let found = futures::future::join_all(finds).await;
    found
        .into_iter()
        .map(|found| Some(found?.cluster_arn))
        .collect()
}

#[tokio::test]
async fn two_spellings_of_one_cluster_are_read_in_one_call() {
    let fake = Fake::start(|seen| {
        let names = seen.json()["services"].as_array().unwrap().clone();
        reply(json!({"services": names.iter().map(|name| service(name.as_str().unwrap())).collect::<Vec<_>>()}))
    })
    .await;
    let found = described(&fake, ["main", MAIN]).await;
    assert_eq!(found, [Some(MAIN.to_owned()), Some(MAIN.to_owned())]);
    let [seen] = fake.seen().try_into().unwrap();
    assert_eq!(seen.json()["cluster"], json!("main"));
}

#[tokio::test]
async fn a_cluster_of_the_same_name_elsewhere_is_not_taken_for_the_one_that_is_written() {
    let other = "arn:aws:ecs:us-east-1:210987654321:cluster/main";
    let fake = Fake::start(move |seen| {
        let body = seen.json();
        let found = |name: &Value| {
            let mut found = service(name.as_str().unwrap());
            if body["cluster"] == other {
                found["clusterArn"] = json!(other);
            }
            found
        };
        let names = body["services"].as_array().unwrap().iter();
        reply(json!({"services": names.map(found).collect::<Vec<_>>()}))
    })
    .await;
    let found = described(&fake, ["main", other]).await;
    assert_eq!(found, [Some(MAIN.to_owned()), Some(other.to_owned())]);
}

fn new_service() -> NewService {
    NewService {
        service: web(),
        client_token: "token-1".to_owned(),
        controller: Controller::Ecs,
        task_definition: Some("web:7".to_owned()),
        desired: 3,
        launch: Some(Launch::Type(LaunchType::Fargate)),
        platform_version: Some("LATEST".to_owned()),
        network: Some(Network {
            subnets: ["subnet-1".to_owned()].into(),
            security_groups: ["sg-1".to_owned()].into(),
            assign_public_ip: false,
        }),
        load_balancers: vec![LoadBalancer {
            target_group: "arn:tg/blue".to_owned(),
            container: "web".to_owned(),
            port: 8080,
            alternate: Some(Alternate {
                target_group: "arn:tg/green".to_owned(),
                production_rule: "arn:rule/prod".to_owned(),
                test_rule: Some("arn:rule/test".to_owned()),
                role: "arn:role".to_owned(),
            }),
        }],
        deployment_configuration: Some(DeploymentConfiguration {
            strategy: Strategy::Linear {
                percent: 10.0,
                bake_minutes: 1,
            },
            bake_minutes: Some(5),
            maximum_percent: Some(200),
            minimum_healthy_percent: Some(100),
            circuit_breaker: Some(CircuitBreaker {
                enable: true,
                rollback: true,
                threshold: None,
                reset_on_healthy_task: None,
            }),
            hooks: None,
            alarms: Some(DeploymentAlarms {
                names: ["five-xx".to_owned()].into(),
                enable: true,
                rollback: true,
            }),
        }),
        health_check_grace_seconds: Some(60),
        enable_execute_command: false,
        enable_managed_tags: true,
        propagate_tags: PropagateTags::Service,
        tags: [("team".to_owned(), "shop".to_owned())].into(),
        parts: [].into(),
    }
}

#[tokio::test]
async fn creates_a_service_with_exactly_what_was_asked() {
    let fake = Fake::script([reply(json!({"service": service("web")}))]).await;
    fake.ports()
        .services
        .create_service(&new_service())
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}CreateService"));
    assert_eq!(
        seen[0].json(),
        json!({
            "cluster": "main", "serviceName": "web", "clientToken": "token-1", "taskDefinition": "web:7",
            "desiredCount": 3, "launchType": "FARGATE", "platformVersion": "LATEST",
            "deploymentController": {"type": "ECS"},
            "networkConfiguration": {"awsvpcConfiguration": {
                "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}},
            "loadBalancers": [{
                "targetGroupArn": "arn:tg/blue", "containerName": "web", "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": "arn:tg/green", "productionListenerRule": "arn:rule/prod",
                    "testListenerRule": "arn:rule/test", "roleArn": "arn:role"}}],
            "deploymentConfiguration": {
                "strategy": "LINEAR", "bakeTimeInMinutes": 5, "maximumPercent": 200, "minimumHealthyPercent": 100,
                "linearConfiguration": {"stepPercent": 10.0, "stepBakeTimeInMinutes": 1},
                "deploymentCircuitBreaker": {"enable": true, "rollback": true},
                "alarms": {"alarmNames": ["five-xx"], "enable": true, "rollback": true}},
            "healthCheckGracePeriodSeconds": 60, "enableExecuteCommand": false, "enableECSManagedTags": true,
            "propagateTags": "SERVICE", "tags": [{"key": "team", "value": "shop"}]
        })
    );
}

#[tokio::test]
async fn strategies_are_not_sent_to_other_controllers() {
    let fake = Fake::script([reply(json!({"service": service("web")}))]).await;
    let mut new = NewService {
        controller: Controller::CodeDeploy,
        ..new_service()
    };
    new.deployment_configuration.as_mut().unwrap().hooks = Some(Vec::new());
    fake.ports().services.create_service(&new).await.unwrap();
    let sent = fake.seen()[0].json();
    assert_eq!(sent["deploymentController"], json!({"type": "CODE_DEPLOY"}));
    assert_eq!(sent["deploymentConfiguration"].get("strategy"), None);
    assert_eq!(sent["deploymentConfiguration"].get("lifecycleHooks"), None);
}

#[tokio::test]
async fn an_update_of_percentages_names_no_strategy() {
    let fake = Fake::script([reply(json!({"service": service("web")}))]).await;
    let change = ServiceChange {
        deployment_configuration: new_service().deployment_configuration.map(|wanted| {
            DeploymentConfiguration {
                strategy: Strategy::Rolling,
                bake_minutes: None,
                circuit_breaker: None,
                hooks: None,
                alarms: None,
                ..wanted
            }
        }),
        percentages_only: true,
        ..ServiceChange::default()
    };
    let ports = fake.ports();
    ports
        .services
        .update_service(&web(), &change)
        .await
        .unwrap();
    assert_eq!(
        fake.seen()[0].json()["deploymentConfiguration"],
        json!({"maximumPercent": 200, "minimumHealthyPercent": 100})
    );
}

#[tokio::test]
async fn an_update_leaves_out_what_does_not_change() {
    let fake = Fake::script(vec![reply(json!({"service": service("web")})); 2]).await;
    let ports = fake.ports();
    let change = ServiceChange {
        desired: Some(0),
        load_balancers: Some(Vec::new()),
        ..ServiceChange::default()
    };
    ports
        .services
        .update_service(&web(), &change)
        .await
        .unwrap();
    let change = ServiceChange {
        force_new_deployment: true,
        ..ServiceChange::default()
    };
    ports
        .services
        .update_service(&web(), &change)
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].json(),
        json!({"cluster": "main", "service": "web", "desiredCount": 0, "loadBalancers": []})
    );
    assert_eq!(
        seen[1].json(),
        json!({"cluster": "main", "service": "web", "forceNewDeployment": true})
    );
}

#[tokio::test]
async fn a_rollout_is_asked_for_again_only_when_aws_certainly_did_not_start_it() {
    let force = ServiceChange {
        force_new_deployment: true,
        ..ServiceChange::default()
    };
    let calls = |replies: Vec<Reply>, change: ServiceChange| async move {
        let fake = Fake::script(replies).await;
        let mut config = fake.config();
        config.max_retries = Some(2);
        let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
        let answer = ports.services.update_service(&web(), &change).await;
        (
            answer.map(|_| ()).map_err(|error| error.kind),
            fake.seen().len(),
        )
    };
    let done = || reply(json!({"service": service("web")}));
    let throttled = json_error(400, "ThrottlingException", "Rate exceeded");
    assert_eq!(
        calls(vec![throttled, done()], force.clone()).await,
        (Ok(()), 2)
    );
    assert_eq!(
        calls(vec![Reply::HangUp, done()], force.clone()).await,
        (Err(ErrorKind::Timeout), 1)
    );
    assert_eq!(
        calls(
            vec![json_error(500, "ServerException", "oops"), done()],
            force
        )
        .await,
        (Err(ErrorKind::Unavailable), 1)
    );
    let force_again = ServiceChange {
        force_new_deployment: true,
        ..ServiceChange::default()
    };
    let revision = ServiceChange {
        task_definition: Some("arn:td/web:2".to_owned()),
        ..ServiceChange::default()
    };
    assert_eq!(
        calls(vec![Reply::HangUp, done()], revision).await,
        (Err(ErrorKind::Timeout), 1)
    );
    // An answer nobody can read says that something was done, and not what.
    let garbled = Reply::Http(
        200,
        "application/x-amz-json-1.1",
        b"{\"service\": ".to_vec(),
    );
    assert_eq!(
        calls(vec![garbled, done()], force_again).await,
        (Err(ErrorKind::Timeout), 1)
    );
    // Settings may be received twice.
    let plain = ServiceChange {
        desired: Some(1),
        ..ServiceChange::default()
    };
    assert_eq!(calls(vec![Reply::HangUp, done()], plain).await, (Ok(()), 2));
}

#[tokio::test]
async fn deletes_by_force_and_takes_gone_for_done() {
    let gone = json_error(400, "ServiceNotFoundException", "Service not found.");
    let fake = Fake::script([reply(json!({"service": service("web")})), gone]).await;
    let ports = fake.ports();
    ports.services.delete_service(&web()).await.unwrap();
    ports.services.delete_service(&web()).await.unwrap();
    assert_eq!(
        fake.seen()[0].json(),
        json!({"cluster": "main", "service": "web", "force": true})
    );
}

#[tokio::test]
async fn tags_are_set_before_others_are_removed() {
    let fake = Fake::script(vec![reply(json!({})); 2]).await;
    let set = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
    let remove = BTreeSet::from(["b".to_owned()]);
    fake.ports()
        .services
        .change_tags("arn:web", &set, &remove)
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].json(),
        json!({"resourceArn": "arn:web", "tags": [{"key": "a", "value": "1"}]})
    );
    assert_eq!(
        seen[1].json(),
        json!({"resourceArn": "arn:web", "tagKeys": ["b"]})
    );
}

fn definition(revision: u32) -> Reply {
    reply(json!({"taskDefinition": {
        "taskDefinitionArn": format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{revision}"),
        "family": "web", "revision": revision, "status": "ACTIVE", "networkMode": "awsvpc",
        "containerDefinitions": [{"name": "web", "image": "web:1", "portMappings": [{"containerPort": 8080}]}]
    }}))
}

#[tokio::test]
async fn a_task_definition_is_read_once_per_arn() {
    let fake = Fake::script([definition(7), definition(8)]).await;
    let services = fake.ports().services;
    let first = services
        .find_task_definition("web:7")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.containers[0].ports, [8080]);
    let again = services
        .find_task_definition(&first.arn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(fake.seen().len(), 1);
    // A bare family may mean another revision by now.
    assert_eq!(
        services
            .find_task_definition("web")
            .await
            .unwrap()
            .unwrap()
            .revision,
        8
    );
}

#[tokio::test]
async fn an_unknown_task_definition_is_none() {
    let unknown = json_error(
        400,
        "ClientException",
        "Unable to describe task definition.",
    );
    let fake = Fake::script([unknown]).await;
    assert_eq!(
        fake.ports()
            .services
            .find_task_definition("nope")
            .await
            .unwrap(),
        None
    );
}

fn deployment(id: &str, created: f64) -> Value {
    json!({
        "serviceDeploymentArn": format!("arn:deployment/{id}"), "status": "ROLLBACK_SUCCESSFUL",
        "statusReason": "alarm", "lifecycleStage": "BAKE_TIME",
        "createdAt": created, "finishedAt": created + 60.0,
        "sourceServiceRevisions": [{"arn": "arn:revision/1", "requestedTaskCount": 3, "runningTaskCount": 3,
            "pendingTaskCount": 0, "requestedProductionTrafficWeight": 100.0, "requestedTestTrafficWeight": 100.0}],
        "targetServiceRevision": {"arn": "arn:revision/2", "requestedTaskCount": 3, "runningTaskCount": 0,
            "pendingTaskCount": 0, "requestedProductionTrafficWeight": 0.0},
        "rollback": {"reason": "Alarm fired", "serviceRevisionArn": "arn:revision/1"},
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 4, "threshold": 3},
        "alarms": {"status": "TRIGGERED", "alarmNames": ["five-xx"], "triggeredAlarmNames": ["five-xx"]}
    })
}

#[tokio::test]
async fn a_service_deployment_is_read_with_its_rollback() {
    let fake = Fake::script([reply(
        json!({"serviceDeployments": [deployment("1", 1_700_000_000.0)]}),
    )])
    .await;
    let found = fake
        .ports()
        .services
        .find_deployment("arn:deployment/1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.status, EcsStatus::RollbackSuccessful);
    assert_eq!(found.rollback_revision.as_deref(), Some("arn:revision/1"));
    assert_eq!(found.triggered_alarms, ["five-xx"]);
    assert_eq!((found.breaker_triggered(), found.failed_tasks), (true, 4));
    assert_eq!(found.target.unwrap().production_weight, Some(0.0));
    assert_eq!(found.sources[0].test_weight, Some(100.0));
}

#[tokio::test]
async fn deployments_are_listed_newest_first() {
    let brief = |id: &str, created: f64| json!({"serviceDeploymentArn": format!("arn:deployment/{id}"), "createdAt": created});
    let list =
        json!({"serviceDeployments": [brief("old", 1.0), brief("new", 3.0), brief("mid", 2.0)]});
    let details = json!({"serviceDeployments": [deployment("mid", 2.0), deployment("new", 3.0)]});
    let fake = Fake::script([reply(list), reply(details)]).await;
    let found = fake
        .ports()
        .services
        .list_deployments(&web(), 2)
        .await
        .unwrap();
    let arns: Vec<_> = found
        .iter()
        .map(|deployment| deployment.arn.as_str())
        .collect();
    assert_eq!(arns, ["arn:deployment/new", "arn:deployment/mid"]);
    assert_eq!(
        fake.seen()[1].json(),
        json!({"serviceDeploymentArns": ["arn:deployment/new", "arn:deployment/mid"]})
    );
}

#[tokio::test]
async fn a_list_in_another_order_is_read_to_its_end() {
    let brief = |id: &str, created: f64| json!({"serviceDeploymentArn": format!("arn:deployment/{id}"), "createdAt": created});
    let first =
        json!({"serviceDeployments": [brief("old", 1.0), brief("mid", 2.0)], "nextToken": "more"});
    let second = json!({"serviceDeployments": [brief("new", 3.0)]});
    let details = json!({"serviceDeployments": [deployment("new", 3.0)]});
    let fake = Fake::script([reply(first), reply(second), reply(details)]).await;
    let found = fake
        .ports()
        .services
        .list_deployments(&web(), 1)
        .await
        .unwrap();
    assert_eq!(found[0].arn, "arn:deployment/new");
}

#[tokio::test]
async fn a_list_newest_first_is_read_no_further_than_needed() {
    let brief = |id: &str, created: f64| json!({"serviceDeploymentArn": format!("arn:deployment/{id}"), "createdAt": created});
    let first =
        json!({"serviceDeployments": [brief("new", 3.0), brief("mid", 2.0)], "nextToken": "more"});
    let details = json!({"serviceDeployments": [deployment("new", 3.0)]});
    let fake = Fake::script([reply(first), reply(details)]).await;
    let found = fake.ports().services.list_deployments(&web(), 1).await;
    assert_eq!(found.unwrap()[0].arn, "arn:deployment/new");
}

#[tokio::test]
async fn a_deployment_listed_before_it_can_be_described_passes() {
    let brief = json!({"serviceDeploymentArn": "arn:deployment/young", "createdAt": 3.0});
    let list = json!({"serviceDeployments": [brief]});
    let missing = json!({"serviceDeployments": [],
        "failures": [{"arn": "arn:deployment/young", "reason": "MISSING"}]});
    let fake = Fake::script([reply(list), reply(missing)]).await;
    let error = fake
        .ports()
        .services
        .list_deployments(&web(), 1)
        .await
        .unwrap_err();
    assert!(error.kind.is_transient(), "{error:?}");
    assert_eq!(error.target, "arn:deployment/young");
}

#[tokio::test]
async fn revisions_show_where_their_tasks_are_registered() {
    let revision = json!({
        "serviceRevisionArn": "arn:revision/2", "taskDefinition": "arn:definition/8", "launchType": "FARGATE",
        "containerImages": [{"containerName": "web", "image": "web:2", "imageDigest": "sha256:1"}],
        "resolvedConfiguration": {"loadBalancers": [{"targetGroupArn": "arn:tg/green"}]}
    });
    let missing = json!({"arn": "arn:revision/9", "reason": "MISSING"});
    let fake = Fake::script([reply(
        json!({"serviceRevisions": [revision], "failures": [missing]}),
    )])
    .await;
    let arns = ["arn:revision/2".to_owned(), "arn:revision/9".to_owned()];
    let found = fake.ports().services.find_revisions(&arns).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].resolved_target_groups, ["arn:tg/green"]);
    assert_eq!(
        found[0].images["web"],
        ("web:2".to_owned(), Some("sha256:1".to_owned()))
    );
}

#[tokio::test]
async fn a_deployment_is_stopped_in_the_way_asked_for() {
    let fake = Fake::script(vec![
        reply(
            json!({"serviceDeploymentArn": "arn:deployment/1"})
        );
        2
    ])
    .await;
    let services = fake.ports().services;
    services
        .stop_deployment("arn:deployment/1", StopType::Rollback)
        .await
        .unwrap();
    services
        .stop_deployment("arn:deployment/1", StopType::Abort)
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].json(),
        json!({"serviceDeploymentArn": "arn:deployment/1", "stopType": "ROLLBACK"})
    );
    assert_eq!(seen[1].json()["stopType"], "ABORT");
}

#[tokio::test]
async fn stopped_tasks_come_newest_first_with_their_reasons() {
    let task = |id: &str, stopped: f64| {
        json!({
            "taskArn": format!("arn:task/{id}"), "taskDefinitionArn": "arn:definition/8",
            "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
            "stoppedAt": stopped, "containers": [{"name": "web", "exitCode": 137, "reason": "OutOfMemoryError"}]
        })
    };
    let list = json!({"taskArns": ["arn:task/1", "arn:task/2"]});
    let fake = Fake::script([
        reply(list),
        reply(json!({"tasks": [task("1", 1.0), task("2", 2.0)]})),
    ])
    .await;
    let tasks = fake.ports().services.stopped_tasks(&web()).await.unwrap();
    assert_eq!(tasks[0].arn, "arn:task/2");
    assert_eq!(
        tasks[0].containers["web"],
        (Some(137), Some("OutOfMemoryError".to_owned()))
    );
    assert_eq!(
        fake.seen()[0].json(),
        json!({"cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED", "maxResults": 100})
    );
}

#[tokio::test]
async fn without_stopped_tasks_nothing_more_is_asked() {
    let fake = Fake::script([reply(json!({"taskArns": []}))]).await;
    assert_eq!(
        fake.ports().services.stopped_tasks(&web()).await.unwrap(),
        []
    );
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_cluster_is_active_by_name_or_arn() {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
    let cluster = json!({"clusterArn": arn, "clusterName": "main", "status": "ACTIVE"});
    let answer = reply(json!({"clusters": [cluster], "failures": []}));
    let missing = reply(json!({"clusters": [], "failures": [{"arn": "x", "reason": "MISSING"}]}));
    let fake = Fake::script([answer.clone(), answer, missing]).await;
    let services = fake.ports().services;
    assert!(services.cluster_is_active("main").await.unwrap());
    assert!(services.cluster_is_active(arn).await.unwrap());
    assert!(!services.cluster_is_active("other").await.unwrap());
}

#[tokio::test]
async fn parts_are_read_whole_and_what_has_no_place_is_named() {
    let connect = json!({"enabled": true, "namespace": "shop", "containerConfigurations": [{"containerName": "a"}]});
    let mut shown = service("web");
    shown["placementStrategy"] = json!([{"type": "random"}]);
    shown["serviceRegistries"] = json!([]);
    shown["deployments"] = json!([
        {"status": "ACTIVE", "serviceConnectConfiguration": {"enabled": true, "namespace": "old"}},
        {"status": "PRIMARY", "serviceConnectConfiguration": connect},
    ]);
    shown["tomorrow"] = json!({"on": true});
    let fake = Fake::script([reply(json!({"services": [shown]}))]).await;
    let found = fake.ports().services.find_service(&web()).await;
    let found = found.unwrap().unwrap();
    assert_eq!(
        found.parts.get(&Part::PlacementStrategy),
        Some(&json!([{"type": "random"}]))
    );
    assert_eq!(found.parts.get(&Part::ServiceConnect), Some(&connect));
    assert_eq!(found.parts.get(&Part::ServiceRegistries), None);
    let beyond: Vec<&str> = found.beyond.iter().map(String::as_str).collect();
    assert_eq!(
        beyond,
        [
            "serviceConnectConfiguration.containerConfigurations",
            "tomorrow"
        ]
    );
}

#[tokio::test]
async fn parts_are_sent_as_they_are() {
    let fake = Fake::script([
        reply(json!({"service": service("web")})),
        reply(json!({"service": service("web")})),
    ])
    .await;
    let services = fake.ports().services;
    let connect = json!({"enabled": true, "namespace": "shop", "newer": {"than": "the SDK"}});
    let new = NewService {
        parts: [
            (Part::ServiceConnect, connect.clone()),
            (Part::Scheduling, json!("DAEMON")),
        ]
        .into(),
        ..new_service()
    };
    services.create_service(&new).await.unwrap();
    let change = ServiceChange {
        parts: [(Part::Volumes, json!([]))].into(),
        ..ServiceChange::default()
    };
    services.update_service(&web(), &change).await.unwrap();
    let sent = fake.seen();
    let created = sent[0].json();
    assert_eq!(created["serviceConnectConfiguration"], connect);
    assert_eq!(created["schedulingStrategy"], "DAEMON");
    assert_eq!(created.get("desiredCount"), None, "a daemon has no number");
    assert_eq!(created["serviceName"], "web");
    let changed = sent[1].json();
    assert_eq!(changed["volumeConfigurations"], json!([]));
    assert_eq!(
        sent[0].headers["content-length"],
        sent[0].body.len().to_string()
    );
}

#[tokio::test]
async fn the_default_strategy_of_a_cluster_is_read_with_the_cluster() {
    let strategy = json!([{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1}]);
    let cluster = json!({"clusterName": "main", "status": "ACTIVE", "defaultCapacityProviderStrategy": strategy});
    let answer = reply(json!({"clusters": [cluster], "failures": []}));
    let missing = reply(json!({"clusters": [], "failures": [{"arn": "x", "reason": "MISSING"}]}));
    let fake = Fake::script([answer, missing]).await;
    let services = fake.ports().services;
    let found = services.default_strategy("main").await.unwrap();
    let spot = CapacityProvider {
        name: "FARGATE_SPOT".to_owned(),
        base: 1,
        weight: 3,
    };
    assert_eq!(found, [spot]);
    assert_eq!(services.default_strategy("other").await.unwrap(), []);
}

#[tokio::test]
async fn a_strategy_is_taken_away_by_an_empty_list() {
    let away = [
        Launch::Strategy(Vec::new()),
        // UpdateService has no launch type: the service goes back to its own.
        Launch::Type(LaunchType::Fargate),
    ];
    for launch in away {
        let fake = Fake::script([reply(json!({"service": service("web")}))]).await;
        let change = ServiceChange {
            launch: Some(launch),
            ..ServiceChange::default()
        };
        let services = fake.ports().services;
        services.update_service(&web(), &change).await.unwrap();
        assert_eq!(
            fake.seen()[0].json(),
            json!({"cluster": "main", "service": "web", "capacityProviderStrategy": []})
        );
    }
}

#[tokio::test]
async fn the_region_is_known_without_a_call() {
    let fake = Fake::script(Vec::<Reply>::new()).await;
    let region = fake.ports().services.region().await;
    assert_eq!(region.as_deref(), Some("eu-west-1"));
    assert_eq!(fake.seen().len(), 0);
}
