//! What happens when the service role may not do what CodeDeploy does in its name.

use std::sync::Arc;

use serde_json::json;

use super::fixture::{Shop, call};
use crate::Service;
use crate::roles::EverythingBut;

const HOOK: &str = "Hooks:\n  - AfterInstall: \"check-succeeds\"\n";

#[test]
fn a_missing_action_ends_the_deployment_with_the_service_that_refused() {
    for (action, service) in [
        ("ecs:DescribeServices", "AmazonECS"),
        ("ecs:CreateTaskSet", "AmazonECS"),
        ("ecs:UpdateServicePrimaryTaskSet", "AmazonECS"),
        (
            "elasticloadbalancing:DescribeTargetGroups",
            "AmazonElasticLoadBalancing",
        ),
        (
            "elasticloadbalancing:DescribeListeners",
            "AmazonElasticLoadBalancing",
        ),
        (
            "elasticloadbalancing:DescribeRules",
            "AmazonElasticLoadBalancing",
        ),
        (
            "elasticloadbalancing:ModifyListener",
            "AmazonElasticLoadBalancing",
        ),
        (
            "elasticloadbalancing:ModifyRule",
            "AmazonElasticLoadBalancing",
        ),
        ("lambda:InvokeFunction", "AWSLambda"),
        ("ecs:DeleteTaskSet", "AmazonECS"),
    ] {
        let shop = Shop::new();
        shop.world.judge_roles(Arc::new(EverythingBut(action)));
        let id = shop.start_with("v2", HOOK, json!({}));
        shop.until(&id, "Failed");
        assert_eq!(shop.error(&id), "IAM_ROLE_PERMISSIONS", "{action}");
        let deployment = shop.deployment(&id);
        let said = deployment["errorInformation"]["message"].as_str().unwrap();
        assert!(
            said.contains(&format!("in the following AWS service: {service}.")),
            "{said}"
        );
        assert!(said.contains(action), "{said}");
    }
}

#[test]
fn a_rollback_fails_as_well_when_it_may_not_move_traffic() {
    let shop = Shop::new();
    let id = shop.start("v2");
    for _ in 0..600 {
        if shop.status(&id) == "Baking" {
            break;
        }
        shop.advance(5);
    }
    assert_eq!(shop.status(&id), "Baking");
    shop.world.judge_roles(Arc::new(EverythingBut(
        "elasticloadbalancing:ModifyListener",
    )));
    shop.deploy(
        "StopDeployment",
        json!({ "deploymentId": id, "autoRollbackEnabled": true }),
    );
    shop.until(&id, "Stopped");
    let back = shop.deployment(&id)["rollbackInfo"]["rollbackDeploymentId"].clone();
    let back = back.as_str().unwrap();
    shop.until(back, "Failed");
    assert_eq!(shop.error(back), "IAM_ROLE_PERMISSIONS");
}

#[test]
fn an_alarm_that_may_not_be_read_counts_as_the_group_says() {
    for (ignored, status) in [(true, "Succeeded"), (false, "Stopped")] {
        let alarms = json!({ "enabled": true, "ignorePollAlarmFailure": ignored, "alarms": [{ "name": "errors" }] });
        let shop = Shop::with(json!({ "alarmConfiguration": alarms }));
        call(
            &shop.world,
            Service::CloudWatch,
            "PutMetricAlarm",
            json!({
                "AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
                "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
            }),
        );
        shop.world
            .judge_roles(Arc::new(EverythingBut("cloudwatch:DescribeAlarms")));
        let id = shop.start("v2");
        shop.until(&id, status);
    }
}
