//! `status` and `tasks`.

use serde_json::json;
use switchyard_engine::ports::LifecycleStage;
use switchyard_operate::Exit;

use crate::operator::{
    CANARY, deploy, is_paused, live, live_with, newest, of, pass_until, pause, steady, web,
};

#[tokio::test]
async fn a_steady_service_is_one_side() {
    let account = live().await;
    let text = web().status(&account.ports).await.ends(Exit::Done);
    let text = steady(&text);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "web in cluster main (eu-west-1): steady");
    assert_eq!(
        lines[1],
        "  side  revision  traffic  tasks  healthy  target group  image"
    );
    assert_eq!(
        lines[2],
        "  live  web:1     100 %    2/2    2/2      web-blue      app:v1"
    );
    assert!(
        lines[3].starts_with("  last        web:1 SUCCESSFUL at 20"),
        "{text}"
    );
    assert_eq!(lines.len(), 4, "{text}");
}

#[tokio::test]
async fn a_deployment_is_two_sides_and_where_it_is() {
    let account = live_with(CANARY, Vec::new()).await;
    let to = deploy(&account, "v2");
    pass_until(&account, |it| {
        it["targetServiceRevision"]["requestedProductionTrafficWeight"] == 10.0
    })
    .await;
    let text = steady(&web().status(&account.ports).await.ends(Exit::Done));
    assert!(
        text.starts_with("web in cluster main (eu-west-1): deploying\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "  deployment  to {to}, IN_PROGRESS at PRODUCTION_TRAFFIC_SHIFT, since "
        )),
        "{text}"
    );
    assert!(text.contains(", not started by an apply\n"), "{text}");
    assert!(
        text.contains("  live  web:1     90 %     2/2    2/2"),
        "{text}"
    );
    assert!(
        text.contains(&format!("  new   {to}     10 %     2/2    2/2")),
        "{text}"
    );

    let found = web().json().status(&account.ports).await.json();
    assert_eq!(found["format"], "switchyard.status");
    assert_eq!(found["format_version"], "1.0");
    let service = &found["services"][0];
    assert_eq!(service["state"], "deploying");
    assert_eq!(service["strategy"], "CANARY");
    assert_eq!(service["deployment"]["to"], to);
    assert_eq!(service["deployment"]["started_by_switchyard"], false);
    assert_eq!(service["sides"][1]["traffic_percent"], 10.0);
    assert_eq!(service["sides"][1]["images"], json!({ "app": "app:v2" }));
    assert_eq!(service["last_deployment"]["succeeded"], true);
}

#[tokio::test]
async fn a_pause_is_told_with_its_end() {
    let account = live_with(CANARY, vec![pause(LifecycleStage::PostScaleUp)]).await;
    deploy(&account, "v2");
    pass_until(&account, is_paused).await;
    let text = web().status(&account.ports).await.ends(Exit::Done);
    assert!(text.contains(": waiting\n"), "{text}");
    assert!(
        text.contains("  waits       at a pause, for somebody to continue it; ECS rolls back at "),
        "{text}"
    );
    assert!(
        text.contains("(1h left)") || text.contains("(59m"),
        "{text}"
    );
    let found = web().json().status(&account.ports).await.json();
    let wait = &found["services"][0]["deployment"]["waits_for"];
    assert_eq!(wait["then"], "rollback");
    assert_eq!(
        wait["hook"],
        newest(&account).unwrap()["lifecycleHookDetails"][0]["hookId"]
    );
}

#[tokio::test]
async fn lost_traffic_and_missing_tasks_are_problems() {
    let account = live().await;
    let groups = json!([
        { "TargetGroupArn": account.blue, "Weight": 0 },
        { "TargetGroupArn": account.green, "Weight": 1 },
    ]);
    let actions = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": groups } }]);
    account.elb(
        "ModifyRule",
        json!({ "RuleArn": account.rule, "Actions": actions }),
    );
    let found = web().json().status(&account.ports).await.json();
    let service = &found["services"][0];
    assert_eq!(service["state"], "degraded");
    let problems = service["problems"].to_string();
    assert!(
        problems.contains("`web-green` gets production traffic and has 0 healthy targets"),
        "{problems}"
    );
    assert!(
        problems.contains("the live side gets no production traffic"),
        "{problems}"
    );
    let text = web().status(&account.ports).await.ends(Exit::Done);
    assert!(text.contains("  problem     `web-green` gets"), "{text}");
    assert!(text.contains("  other"), "{text}");
}

#[tokio::test]
async fn several_services_are_a_table() {
    let account = live().await;
    let mut other = account.wanted(switchyard_engine::ports::Strategy::Rolling, "v1");
    other.service.name = "worker".to_owned();
    other.revision.load_balancer = None;
    other.settings.health_check_grace_seconds = None;
    let applied = account.apply(&other).await;
    applied.result.unwrap();
    let mut all = of(&[], Some("main"));
    all.wanted.all = true;
    let text = all.status(&account.ports).await.ends(Exit::Done);
    let expected = "SERVICE  CLUSTER  STATE   REVISION  TASKS  TARGETS  NOTE\n\
                    web      main     steady  web:1     2/2    2/2\n\
                    worker   main     steady  web:2     2/2\n";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn stopped_tasks_are_grouped_by_reason() {
    let account = live().await;
    let none = web().tasks(&account.ports).await.ends(Exit::Done);
    assert!(none.starts_with("No tasks have stopped."), "{none}");
    let arn = account.task_definition("v2--crash");
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": arn }),
    );
    for _ in 0..60 {
        account
            .ports
            .clock
            .sleep(std::time::Duration::from_secs(5))
            .await;
    }
    let found = web().json().tasks(&account.ports).await.json();
    let groups = found["stopped"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{found:#}");
    assert_eq!(groups[0]["revision"], "web:2");
    assert_eq!(groups[0]["failed"], true);
    assert!(groups[0]["count"].as_u64().unwrap() > 1, "{found:#}");
    let text = web().tasks(&account.ports).await.ends(Exit::Done);
    assert!(text.contains("EssentialContainerExited"), "{text}");
}
