//! What an apply will change: a pure function of prior state and configuration, followed by the checks that ask AWS.

use std::collections::BTreeMap;

use switchyard_engine::ports::Ports;
use switchyard_engine::scaling::{
    LiveScaling, Owned, TargetTags, are_right, bounds_now, raises_bounds, verify_scaling,
};
use switchyard_engine::{Field, Finding, FindingLevel, Rule};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::{Attr, Path};

use super::memory::Memory;
use super::model::{Blocks, Model, Named, known_texts, whole_blocks};
use super::{desired, drift, identity_value, read, spelling, state};
use crate::client::Client;
use crate::drift::TagsBefore;
use crate::names;
use crate::tags::Tagging;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior,
        proposed,
        private,
        ..
    } = request;
    let memory = match Memory::of(&private) {
        Ok(memory) => memory,
        Err(errors) => return Planned::refused(errors),
    };
    let client = context.client().ok();
    let tagging = client.map(Client::tagging);
    let planned = match &prior {
        None => created(proposed, tagging),
        Some(prior) => updated(prior, proposed, tagging),
    };
    let subject = Subject {
        prior: prior.as_ref(),
        planned: &planned,
        memory: &memory,
    };
    let checked = tokio::select! {
        checked = subject.checked(client) => checked,
        // The user wants out; the plan is thrown away.
        () = context.cancel().cancelled() => Checked::default(),
    };
    let about_tags = about_tags(
        client.map(Client::tagging),
        &memory,
        prior.as_ref(),
        &planned,
    );
    let settled = match (&prior, checked.in_force) {
        (Some(prior), true) => Some(prior.clone()),
        _ => None,
    };
    let stays = settled.is_some();
    let planned = settled.unwrap_or(planned);
    let memory = Memory {
        imported: memory.imported && (stays || prior.as_ref() == Some(&planned)),
        tags_before: TagsBefore::new(),
        ..memory
    };
    let private = match memory.to_private() {
        Ok(private) => private,
        Err(errors) => return Planned::refused(errors),
    };
    let identity = identity_value(&planned);
    Planned::new(planned)
        .diagnostics(checked.said.into_iter().chain(about_tags).collect())
        .private(private)
        .identity(identity)
}

/// Tags that the apply puts back, and those that it does not write.
fn about_tags(
    tagging: Option<&Tagging>,
    memory: &Memory,
    prior: Option<&Model>,
    planned: &Model,
) -> Vec<Diagnostic> {
    let back = prior.and_then(|prior| drift::tags_warning(memory, prior, planned));
    let before = prior.and_then(|prior| known_texts(&prior.tags));
    let own = known_texts(&planned.tags);
    let left = tagging
        .zip(own)
        .and_then(|(tagging, own)| tagging.not_written(&own, before.as_ref()));
    back.into_iter().chain(left).collect()
}

fn created(mut planned: Model, tagging: Option<&Tagging>) -> Model {
    planned.id = match (&planned.cluster, &planned.service) {
        (Attr::Known(cluster), Attr::Known(service)) => Attr::Known(state::id(cluster, service)),
        _ => Attr::Unknown,
    };
    planned.tags_all = tags_all(&planned, tagging);
    planned
}

/// The plan of an update; equal to the prior state when nothing changes.
fn updated(prior: &Model, mut planned: Model, tagging: Option<&Tagging>) -> Model {
    spelling::respell(&mut planned.cluster, &prior.cluster, names::same_cluster);
    spelling::as_recorded(prior, &mut planned);
    planned.tags_all = tags_all(&planned, tagging);
    let policies = prior.target_tracking != planned.target_tracking
        || prior.step != planned.step
        || prior.predictive != planned.predictive;
    let names = policies
        && (differs(&prior.target_tracking, &planned.target_tracking)
            || differs(&prior.step, &planned.step)
            || differs(&prior.predictive, &planned.predictive));
    let bounds = prior.min_capacity != planned.min_capacity
        || prior.max_capacity != planned.max_capacity
        || prior.scheduled_action != planned.scheduled_action;
    fn unless<T: Clone>(changes: bool, prior: &Attr<T>) -> Attr<T> {
        if changes {
            Attr::Unknown
        } else {
            prior.clone()
        }
    }
    Model {
        id: prior.id.clone(),
        arn: prior.arn.clone(),
        policy_arns: unless(names, &prior.policy_arns),
        alarm_names: unless(policies, &prior.alarm_names),
        bounds_now: unless(bounds, &prior.bounds_now),
        why_not_scaled: unless(bounds || policies, &prior.why_not_scaled),
        ..planned
    }
}

