//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::validators::{each, items_at_least, items_between, not_empty};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::Attr;

use super::rules;
use crate::blue_green_service::{CapacityProviderModel, LaunchWord, List, TextMap, TextSet};
use crate::names;
use crate::region::{self, RegionModel};

/// Runs a task of Amazon ECS to its end, once for each set of `triggers`: a migration of a database before a new revision
/// gets traffic.
///
/// The task runs during an apply, when the resource is created and when `triggers` changes; never during a plan or a
/// refresh. The apply succeeds when the container exits with 0. Otherwise it fails with the exit code and the last log
/// lines, everything that depends on the resource stays as it is, and the next apply runs the migration again.
///
/// Migrations of one `name` in one cluster run one at a time, also when different configurations start them. If an apply is
/// interrupted, the task runs on, and the next apply waits for it instead of starting a second one. If an apply is killed
/// after the task has ended, the next apply runs it again: write a migration that finds its work already done, as migration
/// tools do.
///
/// Before the migration, a `dry_run` and a `backup` can run; if the migration fails, `down` can take it back. Each of them is
/// a task like the migration itself, except for a snapshot of an RDS database.
///
/// List it in `before_traffic` of the service (or in `depends_on`), so that a new revision starts after the migration.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Name of the migration, unique in the cluster. ECS shows it as `startedBy` of the task.
    #[attr(required, requires_replace, validate(rules::name()))]
    pub name: Attr<String>,
    /// Name or ARN of the cluster.
    #[attr(
        required,
        with = names::replaced_unless_same_cluster,
        validate(not_empty())
    )]
    pub cluster: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// Task definition: ARN, `family:revision` or `family` (its latest active revision). A change alone runs nothing.
    #[attr(required, validate(not_empty()))]
    pub task_definition: Attr<String>,
    /// What the migration runs for, such as `{ image = var.image }` or `{ schema = filesha256("schema.sql") }`. A change
    /// runs it again; a change of anything else does not.
    #[attr(required, any_text, null_elements, validate(items_at_least(1)))]
    pub triggers: TextMap,
    /// Container whose command and environment are overridden and whose exit code counts. May be left out if the task
    /// definition has only one.
    #[attr(optional, validate(not_empty()))]
    pub container_name: Attr<String>,
    /// Command of the container, such as `["alembic", "upgrade", "head"]`. Default: that of the task definition.
    #[attr(optional, validate(items_at_least(1)))]
    pub command: List<String>,
    /// Environment variables, in addition to those of the task definition. ECS shows them to everybody who may describe
    /// tasks: for secrets, use `secrets` of the task definition.
    #[attr(optional, any_text, validate(items_at_least(1)))]
    pub environment: TextMap,
    /// Command that runs first and must exit with 0, such as `["alembic", "upgrade", "head", "--sql"]`. It should change
    /// nothing: if it fails, neither the backup nor the migration starts.
    #[attr(optional, validate(items_at_least(1)))]
    pub dry_run: List<String>,
    /// Command that takes the migration back, such as `["alembic", "downgrade", "-1"]`. It runs if the container of the
    /// migration exits with another code than 0, or if the migration exceeds `timeout`. The apply fails all the same.
    #[attr(optional, validate(items_at_least(1)))]
    pub down: List<String>,
    /// Backup that is made before the migration. If it fails, the migration does not start.
    #[attr(block)]
    pub backup: Attr<BackupModel>,
    /// Require TLS in connection strings of PostgreSQL, MySQL, MongoDB and Redis in `environment`, by their shape: such as
    /// `sslmode=verify-full`. Values of `secrets` in the task definition are not read.
    #[attr(default = false)]
    pub require_tls: Attr<bool>,
    /// Where the task runs: `FARGATE`, `EC2` or `EXTERNAL`. Without it and without `capacity_provider_strategy`, the
    /// cluster's default strategy decides.
    #[attr(optional)]
    pub launch_type: Attr<LaunchWord>,
    /// Fargate platform version. Default: `LATEST`.
    #[attr(optional, validate(not_empty()))]
    pub platform_version: Attr<String>,
    /// Capacity providers and their shares, instead of `launch_type`.
    #[attr(block, with = |block: NestedBlock| block.items(0, 20))]
    pub capacity_provider_strategy: List<CapacityProviderModel>,
    /// Network of the task; required with network mode `awsvpc`.
    #[attr(block)]
    pub network_configuration: Attr<NetworkModel>,
    /// How long the migration may take, with the wait for another one of the same name, such as `"45m"`. Then the task is
    /// stopped, and the apply fails.
    #[attr(default = "15m", validate(rules::timeout()))]
    pub timeout: Attr<String>,
    /// Tags of the task. They override the provider's `default_tags`.
    #[attr(optional, validate(rules::tag_keys()))]
    pub tags: TextMap,
    /// Cluster name and name, separated by `/`.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the task that ran last. ECS shows a task for about an hour after its end.
    #[attr(computed)]
    pub task_arn: Attr<String>,
    /// When the containers of that task started (RFC 3339).
    #[attr(computed)]
    pub started_at: Attr<String>,
    /// When that task had stopped (RFC 3339).
    #[attr(computed)]
    pub stopped_at: Attr<String>,
    /// ARN of the backup that was made before that task: of the snapshot, or of the task that ran `backup.command`.
    #[attr(computed)]
    pub backup_arn: Attr<String>,
    /// The last ten runs of an apply, the newest first. A first run that fails is not among them: nothing is in the state
    /// then.
    #[attr(computed)]
    pub history: List<RunModel>,
    /// What an apply runs when `triggers` changes, in this order.
    #[attr(computed)]
    pub steps: List<String>,
    /// All tags of the task, including the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
}

