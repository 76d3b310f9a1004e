//! The data sources: listing, reading, comparing.

use serde_json::json;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, bucket, config, here, object, release, sound, text};

const LIST: &str = "switchyard_deployment_snapshots";
const ONE: &str = "switchyard_deployment_snapshot";
const DIFF: &str = "switchyard_deployment_snapshot_diff";

/// Three snapshots: a good one, a degraded one, and one that was damaged.
async fn three(account: &Account) -> (Terraform, [String; 3]) {
    let terraform = account.terraform().await;
    let good = text(
        &sound(terraform.apply(WEB, release("1")).await),
        "snapshot_id",
    );
    account.pass(10);
    account.task_definition("app:v2");
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": "web:2" }),
    );
    let degraded = sound(terraform.apply(WEB, release("2")).await);
    assert_eq!(text(&degraded, "condition"), "degraded");
    let degraded = text(&degraded, "snapshot_id");
    account.pass(30);
    let damaged = text(
        &sound(terraform.apply(WEB, release("3")).await),
        "snapshot_id",
    );
    account.overwrite(&here(), &damaged, b"{}");
    (terraform, [good, degraded, damaged])
}

fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn all_are_listed_newest_first() {
    let account = Account::new();
    let (terraform, [good, degraded, damaged]) = three(&account).await;
    let found = terraform.read_data(LIST, config()).await.unwrap();
    let entries = items(found.attribute("snapshots"));
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (text(entry, "snapshot_id"), text(entry, "condition")))
        .collect();
    assert_eq!(
        told,
        [
            (damaged, "unreadable".to_owned()),
            (degraded, "degraded".to_owned()),
            (good, "good".to_owned()),
        ]
    );
    let reasons = |nth: usize| items(entries[nth].attribute("condition_reasons")).len();
    assert!(reasons(0) == 1 && reasons(1) > 0 && reasons(2) == 0);
    assert!(entries[0].attribute("checksum").is_null());
    assert_eq!(text(&entries[1], "reason"), "changed: release");
    let nowhere = config().with_attribute("bucket", object! { name: "shop-snapshots" });
    let found = terraform.read_data(LIST, nowhere).await.unwrap();
    assert!(items(found.attribute("snapshots")).is_empty());
    assert!(account.stored(&bucket("shop-snapshots")).is_empty());
}

#[tokio::test]
async fn one_is_read_by_its_id_or_as_the_newest() {
    let account = Account::new();
    let (terraform, [good, degraded, damaged]) = three(&account).await;
    let by_id = config().with_attribute("snapshot_id", degraded.as_str());
    let found = terraform.read_data(ONE, by_id).await.unwrap();
    assert_eq!(text(&found, "condition"), "degraded");
    let found = terraform.read_data(ONE, config()).await.unwrap();
    assert_eq!(text(&found, "snapshot_id"), good);
    assert!(text(&found, "document").contains("app:v1"));
    let latest = config().with_attribute("select", "latest");
    for (wanted, code) in [
        (latest.clone(), "SY0232"),
        (
            config().with_attribute("snapshot_id", damaged.as_str()),
            "SY0232",
        ),
        (
            config().with_attribute("snapshot_id", "20200101T000000Z-00000000"),
            "SY0238",
        ),
        (config().with_attribute("service", "nobody"), "SY0238"),
        (
            latest.with_attribute("snapshot_id", good.as_str()),
            "SY0042",
        ),
    ] {
        let refused = terraform.read_data(ONE, wanted).await.unwrap_err();
        assert!(refused.to_string().contains(code), "{refused}");
    }
}

#[tokio::test]
async fn none_that_is_good_is_said() {
    let account = Account::new();
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "desiredCount": 5 }),
    );
    let terraform = account.terraform().await;
    let only = sound(terraform.apply(WEB, config()).await);
    assert_eq!(text(&only, "condition"), "degraded");
    let refused = terraform.read_data(ONE, config()).await.unwrap_err();
    assert!(
        refused.to_string().contains("none of them is good"),
        "{refused}"
    );
    let latest = config().with_attribute("select", "latest");
    let found = terraform.read_data(ONE, latest).await.unwrap();
    assert_eq!(text(&found, "snapshot_id"), text(&only, "snapshot_id"));
}

#[tokio::test]
async fn two_are_compared_and_one_with_what_runs() {
    let account = Account::new();
    let (terraform, [good, degraded, _]) = three(&account).await;
    let from = config().with_attribute("from", good.as_str());
    let same = from.clone().with_attribute("to", good.as_str());
    let found = terraform.read_data(DIFF, same).await.unwrap();
    assert_eq!(found.attribute("has_changes"), &Value::from(false));
    assert_eq!(text(&found, "json").trim(), "[]");

    let found = terraform.read_data(DIFF, from.clone()).await.unwrap();
    assert_eq!(text(&found, "to"), "live");
    assert_eq!(found.attribute("has_changes"), &Value::from(true));
    assert!(
        text(&found, "text").contains("app:v2"),
        "{}",
        text(&found, "text")
    );
    let differences: serde_json::Value = serde_json::from_str(&text(&found, "json")).unwrap();
    let images = differences.as_array().unwrap().iter();
    let image = images.into_iter().find(|it| it["to"] == json!("app:v2"));
    assert_eq!(image.unwrap()["from"], json!("app:v1"));

    let between = from.clone().with_attribute("to", degraded.as_str());
    assert!(terraform.read_data(DIFF, between).await.is_ok());
    let deleted = from.with_attribute("service", "nobody");
    let refused = terraform.read_data(DIFF, deleted).await.unwrap_err();
    assert!(refused.to_string().contains("SY0238"), "{refused}");
}

#[tokio::test]
async fn a_service_that_is_gone_cannot_be_compared_with() {
    let account = Account::new();
    let (terraform, [good, ..]) = three(&account).await;
    account.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    account.pass(30);
    let from = config().with_attribute("from", good.as_str());
    let refused = terraform.read_data(DIFF, from).await.unwrap_err();
    assert!(refused.to_string().contains("SY0236"), "{refused}");
}
