//! A gate has failed after its deployment, and takes it back: what was live before is deployed again, all at once.

use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use switchyard_rollout::weights::Share;
use tokio_util::sync::CancellationToken;

use super::{Applied, apply};
use crate::app_spec::short_name;
use crate::as_live::as_live;
use crate::desired::{
    DesiredController, DesiredRevision, DesiredService, DesiredStep, DesiredTaskDefinition, Intent,
    OnCancel,
};
use crate::failure::Return;
use crate::gate::Gates;
use crate::live::Live;
use crate::ports::Ports;
use crate::report::{RecordFailure, RecordOutcome};

/// How long going back may take: tasks start, and drain.
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// CodeDeploy's own configuration that moves all traffic at once.
const ALL_AT_ONCE: &str = "CodeDeployDefault.ECSAllAtOnce";

/// Deploys `to` again, and tells the whole story. It is what is done about a failure, and is not cancelled itself; who is
/// killed here finds the note of the rollout at the service, and the next apply begins with the gates again.
pub(super) fn go_back<'a>(
    ports: &'a Ports,
    wanted: &'a DesiredService,
    applied: Applied,
    to: String,
) -> BoxFuture<'a, Applied> {
    // Boxed here: an apply would else carry all states of another one around.
    async move { went_back(ports, wanted, applied, &to).await }.boxed()
}

async fn went_back(ports: &Ports, wanted: &DesiredService, applied: Applied, to: &str) -> Applied {
    let began = ports.clock.now();
    let back = match wish(ports, wanted, applied.live.as_ref(), to).await {
        Ok(wish) => Ok(Box::pin(apply(ports, &wish, &CancellationToken::new())).await),
        Err(why) => Err(why),
    };
    let took = ports.clock.now().duration_since(began).as_secs();
    let took = u64::try_from(took).unwrap_or_default();
    let Err(failure) = applied.result else {
        return applied;
    };
    let seconds = took;
    let (end, live) = match back {
        Ok(back) => match back.result {
            Ok(_) => (Return::Done { seconds }, back.live),
            Err(second) => {
                let why = second.summary();
                (Return::Failed { why }, back.live)
            }
        },
        Err(why) => (Return::Failed { why }, applied.live.clone()),
    };
    let is_back = matches!(end, Return::Done { .. });
    let failure = failure.taken_back(short_name(to), end);
    let record = applied.record.map(|mut record| {
        if is_back {
            record.outcome = RecordOutcome::RolledBack;
            record.recovery_seconds = Some(took);
        }
        record.finished_at = ports.clock.now();
        record.reason = format!("{} {}.", record.reason, failure.summary());
        record.failure = Some(RecordFailure {
            code: failure.kind().code().to_owned(),
            summary: failure.summary(),
            now: failure.now(),
            why: failure.why(),
            next: failure.next(),
        });
        record
    });
    Applied {
        live: live.or(applied.live),
        deployed: applied.deployed.filter(|_| !is_back),
        record,
        result: Err(Box::new(failure)),
        back_to: None,
    }
}

/// The service as it is wanted, with the task definition that was live before, and without anything that takes time or asks
/// anybody. Why not is a clause.
async fn wish(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    to: &str,
) -> Result<DesiredService, String> {
    let found = ports.services.find_task_definition(to).await;
    let found = found.map_err(|error| format!("{} failed: {}", error.operation, error.message))?;
    let Some(definition) = found else {
        return Err(format!("task definition {to} was deleted"));
    };
    let task_definition = DesiredTaskDefinition::Restored(definition.arn.clone());
    let at_once = || DesiredService {
        intent: Intent::Update,
        revision: DesiredRevision {
            task_definition,
            ..wanted.revision.clone()
        },
        force: false,
        time_limit: TIME_LIMIT,
        on_cancel: OnCancel::Leave,
        steps: Vec::new(),
        approvals: Default::default(),
        gates: Gates::default(),
        ..wanted.clone()
    };
    match &wanted.controller {
        DesiredController::Ecs => live
            .and_then(|live| as_live(live, &definition.arn))
            .ok_or_else(|| "AWS does not show how the service is deployed".to_owned()),
        DesiredController::CodeDeploy {
            application,
            group,
            hooks,
            rollback_events,
            alarms,
            config: _,
        } => Ok(DesiredService {
            controller: DesiredController::CodeDeploy {
                application: application.clone(),
                group: group.clone(),
                config: Some(ALL_AT_ONCE.to_owned()),
                hooks: hooks.clone(),
                rollback_events: rollback_events.clone(),
                alarms: alarms.clone(),
            },
            ..at_once()
        }),
        DesiredController::External => Ok(DesiredService {
            steps: vec![DesiredStep {
                share: Share::WHOLE,
                hold: Duration::ZERO,
                approval: false,
            }],
            ..at_once()
        }),
    }
}
