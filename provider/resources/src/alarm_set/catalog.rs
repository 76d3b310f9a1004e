//! Every kind of alarm that a set may have: whom it is for, what it is about, its defaults.

use switchyard_engine::ports::{AlarmComparison, MissingData};

use super::words::{AlarmWord, Tier};

/// What an alarm is about; a set without it does not have the alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The service itself.
    Service,
    /// The target groups of the service.
    Sides,
    /// The load balancer.
    LoadBalancer,
    /// Each database.
    Database,
    /// Each cache node.
    Cache,
    /// The rule for failed deployments.
    Deployments,
}

/// A kind of alarm.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name.
    pub(super) word: AlarmWord,
    /// Whom it is for.
    pub(super) tier: Tier,
    /// What it is about.
    pub(super) subject: Subject,
    /// The threshold of a configuration that names none; `None` when there is then no alarm.
    pub(super) threshold: Option<f64>,
    /// How value and threshold are compared.
    pub(super) comparison: AlarmComparison,
    /// What a minute without data counts as.
    pub(super) missing: MissingData,
}

impl Kind {
    /// Whether its threshold is the width of a band.
    pub(super) fn has_band(&self) -> bool {
        matches!(
            self.comparison,
            AlarmComparison::AboveBand | AlarmComparison::BelowBand | AlarmComparison::OutsideBand
        )
    }

    /// Whether there is one for each object of its subject.
    pub(super) fn is_for_each(&self) -> bool {
        match self.subject {
            Subject::Database | Subject::Cache => true,
            Subject::Service | Subject::Sides | Subject::LoadBalancer | Subject::Deployments => {
                false
            }
        }
    }
}

const fn kind(word: AlarmWord, tier: Tier, subject: Subject, threshold: Option<f64>) -> Kind {
    Kind {
        word,
        tier,
        subject,
        threshold,
        comparison: AlarmComparison::Above,
        missing: MissingData::NotBreaching,
    }
}

fn compared(kind: Kind, comparison: AlarmComparison) -> Kind {
    Kind { comparison, ..kind }
}

/// Every kind, in the order of the documentation.
#[rustfmt::skip]
pub(super) fn kinds() -> [Kind; 21] {
    use AlarmComparison::{AboveBand, AtLeast, Below, OutsideBand};
    use Subject::{Cache, Database, Deployments, LoadBalancer, Service, Sides};
    use Tier::{Critical, Event, Warning};
    [
        // A group without targets has no such metric: that is the case that this alarm is for.
        Kind {
            missing: MissingData::Breaching,
            ..compared(kind(AlarmWord::Unavailable, Critical, Sides, Some(1.0)), Below)
        },
        kind(AlarmWord::ErrorsCritical, Critical, Sides, Some(10.0)),
        kind(AlarmWord::ErrorsWarning, Warning, Sides, Some(5.0)),
        kind(AlarmWord::LatencyCritical, Critical, Sides, Some(5.0)),
        kind(AlarmWord::LatencyWarning, Warning, Sides, Some(2.0)),
        kind(AlarmWord::LoadBalancerErrorsCritical, Critical, LoadBalancer, Some(10.0)),
        kind(AlarmWord::LoadBalancerErrorsWarning, Warning, LoadBalancer, Some(5.0)),
        kind(AlarmWord::Cpu, Warning, Service, Some(80.0)),
        kind(AlarmWord::Memory, Warning, Service, Some(85.0)),
        compared(kind(AlarmWord::TasksMaximum, Warning, Service, None), AtLeast),
        kind(AlarmWord::Scaling, Event, Service, None),
        kind(AlarmWord::DeploymentFailed, Event, Deployments, Some(0.0)),
        compared(kind(AlarmWord::RequestsAnomaly, Warning, Sides, None), OutsideBand),
        compared(kind(AlarmWord::LatencyAnomaly, Warning, Sides, None), AboveBand),
        kind(AlarmWord::DatabaseConnections, Critical, Database, None),
        kind(AlarmWord::DatabaseCpu, Warning, Database, Some(80.0)),
        compared(kind(AlarmWord::DatabaseStorage, Warning, Database, Some(5.0)), Below),
        kind(AlarmWord::DatabaseReplicaLag, Warning, Database, Some(30.0)),
        kind(AlarmWord::CacheCpu, Warning, Cache, Some(80.0)),
        kind(AlarmWord::CacheMemory, Warning, Cache, Some(85.0)),
        kind(AlarmWord::CacheEvictions, Warning, Cache, None),
    ]
}

/// The key of the composite alarm.
pub(super) const UNHEALTHY: &str = "unhealthy";

/// Which kind a key means, and of which object.
pub(super) fn kind_of(key: &str) -> Option<(Kind, Option<String>)> {
    kinds().into_iter().find_map(|kind| {
        let rest = key.strip_prefix(kind.word.word())?;
        match rest.strip_prefix('-') {
            Some(object) if kind.is_for_each() && !object.is_empty() => {
                Some((kind, Some(object.to_owned())))
            }
            None if rest.is_empty() && !kind.is_for_each() => Some((kind, None)),
            Some(_) | None => None,
        }
    })
}
