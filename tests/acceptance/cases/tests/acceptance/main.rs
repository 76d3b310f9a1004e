//! Each case has a lab of its own; all of them may run at once.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "cases report by panicking and printing, also outside of #[test] functions"
)]

mod adoption;
mod approvals;
mod aws_provider;
mod bad_input;
mod booking;
mod checked;
mod code_deploy;
mod code_deploy_rollouts;
mod cores;
mod court;
mod credentials;
mod destroy;
mod drift;
mod drift_gate;
mod endpoint;
mod examples;
mod external;
mod fidelity;
mod freezes;
mod gate;
mod gate_kinds;
mod gate_unmanaged;
mod gates;
mod gone;
mod groups;
mod hooks;
mod interruption;
mod lambda_alias;
mod listener_rule;
mod localstack;
mod many;
mod migration;
mod ministack;
mod misspelled;
mod modules;
mod modules_companions;
mod modules_ecs;
mod modules_net;
mod modules_whole;
mod monitoring;
mod moto;
mod native;
mod newer;
mod notices;
mod operating;
mod ownership;
mod parts;
mod permissions;
mod pictures;
mod pipelines;
mod provider_block;
mod restore;
mod roles;
mod rollout;
mod scaling;
mod scenarios;
mod secrets;
mod shipped;
mod shown;
mod snapshots;
mod staged;
mod steps;
mod strategies;
mod switching;
mod way_back;
mod zoo;
mod zoo_controllers;

use serde_json::{Value, json};
use switchyard_harness::{Emulator, Pair, Program, Service, Stage, skip};

/// Address of the service in every case.
const APP: &str = "switchyard_blue_green_service.app";

/// Quick shifts, so that a whole rollout is a second of real time.
const CANARY: &str =
    "{ strategy = \"canary\", canary = { percent = 10, interval = \"2m\" }, bake_time = \"1m\" }";

/// A program of others in the place of AWS; `None` when this machine cannot have it, which was said.
fn emulator(program: Program, case: &str) -> Option<Emulator> {
    Emulator::start(program)
        .map_err(|reason| skip(case, &reason))
        .ok()
}

/// What `last_deployment` of a state says, under the names that `provider::switchyard::last_deployment` gives it.
fn last_deployment(state: &Value) -> Value {
    let line = state["last_deployment"].as_str();
    let mut rest = line.expect("there was a deployment");
    let mut last = json!({ "gates": {} });
    while let Some((name, after)) = rest.split_once('=') {
        let mut strings = serde_json::Deserializer::from_str(after).into_iter::<String>();
        let (value, after) = if after.starts_with('"') {
            let value = strings.next().and_then(Result::ok);
            (
                value.expect("it ends"),
                after.get(strings.byte_offset()..).unwrap_or_default(),
            )
        } else {
            let (value, after) = after.split_once(' ').unwrap_or((after, ""));
            (value.to_owned(), after)
        };
        rest = after.trim_start();
        match (name, name.strip_prefix("gate.")) {
            (_, Some(gate)) => last["gates"][gate] = value.into(),
            ("from", None) => last["from_task_definition"] = value.into(),
            ("to", None) => last["to_task_definition"] = value.into(),
            ("seconds", None) => last["duration_seconds"] = number(&value),
            ("recovery_seconds" | "score", None) => last[name] = number(&value),
            (_, None) => last[name] = value.into(),
        }
    }
    last
}

fn number(text: &str) -> Value {
    text.parse::<u64>().expect("it is a number").into()
}

/// A cluster `main`, a pair, and a first task definition.
#[derive(Debug)]
struct Scene {
    stage: Stage,
    pair: Pair,
    v1: String,
}

impl Scene {
    fn new() -> Self {
        Self::on(Stage::new())
    }

    fn on(stage: Stage) -> Self {
        stage.cluster("main");
        let pair = stage.pair("web");
        let v1 = stage.task_definition("web", "web:v1");
        Self { stage, pair, v1 }
    }

    /// The next revision of a task definition, with a role for its tasks: ECS Exec takes no service without one.
    fn with_task_role(&self, task_definition: &str) -> String {
        let named = json!({ "taskDefinition": task_definition });
        let described = self.stage.call("ecs", "DescribeTaskDefinition", named);
        let mut next = json!({ "taskRoleArn": "arn:aws:iam::123456789012:role/app" });
        for member in [
            "family",
            "networkMode",
            "requiresCompatibilities",
            "cpu",
            "memory",
            "containerDefinitions",
        ] {
            next[member] = described["taskDefinition"][member].clone();
        }
        let registered = self.stage.call("ecs", "RegisterTaskDefinition", next);
        let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
        arn.expect("ECS names what it registered").to_owned()
    }

    /// A service behind the pair, moved by ECS.
    fn native(&self, task_definition: &str) -> Service {
        Service::new("main", "web", task_definition).behind(&self.pair)
    }

    /// A service behind the pair, moved by CodeDeploy.
    fn code_deploy(&self, task_definition: &str) -> Service {
        Service::new("main", "web", task_definition).behind_code_deploy(&self.pair, "shop", "web")
    }

    /// The application and deployment group that `code_deploy` names; the service must exist.
    fn deployment_group(&self, config: &str) {
        self.stage.call(
            "codedeploy",
            "CreateApplication",
            json!({ "applicationName": "shop", "computePlatform": "ECS" }),
        );
        self.stage.call(
            "codedeploy",
            "CreateDeploymentGroup",
            group(&self.pair, config),
        );
    }

    /// Ids of all deployments of the group, newest first.
    fn group_deployments(&self) -> Vec<String> {
        let input = json!({ "applicationName": "shop", "deploymentGroupName": "web" });
        let answer = self.stage.call("codedeploy", "ListDeployments", input);
        let ids = answer["deployments"].as_array().into_iter().flatten();
        ids.filter_map(|id| Some(id.as_str()?.to_owned())).collect()
    }
}

/// Input of CreateDeploymentGroup.
fn group(pair: &Pair, config: &str) -> Value {
    json!({
        "applicationName": "shop", "deploymentGroupName": "web", "deploymentConfigName": config,
        "serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
        "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
        "ecsServices": [{ "clusterName": "main", "serviceName": "web" }],
        "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": pair.blue_name }, { "name": pair.green_name }],
            "prodTrafficRoute": { "listenerArns": [pair.listener] },
        }] },
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": 1 },
            "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0 },
        },
        "autoRollbackConfiguration": { "enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
    })
}
