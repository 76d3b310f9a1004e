//! A task that runs before a new revision, with the real Terraform.

use serde_json::{Value, json};

use crate::permissions::{self, MIGRATION, each_was_needed};
use crate::{APP, Scene};

/// A definition in the family of the service whose container does what its tag says, and writes logs.
fn definition(scene: &Scene, tag: &str) -> String {
    let registered = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/task-execution",
            "containerDefinitions": [{
                "name": "app", "image": format!("web:{tag}"), "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web",
                } },
            }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.expect("ECS names what it registered").to_owned()
}

fn migration(definition: &str, trigger: &str) -> String {
    format!(
        "resource \"switchyard_migration_task\" \"schema\" {{\n  name            = \"web-schema\"\n  \
         cluster         = \"main\"\n  task_definition = {definition:?}\n  command         = [\"migrate\", \"up\"]\n  \
         launch_type     = \"FARGATE\"\n  timeout         = \"10m\"\n  triggers        = {{ release = {trigger:?} }}\n\n  \
         network_configuration {{\n    subnets = [\"subnet-0a0a0a0a0a0a0a0a0\"]\n  }}\n}}\n"
    )
}

/// Started tasks of the migration, the oldest first.
fn tasks(scene: &Scene) -> Vec<Value> {
    let calls = scene.stage.lab().calls().into_iter();
    calls
        .filter(|call| call.operation == "RunTask" && call.error.is_none())
        .map(|call| json!(call.operation))
        .collect()
}

#[test]
fn it_runs_before_the_service_and_leaves_it_alone_when_it_fails() {
    let scene = Scene::new();
    let works = definition(&scene, "v1--exit-0-after-60s");
    let both = |service: &str, migration: &str| {
        let service = scene
            .native(service)
            .set("depends_on", "[switchyard_migration_task.schema]");
        format!("{}\n{migration}", service.hcl())
    };
    let project = scene
        .stage
        .project(&both(&scene.v1, &migration(&works, "one")));
    let plan = project.plan();
    let _ = plan.run.says(&["2 to add"]);
    assert!(tasks(&scene).is_empty(), "a plan runs nothing");
    project.apply().ok();
    assert_eq!(tasks(&scene).len(), 1);
    project.plans_nothing();
    let state = project.state("switchyard_migration_task.schema");
    assert_eq!(state["id"], "main/web-schema");

    // The next release: its migration fails, and production stays where it is.
    let v2 = scene.stage.task_definition("web", "web:v2");
    let broken = definition(&scene, "v2--exit-3-after-20s");
    project.write("main.tf", &both(&v2, &migration(&broken, "two")));
    let _ = project
        .apply()
        .fails_saying(&["Migration `web-schema` failed: exit code 3", "SY0280"]);
    assert_eq!(project.state(APP)["live_task_definition"], scene.v1);

    project.write("main.tf", &both(&v2, &migration(&works, "two")));
    project.apply().ok();
    assert_eq!(project.state(APP)["live_task_definition"], v2);
    assert_eq!(tasks(&scene).len(), 3);
    project.plans_nothing();
    project.destroy().ok();
    assert_eq!(tasks(&scene).len(), 3, "a destroy runs nothing");
}

#[test]
fn the_policy_of_the_guide_is_enough() {
    let scene = Scene::new();
    permissions::restrict(&scene, &[MIGRATION]);
    let header = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";
    let with = |tag: &str, trigger: &str| {
        let tags = "  tags = { team = \"shop\" }\n}\n";
        let text = migration(&definition(&scene, tag), trigger);
        let open = text.strip_suffix("}\n").expect("a block is closed");
        format!("{header}{open}{tags}")
    };
    let project = scene.stage.project(&with("v1--exit-0", "one"));
    project.apply().ok();
    project.write("main.tf", &with("v2--exit-3", "two"));
    let _ = project.apply().fails_saying(&["exit code 3"]);
    project.write("main.tf", &with("v3", "three"));
    let _ = project.apply().fails_saying(&["took longer than 10m"]);
    project.destroy().ok();
    // Roles are those of the definition, which the request does not name: the lab does not look them up.
    each_was_needed(&scene, MIGRATION, &["iam:PassRole"]);
}
