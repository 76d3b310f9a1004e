//! Several deployments on one time line, and pictures as files.

use crate::axis::Axis;
use crate::figure;
use crate::read::Deployment;
use crate::svg::{Anchor, Label, Svg, WIDTH};
use crate::text::{counted, duration};
use crate::traffic;
use crate::words;

const LEFT: f64 = 330.0;
const RIGHT: f64 = 32.0;
const ROW: f64 = 40.0;
const BAR: f64 = 22.0;

/// What the picture is about, for those who do not see it.
pub(crate) fn about(deployments: &[Deployment]) -> String {
    let each = deployments.iter().map(|deployment| {
        format!(
            "{}/{} {}",
            deployment.cluster,
            deployment.service,
            words::ended(deployment.record.outcome)
        )
    });
    let all: Vec<String> = each.collect();
    format!("Traffic over time: {}", all.join("; "))
}

/// Draws one row for each deployment below `top`, and says where they end.
pub(crate) fn draw(svg: &mut Svg, deployments: &[Deployment], top: f64) -> f64 {
    let spans = deployments.iter().map(|it| traffic::span(&it.record));
    let Some(whole) = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
        return top;
    };
    let axis = Axis::new(whole, LEFT, WIDTH - LEFT - RIGHT);
    svg.label(&Label {
        x: 24.0,
        y: top + 26.0,
        size: 15.0,
        anchor: Anchor::Start,
        class: "sy-strong",
        room: WIDTH - 48.0,
        text: &counted(deployments.len(), "deployment", "deployments"),
    });
    let mut y = top + 40.0;
    for deployment in deployments {
        row(svg, deployment, &axis, y);
        y += ROW;
    }
    figure::time(svg, &axis, y + 2.0) + 10.0
}

fn row(svg: &mut Svg, deployment: &Deployment, axis: &Axis, top: f64) {
    let record = &deployment.record;
    let mut line = |y: f64, size: f64, class: &str, text: &str| {
        svg.label(&Label {
            x: 24.0,
            y,
            size,
            anchor: Anchor::Start,
            class,
            room: LEFT - 24.0 - 14.0,
            text,
        });
    };
    line(
        top + 13.0,
        12.0,
        "",
        &format!("{}/{}", deployment.cluster, deployment.service),
    );
    line(
        top + 28.0,
        11.0,
        &format!("sy-{}", words::mood(record.outcome).class()),
        &format!(
            "{} in {}",
            words::label(record.outcome),
            duration(record.duration_seconds)
        ),
    );
    let (from, to) = traffic::span(record);
    let (x0, x1) = (axis.x(from), axis.x(to));
    let stretches = traffic::stretches(record);
    let ground = match record.from_task_definition.is_some() && !stretches.is_empty() {
        true => "sy-old",
        false => "sy-none",
    };
    svg.rect((x0, top + 5.0), ((x1 - x0).max(2.0), BAR), ground);
    for stretch in &stretches {
        let (x0, x1) = (axis.x(stretch.from), axis.x(stretch.to));
        let height = BAR * stretch.share.percent() / 100.0;
        if height > 0.0 {
            svg.rect((x0, top + 5.0 + BAR - height), (x1 - x0, height), "sy-new");
        }
    }
}

/// The picture of deployments as a file of its own: each by itself, under all of them on one time line when they are
/// several.
pub fn svg(deployments: &[Deployment]) -> String {
    let mut svg = Svg::default();
    let mut y = 0.0;
    if deployments.len() > 1 {
        y = draw(&mut svg, deployments, y);
    }
    for deployment in deployments {
        y = figure::draw(&mut svg, deployment, y);
    }
    svg.file(y, &about(deployments))
}
