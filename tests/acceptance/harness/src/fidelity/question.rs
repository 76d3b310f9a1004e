//! What AWS's documents leave open, and what a recording says about it. `docs/fidelity.md` says what the product does under
//! either answer.

use std::collections::BTreeSet;

use serde_json::Value;

use super::recording::{Exchange, Recording};

/// One open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which `platformVersion` task sets of CodeDeploy show.
    PlatformVersion,
    /// What becomes of a deployment that is stopped with `ABORT`.
    Abort,
    /// How long ListServiceDeployments lacks a deployment that was begun.
    ListLag,
    /// Whether GetDeployment gives the AppSpec back as it was sent.
    AppSpec,
    /// Stages and weights at pauses.
    Pauses,
    /// Whether UpdateService changes the controller and the rest in one call.
    Controller,
    /// Whether DescribeServices says of task sets what DescribeTaskSets says.
    TaskSets,
}

impl Question {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 7] = [
        Self::PlatformVersion,
        Self::Abort,
        Self::ListLag,
        Self::AppSpec,
        Self::Pauses,
        Self::Controller,
        Self::TaskSets,
    ];

    /// Its heading in `docs/fidelity.md`.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::PlatformVersion => "Platform version of CodeDeploy's task sets",
            Self::Abort => "A deployment that is stopped with ABORT",
            Self::ListLag => "How late ListServiceDeployments is",
            Self::AppSpec => "The AppSpec that GetDeployment gives back",
            Self::Pauses => "Stages and weights at a pause",
            Self::Controller => "Changing the controller in one call",
            Self::TaskSets => "What DescribeServices says about task sets",
        }
    }

    /// What a recording says; `None` when the story did not come that far.
    #[must_use]
    pub fn answer(self, recording: &Recording) -> Option<String> {
        match self {
            Self::PlatformVersion => platform_version(recording),
            Self::Abort => abort(recording),
            Self::ListLag => list_lag(recording),
            Self::AppSpec => app_spec(recording),
            Self::Pauses => pauses(recording),
            Self::Controller => controller(recording),
            Self::TaskSets => task_sets(recording),
        }
    }
}

fn answers<'a>(
    recording: &'a Recording,
    service: &'a str,
    operation: &'a str,
) -> impl Iterator<Item = &'a Exchange> {
    let exchanges = recording.0.iter();
    exchanges.filter(move |exchange| exchange.is(service, operation))
}

fn items<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value[list].as_array().into_iter().flatten()
}

