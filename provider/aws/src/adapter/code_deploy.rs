//! AWS CodeDeploy.

use std::collections::HashMap;

use aws_sdk_codedeploy::config::Builder as Override;
use switchyard_engine::ports::{
    CodeDeploy, CodeDeployDeployment, CodeDeployTarget, DeploymentConfig, DeploymentGroup,
    DeploymentWait, NewCodeDeployDeployment, Result, cluster_name,
};

use super::absent_is_none;
use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller, NeverRepeatUnanswered};
use crate::convert::{self, within};
use crate::failed::incomplete;

const CONTINUE: &str = "codedeploy:ContinueDeployment";
const CREATE: &str = "codedeploy:CreateDeployment";
const GET: &str = "codedeploy:GetDeployment";
const GET_CONFIG: &str = "codedeploy:GetDeploymentConfig";
const GET_GROUP: &str = "codedeploy:GetDeploymentGroup";
const GET_TARGET: &str = "codedeploy:GetDeploymentTarget";
const LIST: &str = "codedeploy:ListDeployments";
const STOP: &str = "codedeploy:StopDeployment";

/// [`CodeDeploy`] over AWS CodeDeploy.
#[derive(Debug)]
pub(crate) struct CodeDeployService {
    caller: Caller,
    configs: Batcher<Configs>,
}

impl CodeDeployService {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (caller.clock.clone(), caller.writes.clone());
        Self {
            caller: caller.clone(),
            configs: Batcher::new(Configs(caller.clone()), clock, writes),
        }
    }

    fn call<'a>(&self, operation: &'static str, target: &'a str) -> Call<'a> {
        Call {
            operation,
            target,
            class: None,
        }
    }

    async fn client(
        &self,
        operation: &'static str,
        target: &str,
    ) -> Result<aws_sdk_codedeploy::Client> {
        self.caller.connection.codedeploy(operation, target).await
    }
}

/// Many services share a configuration: identical reads in flight are shared.
struct Configs(Caller);

#[async_trait::async_trait]
impl Fetch for Configs {
    type Lane = ();
    type Key = String;
    type Value = DeploymentConfig;
    const LIMIT: usize = 1;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, DeploymentConfig>> {
        let mut found = HashMap::new();
        for name in keys {
            let call = Call {
                operation: GET_CONFIG,
                target: name,
                class: None,
            };
            let client = self.0.connection.codedeploy(GET_CONFIG, name).await?;
            let answer = self
                .0
                .read(
                    call,
                    client
                        .get_deployment_config()
                        .deployment_config_name(name)
                        .send(),
                )
                .await;
            if let Some(info) =
                absent_is_none(answer)?.and_then(|answer| answer.deployment_config_info)
            {
                found.insert(
                    name.clone(),
                    within(convert::code_deploy::config(&info), GET_CONFIG, name)?,
                );
            }
        }
        Ok(found)
    }
}

#[async_trait::async_trait]
impl CodeDeploy for CodeDeployService {
    async fn find_group(&self, application: &str, group: &str) -> Result<Option<DeploymentGroup>> {
        let target = format!("{application}/{group}");
        let client = self.client(GET_GROUP, &target).await?;
        let request = client
            .get_deployment_group()
            .application_name(application)
            .deployment_group_name(group);
        let answer = self
            .caller
            .read(self.call(GET_GROUP, &target), request.send())
            .await;
        let info = absent_is_none(answer)?.and_then(|answer| answer.deployment_group_info);
        info.map(|info| within(convert::code_deploy::group(&info), GET_GROUP, &target))
            .transpose()
    }

    async fn find_config(&self, name: &str) -> Result<Option<DeploymentConfig>> {
        self.configs.read(&(), &name.to_owned(), name).await
    }

    async fn create_deployment(&self, new: &NewCodeDeployDeployment) -> Result<String> {
        let target = format!("{}/{}", new.application, new.group);
        let client = self.client(CREATE, &target).await?;
        let request = client
            .create_deployment()
            .application_name(&new.application)
            .deployment_group_name(&new.group)
            .set_deployment_config_name(new.config.clone())
            .description(&new.description)
            .revision(convert::code_deploy::to_revision(&new.app_spec))
            .set_auto_rollback_configuration(
                new.rollback_events
                    .as_deref()
                    .map(convert::code_deploy::to_auto_rollback),
            )
            .set_override_alarm_configuration(
                new.alarms.as_deref().map(convert::code_deploy::to_alarms),
            )
            .customize()
            .config_override(Override::new().retry_classifier(NeverRepeatUnanswered));
        let answer = self
            .caller
            .write(self.call(CREATE, &target), request.send())
            .await?;
        answer
            .deployment_id
            .ok_or_else(|| incomplete(CREATE, &target, "deploymentId"))
    }

