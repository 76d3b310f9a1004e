//! What `terraform validate` says.

use tfplugin::resource::Resource as _;
use tfplugin::schema::Validator as _;
use tfplugin::value::{Attr, Value};

use super::model::{MemberModel, Model};
use super::{ServiceGroup, rules};

fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:ecs:{region}:123456789012:service/main/{name}")
}

fn member(name: &str, after: &[&str]) -> MemberModel {
    let after = after.iter().map(|name| Attr::Known((*name).to_owned()));
    MemberModel {
        name: Attr::Known(name.to_owned()),
        service: Attr::Known(arn("eu-west-1", name)),
        task_definition: Attr::Known(format!("{name}:1")),
        after: Attr::Known(after.collect()),
        ..MemberModel::default()
    }
}

fn said(members: Vec<MemberModel>) -> String {
    let members = members.into_iter().map(Attr::Known);
    let model = Model {
        name: Attr::Known("shop".to_owned()),
        member: Attr::Known(members.collect()),
        ..Model::default()
    };
    ServiceGroup.validate(&model).to_string()
}

#[test]
fn members_that_have_no_order_are_named() {
    assert_eq!(said(vec![member("a", &[]), member("b", &["a"])]), "");
    let unknown = said(vec![member("a", &["b"])]);
    assert!(
        unknown.contains("`a` waits for `b`, which is not a member"),
        "{unknown}"
    );
    let itself = said(vec![member("a", &["a"])]);
    assert!(itself.contains("Member `a` waits for itself"), "{itself}");
    let circle = said(vec![member("a", &["b"]), member("b", &["a"])]);
    assert!(circle.contains("`a` -> `b` -> `a`"), "{circle}");
    for text in [unknown, itself, circle] {
        assert!(text.contains("SY0307"), "{text}");
    }
}

#[test]
fn a_member_has_a_name_and_a_service_of_its_own_in_one_account() {
    let twice = said(vec![member("a", &[]), member("a", &[])]);
    assert!(twice.contains("Two members are called `a`"), "{twice}");
    assert!(twice.contains("Two members are the service"), "{twice}");
    let elsewhere = MemberModel {
        service: Attr::Known(arn("eu-west-1", "b").replace("123456789012", "210987654321")),
        ..member("b", &[])
    };
    let apart = said(vec![member("a", &[]), elsewhere]);
    assert!(
        apart.contains("`123456789012` and `210987654321`"),
        "{apart}"
    );
    assert!(apart.contains("SY0306"), "{apart}");
    // What is not known yet may be right.
    let unknown = MemberModel {
        service: Attr::Unknown,
        after: Attr::Unknown,
        ..member("b", &[])
    };
    assert_eq!(said(vec![member("a", &["b"]), unknown]), "");
}

#[test]
fn regions_in_stages_have_one_order() {
    let there = |name: &str, after: &[&str]| MemberModel {
        service: Attr::Known(arn("us-east-1", name)),
        ..member(name, after)
    };
    let said = |members: Vec<MemberModel>, stages: &[&str]| {
        let stages = stages.iter().map(|it| Attr::Known((*it).to_owned()));
        let model = Model {
            name: Attr::Known("shop".to_owned()),
            region_order: Attr::Known(stages.collect()),
            member: Attr::Known(members.into_iter().map(Attr::Known).collect()),
            ..Model::default()
        };
        ServiceGroup.validate(&model).to_string()
    };
    let members = || vec![member("a", &[]), there("b", &["a"])];
    assert_eq!(said(members(), &["eu-west-1", "us-east-1"]), "");
    let against = said(members(), &["us-east-1", "eu-west-1"]);
    assert!(
        against.contains("`b` waits for `a`, which is in a later region"),
        "{against}"
    );
    let twice = said(members(), &["us-east-1", "us-east-1"]);
    assert!(twice.contains("`region_order` twice"), "{twice}");
}

#[test]
fn a_service_is_an_arn_and_a_task_definition_has_a_revision() {
    let service = |text: &str| rules::service().check(&Value::from(text)).is_ok();
    assert!(service(
        "arn:aws-cn:ecs:cn-north-1:123456789012:service/main/web"
    ));
    for text in [
        "web",
        "main/web",
        "arn:aws:ecs:eu-west-1:123456789012:service/web",
        "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
        "arn:aws:ecs::123456789012:service/main/web",
        "arn:aws:ecs:eu-west-1:123456789012:service/main/",
    ] {
        assert!(!service(text), "{text}");
    }
    let definition = |text: &str| rules::task_definition().check(&Value::from(text)).is_ok();
    assert!(definition("web:7"));
    assert!(definition(
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
    ));
    for text in ["web", "web:", ":7", "web:latest", ""] {
        assert!(!definition(text), "{text}");
    }
}
