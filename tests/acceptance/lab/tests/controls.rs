//! The lab's own paths: faults, the call log, time, seeds.

mod support;

use std::time::Duration;

use serde_json::json;
use support::{control, ecs, lab, query, send};
use switchyard_lab::{Lab, LabConfig, LabError, Pace, SeedCall};

#[tokio::test]
async fn throttling_is_the_services_own_error_and_has_no_effect() {
    let lab = lab().await;
    let plan = json!([
        {"service": "ecs", "operation": "CreateCluster", "nth": 1, "kind": "throttle"},
        {"service": "elasticloadbalancing", "operation": "*", "count": 1, "kind": "throttle"},
    ]);
    control(lab.address(), "POST", "/_lab/faults", &plan.to_string()).await;
    let refused = ecs(
        lab.address(),
        "CreateCluster",
        json!({"clusterName": "main"}),
    )
    .await
    .unwrap();
    assert_eq!(
        (refused.status, refused.headers["x-amzn-errortype"].as_str()),
        (400, "ThrottlingException")
    );
    let none = ecs(lab.address(), "ListClusters", json!({})).await.unwrap();
    assert_eq!(none.json()["clusterArns"], json!([]));
    let again = ecs(
        lab.address(),
        "CreateCluster",
        json!({"clusterName": "main"}),
    )
    .await
    .unwrap();
    assert_eq!(again.status, 200);
    let xml = query(
        lab.address(),
        "elasticloadbalancing",
        "Action=DescribeLoadBalancers&Version=2015-12-01",
    )
    .await
    .unwrap();
    assert!(
        xml.text().contains("<Code>Throttling</Code>"),
        "{}",
        xml.text()
    );
    lab.stop().await;
}

#[tokio::test]
async fn server_errors_have_their_status() {
    let lab = lab().await;
    let plan = json!([
        {"service": "ecs", "operation": "ListClusters", "nth": 1, "kind": "500"},
        {"service": "ecs", "operation": "ListClusters", "nth": 2, "kind": "503"},
        {"service": "ecs", "operation": "ListClusters", "nth": 3, "kind": "latency_ms", "latency_ms": 1},
    ]);
    control(lab.address(), "POST", "/_lab/faults", &plan.to_string()).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            ecs(lab.address(), "ListClusters", json!({}))
                .await
                .unwrap()
                .status,
        );
    }
    assert_eq!(statuses, [500, 503, 200]);
    lab.stop().await;
}

#[tokio::test]
async fn refusals_of_the_caller_are_spelled_as_the_service_spells_them() {
    let lab = lab().await;
    for (kind, shape, code, says) in [
        (
            "denied",
            "AccessDeniedException",
            "AccessDenied",
            "not authorized to perform",
        ),
        (
            "expired_token",
            "ExpiredTokenException",
            "ExpiredToken",
            "token included in the request is expired",
        ),
    ] {
        let plan = json!([{"service": "*", "operation": "*", "kind": kind}]).to_string();
        control(lab.address(), "POST", "/_lab/faults", &plan).await;
        let cluster = json!({"clusterName": "main"});
        let answer = ecs(lab.address(), "CreateCluster", cluster).await.unwrap();
        assert_eq!(
            (answer.status, answer.headers["x-amzn-errortype"].as_str()),
            (400, shape)
        );
        assert!(answer.text().contains(says), "{}", answer.text());
        for (service, form) in [
            (
                "elasticloadbalancing",
                "Action=DescribeRules&Version=2015-12-01",
            ),
            ("monitoring", "Action=DescribeAlarms&Version=2010-08-01"),
            ("sts", "Action=GetCallerIdentity&Version=2011-06-15"),
            ("iam", "Action=GetRole&Version=2010-05-08"),
        ] {
            let answer = query(lab.address(), service, form).await.unwrap();
            assert_eq!(answer.status, 403, "{service}");
            let text = answer.text();
            assert!(
                text.contains(&format!("<Code>{code}</Code>")) && text.contains(says),
                "{service}: {text}"
            );
        }
        control(lab.address(), "DELETE", "/_lab/faults", "").await;
    }
    let none = ecs(lab.address(), "ListClusters", json!({})).await.unwrap();
    assert_eq!(none.json()["clusterArns"], json!([]));
    lab.stop().await;
}

