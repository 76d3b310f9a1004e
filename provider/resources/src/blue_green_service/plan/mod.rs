//! What an apply will change, and whether it starts a deployment.
//!
//! A pure function of prior state, configuration and the provider's tags, followed by the checks that ask
//! AWS. Deterministic: Terraform plans again during apply and compares.

mod checked;
mod findings;
mod updated;

use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::Model;
use super::owner::TaskDefinitionOwner;
use super::restore;
use super::validate::Rule;
use super::words::CountOwnerWord;
use super::{capacity, deploys, identity_value, images, percents, state, switch, unmanaged};
use crate::client::Client;
use crate::tags::Tagging;
use checked::Subject;
use findings::contested;
pub(super) use findings::diagnostic;
use updated::{Known, bounds, tags_all};

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

/// Tasks of a new service whose configuration does not say how many.
const NEW_SERVICE_TASKS: i64 = 1;

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
