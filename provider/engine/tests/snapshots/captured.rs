//! What a snapshot holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchyard_engine::ports::{
    Bounds, Policy, PredefinedMetric, ScheduledAction, Strategy, TargetChange, TargetTracking,
    TrackedMetric,
};
use switchyard_engine::snapshot::{
    ConfiguredRoutes, Restorable, Snapshot, SnapshotCondition, capture, capture_with, difference,
    difference_text, restorable,
};

use crate::{captured, deployed, pass, steady, web};
use switchyard_support::account::{Account, text, update};
use switchyard_support::intercept::Intercept;

fn document(snapshot: &Snapshot) -> Value {
    serde_json::from_str(&snapshot.to_json()).unwrap()
}

#[tokio::test]
async fn a_steady_service_is_good_and_wholly_recorded() {
    let account = steady().await;
    let scaling = &account.ports.scaling;
    let change = TargetChange {
        bounds: Some(Bounds { min: 2, max: 6 }),
        ..TargetChange::default()
    };
    scaling.register_target(&web(), &change).await.unwrap();
    let policy = Policy::TargetTracking(TargetTracking {
        metric: TrackedMetric::Predefined {
            metric: PredefinedMetric::Cpu,
            resource_label: None,
        },
        target: 62.5,
        scale_out_cooldown: Some(60),
        scale_in_cooldown: None,
        disable_scale_in: false,
    });
    scaling.put_policy(&web(), "cpu", &policy).await.unwrap();
    let night = ScheduledAction {
        name: "night".to_owned(),
        arn: None,
        schedule: "cron(0 20 * * ? *)".to_owned(),
        timezone: Some("Europe/Berlin".to_owned()),
        start: None,
        end: None,
        min: Some(1),
        max: None,
        created: None,
    };
    scaling.put_scheduled_action(&web(), &night).await.unwrap();

    let taken = captured(&account.ports, "by hand").await;
    assert_eq!(taken.condition(), &SnapshotCondition::Good);
    assert_eq!(taken.service(), web());
    assert_eq!(
        Snapshot::parse(taken.to_json().as_bytes()),
        Ok(taken.clone())
    );
    let found = document(&taken);
    assert_eq!(found["reason"], "by hand");
    assert_eq!(found["service"]["controller"], "ECS");
    assert_eq!(found["service"]["deployment"]["strategy"], "BLUE_GREEN");
    assert_eq!(found["service"]["desired"], 2);
    assert_eq!(found["service"]["running"], 2);
    assert_eq!(found["service"]["launch_type"], "FARGATE");
    assert_eq!(found["service"]["tags"], json!(["team"]));
    let definition = &found["task_definition"];
    assert_eq!(definition["arn"], taken.task_definition_arn());
    assert_eq!(definition["containers"]["app"]["image"], "app:1");
    let digest = definition["containers"]["app"]["digest"].as_str();
    assert!(
        digest.is_some_and(|digest| digest.starts_with("sha256:")),
        "{definition}"
    );
    assert_eq!(found["network"]["subnets"], json!(["subnet-1", "subnet-2"]));
    let balancer = &found["load_balancer"];
    let live = text(&balancer["live_target_groups"][0]);
    assert_eq!(balancer["target_groups"][&live]["targets"]["healthy"], 2);
    assert_eq!(balancer["target_groups"][&account.blue]["name"], "web-blue");
    let (blue, green) = account.weights();
    let rule = &balancer["rules"][&account.rule];
    assert_eq!(rule["serves"], "production");
    assert_eq!(rule["weights"][&account.blue], blue);
    assert_eq!(rule["weights"][&account.green], green);
    assert!(rule["weights"][&live].as_u64() > Some(0));
    let scaling = &found["scaling"];
    assert_eq!((&scaling["min"], &scaling["max"]), (&json!(2), &json!(6)));
    assert_eq!(scaling["policies"]["cpu"]["target"], 62.5);
    assert_eq!(scaling["schedules"]["night"]["timezone"], "Europe/Berlin");
}

#[tokio::test]
async fn nothing_is_asked_twice() {
    let account = steady().await;
    let intercept = Intercept::new(account.ports.clone());
    captured(&intercept.ports(), "by hand").await;
    let mut calls = intercept.calls();
    // One for each target group: a rule of AWS.
    let health = "elbv2:DescribeTargetHealth";
    assert_eq!(calls.iter().filter(|call| **call == health).count(), 2);
    calls.retain(|call| *call != health);
    let once: BTreeSet<_> = calls.iter().copied().collect();
    assert_eq!(once.len(), calls.len(), "{calls:?}");
}

#[tokio::test]
async fn where_there_is_no_service_there_is_no_snapshot() {
    let account = Account::new();
    let none = capture(&account.ports, &web(), "by hand").await.unwrap();
    assert_eq!(none, None);
    let mut elsewhere = web();
    elsewhere.cluster = "other".to_owned();
    let none = capture(&account.ports, &elsewhere, "by hand")
        .await
        .unwrap();
    assert_eq!(none, None);
}

#[tokio::test]
async fn during_a_rollout_the_revision_with_the_traffic_is_recorded_and_not_called_good() {
    let account = steady().await;
    let before = captured(&account.ports, "before").await;
    let next = account.task_definition("2");
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": next }),
    );
    pass(&account.ports, 1).await;
    let during = captured(&account.ports, "during").await;
    assert_eq!(during.task_definition_arn(), before.task_definition_arn());
    let reasons = during.condition().reasons();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.starts_with("A deployment was in progress")),
        "{reasons:?}"
    );
    pass(&account.ports, 3600).await;
    let after = captured(&account.ports, "after").await;
    assert_eq!(after.condition(), &SnapshotCondition::Good);
    assert_eq!(after.task_definition_arn(), next);
}

