//! From settings to the body of a dashboard: a pure function, in one order.

use serde_json::{Value, json};
use tfplugin::value::Attr;

use super::desired::{self, Settings};
use super::graphs::{Graph, overview, rows};
use super::model::Model;

/// CloudWatch's grid has so many columns.
const COLUMNS: usize = 24;
/// Rows of the grid that a graph is high.
const HEIGHT: usize = 6;
/// Seconds of one point of a graph.
const PERIOD: u32 = 60;

/// The title of the widget with the numbers.
pub(super) const OVERVIEW: &str = "Overview";
/// The title of the widget with the alarms.
pub(super) const ALARMS: &str = "Alarms";
/// The title of the widget with the deployments.
pub(super) const DEPLOYMENTS: &str = "Deployments";
/// What stands before and after the log group in the query of the deployments.
pub(super) const SOURCE: (&str, &str) = ("SOURCE '", "' | ");

/// Widgets from top to bottom.
struct Board {
    widgets: Vec<Value>,
    y: usize,
}

impl Board {
    /// Widgets next to each other, as wide as they can be.
    fn row(&mut self, height: usize, parts: Vec<(&str, Value)>) {
        let Some(width) = COLUMNS.checked_div(parts.len()) else {
            return;
        };
        for (number, (kind, properties)) in parts.into_iter().enumerate() {
            self.widgets.push(json!({
                "type": kind, "x": number * width, "y": self.y, "width": width, "height": height,
                "properties": properties,
            }));
        }
        self.y += height;
    }
}

/// The body.
pub(super) fn body(settings: &Settings) -> Value {
    let mut board = Board {
        widgets: Vec::new(),
        y: 0,
    };
    let heading = format!(
        "# {}\nService **{}** of cluster **{}**",
        settings.name, settings.service, settings.cluster
    );
    board.row(2, vec![("text", json!({ "markdown": heading }))]);
    if !settings.alarms.is_empty() {
        let alarms = json!({ "title": ALARMS, "alarms": settings.alarms });
        board.row(3, vec![("alarm", alarms)]);
    }
    let numbers = json!({
        "title": OVERVIEW, "region": settings.region, "view": "singleValue", "period": PERIOD,
        "metrics": overview(settings),
    });
    board.row(3, vec![("metric", numbers)]);
    for row in rows(settings) {
        let graphs = row.iter().map(|graph| ("metric", drawn(settings, graph)));
        board.row(HEIGHT, graphs.collect());
    }
    if let Some(group) = &settings.deployment_log_group {
        board.row(HEIGHT, vec![("log", deployments(settings, group))]);
    }
    json!({ "widgets": board.widgets })
}

fn drawn(settings: &Settings, graph: &Graph) -> Value {
    let mut properties = json!({
        "title": graph.title, "region": settings.region, "view": "timeSeries", "stacked": graph.stacked,
        "period": PERIOD, "metrics": graph.lines,
    });
    if let (false, Some(properties)) = (settings.marks.is_empty(), properties.as_object_mut()) {
        let marks = settings.marks.iter();
        let marks: Vec<Value> = marks
            .map(|(label, at)| json!({ "label": label, "value": at }))
            .collect();
        properties.insert("annotations".to_owned(), json!({ "vertical": marks }));
    }
    properties
}

/// The events of ECS about deployments of the service; its ARN ends with cluster and service.
fn deployments(settings: &Settings, group: &str) -> Value {
    let (before, after) = SOURCE;
    let resource = format!("{}/{}", settings.cluster, settings.service);
    let query = format!(
        "{before}{group}{after}fields @timestamp, detail.eventName, detail.deploymentId, detail.reason | filter \
         resources.0 like /:service\\/{}$/ | sort @timestamp desc | limit 20",
        escaped(&resource)
    );
    json!({
        "title": DEPLOYMENTS, "region": settings.region, "view": "table", "query": query,
    })
}

/// For a regular expression between slashes. Names of clusters and services have nothing else that means something.
fn escaped(text: &str) -> String {
    text.replace('/', "\\/")
}

/// The body that a model asks for; unknown while part of the configuration is.
pub(super) fn body_of(model: &Model) -> Attr<String> {
    desired::settings(model).map_or(Attr::Unknown, |settings| {
        Attr::Known(body(&settings).to_string())
    })
}
