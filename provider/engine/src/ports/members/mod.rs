//! What ECS shows of a service, member by member, and what becomes of each: an attribute, a fact, or nothing yet.
//!
//! Three things are made from the table: what a service has beyond the attributes (so that it can be named), the page
//! `docs/service-members.md`, and a test that compares it with the SDK. A member that AWS adds is in none of its rows,
//! and is named, too.

mod fate;
mod table;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Controller, HookTargetType, TaskSetStatus};

pub use fate::{Fate, Row};
pub use table::MEMBERS;

/// Members of deployments that are the service's own: only its primary deployment shows them.
const OF_DEPLOYMENTS: [&str; 3] = [
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Where hooks stand.
const HOOKS: &str = "deploymentConfiguration.lifecycleHooks";

/// Where alarms stand.
const ALARMS: &str = "deploymentConfiguration.alarms";

/// What the paths of the live task set begin with.
pub const TASK_SETS: &str = "taskSets.";

/// Paths of what a service has that no attribute holds.
pub fn beyond_service(service: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(service, "", &mut found);
    let deployments = service.get("deployments").and_then(Value::as_array);
    for deployment in deployments.into_iter().flatten() {
        let Some(deployment) = deployment.as_object() else {
            continue;
        };
        if !is_primary(deployment) {
            continue;
        }
        for name in OF_DEPLOYMENTS {
            if let Some(value) = deployment.get(name)
                && says_something(value)
            {
                visit(name, value, &mut found);
            }
        }
    }
    if is_external(service) {
        let sets = service.get("taskSets").and_then(Value::as_array);
        let mut of_set = BTreeSet::new();
        for set in sets.into_iter().flatten().filter_map(Value::as_object) {
            if is_primary(set) {
                walk(set, "", &mut of_set);
            }
        }
        found.extend(of_set.into_iter().map(|path| format!("{TASK_SETS}{path}")));
    }
    found
}

/// Whether an apply makes the task sets of a service; CodeDeploy makes its own from the service.
fn is_external(service: &Map<String, Value>) -> bool {
    let controller = service.get("deploymentController");
    let kind = controller.and_then(|controller| controller.get("type"));
    kind.and_then(Value::as_str).map(Controller::parse) == Some(Controller::External)
}

/// Whether a deployment or a task set of a service is the one that ECS treats as the service.
fn is_primary(of: &Map<String, Value>) -> bool {
    let status = of.get("status").and_then(Value::as_str);
    status.map(TaskSetStatus::parse) == Some(TaskSetStatus::Primary)
}

/// The same of a service revision.
pub fn beyond_revision(revision: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(revision, "", &mut found);
    found
}

fn walk(members: &Map<String, Value>, prefix: &str, found: &mut BTreeSet<String>) {
    for (name, value) in members {
        if says_something(value) {
            visit(&format!("{prefix}{name}"), value, found);
        }
    }
}

fn visit(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match MEMBERS.iter().find(|(row, _)| *row == path) {
        Some((_, Fate::Attribute(_) | Fate::Fact(_))) => return,
        Some((_, Fate::NotOffered { unset, .. })) => {
            if !unset(value) {
                found.insert(path.replace("[]", ""));
            }
            return;
        }
        None => {}
    }
    match value {
        Value::Object(members) if has_rows_below(&format!("{path}.")) => {
            if path == ALARMS && has_idle_alarms(members) {
                found.insert(format!("{path}.alarmNames"));
            }
            walk(members, &format!("{path}."), found);
        }
        Value::Array(elements) if has_rows_below(&format!("{path}[]")) => {
            for element in elements.iter().filter(|element| says_something(element)) {
                match element {
                    Value::Object(members) => {
                        match unknown_target(members).filter(|_| path == HOOKS) {
                            Some(kind) => drop(found.insert(format!("{path}[{kind}]"))),
                            None => walk(members, &format!("{path}[]."), found),
                        }
                    }
                    _ => visit(&format!("{path}[]"), element, found),
                }
            }
        }
        _ => {
            found.insert(path.replace("[]", ""));
        }
    }
}

/// The members of a hook that no attribute can say, as an object of AWS's own JSON; empty when it has none.
pub fn more_of_hook(hook: &Value) -> String {
    let mut more = hook.as_object().cloned().unwrap_or_default();
    more.retain(|name, value| {
        let path = format!("{HOOKS}[].{name}");
        let is_known = |(row, _): &Row| *row == path || row.starts_with(&format!("{path}."));
        says_something(value) && !MEMBERS.iter().any(is_known)
    });
    if more.is_empty() {
        return String::new();
    }
    Value::Object(more).to_string()
}

/// The kind of a hook that no attribute can say.
fn unknown_target(hook: &Map<String, Value>) -> Option<&str> {
    let kind = hook.get("targetType").and_then(Value::as_str)?;
    matches!(HookTargetType::parse(kind), HookTargetType::Unknown(_)).then_some(kind)
}

/// Alarms that are named and switched off: `deployment.alarms` has those that are on.
fn has_idle_alarms(alarms: &Map<String, Value>) -> bool {
    let names = alarms.get("alarmNames").and_then(Value::as_array);
    alarms.get("enable") != Some(&Value::Bool(true)) && names.is_some_and(|names| !names.is_empty())
}

fn has_rows_below(prefix: &str) -> bool {
    MEMBERS.iter().any(|(row, _)| row.starts_with(prefix))
}

/// AWS writes empty values where nothing was set.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => members.values().any(says_something),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn beyond(service: &Value) -> Vec<String> {
        beyond_service(service.as_object().unwrap())
            .into_iter()
            .collect()
    }

    #[test]
    fn what_no_attribute_holds_is_named_by_its_path() {
        let service = json!({
            "serviceName": "web",
            "roleArn": "arn:aws:iam::1:role/own",
            "loadBalancers": [{ "loadBalancerName": "classic", "containerName": "app", "containerPort": 80 }],
            "deploymentConfiguration": { "maximumPercent": 200, "earlySuccessCriteria": { "enable": true, "healthyPercent": 100 } },
            "deployments": [
                { "status": "PRIMARY", "serviceConnectConfiguration":
                    { "enabled": true, "containerConfigurations": [{ "containerName": "app" }] } },
                { "status": "ACTIVE", "serviceConnectConfiguration": { "enabled": true, "newer": 1 } },
            ],
        });
        assert_eq!(
            beyond(&service),
            [
                "deploymentConfiguration.earlySuccessCriteria",
                "roleArn",
                "serviceConnectConfiguration.containerConfigurations",
            ]
        );
    }

    #[test]
    fn a_member_of_a_newer_aws_is_named_and_an_empty_one_is_not() {
        let service = json!({
            "serviceName": "web",
            "tomorrow": { "on": true },
            "later": { "on": false, "names": [] },
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["a"], "ipv8": "ON" } },
            "tags": [{ "key": "a", "value": "b" }],
        });
        assert_eq!(
            beyond(&service),
            ["networkConfiguration.awsvpcConfiguration.ipv8", "tomorrow"]
        );
    }

    #[test]
    fn a_hook_of_an_unknown_kind_is_named_once_and_idle_alarms_are() {
        let hook = |kind: &str| json!({ "targetType": kind, "hookTargetArn": "a", "later": 1, "lifecycleStages": ["POST_SCALE_UP"] });
        let service = json!({ "deploymentConfiguration": {
            "alarms": { "alarmNames": ["errors"], "enable": false, "rollback": false },
            "lifecycleHooks": [hook("STATE_MACHINE"), { "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"] }],
        } });
        assert_eq!(
            beyond(&service),
            [
                "deploymentConfiguration.alarms.alarmNames",
                "deploymentConfiguration.lifecycleHooks[STATE_MACHINE]",
            ]
        );
        let service = json!({ "deploymentConfiguration": {
            "alarms": { "alarmNames": ["errors"], "enable": true, "rollback": false },
            "lifecycleHooks": [hook("AWS_LAMBDA")],
        } });
        assert_eq!(
            beyond(&service),
            ["deploymentConfiguration.lifecycleHooks.later"]
        );
    }

    #[test]
    fn of_the_live_task_set_only_what_an_apply_makes_is_looked_at() {
        let service = |controller: &str| {
            json!({
                "deploymentController": { "type": controller },
                "taskSets": [
                    { "status": "PRIMARY", "externalId": "a", "tomorrow": 1 },
                    { "status": "ACTIVE", "later": 1 },
                ],
            })
        };
        assert_eq!(beyond(&service("EXTERNAL")), ["taskSets.tomorrow"]);
        assert_eq!(beyond(&service("CODE_DEPLOY")), [] as [&str; 0]);
    }

    #[test]
    fn what_aws_fills_in_by_itself_is_not_named() {
        let service = json!({
            "roleArn": "arn:aws:iam::1:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            "resourceManagementType": "CUSTOMER",
            "deploymentConfiguration": { "earlySuccessCriteria": { "enable": false, "healthyPercent": 100 } },
        });
        assert_eq!(beyond(&service), [] as [&str; 0]);
    }

    #[test]
    fn no_row_is_there_twice_and_none_is_hidden_by_another() {
        for (index, (row, _)) in MEMBERS.iter().enumerate() {
            for (other, _) in &MEMBERS[..index] {
                assert_ne!(row, other);
                let below = [format!("{other}."), format!("{other}[]")];
                assert!(
                    !below.iter().any(|below| row.starts_with(below)),
                    "{row} is below {other}"
                );
            }
        }
    }
}
