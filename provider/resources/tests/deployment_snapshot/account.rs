//! An account with a healthy service, a place for its snapshots, and a Terraform in front of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use switchyard_engine::ports::{Place, Ports};
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

use crate::store::Store;

const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const WEB: &str = "switchyard_deployment_snapshot.web";

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
    pub(crate) world: World,
    pub(crate) store: Store,
    pub(crate) ports: Ports,
}

impl Account {
    /// The service `web` in the cluster `main`, healthy for a while.
    pub(crate) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let store = Store::default();
        let mut ports = Face::new(world.clone(), REGION).ports();
        ports.snapshots = Arc::new(store.clone());
        let account = Self {
            world,
            store,
            ports,
        };
        account.ecs("CreateCluster", json!({ "clusterName": "main" }));
        account.task_definition("app:v1");
        account.ecs(
            "CreateService",
            json!({
                "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
                "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            }),
        );
        account.pass(30);
        account
    }

    pub(crate) fn task_definition(&self, image: &str) {
        self.ecs(
            "RegisterTaskDefinition",
            json!({
                "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
                "memory": "512", "containerDefinitions": [{ "name": "app", "image": image, "essential": true }],
            }),
        );
    }

    pub(crate) fn ecs(&self, operation: &str, input: serde_json::Value) -> serde_json::Value {
        self.world
            .call(Service::Ecs, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// Lets minutes pass.
    pub(crate) fn pass(&self, minutes: u64) {
        self.world.advance(Duration::from_secs(60 * minutes));
    }

    /// Ids of what is stored in a place, oldest first.
    pub(crate) fn stored(&self, place: &Place) -> Vec<String> {
        let names: BTreeSet<String> = self.store.objects.names(place);
        let ids = names.iter().filter_map(|name| {
            name.strip_prefix("main/web/123456789012/eu-west-1/")?
                .strip_suffix(".json")
        });
        ids.map(str::to_owned).collect()
    }

    /// Puts bytes where a snapshot is.
    pub(crate) fn overwrite(&self, place: &Place, id: &str, bytes: &[u8]) {
        let name = format!("main/web/123456789012/eu-west-1/{id}.json");
        self.store.objects.put(place, &name, bytes);
    }

    /// A configured Terraform with an empty state.
    pub(crate) async fn terraform(&self) -> Terraform {
        terraform(self.ports.clone()).await
    }
}

/// A configured Terraform with an empty state, over these ports.
pub(crate) async fn terraform(ports: Ports) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let said = terraform.configure(object! {}).await;
    assert!(said.is_empty(), "{said}");
    terraform
}

/// Where snapshots go when nothing is said.
pub(crate) fn here() -> Place {
    folder("switchyard-snapshots")
}

pub(crate) fn folder(path: &str) -> Place {
    Place::Folder(path.to_owned())
}

pub(crate) fn bucket(name: &str) -> Place {
    Place::Bucket {
        bucket: name.to_owned(),
        prefix: String::new(),
        region: None,
        kms_key: None,
    }
}

pub(crate) fn config() -> Value {
    object! { cluster: "main", service: "web" }
}

/// The same for a release, so that another release takes another snapshot.
pub(crate) fn release(name: &str) -> Value {
    config().with_attribute("triggers", Value::map([("release", name)]))
}

/// The state of an apply that worked without a warning.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}

/// A text of a state.
#[track_caller]
pub(crate) fn text(state: &Value, name: &str) -> String {
    let value = state.attribute(name);
    value
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {value:?}"))
        .to_owned()
}

/// Planning the same again changes nothing and says nothing.
pub(crate) async fn is_settled(terraform: &Terraform, config: &Value) {
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.planned, plan.prior);
}
