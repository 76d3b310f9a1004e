//! The time limit covers what the rollout waits for by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use switchyard_rollout::weights::{Shape, Share, shifts};

use crate::desired::{DesiredController, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::gate::{Check, MomentKind};
use crate::ports::Strategy;

/// Minutes that tasks get to start and drain, on top of what the rollout waits for.
const START_AND_DRAIN_MINUTES: u64 = 10;

/// Minutes that a Network Load Balancer takes for one shift (AWS documents about ten).
const NETWORK_SHIFT_MINUTES: u64 = 10;

/// What the configuration alone does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// How traffic moves; `None` where it does not.
    pub(super) shape: Option<Shape>,
    /// Minutes the old side stays under CodeDeploy: its deployment succeeds only after them.
    pub(super) termination_minutes: u32,
    /// Seconds the old side drains where we delete it.
    pub(super) drain_seconds: u32,
}

impl Known {
    /// The shape of ECS's own strategies.
    pub(super) fn of_strategy(wanted: &DesiredService) -> Self {
        let shape = match wanted.rollout_configuration().strategy {
            Strategy::BlueGreen => Some(Shape::AllAtOnce),
            Strategy::Canary {
                percent,
                bake_minutes,
            } => Some(Shape::Canary {
                share: share(percent),
                minutes: bake_minutes,
            }),
            Strategy::Linear {
                percent,
                bake_minutes,
            } => Some(Shape::Linear {
                share: share(percent),
                minutes: bake_minutes,
            }),
            Strategy::Rolling | Strategy::Unknown(_) => None,
        };
        Self {
            shape,
            ..Self::default()
        }
    }
}

/// The parts of the wait, each in whole seconds.
#[derive(Debug, Default)]
struct Waits {
    holds: u64,
    bakes: u64,
    gates: u64,
    drain: u64,
    termination: u64,
    shifts: u64,
}

/// The finding for a limit that is shorter than the waits, or leaves tasks no time.
pub(super) fn of(wanted: &DesiredService, known: Known) -> Option<Finding> {
    let waits = waits(wanted, known);
    let seconds = waits.holds + waits.bakes + waits.gates + waits.drain + waits.termination;
    let minutes = seconds.div_ceil(60);
    let limit = wanted.time_limit.as_secs() / 60;
    let network = if is_network(wanted) {
        waits.shifts * NETWORK_SHIFT_MINUTES
    } else {
        0
    };
    let advised = minutes + START_AND_DRAIN_MINUTES + network;
    if minutes + network == 0 || limit >= advised {
        return None;
    }
    let parts: Vec<&str> = [
        (waits.bakes, "shifts and bakes"),
        (waits.holds, "steps"),
        (waits.gates, "gates"),
        (waits.drain, "draining"),
        (waits.termination, "the termination wait"),
        (network, "moving a Network Load Balancer"),
    ]
    .into_iter()
    .filter(|(time, _)| *time > 0)
    .map(|(_, words)| words)
    .collect();
    let (severity, takes) = if limit <= minutes {
        (FindingLevel::Error, minutes)
    } else {
        (FindingLevel::Warning, minutes + network)
    };
    Some(finding(
        Rule::TimeLimitTooSmall,
        severity,
        Field::TimeLimit,
        format!(
            "The timeout is {limit} minutes; {} alone take {takes}.",
            listed(&parts)
        ),
        "A deployment that has not ended by then counts as failed.",
        &format!("Set the timeout to at least {advised} minutes."),
    ))
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

fn waits(wanted: &DesiredService, known: Known) -> Waits {
    let mut waits = Waits {
        drain: u64::from(known.drain_seconds),
        termination: u64::from(known.termination_minutes) * 60,
        ..Waits::default()
    };
    let step = gate_seconds(wanted, MomentKind::Step);
    let bake = gate_seconds(wanted, MomentKind::Bake);
    // A gate is asked while its weight is held anyway: only what it takes beyond that counts.
    let mut hold = |held: u64, gate: u64| waits.gates += gate.saturating_sub(held);
    // Under CodeDeploy weights are not held for gates.
    let is_held = !matches!(wanted.controller, DesiredController::CodeDeploy { .. });
    if !wanted.steps.is_empty() {
        for one in &wanted.steps {
            let seconds = one.hold.as_secs();
            waits.holds += seconds;
            waits.shifts += 1;
            hold(seconds, if one.share.is_whole() { bake } else { step });
        }
    } else if let Some(shape) = known.shape {
        for shift in shifts(shape) {
            let seconds = u64::from(shift.hold_minutes) * 60;
            waits.bakes += seconds;
            waits.shifts += 1;
            if is_held && !shift.share.is_whole() {
                hold(seconds, step);
            }
        }
        if is_held {
            let minutes = wanted.rollout_configuration().bake_minutes;
            let seconds = u64::from(minutes.unwrap_or(0)) * 60;
            waits.bakes += seconds;
            hold(seconds, bake);
        }
    }
    let apart = [
        MomentKind::BeforeStart,
        MomentKind::BeforeTraffic,
        MomentKind::After,
    ];
    waits.gates += apart
        .map(|when| gate_seconds(wanted, when))
        .iter()
        .sum::<u64>();
    waits
}

/// The least time the gates of a moment take to pass; those of one order are asked side by side.
fn gate_seconds(wanted: &DesiredService, when: MomentKind) -> u64 {
    let asked = wanted.gates.list.iter().filter(|gate| {
        // Nothing waits for a gate that only watches.
        gate.when.contains(&when) && !gate.observe_only
    });
    let mut longest: BTreeMap<u32, u64> = BTreeMap::new();
    for gate in asked {
        let watched = gate.flow.watch.unwrap_or_default();
        let seconds = least(&gate.check).max(watched).as_secs();
        let of_order = longest.entry(gate.flow.order).or_default();
        *of_order = seconds.max(*of_order);
    }
    longest.values().sum()
}

fn least(check: &Check) -> Duration {
    let repeated =
        |interval: Duration, times: u32| interval.saturating_mul(times.saturating_sub(1));
    match check {
        Check::Http(http) if http.load.is_none() => {
            repeated(http.interval, http.consecutive_passes)
        }
        Check::Command(_)
        | Check::Connect(_)
        | Check::Dependency(_)
        | Check::Function(_)
        | Check::Http(_)
        | Check::Invoke(_) => Duration::ZERO,
        Check::Metric(metric) => metric
            .initial_delay
            .saturating_add(repeated(metric.interval, metric.consecutive_successes)),
    }
}

fn is_network(wanted: &DesiredService) -> bool {
    let balancers = wanted.balancers();
    let mut rules = balancers
        .iter()
        .filter_map(|balancer| balancer.production_rule.as_deref());
    rules.any(super::routing::is_of_network)
}

/// The share of a shift, which is never nothing.
fn share(percent: f64) -> Share {
    Share::of_percent(percent).map_or(Share::LEAST, |share| share.max(Share::LEAST))
}
