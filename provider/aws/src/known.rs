//! What one answer shows and another read may ask for: a service names its revisions, its rules and its target groups.
//!
//! Told to whoever reads such things by name, so that hundreds of them are read in few calls
//! ([`Batcher::offer`](crate::batch::Batcher::offer)).

use std::fmt;
use std::sync::{Mutex, PoisonError};

use switchyard_engine::ports::Service;

/// Kinds of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Alarms of step policies.
    Alarm,
    /// ARNs of listener rules.
    Rule,
    /// ARNs of scalable targets.
    ScalableTarget,
    /// Services, as Application Auto Scaling writes them: `service/CLUSTER/NAME`.
    Service,
    /// ARNs of service revisions.
    ServiceRevision,
    /// ARNs of target groups.
    TargetGroup,
}

type Taker = Box<dyn Fn(&[String]) + Send + Sync>;

/// Who wants to be told what.
#[derive(Default)]
pub(crate) struct Known(Mutex<Vec<(Kind, Taker)>>);

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Known {
    /// `taker` is told of every name of the kind.
    pub(crate) fn on(&self, kind: Kind, taker: impl Fn(&[String]) + Send + Sync + 'static) {
        let mut takers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        takers.push((kind, Box::new(taker)));
    }

    /// These exist.
    pub(crate) fn tell(&self, kind: Kind, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let takers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, taker) in takers.iter().filter(|(of, _)| *of == kind) {
            taker(names);
        }
    }

    /// These services exist, with what they name.
    pub(crate) fn tell_services<'a>(&self, services: impl Iterator<Item = &'a Service> + Clone) {
        let balancers = services.clone().flat_map(|service| &service.load_balancers);
        let alternates = balancers
            .clone()
            .filter_map(|balancer| balancer.alternate.as_ref());
        let groups = balancers.map(|balancer| &balancer.target_group);
        let groups = groups.chain(alternates.clone().map(|alternate| &alternate.target_group));
        let groups: Vec<String> = groups.cloned().collect();
        let rules = alternates.flat_map(|alternate| {
            std::iter::once(&alternate.production_rule).chain(&alternate.test_rule)
        });
        let is_rule = |arn: &&String| !arn.contains(":listener/");
        let rules: Vec<String> = rules.filter(is_rule).cloned().collect();
        // Only services of a pair, or amid a rollout, are asked for their revisions.
        let revisions = services.filter(|service| {
            let mut balancers = service.load_balancers.iter();
            service.current_revisions.len() > 1
                || balancers.any(|balancer| balancer.alternate.is_some())
        });
        let revisions: Vec<String> = revisions
            .flat_map(|service| service.current_revisions.iter().cloned())
            .collect();
        self.tell(Kind::TargetGroup, &groups);
        self.tell(Kind::Rule, &rules);
        self.tell(Kind::ServiceRevision, &revisions);
    }
}
