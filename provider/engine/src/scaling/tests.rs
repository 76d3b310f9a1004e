//! Steps, bounds and reasons, as tables; the order of steps, as a property.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::step::tracked;
use super::*;
use crate::finding::{FindingLevel, Rule};
use crate::ports::{
    ActivityStatus, BreachBehavior, NotScaledReason, PredefinedMetric, PredictiveMetric,
    PredictiveMode, PredictiveScaling, TargetTracking, TrackedMetric,
};
use crate::tagging::DesiredTags;

fn tracking(metric: PredefinedMetric, target: f64) -> Policy {
    Policy::TargetTracking(TargetTracking {
        metric: TrackedMetric::Predefined {
            metric,
            resource_label: None,
        },
        target,
        scale_out_cooldown: None,
        scale_in_cooldown: None,
        disable_scale_in: false,
    })
}

fn cpu() -> Policy {
    tracking(PredefinedMetric::Cpu, 70.0)
}

fn memory() -> Policy {
    tracking(PredefinedMetric::Memory, 80.0)
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn wanted(policies: &[(&str, Policy)]) -> DesiredScaling {
    DesiredScaling {
        service: ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        },
        bounds: Bounds { min: 2, max: 10 },
        suspended: SuspendedState::default(),
        policies: policies
            .iter()
            .map(|(name, policy)| ((*name).to_owned(), policy.clone()))
            .collect(),
        alarms: BTreeMap::new(),
        schedules: BTreeMap::new(),
        unmanaged: Unmanaged::Report,
        tags: DesiredTags::default(),
    }
}

fn live(policies: &[(&str, Policy)]) -> LiveScaling {
    LiveScaling {
        target: ScalableTarget {
            arn: Some("arn:target".to_owned()),
            bounds: Bounds { min: 2, max: 10 },
            suspended: SuspendedState::default(),
        },
        held: SuspendedState::default(),
        policies: policies
            .iter()
            .map(|(name, policy)| ScalingPolicy {
                name: (*name).to_owned(),
                arn: format!("arn:{name}"),
                policy: policy.clone(),
                alarms: Vec::new(),
            })
            .collect(),
        schedules: Vec::new(),
        alarms: BTreeMap::new(),
        other_alarms: BTreeSet::new(),
        activities: Vec::new(),
        tags: BTreeMap::new(),
        unfinished: false,
        service_exists: true,
        emergency: None,
        now: moment("2026-03-10T22:00:00Z"),
    }
}

fn ours(policies: &[&str]) -> Owned {
    Owned {
        target: true,
        policies: policies.iter().map(|name| (*name).to_owned()).collect(),
        ..Owned::default()
    }
}

fn night(min: u32, max: u32) -> ScheduledAction {
    ScheduledAction {
        name: "night".to_owned(),
        arn: None,
        schedule: "cron(0 20 * * ? *)".to_owned(),
        timezone: None,
        start: None,
        end: None,
        min: Some(min),
        max: Some(max),
        created: Some(moment("2026-01-01T00:00:00Z")),
    }
}

fn words(steps: &[ScalingChange]) -> Vec<String> {
    steps.iter().map(ToString::to_string).collect()
}

#[test]
fn policies_change_in_an_order_that_aws_takes() {
    for (before, after, expected) in [
        (vec![], vec![("a", cpu())], vec!["put policy `a`"]),
        (vec![("a", cpu())], vec![("a", cpu())], vec![]),
        (
            vec![("a", cpu())],
            vec![("b", memory())],
            vec!["put policy `b`", "delete policy `a`"],
        ),
        // One tracker per metric: a rename cannot be put first.
        (
            vec![("a", cpu())],
            vec![("b", cpu())],
            vec!["replace policy `a` by `b`"],
        ),
        (
            vec![("a", cpu()), ("b", memory())],
            vec![("a", memory()), ("b", cpu())],
            vec!["replace policy `b` by `a`", "put policy `b`"],
        ),
    ] {
        let names: Vec<&str> = before.iter().map(|(name, _)| *name).collect();
        let found = steps(&wanted(&after), Some(&live(&before)), &ours(&names));
        assert_eq!(words(&found), expected, "{before:?} to {after:?}");
    }
}

#[test]
fn what_others_made_stays_unless_it_is_to_be_removed() {
    let before = live(&[("a", cpu()), ("theirs", memory())]);
    let mut wanted = wanted(&[("a", cpu())]);
    assert_eq!(steps(&wanted, Some(&before), &ours(&["a"])), Vec::new());
    wanted.unmanaged = Unmanaged::Remove;
    let found = steps(&wanted, Some(&before), &ours(&["a"]));
    assert_eq!(words(&found), ["delete policy `theirs`"]);
}

