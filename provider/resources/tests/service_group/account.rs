//! An account with small services in one cluster, and a Terraform in front of it.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

pub(crate) const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const GROUP: &str = "switchyard_service_group.shop";

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

/// Name → what it waits for: two, then one, then one.
pub(crate) const SHOP: [(&str, &[&str]); 4] = [
    ("gateway", &["events"]),
    ("events", &["users", "payments"]),
    ("users", &[]),
    ("payments", &[]),
];

pub(crate) struct Account {
    pub(crate) ports: Ports,
    pub(crate) world: World,
}

impl Account {
    /// With the services of [`SHOP`], all of which run the first revision of their family.
    pub(crate) fn new() -> Self {
        Self::with(&SHOP.map(|(name, _)| name))
    }

    pub(crate) fn with(services: &[&str]) -> Self {
        let world = World::new(WorldConfig::default());
        let account = Self {
            ports: Face::new(world.clone(), REGION).ports(),
            world,
        };
        account.ecs("CreateCluster", json!({ "clusterName": "main" }));
        for name in services {
            let definition = account.definition(name, "v1");
            let breaker = json!({ "enable": true, "rollback": true });
            account.ecs("CreateService", json!({
                "cluster": "main", "serviceName": name, "taskDefinition": definition, "desiredCount": 2,
                "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"], "securityGroups": ["sg-1"] } },
                "deploymentConfiguration": { "deploymentCircuitBreaker": breaker },
                "tags": [{ "key": "team", "value": "shop" }],
            }));
        }
        account.world.advance(std::time::Duration::from_secs(600));
        account
    }

    /// For [`Intercept::keeping`](switchyard_support::intercept::Intercept::keeping).
    pub(crate) fn as_it_is(&self) -> impl Fn() -> Ports + Send + Sync + use<> {
        let world = self.world.clone();
        move || Face::new(world.copy(), REGION).ports()
    }

    pub(crate) fn ecs(&self, operation: &str, input: Json) -> Json {
        ecs(&self.world, operation, input)
    }

    /// ARN of the next revision of a family, with this image tag.
    pub(crate) fn definition(&self, family: &str, tag: &str) -> String {
        let answer = self.ecs("RegisterTaskDefinition", json!({
            "family": family, "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{ "name": "app", "image": format!("shop:{tag}"), "essential": true }],
        }));
        let arn = answer["taskDefinition"]["taskDefinitionArn"].as_str();
        arn.unwrap().to_owned()
    }

    /// Somebody else deploys.
    pub(crate) fn deploy(&self, service: &str, definition: &str) {
        let input = json!({ "cluster": "main", "service": service, "taskDefinition": definition });
        self.ecs("UpdateService", input);
        self.world.advance(std::time::Duration::from_secs(600));
    }

    pub(crate) fn service(&self, name: &str) -> Json {
        let input = json!({ "cluster": "main", "services": [name], "include": ["TAGS"] });
        self.ecs("DescribeServices", input)["services"][0].clone()
    }

    /// `family:revision` that a service runs; every task of it.
    pub(crate) fn live(&self, name: &str) -> String {
        let service = self.service(name);
        let definition = service["taskDefinition"].as_str().unwrap();
        let primary = &service["deployments"][0];
        assert_eq!(primary["taskDefinition"], definition, "{service:#}");
        definition.rsplit('/').next().unwrap().to_owned()
    }

    /// What [`SHOP`] runs.
    pub(crate) fn all_live(&self) -> [String; 4] {
        SHOP.map(|(name, _)| self.live(name))
    }

    /// Value of a tag.
    pub(crate) fn tag(&self, name: &str, key: &str) -> Option<String> {
        let service = self.service(name);
        let tags = service["tags"].as_array()?.clone();
        let tag = tags.iter().find(|tag| tag["key"] == key)?;
        Some(tag["value"].as_str()?.to_owned())
    }

    /// The deployments of a service, oldest first: started, finished, `family:revision`.
    pub(crate) fn deployments(&self, name: &str) -> Vec<(f64, f64, String)> {
        let input = json!({ "cluster": "main", "service": name });
        let listed = self.ecs("ListServiceDeployments", input);
        let briefs = listed["serviceDeployments"].as_array().unwrap();
        let arns: Vec<&Json> = briefs
            .iter()
            .map(|it| &it["serviceDeploymentArn"])
            .collect();
        let input = json!({ "serviceDeploymentArns": arns });
        let found = self.ecs("DescribeServiceDeployments", input);
        let found = found["serviceDeployments"].as_array().unwrap().iter();
        let mut found: Vec<(f64, f64, String)> = found
            .map(|it| {
                let revision = &it["targetServiceRevision"]["arn"];
                let input = json!({ "serviceRevisionArns": [revision] });
                let revision = self.ecs("DescribeServiceRevisions", input);
                let definition = revision["serviceRevisions"][0]["taskDefinition"]
                    .as_str()
                    .unwrap();
                (
                    it["createdAt"].as_f64().unwrap(),
                    it["finishedAt"].as_f64().unwrap_or(f64::MAX),
                    definition.rsplit('/').next().unwrap().to_owned(),
                )
            })
            .collect();
        found.sort_by(|one, other| one.0.total_cmp(&other.0));
        found
    }

    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone()).await
    }
}

pub(crate) fn ecs(world: &World, operation: &str, input: Json) -> Json {
    world
        .call(Service::Ecs, REGION, operation, input)
        .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
}

pub(crate) async fn configured(ports: Ports) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let ready = terraform.configure(object! {}).await;
    assert!(!ready.has_errors(), "{ready}");
    terraform
}

pub(crate) fn service_arn(name: &str) -> String {
    format!("arn:aws:ecs:{REGION}:123456789012:service/main/{name}")
}

pub(crate) fn member(name: &str, definition: &str, after: &[&str]) -> Value {
    let service = service_arn(name);
    match after {
        [] => object! { name: name, service: service.as_str(), task_definition: definition },
        after => object! {
            name: name, service: service.as_str(), task_definition: definition,
            after: Value::set(after.iter().copied()),
        },
    }
}

/// The group of [`SHOP`], whose members run these definitions.
pub(crate) fn shop(definitions: [&str; 4]) -> Value {
    let members = SHOP.iter().zip(definitions);
    let members = members.map(|((name, after), definition)| member(name, definition, after));
    group(members.collect())
}

/// The group of [`SHOP`] at one revision.
pub(crate) fn shop_at(revision: u32) -> Value {
    let definitions = SHOP.map(|(name, _)| format!("{name}:{revision}"));
    shop(definitions.each_ref().map(String::as_str))
}

pub(crate) fn group(members: Vec<Value>) -> Value {
    object! { name: "shop", member: Value::list(members) }
}

/// An apply that worked and said nothing.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}
