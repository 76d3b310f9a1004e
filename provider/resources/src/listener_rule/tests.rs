//! What `terraform validate` says.

use tfplugin::resource::Resource;
use tfplugin::value::{Attr, Set};

use super::ListenerRule;
use super::model::{
    ConditionsModel, HttpHeaderModel, Model, QueryPairModel, QueryStringModel, Texts, set_or_null,
};
use super::rules::parse_cidr;
use super::validate::Rule;

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/web/1/2";

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn texts(values: &[&str]) -> Texts {
    set_or_null(values.iter().map(|value| (*value).to_owned()))
}

fn group(name: &str) -> Attr<String> {
    text(&format!(
        "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/{name}/1"
    ))
}

fn with(conditions: ConditionsModel) -> Model {
    Model {
        listener_arn: text(LISTENER),
        conditions: Attr::Known(conditions),
        target_groups: Attr::Known(vec![group("blue"), group("green")]),
        ..Model::default()
    }
}

fn paths(values: &[&str]) -> ConditionsModel {
    ConditionsModel {
        path_pattern: texts(values),
        ..ConditionsModel::default()
    }
}

fn header(values: &[&str], regex: &[&str]) -> ConditionsModel {
    ConditionsModel {
        http_header: set_or_null([HttpHeaderModel {
            name: text("X-Team"),
            values: texts(values),
            regex: texts(regex),
        }]),
        ..ConditionsModel::default()
    }
}

#[track_caller]
fn violates(model: &Model, rule: Rule) {
    let found = ListenerRule.validate(model);
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said.iter().all(|text| text.contains(rule.id())), "{said:?}");
}

#[track_caller]
fn is_fine(model: &Model) {
    let found = ListenerRule.validate(model);
    assert!(found.is_empty(), "{found}");
}

#[test]
fn what_aws_takes_is_fine() {
    is_fine(&with(paths(&["/a", "/b", "/c", "/d", "/e"])));
    is_fine(&with(header(&["a*"], &[])));
    is_fine(&with(header(&[], &["^a"])));
    is_fine(&with(ConditionsModel {
        host_header: texts(&["*.example.com"]),
        query_string: set_or_null([QueryStringModel {
            values: set_or_null([QueryPairModel {
                key: Attr::Null,
                value: text("*beta*"),
            }]),
        }]),
        source_ip: texts(&["10.0.0.0/8"]),
        ..paths(&["/*"])
    }));
}

#[test]
fn unknown_values_wait() {
    is_fine(&Model {
        conditions: Attr::Unknown,
        target_groups: Attr::Unknown,
        ..Model::default()
    });
    let unknown = [text("/a"), Attr::Unknown].into_iter();
    is_fine(&with(ConditionsModel {
        path_pattern: Attr::Known(unknown.collect::<Set<_>>()),
        path_pattern_regex: Attr::Unknown,
        ..ConditionsModel::default()
    }));
}

#[test]
fn a_rule_has_a_condition() {
    violates(&with(ConditionsModel::default()), Rule::Conditions);
}

#[test]
fn values_and_regular_expressions_exclude_each_other() {
    violates(
        &with(ConditionsModel {
            path_pattern_regex: texts(&["^/a"]),
            ..paths(&["/a"])
        }),
        Rule::Conditions,
    );
    violates(
        &with(ConditionsModel {
            host_header: texts(&["a.example.com"]),
            host_header_regex: texts(&["^a"]),
            ..ConditionsModel::default()
        }),
        Rule::Conditions,
    );
    violates(&with(header(&["a"], &["b"])), Rule::Conditions);
    violates(&with(header(&[], &[])), Rule::Conditions);
}

#[test]
fn values_of_all_conditions_are_counted_together() {
    violates(
        &with(ConditionsModel {
            http_request_method: texts(&["GET", "HEAD"]),
            ..paths(&["/a", "/b", "/c", "/d"])
        }),
        Rule::Conditions,
    );
    let one_unknown = ["/a", "/b", "/c", "/d", "/e"].map(text).into_iter();
    violates(
        &with(ConditionsModel {
            path_pattern: Attr::Known(one_unknown.chain([Attr::Unknown]).collect()),
            ..ConditionsModel::default()
        }),
        Rule::Conditions,
    );
}

#[test]
fn wildcards_are_counted_unless_they_are_escaped() {
    violates(&with(paths(&["/*/*/*/*", "/?/?/?"])), Rule::Conditions);
    is_fine(&with(header(&[r"\*\*\*\*", "***", "???"], &[])));
}

#[test]
fn the_pair_is_two_groups() {
    violates(
        &Model {
            target_groups: Attr::Known(vec![group("blue"), group("blue")]),
            ..with(paths(&["/*"]))
        },
        Rule::Pair,
    );
}

#[test]
fn ranges_are_addresses_with_bits() {
    for right in ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "10.1.2.3/32"] {
        assert_eq!(parse_cidr(right), Ok(()), "{right}");
    }
    for wrong in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "/8", "a/8"] {
        assert!(parse_cidr(wrong).is_err(), "{wrong}");
    }
}
