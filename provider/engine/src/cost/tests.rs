//! Costs and sizes, by hand.

use super::{FargatePrices, SIZES, Shares, TaskSize, Used, memories, right_size};
use crate::ports::{CapacityProvider, Launch, LaunchType};

const PRICES: FargatePrices = FargatePrices {
    vcpu_hour: 0.04,
    gb_hour: 0.004,
};
const SPOT: FargatePrices = FargatePrices {
    vcpu_hour: 0.01,
    gb_hour: 0.001,
};
const SIZE: TaskSize = TaskSize {
    cpu: 1_024,
    memory: 2_048,
};

fn provider(name: &str, base: u32, weight: u32) -> CapacityProvider {
    CapacityProvider {
        name: name.to_owned(),
        base,
        weight,
    }
}

#[track_caller]
fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9, "{left} is not {right}");
}

#[test]
fn fargate_costs_tasks_times_hours() {
    let shares = Shares::of(Some(&Launch::Type(LaunchType::Fargate))).unwrap();
    near(shares.month(3, SIZE, PRICES, SPOT), 3.0 * 0.048 * 730.0);
    near(shares.month(0, SIZE, PRICES, SPOT), 0.0);
    near(shares.spot_percent(3), 0.0);
    assert!(!shares.has_spot());
}

#[test]
fn a_base_comes_before_the_weights() {
    let mixed = Launch::Strategy(vec![
        provider("FARGATE", 2, 1),
        provider("FARGATE_SPOT", 0, 3),
    ]);
    let shares = Shares::of(Some(&mixed)).unwrap();
    near(shares.spot_percent(1), 0.0);
    near(shares.spot_percent(2), 0.0);
    near(shares.spot_percent(10), 60.0);
    let hour = 4.0 * 0.048 + 6.0 * 0.012;
    near(shares.month(10, SIZE, PRICES, SPOT), hour * 730.0);
    assert!(shares.has_spot());
}

#[test]
fn what_runs_elsewhere_has_no_price() {
    assert_eq!(Shares::of(None), None);
    assert_eq!(Shares::of(Some(&Launch::Type(LaunchType::Ec2))), None);
    let own = Launch::Strategy(vec![provider("FARGATE", 0, 1), provider("machines", 0, 1)]);
    assert_eq!(Shares::of(Some(&own)), None);
    assert_eq!(Shares::of(Some(&Launch::Strategy(Vec::new()))), None);
}

#[test]
fn one_hot_hour_of_a_hundred_does_not_count_and_memory_does() {
    let mut cpu = vec![20.0; 99];
    cpu.push(100.0);
    let used = Used::of(&cpu, &[30.0, 70.0, f64::NAN]).unwrap();
    assert_eq!(
        used,
        Used {
            cpu: 20.0,
            memory: 70.0
        }
    );
    assert_eq!(Used::of(&[], &[30.0]), None);
}

#[test]
fn the_right_size_keeps_a_fifth_free() {
    let size = |cpu, memory| Some(TaskSize { cpu, memory });
    let of = |cpu, memory| right_size(SIZE, Used { cpu, memory });
    // 20 % of 1024 units are 205, of which 256 keep a fifth free; 20 % of 2048 MiB need 512.
    assert_eq!(of(20.0, 20.0), size(256, 512));
    assert_eq!(of(20.1, 20.0), size(512, 1_024));
    assert_eq!(of(10.0, 75.0), size(256, 2_048));
    assert_eq!(of(10.0, 81.0), size(512, 3_072));
    assert_eq!(of(80.0, 80.0), size(1_024, 2_048));
    assert_eq!(of(95.0, 80.0), size(2_048, 4_096));
    let largest = TaskSize {
        cpu: 16_384,
        memory: 122_880,
    };
    assert_eq!(
        right_size(
            largest,
            Used {
                cpu: 90.0,
                memory: 90.0
            }
        ),
        None
    );
}

#[test]
fn memory_sizes_are_those_of_fargate() {
    let of = |cpu: u32| -> Vec<u32> {
        let row = SIZES.iter().find(|row| row.0 == cpu).unwrap();
        memories(row.1, row.2, row.3).collect()
    };
    assert_eq!(of(256), [512, 1_024, 2_048]);
    assert_eq!(of(512), [1_024, 2_048, 3_072, 4_096]);
    assert_eq!(of(8_192).first(), Some(&16_384));
    assert_eq!(of(8_192).last(), Some(&61_440));
    assert_eq!(
        of(16_384),
        (4..=15).map(|it| it * 8_192).collect::<Vec<u32>>()
    );
}