#[tokio::test]
async fn under_code_deploy_the_listener_is_recorded_when_it_is_named() {
    let account = Account::with_code_deploy();
    account.done(&account.code_deployed("1")).await;
    account.deployment_group(0);
    account.done(&update(account.code_deployed("2"))).await;
    pass(&account.ports, 3600).await;
    let plain = captured(&account.ports, "by hand").await;
    assert_eq!(plain.condition(), &SnapshotCondition::Good);
    assert_eq!(plain.images()["app"], "app:2");
    let beside = ConfiguredRoutes {
        target_groups: BTreeSet::from([account.blue.clone(), account.green.clone()]),
        production_rules: BTreeSet::from([account.listener.clone()]),
        test_rules: BTreeSet::new(),
    };
    let taken = capture_with(&account.ports, &web(), "by hand", &beside).await;
    let found = document(&taken.unwrap().unwrap());
    let balancer = &found["load_balancer"];
    assert_eq!(balancer["live_target_groups"], json!([account.green]));
    assert_eq!(
        balancer["rules"][&account.listener]["weights"][&account.green]
            .as_u64()
            .map(|weight| weight > 0),
        Some(true),
        "{balancer:#}"
    );
    assert_eq!(balancer["target_groups"].as_object().unwrap().len(), 2);
    assert_eq!(found["condition"]["status"], "good");
}

#[tokio::test]
async fn a_rollout_shows_in_the_difference() {
    let account = steady().await;
    let before = captured(&account.ports, "before").await;
    deployed(&account, "2").await;
    let after = captured(&account.ports, "after").await;
    let found = difference(&before, &after);
    let said = difference_text(&found);
    assert!(
        said.contains("~ containers.app.image: \"app:1\" -> \"app:2\""),
        "{said}"
    );
    assert!(said.contains("~ revision: 1 -> 2"), "{said}");
    assert!(said.contains("load_balancer\n"), "{said}");
    assert!(!said.contains("running"), "{said}");
}

const MARKER: &str = "hunter2";

#[tokio::test]
async fn no_secret_of_a_service_gets_into_its_snapshot() {
    let account = Account::new();
    let mut wanted = account.wanted(Strategy::BlueGreen, "1");
    let container = json!({
        "name": "app", "image": "app:1", "essential": true, "user": MARKER, "workingDirectory": MARKER,
        "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
        "command": ["serve", "--password", MARKER], "entryPoint": [MARKER],
        "environment": [{ "name": "PASSWORD", "value": MARKER }],
        "secrets": [{ "name": "KEY", "valueFrom": MARKER }],
        "dockerLabels": { "label": MARKER },
        "healthCheck": { "command": ["CMD-SHELL", MARKER], "interval": 5 },
        "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": MARKER } },
    });
    let input = json!({
        "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
        "memory": "512", "containerDefinitions": [container], "executionRoleArn": "arn:aws:iam::123456789012:role/run",
        "tags": [{ "key": "note", "value": MARKER }],
    });
    let registered = account.ecs("RegisterTaskDefinition", input);
    let arn = text(&registered["taskDefinition"]["taskDefinitionArn"]);
    wanted.revision.task_definition = switchyard_engine::DesiredTaskDefinition::Named(arn);
    wanted.settings.tags = BTreeMap::from([("note".to_owned(), MARKER.to_owned())]).into();
    account.done(&wanted).await;
    let shown = account.ecs(
        "DescribeTaskDefinition",
        json!({ "taskDefinition": "web", "include": ["TAGS"] }),
    );
    assert!(shown.to_string().matches(MARKER).count() > 8, "{shown}");
    let taken = captured(&account.ports, "by hand").await.to_json();
    assert!(!taken.contains(MARKER), "{taken}");
    for name in ["PASSWORD", "KEY", "label", "splunk-token", "note"] {
        assert!(taken.contains(name), "{name} in {taken}");
    }
}

#[tokio::test]
async fn what_has_become_of_the_task_definition_is_told() {
    let account = steady().await;
    let taken = captured(&account.ports, "before").await;
    let arn = taken.task_definition_arn().to_owned();
    deployed(&account, "2").await;
    let told = restorable(&account.ports, &taken).await.unwrap();
    assert_eq!(told, Restorable::Active(arn.clone()));
    account.ecs("DeregisterTaskDefinition", json!({ "taskDefinition": arn }));
    let told = restorable(&account.ports, &taken).await.unwrap();
    assert_eq!(told, Restorable::Inactive { arn: arn.clone() });
    account.ecs("DeleteTaskDefinitions", json!({ "taskDefinitions": [arn] }));
    let told = restorable(&account.ports, &taken).await.unwrap();
    let Restorable::Deleted {
        arn: deleted,
        reason,
    } = told
    else {
        panic!("{told:?}");
    };
    assert_eq!(deleted, arn);
    assert!(
        reason.starts_with("AWS ") && reason.ends_with('.'),
        "{reason}"
    );
    // Another account never had it.
    let other = Account::new();
    let told = restorable(&other.ports, &taken).await.unwrap();
    assert!(matches!(told, Restorable::Deleted { .. }), "{told:?}");
}
