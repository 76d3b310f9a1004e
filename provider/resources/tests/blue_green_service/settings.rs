//! Changes that start no deployment: settings, counts and their owner, tags.

use serde_json::json;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, code_deploy_at_once, configured, native_deployments, object,
    put_right, sound,
};
use crate::folder::last;

#[tokio::test]
async fn settings_change_without_a_deployment() {
    for deployment in native_deployments() {
        let account = Account::new();
        account.alarm("web-5xx");
        let terraform = account.terraform().await;
        let is_rolling = deployment.attribute("strategy").as_str() == Some("rolling");
        let config = account.native(deployment.clone(), &account.task_definition_with_role("v1"));
        let first = sound(terraform.apply(WEB, config.clone()).await);
        let mut deployment =
            deployment.with_attribute("alarms", object! { names: Value::set(["web-5xx"]) });
        if !is_rolling {
            deployment = deployment.with_attribute("bake_time", "5m");
        }
        let changed = config
            .clone()
            .with_attribute("deployment", deployment)
            .with_attribute("desired_count", 3)
            .with_attribute("health_check_grace_period", "90s")
            .with_attribute("enable_execute_command", true)
            .with_attribute("enable_ecs_managed_tags", true)
            .with_attribute("propagate_tags", "SERVICE")
            .with_attribute("on_cancel", "leave")
            .with_attribute("timeouts", object! { update: "2h" })
            .with_attribute("tags", Value::map([("team", "shop"), ("cost", "1")]));
        for config in [changed, config] {
            let plan = terraform.plan(WEB, config.clone()).await;
            assert_eq!(plan.action, PlannedAction::Update);
            assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
            assert_eq!(
                plan.attribute("last_deployment"),
                first.attribute("last_deployment")
            );
            let state = sound(terraform.apply(WEB, config).await);
            assert_eq!(
                state.attribute("last_deployment"),
                first.attribute("last_deployment")
            );
            assert_eq!(account.deployments().len(), 1);
        }
        assert_eq!(account.service().await.unwrap().desired, 2);
    }
}

#[tokio::test]
async fn hooks_and_thresholds_come_and_go() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let hook = object! {
        stages: Value::set(["POST_TEST_TRAFFIC_SHIFT", "PRE_SCALE_UP"]),
        function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:check",
        role_arn: "arn:aws:iam::123456789012:role/hook",
        details: "{ \"depth\": 1 }",
        timeout: "10m",
    };
    let plain = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, plain.clone()).await);
    let hooked = |hooks: Vec<Value>| {
        let deployment = all_at_once().with_attribute("lifecycle_hook", Value::List(hooks));
        plain.clone().with_attribute("deployment", deployment)
    };
    let short = hook.clone().with_attribute("timeout", Value::Null);
    let walk = [
        (hooked(vec![hook.clone()]), 1),
        (
            hooked(vec![short, hook.with_attribute("on_timeout", "continue")]),
            2,
        ),
        (plain.clone(), 0),
    ];
    for (config, hooks) in walk {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        sound(terraform.apply(WEB, config).await);
        let configuration = account.service().await.unwrap().deployment_configuration;
        let found = configuration.unwrap().hooks.unwrap_or_default();
        assert_eq!(found.len(), hooks, "{found:?}");
    }

    let account = Account::new();
    let terraform = account.terraform().await;
    let task_definition = account.task_definition("v1");
    let breaker = |breaker: Value| {
        let deployment = object! { strategy: "rolling", circuit_breaker: breaker };
        account.native(deployment, &task_definition)
    };
    for config in [
        breaker(object! { threshold: object! { type: "count", value: 7 } }),
        breaker(
            object! { threshold: object! { type: "bounded_percent", value: 20 }, reset_on_healthy_task: false },
        ),
        breaker(object! {}),
    ] {
        sound(terraform.apply(WEB, config).await);
    }
    assert_eq!(account.deployments().len(), 1);
}

