//! Any document comes back as it went.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;

use super::{at, snapshot};
use crate::snapshot::scaling::{
    MetricSection, PolicySection, ScalingSection, ScheduleSection, StepSection, SuspendedSection,
};
use crate::snapshot::{Snapshot, SnapshotCondition, SnapshotDifference, difference};

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_-]{1,12}",
        any::<String>(),
        Just("a\"b\\c\u{1f600}\u{7}\u{2028}".to_owned()),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL
}

fn policy() -> impl Strategy<Value = PolicySection> {
    let metric = prop_oneof![
        (word(), of(word())).prop_map(|(name, resource_label)| MetricSection::Predefined {
            name,
            resource_label
        }),
        (word(), btree_map(word(), word(), 0..3)).prop_map(|(name, dimensions)| {
            MetricSection::Custom {
                namespace: name.clone(),
                name,
                dimensions,
                statistic: "Sum".to_owned(),
                unit: None,
            }
        }),
    ];
    let step = (of(number()), of(number()), any::<i32>())
        .prop_map(|(lower, upper, by)| StepSection { lower, upper, by });
    prop_oneof![
        (metric, of(number()), of(any::<u32>()), any::<bool>()).prop_map(
            |(metric, target, cooldown, disable_scale_in)| PolicySection::TargetTracking {
                metric,
                target,
                scale_out_cooldown_seconds: cooldown,
                scale_in_cooldown_seconds: None,
                disable_scale_in,
            }
        ),
        (word(), vec(step, 0..3), btree_set(word(), 0..3)).prop_map(
            |(adjustment, steps, alarms)| PolicySection::Step {
                adjustment,
                steps,
                cooldown_seconds: None,
                min_magnitude: Some(1),
                aggregation: None,
                alarms,
            }
        ),
        word().prop_map(|word| PolicySection::Unknown { word }),
    ]
}

fn scaling_section() -> impl Strategy<Value = ScalingSection> {
    let schedule = (word(), of(word()), of(any::<u32>())).prop_map(|(schedule, timezone, min)| {
        ScheduleSection {
            schedule,
            timezone,
            start: Some(at(5)),
            end: None,
            min,
            max: None,
        }
    });
    (
        any::<(u32, u32, bool)>(),
        btree_map(word(), policy(), 0..4),
        btree_map(word(), schedule, 0..3),
    )
        .prop_map(
            |((min, max, scale_in), policies, schedules)| ScalingSection {
                min,
                max,
                suspended: SuspendedSection {
                    scale_in,
                    scale_out: false,
                    scheduled: false,
                },
                policies,
                schedules,
            },
        )
}

fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    (
        word(),
        vec(word(), 0..3),
        -1_000_000_000i64..1_000_000_000,
        btree_map(word(), word(), 0..4),
        of(scaling_section()),
        any::<(u32, bool, bool)>(),
        of(word()),
    )
        .prop_map(
            |(reason, reasons, second, secrets, scaling, (desired, flag, has_balancer), cpu)| {
                let mut any = snapshot();
                any.taken_at = at(second);
                any.reason = reason;
                if !reasons.is_empty() {
                    any.condition = SnapshotCondition::Degraded(reasons);
                }
                let app = any.task_definition.containers.get_mut("app").unwrap();
                app.secrets = secrets;
                app.privileged = flag;
                any.task_definition.cpu = cpu;
                any.service.desired = desired;
                any.scaling = scaling;
                if !has_balancer {
                    any.load_balancer = None;
                }
                any
            },
        )
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(any in any_snapshot()) {
        let text = any.to_json();
        let read = Snapshot::parse(text.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&any));
        prop_assert_eq!(read.unwrap().to_json(), text);
        prop_assert_eq!(any.id().to_string().parse(), Ok(any.id()));
        prop_assert_eq!(any.id().taken_at(), any.taken_at());
    }

    #[test]
    fn no_bytes_make_the_reader_fall_over(bytes in vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), flip in 1u8..) {
        prop_assert!(Snapshot::parse(&bytes).is_err());
        let mut damaged = snapshot().to_json().into_bytes();
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        // White space apart, every byte counts.
        if let Ok(read) = Snapshot::parse(&damaged) {
            prop_assert_eq!(read, snapshot());
        }
    }

    #[test]
    fn differences_are_none_with_itself_and_mirrored_with_another(
        one in any_snapshot(),
        other in any_snapshot(),
    ) {
        prop_assert_eq!(difference(&one, &one), Vec::new());
        let there = difference(&one, &other);
        let back: Vec<_> = difference(&other, &one)
            .into_iter()
            .map(|found| SnapshotDifference { from: found.to, to: found.from, ..found })
            .collect();
        prop_assert_eq!(&there, &back);
        prop_assert!(there.iter().all(|found| found.from != found.to));
    }
}
