//! What an apply will change, and whether it starts a deployment.
//!
//! A pure function of prior state, configuration and the provider's tags, followed by the checks that ask
//! AWS. Deterministic: Terraform plans again during apply and compares.

use switchyard_engine::{DesiredCount, DesiredService, Field, Finding, FindingLevel, Intent};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::{Attr, Path, ToValue, Value};

use super::assumed;
use super::back::{self, Way};
use super::difference::{differs, either};
use super::memory::Memory;
use super::model::{Model, known_map};
use super::owner::TaskDefinitionOwner;
use super::restore::{self, Target};
use super::strategy::ControllerChoice;
use super::validate::Rule;
use super::words::{CountOwnerWord, LaunchWord};
use super::{
    capacity, deploys, desired, drift, freeze, gates, identity_value, images, parts, percents,
    quarantine, state, switch, unmanaged,
};
use crate::client::Client;
use crate::names;
use crate::tags::{Tagging, Tags};

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior,
        config,
        proposed,
        private,
        ..
    } = request;
    let memory = match Memory::of(&private) {
        Ok(memory) => memory,
        Err(errors) => return Planned::refused(errors),
    };
    let proposed = percents::settled(prior.as_ref(), &config, proposed);
    let client = context.client().ok();
    let tagging = client.map(Client::tagging);
    let target = match restore::target(client.map(Client::ports), &memory, &proposed).await {
        Ok(target) => target,
        Err(refusal) => return Planned::refused(refusal),
    };
    let planned = match &prior {
        None => match no_beginning(&config, &proposed) {
            Some(refusal) => return Planned::refused(refusal),
            None => created(&config, proposed, tagging),
        },
        Some(prior) => {
            let refusal = switch::refusal(prior, &proposed);
            if let Some(refusal) = refusal.or_else(|| unmanaged::refusal(prior, &proposed)) {
                return Planned::refused(refusal);
            }
            let owner_differs = match TaskDefinitionOwner::of(&proposed) {
                Some(TaskDefinitionOwner::Images) => {
                    let ports = client.map(Client::ports);
                    images::change(ports, &memory, prior, &config, &proposed).await
                }
                Some(TaskDefinitionOwner::Snapshot) => {
                    restore::change(&target, &memory.live_task_definition(prior))
                }
                Some(TaskDefinitionOwner::Terraform | TaskDefinitionOwner::External) => {
                    Attr::Known(false)
                }
                None => Attr::Unknown,
            };
            let known = Known {
                prior,
                memory: &memory,
                owner_differs,
                drops_capacity: capacity::is_dropped(client.map(Client::ports), prior, &proposed)
                    .await,
            };
            match known.updated(&config, proposed, tagging) {
                Some(planned) => planned,
                None => {
                    let said = contested(&memory, prior);
                    return Planned::new(prior.clone()).diagnostics(said.into_iter().collect());
                }
            }
        }
    };
    let subject = Subject {
        prior: prior.as_ref(),
        memory: &memory,
        config: &config,
        planned: &planned,
        target: &target,
    };
    let diagnostics = tokio::select! {
        diagnostics = subject.verified(context) => diagnostics,
        // The user wants out; the plan is thrown away.
        () = context.cancel().cancelled() => Diagnostics::none(),
    };
    let private = match memory
        .for_plan(prior.as_ref(), &config, &planned, target.known().cloned())
        .to_private()
    {
        Ok(private) => private,
        Err(errors) => return Planned::refused(errors),
    };
    let identity = identity_value(&planned);
    Planned::new(planned)
        .diagnostics(diagnostics)
        .private(private)
        .identity(identity)
}

