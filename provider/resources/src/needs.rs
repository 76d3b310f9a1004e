//! Which services wait for which others, among the services that one run of Terraform plans.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use switchyard_engine::ports::ServiceRef;
use switchyard_engine::{Field, Finding, FindingLevel, Rule};

/// Name of the cluster, and of the service.
type Key = (String, String);

/// What the services planned so far need. Terraform starts a provider for each walk over a configuration, so it never
/// holds more than one configuration's.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    all: Mutex<BTreeMap<Key, BTreeSet<Key>>>,
}

impl Needs {
    /// Notes that `service` is new, and that its deployments fail without `others`; what it needed before is forgotten.
    /// The finding names the new services that need one another.
    pub(crate) fn of_new(
        &self,
        service: &ServiceRef,
        others: impl IntoIterator<Item = ServiceRef>,
        severity: FindingLevel,
    ) -> Option<Finding> {
        let own = key(service);
        let others = others.into_iter().map(|other| key(&other));
        // Its own tasks run when its gates are asked.
        let others = others.filter(|other| *other != own).collect();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(own.clone(), others);
        Some(finding(&circle(&all, &own)?, severity))
    }

    /// The service is there: who needs it finds it.
    pub(crate) fn of_existing(&self, service: &ServiceRef) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&key(service));
    }
}

fn key(service: &ServiceRef) -> Key {
    (service.cluster_name().to_owned(), service.name.clone())
}

/// A shortest way from a service back to itself, over what each one needs.
fn circle<'a>(all: &'a BTreeMap<Key, BTreeSet<Key>>, start: &'a Key) -> Option<Vec<&'a Key>> {
    let mut before: BTreeMap<&Key, &Key> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(service) = next.pop_front() {
        for other in all.get(service).into_iter().flatten() {
            if other == start {
                let mut way = vec![service];
                while let Some(earlier) = way.last().and_then(|last| before.get(last)) {
                    way.push(earlier);
                }
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(other) {
                before.insert(other, service);
                next.push_back(other);
            }
        }
    }
    None
}

fn finding(circle: &[&Key], severity: FindingLevel) -> Finding {
    let names = circle.iter().chain(circle.first());
    let names: Vec<String> = names.map(|(_, name)| format!("`{name}`")).collect();
    Finding {
        rule: Rule::DependencyCircle,
        severity,
        field: Field::Gates,
        now: format!(
            "New services need one another in a circle: {}.",
            names.join(" -> ")
        ),
        why: "Each has a `dependency` gate that names the next one, and none of them exists. The first deployment of a \
              service fails when the service that its gate names does not exist or has no healthy tasks."
            .to_owned(),
        next: "Remove one of these gates, or set `observe_only = true` in it until the services exist. Services that \
               are running may name one another."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(cluster: &str, name: &str) -> ServiceRef {
        ServiceRef {
            cluster: cluster.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn the_names_of_a_circle_are_in_its_order() {
        let needs = Needs::default();
        let new = |name: &str, others: &[&str]| {
            let others = others.iter().map(|other| service("main", other));
            let own = service("main", name);
            let found = needs.of_new(&own, others, FindingLevel::Error);
            found.map(|found| found.now)
        };
        assert_eq!(new("a", &["a", "b", "x"]), None);
        assert_eq!(new("b", &["c"]), None);
        let now = "New services need one another in a circle: `c` -> `a` -> `b` -> `c`.";
        assert_eq!(new("c", &["x", "a"]).as_deref(), Some(now));
        assert_eq!(new("c", &["x"]), None, "planned again");
        assert!(new("c", &["a"]).is_some());
        needs.of_existing(&service("main", "b"));
        assert_eq!(new("c", &["a"]), None, "one of them is there");
    }

    #[test]
    fn a_name_belongs_to_its_cluster() {
        let needs = Needs::default();
        let new = |own: ServiceRef, other| needs.of_new(&own, [other], FindingLevel::Error);
        let arn = "arn:aws:ecs:eu-west-1:1:cluster/main";
        assert_eq!(new(service("main", "a"), service("other", "b")), None);
        assert_eq!(new(service("main", "b"), service("main", "a")), None);
        assert!(new(service("other", "b"), service(arn, "a")).is_some());
    }
}
