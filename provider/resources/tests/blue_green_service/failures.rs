//! Deployments that fail: what is said, what is recorded, and what the next plan shows.

use std::time::Duration;

use serde_json::json;
use tfplugin::testing::{ApplyResult, PlannedAction};
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, canary, code_deploy_at_once, error, in_turns,
    native_deployments, object, rolling, sound, until,
};
use crate::folder::last;

/// With `v1` applied.
struct Begun {
    account: Account,
    terraform: Terraform,
    /// The configuration of `v1`.
    config: Value,
    /// Its task definition.
    live: String,
}

async fn begun(deployment: Value) -> Begun {
    let account = Account::new();
    account.alarm("web-5xx");
    let terraform = account.terraform().await;
    let live = account.task_definition("v1");
    let config = account.native(deployment, &live);
    sound(terraform.apply(WEB, config.clone()).await);
    Begun {
        account,
        terraform,
        config,
        live,
    }
}

async fn code_deploy_begun() -> Begun {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let live = account.task_definition("v1");
    let config = account.code_deployed(&code_deploy_at_once(), &live);
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(1);
    Begun {
        account,
        terraform,
        config,
        live,
    }
}

impl Begun {
    fn next(&self, tag: &str) -> Value {
        self.config
            .clone()
            .with_attribute("task_definition", self.account.task_definition(tag))
    }

    /// The state names what is live, and the next plan tries again.
    async fn is_truthful(&self, outcome: &ApplyResult, wanted: &Value) {
        assert_eq!(
            outcome.attribute("task_definition").as_str(),
            Some(self.live.as_str())
        );
        assert!(!outcome.tainted, "an update taints nothing");
        assert_eq!(outcome.attribute("id").as_str(), Some("main/web"));
        if wanted.attribute("controller").is_null() {
            let rolls = wanted
                .attribute("deployment")
                .attribute("strategy")
                .as_str();
            let side = outcome.attribute("live_target_group").as_str();
            assert_eq!(side, Some(self.account.blue.as_str()), "{rolls:?}");
        }
        let record = last(outcome.state.as_ref().unwrap());
        assert!(record.attribute("outcome").as_str().is_some(), "{record:?}");
        assert_ne!(record.attribute("outcome").as_str(), Some("succeeded"));
        let plan = self.terraform.plan(WEB, again(wanted)).await;
        assert_eq!(plan.action, PlannedAction::Update, "{}", plan.diagnostics);
        assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
        // What is wanted again is there already.
        let plan = self.terraform.plan(WEB, self.config.clone()).await;
        assert!(plan.is_empty(), "{}\n{:?}", plan.diagnostics, plan.planned);
    }

    /// Another revision gets there.
    async fn recovers(&self) {
        let repaired = self.next("v9");
        sound(self.terraform.apply(WEB, repaired).await);
    }
}

/// The same although its images failed.
fn again(wanted: &Value) -> Value {
    wanted.clone().with_attribute("redeploy_failed", true)
}

