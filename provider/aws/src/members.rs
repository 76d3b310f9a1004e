//! What ECS shows of a service, member by member, and what becomes of each: an attribute, a fact, or nothing yet.
//!
//! Three things are made from the table: what a service has beyond the attributes (so that it can be named), the page
//! `docs/service-members.md`, and a test that compares it with the SDK. A member that AWS adds is in none of its rows,
//! and is named, too.

mod fate;
mod table;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub use fate::{Fate, Row};
pub use table::MEMBERS;

/// Members of deployments that are the service's own: only its primary deployment shows them.
const OF_DEPLOYMENTS: [&str; 3] = [
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Paths of what a service has that no attribute holds.
pub(crate) fn beyond_service(service: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(service, "", &mut found);
    let deployments = service.get("deployments").and_then(Value::as_array);
    for deployment in deployments.into_iter().flatten() {
        let Some(deployment) = deployment.as_object() else {
            continue;
        };
        if deployment.get("status").and_then(Value::as_str) != Some("PRIMARY") {
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
    found
}

/// The same of a service revision.
pub(crate) fn beyond_revision(revision: &Map<String, Value>) -> BTreeSet<String> {
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
            walk(members, &format!("{path}."), found);
        }
        Value::Array(elements) if has_rows_below(&format!("{path}[]")) => {
            for element in elements.iter().filter(|element| says_something(element)) {
                match element {
                    Value::Object(members) => walk(members, &format!("{path}[]."), found),
                    _ => visit(&format!("{path}[]"), element, found),
                }
            }
        }
        _ => {
            found.insert(path.replace("[]", ""));
        }
    }
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
                "loadBalancers.loadBalancerName",
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
