//! Gates.

use std::collections::BTreeSet;

use switchyard_engine::gate::{Check, MomentKind};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::balancer::is_classic;
use super::{Rule, gate_pairs, missing, not_used};
use crate::blue_green_service::gates::{self, Kind};
use crate::blue_green_service::model::{
    AnomalyModel, GateModel, HttpModel, MetricModel, Model, QueryModel, known_elements, whole_list,
};
use crate::blue_green_service::strategy::{ControllerChoice, Strategy};
use crate::blue_green_service::words::{OnFailureWord, TargetWord, WhenWord};
use crate::duration;

/// `strategy` is absent as long as it is unknown.
pub(super) fn all(config: &Model, strategy: Option<Strategy>, found: &mut Vec<Diagnostic>) {
    if config.health_score.is_known() && config.gate.is_null() {
        found.push(not_used(
            Path::root().attribute("health_score"),
            "health_score",
            "there is no gate to judge",
        ));
    }
    let mut names = BTreeSet::new();
    for (index, gate) in known_elements(&config.gate) {
        let path = || Path::root().attribute("gate").index(index);
        let name = gate.name.known().map_or("without a name", String::as_str);
        if gate.name.is_known() && !names.insert(name) {
            found.push(Rule::GateNames.error(
                path().attribute("name"),
                format!("Two gates have the name `{name}`"),
                "Reports and errors refer to gates by name, so names must be unique. Rename one of them.",
            ));
        }
        if let Some(strategy) = strategy {
            moments(gate, name, strategy, &path(), found);
        }
        check(config, gate, name, &path(), found);
        gate_pairs::all(config, gate, name, &path(), found);
        flow(gate, &path(), found);
        running(gate, name, &path(), found);
        time_limit(gate, name, &path(), found);
    }
}

/// A gate that is given up before it can have passed.
fn time_limit(gate: &GateModel, name: &str, path: &Path, found: &mut Vec<Diagnostic>) {
    let Some(gate) = gates::gate(gate) else {
        return;
    };
    let (interval, times, what) = match &gate.check {
        Check::Http(http) if http.load.is_none() => {
            (http.interval, http.consecutive_passes, "rounds")
        }
        Check::Metric(metric) => (metric.interval, metric.consecutive_successes, "values"),
        // One good answer is enough.
        Check::Command(_)
        | Check::Connect(_)
        | Check::Dependency(_)
        | Check::Function(_)
        | Check::Http(_)
        | Check::Invoke(_) => return,
    };
    let least = interval.saturating_mul(times.saturating_sub(1));
    if gate.time_limit > least {
        return;
    }
    found.push(Rule::TimeoutTooShort.error(
        path.clone().attribute("time_limit"),
        format!("The gate `{name}` times out before it can pass"),
        format!(
            "It needs {times} good {what} in a row, one every {}, which takes at least {}. After {} it is always \
             inconclusive. Use a longer `time_limit`, or require fewer good {what}.",
            duration::format(interval),
            duration::format(least),
            duration::format(gate.time_limit),
        ),
    ));
}

/// What cannot be asked of the revision that runs, and who goes back from where.
fn running(gate: &GateModel, name: &str, path: &Path, found: &mut Vec<Diagnostic>) {
    let Some(when) = gates::moments(&gate.when) else {
        return;
    };
    let is_back = gate.on_failure == Attr::Known(OnFailureWord::RollBack);
    if is_back && !when.contains(&MomentKind::After) {
        found.push(Rule::GateMoment.error(
            path.clone().attribute("on_failure"),
            format!("The gate `{name}` does not run after the deployment"),
            "`roll_back` deploys the revision before again, after the deployment. Before its end, a failure rolls it back \
             anyway. Add `after` to `when`, or set `on_failure = \"stop\"`.",
        ));
    }
    let is_compared = |metric: &MetricModel| metric.compare_percent.is_known();
    let only_new = match () {
        () if !when.contains(&MomentKind::BeforeStart) => return,
        () if gate.command.is_known() => "a `command` runs in a task of the new revision",
        () if gate
            .http
            .known()
            .is_some_and(|http| http.target == Attr::Known(TargetWord::TestListener)) =>
        {
            "the test listener leads to the new revision"
        }
        () if gate.metric.known().is_some_and(is_compared) => {
            "`compare_percent` compares the new revision with the old one"
        }
        () => return,
    };
    found.push(Rule::GateMoment.error(
        path.clone().attribute("when"),
        format!("The gate `{name}` cannot run at `before_start`"),
        format!(
            "At that moment nothing is started, and the gate checks the revision that runs: {only_new}. Remove \
             `before_start`, or use a different check."
        ),
    ));
}

