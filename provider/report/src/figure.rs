//! One deployment as a picture: traffic, tasks, gates and events above one time line.

use switchyard_engine::{GateVerdict, ReadingVerdict};

use crate::axis::Axis;
use crate::read::Deployment;
use crate::svg::{Anchor, Label, Mark, Svg, WIDTH, room_of};
use crate::text::{duration, number};
use crate::traffic::{self, Stretch};
use crate::words;

/// Space at the edges.
const EDGE: f64 = 24.0;
/// Where the time line begins: names stand before it.
const LEFT: f64 = 160.0;
/// Space behind the time line.
const RIGHT: f64 = 32.0;
/// Size of usual text.
const SIZE: f64 = 12.0;
/// Height of the traffic.
const TRAFFIC: f64 = 110.0;
/// Most gates with a row of their own.
const MOST_GATES: usize = 16;
/// Most marks in a row: more are a blot.
const MOST_MARKS: usize = 300;

/// Draws a deployment below `top`, and says where it ends.
pub(crate) fn draw(svg: &mut Svg, deployment: &Deployment, top: f64) -> f64 {
    let axis = Axis::new(
        traffic::span(&deployment.record),
        LEFT,
        WIDTH - LEFT - RIGHT,
    );
    let mut y = heading(svg, deployment, top + EDGE);
    y = shares(svg, deployment, &axis, y + 12.0);
    y = tasks(svg, deployment, &axis, y + 10.0);
    y = gates(svg, deployment, &axis, y);
    y = events(svg, deployment, &axis, y);
    y = alarms(svg, deployment, y);
    time(svg, &axis, y + 4.0) + 10.0
}

/// The service, its revisions and how it ended.
fn heading(svg: &mut Svg, deployment: &Deployment, y: f64) -> f64 {
    let record = &deployment.record;
    let half = (WIDTH - 2.0 * EDGE) / 2.0 - 10.0;
    svg.label(&Label {
        x: EDGE,
        y: y + 6.0,
        size: 15.0,
        anchor: Anchor::Start,
        class: "sy-strong",
        room: half,
        text: &format!("{}/{}", deployment.cluster, deployment.service),
    });
    let ended = format!(
        "{} in {}",
        words::label(record.outcome),
        duration(record.duration_seconds)
    );
    svg.label(&Label {
        x: WIDTH - EDGE,
        y: y + 6.0,
        size: 15.0,
        anchor: Anchor::End,
        class: &format!("sy-strong sy-{}", words::mood(record.outcome).class()),
        room: half,
        text: &ended,
    });
    let side = |revision: &str, group: Option<&String>| match group {
        Some(group) => format!("{} ({})", words::revision(revision), words::group(group)),
        None => words::revision(revision).to_owned(),
    };
    let new = side(&record.to_task_definition, record.new_target_group.as_ref());
    let old = record.from_task_definition.as_ref();
    let old = old.map(|old| side(old, record.old_target_group.as_ref()));
    let y = y + 28.0;
    let mut legend = |x: f64, class: &str, text: &str| {
        svg.rect((x, y - 9.0), (10.0, 10.0), class);
        svg.label(&Label {
            x: x + 16.0,
            y,
            size: SIZE,
            anchor: Anchor::Start,
            class: "",
            room: half - 16.0,
            text,
        });
    };
    legend(EDGE, "sy-new", &format!("new {new}"));
    if let Some(old) = old {
        legend(EDGE + half + 20.0, "sy-old", &format!("old {old}"));
    }
    y
}

/// A name before the time line.
fn name(svg: &mut Svg, y: f64, text: &str) {
    svg.label(&Label {
        x: LEFT - 10.0,
        y,
        size: SIZE,
        anchor: Anchor::End,
        class: "sy-soft",
        room: LEFT - 10.0 - 8.0,
        text,
    });
}

/// The share of the new revision over time, over that of the old one.
fn shares(svg: &mut Svg, deployment: &Deployment, axis: &Axis, top: f64) -> f64 {
    let stretches = traffic::stretches(&deployment.record);
    let bottom = top + TRAFFIC;
    let had_one_before = deployment.record.from_task_definition.is_some();
    let ground = match had_one_before && !stretches.is_empty() {
        true => "sy-old",
        false => "sy-none",
    };
    svg.rect((axis.left(), top), (axis.width(), TRAFFIC), ground);
    for stretch in &stretches {
        let (x0, x1) = (axis.x(stretch.from), axis.x(stretch.to));
        let height = TRAFFIC * stretch.share.percent() / 100.0;
        if height > 0.0 {
            svg.rect((x0, bottom - height), (x1 - x0, height), "sy-new");
        }
    }
    for (percent, y) in [
        ("100 %", top),
        ("50 %", top + TRAFFIC / 2.0),
        ("0 %", bottom),
    ] {
        svg.line((axis.left(), y), (axis.right(), y), "sy-grid");
        name(svg, y + 4.0, percent);
    }
    for stretch in &stretches {
        weight(svg, axis, stretch, top, bottom);
    }
    if stretches.is_empty() {
        svg.label(&Label {
            x: axis.left() + axis.width() / 2.0,
            y: top + TRAFFIC / 2.0 - 6.0,
            size: SIZE,
            anchor: Anchor::Middle,
            class: "sy-soft",
            room: axis.width() - 8.0,
            text: "AWS showed no weights during this deployment",
        });
    }
    bottom
}

