//! No value gets into a document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ports::{CpuArchitecture, NetworkMode, TaskDefinition};
use crate::snapshot::definition::{Digests, TaskDefinitionSection};
use crate::snapshot::reference;

#[test]
fn only_what_is_a_reference_by_its_form_is_written_down_as_one() {
    for shown in [
        "arn:aws:secretsmanager:eu-west-1:1:secret:shop/key-AbCdEf:password::",
        "arn:aws-us-gov:ssm:us-gov-west-1:1:parameter/shop/key",
        "/shop/key",
    ] {
        assert_eq!(reference::secret(shown), shown);
    }
    for hidden in [
        "hunter2",
        "",
        "/shop/key with a space",
        "/p\u{e4}ss",
        "arn:aws:iam::1:role/admin",
        "arn:aws:ssm",
        "arn:aws:secretsmanager:eu-west-1:1:secret:a b",
        "postgres://shop:hunter2@db/shop",
    ] {
        assert_eq!(reference::secret(hidden), "reference");
    }
    assert_eq!(reference::object("hunter2"), "reference");
    assert_eq!(
        reference::object("arn:aws:s3:::shop/web.env"),
        "arn:aws:s3:::shop/web.env"
    );
    assert_eq!(reference::log_group("a b"), None);
}

#[test]
fn digests_come_from_what_ran_or_from_the_reference_itself() {
    let document = json!({ "containerDefinitions": [
        { "name": "app", "image": "app:1" },
        { "name": "aide", "image": "aide@sha256:bb" },
        { "name": "else", "image": "else:1" },
    ]});
    let found = TaskDefinition {
        arn: "arn:aws:ecs:eu-west-1:1:task-definition/web:1".to_owned(),
        family: "web".to_owned(),
        revision: 1,
        status: Some(crate::ports::TaskDefinitionStatus::Active),
        containers: Vec::new(),
        network_mode: None,
        cpu: None,
        memory: None,
        cpu_architecture: None,
        execution_role: None,
        task_role: None,
        secrets: Vec::new(),
        log_groups: Vec::new(),
        tags: BTreeMap::new(),
        document,
    };
    let digests = Digests::from([("app".to_owned(), "sha256:aa".to_owned())]);
    let section = TaskDefinitionSection::of(&found, &digests);
    let digest = |name: &str| section.containers[name].digest.clone();
    assert_eq!(digest("app").as_deref(), Some("sha256:aa"));
    assert_eq!(digest("aide").as_deref(), Some("sha256:bb"));
    assert_eq!(digest("else"), None);
}

/// Every member DescribeTaskDefinition has, and some that it may get one day.
fn everything() -> Value {
    let text = r#"{
        "taskDefinitionArn": "arn", "family": "web", "revision": 7, "status": "ACTIVE",
        "taskRoleArn": "role", "executionRoleArn": "role", "networkMode": "awsvpc",
        "requiresAttributes": [{ "name": "n", "value": "v", "targetType": "t", "targetId": "i" }],
        "placementConstraints": [{ "type": "memberOf", "expression": "e" }],
        "compatibilities": ["FARGATE"], "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "pidMode": "task", "ipcMode": "none",
        "runtimePlatform": { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" },
        "ephemeralStorage": { "sizeInGiB": 30 },
        "proxyConfiguration": { "type": "APPMESH", "containerName": "c", "properties": [{ "name": "n", "value": "v" }] },
        "inferenceAccelerators": [{ "deviceName": "d", "deviceType": "t" }],
        "registeredBy": "somebody", "enableFaultInjection": true,
        "volumes": [
            { "name": "files", "efsVolumeConfiguration": {
                "fileSystemId": "fs-1", "rootDirectory": "/r", "transitEncryption": "ENABLED",
                "authorizationConfig": { "accessPointId": "a", "iam": "ENABLED" } } },
            { "name": "docker", "dockerVolumeConfiguration": {
                "scope": "shared", "driver": "d", "driverOpts": { "o": "v" }, "labels": { "l": "v" } } },
            { "name": "windows", "fsxWindowsFileServerVolumeConfiguration": {
                "fileSystemId": "fs-2", "rootDirectory": "/r",
                "authorizationConfig": { "credentialsParameter": "p", "domain": "d" } } },
            { "name": "host", "host": { "sourcePath": "/s" } }
        ],
        "containerDefinitions": [{
            "name": "app", "image": "app:1", "cpu": 64, "memory": 128, "essential": true,
            "versionConsistency": "enabled", "links": ["l"], "hostname": "h", "user": "u",
            "workingDirectory": "/w", "entryPoint": ["e"], "command": ["c"],
            "dnsServers": ["d"], "dnsSearchDomains": ["d"], "dockerSecurityOptions": ["o"],
            "credentialSpecs": ["s"], "interactive": false, "pseudoTerminal": false,
            "repositoryCredentials": { "credentialsParameter": "p" },
            "portMappings": [{
                "containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "name": "http", "appProtocol": "http",
                "containerPortRange": "1-2", "hostPortRange": "1-2" }],
            "environment": [{ "name": "MODE", "value": "v" }],
            "environmentFiles": [{ "type": "s3", "value": "v" }],
            "secrets": [{ "name": "KEY", "valueFrom": "v" }],
            "mountPoints": [{ "sourceVolume": "files", "containerPath": "/c", "readOnly": true }],
            "volumesFrom": [{ "sourceContainer": "other", "readOnly": true }],
            "dependsOn": [{ "containerName": "aide", "condition": "HEALTHY" }],
            "dockerLabels": { "label": "v" }, "extraHosts": [{ "hostname": "h", "ipAddress": "i" }],
            "ulimits": [{ "name": "nofile", "softLimit": 1, "hardLimit": 2 }],
            "systemControls": [{ "namespace": "n", "value": "v" }],
            "resourceRequirements": [{ "type": "GPU", "value": "v" }],
            "linuxParameters": { "devices": [{ "hostPath": "h", "containerPath": "c", "permissions": ["read"] }],
                "tmpfs": [{ "containerPath": "c", "size": 1, "mountOptions": ["o"] }] },
            "restartPolicy": { "enabled": true }, "startTimeout": 5, "stopTimeout": 6,
            "healthCheck": { "command": ["CMD", "c"], "interval": 5, "timeout": 2, "retries": 3, "startPeriod": 1 },
            "firelensConfiguration": { "type": "fluentbit", "options": { "o": "v" } },
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": { "awslogs-group": "g g", "awslogs-region": "r", "token": "v" },
                "secretOptions": [{ "name": "splunk", "valueFrom": "v" }] },
            "newMember": { "of": ["the", "future"] }
        }],
        "newMember": { "of": ["the", "future"] }
    }"#;
    serde_json::from_str(text).unwrap()
}

