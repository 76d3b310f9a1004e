use std::collections::BTreeSet;

use serde_json::json;

use super::*;

const SERVICE: &str = "switchyard_blue_green_service";
const LISTENER_RULE: &str = "switchyard_listener_rule";
const SCALING: &str = "switchyard_scaling_policy_set";
const ALARM_SET: &str = "switchyard_alarm_set";
const DASHBOARD: &str = "switchyard_dashboard";
const SNAPSHOT: &str = "switchyard_deployment_snapshot";
const FUNCTION: &str = "switchyard_blue_green_function";
const MIGRATION: &str = "switchyard_migration_task";
const GROUP: &str = "switchyard_service_group";

/// Rule, path, from, to, the rest of the resource.
type Example = (&'static str, &'static str, Json, Json, Json);

fn example(id: &'static str, path: &'static str, from: Json, to: Json) -> Example {
    (id, path, from, to, Json::Null)
}

fn service_examples() -> Vec<Example> {
    let bounds = json!({ "desired_count_bounds": { "min": 2, "max": 6 } });
    vec![
        example("service.other", "arn", json!("a"), json!("b")),
        example(
            "service.task-definition-gone",
            "task_definition",
            json!("web:1"),
            Json::Null,
        ),
        (
            "service.task-definition-deployed",
            "task_definition",
            json!("web:1"),
            json!("web:2"),
            json!({ "task_definition_owner": "external" }),
        ),
        example(
            "service.task-definition",
            "task_definition",
            json!("web:1"),
            json!("web:2"),
        ),
        example(
            "service.images",
            "images[\"app\"]",
            json!("a:1"),
            json!("a:2"),
        ),
        (
            "service.live-revision-deployed",
            "live_task_definition",
            json!("web:1"),
            json!("web:2"),
            json!({ "task_definition_owner": "external" }),
        ),
        example(
            "service.live-revision",
            "live_task_definition",
            json!("web:1"),
            json!("web:2"),
        ),
        example(
            "service.live-sides",
            "live_target_groups",
            json!(["blue"]),
            json!(["green"]),
        ),
        example(
            "service.live-side",
            "live_target_group",
            json!("blue"),
            json!("green"),
        ),
        (
            "service.desired-count-scaled",
            "desired_count",
            json!(2),
            json!(0),
            json!({ "desired_count_owner": "autoscaler" }),
        ),
        (
            "service.desired-count-within-bounds",
            "desired_count",
            json!(2),
            json!(6),
            bounds.clone(),
        ),
        example(
            "service.desired-count-zero",
            "desired_count",
            json!(2),
            json!(0),
        ),
        example("service.desired-count", "desired_count", json!(2), json!(6)),
        (
            "service.desired-count",
            "desired_count",
            json!(2),
            json!(7),
            bounds,
        ),
        example(
            "service.load-balancer-gone",
            "load_balancer",
            json!({ "container_name": "app" }),
            Json::Null,
        ),
        example(
            "service.target-groups",
            "load_balancer.target_groups",
            json!(["a"]),
            json!(["b"]),
        ),
        example(
            "service.classic-load-balancer",
            "load_balancer.elb_name",
            json!("a"),
            json!("b"),
        ),
        example(
            "service.production-rule",
            "load_balancer.production_listener_rule",
            json!("a"),
            json!("b"),
        ),
        example(
            "service.test-rule",
            "load_balancer.test_listener_rule",
            json!("a"),
            Json::Null,
        ),
        example(
            "service.load-balancer-role",
            "load_balancer.role_arn",
            json!("a"),
            json!("b"),
        ),
        example(
            "service.load-balancer",
            "load_balancer.container_port",
            json!(80),
            json!(81),
        ),
        example(
            "service.grace-period",
            "health_check_grace_period",
            json!("1m"),
            json!("2m"),
        ),
        example(
            "service.security-groups",
            "network_configuration.security_groups",
            json!([]),
            json!(["sg"]),
        ),
        example(
            "service.public-ip",
            "network_configuration.assign_public_ip",
            json!(false),
            json!(true),
        ),
        example(
            "service.network",
            "network_configuration.subnets",
            json!(["a"]),
            json!(["b"]),
        ),
        example(
            "service.launch-type",
            "launch_type",
            json!("EC2"),
            json!("FARGATE"),
        ),
        example(
            "service.capacity-providers",
            "capacity_provider_strategy[0].weight",
            json!(1),
            json!(2),
        ),
        example(
            "service.additional-target-groups",
            "additional_load_balancer[0].target_group_arn",
            json!("a"),
            json!("b"),
        ),
        example(
            "service.service-connect",
            "service_connect_configuration.namespace",
            json!("shop"),
            json!("other"),
        ),
        example(
            "service.registries",
            "service_registries.registry_arn",
            json!("a"),
            json!("b"),
        ),
        example(
            "service.volumes",
            "volume_configuration[0].managed_ebs_volume.size_in_gb",
            json!(20),
            json!(30),
        ),
        example(
            "service.lattice",
            "vpc_lattice_configurations[0].port_name",
            json!("http"),
            json!("grpc"),
        ),
        example(
            "service.placement-constraints",
            "placement_constraints[0].type",
            json!("distinctInstance"),
            json!("memberOf"),
        ),
        example(
            "service.placement-strategy",
            "ordered_placement_strategy[0].field",
            json!("cpu"),
            json!("memory"),
        ),
        example(
            "service.zone-rebalancing",
            "availability_zone_rebalancing",
            json!("ENABLED"),
            json!("DISABLED"),
        ),
        example(
            "service.scheduling",
            "scheduling_strategy",
            json!("REPLICA"),
            json!("DAEMON"),
        ),
        example(
            "service.platform-version",
            "platform_version",
            json!("LATEST"),
            json!("1.3.0"),
        ),
        example(
            "service.controller",
            "controller",
            json!("ecs"),
            json!("codedeploy"),
        ),
        example(
            "service.deployment-alarms",
            "deployment.alarms",
            json!({ "names": ["a"] }),
            Json::Null,
        ),
        example(
            "service.circuit-breaker",
            "deployment.circuit_breaker.enable",
            json!(true),
            json!(false),
        ),
        example(
            "service.approvals",
            "deployment.approval",
            json!([]),
            json!([{}]),
        ),
        example(
            "service.lifecycle-hooks",
            "deployment.lifecycle_hook",
            json!([{}]),
            Json::Null,
        ),
        example(
            "service.strategy",
            "deployment.strategy",
            json!("canary"),
            json!("all_at_once"),
        ),
        example(
            "service.canary",
            "deployment.canary.percent",
            json!(10),
            json!(50),
        ),
        example(
            "service.linear",
            "deployment.linear.interval",
            json!("1m"),
            json!("2m"),
        ),
        example("service.steps", "deployment.step", json!([{}]), Json::Null),
        example(
            "service.bake-time",
            "deployment.bake_time",
            json!("1m"),
            json!("2m"),
        ),
        example(
            "service.maximum-percent",
            "deployment.maximum_percent",
            json!(200),
            json!(150),
        ),
        example(
            "service.minimum-healthy-percent",
            "deployment.minimum_healthy_percent",
            json!(100),
            json!(0),
        ),
        example(
            "service.execute-command",
            "enable_execute_command",
            json!(false),
            json!(true),
        ),
        example(
            "service.managed-tags",
            "enable_ecs_managed_tags",
            json!(true),
            json!(false),
        ),
        example(
            "service.propagate-tags",
            "propagate_tags",
            json!("NONE"),
            json!("SERVICE"),
        ),
        example("service.tags", "tags[\"Team\"]", json!("web"), Json::Null),
        example(
            "service.tags-all",
            "tags_all.Team",
            json!("web"),
            json!("ops"),
        ),
        example(
            "service.unfinished",
            "unfinished",
            json!([]),
            json!(["scaling"]),
        ),
    ]
}

