//! Requests, rules and what is measured.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::{AlarmState, ErrorKind, ProbeRequest, Protocol, WeightedTarget};
use switchyard_world::Service;
use switchyard_world::traffic::Outcome;

use crate::site::{REGION, Site, text};

#[tokio::test]
async fn probes_go_by_rule_weight_and_image_and_move_no_time() {
    let site = Site::new();
    site.serve("v1--latency-200ms", json!({ "strategy": "ROLLING" }));
    let before = site.world.now();
    let name = site.dns_name().await;
    let (status, body) = site.probe(&format!("http://{name}/cart")).await.unwrap();
    assert_eq!(status, 200);
    let page: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&page["path"], &page["image"]),
        (&json!("/cart"), &json!("app:v1--latency-200ms"))
    );
    let health = site.ports.routing.target_health(&site.blue).await.unwrap();
    let direct = format!("http://{}:8080/", health[0].target);
    assert_eq!(site.probe(&direct).await.unwrap().0, 200);
    for (url, part) in [
        (format!("http://{name}:81/"), "refused"),
        (format!("http://{}:81/", health[0].target), "refused"),
        ("http://10.200.0.1/".to_owned(), "10.200.0.1"),
        ("ftp://web/".to_owned(), "ftp"),
    ] {
        let failure = site.probe(&url).await.unwrap_err();
        assert!(failure.contains(part), "{failure}");
    }
    let hasty = ProbeRequest {
        method: "GET".to_owned(),
        url: direct,
        headers: BTreeMap::new(),
        body: None,
        timeout: Duration::from_millis(100),
    };
    let failure = site.ports.probes.send(&hasty).await.unwrap_err();
    assert!(failure.0.contains("timed out"), "{failure}");
    assert_eq!(site.world.now(), before);

    site.ports
        .routing
        .set_forward(
            &site.listener,
            &[WeightedTarget {
                target_group: site.green.clone(),
                weight: 1,
            }],
        )
        .await
        .unwrap();
    let nobody = site.probe(&format!("http://{name}/")).await.unwrap();
    assert_eq!(nobody.0, 503, "green has no targets");
}

#[tokio::test]
async fn requests_feed_metrics_and_alarms_evaluate_them() {
    let site = Site::new();
    site.serve("v1--5xx-rate-20", json!({ "strategy": "ROLLING" }));
    let group = site.dimensions(Some(&site.blue));
    let listed: Vec<Value> = group
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    site.world
        .call(
            Service::CloudWatch,
            REGION,
            "PutMetricAlarm",
            json!({
                "AlarmName": "errors", "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
                "Dimensions": listed, "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 15,
                "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
            }),
        )
        .unwrap();
    let url = format!("http://{}/", site.dns_name().await);
    for _ in 0..100 {
        site.probe(&url).await.unwrap();
    }
    let metric = |name, statistic| ("AWS/ApplicationELB", name, statistic);
    let sum = async |name, group| {
        let values = site.values(metric(name, "Sum"), group).await;
        values.iter().sum::<f64>()
    };
    let both = || [site.dimensions(None), group.clone()];
    for dimensions in both() {
        let total = sum("RequestCount", dimensions.clone()).await;
        let good = sum("HTTPCode_Target_2XX_Count", dimensions.clone()).await;
        let bad = sum("HTTPCode_Target_5XX_Count", dimensions).await;
        assert_eq!((total, good + bad), (100.0, 100.0));
        assert!((18.0..=22.0).contains(&bad), "{bad}");
    }
    assert_eq!(sum("RequestCountPerTarget", group.clone()).await, 50.0);
    let times = site
        .values(metric("TargetResponseTime", "p99"), group.clone())
        .await;
    assert_eq!(times, [0.001]);
    let states = site
        .ports
        .alarms
        .alarm_states(&["errors".to_owned()])
        .await
        .unwrap();
    assert_ne!(states["errors"], AlarmState::Firing);
    site.advance(120);
    let states = site
        .ports
        .alarms
        .alarm_states(&["errors".to_owned()])
        .await
        .unwrap();
    assert_eq!(states["errors"], AlarmState::Firing);
}

#[tokio::test]
async fn a_load_balancer_without_a_target_counts_its_own_errors() {
    let site = Site::new();
    let url = format!("http://{}/", site.dns_name().await);
    assert_eq!(site.probe(&url).await.unwrap().0, 503);
    site.world.record_request(
        &site.balancer,
        &Outcome::Failed {
            target_group: site.blue.clone(),
        },
    );
    let one = async |name, group| {
        let metric = ("AWS/ApplicationELB", name, "Sum");
        site.values(metric, site.dimensions(group)).await
    };
    assert_eq!(one("HTTPCode_ELB_5XX_Count", None).await, [2.0]);
    assert_eq!(one("HTTPCode_ELB_503_Count", None).await, [1.0]);
    assert_eq!(one("HTTPCode_ELB_502_Count", None).await, [1.0]);
    assert_eq!(one("RequestCount", None).await, [1.0]);
    let blue = Some(site.blue.as_str());
    assert_eq!(one("TargetConnectionErrorCount", blue).await, [1.0]);
    assert!(one("HTTPCode_Target_5XX_Count", blue).await.is_empty());
}