#[tokio::test]
async fn a_refused_caller_is_told_the_action_as_policies_name_it() {
    let lab = lab().await;
    let plan = json!([{"service": "*", "operation": "*", "kind": "denied"}]).to_string();
    control(lab.address(), "POST", "/_lab/faults", &plan).await;
    for (service, form, action) in [
        (
            "elasticloadbalancing",
            "Action=DescribeRules&Version=2015-12-01",
            "elasticloadbalancing:DescribeRules",
        ),
        (
            "monitoring",
            "Action=DescribeAlarms&Version=2010-08-01",
            "cloudwatch:DescribeAlarms",
        ),
    ] {
        let answer = query(lab.address(), service, form).await.unwrap();
        assert!(answer.text().contains(action), "{}", answer.text());
    }
    lab.stop().await;
}

#[tokio::test]
async fn a_lost_answer_has_taken_effect_and_a_reset_has_not() {
    let lab = lab().await;
    let plan = json!([
        {"service": "ecs", "operation": "CreateCluster", "nth": 1, "kind": "reset"},
        {"service": "ecs", "operation": "CreateCluster", "nth": 2, "kind": "lost_answer"},
    ]);
    control(lab.address(), "POST", "/_lab/faults", &plan.to_string()).await;
    assert!(
        ecs(
            lab.address(),
            "CreateCluster",
            json!({"clusterName": "first"})
        )
        .await
        .is_none()
    );
    assert!(
        ecs(
            lab.address(),
            "CreateCluster",
            json!({"clusterName": "second"})
        )
        .await
        .is_none()
    );
    let clusters = ecs(lab.address(), "ListClusters", json!({}))
        .await
        .unwrap()
        .json();
    let arns = clusters["clusterArns"].as_array().unwrap();
    assert_eq!(arns.len(), 1);
    assert!(arns[0].as_str().unwrap().ends_with("/second"));
    lab.stop().await;
}

#[tokio::test]
async fn a_cleared_plan_strikes_no_more() {
    let lab = lab().await;
    let plan = json!([{"service": "*", "operation": "*", "kind": "503"}]).to_string();
    let posted = control(lab.address(), "POST", "/_lab/faults", &plan).await;
    assert_eq!(posted["faults"][0]["fault"]["kind"], "503");
    assert_eq!(
        ecs(lab.address(), "ListClusters", json!({}))
            .await
            .unwrap()
            .status,
        503
    );
    control(lab.address(), "DELETE", "/_lab/faults", "").await;
    assert_eq!(
        ecs(lab.address(), "ListClusters", json!({}))
            .await
            .unwrap()
            .status,
        200
    );
    let misspelt = control(
        lab.address(),
        "POST",
        "/_lab/faults",
        "[{\"service\":\"ecs\"}]",
    )
    .await;
    assert_eq!(misspelt["code"], "BadRequest");
    lab.stop().await;
}

#[tokio::test]
async fn calls_are_counted_and_logged_in_order() {
    let lab = lab().await;
    control(lab.address(), "DELETE", "/_lab/calls", "").await;
    ecs(lab.address(), "ListClusters", json!({})).await;
    ecs(lab.address(), "ListClusters", json!({})).await;
    ecs(lab.address(), "ListServices", json!({"cluster": "absent"})).await;
    query(
        lab.address(),
        "monitoring",
        "Action=DescribeAlarms&Version=2010-08-01",
    )
    .await;
    let report = control(lab.address(), "GET", "/_lab/calls?log=1", "").await;
    assert_eq!(report["total"], 4);
    assert_eq!(
        report["counts"],
        json!({"ecs": {"ListClusters": 2, "ListServices": 1}, "cloudwatch": {"DescribeAlarms": 1}})
    );
    assert_eq!(report["log"][2]["error"], "ClusterNotFoundException");
    assert_eq!(report["log"][3]["number"], 4);
    assert_eq!(report["log"][3]["region"], "eu-west-1");
    control(lab.address(), "DELETE", "/_lab/calls", "").await;
    assert_eq!(
        control(lab.address(), "GET", "/_lab/calls", "").await["total"],
        0
    );
    lab.stop().await;
}

