//! What an answer says of a service beyond what the SDK reads out of it.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use switchyard_engine::ports::members::{beyond_revision, beyond_service, more_of_hook};
use switchyard_engine::ports::{
    HookTarget, Result, Service, ServiceRevision, TaskSet, parts_of, parts_of_service,
};

use super::wire::Captured;
use crate::failed::incomplete;

/// A service without its events, which are most of an answer: they are passed over, never kept.
#[derive(Default)]
struct Shown {
    members: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(answer: D) -> std::result::Result<Self, D::Error> {
        answer.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for Shown {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a service")
    }

    fn visit_map<M: MapAccess<'de>>(
        mut self,
        mut answer: M,
    ) -> std::result::Result<Self, M::Error> {
        while let Some(name) = answer.next_key::<String>()? {
            if name == "events" {
                answer.next_value::<IgnoredAny>()?;
            } else {
                self.members.insert(name, answer.next_value()?);
            }
        }
        Ok(self)
    }
}

/// DescribeServices, CreateService and UpdateService.
#[derive(Deserialize)]
struct Services {
    #[serde(default)]
    services: Vec<Shown>,
    #[serde(default)]
    service: Option<Shown>,
}

/// DescribeServiceRevisions.
#[derive(Deserialize)]
struct Revisions {
    #[serde(rename = "serviceRevisions", default)]
    revisions: Vec<Map<String, Value>>,
}

/// The services of one answer.
pub(super) struct ShownServices(Vec<Map<String, Value>>);

impl ShownServices {
    pub(super) fn of(captured: &Captured) -> Self {
        let read: Option<Services> = captured.read();
        let all = read.map(|read| read.services.into_iter().chain(read.service));
        Self(
            all.into_iter()
                .flatten()
                .map(|shown| shown.members)
                .collect(),
        )
    }

    /// Adds what it says to a service of the same answer.
    ///
    /// # Errors
    /// When it is not in the answer: what a service has must never look like nothing.
    pub(super) fn complete(
        &self,
        mut service: Service,
        operation: &'static str,
        target: &str,
    ) -> Result<Service> {
        let mut all = self.0.iter();
        let is_it = |shown: &&Map<String, Value>| text(shown, "serviceArn") == Some(&service.arn);
        let shown = all
            .find(is_it)
            .ok_or_else(|| incomplete(operation, target, "service"))?;
        service.parts = parts_of_service(shown);
        service.beyond = beyond_service(shown);
        keep_whole(&mut service, shown);
        let sets = shown.get("taskSets").and_then(Value::as_array);
        for found in sets.into_iter().flatten().filter_map(Value::as_object) {
            let mut known = service.task_sets.iter_mut();
            if let Some(set) = known.find(|set| text(found, "id") == Some(&set.id)) {
                set.parts = parts_of(found);
            }
        }
        Ok(service)
    }
}

/// What nobody here looks into of hooks, as it is.
fn keep_whole(service: &mut Service, shown: &Map<String, Value>) {
    let configuration = service.deployment_configuration.as_mut();
    let hooks = configuration.and_then(|configuration| configuration.hooks.as_mut());
    let all = shown
        .get("deploymentConfiguration")
        .and_then(|configuration| configuration.get("lifecycleHooks"))
        .and_then(Value::as_array);
    for (hook, shown) in hooks.into_iter().flatten().zip(all.into_iter().flatten()) {
        match &mut hook.target {
            HookTarget::Unknown { whole, .. } => *whole = shown.to_string(),
            HookTarget::Lambda { .. } | HookTarget::Pause => hook.more = more_of_hook(shown),
        }
    }
}

/// Adds what CreateTaskSet says to its task set.
pub(super) fn complete_set(mut set: TaskSet, captured: &Captured) -> TaskSet {
    let shown = captured.member("taskSet");
    set.parts = shown.as_object().map(parts_of).unwrap_or_default();
    set
}

/// The revisions of one answer.
pub(super) struct ShownRevisions(Vec<Map<String, Value>>);

impl ShownRevisions {
    pub(super) fn of(captured: &Captured) -> Self {
        let read: Option<Revisions> = captured.read();
        Self(read.map(|read| read.revisions).unwrap_or_default())
    }

    /// Adds what it says to a revision of the same answer.
    ///
    /// # Errors
    /// When it is not in the answer.
    pub(super) fn complete(
        &self,
        mut revision: ServiceRevision,
        operation: &'static str,
        target: &str,
    ) -> Result<ServiceRevision> {
        let mut all = self.0.iter();
        let is_it =
            |shown: &&Map<String, Value>| text(shown, "serviceRevisionArn") == Some(&revision.arn);
        let shown = all
            .find(is_it)
            .ok_or_else(|| incomplete(operation, target, "serviceRevision"))?;
        revision.parts = parts_of(shown);
        revision.beyond = beyond_revision(shown);
        Ok(revision)
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}
