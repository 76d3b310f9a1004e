//! What an apply will change, and whether it starts a deployment.
//!
//! A pure function of prior state, configuration and the provider's tags, followed by the checks that ask
//! AWS. Deterministic: Terraform plans again during apply and compares.

use switchyard_engine::{Desired, Field, Finding, Intent, Severity};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::{Attr, Path, ToValue, Value};

use super::difference::{differs, either};
use super::model::{Model, known_map};
use super::strategy::Controller;
use super::{identity_value, state, wanted};
use crate::names;
use crate::provider::Client;
use crate::tags::{self, Tags};

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let default_tags = context.client().ok().map(Client::default_tags);
    let PlanRequest {
        prior,
        config,
        proposed,
        ..
    } = request;
    let planned = match &prior {
        None => created(proposed, default_tags),
        Some(prior) => {
            if let Some(refusal) = controller_change(prior, &proposed) {
                return Planned::refused(refusal);
            }
            match updated(prior, &config, proposed, default_tags) {
                Some(planned) => planned,
                None => return Planned::new(prior.clone()),
            }
        }
    };
    let diagnostics = tokio::select! {
        diagnostics = verified(context, prior.as_ref(), &planned) => diagnostics,
        // The user wants out; the plan is thrown away.
        () = context.cancel().cancelled() => Diagnostics::none(),
    };
    let identity = identity_value(&planned);
    let plan = Planned::new(planned).diagnostics(diagnostics);
    match identity {
        Some(identity) => plan.identity(identity),
        None => plan.identity(Value::unknown()),
    }
}

fn created(mut planned: Model, default_tags: Option<&Tags>) -> Model {
    planned.id = match (&planned.cluster, &planned.name) {
        (Attr::Known(cluster), Attr::Known(name)) => Attr::Known(state::id(cluster, name)),
        _ => Attr::Unknown,
    };
    planned.tags_all = tags_all(&planned, default_tags);
    planned.will_deploy = Attr::Known(true);
    if planned.load_balancer.is_null() {
        planned.live_target_group = Attr::Null;
    }
    planned
}

/// The plan of an update; `None` when nothing changes.
fn updated(
    prior: &Model,
    config: &Model,
    mut planned: Model,
    default_tags: Option<&Tags>,
) -> Option<Model> {
    let autoscaled =
        |model: &Model| model.desired_count_owner.as_deref() == Attr::Known("autoscaler");
    if autoscaled(prior) && autoscaled(&planned) {
        // The number is the autoscaler's; what the configuration says was only the start.
        planned.desired_count = prior.desired_count;
    }
    // Another spelling of the same object is no change: an import records ARNs where people write names.
    respell(&mut planned.cluster, &prior.cluster, names::same_cluster);
    respell(
        &mut planned.task_definition,
        &prior.task_definition,
        names::same_task_definition,
    );
    planned.tags_all = tags_all(&planned, default_tags);
    // The launch type is AWS's to tell once the configuration names capacity providers.
    if config.launch_type.is_null()
        && planned.capacity_provider_strategy != prior.capacity_provider_strategy
    {
        planned.launch_type = Attr::Unknown;
    }
    if config.capacity_provider_strategy.is_null() && config.launch_type.is_null() {
        planned.launch_type = prior.launch_type.clone();
    }
    let settled = Model {
        id: prior.id.clone(),
        arn: prior.arn.clone(),
        live_target_group: prior.live_target_group.clone(),
        deployment_id: prior.deployment_id.clone(),
        will_deploy: prior.will_deploy,
        ..planned.clone()
    };
    if settled == *prior {
        return None;
    }
    planned = settled;
    // What is unknown may turn out to be what it was. Then nothing is applied, and the state keeps its word.
    let may_stay = differs(&prior.to_value(), &planned.to_value()) == Attr::Unknown;
    planned.will_deploy = rollout(prior, &planned);
    if planned.will_deploy != Attr::Known(false) {
        planned.live_target_group = Attr::Unknown;
        planned.deployment_id = Attr::Unknown;
    } else if may_stay && prior.will_deploy != Attr::Known(false) {
        planned.will_deploy = Attr::Unknown;
    }
    Some(planned)
}

/// Keeps the recorded spelling where the planned one means the same.
fn respell(planned: &mut Attr<String>, prior: &Attr<String>, same: impl Fn(&str, &str) -> bool) {
    if let (Attr::Known(wanted), Attr::Known(recorded)) = (&*planned, prior)
        && same(wanted, recorded)
    {
        planned.clone_from(prior);
    }
}

fn tags_all(planned: &Model, default_tags: Option<&Tags>) -> Attr<Tags> {
    match (default_tags, known_map(&planned.tags)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(defaults), Some(own)) => Attr::Known(tags::merged(defaults, &own)),
    }
}

/// Whether the change starts a deployment: unknown as long as one of the values that decide is unknown and
/// none of the others does.
fn rollout(prior: &Model, planned: &Model) -> Attr<bool> {
    let task_definition = match (&prior.task_definition, &planned.task_definition) {
        (Attr::Known(prior), Attr::Known(planned)) => {
            Attr::Known(!names::same_task_definition(prior, planned))
        }
        (prior, planned) => changes(prior, planned),
    };
    either([
        task_definition,
        changes(
            &prior.capacity_provider_strategy,
            &planned.capacity_provider_strategy,
        ),
        changes(&prior.platform_version, &planned.platform_version),
        changes(&prior.network_configuration, &planned.network_configuration),
        balancing(prior, planned),
        changes(&prior.redeploy_triggers, &planned.redeploy_triggers),
    ])
}

