//! Load balancing, told call by call.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{ApiError, Service, World, WorldConfig};

struct Office {
    world: World,
    balancer: String,
}

impl Office {
    fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let made = world
            .call(
                Service::Elbv2,
                "eu-west-1",
                "CreateLoadBalancer",
                json!({"Name": "shop", "Subnets": ["subnet-1", "subnet-2"]}),
            )
            .unwrap();
        let balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
            .as_str()
            .unwrap()
            .to_owned();
        Self { world, balancer }
    }

    fn call(&self, operation: &str, input: Value) -> Value {
        self.world
            .call(Service::Elbv2, "eu-west-1", operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    fn refused(&self, operation: &str, input: Value) -> ApiError {
        self.world
            .call(Service::Elbv2, "eu-west-1", operation, input)
            .unwrap_err()
    }

    fn group(&self, name: &str) -> String {
        let made = self.call("CreateTargetGroup", json!({"Name": name, "Protocol": "HTTP", "Port": "80", "VpcId": "vpc-1", "TargetType": "ip"}));
        made["TargetGroups"][0]["TargetGroupArn"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn listener(&self, port: u16, actions: Value) -> Value {
        self.call("CreateListener", json!({"LoadBalancerArn": self.balancer, "Protocol": "HTTP", "Port": port, "DefaultActions": actions}))["Listeners"][0].clone()
    }
}

fn forward(group: &str) -> Value {
    json!([{"Type": "forward", "TargetGroupArn": group}])
}

#[test]
fn a_forward_to_one_group_is_echoed_both_ways_and_a_weighted_one_only_one_way() {
    let office = Office::new();
    let (blue, green) = (office.group("blue"), office.group("green"));
    let one = office.listener(80, forward(&blue));
    let action = &one["DefaultActions"][0];
    assert_eq!(action["TargetGroupArn"], blue);
    assert_eq!(
        action["ForwardConfig"]["TargetGroups"],
        json!([{"TargetGroupArn": blue, "Weight": 1}])
    );
    assert_eq!(
        action["ForwardConfig"]["TargetGroupStickinessConfig"]["Enabled"],
        false
    );
    let weighted = json!([{"Type": "forward", "ForwardConfig": {
        "TargetGroups": [{"TargetGroupArn": blue, "Weight": "90"}, {"TargetGroupArn": green, "Weight": "10"}],
        "TargetGroupStickinessConfig": {"Enabled": "true", "DurationSeconds": "60"},
    }}]);
    let two = office.call(
        "ModifyListener",
        json!({"ListenerArn": one["ListenerArn"], "DefaultActions": weighted}),
    )["Listeners"][0]
        .clone();
    assert_eq!(two["DefaultActions"][0]["TargetGroupArn"], Value::Null);
    assert_eq!(
        two["DefaultActions"][0]["ForwardConfig"]["TargetGroups"][1]["Weight"],
        10
    );
    let rules = office.call("DescribeRules", json!({"ListenerArn": one["ListenerArn"]}));
    assert_eq!(
        (
            &rules["Rules"][0]["IsDefault"],
            &rules["Rules"][0]["Actions"]
        ),
        (&json!(true), &two["DefaultActions"])
    );
}

#[test]
fn rules_keep_their_priorities_apart() {
    let office = Office::new();
    let group = office.group("blue");
    let listener = office.listener(80, forward(&group))["ListenerArn"].clone();
    let rule = |priority: u32| {
        json!({
            "ListenerArn": listener, "Priority": priority, "Actions": forward(&group),
            "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example"]}}],
        })
    };
    let first = office.call("CreateRule", rule(10))["Rules"][0].clone();
    assert_eq!(first["Conditions"][0]["Values"], json!(["a.example"]));
    assert_eq!(office.refused("CreateRule", rule(10)).code, "PriorityInUse");
    let second = office.call("CreateRule", rule(20))["Rules"][0]["RuleArn"].clone();
    office.call(
        "SetRulePriorities",
        json!({"RulePriorities": [
            {"RuleArn": first["RuleArn"], "Priority": 20}, {"RuleArn": second, "Priority": 10},
        ]}),
    );
    let rules = office.call("DescribeRules", json!({"ListenerArn": listener}));
    let order: Vec<&str> = rules["Rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["Priority"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["10", "20", "default"]);
    assert_eq!(rules["Rules"][0]["RuleArn"], second);
    let default = rules["Rules"][2]["RuleArn"].clone();
    assert_eq!(
        office
            .refused("DeleteRule", json!({"RuleArn": default}))
            .code,
        "OperationNotPermitted"
    );
}

