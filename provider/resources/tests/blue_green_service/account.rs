//! An account with everything a service needs, and a Terraform in front of it.

use std::time::Duration;

use serde_json::json;
use switchyard_engine::CREATING_TAG;
use switchyard_engine::ports::{Ports, Service as EcsService, ServiceRef, ServiceStatus};
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const WEB: &str = "switchyard_blue_green_service.web";

/// An in-process Terraform around the provider.
pub(crate) type Terraform = Simulator<Switchyard>;

/// `object! { name: "web", desired_count: 2 }`.
macro_rules! object {
    ($($name:ident: $value:expr),* $(,)?) => {
        tfplugin::value::Value::object::<&str, tfplugin::value::Value>([
            $((stringify!($name), tfplugin::value::Value::from($value))),*
        ])
    };
}
pub(crate) use object;

/// Gives the same ports whatever the provider block says.
struct Always(Ports);

impl Connect for Always {
    fn connect(&self, _: &Connection) -> Result<Ports, ConnectError> {
        Ok(self.0.clone())
    }
}

/// A cluster, a load balancer, a pair of target groups and a production rule.
pub(crate) struct Account {
    pub(crate) world: World,
    pub(crate) ports: Ports,
    pub(crate) blue: String,
    pub(crate) green: String,
    pub(crate) rule: String,
    pub(crate) listener: String,
    region: &'static str,
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Account {
    /// For [`Intercept::keeping`](switchyard_support::intercept::Intercept::keeping).
    pub(crate) fn as_it_is(&self) -> impl Fn() -> Ports + Send + Sync + use<> {
        let (world, region) = (self.world.clone(), self.region);
        move || Face::new(world.copy(), region).ports()
    }

    pub(crate) fn new() -> Self {
        Self::with(World::new(WorldConfig::default()), REGION)
    }

    /// The same things under the same names in another region of the account.
    pub(crate) fn elsewhere(&self, region: &'static str) -> Self {
        Self::with(self.world.clone(), region)
    }

    fn with(world: World, region: &'static str) -> Self {
        let ports = Face::new(world.clone(), region).ports();
        let mut account = Self {
            world,
            ports,
            blue: String::new(),
            green: String::new(),
            rule: String::new(),
            listener: String::new(),
            region,
        };
        account.ecs("CreateCluster", json!({ "clusterName": "main" }));
        let subnets = json!({ "Name": "shop", "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"] });
        let balancer = account.elb("CreateLoadBalancer", subnets);
        account.blue = account.target_group("web-blue");
        account.green = account.target_group("web-green");
        let answer = json!({ "StatusCode": "404", "ContentType": "text/plain" });
        let listener = account.elb(
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80,
                "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": answer }],
            }),
        );
        account.listener = text(&listener["Listeners"][0]["ListenerArn"]);
        let pair = json!([
            { "TargetGroupArn": account.blue, "Weight": 1 },
            { "TargetGroupArn": account.green, "Weight": 0 },
        ]);
        let rule = account.elb(
            "CreateRule",
            json!({
                "ListenerArn": account.listener, "Priority": 10,
                "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
                "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": pair } }],
            }),
        );
        account.rule = text(&rule["Rules"][0]["RuleArn"]);
        account
    }

    /// With a listener that CodeDeploy can move, pointing at blue.
    pub(crate) fn with_code_deploy() -> Self {
        let account = Self::new();
        let action = json!({ "Type": "forward", "TargetGroupArn": account.blue });
        account.elb(
            "ModifyListener",
            json!({ "ListenerArn": account.listener, "DefaultActions": [action] }),
        );
        account.elb("DeleteRule", json!({ "RuleArn": account.rule }));
        account
    }

    /// The listener's default rule.
    pub(crate) fn default_rule(&self) -> String {
        let rules = self.elb("DescribeRules", json!({ "ListenerArn": self.listener }));
        let mut rules = rules["Rules"].as_array().unwrap().iter();
        let default = rules.find(|rule| rule["IsDefault"] == true).unwrap();
        text(&default["RuleArn"])
    }

    /// The deployment group, which can only be made after the service.
    pub(crate) fn deployment_group(&self, termination_minutes: u32) {
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

    /// CodeDeploy's configuration `mine`: 20 percent, the rest two minutes later.
    pub(crate) fn deployment_config(&self) {
        let routing = json!({
            "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": 20, "canaryInterval": 2 },
        });
        self.code_deploy(
            "CreateDeploymentConfig",
            json!({
                "deploymentConfigName": "mine", "computePlatform": "ECS", "trafficRoutingConfig": routing,
            }),
        );
    }

    /// An alarm that fires when `Shop/Errors` passes five.
    pub(crate) fn alarm(&self, name: &str) {
        self.call(Service::CloudWatch, "PutMetricAlarm", json!({
            "AlarmName": name, "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }));
    }

    pub(crate) fn errors_happen(&self) {
        self.call(
            Service::CloudWatch,
            "PutMetricData",
            json!({ "Namespace": "Shop", "MetricData": [{ "MetricName": "Errors", "Value": 100.0 }] }),
        );
    }

    pub(crate) fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "ip",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
        });
        let group = self.elb("CreateTargetGroup", group);
        text(&group["TargetGroups"][0]["TargetGroupArn"])
    }

    /// Registers a revision of the family `web`; its ARN.
    pub(crate) fn task_definition(&self, tag: &str) -> String {
        self.register(tag, json!(null))
    }

    /// The same with a role for its tasks: ECS Exec takes no service without one.
    pub(crate) fn task_definition_with_role(&self, tag: &str) -> String {
        self.register(tag, json!("arn:aws:iam::123456789012:role/app"))
    }

    fn register(&self, tag: &str, task_role: serde_json::Value) -> String {
        let container = json!({
            "name": "app", "image": format!("app:{tag}"), "essential": true,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
        });
        let mut input = json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [container],
        });
        if !task_role.is_null() {
            input["taskRoleArn"] = task_role;
        }
        let registered = self.ecs("RegisterTaskDefinition", input);
        text(&registered["taskDefinition"]["taskDefinitionArn"])
    }

    pub(crate) fn call(
        &self,
        service: Service,
        operation: &str,
        input: serde_json::Value,
    ) -> serde_json::Value {
        self.world
            .call(service, self.region, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    pub(crate) fn ecs(&self, operation: &str, input: serde_json::Value) -> serde_json::Value {
        self.call(Service::Ecs, operation, input)
    }

    pub(crate) fn elb(&self, operation: &str, input: serde_json::Value) -> serde_json::Value {
        self.call(Service::Elbv2, operation, input)
    }

    pub(crate) fn code_deploy(
        &self,
        operation: &str,
        input: serde_json::Value,
    ) -> serde_json::Value {
        self.call(Service::CodeDeploy, operation, input)
    }

    // Terraform.

    /// A configured Terraform with an empty state.
    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone(), object! {}).await
    }

    /// The service `web` under the ECS controller.
    pub(crate) fn native(&self, deployment: Value, task_definition: &str) -> Value {
        let rolls = deployment.attribute("strategy").as_str() == Some("rolling");
        let balancer = if rolls {
            object! { container_name: "app", container_port: 8080, target_groups: Value::set([self.blue.as_str()]) }
        } else {
            object! {
                container_name: "app",
                container_port: 8080,
                target_groups: Value::set([self.blue.as_str(), self.green.as_str()]),
                production_listener_rule: self.rule.as_str(),
                role_arn: "arn:aws:iam::123456789012:role/ecs",
            }
        };
        web(deployment, task_definition).with_attribute("load_balancer", balancer)
    }

    /// The service `web` whose traffic this provider moves.
    pub(crate) fn external(&self, steps: Value, task_definition: &str) -> Value {
        let balancer = object! {
            container_name: "app",
            container_port: 8080,
            target_groups: Value::set([self.blue.as_str(), self.green.as_str()]),
            production_listener_rule: self.rule.as_str(),
        };
        web(steps, task_definition)
            .with_attribute("controller", "external")
            .with_attribute("load_balancer", balancer)
    }

    /// The service `web` under CodeDeploy, with `deployment_config` if there is one.
    pub(crate) fn code_deployed(&self, deployment: &CodeDeployed, task_definition: &str) -> Value {
        let code_deploy = object! { application: "shop", deployment_group: "web" };
        web(deployment.deployment.clone(), task_definition)
            .with_attribute("controller", "codedeploy")
            .with_attribute(
                "codedeploy",
                match deployment.config {
                    Some(name) => code_deploy.with_attribute("deployment_config", name),
                    None => code_deploy,
                },
            )
            .with_attribute(
                "load_balancer",
                object! {
                    container_name: "app",
                    container_port: 8080,
                    target_groups: Value::set([self.blue.as_str(), self.green.as_str()]),
                    production_listener_rule: self.listener.as_str(),
                },
            )
    }

    // What AWS shows.

    pub(crate) async fn service(&self) -> Option<EcsService> {
        let service = ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        };
        let found = self.ports.services.find_service(&service).await.unwrap();
        found.filter(|found| found.status != ServiceStatus::Inactive)
    }

    /// Value of a tag of the service.
    pub(crate) async fn tag(&self, key: &str) -> Option<String> {
        self.service().await?.tags.get(key).cloned()
    }

    /// Ids of the task sets that are not on their way out.
    pub(crate) async fn task_sets(&self) -> Vec<String> {
        let sets = self.service().await.unwrap().task_sets.into_iter();
        sets.filter(|set| !set.is_leaving())
            .map(|set| set.id)
            .collect()
    }

    pub(crate) async fn is_marked(&self) -> bool {
        let found = self.service().await;
        let mark = found.and_then(|found| found.tags.get(CREATING_TAG).cloned());
        mark.is_some_and(|mark| !mark.contains("-ended-"))
    }

    /// The deployments ECS has of the service, newest first.
    pub(crate) fn deployments(&self) -> Vec<serde_json::Value> {
        let input = json!({ "cluster": "main", "service": "web" });
        let listed = self
            .world
            .call(Service::Ecs, self.region, "ListServiceDeployments", input);
        listed
            .map(|listed| listed["serviceDeployments"].as_array().unwrap().clone())
            .unwrap_or_default()
    }

    /// The ids of the deployments in CodeDeploy's group, newest first.
    pub(crate) fn code_deploy_deployments(&self) -> Vec<serde_json::Value> {
        let input = json!({ "applicationName": "shop", "deploymentGroupName": "web" });
        let listed = self
            .world
            .call(Service::CodeDeploy, self.region, "ListDeployments", input);
        listed
            .map(|listed| listed["deployments"].as_array().unwrap().clone())
            .unwrap_or_default()
    }

    /// The life-cycle stage of the newest ECS deployment.
    pub(crate) fn stage(&self) -> Option<String> {
        let arn = self.deployments().first()?["serviceDeploymentArn"].clone();
        let found = self.ecs(
            "DescribeServiceDeployments",
            json!({ "serviceDeploymentArns": [arn] }),
        );
        found["serviceDeployments"][0]["lifecycleStage"]
            .as_str()
            .map(str::to_owned)
    }

    /// Time goes by.
    pub(crate) fn pass(&self, minutes: u64) {
        self.world.advance(Duration::from_secs(minutes * 60));
    }
}

