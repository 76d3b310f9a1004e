//! One spelling for all documents that mean the same.

use serde_json::{Map, Value, json};

/// What AWS adds to a definition that is registered; RegisterTaskDefinition takes none of it.
const SERVER_SIDE: [&str; 9] = [
    "compatibilities",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "tags",
    "taskDefinitionArn",
];

/// The document as RegisterTaskDefinition takes it: without what AWS itself adds.
pub fn registrable(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.retain(|member, _| !SERVER_SIDE.contains(&member.as_str()));
    }
    document
}

/// The document with AWS's defaults filled in (or, where they mean nothing, left out), empty lists and
/// objects left out, and everything whose order means nothing in one order. Two documents mean the same
/// tasks exactly when these are equal.
pub(crate) fn canonical(document: &Value) -> Value {
    let mut document = registrable(document);
    prune(&mut document);
    let Some(members) = document.as_object_mut() else {
        return document;
    };
    members
        .entry("networkMode")
        .or_insert_with(|| json!("bridge"));
    drop_default(members, "enableFaultInjection", &json!(false));
    for (member, gibi) in [("cpu", 1024.0), ("memory", 1024.0)] {
        if let Some(size) = members.get_mut(member) {
            plain_number(size, gibi);
        }
    }
    if let Some(platform) = object(members, "runtimePlatform") {
        drop_default(platform, "cpuArchitecture", &json!("X86_64"));
        drop_default(platform, "operatingSystemFamily", &json!("LINUX"));
    }
    let shares_ports = members
        .get("networkMode")
        .and_then(Value::as_str)
        .is_some_and(|mode| mode == "awsvpc" || mode == "host");
    for container in list(members, "containerDefinitions") {
        if let Some(container) = container.as_object_mut() {
            plain_container(container, shares_ports);
        }
    }
    for volume in list(members, "volumes") {
        if let Some(efs) = volume
            .as_object_mut()
            .and_then(|volume| object(volume, "efsVolumeConfiguration"))
        {
            drop_default(efs, "rootDirectory", &json!("/"));
            drop_default(efs, "transitEncryption", &json!("DISABLED"));
        }
    }
    for member in [
        "containerDefinitions",
        "inferenceAccelerators",
        "placementConstraints",
        "requiresCompatibilities",
        "volumes",
    ] {
        sort(members, member);
    }
    // Defaults that were left out may have left nothing.
    prune(&mut document);
    document
}

fn plain_container(container: &mut Map<String, Value>, shares_ports: bool) {
    container.entry("essential").or_insert_with(|| json!(true));
    drop_default(container, "cpu", &json!(0));
    drop_default(container, "versionConsistency", &json!("enabled"));
    for member in [
        "disableNetworking",
        "interactive",
        "privileged",
        "pseudoTerminal",
        "readonlyRootFilesystem",
    ] {
        drop_default(container, member, &json!(false));
    }
    for mapping in list(container, "portMappings") {
        if let Some(mapping) = mapping.as_object_mut() {
            plain_port(mapping, shares_ports);
        }
    }
    for member in ["mountPoints", "volumesFrom"] {
        for mount in list(container, member) {
            if let Some(mount) = mount.as_object_mut() {
                drop_default(mount, "readOnly", &json!(false));
            }
        }
    }
    if let Some(check) = object(container, "healthCheck") {
        for (member, default) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(member).or_insert_with(|| json!(default));
        }
    }
    for member in [
        "dependsOn",
        "environment",
        "extraHosts",
        "mountPoints",
        "portMappings",
        "resourceRequirements",
        "secrets",
        "systemControls",
        "ulimits",
        "volumesFrom",
    ] {
        sort(container, member);
    }
    if let Some(log) = object(container, "logConfiguration") {
        sort(log, "secretOptions");
    }
    if let Some(linux) = object(container, "linuxParameters") {
        drop_default(linux, "initProcessEnabled", &json!(false));
        if let Some(capabilities) = object(linux, "capabilities") {
            sort(capabilities, "add");
            sort(capabilities, "drop");
        }
    }
}

/// Where a task has its own network, or the host's, the host's port is the container's; elsewhere 0 is a
/// port AWS chooses.
fn plain_port(mapping: &mut Map<String, Value>, shares_ports: bool) {
    mapping.entry("protocol").or_insert_with(|| json!("tcp"));
    drop_default(mapping, "hostPort", &json!(0));
    if let (true, Some(port)) = (shares_ports, mapping.get("containerPort").cloned()) {
        mapping.insert("hostPort".to_owned(), port);
    }
}