/// The moments that never come.
fn moments(
    gate: &GateModel,
    name: &str,
    strategy: Strategy,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    let Some(when) = gates::moments(&gate.when) else {
        return;
    };
    let never = |moment: MomentKind| match (moment, strategy) {
        (MomentKind::After | MomentKind::BeforeStart, _) => None,
        (MomentKind::BeforeTraffic | MomentKind::Step | MomentKind::Bake, Strategy::Rolling) => {
            Some(
                "a rolling deployment replaces tasks inside one target group, so there is no new side to check before \
             it has ended. Set `when = [\"after\"]`, or choose a strategy that moves traffic",
            )
        }
        (MomentKind::Step, Strategy::AllAtOnce) => Some(
            "`all_at_once` has no weight in between. Choose `canary`, `linear` or `steps`, or run the gate at \
             `before_traffic`, `bake` or `after`",
        ),
        (
            MomentKind::BeforeTraffic | MomentKind::Step | MomentKind::Bake,
            Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear | Strategy::Steps,
        ) => None,
    };
    for moment in when {
        let Some(why) = never(moment) else {
            continue;
        };
        found.push(Rule::GateMoment.error(
            path.clone().attribute("when"),
            format!(
                "The gate `{name}` would never run at `{}`",
                WhenWord::of(moment)
            ),
            format!("This strategy does not have that moment: {why}."),
        ));
    }
}

/// The kinds of checks, for messages.
const KINDS: &str = "`http`, `metric`, `command`, `function`, `tcp`, `tls` or `dependency`";

fn check(config: &Model, gate: &GateModel, name: &str, path: &Path, found: &mut Vec<Diagnostic>) {
    let Some(kinds) = gates::kinds(gate) else {
        return;
    };
    match kinds.as_slice() {
        [] => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` has no check"),
            format!("A gate has one check: {KINDS}. Add one of them."),
        )),
        [Kind::Http(http)] => {
            requests(
                config,
                gate,
                http,
                found,
                (name, &path.clone().attribute("http")),
            );
        }
        [Kind::Metric(metric)] => {
            measurements(
                config,
                metric,
                name,
                &path.clone().attribute("metric"),
                found,
            );
        }
        [
            Kind::Command(_)
            | Kind::Dependency(_)
            | Kind::Function(_)
            | Kind::Tcp(_)
            | Kind::Tls(_),
        ] => {}
        several => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` has {} checks", several.len()),
            format!(
                "A gate has one check: {KINDS}. Split it into {} gates.",
                several.len()
            ),
        )),
    }
}

/// What means nothing beside something else.
fn flow(gate: &GateModel, path: &Path, found: &mut Vec<Diagnostic>) {
    if gate.on_failure.is_known() && gate.observe_only == Attr::Known(true) {
        found.push(not_used(
            path.clone().attribute("on_failure"),
            "on_failure",
            "with `observe_only = true` a failure has no effect",
        ));
    }
    let runs_once = gates::gate(gate).is_some_and(|gate| gate.check.runs_once());
    if gate.watch.is_known() && runs_once {
        found.push(not_used(
            path.clone().attribute("watch"),
            "watch",
            "a command, a function and a load test run once at each moment",
        ));
    }
    let Some(http) = gate.http.known().filter(|http| http.load.is_known()) else {
        return;
    };
    for (name, is_written) in [
        ("consecutive_passes", http.consecutive_passes.is_known()),
        ("interval", http.interval.is_known()),
    ] {
        if is_written {
            found.push(not_used(
                path.clone().attribute("http").attribute(name),
                name,
                "`load` sends its requests once at each moment",
            ));
        }
    }
}

