//! The HCL of `examples/terraform` that the documentation shows: formatted, valid, and true.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use switchyard_harness::{Project, Stage};

use crate::Scene;
use crate::aws_provider::module;

/// Needed in front of every snippet: which provider it is about.
const PREAMBLE: &str = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";

/// The examples' folder.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/terraform")
}

/// The folders of `examples/terraform/resources`, one a resource type.
fn resources() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("resources")).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "there are examples");
    folders
}

/// `major.minor` of the command line.
pub(crate) fn version(project: &Project) -> (u32, u32) {
    let run = project.run(&["version", "-json"]).ok();
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = answer["terraform_version"].as_str().unwrap();
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or_default());
    (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    )
}

/// Whether a snippet is an import block, which stands for one alternative and not for part of the module.
fn is_import(name: &str) -> bool {
    name.starts_with("import-")
}

#[test]
fn examples_are_formatted() {
    let stage = Stage::new();
    let project = stage.project(PREAMBLE);
    let folder = folder();
    project
        .run(&[
            "fmt",
            "-check",
            "-recursive",
            "-diff",
            folder.to_str().unwrap(),
        ])
        .ok();
}

/// The HCL that the guides and the README show, in files of its own.
fn snippets() -> Vec<(String, String)> {
    let root = folder().join("../..");
    let entries = std::fs::read_dir(root.join("docs/guides")).unwrap();
    let mut pages: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    pages.push(root.join("README.md"));
    pages.sort();
    let mut found = Vec::new();
    for page in pages {
        let name = page.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&page).unwrap();
        let blocks = text.split("```").skip(1).step_by(2);
        let snippets = blocks.filter_map(|block| {
            let marked = block.strip_prefix("hcl\n");
            marked.or_else(|| block.strip_prefix("terraform\n"))
        });
        for (number, snippet) in snippets.enumerate() {
            found.push((format!("{name}-{number}.tf"), snippet.to_owned()));
        }
    }
    found
}

#[test]
fn the_guides_show_formatted_hcl() {
    let stage = Stage::new();
    let project = stage.project("");
    let snippets = snippets();
    assert!(snippets.len() > 20, "{}", snippets.len());
    for (name, text) in &snippets {
        project.write(name, text);
    }
    project.run(&["fmt", "-check", "-diff"]).ok();
}

#[test]
fn the_provider_block_is_valid() {
    let stage = Stage::new();
    let project = stage.project("");
    for (name, text) in module(&folder().join("provider")) {
        project.write(&name, &text);
    }
    project.validate().ok();
}

#[test]
fn resources_and_their_import_blocks_are_valid() {
    let stage = Stage::new();
    for folder in resources() {
        let (imports, files): (Vec<_>, Vec<_>) = module(&folder)
            .into_iter()
            .partition(|(name, _)| is_import(name));
        let project = stage.project(PREAMBLE);
        for (name, text) in &files {
            project.write(name, text);
        }
        project.validate().ok();
        let version = version(&project);
        for (name, text) in &imports {
            if name == "import-by-identity.tf" && version < (1, 12) {
                println!(
                    "{}/{name} is left out: import by identity needs Terraform 1.12, this is {}.{}",
                    folder.display(),
                    version.0,
                    version.1
                );
                continue;
            }
            project.write("import.tf", text);
            project.validate().ok();
        }
    }
}

#[test]
fn data_sources_are_valid() {
    let stage = Stage::new();
    let entries = std::fs::read_dir(folder().join("data-sources")).unwrap();
    let mut checked = 0;
    for entry in entries {
        let project = stage.project(PREAMBLE);
        for (name, text) in module(&entry.unwrap().path()) {
            project.write(&name, &text);
        }
        project.validate().ok();
        checked += 1;
    }
    assert!(checked > 2, "{checked} examples");
}