    async fn find_deployment(&self, id: &str) -> Result<Option<CodeDeployDeployment>> {
        let client = self.client(GET, id).await?;
        let answer = self
            .caller
            .read(
                self.call(GET, id),
                client.get_deployment().deployment_id(id).send(),
            )
            .await;
        let info = absent_is_none(answer)?.and_then(|answer| answer.deployment_info);
        info.map(|info| within(convert::code_deploy::deployment(&info), GET, id))
            .transpose()
    }

    async fn running_deployments(&self, application: &str, group: &str) -> Result<Vec<String>> {
        let target = format!("{application}/{group}");
        let client = self.client(LIST, &target).await?;
        let mut ids = Vec::new();
        let mut next = None;
        loop {
            let request = client
                .list_deployments()
                .application_name(application)
                .deployment_group_name(group)
                .set_include_only_statuses(Some(convert::code_deploy::running_statuses()))
                .set_next_token(next);
            let answer = self
                .caller
                .read(self.call(LIST, &target), request.send())
                .await?;
            ids.extend(answer.deployments.unwrap_or_default());
            next = answer.next_token;
            if next.is_none() {
                return Ok(ids);
            }
        }
    }

    async fn list_deployments(
        &self,
        application: &str,
        group: &str,
        most: usize,
    ) -> Result<Vec<String>> {
        let target = format!("{application}/{group}");
        let client = self.client(LIST, &target).await?;
        let mut ids = Vec::new();
        let mut next = None;
        // A page may be empty although there are more.
        loop {
            let request = client
                .list_deployments()
                .application_name(application)
                .deployment_group_name(group)
                .set_next_token(next);
            let answer = self
                .caller
                .read(self.call(LIST, &target), request.send())
                .await?;
            ids.extend(answer.deployments.unwrap_or_default());
            next = answer.next_token;
            if next.is_none() || ids.len() >= most {
                ids.truncate(most);
                return Ok(ids);
            }
        }
    }

    async fn find_target(
        &self,
        deployment: &str,
        cluster: &str,
        service: &str,
    ) -> Result<Option<CodeDeployTarget>> {
        let cluster = cluster_name(cluster);
        let client = self.client(GET_TARGET, deployment).await?;
        let request = client
            .get_deployment_target()
            .deployment_id(deployment)
            .target_id(format!("{cluster}:{service}"));
        let answer = match self
            .caller
            .read(self.call(GET_TARGET, deployment), request.send())
            .await
        {
            Ok(answer) => answer,
            // Both are what CodeDeploy says between creation and the first life-cycle event.
            Err(error)
                if matches!(
                    error.code.as_str(),
                    "DeploymentNotStartedException" | "DeploymentTargetDoesNotExistException"
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let target = answer
            .deployment_target
            .and_then(|target| target.ecs_target);
        target
            .map(|target| {
                within(
                    convert::code_deploy::target(&target),
                    GET_TARGET,
                    deployment,
                )
            })
            .transpose()
    }

    async fn continue_deployment(&self, id: &str, wait: DeploymentWait) -> Result<()> {
        let client = self.client(CONTINUE, id).await?;
        let request = client
            .continue_deployment()
            .deployment_id(id)
            .deployment_wait_type(convert::code_deploy::to_wait(wait))
            .customize()
            .config_override(Override::new().retry_classifier(NeverRepeatUnanswered));
        self.caller
            .write(self.call(CONTINUE, id), request.send())
            .await?;
        Ok(())
    }

    async fn stop_deployment(&self, id: &str, roll_back: bool) -> Result<()> {
        let client = self.client(STOP, id).await?;
        let request = client
            .stop_deployment()
            .deployment_id(id)
            .auto_rollback_enabled(roll_back);
        self.caller
            .write(self.call(STOP, id), request.send())
            .await?;
        Ok(())
    }
}
