//! What we promise, and whether this run kept it.

use std::time::Duration;

use crate::figures::{Delay, Figures, Launch, Side};
use crate::gate::{Drift, Gate, Reader};

/// The size of the comparisons.
const LARGE: u32 = 500;
const BINARY_LIMIT: u64 = 18_000_000;

/// One promise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// What is promised.
    pub(crate) promise: String,
    /// What was measured.
    pub(crate) measured: String,
    /// Whether it holds; nothing when this run did not measure it.
    pub(crate) held: Option<bool>,
}

impl Target {
    /// `pass`, `FAIL`, `not measured`.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.held {
            Some(true) => "pass",
            Some(false) => "FAIL",
            None => "not measured",
        }
    }

    fn open(promise: String) -> Self {
        Self {
            promise,
            measured: "not part of this run".to_owned(),
            held: None,
        }
    }
}

/// Every promise, judged.
pub(crate) fn judge(figures: &Figures) -> Vec<Target> {
    let mut targets = vec![
        start(figures, "start to handshake", 60.0, |one| one.handshake),
        start(figures, "start to schema", 80.0, |one| one.schema),
        memory(figures),
        binary(figures),
        single(figures),
    ];
    targets.extend(Delay::ALL.map(|delay| above_floor(figures, Side::Ours, delay, 10.0)));
    let scaled = |delay| {
        let limit = match delay {
            Delay::None => 25.0,
            Delay::Forty => 40.0,
        };
        above_floor(figures, Side::OursScaled, delay, limit)
    };
    targets.extend(Delay::ALL.map(scaled));
    targets.push(calls(figures, Side::Ours, 0.12));
    targets.push(calls(figures, Side::OursScaled, 0.6));
    targets.extend(gate(&figures.gate));
    targets
}

/// What is promised of the drift gate, on the largest plan measured.
pub(crate) fn gate(gate: &Gate) -> Vec<Target> {
    let (time, memory) = (
        "drift gate: time at most 1/4 of loading the plan whole".to_owned(),
        "drift gate: peak memory at most 16 MiB, whatever the plan's size".to_owned(),
    );
    let (speed, drifted) = (
        "drift gate: at least 400 MB/s".to_owned(),
        "drift gate: a plan in which everything drifted in at most 1 s and 64 MiB".to_owned(),
    );
    let largest = |reader| gate.largest(reader, Drift::Some);
    let (Some(ours), Some(whole), Some(all)) = (
        largest(Reader::Gate),
        largest(Reader::Whole),
        gate.largest(Reader::Gate, Drift::All),
    ) else {
        return [time, memory, speed, drifted].map(Target::open).into();
    };
    let mib = ours.peak_kib as f64 / 1024.0;
    vec![
        fraction(
            time,
            ours.wall().as_secs_f64(),
            whole.wall().as_secs_f64(),
            4.0,
        ),
        Target {
            promise: memory,
            measured: format!(
                "{mib:.1} MiB, {} of loading it whole",
                ratio(ours.peak_kib as f64, whole.peak_kib as f64)
            ),
            held: Some(mib <= 16.0),
        },
        Target {
            promise: speed,
            measured: format!("{:.0} MB/s", ours.speed()),
            held: Some(ours.speed() >= 400.0),
        },
        Target {
            promise: drifted,
            measured: format!(
                "{:.2} s, {:.1} MiB",
                all.wall().as_secs_f64(),
                all.peak_kib as f64 / 1024.0
            ),
            held: Some(all.wall().as_secs_f64() <= 1.0 && all.peak_kib <= 64 * 1024),
        },
    ]
}

fn start(
    figures: &Figures,
    name: &str,
    limit: f64,
    of: impl Fn(&Launch) -> Duration + Copy,
) -> Target {
    let (ours, theirs) = (figures.ours.time(of), figures.theirs.time(of));
    fraction(
        format!("{name} at most 1/{limit} of hashicorp/aws"),
        ours.as_secs_f64(),
        theirs.as_secs_f64(),
        limit,
    )
}

