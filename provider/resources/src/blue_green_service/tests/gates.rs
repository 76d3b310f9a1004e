//! Gates.

use tfplugin::resource::Resource;
use tfplugin::value::{Attr, Number};

use super::super::BlueGreenService;
use super::super::model::{
    AnomalyModel, CommandModel, DeploymentModel, GateModel, HealthScoreModel, HttpModel,
    LoadBalancerModel, LoadModel, MetricModel, Model, QueryModel, ShiftModel, StepModel, TcpModel,
    TimeoutsModel, list_or_null, text_map, text_set,
};
use super::super::words::{OnFailureWord, Predefined, TargetWord, WhenWord};
use super::{deployment, found, native, pair, text};

fn http(target: &str) -> HttpModel {
    HttpModel {
        target: Attr::Known(TargetWord::parse(target)),
        ..HttpModel::default()
    }
}

fn gate(name: &str, when: &[&str]) -> GateModel {
    let when = when.iter().map(|word| Attr::Known(WhenWord::parse(word)));
    GateModel {
        name: text(name),
        when: Attr::Known(when.collect()),
        http: Attr::Known(http("new_targets")),
        ..GateModel::default()
    }
}

fn with(strategy: &str, gates: Vec<GateModel>) -> Model {
    Model {
        gate: list_or_null(gates),
        ..native(deployment(strategy))
    }
}

fn metric(metric: MetricModel) -> Model {
    let gate = GateModel {
        http: Attr::Null,
        metric: Attr::Known(metric),
        ..gate("errors", &["bake"])
    };
    with("canary", vec![gate])
}

fn predefined() -> MetricModel {
    MetricModel {
        predefined: Attr::Known(Predefined::Target5xxPercent),
        success_when: text("<= 1"),
        ..MetricModel::default()
    }
}

fn query(id: &str) -> QueryModel {
    QueryModel {
        id: text(id),
        namespace: text("Shop"),
        name: text("Errors"),
        ..QueryModel::default()
    }
}

#[test]
fn sound_gates_are_accepted() {
    let all = ["before_traffic", "step", "bake", "after"];
    assert_eq!(
        found(&with(
            "canary",
            vec![gate("a", &all), gate("b", &["after"])]
        )),
        [""; 0]
    );
    assert_eq!(found(&metric(predefined())), [""; 0]);
    let compared = MetricModel {
        success_when: Attr::Null,
        compare_percent: Attr::Known(10.into()),
        ..predefined()
    };
    assert_eq!(found(&metric(compared)), [""; 0]);
    let banded = MetricModel {
        success_when: Attr::Null,
        anomaly: Attr::Known(AnomalyModel::default()),
        ..predefined()
    };
    assert_eq!(found(&metric(banded.clone())), [""; 0]);
    let of = |id: &str| AnomalyModel {
        of: text(id),
        ..AnomalyModel::default()
    };
    let needless = MetricModel {
        anomaly: Attr::Known(of("result")),
        ..banded
    };
    assert_eq!(found(&metric(needless)).len(), 1);
    let rolling = Model {
        load_balancer: Attr::Known(LoadBalancerModel {
            target_groups: text_set(&[
                "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1".to_owned()
            ]),
            production_listener_rule: Attr::Null,
            role_arn: Attr::Null,
            ..pair()
        }),
        ..with("rolling", vec![gate("a", &["after"])])
    };
    assert_eq!(found(&rolling), [""; 0]);
}

#[test]
fn unknown_gates_are_valid() {
    let unknown = GateModel {
        when: Attr::Unknown,
        http: Attr::Unknown,
        metric: Attr::Unknown,
        ..GateModel::default()
    };
    assert_eq!(found(&with("canary", vec![unknown])), [""; 0]);
    let config = Model {
        gate: Attr::Unknown,
        health_score: Attr::Known(HealthScoreModel::default()),
        ..native(deployment("canary"))
    };
    assert_eq!(found(&config), [""; 0]);
}

#[test]
fn a_gate_may_be_unknown_and_not_null() {
    let config = |gate: Attr<GateModel>| Model {
        gate: Attr::Known(vec![gate]),
        ..native(deployment("canary"))
    };
    assert_eq!(found(&config(Attr::Unknown)), [""; 0]);
    assert_eq!(
        found(&config(Attr::Null)),
        ["An element of the list is null @ gate[0]"]
    );
}

