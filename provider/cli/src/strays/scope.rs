//! Which objects are looked for: an account may be shared.

use std::collections::{BTreeMap, HashSet};

use switchyard_engine::ports::{LiveObject, ObjectFamily, ObjectKind};

use super::account::ListAccount;
use crate::owned::Owned;

/// What is looked for; everything when it names nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Names of clusters.
    pub(crate) clusters: Vec<String>,
    /// Tags that all must be there; without a value, whatever it is.
    pub(crate) tags: Vec<(String, Option<String>)>,
}

/// `KEY` or `KEY=VALUE`.
pub(crate) fn parse_tag(text: &str) -> Result<(String, Option<String>), String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (text, None),
    };
    match key.trim() {
        "" => Err("write it as KEY or KEY=VALUE".to_owned()),
        key => Ok((key.to_owned(), value)),
    }
}

impl Scope {
    /// Whether it leaves nothing out.
    pub(crate) fn is_all(&self) -> bool {
        self.clusters.is_empty() && self.tags.is_empty()
    }

    /// Leaves what is looked for. What is part of an object that a state has is always looked for: a rule that was added
    /// by hand has no tags and names no cluster.
    pub(super) fn narrow(
        &self,
        strays: &mut Vec<&LiveObject>,
        all: &[LiveObject],
        owned: &Owned,
        account: &dyn ListAccount,
    ) -> Result<(), (ObjectFamily, String)> {
        if self.is_all() {
            return Ok(());
        }
        let around = Around::of(&self.clusters, all);
        let tags = self.read_tags(strays, account)?;
        strays.retain(|object| {
            let is_part =
                is_within(object.kind) && object.uses.iter().any(|arn| owned.has_arn(arn));
            let in_cluster = self.clusters.is_empty() || around.has(object);
            let is_tagged = self.tags.is_empty() || self.fits(tags_of(object, all, &tags));
            is_part || (in_cluster && is_tagged)
        });
        Ok(())
    }

    fn fits(&self, tags: Option<&BTreeMap<String, String>>) -> bool {
        self.tags.iter().all(|(key, value)| {
            let found = tags.and_then(|tags| tags.get(key));
            found.is_some_and(|found| value.as_ref().is_none_or(|value| value == found))
        })
    }

    /// The tags that the lists lack, of what is left alone.
    fn read_tags(
        &self,
        strays: &[&LiveObject],
        account: &dyn ListAccount,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, (ObjectFamily, String)> {
        let mut all = BTreeMap::new();
        if self.tags.is_empty() {
            return Ok(all);
        }
        for family in ObjectFamily::ALL {
            let arns: Vec<String> = strays
                .iter()
                .filter(|object| object.kind.family() == family && object.tags.is_none())
                .map(|object| object.arn.clone())
                .collect();
            if !arns.is_empty() {
                let tags = account.tags(family, &arns);
                all.extend(tags.map_err(|reason| (family, reason))?);
            }
        }
        Ok(all)
    }
}

/// Kinds that are parts of what they name, and do not only lead to it.
fn is_within(kind: ObjectKind) -> bool {
    match kind {
        ObjectKind::Listener
        | ObjectKind::Rule
        | ObjectKind::TaskSet
        | ObjectKind::ScalingPolicy
        | ObjectKind::DeploymentGroup => true,
        ObjectKind::Cluster
        | ObjectKind::Service
        | ObjectKind::LoadBalancer
        | ObjectKind::TargetGroup
        | ObjectKind::ScalableTarget
        | ObjectKind::Application
        | ObjectKind::Alarm
        | ObjectKind::CompositeAlarm
        | ObjectKind::LogGroup => false,
    }
}

/// The tags of an object. A policy has those of its scalable target.
fn tags_of<'t>(
    object: &'t LiveObject,
    all: &'t [LiveObject],
    read: &'t BTreeMap<String, BTreeMap<String, String>>,
) -> Option<&'t BTreeMap<String, String>> {
    let own = |object: &'t LiveObject| object.tags.as_ref().or_else(|| read.get(&object.arn));
    if object.kind == ObjectKind::ScalingPolicy {
        let of = |target: &&LiveObject| {
            target.kind == ObjectKind::ScalableTarget && object.uses.contains(&target.arn)
        };
        return all.iter().find(of).and_then(own);
    }
    own(object)
}

/// What belongs to clusters.
struct Around<'c> {
    clusters: &'c [String],
    /// The target groups of their services.
    groups: HashSet<&'c str>,
    /// The load balancers of those.
    balancers: HashSet<&'c str>,
}

impl<'c> Around<'c> {
    fn of(clusters: &'c [String], all: &'c [LiveObject]) -> Self {
        let is_in = |object: &&LiveObject| {
            let cluster = object.cluster.as_ref();
            cluster.is_some_and(|cluster| clusters.contains(cluster))
        };
        let runs =
            |object: &&LiveObject| matches!(object.kind, ObjectKind::Service | ObjectKind::TaskSet);
        let used = all.iter().filter(is_in).filter(runs);
        let groups: HashSet<&str> = used.flat_map(|o| &o.uses).map(String::as_str).collect();
        let of_them = |object: &&LiveObject| groups.contains(object.arn.as_str());
        let balancers = all.iter().filter(of_them).flat_map(|o| &o.uses);
        Self {
            clusters,
            balancers: balancers.map(String::as_str).collect(),
            groups,
        }
    }

    fn has(&self, object: &LiveObject) -> bool {
        let arn = object.arn.as_str();
        let cluster = object.cluster.as_ref();
        let leads_there = matches!(object.kind, ObjectKind::Listener | ObjectKind::Rule)
            && object
                .uses
                .iter()
                .any(|arn| self.groups.contains(arn.as_str()));
        cluster.is_some_and(|cluster| self.clusters.contains(cluster))
            || self.groups.contains(arn)
            || self.balancers.contains(arn)
            || leads_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_key_with_or_without_a_value() {
        assert_eq!(parse_tag("team"), Ok(("team".to_owned(), None)));
        let with = |value: &str| Ok(("team".to_owned(), Some(value.to_owned())));
        assert_eq!(parse_tag("team=a=b"), with("a=b"));
        assert_eq!(parse_tag("team="), with(""));
        assert!(parse_tag("=x").is_err());
    }
}