fn listener_rule_examples() -> Vec<Example> {
    vec![
        example(
            "rule.not-forwarding",
            "target_groups",
            json!(["a", "b"]),
            json!([]),
        ),
        example(
            "rule.target-groups",
            "target_groups",
            json!(["a", "b"]),
            json!(["a"]),
        ),
        example(
            "rule.conditions",
            "condition",
            json!([{ "path_pattern": { "values": ["/a"] } }]),
            json!([{ "path_pattern": { "values": ["/b"] } }]),
        ),
        example("rule.priority", "priority", json!(1), json!(2)),
        example("rule.stickiness", "stickiness", Json::Null, json!("10m")),
        example("rule.tags", "tags[\"Team\"]", json!("web"), Json::Null),
        example(
            "rule.tags-all",
            "tags_all[\"Team\"]",
            json!("web"),
            Json::Null,
        ),
    ]
}

fn scaling_examples() -> Vec<Example> {
    vec![
        example(
            "scaling.no-target-tracking",
            "target_tracking",
            json!([{ "name": "cpu" }]),
            json!([]),
        ),
        example(
            "scaling.target-tracking",
            "target_tracking[\"cpu\"].scale_in_cooldown",
            json!("1m"),
            Json::Null,
        ),
        example(
            "scaling.no-step",
            "step",
            json!([{ "name": "burst" }]),
            json!([]),
        ),
        example(
            "scaling.max-capacity-zero",
            "max_capacity",
            json!(9),
            json!(0),
        ),
        example("scaling.min-capacity", "min_capacity", json!(2), json!(0)),
        example("scaling.max-capacity", "max_capacity", json!(9), json!(3)),
        example(
            "scaling.suspended",
            "suspended.scale_in",
            json!(false),
            json!(true),
        ),
        example(
            "scaling.target-tracking-gone",
            "target_tracking[\"cpu\"]",
            json!({ "target": 70 }),
            Json::Null,
        ),
        example(
            "scaling.target-tracking",
            "target_tracking[\"cpu\"].target_value",
            json!(70),
            json!(90),
        ),
        example(
            "scaling.step-gone",
            "step[\"burst\"]",
            json!({ "burst": {} }),
            Json::Null,
        ),
        example(
            "scaling.alarm-gone",
            "step[\"burst\"].alarm",
            json!({ "threshold": 80 }),
            Json::Null,
        ),
        example(
            "scaling.step",
            "step[\"burst\"].cooldown",
            json!("1m"),
            json!("2m"),
        ),
        example(
            "scaling.predictive",
            "predictive[\"daily\"]",
            json!({}),
            Json::Null,
        ),
        example(
            "scaling.schedules",
            "scheduled_action[\"night\"].max_capacity",
            json!(2),
            json!(3),
        ),
        example("scaling.bounds-now", "bounds_now.max", json!(9), json!(2)),
        example(
            "scaling.why-not-scaled",
            "why_not_scaled",
            Json::Null,
            json!("no capacity"),
        ),
        example("scaling.target-arn", "arn", json!("a"), json!("b")),
        example(
            "scaling.policy-arns",
            "policy_arns[\"cpu\"]",
            json!("a"),
            json!("b"),
        ),
        example(
            "scaling.alarm-names",
            "alarm_names[\"cpu\"]",
            json!(["a"]),
            json!(["b"]),
        ),
        example("scaling.tags", "tags[\"Team\"]", json!("web"), Json::Null),
        example(
            "scaling.tags-all",
            "tags_all",
            json!({ "a": "b" }),
            Json::Null,
        ),
    ]
}

