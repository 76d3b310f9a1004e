//! Tokens that were never given, and pages that are too long.

use serde_json::{Value, json};
use switchyard_world::Service::{self, AutoScaling, CloudWatch, CodeDeploy, Ecs, Elbv2};

use super::Site;

#[test]
fn a_token_that_was_never_given_is_refused() {
    let site = Site::new();
    site.taken(Ecs, "CreateCluster", json!({}));
    let invalid = "InvalidParameterException";
    let token = |token: &str| json!({"nextToken": token});
    let calls: [(Service, &str, Value, &str); 10] = [
        (Ecs, "ListClusters", token("garbage"), invalid),
        (Ecs, "ListServices", token("0"), invalid),
        (Ecs, "ListTaskDefinitions", token("-1"), invalid),
        (
            Elbv2,
            "DescribeLoadBalancers",
            json!({"Marker": "garbage"}),
            "ValidationError",
        ),
        (
            Elbv2,
            "DescribeTargetGroups",
            json!({"Marker": "0"}),
            "ValidationError",
        ),
        (
            CodeDeploy,
            "ListApplications",
            token("garbage"),
            "InvalidNextTokenException",
        ),
        (
            AutoScaling,
            "DescribeScalableTargets",
            json!({"ServiceNamespace": "ecs", "NextToken": "garbage"}),
            "InvalidNextTokenException",
        ),
        (
            CloudWatch,
            "DescribeAlarms",
            json!({"NextToken": "garbage"}),
            "InvalidNextToken",
        ),
        (
            CloudWatch,
            "ListMetrics",
            json!({"NextToken": "0"}),
            "InvalidParameterValue",
        ),
        (
            CloudWatch,
            "DescribeAlarmHistory",
            json!({"NextToken": "x"}),
            "InvalidNextToken",
        ),
    ];
    for (service, operation, input, code) in calls {
        site.refused(service, operation, input, (code, ""));
    }
}

#[test]
fn a_page_has_its_limit() {
    let site = Site::new();
    site.taken(Ecs, "CreateCluster", json!({}));
    for (operation, most) in [
        ("DescribeScalableTargets", 50),
        ("DescribeScalingPolicies", 10),
        ("DescribeScheduledActions", 50),
        ("DescribeScalingActivities", 50),
    ] {
        let input = |size: i64| json!({"ServiceNamespace": "ecs", "MaxResults": size});
        for size in [0, most + 1] {
            site.refused(
                AutoScaling,
                operation,
                input(size),
                ("ValidationException", "MaxResults"),
            );
        }
        site.taken(AutoScaling, operation, input(most));
    }
    for size in [0, 101] {
        let input = json!({"maxResults": size});
        site.refused(
            Ecs,
            "ListClusters",
            input,
            ("InvalidParameterException", "maxResults"),
        );
    }
    let input = json!({"PageSize": 401});
    site.refused(
        Elbv2,
        "DescribeLoadBalancers",
        input,
        ("ValidationError", "PageSize"),
    );
}
