//! What others change is told once, by how bad it is; what its owner changes is not.

use serde_json::json;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, code_deploy_at_once, rolling, sound, steps,
};

/// Someone else calls UpdateService.
fn update(account: &Account, mut input: serde_json::Value) {
    input["cluster"] = "main".into();
    input["service"] = "web".into();
    account.ecs("UpdateService", input);
    account.pass(30);
}

/// The one thing a plan says.
#[track_caller]
fn said(plan: &Plan) -> String {
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let count = plan.diagnostics.iter().count();
    assert_eq!(count, 1, "{}", plan.diagnostics);
    plan.diagnostics.to_string()
}

#[track_caller]
fn says(plan: &Plan, parts: &[&str]) {
    let said = said(plan);
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

/// A service under ECS, applied.
async fn applied(change: impl Fn(Value) -> Value) -> (Account, Terraform, Value) {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = change(account.native(all_at_once(), &account.task_definition("v1")));
    sound(terraform.apply(WEB, config.clone()).await);
    (account, terraform, config)
}

#[tokio::test]
async fn another_number_of_tasks_is_major_and_told_until_it_is_put_right() {
    let (account, terraform, config) = applied(|config| config).await;
    let before = terraform.plan(WEB, config.clone()).await;
    assert!(before.diagnostics.is_empty(), "{}", before.diagnostics);
    update(&account, json!({ "desiredCount": 7 }));
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    says(
        &plan,
        &[
            "Service `web` has drifted: 1 major difference",
            "Major: `desired_count` was 2 and is 7. It belongs to this configuration \
             (`desired_count_owner = \"terraform\"`).",
            "Apply: the number is reverted at once.",
            "(Rule service.desired-count.)",
        ],
    );
    let outcome = terraform.apply(WEB, config.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let after = terraform.plan(WEB, config).await;
    assert!(after.diagnostics.is_empty(), "{}", after.diagnostics);
}

fn forward(account: &Account, blue: u32, green: u32) -> serde_json::Value {
    json!({
        "Type": "forward",
        "ForwardConfig": { "TargetGroups": [
            { "TargetGroupArn": account.blue, "Weight": blue },
            { "TargetGroupArn": account.green, "Weight": green },
        ] },
    })
}

#[tokio::test]
async fn production_at_a_side_without_targets_is_told_and_put_right_by_an_apply() {
    let (account, terraform, config) = applied(|config| config).await;
    let deployed = config
        .clone()
        .with_attribute("task_definition", account.task_definition("v2").as_str());
    sound(terraform.apply(WEB, deployed.clone()).await);
    account.pass(60);
    // Green serves now. The weights of the first day come back, wholly and in part.
    for (blue, green, percent) in [(100, 0, 100), (1, 3, 25)] {
        account.elb(
            "ModifyRule",
            json!({ "RuleArn": account.rule, "Actions": [forward(&account, blue, green)] }),
        );
        let plan = terraform.plan(WEB, deployed.clone()).await;
        says(
            &plan,
            &[
                &format!(
                    "Critical: {percent} % of production goes to `web-blue`, which has no targets"
                ),
                "while 2 targets are in `web-green`. These requests fail now",
                "aws elbv2 modify-rule --rule-arn",
                "Rule SY0133.",
            ],
        );
        let left = format!("{:?}", plan.prior.attribute("unfinished"));
        assert!(left.contains("of production goes to `web-blue`"), "{left}");
        assert!(!plan.is_empty(), "so that an apply puts it right");
        let side = plan.prior.attribute("live_target_group").as_str();
        let serves = (percent < 100).then_some(account.green.as_str());
        assert_eq!(side, serves, "a side without traffic is not live");
        assert_eq!(*plan.attribute("will_deploy"), Value::from(false));
        let outcome = terraform.apply(WEB, deployed.clone()).await;
        assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
        let rules = account.elb("DescribeRules", json!({ "RuleArns": [account.rule] }));
        let groups = &rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
        for group in groups.as_array().unwrap() {
            let is_green = group["TargetGroupArn"].as_str() == Some(account.green.as_str());
            assert_eq!(group["Weight"].as_u64().unwrap() > 0, is_green, "{groups}");
        }
    }
    let plan = terraform.plan(WEB, deployed).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}

#[tokio::test]
async fn the_rule_of_task_sets_and_the_listener_of_code_deploy_are_looked_at_too() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.external(steps(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.pass(60);
    let empty = terraform.plan(WEB, config.clone()).await;
    assert!(
        empty.is_empty() && empty.diagnostics.is_empty(),
        "{}",
        empty.diagnostics
    );
    for (blue, green) in [(1, 0), (0, 1)] {
        account.elb(
            "ModifyRule",
            json!({ "RuleArn": account.rule, "Actions": [forward(&account, blue, green)] }),
        );
        let plan = terraform.plan(WEB, config.clone()).await;
        let lost = plan.diagnostics.to_string().contains("100 % of production");
        let serving = plan
            .prior
            .attribute("live_target_group")
            .as_str()
            .map(str::to_owned);
        let stray = serving.as_deref()
            != Some(if blue > 0 {
                &account.blue
            } else {
                &account.green
            });
        assert_eq!(lost, stray, "{}", plan.diagnostics);
        assert_eq!(plan.is_empty(), !lost);
    }

    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(0);
    account.pass(60);
    let empty = terraform.plan(WEB, config.clone()).await;
    assert!(
        empty.is_empty() && empty.diagnostics.is_empty(),
        "{}",
        empty.diagnostics
    );
    let to = |group: &str| {
        let action = json!({ "Type": "forward", "TargetGroupArn": group });
        account.elb(
            "ModifyListener",
            json!({ "ListenerArn": account.listener, "DefaultActions": [action] }),
        );
    };
    // Another service's, with nobody in it: this one's rule is elsewhere.
    to(&account.target_group("other"));
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    to(&account.green);
    says(
        &terraform.plan(WEB, config).await,
        &[
            "Critical: 100 % of production goes to `web-green`",
            "Rule SY0133.",
        ],
    );
}

#[tokio::test]
async fn a_service_without_tasks_is_critical() {
    let (account, terraform, config) = applied(|config| config).await;
    update(&account, json!({ "desiredCount": 0 }));
    says(
        &terraform.plan(WEB, config).await,
        &[
            "1 critical difference",
            "nothing answers requests",
            "(Rule service.desired-count-zero.)",
        ],
    );
}

#[tokio::test]
async fn the_autoscalers_number_is_not_told() {
    let (account, terraform, config) =
        applied(|config| config.with_attribute("desired_count_owner", "autoscaler")).await;
    for count in [7, 0] {
        update(&account, json!({ "desiredCount": count }));
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(
            plan.is_empty() && plan.diagnostics.is_empty(),
            "{}",
            plan.diagnostics
        );
    }
}

#[tokio::test]
async fn tags_are_minor_and_told_key_by_key() {
    let (account, terraform, config) =
        applied(|config| config.with_attribute("tags", Value::map([("Team", "web")]))).await;
    let arn = account.service().await.unwrap().arn;
    account.ecs(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "Team", "value": "ops" }, { "key": "New", "value": "1" }] }),
    );
    says(
        &terraform.plan(WEB, config).await,
        &[
            "2 minor differences",
            "Minor: `tags_all[\"New\"]` was absent and is `1`.",
            "Minor: `tags_all[\"Team\"]` was `web` and is `ops`.",
        ],
    );
}

