//! The network side of a service, and its HCL.

use serde_json::json;

use crate::blocks;
use crate::stage::{Stage, arn};

/// A load balancer with two target groups, a production and a test listener.
#[derive(Clone, Debug)]
pub struct Pair {
    /// First target group: production forwards to it at the start.
    pub blue: String,
    /// Second target group.
    pub green: String,
    /// Production listener.
    pub listener: String,
    /// Default rule of the production listener.
    pub rule: String,
    /// Test listener.
    pub test_listener: String,
    /// Default rule of the test listener.
    pub test_rule: String,
    /// Name of the first group.
    pub blue_name: String,
    /// Name of the second group.
    pub green_name: String,
}

impl Pair {
    pub(crate) fn create(stage: &Stage, name: &str) -> Self {
        let balancer = stage.call(
            "elbv2",
            "CreateLoadBalancer",
            json!({ "Name": name, "Type": "application", "Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroups": ["sg-0a"] }),
        );
        let balancer = arn(&balancer, "/LoadBalancers/0/LoadBalancerArn");
        let group = |side: &str| {
            let answer = stage.call(
                "elbv2",
                "CreateTargetGroup",
                json!({
                    "Name": format!("{name}-{side}"), "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-0a",
                    "TargetType": "ip", "HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
                    "HealthyThresholdCount": 2,
                }),
            );
            let found = arn(&answer, "/TargetGroups/0/TargetGroupArn");
            stage.call(
                "elbv2",
                "ModifyTargetGroupAttributes",
                json!({
                    "TargetGroupArn": found,
                    "Attributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": "10" }],
                }),
            );
            found
        };
        let (blue, green) = (group("blue"), group("green"));
        let listener = |port: u32, weights: [u32; 2]| {
            let answer = stage.call(
                "elbv2",
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
                    "DefaultActions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": [
                        { "TargetGroupArn": blue, "Weight": weights[0] },
                        { "TargetGroupArn": green, "Weight": weights[1] },
                    ] } }],
                }),
            );
            arn(&answer, "/Listeners/0/ListenerArn")
        };
        let rule = |listener: &str| {
            let answer = stage.call("elbv2", "DescribeRules", json!({ "ListenerArn": listener }));
            arn(&answer, "/Rules/0/RuleArn")
        };
        let (production, test) = (listener(80, [1, 0]), listener(9000, [0, 1]));
        Self {
            rule: rule(&production),
            test_rule: rule(&test),
            blue,
            green,
            listener: production,
            test_listener: test,
            blue_name: format!("{name}-blue"),
            green_name: format!("{name}-green"),
        }
    }
}

/// HCL of one `switchyard_blue_green_service.app`.
#[derive(Clone, Debug)]
pub struct Service {
    /// Lines of `load_balancer`, if any.
    load_balancer: Option<String>,
    /// Value of `deployment`.
    deployment: String,
    /// Everything else, one attribute a line.
    lines: Vec<(String, String)>,
    /// Provider block content.
    provider: String,
}

impl Service {
    /// A service with two tasks and an all-at-once deployment.
    #[must_use]
    pub fn new(cluster: &str, name: &str, task_definition: &str) -> Self {
        let quoted = |text: &str| format!("{text:?}");
        Self {
            load_balancer: None,
            deployment: "{ strategy = \"all_at_once\" }".to_owned(),
            lines: vec![
                ("name".to_owned(), quoted(name)),
                ("cluster".to_owned(), quoted(cluster)),
                ("task_definition".to_owned(), quoted(task_definition)),
                ("desired_count".to_owned(), "2".to_owned()),
                ("launch_type".to_owned(), quoted("FARGATE")),
                (
                    "network_configuration".to_owned(),
                    "{ subnets = [\"subnet-0a\", \"subnet-0b\"], security_groups = [\"sg-0a\"] }"
                        .to_owned(),
                ),
            ],
            provider: String::new(),
        }
    }

    /// Behind a pair, moved by ECS.
    #[must_use]
    pub fn behind(mut self, pair: &Pair) -> Self {
        self.load_balancer = Some(format!(
            "{{\n    container_name           = \"app\"\n    container_port           = 8080\n    \
             target_groups            = [{:?}, {:?}]\n    production_listener_rule = {:?}\n    \
             test_listener_rule       = {:?}\n    \
             role_arn                 = \"arn:aws:iam::123456789012:role/ecs-infrastructure\"\n  }}",
            pair.blue, pair.green, pair.rule, pair.test_rule
        ));
        self
    }

    /// Behind a pair, moved by CodeDeploy.
    #[must_use]
    pub fn behind_code_deploy(mut self, pair: &Pair, application: &str, group: &str) -> Self {
        self.load_balancer = Some(format!(
            "{{\n    container_name = \"app\"\n    container_port = 8080\n    target_groups  = [{:?}, {:?}]\n    \
             production_listener_rule = {:?}\n  }}",
            pair.blue, pair.green, pair.listener
        ));
        self.set("controller", "\"codedeploy\"").set(
            "codedeploy",
            &format!("{{ application = {application:?}, deployment_group = {group:?} }}"),
        )
    }

    /// Behind a pair, moved by the apply itself with task sets and listener weights.
    #[must_use]
    pub fn behind_external(mut self, pair: &Pair) -> Self {
        self.load_balancer = Some(format!(
            "{{\n    container_name           = \"app\"\n    container_port           = 8080\n    \
             target_groups            = [{:?}, {:?}]\n    production_listener_rule = {:?}\n    \
             test_listener_rule       = {:?}\n  }}",
            pair.blue, pair.green, pair.rule, pair.test_rule
        ));
        self.set("controller", "\"external\"")
    }

    /// Behind a load balancer described by an object of HCL.
    #[must_use]
    pub fn load_balancer(mut self, text: &str) -> Self {
        self.load_balancer = Some(text.to_owned());
        self
    }

    /// No load balancer.
    #[must_use]
    pub fn without_load_balancer(mut self) -> Self {
        self.load_balancer = None;
        self
    }

    /// Another `deployment`, as an object of HCL.
    #[must_use]
    pub fn deployment(mut self, text: &str) -> Self {
        self.deployment = text.to_owned();
        self
    }

    /// Sets or replaces an attribute, or the blocks that [`blocks::written`] makes of an object or a list of objects. An
    /// empty text removes it.
    #[must_use]
    pub fn set(mut self, name: &str, text: &str) -> Self {
        self.lines.retain(|(known, _)| known != name);
        if !text.is_empty() {
            self.lines.push((name.to_owned(), text.to_owned()));
        }
        self
    }

    /// Content of the provider block.
    #[must_use]
    pub fn provider(mut self, text: &str) -> Self {
        self.provider = text.to_owned();
        self
    }

    /// The whole `main.tf`.
    #[must_use]
    pub fn hcl(&self) -> String {
        let mut text = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n\n".to_owned();
        text += &format!(
            "provider \"switchyard\" {{\n  {}\n}}\n\nresource \"switchyard_blue_green_service\" \"app\" {{\n",
            self.provider
        );
        for (name, value) in &self.lines {
            text += &blocks::written(name, value);
        }
        text += &blocks::written("deployment", &self.deployment);
        if let Some(load_balancer) = &self.load_balancer {
            text += &blocks::written("load_balancer", load_balancer);
        }
        text + "}\n"
    }
}