fn joined(found: &BTreeSet<String>) -> Option<String> {
    let words: Vec<&str> = found.iter().map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn platform_version(recording: &Recording) -> Option<String> {
    let services = answers(recording, "ecs", "DescribeServices")
        .flat_map(|exchange| items(&exchange.answer, "services"))
        .filter(|service| service["deploymentController"]["type"] == "CODE_DEPLOY");
    let versions = services
        .flat_map(|service| items(service, "taskSets"))
        .map(|set| set["platformVersion"].as_str().unwrap_or("none").to_owned());
    joined(&versions.collect())
}

fn deployments(recording: &Recording) -> impl Iterator<Item = &Value> {
    answers(recording, "ecs", "DescribeServiceDeployments")
        .flat_map(|exchange| items(&exchange.answer, "serviceDeployments"))
}

fn abort(recording: &Recording) -> Option<String> {
    let stops = recording.0.iter().find(|exchange| {
        exchange.operation == "StopServiceDeployment" && exchange.input["stopType"] == "ABORT"
    })?;
    if stops.status >= 400 {
        return Some(format!("refused: {}", stops.answer["__type"]));
    }
    let stopped = &stops.input["serviceDeploymentArn"];
    let mut states: Vec<String> = Vec::new();
    for found in deployments(recording).filter(|found| found["serviceDeploymentArn"] == *stopped) {
        let state = found["status"].as_str().unwrap_or("none").to_owned();
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    Some(match states.is_empty() {
        true => "accepted; the deployment was not described afterwards".to_owned(),
        false => states.join(" → "),
    })
}

/// Lists that were answered after a start was confirmed and before the first that shows the new deployment.
fn list_lag(recording: &Recording) -> Option<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut asked: Option<f64> = None;
    let (mut longest, mut late, mut starts) = (0.0_f64, 0_u32, 0_u32);
    for exchange in &recording.0 {
        if exchange.is("ecs", "CreateService") || exchange.is("ecs", "UpdateService") {
            let begins = exchange.operation == "CreateService"
                || exchange.input["taskDefinition"].is_string()
                || exchange.input["forceNewDeployment"] == true;
            if begins {
                asked = Some(exchange.at);
            }
        }
        if !exchange.is("ecs", "ListServiceDeployments") {
            continue;
        }
        let listed: Vec<&str> = items(&exchange.answer, "serviceDeployments")
            .filter_map(|found| found["serviceDeploymentArn"].as_str())
            .collect();
        let is_new = listed.iter().any(|arn| !known.contains(arn));
        known.extend(listed);
        match (asked, is_new) {
            (Some(since), true) => {
                longest = longest.max(exchange.at - since);
                starts += 1;
                asked = None;
            }
            (Some(_), false) => late += 1,
            (None, _) => {}
        }
    }
    (starts > 0).then(|| match late {
        0 => format!("never late in {starts} starts"),
        late => format!(
            "{late} lists lacked it in {starts} starts; it was there after {longest:.0} s at the latest"
        ),
    })
}

fn app_spec(recording: &Recording) -> Option<String> {
    let content = |value: &Value| {
        let content = &value["revision"]["appSpecContent"]["content"];
        content.as_str().map(str::to_owned)
    };
    let sent: BTreeSet<String> = answers(recording, "codedeploy", "CreateDeployment")
        .filter_map(|exchange| content(&exchange.input))
        .collect();
    let given: BTreeSet<String> = answers(recording, "codedeploy", "GetDeployment")
        .filter_map(|exchange| content(&exchange.answer["deploymentInfo"]))
        .collect();
    if sent.is_empty() {
        return None;
    }
    Some(match (given.is_empty(), given.is_subset(&sent)) {
        (true, _) => "not given back".to_owned(),
        (false, true) => "as it was sent".to_owned(),
        (false, false) => "in another spelling".to_owned(),
    })
}

fn pauses(recording: &Recording) -> Option<String> {
    let held = deployments(recording).filter(|found| {
        let mut hooks = items(found, "lifecycleHookDetails");
        hooks.any(|hook| hook["targetType"] == "PAUSE" && hook["status"] == "AWAITING_ACTION")
    });
    let seen = held.map(|found| {
        let weight = &found["targetServiceRevision"]["requestedProductionTrafficWeight"];
        let weight = weight
            .as_f64()
            .map_or("none".to_owned(), |it| format!("{it} %"));
        format!(
            "{} at {weight}",
            found["lifecycleStage"].as_str().unwrap_or("none")
        )
    });
    joined(&seen.collect())
}

fn controller(recording: &Recording) -> Option<String> {
    let changes = recording.0.iter().filter(|exchange| {
        exchange.operation == "UpdateService" && exchange.input["deploymentController"].is_object()
    });
    let said = changes.map(|exchange| {
        let to = exchange.input["deploymentController"]["type"].as_str();
        let beside: Vec<&str> = ["taskDefinition", "loadBalancers", "deploymentConfiguration"]
            .into_iter()
            .filter(|member| !exchange.input[*member].is_null())
            .collect();
        let how = match exchange.status {
            0..400 => "taken",
            _ => "refused",
        };
        format!(
            "to {} with {}: {how}",
            to.unwrap_or("?"),
            beside.join(" and ")
        )
    });
    joined(&said.collect())
}

/// Members of the task sets of one answer that has any.
fn members_of<'a>(sets: impl Iterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    let members = sets.filter_map(Value::as_object).flat_map(|set| set.keys());
    members.map(String::as_str).collect()
}

/// Members of task sets that DescribeTaskSets shows and DescribeServices does not, with a service of the same kind.
fn task_sets(recording: &Recording) -> Option<String> {
    let described = answers(recording, "ecs", "DescribeTaskSets")
        .flat_map(|exchange| items(&exchange.answer, "taskSets"));
    let described = members_of(described);
    let services = answers(recording, "ecs", "DescribeServices")
        .flat_map(|exchange| items(&exchange.answer, "services"))
        .filter(|service| service["deploymentController"]["type"] == "EXTERNAL");
    let shown = members_of(services.flat_map(|service| items(service, "taskSets")));
    if described.is_empty() {
        return None;
    }
    let lacking: Vec<&str> = described.difference(&shown).copied().collect();
    Some(match lacking.as_slice() {
        [] => "everything that DescribeTaskSets says".to_owned(),
        lacking => format!("not {}", lacking.join(", ")),
    })
}
