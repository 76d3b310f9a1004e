//! What is run before and after a migration: a dry run, a backup, and the way back.

use switchyard_engine::ports::ErrorKind;
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tfplugin::testing::ApplyResult;
use tfplugin::value::Value;

use crate::account::{Account, SCHEMA, config, configured, object, sound};

const IMAGE: &str = "v1--exit-0-after-20s";

/// Commands of the tasks that ran, the oldest first; their first word.
fn ran(account: &Account) -> Vec<String> {
    let first = |task: &serde_json::Value| {
        let command = &task["overrides"]["containerOverrides"][0]["command"];
        command[0].as_str().unwrap().to_owned()
    };
    account.tasks().iter().map(first).collect()
}

fn snapshot(of: &str) -> Value {
    object! { db_instance_identifier: of }
}

fn with(account: &Account, command: &[&str]) -> Value {
    let definition = account.definition(&[("app", IMAGE)]);
    config(&definition, "v1")
        .with_attribute("command", Value::list(command.iter().copied()))
        .with_attribute("dry_run", Value::list(["plan", "--exit-0"]))
        .with_attribute("down", Value::list(["down", "--exit-0"]))
        .with_attribute("backup", snapshot("shop"))
}

#[track_caller]
fn says(outcome: &ApplyResult, words: &[&str]) {
    let said = outcome.diagnostics.to_string();
    for word in words {
        assert!(said.contains(word), "no {word:?} in:\n{said}");
    }
}

#[tokio::test]
async fn everything_runs_in_its_order_and_the_plan_says_so() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = with(&account, &["up", "--exit-0-after-60s"]);
    let plan = terraform.plan(SCHEMA, config.clone()).await;
    let steps = [
        "dry run: plan --exit-0",
        "backup: snapshot of instance shop",
        "migration: up --exit-0-after-60s",
        "if it fails: down --exit-0",
    ];
    assert_eq!(plan.attribute("steps"), &Value::list(steps));
    assert!(account.tasks().is_empty(), "a plan runs nothing");
    let state = sound(terraform.apply(SCHEMA, config.clone()).await);
    assert_eq!(ran(&account), ["plan", "up"]);
    let backup = state.attribute("backup_arn").as_str().unwrap();
    assert!(
        backup.contains(":snapshot:switchyard-shop-schema-"),
        "{backup}"
    );
    assert!(backup.ends_with("-1"), "{backup}");
    assert!(terraform.plan(SCHEMA, config).await.is_empty());
}

#[tokio::test]
async fn a_dry_run_that_fails_starts_neither_backup_nor_migration() {
    let account = Account::new();
    let failing = Intercept::new(account.ports.clone());
    let terraform = configured(failing.ports()).await;
    let config = with(&account, &["up", "--exit-0"])
        .with_attribute("dry_run", Value::list(["plan", "--exit-2"]));
    let outcome = terraform.apply(SCHEMA, config).await;
    says(
        &outcome,
        &[
            "The dry run of migration `shop-schema` failed",
            "exit code 2",
            "SY0288",
        ],
    );
    assert!(
        !outcome.diagnostics.to_string().contains("SY0280"),
        "one code"
    );
    assert_eq!(ran(&account), ["plan"]);
    assert_eq!(failing.count("rds:CreateDBSnapshot"), 0);
}

#[tokio::test]
async fn a_backup_that_fails_leaves_the_database_alone() {
    for (of, words) in [
        ("shop-missing", ["DBInstanceNotFound", "SY0289"]),
        ("shop-broken", ["RDS could not make the snapshot", "SY0289"]),
    ] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = with(&account, &["up", "--exit-0"]).with_attribute("backup", snapshot(of));
        let outcome = terraform.apply(SCHEMA, config).await;
        assert!(outcome.diagnostics.has_errors());
        says(&outcome, &words);
        assert_eq!(ran(&account), ["plan"], "{of}");
    }
}

#[tokio::test]
async fn a_backup_may_be_a_command() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let backup = object! { command: Value::list(["dump", "--exit-0"]) };
    let config = with(&account, &["up", "--exit-0"]).with_attribute("backup", backup);
    let state = sound(terraform.apply(SCHEMA, config.clone()).await);
    assert_eq!(ran(&account), ["plan", "dump", "up"]);
    let task = account.tasks()[1]["taskArn"].as_str().unwrap().to_owned();
    assert_eq!(state.attribute("backup_arn").as_str(), Some(task.as_str()));

    let failing = object! { command: Value::list(["dump", "--exit-1"]) };
    let next = config
        .with_attribute("backup", failing)
        .with_attribute("triggers", Value::map([("image", "v2")]));
    let outcome = terraform.apply(SCHEMA, next).await;
    says(
        &outcome,
        &["The backup of migration `shop-schema` failed", "SY0289"],
    );
    assert_eq!(ran(&account), ["plan", "dump", "up", "plan", "dump"]);
}

