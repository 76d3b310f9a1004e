//! The night of the guide: its commands in their order, on a service that it happens to.

use serde_json::json;

use super::{deployed_by_hand, is_paused, live, run};
use crate::Scene;

const GUIDE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../docs/guides/on-call.md"
));

/// The commands of the guide's shell blocks, each with what the block after it shows of the answer.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    // Every second part lies in a block.
    for block in GUIDE.split("```").skip(1).step_by(2) {
        if let Some(lines) = block.strip_prefix("shell\n") {
            let lines = lines.lines().map(|line| (line.to_owned(), Vec::new()));
            commands.extend(lines);
        }
        if let (Some(lines), Some((_, shown))) = (block.strip_prefix("text\n"), commands.last_mut())
        {
            shown.extend(
                lines
                    .lines()
                    .filter(|line| !line.contains('…'))
                    .map(str::to_owned),
            );
        }
    }
    commands
}

/// The words of a command; quotes hold several together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// In the morning the corrected image is deployed, and waits for approval.
fn morning(scene: &Scene) {
    let fixed = scene.stage.task_definition("web", "web:v3");
    let pause = json!([{ "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"] }]);
    scene.stage.call(
        "ecs",
        "UpdateService",
        json!({
            "cluster": "main", "service": "web", "taskDefinition": fixed,
            "deploymentConfiguration": { "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "lifecycleHooks": pause },
        }),
    );
    scene.stage.pass_until(|| is_paused(scene));
}

fn has_its_tasks(scene: &Scene) -> bool {
    let service = scene.stage.service("main", "web");
    let wanted = service["desiredCount"].as_u64();
    let healthy = scene.stage.call(
        "elbv2",
        "DescribeTargetHealth",
        json!({ "TargetGroupArn": scene.pair.blue }),
    );
    let targets = healthy["TargetHealthDescriptions"].as_array();
    let healthy = targets.into_iter().flatten();
    let healthy = healthy.filter(|it| it["TargetHealth"]["State"] == "healthy");
    let healthy = u64::try_from(healthy.count()).ok();
    service["runningCount"].as_u64() == wanted && healthy == wanted
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let (scene, project) = live(super::SLOW);
    deployed_by_hand(&scene);
    let place = project.scratch().join("snapshots");
    let commands = commands();
    assert!(commands.len() >= 9, "{commands:?}");
    let mut is_morning = false;
    for (command, shown) in &commands {
        let words = words(command);
        if words[1] == "approve" && !is_morning {
            is_morning = true;
            morning(&scene);
        }
        let arguments = words.iter().skip(1).map(|word| match word.as_str() {
            // The guide's bucket is a folder here.
            word if word.starts_with("s3://") => place.to_str().unwrap().to_owned(),
            word => word.to_owned(),
        });
        let arguments: Vec<String> = arguments.collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = run(&scene, &arguments).ok();
        if words[1] == "scale" {
            // ECS starts or stops tasks until there are as many.
            scene.stage.pass_until(|| has_its_tasks(&scene));
        }
        for line in shown {
            assert!(
                ran.stdout.contains(line),
                "`{command}` does not say {line:?}:\n{}",
                ran.stdout
            );
        }
    }
    assert!(is_morning);
    assert!(
        commands
            .iter()
            .any(|(command, _)| command.contains(" scale "))
    );
}
