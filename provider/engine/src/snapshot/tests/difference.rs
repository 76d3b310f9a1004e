//! What differs, and how it is told.

use serde_json::Value;

use super::{BLUE, GREEN, RULE, at, snapshot, texts};
use crate::snapshot::definition::ContainerSection;
use crate::snapshot::{Snapshot, SnapshotCondition, difference, difference_json, difference_text};

fn said(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut other = snapshot();
    change(&mut other);
    difference_text(&difference(&snapshot(), &other))
}

#[test]
fn what_belongs_to_the_moment_is_no_difference() {
    let text = said(|other| {
        other.taken_at = at(60);
        other.reason = "after a rollout".to_owned();
        other.condition =
            SnapshotCondition::Degraded(vec!["1 task running, 2 desired.".to_owned()]);
        other.service.running = 1;
        other.service.pending = 1;
        let groups = &mut other.load_balancer.as_mut().unwrap().target_groups;
        groups.get_mut(BLUE).unwrap().targets.healthy = 1;
    });
    assert_eq!(text, "No differences.\n");
}

#[test]
fn differences_are_grouped_by_section() {
    let text = said(|other| {
        other.service.desired = 3;
        other.task_definition.revision = 8;
        let app = other.task_definition.containers.get_mut("app").unwrap();
        app.image = "shop/app:2".to_owned();
        app.environment = texts(&["MODE", "REGION"]);
        let aide = ContainerSection {
            image: "aide".to_owned(),
            ..ContainerSection::default()
        };
        other
            .task_definition
            .containers
            .insert("aide".to_owned(), aide);
        let rules = &mut other.load_balancer.as_mut().unwrap().rules;
        let weights = &mut rules.get_mut(RULE).unwrap().weights;
        weights.insert(BLUE.to_owned(), 0);
        weights.insert(GREEN.to_owned(), 1);
        other.network = None;
    });
    let expected = format!(
        r#"load_balancer
  ~ rules["{RULE}"].weights["{BLUE}"]: 1 -> 0
  ~ rules["{RULE}"].weights["{GREEN}"]: 0 -> 1

network
  - assign_public_ip: false
  - security_groups: ["sg-1"]
  - subnets: ["subnet-1"]

service
  ~ desired: 2 -> 3

task_definition
  + containers.aide.depends_on: {{}}
  + containers.aide.environment: []
  + containers.aide.environment_files: []
  + containers.aide.essential: false
  + containers.aide.image: "aide"
  + containers.aide.labels: []
  + containers.aide.mounts: {{}}
  + containers.aide.ports: []
  + containers.aide.privileged: false
  + containers.aide.read_only_root_filesystem: false
  + containers.aide.secrets: {{}}
  ~ containers.app.environment
      - "PORT"
      + "REGION"
  ~ containers.app.image: "shop/app:1" -> "shop/app:2"
  ~ revision: 7 -> 8
"#
    );
    assert_eq!(text, expected);
}

#[test]
fn every_difference_says_what_it_is_about_and_whether_going_back_brings_it_back() {
    let mut other = snapshot();
    other.task_definition.revision = 8;
    let app = other.task_definition.containers.get_mut("app").unwrap();
    app.secrets
        .insert("KEY".to_owned(), "/shop/key2".to_owned());
    other.scaling.as_mut().unwrap().max = 9;
    let found = difference(&snapshot(), &other);
    let told: Vec<_> = found
        .iter()
        .map(|found| (found.path.as_str(), found.is_restored(), found.meaning))
        .collect();
    assert_eq!(
        told,
        [
            (
                "scaling.max",
                false,
                "The service is scaled between different bounds."
            ),
            (
                "task_definition.containers.app.secrets.KEY",
                true,
                "A container gets different secrets."
            ),
            (
                "task_definition.revision",
                true,
                "Tasks use a different task definition revision."
            ),
        ]
    );
    let parsed: Value = serde_json::from_str(&difference_json(&found)).unwrap();
    assert_eq!(parsed[0]["from"], 4);
    assert_eq!(parsed[0]["to"], 9);
}