#[tokio::test]
async fn every_minute_hosts_are_counted_and_services_say_what_they_use() {
    let site = Site::new();
    site.serve("v1", json!({ "strategy": "ROLLING" }));
    let hosts = async |name| {
        let metric = ("AWS/ApplicationELB", name, "Average");
        site.values(metric, site.dimensions(Some(&site.blue))).await
    };
    assert_eq!(hosts("HealthyHostCount").await.last(), Some(&2.0));
    assert_eq!(hosts("UnHealthyHostCount").await.last(), Some(&0.0));
    let of_service = || {
        BTreeMap::from([
            ("ClusterName".to_owned(), "main".to_owned()),
            ("ServiceName".to_owned(), "web".to_owned()),
        ])
    };
    let cpu = ("AWS/ECS", "CPUUtilization", "Average");
    let memory = ("AWS/ECS", "MemoryUtilization", "Average");
    assert_eq!(site.values(cpu, of_service()).await.last(), Some(&30.0));
    assert_eq!(site.values(memory, of_service()).await.last(), Some(&40.0));

    // What a caller puts stands alone from then on.
    let dimensions: Vec<Value> = of_service()
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    let datum = json!({ "MetricName": "CPUUtilization", "Value": 95, "Dimensions": dimensions });
    site.world
        .call(
            Service::CloudWatch,
            REGION,
            "PutMetricData",
            json!({ "Namespace": "AWS/ECS", "MetricData": [datum] }),
        )
        .unwrap();
    site.advance(120);
    assert_eq!(site.values(cpu, of_service()).await, [95.0]);

    // A service that is scaled says nothing: any constant would scale it.
    let before = site.values(memory, of_service()).await.len();
    site.world
        .call(
            Service::AutoScaling,
            REGION,
            "RegisterScalableTarget",
            json!({
                "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
                "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 4,
            }),
        )
        .unwrap();
    site.advance(300);
    assert_eq!(site.values(memory, of_service()).await.len(), before);
}

#[tokio::test]
async fn a_forward_changes_and_everything_else_of_the_rule_stays() {
    let site = Site::new();
    let routing = &site.ports.routing;
    let weights = |blue, green| {
        [(&site.blue, blue), (&site.green, green)].map(|(group, weight)| WeightedTarget {
            target_group: group.clone(),
            weight,
        })
    };
    let default_rule = site.world.data_plane().listeners[0].rules[0].arn.clone();
    for (route, shares) in [(&site.listener, (90, 10)), (&default_rule, (0, 100))] {
        let wanted = weights(shares.0, shares.1);
        routing.set_forward(route, &wanted).await.unwrap();
        let rule = routing.find_rule(&default_rule).await.unwrap().unwrap();
        assert_eq!(rule.forward, wanted);
        assert_eq!(
            (rule.is_default, rule.stickiness_seconds),
            (true, Some(300))
        );
    }
    let condition = json!({ "Field": "host-header", "Values": ["shop.example.com"] });
    let fixed = json!({ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } });
    let created = site
        .world
        .call(
            Service::Elbv2,
            REGION,
            "CreateRule",
            json!({ "ListenerArn": site.listener, "Priority": 5, "Conditions": [condition], "Actions": [fixed] }),
        )
        .unwrap();
    let own = text(&created["Rules"][0]["RuleArn"]);
    routing.set_forward(&own, &weights(1, 0)).await.unwrap();
    let rule = routing.find_rule(&own).await.unwrap().unwrap();
    assert_eq!(rule.forward, weights(1, 0));
    assert_eq!(rule.hosts, ["shop.example.com"]);
    let found = routing
        .find_listener(&site.listener)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.protocol, found.rules.len()), (Protocol::Http, 2));

    let gone = own.replace("listener-rule/app/shop", "listener-rule/app/other");
    let failure = routing
        .set_forward(&gone, &weights(1, 0))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, ErrorKind::NotFound);
    assert_eq!(routing.deregistration_delay(&site.blue).await.unwrap(), 300);
    let other = site.balancer.replace("/shop/", "/other/");
    assert_eq!(routing.find_dns_name(&other).await.unwrap(), None);
}