#[test]
fn a_gate_asks_for_one_thing() {
    let one = |http: Attr<HttpModel>, metric: Attr<MetricModel>| GateModel {
        http,
        metric,
        ..gate("a", &["bake"])
    };
    for (gate, message) in [
        (
            one(Attr::Null, Attr::Null),
            "The gate `a` has no check @ gate[0]",
        ),
        (
            one(Attr::Known(http("new_targets")), Attr::Known(predefined())),
            "The gate `a` has 2 checks @ gate[0]",
        ),
        (
            one(Attr::Known(HttpModel::default()), Attr::Null),
            "The gate `a` does not say where its requests go @ gate[0].http",
        ),
        (
            one(
                Attr::Known(HttpModel {
                    url: text("https://example.com/"),
                    ..http("new_targets")
                }),
                Attr::Null,
            ),
            "The gate `a` has two destinations @ gate[0].http",
        ),
        (
            one(
                Attr::Known(HttpModel {
                    url: text("https://example.com/"),
                    path: text("/health"),
                    ..HttpModel::default()
                }),
                Attr::Null,
            ),
            "`path` has no effect here @ gate[0].http.path",
        ),
    ] {
        assert_eq!(found(&with("canary", vec![gate])), [message]);
    }
}

#[test]
fn names_are_unique() {
    assert_eq!(
        found(&with(
            "canary",
            vec![gate("a", &["bake"]), gate("a", &["after"])]
        )),
        ["Two gates have the name `a` @ gate[1].name"]
    );
}

#[test]
fn moments_that_never_come_are_refused() {
    assert_eq!(
        found(&with("all_at_once", vec![gate("a", &["step"])])),
        ["The gate `a` would never run at `step` @ gate[0].when"]
    );
    let rolling = Model {
        load_balancer: Attr::Known(LoadBalancerModel {
            target_groups: text_set(&[
                "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1".to_owned()
            ]),
            production_listener_rule: Attr::Null,
            role_arn: Attr::Null,
            ..pair()
        }),
        ..with(
            "rolling",
            vec![gate("a", &["before_traffic", "step", "bake", "after"])],
        )
    };
    assert_eq!(
        found(&rolling),
        [
            "The gate `a` would never run at `bake` @ gate[0].when",
            "The gate `a` would never run at `before_traffic` @ gate[0].when",
            "The gate `a` would never run at `step` @ gate[0].when",
        ]
    );
}

/// A gate of `step` beside a first shift of so much.
fn first_shift(strategy: &str, percent: i64) -> Model {
    let shift = || {
        Attr::Known(ShiftModel {
            percent: Attr::Known(Number::from(percent)),
            interval: text("5m"),
        })
    };
    let step = |percent: i64| StepModel {
        percent: Attr::Known(Number::from(percent)),
        ..StepModel::default()
    };
    let steps = match percent {
        100 => vec![step(100)],
        less => vec![step(less), step(100)],
    };
    let base = deployment(strategy);
    let deployment = match strategy {
        "canary" => DeploymentModel {
            canary: shift(),
            ..base
        },
        "linear" => DeploymentModel {
            linear: shift(),
            ..base
        },
        _ => DeploymentModel {
            step: list_or_null(steps),
            ..base
        },
    };
    Model {
        gate: list_or_null(vec![gate("a", &["step"])]),
        ..native(deployment)
    }
}

#[test]
fn a_first_shift_of_everything_has_no_step_to_run_a_gate_at() {
    for strategy in ["canary", "linear", "steps"] {
        assert_eq!(found(&first_shift(strategy, 50)), [""; 0], "{strategy}");
        assert_eq!(
            found(&first_shift(strategy, 100)),
            ["The gate `a` would never run at `step` @ gate[0].when"],
            "{strategy}"
        );
    }
}

#[test]
fn targets_need_the_way_to_them() {
    let asks = |target: &str| GateModel {
        http: Attr::Known(http(target)),
        ..gate("a", &["before_traffic"])
    };
    assert_eq!(
        found(&with("canary", vec![asks("test_listener")])),
        ["`test_listener_rule` is missing @ load_balancer"]
    );
    let bare = Model {
        load_balancer: Attr::Null,
        ..with("canary", vec![asks("new_targets")])
    };
    assert_eq!(found(&bare), ["`load_balancer` is missing @ "]);
}

#[test]
fn metrics_say_what_is_asked_and_what_is_good() {
    let table = [
        (
            MetricModel {
                predefined: Attr::Null,
                ..predefined()
            },
            "The gate `errors` has no metric @ gate[0].metric",
        ),
        (
            MetricModel {
                query: list_or_null([query("a")]),
                ..predefined()
            },
            "The gate `errors` has two metrics @ gate[0].metric",
        ),
        (
            MetricModel {
                success_when: Attr::Null,
                ..predefined()
            },
            "The gate `errors` does not say when a value is good @ gate[0].metric",
        ),
        (
            MetricModel {
                result: text("a"),
                ..predefined()
            },
            "`result` has no effect here @ gate[0].metric.result",
        ),
    ];
    for (model, message) in table {
        assert_eq!(found(&metric(model)), [message]);
    }
}

