//! What a user reads when scaling cannot be changed: one golden text per kind. `UPDATE_FAILURES=1` rewrites them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use switchyard_engine::ports::{
    Bounds, ErrorKind, Policy, Ports, PredefinedMetric, ServiceRef, SuspendedState, TargetTracking,
    TrackedMetric,
};
use switchyard_engine::scaling::{
    DesiredScaling, Owned, ScalingApplied, Unmanaged, apply_scaling, delete_scaling,
};
use switchyard_engine::{CREATING_TAG, DesiredTags, Failure, FailureKind};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};

const REGION: &str = "eu-west-1";
const PUT_POLICY: &str = "application-autoscaling:PutScalingPolicy";

/// Compares with (or rewrites) `NAME.txt`.
fn golden(name: &str, failure: &Failure) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/scaling_failures/{name}.txt"));
    let text = format!("{failure}\n\n{}\n", failure.detail());
    #[expect(clippy::disallowed_methods, reason = "how golden files are rewritten")]
    let rewrites = std::env::var("UPDATE_FAILURES").is_ok();
    if rewrites {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        text,
        "{name}"
    );
}

/// The service `web` in the cluster `main`.
fn account() -> (World, Ports) {
    let world = World::new(WorldConfig::default());
    let ecs = |operation: &str, input: Value| {
        world.call(Service::Ecs, REGION, operation, input).unwrap();
    };
    ecs("CreateCluster", json!({ "clusterName": "main" }));
    ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [{ "name": "app", "image": "app:v1", "essential": true }],
        }),
    );
    ecs(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        }),
    );
    let ports = Face::new(world.clone(), REGION).ports();
    (world, ports)
}

fn service(name: &str) -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: name.to_owned(),
    }
}

/// Between 2 and 10 tasks, by policies of these names.
fn by(policies: &[(&str, PredefinedMetric)]) -> DesiredScaling {
    let tracking = |metric: &PredefinedMetric| {
        Policy::TargetTracking(TargetTracking {
            metric: TrackedMetric::Predefined {
                metric: metric.clone(),
                resource_label: None,
            },
            target: 70.0,
            scale_out_cooldown: None,
            scale_in_cooldown: None,
            disable_scale_in: false,
        })
    };
    DesiredScaling {
        service: service("web"),
        bounds: Bounds { min: 2, max: 10 },
        suspended: SuspendedState::default(),
        policies: policies
            .iter()
            .map(|(name, metric)| ((*name).to_owned(), tracking(metric)))
            .collect(),
        alarms: BTreeMap::new(),
        schedules: BTreeMap::new(),
        unmanaged: Unmanaged::Report,
        tags: DesiredTags::default(),
    }
}

use PredefinedMetric::{Cpu, Memory};

/// A service that is scaled by its CPU, and what of that is ours.
async fn scaled() -> (Ports, Owned) {
    let (_, ports) = account();
    let applied = apply_scaling(&ports, &by(&[("cpu", Cpu)]), &Owned::default()).await;
    applied.result.unwrap();
    (ports, applied.owned)
}

fn names(applied: &ScalingApplied) -> Vec<&str> {
    let live = applied.live.iter().flat_map(|live| &live.policies);
    live.map(|policy| policy.name.as_str()).collect()
}

#[tokio::test]
async fn without_a_service() {
    let wanted = DesiredScaling {
        service: service("absent"),
        ..by(&[("cpu", Cpu)])
    };
    let (_, ports) = account();
    let applied = apply_scaling(&ports, &wanted, &Owned::default()).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ScalingServiceMissing);
    assert_eq!(applied.owned, Owned::default());
    golden("service_missing", &failure);
}

#[tokio::test]
async fn a_target_of_somebody_else_in_the_way() {
    let (ports, _) = scaled().await;
    let wanted = by(&[("memory", Memory)]);
    let applied = apply_scaling(&ports, &wanted, &Owned::default()).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ScalingNotOurs);
    golden("not_ours", &failure);
}

#[tokio::test]
async fn a_change_that_is_refused_in_the_middle() {
    let (ports, owned) = scaled().await;
    let refused = Intercept::new(ports).with(
        Selector::Operation(PUT_POLICY, 1),
        Fault::Fails(ErrorKind::Rejected),
    );
    let wanted = DesiredScaling {
        bounds: Bounds { min: 3, max: 10 },
        ..by(&[("memory", Memory)])
    };
    let applied = apply_scaling(&refused.ports(), &wanted, &owned).await;
    assert_eq!(names(&applied), ["cpu"]);
    assert!(applied.owned.policies.contains("cpu"));
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ScalingRefused);
    golden("refused", &failure);
}

