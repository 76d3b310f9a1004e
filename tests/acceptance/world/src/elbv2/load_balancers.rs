//! Application and network load balancers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::attribute_rules::Owner;
use super::attributes::{self, Attributes};
use super::{described, done, load_balancer_not_found, tags, usage};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// A subnet and, of a network load balancer, the addresses asked for in it.
type Placement = (String, Vec<Value>);

/// A load balancer.
#[derive(Clone, Debug)]
pub(super) struct LoadBalancer {
    pub(super) arn: String,
    pub(super) name: String,
    /// `app/NAME/ID` or `net/NAME/ID`: the tail that listeners' ARNs repeat.
    pub(super) tail: String,
    /// `application`, `network` or `gateway`.
    pub(super) kind: String,
    pub(super) dns_name: String,
    scheme: String,
    created: Timestamp,
    ip_address_type: String,
    security_groups: Option<Vec<String>>,
    subnets: Vec<Placement>,
    attributes: Attributes,
    capacity_units: Option<u32>,
    ip_pools: Option<Value>,
    customer_ip_pool: Option<String>,
    prefix_list_for_nat: Option<String>,
}

fn find<'a>(state: &'a World, input: &Input) -> Result<&'a LoadBalancer, ApiError> {
    let arn = input.required("LoadBalancerArn")?;
    state
        .elbv2
        .load_balancers
        .get(&arn)
        .ok_or_else(|| load_balancer_not_found(&arn))
}

fn find_mut<'a>(state: &'a mut World, input: &Input) -> Result<&'a mut LoadBalancer, ApiError> {
    let arn = input.required("LoadBalancerArn")?;
    state
        .elbv2
        .load_balancers
        .get_mut(&arn)
        .ok_or_else(|| load_balancer_not_found(&arn))
}

/// `Subnets` or `SubnetMappings`; `None` when neither was sent.
fn subnets_of(input: &Input) -> Result<Option<Vec<Placement>>, ApiError> {
    let mappings = input.objects("SubnetMappings")?;
    if !mappings.is_empty() {
        return mappings
            .iter()
            .map(|mapping| {
                let mut address = Map::new();
                for (from, to) in [
                    ("AllocationId", "AllocationId"),
                    ("PrivateIPv4Address", "PrivateIPv4Address"),
                    ("IPv6Address", "IPv6Address"),
                ] {
                    if let Some(text) = mapping.text(from)? {
                        address.insert(to.to_owned(), Value::String(text));
                    }
                }
                let addresses = if address.is_empty() {
                    Vec::new()
                } else {
                    vec![Value::Object(address)]
                };
                Ok((mapping.required("SubnetId")?, addresses))
            })
            .collect::<Result<_, _>>()
            .map(Some);
    }
    Ok(input.texts("Subnets")?.map(|subnets| {
        subnets
            .into_iter()
            .map(|subnet| (subnet, Vec::new()))
            .collect()
    }))
}