#[test]
fn a_gate_can_pass_within_its_time_limit() {
    let asking = |http: HttpModel, limit: &str| {
        let gate = GateModel {
            http: Attr::Known(http),
            time_limit: text(limit),
            ..gate("answers", &["bake"])
        };
        with("canary", vec![gate])
    };
    let ten = || HttpModel {
        consecutive_passes: Attr::Known(10),
        ..http("new_targets")
    };
    let message =
        |name: &str| format!("The gate `{name}` times out before it can pass @ gate[0].time_limit");
    assert_eq!(found(&asking(ten(), "46s")), [""; 0]);
    assert_eq!(found(&asking(ten(), "45s")), [message("answers")]);
    let unknown = HttpModel {
        interval: Attr::Unknown,
        ..ten()
    };
    assert_eq!(found(&asking(unknown, "5s")), [""; 0]);
    let steady = |values: i64| {
        metric(MetricModel {
            consecutive_successes: Attr::Known(values),
            ..predefined()
        })
    };
    assert_eq!(found(&steady(5)), [""; 0]);
    assert_eq!(found(&steady(6)), [message("errors")]);
}

#[test]
fn requests_can_be_sent() {
    let asking = |http: HttpModel| {
        let gate = GateModel {
            http: Attr::Known(http),
            ..gate("answers", &["bake"])
        };
        with("canary", vec![gate])
    };
    let url = |url: &str| {
        asking(HttpModel {
            url: text(url),
            ..HttpModel::default()
        })
    };
    let path = |path: &str| {
        asking(HttpModel {
            path: text(path),
            ..http("new_targets")
        })
    };
    let header = |name: &str, value: &str| {
        asking(HttpModel {
            headers: text_map([(name.to_owned(), value.to_owned())].into()),
            ..http("new_targets")
        })
    };
    for sound in [
        url("https://shop.example.com:8443/health?who=a@b"),
        url("http://[::1]:8080"),
        path("/a%20b?c=d"),
        header("X-Token", "a b, c"),
    ] {
        assert_eq!(found(&sound), [""; 0]);
    }
    for (config, at) in [
        (url("https://user:secret@shop.example.com/"), "url"),
        (url("https://:443/"), "url"),
        (url("https:///health"), "url"),
        (url("https://shop.example.com/a b"), "url"),
        (path("/caf\u{e9}"), "path"),
        (header("X Token", "a"), "headers"),
        (header("X-Token", "secret\n"), "headers"),
    ] {
        assert_eq!(
            found(&config),
            [format!(
                "The requests of the gate `answers` cannot be sent @ gate[0].http.{at}"
            )]
        );
        let said = BlueGreenService.validate(&config);
        assert!(said.iter().all(|one| !one.detail.contains("secret")));
    }
}

#[test]
fn no_element_of_a_map_or_a_set_is_null() {
    let null = || [("X-Token".to_owned(), Attr::Null)].into();
    let asking = |http: HttpModel| {
        let gate = GateModel {
            http: Attr::Known(http),
            ..gate("answers", &["bake"])
        };
        with("canary", vec![gate])
    };
    let table = [
        (
            asking(HttpModel {
                headers: Attr::Known(null()),
                ..http("new_targets")
            }),
            "An element of the map is null @ gate[0].http.headers[\"X-Token\"]",
        ),
        (
            asking(HttpModel {
                status: Attr::Known([Attr::Null].into_iter().collect()),
                ..http("new_targets")
            }),
            "An element of the set is null @ gate[0].http.status",
        ),
    ];
    for (config, message) in table {
        assert_eq!(found(&config), [message]);
    }
    let triggers = Model {
        redeploy_triggers: Attr::Known(null()),
        ..native(deployment("all_at_once"))
    };
    assert_eq!(found(&triggers), [""; 0]);
}