#[tokio::test]
async fn paused_time_moves_only_by_hand() {
    let lab = lab().await;
    let before = control(lab.address(), "GET", "/_lab/state", "").await;
    assert_eq!(before["time_scale"], 0);
    control(
        lab.address(),
        "POST",
        "/_lab/advance",
        "{\"seconds\": 90.5}",
    )
    .await;
    let after = control(lab.address(), "GET", "/_lab/state", "").await;
    let passed = after["time"].as_f64().unwrap() - before["time"].as_f64().unwrap();
    assert!((passed - 90.5).abs() < 0.001, "{passed}");
    let refused = control(lab.address(), "POST", "/_lab/advance", "{\"seconds\": -1}").await;
    assert_eq!(refused["code"], "BadRequest");
    lab.stop().await;
}

#[tokio::test]
async fn scaled_time_runs_ahead_of_real_time() {
    let config = LabConfig {
        pace: Pace::Scaled(1_000_000.0),
        ..LabConfig::default()
    };
    let lab = Lab::start(config).await.unwrap();
    let first = control(lab.address(), "GET", "/_lab/state", "").await["time"]
        .as_f64()
        .unwrap();
    let second = control(lab.address(), "GET", "/_lab/state", "").await["time"]
        .as_f64()
        .unwrap();
    assert!(second > first + 1.0, "{first} {second}");
    let start = lab.world().now();
    lab.advance(Duration::from_secs(3600));
    assert!(lab.world().now().since(start) >= Duration::from_secs(3600));
    lab.stop().await;
}

