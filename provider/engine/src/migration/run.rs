//! Starts the task, or takes over the one that runs, and follows it to its end.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::check::resolve;
use super::{DesiredMigration, MIGRATION_TAG, Migrated, MigrationCall, MigrationFailed};
use crate::failure::last_lines;
use crate::pace::Pace;
use crate::ports::{Error, ErrorKind, NewTask, Ports, StandaloneTask, TaskDefinition};

/// How long a task may take to stop before nothing more is waited for. ECS gives containers 30 seconds unless they ask for
/// more (`stopTimeout`, at most two minutes on Fargate).
const STOPPING: Duration = Duration::from_secs(180);

/// How long a task that was started may not be shown: reads lag behind writes.
const LAG: Duration = Duration::from_secs(120);

/// Why we stop tasks, as ECS keeps it.
const TOO_LONG: &str = "switchyard: the migration took longer than its timeout";
const NOT_FIRST: &str = "switchyard: another task of this migration started first";

/// Runs the migration: at most one task of it at a time, to its end.
///
/// # Errors
/// When no task of it succeeded. What may still run is in the error.
pub async fn run_migration(
    ports: &Ports,
    wanted: &DesiredMigration,
    cancel: &CancellationToken,
) -> Result<Migrated, MigrationFailed> {
    let now = ports.clock.now();
    let limit = SignedDuration::try_from(wanted.time_limit).unwrap_or(SignedDuration::MAX);
    let (definition, container) = resolve(ports, wanted).await?;
    let mut run = Run {
        ports,
        wanted,
        definition,
        container,
        fingerprint: wanted.fingerprint(),
        started_by: wanted.started_by(),
        begun: now,
        deadline: now.saturating_add(limit).unwrap_or(Timestamp::MAX),
        pace: Pace::new(&wanted.name),
        cancel,
        given_way: None,
    };
    run.finish().await
}

struct Run<'a> {
    ports: &'a Ports,
    wanted: &'a DesiredMigration,
    definition: TaskDefinition,
    container: String,
    fingerprint: String,
    started_by: String,
    begun: Timestamp,
    deadline: Timestamp,
    pace: Pace,
    cancel: &'a CancellationToken,
    /// The task that gave way: ECS may list it for a while.
    given_way: Option<String>,
}

/// What runs of this migration before a task of ours is started.
enum Place {
    /// Nothing.
    Free,
    /// A task for the same.
    Ours(StandaloneTask),
    /// A task for something else.
    Others(StandaloneTask),
}