fn created(config: &Model, mut planned: Model, tagging: Option<&Tagging>) -> Model {
    planned.id = match (&planned.cluster, &planned.name) {
        (Attr::Known(cluster), Attr::Known(name)) => Attr::Known(state::id(cluster, name)),
        _ => Attr::Unknown,
    };
    planned.tags_all = tags_all(&planned, tagging);
    if config.desired_count.is_null() {
        planned.desired_count = match bounds(&planned) {
            Some((min, max))
                if planned.desired_count_owner == Attr::Known(CountOwnerWord::Bounded)
                    && min <= max =>
            {
                Attr::Known(NEW_SERVICE_TASKS.clamp(min, max))
            }
            Some(_) | None => Attr::Known(NEW_SERVICE_TASKS),
        };
    }
    planned.will_deploy = Attr::Known(true);
    planned.deploys = deploys::first();
    planned.unfinished = Attr::Known(Vec::new());
    if planned.load_balancer.is_null() {
        planned.live_target_group = Attr::Null;
        planned.live_target_groups = Attr::Null;
    }
    planned
}

/// What an update starts from.
struct Known<'a> {
    prior: &'a Model,
    memory: &'a Memory,
    /// Whether the images or the snapshot, where they decide, differ from what is live.
    owner_differs: Attr<bool>,
    /// Whether the capacity provider strategy is taken away.
    drops_capacity: bool,
}

impl Known<'_> {
    /// The plan of an update; `None` when nothing changes.
    fn updated(
        &self,
        config: &Model,
        mut planned: Model,
        tagging: Option<&Tagging>,
    ) -> Option<Model> {
        let prior = self.prior;
        planned.desired_count = desired_count(prior, config, &planned);
        // Another spelling of the same object is no change: an import records ARNs where people write names.
        respell(&mut planned.cluster, &prior.cluster, names::same_cluster);
        planned.task_definition = self.task_definition(config, &planned);
        planned.tags_all = tags_all(&planned, tagging);
        planned.launch_type = self.launch_type(config, &planned);
        // AWS has a word for it only under ECS.
        if switch::changes(prior, &planned) && config.parts.availability_zone_rebalancing.is_null()
        {
            planned.parts.availability_zone_rebalancing = Attr::Unknown;
        }
        let left_behind = prior
            .unfinished
            .known()
            .is_some_and(|left| !left.is_empty());
        let settled = Model {
            id: prior.id.clone(),
            arn: prior.arn.clone(),
            live_task_definition: prior.live_task_definition.clone(),
            live_target_group: prior.live_target_group.clone(),
            live_target_groups: prior.live_target_groups.clone(),
            will_deploy: prior.will_deploy,
            deploys: prior.deploys.clone(),
            last_deployment: prior.last_deployment.clone(),
            last_snapshots: prior.last_snapshots.clone(),
            quarantined_images: prior.quarantined_images.clone(),
            unfinished: if left_behind {
                Attr::Known(Vec::new())
            } else {
                prior.unfinished.clone()
            },
            ..planned
        };
        if settled == *prior && self.owner_differs == Attr::Known(false) {
            return None;
        }
        let mut planned = settled;
        // What is unknown may turn out to be what it was. Then nothing is applied, and the state keeps its word.
        let may_stay = differs(&prior.to_value(), &planned.to_value()) == Attr::Unknown;
        planned.will_deploy = self.rollout(&planned);
        let deploys = planned.will_deploy != Attr::Known(false);
        if !deploys && may_stay && prior.will_deploy != Attr::Known(false) {
            planned.will_deploy = Attr::Unknown;
        }
        let line = deploys::planned(prior, self.memory, &planned, self.owner_differs);
        planned.deploys = if !deploys && may_stay && line != prior.deploys {
            Attr::Unknown
        } else {
            line
        };
        // What was left behind and is finished now may be a deployment, too.
        if deploys || left_behind {
            planned.live_task_definition = Attr::Unknown;
            planned.live_target_group = Attr::Unknown;
            planned.live_target_groups = Attr::Unknown;
            planned.last_deployment = Attr::Unknown;
            // Where none are taken there is nothing to learn.
            if !(planned.snapshots.is_null() && prior.last_snapshots.is_null()) {
                planned.last_snapshots = Attr::Unknown;
            }
            planned.quarantined_images = Attr::Unknown;
        }
        Some(planned)
    }

    /// The planned launch type. It is AWS's to tell once the configuration names capacity providers, or names them no
    /// longer.
    fn launch_type(&self, config: &Model, planned: &Model) -> Attr<LaunchWord> {
        let prior = self.prior;
        let strategies = (
            &prior.capacity_provider_strategy,
            &planned.capacity_provider_strategy,
        );
        match (&config.launch_type, &config.capacity_provider_strategy) {
            (Attr::Known(_) | Attr::Unknown, _) => planned.launch_type.clone(),
            (Attr::Null, Attr::Null) if self.drops_capacity => Attr::Unknown,
            (Attr::Null, Attr::Null) => prior.launch_type.clone(),
            (Attr::Null, Attr::Known(_) | Attr::Unknown) if strategies.0 != strategies.1 => {
                Attr::Unknown
            }
            (Attr::Null, Attr::Known(_) | Attr::Unknown) => planned.launch_type.clone(),
        }
    }

    /// The planned task definition, by its owner.
    fn task_definition(&self, config: &Model, planned: &Model) -> Attr<String> {
        let prior = &self.prior.task_definition;
        let mut written = config.task_definition.clone();
        respell(&mut written, prior, names::same_task_definition);
        let live = || self.memory.live_task_definition(self.prior);
        match (TaskDefinitionOwner::of(planned), &written) {
            (None | Some(TaskDefinitionOwner::Terraform), _)
            | (
                Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot),
                Attr::Known(_) | Attr::Unknown,
            ) => written,
            (Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot), Attr::Null)
                if self.owner_differs == Attr::Known(false) =>
            {
                live()
            }
            (Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot), Attr::Null) => {
                Attr::Unknown
            }
            (Some(TaskDefinitionOwner::External), Attr::Null) => live(),
            // What is written was for the beginning. An unknown value may stay one.
            (Some(TaskDefinitionOwner::External), Attr::Known(_)) if prior.is_known() => {
                prior.clone()
            }
            (Some(TaskDefinitionOwner::External), Attr::Known(_) | Attr::Unknown) => written,
        }
    }

    /// Whether the change starts a deployment: unknown as long as one of the values that decide is unknown
    /// and none of the others does.
    fn rollout(&self, planned: &Model) -> Attr<bool> {
        let prior = self.prior;
        let task_definition = match TaskDefinitionOwner::of(planned) {
            Some(TaskDefinitionOwner::Terraform) => {
                match (
                    self.memory.live_task_definition(prior),
                    &planned.task_definition,
                ) {
                    (Attr::Known(live), Attr::Known(planned)) => {
                        Attr::Known(!names::same_task_definition(&live, planned))
                    }
                    (live, planned) => changes(&live, planned),
                }
            }
            Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot) => self.owner_differs,
            Some(TaskDefinitionOwner::External) => Attr::Known(false),
            None => Attr::Unknown,
        };
        either([
            Attr::Known(switch::deploys(prior, planned)),
            task_definition,
            match capacity::is_left_out(prior, planned) {
                true => Attr::Known(self.drops_capacity),
                false => changes(
                    &prior.capacity_provider_strategy,
                    &planned.capacity_provider_strategy,
                ),
            },
            changes(&prior.platform_version, &planned.platform_version),
            changes(&prior.network_configuration, &planned.network_configuration),
            balancing(prior, planned),
            parts_change(prior, planned),
            changes(&prior.redeploy_triggers, &planned.redeploy_triggers),
        ])
    }
}