#[tokio::test]
async fn seeds_are_planted_before_the_lab_answers() {
    let call = |operation: &str, input| SeedCall {
        service: "ecs".to_owned(),
        operation: operation.to_owned(),
        input,
        region: None,
    };
    let config = LabConfig {
        seed: vec![call("CreateCluster", json!({"clusterName": "main"}))],
        ..LabConfig::default()
    };
    let lab = Lab::start(config).await.unwrap();
    let clusters = ecs(lab.address(), "ListClusters", json!({}))
        .await
        .unwrap()
        .json();
    assert_eq!(clusters["clusterArns"].as_array().unwrap().len(), 1);
    lab.stop().await;

    let config = LabConfig {
        seed: vec![call("MakeCoffee", json!({}))],
        ..LabConfig::default()
    };
    let refused = Lab::start(config).await.unwrap_err();
    assert!(
        matches!(refused, LabError::Seed { number: 1, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn calls_can_be_made_in_plain_json() {
    let lab = lab().await;
    let call =
        json!({"service": "ecs", "operation": "CreateCluster", "input": {"clusterName": "main"}});
    let made = control(lab.address(), "POST", "/_lab/call", &call.to_string()).await;
    assert_eq!(made["cluster"]["clusterName"], "main");
    let unknown = control(
        lab.address(),
        "POST",
        "/_lab/call",
        "{\"service\":\"tea\",\"operation\":\"Brew\"}",
    )
    .await;
    assert_eq!(unknown["code"], "UnknownService");
    let nowhere = control(lab.address(), "GET", "/_lab/nowhere", "").await;
    assert!(
        nowhere["error"]
            .as_str()
            .unwrap()
            .contains("/_lab/listeners")
    );
    lab.stop().await;
}

#[tokio::test]
async fn labs_share_nothing() {
    let (one, two) = (lab().await, lab().await);
    ecs(
        one.address(),
        "CreateCluster",
        json!({"clusterName": "main"}),
    )
    .await;
    let other = ecs(two.address(), "ListClusters", json!({}))
        .await
        .unwrap()
        .json();
    assert_eq!(other["clusterArns"], json!([]));
    one.stop().await;
    assert_eq!(
        ecs(two.address(), "ListClusters", json!({}))
            .await
            .unwrap()
            .status,
        200
    );
    two.stop().await;
}

#[tokio::test]
async fn a_shell_learns_the_endpoint_the_pace_and_when_time_began() {
    let config = LabConfig {
        pace: Pace::Scaled(60.0),
        ..LabConfig::from_environment()
    };
    let lab = Lab::start(config).await.unwrap();
    let address = lab.address();
    let host = address.to_string();
    let reply = send(address, "GET", "/_lab/environment", &[("host", &host)], b"")
        .await
        .unwrap();
    let text = reply.text();
    for line in [
        format!("export AWS_ENDPOINT_URL=http://{host}"),
        format!("export SWITCHYARD_PROBE_PROXY=http://{host}"),
        "export SWITCHYARD_TIME_SCALE=60".to_owned(),
    ] {
        assert!(text.lines().any(|shown| shown == line), "{text}");
    }
    let origin = text
        .lines()
        .find_map(|line| line.strip_prefix("export SWITCHYARD_TIME_ORIGIN="))
        .unwrap();
    assert!(origin.parse::<jiff::Timestamp>().is_ok(), "{origin}");
    lab.stop().await;
}

/// A call in the lab's own form.
async fn call(
    lab: &Lab,
    service: &str,
    operation: &str,
    input: serde_json::Value,
) -> serde_json::Value {
    let call = json!({ "service": service, "operation": operation, "input": input }).to_string();
    let answer = control(lab.address(), "POST", "/_lab/call", &call).await;
    assert!(answer["error"].is_null(), "{operation}: {answer}");
    answer
}

#[tokio::test]
async fn the_view_has_services_sides_weights_and_faults() {
    let lab = lab().await;
    let empty = control(lab.address(), "GET", "/_lab/view", "").await;
    assert_eq!(
        (&empty["services"], &empty["faults"]),
        (&json!([]), &json!([]))
    );
    call(
        &lab,
        "ecs",
        "CreateCluster",
        json!({ "clusterName": "main" }),
    )
    .await;
    let mut groups = Vec::new();
    for name in ["web-blue", "web-green"] {
        let input = json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
        });
        let made = call(&lab, "elbv2", "CreateTargetGroup", input).await;
        groups.push(
            made["TargetGroups"][0]["TargetGroupArn"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    let input = json!({ "Name": "shop", "Subnets": ["subnet-a", "subnet-b"] });
    let made = call(&lab, "elbv2", "CreateLoadBalancer", input).await;
    let balancer = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let forward = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": [
        { "TargetGroupArn": groups[0], "Weight": 90 }, { "TargetGroupArn": groups[1], "Weight": 10 },
    ] } }]);
    let input = json!({
        "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward,
    });
    call(&lab, "elbv2", "CreateListener", input).await;
    let task = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{ "name": "app", "image": "web:v1", "portMappings": [{ "containerPort": 8080 }] }],
    });
    call(&lab, "ecs", "RegisterTaskDefinition", task).await;
    for (name, group) in [("web", &groups[0]), ("api", &groups[1])] {
        let input = json!({
            "cluster": "main", "serviceName": name, "taskDefinition": "web:1", "desiredCount": 2, "launchType": "FARGATE",
            "loadBalancers": [{ "targetGroupArn": group, "containerName": "app", "containerPort": 8080 }],
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-a"] } },
        });
        call(&lab, "ecs", "CreateService", input).await;
    }
    let plan = json!([{ "service": "ecs", "operation": "DescribeServices", "nth": 9, "kind": "throttle" }]);
    control(lab.address(), "POST", "/_lab/faults", &plan.to_string()).await;
    let view = control(lab.address(), "GET", "/_lab/view", "").await;
    let services = view["services"].as_array().unwrap();
    let names: Vec<_> = services
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 2, "{view:#}");
    let web = services.iter().find(|it| it["name"] == "web").unwrap();
    assert_eq!(web["cluster"], "main");
    assert_eq!(web["task_definition"], "web:1");
    assert_eq!(web["desired"], 2);
    assert_eq!(web["sides"][0]["target_group"], "web-blue");
    assert_eq!(web["sides"][0]["weight"], 90.0);
    let api = services.iter().find(|it| it["name"] == "api").unwrap();
    assert_eq!(api["sides"][0]["weight"], 10.0);
    assert_eq!(view["faults"][0]["fault"]["kind"], "throttle");
    // Looking is no call of the user's: the fault has not counted it.
    assert_eq!(view["faults"][0]["matching_calls"], 0);
    assert_eq!(view["calls"], 0);
    lab.stop().await;
}

#[tokio::test]
async fn the_page_needs_nothing_but_the_lab() {
    let lab = lab().await;
    let page = send(lab.address(), "GET", "/_lab/", &[], b"")
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.headers["content-security-policy"].starts_with("default-src 'none'"));
    let text = page.text();
    for outside in [
        "http://",
        "https://",
        "src=",
        "href=",
        "innerHTML",
        "@import",
    ] {
        let allowed = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!allowed.contains(outside), "{outside}");
    }
    assert!(text.contains("/_lab/view"));
    // Without the slash it is the state, as it always was.
    assert_eq!(
        control(lab.address(), "GET", "/_lab", "").await["status"],
        "ok"
    );
    lab.stop().await;
}
