//! Elastic Load Balancing v2.

use async_trait::async_trait;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    Error, ErrorKind, Listener, ListenerRule, Protocol, Result, Routing, TargetGroup, TargetHealth,
    TargetState, TargetType, WeightedTarget,
};

use super::Face;
use super::read::{count, flag, list, number, text, texts, word};
use crate::Service::Elbv2;

impl Face {
    /// AWS fails the whole call when one group is missing, so each is asked for alone.
    fn groups(&self, member: &str, wanted: &[String]) -> Result<Vec<TargetGroup>> {
        let mut found = Vec::new();
        for one in wanted {
            let input = json!({ member: [one] });
            let answer = self.find(
                Elbv2,
                "elasticloadbalancing:DescribeTargetGroups",
                one,
                input,
            )?;
            found.extend(
                answer
                    .iter()
                    .flat_map(|answer| list(answer, "TargetGroups"))
                    .map(group),
            );
        }
        Ok(found)
    }
}

impl Face {
    fn set_default_forward(&self, listener: &str, forward: &[WeightedTarget]) -> Result<()> {
        let operation = "elasticloadbalancing:ModifyListener";
        let input = json!({ "ListenerArns": [listener] });
        let answer = self.call(
            Elbv2,
            "elasticloadbalancing:DescribeListeners",
            listener,
            input,
        )?;
        let Some(found) = list(&answer, "Listeners").first() else {
            return Err(absent(operation, listener));
        };
        let actions = forwarding(list(found, "DefaultActions"), forward);
        let input = json!({ "ListenerArn": listener, "DefaultActions": actions });
        self.call(Elbv2, operation, listener, input).map(|_| ())
    }
}

fn group(value: &Value) -> TargetGroup {
    TargetGroup {
        arn: word(value, "TargetGroupArn"),
        name: word(value, "TargetGroupName"),
        load_balancers: texts(value, "LoadBalancerArns"),
        target_type: TargetType::parse(&word(value, "TargetType")),
        health_check_path: Some(word(value, "HealthCheckPath")).filter(|path| !path.is_empty()),
        health_check_port: Some(word(value, "HealthCheckPort")).filter(|port| !port.is_empty()),
        health_check_interval: count(value, "HealthCheckIntervalSeconds"),
        healthy_threshold: count(value, "HealthyThresholdCount"),
    }
}

pub(super) fn rule(value: &Value, listener: &str) -> ListenerRule {
    ListenerRule {
        arn: word(value, "RuleArn"),
        listener: listener.to_owned(),
        forward: forward(list(value, "Actions")),
        is_default: flag(value, "IsDefault"),
        stickiness_seconds: stickiness(list(value, "Actions")),
        hosts: list(value, "Conditions")
            .iter()
            .filter(|condition| word(condition, "Field") == "host-header")
            .flat_map(|condition| texts(condition, "Values"))
            .collect(),
    }
}

pub(super) fn is_forward(action: &Value) -> bool {
    word(action, "Type") == "forward"
}

fn stickiness(actions: &[Value]) -> Option<u32> {
    let found = actions
        .iter()
        .find(|action| is_forward(action))?
        .get("ForwardConfig")?
        .get("TargetGroupStickinessConfig")?;
    flag(found, "Enabled").then(|| number(found, "DurationSeconds"))?
}

/// The same actions with other groups in the forward. A rule that did not forward does from now on: the action that
/// answered is replaced, those before it (authentication) stay.
pub(super) fn forwarding(actions: &[Value], forward: &[WeightedTarget]) -> Vec<Value> {
    let groups: Vec<Value> = forward
        .iter()
        .map(|one| json!({ "TargetGroupArn": one.target_group, "Weight": one.weight }))
        .collect();
    let mut actions = actions.to_vec();
    if !actions.iter().any(is_forward) {
        actions.pop();
        actions.push(json!({ "Type": "forward" }));
    }
    for action in actions.iter_mut().filter(|action| is_forward(action)) {
        let mut config = action
            .get("ForwardConfig")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        config.insert("TargetGroups".to_owned(), json!(groups));
        if let Some(members) = action.as_object_mut() {
            members.remove("TargetGroupArn");
            members.insert("ForwardConfig".to_owned(), Value::Object(config));
        }
    }
    actions
}

/// The forward action; a single group may also stand outside `ForwardConfig`.
fn forward(actions: &[Value]) -> Vec<WeightedTarget> {
    let Some(action) = actions.iter().find(|action| is_forward(action)) else {
        return Vec::new();
    };
    let groups = action
        .get("ForwardConfig")
        .map_or(&[][..], |config| list(config, "TargetGroups"));
    if groups.is_empty() {
        let single = text(action, "TargetGroupArn");
        return single
            .into_iter()
            .map(|target_group| WeightedTarget {
                target_group,
                weight: 1,
            })
            .collect();
    }
    let weighted = |group| WeightedTarget {
        target_group: word(group, "TargetGroupArn"),
        weight: number(group, "Weight").unwrap_or(1),
    };
    groups.iter().map(weighted).collect()
}

