//! Snapshots of a service in a folder and in buckets: taken, listed, compared, damaged, imported, tidied up.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use switchyard_harness::Project;

use crate::{APP, Scene};

const KEPT: &str = "switchyard_deployment_snapshot.kept";

/// A service, and a snapshot of it for a release.
fn taken(scene: &Scene, task_definition: &str, release: &str, settings: &str) -> String {
    let service = scene.native(task_definition).hcl();
    format!(
        r#"{service}
resource "switchyard_deployment_snapshot" "kept" {{
  cluster  = {APP}.cluster
  service  = {APP}.name
  triggers = {{ release = "{release}" }}
{settings}
}}
"#
    )
}

/// What the data sources say of the service.
const LOOKED_UP: &str = r#"
data "switchyard_deployment_snapshots" "all" {
  cluster = "main"
  service = "web"
}

data "switchyard_deployment_snapshot" "last_good" {
  cluster = "main"
  service = "web"
}

data "switchyard_deployment_snapshot_diff" "since_then" {
  cluster = "main"
  service = "web"
  from    = data.switchyard_deployment_snapshot.last_good.snapshot_id
}
"#;

fn id(project: &Project) -> String {
    text(project, "snapshot_id")
}

fn text(project: &Project, attribute: &str) -> String {
    let value = project.state(KEPT)[attribute].clone();
    value
        .as_str()
        .unwrap_or_else(|| panic!("{attribute} is {value}"))
        .to_owned()
}

fn file(project: &Project, id: &str) -> PathBuf {
    let folder = project
        .folder()
        .join("switchyard-snapshots/main/web/123456789012/eu-west-1");
    folder.join(format!("{id}.json"))
}

/// Ids of the snapshots in the default folder.
fn stored(project: &Project) -> BTreeSet<String> {
    let folder = project
        .folder()
        .join("switchyard-snapshots/main/web/123456789012/eu-west-1");
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect()
}

#[test]
fn a_snapshot_in_a_folder_lives() {
    let scene = Scene::new();
    let project = scene.stage.project(&taken(&scene, &scene.v1, "1", ""));
    project.apply().ok();
    let first = id(&project);
    assert_eq!(text(&project, "condition"), "good");
    assert!(text(&project, "document").contains("web:v1"));
    project.plans_nothing();

    project.write("main.tf", &taken(&scene, &scene.v1, "2", ""));
    let plan = project.plan().only(KEPT, &["update"]);
    assert_eq!(plan.after(KEPT, "snapshot_id"), Value::Null);
    project.apply().ok();
    let second = id(&project);
    assert_eq!(stored(&project), [first.clone(), second.clone()].into());
    project.plans_nothing();

    let fewer = "  retention { count = 1 }\n  delete_on_destroy = true";
    project.write("main.tf", &taken(&scene, &scene.v1, "2", fewer));
    let plan = project.plan().only(KEPT, &["update"]);
    assert_eq!(plan.after(KEPT, "snapshot_id"), json!(second));
    project.apply().ok();
    assert_eq!(stored(&project), [second].into());
    assert_eq!(project.state(KEPT)["pruned"], json!([first]));
    project.plans_nothing();

    project.destroy().ok();
    assert!(stored(&project).is_empty());
}

#[test]
fn a_snapshot_that_is_damaged_or_gone_is_told_and_nothing_is_overwritten() {
    let scene = Scene::new();
    let project = scene.stage.project(&taken(&scene, &scene.v1, "1", ""));
    project.apply().ok();
    let first = id(&project);
    let file = file(&project, &first);
    let original = std::fs::read_to_string(&file).unwrap();
    let edited = original.replace("web:v1", "web:v9");
    std::fs::write(&file, &edited).unwrap();

    let plan = project.plan().is_empty();
    let _ = plan.run.says(&[
        &format!("Snapshot `{first}` of service `web` cannot be read"),
        "It was changed after it was written",
        "Code SY0232.",
    ]);
    project.apply().ok();
    assert_eq!(text(&project, "condition"), "unreadable");
    let fewer = "  retention { count = 1 }";
    project.write("main.tf", &taken(&scene, &scene.v1, "1", fewer));
    let _ = project
        .apply()
        .fails_saying(&["was not changed", "Code SY0230."]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edited);

    project.write("main.tf", &taken(&scene, &scene.v1, "1", ""));
    std::fs::write(&file, &original).unwrap();
    let plan = project.plan().is_empty();
    assert!(!plan.run.text().contains("SY0232"), "{}", plan.run.text());

    std::fs::remove_file(&file).unwrap();
    let plan = project.plan().only(KEPT, &["create"]);
    let _ = plan.run.says(&["is gone", "Code SY0231."]);
    project.apply().ok();
    project.plans_nothing();
    assert_ne!(id(&project), first);
}

