//! `switchyard_approve_deployment`: ends the pause at which a deployment waits.

use async_trait::async_trait;
use switchyard_operate::{Decision, answer};
use tfplugin::action::{Action, Progress};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::not_empty;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::Attr;

use super::lines::Lines;
use super::said::{self, Subject};
use super::told::told;
use crate::client::Client;
use crate::snapshots::service::ServiceModel;

/// The action.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ApproveDeployment;

/// Continues a deployment of an Amazon ECS service that waits for approval, as `switchyard approve` does: at a pause of
/// this provider or of somebody else, or before the traffic of a CodeDeploy deployment moves.
///
/// The action does not wait for the end of the deployment. If no deployment waits, it is a warning.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    #[attr(flatten)]
    pub of: ServiceModel,
    /// Why; kept in the tag `switchyard:operated` of the service.
    #[attr(optional, validate(not_empty()))]
    pub reason: Attr<String>,
}

#[async_trait]
impl Action<Client> for ApproveDeployment {
    type Config = Config;

    fn type_name(&self) -> &'static str {
        "switchyard_approve_deployment"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Config>(0).code(crate::called::INVALID)
    }

    async fn plan(&self, context: &Context<Client>, config: Config) -> Diagnostics {
        let Ok(client) = context.client() else {
            return Diagnostics::none();
        };
        match said::planned_service(client.ports(), &config.of).await {
            Ok(None) if config.of.service_ref().is_some() => said::not_there(&config.of),
            Ok(_) => Diagnostics::none(),
            Err(errors) => errors,
        }
    }

    async fn invoke(
        &self,
        context: &Context<Client>,
        config: Config,
        progress: &Progress,
    ) -> Diagnostics {
        let (client, selection) = match (context.client(), said::selection(&config.of)) {
            (Ok(client), Ok(selection)) => (client, selection),
            (Err(errors), _) | (_, Err(errors)) => return errors,
        };
        let mut lines = Lines::new(progress);
        let mut console = lines.console();
        let reason = config.reason.known().map(String::as_str);
        let approving = answer(
            client.ports(),
            &selection,
            Decision::Approve,
            reason,
            &mut console,
        );
        let ended = Box::pin(approving).await;
        let acted = std::mem::take(&mut console.acted);
        let lost = told(client, acted, reason).await;
        let name = config.of.service.known_or(String::new());
        let mut said = said::ended(
            Subject {
                what: &format!("The approval of a deployment of service `{name}`"),
            },
            ended,
        );
        said.extend(lost);
        said
    }
}