/// The number of a share, where it has room.
fn weight(svg: &mut Svg, axis: &Axis, stretch: &Stretch, top: f64, bottom: f64) {
    if stretch.share.is_none() {
        return;
    }
    let (x0, x1) = (axis.x(stretch.from), axis.x(stretch.to));
    let text = format!("{} %", stretch.share);
    let room = x1 - x0 - 4.0;
    if room < room_of(&text, SIZE) {
        return;
    }
    let edge = bottom - (bottom - top) * stretch.share.percent() / 100.0;
    let is_high = stretch.share.percent() > 80.0;
    svg.label(&Label {
        x: (x0 + x1) / 2.0,
        y: if is_high { edge + 16.0 } else { edge - 6.0 },
        size: SIZE,
        anchor: Anchor::Middle,
        class: if is_high { "sy-on-new" } else { "" },
        room,
        text: &text,
    });
}

/// Tasks of the new revision that run, under those it is to have.
fn tasks(svg: &mut Svg, deployment: &Deployment, axis: &Axis, top: f64) -> f64 {
    const HEIGHT: f64 = 34.0;
    let moments = traffic::moments(&deployment.record);
    let most = moments
        .iter()
        .flat_map(|(_, entry)| [entry.running, entry.desired])
        .flatten()
        .max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return top;
    };
    let bottom = top + HEIGHT;
    svg.line((axis.left(), bottom), (axis.right(), bottom), "sy-grid");
    let mut stairs = |of: &dyn Fn(&switchyard_engine::TimelineEntry) -> Option<u32>,
                      class: &str| {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (at, entry) in &moments {
            let Some(count) = of(entry) else {
                continue;
            };
            let x = axis.x(*at);
            let y = bottom - (HEIGHT - 4.0) * f64::from(count) / f64::from(most);
            match points.last() {
                // The same height again needs no corner.
                Some((_, before)) if (before - y).abs() < 0.01 => continue,
                Some((_, before)) => points.push((x, *before)),
                None => {}
            }
            points.push((x, y));
        }
        if let Some((_, y)) = points.last().copied() {
            points.push((axis.right(), y));
        }
        svg.path(&points, class);
    };
    stairs(&|entry| entry.desired, "sy-want");
    stairs(&|entry| entry.running, "sy-value");
    name(svg, top + 14.0, "new tasks");
    name(svg, top + 30.0, &format!("up to {most}"));
    bottom + 8.0
}

/// One row for each gate.
fn gates(svg: &mut Svg, deployment: &Deployment, axis: &Axis, top: f64) -> f64 {
    let mut names: Vec<&str> = Vec::new();
    let record = &deployment.record;
    let asked = record.readings.iter().map(|reading| reading.gate.as_str());
    for gate in asked.chain(record.gates.iter().map(|result| result.gate.as_str())) {
        if !names.contains(&gate) {
            names.push(gate);
        }
    }
    let mut y = top;
    for gate in names.iter().take(MOST_GATES) {
        y = self::gate(svg, deployment, axis, (y, gate));
    }
    let more = names.len().saturating_sub(MOST_GATES);
    if more > 0 {
        name(svg, y + 14.0, &format!("and {more} gates more"));
        y += 22.0;
    }
    y
}

