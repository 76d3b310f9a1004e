//! Runs the steps of a scenario, one after the other.

use std::io;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use switchyard_engine::recovery::{OWN_PROGRAM, Scenario};
use switchyard_operate::{Exit, Trouble};

use super::record::StepRecord;
use crate::operate::ConnectionArguments;

/// Whole seconds between two moments.
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}

/// Runs the steps; the first one that fails is the last one. `quiet`: standard output has one document.
/// `told` is called before and after each.
pub(super) fn run<'s>(
    scenario: &'s Scenario,
    (connection, quiet): (&ConnectionArguments, bool),
    now: &dyn Fn() -> Result<Timestamp, Trouble>,
    told: &mut dyn FnMut(&str) -> Result<(), Trouble>,
) -> Result<Vec<StepRecord<'s>>, Trouble> {
    let mut records = Vec::new();
    for step in &scenario.steps {
        told(&format!("{}: {}\n", step.name, shown(&step.command)))?;
        let begun = now()?;
        let (exit_code, trouble) = match start(&step.command, connection, quiet) {
            Ok(code) => (code, None),
            Err(why) => (None, Some(why)),
        };
        let is_own = step
            .command
            .first()
            .is_some_and(|program| program == OWN_PROGRAM);
        let succeeded = exit_code.is_some_and(|code| is_success(is_own, code));
        let took = seconds(begun, now()?);
        let end = match (succeeded, exit_code, trouble) {
            (true, _, _) => format!("{}: done after {took} s\n", step.name),
            (false, Some(code), _) => {
                format!(
                    "{}: failed with exit code {code} after {took} s\n",
                    step.name
                )
            }
            (false, None, Some(why)) => format!("{}: could not be started ({why})\n", step.name),
            (false, None, None) => format!("{}: was killed after {took} s\n", step.name),
        };
        told(&end)?;
        records.push(StepRecord {
            name: &step.name,
            seconds: took,
            exit_code,
            succeeded,
        });
        if !succeeded {
            break;
        }
    }
    Ok(records)
}

/// Runs the previews; a step without one is only shown.
pub(super) fn preview(
    scenario: &Scenario,
    connection: &ConnectionArguments,
    quiet: bool,
    told: &mut dyn FnMut(&str) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    for step in &scenario.steps {
        told(&format!("{}: {}\n", step.name, shown(&step.command)))?;
        let Some(preview) = &step.preview else {
            continue;
        };
        // What a preview says and how it ends is for people: nothing follows from it.
        if let Err(why) = start(preview, connection, quiet) {
            told(&format!(
                "{}: its preview could not be started ({why})\n",
                step.name
            ))?;
        }
    }
    Ok(())
}

/// Whether it is done. A command of ours that finds nothing to do has nothing left to do.
fn is_success(is_own: bool, code: i32) -> bool {
    code == 0 || (is_own && code == i32::from(Exit::Nothing.code()))
}

/// The exit code of a program; absent when it was killed.
fn start(
    command: &[String],
    connection: &ConnectionArguments,
    quiet: bool,
) -> Result<Option<i32>, String> {
    let (program, arguments) = command.split_first().ok_or("no program is named")?;
    let mut command = match program.as_str() {
        OWN_PROGRAM => Command::new(std::env::current_exe().map_err(|error| error.to_string())?),
        other => Command::new(other),
    };
    command.args(arguments).stdin(Stdio::null());
    let named = [
        ("AWS_REGION", &connection.region),
        ("AWS_PROFILE", &connection.profile),
        ("AWS_ENDPOINT_URL", &connection.endpoint_url),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    if quiet {
        // Standard output has one document.
        command.stdout(io::stderr());
    }
    let ended = command.status().map_err(|error| error.to_string())?;
    Ok(ended.code())
}

/// A command as it could be typed.
pub(super) fn shown(command: &[String]) -> String {
    let word = |word: &String| match word
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter))
        && !word.is_empty()
    {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_could_be_typed() {
        let words = ["switchyard", "rollback", "--reason", "it's 5xx", ""];
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(
            shown(&words),
            r"switchyard rollback --reason 'it'\''s 5xx' ''"
        );
    }

    #[test]
    fn nothing_to_do_is_a_success_of_our_own_commands_only() {
        assert!(is_success(true, 0) && is_success(true, 2) && is_success(false, 0));
        assert!(!is_success(false, 2) && !is_success(true, 1) && !is_success(true, 3));
    }
}
