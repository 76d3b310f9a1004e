//! Metrics of gates.

use std::collections::BTreeSet;

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use crate::blue_green_service::gates;
use crate::blue_green_service::model::{
    AnomalyModel, MetricModel, Model, QueryModel, known_elements, whole_list,
};
use crate::blue_green_service::validate::balancer::is_classic;
use crate::blue_green_service::validate::{Rule, missing, not_used};

pub(super) fn check(
    config: &Model,
    metric: &MetricModel,
    name: &str,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    match (&metric.predefined, &metric.query) {
        (Attr::Null, Attr::Null) => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` has no metric"),
            "Set a `predefined` one, or add `query` blocks.",
        )),
        (Attr::Known(_), Attr::Known(_)) => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` has two metrics"),
            "A gate has either a `predefined` metric or `query` blocks. Split it into two gates.",
        )),
        (Attr::Known(_), Attr::Null) => {
            if metric.result.is_known() {
                found.push(not_used(
                    path.clone().attribute("result"),
                    "result",
                    "a `predefined` metric has one value",
                ));
            }
            if config.load_balancer.is_null() {
                found.push(missing(
                    Path::root(),
                    "load_balancer",
                    &format!("the metric of the gate `{name}` is about its target groups"),
                ));
            } else if is_classic(config) {
                found.push(missing(
                    Path::root().attribute("load_balancer"),
                    "target_groups",
                    &format!("the metric of the gate `{name}` is about them"),
                ));
            }
        }
        (Attr::Null, Attr::Known(_)) => queried(metric, name, path, found),
        (
            Attr::Null | Attr::Known(_) | Attr::Unknown,
            Attr::Null | Attr::Known(_) | Attr::Unknown,
        ) => {}
    }
    if let Some(anomaly) = metric.anomaly.known() {
        banded(
            metric,
            anomaly,
            name,
            &path.clone().attribute("anomaly"),
            found,
        );
    }
    let has_limit = !metric.success_when.is_null()
        || !metric.compare_percent.is_null()
        || !metric.anomaly.is_null();
    if !has_limit {
        found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` does not say when a value is good"),
            "Add `success_when`, such as `success_when = \"<= 1\"`, `compare_percent` to compare with the old side, or \
             `anomaly` to compare with what CloudWatch expects.",
        ));
    }
}

/// The query of a band.
fn banded(
    metric: &MetricModel,
    anomaly: &AnomalyModel,
    name: &str,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    let Some(of) = anomaly.of.known() else {
        return;
    };
    if metric.predefined.is_known() {
        found.push(not_used(
            path.clone().attribute("of"),
            "of",
            "a `predefined` metric has one value, whose band it is",
        ));
        return;
    }
    let queries = whole_list(&metric.query).unwrap_or_default();
    let ids: Option<BTreeSet<&String>> = queries.iter().map(|query| query.id.known()).collect();
    if ids.is_some_and(|ids| !ids.is_empty() && !ids.contains(of)) {
        found.push(Rule::GateQueries.error(
            path.clone().attribute("of"),
            format!("The gate `{name}` asks for the band of a query that does not exist"),
            format!("No query has the id `{of}`. Use the id of one of the `query` blocks."),
        ));
    }
}

fn queried(metric: &MetricModel, name: &str, path: &Path, found: &mut Vec<Diagnostic>) {
    let mut ids = BTreeSet::new();
    for (index, query) in known_elements(&metric.query) {
        let path = || path.clone().attribute("query").index(index);
        if let Some(id) = query.id.known()
            && !ids.insert(id.as_str())
        {
            found.push(Rule::GateNames.error(
                path().attribute("id"),
                format!("Two queries of the gate `{name}` have the id `{id}`"),
                "Metric math and `result` refer to queries by id. Rename one of them.",
            ));
        }
        source(query, name, &path(), found);
    }
    match metric.result.as_deref() {
        Attr::Unknown => {}
        Attr::Null if metric.query.known().is_some_and(|all| all.len() > 1) => found.push(missing(
            path.clone(),
            "result",
            &format!("the gate `{name}` has several queries, and one of them is judged"),
        )),
        Attr::Null => {}
        Attr::Known(result) => {
            let all = whole_list(&metric.query).unwrap_or_default();
            let are_known = !all.is_empty() && all.iter().all(|query| query.id.is_known());
            if are_known && !ids.contains(result) {
                found.push(Rule::GateQueries.error(
                    path.clone().attribute("result"),
                    format!("The gate `{name}` judges a query that does not exist"),
                    format!(
                        "No query has the id `{result}`. Use the id of one of the `query` blocks."
                    ),
                ));
            }
        }
    }
}

fn source(query: &QueryModel, name: &str, path: &Path, found: &mut Vec<Diagnostic>) {
    let is_metric = query.namespace.is_known()
        || query.name.is_known()
        || query.dimensions.is_known()
        || query.statistic.is_known()
        || query.period.is_known();
    if query.expression.is_known() && is_metric {
        found.push(Rule::GateQueries.error(
            path.clone(),
            format!("A query of the gate `{name}` is both an expression and a metric"),
            "A query is either an `expression` over other queries or a metric with `namespace` and `name`. Split it \
             into two queries.",
        ));
    } else if query.expression.is_null() && (query.namespace.is_null() || query.name.is_null()) {
        found.push(Rule::GateQueries.error(
            path.clone(),
            format!("A query of the gate `{name}` has no metric"),
            "Add `namespace` and `name`, or an `expression` over other queries.",
        ));
    }
    for (dimension, value) in query.dimensions.known().into_iter().flatten() {
        for unknown in value
            .known()
            .into_iter()
            .flat_map(|text| gates::unknown_placeholders(text))
        {
            found.push(Rule::GateQueries.error(
                path.clone().attribute("dimensions").key(dimension.clone()),
                format!("`{{{unknown}}}` is not a placeholder"),
                format!(
                    "Values of dimensions may contain {}. Use one of them.",
                    gates::placeholders()
                ),
            ));
        }
    }
}