#[test]
fn import_by_string_id_finds_the_service_unchanged() {
    let scene = Scene::new();
    let example = folder().join("resources/switchyard_blue_green_service");
    let (_, import) = module(&example)
        .into_iter()
        .find(|(name, _)| name == "import-by-string-id.tf")
        .unwrap();
    // The service of `resource.tf`, made by somebody else.
    let (_, resource) = module(&example)
        .into_iter()
        .find(|(name, _)| name == "resource.tf")
        .unwrap();
    let mut revision = String::new();
    for _ in 0..42 {
        revision = scene.stage.task_definition("checkout", "checkout:v1");
    }
    assert!(revision.ends_with("/checkout:42"), "{revision}");
    let role = "arn:aws:iam::123456789012:role/ecs-infrastructure";
    scene.stage.call(
        "ecs",
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "checkout", "taskDefinition": revision, "desiredCount": 3,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0a"],
            } },
            "loadBalancers": [{
                "targetGroupArn": scene.pair.blue, "containerName": "app", "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": scene.pair.green,
                    "productionListenerRule": scene.pair.rule,
                    "roleArn": role,
                },
            }],
            "deploymentConfiguration": {
                "strategy": "CANARY", "bakeTimeInMinutes": 10,
                "canaryConfiguration": { "canaryPercent": 10, "canaryBakeTimeInMinutes": 5 },
            },
        }),
    );
    scene.stage.advance(std::time::Duration::from_secs(3600));

    let mut project = scene.stage.project(PREAMBLE);
    project.write("resource.tf", &resource);
    project.write("import.tf", &import);
    for (name, value) in [
        ("blue_target_group_arn", scene.pair.blue.as_str()),
        ("green_target_group_arn", &scene.pair.green),
        ("production_rule_arn", &scene.pair.rule),
        ("infrastructure_role_arn", role),
    ] {
        project.set(&format!("TF_VAR_{name}"), value);
    }
    let plan = project.plan().is_empty();
    let change = &plan.json["resource_changes"][0];
    assert_eq!(
        change["change"]["importing"],
        json!({ "id": "main/checkout" })
    );
    plan.run
        .says(&["1 to import, 0 to add, 0 to change, 0 to destroy"]);
    project.apply().ok();
    project.plans_nothing();
}

/// The examples of functions that need nothing of AWS, applied.
#[test]
fn examples_of_functions_are_true() {
    let stage = Stage::new();
    let project = stage.project(PREAMBLE);
    let examples = [
        "appspec",
        "cost_range",
        "fargate_size",
        "image",
        "rollout_minutes",
    ];
    for name in examples {
        let text =
            std::fs::read_to_string(folder().join("functions").join(name).join("function.tf"));
        project.write(&format!("{name}.tf"), &text.unwrap());
    }
    let apply = |image: &str| {
        let image = format!("image={image}");
        let options = [
            "apply",
            "-auto-approve",
            "-input=false",
            "-no-color",
            "-var",
            &image,
        ];
        project.run(&options)
    };
    let _ = apply("shop:v1").fails_saying(&["The image must be named by its digest."]);
    let _ = apply("shop@sha256:abc").fails_saying(&["has a digest of 3 digits; SHA-256 has 64."]);
    let digest = "0123456789abcdef".repeat(4);
    apply(&format!("shop@sha256:{digest}")).ok();
    let outputs = project.run(&["output", "-json"]).ok().stdout;
    let outputs: Value = serde_json::from_str(&outputs).unwrap();
    assert_eq!(outputs["cpu"]["value"], 512);
    assert_eq!(outputs["minutes"]["value"], 15);
    assert_eq!(outputs["repository"]["value"], "nginx/nginx");
    let cost = &outputs["cost_per_month"]["value"];
    assert_eq!(cost["currency"], "USD");
    // Half a vCPU and 1 GB for 730 hours: 18.02 for one task.
    assert_eq!(cost["minimum"], 54.06);
    assert_eq!(cost["maximum"], 360.4);
    let spec: Value = serde_json::from_str(outputs["appspec"]["value"].as_str().unwrap()).unwrap();
    let properties = &spec["Resources"][0]["TargetService"]["Properties"];
    assert_eq!(properties["LoadBalancerInfo"]["ContainerPort"], 8080);
}

#[test]
fn functions_say_at_plan_what_aws_would_say_at_apply() {
    let stage = Stage::new();
    let task = |port: &str| {
        format!(
            "{PREAMBLE}\noutput \"task\" {{\n  value = provider::switchyard::check_task(jsonencode([{{ name = \"app\", \
             image = \"shop:1\", portMappings = [{{ containerPort = {port} }}] }}]), \"app\", 8080)\n}}\n"
        )
    };
    let project = stage.project(&task("8080"));
    project.apply().ok();
    project.write("main.tf", &task("80"));
    let _ = project.try_plan().fails_saying(&[
        "Invalid function argument",
        "does not expose port 8080; it exposes 80",
    ]);
    let line = "outcome=rolled_back to=web:8 seconds=12 gate.errors=failed reason=\\\"a b\\\"";
    project.write(
        "main.tf",
        &format!(
            "{PREAMBLE}\noutput \"gate\" {{\n  value = provider::switchyard::last_deployment(\"{line}\").gates.errors\n}}\n"
        ),
    );
    let _ = project.apply().ok().says(&["gate = \"failed\""]);
}