fn memory(figures: &Figures) -> Target {
    fraction(
        "peak memory after the schema at most 1/25 of hashicorp/aws".to_owned(),
        figures.ours.peak_kib() as f64,
        figures.theirs.peak_kib() as f64,
        25.0,
    )
}

fn fraction(promise: String, ours: f64, theirs: f64, limit: f64) -> Target {
    Target {
        promise,
        measured: ratio(ours, theirs),
        held: Some(ours * limit <= theirs),
    }
}

/// `1/61.5`: how large a part of theirs ours is.
pub(crate) fn ratio(ours: f64, theirs: f64) -> String {
    if ours <= 0.0 || theirs <= 0.0 {
        "no ratio".to_owned()
    } else if ours > theirs {
        format!("{:.2} times", ours / theirs)
    } else {
        format!("1/{:.1}", theirs / ours)
    }
}

fn binary(figures: &Figures) -> Target {
    let bytes = figures.ours.binary_bytes;
    Target {
        promise: "program at most 18 MB".to_owned(),
        measured: format!("{:.1} MB", bytes as f64 / 1e6),
        held: Some(bytes <= BINARY_LIMIT),
    }
}

fn single(figures: &Figures) -> Target {
    let promise = "plan of one resource at most 3 times the floor".to_owned();
    let plan = |side| figures.plan(side, 1, Delay::None);
    let (Some(ours), Some(floor)) = (plan(Side::Ours), plan(Side::Floor)) else {
        return Target::open(promise);
    };
    let (ours, floor) = (ours.wall().as_secs_f64(), floor.wall().as_secs_f64());
    Target {
        promise,
        measured: format!("{:.2} times", ours / floor),
        held: Some(ours <= 3.0 * floor),
    }
}

/// The module of hashicorp/aws that does what one of ours does.
pub(crate) fn counterpart(ours: Side) -> Side {
    match ours {
        Side::Floor | Side::Ours | Side::AwsServices => Side::AwsServices,
        Side::OurScaledFloor | Side::OursScaled | Side::ScaledFloor | Side::AwsScaled => {
            Side::AwsScaled
        }
    }
}

fn above_floor(figures: &Figures, ours: Side, delay: Delay, limit: f64) -> Target {
    let theirs = counterpart(ours);
    let promise = format!(
        "plan of {LARGE} services, {} ms a call: time above the floor at most 1/{limit} of {}",
        delay.milliseconds(),
        theirs.name()
    );
    let own = above(figures, ours, LARGE, delay);
    let other = above(figures, theirs, LARGE, delay);
    let (Some(own), Some(other)) = (own, other) else {
        return Target::open(promise);
    };
    Target {
        promise,
        measured: format!("{own:.3} s against {other:.3} s, {}", ratio(own, other)),
        held: Some(own * limit <= other),
    }
}

/// Seconds that a plan takes longer than its floor; negative when it does not.
pub(crate) fn above(figures: &Figures, side: Side, services: u32, delay: Delay) -> Option<f64> {
    let wall = |side| {
        let plans = figures.plan(side, services, delay)?;
        Some(plans.wall().as_secs_f64())
    };
    Some(wall(side)? - wall(side.floor())?)
}

