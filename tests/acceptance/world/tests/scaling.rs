//! Scaling put, changed and taken away against the world.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "ports/site.rs"]
#[allow(dead_code, reason = "shared with the tests of the ports")]
mod site;

use std::collections::BTreeMap;

use serde_json::json;
use site::{Site, service};
use switchyard_engine::ports::{
    Bounds, Policy, PredefinedMetric, SuspendedState, TargetTracking, TrackedMetric,
};
use switchyard_engine::scaling::{DesiredScaling, Owned, Unmanaged, apply_scaling, delete_scaling};
use switchyard_engine::{DesiredTags, FailureKind};

fn wanted(name: &str) -> DesiredScaling {
    let policy = Policy::TargetTracking(TargetTracking {
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
        service: service(),
        bounds: Bounds { min: 2, max: 4 },
        suspended: SuspendedState::default(),
        policies: BTreeMap::from([(name.to_owned(), policy)]),
        alarms: BTreeMap::new(),
        schedules: BTreeMap::new(),
        unmanaged: Unmanaged::Report,
        tags: DesiredTags::default(),
    }
}

#[tokio::test]
async fn a_tracker_is_put_renamed_and_taken_away_with_its_target() {
    let site = Site::new();
    site.serve("v1", json!({ "strategy": "ROLLING" }));
    let first = apply_scaling(&site.ports, &wanted("cpu"), &Owned::default()).await;
    first.result.unwrap();
    assert!(first.owned.target && first.owned.policies.contains("cpu"));
    let renamed = apply_scaling(&site.ports, &wanted("load"), &first.owned).await;
    renamed.result.unwrap();
    let names: Vec<String> = renamed
        .live
        .unwrap()
        .policies
        .into_iter()
        .map(|found| found.name)
        .collect();
    assert_eq!(names, ["load"]);
    // Somebody who does not know of it does not overwrite it.
    let other = apply_scaling(&site.ports, &wanted("other"), &Owned::default()).await;
    assert_eq!(
        other.result.unwrap_err().kind(),
        FailureKind::ScalingNotOurs
    );
    let gone = delete_scaling(&site.ports, &service(), &renamed.owned, false).await;
    gone.result.unwrap();
    assert_eq!((gone.live, gone.owned), (None, Owned::default()));
}

#[tokio::test]
async fn without_a_service_nothing_is_scaled_and_nothing_is_ours() {
    let site = Site::new();
    let applied = apply_scaling(&site.ports, &wanted("cpu"), &Owned::default()).await;
    assert_eq!(
        applied.result.unwrap_err().kind(),
        FailureKind::ScalingServiceMissing
    );
    assert_eq!(applied.owned, Owned::default());
}