#[test]
fn what_is_missing_or_used_is_said_with_its_code() {
    let office = Office::new();
    let group = office.group("blue");
    let listener = office.listener(80, forward(&group))["ListenerArn"].clone();
    for (operation, input, code) in [
        (
            "DescribeLoadBalancers",
            json!({"Names": ["ghost"]}),
            "LoadBalancerNotFound",
        ),
        (
            "DescribeTargetGroups",
            json!({"TargetGroupArns": ["ghost"]}),
            "TargetGroupNotFound",
        ),
        (
            "DescribeListeners",
            json!({"ListenerArns": ["ghost"]}),
            "ListenerNotFound",
        ),
        (
            "DescribeRules",
            json!({"RuleArns": ["ghost"]}),
            "RuleNotFound",
        ),
        (
            "DeleteTargetGroup",
            json!({"TargetGroupArn": group}),
            "ResourceInUse",
        ),
        (
            "CreateListener",
            json!({"LoadBalancerArn": office.balancer, "Protocol": "HTTP", "Port": "80", "DefaultActions": forward(&group)}),
            "DuplicateListener",
        ),
        (
            "CreateTargetGroup",
            json!({"Name": "blue", "Protocol": "HTTP", "Port": "81", "VpcId": "vpc-1"}),
            "DuplicateTargetGroupName",
        ),
        (
            "CreateTargetGroup",
            json!({"Name": "a-name-with-thirty-three-characters", "Protocol": "HTTP", "Port": "81", "VpcId": "vpc-1"}),
            "ValidationError",
        ),
        (
            "CreateLoadBalancer",
            json!({"Name": "shop", "Type": "network", "Subnets": ["subnet-1"]}),
            "DuplicateLoadBalancerName",
        ),
        ("BrewTea", json!({}), "InvalidAction"),
    ] {
        assert_eq!(office.refused(operation, input).code, code, "{operation}");
    }
    let made = office.call(
        "CreateLoadBalancer",
        json!({"Name": "other", "Subnets": ["subnet-1", "subnet-2"]}),
    );
    let other = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let stolen = json!({"LoadBalancerArn": other, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward(&group)});
    assert_eq!(
        office.refused("CreateListener", stolen).code,
        "TargetGroupAssociationLimit"
    );
    office.call("DeleteListener", json!({"ListenerArn": listener}));
    office.call("DeleteTargetGroup", json!({"TargetGroupArn": group}));
}

#[test]
fn targets_of_an_unused_group_are_not_checked() {
    let office = Office::new();
    let group = office.group("blue");
    office.call(
        "RegisterTargets",
        json!({"TargetGroupArn": group, "Targets": [{"Id": "10.0.0.1", "Port": "8080"}]}),
    );
    let health = || {
        office.call("DescribeTargetHealth", json!({"TargetGroupArn": group}))["TargetHealthDescriptions"][0]["TargetHealth"].clone()
    };
    assert_eq!(
        (&health()["State"], &health()["Reason"]),
        (&json!("unused"), &json!("Target.NotInUse"))
    );
    office.listener(80, forward(&group));
    assert_eq!(
        (&health()["State"], &health()["Reason"]),
        (&json!("initial"), &json!("Elb.RegistrationInProgress"))
    );
    office.world.advance(Duration::from_secs(10));
    assert_eq!(health()["Reason"], "Elb.InitialHealthChecking");
    office.world.advance(Duration::from_secs(60));
    assert_eq!(
        (&health()["State"], &health()["Reason"]),
        (&json!("unhealthy"), &json!("Target.Timeout")),
        "nobody has that address"
    );
    office.call(
        "DeregisterTargets",
        json!({"TargetGroupArn": group, "Targets": [{"Id": "10.0.0.1", "Port": "8080"}]}),
    );
    assert_eq!(health()["State"], "draining");
    office.world.advance(Duration::from_secs(300));
    assert_eq!(health(), Value::Null);
}

