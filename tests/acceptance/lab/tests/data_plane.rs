//! Traffic: listeners and tasks as real HTTP on loopback.

#![allow(clippy::unwrap_used, reason = "a broken set-up ends the test")]

mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Reply, control, lab, send};
use switchyard_lab::Lab;

/// A load balancer named `web`, its target groups by name, and a listener on port 80.
struct Site {
    lab: Lab,
    listener: String,
    groups: BTreeMap<String, String>,
}

impl Site {
    /// A site whose listener forwards by the given weights.
    async fn new(weights: &[(&str, u32)], stickiness: Value) -> Self {
        let lab = lab().await;
        let call = |service, operation, input| lab.call(service, operation, input).unwrap();
        let balancer = call(
            "elbv2",
            "CreateLoadBalancer",
            json!({"Name": "web", "Subnets": ["subnet-a", "subnet-b"]}),
        );
        let mut groups = BTreeMap::new();
        for (name, _) in weights {
            let group = call(
                "elbv2",
                "CreateTargetGroup",
                json!({"Name": name, "Protocol": "HTTP", "Port": 80, "TargetType": "ip", "VpcId": "vpc-1", "HealthCheckPath": "/health"}),
            );
            groups.insert(
                (*name).to_owned(),
                text(&group["TargetGroups"][0]["TargetGroupArn"]),
            );
        }
        let forward: Vec<Value> = weights
            .iter()
            .map(|(name, weight)| json!({"TargetGroupArn": groups[*name], "Weight": weight}))
            .collect();
        let listener = call(
            "elbv2",
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                "Protocol": "HTTP",
                "Port": 80,
                "DefaultActions": [{"Type": "forward", "ForwardConfig": {
                    "TargetGroups": forward,
                    "TargetGroupStickinessConfig": stickiness,
                }}],
            }),
        );
        let listener = text(&listener["Listeners"][0]["ListenerArn"]);
        call("ecs", "CreateCluster", json!({"clusterName": "main"}));
        Self {
            lab,
            listener,
            groups,
        }
    }

    /// Runs a service of one image behind a target group until it is settled.
    fn serve(&self, name: &str, image: &str) {
        self.lab
            .call(
                "ecs",
                "RegisterTaskDefinition",
                json!({
                    "family": name, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
                    "containerDefinitions": [{"name": "app", "image": image, "essential": true, "portMappings": [{"containerPort": 80}]}],
                }),
            )
            .unwrap();
        self.lab
            .call(
                "ecs",
                "CreateService",
                json!({
                    "cluster": "main", "serviceName": name, "taskDefinition": name, "desiredCount": 2, "launchType": "FARGATE",
                    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
                    "loadBalancers": [{"targetGroupArn": self.groups[name], "containerName": "app", "containerPort": 80}],
                }),
            )
            .unwrap();
        self.lab.advance(Duration::from_secs(600));
    }

    fn address(&self) -> SocketAddr {
        let listeners = self.lab.listeners().unwrap();
        let listener = listeners
            .iter()
            .find(|listener| listener.listener_arn == self.listener)
            .unwrap();
        listener
            .url
            .strip_prefix("http://")
            .unwrap()
            .parse()
            .unwrap()
    }

    async fn visit(&self, path: &str) -> Reply {
        send(
            self.address(),
            "GET",
            path,
            &[("host", "shop.example.com")],
            b"",
        )
        .await
        .unwrap()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn traffic_follows_the_weights() {
    let site = Site::new(&[("blue", 90), ("green", 10)], json!({"Enabled": false})).await;
    site.serve("blue", "registry/app:v1");
    site.serve("green", "registry/app:v2");
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    for _ in 0..200 {
        let reply = site.visit("/").await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let key = (
            reply.headers["x-switchyard-target-group"].clone(),
            reply.headers["x-switchyard-revision"].clone(),
        );
        *seen.entry(key).or_default() += 1;
    }
    let blue = seen[&("blue".to_owned(), "blue:1".to_owned())];
    assert_eq!(seen.values().sum::<u32>(), 200);
    assert!((178..=182).contains(&blue), "{seen:?}");
    let page = site.visit("/cart").await.json();
    assert_eq!(
        (&page["container"], &page["path"]),
        (&json!("app"), &json!("/cart"))
    );
    assert!(
        page["image"]
            .as_str()
            .unwrap()
            .starts_with("registry/app:v")
    );
    site.lab.stop().await;
}

#[tokio::test]
async fn sticky_clients_keep_their_group_while_it_is_in_the_rule() {
    let site = Site::new(
        &[("blue", 50), ("green", 50)],
        json!({"Enabled": true, "DurationSeconds": 60}),
    )
    .await;
    site.serve("blue", "app:v1");
    site.serve("green", "app:v2");
    let first = site.visit("/").await;
    let group = first.headers["x-switchyard-target-group"].clone();
    let cookie = first.headers["set-cookie"]
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    for _ in 0..10 {
        let again = send(site.address(), "GET", "/", &[("cookie", &cookie)], b"")
            .await
            .unwrap();
        assert_eq!(again.headers["x-switchyard-target-group"], group);
    }
    site.lab.advance(Duration::from_secs(61));
    let mut met = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let later = send(site.address(), "GET", "/", &[("cookie", &cookie)], b"")
            .await
            .unwrap();
        met.insert(later.headers["x-switchyard-target-group"].clone());
    }
    assert_eq!(met.len(), 2, "an expired cookie binds nobody");
    site.lab.stop().await;
}

