//! What the tests stand on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::{
    DeploymentConfiguration, Launch, LaunchType, Network, Ports, PropagateTags, ServiceRef,
    Strategy,
};
use switchyard_engine::{
    Applied, CREATING_TAG, DesiredController, DesiredCount, DesiredLoadBalancer, DesiredRevision,
    DesiredService, DesiredTags, DesiredTaskDefinition, Failure, Intent, OnCancel, OnForeign,
    Report, ScalingDuring, Settings, apply, gate::Gates,
};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tokio_util::sync::CancellationToken;

pub const REGION: &str = "eu-west-1";

/// An account with a cluster, a load balancer, a pair of target groups, and a production rule.
pub struct Account {
    pub world: World,
    pub ports: Ports,
    pub blue: String,
    pub green: String,
    pub rule: String,
    pub listener: String,
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub fn tags(pairs: &[(&str, &str)]) -> DesiredTags {
    let pairs = pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    pairs.collect::<BTreeMap<_, _>>().into()
}

impl Account {
    pub fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let ports = Face::new(world.clone(), REGION).ports();
        let empty = String::new;
        let mut account = Self {
            world,
            ports,
            blue: empty(),
            green: empty(),
            rule: empty(),
            listener: empty(),
        };
        account.ecs("CreateCluster", json!({ "clusterName": "main" }));
        let subnets = json!({ "Name": "shop", "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"] });
        let balancer = account.elb("CreateLoadBalancer", subnets);
        let balancer = text(&balancer["LoadBalancers"][0]["LoadBalancerArn"]);
        account.blue = account.target_group("web-blue");
        account.green = account.target_group("web-green");
        let answer = json!({ "StatusCode": "404", "ContentType": "text/plain" });
        let missing = json!({ "Type": "fixed-response", "FixedResponseConfig": answer });
        let listener = json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": [missing] });
        account.listener =
            text(&account.elb("CreateListener", listener)["Listeners"][0]["ListenerArn"]);
        let pair = json!([
            { "TargetGroupArn": account.blue, "Weight": 1 },
            { "TargetGroupArn": account.green, "Weight": 0 },
        ]);
        let rule = json!({
            "ListenerArn": account.listener,
            "Priority": 10,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
            "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": pair } }],
        });
        account.rule = text(&account.elb("CreateRule", rule)["Rules"][0]["RuleArn"]);
        account
    }

    /// With a listener that CodeDeploy can move, and its deployment group.
    pub fn with_code_deploy() -> Self {
        let account = Self::new();
        let action = json!({ "Type": "forward", "TargetGroupArn": account.blue });
        account.elb(
            "ModifyListener",
            json!({ "ListenerArn": account.listener, "DefaultActions": [action] }),
        );
        account.elb("DeleteRule", json!({ "RuleArn": account.rule }));
        account
    }

    pub fn deployment_group(&self, termination_minutes: u32) {
        self.code_deploy(
            "CreateApplication",
            json!({ "applicationName": "shop", "computePlatform": "ECS" }),
        );
        self.code_deploy("CreateDeploymentGroup", json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            "ecsServices": [{ "clusterName": "main", "serviceName": "web" }],
            "autoRollbackConfiguration": { "enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"] },
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
                "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": termination_minutes },
            },
            "loadBalancerInfo": { "targetGroupPairInfoList": [{
                "targetGroups": [{ "name": "web-blue" }, { "name": "web-green" }],
                "prodTrafficRoute": { "listenerArns": [self.listener] },
            }] },
        }));
    }

    pub fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "ip",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
        });
        text(&self.elb("CreateTargetGroup", group)["TargetGroups"][0]["TargetGroupArn"])
    }

    pub fn call(&self, service: Service, operation: &str, input: Value) -> Value {
        self.world
            .call(service, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    pub fn ecs(&self, operation: &str, input: Value) -> Value {
        self.call(Service::Ecs, operation, input)
    }

    pub fn elb(&self, operation: &str, input: Value) -> Value {
        self.call(Service::Elbv2, operation, input)
    }

    pub fn code_deploy(&self, operation: &str, input: Value) -> Value {
        self.call(Service::CodeDeploy, operation, input)
    }

    pub fn task_definition(&self, tag: &str) -> String {
        let container = json!({
            "name": "app", "image": format!("app:{tag}"), "essential": true,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
        });
        let input = json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [container],
        });
        text(&self.ecs("RegisterTaskDefinition", input)["taskDefinition"]["taskDefinitionArn"])
    }

    /// The service `web` with this image tag.
    pub fn wanted(&self, strategy: Strategy, tag: &str) -> DesiredService {
        let is_rolling = strategy == Strategy::Rolling;
        let mut target_groups = BTreeSet::from([self.blue.clone()]);
        if !is_rolling {
            target_groups.insert(self.green.clone());
        }
        DesiredService {
            service: ServiceRef {
                cluster: "main".to_owned(),
                name: "web".to_owned(),
            },
            intent: Intent::Create,
            controller: DesiredController::Ecs,
            revision: DesiredRevision {
                task_definition: DesiredTaskDefinition::Named(self.task_definition(tag)),
                launch: Some(Launch::Type(LaunchType::Fargate)),
                platform_version: Some("LATEST".to_owned()),
                network: Some(Network {
                    subnets: BTreeSet::from(["subnet-1".to_owned(), "subnet-2".to_owned()]),
                    security_groups: BTreeSet::from(["sg-1".to_owned()]),
                    assign_public_ip: false,
                }),
                load_balancer: Some(DesiredLoadBalancer {
                    container: "app".to_owned(),
                    port: 8080,
                    target_groups,
                    production_rule: (!is_rolling).then(|| self.rule.clone()),
                    test_rule: None,
                    role: (!is_rolling).then(|| "arn:aws:iam::123456789012:role/ecs".to_owned()),
                }),
                additional: Vec::new(),
                parts: BTreeMap::new(),
            },
            settings: Settings {
                deployment_configuration: DeploymentConfiguration {
                    strategy,
                    bake_minutes: (!is_rolling).then_some(2),
                    maximum_percent: is_rolling.then_some(200),
                    minimum_healthy_percent: is_rolling.then_some(100),
                    circuit_breaker: None,
                    hooks: None,
                    alarms: None,
                },
                health_check_grace_seconds: Some(0),
                enable_execute_command: false,
                enable_managed_tags: false,
                propagate_tags: PropagateTags::None,
                parts: BTreeMap::new(),
                tags: tags(&[("team", "shop")]),
            },
            desired: DesiredCount::Fixed(2),
            force: false,
            rewritten: BTreeSet::new(),
            time_limit: Duration::from_secs(40 * 60),
            on_cancel: OnCancel::Rollback,
            on_foreign: OnForeign::Wait,
            steps: Vec::new(),
            approvals: BTreeSet::new(),
            gates: Gates::default(),
            scaling: ScalingDuring::Keep,
            warn_only: BTreeSet::new(),
            this_rollout: None,
            recovery_objective: Duration::from_secs(5 * 60),
            revision_retention: None,
            refuses_failed_images: true,
        }
    }

    pub fn code_deployed(&self, tag: &str) -> DesiredService {
        let mut wanted = self.wanted(Strategy::BlueGreen, tag);
        let config = Some("CodeDeployDefault.ECSAllAtOnce".to_owned());
        wanted.controller = DesiredController::CodeDeploy {
            application: "shop".to_owned(),
            group: "web".to_owned(),
            config,
            hooks: BTreeMap::new(),
            rollback_events: None,
            alarms: None,
        };
        wanted.settings.deployment_configuration.strategy = Strategy::Rolling;
        wanted.settings.deployment_configuration.bake_minutes = None;
        let balancer = wanted.revision.load_balancer.as_mut().unwrap();
        balancer.production_rule = Some(self.listener.clone());
        balancer.role = None;
        wanted
    }

    pub async fn apply(&self, wanted: &DesiredService) -> Applied {
        apply(&self.ports, wanted, &CancellationToken::new()).await
    }

    pub async fn done(&self, wanted: &DesiredService) -> Report {
        let applied = self.apply(wanted).await;
        let report = applied
            .result
            .unwrap_or_else(|failure| panic!("{failure}\n{}", failure.detail()));
        let live = applied.live.unwrap();
        assert_eq!(
            live.revision.task_definition.as_deref(),
            wanted.revision.task_definition.name()
        );
        assert_eq!(live.deployment, None);
        assert!(!self.has_mark().await);
        report
    }

    pub async fn failed(&self, wanted: &DesiredService) -> (Failure, Option<String>) {
        let applied = self.apply(wanted).await;
        (
            *applied.result.unwrap_err(),
            applied.live.and_then(|live| live.revision.task_definition),
        )
    }

    pub async fn has_mark(&self) -> bool {
        let service = ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        };
        let found = self.ports.services.find_service(&service).await.unwrap();
        let mark = found.and_then(|found| found.tags.get(CREATING_TAG).cloned());
        mark.is_some_and(|mark| !mark.contains("-ended-"))
    }

    pub fn deployments(&self) -> Vec<Value> {
        let listed = self.world.call(
            Service::Ecs,
            REGION,
            "ListServiceDeployments",
            json!({ "cluster": "main", "service": "web" }),
        );
        listed
            .map(|listed| listed["serviceDeployments"].as_array().unwrap().clone())
            .unwrap_or_default()
    }

    pub fn code_deploy_deployments(&self) -> usize {
        let input = json!({ "applicationName": "shop", "deploymentGroupName": "web" });
        self.world
            .call(Service::CodeDeploy, REGION, "ListDeployments", input)
            .map_or(0, |listed| listed["deployments"].as_array().unwrap().len())
    }

    /// Weights of the production rule: blue, green.
    pub fn weights(&self) -> (u64, u64) {
        let rules = self.elb("DescribeRules", json!({ "RuleArns": [self.rule] }));
        let groups = rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
            .as_array()
            .unwrap()
            .clone();
        let weight = |arn: &str| {
            let found = groups.iter().find(|group| group["TargetGroupArn"] == arn);
            found
                .and_then(|group| group["Weight"].as_u64())
                .unwrap_or(0)
        };
        (weight(&self.blue), weight(&self.green))
    }
}

pub fn update(mut wanted: DesiredService) -> DesiredService {
    wanted.intent = Intent::Update;
    wanted
}
