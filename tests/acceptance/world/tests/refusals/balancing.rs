//! Elastic Load Balancing.

use serde_json::{Value, json};
use switchyard_world::Service::Elbv2;

use super::Site;

const INVALID: &str = "ValidationError";

/// A load balancer, an HTTP listener on port 80 with a fixed answer, a rule, a target group.
fn site() -> (Site, Value) {
    let site = Site::new();
    let answer = |operation: &str, input: Value, pointer: &str| {
        site.taken(Elbv2, operation, input)
            .pointer(pointer)
            .unwrap()
            .clone()
    };
    let balancer = answer(
        "CreateLoadBalancer",
        json!({"Name": "main", "Subnets": ["subnet-a", "subnet-b"]}),
        "/LoadBalancers/0/LoadBalancerArn",
    );
    let listener = answer(
        "CreateListener",
        json!({"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": [fixed()]}),
        "/Listeners/0/ListenerArn",
    );
    let rule = answer(
        "CreateRule",
        json!({"ListenerArn": listener, "Priority": 1, "Actions": [fixed()], "Conditions": paths(&["/a"])}),
        "/Rules/0/RuleArn",
    );
    let group = answer(
        "CreateTargetGroup",
        json!({"Name": "main", "Port": 80, "Protocol": "HTTP", "VpcId": "vpc-1", "TargetType": "ip"}),
        "/TargetGroups/0/TargetGroupArn",
    );
    (
        site,
        json!({"balancer": balancer, "listener": listener, "rule": rule, "group": group}),
    )
}

fn fixed() -> Value {
    json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}})
}

fn paths(values: &[&str]) -> Value {
    json!([{"Field": "path-pattern", "PathPatternConfig": {"Values": values}}])
}

fn redirect(config: &Value) -> Value {
    json!([{"Type": "redirect", "RedirectConfig": config}])
}

#[test]
fn a_rule_has_at_most_five_values() {
    let (site, arns) = site();
    let six = paths(&["/1", "/2", "/3", "/4", "/5", "/6"]);
    let spread = json!([
        {"Field": "path-pattern", "Values": ["/1", "/2", "/3"]},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "a", "Values": ["1", "2", "3"]}},
    ]);
    for conditions in [six, spread] {
        let create = json!({"ListenerArn": arns["listener"], "Priority": 2, "Actions": [fixed()], "Conditions": conditions});
        site.refused(
            Elbv2,
            "CreateRule",
            create,
            (INVALID, "'5' condition values"),
        );
        let modify = json!({"RuleArn": arns["rule"], "Conditions": conditions});
        site.refused(
            Elbv2,
            "ModifyRule",
            modify,
            (INVALID, "'5' condition values"),
        );
    }
    let twice = json!([{"Field": "path-pattern", "Values": ["/1"]}, {"Field": "path-pattern", "Values": ["/2"]}]);
    let modify = json!({"RuleArn": arns["rule"], "Conditions": twice});
    site.refused(
        Elbv2,
        "ModifyRule",
        modify,
        (INVALID, "one 'path-pattern' condition"),
    );
    let five =
        json!({"RuleArn": arns["rule"], "Conditions": paths(&["/1", "/2", "/3", "/4", "/5"])});
    site.taken(Elbv2, "ModifyRule", five);
}

#[test]
fn a_redirect_leads_somewhere_else() {
    let (site, arns) = site();
    let loops = ("InvalidLoadBalancerAction", "creates a loop");
    for config in [
        json!({"StatusCode": "HTTP_301"}),
        json!({"StatusCode": "HTTP_301", "Protocol": "HTTP", "Port": "80"}),
    ] {
        let modify = json!({"ListenerArn": arns["listener"], "DefaultActions": redirect(&config)});
        site.refused(Elbv2, "ModifyListener", modify, loops);
        let modify = json!({"RuleArn": arns["rule"], "Actions": redirect(&config)});
        site.refused(Elbv2, "ModifyRule", modify, loops);
        let create = json!({
            "LoadBalancerArn": arns["balancer"], "Port": 8080, "Protocol": "HTTP",
            "DefaultActions": redirect(&json!({"StatusCode": "HTTP_301"})),
        });
        site.refused(Elbv2, "CreateListener", create, loops);
    }
    let secure = json!({"StatusCode": "HTTP_301", "Protocol": "HTTPS", "Port": "443"});
    let modify = json!({"ListenerArn": arns["listener"], "DefaultActions": redirect(&secure)});
    site.taken(Elbv2, "ModifyListener", modify);
}

#[test]
fn attributes_are_known_and_within_their_limits() {
    let (site, arns) = site();
    let attributes = |key: &str, value: &str| json!([{"Key": key, "Value": value}]);
    let balancer = |key, value| json!({"LoadBalancerArn": arns["balancer"], "Attributes": attributes(key, value)});
    let group =
        |key, value| json!({"TargetGroupArn": arns["group"], "Attributes": attributes(key, value)});
    let listener =
        |key, value| json!({"ListenerArn": arns["listener"], "Attributes": attributes(key, value)});
    for (operation, input, words) in [
        (
            "ModifyLoadBalancerAttributes",
            balancer("idle_timeout.timeout_seconds", "4001"),
            "idle_timeout",
        ),
        (
            "ModifyLoadBalancerAttributes",
            balancer("idle_timeout", "60"),
            "'idle_timeout' is not recognized",
        ),
        (
            "ModifyLoadBalancerAttributes",
            balancer("routing.http2.enabled", "yes"),
            "routing.http2",
        ),
        (
            "ModifyTargetGroupAttributes",
            group("deregistration_delay.timeout_seconds", "3601"),
            "3601",
        ),
        (
            "ModifyTargetGroupAttributes",
            group("slow_start.duration_seconds", "29"),
            "29",
        ),
        (
            "ModifyTargetGroupAttributes",
            group("stickiness.type", "cookie"),
            "cookie",
        ),
        (
            "ModifyTargetGroupAttributes",
            group("stickiness", "true"),
            "not recognized",
        ),
        (
            "ModifyListenerAttributes",
            listener("tcp.idle_timeout.seconds", "59"),
            "59",
        ),
        (
            "ModifyListenerAttributes",
            listener("tcp.idle_timeout", "60"),
            "not recognized",
        ),
    ] {
        site.refused(Elbv2, operation, input, (INVALID, words));
    }
    site.taken(
        Elbv2,
        "ModifyLoadBalancerAttributes",
        balancer("idle_timeout.timeout_seconds", "4000"),
    );
    site.taken(
        Elbv2,
        "ModifyTargetGroupAttributes",
        group("slow_start.duration_seconds", "30"),
    );
    site.taken(
        Elbv2,
        "ModifyTargetGroupAttributes",
        group("slow_start.duration_seconds", "0"),
    );
}

#[test]
fn a_resource_has_at_most_fifty_tags() {
    let (site, arns) = site();
    let tags = |count: usize| -> Value {
        (0..count)
            .map(|number| json!({"Key": format!("k{number}"), "Value": "v"}))
            .collect()
    };
    let add = |tags: Value| json!({"ResourceArns": [arns["group"]], "Tags": tags});
    site.refused(Elbv2, "AddTags", add(tags(51)), ("TooManyTags", "50"));
    site.taken(Elbv2, "AddTags", add(tags(50)));
    let twice = json!([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]);
    site.refused(Elbv2, "AddTags", add(twice), ("DuplicateTagKeys", "'a'"));
}
