//! The rules that need no AWS.

use tfplugin::resource::Resource;
use tfplugin::value::{Attr, Number};

use super::BlueGreenService;
mod gates;
mod steps_and_owners;

use super::model::{
    CapacityProviderModel, CircuitBreakerModel, CodeDeployModel, DeploymentModel,
    LoadBalancerModel, Model, ShiftModel, TimeoutsModel, list_or_null, text_set,
};
use super::words::{ControllerWord, LaunchWord, StrategyWord};

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn pair() -> LoadBalancerModel {
    let group = |side: &str| {
        format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{side}/1")
    };
    LoadBalancerModel {
        container_name: text("app"),
        container_port: Attr::Known(8080),
        target_groups: text_set(&[group("blue"), group("green")]),
        elb_name: Attr::Null,
        production_listener_rule: text(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/a/b/c/d",
        ),
        test_listener_rule: Attr::Null,
        role_arn: text("arn:aws:iam::123456789012:role/ecs"),
    }
}

fn deployment(strategy: &str) -> DeploymentModel {
    DeploymentModel {
        strategy: Attr::Known(StrategyWord::parse(strategy)),
        ..DeploymentModel::default()
    }
}

fn native(deployment: DeploymentModel) -> Model {
    Model {
        name: text("web"),
        cluster: text("main"),
        task_definition: text("web:1"),
        deployment: Attr::Known(deployment),
        load_balancer: Attr::Known(pair()),
        ..Model::default()
    }
}

fn code_deploy(deployment: DeploymentModel, config: Attr<String>) -> Model {
    let pair = LoadBalancerModel {
        production_listener_rule: Attr::Null,
        role_arn: Attr::Null,
        ..pair()
    };
    Model {
        controller: Attr::Known(ControllerWord::CodeDeploy),
        load_balancer: Attr::Known(pair),
        codedeploy: Attr::Known(CodeDeployModel {
            application: text("shop"),
            deployment_group: text("web"),
            deployment_config: config,
            ..CodeDeployModel::default()
        }),
        ..native(deployment)
    }
}