#[test]
fn queries_fit_together() {
    let own = |queries: Vec<QueryModel>, result: Attr<String>| {
        metric(MetricModel {
            predefined: Attr::Null,
            query: list_or_null(queries),
            result,
            ..predefined()
        })
    };
    assert_eq!(found(&own(vec![query("a")], Attr::Null)), [""; 0]);
    let math = QueryModel {
        id: text("m"),
        expression: text("a * 2"),
        ..QueryModel::default()
    };
    assert_eq!(
        found(&own(vec![query("a"), math.clone()], text("m"))),
        [""; 0]
    );
    let placed = |value: &str| QueryModel {
        dimensions: text_map([("TargetGroup".to_owned(), value.to_owned())].into()),
        ..query("a")
    };
    assert_eq!(
        found(&own(vec![placed("{new_target_group}")], Attr::Null)),
        [""; 0]
    );
    let at = "gate[0].metric";
    let both = QueryModel {
        expression: text("1"),
        ..query("a")
    };
    let none = QueryModel {
        id: text("a"),
        ..QueryModel::default()
    };
    let table = [
        (
            own(vec![query("a"), math.clone()], Attr::Null),
            format!("`result` is missing @ {at}"),
        ),
        (
            own(vec![query("a"), math], text("x")),
            format!("The gate `errors` judges a query that does not exist @ {at}.result"),
        ),
        (
            own(vec![query("a"), query("a")], text("a")),
            format!("Two queries of the gate `errors` have the id `a` @ {at}.query[1].id"),
        ),
        (
            own(vec![both], Attr::Null),
            format!(
                "A query of the gate `errors` is both an expression and a metric @ {at}.query[0]"
            ),
        ),
        (
            own(vec![none], Attr::Null),
            format!("A query of the gate `errors` has no metric @ {at}.query[0]"),
        ),
        (
            own(vec![placed("{green}")], Attr::Null),
            format!("`{{green}}` is not a placeholder @ {at}.query[0].dimensions[\"TargetGroup\"]"),
        ),
    ];
    for (config, message) in table {
        assert_eq!(found(&config), [message]);
    }
}

#[test]
fn a_score_without_gates_judges_nothing() {
    let config = Model {
        health_score: Attr::Known(HealthScoreModel::default()),
        ..native(deployment("canary"))
    };
    assert_eq!(
        found(&config),
        ["`health_score` has no effect here @ health_score"]
    );
}

#[test]
fn a_gate_must_be_able_to_decide_before_the_time_out() {
    let slow = GateModel {
        time_limit: text("30m"),
        ..gate("a", &["bake"])
    };
    let config = Model {
        timeouts: Attr::Known(TimeoutsModel {
            update: text("40m"),
            ..TimeoutsModel::default()
        }),
        gate: list_or_null([slow]),
        ..native(DeploymentModel {
            bake_time: text("5m"),
            ..deployment("canary")
        })
    };
    assert_eq!(
        found(&config),
        ["The timeout is shorter than a gate may take @ timeouts.update"]
    );
}

fn command() -> GateModel {
    GateModel {
        http: Attr::Null,
        command: Attr::Known(CommandModel {
            command: list_or_null(["npm".to_owned(), "test".to_owned()]),
            ..CommandModel::default()
        }),
        ..gate("tests", &["before_traffic"])
    }
}

#[test]
fn a_gate_has_one_check_of_any_kind() {
    assert_eq!(found(&with("canary", vec![command()])), [""; 0]);
    let both = GateModel {
        tcp: Attr::Known(TcpModel {
            host: text("db.example.com"),
            port: Attr::Known(5432),
            ..TcpModel::default()
        }),
        ..command()
    };
    assert_eq!(
        found(&with("canary", vec![both.clone()])),
        ["The gate `tests` has 2 checks @ gate[0]"]
    );
    let tcp = GateModel {
        command: Attr::Null,
        ..both
    };
    assert_eq!(found(&with("canary", vec![tcp])), [""; 0]);
}

#[test]
fn what_has_no_effect_on_a_gate_is_told() {
    let watched = GateModel {
        watch: text("10m"),
        ..command()
    };
    assert_eq!(
        found(&with("canary", vec![watched.clone()])),
        ["`watch` has no effect here @ gate[0].watch"]
    );
    let polled = GateModel {
        command: Attr::Null,
        http: Attr::Known(http("new_targets")),
        ..watched
    };
    assert_eq!(found(&with("canary", vec![polled.clone()])), [""; 0]);
    let observes = GateModel {
        observe_only: Attr::Known(true),
        on_failure: Attr::Known(OnFailureWord::Warn),
        ..polled.clone()
    };
    assert_eq!(
        found(&with("canary", vec![observes])),
        ["`on_failure` has no effect here @ gate[0].on_failure"]
    );
    let loaded = GateModel {
        watch: Attr::Null,
        http: Attr::Known(HttpModel {
            load: Attr::Known(LoadModel {
                requests: Attr::Known(100),
                ..LoadModel::default()
            }),
            consecutive_passes: Attr::Known(2),
            interval: text("5s"),
            ..http("new_targets")
        }),
        ..polled
    };
    assert_eq!(
        found(&with("canary", vec![loaded])),
        [
            "`consecutive_passes` has no effect here @ gate[0].http.consecutive_passes",
            "`interval` has no effect here @ gate[0].http.interval",
        ]
    );
}