#[tokio::test]
async fn a_revision_that_crashes_is_explained_and_never_recorded_as_live() {
    for deployment in native_deployments() {
        let begun = begun(deployment).await;
        let wanted = begun.next("v2--crash");
        let outcome = begun.terraform.apply(WEB, wanted.clone()).await;
        let said = error(&outcome);
        assert!(said.contains("exited with"), "{said}");
        assert!(said.contains("SY020"), "{said}");
        begun.is_truthful(&outcome, &wanted).await;
        begun.recovers().await;
    }
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled_is_explained() {
    let begun = begun(all_at_once()).await;
    let wanted = begun.next("v2--missing");
    let outcome = begun.terraform.apply(WEB, wanted.clone()).await;
    let said = error(&outcome);
    assert!(said.contains("CannotPullContainerError"), "{said}");
    begun.is_truthful(&outcome, &wanted).await;
}

#[test]
fn an_alarm_rolls_back_and_is_named() {
    in_turns(async {
        let deployment =
            all_at_once().with_attribute("alarms", object! { names: Value::set(["web-5xx"]) });
        let begun = begun(deployment).await;
        let wanted = begun.next("v2");
        let fires = async {
            until(|| begun.account.stage().as_deref() == Some("BAKE_TIME")).await;
            begun.account.errors_happen();
        };
        let (outcome, ()) = tokio::join!(begun.terraform.apply(WEB, wanted.clone()), fires);
        let said = error(&outcome);
        assert!(
            said.contains("web-5xx") && said.contains("SY0201"),
            "{said}"
        );
        begun.account.pass(10);
        begun.is_truthful(&outcome, &wanted).await;
        begun.recovers().await;
    });
}

#[test]
fn a_deployment_someone_stops_is_a_failure() {
    in_turns(async {
        let begun = begun(all_at_once()).await;
        let wanted = begun.next("v2");
        let stops = async {
            until(|| begun.account.deployments().len() == 2).await;
            let arn = begun.account.deployments()[0]["serviceDeploymentArn"].clone();
            begun.account.ecs(
                "StopServiceDeployment",
                json!({ "serviceDeploymentArn": arn, "stopType": "ABORT" }),
            );
        };
        let (outcome, ()) = tokio::join!(begun.terraform.apply(WEB, wanted.clone()), stops);
        let said = error(&outcome);
        assert!(said.contains("SY0203"), "{said}");
        begun.is_truthful(&outcome, &wanted).await;
        // The same again, undisturbed.
        sound(begun.terraform.apply(WEB, wanted).await);
    });
}

#[tokio::test]
async fn the_time_limit_rolls_back_or_leaves() {
    for on_cancel in ["rollback", "leave"] {
        let begun = begun(all_at_once()).await;
        let wanted = begun
            .next("v2--unready")
            // Tasks that are never ready and never given up.
            .with_attribute("health_check_grace_period", "1h")
            .with_attribute("timeouts", object! { update: "20m" })
            .with_attribute("on_cancel", on_cancel);
        let outcome = begun.terraform.apply(WEB, wanted.clone()).await;
        let said = error(&outcome);
        assert!(said.contains("SY0205"), "{said}");
        assert_eq!(
            outcome.attribute("task_definition").as_str(),
            Some(begun.live.as_str())
        );
        let plan = begun.terraform.plan(WEB, wanted).await;
        assert_eq!(
            plan.attribute("will_deploy"),
            &Value::from(true),
            "{on_cancel}"
        );
        // What was left goes on for ever, and a deployment under way is waited for.
        if on_cancel == "rollback" {
            begun.recovers().await;
        }
    }
}

#[tokio::test]
async fn a_first_deployment_that_fails_is_recorded_whole_and_tainted() {
    for deployment in native_deployments() {
        let account = Account::new();
        let terraform = account.terraform().await;
        let broken = account.task_definition("v1--crash");
        let config = account.native(deployment.clone(), &broken);
        let outcome = terraform.apply(WEB, config).await;
        let said = error(&outcome);
        assert!(
            said.contains("SY0207") && said.contains("exited with"),
            "{said}"
        );
        assert!(outcome.tainted);
        assert!(
            said.contains("terraform untaint 'switchyard_blue_green_service."),
            "{said}"
        );
        assert!(
            said.contains("terraform state list -id='main/web'"),
            "{said}"
        );
        let state = outcome.state.unwrap();
        let arn = account.service().await.unwrap().arn;
        assert_eq!(state.attribute("arn").as_str(), Some(arn.as_str()));
        assert_eq!(state.attribute("id").as_str(), Some("main/web"));
        assert_eq!(state.attribute("tags"), &Value::map([("team", "shop")]));
        assert_eq!(
            state.attribute("task_definition").as_str(),
            Some(broken.as_str())
        );
        let identity = terraform.identity(WEB).unwrap();
        assert_eq!(
            identity,
            object! { cluster: "main", name: "web", region: "eu-west-1" }
        );
        // Terraform replaces what is tainted.
        let repaired = account.native(deployment, &account.task_definition("v2"));
        let plan = terraform.plan(WEB, repaired.clone()).await;
        assert_eq!(plan.action, PlannedAction::Replace);
        sound(terraform.apply(WEB, repaired).await);
        let gone = terraform.destroy(WEB).await;
        assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
        assert_eq!(account.service().await, None);
    }
}

#[tokio::test]
async fn triggers_of_a_deployment_that_failed_are_planned_again() {
    let begun = begun(rolling()).await;
    let wanted = begun
        .next("v2--crash")
        .with_attribute("redeploy_triggers", Value::map([("config", "a")]));
    let outcome = begun.terraform.apply(WEB, wanted).await;
    error(&outcome);
    assert!(outcome.attribute("redeploy_triggers").is_null());
    let triggered = begun
        .config
        .clone()
        .with_attribute("redeploy_triggers", Value::map([("config", "a")]));
    let plan = begun.terraform.plan(WEB, triggered.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    let before = begun.account.deployments().len();
    sound(begun.terraform.apply(WEB, triggered).await);
    assert_eq!(begun.account.deployments().len(), before + 1);
}

#[tokio::test]
async fn settings_that_took_effect_before_the_failure_are_recorded() {
    let begun = begun(rolling()).await;
    let wanted = begun
        .next("v2--crash")
        .with_attribute("desired_count", 3)
        .with_attribute("tags", Value::map([("cost", "1")]));
    let outcome = begun.terraform.apply(WEB, wanted.clone()).await;
    error(&outcome);
    let service = begun.account.service().await.unwrap();
    assert_eq!(
        outcome.attribute("desired_count"),
        &Value::from(i64::from(service.desired))
    );
    assert_eq!(
        outcome.attribute("tags").entries().map(|tags| tags.len()),
        Some(service.tags.len())
    );
    let fixed = wanted.with_attribute("task_definition", begun.account.task_definition("v3"));
    sound(begun.terraform.apply(WEB, fixed).await);
    let service = begun.account.service().await.unwrap();
    assert_eq!(service.desired, 3);
    assert_eq!(service.tags.keys().collect::<Vec<_>>(), ["cost"]);
}

#[test]
fn an_interrupted_apply_rolls_back_or_leaves() {
    in_turns(async {
        for on_cancel in ["rollback", "leave"] {
            for seconds in [0, 10, 40, 90, 150, 270] {
                let begun = begun(canary()).await;
                let account = &begun.account;
                let wanted = begun.next("v2").with_attribute("on_cancel", on_cancel);
                let start = account.world.now();
                let interrupts = async {
                    until(|| account.deployments().len() == 2).await;
                    let passed = Duration::from_secs(seconds);
                    until(|| account.world.now().since(start) >= passed).await;
                    let said = begun.terraform.stop().await;
                    assert!(said.is_empty(), "{said}");
                };
                let (outcome, ()) =
                    tokio::join!(begun.terraform.apply(WEB, wanted.clone()), interrupts);
                let what = format!("{on_cancel} after {seconds} s");
                let said = error(&outcome);
                assert!(said.contains("SY0206"), "{what}: {said}");
                // While ECS removes the old tasks there is nothing to go back to.
                let goes_on = on_cancel == "leave" || said.contains("stage CLEAN_UP");
                assert!(
                    on_cancel == "leave" || !goes_on || seconds == 270,
                    "{what}: {said}"
                );
                // The state names what has the traffic, and keeps what the rollout did not change.
                let side = outcome.attribute("live_target_group").as_str();
                let revision = outcome.attribute("task_definition").as_str();
                if side == Some(account.blue.as_str()) {
                    assert_eq!(revision, Some(begun.live.as_str()), "{what}");
                } else {
                    assert!(goes_on, "{what}: {said}");
                    assert_eq!(
                        revision,
                        wanted.attribute("task_definition").as_str(),
                        "{what}"
                    );
                }
                sound(begun.terraform.apply(WEB, wanted).await);
                let expected = if goes_on { 2 } else { 3 };
                assert_eq!(account.deployments().len(), expected, "{what}");
            }
        }
    });
}

#[test]
fn an_interrupted_creation_is_recorded_or_taken_up() {
    in_turns(async {
        for on_cancel in ["rollback", "leave"] {
            for seconds in [0, 20] {
                let account = Account::new();
                let terraform = account.terraform().await;
                let config = account
                    .native(all_at_once(), &account.task_definition("v1"))
                    .with_attribute("on_cancel", on_cancel);
                let start = account.world.now();
                let interrupts = async {
                    until(|| account.deployments().len() == 1).await;
                    let passed = Duration::from_secs(seconds);
                    until(|| account.world.now().since(start) >= passed).await;
                    terraform.stop().await
                };
                let (outcome, _) = tokio::join!(terraform.apply(WEB, config.clone()), interrupts);
                let said = error(&outcome);
                assert!(said.contains("SY0206"), "{said}");
                let recorded = outcome.attribute("arn").as_str().is_some();
                assert!(
                    recorded || account.is_marked().await,
                    "{on_cancel} {seconds}"
                );
                sound(terraform.apply(WEB, config).await);
                let gone = terraform.destroy(WEB).await;
                assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
                assert_eq!(account.service().await, None);
            }
        }
    });
}

#[tokio::test]
async fn an_interrupted_plan_ends() {
    let begun = begun(all_at_once()).await;
    let wanted = begun.next("v2");
    let (plan, _) = tokio::join!(begun.terraform.plan(WEB, wanted), begun.terraform.stop());
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn a_rejected_change_leaves_the_state_as_it_was() {
    let begun = begun(all_at_once()).await;
    let wanted = begun
        .config
        .clone()
        .with_attribute("task_definition", "web:99");
    let outcome = begun.terraform.apply(WEB, wanted).await;
    let said = error(&outcome);
    assert!(said.contains("web:99"), "{said}");
    assert_eq!(
        outcome.attribute("task_definition").as_str(),
        Some(begun.live.as_str())
    );
    let plan = begun.terraform.plan(WEB, begun.config.clone()).await;
    assert!(plan.is_empty(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn a_code_deploy_deployment_that_crashes_is_rolled_back() {
    let begun = code_deploy_begun().await;
    let wanted = begun.next("v2--crash");
    let outcome = begun.terraform.apply(WEB, wanted.clone()).await;
    let said = error(&outcome);
    assert!(said.contains("exited with"), "{said}");
    begun.is_truthful(&outcome, &wanted).await;
    begun.recovers().await;
}

#[test]
fn a_code_deploy_deployment_someone_stops_is_a_failure() {
    in_turns(async {
        let begun = code_deploy_begun().await;
        let wanted = begun.next("v2");
        let stops = async {
            until(|| begun.account.code_deploy_deployments().len() == 1).await;
            let id = begun.account.code_deploy_deployments()[0].clone();
            begun.account.code_deploy(
                "StopDeployment",
                json!({ "deploymentId": id, "autoRollbackEnabled": true }),
            );
        };
        let (outcome, ()) = tokio::join!(begun.terraform.apply(WEB, wanted.clone()), stops);
        let said = error(&outcome);
        assert!(said.contains("SY0201"), "{said}");
        begun.is_truthful(&outcome, &wanted).await;
        sound(begun.terraform.apply(WEB, wanted).await);
    });
}

#[test]
fn an_interrupted_code_deploy_apply_rolls_back_or_leaves() {
    in_turns(async {
        for on_cancel in ["rollback", "leave"] {
            for seconds in [0, 30] {
                let begun = code_deploy_begun().await;
                let wanted = begun.next("v2").with_attribute("on_cancel", on_cancel);
                let start = begun.account.world.now();
                let interrupts = async {
                    until(|| begun.account.code_deploy_deployments().len() == 1).await;
                    let passed = Duration::from_secs(seconds);
                    until(|| begun.account.world.now().since(start) >= passed).await;
                    begun.terraform.stop().await
                };
                let (outcome, _) =
                    tokio::join!(begun.terraform.apply(WEB, wanted.clone()), interrupts);
                let said = error(&outcome);
                assert!(said.contains("SY0206"), "{on_cancel} {seconds}: {said}");
                sound(begun.terraform.apply(WEB, wanted).await);
            }
        }
    });
}

#[tokio::test]
async fn without_its_deployment_group_a_rollout_is_refused_at_plan() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config =
        |tag: &str| account.code_deployed(&code_deploy_at_once(), &account.task_definition(tag));
    sound(terraform.apply(WEB, config("v1")).await);
    let plan = terraform.plan(WEB, config("v2")).await;
    let said = plan.diagnostics.to_string();
    assert!(
        plan.diagnostics.has_errors() && said.contains("SY01"),
        "{said}"
    );
}

#[tokio::test]
async fn a_destruction_that_takes_too_long_goes_on_next_time() {
    let begun = begun(all_at_once()).await;
    let hasty = begun
        .config
        .clone()
        .with_attribute("timeouts", object! { delete: "1s" });
    sound(begun.terraform.apply(WEB, hasty).await);
    let outcome = begun.terraform.destroy(WEB).await;
    let said = error(&outcome);
    assert!(said.contains("Destroy again"), "{said}");
    assert!(outcome.state.is_some());
    begun.account.pass(30);
    let gone = begun.terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(begun.terraform.state(WEB), None);
}