fn check_name(input: &Input, name: &str) -> Result<(), ApiError> {
    let well_formed = name.len() <= 32
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.starts_with("internal-")
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if well_formed {
        Ok(())
    } else {
        Err(input.refuse(format!(
            "The load balancer name '{name}' cannot be longer than '32' characters, must contain only alphanumeric \
             characters or hyphens and must not begin or end with a hyphen"
        )))
    }
}

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let name = input.required("Name")?;
    check_name(input, &name)?;
    let kind = input
        .text("Type")?
        .unwrap_or_else(|| "application".to_owned());
    let scheme = input
        .text("Scheme")?
        .unwrap_or_else(|| "internet-facing".to_owned());
    let subnets = subnets_of(input)?.unwrap_or_default();
    if kind == "application" && subnets.len() < 2 {
        return Err(ApiError::new(
            "InvalidConfigurationRequest",
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    if let Some(same) = state
        .elbv2
        .load_balancers
        .values()
        .find(|known| known.name == name)
    {
        if same.kind == kind && same.scheme == scheme && same.subnets == subnets {
            return Ok(json!({ "LoadBalancers": [render(state, same)] }));
        }
        return Err(ApiError::new(
            "DuplicateLoadBalancerName",
            format!(
                "A load balancer with the same name '{name}' exists, but with different settings"
            ),
        ));
    }
    let created = new_load_balancer(state, input, name, kind, scheme, subnets)?;
    let arn = created.arn.clone();
    let rendered = render(state, &created);
    state.elbv2.tags.insert(arn.clone(), tags::of_input(input)?);
    state.elbv2.load_balancers.insert(arn, created);
    Ok(json!({ "LoadBalancers": [rendered] }))
}

fn new_load_balancer(
    state: &mut World,
    input: &Input,
    name: String,
    kind: String,
    scheme: String,
    subnets: Vec<Placement>,
) -> Result<LoadBalancer, ApiError> {
    let id = state.ids.hex(16);
    let short = match kind.as_str() {
        "network" => "net",
        "gateway" => "gwy",
        _ => "app",
    };
    let tail = format!("{short}/{name}/{id}");
    let prefix = if scheme == "internal" {
        "internal-"
    } else {
        ""
    };
    let region = &state.region;
    let dns_name = if kind == "application" {
        let number = state.ids.digits(10);
        format!("{prefix}{name}-{number}.{region}.elb.amazonaws.com")
    } else {
        format!("{name}-{id}.elb.{region}.amazonaws.com")
    };
    let security_groups = match input.texts("SecurityGroups")? {
        None if kind == "application" => Some(Vec::new()),
        given => given,
    };
    Ok(LoadBalancer {
        arn: state.arn("elasticloadbalancing", &format!("loadbalancer/{tail}")),
        name,
        tail,
        attributes: attributes::of_load_balancer(&kind),
        kind,
        dns_name,
        scheme,
        created: state.now,
        ip_address_type: input
            .text("IpAddressType")?
            .unwrap_or_else(|| "ipv4".to_owned()),
        security_groups,
        subnets,
        capacity_units: None,
        ip_pools: input.value("IpamPools").cloned(),
        customer_ip_pool: input.text("CustomerOwnedIpv4Pool")?,
        prefix_list_for_nat: input.text("EnablePrefixForIpv6SourceNat")?,
    })
}

/// The Route 53 zone that alias records to load balancers of this kind name.
fn hosted_zone(region: &str, kind: &str) -> &'static str {
    match (region, kind == "application") {
        ("us-east-1", true) => "Z35SXDOTRQ7X7K",
        ("us-east-1", false) => "Z26RNL4JYFTOTI",
        ("us-east-2", true) => "Z3AADJGX6KTTL2",
        ("us-east-2", false) => "ZLMOA37VPKANP",
        ("us-west-2", true) => "Z1H1FL5HABSF5",
        ("us-west-2", false) => "Z18D5FSROUN65G",
        ("eu-central-1", true) => "Z215JYRZR1TBD5",
        ("eu-central-1", false) => "Z3F0SRJ5LGBH90",
        (_, true) => "Z32O12XQLNTSW2",
        (_, false) => "Z2IFOLAFXWLO4F",
    }
}

fn render(state: &World, balancer: &LoadBalancer) -> Value {
    let zones: Vec<Value> = balancer
        .subnets
        .iter()
        .map(|(subnet, addresses)| {
            json!({
                "ZoneName": state.subnet(subnet).zone,
                "SubnetId": subnet,
                "LoadBalancerAddresses": addresses,
            })
        })
        .collect();
    let vpc = balancer
        .subnets
        .first()
        .map(|(subnet, _)| state.subnet(subnet).vpc)
        .unwrap_or_default();
    let mut rendered = json!({
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": hosted_zone(&state.region, &balancer.kind),
        "CreatedTime": balancer.created,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": vpc,
        "State": { "Code": "active" },
        "Type": balancer.kind,
        "AvailabilityZones": zones,
        "IpAddressType": balancer.ip_address_type,
    });
    let optional = [
        (
            "SecurityGroups",
            balancer
                .security_groups
                .as_ref()
                .map(|groups| json!(groups)),
        ),
        ("IpamPools", balancer.ip_pools.clone()),
        (
            "CustomerOwnedIpv4Pool",
            balancer.customer_ip_pool.clone().map(Value::String),
        ),
        (
            "EnablePrefixForIpv6SourceNat",
            balancer.prefix_list_for_nat.clone().map(Value::String),
        ),
    ];
    if let Value::Object(members) = &mut rendered {
        for (name, value) in optional {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        }
    }
    rendered
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let all = &state.elbv2.load_balancers;
    let found: Vec<&LoadBalancer> = if let Some(arns) = input
        .texts("LoadBalancerArns")?
        .filter(|arns| !arns.is_empty())
    {
        arns.iter()
            .map(|arn| all.get(arn).ok_or_else(|| load_balancer_not_found(arn)))
            .collect::<Result<_, _>>()?
    } else if let Some(names) = input.texts("Names")?.filter(|names| !names.is_empty()) {
        names
            .iter()
            .map(|name| {
                all.values()
                    .find(|balancer| &balancer.name == name)
                    .ok_or_else(|| load_balancer_not_found(name))
            })
            .collect::<Result<_, _>>()?
    } else {
        all.values().collect()
    };
    let rendered: Vec<Value> = found
        .into_iter()
        .map(|balancer| render(state, balancer))
        .collect();
    described(input, "LoadBalancers", &rendered)
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = input.required("LoadBalancerArn")?;
    let Some(balancer) = state.elbv2.load_balancers.get(&arn) else {
        return done();
    };
    if balancer
        .attributes
        .get("deletion_protection.enabled")
        .is_some_and(|on| on == "true")
    {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            ),
        ));
    }
    let elbv2 = &mut state.elbv2;
    elbv2.load_balancers.remove(&arn);
    elbv2.tags.remove(&arn);
    let listeners: Vec<String> = elbv2
        .listeners
        .values()
        .filter(|listener| listener.load_balancer == arn)
        .map(|listener| listener.arn.clone())
        .collect();
    for listener in listeners {
        super::listeners::remove(elbv2, &listener);
    }
    usage::refresh(state);
    done()
}

