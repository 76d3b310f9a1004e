//! What is around the tasks: load balancers and their certificates, subnets, security groups, endpoints.

use std::collections::BTreeSet;

use switchyard_engine::Live;
use switchyard_engine::ports::{CertificateFacts, Inspection, TargetGroup};

use crate::diagnose::evidence::{Evidence, Reading};
use crate::diagnose::seen::NetworkSeen;

/// Load balancers in front of the groups.
fn balancers<'g>(groups: impl IntoIterator<Item = &'g TargetGroup>) -> BTreeSet<&'g String> {
    groups
        .into_iter()
        .flat_map(|group| &group.load_balancers)
        .collect()
}

pub(super) async fn certificates(
    inspection: &dyn Inspection,
    groups: &[&TargetGroup],
) -> Reading<Vec<CertificateFacts>> {
    let mut found = Vec::new();
    for balancer in balancers(groups.iter().copied()) {
        match inspection.certificates(balancer).await {
            Ok(some) => found.extend(some),
            Err(error) => return Reading::unread(&error),
        }
    }
    match found.is_empty() {
        true => Reading::Nothing,
        false => Reading::Seen(found),
    }
}

/// Subnets, security groups and endpoints of tasks with a network of their own.
pub(super) async fn network(
    inspection: &dyn Inspection,
    evidence: &Evidence,
    live: &Live,
) -> Reading<NetworkSeen> {
    let Some(network) = live
        .service
        .network
        .as_ref()
        .or(live.revision.network.as_ref())
    else {
        return Reading::Nothing;
    };
    let groups = evidence.groups.seen().into_iter().flatten();
    let balancers = balancers(groups.map(|group| &group.group));
    let images = evidence
        .view
        .sides
        .iter()
        .flat_map(|side| side.images.values());
    let seen = async {
        let subnets = inspection.subnets(&network.subnets).await?;
        let vpcs: BTreeSet<&String> = subnets.iter().map(|subnet| &subnet.vpc).collect();
        let mut endpoints = BTreeSet::new();
        for vpc in vpcs {
            endpoints.extend(inspection.endpoints(vpc).await?);
        }
        let mut balancer_groups = BTreeSet::new();
        for balancer in balancers {
            balancer_groups.extend(inspection.balancer_groups(balancer).await?);
        }
        Ok(NetworkSeen {
            openings: inspection.openings(&network.security_groups).await?,
            subnets,
            public_ip: network.assign_public_ip,
            endpoints,
            groups: network.security_groups.clone(),
            balancer_groups,
            ports: live.revision.port.into_iter().collect(),
            is_ecr: images.into_iter().all(|image| image.contains(".dkr.ecr")),
        })
    };
    Reading::of(seen.await)
}
