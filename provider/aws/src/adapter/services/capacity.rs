//! What the container instances of a cluster have left.

use aws_sdk_ecs::types::ContainerInstanceStatus;
use switchyard_engine::ports::{FreeCapacity, Result};

use super::reads::only_missing;
use crate::call::{Call, Caller};
use crate::convert;

const DESCRIBE: &str = "ecs:DescribeContainerInstances";
const LIST: &str = "ecs:ListContainerInstances";

fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: None,
    }
}

/// One entry per active instance; both calls take a hundred at a time.
pub(super) async fn free(caller: &Caller, cluster: &str) -> Result<Vec<FreeCapacity>> {
    let client = caller.connection.ecs(LIST, cluster).await?;
    let mut free = Vec::new();
    let mut next = None;
    loop {
        let request = client
            .list_container_instances()
            .cluster(cluster)
            .status(ContainerInstanceStatus::Active)
            .max_results(100)
            .set_next_token(next);
        let answer = caller.read(call(LIST, cluster), request.send()).await?;
        let arns = answer.container_instance_arns.unwrap_or_default();
        if !arns.is_empty() {
            let request = client
                .describe_container_instances()
                .cluster(cluster)
                .set_container_instances(Some(arns));
            let described = caller.read(call(DESCRIBE, cluster), request.send()).await?;
            only_missing(DESCRIBE, described.failures())?;
            let instances = described.container_instances().iter();
            free.extend(instances.map(convert::tasks::free_capacity));
        }
        next = answer.next_token;
        if next.is_none() {
            return Ok(free);
        }
    }
}
