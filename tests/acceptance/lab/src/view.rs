//! What the lab shows at a glance: services, sides, weights, clock, faults; as JSON and as a page that reads it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The page: no file and no network beside this one address.
pub(crate) const PAGE: &str = include_str!("view.html");

/// What the page's own scripts and styles may do, and nothing else.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Names that one call of ECS describes at most.
const DESCRIBED: usize = 10;

/// Events of a service that are shown: the newest.
const EVENTS: usize = 5;

/// A read of the world: service, operation and input; nothing when it is refused.
pub(crate) type Read<'r> = &'r dyn Fn(&str, &str, Value) -> Option<Value>;

/// Every service, with its sides and its newest deployment.
pub(crate) fn services(read: Read<'_>) -> Vec<Value> {
    let look = Look { read };
    let weights = look.weights();
    let mut services = Vec::new();
    for cluster in look.strings("ecs", "ListClusters", json!({}), "clusterArns") {
        let arns = look.strings(
            "ecs",
            "ListServices",
            json!({ "cluster": cluster }),
            "serviceArns",
        );
        for arns in arns.chunks(DESCRIBED) {
            let input = json!({ "cluster": cluster, "services": arns });
            for service in look.list("ecs", "DescribeServices", input, "services") {
                services.push(look.service(&cluster, &service, &weights));
            }
        }
    }
    services
}

struct Look<'r> {
    read: Read<'r>,
}

/// Target group → its share of the traffic of a rule or of a listener, in percent.
type Weights = BTreeMap<String, f64>;

