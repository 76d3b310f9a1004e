//! What services publish every minute.

use super::service::{Service, ServiceStatus};
use crate::state::State as World;
use crate::time::Timestamp;
use crate::{autoscaling, cloudwatch};

/// Percent that every service uses: neither idle nor busy.
const UTILIZATION: [(&str, f64); 2] = [("CPUUtilization", 30.0), ("MemoryUtilization", 40.0)];

/// A service with a scalable target publishes nothing by itself: any constant would scale it, up or down.
fn is_metered(state: &World, service: &Service) -> bool {
    service.status == ServiceStatus::Active
        && service.pools.iter().any(|pool| pool.running > 0)
        && !autoscaling::is_scalable_service(state, service.cluster_name(), &service.name)
}

/// Whether there is a service that publishes.
pub(crate) fn has_metered(state: &World) -> bool {
    let mut services = state.ecs.services.values();
    services.any(|service| is_metered(state, service))
}

/// Publishes how much of their tasks services use, for the minute of `at`.
pub(crate) fn publish_utilization(state: &mut World, at: Timestamp) {
    let metered: Vec<(String, String)> = state
        .ecs
        .services
        .values()
        .filter(|service| is_metered(state, service))
        .map(|service| (service.cluster_name().to_owned(), service.name.clone()))
        .collect();
    for (cluster, name) in metered {
        let dimensions = [
            ("ClusterName", cluster.as_str()),
            ("ServiceName", name.as_str()),
        ];
        for (metric, percent) in UTILIZATION {
            let metric = ("AWS/ECS", metric, "Percent");
            cloudwatch::measure(state, at, metric, &dimensions, percent);
        }
    }
}