#[test]
fn data_sources_list_read_and_compare_with_what_runs() {
    let scene = Scene::new();
    let project = scene.stage.project(&taken(&scene, &scene.v1, "1", ""));
    project.apply().ok();
    let kept = id(&project);
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &taken(&scene, &v2, "1", ""));
    project.apply().ok();
    project.write("lookups.tf", LOOKED_UP);
    project.apply().ok();
    let all = project.state("data.switchyard_deployment_snapshots.all");
    assert_eq!(all["snapshots"][0]["snapshot_id"], json!(kept));
    assert_eq!(all["snapshots"][0]["condition"], "good");
    let last_good = project.state("data.switchyard_deployment_snapshot.last_good");
    assert_eq!(last_good["document"], json!(text(&project, "document")));
    let since = project.state("data.switchyard_deployment_snapshot_diff.since_then");
    assert_eq!(since["has_changes"], true);
    let said = since["text"].as_str().unwrap();
    assert!(said.contains("web:v1") && said.contains("web:v2"), "{said}");
    project.plans_nothing();
}

#[test]
fn a_stored_snapshot_is_imported_and_plans_empty() {
    let scene = Scene::new();
    let project = scene.stage.project(&taken(&scene, &scene.v1, "1", ""));
    project.apply().ok();
    let kept = id(&project);
    let folder = project.folder().join("switchyard-snapshots");
    let alone = format!(
        "terraform {{\n  required_providers {{\n    switchyard = {{ source = \"switchyard/switchyard\" }}\n  }}\n}}\n\
         resource \"switchyard_deployment_snapshot\" \"kept\" {{\n  cluster = \"main\"\n  service = \"web\"\n  folder  = {folder:?}\n}}\n"
    );
    let imported = scene.stage.project(&alone);
    let import = format!("main/web/{kept}@folder:{}", folder.display());
    imported
        .run(&["import", "-no-color", "-input=false", KEPT, &import])
        .ok();
    assert_eq!(id(&imported), kept);
    imported.plans_nothing();
    let missing = import.replace(&kept, "20200101T000000Z-00000000");
    imported.run(&["state", "rm", KEPT]).ok();
    let _ = imported
        .run(&["import", "-no-color", "-input=false", KEPT, &missing])
        .fails_saying(&["Cannot import non-existent remote object"]);
}

/// Two buckets as they should be, in Terraform.
const BUCKETS: &str = r#"
provider "aws" {
  s3_use_path_style = true
}

resource "aws_s3_bucket" "kept" {
  for_each      = toset(["shop-snapshots", "shop-snapshots-copy"])
  bucket        = each.key
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "kept" {
  for_each = aws_s3_bucket.kept
  bucket   = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "kept" {
  for_each                = aws_s3_bucket.kept
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"#;

const IN_BUCKETS: &str = r#"
  bucket {
    name   = aws_s3_bucket.kept["shop-snapshots"].id
    prefix = "production"
  }
  copy_to { name = aws_s3_bucket.kept["shop-snapshots-copy"].id }
"#;

/// What is in the second bucket.
const COPIES: &str = r#"
data "switchyard_deployment_snapshots" "copies" {
  cluster = "main"
  service = "web"
  bucket { name = "shop-snapshots-copy" }
}
"#;

#[test]
fn a_snapshot_in_a_bucket_lives_with_its_copy() {
    let scene = Scene::new();
    let hcl = |release: &str| {
        let ours = "switchyard = { source = \"switchyard/switchyard\" }";
        let both = format!(
            "{ours}\n    aws = {{ source = \"hashicorp/aws\", version = \"{}\" }}",
            switchyard_harness::AWS_PROVIDER
        );
        let text = taken(&scene, &scene.v1, release, IN_BUCKETS).replace(ours, &both);
        text + BUCKETS
    };
    let project = scene.stage.project_keeping_aws(&[("main.tf", hcl("1"))]);
    project.apply().ok();
    let first = id(&project);
    assert_eq!(
        text(&project, "location"),
        format!("s3://shop-snapshots/production/main/web/123456789012/eu-west-1/{first}.json")
    );
    assert_eq!(
        text(&project, "copy_location"),
        format!("s3://shop-snapshots-copy/main/web/123456789012/eu-west-1/{first}.json")
    );
    let plan = project.plan().is_empty();
    assert!(!plan.run.text().contains("SY016"), "{}", plan.run.text());

    project.write("main.tf", &hcl("2"));
    let _ = project.plan().only(KEPT, &["update"]);
    project.apply().ok();
    let second = id(&project);
    project.write("lookups.tf", COPIES);
    project.apply().ok();
    let copies = project.state("data.switchyard_deployment_snapshots.copies");
    let ids: Vec<_> = copies["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|copy| copy["snapshot_id"].clone())
        .collect();
    assert_eq!(ids, [json!(second), json!(first)]);

    project.run(&["state", "rm", KEPT]).ok();
    let import = format!("main/web/{second}@s3://shop-snapshots/production");
    project
        .run(&["import", "-no-color", "-input=false", KEPT, &import])
        .ok();
    assert_eq!(id(&project), second);
    // Triggers and the copy are in no snapshot: they are written down, and no new one is taken.
    project.apply().ok();
    assert_eq!(id(&project), second);
    project.plans_nothing();
    project.destroy().ok();
}
