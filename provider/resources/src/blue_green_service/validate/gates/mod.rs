//! Gates.

mod measurements;
mod moments;
mod requests;

use std::collections::BTreeSet;

use switchyard_engine::gate::Check;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::{Rule, gate_pairs, not_used};
use crate::blue_green_service::gates::{self, Kind};
use crate::blue_green_service::model::{GateModel, Model, known_elements};
use crate::blue_green_service::strategy::Strategy;
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
            let way = moments::Way {
                strategy,
                is_at_once: moments::is_at_once(config, strategy),
            };
            moments::check(gate, name, way, &path(), found);
        }
        check(config, gate, name, &path(), found);
        gate_pairs::all(config, gate, name, &path(), found);
        flow(gate, &path(), found);
        moments::running(gate, name, &path(), found);
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
            requests::check(
                config,
                gate,
                http,
                found,
                (name, &path.clone().attribute("http")),
            );
        }
        [Kind::Metric(metric)] => {
            measurements::check(
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
        ("retry_delay", http.retry_delay.is_known()),
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
