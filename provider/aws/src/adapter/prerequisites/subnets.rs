//! What subnets have left, from EC2.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::Result;

use super::call;
use crate::call::Caller;
use crate::direct::{Effect, Element};
use crate::failed::incomplete;

const DESCRIBE: &str = "ec2:DescribeSubnets";

/// A filter finds those that there are; `SubnetId.N` would be an error for all when one is missing.
const FILTER: &str = "subnet-id";

/// EC2's limit of values of one filter.
const VALUES: usize = 200;

pub(super) async fn free_addresses(
    caller: &Caller,
    subnets: &BTreeSet<String>,
) -> Result<BTreeMap<String, u32>> {
    let ids: Vec<&str> = subnets.iter().map(String::as_str).collect();
    let mut found = BTreeMap::new();
    for ids in ids.chunks(VALUES) {
        let target = ids.join(", ");
        let names: Vec<String> = (1..=ids.len())
            .map(|number| format!("Filter.1.Value.{number}"))
            .collect();
        let mut parameters = vec![("Filter.1.Name", FILTER)];
        parameters.extend(names.iter().map(String::as_str).zip(ids.iter().copied()));
        let answer = caller
            .ec2(call(DESCRIBE, &target), Effect::Tries, &parameters)
            .await?;
        let entries = answer.entries("subnetSet");
        for subnet in entries.filter(|subnet| subnet.text_of("ipv6Native") != Some("true")) {
            let (id, free) = free(subnet)
                .ok_or_else(|| incomplete(DESCRIBE, &target, "availableIpAddressCount"))?;
            found.insert(id, free);
        }
    }
    Ok(found)
}

fn free(subnet: &Element) -> Option<(String, u32)> {
    let free = subnet.text_of("availableIpAddressCount")?.parse().ok()?;
    Some((subnet.text_of("subnetId")?.to_owned(), free))
}
