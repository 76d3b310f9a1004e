//! State that earlier versions of the schema wrote.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::{Map, Value as Json};
use switchyard_engine::GateVerdict;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::RawState;
use tfplugin::value::{Attr, Value};

use super::model::LastDeploymentModel;
use super::record::worse;
use super::schema;
use super::words::{OutcomeWord, VerdictWord};
use crate::names;

/// Version 0 kept the whole account of the last deployment, and its id once more. What the state keeps of it now follows
/// from that; the rest is in the file at `report_path`.
pub(super) fn from_0(state: &RawState) -> Result<Value, Diagnostics> {
    let mut json = state.json()?;
    if let Json::Object(attributes) = &mut json {
        attributes.remove("deployment_id");
        if let Some(Json::Object(last)) = attributes.get_mut("last_deployment") {
            shorten(last);
        }
    }
    current(json)
}

/// Version 1 had lists where there are blocks now, under the names of lists.
pub(super) fn from_1(state: &RawState) -> Result<Value, Diagnostics> {
    current(state.json()?)
}

fn current(mut json: Json) -> Result<Value, Diagnostics> {
    if let Some(Json::Object(deployment)) = json.get_mut("deployment") {
        rename(deployment, "steps", "step");
        rename(deployment, "lifecycle_hooks", "lifecycle_hook");
    }
    let gates = json.get_mut("gate").and_then(Json::as_array_mut);
    for gate in gates.into_iter().flatten() {
        if let Some(Json::Object(metric)) = gate.get_mut("metric") {
            rename(metric, "queries", "query");
        }
    }
    if let Some(last) = json.get_mut("last_deployment")
        && last.is_object()
    {
        *last = Json::String(as_line(last));
    }
    RawState::from_json(json.to_string()).decode(&schema().value_type())
}

/// Version 2 had an object where there is a line now.
pub(super) fn from_2(state: &RawState) -> Result<Value, Diagnostics> {
    current(state.json()?)
}

fn as_line(last: &Json) -> String {
    let text = |name: &str| Attr::from(last[name].as_str().map(str::to_owned));
    let number = |name: &str| Attr::from(last[name].as_u64());
    let verdicts = last["gates"].as_object().into_iter().flatten();
    let verdicts = verdicts
        .filter_map(|(gate, verdict)| Some((gate.clone(), VerdictWord::parse(verdict.as_str()?))));
    let last = LastDeploymentModel {
        id: text("id"),
        outcome: Attr::from(last["outcome"].as_str().map(OutcomeWord::parse)),
        reason: text("reason"),
        from_task_definition: text("from_task_definition"),
        to_task_definition: text("to_task_definition"),
        finished_at: text("finished_at"),
        duration_seconds: number("duration_seconds"),
        recovery_seconds: number("recovery_seconds"),
        score: number("score"),
        gates: Attr::Known(verdicts.collect()),
        more: BTreeMap::new(),
    };
    last.line()
}

fn rename(object: &mut Map<String, Json>, from: &str, to: &str) {
    if let Some(value) = object.remove(from) {
        object.insert(to.to_owned(), value);
    }
}

fn shorten(last: &mut Map<String, Json>) {
    last.remove("started_at");
    last.remove("timeline");
    for name in ["from_task_definition", "to_task_definition"] {
        if let Some(Json::String(arn)) = last.get_mut(name) {
            *arn = names::task_definition_name(arn).to_owned();
        }
    }
    let mut verdicts: BTreeMap<String, GateVerdict> = BTreeMap::new();
    let results = last.get("gates").and_then(Json::as_array);
    for result in results.into_iter().flatten() {
        let gate = result.get("gate").and_then(Json::as_str);
        let verdict = result
            .get("verdict")
            .and_then(|word| GateVerdict::deserialize(word).ok());
        if let (Some(gate), Some(verdict)) = (gate, verdict) {
            let said = verdicts.entry(gate.to_owned()).or_insert(verdict);
            *said = worse(*said, verdict);
        }
    }
    let verdicts = verdicts.into_iter();
    let verdicts: Map<String, Json> = verdicts
        .map(|(gate, verdict)| (gate, VerdictWord::of(verdict).word().into()))
        .collect();
    last.insert("gates".to_owned(), Json::Object(verdicts));
}