/// `…:listener-rule/app/NAME/LB/LISTENER/RULE` belongs to `…:listener/app/NAME/LB/LISTENER`.
pub(super) fn listener_of(rule: &str) -> String {
    let listener = rule.rsplit_once('/').map_or(rule, |(listener, _)| listener);
    listener.replacen(":listener-rule/", ":listener/", 1)
}

fn absent(operation: &'static str, target: &str) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::NotFound,
        code: "RuleNotFound".to_owned(),
        message: "the rule is not there any more".to_owned(),
        request_id: None,
    }
}

#[async_trait]
impl Routing for Face {
    async fn find_target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>> {
        self.groups("TargetGroupArns", arns)
    }

    async fn find_target_groups_by_name(&self, names: &[String]) -> Result<Vec<TargetGroup>> {
        self.groups("Names", names)
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        let input = json!({ "TargetGroupArn": target_group });
        let answer = self.call(
            Elbv2,
            "elasticloadbalancing:DescribeTargetHealth",
            target_group,
            input,
        )?;
        let health = |found: &Value| {
            let target = found.get("Target").unwrap_or(&Value::Null);
            let health = found.get("TargetHealth").unwrap_or(&Value::Null);
            TargetHealth {
                target: word(target, "Id"),
                port: number(target, "Port"),
                state: match word(health, "State").as_str() {
                    "unhealthy.draining" => TargetState::Unhealthy,
                    other => TargetState::parse(other),
                },
                reason: text(health, "Reason"),
                description: text(health, "Description"),
            }
        };
        Ok(list(&answer, "TargetHealthDescriptions")
            .iter()
            .map(health)
            .collect())
    }

    async fn find_rule(&self, arn: &str) -> Result<Option<ListenerRule>> {
        let input = json!({ "RuleArns": [arn] });
        let answer = self.find(Elbv2, "elasticloadbalancing:DescribeRules", arn, input)?;
        let found = answer
            .as_ref()
            .and_then(|answer| list(answer, "Rules").first());
        Ok(found.map(|found| rule(found, &listener_of(arn))))
    }

    async fn set_forward(&self, route: &str, forward: &[WeightedTarget]) -> Result<()> {
        let modify_rule = "elasticloadbalancing:ModifyRule";
        if route.contains(":listener-rule/") {
            let input = json!({ "RuleArns": [route] });
            let answer = self.call(Elbv2, "elasticloadbalancing:DescribeRules", route, input)?;
            let Some(found) = list(&answer, "Rules").first() else {
                return Err(absent(modify_rule, route));
            };
            if !flag(found, "IsDefault") {
                let actions = forwarding(list(found, "Actions"), forward);
                let input = json!({ "RuleArn": route, "Actions": actions });
                return self.call(Elbv2, modify_rule, route, input).map(|_| ());
            }
            // A default rule is changed through its listener.
            return self.set_default_forward(&listener_of(route), forward);
        }
        self.set_default_forward(route, forward)
    }

    async fn deregistration_delay(&self, target_group: &str) -> Result<u32> {
        let answer = self.call(
            Elbv2,
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            target_group,
            json!({ "TargetGroupArn": target_group }),
        )?;
        let delay = list(&answer, "Attributes")
            .iter()
            .find(|attribute| word(attribute, "Key") == "deregistration_delay.timeout_seconds")
            .and_then(|attribute| word(attribute, "Value").parse().ok());
        Ok(delay.unwrap_or(300))
    }

    async fn find_dns_name(&self, load_balancer: &str) -> Result<Option<String>> {
        let answer = self.find(
            Elbv2,
            "elasticloadbalancing:DescribeLoadBalancers",
            load_balancer,
            json!({ "LoadBalancerArns": [load_balancer] }),
        )?;
        Ok(answer
            .as_ref()
            .and_then(|answer| list(answer, "LoadBalancers").first())
            .and_then(|found| text(found, "DNSName")))
    }

    async fn list_listeners(&self, load_balancer: &str) -> Result<Vec<String>> {
        let input = json!({ "LoadBalancerArn": load_balancer });
        let answer = self.find(
            Elbv2,
            "elasticloadbalancing:DescribeListeners",
            load_balancer,
            input,
        )?;
        let answer = answer.unwrap_or_default();
        let listeners = list(&answer, "Listeners").iter();
        Ok(listeners.map(|found| word(found, "ListenerArn")).collect())
    }

    async fn find_listener(&self, arn: &str) -> Result<Option<Listener>> {
        let input = json!({ "ListenerArns": [arn] });
        let answer = self.find(Elbv2, "elasticloadbalancing:DescribeListeners", arn, input)?;
        let Some(found) = answer
            .as_ref()
            .and_then(|answer| list(answer, "Listeners").first())
        else {
            return Ok(None);
        };
        let rules = self.call(
            Elbv2,
            "elasticloadbalancing:DescribeRules",
            arn,
            json!({ "ListenerArn": arn }),
        )?;
        Ok(Some(Listener {
            arn: arn.to_owned(),
            load_balancer: word(found, "LoadBalancerArn"),
            port: count(found, "Port"),
            protocol: Protocol::parse(&word(found, "Protocol")),
            rules: list(&rules, "Rules")
                .iter()
                .map(|found| rule(found, arn))
                .collect(),
        }))
    }
}
