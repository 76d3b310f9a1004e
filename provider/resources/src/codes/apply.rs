//! Failures, `SY02xx`.

use super::Code;

codes! {
    SY0201: "the deployment was rolled back",
        "The deployment failed and was rolled back.",
        "The deployment was rolled back: fix what the message quotes, and apply again.";
    SY0202: "the rollback failed as well",
        "The deployment failed and the rollback failed as well.",
        "**Look now:** the rollback failed as well; apply a revision that works.";
    SY0203: "the deployment was stopped",
        "The deployment was stopped by somebody, without a rollback.",
        "Somebody stopped the deployment: find out who.";
    SY0204: "another deployment took over",
        "Another deployment took over.",
        "Another deployment took over: let one place deploy the service.";
    SY0205: "the time limit was reached",
        "The time limit was reached.",
        "The time limit was reached: look at what the deployment waited for, or raise the timeout.";
    SY0206: "the apply was interrupted",
        "The apply was interrupted.",
        "The apply was interrupted: apply again.";
    SY0207: "the first deployment cannot succeed",
        "The first deployment cannot succeed and there is no revision to return to.",
        "The first deployment cannot succeed: fix the cause and apply again; `terraform untaint` keeps the service.";
    SY0208: "the service already exists",
        "A service with that name exists and is not in the state.",
        "Import the service, or choose a different name.";
    SY0209: "the service has a different controller",
        "The service has a different controller than configured.",
        "Set the controller to that of the service, or to one it can be moved to.";
    SY0210: "the service was deleted during the apply",
        "The service was deleted during the apply.",
        "Somebody deleted the service: find out who; apply again to create it.";
    SY0211: "the CodeDeploy deployment failed without a rollback",
        "The CodeDeploy deployment failed without a rollback.",
        "CodeDeploy failed without a rollback: turn automatic rollback on.";
    SY0212: "an object does not exist",
        "An object that the service refers to does not exist.",
        "Create what is missing, or correct the reference.";
    SY0213: "AWS refuses the request",
        "AWS says that the request is wrong.",
        "Correct the setting that AWS names.";
    SY0214: "not allowed",
        "Credentials are missing, wrong or not allowed to do this.",
        "Allow the call, or correct the credentials.";
    SY0215: "AWS does not respond",
        "AWS could not be reached or did not respond.",
        "Apply again when AWS responds.";
    SY0216: "a response cannot be understood",
        "AWS returned something that cannot be understood.",
        "A bug, here or at AWS: please report it.";
    SY0217: "a gate failed",
        "A gate failed.",
        "A gate failed: read its message.";
    SY0218: "another deployment blocks this one",
        "Another deployment blocks this one.",
        "Another deployment blocks this one: let its owner continue it, or stop it.";
    SY0219: "no deployment is listed",
        "No deployment of the service is listed.",
        "No deployment is listed: the endpoint may not support deployments; on AWS, apply again.";
    SY0220: "there is no service to scale",
        "There is no service to scale.",
        "Create the service first, or correct `cluster` and `service`.";
    SY0221: "an existing object is not in the state",
        "An object that the apply would create exists and is not in the state.",
        "Import what exists, or set `unmanaged = \"adopt\"`.";
    SY0222: "AWS refused a change of the scaling",
        "AWS refused a change of the scaling.",
        "Correct what AWS names, then apply again: the apply continues with the rest.";
    SY0223: "a policy is lost",
        "A policy was deleted to replace it, and neither the new nor the old one could be created.",
        "**Look now:** the service scales without that policy; apply again soon.";
    SY0230: "no snapshot was stored",
        "No snapshot was stored.",
        "Correct what the message says about the place, then apply again.";
    SY0231: "the snapshot is gone",
        "The snapshot is gone.",
        "Restore the object, or apply to take a new snapshot.";
    SY0232: "the snapshot cannot be read",
        "The snapshot cannot be read.",
        "Restore the original, or take a new snapshot.";
    SY0233: "the snapshot is stored, but not copied",
        "The snapshot is stored, but not copied (a warning).",
        "Correct what the message says, and apply again: only the copy is written.";
    SY0234: "old snapshots could not all be deleted",
        "Old snapshots could not all be deleted (a warning).",
        "Allow listing and deleting objects; the next snapshot tries again.";
    SY0235: "the snapshot stays stored",
        "The snapshot stays stored (a warning).",
        "Delete the snapshot by hand when nothing needs it.";
    SY0236: "there is no service to take a snapshot of",
        "There is no service to take a snapshot of.",
        "Create the service first, or correct `cluster` and `service`.";
    SY0237: "the place of the snapshots cannot be read",
        "The place of the snapshots cannot be read.",
        "Correct the place or its permissions, or run the command again.";
    SY0238: "no snapshot matches",
        "No snapshot matches.",
        "List the snapshots with `switchyard_deployment_snapshots`.";
    SY0239: "a snapshot could not be pinned, or stays pinned",
        "A snapshot could not be pinned, or stays pinned.",
        "Allow writing and deleting objects; delete a `.pin` that stayed.";
    SY0240: "the object cannot be read",
        "The object cannot be read.",
        "Run the command again, or allow the call that the message names.";
    SY0241: "the report of the deployment was not written",
        "The report of the deployment was not written (a warning).",
        "Correct `report_path`, or move the file that is there.";
    SY0242: "the deployment succeeded, but a part of its traffic route does not exist",
        "The deployment succeeded, but a part of its traffic route does not exist.",
        "**Look now:** a listener, rule or target group was deleted during the deployment; create it again.";
    SY0243: "a tag that the provider ignores is not written",
        "A tag that the provider ignores is not written (a warning).",
        "Remove the tag from `tags`, or its key from `ignore_tags`.";
    SY0244: "nothing is deployed during a freeze",
        "Nothing is deployed during a freeze.",
        "Apply after the freeze, or set `SWITCHYARD_OVERRIDE_FREEZE` to the reason.";
    SY0245: "production goes to a side without targets, and AWS refuses to restore the weights",
        "Production goes to a side without targets, and AWS refuses to restore the weights.",
        "**Outage now:** AWS refused to restore the weights; run the command that the message names.";
    SY0246: "the freeze cannot work",
        "The freeze never holds, or its windows have no length.",
        "Give each `freeze` either `schedule` and `duration`, or `dates`.";
    SY0247: "a deployment in spite of a freeze",
        "A deployment in spite of a freeze (a warning).",
        "Unset `SWITCHYARD_OVERRIDE_FREEZE` if the deployment is not intended.";
    SY0255: "notifications were not delivered",
        "A receiver did not take notifications of a deployment (a warning).",
        "Correct the receiver, its secret or the permission that the message names.";
    SY0256: "the metrics of the deployment were not sent",
        "The metrics of a deployment were not sent (a warning).",
        "Allow `cloudwatch:PutMetricData`, or remove `deployment_metrics`.";
    SY0265: "an action did not succeed",
        "An action did not do what it is for.",
        "Read the message; `switchyard status` shows where traffic is.";
    SY0266: "an action had nothing to do",
        "An action had nothing to do (a warning).",
        "Nothing, if that is expected; otherwise compare the name of the service with what is in progress.";
    SY0267: "an action cannot do what is written",
        "Attributes of an action exclude each other, or ask for what is not possible.",
        "Correct the attributes that the message names.";
    SY0268: "the strategy and its block do not match",
        "The strategy of a function lacks its block, or has that of another one.",
        "Write the block of the strategy, and no other.";
    SY0269: "the timeout is shorter than the shares are held",
        "`timeout` of a function is shorter than its shares are held.",
        "Set a longer `timeout`, or shorter intervals.";
    SY0270: "a gate that only warns has failed",
        "A gate that only warns has failed (a warning).",
        "Read what the gate found; remove `on_failure` to let it stop the next deployment.";
    SY0271: "a gate of a function cannot be asked",
        "A gate of a function has not exactly one kind of check, has no rule for its values, or never runs.",
        "Follow the message: it says what the gate lacks.";
    SY0272: "the version cannot get traffic",
        "The version of a function does not exist, or cannot be called.",
        "Correct `function_version`, or publish the version.";
    SY0273: "the alias exists already",
        "An alias with that name exists and is not in the state.",
        "Import the alias, or choose a different name.";
    SY0274: "the new version of the function was not kept",
        "A gate failed, an alarm fired, or the apply ended early: the new version has no traffic.",
        "Read what the gate or the alarm has found, publish a version without the fault, then apply again.";
    SY0275: "the alias was changed by somebody else",
        "The alias was changed by somebody else during the apply.",
        "Find out who changes the alias, and let one place do it; then apply again.";
    SY0276: "AWS did not carry out a call about an alias",
        "A call about an alias failed.",
        "Follow the message: it says where the alias leads now.";
    SY0277: "an alarm of a function fires, or does not exist",
        "An alarm that guards the alias fires (a warning), or does not exist.",
        "Apply when the alarm is quiet, or correct `alarms`.";
    SY0278: "the alias was left between two versions",
        "The apply was interrupted, or AWS did not complete a change: two versions share the alias.",
        "Apply again: the apply continues the move, or rolls it back.";
    SY0280: "the migration failed",
        "The container of a migration exited with a code other than 0.",
        "Read the last log lines in the message, correct the migration, then apply again.";
    SY0281: "the migration did not run to its end",
        "The task of a migration stopped, and its container has no exit code.",
        "Correct what AWS names, such as the image or a secret, then apply again.";
    SY0282: "the migration took too long",
        "A migration took longer than `timeout` and was stopped.",
        "Find out how far it got; set a longer `timeout` if it needs one, then apply again.";
    SY0283: "another task of the migration is still running",
        "Another task of the migration is still running.",
        "Wait until it ends, or stop it, then apply again.";
    SY0284: "the apply was interrupted during a migration",
        "The apply was interrupted; the task of the migration runs on.",
        "Apply again: the apply waits for the task that runs.";
    SY0285: "the end of a migration is not known",
        "A call failed, or ECS no longer shows the task.",
        "Follow the message: it says whether a task may still run.";
    SY0286: "the migration names two places to run",
        "`launch_type` and `capacity_provider_strategy` exclude each other.",
        "Remove one of the two.";
    SY0287: "the migration cannot start as configured",
        "The task definition or its container does not exist.",
        "Correct `task_definition` or `container_name`.";
    SY0288: "the dry run of a migration failed",
        "The dry run of a migration failed; nothing was changed.",
        "Correct the migration or its `dry_run` command, then apply again.";
    SY0289: "the backup before a migration failed",
        "The backup before a migration failed, or is not complete; nothing was migrated.",
        "Correct what the message names, or set a longer `backup.timeout`; then apply again.";
    SY0290: "the migration failed, and so did the command that takes it back",
        "A migration failed, and its `down` command failed as well.",
        "**Look now:** read both logs, and restore the backup if the database is damaged.";
    SY0291: "a connection string does not require TLS",
        "With `require_tls`, a connection string in `environment` does not require TLS.",
        "Add the parameter that the message names to the connection string.";
    SY0292: "the backup of a migration is not one of three kinds",
        "`backup` has none, or several, of its three kinds.",
        "Keep one of `db_instance_identifier`, `db_cluster_identifier` and `command`.";
}
