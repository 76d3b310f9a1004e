//! What a user reads when a migration did not succeed, or cannot start.

use switchyard_engine::access_advice;
use switchyard_engine::migration::{Migrated, MigrationCall, MigrationFailed, Preliminary};
use switchyard_engine::ports::{Error, ErrorKind};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use super::model::Model;
use crate::called;

/// What stays true whenever a migration did not succeed.
const NOT_DONE: &str =
    "What depends on this migration was not changed, and the next apply runs it again.";

/// A failure in words.
pub(super) fn diagnostic(failed: &MigrationFailed, model: &Model) -> Diagnostic {
    let name = model.name.known().map_or("", String::as_str);
    match failed {
        MigrationFailed::DefinitionMissing => definition_missing(model),
        MigrationFailed::ContainerMissing(found) => error(
            "SY0287",
            format!("The task definition has no container `{}`", text(&model.container_name)),
            format!(
                "Nothing was started. It has {}.\n\nCorrect `container_name`.",
                names(found)
            ),
        )
        .at(Path::root().attribute("container_name")),
        MigrationFailed::ContainerUnclear(found) => error(
            "SY0287",
            "`container_name` must be set".to_owned(),
            format!(
                "Nothing was started. The task definition has {}, and the exit code of one of them decides whether the \
                 migration succeeded.\n\nSet `container_name` to the container that runs the migration.",
                names(found)
            ),
        )
        .at(Path::root().attribute("container_name")),
        MigrationFailed::AfterBackup { backup, failed } => {
            let said = diagnostic(failed, model);
            let detail = format!("Backup `{backup}` was made before.\n\n{}", said.detail);
            Diagnostic { detail, ..said }
        }
        MigrationFailed::Before { stage, failed } => before(name, *stage, failed, model),
        MigrationFailed::SnapshotFailed(snapshot) => error(
            "SY0289",
            format!("RDS could not make the snapshot for migration `{name}`"),
            format!(
                "Snapshot `{snapshot}` has failed. {NOT_DONE}\n\nRead the events of the database in RDS, delete the \
                 snapshot, then apply again."
            ),
        ),
        MigrationFailed::SnapshotRuns {
            snapshot,
            interrupted,
        } => error(
            "SY0289",
            format!("The snapshot for migration `{name}` is not complete"),
            format!(
                "{} Snapshot `{snapshot}` is still being made. {NOT_DONE}\n\nApply again: the apply waits for this \
                 snapshot. If it needs more time, set a longer `backup.timeout`.",
                match interrupted {
                    true => "The apply was interrupted.",
                    false => "The time limit of the backup has passed.",
                }
            ),
        ),
        MigrationFailed::Undone { failed, down } => undone(name, failed, down, model),
        MigrationFailed::AnotherRuns(task) => error(
            "SY0283",
            format!("Another task of migration `{name}` is still running"),
            format!(
                "Nothing was started. Task `{task}` was started for different values and did not end within `timeout`; \
                 tasks of one migration run one at a time.\n\nWait until it ends, or stop it: `aws ecs stop-task \
                 --cluster {} --task {task}`. Then apply again.",
                text(&model.cluster)
            ),
        ),
        MigrationFailed::Call { call, task, error } => call_failed(*call, task.as_deref(), error),
        MigrationFailed::Interrupted(task) => error(
            "SY0284",
            format!("The apply was interrupted while migration `{name}` was running"),
            format!(
                "Task `{task}` is still running: a migration is not stopped halfway. What depends on it was not \
                 changed.\n\nApply again: the apply waits for this task and does not start a second one, as long as \
                 it runs. To stop it: `aws ecs stop-task --cluster {} --task {task}`.",
                text(&model.cluster)
            ),
        ),
        MigrationFailed::InterruptedEarly => error(
            "SY0284",
            format!("The apply was interrupted before migration `{name}` started"),
            format!("No task was started. {NOT_DONE}"),
        ),
        MigrationFailed::Exited {
            task,
            container,
            code,
            reason,
            logs,
        } => exited(name, task, container, *code, reason.as_deref(), logs),
        MigrationFailed::NotRun { task, reasons } => error(
            "SY0281",
            format!("Migration `{name}` did not run to its end"),
            format!(
                "Task `{task}` stopped, and its container has no exit code. {NOT_DONE}\n\n{}\n\nCorrect what AWS names, \
                 then apply again.",
                listed(reasons)
            ),
        ),
        MigrationFailed::TimedOut {
            task,
            has_stopped,
            logs,
        } => timed_out(name, model, task, *has_stopped, logs),
        MigrationFailed::Vanished(task) => error(
            "SY0285",
            format!("How migration `{name}` ended is not known"),
            format!(
                "ECS no longer shows task `{task}`, which it does for about an hour after the end of a task. What \
                 depends on it was not changed.\n\nLook into its logs. If its work is not complete, or if it may safely \
                 run twice, apply again: that runs it once more."
            ),
        ),
    }
}

