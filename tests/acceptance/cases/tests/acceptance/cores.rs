//! One story in two parts on every Terraform core from the oldest promised to the newest. The oldest and the newest always run; the
//! others with `make test-cores`.

use std::process::Command;

use serde_json::Value;
use switchyard_harness::{Core, Project, Service, Stage, Terraform, skip};

use crate::adoption::{await_version_one, created_by_aws, moved};
use crate::aws_provider::{project, with};
use crate::gate::switchyard;
use crate::rollout::Controller;
use crate::scenarios::scenario;
use crate::{APP, Scene};

const OURS: &str = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";

/// The core as a command line; `None` when it cannot be had here, which is written down.
fn core(case: &str, core: Core) -> Option<Terraform> {
    match core.binary() {
        Ok(binary) => Some(Terraform::find().with_binary(binary)),
        Err(reason) => {
            skip(case, &format!("Terraform {}: {reason}", core.name()));
            None
        }
    }
}

/// Plays a part of the story on a lab of its own.
pub(crate) fn play(part: &str, version: Core, story: fn(&Scene, Core)) {
    let case = format!("cores: {part} on Terraform {}", version.name());
    if let Some(terraform) = core(&case, version) {
        let stage = Stage::new().with_terraform(terraform);
        story(&Scene::on(stage), version);
    }
}

/// A data source whose provider gets its region from an object that is made in the same apply.
fn read_late(scene: &Scene) {
    let main = |waits: &str| {
        format!(
            "{OURS}\nresource \"terraform_data\" \"region\" {{\n  input = \"eu-west-1\"\n}}\n\nprovider \"switchyard\" {{\n  \
             region = terraform_data.region.output\n}}\n\ndata \"switchyard_deployment_snapshots\" \"web\" {{\n  cluster = \
             \"main\"\n  service = \"web\"\n  folder = \"snapshots\"\n{waits}}}\n"
        )
    };
    let project = scene.stage.project(&main(""));
    let _ = project.try_plan().fails_saying(&[
        "cannot be read before the provider is configured",
        "`region`",
    ]);
    project.write("main.tf", &main("  depends_on = [terraform_data.region]\n"));
    project.apply().ok();
    let _ = project.plan().is_empty();
}

/// The README's scenario: made, changed, broken, refreshed, tested, destroyed; each plan is one that can be read.
fn quickstart(scene: &Scene, version: Core) {
    let project = project(&scene.stage, &scenario("quickstart"));
    let first = plan(scene, &project, "image=shop:v1");
    first.says(&format!("{APP} will be created"));
    first.says("0 to change, 0 to destroy.");
    assert_eq!(first.gate, 0, "{}", first.judged);
    project.run(&["apply", "-no-color", "the.plan"]).ok();
    // hashicorp/aws sees what was attached to the roles of the same apply only now.
    with(&project, "apply", "image=shop:v1").ok();
    with(&project, "plan", "image=shop:v1").ok();

    let change = plan(scene, &project, "image=shop:v2");
    change.says(&format!("{APP} will be updated in-place"));
    assert_eq!(change.gate, 0, "{}", change.judged);
    project.run(&["apply", "-no-color", "the.plan"]).ok();
    with(&project, "plan", "image=shop:v2").ok();
    let live = project.state(APP)["task_definition"].clone();

    // What would take the running service away is seen.
    let other = plan(scene, &project, "name=elsewhere");
    other.says(&format!("{APP} must be replaced"));
    assert_eq!(
        other.actions(APP),
        serde_json::json!(["delete", "create"]),
        "{}",
        other.text
    );

    let _ = with(&project, "apply", "image=shop:v3--crash").fails_saying(&["is live"]);
    assert_eq!(project.state(APP)["task_definition"], live);
    with(&project, "apply", "image=shop:v2").ok();
    with(&project, "plan", "image=shop:v2").ok();

    let input =
        serde_json::json!({ "cluster": "quickstart", "service": "quickstart", "desiredCount": 3 });
    scene.stage.call("ecs", "UpdateService", input);
    let refresh = [
        "-refresh-only",
        "-input=false",
        "-no-color",
        "-var",
        "image=shop:v2",
    ];
    let seen = project.run(&[&["plan"], &refresh[..]].concat()).ok();
    let _ = seen.says(&["desired_count", "2 -> 3"]);
    project
        .run(&[&["apply", "-auto-approve"], &refresh[..]].concat())
        .ok();
    assert_eq!(project.state(APP)["desired_count"], 3);

    tested(&project, version);
    with(&project, "destroy", "image=shop:v2").ok();
}

