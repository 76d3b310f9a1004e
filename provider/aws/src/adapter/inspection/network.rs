//! Networks, from EC2; load balancers and their certificates.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use switchyard_engine::ports::{CertificateFacts, Opening, Result, SubnetFacts, WayOut};

use crate::call::{Call, Caller};
use crate::direct::{Effect, Element};
use crate::failed::incomplete;

const CERTIFICATE: &str = "acm:DescribeCertificate";
const ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";
const GROUPS: &str = "ec2:DescribeSecurityGroups";
const ROUTES: &str = "ec2:DescribeRouteTables";
const SUBNETS: &str = "ec2:DescribeSubnets";
const LISTENERS: &str = "elasticloadbalancing:DescribeListeners";
const BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";

/// Everything of a list that has one of these values; EC2 takes 200 in a filter, and a service has far fewer subnets and
/// groups.
async fn filtered(
    caller: &Caller,
    operation: &'static str,
    filter: &str,
    values: &BTreeSet<String>,
) -> Result<Element> {
    let target = values.iter().cloned().collect::<Vec<_>>().join(", ");
    let names: Vec<String> = (1..=values.len())
        .map(|number| format!("Filter.1.Value.{number}"))
        .collect();
    let mut parameters = vec![("Filter.1.Name", filter)];
    parameters.extend(
        names
            .iter()
            .map(String::as_str)
            .zip(values.iter().map(String::as_str)),
    );
    let call = Call::plain(operation, &target);
    caller.ec2(call, Effect::Reads, &parameters).await
}

pub(super) async fn subnets(caller: &Caller, ids: &BTreeSet<String>) -> Result<Vec<SubnetFacts>> {
    let found = filtered(caller, SUBNETS, "subnet-id", ids).await?;
    let vpcs: BTreeMap<String, String> = found
        .entries("subnetSet")
        .filter_map(|subnet| {
            let id = subnet.text_of("subnetId")?;
            Some((id.to_owned(), subnet.text_of("vpcId")?.to_owned()))
        })
        .collect();
    let wanted: BTreeSet<String> = vpcs.values().cloned().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let tables = filtered(caller, ROUTES, "vpc-id", &wanted).await?;
    let subnets = vpcs.into_iter().map(|(id, vpc)| SubnetFacts {
        way_out: way_out(&tables, &id, &vpc),
        id,
        vpc,
    });
    Ok(subnets.collect())
}

/// The default route of the subnet's own table, or of its VPC's main one.
fn way_out(tables: &Element, subnet: &str, vpc: &str) -> WayOut {
    let has = |table: &Element, is_meant: &dyn Fn(&Element) -> bool| {
        table.entries("associationSet").any(is_meant)
    };
    let own = |table: &&Element| {
        has(table, &|association| {
            association.text_of("subnetId") == Some(subnet)
        })
    };
    let main = |table: &&Element| {
        table.text_of("vpcId") == Some(vpc)
            && has(table, &|association| {
                association.text_of("main") == Some("true")
            })
    };
    let table = tables.entries("routeTableSet").find(own);
    let table = table.or_else(|| tables.entries("routeTableSet").find(main));
    let mut routes = table
        .into_iter()
        .flat_map(|table| table.entries("routeSet"));
    let default = routes.find(|route| {
        let is_default = route.text_of("destinationCidrBlock") == Some("0.0.0.0/0");
        // Where its gateway is gone, a route is a black hole.
        is_default && route.text_of("state") != Some("blackhole")
    });
    match default {
        None => WayOut::Nowhere,
        Some(route) if route.text_of("natGatewayId").is_some() => WayOut::Nat,
        Some(route) if route.text_of("instanceId").is_some() => WayOut::Nat,
        Some(route)
            if route
                .text_of("gatewayId")
                .is_some_and(|id| id.starts_with("igw-")) =>
        {
            WayOut::Internet
        }
        Some(_) => WayOut::Elsewhere,
    }
}

