//! `tasks`: the tasks that stopped lately, grouped by why.

use std::collections::BTreeMap;

use futures::future::join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::{Ports, StoppedTask};

use crate::console::{Cell, Console, Output, Tone, table};
use crate::exit::Exit;
use crate::select::Selection;
use crate::trouble::Trouble;
use crate::words::{short, to_second};
use crate::written::Written;

/// Tasks of one revision that stopped for the same reason.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct Group {
    service: String,
    revision: String,
    count: u32,
    /// Something is wrong with them: they did not start, an essential container exited, or they were not healthy.
    failed: bool,
    /// AWS's word.
    stop_code: Option<String>,
    /// AWS's sentence, without the ids of tasks.
    reason: String,
    /// Container → exit code and reason, as clauses.
    containers: Vec<String>,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    /// Ids of the tasks, newest first, at most ten.
    tasks: Vec<String>,
}

/// What `tasks` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Stopped {
    /// Failed ones first, then the most frequent.
    stopped: Vec<Group>,
}

impl Written for Stopped {
    const FORMAT: &'static str = "switchyard.tasks";
}

/// Ids that are listed of a group.
const IDS: usize = 10;

/// Shows the tasks that have stopped: AWS keeps them for about an hour.
///
/// # Errors
/// A service is not there, or its tasks cannot be read.
pub async fn tasks(
    ports: &Ports,
    selection: &Selection,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let stopped = chosen
        .iter()
        .map(|it| ports.services.stopped_tasks(&it.service));
    let mut groups = Vec::new();
    for (chosen, stopped) in chosen.iter().zip(join_all(stopped).await) {
        let stopped = stopped.map_err(|error| Trouble::reading(&error))?;
        groups.extend(grouped(&chosen.service.name, &stopped));
    }
    match console.output {
        Output::Json => console.document(&Stopped { stopped: groups })?,
        Output::Text if groups.is_empty() => {
            console.say("No tasks have stopped. AWS keeps stopped tasks for about an hour.\n")?;
        }
        Output::Text => {
            let text = text(&groups, console.color);
            console.say(&text)?;
        }
    }
    Ok(Exit::Done)
}

/// Failed ones first, then the most frequent.
fn grouped(service: &str, stopped: &[StoppedTask]) -> Vec<Group> {
    let mut groups: BTreeMap<(String, Option<String>, String, Vec<String>), Group> =
        BTreeMap::new();
    for task in stopped {
        let revision = short(&task.task_definition).to_owned();
        let code = task.stop_code.as_ref().map(|code| code.word().to_owned());
        let id = short(&task.arn).to_owned();
        let said = task
            .reason
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned());
        let reason = without_ids(&said);
        let containers = containers(task);
        let key = (
            revision.clone(),
            code.clone(),
            reason.clone(),
            containers.clone(),
        );
        let group = groups.entry(key).or_insert_with(|| Group {
            service: service.to_owned(),
            revision,
            count: 0,
            failed: task.has_failed(),
            stop_code: code,
            reason,
            containers,
            first_at: task.stopped_at,
            last_at: task.stopped_at,
            tasks: Vec::new(),
        });
        group.count += 1;
        group.first_at = group.first_at.into_iter().chain(task.stopped_at).min();
        group.last_at = group.last_at.into_iter().chain(task.stopped_at).max();
        if group.tasks.len() < IDS {
            group.tasks.push(id);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| (!group.failed, std::cmp::Reverse(group.count)));
    groups
}

fn containers(task: &StoppedTask) -> Vec<String> {
    let containers = task.containers.iter();
    containers
        .filter_map(|(name, (code, reason))| match (code, reason) {
            (None, None) => None,
            (Some(code), None) => Some(format!("{name} exited with {code}")),
            (None, Some(reason)) => Some(format!("{name}: {}", without_ids(reason))),
            (Some(code), Some(reason)) => Some(format!(
                "{name} exited with {code}: {}",
                without_ids(reason)
            )),
        })
        .collect()
}

/// Words that are ids of tasks, deployments or task sets differ between tasks that stopped for the same reason.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        let bare = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let last = bare.rsplit('/').next().unwrap_or(bare);
        let digits = last.chars().filter(char::is_ascii_digit).count();
        last.len() >= 16 && digits >= 4 && last.chars().all(|letter| letter.is_ascii_alphanumeric())
    };
    let words = text
        .split(' ')
        .map(|word| if is_id(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn text(groups: &[Group], color: bool) -> String {
    let row = |group: &Group| {
        let tone = if group.failed { Tone::Bad } else { Tone::Plain };
        let why = std::iter::once(group.reason.clone()).chain(group.containers.iter().cloned());
        vec![
            Cell::from(group.service.clone()),
            Cell::from(group.revision.clone()),
            Cell(group.count.to_string(), tone),
            Cell::from(
                group
                    .last_at
                    .map(|at| to_second(at).to_string())
                    .unwrap_or_default(),
            ),
            Cell(group.stop_code.clone().unwrap_or_default(), tone),
            Cell::from(why.collect::<Vec<_>>().join("; ")),
        ]
    };
    let headings = [
        "SERVICE",
        "REVISION",
        "TASKS",
        "LAST STOPPED",
        "CODE",
        "WHY",
    ];
    let rows: Vec<_> = groups.iter().map(row).collect();
    table(&headings, &rows, "", color)
}

#[cfg(test)]
mod tests {
    use switchyard_engine::ports::StopCode;

    use super::*;

    fn task(
        id: &str,
        revision: u32,
        code: StopCode,
        reason: &str,
        exit: Option<i64>,
    ) -> StoppedTask {
        StoppedTask {
            arn: format!("arn:aws:ecs:eu-west-1:1:task/main/{id}"),
            task_definition: format!("arn:aws:ecs:eu-west-1:1:task-definition/web:{revision}"),
            started_by: None,
            stop_code: Some(code),
            reason: Some(reason.to_owned()),
            containers: BTreeMap::from([("app".to_owned(), (exit, None))]),
            stopped_at: Timestamp::from_second(100).ok(),
        }
    }

    #[test]
    fn tasks_that_stopped_for_one_reason_are_one_group_and_failures_come_first() {
        let exited = "Essential container in task exited";
        let scaled = |id: &str| format!("Scaling activity initiated by deployment ecs-svc/{id}");
        let found = grouped(
            "web",
            &[
                task(
                    "a",
                    7,
                    StopCode::ServiceSchedulerInitiated,
                    &scaled("1234567890123456789"),
                    Some(0),
                ),
                task(
                    "b",
                    7,
                    StopCode::ServiceSchedulerInitiated,
                    &scaled("9876543210987654321"),
                    Some(0),
                ),
                task("c", 8, StopCode::EssentialContainerExited, exited, Some(1)),
                task(
                    "d",
                    8,
                    StopCode::EssentialContainerExited,
                    exited,
                    Some(137),
                ),
            ],
        );
        let told: Vec<_> = found
            .iter()
            .map(|group| {
                (
                    group.revision.as_str(),
                    group.count,
                    group.failed,
                    group.containers.join(";"),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("web:8", 1, true, "app exited with 1".to_owned()),
                ("web:8", 1, true, "app exited with 137".to_owned()),
                ("web:7", 2, false, "app exited with 0".to_owned()),
            ]
        );
        assert_eq!(
            found[2].reason,
            "Scaling activity initiated by deployment …"
        );
        assert_eq!(found[2].tasks, ["a", "b"]);
    }
}