/// Every text in a document, by where it is.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(path.to_owned()),
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}/{nth}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// As the adapters read it from the document.
fn read(document: Value) -> TaskDefinition {
    let text = |member: &str| document[member].as_str().map(ToOwned::to_owned);
    TaskDefinition {
        arn: text("taskDefinitionArn").unwrap(),
        family: text("family").unwrap(),
        revision: 7,
        status: Some(crate::ports::TaskDefinitionStatus::Active),
        containers: Vec::new(),
        network_mode: text("networkMode").map(|word| NetworkMode::parse(&word)),
        cpu: text("cpu"),
        memory: text("memory"),
        cpu_architecture: document["runtimePlatform"]["cpuArchitecture"]
            .as_str()
            .map(CpuArchitecture::parse),
        execution_role: text("executionRoleArn"),
        task_role: text("taskRoleArn"),
        secrets: Vec::new(),
        log_groups: Vec::new(),
        tags: BTreeMap::from([("team".to_owned(), MARKER.to_owned())]),
        document,
    }
}

const MARKER: &str = "hunter2 is the secret";

/// Puts a secret into every single text of a task definition, one after the other, and looks where it shows up.
/// What is on the list are names, words of AWS, and addresses; there is no value on it.
#[test]
fn a_secret_in_any_value_of_a_task_definition_stays_out_of_the_document() {
    let mut paths = Vec::new();
    leaves(&everything(), "", &mut paths);
    assert!(paths.len() > 80, "{}", paths.len());
    let shown: BTreeSet<&str> = paths
        .iter()
        .filter(|path| {
            let mut document = everything();
            *document.pointer_mut(path).unwrap() = json!(MARKER);
            let section = TaskDefinitionSection::of(&read(document), &Digests::new());
            serde_json::to_string(&section).unwrap().contains(MARKER)
        })
        .map(String::as_str)
        .collect();
    let expected = [
        "/containerDefinitions/0/dependsOn/0/condition",
        "/containerDefinitions/0/dependsOn/0/containerName",
        "/containerDefinitions/0/environment/0/name",
        "/containerDefinitions/0/image",
        "/containerDefinitions/0/logConfiguration/logDriver",
        "/containerDefinitions/0/logConfiguration/secretOptions/0/name",
        "/containerDefinitions/0/mountPoints/0/containerPath",
        "/containerDefinitions/0/mountPoints/0/sourceVolume",
        "/containerDefinitions/0/name",
        "/containerDefinitions/0/portMappings/0/appProtocol",
        "/containerDefinitions/0/portMappings/0/containerPortRange",
        "/containerDefinitions/0/portMappings/0/name",
        "/containerDefinitions/0/portMappings/0/protocol",
        "/containerDefinitions/0/secrets/0/name",
        "/cpu",
        "/executionRoleArn",
        "/family",
        "/ipcMode",
        "/memory",
        "/networkMode",
        "/pidMode",
        "/requiresCompatibilities/0",
        "/runtimePlatform/cpuArchitecture",
        "/runtimePlatform/operatingSystemFamily",
        "/taskDefinitionArn",
        "/taskRoleArn",
        "/volumes/0/efsVolumeConfiguration/fileSystemId",
        "/volumes/0/name",
        "/volumes/1/name",
        "/volumes/2/fsxWindowsFileServerVolumeConfiguration/fileSystemId",
        "/volumes/2/name",
        "/volumes/3/name",
    ];
    assert_eq!(shown, BTreeSet::from(expected));
}
