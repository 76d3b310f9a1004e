//! What `terraform validate` says.

use tfplugin::resource::Resource;
use tfplugin::value::{Attr, Set};

use super::ListenerRule;
use super::model::{
    ConditionModel, HostHeaderModel, HttpHeaderModel, HttpRequestMethodModel, Model,
    PathPatternModel, QueryStringModel, SourceIpModel, Texts, set_or_null,
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

fn with(conditions: impl IntoIterator<Item = ConditionModel>) -> Model {
    let conditions = conditions.into_iter().map(Attr::Known);
    Model {
        listener_arn: text(LISTENER),
        condition: Attr::Known(conditions.collect()),
        target_groups: Attr::Known(vec![group("blue"), group("green")]),
        ..Model::default()
    }
}

fn path(values: Texts, regex_values: Texts) -> ConditionModel {
    ConditionModel {
        path_pattern: Attr::Known(PathPatternModel {
            values,
            regex_values,
        }),
        ..ConditionModel::default()
    }
}

fn paths(values: &[&str]) -> ConditionModel {
    path(texts(values), Attr::Null)
}

fn host(values: &[&str], regex: &[&str]) -> ConditionModel {
    ConditionModel {
        host_header: Attr::Known(HostHeaderModel {
            values: texts(values),
            regex_values: texts(regex),
        }),
        ..ConditionModel::default()
    }
}

fn header(values: &[&str], regex: &[&str]) -> ConditionModel {
    ConditionModel {
        http_header: Attr::Known(HttpHeaderModel {
            http_header_name: text("X-Team"),
            values: texts(values),
            regex_values: texts(regex),
        }),
        ..ConditionModel::default()
    }
}

fn method(values: &[&str]) -> ConditionModel {
    ConditionModel {
        http_request_method: Attr::Known(HttpRequestMethodModel {
            values: texts(values),
        }),
        ..ConditionModel::default()
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
    is_fine(&with([paths(&["/a", "/b", "/c", "/d", "/e"])]));
    is_fine(&with([header(&["a*"], &[])]));
    is_fine(&with([header(&[], &["^a"]), header(&["b"], &[])]));
    let query = QueryStringModel {
        key: Attr::Null,
        value: text("*beta*"),
    };
    let query = ConditionModel {
        query_string: Attr::Known([Attr::Known(query)].into_iter().collect()),
        ..ConditionModel::default()
    };
    let source = ConditionModel {
        source_ip: Attr::Known(SourceIpModel {
            values: texts(&["10.0.0.0/8"]),
        }),
        ..ConditionModel::default()
    };
    is_fine(&with([
        host(&["*.example.com"], &[]),
        query,
        source,
        paths(&["/*"]),
    ]));
}

#[test]
fn unknown_values_wait() {
    is_fine(&Model {
        condition: Attr::Unknown,
        target_groups: Attr::Unknown,
        ..Model::default()
    });
    let unknown = [text("/a"), Attr::Unknown].into_iter();
    is_fine(&with([path(
        Attr::Known(unknown.collect::<Set<_>>()),
        Attr::Unknown,
    )]));
    is_fine(&with([ConditionModel {
        query_string: Attr::Unknown,
        ..ConditionModel::default()
    }]));
}

#[test]
fn a_condition_is_of_one_kind() {
    violates(&with([ConditionModel::default()]), Rule::Conditions);
    violates(
        &with([ConditionModel {
            path_pattern: paths(&["/a"]).path_pattern,
            ..host(&["a.example.com"], &[])
        }]),
        Rule::Conditions,
    );
}

#[test]
fn some_kinds_are_there_once() {
    violates(&with([paths(&["/a"]), paths(&["/b"])]), Rule::Conditions);
    violates(
        &with([method(&["GET"]), method(&["HEAD"])]),
        Rule::Conditions,
    );
}

#[test]
fn values_and_regular_expressions_exclude_each_other() {
    for wrong in [
        path(texts(&["/a"]), texts(&["^/a"])),
        host(&["a.example.com"], &["^a"]),
        header(&["a"], &["b"]),
        header(&[], &[]),
        paths(&[]),
    ] {
        violates(&with([wrong]), Rule::Conditions);
    }
}

#[test]
fn values_of_all_conditions_are_counted_together() {
    let many = paths(&["/a", "/b", "/c", "/d"]);
    violates(&with([method(&["GET", "HEAD"]), many]), Rule::Conditions);
    let one_unknown = ["/a", "/b", "/c", "/d", "/e"].map(text).into_iter();
    let one_unknown = one_unknown.chain([Attr::Unknown]).collect();
    violates(
        &with([path(Attr::Known(one_unknown), Attr::Null)]),
        Rule::Conditions,
    );
}

#[test]
fn wildcards_are_counted_unless_they_are_escaped() {
    violates(&with([paths(&["/*/*/*/*", "/?/?/?"])]), Rule::Conditions);
    is_fine(&with([header(&[r"\*\*\*\*", "***", "???"], &[])]));
}

#[test]
fn the_pair_is_two_groups() {
    violates(
        &Model {
            target_groups: Attr::Known(vec![group("blue"), group("blue")]),
            ..with([paths(&["/*"])])
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