/// Whether the names differ, as far as they are known.
fn differs<T: Named>(prior: &Blocks<T>, planned: &Blocks<T>) -> bool {
    let (prior, planned) = (whole_blocks(prior), whole_blocks(planned));
    let (Some(prior), Some(planned)) = (prior, planned) else {
        return true;
    };
    !prior.keys().eq(planned.keys())
}

fn tags_all(planned: &Model, tagging: Option<&Tagging>) -> Attr<BTreeMap<String, String>> {
    match (tagging, known_texts(&planned.tags)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(tagging), Some(own)) => Attr::Known(tagging.planned(&own)),
    }
}

/// What AWS has to say about a plan.
#[derive(Default)]
struct Checked {
    said: Diagnostics,
    /// After an import: the bounds in force are what the planned ones and the schedules make, and nothing else
    /// differs.
    in_force: bool,
}

/// A plan whose values are settled, to be checked against AWS.
struct Subject<'a> {
    prior: Option<&'a Model>,
    planned: &'a Model,
    memory: &'a Memory,
}

impl Subject<'_> {
    /// Asks AWS whether the plan can work. Waits for the apply while something is unknown.
    async fn checked(&self, client: Option<&Client>) -> Checked {
        let Some(client) = client else {
            return Checked::default();
        };
        let Some(wanted) = desired::wanted(self.planned, client.tagging()) else {
            return Checked::default();
        };
        let ports: &Ports = client.ports();
        let owned = self
            .prior
            .map_or_else(Owned::default, |prior| desired::owned(prior, self.memory));
        let alarms = wanted.alarms.values().map(|alarm| alarm.name.clone());
        let alarms = alarms.chain(owned.alarms.iter().cloned());
        // A creation that was not finished is ours although no state knows of it: its tag says so.
        let tags = match self.prior {
            Some(_) => TargetTags::Leave,
            None => TargetTags::Read,
        };
        let live = read::live(ports, &wanted.service, alarms, tags).await;
        let findings = verify_scaling(ports, &wanted, live.as_ref(), &owned).await;
        let in_force = live.as_ref().is_some_and(|live| self.is_in_force(live));
        let unchanged = in_force || self.prior == Some(self.planned);
        // A plan that does nothing cannot fail.
        let told = findings
            .iter()
            .filter(|finding| !unchanged || finding.severity == FindingLevel::Warning)
            // The name of a service is known before the same apply makes it: that is the usual case.
            .filter(|finding| self.prior.is_some() || finding.rule != Rule::ScalingServiceMissing);
        Checked {
            said: told.map(diagnostic).collect(),
            in_force,
        }
    }

    fn is_in_force(&self, live: &LiveScaling) -> bool {
        let (Some(prior), true) = (self.prior, self.memory.imported) else {
            return false;
        };
        let rest = Model {
            min_capacity: prior.min_capacity,
            max_capacity: prior.max_capacity,
            bounds_now: prior.bounds_now.clone(),
            why_not_scaled: prior.why_not_scaled.clone(),
            ..self.planned.clone()
        };
        rest == *prior
            && desired::bounds(self.planned).is_some_and(|base| {
                let right = bounds_now(base, &live.schedules, live.now).bounds;
                let raised = raises_bounds(live.policies.iter().map(|found| &found.policy));
                are_right(live.target.bounds, right, raised)
            })
    }
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let detail = format!(
        "{}\n\n{}\n\nRule {}.",
        finding.why, finding.next, finding.rule
    );
    let summary = finding.now.trim_end_matches('.');
    let diagnostic = match finding.severity {
        FindingLevel::Error => Diagnostic::error(summary, detail),
        FindingLevel::Warning => Diagnostic::warning(summary, detail),
    };
    match attribute(finding.field) {
        Some(name) => diagnostic.at(Path::root().attribute(name)),
        None => diagnostic,
    }
}

/// The attribute a finding is about; the findings about scaling know few fields.
fn attribute(field: Field) -> Option<&'static str> {
    if field == Field::Cluster {
        Some("cluster")
    } else if field == Field::Service {
        Some("service")
    } else if field == Field::Unmanaged {
        Some("unmanaged")
    } else {
        None
    }
}
