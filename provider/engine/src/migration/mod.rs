//! A migration: one task of Amazon ECS that is run to its end before something else goes on, such as a change of a
//! database's schema.
//!
//! **Invariants.** A task that still runs is never started a second time: the next run takes it over. Tasks of one
//! migration run one at a time, whoever starts them, as far as ECS shows them. Only a task whose container exited with 0
//! has succeeded.

mod check;
mod run;
mod snapshot;
mod stages;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::fingerprint::fnv1a;
use crate::ports::{Database, Error, Launch, Network, cluster_name};

pub use check::check_migration;
pub use run::run_migration;
pub use stages::migrate;

/// Tag of a migration's task: what it was started for.
pub const MIGRATION_TAG: &str = "switchyard:migration";

/// What `startedBy` of a migration's task begins with; the name follows.
const STARTED_BY: &str = "switchyard-migration/";

/// A migration, with everything that its task needs.
#[derive(Clone, PartialEq, Eq)]
pub struct DesiredMigration {
    /// Cluster name or ARN.
    pub cluster: String,
    /// Its name: tasks of one name in one cluster run one at a time.
    pub name: String,
    /// Task definition: ARN, `family:revision` or `family`.
    pub task_definition: String,
    /// The container whose command is overridden and whose exit code counts; may be absent where there is only one.
    pub container: Option<String>,
    /// Its command, instead of the definition's.
    pub command: Option<Vec<String>>,
    /// Variables of its environment.
    pub environment: BTreeMap<String, String>,
    /// What it runs for: another set of values is another run.
    pub triggers: BTreeMap<String, String>,
    /// Where it runs.
    pub launch: Option<Launch>,
    /// Fargate platform version.
    pub platform_version: Option<String>,
    /// Network.
    pub network: Option<Network>,
    /// Tags of the task.
    pub tags: BTreeMap<String, String>,
    /// How long it may take, with the wait for another task of this migration.
    pub time_limit: Duration,
}

impl DesiredMigration {
    /// `startedBy` of its tasks.
    pub(crate) fn started_by(&self) -> String {
        format!("{STARTED_BY}{}", self.name)
    }

    /// Tells whether a task that runs was started for the same.
    pub(crate) fn fingerprint(&self) -> String {
        let mut parts = vec![
            cluster_name(&self.cluster),
            &self.name,
            &self.task_definition,
            self.container.as_deref().unwrap_or_default(),
        ];
        parts.extend(self.command.iter().flatten().map(String::as_str));
        // Between lists, so that no value passes for one of its neighbours.
        for map in [&self.environment, &self.triggers] {
            parts.push("\u{1}");
            parts.extend(map.iter().flat_map(|(key, value)| [key.as_str(), value]));
        }
        format!("{:016x}", fnv1a(parts))
    }
}

impl std::fmt::Debug for DesiredMigration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values of the environment are nobody's business.
        f.debug_struct("DesiredMigration")
            .field("cluster", &self.cluster)
            .field("name", &self.name)
            .field("task_definition", &self.task_definition)
            .finish_non_exhaustive()
    }
}

/// A migration, and what is run before and after it.
#[derive(Clone, Debug)]
pub struct MigrationPlan {
    /// The migration itself.
    pub migration: DesiredMigration,
    /// A command that is run first and must exit with 0: it changes nothing.
    pub dry_run: Option<Vec<String>>,
    /// What is made before the database is changed.
    pub backup: Option<Backup>,
    /// A command that takes back a migration that has run and failed.
    pub down: Option<Vec<String>>,
}

impl MigrationPlan {
    /// A migration alone.
    pub fn of(migration: DesiredMigration) -> Self {
        Self {
            migration,
            dry_run: None,
            backup: None,
            down: None,
        }
    }
}

/// How a backup is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backup {
    /// A command in a task of the migration.
    Command {
        /// The command.
        command: Vec<String>,
        /// How long it may take.
        time_limit: Duration,
    },
    /// A snapshot by Amazon RDS.
    Snapshot {
        /// Of which database.
        of: Database,
        /// How long it may take.
        time_limit: Duration,
    },
}

/// What is done before a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preliminary {
    /// The backup.
    Backup,
    /// The dry run.
    DryRun,
}

