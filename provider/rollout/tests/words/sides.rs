//! Words for task sets in an observation: `no-sides` (there are none), `drain=SECONDS`, `headless`,
//! `test=elsewhere|ID`, and `side=ID:STATUS[,wanted|,young][,traffic=PERCENT][,tasks=RUNNING/DESIRED]
//! [,healthy=N|-][,starting][,failed=N]`. Two tasks run unless it says otherwise, all of them healthy.
//! Without any of these words the sides could not be read.

use switchyard_rollout::weights::Share;
use switchyard_rollout::{Heading, Side, Sides, TaskSetStatus, TestRoute};

/// Reads one word; false when it is none of these.
pub(crate) fn read(word: &str, sides: &mut Option<Sides>) -> bool {
    let (key, value) = word.split_once('=').unwrap_or((word, ""));
    match key {
        "no-sides" => drop(sides.get_or_insert_default()),
        "headless" => sides.get_or_insert_default().headless = true,
        "drain" => sides.get_or_insert_default().drain_seconds = value.parse().unwrap(),
        "test" if value == "elsewhere" => sides.get_or_insert_default().test = TestRoute::Elsewhere,
        "test" => sides.get_or_insert_default().test = TestRoute::Side(value.to_owned()),
        "side" => sides.get_or_insert_default().all.push(side(value)),
        _ => return false,
    }
    true
}

fn side(text: &str) -> Side {
    let mut parts = text.split(',');
    let (id, status) = parts
        .next()
        .and_then(|head| head.split_once(':'))
        .expect("ID:STATUS");
    let mut side = Side {
        id: id.to_owned(),
        heading: Heading::Elsewhere,
        status: TaskSetStatus::parse(status),
        desired: 2,
        running: 2,
        steady: true,
        healthy: Some(2),
        share: Share::NONE,
        failed_tasks: 0,
    };
    for part in parts {
        match part.split_once('=').unwrap_or((part, "")) {
            ("wanted", _) => side.heading = Heading::Wanted,
            ("young", _) => side.heading = Heading::Unknown,
            ("starting", _) => side.steady = false,
            ("traffic", percent) => side.share = super::parse_share(percent),
            ("healthy", healthy) => side.healthy = super::parse_number(healthy),
            ("failed", failed) => side.failed_tasks = failed.parse().unwrap(),
            ("tasks", tasks) => {
                let (running, desired) = tasks.split_once('/').expect("RUNNING/DESIRED");
                side.running = running.parse().unwrap();
                side.desired = desired.parse().unwrap();
                side.healthy = Some(side.running);
                side.steady &= running == desired;
            }
            other => panic!("unknown part of a side: {other:?}"),
        }
    }
    side
}