/// `1 vCPU` and `1024`, `0.5GB` and `512`, `512` and `"512"` are the same sizes.
fn plain_number(size: &mut Value, gibi: f64) {
    let text = match &*size {
        Value::String(text) => text.to_lowercase().replace(' ', ""),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return,
    };
    let (digits, factor) = match text.strip_suffix("vcpu").or(text.strip_suffix("gb")) {
        Some(digits) => (digits, gibi),
        None => (text.as_str(), 1.0),
    };
    if let Ok(number) = digits.parse::<f64>() {
        *size = json!((number * factor).round().to_string());
    }
}

fn drop_default(members: &mut Map<String, Value>, member: &str, default: &Value) {
    if members.get(member) == Some(default) {
        members.remove(member);
    }
}

fn object<'a>(
    members: &'a mut Map<String, Value>,
    member: &str,
) -> Option<&'a mut Map<String, Value>> {
    members.get_mut(member)?.as_object_mut()
}

fn list<'a>(members: &'a mut Map<String, Value>, member: &str) -> &'a mut [Value] {
    match members.get_mut(member) {
        Some(Value::Array(items)) => items,
        Some(_) | None => &mut [],
    }
}

/// By their text: members of objects are in one order already.
fn sort(members: &mut Map<String, Value>, member: &str) {
    list(members, member).sort_by_cached_key(spelled);
}

