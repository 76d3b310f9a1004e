//! Who decides on the number of tasks and on what they run: every owner lets the others do their part.

use serde_json::{Value, json};
use switchyard_harness::{Plan, Project, Service};

use crate::{APP, Scene};

fn update(scene: &Scene, mut input: Value) {
    input["cluster"] = "main".into();
    input["service"] = "web".into();
    scene.stage.call("ecs", "UpdateService", input);
}

/// Somebody else deploys, and it ends well.
fn deploys_elsewhere(scene: &Scene, task_definition: &str) {
    update(scene, json!({ "taskDefinition": task_definition }));
    scene.stage.advance(std::time::Duration::from_secs(3600));
}

/// In place, and without a deployment.
#[track_caller]
fn only_settings(plan: Plan) {
    let plan = plan.only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), false, "{}", plan.run.text());
}

fn deployments(scene: &Scene) -> usize {
    scene.stage.deployments("main", "web").len()
}

/// Writes, plans, applies: in place, no deployment, and nothing left to do.
#[track_caller]
fn switches(scene: &Scene, project: &Project, service: &Service) {
    let before = deployments(scene);
    project.write("main.tf", &service.hcl());
    let plan = project.plan();
    if !plan.changes().is_empty() {
        only_settings(plan);
        project.apply().ok();
    }
    assert_eq!(deployments(scene), before);
    project.plans_nothing();
}

/// The image of the live revision.
fn image(scene: &Scene) -> Value {
    let name = scene.stage.service("main", "web")["taskDefinition"].clone();
    let answer = scene.stage.call(
        "ecs",
        "DescribeTaskDefinition",
        json!({ "taskDefinition": name }),
    );
    answer["taskDefinition"]["containerDefinitions"][0]["image"].clone()
}

/// Active revisions of the family, oldest first.
fn active(scene: &Scene) -> Vec<String> {
    let answer = scene.stage.call(
        "ecs",
        "ListTaskDefinitions",
        json!({ "familyPrefix": "web", "status": "ACTIVE" }),
    );
    let arns = answer["taskDefinitionArns"].as_array().unwrap().iter();
    arns.map(|arn| arn.as_str().unwrap().to_owned()).collect()
}

#[test]
fn within_its_bounds_the_count_is_anybodys_and_outside_it_is_put_right() {
    let scene = Scene::new();
    let bounded = scene
        .native(&scene.v1)
        .set("desired_count_owner", "\"bounded\"")
        .set("desired_count_bounds", "{ min = 2, max = 5 }");
    let project = scene.stage.project(&bounded.hcl());
    project.apply().ok();
    project.plans_nothing();
    for inside in [5, 3, 2] {
        update(&scene, json!({ "desiredCount": inside }));
        project.plans_nothing();
    }
    for (outside, bound) in [(9, 5), (0, 2)] {
        update(&scene, json!({ "desiredCount": outside }));
        let change = format!("from {outside} to {bound}");
        let plan = project.plan();
        let _ = plan.run.clone().says(&[&change]);
        only_settings(plan);
        project.apply().ok();
        assert_eq!(scene.stage.service("main", "web")["desiredCount"], bound);
        project.plans_nothing();
    }
    assert_eq!(deployments(&scene), 1);
}

#[test]
fn a_rollout_keeps_the_count_the_autoscaler_has_chosen() {
    let scene = Scene::new();
    for (owner, bounds) in [("autoscaler", ""), ("bounded", "{ min = 1, max = 6 }")] {
        let service = |task_definition: &str| {
            scene
                .native(task_definition)
                .set("desired_count_owner", &format!("{owner:?}"))
                .set("desired_count_bounds", bounds)
                .hcl()
        };
        let project = scene.stage.project(&service(&scene.v1));
        project.apply().ok();
        update(&scene, json!({ "desiredCount": 4 }));
        project.plans_nothing();
        let v2 = scene.stage.task_definition("web", "web:v2");
        project.write("main.tf", &service(&v2));
        project.apply().ok();
        assert_eq!(scene.stage.service("main", "web")["desiredCount"], 4);
        project.plans_nothing();
        project.destroy().ok();
    }
}

/// `task_definition_owner = "images"`, with this image of `app`.
fn by_image(service: &Service, image: &str) -> Service {
    service
        .clone()
        .set("task_definition_owner", "\"images\"")
        .set("images", &format!("{{ app = {image:?} }}"))
}

#[test]
fn a_changed_image_is_one_new_revision_and_a_rollout() {
    let scene = Scene::new();
    let service = scene.native(&scene.v1);
    let project = scene.stage.project(&by_image(&service, "web:v1").hcl());
    project.apply().ok();
    project.plans_nothing();
    // The given one stays as it is, and ours is a copy of it.
    assert_eq!(active(&scene).len(), 2);

    let free = service.set("task_definition", "");
    switches(&scene, &project, &by_image(&free, "web:v1"));
    for (rollouts, next) in [(2, "web:v2"), (3, "web:v3")] {
        let load = scene.stage.production_load(&scene.pair, 2);
        project.write("main.tf", &by_image(&free, next).hcl());
        let plan = project.plan().only(APP, &["update"]);
        assert_eq!(plan.after(APP, "will_deploy"), true);
        project.apply().ok();
        let report = load.stop(1);
        assert_eq!(report.failed(), 0, "{:?}", report.failures);
        assert_eq!(image(&scene), next);
        assert_eq!(active(&scene).len(), rollouts + 1, "one revision a change");
        assert_eq!(deployments(&scene), rollouts);
        project.plans_nothing();
    }
}