/// What comes before the migration has failed.
fn before(name: &str, stage: Preliminary, failed: &MigrationFailed, model: &Model) -> Diagnostic {
    let (code, what) = match stage {
        Preliminary::DryRun => ("SY0288", "dry run"),
        Preliminary::Backup => ("SY0289", "backup"),
    };
    let why = diagnostic(failed, model);
    if failed.is_interrupted() {
        let now = match failed {
            MigrationFailed::Interrupted(task) => format!(
                "Task `{task}` of the {what} is still running: a task is not stopped halfway. The migration was not \
                 started."
            ),
            MigrationFailed::SnapshotRuns { snapshot, .. } => {
                format!("Snapshot `{snapshot}` is still being made. The migration was not started.")
            }
            _ => "No task was started.".to_owned(),
        };
        return error(
            "SY0284",
            format!("The apply was interrupted during the {what} of migration `{name}`"),
            format!("{now} {NOT_DONE}\n\nApply again."),
        );
    }
    let said = error(
        code,
        format!("The {what} of migration `{name}` failed, and the migration was not started"),
        format!("{}.\n\n{}", why.summary, without_code(&why.detail)),
    );
    Diagnostic {
        attribute: why.attribute,
        ..said
    }
}

/// A message of its own ends with its code: in another message, that one's code is the one to look up.
fn without_code(detail: &str) -> &str {
    detail
        .rsplit_once("\n\nCode ")
        .map_or(detail, |(detail, _)| detail)
}

/// The facts of a message, for another message that has its own advice.
fn what_happened(detail: &str) -> String {
    let facts = without_code(detail);
    let facts = facts.rsplit_once("\n\n").map_or(facts, |(facts, _)| facts);
    facts.replace(&format!(" {NOT_DONE}"), "")
}

/// The migration has failed, and was taken back or not.
fn undone(
    name: &str,
    failed: &MigrationFailed,
    down: &Result<String, Box<MigrationFailed>>,
    model: &Model,
) -> Diagnostic {
    let why = diagnostic(failed, model);
    match down {
        Ok(task) => {
            let back = format!("`down` has run: task `{task}` exited with 0.");
            let detail = format!("{back}\n\n{}", why.detail);
            Diagnostic { detail, ..why }
        }
        Err(also) => {
            let also = diagnostic(also, model);
            error(
                "SY0290",
                format!("Migration `{name}` failed, and `down` failed as well"),
                format!(
                    "The database may have been changed in part. What depends on this migration was not changed.\n\n\
                     {}:\n{}\n\nThen `down` ran. {}:\n{}\n\nLook at the database before you apply again; restore the \
                     backup if there is one.",
                    why.summary,
                    what_happened(&why.detail),
                    also.summary,
                    what_happened(&also.detail),
                ),
            )
        }
    }
}

/// A run of an earlier apply has succeeded.
pub(super) fn taken_over(migrated: &Migrated) -> Diagnostic {
    Diagnostic::warning(
        "The apply waited for a migration that an earlier apply had started",
        format!(
            "Task `{}` was running for the same values, and it has succeeded. No second task was started.",
            migrated.task
        ),
    )
}

fn definition_missing(model: &Model) -> Diagnostic {
    error(
        "SY0287",
        format!(
            "Task definition `{}` does not exist or is inactive",
            text(&model.task_definition)
        ),
        "Nothing was started: a task can only be started from an active task definition.\n\nCorrect `task_definition`, \
         or register the task definition first."
            .to_owned(),
    )
    .at(Path::root().attribute("task_definition"))
}

fn exited(
    name: &str,
    task: &str,
    container: &str,
    code: i64,
    reason: Option<&str>,
    logs: &[String],
) -> Diagnostic {
    let because = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    error(
        "SY0280",
        format!("Migration `{name}` failed: exit code {code}"),
        format!(
            "Container `{container}` of task `{task}` exited with {code}{because}. {NOT_DONE}{}\n\nCorrect the \
             migration, then apply again.",
            after_blank(logs)
        ),
    )
}

