//! Rules that ask AWS, `SY01xx`.

use super::Code;

codes! {
    SY0101: "the cluster does not exist or is not active",
        "The cluster does not exist or is not active.",
        "Create the cluster, or correct its name, the region or the account.";
    SY0102: "the task definition does not exist or was deregistered",
        "The task definition does not exist or was deregistered.",
        "Register the task definition, or name an active revision.";
    SY0103: "the task definition has no such container",
        "The task definition has no such container.",
        "Name a container of the task definition.";
    SY0104: "the container does not expose that port",
        "The container does not expose that port.",
        "Name a port that the container exposes.";
    SY0105: "a target group does not exist",
        "A target group does not exist.",
        "Create the target group, or correct its ARN.";
    SY0106: "a target group has the wrong target type",
        "A target group's target type does not match the task definition's network mode.",
        "Use target type `ip` with network mode `awsvpc`.";
    SY0107: "no listener forwards to the target groups",
        "No listener forwards to the target groups.",
        "Make a listener rule forward to the target group.";
    SY0108: "the production rule does not exist",
        "The production rule does not exist.",
        "Create the production rule, or correct its ARN.";
    SY0109: "the production rule does not forward to the target groups",
        "The production rule does not forward to the target groups.",
        "Make the production rule forward to both target groups.";
    SY0110: "the test rule does not exist",
        "The test rule does not exist.",
        "Create the test rule, or correct its ARN.";
    SY0111: "the production rule forwards to the wrong side",
        "The production rule sends traffic to a side that is not the live one.",
        "Give the live target group all of the weight, and make sure that nothing else changes the rule.";
    SY0112: "a deployment alarm does not exist",
        "A deployment alarm does not exist.",
        "Create the alarm, or remove its name.";
    SY0113: "a deployment alarm is already firing",
        "A deployment alarm is already firing.",
        "Find out why the alarm fires before you deploy.";
    SY0114: "the CodeDeploy deployment group does not exist",
        "The CodeDeploy application or deployment group does not exist.",
        "Create the deployment group, or correct the names.";
    SY0115: "the deployment group deploys a different service",
        "The deployment group deploys a different service.",
        "Name the deployment group of this service.";
    SY0116: "the deployment group's target groups differ",
        "The deployment group's target groups are not the configured pair.",
        "Name the same pair here and in the deployment group.";
    SY0117: "there is no such deployment configuration for ECS",
        "The deployment configuration does not exist or is not for ECS.",
        "Use a deployment configuration for ECS.";
    SY0118: "the circuit breaker has no effect here",
        "The circuit breaker works only with the rolling strategy of the ECS controller.",
        "Turn the circuit breaker off, or use `rolling`.";
    SY0119: "deployment alarms have no effect here",
        "Deployment alarms do not work under CodeDeploy.",
        "Move the alarms to the deployment group.";
    SY0120: "the pair is incomplete",
        "The strategy needs a pair of target groups, a production rule and a role.",
        "Add the target group, rule or role that is missing.";
    SY0121: "the timeout is too short",
        "The timeout is shorter than the shifts and the bake time.",
        "Raise the timeout to what the message recommends.";
    SY0122: "an autoscaler also owns the desired count",
        "An autoscaler is registered for a desired count that is fixed here.",
        "Let one owner decide the number of tasks.";
    SY0123: "the service has a different controller",
        "The service has a different controller.",
        "Set the controller to that of the service, or to one it can be moved to.";
    SY0124: "the checks are incomplete",
        "AWS refused a call that checks need, or could not be reached.",
        "Allow the calls that the message names, or check the network.";
    SY0125: "the production side is not known",
        "Both target groups are behind listeners, and nothing says which one is production.",
        "Name the production listener or its rule.";
    SY0126: "an image does not exist",
        "An image does not exist.",
        "Push the image, or name one that exists.";
    SY0127: "an image is built for a different CPU architecture",
        "An image is not built for the CPU architecture of the task definition.",
        "Build the image for the CPU architecture of the task definition.";
    SY0128: "the tasks need an execution role",
        "The tasks need an execution role, and the task definition names none.",
        "Give the task definition an execution role.";
    SY0129: "not the ARN of a role or function",
        "The ARN for a role or a function is the ARN of something else.",
        "Use the ARN of a role (or function), not of something else.";
    SY0130: "a secret does not exist",
        "A secret or parameter does not exist.",
        "Create the secret or parameter, or correct its name.";
    SY0131: "a log group does not exist",
        "A log group does not exist, and nothing creates it.",
        "Create the log group, or turn `awslogs-create-group` on.";
    SY0132: "a target group belongs to a different load balancer",
        "A target group belongs to a different load balancer than the production rule.",
        "Name target groups of the production rule's load balancer.";
    SY0133: "production forwards to an empty target group",
        "Production forwards to a target group without targets while the tasks are in a different one.",
        "**Outage now:** apply, or run the command that the message names.";
    SY0134: "the instances have no capacity for both revisions",
        "The instances have no capacity for the tasks that the deployment adds.",
        "Add instances: both revisions run at once.";
    SY0135: "the Fargate quota has no capacity for both revisions",
        "The Fargate quota has no capacity for the tasks that the deployment adds.",
        "Request a higher Fargate quota: both revisions run at once.";
    SY0136: "another deployment is in progress",
        "Another deployment is in progress: the apply waits for it.",
        "Wait for the other deployment, and find out who started it.";
    SY0137: "the deployment group does not wait for gates",
        "Gates before traffic need a deployment group that waits for them.",
        "Configure the deployment group to wait before traffic, so that gates can run.";
    SY0138: "clients stay with the old revision for longer than a weight is held",
        "Clients stay with the old revision for longer than a weight is held.",
        "Turn the rule's group stickiness off, or hold weights longer.";
    SY0139: "a deployment is rolled back before the early warning",
        "A gate rolls the deployment back before the observe-only gate warns.",
        "Make the observe-only gate react before the gate that rolls back.";
    SY0140: "the service to scale does not exist",
        "The service to scale does not exist.",
        "Create the service first, or correct `cluster` and `service`.";
    SY0141: "the service is already scaled",
        "The service has a scalable target that is not in the state.",
        "Import the scalable target, or set `unmanaged = \"adopt\"`.";
    SY0142: "the name is taken",
        "A policy, schedule or alarm with that name exists and is not in the state.",
        "Choose a different name, or set `unmanaged = \"adopt\"`.";
    SY0143: "another policy tracks the same metric",
        "A policy that is not in the state tracks the same metric.",
        "Import the other policy, or delete it: each metric has one policy.";
    SY0144: "the policy would see no requests after a deployment",
        "Requests are counted on one target group, and the service moves between two.",
        "Track `cpu`, `memory` or the requests of both target groups.";
    SY0145: "the service has scaling that is not in the state",
        "The service has policies or schedules that are not in the state.",
        "Adopt them with `unmanaged = \"adopt\"`, or remove them.";
    SY0146: "a schedule never fires",
        "A schedule never fires.",
        "Change the times of the schedule, or remove it.";
    SY0147: "a listener of the deployment group does not exist",
        "A listener of the deployment group does not exist.",
        "Create the listener again, and name it in the deployment group.";
    SY0148: "the service will have no tasks",
        "The number of tasks of a running service changes to 0 (a warning).",
        "Set `desired_count` to at least 1, unless the service is meant to stop.";
    SY0149: "a deployment without tasks",
        "A deployment of a service with 0 tasks: the new revision was not tried (a warning).",
        "Set `desired_count` to at least 1, and watch the first tasks.";
    SY0150: "an ARN of another region",
        "The ARN of a cluster, listener, target group, rule, function or task definition is in another region.",
        "Correct the ARN, or set `region` in the resource.";
    SY0151: "the network does not match the network mode",
        "`network_configuration` is missing with network mode `awsvpc`, or set with another one.",
        "Use `network_configuration` with `awsvpc`, and only with it.";
    SY0152: "the deployment group has no test listener",
        "A gate uses the test listener, and the deployment group has none.",
        "Add `test_traffic_route` to the deployment group, or use `new_targets`.";
    SY0153: "two services move the same traffic",
        "Two services move the same traffic.",
        "Give each service its own target groups and rule.";
    SY0154: "ECS Exec needs a task role",
        "ECS Exec needs a task role, and the task definition names none.",
        "Give the task definition a task role, or turn ECS Exec off.";
    SY0155: "what the service has could not be read",
        "What the service has without an attribute could not be read (a warning).",
        "Allow the call that the message names, or plan again.";
    SY0156: "the service has settings without an attribute",
        "The service has settings for which there is no attribute (a warning).",
        "Manage these settings where they were set; an apply keeps what it does not mention.";
    SY0157: "the replacement loses something",
        "A replacement will not have everything that the service has now (a warning).",
        "Add what the service has to the configuration before you replace it.";
    SY0158: "CodeDeploy cannot change the service registries",
        "A service under CodeDeploy keeps the service registries it was created with.",
        "Write the registries that the service has, or replace the service.";
    SY0160: "the bucket keeps no earlier versions",
        "The bucket keeps no earlier versions (a warning).",
        "Turn on versioning of the bucket.";
    SY0161: "the bucket may be public",
        "The bucket may be public (a warning).",
        "Block public access to the bucket.";
    SY0162: "the service returns to a snapshot",
        "The service returns to a snapshot (a warning).",
        "Read what changes, then apply; remove `restore_snapshot` when the incident is over.";
    SY0163: "the snapshot's task definition is gone",
        "The snapshot's task definition is gone.",
        "Choose a different snapshot, or register the task definition again.";
    SY0164: "the snapshot is of a different account or region",
        "The snapshot is of a different account or region.",
        "Choose a snapshot of this service, account and region.";
    SY0165: "the subnets have no addresses for both revisions",
        "The subnets have too few free IPv4 addresses for the tasks that the deployment adds.",
        "Add subnets with free addresses: both revisions run at once.";
    SY0166: "new services need one another",
        "New services have `dependency` gates that name one another in a circle.",
        "Remove one of the gates, or set `observe_only` in it until the services exist.";
    SY0167: "a Classic Load Balancer is not possible here",
        "A Classic Load Balancer (`elb_name`) is possible only with `rolling`, on instances, and alone.",
        "Use `strategy = \"rolling\"` on instances, or target groups.";
    SY0168: "tasks on Windows cannot have that",
        "A task definition for Windows has something that AWS does not run on Windows.",
        "Change the task definition or the service as the message says.";
    SY0169: "a gate about another target group",
        "A gate names a target group that the service does not have.",
        "Name a target group of the service in the gate, or remove `target_group`.";
    SY0175: "a notification without a receiver",
        "A `notify` block does not say where it goes, or has an attribute that its receiver does not use.",
        "Give each `notify` block what its receiver needs, and nothing else.";
    SY0176: "a gate before the start failed",
        "A gate with `before_start` failed, so that no deployment was started.",
        "Repair the service that runs, or go back; to deploy all the same, remove `before_start` from the gate.";
    SY0177: "a member of a group is frozen",
        "A freeze of a member's service allows no deployment of the group now.",
        "Apply after that time, or set `SWITCHYARD_OVERRIDE_FREEZE` to the reason.";
    SY0185: "emergency scaling is in force",
        "A person has raised the number of tasks or the bounds for a time (a warning).",
        "Nothing, unless it should end earlier: `switchyard scale SERVICE --restore`.";
    SY0186: "emergency scaling is over",
        "The time of an emergency scaling is over, and it is not put back yet (a warning).",
        "Apply, or run `switchyard scale SERVICE --restore`.";
}