#[test]
fn an_apply_inside_a_window_keeps_the_bounds_of_the_window() {
    let mut wanted = wanted(&[("a", cpu())]);
    wanted.schedules.insert("night".to_owned(), night(1, 2));
    let mut before = live(&[("a", cpu())]);
    before.schedules.push(night(1, 2));
    before.target.bounds = Bounds { min: 1, max: 2 };
    let mut owned = ours(&["a"]);
    owned.schedules.insert("night".to_owned());
    assert_eq!(steps(&wanted, Some(&before), &owned), Vec::new());
    // Somebody has overwritten them.
    before.target.bounds = Bounds { min: 5, max: 9 };
    let found = steps(&wanted, Some(&before), &owned);
    assert_eq!(words(&found), ["set the bounds 1 to 2"]);
    // The schedule goes: the base is right again.
    wanted.schedules.clear();
    before.target.bounds = Bounds { min: 1, max: 2 };
    let found = steps(&wanted, Some(&before), &owned);
    assert_eq!(
        words(&found),
        ["set the bounds 2 to 10", "delete schedule `night`"]
    );
}

#[test]
fn the_bounds_are_those_of_the_last_schedule_that_fired() {
    let base = Bounds { min: 2, max: 10 };
    let morning = ScheduledAction {
        name: "morning".to_owned(),
        schedule: "cron(0 6 * * ? *)".to_owned(),
        min: Some(4),
        max: None,
        ..night(1, 2)
    };
    let all = [night(1, 2), morning];
    let at = |text: &str| bounds_now(base, &all, moment(text));
    let evening = at("2026-03-10T22:00:00Z");
    assert_eq!(evening.bounds, Bounds { min: 1, max: 2 });
    assert_eq!(evening.by.as_deref(), Some("night"));
    assert_eq!(evening.since, Some(moment("2026-03-10T20:00:00Z")));
    // Its lower bound alone pulls the upper one along.
    assert_eq!(at("2026-03-11T07:00:00Z").bounds, Bounds { min: 4, max: 4 });
    // Before the first firing, and for a schedule AWS does not know yet, the base is right.
    let early = bounds_now(base, &all, moment("2026-01-01T01:00:00Z"));
    assert_eq!((early.bounds, early.by), (base, None));
    let unknown = ScheduledAction {
        created: None,
        ..night(1, 2)
    };
    let found = bounds_now(base, [&unknown], moment("2026-03-10T22:00:00Z"));
    assert_eq!(found.bounds, base);
}

#[test]
fn a_bound_raised_by_a_forecast_stays_as_long_as_the_same_is_wanted() {
    let forecast = |mode: PredictiveMode, on_breach: Option<BreachBehavior>| {
        Policy::Predictive(PredictiveScaling {
            mode,
            metric: PredictiveMetric::Cpu,
            target: 60.0,
            scheduling_buffer: None,
            on_breach,
        })
    };
    use PredictiveMode::{ForecastAndScale, ForecastOnly};
    let increase = || Some(BreachBehavior::IncreaseMax { buffer: 10 });
    let same = Some(Bounds { min: 2, max: 10 });
    let other = Some(Bounds { min: 2, max: 20 });
    for (policy, live_min, live_max, registered, stays) in [
        (forecast(ForecastAndScale, increase()), 2, 14, same, true),
        (forecast(ForecastAndScale, increase()), 2, 14, other, false),
        (forecast(ForecastAndScale, increase()), 2, 14, None, false),
        (forecast(ForecastAndScale, increase()), 2, 9, same, false),
        (forecast(ForecastAndScale, increase()), 3, 14, same, false),
        (forecast(ForecastAndScale, None), 2, 14, same, false),
        (forecast(ForecastOnly, increase()), 2, 14, same, false),
        (cpu(), 2, 14, same, false),
    ] {
        let wanted = wanted(&[("a", policy.clone())]);
        let mut before = live(&[("a", policy.clone())]);
        before.target.bounds = Bounds {
            min: live_min,
            max: live_max,
        };
        let owned = Owned {
            bounds: registered,
            ..ours(&["a"])
        };
        let expected: &[&str] = if stays {
            &[]
        } else {
            &["set the bounds 2 to 10"]
        };
        let found = words(&steps(&wanted, Some(&before), &owned));
        assert_eq!(
            found, expected,
            "{policy:?} {live_min} {live_max} {registered:?}"
        );
    }
}

#[test]
fn what_a_rollout_has_suspended_stays_so() {
    let mut before = live(&[("a", cpu())]);
    before.held.scale_in = true;
    let mut wanted = wanted(&[("a", cpu())]);
    assert_eq!(steps(&wanted, Some(&before), &ours(&["a"])), Vec::new());
    wanted.suspended.scheduled = true;
    let found = steps(&wanted, Some(&before), &ours(&["a"]));
    let expected = SuspendedState {
        scale_in: true,
        scale_out: false,
        scheduled: true,
    };
    assert_eq!(
        found,
        [ScalingChange::RegisterTarget(crate::ports::TargetChange {
            suspended: Some(expected),
            ..Default::default()
        })]
    );
}

