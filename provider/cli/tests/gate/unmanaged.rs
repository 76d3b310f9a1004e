//! What the state holds of access, long after the apply that recorded it.

use serde_json::{Value, json};

use super::{FORMATS, gate, report, with_config};

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const READ: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn element(address: &str, now: &Value) -> Value {
    let resource_type = address.split('.').next().unwrap();
    json!({"address": address, "mode": "managed", "type": resource_type,
        "change": {"actions": ["no-op"], "before": now, "after": now}})
}

fn role(policies: &[&str]) -> Value {
    json!({"id": "app", "name": "app", "arn": "arn:aws:iam::123456789012:role/app", "managed_policy_arns": policies})
}

fn block(cidrs: &[&str], port: u16) -> Value {
    json!({"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": cidrs, "ipv6_cidr_blocks": [],
        "prefix_list_ids": [], "security_groups": [], "self": false, "description": ""})
}

fn attachment() -> Value {
    element(
        "aws_iam_role_policy_attachment.read",
        &json!({"id": "1", "role": "app", "policy_arn": READ}),
    )
}

fn group_rule() -> Value {
    let rule = json!({"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"});
    element("aws_vpc_security_group_ingress_rule.https", &rule)
}

/// A plan that changes nothing: a role and a group with what is there now, and their parts.
fn stack(policies: &[&str], rules: &[Value]) -> Value {
    let group = json!({"id": "sg-1", "ingress": rules});
    json!({
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [
            element("aws_iam_role.app", &role(policies)),
            attachment(),
            element("aws_security_group.web", &group),
            group_rule(),
        ],
        "configuration": {"root_module": {"resources": [
            {"address": "aws_iam_role.app", "expressions": {"name": {"constant_value": "app"}}},
            {"address": "aws_security_group.web", "expressions": {}},
        ]}},
    })
}

/// The plan with its state, which Terraform writes behind the changes: what is there after the refresh.
fn with_state(document: &Value) -> String {
    let resource = |element: &Value| {
        json!({"address": element["address"], "mode": "managed", "type": element["type"],
            "values": element["change"]["before"]})
    };
    let changes = document["resource_changes"].as_array().unwrap();
    let resources: Vec<Value> = changes.iter().map(resource).collect();
    let state = json!({"values": {"root_module": {"resources": resources}}});
    with(document, &state)
}

fn with(document: &Value, state: &Value) -> String {
    let mut document = document.clone();
    document["prior_state"] = state.clone();
    let order = [
        "format_version",
        "planned_values",
        "resource_drift",
        "resource_changes",
        "prior_state",
        "configuration",
        "errored",
    ];
    let present = order.into_iter().filter(|key| document.get(key).is_some());
    let parts: Vec<String> = present
        .map(|key| format!("{key:?}:{}", document[key]))
        .collect();
    format!("{{{}}}", parts.join(","))
}

/// The findings that count: address, attribute, event, severity.
fn counted(document: &Value) -> (u8, Vec<String>) {
    counted_in(&with_state(document))
}

fn counted_in(document: &str) -> (u8, Vec<String>) {
    let (code, report) = report(document);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["drift"].as_array().unwrap().iter();
    let found = found
        .filter(|found| found["severity"] != "expected")
        .map(|found| {
            ["address", "attribute", "event", "severity"]
                .map(|key| word(&found[key]))
                .join(" ")
        });
    (code, found.collect())
}

fn opened() -> Vec<Value> {
    vec![block(&["0.0.0.0/0"], 22), block(&["10.0.0.0/8"], 443)]
}

const BOTH: [&str; 2] = [
    "aws_iam_role.app managed_policy_arns unmanaged critical",
    "aws_security_group.web ingress unmanaged critical",
];

#[test]
fn a_stack_that_its_resources_account_for_is_clean() {
    let clean = stack(&[READ], &[block(&["10.0.0.0/8"], 443)]);
    assert_eq!(counted(&clean), (0, Vec::new()));
}

#[test]
fn access_that_was_added_by_hand_is_found_in_the_state() {
    let document = stack(&[READ, ADMIN], &opened());
    assert_eq!(counted(&document), (3, BOTH.map(str::to_owned).to_vec()));
    let (_, report) = report(&with_state(&document));
    let (role, group) = (&report["drift"][0], &report["drift"][1]);
    assert_eq!(role["rule"], "unmanaged.access");
    assert_eq!(
        (&role["apply"], &role["after"]),
        (&json!("unmanaged"), &json!([ADMIN]))
    );
    assert_eq!(group["after"], json!([block(&["0.0.0.0/0"], 22)]));
    assert_eq!(
        role["remedies"][0]["command"],
        format!("aws iam detach-role-policy --role-name 'app' --policy-arn '{ADMIN}'")
    );
    assert_eq!(
        group["remedies"][0]["command"],
        "aws ec2 revoke-security-group-ingress --group-id 'sg-1' --ip-permissions 'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]'"
    );
    for finding in [role, group] {
        let first = finding["remedies"][0]["purpose"].as_str().unwrap();
        assert!(first.starts_with("remove it"), "{first}");
        assert!(
            !finding["remedies"]
                .to_string()
                .contains("set the attribute"),
            "{finding}"
        );
    }
    for format in FORMATS {
        let (code, out, _) = gate(with_state(&document).as_bytes(), &["--format", format]);
        assert_eq!(code, 3, "{format}");
        assert!(out.contains("AdministratorAccess"), "{format}: {out}");
    }
}

