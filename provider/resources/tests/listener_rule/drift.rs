//! What others change is told once and put right; weights of the pair are nobody's drift.

use serde_json::json;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, is_settled, object, sound, weights};

#[track_caller]
fn says(plan: &Plan, parts: &[&str]) {
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    assert_eq!(plan.diagnostics.iter().count(), 1, "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
    let said = plan.diagnostics.to_string();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

async fn applied() -> (Account, Terraform) {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, account.config()).await);
    (account, terraform)
}

async fn put_right(account: &Account, terraform: &Terraform) {
    let outcome = terraform.apply(WEB, account.config()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    is_settled(terraform, &account.config()).await;
}

#[tokio::test]
async fn weights_of_the_pair_are_no_drift() {
    let (account, terraform) = applied().await;
    for (blue, green) in [(90, 10), (0, 1), (1, 1)] {
        account.forwards(&[(&account.green, green), (&account.blue, blue)]);
        is_settled(&terraform, &account.config()).await;
    }
}

#[tokio::test]
async fn other_conditions_priorities_and_tags_go_back() {
    let (account, terraform) = applied().await;
    account.forwards(&[(&account.blue, 90), (&account.green, 10)]);
    account.modify(json!({ "Conditions": [{ "Field": "path-pattern", "Values": ["/only/*"] }] }));
    let arn = account.rule()["RuleArn"].clone();
    account.elb(
        "SetRulePriorities",
        json!({ "RulePriorities": [{ "RuleArn": arn, "Priority": 99 }] }),
    );
    account.elb(
        "AddTags",
        json!({ "ResourceArns": [arn], "Tags": [{ "Key": "team", "Value": "x" }] }),
    );
    let plan = terraform.plan(WEB, account.config()).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let said = plan.diagnostics.to_string();
    for part in [
        "2 critical differences",
        "rule.conditions",
        "rule.priority",
        "1 minor difference",
        "rule.tags-all",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    put_right(&account, &terraform).await;
    let rule = account.rule();
    assert_eq!(rule["Priority"], "10");
    assert_eq!(rule["Conditions"][0]["Values"], json!(["/*"]));
    assert_eq!(account.weights(), weights(90, 10));
}

#[tokio::test]
async fn tags_of_others_are_left_alone_when_the_provider_or_the_configuration_says_so() {
    let (account, terraform) = applied().await;
    let arn = account.rule()["RuleArn"].clone();
    account.elb(
        "AddTags",
        json!({ "ResourceArns": [arn], "Tags": [{ "Key": "Cost", "Value": "7" }] }),
    );
    // With `ignore_changes = [tags]` Terraform passes on what was read.
    let tags = crate::lifecycle::tags(&[("Cost", "7")]);
    is_settled(&terraform, &account.config().with_attribute("tags", tags)).await;

    let ignored = object! { keys: Value::set(["Cost"]) };
    let said = terraform.configure(object! { ignore_tags: ignored }).await;
    assert!(said.is_empty(), "{said}");
    is_settled(&terraform, &account.config()).await;
    let tagged = account
        .config()
        .with_attribute("tags", crate::lifecycle::tags(&[("team", "shop")]));
    let outcome = terraform.apply(WEB, tagged).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    let one = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(account.tags(), [one("Cost", "7"), one("team", "shop")]);
}

#[tokio::test]
async fn a_maintenance_page_is_told_and_put_right() {
    let (account, terraform) = applied().await;
    for action in [
        json!({ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "503" } }),
        json!({ "Type": "redirect", "RedirectConfig": { "StatusCode": "HTTP_302", "Host": "example.com" } }),
    ] {
        account.modify(json!({ "Actions": [action] }));
        let plan = terraform.plan(WEB, account.config()).await;
        says(
            &plan,
            &["1 critical", "rule.not-forwarding", "maintenance page"],
        );
        put_right(&account, &terraform).await;
        assert_eq!(account.weights(), weights(100, 0));
    }
}

#[tokio::test]
async fn another_group_goes_and_the_pair_keeps_its_weights() {
    let (account, terraform) = applied().await;
    let other = account.target_group("other");
    for (forward, then) in [
        (
            vec![(other.as_str(), 50), (account.green.as_str(), 50)],
            weights(0, 50),
        ),
        (vec![(account.green.as_str(), 7)], weights(0, 7)),
        (
            vec![
                (account.blue.as_str(), 1),
                (account.green.as_str(), 2),
                (other.as_str(), 0),
            ],
            weights(1, 2),
        ),
        (vec![(other.as_str(), 1)], weights(100, 0)),
    ] {
        account.forwards(&forward);
        let plan = terraform.plan(WEB, account.config()).await;
        says(&plan, &["1 critical", "rule.target-groups"]);
        put_right(&account, &terraform).await;
        assert_eq!(account.weights(), then);
    }
}

/// Neither group of the pair gets anything: the one with healthy targets does from now on.
#[tokio::test]
async fn requests_go_back_to_the_side_with_healthy_targets() {
    let (account, terraform) = applied().await;
    account.serves(&account.green);
    let other = account.target_group("other");
    account.forwards(&[(&other, 1), (&account.green, 0), (&account.blue, 0)]);
    let plan = terraform.plan(WEB, account.config()).await;
    says(&plan, &["rule.target-groups"]);
    put_right(&account, &terraform).await;
    assert_eq!(account.weights(), weights(0, 100));
}

#[tokio::test]
async fn a_priority_that_nobody_wrote_is_what_it_is() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.config().with_attribute("priority", Value::Null);
    sound(terraform.apply(WEB, config.clone()).await);
    let arn = account.rule()["RuleArn"].clone();
    account.elb(
        "SetRulePriorities",
        json!({ "RulePriorities": [{ "RuleArn": arn, "Priority": 99 }] }),
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.attribute("priority"), &Value::from(99));
    assert_eq!(plan.planned, plan.prior);
}
