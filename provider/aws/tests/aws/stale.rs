//! What was written and is not there yet: the adapters and the engine against the lab, whose reads lag behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use switchyard_aws::Aws;
use switchyard_engine::DesiredTags;
use switchyard_engine::ports::{
    Bounds, Clock, Policy, Ports, PredefinedMetric, ServiceRef, SuspendedState, TargetTracking,
    TrackedMetric,
};
use switchyard_engine::scaling::{DesiredScaling, Owned, Unmanaged, apply_scaling};
use switchyard_lab::{Lab, LabConfig};

use crate::fake::{NoProbes, config};

/// The lab's time; it passes when somebody waits.
struct LabClock(Arc<Lab>);

#[async_trait::async_trait]
impl Clock for LabClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.world().now().millis()).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.advance(duration);
    }
}

/// A lab with the service `web` in the cluster `main`, and these faults.
async fn lab(faults: Value) -> (Arc<Lab>, Ports) {
    let lab = Arc::new(Lab::start(LabConfig::default()).await.unwrap());
    let call = |operation: &str, input: Value| lab.call("ecs", operation, input).unwrap();
    call("CreateCluster", json!({"clusterName": "main"}));
    let definition = json!({
        "family": "web", "containerDefinitions": [{"name": "app", "image": "app:v1", "memory": 64}],
    });
    call("RegisterTaskDefinition", definition);
    let service = json!({"cluster": "main", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2});
    call("CreateService", service);
    lab.add_faults(serde_json::from_value(faults).unwrap());
    let clock = Arc::new(LabClock(Arc::clone(&lab)));
    let ports = Aws::connect(config(&lab.endpoint())).ports(clock, Arc::new(NoProbes));
    (lab, ports)
}

fn wanted() -> DesiredScaling {
    let cpu = Policy::TargetTracking(TargetTracking {
        metric: TrackedMetric::Predefined {
            metric: PredefinedMetric::Cpu,
            resource_label: None,
        },
        target: 70.0,
        scale_out_cooldown: None,
        scale_in_cooldown: None,
        disable_scale_in: false,
    });
    DesiredScaling {
        service: ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        },
        bounds: Bounds { min: 1, max: 4 },
        suspended: SuspendedState::default(),
        policies: BTreeMap::from([("cpu".to_owned(), cpu)]),
        alarms: BTreeMap::new(),
        schedules: BTreeMap::new(),
        unmanaged: Unmanaged::Report,
        tags: DesiredTags::default(),
    }
}

fn stale(operation: &str, times: u32) -> Value {
    json!([{
        "service": "application-autoscaling", "operation": operation, "kind": "stale",
        "first": 2, "count": times,
    }])
}

#[tokio::test]
async fn a_scaling_that_is_not_listed_yet_is_waited_for() {
    for operation in ["DescribeScalableTargets", "DescribeScalingPolicies"] {
        // The first look is before the write; twenty more make a minute.
        let (lab, ports) = lab(stale(operation, 20)).await;
        let none_yet = ports.scaling.policies(&wanted().service).await.unwrap();
        assert_eq!(none_yet, []);
        let before = lab.world().now();
        let applied = apply_scaling(&ports, &wanted(), &Owned::default()).await;
        applied.result.unwrap();
        let live = applied.live.unwrap();
        assert_eq!(live.policies.len(), 1, "{operation}");
        assert!(applied.owned.target && applied.owned.policies.contains("cpu"));
        let waited = lab.world().now().millis() - before.millis();
        assert!((30_000..120_000).contains(&waited), "{operation}: {waited}");
    }
}

#[tokio::test]
async fn what_is_not_listed_within_two_minutes_is_gone() {
    let (lab, ports) = lab(stale("DescribeScalableTargets", 1000)).await;
    let before = lab.world().now();
    let applied = apply_scaling(&ports, &wanted(), &Owned::default()).await;
    applied.result.unwrap();
    assert!(applied.live.is_none());
    assert!(applied.owned.target);
    let waited = lab.world().now().millis() - before.millis();
    assert!((110_000..130_000).contains(&waited), "{waited}");
}

/// The same without counting calls: each write is seen only after so many seconds.
#[tokio::test]
async fn reads_that_lag_behind_every_write_are_waited_for() {
    let lagging = json!([{
        "service": "application-autoscaling", "operation": "*", "kind": "stale", "seconds": 30,
    }]);
    let (lab, ports) = lab(lagging).await;
    let before = lab.world().now();
    let applied = apply_scaling(&ports, &wanted(), &Owned::default()).await;
    applied.result.unwrap();
    assert_eq!(applied.live.unwrap().policies.len(), 1);
    let waited = lab.world().now().millis() - before.millis();
    assert!((30_000..120_000).contains(&waited), "{waited}");
    let target = ports.scaling.find_scalable_target(&wanted().service).await;
    assert!(target.unwrap().is_some());
}