#[tokio::test]
async fn a_rename_that_is_refused_brings_the_old_policy_back() {
    let (ports, owned) = scaled().await;
    let refused = Intercept::new(ports).with(
        Selector::Operation(PUT_POLICY, 1),
        Fault::Fails(ErrorKind::Rejected),
    );
    let wanted = by(&[("processor", Cpu)]);
    let applied = apply_scaling(&refused.ports(), &wanted, &owned).await;
    assert_eq!(names(&applied), ["cpu"]);
    assert_eq!(applied.owned.policies, owned.policies);
    let failure = applied.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ScalingRefused);
    golden("rename_refused", &failure);
}

#[tokio::test]
async fn a_rename_that_loses_the_old_policy_as_well() {
    let (ports, owned) = scaled().await;
    let refused = Intercept::new(ports.clone()).with(
        Selector::Operation(PUT_POLICY, 2),
        Fault::Fails(ErrorKind::Rejected),
    );
    let wanted = by(&[("processor", Cpu)]);
    let applied = apply_scaling(&refused.ports(), &wanted, &owned).await;
    assert_eq!(names(&applied), [""; 0]);
    assert!(applied.owned.policies.is_empty());
    let failure = applied.result.as_ref().unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ScalingPolicyLost);
    golden("policy_lost", failure);
    // The next apply gets there.
    let again = apply_scaling(&ports, &wanted, &applied.owned).await;
    again.result.as_ref().unwrap();
    assert_eq!(names(&again), ["processor"]);
}

#[tokio::test]
async fn a_change_that_is_not_allowed() {
    let (ports, owned) = scaled().await;
    let denied = Intercept::new(ports).with(
        Selector::Operation(PUT_POLICY, 1),
        Fault::Fails(ErrorKind::Denied),
    );
    let wanted = by(&[("cpu", Cpu), ("memory", Memory)]);
    let applied = apply_scaling(&denied.ports(), &wanted, &owned).await;
    golden("denied", &applied.result.unwrap_err());
}

/// AWS takes tags at the first registration only: the repetition of one that has worked is refused.
#[tokio::test]
async fn a_registration_whose_answer_was_lost_is_gone_on_with() {
    let (world, ports) = account();
    let register = "application-autoscaling:RegisterScalableTarget";
    let repeated = Intercept::new(ports).before_each(move |_, operation| {
        if operation == register {
            let registered = world.call(
                Service::AutoScaling,
                REGION,
                "RegisterScalableTarget",
                json!({
                    "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
                    "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 10,
                    "Tags": { CREATING_TAG: "scaling" },
                }),
            );
            registered.unwrap();
        }
    });
    let wanted = by(&[("cpu", Cpu)]);
    let applied = apply_scaling(&repeated.ports(), &wanted, &Owned::default()).await;
    applied.result.as_ref().unwrap();
    assert!(applied.owned.target);
    assert_eq!(names(&applied), ["cpu"]);
}

#[tokio::test]
async fn a_deletion_without_an_answer() {
    let (ports, owned) = scaled().await;
    let lost = Intercept::new(ports.clone()).with(
        Selector::Operation("application-autoscaling:DeregisterScalableTarget", 1),
        Fault::Fails(ErrorKind::Unavailable),
    );
    let deleted = delete_scaling(&lost.ports(), &service("web"), &owned, false).await;
    assert_eq!(deleted.owned, owned);
    golden("delete_unavailable", &deleted.result.unwrap_err());
    let again = delete_scaling(&ports, &service("web"), &deleted.owned, false).await;
    again.result.unwrap();
    assert!(again.live.is_none());
}

/// The role that Application Auto Scaling has made for itself is not everywhere at once.
#[tokio::test]
async fn a_role_that_cannot_be_assumed_yet_is_waited_for() {
    let (_, ports) = account();
    let register = "application-autoscaling:RegisterScalableTarget";
    let late = Intercept::new(ports).with(
        Selector::Operation(register, 3),
        Fault::Says(
            ErrorKind::Rejected,
            "Unable to assume IAM role: arn:aws:iam::123456789012:role/aws-service-role/x",
        ),
    );
    let wanted = by(&[("cpu", Cpu)]);
    let applied = apply_scaling(&late.ports(), &wanted, &Owned::default()).await;
    applied.result.as_ref().unwrap();
    assert_eq!(late.count(register), 4);
    assert_eq!(names(&applied), ["cpu"]);
}