/// The provider before these ports.
pub(crate) fn switchyard(ports: Ports) -> Switchyard {
    Switchyard::new(Always(ports))
}

/// A Terraform around ports, with this provider configuration.
pub(crate) async fn configured(ports: Ports, config: Value) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let said = terraform.configure(config).await;
    assert!(said.is_empty(), "{said}");
    terraform
}

/// The service `web` without a load balancer.
pub(crate) fn web(deployment: Value, task_definition: &str) -> Value {
    object! {
        name: "web",
        cluster: "main",
        task_definition: task_definition,
        launch_type: "FARGATE",
        desired_count: 2,
        network_configuration: object! {
            subnets: Value::set(["subnet-1", "subnet-2"]),
            security_groups: Value::set(["sg-1"]),
        },
        deployment: deployment,
        tags: Value::map([("team", "shop")]),
    }
}

/// `canary` or `linear`.
pub(crate) fn shift(percent: i64, interval: &str) -> Value {
    object! { percent: percent, interval: interval }
}

pub(crate) fn all_at_once() -> Value {
    object! { strategy: "all_at_once", bake_time: "2m" }
}

pub(crate) fn canary() -> Value {
    object! { strategy: "canary", canary: shift(10, "2m"), bake_time: "2m" }
}

/// 10 percent, half, everything.
pub(crate) fn steps() -> Value {
    object! {
        strategy: "steps",
        step: Value::list([
            object! { percent: 10, hold: "2m" },
            object! { percent: 50, hold: "1m" },
            object! { percent: 100, hold: "1m" },
        ]),
    }
}

