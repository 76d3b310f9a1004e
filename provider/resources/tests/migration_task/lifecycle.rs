//! When the task runs, and when it does not.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, SCHEMA, config, sound};

/// Exits with 0 after five minutes.
const WORKS: &str = "v1--exit-0-after-300s";

#[tokio::test]
async fn it_runs_once_for_each_set_of_triggers() {
    let account = Account::new();
    let definition = account.definition(&[("app", WORKS)]);
    let terraform = account.terraform().await;
    let first = config(&definition, "v1");

    let plan = terraform.plan(SCHEMA, first.clone()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    assert!(account.tasks().is_empty(), "a plan runs nothing");

    let state = sound(terraform.apply(SCHEMA, first.clone()).await);
    let tasks = account.tasks();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let task = &tasks[0];
    assert_eq!(
        state.attribute("task_arn").as_str(),
        task["taskArn"].as_str()
    );
    assert_eq!(state.attribute("id").as_str(), Some("main/shop-schema"));
    assert!(state.attribute("started_at").as_str() < state.attribute("stopped_at").as_str());
    assert_eq!(task["startedBy"], "switchyard-migration/shop-schema");
    let overridden = &task["overrides"]["containerOverrides"][0];
    assert_eq!(overridden["name"], "app");
    assert_eq!(overridden["command"], json!(["migrate", "up"]));
    assert_eq!(
        overridden["environment"],
        json!([{ "name": "STEPS", "value": "all" }])
    );

    let plan = terraform.plan(SCHEMA, first.clone()).await;
    assert!(plan.is_empty() && plan.diagnostics.is_empty());
    let refreshed = terraform.refresh(SCHEMA).await;
    assert!(refreshed.diagnostics.is_empty());
    sound(terraform.apply(SCHEMA, first.clone()).await);
    assert_eq!(account.tasks().len(), 1, "nothing has changed");

    // Everything but the triggers changes what the next run will be, and runs nothing.
    let next = account.definition(&[("app", WORKS)]);
    let changed = config(&next, "v1")
        .with_attribute("command", Value::list(["migrate", "up", "--all"]))
        .with_attribute("timeout", "30m")
        .with_attribute("tags", Value::map([("team", "shop")]));
    let plan = terraform.plan(SCHEMA, changed.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let state = sound(terraform.apply(SCHEMA, changed.clone()).await);
    assert_eq!(
        state.attribute("task_arn").as_str(),
        task["taskArn"].as_str()
    );
    assert_eq!(account.tasks().len(), 1);

    let triggered = changed.with_attribute("triggers", Value::map([("image", "v2")]));
    let state = sound(terraform.apply(SCHEMA, triggered).await);
    let tasks = account.tasks();
    assert_eq!(tasks.len(), 2, "{tasks:?}");
    assert_eq!(
        state.attribute("task_arn").as_str(),
        tasks[1]["taskArn"].as_str()
    );
    assert_eq!(tasks[1]["taskDefinitionArn"].as_str(), Some(next.as_str()));
    let tags = tasks[1]["tags"].as_array().unwrap();
    assert!(
        tags.contains(&json!({ "key": "team", "value": "shop" })),
        "{tags:?}"
    );

    let destroyed = terraform.destroy(SCHEMA).await;
    assert!(
        destroyed.diagnostics.is_empty(),
        "{}",
        destroyed.diagnostics
    );
    assert_eq!(account.tasks().len(), 2, "a destroy runs nothing");
}

#[tokio::test]
async fn another_name_or_cluster_is_another_migration() {
    let account = Account::new();
    account.ecs("CreateCluster", json!({ "clusterName": "other" }));
    let definition = account.definition(&[("app", WORKS)]);
    let terraform = account.terraform().await;
    sound(terraform.apply(SCHEMA, config(&definition, "v1")).await);
    for (name, value) in [("name", "shop-data"), ("cluster", "other")] {
        let changed = config(&definition, "v1").with_attribute(name, value);
        let plan = terraform.plan(SCHEMA, changed).await;
        assert_eq!(plan.action, PlannedAction::Replace, "{name}");
    }
    let spelled = account.ecs("DescribeClusters", json!({ "clusters": ["main"] }));
    let arn = spelled["clusters"][0]["clusterArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let same = config(&definition, "v1").with_attribute("cluster", arn);
    let plan = terraform.plan(SCHEMA, same.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    sound(terraform.apply(SCHEMA, same).await);
    assert_eq!(account.tasks().len(), 1, "another spelling runs nothing");
}

#[tokio::test]
async fn triggers_that_are_not_known_yet_may_run_it() {
    let account = Account::new();
    let definition = account.definition(&[("app", WORKS)]);
    let terraform = account.terraform().await;
    sound(terraform.apply(SCHEMA, config(&definition, "v1")).await);
    let unknown = |value: Value| {
        let known = config(&definition, "v1");
        known.with_attribute("triggers", Value::map([("image", value)]))
    };
    let plan = terraform.plan(SCHEMA, unknown(Value::unknown())).await;
    assert!(plan.planned.attribute("task_arn").is_unknown());
    // They turn out to be the same.
    let outcome = terraform
        .apply_once(SCHEMA, unknown(Value::unknown()), unknown("v1".into()))
        .await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert_eq!(account.tasks().len(), 1);
    let outcome = terraform
        .apply_once(SCHEMA, unknown(Value::unknown()), unknown("v2".into()))
        .await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert_eq!(account.tasks().len(), 2);
}

#[tokio::test]
async fn nothing_can_be_imported() {
    let terraform = Account::new().terraform().await;
    let refused = terraform
        .import(SCHEMA, ImportRequest::Id("main/shop-schema".to_owned()))
        .await;
    assert!(refused.diagnostics.has_errors());
    assert!(
        refused
            .diagnostics
            .to_string()
            .contains("Remove the import")
    );
}

#[tokio::test]
async fn the_last_runs_are_remembered_with_how_they_ended() {
    let account = Account::new();
    let works = account.definition(&[("app", WORKS)]);
    let terraform = account.terraform().await;
    let first = sound(terraform.apply(SCHEMA, config(&works, "v1")).await);
    let breaks = account.definition(&[("app", "v2--exit-3")]);
    let failed = terraform.apply(SCHEMA, config(&breaks, "v2")).await;
    assert!(failed.diagnostics.has_errors());
    let state = failed.state.unwrap();
    let history = state.attribute("history");
    let [second, one] = history.elements().unwrap() else {
        panic!("{history:?}");
    };
    assert_eq!(second.attribute("outcome").as_str(), Some("failed"));
    assert_eq!(second.attribute("exit_code"), &Value::from(3));
    assert_eq!(
        second.attribute("task_definition").as_str(),
        Some(breaks.as_str())
    );
    assert!(second.attribute("ended_at").as_str() > one.attribute("ended_at").as_str());
    assert_eq!(one.attribute("outcome").as_str(), Some("succeeded"));
    assert_eq!(one.attribute("task_arn"), first.attribute("task_arn"));

    // What changes nothing keeps it.
    let works = account.definition(&[("app", WORKS)]);
    let state = sound(terraform.apply(SCHEMA, config(&works, "v2")).await);
    assert_eq!(state.attribute("history").elements().unwrap().len(), 3);
    let plan = terraform.plan(SCHEMA, config(&works, "v2")).await;
    assert!(plan.is_empty());
}