/// The text of a value with the members of its objects in alphabetical order.
fn spelled(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut parts: Vec<String> = members
                .iter()
                .map(|(member, value)| format!("{member}:{}", spelled(value)))
                .collect();
            parts.sort();
            // A name says more than what comes before it in the alphabet.
            let name = members.get("name").map(spelled).unwrap_or_default();
            format!("{name}{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(spelled).collect();
            format!("[{}]", parts.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Takes out what says nothing: nulls, empty lists, empty objects. Texts stay, empty ones too.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, value| !says_nothing(value));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(one: &Value, other: &Value) -> bool {
        canonical(one) == canonical(other)
    }

    fn definition(container: Value) -> Value {
        json!({ "family": "web", "networkMode": "awsvpc", "cpu": "256", "containerDefinitions": [container] })
    }

    #[test]
    fn what_aws_adds_and_fills_in_is_no_difference() {
        let written = json!({
            "family": "web", "networkMode": "awsvpc", "cpu": ".25 vCPU", "memory": "0.5GB",
            "requiresCompatibilities": ["FARGATE", "EC2"],
            "containerDefinitions": [
                { "name": "app", "image": "app:1", "portMappings": [{ "containerPort": 80 }, { "containerPort": 81 }],
                  "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "" }],
                  "healthCheck": { "command": ["CMD", "true"] } },
                { "name": "aide", "image": "aide:1", "essential": false },
            ],
        });
        let shown = json!({
            "taskDefinitionArn": "arn", "revision": 7, "status": "ACTIVE", "registeredAt": 1.5, "registeredBy": "me",
            "requiresAttributes": [{ "name": "x" }], "compatibilities": ["EC2", "FARGATE"],
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "volumes": [],
            "placementConstraints": [], "requiresCompatibilities": ["EC2", "FARGATE"],
            "enableFaultInjection": false, "runtimePlatform": { "cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX" },
            "containerDefinitions": [
                { "name": "aide", "image": "aide:1", "essential": false, "cpu": 0, "portMappings": [], "environment": [] },
                { "name": "app", "image": "app:1", "essential": true, "cpu": 0, "mountPoints": [], "volumesFrom": [],
                  "portMappings": [{ "containerPort": 81, "hostPort": 81, "protocol": "tcp" },
                                   { "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
                  "environment": [{ "value": "", "name": "A" }, { "value": "2", "name": "B" }],
                  "healthCheck": { "command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3 },
                  "systemControls": [], "secrets": [] },
            ],
        });
        assert!(
            same(&written, &shown),
            "{:#}\n{:#}",
            canonical(&written),
            canonical(&shown)
        );
    }

    #[test]
    fn what_means_something_else_stays_a_difference() {
        let base = definition(json!({ "name": "app", "image": "app:1", "command": ["a", "b"] }));
        let others = [
            json!({ "name": "app", "image": "app:2", "command": ["a", "b"] }),
            // The order of a command means something.
            json!({ "name": "app", "image": "app:1", "command": ["b", "a"] }),
            json!({ "name": "app", "image": "app:1", "command": ["a", "b"], "essential": false }),
            json!({ "name": "app", "image": "app:1", "command": ["a", "b"], "cpu": 10 }),
            json!({ "name": "app", "image": "app:1", "command": ["a", "b"], "futureMember": false }),
            json!({ "name": "app", "image": "app:1", "command": ["a", "b"],
                    "environment": [{ "name": "EMPTY", "value": "" }] }),
        ];
        for other in others {
            assert!(!same(&base, &definition(other.clone())), "{other}");
        }
    }

    #[test]
    fn a_port_of_the_host_counts_only_where_it_can_be_chosen() {
        let ports = |mode: &str, mapping: Value| {
            let container = json!({ "name": "app", "image": "app:1", "portMappings": [mapping] });
            json!({ "family": "web", "networkMode": mode, "containerDefinitions": [container] })
        };
        let (bare, fixed) = (
            json!({ "containerPort": 80 }),
            json!({ "containerPort": 80, "hostPort": 80 }),
        );
        assert!(same(
            &ports("awsvpc", bare.clone()),
            &ports("awsvpc", fixed.clone())
        ));
        assert!(!same(
            &ports("bridge", bare.clone()),
            &ports("bridge", fixed)
        ));
        let dynamic = json!({ "containerPort": 80, "hostPort": 0, "protocol": "tcp" });
        assert!(same(&ports("bridge", bare), &ports("bridge", dynamic)));
    }

    /// As AWS shows what was registered.
    fn described(registered: &Value, reversed: bool) -> Value {
        let mut shown = registered.clone();
        let members = shown.as_object_mut().unwrap();
        members.insert("taskDefinitionArn".to_owned(), json!("arn:web:7"));
        members.insert("revision".to_owned(), json!(7));
        members.insert("status".to_owned(), json!("ACTIVE"));
        members.insert("compatibilities".to_owned(), json!(["EC2"]));
        members.entry("volumes").or_insert_with(|| json!([]));
        members
            .entry("placementConstraints")
            .or_insert_with(|| json!([]));
        for container in list(members, "containerDefinitions") {
            let container = container.as_object_mut().unwrap();
            container.entry("cpu").or_insert_with(|| json!(0));
            container.entry("essential").or_insert_with(|| json!(true));
            for member in ["environment", "mountPoints", "volumesFrom", "portMappings"] {
                container.entry(member).or_insert_with(|| json!([]));
                if reversed {
                    list(container, member).reverse();
                }
            }
            for mapping in list(container, "portMappings") {
                let mapping = mapping.as_object_mut().unwrap();
                let port = mapping["containerPort"].clone();
                mapping.entry("hostPort").or_insert(port);
                mapping.entry("protocol").or_insert_with(|| json!("tcp"));
            }
        }
        if reversed {
            list(members, "containerDefinitions").reverse();
        }
        shown
    }

    fn containers() -> impl Strategy<Value = Vec<Value>> {
        let environment = proptest::collection::btree_map("[A-Z]{1,3}", "[a-z]{0,3}", 0..4);
        let ports = proptest::collection::btree_set(1_u16..100, 0..3);
        let container = (
            "[a-z]{1,8}:[0-9]",
            environment,
            ports,
            proptest::option::of(0_u32..3),
            proptest::option::of(any::<bool>()),
            proptest::collection::vec("[a-z]{1,3}", 0..3),
        );
        let container = container.prop_map(|(image, environment, ports, cpu, essential, command)| {
            let environment: Vec<Value> = environment
                .iter()
                .map(|(name, value)| json!({ "name": name, "value": value }))
                .collect();
            let ports: Vec<Value> = ports
                .iter()
                .map(|port| json!({ "containerPort": port }))
                .collect();
            let mut container = json!({
                "image": image, "environment": environment, "portMappings": ports, "command": command,
            });
            let members = container.as_object_mut().unwrap();
            if let Some(cpu) = cpu {
                members.insert("cpu".to_owned(), json!(cpu));
            }
            if let Some(essential) = essential {
                members.insert("essential".to_owned(), json!(essential));
            }
            container
        });
        proptest::collection::vec(container, 1..4).prop_map(|mut containers| {
            for (number, container) in containers.iter_mut().enumerate() {
                container["name"] = json!(format!("c{number}"));
            }
            containers
        })
    }

    proptest! {
        #[test]
        fn what_aws_shows_of_what_was_registered_is_what_was_wanted(
            containers in containers(), reversed: bool,
        ) {
            let wanted = json!({ "family": "web", "networkMode": "awsvpc", "containerDefinitions": containers });
            let shown = described(&registrable(&wanted), reversed);
            prop_assert_eq!(canonical(&shown), canonical(&wanted));
            // And once more round: what was shown can be registered again.
            let again = described(&registrable(&shown), !reversed);
            prop_assert_eq!(canonical(&again), canonical(&wanted));
        }

        #[test]
        fn canonical_is_stable(containers in containers()) {
            let wanted = json!({ "family": "web", "networkMode": "bridge", "containerDefinitions": containers });
            let once = canonical(&wanted);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
