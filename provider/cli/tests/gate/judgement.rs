//! What counts, and what does not: three values, other resources of the plan, deletions, exceptions.

use serde_json::{Value, json};

use super::{gate, plan, report, with_config};

/// The findings that count: address, attribute or `deleted`, severity.
fn counted(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["severity"] != "expected")
        .map(|found| {
            let what = match &found["attribute"] {
                Value::Null => text(&found["event"]),
                attribute => text(attribute),
            };
            (text(&found["address"]), what, text(&found["severity"]))
        })
        .collect()
}

fn words(found: &[(String, String, String)]) -> Vec<String> {
    found
        .iter()
        .map(|(address, what, severity)| format!("{address} {what} {severity}"))
        .collect()
}

fn finding<'r>(report: &'r Value, address: &str, attribute: &str) -> &'r Value {
    report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["address"] == address && found["attribute"] == attribute)
        .unwrap()
}

#[test]
fn the_first_plan_after_an_apply_is_clean() {
    for name in ["first_plan_after_apply.json", "quickstart_first_plan.json"] {
        let (code, report) = report(&plan(name));
        assert_eq!(words(&counted(&report)), [""; 0], "{name}");
        assert_eq!(code, 0, "{name}");
    }
}

#[test]
fn the_report_says_which_resources_account_for_a_difference() {
    let (_, report) = report(&plan("first_plan_after_apply.json"));
    for (address, attribute, by) in [
        (
            "aws_iam_role.task",
            "managed_policy_arns",
            "aws_iam_role_policy_attachment.p",
        ),
        (
            "aws_iam_role.task",
            "inline_policy",
            "aws_iam_role_policy.inline",
        ),
        ("aws_s3_bucket.b", "policy", "aws_s3_bucket_policy.b"),
        ("aws_route_table.r", "route", "aws_route.out"),
        (
            "aws_security_group.web",
            "ingress",
            "aws_vpc_security_group_ingress_rule.https",
        ),
        ("aws_sqs_queue.q", "policy", "aws_sqs_queue_policy.q"),
    ] {
        let found = finding(&report, address, attribute);
        assert_eq!(found["apply"], "explained", "{found}");
        assert_eq!(found["explained_by"], json!([by]), "{found}");
    }
}

#[test]
fn the_plan_after_the_repair_is_clean() {
    let (code, report) = report(&plan("after_repair.json"));
    assert_eq!(words(&counted(&report)), [""; 0]);
    assert_eq!(code, 0);
}

/// The same plan, with one more policy attached to the role by hand.
#[test]
fn what_no_resource_accounts_for_stays_critical() {
    let mut document: Value = serde_json::from_str(&plan("first_plan_after_apply.json")).unwrap();
    for element in document["resource_drift"].as_array_mut().unwrap() {
        if element["address"] == "aws_iam_role.task" {
            let arns = &mut element["change"]["after"]["managed_policy_arns"];
            arns.as_array_mut()
                .unwrap()
                .push("arn:aws:iam::aws:policy/AdministratorAccess".into());
        }
    }
    let (code, report) = report(&document.to_string());
    assert_eq!(
        words(&counted(&report)),
        ["aws_iam_role.task managed_policy_arns critical"]
    );
    assert_eq!(code, 3);
    let found = finding(&report, "aws_iam_role.task", "managed_policy_arns");
    assert_eq!(
        found["remedies"][0]["command"],
        "aws iam detach-role-policy --role-name 'task' --policy-arn 'arn:aws:iam::aws:policy/AdministratorAccess'"
    );
}

#[test]
fn drift_that_the_configuration_has_adopted_does_not_block() {
    let (code, report) = report(&plan("adopted.json"));
    assert_eq!(
        words(&counted(&report)),
        ["aws_ecs_service.s desired_count major"]
    );
    assert_eq!(code, 2);
    assert_eq!(
        finding(&report, "aws_db_instance.db", "deletion_protection")["apply"],
        "adopted"
    );
}