pub(super) fn set_subnets(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let subnets = subnets_of(input)?.unwrap_or_default();
    let ip_address_type = input.text("IpAddressType")?;
    let balancer = find_mut(state, input)?;
    balancer.subnets = subnets;
    if let Some(ip_address_type) = ip_address_type {
        balancer.ip_address_type = ip_address_type;
    }
    let rendered = render(state, find(state, input)?);
    let member = |name: &str| rendered.get(name).cloned().unwrap_or_default();
    Ok(json!({
        "AvailabilityZones": member("AvailabilityZones"),
        "IpAddressType": member("IpAddressType"),
    }))
}

pub(super) fn set_security_groups(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let groups = input.texts("SecurityGroups")?.unwrap_or_default();
    find_mut(state, input)?.security_groups = Some(groups.clone());
    Ok(json!({ "SecurityGroupIds": groups }))
}

pub(super) fn set_ip_address_type(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let ip_address_type = input.required("IpAddressType")?;
    find_mut(state, input)?
        .ip_address_type
        .clone_from(&ip_address_type);
    Ok(json!({ "IpAddressType": ip_address_type }))
}

pub(super) fn modify_ip_pools(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let pools = input.value("IpamPools").cloned();
    find_mut(state, input)?.ip_pools.clone_from(&pools);
    Ok(json!({ "IpamPools": pools.unwrap_or_else(|| json!({})) }))
}

pub(super) fn describe_attributes(state: &World, input: &Input) -> Result<Value, ApiError> {
    Ok(attributes::listed(&find(state, input)?.attributes))
}

pub(super) fn modify_attributes(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let balancer = find_mut(state, input)?;
    attributes::modify(&mut balancer.attributes, Owner::LoadBalancer, input)?;
    Ok(attributes::listed(&balancer.attributes))
}

fn capacity(state: &World, balancer: &LoadBalancer) -> Value {
    let Some(units) = balancer.capacity_units else {
        return json!({ "DecreaseRequestsRemaining": 2, "CapacityReservationState": [] });
    };
    let zones: BTreeMap<String, ()> = balancer
        .subnets
        .iter()
        .map(|(subnet, _)| (state.subnet(subnet).zone, ()))
        .collect();
    let states: Vec<Value> = zones
        .keys()
        .map(|zone| {
            json!({
                "State": { "Code": "provisioned" },
                "AvailabilityZone": zone,
                "EffectiveCapacityUnits": f64::from(units),
            })
        })
        .collect();
    json!({
        "LastModifiedTime": balancer.created,
        "DecreaseRequestsRemaining": 2,
        "MinimumLoadBalancerCapacity": { "CapacityUnits": units },
        "CapacityReservationState": states,
    })
}

pub(super) fn describe_capacity(state: &World, input: &Input) -> Result<Value, ApiError> {
    Ok(capacity(state, find(state, input)?))
}

pub(super) fn modify_capacity(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let reset = input.flag("ResetCapacityReservation")?.unwrap_or(false);
    let units = match input.object("MinimumLoadBalancerCapacity")? {
        Some(minimum) => minimum.number_in("CapacityUnits", 1, 1_000_000)?,
        None => None,
    };
    find_mut(state, input)?.capacity_units = if reset { None } else { units };
    Ok(capacity(state, find(state, input)?))
}
