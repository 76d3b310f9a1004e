//! `verify`: everything a deployment needs, checked without Terraform and without changing anything.

use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::{Controller, Ports};
use switchyard_engine::{
    DesiredController, DesiredService, DesiredTaskDefinition, Finding, FindingLevel, Live,
    as_it_is, find_deployment_group, observe_behind, verify_rollout,
};

use crate::console::{Console, Output, Tone, neutral, painted};
use crate::exit::Exit;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::words::{count, short};
use crate::written::Written;

/// What would be deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verify {
    /// Task definition; that of the plan, or the live one, when absent.
    pub to: Option<String>,
}

/// What was found of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Verified {
    service: String,
    cluster: String,
    task_definition: String,
    findings: Vec<Found>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Found {
    /// `SYxxxx`.
    rule: String,
    severity: &'static str,
    now: String,
    why: String,
    next: String,
}

/// What `verify` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Verification {
    /// In the order in which they were named, or by name.
    services: Vec<Verified>,
}

impl Written for Verification {
    const FORMAT: &'static str = "switchyard.verify";
}

/// Checks what a deployment of services would need.
///
/// # Errors
/// A service is not there, or cannot be read.
pub async fn verify(
    ports: &Ports,
    selection: &Selection,
    wanted: &Verify,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let mut all = Vec::new();
    for chosen in &chosen {
        all.push(one(ports, chosen, wanted).await?);
    }
    let all = Verification { services: all };
    match console.output {
        Output::Json => console.document(&all)?,
        Output::Text => {
            let text: String = all
                .services
                .iter()
                .map(|it| block(it, console.color))
                .collect();
            console.say(&text)?;
        }
    }
    let is_wrong = |it: &Verified| it.findings.iter().any(|found| found.severity == ERROR);
    Ok(match all.services.iter().any(is_wrong) {
        true => Exit::NotSucceeded,
        false => Exit::Done,
    })
}

const ERROR: &str = "error";
const WARNING: &str = "warning";

async fn one(ports: &Ports, chosen: &Chosen, wanted: &Verify) -> Result<Verified, Trouble> {
    let live = observe_behind(ports, &chosen.service, chosen.route.as_deref()).await;
    let live = live.map_err(|error| Trouble::reading(&error))?;
    let gone = || {
        Trouble::new(format!(
            "Service `{}` no longer exists in cluster `{}`.",
            chosen.service.name,
            chosen.service.cluster_name()
        ))
    };
    let live = live.ok_or_else(gone)?;
    let named = wanted.to.clone().or_else(|| chosen.planned.clone());
    let definition = named.or_else(|| live.revision.task_definition.clone());
    let definition = definition.ok_or_else(|| {
        Trouble::new(format!(
            "`{}` has no task definition. Name one with `--to`.",
            chosen.service.name
        ))
    })?;
    let desired = desired(ports, &live, &definition).await?;
    let findings = verify_rollout(ports, &desired, Some(&live)).await;
    Ok(Verified {
        service: live.service.name.clone(),
        cluster: chosen.service.cluster_name().to_owned(),
        task_definition: short(&definition).to_owned(),
        findings: findings.into_iter().map(found).collect(),
    })
}

async fn desired(ports: &Ports, live: &Live, definition: &str) -> Result<DesiredService, Trouble> {
    let service = &live.service;
    let controller = match &service.controller {
        Controller::Ecs => DesiredController::Ecs,
        Controller::External => DesiredController::External,
        Controller::CodeDeploy => {
            let group = find_deployment_group(ports, service).await;
            let group = group.map_err(|error| Trouble::reading(&error))?;
            let (application, group) = group.ok_or_else(|| {
                Trouble::new(format!(
                    "CodeDeploy deploys `{}`, and no deployment of it is known that names the deployment group. Deploy it \
                     once; `terraform plan` checks it before that.",
                    service.name
                ))
            })?;
            DesiredController::CodeDeploy {
                application,
                group,
                config: None,
                hooks: Default::default(),
                rollback_events: None,
                alarms: None,
            }
        }
        Controller::Unknown(word) => {
            return Err(Trouble::new(format!(
                "`{}` has the deployment controller `{word}`, which this version does not know.",
                service.name
            )));
        }
    };
    let named = DesiredTaskDefinition::Named(definition.to_owned());
    as_it_is(live, named, controller).ok_or_else(|| {
        Trouble::new(format!(
            "AWS does not show how `{}` is deployed.",
            service.name
        ))
    })
}

fn found(finding: Finding) -> Found {
    Found {
        rule: finding.rule.to_string(),
        severity: match finding.severity {
            FindingLevel::Error => ERROR,
            FindingLevel::Warning => WARNING,
        },
        now: finding.now,
        why: finding.why,
        next: finding.next,
    }
}

fn block(verified: &Verified, color: bool) -> String {
    let number = |severity| {
        let findings = verified.findings.iter();
        findings.filter(|found| found.severity == severity).count()
    };
    let (errors, warnings) = (number(ERROR), number(WARNING));
    let verdict = match (errors, warnings) {
        (0, 0) => painted("ready to be deployed", Tone::Good, color),
        (0, warnings) => painted(&count(warnings, "warning"), Tone::Busy, color),
        (errors, 0) => painted(&count(errors, "error"), Tone::Bad, color),
        (errors, warnings) => painted(
            &format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
            Tone::Bad,
            color,
        ),
    };
    let mut text = format!(
        "{} in cluster {}, {}: {verdict}\n",
        neutral(&verified.service),
        neutral(&verified.cluster),
        neutral(&verified.task_definition)
    );
    for found in &verified.findings {
        let tone = match found.severity {
            ERROR => Tone::Bad,
            _ => Tone::Busy,
        };
        text.push_str(&format!(
            "\n  {} {}  {}\n    {}\n    {}\n",
            painted(found.severity, tone, color),
            found.rule,
            neutral(&found.now),
            neutral(&found.why).replace('\n', "\n    "),
            neutral(&found.next).replace('\n', "\n    ")
        ));
    }
    text
}
