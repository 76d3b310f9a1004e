//! Plans in which something is only known after the apply of something else.

use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, answers, code_deploy_at_once, configured, object, sound,
};

/// Leaves `name` unknown during the plan of a creation and of an update that changes nothing else.
async fn is_learned(account: &Account, config: &Value, unknown: &Value) {
    let terraform = account.terraform().await;
    for action in [PlannedAction::Create, PlannedAction::Update] {
        let plan = terraform.plan(WEB, unknown.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.action, action);
        let will_deploy = plan.attribute("will_deploy");
        if action == PlannedAction::Create {
            assert_eq!(will_deploy, &Value::from(true));
        } else {
            assert!(will_deploy.is_unknown(), "{will_deploy:?}");
            assert!(plan.attribute("live_target_group").is_unknown());
            assert!(plan.attribute("last_deployment").is_unknown());
        }
        let outcome = terraform
            .apply_learning(WEB, unknown.clone(), config.clone())
            .await;
        sound(outcome);
        assert_eq!(account.deployments().len(), 1);
    }
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
}

#[tokio::test]
async fn whatever_decides_on_a_deployment_may_be_learned_late() {
    let account = Account::new();
    let config = account
        .native(all_at_once(), &account.task_definition("v1"))
        .with_attribute("redeploy_triggers", Value::map([("config", "a")]));
    let balancer = config.attribute("load_balancer").clone();
    let network = config.attribute("network_configuration").clone();
    let unknown = Value::unknown;
    let table = [
        ("task_definition", unknown()),
        ("load_balancer", unknown()),
        ("network_configuration", unknown()),
        ("redeploy_triggers", unknown()),
        (
            "load_balancer",
            balancer.clone().with_attribute("target_groups", unknown()),
        ),
        (
            "load_balancer",
            balancer
                .clone()
                .with_attribute("target_groups", Value::set([unknown(), unknown()])),
        ),
        (
            "load_balancer",
            balancer.clone().with_attribute(
                "target_groups",
                Value::set([Value::from(account.blue.as_str()), unknown()]),
            ),
        ),
        (
            "load_balancer",
            balancer.with_attribute("production_listener_rule", unknown()),
        ),
        (
            "network_configuration",
            network
                .clone()
                .with_attribute("subnets", Value::set([Value::from("subnet-1"), unknown()])),
        ),
        (
            "network_configuration",
            network.clone().with_attribute("security_groups", unknown()),
        ),
        (
            "network_configuration",
            network.with_attribute("security_groups", Value::set([unknown()])),
        ),
        (
            "redeploy_triggers",
            Value::map([("config", Value::unknown())]),
        ),
    ];
    for (name, value) in table {
        let during_plan = config.clone().with_attribute(name, value);
        is_learned(&account, &config, &during_plan).await;
    }
}

#[tokio::test]
async fn an_unknown_that_turns_out_to_be_new_is_rolled_out() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let next = account.task_definition("v2");
    let during_plan = config
        .clone()
        .with_attribute("task_definition", Value::unknown());
    let during_apply = config.with_attribute("task_definition", next.as_str());
    let outcome = terraform
        .apply_learning(WEB, during_plan, during_apply)
        .await;
    let state = sound(outcome);
    assert_eq!(state.attribute("will_deploy"), &Value::from(true));
    assert_eq!(
        state.attribute("live_target_group").as_str(),
        Some(account.green.as_str())
    );
    assert_eq!(
        state.attribute("task_definition").as_str(),
        Some(next.as_str())
    );
}

#[tokio::test]
async fn what_is_certain_is_said_although_something_is_unknown() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let plan = terraform
        .plan(
            WEB,
            config
                .clone()
                .with_attribute("network_configuration", Value::unknown())
                .with_attribute("task_definition", account.task_definition("v2")),
        )
        .await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    // Settings decide nothing, known or not; they may turn out to be what they were.
    for name in [
        "tags",
        "desired_count",
        "health_check_grace_period",
        "on_cancel",
    ] {
        let plan = terraform
            .plan(WEB, config.clone().with_attribute(name, Value::unknown()))
            .await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert!(plan.attribute("will_deploy").is_unknown(), "{name}");
        assert_eq!(
            plan.attribute("last_deployment"),
            plan.prior.attribute("last_deployment"),
            "{name}"
        );
        let certain = config
            .clone()
            .with_attribute("enable_execute_command", true)
            .with_attribute(name, Value::unknown());
        let plan = terraform.plan(WEB, certain).await;
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false), "{name}");
    }
}