/// Terraform's order, and that of `jq -S`, in which the configuration comes first.
#[test]
fn the_order_of_the_document_does_not_matter() {
    let text = with_state(&stack(&[READ, ADMIN], &opened()));
    let sorted: Value = serde_json::from_str(&text).unwrap();
    let sorted = sorted.to_string();
    assert!(sorted.starts_with("{\"configuration\""), "{sorted}");
    assert_eq!(report(&text), report(&sorted));
    assert_eq!(report(&text).0, 3);
}

#[test]
fn a_plan_that_does_not_tell_reports_nothing() {
    let opened = stack(&[READ, ADMIN], &opened());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = opened.clone();
        change(&mut document);
        counted(&document).1
    };
    let clean = Vec::<String>::new();
    // Without the configuration nobody knows what it sets.
    assert_eq!(changed(&|d| d["configuration"] = Value::Null), clean);
    // A plan that failed may lack what accounts for it.
    assert_eq!(changed(&|d| d["errored"] = json!(true)), clean);
    // The configuration sets the attributes, or no longer has the resources.
    let resources = "/configuration/root_module/resources";
    let sets = changed(&|d| {
        let resources = d.pointer_mut(resources).unwrap();
        resources[0]["expressions"]["managed_policy_arns"] =
            json!({"references": ["var.policies"]});
        resources[1]["expressions"]["ingress"] = json!({});
    });
    assert_eq!(sets, clean);
    assert_eq!(
        changed(&|d| *d.pointer_mut(resources).unwrap() = json!([])),
        clean
    );
    // They are destroyed.
    let destroyed = changed(&|d| {
        for place in [0, 2] {
            d["resource_changes"][place]["change"]["actions"] = json!(["delete"]);
        }
    });
    assert_eq!(destroyed, clean);
    // The rules may be `dynamic` blocks, which no plan shows, unless one of them is a resource.
    let blocks = changed(&|d| {
        d["resource_changes"].as_array_mut().unwrap().pop();
    });
    assert_eq!(blocks, [BOTH[0]]);
}

/// With `-target`, the changes hold a part of the configuration, and the state all of it.
#[test]
fn resources_that_the_plan_leaves_out_account_for_the_state() {
    let mut document = stack(&[READ], &[block(&["10.0.0.0/8"], 443)]);
    let all = document["resource_changes"].as_array().unwrap().clone();
    document["resource_changes"] = json!([all[0]]);
    let resource = |element: &Value| {
        json!({"address": element["address"], "mode": "managed", "type": element["type"],
        "values": element["change"]["before"]})
    };
    let resources: Vec<Value> = all.iter().map(resource).collect();
    let state = |resources: &[Value]| json!({"values": {"root_module": {"resources": resources}}});
    assert_eq!(report(&with(&document, &state(&resources))).0, 0);
    assert_eq!(report(&with(&document, &state(&resources[..1]))).0, 3);
}

