//! What drift costs per month.

use serde_json::{Value, json};

use super::{drifted, gate, plan, report};

/// What the first finding says of money: status, and amount or reason.
fn cost(plan: &str) -> (String, String) {
    costs(plan).remove(0)
}

fn costs(plan: &str) -> Vec<(String, String)> {
    let (_, report) = report(plan);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let cost = &finding["monthly_cost"];
            let amount = text(&cost["difference"]);
            (text(&cost["status"]), amount + &text(&cost["reason"]))
        })
        .collect()
}

fn known(amount: &str) -> (String, String) {
    ("known".to_owned(), amount.to_owned())
}

fn nothing() -> (String, String) {
    ("none".to_owned(), "0".to_owned())
}

/// A plan in which a resource was deleted outside.
fn deleted(resource_type: &str, before: Value) -> String {
    let drift = json!([{"address": format!("{resource_type}.it"), "mode": "managed", "type": resource_type,
        "change": {"actions": ["delete"], "before": before, "after": null}}]);
    format!(r#"{{"format_version":"1.2","planned_values":{{}},"resource_drift":{drift}}}"#)
}

fn service(count: u32, revision: &str, launch: Value) -> Value {
    let mut service = launch;
    service["desired_count"] = count.into();
    service["task_definition"] = revision.into();
    service
}

/// A plan in which a service drifted, with these task definitions in it.
fn service_plan(resource_type: &str, before: Value, after: Value, definitions: &[Value]) -> String {
    let plan = drifted(resource_type, before, after, Some(json!({})));
    let changes: Vec<Value> = definitions
        .iter()
        .map(|definition| {
            json!({"address": "aws_ecs_task_definition.web", "mode": "managed", "type": "aws_ecs_task_definition",
                "change": {"actions": ["no-op"], "before": definition, "after": definition}})
        })
        .collect();
    let changes: String = changes.iter().map(|change| format!("{change},")).collect();
    let start = r#""resource_changes":["#;
    plan.replace(start, &format!("{start}{changes}"))
}

fn definition(revision: &str, more: Value) -> Value {
    let mut definition = more;
    definition["arn"] =
        format!("arn:aws:ecs:us-east-1:123456789012:task-definition/{revision}").into();
    definition["cpu"] = "512".into();
    definition["memory"] = "1024".into();
    definition
}

#[test]
fn more_tasks_cost_their_vcpu_and_memory() {
    let launch = || json!({"launch_type": "FARGATE"});
    for resource_type in ["aws_ecs_service", "switchyard_blue_green_service"] {
        let plan = service_plan(
            resource_type,
            service(2, "web:7", launch()),
            service(5, "web:7", launch()),
            &[definition("web:7", json!({}))],
        );
        // 3 * 730 * (0.5 * 0.04048 + 1 * 0.004445)
        assert_eq!(cost(&plan), known("54.06015"), "{resource_type}");
    }
}

#[test]
fn architecture_storage_and_capacity_provider_decide_the_price_of_a_task() {
    let fargate = || json!({"launch_type": "", "capacity_provider_strategy": [{"capacity_provider": "FARGATE"}]});
    let arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:7";
    let of = |size: Value| {
        service_plan(
            "aws_ecs_service",
            service(0, arn, fargate()),
            service(1, arn, fargate()),
            &[definition("web:7", size)],
        )
    };
    let arm = json!({"runtime_platform": [{"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}]});
    assert_eq!(cost(&of(arm)), known("14.4175"));
    let storage = json!({"ephemeral_storage": [{"size_in_gib": 120}]});
    assert_eq!(cost(&of(storage)), known("26.12305"));
    let windows = json!({"runtime_platform": [{"cpu_architecture": "X86_64", "operating_system_family": "WINDOWS_SERVER_2022_CORE"}]});
    assert_eq!(
        cost(&of(windows)).1,
        "there is no price for `fargate.windows-x86_64.gb-hour`"
    );
}

#[test]
fn a_new_revision_costs_what_its_size_differs() {
    let launch = || json!({"launch_type": "FARGATE"});
    let mut larger = definition("web:8", json!({}));
    larger["cpu"] = "1024".into();
    let plan = service_plan(
        "aws_ecs_service",
        service(2, "web:7", launch()),
        service(3, "web:8", launch()),
        &[definition("web:7", json!({})), larger],
    );
    // One more small task, then three of them larger by half a vCPU.
    assert_eq!(costs(&plan), [known("18.02005"), known("44.3256")]);
}

#[test]
fn what_the_plan_does_not_say_is_unknown_and_not_zero() {
    let fargate = json!({"launch_type": "FARGATE"});
    let shared = json!({"capacity_provider_strategy": [{"capacity_provider": "FARGATE"}, {"capacity_provider": "FARGATE_SPOT"}]});
    let spot = json!({"capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}]});
    for (launch, definitions, reason) in [
        (
            fargate,
            vec![],
            "the plan does not show the size of the tasks of web:7",
        ),
        (
            json!({}),
            vec![definition("web:7", json!({}))],
            "the plan does not show what the tasks run on",
        ),
        (
            shared,
            vec![definition("web:7", json!({}))],
            "the tasks are split between capacity providers, and the plan does not show how many run on each",
        ),
        (
            spot,
            vec![definition("web:7", json!({}))],
            "there is no price for `fargate-spot.x86_64.gb-hour`",
        ),
    ] {
        let plan = service_plan(
            "aws_ecs_service",
            service(1, "web:7", launch.clone()),
            service(2, "web:7", launch),
            &definitions,
        );
        assert_eq!(cost(&plan), ("unknown".to_owned(), reason.to_owned()));
    }
    let (_, report) = report(&deleted("aws_sqs_queue", json!({"name": "jobs"})));
    assert_eq!(
        report["drift"][0]["monthly_cost"]["difference"],
        Value::Null
    );
    assert_eq!(report["monthly_cost"]["unknown"], 1);
    assert_eq!(report["monthly_cost"]["difference"], Value::Null);
    let queue = deleted("aws_sqs_queue", json!({}));
    let (_, junit, _) = gate(queue.as_bytes(), &["--format", "junit"]);
    assert!(
        junit.contains(r#"name="monthly_cost_difference" value="unknown""#),
        "{junit}"
    );
}

#[test]
fn tasks_on_instances_are_charged_by_the_instances() {
    for launch in [
        json!({"launch_type": "EC2"}),
        json!({"launch_type": "", "capacity_provider_strategy": [{"capacity_provider": "own"}]}),
    ] {
        let plan = service_plan(
            "aws_ecs_service",
            service(1, "web:7", launch.clone()),
            service(2, "web:7", launch),
            &[],
        );
        assert_eq!(cost(&plan), known("0"));
    }
}

#[test]
fn what_was_deleted_is_saved() {
    for (resource_type, before, amount) in [
        ("aws_nat_gateway", json!({}), "-32.85"),
        ("aws_eip", json!({}), "-3.65"),
        (
            "aws_lb",
            json!({"load_balancer_type": "application"}),
            "-16.425",
        ),
        (
            "aws_vpc_endpoint",
            json!({"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b"]}),
            "-14.6",
        ),
        (
            "aws_vpc_endpoint",
            json!({"vpc_endpoint_type": "Gateway"}),
            "0",
        ),
        (
            "aws_instance",
            json!({"instance_type": "t3.micro", "instance_state": "running", "tenancy": "default"}),
            "-7.592",
        ),
        (
            "aws_instance",
            json!({"instance_type": "t3.micro", "instance_state": "stopped"}),
            "0",
        ),
        (
            "aws_elasticache_replication_group",
            json!({"engine": "redis", "node_type": "cache.t4g.micro", "num_cache_clusters": 2}),
            "-23.36",
        ),
        (
            "aws_ebs_volume",
            json!({"type": "gp3", "size": 100, "iops": 4000, "throughput": 250}),
            "-18",
        ),
        ("aws_cloudwatch_metric_alarm", json!({"period": 60}), "-0.1"),
        ("aws_cloudwatch_metric_alarm", json!({"period": 10}), "-0.3"),
        (
            "aws_secretsmanager_secret",
            json!({"replica": [{}]}),
            "-0.8",
        ),
        (
            "aws_dynamodb_table",
            json!({"billing_mode": "PROVISIONED", "read_capacity": 20, "write_capacity": 10,
                "global_secondary_index": [{"read_capacity": 10, "write_capacity": 10}]}),
            "-12.337",
        ),
    ] {
        assert_eq!(
            cost(&deleted(resource_type, before)),
            known(amount),
            "{resource_type}"
        );
    }
    assert_eq!(cost(&deleted("aws_security_group", json!({}))), nothing());
}

#[test]
fn several_attributes_together_are_the_whole_difference() {
    let db = |class: &str, copies: bool, storage: u32| {
        json!({"engine": "postgres", "instance_class": class, "multi_az": copies,
            "allocated_storage": storage, "storage_type": "gp3", "iops": 3000})
    };
    let plan = drifted(
        "aws_db_instance",
        db("db.t4g.small", false, 20),
        db("db.t4g.large", true, 40),
        None,
    );
    // Storage first, then the class of one, then the second one with all of it.
    assert_eq!(costs(&plan), [known("2.3"), known("70.81"), known("98.77")]);
    let total = &report(&plan).1["monthly_cost"];
    assert_eq!(total["difference"], "171.88");
    assert_eq!(
        (&total["known"], &total["currency"]),
        (&json!(3), &json!("USD"))
    );
}

#[test]
fn storage_that_has_no_price_does_not_hide_what_the_class_costs() {
    let db = |class: &str| {
        json!({"engine": "mysql", "instance_class": class, "multi_az": false,
            "allocated_storage": 20, "storage_type": "io2", "iops": 3000})
    };
    let plan = drifted(
        "aws_db_instance",
        db("db.t3.micro"),
        db("db.t3.small"),
        None,
    );
    assert_eq!(cost(&plan), known("12.41"));
}

#[test]
fn tags_cost_nothing_and_other_attributes_of_priced_types_are_unknown() {
    let plan = drifted(
        "aws_db_instance",
        json!({"tags": {"a": "1"}, "backup_retention_period": 7}),
        json!({"tags": {"a": "2"}, "backup_retention_period": 35}),
        None,
    );
    let costs = costs(&plan);
    assert_eq!(costs[0].0, "unknown");
    assert_eq!(costs[1], nothing());
}

#[test]
fn how_a_service_deploys_costs_nothing_and_public_addresses_are_unknown() {
    for (resource_type, key, status) in [
        ("switchyard_blue_green_service", "live_target_group", "none"),
        (
            "switchyard_blue_green_service",
            "network_configuration",
            "unknown",
        ),
        ("aws_ecs_service", "load_balancer", "none"),
        ("aws_ecs_service", "network_configuration", "unknown"),
        ("aws_ecs_service", "volume_configuration", "unknown"),
    ] {
        let plan = drifted(resource_type, json!({key: "a"}), json!({key: "b"}), None);
        assert_eq!(cost(&plan).0, status, "{resource_type}.{key}");
    }
}

#[test]
fn a_secret_is_not_told_by_its_price() {
    let part = |class: &str| json!({"engine": "postgres", "instance_class": class});
    let plan = drifted(
        "aws_rds_cluster_instance",
        part("db.t3.medium"),
        part("db.r5.large"),
        None,
    );
    let secret = plan.replace(
        r#""before":"#,
        r#""before_sensitive":{"instance_class":true},"before":"#,
    );
    assert_ne!(plan, secret);
    assert_eq!(cost(&secret).0, "unknown");
}

#[test]
fn only_what_counts_is_in_the_sum() {
    let before = json!({"desired_count": 2, "launch_type": "EC2"});
    let after = json!({"desired_count": 5, "launch_type": "EC2"});
    let left = drifted("aws_ecs_service", before, after.clone(), Some(after));
    let (_, report) = report(&left);
    assert_eq!(report["drift"][0]["severity"], "expected");
    assert_eq!(report["monthly_cost"]["known"], 0);
}

fn with_prices(plan: &str, prices: &Value, arguments: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    std::fs::write(&path, prices.to_string()).unwrap();
    let mut all = vec!["--prices", path.to_str().unwrap()];
    all.extend(arguments);
    gate(plan.as_bytes(), &all)
}

#[test]
fn prices_of_ones_own_replace_the_list() {
    let plan = deleted(
        "aws_nat_gateway",
        json!({"arn": "arn:aws:ec2:eu-central-1:123456789012:natgateway/nat-1"}),
    );
    let (_, out, _) = gate(plan.as_bytes(), &[]);
    assert!(
        out.contains("-32.85 USD a month (list prices us-east-1, as of "),
        "{out}"
    );
    assert!(
        out.contains("some of these resources are in eu-central-1"),
        "{out}"
    );
    let prices = json!({"as_of": "2026-01-31", "region": "eu-central-1", "source": "our contract",
        "currency": "EUR", "prices": {"nat-gateway.hour": "0.052"}});
    let (_, out, _) = with_prices(&plan, &prices, &[]);
    assert!(
        out.contains("Money: -37.96 EUR a month (our contract, as of 2026-01-31)."),
        "{out}"
    );
    assert!(!out.contains("some of these resources"), "{out}");
    assert!(!out.contains("more than a year ago"), "{out}");
}

#[test]
fn prices_older_than_a_year_are_pointed_out_where_an_amount_is() {
    let prices =
        json!({"as_of": "2025-03-14", "region": "us-east-1", "source": "ours", "prices": {}});
    for format in ["text", "markdown", "github"] {
        let arguments = ["--format", format];
        let (_, out, _) = with_prices(&deleted("aws_eip", json!({})), &prices, &arguments);
        assert!(out.contains("more than a year ago"), "{format}: {out}");
        let (_, out, _) = with_prices(&deleted("aws_sqs_queue", json!({})), &prices, &arguments);
        assert!(!out.contains("more than a year ago"), "{format}: {out}");
    }
}

#[test]
fn a_price_file_that_cannot_be_used_is_an_error() {
    let (code, out, errors) = with_prices(&plan("drift.json"), &json!({"prices": {}}), &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(errors.contains("missing field"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[test]
fn every_price_of_the_table_has_a_row_in_the_guide() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(folder.join("../../docs/guides/drift-gate.md")).unwrap();
    let rows: Vec<Vec<&str>> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(item, _)| item.split('.').collect())
        .collect();
    let table = std::fs::read_to_string(folder.join("../prices/src/prices.json")).unwrap();
    let table: Value = serde_json::from_str(&table).unwrap();
    for item in table["prices"].as_object().unwrap().keys() {
        let parts: Vec<&str> = item.split('.').collect();
        // A word in capitals stands for one part or, as in `CLASS`, for several with points between them.
        let fits = rows.iter().any(|row| {
            let word = row
                .iter()
                .position(|part| part.chars().all(|c| c.is_ascii_uppercase()));
            match word {
                None => *row == parts,
                Some(word) => parts.starts_with(&row[..word]) && parts.last() == row.last(),
            }
        });
        assert!(fits, "the guide has no row for {item}");
    }
    assert!(
        guide.contains(table["as_of"].as_str().unwrap()),
        "the guide names another date"
    );
}
