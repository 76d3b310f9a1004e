//! What somebody else has changed since the state was written, and what that means: one warning.

use serde_json::Value as Json;
use switchyard_engine::Live;
use switchyard_engine::drift::{Change, DriftRule, Severity};
use switchyard_engine::ports::{Controller, Ports, ServiceRef};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path, Step, ToValue, Value};

use super::memory::Memory;
use super::model::Model;
use super::owner::Owner;

const TYPE: &str = "switchyard_blue_green_service";

/// More differences than this are counted, not told: the warning has to stay readable.
const TOLD: usize = 10;

/// Attributes that repeat what another one says: `tags_all` has all tags, `unfinished` is our own note.
const REPEATED: [&str; 2] = ["tags", "unfinished"];

/// Attributes that only another deployment changes.
const DEPLOYED: [&str; 7] = [
    "task_definition",
    "images",
    "network_configuration",
    "load_balancer",
    "launch_type",
    "capacity_provider_strategy",
    "platform_version",
];

/// One difference that somebody should know about.
#[derive(Debug)]
struct Difference {
    severity: Severity,
    rule: &'static DriftRule,
    path: Path,
    from: Value,
    to: Value,
}

/// The warning about what differs between the state and what was read; nothing when all differences are
/// expected, or our own.
pub(super) async fn warning(
    ports: &Ports,
    (prior, memory): (&Model, &Memory),
    found: &Model,
    live: &Live,
) -> Option<Diagnostic> {
    // An import has left nothing to compare with.
    if !prior.arn.is_known() || memory.adopted || is_our_own(prior, live) {
        return None;
    }
    let differences = differences(&prior.to_value(), &found.to_value());
    if differences.is_empty() {
        return None;
    }
    let is_deployed = differences.iter().any(Difference::is_deployed);
    let since = if is_deployed {
        since(ports, prior, live).await
    } else {
        None
    };
    Some(told(found, &differences, since.as_deref()))
}

/// Whether an interrupted apply of ours explains what is there: it left a note, or the deployment that it did not
/// see to its end is live now.
fn is_our_own(prior: &Model, live: &Live) -> bool {
    !live.unfinished.is_empty() || is_deployed_by_us(prior, live.revision.task_definition.as_ref())
}

fn is_deployed_by_us(prior: &Model, live: Option<&String>) -> bool {
    let Some(last) = prior.last_deployment.known() else {
        return false;
    };
    let is_open = matches!(
        last.outcome.as_deref(),
        Attr::Known("cancelled" | "failed" | "left_running")
    );
    is_open && live.is_some() && last.to_task_definition.known() == live
}

/// The differences that are not expected, worst first.
fn differences(prior: &Value, found: &Value) -> Vec<Difference> {
    let mut parts = Vec::new();
    compare(Path::root(), prior, found, &mut parts);
    let object = json(found);
    let mut differences: Vec<Difference> = parts
        .into_iter()
        .filter(|(path, _, _)| first(path).is_some_and(|name| !REPEATED.contains(&name)))
        .filter_map(|(path, from, to)| {
            let judged = Change {
                resource_type: TYPE,
                path: &path.to_string(),
                from: &json(&from),
                to: &json(&to),
                object: &object,
            }
            .classified();
            // What no rule names is not read from AWS.
            Some(Difference {
                severity: judged.class.severity()?,
                rule: judged.rule?,
                path,
                from,
                to,
            })
        })
        .collect();
    // Another image is another revision: that is one difference.
    let by_images = differences
        .iter()
        .any(|difference| difference.rule.id == "service.images");
    differences
        .retain(|difference| !(by_images && difference.rule.id == "service.task-definition"));
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.severity));
    differences
}

