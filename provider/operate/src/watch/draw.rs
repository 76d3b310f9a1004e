//! A followed deployment as lines.

use jiff::SignedDuration;
use switchyard_engine::ports::LifecycleStage;

use super::{Followed, ended_sentence};
use crate::console::{Tone, neutral, painted};
use crate::status::state_tone;
use crate::view::{Role, ServiceView, SideView};
use crate::words::{between, percent, span, to_second};

/// Columns of a traffic bar.
const BAR: usize = 30;

/// Events below the bars.
const EVENTS: usize = 3;

/// What has to change for a new line: everything but the time.
pub(super) fn key(followed: &Followed) -> String {
    let mut key = match (&followed.view, ended_sentence(followed)) {
        (_, Some(ended)) => return ended,
        (Some(view), None) => phrase(view),
        (None, None) => String::new(),
    };
    key.extend(followed.id.as_ref().map(|(id, _, _)| id.as_str()));
    key
}

/// The line without a terminal.
pub(super) fn line(followed: &Followed) -> String {
    let text = match (&followed.view, ended_sentence(followed)) {
        (_, Some(ended)) => ended,
        (Some(view), None) => {
            let left = left(followed, view).map(|left| format!(" · {left}"));
            format!(
                "{}: {}{}",
                view.service,
                phrase(view),
                left.unwrap_or_default()
            )
        }
        (None, None) => followed.chosen.service.name.clone(),
    };
    neutral(&text)
}

/// Where it is, without the time.
fn phrase(view: &ServiceView) -> String {
    let Some(deployment) = &view.deployment else {
        return "no deployment is in progress".to_owned();
    };
    let to = deployment.to.as_deref().unwrap_or("another revision");
    let side = view.new_side();
    let mut parts = vec![match side.and_then(|side| side.traffic_percent) {
        Some(weight) => format!("{} on {to}", percent(weight)),
        None => format!("to {to}"),
    }];
    if let Some(side) = side {
        match (&side.targets, side.tasks) {
            (Some(targets), _) => {
                parts.push(format!("{}/{} healthy", targets.healthy, targets.total))
            }
            (None, Some(tasks)) => {
                parts.push(format!("{}/{} running", tasks.running, tasks.desired))
            }
            (None, None) => {}
        }
    }
    parts.push(match &deployment.stage {
        Some(stage) => format!("{} {stage}", deployment.status),
        None => deployment.status.clone(),
    });
    if deployment.waits_for.is_some() {
        parts.push("waits until somebody continues it".to_owned());
    }
    let firing: Vec<&str> = view
        .alarms
        .iter()
        .filter(|alarm| alarm.is_firing())
        .map(|alarm| alarm.name.as_str())
        .collect();
    if !firing.is_empty() {
        parts.push(format!("alarms firing: {}", firing.join(", ")));
    }
    parts.join(" · ")
}

/// How much time is left, where that is known: until a pause ends, or the bake time.
fn left(followed: &Followed, view: &ServiceView) -> Option<String> {
    let deployment = view.deployment.as_ref()?;
    if let Some(until) = deployment.waits_for.as_ref().and_then(|wait| wait.until) {
        return Some(format!("{} left", between(view.at, until)));
    }
    let (stage, since, is_exact) = followed.stage.as_ref()?;
    let minutes = deployment
        .bake_minutes
        .filter(|_| LifecycleStage::parse(stage) == LifecycleStage::BakeTime)?;
    let bake = SignedDuration::from_mins(i64::from(minutes));
    let left = bake.checked_sub(view.at.duration_since(*since))?;
    let most = if *is_exact { "" } else { "at most " };
    Some(format!("{most}{} left", span(left.as_secs())))
}

/// Parts of a line with their colours.
type Line = Vec<(String, Tone)>;

