//! A shop: a load balancer whose production rule knows two groups, a test listener, a cluster.

use std::time::Duration;

use serde_json::{Value, json};

use crate::data_plane::Action;
use crate::{ApiError, Service, World, WorldConfig};

pub(super) const REGION: &str = "eu-west-1";

pub(super) struct Shop {
    pub(super) world: World,
    pub(super) blue: String,
    pub(super) green: String,
    /// The production rule: of the shop's path.
    pub(super) rule: String,
    /// The production listener's default rule.
    pub(super) default_rule: String,
    /// The test listener's default rule.
    pub(super) test_rule: String,
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
        .to_owned()
}

impl Shop {
    pub(super) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let elb = |operation: &str, input: Value| {
            world
                .call(Service::Elbv2, REGION, operation, input)
                .unwrap()
        };
        let balancer = elb(
            "CreateLoadBalancer",
            json!({"Name": "shop", "Subnets": ["subnet-1", "subnet-2"]}),
        );
        let balancer = text(&balancer["LoadBalancers"][0]["LoadBalancerArn"]);
        let group = |name: &str| {
            let created = elb(
                "CreateTargetGroup",
                json!({
                    "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
                    "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
                }),
            );
            let arn = text(&created["TargetGroups"][0]["TargetGroupArn"]);
            elb(
                "ModifyTargetGroupAttributes",
                json!({"TargetGroupArn": arn, "Attributes": [
                    {"Key": "deregistration_delay.timeout_seconds", "Value": "10"},
                ]}),
            );
            arn
        };
        let (blue, green) = (group("blue"), group("green"));
        let both = json!([{"Type": "forward", "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": blue, "Weight": 1}, {"TargetGroupArn": green, "Weight": 0},
        ]}}]);
        let listener = |port: u16, actions: &Value| {
            let created = elb(
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port, "DefaultActions": actions,
                }),
            );
            let arn = text(&created["Listeners"][0]["ListenerArn"]);
            let rules = elb("DescribeRules", json!({"ListenerArn": arn}));
            (arn.clone(), text(&rules["Rules"][0]["RuleArn"]))
        };
        let (production, default_rule) = listener(80, &both);
        let (_, test_rule) = listener(8080, &json!([{"Type": "forward", "TargetGroupArn": green}]));
        let rule = elb(
            "CreateRule",
            json!({
                "ListenerArn": production, "Priority": 10, "Actions": both,
                "Conditions": [{"Field": "path-pattern", "Values": ["/shop/*"]}],
            }),
        );
        let rule = text(&rule["Rules"][0]["RuleArn"]);
        let shop = Self {
            world,
            blue,
            green,
            rule,
            default_rule,
            test_rule,
        };
        shop.ecs("CreateCluster", json!({"clusterName": "main"}));
        shop
    }

    pub(super) fn ecs(&self, operation: &str, input: Value) -> Value {
        self.world
            .call(Service::Ecs, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    pub(super) fn refused(&self, operation: &str, input: Value) -> ApiError {
        self.world
            .call(Service::Ecs, REGION, operation, input)
            .unwrap_err()
    }

    pub(super) fn elb(&self, operation: &str, input: Value) -> Value {
        self.world
            .call(Service::Elbv2, REGION, operation, input)
            .unwrap()
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.world.advance(Duration::from_secs(seconds));
    }

    /// Registers a revision of `app` with this image tag.
    pub(super) fn definition(&self, tag: &str) -> String {
        let registered = self.ecs("RegisterTaskDefinition", json!({
            "family": "app", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "taskRoleArn": "arn:aws:iam::123456789012:role/app",
            "containerDefinitions": [{"name": "app", "image": format!("app:{tag}"), "portMappings": [{"containerPort": 8080}]}],
        }));
        text(&registered["taskDefinition"]["taskDefinitionArn"])
    }

    pub(super) fn network() -> Value {
        json!({"awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"]}})
    }

    /// A CreateService request for two tasks behind `blue`, some members replaced (null: left out).
    pub(super) fn request(&self, tag: &str, changes: Value) -> Value {
        let mut request = json!({
            "cluster": "main", "serviceName": "shop", "taskDefinition": self.definition(tag), "desiredCount": 2,
            "launchType": "FARGATE", "networkConfiguration": Self::network(),
            "loadBalancers": [{"targetGroupArn": self.blue, "containerName": "app", "containerPort": 8080}],
        });
        for (name, value) in changes.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    }

    /// Load balancers for strategies that shift traffic.
    pub(super) fn pair(&self, with_test: bool) -> Value {
        let mut advanced = json!({
            "alternateTargetGroupArn": self.green, "productionListenerRule": self.rule,
            "roleArn": "arn:aws:iam::123456789012:role/ecs",
        });
        if with_test {
            advanced["testListenerRule"] = json!(self.test_rule);
        }
        json!([{"targetGroupArn": self.blue, "containerName": "app", "containerPort": 8080, "advancedConfiguration": advanced}])
    }

    /// Creates a service that shifts traffic, settled on `v1`.
    pub(super) fn shifting(&self, configuration: Value) {
        let changes =
            json!({"deploymentConfiguration": configuration, "loadBalancers": self.pair(false)});
        self.ecs("CreateService", self.request("v1", changes));
        self.settle();
        assert_eq!(self.deployment()["status"], "SUCCESSFUL");
    }

    /// Updates the service to an image tag.
    pub(super) fn deploy(&self, tag: &str) {
        let definition = self.definition(tag);
        self.ecs(
            "UpdateService",
            json!({"cluster": "main", "service": "shop", "taskDefinition": definition}),
        );
    }

    pub(super) fn service(&self) -> Value {
        self.ecs(
            "DescribeServices",
            json!({"cluster": "main", "services": ["shop"]}),
        )["services"][0]
            .clone()
    }

    /// The newest service deployment.
    pub(super) fn deployment(&self) -> Value {
        let list = self.ecs(
            "ListServiceDeployments",
            json!({"cluster": "main", "service": "shop"}),
        );
        self.deployment_of(&text(
            &list["serviceDeployments"][0]["serviceDeploymentArn"],
        ))
    }

    pub(super) fn deployment_of(&self, arn: &str) -> Value {
        self.ecs(
            "DescribeServiceDeployments",
            json!({"serviceDeploymentArns": [arn]}),
        )["serviceDeployments"][0]
            .clone()
    }

    /// Advances second by second until the newest deployment satisfies `done`, at most two days.
    pub(super) fn until(&self, mut done: impl FnMut(&Value) -> bool) -> Value {
        for _ in 0..172_800 {
            let deployment = self.deployment();
            self.assert_somebody_serves();
            if done(&deployment) {
                return deployment;
            }
            self.advance(1);
        }
        panic!("never happened: {:#}", self.deployment());
    }

    pub(super) fn until_status(&self, status: &str) -> Value {
        self.until(|deployment| deployment["status"] == status)
    }

    pub(super) fn until_stage(&self, stage: &str) -> Value {
        self.until(|deployment| deployment["lifecycleStage"] == stage)
    }

    /// Advances until the deployment is over, or an hour has passed.
    pub(super) fn settle(&self) {
        for _ in 0..3600 {
            let status = self.deployment()["status"].clone();
            if [
                "SUCCESSFUL",
                "STOPPED",
                "ROLLBACK_SUCCESSFUL",
                "ROLLBACK_FAILED",
            ]
            .iter()
            .any(|word| status == *word)
            {
                break;
            }
            self.advance(1);
        }
        self.advance(60);
    }

    /// Blue's and green's weight on the production rule.
    pub(super) fn weights(&self) -> (u32, u32) {
        let plane = self.world.data_plane();
        let rule = plane
            .listeners
            .iter()
            .flat_map(|listener| &listener.rules)
            .find(|rule| rule.arn == self.rule)
            .unwrap();
        let Action::Forward { groups, .. } = &rule.action else {
            panic!("not a forward: {rule:?}");
        };
        let weight = |group: &str| {
            groups
                .iter()
                .find(|(arn, _)| arn == group)
                .map_or(0, |(_, weight)| *weight)
        };
        (weight(&self.blue), weight(&self.green))
    }

    /// Every group production traffic goes to has a healthy target, once the service has settled for the first time.
    pub(super) fn assert_somebody_serves(&self) {
        let deployments = self.ecs(
            "ListServiceDeployments",
            json!({"cluster": "main", "service": "shop"}),
        );
        let settled = deployments["serviceDeployments"]
            .as_array()
            .unwrap()
            .iter()
            .any(|deployment| deployment["status"] == "SUCCESSFUL");
        if !settled {
            return;
        }
        let (blue, green) = self.weights();
        let plane = self.world.data_plane();
        for (group, weight) in [(&self.blue, blue), (&self.green, green)] {
            let healthy = plane
                .target_groups
                .iter()
                .filter(|known| &known.arn == group)
                .flat_map(|known| &known.targets)
                .any(|target| target.health == "healthy");
            assert!(
                weight == 0 || healthy,
                "weight {weight} on {group} without a healthy target"
            );
        }
    }

    pub(super) fn events(&self) -> Vec<String> {
        let service = self.service();
        let events = service["events"].as_array().unwrap();
        events.iter().map(|event| text(&event["message"])).collect()
    }

    pub(super) fn has_event(&self, part: &str) -> bool {
        self.events().iter().any(|event| event.contains(part))
    }

    /// The image every running task of the service has, without repetition.
    pub(super) fn images(&self) -> Vec<String> {
        let mut images: Vec<String> = self
            .world
            .data_plane()
            .tasks
            .iter()
            .flat_map(|task| &task.containers)
            .map(|container| container.image.clone())
            .collect();
        images.sort();
        images.dedup();
        images
    }

    /// The live revision as DescribeServiceRevisions shows it.
    pub(super) fn revision(&self) -> Value {
        let service = self.service();
        let arn = &service["currentServiceRevisions"][0]["arn"];
        self.ecs(
            "DescribeServiceRevisions",
            json!({"serviceRevisionArns": [arn]}),
        )["serviceRevisions"][0]
            .clone()
    }

    pub(super) fn set_alarm(&self, name: &str, state: &str) {
        let cloudwatch = |operation: &str, input: Value| {
            self.world
                .call(Service::CloudWatch, REGION, operation, input)
                .unwrap();
        };
        cloudwatch(
            "PutMetricAlarm",
            json!({
                "AlarmName": name, "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 86400,
                "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "ignore",
            }),
        );
        cloudwatch(
            "SetAlarmState",
            json!({"AlarmName": name, "StateValue": state, "StateReason": "told so"}),
        );
    }
}
