//! Plans that leave something out never pass as clean.

use serde_json::{Value, json};

use super::{FORMATS, gate, metrics, report};

fn plan(more: Value) -> String {
    let mut plan = json!({"format_version": "1.2", "planned_values": {}, "resource_drift": [], "resource_changes": []});
    for (key, value) in more.as_object().unwrap() {
        plan[key] = value.clone();
    }
    plan.to_string()
}

fn deferred() -> Value {
    json!([{"reason": "provider_config_unknown", "resource_change": {"address": "aws_x.later", "mode": "managed",
        "type": "aws_x", "change": {"actions": ["create"], "before": null, "after": {"a": 1}}}}])
}

#[test]
fn an_incomplete_plan_has_an_exit_code_of_its_own() {
    for (more, words) in [
        (json!({"complete": false}), "-target"),
        (json!({"deferred_changes": deferred()}), "aws_x.later"),
        (
            json!({"deferred_action_invocations": [
            {"reason": "absent_prereq", "action_invocation": {"address": "action.aws_x.later"}}]}),
            "action.aws_x.later",
        ),
    ] {
        let plan = plan(more);
        for format in FORMATS {
            let (code, out, _) = gate(plan.as_bytes(), &["--format", format]);
            assert_eq!(code, 4, "{format}");
            assert!(out.contains(words), "{format} lacks {words}: {out}");
            let (code, out, _) = gate(plan.as_bytes(), &["--format", format, "--allow-partial"]);
            assert_eq!(code, 0, "{format}");
            assert!(out.contains(words), "{format} lacks {words}: {out}");
        }
    }
}

#[test]
fn drift_that_blocks_blocks_also_in_a_part() {
    let drift = json!([{"address": "aws_x.y", "mode": "managed", "type": "aws_x",
        "change": {"actions": ["delete"], "before": {"id": "1"}, "after": null}}]);
    let plan = plan(json!({"complete": false, "resource_drift": drift}));
    assert_eq!(gate(plan.as_bytes(), &[]).0, 3);
}

#[test]
fn a_part_sends_no_metrics_even_when_it_is_allowed() {
    let plan = plan(json!({"complete": false}));
    let kept = metrics::Kept::default();
    let (code, _, errors) =
        super::gate_with(plan.as_bytes(), &["--metrics", "--allow-partial"], &kept);
    assert_eq!(code, 0);
    assert!(errors.contains("the plan is incomplete"), "{errors}");
    assert!(kept.is_empty());
}

#[test]
fn failing_checks_and_actions_are_named_and_change_no_verdict() {
    let plan = plan(json!({
        "complete": true,
        "action_invocations": [{"address": "action.aws_lambda_invoke.warm", "type": "aws_lambda_invoke"}],
        "checks": [
            {"address": {"to_display": "check.health"}, "status": "fail", "instances": [
                {"status": "fail", "problems": [{"message": "web is not healthy"}]}]},
            {"address": {"to_display": "check.later"}, "status": "unknown"},
            {"address": {"to_display": "check.good"}, "status": "pass"},
        ],
    }));
    for format in FORMATS {
        let (code, out, _) = gate(plan.as_bytes(), &["--format", format]);
        assert_eq!(code, 0, "{format}");
        for words in [
            "check.health",
            "web is not healthy",
            "action.aws_lambda_invoke.warm",
        ] {
            assert!(out.contains(words), "{format} lacks {words}: {out}");
        }
        assert!(
            !out.contains("check.later") && !out.contains("check.good"),
            "{out}"
        );
    }
}

#[test]
fn programs_find_the_limits_of_a_plan() {
    let (_, report) = report(&plan(
        json!({"complete": false, "deferred_changes": deferred()}),
    ));
    let limits = &report["limits"];
    assert_eq!(report["outcome"], "incomplete");
    assert_eq!(limits["complete"], false);
    assert_eq!(
        limits["deferred"],
        json!([{"address": "aws_x.later", "reason": "provider_config_unknown"}])
    );
}
