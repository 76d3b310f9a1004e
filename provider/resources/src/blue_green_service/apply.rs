//! Create, update and delete: the engine does the work, this file keeps the records.

use switchyard_engine::ports::{Ports, ServiceRef, ServiceStatus};
use switchyard_engine::{
    Applied as Outcome, DesiredService, Failure, FailureKind, Intent, Live, MissingRoute, Report,
    ReportKind, route_missing,
};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Severity};
use tfplugin::private::Private;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::back::{self, Back, Way};
use super::desired::Runs;
use super::memory::Memory;
use super::model::{LastDeploymentModel, LastSnapshotsModel, Model, QuarantinedModel};
use super::restore::{self, Target};
use super::snapshots::{self, SnapshotSettings, SnapshotTiming, TakenIds};
use super::validate::Rule;
use super::{
    capacity, deploys, desired, freeze, gates, identity_value, parts, plan, quarantine, record,
    routes, state,
};
use crate::client::Client;
use crate::notices;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    let change = Change {
        prior: None,
        planned: &request.planned,
        config: &request.config,
    };
    change.carried_out(context, &request.private).await
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    let change = Change {
        prior: Some(&request.prior),
        planned: &request.planned,
        config: &request.config,
    };
    change.carried_out(context, &request.private).await
}

/// A planned change.
#[derive(Clone, Copy)]
struct Change<'a> {
    prior: Option<&'a Model>,
    planned: &'a Model,
    config: &'a Model,
}

impl Change<'_> {
    async fn carried_out(self, context: &Context<Client>, private: &Private) -> Applied<Model> {
        let (client, memory) = match (context.client(), Memory::of(private)) {
            (Ok(client), Ok(memory)) => (client, memory),
            (Err(errors), _) | (_, Err(errors)) => return Applied::untouched(errors),
        };
        let ports = client.ports();
        let target = match restore::target(Some(ports), &memory, self.planned).await {
            Ok(target) => target,
            Err(error) => return Applied::untouched(error),
        };
        let back = self.back(ports, &memory, &target).await;
        let drops_capacity = match self.prior {
            Some(prior) => capacity::is_dropped(Some(ports), prior, self.planned).await,
            None => false,
        };
        let Some(wanted) = self.wanted(client, &target, back.is_some(), drops_capacity) else {
            return Applied::untouched(unreadable(match self.prior {
                None => "creating",
                Some(_) => "updating",
            }));
        };
        if let Err(error) = restore::pinned(ports, self.planned).await {
            return Applied::untouched(error);
        }
        // The plan may be older than the freeze; what it did not know is known now.
        let overridden = match freeze::of(client, self.planned) {
            freeze::Verdict::Free => None,
            freeze::Verdict::Refused(refusal) => {
                return Applied::untouched(Diagnostic {
                    severity: Severity::Error,
                    ..refusal
                });
            }
            freeze::Verdict::Overridden(overridden, _) => Some(overridden),
        };
        let (taken, warnings) = match self.before(ports, &wanted).await {
            Ok(before) => before,
            Err(error) => return Applied::untouched(error),
        };
        let targets = notices::targets_for(client, &self.planned.notify);
        let (telling, notifier) = switchyard_notify::listening(ports, &targets);
        let applying = switchyard_engine::apply(&telling, &wanted, context.cancel());
        let outcome = Box::pin(applying).await;
        let service = &wanted.service;
        let untold = notices::after(client, service, notifier, outcome.record.as_ref()).await;
        let restored = target.known().cloned();
        let done = Done {
            client,
            prior: self.prior,
            planned: self.planned,
            memory: memory.for_plan(self.prior, self.config, self.planned, restored),
            back,
            taken,
            overridden,
        };
        let applied = done.answer(&wanted, outcome).await;
        let warnings = warnings.into_iter().chain(untold);
        warnings.fold(applied, Applied::warning)
    }

    /// The earlier revision that is deployed again.
    async fn back(self, ports: &Ports, memory: &Memory, target: &Target) -> Option<Back> {
        let way = Way {
            memory,
            prior: self.prior?,
            planned: self.planned,
            named: &self.config.task_definition,
            target,
        };
        match self.planned.will_deploy {
            Attr::Known(false) => None,
            Attr::Known(true) | Attr::Null | Attr::Unknown => way.back(ports).await,
        }
    }

    fn wanted(
        self,
        client: &Client,
        target: &Target,
        goes_back: bool,
        drops_capacity: bool,
    ) -> Option<DesiredService> {
        let (intent, force) = match self.prior {
            None => (Intent::Create, false),
            Some(prior) => (
                Intent::Update,
                prior.redeploy_triggers != self.planned.redeploy_triggers
                    || parts::of_revisions(prior) != parts::of_revisions(self.planned),
            ),
        };
        let named = &self.config.task_definition;
        let runs = Runs {
            named,
            target,
            goes_back,
        };
        let tags = client.tagging();
        let mut wanted = desired::wanted(self.planned, runs, intent, force, tags)?;
        if let Some(prior) = self.prior {
            desired::reset_removed(&mut wanted, prior, self.planned, drops_capacity);
            wanted.rewritten = parts::changed(&prior.parts, &self.planned.parts);
        }
        Some(wanted)
    }

    /// The snapshot before the deployment, where there is to be one of each.
    async fn before(
        self,
        ports: &Ports,
        wanted: &DesiredService,
    ) -> Result<(TakenIds, Vec<Diagnostic>), Diagnostic> {
        let deploys = self.planned.will_deploy != Attr::Known(false);
        let kept = SnapshotSettings::of(self.planned).filter(|_| deploys && self.prior.is_some());
        let Some(kept) = kept else {
            return Ok((TakenIds::default(), Vec::new()));
        };
        let service = &wanted.service;
        let taken = kept.taken(ports, self.planned, service, SnapshotTiming::Before);
        match taken.await {
            Ok((before, warnings)) => Ok((
                TakenIds {
                    before,
                    after: None,
                },
                warnings,
            )),
            Err(error) => Err(snapshots::refused(service, &error)),
        }
    }
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let Some(service) = desired::service_ref(&request.prior) else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the service",
            "the state has no cluster or no name",
        ));
    };
    client.claims().release(&service);
    let limit = desired::delete_limit(&request.prior);
    match switchyard_engine::delete(client.ports(), &service, limit, context.cancel()).await {
        Ok(()) => {
            let pin = restore::unpinned(client.ports(), &request.prior).await;
            pin.into_iter().fold(Deleted::done(), Deleted::warning)
        }
        Err(failure) => Deleted::failed(diagnostic(&failure)),
    }
}