fn requests(
    config: &Model,
    gate: &GateModel,
    http: &HttpModel,
    found: &mut Vec<Diagnostic>,
    (name, path): (&str, &Path),
) {
    match (&http.url, &http.target) {
        (Attr::Null, Attr::Null) => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` does not say where its requests go"),
            "Add `target = \"test_listener\"`, `target = \"new_targets\"`, or a `url`.",
        )),
        (Attr::Known(_), Attr::Known(_)) => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` has two destinations"),
            "Requests go either to a `url` or to a `target`. Remove one of them.",
        )),
        (Attr::Known(_), Attr::Null) if http.path.is_known() => found.push(not_used(
            path.clone().attribute("path"),
            "path",
            "the `url` has one",
        )),
        (
            Attr::Null | Attr::Known(_) | Attr::Unknown,
            Attr::Null | Attr::Known(_) | Attr::Unknown,
        ) => {}
    }
    for (attribute, why) in unsendable(http) {
        found.push(Rule::GateCheck.error(
            path.clone().attribute(attribute),
            format!("The requests of the gate `{name}` cannot be sent"),
            why,
        ));
    }
    let Attr::Known(target) = &http.target else {
        return;
    };
    match &config.load_balancer {
        Attr::Unknown => {}
        Attr::Null => found.push(missing(
            Path::root(),
            "load_balancer",
            &format!(
                "the gate `{name}` finds the new revision through it (a `url` does not need it)"
            ),
        )),
        Attr::Known(_) if is_classic(config) => found.push(missing(
            Path::root().attribute("load_balancer"),
            "target_groups",
            &format!(
                "the gate `{name}` finds the new revision through them (a `url` does not need them)"
            ),
        )),
        Attr::Known(balancer) => {
            let names_rules = matches!(
                ControllerChoice::of(config),
                Some(ControllerChoice::Ecs | ControllerChoice::External)
            );
            let (block, test_rule) = match gate_pairs::besides(config, gate) {
                Some(besides) => ("additional_load_balancer", &besides.test_listener_rule),
                None => ("load_balancer", &balancer.test_listener_rule),
            };
            if *target == TargetWord::TestListener && names_rules && test_rule.is_null() {
                found.push(missing(
                    Path::root().attribute(block),
                    "test_listener_rule",
                    &format!("the gate `{name}` sends requests to the new revision through the test listener \
                              (`new_targets` does not need it)"),
                ));
            }
        }
    }
}

/// What no request can hold, by attribute. Values may be secrets: the messages do without them.
fn unsendable(http: &HttpModel) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    if let Some(url) = http.url.known() {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            let why = "The URL contains a user. Remove it, and send the header `authorization` in `headers`, which \
                       Terraform does not show.";
            found.push(("url", why.to_owned()));
        } else if host.is_empty() || host.starts_with(':') {
            found.push(("url", "The URL has no host. Add one.".to_owned()));
        }
    }
    for (attribute, value) in [("url", &http.url), ("path", &http.path)] {
        if value.known().is_some_and(|text| !is_plain(text)) {
            let why = "It contains a space, or a character outside ASCII. Write it percent-encoded, such as `%20` \
                       for a space.";
            found.push((attribute, why.to_owned()));
        }
    }
    for (header, value) in http.headers.known().into_iter().flatten() {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if header.is_empty() || !header.bytes().all(is_name) {
            let why = format!(
                "`{}` is not the name of a header, which has letters, digits and hyphens. Correct it.",
                header.escape_debug()
            );
            found.push(("headers", why));
        }
        if value
            .known()
            .is_some_and(|text| text.contains(|c: char| c.is_control() && c != '\t'))
        {
            let why = format!(
                "The value of the header `{}` contains a line break or another control character. Remove it, for \
                 example with `trimspace()`.",
                header.escape_debug()
            );
            found.push(("headers", why));
        }
    }
    found
}

fn measurements(
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
