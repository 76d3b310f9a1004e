//! Steps, task sets, hooks and owners.

use tfplugin::value::{Attr, Number};

use super::super::model::{
    BoundsModel, CircuitBreakerModel, DeploymentModel, HookModel, LoadBalancerModel, Model,
    StepModel, ThresholdModel, TimeoutsModel, list_or_null, stages, text_map, text_set,
};
use super::super::words::{ControllerWord, CountOwnerWord, OwnerWord, StrategyWord, ThresholdWord};
use super::{code_deploy, deployment, found, native, pair, text};

fn step(percent: &str, hold: &str) -> StepModel {
    StepModel {
        percent: Attr::Known(percent.parse::<Number>().unwrap()),
        hold: text(hold),
    }
}

fn steps(weights: &[&str]) -> DeploymentModel {
    DeploymentModel {
        step: list_or_null(weights.iter().map(|percent| step(percent, "5m"))),
        ..deployment("steps")
    }
}

fn external(deployment: DeploymentModel) -> Model {
    Model {
        controller: Attr::Known(ControllerWord::External),
        load_balancer: Attr::Known(LoadBalancerModel {
            role_arn: Attr::Null,
            ..pair()
        }),
        ..native(deployment)
    }
}

#[test]
fn sound_steps_are_accepted() {
    for weights in [
        &["10", "50", "100"][..],
        &["100"],
        &["12.5", "100"],
        &["4", "100"],
    ] {
        let config = native(steps(weights));
        assert_eq!(found(&config), [""; 0], "{weights:?}");
        assert_eq!(found(&external(steps(weights))), [""; 0], "{weights:?}");
    }
    // Only this provider reaches odd weights.
    assert_eq!(found(&external(steps(&["1", "7", "100"]))), [""; 0]);
}

#[test]
fn odd_weights_under_ecs_lead_to_the_alternatives() {
    let config = native(steps(&["1", "7", "100"]));
    assert_eq!(
        found(&config),
        ["ECS cannot reach these weights @ deployment.step"]
    );
    let text = super::super::validate::validate(&config).to_string();
    assert!(text.contains("reaches 1, 7, 100 is 1 percent"), "{text}");
    assert!(text.contains("controller = \"external\""), "{text}");
}

#[test]
fn weights_rise_to_the_whole() {
    assert_eq!(
        found(&native(steps(&["50", "10", "100"]))),
        ["The weights of the steps do not rise @ deployment.step[1].percent"]
    );
    assert_eq!(
        found(&native(steps(&["10", "10", "100"]))),
        ["The weights of the steps do not rise @ deployment.step[1].percent"]
    );
    assert_eq!(
        found(&native(steps(&["10", "50"]))),
        ["The last step is not 100 percent @ deployment.step"]
    );
}

#[test]
fn steps_belong_to_their_strategy() {
    assert_eq!(
        found(&native(deployment("steps"))),
        ["`step` is missing @ deployment"]
    );
    let config = native(DeploymentModel {
        strategy: Attr::Known(StrategyWord::Canary),
        ..steps(&["100"])
    });
    assert_eq!(
        found(&config),
        ["`step` has no effect here @ deployment.step"]
    );
    assert_eq!(
        found(&code_deploy(steps(&["100"]), Attr::Null)),
        ["CodeDeploy has no steps @ deployment.strategy"]
    );
}

#[test]
fn task_sets_need_steps_the_pair_and_the_rule() {
    let bare = Model {
        load_balancer: Attr::Known(LoadBalancerModel {
            target_groups: text_set(&[
                "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1".to_owned()
            ]),
            production_listener_rule: Attr::Null,
            ..pair()
        }),
        ..external(deployment("canary"))
    };
    assert_eq!(
        found(&bare),
        [
            "Under `external` traffic moves by steps @ deployment.strategy",
            "`external` needs two target groups @ load_balancer.target_groups",
            "`production_listener_rule` is missing @ load_balancer",
            "`role_arn` has no effect here @ load_balancer.role_arn",
        ]
    );
    let none = Model {
        load_balancer: Attr::Null,
        ..external(steps(&["100"]))
    };
    assert_eq!(found(&none), ["`load_balancer` is missing @ "]);
}

#[test]
fn guards_of_ecs_are_not_for_task_sets() {
    let config = external(DeploymentModel {
        bake_time: text("5m"),
        circuit_breaker: Attr::Known(CircuitBreakerModel::default()),
        lifecycle_hook: list_or_null([hook("POST_SCALE_UP")]),
        ..steps(&["100"])
    });
    assert_eq!(
        found(&config),
        [
            "`bake_time` has no effect here @ deployment.bake_time",
            "`circuit_breaker` has no effect here @ deployment.circuit_breaker",
            "`lifecycle_hook` has no effect here @ deployment.lifecycle_hook",
        ]
    );
}

fn hook(stage: &str) -> HookModel {
    HookModel {
        stages: stages(&[stage.to_owned()]),
        function_arn: text("arn:aws:lambda:eu-west-1:123456789012:function:check"),
        role_arn: text("arn:aws:iam::123456789012:role/hook"),
        ..HookModel::default()
    }
}

#[test]
fn hooks_are_called_only_at_their_stages() {
    let with = |strategy: &str, stage: &str| {
        native(DeploymentModel {
            lifecycle_hook: list_or_null([hook(stage)]),
            ..deployment(strategy)
        })
    };
    assert_eq!(found(&with("canary", "POST_TEST_TRAFFIC_SHIFT")), [""; 0]);
    for stage in ["SCALE_UP", "BAKE_TIME", "CLEAN_UP", "WHENEVER"] {
        assert_eq!(
            found(&with("canary", stage)),
            [format!(
                "ECS calls no hook at `{stage}` @ deployment.lifecycle_hook[0].stages"
            )]
        );
    }
    let rolling = Model {
        load_balancer: Attr::Null,
        ..with("rolling", "POST_SCALE_UP")
    };
    assert_eq!(
        found(&rolling),
        ["`lifecycle_hook` has no effect here @ deployment.lifecycle_hook"]
    );
}

