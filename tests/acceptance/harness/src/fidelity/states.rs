//! What a recording shows of the states of each object, in the order in which it showed them.

use serde_json::Value;

use super::recording::{Exchange, Recording};

/// An object that has states, and what a recording shows of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    /// Its id, replaced.
    pub(super) id: String,
    /// Distinct states, one after the other.
    pub(super) states: Vec<String>,
    /// Seconds from its beginning to its end, when both were shown.
    pub(super) seconds: Option<f64>,
}

/// Where objects with states are: one row a kind.
pub(super) struct Watched {
    pub(super) kind: &'static str,
    service: &'static str,
    operations: &'static [&'static str],
    /// JSON pointer of the object, or of a list of them.
    place: &'static str,
    id: &'static str,
    states: &'static [&'static str],
    /// Members with the times of its beginning and its end.
    times: Option<(&'static str, &'static str)>,
}

pub(super) const WATCHED: [Watched; 3] = [
    Watched {
        kind: "service deployment",
        service: "ecs",
        operations: &["DescribeServiceDeployments"],
        place: "/serviceDeployments",
        id: "serviceDeploymentArn",
        states: &["status", "lifecycleStage"],
        times: Some(("createdAt", "finishedAt")),
    },
    Watched {
        kind: "service",
        service: "ecs",
        operations: &["CreateService", "UpdateService", "DeleteService"],
        place: "/service",
        id: "serviceArn",
        states: &["status"],
        times: None,
    },
    Watched {
        kind: "CodeDeploy deployment",
        service: "codedeploy",
        operations: &["GetDeployment"],
        place: "/deploymentInfo",
        id: "deploymentId",
        states: &["status"],
        times: Some(("createTime", "completeTime")),
    },
];

/// States that pass, by the member that has them: looks are seconds apart, and one that no look met in one recording is no
/// difference. Any other word is.
const PASSING: [(&str, &[&str]); 6] = [
    (
        "status",
        &[
            "PENDING",
            "IN_PROGRESS",
            "STOP_REQUESTED",
            "ROLLBACK_REQUESTED",
            "ROLLBACK_IN_PROGRESS",
            "SUCCESSFUL",
            "DRAINING",
            "AWAITING_ACTION",
            "SUCCEEDED",
            "Created",
            "Queued",
            "InProgress",
            "Ready",
            "Baking",
            "Pending",
            "Succeeded",
        ],
    ),
    (
        "lifecycleStage",
        &[
            "RECONCILE_SERVICE",
            "PRE_SCALE_UP",
            "SCALE_UP",
            "POST_SCALE_UP",
            "TEST_TRAFFIC_SHIFT",
            "POST_TEST_TRAFFIC_SHIFT",
            "PRE_PRODUCTION_TRAFFIC_SHIFT",
            "PRODUCTION_TRAFFIC_SHIFT",
            "POST_PRODUCTION_TRAFFIC_SHIFT",
            "BAKE_TIME",
            "CLEAN_UP",
        ],
    ),
    ("rolloutState", &["IN_PROGRESS", "COMPLETED"]),
    ("stabilityStatus", &["STABILIZING", "STEADY_STATE"]),
    (
        "lastStatus",
        &[
            "PROVISIONING",
            "PENDING",
            "ACTIVATING",
            "RUNNING",
            "DEACTIVATING",
            "STOPPING",
            "DEPROVISIONING",
            "STOPPED",
        ],
    ),
    ("desiredStatus", &["RUNNING", "STOPPED"]),
];

/// Whether a word is one that looks may miss.
pub(super) fn passes(path: &str, word: &str) -> bool {
    let member = path.rsplit(['.', ']']).next().unwrap_or_default();
    PASSING
        .iter()
        .any(|(known, words)| *known == member && words.contains(&word))
}

/// The states of two that both have seen, in the order of each; equal when nothing came in another order. How it ended
/// is seen by everybody.
pub(super) fn in_common<'a>(
    one: &'a [String],
    other: &'a [String],
) -> (Vec<&'a str>, Vec<&'a str>) {
    let shared = |states: &'a [String], others: &[String]| {
        let last = states.len().saturating_sub(1);
        let kept = states.iter().enumerate();
        let kept = kept.filter(|(number, state)| *number == last || others.contains(state));
        let mut kept: Vec<&str> = kept.map(|(_, state)| state.as_str()).collect();
        kept.dedup();
        kept
    };
    (shared(one, other), shared(other, one))
}

impl Watched {
    /// All objects of the kind, in the order in which they were first shown.
    pub(super) fn told(&self, recording: &Recording) -> Vec<Told> {
        let mut told: Vec<Told> = Vec::new();
        let shown = recording
            .0
            .iter()
            .filter(|exchange| self.concerns(exchange));
        for object in shown.flat_map(|exchange| objects(&exchange.answer, self.place)) {
            let Some(id) = object[self.id].as_str() else {
                continue;
            };
            let words: Vec<&str> = self
                .states
                .iter()
                .filter_map(|state| object[*state].as_str())
                .collect();
            let position = told.iter().position(|known| known.id == id);
            let position = position.unwrap_or_else(|| {
                told.push(Told {
                    id: id.to_owned(),
                    states: Vec::new(),
                    seconds: None,
                });
                told.len() - 1
            });
            let Some(known) = told.get_mut(position) else {
                continue;
            };
            let state = words.join(" ");
            if known.states.last() != Some(&state) {
                known.states.push(state);
            }
            if let Some((begin, end)) = self.times
                && let (Some(begin), Some(end)) = (object[begin].as_f64(), object[end].as_f64())
            {
                known.seconds = Some(end - begin);
            }
        }
        told
    }

    fn concerns(&self, exchange: &Exchange) -> bool {
        let mut operations = self.operations.iter();
        operations.any(|operation| exchange.is(self.service, operation))
    }
}

fn objects<'a>(answer: &'a Value, place: &str) -> Vec<&'a Value> {
    match answer.pointer(place) {
        Some(Value::Array(objects)) => objects.iter().collect(),
        Some(object @ Value::Object(_)) => vec![object],
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {
            Vec::new()
        }
    }
}