#[test]
fn what_others_made_is_found_before_it_is_in_the_way() {
    let found = |unmanaged, owned: &Owned| -> Vec<(Rule, FindingLevel)> {
        let mut wanted = wanted(&[("a", cpu()), ("b", memory())]);
        wanted.unmanaged = unmanaged;
        let before = live(&[
            ("a", tracking(PredefinedMetric::Cpu, 50.0)),
            ("theirs", memory()),
        ]);
        let findings = verify::in_the_way(&wanted, Some(&before), owned);
        let found = findings.iter();
        found.map(|found| (found.rule, found.severity)).collect()
    };
    use {FindingLevel as S, Rule as R};
    assert_eq!(
        found(Unmanaged::Report, &Owned::default()),
        [(R::ScalingTargetExists, S::Error)]
    );
    assert_eq!(
        found(Unmanaged::Adopt, &Owned::default()),
        [
            (R::ScalingMetricTaken, S::Error),
            (R::ScalingNotOurs, S::Warning)
        ]
    );
    assert_eq!(
        found(Unmanaged::Remove, &ours(&["a"])),
        [(R::ScalingNotOurs, S::Warning)]
    );
    assert_eq!(
        found(Unmanaged::Report, &ours(&[])),
        [
            (R::ScalingNameTaken, S::Error),
            (R::ScalingMetricTaken, S::Error),
            (R::ScalingNotOurs, S::Warning)
        ]
    );
}

#[test]
fn what_is_just_as_wanted_is_in_nobodys_way() {
    let found = |target: f64| -> Vec<Rule> {
        let wanted = wanted(&[("a", cpu())]);
        let before = live(&[("a", tracking(PredefinedMetric::Cpu, target))]);
        let findings = verify::in_the_way(&wanted, Some(&before), &ours(&[]));
        findings.iter().map(|found| found.rule).collect()
    };
    assert_eq!(found(70.0), []);
    assert_eq!(found(71.0), [Rule::ScalingNameTaken]);
}

#[test]
fn the_latest_thing_that_kept_it_from_scaling_is_told_unless_it_has_scaled_since() {
    let activity = |status, not_scaled: &[&str]| ScalingActivity {
        status,
        description: "Setting desired count to 4.".to_owned(),
        cause: String::new(),
        message: None,
        started: moment("2026-03-10T22:00:00Z"),
        ended: None,
        not_scaled: not_scaled
            .iter()
            .map(|code| NotScaledReason {
                code: (*code).to_owned(),
                max: Some(4),
                ..NotScaledReason::default()
            })
            .collect(),
    };
    use ActivityStatus::{Failed, Pending, Successful};
    let full = activity(Successful, &["AlreadyAtMaxCapacity"]);
    assert_eq!(why_not_scaled(&[]), None);
    assert_eq!(
        why_not_scaled(&[activity(Successful, &[]), full.clone()]),
        None
    );
    let told = why_not_scaled(&[activity(Pending, &[]), full]).unwrap();
    assert!(told.contains("upper bound of 4 tasks"), "{told}");
    let told = why_not_scaled(&[activity(Failed, &[])]).unwrap();
    assert!(
        told.contains("Setting desired count to 4\" failed"),
        "{told}"
    );
}

proptest::proptest! {
    /// Names a to d with metric 0 to 3 each, before and after.
    #[test]
    fn there_is_always_a_policy_and_aws_takes_every_step(
        before in proptest::sample::subsequence(vec![0_usize, 1, 2, 3], 1..=4),
        after in proptest::sample::subsequence(vec![0_usize, 1, 2, 3], 1..=4),
        shift in 0_usize..4,
    ) {
        let names = ["a", "b", "c", "d"];
        let metrics = [
            PredefinedMetric::Cpu,
            PredefinedMetric::Memory,
            PredefinedMetric::CpuHighResolution,
            PredefinedMetric::MemoryHighResolution,
        ];
        let first: Vec<(&str, Policy)> = before
            .iter()
            .map(|at| (names[*at], tracking(metrics[*at].clone(), 50.0)))
            .collect();
        let second: Vec<(&str, Policy)> = after
            .iter()
            .map(|at| (names[*at], tracking(metrics[(*at + shift) % 4].clone(), 50.0)))
            .collect();
        let mine: Vec<&str> = first.iter().map(|(name, _)| *name).collect();
        let wanted = wanted(&second);
        let mut model: BTreeMap<String, Policy> =
            first.iter().map(|(name, policy)| ((*name).to_owned(), policy.clone())).collect();
        for step in steps(&wanted, Some(&live(&first)), &ours(&mine)) {
            match step {
                ScalingChange::PutPolicy { name, policy } => {
                    model.insert(name, policy);
                }
                ScalingChange::ReplacePolicy { old, name, policy, .. } => {
                    model.remove(&old);
                    model.insert(name, policy);
                }
                ScalingChange::DeletePolicy(name) => {
                    model.remove(&name);
                }
                other => panic!("unexpected: {other}"),
            }
            proptest::prop_assert!(!model.is_empty());
            let held: BTreeSet<String> =
                model.values().map(|policy| format!("{:?}", tracked(policy))).collect();
            proptest::prop_assert_eq!(held.len(), model.len(), "two trackers of one metric");
        }
        proptest::prop_assert_eq!(model, wanted.policies);
    }
}