#[tokio::test]
async fn a_group_without_targets_answers_503() {
    let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
    assert_eq!(site.visit("/").await.status, 503);
    site.lab.stop().await;
}

#[tokio::test]
async fn rules_are_tried_by_priority() {
    let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
    let rule = |priority: u32, condition: Value, action: Value| {
        site.lab
            .call(
                "elbv2",
                "CreateRule",
                json!({"ListenerArn": site.listener, "Priority": priority, "Conditions": [condition], "Actions": [action]}),
            )
            .unwrap()
    };
    let fixed = |text: &str| json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418", "ContentType": "text/plain", "MessageBody": text}});
    rule(
        20,
        json!({"Field": "path-pattern", "Values": ["/api/*"]}),
        fixed("second"),
    );
    rule(
        10,
        json!({"Field": "path-pattern", "Values": ["/api/v1/*"]}),
        fixed("first"),
    );
    rule(
        30,
        json!({"Field": "host-header", "Values": ["shop.*"]}),
        json!({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}),
    );
    assert_eq!(site.visit("/api/v1/x").await.text(), "first");
    let second = site.visit("/api/v2/x").await;
    assert_eq!((second.status, second.text().as_str()), (418, "second"));
    let redirect = site.visit("/cart?x=1").await;
    assert_eq!(redirect.status, 301);
    assert_eq!(
        redirect.headers["location"],
        "https://shop.example.com:443/cart?x=1"
    );
    site.lab.stop().await;
}

