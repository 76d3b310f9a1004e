//! Which service moves traffic where, among the services that one run of Terraform plans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use switchyard_engine::ports::{LoadBalancer, ServiceRef};
use switchyard_engine::{DesiredRevision, Field, Finding, FindingLevel, Rule};

/// What the services planned so far have claimed. Terraform starts a provider for each walk over a configuration, so
/// it never holds more than one configuration's.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    all: Mutex<BTreeMap<(String, String), Claim>>,
    /// Clusters of which a service gets another name, and so makes room for a new one.
    making_room: Mutex<BTreeSet<String>>,
}

/// The traffic that one service moves.
#[derive(Clone, Debug, Default)]
struct Claim {
    /// Listener rules and listeners.
    routes: BTreeSet<String>,
    groups: BTreeSet<String>,
    /// Deployments move traffic between groups.
    is_moved: bool,
}

impl Claims {
    /// Claims what `revision` names for `service`; what it claimed before is forgotten. The finding names the service
    /// that has claimed part of it already.
    pub(crate) fn claim(
        &self,
        service: &ServiceRef,
        revision: &DesiredRevision,
        severity: FindingLevel,
    ) -> Option<Finding> {
        let claim = Claim::of(revision)?;
        let key = key(service);
        let mut all = self.lock();
        let mut others = all.iter().filter(|(other, _)| **other != key);
        let found = others.find_map(|((_, other), theirs)| {
            Some(finding(
                &service.name,
                other,
                claim.common(theirs)?,
                severity,
            ))
        });
        all.insert(key, claim);
        found
    }

    /// The service gets another name: what is planned next may take its place.
    pub(crate) fn make_room(&self, service: &ServiceRef) {
        self.release(service);
        let mut clusters = self
            .making_room
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        clusters.insert(service.cluster_name().to_owned());
    }

    /// Whether a service of the cluster makes room, so that what AWS shows of it is of the past.
    pub(crate) fn is_making_room(&self, cluster: &str) -> bool {
        let clusters = self
            .making_room
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        clusters.contains(cluster)
    }

