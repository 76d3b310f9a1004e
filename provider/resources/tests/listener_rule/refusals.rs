//! What is refused, by name and before anything is changed where that is possible.

use serde_json::json;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, is_settled, sound, weights};

#[track_caller]
fn says(said: &Diagnostics, parts: &[&str]) {
    let text = said.to_string();
    assert_eq!(said.iter().count(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

fn other_paths(account: &Account) -> Value {
    account
        .config()
        .with_attribute("condition", crate::account::paths("/b"))
}

#[tokio::test]
async fn a_priority_that_is_taken_is_told_with_the_rule_that_has_it() {
    let account = Account::new();
    let other = account.terraform().await;
    let holder = sound(other.apply(WEB, account.config()).await);
    let holder = holder.attribute("arn").as_str().unwrap().to_owned();
    let terraform = account.terraform().await;
    let plan = terraform.plan(WEB, other_paths(&account)).await;
    assert!(!plan.diagnostics.has_errors());
    says(&plan.diagnostics, &["SY0052", &holder, "Priority 10"]);
    let outcome = terraform
        .apply_once(WEB, other_paths(&account), other_paths(&account))
        .await;
    assert!(outcome.state.is_none());
    let said = outcome.diagnostics.to_string();
    assert!(outcome.diagnostics.has_errors(), "{said}");
    assert!(
        said.contains("No rule was made") && said.contains(&holder),
        "{said}"
    );
    assert_eq!(account.rules().len(), 1);
}

#[tokio::test]
async fn a_rule_that_exists_is_to_be_imported() {
    let account = Account::new();
    let other = account.terraform().await;
    let holder = sound(other.apply(WEB, account.config()).await);
    // Whatever made it, it was not an apply of today.
    let arn = holder.attribute("arn").as_str().unwrap().to_owned();
    account.elb(
        "RemoveTags",
        json!({ "ResourceArns": [arn], "TagKeys": ["switchyard:creating"] }),
    );
    let terraform = account.terraform().await;
    let outcome = terraform
        .apply_once(WEB, account.config(), account.config())
        .await;
    let said = outcome.diagnostics.to_string();
    let command = format!("terraform import ADDRESS {arn}");
    assert!(said.contains("SY0052") && said.contains(&command), "{said}");
    assert!(outcome.state.is_none());
}

#[tokio::test]
async fn a_priority_that_is_taken_meanwhile_leaves_the_rule_as_it_is() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, account.config()).await);
    let other = account.terraform().await;
    sound(
        other
            .apply(WEB, other_paths(&account).with_attribute("priority", 20))
            .await,
    );
    let moved = account.config().with_attribute("priority", 20);
    let outcome = terraform.apply(WEB, moved).await;
    says(&outcome.diagnostics, &["SY0052", "Priority 20"]);
    assert_eq!(outcome.attribute("priority"), &Value::from(10));
    assert!(!outcome.tainted);
    is_settled(&terraform, &account.config()).await;
}

#[tokio::test]
async fn a_group_that_gets_requests_cannot_leave() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, account.config()).await);
    let third = account.target_group("third");
    let pair = |first: &str, second: &str| {
        account
            .config()
            .with_attribute("target_groups", Value::list([first, second]))
    };
    let plan = terraform.plan(WEB, pair(&account.green, &third)).await;
    says(&plan.diagnostics, &["SY0053", &account.blue, "weight 100"]);
    assert!(plan.diagnostics.has_errors());
    // The idle side may.
    sound(terraform.apply(WEB, pair(&account.blue, &third)).await);
    is_settled(&terraform, &pair(&account.blue, &third)).await;
    let found = account.weights();
    assert_eq!(found, [("blue".to_owned(), 100), ("third".to_owned(), 0)]);
}

/// Traffic moves between plan and apply.
#[tokio::test]
async fn a_group_that_gets_requests_by_now_does_not_leave_either() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let (blue, green) = (account.blue.clone(), account.green.clone());
    let world = account.world.clone();
    let moving = switchyard_support::intercept::Intercept::new(account.ports.clone());
    sound(terraform.apply(WEB, account.config()).await);
    let rule = account.rule()["RuleArn"].clone();
    let third = account.target_group("third");
    let config = account.config().with_attribute(
        "target_groups",
        Value::list([blue.as_str(), third.as_str()]),
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    // Whoever reads the tags has read the rule at plan: by then a deployment has begun.
    let count = std::sync::atomic::AtomicUsize::new(0);
    let moving = moving.before_each(move |_, operation| {
        let is_groups = operation == "elbv2:DescribeTargetGroups";
        if is_groups && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            let groups = json!([
                { "TargetGroupArn": blue, "Weight": 90 },
                { "TargetGroupArn": green, "Weight": 10 },
            ]);
            let actions =
                json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": groups } }]);
            let input = json!({ "RuleArn": rule, "Actions": actions });
            world
                .call(
                    switchyard_world::Service::Elbv2,
                    "eu-west-1",
                    "ModifyRule",
                    input,
                )
                .unwrap();
        }
    });
    let racing = crate::account::configured(moving.ports()).await;
    let arn = account.rule()["RuleArn"].as_str().unwrap().to_owned();
    sound(racing.import(WEB, ImportRequest::Id(arn)).await);
    let outcome = racing.apply(WEB, config).await;
    says(&outcome.diagnostics, &["SY0053", "weight 10"]);
    assert_eq!(account.weights(), weights(90, 10));
    assert!(!outcome.tainted);
}

#[tokio::test]
async fn what_does_not_exist_is_named_at_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let listener = account.listener.replace("/web/", "/gone/");
    let config = account.config().with_attribute("listener_arn", listener);
    let plan = terraform.plan(WEB, config).await;
    says(&plan.diagnostics, &["SY0054", "/gone/", "does not exist"]);
    let group = account.green.replace("/green/", "/gone/");
    let config = account.config().with_attribute(
        "target_groups",
        Value::list([account.blue.as_str(), group.as_str()]),
    );
    let plan = terraform.plan(WEB, config).await;
    says(&plan.diagnostics, &["SY0054", &group]);
}

#[tokio::test]
async fn a_default_rule_is_the_listeners() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let arn = account.default_rule();
    let outcome = terraform.import(WEB, ImportRequest::Id(arn.clone())).await;
    says(&outcome.diagnostics, &["SY0055", &arn, "default rule"]);
    for id in ["", "web", account.listener.as_str()] {
        let outcome = terraform
            .import(WEB, ImportRequest::Id(id.to_owned()))
            .await;
        says(&outcome.diagnostics, &["Nothing was imported"]);
    }
}

#[tokio::test]
async fn a_load_balancer_full_of_rules_says_so() {
    let account = Account::new();
    for priority in 1..=100 {
        account.elb(
            "CreateRule",
            json!({
                "ListenerArn": account.listener, "Priority": priority,
                "Conditions": [{ "Field": "path-pattern", "Values": ["/full"] }],
                "Actions": [{ "Type": "forward", "TargetGroupArn": account.blue }],
            }),
        );
    }
    let terraform = account.terraform().await;
    let config = account.config().with_attribute("priority", Value::Null);
    let outcome = terraform.apply_once(WEB, config.clone(), config).await;
    says(
        &outcome.diagnostics,
        &["SY0056", "TooManyRules", "No rule was made", "quota"],
    );
    assert!(outcome.state.is_none());
}
