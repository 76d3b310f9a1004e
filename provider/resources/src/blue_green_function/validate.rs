//! Rules across attributes that need no AWS.

use std::time::Duration;

use switchyard_engine::ports::Share;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Number, Path};

use super::desired;
use super::gates::kinds;
use super::model::{GateModel, MetricModel, Model};
use super::words::{StrategyWord, WhenWord};
use crate::blue_green_service::{known_set, or_default};
use crate::duration;

const STRATEGY: &str = "SY0268";
const TOO_SHORT: &str = "SY0269";
const GATE: &str = "SY0271";

pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found: Vec<Diagnostic> = strategy(config)
        .into_iter()
        .chain(whole(config))
        .chain(time(config))
        .collect();
    let gates = config.gate.known().into_iter().flatten().enumerate();
    let mut names = Vec::new();
    for (index, element) in gates {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        let path = Path::root().attribute("gate").index(index);
        let Some(gate) = element.known() else {
            continue;
        };
        if let Some(name) = gate.name.known() {
            if names.contains(&name) {
                found.push(error(
                    GATE,
                    format!("Two gates have the name `{name}`"),
                    "Errors name a gate by its name.\n\nGive each gate a name of its own."
                        .to_owned(),
                    path.clone().attribute("name"),
                ));
            }
            names.push(name);
        }
        found.extend(kind(gate, &path));
        found.extend(moments(config, gate, &path));
        if let Some(metric) = gate.metric.known() {
            found.extend(of_metric(metric, &path.clone().attribute("metric")));
        }
    }
    found.into_iter().collect()
}

fn error(code: &str, summary: String, detail: String, path: Path) -> Diagnostic {
    Diagnostic::error(summary, format!("{detail}\n\nCode {code}.")).at(path)
}

/// A strategy has its block, and no other.
fn strategy(config: &Model) -> Option<Diagnostic> {
    let default = Model::defaults();
    let word = or_default(&config.strategy, &default.strategy)?;
    let (needs_canary, needs_linear) = match word {
        StrategyWord::AllAtOnce => (false, false),
        StrategyWord::Canary => (true, false),
        StrategyWord::Linear => (false, true),
        StrategyWord::Unknown(_) => return None,
    };
    let blocks = [
        (
            "canary",
            needs_canary,
            config.canary.is_null(),
            config.canary.is_known(),
        ),
        (
            "linear",
            needs_linear,
            config.linear.is_null(),
            config.linear.is_known(),
        ),
    ];
    blocks.into_iter().find_map(|(block, needed, is_absent, is_there)| {
        let (summary, next) = match (needed, is_absent, is_there) {
            (true, true, _) => (
                format!("Strategy `{word}` needs the block `{block}`"),
                format!("Add a `{block}` block with `percent` and `interval`."),
            ),
            (false, _, true) => (
                format!("The block `{block}` does not belong to strategy `{word}`"),
                format!("Remove the block, or set `strategy = \"{block}\"`."),
            ),
            _ => return None,
        };
        let detail = format!("The strategy decides which shifts there are, and the block of its name says how large they are and how long they last.\n\n{next}");
        Some(error(STRATEGY, summary, detail, Path::root().attribute("strategy")))
    })
}

/// A first shift of everything leaves no share in between: its interval would be ignored, and so would gates of `step`.
fn whole(config: &Model) -> Option<Diagnostic> {
    let blocks = [("canary", &config.canary), ("linear", &config.linear)];
    let (block, _) = blocks.into_iter().find(|(_, shift)| {
        let percent = shift.known().and_then(|shift| shift.percent.known());
        let percent = percent.and_then(Number::nearest_f64);
        percent
            .and_then(Share::exactly)
            .is_some_and(Share::is_whole)
    })?;
    let path = Path::root().attribute(block).attribute("percent");
    let detail = "`percent` is the share of the first shift. After a shift of 100 percent there is nothing to wait for: \
                  `interval` and gates that run at `step` would be ignored.\n\nUse a smaller `percent`, or `strategy = \
                  \"all_at_once\"`; `bake_time` holds all of the traffic under watch.";
    Some(error(
        STRATEGY,
        format!("`{block}.percent = 100` moves all traffic at once"),
        detail.to_owned(),
        path,
    ))
}

