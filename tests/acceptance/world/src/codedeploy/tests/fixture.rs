//! A shop on the world: a load balancer with two groups, a CODE_DEPLOY service, an application with its group.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Service, World, WorldConfig};

pub(super) const REGION: &str = "eu-west-1";

/// The world with everything a deployment needs.
pub(super) struct Shop {
    pub(super) world: World,
    pub(super) production: String,
    pub(super) test: String,
    pub(super) blue: String,
    pub(super) green: String,
}

pub(super) fn call(world: &World, service: Service, operation: &str, input: Value) -> Value {
    world
        .call(service, REGION, operation, input)
        .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Shop {
    /// The shop, settled on its first version; the group goes on at once and ends the old task set after 5 minutes.
    pub(super) fn new() -> Self {
        Self::with(json!({}))
    }

    /// The same with other group settings.
    pub(super) fn with(settings: Value) -> Self {
        let shop = Self::without_group();
        shop.deploy(
            "CreateApplication",
            json!({"applicationName": "shop", "computePlatform": "ECS"}),
        );
        shop.deploy("CreateDeploymentGroup", shop.group(settings));
        shop
    }

    pub(super) fn without_group() -> Self {
        let world = World::new(WorldConfig::default());
        let elb = |operation: &str, input: Value| call(&world, Service::Elbv2, operation, input);
        let balancer = elb(
            "CreateLoadBalancer",
            json!({"Name": "shop", "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"]}),
        );
        let balancer = text(&balancer["LoadBalancers"][0]["LoadBalancerArn"]);
        let group = |name: &str| {
            let input = json!({"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "ip", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2});
            text(&elb("CreateTargetGroup", input)["TargetGroups"][0]["TargetGroupArn"])
        };
        let (blue, green) = (group("blue"), group("green"));
        let listener = |port: u16| {
            let action = json!({"Type": "forward", "TargetGroupArn": blue});
            let input = json!({"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port, "DefaultActions": [action]});
            text(&elb("CreateListener", input)["Listeners"][0]["ListenerArn"])
        };
        let (production, test) = (listener(80), listener(8080));
        let action = json!({"Type": "forward", "TargetGroupArn": blue});
        let path = json!({"Field": "path-pattern", "Values": ["/api/*"]});
        elb(
            "CreateRule",
            json!({"ListenerArn": production, "Priority": 10, "Conditions": [path], "Actions": [action]}),
        );
        let shop = Self {
            world,
            production,
            test,
            blue,
            green,
        };
        shop.ecs("CreateCluster", json!({"clusterName": "main"}));
        shop.task_definition("v1");
        let vpc = json!({"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"});
        shop.ecs("CreateService", json!({
            "cluster": "main", "serviceName": "shop", "taskDefinition": "app:1", "desiredCount": 2, "launchType": "FARGATE",
            "deploymentController": {"type": "CODE_DEPLOY"},
            "networkConfiguration": {"awsvpcConfiguration": vpc},
            "loadBalancers": [{"targetGroupArn": shop.blue, "containerName": "app", "containerPort": 8080}],
        }));
        shop.advance(300);
        shop
    }

    /// Registers the next revision of the task definition `app` with this image tag; answers its ARN.
    pub(super) fn task_definition(&self, tag: &str) -> String {
        let container = json!({"name": "app", "image": format!("app:{tag}"), "essential": true, "portMappings": [{"containerPort": 8080, "protocol": "tcp"}]});
        let input = json!({
            "family": "app", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "containerDefinitions": [container],
        });
        text(&self.ecs("RegisterTaskDefinition", input)["taskDefinition"]["taskDefinitionArn"])
    }

    /// A complete `CreateDeploymentGroup` request, with some settings replaced.
    pub(super) fn group(&self, settings: Value) -> Value {
        let mut group = json!({
            "applicationName": "shop", "deploymentGroupName": "shop", "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "ecsServices": [{"clusterName": "main", "serviceName": "shop"}],
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
                "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            },
            "loadBalancerInfo": {"targetGroupPairInfoList": [{
                "targetGroups": [{"name": "blue"}, {"name": "green"}],
                "prodTrafficRoute": {"listenerArns": [self.production]},
                "testTrafficRoute": {"listenerArns": [self.test]},
            }]},
        });
        for (name, value) in settings.as_object().unwrap() {
            group[name] = value.clone();
        }
        group
    }

    pub(super) fn ecs(&self, operation: &str, input: Value) -> Value {
        call(&self.world, Service::Ecs, operation, input)
    }

    pub(super) fn deploy(&self, operation: &str, input: Value) -> Value {
        call(&self.world, Service::CodeDeploy, operation, input)
    }

    /// The error code of a refused CodeDeploy call.
    pub(super) fn refused(&self, operation: &str, input: Value) -> String {
        self.world
            .call(Service::CodeDeploy, REGION, operation, input)
            .unwrap_err()
            .code
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.world.advance(Duration::from_secs(seconds));
    }

    /// Registers a revision with this image tag and starts a deployment of it.
    pub(super) fn start(&self, tag: &str) -> String {
        self.start_with(tag, "", json!({}))
    }

    /// The same with hooks (as AppSpec lines) and further members of the request.
    pub(super) fn start_with(&self, tag: &str, hooks: &str, members: Value) -> String {
        let definition = self.task_definition(tag);
        let mut request = self.request(&definition, hooks);
        for (name, value) in members.as_object().unwrap() {
            request[name] = value.clone();
        }
        text(&self.deploy("CreateDeployment", request)["deploymentId"])
    }

    /// A `CreateDeployment` request for a task definition.
    pub(super) fn request(&self, definition: &str, hooks: &str) -> Value {
        let content = format!(
            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: \"{definition}\"\n        LoadBalancerInfo:\n          ContainerName: \"app\"\n          ContainerPort: 8080\n{hooks}"
        );
        json!({"applicationName": "shop", "deploymentGroupName": "shop", "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}})
    }

    pub(super) fn deployment(&self, id: &str) -> Value {
        self.deploy("GetDeployment", json!({"deploymentId": id}))["deploymentInfo"].clone()
    }

    pub(super) fn status(&self, id: &str) -> String {
        text(&self.deployment(id)["status"])
    }

    /// The error code a deployment ended with.
    pub(super) fn error(&self, id: &str) -> String {
        text(&self.deployment(id)["errorInformation"]["code"])
    }

    pub(super) fn target(&self, id: &str) -> Value {
        self.deploy(
            "GetDeploymentTarget",
            json!({"deploymentId": id, "targetId": "main:shop"}),
        )["deploymentTarget"]["ecsTarget"]
            .clone()
    }

    /// The status of one lifecycle event.
    pub(super) fn event(&self, id: &str, name: &str) -> String {
        let target = self.target(id);
        let events = target["lifecycleEvents"].as_array().unwrap();
        text(
            &events
                .iter()
                .find(|event| event["lifecycleEventName"] == name)
                .unwrap()["status"],
        )
    }

    /// Weights of (blue, green) on every rule of a listener that forwards.
    pub(super) fn weights(&self, listener: &str) -> Vec<(u64, u64)> {
        let rules = call(
            &self.world,
            Service::Elbv2,
            "DescribeRules",
            json!({"ListenerArn": listener}),
        );
        let weight = |rule: &Value, arn: &str| {
            let groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
                .as_array()
                .unwrap();
            let group = groups.iter().find(|group| group["TargetGroupArn"] == arn);
            group.map_or(0, |group| group["Weight"].as_u64().unwrap())
        };
        rules["Rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| (weight(rule, &self.blue), weight(rule, &self.green)))
            .collect()
    }

    /// The service as ECS shows it.
    pub(super) fn service(&self) -> Value {
        self.ecs(
            "DescribeServices",
            json!({"cluster": "main", "services": ["shop"]}),
        )["services"][0]
            .clone()
    }

    /// Advances until the deployment has that status, at most two hours.
    pub(super) fn until(&self, id: &str, status: &str) {
        for _ in 0..1440 {
            if self.status(id) == status {
                return;
            }
            self.advance(5);
        }
        panic!("{id} never became {status}: {:#}", self.deployment(id));
    }
}
