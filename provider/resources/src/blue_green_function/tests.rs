//! What `terraform validate` says.

use tfplugin::resource::Resource as _;
use tfplugin::schema::Validator as _;
use tfplugin::value::{Attr, Number, Set, Value};

use super::model::{GateModel, InvokeModel, MetricModel, Model};
use super::words::{Predefined, StrategyWord, WhenWord};
use super::{BlueGreenFunction, rules};
use crate::blue_green_service::ShiftModel;

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn canary() -> Model {
    Model {
        strategy: Attr::Known(StrategyWord::Canary),
        canary: Attr::Known(ShiftModel {
            percent: Attr::Known(Number::from(10)),
            interval: text("5m"),
        }),
        ..Model::default()
    }
}

fn says(model: &Model) -> String {
    BlueGreenFunction.validate(model).to_string()
}

#[test]
fn a_strategy_has_its_block_and_no_other() {
    assert_eq!(says(&canary()), "");
    assert_eq!(says(&Model::default()), "");
    for (model, part) in [
        (
            Model {
                canary: Attr::Null,
                ..canary()
            },
            "needs the block `canary`",
        ),
        (
            Model {
                strategy: Attr::Null,
                ..canary()
            },
            "does not belong to strategy `all_at_once`",
        ),
        (
            Model {
                linear: canary().canary,
                ..canary()
            },
            "The block `linear` does not belong",
        ),
        (
            Model {
                canary: Attr::Known(ShiftModel {
                    percent: Attr::Known(Number::from(100)),
                    interval: text("5m"),
                }),
                ..canary()
            },
            "`canary.percent = 100` moves all traffic at once",
        ),
    ] {
        let said = says(&model);
        assert!(said.contains(part) && said.contains("SY0268"), "{said}");
    }
}

#[test]
fn the_time_limit_leaves_time_for_all_shares() {
    let short = Model {
        timeout: text("15m"),
        bake_time: text("10m"),
        ..canary()
    };
    let said = says(&short);
    assert!(said.contains("held for 15m in total"), "{said}");
    let longer = Model {
        timeout: text("16m"),
        ..short
    };
    assert_eq!(says(&longer), "");
}

fn gated(gate: GateModel) -> Model {
    Model {
        gate: Attr::Known(vec![Attr::Known(gate)]),
        ..canary()
    }
}

fn when(words: &[WhenWord]) -> Attr<Set<Attr<WhenWord>>> {
    Attr::Known(words.iter().cloned().map(Attr::Known).collect())
}

#[test]
fn a_gate_is_one_of_three_kinds() {
    let invoke = GateModel {
        name: text("answers"),
        when: when(&[WhenWord::BeforeTraffic]),
        invoke: Attr::Known(InvokeModel::default()),
        ..GateModel::default()
    };
    assert_eq!(says(&gated(invoke.clone())), "");
    let metric = MetricModel {
        predefined: Attr::Known(Predefined::ErrorPercent),
        failure_when: text("> 5"),
        ..MetricModel::default()
    };
    let both = GateModel {
        metric: Attr::Known(metric.clone()),
        ..invoke.clone()
    };
    assert!(says(&gated(both.clone())).contains("several of them"));
    let none = GateModel {
        invoke: Attr::Null,
        ..invoke.clone()
    };
    assert!(says(&gated(none)).contains("none of them"));
    let alone = |metric| GateModel {
        invoke: Attr::Null,
        metric: Attr::Known(metric),
        ..both.clone()
    };
    assert_eq!(says(&gated(alone(metric.clone()))), "");
    let unruled = MetricModel {
        failure_when: Attr::Null,
        ..metric.clone()
    };
    assert!(says(&gated(alone(unruled))).contains("which values"));
    let mixed = MetricModel {
        namespace: text("Shop"),
        ..metric
    };
    assert!(says(&gated(alone(mixed))).contains("either predefined or"));
    let twice = Model {
        gate: Attr::Known(vec![
            Attr::Known(invoke.clone()),
            Attr::Known(invoke.clone()),
        ]),
        ..canary()
    };
    assert!(says(&twice).contains("Two gates have the name `answers`"));
    let never = Model {
        gate: Attr::Known(vec![Attr::Known(GateModel {
            when: when(&[WhenWord::Step]),
            ..invoke
        })]),
        ..Model::default()
    };
    assert!(says(&never).contains("never runs"));
}

#[test]
fn functions_aliases_and_versions_are_words_of_lambda() {
    let fits = |value: &str, rule: &dyn Fn(&Value) -> bool| rule(&Value::from(value));
    let function = |value: &Value| rules::function().check(value).is_ok();
    for good in [
        "shop",
        "shop_2-a",
        "123456789012:function:shop",
        "arn:aws:lambda:eu-west-1:123456789012:function:shop",
    ] {
        assert!(fits(good, &function), "{good}");
    }
    for bad in [
        "",
        "shop:live",
        "arn:aws:lambda:eu-west-1:123456789012:function:shop:7",
        "a/b",
    ] {
        assert!(!fits(bad, &function), "{bad}");
    }
    let alias = |value: &Value| rules::alias_name().check(value).is_ok();
    assert!(fits("live", &alias) && fits("v2", &alias));
    assert!(!fits("7", &alias) && !fits("$LATEST", &alias) && !fits("", &alias));
    let version = |value: &Value| rules::version().check(value).is_ok();
    assert!(fits("7", &version));
    assert!(!fits("$LATEST", &version) && !fits("0", &version) && !fits("live", &version));
}
