//! `status`: what there is now.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::Ports;

use crate::console::{Cell, Console, Output, Tone, neutral, painted, table};
use crate::exit::Exit;
use crate::select::Selection;
use crate::trouble::Trouble;
use crate::view::{
    AlarmView, Carrier, DeploymentView, EmergencyView, EndedView, Role, ServiceView, SideView,
    State, look,
};
use crate::words::{between, count, percent, to_second};
use crate::written::Written;

#[derive(Debug, Serialize, JsonSchema)]
/// What `status` writes.
pub(crate) struct Services {
    /// In the order in which they were named, or by name.
    services: Vec<ServiceView>,
}

impl Written for Services {
    const FORMAT: &'static str = "switchyard.status";
}

/// Shows services: one that is named in full, several in a table.
///
/// # Errors
/// A service is not there, or cannot be read.
pub async fn status(
    ports: &Ports,
    selection: &Selection,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let seen = look(ports, &chosen, true).await;
    let views: Vec<ServiceView> = seen.into_iter().collect::<Result<_, _>>()?;
    match console.output {
        Output::Json => console.document(&Services { services: views })?,
        Output::Text => {
            let text = match (views.as_slice(), selection) {
                ([one], Selection::Services(_)) => block(one, console.color),
                (several, Selection::Services(_) | Selection::All(_) | Selection::Group { .. }) => {
                    overview(several, console.color)
                }
            };
            console.say(&text)?;
        }
    }
    Ok(Exit::Done)
}

pub(crate) fn state_tone(state: State) -> Tone {
    match state {
        State::Steady => Tone::Good,
        State::Deploying | State::Waiting | State::Draining => Tone::Busy,
        State::RollingBack | State::Degraded => Tone::Bad,
    }
}

/// One line for each service.
fn overview(views: &[ServiceView], color: bool) -> String {
    let row = |view: &ServiceView| {
        let live = view.sides.iter().find(|side| side.role == Role::Live);
        let revision = live
            .and_then(|side| side.revision.clone())
            .unwrap_or_default();
        let tasks = format!("{}/{}", view.tasks.running, view.tasks.desired);
        let firing = view.alarms.iter().filter(|alarm| alarm.is_firing()).count();
        let mut notes: Vec<String> = Vec::new();
        notes.extend(view.deployment.as_ref().map(|it| brief(view, it)));
        if view.deployment.is_none() {
            notes.extend(view.problems.iter().cloned());
        } else if firing > 0 {
            notes.push(format!("{} firing", count(firing, "alarm")));
        }
        notes.extend(view.emergency.as_ref().map(|it| match it.is_over {
            false => format!("emergency scaling until {}", it.until),
            true => format!("emergency scaling over since {}", it.until),
        }));
        notes.extend(view.unfinished.iter().cloned());
        vec![
            Cell::from(view.service.clone()),
            Cell::from(view.cluster.clone()),
            Cell(view.state.word().to_owned(), state_tone(view.state)),
            Cell::from(revision),
            Cell::from(tasks),
            Cell::from(live.map(targets).unwrap_or_default()),
            Cell::from(notes.join("; ")),
        ]
    };
    let headings = [
        "SERVICE", "CLUSTER", "STATE", "REVISION", "TASKS", "TARGETS", "NOTE",
    ];
    let rows: Vec<_> = views.iter().map(row).collect();
    table(&headings, &rows, "", color)
}

/// A deployment in a few words.
fn brief(view: &ServiceView, deployment: &DeploymentView) -> String {
    let new = view.new_side();
    let weight = new.and_then(|side| side.traffic_percent).map(percent);
    let to = deployment.to.as_deref().unwrap_or("another revision");
    let mut text = match weight {
        Some(weight) => format!("{weight} on {to}"),
        None => format!("to {to}"),
    };
    if let Some(wait) = &deployment.waits_for {
        text.push_str(match wait.until {
            Some(_) => ", paused until ",
            None => ", paused",
        });
        text.extend(wait.until.map(|at| to_second(at).to_string()));
    }
    text
}