#[tokio::test]
async fn another_revision_is_major_with_the_deployment_that_brought_it() {
    let (account, terraform, config) = applied(|config| config).await;
    let two = account.task_definition("v2");
    update(&account, json!({ "taskDefinition": two }));
    account.pass(3600);
    let deployment = account.service().await.unwrap().current_deployment.unwrap();
    let plan = terraform.plan(WEB, config.clone()).await;
    says(
        &plan,
        &[
            "1 major difference",
            &format!("and is `{two}`. It came with the deployment at 20"),
            &format!("({deployment})"),
            "(`task_definition_owner = \"terraform\"`)",
            "If a pipeline deploys this service",
        ],
    );
    assert!(
        !said(&plan).contains("live_target_group"),
        "{}",
        plan.diagnostics
    );
    let outcome = terraform.apply(WEB, config.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let after = terraform.plan(WEB, config).await;
    assert!(after.diagnostics.is_empty(), "{}", after.diagnostics);
}

#[tokio::test]
async fn a_deployment_of_its_owner_is_not_told() {
    let (account, terraform, config) =
        applied(|config| config.with_attribute("task_definition_owner", "external")).await;
    let two = account.task_definition("v2");
    update(&account, json!({ "taskDefinition": two }));
    account.pass(3600);
    let plan = terraform.plan(WEB, config).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    assert_eq!(
        plan.prior.attribute("task_definition").as_str(),
        Some(two.as_str())
    );
    assert_eq!(
        plan.prior.attribute("live_target_group").as_str(),
        Some(account.green.as_str())
    );
}

#[tokio::test]
async fn another_network_is_major_and_the_worst_comes_first() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(rolling(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let network = json!({ "awsvpcConfiguration": {
        "subnets": ["subnet-1", "subnet-9"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED",
    } });
    let change =
        json!({ "networkConfiguration": network, "desiredCount": 0, "enableECSManagedTags": true });
    update(&account, change);
    account.pass(3600);
    let plan = terraform.plan(WEB, config).await;
    says(
        &plan,
        &[
            "Major: `network_configuration.subnets` was",
            "[subnet-1, subnet-9]",
            "Major: `network_configuration.assign_public_ip` was false and is true.",
            "It came with the deployment at 20",
        ],
    );
    let said = said(&plan);
    let place = |word: &str| said.find(&format!("\n\n{word}: ")).unwrap();
    assert!(
        place("Critical") < place("Major") && place("Major") < place("Minor"),
        "{said}"
    );
}

#[tokio::test]
async fn many_differences_are_counted_and_the_worst_are_told() {
    let (account, terraform, config) = applied(|config| config).await;
    let arn = account.service().await.unwrap().arn;
    let tags: Vec<_> = (0..15)
        .map(|number| json!({ "key": format!("k{number}"), "value": "v" }))
        .collect();
    account.ecs("TagResource", json!({ "resourceArn": arn, "tags": tags }));
    update(&account, json!({ "desiredCount": 5 }));
    let plan = terraform.plan(WEB, config).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let said: Vec<_> = plan.diagnostics.iter().collect();
    let [other, tags] = said.as_slice() else {
        panic!("{}", plan.diagnostics);
    };
    assert!(other.summary.ends_with("1 major difference"), "{other:?}");
    assert!(tags.summary.ends_with("15 minor differences"), "{tags:?}");
    assert!(
        tags.detail.contains("5 more are not listed here."),
        "{tags:?}"
    );
    assert_eq!(tags.detail.matches("(Rule ").count(), 10);
}

#[tokio::test]
async fn tags_that_the_configuration_leaves_alone_are_not_told() {
    let (account, terraform, config) =
        applied(|config| config.with_attribute("tags", Value::map([("Team", "web")]))).await;
    let arn = account.service().await.unwrap().arn;
    account.ecs(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "Team", "value": "ops" }, { "key": "New", "value": "1" }] }),
    );
    // With `ignore_changes = [tags]` Terraform passes on what was read.
    let ignored = config
        .clone()
        .with_attribute("tags", Value::map([("New", "1"), ("Team", "ops")]));
    for _ in 0..2 {
        let plan = terraform.plan(WEB, ignored.clone()).await;
        assert!(
            plan.is_empty() && plan.diagnostics.is_empty(),
            "{}",
            plan.diagnostics
        );
    }
    // With `ignore_changes = [tags["New"]]` the other one goes back, and nothing else is said.
    let half = config.with_attribute("tags", Value::map([("New", "1"), ("Team", "web")]));
    let plan = terraform.plan(WEB, half).await;
    says(
        &plan,
        &[
            "1 minor difference",
            "`tags_all[\"Team\"]` was `web` and is `ops`.",
        ],
    );
    assert!(!said(&plan).contains("New"), "{}", plan.diagnostics);
}

#[tokio::test]
async fn another_revision_under_code_deploy_is_told_with_the_age_of_its_task_set() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    account.deployment_group(1);
    let two = account.task_definition("v2");
    let content = json!({ "version": 0.0, "Resources": [{ "TargetService": {
        "Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": two, "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
        },
    } }] });
    account.code_deploy(
        "CreateDeployment",
        json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } },
        }),
    );
    account.pass(120);
    says(
        &terraform.plan(WEB, config).await,
        &[
            "1 major difference",
            &format!("and is `{two}`. The task set that serves was created at 20"),
        ],
    );
}

#[tokio::test]
async fn an_import_has_nothing_to_compare_with() {
    let (account, _, config) = applied(|config| config).await;
    update(&account, json!({ "desiredCount": 7 }));
    let terraform = account.terraform().await;
    let imported = terraform
        .import(WEB, ImportRequest::Id("main/web".to_owned()))
        .await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}
