//! `history`: the deployments of a service, and what they say about how well it is deployed.

mod deployed;
mod entry;
mod figures;

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::COMMIT_TIME_TAG;
use switchyard_engine::ports::{
    Controller, EcsStatus, Error, Ports, ServiceDeployment, TaskDefinition,
};

use crate::console::{Cell, Console, Output, Tone, table};
use crate::exit::Exit;
use crate::gathered::Gathered;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::words::{between, short, span, to_second};
use crate::written::Written;
use entry::Entry;
use figures::{Figures, figures};

/// What `history` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Past {
    /// Time from which deployments are listed.
    since: Timestamp,
    /// The newest first.
    deployments: Vec<Entry>,
    figures: Figures,
    /// Services whose controller keeps no deployments.
    not_remembered: Vec<NotRemembered>,
}

impl Written for Past {
    const FORMAT: &'static str = "switchyard.history";
}

/// A service whose controller keeps no deployments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct NotRemembered {
    service: String,
    /// AWS's word.
    controller: String,
}

/// Most deployments that are read of a service.
const MOST: u32 = 100;

/// Shows the deployments of the last `days`, newest first, and the figures over all of them.
///
/// # Errors
/// A service is not there or cannot be read, or ECS does not keep its deployments.
pub async fn history(
    ports: &Ports,
    selection: &Selection,
    days: u16,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let (chosen, elsewhere): (Vec<Chosen>, Vec<Chosen>) = chosen
        .into_iter()
        .partition(|chosen| is_remembered(&chosen.found.controller));
    if chosen.is_empty() && !elsewhere.is_empty() {
        return Err(Trouble::new(not_remembered(&elsewhere)));
    }
    let window = SignedDuration::from_hours(24 * i64::from(days));
    let since = ports
        .clock
        .now()
        .checked_sub(window)
        .unwrap_or(Timestamp::MIN);
    let read = join_all(chosen.iter().map(|chosen| entries(ports, chosen, since))).await;
    let mut ended = Gathered::new();
    let mut all = Vec::new();
    for read in read {
        match read {
            Ok(entries) => {
                ended.add(Ok(Exit::Done));
                all.extend(entries);
            }
            Err(error) => ended.add(Err(Trouble::reading(&error))),
        }
    }
    all.sort_by_key(|entry| std::cmp::Reverse(entry.started_at));
    let figures = figures(&all, days);
    match console.output {
        Output::Json => {
            let not_remembered = elsewhere.iter().map(|it| NotRemembered {
                service: it.service.name.clone(),
                controller: it.found.controller.word().to_owned(),
            });
            console.document(&Past {
                since: to_second(since),
                not_remembered: not_remembered.collect(),
                deployments: all,
                figures,
            })?;
        }
        Output::Text => {
            let mut text = text(&all, &figures, chosen.len() > 1, console.color);
            if !elsewhere.is_empty() {
                text.push_str(&format!("\nNot listed: {}\n", not_remembered(&elsewhere)));
            }
            console.say(&text)?;
        }
    }
    ended.finish()
}

/// Whether AWS remembers the deployments.
fn is_remembered(controller: &Controller) -> bool {
    match controller {
        Controller::Ecs | Controller::CodeDeploy => true,
        Controller::External | Controller::Unknown(_) => false,
    }
}

/// Why the deployments of these are not listed.
fn not_remembered(services: &[Chosen]) -> String {
    let named: Vec<String> = services
        .iter()
        .map(|it| {
            format!(
                "`{}` (controller `{}`)",
                it.service.name,
                it.found.controller.word()
            )
        })
        .collect();
    format!(
        "{}. AWS remembers only deployments that ECS or CodeDeploy carries out. Look at the reports that applies write \
         (`report_path`).",
        named.join(", ")
    )
}

async fn entries(ports: &Ports, chosen: &Chosen, since: Timestamp) -> Result<Vec<Entry>, Error> {
    match &chosen.found.controller {
        Controller::CodeDeploy => deployed::entries(ports, chosen, since).await,
        Controller::Ecs | Controller::External | Controller::Unknown(_) => {
            native(ports, chosen, since).await
        }
    }
}