fn calls(figures: &Figures, side: Side, limit: f64) -> Target {
    let promise = format!(
        "AWS calls per service at most {limit} in a plan of {LARGE}, {}",
        side.name()
    );
    let Some(ours) = figures.plan(side, LARGE, Delay::None) else {
        return Target::open(promise);
    };
    let calls = ours.call_count();
    let each = calls as f64 / f64::from(LARGE);
    Target {
        promise,
        measured: format!("{each:.3} ({calls} calls)"),
        held: Some(each <= limit),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::figures::{Plans, Starts, Watched};
    use crate::gate::Reading;

    fn starts(handshake: u64, schema: u64, peak_kib: u64) -> Starts {
        let launch = Launch {
            handshake: Duration::from_millis(handshake),
            schema: Duration::from_millis(schema),
            schema_bytes: 1,
            peak_kib,
            exit: Duration::ZERO,
        };
        Starts {
            binary_bytes: 18_000_000,
            launches: vec![launch],
        }
    }

    fn plans(side: Side, services: u32, delay: Delay, wall: u64, calls: u64) -> Plans {
        Plans {
            side,
            services,
            delay,
            walls: vec![Duration::from_millis(wall)],
            processor: Vec::new(),
            calls: vec![BTreeMap::from([("ecs DescribeServices".to_owned(), calls)])],
            watched: Watched::default(),
            state_bytes: 0,
        }
    }

    /// The gate over one plan that takes a second to load whole, and over one that drifted.
    fn readings(peak_kib: u64, milliseconds: u64) -> Gate {
        let one = |reader, drift, peak_kib, milliseconds| Reading {
            reader,
            drift,
            plan_bytes: 100_000_000,
            walls: vec![Duration::from_millis(milliseconds)],
            peak_kib,
        };
        Gate {
            binary_bytes: 1,
            starts: Vec::new(),
            readings: vec![
                one(Reader::Gate, Drift::Some, peak_kib, milliseconds),
                one(Reader::Whole, Drift::Some, 1_000_000, 1000),
                one(Reader::Gate, Drift::All, peak_kib * 4, milliseconds * 4),
            ],
        }
    }

    fn verdicts(figures: &Figures) -> Vec<&'static str> {
        judge(figures).iter().map(Target::verdict).collect()
    }

    #[test]
    fn limits_are_inclusive() {
        use Delay::{Forty, None};
        let figures = Figures {
            ours: starts(1, 2, 4),
            theirs: starts(60, 160, 100),
            plans: vec![
                plans(Side::Floor, 1, None, 50, 0),
                plans(Side::Ours, 1, None, 150, 1),
                plans(Side::Floor, 500, None, 1000, 0),
                plans(Side::Ours, 500, None, 2000, 60),
                plans(Side::Ours, 500, Forty, 2000, 60),
                plans(Side::AwsServices, 500, None, 11_000, 501),
                plans(Side::AwsServices, 500, Forty, 10_999, 501),
                plans(Side::OurScaledFloor, 500, None, 2000, 0),
                plans(Side::OursScaled, 500, None, 2100, 301),
                plans(Side::ScaledFloor, 500, None, 4000, 0),
                plans(Side::AwsScaled, 500, None, 8000, 2501),
            ],
            gate: readings(16 * 1024, 250),
        };
        let verdicts = verdicts(&figures);
        assert_eq!(verdicts[..6], ["pass"; 6]);
        assert_eq!(verdicts[6..9], ["FAIL", "pass", "not measured"]);
        assert_eq!(verdicts[9..11], ["pass", "FAIL"]);
        assert_eq!(verdicts[11..], ["pass"; 4]);
    }

    #[test]
    fn what_is_missed_is_said() {
        let figures = Figures {
            ours: starts(2, 3, 6),
            theirs: starts(60, 160, 100),
            plans: Vec::new(),
            gate: readings(16 * 1024 + 1, 251),
        };
        let verdicts = verdicts(&figures);
        assert_eq!(verdicts[..4], ["FAIL", "FAIL", "FAIL", "pass"]);
        assert_eq!(verdicts[4..11], ["not measured"; 7]);
        assert_eq!(verdicts[11..], ["FAIL"; 4]);
    }

    #[test]
    fn a_ratio_says_which_way_it_goes() {
        assert_eq!(ratio(2.0, 100.0), "1/50.0");
        assert_eq!(ratio(3.0, 2.0), "1.50 times");
        assert_eq!(ratio(-0.1, 2.0), "no ratio");
    }
}