/// `terraform test`, which shows its plans with `-verbose`.
fn tested(project: &Project, version: Core) {
    let test = format!(
        "run \"plans\" {{\n  command = plan\n\n  variables {{\n    name = \"tested\"\n  }}\n\n  assert {{\n    condition     \
         = {APP}.will_deploy\n    error_message = \"A new service is deployed.\"\n  }}\n}}\n"
    );
    project.write("tests/story.tftest.hcl", &test);
    let run = project.run(&["test", "-no-color", "-verbose"]).ok();
    let _ = run.says(&[&format!("{APP} will be created"), "1 passed, 0 failed."]);
    // Mocked providers came with 1.7.
    if version.since(1, 7) {
        let offline = Stage::new().with_terraform(project.terraform().clone());
        crate::modules::passes_its_own_tests(&offline, "codedeploy");
    }
}

/// A service of hashicorp/aws with nothing but defaults is taken over, imported in each way, and let go.
fn taken_over(scene: &Scene, version: Core) {
    let ours = Controller::Rolling
        .service(scene, &scene.v1)
        .deployment("{ strategy = \"rolling\" }");
    let first = created_by_aws(scene, "ECS");
    await_version_one(scene);
    if version.since(1, 8) {
        first.write("main.tf", &moved(&ours));
        let _ = first.plan().is_empty();
        let run = first.apply().ok();
        let _ = run.says(&["0 added, 0 changed, 0 destroyed"]);
        first.write("main.tf", &ours.hcl());
        let _ = first.plan().is_empty();
    }
    let last = imported(scene, version, &ours);
    let_go(&first, version, &ours);
    last.destroy().ok();
    read_late(scene);
}

/// Every way to import; the project of the last one.
fn imported(scene: &Scene, version: Core, ours: &Service) -> Project {
    let block = |how: &str| format!("\nimport {{\n  to = {APP}\n  {how}\n}}\n");
    let by_id = block("id = \"main/web\"");
    let mut ways = vec![ours.hcl() + &by_id];
    if version.since(1, 12) {
        ways.push(
            ours.hcl() + &block("identity = {\n    cluster = \"main\"\n    name    = \"web\"\n  }"),
        );
    }
    for way in ways {
        let project = scene.stage.project(&way);
        let plan = project.plan().is_empty();
        let _ = plan
            .run
            .says(&["1 to import, 0 to add, 0 to change, 0 to destroy."]);
        project.apply().ok();
        let _ = project.plan().is_empty();
    }
    let project = scene.stage.project(&(OURS.to_owned() + &by_id));
    // Terraform 1.6 itself falls over a nested attribute that is computed.
    if version.since(1, 7) {
        let run = project.run(&[
            "plan",
            "-input=false",
            "-no-color",
            "-generate-config-out=generated.tf",
        ]);
        let _ = run
            .ok()
            .says(&["1 to import, 0 to add, 0 to change, 0 to destroy."]);
    } else {
        project.write("main.tf", &(ours.hcl() + &by_id));
    }
    project.apply().ok();
    let _ = project.plan().is_empty();
    project
}

