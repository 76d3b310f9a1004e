//! From each strategy to others: AWS has exactly what the configuration says, nothing is left of what was before, and the
//! next plan is empty.

use serde_json::{Value, json};

use crate::{APP, Scene};

/// A strategy with everything it can have.
#[derive(Clone, Copy, Debug)]
enum Way {
    Rolling,
    AllAtOnce,
    Canary,
    Linear,
    Steps,
}

impl Way {
    fn hcl(self) -> &'static str {
        match self {
            Self::Rolling => {
                "{ strategy = \"rolling\", maximum_percent = 150, minimum_healthy_percent = 50, \
                 circuit_breaker = { threshold = { type = \"count\", value = 5 } }, alarms = { names = [\"errors\"] } }"
            }
            Self::AllAtOnce => "{ strategy = \"all_at_once\" }",
            Self::Canary => {
                "{ strategy = \"canary\", canary = { percent = 20, interval = \"1m\" }, bake_time = \"2m\", \
                 lifecycle_hook = [{ stages = [\"POST_SCALE_UP\"], \
                 function_arn = \"arn:aws:lambda:eu-west-1:123456789012:function:check\", \
                 role_arn = \"arn:aws:iam::123456789012:role/hooks\" }], \
                 alarms = { names = [\"errors\"], rollback = false } }"
            }
            Self::Linear => {
                "{ strategy = \"linear\", linear = { percent = 50, interval = \"1m\" }, bake_time = \"1m\", \
                 approval = [{ stages = [\"POST_PRODUCTION_TRAFFIC_SHIFT\"], time_limit = \"1h\", on_timeout = \"continue\" }] }"
            }
            Self::Steps => {
                "{ strategy = \"steps\", step = [{ percent = 20, hold = \"1m\" }, { percent = 100 }] }"
            }
        }
    }

    /// Strategy, shift, hooks by kind and stage, alarms, breaker: as AWS shows them.
    fn expected(self) -> Value {
        let off = json!([false, false]);
        let (strategy, shift, hooks, alarms, breaker) = match self {
            Self::Rolling => ("ROLLING", Value::Null, json!([]), json!([true, true]), true),
            Self::AllAtOnce => ("BLUE_GREEN", Value::Null, json!([]), off, false),
            Self::Canary => (
                "CANARY",
                json!([20.0, 1]),
                json!([["AWS_LAMBDA", "POST_SCALE_UP", "ROLLBACK"]]),
                json!([true, false]),
                false,
            ),
            Self::Linear => (
                "LINEAR",
                json!([50.0, 1]),
                json!([["PAUSE", "POST_PRODUCTION_TRAFFIC_SHIFT", "CONTINUE"]]),
                off,
                false,
            ),
            Self::Steps => (
                "LINEAR",
                json!([20.0, 0]),
                json!([["PAUSE", "PRE_PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK"]]),
                off,
                false,
            ),
        };
        json!({ "strategy": strategy, "shift": shift, "hooks": hooks, "alarms": alarms, "breaker": breaker })
    }
}

/// The same of what AWS shows.
fn shown(scene: &Scene) -> Value {
    let configuration = scene.stage.service("main", "web")["deploymentConfiguration"].clone();
    let canary = &configuration["canaryConfiguration"];
    let linear = &configuration["linearConfiguration"];
    let shift = match (canary, linear) {
        (Value::Object(canary), Value::Null) => {
            json!([canary["canaryPercent"], canary["canaryBakeTimeInMinutes"]])
        }
        (Value::Null, Value::Object(linear)) => {
            json!([linear["stepPercent"], linear["stepBakeTimeInMinutes"]])
        }
        (Value::Null, Value::Null) => Value::Null,
        (one, other) => panic!("{one} {other}"),
    };
    let hooks = configuration["lifecycleHooks"].as_array();
    let hooks: Vec<Value> = hooks
        .into_iter()
        .flatten()
        .map(|hook| {
            let action = &hook["timeoutConfiguration"]["action"];
            json!([hook["targetType"], hook["lifecycleStages"][0], action])
        })
        .collect();
    let alarms = &configuration["alarms"];
    json!({
        "strategy": configuration["strategy"], "shift": shift, "hooks": hooks,
        "alarms": [alarms["enable"] == true, alarms["rollback"] == true],
        "breaker": configuration["deploymentCircuitBreaker"]["enable"] == true,
    })
}

#[test]
fn nothing_is_left_of_the_strategy_before() {
    use Way::{AllAtOnce, Canary, Linear, Rolling, Steps};
    let scene = Scene::new();
    scene.stage.call(
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "errors", "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }),
    );
    // Under `rolling` there is one group: the one to which production goes.
    let main = |way: Way, live: &str| {
        let service = scene.native(&scene.v1).deployment(way.hcl());
        match way {
            Rolling => {
                let balancer = format!(
                    "{{ container_name = \"app\", container_port = 8080, target_groups = [{live:?}] }}"
                );
                service.load_balancer(&balancer).hcl()
            }
            AllAtOnce | Canary | Linear | Steps => service.hcl(),
        }
    };
    let project = scene.stage.project(&main(Canary, ""));
    project.apply().ok();
    assert_eq!(shown(&scene), Canary.expected());
    let tour = [
        Steps, AllAtOnce, Linear, Canary, Rolling, Steps, Rolling, Linear,
    ];
    for way in tour {
        let state = project.state(APP);
        let live = state["live_target_group"].as_str().unwrap();
        project.write("main.tf", &main(way, live));
        project.apply().ok();
        assert_eq!(shown(&scene), way.expected(), "{way:?}");
        project.plans_nothing();
    }
}
