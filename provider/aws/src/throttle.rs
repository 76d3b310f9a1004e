//! Token buckets: stay below ECS's documented request rates instead of running into them.
//!
//! ECS limits requests per account and region by API class with a bucket size and a refill rate, and
//! answers `ThrottlingException` beyond that. One bucket per class is shared by everything that uses
//! the same ports; a caller whose token is not there yet waits through the `Clock` port.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use switchyard_engine::ports::Clock;

/// API classes with a documented rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// DescribeClusters, ListClusters.
    ClusterRead,
    /// List, describe, continue and stop service deployments.
    Deployment,
    /// DescribeServiceRevisions.
    Revision,
    /// CreateService, UpdateService, DeleteService, and the same for task sets.
    ServiceModify,
    /// DescribeServices, ListServices.
    ServiceRead,
    /// TagResource, UntagResource.
    TagsWrite,
    /// DescribeTaskDefinition, ListTaskDefinitions.
    TaskDefinitionRead,
    /// RegisterTaskDefinition, DeregisterTaskDefinition.
    TaskDefinitionModify,
    /// ListTasks, DescribeTasks.
    TaskRead,
}

impl Class {
    /// (bucket size, tokens per second) as ECS documents them.
    fn rate(self) -> (f64, f64) {
        match self {
            Self::ServiceModify => (50.0, 5.0),
            Self::ServiceRead | Self::TaskRead => (100.0, 20.0),
            Self::ClusterRead | Self::Deployment | Self::Revision | Self::TaskDefinitionRead => {
                (50.0, 20.0)
            }
            Self::TagsWrite => (20.0, 10.0),
            Self::TaskDefinitionModify => (20.0, 1.0),
        }
    }
}

/// One bucket. It may go below zero: each reservation then waits for its own token, in order.
#[derive(Debug)]
struct Bucket {
    level: f64,
    at: Option<Timestamp>,
}

impl Bucket {
    /// Takes one token at `now`; returns how long to wait for it.
    fn reserve(&mut self, (size, per_second): (f64, f64), now: Timestamp) -> Duration {
        let elapsed = match self.at {
            Some(at) => now.duration_since(at).as_secs_f64().max(0.0),
            None => 0.0,
        };
        self.level = (self.level + elapsed * per_second).min(size) - 1.0;
        self.at = Some(now);
        if self.level >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-self.level / per_second)
        }
    }
}

/// The buckets of one account and region.
#[derive(Debug)]
pub(crate) struct Buckets {
    cluster_read: Mutex<Bucket>,
    deployment: Mutex<Bucket>,
    revision: Mutex<Bucket>,
    service_modify: Mutex<Bucket>,
    service_read: Mutex<Bucket>,
    tags_write: Mutex<Bucket>,
    task_definition_modify: Mutex<Bucket>,
    task_definition_read: Mutex<Bucket>,
    task_read: Mutex<Bucket>,
}

impl Buckets {
    /// Full buckets.
    pub(crate) fn full() -> Self {
        let bucket = |class: Class| {
            Mutex::new(Bucket {
                level: class.rate().0,
                at: None,
            })
        };
        Self {
            cluster_read: bucket(Class::ClusterRead),
            deployment: bucket(Class::Deployment),
            revision: bucket(Class::Revision),
            service_modify: bucket(Class::ServiceModify),
            service_read: bucket(Class::ServiceRead),
            tags_write: bucket(Class::TagsWrite),
            task_definition_modify: bucket(Class::TaskDefinitionModify),
            task_definition_read: bucket(Class::TaskDefinitionRead),
            task_read: bucket(Class::TaskRead),
        }
    }

    /// Takes one token of the class, waiting for it if need be.
    pub(crate) async fn acquire(&self, class: Class, clock: &dyn Clock) {
        let bucket = match class {
            Class::ClusterRead => &self.cluster_read,
            Class::Deployment => &self.deployment,
            Class::Revision => &self.revision,
            Class::ServiceModify => &self.service_modify,
            Class::ServiceRead => &self.service_read,
            Class::TagsWrite => &self.tags_write,
            Class::TaskDefinitionModify => &self.task_definition_modify,
            Class::TaskDefinitionRead => &self.task_definition_read,
            Class::TaskRead => &self.task_read,
        };
        let wait = bucket
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .reserve(class.rate(), clock.now());
        if !wait.is_zero() {
            tracing::debug!(class = ?class, wait_ms = wait.as_millis(), "Waits to stay below the request rate of AWS.");
            clock.sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_full_bucket_serves_its_size_at_once() {
        let mut bucket = Bucket {
            level: 3.0,
            at: None,
        };
        for _ in 0..3 {
            assert_eq!(bucket.reserve((3.0, 1.0), at(0)), Duration::ZERO);
        }
        assert_eq!(bucket.reserve((3.0, 1.0), at(0)), Duration::from_secs(1));
        assert_eq!(bucket.reserve((3.0, 1.0), at(0)), Duration::from_secs(2));
    }

    #[test]
    fn tokens_come_back_with_time_up_to_the_size() {
        let mut bucket = Bucket {
            level: 0.0,
            at: Some(at(0)),
        };
        assert_eq!(bucket.reserve((3.0, 1.0), at(2)), Duration::ZERO);
        assert_eq!(bucket.reserve((3.0, 1.0), at(100)), Duration::ZERO);
        assert!((bucket.level - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_clock_that_steps_back_costs_nothing() {
        let mut bucket = Bucket {
            level: 1.0,
            at: Some(at(10)),
        };
        assert_eq!(bucket.reserve((1.0, 1.0), at(5)), Duration::ZERO);
    }

    struct Recorded(Mutex<Vec<Duration>>);

    #[async_trait::async_trait]
    impl Clock for Recorded {
        fn now(&self) -> Timestamp {
            at(0)
        }
        async fn sleep(&self, duration: Duration) {
            self.0.lock().unwrap().push(duration);
        }
    }

    #[tokio::test]
    async fn waits_through_the_clock_once_the_burst_is_used_up() {
        let buckets = Buckets::full();
        let clock = Recorded(Mutex::new(Vec::new()));
        for _ in 0..51 {
            buckets.acquire(Class::ServiceModify, &clock).await;
        }
        assert_eq!(*clock.0.lock().unwrap(), vec![Duration::from_millis(200)]);
    }
}