/// The state forgets the service, which stays.
fn let_go(first: &Project, version: Core, ours: &Service) {
    if version.since(1, 8) {
        let removed = format!(
            "{OURS}\nremoved {{\n  from = {APP}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
        );
        first.write("main.tf", &removed);
        let run = first.apply().ok();
        let _ = run.says(&["will no longer be managed by Terraform"]);
    } else {
        // Another type of object can be moved since 1.8, a block lets go of one since 1.7.
        first.run(&["state", "rm", "aws_ecs_service.app"]).ok();
        first.write("main.tf", &ours.hcl());
    }
    assert_eq!(first.state(APP), Value::Null);
}

/// A saved plan: what it says, as text and as data, and what the gate makes of it.
struct Shown {
    text: String,
    json: Value,
    gate: i32,
    judged: String,
}

impl Shown {
    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.text.contains(words), "no {words:?} in\n{}", self.text);
    }

    fn actions(&self, address: &str) -> Value {
        let changes = self.json["resource_changes"]
            .as_array()
            .into_iter()
            .flatten();
        let mut found = changes.filter(|change| change["address"] == address);
        found
            .next()
            .map_or(Value::Null, |change| change["change"]["actions"].clone())
    }
}

fn plan(scene: &Scene, project: &Project, variable: &str) -> Shown {
    let options = [
        "plan",
        "-input=false",
        "-no-color",
        "-out=the.plan",
        "-var",
        variable,
    ];
    let run = project.run(&options).ok();
    let json = project.run(&["show", "-json", "the.plan"]).ok().stdout;
    let file = project.scratch().join("plan.json");
    std::fs::write(&file, &json).unwrap();
    let judged = Command::new(switchyard(scene.stage.terraform().provider()))
        .arg("gate")
        .arg(&file)
        .output()
        .unwrap();
    Shown {
        text: run.text(),
        json: serde_json::from_str(&json).unwrap(),
        gate: judged.status.code().unwrap_or(-1),
        judged: String::from_utf8_lossy(&[judged.stdout, judged.stderr].concat()).into_owned(),
    }
}

/// The parts of the story on each core.
macro_rules! on {
    ($($name:ident: $minor:literal $(, $when:meta)?;)*) => {$(
        mod $name {
            use super::{Core, play, quickstart, taken_over};

            #[test]
            $(#[$when])?
            fn quickstart_is_made_changed_broken_tested_and_destroyed() {
                play("quickstart", Core::of(1, $minor), quickstart);
            }

            #[test]
            $(#[$when])?
            fn a_service_is_moved_imported_and_let_go() {
                play("taking over", Core::of(1, $minor), taken_over);
            }
        }
    )*};
}

on! {
    oldest: 6;
    terraform_1_8: 8, ignore = "make test-cores";
    terraform_1_9: 9, ignore = "make test-cores";
    terraform_1_10: 10, ignore = "make test-cores";
    terraform_1_11: 11, ignore = "make test-cores";
    terraform_1_12: 12, ignore = "make test-cores";
    terraform_1_13: 13, ignore = "make test-cores";
    terraform_1_14: 14, ignore = "make test-cores";
    newest: 15;
}

#[test]
fn a_state_moves_up_and_down_between_the_oldest_and_the_newest_core() {
    let case = "cores: the state between cores";
    let both = [Core::of(1, 6), Core::of(1, 15)].map(|version| core(case, version));
    let [Some(oldest), Some(newest)] = both else {
        return;
    };
    let scene = Scene::on(Stage::new().with_terraform(oldest.clone()));
    let mut project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    for (terraform, image) in [
        (&newest, "web:v2"),
        (&oldest, "web:v3"),
        (&newest, "web:v4"),
    ] {
        project.go_on_with(terraform);
        let _ = project.plan().is_empty();
        let next = scene.stage.task_definition("web", image);
        project.write("main.tf", &scene.native(&next).hcl());
        project.apply().ok();
        assert_eq!(project.state(APP)["task_definition"], next);
    }
    project.go_on_with(&oldest);
    let _ = project.plan().is_empty();
    project.destroy().ok();
}