#[tokio::test]
async fn settings_may_be_learned_late() {
    let account = Account::new();
    account.alarm("web-5xx");
    let config = account
        .native(
            all_at_once().with_attribute("alarms", object! { names: Value::set(["web-5xx"]) }),
            &account.task_definition("v1"),
        )
        .with_attribute("health_check_grace_period", "30s")
        .with_attribute("gate", Value::list([answers(&["bake"])]))
        .with_attribute("timeouts", object! { update: "2h" });
    let deployment = config.attribute("deployment").clone();
    let table = [
        ("tags", Value::unknown()),
        ("tags", Value::map([("team", Value::unknown())])),
        ("desired_count", Value::unknown()),
        ("desired_count_owner", Value::unknown()),
        ("launch_type", Value::unknown()),
        ("health_check_grace_period", Value::unknown()),
        ("on_cancel", Value::unknown()),
        ("propagate_tags", Value::unknown()),
        ("enable_execute_command", Value::unknown()),
        ("deployment", Value::unknown()),
        (
            "deployment",
            deployment
                .clone()
                .with_attribute("bake_time", Value::unknown()),
        ),
        (
            "deployment",
            deployment
                .clone()
                .with_attribute("strategy", Value::unknown()),
        ),
        (
            "deployment",
            deployment
                .clone()
                .with_attribute("alarms", object! { names: Value::set([Value::unknown()]) }),
        ),
        ("timeouts", object! { update: Value::unknown() }),
        ("gate", Value::unknown()),
        (
            "gate",
            Value::list([answers(&["bake"]).with_attribute("time_limit", Value::unknown())]),
        ),
        ("before_traffic", Value::unknown()),
        ("health_score", Value::unknown()),
        ("preflight", Value::unknown()),
        ("redeploy_failed", Value::unknown()),
        ("report_path", Value::unknown()),
        ("desired_count_bounds", Value::unknown()),
        ("revision_retention", Value::unknown()),
        ("images", Value::unknown()),
        ("task_definition_owner", Value::unknown()),
        (
            "deployment",
            deployment.clone().with_attribute("step", Value::unknown()),
        ),
        (
            "gate",
            Value::list([answers(&["bake"]).with_attribute("http", Value::unknown())]),
        ),
        (
            "gate",
            Value::list([answers(&["bake"]).with_attribute("function", Value::unknown())]),
        ),
        (
            "deployment",
            deployment
                .clone()
                .with_attribute("lifecycle_hook", Value::unknown()),
        ),
        ("name", Value::unknown()),
        ("cluster", Value::unknown()),
        ("controller", Value::unknown()),
    ];
    for (name, value) in table {
        let terraform = account.terraform().await;
        let during_plan = config.clone().with_attribute(name, value);
        for _ in 0..2 {
            let outcome = terraform
                .apply_learning(WEB, during_plan.clone(), config.clone())
                .await;
            if name == "name" || name == "cluster" || name == "launch_type" {
                // The second time the plan must announce a replacement: it may be another service.
                assert!(outcome.state.is_some(), "{name}: {}", outcome.diagnostics);
                break;
            }
            assert!(
                outcome.diagnostics.is_empty(),
                "{name}: {}",
                outcome.diagnostics
            );
            assert_eq!(account.deployments().len(), 1, "{name}");
        }
        let gone = terraform.destroy(WEB).await;
        assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    }
}

#[tokio::test]
async fn a_provider_that_is_not_configured_yet_still_plans() {
    let account = Account::new();
    let task_definition = account.task_definition("v1");
    let config = account.native(all_at_once(), &task_definition);
    let unknown = object! { region: Value::unknown() };
    let terraform = configured(account.ports.clone(), unknown.clone()).await;
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Create);
    assert!(plan.attribute("tags_all").is_unknown());
    // By the time of the apply it is known.
    let said = terraform
        .configure(object! { region: "eu-west-1", default_tags: Value::map([("env", "dev")]) })
        .await;
    assert!(said.is_empty(), "{said}");
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(
        state.attribute("tags_all"),
        &Value::map([("env", "dev"), ("team", "shop")])
    );
    // With a state, a plan needs nothing either.
    let said = terraform.configure(unknown).await;
    assert!(said.is_empty(), "{said}");
    let plan = terraform.plan(WEB, config).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}

#[tokio::test]
async fn code_deploy_names_may_be_learned_late() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    for _ in 0..2 {
        let during_plan = config
            .clone()
            .with_attribute("codedeploy", Value::unknown());
        sound(
            terraform
                .apply_learning(WEB, during_plan, config.clone())
                .await,
        );
    }
}

#[tokio::test]
async fn blocks_over_something_unknown_may_be_learned_late() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let one = Value::unknown;
    let metric = object! { query: one(), success_when: "<= 1" };
    let gate = object! { name: "a", when: Value::set(["bake"]), metric: metric };
    for unknown in [
        config
            .clone()
            .with_attribute("launch_type", Value::Null)
            .with_attribute("capacity_provider_strategy", one()),
        config.clone().with_attribute(
            "deployment",
            all_at_once().with_attribute("lifecycle_hook", one()),
        ),
        config
            .clone()
            .with_attribute("deployment", object! { strategy: "steps", step: one() }),
        config.clone().with_attribute("gate", Value::list([gate])),
        config.clone().with_attribute("gate", one()),
        config.clone().with_attribute("deployment", one()),
    ] {
        let plan = terraform.plan(WEB, unknown).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert_eq!(plan.action, PlannedAction::Create);
    }
}

#[tokio::test]
async fn an_identity_is_planned_when_the_cluster_and_the_name_are_known() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    for name in ["cluster", "name"] {
        let during_plan = config.clone().with_attribute(name, Value::unknown());
        let plan = terraform.plan(WEB, during_plan).await;
        assert!(plan.diagnostics.is_empty(), "{name}: {}", plan.diagnostics);
        assert_eq!(plan.identity(), None, "{name}");
    }
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(
        plan.identity(),
        Some(&object! { cluster: "main", name: "web", region: "eu-west-1" })
    );
    // A service that runs is planned anew, as another one whose name is not known yet.
    let made = terraform.apply(WEB, config.clone()).await;
    assert!(made.diagnostics.is_empty(), "{}", made.diagnostics);
    let plan = terraform
        .plan(WEB, config.with_attribute("name", Value::unknown()))
        .await;
    assert_eq!(plan.action, PlannedAction::Replace);
    assert_eq!(plan.identity(), None);
}
