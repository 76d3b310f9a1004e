//! Container instances: what EC2 capacity a cluster has. Tasks start without any; instances only tell what is left.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::clusters;
use super::errors;
use super::paging::listed;
use super::task::{Status, Task};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// An instance that joined a cluster.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    cluster: String,
    registered: Timestamp,
    total: Size,
}

/// CPU units and MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    cpu: u64,
    memory: u64,
}

impl Size {
    fn resources(self) -> Value {
        let one = |name: &str, value: u64| json!({ "name": name, "type": "INTEGER", "integerValue": value, "longValue": 0, "doubleValue": 0.0 });
        json!([one("CPU", self.cpu), one("MEMORY", self.memory)])
    }

    fn fits(self, into: Self) -> bool {
        self.cpu <= into.cpu && self.memory <= into.memory
    }
}

/// How many tasks a daemon has in a cluster: one on each instance. Where tasks start without any instance, it is one.
pub(super) fn for_daemon(state: &World, cluster: &str) -> u32 {
    let all = state.ecs.instances.values();
    let here = all.filter(|instance| instance.cluster == cluster).count();
    u32::try_from(here).unwrap_or(u32::MAX).max(1)
}

pub(super) fn register(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?;
    let (cluster, name) = (cluster.arn.clone(), cluster.name.clone());
    let mut total = Size::default();
    for resource in input.objects("totalResources")? {
        let value = resource
            .number_in("integerValue", 0, u32::MAX)?
            .unwrap_or(0);
        match resource.required("name")?.as_str() {
            "CPU" => total.cpu = u64::from(value),
            "MEMORY" => total.memory = u64::from(value),
            _ => {}
        }
    }
    let id = state.ids.hex(32);
    let arn = state.arn("ecs", &format!("container-instance/{name}/{id}"));
    let instance = Instance {
        cluster,
        registered: state.now,
        total,
    };
    state.ecs.instances.insert(arn.clone(), instance);
    Ok(json!({ "containerInstance": rendered(state, &arn) }))
}

pub(super) fn deregister(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = arn_of(state, input, &input.required("containerInstance")?)?;
    let shown = rendered(state, &arn);
    state
        .ecs
        .instances
        .remove(&arn)
        .ok_or_else(|| errors::invalid("The referenced container instance was not found."))?;
    Ok(json!({ "containerInstance": shown }))
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let cluster = clusters::find(state, input)?.arn.clone();
    let wanted = input.text("status")?.unwrap_or_else(|| "ACTIVE".to_owned());
    let arns: Vec<String> = state
        .ecs
        .instances
        .iter()
        .filter(|(_, instance)| instance.cluster == cluster && wanted == "ACTIVE")
        .map(|(arn, _)| arn.clone())
        .collect();
    listed(input, "containerInstanceArns", &arns)
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let given = input.texts("containerInstances")?.unwrap_or_default();
    if given.is_empty() || given.len() > 100 {
        return Err(errors::invalid(
            "Container instances must have at least one and at most 100 entries.",
        ));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in given {
        let arn = arn_of(state, input, &one)?;
        match rendered(state, &arn) {
            Value::Null => failures.push(errors::missing(&arn)),
            shown => found.push(shown),
        }
    }
    Ok(json!({ "containerInstances": found, "failures": failures }))
}

fn arn_of(state: &World, input: &Input, given: &str) -> Result<String, ApiError> {
    if given.starts_with("arn:") {
        return Ok(given.to_owned());
    }
    let name = &clusters::find(state, input)?.name;
    Ok(state.arn("ecs", &format!("container-instance/{name}/{given}")))
}

fn rendered(state: &World, arn: &str) -> Value {
    let Some(instance) = state.ecs.instances.get(arn) else {
        return Value::Null;
    };
    let (left, tasks) = placed(state, &instance.cluster)
        .remove(arn)
        .unwrap_or((instance.total, 0));
    json!({
        "containerInstanceArn": arn,
        "status": "ACTIVE",
        "agentConnected": true,
        "registeredAt": instance.registered,
        "registeredResources": instance.total.resources(),
        "remainingResources": left.resources(),
        "runningTasksCount": tasks,
        "pendingTasksCount": 0,
    })
}

/// What each instance of a cluster has left, and how many tasks it has: every task of the cluster that runs on EC2 is
/// counted against the first instance it fits.
fn placed(state: &World, cluster: &str) -> BTreeMap<String, (Size, u32)> {
    let mut left: BTreeMap<String, (Size, u32)> = state
        .ecs
        .instances
        .iter()
        .filter(|(_, instance)| instance.cluster == cluster)
        .map(|(arn, instance)| (arn.clone(), (instance.total, 0)))
        .collect();
    let runs_here = |task: &&Task| {
        task.cluster == cluster
            && task.status != Status::Stopped
            && task.echo.get("launchType") == Some(&json!("EC2"))
    };
    for task in state.ecs.tasks.values().filter(runs_here) {
        let size = size_of(state, task);
        let place = left.values_mut().find(|(room, _)| size.fits(*room));
        if let Some((room, tasks)) = place {
            room.cpu -= size.cpu;
            room.memory -= size.memory;
            *tasks += 1;
        }
    }
    left
}

/// What a task reserves: its own size, or its containers' together.
fn size_of(state: &World, task: &Task) -> Size {
    let number = |value: &Value| {
        let written = value.as_str().and_then(|text| text.parse().ok());
        value.as_u64().or(written)
    };
    let of_task = |member: &str| task.echo.get(member).and_then(number);
    let containers = state
        .ecs
        .definitions
        .find(&task.definition)
        .and_then(|definition| definition.member("containerDefinitions"))
        .and_then(Value::as_array);
    let of_containers = |members: &[&str]| -> u64 {
        let of_one = |container: &Value| {
            let mut given = members.iter().filter_map(|member| container.get(*member));
            given.find_map(number).unwrap_or(0)
        };
        containers.into_iter().flatten().map(of_one).sum()
    };
    Size {
        cpu: of_task("cpu").unwrap_or_else(|| of_containers(&["cpu"])),
        memory: of_task("memory")
            .unwrap_or_else(|| of_containers(&["memoryReservation", "memory"])),
    }
}