/// The lines on a terminal of this width.
pub(super) fn lines(followed: &Followed, width: usize, color: bool) -> Vec<String> {
    let mut lines: Vec<Line> = Vec::new();
    if let Some(view) = &followed.view {
        lines.push(title(followed, view));
        if followed.ended.is_none() && !followed.is_idle {
            let names = view
                .sides
                .iter()
                .map(|side| side.revision.as_ref().map_or(0, |it| it.chars().count()));
            let longest = names.max().unwrap_or(0);
            lines.extend(view.sides.iter().map(|side| bar(side, longest)));
            lines.push(vec![(format!("  {}", phrase(view)), Tone::Plain)]);
            let events = view.events.iter().take(EVENTS);
            lines.extend(events.map(|event| {
                vec![(
                    format!("  {} {}", to_second(event.at), event.message),
                    Tone::Faint,
                )]
            }));
        }
    }
    if let Some(ended) = ended_sentence(followed) {
        let tone = match &followed.ended {
            Some(ended) if ended.succeeded => Tone::Good,
            Some(_) => Tone::Bad,
            None => Tone::Plain,
        };
        lines.push(vec![(ended, tone)]);
    }
    lines
        .into_iter()
        .map(|line| fitted(line, width, color))
        .collect()
}

fn title(followed: &Followed, view: &ServiceView) -> Line {
    let mut title = vec![
        (
            format!("{} in cluster {}: ", view.service, view.cluster),
            Tone::Plain,
        ),
        (view.state.word().to_owned(), state_tone(view.state)),
    ];
    let started = view.deployment.as_ref().and_then(|it| it.started_at);
    if let Some(started) = started {
        title.push((
            format!("  since {}", between(started, view.at)),
            Tone::Faint,
        ));
    }
    if let Some(left) = left(followed, view) {
        title.push((format!("  {left}"), Tone::Busy));
    }
    title
}

fn bar(side: &SideView, longest: usize) -> Line {
    let tone = match side.role {
        Role::Live => Tone::Good,
        Role::New => Tone::Busy,
        Role::Old => Tone::Faint,
        Role::Other => Tone::Bad,
    };
    let revision = side.revision.as_deref().unwrap_or("");
    let mut line = vec![
        (format!("  {:<5} ", side.role.word()), tone),
        (format!("{revision:<longest$}  "), Tone::Plain),
    ];
    if let Some(share) = side.traffic_percent {
        let filled = filled(share);
        line.push(("█".repeat(filled), tone));
        line.push(("░".repeat(BAR.saturating_sub(filled)), Tone::Faint));
        line.push((format!(" {:>6}", percent(share)), Tone::Plain));
    }
    if let Some(targets) = &side.targets {
        line.push((
            format!("  {}/{} healthy", targets.healthy, targets.total),
            Tone::Plain,
        ));
    } else if let Some(tasks) = side.tasks {
        line.push((
            format!("  {}/{} tasks", tasks.running, tasks.desired),
            Tone::Plain,
        ));
    }
    line
}

/// Columns of the bar; a little traffic is never nothing, and nearly all is never all.
fn filled(share: f64) -> usize {
    let most = u32::try_from(BAR).unwrap_or(u32::MAX);
    let columns = (0..=most).find(|columns| f64::from(*columns) * 100.0 >= share * f64::from(most));
    let columns = columns.map_or(BAR, |columns| usize::try_from(columns).unwrap_or(BAR));
    match share {
        share if share < 100.0 => columns.min(BAR - 1),
        _ => BAR,
    }
}

/// Not longer than the terminal is wide: a line that wraps is two to draw over.
fn fitted(line: Line, width: usize, color: bool) -> String {
    let mut left = width.saturating_sub(1);
    let mut text = String::new();
    for (part, tone) in line {
        let part: String = neutral(&part).chars().take(left).collect();
        left -= part.chars().count();
        text.push_str(&painted(&part, tone, color));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_only_without_and_full_only_with_all_traffic() {
        for (share, columns) in [
            (0.0, 0),
            (0.1, 1),
            (10.0, 3),
            (50.0, 15),
            (99.9, 29),
            (100.0, 30),
        ] {
            assert_eq!(filled(share), columns, "{share}");
        }
    }

    #[test]
    fn lines_are_cut_to_the_terminal() {
        let line = vec![
            ("abc".to_owned(), Tone::Good),
            ("defg".to_owned(), Tone::Plain),
        ];
        assert_eq!(fitted(line.clone(), 6, false), "abcde");
        assert_eq!(fitted(line.clone(), 80, false), "abcdefg");
        assert_eq!(fitted(line, 3, true), "\u{1b}[32mab\u{1b}[0m");
    }
}
