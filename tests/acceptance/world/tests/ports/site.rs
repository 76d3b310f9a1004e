//! What the tests stand on.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::{MetricQuery, MetricSource, Ports, ProbeRequest, ServiceRef};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};

pub(crate) const REGION: &str = "eu-west-1";

/// A load balancer with one listener whose default rule knows two groups, and a cluster.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) ports: Ports,
    pub(crate) balancer: String,
    pub(crate) listener: String,
    pub(crate) blue: String,
    pub(crate) green: String,
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn service() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let elb = |operation: &str, input: Value| {
            world
                .call(Service::Elbv2, REGION, operation, input)
                .unwrap()
        };
        let balancer = elb(
            "CreateLoadBalancer",
            json!({ "Name": "shop", "Subnets": ["subnet-1", "subnet-2"] }),
        );
        let balancer = text(&balancer["LoadBalancers"][0]["LoadBalancerArn"]);
        let group = |name: &str| {
            let group = json!({
                "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
                "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
            });
            text(&elb("CreateTargetGroup", group)["TargetGroups"][0]["TargetGroupArn"])
        };
        let (blue, green) = (group("blue"), group("green"));
        let groups = json!([
            { "TargetGroupArn": blue, "Weight": 1 }, { "TargetGroupArn": green, "Weight": 0 },
        ]);
        let sticky = json!({ "Enabled": true, "DurationSeconds": 300 });
        let config = json!({ "TargetGroups": groups, "TargetGroupStickinessConfig": sticky });
        let listener = elb(
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80,
                "DefaultActions": [{ "Type": "forward", "ForwardConfig": config }],
            }),
        );
        let listener = text(&listener["Listeners"][0]["ListenerArn"]);
        world
            .call(
                Service::Ecs,
                REGION,
                "CreateCluster",
                json!({ "clusterName": "main" }),
            )
            .unwrap();
        let ports = Face::new(world.clone(), REGION).ports();
        Self {
            world,
            ports,
            balancer,
            listener,
            blue,
            green,
        }
    }

    pub(crate) fn ecs(&self, operation: &str, input: Value) -> Value {
        self.world
            .call(Service::Ecs, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.world.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn definition(&self, tag: &str) -> String {
        let container = json!({
            "name": "app", "image": format!("app:{tag}"), "portMappings": [{ "containerPort": 8080 }],
        });
        let input = json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [container],
        });
        text(&self.ecs("RegisterTaskDefinition", input)["taskDefinition"]["taskDefinitionArn"])
    }

    /// A native service of two tasks in blue, settled; with native blue/green if asked for.
    pub(crate) fn serve(&self, tag: &str, configuration: Value) {
        let mut balancer =
            json!({ "targetGroupArn": self.blue, "containerName": "app", "containerPort": 8080 });
        if configuration["strategy"] != json!("ROLLING") {
            let rule = self.world.data_plane().listeners[0].rules[0].arn.clone();
            balancer["advancedConfiguration"] = json!({
                "alternateTargetGroupArn": self.green, "productionListenerRule": rule, "roleArn": "arn:aws:iam::123456789012:role/ecs",
            });
        }
        self.ecs(
            "CreateService",
            json!({
                "cluster": "main", "serviceName": "web", "taskDefinition": self.definition(tag), "desiredCount": 2,
                "launchType": "FARGATE", "loadBalancers": [balancer], "deploymentConfiguration": configuration,
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            }),
        );
        self.advance(180);
    }

    pub(crate) async fn dns_name(&self) -> String {
        let found = self.ports.routing.find_dns_name(&self.balancer).await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn probe(&self, url: &str) -> Result<(u16, String), String> {
        let request = ProbeRequest {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: BTreeMap::new(),
            body: None,
            timeout: Duration::from_secs(1),
        };
        let sent = self.ports.probes.send(&request).await;
        sent.map(|answer| (answer.status, answer.body))
            .map_err(|failure| failure.0)
    }

    pub(crate) fn dimensions(&self, group: Option<&str>) -> BTreeMap<String, String> {
        let tail = |arn: &str, after: &str| arn.split_once(after).unwrap().1.to_owned();
        let mut dimensions = BTreeMap::from([(
            "LoadBalancer".to_owned(),
            tail(&self.balancer, ":loadbalancer/"),
        )]);
        if let Some(group) = group {
            let value = format!("targetgroup/{}", tail(group, ":targetgroup/"));
            dimensions.insert("TargetGroup".to_owned(), value);
        }
        dimensions
    }

    /// The values of a metric by minute, since the beginning.
    pub(crate) async fn values(
        &self,
        (namespace, name, statistic): (&str, &str, &str),
        dimensions: BTreeMap<String, String>,
    ) -> Vec<f64> {
        let query = MetricQuery {
            id: "m".to_owned(),
            source: MetricSource::Metric {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                dimensions,
                statistic: statistic.to_owned(),
                period_seconds: 60,
            },
            returned: true,
        };
        let start = WorldConfig::default().start.millis();
        let from = jiff::Timestamp::from_millisecond(start).unwrap();
        let to = self.ports.clock.now() + jiff::SignedDuration::from_secs(1);
        let found = self.ports.metrics.query(&[query], from, to).await.unwrap();
        assert_eq!(found["m"].problem, None);
        found["m"].values.iter().map(|(_, value)| *value).collect()
    }
}
