//! What people on call do, with the real `switchyard` and the real `terraform` beside it.

mod explaining;
mod night;
mod terminal;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use switchyard_harness::{Held, Project, Run, Running};

use crate::gate::switchyard;
use crate::{APP, Scene, permissions};

const APPLY: [&str; 4] = ["apply", "-auto-approve", "-input=false", "-no-color"];

/// Looks in a row until something that takes no time has happened.
const PATIENCE: u32 = 1_000_000;

/// A canary that waits long enough to be looked at.
const SLOW: &str = "{ strategy = \"canary\", canary = { percent = 10, interval = \"10m\" } }";

/// The same, once a person has approved.
const APPROVED: &str = "{\n    strategy = \"all_at_once\"\n    approval {\n      stages = [\"POST_SCALE_UP\"]\n    }\n  }";

fn program(scene: &Scene) -> PathBuf {
    switchyard(scene.stage.terraform().provider())
}

/// The command as whoever works in this scene calls it.
pub(crate) fn command(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = Command::new(program(scene));
    command
        .args(arguments)
        .env_clear()
        .envs(scene.stage.environment())
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null());
    command
}

pub(crate) fn run(scene: &Scene, arguments: &[&str]) -> Run {
    run_in(command(scene, arguments), arguments)
}

pub(crate) fn run_in(mut command: Command, arguments: &[&str]) -> Run {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run {
        command: format!("switchyard {}", arguments.join(" ")),
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs it for the service `web`.
fn web(scene: &Scene, verb: &str, more: &[&str]) -> Run {
    let arguments: Vec<&str> = [verb, "web", "--cluster", "main"]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    run(scene, &arguments)
}

#[track_caller]
fn document(run: Run) -> Value {
    let run = run.ok();
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

/// The newest deployment, whole.
fn newest(scene: &Scene) -> Value {
    let Some(listed) = scene.stage.deployments("main", "web").into_iter().next() else {
        return Value::Null;
    };
    let answer = scene.stage.call(
        "ecs",
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": [listed["serviceDeploymentArn"]] }),
    );
    answer["serviceDeployments"][0].clone()
}

fn weight(scene: &Scene) -> Option<f64> {
    newest(scene)["targetServiceRevision"]["requestedProductionTrafficWeight"].as_f64()
}

fn is_paused(scene: &Scene) -> bool {
    let newest = newest(scene);
    let hooks = newest["lifecycleHookDetails"].as_array();
    let mut hooks = hooks.into_iter().flatten();
    hooks.any(|hook| hook["status"] == "AWAITING_ACTION")
}

/// v1 is live, deployed by an apply with these settings.
fn live(deployment: &str) -> (Scene, Project) {
    let scene = Scene::new();
    let service = scene.native(&scene.v1).deployment(deployment);
    let first = scene
        .native(&scene.v1)
        .deployment("{ strategy = \"all_at_once\" }");
    let project = scene.stage.project(&first.hcl());
    project.apply().ok();
    project.write("main.tf", &service.hcl());
    project.apply().ok();
    (scene, project)
}

/// An apply deploys v2 and has come to where `is_so`; time is held.
fn under_way(deployment: &str, is_so: impl Fn(&Scene) -> bool) -> (Scene, Project, Running, Held) {
    let (scene, project) = live(deployment);
    let v2 = scene.stage.task_definition("web", "web:v2");
    let service = scene.native(&v2).deployment(deployment);
    project.write("main.tf", &service.hcl());
    let mut running = project.start(&APPLY);
    running.wait_for("Modifying...");
    let held = scene.stage.hold_when(|| is_so(&scene));
    (scene, project, running, held)
}

/// Somebody deploys v2 without an apply, and it has come to 10 percent.
fn deployed_by_hand(scene: &Scene) -> String {
    let v2 = scene.stage.task_definition("web", "web:v2");
    scene.stage.call(
        "ecs",
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": v2 }),
    );
    scene.stage.pass_until(|| weight(scene) == Some(10.0));
    v2
}

/// What differs from run to run becomes a word.
fn masked(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.split(' ').map(|word| {
            let bare = word.trim_matches(['(', ')', ',', ';', '.']);
            let is_time = bare.len() == 20 && bare.ends_with('Z') && bare.starts_with("20");
            let is_span = bare.ends_with(['s', 'm', 'h'])
                && bare
                    .chars()
                    .next()
                    .is_some_and(|first| first.is_ascii_digit());
            match bare {
                _ if is_time => word.replace(bare, "TIME"),
                _ if is_span => word.replace(bare, "SPAN"),
                _ if bare.starts_with("arn:") => "ARN".to_owned(),
                _ => word.to_owned(),
            }
        });
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

#[test]
fn a_service_is_looked_at_and_taken_back_while_an_apply_deploys_it() {
    let (scene, project, running, held) = under_way(SLOW, |scene| weight(scene) == Some(10.0));
    let text = masked(&web(&scene, "status", &[]).ok().stdout);
    let expected = "\
web in cluster main (eu-west-1): deploying
  deployment  to web:2, IN_PROGRESS at PRODUCTION_TRAFFIC_SHIFT, since TIME (SPAN), started by an apply
              ARN
  side  revision  traffic  tasks  healthy  target group  image
  live  web:1     90 %     2/2    2/2      web-blue      web:v1
  new   web:2     10 %     2/2    2/2      web-green     web:v2
  last        web:1 SUCCESSFUL at TIME, after SPAN";
    assert_eq!(text, expected);
    let found = document(web(&scene, "status", &["--output", "json"]));
    assert_eq!(found["format"], "switchyard.status");
    let service = &found["services"][0];
    assert_eq!(service["deployment"]["started_by_switchyard"], true);
    let members: BTreeSet<&str> = service
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let documented = include_str!("../../../../../docs/commands/status.md");
    for member in members {
        assert!(
            documented.contains(&format!("| `{member}`")),
            "docs/commands/status.md lacks {member}"
        );
    }

    let dry = web(&scene, "rollback", &["--dry-run"]).ok();
    assert!(
        dry.stdout.ends_with("Nothing was changed.\n"),
        "{}",
        dry.stdout
    );
    assert_eq!(newest(&scene)["status"], "IN_PROGRESS");
    drop(held);
    let back = web(&scene, "rollback", &["--yes", "--reason", "errors"]).ok();
    assert!(
        back.stdout
            .ends_with("`web` is rolled back: web:1 is live.\n"),
        "{}",
        back.stdout
    );
    // The apply tells the truth, and what was recorded is no drift.
    running.finish().fails_saying(&["SY0201", "web:1"]);
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
    project.write("main.tf", &scene.native(&scene.v1).deployment(SLOW).hcl());
    project.plans_nothing();
    let text = web(&scene, "status", &[]).ok().stdout;
    assert!(
        text.contains("rolled back deployment to web:2: errors\n"),
        "{text}"
    );
}

#[test]
fn a_person_approves_and_the_apply_succeeds() {
    let (scene, project, running, held) = under_way(APPROVED, is_paused);
    let text = web(&scene, "status", &[]).ok().stdout;
    assert!(
        text.contains("at a pause, for an approval or for the apply to continue it"),
        "{text}"
    );
    let refused = web(&scene, "approve", &[]);
    assert_eq!(refused.code, 1);
    assert_eq!(
        refused.stderr,
        "Nothing was changed: nobody can be asked here. Add `--yes` to confirm.\n"
    );
    assert!(is_paused(&scene));
    web(&scene, "approve", &["--yes", "--reason", "looks good"]).ok();
    drop(held);
    running.finish().ok();
    project.plans_nothing();
    let again = web(&scene, "approve", &["--yes"]);
    assert_eq!(again.code, 2, "{}", again.text());
}

#[test]
fn a_rejected_deployment_is_rolled_back_and_the_apply_says_so() {
    let (scene, project, running, held) = under_way(APPROVED, is_paused);
    let rejected = document(web(&scene, "reject", &["--yes", "--output", "json"]));
    assert_eq!(rejected["action"], "rejected");
    drop(held);
    running.finish().fails_saying(&["SY0201"]);
    assert_eq!(project.state(APP)["task_definition"], scene.v1);
}

#[test]
fn without_a_deployment_the_revision_before_is_live_again_and_terraform_sees_it() {
    let (scene, project) = live(SLOW);
    let v2 = scene.stage.task_definition("web", "web:v2");
    let second = scene.native(&v2).deployment(SLOW);
    project.write("main.tf", &second.hcl());
    project.apply().ok();
    let dry = web(&scene, "rollback", &["--dry-run"]).ok().stdout;
    let expected = "\
`web` goes back from web:2 to web:1, all at once and without a bake time; its strategy (CANARY) stays as it is.
  image of app: web:v2 -> web:v1
Nothing was changed.
";
    assert_eq!(dry, expected);
    let back = web(&scene, "rollback", &["--yes"]).ok();
    assert!(
        back.stdout
            .contains("`web` is rolled back: web:1 is live.\n"),
        "{}",
        back.stdout
    );
    let plan = project.plan();
    assert_eq!(
        plan.changes().len(),
        1,
        "the configuration still says web:2"
    );
    // The strategy, the tags and everything else are as configured.
    project.write("main.tf", &scene.native(&scene.v1).deployment(SLOW).hcl());
    let plan = project.plan();
    assert!(
        plan.changes().is_empty() || plan.run.text().contains("task_definition"),
        "{}",
        plan.run.text()
    );
    project.apply().ok();
    project.plans_nothing();
}

#[test]
fn a_killed_rollback_leaves_nothing_half_done() {
    let (scene, project) = live(SLOW);
    let v2 = deployed_by_hand(&scene);
    // Time stands still until it has called.
    let held = scene.stage.hold_when(|| true);
    let mut killed = started(&scene, &["rollback", "web", "--cluster", "main", "--yes"]);
    let asked = (0..PATIENCE).any(|_| {
        std::thread::yield_now();
        newest(&scene)["status"] != "IN_PROGRESS" || killed.try_wait().unwrap().is_some()
    });
    assert!(asked, "it never called");
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_ne!(newest(&scene)["status"], "IN_PROGRESS");
    drop(held);
    let again = web(&scene, "rollback", &["--yes"]);
    // ECS carries it out alone; whoever asks again follows it, or finds that it has ended.
    assert!([0, 2].contains(&again.code), "{}", again.text());
    scene
        .stage
        .pass_until(|| newest(&scene)["status"] == "ROLLBACK_SUCCESSFUL");
    let found = document(web(&scene, "status", &["--output", "json"]));
    assert_eq!(
        found["services"][0]["sides"][0]["revision"], "web:1",
        "{v2}"
    );
    project.plans_nothing();
}

fn started(scene: &Scene, arguments: &[&str]) -> Child {
    let mut command = command(scene, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn what_is_wrong_is_one_clear_sentence() {
    let (scene, _project) = live("{ strategy = \"all_at_once\" }");
    let said = |arguments: &[&str]| {
        let run = run(&scene, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.text());
        run.stderr
    };
    assert_eq!(
        said(&["status", "wbe", "--cluster", "main"]),
        "There is no service `wbe` in cluster `main` in eu-west-1. Did you mean `web`?\n"
    );
    assert_eq!(
        said(&["status", "web", "--cluster", "mian"]),
        "There is no cluster `mian` in eu-west-1. Did you mean `main`? For a different region, use `--region`.\n"
    );
    assert_eq!(
        said(&[
            "status",
            "web",
            "--cluster",
            "main",
            "--region",
            "us-east-1"
        ]),
        "There is no cluster `main` in us-east-1. There are no clusters in us-east-1 for these credentials: check the \
         region (`--region`) and the account.\n"
    );
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/main/web";
    assert_eq!(
        said(&["status", arn, "--region", "us-east-1"]),
        "The ARN is in region eu-west-1, and `--region` is us-east-1. Nothing was read. Remove `--region`, or correct \
         the ARN.\n"
    );
    let without = |name: &str| {
        let arguments = ["status", "web", "--cluster", "main"];
        let mut command = command(&scene, &arguments);
        command.env_remove(name);
        run_in(command, &arguments)
    };
    let none = without("AWS_ACCESS_KEY_ID");
    assert_eq!(none.code, 1);
    assert!(
        none.stderr
            .starts_with("No usable AWS credentials. Checked: "),
        "{}",
        none.stderr
    );
    assert_eq!(none.stderr.lines().count(), 1, "{}", none.stderr);
    let none = without("AWS_REGION");
    assert_eq!(
        none.stderr,
        "No AWS region is set. Use `--region`, or set AWS_REGION or `region` in the profile.\n"
    );
    // An ARN says it.
    let mut command = command(&scene, &["status", arn]);
    command.env_remove("AWS_REGION");
    run_in(command, &["status", arn]).ok();
}

#[test]
fn services_of_a_plan_and_of_a_state_are_found() {
    let (scene, project) = live("{ strategy = \"all_at_once\" }");
    let state = project.run(&["show", "-json"]).ok().stdout;
    let path = project.scratch().join("state.json");
    std::fs::write(&path, state).unwrap();
    let stored = project.folder().join("terraform.tfstate");
    for file in [path, stored] {
        let file = file.to_str().unwrap().to_owned();
        let found = document(run(
            &scene,
            &["status", "--from", &file, "--output", "json"],
        ));
        assert_eq!(found["services"][0]["service"], "web", "{file}");
    }
}

#[test]
fn the_app_spec_of_a_plan_is_rendered_before_anything_is_applied() {
    let (scene, project) = live("{ strategy = \"all_at_once\" }");
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &scene.native(&v2).deployment(SLOW).hcl());
    let json = project.plan().json;
    std::fs::write(project.folder().join("plan.json"), json.to_string()).unwrap();
    let calls = scene.stage.lab().calls().len();
    // A plan as JSON, and as `terraform plan -out` saves it.
    for file in ["plan.json", "the.plan"] {
        let rendered =
            project.run_program(&program(&scene), &["render", "appspec", "--plan", file]);
        let found = document(rendered);
        let properties = &found["Resources"][0]["TargetService"]["Properties"];
        assert_eq!(properties["TaskDefinition"], v2, "{found:#}");
        assert_eq!(properties["LoadBalancerInfo"]["ContainerName"], "app");
    }
    let arguments = ["render", "taskdef", "--plan", "plan.json", "--address", APP];
    let none = project.run_program(&program(&scene), &arguments);
    let _ = none.fails_saying(&["refers to no `aws_ecs_task_definition`"]);
    assert_eq!(scene.stage.lab().calls().len(), calls, "AWS is not called");
}

/// Everything on call under the policy of the guide, and each of its actions is needed.
#[test]
fn the_policy_of_the_guide_is_enough_on_call() {
    let (scene, project) = live(SLOW);
    let v2 = deployed_by_hand(&scene);
    let folder = project.scratch().join("plugin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = explaining::plugin(&folder);
    let scaled = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "MinCapacity": 1, "MaxCapacity": 4,
        "ScalableDimension": "ecs:service:DesiredCount",
    });
    scene
        .stage
        .call("application-autoscaling", "RegisterScalableTarget", scaled);
    permissions::restrict(&scene, &[permissions::ON_CALL]);
    run(&scene, &["status", "web"]).ok();
    run(&scene, &["status", "--all", "--cluster", "main"]).ok();
    let wrong = run(&scene, &["status", "wbe", "--cluster", "main"]);
    assert!(wrong.stderr.contains("`web`"), "{}", wrong.stderr);
    web(&scene, "rollback", &["--yes"]).ok();
    // To a revision by its name, with a deployment of its own.
    web(&scene, "rollback", &["--yes", "--to", &v2]).ok();
    web(&scene, "history", &[]).ok();
    let stopped = document(web(&scene, "tasks", &["--output", "json"]));
    assert_ne!(stopped["stopped"], json!([]));
    let alarm = json!({
        "AlarmName": "checkout", "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    });
    scene.stage.call("cloudwatch", "PutMetricAlarm", alarm);
    let alarms = json!({ "alarmNames": ["checkout"], "enable": true, "rollback": true });
    let pause = json!([{ "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"] }]);
    let next = explaining::logged(&scene, "web:v3");
    scene.stage.call(
        "ecs",
        "UpdateService",
        json!({
            "cluster": "main", "service": "web", "taskDefinition": next, "enableExecuteCommand": true,
            "deploymentConfiguration": {
                "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": pause, "alarms": alarms,
            },
        }),
    );
    scene.stage.pass_until(|| is_paused(&scene));
    web(&scene, "approve", &["--yes"]).ok();
    web(&scene, "watch", &[]).ok();
    scene.stage.call(
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 4,
        }),
    );
    let written = run(&scene, &["init", "web", "--cluster", "main"]).ok();
    let _ = written.says(&["to = switchyard_blue_green_service.web"]);
    let more = ["--yes", "--count", "6", "--reason", "sale"];
    let raised = web(&scene, "scale", &more).ok();
    let _ = raised.says(&["bounds 2-4 -> 6-6"]);
    let _ = web(&scene, "render", &[]).fails_saying(&["appspec", "taskdef"]);
    let arguments = ["render", "taskdef", "web", "--cluster", "main"];
    assert_eq!(document(run(&scene, &arguments))["family"], "web");
    let back = web(&scene, "scale", &["--yes", "--restore"]).ok();
    let _ = back.says(&["bounds 2-4 again"]);
    web(&scene, "diagnose", &["--rightsize"]).ok();
    web(&scene, "logs", &["--since", "1h"]).ok();
    let arguments = ["exec", "web", "--cluster", "main"];
    let mut exec = command(&scene, &arguments);
    exec.env("PATH", &path);
    run_in(exec, &arguments).ok();
    // Certificates and networks lie outside of the lab; EC2 is asked when targets time out.
    let outside = [
        "acm:DescribeCertificate",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "elasticloadbalancing:DescribeLoadBalancers",
    ];
    permissions::each_was_needed(&scene, permissions::ON_CALL, &outside);
}