/// A migration that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// ARN of the task that did it.
    pub task: String,
    /// When its containers ran.
    pub started_at: Option<Timestamp>,
    /// When it had stopped.
    pub stopped_at: Option<Timestamp>,
    /// Whether an earlier run had started it.
    pub taken_over: bool,
    /// ARN of the snapshot, or of the task, that was the backup.
    pub backup: Option<String>,
}

/// What was asked of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationCall {
    /// Whether a task of this migration runs already.
    List,
    /// The task definition.
    Definition,
    /// To start the task.
    Run,
    /// How the task is.
    Follow,
    /// A snapshot of the database: to begin it, or how it is.
    Snapshot,
    /// To stop the task.
    Stop,
}

/// Why a migration has not succeeded.
#[derive(Debug)]
pub enum MigrationFailed {
    /// It failed after a backup had been made.
    AfterBackup {
        /// ARN of the snapshot, or of the task.
        backup: String,
        /// Why it failed.
        failed: Box<Self>,
    },
    /// What comes before it failed: nothing was migrated.
    Before {
        /// What.
        stage: Preliminary,
        /// Why.
        failed: Box<Self>,
    },
    /// RDS could not make the snapshot. Its ARN or its name.
    SnapshotFailed(String),
    /// The snapshot is not complete, and nobody waits for it any longer.
    SnapshotRuns {
        /// ARN.
        snapshot: String,
        /// The apply was interrupted; otherwise its time was over.
        interrupted: bool,
    },
    /// It failed, and the command that takes it back was run.
    Undone {
        /// Why it failed.
        failed: Box<Self>,
        /// The task that took it back, or why that failed as well.
        down: Result<String, Box<Self>>,
    },
    /// The task definition does not exist, or is deregistered.
    DefinitionMissing,
    /// The definition has no such container; these it has.
    ContainerMissing(Vec<String>),
    /// The definition has several containers, and none is named.
    ContainerUnclear(Vec<String>),
    /// A task of this migration that was started for something else did not end in time.
    AnotherRuns(String),
    /// A call failed. `task` is the one that may run.
    Call {
        /// Which.
        call: MigrationCall,
        /// The task that was started, as far as one is known.
        task: Option<String>,
        /// Why.
        error: Box<Error>,
    },
    /// The apply was interrupted; the task runs on.
    Interrupted(String),
    /// The apply was interrupted before a task was started.
    InterruptedEarly,
    /// The container ended with another code than 0.
    Exited {
        /// ARN of the task.
        task: String,
        /// Container.
        container: String,
        /// Exit code.
        code: i64,
        /// AWS's reason, if it gives one.
        reason: Option<String>,
        /// Its last log lines, ready to be shown.
        logs: Vec<String>,
    },
    /// The container never ran, or was ended from outside.
    NotRun {
        /// ARN of the task.
        task: String,
        /// AWS's reasons.
        reasons: Vec<String>,
    },
    /// It took longer than it may, and was stopped.
    TimedOut {
        /// ARN of the task.
        task: String,
        /// Whether ECS has shown that it stopped.
        has_stopped: bool,
        /// Last log lines, ready to be shown.
        logs: Vec<String>,
    },
    /// ECS does not show the task any longer, so that its end is not known.
    Vanished(String),
}

impl MigrationFailed {
    /// Whether nothing has failed: whoever applies did not wait for the end.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        match self {
            Self::Interrupted(_)
            | Self::InterruptedEarly
            | Self::SnapshotRuns {
                interrupted: true, ..
            } => true,
            Self::AfterBackup { failed, .. }
            | Self::Before { failed, .. }
            | Self::Undone { failed, .. } => failed.is_interrupted(),
            Self::AnotherRuns(_)
            | Self::Call { .. }
            | Self::ContainerMissing(_)
            | Self::ContainerUnclear(_)
            | Self::DefinitionMissing
            | Self::Exited { .. }
            | Self::NotRun { .. }
            | Self::SnapshotFailed(_)
            | Self::SnapshotRuns {
                interrupted: false, ..
            }
            | Self::TimedOut { .. }
            | Self::Vanished(_) => false,
        }
    }
}
