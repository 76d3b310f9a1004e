//! What is attached to a task: its network interface, and the volumes that its service configures at launch.

use serde_json::{Value, json};

use super::task::{Status, Task};
use crate::state::State as World;

/// The attachments of a task, as DescribeTasks shows them.
pub(super) fn render(state: &World, task: &Task) -> Vec<Value> {
    let mut found = vec![interface(state, task)];
    found.extend(volumes(state, task));
    found
}

fn status(task: &Task) -> &'static str {
    match task.status {
        Status::Provisioning => "PRECREATED",
        Status::Stopped => "DELETED",
        Status::Pending
        | Status::Activating
        | Status::Running
        | Status::Deactivating
        | Status::Stopping
        | Status::Deprovisioning => "ATTACHED",
    }
}

/// Enough of the task's id for an id of something of its own.
fn own_id(task: &Task) -> &str {
    task.id().get(..17).unwrap_or_default()
}

fn interface(state: &World, task: &Task) -> Value {
    json!({
        "id": task.eni,
        "type": "ElasticNetworkInterface",
        "status": status(task),
        "details": [
            { "name": "subnetId", "value": task.subnet },
            { "name": "networkInterfaceId", "value": format!("eni-{}", own_id(task)) },
            { "name": "macAddress", "value": "02:00:00:00:00:01" },
            { "name": "privateDnsName", "value": format!("ip-{}.{}.compute.internal", task.ip.replace('.', "-"), state.region) },
            { "name": "privateIPv4Address", "value": task.ip },
        ],
    })
}

/// A volume of its own for each volume configuration; ECS deletes it with the task.
fn volumes(state: &World, task: &Task) -> Vec<Value> {
    let owner = task.owner.as_ref();
    let pool = owner.and_then(|owner| {
        let service = state.ecs.services.get(&owner.service)?;
        service.pool(&owner.pool)
    });
    let configured =
        pool.and_then(|pool| pool.settings.echo.get("volumeConfigurations")?.as_array());
    let volume = |configuration: &Value| {
        json!({
            "id": format!("{}-volume", task.eni),
            "type": "AmazonElasticBlockStorage",
            "status": status(task),
            "details": [
                { "name": "volumeName", "value": configuration.get("name") },
                { "name": "volumeId", "value": format!("vol-{}", own_id(task)) },
                { "name": "roleArn", "value": configuration.pointer("/managedEBSVolume/roleArn") },
                { "name": "deleteOnTermination", "value": "true" },
            ],
        })
    };
    configured.into_iter().flatten().map(volume).collect()
}