#[test]
fn settings_and_attributes_have_aws_defaults() {
    let office = Office::new();
    let group = office.group("blue");
    let described =
        office.call("DescribeTargetGroups", json!({"Names": ["blue"]}))["TargetGroups"][0].clone();
    for (member, expected) in [
        ("HealthCheckIntervalSeconds", json!(30)),
        ("HealthCheckTimeoutSeconds", json!(5)),
        ("HealthyThresholdCount", json!(5)),
        ("UnhealthyThresholdCount", json!(2)),
        ("HealthCheckPath", json!("/")),
        ("HealthCheckPort", json!("traffic-port")),
        ("Matcher", json!({"HttpCode": "200"})),
        ("ProtocolVersion", json!("HTTP1")),
        ("LoadBalancerArns", json!([])),
    ] {
        assert_eq!(described[member], expected, "{member}");
    }
    office.call("ModifyTargetGroupAttributes", json!({"TargetGroupArn": group, "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]}));
    let attributes = office.call(
        "DescribeTargetGroupAttributes",
        json!({"TargetGroupArn": group}),
    )["Attributes"]
        .clone();
    let value = |key: &str| {
        attributes
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["Key"] == key)
            .map(|row| row["Value"].clone())
    };
    assert_eq!(
        value("deregistration_delay.timeout_seconds"),
        Some(json!("30"))
    );
    assert_eq!(value("stickiness.type"), Some(json!("lb_cookie")));
    office.call(
        "AddTags",
        json!({"ResourceArns": [group], "Tags": [{"Key": "team", "Value": "shop"}]}),
    );
    let tags = office.call("DescribeTags", json!({"ResourceArns": [group]}));
    assert_eq!(
        tags["TagDescriptions"][0]["Tags"],
        json!([{"Key": "team", "Value": "shop"}])
    );
}

#[test]
fn long_lists_come_in_pages() {
    let office = Office::new();
    for number in 0..5 {
        office.group(&format!("group-{number}"));
    }
    let first = office.call("DescribeTargetGroups", json!({"PageSize": "3"}));
    assert_eq!(first["TargetGroups"].as_array().map(Vec::len), Some(3));
    let rest = office.call(
        "DescribeTargetGroups",
        json!({"PageSize": "3", "Marker": first["NextMarker"]}),
    );
    assert_eq!(
        (
            rest["TargetGroups"].as_array().map(Vec::len),
            &rest["NextMarker"]
        ),
        (Some(2), &Value::Null)
    );
}

#[test]
fn deletion_protection_holds() {
    let office = Office::new();
    let protect = |on: &str| {
        office.call("ModifyLoadBalancerAttributes", json!({"LoadBalancerArn": office.balancer, "Attributes": [{"Key": "deletion_protection.enabled", "Value": on}]}))
    };
    protect("true");
    assert_eq!(
        office
            .refused(
                "DeleteLoadBalancer",
                json!({"LoadBalancerArn": office.balancer})
            )
            .code,
        "OperationNotPermitted"
    );
    protect("false");
    let group = office.group("blue");
    office.listener(80, forward(&group));
    office.call(
        "DeleteLoadBalancer",
        json!({"LoadBalancerArn": office.balancer}),
    );
    assert!(office.world.data_plane().listeners.is_empty());
    office.call("DeleteTargetGroup", json!({"TargetGroupArn": group}));
}

#[test]
fn rules_and_their_conditions_have_limits() {
    let office = Office::new();
    let group = office.group("blue");
    let listener = office.listener(80, forward(&group))["ListenerArn"].clone();
    let rule = |priority: u32, conditions: Value| {
        json!({
            "ListenerArn": listener, "Priority": priority, "Conditions": conditions, "Actions": forward(&group),
        })
    };
    let paths = |values: &[&str]| json!({ "Field": "path-pattern", "PathPatternConfig": { "Values": values } });
    let hosts = json!({ "Field": "host-header", "Values": ["*.example.com"] });
    for (conditions, part) in [
        (
            json!([paths(&["/a", "/b", "/c", "/d", "/e"]), hosts]),
            "'5' condition values",
        ),
        (
            json!([paths(&["/*/*/*", "/?/?/?"]), hosts]),
            "'6' condition wildcards",
        ),
        (
            json!([paths(&["/a"]), paths(&["/b"])]),
            "one 'path-pattern'",
        ),
    ] {
        let refused = office.refused("CreateRule", rule(1, conditions));
        assert_eq!(refused.code, "ValidationError");
        assert!(refused.message.contains(part), "{}", refused.message);
    }
    for priority in 1..=100 {
        office.call("CreateRule", rule(priority, json!([paths(&["/a"])])));
    }
    let refused = office.refused("CreateRule", rule(101, json!([paths(&["/a"])])));
    assert_eq!(refused.code, "TooManyRules");
}