/// The plan cannot say so itself: `ignore_changes` is not in it.
#[test]
fn what_the_configuration_ignores_still_counts_when_data_is_at_stake() {
    let mut document: Value = serde_json::from_str(&plan("adopted.json")).unwrap();
    let resources = document["configuration"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    for resource in resources {
        if resource["address"] == "aws_db_instance.db" {
            resource["expressions"]["deletion_protection"] = json!({"constant_value": true});
        }
    }
    let (code, report) = report(&document.to_string());
    assert_eq!(code, 3);
    let found = finding(&report, "aws_db_instance.db", "deletion_protection");
    assert_eq!(
        (&found["severity"], &found["apply"]),
        (&json!("critical"), &json!("left"))
    );
}

#[test]
fn a_third_value_is_pending_and_named() {
    let document = plan("third_value.json");
    let (_, report) = report(&document);
    let found = finding(&report, "aws_ecs_service.s", "desired_count");
    assert_eq!(
        (
            &found["before"],
            &found["after"],
            &found["planned"],
            &found["apply"]
        ),
        (&json!(3), &json!(0), &json!(8), &json!("changed_otherwise"))
    );
    assert!(
        found["remedies"][0]["purpose"]
            .as_str()
            .unwrap()
            .contains("does not restore"),
        "{found}"
    );
    let pending = report["pending"].as_array().unwrap();
    let service = pending
        .iter()
        .find(|p| p["address"] == "aws_ecs_service.s")
        .unwrap();
    assert_eq!(service["reverts_drift"], false);
    let (_, text, _) = gate(document.as_bytes(), &[]);
    assert!(text.contains("Apply changes it to 8"), "{text}");
}

/// `default_tags` are in `tags_all` only; a change outside puts them into both.
#[test]
fn reverting_a_default_tag_changes_nothing_else() {
    let topic = |own: Value, all: &str| json!({"id": "t", "tags": own, "tags_all": {"Stack": all}});
    let document = super::drifted(
        "aws_sns_topic",
        topic(json!({}), "drift"),
        topic(json!({"Stack": "other"}), "other"),
        Some(topic(json!({}), "drift")),
    );
    let (_, report) = report(&document);
    assert_eq!(
        words(&counted(&report)),
        ["aws_sns_topic.it tags.Stack minor"]
    );
    assert_eq!(report["drift"][0]["remedies"][0]["purpose"], "revert it");
    assert_eq!(report["pending"][0]["reverts_drift"], true);
}

#[test]
fn a_difference_that_two_attributes_show_is_told_once() {
    let rule =
        |state: &str| json!({"id": "nightly", "state": state, "is_enabled": state == "ENABLED"});
    let document = super::drifted(
        "aws_cloudwatch_event_rule",
        rule("ENABLED"),
        rule("DISABLED"),
        Some(rule("ENABLED")),
    );
    let (_, report) = report(&document);
    assert_eq!(
        words(&counted(&report)),
        ["aws_cloudwatch_event_rule.it state critical"]
    );
    assert_eq!(report["drift"][0]["remedies"][0]["purpose"], "revert it");
}

#[test]
fn groups_that_go_to_a_third_rule_are_pending() {
    let group = |cidr: &str| json!({"id": "sg-1", "ingress": [{"cidr_blocks": [cidr], "from_port": 22, "to_port": 22, "protocol": "tcp"}]});
    let document = super::drifted(
        "aws_security_group",
        group("10.0.0.0/8"),
        group("0.0.0.0/0"),
        Some(group("192.168.0.0/16")),
    );
    let (_, report) = report(&document);
    assert_eq!(report["drift"][0]["apply"], "changed_otherwise");
    assert_eq!(report["pending"][0]["reverts_drift"], false);
}

#[test]
fn computed_attributes_are_not_set_by_the_configuration() {
    let (_, report) = report(&plan("replaced.json"));
    let found = finding(&report, "aws_instance.i", "instance_state");
    assert_eq!(
        (&found["severity"], &found["apply"]),
        (&json!("expected"), &json!("computed"))
    );
}

#[test]
fn our_own_service_is_pending_for_what_the_configuration_changes_only() {
    let (code, report) = report(&plan("own_service_scaled.json"));
    assert_eq!(code, 3);
    assert_eq!(
        report["pending"],
        json!([{"address": "switchyard_blue_green_service.app", "action": "update", "reverts_drift": true}])
    );
}

#[test]
fn replacing_and_forgetting_is_replacing() {
    let element = |name: &str, actions: [&str; 2]| {
        json!({"address": format!("x.{name}"), "mode": "managed", "type": "x",
            "change": {"actions": actions, "before": {"a": 1}, "after": {"a": 2}}})
    };
    let changes = [
        element("a", ["create", "forget"]),
        element("b", ["forget", "create"]),
        element("c", ["delete", "create"]),
        element("d", ["create", "delete"]),
    ];
    let document =
        json!({"format_version": "1.2", "planned_values": {}, "resource_changes": changes});
    let (_, report) = report(&document.to_string());
    for pending in report["pending"].as_array().unwrap() {
        assert_eq!(pending["action"], "replace", "{pending}");
    }
}

/// `jq -S`, and any other order: nothing depends on it.
#[test]
fn the_order_of_the_document_does_not_matter() {
    for name in [
        "first_plan_after_apply.json",
        "after_repair.json",
        "adopted.json",
        "third_value.json",
        "replaced.json",
        "attacked.json",
        "own_service_scaled.json",
        "drift.json",
    ] {
        let document = plan(name);
        let sorted: Value = serde_json::from_str(&document).unwrap();
        let sorted = sorted.to_string();
        assert!(sorted.find("resource_changes").unwrap() < sorted.find("resource_drift").unwrap());
        let ((code, one), (sorted_code, other)) = (report(&document), report(&sorted));
        assert_eq!(
            (code, &one["drift"], &one["pending"], &one["counts"]),
            (
                sorted_code,
                &other["drift"],
                &other["pending"],
                &other["counts"]
            ),
            "{name}"
        );
    }
}

fn removed(configuration: &Value, changes: &Value) -> String {
    let drift = json!([{"address": "aws_sns_topic.gone", "mode": "managed", "type": "aws_sns_topic",
        "change": {"actions": ["delete"], "before": {"id": "x"}, "after": null}}]);
    // In Terraform's order.
    format!(
        r#"{{"format_version":"1.2","planned_values":{{}},"resource_drift":{drift},"resource_changes":{changes},"configuration":{configuration}}}"#
    )
}

#[test]
fn what_is_gone_and_no_longer_configured_is_expected() {
    let without = json!({"root_module": {"resources": []}});
    let (code, found) = report(&removed(&without, &json!([])));
    assert_eq!(code, 0);
    let found = &found["drift"][0];
    assert_eq!(
        (&found["severity"], &found["apply"]),
        (&json!("expected"), &json!("dropped"))
    );
    assert_eq!(found["remedies"].as_array().unwrap().len(), 1, "{found}");
    let with = json!({"root_module": {"resources": [{"address": "aws_sns_topic.gone"}]}});
    let create = json!([{"address": "aws_sns_topic.gone", "mode": "managed", "type": "aws_sns_topic",
        "change": {"actions": ["create"], "before": null, "after": {"name": "x"}}}]);
    assert_eq!(report(&removed(&with, &create)).0, 3);
    // A plan that only refreshes: the resource is configured, and nothing says what becomes of it.
    assert_eq!(report(&removed(&with, &json!([]))).0, 3);
}

#[test]
fn what_apply_destroys_anyway_does_not_count() {
    let (before, after) = (
        json!({"policy": "{\"a\":1}"}),
        json!({"policy": "{\"a\":2}"}),
    );
    let element = |actions: &str, before: &Value, after: &Value| {
        json!({"address": "aws_iam_policy.p", "mode": "managed", "type": "aws_iam_policy",
            "action_reason": "delete_because_no_resource_config",
            "change": {"actions": [actions], "before": before, "after": after}})
    };
    let document = json!({"format_version": "1.2", "planned_values": {},
        "resource_drift": [element("update", &before, &after)],
        "resource_changes": [element("delete", &after, &Value::Null)]});
    let (code, report) = report(&document.to_string());
    assert_eq!((code, &report["drift"][0]["apply"]), (0, &json!("dropped")));
}

#[test]
fn exceptions_by_type_are_permanent_also_for_deletions() {
    let with = json!({"root_module": {"resources": [{"address": "aws_sns_topic.gone"}]}});
    let document = removed(&with, &json!([]));
    let config =
        json!({"attributes": [{"type": "aws_sns_topic", "deleted": true, "severity": "expected"}]});
    assert_eq!(with_config(&document, &config, &[]).0, 0);
    let other =
        json!({"attributes": [{"type": "aws_sqs_queue", "deleted": true, "severity": "expected"}]});
    assert_eq!(with_config(&document, &other, &[]).0, 3);
    let attribute = json!({"attributes": [{"type": "aws_sns_topic", "attribute": "*", "severity": "expected"}]});
    assert_eq!(with_config(&document, &attribute, &[]).0, 3);
}

#[test]
fn exceptions_name_attributes_as_the_report_prints_them() {
    let document = super::drifted(
        "aws_s3_bucket",
        json!({"versioning": [{"enabled": true}], "tags": {"kubernetes.io/role/elb": "1"}}),
        json!({"versioning": [{"enabled": false}], "tags": {}}),
        None,
    );
    let (_, found) = report(&document);
    let printed: Vec<&str> = found["drift"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["attribute"].as_str().unwrap())
        .collect();
    assert_eq!(
        printed,
        ["tags[\"kubernetes.io/role/elb\"]", "versioning[0].enabled"]
    );
    let allow = |attribute: &str| json!({"address": "aws_s3_bucket.it", "attribute": attribute, "reason": "x", "expires": "2026-12-31"});
    let config = json!({"allow": printed.iter().map(|p| allow(p)).collect::<Vec<_>>()});
    assert_eq!(with_config(&document, &config, &[]).0, 0);
    let short = json!({"allow": [allow("versioning.enabled"), allow("tags")]});
    assert_eq!(with_config(&document, &short, &[]).0, 0);
    let other = json!({"allow": [allow("versioning[1].enabled"), allow("tags")]});
    assert_eq!(with_config(&document, &other, &[]).0, 3);
}

#[test]
fn allowances_that_fit_nothing_are_reported() {
    let document = super::drifted(
        "aws_vpc",
        json!({"tags": {"a": "1"}}),
        json!({"tags": {"a": "2"}}),
        None,
    );
    let config = json!({"allow": [
        {"address": "aws_vpc.it", "attribute": "tags", "reason": "used", "expires": "2026-12-31"},
        {"address": "aws_vpc.other", "attribute": "tags", "reason": "left over", "expires": "2026-12-31"},
    ]});
    let (code, text, _) = with_config(&document, &config, &[]);
    assert_eq!(code, 0);
    assert!(
        text.contains("The allowance of aws_vpc.other tags fits no drift"),
        "{text}"
    );
    assert!(!text.contains("The allowance of aws_vpc.it"), "{text}");
    let (_, out, _) = with_config(&document, &config, &["--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["unused_allowances"][0]["reason"], "left over");
}

/// An element in one line of other spacing is not recognized as one that stays as it is, and is read.
#[test]
fn what_is_not_read_changes_no_answer() {
    let plans = std::fs::read_dir(super::folder().join("plans")).unwrap();
    let mut with_elements = 0;
    for path in plans.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let written: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // By keys the changes come before the drift; Terraform writes the drift first.
        let by_keys = written.to_string();
        let mut rest = written;
        let drift = rest.as_object_mut().unwrap().remove("resource_drift");
        let drift = drift.unwrap_or_else(|| json!([]));
        let drift_first =
            rest.to_string()
                .replacen('{', &format!("{{\"resource_drift\":{drift},"), 1);
        for text in [by_keys, drift_first] {
            let read = text.replace(r#"["no-op"]"#, r#"[ "no-op" ]"#);
            with_elements += usize::from(read != text);
            assert_eq!(report(&text), report(&read), "{}", path.display());
        }
    }
    assert!(with_elements > 5, "{with_elements}");
}

#[test]
fn a_severity_does_not_change_what_is_left_to_others() {
    let (before, after) = (json!({"desired_count": 2}), json!({"desired_count": 5}));
    let left = super::drifted(
        "aws_ecs_service",
        before.clone(),
        after.clone(),
        Some(after.clone()),
    );
    let reverted = super::drifted("aws_ecs_service", before.clone(), after, Some(before));
    let config = json!({"rules": {"ecs.service-desired-count": "critical"}});
    assert_eq!(with_config(&left, &config, &[]).0, 0);
    assert_eq!(with_config(&reverted, &config, &[]).0, 3);
}

#[test]
fn a_list_is_no_file_of_exceptions_and_a_mark_at_its_start_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.json");
    let name = path.to_str().unwrap();
    let document = super::drifted(
        "aws_vpc",
        json!({"tags": {"a": "1"}}),
        json!({"tags": {"a": "2"}}),
        None,
    );
    std::fs::write(&path, "[]").unwrap();
    let (code, _, errors) = gate(document.as_bytes(), &["--config", name]);
    assert_eq!(code, 1);
    assert!(errors.contains("one object"), "{errors}");
    std::fs::write(&path, "\u{feff}{\"rules\": {\"any.tags\": \"expected\"}}").unwrap();
    assert_eq!(gate(document.as_bytes(), &["--config", name]).0, 0);
}

#[test]
fn permissions_cost_nothing() {
    for (resource_type, attribute) in [
        ("aws_kms_key", "policy"),
        ("aws_sqs_queue_policy", "policy"),
        ("aws_ecr_repository_policy", "policy"),
        ("aws_vpc_endpoint", "policy"),
        ("aws_opensearch_domain", "access_policies"),
        ("aws_instance", "iam_instance_profile"),
        ("aws_s3_account_public_access_block", "block_public_acls"),
    ] {
        let document = super::drifted(
            resource_type,
            json!({attribute: "a"}),
            json!({attribute: "b"}),
            None,
        );
        let (_, report) = report(&document);
        let cost = &report["drift"][0]["monthly_cost"];
        assert_eq!(
            cost["status"], "none",
            "{resource_type} {attribute}: {cost}"
        );
    }
}

/// By the definition: critical is what puts traffic, data or access at stake.
#[test]
fn severities_are_what_their_definition_says() {
    let (_, found) = report(&plan("at_stake.json"));
    // The worst of each resource: some show as more than one difference.
    let rank = |severity: &str| {
        ["expected", "minor", "major", "critical"]
            .iter()
            .position(|of| *of == severity)
    };
    let mut worst: Vec<(&str, &str)> = Vec::new();
    for found in found["drift"].as_array().unwrap() {
        let one = (
            found["address"].as_str().unwrap(),
            found["severity"].as_str().unwrap(),
        );
        match worst.last_mut().filter(|last| last.0 == one.0) {
            Some(last) if rank(last.1) < rank(one.1) => last.1 = one.1,
            Some(_) => {}
            None => worst.push(one),
        }
    }
    let expected = include_str!("../golden/severities");
    let expected: Vec<(&str, &str)> = expected
        .lines()
        .filter_map(|line| {
            line.split_whitespace()
                .next()
                .zip(line.split_whitespace().nth(1))
        })
        .collect();
    assert_eq!(worst.len(), expected.len());
    for (found, expected) in worst.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn what_exists_only_for_terraform_is_no_loss() {
    let (_, report) = report(&plan("deleted.json"));
    let of = |severity: &str| -> Vec<String> {
        counted(&report)
            .into_iter()
            .filter(|(.., of)| of == severity)
            .map(|(address, ..)| address.trim_end_matches(".r").to_owned())
            .collect()
    };
    assert_eq!(
        of("minor"),
        [
            "local_file",
            "local_sensitive_file",
            "null_resource",
            "random_password",
            "tls_private_key",
            "terraform_data",
            "time_sleep",
            "aws_cloudwatch_dashboard",
            "aws_acm_certificate_validation",
            "aws_ec2_tag",
            "archive_file"
        ]
    );
    assert_eq!(
        of("major"),
        [
            "aws_ecs_task_definition",
            "aws_cloudwatch_metric_alarm",
            "aws_autoscaling_schedule"
        ]
    );
    assert_eq!(
        of("critical"),
        [
            "aws_cloudwatch_log_group",
            "aws_ssm_parameter",
            "aws_lb_target_group_attachment",
            "aws_s3_object",
            "aws_iam_service_linked_role",
            "aws_db_snapshot",
            "helm_release"
        ]
    );
}

/// A lost service is not made good by the wish to ignore its size.
#[test]
fn ignoring_changes_does_not_silence_a_loss() {
    for (resource_type, attribute) in [
        ("aws_ecs_service", "desired_count"),
        ("aws_autoscaling_group", "desired_capacity"),
        ("aws_autoscaling_group", "max_size"),
        ("aws_appautoscaling_target", "max_capacity"),
        ("aws_db_instance", "backup_retention_period"),
        ("google_compute_instance_group_manager", "target_size"),
    ] {
        let after = json!({attribute: 0});
        let document = super::drifted(
            resource_type,
            json!({attribute: 4}),
            after.clone(),
            Some(after),
        );
        let (code, report) = report(&document);
        assert_eq!(
            (code, &report["drift"][0]["severity"]),
            (3, &json!("critical")),
            "{resource_type}"
        );
    }
}

/// The same attribute: more than before is worse than less.
#[test]
fn wider_is_worse() {
    let statement = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/app"},
            "Action": action, "Resource": "*"}]})
        .to_string()
    };
    let rules = |cidrs: &[&str]| json!([{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": cidrs}]);
    for (resource_type, attribute, narrow, wide) in [
        (
            "aws_iam_policy",
            "policy",
            json!(statement("s3:GetObject")),
            json!(statement("*")),
        ),
        (
            "aws_sqs_queue_policy",
            "policy",
            json!(statement("sqs:SendMessage")),
            json!(statement("sqs:*")),
        ),
        (
            "aws_s3_bucket_policy",
            "policy",
            json!(statement("s3:GetObject")),
            json!(statement("s3:*")),
        ),
        (
            "aws_opensearch_domain",
            "access_policies",
            json!(statement("es:ESHttpGet")),
            json!(statement("es:*")),
        ),
        (
            "aws_security_group",
            "ingress",
            rules(&["10.0.0.0/16"]),
            rules(&["10.0.0.0/8"]),
        ),
        (
            "aws_security_group_rule",
            "cidr_blocks",
            json!(["10.0.0.0/16"]),
            json!(["0.0.0.0/0"]),
        ),
        (
            "aws_ec2_managed_prefix_list",
            "entry",
            json!([{"cidr": "10.0.0.0/16"}]),
            json!([{"cidr": "10.0.0.0/8"}]),
        ),
        (
            "aws_iam_role",
            "managed_policy_arns",
            json!(["a"]),
            json!(["a", "b"]),
        ),
        (
            "google_project_iam_binding",
            "members",
            json!(["a", "b"]),
            json!(["a", "b", "allUsers"]),
        ),
        (
            "some_thing",
            "cidr_blocks",
            json!(["10.0.0.0/16"]),
            json!(["10.0.0.0/8"]),
        ),
    ] {
        let severity = |from: &Value, to: &Value| {
            let document = super::drifted(
                resource_type,
                json!({attribute: from}),
                json!({attribute: to}),
                Some(json!({attribute: from})),
            );
            report(&document).1["drift"][0]["severity"].clone()
        };
        assert_eq!(
            severity(&narrow, &wide),
            "critical",
            "{resource_type} {attribute}"
        );
        assert_ne!(
            severity(&wide, &narrow),
            "critical",
            "{resource_type} {attribute}"
        );
    }
}

/// A plan that only refreshes has no changes; what explains a difference is in its state.
#[test]
fn a_plan_that_only_refreshes_is_explained_by_its_state() {
    let document: Value = serde_json::from_str(&plan("quickstart_first_plan.json")).unwrap();
    let drift = &document["resource_drift"];
    let parts: Vec<Value> = document["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|element| json!({"address": element["address"], "mode": "managed", "type": element["type"], "values": element["change"]["before"]}))
        .collect();
    let (some, others) = parts.split_at(parts.len() / 2);
    let refreshed = |state: &Value| {
        // In Terraform's order.
        format!(
            r#"{{"format_version":"1.2","planned_values":{{}},"resource_drift":{drift},"prior_state":{state}}}"#
        )
    };
    let state = json!({"values": {"root_module": {"resources": some, "child_modules": [{"resources": others}]}}});
    let (_, found) = report(&refreshed(&state));
    let roles: Vec<&Value> = found["drift"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["type"] == "aws_iam_role")
        .collect();
    assert_eq!(roles.len(), 2);
    for role in roles {
        assert_eq!(
            (&role["severity"], &role["apply"]),
            (&json!("expected"), &json!("explained"))
        );
    }
    let (code, _) = report(&refreshed(&Value::Null));
    assert_eq!(code, 3);
}
