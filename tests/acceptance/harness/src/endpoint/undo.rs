//! Takes away what a case made: the next case of the same endpoint makes things of the same names.

use std::time::Duration;

use serde_json::{Value, json};

use super::caller::Caller;

/// Tries of one deletion, a second apart: services drain, and load balancers let go of their groups, in that time.
const TRIES: u32 = 120;

/// Something a call made, and what deletes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made {
    service: &'static str,
    deletion: &'static str,
    input: Value,
}

impl Made {
    pub(super) fn of(service: &'static str, deletion: &'static str, input: Value) -> Self {
        Self {
            service,
            deletion,
            input,
        }
    }

    pub(super) fn by(
        service: &str,
        operation: &str,
        input: &Value,
        answer: &Value,
    ) -> Option<Self> {
        let made = |service, deletion, input| {
            Some(Self {
                service,
                deletion,
                input,
            })
        };
        match (service, operation) {
            ("ecs", "CreateCluster") => made(
                "ecs",
                "DeleteCluster",
                json!({ "cluster": answer["cluster"]["clusterArn"] }),
            ),
            ("ecs", "RegisterTaskDefinition") => made(
                "ecs",
                "DeregisterTaskDefinition",
                json!({ "taskDefinition": answer["taskDefinition"]["taskDefinitionArn"] }),
            ),
            ("elbv2", "CreateLoadBalancer") => made(
                "elbv2",
                "DeleteLoadBalancer",
                json!({ "LoadBalancerArn": answer["LoadBalancers"][0]["LoadBalancerArn"] }),
            ),
            ("elbv2", "CreateTargetGroup") => made(
                "elbv2",
                "DeleteTargetGroup",
                json!({ "TargetGroupArn": answer["TargetGroups"][0]["TargetGroupArn"] }),
            ),
            ("codedeploy", "CreateApplication") => made(
                "codedeploy",
                "DeleteApplication",
                json!({ "applicationName": input["applicationName"] }),
            ),
            ("codedeploy", "CreateDeploymentConfig") => made(
                "codedeploy",
                "DeleteDeploymentConfig",
                json!({ "deploymentConfigName": input["deploymentConfigName"] }),
            ),
            ("cloudwatch", "PutMetricAlarm" | "PutCompositeAlarm") => made(
                "cloudwatch",
                "DeleteAlarms",
                json!({ "AlarmNames": [input["AlarmName"]] }),
            ),
            _ => None,
        }
    }

    /// Clusters first: what is in them holds on to everything else. Target groups after their load balancers.
    fn turn(&self) -> u8 {
        match self.deletion {
            "DeleteCluster" => 0,
            "DeleteTargetGroup" => 2,
            _ => 1,
        }
    }
}

/// Deletes everything; what resists is named on standard error, with the reason.
pub(super) fn all(caller: &mut Caller, mut made: Vec<Made>) {
    made.sort_by_key(Made::turn);
    for one in made {
        if one.deletion == "DeleteCluster" {
            empty(caller, &one.input["cluster"]);
        }
        if let Err(reason) = delete(caller, &one) {
            warn(&format!(
                "left behind: {} {}: {reason}",
                one.deletion, one.input
            ));
        }
    }
}

/// Deletes the services of a cluster with their scalable targets.
fn empty(caller: &mut Caller, cluster: &Value) {
    let Ok(listed) = caller.call("ecs", "ListServices", json!({ "cluster": cluster })) else {
        return;
    };
    let services = listed["serviceArns"].as_array().into_iter().flatten();
    for service in services.filter_map(Value::as_str) {
        if let Some((_, path)) = service.split_once(":service/") {
            let target = json!({
                "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
                "ResourceId": format!("service/{path}"),
            });
            // Most services have none.
            drop(caller.call(
                "application-autoscaling",
                "DeregisterScalableTarget",
                target,
            ));
        }
        let input = json!({ "cluster": cluster, "service": service, "force": true });
        if let Err(refusal) = caller.call("ecs", "DeleteService", input) {
            warn(&format!("left behind: {service}: {refusal}"));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an endpoint has no clock but the real one: what is in use is asked about again a second later"
)]
fn delete(caller: &mut Caller, made: &Made) -> Result<(), String> {
    let mut refusal = String::new();
    for _ in 0..TRIES {
        match caller.call(made.service, made.deletion, made.input.clone()) {
            Ok(_) => return Ok(()),
            // Still in use: it will be let go of.
            Err(found)
                if found.code.contains("InUse") || found.code.contains("ClusterContains") =>
            {
                refusal = found.to_string();
                std::thread::sleep(Duration::from_secs(1));
            }
            // The case deleted it itself.
            Err(found) if found.code.contains("NotFound") => return Ok(()),
            Err(found) => return Err(found.to_string()),
        }
    }
    Err(refusal)
}

#[expect(
    clippy::print_stderr,
    reason = "what is left behind may cost money, and there is no test result to put it in"
)]
fn warn(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_case_makes_is_deleted_in_an_order_that_works() {
        let calls = [
            (
                "elbv2",
                "CreateTargetGroup",
                json!({ "TargetGroups": [{ "TargetGroupArn": "tg" }] }),
            ),
            (
                "elbv2",
                "CreateLoadBalancer",
                json!({ "LoadBalancers": [{ "LoadBalancerArn": "lb" }] }),
            ),
            ("elbv2", "DescribeLoadBalancers", json!({})),
            (
                "ecs",
                "CreateCluster",
                json!({ "cluster": { "clusterArn": "c" } }),
            ),
        ];
        let mut made: Vec<_> = calls
            .iter()
            .filter_map(|(service, operation, answer)| {
                Made::by(service, operation, &json!({}), answer)
            })
            .collect();
        made.sort_by_key(Made::turn);
        let deletions: Vec<_> = made
            .iter()
            .map(|one| (one.deletion, one.input.clone()))
            .collect();
        assert_eq!(
            deletions,
            [
                ("DeleteCluster", json!({ "cluster": "c" })),
                ("DeleteLoadBalancer", json!({ "LoadBalancerArn": "lb" })),
                ("DeleteTargetGroup", json!({ "TargetGroupArn": "tg" })),
            ]
        );
    }
}