fn timed_out(
    name: &str,
    model: &Model,
    task: &str,
    has_stopped: bool,
    logs: &[String],
) -> Diagnostic {
    let now = if has_stopped {
        format!("Task `{task}` was stopped. {NOT_DONE}")
    } else {
        format!(
            "Task `{task}` is stopping, and ECS does not show its end yet. What depends on it was not changed."
        )
    };
    error(
        "SY0282",
        format!(
            "Migration `{name}` took longer than {}",
            text(&model.timeout)
        ),
        format!(
            "{now} The database may have been changed in part.{}\n\nFind out how far the migration got. If it needs more \
             time, set a longer `timeout`; then apply again.",
            after_blank(logs)
        ),
    )
}

fn call_failed(call: MigrationCall, task: Option<&str>, error: &Error) -> Diagnostic {
    let doing = match call {
        MigrationCall::List => "list the tasks of the migration",
        MigrationCall::Definition => "read the task definition",
        MigrationCall::Run => "start the migration",
        MigrationCall::Follow => "read the task of the migration",
        MigrationCall::Snapshot => "make the snapshot of the database",
        MigrationCall::Stop => "stop the task of the migration",
    };
    let is_open = matches!(
        error.kind,
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Unexpected
    );
    let now = match (task, call) {
        (Some(task), _) => format!("As far as is known, task `{task}` is still running."),
        (None, MigrationCall::Run) if is_open => {
            "It is not known whether the task was started; while it runs, the next apply waits for it instead of \
             starting a second one."
                .to_owned()
        }
        (None, _) => "No task was started.".to_owned(),
    };
    let (summary, next) = match error.kind {
        ErrorKind::Denied => (
            format!("AWS does not allow to {doing}"),
            access_advice(error),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            format!("No response to the request to {doing}"),
            "Apply again when AWS responds.".to_owned(),
        ),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected => (
            format!("AWS refuses to {doing}"),
            "Correct what AWS names, then apply again.".to_owned(),
        ),
        ErrorKind::Unexpected => (
            format!("AWS's response to the request to {doing} cannot be understood"),
            "Check what responds at the endpoint, then apply again.".to_owned(),
        ),
    };
    let detail = called::detail(&now, error, &next);
    Diagnostic::error(summary, format!("{detail}\n\nCode SY0285."))
}

fn error(code: &str, summary: String, detail: String) -> Diagnostic {
    Diagnostic::error(summary, format!("{detail}\n\nCode {code}."))
}

fn text(value: &tfplugin::value::Attr<String>) -> &str {
    value.known().map_or("", String::as_str)
}

fn names(found: &[String]) -> String {
    match found {
        [] => "no container".to_owned(),
        [one] => format!("one container, `{one}`"),
        many => {
            let quoted: Vec<String> = many.iter().map(|name| format!("`{name}`")).collect();
            format!("the containers {}", quoted.join(", "))
        }
    }
}

fn listed(reasons: &[String]) -> String {
    match reasons {
        [] => "AWS gives no reason.".to_owned(),
        reasons => format!("AWS reports: {}", reasons.join("; ")),
    }
}

/// Lines in a paragraph of their own, if there are any.
fn after_blank(lines: &[String]) -> String {
    match lines {
        [] => String::new(),
        lines => format!("\n\n{}", lines.join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interrupted(stage: Preliminary, failed: MigrationFailed) -> (String, String) {
        let failed = MigrationFailed::Before {
            stage,
            failed: Box::new(failed),
        };
        let model = Model {
            name: tfplugin::value::Attr::Known("schema".to_owned()),
            ..Model::default()
        };
        let said = diagnostic(&failed, &model);
        (said.summary, said.detail)
    }

    #[test]
    fn an_interrupted_dry_run_or_backup_says_what_is_still_running_and_what_to_do() {
        let task = MigrationFailed::Interrupted("arn:task".to_owned());
        let (summary, detail) = interrupted(Preliminary::DryRun, task);
        assert_eq!(
            summary,
            "The apply was interrupted during the dry run of migration `schema`"
        );
        let told = "Task `arn:task` of the dry run is still running: a task is not stopped halfway. The migration was \
                    not started. What depends on this migration was not changed, and the next apply runs it \
                    again.\n\nApply again.";
        assert!(detail.starts_with(told), "{detail}");
        assert!(detail.contains("SY0284"), "{detail}");
        let snapshot = MigrationFailed::SnapshotRuns {
            snapshot: "before-1".to_owned(),
            interrupted: true,
        };
        let (summary, detail) = interrupted(Preliminary::Backup, snapshot);
        assert_eq!(
            summary,
            "The apply was interrupted during the backup of migration `schema`"
        );
        let told = "Snapshot `before-1` is still being made. The migration was not started.";
        assert!(detail.starts_with(told), "{detail}");
        let (_, detail) = interrupted(Preliminary::DryRun, MigrationFailed::InterruptedEarly);
        assert!(detail.starts_with("No task was started."), "{detail}");
    }
}
