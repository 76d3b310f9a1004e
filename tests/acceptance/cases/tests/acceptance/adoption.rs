//! Services that exist are taken over with `moved` and `import`, and their traffic is left alone.

use std::fmt::Write as _;

use serde_json::json;
use switchyard_harness::load::LoadReport;
use switchyard_harness::{Project, Service};

use crate::gate::switchyard;
use crate::rollout::Controller;
use crate::steps::STEPS;
use crate::{APP, CANARY, Scene};

pub(crate) const PROVIDERS: &str = r#"
terraform {
  required_providers {
    aws        = { source = "hashicorp/aws", version = "5.100.0" }
    switchyard = { source = "switchyard/switchyard" }
  }
}
"#;

/// The move.
const MOVED: &str =
    "\nmoved {\n  from = aws_ecs_service.app\n  to   = switchyard_blue_green_service.app\n}\n";

/// `aws_ecs_service.app` behind the first group of the pair.
pub(crate) fn aws_service(scene: &Scene, controller: &str) -> String {
    let mut text = format!(
        r#"{PROVIDERS}
resource "aws_ecs_service" "app" {{
  name    = "web"
  cluster = "main"
  desired_count = 2

  deployment_controller {{
    type = "{controller}"
  }}
"#
    );
    if controller != "EXTERNAL" {
        write!(
            text,
            r#"
  task_definition = "{}"
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }}

  load_balancer {{
    target_group_arn = "{}"
    container_name   = "app"
    container_port   = 8080
  }}
"#,
            scene.v1, scene.pair.blue
        )
        .unwrap();
    }
    text + "}\n"
}

/// Our service instead, moved in the same module.
pub(crate) fn moved(service: &Service) -> String {
    let hcl = service.hcl();
    let (_, rest) = hcl.split_once("\n}\n").unwrap();
    format!("{PROVIDERS}{rest}{MOVED}")
}

/// A project in which hashicorp/aws has created the service.
pub(crate) fn created_by_aws(scene: &Scene, controller: &str) -> Project {
    let project = scene
        .stage
        .project_keeping_aws(&[("main.tf", aws_service(scene, controller))]);
    project.apply().ok();
    project
}

/// Version 1 answers on production.
pub(crate) fn await_version_one(scene: &Scene) {
    scene.stage.advance(std::time::Duration::from_secs(300));
}

#[track_caller]
fn untouched(report: &LoadReport) {
    assert!(report.requests > 40, "{}", report.requests);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(
        report.reached("web:1"),
        report.requests,
        "{:?}",
        report.revisions
    );
}

/// After the move: in place at most, nothing deployed, and no production request notices.
#[track_caller]
fn taken_over(scene: &Scene, project: &Project, ours: &Service) {
    let created = scene.stage.service("main", "web")["createdAt"].clone();
    let deployments = scene.stage.deployments("main", "web").len();
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &moved(ours));
    let plan = project.plan();
    let changes = plan.changes();
    assert!(
        changes
            .iter()
            .all(|it| it.actions == ["update"] && it.address == APP),
        "{changes:?}\n{}",
        plan.run.text()
    );
    if !changes.is_empty() {
        assert_eq!(plan.after(APP, "will_deploy"), false, "{}", plan.run.text());
    }
    project.apply().ok();
    // The other provider, and the move, are not needed any more.
    project.write("main.tf", &ours.hcl());
    project.plans_nothing();
    untouched(&load.stop(1));
    let service = scene.stage.service("main", "web");
    assert_eq!(service["createdAt"], created, "it was never replaced");
    assert_eq!(scene.stage.deployments("main", "web").len(), deployments);
    assert_eq!(
        project.state("aws_ecs_service.app"),
        json!(null),
        "the old address is gone"
    );
}

#[test]
fn a_service_of_the_aws_provider_under_ecs_is_taken_over_by_a_move() {
    let scene = Scene::new();
    let project = created_by_aws(&scene, "ECS");
    await_version_one(&scene);
    let service = Controller::Rolling
        .service(&scene, &scene.v1)
        .deployment("{ strategy = \"rolling\" }");
    taken_over(&scene, &project, &service);

    // From here on it is one of ours: the first blue/green rollout.
    let v2 = scene.stage.task_definition("web", "web:v2");
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &scene.native(&v2).deployment(CANARY).hcl());
    project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
}

