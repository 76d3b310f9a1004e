//! What changes outside Terraform: shown when it is ours, silent when it is somebody else's.

use serde_json::{Value, json};

use crate::{APP, Scene};

fn update(scene: &Scene, mut input: Value) {
    input["cluster"] = "main".into();
    input["service"] = "web".into();
    scene.stage.call("ecs", "UpdateService", input);
}

#[test]
fn a_changed_count_is_shown_and_put_right() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    update(&scene, json!({ "desiredCount": 7 }));
    let _ = project.try_plan().ok().says(&[
        "Service `web` has drifted: 1 major difference",
        "Major: `desired_count` was 2 and is 7.",
        "service.desired-count",
    ]);
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), false);
    project.apply().ok();
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 2);
}

#[test]
fn the_autoscaler_may_own_the_count() {
    let scene = Scene::new();
    let service = |owner: &str| {
        scene
            .native(&scene.v1)
            .set("desired_count_owner", owner)
            .hcl()
    };
    let project = scene.stage.project(&service("\"autoscaler\""));
    project.apply().ok();
    update(&scene, json!({ "desiredCount": 9 }));
    project.plans_nothing();
    // A rollout keeps the autoscaler's number.
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write(
        "main.tf",
        &scene
            .native(&v2)
            .set("desired_count_owner", "\"autoscaler\"")
            .hcl(),
    );
    project.apply().ok();
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 9);
    project.plans_nothing();
    // Another number in the configuration is not a change either.
    project.write(
        "main.tf",
        &scene
            .native(&v2)
            .set("desired_count_owner", "\"autoscaler\"")
            .set("desired_count", "4")
            .hcl(),
    );
    project.plans_nothing();
}

#[test]
fn switching_the_owner_does_nothing_in_aws() {
    let scene = Scene::new();
    let service = |owner: &str| {
        scene
            .native(&scene.v1)
            .set("desired_count_owner", owner)
            .hcl()
    };
    let project = scene.stage.project(&service("\"terraform\""));
    project.apply().ok();
    project.write("main.tf", &service("\"autoscaler\""));
    assert_eq!(
        project
            .plan()
            .only(APP, &["update"])
            .after(APP, "will_deploy"),
        false
    );
    scene.stage.lab().clear_calls();
    project.apply().ok();
    let writes: Vec<_> = scene
        .stage
        .lab()
        .calls()
        .into_iter()
        .filter(|call| {
            !call.operation.starts_with("Describe")
                && !call.operation.starts_with("List")
                && !call.operation.starts_with("Get")
                // The first change takes the note of the creation away.
                && call.operation != "UntagResource"
        })
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
    project.plans_nothing();
}

#[test]
fn taking_the_count_back_from_the_autoscaler_is_announced() {
    let scene = Scene::new();
    let service = |owner: &str| {
        scene
            .native(&scene.v1)
            .set("desired_count_owner", owner)
            .hcl()
    };
    let project = scene.stage.project(&service("\"autoscaler\""));
    project.apply().ok();
    update(&scene, json!({ "desiredCount": 9 }));
    project.write("main.tf", &service("\"terraform\""));
    let _ = project
        .try_plan()
        .ok()
        .says(&["The number of tasks changes from 9 to 2"]);
    project.apply().ok();
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 2);
    project.plans_nothing();
}

#[test]
fn settings_taken_out_of_the_configuration_go_back_to_their_defaults() {
    let scene = Scene::new();
    let rich = scene
        .native(&scene.v1)
        .deployment("{ strategy = \"all_at_once\", bake_time = \"2m\" }")
        .set("health_check_grace_period", "\"90s\"");
    let project = scene.stage.project(&rich.hcl());
    project.apply().ok();
    assert_eq!(
        scene.stage.service("main", "web")["healthCheckGracePeriodSeconds"],
        90
    );
    project.write("main.tf", &scene.native(&scene.v1).hcl());
    project.apply().ok();
    let service = scene.stage.service("main", "web");
    assert_eq!(service["healthCheckGracePeriodSeconds"], 0);
    assert_eq!(service["deploymentConfiguration"]["bakeTimeInMinutes"], 0);
    project.plans_nothing();
    assert_eq!(scene.stage.deployments("main", "web").len(), 1);
}