/// `SUMMARY @ PATH` of everything found.
fn found(config: &Model) -> Vec<String> {
    let found = BlueGreenService.validate(config);
    found
        .iter()
        .map(|one| {
            assert!(one.detail.contains("\n\nRule SY00"), "{one}");
            format!(
                "{} @ {}",
                one.summary,
                one.attribute.clone().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn sound_configurations_are_accepted() {
    for strategy in ["all_at_once", "canary", "linear"] {
        assert_eq!(found(&native(deployment(strategy))), [""; 0], "{strategy}");
    }
    assert_eq!(
        found(&code_deploy(deployment("all_at_once"), Attr::Null)),
        [""; 0]
    );
    assert_eq!(
        found(&code_deploy(deployment("canary"), text("mine"))),
        [""; 0]
    );
}

#[test]
fn everything_unknown_is_valid() {
    let unknown = Model {
        task_definition: Attr::Unknown,
        controller: Attr::Unknown,
        deployment: Attr::Unknown,
        load_balancer: Attr::Unknown,
        codedeploy: Attr::Unknown,
        ..Model::default()
    };
    assert_eq!(found(&unknown), [""; 0]);
    assert_eq!(
        found(&Model {
            load_balancer: Attr::Unknown,
            ..native(deployment("canary"))
        }),
        [""; 0]
    );
}

#[test]
fn the_configuration_name_people_get_wrong_is_named_with_the_right_one() {
    let config = code_deploy(
        deployment("all_at_once"),
        text("CodeDeployDefault.ECSAllAtOnceBlueGreen"),
    );
    let all = BlueGreenService.validate(&config);
    let text = all.to_string();
    assert!(
        text.contains("You probably mean `CodeDeployDefault.ECSAllAtOnce`"),
        "{text}"
    );
    assert_eq!(
        found(&config),
        [
            "There is no deployment configuration `CodeDeployDefault.ECSAllAtOnceBlueGreen` @ codedeploy.deployment_config"
        ]
    );
}

#[test]
fn a_configuration_of_another_strategy_is_refused() {
    let config = code_deploy(deployment("canary"), text("CodeDeployDefault.ECSAllAtOnce"));
    assert_eq!(
        found(&config),
        ["Deployment configuration and strategy disagree @ codedeploy.deployment_config"]
    );
}

#[test]
fn shifts_without_a_predefined_configuration_need_a_named_one() {
    let canary = DeploymentModel {
        canary: Attr::Known(ShiftModel {
            percent: Attr::Known(Number::from(20)),
            interval: text("5m"),
        }),
        ..deployment("canary")
    };
    assert_eq!(
        found(&code_deploy(canary, Attr::Null)),
        ["No predefined deployment configuration shifts traffic like this @ codedeploy"]
    );
}

#[test]
fn the_circuit_breaker_is_for_ecs_only() {
    let breaker = |strategy| DeploymentModel {
        circuit_breaker: Attr::Known(CircuitBreakerModel {
            enable: Attr::Known(true),
            rollback: Attr::Known(true),
            ..CircuitBreakerModel::default()
        }),
        ..deployment(strategy)
    };
    let message = "`circuit_breaker` has no effect here @ deployment.circuit_breaker";
    // A service may have one, which the plan looks for.
    assert_eq!(found(&native(breaker("all_at_once"))), [""; 0]);
    assert_eq!(
        found(&code_deploy(breaker("all_at_once"), Attr::Null)),
        [message]
    );
}

#[test]
fn rolling_has_one_target_group_and_no_rule() {
    assert_eq!(
        found(&native(deployment("rolling"))),
        [
            "A rolling deployment uses one target group @ load_balancer.target_groups",
            "`production_listener_rule` has no effect here @ load_balancer.production_listener_rule",
            "`role_arn` has no effect here @ load_balancer.role_arn",
        ]
    );
}

#[test]
fn moving_traffic_needs_the_pair_the_rule_and_the_role() {
    let mut bare = pair();
    bare.target_groups = bare
        .target_groups
        .map(|groups| groups.iter().take(1).cloned().collect());
    bare.production_listener_rule = Attr::Null;
    bare.role_arn = Attr::Null;
    let config = Model {
        load_balancer: Attr::Known(bare),
        ..native(deployment("canary"))
    };
    assert_eq!(
        found(&config),
        [
            "`canary` needs two target groups @ load_balancer.target_groups",
            "`production_listener_rule` is missing @ load_balancer",
            "`role_arn` is missing @ load_balancer",
        ]
    );
}

#[test]
fn code_deploy_needs_its_names_and_cannot_roll() {
    let config = Model {
        codedeploy: Attr::Null,
        ..code_deploy(deployment("rolling"), Attr::Null)
    };
    assert_eq!(
        found(&config),
        [
            "`codedeploy` is missing @ ",
            "CodeDeploy has no rolling deployments @ deployment.strategy"
        ]
    );
}

#[test]
fn a_time_out_shorter_than_the_bakes_is_refused() {
    let config = Model {
        timeouts: Attr::Known(TimeoutsModel {
            update: text("10m"),
            ..TimeoutsModel::default()
        }),
        ..native(DeploymentModel {
            bake_time: text("10m"),
            ..deployment("canary")
        })
    };
    assert_eq!(
        found(&config),
        ["The timeout is shorter than the deployment @ timeouts.update"]
    );
}

#[test]
fn launch_type_and_capacity_providers_exclude_each_other() {
    let config = Model {
        launch_type: Attr::Known(LaunchWord::Fargate),
        capacity_provider_strategy: list_or_null([CapacityProviderModel::default()]),
        ..native(deployment("all_at_once"))
    };
    assert_eq!(
        found(&config),
        ["`launch_type` and `capacity_provider_strategy` conflict @ capacity_provider_strategy"]
    );
}

#[test]
fn a_tag_needs_a_value() {
    let tags = [
        ("known", text("")),
        ("later", Attr::Unknown),
        ("none", Attr::Null),
    ];
    let config = Model {
        tags: Attr::Known(
            tags.into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        ),
        ..native(deployment("all_at_once"))
    };
    assert_eq!(
        found(&config),
        ["The tag `none` has no value @ tags[\"none\"]"]
    );
}