/// What `switchyard init` writes of a state takes the service over without a change.
#[test]
fn what_init_writes_for_a_service_of_the_aws_provider_is_a_move_and_no_change() {
    let scene = Scene::new();
    let project = created_by_aws(&scene, "ECS");
    await_version_one(&scene);
    let program = switchyard(project.terraform().provider());
    let wrong = project.run_program(&program, &["init", "--from", "aws_ecs_service.ap"]);
    assert_eq!(
        wrong.stderr,
        "The state in this folder has no `aws_ecs_service.ap`. Did you mean `aws_ecs_service.app`?\n"
    );
    let written = project.run_program(&program, &["init", "--from", "aws_ecs_service.app"]);
    let written = written.ok().stdout;
    project.write("main.tf", &format!("{PROVIDERS}\n{written}"));
    // As `terraform fmt` writes it.
    project.run(&["fmt", "-check", "-diff"]).ok();
    let plan = project.plan();
    assert!(plan.changes().is_empty(), "{written}\n{}", plan.run.text());
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(project.state("aws_ecs_service.app"), json!(null));
    assert_eq!(project.state(APP)["desired_count"], 2);
}

#[test]
fn a_service_of_the_aws_provider_under_code_deploy_is_taken_over_by_a_move() {
    let scene = Scene::new();
    let project = created_by_aws(&scene, "CODE_DEPLOY");
    await_version_one(&scene);
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    taken_over(&scene, &project, &scene.code_deploy(&scene.v1));

    let v2 = scene.stage.task_definition("web", "web:v2");
    let load = scene.stage.production_load(&scene.pair, 2);
    project.write("main.tf", &scene.code_deploy(&v2).hcl());
    project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(project.state(APP)["task_definition"], v2);
    project.plans_nothing();
}

#[test]
fn a_service_of_the_aws_provider_with_task_sets_is_taken_over_by_a_move() {
    let scene = Scene::new();
    let project = created_by_aws(&scene, "EXTERNAL");
    let set = scene.stage.call(
        "ecs",
        "CreateTaskSet",
        json!({
            "cluster": "main", "service": "web", "taskDefinition": scene.v1, "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0a"] } },
            "loadBalancers": [{ "targetGroupArn": scene.pair.blue, "containerName": "app", "containerPort": 8080 }],
            "scale": { "value": 100, "unit": "PERCENT" },
        }),
    );
    let primary = json!({ "cluster": "main", "service": "web", "primaryTaskSet": set["taskSet"]["taskSetArn"] });
    scene
        .stage
        .call("ecs", "UpdateServicePrimaryTaskSet", primary);
    await_version_one(&scene);
    let service = Controller::External
        .service(&scene, &scene.v1)
        .deployment(STEPS);
    taken_over(&scene, &project, &service);
}

/// A running service is imported: nothing to do, or settings alone, and no request notices.
fn imported(controller: Controller, deployment: &str) {
    let scene = Scene::new();
    let service = controller
        .service(&scene, &scene.v1)
        .deployment(deployment)
        .hcl();
    let first = scene.stage.project(&service);
    first.apply().ok();
    if let Controller::CodeDeploy(config) = controller {
        scene.deployment_group(config);
    }
    let deployments = scene.stage.deployments("main", "web").len();
    let load = scene.stage.production_load(&scene.pair, 2);
    let by_command = scene.stage.project(&service);
    let _ = by_command
        .run(&["import", "-no-color", "-input=false", APP, "main/web"])
        .ok();
    let block = format!("{service}\nimport {{\n  to = {APP}\n  id = \"main/web\"\n}}\n");
    let by_block = scene.stage.project(&block);
    for project in [by_command, by_block] {
        let plan = project.plan();
        let changes = plan.changes();
        assert!(
            changes.iter().all(|it| it.actions == ["update"]),
            "{changes:?}\n{}",
            plan.run.text()
        );
        if !changes.is_empty() {
            assert_eq!(plan.after(APP, "will_deploy"), false, "{}", plan.run.text());
        }
        project.apply().ok();
        project.plans_nothing();
    }
    untouched(&load.stop(1));
    assert_eq!(scene.stage.deployments("main", "web").len(), deployments);
    assert!(scene.stage.lab().call_counts()["ecs"].contains_key("DescribeServices"));
}

#[test]
fn a_running_service_under_ecs_is_imported_unnoticed() {
    imported(Controller::Ecs, CANARY);
}

#[test]
fn a_running_service_with_steps_is_imported_unnoticed() {
    imported(Controller::Ecs, STEPS);
}

#[test]
fn a_running_service_under_code_deploy_is_imported_unnoticed() {
    imported(
        Controller::CodeDeploy("CodeDeployDefault.ECSAllAtOnce"),
        "{ strategy = \"all_at_once\" }",
    );
}

#[test]
fn a_running_service_with_task_sets_is_imported_unnoticed() {
    imported(Controller::External, STEPS);
}