/// A gate that asks every new target for its front page, at these moments.
pub(crate) fn answers(when: &[&str]) -> Value {
    object! {
        name: "answers",
        when: Value::set(when.iter().copied()),
        http: object! { target: "new_targets", path: "/" },
    }
}

/// A gate that never passes.
pub(crate) fn never(when: &[&str]) -> Value {
    answers(when)
        .with_attribute("name", "never")
        .with_attribute(
            "http",
            object! { target: "new_targets", path: "/", body_contains: "no page says this" },
        )
}

pub(crate) fn rolling() -> Value {
    object! {
        strategy: "rolling",
        maximum_percent: 200,
        minimum_healthy_percent: 100,
        circuit_breaker: object! {},
    }
}

/// Every strategy of the ECS controller.
pub(crate) fn native_deployments() -> [Value; 4] {
    [
        rolling(),
        all_at_once(),
        canary(),
        object! { strategy: "linear", linear: shift(50, "2m"), bake_time: "2m" },
    ]
}

/// How CodeDeploy is asked to deploy.
pub(crate) struct CodeDeployed {
    pub(crate) deployment: Value,
    pub(crate) config: Option<&'static str>,
}

pub(crate) fn code_deploy_at_once() -> CodeDeployed {
    CodeDeployed {
        deployment: object! { strategy: "all_at_once" },
        config: None,
    }
}

