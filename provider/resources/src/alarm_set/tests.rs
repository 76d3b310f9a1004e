//! What the catalog makes of a configuration, and what `terraform validate` says.

use std::collections::BTreeMap;

use switchyard_engine::ports::{AlarmCondition, AlarmLimit, LiveAlarm, MetricSource};
use tfplugin::value::{Attr, Number};

use super::catalog::{kind_of, kinds};
use super::desired::{self, Entry};
use super::model::Model;
use super::words::{AlarmWord, MissingWord, Tier};
use super::{recover, shown, validate};

fn known(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn set<T: Ord>(elements: impl IntoIterator<Item = T>) -> Attr<tfplugin::value::Set<Attr<T>>> {
    let sorted: std::collections::BTreeSet<T> = elements.into_iter().collect();
    Attr::Known(sorted.into_iter().map(Attr::Known).collect())
}

fn texts(elements: &[&str]) -> Attr<tfplugin::value::Set<Attr<String>>> {
    set(elements.iter().map(|it| (*it).to_owned()))
}

const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1";
const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/2";
const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/1";

fn named() -> Model {
    Model {
        name: known("shop"),
        cluster: known("main"),
        service: known("web"),
        ..Model::defaults()
    }
}

fn whole() -> Model {
    Model {
        load_balancer: known(BALANCER),
        target_groups: Attr::Known(vec![known(BLUE), known(GREEN)]),
        databases: texts(&["orders", "orders-replica"]),
        caches: texts(&["sessions-001"]),
        deployment_failure_rule: known("failed-deployments"),
        critical_topics: texts(&["arn:aws:sns:eu-west-1:123456789012:critical"]),
        warning_topics: texts(&["arn:aws:sns:eu-west-1:123456789012:warning"]),
        thresholds: Attr::Known(BTreeMap::from([
            ("database-connections-critical".to_owned(), number("80")),
            ("errors-critical".to_owned(), number("7.5")),
            ("latency-anomaly-warning".to_owned(), number("2.5")),
            ("scaling-event".to_owned(), number("0")),
        ])),
        off: set([AlarmWord::Memory, AlarmWord::CacheCpu]),
        missing_data: Attr::Known(BTreeMap::from([(
            "cpu-warning".to_owned(),
            Attr::Known(MissingWord::Missing),
        )])),
        critical_minutes: Attr::Known(2),
        warning_minutes: Attr::Known(7),
        minimum_requests: Attr::Known(50),
        ..named()
    }
}

fn number(text: &str) -> Attr<Number> {
    Attr::Known(text.parse().unwrap())
}

fn entries(model: &Model) -> Vec<Entry> {
    desired::entries(&desired::settings(model).unwrap())
}

fn entry(model: &Model, key: &str) -> Entry {
    let found = entries(model).into_iter().find(|entry| entry.key == key);
    found.unwrap_or_else(|| panic!("there is no {key}"))
}

#[test]
fn a_service_alone_has_the_warnings_about_itself() {
    let keys: Vec<String> = entries(&named()).into_iter().map(|it| it.key).collect();
    assert_eq!(keys, ["cpu-warning", "memory-warning"]);
}

#[test]
fn the_defaults_are_those_of_the_two_tiers() {
    let behind = Model {
        thresholds: Attr::Null,
        off: Attr::Null,
        critical_minutes: Attr::Known(1),
        warning_minutes: Attr::Known(5),
        ..whole()
    };
    let limits: BTreeMap<String, (Tier, String, u32)> = entries(&behind)
        .into_iter()
        .filter_map(|it| match it.alarm.condition {
            AlarmCondition::Metric(condition) => match condition.limit {
                AlarmLimit::Threshold(limit) => Some((
                    it.key,
                    (
                        it.tier,
                        format!("{} {limit}", condition.comparison.word()),
                        condition.evaluation_periods,
                    ),
                )),
                AlarmLimit::Band(_) => None,
            },
            AlarmCondition::Composite(_) => None,
        })
        .collect();
    let above = |limit: &str| format!("GreaterThanThreshold {limit}");
    let below = |limit: &str| format!("LessThanThreshold {limit}");
    let expected = [
        (
            "cache-cpu-warning-sessions-001",
            Tier::Warning,
            above("80"),
            5,
        ),
        (
            "cache-memory-warning-sessions-001",
            Tier::Warning,
            above("85"),
            5,
        ),
        ("cpu-warning", Tier::Warning, above("80"), 5),
        ("database-cpu-warning-orders", Tier::Warning, above("80"), 5),
        (
            "database-cpu-warning-orders-replica",
            Tier::Warning,
            above("80"),
            5,
        ),
        (
            "database-replica-lag-warning-orders",
            Tier::Warning,
            above("30"),
            5,
        ),
        (
            "database-replica-lag-warning-orders-replica",
            Tier::Warning,
            above("30"),
            5,
        ),
        (
            "database-storage-warning-orders",
            Tier::Warning,
            below("5"),
            5,
        ),
        (
            "database-storage-warning-orders-replica",
            Tier::Warning,
            below("5"),
            5,
        ),
        ("deployment-failed-event", Tier::Event, above("0"), 1),
        ("errors-critical", Tier::Critical, above("10"), 1),
        ("errors-warning", Tier::Warning, above("5"), 5),
        ("latency-critical", Tier::Critical, above("5"), 1),
        ("latency-warning", Tier::Warning, above("2"), 5),
        (
            "load-balancer-errors-critical",
            Tier::Critical,
            above("10"),
            1,
        ),
        ("load-balancer-errors-warning", Tier::Warning, above("5"), 5),
        ("memory-warning", Tier::Warning, above("85"), 5),
        ("unavailable-critical", Tier::Critical, below("1"), 1),
    ];
    let expected: BTreeMap<String, (Tier, String, u32)> = expected
        .into_iter()
        .map(|(key, tier, limit, minutes)| (key.to_owned(), (tier, limit, minutes)))
        .collect();
    assert_eq!(limits, expected);
}

#[test]
fn errors_are_counted_on_both_sides_together() {
    let AlarmCondition::Metric(condition) = entry(&whole(), "errors-critical").alarm.condition
    else {
        panic!("it is an alarm on metrics");
    };
    let requests = "FILL(requests0,0)+FILL(requests1,0)";
    let expected =
        format!("IF({requests} >= 50, 100*(FILL(errors0,0)+FILL(errors1,0))/({requests}), 0)");
    let value = condition.queries.iter().find(|it| it.returned).unwrap();
    assert_eq!(value.source, MetricSource::Expression(expected));
    let groups: Vec<&String> = condition
        .queries
        .iter()
        .filter_map(|it| match &it.source {
            MetricSource::Metric { dimensions, .. } => dimensions.get("TargetGroup"),
            MetricSource::Expression(_) => None,
        })
        .collect();
    let (blue, green) = ("targetgroup/blue/2", "targetgroup/green/1");
    assert_eq!(groups, [blue, blue, green, green]);
}

#[test]
fn the_composite_alarm_has_every_critical_alarm_and_calls_nothing() {
    let unhealthy = entry(&whole(), "unhealthy");
    let members = [
        "database-connections-critical-orders",
        "database-connections-critical-orders-replica",
        "errors-critical",
        "latency-critical",
        "load-balancer-errors-critical",
        "unavailable-critical",
    ];
    let rule: Vec<String> = members
        .iter()
        .map(|it| format!("ALARM(\"shop-{it}\")"))
        .collect();
    assert_eq!(
        unhealthy.alarm.condition,
        AlarmCondition::Composite(rule.join(" OR "))
    );
    assert!(unhealthy.alarm.actions.is_empty());
    assert!(entries(&named()).iter().all(|it| it.key != "unhealthy"));
}

#[test]
fn an_event_is_never_over_and_a_warning_is() {
    let scaling = entry(&whole(), "scaling-event").alarm;
    assert_eq!((scaling.actions.len(), scaling.ok_actions.len()), (1, 0));
    let cpu = entry(&whole(), "cpu-warning").alarm;
    assert_eq!((cpu.actions.len(), cpu.ok_actions.len()), (1, 1));
}

#[test]
fn a_configuration_is_recovered_from_its_alarms() {
    for model in [named(), whole()] {
        let live: BTreeMap<String, LiveAlarm> = entries(&model)
            .into_iter()
            .map(|it| {
                let arn = format!(
                    "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{}",
                    it.alarm.name
                );
                (
                    it.alarm.name.clone(),
                    LiveAlarm {
                        arn,
                        alarm: it.alarm,
                    },
                )
            })
            .collect();
        let imported = Model {
            name: model.name.clone(),
            cluster: model.cluster.clone(),
            service: model.service.clone(),
            ..Model::default()
        };
        let recovered = recover::recovered(imported, &live);
        let entries = entries(&model);
        let expected = Model {
            id: known("main/web/shop"),
            unhealthy_alarm: shown::unhealthy(&desired::settings(&model).unwrap(), &entries),
            // A set without such alarms does not show what they would have.
            critical_minutes: if model == named() {
                Attr::Known(1)
            } else {
                model.critical_minutes
            },
            ..model
        };
        assert_eq!(recovered, expected);
    }
}

#[test]
fn keys_name_one_kind() {
    for kind in kinds() {
        let object = kind.is_for_each().then_some("a-b");
        let key = object.map_or_else(
            || kind.word.word().to_owned(),
            |object| format!("{}-{object}", kind.word.word()),
        );
        let (found, of) = kind_of(&key).unwrap();
        assert_eq!((found.word, of.as_deref()), (kind.word, object), "{key}");
    }
    for other in [
        "",
        "x-errors-critical",
        "errors-critical-x",
        "database-cpu-warning-",
    ] {
        assert!(kind_of(other).is_none(), "{other}");
    }
}

#[track_caller]
fn refused(model: &Model, part: &str) {
    let said = validate::validate(model).to_string();
    assert!(said.contains(part) && said.contains("SY0294"), "{said}");
}

#[test]
fn settings_of_alarms_that_the_set_does_not_have_are_refused() {
    let threshold = |word: &str| Attr::Known(BTreeMap::from([(word.to_owned(), number("1"))]));
    assert!(validate::validate(&whole()).is_empty());
    refused(
        &Model {
            thresholds: threshold("database-cpu-warning"),
            ..named()
        },
        "needs `databases`",
    );
    refused(
        &Model {
            thresholds: threshold("errors-critical"),
            ..named()
        },
        "needs `load_balancer` and `target_groups`",
    );
    refused(
        &Model {
            thresholds: threshold("memory-warning"),
            off: set([AlarmWord::Memory]),
            ..named()
        },
        "`off` removes that alarm",
    );
    refused(
        &Model {
            load_balancer: known(BALANCER),
            ..named()
        },
        "`target_groups` is not",
    );
    let missing = Attr::Known(BTreeMap::from([(
        "scaling-event".to_owned(),
        Attr::Known(MissingWord::Ignore),
    )]));
    refused(
        &Model {
            missing_data: missing,
            ..named()
        },
        "exists only with a threshold",
    );
}

#[test]
fn a_rollback_before_the_warning_is_a_warning() {
    let early = Model {
        thresholds: Attr::Known(BTreeMap::from([(
            "errors-critical".to_owned(),
            number("3"),
        )])),
        ..whole()
    };
    let said = validate::late_warnings(&desired::settings(&early).unwrap());
    let [one] = said.as_slice() else {
        panic!("{said:?}");
    };
    let text = tfplugin::diagnostic::Diagnostics::from(one.clone()).to_string();
    assert!(
        text.contains("`errors-critical` fires at 3, before `errors-warning` does at 5"),
        "{text}"
    );
    assert!(validate::late_warnings(&desired::settings(&whole()).unwrap()).is_empty());
    // Without the warning there is nothing to compare with.
    let off = Model {
        off: set([AlarmWord::ErrorsWarning]),
        ..early
    };
    assert!(validate::late_warnings(&desired::settings(&off).unwrap()).is_empty());
}