/// Tasks of a new service whose configuration does not say how many.
const NEW_SERVICE_TASKS: i64 = 1;

/// The planned number of tasks. Where somebody else decides on it, what the configuration says was only the
/// start. Where nothing is written, the service keeps what it has.
fn desired_count(prior: &Model, config: &Model, planned: &Model) -> Attr<i64> {
    match planned.desired_count_owner.known() {
        Some(CountOwnerWord::Autoscaler) => return prior.desired_count,
        Some(CountOwnerWord::Bounded) => {}
        Some(CountOwnerWord::Terraform | CountOwnerWord::Unknown(_)) | None => {
            return match config.desired_count {
                Attr::Null => prior.desired_count,
                Attr::Known(_) | Attr::Unknown => planned.desired_count,
            };
        }
    }
    match (bounds(planned), prior.desired_count) {
        (Some((min, max)), Attr::Known(recorded)) if (min..=max).contains(&recorded) => {
            prior.desired_count
        }
        // Nothing is written: the nearer bound is what the apply makes of it.
        (Some((min, max)), Attr::Known(recorded))
            if config.desired_count.is_null() && min <= max =>
        {
            Attr::Known(recorded.clamp(min, max))
        }
        _ => planned.desired_count,
    }
}

/// The bounds of the number of tasks, once they are known.
fn bounds(model: &Model) -> Option<(i64, i64)> {
    let bounds = model.desired_count_bounds.known()?;
    Some((*bounds.min.known()?, *bounds.max.known()?))
}

