//! What an account looks like when nothing is left to do.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::SuspendedState;
use switchyard_engine::{
    Applied, CREATING_TAG, DEPLOYING_TAG, DesiredService, ReportKind, SCALING_TAG,
};
use switchyard_world::Service;

use crate::production::{Production, served};
use switchyard_support::account::{Account, REGION};

/// How automatic scaling was before.
pub(crate) const BEFORE: SuspendedState = SuspendedState {
    scale_in: false,
    scale_out: false,
    scheduled: true,
};

fn target() -> Value {
    json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    })
}

/// Registers the service for automatic scaling.
pub(crate) fn scale(account: &Account) {
    let mut input = target();
    input["MinCapacity"] = json!(2);
    input["MaxCapacity"] = json!(4);
    input["SuspendedState"] = json!({
        "DynamicScalingInSuspended": BEFORE.scale_in,
        "DynamicScalingOutSuspended": BEFORE.scale_out,
        "ScheduledScalingSuspended": BEFORE.scheduled,
    });
    account.call(Service::AutoScaling, "RegisterScalableTarget", input);
}

/// Automatic scaling is as it was, and no note of it is left.
pub(crate) async fn is_scaling_free(account: &Account, wanted: &DesiredService, what: &str) {
    let found = account.ports.scaling.find_scalable_target(&wanted.service);
    if let Some(target) = found.await.unwrap() {
        assert_eq!(target.suspended, BEFORE, "{what}: scaling is as before");
    }
    assert!(!tags(account).contains_key(SCALING_TAG), "{what}");
}

/// Tags of the service.
pub(crate) fn tags(account: &Account) -> BTreeMap<String, String> {
    let input = json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] });
    let found = account
        .world
        .call(Service::Ecs, REGION, "DescribeServices", input);
    let found = found.unwrap_or_default();
    let tags = found["services"][0]["tags"].as_array().cloned();
    let pairs = tags.into_iter().flatten().map(|tag| {
        let text = |key: &str| tag[key].as_str().unwrap_or_default().to_owned();
        (text("key"), text("value"))
    });
    pairs.collect()
}

/// After the apply that recovered: what is wanted is there, and nothing else.
pub(crate) async fn is_as_wanted(
    account: &Account,
    production: &Production,
    wanted: &DesiredService,
    applied: Applied,
    what: &str,
) {
    let live = applied
        .live
        .unwrap_or_else(|| panic!("{what}: nothing is there"));
    assert_eq!(live.unfinished, [], "{what}");
    assert_eq!(live.deployment, None, "{what}");
    let task_definition = live.revision.task_definition.unwrap();
    if let Some(name) = wanted.revision.task_definition.name() {
        assert_eq!(task_definition, name, "{what}");
    }
    is_scaling_free(account, wanted, what).await;
    let mark = tags(account).get(CREATING_TAG).cloned();
    assert!(
        mark.as_ref().is_none_or(|mark| mark.contains("-ended-")),
        "{what}: {mark:?}"
    );
    assert!(!tags(account).contains_key(DEPLOYING_TAG), "{what}");
    // Old sides may still be on their way out.
    production.pass(Duration::from_secs(15 * 60));
    is_alone(account, &task_definition, what);
    let mut again = wanted.clone();
    again.intent = switchyard_engine::Intent::Update;
    let applied = account.apply(&again).await;
    let report = applied
        .result
        .unwrap_or_else(|failure| panic!("{what}: {}", failure.detail()));
    assert_eq!(report.kind, ReportKind::Unchanged, "{what}");
    // The service is in the state.
    assert!(!tags(account).contains_key(CREATING_TAG), "{what}");
}

/// One side has all traffic, and it is the only one.
pub(crate) fn is_alone(account: &Account, task_definition: &str, what: &str) {
    let plane = account.world.data_plane();
    let served = served(&plane);
    assert_eq!(served.len(), 1, "{what}: one side has all traffic");
    let desired = 2;
    assert_eq!(
        served[0].healthy, desired,
        "{what}: its targets are healthy"
    );
    assert_eq!(plane.tasks.len(), desired, "{what}: {:?}", plane.tasks);
    for task in &plane.tasks {
        assert_eq!(task.task_definition, task_definition, "{what}");
    }
    let others = plane
        .target_groups
        .iter()
        .filter(|it| it.arn != served[0].group);
    let left: Vec<_> = others
        .flat_map(|group| &group.targets)
        .filter(|target| target.health != "unused")
        .collect();
    assert!(left.is_empty(), "{what}: {left:?}");
    let input = json!({ "cluster": "main", "services": ["web"] });
    let found = account.ecs("DescribeServices", input);
    let found = &found["services"][0];
    assert_eq!(found["runningCount"], desired, "{what}");
    let sets = found["taskSets"].as_array().map_or(0, Vec::len);
    assert!(sets <= 1, "{what}: {}", found["taskSets"]);
}