#[tokio::test]
async fn scaling_is_suspended_for_a_deployment_only() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let deployment = all_at_once().with_attribute("autoscaling", "suspend");
    let config = |tag: &str| {
        account
            .native(deployment.clone(), &account.task_definition(tag))
            .with_attribute("desired_count_owner", "autoscaler")
    };
    sound(terraform.apply(WEB, config("v1")).await);
    account.call(
        switchyard_world::Service::AutoScaling,
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 4,
        }),
    );
    let state = sound(terraform.apply(WEB, config("v2")).await);
    assert_eq!(state.attribute("unfinished"), &Value::List(Vec::new()));
    let service = switchyard_engine::ports::ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let target = account.ports.scaling.find_scalable_target(&service).await;
    let suspended = target.unwrap().unwrap().suspended;
    assert!(!suspended.scale_in && !suspended.scale_out && !suspended.scheduled);
}

#[tokio::test]
async fn hooks_alarms_and_rollback_events_of_code_deploy_are_settings_of_the_next_deployment() {
    let account = Account::with_code_deploy();
    account.alarm("web-5xx");
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(1);
    let code_deploy = config.attribute("codedeploy").clone();
    let guarded = code_deploy
        .with_attribute("alarms", Value::set(["web-5xx"]))
        .with_attribute(
            "rollback_on",
            Value::set(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]),
        )
        .with_attribute("hooks", object! { after_allow_test_traffic: "check" });
    let guarded = config.clone().with_attribute("codedeploy", guarded);
    for config in [guarded, config] {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        sound(terraform.apply(WEB, config).await);
    }
    assert_eq!(account.code_deploy_deployments().len(), 0);
}

#[tokio::test]
async fn code_deploy_settings_change_without_a_deployment() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(1);
    let changed = config
        .clone()
        .with_attribute("desired_count", 3)
        .with_attribute("tags", Value::map([("cost", "1")]));
    for config in [changed, config] {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        sound(terraform.apply(WEB, config).await);
    }
    assert_eq!(
        account.code_deploy_deployments(),
        Vec::<serde_json::Value>::new()
    );
}

#[tokio::test]
async fn the_strategy_changes_without_a_deployment() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let task_definition = account.task_definition("v1");
    let [_, pairs @ ..] = native_deployments();
    for deployment in pairs {
        let config = account.native(deployment, &task_definition);
        sound(terraform.apply(WEB, config).await);
    }
    assert_eq!(account.deployments().len(), 1);
}

#[tokio::test]
async fn a_trigger_starts_a_deployment_once() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    for (number, value) in ["a", "b"].into_iter().enumerate() {
        let config = config
            .clone()
            .with_attribute("redeploy_triggers", Value::map([("config", value)]));
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
        let state = sound(terraform.apply(WEB, config).await);
        assert_eq!(account.deployments().len(), number + 2);
        assert_eq!(
            last(&state).attribute("id").as_str(),
            account.deployments()[0]["serviceDeploymentArn"].as_str()
        );
    }
}

#[tokio::test]
async fn a_code_deploy_trigger_starts_a_deployment_once() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(1);
    let config = config.with_attribute("redeploy_triggers", Value::map([("config", "a")]));
    let state = sound(terraform.apply(WEB, config).await);
    assert_eq!(account.code_deploy_deployments().len(), 1);
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.green.as_str())
    );
}

