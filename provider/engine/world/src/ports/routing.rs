//! Elastic Load Balancing v2.

use async_trait::async_trait;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    Listener, ListenerRule, Result, Routing, TargetGroup, TargetHealth, TargetState, WeightedTarget,
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

fn group(value: &Value) -> TargetGroup {
    TargetGroup {
        arn: word(value, "TargetGroupArn"),
        name: word(value, "TargetGroupName"),
        load_balancers: texts(value, "LoadBalancerArns"),
        target_type: word(value, "TargetType"),
        health_check_interval: count(value, "HealthCheckIntervalSeconds"),
        healthy_threshold: count(value, "HealthyThresholdCount"),
    }
}

fn rule(value: &Value, listener: &str) -> ListenerRule {
    ListenerRule {
        arn: word(value, "RuleArn"),
        listener: listener.to_owned(),
        forward: forward(list(value, "Actions")),
        is_default: flag(value, "IsDefault"),
    }
}

/// The forward action; a single group may also stand outside `ForwardConfig`.
fn forward(actions: &[Value]) -> Vec<WeightedTarget> {
    let Some(action) = actions
        .iter()
        .find(|action| word(action, "Type") == "forward")
    else {
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
fn listener_of(rule: &str) -> String {
    let listener = rule.rsplit_once('/').map_or(rule, |(listener, _)| listener);
    listener.replacen(":listener-rule/", ":listener/", 1)
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
                    "draining" => TargetState::Draining,
                    "healthy" => TargetState::Healthy,
                    "initial" => TargetState::Initial,
                    "unavailable" => TargetState::Unavailable,
                    "unhealthy" | "unhealthy.draining" => TargetState::Unhealthy,
                    "unused" => TargetState::Unused,
                    other => TargetState::Unknown(other.to_owned()),
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
            rules: list(&rules, "Rules")
                .iter()
                .map(|found| rule(found, arn))
                .collect(),
        }))
    }
}
