//! `switchyard recover`: carries out a scenario of a recovery plan, and measures how long that takes.

mod arguments;
mod record;
mod steps;

use std::net::IpAddr;

use switchyard_engine::ports::AlarmState;
use switchyard_engine::recovery::{RecoveryPlan, Scenario};
use switchyard_operate::{Console, Exit, Output, Trouble};

pub use arguments::RecoverArguments;
use record::Record;
pub(crate) use record::{FORMAT, schema};

use crate::operate::{
    ConnectionArguments, Operator, Surroundings, now as moment, opened, ports_of,
};
use crate::report::neutral;

/// Carries a scenario out, or shows it, and returns the exit code. `endpoint` is the one of the environment.
pub fn recover(given: &RecoverArguments, operator: Operator<'_>, endpoint: Option<&str>) -> u8 {
    let Operator {
        variable,
        environment,
        time,
        now,
        out,
        errors,
        input,
        color,
        width,
    } = operator;
    let mut console = opened(given.output, given.yes, (out, input), (color, width));
    let reached = Surroundings {
        variable,
        environment,
        time,
        now,
    };
    match run(given, reached, endpoint, &mut console) {
        Ok(exit) => exit.code(),
        Err(trouble) => {
            // Nobody is left to tell when standard error is closed; the exit code still says it.
            drop(writeln!(errors, "{}", neutral(&trouble.to_string())));
            trouble.exit().code()
        }
    }
}

fn run(
    given: &RecoverArguments,
    reached: Surroundings,
    endpoint: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let plan = read(given)?;
    let Some(name) = &given.scenario else {
        console.say(&overview(&plan))?;
        return Ok(Exit::Done);
    };
    let scenario = plan.scenarios.iter().find(|it| it.name == *name);
    let scenario = scenario.ok_or_else(|| {
        Trouble::new(format!(
            "The plan has no scenario `{name}`. Nothing was done.\n{}",
            overview(&plan)
        ))
    })?;
    let connection = &ConnectionArguments {
        region: given.connection.region.clone().or(plan.region.clone()),
        ..given.connection.clone()
    };
    let is_quiet = console.output == Output::Json;
    if given.dry_run {
        let told = &mut |text: &str| tell(console, text);
        steps::preview(scenario, connection, is_quiet, told)?;
        return Ok(Exit::Done);
    }
    allowed(given, scenario, endpoint)?;
    let time = reached.time.clone();
    let alarm = match given.if_alarm {
        true => Some(firing(connection, scenario, reached)?),
        false => None,
    };
    agreed(given, scenario, console)?;
    let now = || moment(&time);
    let started_at = now()?;
    let told = &mut |text: &str| tell(console, text);
    let ran = steps::run(scenario, (connection, is_quiet), &now, told)?;
    let seconds = steps::seconds(started_at, now()?);
    let succeeded = ran.iter().all(|step| step.succeeded);
    let record = Record {
        plan: &plan.name,
        scenario: &scenario.name,
        drill: given.drill,
        reason: given.reason.as_deref(),
        approved_by: given.approved_by.as_deref(),
        alarm: alarm.as_deref(),
        started_at,
        seconds,
        recovery_time_seconds: scenario.recovery_time_seconds,
        recovery_point_seconds: scenario.recovery_point_seconds,
        succeeded,
        within_objective: succeeded && seconds <= scenario.recovery_time_seconds,
        steps: ran,
    };
    ended(&record, console)?;
    if let Some(path) = &given.record {
        record::add(path, &record)?;
    }
    Ok(match (succeeded, record.within_objective, given.drill) {
        (false, _, _) | (true, false, true) => Exit::NotSucceeded,
        (true, true, _) | (true, false, false) => Exit::Done,
    })
}

fn read(given: &RecoverArguments) -> Result<RecoveryPlan, Trouble> {
    let name = given.plan.display();
    let text = std::fs::read_to_string(&given.plan);
    let text = text.map_err(|error| {
        Trouble::new(format!(
            "{name} cannot be read ({error}). Nothing was done."
        ))
    })?;
    RecoveryPlan::read(&text).map_err(|fault| {
        Trouble::new(format!(
            "{name} cannot be carried out. {fault} Nothing was done. Write it with the data source \
             `switchyard_recovery_plan`."
        ))
    })
}

