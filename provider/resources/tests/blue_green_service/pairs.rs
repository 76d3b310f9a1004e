//! A service behind several pairs of target groups: the traffic of all of them moves together.

use serde_json::{Value as Json, json};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, answers, canary, never, object, rolling, sound, steps,
};

/// The second pair, with a rule of its own.
struct Inner {
    blue: String,
    green: String,
    rule: String,
}

impl Inner {
    fn new(account: &Account) -> Self {
        let blue = account.target_group("inner-blue");
        let green = account.target_group("inner-green");
        let pair = json!([
            { "TargetGroupArn": blue, "Weight": 1 },
            { "TargetGroupArn": green, "Weight": 0 },
        ]);
        let rule = account.elb(
            "CreateRule",
            json!({
                "ListenerArn": account.listener, "Priority": 5,
                "Conditions": [{ "Field": "path-pattern", "Values": ["/inner/*"] }],
                "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": pair } }],
            }),
        );
        Self {
            blue,
            green,
            rule: rule["Rules"][0]["RuleArn"].as_str().unwrap().to_owned(),
        }
    }

    fn block(&self) -> Value {
        object! {
            target_group_arn: self.blue.as_str(),
            alternate_target_group_arn: self.green.as_str(),
            production_listener_rule: self.rule.as_str(),
            role_arn: "arn:aws:iam::123456789012:role/ecs",
            container_name: "app",
            container_port: 8080,
        }
    }

    /// The same with the other group written first.
    fn turned(&self) -> Value {
        self.block()
            .with_attribute("target_group_arn", self.green.as_str())
            .with_attribute("alternate_target_group_arn", self.blue.as_str())
    }
}

fn with(config: &Value, blocks: Vec<Value>) -> Value {
    config
        .clone()
        .with_attribute("additional_load_balancer", Value::list(blocks))
}

/// The groups that a rule sends requests to.
fn pointed(account: &Account, rule: &str) -> Vec<String> {
    let rules = account.elb("DescribeRules", json!({ "RuleArns": [rule] }));
    let groups = &rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
    let groups = groups.as_array().unwrap().iter();
    let some = groups.filter(|group| group["Weight"].as_u64() > Some(0));
    some.map(|group| group["TargetGroupArn"].as_str().unwrap().to_owned())
        .collect()
}

/// Whether a group has both tasks of the service.
fn is_full(account: &Account, group: &str) -> bool {
    let health = account.elb("DescribeTargetHealth", json!({ "TargetGroupArn": group }));
    let targets = health["TargetHealthDescriptions"].as_array().unwrap();
    let healthy = targets
        .iter()
        .filter(|target| target["TargetHealth"]["State"] == "healthy");
    healthy.count() == 2
}

/// Both rules point whole at one group, in which the tasks are.
fn is_whole(account: &Account, inner: &Inner) {
    for rule in [&account.rule, &inner.rule] {
        let pointed = pointed(account, rule);
        assert_eq!(pointed.len(), 1, "{pointed:?}");
        assert!(is_full(account, &pointed[0]), "{pointed:?}");
    }
}

#[tokio::test]
async fn the_traffic_of_all_pairs_moves_together() {
    for deployment in [all_at_once(), canary(), steps()] {
        let account = Account::new();
        let inner = Inner::new(&account);
        let terraform = account.terraform().await;
        let config = |tag: &str, block: Value| {
            let plain = account.native(deployment.clone(), &account.task_definition(tag));
            with(&plain, vec![block])
        };
        let first = config("v1", inner.block());
        let (second, third) = (config("v2", inner.block()), config("v3", inner.turned()));
        let mut sides = Vec::new();
        // Whichever group is written first: the third one turns the pair, while its other group is live.
        for config in [&first, &second, &third] {
            let applied = terraform.apply(WEB, config.clone()).await;
            assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
            is_whole(&account, &inner);
            sides.push(pointed(&account, &inner.rule));
            let plan = terraform.plan(WEB, config.clone()).await;
            assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
            assert_eq!(plan.action, PlannedAction::NoOp);
        }
        assert_ne!(sides[0], sides[1]);
        assert_eq!(sides[0], sides[2]);
        // Taken over, it is the same.
        let other = account.terraform().await;
        let imported = other.import(WEB, ImportRequest::Id("main/web".to_owned()));
        assert!(!imported.await.diagnostics.has_errors());
        for block in [inner.block(), inner.turned()] {
            let same = third
                .clone()
                .with_attribute("additional_load_balancer", Value::list([block]));
            let plan = other.plan(WEB, same).await;
            assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
        }
    }
}

