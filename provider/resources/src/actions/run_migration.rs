//! `switchyard_run_migration`: runs a migration now.

use async_trait::async_trait;
use tfplugin::action::{Action, Progress};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::{items_at_least, not_empty};
use tfplugin::schema::{Attributes, NestedBlock, Schema};
use tfplugin::value::Attr;

use crate::blue_green_service::{CapacityProviderModel, LaunchWord, List, TextMap};
use crate::client::Client;
use crate::migration_task::{self, Model, NetworkModel, rules};

/// The action.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunMigration;

/// Runs a task of Amazon ECS to its end, as `switchyard_migration_task` does, each time the action runs. It succeeds when
/// the container exits with 0; otherwise it fails with the exit code and the last log lines.
///
/// Migrations of one `name` in one cluster run one at a time. If a task of the same migration is still running, for example
/// because an apply was interrupted, the action waits for it instead of starting a second one.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// Name of the migration, unique in the cluster. ECS shows it as `startedBy` of the task.
    #[attr(required, validate(rules::name()))]
    pub name: Attr<String>,
    /// Name or ARN of the cluster.
    #[attr(required, validate(not_empty()))]
    pub cluster: Attr<String>,
    /// Task definition: ARN, `family:revision` or `family` (its latest active revision).
    #[attr(required, validate(not_empty()))]
    pub task_definition: Attr<String>,
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
    /// How long the migration may take, such as `"45m"`. Then the task is stopped, and the action fails. Defaults to
    /// `"15m"`.
    #[attr(optional, validate(rules::timeout()))]
    pub timeout: Attr<String>,
    /// Tags of the task. They override the provider's `default_tags`.
    #[attr(optional, validate(rules::tag_keys()))]
    pub tags: TextMap,
}

impl Config {
    /// The same as a resource, which runs for nothing in particular.
    fn model(&self) -> Model {
        Model {
            name: self.name.clone(),
            cluster: self.cluster.clone(),
            task_definition: self.task_definition.clone(),
            triggers: Attr::Known(Default::default()),
            container_name: self.container_name.clone(),
            command: self.command.clone(),
            environment: self.environment.clone(),
            launch_type: self.launch_type.clone(),
            platform_version: self.platform_version.clone(),
            capacity_provider_strategy: self.capacity_provider_strategy.clone(),
            network_configuration: self.network_configuration.clone(),
            timeout: self.timeout.clone(),
            tags: self.tags.clone(),
            ..Model::default()
        }
    }
}

#[async_trait]
impl Action<Client> for RunMigration {
    type Config = Config;

    fn type_name(&self) -> &'static str {
        "switchyard_run_migration"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Config>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &Config) -> Diagnostics {
        migration_task::validate(&config.model())
    }

    async fn plan(&self, context: &Context<Client>, config: Config) -> Diagnostics {
        match context.client() {
            Ok(client) => migration_task::refusal(client, &config.model()).await,
            Err(_) => Diagnostics::none(),
        }
    }

    async fn invoke(
        &self,
        context: &Context<Client>,
        config: Config,
        progress: &Progress,
    ) -> Diagnostics {
        let name = config.name.clone().known_or(String::new());
        progress.report(format!("Migration `{name}` is started."));
        match Box::pin(migration_task::run(context, &config.model())).await {
            Ok((state, note)) => {
                let task = state.task_arn.known_or(String::new());
                progress.report(format!("Migration `{name}` has succeeded ({task})."));
                note.into_iter().collect()
            }
            Err(errors) => errors,
        }
    }
}