#[test]
fn a_revision_rolled_out_by_someone_else_is_shown() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    update(&scene, json!({ "taskDefinition": v2 }));
    scene.stage.advance(std::time::Duration::from_secs(3600));
    let _ = project.try_plan().ok().says(&[
        "Service `web` has drifted: 1 major difference",
        "It came with the deployment at",
        "service.task-definition",
    ]);
    assert_eq!(
        project
            .plan()
            .only(APP, &["update"])
            .after(APP, "will_deploy"),
        true
    );
}

#[test]
fn changed_tags_are_shown_and_put_right() {
    let scene = Scene::new();
    let service = scene
        .native(&scene.v1)
        .set("tags", "{ Team = \"web\" }")
        .provider("default_tags = { Owner = \"platform\" }");
    let project = scene.stage.project(&service.hcl());
    project.apply().ok();
    project.plans_nothing();
    let arn = project.state(APP)["arn"].clone();
    scene.stage.call("ecs", "TagResource", json!({ "resourceArn": arn, "tags": [{ "key": "Team", "value": "else" }, { "key": "Stray", "value": "1" }] }));
    let _ = project
        .try_plan()
        .ok()
        .says(&["Service `web` has drifted: 2 minor differences"]);
    project.plan().only(APP, &["update"]);
    project.apply().ok();
    project.plans_nothing();
    let tags = scene.stage.service("main", "web")["tags"].clone();
    let mut tags: Vec<_> = tags
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| {
            format!(
                "{}={}",
                tag["key"].as_str().unwrap(),
                tag["value"].as_str().unwrap()
            )
        })
        .collect();
    tags.sort();
    assert_eq!(tags, ["Owner=platform", "Team=web"]);
}

#[test]
fn tags_of_others_are_left_alone_without_a_word() {
    let scene = Scene::new();
    let service = scene.native(&scene.v1).set("tags", "{ Team = \"web\" }");
    let ignoring = service
        .clone()
        .set("lifecycle", "{ ignore_changes = [tags] }");
    let project = scene.stage.project(&ignoring.hcl());
    project.apply().ok();
    let arn = project.state(APP)["arn"].clone();
    let cost = json!({ "resourceArn": arn, "tags": [{ "key": "Cost", "value": "7" }] });
    scene.stage.call("ecs", "TagResource", cost);
    let is_quiet = || {
        let run = project.try_plan().ok();
        assert!(run.words().contains("No changes."), "{}", run.text());
        assert!(!run.words().contains("drifted"), "{}", run.text());
    };
    is_quiet();

    let ignored = "ignore_tags {\n    keys = [\"Cost\"]\n  }";
    project.write("main.tf", &service.provider(ignored).hcl());
    is_quiet();
    project.apply().ok();
    let tags = scene.stage.service("main", "web")["tags"].to_string();
    assert!(tags.contains("\"Cost\""), "{tags}");
}

#[test]
fn a_service_deleted_outside_is_created_again() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    scene.stage.call(
        "ecs",
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    scene.stage.advance(std::time::Duration::from_secs(3600));
    project.plan().only(APP, &["create"]);
    project.apply().ok();
    project.plans_nothing();
}

#[test]
fn destroying_what_is_gone_already_succeeds() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    scene.stage.call(
        "ecs",
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    project
        .run(&[
            "destroy",
            "-refresh=false",
            "-auto-approve",
            "-input=false",
            "-no-color",
        ])
        .ok();
}

#[test]
fn refreshing_many_services_takes_few_calls() {
    let scene = Scene::new();
    let service = scene
        .native(&scene.v1)
        .set(
            "for_each",
            "toset([for number in range(40) : \"web-${number}\"])",
        )
        .set("name", "each.key")
        .set("desired_count", "0")
        .without_load_balancer()
        .deployment("{ strategy = \"rolling\" }");
    let project = scene.stage.project(&service.hcl());
    project.apply().ok();
    scene.stage.lab().clear_calls();
    project.plans_nothing();
    let calls = scene.stage.lab().calls().len();
    // One by one it would be at least 40; ten at once are four, and a busy machine lies between.
    assert!(calls < 40, "{calls}: {:?}", scene.stage.lab().call_counts());
}