/// What a gate measured and said.
fn gate(svg: &mut Svg, deployment: &Deployment, axis: &Axis, (top, gate): (f64, &str)) -> f64 {
    let record = &deployment.record;
    let readings: Vec<_> = record
        .readings
        .iter()
        .filter(|reading| reading.gate == gate)
        .collect();
    let values = readings
        .iter()
        .filter_map(|reading| Some((*reading, reading.value.filter(|value| value.is_finite())?)))
        .collect::<Vec<_>>();
    let mut limits = readings.iter().filter_map(|reading| reading.limit);
    let numbers = values.iter().map(|(_, value)| *value).chain(limits.clone());
    let (least, most) = numbers.fold((0.0_f64, 0.0_f64), |(least, most), value| {
        (least.min(value), most.max(value))
    });
    let height = match values.is_empty() {
        true => 14.0,
        false => 44.0,
    };
    let (top, bottom) = (top + 6.0, top + 6.0 + height);
    let place = |value: f64| match most - least > 0.0 {
        true => bottom - (height - 8.0) * (value - least) / (most - least) - 4.0,
        false => bottom - 4.0,
    };
    svg.line((axis.left(), bottom), (axis.right(), bottom), "sy-grid");
    name(svg, top + height.min(14.0), gate);
    if let Some(limit) = limits.next_back() {
        let y = place(limit);
        let expected = readings.iter().rev().find_map(|it| it.expected.as_deref());
        svg.told_line(
            (axis.left(), y),
            (axis.right(), y),
            "sy-limit",
            &format!("{gate}: {}", expected.unwrap_or_default()),
        );
        svg.label(&Label {
            x: LEFT - 10.0,
            y: top + 30.0,
            size: SIZE,
            anchor: Anchor::End,
            class: "sy-limit-text",
            room: LEFT - 10.0 - 8.0,
            text: &format!("limit {}", number(limit)),
        });
    }
    // A line joins what was measured in one moment; between moments nobody measured.
    for part in values.chunk_by(|(one, _), (other, _)| one.moment == other.moment) {
        let points: Vec<_> = part
            .iter()
            .map(|(reading, value)| (axis.x(reading.at), place(*value)))
            .collect();
        svg.path(&points, "sy-value");
    }
    let middle = bottom - height / 2.0;
    for reading in readings.iter().take(MOST_MARKS) {
        let value = reading.value.filter(|value| value.is_finite());
        let (mark, word) = match reading.verdict {
            ReadingVerdict::Bad => (Mark::Bad, "bad"),
            ReadingVerdict::Between => (Mark::Unsure, "neither good nor bad"),
            ReadingVerdict::Good => (Mark::Good, "good"),
            ReadingVerdict::Missing => (Mark::Missing, "no data"),
        };
        let told = match value {
            Some(value) => format!("{gate} at {}: {} ({word})", reading.at, number(value)),
            None => format!("{gate} at {}: {word}", reading.at),
        };
        svg.mark(
            (axis.x(reading.at), value.map_or(middle, place)),
            mark,
            &told,
        );
    }
    if readings.is_empty() {
        // A file of the first form has verdicts alone.
        for result in record.gates.iter().filter(|result| result.gate == gate) {
            let mark = match result.verdict {
                GateVerdict::Failed => Mark::Bad,
                GateVerdict::Inconclusive => Mark::Unsure,
                GateVerdict::NoData => Mark::Missing,
                GateVerdict::Passed => Mark::Good,
            };
            let told = format!(
                "{gate}: {}: {}",
                words::verdict(result.verdict),
                result.message
            );
            svg.mark((axis.x(result.at), middle), mark, &told);
        }
    }
    bottom + 4.0
}

/// What ECS said.
fn events(svg: &mut Svg, deployment: &Deployment, axis: &Axis, top: f64) -> f64 {
    let events = &deployment.record.events;
    if events.is_empty() {
        return top;
    }
    let (top, bottom) = (top + 6.0, top + 22.0);
    name(svg, bottom - 3.0, "ECS events");
    svg.line((axis.left(), bottom), (axis.right(), bottom), "sy-grid");
    for event in events.iter().take(MOST_MARKS) {
        let x = axis.x(event.at);
        let told = format!("{}: {}", event.at, event.message);
        svg.told_line((x, top + 2.0), (x, bottom - 2.0), "sy-event", &told);
    }
    bottom + 4.0
}

/// Alarms that have stopped it.
fn alarms(svg: &mut Svg, deployment: &Deployment, top: f64) -> f64 {
    let alarms = &deployment.record.alarms;
    if alarms.is_empty() {
        return top;
    }
    name(svg, top + 16.0, "alarms");
    svg.label(&Label {
        x: LEFT,
        y: top + 16.0,
        size: SIZE,
        anchor: Anchor::Start,
        class: "sy-bad",
        room: WIDTH - LEFT - RIGHT,
        text: &alarms.join(", "),
    });
    top + 24.0
}

/// The time line, in UTC.
pub(crate) fn time(svg: &mut Svg, axis: &Axis, top: f64) -> f64 {
    const TEXT: f64 = 11.0;
    svg.line((axis.left(), top), (axis.right(), top), "sy-grid");
    for tick in axis.ticks() {
        svg.line((tick.x, top), (tick.x, top + 5.0), "sy-grid");
        svg.label(&Label {
            x: tick.x,
            y: top + 18.0,
            size: TEXT,
            anchor: Anchor::Middle,
            class: "sy-soft",
            room: room_of(&tick.text, TEXT),
            text: &tick.text,
        });
    }
    svg.label(&Label {
        x: axis.left() - 34.0,
        y: top + 18.0,
        size: TEXT,
        anchor: Anchor::End,
        class: "sy-soft",
        room: 60.0,
        text: "UTC",
    });
    top + 24.0
}
