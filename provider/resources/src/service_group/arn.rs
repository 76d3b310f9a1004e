//! The ARN of a service.

use switchyard_engine::ports::ServiceRef;

/// The service that an ARN names: `arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/NAME`.
pub(super) fn service_of(arn: &str) -> Option<ServiceRef> {
    let (head, resource) = arn.rsplit_once(':')?;
    let mut parts = head.split(':');
    let is_service = parts.next() == Some("arn")
        && parts
            .next()
            .is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("ecs")
        && parts.next().is_some_and(|region| !region.is_empty())
        && parts.next().is_some_and(|account| !account.is_empty())
        && parts.next().is_none();
    let (cluster, name) = resource.strip_prefix("service/")?.split_once('/')?;
    let is_named = !cluster.is_empty() && !name.is_empty() && !name.contains('/');
    (is_service && is_named).then(|| ServiceRef {
        cluster: format!("{head}:cluster/{cluster}"),
        name: name.to_owned(),
    })
}