#[test]
fn a_threshold_is_at_most_all_tasks() {
    let with = |unit: &str, value: i64| Model {
        load_balancer: Attr::Null,
        ..native(DeploymentModel {
            circuit_breaker: Attr::Known(CircuitBreakerModel {
                threshold: Attr::Known(ThresholdModel {
                    r#type: Attr::Known(ThresholdWord::parse(unit)),
                    value: Attr::Known(value),
                }),
                ..CircuitBreakerModel::default()
            }),
            ..deployment("rolling")
        })
    };
    assert_eq!(found(&with("count", 500)), [""; 0]);
    assert_eq!(found(&with("bounded_percent", 100)), [""; 0]);
    let message = "More than 100 percent of the tasks cannot fail @ deployment.circuit_breaker.threshold.value";
    for unit in ["bounded_percent", "unbounded_percent"] {
        assert_eq!(found(&with(unit, 101)), [message]);
    }
}

#[test]
fn holds_count_for_the_time_out() {
    let config = Model {
        timeouts: Attr::Known(TimeoutsModel {
            update: text("15m"),
            ..TimeoutsModel::default()
        }),
        ..native(steps(&["10", "50", "100"]))
    };
    assert_eq!(
        found(&config),
        ["The timeout is shorter than the deployment @ timeouts.update"]
    );
}

fn images() -> Attr<std::collections::BTreeMap<String, Attr<String>>> {
    text_map([("app".to_owned(), "app:v1".to_owned())].into())
}

#[test]
fn each_owner_of_the_task_definition_has_its_words() {
    let config = |owner: &str| Model {
        task_definition_owner: Attr::Known(OwnerWord::parse(owner)),
        ..native(deployment("canary"))
    };
    let without = |config: Model| Model {
        task_definition: Attr::Null,
        ..config
    };
    assert_eq!(
        found(&without(native(deployment("canary")))),
        ["`task_definition` is missing @ "]
    );
    assert_eq!(found(&config("images")), ["`images` is missing @ "]);
    assert_eq!(found(&config("external")), [""; 0]);
    assert_eq!(found(&without(config("external"))), [""; 0]);
    let own = |config: Model| Model {
        images: images(),
        revision_retention: Attr::Known(3),
        ..config
    };
    assert_eq!(found(&own(config("images"))), [""; 0]);
    assert_eq!(found(&own(without(config("images")))), [""; 0]);
    for owner in ["terraform", "external"] {
        assert_eq!(
            found(&own(config(owner))),
            [
                "`images` have no effect here @ images",
                "`revision_retention` has no effect here @ revision_retention",
            ]
        );
    }
    let null = Model {
        images: Attr::Known([("app".to_owned(), Attr::Null)].into()),
        ..config("images")
    };
    assert_eq!(
        found(&null),
        ["The container `app` has no image @ images[\"app\"]"]
    );
}

#[test]
fn bounds_belong_to_their_owner_and_hold_the_start() {
    let config = |owner: &str, bounds: Option<(i64, i64)>, count: Attr<i64>| Model {
        desired_count_owner: Attr::Known(CountOwnerWord::parse(owner)),
        desired_count_bounds: match bounds {
            Some((min, max)) => Attr::Known(BoundsModel {
                min: Attr::Known(min),
                max: Attr::Known(max),
            }),
            None => Attr::Null,
        },
        desired_count: count,
        ..native(deployment("canary"))
    };
    assert_eq!(
        found(&config("bounded", Some((2, 8)), Attr::Known(4))),
        [""; 0]
    );
    assert_eq!(found(&config("bounded", Some((2, 8)), Attr::Null)), [""; 0]);
    assert_eq!(
        found(&config("bounded", None, Attr::Null)),
        ["`desired_count_bounds` is missing @ "]
    );
    assert_eq!(
        found(&config("autoscaler", Some((2, 8)), Attr::Null)),
        ["`desired_count_bounds` has no effect here @ desired_count_bounds"]
    );
    assert_eq!(
        found(&config("bounded", Some((8, 2)), Attr::Null)),
        ["The lower bound exceeds the upper bound @ desired_count_bounds"]
    );
    assert_eq!(
        found(&config("bounded", Some((2, 8)), Attr::Known(9))),
        ["The service would start outside its bounds @ desired_count"]
    );
}

#[test]
fn deployments_of_others_that_would_pause_are_a_warning() {
    let owned = |owner: &str, deployment: DeploymentModel| Model {
        task_definition_owner: Attr::Known(OwnerWord::parse(owner)),
        ..native(deployment)
    };
    let warning =
        ["Deployments that others start will pause, and be rolled back @ task_definition_owner"];
    assert_eq!(found(&owned("external", steps(&["10", "100"]))), warning);
    assert_eq!(found(&owned("external", deployment("canary"))), [""; 0]);
    assert_eq!(found(&owned("terraform", steps(&["10", "100"]))), [""; 0]);
    let elsewhere = Model {
        task_definition_owner: Attr::Known(OwnerWord::External),
        ..external(steps(&["10", "100"]))
    };
    assert_eq!(found(&elsewhere), [""; 0]);
    let result = super::super::validate::validate(&owned("external", steps(&["10", "100"])));
    assert!(!result.has_errors(), "{result}");
}
