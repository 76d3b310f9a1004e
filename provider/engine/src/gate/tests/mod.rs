//! Tests of the gates: the rules by tables and properties, the runner against a clock moved by hand.

mod fakes;
mod properties;
mod rules;
mod runner;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::config::*;
use super::score::Stand;
use super::track::GateState;

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A gate that is asked at every moment.
pub(super) fn gate(name: &str, check: Check) -> Gate {
    Gate {
        name: name.to_owned(),
        class: GateClass::Smoke,
        area: Area::Basic,
        when: BTreeSet::from([
            MomentKind::BeforeTraffic,
            MomentKind::Step,
            MomentKind::Bake,
            MomentKind::After,
        ]),
        check,
        observe_only: false,
        on_inconclusive: Inconclusive::Fail,
        time_limit: seconds(300),
        flow: Flow::default(),
        pair: None,
    }
}

/// One good answer passes, three bad rounds fail.
pub(super) fn http(target: ProbeTarget) -> HttpCheck {
    HttpCheck {
        target,
        path: "/health".to_owned(),
        method: "GET".to_owned(),
        headers: BTreeMap::new(),
        body: None,
        expect: Expectation::default(),
        timeout: seconds(10),
        consecutive_passes: 1,
        attempts: 3,
        retry_delay: None,
        interval: seconds(10),
        load: None,
    }
}

/// At most one percent, every minute; one good value passes, the first bad one fails.
pub(super) fn metric() -> MetricCheck {
    MetricCheck {
        queries: vec![SideQuery {
            id: "errors".to_owned(),
            source: SideSource::Metric {
                namespace: "AWS/ApplicationELB".to_owned(),
                name: "HTTPCode_Target_5XX_Count".to_owned(),
                dimensions: BTreeMap::from([(
                    "TargetGroup".to_owned(),
                    "{new_target_group}".to_owned(),
                )]),
                statistic: "Sum".to_owned(),
                period_seconds: 60,
            },
        }],
        result: "errors".to_owned(),
        success: Some(Condition {
            operator: Operator::AtMost,
            value: 1.0,
        }),
        failure: None,
        compare_percent: None,
        anomaly: None,
        interval: seconds(60),
        initial_delay: Duration::ZERO,
        failure_limit: 0,
        consecutive_successes: 1,
        no_data: MissingData::Inconclusive,
        not_a_number: MissingData::Inconclusive,
        minimum_requests: None,
    }
}

/// Gates that have all been measured.
pub(super) fn measured(all: &[(Gate, GateState)]) -> impl Iterator<Item = Stand<'_>> {
    all.iter().map(|(gate, standing)| Stand {
        gate,
        standing: *standing,
        is_measured: true,
    })
}