/// A new service needs a task definition, whoever owns it later.
fn no_beginning(config: &Model, proposed: &Model) -> Option<Diagnostic> {
    let why = match TaskDefinitionOwner::of(proposed)? {
        // `terraform validate` has said so; a snapshot has one.
        TaskDefinitionOwner::Terraform | TaskDefinitionOwner::Snapshot => return None,
        TaskDefinitionOwner::Images => {
            "the images are put into a task definition, and a new service has no live one"
        }
        TaskDefinitionOwner::External => {
            "a new service starts with one; its deployments continue from there"
        }
    };
    config.task_definition.is_null().then(|| {
        Rule::Missing.report(
            "`task_definition` is missing",
            format!(
                "It is required because {why}. Add it; you can remove it when the service exists."
            ),
        )
    })
}

/// Keeps the recorded spelling where the planned one means the same.
fn respell(planned: &mut Attr<String>, prior: &Attr<String>, same: impl Fn(&str, &str) -> bool) {
    if let (Attr::Known(wanted), Attr::Known(recorded)) = (&*planned, prior)
        && same(wanted, recorded)
    {
        planned.clone_from(prior);
    }
}

fn tags_all(planned: &Model, tagging: Option<&Tagging>) -> Attr<Tags> {
    match (tagging, known_map(&planned.tags)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(tagging), Some(own)) => Attr::Known(tagging.planned(&own)),
    }
}

fn changes<T: ToValue>(prior: &Attr<T>, planned: &Attr<T>) -> Attr<bool> {
    differs(&prior.to_value(), &planned.to_value())
}

fn parts_change(prior: &Model, planned: &Model) -> Attr<bool> {
    differs(
        &Value::List(parts::of_revisions(prior)),
        &Value::List(parts::of_revisions(planned)),
    )
}

/// Under CodeDeploy and with task sets the pair and the rules say where traffic can go: naming them deploys
/// nothing.
fn balancing(prior: &Model, planned: &Model) -> Attr<bool> {
    match (
        &prior.load_balancer,
        &planned.load_balancer,
        ControllerChoice::of(planned),
    ) {
        (
            Attr::Known(from),
            Attr::Known(to),
            Some(ControllerChoice::CodeDeploy | ControllerChoice::External),
        ) => either([
            changes(&from.container_name, &to.container_name),
            changes(&from.container_port, &to.container_port),
        ]),
        (from, to, _) => changes(from, to),
    }
}

/// A plan whose values are settled, to be checked against AWS.
struct Subject<'a> {
    prior: Option<&'a Model>,
    memory: &'a Memory,
    config: &'a Model,
    planned: &'a Model,
    target: &'a Target,
}