/// Every strategy of the CodeDeploy controller, and a configuration of one's own.
pub(crate) fn code_deploy_deployments() -> [CodeDeployed; 4] {
    [
        code_deploy_at_once(),
        CodeDeployed {
            deployment: object! { strategy: "canary", canary: shift(10, "5m") },
            config: None,
        },
        CodeDeployed {
            deployment: object! { strategy: "linear", linear: shift(10, "1m") },
            config: None,
        },
        CodeDeployed {
            deployment: object! { strategy: "canary" },
            config: Some("mine"),
        },
    ]
}

/// Runs a story in which something happens while Terraform works: after every step of the provider, which
/// may move the clock, the story gets its turn.
pub(crate) fn in_turns(story: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(1)
        .build();
    runtime.unwrap().block_on(story);
}

/// Waits, without moving time, until `condition` holds. To be used [`in_turns`].
pub(crate) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never happens");
}

/// The state of an apply that worked without a warning.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}

/// The state of an apply that worked, and told of drift by this rule and of nothing else.
#[track_caller]
pub(crate) fn put_right(outcome: ApplyResult, rule: &str) -> Value {
    told(&outcome.diagnostics, rule);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}

/// Drift by this rule is told, and nothing else.
#[track_caller]
pub(crate) fn told(diagnostics: &Diagnostics, rule: &str) {
    assert!(!diagnostics.has_errors(), "{diagnostics}");
    assert_eq!(diagnostics.iter().count(), 1, "{diagnostics}");
    let said = diagnostics.to_string();
    assert!(said.contains("has drifted: 1 "), "{said}");
    assert!(said.contains(&format!("(Rule {rule}.)")), "{said}");
}

/// The one error of an apply that failed: summary and detail.
#[track_caller]
pub(crate) fn error(outcome: &ApplyResult) -> String {
    assert!(outcome.diagnostics.has_errors(), "{:?}", outcome.state);
    assert_eq!(
        outcome.diagnostics.iter().count(),
        1,
        "{}",
        outcome.diagnostics
    );
    outcome.diagnostics.to_string()
}
