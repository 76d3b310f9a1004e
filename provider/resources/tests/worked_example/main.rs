//! The worked example of `docs/adding-a-resource.md`: what stands there compiles, works, and is the whole of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod client;
mod provider;
mod service_size;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::{ApplyResult, PlannedAction, Simulator};
use tfplugin::value::Value;

use provider::Example;

const REGION: &str = "eu-west-1";
const WEB: &str = "switchyard_service_size.web";

/// The service `web` in the cluster `main`.
fn account() -> World {
    let world = World::new(WorldConfig::default());
    for (operation, input) in [
        ("CreateCluster", json!({ "clusterName": "main" })),
        (
            "RegisterTaskDefinition",
            json!({
                "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
                "requiresCompatibilities": ["FARGATE"],
                "containerDefinitions": [{ "name": "app", "image": "app:v1", "essential": true }],
            }),
        ),
        (
            "CreateService",
            json!({
                "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
                "launchType": "FARGATE",
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            }),
        ),
    ] {
        call(&world, operation, input);
    }
    world
}

fn call(world: &World, operation: &str, input: serde_json::Value) -> serde_json::Value {
    world
        .call(Service::Ecs, REGION, operation, input)
        .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
}

fn tasks(world: &World) -> serde_json::Value {
    let input = json!({ "cluster": "main", "services": ["web"] });
    call(world, "DescribeServices", input)["services"][0]["desiredCount"].clone()
}

async fn terraform(world: &World) -> Simulator<Example> {
    let terraform = Simulator::new(Example(Face::new(world.clone(), REGION).ports()));
    let none = Value::object::<&str, Value>([]);
    assert!(terraform.configure(none).await.is_empty());
    terraform
}

fn config(more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let named = [("cluster", "main"), ("service", "web")].map(|(name, text)| (name, text.into()));
    Value::object(named.into_iter().chain(more))
}

#[track_caller]
fn sound(outcome: &ApplyResult) -> &Value {
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    outcome.state.as_ref().unwrap()
}

#[tokio::test]
async fn it_lives_from_create_to_destroy() {
    let world = account();
    let terraform = terraform(&world).await;
    let made = terraform
        .apply(WEB, config([("desired_count", 3.into())]))
        .await;
    assert_eq!(sound(&made).attribute("id"), &Value::from("main/web"));
    assert_eq!(tasks(&world), 3);

    let changed = terraform.apply(WEB, config([])).await;
    assert_eq!(changed.action, Some(PlannedAction::Update));
    assert_eq!(tasks(&world), 1, "the default");

    let elsewhere = json!({ "cluster": "main", "service": "web", "desiredCount": 7 });
    call(&world, "UpdateService", elsewhere);
    let plan = terraform.plan(WEB, config([])).await;
    assert_eq!(plan.action, PlannedAction::Update);

    let destroyed = terraform.destroy(WEB).await;
    assert!(
        destroyed.diagnostics.is_empty(),
        "{}",
        destroyed.diagnostics
    );
    assert_eq!(tasks(&world), 7);
}

#[tokio::test]
async fn it_is_imported_and_noticed_when_it_is_gone() {
    let world = account();
    let terraform = terraform(&world).await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert_eq!(sound(&imported).attribute("desired_count"), &Value::from(2));
    let plan = terraform
        .plan(WEB, config([("desired_count", 2.into())]))
        .await;
    assert_eq!(plan.action, PlannedAction::NoOp);

    let deleted = json!({ "cluster": "main", "service": "web", "force": true });
    call(&world, "DeleteService", deleted);
    let plan = terraform.plan(WEB, config([])).await;
    assert_eq!(plan.action, PlannedAction::Create);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/adding-a-resource.md")).unwrap()
}

/// File names below a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn the_page_shows_all_of_it() {
    let page = page();
    let folder = root().join("provider/resources/tests/worked_example/service_size");
    for file in files(&folder) {
        let text = std::fs::read_to_string(folder.join(&file)).unwrap();
        let shown = format!("`{file}`\n\n```rust\n{text}```\n");
        assert!(
            page.contains(&shown),
            "docs/adding-a-resource.md does not show {file}"
        );
    }
}

#[test]
fn the_page_names_every_file_of_a_resource_and_no_other() {
    let page = page();
    let (_, table) = page.split_once("## The folder").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter_map(|row| row.split_once('`'));
    let named: BTreeSet<String> = rows.map(|(file, _)| file.to_owned()).collect();
    let mut used = BTreeSet::new();
    for resource in ["deployment_snapshot", "listener_rule", "scaling_policy_set"] {
        let files = files(&root().join("provider/resources/src").join(resource));
        for file in &files {
            assert!(
                named.contains(file),
                "{resource}/{file} is not in the table"
            );
        }
        used.extend(files);
    }
    assert_eq!(named, used, "the table names what no resource has");
}

#[test]
fn what_the_page_points_at_exists() {
    for path in page().split('`').skip(1).step_by(2) {
        let is_path = ["provider/", "examples/", "tests/", "docs/"]
            .iter()
            .any(|start| path.starts_with(start));
        if is_path && !path.contains(['<', ' ']) {
            assert!(root().join(path).exists(), "{path}");
        }
    }
}
