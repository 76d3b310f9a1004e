//! Services under each controller, taken over: with what Terraform generates, on the installed core and on the newest one,
//! and while CodeDeploy moves their traffic.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_harness::{Core, Pair, Project};

use crate::cores::play;
use crate::{APP, Scene};

const OURS: &str = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";

/// What CreateService is told of two tasks on Fargate behind the first group of a pair.
fn behind(scene: &Scene, name: &str, pair: &Pair) -> Value {
    json!({
        "cluster": "main", "serviceName": name, "taskDefinition": scene.v1, "desiredCount": 2, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0a"] } },
        "loadBalancers": [{ "targetGroupArn": pair.blue, "containerName": "app", "containerPort": 8080 }],
    })
}

/// `native`: blue/green by ECS, with a circuit breaker.
fn by_ecs(scene: &Scene) {
    let pair = scene.stage.pair("native");
    let mut input = behind(scene, "native", &pair);
    input["loadBalancers"][0]["advancedConfiguration"] = json!({
        "alternateTargetGroupArn": pair.green, "productionListenerRule": pair.rule,
        "roleArn": "arn:aws:iam::123456789012:role/ecs-infrastructure",
    });
    input["deploymentConfiguration"] = json!({
        "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2, "deploymentCircuitBreaker": { "enable": true, "rollback": true },
    });
    scene.stage.call("ecs", "CreateService", input);
}

/// `sets`: task sets.
fn by_task_sets(scene: &Scene) {
    let pair = scene.stage.pair("sets");
    let mut set = behind(scene, "sets", &pair);
    scene.stage.call(
        "ecs",
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "sets", "desiredCount": 2, "deploymentController": { "type": "EXTERNAL" },
        }),
    );
    let members = set.as_object_mut().unwrap();
    members.remove("desiredCount");
    members.remove("serviceName");
    set["service"] = "sets".into();
    set["scale"] = json!({ "value": 100, "unit": "PERCENT" });
    let made = scene.stage.call("ecs", "CreateTaskSet", set);
    scene.stage.call(
        "ecs",
        "UpdateServicePrimaryTaskSet",
        json!({ "cluster": "main", "service": "sets", "primaryTaskSet": made["taskSet"]["id"] }),
    );
}

/// `web`: CodeDeploy, which begins a deployment of the next revision; its id, and the revision.
fn by_code_deploy(scene: &Scene, config: &str) -> (String, String) {
    let mut input = behind(scene, "web", &scene.pair);
    input["deploymentController"] = json!({ "type": "CODE_DEPLOY" });
    scene.stage.call("ecs", "CreateService", input);
    scene.deployment_group(config);
    scene.stage.advance(Duration::from_secs(600));
    let v2 = scene.stage.task_definition("web", "web:v2");
    let content = json!({ "version": 0.0, "Resources": [{ "TargetService": {
        "Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": v2, "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
        },
    } }] });
    let begun = scene.stage.call(
        "codedeploy",
        "CreateDeployment",
        json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } },
        }),
    );
    (begun["deploymentId"].as_str().unwrap().to_owned(), v2)
}

fn deployment(scene: &Scene, id: &str) -> Value {
    let input = json!({ "deploymentId": id });
    let found = scene.stage.call("codedeploy", "GetDeployment", input);
    found["deploymentInfo"].clone()
}

/// Percent of production that green has.
fn weight(scene: &Scene) -> u64 {
    let input = json!({ "RuleArns": [scene.pair.rule] });
    let rules = scene.stage.call("elbv2", "DescribeRules", input);
    let groups = rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"].clone();
    let groups = groups.as_array().cloned().unwrap_or_default();
    let green = groups
        .iter()
        .find(|it| it["TargetGroupArn"] == scene.pair.green);
    green.map_or(0, |it| it["Weight"].as_u64().unwrap())
}

/// What AWS shows of a service and may not change.
fn described(scene: &Scene, name: &str) -> Value {
    let mut service = scene.stage.service("main", name);
    let members = service.as_object_mut().unwrap();
    members.remove("events");
    for list in ["deployments", "taskSets"] {
        let all = members.get_mut(list).and_then(Value::as_array_mut);
        for one in all.into_iter().flatten().filter_map(Value::as_object_mut) {
            one.remove("updatedAt");
            one.remove("stabilityStatusAt");
        }
    }
    service
}

fn generating(project: &Project) -> switchyard_harness::Run {
    project.run(&[
        "plan",
        "-input=false",
        "-no-color",
        "-generate-config-out=generated.tf",
    ])
}

/// Terraform's own configuration of all three is planned without a change, and keeps them as they are.
fn generated(scene: &Scene, _: Core) {
    by_ecs(scene);
    by_task_sets(scene);
    let (id, _) = by_code_deploy(scene, "CodeDeployDefault.ECSAllAtOnce");
    scene
        .stage
        .pass_until(|| deployment(scene, &id)["status"] == "Succeeded");
    scene.stage.advance(Duration::from_secs(600));
    let names = ["native", "sets", "web"];
    let before = names.map(|name| described(scene, name));
    let imports = names.map(|name| {
        format!(
            "\nimport {{\n  to = switchyard_blue_green_service.{name}\n  id = \"main/{name}\"\n}}\n"
        )
    });
    let project = scene.stage.project(&(OURS.to_owned() + &imports.concat()));
    let said = generating(&project).ok();
    let _ = said.says(&["3 to import, 0 to add, 0 to change, 0 to destroy."]);
    project.validate().ok();
    let plan = project.plan();
    assert!(plan.changes().is_empty(), "{}", plan.run.text());
    project.apply().ok();
    project.plans_nothing();
    for (name, before) in names.into_iter().zip(before) {
        assert_eq!(described(scene, name), before, "{name}");
    }
}

#[test]
fn what_the_installed_core_generates_for_each_controller_changes_nothing() {
    generated(&Scene::new(), Core::of(1, 11));
}

#[test]
fn what_the_newest_core_generates_for_each_controller_changes_nothing() {
    play("generated for each controller", Core::of(1, 15), generated);
}

#[test]
fn a_service_is_taken_over_in_the_middle_of_a_deployment_of_code_deploy() {
    let scene = Scene::new();
    let (id, v2) = by_code_deploy(&scene, "CodeDeployDefault.ECSCanary10Percent5Minutes");
    let held = scene.stage.hold_when(|| weight(&scene) == 10);
    let main = |definition: &str| {
        let canary = "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }";
        let hcl = scene.code_deploy(definition).deployment(canary).hcl();
        format!("{hcl}\nimport {{\n  to = {APP}\n  id = \"main/web\"\n}}\n")
    };
    let project = scene.stage.project(&main(&scene.v1));
    // The plan of the revision that has most of the traffic names what runs, and what happens to it.
    let plan = project.plan();
    let _ = plan.run.says(&[&id, "SY0136", "web:2"]);
    assert_eq!(deployment(&scene, &id)["status"], "InProgress");
    assert_eq!(weight(&scene), 10);
    // With the revision that it brings, the apply follows it.
    project.write("main.tf", &main(&v2));
    let running = project.start(&crate::rollout::APPLY);
    drop(held);
    running.finish().ok();
    assert_eq!(deployment(&scene, &id)["status"], "Succeeded");
    assert_eq!(scene.group_deployments(), [id], "it was adopted");
    assert_eq!(project.state(APP)["live_task_definition"], v2);
    project.plans_nothing();
}