#[tokio::test]
async fn images_do_what_their_tags_say() {
    let site = Site::new(&[("ageing", 1)], json!({"Enabled": false})).await;
    site.serve("ageing", "app:v3--5xx-after-2h");
    assert_eq!(site.visit("/").await.status, 200);
    site.lab.advance(Duration::from_secs(7200));
    assert_eq!(site.visit("/").await.status, 500);
    assert_eq!(
        site.visit("/health").await.status,
        200,
        "health checks do not notice"
    );

    let tasks = control(site.lab.address(), "GET", "/_lab/tasks", "").await;
    let task = &tasks["tasks"][0];
    let address = task["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let direct = send(address, "GET", "/", &[], b"").await.unwrap();
    assert_eq!(
        (
            direct.status,
            direct.headers["x-switchyard-revision"].as_str()
        ),
        (500, "ageing:1")
    );
    site.lab.stop().await;
}

#[tokio::test]
async fn an_error_rate_comes_out_evenly() {
    let site = Site::new(&[("flaky", 1)], json!({"Enabled": false})).await;
    site.serve("flaky", "app:v4--5xx-rate-20");
    let mut errors = 0;
    for _ in 0..100 {
        errors += u32::from(site.visit("/").await.status == 500);
    }
    assert!((16..=24).contains(&errors), "{errors}");
    site.lab.stop().await;
}

#[tokio::test]
async fn sockets_close_with_what_they_stand_for() {
    let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
    site.serve("blue", "app:v1");
    let listener = site.address();
    let tasks = control(site.lab.address(), "GET", "/_lab/tasks", "").await;
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 2);
    let task: SocketAddr = tasks["tasks"][0]["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    site.lab
        .call(
            "ecs",
            "DeleteService",
            json!({"cluster": "main", "service": "blue", "force": true}),
        )
        .unwrap();
    site.lab.advance(Duration::from_secs(600));
    assert_eq!(
        control(site.lab.address(), "GET", "/_lab/tasks", "").await["tasks"],
        json!([])
    );
    assert!(send(task, "GET", "/", &[], b"").await.is_none());
    site.lab
        .call(
            "elbv2",
            "DeleteListener",
            json!({"ListenerArn": site.listener}),
        )
        .unwrap();
    assert!(send(listener, "GET", "/", &[], b"").await.is_none());
    site.lab.stop().await;
}

#[tokio::test]
async fn bodies_of_any_size_pass_through() {
    let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
    site.serve("blue", "app:v1");
    let body = vec![b'x'; 2_000_000];
    let reply = send(site.address(), "POST", "/upload", &[], &body)
        .await
        .unwrap();
    assert_eq!(reply.status, 200);
    site.lab.stop().await;
}

#[test]
fn addresses_can_be_asked_for_outside_the_labs_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let site = runtime.block_on(async {
        let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
        site.serve("blue", "app:v1");
        site
    });
    let url = site.lab.listeners().unwrap().remove(0).url;
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    let answer = runtime.block_on(send(address, "GET", "/", &[], b""));
    assert_eq!(answer.unwrap().status, 200);
}