/// An apply whose work is done, and what its records start from.
struct Done<'a> {
    client: &'a Client,
    prior: Option<&'a Model>,
    planned: &'a Model,
    memory: Memory,
    /// The earlier revision that was deployed again.
    back: Option<Back>,
    /// Before the deployment.
    taken: TakenIds,
    /// The freeze that holds, and why there is a deployment all the same.
    overridden: Option<freeze::Overridden>,
}

impl Done<'_> {
    async fn answer(&self, wanted: &DesiredService, outcome: Outcome) -> Applied<Model> {
        let live = outcome.live.as_ref();
        let (taken, warnings) = self.after(&wanted.service, outcome.record.is_some()).await;
        let accounts = Accounts {
            snapshots: match (self.prior, &outcome.record) {
                (Some(prior), None) if taken == TakenIds::default() => prior.last_snapshots.clone(),
                (Some(_) | None, Some(_) | None) => taken.model(),
            },
            last: outcome
                .record
                .as_ref()
                .map(record::last_deployment)
                .or_else(|| self.prior?.last_deployment.known().cloned()),
            quarantined: quarantine::after(
                self.client.ports(),
                self.prior,
                outcome.record.as_ref(),
                live,
            )
            .await,
        };
        let report = match (self.planned.report_path.known(), &outcome.record) {
            (Some(path), Some(record)) => {
                let report = record::Told {
                    record,
                    overridden: self.overridden.as_ref(),
                };
                record::write_report(path, &wanted.service, report).await
            }
            _ => None,
        };
        let succeeded = outcome.result.is_ok();
        let running = live.and_then(|live| live.revision.task_definition.as_ref());
        let mut memory = self.memory.seeing(running);
        memory.was_live = back::remembered(
            &memory,
            self.prior,
            outcome.record.as_ref(),
            self.back.as_ref(),
        );
        if let Some(restored) = memory.restored.as_mut().filter(|_| succeeded) {
            restored.runs_as = running.cloned();
        }
        let pin = self.let_go(succeeded).await;
        let warned = outcome
            .record
            .as_ref()
            .filter(|_| succeeded)
            .and_then(|record| gates::warning(&wanted.gates, record));
        let gone = match &outcome.live {
            Some(live) if succeeded => {
                routes::missing(self.client.ports(), self.planned, live).await
            }
            Some(_) | None => Vec::new(),
        };
        let applied = self.recorded(outcome, accounts, &gone);
        let applied = warnings
            .into_iter()
            .chain(pin)
            .chain(warned)
            .fold(applied, Applied::warning);
        let applied = match report {
            Some(warning) => applied.warning(warning),
            None => applied,
        };
        let applied = match memory.to_private() {
            Ok(private) => applied.private(private),
            // What is remembered beside the state is read again by the next refresh.
            Err(_) => applied,
        };
        let identity = applied.state().and_then(identity_value);
        applied.identity(identity)
    }

    /// The snapshot after a deployment, beside the one before it.
    async fn after(&self, service: &ServiceRef, deployed: bool) -> (TakenIds, Vec<Diagnostic>) {
        let mut taken = self.taken.clone();
        let Some(kept) = SnapshotSettings::of(self.planned).filter(|_| deployed) else {
            return (taken, Vec::new());
        };
        let ports = self.client.ports();
        let after = kept.taken(ports, self.planned, service, SnapshotTiming::After);
        match after.await {
            Ok((id, warnings)) => {
                taken.after = id;
                (taken, warnings)
            }
            Err(error) => (taken, vec![snapshots::missing_after(service, &error)]),
        }
    }

    /// Removes the pin that nothing needs any more: the former snapshot's after a success, the new one's after a
    /// failure.
    async fn let_go(&self, succeeded: bool) -> Option<Diagnostic> {
        let prior = self.prior?;
        if prior.restore_snapshot == self.planned.restore_snapshot {
            return None;
        }
        let former = if succeeded { prior } else { self.planned };
        restore::unpinned(self.client.ports(), former).await
    }

    /// `gone` is what a success has found missing on the way of its traffic.
    fn recorded(
        &self,
        outcome: Outcome,
        accounts: Accounts,
        gone: &[MissingRoute],
    ) -> Applied<Model> {
        let (planned, tags) = (self.planned, self.client.tagging());
        let deployed = outcome.record.is_some();
        match (outcome.live, outcome.result) {
            (Some(live), Ok(report)) => {
                let mut state = state::completed(planned, &self.memory, &live, tags);
                record_success(&mut state, &report);
                if state.deploys.is_unknown() {
                    state.deploys = deploys::done(outcome.record.as_ref());
                }
                accounts.fill(&mut state);
                let untried = self.untried(&live).filter(|_| deployed);
                let applied = match route_missing(&live, gone).filter(|_| deployed) {
                    Some(failure) => {
                        routes::note(&mut state, gone);
                        Applied::partial(state, self.diagnostic(&failure))
                    }
                    None => gone.iter().fold(Applied::done(state), |applied, found| {
                        applied.warning(plan::diagnostic(&found.warning()))
                    }),
                };
                untried.into_iter().fold(applied, Applied::warning)
            }
            // Recording somebody else's service would let the next apply replace it.
            (Some(live), Err(failure)) if self.prior.is_none() && !is_ours(&live, &failure) => {
                Applied::untouched(diagnostic(&failure))
            }
            (Some(live), Err(failure)) => {
                let mut state = state::refreshed(planned, &self.memory, &live, tags);
                accounts.replace(&mut state);
                if let Some(prior) = self.prior {
                    state::without_pauses_of(prior, &mut state);
                }
                // The triggers of a deployment that failed have not taken effect: the next plan sees them again. Nor
                // have its images. When only a later step failed, they have done their work.
                if let Some(prior) = self.prior.filter(|_| outcome.deployed.is_none()) {
                    state.redeploy_triggers = prior.redeploy_triggers.clone();
                    state.images = prior.images.clone();
                    state.restore_snapshot = prior.restore_snapshot.clone();
                    state.capacity_provider_strategy =
                        capacity::after_failure(prior, &state, live.revision.launch.as_ref());
                }
                Applied::partial(state, self.diagnostic(&failure))
            }
            (None, Err(failure)) => match self.prior {
                // What AWS has now could not be read: the last known state is the best there is.
                Some(prior) => {
                    let mut state = prior.clone();
                    accounts.replace(&mut state);
                    Applied::partial(state, diagnostic(&failure))
                }
                // Nothing exists, or a service with the mark of an unfinished creation, which the next apply takes
                // up.
                None => Applied::untouched(diagnostic(&failure)),
            },
            (None, Ok(_)) => Applied::untouched(Diagnostics::bug(
                "recording the service",
                "the apply succeeded, but the service could not be read afterwards",
            )),
        }
    }

    /// A deployment of no tasks proves nothing.
    fn untried(&self, live: &Live) -> Option<Diagnostic> {
        let service = &live.service;
        (self.prior.is_some() && service.desired == 0).then(|| {
            Diagnostic::warning(
                format!(
                    "Service `{}` was deployed with 0 tasks: the new revision was not tried",
                    service.name
                ),
                format!(
                    "The deployment started no task, so nothing shows that the new revision works, and nothing \
                     answers requests.\n\nSet `desired_count` to at least 1 to start it, and watch its first \
                     tasks.\n\nRule {}.",
                    Rule::Untried.id()
                ),
            )
        })
    }

    /// Terraform replaces what its creation left, evidence and all, unless it is told not to.
    fn diagnostic(&self, failure: &Failure) -> Diagnostic {
        if self.prior.is_some() {
            return diagnostic(failure);
        }
        let of = match &self.planned.id {
            Attr::Known(id) => format!(" -id='{id}'"),
            Attr::Null | Attr::Unknown => String::new(),
        };
        let untaint = format!(
            " Terraform replaces a service whose creation failed. To keep it, and the evidence of the failure, run \
             `terraform untaint 'switchyard_blue_green_service.NAME'` before the next apply, which then updates it. \
             `terraform state list{of}` shows the full address, including its module."
        );
        Diagnostic::error(failure.summary(), failure.detail_with(&untaint))
    }
}

