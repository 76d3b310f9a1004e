//! An account with a service that can be scaled, and a Terraform in front of it.

use serde_json::json;
use switchyard_engine::ports::Ports;
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::testing::{ApplyResult, Simulator};
use tfplugin::value::Value;

const REGION: &str = "eu-west-1";

/// The resource's address.
pub(crate) const WEB: &str = "switchyard_scaling_policy_set.web";

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

/// `map! { "a" => x }`.
macro_rules! map {
    ($($name:literal => $value:expr),* $(,)?) => {
        tfplugin::value::Value::Map(
            [$(($name.to_owned(), tfplugin::value::Value::from($value))),*].into_iter().collect(),
        )
    };
}
pub(crate) use map;

/// `blocks! { "a" => x }`: blocks of one kind, by their names.
macro_rules! blocks {
    ($($name:literal => $value:expr),* $(,)?) => {
        tfplugin::value::Value::set([
            $(tfplugin::value::Value::from($value).with_attribute("name", $name)),*
        ])
    };
}
pub(crate) use blocks;

/// Gives the same ports whatever the provider block says.
struct Always(Ports);

impl Connect for Always {
    fn connect(&self, _: &Connection) -> Result<Ports, ConnectError> {
        Ok(self.0.clone())
    }
}

pub(crate) struct Account {
    pub(crate) world: World,
    pub(crate) ports: Ports,
}

impl Account {
    /// For [`Intercept::keeping`](switchyard_support::intercept::Intercept::keeping).
    pub(crate) fn as_it_is(&self) -> impl Fn() -> Ports + Send + Sync + use<> {
        let world = self.world.clone();
        move || Face::new(world.copy(), REGION).ports()
    }

    /// The service `web` in the cluster `main`.
    pub(crate) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let ports = Face::new(world.clone(), REGION).ports();
        let account = Self { world, ports };
        account.call(
            Service::Ecs,
            "CreateCluster",
            json!({ "clusterName": "main" }),
        );
        account.call(
            Service::Ecs,
            "RegisterTaskDefinition",
            json!({
                "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
                "memory": "512", "containerDefinitions": [{ "name": "app", "image": "app:v1", "essential": true }],
            }),
        );
        account.call(
            Service::Ecs,
            "CreateService",
            json!({
                "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
                "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            }),
        );
        account
    }

    /// The time there.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.ports.clock.now()
    }

    pub(crate) fn call(
        &self,
        service: Service,
        operation: &str,
        input: serde_json::Value,
    ) -> serde_json::Value {
        self.world
            .call(service, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    /// A call to Application Auto Scaling about the service.
    pub(crate) fn scaling(&self, operation: &str, more: serde_json::Value) -> serde_json::Value {
        let mut input = json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        let fields = input.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        self.call(Service::AutoScaling, operation, input)
    }

    /// Somebody else tracks the memory of the service.
    pub(crate) fn foreign_policy(&self, name: &str) {
        let policy = json!({
            "PolicyName": name, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 40.0,
                "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageMemoryUtilization" },
            },
        });
        self.scaling("PutScalingPolicy", policy);
    }

    /// The bounds AWS has; nothing without a target.
    pub(crate) fn bounds(&self) -> Option<(u64, u64)> {
        let found = self.call(
            Service::AutoScaling,
            "DescribeScalableTargets",
            json!({ "ServiceNamespace": "ecs", "ResourceIds": ["service/main/web"] }),
        );
        let target = found["ScalableTargets"]
            .as_array()
            .unwrap()
            .first()?
            .clone();
        Some((
            target["MinCapacity"].as_u64().unwrap(),
            target["MaxCapacity"].as_u64().unwrap(),
        ))
    }

    /// Names of the policies AWS has.
    pub(crate) fn policies(&self) -> Vec<String> {
        let found = self.scaling("DescribeScalingPolicies", json!({}));
        let mut names: Vec<String> = found["ScalingPolicies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| policy["PolicyName"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }

    /// Names of alarms with this beginning.
    pub(crate) fn alarms(&self, prefix: &str) -> Vec<String> {
        let found = self.call(
            Service::CloudWatch,
            "DescribeAlarms",
            json!({ "AlarmNamePrefix": prefix }),
        );
        let alarms = found["MetricAlarms"].as_array().unwrap().iter();
        alarms
            .map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned())
            .collect()
    }

    /// A configured Terraform with an empty state.
    pub(crate) async fn terraform(&self) -> Terraform {
        configured(self.ports.clone()).await
    }
}

/// The provider before these ports.
pub(crate) fn switchyard(ports: Ports) -> Switchyard {
    Switchyard::new(Always(ports))
}

/// A Terraform before these ports.
pub(crate) async fn configured(ports: Ports) -> Terraform {
    let terraform = Simulator::new(Switchyard::new(Always(ports)));
    let said = terraform.configure(object! {}).await;
    assert!(said.is_empty(), "{said}");
    terraform
}

/// The service between 2 and 10 tasks by its CPU.
pub(crate) fn config() -> Value {
    object! {
        cluster: "main",
        service: "web",
        min_capacity: 2,
        max_capacity: 10,
        target_tracking: blocks! { "cpu" => object! { metric: "cpu", target_value: 70 } },
    }
}

/// Steps with their alarm.
pub(crate) fn burst() -> Value {
    object! {
        cooldown: "1m",
        step_adjustment: Value::set([
            object! {
                metric_interval_lower_bound: 0, metric_interval_upper_bound: 20, scaling_adjustment: 2,
            },
            object! { metric_interval_lower_bound: 20, scaling_adjustment: 5 },
        ]),
        alarm: object! {
            metric: object! { namespace: "App", metric_name: "Load" },
            period: "1m",
            evaluation_periods: 2,
            comparison: ">=",
            threshold: 80,
        },
    }
}

/// From eight in the evening on, one or two tasks.
pub(crate) fn night() -> Value {
    object! {
        schedule: "cron(0 20 * * ? *)", timezone: "Europe/Berlin", min_capacity: 1, max_capacity: 2,
    }
}

/// The state of an apply that worked without a warning.
#[track_caller]
pub(crate) fn sound(outcome: ApplyResult) -> Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert!(!outcome.tainted);
    outcome.state.expect("something is recorded")
}
