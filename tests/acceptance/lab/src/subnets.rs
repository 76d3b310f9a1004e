//! Subnets live in EC2, which moto answers; load balancers live in the world and need to know each
//! subnet's network and zone. The lab reads them from the EC2 answers that pass through it.

use switchyard_world::{Subnet, World};

/// Operations whose answers describe subnets.
const OPERATIONS: &[&str] = &["CreateDefaultSubnet", "CreateSubnet", "DescribeSubnets"];

/// Tells the world about every subnet in an EC2 answer.
pub(crate) fn learn(world: &World, region: &str, operation: &str, answer: &[u8]) {
    if !OPERATIONS.contains(&operation) {
        return;
    }
    let Ok(text) = std::str::from_utf8(answer) else {
        return;
    };
    for part in text.split("<subnetId>").skip(1) {
        let id = part.split('<').next();
        let vpc = element(part, "<vpcId>");
        let zone = element(part, "<availabilityZone>");
        if let (Some(id), Some(vpc), Some(zone)) = (id, vpc, zone) {
            let subnet = Subnet {
                vpc: vpc.to_owned(),
                zone: zone.to_owned(),
            };
            world.place_subnet(region, id, subnet);
        }
    }
}

fn element<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    text.split(tag).nth(1)?.split('<').next()
}