/// Everything about one service.
pub(crate) fn block(view: &ServiceView, color: bool) -> String {
    let mut text = format!(
        "{} in cluster {}{}: {}\n",
        neutral(&view.service),
        neutral(&view.cluster),
        view.region
            .as_ref()
            .map(|region| format!(" ({region})"))
            .unwrap_or_default(),
        painted(view.state.word(), state_tone(view.state), color)
    );
    let mut add = |name: &str, line: String, tone: Tone| {
        let line = painted(&neutral(&line), tone, color);
        text.push_str(&format!("  {name:<11} {line}\n"));
    };
    for problem in &view.problems {
        add("problem", problem.clone(), Tone::Bad);
    }
    if let Some(deployment) = &view.deployment {
        add(
            "deployment",
            deployment_line(view.at, deployment),
            Tone::Plain,
        );
        add("", deployment.id.clone(), Tone::Faint);
        if let Some(wait) = wait_line(view, deployment) {
            add("waits", wait, Tone::Busy);
        }
        for function in &deployment.functions {
            add("waits", format!("for the function {function}"), Tone::Plain);
        }
        if let Some(reason) = &deployment.reason {
            add("reason", reason.clone(), Tone::Plain);
        }
    }
    text.push_str(&sides(view, color));
    let mut add = |name: &str, line: String, tone: Tone| {
        let line = painted(&neutral(&line), tone, color);
        text.push_str(&format!("  {name:<11} {line}\n"));
    };
    if let Some(scaling) = &view.scaling {
        let mut line = format!("{} to {} tasks", scaling.min, scaling.max);
        if !scaling.suspended.is_empty() {
            line.push_str(&format!(", suspended: {}", scaling.suspended.join(", ")));
        }
        add("scaling", line, Tone::Plain);
    }
    if let Some(emergency) = &view.emergency {
        add("emergency", emergency_line(emergency, view.at), Tone::Busy);
    }
    if !view.alarms.is_empty() {
        let (line, tone) = alarms_line(&view.alarms);
        add("alarms", line, tone);
    }
    if let Some(last) = &view.last_deployment {
        add(
            "last",
            ended_line(last),
            if last.succeeded {
                Tone::Plain
            } else {
                Tone::Bad
            },
        );
    }
    for unfinished in &view.unfinished {
        add("unfinished", unfinished.clone(), Tone::Busy);
    }
    if let Some(operated) = &view.operated {
        add("by hand", operated.clone(), Tone::Plain);
    }
    text
}

/// What a person has raised, and until when.
fn emergency_line(emergency: &EmergencyView, now: Timestamp) -> String {
    let time = match emergency.is_over {
        false => format!(
            "until {} ({} left)",
            emergency.until,
            between(now, emergency.until)
        ),
        true => format!(
            "over since {}; the next apply puts it back, or `switchyard scale --restore`",
            emergency.until
        ),
    };
    format!("{}, {time}: {}", emergency.raised, emergency.reason)
}

/// Where the deployment is.
fn deployment_line(now: Timestamp, deployment: &DeploymentView) -> String {
    let mut line = format!(
        "to {}",
        deployment.to.as_deref().unwrap_or("another revision")
    );
    line.push_str(&format!(", {}", deployment.status));
    if let Some(stage) = &deployment.stage {
        line.push_str(&format!(" at {stage}"));
    }
    if let Some(at) = deployment.started_at {
        line.push_str(&format!(", since {} ({})", to_second(at), between(at, now)));
    }
    let by = match (deployment.carried_out_by, deployment.started_by_switchyard) {
        (Carrier::Apply, _) => "carried out by an apply",
        (Carrier::Ecs | Carrier::Codedeploy, true) => "started by an apply",
        (Carrier::Ecs | Carrier::Codedeploy, false) => "not started by an apply",
    };
    format!("{line}, {by}")
}

/// What it waits for, and what ends that.
pub(crate) fn wait_line(view: &ServiceView, deployment: &DeploymentView) -> Option<String> {
    let wait = deployment.waits_for.as_ref()?;
    let whose = match (deployment.carried_out_by, deployment.started_by_switchyard) {
        (Carrier::Codedeploy, _) => "before traffic moves, for somebody to continue it",
        (Carrier::Ecs | Carrier::Apply, true) => {
            "at a pause, for an approval or for the apply to continue it"
        }
        (Carrier::Ecs | Carrier::Apply, false) => "at a pause, for somebody to continue it",
    };
    let end = wait.until.map(|at| {
        let then = match wait.then.as_deref() {
            Some("continue") => "ECS continues",
            Some(_) | None => "ECS rolls back",
        };
        format!(
            "; {then} at {} ({} left)",
            to_second(at),
            between(view.at, at)
        )
    });
    Some(format!("{whose}{}", end.unwrap_or_default()))
}