#[tokio::test]
async fn the_desired_count_belongs_to_its_owner() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let autoscaled = config
        .clone()
        .with_attribute("desired_count_owner", "autoscaler");
    let scale = |count: u32| {
        account.ecs(
            "UpdateService",
            json!({ "cluster": "main", "service": "web", "desiredCount": count }),
        );
        account.pass(5);
    };
    sound(terraform.apply(WEB, config.clone()).await);

    // What Terraform owns and someone else changes is drift.
    scale(4);
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.prior.attribute("desired_count"), &Value::from(4));
    put_right(
        terraform.apply(WEB, config.clone()).await,
        "service.desired-count",
    );
    assert_eq!(account.service().await.unwrap().desired, 2);

    // The autoscaler takes over: nothing happens, and from then on nothing is drift.
    let plan = terraform.plan(WEB, autoscaled.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    // What is written, or its default, was only for the beginning.
    for count in [Value::Null, Value::from(7)] {
        let other = autoscaled.clone().with_attribute("desired_count", count);
        let plan = terraform.plan(WEB, other).await;
        assert_eq!(plan.attribute("desired_count"), &Value::from(2));
    }
    sound(terraform.apply(WEB, autoscaled.clone()).await);
    scale(5);
    assert!(terraform.plan(WEB, autoscaled.clone()).await.is_empty());
    let edited = autoscaled.clone().with_attribute("desired_count", 3);
    assert!(terraform.plan(WEB, edited).await.is_empty());
    let rolled = autoscaled.with_attribute("task_definition", account.task_definition("v2"));
    sound(terraform.apply(WEB, rolled).await);
    assert_eq!(account.service().await.unwrap().desired, 5);
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn ignored_tags_belong_to_somebody_else() {
    let account = Account::new();
    let ignored = object! { keys: Value::set(["Cost"]), key_prefixes: Value::set(["org:"]) };
    let terraform = configured(
        account.ports.clone(),
        object! { default_tags: Value::map([("env", "dev"), ("org:env", "dev")]), ignore_tags: ignored },
    )
    .await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    let all = Value::map([("env", "dev"), ("team", "shop")]);
    assert_eq!(state.attribute("tags_all"), &all);
    let now = async || {
        let tags = account.service().await.unwrap().tags.into_iter();
        let tags = tags.filter(|(key, _)| !key.starts_with("switchyard:"));
        let tags: Vec<_> = tags.map(|(key, value)| format!("{key}={value}")).collect();
        tags.join(" ")
    };
    assert_eq!(now().await, "env=dev team=shop");

    // Neither read nor drift.
    let arn = account.service().await.unwrap().arn;
    account.ecs(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "Cost", "value": "7" }, { "key": "org:unit", "value": "x" }] }),
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );

    // A change of others leaves them alone.
    let other = config.clone().with_attribute("tags", Value::Null);
    let state = sound(terraform.apply(WEB, other).await);
    assert!(state.attribute("tags").is_null());
    assert_eq!(now().await, "Cost=7 env=dev org:unit=x");

    // What is written all the same stays in `tags`, is not written, and is said once.
    let written = Value::map([("Cost", "9"), ("team", "shop")]);
    let written = config.with_attribute("tags", written);
    let plan = terraform.plan(WEB, written.clone()).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("Tag `Cost` is not written"), "{said}");
    assert!(said.contains("SY0243"), "{said}");
    assert_eq!(plan.attribute("tags_all"), &all);
    let outcome = terraform.apply(WEB, written.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(now().await, "Cost=7 env=dev org:unit=x team=shop");
    let plan = terraform.plan(WEB, written).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}

#[tokio::test]
async fn default_tags_are_merged_and_followed() {
    let account = Account::new();
    let with = async |tags: &[(&str, &str)]| {
        let tags = Value::map(tags.iter().copied());
        configured(account.ports.clone(), object! { default_tags: tags }).await
    };
    let terraform = with(&[("env", "dev"), ("team", "all")]).await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    let expected = Value::map([("env", "dev"), ("team", "shop")]);
    assert_eq!(state.attribute("tags_all"), &expected);
    assert_eq!(state.attribute("tags"), &Value::map([("team", "shop")]));

    // Other defaults are a change of `tags_all` alone.
    let said = terraform
        .configure(object! { default_tags: Value::map([("env", "prod")]) })
        .await;
    assert!(said.is_empty(), "{said}");
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, config.clone()).await);
    let tags = account.service().await.unwrap().tags;
    assert_eq!(tags.get("env").map(String::as_str), Some("prod"));
    assert_eq!(tags.len(), 2, "{tags:?}");

    // A tag of someone else is drift, and goes.
    let arn = account.service().await.unwrap().arn;
    account.ecs(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "who", "value": "me" }] }),
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    put_right(
        terraform.apply(WEB, config.clone()).await,
        "service.tags-all",
    );
    assert_eq!(account.service().await.unwrap().tags.len(), 2);

    // A default that the configuration repeats stays in `tags`; without tags of its own there are none.
    let repeated = Value::map([("env", "prod"), ("team", "shop")]);
    let state = sound(
        terraform
            .apply(WEB, config.clone().with_attribute("tags", repeated.clone()))
            .await,
    );
    assert_eq!(state.attribute("tags"), &repeated);
    let state = sound(
        terraform
            .apply(WEB, config.with_attribute("tags", Value::Null))
            .await,
    );
    assert!(state.attribute("tags").is_null());
    assert_eq!(state.attribute("tags_all"), &Value::map([("env", "prod")]));
}

