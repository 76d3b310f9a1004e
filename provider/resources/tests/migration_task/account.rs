//! An account with a cluster and task definitions, and a Terraform in front of it.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const SCHEMA: &str = "switchyard_migration_task.schema";

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
}

impl Account {
    pub(crate) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let account = Self {
            ports: Face::new(world.clone(), REGION).ports(),
            world,
        };
        account.ecs("CreateCluster", json!({ "clusterName": "main" }));
        account
    }

    /// For [`Intercept::keeping`](switchyard_support::intercept::Intercept::keeping).
    pub(crate) fn as_it_is(&self) -> impl Fn() -> Ports + Send + Sync + use<> {
        let world = self.world.clone();
        move || Face::new(world.copy(), REGION).ports()
    }

    pub(crate) fn ecs(&self, operation: &str, input: Json) -> Json {
        self.world
            .call(Service::Ecs, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// A task definition whose containers have these names and image tags.
    pub(crate) fn definition(&self, containers: &[(&str, &str)]) -> String {
        let containers: Vec<Json> = containers
            .iter()
            .map(|(name, tag)| {
                json!({
                    "name": name, "image": format!("shop:{tag}"), "essential": true,
                    "logConfiguration": { "logDriver": "awslogs", "options": {
                        "awslogs-group": "/shop", "awslogs-region": REGION, "awslogs-stream-prefix": "shop",
                    } },
                })
            })
            .collect();
        let definition = json!({
            "family": "shop", "executionRoleArn": "arn:aws:iam::123456789012:role/task-execution",
            "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": containers,
        });
        let answer = self.ecs("RegisterTaskDefinition", definition);
        let arn = answer["taskDefinition"]["taskDefinitionArn"].as_str();
        arn.unwrap().to_owned()
    }

    /// Every task of the cluster that ECS still shows, in the order of their creation.
    pub(crate) fn tasks(&self) -> Vec<Json> {
        let mut arns = Vec::new();
        for status in ["RUNNING", "STOPPED"] {
            let input = json!({ "cluster": "main", "desiredStatus": status });
            let listed = self.ecs("ListTasks", input);
            arns.extend(listed["taskArns"].as_array().unwrap().clone());
        }
        if arns.is_empty() {
            return Vec::new();
        }
        let input = json!({ "cluster": "main", "tasks": arns, "include": ["TAGS"] });
        let described = self.ecs("DescribeTasks", input);
        let mut tasks = described["tasks"].as_array().unwrap().clone();
        let created = |task: &Json| task["createdAt"].as_f64().unwrap();
        tasks.sort_by(|one, other| created(one).total_cmp(&created(other)));
        tasks
    }

    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone()).await
    }
}

pub(crate) async fn configured(ports: Ports) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let ready = terraform.configure(object! {}).await;
    assert!(!ready.has_errors(), "{ready}");
    terraform
}

/// A migration of this definition for this image.
pub(crate) fn config(definition: &str, image: &str) -> Value {
    object! {
        name: "shop-schema",
        cluster: "main",
        task_definition: definition,
        command: Value::list(["migrate", "up"]),
        environment: Value::map([("STEPS", "all")]),
        triggers: Value::map([("image", image)]),
        launch_type: "FARGATE",
        network_configuration: object! {
            subnets: Value::set(["subnet-0a0a0a0a0a0a0a0a0"]),
            security_groups: Value::set(["sg-0a0a0a0a0a0a0a0a0"]),
        },
    }
}

/// An apply that worked and said nothing.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}