fn alarm_examples() -> Vec<Example> {
    vec![
        example(
            "alarm-set.gone",
            "alarms[\"errors-critical\"]",
            json!({ "name": "a" }),
            Json::Null,
        ),
        example(
            "alarm-set.other",
            "alarms[\"errors-critical\"]",
            Json::Null,
            json!({ "name": "a" }),
        ),
        example(
            "alarm-set.enabled",
            "alarms[\"errors-critical\"].enabled",
            json!(true),
            json!(false),
        ),
        example(
            "alarm-set.threshold",
            "alarms[\"errors-critical\"].threshold",
            json!(10),
            json!(50),
        ),
        example(
            "alarm-set.comparison",
            "alarms[\"errors-critical\"].comparison",
            json!("a"),
            json!("b"),
        ),
        example(
            "alarm-set.measures",
            "alarms[\"errors-critical\"].measures",
            json!("a"),
            json!("b"),
        ),
        example(
            "alarm-set.minutes",
            "alarms[\"errors-critical\"].minutes",
            json!(1),
            json!(5),
        ),
        example(
            "alarm-set.datapoints",
            "alarms[\"errors-critical\"].datapoints",
            json!(1),
            json!(5),
        ),
        example(
            "alarm-set.missing-data",
            "alarms[\"errors-critical\"].missing_data",
            json!("missing"),
            json!("ignore"),
        ),
        example(
            "alarm-set.actions",
            "alarms[\"errors-critical\"].actions",
            json!(["a"]),
            json!([]),
        ),
        example(
            "alarm-set.ok-actions",
            "alarms[\"errors-critical\"].ok_actions",
            json!(["a"]),
            json!([]),
        ),
        example(
            "alarm-set.description",
            "alarms[\"errors-critical\"].description",
            json!("a"),
            json!("b"),
        ),
    ]
}

