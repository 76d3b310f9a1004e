//! An account with a listener and a pair of target groups, and a Terraform in front of it.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const WEB: &str = "switchyard_listener_rule.web";

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

pub(crate) struct Account {
    pub(crate) ports: Ports,
    pub(crate) world: World,
    pub(crate) listener: String,
    pub(crate) blue: String,
    pub(crate) green: String,
}

impl Account {
    /// For [`Intercept::keeping`](switchyard_support::intercept::Intercept::keeping).
    pub(crate) fn as_it_is(&self) -> impl Fn() -> Ports + Send + Sync + use<> {
        let world = self.world.clone();
        move || Face::new(world.copy(), REGION).ports()
    }

    pub(crate) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let mut account = Self {
            ports: Face::new(world.clone(), REGION).ports(),
            world,
            listener: String::new(),
            blue: String::new(),
            green: String::new(),
        };
        let subnets = json!({ "Name": "web", "Subnets": ["subnet-1", "subnet-2"] });
        let balancer = account.elb("CreateLoadBalancer", subnets);
        account.blue = account.target_group("blue");
        account.green = account.target_group("green");
        let answer = json!({ "StatusCode": "404", "ContentType": "text/plain" });
        let listener = account.elb(
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80,
                "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": answer }],
            }),
        );
        account.listener = text(&listener["Listeners"][0]["ListenerArn"]);
        account
    }

    pub(crate) fn elb(&self, operation: &str, input: Json) -> Json {
        self.world
            .call(Service::Elbv2, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    pub(crate) fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-1", "TargetType": "ip",
        });
        let group = self.elb("CreateTargetGroup", group);
        text(&group["TargetGroups"][0]["TargetGroupArn"])
    }

    /// The rules of the listener but the default one, in order.
    pub(crate) fn rules(&self) -> Vec<Json> {
        let found = self.elb("DescribeRules", json!({ "ListenerArn": self.listener }));
        let rules = found["Rules"].as_array().unwrap().iter();
        let made = rules.filter(|rule| rule["IsDefault"] == false);
        made.cloned().collect()
    }

    /// The only rule.
    #[track_caller]
    pub(crate) fn rule(&self) -> Json {
        let rules = self.rules();
        assert_eq!(rules.len(), 1, "{rules:?}");
        rules[0].clone()
    }

    pub(crate) fn default_rule(&self) -> String {
        let found = self.elb("DescribeRules", json!({ "ListenerArn": self.listener }));
        let rules = found["Rules"].as_array().unwrap();
        text(&rules.last().unwrap()["RuleArn"])
    }

    /// Weights of the only rule, by the end of the group's name.
    #[track_caller]
    pub(crate) fn weights(&self) -> Vec<(String, u64)> {
        let rule = self.rule();
        let groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"].as_array();
        let mut weights: Vec<(String, u64)> = groups
            .into_iter()
            .flatten()
            .map(|group| {
                let arn = text(&group["TargetGroupArn"]);
                let name = arn.rsplit('/').nth(1).unwrap().to_owned();
                (name, group["Weight"].as_u64().unwrap())
            })
            .collect();
        weights.sort();
        weights
    }

    /// Somebody writes the action of the only rule.
    pub(crate) fn forwards(&self, weights: &[(&str, u32)]) {
        let groups: Vec<Json> = weights
            .iter()
            .map(|(arn, weight)| json!({ "TargetGroupArn": arn, "Weight": weight }))
            .collect();
        let actions = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": groups } }]);
        self.modify(json!({ "Actions": actions }));
    }

    /// Somebody changes the only rule.
    pub(crate) fn modify(&self, change: Json) {
        let mut input = json!({ "RuleArn": self.rule()["RuleArn"] });
        let fields = input.as_object_mut().unwrap();
        fields.extend(change.as_object().unwrap().clone());
        self.elb("ModifyRule", input);
    }

    /// Tags of the only rule.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let arn = self.rule()["RuleArn"].clone();
        let found = self.elb("DescribeTags", json!({ "ResourceArns": [arn] }));
        let tags = found["TagDescriptions"][0]["Tags"]
            .as_array()
            .unwrap()
            .iter();
        tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
            .collect()
    }

    /// A service whose tasks are healthy in this group.
    pub(crate) fn serves(&self, group: &str) {
        let ecs = |operation: &str, input: Json| {
            self.world
                .call(Service::Ecs, REGION, operation, input)
                .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
        };
        ecs("CreateCluster", json!({ "clusterName": "main" }));
        ecs(
            "RegisterTaskDefinition",
            json!({
                "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
                "memory": "512",
                "containerDefinitions": [{
                    "name": "app", "image": "app:v1", "essential": true, "portMappings": [{ "containerPort": 8080 }],
                }],
            }),
        );
        ecs(
            "CreateService",
            json!({
                "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 1,
                "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
                "loadBalancers": [{ "targetGroupArn": group, "containerName": "app", "containerPort": 8080 }],
            }),
        );
        self.world.advance(std::time::Duration::from_secs(900));
        let health = self.elb("DescribeTargetHealth", json!({ "TargetGroupArn": group }));
        let target = &health["TargetHealthDescriptions"][0]["TargetHealth"];
        assert_eq!(target["State"], "healthy", "{health}");
    }

    /// Every path, to the pair.
    pub(crate) fn config(&self) -> Value {
        object! {
            listener_arn: self.listener.as_str(),
            priority: 10,
            condition: paths("/*"),
            target_groups: Value::list([self.blue.as_str(), self.green.as_str()]),
        }
    }

    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone()).await
    }
}

/// The condition that takes these paths.
pub(crate) fn paths(values: &str) -> Value {
    let path = object! { path_pattern: object! { values: Value::set([values]) } };
    Value::Set(vec![path])
}

pub(crate) fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn weights(blue: u64, green: u64) -> Vec<(String, u64)> {
    vec![("blue".to_owned(), blue), ("green".to_owned(), green)]
}

/// The provider before these ports.
pub(crate) fn switchyard(ports: Ports) -> Switchyard {
    Switchyard::new(Always(ports))
}

/// A Terraform before these ports.
pub(crate) async fn configured(ports: Ports) -> Terraform {
    let terraform = Simulator::new(switchyard(ports));
    let said = terraform.configure(object! {}).await;
    assert!(said.is_empty(), "{said}");
    terraform
}

/// The state of an apply that worked without a warning.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}

/// Planning the same again changes nothing and says nothing.
pub(crate) async fn is_settled(terraform: &Terraform, config: &Value) {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.planned, plan.prior);
}
