//! What AWS keeps when it is not told: whatever a strategy had is gone when another one has taken its place, and a plan
//! never announces what an apply does not do.

use serde_json::json;
use switchyard_engine::ports::ErrorKind;
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, answers, code_deploy_at_once, object, rolling, shift, sound, steps, web,
};

fn hook(name: &str, stage: &str) -> Value {
    object! {
        stages: Value::set([stage]),
        function_arn: format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}"),
        role_arn: "arn:aws:iam::123456789012:role/hooks",
        details: "{\"depth\":3}",
        timeout: "10m",
    }
}

/// Every strategy, each with everything that it can have.
fn strategies() -> [(&'static str, Value); 5] {
    let both = |deployment: Value| {
        deployment.with_attribute("alarms", object! { names: Value::set(["web-5xx"]) })
    };
    let shifting = |deployment: Value, name: &str| {
        both(deployment).with_attribute(
            "lifecycle_hook",
            Value::list([hook(name, "POST_SCALE_UP"), hook("audit", "PRE_SCALE_UP")]),
        )
    };
    let breaker = object! {
        threshold: Value::object([("type", Value::from("count")), ("value", Value::from(4))]),
        reset_on_healthy_task: false,
    };
    let rolling = object! {
        strategy: "rolling", maximum_percent: 150, minimum_healthy_percent: 50, circuit_breaker: breaker,
    };
    let at_once = object! { strategy: "all_at_once", bake_time: "2m" };
    let canary = object! { strategy: "canary", canary: shift(20, "1m"), bake_time: "1m" };
    let linear = object! { strategy: "linear", linear: shift(50, "1m"), bake_time: "3m" };
    [
        ("rolling", both(rolling)),
        ("all_at_once", shifting(at_once, "smoke")),
        ("canary", shifting(canary, "shadow")),
        ("linear", shifting(linear, "smoke")),
        ("steps", shifting(steps(), "shadow")),
    ]
}

/// The deployment configuration that AWS has; what is off is not there.
fn configured(account: &Account) -> serde_json::Value {
    let input = json!({ "cluster": "main", "services": ["web"] });
    let described = account.ecs("DescribeServices", input);
    let mut found = described["services"][0]["deploymentConfiguration"].clone();
    let members = found.as_object_mut().unwrap();
    for guard in ["alarms", "deploymentCircuitBreaker"] {
        if members
            .get(guard)
            .is_some_and(|guard| guard["enable"] == false)
        {
            members.remove(guard);
        }
    }
    members.retain(|_, value| *value != json!(0) && *value != json!([]));
    found
}

fn config(account: &Account, name: &str, deployment: &Value) -> Value {
    let config = account
        .native(deployment.clone(), "web:1")
        .with_attribute("timeouts", object! { update: "2h" });
    match name {
        "rolling" => config,
        "steps" => config.with_attribute("gate", Value::list([answers(&["before_traffic"])])),
        _ => config.with_attribute("gate", Value::list([answers(&["before_traffic", "bake"])])),
    }
}

fn account() -> Account {
    let account = Account::new();
    account.alarm("web-5xx");
    account.task_definition("v1");
    account
}

#[tokio::test]
async fn no_strategy_leaves_anything_to_the_next_one() {
    for (to, wanted) in strategies() {
        let fresh = account();
        let wished = config(&fresh, to, &wanted);
        sound(fresh.terraform().await.apply(WEB, wished).await);
        for (from, before) in strategies() {
            let what = format!("{from} to {to}");
            let account = account();
            let terraform = account.terraform().await;
            sound(terraform.apply(WEB, config(&account, from, &before)).await);
            let wished = config(&account, to, &wanted);
            let changed = terraform.apply(WEB, wished.clone()).await;
            assert!(
                !changed.diagnostics.has_errors(),
                "{what}: {}",
                changed.diagnostics
            );
            assert_eq!(configured(&account), configured(&fresh), "{what}");
            let plan = terraform.plan(WEB, wished).await;
            assert!(
                plan.is_empty(),
                "{what}: {:?} {:?}",
                plan.prior,
                plan.planned
            );
            assert!(plan.diagnostics.is_empty(), "{what}: {}", plan.diagnostics);
        }
    }
}

#[tokio::test]
async fn a_service_that_goes_to_code_deploy_leaves_its_guards_behind() {
    let account = Account::with_code_deploy();
    account.alarm("web-5xx");
    let one = account.task_definition("v1");
    let pair = json!([
        { "TargetGroupArn": account.blue, "Weight": 1 }, { "TargetGroupArn": account.green, "Weight": 0 },
    ]);
    let forward = json!({ "Type": "forward", "ForwardConfig": { "TargetGroups": pair } });
    account.elb(
        "ModifyListener",
        json!({ "ListenerArn": account.listener, "DefaultActions": [forward] }),
    );
    let terraform = account.terraform().await;
    let back = account.code_deployed(&code_deploy_at_once(), &one);
    for (from, before) in strategies()
        .into_iter()
        .filter(|(name, _)| *name != "rolling")
    {
        let mut native = account.native(before, &one);
        let balancer = native.attribute("load_balancer").clone();
        native = native.with_attribute(
            "load_balancer",
            balancer.with_attribute("production_listener_rule", account.default_rule()),
        );
        let begun = terraform.apply(WEB, native.clone()).await;
        assert!(
            !begun.diagnostics.has_errors(),
            "{from}: {}",
            begun.diagnostics
        );
        let moved = terraform.apply(WEB, back.clone()).await;
        assert!(
            !moved.diagnostics.has_errors(),
            "{from}: {}",
            moved.diagnostics
        );
        let left = configured(&account);
        for member in [
            "lifecycleHooks",
            "alarms",
            "deploymentCircuitBreaker",
            "linearConfiguration",
        ] {
            assert!(left.get(member).is_none(), "{from}: {left}");
        }
        let plan = terraform.plan(WEB, back.clone()).await;
        assert!(plan.is_empty(), "{from}: {:?}", plan.planned);
    }
}

fn spot(weight: i64) -> Value {
    Value::list([
        object! { capacity_provider: "FARGATE", base: 1, weight: 1 },
        object! { capacity_provider: "FARGATE_SPOT", weight: weight },
    ])
}

fn providers(account: &Account, default: serde_json::Value) {
    account.ecs(
        "PutClusterCapacityProviders",
        json!({
            "cluster": "main", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": default,
        }),
    );
}

/// Where AWS runs the tasks: launch type, names of the strategy.
fn place(account: &Account) -> (Option<String>, Vec<String>) {
    let input = json!({ "cluster": "main", "services": ["web"] });
    let service = account.ecs("DescribeServices", input)["services"][0].clone();
    let items = service["capacityProviderStrategy"].as_array().cloned();
    let names = items.unwrap_or_default();
    (
        service["launchType"].as_str().map(str::to_owned),
        names
            .iter()
            .map(|item| item["capacityProvider"].as_str().unwrap().to_owned())
            .collect(),
    )
}

#[tokio::test]
async fn a_strategy_that_is_removed_goes_away_with_a_deployment() {
    let account = Account::new();
    providers(
        &account,
        json!([{ "capacityProvider": "FARGATE", "weight": 1 }]),
    );
    let terraform = account.terraform().await;
    let plain = web(rolling(), &account.task_definition("v1"));
    let own = plain
        .clone()
        .with_attribute("launch_type", Value::Null)
        .with_attribute("capacity_provider_strategy", spot(3));
    sound(terraform.apply(WEB, own.clone()).await);
    assert_eq!(place(&account).1.len(), 2);
    // What a service without one has: the cluster's default strategy.
    let none = own.with_attribute("capacity_provider_strategy", Value::Null);
    let plan = terraform.plan(WEB, none.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    sound(terraform.apply(WEB, none.clone()).await);
    assert_eq!(place(&account), (None, vec!["FARGATE".to_owned()]));
    assert_eq!(account.deployments().len(), 2);
    let plan = terraform.plan(WEB, none).await;
    assert!(plan.is_empty(), "{:?}", plan.planned);
}

#[tokio::test]
async fn a_strategy_whose_removal_failed_is_still_to_be_removed() {
    let account = Account::new();
    providers(
        &account,
        json!([{ "capacityProvider": "FARGATE", "weight": 1 }]),
    );
    let own = web(rolling(), &account.task_definition("v1"))
        .with_attribute("launch_type", Value::Null)
        .with_attribute("capacity_provider_strategy", spot(3));
    let none = own
        .clone()
        .with_attribute("capacity_provider_strategy", Value::Null);
    sound(account.terraform().await.apply(WEB, own.clone()).await);
    let refusing = Intercept::new(account.ports.clone()).with(
        Selector::Operation("ecs:UpdateService", 1),
        Fault::Fails(ErrorKind::Denied),
    );
    let terraform = crate::account::configured(refusing.ports(), object! {}).await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    sound(terraform.apply(WEB, own.clone()).await);
    let failed = terraform.apply(WEB, none.clone()).await;
    assert!(failed.diagnostics.has_errors(), "{}", failed.diagnostics);
    let state = failed.state.unwrap();
    let recorded = state.attribute("capacity_provider_strategy").elements();
    assert_eq!(recorded.map(<[Value]>::len), Some(2), "{state:?}");
    assert_eq!(place(&account).1.len(), 2);
    let plan = terraform.plan(WEB, none.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    sound(terraform.apply(WEB, none.clone()).await);
    assert_eq!(place(&account), (None, vec!["FARGATE".to_owned()]));
    let plan = terraform.plan(WEB, none).await;
    assert!(plan.is_empty(), "{:?}", plan.planned);
}

#[tokio::test]
async fn a_strategy_goes_back_to_the_launch_type_in_place() {
    let account = Account::new();
    providers(&account, json!([]));
    let terraform = account.terraform().await;
    let typed = web(rolling(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, typed.clone()).await);
    let own = typed
        .clone()
        .with_attribute("launch_type", Value::Null)
        .with_attribute("capacity_provider_strategy", spot(1));
    sound(terraform.apply(WEB, own.clone()).await);
    assert_eq!(place(&account).1.len(), 2);
    let nothing = own
        .clone()
        .with_attribute("capacity_provider_strategy", Value::Null);
    for wanted in [typed, nothing] {
        let plan = terraform.plan(WEB, wanted.clone()).await;
        assert_eq!(plan.action, PlannedAction::Update, "{:?}", plan.replace);
        assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
        sound(terraform.apply(WEB, wanted.clone()).await);
        assert_eq!(place(&account), (Some("FARGATE".to_owned()), vec![]));
        let plan = terraform.plan(WEB, wanted).await;
        assert!(plan.is_empty(), "{:?}", plan.planned);
        sound(terraform.apply(WEB, own.clone()).await);
    }
}

#[tokio::test]
async fn the_default_strategy_of_the_cluster_is_no_strategy_of_the_service() {
    let account = Account::new();
    providers(
        &account,
        json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 2 }]),
    );
    let config =
        web(rolling(), &account.task_definition("v1")).with_attribute("launch_type", Value::Null);
    sound(account.terraform().await.apply(WEB, config.clone()).await);
    let terraform = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(account.deployments().len(), 1);
    assert_eq!(place(&account), (None, vec!["FARGATE_SPOT".to_owned()]));
    let plan = terraform.plan(WEB, config).await;
    assert!(plan.is_empty(), "{:?}", plan.planned);
}
