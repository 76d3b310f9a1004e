//! Weights that are held: by ECS with pauses, and by this provider with task sets.

use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, object, sound, steps};
use crate::folder::Folder;

/// The weights the last deployment went through, each once.
fn weights(folder: &Folder) -> Vec<String> {
    let last = folder.last();
    let timeline = last["timeline"].as_array().unwrap().iter();
    let mut weights: Vec<String> = timeline
        .filter_map(|entry| Some(entry["weight"].as_f64()?.to_string()))
        .collect();
    weights.dedup();
    weights
}

#[tokio::test]
async fn ecs_holds_the_weights_that_are_written() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let folder = Folder::new("weights");
    let config = |tag: &str| folder.told(&account.native(steps(), &account.task_definition(tag)));
    sound(terraform.apply(WEB, config("v1")).await);
    let started = account.world.now();
    let next = config("v2");
    let state = sound(terraform.apply(WEB, next.clone()).await);
    // ECS goes on at once through weights that nobody asked to hold.
    let every: Vec<String> = (0..=10).map(|tenth| (tenth * 10).to_string()).collect();
    assert_eq!(weights(&folder), every);
    let minutes = account.world.now().since(started).as_secs() / 60;
    assert!((4..30).contains(&minutes), "{minutes}");
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.green.as_str())
    );
    // Other weights are a setting.
    let other = next.with_attribute(
        "deployment",
        object! {
            strategy: "steps",
            step: Value::list([object! { percent: 20, hold: "1m" }, object! { percent: 100 }]),
        },
    );
    let plan = terraform.plan(WEB, other.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, other).await);
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn task_sets_live_through_four_revisions() {
    let folder = Folder::new("task-sets");
    let account = Account::new();
    let terraform = account.terraform().await;
    for (number, tag) in ["v1", "v2", "v3", "v4"].into_iter().enumerate() {
        let config = account.external(steps(), &account.task_definition(tag));
        let config = folder.told(&config);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
        let state = sound(terraform.apply(WEB, config.clone()).await);
        let side = state.attribute("live_target_group").as_str();
        let expected = if number % 2 == 1 {
            &account.green
        } else {
            &account.blue
        };
        assert_eq!(side, Some(expected.as_str()), "{tag}");
        assert_eq!(
            state.attribute("task_definition"),
            config.attribute("task_definition")
        );
        assert_eq!(account.task_sets().await.len(), 1, "{tag}");
        if number > 0 {
            let seen = weights(&folder);
            for weight in ["10", "50", "100"] {
                assert!(seen.iter().any(|seen| seen == weight), "{weight}: {seen:?}");
            }
        }
    }
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(account.service().await, None);
}

#[tokio::test]
async fn an_imported_service_with_task_sets_needs_no_deployment() {
    let account = Account::new();
    let config = account.external(steps(), &account.task_definition("v1"));
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    let before = account.task_sets().await;
    let terraform = account.terraform().await;
    let imported = terraform
        .import(WEB, ImportRequest::Id("main/web".to_owned()))
        .await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, config).await);
    assert_eq!(account.task_sets().await, before);
}

#[tokio::test]
async fn settings_of_a_service_with_task_sets_change_in_place() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.external(steps(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let set = account.task_sets().await[0].clone();
    let changed = config
        .clone()
        .with_attribute("desired_count", 3)
        .with_attribute("tags", Value::map([("cost", "1")]));
    for config in [changed, config] {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        sound(terraform.apply(WEB, config).await);
        assert_eq!(account.task_sets().await[0], set);
    }
}