fn dashboard_examples() -> Vec<Example> {
    vec![
        example(
            "dashboard.widget-gone",
            "widgets[\"Tasks\"]",
            json!("as configured"),
            Json::Null,
        ),
        example(
            "dashboard.widget",
            "widgets[\"Tasks\"]",
            json!("as configured"),
            json!("differs"),
        ),
        example(
            "dashboard.body",
            "body",
            json!("as configured"),
            json!("not a list of widgets"),
        ),
    ]
}

fn function_examples() -> Vec<Example> {
    vec![
        example(
            "function.version",
            "function_version",
            json!("7"),
            json!("6"),
        ),
        example("function.traffic", "traffic[\"6\"]", Json::Null, json!(10)),
        example(
            "function.description",
            "description",
            json!("Checkout"),
            json!("checkout"),
        ),
    ]
}

/// A state that was written before there was the attribute.
fn first_region(id: &'static str) -> Vec<Example> {
    vec![example(id, "region", Json::Null, json!("eu-west-1"))]
}

#[test]
fn every_rule_is_reached_by_an_example() {
    let mut reached = BTreeSet::new();
    for (resource_type, examples) in [
        (SERVICE, service_examples()),
        (LISTENER_RULE, listener_rule_examples()),
        (SCALING, scaling_examples()),
        (ALARM_SET, alarm_examples()),
        (DASHBOARD, dashboard_examples()),
        (SERVICE, first_region("service.region")),
        (LISTENER_RULE, first_region("rule.region")),
        (SCALING, first_region("scaling.region")),
        (SNAPSHOT, first_region("snapshot.region")),
        (MIGRATION, first_region("migration.region")),
        (GROUP, first_region("group.region")),
        (ALARM_SET, first_region("alarm-set.region")),
        (FUNCTION, function_examples()),
        (FUNCTION, first_region("function.region")),
    ] {
        for (id, path, from, to, object) in &examples {
            let change = Change {
                resource_type,
                path,
                from,
                to,
                object,
            };
            let classified = change.classified();
            let rule = classified
                .rule
                .unwrap_or_else(|| panic!("no rule for {path}"));
            assert_eq!(rule.id, *id, "{path}: {from} to {to}");
            assert_eq!(rule.class, classified.class);
            assert_eq!(rule.resource_type, resource_type);
            reached.insert(rule.id);
        }
    }
    let all: BTreeSet<_> = all_rules().map(|rule| rule.id).collect();
    assert_eq!(reached, all);
}

