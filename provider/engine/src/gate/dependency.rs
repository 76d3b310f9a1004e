//! One look at another service.

use super::ask::Missed;
use super::config::DependencyCheck;
use super::means::Means;
use crate::ports::{Error, Service, ServiceRef, ServiceStatus, TargetState};

/// How well a service does: the share of its desired tasks that run, and that are healthy behind its load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Health {
    desired: u32,
    running: u32,
    /// Healthy targets, when there is a target group.
    healthy: Option<u32>,
}

impl Health {
    /// 0–100, rounded down. A service that wants no task is not there for anybody: 0.
    fn score(self) -> u32 {
        let good = self.healthy.unwrap_or(u32::MAX).min(self.running);
        let good = u64::from(good.min(self.desired));
        let percent = (good * 100).checked_div(u64::from(self.desired));
        percent
            .and_then(|percent| u32::try_from(percent).ok())
            .unwrap_or(0)
    }
}

/// Looks at the service: `Ok` when its score is high enough. Both say what was seen.
pub(super) async fn look(
    means: Means<'_>,
    own: &ServiceRef,
    check: &DependencyCheck,
) -> Result<String, Missed> {
    let service = ServiceRef {
        cluster: check.cluster.as_ref().unwrap_or(&own.cluster).clone(),
        name: check.service.clone(),
    };
    let found = means.lookups.service(&service).await;
    let found = found.map_err(|error| unread(&check.service, &error))?;
    let Some(found) = found.filter(|found| found.status == ServiceStatus::Active) else {
        return Err(Missed::Bad(format!(
            "service `{}` does not exist in cluster `{}`",
            check.service,
            service.cluster_name()
        )));
    };
    let health = Health {
        desired: found.desired,
        running: found.running,
        healthy: healthy(means, &found).await?,
    };
    let score = health.score();
    let targets = match health.healthy {
        Some(healthy) => format!(", {healthy} healthy targets"),
        None => String::new(),
    };
    let words = format!(
        "the score of service `{}` is {score} ({} of {} tasks are running{targets})",
        check.service, health.running, health.desired
    );
    if score < check.minimum_score {
        return Err(Missed::Bad(format!(
            "{words}; the minimum is {}",
            check.minimum_score
        )));
    }
    Ok(words)
}

/// Healthy targets of the target groups that the service is registered in, the fewest of them.
async fn healthy(means: Means<'_>, service: &Service) -> Result<Option<u32>, Missed> {
    let mut fewest = None;
    for balancer in &service.load_balancers {
        let groups = [
            Some(&balancer.target_group),
            balancer.alternate.as_ref().map(|it| &it.target_group),
        ];
        // Of a pair, one has the tasks, or both have some of them while traffic moves.
        let mut of_balancer = 0_u32;
        for group in groups.into_iter().flatten() {
            let targets = means.routing.target_health(group).await;
            let targets = targets.map_err(|error| unread(&service.name, &error))?;
            let healthy = targets
                .iter()
                .filter(|target| target.state == TargetState::Healthy);
            let count = u32::try_from(healthy.count()).unwrap_or(u32::MAX);
            of_balancer = of_balancer.saturating_add(count);
        }
        fewest = Some(fewest.unwrap_or(u32::MAX).min(of_balancer));
    }
    Ok(fewest)
}

fn unread(service: &str, error: &Error) -> Missed {
    let why = format!("service `{service}` could not be read: {error}");
    if error.kind.is_transient() {
        Missed::Unasked(why)
    } else {
        Missed::Bad(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_the_worse_share() {
        let score = |desired, running, healthy| {
            let health = Health {
                desired,
                running,
                healthy,
            };
            health.score()
        };
        assert_eq!(score(4, 4, None), 100);
        assert_eq!(score(4, 3, None), 75);
        assert_eq!(score(4, 4, Some(1)), 25);
        assert_eq!(score(3, 2, Some(3)), 66, "rounded down");
        assert_eq!(score(2, 5, Some(5)), 100, "more than wanted is no better");
        assert_eq!(score(0, 0, None), 0, "nobody is there");
    }
}