impl Run<'_> {
    async fn finish(&mut self) -> Result<Migrated, MigrationFailed> {
        let mut attempt = 0;
        loop {
            let (task, taken_over) = match self.place().await? {
                Place::Ours(task) => (task, true),
                Place::Others(task) => {
                    self.wait_for(&task).await?;
                    continue;
                }
                Place::Free if self.cancel.is_cancelled() => {
                    return Err(MigrationFailed::InterruptedEarly);
                }
                Place::Free => {
                    attempt += 1;
                    let task = self.start(attempt).await?;
                    if self.gives_way(&task).await? {
                        continue;
                    }
                    (task, false)
                }
            };
            return self.follow(task, taken_over).await;
        }
    }

    /// The tasks of this migration that run, the first one first.
    async fn running(&self) -> Result<Vec<StandaloneTask>, Error> {
        let (tasks, cluster) = (&self.ports.standalone_tasks, &self.wanted.cluster);
        let mut found = tasks.tasks_started_by(cluster, &self.started_by).await?;
        found.retain(|task| !task.has_ended() && self.given_way.as_ref() != Some(&task.arn));
        found.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(found)
    }

    async fn place(&self) -> Result<Place, MigrationFailed> {
        let mut running = self.running().await.map_err(failed(MigrationCall::List))?;
        if let Some(at) = running.iter().position(|task| self.is_ours(task)) {
            return Ok(Place::Ours(running.swap_remove(at)));
        }
        let first = running.into_iter().next();
        Ok(first.map_or(Place::Free, Place::Others))
    }

    fn is_ours(&self, task: &StandaloneTask) -> bool {
        task.tags.get(MIGRATION_TAG) == Some(&self.fingerprint)
    }

    async fn start(&self, attempt: u32) -> Result<StandaloneTask, MigrationFailed> {
        let wanted = self.wanted;
        let mut tags = wanted.tags.clone();
        tags.insert(MIGRATION_TAG.to_owned(), self.fingerprint.clone());
        let new = NewTask {
            cluster: wanted.cluster.clone(),
            task_definition: self.definition.arn.clone(),
            // One task for each attempt of this run, however often it is asked for; a new one for the next run.
            client_token: format!(
                "{}-{:x}-{attempt}",
                self.fingerprint,
                self.begun.as_millisecond()
            ),
            started_by: self.started_by.clone(),
            launch: wanted.launch.clone(),
            platform_version: wanted.platform_version.clone(),
            network: wanted.network.clone(),
            container: self.container.clone(),
            command: wanted.command.clone(),
            environment: wanted.environment.clone(),
            tags,
        };
        let started = self.ports.standalone_tasks.run_task(&new).await;
        started.map_err(failed(MigrationCall::Run))
    }

    /// Whether another task of this migration was started before ours, at nearly the same moment. Ours is stopped then.
    async fn gives_way(&mut self, task: &StandaloneTask) -> Result<bool, MigrationFailed> {
        // What cannot be read is not there: the task that runs is the one to follow.
        let running = self.running().await.unwrap_or_default();
        let first = running.first();
        if first.is_none_or(|first| first.arn == task.arn || !is_before(first, task)) {
            return Ok(false);
        }
        self.stop(task, NOT_FIRST).await?;
        self.given_way = Some(task.arn.clone());
        Ok(true)
    }

    async fn stop(&self, task: &StandaloneTask, why: &str) -> Result<(), MigrationFailed> {
        let (tasks, cluster) = (&self.ports.standalone_tasks, &self.wanted.cluster);
        let stopped = tasks.stop_task(cluster, &task.arn, why).await;
        stopped.map_err(|error| call_failed(MigrationCall::Stop, &task.arn, error))
    }

    /// Waits until a task that was started for something else has ended.
    async fn wait_for(&mut self, other: &StandaloneTask) -> Result<(), MigrationFailed> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(MigrationFailed::InterruptedEarly);
            }
            if self.ports.clock.now() >= self.deadline {
                return Err(MigrationFailed::AnotherRuns(other.arn.clone()));
            }
            self.rest().await;
            match self.look(&other.arn).await? {
                Some(task) if !task.has_ended() => {}
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// One look at a task; what AWS cannot say now is asked again, within the time there is.
    async fn look(&mut self, arn: &str) -> Result<Option<StandaloneTask>, MigrationFailed> {
        loop {
            let (tasks, cluster) = (&self.ports.standalone_tasks, &self.wanted.cluster);
            let error = match tasks.find_task(cluster, arn).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            let may_pass = match error.kind {
                ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => true,
                ErrorKind::AlreadyExists
                | ErrorKind::Conflict
                | ErrorKind::Denied
                | ErrorKind::NotFound
                | ErrorKind::Rejected
                | ErrorKind::Unexpected => false,
            };
            let is_over = self.ports.clock.now() >= self.deadline || self.cancel.is_cancelled();
            if !may_pass || is_over {
                return Err(call_failed(MigrationCall::Follow, arn, error));
            }
            self.rest().await;
        }
    }

    async fn follow(
        &mut self,
        task: StandaloneTask,
        taken_over: bool,
    ) -> Result<Migrated, MigrationFailed> {
        let lag = SignedDuration::try_from(LAG).unwrap_or(SignedDuration::MAX);
        let shown_by = self.ports.clock.now().saturating_add(lag);
        let shown_by = shown_by.unwrap_or(Timestamp::MAX);
        let mut was_shown = taken_over;
        loop {
            match self.look(&task.arn).await? {
                Some(seen) if seen.has_ended() => return self.judged(&seen, taken_over).await,
                Some(_) => was_shown = true,
                None if was_shown || self.ports.clock.now() >= shown_by => {
                    return Err(MigrationFailed::Vanished(task.arn));
                }
                None => {}
            }
            if self.cancel.is_cancelled() {
                return Err(MigrationFailed::Interrupted(task.arn));
            }
            if self.ports.clock.now() >= self.deadline {
                return self.out_of_time(&task, taken_over).await;
            }
            self.rest().await;
        }
    }

    /// Its time is over: it is stopped, unless it ended by itself at the last moment.
    async fn out_of_time(
        &mut self,
        task: &StandaloneTask,
        taken_over: bool,
    ) -> Result<Migrated, MigrationFailed> {
        self.stop(task, TOO_LONG).await?;
        let patience = SignedDuration::try_from(STOPPING).unwrap_or(SignedDuration::MAX);
        let until = self.ports.clock.now().saturating_add(patience);
        self.deadline = until.unwrap_or(Timestamp::MAX);
        self.pace.quicken();
        loop {
            match self.look(&task.arn).await? {
                Some(seen) if seen.has_ended() => {
                    // Its container may have exited with 0 before it was told to stop.
                    if let Some(migrated) = self.succeeded(&seen, taken_over)
                        && seen.end.reason.as_deref() != Some(TOO_LONG)
                    {
                        return Ok(migrated);
                    }
                    return Err(MigrationFailed::TimedOut {
                        task: task.arn.clone(),
                        has_stopped: true,
                        logs: self.logs(&seen).await,
                    });
                }
                Some(_) | None => {}
            }
            if self.ports.clock.now() >= self.deadline || self.cancel.is_cancelled() {
                return Err(MigrationFailed::TimedOut {
                    task: task.arn.clone(),
                    has_stopped: false,
                    logs: Vec::new(),
                });
            }
            self.rest().await;
        }
    }

    fn succeeded(&self, seen: &StandaloneTask, taken_over: bool) -> Option<Migrated> {
        let (code, _) = seen.end.containers.get(&self.container)?;
        (*code == Some(0)).then(|| Migrated {
            task: seen.arn.clone(),
            started_at: seen.started_at,
            stopped_at: seen.end.stopped_at,
            taken_over,
            backup: None,
        })
    }

    async fn judged(
        &self,
        seen: &StandaloneTask,
        taken_over: bool,
    ) -> Result<Migrated, MigrationFailed> {
        if let Some(migrated) = self.succeeded(seen, taken_over) {
            return Ok(migrated);
        }
        let task = seen.arn.clone();
        match seen.end.containers.get(&self.container) {
            Some((Some(code), reason)) => Err(MigrationFailed::Exited {
                task,
                container: self.container.clone(),
                code: *code,
                reason: reason.clone(),
                logs: self.logs(seen).await,
            }),
            Some((None, _)) | None => {
                let containers = seen.end.containers.values();
                let mut reasons: Vec<String> = containers
                    .filter_map(|(_, reason)| reason.clone())
                    .chain(seen.end.reason.clone())
                    .collect();
                reasons.dedup();
                Err(MigrationFailed::NotRun { task, reasons })
            }
        }
    }

    async fn logs(&self, seen: &StandaloneTask) -> Vec<String> {
        last_lines(
            self.ports,
            &self.definition,
            &seen.arn,
            &self.container,
            LOG_LINES,
        )
        .await
    }

    async fn rest(&mut self) {
        let left = self.deadline.duration_since(self.ports.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        let pause = self.pace.pause().min(left);
        tokio::select! {
            () = self.ports.clock.sleep(pause) => {}
            () = self.cancel.cancelled() => {}
        }
    }
}

/// Log lines in a message: a migration that failed is explained by what it wrote.
const LOG_LINES: u32 = 20;

fn is_before(one: &StandaloneTask, other: &StandaloneTask) -> bool {
    (one.created_at, &one.arn) < (other.created_at, &other.arn)
}

fn failed(call: MigrationCall) -> impl FnOnce(Error) -> MigrationFailed {
    move |error| MigrationFailed::Call {
        call,
        task: None,
        error: Box::new(error),
    }
}

fn call_failed(call: MigrationCall, task: &str, error: Error) -> MigrationFailed {
    MigrationFailed::Call {
        call,
        task: Some(task.to_owned()),
        error: Box::new(error),
    }
}