#[tokio::test]
async fn what_is_left_out_of_a_hook_or_a_breaker_is_awss_own_again() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    let hook = object! {
        stages: Value::set(["POST_SCALE_UP"]),
        function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:check",
        role_arn: "arn:aws:iam::123456789012:role/hook",
    };
    let hooked = |hook: Value| {
        let deployment = all_at_once().with_attribute("lifecycle_hook", Value::list([hook]));
        account.native(deployment, &definition)
    };
    sound(
        terraform
            .apply(WEB, hooked(hook.clone().with_attribute("timeout", "10m")))
            .await,
    );
    let plan = terraform.plan(WEB, hooked(hook.clone())).await;
    assert_eq!(plan.action, PlannedAction::Update);
    sound(terraform.apply(WEB, hooked(hook)).await);
    let found = account.service().await.unwrap().deployment_configuration;
    assert_eq!(found.unwrap().hooks.unwrap()[0].limit_minutes(), 1440);

    let account = Account::new();
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    let guarded = |breaker: Value| {
        let deployment = object! { strategy: "rolling", circuit_breaker: breaker };
        account.native(deployment, &definition)
    };
    let threshold =
        object! { threshold: object! { type: "count", value: 7 }, reset_on_healthy_task: false };
    sound(terraform.apply(WEB, guarded(threshold)).await);
    sound(terraform.apply(WEB, guarded(object! {})).await);
    let found = account.service().await.unwrap().deployment_configuration;
    let breaker = found.unwrap().circuit_breaker.unwrap();
    assert_eq!(breaker.threshold_in_force().value, 50);
    assert!(breaker.resets());
}

#[tokio::test]
async fn a_breaker_that_somebody_else_sets_or_changes_is_drift() {
    for (configured, theirs) in [
        (Value::Null, json!({ "enable": true, "rollback": true })),
        (
            object! {},
            json!({
                "enable": true, "rollback": true,
                "thresholdConfiguration": { "type": "COUNT", "value": 9 },
            }),
        ),
        (
            object! {},
            json!({ "enable": true, "rollback": true, "resetOnHealthyTask": false }),
        ),
    ] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let deployment = object! { strategy: "rolling", circuit_breaker: configured };
        let config = account.native(deployment, &account.task_definition("v1"));
        sound(terraform.apply(WEB, config.clone()).await);
        account.ecs(
            "UpdateService",
            json!({
                "cluster": "main", "service": "web", "deploymentConfiguration": { "deploymentCircuitBreaker": theirs },
            }),
        );
        account.pass(30);
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(plan.action, PlannedAction::Update, "{theirs}");
        let said = plan.diagnostics.to_string();
        assert!(said.contains("has drifted"), "{theirs}: {said}");
        let applied = terraform.apply(WEB, config.clone()).await;
        assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
        let plan = terraform.plan(WEB, config).await;
        assert!(
            plan.is_empty() && plan.diagnostics.is_empty(),
            "{theirs}: {}",
            plan.diagnostics
        );
    }
}
