//! What the board makes of a configuration.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use switchyard_engine::ports::LiveDashboard;
use tfplugin::value::{Attr, Set};

use super::model::{MetricModel, Model};
use super::{board, desired, recover};

fn known(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn texts(elements: &[&str]) -> Attr<Set<Attr<String>>> {
    let sorted: BTreeSet<&str> = elements.iter().copied().collect();
    Attr::Known(sorted.into_iter().map(known).collect())
}

fn map(pairs: &[(&str, &str)]) -> Attr<BTreeMap<String, Attr<String>>> {
    let pairs = pairs.iter();
    Attr::Known(
        pairs
            .map(|(key, value)| ((*key).to_owned(), known(value)))
            .collect(),
    )
}

fn small() -> Model {
    Model {
        name: known("shop"),
        cluster: known("main"),
        service: known("web"),
        region: known("eu-west-1"),
        ..Model::defaults()
    }
}

fn metric(graph: &str, name: &str) -> Attr<MetricModel> {
    Attr::Known(MetricModel {
        graph: known(graph),
        namespace: known("Shop"),
        name: known(name),
        dimensions: map(&[("Country", "DE")]),
        statistic: known("Sum"),
        label: Attr::Null,
    })
}

pub(super) fn whole() -> Model {
    let elb = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:";
    Model {
        load_balancer: known(&format!("{elb}loadbalancer/app/web/1")),
        target_groups: Attr::Known(vec![
            known(&format!("{elb}targetgroup/web-green/1")),
            known(&format!("{elb}targetgroup/web-blue/2")),
        ]),
        databases: texts(&["orders"]),
        caches: texts(&["sessions-001"]),
        alarms: texts(&["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-unhealthy"]),
        deployment_log_group: known("/events/deployments"),
        marks: map(&[("release 7", "2026-11-30T14:05:00Z")]),
        metric: Attr::Known(vec![
            metric("Orders", "Placed"),
            metric("Money", "Turnover"),
            metric("Orders", "Canceled"),
        ]),
        ..small()
    }
}

fn body(model: &Model) -> Json {
    board::body(&desired::settings(model).unwrap())
}

fn titles(model: &Model) -> Vec<String> {
    let body = body(model);
    let widgets = body["widgets"].as_array().unwrap().iter();
    widgets
        .map(|widget| {
            let title = widget["properties"]["title"].as_str();
            title
                .unwrap_or_else(|| widget["type"].as_str().unwrap())
                .to_owned()
        })
        .collect()
}

#[test]
fn a_service_alone_has_what_is_known_of_it() {
    assert_eq!(
        titles(&small()),
        [
            "text",
            "Overview",
            "CPU and memory in percent",
            "Tasks",
            "Network in bytes a second",
            "Storage: bytes read and written, GB used",
        ]
    );
    let plain = Model {
        container_insights: Attr::Known(false),
        ..small()
    };
    assert_eq!(
        titles(&plain),
        ["text", "Overview", "CPU and memory in percent", "Tasks"]
    );
}

#[test]
fn every_part_has_its_graphs_in_one_order() {
    let expected = [
        "text",
        "Alarms",
        "Overview",
        "Requests by side",
        "Healthy tasks by side",
        "Connections of the load balancer",
        "Server errors by side (5xx)",
        "Client errors by side (4xx)",
        "Errors of the load balancer itself",
        "Response time by side in seconds (p50, p90, p99)",
        "CPU and memory in percent",
        "Tasks",
        "Network in bytes a second",
        "Storage: bytes read and written, GB used",
        "Database orders: CPU in percent, connections",
        "Database orders: latency and replica lag in seconds",
        "Database orders: free storage and memory in bytes",
        "Cache sessions-001: CPU and memory in percent",
        "Cache sessions-001: hits, misses and evictions",
        "Cache sessions-001: connections",
        "Orders",
        "Money",
        "Deployments",
    ];
    assert_eq!(titles(&whole()), expected);
    let distinct: BTreeSet<&str> = expected.into_iter().collect();
    assert_eq!(distinct.len(), expected.len());
}

#[test]
fn widgets_fill_the_grid_and_do_not_overlap() {
    for model in [small(), whole()] {
        let body = body(&model);
        let mut cells = BTreeSet::new();
        let mut rows = BTreeSet::new();
        for widget in body["widgets"].as_array().unwrap() {
            let of = |member: &str| widget[member].as_u64().unwrap();
            for y in of("y")..of("y") + of("height") {
                rows.insert(y);
                for x in of("x")..of("x") + of("width") {
                    assert!(x < 24, "{widget}");
                    assert!(cells.insert((x, y)), "{widget} covers another one");
                }
            }
        }
        assert_eq!(cells.len(), rows.len() * 24);
    }
}

#[test]
fn percentiles_are_those_of_each_side_and_marks_are_in_every_graph() {
    let body = body(&whole());
    let widgets = body["widgets"].as_array().unwrap();
    let times = widgets
        .iter()
        .find(|it| {
            it["properties"]["title"]
                .as_str()
                .is_some_and(|it| it.starts_with("Response time"))
        })
        .unwrap();
    let labels: Vec<&str> = times["properties"]["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            line.as_array().unwrap().last().unwrap()["label"]
                .as_str()
                .unwrap()
        })
        .collect();
    let expected = [
        "web-green p50",
        "web-green p90",
        "web-green p99",
        "web-blue p50",
        "web-blue p90",
        "web-blue p99",
    ];
    assert_eq!(labels, expected);
    for widget in widgets
        .iter()
        .filter(|it| it["properties"]["view"] == "timeSeries")
    {
        let marks = &widget["properties"]["annotations"]["vertical"];
        assert_eq!(marks[0]["label"], "release 7", "{widget}");
    }
}

#[test]
fn a_configuration_is_recovered_from_its_body() {
    for model in [small(), whole()] {
        let live = LiveDashboard {
            arn: "arn:aws:cloudwatch::123456789012:dashboard/shop".to_owned(),
            body: body(&model).to_string(),
        };
        let imported = Model {
            name: model.name.clone(),
            ..Model::default()
        };
        let recovered = recover::recovered(&imported, &live);
        // Metrics of one graph stand together in a body.
        let metric = model.metric.clone().map(|mut metrics| {
            metrics.sort_by_key(|it| it.known().unwrap().graph != known("Orders"));
            metrics
        });
        let expected = Model {
            arn: Attr::Known(live.arn),
            body: Attr::Known(live.body),
            metric,
            ..model
        };
        assert_eq!(recovered, expected);
    }
}
