//! Controller `codedeploy`.

use serde_json::json;

use crate::{APP, Scene, group};

fn life(deployment: &str, config: &str, named: bool) {
    let scene = Scene::new();
    let service = |task_definition: &str| {
        let service = scene.code_deploy(task_definition).deployment(deployment);
        if named {
            service.set("codedeploy", &format!("{{ application = \"shop\", deployment_group = \"web\", deployment_config = {config:?} }}")).hcl()
        } else {
            service.hcl()
        }
    };
    if !config.starts_with("CodeDeployDefault.") {
        scene.stage.call(
            "codedeploy",
            "CreateDeploymentConfig",
            json!({
                "deploymentConfigName": config, "computePlatform": "ECS",
                "trafficRoutingConfig": { "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": 20, "canaryInterval": 2 } },
            }),
        );
    }
    let project = scene.stage.project(&service(&scene.v1));
    project.apply().ok();
    project.plans_nothing();
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    let mut live = vec![project.state(APP)["live_target_group"].clone()];

    for image in ["web:v2", "web:v3"] {
        let next = scene.stage.task_definition("web", image);
        project.write("main.tf", &service(&next));
        assert_eq!(
            project
                .plan()
                .only(APP, &["update"])
                .after(APP, "will_deploy"),
            true
        );
        project.apply().ok();
        assert_eq!(project.state(APP)["task_definition"], next);
        live.push(project.state(APP)["live_target_group"].clone());
        project.plans_nothing();
    }
    assert_eq!(live[0], live[2], "the sides alternate: {live:?}");
    assert_ne!(live[0], live[1], "the sides alternate: {live:?}");
    let deployments = scene.group_deployments();
    assert_eq!(deployments.len(), 2, "one deployment a change");
    for id in deployments {
        let used = scene
            .stage
            .call("codedeploy", "GetDeployment", json!({ "deploymentId": id }));
        assert_eq!(used["deploymentInfo"]["deploymentConfigName"], config);
        assert_eq!(used["deploymentInfo"]["status"], "Succeeded");
    }
    project.destroy().ok();
}

#[test]
fn all_at_once_lives() {
    life(
        "{ strategy = \"all_at_once\" }",
        "CodeDeployDefault.ECSAllAtOnce",
        false,
    );
}

#[test]
fn canary_lives() {
    life(
        "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }",
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
        false,
    );
}

#[test]
fn linear_lives() {
    life(
        "{ strategy = \"linear\", linear = { percent = 10, interval = \"1m\" } }",
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        false,
    );
}

#[test]
fn a_custom_configuration_lives() {
    life(
        "{ strategy = \"canary\", canary = { percent = 20, interval = \"2m\" } }",
        "canary-20-2",
        true,
    );
}

#[test]
fn a_broken_version_is_rolled_back_by_a_second_deployment_that_is_followed() {
    let scene = Scene::new();
    let service = |task_definition: &str| {
        scene
            .code_deploy(task_definition)
            .set("timeouts", "{\n    update = \"3h\"\n  }")
            .hcl()
    };
    let project = scene.stage.project(&service(&scene.v1));
    project.apply().ok();
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    let broken = scene.stage.task_definition("web", "web:v2--exit-3");
    project.write("main.tf", &service(&broken));
    project
        .apply()
        .fails_saying(&["web", "container `app` exited with 3", "deployment d-"]);
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    assert!(!project.is_tainted(APP));
    project.write("main.tf", &service(&scene.v1));
    project.plans_nothing();
}

#[test]
fn settings_change_through_update_service() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.code_deploy(&scene.v1).hcl());
    project.apply().ok();
    let changed = scene
        .code_deploy(&scene.v1)
        .set("desired_count", "4")
        .set("tags", "{ Team = \"web\" }")
        .hcl();
    project.write("main.tf", &changed);
    assert_eq!(
        project
            .plan()
            .only(APP, &["update"])
            .after(APP, "will_deploy"),
        false
    );
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 4);
}

#[test]
fn a_missing_group_is_found_at_plan() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.code_deploy(&scene.v1).hcl());
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.code_deploy(&v2).hcl());
    let _ = project
        .try_plan()
        .fails_saying(&["deployment group", "shop", "SY0114"]);
}

#[test]
fn a_missing_configuration_is_found_at_plan() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.code_deploy(&scene.v1).hcl());
    project.apply().ok();
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    let v2 = scene.stage.task_definition("web", "web:v2");
    let names =
        "{ application = \"shop\", deployment_group = \"web\", deployment_config = \"nowhere\" }";
    project.write(
        "main.tf",
        &scene.code_deploy(&v2).set("codedeploy", names).hcl(),
    );
    let _ = project.try_plan().fails_saying(&["nowhere", "SY0117"]);
}

#[test]
fn keeping_the_old_side_alive_is_refused_by_the_api() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.code_deploy(&scene.v1).hcl());
    project.apply().ok();
    scene.stage.call(
        "codedeploy",
        "CreateApplication",
        json!({ "applicationName": "shop", "computePlatform": "ECS" }),
    );
    let mut input = group(&scene.pair, "CodeDeployDefault.ECSAllAtOnce");
    input["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"]["action"] =
        "KEEP_ALIVE".into();
    let refusal = scene
        .stage
        .lab()
        .call("codedeploy", "CreateDeploymentGroup", input)
        .unwrap_err();
    assert_eq!(
        refusal.code, "InvalidBlueGreenDeploymentConfigurationException",
        "{refusal}"
    );
}

#[test]
fn the_first_tasks_start_where_production_points() {
    let scene = Scene::new();
    // Production forwards to the second group, tests to the first; the order of the names must not decide.
    for (listener, group) in [
        (&scene.pair.listener, &scene.pair.green),
        (&scene.pair.test_listener, &scene.pair.blue),
    ] {
        let actions = json!([{ "Type": "forward", "TargetGroupArn": group }]);
        scene.stage.call(
            "elbv2",
            "ModifyListener",
            json!({ "ListenerArn": listener, "DefaultActions": actions }),
        );
    }
    let hint = |text: &str| {
        scene.code_deploy(&scene.v1).load_balancer(&format!(
            "{{ container_name = \"app\", container_port = 8080, target_groups = [{:?}, {:?}]{text} }}",
            scene.pair.blue, scene.pair.green
        ))
    };
    let project = scene.stage.project(&hint("").hcl());
    project
        .apply()
        .fails_saying(&["SY0125", "production_listener_rule"]);
    let named = format!(", production_listener_rule = {:?}", scene.pair.listener);
    project.write("main.tf", &hint(&named).hcl());
    project.apply().ok();
    assert_eq!(project.state(APP)["live_target_group"], scene.pair.green);
    project.plans_nothing();
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &hint(&named).hcl().replace(&scene.v1, &v2));
    project.apply().ok();
    assert_eq!(project.state(APP)["live_target_group"], scene.pair.blue);
    project.plans_nothing();
}
