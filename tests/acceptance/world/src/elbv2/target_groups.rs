//! Target groups and their settings.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::attribute_rules::Owner;
use super::attributes::{self, Attributes};
use super::targets::Target;
use super::{described, done, load_balancer_not_found, tags, target_group_not_found};
use crate::ecs;
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// A target group.
#[derive(Clone, Debug)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// The load balancer that uses it, through any rule.
    pub(crate) load_balancer: Option<String>,
    /// Since when it is used; health checks start then.
    pub(super) used_since: Option<Timestamp>,
    pub(super) targets: Vec<Target>,
    pub(super) health_check: HealthCheck,
    pub(super) attributes: Attributes,
    pub(crate) target_type: String,
    protocol: Option<String>,
    protocol_version: Option<String>,
    pub(super) port: Option<u16>,
    vpc: Option<String>,
    ip_address_type: Option<String>,
}

/// How a target's health is found out.
#[derive(Clone, Debug)]
pub(super) struct HealthCheck {
    pub(super) enabled: bool,
    pub(super) protocol: Option<String>,
    pub(super) port: String,
    pub(super) path: Option<String>,
    /// Seconds between two checks.
    pub(super) interval: u32,
    /// Seconds one check may take.
    pub(super) timeout: u32,
    pub(super) healthy_threshold: u32,
    pub(super) unhealthy_threshold: u32,
    /// `{"HttpCode": …}` or `{"GrpcCode": …}`.
    pub(super) matcher: Option<Value>,
}

impl TargetGroup {
    /// How long a deregistered target keeps draining.
    pub(super) fn deregistration_delay(&self) -> Duration {
        let seconds = self
            .attributes
            .get("deregistration_delay.timeout_seconds")
            .and_then(|text| text.parse().ok())
            .unwrap_or(300);
        Duration::from_secs(seconds)
    }
}

fn find<'a>(state: &'a World, input: &Input) -> Result<&'a TargetGroup, ApiError> {
    state
        .elbv2
        .target_groups
        .get(&input.required("TargetGroupArn")?)
        .ok_or_else(target_group_not_found)
}

fn find_mut<'a>(state: &'a mut World, input: &Input) -> Result<&'a mut TargetGroup, ApiError> {
    state
        .elbv2
        .target_groups
        .get_mut(&input.required("TargetGroupArn")?)
        .ok_or_else(target_group_not_found)
}

fn check_name(input: &Input, name: &str) -> Result<(), ApiError> {
    if name.len() > 32 {
        return Err(input.refuse(format!(
            "Target group name '{name}' cannot be longer than '32' characters"
        )));
    }
    let well_formed = !name.starts_with('-')
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if well_formed {
        Ok(())
    } else {
        Err(input.refuse(format!(
            "Target group name '{name}' can only contain characters that are alphanumeric characters or hyphens(-) \
             and must not begin or end with a hyphen"
        )))
    }
}

