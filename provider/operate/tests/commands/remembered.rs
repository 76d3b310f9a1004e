//! `history` and `snapshot`.

use jiff::SignedDuration;
use serde_json::json;
use switchyard_operate::{Exit, Rollback, SnapshotVerb};
use switchyard_support::account::Account;

use crate::operator::{
    CANARY, deploy, every, first_of_api, live_with, pass_until, stepped, third_by_code_deploy, web,
};

#[tokio::test]
async fn history_counts_what_succeeded_and_what_was_rolled_back() {
    let account = live_with(CANARY, Vec::new()).await;
    deploy(&account, "v2");
    pass_until(&account, |it| it["status"] == "SUCCESSFUL").await;
    deploy(&account, "v3");
    pass_until(&account, |it| it["status"] == "IN_PROGRESS").await;
    let rollback = Rollback::default();
    web()
        .rollback(&account.ports, &rollback)
        .await
        .ends(Exit::Done);

    let found = web().json().history(&account.ports, 7).await.json();
    assert_eq!(found["format"], "switchyard.history");
    let deployments = found["deployments"].as_array().unwrap();
    let statuses: Vec<_> = deployments
        .iter()
        .map(|it| it["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"]
    );
    assert_eq!(deployments[0]["from"], deployments[1]["to"]);
    assert_eq!(deployments[1]["images"], json!({ "app": "app:v2" }));
    let figures = &found["figures"];
    assert_eq!(
        (figures["ended"].as_u64(), figures["failed"].as_u64()),
        (Some(3), Some(1))
    );
    assert_eq!(figures["deployments_per_week"], 2.0);
    assert!(figures["restore_seconds"].as_i64().unwrap() > 0);
    assert_eq!(figures["lead_seconds"], json!(null));
    let text = web().history(&account.ports, 7).await.ends(Exit::Done);
    assert!(text.starts_with("STARTED"), "{text}");
    assert!(
        text.contains("change failure rate    33 % (1 of 3)\n"),
        "{text}"
    );
    assert!(
        text.contains("no task definition has the tag switchyard:commit-time"),
        "{text}"
    );
}

#[tokio::test]
async fn the_lead_time_is_counted_from_the_commit_that_a_task_definition_names() {
    let account = live_with(CANARY, Vec::new()).await;
    let arn = account.task_definition("v2");
    let committed = account.ports.clock.now() - SignedDuration::from_hours(2);
    account.ecs(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "switchyard:commit-time", "value": committed.to_string() }] }),
    );
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": arn }),
    );
    pass_until(&account, |it| it["status"] == "SUCCESSFUL").await;
    let found = web().json().history(&account.ports, 7).await.json();
    let lead = found["figures"]["lead_seconds"].as_i64().unwrap();
    assert!((7200..12_000).contains(&lead), "{lead}");
}

#[tokio::test]
async fn deployments_of_codedeploy_are_listed_with_their_figures() {
    let account = third_by_code_deploy().await;
    let found = web().json().history(&account.ports, 7).await.json();
    let deployments = found["deployments"].as_array().unwrap();
    let told: Vec<_> = deployments
        .iter()
        .map(|it| {
            (
                it["status"].as_str().unwrap(),
                it["images"]["app"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("Succeeded", "app:v3"), ("Succeeded", "app:v2")]);
    // The first one of a group does not say what it replaced.
    assert_eq!(deployments[1]["from"], json!(null));
    assert_eq!(deployments[0]["from"], deployments[1]["to"]);
    assert_eq!(found["figures"]["ended"], 2);
    assert_eq!(found["figures"]["failed"], 0);
    assert_eq!(found["not_remembered"], json!([]));
}

#[tokio::test]
async fn deployments_that_aws_does_not_remember_are_told() {
    let account = Account::new();
    account.done(&stepped(&account, "v1")).await;
    let message = web().history(&account.ports, 7).await.fails();
    assert!(message.contains("`EXTERNAL`"), "{message}");
}

#[tokio::test]
async fn one_service_that_aws_does_not_remember_keeps_no_other_from_the_list() {
    let account = Account::new();
    account.done(&stepped(&account, "v1")).await;
    first_of_api(&account).await;
    let found = every().json().history(&account.ports, 7).await.json();
    let deployments = found["deployments"].as_array().unwrap();
    assert!(!deployments.is_empty());
    assert!(deployments.iter().all(|it| it["service"] == "api"));
    assert_eq!(
        found["not_remembered"],
        json!([{ "service": "web", "controller": "EXTERNAL" }])
    );
    let text = every().history(&account.ports, 7).await.ends(Exit::Done);
    assert!(
        text.contains("\nNot listed: `web` (controller `EXTERNAL`)."),
        "{text}"
    );
}

#[tokio::test]
async fn snapshots_are_taken_listed_compared_and_pruned() {
    let account = live_with(CANARY, Vec::new()).await;
    let none = web()
        .snapshots(&account.ports, &SnapshotVerb::List)
        .await
        .ends(Exit::Done);
    assert_eq!(
        none,
        "There are no snapshots of `web` in the folder kept.\n"
    );
    let take = |reason: &str| SnapshotVerb::Take(reason.to_owned());
    let first = web()
        .json()
        .snapshots(&account.ports, &take("first"))
        .await
        .json();
    assert_eq!(first["condition"], "good");
    let first = first["snapshot_id"].as_str().unwrap().parse().unwrap();

    let same = SnapshotVerb::Diff(first, None);
    assert_eq!(
        web()
            .snapshots(&account.ports, &same)
            .await
            .ends(Exit::Done),
        "Nothing differs.\n"
    );
    deploy(&account, "v2");
    pass_until(&account, |it| it["status"] == "SUCCESSFUL").await;
    let text = web()
        .snapshots(&account.ports, &same)
        .await
        .ends(Exit::Done);
    assert!(text.contains("app:v1") && text.contains("app:v2"), "{text}");
    let found = web().json().snapshots(&account.ports, &same).await.json();
    assert!(!found["differences"].as_array().unwrap().is_empty());

    let text = web()
        .snapshots(&account.ports, &take("second"))
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("The service is good. Stored as kept/main/web/"),
        "{text}"
    );
    let text = web()
        .snapshots(&account.ports, &SnapshotVerb::List)
        .await
        .ends(Exit::Done);
    let reasons: Vec<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.rsplit("  ").next().unwrap())
        .collect();
    assert_eq!(reasons, ["second", "first"]);
    let shown = web()
        .snapshots(&account.ports, &SnapshotVerb::Show(None))
        .await
        .json();
    assert_eq!(shown["reason"], "second");

    let prune = |dry_run| SnapshotVerb::Prune {
        keep: 1,
        age: SignedDuration::from_hours(24 * 30),
        dry_run,
    };
    let text = web()
        .snapshots(&account.ports, &prune(true))
        .await
        .ends(Exit::Done);
    assert_eq!(
        text,
        format!("1 snapshot would be deleted, 1 kept\n  {first}\n")
    );
    let alone = web()
        .alone()
        .snapshots(&account.ports, &prune(false))
        .await
        .fails();
    assert!(alone.contains("--yes"), "{alone}");
    web()
        .snapshots(&account.ports, &prune(false))
        .await
        .ends(Exit::Done);
    let left = web()
        .json()
        .snapshots(&account.ports, &SnapshotVerb::List)
        .await
        .json();
    assert_eq!(left["snapshots"].as_array().unwrap().len(), 1);
    web()
        .snapshots(&account.ports, &prune(false))
        .await
        .ends(Exit::Nothing);
}
