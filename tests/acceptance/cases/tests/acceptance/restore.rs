//! A service takes snapshots of itself and goes back to one, as a plan.

use serde_json::Value;

use crate::{APP, CANARY, Scene};

#[test]
fn a_service_goes_back_to_what_it_ran_and_forward_again() {
    let scene = Scene::new();
    let service = |task_definition: &str, restore: Option<&str>| {
        let service = scene
            .native(task_definition)
            .deployment(CANARY)
            .set("snapshots", "{ folder = \"snapshots\" }");
        match restore {
            Some(id) => service.set("restore_snapshot", &format!("{id:?}")),
            None => service,
        }
        .hcl()
    };
    let project = scene.stage.project(&service(&scene.v1, None));
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &service(&v2, None));
    project.apply().ok();
    project.plans_nothing();
    let taken = project.state(APP)["last_snapshots"].clone();
    let id = taken["before"].as_str().unwrap().to_owned();
    assert!(
        project
            .folder()
            .join(format!(
                "snapshots/main/web/123456789012/eu-west-1/{id}.json"
            ))
            .is_file()
    );
    assert_ne!(taken["after"], Value::Null);

    project.write("main.tf", &service(&v2, Some(&id)));
    let plan = project.plan().only(APP, &["update"]);
    assert_eq!(plan.after(APP, "will_deploy"), true);
    let _ = project.try_plan().says(&[
        &format!("Service `web` returns to snapshot `{id}`"),
        "What changes:",
        "web:v1",
    ]);
    let load = scene.stage.production_load(&scene.pair, 2);
    project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{report:?}");
    assert_eq!(
        scene.stage.service("main", "web")["taskDefinition"],
        scene.v1
    );
    project.plans_nothing();
    assert!(
        project
            .folder()
            .join(format!(
                "snapshots/main/web/123456789012/eu-west-1/{id}.pin"
            ))
            .is_file()
    );

    // A damaged snapshot is no reason to touch a service that runs from it.
    let name = format!("snapshots/main/web/123456789012/eu-west-1/{id}.json");
    project.write(&name, "{");
    project.plans_nothing();

    project.write("main.tf", &service(&v2, None));
    project.apply().ok();
    assert_eq!(scene.stage.service("main", "web")["taskDefinition"], v2);
    assert!(
        !project
            .folder()
            .join(format!(
                "snapshots/main/web/123456789012/eu-west-1/{id}.pin"
            ))
            .exists()
    );
    project.write("main.tf", &service(&v2, Some(&id)));
    let _ = project
        .try_plan()
        .fails_saying(&["cannot be used", "SY0232"]);
    project.write("main.tf", &service(&v2, None));
    project.destroy().ok();
}