region::regional!(
    Model,
    "cluster" = cluster,
    "task_definition" = task_definition
);

/// An element of `history`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct RunModel {
    /// When the run had ended (RFC 3339).
    #[attr(computed)]
    pub ended_at: Attr<String>,
    /// `succeeded`; `failed` (the container exited with another code than 0); `not_run` (the container never ran, or was
    /// ended from outside); `timed_out`; `interrupted` (what was running, ran on); `refused` (no task was started); `dry_run_failed`
    /// and `backup_failed` (the migration was not started); `unknown` (its end was not seen).
    #[attr(computed)]
    pub outcome: Attr<String>,
    /// Exit code of the container. Null where it has none.
    #[attr(computed)]
    pub exit_code: Attr<i64>,
    /// Task definition, as it was configured.
    #[attr(computed)]
    pub task_definition: Attr<String>,
    /// Names of the triggers that had changed. Values are not kept.
    #[attr(computed)]
    pub changed: Attr<BTreeSet<String>>,
    /// ARN of the task. Null where none was started, or it is not known.
    #[attr(computed)]
    pub task_arn: Attr<String>,
    /// Whether `down` was run after it, and succeeded. Null where it was not run.
    #[attr(computed)]
    pub taken_back: Attr<bool>,
}

/// `backup`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct BackupModel {
    /// Identifier of an RDS instance: a snapshot of it is made. One of the three kinds of backups.
    #[attr(optional, validate(not_empty()))]
    pub db_instance_identifier: Attr<String>,
    /// Identifier of an Aurora or Multi-AZ cluster: a snapshot of it is made. One of the three kinds of backups.
    #[attr(optional, validate(not_empty()))]
    pub db_cluster_identifier: Attr<String>,
    /// Command that makes the backup, in a task like that of the migration, and must exit with 0. One of the three kinds of
    /// backups.
    #[attr(optional, validate(items_at_least(1)))]
    pub command: List<String>,
    /// How long the backup may take.
    #[attr(default = "1h", validate(rules::timeout()))]
    pub timeout: Attr<String>,
}

/// `network_configuration`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct NetworkModel {
    /// Subnet ids.
    #[attr(required, validate(items_between(1, 16), each(not_empty())))]
    pub subnets: TextSet,
    /// Security group ids, such as one that the database accepts. Defaults to the default security group of the VPC.
    #[attr(optional, validate(items_between(1, 5)))]
    pub security_groups: TextSet,
    /// Give the task a public IP address (Fargate).
    #[attr(default = false)]
    pub assign_public_ip: Attr<bool>,
}