/// Reads the health check settings, over `before` (when modifying) or AWS's defaults.
fn health_check(
    input: &Input,
    protocol: &str,
    version: Option<&str>,
    target_type: &str,
    before: Option<&HealthCheck>,
) -> Result<HealthCheck, ApiError> {
    let lambda = target_type == "lambda";
    let web = lambda || matches!(protocol, "HTTP" | "HTTPS");
    let check_protocol = match input.text("HealthCheckProtocol")? {
        Some(given) => Some(given),
        None => match before {
            Some(before) => before.protocol.clone(),
            None if lambda => None,
            None if web => Some("HTTP".to_owned()),
            None => Some("TCP".to_owned()),
        },
    };
    let asks_http = lambda
        || check_protocol
            .as_deref()
            .is_some_and(|check| check.starts_with("HTTP"));
    let grpc = version == Some("GRPC");
    let default_path = if grpc { "/AWS.ALB/healthcheck" } else { "/" };
    let default_matcher = if grpc {
        json!({ "GrpcCode": "12" })
    } else {
        json!({ "HttpCode": if web { "200" } else { "200-399" } })
    };
    let thresholds = |name: &str, before: Option<u32>, default: u32| -> Result<u32, ApiError> {
        Ok(input.number_in(name, 2, 10)?.or(before).unwrap_or(default))
    };
    let check = HealthCheck {
        enabled: input
            .flag("HealthCheckEnabled")?
            .or(before.map(|before| before.enabled))
            .unwrap_or(!lambda),
        port: input
            .text("HealthCheckPort")?
            .or_else(|| before.map(|before| before.port.clone()))
            .unwrap_or_else(|| "traffic-port".to_owned()),
        path: input
            .text("HealthCheckPath")?
            .or_else(|| before.and_then(|before| before.path.clone()))
            .or_else(|| asks_http.then(|| default_path.to_owned())),
        interval: input
            .number_in("HealthCheckIntervalSeconds", 5, 300)?
            .or(before.map(|before| before.interval))
            .unwrap_or(if lambda { 35 } else { 30 }),
        timeout: input
            .number_in("HealthCheckTimeoutSeconds", 2, 120)?
            .or(before.map(|before| before.timeout))
            .unwrap_or(match (lambda, web, asks_http) {
                (true, ..) => 30,
                (false, true, _) => 5,
                (false, false, true) => 6,
                (false, false, false) => 10,
            }),
        healthy_threshold: thresholds(
            "HealthyThresholdCount",
            before.map(|before| before.healthy_threshold),
            5,
        )?,
        unhealthy_threshold: thresholds(
            "UnhealthyThresholdCount",
            before.map(|before| before.unhealthy_threshold),
            2,
        )?,
        matcher: input
            .value("Matcher")
            .filter(|matcher| {
                matcher
                    .as_object()
                    .is_some_and(|members| !members.is_empty())
            })
            .cloned()
            .or_else(|| before.and_then(|before| before.matcher.clone()))
            .or_else(|| asks_http.then_some(default_matcher)),
        protocol: check_protocol,
    };
    if check.enabled && check.timeout >= check.interval && !lambda && web {
        return Err(input.refuse(format!(
            "Health check interval must be greater than the timeout: interval '{}', timeout '{}'",
            check.interval, check.timeout
        )));
    }
    Ok(check)
}

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let name = input.required("Name")?;
    check_name(input, &name)?;
    let target_type = input
        .text("TargetType")?
        .unwrap_or_else(|| "instance".to_owned());
    let protocol = input.text("Protocol")?;
    let port = input
        .number_in("Port", 1, 65_535)?
        .and_then(|port| u16::try_from(port).ok());
    if target_type != "lambda" {
        if protocol.is_none() {
            return Err(input.refuse("A protocol must be specified"));
        }
        if port.is_none() {
            return Err(input.refuse("A port must be specified"));
        }
        input.required("VpcId")?;
    }
    let protocol_version = match (input.text("ProtocolVersion")?, protocol.as_deref()) {
        (Some(version), _) => Some(version),
        (None, Some("HTTP" | "HTTPS")) => Some("HTTP1".to_owned()),
        (None, _) => None,
    };
    let health_check = health_check(
        input,
        protocol.as_deref().unwrap_or_default(),
        protocol_version.as_deref(),
        &target_type,
        None,
    )?;
    if let Some(same) = state
        .elbv2
        .target_groups
        .values()
        .find(|known| known.name == name)
    {
        if same.protocol == protocol
            && same.port == port
            && same.target_type == target_type
            && same.vpc == input.text("VpcId")?
        {
            return Ok(json!({ "TargetGroups": [render(same)] }));
        }
        return Err(ApiError::new(
            "DuplicateTargetGroupName",
            format!(
                "A target group with the same name '{name}' exists, but with different settings"
            ),
        ));
    }
    let id = state.ids.hex(16);
    let arn = state.arn("elasticloadbalancing", &format!("targetgroup/{name}/{id}"));
    let group = TargetGroup {
        arn: arn.clone(),
        name,
        load_balancer: None,
        used_since: None,
        targets: Vec::new(),
        health_check,
        attributes: attributes::of_target_group(
            protocol.as_deref().unwrap_or_default(),
            &target_type,
        ),
        vpc: if target_type == "lambda" {
            None
        } else {
            input.text("VpcId")?
        },
        ip_address_type: match input.text("IpAddressType")? {
            Some(given) => Some(given),
            None if target_type == "lambda" => None,
            None => Some("ipv4".to_owned()),
        },
        target_type,
        protocol,
        protocol_version,
        port,
    };
    let rendered = render(&group);
    let tags = tags::of_input(input)?;
    state.elbv2.target_groups.insert(arn.clone(), group);
    state.elbv2.tags.insert(arn, tags);
    Ok(json!({ "TargetGroups": [rendered] }))
}

