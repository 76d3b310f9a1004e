//! What differs between two snapshots.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::document::Snapshot;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotDifference {
    /// Where, such as `task_definition.containers.app.image`.
    pub path: String,
    /// What it was; absent when there was nothing.
    pub from: Option<Value>,
    /// What it is; absent when there is nothing.
    pub to: Option<Value>,
    /// What it is about, as a sentence.
    pub meaning: &'static str,
}

impl SnapshotDifference {
    /// Whether going back to a snapshot brings this back: what tasks are made from. The rest belongs to the
    /// configuration, the autoscaler or the controller.
    pub fn is_restored(&self) -> bool {
        self.section() == "task_definition"
    }

    /// The part of the document it is in.
    pub fn section(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }
}

/// Beginning of a path → what is there. The first that fits; the last fits everything.
const MEANINGS: &[(&str, &str)] = &[
    (
        "task_definition.arn",
        "Tasks use a different task definition revision.",
    ),
    (
        "task_definition.revision",
        "Tasks use a different task definition revision.",
    ),
    (
        "task_definition.family",
        "Tasks use a different task definition family.",
    ),
    ("task_definition.containers", "Containers differ."),
    (
        "task_definition.execution_role",
        "A different role pulls images and reads secrets.",
    ),
    (
        "task_definition.task_role",
        "Containers use a different role.",
    ),
    (
        "task_definition.tags",
        "The task definition has different tags.",
    ),
    (
        "task_definition",
        "Tasks have a different size or platform.",
    ),
    (
        "service.controller",
        "A different controller moves traffic during a deployment.",
    ),
    ("service.desired", "A different number of tasks is desired."),
    ("service.deployment", "Deployments run differently."),
    ("service.tags", "The service has different tags."),
    ("service.arn", "It is a different service."),
    ("service.cluster", "It is a different cluster."),
    ("service.name", "It is a different service."),
    ("service", "The service has different settings."),
    (
        "load_balancer.live_target_groups",
        "A different target group has the production traffic.",
    ),
    ("load_balancer.rules", "Rules send traffic elsewhere."),
    (
        "load_balancer",
        "The service is connected to its load balancer differently.",
    ),
    (
        "scaling.min",
        "The service is scaled between different bounds.",
    ),
    (
        "scaling.max",
        "The service is scaled between different bounds.",
    ),
    (
        "scaling.suspended",
        "Automatic scaling is suspended differently.",
    ),
    ("scaling.schedules", "Different schedules set the bounds."),
    ("scaling", "Different policies scale the service."),
    ("network", "Tasks are in a different network."),
    ("", "Something else differs."),
];

/// More exactly, by the name of a container's member.
const OF_CONTAINERS: &[(&str, &str)] = &[
    ("image", "A container runs a different image."),
    ("digest", "The image name referred to a different image."),
    (
        "environment",
        "A container has different environment variables (their values are not recorded).",
    ),
    (
        "environment_files",
        "A container reads different environment files.",
    ),
    ("secrets", "A container gets different secrets."),
    ("ports", "A container listens on different ports."),
    ("log", "A container's log goes elsewhere."),
    ("health_check", "A container has a different health check."),
];

/// What differs, by path. Left out is what says when and why a snapshot was taken and how the service was at that
/// moment: condition, tasks running, health of targets.
pub fn difference(from: &Snapshot, to: &Snapshot) -> Vec<SnapshotDifference> {
    let mut found = Vec::new();
    compare(
        String::new(),
        Some(&compared(from)),
        Some(&compared(to)),
        &mut found,
    );
    found
}

/// The document without what belongs to the moment.
fn compared(snapshot: &Snapshot) -> Value {
    let mut content = snapshot.content();
    remove(
        &mut content,
        &[
            "condition",
            "format",
            "format_version",
            "reason",
            "taken_at",
        ],
    );
    if let Some(service) = content.get_mut("service") {
        remove(service, &["running", "pending"]);
    }
    let groups = content
        .get_mut("load_balancer")
        .and_then(|found| found.get_mut("target_groups"))
        .and_then(Value::as_object_mut);
    for group in groups.into_iter().flat_map(|groups| groups.values_mut()) {
        remove(group, &["targets"]);
    }
    content
}

