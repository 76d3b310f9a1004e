//! What somebody else has changed on the dashboard since the state was written: one warning that names the widgets.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Value;

use super::model::Model;
use crate::drift::{self, CONFIGURATION, Frame};

pub(super) const TYPE: &str = "switchyard_dashboard";

/// The widgets of a body by title; `None` for a body that has none.
fn widgets(body: &str) -> Option<BTreeMap<String, Json>> {
    let body: Json = serde_json::from_str(body).ok()?;
    let mut all = BTreeMap::new();
    for widget in body.get("widgets")?.as_array()? {
        let title = widget.pointer("/properties/title").and_then(Json::as_str);
        let kind = widget.get("type").and_then(Json::as_str);
        let title = title.or(kind).unwrap_or("widget").to_owned();
        // Two of the same title are one difference.
        let entry = all.entry(title).or_insert_with(|| Json::Array(Vec::new()));
        if let Some(same) = entry.as_array_mut() {
            same.push(widget.clone());
        }
    }
    Some(all)
}

/// The warning about what differs between the state and what was read.
pub(super) fn warning(prior: &Model, found: &Model) -> Option<Diagnostic> {
    let (before, now) = (prior.body.known()?, found.body.known()?);
    if before == now {
        return None;
    }
    let (before, now) = match (widgets(before), widgets(now)) {
        (Some(before), Some(now)) => describe_widgets(&before, &now),
        (None, _) | (_, None) => {
            let body = |text: &str| Value::object([("body", text)]);
            (body("as configured"), body("not a list of widgets"))
        }
    };
    let differences = drift::differences(TYPE, &[], &before, &now);
    let name = found.name.known().map_or("", String::as_str);
    let frame = Frame {
        subject: format!("Dashboard `{name}`"),
        owner: &|_| CONFIGURATION.to_owned(),
        since: &|_| None,
        advice: None,
    };
    drift::warning(&frame, &differences)
}

/// Widgets in words: their JSON is too long for a message.
fn describe_widgets(
    before: &BTreeMap<String, Json>,
    now: &BTreeMap<String, Json>,
) -> (Value, Value) {
    let was = before.keys().map(|title| (title.clone(), "as configured"));
    let is = now.iter().map(|(title, widget)| {
        let word = match before.get(title) {
            Some(same) if same == widget => "as configured",
            Some(_) => "differs",
            None => "added",
        };
        (title.clone(), word)
    });
    let of = |map: Value| Value::object([("widgets", map)]);
    (of(Value::map(was)), of(Value::map(is)))
}