pub(super) async fn endpoints(caller: &Caller, vpc: &str) -> Result<BTreeSet<String>> {
    let vpcs = BTreeSet::from([vpc.to_owned()]);
    let found = filtered(caller, ENDPOINTS, "vpc-id", &vpcs).await?;
    let available = found.entries("vpcEndpointSet").filter(|endpoint| {
        endpoint
            .text_of("state")
            .is_some_and(|state| state.eq_ignore_ascii_case("available"))
    });
    Ok(available
        .filter_map(|endpoint| endpoint.text_of("serviceName"))
        .map(ToOwned::to_owned)
        .collect())
}

pub(super) async fn openings(caller: &Caller, groups: &BTreeSet<String>) -> Result<Vec<Opening>> {
    let found = filtered(caller, GROUPS, "group-id", groups).await?;
    let permissions = found
        .entries("securityGroupInfo")
        .flat_map(|group| group.entries("ipPermissions"));
    Ok(permissions.map(opening).collect())
}

fn opening(permission: &Element) -> Opening {
    let port = |name: &str| permission.text_of(name).and_then(|text| text.parse().ok());
    let groups = permission.entries("groups");
    let addresses = ["ipRanges", "ipv6Ranges", "prefixListIds"];
    Opening {
        protocol: permission
            .text_of("ipProtocol")
            .unwrap_or_default()
            .to_owned(),
        ports: port("fromPort").zip(port("toPort")),
        groups: groups
            .filter_map(|group| group.text_of("groupId"))
            .map(ToOwned::to_owned)
            .collect(),
        has_addresses: addresses
            .iter()
            .any(|list| permission.entries(list).next().is_some()),
    }
}

pub(super) async fn balancer_groups(caller: &Caller, arn: &str) -> Result<BTreeSet<String>> {
    let client = caller.connection.elb(BALANCERS, arn).await?;
    let request = client.describe_load_balancers().load_balancer_arns(arn);
    let answer = caller
        .read(Call::plain(BALANCERS, arn), request.send())
        .await?;
    let balancers = answer.load_balancers().iter();
    Ok(balancers
        .flat_map(|balancer| balancer.security_groups())
        .cloned()
        .collect())
}

pub(super) async fn certificates(caller: &Caller, arn: &str) -> Result<Vec<CertificateFacts>> {
    let client = caller.connection.elb(LISTENERS, arn).await?;
    let request = client.describe_listeners().load_balancer_arn(arn);
    let answer = caller
        .read(Call::plain(LISTENERS, arn), request.send())
        .await?;
    let certificates = answer
        .listeners()
        .iter()
        .flat_map(|listener| listener.certificates())
        .filter_map(|certificate| certificate.certificate_arn());
    // Those that IAM keeps are not described by Certificate Manager.
    let arns: BTreeSet<&str> = certificates.filter(|arn| arn.contains(":acm:")).collect();
    let mut found = Vec::new();
    for arn in arns {
        let body = json!({ "CertificateArn": arn });
        let call = Call::plain(CERTIFICATE, arn);
        let target = "CertificateManager.DescribeCertificate";
        let answer = caller.json(call, Effect::Reads, target, &body).await?;
        found.push(
            certificate(arn, &answer).ok_or_else(|| incomplete(CERTIFICATE, arn, "NotAfter"))?,
        );
    }
    Ok(found)
}

fn certificate(arn: &str, answer: &Value) -> Option<CertificateFacts> {
    let found = answer.get("Certificate")?;
    let text = |name: &str| found.get(name).and_then(Value::as_str);
    let seconds = found.get("NotAfter")?.as_f64()?;
    let ends_at = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Some(CertificateFacts {
        arn: arn.to_owned(),
        domain: text("DomainName").unwrap_or_default().to_owned(),
        ends_at: Timestamp::from_duration(ends_at).ok()?,
        is_renewed: text("Type") == Some("AMAZON_ISSUED")
            && text("RenewalEligibility") == Some("ELIGIBLE"),
    })
}
