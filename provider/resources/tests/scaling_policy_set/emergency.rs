//! Bounds that a person has raised for a time are expected until it is over, and put back by the apply after it.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use switchyard_engine::EMERGENCY_TAG;
use switchyard_engine::emergency::{EmergencyWish, begin_emergency};
use switchyard_engine::ports::ServiceRef;
use switchyard_world::Service;
use tfplugin::testing::PlannedAction;

use crate::account::{Account, WEB, config, sound};

/// Raises for two hours.
async fn raise(account: &Account, min: Option<u32>, max: Option<u32>) {
    let name = ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let service = account.ports.services.find_service(&name).await;
    let service = service.unwrap().unwrap();
    let target = account.ports.scaling.find_scalable_target(&name).await;
    let target = target.unwrap();
    let wish = EmergencyWish {
        count: None,
        min,
        max,
        until: account.now() + SignedDuration::from_hours(2),
        reason: "sale".to_owned(),
    };
    let note = wish.note(&service, target.as_ref()).unwrap();
    begin_emergency(
        &account.ports,
        &service,
        target.as_ref(),
        &note,
        String::new(),
    )
    .await
    .unwrap();
}

fn has_note(account: &Account) -> bool {
    let found = account.call(
        Service::Ecs,
        "DescribeServices",
        json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] }),
    );
    let tags = found["services"][0]["tags"].as_array().cloned();
    tags.into_iter()
        .flatten()
        .any(|tag| tag["key"] == EMERGENCY_TAG)
}

#[tokio::test]
async fn raised_bounds_are_no_drift_until_their_time_is_over() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    raise(&account, Some(8), Some(40)).await;
    assert_eq!(account.bounds(), Some((8, 40)));

    let plan = terraform.plan(WEB, config()).await;
    assert!(plan.is_empty(), "{}", plan.diagnostics);
    let said = plan.diagnostics.to_string();
    for part in [
        "Service `web` has emergency scaling until",
        "8 to 40 tasks instead of 2 to 10",
        "it is not drift",
        "Reason: \"sale\".",
        "Rule SY0185.",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert_eq!(plan.diagnostics.len(), 1, "{said}");
    // An apply that has something else to do leaves it alone.
    let tagged = config().with_attribute("tags", tfplugin::value::Value::map([("team", "shop")]));
    let outcome = terraform.apply(WEB, tagged.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.bounds(), Some((8, 40)));
    assert!(has_note(&account));

    account.world.advance(Duration::from_secs(2 * 3600 + 1));
    let plan = terraform.plan(WEB, tagged.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let said = plan.diagnostics.to_string();
    assert!(said.contains("is over since"), "{said}");
    assert!(said.contains("Rule SY0186."), "{said}");
    assert!(!said.contains("has drifted"), "{said}");
    let outcome = terraform.apply(WEB, tagged.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.bounds(), Some((2, 10)));
    assert!(!has_note(&account));
    let plan = terraform.plan(WEB, tagged).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}

#[tokio::test]
async fn what_the_configuration_changes_meanwhile_and_what_others_change_counts() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    raise(&account, None, Some(40)).await;
    let other = config().with_attribute("max_capacity", 60);
    let outcome = terraform.apply(WEB, other.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.bounds(), Some((2, 60)));
    let plan = terraform.plan(WEB, other.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );

    account.scaling(
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 60 }),
    );
    let said = terraform.plan(WEB, other).await.diagnostics.to_string();
    assert!(said.contains("`min_capacity` was 2 and is 1"), "{said}");
}
