//! What is recorded after an interruption, and what the next plan makes of it.

use serde_json::json;
use switchyard_engine::ports::{ErrorKind, ServiceRef};
use switchyard_world::Service;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, configured, object, sound};
use switchyard_support::intercept::{Fault, Intercept, Selector};

/// Suspended while a deployment runs.
fn suspending() -> Value {
    all_at_once().with_attribute("autoscaling", "suspend")
}

fn scalable(account: &Account) {
    account.call(
        Service::AutoScaling,
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 4,
        }),
    );
}

async fn is_suspended(account: &Account) -> bool {
    let service = ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let found = account.ports.scaling.find_scalable_target(&service).await;
    let state = found.unwrap().unwrap().suspended;
    state.scale_in || state.scale_out || state.scheduled
}

/// The provider dies right after the deployment was started; AWS brings it to its end. Nothing differs any more
/// but automatic scaling, and still the next plan is not empty.
#[tokio::test]
async fn what_an_ended_rollout_has_left_makes_a_plan_that_cleans_up() {
    let account = Account::new();
    let dying = Intercept::new(account.ports.clone());
    let terraform = configured(dying.ports(), object! {}).await;
    let one = account.native(suspending(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, one.clone()).await);
    scalable(&account);
    let two = one.with_attribute("task_definition", account.task_definition("v2"));
    let updates = dying.count("ecs:UpdateService");
    let dying = dying.with(
        Selector::Operation("ecs:UpdateService", updates + 1),
        Fault::DiesAfter,
    );
    let died = dying.until_death(terraform.apply(WEB, two.clone())).await;
    assert!(died.is_none(), "it dies in the middle");
    account.pass(60);
    assert!(is_suspended(&account).await);

    // The old state is all that Terraform has.
    let plan = terraform.plan(WEB, two.clone()).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    let left = Value::list(["automatic scaling is suspended"]);
    assert_eq!(plan.prior.attribute("unfinished"), &left);
    let outcome = terraform.apply(WEB, two.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    assert!(!is_suspended(&account).await);
    assert_eq!(account.deployments().len(), 2);
    assert_eq!(outcome.attribute("unfinished"), &Value::list::<Value>([]));
    assert!(terraform.plan(WEB, two).await.is_empty());
}

/// A call that fails for good in the middle of an update records what is live, and taints nothing.
#[tokio::test]
async fn a_failed_update_is_recorded_and_never_tainted() {
    for operation in ["ecs:UpdateService", "ecs:DescribeServiceDeployments"] {
        for kind in [
            ErrorKind::Denied,
            ErrorKind::Rejected,
            ErrorKind::Unexpected,
        ] {
            let account = Account::new();
            let failing = Intercept::new(account.ports.clone());
            let terraform = configured(failing.ports(), object! {}).await;
            let one = account.native(suspending(), &account.task_definition("v1"));
            sound(terraform.apply(WEB, one.clone()).await);
            scalable(&account);
            let begun = failing.count(operation);
            let _armed = failing.with(
                Selector::Operation(operation, begun + 3),
                Fault::Fails(kind),
            );
            let two = one.with_attribute("task_definition", account.task_definition("v2"));
            let outcome = terraform.apply_once(WEB, two.clone(), two.clone()).await;
            let what = format!("{operation} {kind:?}: {}", outcome.diagnostics);
            assert!(!outcome.tainted, "{what}");
            assert_eq!(outcome.attribute("id").as_str(), Some("main/web"), "{what}");
            assert!(!is_suspended(&account).await, "{what}");
        }
    }
}
