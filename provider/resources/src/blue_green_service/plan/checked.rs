//! What AWS says about a plan whose values are settled.

use switchyard_engine::{DesiredService, Field, Finding, FindingLevel, Intent};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::Attr;

use super::findings::{diagnostic, taken_over};
use crate::blue_green_service::back::{self, Way};
use crate::blue_green_service::memory::Memory;
use crate::blue_green_service::model::{Model, known_map};
use crate::blue_green_service::owner::TaskDefinitionOwner;
use crate::blue_green_service::restore::{self, Target};
use crate::blue_green_service::{
    assumed, desired, drift, freeze, gates, quarantine, switch, unmanaged,
};
use crate::client::Client;
use crate::tags::Tagging;

/// A plan whose values are settled, to be checked against AWS.
pub(super) struct Subject<'a> {
    pub(super) prior: Option<&'a Model>,
    pub(super) memory: &'a Memory,
    pub(super) config: &'a Model,
    pub(super) planned: &'a Model,
    pub(super) target: &'a Target,
}

impl Subject<'_> {
    /// Asks AWS whether the plan can work. Waits for the apply while something is unknown.
    pub(super) async fn verified(&self, context: &Context<Client>) -> Diagnostics {
        let Ok(client) = context.client() else {
            return Diagnostics::none();
        };
        let (ports, planned) = (client.ports(), self.planned);
        let mut said = self.about_tags(client.tagging());
        match freeze::of(client, planned) {
            freeze::Verdict::Free => {}
            freeze::Verdict::Refused(said_so) | freeze::Verdict::Overridden(_, said_so) => {
                said.push(said_so);
            }
        }
        said.extend(self.circle(client).as_ref().map(diagnostic));
        let back = match self.way() {
            Some(way) => way.back(ports).await,
            None => None,
        };
        said.extend(
            restore::announcement(ports, self.prior, planned, self.target, back.is_some()).await,
        );
        said.extend(
            back.as_ref()
                .and_then(|back| back::announcement(planned, back)),
        );
        if let Some(prior) = self.prior {
            said.extend(switch::announcement(prior, planned));
            said.extend(unmanaged::announcement(ports, prior, planned).await);
            let from = self.deployed_from(prior);
            said.extend(quarantine::refusals(ports, prior, planned, from.as_deref()).await);
        }
        let intent = if self.prior.is_some() {
            Intent::Update
        } else {
            Intent::Create
        };
        let force = planned.will_deploy == Attr::Known(true);
        let named = &self.config.task_definition;
        let runs = desired::Runs {
            named,
            target: self.target,
            goes_back: back.is_some(),
        };
        let assumed = assumed::running_what_is_live(planned, named);
        let wanted = match &assumed {
            Some(assumed) => {
                let runs = desired::Runs {
                    named: &Attr::Null,
                    ..runs
                };
                desired::wanted(assumed, runs, intent, force, client.tagging())
            }
            None => desired::wanted(planned, runs, intent, force, client.tagging()),
        };
        let Some(wanted) = wanted else {
            return said.into_iter().collect();
        };
        said.extend(self.claimed(client, &wanted).as_ref().map(diagnostic));
        let live = match intent {
            Intent::Create => None,
            // What cannot be read is not reported here: the apply reads again and says it in full.
            Intent::Update => {
                let route = wanted.production_route();
                switchyard_engine::observe_behind(ports, &wanted.service, route)
                    .await
                    .ok()
                    .flatten()
            }
        };
        let deploys = planned.will_deploy != Attr::Known(false);
        let findings = if deploys {
            switchyard_engine::verify_rollout(ports, &wanted, live.as_ref()).await
        } else {
            switchyard_engine::verify(ports, &wanted, live.as_ref()).await
        };
        let findings: Vec<Finding> = if assumed.is_some() {
            let findings = findings.into_iter();
            findings
                .filter_map(|finding| assumed::reported(finding, self.memory, self.prior))
                .collect()
        } else {
            findings
        };
        said.extend(
            findings
                .iter()
                .filter(|finding| deploys || !only_for_deployments(finding.field))
                .filter(|finding| self.prior.is_none() || !is_told_by_refresh(finding))
                .filter(|finding| {
                    finding.rule != switchyard_engine::Rule::TrafficShared
                        || !client
                            .claims()
                            .is_making_room(wanted.service.cluster_name())
                })
                .map(diagnostic),
        );
        said.extend(
            live.and_then(|live| taken_over(self.prior, wanted.desired, live.service.desired)),
        );
        said.into_iter().collect()
    }

    /// Tags that the apply puts back, and those that it does not write.
    fn about_tags(&self, tagging: &Tagging) -> Vec<Diagnostic> {
        let back = self
            .prior
            .and_then(|prior| drift::tags_warning(self.memory, prior, self.planned));
        let before = self.prior.and_then(|prior| known_map(&prior.tags));
        let own = known_map(&self.planned.tags);
        let left = own.and_then(|own| tagging.not_written(&own, before.as_ref()));
        back.into_iter().chain(left).collect()
    }

    /// What may be a way back.
    fn way(&self) -> Option<Way<'_>> {
        (self.planned.will_deploy != Attr::Known(false)).then_some(Way {
            memory: self.memory,
            prior: self.prior?,
            planned: self.planned,
            named: &self.config.task_definition,
            target: self.target,
        })
    }

    /// New services of this configuration whose gates name one another. Names are enough to know.
    fn circle(&self, client: &Client) -> Option<Finding> {
        let service = desired::service_ref(self.planned)?;
        if self.prior.is_some() {
            client.needs().of_existing(&service);
            return None;
        }
        let severity = match desired::warn_only(self.planned) {
            Some(rules) if rules.contains(&switchyard_engine::Rule::DependencyCircle) => {
                FindingLevel::Warning
            }
            Some(_) | None => FindingLevel::Error,
        };
        let others = gates::needed(self.planned, &service);
        client.needs().of_new(&service, others, severity)
    }

    /// Another service of this configuration moves the same traffic.
    fn claimed(&self, client: &Client, wanted: &DesiredService) -> Option<Finding> {
        let claims = client.claims();
        // It has another name from now on.
        if let Some(before) = self.prior.and_then(desired::service_ref) {
            if before.name == wanted.service.name {
                claims.release(&before);
            } else {
                claims.make_room(&before);
            }
        }
        let severity = if wanted
            .warn_only
            .contains(&switchyard_engine::Rule::TrafficShared)
        {
            FindingLevel::Warning
        } else {
            FindingLevel::Error
        };
        claims.claim(&wanted.service, &wanted.revision, severity)
    }

    /// The task definition a deployment takes everything (but images of its own) from.
    fn deployed_from(&self, prior: &Model) -> Option<String> {
        match TaskDefinitionOwner::of(self.planned)? {
            TaskDefinitionOwner::Terraform => self.planned.task_definition.known().cloned(),
            TaskDefinitionOwner::Images => match self.config.task_definition.as_ref() {
                Attr::Known(base) => Some(base.clone()),
                Attr::Null => self.memory.live_task_definition(prior).into_known(),
                Attr::Unknown => None,
            },
            TaskDefinitionOwner::Snapshot => Some(self.target.known()?.task_definition.clone()),
            TaskDefinitionOwner::External => None,
        }
    }
}

/// What a change of settings alone never touches.
fn only_for_deployments(field: Field) -> bool {
    matches!(
        field,
        Field::CodeDeployAlarms | Field::CodeDeployConfig | Field::CodeDeployGroup
    )
}

/// Where production goes is looked at by every refresh, also before a plan that changes nothing: by the rule of the first
/// pair.
fn is_told_by_refresh(finding: &Finding) -> bool {
    finding.severity == FindingLevel::Warning
        && finding.field != Field::Additional
        && matches!(
            finding.rule,
            switchyard_engine::Rule::ProductionEmpty | switchyard_engine::Rule::ProductionRuleStray
        )
}