fn remove(value: &mut Value, names: &[&str]) {
    if let Value::Object(members) = value {
        members.retain(|name, _| !names.contains(&name.as_str()));
    }
}

fn compare(
    path: String,
    from: Option<&Value>,
    to: Option<&Value>,
    found: &mut Vec<SnapshotDifference>,
) {
    if from == to {
        return;
    }
    let members = |value: Option<&Value>| match value {
        None => Some(BTreeSet::new()),
        Some(Value::Object(members)) => Some(members.keys().cloned().collect()),
        Some(_) => None,
    };
    match (members(from), members(to)) {
        (Some(one), Some(other)) if !(one.is_empty() && other.is_empty()) => {
            for name in &one | &other {
                let member =
                    |value: Option<&'_ Value>| value.and_then(|found| found.get(&name)).cloned();
                let (from, to) = (member(from), member(to));
                compare(joined(&path, &name), from.as_ref(), to.as_ref(), found);
            }
        }
        _ => found.push(SnapshotDifference {
            meaning: meaning(&path),
            path,
            from: from.cloned(),
            to: to.cloned(),
        }),
    }
}

/// Names that are no words stand in brackets.
fn joined(path: &str, name: &str) -> String {
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match (path.is_empty(), is_word) {
        (true, _) => name.to_owned(),
        (false, true) => format!("{path}.{name}"),
        (false, false) => format!("{path}[{}]", Value::from(name)),
    }
}

fn meaning(path: &str) -> &'static str {
    let in_container = path
        .strip_prefix("task_definition.containers.")
        .and_then(|rest| rest.split('.').nth(1));
    let of_container = in_container.and_then(|member| {
        let member = member.split('[').next().unwrap_or_default();
        OF_CONTAINERS.iter().find(|(name, _)| *name == member)
    });
    let general = || MEANINGS.iter().find(|(start, _)| begins(path, start));
    of_container
        .or_else(general)
        .map_or("Something else differs.", |(_, meaning)| meaning)
}

/// Whether `path` is `start` or below it.
fn begins(path: &str, start: &str) -> bool {
    path.strip_prefix(start)
        .is_some_and(|rest| start.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}

/// For people: a heading per section, then `+` for what came, `-` for what went, `~` for what changed.
pub fn difference_text(differences: &[SnapshotDifference]) -> String {
    if differences.is_empty() {
        return "No differences.\n".to_owned();
    }
    let mut lines: Vec<String> = Vec::new();
    let mut section = "";
    for found in differences {
        if found.section() != section {
            section = found.section();
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(section.to_owned());
        }
        let path = found.path.strip_prefix(section).unwrap_or(&found.path);
        let path = match path.trim_start_matches('.') {
            "" => section,
            path => path,
        };
        describe(path, found, &mut lines);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn describe(path: &str, found: &SnapshotDifference, lines: &mut Vec<String>) {
    match (&found.from, &found.to) {
        (Some(Value::Array(from)), Some(Value::Array(to))) if of_other_items(from, to) => {
            lines.push(format!("  ~ {path}"));
            let gone = from.iter().filter(|item| !to.contains(item));
            lines.extend(gone.map(|item| format!("      - {item}")));
            let new = to.iter().filter(|item| !from.contains(item));
            lines.extend(new.map(|item| format!("      + {item}")));
        }
        (Some(from), Some(to)) => lines.push(format!("  ~ {path}: {from} -> {to}")),
        (None, Some(to)) => lines.push(format!("  + {path}: {to}")),
        (Some(from), None) => lines.push(format!("  - {path}: {from}")),
        (None, None) => {}
    }
}

/// Otherwise only the order differs.
fn of_other_items(from: &[Value], to: &[Value]) -> bool {
    from.iter().any(|item| !to.contains(item)) || to.iter().any(|item| !from.contains(item))
}

/// For programs: a list of objects with `path`, `from`, `to` (null where there is nothing) and `meaning`.
pub fn difference_json(differences: &[SnapshotDifference]) -> String {
    // Only text keys and values that were JSON before are in it, so that this cannot fail.
    serde_json::to_string_pretty(differences).unwrap_or_default()
}
