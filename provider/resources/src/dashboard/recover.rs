//! From the body of a dashboard to the configuration that makes it, for an import.
//!
//! A body of somebody else gives what it has of the same kind; the first plan after the import shows the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use switchyard_engine::ports::LiveDashboard;
use tfplugin::value::{Attr, Set};

use super::board::SOURCE;
use super::desired;
use super::graphs::rows;
use super::model::{MetricModel, Model};

/// A line of a graph.
struct Line {
    graph: String,
    namespace: String,
    name: String,
    dimensions: BTreeMap<String, String>,
    options: Json,
}

/// The model of an import.
pub(super) fn recovered(imported: &Model, live: &LiveDashboard) -> Model {
    let body: Json = serde_json::from_str(&live.body).unwrap_or_default();
    let widgets = elements(&body, "widgets");
    let lines: Vec<Line> = widgets.iter().flat_map(lines_of).collect();
    let region = widgets
        .iter()
        .find_map(|widget| text(&widget["properties"], "region"));
    let account = live.arn.split(':').nth(4).unwrap_or_default();
    let partition = live.arn.split(':').nth(1).unwrap_or("aws");
    let begin = region
        .as_deref()
        .map(|region| format!("arn:{partition}:elasticloadbalancing:{region}:{account}:"));
    let value = |name: &str| {
        lines
            .iter()
            .find_map(|line| line.dimensions.get(name).cloned())
    };
    let balancer = begin.as_ref().zip(value("LoadBalancer"));
    let has_insights = lines
        .iter()
        .any(|line| line.namespace == "ECS/ContainerInsights");
    let model = Model {
        arn: Attr::Known(live.arn.clone()),
        body: Attr::Known(live.body.clone()),
        cluster: Attr::from(value("ClusterName")),
        service: Attr::from(value("ServiceName")),
        load_balancer: Attr::from(balancer.map(|(begin, it)| format!("{begin}loadbalancer/{it}"))),
        target_groups: target_groups(&lines, begin.as_deref()),
        databases: set(&lines, "DBInstanceIdentifier"),
        caches: set(&lines, "CacheClusterId"),
        container_insights: Attr::Known(has_insights),
        alarms: set_or_null(widgets.iter().flat_map(alarms).collect()),
        deployment_log_group: Attr::from(widgets.iter().find_map(log_group)),
        marks: marks(widgets),
        region: Attr::from(region).or(imported.region.clone()),
        ..imported.clone()
    };
    let metric = custom(&model, &lines);
    Model { metric, ..model }
}

fn elements<'a>(value: &'a Json, member: &str) -> &'a [Json] {
    value
        .get(member)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text(value: &Json, member: &str) -> Option<String> {
    value.get(member).and_then(Json::as_str).map(str::to_owned)
}

fn lines_of(widget: &Json) -> Vec<Line> {
    let properties = &widget["properties"];
    let graph = text(properties, "title").unwrap_or_default();
    let metrics = elements(properties, "metrics").iter();
    metrics
        .filter_map(|line| line_of(graph.clone(), line.as_array()?))
        .collect()
}

/// `[NAMESPACE, NAME, DIMENSION, VALUE, …, {OPTIONS}]`.
fn line_of(graph: String, parts: &[Json]) -> Option<Line> {
    let options = parts.last().filter(|part| part.is_object()).cloned();
    let mut texts = parts.iter().map_while(Json::as_str).map(str::to_owned);
    let (namespace, name) = (texts.next()?, texts.next()?);
    let mut dimensions = BTreeMap::new();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        dimensions.insert(name, value);
    }
    Some(Line {
        graph,
        namespace,
        name,
        dimensions,
        options: options.unwrap_or_default(),
    })
}

/// In the order of the graphs, which is that of the configuration.
fn target_groups(lines: &[Line], begin: Option<&str>) -> Attr<Vec<Attr<String>>> {
    let mut groups: Vec<String> = Vec::new();
    for line in lines {
        let group = line.dimensions.get("TargetGroup").zip(begin);
        let arn = group.map(|(group, begin)| format!("{begin}{group}"));
        groups.extend(arn.filter(|arn| !groups.contains(arn)));
    }
    if groups.is_empty() {
        return Attr::Null;
    }
    Attr::Known(groups.into_iter().map(Attr::Known).collect())
}

fn set(lines: &[Line], dimension: &str) -> Attr<Set<Attr<String>>> {
    let values = lines.iter();
    set_or_null(
        values
            .filter_map(|line| line.dimensions.get(dimension).cloned())
            .collect(),
    )
}

fn set_or_null(elements: BTreeSet<String>) -> Attr<Set<Attr<String>>> {
    if elements.is_empty() {
        return Attr::Null;
    }
    Attr::Known(elements.into_iter().map(Attr::Known).collect())
}

fn alarms(widget: &Json) -> Vec<String> {
    let alarms = elements(&widget["properties"], "alarms").iter();
    alarms.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn log_group(widget: &Json) -> Option<String> {
    let (before, after) = SOURCE;
    let query = text(&widget["properties"], "query")?;
    let (group, _) = query.strip_prefix(before)?.split_once(after)?;
    Some(group.to_owned())
}

fn marks(widgets: &[Json]) -> Attr<BTreeMap<String, Attr<String>>> {
    let marks: BTreeMap<String, Attr<String>> = widgets
        .iter()
        .flat_map(|widget| elements(&widget["properties"]["annotations"], "vertical"))
        .filter_map(|mark| Some((text(mark, "label")?, Attr::Known(text(mark, "value")?))))
        .collect();
    if marks.is_empty() {
        Attr::Null
    } else {
        Attr::Known(marks)
    }
}

/// The lines of graphs that such a dashboard would not have by itself.
fn custom(model: &Model, lines: &[Line]) -> Attr<Vec<Attr<MetricModel>>> {
    let Some(settings) = desired::settings(model) else {
        return Attr::Null;
    };
    let own: BTreeSet<String> = rows(&settings)
        .into_iter()
        .flatten()
        .map(|graph| graph.title)
        .collect();
    let custom = lines
        .iter()
        .filter(|line| line.graph != super::board::OVERVIEW && !own.contains(&line.graph));
    let metrics: Vec<Attr<MetricModel>> = custom
        .map(|line| {
            let dimensions: BTreeMap<String, Attr<String>> = line
                .dimensions
                .iter()
                .map(|(name, value)| (name.clone(), Attr::Known(value.clone())))
                .collect();
            Attr::Known(MetricModel {
                graph: Attr::Known(line.graph.clone()),
                namespace: Attr::Known(line.namespace.clone()),
                name: Attr::Known(line.name.clone()),
                dimensions: if dimensions.is_empty() {
                    Attr::Null
                } else {
                    Attr::Known(dimensions)
                },
                statistic: Attr::Known(
                    text(&line.options, "stat").unwrap_or_else(|| "Average".to_owned()),
                ),
                label: Attr::from(text(&line.options, "label")),
            })
        })
        .collect();
    if metrics.is_empty() {
        Attr::Null
    } else {
        Attr::Known(metrics)
    }
}
