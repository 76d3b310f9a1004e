//! Rules that `aws_lb_listener_rule` managed before: taken over without a change in AWS.

use serde_json::{Value as Json, json};
use tfplugin::resource::{MoveRequest, RawState};
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, is_settled, weights};

fn source(state: &Json) -> MoveRequest {
    MoveRequest {
        source_provider: "registry.terraform.io/hashicorp/aws".to_owned(),
        source_type: "aws_lb_listener_rule".to_owned(),
        source_version: 0,
        source_state: RawState::from_json(state.to_string()),
        source_private: Vec::new(),
        source_identity: None,
    }
}

/// A rule of somebody else, and the state hashicorp/aws has of it.
fn recorded(account: &Account, action: &Json, in_state: &Json) -> Json {
    let made = account.elb(
        "CreateRule",
        json!({
            "ListenerArn": account.listener, "Priority": 10,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
            "Actions": [action], "Tags": [{ "Key": "team", "Value": "shop" }],
        }),
    );
    let arn = &made["Rules"][0]["RuleArn"];
    let absent = |name: &str| json!({ name: [] });
    let mut condition = json!({ "path_pattern": [{ "values": ["/*"], "regex_values": null }] });
    for name in [
        "host_header",
        "http_header",
        "http_request_method",
        "query_string",
        "source_ip",
    ] {
        let fields = condition.as_object_mut().unwrap();
        fields.extend(absent(name).as_object().unwrap().clone());
    }
    json!({
        "id": arn, "arn": arn, "listener_arn": account.listener, "priority": 10, "condition": [condition],
        "action": [in_state], "tags": { "team": "shop" }, "tags_all": { "team": "shop" }, "transform": [],
    })
}

async fn takes_over(account: &Account, state: &Json, config: &Value, action: PlannedAction) {
    let terraform = account.terraform().await;
    let outcome = terraform.moved(WEB, source(state)).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    let before = account.rule();
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, action);
    let applied = terraform.apply(WEB, config.clone()).await;
    assert!(applied.diagnostics.is_empty(), "{}", applied.diagnostics);
    is_settled(&terraform, config).await;
    if action == PlannedAction::NoOp {
        assert_eq!(account.rule(), before);
    }
    assert_eq!(account.rule()["RuleArn"], before["RuleArn"]);
}

fn tagged(account: &Account) -> Value {
    let tags = crate::lifecycle::tags(&[("team", "shop")]);
    account.config().with_attribute("tags", tags)
}

#[tokio::test]
async fn a_forward_to_the_pair_is_taken_over_as_it_is() {
    let account = Account::new();
    let groups = |blue: u32, green: u32| {
        json!([
            { "TargetGroupArn": account.blue, "Weight": blue },
            { "TargetGroupArn": account.green, "Weight": green },
        ])
    };
    let action = json!({ "Type": "forward", "ForwardConfig": { "TargetGroups": groups(0, 100) } });
    let in_state = json!({
        "type": "forward", "order": 1, "target_group_arn": "",
        "forward": [{
            "target_group": [{ "arn": account.green, "weight": 0 }, { "arn": account.blue, "weight": 100 }],
            "stickiness": [{ "enabled": false, "duration": 0 }],
        }],
    });
    let state = recorded(&account, &action, &in_state);
    takes_over(&account, &state, &tagged(&account), PlannedAction::NoOp).await;
    assert_eq!(account.weights(), weights(0, 100));
}

#[tokio::test]
async fn a_forward_to_one_group_gets_the_second_in_place() {
    let account = Account::new();
    let action = json!({ "Type": "forward", "TargetGroupArn": account.green });
    let in_state = json!({
        "type": "forward", "order": 1, "target_group_arn": account.green, "forward": [],
    });
    let state = recorded(&account, &action, &in_state);
    takes_over(&account, &state, &tagged(&account), PlannedAction::Update).await;
    assert_eq!(account.weights(), weights(0, 1));
}

#[tokio::test]
async fn only_a_rule_of_hashicorp_aws_can_become_one() {
    let account = Account::new();
    let terraform = account.terraform().await;
    for (provider, source_type) in [
        ("registry.terraform.io/hashicorp/aws", "aws_lb_listener"),
        ("registry.terraform.io/else/aws", "aws_lb_listener_rule"),
    ] {
        let request = MoveRequest {
            source_provider: provider.to_owned(),
            source_type: source_type.to_owned(),
            ..source(&json!({}))
        };
        let outcome = terraform.moved(WEB, request).await;
        let said = outcome.diagnostics.to_string();
        assert!(said.contains("Nothing was changed"), "{said}");
    }
    let outcome = terraform.moved(WEB, source(&json!({ "tags": {} }))).await;
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("no ARN or no listener"), "{said}");
}