    /// The service goes, or is looked at afresh.
    pub(crate) fn release(&self, service: &ServiceRef) {
        self.lock().remove(&key(service));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Claim>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(service: &ServiceRef) -> (String, String) {
    (service.cluster_name().to_owned(), service.name.clone())
}

/// What two services have in common.
enum Common<'a> {
    Route(&'a str),
    Group(&'a str),
}

impl Claim {
    /// `None` without a load balancer.
    fn of(revision: &DesiredRevision) -> Option<Self> {
        let balancer = revision.load_balancer.as_ref()?;
        let routes = balancer.production_rule.iter().chain(&balancer.test_rule);
        let pairs = revision.additional.iter();
        let pairs = pairs.filter_map(|besides| besides.alternate.as_ref());
        let besides = pairs.flat_map(|pair| pair.test_rule.iter().chain([&pair.production_rule]));
        // A listener of an Application Load Balancer has rules of many services.
        let routes = routes
            .chain(besides)
            .filter(|route| !route.contains(":listener/app/"));
        let groups = revision.additional.iter().flat_map(LoadBalancer::groups);
        let groups = groups.map(str::to_owned);
        let has_pairs = revision
            .additional
            .iter()
            .any(|besides| besides.alternate.is_some());
        Some(Self {
            is_moved: has_pairs || balancer.target_groups.len() > 1,
            routes: routes.cloned().collect(),
            groups: groups
                .chain(balancer.target_groups.iter().cloned())
                .collect(),
        })
    }

    /// Services with one group each may share it: nothing moves between groups then.
    fn common<'a>(&'a self, other: &'a Self) -> Option<Common<'a>> {
        let group = self.groups.intersection(&other.groups).next();
        let is_moved = self.is_moved || other.is_moved;
        let group = group.filter(|_| is_moved);
        let route = self.routes.intersection(&other.routes).next();
        route
            .map(|route| Common::Route(route.as_str()))
            .or_else(|| group.map(|group| Common::Group(group.as_str())))
    }
}

fn finding(service: &str, other: &str, common: Common<'_>, severity: FindingLevel) -> Finding {
    let (field, what, arn) = match common {
        Common::Route(arn) => (Field::ProductionRule, "the rule", arn),
        Common::Group(arn) => (Field::TargetGroups, "the target group", arn),
    };
    Finding {
        rule: Rule::TrafficShared,
        severity,
        field,
        now: format!("Services `{service}` and `{other}` share {what} `{arn}`."),
        why: "A deployment moves all traffic of its rule between its two target groups. Two services on one pair or one \
              rule take each other's traffic away."
            .to_owned(),
        next: format!("Give `{service}` its own target groups and rule."),
    }
}

#[cfg(test)]
mod tests {
    use switchyard_engine::ports::{Alternate, Parts};
    use switchyard_engine::{DesiredLoadBalancer, DesiredTaskDefinition};

    use super::*;

    fn service(name: &str) -> ServiceRef {
        ServiceRef {
            cluster: "main".to_owned(),
            name: name.to_owned(),
        }
    }

    fn revision(groups: &[&str], rule: &str) -> DesiredRevision {
        DesiredRevision {
            task_definition: DesiredTaskDefinition::Named("web:1".to_owned()),
            launch: None,
            platform_version: None,
            network: None,
            load_balancer: Some(DesiredLoadBalancer {
                container: "app".to_owned(),
                port: 80,
                target_groups: groups.iter().map(|group| (*group).to_owned()).collect(),
                production_rule: Some(rule.to_owned()),
                test_rule: None,
                role: None,
            }),
            additional: Vec::new(),
            parts: Parts::new(),
        }
    }

    #[test]
    fn pairs_besides_the_first_are_claimed_too() {
        let claims = Claims::default();
        let web = DesiredRevision {
            additional: vec![LoadBalancer {
                target_group: "x".to_owned(),
                container: "app".to_owned(),
                port: 80,
                alternate: Some(Alternate {
                    target_group: "y".to_owned(),
                    production_rule: "r9".to_owned(),
                    test_rule: None,
                    role: "role".to_owned(),
                }),
            }],
            ..revision(&["a", "b"], "r1")
        };
        let claim = |name: &str, revision: &DesiredRevision| {
            let found = claims.claim(&service(name), revision, FindingLevel::Error);
            found.map(|found| found.now)
        };
        assert_eq!(claim("web", &web), None);
        let now = claim("api", &revision(&["c", "d"], "r9")).unwrap_or_default();
        assert_eq!(now, "Services `api` and `web` share the rule `r9`.");
        let now = claim("api", &revision(&["y", "d"], "r2")).unwrap_or_default();
        assert_eq!(now, "Services `api` and `web` share the target group `y`.");
    }

    #[test]
    fn one_pair_or_rule_is_for_one_service() {
        let claims = Claims::default();
        let claim = |name: &str, groups: &[&str], rule: &str| {
            let found = claims.claim(&service(name), &revision(groups, rule), FindingLevel::Error);
            found.map(|found| found.now)
        };
        assert_eq!(claim("web", &["a", "b"], "r1"), None);
        assert_eq!(claim("web", &["a", "b"], "r1"), None, "planned again");
        let now = claim("api", &["c", "d"], "r1").unwrap_or_default();
        assert_eq!(now, "Services `api` and `web` share the rule `r1`.");
        let now = claim("api", &["b", "d"], "r2").unwrap_or_default();
        assert_eq!(now, "Services `api` and `web` share the target group `b`.");
        claims.release(&service("web"));
        assert_eq!(claim("api", &["b", "d"], "r1"), None, "it has gone");
        assert_eq!(claim("one", &["x"], "arn:…:listener/app/l/1/2"), None);
        assert_eq!(
            claim("two", &["x"], "arn:…:listener/app/l/1/2"),
            None,
            "nothing moves"
        );
    }
}
