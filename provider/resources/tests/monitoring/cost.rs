//! What a service costs between its bounds, and whether its tasks have the right size.

use serde_json::{Value as Json, json};
use switchyard_world::Service;
use tfplugin::value::Value;

use crate::account::{Account, object};

const COST: &str = "switchyard_cost_range";

impl Account {
    fn other(&self, service: Service, operation: &str, input: Json) {
        let answer = self.world.call(service, "eu-west-1", operation, input);
        answer.unwrap_or_else(|refused| panic!("{operation}: {refused}"));
    }

    /// A service of two tasks of one vCPU and two GB, `launch` says where.
    fn service(&self, launch: &Json) {
        self.other(
            Service::Ecs,
            "CreateCluster",
            json!({ "clusterName": "main", "capacityProviders": ["FARGATE", "FARGATE_SPOT"] }),
        );
        self.other(
            Service::Ecs,
            "RegisterTaskDefinition",
            json!({
                "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "1024",
                "memory": "2048", "containerDefinitions": [{ "name": "app", "image": "app:v1", "essential": true }],
            }),
        );
        let mut input = json!({
            "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        });
        let members = input.as_object_mut().unwrap();
        members.extend(launch.as_object().unwrap().clone());
        self.other(Service::Ecs, "CreateService", input);
        self.world.advance(std::time::Duration::from_secs(600));
    }

    /// So much was used in the last hour.
    fn used(&self, cpu: f64, memory: f64) {
        let dimensions = json!([
            { "Name": "ClusterName", "Value": "main" }, { "Name": "ServiceName", "Value": "web" },
        ]);
        let datum = |name: &str, value: f64| json!({ "MetricName": name, "Dimensions": dimensions, "Value": value });
        self.call(
            "PutMetricData",
            json!({ "Namespace": "AWS/ECS", "MetricData": [
                datum("CPUUtilization", cpu), datum("MemoryUtilization", memory),
            ] }),
        );
        self.world.advance(std::time::Duration::from_secs(3_600));
    }
}

fn config() -> Value {
    object! {
        cluster: "main",
        service: "web",
        monthly_budget: 150,
        prices: object! { vcpu_hour: number("0.04"), gb_hour: number("0.004") },
    }
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

#[track_caller]
fn shows(found: &Value, expected: &[(&str, Value)]) {
    for (name, value) in expected {
        assert_eq!(found.attribute(name), value, "{name}");
    }
}

#[tokio::test]
async fn costs_lie_between_the_bounds_and_the_size_follows_the_use() {
    let account = Account::new();
    account.service(&json!({ "launchType": "FARGATE" }));
    let target = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2, "MaxCapacity": 6,
    });
    account.other(Service::AutoScaling, "RegisterScalableTarget", target);
    account.used(15.0, 40.0);
    let terraform = account.terraform().await;
    let found = terraform.read_data(COST, config()).await.unwrap();
    // A task costs 0.048 an hour, 35.04 a month; one of 256 units and 1 GB 0.014, 10.22 a month.
    shows(
        &found,
        &[
            ("task_cpu", Value::from(1024)),
            ("min_tasks", Value::from(2)),
            ("max_tasks", Value::from(6)),
            ("running_tasks", Value::from(2)),
            ("spot_percent", Value::from(0)),
            ("monthly_min", number("70.08")),
            ("monthly_now", number("70.08")),
            ("monthly_max", number("210.24")),
            ("is_over_budget", Value::from(false)),
            ("may_exceed_budget", Value::from(true)),
            ("used_cpu_percent", Value::from(15)),
            ("used_memory_percent", Value::from(40)),
            ("right_cpu", Value::from(256)),
            ("right_memory", Value::from(1024)),
            ("monthly_saving", number("49.64")),
        ],
    );
}

#[tokio::test]
async fn spot_needs_its_prices_and_counts_by_its_share() {
    let account = Account::new();
    account.service(&json!({ "capacityProviderStrategy": [
        { "capacityProvider": "FARGATE", "base": 1, "weight": 0 },
        { "capacityProvider": "FARGATE_SPOT", "weight": 1 },
    ] }));
    let terraform = account.terraform().await;
    let refused = terraform
        .read_data(COST, config())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("spot_vcpu_hour") && refused.contains("SY0300"),
        "{refused}"
    );
    let priced = config()
        .with_attribute("monthly_budget", Value::Null)
        .with_attribute(
            "prices",
            object! { vcpu_hour: number("0.04"), gb_hour: number("0.004"), spot_vcpu_hour: number("0.01"), spot_gb_hour: number("0.001") },
        );
    let found = terraform.read_data(COST, priced).await.unwrap();
    shows(
        &found,
        &[
            ("spot_percent", Value::from(50)),
            ("monthly_max", number("43.8")),
            ("may_exceed_budget", Value::Null),
        ],
    );
}

#[tokio::test]
async fn what_has_no_price_is_an_error() {
    let account = Account::new();
    let terraform = account.terraform().await;
    account.other(
        Service::Ecs,
        "CreateCluster",
        json!({ "clusterName": "main" }),
    );
    let refused = terraform
        .read_data(COST, config())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("does not exist") && refused.contains("SY0300"),
        "{refused}"
    );
}
