//! What is wrong, why, what the program says itself, and a way in.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::{Scene, command, document, live, run, run_in, web};

/// A revision whose containers write to a log group, and may be entered.
pub(super) fn logged(scene: &Scene, image: &str) -> String {
    let registered = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/task-execution",
            "taskRoleArn": "arn:aws:iam::123456789012:role/app",
            "containerDefinitions": [{
                "name": "app", "image": image, "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web",
                } },
            }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.unwrap().to_owned()
}

/// A stand-in for AWS's plugin in a folder of its own, which writes down how it was called.
pub(super) fn plugin(folder: &Path) -> String {
    let path = folder.join("session-manager-plugin");
    let calls = folder.join("calls");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 1.2.650.0; exit 0; fi\n\
         printf '%s\\n' \"$@\" \"$AWS_SSM_START_SESSION_RESPONSE\" >> '{}'\n",
        calls.display()
    );
    std::fs::write(&path, script).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:/usr/bin:/bin", folder.display())
}

fn stopped(scene: &Scene) -> usize {
    let wanted = json!({ "cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED" });
    let found = scene.stage.call("ecs", "ListTasks", wanted);
    found["taskArns"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_deployment_that_fails_is_explained_and_its_logs_are_read() {
    let (scene, project) = live("{ strategy = \"all_at_once\" }");
    let text = web(&scene, "diagnose", &["--fail-under", "90"]).ok().stdout;
    assert!(
        text.starts_with("web in cluster main: 100 of 100, excellent (basic 100, performance 100, business not checked)\n"),
        "{text}"
    );
    let broken = logged(&scene, "web:v2--crash");
    let update = json!({ "cluster": "main", "service": "web", "taskDefinition": broken });
    scene.stage.call("ecs", "UpdateService", update);
    let held = scene.stage.hold_when(|| stopped(&scene) >= 3);

    let found = document(web(&scene, "diagnose", &["--output", "json"]));
    assert_eq!(found["format"], "switchyard.diagnose");
    let service = &found["services"][0];
    let issues = service["issues"].as_array().unwrap();
    let kinds: BTreeSet<&str> = issues.iter().filter_map(|it| it["kind"].as_str()).collect();
    assert!(
        kinds.contains("container_exited") && kinds.contains("log_errors"),
        "{service:#}"
    );
    let documented = include_str!("../../../../../../docs/commands/diagnose.md");
    for member in service
        .as_object()
        .unwrap()
        .keys()
        .chain(issues[0].as_object().unwrap().keys())
    {
        assert!(
            documented.contains(&format!("`{member}`")),
            "docs/commands/diagnose.md lacks {member}"
        );
    }
    let low = web(&scene, "diagnose", &["--fail-under", "90"]);
    assert_eq!(low.code, 3, "{}", low.text());
    assert!(
        low.stdout.contains("container `app` exited with 1"),
        "{}",
        low.stdout
    );
    assert!(
        low.stdout
            .contains("`switchyard rollback web --cluster main --dry-run`"),
        "{}",
        low.stdout
    );

    let lines = web(&scene, "logs", &["--side", "new", "--since", "1h"])
        .ok()
        .stdout;
    assert!(
        lines.contains(" web:2 app ") && lines.contains("fatal: giving up with exit code 1"),
        "{lines}"
    );
    let fatal = ["--since", "1h", "--filter", "fatal", "--output", "json"];
    let lines = web(&scene, "logs", &fatal).ok().stdout;
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["message"], "fatal: giving up with exit code 1");
    }
    assert!(!lines.is_empty());
    drop(held);
    web(&scene, "rollback", &["--yes"]).ok();
    project.plan().is_empty();
}