/// The smallest parts that differ: attributes, and elements of maps. Lists and sets count as a whole.
fn compare(path: Path, prior: &Value, found: &Value, into: &mut Vec<(Path, Value, Value)>) {
    let (step, prior_parts, found_parts): (fn(String) -> Step, _, _) =
        match (prior.inner(), found.inner()) {
            (Value::Object(prior), Value::Object(found)) => (Step::Attribute, prior, found),
            (Value::Map(prior), Value::Map(found)) => (Step::Key, prior, found),
            (prior, found) => {
                if prior != found {
                    into.push((path, prior.clone(), found.clone()));
                }
                return;
            }
        };
    let added = found_parts
        .keys()
        .filter(|name| !prior_parts.contains_key(*name));
    for name in prior_parts.keys().chain(added) {
        compare(
            path.clone().step(step(name.clone())),
            prior_parts.get(name).unwrap_or(&Value::Null),
            found_parts.get(name).unwrap_or(&Value::Null),
            into,
        );
    }
}

fn first(path: &Path) -> Option<&str> {
    match path.steps().first()? {
        Step::Attribute(name) => Some(name),
        Step::Key(_) | Step::Index(_) => None,
    }
}

impl Difference {
    fn is_deployed(&self) -> bool {
        first(&self.path).is_some_and(|name| DEPLOYED.contains(&name))
    }

    fn text(&self, found: &Model, since: Option<&str>) -> String {
        let since = since
            .filter(|_| self.is_deployed())
            .map(|since| format!(" {since}"))
            .unwrap_or_default();
        format!(
            "{}: `{}` was {} and is {}.{since} It belongs to {}. {} {} (Rule {}.)",
            self.severity.word(),
            self.path,
            shown(&self.from),
            shown(&self.to),
            owner(first(&self.path).unwrap_or_default(), found),
            self.rule.meaning,
            self.rule.remedy,
            self.rule.id,
        )
    }
}

/// Who decides about an attribute.
fn owner(attribute: &str, found: &Model) -> String {
    let by = match attribute {
        "desired_count" => Some(("desired_count_owner", &found.desired_count_owner)),
        "task_definition" | "images" => {
            Some(("task_definition_owner", &found.task_definition_owner))
        }
        _ => None,
    };
    match by.and_then(|(name, word)| Some((name, word.known()?))) {
        Some((name, word)) => format!("this configuration (`{name} = \"{word}\"`)"),
        None => "this configuration".to_owned(),
    }
}

/// Since when, if AWS knows: the newest deployment that is not ours.
async fn since(ports: &Ports, prior: &Model, live: &Live) -> Option<String> {
    let service = &live.service;
    if service.controller != Controller::Ecs {
        let mut sets = service.task_sets.iter();
        let serving =
            sets.find(|set| Some(&set.task_definition) == live.revision.task_definition.as_ref())?;
        let at = serving.created_at?;
        return Some(format!("The task set that serves is from {at}."));
    }
    let named = ServiceRef {
        cluster: service.cluster_arn.clone(),
        name: service.name.clone(),
    };
    // Only told when it can be read: the difference is true without it.
    let newest = ports.services.list_deployments(&named, 1).await.ok()?;
    let newest = newest.into_iter().next()?;
    if prior.deployment_id.known() == Some(&newest.arn) {
        return None;
    }
    let at = newest.created_at?;
    Some(format!(
        "It came with the deployment of {at} ({}).",
        newest.arn
    ))
}

fn told(found: &Model, differences: &[Difference], since: Option<&str>) -> Diagnostic {
    let name = found.name.known().map_or("", String::as_str);
    let counts: Vec<String> = [Severity::Critical, Severity::Major, Severity::Minor]
        .into_iter()
        .filter_map(|severity| {
            let of_it = |difference: &&Difference| difference.severity == severity;
            let count = differences.iter().filter(of_it).count();
            (count > 0).then(|| format!("{count} {}", severity.word().to_lowercase()))
        })
        .collect();
    let noun = if differences.len() == 1 {
        "difference"
    } else {
        "differences"
    };
    let mut paragraphs = vec![
        "Something besides this configuration has changed it since the state was written: a person, another tool, or an \
         apply that was killed."
            .to_owned(),
    ];
    let mut rest = differences.iter();
    paragraphs.extend(
        rest.by_ref()
            .take(TOLD)
            .map(|difference| difference.text(found, since)),
    );
    match rest.count() {
        0 => {}
        more => paragraphs.push(format!(
            "{more} more are not told here. They are no worse than the last one; the plan shows them."
        )),
    }
    if Owner::of(found) == Some(Owner::Terraform)
        && differences
            .iter()
            .any(|difference| difference.rule.id == "service.task-definition")
    {
        paragraphs.push(
            "Does a pipeline deploy here? Set `task_definition_owner` to `external` or `images`, and its deployments are \
             no difference any more."
                .to_owned(),
        );
    }
    Diagnostic::warning(
        format!(
            "Service `{name}` is not as it was left: {} {noun}",
            counts.join(", ")
        ),
        paragraphs.join("\n\n"),
    )
}