#[test]
fn a_plan_that_only_refreshes_has_the_state_alone() {
    let document = stack(&[READ, ADMIN], &opened());
    let resource = |element: &Value| {
        json!({"address": element["address"], "mode": "managed", "type": element["type"],
        "values": element["change"]["before"], "sensitive_values": {"ingress": [{"cidr_blocks": [true]}]}})
    };
    let resources: Vec<Value> = document["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(resource)
        .collect();
    let refresh = json!({"format_version": "1.2", "planned_values": {}, "configuration": document["configuration"],
        "prior_state": {"values": {"root_module": {"resources": resources}}}});
    assert_eq!(
        counted_in(&refresh.to_string()),
        (3, BOTH.map(str::to_owned).to_vec())
    );
    let (_, report) = report(&refresh.to_string());
    let group = &report["drift"][1];
    assert_eq!(
        (&group["sensitive"], &group["after"]),
        (&json!(true), &Value::Null)
    );
    assert!(
        !group["remedies"].to_string().contains("0.0.0.0/0"),
        "{group}"
    );
}

#[test]
fn a_policy_that_only_denies_is_major() {
    let policy = |effect: &str| {
        json!({"Statement": [{"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": "*"}]}).to_string()
    };
    for (effect, severity, code) in [("Deny", "major", 2), ("Allow", "critical", 3)] {
        let bucket = json!({"id": "b", "bucket": "b", "policy": policy(effect)});
        let document = json!({"format_version": "1.2", "planned_values": {},
            "resource_changes": [element("aws_s3_bucket.b", &bucket)],
            "configuration": {"root_module": {"resources": [{"address": "aws_s3_bucket.b", "expressions": {}}]}}});
        assert_eq!(
            counted(&document),
            (
                code,
                vec![format!("aws_s3_bucket.b policy unmanaged {severity}")]
            )
        );
        let (_, report) = report(&with_state(&document));
        assert_eq!(
            report["drift"][0]["remedies"][0]["command"],
            "aws s3api delete-bucket-policy --bucket 'b'"
        );
    }
}

#[test]
fn what_is_unmanaged_can_be_allowed_and_accepted() {
    let document = with_state(&stack(&[READ, ADMIN], &opened()));
    let config = json!({
        "rules": {"unmanaged.access": "minor"},
        "allow": [
            {"address": "aws_security_group.*", "attribute": "ingress", "reason": "incident", "expires": "2026-03-31"},
            {"address": "aws_security_group.*", "attribute": "egress", "reason": "old", "expires": "2026-03-31"},
        ],
    });
    let (code, out, _) = with_config(&document, &config, &[]);
    assert_eq!(code, 2, "{out}");
    assert!(out.contains("minor aws_iam_role.app"), "{out}");
    assert!(out.contains("until 2026-03-31: incident"), "{out}");
    assert_eq!(out.matches("fits no drift").count(), 1, "{out}");

    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    let baseline = ["--baseline", baseline.to_str().unwrap()];
    let accept = [&baseline[..], &["--accept", "break-glass"]].concat();
    assert_eq!(gate(document.as_bytes(), &accept).0, 0);
    assert_eq!(gate(document.as_bytes(), &baseline).0, 0);
    let more = stack(
        &[READ, ADMIN, "arn:aws:iam::aws:policy/IAMFullAccess"],
        &opened(),
    );
    let (code, out, _) = gate(with_state(&more).as_bytes(), &baseline);
    assert_eq!(code, 3);
    assert!(
        out.contains("It was accepted on 2026-03-15 with another value."),
        "{out}"
    );
}

/// The same stack, whose role had other policies when Terraform last looked.
fn drifted(before: &[&str], now: &[&str]) -> Value {
    let mut document = stack(now, &[block(&["10.0.0.0/8"], 443)]);
    let mut element = element("aws_iam_role.app", &role(now));
    element["change"]["before"] = role(before);
    element["change"]["actions"] = json!(["update"]);
    document["resource_drift"] = json!([element]);
    document
}

#[test]
fn drift_that_was_accepted_stays_accepted_when_it_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    let baseline = ["--baseline", baseline.to_str().unwrap()];
    let accept = [&baseline[..], &["--accept", "break-glass"]].concat();
    let document = drifted(&[READ], &[READ, ADMIN]);
    // One finding: the difference. The state is asked again after the next apply.
    assert_eq!(
        counted(&document),
        (
            3,
            vec!["aws_iam_role.app managed_policy_arns changed critical".to_owned()]
        )
    );
    assert_eq!(gate(with_state(&document).as_bytes(), &accept).0, 0);
    let recorded = stack(&[READ, ADMIN], &[block(&["10.0.0.0/8"], 443)]);
    assert_eq!(gate(with_state(&recorded).as_bytes(), &baseline).0, 0);
    assert_eq!(gate(with_state(&recorded).as_bytes(), &[]).0, 3);
}

#[test]
fn what_was_unmanaged_before_is_told_beside_the_drift() {
    let other = "arn:aws:iam::aws:policy/IAMFullAccess";
    assert_eq!(
        counted(&drifted(&[READ, ADMIN], &[READ, ADMIN, other])),
        (
            3,
            vec![
                "aws_iam_role.app managed_policy_arns changed critical".to_owned(),
                BOTH[0].to_owned(),
            ]
        )
    );
}

#[test]
fn what_was_unmanaged_and_is_gone_is_expected() {
    for now in [&[READ][..], &[]] {
        let mut document = drifted(&[&[ADMIN], now].concat(), now);
        if now.is_empty() {
            document["resource_changes"]
                .as_array_mut()
                .unwrap()
                .remove(1);
        }
        let (code, report) = report(&with_state(&document));
        assert_eq!(code, 0, "{report:#}");
        assert_eq!(report["drift"][0]["severity"], "expected");
    }
    // What a resource gives, and what forbids, is missed.
    assert_eq!(counted(&drifted(&[ADMIN, READ], &[])).0, 2);
}