fn sides(view: &ServiceView, color: bool) -> String {
    let row = |side: &SideView| {
        let tone = match side.role {
            Role::Live => Tone::Good,
            Role::New => Tone::Busy,
            Role::Old => Tone::Faint,
            Role::Other => Tone::Bad,
        };
        let tasks = side.tasks.map(|tasks| match tasks.pending {
            0 => format!("{}/{}", tasks.running, tasks.desired),
            pending => format!("{}/{}, {pending} pending", tasks.running, tasks.desired),
        });
        let images: Vec<String> = side
            .images
            .values()
            .map(|image| short_image(image).to_owned())
            .collect();
        vec![
            Cell(side.role.word().to_owned(), tone),
            Cell::from(side.revision.clone().unwrap_or_default()),
            Cell::from(side.traffic_percent.map(percent).unwrap_or_default()),
            Cell::from(tasks.unwrap_or_default()),
            Cell::from(targets(side)),
            Cell::from(side.target_group.clone().unwrap_or_default()),
            Cell::from(images.join(", ")),
        ]
    };
    let headings = [
        "side",
        "revision",
        "traffic",
        "tasks",
        "healthy",
        "target group",
        "image",
    ];
    let rows: Vec<_> = view.sides.iter().map(row).collect();
    table(&headings, &rows, "  ", color)
}

/// An image without its registry and with a short digest.
fn short_image(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once("@sha256:") {
        Some((_, digest)) => {
            let end = name.len() - digest.len().saturating_sub(12);
            name.get(..end).unwrap_or(name)
        }
        None => name,
    }
}

fn targets(side: &SideView) -> String {
    let Some(targets) = &side.targets else {
        return String::new();
    };
    let reasons: Vec<String> = targets
        .reasons
        .iter()
        .map(|(reason, number)| match number {
            1 => reason.clone(),
            number => format!("{number} {reason}"),
        })
        .collect();
    match reasons.is_empty() {
        true => format!("{}/{}", targets.healthy, targets.total),
        false => format!(
            "{}/{} ({})",
            targets.healthy,
            targets.total,
            reasons.join(", ")
        ),
    }
}

fn alarms_line(alarms: &[AlarmView]) -> (String, Tone) {
    let names = |word: &str| -> Vec<&str> {
        let those = alarms.iter().filter(|alarm| alarm.state == word);
        those.map(|alarm| alarm.name.as_str()).collect()
    };
    let mut parts = Vec::new();
    for (word, said) in [
        ("ALARM", "firing"),
        ("INSUFFICIENT_DATA", "without data"),
        ("MISSING", "missing"),
    ] {
        let names = names(word);
        if !names.is_empty() {
            parts.push(format!("{said}: {}", names.join(", ")));
        }
    }
    let ok = names("OK").len();
    if ok > 0 {
        parts.push(format!("{ok} ok"));
    }
    let tone = match names("ALARM").is_empty() {
        true => Tone::Plain,
        false => Tone::Bad,
    };
    (parts.join("; "), tone)
}

/// How the last deployment ended.
pub(crate) fn ended_line(ended: &EndedView) -> String {
    let mut line = format!(
        "{} {}",
        ended.to.as_deref().unwrap_or("a deployment"),
        ended.status
    );
    if let Some(at) = ended.finished_at {
        line.push_str(&format!(" at {}", to_second(at)));
    }
    if let (Some(from), Some(to)) = (ended.started_at, ended.finished_at) {
        line.push_str(&format!(", after {}", between(from, to)));
    }
    if let Some(reason) = &ended.reason {
        line.push_str(&format!(": {reason}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_shown_without_registry_and_with_a_short_digest() {
        let digest =
            "1.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:0123456789abcdef0123456789abcdef";
        assert_eq!(short_image(digest), "web@sha256:0123456789ab");
        assert_eq!(short_image("registry/web:v2"), "web:v2");
        assert_eq!(short_image("web@sha256:012"), "web@sha256:012");
    }
}