#[tokio::test]
async fn a_pair_is_added_and_removed_by_a_deployment() {
    let account = Account::new();
    let inner = Inner::new(&account);
    let terraform = account.terraform().await;
    let plain = account.native(all_at_once(), &account.task_definition("v1"));
    let both = with(&plain, vec![inner.block()]);
    for (config, count) in [(&plain, 1), (&both, 2), (&plain, 1)] {
        let config = config
            .clone()
            .with_attribute("redeploy_triggers", Value::Null);
        sound(terraform.apply(WEB, config).await);
        let shown = account.ecs(
            "DescribeServices",
            json!({ "cluster": "main", "services": ["web"] }),
        );
        let balancers = shown["services"][0]["loadBalancers"].as_array().unwrap();
        assert_eq!(balancers.len(), count);
        for balancer in balancers {
            assert_ne!(balancer["advancedConfiguration"], Json::Null, "{balancer}");
        }
    }
}

#[tokio::test]
async fn a_rule_of_a_further_pair_that_points_elsewhere_or_is_gone_is_found() {
    let account = Account::new();
    let inner = Inner::new(&account);
    let terraform = account.terraform().await;
    let config = with(
        &account.native(all_at_once(), &account.task_definition("v1")),
        vec![inner.block()],
    );
    sound(terraform.apply(WEB, config.clone()).await);
    let next = config.with_attribute("task_definition", account.task_definition("v2"));
    let idle = [&inner.blue, &inner.green]
        .into_iter()
        .find(|group| !pointed(&account, &inner.rule).contains(group))
        .unwrap();
    let elsewhere = json!([{ "TargetGroupArn": inner.blue, "Weight": u8::from(*idle == inner.blue) },
                           { "TargetGroupArn": inner.green, "Weight": u8::from(*idle == inner.green) }]);
    let action = json!({ "Type": "forward", "ForwardConfig": { "TargetGroups": elsewhere } });
    account.elb(
        "ModifyRule",
        json!({ "RuleArn": inner.rule, "Actions": [action] }),
    );
    let said = terraform
        .plan(WEB, next.clone())
        .await
        .diagnostics
        .to_string();
    assert!(said.contains("SY0111") && said.contains("inner-"), "{said}");
    account.elb("DeleteRule", json!({ "RuleArn": inner.rule }));
    let plan = terraform.plan(WEB, next).await;
    assert!(plan.diagnostics.has_errors());
    let said = plan.diagnostics.to_string();
    assert!(
        said.contains("SY0108") && said.contains(&inner.rule),
        "{said}"
    );
}

