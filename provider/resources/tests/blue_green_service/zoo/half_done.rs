//! A service that is taken over while CodeDeploy moves its traffic: a tenth is on the next revision.

use serde_json::{Value as Json, json};
use switchyard_world::Service;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use super::{as_hashicorp_records, block, described, generated, lasting, request, same};
use crate::account::{Account, Terraform, WEB};

/// How it is taken over.
#[derive(Clone, Copy, Debug)]
enum Way {
    Import,
    Move,
}

struct HalfDone {
    account: Account,
    /// Id of the deployment.
    id: String,
    old: String,
    new: String,
}

impl HalfDone {
    fn new() -> Self {
        let account = Account::with_code_deploy();
        let old = account.task_definition("v1");
        account.ecs(
            "CreateService",
            json!({
                "cluster": "main", "serviceName": "web", "taskDefinition": old, "desiredCount": 2, "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"] } },
                "deploymentController": { "type": "CODE_DEPLOY" }, "healthCheckGracePeriodSeconds": 90,
                "loadBalancers": [{ "targetGroupArn": account.blue, "containerName": "app", "containerPort": 8080 }],
                "propagateTags": "SERVICE", "tags": [{ "key": "team", "value": "pod" }],
            }),
        );
        account.deployment_group(1);
        account.pass(30);
        let new = account.task_definition("v2");
        let content = json!({ "version": 0.0, "Resources": [{ "TargetService": {
            "Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": new, "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
            },
        } }] });
        let begun = account.code_deploy(
            "CreateDeployment",
            json!({
                "applicationName": "shop", "deploymentGroupName": "web",
                "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
                "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } },
            }),
        );
        let half_done = Self {
            account,
            id: begun["deploymentId"].as_str().unwrap().to_owned(),
            old,
            new,
        };
        let waited = (0..60).any(|_| {
            half_done.account.pass(1);
            half_done.weights() == [90, 10]
        });
        assert!(waited, "{:?}", half_done.weights());
        half_done
    }

    /// Weights of blue and green on the production listener.
    fn weights(&self) -> [u64; 2] {
        let rule = self.account.default_rule();
        let rules = self
            .account
            .elb("DescribeRules", json!({ "RuleArns": [rule] }));
        let forward = rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"].clone();
        let forward = forward.as_array().cloned().unwrap_or_default();
        [&self.account.blue, &self.account.green].map(|group| {
            let mut found = forward.iter().filter(|it| it["TargetGroupArn"] == **group);
            found.next().map_or(0, |it| it["Weight"].as_u64().unwrap())
        })
    }

    fn status(&self) -> Json {
        let input = json!({ "deploymentId": self.id });
        let info = self
            .account
            .call(Service::CodeDeploy, "GetDeployment", input);
        info["deploymentInfo"]["status"].clone()
    }

    /// The Terraform after an import, and what it generates from it.
    async fn imported(&self) -> (Terraform, Value) {
        let terraform = self.account.terraform().await;
        let id = ImportRequest::Id("main/web".to_owned());
        let imported = terraform.import(WEB, id).await;
        assert!(
            !imported.diagnostics.has_errors(),
            "{}",
            imported.diagnostics
        );
        let config = generated(&block(&self.account), &terraform.state(WEB).unwrap());
        (terraform, config)
    }

    /// The Terraform after it was taken over, and a configuration.
    async fn taken_over(&self, way: Way) -> (Terraform, Value) {
        let (terraform, config) = self.imported().await;
        match way {
            Way::Import => (terraform, config),
            Way::Move => {
                let terraform = self.account.terraform().await;
                let source = as_hashicorp_records(&described(&self.account));
                let moved = terraform.moved(WEB, request(&source)).await;
                assert!(!moved.diagnostics.has_errors(), "{}", moved.diagnostics);
                (terraform, config)
            }
        }
    }
}

#[tokio::test]
async fn all_of_it_is_found_with_the_deployment_that_runs() {
    for way in [Way::Import, Way::Move] {
        let half_done = HalfDone::new();
        let (terraform, config) = half_done.taken_over(way).await;
        let account = &half_done.account;
        let group = config.attribute("codedeploy").clone();
        assert_eq!(group.attribute("deployment_group").as_str(), Some("web"));
        let pair = Value::set([account.blue.as_str(), account.green.as_str()]);
        let balancer = config.attribute("load_balancer").clone();
        assert_eq!(balancer.attribute("target_groups"), &pair, "{way:?}");
        // Nothing is changed by reading it, and the plan is not empty beside a deployment.
        let plan = terraform.plan(WEB, config).await;
        assert_eq!(plan.action, PlannedAction::Update, "{way:?}");
        let unfinished = format!("{:?}", plan.prior.attribute("unfinished"));
        for words in ["task set", "(web:2) is not the primary one"] {
            assert!(unfinished.contains(words), "{way:?}: {words}: {unfinished}");
        }
        assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
        assert_eq!(half_done.weights(), [90, 10], "{way:?}");
        assert_eq!(half_done.status(), "InProgress", "{way:?}");
    }
}

#[tokio::test]
async fn a_configuration_with_the_next_revision_follows_the_deployment_to_its_end() {
    for way in [Way::Import, Way::Move] {
        let half_done = HalfDone::new();
        let account = &half_done.account;
        let before = lasting(account);
        let (terraform, config) = half_done.taken_over(way).await;
        let config = config.with_attribute("task_definition", half_done.new.as_str());
        let applied = terraform.apply(WEB, config.clone()).await;
        assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
        assert_eq!(half_done.status(), "Succeeded", "{way:?}");
        let all = account.code_deploy_deployments();
        assert_eq!(all.len(), 1, "{way:?}: it was adopted: {all:?}");
        let live = applied
            .state
            .unwrap()
            .attribute("live_task_definition")
            .clone();
        assert_eq!(live.as_str(), Some(half_done.new.as_str()), "{way:?}");
        same(&lasting(account), &before, &format!("{way:?}"));
        account.pass(30);
        let plan = terraform.plan(WEB, config).await;
        assert_eq!(plan.planned, plan.prior, "{way:?}");
    }
}

#[tokio::test]
async fn a_configuration_with_the_old_revision_waits_for_the_end_and_goes_back_by_a_deployment_of_its_own()
 {
    let half_done = HalfDone::new();
    let account = &half_done.account;
    let before = lasting(account);
    let (terraform, config) = half_done.taken_over(Way::Import).await;
    assert_eq!(
        config.attribute("task_definition").as_str(),
        Some(half_done.old.as_str()),
        "most of the traffic is there"
    );
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update, "it is not passed over");
    let applied = terraform.apply(WEB, config).await;
    assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
    assert_eq!(
        half_done.status(),
        "Succeeded",
        "nobody took the service from it"
    );
    let live = applied
        .state
        .unwrap()
        .attribute("live_task_definition")
        .clone();
    assert_eq!(live.as_str(), Some(half_done.old.as_str()));
    same(&lasting(account), &before, "the old revision again");
}