#[tokio::test]
async fn a_migration_that_fails_is_taken_back() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = with(&account, &["up", "--exit-3"]);
    let outcome = terraform.apply(SCHEMA, config.clone()).await;
    says(
        &outcome,
        &[
            "exit code 3",
            "`down` has run",
            "Backup `arn:aws:rds:",
            "SY0280",
        ],
    );
    assert_eq!(outcome.state, None, "it has not succeeded");
    assert_eq!(ran(&account), ["plan", "up", "down"]);

    // Again: with a snapshot of its own, because the database may have changed since.
    let works = config.with_attribute("command", Value::list(["up", "--exit-0"]));
    let state = sound(terraform.apply(SCHEMA, works).await);
    let backup = state.attribute("backup_arn").as_str().unwrap();
    assert!(backup.contains(":snapshot:"), "{backup}");

    let account = Account::new();
    let terraform = account.terraform().await;
    let hopeless = with(&account, &["up", "--exit-3"])
        .with_attribute("down", Value::list(["down", "--exit-4"]));
    let outcome = terraform.apply(SCHEMA, hopeless).await;
    says(
        &outcome,
        &[
            "and `down` failed as well",
            "exit code 3",
            "exit code 4",
            "SY0290",
        ],
    );
}

#[tokio::test]
async fn a_migration_that_never_ran_is_not_taken_back() {
    let account = Account::new();
    let missing = account.definition(&[("app", "v1--missing")]);
    let config = config(&missing, "v1").with_attribute("down", Value::list(["down", "--exit-0"]));
    let outcome = account.terraform().await.apply(SCHEMA, config).await;
    says(&outcome, &["CannotPullContainerError", "SY0281"]);
    assert_eq!(ran(&account), ["migrate"]);
}

#[tokio::test]
async fn whatever_call_fails_or_kills_the_next_apply_gets_there_and_no_snapshot_is_made_in_vain() {
    let faults = [
        Fault::Fails(ErrorKind::Unavailable),
        Fault::Fails(ErrorKind::Denied),
        Fault::AnswerLost,
        Fault::DiesBefore,
        Fault::DiesAfter,
    ];
    let undisturbed = {
        let account = Account::new();
        let counted = Intercept::new(account.ports.clone());
        let config = with(&account, &["up", "--exit-0-after-300s"]);
        sound(
            configured(counted.ports())
                .await
                .apply(SCHEMA, config)
                .await,
        );
        counted.calls()
    };
    assert!(undisturbed.contains(&"rds:CreateDBSnapshot"));
    for fault in faults {
        for nth in 0..undisturbed.len() {
            let account = Account::new();
            let config = with(&account, &["up", "--exit-0-after-300s"]);
            let failing = Intercept::new(account.ports.clone()).with(Selector::Nth(nth), fault);
            let terraform = configured(failing.ports()).await;
            let first = failing
                .until_death(terraform.apply_once(SCHEMA, config.clone(), config.clone()))
                .await;
            let what = format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
            let succeeded = first.is_some_and(|outcome| !outcome.diagnostics.has_errors());
            if !succeeded {
                let again = account.terraform().await.apply(SCHEMA, config).await;
                assert!(
                    !again.diagnostics.has_errors(),
                    "{what}: {}",
                    again.diagnostics
                );
            }
            let ups = ran(&account).iter().filter(|word| *word == "up").count();
            assert!((1..=2).contains(&ups), "{what}: {ups} migrations");
            let downs = ran(&account).iter().filter(|word| *word == "down").count();
            assert_eq!(downs, 0, "{what}");
        }
    }
}

#[tokio::test]
async fn an_apply_that_is_killed_during_the_snapshot_is_followed_by_one_that_waits_for_it() {
    let account = Account::new();
    let config = with(&account, &["up", "--exit-0"]);
    let dying = Intercept::new(account.ports.clone()).with(
        Selector::Operation("rds:CreateDBSnapshot", 1),
        Fault::DiesAfter,
    );
    let terraform = configured(dying.ports()).await;
    let died = dying
        .until_death(terraform.apply_once(SCHEMA, config.clone(), config.clone()))
        .await;
    assert!(died.is_none());
    let state = sound(account.terraform().await.apply(SCHEMA, config).await);
    let backup = state.attribute("backup_arn").as_str().unwrap();
    assert!(backup.ends_with("-1"), "no second snapshot: {backup}");
}

#[tokio::test]
async fn connection_strings_without_tls_are_refused_by_the_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.definition(&[("app", IMAGE)]);
    let with = |url: &str| {
        config(&definition, "v1")
            .with_attribute("environment", Value::map([("DATABASE_URL", url)]))
            .with_attribute("require_tls", true)
    };
    let plan = terraform
        .plan(SCHEMA, with("postgres://shop:hunter2@db/shop"))
        .await;
    let said = plan.diagnostics.to_string();
    assert!(
        said.contains("SY0291") && said.contains("`DATABASE_URL`"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
    let plan = terraform
        .plan(SCHEMA, with("postgres://db/shop?sslmode=require"))
        .await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn a_backup_is_of_one_kind() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for backup in [
        object! {},
        object! { db_instance_identifier: "shop", db_cluster_identifier: "shop" },
    ] {
        let config = with(&account, &["up", "--exit-0"]).with_attribute("backup", backup);
        let plan = terraform.plan(SCHEMA, config).await;
        assert!(
            plan.diagnostics.to_string().contains("SY0292"),
            "{}",
            plan.diagnostics
        );
    }
}