/// The time limit leaves time for all shares.
fn time(config: &Model) -> Option<Diagnostic> {
    let default = Model::defaults();
    let holds = desired::shares(config)?;
    let least: u64 = holds.iter().map(|hold| u64::from(hold.seconds)).sum();
    let limit = duration::parse(or_default(&config.timeout, &default.timeout)?).ok()?;
    if limit > Duration::from_secs(least) || least == 0 {
        return None;
    }
    let detail = format!(
        "The shares are held for {} in total, and after {} every move is rolled back.\n\nUse a longer `timeout`, or shorter \
         intervals.",
        duration::format(Duration::from_secs(least)),
        duration::format(limit),
    );
    let summary = "`timeout` is too short for the strategy".to_owned();
    Some(error(
        TOO_SHORT,
        summary,
        detail,
        Path::root().attribute("timeout"),
    ))
}

/// A gate is one of three kinds.
fn kind(gate: &GateModel, path: &Path) -> Option<Diagnostic> {
    let found = match kinds(gate)? {
        1 => return None,
        0 => "It has none of them",
        _ => "It has several of them",
    };
    Some(error(
        GATE,
        "A gate must have exactly one kind of check".to_owned(),
        format!(
            "A gate is an `invoke`, a `metric` or an `http` block. {found}.\n\nKeep one; write another gate for each of the others."
        ),
        path.clone(),
    ))
}

/// A gate runs at a moment that there is.
fn moments(config: &Model, gate: &GateModel, path: &Path) -> Option<Diagnostic> {
    let default = Model::defaults();
    let when = known_set(&gate.when)?;
    let at_once = *or_default(&config.strategy, &default.strategy)? == StrategyWord::AllAtOnce;
    if !(at_once && when.len() == 1 && when.contains(&WhenWord::Step)) {
        return None;
    }
    Some(error(
        GATE,
        "The gate never runs: strategy `all_at_once` has no steps".to_owned(),
        "All traffic moves in one shift, so that there is no weight in between.\n\nAdd `bake` or `before_traffic` to `when`, \
         or use `canary` or `linear`."
            .to_owned(),
        path.clone().attribute("when"),
    ))
}

/// A metric is predefined, or a custom one with a name; and something makes its values good or bad.
fn of_metric(metric: &MetricModel, path: &Path) -> Option<Diagnostic> {
    if metric.predefined.is_unknown() || metric.namespace.is_unknown() || metric.name.is_unknown() {
        return None;
    }
    let custom = [
        metric.namespace.is_known(),
        metric.name.is_known(),
        metric.dimensions.is_known(),
        metric.statistic.is_known(),
    ];
    let is_whole = metric.namespace.is_known() && metric.name.is_known();
    let fits = match metric.predefined {
        Attr::Known(_) => !custom.contains(&true),
        Attr::Null | Attr::Unknown => is_whole,
    };
    if !fits {
        return Some(error(
            GATE,
            "A metric is either predefined or a custom one".to_owned(),
            "`predefined` names a metric of the new version; a custom one needs `namespace` and `name`.\n\nKeep \
             `predefined` alone, or write both."
                .to_owned(),
            path.clone(),
        ));
    }
    let has_no_rule = metric.success_when.is_null() && metric.failure_when.is_null();
    has_no_rule.then(|| {
        error(
            GATE,
            "Nothing says which values of the metric are good".to_owned(),
            "A value is judged by `success_when` or `failure_when`.\n\nWrite one of them, such as `failure_when = \"> 5\"`."
                .to_owned(),
            path.clone(),
        )
    })
}