fn changes<T: ToValue>(prior: &Attr<T>, planned: &Attr<T>) -> Attr<bool> {
    differs(&prior.to_value(), &planned.to_value())
}

/// Under CodeDeploy the pair and the listeners belong to the deployment group: naming them deploys nothing.
fn balancing(prior: &Model, planned: &Model) -> Attr<bool> {
    match (&prior.load_balancer, &planned.load_balancer) {
        (Attr::Known(from), Attr::Known(to))
            if Controller::of(planned) == Some(Controller::CodeDeploy) =>
        {
            either([
                changes(&from.container_name, &to.container_name),
                changes(&from.container_port, &to.container_port),
            ])
        }
        (from, to) => changes(from, to),
    }
}

fn controller_change(prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let (Attr::Known(from), Attr::Known(to)) = (&prior.controller, &planned.controller) else {
        return None;
    };
    (from != to).then(|| {
        Diagnostic::error(
            format!("The controller cannot be changed from `{from}` to `{to}` in place"),
            format!(
                "Nothing was changed: the service still runs under `{from}`.\n\nMoving a running service between \
                 controllers takes several ordered steps that this version does not do.\n\nSet `controller = \
                 \"{from}\"` again. If an interruption is acceptable, replace the service with `terraform apply \
                 -replace=ADDRESS`."
            ),
        )
        .at(Path::root().attribute("controller"))
    })
}

/// Asks AWS whether the plan can work. Waits for the apply while something is unknown.
async fn verified(
    context: &Context<Client>,
    prior: Option<&Model>,
    planned: &Model,
) -> Diagnostics {
    let Ok(client) = context.client() else {
        return Diagnostics::none();
    };
    let intent = if prior.is_some() {
        Intent::Update
    } else {
        Intent::Create
    };
    let force = planned.will_deploy == Attr::Known(true);
    let Some(wanted) = wanted::wanted(planned, intent, force, client.default_tags()) else {
        return Diagnostics::none();
    };
    let ports = client.ports();
    let live = match intent {
        Intent::Create => None,
        // What cannot be read is not reported here: the apply reads again and says it in full.
        Intent::Update => switchyard_engine::observe(ports, &wanted.service)
            .await
            .ok()
            .flatten(),
    };
    let deploys = planned.will_deploy != Attr::Known(false);
    let findings = if deploys {
        switchyard_engine::verify_rollout(ports, &wanted, live.as_ref()).await
    } else {
        switchyard_engine::verify(ports, &wanted, live.as_ref()).await
    };
    findings
        .iter()
        .filter(|finding| deploys || !only_for_deployments(finding.field))
        .map(diagnostic)
        .chain(live.and_then(|live| taken_over(prior, wanted.desired, live.service.desired)))
        .collect()
}

/// Taking the number of tasks back from the autoscaler changes it, and the state did not record what it is.
fn taken_over(prior: Option<&Model>, wanted: Desired, now: u32) -> Option<Diagnostic> {
    let autoscaled = prior?.desired_count_owner.as_deref() == Attr::Known("autoscaler");
    match wanted {
        Desired::Fixed(count) if autoscaled && count != now => Some(
            Diagnostic::warning(
                format!("The number of tasks changes from {now} to {count}"),
                format!(
                    "The autoscaler has set it to {now}. With `desired_count_owner = \"terraform\"` the apply sets it \
                     to {count}.\n\nSet `desired_count = {now}` to keep what runs now."
                ),
            )
            .at(Path::root().attribute("desired_count_owner")),
        ),
        Desired::Fixed(_) | Desired::Initial(_) | Desired::Bounded { .. } => None,
    }
}

/// What a change of settings alone never touches.
fn only_for_deployments(field: Field) -> bool {
    matches!(
        field,
        Field::CodeDeployAlarms | Field::CodeDeployConfig | Field::CodeDeployGroup
    )
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let detail = format!(
        "{}\n\n{}\n\nRule {}.",
        finding.why, finding.next, finding.rule
    );
    let summary = finding.now.trim_end_matches('.');
    let diagnostic = match finding.severity {
        Severity::Error => Diagnostic::error(summary, detail),
        Severity::Warning => Diagnostic::warning(summary, detail),
    };
    diagnostic.at(path(finding.field))
}

fn path(field: Field) -> Path {
    let root = Path::root();
    let balancer = || Path::root().attribute("load_balancer");
    let deployment = || Path::root().attribute("deployment");
    match field {
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
        Field::Hooks => deployment().attribute("lifecycle_hooks"),
        Field::Images => root.attribute("images"),
        Field::Port => balancer().attribute("container_port"),
        Field::ProductionRule => balancer().attribute("production_listener_rule"),
        Field::Role => balancer().attribute("role_arn"),
        Field::Service => root.attribute("name"),
        Field::Steps => deployment().attribute("steps"),
        Field::Strategy => deployment().attribute("strategy"),
        Field::TargetGroups => balancer().attribute("target_groups"),
        Field::TaskDefinition => root.attribute("task_definition"),
        Field::TestRule => balancer().attribute("test_listener_rule"),
        Field::TimeLimit => root.attribute("timeouts"),
    }
}