fn render(group: &TargetGroup) -> Value {
    let check = &group.health_check;
    let mut members = Map::from_iter([
        ("TargetGroupArn".to_owned(), json!(group.arn)),
        ("TargetGroupName".to_owned(), json!(group.name)),
        ("HealthCheckEnabled".to_owned(), json!(check.enabled)),
        (
            "HealthCheckIntervalSeconds".to_owned(),
            json!(check.interval),
        ),
        ("HealthCheckTimeoutSeconds".to_owned(), json!(check.timeout)),
        (
            "HealthyThresholdCount".to_owned(),
            json!(check.healthy_threshold),
        ),
        (
            "UnhealthyThresholdCount".to_owned(),
            json!(check.unhealthy_threshold),
        ),
        (
            "LoadBalancerArns".to_owned(),
            json!(group.load_balancer.iter().collect::<Vec<_>>()),
        ),
        ("TargetType".to_owned(), json!(group.target_type)),
    ]);
    let optional = [
        ("Protocol", group.protocol.as_ref().map(|text| json!(text))),
        ("Port", group.port.map(|port| json!(port))),
        ("VpcId", group.vpc.as_ref().map(|text| json!(text))),
        (
            "HealthCheckProtocol",
            check.protocol.as_ref().map(|text| json!(text)),
        ),
        (
            "HealthCheckPort",
            (group.target_type != "lambda").then(|| json!(check.port)),
        ),
        (
            "HealthCheckPath",
            check.path.as_ref().map(|text| json!(text)),
        ),
        ("Matcher", check.matcher.clone()),
        (
            "ProtocolVersion",
            group.protocol_version.as_ref().map(|text| json!(text)),
        ),
        (
            "IpAddressType",
            group.ip_address_type.as_ref().map(|text| json!(text)),
        ),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    }
    Value::Object(members)
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let elbv2 = &state.elbv2;
    let all = &elbv2.target_groups;
    let found: Vec<&TargetGroup> = if let Some(arns) = input
        .texts("TargetGroupArns")?
        .filter(|arns| !arns.is_empty())
    {
        arns.iter()
            .map(|arn| all.get(arn).ok_or_else(target_group_not_found))
            .collect::<Result<_, _>>()?
    } else if let Some(names) = input.texts("Names")?.filter(|names| !names.is_empty()) {
        names
            .iter()
            .map(|name| {
                all.values()
                    .find(|group| &group.name == name)
                    .ok_or_else(target_group_not_found)
            })
            .collect::<Result<_, _>>()?
    } else if let Some(balancer) = input.text("LoadBalancerArn")? {
        if !elbv2.load_balancers.contains_key(&balancer) {
            return Err(load_balancer_not_found(&balancer));
        }
        all.values()
            .filter(|group| group.load_balancer.as_ref() == Some(&balancer))
            .collect()
    } else {
        all.values().collect()
    };
    let rendered: Vec<Value> = found.into_iter().map(render).collect();
    described(input, "TargetGroups", &rendered)
}

pub(super) fn modify(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let group = find_mut(state, input)?;
    group.health_check = health_check(
        input,
        group.protocol.as_deref().unwrap_or_default(),
        group.protocol_version.as_deref(),
        &group.target_type,
        Some(&group.health_check),
    )?;
    let (rendered, arn) = (render(group), group.arn.clone());
    ecs::wake_users_of(state, &arn);
    Ok(json!({ "TargetGroups": [rendered] }))
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = input.required("TargetGroupArn")?;
    if state
        .elbv2
        .target_groups
        .get(&arn)
        .is_some_and(|group| group.load_balancer.is_some())
    {
        return Err(ApiError::new(
            "ResourceInUse",
            format!("Target group '{arn}' is currently in use by a listener or a rule"),
        ));
    }
    state.elbv2.target_groups.remove(&arn);
    state.elbv2.tags.remove(&arn);
    done()
}

pub(super) fn describe_attributes(state: &World, input: &Input) -> Result<Value, ApiError> {
    Ok(attributes::listed(&find(state, input)?.attributes))
}

pub(super) fn modify_attributes(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let group = find_mut(state, input)?;
    attributes::modify(&mut group.attributes, Owner::TargetGroup, input)?;
    Ok(attributes::listed(&group.attributes))
}