/// The scenarios, for who has to choose one.
fn overview(plan: &RecoveryPlan) -> String {
    let line = |scenario: &Scenario| {
        let about = scenario.description.as_deref().unwrap_or_default();
        let approval = match scenario.requires_approval {
            true => ", requires approval",
            false => "",
        };
        format!(
            "  {}: {} s{approval}. {}\n",
            scenario.name,
            scenario.recovery_time_seconds,
            neutral(about)
        )
    };
    let lines: String = plan.scenarios.iter().map(line).collect();
    format!(
        "Scenarios of {}, with the time to recover in:\n{lines}",
        plan.name
    )
}

/// Text goes to people; with JSON, standard output has the record only.
fn tell(console: &mut Console<'_>, text: &str) -> Result<(), Trouble> {
    match console.output {
        Output::Text => console.say(&neutral(text)),
        Output::Json => Ok(()),
    }
}

/// What the command line has to say before anything is asked or done.
fn allowed(
    given: &RecoverArguments,
    scenario: &Scenario,
    endpoint: Option<&str>,
) -> Result<(), Trouble> {
    let endpoint = given.connection.endpoint_url.as_deref().or(endpoint);
    if given.drill && !endpoint.is_some_and(is_here) {
        return Err(Trouble::new(
            "A drill runs only against an endpoint on this machine, such as the lab (`switchyard-lab`). Nothing was done. \
             Set `--endpoint-url` or AWS_ENDPOINT_URL to it.",
        ));
    }
    let has_reason = given.reason.is_some() || given.if_alarm || given.drill;
    if given.yes && !has_reason {
        return Err(Trouble::new(
            "With `--yes`, say why: `--reason TEXT`. Nothing was done.",
        ));
    }
    if scenario.requires_approval && given.yes && given.approved_by.is_none() && !given.drill {
        return Err(Trouble::new(format!(
            "Scenario `{}` requires approval. Nothing was done. Name who has approved: `--approved-by NAME`.",
            scenario.name
        )));
    }
    if given.if_alarm && scenario.alarms.is_empty() {
        return Err(Trouble::new(format!(
            "Scenario `{}` names no alarms. Nothing was done. Add `alarms` to it, or leave `--if-alarm` away.",
            scenario.name
        )));
    }
    Ok(())
}

/// The first of the scenario's alarms that is firing.
fn firing(
    connection: &ConnectionArguments,
    scenario: &Scenario,
    reached: Surroundings,
) -> Result<String, Trouble> {
    let names: Vec<String> = scenario.alarms.iter().cloned().collect();
    let states = ports_of(connection, reached, async |ports| {
        ports.alarms.alarm_states(&names).await
    })?;
    let mut states = states.into_iter();
    let firing = states.find(|(_, state)| *state == AlarmState::Firing);
    firing.map(|(name, _)| name).ok_or_else(|| {
        Trouble::nothing(format!(
            "No alarm of scenario `{}` is firing ({}). Nothing was done.",
            scenario.name,
            names.join(", ")
        ))
    })
}

/// Somebody agrees.
fn agreed(
    given: &RecoverArguments,
    scenario: &Scenario,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let steps = scenario.steps.iter();
    let steps: String = steps
        .map(|step| format!("  {}: {}\n", step.name, steps::shown(&step.command)))
        .collect();
    let who = match (scenario.requires_approval, &given.approved_by) {
        (true, None) => " It requires approval.",
        (true, Some(_)) | (false, _) => "",
    };
    console.confirm(&format!(
        "Scenario `{}`:\n{steps}{who} Carry it out now?",
        scenario.name
    ))
}

fn ended(record: &Record<'_>, console: &mut Console<'_>) -> Result<(), Trouble> {
    if console.output == Output::Json {
        return console.line(record);
    }
    let (took, objective) = (record.seconds, record.recovery_time_seconds);
    let text = match (record.succeeded, record.within_objective) {
        (true, true) => format!("Recovered after {took} s; the objective is {objective} s.\n"),
        (true, false) => {
            format!("Recovered after {took} s, later than the objective of {objective} s.\n")
        }
        (false, _) => format!(
            "Not recovered: a step failed after {took} s; the objective is {objective} s. The steps after it were not \
             run.\n"
        ),
    };
    console.say(&text)
}

/// Whether a URL is one of this machine.
fn is_here(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address: Option<IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_stays_on_this_machine() {
        for here in [
            "http://127.0.0.1:4566",
            "http://localhost:1/",
            "http://[::1]:80",
            "127.0.0.5",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in [
            "https://ecs.eu-west-1.amazonaws.com",
            "http://127.0.0.1.example.com",
            "http://user@127.0.0.1",
            "http://10.0.0.1:4566",
            "",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
