//! Going back to a revision that was live: all at once, unless the configuration says otherwise.

use serde_json::json;
use switchyard_engine::ports::{DeploymentConfiguration, Service, Strategy};
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, answers, canary, never, sound, steps};
use crate::folder::last;

const BY: &str = "task_definition";

async fn strategy(account: &Account) -> Strategy {
    let service = account.service().await.unwrap();
    service.deployment_configuration.unwrap().strategy
}

/// Applies a revision, and says how many seconds it took, of which the old side drains for three hundred at the end.
async fn deployed(account: &Account, terraform: &Terraform, config: &Value, revision: &str) -> u64 {
    let config = config.clone().with_attribute(BY, revision);
    let outcome = terraform.apply(WEB, config.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let state = outcome.state.unwrap();
    account.pass(60);
    let plan = terraform.plan(WEB, config).await;
    assert_eq!(plan.action, PlannedAction::NoOp, "{:?}", plan.planned);
    match last(&state).attribute("duration_seconds") {
        Value::Number(seconds) => seconds.to_string().parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_revision_before_comes_back_at_once_and_the_settings_stay() {
    for deployment in [canary(), steps()] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let (v1, v2) = (account.task_definition("v1"), account.task_definition("v2"));
        let gates = Value::list([answers(&["before_traffic", "step", "bake"])]);
        let config = account
            .native(deployment, &v1)
            .with_attribute("gate", gates);
        sound(terraform.apply(WEB, config.clone()).await);
        let before = strategy(&account).await;
        let forward = deployed(&account, &terraform, &config, &v2).await;
        let plan = terraform.plan(WEB, config.clone()).await;
        let said = plan.diagnostics.to_string();
        assert!(
            said.contains("returns to revision") && said.contains("SY0037"),
            "{said}"
        );
        let back = deployed(&account, &terraform, &config, &v1).await;
        assert!(
            forward > 500 && back < 400,
            "{forward} s there, {back} s back"
        );
        assert_eq!(
            strategy(&account).await,
            before,
            "the settings are as written"
        );
        // To deploy v2 again is a change like any other.
        let again = deployed(&account, &terraform, &config, &v2).await;
        assert!(again > 500, "{again}");
    }
}

#[tokio::test]
async fn a_way_back_that_fails_leaves_the_settings_as_they_are_written() {
    for (deployment, moment) in [
        (canary(), "before_traffic"),
        (steps(), "before_traffic"),
        (canary(), "after"),
    ] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let (v1, v2) = (account.task_definition("v1"), account.task_definition("v2"));
        let config = account.native(deployment, &v1);
        sound(terraform.apply(WEB, config.clone()).await);
        deployed(&account, &terraform, &config, &v2).await;
        let before = account.service().await.unwrap();
        let gates = Value::list([never(&[moment])]);
        let back = config.with_attribute("gate", gates);
        let failed = terraform.apply(WEB, back).await;
        assert!(failed.diagnostics.has_errors(), "{}", failed.diagnostics);
        let after = account.service().await.unwrap();
        // The gate is a part of the configuration by now, and has a pause of its own where it needs one.
        let settings = |service: Service| {
            let found = service.deployment_configuration.unwrap();
            DeploymentConfiguration {
                hooks: None,
                ..found
            }
        };
        assert_eq!(settings(after), settings(before), "{moment}");
    }
}

#[tokio::test]
async fn the_same_registered_once_more_is_the_revision_that_was_live() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let (v1, v2) = (account.task_definition("v1"), account.task_definition("v2"));
    let config = account.native(canary(), &v1);
    sound(terraform.apply(WEB, config.clone()).await);
    deployed(&account, &terraform, &config, &v2).await;
    let once_more = account.task_definition("v1");
    assert_ne!(once_more, v1);
    let back = deployed(&account, &terraform, &config, &once_more).await;
    assert!(back < 400, "{back}");
}

#[tokio::test]
async fn whoever_wants_the_careful_way_back_has_it() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let (v1, v2) = (account.task_definition("v1"), account.task_definition("v2"));
    let careful = canary().with_attribute("rollback_strategy", "same");
    let config = account.native(careful, &v1);
    sound(terraform.apply(WEB, config.clone()).await);
    deployed(&account, &terraform, &config, &v2).await;
    let back = deployed(&account, &terraform, &config, &v1).await;
    assert!(back > 500, "{back}");
}

#[tokio::test]
async fn a_revision_that_was_never_live_takes_the_careful_way() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let v1 = account.task_definition("v1");
    let broken = account.task_definition("v2--crash");
    let config = account.native(canary(), &v1);
    sound(terraform.apply(WEB, config.clone()).await);
    let failed = config.clone().with_attribute(BY, broken.as_str());
    assert!(
        terraform
            .apply(WEB, failed.clone())
            .await
            .diagnostics
            .has_errors()
    );
    account.pass(60);
    let said = terraform.plan(WEB, failed).await.diagnostics.to_string();
    assert!(!said.contains("SY0037"), "{said}");
    // What else changes was not live together with it.
    let v3 = account.task_definition("v3");
    deployed(&account, &terraform, &config, &v3).await;
    account.ecs(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": broken }),
    );
    let network = config.attribute("network_configuration").clone();
    let moved = config.with_attribute(
        "network_configuration",
        network.with_attribute("subnets", Value::set(["subnet-1"])),
    );
    let said = terraform.plan(WEB, moved).await.diagnostics.to_string();
    assert!(!said.contains("SY0037"), "{said}");
}