#[test]
fn ids_are_unique_words() {
    let mut seen = BTreeSet::new();
    for rule in all_rules() {
        assert!(seen.insert(rule.id), "{} twice", rule.id);
        let plain = |character: char| character.is_ascii_lowercase() || ".-".contains(character);
        assert!(rule.id.chars().all(plain), "{}", rule.id);
        for text in [rule.meaning, rule.remedy] {
            assert!(text.ends_with('.') && !text.contains("  "), "{text}");
        }
    }
}

#[test]
fn every_rule_is_found_by_its_resource_type() {
    for rule in all_rules() {
        assert!(rules(rule.resource_type).contains(rule), "{}", rule.id);
    }
    assert!(rules("aws_ecs_service").is_empty());
}

#[test]
fn what_nobody_has_judged_is_major() {
    let judged = classify(SERVICE, "something_new", &json!(1), &json!(2));
    assert_eq!(judged.rule, None);
    assert_eq!(judged.class.severity(), Some(Severity::Major));
}

#[test]
fn an_owner_that_is_not_known_excuses_nothing() {
    let judged = classify(SERVICE, "desired_count", &json!(2), &json!(4));
    assert_eq!(judged.class, Class::Drift(Severity::Major));
    let judged = classify(SERVICE, "task_definition", &json!("web:1"), &json!("web:2"));
    assert_eq!(judged.class, Class::Drift(Severity::Major));
}

#[test]
fn severities_are_ordered() {
    assert!(Severity::Critical > Severity::Major);
    assert!(Severity::Major > Severity::Minor);
}

/// The tables of the guide. `UPDATE_DRIFT_GUIDE=1` rewrites them.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to rewrite is a choice of whoever runs the test"
)]
fn the_guide_lists_every_rule() {
    const BEGIN: &str = "<!-- rules: begin -->\n";
    const END: &str = "<!-- rules: end -->";
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/drift.md");
    let text = std::fs::read_to_string(&guide).expect("docs/guides/drift.md");
    let (head, rest) = text.split_once(BEGIN).expect("the tables begin");
    let (_, tail) = rest.split_once(END).expect("the tables end");
    let expected = format!("{head}{BEGIN}{}{END}{tail}", tables());
    if std::env::var("UPDATE_DRIFT_GUIDE").is_ok() {
        std::fs::write(&guide, &expected).expect("docs/guides/drift.md");
    } else {
        assert_eq!(text, expected, "UPDATE_DRIFT_GUIDE=1 rewrites it");
    }
}

fn tables() -> String {
    let mut text = String::new();
    for resource_type in [
        SERVICE,
        LISTENER_RULE,
        SCALING,
        SNAPSHOT,
        MIGRATION,
        GROUP,
        ALARM_SET,
        DASHBOARD,
        FUNCTION,
    ] {
        text.push_str(&format!(
            "\n### `{resource_type}`\n\n| rule | attribute | when | class | what it means | what to do |\n\
             |---|---|---|---|---|---|\n"
        ));
        let rules = rules(resource_type).iter();
        for rule in rules.filter(|rule| rule.resource_type == resource_type) {
            let when = match rule.when {
                DriftCondition::Always => String::new(),
                DriftCondition::Gone => "it is removed entirely".to_owned(),
                DriftCondition::Zero => "it is 0".to_owned(),
                DriftCondition::Within(attribute) => format!("it is within `{attribute}`"),
                DriftCondition::Is(attribute, word) => format!("`{attribute} = \"{word}\"`"),
            };
            let class = match rule.class {
                Class::Drift(severity) => severity.word().to_owned(),
                Class::Expected(owner) => format!("Expected: {}", owner.word()),
            };
            text.push_str(&format!(
                "| `{}` | `{}` | {when} | {class} | {} | {} |\n",
                rule.id, rule.attribute, rule.meaning, rule.remedy
            ));
        }
    }
    text.push('\n');
    text
}
