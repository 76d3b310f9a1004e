//! CodeDeploy.

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    CodeDeploy, CodeDeployDeployment, CodeDeployError, CodeDeployErrorCode, CodeDeployEvent,
    CodeDeployStatus, CodeDeployTarget, CodeDeployTaskSet, ComputePlatform, DeploymentConfig,
    DeploymentGroup, DeploymentWait, ErrorKind, EventStatus, NewCodeDeployDeployment, Result,
    TaskSetLabel, TaskSetStatus, TrafficRouting,
};

use super::Face;
use super::read::{count, flag, float, list, moment, number, text, texts, word};
use crate::Service::CodeDeploy as Api;

fn group(value: &Value) -> DeploymentGroup {
    let service = list(value, "ecsServices").first();
    let pairs = value
        .get("loadBalancerInfo")
        .map_or(&[][..], |info| list(info, "targetGroupPairInfoList"));
    let pair = pairs.first().unwrap_or(&Value::Null);
    let route = |member| {
        pair.get(member)
            .map(|route| texts(route, "listenerArns"))
            .unwrap_or_default()
    };
    let termination = value
        .get("blueGreenDeploymentConfiguration")
        .and_then(|found| found.get("terminateBlueInstancesOnDeploymentSuccess"));
    let enabled = |member: &str| value.get(member).filter(|found| flag(found, "enabled"));
    DeploymentGroup {
        application: word(value, "applicationName"),
        name: word(value, "deploymentGroupName"),
        config: word(value, "deploymentConfigName"),
        cluster: service.and_then(|found| text(found, "clusterName")),
        service: service.and_then(|found| text(found, "serviceName")),
        target_groups: list(pair, "targetGroups")
            .iter()
            .map(|found| word(found, "name"))
            .collect(),
        production_listeners: route("prodTrafficRoute"),
        test_listeners: route("testTrafficRoute"),
        termination_wait_minutes: termination
            .and_then(|found| number(found, "terminationWaitTimeInMinutes")),
        ready_wait_minutes: value
            .get("blueGreenDeploymentConfiguration")
            .and_then(|found| found.get("deploymentReadyOption"))
            .filter(|found| word(found, "actionOnTimeout") == "STOP_DEPLOYMENT")
            .map(|found| count(found, "waitTimeInMinutes")),
        rollback_events: enabled("autoRollbackConfiguration")
            .map(|found| texts(found, "events"))
            .unwrap_or_default(),
        alarms: enabled("alarmConfiguration")
            .map(|found| {
                list(found, "alarms")
                    .iter()
                    .map(|alarm| word(alarm, "name"))
                    .collect()
            })
            .unwrap_or_default(),
    }
}

fn routing(value: &Value) -> TrafficRouting {
    let of = |member: &str| value.get(member).unwrap_or(&Value::Null).clone();
    match word(value, "type").as_str() {
        "AllAtOnce" => TrafficRouting::AllAtOnce,
        "TimeBasedCanary" => {
            let canary = of("timeBasedCanary");
            TrafficRouting::Canary {
                percent: count(&canary, "canaryPercentage"),
                interval_minutes: count(&canary, "canaryInterval"),
            }
        }
        "TimeBasedLinear" => {
            let linear = of("timeBasedLinear");
            TrafficRouting::Linear {
                percent: count(&linear, "linearPercentage"),
                interval_minutes: count(&linear, "linearInterval"),
            }
        }
        other => TrafficRouting::Unknown(other.to_owned()),
    }
}

fn deployment(value: &Value) -> CodeDeployDeployment {
    let rollback = value.get("rollbackInfo");
    let revision = value.get("revision");
    let content =
        revision.and_then(|found| found.get("appSpecContent").or_else(|| found.get("string")));
    CodeDeployDeployment {
        id: word(value, "deploymentId"),
        application: text(value, "applicationName"),
        group: text(value, "deploymentGroupName"),
        status: CodeDeployStatus::parse(&word(value, "status")),
        description: text(value, "description"),
        creator: word(value, "creator"),
        config: text(value, "deploymentConfigName"),
        app_spec: content.and_then(|found| text(found, "content")),
        error: value
            .get("errorInformation")
            .filter(|found| !found.is_null())
            .map(|found| CodeDeployError {
                code: CodeDeployErrorCode::parse(&word(found, "code")),
                message: word(found, "message"),
            }),
        rollback_deployment: rollback.and_then(|found| text(found, "rollbackDeploymentId")),
        rolls_back: rollback.and_then(|found| text(found, "rollbackTriggeringDeploymentId")),
        rollback_message: rollback.and_then(|found| text(found, "rollbackMessage")),
        created_at: moment(value, "createTime"),
        completed_at: moment(value, "completeTime"),
    }
}

fn target(value: &Value) -> CodeDeployTarget {
    let event = |found: &Value| CodeDeployEvent {
        name: word(found, "lifecycleEventName"),
        status: EventStatus::parse(&word(found, "status")),
        message: found
            .get("diagnostics")
            .filter(|found| text(found, "errorCode").is_some_and(|code| code != "Success"))
            .and_then(|found| text(found, "message")),
    };
    let task_set = |found: &Value| CodeDeployTaskSet {
        // The wire spells it so.
        id: word(found, "identifer"),
        label: TaskSetLabel::parse(&word(found, "taskSetLabel")),
        status: TaskSetStatus::parse(&word(found, "status")),
        traffic_weight: float(found, "trafficWeight").unwrap_or(0.0),
        target_group: found
            .get("targetGroup")
            .and_then(|group| text(group, "name")),
        desired: count(found, "desiredCount"),
        pending: count(found, "pendingCount"),
        running: count(found, "runningCount"),
    };
    CodeDeployTarget {
        status: word(value, "status"),
        events: list(value, "lifecycleEvents").iter().map(event).collect(),
        task_sets: list(value, "taskSetsInfo").iter().map(task_set).collect(),
    }
}