#[tokio::test]
async fn what_cannot_be_a_pair_is_refused_at_plan() {
    let account = Account::new();
    let inner = Inner::new(&account);
    let terraform = account.terraform().await;
    let definition = account.task_definition("v1");
    let pair = account.native(all_at_once(), &definition);
    let blue = account.blue.as_str();
    let table = [
        // No role, no rule, no other group.
        (
            with(
                &pair,
                vec![inner.block().with_attribute("role_arn", Value::Null)],
            ),
            "role_arn",
        ),
        (
            with(
                &pair,
                vec![
                    inner
                        .block()
                        .with_attribute("production_listener_rule", Value::Null),
                ],
            ),
            "production_listener_rule",
        ),
        // A group or a rule twice.
        (
            with(
                &pair,
                vec![inner.block().with_attribute("target_group_arn", blue)],
            ),
            "named twice",
        ),
        (
            with(
                &pair,
                vec![
                    inner
                        .block()
                        .with_attribute("production_listener_rule", account.rule.as_str()),
                ],
            ),
            "A listener rule is named twice",
        ),
        (
            with(&pair, vec![inner.block(), inner.block()]),
            "named twice",
        ),
        // In place there is one group.
        (
            with(&account.native(rolling(), &definition), vec![inner.block()]),
            "has no effect with `rolling`",
        ),
    ];
    for (config, words) in table {
        let plan = terraform.plan(WEB, config).await;
        assert!(plan.diagnostics.has_errors(), "{words}");
        let said = plan.diagnostics.to_string();
        assert!(
            said.contains("SY0044") && said.contains(words),
            "{words}: {said}"
        );
    }
}

/// A revision that listens on two ports.
fn two_ports(account: &Account, tag: &str) -> String {
    let registered = account.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [{
                "name": "app", "image": format!("app:{tag}"), "essential": true,
                "portMappings": [{ "containerPort": 8080 }, { "containerPort": 9090 }],
            }],
        }),
    );
    let arn = &registered["taskDefinition"]["taskDefinitionArn"];
    arn.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_gate_is_about_the_pair_that_it_names() {
    for deployment in [all_at_once(), canary()] {
        let account = Account::new();
        let inner = Inner::new(&account);
        let block = inner.block().with_attribute("container_port", 9090);
        let config = |tag: &str| {
            let plain = account.native(deployment.clone(), &two_ports(&account, tag));
            with(&plain, vec![block.clone()])
        };
        let terraform = account.terraform().await;
        sound(terraform.apply(WEB, config("v1")).await);
        for (group, port) in [
            (None, "8080"),
            (Some(&account.green), "8080"),
            (Some(&inner.blue), "9090"),
            (Some(&inner.green), "9090"),
        ] {
            let gate = match group {
                None => never(&["before_traffic"]),
                Some(group) => {
                    never(&["before_traffic"]).with_attribute("target_group", group.as_str())
                }
            };
            let next = config(&format!("v{port}"))
                .with_attribute("gate", Value::list([gate]))
                .with_attribute("redeploy_failed", true);
            let failed = terraform.apply(WEB, next).await;
            let said = failed.diagnostics.to_string();
            assert!(said.contains("SY0217"), "{group:?}: {said}");
            assert!(said.contains(&format!(":{port}/")), "{group:?}: {said}");
            is_whole(&account, &inner);
        }
        // It passes where the pair answers.
        let gate = answers(&["before_traffic"]).with_attribute("target_group", inner.blue.as_str());
        let next = config("v3").with_attribute("gate", Value::list([gate]));
        sound(terraform.apply(WEB, next.clone()).await);
        let plan = terraform.plan(WEB, next).await;
        assert_eq!(plan.action, PlannedAction::NoOp);
        let live = plan.prior.attribute("live_target_groups").clone();
        let pointed = [&account.rule, &inner.rule].map(|rule| pointed(&account, rule).remove(0));
        assert_eq!(live, Value::set(pointed.iter().map(String::as_str)));
    }
}

#[tokio::test]
async fn a_gate_about_a_group_of_nobody_is_refused() {
    let account = Account::new();
    let inner = Inner::new(&account);
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let gate = answers(&["before_traffic"]).with_attribute("target_group", inner.blue.as_str());
    let table = [
        (gate.clone(), "SY0169"),
        (
            gate.with_attribute("http", object! { url: "https://example.com/" }),
            "`target_group` has no effect",
        ),
    ];
    for (gate, says) in table {
        let config = config.clone().with_attribute("gate", Value::list([gate]));
        let plan = terraform.plan(WEB, config).await;
        let said = plan.diagnostics.to_string();
        assert!(plan.diagnostics.has_errors(), "{says}");
        assert!(said.contains(says), "`{says}` is not in: {said}");
    }
}