#[test]
fn what_ci_adds_to_container_definitions_is_no_change_of_an_image() {
    let scene = Scene::new();
    let service = scene.native(&scene.v1).set("task_definition", "");
    let first = by_image(&scene.native(&scene.v1), "web:v1");
    let project = scene.stage.project(&first.hcl());
    project.apply().ok();
    project.write("main.tf", &by_image(&service, "web:v1").hcl());
    project.apply().ok();
    // The same image, and a container definition that a pipeline has written its own way.
    let noisy = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
            "containerDefinitions": [{
                "name": "app", "image": "web:v1", "essential": true, "cpu": 0, "command": [], "mountPoints": [],
                "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "1" }],
                "portMappings": [{ "containerPort": 8080, "hostPort": 8080, "protocol": "tcp" }],
            }],
        }),
    );
    let noisy = noisy["taskDefinition"]["taskDefinitionArn"]
        .as_str()
        .unwrap();
    deploys_elsewhere(&scene, noisy);
    project.plans_nothing();
    // The next image keeps what the pipeline has written.
    project.write("main.tf", &by_image(&service, "web:v2").hcl());
    project.apply().ok();
    let live = scene.stage.service("main", "web")["taskDefinition"].clone();
    let answer = scene.stage.call(
        "ecs",
        "DescribeTaskDefinition",
        json!({ "taskDefinition": live }),
    );
    let container = &answer["taskDefinition"]["containerDefinitions"][0];
    assert_eq!(container["image"], "web:v2");
    assert_eq!(container["environment"].as_array().map(Vec::len), Some(2));
    project.plans_nothing();
}

#[test]
fn an_image_deployed_by_ci_is_shown_and_put_right_by_the_image_alone() {
    let scene = Scene::new();
    let project = scene
        .stage
        .project(&by_image(&scene.native(&scene.v1), "web:v1").hcl());
    project.apply().ok();
    let free = by_image(
        &scene.native(&scene.v1).set("task_definition", ""),
        "web:v1",
    );
    project.write("main.tf", &free.hcl());
    project.apply().ok();
    deploys_elsewhere(&scene, &scene.stage.task_definition("web", "web:v9"));
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), true);
    project.apply().ok();
    assert_eq!(image(&scene), "web:v1");
    project.plans_nothing();
}

#[test]
fn with_an_external_owner_ci_deploys_and_settings_leave_it_alone() {
    let scene = Scene::new();
    let owned = scene
        .native(&scene.v1)
        .set("task_definition_owner", "\"external\"");
    let project = scene.stage.project(&owned.hcl());
    project.apply().ok();
    project.plans_nothing();
    let v2 = scene.with_task_role(&scene.stage.task_definition("web", "web:v2"));
    let load = scene.stage.production_load(&scene.pair, 2);
    deploys_elsewhere(&scene, &v2);
    project.plans_nothing();
    let changed = owned
        .clone()
        .set("desired_count", "3")
        .set("enable_execute_command", "true");
    switches(&scene, &project, &changed);
    assert_eq!(scene.stage.service("main", "web")["taskDefinition"], v2);
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 3);
    // The revision it started with can be forgotten.
    switches(&scene, &project, &changed.set("task_definition", ""));
    assert_eq!(project.state(APP)["task_definition"], v2);
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(deployments(&scene), 2, "the first one, and CI's");
}

/// Each change of an owner is in place and deploys nothing; in the end nothing is left to do.
fn each_follows_the_other(owned: impl Fn(&Scene, &str) -> Service, owners: &[&str]) {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    for owner in owners {
        project.write("main.tf", &owned(&scene, owner).hcl());
        only_settings(project.plan());
        project.apply().ok();
    }
    project.plans_nothing();
    assert_eq!(deployments(&scene), 1);
    let active = active(&scene);
    assert!(
        active.iter().eq([&scene.v1]),
        "something was registered: {active:?}"
    );
}

#[test]
fn every_owner_of_the_count_follows_every_other_in_place() {
    let owned = |scene: &Scene, owner: &str| {
        let service = scene
            .native(&scene.v1)
            .set("desired_count_owner", &format!("{owner:?}"));
        match owner {
            "bounded" => service.set("desired_count_bounds", "{ min = 1, max = 4 }"),
            _ => service,
        }
    };
    each_follows_the_other(
        owned,
        &[
            "autoscaler",
            "bounded",
            "terraform",
            "bounded",
            "autoscaler",
            "terraform",
        ],
    );
}

#[test]
fn every_owner_of_the_task_definition_follows_every_other_in_place() {
    let owned = |scene: &Scene, owner: &str| match owner {
        "images" => by_image(&scene.native(&scene.v1), "web:v1"),
        _ => scene
            .native(&scene.v1)
            .set("task_definition_owner", &format!("{owner:?}")),
    };
    each_follows_the_other(
        owned,
        &[
            "images",
            "external",
            "terraform",
            "external",
            "images",
            "terraform",
        ],
    );
}

#[test]
fn exactly_the_promised_revisions_are_kept() {
    let scene = Scene::new();
    let free = scene
        .native(&scene.v1)
        .set("task_definition", "")
        .set("revision_retention", "2");
    let first = by_image(
        &scene.native(&scene.v1).set("revision_retention", "2"),
        "web:v1",
    );
    let project = scene.stage.project(&first.hcl());
    project.apply().ok();
    for number in 2..=6 {
        project.write("main.tf", &by_image(&free, &format!("web:v{number}")).hcl());
        project.apply().ok();
    }
    project.plans_nothing();
    let kept = active(&scene);
    let live = scene.stage.service("main", "web")["taskDefinition"].clone();
    assert!(kept.iter().any(|arn| live == arn.as_str()), "{kept:?}");
    let numbers: Vec<_> = kept
        .iter()
        .map(|arn| arn.rsplit(':').next().unwrap())
        .collect();
    // The live and the previous one, and the first, which was not ours to take away.
    assert_eq!(numbers, ["1", "6", "7"]);
}