/// A value as a reader wants it. Structures are not shown: their parts may be long, and are in the plan.
fn shown(value: &Value) -> String {
    match value.inner() {
        Value::Null | Value::Unknown(_) => "absent".to_owned(),
        Value::String(text) => format!("`{text}`"),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            let words: Option<Vec<&str>> = elements.iter().map(Value::as_str).collect();
            match words {
                Some(words) => format!("[{}]", words.join(", ")),
                None => format!("a list of {}", elements.len()),
            }
        }
        Value::Map(_) | Value::Object(_) | Value::Dynamic(_) => "present".to_owned(),
    }
}

fn json(value: &Value) -> Json {
    match value.inner() {
        Value::Null | Value::Unknown(_) | Value::Dynamic(_) => Json::Null,
        Value::String(text) => Json::String(text.clone()),
        Value::Number(number) => number.to_string().parse().map_or(Json::Null, Json::Number),
        Value::Bool(flag) => Json::Bool(*flag),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.iter().map(json).collect()
        }
        Value::Map(entries) | Value::Object(entries) => entries
            .iter()
            .map(|(name, value)| (name.clone(), json(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use tfplugin::resource::Resource;

    use super::super::BlueGreenService;
    use super::super::model::LastDeploymentModel;
    use super::*;

    /// What a read never takes from AWS.
    const OURS: [&str; 21] = [
        "cluster",
        "codedeploy",
        "deployment",
        "deployment_id",
        "desired_count_bounds",
        "desired_count_owner",
        "gate",
        "health_score",
        "id",
        "last_deployment",
        "name",
        "on_cancel",
        "preflight",
        "quarantined_images",
        "redeploy_failed",
        "redeploy_triggers",
        "report_path",
        "revision_retention",
        "task_definition_owner",
        "timeouts",
        "will_deploy",
    ];

    #[test]
    fn every_attribute_has_a_rule_or_is_never_read() {
        for attribute in BlueGreenService.schema().block.attributes {
            let path = attribute.name.to_string();
            let change = Change {
                resource_type: TYPE,
                path: &path,
                from: &Json::from(1),
                to: &Json::from(2),
                object: &Json::Null,
            };
            let has_rule = change.classified().rule.is_some();
            assert_eq!(has_rule, !OURS.contains(&path.as_str()), "{path}");
        }
    }

    fn left(outcome: &str, to: &str) -> Model {
        Model {
            last_deployment: Attr::Known(LastDeploymentModel {
                outcome: Attr::Known(outcome.to_owned()),
                to_task_definition: Attr::Known(to.to_owned()),
                ..LastDeploymentModel::default()
            }),
            ..Model::default()
        }
    }

    #[test]
    fn a_deployment_that_was_left_running_is_our_own() {
        for (outcome, to, expected) in [
            ("left_running", "web:2", true),
            ("cancelled", "web:2", true),
            ("failed", "web:2", true),
            ("left_running", "web:3", false),
            ("succeeded", "web:2", false),
            ("rolled_back", "web:2", false),
        ] {
            let ours = is_deployed_by_us(&left(outcome, to), Some(&"web:2".to_owned()));
            assert_eq!(ours, expected, "{outcome} {to}");
        }
        assert!(!is_deployed_by_us(&left("left_running", "web:2"), None));
        assert!(!is_deployed_by_us(&Model::default(), None));
    }

    #[test]
    fn structures_are_named_and_not_shown() {
        let hook = Value::object([("details", "a secret")]);
        assert_eq!(shown(&Value::list([hook.clone()])), "a list of 1");
        assert_eq!(shown(&hook), "present");
        assert_eq!(shown(&Value::set(["a", "b"])), "[a, b]");
        assert_eq!(shown(&Value::Null), "absent");
    }
}
