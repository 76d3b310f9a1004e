//! What the gate reads in a saved plan beside its JSON.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};

use super::report;

/// A zip archive with files as they are.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let common = [&[20, 0][..], &[0; 12], &size, &size, &length, &[0; 2]].concat();
        bytes.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), content].concat());
        let listed = [
            b"PK\x01\x02\x14\x00",
            common.as_slice(),
            &[0; 10],
            &at,
            name.as_bytes(),
        ];
        list.extend(listed.concat());
    }
    let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let size = u32::try_from(list.len()).unwrap().to_le_bytes();
    [
        &bytes,
        &list,
        &b"PK\x05\x06"[..],
        &[0; 8],
        &size,
        &at,
        &[0; 2],
    ]
    .concat()
}

/// What the program says of a saved plan with these parts, whose JSON is `document`.
fn saved(document: &Value, message: &[u8], source: &str) -> (u8, Value) {
    let folder = tempfile::tempdir().unwrap();
    let write =
        |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    write("terraform", b"#!/bin/sh\ncat plan.json\n");
    write("plan.json", document.to_string().as_bytes());
    let parts = [
        ("tfplan", message),
        ("tfconfig/m-/main.tf", source.as_bytes()),
    ];
    write("tfplan", &archive(&parts));
    let terraform = folder.path().join("terraform");
    std::fs::set_permissions(&terraform, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["gate", "--format", "json", "tfplan"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .output()
        .unwrap();
    let code = u8::try_from(output.status.code().unwrap()).unwrap();
    (code, serde_json::from_slice(&output.stdout).unwrap())
}

const WHOLE: &[u8] = &[0x08, 3];

fn policy(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
}

/// A policy that allows everything now, which apply leaves, and an expression for it.
fn opened(expression: &Value) -> Value {
    let element = |actions: &str, before: &str| {
        json!({"address": "aws_iam_policy.app", "mode": "managed", "type": "aws_iam_policy",
            "change": {"actions": [actions], "before": {"id": "p", "policy": policy(before)},
                "after": {"id": "p", "policy": policy("*")}}})
    };
    json!({
        "format_version": "1.2",
        "planned_values": {},
        "resource_drift": [element("update", "s3:Get")],
        "resource_changes": [element("no-op", "*")],
        "configuration": {"root_module": {"resources": [
            {"address": "aws_iam_policy.app", "expressions": {"policy": expression}},
        ]}},
    })
}

fn source(lifecycle: &str) -> String {
    format!(
        "resource \"aws_iam_policy\" \"app\" {{\n  policy = jsonencode({{ Statement = [] }})\n{lifecycle}\n}}\n"
    )
}

#[test]
fn a_policy_that_the_configuration_has_adopted_needs_no_allowance() {
    let document = opened(&json!({}));
    // The JSON does not show what `jsonencode` gives.
    assert_eq!(report(&document.to_string()).0, 3);
    let (code, adopted) = saved(&document, WHOLE, &source(""));
    assert_eq!(code, 0, "{adopted:#}");
    assert_eq!(adopted["drift"][0]["apply"], "adopted");
    for ignored in ["[policy]", "all", "[tags, policy]"] {
        let lifecycle = format!("  lifecycle {{\n    ignore_changes = {ignored}\n  }}");
        let (code, report) = saved(&document, WHOLE, &source(&lifecycle));
        assert_eq!(code, 3, "{ignored}");
        let becomes = report["drift"][0]["becomes"].as_str().unwrap_or_default();
        assert_eq!(report["drift"][0]["apply"], "left", "{becomes}");
    }
    let lifecycle = "  lifecycle {\n    ignore_changes = [description]\n  }";
    assert_eq!(saved(&document, WHOLE, &source(lifecycle)).0, 0);
    // Sources that cannot be read say nothing.
    assert_eq!(saved(&document, WHOLE, "resource {").0, 3);
}

/// The value of a data source is in the state that the plan shows; how it is written does not matter.
#[test]
fn a_policy_of_a_data_source_is_compared_by_what_it_allows() {
    let names = [
        "data.aws_iam_policy_document.app.json",
        "data.aws_iam_policy_document.app",
    ];
    for (action, expected) in [("*", 0), ("s3:Get", 3)] {
        let mut document = opened(&json!({"references": names}));
        let written = json!({"Statement": {"Sid": "", "Effect": "Allow", "Action": [action], "Resource": ["*"]}});
        document["prior_state"] = json!({"values": {"root_module": {"resources": [
            {"address": names[1], "mode": "data", "type": "aws_iam_policy_document",
                "values": {"id": "1", "json": serde_json::to_string_pretty(&written).unwrap()}},
        ]}}});
        assert_eq!(report(&document.to_string()).0, expected, "{action}");
        // In Terraform's order, in which the state follows the changes.
        let keys = [
            "format_version",
            "planned_values",
            "resource_drift",
            "resource_changes",
            "prior_state",
            "configuration",
        ];
        let parts: Vec<String> = keys
            .iter()
            .map(|key| format!("{key:?}:{}", document[*key]))
            .collect();
        assert_eq!(
            report(&format!("{{{}}}", parts.join(","))).0,
            expected,
            "{action}"
        );
    }
}

#[test]
fn targets_are_found_whatever_the_version() {
    let document = json!({"format_version": "1.2", "planned_values": {}});
    assert_eq!(saved(&document, WHOLE, "").0, 0);
    let targeted = [WHOLE, &[0x2a, 3, b'a', b'.', b'b']].concat();
    let (code, report) = saved(&document, &targeted, "");
    assert_eq!((code, &report["limits"]["complete"]), (4, &json!(false)));
}

#[test]
fn rules_of_a_group_are_unmanaged_unless_blocks_make_them() {
    let rule =
        json!({"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]});
    let group = json!({"id": "sg-1", "ingress": [rule]});
    let document = json!({
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [{"address": "aws_security_group.web[0]", "mode": "managed", "type": "aws_security_group",
            "change": {"actions": ["no-op"], "before": group, "after": group}}],
        "prior_state": {"values": {"root_module": {"resources": [{"address": "aws_security_group.web[0]", "mode": "managed",
            "type": "aws_security_group", "values": group}]}}},
        "configuration": {"root_module": {"resources": [{"address": "aws_security_group.web", "expressions": {}}]}},
    });
    assert_eq!(report(&document.to_string()).0, 0);
    let source =
        |blocks: &str| format!("resource \"aws_security_group\" \"web\" {{\n{blocks}\n}}\n");
    let (code, found) = saved(&document, WHOLE, &source("  name = \"web\""));
    assert_eq!(code, 3);
    assert_eq!(found["drift"][0]["rule"], "unmanaged.access");
    let dynamic = "  dynamic \"ingress\" {\n    for_each = [22]\n    content {}\n  }";
    assert_eq!(saved(&document, WHOLE, &source(dynamic)).0, 0);
}