/// What rollouts leave in the state.
struct Accounts {
    last: Option<LastDeploymentModel>,
    snapshots: Attr<LastSnapshotsModel>,
    quarantined: Vec<QuarantinedModel>,
}

impl Accounts {
    /// After a success, which keeps the word of its plan.
    fn fill(self, state: &mut Model) {
        if state.last_deployment.is_unknown() {
            state.last_deployment = Attr::from(self.last);
        }
        if state.last_snapshots.is_unknown() {
            state.last_snapshots = self.snapshots;
        }
        if state.quarantined_images.is_unknown() {
            state.quarantined_images = Attr::Known(self.quarantined);
        }
    }

    /// After a failure.
    fn replace(self, state: &mut Model) {
        state.last_deployment = Attr::from(self.last);
        state.last_snapshots = self.snapshots;
        state.quarantined_images = Attr::Known(self.quarantined);
    }
}

/// Whether a service seen after a failed creation is the one this creation made.
fn is_ours(live: &Live, failure: &Failure) -> bool {
    let foreign = matches!(
        failure.kind(),
        FailureKind::AlreadyExists | FailureKind::ControllerDiffers
    );
    // DRAINING is an earlier service of the same name.
    live.service.status != ServiceStatus::Draining && !foreign
}

fn record_success(state: &mut Model, report: &Report) {
    if state.will_deploy.is_unknown() {
        state.will_deploy = Attr::Known(matches!(
            report.kind,
            ReportKind::Created | ReportKind::RolledOut
        ));
    }
}

fn diagnostic(failure: &Failure) -> Diagnostic {
    Diagnostic::error(failure.summary(), failure.detail())
}

fn unreadable(doing: &str) -> Diagnostics {
    Diagnostics::bug(
        format_args!("{doing} the service"),
        "the plan contains a value that is unknown or not valid",
    )
}
