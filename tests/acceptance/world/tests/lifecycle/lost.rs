//! Production that somebody has pointed at the side without tasks.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use switchyard_engine::ports::{ErrorKind, Strategy};
use switchyard_engine::{DesiredService, FailureKind, ReportKind, apply, observe, stray_traffic};
use tokio_util::sync::CancellationToken;

use crate::sides::stepped;
use switchyard_support::account::{Account, update};
use switchyard_support::intercept::{Fault, Intercept, Selector};

fn blue_green(account: &Account, tag: &str) -> DesiredService {
    account.wanted(Strategy::BlueGreen, tag)
}

fn by_steps(account: &Account, tag: &str) -> DesiredService {
    stepped(account, tag, &[1000])
}

fn forward(account: &Account, blue: u64, green: u64) -> Value {
    json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": [
        { "TargetGroupArn": account.blue, "Weight": blue },
        { "TargetGroupArn": account.green, "Weight": green },
    ] } }])
}

/// A service that has moved once, with its weights swapped by somebody.
async fn swapped(
    wanted: fn(&Account, &str) -> DesiredService,
) -> (Account, DesiredService, (u64, u64)) {
    let account = Account::new();
    account.done(&wanted(&account, "v1")).await;
    let same = update(wanted(&account, "v2"));
    account.done(&same).await;
    account.world.advance(std::time::Duration::from_secs(600));
    let (blue, green) = account.weights();
    let rule = &account.rule;
    let actions = forward(&account, green, blue);
    account.elb("ModifyRule", json!({ "RuleArn": rule, "Actions": actions }));
    (account, same, (blue, green))
}

async fn is_told(account: &Account, wanted: &DesiredService) -> Option<String> {
    let live = observe(&account.ports, &wanted.service).await.unwrap();
    let balancer = wanted.revision.load_balancer.as_ref().unwrap();
    let (rule, groups) = (balancer.production_rule.as_deref(), &balancer.target_groups);
    let told = stray_traffic(&account.ports, &live.unwrap(), rule, groups).await;
    told?.unfinished
}

#[tokio::test]
async fn an_apply_puts_production_back_before_anything_else() {
    for wanted in [blue_green, by_steps] {
        // Nothing else is to do; then a rollout is.
        let (account, same, right) = swapped(wanted).await;
        assert!(
            is_told(&account, &same)
                .await
                .unwrap()
                .starts_with("100 % of production goes to")
        );
        account.done(&same).await;
        assert_eq!(account.weights(), right);
        assert_eq!(is_told(&account, &same).await, None);
        assert_eq!(account.done(&same).await.kind, ReportKind::Unchanged);

        let (account, _, right) = swapped(wanted).await;
        let next = update(wanted(&account, "v3"));
        assert_eq!(account.done(&next).await.kind, ReportKind::RolledOut);
        assert_eq!(
            account.weights(),
            (right.1, right.0),
            "moved on from the right side"
        );
    }
}

#[tokio::test]
async fn the_listener_of_code_deploy_is_put_back() {
    let account = Account::with_code_deploy();
    account.done(&account.code_deployed("v1")).await;
    account.deployment_group(0);
    let same = update(account.code_deployed("v1"));
    let to = |group: &str| {
        let action = json!({ "Type": "forward", "TargetGroupArn": group });
        let listener = &account.listener;
        account.elb(
            "ModifyListener",
            json!({ "ListenerArn": listener, "DefaultActions": [action] }),
        )
    };
    to(&account.green);
    assert!(is_told(&account, &same).await.is_some());
    account.done(&same).await;
    assert_eq!(is_told(&account, &same).await, None);
}

#[tokio::test]
async fn a_refusal_names_the_command() {
    let (account, _, right) = swapped(blue_green).await;
    let refused = Intercept::new(account.ports.clone()).with(
        Selector::Operation("elbv2:ModifyRule", usize::MAX),
        Fault::Fails(ErrorKind::Denied),
    );
    let next = update(blue_green(&account, "v3"));
    let applied = apply(&refused.ports(), &next, &CancellationToken::new()).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::TrafficNotReturned);
    let detail = failure.detail();
    assert!(
        detail.contains("These requests fail now. Nothing was changed."),
        "{detail}"
    );
    assert_eq!(account.deployments().len(), 2, "no rollout was begun");
    // What it says is what has to be run.
    let actions = detail.split('\'').nth(1).unwrap();
    let actions: Value = serde_json::from_str(actions).unwrap();
    assert!(detail.contains(&format!(
        "aws elbv2 modify-rule --rule-arn {} --actions '",
        account.rule
    )));
    account.elb(
        "ModifyRule",
        json!({ "RuleArn": account.rule, "Actions": actions }),
    );
    let weights = account.weights();
    assert_eq!((weights.0 > 0, weights.1 > 0), (right.0 > 0, right.1 > 0));
    assert_eq!(account.done(&next).await.kind, ReportKind::RolledOut);
}

#[tokio::test]
async fn a_side_that_answers_is_told_and_left() {
    let (account, wanted, right) = swapped(blue_green).await;
    let live = observe(&account.ports, &wanted.service)
        .await
        .unwrap()
        .unwrap();
    let empty = if right.0 > 0 {
        &account.green
    } else {
        &account.blue
    };
    account.elb(
        "RegisterTargets",
        json!({ "TargetGroupArn": empty, "Targets": [{ "Id": "10.9.9.9", "Port": 80 }] }),
    );
    let told = stray_traffic(&account.ports, &live, None, &BTreeSet::new())
        .await
        .unwrap();
    assert_eq!(told.finding.rule.id(), "SY0111");
    assert_eq!(told.unfinished, None);
    let weights = account.weights();
    account.done(&wanted).await;
    assert_eq!(account.weights(), weights);
}
