//! Free capacity of container instances, and suspended scaling.

use serde_json::{Value, json};
use switchyard_engine::ports::{ErrorKind, FreeCapacity, ServiceRef, SuspendedState};

use crate::fake::{Fake, json as reply, json_error};

const PREFIX: &str = "AmazonEC2ContainerServiceV20141113.";

fn instance(cpu: u32, memory: u32) -> Value {
    json!({"remainingResources": [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]}]})
}

#[tokio::test]
async fn each_active_instance_has_its_own_room() {
    let gone = json!({"arn": "arn:i/2", "reason": "MISSING"});
    let fake = Fake::script([
        reply(json!({"containerInstanceArns": ["arn:i/1", "arn:i/2"], "nextToken": "more"})),
        reply(json!({"containerInstances": [instance(512, 1024)], "failures": [gone]})),
        reply(json!({"containerInstanceArns": ["arn:i/3"]})),
        reply(json!({"containerInstances": [instance(0, 64)]})),
    ])
    .await;
    let free = fake.ports().services.free_capacity("main").await.unwrap();
    let room = |cpu, memory| FreeCapacity { cpu, memory };
    assert_eq!(free, [room(512, 1024), room(0, 64)]);
    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}ListContainerInstances"));
    assert_eq!(
        seen[0].json(),
        json!({"cluster": "main", "status": "ACTIVE", "maxResults": 100})
    );
    assert_eq!(
        seen[1].target(),
        format!("{PREFIX}DescribeContainerInstances")
    );
    assert_eq!(
        seen[1].json(),
        json!({"cluster": "main", "containerInstances": ["arn:i/1", "arn:i/2"]})
    );
    assert_eq!(seen[2].json()["nextToken"], "more");
}

#[tokio::test]
async fn a_cluster_without_instances_has_no_room_and_no_second_call() {
    let fake = Fake::script([reply(json!({"containerInstanceArns": []}))]).await;
    let free = fake.ports().services.free_capacity("main").await.unwrap();
    assert_eq!((free.len(), fake.seen().len()), (0, 1));
}

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "arn:aws:ecs:eu-west-1:1:cluster/main".to_owned(),
        name: "web".to_owned(),
    }
}

#[tokio::test]
async fn scaling_is_suspended_without_a_word_about_its_bounds() {
    let busy = json_error(400, "ConcurrentUpdateException", "Try again.");
    let fake = Fake::script([reply(json!({})), busy]).await;
    let scaling = fake.ports().scaling;
    let state = SuspendedState {
        scale_in: true,
        scale_out: false,
        scheduled: true,
    };
    scaling.set_suspended(&web(), state).await.unwrap();
    let seen = fake.seen();
    assert_eq!(
        seen[0].target(),
        "AnyScaleFrontendService.RegisterScalableTarget"
    );
    assert_eq!(
        seen[0].json(),
        json!({"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceId": "service/main/web",
            "SuspendedState": {"DynamicScalingInSuspended": true, "DynamicScalingOutSuspended": false,
                "ScheduledScalingSuspended": true}})
    );
    let error = scaling.set_suspended(&web(), state).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
}