impl Subject<'_> {
    /// Asks AWS whether the plan can work. Waits for the apply while something is unknown.
    async fn verified(&self, context: &Context<Client>) -> Diagnostics {
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

/// An import that changes nothing is the moment to say who moves the number of tasks: the first change would take it
/// away from them.
fn contested(memory: &Memory, prior: &Model) -> Option<Diagnostic> {
    let is_fixed = match prior.desired_count_owner.known() {
        Some(CountOwnerWord::Terraform) | None => true,
        Some(CountOwnerWord::Autoscaler | CountOwnerWord::Bounded | CountOwnerWord::Unknown(_)) => {
            false
        }
    };
    (memory.scaled && is_fixed).then(|| {
        Diagnostic::warning(
            "An autoscaler changes the number of tasks of this service",
            format!(
                "The service has a scalable target, and this configuration owns the number of tasks. As soon as the \
                 autoscaler changes it, plans show drift, and the next apply reverts it.\n\nSet \
                 `desired_count_owner = \"autoscaler\"`, or remove the scalable target.\n\nRule {}.",
                switchyard_engine::Rule::DesiredContested
            ),
        )
        .at(Path::root().attribute("desired_count_owner"))
    })
}

/// Taking the number of tasks back changes it, and the state did not record what it is.
fn taken_over(prior: Option<&Model>, wanted: DesiredCount, now: u32) -> Option<Diagnostic> {
    let prior = prior?;
    let from = match prior.desired_count_owner.known() {
        Some(CountOwnerWord::Autoscaler) => "The autoscaler",
        Some(CountOwnerWord::Bounded) => "Somebody",
        Some(CountOwnerWord::Terraform | CountOwnerWord::Unknown(_)) | None => "",
    };
    let (to, why, instead) = match wanted {
        DesiredCount::Fixed(count) if count != now && !from.is_empty() => (
            count,
            format!(
                "{from} has set it to {now}. With `desired_count_owner = \"terraform\"` the apply sets it to {count}."
            ),
            format!("Set `desired_count = {now}` to keep what runs now."),
        ),
        DesiredCount::Bounded { min, max, .. } if !(min..=max).contains(&now) && min <= max => (
            now.clamp(min, max),
            format!(
                "It is outside `desired_count_bounds` ({min} to {max}). The apply sets it to the nearer bound."
            ),
            "Change the bounds to keep what runs now.".to_owned(),
        ),
        DesiredCount::Fixed(_) | DesiredCount::Initial(_) | DesiredCount::Bounded { .. } => {
            return None;
        }
    };
    Some(
        Diagnostic::warning(
            format!("The number of tasks changes from {now} to {to}"),
            format!("{why}\n\n{instead}"),
        )
        .at(Path::root().attribute("desired_count_owner")),
    )
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

pub(super) fn diagnostic(finding: &Finding) -> Diagnostic {
    let detail = format!(
        "{}\n\n{}\n\nRule {}.",
        finding.why, finding.next, finding.rule
    );
    let summary = finding.now.trim_end_matches('.');
    let diagnostic = match finding.severity {
        FindingLevel::Error => Diagnostic::error(summary, detail),
        FindingLevel::Warning => Diagnostic::warning(summary, detail),
    };
    diagnostic.at(path(finding.field))
}

fn path(field: Field) -> Path {
    let root = Path::root();
    let balancer = || Path::root().attribute("load_balancer");
    let deployment = || Path::root().attribute("deployment");
    match field {
        Field::Additional => root.attribute("additional_load_balancer"),
        Field::Alarms => deployment().attribute("alarms"),
        Field::CircuitBreaker => deployment().attribute("circuit_breaker"),
        Field::Cluster => root.attribute("cluster"),
        Field::CodeDeployAlarms => root.attribute("codedeploy").attribute("alarms"),
        Field::CodeDeployConfig => root.attribute("codedeploy").attribute("deployment_config"),
        Field::CodeDeployGroup => root.attribute("codedeploy").attribute("deployment_group"),
        Field::Container => balancer().attribute("container_name"),
        Field::Controller => root.attribute("controller"),
        Field::Desired => root.attribute("desired_count"),
        Field::Gates => root.attribute("gate"),
        Field::Hooks => deployment().attribute("lifecycle_hook"),
        Field::Images => root.attribute("images"),
        Field::PlatformVersion => root.attribute("platform_version"),
        Field::Port => balancer().attribute("container_port"),
        Field::Network => root.attribute("network_configuration"),
        Field::ProductionRule => balancer().attribute("production_listener_rule"),
        Field::Role => balancer().attribute("role_arn"),
        Field::Policies | Field::Unmanaged | Field::Service => root.attribute("name"),
        Field::Steps => deployment().attribute("step"),
        Field::Strategy => deployment().attribute("strategy"),
        Field::TargetGroups => balancer().attribute("target_groups"),
        Field::TaskDefinition => root.attribute("task_definition"),
        Field::TestRule => balancer().attribute("test_listener_rule"),
        Field::TimeLimit => root.attribute("timeouts"),
    }
}