impl Look<'_> {
    /// Every page of a list. What cannot be read is empty: a page shows what there is.
    fn list(&self, service: &str, operation: &str, input: Value, member: &str) -> Vec<Value> {
        let (mut found, mut input) = (Vec::new(), input);
        loop {
            let Some(mut answer) = (self.read)(service, operation, input.clone()) else {
                return found;
            };
            if let Value::Array(part) = answer[member].take() {
                found.extend(part);
            }
            let next = ["nextToken", "NextMarker"]
                .into_iter()
                .find_map(|name| Some((name, answer[name].as_str()?.to_owned())));
            let Some((name, token)) = next else {
                return found;
            };
            let name = if name == "NextMarker" { "Marker" } else { name };
            input[name] = json!(token);
        }
    }

    fn strings(&self, service: &str, operation: &str, input: Value, member: &str) -> Vec<String> {
        let found = self.list(service, operation, input, member).into_iter();
        found
            .filter_map(|value| Some(value.as_str()?.to_owned()))
            .collect()
    }

    /// The shares that rules and listeners give. A group that several of them name keeps the largest.
    fn weights(&self) -> Weights {
        let mut weights = Weights::new();
        for balancer in self.list("elbv2", "DescribeLoadBalancers", json!({}), "LoadBalancers") {
            let input = json!({ "LoadBalancerArn": balancer["LoadBalancerArn"] });
            for listener in self.list("elbv2", "DescribeListeners", input, "Listeners") {
                let input = json!({ "ListenerArn": listener["ListenerArn"] });
                for rule in self.list("elbv2", "DescribeRules", input, "Rules") {
                    for action in rule["Actions"].as_array().into_iter().flatten() {
                        note(action, &mut weights);
                    }
                }
            }
        }
        weights
    }

    fn service(&self, cluster: &str, service: &Value, weights: &Weights) -> Value {
        let events = service["events"].as_array();
        let events = events.map_or(&[][..], |events| {
            events.get(..EVENTS.min(events.len())).unwrap_or_default()
        });
        let events: Vec<Value> = events
            .iter()
            .map(|event| json!({ "at": event["createdAt"], "message": event["message"] }))
            .collect();
        json!({
            "cluster": last(cluster),
            "name": service["serviceName"],
            "status": service["status"],
            "controller": service["deploymentController"]["type"],
            "desired": service["desiredCount"],
            "running": service["runningCount"],
            "pending": service["pendingCount"],
            "task_definition": last(service["taskDefinition"].as_str().unwrap_or_default()),
            "deployment": self.deployment(cluster, service),
            "sides": self.sides(service, weights),
            "events": events,
        })
    }

    /// The newest service deployment of ECS.
    fn deployment(&self, cluster: &str, service: &Value) -> Value {
        let input = json!({ "cluster": cluster, "service": service["serviceArn"] });
        let listed = self.list("ecs", "ListServiceDeployments", input, "serviceDeployments");
        let newest = listed.into_iter().max_by(|one, other| {
            let at = |value: &Value| value["createdAt"].as_f64().unwrap_or_default();
            at(one).total_cmp(&at(other))
        });
        let Some(newest) = newest else {
            return Value::Null;
        };
        let input = json!({ "serviceDeploymentArns": [newest["serviceDeploymentArn"]] });
        let described = self.list(
            "ecs",
            "DescribeServiceDeployments",
            input,
            "serviceDeployments",
        );
        let Some(found) = described.into_iter().next() else {
            return Value::Null;
        };
        json!({
            "id": last(found["serviceDeploymentArn"].as_str().unwrap_or_default()),
            "status": found["status"],
            "reason": found["statusReason"],
            "stage": found["lifecycleStage"],
            "weight": found["targetServiceRevision"]["requestedProductionTrafficWeight"],
        })
    }

    /// The target groups of a service, or of its task sets.
    fn sides(&self, service: &Value, weights: &Weights) -> Vec<Value> {
        let mut groups: Vec<(String, Value)> = Vec::new();
        let mut add = |group: &Value, of: &Value| {
            let Some(group) = group.as_str() else {
                return;
            };
            if !groups.iter().any(|(known, _)| known == group) {
                groups.push((group.to_owned(), of.clone()));
            }
        };
        let sets = service["taskSets"].as_array().into_iter().flatten();
        for part in std::iter::once(service).chain(sets) {
            let of = part["taskDefinition"].as_str().map(last);
            for balancer in part["loadBalancers"].as_array().into_iter().flatten() {
                add(&balancer["targetGroupArn"], &json!(of));
                let other = &balancer["advancedConfiguration"]["alternateTargetGroupArn"];
                add(other, &Value::Null);
            }
        }
        let sides = groups.into_iter().map(|(group, of)| {
            let targets = self.list(
                "elbv2",
                "DescribeTargetHealth",
                json!({ "TargetGroupArn": group }),
                "TargetHealthDescriptions",
            );
            let healthy = targets
                .iter()
                .filter(|target| target["TargetHealth"]["State"] == "healthy");
            json!({
                "target_group": group.split('/').nth(1).unwrap_or(&group),
                "weight": weights.get(&group).copied().unwrap_or_default(),
                "targets": targets.len(),
                "healthy": healthy.count(),
                "task_definition": of,
            })
        });
        sides.collect()
    }
}

/// What stands behind the last slash of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Notes the shares of a forward action.
fn note(action: &Value, weights: &mut Weights) {
    let named = action["ForwardConfig"]["TargetGroups"].as_array();
    let groups: Vec<&Map<String, Value>> = named
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    let weight = |group: &Map<String, Value>| {
        let weight = group.get("Weight").and_then(Value::as_f64);
        // A single group has all traffic, and needs no weight.
        weight.unwrap_or(1.0)
    };
    let all: f64 = groups.iter().map(|group| weight(group)).sum();
    let mut put = |arn: Option<&str>, share: f64| {
        if let Some(arn) = arn {
            let known = weights.entry(arn.to_owned()).or_default();
            *known = known.max(share);
        }
    };
    if groups.is_empty() {
        put(action["TargetGroupArn"].as_str(), 100.0);
    }
    for group in groups {
        let arn = group.get("TargetGroupArn").and_then(Value::as_str);
        let share = if all > 0.0 {
            weight(group) * 100.0 / all
        } else {
            0.0
        };
        put(arn, share);
    }
}