/// Sum of a load balancer metric over the last hour; of one group when it is named.
fn measured(site: &Site, name: &str, statistic: &str, group: Option<&str>) -> Option<f64> {
    let suffix = |arn: &str, after: &str| arn.split_once(after).unwrap().1.to_owned();
    let balancer = site.lab.listeners().unwrap().remove(0).load_balancer_arn;
    let mut dimensions = vec![json!({
        "Name": "LoadBalancer", "Value": suffix(&balancer, ":loadbalancer/"),
    })];
    if let Some(group) = group {
        let arn = &site.groups[group];
        let value = format!("targetgroup/{}", suffix(arn, ":targetgroup/"));
        dimensions.push(json!({"Name": "TargetGroup", "Value": value}));
    }
    let now = site.lab.world().now().epoch_seconds();
    let metric =
        json!({"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions});
    let answer = site
        .lab
        .call(
            "cloudwatch",
            "GetMetricData",
            json!({
                "StartTime": now - 3600.0, "EndTime": now + 60.0,
                "MetricDataQueries": [{"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": statistic}}],
            }),
        )
        .unwrap();
    let values = answer["MetricDataResults"][0]["Values"].as_array().unwrap();
    let values: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

#[tokio::test]
async fn requests_are_counted_by_load_balancer_and_group() {
    let site = Site::new(&[("blue", 50), ("green", 50)], json!({"Enabled": false})).await;
    site.serve("blue", "app:v1");
    site.serve("green", "app:v2--5xx-after-1s--latency-20ms");
    for _ in 0..40 {
        site.visit("/").await;
    }
    let sum = |name, group| measured(&site, name, "Sum", group);
    assert_eq!(sum("RequestCount", None), Some(40.0));
    let green = sum("RequestCount", Some("green")).unwrap();
    assert!((19.0..=21.0).contains(&green), "{green}");
    assert_eq!(sum("HTTPCode_Target_5XX_Count", Some("green")), Some(green));
    assert_eq!(sum("HTTPCode_Target_5XX_Count", Some("blue")), None);
    assert_eq!(
        sum("HTTPCode_Target_2XX_Count", Some("blue")),
        Some(40.0 - green)
    );
    assert_eq!(sum("HTTPCode_Target_5XX_Count", None), Some(green));
    let slowest = measured(&site, "TargetResponseTime", "Maximum", Some("green")).unwrap();
    assert!((0.02..10.0).contains(&slowest), "{slowest}");
    site.lab.stop().await;
}

/// The name of the load balancer and the address of a task, as the world has them.
fn inside(site: &Site) -> (String, String) {
    let name = site.lab.listeners().unwrap().remove(0).dns_name;
    let health = site
        .lab
        .call(
            "elbv2",
            "DescribeTargetHealth",
            json!({"TargetGroupArn": site.groups["blue"]}),
        )
        .unwrap();
    let ip = text(&health["TargetHealthDescriptions"][0]["Target"]["Id"]);
    (name, ip)
}

#[tokio::test]
async fn the_endpoint_is_a_proxy_into_the_network() {
    let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
    site.serve("blue", "app:v1");
    let (name, ip) = inside(&site);
    let get = async |url: String| {
        send(site.lab.address(), "GET", &url, &[], b"")
            .await
            .unwrap()
    };
    let through = get(format!("http://{name}/cart")).await;
    assert_eq!(
        (through.status, &through.json()["path"]),
        (200, &json!("/cart"))
    );
    assert_eq!(through.headers["x-switchyard-target-group"], "blue");
    let direct = get(format!("http://{ip}:80/cart?x=1")).await;
    assert_eq!(
        (direct.status, &direct.json()["path"]),
        (200, &json!("/cart"))
    );
    assert!(!direct.headers.contains_key("x-switchyard-target-group"));
    assert_eq!(
        measured(&site, "RequestCount", "Sum", None),
        Some(1.0),
        "what goes to a task passes no load balancer"
    );
    for (url, part) in [
        (format!("http://{name}:8080/"), "refused"),
        (format!("http://{ip}:81/"), "refused"),
        ("http://10.9.9.9/".to_owned(), "10.9.9.9"),
        ("http://shop.example.com/".to_owned(), "shop.example.com"),
    ] {
        let lost = get(url).await;
        assert_eq!(lost.status, 502);
        assert!(lost.text().contains(part), "{}", lost.text());
    }
    site.lab.stop().await;
}

#[tokio::test]
async fn the_proxy_opens_no_tunnels_and_lets_calls_through() {
    let site = Site::new(&[("blue", 1)], json!({"Enabled": false})).await;
    let tunnel = send(site.lab.address(), "CONNECT", "10.0.0.1:443", &[], b"")
        .await
        .unwrap();
    assert_eq!(tunnel.status, 501);
    assert!(tunnel.text().contains("http://"), "{}", tunnel.text());
    let authorization = support::authorization("ecs");
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-amz-date", "20251121T000000Z"),
        (
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.ListClusters",
        ),
        ("content-type", "application/x-amz-json-1.1"),
        ("host", "ecs.eu-west-1.amazonaws.com"),
    ];
    let url = "http://ecs.eu-west-1.amazonaws.com/";
    let call = send(site.lab.address(), "POST", url, &headers, b"{}")
        .await
        .unwrap();
    assert_eq!(call.json()["clusterArns"].as_array().map(Vec::len), Some(1));
    site.lab.stop().await;
}