/// The deployments that ECS remembers.
async fn native(ports: &Ports, chosen: &Chosen, since: Timestamp) -> Result<Vec<Entry>, Error> {
    let listed = ports
        .services
        .list_deployments(&chosen.service, MOST)
        .await?;
    let recent = |it: &ServiceDeployment| it.created_at.is_none_or(|at| at >= since);
    let listed: Vec<ServiceDeployment> = listed.into_iter().filter(recent).collect();
    let named = |it: &ServiceDeployment| -> Vec<String> {
        let all = it.sources.first().into_iter().chain(&it.target);
        all.map(|summary| summary.arn.clone()).collect()
    };
    let arns: BTreeSet<String> = listed.iter().flat_map(named).collect();
    let arns: Vec<String> = arns.into_iter().collect();
    let revisions = ports.services.find_revisions(&arns).await?;
    let of = |arn: &str| revisions.iter().find(|revision| revision.arn == arn);
    let entry = |found: &ServiceDeployment| {
        let target = found.target.as_ref().and_then(|it| of(&it.arn));
        let source = found.sources.first().and_then(|it| of(&it.arn));
        let images = target.into_iter().flat_map(|it| &it.images);
        let succeeded = found.status == EcsStatus::Successful;
        Entry {
            service: chosen.service.name.clone(),
            id: found.arn.clone(),
            status: found.status.word().to_owned(),
            succeeded: (!found.status.is_running()).then_some(succeeded),
            from: source.map(|it| short(&it.task_definition).to_owned()),
            to: target.map(|it| short(&it.task_definition).to_owned()),
            images: images
                .map(|(name, (image, _))| (name.clone(), image.clone()))
                .collect(),
            reason: found
                .rollback_reason
                .clone()
                .or_else(|| found.status_reason.clone())
                .filter(|_| !succeeded),
            started_at: found.created_at,
            finished_at: found.finished_at,
            lead_seconds: None,
            task_definition: target.map(|it| it.task_definition.clone()),
        }
    };
    let mut entries: Vec<Entry> = listed.iter().map(entry).collect();
    for entry in entries
        .iter_mut()
        .filter(|entry| entry.succeeded == Some(true))
    {
        entry.lead_seconds = lead(ports, entry).await?;
    }
    Ok(entries)
}

/// From the commit until it was live, where the task definition says when the commit was.
async fn lead(ports: &Ports, entry: &Entry) -> Result<Option<i64>, Error> {
    let Some(arn) = &entry.task_definition else {
        return Ok(None);
    };
    let found = ports.services.find_task_definition(arn).await?;
    Ok(found.and_then(|found| lead_of(&found, entry.finished_at)))
}

fn lead_of(found: &TaskDefinition, finished: Option<Timestamp>) -> Option<i64> {
    let committed: Timestamp = found.tags.get(COMMIT_TIME_TAG)?.parse().ok()?;
    let lead = finished?.duration_since(committed).as_secs();
    (lead >= 0).then_some(lead)
}

fn text(all: &[Entry], figures: &Figures, several: bool, color: bool) -> String {
    if all.is_empty() {
        return format!("No deployments in the last {} days.\n", figures.days);
    }
    let row = |entry: &Entry| {
        let tone = match entry.succeeded {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Busy,
        };
        let took = match (entry.started_at, entry.finished_at) {
            (Some(from), Some(to)) => between(from, to),
            (_, _) => String::new(),
        };
        let mut row = vec![
            Cell::from(
                entry
                    .started_at
                    .map(|at| to_second(at).to_string())
                    .unwrap_or_default(),
            ),
            Cell::from(entry.from.clone().unwrap_or_default()),
            Cell::from(entry.to.clone().unwrap_or_default()),
            Cell(entry.status.clone(), tone),
            Cell::from(took),
            Cell::from(entry.reason.clone().unwrap_or_default()),
        ];
        if several {
            row.insert(0, Cell::from(entry.service.clone()));
        }
        row
    };
    let mut headings = vec!["STARTED", "FROM", "TO", "STATUS", "TOOK", "REASON"];
    if several {
        headings.insert(0, "SERVICE");
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    let mut text = table(&headings, &rows, "", color);
    text.push('\n');
    let mut add = |name: &str, value: String| text.push_str(&format!("{name:<22} {value}\n"));
    add(
        "deployment frequency",
        format!("{:.1} a week", figures.deployments_per_week),
    );
    add(
        "change failure rate",
        match figures.change_failure_percent {
            Some(percent) => format!("{percent:.0} % ({} of {})", figures.failed, figures.ended),
            None => "no deployment has ended".to_owned(),
        },
    );
    add(
        "time to restore",
        median(figures.restore_seconds, "no deployment failed"),
    );
    add(
        "lead time for changes",
        median(
            figures.lead_seconds,
            "no task definition has the tag switchyard:commit-time",
        ),
    );
    text
}

fn median(seconds: Option<i64>, none: &str) -> String {
    seconds.map_or_else(
        || none.to_owned(),
        |seconds| format!("{} (median)", span(seconds)),
    )
}