#[async_trait]
impl CodeDeploy for Face {
    async fn find_group(&self, application: &str, name: &str) -> Result<Option<DeploymentGroup>> {
        let input = json!({ "applicationName": application, "deploymentGroupName": name });
        let answer = self.find(Api, "codedeploy:GetDeploymentGroup", name, input)?;
        Ok(answer
            .as_ref()
            .and_then(|answer| answer.get("deploymentGroupInfo"))
            .map(group))
    }

    async fn find_config(&self, name: &str) -> Result<Option<DeploymentConfig>> {
        let input = json!({ "deploymentConfigName": name });
        let answer = self.find(Api, "codedeploy:GetDeploymentConfig", name, input)?;
        Ok(answer
            .as_ref()
            .and_then(|answer| answer.get("deploymentConfigInfo"))
            .map(|found| DeploymentConfig {
                name: word(found, "deploymentConfigName"),
                compute_platform: ComputePlatform::parse(&word(found, "computePlatform")),
                routing: found.get("trafficRoutingConfig").map(routing),
            }))
    }

    async fn create_deployment(&self, new: &NewCodeDeployDeployment) -> Result<String> {
        let mut input = Map::new();
        input.insert("applicationName".to_owned(), json!(new.application));
        input.insert("deploymentGroupName".to_owned(), json!(new.group));
        input.insert("description".to_owned(), json!(new.description));
        let revision = json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": new.app_spec } });
        input.insert("revision".to_owned(), revision);
        if let Some(config) = &new.config {
            input.insert("deploymentConfigName".to_owned(), json!(config));
        }
        if let Some(events) = &new.rollback_events {
            let rollback = json!({ "enabled": !events.is_empty(), "events": events });
            input.insert("autoRollbackConfiguration".to_owned(), rollback);
        }
        if let Some(alarms) = &new.alarms {
            let named: Vec<Value> = alarms.iter().map(|name| json!({ "name": name })).collect();
            let alarms = json!({ "enabled": !alarms.is_empty(), "alarms": named });
            input.insert("overrideAlarmConfiguration".to_owned(), alarms);
        }
        let answer = self.call(
            Api,
            "codedeploy:CreateDeployment",
            &new.group,
            Value::Object(input),
        )?;
        Ok(word(&answer, "deploymentId"))
    }

    async fn find_deployment(&self, id: &str) -> Result<Option<CodeDeployDeployment>> {
        let answer = self.find(
            Api,
            "codedeploy:GetDeployment",
            id,
            json!({ "deploymentId": id }),
        )?;
        Ok(answer
            .as_ref()
            .and_then(|answer| answer.get("deploymentInfo"))
            .map(deployment))
    }

    async fn running_deployments(&self, application: &str, group: &str) -> Result<Vec<String>> {
        let input = json!({
            "applicationName": application,
            "deploymentGroupName": group,
            "includeOnlyStatuses": ["Created", "Queued", "InProgress", "Baking", "Ready"],
        });
        let answer = self.call(Api, "codedeploy:ListDeployments", group, input)?;
        Ok(texts(&answer, "deployments"))
    }

    async fn list_deployments(
        &self,
        application: &str,
        group: &str,
        most: usize,
    ) -> Result<Vec<String>> {
        let input = json!({ "applicationName": application, "deploymentGroupName": group });
        let answer = self.call(Api, "codedeploy:ListDeployments", group, input)?;
        let ids = texts(&answer, "deployments").into_iter();
        Ok(ids.take(most).collect())
    }

    async fn find_target(
        &self,
        id: &str,
        cluster: &str,
        service: &str,
    ) -> Result<Option<CodeDeployTarget>> {
        let input = json!({ "deploymentId": id, "targetId": format!("{cluster}:{service}") });
        match self.call(Api, "codedeploy:GetDeploymentTarget", id, input) {
            Ok(answer) => Ok(answer
                .get("deploymentTarget")
                .and_then(|found| found.get("ecsTarget"))
                .map(target)),
            Err(error)
                if error.code.starts_with("DeploymentNotStarted")
                    || error.kind == ErrorKind::NotFound =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn continue_deployment(&self, id: &str, wait: DeploymentWait) -> Result<()> {
        let word = match wait {
            DeploymentWait::Ready => "READY_WAIT",
            DeploymentWait::Termination => "TERMINATION_WAIT",
        };
        let input = json!({ "deploymentId": id, "deploymentWaitType": word });
        self.call(Api, "codedeploy:ContinueDeployment", id, input)
            .map(|_| ())
    }

    async fn stop_deployment(&self, id: &str, roll_back: bool) -> Result<()> {
        let input = json!({ "deploymentId": id, "autoRollbackEnabled": roll_back });
        self.call(Api, "codedeploy:StopDeployment", id, input)
            .map(|_| ())
    }
}