#[test]
fn what_a_deployment_needs_is_checked_without_terraform() {
    let (scene, project) = live("{ strategy = \"all_at_once\" }");
    let ready = web(&scene, "verify", &[]).ok().stdout;
    assert_eq!(ready, "web in cluster main, web:1: ready to be deployed\n");
    let next = logged(
        &scene,
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v2--missing",
    );
    let wrong = web(&scene, "verify", &["--to", &next]);
    assert_eq!(wrong.code, 3, "{}", wrong.text());
    assert!(
        wrong
            .stdout
            .starts_with("web in cluster main, web:2: 1 error"),
        "{}",
        wrong.stdout
    );
    assert!(wrong.stdout.contains("SY0126"), "{}", wrong.stdout);
    // The plan that would deploy it says it, too.
    project.write(
        "main.tf",
        &scene
            .native(&next)
            .deployment("{ strategy = \"all_at_once\" }")
            .hcl(),
    );
    let plan = project.run(&["plan", "-input=false", "-no-color"]);
    assert!(plan.text().contains("SY0126"), "{}", plan.text());
}

#[test]
fn a_session_is_opened_by_the_plugin() {
    let (scene, project) = live("{ strategy = \"all_at_once\" }");
    let arguments = [
        "exec",
        "web",
        "--cluster",
        "main",
        "--command",
        "cat /etc/hosts",
    ];
    let none = run_in(command(&scene, &arguments), &arguments);
    assert_eq!(none.code, 1);
    assert!(
        none.stderr
            .starts_with("No session was opened: `session-manager-plugin` is not on the PATH."),
        "{}",
        none.stderr
    );
    let folder = project.scratch().join("plugin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = plugin(&folder);
    let exec = || {
        let mut command = command(&scene, &arguments);
        command.env("PATH", &path);
        run_in(command, &arguments)
    };
    let off = exec();
    assert!(
        off.stderr.starts_with("ECS Exec is off for `web`."),
        "{}",
        off.text()
    );
    assert!(!folder.join("calls").exists());
    let definition = logged(&scene, "web:v2");
    scene.stage.call(
        "ecs",
        "UpdateService",
        json!({
            "cluster": "main", "service": "web", "taskDefinition": definition, "enableExecuteCommand": true,
        }),
    );
    web(&scene, "watch", &[]).ok();
    let opened = exec().ok();
    assert!(
        opened.stdout.contains("of web (web:2), container `app`."),
        "{}",
        opened.stdout
    );
    let calls = std::fs::read_to_string(folder.join("calls")).unwrap();
    let calls: Vec<&str> = calls.lines().collect();
    assert_eq!(calls[0], "AWS_SSM_START_SESSION_RESPONSE");
    assert_eq!(&calls[1..3], ["eu-west-1", "StartSession"]);
    assert!(calls[4].starts_with("{\"Target\":\"ecs:main_"), "{calls:?}");
    assert!(
        calls[6].contains("\"SessionId\":\"ecs-execute-command-"),
        "{calls:?}"
    );
    assert!(
        !opened.text().contains("token-of"),
        "the secret is the plugin's alone"
    );
}

#[test]
fn a_machine_and_an_account_are_looked_at() {
    let (scene, _project) = live("{ strategy = \"all_at_once\" }");
    let found = document(run(&scene, &["doctor", "--output", "json"]));
    let result = |name: &str| {
        let checks = found["checks"].as_array().unwrap().iter();
        let mut checks = checks.filter(|check| check["name"] == name);
        checks.next().map(|check| check["result"].clone())
    };
    for name in ["region", "credentials", "clock", "ecs"] {
        assert_eq!(result(name), Some(json!("ok")), "{found:#}");
    }
    assert_eq!(
        result("session plugin"),
        Some(json!("warning")),
        "{found:#}"
    );
    let mut command = command(&scene, &["doctor"]);
    command.env_remove("AWS_ACCESS_KEY_ID");
    let none = run_in(command, &["doctor"]);
    assert_eq!(none.code, 3, "{}", none.text());
    assert!(
        none.stdout
            .contains("failed   credentials     No usable AWS credentials."),
        "{}",
        none.stdout
    );
}
